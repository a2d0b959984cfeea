/* agg_first.c - first slots of members, of all workers: united and counted by ranges of members, side by
 * side.
 *
 * Each worker has met members in some first slot of its own. The first part's array becomes everybody's (but
 * the last part's, which is counted and no more); a member that another part met in another slot first gets a
 * pair, and pairs that name what is now the first slot are dropped. So each member counts once in each of its
 * slots. */
#include "engine/agg_int.h"

enum { RANGE = 1 << 16, FIRST_CAP = 1024 };

typedef struct fold_worker {
    uint32_t *counts; /* [n_slots] */
    uint64_t *pairs;
    size_t n, cap;
} fold_worker;

typedef struct fold {
    agg_part *const *parts;
    unsigned n_parts;
    uint32_t set;
    const limits *limits;
    fold_worker *workers;
} fold;

static agg_set *set_of(const fold *f, unsigned part)
{
    return &f->parts[part]->sets[f->set];
}

static pt_status add_pair(fold_worker *w, agg_memory *mem, uint64_t pair, pt_err *err)
{
    if (w->n == w->cap) {
        size_t cap = w->cap ? w->cap * 2 : FIRST_CAP;
        PT_TRY(agg_grow(mem, (void **)&w->pairs, w->cap, cap, sizeof *w->pairs, err));
        w->cap = cap;
    }
    w->pairs[w->n++] = pair;
    return PT_OK;
}

/* slot: + 1; 0: none */
static void count(fold_worker *w, uint32_t slot)
{
    if (slot) w->counts[slot - 1]++;
}

/* The first slots of one part, in a range, to those of the first part; no slot_map: they are the same. Which
 * of the two met a member may be as good as random, so no branch depends on it; few are met by both. Those of
 * the last part are counted at once: to write what nobody reads any more would take as long as all else. */
static inline pt_status unite(fold *f, fold_worker *w, unsigned part, const uint32_t *slot_map, uint32_t at,
                              uint32_t end, pt_err *err)
{
    uint32_t *to = set_of(f, 0)->first;
    const uint32_t *from = set_of(f, part)->first;
    bool is_last = part + 1 == f->n_parts;
    for (uint32_t m = at; m < end; m++) {
        uint32_t known = to[m], more = from[m];
        if (slot_map && more) more = slot_map[more - 1] + 1;
        uint32_t if_new = 0u - (known == 0), again = more & ~if_new, slot = known | (more & if_new);
        if (is_last)
            count(w, slot);
        else
            to[m] = slot;
        if (again && again != known)
            PT_TRY(add_pair(w, f->parts[0]->groups.mem, agg_pair(again - 1, m), err));
    }
    return PT_OK;
}

static pt_status unite_part(fold *f, fold_worker *w, unsigned part, uint32_t at, uint32_t end, pt_err *err)
{
    const uint32_t *slot_map = f->parts[part]->slot_map;
    return slot_map ? unite(f, w, part, slot_map, at, end, err) : unite(f, w, part, NULL, at, end, err);
}

static pt_status fold_range(void *ctx, unsigned worker, uint64_t task, pt_err *err)
{
    fold *f = ctx;
    fold_worker *w = &f->workers[worker];
    const agg_set *to = set_of(f, 0);
    agg_memory *mem = f->parts[0]->groups.mem;
    uint32_t at = (uint32_t)task * RANGE, n = to->d->n_members, end = n - at < RANGE ? n : at + RANGE;
    PT_TRY(limits_check(f->limits, err));
    if (!w->counts)
        PT_TRY(agg_grow(mem, (void **)&w->counts, 0, f->parts[0]->groups.n, sizeof *w->counts, err));
    for (unsigned part = 1; part < f->n_parts; part++) PT_TRY(unite_part(f, w, part, at, end, err));
    if (f->n_parts == 1)
        for (uint32_t m = at; m < end; m++) count(w, to->first[m]);
    return PT_OK;
}

static void drop_first_pairs(agg_set *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++)
        if (s->first[(uint32_t)s->pairs[i]] != (s->pairs[i] >> 32) + 1) s->pairs[n++] = s->pairs[i];
    if (n < s->n) s->n_unique = 0;
    s->n = n;
}

static pt_status collect(const fold *f, unsigned n_workers, pt_err *err)
{
    agg_set *to = set_of(f, 0);
    uint64_t n_slots = f->parts[0]->groups.n;
    drop_first_pairs(to);
    PT_TRY(agg_grow(to->mem, (void **)&to->counts, 0, n_slots, sizeof *to->counts, err));
    for (unsigned i = 0; i < n_workers; i++) {
        const fold_worker *w = &f->workers[i];
        for (uint64_t slot = 0; w->counts && slot < n_slots; slot++) to->counts[slot] += w->counts[slot];
        PT_TRY(agg_set_add_pairs(to, w->pairs, w->n, err));
    }
    return PT_OK;
}

pt_status agg_first_fold(agg_part *const *parts, unsigned n_parts, uint32_t set, pool *p, unsigned n_workers,
                         const limits *l, pt_err *err)
{
    fold f = {.parts = parts, .n_parts = n_parts, .set = set, .limits = l};
    uint64_t n_tasks = ((uint64_t)set_of(&f, 0)->d->n_members + RANGE - 1) / RANGE;
    PT_TRY(agg_grow(parts[0]->groups.mem, (void **)&f.workers, 0, n_workers, sizeof *f.workers, err));
    pt_status st = pool_run(p, n_workers, n_tasks, fold_range, &f, err);
    if (st == PT_OK) st = collect(&f, n_workers, err);
    for (unsigned i = 0; i < n_workers; i++) {
        mem_free(f.workers[i].counts);
        mem_free(f.workers[i].pairs);
    }
    mem_free(f.workers);
    return st;
}
