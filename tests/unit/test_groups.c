/* test_groups.c - many groups, and large dimensions: ways to group that small worlds never take. Requests are
 * compared with a naive evaluation, as in test_aggregate. */
#include <stdio.h>

#include "ask_util.h"
#include "base/date.h"
#include "unit.h"

/* ---- many groups ------------------------------------------------------------------------ */

/* A few measures by all members of a large level, every other time by each member of a role. */
static agg_request large_request(world *w, const naive_facts *f, arena *a)
{
    static const char *const names[] = {"n", "si", "li", "hi", "ai", "ci", "sd", "hd", "lw", "dt", "dp"};
    const cube *c = f->cube;
    agg_request req = ask_some_request(w, f, a);
    uint32_t *measures = arena_array(a, uint32_t, c->n_measures);
    agg_axis *axes = arena_array(a, agg_axis, c->n_hiers);
    bool wants_all = world_roll(w, 2);
    req.n_measures = 1 + world_roll(w, 3);
    for (uint32_t i = 0; i < req.n_measures; i++) {
        const char *name = names[world_roll(w, ARRAY_LEN(names))];
        while (!str_eq(c->measures[measures[i]].name, str_of(name))) measures[i]++;
    }
    req.measures = measures;
    req.axes = axes;
    req.n_axes = 0;
    for (uint32_t h = world_roll(w, c->n_hiers), n = 1 + (world_roll(w, 3) == 0); req.n_axes < n;
         h = (h + 1) % c->n_hiers) {
        const hier_view *x = ask_hier(f, h);
        uint32_t n_members = dim_count(view_dim(f->view, c->roles[c->hiers[h].role].dimension));
        uint32_t n_last = x->levels[x->n_levels - 1].n;
        if (req.n_axes == 0 && (n_last < w->n_people || (wants_all && n_last < n_members))) continue;
        axes[req.n_axes++] =
            (agg_axis){.hier = h, .level = x->n_levels - 1, .own_only = world_roll(w, 4) > 0};
    }
    if (world_roll(w, 3)) req.where.n = 0;
    req.n_any = 0;
    return req;
}

typedef agg_request (*make_request)(world *w, const naive_facts *f, arena *a);

static void ask_all(world *w, make_request make, unsigned n_requests)
{
    naive_facts f = naive_read(w->s, "C");
    for (unsigned i = 0; i < n_requests; i++) {
        arena *a = arena_new(0);
        char what[64];
        snprintf(what, sizeof what, "values from %lld, request %u", (long long)w->least, i);
        agg_request req = make(w, &f, a);
        ask_all_ways(w, &f, &req, a, what);
        if (i % 3 == 0) ask_together(w, &f, &req, a, what);
        arena_free(a);
    }
    naive_facts_done(&f);
}

/* Until a load brings nulls and negative numbers, all integers have 32 bits. */
static void many_groups_match(void **state)
{
    (void)state;
    enum { LARGE_REQUESTS = 7 };
    world_answers all = {0};
    for (int64_t least = 0; least < 2; least++) {
        world w = {.seed = 11 + (uint64_t)least, .n_things = 6000, .n_people = 5000, .n_values = 5};
        w.days = date_days(2020, 1, 1);
        w.is_even = true;
        w.least = least;
        w.s = shop_open(8);
        shop_define(w.s, world_definitions);
        for (int i = 0; i < 2; i++) {
            world_put_members(&w, i == 0);
            world_put_facts(&w, 20000);
            world_delete_some(&w);
        }
        ask_all(&w, large_request, UNIT_ROUNDS(LARGE_REQUESTS));
        all.hot += w.n.hot, all.by_member += w.n.by_member, all.proved_by_sum += w.n.proved_by_sum;
        w.is_even = false;
        w.null_every = 50;
        world_put_facts(&w, 500);
        ask_all(&w, large_request, 2);
        shop_close(w.s);
    }
    if (!UNIT_ALL_ROUNDS) return;
    if (all.hot < 5 || all.by_member < 2 || all.proved_by_sum < 1)
        fail_msg("only %llu in 32 bits, %llu by member id, %llu without counts of rows",
                 (unsigned long long)all.hot, (unsigned long long)all.by_member,
                 (unsigned long long)all.proved_by_sum);
}

/* ---- read off indexes ----------------------------------------------------------------- */

/* By levels of a large dimension that have few members, mostly of all facts. */
static agg_request upper_request(world *w, const naive_facts *f, arena *a)
{
    const cube *c = f->cube;
    agg_request req = ask_some_request(w, f, a);
    agg_axis *axes = arena_array(a, agg_axis, c->n_hiers);
    uint32_t most = 1 + world_roll(w, 3);
    req.axes = axes;
    req.n_axes = req.n_any = 0;
    if (world_roll(w, 3)) req.where.n = 0;
    for (uint32_t h = world_roll(w, c->n_hiers); req.n_axes < most; h = (h + 1) % c->n_hiers) {
        const hier_view *x = ask_hier(f, h);
        uint32_t at = world_roll(w, x->n_levels);
        bool is_known = false, is_upper = x->levels[at].n < w->n_things / 10;
        for (uint32_t i = 0; i < req.n_axes; i++) is_known |= axes[i].hier == h;
        if (is_known) break;
        if (is_upper && world_roll(w, 2)) axes[req.n_axes++] = (agg_axis){.hier = h, .level = at};
    }
    return req;
}

/* Tables by member of so many things are not near, so that groups are read off the planes of indexes: also of
 * segments whose members have moved since, and of those that have deleted rows. */
static void groups_are_read_off_indexes(void **state)
{
    (void)state;
    static const char *const levels[] = {"scalar", "avx2", "avx512"}; /* one that there is not is ignored */
    enum { MANY_THINGS = 40000, REQUESTS = 8 };
    uint64_t n = 0;
    for (uint64_t i = 0; i < UNIT_ROUNDS(ARRAY_LEN(levels)); i++) {
        world w = {.seed = 30 + i, .n_things = MANY_THINGS, .n_people = 50, .n_values = 3 + (uint32_t)i * 40};
        setenv("PT_ISA", levels[ARRAY_LEN(levels) - 1 - i], 1);
        w.days = date_days(2020, 1, 1);
        w.null_every = i == 1 ? 20 : 0;
        w.s = shop_open(4);
        shop_define(w.s, world_definitions);
        world_put_members(&w, true);
        world_put_facts(&w, 9000);
        world_delete_some(&w);
        world_put_facts(&w, 5000);
        ask_all(&w, upper_request, UNIT_ROUNDS(REQUESTS));
        n += w.n.plane_reads;
        w.n.plane_reads = 0;
        world_put_members(&w, false);
        world_put_facts(&w, 4000);
        ask_all(&w, upper_request, UNIT_ROUNDS(REQUESTS));
        n += w.n.plane_reads;
        shop_close(w.s);
    }
    unsetenv("PT_ISA");
    if (UNIT_ALL_ROUNDS && n < 50) fail_msg("only %llu blocks were read off indexes", (unsigned long long)n);
}

/* ---- few groups ------------------------------------------------------------------------- */

/* Sums of more columns than are added in one pass, by upper levels of few things. */
static agg_request sums_request(world *w, const naive_facts *f, arena *a)
{
    static const char *const names[] = {"n", "si", "s1", "s2", "s3", "s4"};
    const cube *c = f->cube;
    agg_request req = ask_some_request(w, f, a);
    uint32_t *measures = arena_array(a, uint32_t, ARRAY_LEN(names));
    agg_axis *axes = arena_array(a, agg_axis, c->n_hiers);
    uint32_t most = 1 + world_roll(w, 2);
    for (uint32_t i = 0; i < ARRAY_LEN(names); i++)
        while (!str_eq(c->measures[measures[i]].name, str_of(names[i]))) measures[i]++;
    req.measures = measures;
    req.n_measures = ARRAY_LEN(names);
    req.axes = axes;
    req.n_axes = req.n_any = 0;
    if (world_roll(w, 2)) req.where.n = 0;
    for (uint32_t h = 0; h < c->n_hiers && req.n_axes < most; h++) {
        bool is_thing = str_eq(c->roles[c->hiers[h].role].name, STR("Thing"));
        uint32_t n_levels = ask_hier(f, h)->n_levels;
        if (is_thing && world_roll(w, 2))
            axes[req.n_axes++] =
                (agg_axis){.hier = h, .level = n_levels > 1 ? world_roll(w, n_levels - 1) : 0};
    }
    return req;
}

/* Of one day, so that facts are in runs by thing and a chunk has few things; of these, neighbours are in
 * different groups once they have moved. */
static void few_groups_match(void **state)
{
    (void)state;
    enum { REQUESTS = 12 };
    world w = {.seed = 90, .n_things = 60, .n_people = 5, .n_values = 2};
    w.days = date_days(2020, 1, 1);
    w.s = shop_open(2);
    shop_define(w.s, world_definitions);
    shop_define(w.s, "ALTER CUBE [C] ADD MEASURE [s1] SUM(i1) INTEGER, MEASURE [s2] SUM(i2) INTEGER, "
                     "MEASURE [s3] SUM(i3) INTEGER, MEASURE [s4] SUM(i4) INTEGER");
    world_put_members(&w, true);
    for (int i = 0; i < 2; i++) {
        w.is_one_day = i == 0;
        world_put_facts(&w, 20000);
        world_put_members(&w, false);
        ask_all(&w, sums_request, UNIT_ROUNDS(REQUESTS));
    }
    shop_close(w.s);
}

/* ---- extremes looked for by themselves --------------------------------------------------- */

/* A minimum or maximum of what rises with time, and sums or counts, by each person. */
static agg_request latest_request(world *w, const naive_facts *f, arena *a)
{
    static const char *const extremes[] = {"li", "hi", "lo", "ho"}, *const others[] = {"n", "si", "si", "dt"};
    const cube *c = f->cube;
    agg_request req = ask_some_request(w, f, a);
    uint32_t *measures = arena_array(a, uint32_t, 2);
    agg_axis *axis = arena_make(a, agg_axis);
    const char *names[2] = {extremes[world_roll(w, ARRAY_LEN(extremes))],
                            others[world_roll(w, ARRAY_LEN(others))]};
    for (uint32_t i = 0; i < ARRAY_LEN(names); i++)
        while (!str_eq(c->measures[measures[i]].name, str_of(names[i]))) measures[i]++;
    axis->hier = c->n_hiers - 1;
    while (!str_eq(c->roles[c->hiers[axis->hier].role].name, STR("Person")) ||
           ask_hier(f, axis->hier)->is_parent_child)
        axis->hier--;
    axis->level = ask_hier(f, axis->hier)->n_levels - 1;
    req.measures = measures;
    req.n_measures = ARRAY_LEN(names);
    req.axes = axis;
    req.n_axes = 1;
    req.n_any = 0;
    if (world_roll(w, 3)) req.where.n = 0;
    return req;
}

/* Each load is of a few days. Where people come and go, some have no facts but in the last blocks that are
 * read; else few blocks are enough. */
static void extremes_match(void **state)
{
    (void)state;
    enum { LOADS = 20, REQUESTS = 12 };
    uint64_t n = 0, again = 0, of = 0;
    for (uint64_t i = 0; i < 4; i++) {
        world w = {.seed = 120 + i, .n_things = 20, .n_values = 5, .is_by_time = true};
        w.has_leavers = i % 2;
        w.n_people = w.has_leavers ? 6000 : 2200;
        w.sign = i < 2 ? 1 : -1;
        w.days = date_days(2020, 1, 1);
        w.s = shop_open(8);
        shop_define(w.s, world_definitions);
        shop_define(w.s, "ALTER CUBE [C] ADD MEASURE [lo] MIN([Day]), MEASURE [ho] MAX([Day])");
        world_put_members(&w, true);
        for (int k = 0; k < LOADS; k++) {
            world_put_facts(&w, w.has_leavers ? 1 + world_roll(&w, 3000) : 2500);
            if (k % 6 == 0) world_delete_some(&w);
        }
        ask_all(&w, latest_request, UNIT_ROUNDS(REQUESTS));
        n += w.n.searched;
        if (!w.has_leavers) again += w.n.again, of += w.n.of;
        shop_close(w.s);
    }
    if (UNIT_ALL_ROUNDS && n < REQUESTS)
        fail_msg("only %llu extremes were looked for by themselves", (unsigned long long)n);
    if (UNIT_ALL_ROUNDS && again >= of / 4 * 3)
        fail_msg("%llu blocks of %llu were read again", (unsigned long long)again, (unsigned long long)of);
}

/* ---- ends of large zones ------------------------------------------------------------------ */

/* Just these members of the last level of a hierarchy, or all others. */
static agg_filter members_filter(const naive_facts *f, uint32_t hier, const uint32_t *ids, uint32_t n,
                                 bool is_but, arena *a)
{
    const hier_view *h = ask_hier(f, hier);
    agg_filter x = {.hier = hier, .level = h->n_levels - 1, .own_only = true};
    const level_view *l = &h->levels[x.level];
    uint32_t *ranks = arena_array(a, uint32_t, l->n);
    for (uint32_t r = 0; r < l->n; r++) {
        bool is_listed = false;
        for (uint32_t i = 0; i < n; i++) is_listed |= l->of_member[ids[i]] == r;
        if (is_listed != is_but) ranks[x.n++] = r;
    }
    x.ranks = ranks;
    return x;
}

static void ask_filters(world *w, const naive_facts *f, agg_conj where, const agg_conj *any, uint32_t n_any,
                        arena *a)
{
    static const uint32_t measures[] = {0, 2};
    agg_request req = {.cube = f->cube, .n_measures = ARRAY_LEN(measures), .where = where, .n_any = n_any};
    req.measures = measures;
    req.any = any;
    ask_all_ways(w, f, &req, a, "an end of a zone");
}

/* Of large zones, members are looked at by 64. The first and the last member of a block are asked for alone,
 * all but these, and in alternatives that are no product. */
static void ends_of_large_zones_count(void **state)
{
    (void)state;
    enum { THING = 2 }; /* the hierarchy with a level by key */
    world w = {.seed = 70, .n_things = 20000, .n_people = 40, .n_values = 7};
    w.days = date_days(2020, 1, 1);
    w.s = shop_open(2);
    shop_define(w.s, world_definitions);
    world_put_members(&w, true);
    for (int i = 0; i < 4; i++) { /* a block each time: the last is the only one with facts that are asked */
        if (i) shop_define(w.s, "DROP CUBE [C] CASCADE"), shop_define(w.s, world_definitions);
        world_put_facts(&w, 300);
        naive_facts f = naive_read(w.s, "C");
        arena *a = arena_new(0);
        uint32_t role = f.cube->hiers[THING].role, ends[2] = {f.ids[role][0], f.ids[role][0]};
        for (uint32_t r = 0; r < f.n; r++) {
            ends[0] = f.ids[role][r] < ends[0] ? f.ids[role][r] : ends[0];
            ends[1] = f.ids[role][r] > ends[1] ? f.ids[role][r] : ends[1];
        }
        for (uint32_t e = 0; e < 2; e++) {
            agg_filter one = members_filter(&f, THING, &ends[e], 1, false, a),
                       others = members_filter(&f, THING, &ends[e], 1, true, a),
                       none = members_filter(&f, f.cube->n_hiers - 1, NULL, 0, false, a);
            agg_filter never[] = {one, none};
            agg_conj any[] = {{1, &one}, {2, never}};
            ask_filters(&w, &f, (agg_conj){1, &one}, NULL, 0, a);
            ask_filters(&w, &f, (agg_conj){1, &others}, NULL, 0, a);
            ask_filters(&w, &f, (agg_conj){0}, any, ARRAY_LEN(any), a);
        }
        arena_free(a);
        naive_facts_done(&f);
    }
    shop_close(w.s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_groups_match),         cmocka_unit_test(groups_are_read_off_indexes),
        cmocka_unit_test(few_groups_match),          cmocka_unit_test(extremes_match),
        cmocka_unit_test(ends_of_large_zones_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
