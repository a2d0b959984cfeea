/* seg_pack.c - packing and unpacking. The loops over lanes have constant bounds and no branch: compilers turn
 * them into vector code on every CPU. */
#include "storage/seg_pack.h"

#include <string.h>

enum { LANES32 = 32, LANES64 = 16 };

/* ---- packing ------------------------------------------------------- */

/* One group of n <= PACK_GROUP values. Lanes are wide enough for one value, so a value meets at most two
 * words. */
static void pack32(const int64_t *v, uint32_t n, uint64_t base, unsigned width, uint8_t *out)
{
    uint32_t words[32 * LANES32] = {0};
    for (uint32_t i = 0; i < n; i++) {
        uint32_t x = (uint32_t)((uint64_t)v[i] - base);
        unsigned lane = i % LANES32, bit = i / LANES32 * width, shift = bit % 32;
        uint32_t *w = words + bit / 32 * LANES32 + lane;
        w[0] |= x << shift;
        if (shift + width > 32) w[LANES32] |= x >> (32 - shift);
    }
    memcpy(out, words, width * (PACK_GROUP / 8));
}

static void pack64(const int64_t *v, uint32_t n, uint64_t base, unsigned width, uint8_t *out)
{
    uint64_t words[64 * LANES64] = {0};
    for (uint32_t i = 0; i < n; i++) {
        uint64_t x = (uint64_t)v[i] - base;
        unsigned lane = i % LANES64, bit = i / LANES64 * width, shift = bit % 64;
        uint64_t *w = words + bit / 64 * LANES64 + lane;
        w[0] |= x << shift;
        if (shift + width > 64) w[LANES64] |= x >> (64 - shift);
    }
    memcpy(out, words, width * (PACK_GROUP / 8));
}

void pack_values(const int64_t *v, uint32_t n, int64_t base, unsigned width, uint8_t *out)
{
    for (uint32_t i = 0; i < n; i += PACK_GROUP) {
        uint32_t some = n - i < PACK_GROUP ? n - i : PACK_GROUP;
        if (width <= 32)
            pack32(v + i, some, (uint64_t)base, width, out);
        else
            pack64(v + i, some, (uint64_t)base, width, out);
        out += width * (PACK_GROUP / 8);
    }
}

/* ---- unpacking ----------------------------------------------------- */

/* Row r of a group: the LANES values r * LANES ..., whose bits start at r * width in each lane. */
#define UNPACK_GROUP(word, lanes, word_bits, out_type)                                                       \
    const word mask = width == (word_bits) ? ~(word)0 : ((word)1 << width) - 1;                              \
    word lo[lanes], hi[lanes];                                                                               \
    for (unsigned r = 0; r < PACK_GROUP / (lanes); r++) {                                                    \
        unsigned bit = r * width, shift = bit % (word_bits);                                                 \
        const uint8_t *at = in + (size_t)(bit / (word_bits)) * sizeof lo;                                    \
        memcpy(lo, at, sizeof lo);                                                                           \
        if (shift + width > (word_bits)) {                                                                   \
            memcpy(hi, at + sizeof lo, sizeof hi);                                                           \
            for (unsigned l = 0; l < (lanes); l++)                                                           \
                out[l] = (out_type)(base + (((lo[l] >> shift) | (hi[l] << ((word_bits)-shift))) & mask));    \
        } else {                                                                                             \
            for (unsigned l = 0; l < (lanes); l++) out[l] = (out_type)(base + ((lo[l] >> shift) & mask));    \
        }                                                                                                    \
        out += (lanes);                                                                                      \
    }

static void group_u32(const uint8_t *in, uint32_t base, unsigned width, uint32_t *out)
{
    UNPACK_GROUP(uint32_t, LANES32, 32, uint32_t)
}

static void group_narrow(const uint8_t *in, uint64_t base, unsigned width, pack_i64 *out)
{
    UNPACK_GROUP(uint32_t, LANES32, 32, int64_t)
}

static void group_wide(const uint8_t *in, uint64_t base, unsigned width, pack_i64 *out)
{
    UNPACK_GROUP(uint64_t, LANES64, 64, int64_t)
}

void unpack_u32(const uint8_t *in, uint32_t n, uint32_t base, unsigned width, uint32_t *out)
{
    for (uint32_t g = 0; g < pack_groups(n); g++)
        group_u32(in + (size_t)g * width * (PACK_GROUP / 8), base, width, out + (size_t)g * PACK_GROUP);
}

void unpack_i64(const uint8_t *in, uint32_t n, int64_t base, unsigned width, pack_i64 *out)
{
    for (uint32_t g = 0; g < pack_groups(n); g++) {
        const uint8_t *from = in + (size_t)g * width * (PACK_GROUP / 8);
        if (width <= 32)
            group_narrow(from, (uint64_t)base, width, out + (size_t)g * PACK_GROUP);
        else
            group_wide(from, (uint64_t)base, width, out + (size_t)g * PACK_GROUP);
    }
}
