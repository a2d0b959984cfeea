/* eval_rows.c - expressions for many rows at once: arguments, cells, and the walk over a set by portions. */
#include "query/eval_rows.h"

#include "query/bind.h"
#include "query/scalar.h"

/* ---- one row after the other ------------------------------------------- */

pt_status rows_enter(eval *x, const rows *r, uint32_t i)
{
    const mref *t = rows_tuple(r, i);
    if (r->frame) {
        r->frame->at = (tuple){t, r->s.arity};
        r->frame->ordinal = r->at[i];
    }
    if (r->live == ROWS_WHOLE) return ctx_set_tuple(x, t, r->s.arity);
    for (uint32_t k = 0; k < r->s.arity; k++)
        if (rows_is_live(r, k)) PT_TRY(ctx_set(x, t[k]));
    return PT_OK;
}

/* n NULL: the value of the cell. */
static pt_status one_by_one(eval *x, const node *n, const rows *r, pt_value *out)
{
    pt_status all = PT_OK;
    for (uint32_t i = 0; i < r->n; i++) {
        uint32_t mark = ctx_mark(x);
        pt_status st = eval_tick(x);
        if (st == PT_OK) st = rows_enter(x, r, i);
        arena_mark before = arena_save(x->work);
        if (st == PT_OK) st = n ? eval_value(x, n, &out[i]) : eval_cell(x, &out[i]);
        if (st != PT_OK || out[i].kind != VAL_TEXT) arena_restore(x->work, before);
        ctx_undo(x, mark);
        if (!eval_go_on(st, &all)) return st;
    }
    return all;
}

pt_status eval_rows_each(eval *x, const node *n, const rows *r, pt_value *out)
{
    return one_by_one(x, n, r, out);
}

/* ---- nodes ------------------------------------------------------------- */

pt_status eval_rows(eval *x, const node *n, const rows *r, pt_value *out)
{
    pt_value v;
    if (r->n == 0) return PT_OK;
    if (rows_share(r, n)) {
        PT_TRY(eval_value(x, n, &v));
        rows_fill(r, v, out);
        return PT_OK;
    }
    return n->over ? n->over(x, n, r, out) : one_by_one(x, n, r, out);
}

pt_status eval_rows_as(eval *x, const node *n, char letter, const rows *r, pt_value *out)
{
    PT_TRY(eval_rows(x, n, r, out));
    for (uint32_t i = 0; i < r->n; i++) {
        bool is_so = letter == 'n' && (out[i].kind == VAL_NULL || scalar_is_number(out[i]));
        if (!is_so && !scalar_as(out[i], letter, &out[i])) return EVAL_ERROR;
    }
    return PT_OK;
}

pt_status eval_rows_new(eval *x, const node *n, char letter, const rows *r, pt_value **out)
{
    *out = arena_array(x->work, pt_value, r->n);
    return *out ? eval_rows_as(x, n, letter, r, *out) : eval_nomem(x);
}

pt_status eval_rows_truth(eval *x, const node *n, const rows *r, bool **out)
{
    pt_value *v;
    PT_TRY(eval_rows_new(x, n, 'b', r, &v));
    if (!(*out = arena_array(x->work, bool, r->n))) return eval_nomem(x);
    for (uint32_t i = 0; i < r->n; i++) (*out)[i] = v[i].kind == VAL_BOOL && v[i].i != 0;
    return PT_OK;
}

pt_status rows_select(eval *x, const rows *r, const bool *which, bool want, rows_part *out)
{
    uint32_t n = 0, *at = arena_array(x->work, uint32_t, r->n);
    *out = (rows_part){*r, arena_array(x->work, uint32_t, r->n), NULL};
    for (uint32_t i = 0; i < r->n; i++) n += which[i] == want;
    out->v = arena_array(x->work, pt_value, n);
    if (!at || !out->place || !out->v) return eval_nomem(x);
    out->r.n = 0;
    out->r.at = at;
    for (uint32_t i = 0; i < r->n; i++) {
        if (which[i] != want) continue;
        at[out->r.n] = r->at[i];
        out->place[out->r.n++] = i;
    }
    return PT_OK;
}

void rows_put(const rows_part *p, pt_value *out)
{
    for (uint32_t i = 0; i < p->r.n; i++) out[p->place[i]] = p->v[i];
}

/* ---- cells ------------------------------------------------------------- */

/* Deeper nesting of formulas is left to evaluation row by row, which knows where it must end. */
enum { DEEP_FORMULAS = 16 };

static pt_status special_cell(eval *x, const rows *r, pt_value *out)
{
    region_look how;
    uint32_t region_id;
    for (uint32_t h = 0; h < x->sc->n_hiers; h++) {
        if (!mref_is_null(x->ctx[h])) continue;
        rows_fill(r, value_null(), out);
        return PT_OK;
    }
    calc *c = eval_winner(x);
    if (c) {
        calc_frame f;
        if (x->calcs && x->calcs->depth >= DEEP_FORMULAS) return one_by_one(x, NULL, r, out);
        PT_TRY(calc_enter(x, c, &f));
        return calc_leave(x, &f, eval_rows(x, c->body, r, out));
    }
    PT_TRY(region_find(x, &how, &region_id));
    if (how == REGION_OFTEN) return one_by_one(x, NULL, r, out);
    if (how == REGION_NOWHERE) {
        rows_fill(r, value_null(), out);
        return PT_OK;
    }
    return cells_get_rows(x->cells, x->ctx[0].id, x->ctx, r, region_id, x->work, out, x->err);
}

pt_status eval_rows_cell(eval *x, const rows *r, pt_value *out)
{
    if (r->n == 0) return PT_OK;
    if (x->is_void) {
        rows_fill(r, value_null(), out);
        return PT_OK;
    }
    if (x->n_special) return special_cell(x, r, out);
    return cells_get_rows(x->cells, x->ctx[0].id, x->ctx, r, 0, x->work, out, x->err);
}

static void set_live(rows *r, uint64_t live)
{
    r->live = live;
    r->deps = 0;
    for (uint32_t k = 0; r->n && k < r->s.arity; k++)
        if (rows_is_live(r, k)) r->deps |= dep_bit(rows_tuple(r, 0)[k].hier);
}

rows rows_without(const rows *r, const mref *t, uint32_t n)
{
    rows out = *r;
    uint64_t live = r->live;
    for (uint32_t k = 0; r->n && k < r->s.arity; k++)
        for (uint32_t i = 0; i < n; i++)
            if (rows_tuple(r, 0)[k].hier == t[i].hier) live &= ~((uint64_t)1 << k);
    set_live(&out, live);
    return out;
}

pt_status eval_rows_cell_at(eval *x, const mref *t, uint32_t n, const rows *r, pt_value *out)
{
    uint32_t mark = ctx_mark(x);
    rows here = rows_without(r, t, n);
    pt_status st = ctx_set_tuple(x, t, n);
    if (st == PT_OK) st = eval_rows_cell(x, &here, out);
    ctx_undo(x, mark);
    return st;
}

/* ---- tuples that are alike --------------------------------------------- */

static bool is_free(mref m)
{
    return (m.kind == MEM_STORED || m.kind == MEM_DATA) && m.hier != 0;
}

static bool are_alike(const mref *t, const mref *u, uint32_t arity)
{
    for (uint32_t k = 0; k < arity; k++) {
        mref as_if = u[k];
        if (is_free(t[k])) as_if.id = t[k].id;
        if (!mref_eq(t[k], as_if)) return false;
    }
    return true;
}

/* Moves those of left[] that are like the first to alike[]; returns how many are left. */
static uint32_t take_alike(set s, uint32_t *left, uint32_t n_left, uint32_t *alike, uint32_t *n_alike)
{
    const mref *first = set_at(s, left[0]);
    uint32_t n = 0;
    *n_alike = 0;
    for (uint32_t i = 0; i < n_left; i++) {
        if (are_alike(first, set_at(s, left[i]), s.arity)) {
            alike[(*n_alike)++] = left[i];
        } else {
            left[n++] = left[i];
        }
    }
    return n;
}

/* ---- portions ---------------------------------------------------------- */

enum { FEW_ROWS = 4, MANY_KINDS = 16 };

pt_status sweep_begin(sweep *w, eval *x, const node *from, set s, const node *expr)
{
    *w = (sweep){.x = x, .s = s, .expr = expr};
    uint32_t n = s.n < SWEEP_ROWS ? s.n : SWEEP_ROWS;
    bool has_form = !expr || expr->over;
    w->is_plain = !has_form || s.n < FEW_ROWS || s.arity > ROWS_MAX_ARITY || x->sc->env->by_tuple;
    w->v = arena_array(x->work, pt_value, n);
    w->left = arena_array(x->work, uint32_t, n);
    w->alike = arena_array(x->work, uint32_t, n);
    if (!w->v || !w->left || !w->alike) return eval_nomem(x);
    iter_begin(&w->it, x, from, s);
    return PT_OK;
}

void sweep_end(sweep *w)
{
    iter_end(&w->it);
}

static rows rows_of(sweep *w, const uint32_t *at, uint32_t n)
{
    return (rows){
        .s = w->s, .n = n, .at = at, .live = ROWS_WHOLE, .frame = w->is_still ? NULL : &w->it.frame};
}

static void keep_values(sweep *w, const uint32_t *at, uint32_t n, const pt_value *v)
{
    for (uint32_t i = 0; i < n; i++) w->v[at[i] - w->at] = v[i];
}

static pt_status tuple_by_tuple(sweep *w, const uint32_t *at, uint32_t n)
{
    rows r = rows_of(w, at, n);
    if (n == w->n) return one_by_one(w->x, w->expr, &r, w->v);
    pt_value *v = arena_array(w->x->work, pt_value, n);
    if (!v) return eval_nomem(w->x);
    PT_TRY(one_by_one(w->x, w->expr, &r, v));
    keep_values(w, at, n, v);
    return PT_OK;
}

static pt_status together(sweep *w, const uint32_t *at, uint32_t n)
{
    eval *x = w->x;
    rows r = rows_of(w, at, n);
    pt_value *v = n == w->n ? w->v : arena_array(x->work, pt_value, n);
    uint32_t mark = ctx_mark(x);
    uint64_t live = 0;
    if (!v) return eval_nomem(x);
    for (uint32_t k = 0; k < w->s.arity; k++)
        if (is_free(rows_tuple(&r, 0)[k])) live |= (uint64_t)1 << k;
    set_live(&r, live);
    pt_status st = ctx_set_tuple(x, rows_tuple(&r, 0), w->s.arity);
    if (st == PT_OK) st = w->expr ? eval_rows(x, w->expr, &r, v) : eval_rows_cell(x, &r, v);
    ctx_undo(x, mark);
    if (st == PT_OK && v != w->v) keep_values(w, at, n, v);
    return st;
}

static void take_all(sweep *w)
{
    for (uint32_t i = 0; i < w->n; i++) w->left[i] = w->at + i;
}

/* Kind by kind; of more than MANY_KINDS the rest tuple by tuple. */
static pt_status by_kinds(sweep *w)
{
    pt_status all = PT_OK, st;
    uint32_t n_left = w->n, n_alike;
    take_all(w);
    for (uint32_t kind = 0; n_left && kind < MANY_KINDS; kind++) {
        n_left = take_alike(w->s, w->left, n_left, w->alike, &n_alike);
        st = n_alike < FEW_ROWS ? tuple_by_tuple(w, w->alike, n_alike) : together(w, w->alike, n_alike);
        if (!eval_go_on(st, &all)) return st;
    }
    if (n_left == 0) return all;
    st = tuple_by_tuple(w, w->left, n_left);
    return eval_go_on(st, &all) ? all : st;
}

/* The first tuple that fails shall say so. Only the outermost portion is done again, and then with all that
 * it contains tuple by tuple: formulas nest, and to try twice at every depth would never end. */
static pt_status again(sweep *w)
{
    eval *x = w->x;
    bool was_plain = x->is_plain;
    if (x->err) pt_err_clear(x->err);
    x->is_plain = true;
    take_all(w);
    pt_status st = tuple_by_tuple(w, w->left, w->n);
    x->is_plain = was_plain;
    return st;
}

static pt_status portion(sweep *w)
{
    eval *x = w->x;
    bool was_trying = x->is_trying;
    if (w->is_plain || x->is_plain) {
        take_all(w);
        return tuple_by_tuple(w, w->left, w->n);
    }
    x->is_trying = true;
    pt_status st = by_kinds(w);
    x->is_trying = was_trying;
    return st == PT_OK || st == EVAL_PENDING || was_trying ? st : again(w);
}

static bool has_text(const sweep *w)
{
    for (uint32_t i = 0; i < w->n; i++)
        if (w->v[i].kind == VAL_TEXT) return true;
    return false;
}

bool sweep_next(sweep *w, pt_status *st)
{
    eval *x = w->x;
    struct sparse_hint *hint = x->sparse;
    arena_mark before = arena_save(x->work);
    w->at += w->n;
    w->n = w->s.n - w->at < SWEEP_ROWS ? w->s.n - w->at : SWEEP_ROWS;
    *st = w->all;
    if (w->n == 0) return false;
    x->sparse = NULL;
    pt_status here = limits_check(x->limits, x->err);
    if (here == PT_OK) here = portion(w);
    x->sparse = hint;
    if (here != PT_OK || !has_text(w)) arena_restore(x->work, before);
    bool goes_on = eval_go_on(here, &w->all);
    *st = goes_on ? w->all : here;
    return goes_on;
}
