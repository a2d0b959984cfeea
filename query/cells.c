/* cells.c - sheets of fetched cells: looking up, and noting what is missing. Fetching is in fetch.c. */
#include "query/cells_int.h"

#include "query/member.h"
#include "query/subcube.h"

pt_status cells_new(scope *sc, const region_set *regions, const limits *l, cells **out, pt_err *err)
{
    arena *a = limits_arena(l);
    cells *c = a ? arena_make(a, cells) : NULL;
    if (c) {
        c->a = a;
        c->sc = sc;
        c->regions = regions;
        c->limits = l;
        c->sig = arena_array(a, uint16_t, sc->n_hiers);
        c->by_hash = u64_map_new();
    }
    if (!c || !c->sig || !c->by_hash) {
        if (c) u64_map_free(c->by_hash);
        arena_free(a);
        return pt_fail(err, PT_NOMEM, "out of memory");
    }
    *out = c;
    return PT_OK;
}

void cells_free(cells *c)
{
    if (!c) return;
    u64_map_free(c->by_hash);
    arena_free(c->a);
}

bool cells_see_unrelated(cells *c, bool on)
{
    bool was = c->sees_unrelated;
    c->sees_unrelated = on;
    return was;
}

bool cells_is_lost(const cells *c, uint32_t base)
{
    const subcube *s = c->sc->subcube;
    return s && !c->sees_unrelated && base < 64 && s->lost_bases >> base & 1;
}

bool cells_is_missing(const cells *c)
{
    return c->n_wanting > 0;
}

/* ---- sheets ------------------------------------------------------------ */

/* How a member restricts facts: 0 not at all, else level and whether only its own facts count. */
static uint16_t code_of(mref m)
{
    if (m.kind == MEM_STORED) return (uint16_t)(1 + 2 * m.level);
    if (m.kind == MEM_DATA) return (uint16_t)(2 + 2 * m.level);
    return 0;
}

bool make_signature(cells *c, uint32_t base, const mref *ctx)
{
    const scope *sc = c->sc;
    c->sig[0] = 0;
    for (uint32_t h = 1; h < sc->n_hiers; h++) {
        c->sig[h] = code_of(ctx[h]);
        if (c->sig[h] == 0 || sc->hiers[h].base_hier[base] != HIER_NONE) continue;
        if (!mref_eq(ctx[h], sc->hiers[h].default_member)) return false;
        c->sig[h] = 0;
    }
    return true;
}

bool cells_is_nowhere(cells *c, uint32_t base, const mref *ctx)
{
    return cells_is_lost(c, base) || !make_signature(c, base, ctx);
}

static bool sheet_fits(const sheet *s, const cells *c, uint32_t base, uint32_t region_id)
{
    return s->base == base && s->region_id == region_id &&
           memcmp(s->sig, c->sig, c->sc->n_hiers * sizeof *c->sig) == 0;
}

static pt_status sheet_new(cells *c, uint32_t base, uint32_t region_id, sheet **out, pt_err *err)
{
    const scope *sc = c->sc;
    sheet *s = arena_make(c->a, sheet);
    if (!s) return arena_fail(c->a, err);
    s->base = base;
    s->region_id = region_id;
    s->sig = arena_array(c->a, uint16_t, sc->n_hiers);
    s->axes = arena_array(c->a, sheet_axis, sc->n_hiers);
    s->want_measures = arena_array(c->a, uint64_t, sc->bases[base]->n_measures / 64 + 1);
    if (!s->sig || !s->axes || !s->want_measures) return arena_fail(c->a, err);
    memcpy(s->sig, c->sig, sc->n_hiers * sizeof *s->sig);
    for (uint32_t h = 1; h < sc->n_hiers; h++) {
        if (s->sig[h] == 0) continue;
        sheet_axis *x = &s->axes[s->n_axes++];
        x->hier = h;
        x->base_hier = sc->hiers[h].base_hier[base];
        x->level = (uint32_t)(s->sig[h] - 1) / 2;
        x->own_only = s->sig[h] % 2 == 0;
        x->n = sc->hiers[h].view->levels[x->level].n;
    }
    if (s->n_axes > AGG_MAX_AXES)
        return pt_fail(err, PT_LIMIT, "a cell is restricted in %u hierarchies, more than %d", s->n_axes,
                       AGG_MAX_AXES);
    s->next = c->sheets;
    c->sheets = s;
    *out = s;
    return PT_OK;
}

pt_status sheet_of(cells *c, uint32_t base, uint32_t region_id, sheet **out, pt_err *err)
{
    uint32_t at;
    bool is_new;
    if (c->last && sheet_fits(c->last, c, base, region_id)) {
        *out = c->last;
        return PT_OK;
    }
    uint64_t hash =
        hash_bytes(c->sig, c->sc->n_hiers * sizeof *c->sig) ^ hash_u64((uint64_t)base << 32 | region_id);
    PT_TRY(u64_map_put(c->by_hash, hash, c->n_sheets, &at, &is_new));
    sheet *s = NULL;
    if (!is_new && sheet_fits(c->table[at], c, base, region_id)) s = c->table[at];
    if (!is_new && !s) /* two signatures of one hash: the chain of all sheets decides */
        for (s = c->sheets; s && !sheet_fits(s, c, base, region_id);) s = s->next;
    if (!s) {
        if (c->n_sheets == c->cap_sheets) {
            uint32_t cap = c->cap_sheets ? c->cap_sheets * 2 : 32;
            sheet **grown = arena_array(c->a, sheet *, cap);
            if (!grown) return arena_fail(c->a, err);
            if (c->n_sheets) memcpy(grown, c->table, c->n_sheets * sizeof *grown);
            c->table = grown;
            c->cap_sheets = cap;
        }
        PT_TRY(sheet_new(c, base, region_id, &s, err));
        c->table[c->n_sheets++] = s;
    }
    c->last = *out = s;
    return PT_OK;
}

/* ---- looking up -------------------------------------------------------- */

uint64_t cells_hash(const uint32_t *coords, uint32_t n)
{
    uint64_t h = 0x2545f4914f6cdd1du;
    for (uint32_t i = 0; i < n; i++) h = hash_u64(h ^ coords[i]) + i;
    return h;
}

int column_of(const block *b, uint32_t base_measure)
{
    for (uint32_t i = 0; i < b->n_measures; i++)
        if (b->measures[i] == base_measure) return (int)i;
    return -1;
}

const block *sheet_block_at(const sheet *s, uint32_t base_measure, const uint32_t *coords)
{
    const block *b = s->blocks;
    while (b && (column_of(b, base_measure) < 0 || !block_covers(b, coords))) b = b->older;
    return b;
}

pt_status sheet_axis_ready(cells *c, sheet_axis *x, pt_err *err)
{
    if (!x->want && !(x->want = arena_array(c->a, uint64_t, x->n / 64 + 1))) return arena_fail(c->a, err);
    return PT_OK;
}

void sheet_want_measure(cells *c, sheet *s, uint32_t base_measure)
{
    s->want_measures[base_measure / 64] |= (uint64_t)1 << (base_measure % 64);
    c->n_wanting += !s->is_wanting;
    s->is_wanting = true;
}

pt_status sheet_want(cells *c, sheet *s, uint32_t base_measure, const uint32_t *coords, pt_err *err)
{
    for (uint32_t k = 0; k < s->n_axes; k++) {
        PT_TRY(sheet_axis_ready(c, &s->axes[k], err));
        sheet_axis_want(&s->axes[k], coords[k]);
    }
    sheet_want_measure(c, s, base_measure);
    return EVAL_PENDING;
}

pt_status cells_get(cells *c, uint32_t m, const mref *ctx, uint32_t region_id, pt_value *out, pt_err *err)
{
    const scope_measure *sm = &c->sc->measures[m];
    uint32_t coords[AGG_MAX_AXES], row;
    sheet *s;
    *out = value_null();
    if (cells_is_lost(c, sm->base) || !make_signature(c, sm->base, ctx)) return PT_OK;
    PT_TRY(sheet_of(c, sm->base, region_id, &s, err));
    for (uint32_t k = 0; k < s->n_axes; k++) {
        coords[k] = ctx[s->axes[k].hier].id;
        if (NEVER(coords[k] >= s->axes[k].n)) return PT_OK;
    }
    const block *b = sheet_block_at(s, sm->base_measure, coords);
    if (!b) return sheet_want(c, s, sm->base_measure, coords, err);
    if (block_find(b, coords, &row)) *out = b->r.values[column_of(b, sm->base_measure)][row];
    return PT_OK;
}
