/* cells_find.c - all cells over sets of members at once. */
#include "query/cells_int.h"
#include "query/member.h"

/* What is wanted of 64 ranks of an axis. */
static uint64_t wanted(const cells_span *span, const sheet_axis *x, uint32_t word)
{
    const uint64_t *want = span->want[x->hier];
    uint32_t rank = span->ctx[x->hier].id;
    if (want) return want[word];
    return rank / 64 == word ? (uint64_t)1 << (rank % 64) : 0;
}

/* The block was asked for all that is wanted. */
static bool covers(const sheet *s, const block *b, const cells_span *span)
{
    for (uint32_t k = 0; k < s->n_axes; k++)
        for (uint32_t w = 0; b->cover[k] && w <= s->axes[k].n / 64; w++)
            if (wanted(span, &s->axes[k], w) & ~b->cover[k][w]) return false;
    return true;
}

static bool has_measures(const cells *c, const block *b, const cells_span *span)
{
    for (uint32_t i = 0; i < span->n_measures; i++)
        if (column_of(b, c->sc->measures[span->measures[i]].base_measure) < 0) return false;
    return true;
}

/* What is wanted here is added to what the sheet wants already. */
static pt_status add_wants(cells *c, sheet *s, const cells_span *span, pt_err *err)
{
    for (uint32_t k = 0; k < s->n_axes; k++) {
        sheet_axis *x = &s->axes[k];
        PT_TRY(sheet_axis_ready(c, x, err));
        x->n_want = 0;
        for (uint32_t w = 0; w <= x->n / 64; w++) {
            x->want[w] |= wanted(span, x, w);
            x->n_want += (uint32_t)__builtin_popcountll(x->want[w]);
        }
    }
    for (uint32_t i = 0; i < span->n_measures; i++)
        sheet_want_measure(c, s, c->sc->measures[span->measures[i]].base_measure);
    return PT_OK;
}

const block *sheet_block_of(const cells *c, const sheet *s, const cells_span *span)
{
    const block *b = s->blocks;
    while (b && !(covers(s, b, span) && has_measures(c, b, span))) b = b->older;
    return b;
}

pt_status cells_want(cells *c, const cells_span *span, pt_err *err)
{
    sheet *s;
    if (!make_signature(c, span->base, span->ctx)) return PT_OK;
    PT_TRY(sheet_of(c, span->base, span->region_id, &s, err));
    return sheet_block_of(c, s, span) ? PT_OK : add_wants(c, s, span, err);
}

pt_status cells_find(cells *c, const cells_span *span, cells_rows *out, pt_err *err)
{
    sheet *s;
    *out = (cells_rows){0};
    if (!make_signature(c, span->base, span->ctx)) return PT_OK;
    PT_TRY(sheet_of(c, span->base, span->region_id, &s, err));
    const block *b = sheet_block_of(c, s, span);
    if (NEVER(!b)) return pt_fail(err, PT_INTERNAL, "cells are looked at that were not fetched");
    *out = (cells_rows){.n = b->r.n_cells, .n_axes = s->n_axes, .coords = b->r.coords};
    for (uint32_t k = 0; k < s->n_axes; k++) out->hiers[k] = s->axes[k].hier;
    return PT_OK;
}
