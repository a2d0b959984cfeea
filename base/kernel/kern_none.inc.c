/* kern_none.inc.c - what a CPU level has no form of its own for: nothing is done ahead of the plain loops. */
#include "base/kernel/kern_int.h"

static size_t pick_head_u32(const uint8_t *packed, size_t n_packed, unsigned width, uint32_t base,
                            const uint32_t *rows, size_t n, uint32_t *out)
{
    (void)packed, (void)n_packed, (void)width, (void)base, (void)rows, (void)n, (void)out;
    return 0;
}

static size_t pick_head_u64(const uint8_t *packed, size_t n_packed, unsigned width, uint64_t base,
                            const uint32_t *rows, size_t n, uint64_t *out)
{
    (void)packed, (void)n_packed, (void)width, (void)base, (void)rows, (void)n, (void)out;
    return 0;
}

static size_t select_head(const uint64_t *bits, size_t n_words, uint32_t *rows, size_t *n_rows)
{
    (void)bits, (void)n_words, (void)rows;
    *n_rows = 0;
    return 0;
}

static size_t select_clear_head(const uint64_t *bits, const uint32_t *ids, size_t n, uint32_t *places,
                                size_t *n_places)
{
    (void)bits, (void)ids, (void)n, (void)places;
    *n_places = 0;
    return 0;
}

static size_t set_bits_head(uint64_t *bits, size_t n_words, const uint32_t *sets, const uint32_t *ids,
                            size_t n, kern_soon *soon)
{
    (void)bits, (void)n_words, (void)sets, (void)ids, (void)n, (void)soon;
    return 0;
}

static size_t add_planes_head(uint32_t *out, size_t n, const uint64_t *const *planes, size_t n_planes,
                              const uint32_t *table)
{
    (void)out, (void)n, (void)planes, (void)n_planes, (void)table;
    return 0;
}
