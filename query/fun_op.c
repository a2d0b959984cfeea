/* fun_op.c - arithmetic, comparison and logic (sections 5 and 11). */
#include <math.h>

#include "query/funs.h"
#include "query/scalar.h"

/* ---- arithmetic -------------------------------------------------------- */

typedef struct pair {
    double a, b;
    bool a_null, b_null;
} pair;

static pt_status eval_pair(eval *x, const node *n, pair *p)
{
    pt_status all = PT_OK;
    if (!eval_go_on(eval_number(x, n->args[0], &p->a, &p->a_null), &all)) return all;
    if (!eval_go_on(eval_number(x, n->args[1], &p->b, &p->b_null), &all)) return all;
    return all;
}

static pt_status give(xval *out, bool is_null, double d)
{
    out->v = is_null ? value_null() : value_double(d);
    return PT_OK;
}

static pt_status op_add(eval *x, const node *n, xval *out)
{
    pair p;
    PT_TRY(eval_pair(x, n, &p));
    return give(out, p.a_null && p.b_null, p.a + p.b);
}

static pt_status op_sub(eval *x, const node *n, xval *out)
{
    pair p;
    PT_TRY(eval_pair(x, n, &p));
    return give(out, p.a_null && p.b_null, p.a - p.b);
}

static pt_status op_mul(eval *x, const node *n, xval *out)
{
    pair p;
    PT_TRY(eval_pair(x, n, &p));
    return give(out, p.a_null || p.b_null, p.a * p.b);
}

static pt_status op_div(eval *x, const node *n, xval *out)
{
    pair p;
    PT_TRY(eval_pair(x, n, &p));
    return give(out, p.a_null, p.b_null ? (double)INFINITY : p.a / p.b);
}

static pt_status op_neg(eval *x, const node *n, xval *out)
{
    bool is_null;
    double d;
    PT_TRY(eval_number(x, n->args[0], &d, &is_null));
    return give(out, is_null, -d);
}

static pt_status op_plus(eval *x, const node *n, xval *out)
{
    return eval_node(x, n->args[0], out);
}

static pt_status op_concat(eval *x, const node *n, xval *out)
{
    pt_str a, b;
    pt_status all = PT_OK;
    if (!eval_go_on(eval_string(x, n->args[0], &a), &all)) return all;
    if (!eval_go_on(eval_string(x, n->args[1], &b), &all)) return all;
    if (all != PT_OK) return all;
    if (!a.ptr) a = STR("null");
    if (!b.ptr) b = STR("null");
    char *s = arena_alloc(x->work, a.len + b.len + 1);
    if (!s) return eval_nomem(x);
    memcpy(s, a.ptr, a.len);
    memcpy(s + a.len, b.ptr, b.len);
    out->v = value_text((pt_str){s, a.len + b.len});
    return PT_OK;
}

/* ---- comparison -------------------------------------------------------- */

typedef enum comparison { CMP_EQ, CMP_NE, CMP_LT, CMP_LE, CMP_GT, CMP_GE } comparison;

static bool holds(comparison c, bool less, bool equal)
{
    switch (c) {
    case CMP_EQ: return equal;
    case CMP_NE: return !equal;
    case CMP_LT: return less;
    case CMP_LE: return less || equal;
    case CMP_GT: return !less && !equal;
    case CMP_GE: return !less;
    }
    return false;
}

static pt_status compare_numbers(eval *x, const node *n, comparison c, xval *out)
{
    pair p;
    PT_TRY(eval_pair(x, n, &p));
    bool is_false = p.a_null || p.b_null || isnan(p.a) || isnan(p.b);
    out->v = value_bool(!is_false && holds(c, p.a < p.b, p.a == p.b));
    return PT_OK;
}

static pt_status compare_texts(eval *x, const node *n, comparison c, xval *out)
{
    pt_str a, b;
    pt_status all = PT_OK;
    if (!eval_go_on(eval_string(x, n->args[0], &a), &all)) return all;
    if (!eval_go_on(eval_string(x, n->args[1], &b), &all)) return all;
    int order = all == PT_OK && a.ptr && b.ptr ? str_cmp(a, b) : 0;
    out->v = value_bool(a.ptr && b.ptr && holds(c, order < 0, order == 0));
    return all;
}

/* Two values of unknown kind: by what they turn out to be; different kinds are never equal, less or greater.
 */
static pt_status compare_values(eval *x, const node *n, comparison c, xval *out)
{
    pt_value a, b;
    pt_status all = PT_OK;
    if (!eval_go_on(eval_value(x, n->args[0], &a), &all)) return all;
    if (!eval_go_on(eval_value(x, n->args[1], &b), &all)) return all;
    bool fits = all == PT_OK && a.kind != VAL_NULL && b.kind != VAL_NULL &&
                (a.kind == b.kind || (scalar_is_number(a) && scalar_is_number(b)));
    bool is_nan = fits && scalar_is_number(a) && (isnan(value_as_double(a)) || isnan(value_as_double(b)));
    int order = fits ? value_cmp(a, b) : 0;
    out->v = value_bool(fits && !is_nan && holds(c, order < 0, order == 0));
    return all;
}

#define COMPARISON(name, code)                                                                               \
    static pt_status numbers_##name(eval *x, const node *n, xval *out)                                       \
    {                                                                                                        \
        return compare_numbers(x, n, code, out);                                                             \
    }                                                                                                        \
    static pt_status texts_##name(eval *x, const node *n, xval *out)                                         \
    {                                                                                                        \
        return compare_texts(x, n, code, out);                                                               \
    }                                                                                                        \
    static pt_status values_##name(eval *x, const node *n, xval *out)                                        \
    {                                                                                                        \
        return compare_values(x, n, code, out);                                                              \
    }
COMPARISON(eq, CMP_EQ)
COMPARISON(ne, CMP_NE)
COMPARISON(lt, CMP_LT)
COMPARISON(le, CMP_LE)
COMPARISON(gt, CMP_GT)
COMPARISON(ge, CMP_GE)

/* ---- logic: both sides are evaluated ----------------------------------- */

static pt_status eval_bools(eval *x, const node *n, bool *a, bool *b)
{
    pt_status all = PT_OK;
    if (!eval_go_on(eval_bool(x, n->args[0], a), &all)) return all;
    if (!eval_go_on(eval_bool(x, n->args[1], b), &all)) return all;
    return all;
}

static pt_status op_and(eval *x, const node *n, xval *out)
{
    bool a, b;
    PT_TRY(eval_bools(x, n, &a, &b));
    out->v = value_bool(a && b);
    return PT_OK;
}

static pt_status op_or(eval *x, const node *n, xval *out)
{
    bool a, b;
    PT_TRY(eval_bools(x, n, &a, &b));
    out->v = value_bool(a || b);
    return PT_OK;
}

static pt_status op_xor(eval *x, const node *n, xval *out)
{
    bool a, b;
    PT_TRY(eval_bools(x, n, &a, &b));
    out->v = value_bool(a != b);
    return PT_OK;
}

static pt_status op_not(eval *x, const node *n, xval *out)
{
    bool a;
    PT_TRY(eval_bool(x, n->args[0], &a));
    out->v = value_bool(!a);
    return PT_OK;
}

#define COMPARE_ROWS(op, name, what)                                                                         \
    {op, SYN_INFIX, "b", "nn", "true if the left number is " what " the right one", .eval = numbers_##name}, \
        {op, SYN_INFIX, "b", "SS", "true if the left text is " what " the right one", .eval = texts_##name}, \
    {                                                                                                        \
        op, SYN_INFIX, "b", "VV", "compares values of any kind", .eval = values_##name, .flags = FUN_HIDDEN  \
    }

static const fun table[] = {
    {"+", SYN_INFIX, "n", "nn", "sum; a null counts as nothing", .eval = op_add},
    {"-", SYN_INFIX, "n", "nn", "difference; a null counts as nothing", .eval = op_sub},
    {"*", SYN_INFIX, "n", "nn", "product; null if either is null", .eval = op_mul},
    {"/", SYN_INFIX, "n", "nn", "quotient; null if the left side is null", .eval = op_div},
    {"-", SYN_PREFIX, "n", "n", "the number with its sign changed", .eval = op_neg},
    {"+", SYN_PREFIX, "n", "n", "the number as it is", .eval = op_plus},
    {"||", SYN_INFIX, "S", "SS", "the texts one after the other", .eval = op_concat},
    COMPARE_ROWS("=", eq, "equal to"),
    COMPARE_ROWS("<>", ne, "different from"),
    COMPARE_ROWS("<", lt, "less than"),
    COMPARE_ROWS("<=", le, "at most"),
    COMPARE_ROWS(">", gt, "greater than"),
    COMPARE_ROWS(">=", ge, "at least"),
    {"AND", SYN_INFIX, "b", "bb", "true if both conditions hold", .eval = op_and},
    {"OR", SYN_INFIX, "b", "bb", "true if one of the conditions holds", .eval = op_or},
    {"XOR", SYN_INFIX, "b", "bb", "true if exactly one of the conditions holds", .eval = op_xor},
    {"NOT", SYN_PREFIX, "b", "b", "true if the condition does not hold", .eval = op_not},
};

const fun_list fun_op = {table, ARRAY_LEN(table)};
