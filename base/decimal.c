/* decimal.c - decimal text, scales and doubles over 128-bit integers; every multiplication is checked. */
#include "base/decimal.h"

#include <math.h>

typedef unsigned __int128 u128;

enum { EXPONENT_MAX = 100000, DIGITS_MAX = 39 }; /* 2^128 has 39 digits */

const int64_t pow10_i64[19] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
};

static u128 magnitude(pt_i128 dec)
{
    return dec < 0 ? -(u128)dec : (u128)dec;
}

static bool with_sign(u128 size, bool is_negative, pt_i128 *out)
{
    u128 most = ((u128)1 << 127) - !is_negative;
    if (size > most) return false;
    *out = (pt_i128)(is_negative ? -size : size);
    return true;
}

/* *value *= 10^n; false on overflow. */
static bool times_pow10(u128 *value, int64_t n)
{
    if (*value == 0) return true;
    if (n > DIGITS_MAX) return false;
    for (; n > 0; n--)
        if (__builtin_mul_overflow(*value, (u128)10, value)) return false;
    return true;
}

/* ---- text ---------------------------------------------------------- */

/* A number while it is read: digits * 10^zeros. Zeros are held back until another digit follows, so `digits`
 * never ends in one, and any scale that is too small for it would lose something. */
typedef struct reading {
    u128 digits;
    int64_t zeros, n_digits;
} reading;

/* Reads the run of digits at *at; false on overflow. */
static bool read_digits(pt_str s, size_t *at, reading *r)
{
    for (; *at < s.len && s.ptr[*at] >= '0' && s.ptr[*at] <= '9'; ++*at) {
        unsigned digit = (unsigned)(s.ptr[*at] - '0');
        r->n_digits++;
        if (digit == 0) {
            r->zeros++;
            continue;
        }
        if (!times_pow10(&r->digits, r->zeros + 1)) return false;
        if (__builtin_add_overflow(r->digits, (u128)digit, &r->digits)) return false;
        r->zeros = 0;
    }
    return true;
}

static bool read_sign(pt_str s, size_t *at)
{
    if (*at >= s.len || (s.ptr[*at] != '-' && s.ptr[*at] != '+')) return false;
    return s.ptr[(*at)++] == '-';
}

/* An optional "e-12" up to the end of the text; false if something else stands there. */
static bool read_exponent(pt_str s, size_t at, int64_t *exponent)
{
    *exponent = 0;
    if (at == s.len) return true;
    if ((s.ptr[at++] | 32) != 'e') return false;
    bool is_negative = read_sign(s, &at);
    if (at == s.len) return false;
    for (; at < s.len; at++) {
        if (s.ptr[at] < '0' || s.ptr[at] > '9') return false;
        if (*exponent < EXPONENT_MAX) *exponent = *exponent * 10 + (s.ptr[at] - '0');
    }
    if (is_negative) *exponent = -*exponent;
    return true;
}

bool dec_parse(pt_str text, uint8_t scale, pt_i128 *out)
{
    reading r = {0};
    size_t at = 0;
    int64_t n_whole, exponent;
    bool is_negative = read_sign(text, &at);
    if (!read_digits(text, &at, &r)) return false;
    n_whole = r.n_digits;
    if (at < text.len && text.ptr[at] == '.') {
        at++;
        if (!read_digits(text, &at, &r)) return false;
    }
    if (r.n_digits == 0 || !read_exponent(text, at, &exponent)) return false;
    int64_t shift = r.zeros - (r.n_digits - n_whole) + exponent + scale;
    if (r.digits != 0 && shift < 0) return false;
    return times_pow10(&r.digits, shift) && with_sign(r.digits, is_negative, out);
}

void dec_print(pt_i128 dec, uint8_t scale, strbuf *out)
{
    char text[DIGITS_MAX + 3]; /* sign, point */
    size_t at = sizeof text;
    u128 wide = magnitude(dec);
    int place = 0;
    for (; wide > UINT64_MAX; place++, wide /= 10) {
        if (place == scale && scale > 0) text[--at] = '.';
        text[--at] = (char)('0' + (int)(wide % 10));
    }
    for (uint64_t rest = (uint64_t)wide; rest != 0 || place <= scale; place++, rest /= 10) {
        if (place == scale && scale > 0) text[--at] = '.';
        text[--at] = (char)('0' + (int)(rest % 10));
    }
    if (dec < 0) text[--at] = '-';
    strbuf_add(out, text + at, sizeof text - at);
}

/* ---- scales and doubles -------------------------------------------- */

bool dec_rescale(pt_i128 dec, uint8_t from, uint8_t to, pt_i128 *out)
{
    if (from > DEC_MAX_SCALE || to > DEC_MAX_SCALE) return false;
    if (to >= from) return !__builtin_mul_overflow(dec, (pt_i128)pow10_i64[to - from], out);
    int64_t unit = pow10_i64[from - to];
    if (dec % unit != 0) return false;
    *out = dec / unit;
    return true;
}

static int leading_zeros(u128 x)
{
    uint64_t high = (uint64_t)(x >> 64), low = (uint64_t)x;
    return high ? __builtin_clzll(high) : 64 + (low ? __builtin_clzll(low) : 64);
}

/* Small ones: one division of two exact doubles, which rounds once. Others: an integer quotient of at least
 * 66 bits whose last bit also stands for the remainder, so that the conversion to 53 bits rounds correctly.
 */
double dec_to_double(pt_i128 dec, uint8_t scale)
{
    u128 size = magnitude(dec), unit = (u128)pow10_i64[scale <= DEC_MAX_SCALE ? scale : DEC_MAX_SCALE];
    if (size <= (u128)1 << 53) return (double)dec / (double)unit;
    int shift = leading_zeros(size) - 1;
    u128 wide = size << shift, quotient = wide / unit;
    if (wide % unit) quotient |= 1;
    double f = ldexp((double)quotient, -shift);
    return dec < 0 ? -f : f;
}
