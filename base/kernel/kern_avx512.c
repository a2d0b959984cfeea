/* kern_avx512.c - the kernels for x86-64-v4 with VBMI2: Ice Lake, Zen 4 and later. */
#define KERN_TABLE kern_avx512
#define KERN_ISA   "avx512"
#include <stdbool.h>
#include <string.h>

#include "base/kernel/kern_int.h"
#include "base/kernel/kern_shuffle.inc.c"

/* Eight values that lie within eight bytes each: gathered, shifted, masked. */
typedef struct picker {
    __m512i width, last, mask;
} picker;

enum { PICK_WIDEST = 57 };

static picker picker_of(size_t n_packed, unsigned width)
{
    size_t last = kern_packed_bytes(n_packed, width) - 8;
    return (picker){_mm512_set1_epi64((long long)width), _mm512_set1_epi64((long long)last),
                    _mm512_set1_epi64((long long)((UINT64_C(1) << width) - 1))};
}

static __m512i pick_eight(const picker *k, const uint8_t *packed, const uint32_t *rows)
{
    __m512i row = _mm512_cvtepu32_epi64(_mm256_loadu_si256((const __m256i *)(const void *)rows));
    __m512i bit = _mm512_mul_epu32(row, k->width);
    __m512i at = _mm512_min_epu64(_mm512_srli_epi64(bit, 3), k->last);
    __m512i v = _mm512_i64gather_epi64(at, (const void *)packed, 1);
    v = _mm512_srlv_epi64(v, _mm512_sub_epi64(bit, _mm512_slli_epi64(at, 3)));
    return _mm512_and_si512(v, k->mask);
}

static size_t pick_head_u32(const uint8_t *packed, size_t n_packed, unsigned width, uint32_t base,
                            const uint32_t *rows, size_t n, uint32_t *out)
{
    size_t i = 0;
    if (width == 0 || width > PICK_WIDEST) return 0;
    picker k = picker_of(n_packed, width);
    for (; i + 8 <= n; i += 8) {
        __m256i v = _mm512_cvtepi64_epi32(pick_eight(&k, packed, rows + i));
        v = _mm256_add_epi32(v, _mm256_set1_epi32((int)base));
        _mm256_storeu_si256((__m256i *)(void *)(out + i), v);
    }
    return i;
}

static size_t pick_head_u64(const uint8_t *packed, size_t n_packed, unsigned width, uint64_t base,
                            const uint32_t *rows, size_t n, uint64_t *out)
{
    size_t i = 0;
    if (width == 0 || width > PICK_WIDEST) return 0;
    picker k = picker_of(n_packed, width);
    for (; i + 8 <= n; i += 8) {
        __m512i v = pick_eight(&k, packed, rows + i);
        _mm512_storeu_si512((void *)(out + i), _mm512_add_epi64(v, _mm512_set1_epi64((long long)base)));
    }
    return i;
}

static bool line_is_zero(const uint64_t *words)
{
    __m512i all = _mm512_loadu_si512((const void *)words);
    return _mm512_test_epi64_mask(all, all) == 0;
}

/* The first n of sixteen rows. */
static void put_rows(uint32_t *rows, size_t n, __m128i places, __m512i first)
{
    __mmask16 which = (__mmask16)(n < 16 ? (1u << n) - 1 : 0xffff);
    _mm512_mask_storeu_epi32(rows, which, _mm512_add_epi32(first, _mm512_cvtepu8_epi32(places)));
}

static __m512i places_of(uint64_t word)
{
    const __m512i next = _mm512_set1_epi8(16);
    __m128i q0 = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m512i all = _mm512_broadcast_i32x4(q0);
    all = _mm512_mask_add_epi8(all, 0xffffffffffff0000, all, next);
    all = _mm512_mask_add_epi8(all, 0xffffffff00000000, all, next);
    all = _mm512_mask_add_epi8(all, 0xffff000000000000, all, next);
    return _mm512_maskz_compress_epi8(word, all);
}

/* The places of a word's bits are compressed to its rows at once, so nothing depends on where it has bits:
 * the next word, whose rows are put behind, need not wait for a guess. */
static size_t select_word(uint64_t word, uint32_t at, uint32_t *rows)
{
    size_t n = (size_t)__builtin_popcountll(word);
    __m512i places = places_of(word), first = _mm512_set1_epi32((int)at);
    put_rows(rows, n, _mm512_castsi512_si128(places), first);
    if (n > 16) put_rows(rows + 16, n - 16, _mm512_extracti32x4_epi32(places, 1), first);
    if (n > 32) put_rows(rows + 32, n - 32, _mm512_extracti32x4_epi32(places, 2), first);
    if (n > 48) put_rows(rows + 48, n - 48, _mm512_extracti32x4_epi32(places, 3), first);
    return n;
}

static size_t select_head(const uint64_t *bits, size_t n_words, uint32_t *rows, size_t *n_rows)
{
    enum { LINE_WORDS = 8 };
    size_t w = 0, k = 0;
    for (; w + LINE_WORDS <= n_words; w += LINE_WORDS) {
        if (line_is_zero(bits + w)) continue;
        for (size_t i = w; i < w + LINE_WORDS; i++) k += select_word(bits[i], (uint32_t)(i * 64), rows + k);
    }
    *n_rows = k;
    return w;
}

/* Sets are filled from many rows, so most members are soon in them, and to ask for sixteen at once is faster
 * than to put each in again: nothing is written, no load waits for a store. Those that are missing are noted,
 * whether there are any or not, since nobody guesses which sixteen have some, and put in one by one; where
 * they are many, that is left to the plain loop. */
enum { ASKED = 256, SIXTEEN = 16, GROUPS = 4 };

typedef struct missing {
    size_t n;
    uint32_t at[ASKED + SIXTEEN]; /* bits, counted over all sets */
} missing;

/* Bits of sixteen members, counted over all sets. */
static __m512i bits_at(size_t n_words, const uint32_t *sets, const uint32_t *ids, size_t i)
{
    __m512i at = _mm512_loadu_si512((const void *)(ids + i));
    if (!sets) return at;
    __m512i first = _mm512_mullo_epi32(_mm512_loadu_si512((const void *)(sets + i)),
                                       _mm512_set1_epi32((int)(64 * n_words)));
    return _mm512_add_epi32(at, first);
}

static __mmask16 are_missing(const uint64_t *bits, __m512i at)
{
    __m512i held = _mm512_i32gather_epi32(_mm512_srli_epi32(at, 5), (const void *)bits, 4);
    return _mm512_testn_epi32_mask(held, _mm512_rolv_epi32(_mm512_set1_epi32(1), at));
}

static size_t select_clear_head(const uint64_t *bits, const uint32_t *ids, size_t n, uint32_t *places,
                                size_t *n_places)
{
    __m512i here = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    size_t i = 0, k = 0;
    for (; i + SIXTEEN <= n; i += SIXTEEN) {
        __mmask16 which = are_missing(bits, bits_at(0, NULL, ids, i));
        size_t n_found = (size_t)__builtin_popcount(which);
        _mm512_mask_storeu_epi32(places + k, (__mmask16)((1u << n_found) - 1),
                                 _mm512_maskz_compress_epi32(which, here));
        here = _mm512_add_epi32(here, _mm512_set1_epi32(SIXTEEN));
        k += n_found;
    }
    *n_places = k;
    return i;
}

static void note(missing *m, __mmask16 which, __m512i at)
{
    _mm512_storeu_si512((void *)(m->at + m->n), _mm512_maskz_compress_epi32(which, at));
    m->n += (size_t)__builtin_popcount(which);
}

static void find_missing(const uint64_t *bits, size_t n_words, const uint32_t *sets, const uint32_t *ids,
                         missing *m)
{
    m->n = 0;
    for (size_t i = 0; i < ASKED; i += GROUPS * SIXTEEN) {
        __m512i at[GROUPS];
        __mmask16 which[GROUPS];
        for (size_t k = 0; k < GROUPS; k++) at[k] = bits_at(n_words, sets, ids, i + k * SIXTEEN);
        for (size_t k = 0; k < GROUPS; k++) which[k] = are_missing(bits, at[k]);
        for (size_t k = 0; k < GROUPS; k++) note(m, which[k], at[k]);
    }
}

static size_t set_bits_head(uint64_t *bits, size_t n_words, const uint32_t *sets, const uint32_t *ids,
                            size_t n, kern_soon *soon)
{
    missing m;
    m.n = 0;
    size_t done = 0, share = n < ASKED ? 0 : soon->n_bytes / (n / ASKED);
    while (done + ASKED <= n && m.n <= ASKED / 2) {
        ask_for(soon, share);
        find_missing(bits, n_words, sets ? sets + done : NULL, ids + done, &m);
        for (size_t i = 0; i < m.n; i++) bits[m.at[i] / 64] |= UINT64_C(1) << (m.at[i] % 64);
        done += ASKED;
    }
    return done;
}

/* The numbers of the 64 rows of word w, from at most eight planes. */
static void join_planes(const uint64_t *const *planes, size_t n_planes, size_t w, uint8_t *out)
{
    __m512i v = _mm512_setzero_si512();
    for (size_t p = 0; p < n_planes; p++)
        v = _mm512_mask_add_epi8(v, planes[p][w], v, _mm512_set1_epi8((char)(1u << p)));
    _mm512_storeu_si512((void *)out, v);
}

/* A table that fits four registers. */
enum { FEW_PLANES = 6, QUARTER = 16 };

static __m512i look_up(const __m512i table[4], __m512i at)
{
    __m512i low = _mm512_permutex2var_epi32(table[0], at, table[1]);
    __m512i high = _mm512_permutex2var_epi32(table[2], at, table[3]);
    return _mm512_mask_mov_epi32(low, _mm512_test_epi32_mask(at, _mm512_set1_epi32(32)), high);
}

/* Sixteen bytes, one to a lane. */
static __m512i lanes_of(const uint8_t *bytes)
{
    return _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(const void *)bytes));
}

static void add_to(uint32_t *out, __m512i v)
{
    _mm512_storeu_si512((void *)out, _mm512_add_epi32(v, _mm512_loadu_si512((const void *)out)));
}

static void add_few_planes(uint32_t *out, size_t n_words, const uint64_t *const *planes, size_t n_planes,
                           const uint32_t *table)
{
    uint32_t padded[4 * QUARTER] = {0};
    uint8_t numbers[64];
    __m512i quarters[4];
    memcpy(padded, table, sizeof *table << n_planes);
    for (size_t q = 0; q < 4; q++) quarters[q] = _mm512_loadu_si512((const void *)(padded + q * QUARTER));
    for (size_t w = 0; w < n_words; w++) {
        join_planes(planes, n_planes, w, numbers);
        for (size_t q = 0; q < 4; q++, out += QUARTER)
            add_to(out, look_up(quarters, lanes_of(numbers + q * QUARTER)));
    }
}

static size_t add_planes_head(uint32_t *out, size_t n, const uint64_t *const *planes, size_t n_planes,
                              const uint32_t *table)
{
    uint8_t low[64], high[64];
    size_t n_words = n / 64, n_low = n_planes < 8 ? n_planes : 8;
    if (n_planes <= FEW_PLANES) {
        add_few_planes(out, n_words, planes, n_planes, table);
        return n_words * 64;
    }
    for (size_t w = 0; w < n_words; w++) {
        join_planes(planes, n_low, w, low);
        join_planes(planes + n_low, n_planes - n_low, w, high);
        for (size_t q = 0; q < 4; q++, out += QUARTER) {
            __m512i at = _mm512_slli_epi32(lanes_of(high + q * QUARTER), 8);
            at = _mm512_or_si512(at, lanes_of(low + q * QUARTER));
            add_to(out, _mm512_i32gather_epi32(at, (const void *)table, 4));
        }
    }
    return n_words * 64;
}

#include "base/kernel/kern_impl.inc.c"
