/* aggregate.h - the one kind of request between language and engine: measures by some levels, restricted to
 * some members.
 *
 * Works on one base cube. Answers do not depend on the number of threads, on indexes, or on the order of
 * loads. */
#pragma once

#include "base/limits.h"
#include "base/pool.h"
#include "engine/warehouse.h"

/* Group by a level. In a parent-child hierarchy (level 0) each member's cell covers its descendants and
 * itself; with own_only just its own facts. */
typedef struct agg_axis {
    uint32_t hier;  /* cube_hier ordinal */
    uint32_t level; /* index in hier_view.levels */
    bool own_only;
} agg_axis;

/* Keep facts whose member at that level is one of `ranks` (ascending, distinct). Parent-child: descendants of
 * a listed member count too, unless own_only. An empty list keeps nothing. */
typedef struct agg_filter {
    uint32_t hier, level;
    bool own_only;
    uint32_t n;
    const uint32_t *ranks;
} agg_filter;

typedef struct agg_conj { /* all filters must hold */
    uint32_t n;
    const agg_filter *filters;
} agg_conj;

typedef struct agg_request {
    const cube *cube; /* not virtual */
    uint32_t n_measures;
    const uint32_t *measures; /* indexes in cube->measures */
    uint32_t n_axes;          /* at most AGG_MAX_AXES; a hierarchy may be grouped at one level only */
    const agg_axis *axes;
    agg_conj where; /* for all facts */
    uint32_t n_any; /* and, if > 0, at least one of these must hold */
    const agg_conj *any;
    uint32_t n_tests;
    const rowexpr *const *tests; /* and all of these conditions */
    bool no_index;               /* plain scan: for tests and comparison */
    bool no_cuboid;              /* from facts only: likewise */
    bool no_cache;               /* not from earlier results. Nor with the two above */
    bool no_sharing;             /* by a pass of its own, whatever else is asked with it: likewise */
} agg_request;

enum { AGG_MAX_AXES = 32 };

/* The same groups in the same order. */
static inline bool agg_same_axes(const agg_request *x, const agg_request *y)
{
    if (x->n_axes != y->n_axes) return false;
    for (uint32_t i = 0; i < x->n_axes; i++)
        if (x->axes[i].hier != y->axes[i].hier || x->axes[i].level != y->axes[i].level ||
            x->axes[i].own_only != y->axes[i].own_only)
            return false;
    return true;
}

/* Members of the same level, counted alike. */
static inline bool agg_same_level(const agg_filter *x, const agg_filter *y)
{
    return x->hier == y->hier && x->level == y->level && x->own_only == y->own_only;
}

/* Only groups with at least one fact row appear, not counting rows that fail a condition of all measures. In
 * ascending order of coordinates (axis 0 slowest). */
typedef struct agg_result {
    uint32_t n_cells, n_axes, n_measures;
    uint32_t **coords; /* [axis][cell] rank */
    pt_value *
        *values; /* [measure][cell]: VAL_NULL (no non-null value), VAL_INT, VAL_DEC or VAL_DOUBLE. AVG is a
                    VAL_DOUBLE; SUM and MIN/MAX have the type of the column; sums are exact (128 bits) */
    /* how it was done, for EXPLAIN ANALYZE */
    uint64_t n_rows_read, n_rows_matched, n_blocks, n_blocks_skipped, n_index_uses;
    uint64_t n_blocks_again;  /* read once more, for extremes */
    uint64_t n_plane_reads;   /* roles of blocks whose groups were read off indexes */
    uint64_t n_spilled_bytes; /* written to disk, as memory was short */
    pt_str cuboid;            /* the one that answered; ptr NULL: none, from facts */
    bool is_cached;           /* from an earlier result */
    bool is_derived;          /* from groups made for another request, or for several */
    int64_t elapsed_us;
} agg_result;

/* Arrays of the result live in `a`. PT_LIMIT (cells, time), PT_NOMEM, PT_CANCELLED, PT_CORRUPT. */
PT_MUST_USE pt_status aggregate_run(const view *v, pool *p, const limits *l, const agg_request *req, arena *a,
                                    agg_result *out, pt_err *err);
/* Each of n requests, results in their order. Requests that differ in levels and in the members asked for
 * share a pass over facts where that is less work: it groups by the finest levels, and each request's cells
 * are summed up from these groups. The results are those of aggregate_run. */
PT_MUST_USE pt_status aggregate_run_all(const view *v, pool *p, const limits *l, const agg_request *reqs,
                                        uint32_t n, arena *a, agg_result *out, pt_err *err);
/* What aggregate_run_all would do, a line per step, without reading facts. */
PT_MUST_USE pt_status aggregate_explain(const view *v, const limits *l, const agg_request *reqs, uint32_t n,
                                        strbuf *out, pt_err *err);

/* ---- single facts ------------------------------------------------------ */

/* Fact rows that match `where` (and `any`), for DRILLTHROUGH: skips `skip`, calls fn for at most `max` rows.
 * members: id per role; values: per fact column. In order of segments and rows. */
typedef pt_status (*facts_fn)(void *ctx, const uint32_t *members, const pt_value *values, pt_err *err);
PT_MUST_USE pt_status facts_scan(const view *v, const limits *l, const agg_request *req, uint64_t skip,
                                 uint64_t max, facts_fn fn, void *ctx, pt_err *err);
/* Rows of one segment that match, as a new bitmap (caller frees): for replacing slices. */
PT_MUST_USE pt_status facts_match(const view *v, const cube *c, const snapshot_seg *s, const agg_conj *where,
                                  roaring_bitmap_t **rows, pt_err *err);

/* A measure over expressions or under conditions, for single facts. */
typedef struct facts_expr facts_expr;
/* NULL in *out for a plain column, a count of rows or members. */
PT_MUST_USE pt_status facts_expr_new(const view *v, const measure *m, arena *a, facts_expr **out,
                                     pt_err *err);
pt_type facts_expr_type(const facts_expr *x);
/* What the fact adds to the measure, from what facts_fn gets; null where a condition does not hold. */
PT_MUST_USE pt_status facts_expr_value(facts_expr *x, const uint32_t *members, const pt_value *values,
                                       pt_value *out, pt_err *err);
