/* kern_plain.inc.c - no head start: the plain loops of kern_impl.inc.c do it all. Twin of kern_shuffle.inc.c.
 */
#include <stdbool.h>
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

static size_t select_dense(uint64_t *word, uint32_t first, uint32_t *rows)
{
    (void)word, (void)first, (void)rows;
    return 0;
}

static bool line_is_zero(const uint64_t *words)
{
    uint64_t any = 0;
    for (int i = 0; i < 8; i++) any |= words[i];
    return any == 0;
}
