/* cell_cache.h - results of earlier requests, for those that ask the same or a part of it again.
 *
 * An entry belongs to one version of the warehouse. After a publish it is of use where facts were only added
 * (cell_renew.h): then what it tells is brought up to date from these alone. A request is answered by an
 * entry with the same cube and axes that holds its measures, when each filter of the entry is one of the
 * request too (perhaps with fewer members) and what the request filters beyond can be decided cell by cell.
 * Values are copied, so answers are the same bits. Bounded in bytes, the least recently used go first.
 * Thread-safe; shared by all sessions on a warehouse. */
#pragma once

#include "engine/aggregate.h"

typedef struct cell_cache cell_cache;

enum { CELL_CACHE_BYTES = 64 << 20 }; /* unless told otherwise */

cell_cache *cell_cache_new(size_t max_bytes); /* NULL: out of memory */
void cell_cache_free(cell_cache *c);          /* c may be NULL */
/* Change the bound; 0: nothing is kept. */
void cell_cache_resize(cell_cache *c, size_t max_bytes);
typedef struct cell_cache_stats {
    size_t n_bytes, max_bytes;
    uint64_t n_entries, n_hits, n_misses;
} cell_cache_stats;
cell_cache_stats cell_cache_stats_get(cell_cache *c);

/* Segments of facts that came since a result was kept. */
typedef struct cell_since {
    uint32_t n;
    const snapshot_seg *segs;
} cell_since;

/* *is_found false: nothing that is kept answers. since->n > 0: *out is of a former version, what these facts
 * give is to be added (cell_renew). Arrays live in `a`. */
PT_MUST_USE pt_status cell_cache_find(cell_cache *c, const view *v, const agg_request *req, arena *a,
                                      agg_result *out, cell_since *since, bool *is_found, pt_err *err);
/* Keep a result, if it is worth it; when memory is short it is not. */
void cell_cache_put(cell_cache *c, const view *v, const agg_request *req, const agg_result *r);
