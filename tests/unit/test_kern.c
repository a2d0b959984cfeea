/* test_kern.c - every kernel of every table that this CPU runs, against the loop a reader would write.
 *
 * For 200 seeds (fewer under sanitizers) and every length 0..300, in buffers of exactly the size the header
 * promises to touch, so that AddressSanitizer sees a byte more. Doubles are compared as bits. */
#include "base/kernel/kern.h"

#include <math.h>
#include <stdio.h>

#include "unit.h"

enum { SEEDS = UNIT_ROUNDS(200), MAX_N = 300, MAP_SIZE = 97 };

/* One random block: what all kernels of one length are fed with. */
typedef struct block {
    uint64_t seed;
    size_t n, n_rows;
    uint32_t *ids, *map32, *rows, *codes;
    uint64_t *map64, *bits;
    uint8_t *keep;
    int64_t *ints;
    double *doubles;
} block;

static const kern_ops *tables[KERN_LEVELS];
static size_t n_tables;

static void *exact(size_t n, size_t size)
{
    // NOLINTNEXTLINE(clang-analyzer-optin.portability.UnixAPI): no element has 0 bytes
    return n ? malloc(n * size) : NULL;
}

#define EXACT(T, n) ((T *)exact((n), sizeof(T)))

/* Extreme values are as likely as any. */
static int64_t random_int(uint64_t *seed)
{
    uint64_t x = unit_random(seed);
    switch (x % 8) {
    case 0: return INT64_MIN;
    case 1: return INT64_MAX;
    case 2: return 0;
    case 3: return (int64_t)(x >> 3);
    default: return (int64_t)(x >> 40) - (1 << 23);
    }
}

static double random_double(uint64_t *seed)
{
    uint64_t x = unit_random(seed);
    switch (x % 64) {
    case 0: return x & 64 ? 0.0 : -0.0;
    case 1: return x & 64 ? INFINITY : -1e300;
    default: return (double)(int64_t)x * 0x1p-40;
    }
}

/* Dense, sparse or empty words. */
static uint64_t random_word(uint64_t *seed)
{
    uint64_t x = unit_random(seed);
    switch (x % 4) {
    case 0: return 0;
    case 1: return ~UINT64_C(0);
    case 2: return x & unit_random(seed) & unit_random(seed) & unit_random(seed);
    default: return x;
    }
}

static block block_new(uint64_t seed, size_t n)
{
    block b = {.seed = seed, .n = n, .n_rows = n ? unit_random(&seed) % (n + 1) : 0};
    b.ids = EXACT(uint32_t, n);
    b.codes = EXACT(uint32_t, n);
    b.ints = EXACT(int64_t, n);
    b.doubles = EXACT(double, n);
    b.bits = EXACT(uint64_t, kern_words(n));
    b.rows = EXACT(uint32_t, b.n_rows);
    b.map32 = EXACT(uint32_t, MAP_SIZE);
    b.map64 = EXACT(uint64_t, MAP_SIZE);
    b.keep = EXACT(uint8_t, MAP_SIZE);
    for (size_t i = 0; i < MAP_SIZE; i++) {
        b.map32[i] = (uint32_t)(b.map64[i] = unit_random(&seed));
        b.keep[i] = unit_random(&seed) % 3 ? (uint8_t)unit_random(&seed) : 0;
    }
    for (size_t i = 0; i < n; i++) {
        b.ids[i] = (uint32_t)(unit_random(&seed) % MAP_SIZE);
        b.codes[i] = (uint32_t)unit_random(&seed);
        b.ints[i] = random_int(&seed);
        b.doubles[i] = random_double(&seed);
    }
    for (size_t i = 0; i < kern_words(n); i++) b.bits[i] = random_word(&seed);
    for (size_t i = 0; i < b.n_rows; i++) b.rows[i] = (uint32_t)(unit_random(&seed) % n);
    b.seed = seed;
    return b;
}

static void block_free(block *b)
{
    void *const parts[] = {b->ids,  b->map32, b->rows, b->codes,  b->map64,
                           b->bits, b->keep,  b->ints, b->doubles};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) free(parts[i]);
}

static bool has_bit(const uint64_t *bits, size_t i)
{
    return bits[i / 64] >> (i % 64) & 1;
}

/* Runs `check` for every table, seed and length. */
static void for_all(void (*check)(const kern_ops *k, block *b))
{
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        for (size_t n = 0; n <= MAX_N; n++) {
            block b = block_new(seed * 1000 + n, n);
            for (size_t t = 0; t < n_tables; t++) check(tables[t], &b);
            block_free(&b);
        }
}

#define SAME(k, b, got, want)                                                                                \
    do {                                                                                                     \
        if ((got) != (want)) fail_msg("%s: %s is wrong at n = %zu", (k)->isa, #got, (b)->n);                 \
    } while (0)

/* ---- unpacking ----------------------------------------------------- */

/* The low `width` bits of each value, one behind the other. */
static uint8_t *pack(const uint64_t *v, size_t n, unsigned width)
{
    size_t size = kern_packed_bytes(n, width);
    uint64_t *words = exact(size, 1);
    if (!size) return NULL;
    memset(words, 0, size);
    for (size_t i = 0; i < n; i++) {
        uint64_t low = v[i] & ~UINT64_C(0) >> (64 - width);
        size_t bit = i * width, shift = bit % 64;
        words[bit / 64] |= low << shift;
        if (shift + width > 64) words[bit / 64 + 1] |= low >> (64 - shift);
    }
    return (uint8_t *)words;
}

static void check_unpack(const kern_ops *k, block *b)
{
    unsigned width = (unsigned)(unit_random(&b->seed) % 65);
    uint64_t base = unit_random(&b->seed), mask = width ? ~UINT64_C(0) >> (64 - width) : 0;
    uint64_t *v = EXACT(uint64_t, b->n), *out64 = EXACT(uint64_t, b->n);
    uint32_t *out32 = EXACT(uint32_t, b->n);
    for (size_t i = 0; i < b->n; i++) v[i] = unit_random(&b->seed);
    uint8_t *packed = pack(v, b->n, width);
    k->unpack_u64(packed, b->n, width, base, out64);
    for (size_t i = 0; i < b->n; i++)
        if (out64[i] != base + (v[i] & mask))
            fail_msg("%s: u64 of %u bits, %zu of %zu", k->isa, width, i, b->n);
    if (width <= 32) {
        k->unpack_u32(packed, b->n, width, (uint32_t)base, out32);
        for (size_t i = 0; i < b->n; i++)
            if (out32[i] != (uint32_t)(base + (v[i] & mask)))
                fail_msg("%s: u32 of %u bits, %zu of %zu", k->isa, width, i, b->n);
    }
    free(packed);
    free(v);
    free(out64);
    free(out32);
}

static void check_pick(const kern_ops *k, block *b)
{
    unsigned width = (unsigned)(unit_random(&b->seed) % 65);
    uint64_t base = unit_random(&b->seed), mask = width ? ~UINT64_C(0) >> (64 - width) : 0;
    uint64_t *v = EXACT(uint64_t, b->n), *out64 = EXACT(uint64_t, b->n_rows);
    uint32_t *out32 = EXACT(uint32_t, b->n_rows);
    for (size_t i = 0; i < b->n; i++) v[i] = unit_random(&b->seed);
    uint8_t *packed = pack(v, b->n, width);
    k->pick_u64(packed, b->n, width, base, b->rows, b->n_rows, out64);
    for (size_t i = 0; i < b->n_rows; i++)
        if (out64[i] != base + (v[b->rows[i]] & mask))
            fail_msg("%s: u64 of %u bits, %zu of %zu", k->isa, width, i, b->n);
    if (width <= 32) {
        k->pick_u32(packed, b->n, width, (uint32_t)base, b->rows, b->n_rows, out32);
        for (size_t i = 0; i < b->n_rows; i++)
            if (out32[i] != (uint32_t)(base + (v[b->rows[i]] & mask)))
                fail_msg("%s: u32 of %u bits, %zu of %zu", k->isa, width, i, b->n);
    }
    free(packed);
    free(v);
    free(out64);
    free(out32);
}

static void picking(void **state)
{
    (void)state;
    for_all(check_pick);
}

static void unpacking(void **state)
{
    (void)state;
    for_all(check_unpack);
}

/* Each width on a whole block, from an odd address. */
static void unpacking_whole_blocks(void **state)
{
    (void)state;
    uint64_t seed = 5;
    uint64_t *v = EXACT(uint64_t, KERN_MAX_ROWS), *out = EXACT(uint64_t, KERN_MAX_ROWS);
    for (size_t i = 0; i < KERN_MAX_ROWS; i++) v[i] = unit_random(&seed);
    for (unsigned width = 1; width <= 64; width++) {
        uint8_t *packed = pack(v, KERN_MAX_ROWS, width);
        size_t size = kern_packed_bytes(KERN_MAX_ROWS, width);
        uint8_t *odd = malloc(size + 1);
        memcpy(odd + 1, packed, size);
        for (size_t t = 0; t < n_tables; t++) {
            tables[t]->unpack_u64(odd + 1, KERN_MAX_ROWS, width, 0, out);
            for (size_t i = 0; i < KERN_MAX_ROWS; i++)
                if (out[i] != (v[i] & ~UINT64_C(0) >> (64 - width))) fail_msg("%u bits, row %zu", width, i);
        }
        free(packed);
        free(odd);
    }
    free(v);
    free(out);
}

/* ---- maps and codes ------------------------------------------------ */

static void check_gather(const kern_ops *k, block *b)
{
    uint32_t *out32 = EXACT(uint32_t, b->n);
    uint64_t *out64 = EXACT(uint64_t, b->n);
    k->gather_u32(b->map32, b->ids, b->n, out32);
    k->gather_u64(b->map64, b->ids, b->n, out64);
    for (size_t i = 0; i < b->n; i++) {
        SAME(k, b, out32[i], b->map32[b->ids[i]]);
        SAME(k, b, out64[i], b->map64[b->ids[i]]);
    }
    free(out32);
    free(out64);
}

static void gathering(void **state)
{
    (void)state;
    for_all(check_gather);
}

static void check_combine(const kern_ops *k, block *b)
{
    uint32_t *acc32 = EXACT(uint32_t, b->n), codes32 = (uint32_t)unit_random(&b->seed);
    uint64_t *acc64 = EXACT(uint64_t, b->n), codes64 = unit_random(&b->seed);
    for (size_t i = 0; i < b->n; i++) {
        acc32[i] = b->ids[i];
        acc64[i] = b->map64[b->ids[i]];
    }
    k->combine_u32(acc32, b->codes, b->n, codes32);
    k->combine_u64(acc64, b->codes, b->n, codes64);
    for (size_t i = 0; i < b->n; i++) {
        SAME(k, b, acc32[i], b->ids[i] * codes32 + b->codes[i]);
        SAME(k, b, acc64[i], b->map64[b->ids[i]] * codes64 + b->codes[i]);
    }
    free(acc32);
    free(acc64);
}

static void combining(void **state)
{
    (void)state;
    for_all(check_combine);
}

/* ---- bitmaps ------------------------------------------------------- */

static uint64_t *copy_bits(const block *b)
{
    size_t words = kern_words(b->n);
    uint64_t *bits = EXACT(uint64_t, words);
    if (words) memcpy(bits, b->bits, words * sizeof *bits);
    return bits;
}

/* Nothing stands behind the last row. */
static void check_rest(const kern_ops *k, const block *b, const uint64_t *bits)
{
    if (b->n % 64) SAME(k, b, bits[b->n / 64] >> (b->n % 64), 0);
}

static void check_filter(const kern_ops *k, block *b)
{
    uint64_t *bits = copy_bits(b);
    k->filter_u8(b->keep, b->ids, b->n, bits);
    for (size_t i = 0; i < b->n; i++) SAME(k, b, has_bit(bits, i), has_bit(b->bits, i) && b->keep[b->ids[i]]);
    check_rest(k, b, bits);
    free(bits);
}

static void check_range(const kern_ops *k, block *b)
{
    uint64_t *bits = copy_bits(b);
    int64_t lo = random_int(&b->seed), hi = random_int(&b->seed);
    k->range_i64(b->ints, b->n, lo, hi, bits);
    for (size_t i = 0; i < b->n; i++)
        SAME(k, b, has_bit(bits, i), has_bit(b->bits, i) && lo <= b->ints[i] && b->ints[i] <= hi);
    check_rest(k, b, bits);
    free(bits);
}

static void check_select(const kern_ops *k, block *b)
{
    uint32_t want[MAX_N];
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++)
        if (has_bit(b->bits, i)) want[n++] = (uint32_t)i;
    uint32_t *rows = EXACT(uint32_t, n);
    if (n) memset(rows, 0xff, n * sizeof *rows); /* or they may be what the table before found */
    SAME(k, b, k->select(b->bits, b->n, rows), n);
    for (size_t i = 0; i < n; i++) SAME(k, b, rows[i], want[i]);
    free(rows);
}

/* Ids of the block in a bitset of some, more or all. */
static void check_select_clear(const kern_ops *k, block *b)
{
    uint32_t n_ids = 1, *places = EXACT(uint32_t, b->n), want[MAX_N];
    for (size_t i = 0; i < b->n; i++) n_ids = b->ids[i] >= n_ids ? b->ids[i] + 1 : n_ids;
    size_t n_words = kern_words(n_ids), n = 0;
    uint64_t *bits = EXACT(uint64_t, n_words), kind = unit_random(&b->seed) % 4;
    for (size_t w = 0; w < n_words; w++)
        bits[w] = kind == 0   ? 0
                  : kind == 1 ? UINT64_MAX
                              : unit_random(&b->seed) | (kind == 2 ? 0 : unit_random(&b->seed));
    for (size_t i = 0; i < b->n; i++)
        if (!has_bit(bits, b->ids[i])) want[n++] = (uint32_t)i;
    SAME(k, b, k->select_clear(bits, b->ids, b->n, places), n);
    for (size_t i = 0; i < n; i++) SAME(k, b, places[i], want[i]);
    free(places);
    free(bits);
}

static void selecting_clear(void **state)
{
    (void)state;
    for_all(check_select_clear);
}

/* The ids of the block into one bitset, and each into one of several. */
static void check_set_bits(const kern_ops *k, block *b)
{
    enum { SETS = 3 };
    uint32_t n_ids = 1, *sets = EXACT(uint32_t, b->n);
    for (size_t i = 0; i < b->n; i++) n_ids = b->ids[i] >= n_ids ? b->ids[i] + 1 : n_ids;
    size_t n_words = kern_words(n_ids);
    uint64_t *one = EXACT(uint64_t, n_words), *many = EXACT(uint64_t, SETS * n_words);
    bool *want = calloc((SETS + 1) * n_words * 64, sizeof *want);
    memset(one, 0, n_words * sizeof *one);
    memset(many, 0, SETS * n_words * sizeof *many);
    for (size_t i = 0; i < b->n; i++) {
        sets[i] = (uint32_t)(unit_random(&b->seed) % SETS);
        want[sets[i] * n_words * 64 + b->ids[i]] = want[SETS * n_words * 64 + b->ids[i]] = true;
    }
    k->set_bits(one, b->ids, b->n, (kern_soon){(const char *)b->ids, b->n * sizeof *b->ids});
    k->set_bits_of(many, n_words, sets, b->ids, b->n,
                   (kern_soon){(const char *)b->ids, b->n * sizeof *b->ids});
    for (size_t i = 0; i < SETS * n_words * 64; i++) SAME(k, b, has_bit(many, i), want[i]);
    for (size_t i = 0; i < n_words * 64; i++) SAME(k, b, has_bit(one, i), want[SETS * n_words * 64 + i]);
    free(sets);
    free(one);
    free(many);
    free(want);
}

static void setting_bits(void **state)
{
    (void)state;
    for_all(check_set_bits);
}

/* Sets that fill up, from nothing to almost all: tables may ask first whether a member is there. */
static void filling_sets(void **state)
{
    (void)state;
    enum { SETS = 3, MOST = 1200, TIMES = 6 };
    uint64_t seed = 11;
    for (uint32_t n_ids = 1; n_ids < 5000; n_ids = n_ids * 3 + 1) {
        size_t n_words = kern_words(n_ids);
        uint64_t *one = EXACT(uint64_t, n_tables * n_words),
                 *many = EXACT(uint64_t, n_tables * SETS * n_words);
        bool *want = calloc((SETS + 1) * n_words * 64, sizeof *want);
        memset(one, 0, n_tables * n_words * sizeof *one);
        memset(many, 0, n_tables * SETS * n_words * sizeof *many);
        for (int i = 0; i < TIMES; i++) {
            size_t n = unit_random(&seed) % MOST;
            uint32_t *ids = EXACT(uint32_t, n), *sets = EXACT(uint32_t, n);
            for (size_t r = 0; r < n; r++) {
                ids[r] = (uint32_t)(unit_random(&seed) % n_ids);
                sets[r] = (uint32_t)(unit_random(&seed) % SETS);
                want[sets[r] * n_words * 64 + ids[r]] = want[SETS * n_words * 64 + ids[r]] = true;
            }
            for (size_t t = 0; t < n_tables; t++) {
                const uint64_t *set = one + t * n_words, *of = many + t * SETS * n_words;
                tables[t]->set_bits(one + t * n_words, ids, n,
                                    (kern_soon){(const char *)ids, n * sizeof *ids});
                tables[t]->set_bits_of(many + t * SETS * n_words, n_words, sets, ids, n,
                                       (kern_soon){(const char *)ids, n * sizeof *ids});
                for (size_t b = 0; b < n_words * 64; b++)
                    if (has_bit(set, b) != want[SETS * n_words * 64 + b])
                        fail_msg("%s: bit %zu of one set", tables[t]->isa, b);
                for (size_t b = 0; b < SETS * n_words * 64; b++)
                    if (has_bit(of, b) != want[b]) fail_msg("%s: bit %zu of sets", tables[t]->isa, b);
            }
            free(ids);
            free(sets);
        }
        free(one);
        free(many);
        free(want);
    }
}

static void filtering(void **state)
{
    (void)state;
    for_all(check_filter);
}

static void ranges(void **state)
{
    (void)state;
    for_all(check_range);
}

/* Words with every number of bits, between lines of empty ones. */
static void selecting_words_of_any_count(void **state)
{
    (void)state;
    enum { LINE_WORDS = 8, N_LINES = 39, N_WORDS = N_LINES * LINE_WORDS, CUT = 7 };
    uint64_t seed = 49;
    size_t n = N_WORDS * 64 - CUT, n_want = 0;
    uint64_t *bits = EXACT(uint64_t, N_WORDS);
    uint32_t *want = EXACT(uint32_t, n);
    for (size_t w = 0; w < N_WORDS; w++) {
        bits[w] = 0;
        size_t count = w / LINE_WORDS % 4 == 3 ? 0 : w % 65;
        while ((size_t)__builtin_popcountll(bits[w]) < count) bits[w] |= 1ull << unit_random(&seed) % 64;
    }
    for (size_t i = 0; i < n; i++)
        if (has_bit(bits, i)) want[n_want++] = (uint32_t)i;
    for (size_t t = 0; t < n_tables; t++) {
        uint32_t *rows = EXACT(uint32_t, n_want);
        memset(rows, 0xff, n_want * sizeof *rows); /* or they may be what the table before found */
        assert_int_equal(tables[t]->select(bits, n, rows), n_want);
        assert_memory_equal(rows, want, n_want * sizeof *rows);
        free(rows);
    }
    free(bits);
    free(want);
}

static void selecting(void **state)
{
    (void)state;
    for_all(check_select);
}

/* ---- bit planes ---------------------------------------------------- */

static void check_planes(const kern_ops *k, block *b)
{
    enum { MOST = 5 };
    size_t n_words = b->n / 8, n_planes = unit_random(&b->seed) % (MOST + 1);
    uint64_t *planes[MOST], flips[MOST], any = 0, added = 0;
    uint64_t *in = EXACT(uint64_t, n_words), *out = EXACT(uint64_t, n_words),
             *want = EXACT(uint64_t, n_words);
    for (size_t p = 0; p < MOST; p++) {
        flips[p] = unit_random(&b->seed) % 2 ? ~UINT64_C(0) : 0;
        planes[p] = EXACT(uint64_t, n_words);
        for (size_t w = 0; w < n_words; w++) planes[p][w] = random_word(&b->seed);
    }
    bool is_sparse = unit_random(&b->seed) % 2;
    for (size_t w = 0; w < n_words; w++) {
        in[w] = is_sparse && w % 32 ? 0 : random_word(&b->seed);
        out[w] = 5;
        want[w] = in[w];
        for (size_t p = 0; p < n_planes; p++) want[w] &= flips[p] ? ~planes[p][w] : planes[p][w];
        any |= want[w];
    }
    const uint64_t *const *read = (const uint64_t *const *)planes;
    added = k->or_planes(out, in, n_words, read, flips, n_planes);
    SAME(k, b, added != 0, any != 0);
    for (size_t w = 0; w < n_words; w++) SAME(k, b, out[w], want[w] | 5);
    SAME(k, b, k->and_planes(out, in, n_words, read, flips, n_planes) != 0, any != 0);
    for (size_t w = 0; w < n_words; w++) SAME(k, b, out[w], want[w]);
    SAME(k, b, k->and_planes(in, in, n_words, read, flips, n_planes) != 0, any != 0);
    for (size_t w = 0; w < n_words; w++) SAME(k, b, in[w], want[w]);
    for (size_t p = 0; p < MOST; p++) free(planes[p]);
    free(in);
    free(out);
    free(want);
}

static void planes_combine(void **state)
{
    (void)state;
    for_all(check_planes);
}

/* Numbers of some bits, spread over planes that hold just the words of n rows. */
static void check_add_planes(const kern_ops *k, block *b)
{
    size_t n_planes = unit_random(&b->seed) % (KERN_MAX_PLANES - 3), n_words = kern_words(b->n);
    uint64_t *planes[KERN_MAX_PLANES] = {0};
    uint32_t *table = EXACT(uint32_t, (size_t)1 << n_planes), *out = EXACT(uint32_t, b->n);
    for (size_t i = 0; i < (size_t)1 << n_planes; i++) table[i] = (uint32_t)unit_random(&b->seed);
    for (size_t p = 0; p < n_planes; p++) {
        planes[p] = EXACT(uint64_t, n_words);
        for (size_t w = 0; w < n_words; w++) planes[p][w] = random_word(&b->seed);
    }
    if (b->n) memcpy(out, b->codes, b->n * sizeof *out);
    k->add_planes(out, b->n, (const uint64_t *const *)planes, n_planes, table);
    for (size_t i = 0; i < b->n; i++) {
        size_t number = 0;
        for (size_t p = 0; p < n_planes; p++) number |= (size_t)has_bit(planes[p], i) << p;
        SAME(k, b, out[i], b->codes[i] + table[number]);
    }
    for (size_t p = 0; p < n_planes; p++) free(planes[p]);
    free(table);
    free(out);
}

static void planes_are_looked_up(void **state)
{
    (void)state;
    for_all(check_add_planes);
}

static void check_count_both(const kern_ops *k, block *b)
{
    size_t n_words = kern_words(b->n);
    uint64_t *other = EXACT(uint64_t, n_words), n = 0;
    for (size_t w = 0; w < n_words; w++) other[w] = random_word(&b->seed);
    for (size_t i = 0; i < n_words * 64; i++) n += has_bit(b->bits, i) && has_bit(other, i);
    SAME(k, b, k->count_both(b->bits, other, n_words), n);
    free(other);
}

static void counting_both(void **state)
{
    (void)state;
    for_all(check_count_both);
}

/* ---- sums and extremes --------------------------------------------- */

static void check_ints(const kern_ops *k, block *b)
{
    const int64_t *v = b->ints;
    __int128 sum = 0, sum_sel = 0;
    int64_t min = INT64_MAX, max = INT64_MIN, min_sel = INT64_MAX, max_sel = INT64_MIN;
    for (size_t i = 0; i < b->n; i++) {
        sum += v[i];
        if (v[i] < min) min = v[i];
        if (v[i] > max) max = v[i];
    }
    for (size_t i = 0; i < b->n_rows; i++) {
        int64_t x = v[b->rows[i]];
        sum_sel += x;
        if (x < min_sel) min_sel = x;
        if (x > max_sel) max_sel = x;
    }
    SAME(k, b, k->sum_wide_i64(v, b->n), sum);
    SAME(k, b, k->sum_wide_sel_i64(v, b->rows, b->n_rows), sum_sel);
    SAME(k, b, k->sum_i64(v, b->n), (int64_t)(uint64_t)sum);
    SAME(k, b, k->sum_sel_i64(v, b->rows, b->n_rows), (int64_t)(uint64_t)sum_sel);
    SAME(k, b, k->min_i64(v, b->n), min);
    SAME(k, b, k->max_i64(v, b->n), max);
    SAME(k, b, k->min_sel_i64(v, b->rows, b->n_rows), min_sel);
    SAME(k, b, k->max_sel_i64(v, b->rows, b->n_rows), max_sel);
}

static void sums_and_extremes_of_integers(void **state)
{
    (void)state;
    for_all(check_ints);
}

/* A whole block of extreme values: halves of 32 bits must not overflow either. */
static void sums_of_whole_blocks(void **state)
{
    (void)state;
    int64_t *v = EXACT(int64_t, KERN_MAX_ROWS);
    for (int extreme = 0; extreme < 2; extreme++) {
        for (size_t i = 0; i < KERN_MAX_ROWS; i++) v[i] = extreme ? INT64_MAX : INT64_MIN;
        for (size_t t = 0; t < n_tables; t++)
            assert_true(tables[t]->sum_wide_i64(v, KERN_MAX_ROWS) == (__int128)v[0] * KERN_MAX_ROWS);
    }
    free(v);
}

/* What the header says about doubles, word for word. `rows` NULL: all. */
typedef struct float_answer {
    double sum, min, max;
} float_answer;

static float_answer naive_doubles(const double *v, const uint32_t *rows, size_t n)
{
    double lane[16] = {0};
    float_answer a = {0, INFINITY, -INFINITY};
    for (size_t i = 0; i < n; i++) {
        double x = rows ? v[rows[i]] : v[i];
        lane[i % 16] += x;
        if (x < a.min) a.min = x;
        if (x > a.max) a.max = x;
    }
    for (int j = 0; j < 16; j++) a.sum += lane[j];
    return a;
}

static bool is_same_double(double x, double y)
{
    // NOLINTNEXTLINE(bugprone-suspicious-memory-comparison): the bits are what must agree
    return memcmp(&x, &y, sizeof x) == 0;
}

/* Zeros of either sign are one minimum, but all tables must pick the same. */
static void check_extreme(const kern_ops *k, const block *b, double got, double scalar, double want)
{
    if (got != want || !is_same_double(got, scalar)) fail_msg("%s: extreme %g, n = %zu", k->isa, got, b->n);
}

static void check_doubles(const kern_ops *k, block *b)
{
    const kern_ops *s = tables[0];
    const double *v = b->doubles;
    float_answer all = naive_doubles(v, NULL, b->n), sel = naive_doubles(v, b->rows, b->n_rows);
    assert_true(is_same_double(k->sum_f64(v, b->n), all.sum));
    assert_true(is_same_double(k->sum_sel_f64(v, b->rows, b->n_rows), sel.sum));
    check_extreme(k, b, k->min_f64(v, b->n), s->min_f64(v, b->n), all.min);
    check_extreme(k, b, k->max_f64(v, b->n), s->max_f64(v, b->n), all.max);
    check_extreme(k, b, k->min_sel_f64(v, b->rows, b->n_rows), s->min_sel_f64(v, b->rows, b->n_rows),
                  sel.min);
    check_extreme(k, b, k->max_sel_f64(v, b->rows, b->n_rows), s->max_sel_f64(v, b->rows, b->n_rows),
                  sel.max);
}

static void sums_and_extremes_of_doubles(void **state)
{
    (void)state;
    for_all(check_doubles);
}

static void nan_is_in_sums_but_never_extreme(void **state)
{
    (void)state;
    for (size_t t = 0; t < n_tables; t++)
        for (size_t n = 2; n < 70; n++) {
            double v[70];
            for (size_t i = 0; i < n; i++) v[i] = (double)i;
            v[n / 2] = NAN;
            assert_true(isnan(tables[t]->sum_f64(v, n)));
            assert_true(tables[t]->min_f64(v, n) == (n / 2 == 0 ? 1 : 0));
            assert_true(tables[t]->max_f64(v, n) == (double)(n / 2 == n - 1 ? n - 2 : n - 1));
        }
}

/* ---- choosing ------------------------------------------------------ */

static void environment_names_a_table(void **state)
{
    (void)state;
    unsetenv("PT_ISA");
    assert_ptr_equal(kern_get(), tables[n_tables - 1]);
    for (size_t t = 0; t < n_tables; t++) {
        setenv("PT_ISA", tables[t]->isa, 1);
        assert_ptr_equal(kern_get(), tables[t]);
    }
    setenv("PT_ISA", "abacus", 1);
    assert_ptr_equal(kern_get(), tables[n_tables - 1]);
    unsetenv("PT_ISA");
    assert_string_equal(tables[0]->isa, "scalar");
}

/* ---- finding bytes ---------------------------------------------------- */

static void finding_bytes(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        uint64_t random = seed;
        size_t n_words = seed % 5;
        uint8_t *bytes = EXACT(uint8_t, 64 * n_words), what[3];
        uint64_t *bits = EXACT(uint64_t, 3 * n_words);
        for (unsigned k = 0; k < 3; k++) what[k] = (uint8_t)(unit_random(&random) >> 56);
        for (size_t i = 0; i < 64 * n_words; i++) {
            uint64_t x = unit_random(&random);
            uint8_t change = (uint8_t)((x & 1) << (x >> 32) % 8);
            bytes[i] = (uint8_t)(what[x / 2 % 3] ^ change);
        }
        for (size_t t = 0; t < n_tables; t++) {
            tables[t]->match_bytes(bytes, n_words, what, bits);
            for (size_t i = 0; i < 64 * n_words; i++)
                for (unsigned k = 0; k < 3; k++)
                    assert_int_equal(bits[i / 64 * 3 + k] >> i % 64 & 1, bytes[i] == what[k]);
        }
        free(bytes);
        free(bits);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unpacking),
        cmocka_unit_test(unpacking_whole_blocks),
        cmocka_unit_test(picking),
        cmocka_unit_test(gathering),
        cmocka_unit_test(combining),
        cmocka_unit_test(filtering),
        cmocka_unit_test(ranges),
        cmocka_unit_test(selecting),
        cmocka_unit_test(selecting_words_of_any_count),
        cmocka_unit_test(selecting_clear),
        cmocka_unit_test(setting_bits),
        cmocka_unit_test(filling_sets),
        cmocka_unit_test(planes_combine),
        cmocka_unit_test(planes_are_looked_up),
        cmocka_unit_test(counting_both),
        cmocka_unit_test(finding_bytes),
        cmocka_unit_test(sums_and_extremes_of_integers),
        cmocka_unit_test(sums_of_whole_blocks),
        cmocka_unit_test(sums_and_extremes_of_doubles),
        cmocka_unit_test(nan_is_in_sums_but_never_extreme),
        cmocka_unit_test(environment_names_a_table),
    };
    n_tables = kern_usable(tables);
    for (size_t t = 0; t < n_tables; t++) print_message("table %s\n", tables[t]->isa);
    return cmocka_run_group_tests_name("kern", tests, NULL, NULL);
}
