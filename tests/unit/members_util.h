/* members_util.h - for tests of member tables: specs in a line or two, and a view as text. */
#pragma once

#include "storage/members.h"

/* Text of a view that reads well in a failed comparison: members, then every hierarchy by rank. Owned by
 * `out`. */
void dump_view(const dim_view *d, strbuf *out);
