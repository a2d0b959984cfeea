/* seg_pack.h - bit packing of unsigned numbers, laid out so that plain loops decode it at vector speed.
 *
 * Values go in groups of 1,024. With a width of up to 32 bits a group is a matrix of 32 lanes: lane l holds
 * the values l, 32 + l, 64 + l, ... of the group, back to back from the low bit up, in 32-bit words; word k
 * of all lanes lies together. All lanes shift by the same amount at the same time, and values come out in
 * order. Wider values use 16 lanes of 64-bit words. A group takes 128 bytes for each bit of width; the last
 * one is filled with zeros. After Lemire and Boytsov, "Decoding billions of integers per second through
 * vectorization". */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { PACK_GROUP = 1024 };

static inline uint32_t pack_groups(uint32_t n)
{
    return (n + PACK_GROUP - 1) / PACK_GROUP;
}
static inline uint32_t pack_bytes(uint32_t n, unsigned width)
{
    return pack_groups(n) * width * (PACK_GROUP / 8);
}
/* Bits that hold v; 0 for 0. */
static inline unsigned pack_width(uint64_t v)
{
    return v ? 64u - (unsigned)__builtin_clzll(v) : 0;
}

/* Pack v[i] - base, each of which must fit `width` bits (1..64), into pack_bytes(n, width) bytes. */
void pack_values(const int64_t *v, uint32_t n, int64_t base, unsigned width, uint8_t *out);

/* 64-bit values as decoded: the array may be one of doubles. */
typedef int64_t __attribute__((may_alias)) pack_i64;

/* The reverse, adding base again (modulo 2^32 and 2^64). `out` has room for whole groups. */
void unpack_u32(const uint8_t *in, uint32_t n, uint32_t base, unsigned width,
                uint32_t *out);                                                              /* width 1..32 */
void unpack_i64(const uint8_t *in, uint32_t n, int64_t base, unsigned width, pack_i64 *out); /* width 1..64 */
