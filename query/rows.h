/* rows.h - tuples of a set that are looked at together.
 *
 * Rows are alike: in each column of the set their members have the same hierarchy, kind and level, and are
 * the same member unless they are stored or data members outside of Measures. The context holds the members
 * of one of them, so whatever depends on kinds and levels only is found out there once and holds for all. */
#pragma once

#include "query/tuplist.h"

typedef struct rows {
    set s;
    uint32_t n;
    const uint32_t *at; /* [n] which tuples of s */
    uint64_t live;      /* bit per column: there each row has its own member; all others are in the context */
    uint64_t deps;      /* the hierarchies of live columns, as in node.deps */
    struct iter_frame *frame; /* what .Current sees; NULL: nothing */
} rows;

enum { ROWS_MAX_ARITY = 63 };
#define ROWS_WHOLE UINT64_MAX /* `live` of rows none of whose members are in the context */

static inline const mref *rows_tuple(const rows *r, uint32_t i)
{
    return set_at(r->s, r->at[i]);
}
static inline bool rows_is_live(const rows *r, uint32_t column)
{
    return r->live >> column & 1;
}
static inline void rows_fill(const rows *r, pt_value v, pt_value *out)
{
    for (uint32_t i = 0; i < r->n; i++) out[i] = v;
}
