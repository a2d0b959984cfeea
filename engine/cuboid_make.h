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

/* Cells of a cuboid: axes are its levels, and cuboid_cell reads its parts. */
typedef struct cuboid_cells {
    const agg_result *r;
    const cuboid_job *job; /* NULL: computed from facts */
} cuboid_cells;

/* From segments of facts; from segments of the cuboid. Live in `a`. */
PT_MUST_USE pt_status cuboid_cells_of_facts(const cuboid_make *k, const snapshot_seg *segs, uint32_t n_segs,
                                            arena *a, cuboid_cells *out, pt_err *err);
PT_MUST_USE pt_status cuboid_cells_of_rows(const cuboid_make *k, const snapshot_seg *segs, uint32_t n_segs,
                                           arena *a, cuboid_cells *out, pt_err *err);
pt_value cuboid_cell(const cuboid_cells *x, uint32_t part, uint32_t cell);

/* Write the cells as a segment that covers these facts. There is at least one cell. */
PT_MUST_USE pt_status cuboid_write(const cuboid_make *k, const cuboid_cells *cells, const seg_cover *covers,
                                   uint32_t n_covers, pt_err *err);
