/* cell_cache.c - the table of entries: finding, keeping, and letting go. What fits is decided in
 * cell_match.c. */
#include "engine/cell_cache.h"

#include <pthread.h>

#include "base/map.h"
#include "engine/cell_match.h"

enum { N_BUCKETS = 1024, LARGEST_SHARE = 8 }; /* an entry takes an eighth of all at most */

struct cell_cache {
    pthread_mutex_t lock; /* guards everything below, and `refs` of entries and bases */
    uint64_t version;     /* the newest that was asked of; no entry is newer */
    cell_base *base;      /* of the entry made last; NULL: none */
    size_t n_bytes, max_bytes;
    uint64_t n_entries, n_hits, n_misses;
    cell_entry *buckets[N_BUCKETS];
    cell_entry *newest, *oldest;
};

cell_cache *cell_cache_new(size_t max_bytes)
{
    cell_cache *c = mem_alloc(1, sizeof *c);
    if (!c) return NULL;
    pthread_mutex_init(&c->lock, NULL);
    c->max_bytes = max_bytes;
    return c;
}

/* ---- the table ------------------------------------------------------------------------ */

static void base_put(cell_base *b)
{
    if (b && --b->refs == 0) cell_base_free(b);
}

static void let_go(cell_entry *e)
{
    if (--e->refs > 0) return;
    base_put(e->base);
    arena_free(e->a); /* the entry lives in it */
}

static cell_entry **bucket(cell_cache *c, uint64_t hash)
{
    return &c->buckets[hash % N_BUCKETS];
}

static void unlink_entry(cell_cache *c, cell_entry *e)
{
    cell_entry **at = bucket(c, e->hash);
    while (*at != e) at = &(*at)->next_in_bucket;
    *at = e->next_in_bucket;
    *(e->newer ? &e->newer->older : &c->newest) = e->older;
    *(e->older ? &e->older->newer : &c->oldest) = e->newer;
    c->n_bytes -= e->n_bytes;
    c->n_entries--;
    let_go(e);
}

static void link_newest(cell_cache *c, cell_entry *e)
{
    e->older = c->newest;
    e->newer = NULL;
    *(c->newest ? &c->newest->newer : &c->oldest) = e;
    c->newest = e;
}

static void touch(cell_cache *c, cell_entry *e)
{
    if (c->newest == e) return;
    *(e->newer ? &e->newer->older : &c->newest) = e->older;
    *(e->older ? &e->older->newer : &c->oldest) = e->newer;
    link_newest(c, e);
}

static void shrink(cell_cache *c, size_t to)
{
    while (c->oldest && c->n_bytes > to) unlink_entry(c, c->oldest);
}

/* False: entries may be newer than the view. */
static bool is_current(cell_cache *c, const view *v)
{
    uint64_t version = snapshot_version(v->snap);
    if (version < c->version) return false;
    c->version = version;
    return true;
}

/* ---- life -------------------------------------------------------------------------------- */

void cell_cache_free(cell_cache *c)
{
    if (!c) return;
    shrink(c, 0);
    base_put(c->base);
    pthread_mutex_destroy(&c->lock);
    mem_free(c);
}

void cell_cache_resize(cell_cache *c, size_t max_bytes)
{
    pthread_mutex_lock(&c->lock);
    c->max_bytes = max_bytes;
    shrink(c, max_bytes);
    pthread_mutex_unlock(&c->lock);
}

cell_cache_stats cell_cache_stats_get(cell_cache *c)
{
    pthread_mutex_lock(&c->lock);
    cell_cache_stats s = {c->n_bytes, c->max_bytes, c->n_entries, c->n_hits, c->n_misses};
    pthread_mutex_unlock(&c->lock);
    return s;
}

/* ---- finding ------------------------------------------------------------------------------- */

/* One of this version that fits, else the latest of those of former ones. */
static cell_entry *best_of(cell_cache *c, uint64_t hash, const agg_request *req)
{
    cell_entry *best = NULL;
    for (cell_entry *e = *bucket(c, hash); e; e = e->next_in_bucket) {
        if (e->hash != hash || (best && best->base->version >= e->base->version) || !cell_fits(e, req))
            continue;
        best = e;
        if (e->base->version == c->version) break;
    }
    return best;
}

static cell_entry *find(cell_cache *c, const view *v, const agg_request *req)
{
    cell_entry *e = NULL;
    pthread_mutex_lock(&c->lock);
    if (is_current(c, v)) {
        e = best_of(c, cell_hash(req), req);
        *(e ? &c->n_hits : &c->n_misses) += 1;
    }
    if (e) {
        touch(c, e);
        e->refs++;
    }
    pthread_mutex_unlock(&c->lock);
    return e;
}

/* What is of no use any more leaves. */
static void leave(cell_cache *c, cell_entry *e)
{
    pthread_mutex_lock(&c->lock);
    cell_entry *x = *bucket(c, e->hash);
    while (x && x != e) x = x->next_in_bucket; /* perhaps it left already */
    if (x) unlink_entry(c, x);
    c->n_hits--;
    c->n_misses++;
    pthread_mutex_unlock(&c->lock);
}

/* *since: what the entry lacks. False: it cannot be completed. */
static bool is_of_use(const cell_entry *e, const view *v, const agg_request *req, arena *a, cell_since *since)
{
    *since = (cell_since){0};
    if (e->base->version == snapshot_version(v->snap)) return true;
    return cell_can_renew(req) && cell_added(e->base, v, req, a, &since->segs, &since->n);
}

pt_status cell_cache_find(cell_cache *c, const view *v, const agg_request *req, arena *a, agg_result *out,
                          cell_since *since, bool *is_found, pt_err *err)
{
    cell_entry *e = find(c, v, req);
    pt_status st = PT_OK;
    *is_found = false;
    if (!e) return PT_OK;
    if (is_of_use(e, v, req, a, since)) {
        st = cell_answer(e, v, req, a, out, err);
        *is_found = st == PT_OK;
    } else {
        leave(c, e);
    }
    pthread_mutex_lock(&c->lock);
    let_go(e);
    pthread_mutex_unlock(&c->lock);
    return st;
}

/* ---- keeping --------------------------------------------------------------------------------- */

static bool is_worth(cell_cache *c, const agg_request *req, const agg_result *r)
{
    size_t bytes = (size_t)r->n_cells * (req->n_axes * sizeof(uint32_t) + req->n_measures * sizeof(pt_value));
    pthread_mutex_lock(&c->lock);
    bool is_small = bytes <= c->max_bytes / LARGEST_SHARE && c->max_bytes > 0;
    pthread_mutex_unlock(&c->lock);
    return is_small;
}

/* Entries that are made one after the other share theirs. False: out of memory. */
static bool set_base(cell_cache *c, const view *v, const cube *of, cell_entry *e)
{
    cell_base *b = c->base;
    if (!b || b->version != snapshot_version(v->snap) || b->cube_id != of->id) {
        b = cell_base_new(v, of);
        if (!b) return false;
        base_put(c->base);
        c->base = b;
    }
    b->refs++;
    e->base = b;
    return true;
}

void cell_cache_put(cell_cache *c, const view *v, const agg_request *req, const agg_result *r)
{
    if (!is_worth(c, req, r)) return;
    cell_entry *e = cell_entry_new(req, r);
    if (!e) return;
    pthread_mutex_lock(&c->lock);
    if (is_current(c, v) && set_base(c, v, req->cube, e)) {
        cell_entry *same = *bucket(c, e->hash);
        while (same && (same->hash != e->hash || !cell_is_within(same, e))) same = same->next_in_bucket;
        if (same) unlink_entry(c, same); /* the new one has it all */
        e->refs++;
        e->next_in_bucket = *bucket(c, e->hash);
        *bucket(c, e->hash) = e;
        link_newest(c, e);
        c->n_bytes += e->n_bytes;
        c->n_entries++;
        shrink(c, c->max_bytes);
    }
    let_go(e);
    pthread_mutex_unlock(&c->lock);
}
