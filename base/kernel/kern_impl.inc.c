/* kern_impl.inc.c - the kernels, compiled once per CPU level: kern_scalar.c, kern_avx2.c and kern_avx512.c
 * define KERN_TABLE and KERN_ISA, bring their unpack_head_*, pick_head_*, select_head,
 * select_clear_head, set_bits_head, line_is_zero, join_planes and add_planes_head and include this file.
 *
 * Plain loops, written for the vectoriser. Floats are added in LANES partial sums, the same number on every
 * level (and -ffp-contract=off keeps fused multiply-adds out), so that all levels give the same bits. */
#include <math.h>
#include <string.h>

#include "base/kernel/kern_int.h"

enum { LANES = 16 };

/* ---- unpacking ----------------------------------------------------- */

static uint64_t load_u64(const uint8_t *p)
{
    uint64_t x;
    memcpy(&x, p, sizeof x);
    return x;
}

/* Value i, from the one or two words that hold it. */
static uint64_t packed_at(const uint8_t *packed, size_t i, unsigned width, uint64_t mask)
{
    size_t bit = i * width, shift = bit % 64;
    const uint8_t *word = packed + bit / 64 * 8;
    uint64_t x = load_u64(word) >> shift;
    if (shift + width > 64) x |= load_u64(word + 8) << (64 - shift);
    return x & mask;
}

/* Up to 57 bits lie within the eight bytes from the byte where they start; those bytes exist for all but the
 * last few values. */
#define UNPACK(T, ctype)                                                                                     \
    static void unpack_##T(const void *packed, size_t n, unsigned width, ctype base, ctype *restrict out)    \
    {                                                                                                        \
        const uint8_t *p = packed;                                                                           \
        if (width == 0) {                                                                                    \
            for (size_t i = 0; i < n; i++) out[i] = base;                                                    \
            return;                                                                                          \
        }                                                                                                    \
        uint64_t mask = ~UINT64_C(0) >> (64 - width);                                                        \
        size_t i = unpack_head_##T(p, n, width, base, out), size = kern_packed_bytes(n, width);              \
        size_t easy = width <= 57 && size >= 8 ? ((size - 8) * 8 + 7) / width + 1 : 0;                       \
        if (easy > n) easy = n;                                                                              \
        for (; i < easy; i++)                                                                                \
            out[i] = base + (ctype)(load_u64(p + i * width / 8) >> (i * width % 8) & mask);                  \
        for (; i < n; i++) out[i] = base + (ctype)packed_at(p, i, width, mask);                              \
    }

UNPACK(u32, uint32_t)
UNPACK(u64, uint64_t)

/* A load of eight bytes that would pass the end starts earlier, and the value is then that much higher in it.
 */
#define PICK(T, ctype)                                                                                       \
    static void pick_##T(const void *packed, size_t n_packed, unsigned width, ctype base,                    \
                         const uint32_t *restrict rows, size_t n, ctype *restrict out)                       \
    {                                                                                                        \
        const uint8_t *p = packed;                                                                           \
        size_t i = pick_head_##T(p, n_packed, width, base, rows, n, out);                                    \
        uint64_t mask = width ? ~UINT64_C(0) >> (64 - width) : 0;                                            \
        size_t last = kern_packed_bytes(n_packed, width) - 8;                                                \
        for (; width == 0 && i < n; i++) out[i] = base;                                                      \
        for (; width <= 57 && i < n; i++) {                                                                  \
            size_t bit = (size_t)rows[i] * width, at = bit / 8 < last ? bit / 8 : last;                      \
            out[i] = base + (ctype)(load_u64(p + at) >> (bit - at * 8) & mask);                              \
        }                                                                                                    \
        for (; i < n; i++) out[i] = base + (ctype)packed_at(p, rows[i], width, mask);                        \
    }

PICK(u32, uint32_t)
PICK(u64, uint64_t)

/* ---- maps and codes ------------------------------------------------ */

#define GATHER(T, ctype)                                                                                     \
    static void gather_##T(const ctype *restrict map, const uint32_t *restrict ids, size_t n,                \
                           ctype *restrict out)                                                              \
    {                                                                                                        \
        for (size_t i = 0; i < n; i++) out[i] = map[ids[i]];                                                 \
    }                                                                                                        \
    static void combine_##T(ctype *restrict acc, const uint32_t *restrict codes, size_t n, ctype n_codes)    \
    {                                                                                                        \
        for (size_t i = 0; i < n; i++) acc[i] = acc[i] * n_codes + codes[i];                                 \
    }

GATHER(u32, uint32_t)
GATHER(u64, uint64_t)

/* ---- bitmaps ------------------------------------------------------- */

enum { SPARSE = 12 }; /* with so few rows left in a word, looking at each is faster than at all 64 */

/* Bit j says whether byte j of x is not 0. */
static uint64_t nonzero_bytes(uint64_t x)
{
    const uint64_t low7 = UINT64_C(0x7f7f7f7f7f7f7f7f);
    uint64_t flags = (((x & low7) + low7) | x) >> 7 & UINT64_C(0x0101010101010101);
    return flags * UINT64_C(0x0102040810204080) >> 56;
}

static uint64_t kept_each(const uint8_t *restrict keep, const uint32_t *restrict ids, uint64_t word)
{
    uint64_t kept = 0;
    for (uint64_t left = word; left; left &= left - 1) {
        int j = __builtin_ctzll(left);
        kept |= (uint64_t)(keep[ids[j]] != 0) << j;
    }
    return kept;
}

static uint64_t kept_all(const uint8_t *restrict keep, const uint32_t *restrict ids)
{
    uint64_t kept = 0;
    for (int j = 0; j < 64; j += 8) {
        uint64_t eight = 0;
        for (int k = 0; k < 8; k++) eight |= (uint64_t)keep[ids[j + k]] << (8 * k);
        kept |= nonzero_bytes(eight) << j;
    }
    return kept;
}

/* The bits of word w that stand for rows below n. */
static uint64_t below(size_t n, size_t w)
{
    return n - w * 64 >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << (n - w * 64)) - 1;
}

static void filter_u8(const uint8_t *restrict keep, const uint32_t *restrict ids, size_t n,
                      uint64_t *restrict bits)
{
    for (size_t w = 0; w < kern_words(n); w++) {
        uint64_t word = bits[w] & below(n, w);
        if (word && (w * 64 + 64 > n || __builtin_popcountll(word) < SPARSE))
            word = kept_each(keep, ids + w * 64, word);
        else if (word)
            word &= kept_all(keep, ids + w * 64);
        bits[w] = word;
    }
}

static uint64_t in_range(const int64_t *restrict v, size_t n, int64_t lo, int64_t hi)
{
    uint64_t word = 0;
    for (size_t j = 0; j < n; j++) word |= (uint64_t)((v[j] >= lo) & (v[j] <= hi)) << j;
    return word;
}

static void range_i64(const int64_t *restrict v, size_t n, int64_t lo, int64_t hi, uint64_t *restrict bits)
{
    size_t w = 0;
    for (; w < n / 64; w++)
        if (bits[w]) bits[w] &= in_range(v + w * 64, 64, lo, hi);
    if (n % 64) bits[w] &= in_range(v + w * 64, n % 64, lo, hi);
}

/* Number of the lowest bit; any number for 0. */
static int lowest(uint64_t word)
{
    return word ? __builtin_ctzll(word) : 64;
}

/* Four rows are put down whether the word has so many or not, while there is room for that: fewer guesses of
 * where a word ends. */
static size_t select_rows(const uint64_t *restrict bits, size_t n, uint32_t *restrict rows)
{
    enum { STEP = 4 };
    size_t k, done = select_head(bits, n / 64, rows, &k), total = k;
    for (size_t w = done; w < kern_words(n); w++)
        total += (size_t)__builtin_popcountll(bits[w] & below(n, w));
    for (size_t w = done; w < kern_words(n); w++) {
        uint64_t left = bits[w] & below(n, w);
        uint32_t first = (uint32_t)(w * 64);
        while (left && k + STEP <= total) {
            size_t n_left = (size_t)__builtin_popcountll(left);
            for (size_t i = 0; i < STEP; i++) {
                rows[k + i] = first + (uint32_t)lowest(left);
                left &= left - 1;
            }
            k += n_left < STEP ? n_left : STEP;
        }
        for (; left; left &= left - 1) rows[k++] = first + (uint32_t)__builtin_ctzll(left);
    }
    return k;
}

/* Which ids are clear, nobody guesses: no branch depends on it. */
static size_t select_clear(const uint64_t *restrict bits, const uint32_t *restrict ids, size_t n,
                           uint32_t *restrict places)
{
    size_t k, i = select_clear_head(bits, ids, n, places, &k);
    for (; i < n; i++) {
        places[k] = (uint32_t)i;
        k += ~bits[ids[i] / 64] >> (ids[i] % 64) & 1;
    }
    return k;
}

static void set_bits(uint64_t *restrict bits, const uint32_t *restrict ids, size_t n, kern_soon soon)
{
    size_t i = set_bits_head(bits, 0, NULL, ids, n, &soon);
    ask_for(&soon, soon.n_bytes);
    for (; i < n; i++) bits[ids[i] / 64] |= UINT64_C(1) << (ids[i] % 64);
}

static void set_bits_of(uint64_t *restrict bits, size_t n_words, const uint32_t *restrict sets,
                        const uint32_t *restrict ids, size_t n, kern_soon soon)
{
    size_t i = set_bits_head(bits, n_words, sets, ids, n, &soon);
    ask_for(&soon, soon.n_bytes);
    for (; i < n; i++) bits[sets[i] * n_words + ids[i] / 64] |= UINT64_C(1) << (ids[i] % 64);
}

/* ---- bit planes ---------------------------------------------------- */

enum { LINE = 8 }; /* words that are looked at together */
typedef uint64_t __attribute__((vector_size(LINE * 8), aligned(8), may_alias)) line;

/* Rows of one word that agree with all planes. */
static uint64_t planes_word(uint64_t rows, size_t w, const uint64_t *const *planes, const uint64_t *flips,
                            size_t n_planes)
{
    for (size_t p = 0; p < n_planes; p++) rows &= planes[p][w] ^ flips[p];
    return rows;
}

/* AND: out = rows. OR: out |= rows. */
#define PLANES(name, restricted, ZERO_LINE, PUT)                                                             \
    static uint64_t name(uint64_t *restricted out, const uint64_t *restricted in, size_t n_words,            \
                         const uint64_t *const *planes, const uint64_t *flips, size_t n_planes)              \
    {                                                                                                        \
        line seen = {0};                                                                                     \
        uint64_t any = 0;                                                                                    \
        size_t w = 0;                                                                                        \
        for (; w + LINE <= n_words; w += LINE) {                                                             \
            if (line_is_zero(in + w)) {                                                                      \
                ZERO_LINE;                                                                                   \
                continue;                                                                                    \
            }                                                                                                \
            line rows = *(const line *)(in + w);                                                             \
            for (size_t p = 0; p < n_planes; p++) rows &= *(const line *)(planes[p] + w) ^ flips[p];         \
            *(line *)(out + w) PUT rows;                                                                     \
            seen |= rows;                                                                                    \
        }                                                                                                    \
        for (; w < n_words; w++) {                                                                           \
            uint64_t rows = planes_word(in[w], w, planes, flips, n_planes);                                  \
            out[w] PUT rows;                                                                                 \
            any |= rows;                                                                                     \
        }                                                                                                    \
        for (size_t i = 0; i < LINE; i++) any |= seen[i];                                                    \
        return any;                                                                                          \
    }

PLANES(and_planes, , *(line *)(out + w) = seen ^ seen, =)
PLANES(or_planes, restrict, (void)0, |=)

/* The numbers of 64 rows at a time, in bytes: their low bits and, with more than eight planes, their high
 * bits.
 */
static void add_planes(uint32_t *restrict out, size_t n, const uint64_t *const *planes, size_t n_planes,
                       const uint32_t *restrict table)
{
    uint8_t low[64], high[64];
    size_t n_low = n_planes < 8 ? n_planes : 8, done = add_planes_head(out, n, planes, n_planes, table);
    out += done;
    for (size_t w = done / 64; w < kern_words(n); w++, out += 64) {
        size_t some = n - w * 64 < 64 ? n - w * 64 : 64;
        join_planes(planes, n_low, w, low);
        if (n_planes <= 8) {
            for (size_t i = 0; i < some; i++) out[i] += table[low[i]];
            continue;
        }
        join_planes(planes + 8, n_planes - 8, w, high);
        for (size_t i = 0; i < some; i++) out[i] += table[low[i] | (uint32_t)high[i] << 8];
    }
}

static uint64_t count_both(const uint64_t *restrict a, const uint64_t *restrict b, size_t n_words)
{
    uint64_t n = 0;
    for (size_t w = 0; w < n_words; w++) n += (uint64_t)__builtin_popcountll(a[w] & b[w]);
    return n;
}

/* ---- sums ---------------------------------------------------------- */

/* ALL and SEL: the same kernel over v[i], and over v[rows[i]]. */
#define ALL(ctype) (const ctype *restrict v, size_t n)
#define SEL(ctype) (const ctype *restrict v, const uint32_t *restrict rows, size_t n)

#define SUM_INT(name, params, value)                                                                         \
    static int64_t name params                                                                               \
    {                                                                                                        \
        uint64_t sum = 0;                                                                                    \
        for (size_t i = 0; i < n; i++) sum += (uint64_t)(value);                                             \
        return (int64_t)sum;                                                                                 \
    }

SUM_INT(sum_i64, ALL(int64_t), v[i])
SUM_INT(sum_sel_i64, SEL(int64_t), v[rows[i]])

/* The values plus 2^63, which are unsigned, add up in halves of 32 bits: with at most 2^16 of them neither
 * sum can overflow 64 bits, and the loop vectorises, as 128-bit additions do not. */
#define SUM_WIDE(name, params, value)                                                                        \
    static __int128 name params                                                                              \
    {                                                                                                        \
        const uint64_t bias = UINT64_C(1) << 63;                                                             \
        uint64_t low = 0, high = 0;                                                                          \
        for (size_t i = 0; i < n; i++) {                                                                     \
            uint64_t x = (uint64_t)(value) ^ bias;                                                           \
            low += (uint32_t)x;                                                                              \
            high += x >> 32;                                                                                 \
        }                                                                                                    \
        return ((__int128)high << 32) + low - (__int128)n * bias;                                            \
    }

SUM_WIDE(sum_wide_i64, ALL(int64_t), v[i])
SUM_WIDE(sum_wide_sel_i64, SEL(int64_t), v[rows[i]])

#define SUM_FLT(name, params, value)                                                                         \
    static double name params                                                                                \
    {                                                                                                        \
        double lane[LANES] = {0}, sum = 0;                                                                   \
        size_t at = 0;                                                                                       \
        for (; at + LANES <= n; at += LANES)                                                                 \
            for (size_t j = 0, i = at; j < LANES; j++, i++) lane[j] += (value);                              \
        for (size_t j = 0, i = at; i < n; j++, i++) lane[j] += (value);                                      \
        for (size_t j = 0; j < LANES; j++) sum += lane[j];                                                   \
        return sum;                                                                                          \
    }

SUM_FLT(sum_f64, ALL(double), v[i])
SUM_FLT(sum_sel_f64, SEL(double), v[rows[i]])

/* ---- extremes ------------------------------------------------------ */

#define EXTREME_INT(name, params, value, less, none)                                                         \
    static int64_t name params                                                                               \
    {                                                                                                        \
        int64_t best = (none);                                                                               \
        for (size_t i = 0; i < n; i++) best = (value)less best ? (value) : best;                             \
        return best;                                                                                         \
    }

EXTREME_INT(min_i64, ALL(int64_t), v[i], <, INT64_MAX)
EXTREME_INT(max_i64, ALL(int64_t), v[i], >, INT64_MIN)
EXTREME_INT(min_sel_i64, SEL(int64_t), v[rows[i]], <, INT64_MAX)
EXTREME_INT(max_sel_i64, SEL(int64_t), v[rows[i]], >, INT64_MIN)

#define EXTREME_FLT(name, params, value, less, none)                                                         \
    static double name params                                                                                \
    {                                                                                                        \
        double lane[LANES], best = (none);                                                                   \
        size_t at = 0;                                                                                       \
        for (size_t j = 0; j < LANES; j++) lane[j] = best;                                                   \
        for (; at + LANES <= n; at += LANES)                                                                 \
            for (size_t j = 0, i = at; j < LANES; j++, i++)                                                  \
                lane[j] = (value)less lane[j] ? (value) : lane[j];                                           \
        for (size_t j = 0, i = at; i < n; j++, i++) lane[j] = (value)less lane[j] ? (value) : lane[j];       \
        for (size_t j = 0; j < LANES; j++) best = lane[j] less best ? lane[j] : best;                        \
        return best;                                                                                         \
    }

EXTREME_FLT(min_f64, ALL(double), v[i], <, INFINITY)
EXTREME_FLT(max_f64, ALL(double), v[i], >, -INFINITY)
EXTREME_FLT(min_sel_f64, SEL(double), v[rows[i]], <, INFINITY)
EXTREME_FLT(max_sel_f64, SEL(double), v[rows[i]], >, -INFINITY)

/* ---- the table ----------------------------------------------------- */

const kern_ops KERN_TABLE = {
    .isa = KERN_ISA,
    .unpack_u32 = unpack_u32,
    .unpack_u64 = unpack_u64,
    .pick_u32 = pick_u32,
    .pick_u64 = pick_u64,
    .gather_u32 = gather_u32,
    .gather_u64 = gather_u64,
    .combine_u32 = combine_u32,
    .combine_u64 = combine_u64,
    .filter_u8 = filter_u8,
    .range_i64 = range_i64,
    .select = select_rows,
    .select_clear = select_clear,
    .set_bits = set_bits,
    .set_bits_of = set_bits_of,
    .and_planes = and_planes,
    .or_planes = or_planes,
    .add_planes = add_planes,
    .count_both = count_both,
    .match_bytes = match_bytes,
    .sum_i64 = sum_i64,
    .sum_sel_i64 = sum_sel_i64,
    .sum_wide_i64 = sum_wide_i64,
    .sum_wide_sel_i64 = sum_wide_sel_i64,
    .min_i64 = min_i64,
    .max_i64 = max_i64,
    .min_sel_i64 = min_sel_i64,
    .max_sel_i64 = max_sel_i64,
    .sum_f64 = sum_f64,
    .min_f64 = min_f64,
    .max_f64 = max_f64,
    .sum_sel_f64 = sum_sel_f64,
    .min_sel_f64 = min_sel_f64,
    .max_sel_f64 = max_sel_f64,
};
