/* vba_math.c - numeric functions of Visual Basic and Excel (docs: mdx functions, "numbers"). A null argument
 * gives null; the word NULL where a number must stand is 0, as it is in sums. */
#include <math.h>

#include "base/num.h"
#include "query/vba_int.h"

/* ---- one number to one number ------------------------------------------ */

#define UNARY(name, expression)                                                                              \
    static pt_status name(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)                   \
    {                                                                                                        \
        (void)c;                                                                                             \
        (void)n;                                                                                             \
        double x = value_as_double(v[0]);                                                                    \
        return give(out, value_double(expression));                                                          \
    }

UNARY(fun_abs, fabs(x))
UNARY(fun_atn, atan(x))
UNARY(fun_cos, cos(x))
UNARY(fun_exp, exp(x))
UNARY(fun_log, log(x))
UNARY(fun_sin, sin(x))
UNARY(fun_sqr, sqrt(x))
UNARY(fun_tan, tan(x))
UNARY(fun_acos, acos(x))
UNARY(fun_asin, asin(x))
UNARY(fun_cosh, cosh(x))
UNARY(fun_sinh, sinh(x))
UNARY(fun_tanh, tanh(x))
UNARY(fun_acosh, acosh(x))
UNARY(fun_asinh, asinh(x))
UNARY(fun_atanh, atanh(x))
UNARY(fun_degrees, x * 180 / M_PI)
UNARY(fun_radians, x *M_PI / 180)
UNARY(fun_log10, log10(x))
UNARY(fun_sqrt_pi, sqrt(x *M_PI))

static pt_status fun_atan2(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c;
    (void)n;
    return give(out,
                value_double(atan2(value_as_double(v[0]), value_as_double(v[1])))); /* Excel: x before y */
}

static pt_status fun_power(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c;
    (void)n;
    return give(out, value_double(pow(value_as_double(v[0]), value_as_double(v[1]))));
}

static pt_status fun_mod(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)n;
    double a = value_as_double(v[0]), b = value_as_double(v[1]);
    if (b == 0) return bad_argument(c, "Mod: division by zero");
    return give(out, value_double(a - b * floor(a / b)));
}

static pt_status fun_pi(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c;
    (void)n;
    (void)v;
    return give(out, value_double(M_PI));
}

/* ---- whole numbers ----------------------------------------------------- */

static pt_value whole(double f)
{
    return fabs(f) < 9e18 ? value_int((int64_t)f) : value_double(f);
}

static pt_status to_whole(const fun_call *c, const char *name, pt_value v, double (*cut)(double),
                          pt_value *out)
{
    if (v.kind == VAL_TEXT) return bad_argument(c, "%s: expected a number, got a text", name);
    return give(out, whole(cut(value_as_double(v))));
}

static pt_status fun_int(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)n;
    return to_whole(c, "Int", v[0], floor, out);
}

static pt_status fun_fix(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)n;
    return to_whole(c, "Fix", v[0], trunc, out);
}

static pt_status fun_sgn(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c;
    (void)n;
    double x = value_as_double(v[0]);
    return give(out, value_int((x > 0) - (x < 0)));
}

/* floor(x + 0.5); with digits half away from zero, on the decimal digits of the number. */
static pt_status fun_round(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c;
    double x = value_as_double(v[0]);
    if (n < 2 || !isfinite(x)) return give(out, value_double(isfinite(x) ? floor(x + 0.5) : x));
    int64_t places = arg_whole(n, v, 1, 0);
    if (places > 15 || places < -300) return give(out, value_double(places > 0 ? x : 0));
    double scale = pow(10, (double)(places < 0 ? -places : places));
    double shifted = places < 0 ? fabs(x) / scale : fabs(x) * scale;
    double near = floor(shifted + 0.5);
    /* 2.675 * 100 is 267.49999999999997: a half within the last digits of a double is a half. */
    if (shifted - floor(shifted) < 0.5 && floor(shifted + 0.5 + shifted * 4e-16) > near) near += 1;
    return give(out, value_double(copysign(places < 0 ? near * scale : near / scale, x)));
}

/* ---- conversions ------------------------------------------------------- */

static pt_status fun_cint(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)n;
    double f;
    PT_TRY(whole_of(c, "CInt", v[0], &f));
    return give(out, whole(f));
}

static pt_status fun_cbyte(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)n;
    double f;
    PT_TRY(whole_of(c, "CByte", v[0], &f));
    if (!isfinite(f) || fabs(f) > 9e15) return bad_argument(c, "CByte: the number is out of range");
    return give(out, value_int((int8_t)(uint8_t)((int64_t)f & 0xFF)));
}

static pt_status fun_cdbl(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)n;
    double f = value_as_double(v[0]);
    if (v[0].kind == VAL_TEXT && !num_parse_double(str_trim(v[0].s), &f))
        return bad_argument(c, "CDbl: the text '" STR_FMT "' is no number", STR_ARG(v[0].s));
    return give(out, value_double(f));
}

static pt_status fun_cbool(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)n;
    if (v[0].kind == VAL_TEXT) return bad_argument(c, "CBool: expected a number, got a text");
    return give(out, value_bool(value_as_double(v[0]) != 0));
}

static pt_status in_base(const fun_call *c, const char *name, pt_value v, const char *format, pt_value *out)
{
    double f;
    strbuf b = {0};
    PT_TRY(whole_of(c, name, v, &f));
    if (v.kind != VAL_TEXT) f = trunc(value_as_double(v)); /* as where an integer is wanted */
    if (!isfinite(f) || fabs(f) > 9e15) return bad_argument(c, "%s: the number is out of range", name);
    if (*format == 'X')
        strbuf_printf(&b, "%X", (uint32_t)(int64_t)f);
    else
        strbuf_printf(&b, "%o", (uint32_t)(int64_t)f);
    return give_text(c, &b, out);
}

static pt_status fun_hex(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)n;
    return in_base(c, "Hex", v[0], "X", out);
}

static pt_status fun_oct(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)n;
    return in_base(c, "Oct", v[0], "o", out);
}

/* ---- statistics -------------------------------------------------------- */

/* Peter J. Acklam's rational approximation of the normal quantile, refined by one Halley step. */
static double central(double q)
{
    static const double a[] = {-3.969683028665376e+01, 2.209460984245205e+02,  -2.759285104469687e+02,
                               1.383577518672690e+02,  -3.066479806614716e+01, 2.506628277459239e+00};
    static const double b[] = {-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02,
                               6.680131188771972e+01, -1.328068155288572e+01};
    double r = q * q;
    return (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q /
           (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1);
}

static double tail(double p)
{
    static const double c[] = {-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00,
                               -2.549732539343734e+00, 4.374664141464968e+00,  2.938163982698783e+00};
    static const double d[] = {7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00,
                               3.754408661907416e+00};
    double q = sqrt(-2 * log(p));
    return (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) /
           ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1);
}

static double normal_quantile(double p)
{
    const double low = 0.02425;
    if (p == 0 || p == 1) return p == 0 ? -INFINITY : INFINITY;
    double x = p < low ? tail(p) : p > 1 - low ? -tail(1 - p) : central(p - 0.5);
    double e = 0.5 * erfc(-x / M_SQRT2) - p;
    double u = e * sqrt(2 * M_PI) * exp(x * x / 2);
    return x - u / (1 + x * u / 2);
}

static pt_status fun_inverse_normal(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)n;
    double p = value_as_double(v[0]);
    if (!(p >= 0 && p <= 1)) return bad_argument(c, "InverseNormal: expected a probability between 0 and 1");
    return give(out, value_double(normal_quantile(p)));
}

static pt_status fun_null_value(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c;
    (void)n;
    (void)v;
    return give(out, value_null());
}

static const fun table[] = {
    {"Abs", SYN_FUNCTION, "n", "n", "size of a number, without its sign", .apply = fun_abs,
     .flags = FUN_NULL_IS_ZERO},
    {"Acos", SYN_FUNCTION, "n", "n", "arc cosine, in radians", .apply = fun_acos, .flags = FUN_NULL_IS_ZERO},
    {"Acosh", SYN_FUNCTION, "n", "n", "inverse hyperbolic cosine", .apply = fun_acosh,
     .flags = FUN_NULL_IS_ZERO},
    {"Asin", SYN_FUNCTION, "n", "n", "arc sine, in radians", .apply = fun_asin, .flags = FUN_NULL_IS_ZERO},
    {"Asinh", SYN_FUNCTION, "n", "n", "inverse hyperbolic sine", .apply = fun_asinh,
     .flags = FUN_NULL_IS_ZERO},
    {"Atan2", SYN_FUNCTION, "n", "nn", "the angle whose tangent is the first number divided by the second",
     .apply = fun_atan2, .flags = FUN_NULL_IS_ZERO},
    {"Atanh", SYN_FUNCTION, "n", "n", "inverse hyperbolic tangent", .apply = fun_atanh,
     .flags = FUN_NULL_IS_ZERO},
    {"Atn", SYN_FUNCTION, "n", "n", "arc tangent, in radians", .apply = fun_atn, .flags = FUN_NULL_IS_ZERO},
    {"CBool", SYN_FUNCTION, "b", "v", "false for 0, true for any other number", .apply = fun_cbool},
    {"CByte", SYN_FUNCTION, "i", "v", "the number rounded to whole, in 8 bits", .apply = fun_cbyte},
    {"CDbl", SYN_FUNCTION, "n", "v", "a number, also from text", .apply = fun_cdbl},
    {"CInt", SYN_FUNCTION, "i", "v", "the nearest whole number, halves to the even one; also from text",
     .apply = fun_cint},
    {"Cos", SYN_FUNCTION, "n", "n", "cosine of an angle in radians", .apply = fun_cos,
     .flags = FUN_NULL_IS_ZERO},
    {"Cosh", SYN_FUNCTION, "n", "n", "hyperbolic cosine", .apply = fun_cosh, .flags = FUN_NULL_IS_ZERO},
    {"Degrees", SYN_FUNCTION, "n", "n", "radians as degrees", .apply = fun_degrees,
     .flags = FUN_NULL_IS_ZERO},
    {"Exp", SYN_FUNCTION, "n", "n", "e to the power of a number", .apply = fun_exp,
     .flags = FUN_NULL_IS_ZERO},
    {"Fix", SYN_FUNCTION, "i", "v", "the number without its fraction", .apply = fun_fix},
    {"Hex", SYN_FUNCTION, "S", "v", "a whole number in hexadecimal digits", .apply = fun_hex},
    {"Int", SYN_FUNCTION, "i", "v", "the largest whole number that is not greater", .apply = fun_int},
    {"InverseNormal", SYN_FUNCTION, "n", "n", "quantile of the standard normal distribution",
     .apply = fun_inverse_normal, .flags = FUN_NULL_IS_ZERO},
    {"Log", SYN_FUNCTION, "n", "n", "natural logarithm", .apply = fun_log, .flags = FUN_NULL_IS_ZERO},
    {"Log10", SYN_FUNCTION, "n", "n", "logarithm to base 10", .apply = fun_log10, .flags = FUN_NULL_IS_ZERO},
    {"Mod", SYN_FUNCTION, "n", "nn", "remainder with the sign of the divisor", .apply = fun_mod,
     .flags = FUN_NULL_IS_ZERO},
    {"NullValue", SYN_FUNCTION, "n", "", "null", .apply = fun_null_value},
    {"Oct", SYN_FUNCTION, "S", "v", "a whole number in octal digits", .apply = fun_oct},
    {"Pi", SYN_FUNCTION, "n", "", "3.14159...", .apply = fun_pi},
    {"Power", SYN_FUNCTION, "n", "nn", "the first number to the power of the second", .apply = fun_power,
     .flags = FUN_NULL_IS_ZERO},
    {"Radians", SYN_FUNCTION, "n", "n", "degrees as radians", .apply = fun_radians,
     .flags = FUN_NULL_IS_ZERO},
    {"Round", SYN_FUNCTION, "n", "n[n]", "rounded, to so many digits behind the point", .apply = fun_round,
     .flags = FUN_NULL_IS_ZERO},
    {"Sgn", SYN_FUNCTION, "i", "n", "-1, 0 or 1 by the sign", .apply = fun_sgn, .flags = FUN_NULL_IS_ZERO},
    {"Sin", SYN_FUNCTION, "n", "n", "sine of an angle in radians", .apply = fun_sin,
     .flags = FUN_NULL_IS_ZERO},
    {"Sinh", SYN_FUNCTION, "n", "n", "hyperbolic sine", .apply = fun_sinh, .flags = FUN_NULL_IS_ZERO},
    {"Sqr", SYN_FUNCTION, "n", "n", "square root", .apply = fun_sqr, .flags = FUN_NULL_IS_ZERO},
    {"SqrtPi", SYN_FUNCTION, "n", "n", "square root of a number times pi", .apply = fun_sqrt_pi,
     .flags = FUN_NULL_IS_ZERO},
    {"Tan", SYN_FUNCTION, "n", "n", "tangent of an angle in radians", .apply = fun_tan,
     .flags = FUN_NULL_IS_ZERO},
    {"Tanh", SYN_FUNCTION, "n", "n", "hyperbolic tangent", .apply = fun_tanh, .flags = FUN_NULL_IS_ZERO},
};
const fun_list fun_vba_math = {table, ARRAY_LEN(table)};
