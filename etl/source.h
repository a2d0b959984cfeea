/* source.h - an information source: something rows can be read from. Two users: directories of delimited
 * files (source_csv.c) and SQLite databases (source_sqlite.c). A new kind is one more source_type in
 * source.c's table.
 *
 * A source has tables (a file, a pattern of file names, a table of a database). A table has parts, which are
 * loaded as one and recognised again: one file of a pattern, or the whole table of a database. A part is read
 * by a reader as a row of chunks; chunks are filled in order by one thread and split into rows by any, one
 * thread each.
 *
 * All fields are text as in the source; databases give typed values as text, dates in ISO form. */
#pragma once

#include "base/limits.h"
#include "etl/csv.h"
#include "lang/ast.h"

typedef struct source source;
typedef struct source_reader source_reader;
typedef struct source_chunk source_chunk;

/* What tells that a part has changed without reading it; all zero: unknown. */
typedef struct source_stamp {
    int64_t size_bytes, modified_ns, changed_ns;
    uint64_t inode;
} source_stamp;

typedef struct source_part {
    pt_str name; /* relative file name, or table name */
    source_stamp stamp;
} source_part;

typedef struct source_row {
    uint32_t n_fields;
    const pt_str *fields; /* borrowed until the chunk is filled again; ptr NULL: null */
    uint64_t line;        /* where the row starts, from 1 (files: physical line; databases: row number) */
} source_row;

/* ---- definitions ------------------------------------------------------- */

/* Type and options are known and fit. PT_NAME, PT_USAGE with the place of the option. */
PT_MUST_USE pt_status source_check(const ast_source *def, pt_err *err);
/* Rewrite options that are paths to absolute ones; relative paths count from base_dir. */
PT_MUST_USE pt_status source_resolve(ast_source *def, pt_str base_dir, arena *a, pt_err *err);

/* ---- tables and parts -------------------------------------------------- */

/* def is borrowed for the life of the source. Everything that is read through one source of a database comes
 * from one state of it. PT_IO if it is not there. */
PT_MUST_USE pt_status source_open(const ast_source *def, source **out, pt_err *err);
void source_close(source *s); /* NULL is fine */
/* The parts of a table that exist now, in order of name; none is no error. PT_IO. */
PT_MUST_USE pt_status source_parts(source *s, pt_str table, arena *a, source_part **parts, uint32_t *n,
                                   pt_err *err);
/* The failure of a table without parts, with the nearest name: returns PT_IO. */
pt_status source_fail_missing(source *s, pt_str table, pt_err *err);
/* SHA-256 of the content of a part. */
PT_MUST_USE pt_status source_digest(source *s, const source_part *part, uint8_t out[32], pt_err *err);
/* Does a changed part add to what it brought before (option changed 'append')? Otherwise it replaces that. */
bool source_appends(const source *s);
/* Is only what is new read, by a rising column (option track)? */
bool source_is_tracked(const source *s);

/* Is everything that can be read complete, as in a database? */
bool source_is_transactional(const source *s);
/* Was the part left alone for so long that whoever wrote it is done? */
bool source_part_is_settled(const source_part *part, int64_t settle_ns);

/* ---- rows -------------------------------------------------------------- */

/* Begin to read a part. after: the mark of an earlier reader of a tracked source, to read what came since;
 * empty: all. PT_DATA if the part changed since source_parts. */
PT_MUST_USE pt_status source_read(source *s, const source_part *part, pt_str after, source_reader **out,
                                  pt_err *err);
void source_reader_close(source_reader *r); /* NULL is fine */
/* Names from the header; c1, c2, ... without one. Borrowed from the reader. */
uint32_t source_n_columns(const source_reader *r);
pt_str source_column(const source_reader *r, uint32_t i);
/* Bytes of the part consumed so far, in the unit of source_stamp.size_bytes; 0 if unknown. */
uint64_t source_position(const source_reader *r);
/* After the end: PT_DATA if the part changed while it was read. */
PT_MUST_USE pt_status source_finish(source_reader *r, pt_err *err);
/* After the end, tracked sources: where to go on next time; and whether any row was new. Borrowed from the
 * reader. */
pt_str source_mark(const source_reader *r, bool *is_new);

source_chunk *source_chunk_new(const source_reader *r); /* NULL: out of memory */
void source_chunk_free(source_chunk *c);                /* NULL is fine */
/* Fill the chunk with the next rows; *done when there are none. May be slow: it reads. */
PT_MUST_USE pt_status source_fill(source_reader *r, source_chunk *c, bool *done, pt_err *err);
/* The next row of a chunk. PT_DATA: this row is malformed (row->line and what could be made of its fields are
 * set), and the next call goes on behind it. */
PT_MUST_USE pt_status source_next(source_chunk *c, source_row *row, bool *done, pt_err *err);

/* Many rows of a delimited file at once, as they stand there. A field that starts with `quote` (0: none) is
 * in quotes; any other that equals the null marker is null. */
typedef struct source_block {
    csv_block rows;
    char quote;
    pt_str null_marker;
} source_block;

/* The next rows of a chunk, as long as they are plain enough; false: the next one is not (or this kind of
 * source has none like that), ask source_next. Borrowed until the next call for the chunk. */
bool source_next_block(source_chunk *c, source_block *out);
/* Like source_next, for a row of the last block; once for each row. */
PT_MUST_USE pt_status source_block_row(source_chunk *c, const source_block *b, uint32_t row, source_row *out,
                                       pt_err *err);
