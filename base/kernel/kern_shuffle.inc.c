/* kern_shuffle.inc.c - unpacking eight values at a time by byte shuffles, and finding bytes 32 at a time
 * (AVX2). Twin of kern_plain.inc.c.
 *
 * Eight values of w bits are w whole bytes, so every group of eight starts at a byte and needs the same
 * shuffle: it brings the bytes of each value into a lane, a shift per lane drops the bits below, a mask those
 * above. Each head stops before a 16-byte load would pass the end; the plain loop does the rest. */
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

/* For lanes of `lane` bytes: where the bytes of value i of a group come from, seen from `from` on. */
static void lane_bytes(unsigned i, unsigned width, unsigned from, unsigned lane, uint8_t *control)
{
    for (unsigned b = 0; b < lane; b++) control[b] = (uint8_t)(i * width / 8 - from + b);
}

/* Two 16-byte loads side by side. */
static __m256i load_pair(const uint8_t *low, const uint8_t *high)
{
    __m256i v = _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)low));
    return _mm256_inserti128_si256(v, _mm_loadu_si128((const __m128i *)(const void *)high), 1);
}

/* How many groups of eight can be read with loads that end `reach` bytes behind the start of a group? */
static size_t whole_groups(size_t n, unsigned width, size_t reach)
{
    size_t size = (n * width + 63) / 64 * 8;
    if (size < reach) return 0;
    size_t groups = (size - reach) / width + 1;
    return groups < n / 8 ? groups : n / 8;
}

/* Packed values are read from one end to the other, but the processor stops to look ahead at the end of each
 * page of 4 KiB, which is a few thousand rows. */
static void ask_ahead(const uint8_t *packed)
{
    enum { AHEAD_BYTES = 2048 };
    _mm_prefetch((const char *)packed + AHEAD_BYTES, _MM_HINT_T0);
}

/* Values that lie within four bytes, whatever bit they start at: eight lanes of 32 bits. */
static size_t unpack_narrow(const uint8_t *packed, size_t n, unsigned width, uint32_t base, uint32_t *out)
{
    uint8_t control[32];
    uint32_t shift[8];
    size_t half = width / 2, groups = whole_groups(n, width, half + 16);
    for (unsigned i = 0; i < 8; i++) {
        lane_bytes(i, width, i < 4 ? 0 : (unsigned)half, 4, control + 4 * i);
        shift[i] = i * width % 8;
    }
    __m256i order = _mm256_loadu_si256((const __m256i *)(const void *)control);
    __m256i down = _mm256_loadu_si256((const __m256i *)(const void *)shift);
    __m256i mask = _mm256_set1_epi32((int)((1u << width) - 1)), add = _mm256_set1_epi32((int)base);
    for (size_t g = 0; g < groups; g++, packed += width) {
        ask_ahead(packed);
        __m256i v = _mm256_shuffle_epi8(load_pair(packed, packed + half), order);
        v = _mm256_and_si256(_mm256_srlv_epi32(v, down), mask);
        _mm256_storeu_si256((__m256i *)(void *)(out + 8 * g), _mm256_add_epi32(v, add));
    }
    return groups * 8;
}

/* Values that lie within eight bytes: two vectors of four lanes of 64 bits, a pair of values per load. */
typedef struct wide {
    __m256i order[2], down[2], mask;
    size_t at[4]; /* byte offsets of the pairs */
    size_t groups;
} wide;

enum { NARROW_MAX = 25, WIDE_MAX = 57 };

static void wide_prepare(size_t n, unsigned width, wide *w)
{
    uint8_t control[64];
    uint64_t shift[8];
    for (unsigned i = 0; i < 8; i++) {
        w->at[i / 2] = i / 2 * 2 * width / 8;
        lane_bytes(i, width, (unsigned)w->at[i / 2], 8, control + 8 * i);
        shift[i] = i * width % 8;
    }
    for (unsigned h = 0; h < 2; h++) {
        w->order[h] = _mm256_loadu_si256((const __m256i *)(const void *)(control + 32 * h));
        w->down[h] = _mm256_loadu_si256((const __m256i *)(const void *)(shift + 4 * h));
    }
    w->mask = _mm256_set1_epi64x((long long)((UINT64_C(1) << width) - 1));
    w->groups = whole_groups(n, width, w->at[3] + 16);
}

/* Values 4 * half .. 4 * half + 3 of the group at p. */
static __m256i wide_four(const wide *w, const uint8_t *p, unsigned half)
{
    __m256i v = load_pair(p + w->at[2 * half], p + w->at[2 * half + 1]);
    v = _mm256_srlv_epi64(_mm256_shuffle_epi8(v, w->order[half]), w->down[half]);
    return _mm256_and_si256(v, w->mask);
}

static size_t unpack_head_u32(const uint8_t *packed, size_t n, unsigned width, uint32_t base, uint32_t *out)
{
    if (width <= NARROW_MAX) return unpack_narrow(packed, n, width, base, out);
    wide w;
    wide_prepare(n, width, &w);
    __m256i add = _mm256_set1_epi32((int)base);
    for (size_t g = 0; g < w.groups; g++, packed += width) {
        ask_ahead(packed);
        __m256 low = _mm256_castsi256_ps(wide_four(&w, packed, 0)),
               high = _mm256_castsi256_ps(wide_four(&w, packed, 1));
        __m256i v = _mm256_castps_si256(_mm256_shuffle_ps(low, high, _MM_SHUFFLE(2, 0, 2, 0)));
        v = _mm256_permute4x64_epi64(v, _MM_SHUFFLE(3, 1, 2, 0));
        _mm256_storeu_si256((__m256i *)(void *)(out + 8 * g), _mm256_add_epi32(v, add));
    }
    return w.groups * 8;
}

static size_t unpack_head_u64(const uint8_t *packed, size_t n, unsigned width, uint64_t base, uint64_t *out)
{
    if (width > WIDE_MAX) return 0;
    wide w;
    wide_prepare(n, width, &w);
    __m256i add = _mm256_set1_epi64x((long long)base);
    for (size_t g = 0; g < w.groups; g++, packed += width) {
        ask_ahead(packed);
        for (unsigned half = 0; half < 2; half++) {
            __m256i v = _mm256_add_epi64(wide_four(&w, packed, half), add);
            _mm256_storeu_si256((__m256i *)(void *)(out + 8 * g + 4 * half), v);
        }
    }
    return w.groups * 8;
}

static uint64_t match_one(__m256i low, __m256i high, uint8_t what)
{
    __m256i pattern = _mm256_set1_epi8((char)what);
    uint32_t a = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, pattern)),
             b = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, pattern));
    return (uint64_t)b << 32 | a;
}

static void match_bytes(const uint8_t *p, size_t n_words, const uint8_t what[3], uint64_t *bits)
{
    for (size_t w = 0; w < n_words; w++, p += 64) {
        __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)p),
                high = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));
        for (unsigned k = 0; k < 3; k++) bits[3 * w + k] = match_one(low, high, what[k]);
    }
}
