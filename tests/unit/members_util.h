/* members_util.h - for tests and fuzzers of member tables: a view as text, damage, and use of every part. */
#pragma once

#include "storage/members.h"

/* Text of a view that reads well in a failed comparison: members, then every hierarchy by rank. Owned by
 * `out`. */
void dump_view(const dim_view *d, strbuf *out);

/* Make the checksums of a damaged image hold again, as far as its directory can be followed. */
void repair_sums(uint8_t *image, size_t size);
/* Read all there is in a view, edit it and read the outcome; aborts when something that is handed out is out
 * of range. Errors are fine. */
void exercise_view(const dim_view *d);
