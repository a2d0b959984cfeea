/* kern_avx512.c - the kernels for x86-64-v4. */
#define KERN_TABLE kern_avx512
#define KERN_ISA   "avx512"
#include <stdbool.h>

#include "base/kernel/kern_shuffle.inc.c"

/* Sixteen rows at a time are compressed, which pays unless few of the word's bits are set: then it is left as
 * it is. */
static size_t select_dense(uint64_t *word, uint32_t first, uint32_t *rows)
{
    enum { FEW = 8 };
    size_t k = 0;
    if (__builtin_popcountll(*word) < FEW) return 0;
    __m512i numbers = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    numbers = _mm512_add_epi32(numbers, _mm512_set1_epi32((int)first));
    for (uint64_t left = *word; left; left >>= 16) {
        unsigned n = (unsigned)__builtin_popcountll(left & 0xffff);
        __m512i some = _mm512_maskz_compress_epi32((__mmask16)left, numbers);
        _mm512_mask_storeu_epi32(rows + k, (__mmask16)((1u << n) - 1), some);
        numbers = _mm512_add_epi32(numbers, _mm512_set1_epi32(16));
        k += n;
    }
    *word = 0;
    return k;
}

static bool line_is_zero(const uint64_t *words)
{
    __m512i all = _mm512_loadu_si512((const void *)words);
    return _mm512_test_epi64_mask(all, all) == 0;
}

#include "base/kernel/kern_impl.inc.c"
