/* deleted.h - the deleted rows of a segment as stored: portable Roaring bytes. Only this folder includes it.
 */
#pragma once

#include <stdatomic.h>

#include <roaring/roaring.h>

#include "base/str.h"

/* A bitmap with a count of its users, as snapshots share those that did not change. */
typedef struct deleted {
    atomic_uint refs;
    uint64_t sum; /* of the stored bytes: equal sums, equal bitmaps */
    roaring_bitmap_t *rows;
} deleted;

/* Every byte is verified before Roaring sees it (0.2.66 trusts what it reads), and all rows are below n_rows.
 * PT_CORRUPT or PT_NOMEM without a message: the caller knows whose rows these are. */
PT_MUST_USE pt_status deleted_parse(pt_str bytes, uint32_t n_rows, roaring_bitmap_t **out);
PT_MUST_USE pt_status deleted_new(pt_str bytes, uint32_t n_rows, deleted **out);
void deleted_put(deleted *d); /* d may be NULL */
