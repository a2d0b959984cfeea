/* test_segment.c - segments against arrays that hold the truth: every shape of column, every form of index,
 * every damaged byte. */
#include "storage/segment.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "unit.h"

#include "segment_util.h"
#include "storage/seg_int.h"
#include "storage/seg_pack.h"
#include "storage/seg_rows.h"

enum { MAX_COLS = 8, ROUNDS = 40 };

static char g_path[64]; /* one scratch file for each process */

static int setup(void **state)
{
    (void)state;
    snprintf(g_path, sizeof g_path, "/tmp/pt_test_segment.%ld", (long)getpid());
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    unlink(g_path);
    return 0;
}

static uint64_t below(uint64_t *seed, uint64_t n)
{
    return unit_random(seed) % n;
}

/* ---- packing and row sets ------------------------------------------ */

static void packed_values_come_back(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {1, 2, 31, 32, 33, 1023, 1024, 1025, 3000};
    uint64_t seed = 1;
    for (unsigned width = 1; width <= 64; width++)
        for (size_t k = 0; k < ARRAY_LEN(sizes); k++) {
            uint32_t n = sizes[k], bytes = (uint32_t)kern_packed_bytes(n, width);
            uint64_t mask = width == 64 ? ~0ull : (1ull << width) - 1;
            int64_t base = (int64_t)unit_random(&seed);
            int64_t *in = malloc(n * 8);
            int64_t *out = malloc(n * 8);
            uint8_t *packed = malloc(bytes); /* exact size: the sanitizer sees a read past its end */
            for (uint32_t i = 0; i < n; i++) in[i] = (int64_t)((uint64_t)base + (unit_random(&seed) & mask));
            in[n / 2] = (int64_t)((uint64_t)base + mask);
            pack_values(in, n, base, width, packed);
            kern_get()->unpack_u64(packed, n, width, (uint64_t)base, (uint64_t *)out);
            assert_memory_equal(in, out, n * 8);
            if (width <= 32) {
                uint32_t *small = (uint32_t *)out;
                kern_get()->unpack_u32(packed, n, width, (uint32_t)base, small);
                for (uint32_t i = 0; i < n; i++) assert_int_equal(small[i], (uint32_t)in[i]);
            }
            free(in);
            free(out);
            free(packed);
        }
}

static void row_sets_come_back(void **state)
{
    (void)state;
    uint64_t seed = 2;
    int seen[3] = {0};
    for (int round = 0; round < 300; round++) {
        uint32_t n_rows = 1 + (uint32_t)below(&seed, round % 2 ? SEG_BLOCK_ROWS : 200);
        uint32_t step = 1 + (uint32_t)below(&seed, 30), run = 1 + (uint32_t)below(&seed, 40);
        static uint16_t rows[SEG_BLOCK_ROWS];
        static uint8_t bytes[SEG_BLOCK_ROWS * 2];
        uint64_t truth[SEG_BLOCK_WORDS] = {0}, bits[SEG_BLOCK_WORDS] = {0};
        uint32_t count = 0, n_runs = 0, size;
        for (uint32_t at = (uint32_t)below(&seed, n_rows); at < n_rows;
             at += 1 + (uint32_t)below(&seed, step))
            for (uint32_t k = 0; k < run && at < n_rows; k++, at++) {
                n_runs += count == 0 || rows[count - 1] + 1u != at;
                rows[count++] = (uint16_t)at;
                truth[at / 64] |= 1ull << (at % 64);
            }
        rows_form form = rows_choose(count, n_runs, n_rows, &size);
        seen[form]++;
        rows_write(form, rows, count, n_rows, bytes);
        assert_true(rows_or(form, bytes, size, count, n_rows, bits));
        assert_memory_equal(bits, truth, sizeof bits);
        assert_false(rows_or(form, bytes, size, count + 1, n_rows, bits));
        assert_false(rows_or(form, bytes, size, count, rows[count - 1], bits));
    }
    assert_true(seen[ROWS_ARRAY] && seen[ROWS_RUNS] && seen[ROWS_BITMAP]);
}

/* ---- random tables ------------------------------------------------- */

typedef struct table {
    uint32_t n_rows, n_cols;
    seg_column cols[MAX_COLS];
    uint32_t *ids[MAX_COLS];
    int64_t *ints[MAX_COLS];
    double *doubles[MAX_COLS];
    uint8_t *nulls[MAX_COLS];
    char names[MAX_COLS][16];
} table;

enum { N_SHAPES = 9 };

static int64_t shaped(int shape, uint32_t i, uint64_t *seed)
{
    switch (shape) {
    case 0: return 42;
    case 1: return i;
    case 2: return (int64_t)below(seed, 17) - 8;
    case 3: return (int64_t)unit_random(seed);
    case 4: return i / 700;
    case 5: return below(seed, 1000) ? 7 : (int64_t)unit_random(seed);
    case 6: return i % 2 ? INT64_MIN : INT64_MAX;
    case 7: return (int64_t)below(seed, 1ull << 40) - (1ll << 39);
    default: return (int64_t)(below(seed, 5) * 1000000000000ull);
    }
}

static double shaped_double(int shape, uint32_t i, uint64_t *seed)
{
    switch (shape % 4) {
    case 0: return 0.1 * (double)below(seed, 30);
    case 1: return (double)unit_random(seed) / 1e19 - 0.5;
    case 2: return i % 3 ? -0.0 : 1.0 / 0.0;
    default: return 12.5;
    }
}

static void *copy_of(size_t n, size_t size)
{
    void *p = calloc(n ? n : 1, size);
    assert_non_null(p);
    return p;
}

static void fill_nulls(table *t, uint32_t c, uint64_t *seed)
{
    int shape = (int)below(seed, 5);
    if (shape == 0) return;
    t->nulls[c] = copy_of(t->n_rows, 1);
    for (uint32_t i = 0; i < t->n_rows; i++) {
        bool is_null[] = {false, true, below(seed, 50) == 0, i / 5000 % 2 == 1, i < 3};
        t->nulls[c][i] = is_null[shape];
    }
}

static void fill_column(table *t, uint32_t c, uint64_t *seed)
{
    static const seg_kind kinds[] = {SEG_ID, SEG_INT, SEG_DOUBLE};
    int shape = (int)below(seed, N_SHAPES);
    seg_kind kind = c < 2 ? SEG_ID : kinds[below(seed, 3)];
    snprintf(t->names[c], sizeof t->names[c], "列%u", c);
    t->cols[c] = (seg_column){str_of(t->names[c]), kind, kind == SEG_INT ? 2 : 0};
    if (kind == SEG_ID) t->ids[c] = copy_of(t->n_rows, 4);
    if (kind == SEG_INT) t->ints[c] = copy_of(t->n_rows, 8);
    if (kind == SEG_DOUBLE) t->doubles[c] = copy_of(t->n_rows, 8);
    for (uint32_t i = 0; i < t->n_rows; i++) {
        if (kind == SEG_ID) t->ids[c][i] = (uint32_t)shaped(shape, i, seed);
        if (kind == SEG_INT) t->ints[c][i] = shaped(shape, i, seed);
        if (kind == SEG_DOUBLE) t->doubles[c][i] = shaped_double(shape, i, seed);
    }
    if (kind != SEG_ID) fill_nulls(t, c, seed);
}

static void table_make(table *t, uint32_t n_rows, uint32_t n_cols, uint64_t *seed)
{
    *t = (table){.n_rows = n_rows, .n_cols = n_cols};
    for (uint32_t c = 0; c < n_cols; c++) fill_column(t, c, seed);
}

static void table_free(table *t)
{
    for (uint32_t c = 0; c < t->n_cols; c++) {
        free(t->ids[c]);
        free(t->ints[c]);
        free(t->doubles[c]);
        free(t->nulls[c]);
    }
}

/* In pieces of random length, as a load appends them. */
static seg_writer *table_append(const table *t, uint64_t *seed)
{
    pt_err err = {0};
    seg_writer *w;
    assert_ok(seg_writer_new(t->cols, t->n_cols, &w, &err));
    for (uint32_t at = 0; at < t->n_rows;) {
        uint32_t n = 1 + (uint32_t)below(seed, t->n_rows);
        if (n > t->n_rows - at) n = t->n_rows - at;
        seg_batch b[MAX_COLS] = {0};
        for (uint32_t c = 0; c < t->n_cols; c++) {
            if (t->ids[c]) b[c].ids = t->ids[c] + at;
            if (t->ints[c]) b[c].ints = t->ints[c] + at;
            if (t->doubles[c]) b[c].doubles = t->doubles[c] + at;
            if (t->nulls[c]) b[c].nulls = t->nulls[c] + at;
        }
        assert_ok(seg_writer_append(w, n, b, &err));
        at += n;
    }
    assert_int_equal(seg_writer_rows(w), t->n_rows);
    return w;
}

static void table_write(const table *t, uint64_t *seed)
{
    pt_err err = {0};
    seg_writer *w = table_append(t, seed);
    assert_ok(seg_writer_finish(w, g_path, NULL, NULL, 0, NULL, 0, 77, &err));
    seg_writer_free(w);
}

static bool is_null(const table *t, uint32_t c, uint32_t row)
{
    return t->nulls[c] && t->nulls[c][row];
}

static void assert_zone(const table *t, const seg *s, uint32_t c, uint32_t block)
{
    seg_zone z = seg_zone_of(s, c, block);
    int64_t min = INT64_MAX, max = INT64_MIN;
    uint32_t n_nulls = 0, from = block * SEG_BLOCK_ROWS, n = seg_block_rows(s, block);
    for (uint32_t i = from; i < from + n; i++) {
        if (is_null(t, c, i)) {
            n_nulls++;
            continue;
        }
        int64_t v = t->ids[c] ? t->ids[c][i] : t->ints[c] ? t->ints[c][i] : 0;
        min = v < min ? v : min;
        max = v > max ? v : max;
    }
    assert_int_equal(z.n_nulls, n_nulls);
    if (t->doubles[c] || n_nulls == n) return;
    assert_true(z.min == min && z.max == max);
}

/* false only if reading failed with PT_CORRUPT and `may_fail`. */
static bool block_equals(const table *t, const seg *s, uint32_t c, uint32_t block, bool may_fail)
{
    static union {
        uint32_t ids[SEG_BLOCK_ROWS];
        int64_t ints[SEG_BLOCK_ROWS];
        double doubles[SEG_BLOCK_ROWS];
    } out;
    pt_err err = {0};
    uint64_t bits[SEG_BLOCK_WORDS];
    bool any;
    uint32_t from = block * SEG_BLOCK_ROWS;
    pt_status st = t->ids[c]    ? seg_read_ids(s, c, block, out.ids, &err)
                   : t->ints[c] ? seg_read_ints(s, c, block, out.ints, &err)
                                : seg_read_doubles(s, c, block, out.doubles, &err);
    if (st == PT_OK) st = seg_read_nulls(s, c, block, bits, &any, &err);
    if (st != PT_OK) {
        if (!may_fail) fail_msg("%s", err.msg);
        assert_int_equal(st, PT_CORRUPT);
        return false;
    }
    for (uint32_t i = 0; i < seg_block_rows(s, block); i++) {
        bool is_nul = is_null(t, c, from + i);
        assert_int_equal(any && (bits[i / 64] >> (i % 64) & 1), is_nul);
        double want = is_nul || !t->doubles[c] ? 0 : t->doubles[c][from + i];
        if (t->ids[c]) assert_int_equal(out.ids[i], t->ids[c][from + i]);
        if (t->ints[c]) assert_true(out.ints[i] == (is_nul ? 0 : t->ints[c][from + i]));
        if (t->doubles[c]) assert_memory_equal(&out.doubles[i], &want, sizeof want);
    }
    return true;
}

/* One value as its bits, as parts are read. */
static uint64_t bits_of(const table *t, uint32_t c, uint32_t row)
{
    uint64_t bits = 0;
    if (t->ids[c]) return t->ids[c][row];
    if (is_null(t, c, row)) return 0;
    memcpy(&bits, t->ints[c] ? (const void *)&t->ints[c][row] : &t->doubles[c][row], sizeof bits);
    return bits;
}

/* Parts of a block, scattered, close together or whole, once unverified and then from wherever they lie. */
static void parts_equal(const table *t, const seg *s, uint32_t c, uint32_t block, seg_values *v,
                        uint64_t *seed)
{
    pt_err err = {0};
    static uint32_t rows[SEG_PART_ROWS], ids[SEG_PART_ROWS];
    static uint64_t words[SEG_PART_ROWS];
    uint32_t n_rows = seg_block_rows(s, block), first = block * SEG_BLOCK_ROWS;
    for (int round = 0; round < 6; round++) {
        bool is_range = round % 2;
        uint32_t every = 1 + (uint32_t)below(seed, 1u << below(seed, 10)), n = 0;
        uint32_t at = (uint32_t)below(seed, n_rows);
        if (is_range) at = at / 64 * 64;
        assert_ok(seg_values_open(v, s, c, block, &err));
        assert_int_equal(v->n_rows, n_rows);
        for (uint32_t row = at; row < n_rows && n < SEG_PART_ROWS;
             row += is_range ? 1 : 1 + (uint32_t)below(seed, every))
            rows[n++] = row;
        if (t->ids[c])
            seg_values_ids(v, is_range ? NULL : rows, at, n, ids);
        else
            seg_values_words(v, is_range ? NULL : rows, at, n, words);
        for (uint32_t i = 0; i < n; i++) {
            uint32_t row = first + rows[i];
            assert_int_equal(v->any_null && v->nulls[rows[i] / 64] >> (rows[i] % 64) & 1, is_null(t, c, row));
            assert_int_equal(t->ids[c] ? ids[i] : words[i], bits_of(t, c, row));
        }
    }
}

/* The bounds of some neighbouring rows. Returns whether they were known. */
static bool bounds_equal(const table *t, const seg *s, uint32_t c, uint32_t block, seg_values *v,
                         uint64_t *seed)
{
    pt_err err = {0};
    uint32_t n_rows = seg_block_rows(s, block), min, max;
    uint32_t first = (uint32_t)below(seed, n_rows), last = first + (uint32_t)below(seed, n_rows - first);
    assert_ok(seg_values_open(v, s, c, block, &err));
    for (int round = 0; round < 2; round++, first = last = first / 2) { /* also from an earlier row */
        if (!seg_values_between(v, first, last, &min, &max)) return false;
        const uint32_t *ids = t->ids[c] + block * SEG_BLOCK_ROWS;
        uint32_t lowest = ids[first], highest = ids[first];
        for (uint32_t row = first; row <= last; row++) {
            lowest = ids[row] < lowest ? ids[row] : lowest;
            highest = ids[row] > highest ? ids[row] : highest;
        }
        assert_int_equal(min, lowest);
        assert_int_equal(max, highest);
    }
    return true;
}

static void random_tables_come_back(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {0, 1, 63, 64, 65, 1023, 1024, 1025, 65535, 65536, 65537, 131077};
    uint64_t seed = 3;
    int encodings[5] = {0}, n_lz4 = 0, n_bounds = 0;
    seg_values values = {0};
    for (int round = 0; round < ROUNDS; round++) {
        pt_err err = {0};
        table t;
        seg *s;
        uint32_t n_rows = round < 2 * (int)ARRAY_LEN(sizes) ? sizes[round / 2] : (uint32_t)below(&seed, 5000);
        table_make(&t, n_rows, 1 + (uint32_t)below(&seed, MAX_COLS), &seed);
        table_write(&t, &seed);
        assert_ok(seg_open(g_path, &s, &err));
        assert_int_equal(seg_rows(s), n_rows);
        assert_int_equal(seg_version(s), 77);
        assert_int_equal(seg_n_columns(s), t.n_cols);
        assert_int_equal(seg_bytes(s), fs_size(g_path));
        for (uint32_t c = 0; c < t.n_cols; c++) {
            const seg_column *col = seg_column_at(s, c);
            assert_true(str_eq(col->name, t.cols[c].name) && col->kind == t.cols[c].kind);
            assert_int_equal(col->scale, t.cols[c].scale);
            assert_int_equal(seg_find(s, t.cols[c].name, col->kind == SEG_ID), c);
            assert_int_equal(seg_find(s, t.cols[c].name, col->kind != SEG_ID), -1);
            for (uint32_t b = 0; b < seg_blocks(s); b++) {
                assert_zone(&t, s, c, b);
                if (b % 2) parts_equal(&t, s, c, b, &values, &seed);
                assert_true(block_equals(&t, s, c, b, false));
                parts_equal(&t, s, c, b, &values, &seed);
                assert_true(block_equals(&t, s, c, b, false)); /* now that it is verified */
                n_bounds += bounds_equal(&t, s, c, b, &values, &seed);
                encodings[seg_chunk_at(s, c, b)->encoding]++;
                n_lz4 += seg_chunk_at(s, c, b)->lz4;
            }
        }
        assert_ok(seg_check(s, &err));
        seg_put(s);
        table_free(&t);
    }
    seg_values_close(&values);
    for (int e = 0; e < 5; e++) assert_true(encodings[e] > 0);
    assert_true(n_lz4 > 0 && n_bounds > 0);
}

static void mixed_null_batches_keep_their_rows(void **state)
{
    (void)state;
    pt_err err = {0};
    seg_column col = {STR("m"), SEG_INT, 0};
    int64_t v[3] = {5, 6, 7}, out[SEG_BLOCK_ROWS];
    uint8_t nulls[3] = {0, 1, 0};
    seg_writer *w;
    seg *s;
    assert_ok(seg_writer_new(&col, 1, &w, &err));
    assert_ok(seg_writer_append(w, 3, &(seg_batch){.ints = v}, &err));
    assert_ok(seg_writer_append(w, 3, &(seg_batch){.ints = v, .nulls = nulls}, &err));
    assert_ok(seg_writer_append(w, 3, &(seg_batch){.ints = v}, &err));
    assert_ok(seg_writer_finish(w, g_path, NULL, NULL, 0, NULL, 0, 1, &err));
    seg_writer_free(w);
    assert_ok(seg_open(g_path, &s, &err));
    uint64_t bits[SEG_BLOCK_WORDS];
    bool any;
    assert_ok(seg_read_nulls(s, 0, 0, bits, &any, &err));
    assert_true(any && bits[0] == 1u << 4);
    assert_ok(seg_read_ints(s, 0, 0, out, &err));
    assert_true(out[0] == 5 && out[3] == 5 && out[4] == 0 && out[5] == 7 && out[8] == 7);
    seg_put(s);
}

/* ---- order --------------------------------------------------------- */

static void rows_are_sorted_by_rank_and_keep_their_order(void **state)
{
    (void)state;
    enum { N = 100000, COLS = 4 };
    pt_err err = {0};
    uint64_t seed = 4;
    static const uint32_t ranges[COLS] = {5, 1000, 70000, 3}; /* ranks, too many bits for one key */
    uint32_t *rank_of[COLS];
    uint32_t *ids[COLS];
    seg_column cols[COLS + 1];
    seg_batch batch[COLS + 1] = {0};
    int64_t *number = copy_of(N, 8);
    for (uint32_t c = 0; c < COLS; c++) {
        static const char *const names[COLS] = {"a", "b", "c", "d"};
        cols[c] = (seg_column){str_of(names[c]), SEG_ID, 0};
        ids[c] = copy_of(N, 4);
        rank_of[c] = copy_of(ranges[c], 4);
        for (uint32_t i = 0; i < ranges[c]; i++)
            rank_of[c][i] = (uint32_t)unit_random(&seed) >> (c == 1 ? 0 : 8);
        for (uint32_t i = 0; i < N; i++) ids[c][i] = (uint32_t)below(&seed, ranges[c]);
        batch[c].ids = ids[c];
    }
    for (uint32_t i = 0; i < N; i++) number[i] = i;
    cols[COLS] = (seg_column){STR("number"), SEG_INT, 0};
    batch[COLS].ints = number;
    seg_writer *w;
    seg *s;
    const uint32_t sort_cols[] = {3, 1, 0};
    const uint32_t *ranks[] = {NULL, rank_of[1], rank_of[0]};
    assert_ok(seg_writer_new(cols, COLS + 1, &w, &err));
    assert_ok(seg_writer_append(w, N, batch, &err));
    assert_ok(seg_writer_finish(w, g_path, sort_cols, ranks, 3, NULL, 0, 1, &err));
    seg_writer_free(w);
    assert_ok(seg_open(g_path, &s, &err));
    int64_t *order = copy_of(SEG_BLOCK_ROWS * 2, 8);
    for (uint32_t b = 0; b < 2; b++) assert_ok(seg_read_ints(s, COLS, b, order + b * SEG_BLOCK_ROWS, &err));
    uint8_t *seen = copy_of(N, 1);
    for (uint32_t i = 0; i < N; i++) {
        uint32_t row = (uint32_t)order[i], before = i ? (uint32_t)order[i - 1] : 0;
        seen[row]++;
        if (i == 0) continue;
        uint32_t x[3] = {ids[3][before], rank_of[1][ids[1][before]], rank_of[0][ids[0][before]]};
        uint32_t y[3] = {ids[3][row], rank_of[1][ids[1][row]], rank_of[0][ids[0][row]]};
        int k = 0;
        while (k < 3 && x[k] == y[k]) k++;
        assert_true(k == 3 ? before < row : x[k] < y[k]);
    }
    for (uint32_t i = 0; i < N; i++) assert_int_equal(seen[i], 1);
    seg_put(s);
    free(order);
    free(seen);
    free(number);
    for (uint32_t c = 0; c < COLS; c++) {
        free(ids[c]);
        free(rank_of[c]);
    }
}

/* ---- indexes ------------------------------------------------------- */

/* A level of n_ranks over n_members, ranks and stable numbers shuffled. */
static level_view level_make(uint32_t n_members, uint32_t n_ranks, uint32_t n_stable, uint64_t *seed)
{
    uint32_t *of_member = copy_of(n_members, 4), *stable = copy_of(n_ranks, 4), *all = copy_of(n_stable, 4);
    for (uint32_t m = 0; m < n_members; m++) of_member[m] = (uint32_t)((uint64_t)m * n_ranks / n_members);
    for (uint32_t i = 0; i < n_stable; i++) all[i] = i;
    for (uint32_t i = 0; i < n_ranks; i++) {
        uint32_t j = i + (uint32_t)below(seed, n_stable - i), x = all[j];
        all[j] = all[i];
        stable[i] = all[i] = x;
    }
    free(all);
    return (level_view){
        .n = n_ranks, .of_member = of_member, .stable = stable, .n_stable = n_stable, .epoch = 5};
}

static void level_free(level_view *v)
{
    free((void *)(uintptr_t)v->of_member);
    free((void *)(uintptr_t)v->stable);
}

/* Rows of the wanted members, by the mask. MASK_COSTLY is for scattered members only. */
static void assert_mask(seg_mask *m, const seg_index *x, uint32_t block, const level_view *v,
                        const uint32_t *ids, const uint8_t *is_wanted, uint64_t *seed)
{
    pt_err err = {0};
    const seg *s = x->seg;
    uint32_t n_rows = seg_block_rows(s, block), n_words = (n_rows + 63) / 64, n_truth = 0;
    uint64_t in[SEG_BLOCK_WORDS] = {0}, bits[SEG_BLOCK_WORDS] = {0}, truth[SEG_BLOCK_WORDS] = {0};
    for (uint32_t i = 0; i < n_rows; i++) {
        uint64_t is_in = below(seed, 4) != 0, is_true = is_wanted[v->stable[v->of_member[ids[i]]]];
        in[i / 64] |= is_in << (i % 64);
        truth[i / 64] |= is_true << (i % 64);
        n_truth += is_true != 0;
    }
    assert_ok(seg_mask_set(m, x, block, is_wanted, v->n_stable, &err));
    switch (seg_mask_is(m)) {
    case MASK_NONE: assert_int_equal(n_truth, 0); return;
    case MASK_ALL: assert_int_equal(n_truth, n_rows); return;
    case MASK_COSTLY: assert_true(x->blocks[block].n_members > 100); return;
    case MASK_SOME: break;
    }
    assert_true(n_truth > 0 && n_truth < n_rows && seg_mask_cost(m) > 0);
    uint32_t first = (uint32_t)below(seed, n_words); /* in two steps, from any word on */
    uint64_t any = 0, want_any = 0;
    memcpy(bits, in, sizeof bits);
    any |= seg_mask_and(m, bits + first, first, n_words - first);
    any |= seg_mask_and(m, bits, 0, first);
    for (uint32_t w = 0; w < n_words; w++) {
        assert_int_equal(bits[w], in[w] & truth[w]);
        want_any |= bits[w];
    }
    assert_int_equal(any != 0, want_any != 0);
}

/* The number of a row's member; SEG_NO_NUMBER: it is not asked for. */
static uint32_t number_at(const level_view *v, uint32_t id, const uint32_t *numbers, uint32_t n_numbers)
{
    uint32_t stable = v->stable[v->of_member[id]];
    return stable < n_numbers ? numbers[stable] : 0;
}

/* Numbers read off planes are those of the rows' members, wherever the planes are read. Returns whether there
 * were planes. */
static bool assert_codes(seg_codes *c, const seg_index *x, uint32_t block, const level_view *v,
                         const uint32_t *ids, const uint32_t *numbers, uint32_t n_numbers, uint64_t *seed)
{
    pt_err err = {0};
    bool has_codes;
    uint32_t n_rows = seg_block_rows(x->seg, block), out[SEG_PART_ROWS], rows[SEG_PART_ROWS], n = 0;
    assert_ok(seg_codes_set(c, x, block, numbers, n_numbers, &has_codes, &err));
    if (!has_codes) return false;
    uint32_t first = (uint32_t)below(seed, n_rows) / 64 * 64, left = n_rows - first;
    uint32_t some = left < SEG_PART_ROWS ? left : SEG_PART_ROWS, odds = 1 + (uint32_t)below(seed, 9);
    for (uint32_t i = 0; i < some; i++) out[i] = i;
    seg_codes_add(c, NULL, first, some, out);
    for (uint32_t i = 0; i < some; i++) {
        uint32_t number = number_at(v, ids[first + i], numbers, n_numbers);
        if (number == SEG_NO_NUMBER) continue;
        assert_int_equal(out[i], i + number);
        if (below(seed, odds) == 0) rows[n++] = first + i;
    }
    for (uint32_t i = 0; i < n; i++) out[i] = 7;
    seg_codes_add(c, rows, 0, n, out);
    for (uint32_t i = 0; i < n; i++)
        assert_int_equal(out[i], 7 + number_at(v, ids[rows[i]], numbers, n_numbers));
    return true;
}

/* Numbers of members, or of what is above them: of some branches, which may be all or one. Sometimes some
 * neighbours alone are asked for. */
static bool assert_all_codes(const seg_index *x, const level_view *v, const uint32_t *ids, uint64_t *seed)
{
    pt_err err = {0};
    bool any = false;
    seg_codes *c;
    uint32_t *numbers = copy_of(v->n_stable, 4), n_branches = 1 + (uint32_t)below(seed, v->n);
    uint32_t n_numbers = below(seed, 4) ? v->n_stable : (uint32_t)below(seed, v->n_stable);
    for (uint32_t r = 0; r < v->n; r++)
        numbers[v->stable[r]] = (uint32_t)((uint64_t)r * n_branches / v->n) * 77 % 1000;
    uint32_t from = (uint32_t)below(seed, v->n), to = from + 1 + (uint32_t)below(seed, v->n - from);
    for (uint32_t r = 0, is_some = below(seed, 2) == 0; r < v->n && is_some; r++)
        if (r < from || r >= to) numbers[v->stable[r]] = SEG_NO_NUMBER;
    assert_ok(seg_codes_new(&c, &err));
    for (uint32_t b = 0; b < seg_blocks(x->seg); b++)
        any |= assert_codes(c, x, b, v, ids + (size_t)b * SEG_BLOCK_ROWS, numbers, n_numbers, seed);
    seg_codes_free(c);
    free(numbers);
    return any;
}

static void assert_index(const seg_index *x, const level_view *v, const uint32_t *ids, uint64_t *seed)
{
    pt_err err = {0};
    seg_mask *m;
    uint8_t *is_wanted = copy_of(v->n_stable, 1);
    uint32_t odds = 1 + (uint32_t)below(seed, 10), branch = (uint32_t)below(seed, v->n) + 1;
    bool is_subtree = below(seed, 2);
    for (uint32_t r = 0; r < v->n; r++)
        if (is_subtree ? r % (branch + 1) < branch / 2 + 1 : below(seed, odds) == 0)
            is_wanted[v->stable[r]] = 1;
    assert_ok(seg_mask_new(&m, &err));
    for (uint32_t b = 0; b < seg_blocks(x->seg); b++)
        assert_mask(m, x, b, v, ids + (size_t)b * SEG_BLOCK_ROWS, is_wanted, seed);
    seg_mask_free(m);
    free(is_wanted);
}

/* Levels of n[0], n[1], ... members over n_members; each divides the next one's. */
static void indexes_equal_the_rows(void **state)
{
    (void)state;
    static const uint32_t ranks[][3] = {{1, 1, 1},     {2, 2, 6},    {3, 9, 45},      {5, 25, 250},
                                        {5, 25, 1000}, {17, 17, 17}, {10, 100, 4000}, {5000, 5000, 5000}};
    uint64_t seed = 5;
    int n_forms[3] = {0}, n_without = 0, n_higher = 0, n_codes = 0;
    for (int round = 0; round < 32; round++) {
        enum { MEMBERS = 5000, LEVELS = 3 };
        pt_err err = {0};
        bool is_clustered = round % 2, turns = round % 4 == 2;
        uint32_t n_rows = round < 4 ? 1 + (uint32_t)below(&seed, 300) : 1 + (uint32_t)below(&seed, 150000);
        uint32_t *ids = copy_of(n_rows, 4);
        level_view v[LEVELS];
        seg_index_spec specs[LEVELS];
        for (uint32_t l = 0; l < LEVELS; l++) {
            uint32_t n = ranks[round / 4][l];
            v[l] = level_make(MEMBERS, n, n + 1 + (uint32_t)below(&seed, 2000), &seed);
            specs[l] = (seg_index_spec){0, STR("层次"), l, &v[l]};
        }
        for (uint32_t i = 0; i < n_rows; i++) ids[i] = (uint32_t)below(&seed, MEMBERS);
        for (uint32_t i = 0; is_clustered && i < n_rows; i++)
            ids[i] = (uint32_t)((uint64_t)i * MEMBERS / n_rows);
        for (uint32_t i = 0; turns && i < n_rows; i++) /* as many in each block, but others */
            ids[i] = (uint32_t)below(&seed, MEMBERS / 5) + i / SEG_BLOCK_ROWS * (MEMBERS / 5);
        seg_column cols[2] = {{STR("m"), SEG_ID, 0}, {STR("other"), SEG_ID, 0}};
        seg_batch batch[2] = {{.ids = ids}, {.ids = ids}};
        seg_writer *w;
        seg *s;
        assert_ok(seg_writer_new(cols, 2, &w, &err));
        assert_ok(seg_writer_append(w, n_rows, batch, &err));
        assert_ok(seg_writer_finish(w, g_path, NULL, NULL, 0, specs, LEVELS, 5, &err));
        seg_writer_free(w);
        assert_ok(seg_open(g_path, &s, &err));
        assert_ok(seg_check(s, &err));
        hier_view h = {.n_levels = LEVELS, .levels = v};
        assert_null(seg_index_find(s, 1, STR("层次"), &h, 0));
        assert_null(seg_index_find(s, 0, STR("other"), &h, 0));
        const seg_index *x = seg_index_find(s, 0, STR("层次"), &h, 0);
        if (!x) n_without++;
        for (uint32_t l = 0; l < LEVELS; l++)
            assert_ptr_equal(seg_index_find(s, 0, STR("层次"), &h, l),
                             x && l <= seg_index_level(x) ? x : NULL);
        if (x) {
            uint32_t level = seg_index_level(x);
            n_forms[x->blocks[0].form]++;
            n_higher += level < LEVELS - 1;
            for (int i = 0; i < 6; i++) assert_index(x, &v[level], ids, &seed);
            for (int i = 0; i < 6; i++) n_codes += assert_all_codes(x, &v[level], ids, &seed);
            v[level].epoch = 6; /* a member moved after the segment was published */
            assert_null(seg_index_find(s, 0, STR("层次"), &h, 0));
        }
        seg_put(s);
        for (uint32_t l = 0; l < LEVELS; l++) level_free(&v[l]);
        free(ids);
    }
    assert_true(n_forms[INDEX_SETS] && n_forms[INDEX_CODES] && n_without && n_higher && n_codes > 20);
}

/* ---- damage -------------------------------------------------------- */

static strbuf read_file(const char *path)
{
    pt_err err = {0};
    strbuf b = {0};
    assert_ok(fs_read(path, &b, 0, &err));
    return b;
}

static void write_file(const char *path, const void *bytes, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), (ssize_t)n);
    close(fd);
}

/* Opens, checks and reads everything; returns whether damage was noticed. Data read must be equal. */
static bool damage_is_noticed(const table *t)
{
    pt_err err = {0};
    seg *s;
    pt_status st = seg_open(g_path, &s, &err);
    if (st != PT_OK) {
        assert_true(st == PT_CORRUPT || st == PT_VERSION);
        assert_true(err.msg[0] != 0);
        return true;
    }
    bool all_equal = true;
    for (uint32_t c = 0; c < t->n_cols; c++)
        for (uint32_t b = 0; b < seg_blocks(s); b++) all_equal &= block_equals(t, s, c, b, true);
    st = seg_check(s, &err);
    assert_true(st == PT_OK || st == PT_CORRUPT);
    if (st == PT_OK) assert_true(all_equal);
    seg_put(s);
    return st != PT_OK;
}

/* A small file with every encoding, nulls and indexes of both forms. */
static void make_small(table *t, level_view v[2])
{
    pt_err err = {0};
    uint64_t seed = 6;
    enum { N = 900 };
    *t = (table){.n_rows = N, .n_cols = 4};
    static const seg_kind kinds[] = {SEG_ID, SEG_ID, SEG_INT, SEG_DOUBLE};
    for (uint32_t c = 0; c < 4; c++) {
        snprintf(t->names[c], sizeof t->names[c], "c%u", c);
        t->cols[c] = (seg_column){str_of(t->names[c]), kinds[c], 0};
    }
    t->ids[0] = copy_of(N, 4);
    t->ids[1] = copy_of(N, 4);
    t->ints[2] = copy_of(N, 8);
    t->doubles[3] = copy_of(N, 8);
    t->nulls[2] = copy_of(N, 1);
    for (uint32_t i = 0; i < N; i++) {
        t->ids[0][i] = i / 300;
        t->ids[1][i] = (uint32_t)below(&seed, 4);
        t->ints[2][i] = (int64_t)below(&seed, 1000);
        t->doubles[3][i] = (double)below(&seed, 3) / 7;
        t->nulls[2][i] = below(&seed, 9) == 0;
    }
    v[0] = level_make(4, 4, 5, &seed);
    v[1] = level_make(4, 3, 3, &seed);
    seg_index_spec specs[] = {{0, STR("h"), 0, &v[0]}, {1, STR("g"), 1, &v[1]}};
    seg_writer *w = table_append(t, &seed);
    assert_ok(seg_writer_finish(w, g_path, NULL, NULL, 0, specs, 2, 9, &err));
    seg_writer_free(w);
}

static void every_flipped_byte_is_noticed_or_harmless(void **state)
{
    (void)state;
    table t;
    level_view v[2];
    make_small(&t, v);
    strbuf file = read_file(g_path);
    size_t n_harmless = 0;
    for (size_t i = 0; i < file.len; i++)
        for (unsigned bit = 0; bit < 8; bit += 7) {
            file.ptr[i] ^= (char)(1u << bit);
            write_file(g_path, file.ptr, file.len);
            n_harmless += !damage_is_noticed(&t);
            file.ptr[i] ^= (char)(1u << bit);
        }
    /* only the zeros between sections may change unnoticed */
    assert_true(n_harmless < file.len / 4);
    for (size_t n = 0; n < file.len; n++) {
        write_file(g_path, file.ptr, n);
        assert_true(damage_is_noticed(&t));
    }
    strbuf_free(&file);
    table_free(&t);
    level_free(&v[0]);
    level_free(&v[1]);
}

static seg *open_damaged(const strbuf *file, uint32_t chunk, uint32_t field, uint64_t value, size_t size)
{
    pt_err err = {0};
    seg *s;
    uint8_t *image = mem_alloc(file->len, 1);
    memcpy(image, file->ptr, file->len);
    uint8_t *r = image + load_u64(image + HEAD_FOOTER) + 4 * COL_BYTES + (size_t)chunk * CHUNK_BYTES;
    if (size)
        memcpy(r + field, &value, size);
    else
        image[load_u64(r + CHUNK_OFFSET) + field] = (uint8_t)value;
    repair_segment(image, file->len);
    assert_ok(seg_of_image(image, file->len, &s, &err));
    return s;
}

/* Whoever trusts a zone reads no value outside of it, whatever checksums say. */
static void values_lie_within_their_zone(void **state)
{
    (void)state;
    pt_err err = {0};
    table t;
    level_view v[2];
    make_small(&t, v);
    strbuf file = read_file(g_path);
    static uint32_t ids[SEG_BLOCK_ROWS];
    static int64_t ints[SEG_BLOCK_ROWS];
    seg *s = open_damaged(&file, 0, CHUNK_MAX, 1, 8); /* runs of 0, 1 and 2 */
    assert_fails(seg_read_ids(s, 0, 0, ids, &err), PT_CORRUPT, "zone");
    assert_fails(seg_check(s, &err), PT_CORRUPT, "zone");
    seg_put(s);
    s = open_damaged(&file, 0, 0, 1, 0); /* the first run is shorter than it was */
    assert_fails(seg_read_ids(s, 0, 0, ids, &err), PT_CORRUPT, "run lengths");
    seg_put(s);
    s = open_damaged(&file, 1, CHUNK_MAX, 2, 8); /* packed, up to 3 */
    assert_fails(seg_read_ids(s, 1, 0, ids, &err), PT_CORRUPT, "zone");
    assert_fails(seg_read_ids(s, 1, 0, ids, &err), PT_CORRUPT, "zone"); /* again */
    seg_put(s);
    s = open_damaged(&file, 2, CHUNK_MIN, 500,
                     8); /* relative to a greater least value: beyond the greatest */
    assert_fails(seg_read_ints(s, 2, 0, ints, &err), PT_CORRUPT, "zone");
    seg_put(s);
    strbuf_free(&file);
    table_free(&t);
    level_free(&v[0]);
    level_free(&v[1]);
}

/* Damage with checksums that fit: refused or read, never out of bounds (the sanitizer watches). */
static void damage_behind_checksums_stays_in_bounds(void **state)
{
    (void)state;
    uint64_t seed = 7;
    int n_opened = 0;
    table t;
    level_view v[2];
    make_small(&t, v);
    strbuf file = read_file(g_path);
    for (int round = 0; round < 3000; round++) {
        seg *s;
        uint32_t n = 1 + (uint32_t)below(&seed, 4);
        uint8_t *image = mem_alloc(file.len, 1);
        assert_non_null(image);
        memcpy(image, file.ptr, file.len);
        uint64_t footer = load_u64(image + HEAD_FOOTER);
        for (uint32_t i = 0; i < n; i++) { /* half of it in the footer */
            size_t at = below(&seed, 2) ? footer + below(&seed, file.len - footer) : below(&seed, file.len);
            if (below(&seed, 3))
                image[at] = (uint8_t)unit_random(&seed);
            else
                image[at] ^= (uint8_t)(1u << below(&seed, 8));
        }
        repair_segment(image, file.len);
        if (seg_of_image(image, file.len, &s, NULL) != PT_OK) continue;
        exercise_segment(s);
        seg_put(s);
        n_opened++;
    }
    assert_true(n_opened > 500);
    strbuf_free(&file);
    table_free(&t);
    level_free(&v[0]);
    level_free(&v[1]);
}

static void other_files_are_refused(void **state)
{
    (void)state;
    pt_err err = {0};
    seg *s;
    uint8_t head[HEAD_BYTES] = SEG_MAGIC;
    store_u32(head + HEAD_FORMAT, SEG_FORMAT + 1);
    write_file(g_path, head, sizeof head);
    assert_fails(seg_open(g_path, &s, &err), PT_VERSION, "format 3");
    write_file(g_path, "col1,col2\n", 10);
    assert_fails(seg_open(g_path, &s, &err), PT_CORRUPT, g_path);
    unlink(g_path);
    assert_fails(seg_open(g_path, &s, &err), PT_IO, g_path);
}

/* ---- limits -------------------------------------------------------- */

static void a_failed_write_leaves_no_file(void **state)
{
    (void)state;
    pt_err err = {0};
    seg_column col = {STR("m"), SEG_INT, 0};
    int64_t v = 1;
    seg_writer *w;
    assert_ok(seg_writer_new(&col, 1, &w, &err));
    assert_ok(seg_writer_append(w, 1, &(seg_batch){.ints = &v}, &err));
    assert_fails(seg_writer_finish(w, "/nonexistent/x", NULL, NULL, 0, NULL, 0, 1, &err), PT_IO,
                 "/nonexistent/x");
    /* a device that is always full */
    assert_int_equal(symlink("/dev/full", g_path), 0);
    assert_fails(seg_writer_finish(w, g_path, NULL, NULL, 0, NULL, 0, 1, &err), PT_IO, "No space left");
    assert_false(fs_exists(g_path));
    seg_writer_free(w);
}

static void a_segment_has_a_most_of_rows(void **state)
{
    (void)state;
    pt_err err = {0};
    seg_column col = {STR("m"), SEG_ID, 0};
    uint32_t *ids = copy_of(SEG_MAX_ROWS, 4);
    seg_writer *w;
    assert_ok(seg_writer_new(&col, 1, &w, &err));
    assert_ok(seg_writer_append(w, SEG_MAX_ROWS, &(seg_batch){.ids = ids}, &err));
    assert_fails(seg_writer_append(w, 1, &(seg_batch){.ids = ids}, &err), PT_LIMIT, "16777216 rows");
    seg_writer_free(w);
    free(ids);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packed_values_come_back),
        cmocka_unit_test(row_sets_come_back),
        cmocka_unit_test(random_tables_come_back),
        cmocka_unit_test(mixed_null_batches_keep_their_rows),
        cmocka_unit_test(rows_are_sorted_by_rank_and_keep_their_order),
        cmocka_unit_test(indexes_equal_the_rows),
        cmocka_unit_test(every_flipped_byte_is_noticed_or_harmless),
        cmocka_unit_test(values_lie_within_their_zone),
        cmocka_unit_test(damage_behind_checksums_stays_in_bounds),
        cmocka_unit_test(other_files_are_refused),
        cmocka_unit_test(a_failed_write_leaves_no_file),
        cmocka_unit_test(a_segment_has_a_most_of_rows),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
