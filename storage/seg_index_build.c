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
    uint64_t *seen;    /* a bit per stable number: occurs in this block; all zero between blocks */
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
    b->seen = mem_alloc((size_t)spec->view->n_stable / 64 + 1, sizeof *b->seen);
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
        uint32_t s = v->stable[v->of_member[ids[i]]];
        b->codes[i] = s;
        b->seen[s / 64] |= 1ull << (s % 64);
        lowest = s < lowest ? s : lowest;
        highest = s > highest ? s : highest;
    }
    b->n_members = 0;
    for (uint32_t w = lowest / 64; w <= highest / 64; w++) {
        for (uint64_t word = b->seen[w]; word; word &= word - 1) {
            uint32_t s = w * 64 + (uint32_t)__builtin_ctzll(word);
            b->code_of[s] = b->n_members;
            b->members[b->n_members++] = s;
        }
        b->seen[w] = 0;
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

static void write_planes(const index_builder *b, uint32_t n, unsigned n_planes, uint8_t *out)
{
    memcpy(out, b->members, (size_t)b->n_members * 4);
    memcpy(out + (size_t)b->n_members * 4, b->count, (size_t)b->n_members * 4);
    out += seg_align((uint64_t)b->n_members * 8);
    for (unsigned p = 0; p < n_planes; p++)
        for (uint32_t w = 0; w < seg_words(n); w++) {
            uint64_t word = 0;
            uint32_t from = w * 64, some = n - from < 64 ? n - from : 64;
            for (uint32_t i = 0; i < some; i++) word |= (uint64_t)(b->codes[from + i] >> p & 1) << i;
            store_u64(out, word);
            out += 8;
        }
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
