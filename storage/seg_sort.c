/* seg_sort.c - the order of rows by several id columns: stable radix sort of packed keys.
 *
 * The ranks of as many columns as fit are packed into one 64-bit key, the last column lowest; keys and row
 * numbers are then sorted together, 11 bits a pass, and passes in which all digits are equal are skipped.
 * More columns than fit take further rounds, from the least significant on. */
#include "storage/seg_int.h"
#include "storage/seg_pack.h"

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

typedef struct entry {
    uint64_t key;
    uint32_t row;
} entry;

static uint32_t rank_at(const seg_sort_key *k, uint32_t row)
{
    uint32_t id = k->ids[row];
    return k->rank_of ? k->rank_of[id] : id;
}

static unsigned rank_bits(const seg_sort_key *k, uint32_t n_rows)
{
    uint32_t max = 0;
    for (uint32_t i = 0; i < n_rows; i++) {
        uint32_t r = rank_at(k, i);
        max = r > max ? r : max;
    }
    return pack_width(max);
}

/* One stable counting pass over a digit; false: all digits are equal and nothing moved. */
static bool sort_digit(const entry *from, entry *to, uint32_t n, unsigned shift)
{
    uint32_t at[DIGITS] = {0};
    for (uint32_t i = 0; i < n; i++) at[from[i].key >> shift & (DIGITS - 1)]++;
    if (at[from[0].key >> shift & (DIGITS - 1)] == n) return false;
    uint32_t sum = 0;
    for (uint32_t d = 0; d < DIGITS; d++) {
        uint32_t count = at[d];
        at[d] = sum;
        sum += count;
    }
    for (uint32_t i = 0; i < n; i++) to[at[from[i].key >> shift & (DIGITS - 1)]++] = from[i];
    return true;
}

/* Columns [first, last] as one key, sorted into *a; *b is scratch, and the two may change places. */
static void sort_round(const seg_sort_key *keys, uint32_t first, uint32_t last, const unsigned *bits,
                       uint32_t n, entry **a, entry **b)
{
    unsigned total = 0;
    for (uint32_t i = 0; i < n; i++) (*a)[i].key = 0;
    for (uint32_t k = last + 1; k-- > first;) {
        if (bits[k])
            for (uint32_t i = 0; i < n; i++) (*a)[i].key |= (uint64_t)rank_at(&keys[k], (*a)[i].row) << total;
        total += bits[k];
    }
    for (unsigned shift = 0; shift < total; shift += DIGIT_BITS) {
        if (!sort_digit(*a, *b, n, shift)) continue;
        entry *t = *a;
        *a = *b;
        *b = t;
    }
}

pt_status seg_sort(const seg_sort_key *keys, uint32_t n_keys, uint32_t n_rows, uint32_t *perm, pt_err *err)
{
    pt_status st = PT_OK;
    entry *a = NULL, *b = NULL;
    unsigned *bits = NULL;

    if (n_keys == 0 || n_rows == 0) {
        for (uint32_t i = 0; i < n_rows; i++) perm[i] = i;
        return PT_OK;
    }
    a = mem_alloc(n_rows, sizeof *a);
    b = mem_alloc(n_rows, sizeof *b);
    bits = mem_alloc(n_keys, sizeof *bits);
    if (!a || !b || !bits) {
        st = pt_fail(err, PT_NOMEM, "out of memory while sorting %u rows", n_rows);
        goto done;
    }
    for (uint32_t i = 0; i < n_rows; i++) a[i].row = i;
    for (uint32_t k = 0; k < n_keys; k++) bits[k] = rank_bits(&keys[k], n_rows);
    for (uint32_t last = n_keys; last-- > 0;) {
        uint32_t first = last;
        unsigned total = bits[last];
        while (first > 0 && total + bits[first - 1] <= 64) total += bits[--first];
        sort_round(keys, first, last, bits, n_rows, &a, &b);
        last = first;
    }
    for (uint32_t i = 0; i < n_rows; i++) perm[i] = a[i].row;
done:
    mem_free(a);
    mem_free(b);
    mem_free(bits);
    return st;
}
