/* query.h - running MDX statements on a view. */
#pragma once

#include "engine/aggregate.h"
#include "query/cellset.h"

typedef struct query_param { /* a value bound to @name or Parameter("name") from outside */
    pt_str name;
    pt_value value;
} query_param;

typedef struct query_env {
    const view *view;
    pool *pool;
    limits limits;
    bool no_index, no_cuboid, no_cache, no_sharing;
    bool by_tuple; /* expressions over sets tuple by tuple, never for many at once: tests compare */
    bool no_grid;  /* every cell by itself: for tests and comparison */
    uint32_t n_params;
    const query_param *params;
    uint32_t n_session; /* CREATE SESSION MEMBER | SET of this session */
    const ast_formula *const *session;
    const pt_str *session_cubes; /* [n_session] */
    pt_str warehouse;            /* its name; ptr NULL: none */
    int64_t now_us;              /* the statement's time, for Now(): since 1970, local civil time */
} query_env;

typedef struct query_stats {
    uint32_t n_requests, n_passes;
    uint64_t n_cells_fetched, n_rows_read, n_blocks, n_blocks_skipped, n_blocks_again, n_index_uses;
    int64_t parse_us, bind_us, axes_us, cells_us, format_us, engine_us;
    size_t memory_bytes;                         /* most at a time */
    uint64_t n_spilled_bytes;                    /* written to disk as memory was short */
    uint32_t n_by_cache, n_by_cuboid, n_derived; /* requests */
    pt_str cuboid;                               /* the last that answered */
    strbuf *told;    /* each round of requests is described here (EXPLAIN ANALYZE); NULL: nobody asks */
    int64_t told_us; /* what that took; not in the other times */
    uint32_t n_rounds;
} query_stats;

/* Evaluate a SELECT. `text` is what its spans count from (for error texts). Everything in *out lives in `a`.
 */
PT_MUST_USE pt_status query_select(const query_env *env, const ast_select *sel, pt_str text, arena *a,
                                   cellset **out, query_stats *stats, pt_err *err);

/* Rows with named, typed columns: DRILLTHROUGH, and statements of other rooms. */
typedef struct rowset {
    uint32_t n_columns;
    pt_str *names;
    pt_type *types;
    uint64_t n_rows;
    pt_value **rows; /* [row][column] */
} rowset;
PT_MUST_USE pt_status query_drillthrough(const query_env *env, const ast_stmt *s, pt_str text, arena *a,
                                         rowset **out, pt_err *err);
/* EXPLAIN: one text column "plan", a line per row. EXPLAIN ANALYZE runs the statement and adds what it cost.
 */
PT_MUST_USE pt_status query_explain(const query_env *env, const ast_stmt *s, pt_str text, arena *a,
                                    rowset **out, pt_err *err);

/* Check a formula of CREATE MEMBER | SET, or of a cube, by binding it. */
PT_MUST_USE pt_status query_check_formula(const query_env *env, pt_str cube, pt_span cube_at,
                                          const ast_formula *f, pt_str text, arena *a, pt_err *err);
/* A member named in a statement outside of queries (LOAD ... REPLACE): its filter on the facts. */
PT_MUST_USE pt_status query_resolve_member(const query_env *env, const cube *c, const ast *name, pt_str text,
                                           arena *a, agg_filter *out, pt_err *err);

/* The functions and operators of the language, for completion and HELP: an entry for each form, sorted by
 * name. NULL when the arena is exhausted. */
typedef struct function_info {
    const char *name, *signature, *description;
} function_info;
const function_info *query_functions(arena *a, size_t *n);

/* ---- formatting -------------------------------------------------------- */

/* Format strings, mdx-semantics section 20. Compiled once, used per cell. */
typedef struct number_format number_format;
/* Never fails on odd patterns (they are literals); PT_NOMEM only. */
PT_MUST_USE pt_status format_compile(pt_str pattern, arena *a, const number_format **out, pt_err *err);
/* Append the formatted value. `general` values of measures without a format: format_general. */
void format_value(const number_format *f, pt_value v, strbuf *out, pt_str *style);
void format_general(pt_value v, strbuf *out);
