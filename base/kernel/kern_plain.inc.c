/* kern_plain.inc.c - no head start for unpacking: the plain loop of kern_impl.inc.c does it all. Twin of
 * kern_shuffle.inc.c. */
#include <stddef.h>
#include <stdint.h>

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
