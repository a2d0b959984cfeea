/* load_run.c - reading a part: chunks are filled in order, translated by all threads, and consumed in order.
 *
 * Every thread looks for what can be done next: the thread of the load consumes the batch whose turn it is
 * (all that touches the transaction is done by that thread alone); else a full segment is written; else one
 * thread at a time fills the next chunk, which it then translates. Lanes hold chunks between filling and
 * consuming; when none is free, or too many segments are full, reading waits, so memory is bounded. What
 * comes out does not depend on the number of threads, nor does which row's error is reported: failures are
 * kept in their lane until its turn comes. */
#include "etl/load_int.h"

enum { LANES_PER_THREAD = 3, MAX_LANES = 64 };

typedef enum lane_state { LANE_FREE, LANE_TAKEN, LANE_READY } lane_state;

typedef struct lane {
    lane_state state;
    bool is_last; /* nothing was left to fill it with */
    source_chunk *chunk;
    batch *batch;
    uint64_t position; /* of the reader behind the chunk */
    pt_status status;
    pt_err err;
} lane;

typedef struct run {
    load *l;
    load_mapping *m;
    load_part *p;
    source_reader *reader;
    load_consume consume;
    translator translator;
    unsigned n_workers;
    uint32_t n_lanes;
    lane lanes[MAX_LANES];
    const char *phase;
    /* under the lock of the load */
    uint64_t n_filled, n_consumed; /* chunk k is in lane k % n_lanes */
    bool is_filling, is_read;      /* read: the last chunk is filled, or one could not be */
    bool is_over;                  /* no thread begins anything more */
    pt_status digest_status;       /* of the part's digest, once nobody wants it any more */
    pt_err digest_err;
} run;

/* ---- preparing ----------------------------------------------------- */

/* Look-up tables are read once for a mapping, with its first part. */
static pt_status read_lookups(load *l, load_mapping *m)
{
    if (m->lookups || !m->mapping->n_joins) return PT_OK;
    m->lookups = arena_array(l->a, lookup *, m->mapping->n_joins);
    if (!m->lookups) return arena_fail(l->a, l->err);
    for (uint32_t i = 0; i < m->mapping->n_joins; i++) {
        const char *phase =
            str_printf(l->a, "reading " STR_FMT, STR_ARG(m->mapping->joins[i].def->table.name)).ptr;
        PT_TRY(load_progress(l, phase ? phase : "reading", 0, 0, "bytes"));
        PT_TRY(lookup_build(m->source->source, m->mapping, i, &l->options->limits, &m->lookups[i], l->err));
    }
    return PT_OK;
}

static pt_status make_translator(run *r)
{
    load *l = r->l;
    load_cube *c = r->m->cube;
    binding *bind = arena_make(l->a, binding);
    if (!bind) return arena_fail(l->a, l->err);
    PT_TRY(bind_part(r->m->mapping, r->m->lookups, r->reader, r->p->part.name, l->a, bind, l->err));
    r->translator = (translator){.mapping = r->m->mapping,
                                 .bind = bind,
                                 .lookups = r->m->lookups,
                                 .part = r->p->part.name,
                                 .limits = &l->options->limits,
                                 .day_role = MEMBER_NONE,
                                 .is_known = r->p->is_known};
    if (!c) return PT_OK;
    r->translator.has_history = c->has_history;
    r->translator.day_role = c->day_role;
    r->translator.day_attr = c->day_attr;
    r->translator.slice = c->has_slice ? &c->slice : NULL;
    return PT_OK;
}

static pt_status make_lanes(run *r)
{
    r->n_workers = load_workers(r->l);
    uint32_t n = r->n_workers > 1 ? r->n_workers * LANES_PER_THREAD : 1;
    if (n > MAX_LANES) n = MAX_LANES;
    for (r->n_lanes = 0; r->n_lanes < n; r->n_lanes++) {
        lane *x = &r->lanes[r->n_lanes];
        x->chunk = source_chunk_new(r->reader);
        x->batch = batch_new(r->m->mapping);
        if (x->chunk && x->batch) continue;
        r->n_lanes++;
        return pt_fail(r->l->err, PT_NOMEM, "out of memory");
    }
    return PT_OK;
}

static void end(run *r)
{
    for (uint32_t i = 0; i < r->n_lanes; i++) {
        source_chunk_free(r->lanes[i].chunk);
        batch_free(r->lanes[i].batch);
    }
    source_reader_close(r->reader);
}

/* ---- filling and translating --------------------------------------- */

/* Called, and returns, with the lock. */
static void fill_next(run *r)
{
    load *l = r->l;
    lane *x = &r->lanes[r->n_filled % r->n_lanes];
    translator t = r->translator;
    x->state = LANE_TAKEN;
    r->is_filling = true;
    pthread_mutex_unlock(&l->lock);

    x->err = (pt_err){0};
    x->is_last = false;
    x->status = source_fill(r->reader, x->chunk, &x->is_last, &x->err);
    x->position = source_position(r->reader);

    pthread_mutex_lock(&l->lock);
    r->is_filling = false;
    r->is_read = x->status != PT_OK || x->is_last;
    r->n_filled++;
    if (r->m->cube) { /* the consumer may have made new versions of dimensions meanwhile */
        t.views = r->m->cube->views;
        t.keymaps = r->m->cube->keymaps;
    }
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->lock);

    if (x->status == PT_OK && !x->is_last) x->status = translate_chunk(&t, x->chunk, x->batch, &x->err);

    pthread_mutex_lock(&l->lock);
    x->state = LANE_READY;
    pthread_cond_broadcast(&l->changed);
}

/* ---- consuming ----------------------------------------------------- */

static pt_status consume_batch(run *r, const lane *x)
{
    load *l = r->l;
    batch *b = x->batch;
    load_mapping_result *count = r->m->result;
    PT_TRY(limits_check(&l->options->limits, l->err));
    PT_TRY(r->consume(l, r->m, r->p, b));
    for (uint32_t i = 0; i < b->n_rejects; i++) PT_TRY(load_reject(l, r->m, r->p->part.name, &b->rejects[i]));
    count->n_read += b->n_read;
    count->n_loaded += b->n_rows;
    count->n_rejected += b->n_rejects;
    count->n_filtered += b->n_filtered + b->n_outside;
    r->p->n_loaded += b->n_rows;
    r->p->n_rejected += b->n_rejects;
    return load_progress(l, r->phase, l->bytes_done + x->position, l->bytes_total, "bytes");
}

/* The chunk whose turn it is. Called, and returns, with the lock. */
static pt_status consume_next(run *r)
{
    load *l = r->l;
    lane *x = &r->lanes[r->n_consumed % r->n_lanes];
    pt_status st = x->status;
    pthread_mutex_unlock(&l->lock);
    if (st != PT_OK)
        *l->err = x->err;
    else if (!x->is_last)
        st = consume_batch(r, x);
    pthread_mutex_lock(&l->lock);
    x->state = LANE_FREE;
    r->n_consumed++;
    r->is_over = r->is_over || st != PT_OK || x->is_last;
    pthread_cond_broadcast(&l->changed);
    return st;
}

/* ---- the threads --------------------------------------------------- */

static bool can_consume(const run *r)
{
    return r->n_consumed < r->n_filled && r->lanes[r->n_consumed % r->n_lanes].state == LANE_READY;
}

static bool can_fill(const run *r)
{
    return !r->is_filling && !r->is_read && r->lanes[r->n_filled % r->n_lanes].state == LANE_FREE;
}

/* The thread of the load: writes segments only when they hold up the rest (load_segment.c). */
static pt_status lead(run *r)
{
    pt_status st = PT_OK;
    while (!r->is_over) {
        if (can_consume(r))
            st = consume_next(r);
        else if (can_fill(r))
            fill_next(r);
        else
            pthread_cond_wait(&r->l->changed, &r->l->lock);
    }
    return st;
}

/* The part's digest, beside the reading of it. Called, and returns, with the lock. */
static void find_digest(run *r)
{
    load_part *p = r->p;
    p->wants_digest = false;
    pthread_mutex_unlock(&r->l->lock);
    pt_status st = source_digest(r->m->source->source, &p->part, p->digest, &r->digest_err);
    pthread_mutex_lock(&r->l->lock);
    r->digest_status = st;
    p->has_digest = st == PT_OK;
}

static void follow(run *r)
{
    if (r->p->wants_digest) find_digest(r);
    while (!r->is_over) {
        if (load_segment_work(r->l)) continue;
        if (can_fill(r))
            fill_next(r);
        else
            pthread_cond_wait(&r->l->changed, &r->l->lock);
    }
}

/* There are as many tasks as workers, and each takes one until all is over. */
static pt_status work(void *ctx, unsigned worker, uint64_t task, pt_err *err)
{
    run *r = ctx;
    pt_status st = PT_OK;
    (void)task;
    (void)err; /* failures are the leader's, in the error of the load */
    pthread_mutex_lock(&r->l->lock);
    if (worker == 0)
        st = lead(r);
    else
        follow(r);
    pthread_mutex_unlock(&r->l->lock);
    return st;
}

static pt_status run_all(run *r)
{
    load *l = r->l;
    PT_TRY(pool_run(warehouse_pool(l->warehouse), r->n_workers, r->n_workers, work, r, NULL));
    return source_finish(r->reader, l->err);
}

/* If there was no second thread, nobody has found it. */
static pt_status end_of_digest(run *r)
{
    pthread_mutex_lock(&r->l->lock);
    if (r->p->wants_digest) find_digest(r);
    pthread_mutex_unlock(&r->l->lock);
    if (r->digest_status != PT_OK) *r->l->err = r->digest_err;
    return r->digest_status;
}

/* What a tracked table has come to; nothing new is no load of the part. */
static pt_status end_of_part(run *r)
{
    bool has_new = true;
    if (source_is_tracked(r->m->source->source)) {
        pt_str mark = source_mark(r->reader, &has_new);
        if (has_new) {
            r->p->mark = str_copy(r->l->a, mark);
            if (!r->p->mark.ptr) return arena_fail(r->l->a, r->l->err);
        }
    }
    r->p->is_skipped = !has_new && !r->p->is_replaced;
    if (has_new) r->l->has_work = true;
    if (r->p->is_skipped)
        r->m->result->n_files_skipped++;
    else
        r->m->result->n_files++;
    return PT_OK;
}

pt_status load_run_part(load *l, load_mapping *m, load_part *p, load_consume consume)
{
    run r = {.l = l, .m = m, .p = p, .consume = consume};
    r.phase = str_printf(l->a, "reading " STR_FMT, STR_ARG(p->part.name)).ptr;
    if (!r.phase) return arena_fail(l->a, l->err);
    PT_TRY(read_lookups(l, m));
    PT_TRY(source_read(m->source->source, &p->part, p->after, &r.reader, l->err));
    pt_status st = PT_OK;
    if (source_n_columns(r.reader) > 0) { /* an empty file has nothing, not even columns */
        if ((st = make_translator(&r)) == PT_OK && (st = make_lanes(&r)) == PT_OK) st = run_all(&r);
    }
    if (st == PT_OK) st = end_of_digest(&r);
    if (st == PT_OK) st = end_of_part(&r);
    l->bytes_done += (uint64_t)p->part.stamp.size_bytes;
    end(&r);
    return st;
}
