/* agg_planes.c - shares of members read off the bit planes of an index.
 *
 * A share follows from a member's place on the axes of one hierarchy. Where a segment has an index at that
 * level or below, a few planes and a small table tell the share of each row; to unpack the row's id and look
 * it up among all members of a large dimension takes longer, and so does freeing a block's ids of LZ4. */
#include "engine/agg_int.h"

enum {
    NEAR_BYTES = 32 << 10, /* a table by member that stays in the nearest cache is as good */
    MAX_INDEXED = 1 << 13, /* members of a level that can be in planes */
    FEW_ROWS = 64          /* of a block: not worth a look at its index */
};

/* ---- planning ---------------------------------------------------------------------- */

typedef struct planner {
    const agg_plan *plan;
    const uint64_t *factors;
    agg_code *code;
    uint32_t hier, level; /* of all its axes; the lowest */
    arena *a;
    pt_err *err;
} planner;

static bool is_part(const planner *q, uint32_t axis)
{
    const agg_axis_plan *x = &q->plan->axes[axis];
    return q->factors[axis] && x->role == q->code->role && x->word == q->code->word;
}

/* Are its axes levels of one hierarchy? */
static bool find_level(planner *q)
{
    bool is_found = false;
    for (uint32_t i = 0; i < q->plan->n_axes; i++) {
        if (!is_part(q, i)) continue;
        const agg_axis *axis = &q->plan->req->axes[i];
        if (is_found && axis->hier != q->hier) return false;
        if (!is_found || axis->level > q->level) q->level = axis->level;
        q->hier = axis->hier;
        is_found = true;
    }
    return is_found;
}

static bool is_near(const planner *q)
{
    const agg_code *x = q->code;
    size_t width = x->u8 ? 1 : x->u16 ? 2 : x->u32 ? 4 : 8;
    return scan_role_count(&q->plan->scan, x->role) * width <= NEAR_BYTES;
}

/* Are there blocks to read whose ids are under LZ4? */
static bool any_squeezed(const planner *q)
{
    const scan *sc = &q->plan->scan;
    for (uint32_t i = 0; i < sc->n_blocks; i++) {
        const scan_seg *s = &sc->segs[sc->blocks[i].seg];
        if (seg_is_squeezed(s->s->seg, s->role_cols[q->code->role], sc->blocks[i].block)) return true;
    }
    return false;
}

static uint32_t share_of(const planner *q, const hier_view *h, uint32_t at, uint32_t rank)
{
    uint64_t share = 0;
    for (;; rank = h->levels[at--].parent[rank]) {
        for (uint32_t i = 0; i < q->plan->n_axes; i++) {
            const agg_axis_plan *x = &q->plan->axes[i];
            if (!is_part(q, i) || q->plan->req->axes[i].level != at) continue;
            share += (x->dense_of ? x->dense_of[rank] : rank) * q->factors[i];
        }
        if (at == 0) return (uint32_t)share;
    }
}

/* The members of a level that rows which pass can have, by stable number; NULL: all. */
static const uint8_t *find_wanted(const planner *q, pt_str name, uint32_t at)
{
    const scan *sc = &q->plan->scan;
    for (uint32_t i = 0; i < sc->n_filters; i++)
        for (uint32_t k = 0; k < sc->filters[i].n_parts; k++) {
            const scan_part *part = &sc->filters[i].parts[k];
            if (sc->filters[i].role == q->code->role && str_eq(part->hierarchy, name))
                return part->wanted ? part->wanted[at] : NULL;
        }
    return NULL;
}

/* Shares by stable number of a level. */
static pt_status find_shares(const planner *q, const hier_view *h, pt_str name, uint32_t at,
                             const uint32_t **out)
{
    const level_view *l = &h->levels[at];
    const uint8_t *wanted = find_wanted(q, name, at);
    uint32_t *shares = arena_array(q->a, uint32_t, l->n_stable);
    if (!shares) return arena_fail(q->a, q->err);
    for (uint32_t r = 0; r < l->n; r++) {
        uint32_t stable = l->stable[r];
        shares[stable] = wanted && !wanted[stable] ? SEG_NO_NUMBER : share_of(q, h, at, r);
    }
    *out = shares;
    return PT_OK;
}

static pt_status find_planes(const planner *q, const hier_view *h, pt_str name)
{
    const scan *sc = &q->plan->scan;
    agg_planes *planes = arena_array(q->a, agg_planes, sc->n_segs);
    const uint32_t **shares = arena_array(q->a, const uint32_t *, h->n_levels);
    if (!planes || !shares) return arena_fail(q->a, q->err);
    for (uint32_t i = 0; i < sc->n_segs; i++) {
        const scan_seg *s = &sc->segs[i];
        const seg_index *x = seg_index_find(s->s->seg, s->role_cols[q->code->role], name, h, q->level);
        if (!x || h->levels[seg_index_level(x)].n_stable > MAX_INDEXED) continue;
        uint32_t at = seg_index_level(x);
        if (!shares[at]) PT_TRY(find_shares(q, h, name, at, &shares[at]));
        planes[i] = (agg_planes){x, shares[at], h->levels[at].n_stable};
        q->code->planes = planes;
    }
    return PT_OK;
}

pt_status agg_planes_plan(const agg_plan *p, const uint64_t *factors, agg_code *x, arena *a, pt_err *err)
{
    planner q = {.plan = p, .factors = factors, .code = x, .a = a, .err = err};
    if (p->req->no_index || x->u64) return PT_OK;
    x->is_near = is_near(&q);
    if ((x->is_near && !any_squeezed(&q)) || !find_level(&q)) return PT_OK;
    return find_planes(&q, p->scan.hiers[q.hier], p->req->cube->hiers[q.hier].hierarchy->name);
}

/* ---- using --------------------------------------------------------------------------- */

static bool is_squeezed(const scan_worker *s, uint32_t role)
{
    return seg_is_squeezed(s->seg->s->seg, s->seg->role_cols[role], s->block);
}

static pt_status open_planes(agg_coder *c, uint32_t i, const scan_worker *s, pt_err *err)
{
    const agg_code *x = &c->coding->codes[i];
    const agg_planes *p = &x->planes[s->seg - s->sc->segs];
    if (!p->index || (x->is_near && !is_squeezed(s, x->role))) return PT_OK;
    if (!c->planes[i]) PT_TRY(seg_codes_new(&c->planes[i], err));
    if (!x->is_near && !seg_codes_pay(c->planes[i], s->n_rows)) return PT_OK;
    PT_TRY(seg_codes_set(c->planes[i], p->index, s->block, p->shares, p->n_shares, &c->has_planes[i], err));
    c->n_plane_reads += c->has_planes[i];
    return PT_OK;
}

pt_status agg_planes_open(agg_coder *c, const scan_worker *s, pt_err *err)
{
    for (uint32_t i = 0; i < c->coding->n; i++) {
        c->has_planes[i] = false;
        if (!c->coding->codes[i].planes || c->constants[i].is_one) continue;
        if (s->n_rows < FEW_ROWS) continue;
        PT_TRY(open_planes(c, i, s, err));
    }
    return PT_OK;
}

uint64_t agg_worker_plane_reads(const agg_worker *w)
{
    uint64_t n = w->plan ? w->coder.n_plane_reads : 0;
    for (uint32_t i = 0; w->rest_coders && i < w->plan->n_distinct; i++) n += w->rest_coders[i].n_plane_reads;
    return n;
}
