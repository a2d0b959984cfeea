/* scalar.c - comparing, converting and writing scalar values. */
#include "query/scalar.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"

bool scalar_equal(pt_value a, pt_value b)
{
    if (a.kind == VAL_NULL || b.kind == VAL_NULL) return false;
    if (scalar_is_number(a) && scalar_is_number(b)) return value_as_double(a) == value_as_double(b);
    return a.kind == b.kind && value_eq(a, b);
}

bool scalar_as(pt_value v, char letter, pt_value *out)
{
    bool is_date = v.kind == VAL_DATE || v.kind == VAL_TIME, is_text = v.kind == VAL_TEXT, fits = true;
    pt_value as = v;
    if (v.kind == VAL_NULL) letter = 'v';
    switch (letter) {
    case 'n':
        fits = !is_text && v.kind != VAL_TIME;
        if (fits && !scalar_is_number(v)) as = value_double(value_as_double(v));
        break;
    case 'S':
        fits = is_text;
        if (!v.s.ptr && is_text) as.s = STR("");
        break;
    case 'b':
        fits = !is_text && !is_date;
        if (fits) as = value_bool(v.kind == VAL_BOOL ? v.i != 0 : value_as_double(v) != 0);
        break;
    case 'D': fits = is_date; break;
    default: break;
    }
    if (fits) *out = as;
    return fits;
}

/* ---- text -------------------------------------------------------------- */

/* Shortest digits that read back, always with a point; exponents from 10^7 on and below 10^-3. */
static void double_text(double f, strbuf *out)
{
    if (!isfinite(f) || f == 0) {
        if (f == 0) {
            strbuf_addz(out, signbit(f) ? "-0.0" : "0.0");
        } else {
            num_add_double(out, f);
        }
        return;
    }
    char digits[32];
    int precision = 0;
    do {
        snprintf(digits, sizeof digits, "%.*e", precision, f);
    } while (strtod(digits, NULL) != f && ++precision < 17);
    int exponent = atoi(strchr(digits, 'e') + 1);
    double size = fabs(f);
    if (size >= 1e-3 && size < 1e7) {
        int decimals = precision - exponent;
        strbuf_printf(out, "%.*f", decimals < 1 ? 1 : decimals, f);
        return;
    }
    *strchr(digits, 'e') = 0;
    strbuf_printf(out, "%s%sE%d", digits, strchr(digits, '.') ? "" : ".0", exponent);
}

void scalar_text(pt_value v, strbuf *out)
{
    if (v.kind == VAL_NULL) {
        strbuf_addz(out, "null");
    } else if (v.kind == VAL_DOUBLE) {
        double_text(v.f, out);
    } else {
        value_print(v, out);
    }
}

bool scalar_exponent_text(pt_str literal, strbuf *out)
{
    strbuf digits = {0};
    int64_t exponent = 0;
    size_t e = 0, fraction = 0;
    bool seen_point = false;
    while (e < literal.len && (literal.ptr[e] | 32) != 'e') e++;
    if (e == literal.len) return false;
    pt_str rest = {literal.ptr + e + 1, literal.len - e - 1};
    if (rest.len && rest.ptr[0] == '+') rest = (pt_str){rest.ptr + 1, rest.len - 1};
    if (!num_parse_i64(rest, &exponent) || exponent > 400 || exponent < -400) return false;
    for (size_t i = 0; i < e; i++) {
        seen_point |= literal.ptr[i] == '.';
        if (literal.ptr[i] == '.' || (literal.ptr[i] == '0' && digits.len == 0)) {
            fraction += seen_point && literal.ptr[i] == '0';
            continue;
        }
        strbuf_addc(&digits, literal.ptr[i]);
        fraction += seen_point;
    }
    if (digits.len == 0) strbuf_addc(&digits, '0');
    int64_t scale = (int64_t)fraction - exponent, size = (int64_t)digits.len - 1 - scale;
    bool is_plain = scale >= 0 && size >= -6;
    if (!is_plain && !digits.failed) { /* d.dddE+n */
        strbuf_addc(out, digits.ptr[0]);
        if (digits.len > 1) strbuf_addc(out, '.');
        strbuf_add(out, digits.ptr + 1, digits.len - 1);
        strbuf_printf(out, "E%+lld", (long long)size);
    }
    strbuf_free(&digits);
    return !is_plain;
}

/* ---- CAST -------------------------------------------------------------- */

static pt_status text_number(pt_str s, bool whole, pt_value *out, pt_err *err)
{
    double d;
    int64_t i;
    pt_str t = str_trim(s);
    if (whole ? num_parse_i64(t, &i) : num_parse_double(t, &d)) {
        *out = whole ? value_int(i) : value_double(d);
        return PT_OK;
    }
    return pt_fail(err, PT_VALUE, "the text '" STR_FMT "' is no %s", STR_ARG(s),
                   whole ? "whole number" : "number");
}

static pt_status to_number(pt_value v, bool whole, pt_value *out, pt_err *err)
{
    if (v.kind == VAL_TEXT) return text_number(v.s, whole, out, err);
    if (!scalar_is_number(v))
        return pt_fail(err, PT_VALUE, "a truth value or date cannot be cast to a number");
    *out = v;
    if (!whole || v.kind == VAL_INT) return PT_OK;
    double d = trunc(value_as_double(v));
    *out = fabs(d) < 9e18 ? value_int((int64_t)d) : value_double(d);
    return PT_OK;
}

static pt_status to_text(pt_value v, arena *a, pt_value *out, pt_err *err)
{
    strbuf b = {0};
    *out = v;
    if (v.kind == VAL_TEXT) return PT_OK;
    scalar_text(v, &b);
    *out = value_text(str_copy(a, strbuf_str(&b)));
    strbuf_free(&b);
    return out->s.ptr ? PT_OK : arena_fail(a, err);
}

pt_status scalar_cast(pt_value v, scalar_type to, arena *a, pt_value *out, pt_err *err)
{
    *out = value_null();
    if (to == SCALAR_BOOLEAN) {
        bool is_true = v.kind == VAL_TEXT
                           ? str_eq_fold(v.s, STR("true"))
                           : v.kind != VAL_NULL && (v.kind == VAL_BOOL ? v.i != 0 : value_as_double(v) != 0);
        *out = value_bool(is_true);
        return PT_OK;
    }
    if (v.kind == VAL_NULL) return PT_OK;
    return to == SCALAR_STRING ? to_text(v, a, out, err) : to_number(v, to == SCALAR_INTEGER, out, err);
}

/* ---- order ------------------------------------------------------------- */

static int rank_of(double d)
{
    if (isnan(d)) return 1;
    return isinf(d) && d > 0 ? 2 : 0;
}

int scalar_order(pt_value a, pt_value b)
{
    if (a.kind == VAL_NULL || b.kind == VAL_NULL) return (b.kind == VAL_NULL) - (a.kind == VAL_NULL);
    if (a.kind == VAL_TEXT && b.kind == VAL_TEXT) return str_cmp_fold(a.s, b.s);
    if (!scalar_is_number(a) || !scalar_is_number(b)) return value_cmp(a, b);
    double x = value_as_double(a), y = value_as_double(b);
    int rx = rank_of(x), ry = rank_of(y);
    if (rx != ry) return rx < ry ? -1 : 1;
    return rx ? 0 : (x > y) - (x < y);
}
