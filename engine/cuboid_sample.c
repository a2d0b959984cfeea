/* cuboid_sample.c - every k-th fact, and estimates of distinct combinations from them.
 *
 * The estimate is the first-order jackknife of Haas and Stokes (1998), "Estimating the number of classes in a
 * finite population": d / (1 - (1 - q) f1 / n), for d distinct cells of which f1 were seen once, among a
 * share q = n / N of the facts. */
#include "engine/cuboid_sample.h"

#include "base/map.h"

enum { SAMPLE_FACTS = 1 << 17, TABLE = 1 << 19 };

/* ---- drawing ---------------------------------------------------------------------------- */

static pt_status draw_block(cuboid_sample *s, scan_worker *w, uint64_t step, uint64_t *next, pt_err *err)
{
    const uint32_t *ids = NULL;
    uint64_t from = *next;
    uint32_t n_drawn = 0;
    for (uint32_t role = 0; role < s->cube->n_roles; role++) {
        PT_TRY(scan_all_ids(w, role, &ids, err));
        n_drawn = 0;
        for (*next = from; *next < w->n_rows && s->n + n_drawn < s->cap; *next += step)
            s->ids[role][s->n + n_drawn++] = ids[w->is_all ? *next : w->rows[*next]];
    }
    s->n += n_drawn;
    *next = *next < w->n_rows ? 0 : *next - w->n_rows;
    return PT_OK;
}

static pt_status draw(cuboid_sample *s, const limits *l, const scan *sc, scan_worker *w, pt_err *err)
{
    uint64_t step = s->n_facts / SAMPLE_FACTS + 1, next = 0;
    for (uint32_t i = 0; i < sc->n_blocks; i++) {
        PT_TRY(limits_check(l, err));
        PT_TRY(scan_rows(w, sc->blocks[i], err));
        PT_TRY(draw_block(s, w, step, &next, err));
    }
    return PT_OK;
}

static uint64_t live_facts(const agg_source *facts)
{
    uint64_t n = 0;
    for (uint32_t i = 0; i < facts->n_segs; i++) {
        n += seg_rows(facts->segs[i].seg);
        if (facts->segs[i].deleted) n -= roaring_bitmap_get_cardinality(facts->segs[i].deleted);
    }
    return n;
}

pt_status cuboid_sample_draw(const view *v, const limits *l, const cube *c, arena *a, cuboid_sample *out,
                             pt_err *err)
{
    scan sc;
    scan_worker w;
    scan_request req = {.cube = c};
    agg_source facts = agg_facts(v, c);
    *out = (cuboid_sample){.view = v, .cube = c, .n_facts = live_facts(&facts), .cap = SAMPLE_FACTS + 1};
    out->ids = arena_array(a, uint32_t *, c->n_roles);
    out->table = arena_array(a, uint64_t, TABLE);
    if (!out->ids || !out->table) return arena_fail(a, err);
    for (uint32_t i = 0; i < c->n_roles; i++)
        if (!(out->ids[i] = arena_array(a, uint32_t, out->cap))) return arena_fail(a, err);
    PT_TRY(scan_plan(v, &req, facts.segs, facts.n_segs, a, &sc, err));
    for (uint32_t i = 0; i < c->n_roles; i++) PT_TRY(scan_check_role(&sc, i, err));
    PT_TRY(scan_worker_init(&w, &sc, err));
    pt_status st = draw(out, l, &sc, &w, err);
    scan_worker_done(&w);
    return st;
}

/* ---- counting ----------------------------------------------------------------------------- */

typedef struct tally {
    uint64_t n_distinct, n_once;
} tally;

/* Two bits of a slot count up to two. */
static void note(uint64_t *table, uint64_t key, tally *t)
{
    key = (key << 2) | 1;
    uint64_t i = (key >> 8) & (TABLE - 1);
    for (; table[i]; i = (i + 1) & (TABLE - 1)) {
        if ((table[i] & ~3ull) != (key & ~3ull)) continue;
        if ((table[i] & 3) == 1) t->n_once--;
        table[i] = (key & ~3ull) | 2;
        return;
    }
    table[i] = key;
    t->n_distinct++;
    t->n_once++;
}

pt_status cuboid_sample_count(cuboid_sample *s, const cuboid_level *levels, uint32_t n_levels,
                              uint64_t *n_cells, bool *is_whole, pt_err *err)
{
    tally t = {0};
    double product = 1;
    const level_view *views[AGG_MAX_AXES];
    if (NEVER(n_levels > AGG_MAX_AXES)) return pt_fail(err, PT_INTERNAL, "a cuboid of %u levels", n_levels);
    for (uint32_t i = 0; i < n_levels; i++) {
        const cube_hier *h = &s->cube->hiers[levels[i].hier];
        const hier_view *hv;
        PT_TRY(dim_hier(view_dim(s->view, h->hierarchy->dimension), h->hierarchy->index, &hv, err));
        views[i] = &hv->levels[levels[i].level];
        product *= views[i]->n;
    }
    memset(s->table, 0, TABLE * sizeof *s->table);
    for (uint32_t r = 0; r < s->n; r++) {
        uint64_t key = 0;
        for (uint32_t i = 0; i < n_levels; i++)
            key = hash_u64(key + views[i]->of_member[s->ids[s->cube->hiers[levels[i].hier].role][r]] + 1);
        note(s->table, key, &t);
    }
    double n = s->n, all = (double)s->n_facts, estimate = (double)t.n_distinct;
    if (n > 0 && n < all) estimate /= 1 - (1 - n / all) * (double)t.n_once / n;
    if (estimate > all) estimate = all;
    if (estimate > product) estimate = product;
    *n_cells = (uint64_t)estimate;
    *is_whole = (product < all ? product : all) <= SEG_MAX_ROWS;
    return PT_OK;
}
