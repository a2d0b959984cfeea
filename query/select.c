/* select.c - binding a SELECT, and evaluating its slicer and axes. */
#include "query/select.h"

#include "query/calc.h"
#include "query/cell_format.h"
#include "query/sparse.h"
#include "query/subcube.h"

/* ---- binding ----------------------------------------------------------- */

static pt_status order_axes(query *q, const ast_select *sel, arena *a)
{
    q->n_axes = sel->n_axes;
    q->axes = arena_array(a, select_axis, sel->n_axes);
    if (!q->axes) return arena_fail(a, q->err);
    for (uint32_t i = 0; i < sel->n_axes; i++) {
        const ast_axis *ax = &sel->axes[i];
        if (ax->number >= sel->n_axes) {
            pt_fail_at(q->err, PT_SYNTAX, ax->at, "axis %u is given, but there %s only %u %s", ax->number,
                       sel->n_axes == 1 ? "is" : "are", sel->n_axes, sel->n_axes == 1 ? "axis" : "axes");
            return pt_hint(q->err, "axes are numbered from 0 (COLUMNS) on without gaps");
        }
        if (q->axes[ax->number].def)
            return pt_fail_at(q->err, PT_SYNTAX, ax->at, "axis %u is given twice", ax->number);
        q->axes[ax->number].def = ax;
    }
    return PT_OK;
}

/* No hierarchy in two places. */
static pt_status claim(query *q, shape s, pt_span at, const char **owner, const char *name)
{
    for (uint32_t i = 0; i < s.n; i++) {
        if (s.hiers[i] == HIER_ANY) continue;
        const char **o = &owner[s.hiers[i]];
        if (*o) {
            pt_fail_at(q->err, PT_TYPE, at, "hierarchy " STR_FMT " is in %s and in %s",
                       STR_ARG(q->sc->hiers[s.hiers[i]].unique_name), *o, name);
            return pt_hint(q->err,
                           "choose its members in one place; FROM (SELECT {...} ON COLUMNS FROM [cube]) "
                           "chooses facts beside that");
        }
        *o = name;
    }
    return PT_OK;
}

static const char *axis_name(uint32_t number)
{
    static const char *const names[] = {"COLUMNS", "ROWS", "PAGES", "CHAPTERS", "SECTIONS"};
    return number < ARRAY_LEN(names) ? names[number] : "a further axis";
}

static pt_status bind_slicer(query *q, const ast *e)
{
    node *n;
    PT_TRY(bind_set_expr(q->b, e, &n));
    if (n->type == VT_LEVEL) PT_TRY(convert(q->b, n, 'h', &n));
    if (n->type == VT_HIER || n->type == VT_DIM) PT_TRY(convert(q->b, n, 'm', &n));
    if (convert_cost(n->type, 'x') < 0 || n->type == VT_NULL) {
        pt_fail_at(q->err, PT_TYPE, e->at, "the slicer must be a member, tuple or set, but this is a %s",
                   vtype_name(n->type));
        return hint_no_set(q->err, n->type);
    }
    return convert(q->b, n, 'x', &q->slicer);
}

static pt_status bind_parts(query *q, const ast_select *sel, arena *a)
{
    const char **owner = arena_array(a, const char *, q->sc->n_hiers);
    if (!owner) return arena_fail(a, q->err);
    for (uint32_t i = 0; i < q->n_axes; i++) {
        const ast_axis *def = q->axes[i].def;
        PT_TRY(bind_axis(q->b, def->set, "an axis", &q->axes[i].set));
        PT_TRY(claim(q, q->axes[i].set->shape, def->set->at, owner, axis_name(i)));
    }
    if (sel->slicer) {
        PT_TRY(bind_slicer(q, sel->slicer));
        PT_TRY(claim(q, q->slicer->shape, sel->slicer->at, owner, "the slicer"));
    }
    return bind_formulas(q->b);
}

/* ---- FROM (SELECT ...) ------------------------------------------------- */

enum { MAX_NESTING = 32 };

static pt_status innermost(const ast_select *sel, const ast_select **out, pt_err *err)
{
    uint32_t depth = 0;
    for (*out = sel; (*out)->subselect; *out = (*out)->subselect)
        if (++depth > MAX_NESTING)
            return pt_fail_at(err, PT_LIMIT, (*out)->cube_at, "subselects are nested deeper than %d",
                              MAX_NESTING);
    return PT_OK;
}

/* The sets of a subselect; with NON EMPTY, as its cells leave them. */
static pt_status run_subselect(query *inner, arena *a)
{
    cellset unused = {0};
    bool any = false;
    PT_TRY(select_slicer(inner));
    PT_TRY(select_axes(inner));
    for (uint32_t i = 0; i < inner->n_axes; i++) any |= inner->axes[i].def->non_empty;
    return any ? select_cells(inner, a, &unused) : PT_OK;
}

static pt_status enter_subselect(query *q, pt_str text, arena *a)
{
    query inner;
    pt_status st = select_open(q->env, q->ast->subselect, text, a, q->stats, &inner, q->err);
    if (st == PT_OK) st = run_subselect(&inner, a);
    if (st == PT_OK) st = subcube_enter(q->sc, &inner, q->err);
    st = select_status(&inner, st);
    select_close(&inner);
    return st;
}

pt_status select_open(const query_env *env, const ast_select *sel, pt_str text, arena *a, query_stats *stats,
                      query *q, pt_err *err)
{
    const ast_select *from;
    *q = (query){.env = env, .ast = sel, .err = err, .stats = stats};
    const cube *c;
    PT_TRY(innermost(sel, &from, err));
    PT_TRY(select_cube(env, sel, from, a, &c, err));
    PT_TRY(scope_new(env, c, text, a, &q->sc, err));
    if (sel->subselect) PT_TRY(enter_subselect(q, text, a));
    for (uint32_t i = 0; i < sel->n_formulas; i++)
        if (!sel->formulas[i].measure)
            PT_TRY(scope_add_formula(q->sc, &sel->formulas[i], FORMULA_QUERY, q->sc->cube, false, err));
    PT_TRY(bind_new(q->sc, err, &q->b));
    q->b->select = sel;
    PT_TRY(order_axes(q, sel, a));
    PT_TRY(bind_parts(q, sel, a));
    PT_TRY(eval_new(q->sc, &env->limits, err, &q->x));
    q->x->binder = q->b;
    q->x->stats = stats;
    q->x->is_void = q->sc->subcube && q->sc->subcube->is_void;
    return PT_OK;
}

void select_close(query *q)
{
    eval_free(q->x);
    q->x = NULL;
}

/* ---- passes ------------------------------------------------------------ */

pt_status select_status(query *q, pt_status st)
{
    if (st != EVAL_ERROR && st != EVAL_PENDING) return st;
    if (q->err) q->err->code = st == EVAL_ERROR ? PT_VALUE : PT_INTERNAL;
    return st == EVAL_ERROR ? PT_VALUE : pt_fail(q->err, PT_INTERNAL, "cells are missing");
}

static const ast *longest_axis(const query *q)
{
    const ast *at = q->ast->slicer;
    uint32_t most = 0;
    for (uint32_t i = 0; i < q->n_axes; i++) {
        if (at && q->axes[i].value.n <= most) continue;
        most = q->axes[i].value.n;
        at = q->axes[i].def->set;
    }
    return at;
}

/* Who asked for a measure whose formula, which is the cube's, has failed. */
static const ast *place_of_measures(const query *q)
{
    for (uint32_t i = 0; i < q->n_axes; i++)
        if (q->axes[i].set && shape_deps(q->axes[i].set->shape) & dep_bit(0)) return q->axes[i].def->set;
    return q->ast->slicer;
}

void select_blame(const query *q)
{
    if (!q->err || q->err->code == PT_OK || q->err->has_place) return;
    bool is_size = q->err->code == PT_LIMIT || q->err->code == PT_NOMEM || q->err->code == PT_UNSUPPORTED;
    if (!is_size && q->err->code != PT_VALUE && q->err->code != PT_TYPE) return;
    const ast *at = is_size ? longest_axis(q) : place_of_measures(q);
    q->err->at = at ? at->at : q->ast->cube_at;
    q->err->has_place = q->err->at.end > q->err->at.start;
}

pt_status select_passes(query *q, select_step step, void *ctx)
{
    for (;;) {
        arena_reset(q->x->work);
        ctx_undo(q->x, 0);
        q->x->iters = NULL;
        q->x->calcs = NULL;
        q->stats->n_passes++;
        uint32_t n_requests = q->stats->n_requests;
        pt_status st = step(q, ctx);
        if (st != EVAL_PENDING) return select_status(q, st);
        PT_TRY(limits_check(q->x->limits, q->err));
        if (cells_is_missing(q->x->cells)) {
            PT_TRY(cells_fetch(q->x->cells, q->stats, q->err));
        } else if (q->stats->n_requests == n_requests) { /* else a search fetched what the pass had noted */
            return pt_fail(q->err, PT_INTERNAL, "a pass waits for cells nobody asked for");
        }
    }
}

/* What must last longer than a pass. */
static pt_status keep_set(query *q, set s, set *out)
{
    mref *copy = arena_array(q->sc->a, mref, (size_t)s.n * (s.arity ? s.arity : 1));
    if (!copy) return arena_fail(q->sc->a, q->err);
    if (s.n) memcpy(copy, s.m, (size_t)s.n * s.arity * sizeof *copy);
    *out = (set){copy, s.arity, s.n};
    return PT_OK;
}

/* ---- axes -------------------------------------------------------------- */

/* What empty positions of a NON EMPTY axis depend on: any base cube of any measure, wherever other axes
 * stand. Only the stored measures that the statement can show are looked at. */
static bool axis_hint(query *q, uint32_t axis, sparse_hint *out)
{
    eval *x = q->x;
    *out = (sparse_hint){0};
    bool has_measures = false;
    for (uint32_t i = 0; i < q->n_axes; i++) {
        shape s = q->axes[i].set->shape;
        if (s.n == 0) return false;
        for (uint32_t k = 0; k < s.n; k++) {
            if (s.hiers[k] == HIER_ANY) return false;
            has_measures |= s.hiers[k] == 0;
            if (i != axis && s.hiers[k] != 0) out->free |= dep_bit(s.hiers[k]);
        }
        if (i == axis) continue;
        if (!q->axes[i].is_done) return false;
        set v = q->axes[i].value;
        for (uint32_t p = 0; p < v.n; p++)
            for (uint32_t k = 0; k < v.arity; k++) {
                sparse_hint h;
                mref m = set_at(v, p)[k];
                if (m.hier != 0 && m.kind != MEM_CALC) continue;
                if (!sparse_for_member(x, m, &h)) return false;
                out->free |= h.free;
                out->bases |= h.bases;
                out->measures |= h.measures;
            }
    }
    sparse_hint h;
    if (!has_measures) {
        if (!sparse_for_member(x, x->ctx[0], &h)) return false;
        out->bases |= h.bases;
        out->measures |= h.measures;
        out->free |= h.free;
    }
    return true;
}

/* Single members may be null; members that a subselect leaves out may have been named. */
static bool is_shown(const scope *sc, const mref *t, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++)
        if (mref_is_null(t[k]) || !subcube_shows(sc, t[k])) return false;
    return true;
}

static pt_status eval_axis(query *q, uint32_t i)
{
    eval *x = q->x;
    set s;
    sparse_hint hint = {0};
    if (q->axes[i].def->non_empty && axis_hint(q, i, &hint)) x->sparse = &hint;
    pt_status st = eval_set_sparse(x, q->axes[i].set, &s);
    x->sparse = NULL;
    PT_TRY(st);
    for (uint32_t k = 0, n = 0; k <= s.n; k++) {
        if (k == s.n) {
            s.n = n;
        } else if (is_shown(q->sc, set_at(s, k), s.arity)) {
            if (n < k) memcpy(s.m + (size_t)n * s.arity, set_at(s, k), s.arity * sizeof *s.m);
            n++;
        }
    }
    PT_TRY(keep_set(q, s, &q->axes[i].value));
    q->axes[i].is_thin = hint.is_used;
    q->axes[i].is_done = true;
    return PT_OK;
}

/* Axes with NON EMPTY come last: then they know the measures on the others. */
static pt_status axes_step(query *q, void *ctx)
{
    pt_status all = PT_OK;
    (void)ctx;
    PT_TRY(ctx_enter_slicer(q->x));
    for (int non_empty = 0; non_empty < 2; non_empty++)
        for (uint32_t i = 0; i < q->n_axes; i++) {
            if (q->axes[i].is_done || q->axes[i].def->non_empty != non_empty) continue;
            pt_status st = eval_axis(q, i);
            if (!eval_go_on(st, &all)) return st;
        }
    return all;
}

static pt_status claim_found(query *q, set s, pt_span at, const char **owner, const char *name)
{
    if (s.n == 0) return PT_OK;
    uint16_t *hiers = arena_array(q->sc->a, uint16_t, s.arity);
    if (!hiers) return arena_fail(q->sc->a, q->err);
    for (uint32_t k = 0; k < s.arity; k++) hiers[k] = set_at(s, 0)[k].hier;
    return claim(q, (shape){s.arity, hiers}, at, owner, name);
}

/* Hierarchies that only the members tell, as those named by a computed text, are not in two places either. */
static pt_status check_found(query *q)
{
    const char **owner = arena_array(q->sc->a, const char *, q->sc->n_hiers);
    if (!owner) return arena_fail(q->sc->a, q->err);
    for (uint32_t i = 0; i < q->n_axes; i++)
        PT_TRY(claim_found(q, q->axes[i].value, q->axes[i].def->set->at, owner, axis_name(i)));
    return q->slicer ? claim_found(q, q->slicer_value, q->ast->slicer->at, owner, "the slicer") : PT_OK;
}

pt_status select_axes(query *q)
{
    PT_TRY(select_passes(q, axes_step, NULL));
    return check_found(q);
}

/* ---- the statement ----------------------------------------------------- */

/* Without what describing its requests took. */
static int64_t clock_us(const query *q)
{
    return limits_now_us() - q->stats->told_us;
}

pt_status select_run(query *q, arena *a, cellset **out)
{
    int64_t start = clock_us(q), now;
    PT_TRY(select_slicer(q));
    PT_TRY(select_axes(q));
    now = clock_us(q);
    q->stats->axes_us = now - start;
    cellset *cs = arena_make(a, cellset);
    if (!cs) return arena_fail(a, q->err);
    PT_TRY(select_cells(q, a, cs));
    q->stats->cells_us = clock_us(q) - now;
    const mem_budget *shared = q->env->limits.memory;
    q->stats->memory_bytes = shared ? atomic_load(&shared->peak_bytes) : arena_used(a);
    *out = cs;
    return PT_OK;
}

pt_status query_select(const query_env *env, const ast_select *sel, pt_str text, arena *a, cellset **out,
                       query_stats *stats, pt_err *err)
{
    query q;
    query_stats mine = {0};
    int64_t start = limits_now_us();
    if (!stats) stats = &mine;
    pt_status st = select_open(env, sel, text, a, stats, &q, err);
    stats->bind_us = limits_now_us() - start;
    if (st == PT_OK) st = select_run(&q, a, out);
    st = select_status(&q, st);
    if (st != PT_OK && q.ast) select_blame(&q);
    select_close(&q);
    return st;
}
