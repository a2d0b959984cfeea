/* plan_cache.c - pieces of plans by key, each in an arena of its own. A piece is made outside of the lock:
 * two threads may make the same, and the first to bring it in wins. */
#include "engine/plan_cache.h"

#include <pthread.h>

#include "base/map.h"

enum {
    LARGEST_SHARE = 4,     /* a piece takes a quarter of all at most */
    PIECE_BYTES = 8 << 10, /* besides what is in it */
};

typedef struct piece {
    arena *a;
    const void *value;
} piece;

struct plan_cache {
    size_t max_bytes;
    pthread_mutex_t lock; /* guards everything below */
    size_t n_bytes;
    bool is_full;
    bytes_map *by_key;
    piece *pieces;
    uint32_t n, cap;
};

plan_cache *plan_cache_new(size_t max_bytes)
{
    plan_cache *c = mem_alloc(1, sizeof *c);
    if (!c) return NULL;
    if (!(c->by_key = bytes_map_new())) {
        mem_free(c);
        return NULL;
    }
    c->max_bytes = max_bytes;
    pthread_mutex_init(&c->lock, NULL);
    return c;
}

void plan_cache_free(plan_cache *c)
{
    if (!c) return;
    for (uint32_t i = 0; i < c->n; i++) arena_free(c->pieces[i].a);
    mem_free(c->pieces);
    bytes_map_free(c->by_key);
    pthread_mutex_destroy(&c->lock);
    mem_free(c);
}

bool plan_cache_is_full(plan_cache *c)
{
    pthread_mutex_lock(&c->lock);
    bool is_full = c->is_full;
    pthread_mutex_unlock(&c->lock);
    return is_full;
}

/* NULL: it is not there. */
static const void *find(plan_cache *c, pt_str key, bool *is_full)
{
    uint32_t at;
    pthread_mutex_lock(&c->lock);
    const void *found = bytes_map_find(c->by_key, key, &at) ? c->pieces[at].value : NULL;
    *is_full = c->is_full;
    pthread_mutex_unlock(&c->lock);
    return found;
}

static bool make_room(plan_cache *c)
{
    if (c->n < c->cap) return true;
    uint32_t cap = c->cap ? 2 * c->cap : 32;
    piece *grown = mem_grow(c->pieces, cap, sizeof *grown);
    if (!grown) return false;
    c->pieces = grown;
    c->cap = cap;
    return true;
}

/* Under the lock. false: there is no room, and the cache is full. Else *p is what is kept, and *is_taken
 * whether that is the piece that was brought. */
static bool bring(plan_cache *c, pt_str key, piece *p, bool *is_taken)
{
    uint32_t at;
    size_t n_bytes = arena_used(p->a) + key.len + PIECE_BYTES;
    if (c->is_full || n_bytes > c->max_bytes - c->n_bytes || !make_room(c) ||
        bytes_map_put(c->by_key, key, c->n, &at, is_taken) != PT_OK) {
        c->is_full = true;
        return false;
    }
    if (*is_taken) {
        c->pieces[c->n++] = *p;
        c->n_bytes += n_bytes;
    }
    *p = c->pieces[at];
    return true;
}

/* *out NULL: it cannot be kept. */
static pt_status make_kept(plan_cache *c, pt_str key, plan_make make, const void *ctx, const void **out,
                           pt_err *err)
{
    bool is_taken = false;
    pt_err mine = {0};
    piece p = {.a = arena_new(c->max_bytes / LARGEST_SHARE)};
    arena *own = p.a;
    *out = NULL;
    if (!own) return PT_OK;
    pt_status st = make(ctx, own, &p.value, &mine);
    if (st == PT_OK) {
        pthread_mutex_lock(&c->lock);
        if (bring(c, key, &p, &is_taken)) *out = p.value;
        pthread_mutex_unlock(&c->lock);
    }
    if (!is_taken) arena_free(own);
    if (st == PT_OK || st == PT_NOMEM) return PT_OK; /* too large to keep is no failure */
    if (err) *err = mine;
    return st;
}

pt_status plan_cache_get(plan_cache *c, pt_str key, plan_make make, const void *ctx, arena *a,
                         const void **out, pt_err *err)
{
    bool is_full = true;
    *out = c && key.ptr ? find(c, key, &is_full) : NULL;
    if (*out) return PT_OK;
    if (!is_full) PT_TRY(make_kept(c, key, make, ctx, out, err));
    return *out ? PT_OK : make(ctx, a, out, err);
}
