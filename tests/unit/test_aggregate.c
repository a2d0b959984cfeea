/* test_aggregate.c - random requests on random cubes give what a naive evaluation gives, whatever the number
 * of threads, with or without indexes, on every CPU level. `test_aggregate SEED N` runs N worlds from a seed
 * of one's own. */
#include <stdio.h>

#include "ask_util.h"
#include "base/date.h"
#include "unit.h"

/* Large worlds take most of the time, so they are asked less. */
enum { N_SEEDS = 9, N_REQUESTS = 30, MANY_ROWS = 20000, MANY_FACTOR = 5 };

static void ask(world *w, uint64_t seed, unsigned n_requests)
{
    naive_facts f = naive_read(w->s, "C");
    if (f.n > MANY_ROWS) n_requests = n_requests / MANY_FACTOR + 1;
    for (unsigned i = 0; i < n_requests; i++) {
        arena *a = arena_new(0);
        char what[64];
        snprintf(what, sizeof what, "seed %llu, request %u", (unsigned long long)seed, i);
        agg_request req = ask_some_request(w, &f, a);
        ask_suit_cuboid(w, &req);
        ask_all_ways(w, &f, &req, a, what);
        if (i % 3 == 0) ask_together(w, &f, &req, a, what);
        arena_free(a);
    }
    naive_facts_done(&f);
}

static world_answers run_world(uint64_t seed, unsigned n_requests)
{
    static const char *const levels[] = {"scalar", "avx2", "avx512"}; /* one that there is not is ignored */
    world w = {.seed = seed};
    setenv("PT_ISA", levels[seed % ARRAY_LEN(levels)], 1);
    world_make(&w);
    uint64_t before = w.seed;
    ask(&w, seed, n_requests);
    world_put_facts(&w, 1 + world_roll(&w, 1500));
    w.seed = before; /* the same requests, of other facts */
    ask(&w, seed, n_requests / 2);
    shop_close(w.s);
    return w.n;
}

static void print_answers(uint64_t seed, world_answers n)
{
    printf("seed %llu: %llu answers from cuboids, %llu from the cache, %llu of them of computed measures;"
           " %llu derived, %llu of them distinct counts; %llu without counts of rows, %llu by member id, "
           "%llu in 32 bits\n",
           (unsigned long long)seed, (unsigned long long)n.by_cuboid, (unsigned long long)n.by_cache,
           (unsigned long long)n.computed, (unsigned long long)n.derived,
           (unsigned long long)n.derived_counts, (unsigned long long)n.proved_by_sum,
           (unsigned long long)n.by_member, (unsigned long long)n.hot);
}

static void random_requests_match(void **state)
{
    (void)state;
    world_answers all = {0};
    for (uint64_t seed = 1; seed <= UNIT_ROUNDS(N_SEEDS); seed++) {
        world_answers n = run_world(seed, N_REQUESTS);
        all.by_cuboid += n.by_cuboid, all.by_cache += n.by_cache, all.computed += n.computed;
        all.derived += n.derived, all.derived_counts += n.derived_counts;
    }
    bool has_all = all.by_cuboid > 25 && all.by_cache > 25 && all.computed >= N_SEEDS &&
                   all.derived > 2 * N_SEEDS && all.derived_counts > N_SEEDS / 2;
    if (UNIT_ALL_ROUNDS && !has_all) {
        print_answers(0, all);
        fail_msg("not every way was taken often enough to be tested");
    }
}

/* The total of one measure. */
static pt_status ask_total(world *w, const char *name, arena *a, agg_result *out, pt_err *err)
{
    limits l = {0};
    const cube *c = shop_cube(w->s, "C");
    uint32_t m = 0;
    while (m < c->n_measures && !str_eq(c->measures[m].name, str_of(name))) m++;
    agg_request req = {.cube = c, .n_measures = 1, .measures = &m, .no_cache = true};
    return aggregate_run(&w->s->v, warehouse_pool(w->s->w), &l, &req, a, out, err);
}

/* Neither loads nor other measures suffer from expressions with more digits than a cuboid holds. */
static void too_many_digits_stay_with_facts(void **state)
{
    (void)state;
    pt_err err = {0};
    agg_result got;
    cuboid_info info;
    arena *a = arena_new(0);
    world w = {.seed = 5, .n_things = 20, .n_people = 20, .n_values = 5, .days = date_days(2020, 1, 1)};
    w.s = shop_open(2);
    shop_define(w.s, world_definitions);
    world_put_members(&w, true);
    shop_define(w.s, "ALTER CUBE [C] ADD MEASURE [square] SUM(i * i), MEASURE [top] MAX(b * b),"
                     " MEASURE [huge] SUM(b * b * b)");
    shop_define(w.s, "CREATE CUBOID [q] ON CUBE [C] (LEVEL [Thing].[P], MEASURE [square], [top])");
    world_put_facts(&w, 1000);
    assert_ok(ask_total(&w, "square", a, &got, &err));
    assert_non_null(got.cuboid.ptr);
    assert_ok(ask_total(&w, "top", a, &got, &err));
    assert_null(got.cuboid.ptr);
    assert_true(got.values[0][0].kind == VAL_DEC);
    shop_define(w.s, "CREATE CUBOID [r] ON CUBE [C] (LEVEL [Thing].[P], MEASURE [si], [huge])");
    world_put_facts(&w, 1000);
    assert_ok(ask_total(&w, "si", a, &got, &err));
    assert_non_null(got.cuboid.ptr);
    assert_int_equal(ask_total(&w, "huge", a, &got, &err), PT_VALUE);
    for (uint32_t i = 0; i < 2; i++) {
        err = (pt_err){0};
        assert_ok(cuboid_info_get(&w.s->v, &shop_cube(w.s, "C")->cuboids[i], &info, &err));
        assert_string_equal(info.why, "");
    }
    arena_free(a);
    shop_close(w.s);
}

int main(int argc, char **argv)
{
    if (argc == 3) {
        for (uint64_t seed = strtoull(argv[1], NULL, 10), n = strtoull(argv[2], NULL, 10); n > 0; seed++, n--)
            print_answers(seed, run_world(seed, 40));
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_requests_match),
        cmocka_unit_test(too_many_digits_stay_with_facts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
