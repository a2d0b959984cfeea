/* rowexpr_range.c - what can be said of an expression's results from the ranges of its operands.
 *
 * Serves three questions: which operations fit 64 bits, how wide a sum may become, and whether a condition
 * can hold (or fail) anywhere in a block. Bounds may be too wide, never too narrow. */
#include "engine/rowexpr.h"

#include <string.h>

static const row_range truth_range = {.hi = 1, .is_bounded = true};

/* ---- arithmetic ---------------------------------------------------------------- */

/* Widen r by a bound that may have overflowed. */
static void reach(row_range *r, bool has_overflow, pt_i128 v)
{
    if (has_overflow) r->is_bounded = false;
    if (v < r->lo) r->lo = v;
    if (v > r->hi) r->hi = v;
}

static row_range arithmetic(rowop_kind kind, row_range a, row_range b)
{
    const pt_i128 x[2] = {a.lo, a.hi}, y[2] = {b.lo, b.hi};
    row_range r = {.is_bounded = a.is_bounded && b.is_bounded};
    for (int i = 0; r.is_bounded && i < 4; i++) {
        pt_i128 v = 0, p = x[i / 2], q = y[i % 2];
        bool has_overflow = kind == ROWOP_ADD        ? __builtin_add_overflow(p, q, &v)
                            : kind == ROWOP_SUBTRACT ? __builtin_sub_overflow(p, q, &v)
                                                     : __builtin_mul_overflow(p, q, &v);
        if (i == 0) r.lo = r.hi = v;
        reach(&r, has_overflow, v);
    }
    return r;
}

static row_range negated(row_range a)
{
    const row_range zero = {.is_bounded = true};
    return arithmetic(ROWOP_SUBTRACT, zero, a);
}

static row_range absolute(row_range a)
{
    row_range n = negated(a);
    if (!n.is_bounded || a.lo >= 0) return a.is_bounded && a.lo >= 0 ? a : n;
    if (a.hi <= 0) return n;
    return (row_range){.hi = n.hi > a.hi ? n.hi : a.hi, .is_bounded = true};
}

static row_range hull(row_range a, row_range b)
{
    if (!a.can_be_value) return b;
    if (!b.can_be_value) return a;
    row_range r = {.is_bounded = a.is_bounded && b.is_bounded, .lo = a.lo, .hi = a.hi};
    if (b.lo < r.lo) r.lo = b.lo;
    if (b.hi > r.hi) r.hi = b.hi;
    return r;
}

/* ---- conditions -------------------------------------------------------------------- */

/* A condition as a range: 0..1 without what cannot be. */
static row_range of_truth(bool can_be_true, bool can_be_false)
{
    row_range r = truth_range;
    r.can_be_value = can_be_true || can_be_false;
    if (!can_be_true) r.hi = 0;
    if (!can_be_false && can_be_true) r.lo = 1;
    return r;
}

static bool can_hold(row_range r)
{
    return r.can_be_value && r.hi == 1;
}

static bool can_fail(row_range r)
{
    return r.can_be_value && r.lo == 0;
}

static row_range compared(rowop_kind kind, row_range a, row_range b)
{
    if (!a.can_be_value || !b.can_be_value) return of_truth(false, false);
    if (!a.is_bounded || !b.is_bounded) return of_truth(true, true);
    bool can_lt = a.lo<b.hi, can_gt = a.hi> b.lo, can_eq = a.lo <= b.hi && b.lo <= a.hi;
    switch ((unsigned)kind) {
    case ROWOP_EQ: return of_truth(can_eq, can_lt || can_gt);
    case ROWOP_NE: return of_truth(can_lt || can_gt, can_eq);
    case ROWOP_LT: return of_truth(can_lt, can_gt || can_eq);
    case ROWOP_LE: return of_truth(can_lt || can_eq, can_gt);
    case ROWOP_GT: return of_truth(can_gt, can_lt || can_eq);
    default: return of_truth(can_gt || can_eq, can_lt);
    }
}

static row_range joined(rowop_kind kind, row_range a, row_range b)
{
    row_range r;
    bool is_and = kind == ROWOP_AND;
    if (kind == ROWOP_XOR) {
        r = of_truth((can_hold(a) && can_fail(b)) || (can_fail(a) && can_hold(b)),
                     (can_hold(a) && can_hold(b)) || (can_fail(a) && can_fail(b)));
        r.can_be_null = a.can_be_null || b.can_be_null;
        return r;
    }
    r = is_and ? of_truth(can_hold(a) && can_hold(b), can_fail(a) || can_fail(b))
               : of_truth(can_hold(a) || can_hold(b), can_fail(a) && can_fail(b));
    /* null where one is null and the other does not decide */
    bool a_open = a.can_be_null || (is_and ? can_hold(a) : can_fail(a)),
         b_open = b.can_be_null || (is_and ? can_hold(b) : can_fail(b));
    r.can_be_null = (a.can_be_null && b_open) || (b.can_be_null && a_open);
    return r;
}

static row_range in_list(const row_list *l, row_range x)
{
    if (!x.can_be_value) return of_truth(false, false);
    if (!x.is_bounded || !l->exact) return of_truth(l->n > 0, true);
    uint32_t first = 0;
    while (first < l->n && l->exact[first] < x.lo) first++;
    bool some = first < l->n && l->exact[first] <= x.hi;
    return of_truth(some, !(some && x.lo == x.hi));
}

/* ---- operations ------------------------------------------------------------------------ */

static row_range constant(const rowop *op)
{
    return (row_range){.lo = op->exact,
                       .hi = op->exact,
                       .is_bounded = op->class != ROW_DOUBLE,
                       .can_be_null = op->is_null,
                       .can_be_value = !op->is_null};
}

static row_range chosen(row_range when, row_range yes, row_range no)
{
    if (!can_hold(when)) return no;
    if (!can_fail(when) && !when.can_be_null) return yes;
    row_range r = hull(yes, no);
    r.can_be_value = yes.can_be_value || no.can_be_value;
    r.can_be_null = yes.can_be_null || no.can_be_null;
    return r;
}

/* Operations that set whether they can be null themselves; others are null when an argument is. */
static bool knows_null(rowop_kind kind)
{
    return kind == ROWOP_LOAD || kind == ROWOP_CONST || kind == ROWOP_AND || kind == ROWOP_OR ||
           kind == ROWOP_XOR || kind == ROWOP_IS_NULL || kind == ROWOP_CHOOSE || kind == ROWOP_COALESCE;
}

static row_range result(const rowexpr *e, const rowop *op, const row_range *operands, const row_range *arg)
{
    row_range r = {0};
    switch (op->kind) {
    case ROWOP_LOAD: return operands[op->index];
    case ROWOP_CONST: return constant(op);
    case ROWOP_ADD:
    case ROWOP_SUBTRACT:
    case ROWOP_MULTIPLY: return arithmetic(op->kind, arg[0], arg[1]);
    case ROWOP_DIVIDE: r.can_be_null = true; return r;
    case ROWOP_NEGATE: return negated(arg[0]);
    case ROWOP_ABS: return absolute(arg[0]);
    case ROWOP_SCALE:
        return arithmetic(ROWOP_MULTIPLY, arg[0],
                          (row_range){.lo = op->exact, .hi = op->exact, .is_bounded = true});
    case ROWOP_DOUBLE: return r;
    case ROWOP_TRUTH:
        r = compared(ROWOP_NE, arg[0], (row_range){.is_bounded = true, .can_be_value = true});
        break;
    case ROWOP_EQ:
    case ROWOP_NE:
    case ROWOP_LT:
    case ROWOP_LE:
    case ROWOP_GT:
    case ROWOP_GE: return compared(op->kind, arg[0], arg[1]);
    case ROWOP_BETWEEN:
        return joined(ROWOP_AND, compared(ROWOP_GE, arg[0], arg[1]), compared(ROWOP_LE, arg[0], arg[2]));
    case ROWOP_IN: return in_list(&e->lists[op->index], arg[0]);
    case ROWOP_AND:
    case ROWOP_OR:
    case ROWOP_XOR: return joined(op->kind, arg[0], arg[1]);
    case ROWOP_NOT: return of_truth(can_fail(arg[0]), can_hold(arg[0]));
    case ROWOP_IS_NULL: return of_truth(arg[0].can_be_null, arg[0].can_be_value);
    case ROWOP_CHOOSE: return chosen(arg[0], arg[1], arg[2]);
    case ROWOP_COALESCE:
        r = hull(arg[0], arg[1]);
        r.can_be_value = arg[0].can_be_value || arg[1].can_be_value;
        r.can_be_null = arg[0].can_be_null && arg[1].can_be_null;
        return r;
    }
    return r;
}

void rowexpr_ranges(const rowexpr *e, const row_range *operands, row_range *out)
{
    for (uint32_t i = 0; i < e->n_ops; i++) {
        const rowop *op = &e->ops[i];
        row_range arg[3] = {0};
        bool some_null = false, all_values = true;
        for (uint32_t k = 0; k < op->n_args; k++) {
            arg[k] = out[op->args[k]];
            some_null |= arg[k].can_be_null;
            all_values &= arg[k].can_be_value;
        }
        row_range r = result(e, op, operands, arg);
        if (!knows_null(op->kind)) {
            r.can_be_null |= some_null;
            if (op->class != ROW_BOOL) r.can_be_value = all_values;
        }
        out[i] = r;
    }
}

row_truth rowexpr_truth(const rowexpr *e, const row_range *operands, row_range *room)
{
    rowexpr_ranges(e, operands, room);
    row_range r = room[e->n_ops - 1];
    return (row_truth){can_hold(r), can_fail(r), r.can_be_null};
}
