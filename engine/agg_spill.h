/* agg_spill.h - groups on disk, when their hash tables would need more memory than the statement may use.
 * Only for this room.
 *
 * A worker whose table must not grow writes its groups to a file, in the order of their keys (a *run*), and
 * begins anew. In the end all groups are in runs, in which the same key may stand several times; merging them
 * combines accumulators, which is exact and commutative, and gives the cells in their order: the answer is
 * that of one table. The file has no name, so it goes with the process, however that ends.
 *
 * Bounded by the memory limit: tables, and MERGE_FANIN buffers while merging. The result must fit by itself.
 */
#pragma once

#include <pthread.h>

#include "engine/agg_int.h"

/* Records of the file from byte `at` on, keys ascending and all different. */
typedef struct spill_run {
    uint64_t at, n;
} spill_run;

typedef struct agg_spill {
    const agg_plan *plan;
    agg_memory *mem;
    const limits *limits;
    size_t share_bytes; /* what the groups of one worker may use */
    pthread_mutex_t lock;
    /* guarded by it: */
    int fd; /* -1: nothing was written yet */
    uint64_t end;
    uint32_t n, cap;
    spill_run *runs;
    uint64_t n_bytes; /* written, for EXPLAIN ANALYZE */
} agg_spill;

/* Can the groups of a plan be spilled, and may they? Not those that are addressed directly, that ancestors on
 * parent-child axes are added to, or whose distinct members are counted. */
bool agg_spill_is_possible(const agg_plan *p, const limits *l);
void agg_spill_init(agg_spill *s, const agg_plan *p, agg_memory *mem, const limits *l, unsigned n_workers);
void agg_spill_done(agg_spill *s); /* also of a zeroed one */
/* Write all groups as a run, and empty the table. Thread-safe. PT_IO: the directory or the disk is at fault.
 */
PT_MUST_USE pt_status agg_spill_groups(agg_spill *s, agg_groups *g, pt_err *err);
/* The cells of all runs. PT_LIMIT, PT_NOMEM, PT_IO, PT_CANCELLED. */
PT_MUST_USE pt_status agg_spill_result(agg_spill *s, arena *a, agg_result *out, pt_err *err);
