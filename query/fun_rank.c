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
    pt_status all = PT_OK;
    if (!eval_go_on(eval_tuple(x, n->args[0], &t), &all)) return all;
    if (!eval_go_on(places_of(x, n, n->args[1], &p), &all)) return all;
    out->v = value_null();
    if (all == PT_OK && t.n) out->v = place_in(&p, t.m, t.n);
    return all;
}

static pt_status rank_rows(eval *x, const node *n, const rows *r, pt_value *out)
{
    mref *t;
    places p;
    pt_status all = PT_OK;
    uint32_t arity = n->args[0]->n;
    if (!rows_know_tuple(n->args[0]) || !rows_share(r, n->args[1])) return eval_rows_each(x, n, r, out);
    if (!eval_go_on(eval_rows_tuples(x, n->args[0], r, &t), &all)) return all;
    if (!eval_go_on(places_of(x, n, n->args[1], &p), &all)) return all;
    rows_fill(r, value_null(), out);
    for (uint32_t i = 0; all == PT_OK && i < r->n; i++, t += arity)
        if (!tuple_has_null(t, arity)) out[i] = place_in(&p, t, arity);
    return all;
}

/* ---- by value ---------------------------------------------------------- */

typedef struct sorted {
    double *v; /* descending, without nulls */
    uint32_t n;
    tuple_index tuples; /* of the set */
} sorted;

static pt_status sort_falling(eval *x, double *v, uint32_t n)
{
    uint32_t *positions;
    pt_value *values = arena_array(x->work, pt_value, n);
    double *moved = arena_array(x->work, double, n);
    if (!values || !moved) return eval_nomem(x);
    for (uint32_t i = 0; i < n; i++) values[i] = value_double(v[i]);
    PT_TRY(order_by_values(x, values, n, true, &positions));
    for (uint32_t i = 0; i < n; i++) moved[i] = v[positions[i]];
    if (n) memcpy(v, moved, n * sizeof *v);
    return PT_OK;
}

static pt_status sorted_values(eval *x, const node *n, sorted *out)
{
    set s;
    const node *set_node = n->args[1], *expr = n->args[2];
    uint64_t deps = set_node->deps | (expr->deps & ~shape_deps(set_node->shape));
    memo_state state = n->memo ? memo_look(n->memo, x, deps) : MEMO_EMPTY;
    if (state == MEMO_READY) {
        *out = *(sorted *)n->memo->data;
        return PT_OK;
    }
    if (state == MEMO_PENDING) return EVAL_PENDING;
    pt_status st = eval_set(x, set_node, &s);
    if (st == PT_OK) st = eval_numbers(x, set_node, s, expr, &out->v, &out->n);
    if (st == EVAL_PENDING && n->memo) memo_keep(n->memo, x, MEMO_PENDING);
    PT_TRY(st);
    PT_TRY(sort_falling(x, out->v, out->n));
    arena *a = n->memo ? memo_renew(n->memo, x) : NULL;
    if (!a) return tuple_index_of(x->work, s, &out->tuples, x->err);
    sorted *kept = arena_make(a, sorted);
    double *copy = arena_array(a, double, out->n);
    mref *members = arena_array(a, mref, (size_t)s.n * (s.arity ? s.arity : 1));
    if (!kept || !copy || !members) return arena_fail(a, x->err);
    memcpy(copy, out->v, out->n * sizeof *copy);
    if (s.n) memcpy(members, s.m, (size_t)s.n * s.arity * sizeof *members);
    *kept = (sorted){.v = copy, .n = out->n};
    PT_TRY(tuple_index_of(a, (set){members, s.arity, s.n}, &kept->tuples, x->err));
    *out = *kept;
    n->memo->data = kept;
    memo_keep(n->memo, x, MEMO_READY);
    return PT_OK;
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

/* Equal tuples of the set share the first of their places. One that is not in the set has no place of its own
 * among its equals; it gets the one where it is found, as other servers do. */
static uint32_t place_among(const sorted *s, double d, tuple t)
{
    uint32_t at;
    if (t.n == s->tuples.arity && tuple_index_find(&s->tuples, t.m, &at)) return n_greater(s, d);
    size_t found = search_equal(s, d);
    return found == SIZE_MAX ? n_greater(s, d) : (uint32_t)found;
}

static pt_status rank_by_value(eval *x, const node *n, xval *out)
{
    tuple t = {0}; /* null while its cells are missing */
    sorted s;
    double d = 0;
    bool is_null = true;
    pt_status all = PT_OK;
    if (!eval_go_on(eval_tuple(x, n->args[0], &t), &all)) return all;
    if (!eval_go_on(sorted_values(x, n, &s), &all)) return all;
    out->v = value_null();
    if (t.n == 0) return all;
    uint32_t mark = ctx_mark(x);
    pt_status st = ctx_set_tuple(x, t.m, t.n);
    if (st == PT_OK) st = eval_number(x, n->args[2], &d, &is_null);
    ctx_undo(x, mark);
    if (!eval_go_on(st, &all) || all != PT_OK) return all;
    out->v = value_int((is_null ? s.n : place_among(&s, d, t)) + 1);
    return PT_OK;
}

/* The column of the rows whose member the first argument is: Rank([Customer].CurrentMember, ...). false: it
 * is something else. */
static bool own_column(const rows *r, const node *t, uint32_t *column)
{
    return t->kind == NODE_TUPLE && t->n == 1 && t->args[0]->kind == NODE_CURRENT &&
           rows_column(r, t->args[0]->k.hier, column);
}

static pt_status rank_by_value_rows(eval *x, const node *n, const rows *r, pt_value *out)
{
    sorted s;
    uint32_t column;
    pt_status all = PT_OK;
    const node *of = n->args[1], *expr = n->args[2];
    uint64_t deps = of->deps | (expr->deps & ~shape_deps(of->shape));
    if (!own_column(r, n->args[0], &column) || deps & (r->deps | DEP_OTHER))
        return eval_rows_each(x, n, r, out);
    if (!eval_go_on(sorted_values(x, n, &s), &all)) return all;
    if (!eval_go_on(eval_rows_as(x, expr, 'n', r, out), &all)) return all;
    for (uint32_t i = 0; all == PT_OK && i < r->n; i++) {
        tuple t = {&rows_tuple(r, i)[column], 1};
        bool is_null = out[i].kind == VAL_NULL;
        out[i] = value_int((is_null ? s.n : place_among(&s, value_as_double(out[i]), t)) + 1);
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
