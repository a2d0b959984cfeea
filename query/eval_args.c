/* eval_args.c - evaluating the arguments of functions, and iterating over sets. */
#include <math.h>

#include "query/eval_rows.h"
#include "query/memo.h"

/* A failure without a place gets that of the innermost expression around it. */
__attribute__((cold, noinline)) static pt_status put_place(eval *x, const node *n, pt_status st)
{
    if (st == EVAL_PENDING || !x->err || x->err->code == PT_OK || x->err->has_place || n->at.end == 0)
        return st;
    x->err->at = n->at;
    x->err->has_place = true;
    return st;
}

pt_status eval_node(eval *x, const node *n, xval *out)
{
    struct sparse_hint *hint = x->sparse;
    bool has_memo = n->memo && !n->owns_memo;
    pt_status st;
    if (!hint && !has_memo) {
        st = n->eval(x, n, out);
    } else {
        x->sparse = NULL;
        st = has_memo ? memo_eval(x, n, out) : n->eval(x, n, out);
        x->sparse = hint;
    }
    return st == PT_OK ? PT_OK : put_place(x, n, st);
}

pt_status eval_value(eval *x, const node *n, pt_value *out)
{
    xval r;
    PT_TRY(eval_node(x, n, &r));
    *out = r.v;
    return PT_OK;
}

static const char *kind_name(pt_value v)
{
    switch (v.kind) {
    case VAL_TEXT: return "a text";
    case VAL_BOOL: return "a truth value";
    case VAL_DATE:
    case VAL_TIME: return "a date";
    case VAL_INT:
    case VAL_DEC:
    case VAL_DOUBLE: return "a number";
    case VAL_NULL: break;
    }
    return "nothing";
}

pt_status eval_wrong_kind(eval *x, const node *n, pt_value v, const char *expected)
{
    strbuf b = {0};
    value_print(v, &b);
    pt_fail_at(x->err, EVAL_ERROR, n->at, "expected %s, got %s: %.60s", expected, kind_name(v),
               b.ptr ? b.ptr : "");
    strbuf_free(&b);
    return EVAL_ERROR;
}

pt_status eval_number(eval *x, const node *n, double *out, bool *is_null)
{
    pt_value v;
    PT_TRY(eval_value(x, n, &v));
    *is_null = v.kind == VAL_NULL;
    *out = 0;
    if (v.kind == VAL_TEXT || v.kind == VAL_TIME) return eval_wrong_kind(x, n, v, "a number");
    if (!*is_null) *out = value_as_double(v);
    return PT_OK;
}

pt_status eval_integer(eval *x, const node *n, int64_t *out, bool *is_null)
{
    double d, far = 4611686018427387904.0;
    *out = 0;
    PT_TRY(eval_number(x, n, &d, is_null));
    if (isnan(d)) *is_null = true;
    if (!*is_null) *out = d >= far ? INT64_MAX / 2 : d <= -far ? -(INT64_MAX / 2) : (int64_t)d;
    return PT_OK;
}

pt_status eval_string(eval *x, const node *n, pt_str *out)
{
    pt_value v;
    PT_TRY(eval_value(x, n, &v));
    *out = (pt_str){0};
    if (v.kind == VAL_NULL) return PT_OK;
    if (v.kind != VAL_TEXT) return eval_wrong_kind(x, n, v, "a text");
    *out = v.s.ptr ? v.s : STR("");
    return PT_OK;
}

pt_status eval_bool(eval *x, const node *n, bool *out)
{
    pt_value v;
    PT_TRY(eval_value(x, n, &v));
    *out = false;
    if (v.kind == VAL_NULL) return PT_OK;
    if (v.kind == VAL_TEXT || v.kind == VAL_DATE || v.kind == VAL_TIME)
        return eval_wrong_kind(x, n, v, "a condition");
    *out = v.kind == VAL_BOOL ? v.i != 0 : value_as_double(v) != 0;
    return PT_OK;
}

pt_status eval_member(eval *x, const node *n, mref *out)
{
    xval r;
    PT_TRY(eval_node(x, n, &r));
    *out = r.m;
    return PT_OK;
}

pt_status eval_tuple(eval *x, const node *n, tuple *out)
{
    xval r;
    PT_TRY(eval_node(x, n, &r));
    *out = r.t;
    return PT_OK;
}

pt_status eval_set(eval *x, const node *n, set *out)
{
    xval r;
    PT_TRY(eval_node(x, n, &r));
    *out = r.s;
    return PT_OK;
}

pt_status eval_set_sparse(eval *x, const node *n, set *out)
{
    xval r;
    if (n->memo || !x->sparse) return eval_set(x, n, out);
    PT_TRY(n->eval(x, n, &r));
    *out = r.s;
    return PT_OK;
}

/* ---- iteration --------------------------------------------------------- */

void iter_begin(iter *it, eval *x, const node *from, set s)
{
    *it = (iter){.x = x, .s = s, .mark = ctx_mark(x)};
    it->frame.up = x->iters;
    it->frame.named = from && from->is_named ? from->extra : NULL;
    x->iters = &it->frame;
    it->is_open = true;
}

bool iter_next(iter *it, pt_status *st)
{
    eval *x = it->x;
    ctx_undo(x, it->mark);
    if (it->at >= it->s.n) return false;
    const mref *t = set_at(it->s, it->at);
    it->frame.at = (tuple){t, it->s.arity};
    it->frame.ordinal = it->at++;
    *st = eval_tick(x);
    if (*st == PT_OK) *st = ctx_set_tuple(x, t, it->s.arity);
    return *st == PT_OK;
}

void iter_end(iter *it)
{
    if (!it->is_open) return;
    it->is_open = false;
    ctx_undo(it->x, it->mark);
    it->x->iters = it->frame.up;
}

static pt_status sweep_all(eval *x, const node *from, set s, const node *expr, pt_value **values)
{
    sweep w;
    pt_status st;
    pt_value *v = arena_array(x->work, pt_value, s.n);
    if (!v) return eval_nomem(x);
    PT_TRY(sweep_begin(&w, x, from, s, expr));
    while (sweep_next(&w, &st))
        if (st == PT_OK) memcpy(v + w.at, w.v, w.n * sizeof *v);
    sweep_end(&w);
    *values = v;
    return st;
}

pt_status eval_over(eval *x, const node *from, set s, const node *expr, pt_value **values)
{
    return sweep_all(x, from, s, expr, values);
}

pt_status eval_cells_over(eval *x, set s, pt_value **values)
{
    return sweep_all(x, NULL, s, NULL, values);
}

pt_status eval_numbers(eval *x, const node *from, set s, const node *expr, double **out, uint32_t *n)
{
    pt_value *v;
    PT_TRY(eval_over(x, from, s, expr, &v));
    double *d = arena_array(x->work, double, s.n);
    if (!d) return eval_nomem(x);
    *n = 0;
    for (uint32_t i = 0; i < s.n; i++) {
        if (v[i].kind == VAL_NULL) continue;
        if (v[i].kind == VAL_TEXT || v[i].kind == VAL_TIME) return eval_wrong_kind(x, expr, v[i], "a number");
        d[(*n)++] = value_as_double(v[i]);
    }
    *out = d;
    return PT_OK;
}
