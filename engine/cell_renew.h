/* cell_renew.h - bringing a kept result up to date with the facts that came since. Only for this room.
 *
 * A nightly load adds segments; what was there before stays as it is. So the result for a version and that
 * for the rows added since make the result for the new version, bit for bit: counts and exact sums add up,
 * minima and maxima are compared. Not so for averages, distinct counts and doubles, nor when members of a
 * level that the request names have come or moved, or facts were deleted or merged: such requests are
 * answered anew. */
#pragma once

#include "engine/aggregate.h"

/* Of one version: what results of a cube depend on. */
typedef struct cell_base {
    uint32_t refs; /* under the lock of the cache */
    uint32_t cube_id;
    uint64_t version, schema_version;
    uint32_t n_segs, n_roles;
    seg_cover *segs;     /* of facts, in order of id */
    uint64_t *dim_files; /* [role of the cube] */
} cell_base;

/* One reference. NULL: out of memory. */
cell_base *cell_base_new(const view *v, const cube *c);
void cell_base_free(cell_base *b); /* b may be NULL */

/* May results be brought up to date for such a request at all? */
bool cell_can_renew(const agg_request *req);
/* The facts of the view that the base does not have yet: segments in *segs (in `a`) and their number. False:
 * not only facts were added, or so many that the request is better answered anew. */
PT_MUST_USE bool cell_added(const cell_base *b, const view *v, const agg_request *req, arena *a,
                            const snapshot_seg **segs, uint32_t *n);
/* *out, of a request's former facts, and `added`, of those that came since, together. False when a sum has
 * too many digits or memory is short; *out is untouched then. */
PT_MUST_USE bool cell_renew(const agg_request *req, const agg_result *added, arena *a, agg_result *out);
