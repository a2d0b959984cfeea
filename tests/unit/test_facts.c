/* test_facts.c - single facts, limits of a run, and doubles of every kind. */
#include <math.h>
#include <stdatomic.h>

#include "engine_util.h"
#include "naive_util.h"
#include "unit.h"

static int setup(void **state)
{
    shop *s = shop_open(2);
    *state = s;
    shop_define(
        s, "CREATE DIMENSION [Place] (KEY id INTEGER, ATTRIBUTE country INTEGER,"
           "  HIERARCHY [Place] ALL (LEVEL [Country] BY country, LEVEL [Town] BY id));"
           "CREATE CUBE [C] (DIMENSION [Place], DIMENSION [Place] AS [Target],"
           "  MEASURE [N] COUNT(*), MEASURE [F] SUM(f) DOUBLE, MEASURE [Low] MIN(f), MEASURE [High] MAX(f),"
           "  MEASURE [M] AVG(f), MEASURE [D] SUM(d) DECIMAL(12,2), MEASURE [When] MIN(w) DATE,"
           "  MEASURE [Places] DISTINCT COUNT([Place]));");
    pt_value v[2 * 100];
    for (int i = 0; i < 100; i++) v[2 * i] = value_int(i), v[2 * i + 1] = value_int(i / 10);
    shop_members(s, "Place", 100, v, 0);
    return 0;
}

static int teardown(void **state)
{
    shop_close(*state);
    return 0;
}

/* n facts: place i % 100, target 99 - i % 100, f given, d i cents, w day i, null every seventh. */
static void load(shop *s, uint32_t n, const double *f)
{
    uint32_t *place = calloc(n, sizeof *place), *target = calloc(n, sizeof *target);
    double *doubles = calloc(n, sizeof *doubles);
    int64_t *ints = calloc(n, sizeof *ints);
    uint8_t *nulls = calloc(n, 1);
    for (uint32_t i = 0; i < n; i++) {
        place[i] = i % 100, target[i] = 99 - i % 100;
        doubles[i] = f ? f[i] : i;
        ints[i] = i;
        nulls[i] = i % 7 == 6;
    }
    seg_batch columns[] = {{.ids = place},
                           {.ids = target},
                           {.doubles = doubles},
                           {.ints = ints, .nulls = nulls},
                           {.ints = ints}};
    shop_facts(s, "C", n, columns);
    free(place), free(target), free(doubles), free(ints), free(nulls);
}

static const uint32_t all_measures[] = {0, 1, 2, 3, 4, 5, 6, 7};

static agg_request request(shop *s)
{
    return (agg_request){.cube = shop_cube(s, "C"), .n_measures = 8, .measures = all_measures};
}

/* ---- doubles -------------------------------------------------------------------- */

static agg_result total(shop *s, arena *a)
{
    pt_err err = {0};
    limits l = {0};
    agg_result r;
    agg_request req = request(s);
    assert_ok(aggregate_run(&s->v, warehouse_pool(s->w), &l, &req, a, &r, &err));
    assert_int_equal(r.n_cells, 1);
    return r;
}

static void sums_of_doubles_are_exact(void **state)
{
    shop *s = *state;
    arena *a = arena_new(0);
    const double first[] = {1e300, 1, 5e-324, -1e300, 0x1p-1074, 3};
    load(s, 6, first);
    assert_true(total(s, a).values[1][0].f == 4); /* and a rest too small to see */
    const double second[] = {-3, -1};
    load(s, 2, second);
    assert_true(total(s, a).values[1][0].f == 2 * 0x1p-1074); /* which is there all the same */
    const double third[] = {1e308, 1e308, -1e308};
    load(s, 3, third);
    assert_true(total(s, a).values[1][0].f == 1e308); /* no overflow on the way */
    load(s, 1, (const double[]){1e308});
    assert_true(isinf(total(s, a).values[1][0].f));
    arena_free(a);
}

static void order_of_rows_does_not_matter(void **state)
{
    shop *s = *state;
    arena *a = arena_new(0);
    enum { N = 1000 };
    double f[N];
    uint64_t seed = 7;
    for (int i = 0; i < N; i++)
        f[i] = ldexp((double)unit_random(&seed) - 0x1p63, (int)(unit_random(&seed) % 200) - 100);
    load(s, N, f);
    double want = total(s, a).values[1][0].f;
    shop *t;
    setup((void **)&t);
    for (int i = 0; i < N; i += 100) { /* backwards, in ten loads */
        double back[100];
        for (int k = 0; k < 100; k++) back[k] = f[N - 1 - i - k];
        load(t, 100, back);
    }
    shop_view(t);
    double got = total(t, a).values[1][0].f;
    assert_memory_equal(&want, &got, sizeof want);
    shop_close(t);
    arena_free(a);
}

static void odd_doubles(void **state)
{
    shop *s = *state;
    arena *a = arena_new(0);
    load(s, 3, (const double[]){-0.0, -0.0, -0.0});
    agg_result r = total(s, a);
    assert_false(signbit(r.values[2][0].f) || signbit(r.values[3][0].f) || signbit(r.values[1][0].f));
    load(s, 2, (const double[]){INFINITY, -5});
    r = total(s, a);
    assert_true(isinf(r.values[1][0].f) && isinf(r.values[3][0].f) && isinf(r.values[4][0].f));
    assert_true(r.values[2][0].f == -5);
    load(s, 1, (const double[]){NAN});
    r = total(s, a);
    assert_true(isnan(r.values[1][0].f));
    assert_true(r.values[2][0].f == -5 &&
                isinf(r.values[3][0].f)); /* not a number is neither smallest nor largest */
    arena_free(a);
}

/* ---- limits ------------------------------------------------------------------------ */

static void limits_are_kept(void **state)
{
    shop *s = *state;
    pt_err err = {0};
    arena *a = arena_new(0);
    agg_result r;
    load(s, 50000, NULL);
    agg_request req = request(s);
    agg_axis axes[] = {{0, 1, false}, {1, 1, false}};
    req.axes = axes;
    req.n_axes = 2;
    req.no_cache = true;
    pool *p = warehouse_pool(s->w);

    limits cells = {.cells = 99};
    assert_fails(aggregate_run(&s->v, p, &cells, &req, a, &r, &err), PT_LIMIT, "limit of 99 cells");
    cells.cells = 100;
    assert_ok(aggregate_run(&s->v, p, &cells, &req, a, &r, &err));
    assert_int_equal(r.n_cells, 100);

    atomic_bool stop = true;
    limits cancelled = {.cancel = &stop};
    assert_fails(aggregate_run(&s->v, p, &cancelled, &req, a, &r, &err), PT_CANCELLED, "cancelled");
    limits late = {.deadline_us = 1};
    assert_fails(aggregate_run(&s->v, p, &late, &req, a, &r, &err), PT_LIMIT, "time limit");
    for (size_t mb = 1; mb < 64; mb++) { /* fails cleanly until it is enough */
        limits memory = {.memory_bytes = mb << 16};
        pt_err_clear(&err);
        pt_status st = aggregate_run(&s->v, p, &memory, &req, a, &r, &err);
        assert_true(st == PT_OK || st == PT_NOMEM);
        if (mb == 1) assert_int_equal(st, PT_NOMEM);
        if (mb == 63) assert_int_equal(st, PT_OK);
    }
    arena_free(a);
}

static void every_allocation_may_fail(void **state)
{
    shop *s = *state;
    pt_err err = {0};
    agg_result r;
    limits l = {0};
    load(s, 500, NULL);
    agg_request req = request(s);
    agg_axis axes[] = {{0, 1, false}};
    req.axes = axes;
    req.n_axes = 1;
    pt_status st = PT_NOMEM;
    for (uint64_t k = 1; st != PT_OK; k++) {
        arena *a = arena_new(0);
        arena_fail_at(a, k);
        pt_err_clear(&err);
        st = aggregate_run(&s->v, warehouse_pool(s->w), &l, &req, a, &r, &err);
        assert_true(st == PT_OK ? r.n_cells == 100 : st == PT_NOMEM);
        assert_true(k < 100);
        arena_free(a);
    }
}

static void empty_cube_has_no_cells(void **state)
{
    shop *s = *state;
    pt_err err = {0};
    arena *a = arena_new(0);
    agg_result r;
    limits l = {0};
    agg_request req = request(s);
    assert_ok(aggregate_run(&s->v, warehouse_pool(s->w), &l, &req, a, &r, &err));
    assert_int_equal(r.n_cells, 0);
    arena_free(a);
}

/* ---- single facts --------------------------------------------------------------------- */

typedef struct seen {
    uint32_t n, stop_at;
    int64_t first_d, last_d;
    uint32_t n_null;
} seen;

static pt_status see(void *ctx, const uint32_t *members, const pt_value *values, pt_err *err)
{
    seen *x = ctx;
    assert_int_equal(members[0] + members[1], 99);
    assert_int_equal(values[2].kind, VAL_DATE);
    assert_int_equal(values[2].i % 100, members[0]);
    assert_true(values[0].kind == VAL_DOUBLE && values[0].f == (double)values[2].i);
    if (values[1].kind == VAL_NULL)
        x->n_null++;
    else
        assert_true(values[1].kind == VAL_DEC && values[1].scale == 2 && values[1].dec == values[2].i);
    if (x->n == 0) x->first_d = values[2].i;
    x->last_d = values[2].i;
    return ++x->n == x->stop_at ? pt_fail(err, PT_CANCELLED, "enough") : PT_OK;
}

static void facts_are_scanned(void **state)
{
    shop *s = *state;
    pt_err err = {0};
    limits l = {0};
    load(s, 70000, NULL);
    load(s, 700, NULL);
    agg_request req = request(s);
    seen all = {0};
    assert_ok(facts_scan(&s->v, &l, &req, 0, UINT64_MAX, see, &all, &err));
    assert_int_equal(all.n, 70700);
    assert_int_equal(all.n_null, 10100);

    const uint32_t country[] = {3};
    agg_filter f = {.hier = 0, .level = 0, .n = 1, .ranks = country};
    req.where = (agg_conj){1, &f};
    seen some = {0}, page = {0}, none = {0}, stopped = {.stop_at = 3};
    assert_ok(facts_scan(&s->v, &l, &req, 0, UINT64_MAX, see, &some, &err));
    assert_int_equal(some.n, 7070);
    assert_ok(facts_scan(&s->v, &l, &req, 7000, 20, see, &page, &err));
    assert_int_equal(page.n, 20);
    assert_ok(facts_scan(&s->v, &l, &req, 7069, 20, see, &none, &err));
    assert_int_equal(none.n, 1);
    assert_int_equal(none.first_d, some.last_d);
    assert_fails(facts_scan(&s->v, &l, &req, 0, 20, see, &stopped, &err), PT_CANCELLED, "enough");
    assert_int_equal(stopped.n, 3);
}

static void facts_are_matched(void **state)
{
    shop *s = *state;
    pt_err err = {0};
    uint32_t n;
    load(s, 70000, NULL);
    const cube *c = shop_cube(s, "C");
    const snapshot_seg *seg_at = snapshot_segs(s->v.snap, c->id, &n);
    const uint32_t towns[] = {5, 50};
    agg_filter f = {.hier = 0, .level = 1, .n = 2, .ranks = towns};
    agg_conj where = {1, &f}, all = {0};
    roaring_bitmap_t *rows;
    assert_ok(facts_match(&s->v, c, seg_at, &where, &rows, &err));
    assert_int_equal(roaring_bitmap_get_cardinality(rows), 1400);
    store_txn *txn;
    assert_ok(store_begin(warehouse_store(s->w), 0, &txn, &err));
    assert_ok(txn_delete_rows(txn, c->id, seg_at->id, rows, &err));
    assert_ok(txn_commit(txn, &err));
    roaring_bitmap_free(rows);
    shop_view(s);
    c = shop_cube(s, "C");
    seg_at = snapshot_segs(s->v.snap, c->id, &n);
    assert_ok(facts_match(&s->v, c, seg_at, &where, &rows, &err));
    assert_int_equal(roaring_bitmap_get_cardinality(rows), 0); /* those deleted are gone */
    roaring_bitmap_free(rows);
    assert_ok(facts_match(&s->v, c, seg_at, &all, &rows, &err));
    assert_int_equal(roaring_bitmap_get_cardinality(rows), 68600);
    roaring_bitmap_free(rows);
    seen left = {0};
    limits l = {0};
    agg_request req = request(s);
    assert_ok(facts_scan(&s->v, &l, &req, 0, UINT64_MAX, see, &left, &err));
    assert_int_equal(left.n, 68600);
}

/* ---- merging ---------------------------------------------------------------------------- */

static void merging_changes_no_answer(void **state)
{
    shop *s = *state;
    pt_err err = {0};
    arena *a = arena_new(0);
    uint32_t n_merged, n_before, n_after;
    for (int i = 0; i < 12; i++) load(s, 500 + (uint32_t)i, NULL);
    agg_result before = total(s, a);
    snapshot_segs(s->v.snap, shop_cube(s, "C")->id, &n_before);
    assert_ok(warehouse_compact(s->w, shop_cube(s, "C"), &n_merged, &err));
    assert_true(n_merged > 1);
    agg_result after = total(s, a);
    snapshot_segs(s->v.snap, shop_cube(s, "C")->id, &n_after);
    assert_true(n_after < n_before);
    for (uint32_t i = 0; i < 8; i++) assert_true(value_eq(before.values[i][0], after.values[i][0]));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sums_of_doubles_are_exact, setup, teardown),
        cmocka_unit_test_setup_teardown(order_of_rows_does_not_matter, setup, teardown),
        cmocka_unit_test_setup_teardown(odd_doubles, setup, teardown),
        cmocka_unit_test_setup_teardown(limits_are_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(every_allocation_may_fail, setup, teardown),
        cmocka_unit_test_setup_teardown(empty_cube_has_no_cells, setup, teardown),
        cmocka_unit_test_setup_teardown(facts_are_scanned, setup, teardown),
        cmocka_unit_test_setup_teardown(facts_are_matched, setup, teardown),
        cmocka_unit_test_setup_teardown(merging_changes_no_answer, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
