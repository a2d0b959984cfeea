/* cells_rows.c - many cells of one sheet at once: what is the same for all of them is worked out once. */
#include "query/cells_int.h"
#include "query/member.h"

/* Where the coordinates of the rows come from. */
typedef struct gather {
    const sheet *s;
    const rows *r;
    uint32_t fixed[AGG_MAX_AXES]; /* [axis] rank at the context */
    uint32_t n_moving;
    uint32_t axes[AGG_MAX_AXES], columns[AGG_MAX_AXES]; /* [n_moving] axes along which rows differ */
} gather;

static void gather_init(gather *g, const sheet *s, const rows *r, const mref *ctx)
{
    g->s = s;
    g->r = r;
    g->n_moving = 0;
    for (uint32_t k = 0; k < s->n_axes; k++) g->fixed[k] = ctx[s->axes[k].hier].id;
    for (uint32_t c = 0; c < r->s.arity; c++) {
        if (!rows_is_live(r, c)) continue;
        for (uint32_t k = 0; k < s->n_axes; k++) {
            if (s->axes[k].hier != rows_tuple(r, 0)[c].hier) continue;
            g->axes[g->n_moving] = k;
            g->columns[g->n_moving++] = c;
        }
    }
}

/* false: a rank beyond its level, which no handle has. */
static bool put_coords(const gather *g, uint32_t row, uint32_t *coords)
{
    const mref *t = rows_tuple(g->r, row);
    for (uint32_t i = 0; i < g->n_moving; i++) {
        coords[g->axes[i]] = t[g->columns[i]].id;
        if (NEVER(coords[g->axes[i]] >= g->s->axes[g->axes[i]].n)) return false;
    }
    return true;
}

/* Fills in the rows of `left` that the block answers. The others are moved to the front; returns how many. */
static uint32_t answer(const gather *g, const block *b, const pt_value *values, uint32_t *left,
                       uint32_t n_left, pt_value *out)
{
    uint32_t coords[AGG_MAX_AXES], n = 0, row;
    memcpy(coords, g->fixed, g->s->n_axes * sizeof *coords);
    for (uint32_t i = 0; i < n_left; i++) {
        if (!put_coords(g, left[i], coords)) continue;
        if (!block_covers(b, coords)) {
            left[n++] = left[i];
        } else if (block_find(g->s, b, coords, &row)) {
            out[left[i]] = values[row];
        }
    }
    return n;
}

static pt_status want_rows(cells *c, const gather *g, sheet *s, uint32_t base_measure, const uint32_t *left,
                           uint32_t n_left, pt_err *err)
{
    uint32_t coords[AGG_MAX_AXES];
    memcpy(coords, g->fixed, s->n_axes * sizeof *coords);
    for (uint32_t i = 0; i < n_left; i++) {
        if (!put_coords(g, left[i], coords)) continue;
        pt_status st = sheet_want(c, s, base_measure, coords, err);
        if (st != EVAL_PENDING) return st;
    }
    return EVAL_PENDING;
}

/* Hierarchies that the base cube does not know restrict nothing at their default member, and empty the cell
 * elsewhere (section 23). Drops the rows that are elsewhere, and puts the default into `ctx`. */
static uint32_t drop_unrelated(const cells *c, uint32_t base, const rows *r, mref *ctx, uint32_t *left)
{
    uint32_t n_left = r->n;
    for (uint32_t k = 0; k < r->s.arity && n_left; k++) {
        uint32_t hier = rows_tuple(r, 0)[k].hier, n = 0;
        const scope_hier *h = &c->sc->hiers[hier];
        if (!rows_is_live(r, k) || h->base_hier[base] != HIER_NONE) continue;
        for (uint32_t i = 0; i < n_left; i++)
            if (mref_eq(rows_tuple(r, left[i])[k], h->default_member)) left[n++] = left[i];
        n_left = n;
        ctx[hier] = h->default_member;
    }
    return n_left;
}

static pt_status look_up(cells *c, const scope_measure *m, mref *ctx, const rows *r, uint32_t region_id,
                         uint32_t *left, pt_value *out, pt_err *err)
{
    sheet *s;
    gather g;
    uint32_t n_left = drop_unrelated(c, m->base, r, ctx, left);
    if (n_left == 0 || !make_signature(c, m->base, ctx)) return PT_OK;
    PT_TRY(sheet_of(c, m->base, region_id, &s, err));
    gather_init(&g, s, r, ctx);
    for (uint32_t k = 0; k < s->n_axes; k++)
        if (NEVER(g.fixed[k] >= s->axes[k].n)) return PT_OK;
    for (const block *b = s->blocks; b && n_left; b = b->older) {
        int col = column_of(b, m->base_measure);
        if (col >= 0) n_left = answer(&g, b, b->r.values[col], left, n_left, out);
    }
    return n_left ? want_rows(c, &g, s, m->base_measure, left, n_left, err) : PT_OK;
}

pt_status cells_get_rows(cells *c, uint32_t m, const mref *ctx, const rows *r, uint32_t region_id,
                         arena *scratch, pt_value *out, pt_err *err)
{
    const scope_measure *sm = &c->sc->measures[m];
    for (uint32_t i = 0; i < r->n; i++) out[i] = value_null();
    if (r->n == 0 || cells_is_lost(c, sm->base)) return PT_OK;
    arena_mark before = arena_save(scratch);
    uint32_t *left = arena_array(scratch, uint32_t, r->n);
    mref *here = arena_array(scratch, mref, c->sc->n_hiers);
    if (!left || !here) return arena_fail(scratch, err);
    for (uint32_t i = 0; i < r->n; i++) left[i] = i;
    memcpy(here, ctx, c->sc->n_hiers * sizeof *here);
    pt_status st = look_up(c, sm, here, r, region_id, left, out, err);
    arena_restore(scratch, before);
    return st;
}
