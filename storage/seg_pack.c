/* seg_pack.c - bit packing. */
#include "storage/seg_pack.h"

#include "storage/bytes.h"

void pack_values(const int64_t *v, uint32_t n, int64_t base, unsigned width, uint8_t *out)
{
    uint64_t word = 0;
    unsigned used = 0; /* bits of it, below 64 */
    for (uint32_t i = 0; i < n; i++) {
        uint64_t x = (uint64_t)v[i] - (uint64_t)base;
        word |= x << used;
        used += width;
        if (used < 64) continue;
        store_u64(out, word);
        out += 8;
        used -= 64;
        word = used ? x >> (width - used) : 0;
    }
    if (used) store_u64(out, word);
}
