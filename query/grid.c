/* grid.c - which positions of an axis are alike, where the values of their cells lie, and what is still to be
 * fetched of them. Writing the cells is in grid_write.c.
 *
 * The tuples of an axis are sorted into groups that differ in nothing but the ranks of their members: same
 * hierarchies and levels, same measure. A combination of groups, one of each axis, is a *patch* of the grid:
 * its cells come from one sheet and have one measure and one format. */
#include "query/grid_int.h"

#include "query/member.h"

enum { MAX_PATCHES = 4096 };
/* Up to so many cells to a position of the longest axis are looked at one by one. */
enum { NARROW_CELLS = 16 };

/* ---- groups ------------------------------------------------------------ */

static bool is_plain(mref m)
{
    return m.kind == MEM_STORED || (m.hier != 0 && (m.kind == MEM_ALL || m.kind == MEM_DATA));
}

static bool is_alike(const mref *a, const mref *b, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++) {
        if (a[k].hier != b[k].hier || a[k].kind != b[k].kind || a[k].level != b[k].level) return false;
        if (a[k].hier == 0 && a[k].id != b[k].id) return false;
    }
    return true;
}

static bool all_plain(const mref *t, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++)
        if (!is_plain(t[k])) return false;
    return true;
}

/* *fits false: a member is not plain, or there are too many groups. */
static pt_status sort_axis(grid *g, grid_axis *x, set s, bool *fits)
{
    x->s = s;
    x->group = arena_array(g->q->sc->a, uint8_t, s.n);
    if (!x->group) return arena_fail(g->q->sc->a, g->q->err);
    for (uint32_t p = 0, at = 0; p < s.n; p++) {
        const mref *t = set_at(s, p);
        if (!(*fits = all_plain(t, s.arity))) return PT_OK;
        if (at >= x->n_groups || !is_alike(t, set_at(s, x->first[at]), s.arity))
            for (at = 0; at < x->n_groups && !is_alike(t, set_at(s, x->first[at]), s.arity);) at++;
        if (at == x->n_groups) {
            if (!(*fits = at < GRID_GROUPS)) return PT_OK;
            x->first[x->n_groups++] = p;
        }
        x->group[p] = (uint8_t)at;
    }
    return PT_OK;
}

static pt_status sort_axes(grid *g, bool *fits)
{
    const query *q = g->q;
    g->n_patches = 1;
    *fits = q->n_axes <= AGG_MAX_AXES;
    for (uint32_t i = 0; i < q->n_axes && *fits; i++) {
        g->axes[i].stride = g->n_patches;
        PT_TRY(sort_axis(g, &g->axes[i], q->axes[i].value, fits));
        g->n_patches *= g->axes[i].n_groups;
        *fits &= g->n_patches > 0 && g->n_patches <= MAX_PATCHES;
    }
    return PT_OK;
}

/* ---- patches ----------------------------------------------------------- */

/* The first tuple of each of its groups into the context; those of lower axes come last, as for cells. */
static pt_status enter_patch(grid *g, uint32_t patch)
{
    for (uint32_t i = g->q->n_axes; i-- > 0;) {
        const grid_axis *x = &g->axes[i];
        uint32_t first = x->first[patch / x->stride % x->n_groups];
        PT_TRY(ctx_set_tuple(g->q->x, set_at(x->s, first), x->s.arity));
    }
    return PT_OK;
}

/* Where the rank in a hierarchy comes from: the member that was last put into the context. */
static grid_coord coord_of(const grid *g, uint32_t patch, uint32_t hier)
{
    for (uint32_t i = 0; i < g->q->n_axes; i++) {
        const grid_axis *x = &g->axes[i];
        const mref *t = set_at(x->s, x->first[patch / x->stride % x->n_groups]);
        for (uint32_t k = x->s.arity; k-- > 0;)
            if (t[k].hier == hier) return (grid_coord){.axis = i, .column = x->s.m + k};
    }
    return (grid_coord){.rank = g->q->x->ctx[hier].id};
}

/* The ranks that a group has in a column, as bits. */
static pt_status bits_of(grid *g, uint32_t patch, const grid_coord *c, uint32_t n_ranks, uint64_t **out)
{
    const grid_axis *x = &g->axes[c->axis];
    uint32_t group = patch / x->stride % x->n_groups;
    uint64_t **known = x->bits + (size_t)group * x->s.arity + (size_t)(c->column - x->s.m);
    if (!*known) {
        uint64_t *bits = arena_array(g->q->sc->a, uint64_t, n_ranks / 64 + 1);
        if (!bits) return arena_fail(g->q->sc->a, g->q->err);
        for (uint32_t p = 0; p < x->s.n; p++) {
            uint32_t rank = c->column[(size_t)p * x->s.arity].id;
            if (x->group[p] != group || NEVER(rank >= n_ranks)) continue;
            bits[rank / 64] |= (uint64_t)1 << (rank % 64);
        }
        *known = bits;
    }
    *out = *known;
    return PT_OK;
}

static pt_status make_span(grid *g, uint32_t patch, grid_patch *p)
{
    const scope *sc = g->q->sc;
    mref *ctx = arena_array(sc->a, mref, sc->n_hiers);
    uint64_t **want = arena_array(sc->a, uint64_t *, sc->n_hiers);
    if (!ctx || !want) return arena_fail(sc->a, g->q->err);
    memcpy(ctx, g->q->x->ctx, sc->n_hiers * sizeof *ctx);
    for (uint32_t k = 0; k < p->sheet->n_axes; k++) {
        const sheet_axis *x = &p->sheet->axes[k];
        if (p->coords[k].column) PT_TRY(bits_of(g, patch, &p->coords[k], x->n, &want[x->hier]));
    }
    p->span = (cells_span){.base = g->q->sc->measures[p->measure].base,
                           .ctx = ctx,
                           .want = want,
                           .n_measures = 1,
                           .measures = &p->measure};
    return PT_OK;
}

static pt_status find_texts(grid *g, grid_patch *p)
{
    strbuf b = {0};
    PT_TRY(cell_format_stored(g->formats, p->measure, &p->format));
    if (!p->format) return PT_OK;
    format_value(p->format, value_null(), &b, NULL);
    if (b.len) p->null_text = str_copy(g->a, strbuf_str(&b));
    bool is_complete = !b.failed && (!b.len || p->null_text.ptr);
    strbuf_free(&b);
    return is_complete ? PT_OK : arena_fail(g->a, g->q->err);
}

/* At the patch's context. *fits false: something else than a stored measure has a say. */
static pt_status make_patch(grid *g, uint32_t patch, bool *fits)
{
    eval *x = g->q->x;
    grid_patch *p = &g->patches[patch];
    if (!(*fits = x->n_special == 0 && x->ctx[0].kind == MEM_STORED)) return PT_OK;
    p->measure = x->ctx[0].id;
    const scope_measure *m = &x->sc->measures[p->measure];
    p->base_measure = m->base_measure;
    PT_TRY(find_texts(g, p));
    if (x->is_void || cells_is_nowhere(x->cells, m->base, x->ctx)) return PT_OK;
    PT_TRY(sheet_of(x->cells, m->base, 0, &p->sheet, x->err));
    p->coords = arena_array(x->sc->a, grid_coord, p->sheet->n_axes);
    if (!p->coords) return arena_fail(x->sc->a, x->err);
    for (uint32_t k = 0; k < p->sheet->n_axes; k++) p->coords[k] = coord_of(g, patch, p->sheet->axes[k].hier);
    return make_span(g, patch, p);
}

static pt_status make_patches(grid *g, bool *fits)
{
    arena *a = g->q->sc->a;
    g->patches = arena_array(a, grid_patch, g->n_patches);
    if (!g->patches) return arena_fail(a, g->q->err);
    for (uint32_t i = 0; i < g->q->n_axes; i++) {
        grid_axis *x = &g->axes[i];
        x->bits = arena_array(a, uint64_t *, (size_t)x->n_groups * x->s.arity);
        if (!x->bits) return arena_fail(a, g->q->err);
    }
    ctx_undo(g->q->x, 0);
    PT_TRY(ctx_enter_slicer(g->q->x));
    for (uint32_t i = 0; i < g->n_patches && *fits; i++) {
        uint32_t mark = ctx_mark(g->q->x);
        pt_status st = enter_patch(g, i);
        if (st == PT_OK) st = make_patch(g, i, fits);
        ctx_undo(g->q->x, mark);
        PT_TRY(st);
    }
    ctx_undo(g->q->x, 0);
    return PT_OK;
}

pt_status grid_new(query *q, cell_formats *formats, arena *a, grid **out)
{
    bool fits;
    grid *g = arena_make(q->sc->a, grid);
    *out = NULL;
    if (!g || !(g->axes = arena_array(q->sc->a, grid_axis, q->n_axes))) return arena_fail(q->sc->a, q->err);
    g->q = q;
    g->formats = formats;
    g->a = a;
    PT_TRY(sort_axes(g, &fits));
    if (fits) PT_TRY(make_patches(g, &fits));
    if (fits) *out = g;
    return PT_OK;
}

bool grid_is_narrow(const grid *g, uint64_t n_cells)
{
    uint64_t longest = 1;
    for (uint32_t i = 0; i < g->q->n_axes; i++)
        if (g->axes[i].s.n > longest) longest = g->axes[i].s.n;
    return n_cells / NARROW_CELLS <= longest;
}

/* ---- fetching ---------------------------------------------------------- */

static bool has_block(const grid_patch *p)
{
    const block *b = p->sheet->blocks;
    while (b && column_of(b, p->base_measure) < 0) b = b->older;
    return b != NULL;
}

/* The cells of patches that no block covers alone, one by one: each may be in another, or in none. */
static pt_status want_scattered(grid *g, const grid_range *r)
{
    grid_walk w;
    uint32_t coords[AGG_MAX_AXES];
    pt_status all = PT_OK;
    for (grid_walk_begin(&w, g, r, 0, r->n); w.at < w.end; grid_walk_next(&w)) {
        const grid_patch *p = grid_patch_at(&w);
        if (!p->sheet || p->block || !has_block(p)) continue;
        PT_TRY(eval_tick(g->q->x));
        if (!grid_coords(&w, p, coords) || sheet_block_at(p->sheet, p->base_measure, coords)) continue;
        pt_status st = sheet_want(g->q->x->cells, p->sheet, p->base_measure, coords, g->q->err);
        if (!eval_go_on(st, &all)) return st;
    }
    return all;
}

pt_status grid_want(query *q, void *ctx)
{
    grid_job *j = ctx;
    grid *g = j->g;
    bool is_scattered = false;
    (void)q;
    for (uint32_t i = 0; i < g->n_patches; i++) {
        grid_patch *p = &g->patches[i];
        if (!p->sheet || p->block) continue;
        if (!has_block(p))
            PT_TRY(cells_want(g->q->x->cells, &p->span, g->q->err));
        else if ((p->block = sheet_block_of(g->q->x->cells, p->sheet, &p->span)) != NULL)
            p->column = column_of(p->block, p->base_measure);
        else
            is_scattered = true;
    }
    if (is_scattered) PT_TRY(want_scattered(g, j->range));
    return cells_is_missing(g->q->x->cells) ? EVAL_PENDING : PT_OK;
}
