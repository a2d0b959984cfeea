/* translate.h - rows of a source turned into members and facts by a mapping. */
#pragma once

#include "etl/batch.h"
#include "etl/bind.h"
#include "etl/keymap.h"
#include "etl/lookup.h"

/* A slice of a cube that the load replaces: facts whose member of `role` is in it. */
typedef struct translate_slice {
    uint32_t role;
    uint32_t n_members;
    const uint8_t *holds; /* [n_members] by member id */
} translate_slice;

/* Everything that translating the rows of one part needs; read-only, shared by threads. */
typedef struct translator {
    const mapping *mapping;
    const binding *bind;
    lookup *const *lookups;
    pt_str part;
    const limits *limits;
    /* into a cube */
    const dim_view *const *views; /* [role] */
    const keymap *keymaps;        /* [role], of views; empty ones where they do not pay */
    const bool *has_history; /* [role] facts take the version of the member that was valid on their day */
    uint32_t day_role;       /* the role that knows the day of a fact, or MEMBER_NONE, */
    uint32_t day_attr;       /* and the attribute of it that is the date */
    const translate_slice *slice; /* NULL: none */
    bool is_known; /* the content was loaded before: rows outside of the slice are there already */
} translator;

/* Translate all rows of a chunk into `out`, which is cleared first. Bad rows become rejects. With ON ERROR
 * FAIL the first one ends it: PT_DATA with file, line, column, value and reason. So does ON UNKNOWN FAIL. */
PT_MUST_USE pt_status translate_chunk(const translator *t, source_chunk *c, batch *out, pt_err *err);
