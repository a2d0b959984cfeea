/* store.h - a warehouse directory: catalog (LMDB), snapshots, one-transaction publish.
 *
 * Layout: DIR/catalog.mdb (LMDB, MDB_NOSUBDIR), DIR/lock (flock: one writer at a time, over processes),
 * DIR/seg/ (segments), DIR/dim/ (dimension versions). Files are written and fsynced before the LMDB commit
 * that names them; files that no committed catalog names are removed by the next writer.
 *
 * A snapshot is everything as of one committed version: definitions, dimension versions, segments, deletions.
 * It is reference-counted, shared between threads, and stays readable while later versions are published (its
 * files are open even when already unlinked). Versions count up by one per publish. */
#pragma once

#include <roaring/roaring.h>

#include "storage/segment.h"

typedef struct store store;
typedef struct snapshot snapshot;
typedef struct store_txn store_txn;

/* ---- opening ----------------------------------------------------------- */

/* Make an empty warehouse. PT_EXISTS if the directory holds one (or is not empty). */
PT_MUST_USE pt_status store_init(const char *dir, pt_err *err);
/* PT_IO if there is none; PT_VERSION for a newer format; PT_CORRUPT. Read access needs no write permission:
 * where catalog.mdb-lock can be written, readers register there; where it can not (another user's or a
 * read-only directory), they read without a lock and again whenever a commit came between. A process may open
 * a warehouse several times (the stores share one LMDB environment); a child after fork must open its own. */
PT_MUST_USE pt_status store_open(const char *dir, bool read_only, store **out, pt_err *err);
void store_close(store *s);
const char *store_dir(const store *s);

/* ---- reading ----------------------------------------------------------- */

/* The latest committed version; cheap when nothing changed since the last call. Thread-safe. */
PT_MUST_USE pt_status store_snapshot(store *s, snapshot **out, pt_err *err);
void snapshot_get(snapshot *s);
void snapshot_put(snapshot *s);
uint64_t snapshot_version(const snapshot *s);
/* Changes whenever a definition changes (not on loads): the key for caching a schema. */
uint64_t snapshot_schema_version(const snapshot *s);

/* A definition: canonical text under (kind, id). Ids count up over all kinds and are never reused. */
typedef struct catalog_def {
    uint32_t id;
    object_kind kind; /* DIMENSION, CUBE, SOURCE, MAPPING, MEMBER, SET */
    pt_str name;      /* as created; MEMBER and SET: "[cube].name" */
    pt_str text;
    int64_t changed_us; /* since 1970 */
} catalog_def;
/* All definitions, in order of id. Borrowed from the snapshot. */
const catalog_def *snapshot_defs(const snapshot *s, uint32_t *n);

/* The version of a dimension; NULL if never written. Borrowed. */
const dim_view *snapshot_dim(const snapshot *s, uint32_t dim_id);
/* Equal in two snapshots of a store: the same version of the dimension. 0 if never written. */
uint64_t snapshot_dim_file(const snapshot *s, uint32_t dim_id);

/* A segment of facts that a segment of a cuboid sums up, and how many of its rows were deleted then. Deleted
 * rows only become more, so that an equal number means that the facts are the same. */
typedef struct seg_cover {
    uint64_t seg_id;
    uint32_t n_deleted;
} seg_cover;

typedef struct snapshot_seg {
    uint64_t id;
    uint64_t load_id;
    const seg *seg;
    const roaring_bitmap_t *deleted; /* NULL: none */
    uint32_t n_covers;               /* of a cuboid */
    const seg_cover *covers;
} snapshot_seg;
/* Live segments of a cube, in order of id. Borrowed. */
const snapshot_seg *snapshot_segs(const snapshot *s, uint32_t cube_id, uint32_t *n);

/* Small records outside the snapshot's memory: read by key from LMDB in a short transaction of their own. */
typedef enum store_table {
    TAB_LOAD = 0,   /* load id (8 bytes big-endian) -> JSON summary */
    TAB_REJECT = 1, /* load id, number (8 + 8 bytes big-endian) -> JSON */
    TAB_FILE = 2,   /* mapping id (4), SHA-256 (32) -> load id (8) */
    TAB_MARK = 3,   /* monitor and source watermarks: text -> bytes */
    TAB_SETTING = 4 /* text -> text */
} store_table;
/* *found false if absent; the value is copied to the arena. */
PT_MUST_USE pt_status store_read(store *s, store_table t, pt_str key, arena *a, pt_str *value, bool *found,
                                 pt_err *err);
/* Calls fn for each record whose key starts with prefix, in key order, until fn returns a status other than
 * PT_OK (which is passed on). key and value are views: valid during the call only. */
typedef pt_status (*store_record_fn)(void *ctx, pt_str key, pt_str value, pt_err *err);
/* PT_BUSY, after records may have been seen, if a reader without a lock (see store_open) met a commit. */
PT_MUST_USE pt_status store_scan(store *s, store_table t, pt_str prefix, bool backwards, store_record_fn fn,
                                 void *ctx, pt_err *err);

/* Everything reachable: catalog records, every dimension and segment file, deletions within range, no file
 * missing. `report` is called with one line per thing checked or wrong (is_error). Goes on after an error;
 * PT_CORRUPT at the end if there was any. */
typedef void (*store_report_fn)(void *ctx, bool is_error, const char *line);
PT_MUST_USE pt_status store_check(store *s, store_report_fn report, void *ctx, pt_err *err);

/* Sizes for `patron info`. */
typedef struct store_stats {
    uint64_t catalog_bytes, segment_bytes, dimension_bytes, n_segments, n_rows, n_deleted, version;
} store_stats;
PT_MUST_USE pt_status store_stats_get(store *s, store_stats *out, pt_err *err);

/* ---- writing ----------------------------------------------------------- */

/* Become the writer: waits up to wait_us for the lock (PT_BUSY then). Nothing is visible until txn_commit.
 * The LMDB write transaction itself is only opened inside txn_commit. One thread uses a txn. */
PT_MUST_USE pt_status store_begin(store *s, int64_t wait_us, store_txn **out, pt_err *err);
/* What the transaction started from (borrowed). */
const snapshot *txn_base(const store_txn *t);
uint64_t txn_version(const store_txn *t); /* version that the commit will publish */

/* Insert (id 0: *id receives a new one) or replace the definition with that id. */
PT_MUST_USE pt_status txn_put_def(store_txn *t, uint32_t *id, object_kind kind, pt_str name, pt_str text,
                                  pt_err *err);
/* Drops what belongs to it too: a dimension's versions, a cube's segments. */
PT_MUST_USE pt_status txn_drop_def(store_txn *t, uint32_t id, pt_err *err);
/* Write the next version of a dimension. Does not take over `e`. *view (may be NULL) receives the written
 * version, borrowed from the txn: what segments of this same load must be indexed by. */
PT_MUST_USE pt_status txn_put_dim(store_txn *t, uint32_t dim_id, dim_edit *e, const dim_view **view,
                                  pt_err *err);
/* Where the next segment file goes; then txn_add_segment makes it part of the transaction. */
PT_MUST_USE pt_status txn_segment_path(store_txn *t, uint64_t *seg_id, char *path, size_t path_size,
                                       pt_err *err);
PT_MUST_USE pt_status txn_add_segment(store_txn *t, uint32_t cube_id, uint64_t seg_id, uint64_t load_id,
                                      pt_err *err);
/* What a segment of a cuboid (of the base, or added to this transaction) sums up. */
PT_MUST_USE pt_status txn_put_covers(store_txn *t, uint32_t cuboid_id, uint64_t seg_id,
                                     const seg_cover *covers, uint32_t n, pt_err *err);
PT_MUST_USE pt_status txn_drop_segment(store_txn *t, uint32_t cube_id, uint64_t seg_id, pt_err *err);
/* Mark rows deleted (added to those deleted already). A segment of which no row is left goes as a whole.
 * PT_NAME: neither the base nor this transaction has the segment; PT_VALUE: it has no such row. */
PT_MUST_USE pt_status txn_delete_rows(store_txn *t, uint32_t cube_id, uint64_t seg_id,
                                      const roaring_bitmap_t *rows, pt_err *err);
/* Records. txn_next_load_id counts up from 1. Keys have 1 to 511 bytes (PT_LIMIT). Later changes win. */
PT_MUST_USE pt_status txn_next_load_id(store_txn *t, uint64_t *id, pt_err *err);
PT_MUST_USE pt_status txn_put_record(store_txn *t, store_table tab, pt_str key, pt_str value, pt_err *err);
PT_MUST_USE pt_status txn_drop_record(store_txn *t, store_table tab, pt_str key, pt_err *err);
/* What a commit now would publish: dimensions and segments as changed so far, definitions as in the base. To
 * be put back before the transaction ends. */
PT_MUST_USE pt_status txn_preview(store_txn *t, snapshot **out, pt_err *err);
/* Publish all, or nothing (a transaction that changed nothing publishes no version). Frees t either way. */
PT_MUST_USE pt_status txn_commit(store_txn *t, pt_err *err);
void txn_abort(store_txn *t); /* removes the files it wrote; t may be NULL */

/* Merge small segments of one cube into one, without their deleted rows, where that is worth it; call again
 * until *n_merged (segments replaced) is 0. Runs as one transaction of its own; waits up to 10 s for the lock
 * (PT_BUSY). The merged segment has the columns of all (nulls where one had no such measure), and the load id
 * of its parts if that is the same for all, else 0. Sorting and indexing as for loads: `write` calls
 * seg_writer_finish. */
typedef pt_status (*compact_write_fn)(void *ctx, const snapshot *snap, uint32_t cube_id, seg_writer *w,
                                      const char *path, uint64_t version, pt_err *err);
/* Called last, before the commit, with the transaction; may be NULL. */
typedef pt_status (*compact_done_fn)(void *ctx, store_txn *t, pt_err *err);
PT_MUST_USE pt_status store_compact(store *s, uint32_t cube_id, compact_write_fn write, compact_done_fn done,
                                    void *ctx, uint32_t *n_merged, pt_err *err);
