/* table.h - what renderers print: named columns and rows of text, wherever they come from.
 *
 * A table is a view: the texts belong to whoever made it, and are asked for cell by cell, so that a result of
 * millions of rows is never copied. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

typedef struct table_column {
    const char *name;
    const char *type; /* "text", "integer", "decimal", "double", "boolean", "date", "timestamp" */
    bool is_number;   /* aligned to the right */
    bool is_header;   /* captions of an axis: repetitions are left out for people */
} table_column;

typedef struct table {
    uint32_t n_columns;
    uint64_t n_rows;
    const table_column *columns;
    const char *tag;     /* "SELECT", "LOAD", ... */
    const char *message; /* a sentence about it, or "" */
    const void *ctx;
    /* For people ("266,773"); never NULL. */
    const char *(*text)(const void *ctx, uint64_t row, uint32_t col);
    /* For machines ("266773"); NULL: null or an error. */
    const char *(*value)(const void *ctx, uint64_t row, uint32_t col);
    /* As a number for charts; *is_null where there is none. */
    double (*number)(const void *ctx, uint64_t row, uint32_t col, bool *is_null);
} table;
