/* numeric.c - see numeric.h.
 *
 * Layout: int16 number of groups, int16 weight of the first group (a power of 10000), uint16 sign, int16
 * digits behind the point, then the groups, each 0..9999. */
#include "server/numeric.h"

#include "base/num.h"
#include "server/msg_write.h"

enum {
    NUMERIC_POSITIVE = 0x0000,
    NUMERIC_NEGATIVE = 0x4000,
    MAX_DIGITS = 2000,
    MAX_SCALE = 1000,
    MAX_WEIGHT = 250
};

/* A decimal taken apart: digits d1 d2 ... dn, the point behind the first n_whole of them (which may be
 * negative or beyond the end). */
typedef struct decimal {
    bool is_negative;
    size_t n;
    int64_t n_whole;
    char digits[MAX_DIGITS];
} decimal;

static bool add_digits(const char **p, const char *end, decimal *d)
{
    for (; *p < end && **p >= '0' && **p <= '9'; (*p)++) {
        if (d->n == MAX_DIGITS) return false;
        d->digits[d->n++] = (char)(**p - '0');
    }
    return true;
}

static bool split(pt_str text, decimal *d)
{
    const char *p = text.ptr, *end = text.ptr + text.len;
    int64_t exponent = 0;
    d->is_negative = p < end && *p == '-';
    d->n = 0;
    if (p < end && (*p == '-' || *p == '+')) p++;
    if (!add_digits(&p, end, d)) return false;
    d->n_whole = (int64_t)d->n;
    if (p < end && *p == '.') {
        p++;
        if (!add_digits(&p, end, d)) return false;
    }
    if (d->n == 0) return false;
    if (p < end && (*p == 'e' || *p == 'E')) {
        if (!num_parse_i64((pt_str){p + 1, (size_t)(end - p - 1)}, &exponent)) return false;
        if (exponent < -MAX_SCALE || exponent > MAX_SCALE) return false;
        p = end;
    }
    d->n_whole += exponent;
    return p == end;
}

/* The digit at a distance from the point: 0 is the first before it, -1 the first behind. */
static int digit_at(const decimal *d, int64_t power)
{
    int64_t i = d->n_whole - 1 - power;
    return i >= 0 && i < (int64_t)d->n ? d->digits[i] : 0;
}

static int group_at(const decimal *d, int64_t weight)
{
    int x = 0;
    for (int k = 3; k >= 0; k--) x = x * 10 + digit_at(d, weight * 4 + k);
    return x;
}

static int64_t floor_div4(int64_t x)
{
    return x >= 0 ? x / 4 : -((3 - x) / 4);
}

bool numeric_encode(pt_str text, strbuf *out)
{
    decimal d;
    if (!split(text, &d)) return false;
    int64_t scale = (int64_t)d.n - d.n_whole;
    if (scale < 0) scale = 0;
    int64_t first = floor_div4(d.n_whole - 1), last = floor_div4(-scale);
    while (first >= last && group_at(&d, first) == 0) first--; /* leading and trailing zeros are not sent */
    while (last <= first && group_at(&d, last) == 0) last++;
    bool is_zero = first < last;
    msg_put_u16(out, is_zero ? 0 : (uint16_t)(first - last + 1));
    msg_put_u16(out, is_zero ? 0 : (uint16_t)first);
    msg_put_u16(out, d.is_negative && !is_zero ? NUMERIC_NEGATIVE : NUMERIC_POSITIVE);
    msg_put_u16(out, (uint16_t)scale);
    for (int64_t w = first; !is_zero && w >= last; w--) msg_put_u16(out, (uint16_t)group_at(&d, w));
    return true;
}

static void add_group(strbuf *out, int group, int n_digits)
{
    static const int divisors[] = {1000, 100, 10, 1};
    for (int i = 0; i < n_digits; i++) strbuf_addc(out, (char)('0' + group / divisors[i] % 10));
}

bool numeric_decode(msg_reader *r, strbuf *out)
{
    int n = msg_get_u16(r), weight = (int16_t)msg_get_u16(r), sign = msg_get_u16(r), scale = msg_get_u16(r);
    bool is_known = sign == NUMERIC_POSITIVE || sign == NUMERIC_NEGATIVE;
    if (r->failed || !is_known || n > MAX_DIGITS / 4 || scale > MAX_SCALE) return false;
    if (weight > MAX_WEIGHT || weight < -MAX_WEIGHT) return false;
    int groups[MAX_DIGITS / 4];
    for (int i = 0; i < n; i++)
        if ((groups[i] = msg_get_u16(r)) > 9999) return false;
    if (sign == NUMERIC_NEGATIVE) strbuf_addc(out, '-');
    if (weight < 0 || n == 0) strbuf_addc(out, '0');
    size_t start = out->len;
    for (int w = weight; n > 0 && w >= 0; w--) add_group(out, weight - w < n ? groups[weight - w] : 0, 4);
    size_t zeros = 0; /* of the first group, but for the last digit */
    while (start + zeros + 1 < out->len && out->ptr[start + zeros] == '0') zeros++;
    if (zeros && !out->failed) {
        memmove(out->ptr + start, out->ptr + start + zeros, out->len - start - zeros);
        out->len -= zeros;
        out->ptr[out->len] = 0;
    }
    if (scale > 0) strbuf_addc(out, '.');
    for (int w = -1, left = scale; left > 0; w--, left -= 4) {
        int i = weight - w;
        add_group(out, i >= 0 && i < n ? groups[i] : 0, left < 4 ? left : 4);
    }
    return !r->failed;
}
