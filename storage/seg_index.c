/* seg_index.c - reading bitmap indexes: verification, and the sets of single members.
 *
 * An index block is verified when first used: checksum, members ascending, ends of sets ascending and within
 * the block, codes within the planes. The sets themselves are bounds-checked by rows_or each time. Bit planes
 * are safe whatever they hold. */
#include "base/map.h"
#include "storage/seg_int.h"
#include "storage/seg_pack.h"
#include "storage/seg_rows.h"

enum { FORM_SHIFT = 30 };

const seg_index *seg_index_find(const seg *s, uint32_t col, pt_str hierarchy, const hier_view *h,
                                uint32_t level)
{
    for (uint32_t i = 0; i < s->n_indexes; i++) {
        const seg_index *x = &s->indexes[i];
        if (x->column != col || x->level < level || x->level >= h->n_levels) continue;
        if (str_eq(x->hierarchy, hierarchy) && h->levels[x->level].epoch <= s->version) return x;
    }
    return NULL;
}

uint32_t seg_index_level(const seg_index *x)
{
    return x->level;
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

static bool are_codes_sound(const seg_index *x, uint32_t block)
{
    const seg_iblock *b = &x->blocks[block];
    for (uint32_t i = 0; i < b->n_members; i++)
        if (index_code(x, block, i) >> b->n_planes) return false;
    return true;
}

static uint64_t sum_list(const seg_iblock *b, const uint8_t *bytes)
{
    size_t size = (size_t)b->n_members * (b->form == INDEX_CODES ? 6 : 4);
    uint64_t sum = hash_bytes(bytes, size) ^ hash_u64((uint64_t)b->form << 8 | b->n_planes);
    return sum ? sum : 1;
}

pt_status index_verify(const seg_index *x, uint32_t block, pt_err *err)
{
    const seg_iblock *b = &x->blocks[block];
    if (index_list_sum(x, block)) return PT_OK;
    const uint8_t *bytes = index_bytes(x, block);
    if (hash_bytes(bytes, b->size) != b->checksum)
        return seg_damaged(x->seg, err, "checksum of an index", block);
    for (uint32_t i = 1; i < b->n_members; i++)
        if (index_member(x, block, i) <= index_member(x, block, i - 1))
            return seg_damaged(x->seg, err, "members of an index", block);
    if (b->form == INDEX_SETS ? !are_ends_sound(b, bytes) : !are_codes_sound(x, block))
        return seg_damaged(x->seg, err, "sets of an index", block);
    atomic_store_explicit(&x->sums[block], sum_list(b, bytes), memory_order_release);
    return PT_OK;
}

/* ---- sets ---------------------------------------------------------- */

bool index_or_set(const seg_index *x, uint32_t block, uint32_t i, uint64_t *bits)
{
    const seg_iblock *b = &x->blocks[block];
    const uint8_t *ends = index_bytes(x, block) + (size_t)b->n_members * 4;
    const uint8_t *sets = ends + (size_t)b->n_members * 8 + 8;
    uint32_t from = load_u32(ends + (size_t)i * 8), to = load_u32(ends + (size_t)i * 8 + 8);
    uint32_t word = load_u32(ends + (size_t)i * 8 + 12);
    return rows_or((rows_form)(word >> FORM_SHIFT), sets + from, to - from, word & ((1u << FORM_SHIFT) - 1),
                   seg_block_rows(x->seg, block), bits);
}

/* ---- checking ------------------------------------------------------ */

/* Rows of the i-th member, of any form. */
static bool read_rows(const seg_index *x, uint32_t block, uint32_t i, uint64_t *bits)
{
    const seg_iblock *b = &x->blocks[block];
    uint32_t n_rows = seg_block_rows(x->seg, block), n_words = seg_words(n_rows);
    uint32_t code = index_code(x, block, i);
    memset(bits, 0, n_words * sizeof *bits);
    if (b->form == INDEX_SETS) return index_or_set(x, block, i, bits);
    const uint8_t *planes = index_bytes(x, block) + index_list_bytes(b);
    for (uint32_t w = 0; w < n_words; w++) {
        bits[w] = w == n_words - 1 && n_rows % 64 ? (1ull << (n_rows % 64)) - 1 : ~0ull;
        for (unsigned p = 0; p < b->n_planes; p++) {
            uint64_t plane = load_u64(planes + ((size_t)p * n_words + w) * 8);
            bits[w] &= code >> p & 1 ? plane : ~plane;
        }
    }
    return true;
}

/* Each row belongs to exactly one member, each member has rows. */
pt_status seg_index_check(const seg_index *x, uint32_t block, pt_err *err)
{
    uint32_t n_rows = seg_block_rows(x->seg, block), n_words = seg_words(n_rows);
    uint64_t total = 0, all[SEG_BLOCK_WORDS] = {0}, one[SEG_BLOCK_WORDS];
    atomic_store_explicit(&x->sums[block], 0, memory_order_release);
    PT_TRY(index_verify(x, block, err));
    for (uint32_t i = 0; i < x->blocks[block].n_members; i++) {
        uint32_t n = 0;
        if (!read_rows(x, block, i, one)) return seg_damaged(x->seg, err, "sets of an index", block);
        for (uint32_t w = 0; w < n_words; w++) {
            n += (uint32_t)__builtin_popcountll(one[w]);
            all[w] |= one[w];
        }
        if (n == 0) return seg_damaged(x->seg, err, "a member without rows in an index", block);
        total += n;
    }
    for (uint32_t w = 0; w < n_words; w++) total -= (uint32_t)__builtin_popcountll(all[w]);
    for (uint32_t w = 0; w < n_rows / 64; w++)
        if (~all[w]) return seg_damaged(x->seg, err, "rows without a member in an index", block);
    if (n_rows % 64 && all[n_rows / 64] != (1ull << (n_rows % 64)) - 1)
        return seg_damaged(x->seg, err, "rows without a member in an index", block);
    return total == 0 ? PT_OK : seg_damaged(x->seg, err, "rows with two members in an index", block);
}
