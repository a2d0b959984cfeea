/* expr_number.c - exact arithmetic of mapping expressions: decimals of up to 18 digits behind the point in
 * 128 bits.
 *
 * Results drop trailing zeros behind the point, so that scales do not grow without need. A DOUBLE operand
 * makes a DOUBLE result. */
#include "etl/expr_int.h"

#include <math.h>

#include "base/decimal.h"
#include "base/num.h"

enum { DIVIDE_DIGITS = 12 }; /* behind the point, of a quotient that does not end */

/* Digits behind the point of a plain number; -1 if an exponent or something else stands there. */
static int fraction_digits(pt_str s)
{
    const char *point = memchr(s.ptr, '.', s.len);
    size_t at = point ? (size_t)(point - s.ptr) + 1 : s.len;
    for (size_t i = at; i < s.len; i++)
        if (s.ptr[i] < '0' || s.ptr[i] > '9') return -1;
    for (size_t i = 0; i + 1 < at; i++)
        if ((s.ptr[i] | 32) == 'e') return -1;
    return s.len - at > DEC_MAX_SCALE ? -1 : (int)(s.len - at);
}

static pt_value trimmed(pt_i128 dec, uint8_t scale)
{
    while (scale > 0 && dec % 10 == 0) {
        dec /= 10;
        scale--;
    }
    if (scale == 0 && dec == (int64_t)dec) return value_int((int64_t)dec);
    return value_dec(dec, scale);
}

bool expr_parse_number(pt_str text, pt_value *out)
{
    if (!text.len) return false;
    int digits = fraction_digits(text);
    pt_i128 dec;
    double f;
    if (dec_parse(text, (uint8_t)(digits < 0 ? DEC_MAX_SCALE : digits), &dec)) {
        *out = trimmed(dec, (uint8_t)(digits < 0 ? DEC_MAX_SCALE : digits));
        return true;
    }
    if (!num_parse_double(text, &f)) return false; /* too many digits to be exact */
    *out = value_double(f);
    return true;
}

static pt_status fail_range(pt_err *err)
{
    return pt_fail(err, PT_VALUE, "the result has too many digits");
}

static pt_status fail_zero(pt_err *err)
{
    pt_fail(err, PT_VALUE, "division by zero");
    return pt_hint(err, "write NULLIF(divisor, 0) for null instead");
}

static pt_status double_arith(expr_kind op, double a, double b, pt_value *out, pt_err *err)
{
    double f;
    if (op == EXPR_DIVIDE && b == 0) return fail_zero(err);
    if (op == EXPR_ADD)
        f = a + b;
    else if (op == EXPR_SUBTRACT)
        f = a - b;
    else if (op == EXPR_MULTIPLY)
        f = a * b;
    else
        f = a / b;
    if (!isfinite(f)) return fail_range(err);
    *out = value_double(f);
    return PT_OK;
}

/* n / d rounded half away from zero; d is not 0. */
static pt_i128 divide_rounded(pt_i128 n, pt_i128 d)
{
    pt_i128 q = n / d, rest = n % d;
    pt_i128 size = rest < 0 ? -rest : rest, half = d < 0 ? -d : d;
    if (size >= half - size) q += (n < 0) == (d < 0) ? 1 : -1;
    return q;
}

/* *v *= 10^n; false on overflow. */
static bool times_pow10(pt_i128 *v, int n)
{
    for (; n > 0; n--)
        if (__builtin_mul_overflow(*v, (pt_i128)10, v)) return false;
    return true;
}

static pt_status divide(pt_value a, pt_value b, pt_value *out, pt_err *err)
{
    if (b.dec == 0) return fail_zero(err);
    int up = DIVIDE_DIGITS + b.scale - a.scale; /* a.dec * 10^up / b.dec has DIVIDE_DIGITS digits */
    if (!times_pow10(&a.dec, up) || !times_pow10(&b.dec, -up)) return fail_range(err);
    *out = trimmed(divide_rounded(a.dec, b.dec), DIVIDE_DIGITS);
    return PT_OK;
}

static pt_status multiply(pt_value a, pt_value b, pt_value *out, pt_err *err)
{
    pt_i128 product;
    int scale = a.scale + b.scale;
    if (__builtin_mul_overflow(a.dec, b.dec, &product)) return fail_range(err);
    for (; scale > DEC_MAX_SCALE; scale--) {
        if (product % 10 != 0) return fail_range(err);
        product /= 10;
    }
    *out = trimmed(product, (uint8_t)scale);
    return PT_OK;
}

static pt_status add(pt_value a, pt_value b, bool is_minus, pt_value *out, pt_err *err)
{
    uint8_t scale = a.scale > b.scale ? a.scale : b.scale;
    pt_i128 x, y, sum;
    if (!dec_rescale(a.dec, a.scale, scale, &x) || !dec_rescale(b.dec, b.scale, scale, &y))
        return fail_range(err);
    if (is_minus ? __builtin_sub_overflow(x, y, &sum) : __builtin_add_overflow(x, y, &sum))
        return fail_range(err);
    *out = trimmed(sum, scale);
    return PT_OK;
}

static pt_value as_dec(pt_value v)
{
    return v.kind == VAL_INT ? value_dec(v.i, 0) : v;
}

pt_status expr_arith(expr_kind op, pt_value a, pt_value b, pt_value *out, pt_err *err)
{
    if (a.kind == VAL_DOUBLE || b.kind == VAL_DOUBLE)
        return double_arith(op, value_as_double(a), value_as_double(b), out, err);
    a = as_dec(a);
    b = as_dec(b);
    if (op == EXPR_MULTIPLY) return multiply(a, b, out, err);
    if (op == EXPR_DIVIDE) return divide(a, b, out, err);
    return add(a, b, op == EXPR_SUBTRACT, out, err);
}

pt_status expr_round(pt_value v, int64_t digits, pt_value *out, pt_err *err)
{
    if (digits < -DEC_MAX_SCALE || digits > DEC_MAX_SCALE)
        return pt_fail(err, PT_VALUE, "expected a number of digits from %d to %d, found %lld", -DEC_MAX_SCALE,
                       DEC_MAX_SCALE, (long long)digits);
    if (v.kind == VAL_DOUBLE) {
        double unit = (double)pow10_i64[digits < 0 ? -digits : digits];
        double f = digits < 0 ? round(v.f / unit) * unit : round(v.f * unit) / unit;
        *out = value_double(isfinite(f) ? f : v.f);
        return PT_OK;
    }
    v = as_dec(v);
    *out = v.scale == 0 ? trimmed(v.dec, 0) : v;
    if (digits >= v.scale) return PT_OK;
    int down = (int)(v.scale - digits); /* digits to take off */
    pt_i128 unit = 1;
    if (!times_pow10(&unit, down)) return fail_range(err);
    pt_i128 q = divide_rounded(v.dec, unit);
    if (!times_pow10(&q, (int)-digits)) return fail_range(err);
    *out = trimmed(q, (uint8_t)(digits > 0 ? digits : 0));
    return PT_OK;
}
