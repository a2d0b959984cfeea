/* agg_hot.c - what rows add to many groups, in 32 bits for each number.
 *
 * Where accumulators do not stay in the caches, waiting for them is most of what a row costs. So a worker
 * adds up in an array beside them, of half their size: sums modulo 2^32, of which carries go to the
 * accumulator at once (of values in the thousands, one row in a thousand has one), and extremes as their
 * distance from the end of what the column can hold. When there are no more rows, all is added to the
 * accumulators. Whole runs of rows in one group go there directly. */
#include "engine/agg_int.h"

/* Accumulators that the nearest cache holds are as fast. */
enum { HOT_LEAST = 32 << 10 };

/* ---- planning ---------------------------------------------------------------------- */

/* Can the column be kept in 32 bits? */
static bool is_small(const agg_column *c)
{
    bool has_extreme = c->at_min || c->at_max;
    if (c->is_double || c->is_wide || c->has_nulls || (c->input && !c->input->is_plain)) return false;
    if (c->sum != SUM_NONE && (c->sum != SUM_NARROW || c->lo < 0 || c->hi > UINT32_MAX)) return false;
    return !has_extreme || (uint64_t)c->hi - (uint64_t)c->lo < UINT32_MAX;
}

static bool add_sum(agg_hot_plan *h, uint32_t column, uint32_t at)
{
    if (h->n_sums == AGG_HOT_SUMS) return false;
    h->sums[h->n_sums++] = (agg_hot_sum){column, at};
    return true;
}

/* A maximum is kept as its distance from what is below the lowest value, plus 1; a minimum as the maximum of
 * the complements. */
static bool add_extreme(agg_hot_plan *h, const agg_column *c, uint32_t column, bool is_min)
{
    if (h->has_extreme) return false;
    h->has_extreme = true;
    h->extreme = (agg_hot_extreme){.column = column,
                                   .at = is_min ? c->at_min : c->at_max,
                                   .is_min = is_min,
                                   .flip = is_min ? UINT64_MAX : 0};
    h->extreme.base = (is_min ? ~(uint64_t)c->hi : (uint64_t)c->lo) - 1;
    return true;
}

void agg_hot_plan_make(agg_plan *p)
{
    agg_hot_plan h = {0};
    bool fits = p->is_direct && p->proof != PROOF_MEMBERS && p->scan.n_blocks > 0 &&
                p->n_direct * p->stride * sizeof(uint64_t) > HOT_LEAST;
    if (fits && p->proof == PROOF_ROWS) fits = add_sum(&h, MEMBER_NONE, 0);
    for (uint32_t i = 0; fits && i < p->n_columns; i++) {
        const agg_column *c = &p->columns[i];
        fits = is_small(c);
        if (fits && c->sum != SUM_NONE) fits = add_sum(&h, i, c->at_sum);
        if (fits && c->at_min) fits = add_extreme(&h, c, i, true);
        if (fits && c->at_max) fits = add_extreme(&h, c, i, false);
    }
    h.n_words = h.n_sums + h.has_extreme;
    p->hot = fits ? h : (agg_hot_plan){0};
}

/* ---- adding ------------------------------------------------------------------------ */

/* The carry of a sum to its accumulator. */
static void carry(const agg_hot_rows *r, uint32_t i, uint32_t at, uint64_t sum)
{
    r->acc[(size_t)r->slots[i] * r->stride + at] += sum >> 32 << 32;
}

#define ADD_SUM(k)                                                                                           \
    {                                                                                                        \
        uint64_t sum = h[k] + (uint64_t)v##k[i];                                                             \
        h[k] = (uint32_t)sum;                                                                                \
        if (__builtin_expect(sum >> 32 != 0, 0)) carry(r, i, at##k, sum);                                    \
    }
#define ADD_EXTREME(k)                                                                                       \
    {                                                                                                        \
        uint32_t distance = (uint32_t)((uint64_t)e[i] ^ flip) - base;                                        \
        h[k] = distance > h[k] ? distance : h[k];                                                            \
    }
#define EACH_ROW(n_words, adds)                                                                              \
    for (; i < n_ahead; i++) {                                                                               \
        uint32_t *h = hot + (size_t)slots[i] * (n_words);                                                    \
        __builtin_prefetch(hot + (size_t)slots[i + AHEAD] * (n_words), 1);                                   \
        adds                                                                                                 \
    }                                                                                                        \
    for (; i < n; i++) {                                                                                     \
        uint32_t *h = hot + (size_t)slots[i] * (n_words);                                                    \
        adds                                                                                                 \
    }                                                                                                        \
    break;

/* Two loops for each form, as the last rows have none to look ahead at: a group's cache line is visited once,
 * and on its way some rows before. */
enum { AHEAD = 16 };

void agg_hot_add(const agg_hot_plan *p, const agg_hot_rows *r)
{
    const uint32_t *slots = r->slots;
    uint32_t n = r->n, *hot = r->hot, at0 = p->sums[0].at, at1 = p->sums[1].at, at2 = p->sums[2].at;
    const int64_t *v0 = r->values[0], *v1 = r->values[1], *v2 = r->values[2], *e = r->extremes;
    uint64_t flip = p->extreme.flip;
    uint32_t base = (uint32_t)p->extreme.base, i = 0, n_ahead = n > AHEAD ? n - AHEAD : 0;
    switch (p->n_sums + p->n_words) { /* twice the sums, and the extreme */
    case 1: EACH_ROW(1, ADD_EXTREME(0))
    case 2: EACH_ROW(1, ADD_SUM(0))
    case 3: EACH_ROW(2, ADD_SUM(0) ADD_EXTREME(1))
    case 4: EACH_ROW(2, ADD_SUM(0) ADD_SUM(1))
    case 5: EACH_ROW(3, ADD_SUM(0) ADD_SUM(1) ADD_EXTREME(2))
    case 6: EACH_ROW(3, ADD_SUM(0) ADD_SUM(1) ADD_SUM(2))
    default: EACH_ROW(4, ADD_SUM(0) ADD_SUM(1) ADD_SUM(2) ADD_EXTREME(3))
    }
}

/* ---- the end ----------------------------------------------------------------------- */

void agg_hot_raise(const agg_hot_extreme *x, uint32_t distance, uint64_t *acc)
{
    uint64_t image = agg_image_int((int64_t)((x->base + distance) ^ x->flip));
    if (x->is_min) image = ~image;
    if (distance && image > acc[x->at]) acc[x->at] = image;
}

void agg_hot_finish(agg_groups *g, const uint32_t *hot)
{
    const agg_hot_plan *p = &g->plan->hot;
    for (uint64_t slot = 0; slot < g->n; slot++, hot += p->n_words) {
        uint64_t *acc = agg_acc(g, slot);
        for (uint32_t k = 0; k < p->n_sums; k++) acc[p->sums[k].at] += hot[k];
        if (p->n_words > p->n_sums) agg_hot_raise(&p->extreme, hot[p->n_sums], acc);
    }
}
