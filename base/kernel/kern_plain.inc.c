/* kern_plain.inc.c - what has a form of its own on CPUs with shuffles, for those without: no head start, and
 * bytes found eight at a time in a 64-bit word. Twin of kern_shuffle.inc.c. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/kernel/kern_none.inc.c"

static size_t unpack_head_u32(const uint8_t *packed, size_t n, unsigned width, uint32_t base, uint32_t *out)
{
    (void)packed, (void)n, (void)width, (void)base, (void)out;
    return 0;
}

static size_t unpack_head_u64(const uint8_t *packed, size_t n, unsigned width, uint64_t base, uint64_t *out)
{
    (void)packed, (void)n, (void)width, (void)base, (void)out;
    return 0;
}

static bool line_is_zero(const uint64_t *words)
{
    uint64_t any = 0;
    for (int i = 0; i < 8; i++) any |= words[i];
    return any == 0;
}

/* Bit j of byte i becomes bit i of byte j. Hacker's Delight, 7-3. */
static uint64_t transpose8(uint64_t x)
{
    uint64_t t = (x ^ (x >> 7)) & UINT64_C(0x00aa00aa00aa00aa);
    x ^= t ^ (t << 7);
    t = (x ^ (x >> 14)) & UINT64_C(0x0000cccc0000cccc);
    x ^= t ^ (t << 14);
    t = (x ^ (x >> 28)) & UINT64_C(0x00000000f0f0f0f0);
    return x ^ t ^ (t << 28);
}

/* The numbers of the 64 rows of word w, from at most eight planes. */
static void join_planes(const uint64_t *const *planes, size_t n_planes, size_t w, uint8_t *out)
{
    for (unsigned at = 0; at < 64; at += 8) {
        uint64_t x = 0;
        for (size_t p = 0; p < n_planes; p++) x |= (planes[p][w] >> at & 0xff) << (8 * p);
        x = transpose8(x);
        for (unsigned i = 0; i < 8; i++) out[at + i] = (uint8_t)(x >> (8 * i));
    }
}

#define PLAIN_ONES  UINT64_C(0x0101010101010101)
#define PLAIN_HIGHS UINT64_C(0x8080808080808080)

/* Bit i: byte i of x is that of `pattern`. */
static uint64_t match_eight(uint64_t x, uint64_t pattern)
{
    uint64_t y = x ^ pattern;
    uint64_t hit = ~(((y & ~PLAIN_HIGHS) + ~PLAIN_HIGHS) | y | ~PLAIN_HIGHS);
    return ((hit >> 7) * UINT64_C(0x0102040810204080)) >> 56;
}

static void match_bytes(const uint8_t *p, size_t n_words, const uint8_t what[3], uint64_t *bits)
{
    for (size_t w = 0; w < n_words; w++) {
        for (unsigned k = 0; k < 3; k++) bits[3 * w + k] = 0;
        for (unsigned at = 0; at < 64; at += 8) {
            uint64_t x;
            memcpy(&x, p + 64 * w + at, sizeof x);
            for (unsigned k = 0; k < 3; k++) bits[3 * w + k] |= match_eight(x, PLAIN_ONES * what[k]) << at;
        }
    }
}
