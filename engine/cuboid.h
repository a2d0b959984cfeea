/* cuboid.h - materialised roll-ups of a cube: what they are in a snapshot, and keeping them so.
 *
 * A cuboid's segments hold a row per combination of level members that has facts: the stable number of each
 * member, and partial aggregates. Each segment says which segments of facts it sums up and how many of their
 * rows were deleted then (seg_cover). A cuboid answers only while its segments cover exactly the facts of the
 * snapshot, and no member has moved between members of its levels since; who changes facts or members calls
 * cuboid_maintain in the same transaction, and what is forgotten shows as "not up to date", never as a wrong
 * number. */
#pragma once

#include "engine/aggregate.h"

/* Make all cuboids of a cube fit what the transaction will publish: segments of cuboids that no longer hold
 * are dropped, and facts that none covers are summed up. The last step before a commit. `schema` is what the
 * commit leaves. */
PT_MUST_USE pt_status cuboid_maintain(store_txn *t, const schema *s, const cube *c, pool *p, const limits *l,
                                      pt_err *err);
/* Of all cubes. */
PT_MUST_USE pt_status cuboid_maintain_all(store_txn *t, const schema *s, pool *p, const limits *l,
                                          pt_err *err);
/* REFRESH CUBOIDS: as a transaction of its own. `c` NULL: of all cubes. *n_rebuilt: cuboids that were not up
 * to date. */
PT_MUST_USE pt_status cuboid_refresh(warehouse *w, const cube *c, const limits *l, uint32_t *n_rebuilt,
                                     pt_err *err);

/* For SHOW CUBOIDS. `why` is empty while the cuboid is used. */
typedef struct cuboid_info {
    uint64_t n_rows, size_bytes, n_facts;
    uint32_t n_segments;
    char why[200];
} cuboid_info;
PT_MUST_USE pt_status cuboid_info_get(const view *v, const cuboid *c, cuboid_info *out, pt_err *err);

/* VERIFY CUBE: compare every cell of every cuboid with the facts it sums up, and what indexes find with what
 * a scan finds. PT_CORRUPT names the first cell or member that differs. */
typedef struct cuboid_report {
    uint32_t n_cuboids, n_stale; /* of these not up to date, so only partly compared */
    uint64_t n_cells, n_index_answers;
} cuboid_report;
PT_MUST_USE pt_status cuboid_verify(const view *v, pool *p, const limits *l, const cube *c,
                                    cuboid_report *out, pt_err *err);

/* ADVISE CUBOIDS: cuboids worth their bytes, the best first, for what statements have asked (or, while
 * nothing is known, for any pair of levels), beside those that there are. */
typedef struct cuboid_advice {
    pt_str statement;            /* ready to run */
    uint64_t n_rows, size_bytes; /* expected */
    pt_str gain;
} cuboid_advice;
PT_MUST_USE pt_status cuboid_advise(const view *v, const limits *l, const cube *c, double budget_bytes,
                                    arena *a, cuboid_advice **out, uint32_t *n, pt_err *err);
uint64_t cuboid_fact_bytes(const view *v, const cube *c);
