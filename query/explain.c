/* explain.c - EXPLAIN: what a statement would ask the engine; EXPLAIN ANALYZE: what it cost. */
#include <inttypes.h>

#include "query/select.h"

static pt_status add_line(rowset *r, pt_str line, uint64_t *cap, arena *a, pt_err *err)
{
    pt_value *row = arena_make(a, pt_value);
    if (r->n_rows == *cap) {
        uint64_t more = *cap ? *cap * 2 : 32;
        pt_value **grown = arena_array(a, pt_value *, more);
        if (!grown) return arena_fail(a, err);
        if (r->n_rows) memcpy(grown, r->rows, r->n_rows * sizeof *grown);
        r->rows = grown;
        *cap = more;
    }
    pt_str copy = str_copy(a, line);
    if (!row || !copy.ptr) return arena_fail(a, err);
    *row = value_text(copy);
    r->rows[r->n_rows++] = row;
    return PT_OK;
}

static pt_status lines(const strbuf *b, arena *a, rowset **out, pt_err *err)
{
    rowset *r = arena_make(a, rowset);
    uint64_t cap = 0;
    pt_str text = strbuf_str(b);
    if (b->failed || !r || !(r->names = arena_make(a, pt_str)) || !(r->types = arena_make(a, pt_type)))
        return arena_fail(a, err);
    r->n_columns = 1;
    r->names[0] = STR("plan");
    r->types[0] = TYPE_TEXT;
    while (text.len) {
        const char *end = memchr(text.ptr, '\n', text.len);
        size_t n = end ? (size_t)(end - text.ptr) : text.len;
        PT_TRY(add_line(r, (pt_str){text.ptr, n}, &cap, a, err));
        n += end ? 1 : 0;
        text = (pt_str){text.ptr + n, text.len - n};
    }
    *out = r;
    return PT_OK;
}

/* ---- EXPLAIN ----------------------------------------------------------- */

static const char *plural(uint32_t n)
{
    return n == 1 ? "" : "s";
}

/* is_answered: NON EMPTY has dropped what it drops. */
static void describe(const query *q, bool is_answered, strbuf *b)
{
    strbuf_printf(b, "cube [" STR_FMT "]%s\n", STR_ARG(q->sc->cube->name),
                  q->sc->cube->is_virtual ? " (virtual)" : "");
    if (q->slicer) strbuf_printf(b, "slicer: %u tuple%s\n", q->slicer_value.n, plural(q->slicer_value.n));
    for (uint32_t i = 0; i < q->n_axes; i++) {
        shape s = q->axes[i].set->shape;
        strbuf_printf(b, "axis %u: %u position%s%s of (" STR_FMT ")\n", i, q->axes[i].value.n,
                      plural(q->axes[i].value.n),
                      q->axes[i].def->non_empty && !is_answered ? " before NON EMPTY" : "",
                      STR_ARG(shape_text(q->b, s)));
    }
}

/* Note the cells of the first look at the answer, so that their requests can be shown. */
static pt_status touch_cells(query *q)
{
    eval *x = q->x;
    uint64_t n = 1;
    for (uint32_t i = 0; i < q->n_axes; i++)
        n = q->axes[i].value.n && n < 100000 ? n * q->axes[i].value.n : n;
    for (uint32_t i = 0; i < q->n_axes; i++)
        if (q->axes[i].value.n == 0) return PT_OK;
    for (uint64_t c = 0; c < n && c < 100000; c++) {
        uint64_t rest = c;
        uint32_t mark = ctx_mark(x);
        pt_value v;
        pt_status st = PT_OK;
        for (uint32_t i = 0; i < q->n_axes && st == PT_OK; i++) {
            set s = q->axes[i].value;
            st = ctx_set_tuple(x, set_at(s, (uint32_t)(rest % s.n)), s.arity);
            rest /= s.n;
        }
        if (st == PT_OK) st = eval_cell(x, &v);
        ctx_undo(x, mark);
        arena_reset(x->work);
        if (st == EVAL_ERROR) pt_err_clear(q->err);
        if (st != PT_OK && st != EVAL_PENDING && st != EVAL_ERROR) return st;
    }
    return PT_OK;
}

static pt_status plan(query *q, strbuf *b)
{
    PT_TRY(select_slicer(q));
    PT_TRY(select_axes(q));
    describe(q, false, b);
    const query_stats *s = q->stats;
    if (s->n_requests) {
        strbuf_printf(b, "requests already needed for the sets: %u", s->n_requests);
        if (s->n_derived) strbuf_printf(b, ", of these %u without a pass of their own", s->n_derived);
        strbuf_addc(b, '\n');
    }
    PT_TRY(ctx_enter_slicer(q->x));
    PT_TRY(touch_cells(q));
    return cells_explain(q->x->cells, b, q->err);
}

/* ---- EXPLAIN ANALYZE --------------------------------------------------- */

static void costs(const query_stats *s, const cellset *cs, strbuf *b)
{
    strbuf_printf(b, "cells: %" PRIu64 " not empty\n", cs->n_cells);
    strbuf_printf(b, "passes: %u, requests: %u\n", s->n_passes, s->n_requests);
    if (s->n_by_cache) strbuf_printf(b, "answered by the cell cache: %u request(s)\n", s->n_by_cache);
    if (s->n_derived)
        strbuf_printf(b, "summed up from the groups of a shared pass: %u request(s)\n", s->n_derived);
    if (s->n_by_cuboid)
        strbuf_printf(b, "answered by cuboids: %u request(s), the last by [" STR_FMT "]\n", s->n_by_cuboid,
                      STR_ARG(s->cuboid));
    strbuf_printf(b, "fetched: %" PRIu64 " cells from %" PRIu64 " rows\n", s->n_cells_fetched,
                  s->n_rows_read);
    strbuf_printf(b, "blocks: %" PRIu64 " read, %" PRIu64 " skipped, %" PRIu64 " index look-ups\n",
                  s->n_blocks - s->n_blocks_skipped, s->n_blocks_skipped, s->n_index_uses);
    if (s->n_blocks_again)
        strbuf_printf(b, "read again for minima and maxima, from their end on: %" PRIu64 " blocks\n",
                      s->n_blocks_again);
    strbuf_printf(b, "time: bind %.3f ms, axes %.3f ms, cells %.3f ms (of these in the engine %.3f ms)\n",
                  (double)s->bind_us / 1e3, (double)s->axes_us / 1e3, (double)s->cells_us / 1e3,
                  (double)s->engine_us / 1e3);
    strbuf_printf(b, "memory: %.1f MB\n", (double)s->memory_bytes / 1e6);
    if (s->n_spilled_bytes)
        strbuf_printf(b, "spilled: %.1f MB of groups to disk\n", (double)s->n_spilled_bytes / 1e6);
}

/* What the statement asks for is told round by round, as it happens. */
static pt_status analyze(query *q, arena *a, strbuf *b)
{
    strbuf told = {0};
    cellset *cs;
    q->stats->told = &told;
    pt_status st = select_run(q, a, &cs);
    if (st == PT_OK) {
        describe(q, true, b);
        strbuf_adds(b, strbuf_str(&told));
        costs(q->stats, cs, b);
        if (told.failed) st = pt_fail(q->err, PT_NOMEM, "out of memory while explaining");
    }
    strbuf_free(&told);
    return st;
}

static pt_status explain(const query_env *env, const ast_stmt *s, pt_str text, arena *a, strbuf *b,
                         pt_err *err)
{
    query q;
    query_stats stats = {0};
    int64_t start = limits_now_us();
    pt_status st = select_open(env, s->select, text, a, &stats, &q, err);
    stats.bind_us = limits_now_us() - start;
    if (st == PT_OK) st = s->analyze ? analyze(&q, a, b) : plan(&q, b);
    st = select_status(&q, st);
    if (st != PT_OK && q.ast) select_blame(&q);
    select_close(&q);
    return st;
}

pt_status query_explain(const query_env *env, const ast_stmt *s, pt_str text, arena *a, rowset **out,
                        pt_err *err)
{
    strbuf b = {0};
    pt_status st = explain(env, s, text, a, &b, err);
    if (st == PT_OK) st = lines(&b, a, out, err);
    strbuf_free(&b);
    return st;
}
