/* fun_agg.c - Sum, Count, Aggregate and their kin (section 12). */
#include <math.h>

#include "query/funs.h"
#include "query/memo.h"
#include "query/scalar.h"

static pt_status eval_values(eval *x, const node *n, set *s, pt_value **v)
{
    PT_TRY(eval_set(x, n->args[0], s));
    return eval_over(x, n->args[0], *s, n->args[1], v);
}

static pt_status check_number(eval *x, const node *n, pt_value v)
{
    if (v.kind != VAL_TEXT && v.kind != VAL_TIME) return PT_OK;
    return pt_fail_at(x->err, EVAL_ERROR, n->at, "expected a number in every tuple, got a %s",
                      v.kind == VAL_TEXT ? "text" : "date");
}

/* Exact as long as all values are. */
static pt_status sum_of(eval *x, const node *n, set s, const pt_value *v, pt_value *out, uint32_t *n_values)
{
    *out = value_null();
    *n_values = 0;
    for (uint32_t i = 0; i < s.n; i++) {
        if (v[i].kind == VAL_NULL) continue;
        PT_TRY(check_number(x, n, v[i]));
        *out = value_add(*out, v[i].kind == VAL_BOOL ? value_int(v[i].i) : v[i]);
        (*n_values)++;
    }
    return PT_OK;
}

static pt_status sum(eval *x, const node *n, xval *out)
{
    set s;
    pt_value *v;
    uint32_t n_values;
    PT_TRY(eval_values(x, n, &s, &v));
    return sum_of(x, n, s, v, &out->v, &n_values);
}

static pt_status avg(eval *x, const node *n, xval *out)
{
    set s;
    pt_value *v, total;
    uint32_t n_values;
    PT_TRY(eval_values(x, n, &s, &v));
    PT_TRY(sum_of(x, n, s, v, &total, &n_values));
    out->v = n_values ? value_double(value_as_double(total) / n_values) : value_null();
    return PT_OK;
}

static pt_status extreme(eval *x, const node *n, int sign, xval *out)
{
    set s;
    pt_value *v;
    PT_TRY(eval_values(x, n, &s, &v));
    out->v = value_null();
    for (uint32_t i = 0; i < s.n; i++) {
        if (v[i].kind == VAL_NULL) continue;
        PT_TRY(check_number(x, n, v[i]));
        if (out->v.kind == VAL_NULL || scalar_order(v[i], out->v) * sign > 0) out->v = v[i];
    }
    return PT_OK;
}

static pt_status min(eval *x, const node *n, xval *out)
{
    return extreme(x, n, -1, out);
}

static pt_status max(eval *x, const node *n, xval *out)
{
    return extreme(x, n, 1, out);
}

/* ---- Count ------------------------------------------------------------- */

static pt_status count(eval *x, const node *n, xval *out)
{
    set s;
    pt_value *v;
    PT_TRY(eval_set(x, n->args[0], &s));
    uint32_t total = s.n;
    if (n->n == 3) { /* EXCLUDEEMPTY: the last argument is the current cell */
        total = 0;
        PT_TRY(eval_over(x, n->args[0], s, n->args[2], &v));
        for (uint32_t i = 0; i < s.n; i++) total += v[i].kind != VAL_NULL;
    }
    out->v = value_int(total);
    return PT_OK;
}

static pt_status bind_count(bind *b, node *n)
{
    if (!str_eq(flag_of(n, 1), STR("EXCLUDEEMPTY"))) return PT_OK;
    uint64_t deps = n->args[0]->deps;
    node *cell = node_cell(b, n->at);
    if (!cell) return bind_nomem(b);
    PT_TRY(node_append(b, n, cell));
    n->deps = deps | (DEP_ALL & ~shape_deps(n->args[0]->shape));
    return PT_OK;
}

/* ---- Aggregate --------------------------------------------------------- */

/* Replace tuples with an Aggregate member by the tuples that it stands for. *is_plain false: a calculated
 * member of another kind is in the way. */
static pt_status spread(eval *x, set s, set *out, bool *is_plain);

static const node *aggregated_set(const scope *sc, mref m)
{
    if (m.kind != MEM_CALC) return NULL;
    const node *body = sc->calcs[m.id]->body;
    if (!body || !body->fun || strcmp(body->fun->name, "Aggregate") != 0 || body->args[1]->kind != NODE_CELL)
        return NULL;
    return body->args[0];
}

static pt_status spread_tuple(eval *x, const mref *t, uint32_t n, tuplist *out, bool *is_plain)
{
    uint32_t k = 0;
    set inner, all;
    while (k < n && t[k].kind != MEM_CALC) k++;
    if (k == n) return tuplist_add(out, t);
    const node *of = aggregated_set(x->sc, t[k]);
    if (!of) {
        *is_plain = false;
        return PT_OK;
    }
    PT_TRY(eval_set(x, of, &inner));
    if (inner.n && (inner.arity != 1 || inner.m[0].hier != t[k].hier)) {
        *is_plain = false;
        return PT_OK;
    }
    tuplist b = eval_tuplist(x, n);
    PT_TRY(tuplist_reserve(&b, inner.n));
    for (uint32_t i = 0; i < inner.n; i++) {
        mref *to = b.s.m + (size_t)b.s.n++ * n;
        memcpy(to, t, n * sizeof *t);
        to[k] = inner.m[i];
    }
    PT_TRY(spread(x, b.s, &all, is_plain));
    return tuplist_add_set(out, all);
}

static pt_status spread(eval *x, set s, set *out, bool *is_plain)
{
    tuplist b = eval_tuplist(x, s.arity);
    PT_TRY(eval_tick(x));
    for (uint32_t i = 0; i < s.n && *is_plain; i++)
        PT_TRY(spread_tuple(x, set_at(s, i), s.arity, &b, is_plain));
    *out = b.s;
    return PT_OK;
}

static pt_status no_aggregator(eval *x, const node *n)
{
    pt_fail_at(x->err, EVAL_ERROR, n->at, "could not find an aggregator in the current evaluation context");
    return pt_hint(x->err, "a calculated measure has none: use Sum, or give the member a lower SOLVE_ORDER");
}

/* One look over the union of the tuples. */
static pt_status over_union(eval *x, const node *n, set s, pt_value *out)
{
    uint32_t mark = ctx_mark(x);
    bool is_plain = true;
    uint16_t *hiers = arena_array(x->work, uint16_t, s.arity);
    if (!hiers) return eval_nomem(x);
    PT_TRY(spread(x, s, &s, &is_plain));
    if (!is_plain) return no_aggregator(x, n);
    *out = value_null();
    if (s.n == 0) return PT_OK;
    for (uint32_t k = 0; k < s.arity; k++) hiers[k] = s.m[k].hier;
    pt_status st = region_enter(x, hiers, s);
    if (st == PT_OK) st = eval_cell(x, out);
    ctx_undo(x, mark);
    return st;
}

static pt_value combine(pt_value a, pt_value b, agg_kind how)
{
    if (how != AGG_MIN && how != AGG_MAX) return value_add(a, b);
    if (a.kind == VAL_NULL || b.kind == VAL_NULL) return a.kind == VAL_NULL ? b : a;
    return (scalar_order(a, b) > 0) == (how == AGG_MAX) ? a : b;
}

pt_status eval_aggregate(eval *x, const node *n, set s, pt_value *out)
{
    pt_status all = PT_OK;
    *out = value_null();
    if (s.n == 0) return PT_OK;
    if (x->ctx[0].kind != MEM_STORED && set_at(s, 0)[0].hier != 0) return no_aggregator(x, n);
    agg_kind how = x->ctx[0].kind == MEM_STORED ? x->sc->measures[x->ctx[0].id].def->agg : AGG_SUM;
    if (how == AGG_DISTINCT || how == AGG_AVG) return over_union(x, n, s, out);
    for (uint32_t i = 0; i < s.n; i++) {
        pt_value v;
        PT_TRY(eval_tick(x));
        pt_status st = eval_cell_at(x, set_at(s, i), s.arity, &v);
        if (!eval_go_on(st, &all)) return st;
        if (st == PT_OK) *out = combine(*out, v, how);
    }
    return all;
}

/* With a stored measure as second argument: by that measure's aggregator; any other expression is summed. */
static pt_status aggregate(eval *x, const node *n, xval *out)
{
    set s;
    mref m = {0};
    pt_value *v;
    uint32_t n_values, mark = ctx_mark(x);
    const node *expr = n->args[1];
    PT_TRY(eval_set(x, n->args[0], &s));
    if (expr->kind == NODE_CELL) return eval_aggregate(x, n, s, &out->v);
    if (expr->kind == NODE_MEMBER_VALUE) PT_TRY(eval_member(x, expr->args[0], &m));
    if (expr->kind != NODE_MEMBER_VALUE || m.kind != MEM_STORED || m.hier != 0) {
        PT_TRY(eval_over(x, n->args[0], s, expr, &v));
        return sum_of(x, n, s, v, &out->v, &n_values);
    }
    PT_TRY(ctx_set(x, m));
    pt_status st = eval_aggregate(x, n, s, &out->v);
    ctx_undo(x, mark);
    return st;
}

#define AGGREGATE(name, text, fn)                                                                            \
    {                                                                                                        \
        name, SYN_FUNCTION, "n", "x[n]", text, .eval = fn, .bind = bind_cell_default, .flags = FUN_ITERATES  \
    }

static const fun table[] = {
    AGGREGATE("Sum", "the sum over a set", sum),
    AGGREGATE("Avg", "the mean of the values that are not null", avg),
    AGGREGATE("Min", "the least value over a set", min),
    AGGREGATE("Max", "the greatest value over a set", max),
    AGGREGATE("Aggregate", "the measure over a set, by its own aggregator", aggregate),
    {"Count", SYN_FUNCTION, "n", "x[y]", "number of tuples; EXCLUDEEMPTY: of those with a value",
     .eval = count, .bind = bind_count, .words = "EXCLUDEEMPTY INCLUDEEMPTY"},
    {"Count", SYN_PROPERTY, "n", "x", "number of tuples", .eval = count},
};

const fun_list fun_agg = {table, ARRAY_LEN(table)};
