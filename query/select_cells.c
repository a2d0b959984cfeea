/* select_cells.c - the cells of an answer, and the positions that NON EMPTY leaves.
 *
 * Cells in which something but stored measures and members has a say are computed one by one, others as a
 * grid (grid.h); along a long axis their values are evaluated many at a time (eval_rows.h). Of large results
 * the places that can have a value are found first (sparse.h), so a wide and empty result costs what its
 * facts cost. */
#include <stdlib.h>

#include "query/cell_format.h"
#include "query/eval_rows.h"
#include "query/grid.h"
#include "query/select.h"
#include "query/sparse.h"

/* Results with more cells than this are looked at sparsely. */
enum { DENSE_CELLS = 50000 };
/* ... unless their longest axis has been thinned out and has few cells to a position. */
enum { DENSE_SHARE = 8 };
/* Positions of an axis along which cells are evaluated together. */
enum { LONG_AXIS = 16 };

typedef struct cells_job {
    arena *a; /* of the answer */
    cell_formats *formats;
    grid *grid;       /* NULL: cells are computed one by one */
    pt_value *values; /* [n] of all cells, by ordinal; NULL: each is evaluated when it is computed */
    uint32_t even;    /* an axis of stored members alone, if there are values; else n_axes */
    bool only_facts;
    uint64_t n;       /* cells to compute: */
    uint64_t *places; /* [n] ordinals; NULL: all from 0 to n - 1 */
    cs_cell *out;     /* not empty ones; later sorted */
    uint64_t n_out, cap_out;
    iter_frame *frames;
    uint32_t *marks;     /* [n_axes + 1] undo marks while axis i is in the context */
    uint32_t *positions; /* [n_axes] what is in the context now */
} cells_job;

/* ---- which cells ------------------------------------------------------- */

pt_status select_too_many(query *q, uint64_t n)
{
    pt_fail(q->err, PT_LIMIT, "the result would have %llu cells, more than the limit of %llu",
            (unsigned long long)n, (unsigned long long)q->env->limits.cells);
    return pt_hint(q->err, "use NON EMPTY, ask for fewer members, or raise the limit of cells");
}

static bool is_dense(const query *q, uint64_t size)
{
    const select_axis *longest = NULL;
    for (uint32_t i = 0; i < q->n_axes; i++)
        if (!longest || q->axes[i].value.n > longest->value.n) longest = &q->axes[i];
    return size <= DENSE_CELLS || (longest && longest->is_thin && size / DENSE_SHARE <= longest->value.n);
}

static pt_status find_places_step(query *q, void *ctx)
{
    cells_job *job = ctx;
    sparse_list list;
    set *sets = arena_array(q->x->work, set, q->n_axes);
    if (!sets) return eval_nomem(q->x);
    for (uint32_t i = 0; i < q->n_axes; i++)
        sets[q->n_axes - 1 - i] = q->axes[i].value; /* axis 0 is fastest */
    uint64_t size = sparse_size(sets, q->n_axes);
    uint64_t limit = q->env->limits.cells;
    job->n = size;
    if (job->grid && !is_dense(q, size) && grid_is_narrow(job->grid, size)) {
        job->only_facts = true;
        return PT_OK;
    }
    if (!is_dense(q, size)) {
        PT_TRY(ctx_enter_slicer(q->x));
        PT_TRY(sparse_combinations(q->x, NULL, sets, q->n_axes, &list));
        if (list.is_known) {
            job->places = list.codes;
            job->n = list.n;
        }
    }
    return limit && job->n > limit ? select_too_many(q, job->n) : PT_OK;
}

/* ---- moving through them ----------------------------------------------- */

static pt_status enter_axis(query *q, cells_job *job, uint32_t i, uint32_t position)
{
    set s = q->axes[i].value;
    job->marks[i] = ctx_mark(q->x);
    job->positions[i] = position;
    job->frames[i].at = (tuple){set_at(s, position), s.arity};
    job->frames[i].ordinal = position;
    return ctx_set_tuple(q->x, set_at(s, position), s.arity);
}

/* Axes are set from the last to the first; only those that changed are set again. */
static pt_status enter_cell(query *q, cells_job *job, uint64_t ordinal, bool fresh)
{
    uint32_t changed = 0; /* axes below this number must be set */
    uint64_t rest = ordinal;
    uint32_t want[AGG_MAX_AXES];
    for (uint32_t i = 0; i < q->n_axes; i++) {
        want[i] = (uint32_t)(rest % q->axes[i].value.n);
        rest /= q->axes[i].value.n;
        if (fresh || want[i] != job->positions[i]) changed = i + 1;
    }
    if (!fresh && changed) ctx_undo(q->x, job->marks[changed - 1]);
    for (uint32_t i = changed; i-- > 0;) PT_TRY(enter_axis(q, job, i, want[i]));
    return PT_OK;
}

/* Does the cell differ from what is in the context along the even axis alone? */
static bool is_beside(const query *q, const cells_job *job, uint64_t ordinal)
{
    if (job->even == q->n_axes) return false;
    for (uint32_t i = 0; i < q->n_axes; ordinal /= q->axes[i++].value.n)
        if (i != job->even && ordinal % q->axes[i].value.n != job->positions[i]) return false;
    return true;
}

/* ---- one cell ---------------------------------------------------------- */

static pt_status add_cell(query *q, cells_job *job, const cs_cell *c)
{
    enum { FEW = 64, SOME = 1024 }; /* if values are known, mostly all are there */
    if (job->n_out == job->cap_out) {
        uint64_t first = job->values ? SOME : FEW;
        uint64_t cap = job->cap_out ? job->cap_out * 2 : job->n < first ? job->n + 1 : first;
        cs_cell *grown = arena_array(job->a, cs_cell, cap);
        if (!grown) return arena_fail(job->a, q->err);
        if (job->n_out) memcpy(grown, job->out, job->n_out * sizeof *grown);
        job->out = grown;
        job->cap_out = cap;
    }
    job->out[job->n_out++] = *c;
    return PT_OK;
}

static pt_status error_cell(query *q, cells_job *job, uint64_t ordinal)
{
    cs_cell c = {.ordinal = ordinal, .formatted = STR("#ERR")};
    c.error = str_copy(job->a, str_of(q->err->msg));
    pt_err_clear(q->err);
    return c.error.ptr ? add_cell(q, job, &c) : arena_fail(job->a, q->err);
}

static pt_status keep_cell(query *q, cells_job *job, cs_cell *c)
{
    if (c->value.kind == VAL_NULL && c->formatted.len == 0) return PT_OK;
    if (c->value.kind == VAL_TEXT && !(c->value.s = str_copy(job->a, c->value.s)).ptr)
        return arena_fail(job->a, q->err);
    return add_cell(q, job, c);
}

static pt_status compute(query *q, cells_job *job, uint64_t ordinal)
{
    cs_cell c = {.ordinal = ordinal};
    pt_status st = PT_OK;
    if (job->values)
        c.value = job->values[ordinal];
    else
        st = eval_cell(q->x, &c.value);
    if (st == PT_OK) st = cell_format(job->formats, c.value, job->a, &c.formatted, &c.style);
    if (st == EVAL_ERROR) return error_cell(q, job, ordinal);
    PT_TRY(st);
    return keep_cell(q, job, &c);
}

/* Its value is known, and its format that of the cell before. */
static pt_status compute_beside(query *q, cells_job *job, uint64_t ordinal)
{
    cs_cell c = {.ordinal = ordinal, .value = job->values[ordinal]};
    PT_TRY(cell_format_again(job->formats, c.value, job->a, &c.formatted, &c.style));
    return keep_cell(q, job, &c);
}

static pt_status compute_at(query *q, cells_job *job, uint64_t ordinal, bool is_first)
{
    PT_TRY(eval_tick(q->x));
    if (!is_first && is_beside(q, job, ordinal) && cell_format_is_fixed(job->formats))
        return compute_beside(q, job, ordinal);
    PT_TRY(enter_cell(q, job, ordinal, is_first));
    pt_status st = compute(q, job, ordinal);
    arena_reset(q->x->work);
    return st;
}

/* ---- all cells --------------------------------------------------------- */

/* The slicer, and what .Current sees of the axes but for `except`. */
static pt_status enter_slicer(query *q, cells_job *job, uint32_t except)
{
    q->x->iters = NULL;
    for (uint32_t i = 0; i < q->n_axes; i++) {
        const node *n = q->axes[i].set;
        if (i == except) continue;
        job->frames[i] = (iter_frame){.up = q->x->iters, .named = n->is_named ? n->extra : NULL};
        q->x->iters = &job->frames[i];
    }
    return ctx_enter_slicer(q->x);
}

/* Computes what is left; pending cells are what is left then. */
static pt_status cells_step(query *q, void *ctx)
{
    cells_job *job = ctx;
    uint64_t n_left = 0, cap_left = 0, *left = NULL;
    PT_TRY(enter_slicer(q, job, UINT32_MAX));
    arena *scratch = limits_arena(&q->env->limits);
    if (!scratch) return pt_fail(q->err, PT_NOMEM, "out of memory");
    pt_status st = PT_OK;
    for (uint64_t i = 0; i < job->n && st == PT_OK; i++) {
        uint64_t ordinal = job->places ? job->places[i] : i;
        st = compute_at(q, job, ordinal, i == 0);
        if (st != EVAL_PENDING) continue;
        st = PT_OK;
        if (n_left == cap_left) {
            cap_left = cap_left ? cap_left * 2 : 256;
            uint64_t *grown = arena_array(scratch, uint64_t, cap_left);
            if (!grown) {
                st = arena_fail(scratch, q->err);
                break;
            }
            if (n_left) memcpy(grown, left, n_left * sizeof *left);
            left = grown;
        }
        left[n_left++] = ordinal;
    }
    if (st == PT_OK) {
        job->n = n_left;
        job->places = arena_array(q->sc->a, uint64_t, n_left);
        if (!job->places) {
            st = arena_fail(q->sc->a, q->err);
        } else if (n_left) {
            memcpy(job->places, left, n_left * sizeof *left);
        }
    }
    arena_free(scratch);
    if (st != PT_OK) return st;
    return n_left ? EVAL_PENDING : PT_OK;
}

static int cmp_cell(const void *a, const void *b)
{
    const cs_cell *x = a, *y = b;
    return (x->ordinal > y->ordinal) - (x->ordinal < y->ordinal);
}

/* ---- NON EMPTY --------------------------------------------------------- */

static bool is_full(const cs_cell *c)
{
    return c->error.ptr || c->value.kind != VAL_NULL;
}

/* For each axis, new position of each old one; UINT32_MAX: dropped. */
static pt_status find_kept(query *q, const cells_job *job, uint32_t **kept)
{
    for (uint32_t i = 0; i < q->n_axes; i++) {
        uint32_t n = q->axes[i].value.n;
        if (!(kept[i] = arena_array(q->sc->a, uint32_t, n))) return arena_fail(q->sc->a, q->err);
        for (uint32_t p = 0; p < n; p++) kept[i][p] = !q->axes[i].def->non_empty;
    }
    for (uint64_t c = 0; c < job->n_out; c++) {
        if (!is_full(&job->out[c])) continue;
        uint64_t rest = job->out[c].ordinal;
        for (uint32_t i = 0; i < q->n_axes; rest /= q->axes[i].value.n, i++)
            kept[i][rest % q->axes[i].value.n] = 1;
    }
    return PT_OK;
}

uint32_t select_number_kept(uint32_t *kept, uint32_t n)
{
    uint32_t n_kept = 0;
    for (uint32_t p = 0; p < n; p++) kept[p] = kept[p] ? n_kept++ : SELECT_DROPPED;
    return n_kept;
}

void select_drop_positions(set s, const uint32_t *kept)
{
    for (uint32_t p = 0; p < s.n; p++)
        if (kept[p] != SELECT_DROPPED && kept[p] < p)
            memcpy(s.m + (size_t)kept[p] * s.arity, set_at(s, p), s.arity * sizeof *s.m);
}

static pt_status drop_empty(query *q, cells_job *job)
{
    uint32_t **kept = arena_array(q->sc->a, uint32_t *, q->n_axes),
             *old = arena_array(q->sc->a, uint32_t, q->n_axes);
    bool any = false;
    uint64_t n = 0;
    for (uint32_t i = 0; i < q->n_axes; i++) any |= q->axes[i].def->non_empty;
    if (!any) return PT_OK;
    if (!kept || !old) return arena_fail(q->sc->a, q->err);
    PT_TRY(find_kept(q, job, kept));
    for (uint32_t i = 0; i < q->n_axes; i++) {
        old[i] = q->axes[i].value.n;
        q->axes[i].value.n = select_number_kept(kept[i], old[i]);
        select_drop_positions((set){q->axes[i].value.m, q->axes[i].value.arity, old[i]}, kept[i]);
    }
    for (uint64_t c = 0; c < job->n_out; c++) {
        uint64_t rest = job->out[c].ordinal, ordinal = 0, weight = 1;
        bool is_gone = false;
        for (uint32_t i = 0; i < q->n_axes; rest /= old[i], i++) {
            uint32_t p = kept[i][rest % old[i]];
            is_gone |= p == SELECT_DROPPED;
            ordinal += p * weight;
            weight *= q->axes[i].value.n;
        }
        if (is_gone) continue;
        job->out[n] = job->out[c];
        job->out[n++].ordinal = ordinal;
    }
    job->n_out = n;
    return PT_OK;
}

/* ---- the answer -------------------------------------------------------- */

static pt_status write_axes(query *q, arena *a, cellset *out)
{
    static const char *const names[] = {"COLUMNS", "ROWS"};
    out->cube = str_copy(a, q->sc->cube->name);
    out->n_axes = q->n_axes;
    out->axes = arena_array(a, cs_axis, q->n_axes);
    if (!out->cube.ptr || !out->axes) return arena_fail(a, q->err);
    for (uint32_t i = 0; i < q->n_axes; i++) {
        pt_str name = i < ARRAY_LEN(names) ? str_of(names[i]) : str_printf(a, "AXIS(%u)", i);
        PT_TRY(
            cellset_axis(q, q->axes[i].value, q->axes[i].set->shape, q->axes[i].def, name, a, &out->axes[i]));
    }
    shape none = {0};
    out->has_slicer = q->slicer != NULL;
    return cellset_axis(q, q->slicer_value, q->slicer ? q->slicer->shape : none, NULL, STR("SLICER"), a,
                        &out->slicer);
}

/* ---- values along an axis ---------------------------------------------- */

static uint32_t longest_axis(const query *q)
{
    uint32_t at = 0;
    for (uint32_t i = 1; i < q->n_axes; i++)
        if (q->axes[i].value.n > q->axes[at].value.n) at = i;
    return at;
}

/* The cells of one line along an axis, where all others stand. */
static pt_status values_of_line(query *q, uint32_t axis, pt_value *first, uint64_t step)
{
    sweep w;
    pt_status st = sweep_begin(&w, q->x, q->axes[axis].set, q->axes[axis].value, NULL);
    if (st != PT_OK) return st;
    while (sweep_next(&w, &st))
        for (uint32_t i = 0; i < w.n && st == PT_OK; i++) {
            pt_value *out = first + (w.at + i) * step;
            *out = w.v[i];
            if (out->kind == VAL_TEXT && !(out->s = str_copy(q->sc->a, w.v[i].s)).ptr)
                return arena_fail(q->sc->a, q->err);
        }
    sweep_end(&w);
    return st;
}

/* Line by line. What fails in a single cell is left to be computed cell by cell. */
static pt_status values_step(query *q, void *ctx)
{
    cells_job *job = ctx;
    uint32_t axis = longest_axis(q);
    uint64_t step = 1, n_lines = job->n / q->axes[axis].value.n;
    pt_status all = PT_OK;
    for (uint32_t i = 0; i < axis; i++) step *= q->axes[i].value.n;
    PT_TRY(enter_slicer(q, job, axis));
    for (uint64_t line = 0; line < n_lines; line++) {
        uint64_t rest = line, first = line % step + line / step * step * q->axes[axis].value.n;
        uint32_t mark = ctx_mark(q->x), at[AGG_MAX_AXES];
        pt_status st = PT_OK;
        for (uint32_t i = 0; i < q->n_axes; i++) {
            if (i == axis) continue;
            at[i] = (uint32_t)(rest % q->axes[i].value.n);
            rest /= q->axes[i].value.n;
        }
        for (uint32_t i = q->n_axes; i-- > 0 && st == PT_OK;)
            if (i != axis) st = enter_axis(q, job, i, at[i]);
        arena_mark before = arena_save(q->x->work);
        if (st == PT_OK) st = values_of_line(q, axis, job->values + first, step);
        arena_restore(q->x->work, before);
        ctx_undo(q->x, mark);
        if (st == EVAL_ERROR) {
            pt_err_clear(q->err);
            job->values = NULL;
            return PT_OK;
        }
        if (!eval_go_on(st, &all)) return st;
    }
    return all;
}

/* Are all members of an axis stored ones, and no measures? */
static bool is_even(set s)
{
    for (size_t i = 0; i < (size_t)s.n * s.arity; i++)
        if (s.m[i].kind != MEM_STORED || s.m[i].hier == 0) return false;
    return true;
}

static pt_status find_values(query *q, cells_job *job)
{
    if (q->env->no_grid || q->env->by_tuple || job->places || q->n_axes == 0 ||
        q->axes[longest_axis(q)].value.n < LONG_AXIS)
        return PT_OK;
    job->values = arena_array(q->sc->a, pt_value, job->n);
    if (!job->values) return arena_fail(q->sc->a, q->err);
    PT_TRY(select_passes(q, values_step, job));
    if (job->values && is_even(q->axes[longest_axis(q)].value)) job->even = longest_axis(q);
    return PT_OK;
}

/* One by one. */
static pt_status compute_cells(query *q, cells_job *job)
{
    PT_TRY(find_values(q, job));
    PT_TRY(select_passes(q, cells_step, job));
    for (uint64_t c = 1; c < job->n_out; c++) {
        if (job->out[c - 1].ordinal < job->out[c].ordinal) continue;
        qsort(job->out, job->n_out, sizeof *job->out, cmp_cell);
        break;
    }
    return drop_empty(q, job);
}

static pt_status run_job(query *q, cells_job *job, cellset *out)
{
    if (!q->env->no_grid) PT_TRY(grid_new(q, job->formats, job->a, &job->grid));
    PT_TRY(select_passes(q, find_places_step, job));
    if (job->grid) {
        grid_range range = {job->n, job->places, job->only_facts};
        PT_TRY(grid_cells(job->grid, &range, &job->out, &job->n_out));
    } else {
        PT_TRY(compute_cells(q, job));
    }
    out->n_cells = job->n_out;
    out->cells = job->out;
    return write_axes(q, job->a, out);
}

pt_status select_cells(query *q, arena *a, cellset *out)
{
    cells_job job = {.a = a, .even = q->n_axes};
    if (q->n_axes > AGG_MAX_AXES)
        return pt_fail(q->err, PT_LIMIT, "a statement can have %d axes at most", AGG_MAX_AXES);
    job.frames = arena_array(q->sc->a, iter_frame, q->n_axes + 1);
    job.marks = arena_array(q->sc->a, uint32_t, q->n_axes + 1);
    job.positions = arena_array(q->sc->a, uint32_t, q->n_axes + 1);
    if (!job.frames || !job.marks || !job.positions) return arena_fail(q->sc->a, q->err);
    PT_TRY(cell_formats_new(q->x, &job.formats));
    pt_status st = run_job(q, &job, out);
    cell_formats_free(job.formats);
    return st;
}
