/* segment.h - immutable files of fact rows: blocks of 65,536 rows, columns encoded block by block, zone maps,
 * bitmap indexes, checksums. Byte layout: docs/format.md.
 *
 * A segment is thread-safe to read. Rows are numbered 0..n-1 within the segment. */
#pragma once

#include "base/kernel/kern.h"
#include "storage/members.h"

enum { SEG_BLOCK_ROWS = 65536, SEG_BLOCK_WORDS = SEG_BLOCK_ROWS / 64, SEG_MAX_ROWS = 1 << 24 };

typedef enum seg_kind {
    SEG_ID = 1,     /* member ids of a role, uint32_t, never null */
    SEG_INT = 2,    /* int64_t: integers, scaled decimals, dates, booleans */
    SEG_DOUBLE = 3, /* double */
} seg_kind;

typedef struct seg_column {
    pt_str name; /* role name, or fact column name; unique together with whether it is a SEG_ID */
    seg_kind kind;
    uint8_t scale; /* SEG_INT of a decimal */
} seg_column;

/* ---- writing ----------------------------------------------------------- */

/* Ask for a bitmap index, level member -> rows, of one level of the dimension behind an id column. Levels of
 * one hierarchy follow each other, top first. */
typedef struct seg_index_spec {
    uint32_t column;
    pt_str hierarchy;
    uint32_t level;
    const level_view *view; /* of the version that is published with the segment */
} seg_index_spec;

typedef struct seg_batch { /* one per column, rows of one append */
    const uint32_t *ids;   /* SEG_ID */
    const int64_t *ints;   /* SEG_INT */
    const double *doubles; /* SEG_DOUBLE */
    const uint8_t *nulls;  /* a byte per row, 1 = null; NULL: no nulls */
} seg_batch;

typedef struct seg_writer seg_writer;

PT_MUST_USE pt_status seg_writer_new(const seg_column *cols, uint32_t n_cols, seg_writer **out, pt_err *err);
void seg_writer_free(seg_writer *w);
uint32_t seg_writer_rows(const seg_writer *w);
/* Memory of the rows appended. */
uint64_t seg_writer_bytes(const seg_writer *w);
/* The highest id in an id column; 0 without rows. */
uint32_t seg_writer_max_id(const seg_writer *w, uint32_t col);
/* At most SEG_MAX_ROWS in all (PT_LIMIT). Values are copied. Ids must be below the length of every array that
 * finishing looks them up in: the rank arrays, and of_member of the indexed levels. */
PT_MUST_USE pt_status seg_writer_append(seg_writer *w, uint32_t n_rows, const seg_batch *cols, pt_err *err);
/* Sort rows by the given id columns (each through its rank array, `rank_of[i]` may be NULL: by id; `rank_of`
 * may be NULL), as far as 64 bits hold their ranks besides the number of the row; rows that are equal in
 * these stay in order. Encode, index, write, fsync. Of each hierarchy the lowest level is indexed that pays
 * (at most two bytes a row: some thousand members where they are spread evenly), if any. On failure there is
 * no file. Once per writer. */
PT_MUST_USE pt_status seg_writer_finish(seg_writer *w, const char *path, const uint32_t *sort_cols,
                                        const uint32_t *const *rank_of, uint32_t n_sort,
                                        const seg_index_spec *indexes, uint32_t n_indexes, uint64_t version,
                                        pt_err *err);

/* ---- reading ----------------------------------------------------------- */

typedef struct seg seg;

PT_MUST_USE pt_status seg_open(const char *path, seg **out, pt_err *err); /* PT_IO, PT_CORRUPT, PT_VERSION */
void seg_get(seg *s);
void seg_put(seg *s);
PT_MUST_USE pt_status seg_check(const seg *s, pt_err *err); /* every checksum, every block decoded */

uint32_t seg_rows(const seg *s);
uint32_t seg_blocks(const seg *s);
uint32_t seg_block_rows(const seg *s, uint32_t block); /* SEG_BLOCK_ROWS but for the last */
uint64_t seg_version(const seg *s);                    /* catalog version that published it */
uint64_t seg_bytes(const seg *s);
uint32_t seg_n_columns(const seg *s);
const seg_column *seg_column_at(const seg *s, uint32_t col);
/* Column number, or -1 (a measure added later: all null). */
int seg_find(const seg *s, pt_str name, bool is_id);

/* Values that are read lie within their zone, whatever the file holds (else PT_CORRUPT). So who found max
 * below the length of an array may index it by the ids of the block. */
typedef struct seg_zone {
    int64_t min, max; /* of non-null values; ids as numbers; doubles: undefined; 0 if all are null */
    uint32_t n_nulls;
} seg_zone;
seg_zone seg_zone_of(const seg *s, uint32_t col, uint32_t block);
/* Whether a block of a column must be freed of LZ4 before any of its rows can be read. */
bool seg_is_squeezed(const seg *s, uint32_t col, uint32_t block);

/* Decode one block into `out` (room for SEG_BLOCK_ROWS); the block checksum is verified the first time.
 * Null rows read as 0. */
PT_MUST_USE pt_status seg_read_ids(const seg *s, uint32_t col, uint32_t block, uint32_t *out, pt_err *err);
PT_MUST_USE pt_status seg_read_ints(const seg *s, uint32_t col, uint32_t block, int64_t *out, pt_err *err);
PT_MUST_USE pt_status seg_read_doubles(const seg *s, uint32_t col, uint32_t block, double *out, pt_err *err);
/* Bits of null rows, SEG_BLOCK_WORDS words; *any false (and `bits` untouched) when the block has none. */
PT_MUST_USE pt_status seg_read_nulls(const seg *s, uint32_t col, uint32_t block, uint64_t *bits, bool *any,
                                     pt_err *err);

/* One column of one block, opened to read some of its rows: where the encoding allows it, only those are
 * touched. Not thread-safe; the same one is opened again for each block. Start from zeros. */
typedef struct seg_values {
    uint32_t n_rows;
    bool any_null;
    uint64_t *nulls; /* [SEG_BLOCK_WORDS] bits of null rows, if any_null */
    /* private */
    const seg *seg;
    const uint8_t *raw;
    int64_t base;
    uint8_t encoding, width;
    bool is_id, is_decoded;
    void *decoded;                         /* [SEG_BLOCK_ROWS] of the column's width: the block, or a part */
    uint8_t *unsqueezed;                   /* the encoded block, without LZ4 */
    uint64_t *dict;                        /* the values by code */
    uint32_t n_runs, run, run_at, run_end; /* a run, the rows [run_at, run_end) that it covers, */
    uint64_t run_value;                    /* and its value; */
    uint32_t again, again_at;              /* the run with which what was read last began */
} seg_values;
PT_MUST_USE pt_status seg_values_open(seg_values *v, const seg *s, uint32_t col, uint32_t block, pt_err *err);
void seg_values_close(seg_values *v);
/* The values of n rows: rows[0..n-1], ascending; or, if rows is NULL, first .. first + n - 1, where `first`
 * is a multiple of 64. n is at most SEG_PART_ROWS. Null rows read as 0. Doubles are read as their 64 bits. */
enum { SEG_PART_ROWS = 4096 };
void seg_values_ids(seg_values *v, const uint32_t *rows, uint32_t first, uint32_t n, uint32_t *out);
void seg_values_words(seg_values *v, const uint32_t *rows, uint32_t first, uint32_t n, uint64_t *out);
/* Where the values of n rows from `first` (a multiple of 64) on lie, to be asked for before they are read;
 * nothing where that is not known. Rows behind the last have none. */
kern_soon seg_values_soon(const seg_values *v, uint32_t first, uint32_t n);
/* The smallest and largest id of the rows from `first` to `last`, where they are stored as long runs, as
 * those of sorted columns are. False: not known. */
bool seg_values_between(seg_values *v, uint32_t first, uint32_t last, uint32_t *min, uint32_t *max);

/* The bitmap index of a hierarchy at `level` or a lower level: what members of `level` have is what their
 * descendants have. NULL if the segment has none, or it is older than the last move at its level (epoch >
 * seg_version). */
typedef struct seg_index seg_index;
const seg_index *seg_index_find(const seg *s, uint32_t col, pt_str hierarchy, const hier_view *h,
                                uint32_t level);
uint32_t seg_index_level(const seg_index *x);

/* The rows of some members of an indexed level in one block, prepared to be met with other sets of rows. Not
 * thread-safe. */
typedef struct seg_mask seg_mask;
typedef enum seg_mask_kind {
    MASK_NONE,   /* no row of the block */
    MASK_SOME,   /* to be found by seg_mask_and */
    MASK_ALL,    /* every row */
    MASK_COSTLY, /* members so scattered that to look at each row's is faster */
} seg_mask_kind;
PT_MUST_USE pt_status seg_mask_new(seg_mask **out, pt_err *err);
void seg_mask_free(seg_mask *m); /* may be NULL */
/* Take the members whose byte is not 0, by stable number below n_wanted; others are not wanted. While the
 * same array is given for block after block, it must not change. PT_CORRUPT. */
PT_MUST_USE pt_status seg_mask_set(seg_mask *m, const seg_index *x, uint32_t block, const uint8_t *wanted,
                                   uint32_t n_wanted, pt_err *err);
seg_mask_kind seg_mask_is(const seg_mask *m);
uint32_t seg_mask_cost(const seg_mask *m); /* bitmaps to look at */
/* Of MASK_SOME: take the rows of other members out of `bits`, n_words words from word `first` of the block
 * on. 0 if no row is left. */
uint64_t seg_mask_and(seg_mask *m, uint64_t *bits, uint32_t first, uint32_t n_words);

/* A number for each row of a block from its level member, where an index holds the members as bit planes.
 * These are read, not the ids of the column. Not thread-safe. */
typedef struct seg_codes seg_codes;
PT_MUST_USE pt_status seg_codes_new(seg_codes **out, pt_err *err);
void seg_codes_free(seg_codes *c); /* may be NULL */
/* Take the numbers of members by their stable number; those from n_numbers on have 0, and rows of those with
 * SEG_NO_NUMBER are not asked for. *has_codes false: the block's members are held in another form. While the
 * same array is given for block after block, it must not change. PT_CORRUPT. */
#define SEG_NO_NUMBER UINT32_MAX
PT_MUST_USE pt_status seg_codes_set(seg_codes *c, const seg_index *x, uint32_t block, const uint32_t *numbers,
                                    uint32_t n_numbers, bool *has_codes, pt_err *err);
/* Add the numbers of n rows to `out`; rows as for seg_values_ids. */
void seg_codes_add(seg_codes *c, const uint32_t *rows, uint32_t first, uint32_t n, uint32_t *out);
/* For so many rows of a block like the last, is it worth while beside looking up ids of a large dimension? */
bool seg_codes_pay(const seg_codes *c, uint32_t n_rows);
