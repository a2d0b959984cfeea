/* grid_write.c - the cells of a grid: counted in slices, so that each slice knows where its cells go, then
 * written in slices. NON EMPTY is decided between the two. */
#include "query/grid_int.h"

#include "base/texts.h"

/* ---- walking ----------------------------------------------------------- */

static void locate(grid_walk *w)
{
    const grid *g = w->g;
    uint64_t rest = w->ordinal;
    w->patch = 0;
    for (uint32_t i = 0; i < g->q->n_axes; i++) {
        const grid_axis *x = &g->axes[i];
        w->positions[i] = (uint32_t)(rest % x->s.n);
        rest /= x->s.n;
        if (i) w->patch += x->stride * x->group[w->positions[i]];
    }
}

void grid_walk_begin(grid_walk *w, const grid *g, const grid_range *range, uint64_t from, uint64_t to)
{
    *w = (grid_walk){.g = g, .range = range, .at = from, .end = to};
    if (from >= to) return;
    w->ordinal = range->places ? range->places[from] : from;
    locate(w);
}

void grid_walk_next(grid_walk *w)
{
    if (++w->at >= w->end) return;
    uint64_t ordinal = w->range->places ? w->range->places[w->at] : w->at;
    uint64_t first = w->g->q->n_axes ? w->positions[0] + (ordinal - w->ordinal) : UINT64_MAX;
    w->ordinal = ordinal;
    if (first < w->g->axes[0].s.n)
        w->positions[0] = (uint32_t)first;
    else
        locate(w);
}

/* ---- a cell ------------------------------------------------------------ */

typedef struct found {
    const grid_patch *patch;
    pt_value value;
    bool is_cell; /* not just empty */
} found;

/* Does the cell have facts? Then its value, which may be null all the same. */
static bool look(const grid_walk *w, const grid_patch *p, pt_value *out)
{
    uint32_t coords[AGG_MAX_AXES], row;
    *out = value_null();
    if (!p->sheet || !grid_coords(w, p, coords)) return false;
    const block *b = p->block ? p->block : sheet_block_at(p->sheet, p->base_measure, coords);
    if (NEVER(!b) || !block_find(b, coords, &row)) return false;
    *out = b->r.values[p->block ? p->column : column_of(b, p->base_measure)][row];
    return true;
}

static found find(const grid_walk *w)
{
    found f = {.patch = grid_patch_at(w)};
    bool has_facts = look(w, f.patch, &f.value);
    f.is_cell = f.value.kind != VAL_NULL || (f.patch->null_text.ptr && (has_facts || !w->range->only_facts));
    return f;
}

/* ---- counting ---------------------------------------------------------- */

typedef struct writing {
    grid *g;
    const grid_range *range;
    uint32_t **kept; /* [axis] with NON EMPTY: which positions have a value, then their new ones; else NULL */
    bool any_kept;   /* some axis has NON EMPTY */
    uint64_t *starts; /* [slices + 1] where the cells of a slice begin; before that, how many there may be */
    uint64_t *counts; /* [slices] how many it has */
    cs_cell *out;
} writing;

/* Several threads may do so at once. */
static void mark(uint32_t *at)
{
    if (!__atomic_load_n(at, __ATOMIC_RELAXED)) __atomic_store_n(at, 1, __ATOMIC_RELAXED);
}

static pt_status count_slice(void *ctx, unsigned worker, uint64_t task, pt_err *err)
{
    const writing *j = ctx;
    const grid *g = j->g;
    uint64_t from = task * TEXTS_SLICE, left = j->range->n - from, n = 0;
    grid_walk w;
    (void)worker;
    PT_TRY(limits_check(g->q->x->limits, err));
    grid_walk_begin(&w, g, j->range, from, from + (left < TEXTS_SLICE ? left : TEXTS_SLICE));
    for (; w.at < w.end; grid_walk_next(&w)) {
        found f = find(&w);
        n += f.is_cell;
        for (uint32_t i = 0; j->any_kept && f.value.kind != VAL_NULL && i < g->q->n_axes; i++)
            if (j->kept[i]) mark(&j->kept[i][w.positions[i]]);
    }
    j->starts[task] = n;
    return PT_OK;
}

static pt_status count_cells(writing *j, uint64_t *total)
{
    query *q = j->g->q;
    uint64_t n_slices = texts_slices(j->range->n);
    j->kept = arena_array(q->sc->a, uint32_t *, q->n_axes);
    j->starts = arena_array(q->sc->a, uint64_t, n_slices + 1);
    j->counts = arena_array(q->sc->a, uint64_t, n_slices);
    if (!j->kept || !j->starts || !j->counts) return arena_fail(q->sc->a, q->err);
    for (uint32_t i = 0; i < q->n_axes; i++) {
        if (!q->axes[i].def->non_empty) continue;
        if (!(j->kept[i] = arena_array(q->sc->a, uint32_t, q->axes[i].value.n)))
            return arena_fail(q->sc->a, q->err);
        j->any_kept = true;
    }
    PT_TRY(pool_run(q->env->pool, q->env->limits.threads, n_slices, count_slice, j, q->err));
    *total = 0;
    for (uint64_t s = 0; s <= n_slices; s++) {
        uint64_t n = j->starts[s];
        j->starts[s] = *total;
        *total += n;
    }
    return PT_OK;
}

/* ---- writing ----------------------------------------------------------- */

/* The ordinal once empty positions are left out. false: so is the cell. */
static bool final_ordinal(const writing *j, const grid_walk *w, uint64_t *out)
{
    const query *q = j->g->q;
    uint64_t weight = 1;
    *out = w->ordinal;
    if (!j->any_kept) return true;
    *out = 0;
    for (uint32_t i = 0; i < q->n_axes; i++) {
        uint32_t p = j->kept[i] ? j->kept[i][w->positions[i]] : w->positions[i];
        if (p == SELECT_DROPPED) return false;
        *out += p * weight;
        weight *= q->axes[i].value.n;
    }
    return true;
}

static void write_cell(const found *f, uint64_t ordinal, text_writer *t, cs_cell *out)
{
    pt_str style = {0};
    *out = (cs_cell){.ordinal = ordinal, .value = f->value, .formatted = f->patch->null_text};
    if (f->value.kind == VAL_NULL) return;
    if (f->patch->format)
        format_value(f->patch->format, f->value, text_begin(t), &style);
    else
        format_general(f->value, text_begin(t));
    out->formatted.len = text_end(t, &out->formatted.ptr);
    if (!style.ptr) return;
    strbuf_adds(text_begin(t), style);
    out->style.len = text_end(t, &out->style.ptr);
}

static pt_status write_slice(void *ctx, text_writer *t, uint64_t from, uint64_t to, pt_err *err)
{
    const writing *j = ctx;
    (void)err;
    uint64_t slice = from / TEXTS_SLICE, ordinal;
    cs_cell *out = j->out + j->starts[slice];
    grid_walk w;
    for (grid_walk_begin(&w, j->g, j->range, from, to); w.at < w.end; grid_walk_next(&w)) {
        found f = find(&w);
        if (f.is_cell && final_ordinal(j, &w, &ordinal)) write_cell(&f, ordinal, t, out++);
    }
    j->counts[slice] = (uint64_t)(out - j->out) - j->starts[slice];
    return PT_OK;
}

/* Without the gaps that texts of empty cells at positions left out may have left. */
static uint64_t close_gaps(const writing *j)
{
    uint64_t n = 0, n_slices = texts_slices(j->range->n);
    for (uint64_t s = 0; s < n_slices; s++) {
        if (n < j->starts[s]) memmove(j->out + n, j->out + j->starts[s], j->counts[s] * sizeof *j->out);
        n += j->counts[s];
    }
    return n;
}

pt_status grid_cells(grid *g, const grid_range *range, cs_cell **out, uint64_t *n_out)
{
    query *q = g->q;
    writing j = {.g = g, .range = range};
    grid_job want = {g, range};
    uint64_t total;
    PT_TRY(select_passes(q, grid_want, &want));
    PT_TRY(count_cells(&j, &total));
    if (q->env->limits.cells && total > q->env->limits.cells) return select_too_many(q, total);
    for (uint32_t i = 0; i < q->n_axes; i++)
        if (j.kept[i]) q->axes[i].value.n = select_number_kept(j.kept[i], q->axes[i].value.n);
    if (!(j.out = arena_array(g->a, cs_cell, total))) return arena_fail(g->a, q->err);
    PT_TRY(texts_run(q->env->pool, q->env->limits.threads, q->x->limits, range->n, write_slice, &j, g->a,
                     q->err));
    for (uint32_t i = 0; i < q->n_axes; i++)
        if (j.kept[i]) select_drop_positions(g->axes[i].s, j.kept[i]);
    *out = j.out;
    *n_out = close_gaps(&j);
    return PT_OK;
}
