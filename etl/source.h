/* source.h - an information source: something rows can be read from. Two users: CSV directories (source_csv.c) and
 * SQLite databases (source_sqlite.c). A new kind is one more source_ops in source.c's table. */
#pragma once

#include "base/limits.h"
#include "lang/ast.h"

typedef struct source source;

/* Rows of one table, read one after the other. Fields are text as in the source; SQL sources give typed values as text
 * in ISO form. */
typedef struct source_row {
    uint32_t n_fields;
    const pt_str *fields;      /* borrowed until the next call; ptr NULL: null */
    uint64_t line;             /* where the row starts, from 1 (CSV: physical line; SQL: row number) */
    pt_str file;               /* file name (or table) relative to the source, for messages; borrowed */
} source_row;

typedef struct source_reader source_reader;

/* A part of a table that is loaded as one and recognised again: one file of a pattern, one table version. */
typedef struct source_part {
    pt_str name;        /* relative file name, or table name */
    uint8_t digest[32]; /* SHA-256 of its content (or of what identifies the increment) */
    uint64_t size_bytes;
} source_part;

/* source_open: check options, resolve relative directories against base_dir. PT_USAGE for unknown options. */
PT_MUST_USE pt_status source_open(const ast_source *def, pt_str base_dir, source **out, pt_err *err);
void source_close(source *s);
/* The parts of a table (file name pattern) that exist now, in order of name. PT_IO if the source is not there,
 * PT_DATA if nothing matches. */
PT_MUST_USE pt_status source_parts(source *s, pt_str table, arena *a, source_part **parts, uint32_t *n, pt_err *err);
/* Begin reading a part. columns: names from the header (or c1, c2, ... without one). */
PT_MUST_USE pt_status source_read(source *s, pt_str table, const source_part *part, source_reader **out, pt_err *err);
void source_reader_close(source_reader *r);
uint32_t source_n_columns(const source_reader *r);
pt_str source_column(const source_reader *r, uint32_t i);
/* PT_OK and a row; *done true at the end. A malformed row is PT_DATA with *row.line set and reading may go on. */
PT_MUST_USE pt_status source_next(source_reader *r, source_row *row, bool *done, pt_err *err);
/* Bytes consumed so far, for progress. */
uint64_t source_position(const source_reader *r);
