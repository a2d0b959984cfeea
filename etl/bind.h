/* bind.h - where the columns of a mapping stand in the rows of a part and of its look-up tables. */
#pragma once

#include "etl/mapping.h"
#include "etl/source.h"

enum { BIND_NONE = UINT32_MAX };

typedef struct lookup lookup;

/* The place of a column in the reader's rows; BIND_NONE if it has none of that name. PT_DATA if it has
 * several. */
PT_MUST_USE pt_status bind_find(const source_reader *r, pt_str part, pt_str name, uint32_t *field,
                                pt_err *err);
/* PT_NAME: no such column; names the nearest. */
pt_status bind_fail_missing(const source_reader *r, pt_str part, pt_str name, pt_err *err);

typedef struct bind_pair {
    uint32_t column; /* of the scope */
    uint32_t from;   /* field of the main table's row, or place in the look-up table's row */
} bind_pair;

typedef struct bind_table {
    uint32_t n;
    bind_pair *pairs;
} bind_table;

/* Table t of the scope gives tables[t]; every column of the scope is given by exactly one. */
typedef struct binding {
    bind_table *tables; /* [n_joins + 1] */
} binding;

/* lookups: one for each join. A column named without its table is the main table's if that has it, else the
 * only look-up table's that has it. PT_NAME, PT_DATA. */
PT_MUST_USE pt_status bind_part(const mapping *m, lookup *const *lookups, const source_reader *r, pt_str part,
                                arena *a, binding *out, pt_err *err);
