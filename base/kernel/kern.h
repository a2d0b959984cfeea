/* kern.h - typed loops over the columns of a block: one table of functions per CPU level.
 *
 * A kernel allocates nothing, fails never and believes its caller: pointers are valid for exactly the sizes
 * said here, and no more bytes than those are touched. All tables give the same results, to the bit.
 *
 * Rows are numbered from 0; n is at most KERN_MAX_ROWS. A set of rows is either a bitmap (kern_words(n)
 * words, row i is bit i % 64 of word i / 64) or a selection: row numbers in an array, in any order.
 *
 * Fetch the table once (kern_get), not per call. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
    KERN_MAX_ROWS = 1 << 16, /* of a block; sums rely on it */
    KERN_MAX_PLANES = 16,    /* of a number that is looked up */
    KERN_LEVELS = 3          /* CPU levels there are */
};

static inline size_t kern_words(size_t n)
{
    return (n + 63) / 64;
}

/* Bytes that n values of `width` bits take. */
static inline size_t kern_packed_bytes(size_t n, unsigned width)
{
    return (n * width + 63) / 64 * 8;
}

/* Memory that the caller reads next. It is asked for meanwhile, so that the caller need not wait; nothing
 * else depends on it. */
typedef struct kern_soon {
    const char *at;
    size_t n_bytes; /* 0: nothing */
} kern_soon;

typedef struct kern_ops {
    const char *isa; /* "scalar", "avx2", "avx512" */

    /* out[i] = base + the i-th value of `width` bits, modulo 2^32 or 2^64. `packed` are kern_packed_bytes(n,
     * width) bytes, seen as 64-bit little-endian words that are filled from the lowest bit; no alignment is
     * needed. width is 0..32, or 0..64; with 0, packed may be NULL. */
    void (*unpack_u32)(const void *packed, size_t n, unsigned width, uint32_t base, uint32_t *restrict out);
    void (*unpack_u64)(const void *packed, size_t n, unsigned width, uint64_t base, uint64_t *restrict out);

    /* out[i] = base + the rows[i]-th value, of n_packed that are packed as above. */
    void (*pick_u32)(const void *packed, size_t n_packed, unsigned width, uint32_t base,
                     const uint32_t *restrict rows, size_t n, uint32_t *restrict out);
    void (*pick_u64)(const void *packed, size_t n_packed, unsigned width, uint64_t base,
                     const uint32_t *restrict rows, size_t n, uint64_t *restrict out);

    /* out[i] = map[ids[i]]. Also picks the values of selected rows: map is the column, ids are the rows. */
    void (*gather_u32)(const uint32_t *restrict map, const uint32_t *restrict ids, size_t n,
                       uint32_t *restrict out);
    void (*gather_u64)(const uint64_t *restrict map, const uint32_t *restrict ids, size_t n,
                       uint64_t *restrict out);
    /* acc[i] = acc[i] * n_codes + codes[i], modulo 2^32 or 2^64. */
    void (*combine_u32)(uint32_t *restrict acc, const uint32_t *restrict codes, size_t n, uint32_t n_codes);
    void (*combine_u64)(uint64_t *restrict acc, const uint32_t *restrict codes, size_t n, uint64_t n_codes);

    /* Take rows out of a bitmap: those with keep[ids[i]] == 0, or without lo <= v[i] <= hi. Words that are
     * empty are not looked at; bits from n on are cleared. */
    void (*filter_u8)(const uint8_t *restrict keep, const uint32_t *restrict ids, size_t n,
                      uint64_t *restrict bits);
    void (*range_i64)(const int64_t *restrict v, size_t n, int64_t lo, int64_t hi, uint64_t *restrict bits);
    /* The rows of a bitmap in ascending order; returns how many. `rows` has room for all that are set. */
    size_t (*select)(const uint64_t *restrict bits, size_t n, uint32_t *restrict rows);

    /* The places i of those ids[0..n) whose bit in `bits` is 0, ascending; returns how many. places: [n] */
    size_t (*select_clear)(const uint64_t *restrict bits, const uint32_t *restrict ids, size_t n,
                           uint32_t *restrict places);

    /* Set bit ids[i] of `bits`; or of the sets[i]-th of the bitsets in `bits`, of n_words words each, of less
     * than 2^26 words (2^32 bits) together. */
    void (*set_bits)(uint64_t *restrict bits, const uint32_t *restrict ids, size_t n, kern_soon soon);
    void (*set_bits_of)(uint64_t *restrict bits, size_t n_words, const uint32_t *restrict sets,
                        const uint32_t *restrict ids, size_t n, kern_soon soon);

    /* Bit planes: of each word of `in`, the rows whose bit in planes[p] differs from that in flips[p] (0 or
     * all ones) for every p. and_planes puts them in `out` (which may be `in`), or_planes adds them to `out`.
     * Both return 0 if there are no such rows. Words of `in` that are 0 are not looked up in the planes. */
    uint64_t (*and_planes)(uint64_t *out, const uint64_t *in, size_t n_words, const uint64_t *const *planes,
                           const uint64_t *flips, size_t n_planes);
    uint64_t (*or_planes)(uint64_t *restrict out, const uint64_t *restrict in, size_t n_words,
                          const uint64_t *const *planes, const uint64_t *flips, size_t n_planes);

    /* out[i] += table[the number whose bit p is bit i of planes[p]], for n rows. table: [1 << n_planes], at
     * most KERN_MAX_PLANES. */
    void (*add_planes)(uint32_t *restrict out, size_t n, const uint64_t *const *planes, size_t n_planes,
                       const uint32_t *restrict table);
    /* How many bits are set in both. */
    uint64_t (*count_both)(const uint64_t *restrict a, const uint64_t *restrict b, size_t n_words);

    /* Bit i of bits[3 * w + k] says whether byte 64 * w + i is what[k]. Reads 64 * n_words bytes. */
    void (*match_bytes)(const uint8_t *p, size_t n_words, const uint8_t what[3], uint64_t *bits);

    /* Sums modulo 2^64: right when the caller has proved that the true sum fits. */
    int64_t (*sum_i64)(const int64_t *restrict v, size_t n);
    int64_t (*sum_sel_i64)(const int64_t *restrict v, const uint32_t *restrict rows, size_t n_rows);
    /* Exact sums. */
    __int128 (*sum_wide_i64)(const int64_t *restrict v, size_t n);
    __int128 (*sum_wide_sel_i64)(const int64_t *restrict v, const uint32_t *restrict rows, size_t n_rows);
    /* Of no rows: INT64_MAX and INT64_MIN. */
    int64_t (*min_i64)(const int64_t *restrict v, size_t n);
    int64_t (*max_i64)(const int64_t *restrict v, size_t n);
    int64_t (*min_sel_i64)(const int64_t *restrict v, const uint32_t *restrict rows, size_t n_rows);
    int64_t (*max_sel_i64)(const int64_t *restrict v, const uint32_t *restrict rows, size_t n_rows);

    /* Doubles are added in 16 partial sums (the i-th value goes to number i % 16), which are then added in
     * order. A NaN makes the sum NaN but is never a minimum or maximum; of no rows: 0, infinity, -infinity.
     */
    double (*sum_f64)(const double *restrict v, size_t n);
    double (*min_f64)(const double *restrict v, size_t n);
    double (*max_f64)(const double *restrict v, size_t n);
    double (*sum_sel_f64)(const double *restrict v, const uint32_t *restrict rows, size_t n_rows);
    double (*min_sel_f64)(const double *restrict v, const uint32_t *restrict rows, size_t n_rows);
    double (*max_sel_f64)(const double *restrict v, const uint32_t *restrict rows, size_t n_rows);
} kern_ops;

/* The tables that this CPU can run, slowest first; returns how many (at least 1). */
size_t kern_usable(const kern_ops *tables[KERN_LEVELS]);
/* The fastest of them, or the one that the environment variable PT_ISA names. */
const kern_ops *kern_get(void);
