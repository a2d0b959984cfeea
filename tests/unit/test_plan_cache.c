/* test_plan_cache.c - pieces of plans: found again by key, dropped with the cache, and never those of another
 * version, while members move and several threads ask. The thread sanitizer runs it too. */
#include "engine/plan_cache.h"

#include "engine/shelf.h"
#include "reader_util.h"
#include "unit.h"

/* ---- the cache by itself ---------------------------------------------------------------- */

typedef struct maker {
    uint32_t n_made;
    size_t size_bytes;
    pt_status st;
} maker;

static pt_status make_piece(const void *ctx, arena *a, const void **out, pt_err *err)
{
    maker *m = (maker *)(uintptr_t)ctx;
    uint32_t *p = arena_alloc(a, m->size_bytes);
    if (!p) return arena_fail(a, err);
    m->n_made++;
    *p = m->n_made;
    *out = p;
    return m->st == PT_OK ? PT_OK : pt_fail(err, m->st, "made of nothing");
}

static void a_piece_is_made_once(void **state)
{
    (void)state;
    pt_err err = {0};
    arena *a = arena_new(0);
    plan_cache *c = plan_cache_new(1 << 20);
    maker m = {.size_bytes = 1000};
    const void *first, *again, *other;
    assert_ok(plan_cache_get(c, STR("key"), make_piece, &m, a, &first, &err));
    assert_ok(plan_cache_get(c, STR("key"), make_piece, &m, a, &again, &err));
    assert_ok(plan_cache_get(c, STR("other"), make_piece, &m, a, &other, &err));
    assert_ptr_equal(first, again);
    assert_ptr_not_equal(first, other);
    assert_int_equal(m.n_made, 2);
    assert_int_equal(arena_used(a), 0);
    assert_ok(plan_cache_get(c, (pt_str){0}, make_piece, &m, a, &other, &err));   /* no key, */
    assert_ok(plan_cache_get(NULL, STR("key"), make_piece, &m, a, &other, &err)); /* no cache */
    assert_int_equal(m.n_made, 4);
    assert_true(arena_used(a) >= 2000);
    arena_free(a);
    plan_cache_free(c);
}

static void a_full_cache_keeps_what_it_has(void **state)
{
    (void)state;
    pt_err err = {0};
    arena *a = arena_new(0);
    plan_cache *c = plan_cache_new(1 << 20);
    maker small = {.size_bytes = 200 << 10}, large = {.size_bytes = 1 << 20};
    const void *first, *p;
    char key[] = "a";
    assert_ok(plan_cache_get(c, STR("large"), make_piece, &large, a, &p, &err));
    assert_false(plan_cache_is_full(c)); /* it was too large for it */
    assert_int_equal(large.n_made, 1);
    assert_ok(plan_cache_get(c, str_of(key), make_piece, &small, a, &first, &err));
    for (; key[0] < 'j'; key[0]++) assert_ok(plan_cache_get(c, str_of(key), make_piece, &small, a, &p, &err));
    assert_true(plan_cache_is_full(c));
    assert_ok(plan_cache_get(c, STR("a"), make_piece, &small, a, &p, &err));
    assert_ptr_equal(first, p);
    arena_free(a);
    plan_cache_free(c);
}

static void a_failure_is_handed_on(void **state)
{
    (void)state;
    pt_err err = {0};
    arena *a = arena_new(100);
    plan_cache *c = plan_cache_new(1 << 20);
    maker m = {.size_bytes = 10, .st = PT_CORRUPT}, large = {.size_bytes = 1 << 20};
    const void *p;
    assert_fails(plan_cache_get(c, STR("key"), make_piece, &m, a, &p, &err), PT_CORRUPT, "made of nothing");
    m.st = PT_OK;
    assert_ok(plan_cache_get(c, STR("key"), make_piece, &m, a, &p, &err));
    assert_int_equal(m.n_made, 2);
    assert_int_equal(plan_cache_get(c, STR("large"), make_piece, &large, a, &p, &err), PT_NOMEM);
    arena_free(a);
    plan_cache_free(c);
}

/* ---- members that move -------------------------------------------------------------------- */

enum { N_MEMBERS = PLAN_MANY_MEMBERS + 500, N_GROUPS = 9, N_VERSIONS = 12, BETWEEN = 8 };

static const char definitions[] =
    "CREATE DIMENSION [Thing] (KEY id INTEGER, ATTRIBUTE p INTEGER, ATTRIBUTE q INTEGER,"
    "  HIERARCHY [Thing] ALL (LEVEL [P] BY p, LEVEL [Id] BY id), HIERARCHY [Q] ALL (LEVEL [Q] BY q));"
    "CREATE CUBE [C] (DIMENSION [Thing], MEASURE [n] COUNT(*), MEASURE [s] SUM(i) INTEGER,"
    "  MEASURE [d] DISTINCT COUNT([Thing]));";

/* In each version all members are in other groups. */
static void put_members(shop *s, uint32_t version)
{
    pt_value *values = calloc((size_t)N_MEMBERS * 3, sizeof *values);
    assert_non_null(values);
    for (uint32_t i = 0; i < N_MEMBERS; i++) {
        values[i * 3] = value_int(i);
        values[i * 3 + 1] = value_int((i + i / 64 * version) % N_GROUPS);
        values[i * 3 + 2] = value_int((i + version * 3) % N_GROUPS);
    }
    shop_members(s, "Thing", N_MEMBERS, values, 0);
    free(values);
}

/* A fact for each member; its value is the member's number. */
static void put_facts(shop *s)
{
    static uint32_t ids[N_MEMBERS];
    static int64_t values[N_MEMBERS];
    for (uint32_t i = 0; i < N_MEMBERS; i++) {
        ids[i] = i;
        values[i] = i;
    }
    seg_batch columns[] = {{.ids = ids}, {.ints = values}};
    shop_facts(s, "C", N_MEMBERS, columns);
}

static int64_t attr_of(const dim_view *d, uint32_t attr, uint32_t member)
{
    return dim_attr_value(d, attr, member).i;
}

/* Groups by p or by q of the members in some groups by p or by q, as the snapshot itself has them: keys of
 * groups are their ranks. */
static bool is_right(const agg_result *r, const dim_view *d, uint32_t axis_attr, uint32_t filter_attr,
                     const uint32_t *some, uint32_t n_some)
{
    int64_t n[N_GROUPS] = {0}, sums[N_GROUPS] = {0};
    for (uint32_t m = 0; m < N_MEMBERS; m++) {
        bool is_kept = false;
        for (uint32_t i = 0; i < n_some; i++) is_kept |= attr_of(d, filter_attr, m) == some[i];
        if (!is_kept) continue;
        n[attr_of(d, axis_attr, m)]++;
        sums[attr_of(d, axis_attr, m)] += m;
    }
    uint32_t cell = 0;
    for (uint32_t g = 0; g < N_GROUPS; g++) {
        if (!n[g]) continue;
        if (cell == r->n_cells || r->coords[0][cell] != g || r->values[0][cell].i != n[g] ||
            r->values[1][cell].i != sums[g] || r->values[2][cell].i != n[g])
            return false;
        cell++;
    }
    return cell == r->n_cells;
}

/* all->ctx: [N_READERS] wrong answers */
static pt_status ask(const readers *all, unsigned number, uint64_t *seed, const view *v, arena *a,
                     pt_err *err)
{
    static const uint32_t measures[] = {0, 1, 2}, lists[][3] = {{2, 3, 4}, {1, 5, 8}, {0, 1, 2}};
    const limits none = {0};
    const cube *c = schema_cube(v->schema, STR("C"));
    uint64_t r = unit_random(seed);
    uint32_t axis = r & 1, filter = r >> 1 & 1, n = 1 + (uint32_t)(r >> 2 & 1);
    const agg_axis by = {.hier = axis};
    const agg_filter f = {.hier = filter, .n = n, .ranks = lists[r / 16 % 3]};
    agg_request req = {.cube = c, .n_measures = 3, .measures = measures, .n_axes = 1, .axes = &by};
    agg_result result;
    req.where = (agg_conj){1, &f};
    req.no_cache = true;
    PT_TRY(aggregate_run(v, warehouse_pool(all->s->w), &none, &req, a, &result, err));
    ((uint64_t *)all->ctx)[number] += !is_right(
        &result, view_dim(v, schema_dimension(v->schema, STR("Thing"))), 1 + axis, 1 + filter, f.ranks, n);
    return PT_OK;
}

static void answers_follow_members_that_move(void **state)
{
    (void)state;
    readers all;
    uint64_t n_wrong[N_READERS] = {0};
    shop *s = shop_open(2);
    shop_define(s, definitions);
    put_members(s, 0);
    put_facts(s);
    readers_start(&all, s, ask, n_wrong);
    for (uint32_t i = 1; i < N_VERSIONS; i++) {
        readers_wait(&all, BETWEEN);
        put_members(s, i);
    }
    readers_wait(&all, BETWEEN);
    readers_end(&all);
    for (int i = 0; i < N_READERS; i++) assert_int_equal(n_wrong[i], 0);
    shop_close(s);
}

/* Statements on a full shelf go on; those that begin later have a fresh one. */
static void a_full_shelf_is_replaced(void **state)
{
    (void)state;
    pt_err err = {0};
    view before, after;
    const void *p;
    arena *a = arena_new(0);
    shop *s = shop_open(1);
    shop_define(s, definitions);
    assert_ok(warehouse_view(s->w, &before, &err));
    maker m = {.size_bytes = 10 << 20};
    for (char key[] = "a"; key[0] < 'k'; key[0]++)
        assert_ok(plan_cache_get(shelf_plans(&before), str_of(key), make_piece, &m, a, &p, &err));
    assert_true(plan_cache_is_full(shelf_plans(&before)));
    assert_ok(warehouse_view(s->w, &after, &err));
    assert_ptr_not_equal(before.shelf, after.shelf);
    assert_false(plan_cache_is_full(shelf_plans(&after)));
    assert_ok(plan_cache_get(shelf_plans(&before), STR("a"), make_piece, &m, a, &p, &err));
    assert_int_equal(*(const uint32_t *)p, 1);
    view_put(&before);
    view_put(&after);
    arena_free(a);
    shop_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_piece_is_made_once),
        cmocka_unit_test(a_full_cache_keeps_what_it_has),
        cmocka_unit_test(a_failure_is_handed_on),
        cmocka_unit_test(a_full_shelf_is_replaced),
        cmocka_unit_test(answers_follow_members_that_move),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
