/* lookup.h - a joined table in memory: rows by key, only the columns that the mapping reads. */
#pragma once

#include "etl/mapping.h"
#include "etl/source.h"

typedef struct lookup lookup;

/* Read the table of join `i`. PT_DATA when two rows have the same key (named in the message with their
 * lines), or when a row is malformed; PT_NAME for a column that is not there; PT_NOMEM beyond
 * limits.memory_bytes. */
PT_MUST_USE pt_status lookup_build(source *s, const mapping *m, uint32_t i, const limits *l, lookup **out,
                                   pt_err *err);
void lookup_free(lookup *t); /* NULL is fine */
uint32_t lookup_rows(const lookup *t);
/* The place of a column of the scope in the rows of this table; BIND_NONE if the table has no such column. */
uint32_t lookup_column(const lookup *t, uint32_t column);
/* The row with these texts in its key columns; NULL if there is none, or a text is null. Thread-safe. */
const pt_str *lookup_find(const lookup *t, const pt_str *key);
/* The key that was looked for, for messages: "product_class_id = '7'". */
void lookup_print_key(const lookup *t, const pt_str *key, strbuf *out);
