/* aggregate.c - running requests: plan, blocks over all workers, merge, sum up, roll up. */
#include "engine/aggregate.h"

#include "base/deal.h"
#include "engine/agg_share.h"
#include "engine/agg_spill.h"
#include "engine/cell_cache.h"
#include "engine/cell_renew.h"
#include "engine/cuboid_int.h"
#include "engine/query_log.h"

/* ---- parts ------------------------------------------------------------------------- */

pt_status agg_part_init(agg_part *x, const agg_plan *plan, agg_memory *mem, uint64_t max_cells,
                        agg_spill *spill, pt_err *err)
{
    *x = (agg_part){0};
    pt_status st = agg_groups_init(&x->groups, plan, mem, max_cells, spill, err);
    if (st == PT_OK) st = agg_grow(mem, (void **)&x->sets, 0, plan->n_distinct, sizeof *x->sets, err);
    for (uint32_t i = 0; st == PT_OK && i < plan->n_distinct; i++)
        st = agg_set_init(&x->sets[i], &plan->distinct[i], plan->scan.kern, mem, err);
    if (st != PT_OK) agg_part_done(x);
    return st;
}

void agg_part_done(agg_part *x)
{
    const agg_plan *plan = x->groups.plan;
    for (uint32_t i = 0; x->sets && i < plan->n_distinct; i++) agg_set_done(&x->sets[i]);
    mem_free(x->sets);
    mem_free(x->slot_map);
    agg_groups_done(&x->groups);
    *x = (agg_part){0};
}

static pt_status merge_hashed(agg_part *to, const agg_part *from, uint32_t *slot_map, pt_err *err)
{
    enum { BATCH = 1024 };
    const agg_plan *p = to->groups.plan;
    for (uint64_t at = 0; at < from->groups.n; at += BATCH) {
        uint32_t n = from->groups.n - at < BATCH ? (uint32_t)(from->groups.n - at) : BATCH;
        PT_TRY(agg_groups_find(&to->groups, from->groups.keys + at * p->n_words, n, slot_map + at, err));
        for (uint32_t i = 0; i < n; i++)
            agg_combine(p, agg_acc(&to->groups, slot_map[at + i]), agg_acc(&from->groups, at + i));
    }
    return PT_OK;
}

pt_status agg_part_merge(agg_part *to, agg_part *from, pt_err *err)
{
    const agg_plan *p = to->groups.plan;
    if (p->is_direct) {
        for (uint64_t slot = 0; slot < from->groups.n; slot++) {
            const uint64_t *acc = agg_acc(&from->groups, slot);
            if (acc[0]) agg_combine(p, agg_acc(&to->groups, slot), acc);
        }
    } else {
        PT_TRY(agg_grow(to->groups.mem, (void **)&from->slot_map, 0, from->groups.n, sizeof *from->slot_map,
                        err));
        PT_TRY(merge_hashed(to, from, from->slot_map, err));
    }
    for (uint32_t i = 0; i < p->n_distinct; i++)
        PT_TRY(agg_set_merge(&to->sets[i], &from->sets[i], from->slot_map, err));
    return PT_OK;
}

/* ---- running -------------------------------------------------------------------------------- */

typedef struct run {
    agg_plan plan;
    agg_memory memory;
    const limits *limits;
    uint64_t max_cells; /* of the pass */
    agg_worker *workers;
    unsigned n_workers;
    deal_hand *hands;                       /* [n_workers] the blocks: each worker has a stretch */
    bool can_spill, must_spill, is_spilled; /* must_spill: groups of workers are not merged in memory */
    agg_spill spill;
    agg_search search;
} run;

static pt_status ready(run *r, agg_worker *w, pt_err *err)
{
    PT_TRY(limits_check(r->limits, err));
    if (w->plan) return PT_OK;
    return agg_worker_init(w, &r->plan, &r->memory, r->max_cells, r->can_spill ? &r->spill : NULL, err);
}

/* One of as many turns as there are blocks. Of several damaged blocks, it depends on timing which one is
 * told. */
static pt_status run_block(void *ctx, unsigned worker, uint64_t turn, pt_err *err)
{
    run *r = ctx;
    (void)turn;
    agg_worker *w = &r->workers[worker];
    PT_TRY(ready(r, w, err));
    return agg_worker_block(w, r->plan.scan.blocks[deal_take(r->hands, r->n_workers, worker)], err);
}

/* Few rows are done before a second thread is awake. */
static unsigned choose_workers(const run *r, const pool *p)
{
    enum { ROWS_PER_WORKER = 20000 };
    uint64_t n = pool_threads(p);
    if (r->limits->threads && r->limits->threads < n) n = r->limits->threads;
    if (n > r->plan.scan.n_blocks) n = r->plan.scan.n_blocks;
    if (n > r->plan.scan.n_rows / ROWS_PER_WORKER + 1) n = r->plan.scan.n_rows / ROWS_PER_WORKER + 1;
    return n ? (unsigned)n : 1;
}

static void add_statistics(const run *r, agg_result *out)
{
    uint64_t empty = 0;
    for (unsigned i = 0; i < r->n_workers; i++) {
        const scan_worker *s = &r->workers[i].scan;
        out->n_rows_read += s->n_rows_read;
        out->n_rows_matched += s->n_rows_matched;
        out->n_index_uses += s->n_index_uses;
        empty += s->n_blocks_empty;
        out->n_plane_reads += agg_worker_plane_reads(&r->workers[i]);
    }
    out->n_blocks = r->plan.scan.n_blocks_all;
    out->n_blocks_skipped = r->plan.scan.n_blocks_all - r->plan.scan.n_blocks + empty;
}

/* The parts of workers that took a block, merged into parts[0]. */
static pt_status merge_parts(run *r, agg_part **parts, unsigned *n_parts, pt_err *err)
{
    for (unsigned i = 0; i < r->n_workers; i++) {
        agg_worker *w = &r->workers[i];
        if (!w->plan) continue;
        if (w->hot) agg_hot_finish(&w->part.groups, w->hot);
        parts[*n_parts] = &w->part;
        if (*n_parts > 0) PT_TRY(agg_part_merge(parts[0], parts[*n_parts], err));
        PT_TRY(limits_check(r->limits, err));
        ++*n_parts;
    }
    return *n_parts ? PT_OK : pt_fail(err, PT_INTERNAL, "no worker took a block");
}

static pt_status search_block(void *ctx, unsigned worker, uint64_t task, pt_err *err)
{
    run *r = ctx;
    agg_worker *w = &r->workers[worker];
    uint32_t block = r->plan.hot.reaches[r->search.at + task].block;
    PT_TRY(ready(r, w, err));
    return agg_worker_search(w, r->plan.scan.blocks[block], &r->search, err);
}

/* The tops of workers that have some. */
static unsigned tops_of(const run *r, uint32_t **out)
{
    unsigned n = 0;
    for (unsigned i = 0; i < r->n_workers; i++)
        if (r->workers[i].plan) out[n++] = r->workers[i].tops;
    return n;
}

static pt_status search_extremes(run *r, pool *p, agg_groups *g, arena *scratch, agg_result *out, pt_err *err)
{
    agg_search *s = &r->search;
    if (!r->plan.hot.reaches) return PT_OK;
    uint32_t **tops = arena_array(scratch, uint32_t *, r->n_workers);
    if (!tops) return arena_fail(scratch, err);
    PT_TRY(agg_search_begin(s, &r->plan, r->n_workers, &r->memory, err));
    while (s->n) {
        PT_TRY(pool_run(p, r->n_workers, s->n, search_block, r, err));
        agg_search_next(s, g, tops, tops_of(r, tops));
    }
    agg_search_finish(s, g, tops[0]);
    out->n_blocks_again = s->at;
    return PT_OK;
}

static pt_status fold_first(run *r, pool *p, agg_part *const *parts, unsigned n_parts, pt_err *err)
{
    for (uint32_t i = 0; i < r->plan.n_distinct; i++)
        if (r->plan.distinct[i].has_first)
            PT_TRY(agg_first_fold(parts, n_parts, i, p, r->n_workers, r->limits, err));
    return PT_OK;
}

static pt_status count_distinct(agg_part *x, pt_err *err)
{
    const agg_plan *p = x->groups.plan;
    for (uint32_t i = 0; i < p->n_distinct; i++) PT_TRY(agg_set_count(&x->sets[i], x->groups.n, err));
    for (uint64_t slot = 0; p->proof == PROOF_MEMBERS && slot < x->groups.n; slot++)
        *agg_acc(&x->groups, slot) = x->sets[0].counts[slot];
    return PT_OK;
}

static pt_status finish(run *r, agg_part *x, arena *a, agg_result *out, pt_err *err)
{
    PT_TRY(agg_part_roll_up(x, err));
    PT_TRY(count_distinct(x, err));
    return agg_cells_fill(x, r->limits, a, out, err);
}

/* The smallest of those derived before that tells all that request i needs, else the pass itself. */
static const agg_part *parent_of(const agg_share *s, const agg_derived *derived, uint32_t i,
                                 const agg_part *all)
{
    const agg_part *best = all;
    for (uint32_t k = 0; k < i; k++) {
        const agg_derived *d = &derived[k];
        if (d->is_whole && d->part.groups.n < best->groups.n &&
            agg_is_finer(s->asked[k], s->asked[i], &s->rest[i]))
            best = &d->part;
    }
    return best;
}

/* All requests of a share from the groups of its pass. One may have asked for just these groups; they are
 * rolled up last. */
static pt_status answer_all(run *r, const agg_share *s, agg_part *all, arena *scratch, arena *a, pt_err *err)
{
    pt_status st = PT_OK;
    uint32_t same = MEMBER_NONE;
    agg_derived *derived = arena_array(scratch, agg_derived, s->n);
    if (!derived) return arena_fail(scratch, err);
    for (uint32_t i = 0; i < s->n && st == PT_OK; i++) {
        if (same == MEMBER_NONE && s->rest[i].n == 0 && agg_same_axes(&s->req, s->asked[i])) {
            same = i;
            continue;
        }
        const agg_part *from = parent_of(s, derived, i, all);
        st = agg_derive(from, s->asked[i], &s->rest[i], r->limits, scratch, &derived[i], err);
        s->results[i]->is_derived = true;
    }
    for (uint32_t i = 0; i < s->n && st == PT_OK; i++)
        st = finish(r, i == same ? all : &derived[i].part, a, s->results[i], err);
    for (uint32_t i = 0; i < s->n; i++) agg_part_done(&derived[i].part);
    return st;
}

static pt_status finish_parts(run *r, pool *p, agg_part **parts, const agg_share *s, arena *scratch, arena *a,
                              pt_err *err)
{
    unsigned n_parts = 0;
    PT_TRY(merge_parts(r, parts, &n_parts, err));
    agg_part *all = parts[0];
    PT_TRY(search_extremes(r, p, &all->groups, scratch, s->results[0], err));
    for (uint64_t slot = 0; r->plan.has_doubles && slot < all->groups.n; slot++)
        agg_carry(&r->plan, agg_acc(&all->groups, slot));
    PT_TRY(fold_first(r, p, parts, n_parts, err));
    return answer_all(r, s, all, scratch, a, err);
}

/* All groups to disk, and the cells from there. */
static pt_status finish_spilled(run *r, arena *a, agg_result *out, pt_err *err)
{
    for (unsigned i = 0; i < r->n_workers; i++) {
        agg_worker *w = &r->workers[i];
        if (w->plan) PT_TRY(agg_spill_groups(&r->spill, &w->part.groups, err));
        agg_worker_done(w);
    }
    return agg_spill_result(&r->spill, a, out, err);
}

static pt_status run_blocks(run *r, pool *p, const agg_share *s, arena *scratch, arena *a, pt_err *err)
{
    agg_part **parts = NULL;
    deal_out(r->hands, r->n_workers, r->plan.scan.n_blocks);
    PT_TRY(pool_run(p, r->n_workers, r->plan.scan.n_blocks, run_block, r, err));
    add_statistics(r, s->results[0]);
    if (r->must_spill || r->spill.n > 0) return finish_spilled(r, a, s->results[0], err);
    PT_TRY(agg_grow(&r->memory, (void **)&parts, 0, r->n_workers, sizeof *parts, err));
    pt_status st = finish_parts(r, p, parts, s, scratch, a, err);
    mem_free(parts);
    return st;
}

static pt_status empty_results(const agg_share *s, arena *a, pt_err *err)
{
    for (uint32_t i = 0; i < s->n; i++) {
        agg_result *out = s->results[i];
        out->coords = arena_array(a, uint32_t *, out->n_axes);
        out->values = arena_array(a, pt_value *, out->n_measures);
        if (!out->coords || !out->values) return arena_fail(a, err);
    }
    return PT_OK;
}

static pt_status run_planned(run *r, pool *p, const agg_share *s, arena *scratch, arena *a, pt_err *err)
{
    if (r->plan.scan.n_blocks == 0) {
        agg_result *first = s->results[0];
        first->n_blocks = first->n_blocks_skipped = r->plan.scan.n_blocks_all;
        return empty_results(s, a, err);
    }
    PT_TRY(agg_plan_doubles(&r->plan, p, r->n_workers, r->limits, err));
    r->can_spill = s->n == 1 && agg_spill_is_possible(&r->plan, r->limits);
    if (r->can_spill) agg_spill_init(&r->spill, &r->plan, &r->memory, r->limits, r->n_workers);
    r->must_spill &= r->can_spill;
    pt_status st = run_blocks(r, p, s, scratch, a, err);
    r->is_spilled = r->spill.n > 0;
    for (unsigned i = 0; i < r->n_workers; i++) agg_worker_done(&r->workers[i]);
    agg_spill_done(&r->spill);
    agg_search_done(&r->search);
    return st;
}

static pt_status run_once(const view *v, pool *p, run *r, const agg_share *s, const agg_source *from,
                          arena *a, pt_err *err)
{
    for (uint32_t i = 0; i < s->n; i++)
        *s->results[i] = (agg_result){.n_axes = s->asked[i]->n_axes, .n_measures = s->asked[i]->n_measures};
    agg_memory_init(&r->memory, r->limits);
    arena *scratch = arena_new_in(r->memory.shared);
    if (!scratch) return pt_fail(err, PT_NOMEM, "out of memory while planning");
    pt_status st = agg_plan_make(v, &s->req, from, scratch, &r->plan, err);
    if (st == PT_OK) {
        r->n_workers = choose_workers(r, p);
        r->workers = arena_array(scratch, agg_worker, r->n_workers);
        r->hands = arena_array(scratch, deal_hand, r->n_workers);
        st = r->workers && r->hands ? run_planned(r, p, s, scratch, a, err) : arena_fail(scratch, err);
    }
    arena_free(scratch);
    agg_memory_done(&r->memory);
    return st;
}

/* Rows and time are those of the first request of a share. Groups that fit into memory one worker at a time,
 * but not merged, are asked for again, to be spilled. */
static pt_status run_share(const view *v, pool *p, const limits *l, const agg_share *s,
                           const agg_source *from, arena *a, pt_err *err)
{
    int64_t start = limits_now_us();
    arena_mark before = arena_save(a);
    run r = {.limits = l, .max_cells = s->n == 1 ? l->cells : 0};
    pt_status st = run_once(v, p, &r, s, from, a, err);
    if (st == PT_NOMEM && r.can_spill && !r.is_spilled) {
        pt_err_clear(err);
        arena_restore(a, before);
        r = (run){.limits = l, .max_cells = l->cells, .must_spill = true};
        st = run_once(v, p, &r, s, from, a, err);
    }
    s->results[0]->elapsed_us = limits_now_us() - start;
    return st;
}

pt_status aggregate_on(const view *v, pool *p, const limits *l, const agg_request *req,
                       const agg_source *from, arena *a, agg_result *out, pt_err *err)
{
    agg_conj rest = {0};
    agg_share s = {.req = *req, .n = 1, .asked = &req, .rest = &rest, .results = &out};
    return run_share(v, p, l, &s, from, a, err);
}

/* ---- requests of a statement ---------------------------------------------------------------- */

static bool is_cached_kind(const view *v, const agg_request *req)
{
    return v->cache && !req->no_index && !req->no_cuboid && !req->no_cache && !agg_needs_facts(req);
}

/* *out is what a request gave before the facts of `since` came: add these. *is_done false: that cannot be. */
static pt_status add_since(const view *v, pool *p, const limits *l, const agg_request *req,
                           const cell_since *since, arena *a, agg_result *out, bool *is_done, pt_err *err)
{
    agg_result added;
    agg_source from = {.segs = since->segs, .n_segs = since->n};
    PT_TRY(aggregate_on(v, p, l, req, &from, a, &added, err));
    *is_done = cell_renew(req, &added, a, out);
    if (!*is_done) return PT_OK;
    out->n_rows_read = added.n_rows_read;
    out->n_rows_matched = added.n_rows_matched;
    out->n_blocks = added.n_blocks;
    out->n_blocks_skipped = added.n_blocks_skipped;
    out->n_blocks_again = added.n_blocks_again;
    out->n_index_uses = added.n_index_uses;
    out->elapsed_us += added.elapsed_us;
    cell_cache_put(v->cache, v, req, out);
    return PT_OK;
}

/* From earlier results or a cuboid. */
static pt_status run_prepared(const view *v, pool *p, const limits *l, const agg_request *req, arena *a,
                              agg_result *out, bool *is_done, pt_err *err)
{
    cell_since since;
    *is_done = false;
    if (agg_needs_facts(req)) return PT_OK;
    query_log_note(v->log, req);
    if (is_cached_kind(v, req)) {
        PT_TRY(limits_check(l, err));
        PT_TRY(cell_cache_find(v->cache, v, req, a, out, &since, is_done, err));
        if (*is_done && since.n) PT_TRY(add_since(v, p, l, req, &since, a, out, is_done, err));
        if (*is_done && l->cells && out->n_cells > l->cells) return agg_too_many_cells(l->cells, err);
    }
    if (*is_done || req->no_cuboid) return PT_OK;
    PT_TRY(cuboid_run(v, p, l, req, a, out, is_done, err));
    if (*is_done && is_cached_kind(v, req)) cell_cache_put(v->cache, v, req, out);
    return PT_OK;
}

/* From facts. Several requests together may need more memory than one after the other. */
static pt_status run_facts(const view *v, pool *p, const limits *l, const agg_share *s, arena *a, pt_err *err)
{
    agg_source facts = agg_facts(v, s->req.cube);
    arena_mark before = arena_save(a);
    pt_status st = run_share(v, p, l, s, &facts, a, err);
    if (st == PT_NOMEM && s->n > 1) {
        pt_err_clear(err);
        arena_restore(a, before);
        st = PT_OK;
        for (uint32_t i = 0; i < s->n && st == PT_OK; i++)
            st = aggregate_on(v, p, l, s->asked[i], &facts, a, s->results[i], err);
    }
    for (uint32_t i = 0; i < s->n && st == PT_OK; i++)
        if (is_cached_kind(v, s->asked[i])) cell_cache_put(v->cache, v, s->asked[i], s->results[i]);
    return st;
}

static pt_status run_all(const view *v, pool *p, const limits *l, const agg_request *reqs, uint32_t n,
                         arena *scratch, arena *a, agg_result *out, pt_err *err)
{
    const agg_request **left = arena_array(scratch, const agg_request *, n);
    agg_result **results = arena_array(scratch, agg_result *, n);
    agg_share *shares;
    uint32_t n_left = 0, n_shares;
    if (!left || !results) return arena_fail(scratch, err);
    for (uint32_t i = 0; i < n; i++) {
        bool is_done;
        PT_TRY(run_prepared(v, p, l, &reqs[i], a, &out[i], &is_done, err));
        if (is_done) continue;
        left[n_left] = &reqs[i];
        results[n_left++] = &out[i];
    }
    PT_TRY(agg_share_plan(v, l, left, n_left, results, scratch, &shares, &n_shares, err));
    for (uint32_t i = 0; i < n_shares; i++) PT_TRY(run_facts(v, p, l, &shares[i], a, err));
    return PT_OK;
}

pt_status aggregate_run_all(const view *v, pool *p, const limits *l, const agg_request *reqs, uint32_t n,
                            arena *a, agg_result *out, pt_err *err)
{
    arena *scratch = limits_arena(l);
    if (!scratch) return pt_fail(err, PT_NOMEM, "out of memory while planning");
    pt_status st = run_all(v, p, l, reqs, n, scratch, a, out, err);
    arena_free(scratch);
    return st;
}

pt_status aggregate_run(const view *v, pool *p, const limits *l, const agg_request *req, arena *a,
                        agg_result *out, pt_err *err)
{
    return aggregate_run_all(v, p, l, req, 1, a, out, err);
}
