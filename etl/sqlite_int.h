/* sqlite_int.h - what the files of the SQLite source share. */
#pragma once

#include <sqlite3.h>

#include "etl/source_int.h"

typedef struct sqlite_source {
    source base;
    char *path;
    pt_str track; /* empty: none */
    sqlite3 *db;  /* NULL until first used */
} sqlite_source;

/* ---- the database: source_sqlite.c ------------------------------------------------- */

/* What SQLite says about its last call, while reading `what`. Returns the status it set. */
pt_status sqlite_fail(const sqlite_source *s, pt_str what, pt_err *err);
/* Open the database and begin the read transaction, unless that was done. PT_IO, PT_NOMEM. */
PT_MUST_USE pt_status sqlite_connect(sqlite_source *s, pt_err *err);
/* A name in backticks: unlike double quotes, these never turn an unknown name into a text. */
void sqlite_add_name(strbuf *sql, pt_str name);
/* Takes over the text of the statement; *out is yours to finalize. */
PT_MUST_USE pt_status sqlite_prepare(sqlite_source *s, pt_str table, strbuf *sql, sqlite3_stmt **out,
                                     pt_err *err);

/* ---- rows: sqlite_read.c ----------------------------------------------------------- */

/* The text of a column, NULL for a null; valid until the next step. Blobs are taken as text. `number` is room
 * for one. */
pt_str sqlite_text(sqlite3_stmt *q, int i, char number[32]);
/* The first columns with their types and lengths, as one text. */
void sqlite_add_row(sqlite3_stmt *q, int n_columns, strbuf *out);

/* As in source_type. */
pt_status sqlite_digest(source *base, const source_part *part, uint8_t out[32], pt_err *err);
pt_status sqlite_read(source *base, const source_part *part, pt_str after, source_reader **out, pt_err *err);
void sqlite_reader_close(source_reader *base);
uint64_t sqlite_position(const source_reader *r);
pt_status sqlite_finish(source_reader *r, pt_err *err);
source_chunk *sqlite_chunk_new(const source_reader *r);
void sqlite_chunk_free(source_chunk *base);
pt_status sqlite_fill(source_reader *base, source_chunk *chunk, bool *done, pt_err *err);
pt_status sqlite_next(source_chunk *chunk, source_row *row, bool *done, pt_err *err);

/* ---- what is new: sqlite_track.c --------------------------------------------------- */

typedef struct sqlite_track sqlite_track;

/* Prepare *rows: the columns of the table and behind them the track column once more, in its order, from the
 * mark `after` on (empty: from the start). *out borrows *rows and the names. On failure both may be set, to
 * be closed all the same. PT_CORRUPT: `after` is no mark. */
PT_MUST_USE pt_status sqlite_track_open(sqlite_source *s, pt_str table, pt_str after, sqlite_track **out,
                                        sqlite3_stmt **rows, pt_err *err);
void sqlite_track_close(sqlite_track *t); /* NULL is fine */
/* Note the row that *rows stands on. *is_known: it was there when the mark was made. PT_LIMIT: too many rows
 * with one value. */
PT_MUST_USE pt_status sqlite_track_row(sqlite_track *t, bool *is_known, pt_err *err);
/* The mark behind the last row, in the arena. */
PT_MUST_USE pt_status sqlite_track_mark(sqlite_track *t, arena *a, pt_str *out, pt_err *err);
