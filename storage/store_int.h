/* store_int.h - the open store and its snapshots, for the store's own files. Only this folder (and its tests)
 * includes it. */
#pragma once

#include <pthread.h>

#include "storage/catalog.h"
#include "storage/deleted.h"

/* ---- the store --------------------------------------------------------- */

struct store {
    char *dir;
    catalog *cat;
    bool is_read_only;
    pthread_mutex_t lock; /* guards `current` and its making */
    snapshot *current;    /* NULL: none made yet */
    atomic_ullong crash_at;
};

/* What a file in DIR/seg or DIR/dim is. */
typedef enum store_file { FILE_SEG, FILE_DIM } store_file;

enum { STORE_PATH = 4096 }; /* room for any path; longer ones are PT_LIMIT */

/* DIR/seg/<number>.seg or DIR/dim/<number>.dim */
PT_MUST_USE pt_status store_path(const store *s, store_file kind, uint64_t file, char *path, size_t size,
                                 pt_err *err);

/* Tests only: the process ends as by SIGKILL at the k-th step from now on after which a file, a directory or
 * the catalog differs (0: off). A test forks a loader for every k and looks at what is left. */
void store_crash_at(store *s, uint64_t k);
/* Such a step. */
void store_step(store *s);

/* ---- snapshots --------------------------------------------------------- */

typedef struct snap_dim {
    uint32_t id;
    uint64_t file;
    dim_view *view;
} snap_dim;

struct snapshot {
    atomic_uint refs;
    uint64_t commit; /* LMDB transaction it is of */
    catalog_state state;
    arena *mem; /* the arrays and texts below */
    uint32_t n_defs, n_dims, n_segs;
    catalog_def *defs;   /* by id */
    snap_dim *dims;      /* by id */
    snapshot_seg *segs;  /* by cube, then id */
    seg **files;         /* [n_segs] what segs[i].seg points to: owned reference */
    deleted **deletions; /* [n_segs] owned reference; NULL: none */
    uint32_t *cube_of;   /* [n_segs] */
};

/* What a segment's record says that it covers, in the snapshot's memory. */
PT_MUST_USE pt_status snapshot_covers(snapshot *s, const catalog_seg *g, const seg_cover **out, pt_err *err);
/* Number of the segment in segs, or -1. */
int64_t snapshot_find_seg(const snapshot *s, uint32_t cube, uint64_t seg_id);

/* ---- compaction -------------------------------------------------------- */

/* Which segments of a cube to merge into one; as positions in `segs`. 0: nothing is worth it. */
uint32_t compact_plan(const snapshot_seg *segs, uint32_t n, uint32_t *picked);
