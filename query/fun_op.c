/* fun_op.c - arithmetic, comparison and logic (sections 5 and 11). */
#include <math.h>

#include "query/eval_rows.h"
#include "query/funs.h"
#include "query/scalar.h"

/* ---- arithmetic -------------------------------------------------------- */

static bool is_null(pt_value v)
{
    return v.kind == VAL_NULL;
}

/* A null counts as nothing. */
static double term(pt_value v)
{
    return is_null(v) ? 0 : value_as_double(v);
}

static pt_status op_add(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c, (void)n;
    if (!is_null(v[0]) || !is_null(v[1])) *out = value_double(term(v[0]) + term(v[1]));
    return PT_OK;
}

static pt_status op_sub(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c, (void)n;
    if (!is_null(v[0]) || !is_null(v[1])) *out = value_double(term(v[0]) - term(v[1]));
    return PT_OK;
}

static pt_status op_mul(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c, (void)n;
    *out = value_double(value_as_double(v[0]) * value_as_double(v[1]));
    return PT_OK;
}

static pt_status op_div(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c, (void)n;
    if (is_null(v[0])) return PT_OK;
    *out = value_double(is_null(v[1]) ? (double)INFINITY : value_as_double(v[0]) / value_as_double(v[1]));
    return PT_OK;
}

static pt_status op_neg(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c, (void)n;
    *out = value_double(-value_as_double(v[0]));
    return PT_OK;
}

static pt_status op_plus(eval *x, const node *n, xval *out)
{
    return eval_node(x, n->args[0], out);
}

static pt_status plus_rows(eval *x, const node *n, const rows *r, pt_value *out)
{
    return eval_rows(x, n->args[0], r, out);
}

static pt_status op_concat(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    pt_str a = is_null(v[0]) ? STR("null") : v[0].s, b = is_null(v[1]) ? STR("null") : v[1].s;
    char *s = arena_alloc(c->a, a.len + b.len + 1);
    (void)n;
    if (!s) return arena_fail(c->a, c->err);
    memcpy(s, a.ptr, a.len);
    memcpy(s + a.len, b.ptr, b.len);
    *out = value_text((pt_str){s, a.len + b.len});
    return PT_OK;
}

/* ---- comparison: false if either side is null --------------------------- */

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

static bool numbers_hold(comparison c, const pt_value *v)
{
    if (is_null(v[0]) || is_null(v[1])) return false;
    double a = value_as_double(v[0]), b = value_as_double(v[1]);
    return !isnan(a) && !isnan(b) && holds(c, a < b, a == b);
}

static bool texts_hold(comparison c, const pt_value *v)
{
    if (is_null(v[0]) || is_null(v[1])) return false;
    int order = str_cmp(v[0].s, v[1].s);
    return holds(c, order < 0, order == 0);
}

/* Two values of unknown kind: by what they turn out to be; different kinds are never equal, less or greater.
 */
static bool values_hold(comparison c, const pt_value *v)
{
    if (is_null(v[0]) || is_null(v[1])) return false;
    bool are_numbers = scalar_is_number(v[0]) && scalar_is_number(v[1]);
    if (v[0].kind != v[1].kind && !are_numbers) return false;
    if (are_numbers && (isnan(value_as_double(v[0])) || isnan(value_as_double(v[1])))) return false;
    int order = value_cmp(v[0], v[1]);
    return holds(c, order < 0, order == 0);
}

#define COMPARISON(name, code)                                                                               \
    static pt_status numbers_##name(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)         \
    {                                                                                                        \
        (void)c, (void)n;                                                                                    \
        *out = value_bool(numbers_hold(code, v));                                                            \
        return PT_OK;                                                                                        \
    }                                                                                                        \
    static pt_status texts_##name(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)           \
    {                                                                                                        \
        (void)c, (void)n;                                                                                    \
        *out = value_bool(texts_hold(code, v));                                                              \
        return PT_OK;                                                                                        \
    }                                                                                                        \
    static pt_status values_##name(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)          \
    {                                                                                                        \
        (void)c, (void)n;                                                                                    \
        *out = value_bool(values_hold(code, v));                                                             \
        return PT_OK;                                                                                        \
    }
COMPARISON(eq, CMP_EQ)
COMPARISON(ne, CMP_NE)
COMPARISON(lt, CMP_LT)
COMPARISON(le, CMP_LE)
COMPARISON(gt, CMP_GT)
COMPARISON(ge, CMP_GE)

/* ---- logic: null is false ----------------------------------------------- */

static bool is_true(pt_value v)
{
    return v.kind == VAL_BOOL && v.i != 0;
}

static pt_status op_and(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c, (void)n;
    *out = value_bool(is_true(v[0]) && is_true(v[1]));
    return PT_OK;
}

static pt_status op_or(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c, (void)n;
    *out = value_bool(is_true(v[0]) || is_true(v[1]));
    return PT_OK;
}

static pt_status op_xor(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c, (void)n;
    *out = value_bool(is_true(v[0]) != is_true(v[1]));
    return PT_OK;
}

static pt_status op_not(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c, (void)n;
    *out = value_bool(!is_true(v[0]));
    return PT_OK;
}

#define COMPARE_ROWS(op, name, what)                                                                         \
    {op,                                                                                                     \
     SYN_INFIX,                                                                                              \
     "b",                                                                                                    \
     "nn",                                                                                                   \
     "true if the left number is " what " the right one",                                                    \
     .apply = numbers_##name,                                                                                \
     .flags = FUN_NULLS},                                                                                    \
        {op,                                                                                                 \
         SYN_INFIX,                                                                                          \
         "b",                                                                                                \
         "SS",                                                                                               \
         "true if the left text is " what " the right one",                                                  \
         .apply = texts_##name,                                                                              \
         .flags = FUN_NULLS},                                                                                \
    {                                                                                                        \
        op, SYN_INFIX, "b", "VV", "compares values of any kind", .apply = values_##name,                     \
                                                                 .flags = FUN_HIDDEN | FUN_NULLS             \
    }

static const fun table[] = {
    {"+", SYN_INFIX, "n", "nn", "sum; a null counts as nothing", .apply = op_add, .flags = FUN_NULLS},
    {"-", SYN_INFIX, "n", "nn", "difference; a null counts as nothing", .apply = op_sub, .flags = FUN_NULLS},
    {"*", SYN_INFIX, "n", "nn", "product; null if either is null", .apply = op_mul},
    {"/", SYN_INFIX, "n", "nn", "quotient; null if the left side is null", .apply = op_div,
     .flags = FUN_NULLS},
    {"-", SYN_PREFIX, "n", "n", "the number with its sign changed", .apply = op_neg},
    {"+", SYN_PREFIX, "n", "n", "the number as it is", .eval = op_plus, .over = plus_rows},
    {"||", SYN_INFIX, "S", "SS", "the texts one after the other", .apply = op_concat, .flags = FUN_NULLS},
    COMPARE_ROWS("=", eq, "equal to"),
    COMPARE_ROWS("<>", ne, "different from"),
    COMPARE_ROWS("<", lt, "less than"),
    COMPARE_ROWS("<=", le, "at most"),
    COMPARE_ROWS(">", gt, "greater than"),
    COMPARE_ROWS(">=", ge, "at least"),
    {"AND", SYN_INFIX, "b", "bb", "true if both conditions hold", .apply = op_and, .flags = FUN_NULLS},
    {"OR", SYN_INFIX, "b", "bb", "true if one of the conditions holds", .apply = op_or, .flags = FUN_NULLS},
    {"XOR", SYN_INFIX, "b", "bb", "true if exactly one of the conditions holds", .apply = op_xor,
     .flags = FUN_NULLS},
    {"NOT", SYN_PREFIX, "b", "b", "true if the condition does not hold", .apply = op_not, .flags = FUN_NULLS},
};

const fun_list fun_op = {table, ARRAY_LEN(table)};
