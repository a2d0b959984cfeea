/* digits.h - plain numbers straight from the bytes of a field, eight digits at a time.
 *
 * Only the form that most fields have: perhaps a minus, digits, for decimals perhaps a point and digits
 * behind it. Everything else (blanks, plus signs, exponents, more digits than fit) is false here, and for the
 * careful functions of base to judge. Up to 16 bytes from the start of a field on must be readable. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t digits_load(const char *p)
{
    uint64_t x;
    memcpy(&x, p, sizeof x);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    x = __builtin_bswap64(x);
#endif
    return x;
}

/* The number of the lowest n characters (1..8) of x. */
static inline bool digits_of_word(uint64_t x, size_t n, uint64_t *out)
{
    unsigned shift = 64 - 8 * (unsigned)n;
    uint64_t d = (x << shift) ^ (UINT64_C(0x3030303030303030) << shift);
    if (((d + UINT64_C(0x7676767676767676)) | d) & UINT64_C(0x8080808080808080)) return false;
    d = (d * 2561) >> 8 & UINT64_C(0x00ff00ff00ff00ff);
    d = (d * 6553601) >> 16 & UINT64_C(0x0000ffff0000ffff);
    *out = (d * UINT64_C(42949672960001)) >> 32;
    return true;
}

/* n characters from p on, 1..16 of them. */
static inline bool digits_unsigned(const char *p, size_t n, uint64_t *out)
{
    uint64_t high, low;
    if (n <= 8) return n > 0 && digits_of_word(digits_load(p), n, out);
    if (n > 16 || !digits_of_word(digits_load(p), n - 8, &high) ||
        !digits_of_word(digits_load(p + n - 8), 8, &low))
        return false;
    *out = high * 100000000 + low;
    return true;
}

static inline bool digits_integer(const char *p, size_t n, int64_t *out)
{
    uint64_t x;
    bool is_negative = n > 0 && *p == '-';
    if (!digits_unsigned(p + is_negative, n - is_negative, &x)) return false;
    *out = is_negative ? -(int64_t)x : (int64_t)x;
    return true;
}
