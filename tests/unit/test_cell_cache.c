/* test_cell_cache.c - several threads ask while facts are published: every answer is that of the asker's own
 * snapshot, whether it was worked out, came from a cuboid, or from the cell cache. The thread sanitizer runs
 * it too. */
#include "engine/cell_cache.h"
#include "reader_util.h"
#include "unit.h"

enum { N_PUBLISHED = 25, N_MEMBERS = 40, N_GROUPS = 8, BETWEEN = 12 };

static const char definitions[] =
    "CREATE DIMENSION [Thing] (KEY id INTEGER, ATTRIBUTE p INTEGER,"
    "  HIERARCHY [Thing] ALL (LEVEL [P] BY p, LEVEL [Id] BY id));"
    "CREATE CUBE [C] (DIMENSION [Thing], MEASURE [n] COUNT(*), MEASURE [s] SUM(i) INTEGER);";

/* Of one reader. */
typedef struct counts {
    uint64_t n_cached, n_by_cuboid, n_wrong;
} counts;

/* ---- facts ---------------------------------------------------------------------------- */

/* A fact for each member; the value of a fact is the number of its member. */
static void publish(shop *s)
{
    uint32_t ids[N_MEMBERS];
    int64_t values[N_MEMBERS];
    for (uint32_t i = 0; i < N_MEMBERS; i++) {
        ids[i] = i;
        values[i] = i;
    }
    seg_batch columns[] = {{.ids = ids}, {.ints = values}};
    shop_facts(s, "C", N_MEMBERS, columns);
}

static void put_members(shop *s)
{
    pt_value values[N_MEMBERS * 2];
    for (uint32_t i = 0; i < N_MEMBERS; i++) {
        values[i * 2] = value_int(i);
        values[i * 2 + 1] = value_int(i % N_GROUPS);
    }
    shop_members(s, "Thing", N_MEMBERS, values, 0);
}

/* Each published segment holds each member once. */
static int64_t n_published(const view *v, const cube *c)
{
    uint32_t n;
    snapshot_segs(v->snap, c->id, &n);
    return n;
}

/* ---- asking ------------------------------------------------------------------------------ */

/* What a group of a snapshot has to have: its members are those equal to it modulo N_GROUPS. */
static bool is_right(const agg_result *r, uint32_t cell, uint32_t group, int64_t times)
{
    int64_t sum = 0;
    for (uint32_t i = group; i < N_MEMBERS; i += N_GROUPS) sum += i;
    return r->values[0][cell].i == times * (N_MEMBERS / N_GROUPS) && r->values[1][cell].i == times * sum;
}

/* All groups, or two of them, which the answer with all of them has as well. */
static pt_status ask(const readers *all, unsigned number, uint64_t *seed, const view *v, arena *a,
                     pt_err *err)
{
    static const uint32_t measures[] = {0, 1}, some[] = {2, 5};
    const agg_axis axis = {.hier = 0, .level = 0};
    const agg_filter filter = {.hier = 0, .level = 0, .n = 2, .ranks = some};
    const limits none = {0};
    const cube *c = schema_cube(v->schema, STR("C"));
    bool is_part = unit_random(seed) % 2;
    agg_request req = {.cube = c, .n_measures = 2, .measures = measures, .n_axes = 1, .axes = &axis};
    agg_result r;
    counts *x = (counts *)all->ctx + number;
    if (is_part) req.where = (agg_conj){1, &filter};
    PT_TRY(aggregate_run(v, warehouse_pool(all->s->w), &none, &req, a, &r, err));
    bool ok = r.n_cells == (is_part ? 2 : N_GROUPS);
    for (uint32_t i = 0; i < r.n_cells && ok; i++)
        ok = is_right(&r, i, is_part ? some[i] : i, n_published(v, c));
    x->n_wrong += !ok;
    x->n_cached += r.is_cached;
    x->n_by_cuboid += r.cuboid.ptr != NULL;
    return PT_OK;
}

static void answers_are_of_the_own_snapshot(void **state)
{
    (void)state;
    readers all;
    counts of[N_READERS] = {0};
    uint64_t n_cached = 0, n_by_cuboid = 0;
    shop *s = shop_open(2);
    shop_define(s, definitions);
    put_members(s);
    publish(s);
    shop_define(s, "CREATE CUBOID [by p] ON CUBE [C] (LEVEL [Thing].[P])");
    readers_start(&all, s, ask, of);
    for (int i = 0; i < N_PUBLISHED; i++) {
        readers_wait(&all, BETWEEN);
        if (i == N_PUBLISHED / 2) s->forgets_cuboids = true; /* from here on they are not up to date */
        if (i % 5 == 4) cell_cache_resize(warehouse_cache(s->w), i % 2 ? 1000 : CELL_CACHE_BYTES);
        publish(s);
    }
    readers_wait(&all, BETWEEN);
    readers_end(&all);
    for (int i = 0; i < N_READERS; i++) {
        assert_int_equal(of[i].n_wrong, 0);
        n_cached += of[i].n_cached;
        n_by_cuboid += of[i].n_by_cuboid;
    }
    assert_true(n_cached > N_PUBLISHED); /* else the cache was not tested, */
    assert_true(n_by_cuboid > 0);        /* nor cuboids */
    shop_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(answers_are_of_the_own_snapshot)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
