/* shelf.c - what is worked out once for all statements that run on a version. */
#include "engine/shelf.h"

enum { PLAN_BYTES = 64 << 20 };

struct shelf {
    atomic_uint refs;
    view view;
    plan_cache *plans;    /* its lock is its own */
    pthread_mutex_t lock; /* guards the list, the arena, and what cuboid_views work out later */
    arena *a;
    uint32_t n, cap;
    cuboid_view **views;
};

shelf *shelf_new(const view *v)
{
    shelf *s = mem_alloc(1, sizeof *s);
    if (!s) return NULL;
    s->a = arena_new(0);
    s->plans = plan_cache_new(PLAN_BYTES);
    if (!s->a || !s->plans) {
        arena_free(s->a);
        plan_cache_free(s->plans);
        mem_free(s);
        return NULL;
    }
    atomic_init(&s->refs, 1);
    pthread_mutex_init(&s->lock, NULL);
    s->view = (view){.snap = v->snap, .schema = v->schema};
    snapshot_get(v->snap);
    schema_get(v->schema);
    return s;
}

bool shelf_fits(const shelf *s, const view *v)
{
    return s->view.snap == v->snap && s->view.schema == v->schema && !plan_cache_is_full(s->plans);
}

void shelf_get(shelf *s)
{
    atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
}

void shelf_put(shelf *s)
{
    if (!s || atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1) return;
    plan_cache_free(s->plans);
    view_put(&s->view);
    pthread_mutex_destroy(&s->lock);
    arena_free(s->a);
    mem_free(s);
}

static pt_status find_or_make(shelf *s, const cuboid *c, cuboid_view **out, pt_err *err)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (s->views[i]->def == c) {
            *out = s->views[i];
            return PT_OK;
        }
    if (s->n == s->cap) {
        uint32_t cap = s->cap ? 2 * s->cap : 8;
        cuboid_view **grown = arena_array(s->a, cuboid_view *, cap);
        if (!grown) return arena_fail(s->a, err);
        if (s->n) memcpy(grown, s->views, s->n * sizeof *grown);
        s->views = grown;
        s->cap = cap;
    }
    cuboid_view *q = arena_make(s->a, cuboid_view);
    if (!q) return arena_fail(s->a, err);
    PT_TRY(cuboid_view_make(c, &s->view, s->a, &s->lock, q, err));
    s->views[s->n++] = *out = q;
    return PT_OK;
}

pt_status shelf_cuboid(const view *v, const cuboid *c, arena *a, cuboid_view **out, pt_err *err)
{
    if (!v->shelf) {
        *out = arena_make(a, cuboid_view);
        return *out ? cuboid_view_make(c, v, a, NULL, *out, err) : arena_fail(a, err);
    }
    pthread_mutex_lock(&v->shelf->lock);
    pt_status st = find_or_make(v->shelf, c, out, err);
    pthread_mutex_unlock(&v->shelf->lock);
    return st;
}

plan_cache *shelf_plans(const view *v)
{
    return v->shelf ? v->shelf->plans : NULL;
}
