/* region.h - sets of tuples that stand for one place in the cube: compound slicers and Aggregate of a set.
 *
 * A context may hold MEM_REGION in some hierarchies: the facts meant there are those of any tuple of the
 * region. Regions are interned by content, so equal ones have equal ids and cells found for one serve all. */
#pragma once

#include "query/tuplist.h"

typedef struct region {
    uint32_t n_hiers;
    uint16_t *hiers;  /* ascending */
    set tuples;       /* distinct, without null members */
    bool is_disjoint; /* no fact can belong to two tuples: one look gives sums and counts too */
} region;

typedef struct region_set region_set;

region_set *region_set_new(const scope *sc); /* NULL: out of memory */
void region_set_free(region_set *rs);
const region *region_at(const region_set *rs, uint32_t id);
/* The region of these tuples: repeated ones and those absorbed by all members go. *id is never 0. */
PT_MUST_USE pt_status region_intern(region_set *rs, const uint16_t *hiers, set tuples, uint32_t *id,
                                    pt_err *err);

struct eval;
/* Replace members of the context by the region; undone by ctx_undo. Hierarchies in which all tuples agree get
 * that member instead. */
PT_MUST_USE pt_status region_enter(struct eval *x, const uint16_t *hiers, set tuples);
/* How facts are to be looked at for the current stored measure, at a context that holds regions. */
typedef enum region_look {
    REGION_NOWHERE, /* there are none: the value is null */
    REGION_ONCE,    /* those of one region; 0: without restriction */
    REGION_OFTEN,   /* one look does not do: tuples overlap */
} region_look;
PT_MUST_USE pt_status region_find(struct eval *x, region_look *how, uint32_t *region_id);
/* Value of the current stored measure there. */
PT_MUST_USE pt_status region_cell(struct eval *x, pt_value *out);
