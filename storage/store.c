/* store.c - a warehouse directory: making, opening, and its small records. */
#include "storage/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/fs.h"
#include "storage/store_int.h"

#define CATALOG_FILE     "catalog.mdb"
#define CATALOG_NEW_FILE "catalog.new" /* while it is being made */
#define CATALOG_NEW_LOCK "catalog.new-lock"

enum { READ_TRIES = 100 };

/* ---- paths --------------------------------------------------------- */

static pt_status join_path(const char *dir, const char *name, char *path, size_t size, pt_err *err)
{
    int n = snprintf(path, size, "%s/%s", dir, name);
    return n > 0 && (size_t)n < size ? PT_OK : pt_fail(err, PT_LIMIT, "path '%s/%s' is too long", dir, name);
}

pt_status store_path(const store *s, store_file kind, uint64_t file, char *path, size_t size, pt_err *err)
{
    char name[64];
    const char *what = kind == FILE_SEG ? "seg" : "dim";
    snprintf(name, sizeof name, "%s/%010llu.%s", what, (unsigned long long)file, what);
    return join_path(s->dir, name, path, size, err);
}

const char *store_dir(const store *s)
{
    return s->dir;
}

/* ---- steps of a crash test ----------------------------------------- */

void store_crash_at(store *s, uint64_t k)
{
    atomic_store(&s->crash_at, k);
}

void store_step(store *s)
{
    if (atomic_load(&s->crash_at) && atomic_fetch_sub(&s->crash_at, 1) == 1) _exit(137);
}

/* ---- making -------------------------------------------------------- */

static bool is_remains(const char *name)
{
    static const char *const remains[] = {
        ".", "..", "lock", "seg", "dim", CATALOG_NEW_FILE, CATALOG_NEW_LOCK};
    for (size_t i = 0; i < ARRAY_LEN(remains); i++)
        if (strcmp(name, remains[i]) == 0) return true;
    return false;
}

/* Nothing is there but what an interrupted store_init leaves. */
static pt_status expect_empty(const char *dir, pt_err *err)
{
    char path[STORE_PATH];
    pt_status st = PT_OK;
    PT_TRY(join_path(dir, CATALOG_FILE, path, sizeof path, err));
    if (fs_exists(path)) return pt_fail(err, PT_EXISTS, "'%s' is a warehouse already", dir);
    DIR *d = opendir(dir);
    if (!d) return pt_fail_errno(err, PT_IO, "cannot read directory '%s'", dir);
    for (struct dirent *e; st == PT_OK && (e = readdir(d));) {
        if (is_remains(e->d_name)) continue;
        st = pt_fail(err, PT_EXISTS, "directory '%s' is not empty: it has '%s'", dir, e->d_name);
        pt_hint(err, "give a new or an empty directory");
    }
    closedir(d);
    return st;
}

/* The catalog is made under another name and renamed when complete, so that a warehouse exists or does not.
 */
static pt_status make_catalog(const char *dir, pt_err *err)
{
    char fresh[STORE_PATH], lock[STORE_PATH], final[STORE_PATH];
    PT_TRY(join_path(dir, CATALOG_NEW_FILE, fresh, sizeof fresh, err));
    PT_TRY(join_path(dir, CATALOG_NEW_LOCK, lock, sizeof lock, err));
    PT_TRY(join_path(dir, CATALOG_FILE, final, sizeof final, err));
    unlink(fresh);
    unlink(lock);
    PT_TRY(catalog_create(fresh, err));
    unlink(lock);
    if (rename(fresh, final) != 0) return pt_fail_errno(err, PT_IO, "cannot make file '%s'", final);
    return fs_sync_dir(dir, err);
}

static pt_status init_locked(const char *dir, pt_err *err)
{
    static const char *const folders[] = {"seg", "dim"};
    char path[STORE_PATH];
    PT_TRY(expect_empty(dir, err));
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        PT_TRY(join_path(dir, folders[i], path, sizeof path, err));
        PT_TRY(fs_mkdir(path, err));
    }
    return make_catalog(dir, err);
}

pt_status store_init(const char *dir, pt_err *err)
{
    char path[STORE_PATH];
    PT_TRY(fs_mkdir(dir, err));
    PT_TRY(expect_empty(dir, err));
    PT_TRY(join_path(dir, "lock", path, sizeof path, err));
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) return pt_fail_errno(err, PT_IO, "cannot create file '%s'", path);
    pt_status st = flock(fd, LOCK_EX | LOCK_NB) == 0
                       ? init_locked(dir, err)
                       : pt_fail(err, PT_BUSY, "another process is making a warehouse in '%s'", dir);
    close(fd);
    return st;
}

/* ---- opening ------------------------------------------------------- */

pt_status store_open(const char *dir, bool read_only, store **out, pt_err *err)
{
    char path[STORE_PATH];
    *out = NULL;
    PT_TRY(join_path(dir, CATALOG_FILE, path, sizeof path, err));
    if (access(path, F_OK) != 0 && errno == ENOTDIR)
        return pt_fail(err, PT_IO, "'%s' is a file, expected the directory of a warehouse", dir);
    if (access(path, F_OK) != 0 && errno == ENOENT) {
        pt_fail(err, PT_IO, "there is no warehouse in '%s'", dir);
        return pt_hint(err, "make one with: patron init %s", dir);
    }
    store *s = mem_alloc(1, sizeof *s);
    if (!s) return pt_fail(err, PT_NOMEM, "out of memory while opening '%s'", dir);
    pthread_mutex_init(&s->lock, NULL);
    s->is_read_only = read_only;
    s->dir = strdup(dir);
    pt_status st = s->dir ? catalog_open(path, &s->cat, err)
                          : pt_fail(err, PT_NOMEM, "out of memory while opening '%s'", dir);
    if (st == PT_OK)
        *out = s;
    else
        store_close(s);
    return st;
}

void store_close(store *s)
{
    if (!s) return;
    snapshot_put(s->current);
    catalog_close(s->cat);
    pthread_mutex_destroy(&s->lock);
    free(s->dir);
    mem_free(s);
}

/* ---- records ------------------------------------------------------- */

static catalog_table table_of(store_table t)
{
    return (catalog_table)(CAT_LOAD + (int)t);
}
_Static_assert((int)CAT_SETTING - (int)CAT_LOAD == (int)TAB_SETTING, "catalog_table repeats store_table");

pt_status store_read(store *s, store_table t, pt_str key, arena *a, pt_str *value, bool *found, pt_err *err)
{
    *found = false;
    for (int i = 0; i < READ_TRIES; i++) {
        MDB_txn *txn;
        pt_str view;
        pt_err local = {0};
        PT_TRY(catalog_begin(s->cat, false, &txn, err));
        pt_status st = catalog_get(s->cat, txn, table_of(t), key, &view, found, &local);
        if (st == PT_OK && *found) {
            *value = str_copy(a, view);
            if (!value->ptr) st = arena_fail(a, &local);
        }
        bool is_stable = catalog_is_stable(s->cat, txn);
        mdb_txn_abort(txn);
        if (!is_stable) continue;
        if (st != PT_OK && err && err->code == PT_OK) *err = local;
        return st;
    }
    pt_fail(err, PT_BUSY, "warehouse '%s' changes faster than it can be read", s->dir);
    return pt_hint(err, "try again");
}

pt_status store_scan(store *s, store_table t, pt_str prefix, bool backwards, store_record_fn fn, void *ctx,
                     pt_err *err)
{
    MDB_txn *txn;
    PT_TRY(catalog_begin(s->cat, false, &txn, err));
    pt_status st = catalog_scan(s->cat, txn, table_of(t), prefix, backwards, fn, ctx, err);
    bool is_stable = catalog_is_stable(s->cat, txn);
    mdb_txn_abort(txn);
    if (is_stable) return st;
    pt_err_clear(err);
    pt_fail(err, PT_BUSY, "warehouse '%s' was changed while it was read without a lock", s->dir);
    return pt_hint(err, "try again, or allow this user to write %s/" CATALOG_FILE "-lock", s->dir);
}

/* ---- sizes --------------------------------------------------------- */

pt_status store_stats_get(store *s, store_stats *out, pt_err *err)
{
    char path[STORE_PATH];
    snapshot *snap;
    *out = (store_stats){0};
    PT_TRY(join_path(s->dir, CATALOG_FILE, path, sizeof path, err));
    PT_TRY(store_snapshot(s, &snap, err));
    int64_t size = fs_size(path);
    out->catalog_bytes = size > 0 ? (uint64_t)size : 0;
    out->version = snap->state.version;
    for (uint32_t i = 0; i < snap->n_segs; i++) {
        out->segment_bytes += seg_bytes(snap->segs[i].seg);
        if (snap->segs[i].n_covers) continue; /* a cuboid's */
        out->n_segments++;
        out->n_rows += seg_rows(snap->segs[i].seg);
        if (snap->segs[i].deleted) out->n_deleted += roaring_bitmap_get_cardinality(snap->segs[i].deleted);
    }
    pt_status st = PT_OK;
    for (uint32_t i = 0; i < snap->n_dims && st == PT_OK; i++) {
        st = store_path(s, FILE_DIM, snap->dims[i].file, path, sizeof path, err);
        size = st == PT_OK ? fs_size(path) : 0;
        out->dimension_bytes += size > 0 ? (uint64_t)size : 0;
    }
    snapshot_put(snap);
    return st;
}
