/* fun_misc.c - the rest: ValidMeasure, functions of the calendar day, and small ones. */
#include <math.h>

#include "lang/parse.h"
#include "query/eval_rows.h"
#include "query/funs.h"
#include "query/nav.h"
#include "query/resolve.h"
#include "query/scalar.h"
#include "query/sparse.h"

/* ---- ValidMeasure ------------------------------------------------------ */

static pt_status put_back_unrelated(eval *x, uint32_t base)
{
    for (uint32_t h = 1; h < x->sc->n_hiers; h++) {
        if (base_hier_of(x->sc, h, base) != HIER_NONE) continue;
        const scope_hier *hier = &x->sc->hiers[h];
        mref all = hier->has_all ? (mref){.hier = (uint16_t)h, .kind = MEM_ALL} : hier->default_member;
        PT_TRY(ctx_set(x, all));
    }
    return PT_OK;
}

static pt_status valid_at(eval *x, const node *n, const mref *t, uint32_t k, pt_value *out)
{
    PT_TRY(ctx_set_tuple(x, t, k));
    if (!x->sc->cube->is_virtual) return eval_cell(x, out);
    if (x->ctx[0].kind != MEM_STORED)
        return pt_fail_at(x->err, PT_VALUE, n->at,
                          "ValidMeasure needs a stored measure, not a calculated one");
    PT_TRY(put_back_unrelated(x, x->sc->measures[x->ctx[0].id].base));
    bool was = cells_see_unrelated(x->cells, true);
    pt_status st = eval_cell(x, out);
    cells_see_unrelated(x->cells, was);
    return st;
}

static pt_status valid_measure(eval *x, const node *n, xval *out)
{
    tuple t;
    out->v = value_null();
    PT_TRY(eval_tuple(x, n->args[0], &t));
    if (t.n == 0) return PT_OK;
    uint32_t mark = ctx_mark(x);
    pt_status st = valid_at(x, n, t.m, t.n, &out->v);
    ctx_undo(x, mark);
    return st;
}

static pt_status bind_valid_measure(bind *b, node *n)
{
    (void)b;
    n->deps = DEP_ALL;
    return PT_OK;
}

/* ---- NonEmpty, LastNonEmpty -------------------------------------------- */

/* Whether the current measure has a value anywhere in a set: the node's `extra`. */
static pt_status has_value(eval *x, const node *n, xval *out)
{
    const set *with = n->extra;
    pt_status all = PT_OK;
    bool is_found = false;
    for (uint32_t i = 0; i < with->n && !is_found; i++) {
        pt_value v;
        pt_status st = eval_cell_at(x, set_at(*with, i), with->arity, &v);
        if (!eval_go_on(st, &all)) return st;
        is_found = st == PT_OK && v.kind != VAL_NULL;
    }
    out->v = value_bool(is_found);
    return is_found ? PT_OK : all;
}

static pt_status has_value_rows(eval *x, const node *n, const rows *r, pt_value *out)
{
    const set *with = n->extra;
    pt_status all = PT_OK;
    rows_part rest;
    bool *is_found = arena_array(x->work, bool, r->n);
    if (!is_found) return eval_nomem(x);
    for (uint32_t i = 0; i < with->n; i++) {
        arena_mark before = arena_save(x->work);
        PT_TRY(limits_check(x->limits, x->err));
        PT_TRY(rows_select(x, r, is_found, false, &rest));
        if (rest.r.n == 0) break;
        pt_status st = eval_rows_cell_at(x, set_at(*with, i), with->arity, &rest.r, rest.v);
        if (!eval_go_on(st, &all)) return st;
        for (uint32_t k = 0; st == PT_OK && k < rest.r.n; k++)
            is_found[rest.place[k]] = rest.v[k].kind != VAL_NULL;
        arena_restore(x->work, before);
    }
    for (uint32_t i = 0; i < r->n; i++) out[i] = value_bool(is_found[i]);
    return all;
}

/* The tuples of s that have a value somewhere in `with`. */
static pt_status keep_non_empty(eval *x, const node *from, set s, set with, set *out)
{
    sweep w;
    pt_status st;
    node probe = {.eval = has_value, .over = has_value_rows, .type = VT_BOOLEAN, .deps = DEP_ALL | DEP_OTHER};
    probe.extra = &with;
    tuplist b = eval_tuplist(x, s.arity);
    PT_TRY(tuplist_reserve(&b, s.n));
    PT_TRY(sweep_begin(&w, x, from, s, &probe));
    while (sweep_next(&w, &st))
        for (uint32_t i = 0; st == PT_OK && i < w.n; i++)
            if (w.v[i].i)
                memcpy(b.s.m + (size_t)b.s.n++ * s.arity, set_at(s, w.at + i), s.arity * sizeof *s.m);
    sweep_end(&w);
    *out = b.s;
    return st;
}

static pt_status non_empty(eval *x, const node *n, xval *out)
{
    set s, with;
    sparse_hint hint;
    if (n->n == 1) return sparse_non_empty(x, n, false, &out->s);
    PT_TRY(eval_set(x, n->args[1], &with));
    if (x->ctx[0].kind == MEM_STORED && sparse_for_member(x, x->ctx[0], &hint)) {
        struct sparse_hint *outer = x->sparse;
        for (uint32_t k = 0; k < n->args[1]->shape.n; k++) hint.free |= dep_bit(n->args[1]->shape.hiers[k]);
        bool by_measure = n->args[1]->shape.n == 0;
        for (uint32_t k = 0; k < n->args[1]->shape.n; k++) by_measure |= n->args[1]->shape.hiers[k] == 0;
        if (!by_measure) x->sparse = &hint;
        pt_status st = eval_set_sparse(x, n->args[0], &s);
        x->sparse = outer;
        PT_TRY(st);
    } else {
        PT_TRY(eval_set(x, n->args[0], &s));
    }
    return keep_non_empty(x, n->args[0], s, with, &out->s);
}

static pt_status bind_non_empty(bind *b, node *n)
{
    (void)b;
    n->deps |= DEP_ALL & ~shape_deps(n->args[0]->shape);
    return PT_OK;
}

static pt_status last_non_empty(eval *x, const node *n, xval *out)
{
    set s;
    mref m;
    pt_value v;
    uint32_t hier = shape_hier(n);
    PT_TRY(eval_set(x, n->args[0], &s));
    out->m = mref_null(hier == HIER_ANY ? 0 : hier);
    for (uint32_t i = s.n; i-- > 0;) {
        uint32_t mark = ctx_mark(x);
        pt_status st = ctx_set_tuple(x, set_at(s, i), s.arity);
        if (st == PT_OK) st = eval_member(x, n->args[1], &m);
        if (st == PT_OK) st = eval_cell_at(x, &m, 1, &v);
        ctx_undo(x, mark);
        PT_TRY(st);
        if (v.kind == VAL_NULL) continue;
        out->m = set_at(s, i)[0];
        break;
    }
    return PT_OK;
}

static pt_status bind_last_non_empty(bind *b, node *n)
{
    (void)b;
    n->deps = DEP_ALL;
    return PT_OK;
}

/* ---- the calendar day -------------------------------------------------- */

static pt_status today_text(eval *x, pt_str pattern, pt_str *out)
{
    strbuf b = {0};
    const number_format *f;
    PT_TRY(format_compile(pattern, x->work, &f, x->err));
    format_value(f, (pt_value){.kind = VAL_TIME, .i = x->sc->env->now_us}, &b, NULL);
    *out = b.failed ? (pt_str){0} : str_copy(x->work, strbuf_str(&b));
    strbuf_free(&b);
    return out->ptr ? PT_OK : eval_nomem(x);
}

static pt_status current_date_string(eval *x, const node *n, xval *out)
{
    pt_str pattern, s;
    PT_TRY(eval_string(x, n->args[0], &pattern));
    out->v = value_null();
    if (!pattern.ptr) return PT_OK;
    PT_TRY(today_text(x, pattern, &s));
    out->v = value_text(s);
    return PT_OK;
}

/* Names and keys of periods are numbers or texts: compared as what they are. */
static int cmp_names(eval *x, mref m, pt_str want)
{
    pt_value v;
    pt_err ignored = {0};
    pt_str have = member_name(x->sc, m, x->work);
    if (scalar_cast(value_text(have), SCALAR_NUMERIC, x->work, &v, &ignored) == PT_OK) {
        double a = v.f;
        if (scalar_cast(value_text(want), SCALAR_NUMERIC, x->work, &v, &ignored) == PT_OK)
            return (a > v.f) - (a < v.f);
    }
    return str_cmp(have, want);
}

/* Among the children of the last period found: the nearest before or after the name that was not. */
static pt_status nearest_child(eval *x, const resolved *r, pt_str want, bool after, mref *out)
{
    tuplist b = eval_tuplist(x, 1);
    mref all = {.hier = (uint16_t)r->hier, .kind = MEM_ALL};
    if (r->kind == RES_MEMBER) {
        PT_TRY(nav_children(x->sc, r->member, &b));
    } else if (x->sc->hiers[r->hier].has_all) {
        PT_TRY(nav_children(x->sc, all, &b));
    } else {
        PT_TRY(nav_roots(x->sc, r->hier, &b));
    }
    for (uint32_t i = 0; i < b.s.n; i++) {
        int c = cmp_names(x, b.s.m[i], want);
        if (!after && c < 0) *out = b.s.m[i];
        if (after && c > 0) {
            *out = b.s.m[i];
            break;
        }
    }
    return PT_OK;
}

/* The last period before, or the first one after, one that is not there: `left` more names follow the missing
 * one, so it is so many levels deeper. */
static pt_status nearest_period(eval *x, const resolved *r, pt_str want, uint32_t left, bool after, mref *out)
{
    PT_TRY(nearest_child(x, r, want, after, out));
    if (mref_is_null(*out) && r->kind == RES_MEMBER && r->member.kind == MEM_STORED) {
        PT_TRY(nav_lead(x->sc, r->member, after ? 1 : -1, out, x->err));
        left++;
    }
    for (; left > 0 && !mref_is_null(*out); left--) {
        mref below = after ? nav_first_child(x->sc, *out) : nav_last_child(x->sc, *out);
        if (mref_is_null(below)) break;
        *out = below;
    }
    return PT_OK;
}

static pt_status current_date_member(eval *x, const node *n, xval *out)
{
    xval h;
    ast *e;
    resolved r;
    pt_str pattern, s, flag = flag_of(n, 2);
    PT_TRY(eval_node(x, n->args[0], &h));
    PT_TRY(eval_string(x, n->args[1], &pattern));
    PT_TRY(today_text(x, pattern, &s));
    out->m = mref_null(h.hier);
    PT_TRY(parse_expression(s, x->sc->a, &e, x->err));
    if (e->kind != AST_ID)
        return pt_fail_at(x->err, EVAL_ERROR, n->at,
                          "the pattern does not make the name of a member: " STR_FMT, STR_ARG(s));
    uint32_t used = resolve_name(x->sc, x->sc->cube, e->segs, e->n, &r);
    if (used == e->n && r.kind == RES_MEMBER) return give_member(out, r.member);
    bool after = str_eq(flag, STR("AFTER")), is_near = after || str_eq(flag, STR("BEFORE"));
    if (!is_near || used == 0 || used == e->n || r.kind == RES_SET) return PT_OK;
    return nearest_period(x, &r, e->segs[used].name, e->n - used - 1, after, &out->m);
}

/* ---- small ones -------------------------------------------------------- */

static pt_status value_of(eval *x, const node *n, xval *out)
{
    mref m;
    PT_TRY(eval_member(x, n->args[0], &m));
    return eval_cell_at(x, &m, 1, &out->v);
}

static pt_status value_of_rows(eval *x, const node *n, const rows *r, pt_value *out)
{
    bool is_done;
    PT_TRY(eval_rows_at(x, n->args[0], r, out, &is_done));
    return is_done ? PT_OK : eval_rows_each(x, n, r, out);
}

static pt_status bind_value_of(bind *b, node *n)
{
    (void)b;
    n->deps |= DEP_ALL & ~shape_deps(n->args[0]->shape);
    n->kind = NODE_MEMBER_VALUE;
    return PT_OK;
}

static pt_status cached(eval *x, const node *n, xval *out)
{
    return eval_node(x, n->args[0], out);
}

static const fun table[] = {
    {"ValidMeasure", SYN_FUNCTION, "v", "t",
     "a measure of one base cube, whatever the hierarchies unknown to it say", .eval = valid_measure,
     .bind = bind_valid_measure},
    {"NonEmpty", SYN_FUNCTION, "x", "x[x]",
     "the tuples with a value, or with one somewhere in the second set", .eval = non_empty,
     .bind = bind_non_empty, .flags = FUN_BIG},
    {"LastNonEmpty", SYN_FUNCTION, "m", "xm", "the last member of the set at which the measure has a value",
     .eval = last_non_empty, .bind = bind_last_non_empty, .flags = FUN_ITERATES},
    {"CurrentDateString", SYN_FUNCTION, "S", "S", "today, written by a date format",
     .eval = current_date_string, .flags = FUN_VOLATILE},
    {"CurrentDateMember", SYN_FUNCTION, "m", "hS[y]", "the member of today, named by a date format",
     .eval = current_date_member, .flags = FUN_VOLATILE, .words = "EXACT BEFORE AFTER"},
    {"Value", SYN_PROPERTY, "v", "m", "the value of the member at the current cell", .eval = value_of,
     .over = value_of_rows, .bind = bind_value_of},
    {"Cache", SYN_FUNCTION, "v", "v", "the value itself", .eval = cached},
};

const fun_list fun_misc = {table, ARRAY_LEN(table)};
