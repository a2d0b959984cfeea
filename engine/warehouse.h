/* warehouse.h - an open warehouse: store, worker pool and the schema that fits the current snapshot. */
#pragma once

#include "base/limits.h"
#include "base/pool.h"
#include "engine/schema.h"

typedef struct warehouse warehouse;

PT_MUST_USE pt_status warehouse_open(const char *dir, bool read_only, unsigned n_threads, warehouse **out,
                                     pt_err *err);
void warehouse_close(warehouse *w);
store *warehouse_store(warehouse *w);
pool *warehouse_pool(warehouse *w);
/* Results of earlier requests, shared by all that use the warehouse; NULL if there was no memory for it. */
struct cell_cache *warehouse_cache(warehouse *w);

/* What a statement runs on: one snapshot and its schema. Reference-counted; thread-safe. */
typedef struct view {
    snapshot *snap;
    schema *schema;
    struct cell_cache *cache; /* of the warehouse; NULL: no results are kept */
    struct query_log *log;    /* of the warehouse; NULL: nothing is noted */
    struct shelf *shelf;      /* what statements on this version keep for each other; NULL: nothing */
} view;
PT_MUST_USE pt_status warehouse_view(warehouse *w, view *out, pt_err *err);
void view_put(view *v);

/* The version of a dimension; an empty one if it was never loaded. Borrowed from the snapshot or the schema.
 */
const dim_view *view_dim(const view *v, const dimension *d);

/* ---- definitions ------------------------------------------------------- */

typedef enum define_result { DEFINE_CREATED, DEFINE_CHANGED, DEFINE_UNCHANGED, DEFINE_DROPPED } define_result;

/* Run CREATE DIMENSION | CUBE | MEMBER | SET, ALTER, DROP (of any kind) in one transaction. `text` is the
 * whole text that spans in `s` count from. The same definition again is DEFINE_UNCHANGED; another one under
 * the name is PT_EXISTS unless OR REPLACE was given, and PT_DEPENDENT with OR REPLACE when stored data would
 * be lost (the message says what). */
PT_MUST_USE pt_status define_run(warehouse *w, const ast_stmt *s, pt_str text, define_result *result,
                                 pt_err *err);
/* Store the definition of an object that belongs to a higher room (SOURCE, MAPPING) after that room has
 * checked it. */
PT_MUST_USE pt_status define_put(warehouse *w, object_kind kind, pt_str name, const ast_stmt *s,
                                 define_result *result, pt_err *err);
/* All definitions as one script in an order that can be run again (dimensions, cubes, formulas, sources,
 * mappings). */
PT_MUST_USE pt_status define_dump(const view *v, strbuf *out, pt_err *err);

/* Merge small segments of a cube, see store_compact. */
PT_MUST_USE pt_status warehouse_compact(warehouse *w, const cube *c, uint32_t *n_merged, pt_err *err);
