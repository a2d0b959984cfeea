/* seg_format.h - the byte layout of a segment file, as docs/format.md tells it. All numbers little-endian.
 *
 * header (64 bytes) | sections, each at a multiple of 64 | footer
 * footer: columns | chunks (column by column, block by block) | indexes | index blocks | names
 *
 * The records are read and written field by field at the offsets given here. */
#pragma once

#include "storage/bytes.h"
#include "storage/segment.h"

#define SEG_MAGIC "PTSEGMNT"

enum {
    SEG_FORMAT = 2, /* written; 1 is read as well: it has no INDEX_CODES */
    SEG_ALIGN = 64,
    SEG_MAX_COLUMNS = 4096,
    SEG_MAX_INDEXES = 65536,
    SEG_MAX_NAME = 4096, /* bytes of a column or hierarchy name */
    SEG_MAX_BLOCKS = SEG_MAX_ROWS / SEG_BLOCK_ROWS,
    DICT_MAX_BITS = 12, /* a dictionary fits the first-level cache */

    /* header */
    HEAD_BYTES = 64,
    HEAD_FORMAT = 8,        /* u32 */
    HEAD_ROWS = 12,         /* u32 */
    HEAD_COLUMNS = 16,      /* u32 */
    HEAD_INDEXES = 20,      /* u32 */
    HEAD_VERSION = 24,      /* u64 catalog version */
    HEAD_FOOTER = 32,       /* u64 offset */
    HEAD_FOOTER_BYTES = 40, /* u64 */
    HEAD_FOOTER_SUM = 48,   /* u64 XXH3 of the footer */
    HEAD_SUM = 56,          /* u64 XXH3 of the 56 bytes before */

    /* column record */
    COL_BYTES = 16,
    COL_NAME = 0,     /* u32 offset into the names */
    COL_NAME_LEN = 4, /* u32 */
    COL_KIND = 8,     /* u8 seg_kind */
    COL_SCALE = 9,    /* u8; six zero bytes follow */

    /* chunk record: one column within one block */
    CHUNK_BYTES = 64,
    CHUNK_OFFSET = 0,      /* u64 of the null set, or of the values if there is none */
    CHUNK_SIZE = 8,        /* u32 bytes of values as stored */
    CHUNK_RAW_SIZE = 12,   /* u32 bytes of values before LZ4 */
    CHUNK_MIN = 16,        /* i64; of doubles the bit pattern that packed values are relative to */
    CHUNK_MAX = 24,        /* i64 */
    CHUNK_SUM = 32,        /* u64 XXH3 of all stored bytes */
    CHUNK_NULLS = 40,      /* u32 null rows */
    CHUNK_NULL_BYTES = 44, /* u32 bytes of the null set; values start at the next multiple of 64 */
    CHUNK_ENCODING = 48,   /* u8 seg_encoding */
    CHUNK_WIDTH = 49,      /* u8 ENC_PACKED, ENC_DICT: bits a value; ENC_RUNS: bytes a value */
    CHUNK_LZ4 = 50,        /* u8 1: values are one LZ4 block */
    CHUNK_NULL_FORM = 51,  /* u8 rows_form; twelve zero bytes follow */

    /* index record */
    INDEX_BYTES = 16,
    INDEX_COLUMN = 0,    /* u32 */
    INDEX_LEVEL = 4,     /* u32 */
    INDEX_NAME = 8,      /* u32 offset of the hierarchy's name */
    INDEX_NAME_LEN = 12, /* u32 */

    /* index block record */
    IBLOCK_BYTES = 32,
    IBLOCK_OFFSET = 0,   /* u64 */
    IBLOCK_SIZE = 8,     /* u32 */
    IBLOCK_MEMBERS = 12, /* u32 level members that occur in the block */
    IBLOCK_SUM = 16,     /* u64 XXH3 */
    IBLOCK_FORM = 24,    /* u8 index_form */
    IBLOCK_PLANES = 25,  /* u8 bit planes; six zero bytes follow */
};

_Static_assert(CHUNK_NULL_FORM + 1 + 12 == CHUNK_BYTES, "docs/format.md, chunk record");
_Static_assert(HEAD_SUM + 8 == HEAD_BYTES, "docs/format.md, segment header");
_Static_assert(COL_SCALE + 1 + 6 == COL_BYTES, "docs/format.md, column record");
_Static_assert(INDEX_NAME_LEN + 4 == INDEX_BYTES, "docs/format.md, index record");
_Static_assert(IBLOCK_PLANES + 1 + 6 == IBLOCK_BYTES, "docs/format.md, index block record");

typedef enum seg_encoding {
    ENC_CONST = 0,  /* no bytes: every value is min */
    ENC_PACKED = 1, /* value - min in `width` bits (seg_pack.h) */
    ENC_RUNS = 2,   /* u16 length - 1 of each run, then value - min of each run in `width` bytes */
    ENC_PLAIN = 3,  /* ids: uint32_t each; others: 8 bytes each */
    ENC_DICT = 4, /* not for ids: the different values, 8 bytes each, ascending; then their numbers, packed in
                     `width` bits */
} seg_encoding;

/* How a set of row numbers within a block is stored (seg_rows.h). */
typedef enum rows_form {
    ROWS_ARRAY = 0,  /* u16 each, ascending */
    ROWS_RUNS = 1,   /* u16 first, u16 length - 1 of each run, ascending, runs do not touch */
    ROWS_BITMAP = 2, /* a bit per row of the block, rounded up to 8 bytes */
} rows_form;

/* How an index block tells the rows of level members; all begin with the u32 stable numbers, ascending. */
typedef enum index_form {
    INDEX_SETS = 0,   /* n + 1 times u32 end of the set, u32 count | form << 30; then the row sets */
    INDEX_PLANES = 1, /* format 1: n times u32 count; from the next multiple of 64 on, `planes` bitmaps: bit p
                         of the place in the list of the row's member */
    INDEX_CODES = 2,  /* n times u16 code; from the next multiple of 64 on, `planes` bitmaps: bit p of the
                         code of the row's member */
    INDEX_MAX_PLANES = 16,
} index_form;

typedef struct seg_chunk {
    uint64_t offset, checksum;
    int64_t min, max;
    uint32_t size, raw_size, n_nulls, null_bytes;
    uint8_t encoding, width, lz4, null_form;
} seg_chunk;

typedef struct seg_iblock {
    uint64_t offset, checksum;
    uint32_t size, n_members;
    uint8_t form, n_planes;
} seg_iblock;

static inline uint64_t seg_align(uint64_t n)
{
    return (n + SEG_ALIGN - 1) & ~(uint64_t)(SEG_ALIGN - 1);
}
static inline uint32_t seg_words(uint32_t n_rows)
{
    return (n_rows + 63) / 64;
}
/* Bytes before the planes of an index block that has some. */
static inline uint64_t index_list_bytes(const seg_iblock *b)
{
    return seg_align((uint64_t)b->n_members * (b->form == INDEX_PLANES ? 8 : 6));
}
/* Bytes of a chunk as stored. */
static inline uint64_t chunk_stored(const seg_chunk *c)
{
    return c->null_bytes ? seg_align(c->null_bytes) + c->size : c->size;
}
/* Bytes of one plain value. */
static inline uint32_t seg_value_bytes(seg_kind kind)
{
    return kind == SEG_ID ? 4 : 8;
}
