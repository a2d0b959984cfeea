/* seg_index_build.c - making the bitmap index of one hierarchy, block by block.
 *
 * One level is indexed, the lowest that pays: what holds for members of higher levels follows from their
 * descendants. Which one is found out on the first block; an index that later grows too large is given up.
 *
 * Within a block, the level members that occur are listed by stable number. Then the smaller form is taken: a
 * row set for each member (rare or clustered members), or bit planes of a code for each member (few members
 * spread evenly). A code is made of a few bits for each level from the top down, so that all descendants of a
 * member share a prefix: "in this region" then looks at the planes of the region's bits only. Where that
 * takes many more planes than numbering the members one by one, they are numbered, in the order of their
 * ranks. */
#include <stdlib.h>

#include "base/map.h"
#include "storage/seg_int.h"
#include "storage/seg_pack.h"
#include "storage/seg_rows.h"

enum {
    MAX_NESTED_EXTRA = 4,  /* planes that nested codes may take more than plain numbers */
    MAX_PLANES = 12,       /* of a level that is worth an index */
    MAX_BITS_PER_ROW = 16, /* of its block, list of members included */
    FLOOR_BYTES = 1024,
};

struct index_builder {
    const seg_index_spec *specs; /* levels of one hierarchy, top first */
    uint32_t n_specs, chosen;
    bool is_given_up;
    uint8_t *seen;   /* a byte per rank: occurs in this block; all zero between blocks */
    uint32_t *id_of; /* rank -> a member id, then its place in the list, where seen */
    uint32_t n_blocks;
    seg_iblock blocks[SEG_MAX_BLOCKS];
    strbuf bytes;
    /* of the block at hand: the list of members */
    uint32_t n_members;
    unsigned n_planes;
    uint32_t ranks[SEG_BLOCK_ROWS]; /* ascending */
    uint16_t codes[SEG_BLOCK_ROWS]; /* in the same order */
    uint64_t order[SEG_BLOCK_ROWS]; /* stable number << 32 | place in that order, ascending */
    /* and its rows */
    uint32_t places[SEG_BLOCK_ROWS]; /* rank, then place in the list, of each row */
    uint32_t count[SEG_BLOCK_ROWS], runs[SEG_BLOCK_ROWS], start[SEG_BLOCK_ROWS + 1]; /* of each place */
    uint16_t rows[SEG_BLOCK_ROWS];                                                   /* place by place */
};

pt_status index_builder_new(const seg_index_spec *specs, uint32_t n_specs, index_builder **out, pt_err *err)
{
    uint32_t n_ranks = 0;
    index_builder *b = *out = mem_alloc(1, sizeof *b);
    if (!b) return pt_fail(err, PT_NOMEM, "out of memory while indexing a segment");
    b->specs = specs;
    b->n_specs = n_specs;
    for (uint32_t i = 0; i < n_specs; i++) n_ranks = specs[i].view->n > n_ranks ? specs[i].view->n : n_ranks;
    b->seen = mem_alloc((size_t)n_ranks + 8, 1); /* read in words of 8 */
    b->id_of = mem_alloc(n_ranks, sizeof *b->id_of);
    if (b->seen && b->id_of) return PT_OK;
    index_builder_free(b);
    *out = NULL;
    return pt_fail(err, PT_NOMEM, "out of memory while indexing a segment");
}

void index_builder_free(index_builder *b)
{
    if (!b) return;
    mem_free(b->seen);
    mem_free(b->id_of);
    strbuf_free(&b->bytes);
    mem_free(b);
}

const seg_index_spec *index_builder_spec(const index_builder *b)
{
    return &b->specs[b->chosen];
}

uint32_t index_builder_blocks(const index_builder *b, const seg_iblock **blocks, const uint8_t **bytes,
                              uint64_t *n_bytes)
{
    *blocks = b->blocks;
    *bytes = (const uint8_t *)b->bytes.ptr;
    *n_bytes = b->bytes.len;
    return b->is_given_up ? 0 : b->n_blocks;
}

/* ---- the members of a block ---------------------------------------- */

static void list_members(index_builder *b, const level_view *v, const uint32_t *ids, uint32_t n)
{
    uint32_t lowest = UINT32_MAX, highest = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t r = b->places[i] = v->of_member[ids[i]];
        b->seen[r] = 1;
        b->id_of[r] = ids[i];
        lowest = r < lowest ? r : lowest;
        highest = r > highest ? r : highest;
    }
    b->n_members = 0;
    for (uint64_t at = lowest / 8 * 8; at <= highest; at += 8) {
        for (uint64_t word = load_u64(b->seen + at); word; word &= word - 1)
            b->ranks[b->n_members++] = (uint32_t)at + (uint32_t)__builtin_ctzll(word) / 8;
        store_u64(b->seen + at, 0);
    }
}

/* Is the member at place k in another branch than the one before, at this level or above? */
static bool begins_branch(const index_builder *b, uint32_t level, uint32_t k)
{
    const uint32_t *of_member = b->specs[level].view->of_member;
    return k == 0 || of_member[b->id_of[b->ranks[k]]] != of_member[b->id_of[b->ranks[k - 1]]];
}

/* Bits that tell siblings apart at a level, which is `above` that of the members or the same. */
static unsigned sibling_bits(const index_builder *b, uint32_t level)
{
    uint32_t most = 0, sibling = 0;
    for (uint32_t k = 1; k < b->n_members; k++) {
        if (level > 0 && begins_branch(b, level - 1, k))
            sibling = 0;
        else if (begins_branch(b, level, k))
            sibling++;
        most = sibling > most ? sibling : most;
    }
    return pack_width(most);
}

static void nest_codes(index_builder *b, uint32_t level, unsigned bits)
{
    uint32_t sibling = 0;
    for (uint32_t k = 0; k < b->n_members; k++) {
        if (k == 0 || (level > 0 && begins_branch(b, level - 1, k)))
            sibling = 0;
        else if (begins_branch(b, level, k))
            sibling++;
        b->codes[k] = (uint16_t)((uint32_t)b->codes[k] << bits | sibling);
    }
}

static void give_codes(index_builder *b, uint32_t chosen)
{
    unsigned plain = pack_width(b->n_members - 1), nested = 0;
    for (uint32_t l = 0; l <= chosen && nested <= 16; l++) nested += sibling_bits(b, l);
    b->n_planes = nested <= plain + MAX_NESTED_EXTRA && nested <= 16 ? nested : plain;
    memset(b->codes, 0, b->n_members * sizeof *b->codes);
    for (uint32_t l = 0; l <= chosen && b->n_planes == nested; l++) nest_codes(b, l, sibling_bits(b, l));
    for (uint32_t k = 0; k < b->n_members && b->n_planes != nested; k++) b->codes[k] = (uint16_t)k;
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* The list's final order, and the place of each row's member in it. */
static void place_rows(index_builder *b, const level_view *v, uint32_t n)
{
    bool is_sorted = true;
    for (uint32_t k = 0; k < b->n_members; k++) {
        b->order[k] = (uint64_t)v->stable[b->ranks[k]] << 32 | k;
        is_sorted = is_sorted && (k == 0 || b->order[k] > b->order[k - 1]);
    }
    if (!is_sorted) qsort(b->order, b->n_members, sizeof *b->order, by_number);
    for (uint32_t k = 0; k < b->n_members; k++) b->id_of[b->ranks[(uint32_t)b->order[k]]] = k;
    memset(b->count, 0, b->n_members * sizeof *b->count);
    memset(b->runs, 0, b->n_members * sizeof *b->runs);
    uint32_t before = UINT32_MAX;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t place = b->places[i] = b->id_of[b->places[i]];
        b->count[place]++;
        b->runs[place] += place != before;
        before = place;
    }
}

static uint64_t sets_bytes(const index_builder *b, uint32_t n)
{
    uint64_t total = (uint64_t)b->n_members * 12 + 8;
    for (uint32_t m = 0; m < b->n_members; m++) {
        uint32_t bytes;
        rows_choose(b->count[m], b->runs[m], n, &bytes);
        total += bytes;
    }
    return total;
}

static uint64_t planes_bytes(const index_builder *b, uint32_t n)
{
    return seg_align((uint64_t)b->n_members * 6) + (uint64_t)b->n_planes * seg_words(n) * 8;
}

/* Everything about a block at one level; returns how many bytes it would take. */
static uint64_t survey(index_builder *b, uint32_t spec, const uint32_t *ids, uint32_t n)
{
    const level_view *v = b->specs[spec].view;
    list_members(b, v, ids, n);
    give_codes(b, spec);
    place_rows(b, v, n);
    uint64_t sets = sets_bytes(b, n), planes = planes_bytes(b, n);
    return sets <= planes || b->n_planes > MAX_PLANES ? sets : planes;
}

/* ---- writing a block ----------------------------------------------- */

/* Row numbers, place by place. */
static void group_rows(index_builder *b, uint32_t n)
{
    uint32_t sum = 0;
    for (uint32_t m = 0; m < b->n_members; m++) {
        b->start[m] = sum;
        sum += b->count[m];
    }
    for (uint32_t i = 0; i < n; i++) b->rows[b->start[b->places[i]]++] = (uint16_t)i;
    for (uint32_t m = 0; m < b->n_members; m++) b->start[m] -= b->count[m];
}

static void write_list(const index_builder *b, uint8_t *out)
{
    for (uint32_t k = 0; k < b->n_members; k++) store_u32(out + (size_t)k * 4, (uint32_t)(b->order[k] >> 32));
}

static void write_sets(index_builder *b, uint32_t n, uint8_t *out)
{
    uint8_t *ends = out + (size_t)b->n_members * 4, *sets = ends + (size_t)b->n_members * 8 + 8;
    uint32_t end = 0;
    group_rows(b, n);
    write_list(b, out);
    store_u64(ends, 0); /* the first set starts at 0 */
    for (uint32_t m = 0; m < b->n_members; m++) {
        uint32_t bytes;
        rows_form form = rows_choose(b->count[m], b->runs[m], n, &bytes);
        rows_write(form, b->rows + b->start[m], b->count[m], n, sets + end);
        end += bytes;
        store_u32(ends + (size_t)(m + 1) * 8, end);
        store_u32(ends + (size_t)(m + 1) * 8 + 4, b->count[m] | (uint32_t)form << 30);
    }
}

/* Bit j of byte i becomes bit i of byte j. Hacker's Delight, 7-3. */
static uint64_t transpose8(uint64_t x)
{
    uint64_t t = (x ^ (x >> 7)) & 0x00aa00aa00aa00aa;
    x ^= t ^ (t << 7);
    t = (x ^ (x >> 14)) & 0x0000cccc0000cccc;
    x ^= t ^ (t << 14);
    t = (x ^ (x >> 28)) & 0x00000000f0f0f0f0;
    return x ^ t ^ (t << 28);
}

/* Planes first .. first + 7 of eight rows are one byte each. `codes` by place. */
static void write_eight_planes(const index_builder *b, const uint16_t *codes, uint32_t n, unsigned first,
                               uint8_t *out)
{
    size_t plane_bytes = (size_t)seg_words(n) * 8;
    for (uint32_t at = 0; at < n; at += 8) {
        uint32_t some = n - at < 8 ? n - at : 8;
        uint64_t x = 0;
        for (uint32_t i = 0; i < some; i++)
            x |= (uint64_t)((unsigned)codes[b->places[at + i]] >> first & 0xff) << (8 * i);
        x = transpose8(x);
        for (unsigned p = first; p < b->n_planes && p < first + 8; p++, x >>= 8)
            out[p * plane_bytes + at / 8] = (uint8_t)x;
    }
}

static void write_planes(const index_builder *b, uint32_t n, uint8_t *out)
{
    uint16_t codes[SEG_BLOCK_ROWS];
    for (uint32_t k = 0; k < b->n_members; k++) codes[k] = b->codes[(uint32_t)b->order[k]];
    write_list(b, out);
    memcpy(out + (size_t)b->n_members * 4, codes, (size_t)b->n_members * 2);
    out += seg_align((uint64_t)b->n_members * 6);
    for (unsigned p = 0; p < b->n_planes; p += 8) write_eight_planes(b, codes, n, p, out);
}

/* ---- blocks -------------------------------------------------------- */

static void give_up(index_builder *b)
{
    b->is_given_up = true;
    strbuf_free(&b->bytes);
    b->bytes = (strbuf){0};
}

pt_status index_builder_add(index_builder *b, const uint32_t *ids, uint32_t n_rows, pt_err *err)
{
    if (b->is_given_up || NEVER(b->n_blocks == SEG_MAX_BLOCKS)) return PT_OK;
    uint64_t most = (uint64_t)n_rows * MAX_BITS_PER_ROW / 8 + FLOOR_BYTES;
    if (b->n_blocks == 0) b->chosen = b->n_specs - 1;
    uint64_t size = survey(b, b->chosen, ids, n_rows);
    while (b->n_blocks == 0 && size > most && b->chosen > 0) size = survey(b, --b->chosen, ids, n_rows);
    if (size > most) {
        give_up(b);
        return PT_OK;
    }
    if (!strbuf_reserve(&b->bytes, seg_align(size)))
        return pt_fail(err, PT_NOMEM, "out of memory while indexing a segment");
    uint64_t at = b->bytes.len;
    uint8_t *out = (uint8_t *)b->bytes.ptr + at;
    memset(out, 0, seg_align(size));
    b->bytes.len += seg_align(size);
    seg_iblock *x = &b->blocks[b->n_blocks++];
    *x = (seg_iblock){.offset = at, .size = (uint32_t)size, .n_members = b->n_members};
    x->form = size == sets_bytes(b, n_rows) ? INDEX_SETS : INDEX_CODES;
    if (x->form == INDEX_SETS) {
        write_sets(b, n_rows, out);
    } else {
        x->n_planes = (uint8_t)b->n_planes;
        write_planes(b, n_rows, out);
    }
    x->checksum = hash_bytes(out, size);
    return PT_OK;
}
