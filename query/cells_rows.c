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

/* What a block knows of the rows: in three rounds, so that the processor waits for many places in memory at a
 * time rather than for one after the other. */
typedef struct hits {
    uint32_t n;
    uint32_t *who;  /* of the rows */
    uint64_t *slot; /* where its search begins */
    uint32_t *row;  /* of the block + 1; 0: it has none */
} hits;

/* false: the block has no row there. */
static bool find_slot(const block *b, const uint32_t *coords, uint64_t *slot)
{
    if (b->n_places) return block_place(b, coords, slot);
    *slot = cells_hash(coords, b->r.n_axes) & b->mask;
    return true;
}

/* The rows of `left` for which the block was asked. The others are moved to the front; returns how many. */
static uint32_t take_covered(const gather *g, const block *b, uint32_t *left, uint32_t n_left, hits *h)
{
    uint32_t coords[AGG_MAX_AXES], n = 0;
    memcpy(coords, g->fixed, g->s->n_axes * sizeof *coords);
    h->n = 0;
    for (uint32_t i = 0; i < n_left; i++) {
        if (!put_coords(g, left[i], coords)) continue;
        if (!block_covers(b, coords)) {
            left[n++] = left[i];
            continue;
        }
        if (!find_slot(b, coords, &h->slot[h->n])) continue;
        __builtin_prefetch(&b->slots[h->slot[h->n]]);
        h->who[h->n++] = left[i];
    }
    return n;
}

static void find_block_rows(const gather *g, const block *b, hits *h)
{
    uint32_t coords[AGG_MAX_AXES];
    memcpy(coords, g->fixed, g->s->n_axes * sizeof *coords);
    for (uint32_t i = 0; i < h->n; i++) {
        h->row[i] = b->slots[h->slot[i]];
        if (b->n_places || h->row[i] == 0) continue;
        bool is_there = put_coords(g, h->who[i], coords) && block_find(b, coords, &h->row[i]);
        h->row[i] = is_there ? h->row[i] + 1 : 0;
    }
}

/* Fills in what the block answers; returns how many of `left` are left. */
static uint32_t answer(const gather *g, const block *b, const pt_value *values, uint32_t *left,
                       uint32_t n_left, hits *h, pt_value *out)
{
    uint32_t n = take_covered(g, b, left, n_left, h);
    find_block_rows(g, b, h);
    for (uint32_t i = 0; i < h->n; i++)
        if (h->row[i]) out[h->who[i]] = values[h->row[i] - 1];
    return n;
}

/* A request is for all combinations of what is wanted of each axis, so these are noted axis by axis. */
static pt_status want_rows(cells *c, const gather *g, sheet *s, uint32_t base_measure, const uint32_t *left,
                           uint32_t n_left, pt_err *err)
{
    bool is_moving[AGG_MAX_AXES] = {false};
    for (uint32_t i = 0; i < g->n_moving; i++) is_moving[g->axes[i]] = true;
    for (uint32_t k = 0; k < s->n_axes; k++) {
        PT_TRY(sheet_axis_ready(c, &s->axes[k], err));
        if (!is_moving[k]) sheet_axis_want(&s->axes[k], g->fixed[k]);
    }
    for (uint32_t i = 0; i < g->n_moving; i++)
        for (uint32_t r = 0; r < n_left; r++) {
            uint32_t rank = rows_tuple(g->r, left[r])[g->columns[i]].id;
            if (!NEVER(rank >= s->axes[g->axes[i]].n)) sheet_axis_want(&s->axes[g->axes[i]], rank);
        }
    sheet_want_measure(c, s, base_measure);
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
                         uint32_t *left, hits *h, pt_value *out, pt_err *err)
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
        if (col >= 0) n_left = answer(&g, b, b->r.values[col], left, n_left, h, out);
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
    hits h = {.who = arena_array(scratch, uint32_t, r->n),
              .slot = arena_array(scratch, uint64_t, r->n),
              .row = arena_array(scratch, uint32_t, r->n)};
    if (!left || !here || !h.who || !h.slot || !h.row) return arena_fail(scratch, err);
    for (uint32_t i = 0; i < r->n; i++) left[i] = i;
    memcpy(here, ctx, c->sc->n_hiers * sizeof *here);
    pt_status st = look_up(c, sm, here, r, region_id, left, &h, out, err);
    arena_restore(scratch, before);
    return st;
}
