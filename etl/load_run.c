/* load_run.c - reading a part: chunks are filled by one thread, translated by all, and consumed in order.
 *
 * In rounds: fill as many chunks as there are lanes, translate them at once, consume them one after the
 * other. What comes out does not depend on the number of threads. */
#include "etl/load_int.h"

enum { LANES_PER_THREAD = 2, MAX_LANES = 64 };

typedef struct lane {
    source_chunk *chunk;
    batch *batch;
} lane;

typedef struct run {
    load *l;
    load_mapping *m;
    load_part *p;
    source_reader *reader;
    translator translator;
    uint32_t n_lanes, n_filled;
    lane lanes[MAX_LANES];
    unsigned n_workers;
    const char *phase;
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
    r->translator.views = c->views;
    r->translator.keymaps = c->keymaps;
    r->translator.has_history = c->has_history;
    r->translator.day_role = c->day_role;
    r->translator.day_attr = c->day_attr;
    r->translator.slice = c->has_slice ? &c->slice : NULL;
    return PT_OK;
}

static pt_status make_lanes(run *r)
{
    unsigned threads = pool_threads(warehouse_pool(r->l->warehouse)), wanted = r->l->options->limits.threads;
    r->n_workers = wanted && wanted < threads ? wanted : threads;
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

/* ---- rounds -------------------------------------------------------- */

static pt_status fill_lanes(run *r, bool *done)
{
    for (r->n_filled = 0; r->n_filled < r->n_lanes; r->n_filled++) {
        PT_TRY(source_fill(r->reader, r->lanes[r->n_filled].chunk, done, r->l->err));
        if (*done) break;
    }
    return PT_OK;
}

static pt_status translate_lane(void *ctx, unsigned worker, uint64_t task, pt_err *err)
{
    run *r = ctx;
    (void)worker;
    return translate_chunk(&r->translator, r->lanes[task].chunk, r->lanes[task].batch, err);
}

static pt_status consume_batch(run *r, batch *b, load_consume consume)
{
    load_mapping_result *count = r->m->result;
    PT_TRY(consume(r->l, r->m, r->p, b));
    for (uint32_t i = 0; i < b->n_rejects; i++)
        PT_TRY(load_reject(r->l, r->m, r->p->part.name, &b->rejects[i]));
    count->n_read += b->n_read;
    count->n_loaded += b->n_rows;
    count->n_rejected += b->n_rejects;
    count->n_filtered += b->n_filtered + b->n_outside;
    r->p->n_loaded += b->n_rows;
    r->p->n_rejected += b->n_rejects;
    return PT_OK;
}

static pt_status run_rounds(run *r, load_consume consume)
{
    load *l = r->l;
    bool done = false;
    while (!done) {
        PT_TRY(limits_check(&l->options->limits, l->err));
        PT_TRY(fill_lanes(r, &done));
        PT_TRY(pool_run(warehouse_pool(l->warehouse), r->n_workers, r->n_filled, translate_lane, r, l->err));
        for (uint32_t i = 0; i < r->n_filled; i++) PT_TRY(consume_batch(r, r->lanes[i].batch, consume));
        PT_TRY(
            load_progress(l, r->phase, l->bytes_done + source_position(r->reader), l->bytes_total, "bytes"));
    }
    return source_finish(r->reader, l->err);
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
    run r = {.l = l, .m = m, .p = p};
    r.phase = str_printf(l->a, "reading " STR_FMT, STR_ARG(p->part.name)).ptr;
    if (!r.phase) return arena_fail(l->a, l->err);
    PT_TRY(read_lookups(l, m));
    PT_TRY(source_read(m->source->source, &p->part, p->after, &r.reader, l->err));
    pt_status st = PT_OK;
    if (source_n_columns(r.reader) > 0) { /* an empty file has nothing, not even columns */
        if ((st = make_translator(&r)) == PT_OK && (st = make_lanes(&r)) == PT_OK)
            st = run_rounds(&r, consume);
    }
    if (st == PT_OK) st = end_of_part(&r);
    l->bytes_done += (uint64_t)p->part.stamp.size_bytes;
    end(&r);
    return st;
}
