/* dim_names.h - looking for members of a level by name, without regard to case.
 *
 * The name of a level member is the text of an attribute of its `rep`; where that is null, of another one;
 * where both are, "#null". A few names are compared one by one. Once as many have been compared as the level
 * has members, a table by folded name is made; it stays as long as the version of the dimension.
 *
 * Thread-safe. */
#pragma once

#include "storage/members.h"

typedef struct dim_naming {
    uint32_t hierarchy, level;
    uint32_t attr, other; /* the name; the one where it is null */
} dim_naming;

/* A walk over members that may have a name, in order of their ranks. */
typedef struct dim_search {
    const uint32_t *at, *end; /* ranks of the table, ascending; NULL: every one from `rank` on */
    uint32_t rank, to;
} dim_search;

/* Look for `name` in the ranks [from, to) of a level of a hierarchy that dim_hier gave. */
dim_search dim_search_new(const dim_view *d, dim_naming of, pt_str name, uint32_t from, uint32_t to);
/* The next member that may have the name: the caller compares. false: there are no more. */
bool dim_search_next(dim_search *s, uint32_t *rank);
