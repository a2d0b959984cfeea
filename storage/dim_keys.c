/* dim_keys.c - filling the table of a key index, and searching where there is none.
 *
 * The search guesses along a straight line from the first key to the last. Keys without gaps are hit at once,
 * keys with even gaps are nearby. Where they are not, a binary search finds them; but among 15 million it
 * takes ten times as long as the table (1 us instead of 0.1), so files have a table then. */
#include "storage/dim_keys.h"

#include "storage/dim_int.h"

enum { NEAR = 16 };

/* ---- the table ----------------------------------------------------- */

void dim_keys_put(const dim_keys *k, uint64_t hash, uint32_t member)
{
    keys_probe p = dim_keys_probe(k, hash);
    uint32_t *slot = dim_keys_next(k, &p);
    while (slot && *slot) slot = dim_keys_next(k, &p);
    if (!NEVER(!slot)) *slot = p.tag | (member + 1);
}

void dim_keys_move(const dim_keys *k, uint64_t hash, uint32_t from, uint32_t to)
{
    keys_probe p = dim_keys_probe(k, hash);
    uint32_t *slot = dim_keys_next(k, &p);
    while (slot && *slot && dim_keys_member(k, *slot) != from) slot = dim_keys_next(k, &p);
    if (!NEVER(!slot || !*slot)) *slot = p.tag | (to + 1);
}

/* ---- the search ---------------------------------------------------- */

bool dim_keys_can_ascend(pt_type type)
{
    return type != TYPE_TEXT && type != TYPE_DOUBLE;
}

/* Where the key would be if all gaps were equal; first <= key <= last. */
static uint32_t guess(int64_t first, int64_t last, uint32_t n, int64_t key)
{
    double part = (double)((uint64_t)key - (uint64_t)first), all = (double)((uint64_t)last - (uint64_t)first);
    double place = all > 0 ? part / all * (n - 1) : 0;
    return place < n - 1 ? (uint32_t)(place + 0.5) : n - 1;
}

bool dim_keys_are_even(const int64_t *keys, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (i > 0 && keys[i] <= keys[i - 1]) return false;
        uint32_t g = keys[i] <= keys[n - 1] ? guess(keys[0], keys[n - 1], n, keys[i]) : 0;
        if (g > i ? g - i > NEAR : i - g > NEAR) return false;
    }
    return true;
}

bool dim_keys_search(const void *cells, uint32_t width, uint32_t n, int64_t key, uint32_t *member)
{
    if (n == 0) return false;
    int64_t first = dim_load_int(cells, width, 0), last = dim_load_int(cells, width, n - 1);
    if (key < first || key > last) return false;
    uint32_t lo = 0, hi = n - 1, g = guess(first, last, n, key); /* it is in [lo, hi], if anywhere */
    int64_t there = dim_load_int(cells, width, g);
    if (there < key) { /* <= last, so g is not the last one */
        lo = g + 1;
        if (hi - g > NEAR && dim_load_int(cells, width, g + NEAR) >= key) hi = g + NEAR;
    } else {
        hi = g;
        if (there == key) lo = g;
        if (g > NEAR && there > key && dim_load_int(cells, width, g - NEAR) <= key) lo = g - NEAR;
    }
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (dim_load_int(cells, width, mid) < key)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (dim_load_int(cells, width, lo) != key) return false;
    *member = lo;
    return true;
}
