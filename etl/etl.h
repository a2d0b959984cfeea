/* etl.h - translators and the integrator: mappings applied to sources, published as loads. */
#pragma once

#include "etl/source.h"
#include "query/query.h"

/* CREATE SOURCE | MAPPING: check against the schema and store. base_dir: what relative directories count from
 * when the source has none of its own (the directory of the script, stored with the definition as an absolute
 * path). */
PT_MUST_USE pt_status etl_define(warehouse *w, const ast_stmt *s, pt_str text, pt_str base_dir,
                                 define_result *result, pt_err *err);

typedef struct load_options {
    uint32_t n_mappings; /* 0: all mappings of `source`, or all there are: dimensions first */
    const pt_str *mappings;
    pt_str source;      /* empty: any */
    const ast *replace; /* member of the slice to replace; NULL: append */
    pt_str text;        /* what replace's spans count from */
    bool force;         /* load files even when their content was loaded before */
    int64_t wait_us;    /* for the write lock */
    limits limits;
    /* phase: "reading products.csv"; total may be 0. A status other than PT_OK cancels the load. */
    pt_status (*progress)(void *ctx, const char *phase, uint64_t done, uint64_t total, const char *unit);
    void *progress_ctx;
    /* Records to publish in the same transaction (a monitor's watermark); may be NULL. */
    pt_status (*on_publish)(void *ctx, store_txn *t, pt_err *err);
    void *publish_ctx;
    /* A monitor may restrict a mapping to some parts; NULL: all. Names as in source_part. */
    uint32_t n_parts;
    const pt_str *parts;
} load_options;

typedef struct load_mapping_result {
    pt_str mapping, target;
    uint64_t n_files, n_files_skipped; /* skipped: content loaded before */
    uint64_t n_read, n_loaded, n_rejected, n_deleted;
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
