/* bench_segment.c - time to write a segment (sort, encode, index, sync) and to read it back.
 *
 * Retail-like rows: five id columns (days, stores, products, customers, promotions) with two levels indexed
 * each, and five measures. Usage: bench_segment [rows] [path] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "storage/seg_int.h"

enum { IDS = 5, COLS = 10, LEVELS = 2 };

static const uint32_t g_members[IDS] = {730, 25, 1560, 10000, 50};
static const uint32_t g_ranks[IDS][LEVELS] = {{2, 24}, {3, 23}, {12, 110}, {4, 109}, {2, 8}};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t random_next(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void expect(pt_status st, const pt_err *err)
{
    if (st == PT_OK) return;
    fprintf(stderr, "%s: %s\n", pt_status_name(st), err->msg);
    exit(1);
}

typedef struct level_data {
    uint32_t *of_member, *stable;
    level_view view;
} level_data;

static level_data level_make(uint32_t n_members, uint32_t n)
{
    level_data l = {malloc(n_members * 4), malloc(n * 4), {0}};
    for (uint32_t m = 0; m < n_members; m++) l.of_member[m] = (uint32_t)((uint64_t)m * n / n_members);
    for (uint32_t i = 0; i < n; i++) l.stable[i] = i;
    l.view = (level_view){.n = n, .of_member = l.of_member, .stable = l.stable, .n_stable = n};
    return l;
}

static double write_rows(uint32_t n_rows, const char *path, level_data levels[IDS][LEVELS], bool has_indexes)
{
    static const char *const names[COLS] = {"day",   "store", "product", "customer", "promotion",
                                            "sales", "cost",  "units",   "weight",   "discount"};
    pt_err err = {0};
    uint64_t seed = 1;
    seg_column cols[COLS];
    seg_batch batch[COLS] = {0};
    seg_index_spec specs[IDS * LEVELS];
    seg_writer *w;
    for (uint32_t c = 0; c < COLS; c++) {
        cols[c] = (seg_column){str_of(names[c]), c < IDS ? SEG_ID : c == 8 ? SEG_DOUBLE : SEG_INT, 0};
        if (c < IDS) {
            uint32_t *v = malloc(n_rows * sizeof *v);
            for (uint32_t i = 0; i < n_rows; i++) v[i] = (uint32_t)(random_next(&seed) % g_members[c]);
            batch[c].ids = v;
        } else if (c == 8) {
            double *v = malloc(n_rows * sizeof *v);
            for (uint32_t i = 0; i < n_rows; i++) v[i] = (double)(random_next(&seed) % 400) / 8;
            batch[c].doubles = v;
        } else {
            int64_t *v = malloc(n_rows * sizeof *v);
            for (uint32_t i = 0; i < n_rows; i++)
                v[i] = (int64_t)(random_next(&seed) % (c == 7 ? 6 : 200000));
            batch[c].ints = v;
        }
    }
    for (uint32_t i = 0; i < IDS * LEVELS; i++)
        specs[i] = (seg_index_spec){i / LEVELS, STR("h"), i % LEVELS, &levels[i / LEVELS][i % LEVELS].view};
    double start = now();
    expect(seg_writer_new(cols, COLS, &w, &err), &err);
    expect(seg_writer_append(w, n_rows, batch, &err), &err);
    expect(seg_writer_finish(w, path, (uint32_t[]){0, 1, 2}, NULL, 3, specs, has_indexes ? IDS * LEVELS : 0,
                             1, &err),
           &err);
    double time = now() - start;
    seg_writer_free(w);
    for (uint32_t c = 0; c < COLS; c++) {
        free((void *)(uintptr_t)batch[c].ids);
        free((void *)(uintptr_t)batch[c].ints);
        free((void *)(uintptr_t)batch[c].doubles);
    }
    return time;
}

static void read_column(const seg *s, uint32_t col, void *buf)
{
    pt_err err = {0};
    for (uint32_t b = 0; b < seg_blocks(s); b++) {
        seg_kind kind = seg_column_at(s, col)->kind;
        expect(kind == SEG_ID    ? seg_read_ids(s, col, b, buf, &err)
               : kind == SEG_INT ? seg_read_ints(s, col, b, buf, &err)
                                 : seg_read_doubles(s, col, b, buf, &err),
               &err);
    }
}

static void read_back(const seg *s)
{
    static const char *const encodings[] = {"const", "packed", "runs", "plain", "dict"};
    enum { TIMES = 10 };
    void *buf = malloc(SEG_BLOCK_ROWS * 8);
    printf("%-10s %-8s %5s %4s %10s %12s %12s\n", "column", "encoding", "width", "lz4", "bytes/row",
           "first ns/row", "then ns/row");
    for (uint32_t c = 0; c < seg_n_columns(s); c++) {
        double start = now(), first, then;
        uint64_t bytes = 0;
        read_column(s, c, buf);
        first = now() - start;
        start = now();
        for (int i = 0; i < TIMES; i++) read_column(s, c, buf);
        then = (now() - start) / TIMES;
        for (uint32_t b = 0; b < seg_blocks(s); b++) bytes += chunk_stored(seg_chunk_at(s, c, b));
        const seg_chunk *k = seg_chunk_at(s, c, 0);
        printf("%-10.*s %-8s %5u %4u %10.3f %12.3f %12.3f\n", STR_ARG(seg_column_at(s, c)->name),
               encodings[k->encoding], k->width, k->lz4, (double)bytes / seg_rows(s),
               first * 1e9 / seg_rows(s), then * 1e9 / seg_rows(s));
    }
    free(buf);
}

/* Seconds to find the rows of the members wanted in all blocks. */
static double read_masks(const seg *s, const seg_index *x, const uint8_t *wanted, uint32_t n)
{
    pt_err err = {0};
    uint64_t bits[SEG_BLOCK_WORDS];
    seg_mask *m;
    expect(seg_mask_new(&m, &err), &err);
    double start = now();
    for (uint32_t b = 0; b < seg_blocks(s); b++) {
        memset(bits, 0xFF, sizeof bits);
        expect(seg_mask_set(m, x, b, wanted, n, &err), &err);
        if (seg_mask_is(m) == MASK_SOME) seg_mask_and(m, bits, 0, SEG_BLOCK_WORDS);
    }
    double time = now() - start;
    seg_mask_free(m);
    return time;
}

/* Rows of a tenth of the index's members. */
static void read_indexes(const seg *s, level_data levels[IDS][LEVELS])
{
    printf("%-10s %5s %-7s %10s %12s\n", "index", "level", "form", "bytes/row", "ns/row");
    for (uint32_t i = 0; i < IDS; i++) {
        level_view views[LEVELS];
        for (uint32_t l = 0; l < LEVELS; l++) views[l] = levels[i][l].view;
        const hier_view h = {.n_levels = LEVELS, .levels = views};
        const seg_index *x = seg_index_find(s, i, STR("h"), &h, LEVELS - 1);
        if (!x) continue;
        uint32_t level = seg_index_level(x), n = views[level].n_stable;
        uint8_t *wanted = calloc(n, 1);
        uint64_t bytes = 0;
        for (uint32_t k = 0; k < n; k += 10) wanted[k] = 1;
        read_masks(s, x, wanted, n); /* verifies what it reads */
        double time = read_masks(s, x, wanted, n);
        for (uint32_t b = 0; b < seg_blocks(s); b++) bytes += x->blocks[b].size;
        printf("%-10.*s %5u %-7s %10.3f %12.4f\n", STR_ARG(seg_column_at(s, i)->name), level,
               x->blocks[0].form == INDEX_SETS ? "sets" : "planes", (double)bytes / seg_rows(s),
               time * 1e9 / seg_rows(s));
        free(wanted);
    }
}

int main(int argc, char **argv)
{
    uint32_t n_rows = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000000;
    const char *path = argc > 2 ? argv[2] : "/tmp/bench_segment.seg";
    pt_err err = {0};
    level_data levels[IDS][LEVELS];
    seg *s;
    if (n_rows == 0 || n_rows > SEG_MAX_ROWS) {
        fprintf(stderr, "rows: 1 to %d\n", SEG_MAX_ROWS);
        return 2;
    }
    for (uint32_t i = 0; i < IDS * LEVELS; i++)
        levels[i / LEVELS][i % LEVELS] = level_make(g_members[i / LEVELS], g_ranks[i / LEVELS][i % LEVELS]);
    double plain = write_rows(n_rows, path, levels, false);
    double indexed = write_rows(n_rows, path, levels, true);
    expect(seg_open(path, &s, &err), &err);
    printf("%u rows x %d columns: written in %.3f s, with %d indexes in %.3f s; %.2f bytes a row\n", n_rows,
           COLS, plain, IDS * LEVELS, indexed, (double)seg_bytes(s) / n_rows);
    read_back(s);
    read_indexes(s, levels);
    seg_put(s);
    for (uint32_t i = 0; i < IDS * LEVELS; i++) {
        free(levels[i / LEVELS][i % LEVELS].of_member);
        free(levels[i / LEVELS][i % LEVELS].stable);
    }
    unlink(path);
    return 0;
}
