/* cells.h - values of stored measures: what has been fetched, what has been asked for in vain, and fetching
 * that in few requests.
 *
 * Cells are kept by signature: base cube, region, and for each hierarchy the level of its member (or none).
 * All cells of one signature make a `sheet`; fetching a sheet is one request to the engine, grouped by its
 * levels and restricted to the ranks asked for. A fetched block answers for the whole product of those ranks:
 * what it does not hold is empty. So one pass over an expression notes what is missing as bits, and fetching
 * costs one request a signature however many cells there are. */
#pragma once

#include "query/region.h"
#include "query/rows.h"

typedef struct cells cells;

PT_MUST_USE pt_status cells_new(scope *sc, const region_set *regions, const limits *l, cells **out,
                                pt_err *err);
void cells_free(cells *c);

/* Whether base cubes that do not know all hierarchies of a subselect have values all the same (ValidMeasure).
 * Returns what it was. */
bool cells_see_unrelated(cells *c, bool on);
/* No fact of the base cube is at `ctx`: a hierarchy that it does not have is in a subselect, or is not at its
 * default member. */
bool cells_is_nowhere(cells *c, uint32_t base, const mref *ctx);
/* The value of a measure (index in scope.measures) at plain members `ctx` (all, stored or data; regions stand
 * for "not restricted here"), within a region if region_id is not 0. EVAL_PENDING: not known yet, and noted.
 */
PT_MUST_USE pt_status cells_get(cells *c, uint32_t measure, const mref *ctx, uint32_t region_id,
                                pt_value *out, pt_err *err);
/* The same for rows, of which `ctx` holds one: out[r->n]. EVAL_PENDING: some are not known yet; all those are
 * noted then, and *out means nothing. */
PT_MUST_USE pt_status cells_get_rows(cells *c, uint32_t measure, const mref *ctx, const rows *r,
                                     uint32_t region_id, arena *scratch, pt_value *out, pt_err *err);

/* All non-empty cells over sets of members, for finding out where there are any (sparse.h): the levels are
 * those of `ctx`; in hierarchies with `want` all ranks of its bits are meant, in the others the member of
 * ctx. */
typedef struct cells_span {
    uint32_t base, region_id;
    const mref *ctx;
    uint64_t *const *want; /* [n_hiers], NULL entries: the context's member */
    uint32_t n_measures;
    const uint32_t *measures; /* indexes in scope.measures; of that base cube */
} cells_span;
/* Rows of coordinates; there may be more than was asked for. Borrowed from `cells`. */
typedef struct cells_rows {
    uint32_t n, n_axes;
    uint32_t hiers[AGG_MAX_AXES];
    uint32_t *const *coords; /* [axis][row] rank */
} cells_rows;
/* Note them as wanted, unless they are known. Once fetched they answer cells_get as well. */
PT_MUST_USE pt_status cells_want(cells *c, const cells_span *span, pt_err *err);
/* After cells_want and cells_fetch. */
PT_MUST_USE pt_status cells_find(cells *c, const cells_span *span, cells_rows *out, pt_err *err);
bool cells_is_missing(const cells *c);
/* Fetch everything noted. */
PT_MUST_USE pt_status cells_fetch(cells *c, query_stats *stats, pt_err *err);

/* A hierarchy of the scope as a hierarchy of a base cube, or HIER_NONE. */
static inline uint32_t base_hier_of(const scope *sc, uint32_t hier, uint32_t base)
{
    return hier == 0 ? HIER_NONE : sc->hiers[hier].base_hier[base];
}
/* Filters that say the same as the tuples of a region, for the given base cube. */
PT_MUST_USE pt_status region_conditions(const scope *sc, const region *r, uint32_t base, arena *a,
                                        agg_conj **out, uint32_t *n, pt_err *err);
/* Append what each request would do, for EXPLAIN. */
PT_MUST_USE pt_status cells_explain(cells *c, strbuf *out, pt_err *err);
