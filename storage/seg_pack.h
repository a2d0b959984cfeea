/* seg_pack.h - bit packing, the reverse of the unpack kernels (base/kernel/kern.h): values of the same width
 * back to back, from the lowest bit of 64-bit little-endian words. */
#pragma once

#include <stdint.h>

/* Bits that hold v; 0 for 0. */
static inline unsigned pack_width(uint64_t v)
{
    return v ? 64u - (unsigned)__builtin_clzll(v) : 0;
}

/* Pack v[i] - base, each of which must fit `width` bits (1..64), into kern_packed_bytes(n, width) bytes. */
void pack_values(const int64_t *v, uint32_t n, int64_t base, unsigned width, uint8_t *out);
