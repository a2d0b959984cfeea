/* kern_avx2.c - the kernels for x86-64-v3. */
#define KERN_TABLE kern_avx2
#define KERN_ISA   "avx2"
#include <stdbool.h>

#include "base/kernel/kern_shuffle.inc.c"

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

static size_t select_dense(uint64_t *word, uint32_t first, uint32_t *rows)
{
    (void)word, (void)first, (void)rows;
    return 0;
}

static bool line_is_zero(const uint64_t *words)
{
    const __m256i *half = (const __m256i *)(const void *)words;
    __m256i any = _mm256_or_si256(_mm256_loadu_si256(half), _mm256_loadu_si256(half + 1));
    return _mm256_testz_si256(any, any);
}

#include "base/kernel/kern_impl.inc.c"
