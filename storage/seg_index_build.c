/* seg_index_build.c - making the bitmap index of one level, block by block.
 *
 * Within a block, the level members that occur are numbered 0..n-1 by their stable number. Then the smaller
 * form is taken: a row set for each member (rare or clustered members), or bit planes of that number (few
 * members spread evenly: 6 bits a row for 50 states, where sets would take 16). */
#include "base/map.h"
#include "storage/seg_int.h"
#include "storage/seg_pack.h"
#include "storage/seg_rows.h"

struct index_builder {
    seg_index_spec spec;
    bool is_given_up;
    uint8_t *seen;     /* a byte per stable number: occurs in this block; all zero between blocks */
    uint32_t *code_of; /* stable number -> number within the block, where seen */
    uint32_t n_blocks;
    seg_iblock blocks[SEG_MAX_BLOCKS];
    strbuf bytes;
    /* of the block at hand */
    uint32_t n_members;
    uint32_t members[SEG_BLOCK_ROWS]; /* stable numbers, ascending */
    uint32_t codes[SEG_BLOCK_ROWS];   /* stable number, then code, of each row */
    uint32_t count[SEG_BLOCK_ROWS], runs[SEG_BLOCK_ROWS], start[SEG_BLOCK_ROWS + 1]; /* of each code */
    uint16_t rows[SEG_BLOCK_ROWS]; /* row numbers, code by code */
};

pt_status index_builder_new(const seg_index_spec *spec, index_builder **out, pt_err *err)
{
    index_builder *b = *out = mem_alloc(1, sizeof *b);
    if (!b) return pt_fail(err, PT_NOMEM, "out of memory while indexing a segment");
    b->spec = *spec;
    b->seen = mem_alloc((size_t)spec->view->n_stable + 8, 1); /* read in words of 8 */
    b->code_of = mem_alloc(spec->view->n_stable, sizeof *b->code_of);
    if (b->seen && b->code_of) return PT_OK;
    index_builder_free(b);
    *out = NULL;
    return pt_fail(err, PT_NOMEM, "out of memory while indexing a segment");
}

void index_builder_free(index_builder *b)
{
    if (!b) return;
    mem_free(b->seen);
    mem_free(b->code_of);
    strbuf_free(&b->bytes);
    mem_free(b);
}

const seg_index_spec *index_builder_spec(const index_builder *b)
{
    return &b->spec;
}

uint32_t index_builder_blocks(const index_builder *b, const seg_iblock **blocks, const uint8_t **bytes,
                              uint64_t *n_bytes)
{
    *blocks = b->blocks;
    *bytes = (const uint8_t *)b->bytes.ptr;
    *n_bytes = b->bytes.len;
    return b->is_given_up ? 0 : b->n_blocks;
}

/* ---- one block ----------------------------------------------------- */

/* Level members of the rows, numbered in order. */
static void number_members(index_builder *b, const uint32_t *ids, uint32_t n)
{
    const level_view *v = b->spec.view;
    uint32_t lowest = UINT32_MAX, highest = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t s = b->codes[i] = v->stable[v->of_member[ids[i]]];
        b->seen[s] = 1;
        lowest = s < lowest ? s : lowest;
        highest = s > highest ? s : highest;
    }
    b->n_members = 0;
    for (uint64_t at = lowest / 8 * 8; at <= highest; at += 8) {
        for (uint64_t word = load_u64(b->seen + at); word; word &= word - 1) {
            uint32_t s = (uint32_t)at + (uint32_t)__builtin_ctzll(word) / 8;
            b->code_of[s] = b->n_members;
            b->members[b->n_members++] = s;
        }
        store_u64(b->seen + at, 0);
    }
}

static void count_rows(index_builder *b, uint32_t n)
{
    memset(b->count, 0, b->n_members * sizeof *b->count);
    memset(b->runs, 0, b->n_members * sizeof *b->runs);
    uint32_t before = UINT32_MAX;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t code = b->codes[i] = b->code_of[b->codes[i]];
        b->count[code]++;
        b->runs[code] += code != before;
        before = code;
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
    return seg_align((uint64_t)b->n_members * 8) + (uint64_t)pack_width(b->n_members - 1) * seg_words(n) * 8;
}

/* Row numbers, code by code. */
static void group_rows(index_builder *b, uint32_t n)
{
    uint32_t sum = 0;
    for (uint32_t m = 0; m < b->n_members; m++) {
        b->start[m] = sum;
        sum += b->count[m];
    }
    for (uint32_t i = 0; i < n; i++) b->rows[b->start[b->codes[i]]++] = (uint16_t)i;
    for (uint32_t m = 0; m < b->n_members; m++) b->start[m] -= b->count[m];
}

static void write_sets(index_builder *b, uint32_t n, uint8_t *out)
{
    uint8_t *ends = out + (size_t)b->n_members * 4, *sets = ends + (size_t)b->n_members * 8 + 8;
    uint32_t end = 0;
    group_rows(b, n);
    memcpy(out, b->members, (size_t)b->n_members * 4);
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

/* Planes first .. first + 7 of eight rows are one byte each. */
static void write_eight_planes(const uint32_t *codes, uint32_t n, unsigned first, unsigned n_planes,
                               uint8_t *out)
{
    size_t plane_bytes = (size_t)seg_words(n) * 8;
    for (uint32_t at = 0; at < n; at += 8) {
        uint32_t some = n - at < 8 ? n - at : 8;
        uint64_t x = 0;
        for (uint32_t i = 0; i < some; i++) x |= (uint64_t)(codes[at + i] >> first & 0xff) << (8 * i);
        x = transpose8(x);
        for (unsigned p = first; p < n_planes && p < first + 8; p++, x >>= 8)
            out[p * plane_bytes + at / 8] = (uint8_t)x;
    }
}

static void write_planes(const index_builder *b, uint32_t n, unsigned n_planes, uint8_t *out)
{
    memcpy(out, b->members, (size_t)b->n_members * 4);
    memcpy(out + (size_t)b->n_members * 4, b->count, (size_t)b->n_members * 4);
    out += seg_align((uint64_t)b->n_members * 8);
    for (unsigned p = 0; p < n_planes; p += 8) write_eight_planes(b->codes, n, p, n_planes, out);
}

static void give_up(index_builder *b)
{
    b->is_given_up = true;
    strbuf_free(&b->bytes);
    b->bytes = (strbuf){0};
}

pt_status index_builder_add(index_builder *b, const uint32_t *ids, uint32_t n_rows, uint64_t max_bytes,
                            pt_err *err)
{
    if (b->is_given_up || NEVER(b->n_blocks == SEG_MAX_BLOCKS)) return PT_OK;
    number_members(b, ids, n_rows);
    if (b->bytes.len + (uint64_t)b->n_members * 8 > max_bytes) { /* either form takes more */
        give_up(b);
        return PT_OK;
    }
    count_rows(b, n_rows);
    uint64_t sets = sets_bytes(b, n_rows), planes = planes_bytes(b, n_rows);
    uint64_t size = sets <= planes ? sets : planes, at = b->bytes.len;
    if (at + size > max_bytes) {
        give_up(b);
        return PT_OK;
    }
    if (!strbuf_reserve(&b->bytes, seg_align(size)))
        return pt_fail(err, PT_NOMEM, "out of memory while indexing a segment");
    uint8_t *out = (uint8_t *)b->bytes.ptr + at;
    memset(out, 0, seg_align(size));
    b->bytes.len += seg_align(size);
    seg_iblock *x = &b->blocks[b->n_blocks++];
    *x = (seg_iblock){.offset = at, .size = (uint32_t)size, .n_members = b->n_members};
    x->form = sets <= planes ? INDEX_SETS : INDEX_PLANES;
    if (x->form == INDEX_SETS) {
        write_sets(b, n_rows, out);
    } else {
        x->n_planes = (uint8_t)pack_width(b->n_members - 1);
        write_planes(b, n_rows, x->n_planes, out);
    }
    x->checksum = hash_bytes(out, size);
    return PT_OK;
}
