/* agg_ask.c - what is asked of facts for requests that share a pass: one request that groups as finely as the
 * finest of them, and filters as loosely as the loosest, and what each has left to filter itself. */
#include "engine/agg_share.h"

typedef struct asking {
    const view *view;
    const agg_common *common;
    const agg_share *share;
    const cube *cube;
    arena *a;
    pt_err *err;
} asking;

static pt_status no_memory(const asking *q)
{
    return arena_fail(q->a, q->err);
}

/* ---- filters --------------------------------------------------------------------- */

pt_status agg_let_through(const agg_conj *where, uint32_t hier, const hier_view *h, uint32_t at, arena *a,
                          uint8_t *mine, uint8_t *keep, pt_err *err)
{
    uint32_t n = h->levels[at].n;
    memset(mine, 1, n);
    for (uint32_t i = 0; i < where->n; i++) {
        const agg_filter *f = &where->filters[i];
        if (f->hier != hier) continue;
        uint8_t *passes = arena_array(a, uint8_t, h->levels[f->level].n);
        if (!passes) return arena_fail(a, err);
        for (uint32_t k = 0; k < f->n; k++) passes[f->ranks[k]] = 1;
        for (uint32_t r = 0; r < n; r++) {
            uint32_t up = r;
            for (uint32_t l = at; l > f->level; l--) up = h->levels[l].parent[up];
            mine[r] &= passes[up];
        }
    }
    for (uint32_t r = 0; r < n; r++) keep[r] |= mine[r];
    return PT_OK;
}

/* The members of a level that the filters of some request on the hierarchy let through. */
static pt_status unite(const asking *q, uint32_t hier, const hier_view *h, uint32_t at, uint8_t *keep)
{
    uint8_t *mine = arena_array(q->a, uint8_t, h->levels[at].n);
    if (!mine) return no_memory(q);
    for (uint32_t i = 0; i < q->share->n; i++)
        PT_TRY(agg_let_through(&q->share->asked[i]->where, hier, h, at, q->a, mine, keep, q->err));
    return PT_OK;
}

/* If members with the same parent agree, their parents say the same. */
static pt_status lift(const asking *q, const hier_view *h, uint32_t *at, uint8_t **keep)
{
    while (*at > 0) {
        const level_view *l = &h->levels[*at];
        uint8_t *up = arena_array(q->a, uint8_t, h->levels[*at - 1].n);
        if (!up) return no_memory(q);
        for (uint32_t r = 0; r < l->n; r++) up[l->parent[r]] |= (*keep)[r];
        for (uint32_t r = 0; r < l->n; r++)
            if (up[l->parent[r]] != (*keep)[r]) return PT_OK;
        *keep = up;
        --*at;
    }
    return PT_OK;
}

/* One filter for all requests on a hierarchy where theirs differ, unless it would keep all members. */
static pt_status common_filter(const asking *q, uint32_t hier, agg_filter *f, bool *is_needed)
{
    const hier_view *h;
    const hierarchy *def = q->cube->hiers[hier].hierarchy;
    PT_TRY(dim_hier(view_dim(q->view, def->dimension), def->index, &h, q->err));
    *f = (agg_filter){.hier = hier, .level = q->common->levels[hier] - 1};
    uint8_t *keep = arena_array(q->a, uint8_t, h->levels[f->level].n);
    if (!keep) return no_memory(q);
    PT_TRY(unite(q, hier, h, f->level, keep));
    PT_TRY(lift(q, h, &f->level, &keep));
    uint32_t n = h->levels[f->level].n, *ranks = arena_array(q->a, uint32_t, n);
    if (!ranks) return no_memory(q);
    for (uint32_t r = 0; r < n; r++)
        if (keep[r]) ranks[f->n++] = r;
    f->ranks = ranks;
    *is_needed = f->n < n;
    return PT_OK;
}

static pt_status ask_where(const asking *q, agg_request *req)
{
    const agg_conj *first = &q->share->asked[0]->where;
    uint32_t n = 0;
    agg_filter *filters = arena_array(q->a, agg_filter, (size_t)first->n + q->cube->n_hiers);
    if (!filters) return no_memory(q);
    for (uint32_t i = 0; i < first->n; i++)
        if (!q->common->has_differing[first->filters[i].hier]) filters[n++] = first->filters[i];
    for (uint32_t h = 0; h < q->cube->n_hiers; h++) {
        bool is_needed;
        if (!q->common->has_differing[h]) continue;
        PT_TRY(common_filter(q, h, &filters[n], &is_needed));
        n += is_needed;
    }
    req->where = (agg_conj){n, filters};
    return PT_OK;
}

/* Trees are grouped by members themselves: what lies below them is added later, request by request. */
static pt_status ask_axes(const asking *q, agg_request *req)
{
    const uint32_t *levels = q->common->levels;
    agg_axis *axes = arena_array(q->a, agg_axis, q->cube->n_hiers);
    bool *has = arena_array(q->a, bool, q->cube->n_hiers);
    uint32_t n = 0;
    if (!axes || !has) return no_memory(q);
    for (uint32_t i = 0; i < q->share->n; i++)
        for (uint32_t k = 0; k < q->share->asked[i]->n_axes; k++) {
            agg_axis x = q->share->asked[i]->axes[k];
            if (has[x.hier]) continue;
            has[x.hier] = true;
            axes[n++] = (agg_axis){x.hier, levels[x.hier] - 1, x.own_only};
        }
    for (uint32_t h = 0; h < q->cube->n_hiers; h++) /* those of filters alone */
        if (levels[h] && !has[h]) axes[n++] = (agg_axis){.hier = h, .level = levels[h] - 1};
    req->axes = axes;
    req->n_axes = n;
    return PT_OK;
}

static pt_status rest_of(const asking *q, const agg_request *req, agg_conj *out)
{
    agg_filter *filters = arena_array(q->a, agg_filter, req->where.n);
    *out = (agg_conj){0, filters};
    if (!filters) return no_memory(q);
    for (uint32_t i = 0; i < req->where.n; i++)
        if (q->common->has_differing[req->where.filters[i].hier]) filters[out->n++] = req->where.filters[i];
    return PT_OK;
}

/* ---- the whole ---------------------------------------------------------------------- */

pt_status agg_ask(const view *v, const agg_common *c, arena *a, agg_share *s, pt_err *err)
{
    asking q = {.view = v, .common = c, .share = s, .cube = s->asked[0]->cube, .a = a, .err = err};
    s->req = *s->asked[0];
    s->rest = arena_array(a, agg_conj, s->n);
    if (!s->rest) return no_memory(&q);
    if (s->n == 1) return PT_OK;
    PT_TRY(ask_axes(&q, &s->req));
    PT_TRY(ask_where(&q, &s->req));
    for (uint32_t i = 0; i < s->n; i++) PT_TRY(rest_of(&q, s->asked[i], &s->rest[i]));
    return PT_OK;
}
