/* seg_sort.c - the order of rows by several id columns: stable radix sort of packed keys.
 *
 * The number of the row stands in the low bits of a 64-bit entry, above it the ranks of as many columns as
 * fit, the first column highest. Ranks count from the lowest that occurs, so a column in which all rows agree
 * takes no room. Of a column that does not fit, its highest bits are taken, and the columns behind it no
 * more: by then a million rows differ in 44 bits, and what order remains among those that do not decides
 * nothing. Entries are sorted 11 bits a pass; passes in which all digits are equal are skipped. */
#include "storage/seg_int.h"
#include "storage/seg_pack.h"

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

/* Put a key below those that the entries hold already: `room` bits are left for it. Returns how many it took,
 * *is_whole false if it had to be cut. */
static unsigned add_key(const seg_sort_key *k, uint32_t n, unsigned lowest, unsigned room, uint64_t *entries,
                        uint32_t *ranks, bool *is_whole)
{
    uint32_t min = UINT32_MAX, max = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t r = k->rank_of ? k->rank_of[k->ids[i]] : k->ids[i];
        ranks[i] = r;
        min = r < min ? r : min;
        max = r > max ? r : max;
    }
    unsigned bits = pack_width(max - min), lost = bits > room ? bits - room : 0;
    unsigned shift = lowest + room - (bits - lost);
    *is_whole = lost == 0;
    if (bits > lost)
        for (uint32_t i = 0; i < n; i++) entries[i] |= (uint64_t)((ranks[i] - min) >> lost) << shift;
    return bits - lost;
}

/* One stable counting pass over a digit; false: all digits are equal and nothing moved. */
static bool sort_digit(const uint64_t *from, uint64_t *to, uint32_t n, unsigned shift)
{
    uint32_t at[DIGITS] = {0};
    for (uint32_t i = 0; i < n; i++) at[from[i] >> shift & (DIGITS - 1)]++;
    if (at[from[0] >> shift & (DIGITS - 1)] == n) return false;
    uint32_t sum = 0;
    for (uint32_t d = 0; d < DIGITS; d++) {
        uint32_t count = at[d];
        at[d] = sum;
        sum += count;
    }
    for (uint32_t i = 0; i < n; i++) to[at[from[i] >> shift & (DIGITS - 1)]++] = from[i];
    return true;
}

/* Sort by the bits from `lowest` on; the result is in the array returned. */
static const uint64_t *sort_entries(uint64_t *a, uint64_t *b, uint32_t n, unsigned lowest)
{
    for (unsigned shift = lowest; shift < 64; shift += DIGIT_BITS) {
        if (!sort_digit(a, b, n, shift)) continue;
        uint64_t *t = a;
        a = b;
        b = t;
    }
    return a;
}

pt_status seg_sort(const seg_sort_key *keys, uint32_t n_keys, uint32_t n_rows, uint32_t *perm, pt_err *err)
{
    pt_status st = PT_OK;
    uint64_t *a = NULL, *b = NULL;
    if (n_keys == 0 || n_rows == 0) {
        for (uint32_t i = 0; i < n_rows; i++) perm[i] = i;
        return PT_OK;
    }
    a = mem_alloc(n_rows, sizeof *a);
    b = mem_alloc(n_rows, sizeof *b);
    if (!a || !b) {
        st = pt_fail(err, PT_NOMEM, "out of memory while sorting %u rows", n_rows);
        goto done;
    }
    unsigned row_bits = pack_width(n_rows - 1), room = 64 - row_bits;
    bool is_whole = true;
    for (uint32_t i = 0; i < n_rows; i++) a[i] = i;
    for (uint32_t k = 0; k < n_keys && room > 0 && is_whole; k++)
        room -= add_key(&keys[k], n_rows, row_bits, room, a, perm, &is_whole);
    /* Where keys leave room below them there is nothing to sort by. */
    const uint64_t *sorted = sort_entries(a, b, n_rows, row_bits + room);
    for (uint32_t i = 0; i < n_rows; i++) perm[i] = (uint32_t)(sorted[i] & ((UINT64_C(1) << row_bits) - 1));
done:
    mem_free(a);
    mem_free(b);
    return st;
}
