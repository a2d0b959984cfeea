/* cuboid_make.h - computing and storing cells of cuboids: what building, merging and verifying share. Only
 * for this room. */
#pragma once

#include "engine/cuboid_int.h"

/* A cuboid in the making. */
typedef struct cuboid_make {
    cuboid_view *q;   /* in `view` */
    const view *view; /* what the transaction will publish, or (verifying) what is there */
    store_txn *txn;   /* NULL when nothing is written */
    pool *pool;
    const limits *limits;
} cuboid_make;

/* Cells of a cuboid: axes are its levels, and cuboid_cell reads its parts. In order of their coordinates. */
typedef struct cuboid_cells {
    const agg_result *r;
    const cuboid_job *job; /* NULL: computed from facts */
} cuboid_cells;

/* What they are computed from: segments of facts, or of the cuboid itself. */
typedef struct cuboid_source {
    const snapshot_seg *segs;
    uint32_t n_segs;
    bool is_rows;
    const bool *is_lost; /* [parts] facts: these are not computed */
} cuboid_source;
/* Set is_lost: what some segment of the cuboid lacks. Lives in `a`. */
PT_MUST_USE pt_status cuboid_find_lost(const cuboid *c, const snapshot_seg *segs, uint32_t n_segs, arena *a,
                                       bool **out, pt_err *err);

/* Cells are computed in n slices, each of some members of the largest level, so that memory stays bounded. */
typedef struct cuboid_slices {
    uint32_t col, n;
} cuboid_slices;
/* Of a source with that many rows. */
cuboid_slices cuboid_slices_of(const cuboid_make *k, uint64_t n_rows);
/* An upper bound of the cells of so many rows. */
uint64_t cuboid_most_cells(const cuboid_view *q, uint64_t n_rows);
/* Of slice number `i`. They live in `a`. PT_VALUE: an expression gives more digits than can be summed up. */
PT_MUST_USE pt_status cuboid_cells_of(const cuboid_make *k, const cuboid_source *s, const cuboid_slices *x,
                                      uint32_t i, arena *a, cuboid_cells *out, pt_err *err);
pt_value cuboid_cell(const cuboid_cells *x, uint32_t part, uint32_t cell);

/* Write what the source sums up to as a segment that covers these facts. It has at most SEG_MAX_ROWS cells.
 */
PT_MUST_USE pt_status cuboid_write(const cuboid_make *k, const cuboid_source *s, const seg_cover *covers,
                                   uint32_t n_covers, pt_err *err);
