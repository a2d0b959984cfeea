/* fun_order.c - Order, Hierarchize, and the best and worst of a set (section 13). */
#include "query/funs.h"
#include "query/nav.h"
#include "query/order.h"

/* ---- Order ------------------------------------------------------------- */

static bool is_desc(pt_str flag)
{
    return str_eq(flag, STR("DESC")) || str_eq(flag, STR("BDESC"));
}

static bool breaks(pt_str flag)
{
    return str_eq(flag, STR("BASC")) || str_eq(flag, STR("BDESC"));
}

static pt_status order(eval *x, const node *n, xval *out)
{
    set s;
    uint32_t n_keys = 0, *positions;
    pt_status all = PT_OK;
    pt_value **keys = arena_array(x->work, pt_value *, n->n);
    bool *desc = arena_array(x->work, bool, n->n);
    if (!keys || !desc) return eval_nomem(x);
    PT_TRY(eval_set_sparse(x, n->args[0], &s));
    if (!breaks(flag_of(n, 2)))
        return order_hierarchical(x, n->args[0], s, n->args[1], is_desc(flag_of(n, 2)), &out->s);
    for (uint32_t i = 1; i < n->n; i++) {
        if (n->args[i]->type == VT_FLAG) continue;
        desc[n_keys] = is_desc(flag_of(n, i + 1));
        if (!eval_go_on(eval_over(x, n->args[0], s, n->args[i], &keys[n_keys++]), &all)) return all;
    }
    if (all != PT_OK) return all;
    PT_TRY(order_by_keys(x, keys, desc, n_keys, s.n, &positions));
    return set_pick(x, s, positions, s.n, &out->s);
}

/* Place in the natural order, as a number: by the first of the lowest members below, higher levels first. */
static pt_status order_key(eval *x, const node *n, xval *out)
{
    mref m;
    PT_TRY(eval_member(x, n->args[0], &m));
    const scope_hier *h = &x->sc->hiers[m.hier];
    out->v = value_null();
    if (mref_is_null(m)) return PT_OK;
    if (m.kind == MEM_CALC) {
        out->v = value_int(INT64_MAX / 2 + m.id);
        return PT_OK;
    }
    uint32_t lvl = member_level(x->sc, m), last = h->n_levels - 1;
    mref low =
        m.hier == 0 || h->is_parent_child || m.kind == MEM_ALL ? m : nav_first_at(x->sc, m, last, false);
    int64_t place = mref_is_null(low) || low.kind == MEM_ALL ? 0 : low.id;
    out->v = value_int(place * (h->n_levels + 1) + lvl);
    return PT_OK;
}

static pt_status hierarchize(eval *x, const node *n, xval *out)
{
    set s;
    PT_TRY(eval_set_sparse(x, n->args[0], &s));
    return order_natural(x, s, str_eq(flag_of(n, 1), STR("POST")), &out->s);
}

/* ---- TopCount, BottomCount --------------------------------------------- */

static pt_status ends_count(eval *x, const node *n, bool top, xval *out)
{
    set s;
    int64_t k;
    bool is_null;
    pt_value *v;
    uint32_t *positions;
    PT_TRY(eval_set(x, n->args[0], &s));
    PT_TRY(eval_integer(x, n->args[1], &k, &is_null));
    if (k < 0 && !is_null)
        return pt_fail_at(x->err, PT_VALUE, n->args[1]->at, "the number of tuples to take is negative: %lld",
                          (long long)k);
    uint32_t take = is_null ? 0 : k < (int64_t)s.n ? (uint32_t)k : s.n;
    if (!has_arg(n, 2)) {
        out->s = (set){s.m + (top ? 0 : (size_t)(s.n - take) * s.arity), s.arity, take};
        return PT_OK;
    }
    PT_TRY(eval_over(x, n->args[0], s, n->args[2], &v));
    PT_TRY(order_first(x, v, s.n, top, take, &positions));
    return set_pick(x, s, positions, take, &out->s);
}

static pt_status top_count(eval *x, const node *n, xval *out)
{
    return ends_count(x, n, true, out);
}

static pt_status bottom_count(eval *x, const node *n, xval *out)
{
    return ends_count(x, n, false, out);
}

/* ---- TopSum, TopPercent ------------------------------------------------ */

typedef struct sums {
    set s;
    pt_value *v;
    uint32_t *positions;
    double total;
    uint32_t n_values;
} sums;

static pt_status sort_sums(eval *x, const node *n, bool top, sums *r)
{
    PT_TRY(eval_set(x, n->args[0], &r->s));
    PT_TRY(eval_over(x, n->args[0], r->s, n->args[2], &r->v));
    PT_TRY(order_by_values(x, r->v, r->s.n, top, &r->positions));
    for (uint32_t i = 0; i < r->s.n; i++) {
        if (r->v[i].kind == VAL_NULL) continue;
        r->total += value_as_double(r->v[i]);
        r->n_values++;
    }
    return PT_OK;
}

/* How many in order until the sum reaches the target; the one that does is included. */
static uint32_t until(const sums *r, double target)
{
    double sum = 0;
    for (uint32_t i = 0; i < r->s.n; i++) {
        pt_value v = r->v[r->positions[i]];
        if (v.kind != VAL_NULL) sum += value_as_double(v);
        if (sum >= target) return i + 1;
    }
    return r->s.n;
}

static pt_status ends_sum(eval *x, const node *n, bool top, bool by_percent, xval *out)
{
    sums r = {0};
    double target;
    bool is_null;
    uint32_t take;
    PT_TRY(eval_number(x, n->args[1], &target, &is_null));
    PT_TRY(sort_sums(x, n, top, &r));
    if (is_null || !(target > 0)) {
        take = 0;
    } else if (r.n_values == 0 && !by_percent) {
        take = r.s.n;
    } else if (!by_percent) {
        take = until(&r, target);
    } else if (r.n_values == 0) { /* each counts alike */
        take = r.s.n;
        for (uint32_t i = 1; i <= r.s.n; i++)
            if (100.0 * i / r.s.n >= target) {
                take = i;
                break;
            }
    } else {
        take = target > 100 || r.total == 0 ? r.s.n : until(&r, r.total * target / 100);
    }
    return set_pick(x, r.s, r.positions, take, &out->s);
}

static pt_status top_sum(eval *x, const node *n, xval *out)
{
    return ends_sum(x, n, true, false, out);
}

static pt_status bottom_sum(eval *x, const node *n, xval *out)
{
    return ends_sum(x, n, false, false, out);
}

static pt_status top_percent(eval *x, const node *n, xval *out)
{
    return ends_sum(x, n, true, true, out);
}

static pt_status bottom_percent(eval *x, const node *n, xval *out)
{
    return ends_sum(x, n, false, true, out);
}

/* How much to take is not evaluated at the tuples, so it still depends on all of the outer context. */
static pt_status bind_ends(bind *b, node *n)
{
    (void)b;
    n->deps |= n->args[1]->deps;
    return PT_OK;
}

#define ENDS .bind = bind_ends, .flags = FUN_BIG | FUN_ITERATES

static const fun table[] = {
    {"Order", SYN_FUNCTION, "x", "x{v[y]}...", "the set sorted by values; BASC and BDESC across hierarchies",
     .eval = order, .flags = FUN_BIG | FUN_ITERATES | FUN_SPARSE, .words = "ASC DESC BASC BDESC"},
    {"OrderKey", SYN_PROPERTY, "v", "m", "the member's place in natural order, as a key to sort by",
     .eval = order_key},
    {"Hierarchize", SYN_FUNCTION, "x", "x[y]", "the set in natural order, parents first or (POST) last",
     .eval = hierarchize, .flags = FUN_BIG | FUN_SPARSE, .words = "PRE POST"},
    {"TopCount", SYN_FUNCTION, "x", "xn[v]", "the tuples with the greatest values", .eval = top_count, ENDS},
    {"BottomCount", SYN_FUNCTION, "x", "xn[v]", "the tuples with the least values", .eval = bottom_count,
     ENDS},
    {"TopPercent", SYN_FUNCTION, "x", "xnn", "the greatest values that make up a part of the total",
     .eval = top_percent, ENDS},
    {"BottomPercent", SYN_FUNCTION, "x", "xnn", "the least values that make up a part of the total",
     .eval = bottom_percent, ENDS},
    {"TopSum", SYN_FUNCTION, "x", "xnn", "the greatest values that reach a sum", .eval = top_sum, ENDS},
    {"BottomSum", SYN_FUNCTION, "x", "xnn", "the least values that reach a sum", .eval = bottom_sum, ENDS},
};

const fun_list fun_order = {table, ARRAY_LEN(table)};
