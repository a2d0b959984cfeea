/* catalog.h - the LMDB file of a warehouse: its tables, and records that carry a checksum. docs/format.md
 * tells the keys and values. Only this folder includes it.
 *
 * LMDB must not be opened twice by one process, so that all stores of a process that open the same file share
 * one catalog (catalog_open finds it). Read transactions may be used by any thread, each by one at a time. */
#pragma once

#include <lmdb.h>

#include "storage/store.h"

enum {
    CATALOG_FORMAT = 1,
    CATALOG_MAX_KEY = 511, /* LMDB's own limit */
};

typedef enum catalog_table {
    CAT_META,    /* "state" -> catalog_state */
    CAT_DEF,     /* id -> definition */
    CAT_DIM,     /* dimension id -> file number */
    CAT_SEG,     /* cube id, segment id -> facts about the segment */
    CAT_DELETED, /* cube id, segment id -> portable Roaring bitmap of deleted rows */
    CAT_LOAD,    /* from here on: store_table, in its order */
    CAT_REJECT,
    CAT_FILE,
    CAT_MARK,
    CAT_SETTING,
    CAT_TABLES
} catalog_table;

/* The name of a table in messages and in LMDB. */
const char *catalog_table_name(catalog_table t);

/* ---- records ----------------------------------------------------------- */

typedef struct catalog_state {
    uint64_t version;        /* publishes so far */
    uint64_t schema_version; /* version that last changed a definition */
    uint32_t next_def;       /* first unused numbers */
    uint64_t next_file, next_load;
    int64_t created_us;
} catalog_state;

typedef struct catalog_seg {
    uint32_t cube;
    uint64_t id, load_id;
    uint32_t n_rows, n_deleted;
    uint32_t n_covers; /* of a cuboid: what it sums up, as stored (COVER_BYTES each) */
    const char *covers;
} catalog_seg;

enum {
    STATE_BYTES = 64,
    DEF_HEAD_BYTES = 24,
    DIM_BYTES = 8,
    SEG_BYTES = 16, /* and what a cuboid's segment covers */
    COVER_BYTES = 12,
    SEG_KEY_BYTES = 12,
    ID_KEY_BYTES = 4
};

void catalog_seg_key(uint8_t key[SEG_KEY_BYTES], uint32_t cube, uint64_t seg_id);
void catalog_seg_value(uint8_t value[SEG_BYTES], const catalog_seg *s);
/* `covers` is a view of the value. */
PT_MUST_USE pt_status catalog_seg_parse(pt_str key, pt_str value, catalog_seg *s, pt_err *err);
/* Texts are views of the value. */
PT_MUST_USE pt_status catalog_def_parse(pt_str key, pt_str value, catalog_def *d, pt_err *err);
pt_str catalog_def_value(arena *a, const catalog_def *d); /* ptr NULL: out of memory */
PT_MUST_USE pt_status catalog_dim_parse(pt_str key, pt_str value, uint32_t *dim, uint64_t *file, pt_err *err);

/* ---- opening ----------------------------------------------------------- */

typedef struct catalog catalog;

/* Make a catalog with the state of a new warehouse; syncs it. The file must not exist. */
PT_MUST_USE pt_status catalog_create(const char *path, pt_err *err);
/* Open or share. PT_IO, PT_VERSION, PT_CORRUPT. Without write permission it can only be read; where not even
 * the lock file can be written, reading takes no lock (catalog_is_stable tells whether what was read counts).
 */
PT_MUST_USE pt_status catalog_open(const char *path, catalog **out, pt_err *err);
void catalog_close(catalog *c); /* c may be NULL */
bool catalog_is_writable(const catalog *c);
/* LMDB transaction number of the last commit by any process; no transaction is needed. */
uint64_t catalog_last_commit(const catalog *c);
/* Clean up after processes that died: takes back the places of readers, and makes a commit whose process died
 * in its last instant known to readers of this process (LMDB does that when the next write transaction
 * begins). To be called by the holder of DIR/lock before it trusts what it reads. */
PT_MUST_USE pt_status catalog_recover(catalog *c, pt_err *err);

/* ---- transactions ------------------------------------------------------ */

PT_MUST_USE pt_status catalog_begin(catalog *c, bool is_write, MDB_txn **txn, pt_err *err);
PT_MUST_USE pt_status catalog_commit(catalog *c, MDB_txn *txn, pt_err *err); /* frees txn either way */
/* Without a lock file, pages may be written anew under a reader once the next commit begins. So what such a
 * transaction read counts only if nothing was committed since; with locks this is always true. */
bool catalog_is_stable(const catalog *c, MDB_txn *txn);

/* The value is a view: valid until the transaction ends. */
PT_MUST_USE pt_status catalog_get(catalog *c, MDB_txn *txn, catalog_table t, pt_str key, pt_str *value,
                                  bool *found, pt_err *err);
PT_MUST_USE pt_status catalog_put(catalog *c, MDB_txn *txn, catalog_table t, pt_str key, pt_str value,
                                  pt_err *err);
PT_MUST_USE pt_status catalog_delete(catalog *c, MDB_txn *txn, catalog_table t, pt_str key, pt_err *err);
/* As store_scan. A record with a bad checksum ends it with PT_CORRUPT. fn must not change the table. */
PT_MUST_USE pt_status catalog_scan(catalog *c, MDB_txn *txn, catalog_table t, pt_str prefix, bool backwards,
                                   store_record_fn fn, void *ctx, pt_err *err);
PT_MUST_USE pt_status catalog_count(catalog *c, MDB_txn *txn, catalog_table t, size_t *n, pt_err *err);
PT_MUST_USE pt_status catalog_get_state(catalog *c, MDB_txn *txn, catalog_state *out, pt_err *err);
PT_MUST_USE pt_status catalog_put_state(catalog *c, MDB_txn *txn, const catalog_state *state, pt_err *err);
