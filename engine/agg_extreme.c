/* agg_extreme.c - the maximum or minimum of each group, looked for from its end.
 *
 * Facts are sorted by time, so that a block has little of it, and most groups have rows in the last few
 * blocks. So the sums of all rows are added up first, which tells what groups there are; then the blocks are
 * read again from the latest back (for a minimum from the earliest on), until every group has an extreme that
 * no block left can raise: the group is *settled*. Where some are not for long, rows of the others are left
 * out by a bitset. */
#include <stdlib.h>

#include "engine/agg_int.h"

enum {
    MIN_BLOCKS = 8,
    NARROW = 8, /* blocks have at most such a part of the values */
    WORD = 64
};

/* ---- planning ---------------------------------------------------------------------- */

static uint32_t distance_of(const agg_hot_extreme *x, int64_t v)
{
    return (uint32_t)(((uint64_t)v ^ x->flip) - x->base);
}

/* What values a block has of the column. */
static row_range values_of(const agg_plan *p, const agg_column *c, uint32_t block, row_range *room)
{
    const scan_block *b = &p->scan.blocks[block];
    const scan_seg *s = &p->scan.segs[b->seg];
    if (c->input) return scan_expr_range(&p->scan, &c->input->value, s, b->block, room);
    int col = s->value_cols[c->column];
    if (col < 0) return (row_range){.can_be_null = true};
    seg_zone z = seg_zone_of(s->s->seg, (uint32_t)col, b->block);
    return (row_range){.lo = z.min, .hi = z.max, .is_bounded = true, .can_be_value = true};
}

static int by_reach(const void *a, const void *b)
{
    const agg_reach *x = a, *y = b;
    return x->reach != y->reach ? (x->reach < y->reach) - (x->reach > y->reach)
                                : (x->block > y->block) - (x->block < y->block);
}

/* *width: of the values of each block, all together. false: it is not known of some block. */
static bool find_reaches(const agg_plan *p, const agg_column *c, row_range *room, agg_reach *out,
                         uint64_t *width)
{
    const agg_hot_extreme *x = &p->hot.extreme;
    *width = 0;
    for (uint32_t i = 0; i < p->scan.n_blocks; i++) {
        row_range r = values_of(p, c, i, room);
        if (!r.is_bounded || !r.can_be_value || r.lo < c->lo || r.hi > c->hi) return false;
        out[i] = (agg_reach){distance_of(x, (int64_t)(x->is_min ? r.lo : r.hi)), i};
        *width += (uint64_t)(r.hi - r.lo);
    }
    return true;
}

pt_status agg_extreme_plan(agg_plan *p, arena *a, pt_err *err)
{
    agg_hot_plan *h = &p->hot;
    uint32_t n = p->scan.n_blocks;
    if (!h->n_words || !h->has_extreme || h->n_sums == 0 || n < MIN_BLOCKS) return PT_OK;
    const agg_column *c = &p->columns[h->extreme.column];
    const rowexpr *e = c->input ? c->input->value.e : NULL;
    row_range *room = arena_array(a, row_range, e ? (size_t)e->n_operands + e->n_ops : 1);
    agg_reach *reaches = arena_array(a, agg_reach, n);
    uint64_t width, all = (uint64_t)c->hi - (uint64_t)c->lo;
    if (!room || !reaches) return arena_fail(a, err);
    if (!find_reaches(p, c, room, reaches, &width) || width / n > all / NARROW) return PT_OK;
    qsort(reaches, n, sizeof *reaches, by_reach);
    h->reaches = reaches;
    h->n_words--;
    return PT_OK;
}

/* ---- the search -------------------------------------------------------------------- */

/* Blocks until groups are looked at again: each worker has as many rows before as there are groups, since one
 * thread then looks at the groups of all workers. */
static uint32_t next_blocks(const agg_search *s)
{
    enum { GROWTH = 4 };
    uint32_t left = s->plan->scan.n_blocks - s->at,
             n = ((uint32_t)(s->plan->n_direct / SEG_BLOCK_ROWS) + 1) * s->n_workers;
    if (n < s->at / GROWTH) n = s->at / GROWTH;
    return n < left ? n : left;
}

pt_status agg_search_begin(agg_search *s, const agg_plan *p, unsigned n_workers, agg_memory *mem, pt_err *err)
{
    *s = (agg_search){.plan = p, .n_workers = n_workers};
    s->n = next_blocks(s);
    return agg_grow(mem, (void **)&s->settled, 0, p->n_direct / WORD + 1, sizeof *s->settled, err);
}

/* Which groups have come to `reach`, or have no rows; false: not all. */
static bool settle(agg_search *s, const agg_groups *g, const uint32_t *tops, uint32_t reach)
{
    bool are_all = true;
    for (uint64_t slot = 0; slot < g->n; slot += WORD) {
        uint64_t bits = 0, n = g->n - slot < WORD ? g->n - slot : WORD;
        for (uint64_t i = 0; i < n; i++)
            bits |= (uint64_t)(tops[slot + i] >= reach || *agg_acc(g, slot + i) == 0) << i;
        s->settled[slot / WORD] = bits;
        are_all &= bits == UINT64_MAX >> (WORD - n);
    }
    return are_all;
}

void agg_search_next(agg_search *s, const agg_groups *g, uint32_t *const *tops, unsigned n_tops)
{
    for (unsigned k = 1; k < n_tops; k++)
        for (uint64_t slot = 0; slot < g->n; slot++)
            if (tops[k][slot] > tops[0][slot]) tops[0][slot] = tops[k][slot];
    s->at += s->n;
    s->n = next_blocks(s);
    if (s->n && settle(s, g, tops[0], s->plan->hot.reaches[s->at].reach)) s->n = 0;
}

void agg_search_finish(const agg_search *s, agg_groups *g, const uint32_t *tops)
{
    for (uint64_t slot = 0; slot < g->n; slot++)
        agg_hot_raise(&s->plan->hot.extreme, tops[slot], agg_acc(g, slot));
}

void agg_search_done(agg_search *s)
{
    mem_free(s->settled);
    *s = (agg_search){0};
}

/* ---- rows -------------------------------------------------------------------------- */

uint32_t agg_search_rows(const agg_search *s, const uint32_t *slots, uint32_t n, uint32_t *places)
{
    if (s->at > 0) return (uint32_t)s->plan->scan.kern->select_clear(s->settled, slots, n, places);
    for (uint32_t i = 0; i < n; i++) places[i] = i;
    return n;
}

void agg_raise_tops(const agg_hot_extreme *x, uint32_t *tops, const uint32_t *slots, const int64_t *values,
                    const uint32_t *places, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) __builtin_prefetch(&tops[slots[places[i]]], 1);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t *top = &tops[slots[places[i]]], distance = distance_of(x, values[places[i]]);
        *top = distance > *top ? distance : *top;
    }
}
