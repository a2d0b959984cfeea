/* catalog_open.c - opening the LMDB file, once for each process.
 *
 * LMDB locks with fcntl, and a process that opens the same file a second time loses the locks of the first.
 * So this file keeps the one list of open catalogs that a process has; a mutex guards it. A child after fork
 * finds its parent's entries there and ignores them: an LMDB environment does not survive a fork. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/map.h"
#include "storage/catalog_int.h"

enum { MAX_READERS = 1022, OPEN_TRIES = 20, PAUSE_NS = 10 * 1000 * 1000 };

#define MAP_MOST  ((size_t)1 << 36) /* address space only; the file grows as needed */
#define MAP_LEAST ((size_t)1 << 28)

static pthread_mutex_t g_lock = PTHREAD_MUTEX_INITIALIZER;
static catalog *g_open;

const char *catalog_table_name(catalog_table t)
{
    static const char *const names[CAT_TABLES] = {"meta", "def",    "dim",  "seg",  "deleted",
                                                  "load", "reject", "file", "mark", "setting"};
    return names[t];
}

/* ---- the environment ----------------------------------------------- */

/* One attempt with one map size. */
static int env_open(const char *path, size_t map_bytes, unsigned flags, MDB_env **out)
{
    MDB_env *env = NULL;
    *out = NULL;
    int rc = mdb_env_create(&env);
    if (rc) return rc;
    if (!(rc = mdb_env_set_mapsize(env, map_bytes)) && !(rc = mdb_env_set_maxdbs(env, CAT_TABLES)) &&
        !(rc = mdb_env_set_maxreaders(env, MAX_READERS)))
        rc = mdb_env_open(env, path, flags | MDB_NOSUBDIR | MDB_NOTLS, 0666);
    if (rc)
        mdb_env_close(env);
    else
        *out = env;
    return rc;
}

/* The largest map that there is address space for. Tried here because LMDB's own failure does not tell: a
 * limit of the process is ENOMEM, that of valgrind EINVAL, and so is another process opening the file. */
static size_t map_size(void)
{
    for (size_t size = MAP_MOST; size > MAP_LEAST; size /= 2) {
        void *room = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (room == MAP_FAILED) continue;
        munmap(room, size);
        return size;
    }
    return MAP_LEAST;
}

/* Smaller maps if address space goes short all the same; again when another process opens or closes at the
 * same moment. */
static int env_open_any_size(const char *path, unsigned flags, MDB_env **out)
{
    int rc = EAGAIN;
    size_t map = map_size();
    for (int i = 0; i < OPEN_TRIES; i++) {
        rc = env_open(path, map, flags, out);
        if (rc == ENOMEM && map > MAP_LEAST)
            map /= 2;
        else if (rc == EAGAIN || rc == EBUSY || rc == EINVAL)
            nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
        else
            break;
    }
    return rc;
}

static bool may_write(const char *path)
{
    char *dir = strdup(path), *slash = dir ? strrchr(dir, '/') : NULL;
    if (slash) *slash = 0;
    bool ok = access(path, W_OK) == 0 && access(slash ? dir : ".", W_OK) == 0;
    free(dir);
    return ok;
}

/* For writing if that is permitted; else for reading; else for reading without locks. */
static int env_open_as_permitted(catalog *c, const char *path)
{
    c->has_locks = true;
    c->is_writable = may_write(path);
    if (c->is_writable) return env_open_any_size(path, 0, &c->env);
    int rc = env_open_any_size(path, MDB_RDONLY, &c->env);
    if (rc != EACCES && rc != EROFS && rc != EPERM && rc != ENOENT) return rc;
    c->has_locks = false;
    return env_open_any_size(path, MDB_RDONLY | MDB_NOLOCK, &c->env);
}

/* ---- tables -------------------------------------------------------- */

static pt_status open_tables(catalog *c, unsigned flags, MDB_txn *txn, pt_err *err)
{
    for (int t = 0; t < CAT_TABLES; t++) {
        int rc = mdb_dbi_open(txn, catalog_table_name((catalog_table)t), flags, &c->tables[t]);
        if (rc == MDB_NOTFOUND)
            return pt_fail(err, PT_CORRUPT, "catalog '%s' has no table '%s'", c->path,
                           catalog_table_name((catalog_table)t));
        if (rc) return catalog_fail(c->path, rc, "open", err);
    }
    return PT_OK;
}

/* Handles are kept when the transaction that opened them commits. */
static pt_status attach_tables(catalog *c, pt_err *err)
{
    MDB_txn *txn;
    catalog_state state;
    PT_TRY(catalog_begin(c, false, &txn, err));
    pt_status st = open_tables(c, 0, txn, err);
    if (st == PT_OK) st = catalog_get_state(c, txn, &state, err);
    if (st != PT_OK) {
        mdb_txn_abort(txn);
        return st;
    }
    return catalog_commit(c, txn, err);
}

/* ---- opening and closing ------------------------------------------- */

static catalog *new_entry(const char *path)
{
    catalog *c = mem_alloc(1, sizeof *c);
    if (!c) return NULL;
    c->refs = 1;
    c->pid = getpid();
    c->path = strdup(path);
    if (c->path) return c;
    mem_free(c);
    return NULL;
}

static void free_entry(catalog *c)
{
    if (c->env) mdb_env_close(c->env);
    free(c->path);
    mem_free(c);
}

static catalog *find_entry(const struct stat *st)
{
    for (catalog *c = g_open; c; c = c->next)
        if (c->pid == getpid() && c->dev == st->st_dev && c->ino == st->st_ino) return c;
    return NULL;
}

static pt_status open_new(const char *path, const struct stat *file, catalog **out, pt_err *err)
{
    catalog *c = new_entry(path);
    if (!c) return pt_fail(err, PT_NOMEM, "out of memory while opening catalog '%s'", path);
    c->dev = file->st_dev;
    c->ino = file->st_ino;
    int rc = env_open_as_permitted(c, path);
    pt_status st = rc ? catalog_fail(path, rc, "open", err) : attach_tables(c, err);
    if (st != PT_OK) {
        free_entry(c);
        return st;
    }
    c->next = g_open;
    *out = g_open = c;
    return PT_OK;
}

pt_status catalog_open(const char *path, catalog **out, pt_err *err)
{
    struct stat file;
    pt_status st = PT_OK;
    *out = NULL;
    if (stat(path, &file) != 0) return pt_fail_errno(err, PT_IO, "cannot open catalog '%s'", path);
    pthread_mutex_lock(&g_lock);
    catalog *c = find_entry(&file);
    if (c) {
        c->refs++;
        *out = c;
    } else {
        st = open_new(path, &file, out, err);
    }
    pthread_mutex_unlock(&g_lock);
    return st;
}

void catalog_close(catalog *c)
{
    if (!c) return;
    pthread_mutex_lock(&g_lock);
    if (--c->refs == 0) {
        catalog **at = &g_open;
        while (*at != c) at = &(*at)->next;
        *at = c->next;
        free_entry(c);
    }
    pthread_mutex_unlock(&g_lock);
}

pt_status catalog_create(const char *path, pt_err *err)
{
    MDB_txn *txn = NULL;
    struct timespec now;
    catalog *c = new_entry(path);
    if (!c) return pt_fail(err, PT_NOMEM, "out of memory while making catalog '%s'", path);
    c->has_locks = c->is_writable = true;
    int rc = env_open_any_size(path, 0, &c->env);
    pt_status st = rc ? catalog_fail(path, rc, "make", err) : catalog_begin(c, true, &txn, err);
    if (st == PT_OK) st = open_tables(c, MDB_CREATE, txn, err);
    if (st == PT_OK) {
        clock_gettime(CLOCK_REALTIME, &now);
        catalog_state state = {.next_def = 1, .next_file = 1, .next_load = 1};
        state.created_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
        st = catalog_put_state(c, txn, &state, err);
    }
    if (st == PT_OK)
        st = catalog_commit(c, txn, err);
    else if (txn)
        mdb_txn_abort(txn);
    free_entry(c);
    return st;
}

bool catalog_is_writable(const catalog *c)
{
    return c->is_writable;
}

uint64_t catalog_last_commit(const catalog *c)
{
    MDB_envinfo info = {0};
    return mdb_env_info(c->env, &info) == 0 ? info.me_last_txnid : 0;
}

pt_status catalog_recover(catalog *c, pt_err *err)
{
    int n_dead;
    MDB_txn *txn;
    mdb_reader_check(c->env, &n_dead);
    PT_TRY(catalog_begin(c, true, &txn, err));
    mdb_txn_abort(txn);
    return PT_OK;
}
