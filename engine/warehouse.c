/* warehouse.c - an open warehouse, and the view (snapshot and schema) that a statement runs on. */
#include "engine/warehouse.h"

#include <pthread.h>

#include "engine/cell_cache.h"
#include "engine/query_log.h"
#include "engine/schema_int.h"
#include "engine/shelf.h"

/* The schema of the newest version seen is kept; `lock` guards the two cached fields only. */
struct warehouse {
    store *store;
    pool *pool;
    pthread_mutex_t lock;
    schema *cached; /* NULL: none yet */
    uint64_t cached_version;
    cell_cache *cache; /* may be NULL, as the next */
    query_log *log;
    shelf *shelf; /* of the newest version seen; NULL: none yet */
};

pt_status warehouse_open(const char *dir, bool read_only, unsigned n_threads, warehouse **out, pt_err *err)
{
    *out = NULL;
    warehouse *w = mem_alloc(1, sizeof *w);
    if (!w) return pt_fail(err, PT_NOMEM, "out of memory while opening %s", dir);
    pthread_mutex_init(&w->lock, NULL);
    pt_status st = store_open(dir, read_only, &w->store, err);
    if (st == PT_OK && !(w->pool = pool_new(n_threads)))
        st = pt_fail(err, PT_NOMEM, "cannot start worker threads");
    if (st != PT_OK) {
        warehouse_close(w);
        return st;
    }
    w->log = query_log_new(dir, read_only);
    w->cache = cell_cache_new(CELL_CACHE_BYTES);
    *out = w;
    return PT_OK;
}

void warehouse_close(warehouse *w)
{
    if (!w) return;
    shelf_put(w->shelf);
    schema_put(w->cached);
    if (w->pool) pool_free(w->pool);
    query_log_free(w->log);
    cell_cache_free(w->cache);
    if (w->store) store_close(w->store);
    pthread_mutex_destroy(&w->lock);
    mem_free(w);
}

store *warehouse_store(warehouse *w)
{
    return w->store;
}

cell_cache *warehouse_cache(warehouse *w)
{
    return w->cache;
}

pool *warehouse_pool(warehouse *w)
{
    return w->pool;
}

/* ---- views ------------------------------------------------------------------------ */

static schema *find_cached(warehouse *w, uint64_t version)
{
    schema *s = NULL;
    pthread_mutex_lock(&w->lock);
    if (w->cached && w->cached_version == version) {
        s = w->cached;
        schema_get(s);
    }
    pthread_mutex_unlock(&w->lock);
    return s;
}

static void keep_cached(warehouse *w, uint64_t version, schema *s)
{
    schema *old = NULL;
    pthread_mutex_lock(&w->lock);
    if (!w->cached || w->cached_version < version) {
        old = w->cached;
        w->cached = s;
        w->cached_version = version;
        schema_get(s);
    }
    pthread_mutex_unlock(&w->lock);
    schema_put(old);
}

/* The shelf of the view's version; a fresh one if it is full. NULL when memory is short: then nothing is
 * shared. */
static shelf *share_shelf(warehouse *w, const view *v)
{
    shelf *s, *old = NULL;
    pthread_mutex_lock(&w->lock);
    if (w->shelf && shelf_fits(w->shelf, v)) {
        s = w->shelf;
    } else {
        old = w->shelf;
        w->shelf = s = shelf_new(v);
    }
    if (s) shelf_get(s);
    pthread_mutex_unlock(&w->lock);
    shelf_put(old);
    return s;
}

pt_status warehouse_view(warehouse *w, view *out, pt_err *err)
{
    *out = (view){0};
    snapshot *snap;
    PT_TRY(store_snapshot(w->store, &snap, err));
    uint64_t version = snapshot_schema_version(snap);
    schema *s = find_cached(w, version);
    if (!s) {
        pt_status st = schema_build(snap, &s, err);
        if (st != PT_OK) {
            snapshot_put(snap);
            return st;
        }
        keep_cached(w, version, s);
    }
    *out = (view){.snap = snap, .schema = s, .log = w->log, .cache = w->cache};
    out->shelf = share_shelf(w, out);
    return PT_OK;
}

void view_put(view *v)
{
    shelf_put(v->shelf);
    if (v->snap) snapshot_put(v->snap);
    schema_put(v->schema);
    *v = (view){0};
}

const dim_view *view_dim(const view *v, const dimension *d)
{
    const dim_view *found = snapshot_dim(v->snap, d->id);
    return found ? found : v->schema->empty[d - v->schema->dims];
}
