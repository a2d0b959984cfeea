/* num.c - number text by the C locale. newlocale("C") is a constant inside glibc: it costs no allocation. */
#include "base/num.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { TEXT_MAX = 1024 }; /* longer number texts are refused; 767 digits decide any double */

/* A whole number of at most 15 digits, but for 0 (which has a sign): as most are. */
static bool add_whole(strbuf *b, double f)
{
    char text[20];
    size_t at = sizeof text;
    if (!(fabs(f) < 1e15) || f == 0 || f != (double)(int64_t)f) return false;
    for (uint64_t rest = (uint64_t)fabs(f); rest; rest /= 10) text[--at] = (char)('0' + rest % 10);
    if (f < 0) text[--at] = '-';
    strbuf_add(b, text + at, sizeof text - at);
    return true;
}

void num_add_double(strbuf *b, double f)
{
    if (add_whole(b, f)) return;
    if (isnan(f)) {
        strbuf_addz(b, "NaN");
        return;
    }
    if (isinf(f)) {
        strbuf_addz(b, f < 0 ? "-Infinity" : "Infinity");
        return;
    }
    locale_t c = newlocale(LC_ALL_MASK, "C", NULL);
    locale_t before = uselocale(c);
    char text[40];
    int digits = fabs(f) < DBL_MIN ? 1 : 15, n; /* any 15 digits survive, but for subnormal numbers */
    do n = snprintf(text, sizeof text, "%.*g", digits, f);
    while (++digits <= 17 && strtod(text, NULL) != f);
    uselocale(before);
    freelocale(c);
    strbuf_add(b, text, (size_t)n);
}

static size_t skip_digits(pt_str s, size_t at)
{
    while (at < s.len && s.ptr[at] >= '0' && s.ptr[at] <= '9') at++;
    return at;
}

/* sign? digits* (. digits*)? (e sign? digits+)? with at least one digit before the exponent */
static bool is_decimal(pt_str s)
{
    size_t at = s.len && (s.ptr[0] == '-' || s.ptr[0] == '+'), from = at;
    at = skip_digits(s, at);
    size_t n_digits = at - from;
    if (at < s.len && s.ptr[at] == '.') {
        from = ++at;
        at = skip_digits(s, at);
        n_digits += at - from;
    }
    if (!n_digits) return false;
    if (at < s.len && (s.ptr[at] | 32) == 'e') {
        at++;
        if (at < s.len && (s.ptr[at] == '-' || s.ptr[at] == '+')) at++;
        from = at;
        at = skip_digits(s, at);
        if (at == from) return false;
    }
    return at == s.len;
}

bool num_parse_double(pt_str text, double *out)
{
    char z[TEXT_MAX];
    if (text.len >= sizeof z || !is_decimal(text)) return false;
    memcpy(z, text.ptr, text.len);
    z[text.len] = 0;
    locale_t c = newlocale(LC_ALL_MASK, "C", NULL);
    double f = strtod_l(z, NULL, c);
    freelocale(c);
    if (isinf(f)) return false;
    *out = f;
    return true;
}

bool num_parse_i64(pt_str text, int64_t *out)
{
    size_t at = text.len && (text.ptr[0] == '-' || text.ptr[0] == '+');
    bool negative = at && text.ptr[0] == '-';
    if (at == text.len || skip_digits(text, at) != text.len) return false;
    int64_t i = 0;
    for (; at < text.len; at++) {
        int digit = text.ptr[at] - '0';
        if (__builtin_mul_overflow(i, (int64_t)10, &i)) return false;
        if (__builtin_add_overflow(i, (int64_t)(negative ? -digit : digit), &i)) return false;
    }
    *out = i;
    return true;
}
