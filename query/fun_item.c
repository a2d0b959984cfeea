/* fun_item.c - single elements of sets and tuples, and where an iteration stands. */
#include "query/funs.h"

/* ---- Item -------------------------------------------------------------- */

static pt_status nth(eval *x, const node *n, tuple *out)
{
    set s;
    int64_t i;
    bool is_null;
    pt_status all = PT_OK;
    *out = (tuple){0};
    if (!eval_go_on(eval_set(x, n->args[0], &s), &all)) return all;
    if (!eval_go_on(eval_integer(x, n->args[1], &i, &is_null), &all)) return all;
    if (all == PT_OK && !is_null && i >= 0 && i < (int64_t)s.n)
        *out = (tuple){set_at(s, (uint32_t)i), s.arity};
    return all;
}

static pt_status set_item(eval *x, const node *n, xval *out)
{
    return nth(x, n, &out->t);
}

static pt_status as_member(const node *n, tuple t, xval *out)
{
    uint32_t hier = shape_hier(n);
    return give_member(out, t.n ? t.m[0] : mref_null(hier == HIER_ANY ? 0 : hier));
}

static pt_status set_item_member(eval *x, const node *n, xval *out)
{
    tuple t;
    PT_TRY(nth(x, n, &t));
    return as_member(n, t, out);
}

/* The first tuple whose members have these names. */
static pt_status named(eval *x, const node *n, tuple *out)
{
    set s;
    pt_status all = PT_OK;
    pt_str *names = arena_array(x->work, pt_str, n->n);
    *out = (tuple){0};
    if (!names) return eval_nomem(x);
    if (!eval_go_on(eval_set(x, n->args[0], &s), &all)) return all;
    for (uint32_t i = 1; i < n->n; i++)
        if (!eval_go_on(eval_string(x, n->args[i], &names[i - 1]), &all)) return all;
    for (uint32_t i = 0; all == PT_OK && i < s.n; i++) {
        uint32_t k = 0;
        while (k < s.arity && k + 1 < n->n && names[k].ptr &&
               member_has_name(x->sc, set_at(s, i)[k], names[k], x->work))
            k++;
        if (k < s.arity) continue;
        *out = (tuple){set_at(s, i), s.arity};
        break;
    }
    return all;
}

static pt_status set_named(eval *x, const node *n, xval *out)
{
    return named(x, n, &out->t);
}

static pt_status set_named_member(eval *x, const node *n, xval *out)
{
    tuple t;
    PT_TRY(named(x, n, &t));
    return as_member(n, t, out);
}

static pt_status bind_item(bind *b, node *n)
{
    (void)b;
    if (n->shape.n != 1) return PT_OK;
    n->type = VT_MEMBER;
    n->eval = set_item_member;
    return PT_OK;
}

static pt_status bind_named(bind *b, node *n)
{
    if (n->shape.n && n->n - 1 != n->shape.n)
        return pt_fail_at(b->err, PT_TYPE, n->at, "the set has tuples of %u members, but %u %s given",
                          n->shape.n, n->n - 1, n->n == 2 ? "name is" : "names are");
    if (n->shape.n != 1) return PT_OK;
    n->type = VT_MEMBER;
    n->eval = set_named_member;
    return PT_OK;
}

static pt_status tuple_item(eval *x, const node *n, xval *out)
{
    tuple t;
    int64_t i;
    bool is_null;
    PT_TRY(eval_tuple(x, n->args[0], &t));
    PT_TRY(eval_integer(x, n->args[1], &i, &is_null));
    if (is_null || i < 0 || i >= (int64_t)t.n) t.n = 0;
    if (t.n) t = (tuple){t.m + i, 1};
    return as_member(n, t, out);
}

static pt_status bind_tuple_item(bind *b, node *n)
{
    const node *i = n->args[1];
    shape s = n->args[0]->shape;
    uint32_t hier = HIER_ANY;
    if (i->is_const && i->k.v.kind == VAL_INT && i->k.v.i >= 0 && i->k.v.i < (int64_t)s.n)
        hier = s.hiers[i->k.v.i];
    return shape_one(b, hier, &n->shape);
}

/* ---- Current, CurrentOrdinal ------------------------------------------- */

static const iter_frame *frame_of(const eval *x, const node *n)
{
    const iter_frame *f = x->iters;
    while (f && f->named != n->args[0]->extra) f = f->up;
    return f;
}

static pt_status not_iterating(eval *x, const node *n)
{
    pt_fail_at(x->err, PT_VALUE, n->at, "there is no iteration over this set around here");
    return pt_hint(x->err,
                   ".Current is known inside Filter, Generate, Order, Sum, ... of the named set itself");
}

static pt_status current(eval *x, const node *n, xval *out)
{
    const iter_frame *f = frame_of(x, n);
    if (!f) return not_iterating(x, n);
    out->t = f->at;
    return PT_OK;
}

static pt_status current_member(eval *x, const node *n, xval *out)
{
    const iter_frame *f = frame_of(x, n);
    if (!f || f->at.n != 1) return not_iterating(x, n);
    return give_member(out, f->at.m[0]);
}

static pt_status current_ordinal(eval *x, const node *n, xval *out)
{
    const iter_frame *f = frame_of(x, n);
    if (!f) return not_iterating(x, n);
    out->v = value_int(f->ordinal);
    return PT_OK;
}

static pt_status check_named(bind *b, node *n)
{
    n->deps |= DEP_OTHER;
    if (n->args[0]->is_named) return PT_OK;
    pt_fail_at(b->err, PT_TYPE, n->at, "only a set with a name knows where an iteration stands");
    return pt_hint(b->err, "give the set a name with AS, or in WITH SET");
}

static pt_status bind_current(bind *b, node *n)
{
    PT_TRY(check_named(b, n));
    if (n->shape.n != 1) return PT_OK;
    n->type = VT_MEMBER;
    n->eval = current_member;
    return PT_OK;
}

static const fun table[] = {
    {"Item", SYN_METHOD, "t", "xn", "the tuple at a place, counted from 0", .eval = set_item,
     .bind = bind_item},
    {"Item", SYN_METHOD, "t", "xS...", "the first tuple of members with these names", .eval = set_named,
     .bind = bind_named},
    {"Item", SYN_METHOD, "m", "tn", "the member at a place of a tuple, counted from 0", .eval = tuple_item,
     .bind = bind_tuple_item},
    {"Current", SYN_PROPERTY, "t", "x", "the element at which an iteration over the named set stands",
     .eval = current, .bind = bind_current},
    {"CurrentOrdinal", SYN_PROPERTY, "i", "x", "its place, counted from 0", .eval = current_ordinal,
     .bind = check_named},
};

const fun_list fun_item = {table, ARRAY_LEN(table)};
