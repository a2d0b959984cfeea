/* answer.h - what a statement gives, in one form for all sources: columns with PostgreSQL types, rows of
 * texts, a tag.
 *
 * Either a patron_result (owned) or a small table that the server made itself. Rows are read by index, so a
 * portal can stop anywhere and go on later. */
#pragma once

#include "base/arena.h"
#include "server/sql_error.h"

typedef struct answer {
    bool has_rows; /* false: nothing but a tag */
    char tag[64];  /* without the row count */
    uint32_t n_columns;
    uint64_t n_rows;
    const char **names;    /* arena */
    uint32_t *types;       /* OIDs; arena */
    patron_result *result; /* owned; NULL: own table */
    const char **cells;    /* own table: n_rows * n_columns, NULL is null; arena */
    arena *a;              /* owned; NULL for an answer without rows */
} answer;

void answer_free(answer *x); /* and zero it */

/* Takes over the result, also when it fails (too many columns, no memory). */
bool answer_of_result(patron_result *r, answer *out, sql_error *e);
/* Nothing but a tag. */
void answer_done(const char *tag, answer *out);
/* A table of n_rows rows, to be filled in by answer_put. */
bool answer_table(const char *tag, uint32_t n_columns, uint64_t n_rows, answer *out, sql_error *e);
/* Name and type of a column; the name is copied. */
bool answer_column(answer *x, uint32_t column, const char *name, uint32_t type, sql_error *e);
/* value NULL: null; copied. */
bool answer_put(answer *x, uint64_t row, uint32_t column, const char *value, sql_error *e);
/* One column, one row. */
bool answer_single(const char *tag, const char *name, const char *value, answer *out, sql_error *e);

const char *answer_value(const answer *x, uint64_t row, uint32_t column); /* NULL: null */
/* How many cells could not be computed; *first is the reason of the first (borrowed). */
uint64_t answer_cell_errors(const answer *x, const char **first);
