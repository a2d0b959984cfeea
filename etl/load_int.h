/* load_int.h - the state of one load, and the steps it is made of:
 *
 *   load.c         the story: select, open, dimensions, facts, publish
 *   load_select.c  which mappings and sources
 *   load_plan.c    which parts of their tables, by what was loaded before (load_mark.c)
 *   load_retry.c   which parts with rejected rows are worth another try
 *   load_run.c     a part: chunks are filled, translated by all threads, and consumed in order
 *   load_dim.c     consuming members
 *   load_fact.c    consuming facts: collected in segment writers
 *   load_segment.c full segments: ordered, encoded, indexed and written by any thread
 *   load_slice.c   facts that the load takes away
 *   load_report.c  rejected rows, progress and the summary */
#pragma once

#include <pthread.h>

#include "etl/etl.h"
#include "etl/translate.h"

/* The fact column that holds which part brought a row (load_part.number), so that the rows of a part can be
 * replaced whatever merging has done to segments since. */
#define LOAD_PART_COLUMN "#part"

/* A dimension during the load. */
typedef struct load_dim {
    const dimension *dimension;
    const dim_view
        *view; /* what facts find members in: the base's version, or the one this load has written last */
    dim_edit *edit; /* NULL: nothing has changed since `view` */
    keymap keys;    /* of the version `keys_of`, for facts */
    const dim_view *keys_of;
} load_dim;

typedef struct load_part {
    source_part part;
    bool is_skipped;
    bool is_known;    /* loaded before; read again because of a slice */
    bool is_replaced; /* what it brought before goes */
    bool has_digest;
    bool wants_digest; /* it has none yet, since nothing it could decide: found out while the part is read */
    uint8_t digest[32];
    uint64_t number; /* facts: the same as long as mapping and name are */
    pt_str after;    /* tracked sources: where to go on, */
    pt_str mark;     /* and where next time; ptr NULL: nothing was new */
    uint64_t n_loaded, n_rejected;
    uint64_t suspect_load; /* skipped, but that load rejected rows of it; 0: none */
    bool is_redefined;     /* and by another definition of the mapping, or with other joined tables */
} load_part;

typedef struct load_cube {
    const cube *cube;
    uint32_t n_columns; /* roles, fact columns, LOAD_PART_COLUMN */
    seg_column *columns;
    load_dim **dims; /* [role] */
    /* [role], of dims; replaced together, under the lock: what was read before stays as it is */
    const dim_view **views;
    keymap *keymaps;
    bool *has_history; /* [role] */
    uint32_t day_role, day_attr;
    seg_writer *writer; /* being filled; NULL: none */
    uint32_t n_base;    /* segments before this load, */
    const snapshot_seg *base;
    roaring_bitmap_t **deleted; /* [n_base] and which of their rows it takes away; NULL: none */
    bool has_slice;
    agg_filter slice_filter; /* in ranks of the base */
    translate_slice slice;
} load_cube;

typedef struct load_source {
    const ast_source *def;
    source *source;
} load_source;

typedef struct load_mapping {
    etl_mapping *def;
    const mapping *mapping;
    load_source *source;
    load_cube *cube; /* NULL: into a dimension */
    uint32_t n_parts;
    load_part *parts;
    uint64_t hash;            /* of the mapping's definition */
    uint8_t dim_digest[32];   /* dimensions: of everything that decides what its rows are */
    uint8_t joins_digest[32]; /* cubes, with joins: of the joined tables */
    lookup **lookups;         /* [n_joins]; read with the first part */
    uint8_t *slices_seen;     /* SLICE BY: [n_slices_seen] by member id, 1: facts of it were loaded */
    uint32_t n_slices_seen;
    load_mapping_result *result;
} load_mapping;

typedef struct load_job load_job;       /* load_segment.c */
typedef struct load_keymap load_keymap; /* load_fact.c */

typedef struct load {
    warehouse *warehouse;
    const load_options *options;
    arena *a; /* of the load */
    pt_err *err;
    view view; /* of what the transaction started from */
    store_txn *txn;
    uint64_t id;
    uint32_t n_sources, n_dims, n_cubes, n_mappings;
    load_source *sources;
    load_dim *dims; /* [schema_n_dimensions] */
    load_cube *cubes;
    load_mapping *mappings;
    load_result *result;
    uint64_t next_part; /* number of the next part never seen before */
    bool has_new_part;
    bool has_work; /* anything to publish */
    uint64_t n_rejects_stored;
    int64_t started_us, started_at_us; /* monotonic; since 1970 */
    uint64_t bytes_done, bytes_total;  /* of the parts to read */
    load_keymap *former_keymaps;       /* that a thread may still use */
    /* What threads share. `changed` says that something was done that another may wait for. */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    load_job *jobs, **last_job; /* segments not in the transaction yet, in their order */
    uint32_t n_open_jobs;       /* of them not written yet */
} load;

/* How many threads the load may use. */
unsigned load_workers(const load *l);

/* load_plan.c: decide for each part of the mapping. Facts of parts that are replaced are still there. */
PT_MUST_USE pt_status load_plan(load *l, load_mapping *m);
/* Record that the parts of the mapping were loaded. */
PT_MUST_USE pt_status load_plan_publish(load *l, load_mapping *m);
/* Of a mapping into a cube: set joins_digest, and tell whether it was another one last time. */
PT_MUST_USE pt_status load_plan_joins(load *l, load_mapping *m, bool *is_changed);

/* load_retry.c: of the parts that are skipped, those are read again, in place of what they brought, whose
 * rejected rows would fare better now. For mappings into cubes, when the members are loaded. */
PT_MUST_USE pt_status load_retry(load *l, load_mapping *m);

/* load_run.c: read a part; `consume` gets its batches in order. */
typedef pt_status (*load_consume)(load *l, load_mapping *m, load_part *p, batch *b);
PT_MUST_USE pt_status load_run_part(load *l, load_mapping *m, load_part *p, load_consume consume);

/* load_dim.c */
PT_MUST_USE pt_status load_dim_edit(load *l, load_dim *d); /* make d->edit */
PT_MUST_USE pt_status load_dim_consume(load *l, load_mapping *m, load_part *p, batch *b);
/* Write the next version if anything changed; d->view is new then and d->edit NULL. */
PT_MUST_USE pt_status load_dim_write(load *l, load_dim *d);

/* load_fact.c */
PT_MUST_USE pt_status load_cube_begin(load *l, load_cube *c);
PT_MUST_USE pt_status load_fact_consume(load *l, load_mapping *m, load_part *p, batch *b);
PT_MUST_USE pt_status load_cube_flush(load *l, load_cube *c); /* write what was collected */
/* From now on facts find members in the versions that the dimensions have now. is_last: there are no more
 * facts to come, so that no key needs to be found fast. */
PT_MUST_USE pt_status load_cube_show(load *l, load_cube *c, bool is_last);
void load_cube_free(load_cube *c);
void load_keymaps_free(load *l);

/* load_segment.c; put and finish are for the thread of the load, which makes segments part of the transaction
 * in their order. */
/* Have a segment written. Takes over `w` in any case. May wait for, or do the work of, others before it, so
 * that only a few are in memory. is_last: every dimension is written first, so that all can be indexed. */
PT_MUST_USE pt_status load_segment_put(load *l, load_cube *c, seg_writer *w, bool is_last);
/* Wait for all. */
PT_MUST_USE pt_status load_segment_finish(load *l);
/* With the lock, which is let go meanwhile: write a segment that waits; false if there is none. */
bool load_segment_work(load *l);
void load_segment_free(load *l);

/* load_slice.c */
PT_MUST_USE pt_status load_slice_begin(load *l, load_cube *c); /* resolve options.replace */
PT_MUST_USE pt_status load_slice_delete(load *l, load_cube *c, load_mapping_result *counts);
PT_MUST_USE pt_status load_parts_delete(load *l, load_mapping *m); /* facts of parts that are replaced */
PT_MUST_USE pt_status load_seen_delete(load *l, load_mapping *m);  /* SLICE BY */
PT_MUST_USE pt_status load_deletions_publish(load *l, load_cube *c);

/* load_report.c */
PT_MUST_USE pt_status load_reject(load *l, load_mapping *m, pt_str file, const reject *r);
PT_MUST_USE pt_status load_progress(load *l, const char *phase, uint64_t done, uint64_t total,
                                    const char *unit);
PT_MUST_USE pt_status load_summary(load *l, uint64_t version, pt_str *json);
