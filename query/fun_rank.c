/* fun_rank.c - Rank (section 12). What it looks up is prepared once for all cells that share the set. */
#include "query/eval_rows.h"
#include "query/funs.h"
#include "query/memo.h"
#include "query/order.h"
#include "query/places.h"
#include "query/scalar.h"

/* ---- by place ---------------------------------------------------------- */

static pt_value place_in(const places *p, const mref *t, uint32_t arity)
{
    uint32_t at;
    return value_int(places_find(p, t, arity, &at) ? (int64_t)at + 1 : 0);
}

static pt_status rank(eval *x, const node *n, xval *out)
{
    tuple t;
    places p;
    PT_TRY(places_args(x, n, &t, &p));
    out->v = t.n ? place_in(&p, t.m, t.n) : value_null();
    return PT_OK;
}

static pt_status rank_rows(eval *x, const node *n, const rows *r, pt_value *out)
{
    const mref *t;
    places p;
    uint32_t arity = n->args[0]->n;
    if (!rows_know_tuple(n->args[0]) || !rows_share(r, n->args[1])) return eval_rows_each(x, n, r, out);
    PT_TRY(places_args_rows(x, n, r, &t, &p));
    for (uint32_t i = 0; i < r->n; i++, t += arity)
        out[i] = tuple_has_null(t, arity) ? value_null() : place_in(&p, t, arity);
    return PT_OK;
}

/* ---- by value ---------------------------------------------------------- */

/* Ranks of a set. The value at a tuple of the set is known, so its rank is too. */
typedef struct sorted {
    double *v; /* descending, without nulls */
    uint32_t n;
    tuple_index tuples; /* of the set */
    uint32_t *ranks;    /* [set.n] by position in it: equal values share the first of their places */
} sorted;

static pt_status make_numbers(eval *x, const node *expr, pt_value *v, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (v[i].kind == VAL_TEXT || v[i].kind == VAL_TIME) return eval_wrong_kind(x, expr, v[i], "a number");
        if (v[i].kind != VAL_NULL) v[i] = value_double(value_as_double(v[i]));
    }
    return PT_OK;
}

/* Falling; nulls come last of all and are left out. */
static pt_status sort_values(eval *x, arena *a, const pt_value *v, uint32_t n, sorted *out)
{
    uint32_t *positions;
    PT_TRY(order_by_values(x, v, n, true, &positions));
    out->v = arena_array(a, double, n);
    out->ranks = arena_array(a, uint32_t, n);
    if (!out->v || !out->ranks) return arena_fail(a, x->err);
    while (out->n < n && v[positions[out->n]].kind != VAL_NULL) {
        uint32_t i = out->n++, at = positions[i];
        out->v[i] = v[at].f;
        bool is_equal = i > 0 && scalar_order(v[positions[i - 1]], v[at]) == 0;
        out->ranks[at] = is_equal ? out->ranks[positions[i - 1]] : i + 1;
    }
    for (uint32_t i = out->n; i < n; i++) out->ranks[positions[i]] = out->n + 1;
    return PT_OK;
}

static pt_status sort_set(eval *x, const node *n, arena *a, set s, pt_value *v, sorted *out)
{
    *out = (sorted){0};
    mref *members = arena_array(a, mref, (size_t)s.n * (s.arity ? s.arity : 1));
    if (!members) return arena_fail(a, x->err);
    if (s.n) memcpy(members, s.m, (size_t)s.n * s.arity * sizeof *members);
    PT_TRY(make_numbers(x, n->args[2], v, s.n));
    PT_TRY(sort_values(x, a, v, s.n, out));
    return tuple_index_of(a, (set){members, s.arity, s.n}, &out->tuples, x->err);
}

static pt_status sorted_values(eval *x, const node *n, sorted *out)
{
    set s;
    pt_value *v;
    const node *set_node = n->args[1], *expr = n->args[2];
    uint64_t deps = set_node->deps | (expr->deps & ~shape_deps(set_node->shape));
    memo_state state = n->memo ? memo_look(n->memo, x, deps) : MEMO_EMPTY;
    if (state == MEMO_READY) {
        *out = *(sorted *)n->memo->data;
        return PT_OK;
    }
    if (state == MEMO_PENDING) return EVAL_PENDING;
    pt_status st = eval_set(x, set_node, &s);
    if (st == PT_OK) st = eval_over(x, set_node, s, expr, &v);
    if (st == EVAL_PENDING && n->memo) memo_keep(n->memo, x, MEMO_PENDING);
    PT_TRY(st);
    arena *a = n->memo ? memo_renew(n->memo, x) : NULL;
    if (!a) return sort_set(x, n, x->work, s, v, out);
    PT_TRY(sort_set(x, n, a, s, v, out));
    sorted *kept = arena_make(a, sorted);
    if (!kept) return arena_fail(a, x->err);
    *kept = *out;
    n->memo->data = kept;
    memo_keep(n->memo, x, MEMO_READY);
    return PT_OK;
}

static bool find_rank(const sorted *s, const mref *t, uint32_t arity, pt_value *out)
{
    uint32_t at;
    if (arity != s->tuples.arity || !tuple_index_find(&s->tuples, t, &at)) return false;
    *out = value_int(s->ranks[at]);
    return true;
}

/* Where binary search meets an equal value; SIZE_MAX: nowhere. */
static size_t search_equal(const sorted *s, double d)
{
    size_t lo = 0, hi = s->n;
    while (lo < hi) {
        size_t mid = (lo + hi - 1) / 2;
        int c = scalar_order(value_double(s->v[mid]), value_double(d));
        if (c == 0) return mid;
        if (c > 0) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return SIZE_MAX;
}

static uint32_t n_greater(const sorted *s, double d)
{
    uint32_t lo = 0, hi = s->n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (scalar_order(value_double(s->v[mid]), value_double(d)) > 0) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo;
}

/* A tuple that is not in the set has no place of its own among its equals; it gets the one where it is found,
 * as other servers do. */
static pt_value place_among(const sorted *s, pt_value v)
{
    if (v.kind == VAL_NULL) return value_int((int64_t)s->n + 1);
    size_t found = search_equal(s, value_as_double(v));
    return value_int((int64_t)(found == SIZE_MAX ? n_greater(s, value_as_double(v)) : found) + 1);
}

static pt_status rank_elsewhere(eval *x, const node *n, const sorted *s, tuple t, pt_value *out)
{
    double d;
    bool is_null;
    uint32_t mark = ctx_mark(x);
    pt_status st = ctx_set_tuple(x, t.m, t.n);
    if (st == PT_OK) st = eval_number(x, n->args[2], &d, &is_null);
    ctx_undo(x, mark);
    PT_TRY(st);
    *out = place_among(s, is_null ? value_null() : value_double(d));
    return PT_OK;
}

static pt_status rank_by_value(eval *x, const node *n, xval *out)
{
    tuple t;
    sorted s;
    pt_status all = PT_OK;
    out->v = value_null();
    if (!eval_go_on(eval_tuple(x, n->args[0], &t), &all)) return all;
    if (all == PT_OK && t.n == 0) return PT_OK; /* whatever the values, even errors */
    if (!eval_go_on(sorted_values(x, n, &s), &all)) return all;
    if (all != PT_OK || find_rank(&s, t.m, t.n, &out->v)) return all;
    return rank_elsewhere(x, n, &s, t, &out->v);
}

static bool are_null(const mref *tuples, uint32_t arity, uint32_t n)
{
    uint32_t i = 0;
    while (i < n && tuple_has_null(tuples + (size_t)i * arity, arity)) i++;
    return i == n;
}

static pt_status rank_by_value_rows(eval *x, const node *n, const rows *r, pt_value *out)
{
    sorted s;
    mref *t;
    pt_status all = PT_OK;
    const node *of = n->args[1], *expr = n->args[2];
    uint32_t arity = n->args[0]->n;
    uint64_t deps = of->deps | (expr->deps & ~shape_deps(of->shape));
    if (!rows_know_tuple(n->args[0]) || deps & (r->deps | DEP_OTHER)) return eval_rows_each(x, n, r, out);
    rows_fill(r, value_null(), out);
    if (!eval_go_on(eval_rows_tuples(x, n->args[0], r, &t), &all)) return all;
    if (all == PT_OK && are_null(t, arity, r->n)) return PT_OK;
    if (!eval_go_on(sorted_values(x, n, &s), &all)) return all;
    for (uint32_t i = 0; all == PT_OK && i < r->n; i++, t += arity) {
        if (tuple_has_null(t, arity) || find_rank(&s, t, arity, &out[i])) continue;
        uint32_t mark = ctx_mark(x);
        pt_status st = rows_enter(x, r, i);
        if (st == PT_OK) st = rank_elsewhere(x, n, &s, (tuple){t, arity}, &out[i]);
        ctx_undo(x, mark);
        if (!eval_go_on(st, &all)) return st;
    }
    return all;
}

static pt_status bind_rank(bind *b, node *n)
{
    if (!shape_fits(n->args[0]->shape, n->args[1]->shape))
        return pt_fail_at(b->err, PT_TYPE, n->at, "the tuple and the set are of different hierarchies");
    uint64_t deps = n->args[1]->deps;
    if (n->n == 3) deps |= n->args[2]->deps & ~shape_deps(n->args[1]->shape);
    return places_attach(b, n, deps);
}

static const fun table[] = {
    {"Rank", SYN_FUNCTION, "i", "tx", "place of a tuple in a set, from 1; 0 if it is not there", .eval = rank,
     .over = rank_rows, .bind = bind_rank},
    {"Rank", SYN_FUNCTION, "i", "txn",
     "place of a tuple among the falling values of a set; equal ones share a place", .eval = rank_by_value,
     .over = rank_by_value_rows, .bind = bind_rank, .flags = FUN_ITERATES},
};

const fun_list fun_rank = {table, ARRAY_LEN(table)};
