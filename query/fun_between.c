/* fun_between.c - x BETWEEN low AND high, for numbers, texts and dates. */
#include <math.h>

#include "query/funs.h"
#include "query/scalar.h"

/* Does a compare with b, and how? Null and NaN compare with nothing, texts not with numbers. */
static bool compare(pt_value a, pt_value b, int *order)
{
    if (a.kind == VAL_NULL || b.kind == VAL_NULL) return false;
    bool are_numbers = scalar_is_number(a) && scalar_is_number(b);
    if (a.kind != b.kind && !are_numbers) return false;
    if (are_numbers && (isnan(value_as_double(a)) || isnan(value_as_double(b)))) return false;
    *order = value_cmp(a, b);
    return true;
}

static pt_status between(eval *x, const node *n, xval *out)
{
    pt_value v[3];
    pt_status all = PT_OK;
    int from, to;
    for (uint32_t i = 0; i < 3; i++) {
        v[i] = value_null();
        pt_status st = eval_value(x, n->args[i], &v[i]);
        if (!eval_go_on(st, &all)) return st;
    }
    bool is_in =
        all == PT_OK && compare(v[0], v[1], &from) && from >= 0 && compare(v[0], v[2], &to) && to <= 0;
    out->v = value_bool(is_in);
    return all;
}

static pt_status not_between(eval *x, const node *n, xval *out)
{
    PT_TRY(between(x, n, out));
    out->v = value_bool(!out->v.i);
    return PT_OK;
}

#define ROWS(letters, hidden)                                                                                \
    {"BETWEEN",                                                                                              \
     SYN_INFIX,                                                                                              \
     "b",                                                                                                    \
     letters,                                                                                                \
     "true if the first is at least the second and at most the third",                                       \
     .eval = between,                                                                                        \
     .flags = hidden},                                                                                       \
    {                                                                                                        \
        "NOT BETWEEN", SYN_INFIX, "b", letters, "true if the first is outside of the other two",             \
            .eval = not_between, .flags = hidden                                                             \
    }

static const fun table[] = {
    ROWS("nnn", 0),
    ROWS("SSS", 0),
    ROWS("VVV", FUN_HIDDEN),
};

const fun_list fun_between = {table, ARRAY_LEN(table)};
