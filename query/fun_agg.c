/* fun_agg.c - Sum, Count, Aggregate and their kin (section 12). */
#include <math.h>

#include "query/eval_rows.h"
#include "query/funs.h"
#include "query/memo.h"
#include "query/scalar.h"

static pt_status check_number(eval *x, const node *n, pt_value v)
{
    if (v.kind != VAL_TEXT && v.kind != VAL_TIME) return PT_OK;
    return pt_fail_at(x->err, EVAL_ERROR, n->at, "expected a number in every tuple, got a %s",
                      v.kind == VAL_TEXT ? "text" : "date");
}

/* What is made of the values that are not null. */
typedef struct total {
    pt_value v;
    uint64_t n;
    int sign; /* 0: their sum; else the greatest (1) or least (-1) of them */
} total;

/* A sum is exact as long as all values are. */
static pt_status add_value(eval *x, const node *n, pt_value v, total *t)
{
    if (v.kind == VAL_NULL) return PT_OK;
    PT_TRY(check_number(x, n, v));
    t->n++;
    if (t->sign == 0) {
        t->v = value_add(t->v, v.kind == VAL_BOOL ? value_int(v.i) : v);
    } else if (t->v.kind == VAL_NULL || scalar_order(v, t->v) * t->sign > 0) {
        t->v = v;
    }
    return PT_OK;
}

static pt_status total_of(eval *x, const node *n, set s, const node *expr, total *t)
{
    sweep w;
    pt_status st, added = PT_OK;
    PT_TRY(sweep_begin(&w, x, n->args[0], s, expr));
    while (added == PT_OK && sweep_next(&w, &st))
        for (uint32_t i = 0; st == PT_OK && added == PT_OK && i < w.n; i++)
            added = add_value(x, n, w.v[i], t);
    sweep_end(&w);
    return added != PT_OK ? added : st;
}

static pt_value mean_of(const total *t)
{
    return t->n ? value_double(value_as_double(t->v) / (double)t->n) : value_null();
}

static pt_status total_node(eval *x, const node *n, total *t)
{
    set s;
    t->v = value_null();
    PT_TRY(eval_set(x, n->args[0], &s));
    return total_of(x, n, s, n->args[1], t);
}

static pt_status give_total(eval *x, const node *n, int sign, xval *out)
{
    total t = {.sign = sign};
    PT_TRY(total_node(x, n, &t));
    out->v = t.v;
    return PT_OK;
}

static pt_status sum(eval *x, const node *n, xval *out)
{
    return give_total(x, n, 0, out);
}

static pt_status avg(eval *x, const node *n, xval *out)
{
    total t = {.sign = 0};
    PT_TRY(total_node(x, n, &t));
    out->v = mean_of(&t);
    return PT_OK;
}

static pt_status min(eval *x, const node *n, xval *out)
{
    return give_total(x, n, -1, out);
}

static pt_status max(eval *x, const node *n, xval *out)
{
    return give_total(x, n, 1, out);
}

/* ---- the same for many tuples at once, if the set is one for all -------- */

static pt_status add_rows(eval *x, const node *n, const rows *r, pt_value *v, total *t)
{
    PT_TRY(eval_rows(x, n->args[1], r, v));
    for (uint32_t i = 0; i < r->n; i++) PT_TRY(add_value(x, n, v[i], &t[i]));
    return PT_OK;
}

static pt_status total_rows(eval *x, const node *n, const rows *r, int sign, total *t)
{
    set s;
    iter it;
    pt_status st = PT_OK, all = PT_OK;
    pt_value *v = arena_array(x->work, pt_value, r->n);
    if (!v) return eval_nomem(x);
    for (uint32_t i = 0; i < r->n; i++) t[i] = (total){.v = value_null(), .sign = sign};
    PT_TRY(eval_set(x, n->args[0], &s));
    iter_begin(&it, x, n->args[0], s);
    while (iter_next(&it, &st)) {
        rows here = rows_without(r, iter_tuple(&it), s.arity);
        arena_mark before = arena_save(x->work);
        st = add_rows(x, n, &here, v, t);
        arena_restore(x->work, before);
        if (!eval_go_on(st, &all)) break;
        st = PT_OK;
    }
    iter_end(&it);
    return st != PT_OK ? st : all;
}

static pt_status give_totals(eval *x, const node *n, const rows *r, int sign, bool is_mean, pt_value *out)
{
    total *t = arena_array(x->work, total, r->n);
    if (!t) return eval_nomem(x);
    if (!rows_share(r, n->args[0])) return eval_rows_each(x, n, r, out);
    PT_TRY(total_rows(x, n, r, sign, t));
    for (uint32_t i = 0; i < r->n; i++) out[i] = is_mean ? mean_of(&t[i]) : t[i].v;
    return PT_OK;
}

static pt_status sum_rows(eval *x, const node *n, const rows *r, pt_value *out)
{
    return give_totals(x, n, r, 0, false, out);
}

static pt_status avg_rows(eval *x, const node *n, const rows *r, pt_value *out)
{
    return give_totals(x, n, r, 0, true, out);
}

static pt_status min_rows(eval *x, const node *n, const rows *r, pt_value *out)
{
    return give_totals(x, n, r, -1, false, out);
}

static pt_status max_rows(eval *x, const node *n, const rows *r, pt_value *out)
{
    return give_totals(x, n, r, 1, false, out);
}

/* ---- Count ------------------------------------------------------------- */

static pt_status count(eval *x, const node *n, xval *out)
{
    set s;
    sweep w;
    pt_status st;
    uint32_t n_full = 0;
    PT_TRY(eval_set(x, n->args[0], &s));
    out->v = value_int(s.n);
    if (n->n < 3) return PT_OK;
    /* EXCLUDEEMPTY: the last argument is the current cell */
    PT_TRY(sweep_begin(&w, x, n->args[0], s, n->args[2]));
    while (sweep_next(&w, &st))
        for (uint32_t i = 0; st == PT_OK && i < w.n; i++) n_full += w.v[i].kind != VAL_NULL;
    sweep_end(&w);
    out->v = value_int(n_full);
    return st;
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
    sweep w;
    pt_status st;
    *out = value_null();
    if (s.n == 0) return PT_OK;
    if (x->ctx[0].kind != MEM_STORED && set_at(s, 0)[0].hier != 0) return no_aggregator(x, n);
    agg_kind how = x->ctx[0].kind == MEM_STORED ? x->sc->measures[x->ctx[0].id].def->agg : AGG_SUM;
    if (how == AGG_DISTINCT || how == AGG_AVG) return over_union(x, n, s, out);
    PT_TRY(sweep_begin(&w, x, NULL, s, NULL));
    while (sweep_next(&w, &st))
        for (uint32_t i = 0; st == PT_OK && i < w.n; i++) *out = combine(*out, w.v[i], how);
    sweep_end(&w);
    return st;
}

/* With a stored measure as second argument: by that measure's aggregator; any other expression is summed. */
static pt_status aggregate(eval *x, const node *n, xval *out)
{
    set s;
    mref m = {0};
    total t = {.v = value_null()};
    uint32_t mark = ctx_mark(x);
    const node *expr = n->args[1];
    PT_TRY(eval_set(x, n->args[0], &s));
    if (expr->kind == NODE_CELL) return eval_aggregate(x, n, s, &out->v);
    if (expr->kind == NODE_MEMBER_VALUE) PT_TRY(eval_member(x, expr->args[0], &m));
    if (expr->kind != NODE_MEMBER_VALUE || m.kind != MEM_STORED || m.hier != 0) {
        PT_TRY(total_of(x, n, s, expr, &t));
        out->v = t.v;
        return PT_OK;
    }
    PT_TRY(ctx_set(x, m));
    pt_status st = eval_aggregate(x, n, s, &out->v);
    ctx_undo(x, mark);
    return st;
}

#define AGGREGATE(name, text, fn, fn_rows)                                                                   \
    {                                                                                                        \
        name, SYN_FUNCTION, "n", "x[n]", text, .eval = fn, .over = fn_rows, .bind = bind_cell_default,       \
                                               .flags = FUN_ITERATES                                         \
    }

static const fun table[] = {
    AGGREGATE("Sum", "the sum over a set", sum, sum_rows),
    AGGREGATE("Avg", "the mean of the values that are not null", avg, avg_rows),
    AGGREGATE("Min", "the least value over a set", min, min_rows),
    AGGREGATE("Max", "the greatest value over a set", max, max_rows),
    AGGREGATE("Aggregate", "the measure over a set, by its own aggregator", aggregate, NULL),
    {"Count", SYN_FUNCTION, "n", "x[y]", "number of tuples; EXCLUDEEMPTY: of those with a value",
     .eval = count, .bind = bind_count, .words = "EXCLUDEEMPTY INCLUDEEMPTY"},
    {"Count", SYN_PROPERTY, "n", "x", "number of tuples", .eval = count},
};

const fun_list fun_agg = {table, ARRAY_LEN(table)};
