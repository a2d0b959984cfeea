/* kern_avx2.c - the kernels for x86-64-v3. */
#define KERN_TABLE kern_avx2
#define KERN_ISA   "avx2"
#include <stdbool.h>

#include "base/kernel/kern_none.inc.c"
#include "base/kernel/kern_shuffle.inc.c"

static bool line_is_zero(const uint64_t *words)
{
    const __m256i *half = (const __m256i *)(const void *)words;
    __m256i any = _mm256_or_si256(_mm256_loadu_si256(half), _mm256_loadu_si256(half + 1));
    return _mm256_testz_si256(any, any);
}

/* Byte i of the result has bit `bit` if bit i of the word is set. */
static __m256i spread_bits(uint32_t word, __m256i bit)
{
    const __m256i order = _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
    const __m256i own = _mm256_set1_epi64x((long long)UINT64_C(0x8040201008040201));
    __m256i v = _mm256_and_si256(_mm256_shuffle_epi8(_mm256_set1_epi32((int)word), order), own);
    return _mm256_and_si256(_mm256_cmpeq_epi8(v, own), bit);
}

/* The numbers of the 64 rows of word w, from at most eight planes. */
static void join_planes(const uint64_t *const *planes, size_t n_planes, size_t w, uint8_t *out)
{
    __m256i low = _mm256_setzero_si256(), high = low;
    for (size_t p = 0; p < n_planes; p++) {
        __m256i bit = _mm256_set1_epi8((char)(1u << p));
        low = _mm256_or_si256(low, spread_bits((uint32_t)planes[p][w], bit));
        high = _mm256_or_si256(high, spread_bits((uint32_t)(planes[p][w] >> 32), bit));
    }
    _mm256_storeu_si256((__m256i *)(void *)out, low);
    _mm256_storeu_si256((__m256i *)(void *)(out + 32), high);
}

#include "base/kernel/kern_impl.inc.c"
