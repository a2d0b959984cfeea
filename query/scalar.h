/* scalar.h - scalar values in expressions: comparing, converting, writing as text. */
#pragma once

#include "base/value.h"

typedef enum scalar_type { SCALAR_STRING, SCALAR_NUMERIC, SCALAR_INTEGER, SCALAR_BOOLEAN } scalar_type;

/* The equality of = and CASE: null equals nothing, numbers by value, texts by code points. */
bool scalar_equal(pt_value a, pt_value b);
static inline bool scalar_is_number(pt_value v)
{
    return v.kind == VAL_INT || v.kind == VAL_DEC || v.kind == VAL_DOUBLE;
}
/* As an argument of that letter (fun.h): n number, S text, b boolean, D date, any other: as it is. Null stays
 * null. false: it is of another kind, and *out is left alone. */
bool scalar_as(pt_value v, char letter, pt_value *out);
/* As text: exact numbers with their own digits, computed ones in the shortest form with a point or exponent
 * ("3.0", "1.0E10"), truth as true and false; dates as in section 20's General. Null adds "null". */
void scalar_text(pt_value v, strbuf *out);
/* A number as it was typed with an exponent keeps its digits and its exponent: "1.0E10" is 1.0E+10, "1e2"
 * 1E+2. false: it has no exponent, and its value says all. */
bool scalar_exponent_text(pt_str literal, strbuf *out);
/* CAST (section 18). A text that is no number, or a boolean to a number: PT_VALUE. */
pt_status scalar_cast(pt_value v, scalar_type to, arena *a, pt_value *out, pt_err *err);
/* The order of Order, TopCount and Rank (section 13): null first, then -Infinity, numbers, NaN, Infinity;
 * texts without regard to case. */
int scalar_order(pt_value a, pt_value b);
