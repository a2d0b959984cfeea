/* subcube.h - FROM (SELECT ...): the part of the cube that a statement sees.
 *
 * Each axis and the slicer of a subselect keeps the facts that belong to one of its tuples; several of them,
 * and nested subselects, keep the facts that all of them keep. Whatever is computed outside - totals,
 * distinct counts, calculated members - is computed from those facts alone. A member is visible if one of its
 * lowest members is kept in its hierarchy: its ancestors and descendants are visible with it, and invisible
 * members are passed over by all functions and dropped from axes. Measures in a subselect choose nothing. */
#pragma once

#include "query/region.h"

struct query;

typedef struct subcube_hier {
    uint64_t *leaves;   /* bit per rank of the lowest level (parent-child: own facts); NULL: all are kept */
    uint64_t **visible; /* [level] bit per rank */
    agg_filter filter;  /* keeps the same facts; its `hier` depends on the base cube */
} subcube_hier;

typedef struct subcube {
    subcube_hier *hiers; /* [n_hiers] */
    uint32_t n_regions;
    region **regions; /* sets of tuples that are no product of members */
    uint64_t
        lost_bases; /* bit per base cube: a restricted hierarchy is unknown to it, so it has no facts here */
    bool is_void;   /* nothing is kept */
} subcube;

/* Let sc see what the subselect, whose axes and slicer have been evaluated, leaves. The visible members and
 * default members of sc change: before anything is bound. */
PT_MUST_USE pt_status subcube_enter(scope *sc, const struct query *inner, pt_err *err);
/* Add to a request for a base cube that only facts of the subcube are wanted. */
PT_MUST_USE pt_status subcube_restrict(const scope *sc, uint32_t base, arena *a, agg_request *req,
                                       pt_err *err);
/* Between these two, functions pass over nothing in that hierarchy: for places that are counted, such as the
 * same month of another year. */
typedef uint64_t *const *subcube_sight;
static inline subcube_sight subcube_lift(scope *sc, uint32_t hier)
{
    subcube_sight before = sc->hiers[hier].visible;
    sc->hiers[hier].visible = NULL;
    return before;
}
static inline void subcube_lower(scope *sc, uint32_t hier, subcube_sight before)
{
    sc->hiers[hier].visible = before;
}
/* false: the member is outside. True for all but stored members. */
bool subcube_shows(const scope *sc, mref m);
