/* format_digits.c - numbers as decimal digits, and rounding them as people read them: 1.005 is 1.01, although
 * the nearest double is below 1.005. */
#include <math.h>

#include "base/decimal.h"
#include "base/num.h"
#include "query/format_int.h"

/* Digits from plain or scientific text: "-12.50", "1.5e+22". */
static void from_text(pt_str text, digits *x)
{
    int exponent = 0;
    bool seen_point = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '-' && i == 0) {
            x->is_negative = true;
        } else if (c == '.') {
            seen_point = true;
        } else if (c == 'e' || c == 'E') {
            int64_t e = 0;
            pt_str rest = {text.ptr + i + 1, text.len - i - 1};
            if (rest.len && rest.ptr[0] == '+') rest = (pt_str){rest.ptr + 1, rest.len - 1};
            if (num_parse_i64(rest, &e)) exponent = (int)e;
            break;
        } else if (c >= '0' && c <= '9') {
            if (c == '0' && x->n == 0) { /* leading zero: moves the point only */
                x->point -= seen_point;
                continue;
            }
            if (x->n < MAX_DIGITS) x->d[x->n++] = c;
            x->point += !seen_point;
        }
    }
    x->point += exponent;
    while (x->n && x->d[x->n - 1] == '0') x->n--;
    if (x->n == 0) x->point = 0;
}

void digits_of(pt_value v, digits *out)
{
    strbuf b = {0};
    out->is_negative = out->is_infinite = out->is_nan = false;
    out->n = out->point = 0;
    if (v.kind == VAL_DEC)
        dec_print(v.dec, v.scale, &b);
    else if (v.kind == VAL_INT)
        dec_print(v.i, 0, &b);
    else {
        double f = value_as_double(v);
        out->is_nan = isnan(f);
        out->is_infinite = isinf(f);
        out->is_negative = !out->is_nan && f < 0;
        if (isfinite(f)) num_add_double(&b, f);
    }
    from_text(strbuf_str(&b), out);
    if (out->n == 0 && !out->is_infinite) out->is_negative = false; /* no -0 */
    strbuf_free(&b);
}

static bool rounds_up(const digits *x, int keep, bool half_even)
{
    if (x->d[keep] != '5' || !half_even) return x->d[keep] >= '5';
    if (keep + 1 < x->n) return true; /* more than a half: no trailing zeros are kept */
    return keep > 0 && (x->d[keep - 1] - '0') % 2 == 1;
}

void digits_round(digits *x, int places, bool half_even)
{
    int keep = x->point + places; /* digits that stay */
    if (keep >= x->n) return;
    if (keep < 0) {
        x->n = x->point = 0;
        return;
    }
    bool up = rounds_up(x, keep, half_even);
    x->n = keep;
    while (up && x->n > 0 && x->d[x->n - 1] == '9') x->n--;
    if (up && x->n > 0) {
        x->d[x->n - 1]++;
    } else if (up) { /* 0.99 -> 1 */
        x->d[x->n++] = '1';
        x->point++;
    }
    while (x->n && x->d[x->n - 1] == '0') x->n--;
    if (x->n == 0) x->point = 0;
}
