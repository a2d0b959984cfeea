/* etl.h - translators and the integrator: mappings applied to sources, published as loads.
 *
 * A load is one transaction of the store: members, facts, deletions, what was read (TAB_FILE, TAB_MARK),
 * rejected rows (TAB_REJECT) and the summary (TAB_LOAD) become visible together or not at all. That is what
 * makes a load that is repeated, killed or run by a monitor bring every row exactly once. docs/loading.md is
 * the user's side of it. */
#pragma once

#include "etl/source.h"
#include "query/query.h"

/* CREATE SOURCE | MAPPING: check against the schema and store. base_dir: what relative directories count from
 * when the source has none of its own (the directory of the script, stored with the definition as an absolute
 * path). */
PT_MUST_USE pt_status etl_define(warehouse *w, const ast_stmt *s, pt_str text, pt_str base_dir,
                                 define_result *result, pt_err *err);

typedef struct load_options {
    uint32_t
        n_mappings; /* 0: all mappings of `source`, or all there are; dimensions come first in any case */
    const pt_str *mappings;
    pt_str source;      /* empty: any */
    const ast *replace; /* member of the slice to replace; NULL: none */
    pt_str text;        /* what replace's spans count from */
    bool force; /* load parts even when their content was loaded before, in place of what they brought then */
    bool trusts_stamps; /* a part with the size and times of last time has not changed: do not read it to find
                           out */
    int64_t wait_us;    /* for the write lock */
    limits limits;
    uint32_t segment_rows; /* most rows of a new segment; 0: a good size */
    /* phase: "reading products.csv"; total may be 0. A status other than PT_OK cancels the load. */
    pt_status (*progress)(void *ctx, const char *phase, uint64_t done, uint64_t total, const char *unit);
    void *progress_ctx;
    /* A monitor may leave out parts that are not complete yet; NULL: all are loaded. */
    bool (*wants_part)(void *ctx, pt_str mapping, const source_part *part);
    void *wants_ctx;
} load_options;

typedef struct load_mapping_result {
    pt_str mapping, target;
    bool into_cube;
    uint64_t n_files, n_files_skipped; /* parts read; parts whose content was loaded before */
    uint64_t n_read, n_loaded, n_rejected;
    uint64_t
        n_filtered; /* rows that WHERE left out, or that are in the cube already when a slice is replaced */
    uint64_t n_deleted; /* facts that the load took away, to replace them */
    uint64_t n_members_new, n_members_changed, n_members_inferred;
} load_mapping_result;

typedef struct load_result {
    uint64_t load_id; /* 0: nothing to do, nothing published */
    uint64_t version;
    uint32_t n_mappings;
    load_mapping_result *mappings;
    uint64_t n_read, n_loaded, n_rejected;
    int64_t elapsed_us;
    pt_str json; /* the summary as stored in TAB_LOAD */
} load_result;

/* One atomic load: all mappings, or nothing. PT_DATA when a mapping says FAIL (the message has file, line,
 * column, value, reason). Rejected rows are stored under the load's id. Result in the arena. */
PT_MUST_USE pt_status etl_load(warehouse *w, const load_options *o, arena *a, load_result *out, pt_err *err);

/* The sources and mappings that a load with these options would use, in its order. Trees and names in the
 * arena. */
typedef struct etl_mapping {
    uint32_t id;
    const ast_mapping *def;
    const ast_source *source;
} etl_mapping;
PT_MUST_USE pt_status etl_select(const view *v, const load_options *o, arena *a, etl_mapping **out,
                                 uint32_t *n, pt_err *err);
