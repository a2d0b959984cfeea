/* seg_int.h - what the files of a segment share among themselves: the encoder, the index builder, the open
 * file. */
#pragma once

#include <stdatomic.h>

#include "base/fs.h"
#include "base/kernel/kern.h"
#include "storage/seg_format.h"

/* ---- writing ----------------------------------------------------------- */

/* Rows as they were appended. */
typedef struct seg_data {
    void *values;   /* uint32_t, int64_t or double */
    uint8_t *nulls; /* a byte per row; NULL: none */
} seg_data;

typedef struct seg_table {
    uint32_t n_columns, n_rows;
    seg_column *columns;
    seg_data *data;
} seg_table;

/* Write and sync the file of a table in the order of perm. */
PT_MUST_USE pt_status seg_write(const seg_table *t, const char *path, const uint32_t *perm,
                                const seg_index_spec *indexes, uint32_t n_indexes, uint64_t version,
                                pt_err *err);

/* Scratch memory to encode one chunk at a time. */
typedef struct seg_encoder seg_encoder;
seg_encoder *seg_encoder_new(void); /* NULL: out of memory */
void seg_encoder_free(seg_encoder *e);
/* Encode n values (1..SEG_BLOCK_ROWS; doubles as their bit patterns) and their nulls (a byte each, or NULL).
 * `values` is changed: null rows take a neighbour's value. Fills *chunk except for the offset; the
 * chunk_stored() bytes are borrowed until the next call. */
const uint8_t *seg_encode(seg_encoder *e, seg_kind kind, int64_t *values, const uint8_t *nulls, uint32_t n,
                          seg_chunk *chunk);

/* The order of rows by several columns: perm[i] is the row that comes i-th. Equal rows keep their order. */
typedef struct seg_sort_key {
    const uint32_t *ids;     /* one per row */
    const uint32_t *rank_of; /* id -> rank, or NULL: the id itself */
} seg_sort_key;
PT_MUST_USE pt_status seg_sort(const seg_sort_key *keys, uint32_t n_keys, uint32_t n_rows, uint32_t *perm,
                               pt_err *err);

/* The index of one hierarchy in the making: blocks are added in order, each with the ids of its rows. `specs`
 * are its levels, top first; they must stay valid. */
typedef struct index_builder index_builder;
PT_MUST_USE pt_status index_builder_new(const seg_index_spec *specs, uint32_t n_specs, index_builder **out,
                                        pt_err *err);
void index_builder_free(index_builder *b);
/* An index that does not pay is given up: it then takes no more blocks and has none. */
PT_MUST_USE pt_status index_builder_add(index_builder *b, const uint32_t *ids, uint32_t n_rows, pt_err *err);
const seg_index_spec *index_builder_spec(const index_builder *b); /* of the level that was chosen */
/* The finished blocks (offsets count from *bytes, which starts at a multiple of 64), 0 if given up. Borrowed.
 */
uint32_t index_builder_blocks(const index_builder *b, const seg_iblock **blocks, const uint8_t **bytes,
                              uint64_t *n_bytes);

/* ---- reading ----------------------------------------------------------- */

struct seg_index {
    const seg *seg;
    uint32_t column, level;
    pt_str hierarchy;
    seg_iblock *blocks;     /* one per block of the segment */
    _Atomic uint64_t *sums; /* one per block: 0 until checksum and directory were found good */
};

struct seg {
    atomic_uint refs;
    file_map map;
    uint8_t *image; /* what map points to, when it is memory of our own */
    const kern_ops *kern;
    arena *mem; /* everything below */
    char *path;
    uint64_t version;
    uint32_t n_rows, n_blocks, n_columns, n_indexes;
    seg_column *columns;
    seg_chunk *chunks;      /* [n_columns * n_blocks] */
    atomic_uchar *verified; /* the same: 1 once checksum and values were found good */
    seg_index *indexes;
};

/* A segment of bytes in memory, which are taken over in any case. */
PT_MUST_USE pt_status seg_of_image(uint8_t *image, size_t size, seg **out, pt_err *err);
static inline const seg_chunk *seg_chunk_at(const seg *s, uint32_t col, uint32_t block)
{
    return s->chunks + (size_t)col * s->n_blocks + block;
}
/* Where the values of a chunk lie, as stored. */
static inline const uint8_t *chunk_values(const seg *s, const seg_chunk *c)
{
    return s->map.ptr + c->offset + seg_align(c->null_bytes);
}
static inline bool chunk_is_verified(const seg *s, const seg_chunk *c)
{
    return atomic_load_explicit(&s->verified[c - s->chunks], memory_order_acquire) != 0;
}
/* The values as they are encoded, of a chunk that LZ4 made smaller. out: [c->raw_size] */
PT_MUST_USE pt_status chunk_unsqueeze(const seg *s, const seg_chunk *c, uint32_t block, uint8_t *out,
                                      pt_err *err);
/* Decode into the array of the column's width, the other NULL; verify the first time. Null rows have a
 * neighbour's value. */
PT_MUST_USE pt_status chunk_decode(const seg *s, uint32_t col, uint32_t block, uint32_t *ids, int64_t *ints,
                                   pt_err *err);
/* The stored null set, or all rows. */
PT_MUST_USE pt_status chunk_or_nulls(const seg *s, const seg_chunk *c, uint32_t block, uint64_t *bits,
                                     pt_err *err);
PT_MUST_USE pt_status seg_damaged(const seg *s, pt_err *err, const char *what, uint32_t block);
/* ---- index blocks ---- */

/* Verify a block of an index before its first use; PT_CORRUPT. */
PT_MUST_USE pt_status index_verify(const seg_index *x, uint32_t block, pt_err *err);
static inline const uint8_t *index_bytes(const seg_index *x, uint32_t block)
{
    return x->seg->map.ptr + x->blocks[block].offset;
}
/* The sum of the members that a verified block lists, and of their codes: blocks with the same one list the
 * same. */
static inline uint64_t index_list_sum(const seg_index *x, uint32_t block)
{
    return atomic_load_explicit(&x->sums[block], memory_order_acquire);
}
/* Stable number, and code where the form has planes, of the i-th member of a verified block. */
static inline uint32_t index_member(const seg_index *x, uint32_t block, uint32_t i)
{
    return load_u32(index_bytes(x, block) + (size_t)i * 4);
}
static inline uint32_t index_code(const seg_index *x, uint32_t block, uint32_t i)
{
    const seg_iblock *b = &x->blocks[block];
    if (b->form == INDEX_PLANES) return i;
    return load_u16(index_bytes(x, block) + (size_t)b->n_members * 4 + (size_t)i * 2);
}
/* OR the set of the i-th member of a block in form INDEX_SETS; false if it is damaged. */
bool index_or_set(const seg_index *x, uint32_t block, uint32_t i, uint64_t *bits);
/* Read one index block through all its sets; PT_CORRUPT. For seg_check. */
PT_MUST_USE pt_status seg_index_check(const seg_index *x, uint32_t block, pt_err *err);
