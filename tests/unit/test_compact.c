/* test_compact.c - merging segments keeps every row that is not deleted, once. */
#include <stdio.h>

#include "unit.h"

#include "store_util.h"

enum { MEMBERS = 50 };

/* What a real caller knows of the cube: sort by "d", index its one level. */
typedef struct sorter {
    level_view level;
    uint32_t of_member[MEMBERS], stable[MEMBERS];
    int n_calls;
    bool fails;
} sorter;

static void sorter_init(sorter *o)
{
    *o = (sorter){0};
    for (uint32_t i = 0; i < MEMBERS; i++) {
        o->of_member[i] = i / 5;
        o->stable[i] = i;
    }
    o->level =
        (level_view){.n = MEMBERS / 5, .n_stable = MEMBERS, .of_member = o->of_member, .stable = o->stable};
}

static pt_status write_merged(void *ctx, const snapshot *snap, uint32_t cube, seg_writer *w, const char *path,
                              uint64_t version, pt_err *err)
{
    sorter *o = ctx;
    uint32_t col = 0;
    seg_index_spec spec = {0, STR("h"), 0, &o->level};
    o->n_calls++;
    assert_int_equal(cube, UTIL_CUBE);
    assert_int_equal(version, snapshot_version(snap) + 1);
    if (o->fails) return pt_fail(err, PT_IO, "the disk is full");
    return seg_writer_finish(w, path, &col, NULL, 1, &spec, 1, version, err);
}

/* ---- random facts -------------------------------------------------- */

typedef struct shape {
    bool has_money, has_extra;
    seg_kind extra;
    const char *role; /* a second id column, or NULL */
} shape;

/* Random rows under one of several shapes of fact table. */
static uint64_t load_random(store *s, shape f, uint32_t n, uint64_t load, uint64_t *seed)
{
    pt_err err = {0};
    store_txn *t;
    seg_writer *w;
    uint64_t id;
    char path[STORE_PATH];
    seg_column cols[4] = {{STR("d"), SEG_ID, 0}, {STR("units"), SEG_INT, 0}};
    uint32_t n_cols = 2;
    if (f.has_money) cols[n_cols++] = (seg_column){STR("money"), SEG_DOUBLE, 0};
    if (f.has_extra) cols[n_cols++] = (seg_column){STR("extra"), f.extra, 0};
    if (f.role) cols[n_cols++] = (seg_column){str_of(f.role), SEG_ID, 0};
    assert_ok(store_begin(s, UTIL_SECOND, &t, &err));
    assert_ok(txn_segment_path(t, &id, path, sizeof path, &err));
    assert_ok(seg_writer_new(cols, n_cols, &w, &err));
    for (uint32_t i = 0; i < n; i++) {
        uint32_t d = (uint32_t)(unit_random(seed) % MEMBERS);
        int64_t v = (int64_t)(unit_random(seed) % 1000);
        double m = (double)v / 4;
        uint8_t is_null = unit_random(seed) % 10 == 0;
        seg_batch b[4] = {0};
        for (uint32_t c = 0; c < n_cols; c++)
            b[c] = (seg_batch){&d, &v, &m, cols[c].kind == SEG_ID ? NULL : &is_null};
        assert_ok(seg_writer_append(w, 1, b, &err));
    }
    assert_ok(seg_writer_finish(w, path, NULL, NULL, 0, NULL, 0, txn_version(t), &err));
    seg_writer_free(w);
    assert_ok(txn_add_segment(t, UTIL_CUBE, id, load, &err));
    assert_ok(txn_commit(t, &err));
    return id;
}

static void add_cell(strbuf *b, const seg *s, const char *name, uint32_t row, const void *block,
                     const uint64_t *nulls)
{
    int col = seg_find(s, str_of(name), false);
    bool is_null = col < 0 || (nulls && nulls[row / 64] >> (row % 64) & 1);
    if (is_null)
        strbuf_printf(b, " -");
    else if (seg_column_at(s, (uint32_t)col)->kind == SEG_INT)
        strbuf_printf(b, " %lld", (long long)((const int64_t *)block)[row]);
    else
        strbuf_printf(b, " %g", ((const double *)block)[row]);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All live rows as lines in order: equal texts, equal facts. */
static strbuf dump(store *s)
{
    static const char *const measures[] = {"units", "money", "extra"};
    static uint32_t ids[SEG_BLOCK_ROWS];
    static int64_t values[3][SEG_BLOCK_ROWS];
    static uint64_t nulls[3][SEG_BLOCK_WORDS];
    pt_err err = {0};
    snapshot *snap;
    uint32_t n, n_lines = 0;
    char **lines = malloc(200000 * sizeof *lines);
    assert_ok(store_snapshot(s, &snap, &err));
    const snapshot_seg *segs = snapshot_segs(snap, UTIL_CUBE, &n);
    for (uint32_t i = 0; i < n; i++) {
        const seg *g = segs[i].seg;
        for (uint32_t b = 0; b < seg_blocks(g); b++) {
            bool any[3] = {false};
            assert_ok(seg_read_ids(g, (uint32_t)seg_find(g, STR("d"), true), b, ids, &err));
            for (int k = 0; k < 3; k++) {
                int col = seg_find(g, str_of(measures[k]), false);
                if (col < 0) continue;
                assert_ok(seg_column_at(g, (uint32_t)col)->kind == SEG_INT
                              ? seg_read_ints(g, (uint32_t)col, b, values[k], &err)
                              : seg_read_doubles(g, (uint32_t)col, b, (double *)values[k], &err));
                assert_ok(seg_read_nulls(g, (uint32_t)col, b, nulls[k], &any[k], &err));
            }
            for (uint32_t r = 0; r < seg_block_rows(g, b); r++) {
                strbuf line = {0};
                if (segs[i].deleted && roaring_bitmap_contains(segs[i].deleted, b * SEG_BLOCK_ROWS + r))
                    continue;
                strbuf_printf(&line, "%u:", ids[r]);
                for (int k = 0; k < 3; k++)
                    add_cell(&line, g, measures[k], r, values[k], any[k] ? nulls[k] : NULL);
                assert_true(n_lines < 200000);
                lines[n_lines++] = line.ptr;
            }
        }
    }
    snapshot_put(snap);
    qsort(lines, n_lines, sizeof *lines, by_text);
    strbuf all = {0};
    for (uint32_t i = 0; i < n_lines; i++) {
        strbuf_printf(&all, "%s\n", lines[i]);
        free(lines[i]);
    }
    free(lines);
    return all;
}

static uint32_t count_segs(store *s)
{
    pt_err err = {0};
    snapshot *snap;
    uint32_t n;
    assert_ok(store_snapshot(s, &snap, &err));
    snapshot_segs(snap, UTIL_CUBE, &n);
    snapshot_put(snap);
    return n;
}

/* Compacts until there is nothing left to do; returns how many segments were replaced in all. */
static uint32_t compact_all(store *s, sorter *o)
{
    pt_err err = {0};
    uint32_t total = 0, n;
    do {
        assert_ok(store_compact(s, UTIL_CUBE, write_merged, NULL, o, &n, &err));
        total += n;
    } while (n);
    return total;
}

/* ---- tests --------------------------------------------------------- */

static void merging_keeps_every_live_row(void **state)
{
    (void)state;
    uint64_t seed = 7;
    sorter o;
    store *s = util_store();
    sorter_init(&o);
    for (int i = 0; i < 12; i++) {
        shape f = {.has_money = i % 3 != 0, .has_extra = i > 6, .extra = SEG_INT};
        uint32_t n = i == 4 ? 70000 : 1 + (uint32_t)(unit_random(&seed) % 500);
        uint64_t id = load_random(s, f, n, (uint64_t)i, &seed);
        if (i % 4 == 1) util_delete(s, id, 0, n / 3 + 1);
    }
    strbuf before = dump(s);
    assert_int_equal(compact_all(s, &o), 12);
    strbuf after = dump(s);
    assert_string_equal(before.ptr, after.ptr);
    assert_int_equal(count_segs(s), 1);
    assert_int_equal(util_files("seg"), 1);
    assert_int_equal(o.n_calls, 1);
    util_check(s);
    strbuf_free(&before);
    strbuf_free(&after);
    store_close(s);
}

static void the_merged_segment_is_sorted_and_indexed(void **state)
{
    (void)state;
    pt_err err = {0};
    uint64_t seed = 8;
    sorter o;
    snapshot *snap;
    uint32_t n;
    uint32_t *ids = malloc(SEG_BLOCK_ROWS * sizeof *ids);
    store *s = util_store();
    sorter_init(&o);
    for (int i = 0; i < 3; i++) load_random(s, (shape){.has_money = true}, 1000, 5, &seed);
    assert_int_equal(compact_all(s, &o), 3);
    assert_ok(store_snapshot(s, &snap, &err));
    const snapshot_seg *g = snapshot_segs(snap, UTIL_CUBE, &n);
    assert_int_equal(n, 1);
    assert_int_equal(g->load_id, 5); /* the load of all parts */
    assert_null(g->deleted);
    assert_int_equal(seg_version(g->seg), snapshot_version(snap));
    assert_ok(seg_read_ids(g->seg, 0, 0, ids, &err));
    for (uint32_t i = 1; i < 3000; i++) assert_true(ids[i - 1] <= ids[i]);
    hier_view h = {.n_levels = 1, .levels = &o.level};
    assert_non_null(seg_index_find(g->seg, 0, STR("h"), &h, 0));
    snapshot_put(snap);
    free(ids);
    store_close(s);
}

static void unlike_tables_stay_apart(void **state)
{
    (void)state;
    uint64_t seed = 9;
    sorter o;
    store *s = util_store();
    sorter_init(&o);
    load_random(s, (shape){.role = "ship date"}, 10, 1, &seed); /* the smallest, and alone */
    load_random(s, (shape){.has_extra = true, .extra = SEG_INT}, 100, 2, &seed);
    load_random(s, (shape){0}, 200, 3, &seed);
    load_random(s, (shape){.has_extra = true, .extra = SEG_DOUBLE}, 300, 4, &seed); /* not like the second */
    strbuf before = dump(s);
    assert_int_equal(compact_all(s, &o), 2);
    strbuf after = dump(s);
    assert_string_equal(before.ptr, after.ptr);
    assert_int_equal(count_segs(s), 3);
    util_check(s);
    strbuf_free(&before);
    strbuf_free(&after);
    store_close(s);
}

static void one_segment_alone_is_rewritten_only_when_much_is_deleted(void **state)
{
    (void)state;
    uint64_t seed = 10;
    sorter o;
    store *s = util_store();
    sorter_init(&o);
    uint64_t id = load_random(s, (shape){0}, 1000, 1, &seed);
    assert_int_equal(compact_all(s, &o), 0);
    util_delete(s, id, 0, 100);
    assert_int_equal(compact_all(s, &o), 0);
    util_delete(s, id, 100, 250);
    strbuf before = dump(s);
    assert_int_equal(compact_all(s, &o), 1);
    strbuf after = dump(s);
    assert_string_equal(before.ptr, after.ptr);
    strbuf_free(&before);
    strbuf_free(&after);
    store_close(s);
}

static void a_failed_merge_changes_nothing(void **state)
{
    (void)state;
    pt_err err = {0};
    uint64_t seed = 11;
    uint32_t n = 99;
    sorter o;
    store *s = util_store();
    sorter_init(&o);
    load_random(s, (shape){0}, 100, 1, &seed);
    load_random(s, (shape){0}, 100, 1, &seed);
    o.fails = true;
    assert_fails(store_compact(s, UTIL_CUBE, write_merged, NULL, &o, &n, &err), PT_IO, "the disk is full");
    assert_int_equal(n, 0);
    assert_int_equal(count_segs(s), 2);
    assert_int_equal(util_files("seg"), 2);
    o.fails = false;
    assert_int_equal(compact_all(s, &o), 2); /* the lock is free again */
    store_close(s);
}

static void nightly_loads_stay_few_segments(void **state)
{
    (void)state;
    uint64_t seed = 12;
    sorter o;
    store *s = util_store();
    sorter_init(&o);
    for (int night = 0; night < 40; night++) {
        load_random(s, (shape){0}, 20, 1, &seed);
        compact_all(s, &o);
        assert_int_equal(count_segs(s), 1);
    }
    store_close(s);
}

static void a_large_segment_waits_for_others_of_its_size(void **state)
{
    (void)state;
    uint64_t seed = 13;
    sorter o;
    store *s = util_store();
    sorter_init(&o);
    load_random(s, (shape){0}, 400000, 1, &seed);
    load_random(s, (shape){0}, 100, 1, &seed);
    assert_int_equal(compact_all(s, &o), 0); /* a small load does not rewrite it */
    load_random(s, (shape){0}, 400000, 1, &seed);
    assert_int_equal(compact_all(s, &o), 2);
    assert_int_equal(count_segs(s), 2);
    store_close(s);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, util_setup, util_teardown)
    const struct CMUnitTest tests[] = {
        TEST(merging_keeps_every_live_row),
        TEST(the_merged_segment_is_sorted_and_indexed),
        TEST(unlike_tables_stay_apart),
        TEST(one_segment_alone_is_rewritten_only_when_much_is_deleted),
        TEST(a_failed_merge_changes_nothing),
        TEST(nightly_loads_stay_few_segments),
        TEST(a_large_segment_waits_for_others_of_its_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
