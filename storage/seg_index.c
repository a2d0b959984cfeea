/* seg_index.c - reading bitmap indexes: the rows of level members within a block.
 *
 * An index block is verified when first used: checksum, members ascending, ends of sets ascending and within
 * the block. The sets themselves are bounds-checked by rows_or each time. Bit planes are safe whatever they
 * hold. */
#include "base/map.h"
#include "storage/seg_int.h"
#include "storage/seg_pack.h"
#include "storage/seg_rows.h"

enum { TILE_WORDS = 128, FORM_SHIFT = 30 };

static const uint8_t *block_bytes(const seg_index *x, uint32_t block)
{
    return x->seg->map.ptr + x->blocks[block].offset;
}

const seg_index *seg_index_find(const seg *s, uint32_t col, pt_str hierarchy, uint32_t level,
                                const level_view *view)
{
    if (view->epoch > s->version) return NULL;
    for (uint32_t i = 0; i < s->n_indexes; i++) {
        const seg_index *x = &s->indexes[i];
        if (x->column == col && x->level == level && str_eq(x->hierarchy, hierarchy)) return x;
    }
    return NULL;
}

/* ---- sets ---------------------------------------------------------- */

typedef struct set_view {
    const uint8_t *bytes;
    uint32_t size, count;
    rows_form form;
} set_view;

/* Set number i of a verified block in form INDEX_SETS. */
static set_view set_at(const seg_index *x, uint32_t block, uint32_t i)
{
    const seg_iblock *b = &x->blocks[block];
    const uint8_t *ends = block_bytes(x, block) + (size_t)b->n_members * 4;
    const uint8_t *sets = ends + (size_t)b->n_members * 8 + 8;
    uint32_t from = load_u32(ends + (size_t)i * 8), to = load_u32(ends + (size_t)i * 8 + 8);
    uint32_t word = load_u32(ends + (size_t)i * 8 + 12);
    return (set_view){sets + from, to - from, word & ((1u << FORM_SHIFT) - 1),
                      (rows_form)(word >> FORM_SHIFT)};
}

/* Rows of member number i of a verified block. */
static uint32_t count_at(const seg_index *x, uint32_t block, uint32_t i)
{
    const seg_iblock *b = &x->blocks[block];
    if (b->form == INDEX_SETS) return set_at(x, block, i).count;
    return load_u32(block_bytes(x, block) + (size_t)b->n_members * 4 + (size_t)i * 4);
}

/* ---- verification -------------------------------------------------- */

static bool are_ends_sound(const seg_iblock *b, const uint8_t *bytes)
{
    const uint8_t *ends = bytes + (size_t)b->n_members * 4;
    uint32_t room = b->size - (b->n_members * 12 + 8);
    if (load_u32(ends) != 0) return false;
    for (uint32_t i = 0; i < b->n_members; i++)
        if (load_u32(ends + (size_t)i * 8) > load_u32(ends + (size_t)i * 8 + 8)) return false;
    return load_u32(ends + (size_t)b->n_members * 8) == room;
}

static pt_status verify(const seg_index *x, uint32_t block, pt_err *err)
{
    const seg_iblock *b = &x->blocks[block];
    if (atomic_load_explicit(&x->verified[block], memory_order_acquire)) return PT_OK;
    const uint8_t *bytes = block_bytes(x, block);
    if (hash_bytes(bytes, b->size) != b->checksum)
        return seg_damaged(x->seg, err, "checksum of an index", block);
    for (uint32_t i = 1; i < b->n_members; i++)
        if (load_u32(bytes + (size_t)i * 4) <= load_u32(bytes + (size_t)i * 4 - 4))
            return seg_damaged(x->seg, err, "members of an index", block);
    if (b->form == INDEX_SETS && !are_ends_sound(b, bytes))
        return seg_damaged(x->seg, err, "sets of an index", block);
    atomic_store_explicit(&x->verified[block], 1, memory_order_release);
    return PT_OK;
}

/* Number of a member within a verified block; false if it does not occur. */
static bool find_member(const seg_index *x, uint32_t block, uint32_t stable, uint32_t *i)
{
    const uint8_t *members = block_bytes(x, block);
    uint32_t lo = 0, hi = x->blocks[block].n_members;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (load_u32(members + (size_t)mid * 4) < stable)
            lo = mid + 1;
        else
            hi = mid;
    }
    *i = lo;
    return lo < x->blocks[block].n_members && load_u32(members + (size_t)lo * 4) == stable;
}

/* ---- bit planes ---------------------------------------------------- */

/* Rows whose number is wanted, found by walking down the planes from the highest: all wanted below a prefix
 * takes the prefix's rows as they are, none wanted drops them, else it splits. One walk for each tile of
 * words. */
typedef struct plane_walk {
    const uint64_t *wanted; /* bits of numbers */
    uint32_t n_members, n_words, n_tile, first_word;
    const uint8_t *planes;
    uint64_t *bits; /* of the whole block */
} plane_walk;

/* How many of the numbers [from, to) are wanted. */
static uint32_t wanted_in(const uint64_t *wanted, uint32_t from, uint32_t to)
{
    uint32_t n = 0;
    while (from < to) {
        uint32_t some = 64 - from % 64;
        if (some > to - from) some = to - from;
        uint64_t word = wanted[from / 64] >> (from % 64);
        if (some < 64) word &= (1ull << some) - 1;
        n += (uint32_t)__builtin_popcountll(word);
        from += some;
    }
    return n;
}

/* `rows`: rows of the tile whose number begins with the bits above `level` of `prefix`. */
static void walk(const plane_walk *p, unsigned level, uint32_t prefix, const uint64_t *rows)
{
    uint32_t end = prefix + (1u << level) < p->n_members ? prefix + (1u << level) : p->n_members;
    if (prefix >= end) return;
    uint32_t n = wanted_in(p->wanted, prefix, end);
    if (n == 0) return;
    if (n == end - prefix) {
        for (uint32_t w = 0; w < p->n_tile; w++) p->bits[p->first_word + w] |= rows[w];
        return;
    }
    uint64_t zeros[TILE_WORDS], ones[TILE_WORDS];
    const uint8_t *plane = p->planes + ((size_t)(level - 1) * p->n_words + p->first_word) * 8;
    for (uint32_t w = 0; w < p->n_tile; w++) {
        uint64_t bit = load_u64(plane + (size_t)w * 8);
        zeros[w] = rows[w] & ~bit;
        ones[w] = rows[w] & bit;
    }
    walk(p, level - 1, prefix, zeros);
    walk(p, level - 1, prefix + (1u << (level - 1)), ones);
}

static void or_planes(const seg_index *x, uint32_t block, const uint64_t *wanted, uint64_t *bits)
{
    const seg_iblock *b = &x->blocks[block];
    uint32_t n_rows = seg_block_rows(x->seg, block), n_words = seg_words(n_rows);
    plane_walk p = {wanted, b->n_members, n_words, 0, 0, NULL, bits};
    p.planes = block_bytes(x, block) + seg_align((uint64_t)b->n_members * 8);
    for (uint32_t at = 0; at < n_words; at += TILE_WORDS) {
        uint64_t all[TILE_WORDS];
        p.first_word = at;
        p.n_tile = n_words - at < TILE_WORDS ? n_words - at : TILE_WORDS;
        memset(all, 0xff, sizeof all);
        if (at + p.n_tile == n_words && n_rows % 64) all[p.n_tile - 1] = (1ull << (n_rows % 64)) - 1;
        walk(&p, b->n_planes, 0, all);
    }
}

/* ---- use ----------------------------------------------------------- */

uint64_t seg_index_count(const seg_index *x, const uint32_t *stable, uint32_t n)
{
    uint64_t total = 0;
    for (uint32_t block = 0; block < x->seg->n_blocks; block++) {
        uint32_t i;
        if (verify(x, block, NULL) != PT_OK) {
            total += seg_block_rows(x->seg, block);
            continue;
        }
        for (uint32_t k = 0; k < n; k++)
            if (find_member(x, block, stable[k], &i)) total += count_at(x, block, i);
    }
    return total;
}

static bool or_set(const seg_index *x, uint32_t block, uint32_t i, uint64_t *bits)
{
    set_view v = set_at(x, block, i);
    return rows_or(v.form, v.bytes, v.size, v.count, seg_block_rows(x->seg, block), bits);
}

pt_status seg_index_or(const seg_index *x, const uint32_t *stable, uint32_t n, uint32_t block, uint64_t *bits,
                       pt_err *err)
{
    if (NEVER(block >= x->seg->n_blocks)) return pt_fail(err, PT_INTERNAL, "no block %u in a segment", block);
    PT_TRY(verify(x, block, err));
    bool is_planes = x->blocks[block].form == INDEX_PLANES;
    uint64_t wanted[SEG_BLOCK_WORDS];
    uint32_t n_wanted = 0;
    if (is_planes) memset(wanted, 0, seg_words(x->blocks[block].n_members) * sizeof *wanted);
    for (uint32_t k = 0; k < n; k++) {
        uint32_t i;
        if (!find_member(x, block, stable[k], &i)) continue;
        if (is_planes)
            wanted[i / 64] |= 1ull << (i % 64);
        else if (!or_set(x, block, i, bits))
            return seg_damaged(x->seg, err, "sets of an index", block);
        n_wanted++;
    }
    if (is_planes && n_wanted) or_planes(x, block, wanted, bits);
    return PT_OK;
}

/* ---- checking ------------------------------------------------------ */

/* Each row belongs to exactly one member. */
pt_status seg_index_check(const seg_index *x, uint32_t block, pt_err *err)
{
    uint32_t n_rows = seg_block_rows(x->seg, block);
    uint64_t total = 0, all[SEG_BLOCK_WORDS] = {0}, one[SEG_BLOCK_WORDS];
    atomic_store_explicit(&x->verified[block], 0, memory_order_release);
    PT_TRY(verify(x, block, err));
    for (uint32_t i = 0; i < x->blocks[block].n_members; i++) {
        uint32_t stable = load_u32(block_bytes(x, block) + (size_t)i * 4), n = 0;
        memset(one, 0, sizeof one);
        PT_TRY(seg_index_or(x, &stable, 1, block, one, err));
        for (uint32_t w = 0; w < SEG_BLOCK_WORDS; w++) {
            n += (uint32_t)__builtin_popcountll(one[w]);
            all[w] |= one[w];
        }
        if (n != count_at(x, block, i)) return seg_damaged(x->seg, err, "row counts of an index", block);
        total += n;
    }
    for (uint32_t w = 0; w < SEG_BLOCK_WORDS; w++) total -= (uint32_t)__builtin_popcountll(all[w]);
    for (uint32_t w = 0; w < n_rows / 64; w++)
        if (~all[w]) return seg_damaged(x->seg, err, "rows without a member in an index", block);
    if (n_rows % 64 && all[n_rows / 64] != (1ull << (n_rows % 64)) - 1)
        return seg_damaged(x->seg, err, "rows without a member in an index", block);
    return total == 0 ? PT_OK : seg_damaged(x->seg, err, "rows with two members in an index", block);
}
