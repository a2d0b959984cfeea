/* test_first.c - distinct members by slot where each worker keeps the first slot of each member: united, they
 * are counted once in each slot, whoever met them. */
#include "base/pool.h"
#include "engine/agg_int.h"
#include "unit.h"

enum { MEMBERS = 70000, SLOTS = 7, MOST_PARTS = 5, BATCH = 500, BATCHES = 12 };

typedef struct gathered {
    agg_memory mem;
    agg_distinct d;
    agg_part parts[MOST_PARTS];
    agg_set sets[MOST_PARTS];
    uint32_t maps[MOST_PARTS][SLOTS];
    bool has[SLOTS][MEMBERS]; /* what is expected */
} gathered;

static uint32_t roll(uint64_t *seed, uint32_t n)
{
    return (uint32_t)(unit_random(seed) % n);
}

/* Most members are met by one part, some by all, and in several slots. */
static void gather(gathered *g, unsigned part, uint64_t *seed)
{
    uint32_t slots[BATCH], members[BATCH];
    pt_err err = {0};
    for (int b = 0; b < BATCHES; b++) {
        bool is_common = roll(seed, 3) == 0;
        for (uint32_t i = 0; i < BATCH; i++) {
            slots[i] = roll(seed, SLOTS);
            members[i] = is_common ? roll(seed, 900) * 77 : (roll(seed, 9000) * MOST_PARTS + part) % MEMBERS;
            uint32_t slot = g->parts[part].slot_map ? g->parts[part].slot_map[slots[i]] : slots[i];
            g->has[slot][members[i]] = true;
        }
        assert_ok(agg_set_add(&g->sets[part], slots, false, members, BATCH, (kern_soon){0}, &err));
    }
}

static void begin_part(gathered *g, unsigned part, bool has_map)
{
    pt_err err = {0};
    g->parts[part] = (agg_part){.groups = {.mem = &g->mem, .n = SLOTS}, .sets = &g->sets[part]};
    for (uint32_t i = 0; i < SLOTS; i++) g->maps[part][i] = (i + part) % SLOTS;
    if (has_map && part > 0) g->parts[part].slot_map = g->maps[part];
    assert_ok(agg_set_init(&g->sets[part], &g->d, kern_get(), &g->mem, &err));
}

static void check_counts(const gathered *g, unsigned n_parts)
{
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        uint64_t want = 0;
        for (uint32_t m = 0; m < MEMBERS; m++) want += g->has[slot][m];
        if (g->sets[0].counts[slot] != want)
            fail_msg("%u parts: %llu members in slot %u, not %llu", n_parts,
                     (unsigned long long)g->sets[0].counts[slot], slot, (unsigned long long)want);
    }
}

static void check_parts(unsigned n_parts, bool has_map, pool *p, uint64_t *seed)
{
    gathered *g = calloc(1, sizeof *g);
    agg_part *parts[MOST_PARTS];
    limits l = {0};
    pt_err err = {0};
    agg_memory_init(&g->mem, &l);
    g->d = (agg_distinct){.n_members = MEMBERS, .has_first = true};
    for (unsigned i = 0; i < n_parts; i++) {
        begin_part(g, i, has_map);
        parts[i] = &g->parts[i];
        gather(g, i, seed);
        if (i > 0) assert_ok(agg_set_merge(&g->sets[0], &g->sets[i], parts[i]->slot_map, &err));
    }
    assert_ok(agg_first_fold(parts, n_parts, 0, p, 2, &l, &err));
    assert_ok(agg_set_count(&g->sets[0], SLOTS, &err));
    check_counts(g, n_parts);
    for (unsigned i = 0; i < n_parts; i++) agg_set_done(&g->sets[i]);
    agg_memory_done(&g->mem);
    free(g);
}

static void members_count_once_in_a_slot(void **state)
{
    (void)state;
    uint64_t seed = 5;
    pool *p = pool_new(2);
    for (unsigned n_parts = 1; n_parts <= MOST_PARTS; n_parts++) {
        check_parts(n_parts, false, p, &seed);
        check_parts(n_parts, true, p, &seed);
    }
    pool_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(members_count_once_in_a_slot)};
    return cmocka_run_group_tests_name("first", tests, NULL, NULL);
}
