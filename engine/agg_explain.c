/* agg_explain.c - what aggregate_run would do, in words. */
#include "engine/agg_share.h"
#include "engine/cuboid_int.h"

static void add_axis(strbuf *out, const agg_request *req, uint32_t hier, uint32_t n_level)
{
    const cube_hier *h = &req->cube->hiers[hier];
    strbuf_adds(out, h->unique_name);
    if (n_level < h->hierarchy->n_levels)
        strbuf_printf(out, ".[" STR_FMT "]", STR_ARG(h->hierarchy->levels[n_level].name));
}

static void add_scan(strbuf *out, const agg_plan *p)
{
    const scan *sc = &p->scan;
    strbuf_printf(out, "scan [" STR_FMT "]: %llu rows in %u of %llu blocks", STR_ARG(sc->cube->name),
                  (unsigned long long)sc->n_rows, sc->n_blocks, (unsigned long long)sc->n_blocks_all);
    if (sc->is_nothing)
        strbuf_addz(out, ", nothing can match");
    else if (sc->n_blocks < sc->n_blocks_all)
        strbuf_addz(out, ", the others ruled out by their ranges");
    strbuf_addc(out, '\n');
}

static bool is_indexed(const scan_seg *s, const scan_filter *f, uint32_t filter)
{
    bool all = s->indexes != NULL;
    for (uint32_t k = 0; all && k < f->n_parts; k++) all = s->indexes[filter][k] != NULL;
    return all;
}

/* Segments in which an index answers a filter wholly. */
static uint32_t count_indexed(const scan *sc, uint32_t filter)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < sc->n_segs; i++) n += is_indexed(&sc->segs[i], &sc->filters[filter], filter);
    return n;
}

static void add_filters(strbuf *out, const agg_plan *p)
{
    const scan *sc = &p->scan;
    for (uint32_t i = 0; i < sc->n_filters; i++) {
        const scan_filter *f = &sc->filters[i];
        strbuf_printf(out, "filter [" STR_FMT "] by", STR_ARG(sc->cube->roles[f->role].name));
        for (uint32_t k = 0; k < sc->where.n; k++) {
            const agg_filter *x = &sc->where.filters[k];
            if (sc->cube->hiers[x->hier].role != f->role) continue;
            strbuf_addc(out, ' ');
            add_axis(out, p->req, x->hier, x->level);
        }
        uint32_t n = count_indexed(sc, i);
        strbuf_printf(out, ": %u of %u members", f->n_kept, f->n_members);
        if (n) strbuf_printf(out, ", by bitmap index in %u of %u segments", n, sc->n_segs);
        strbuf_addc(out, '\n');
    }
    if (sc->has_any) strbuf_printf(out, "filter by any of %u alternatives\n", p->req->n_any);
}

/* Conditions that are asked of rows, and in how many blocks that takes looking at them. */
static void add_tests(strbuf *out, const agg_plan *p)
{
    const scan *sc = &p->scan;
    for (uint32_t i = 0; i < sc->n_tests; i++) {
        const scan_expr *x = &sc->tests[i];
        uint32_t n = 0;
        for (uint32_t b = 0; b < sc->n_blocks; b++) {
            row_truth t =
                scan_expr_truth(sc, x, &sc->segs[sc->blocks[b].seg], sc->blocks[b].block, x->ranges);
            n += t.can_be_false || t.can_be_null;
        }
        strbuf_printf(out, "test " STR_FMT ": row by row in %u of %u blocks\n", STR_ARG(x->e->text), n,
                      sc->n_blocks);
    }
}

static void add_groups(strbuf *out, const agg_plan *p)
{
    if (p->n_axes == 0) {
        strbuf_addz(out, "total over all rows\n");
        return;
    }
    strbuf_addz(out, "group by");
    for (uint32_t i = 0; i < p->n_axes; i++) {
        strbuf_addz(out, i ? ", " : " ");
        add_axis(out, p->req, p->req->axes[i].hier, p->req->axes[i].level);
        strbuf_printf(out, " (%u%s)", p->axes[i].n_dense, p->axes[i].is_tree ? ", rolled up" : "");
    }
    if (p->is_direct)
        strbuf_printf(out, ": %llu groups, addressed directly\n", (unsigned long long)p->n_direct);
    else
        strbuf_addz(out, ": hashed\n");
}

static void add_measures(strbuf *out, const agg_request *req)
{
    strbuf_addz(out, "measures");
    for (uint32_t i = 0; i < req->n_measures; i++) {
        const measure *m = &req->cube->measures[req->measures[i]];
        strbuf_printf(out, "%s [" STR_FMT "]", i ? "," : "", STR_ARG(m->name));
        if (m->value || m->n_conditions) strbuf_printf(out, " = " STR_FMT, STR_ARG(m->text));
    }
    strbuf_addc(out, '\n');
}

/* The request as it will be run: on a cuboid, or on facts. */
static pt_status choose_source(const view *v, const agg_request *req, arena *a, agg_request *run,
                               agg_source *from, strbuf *out, pt_err *err)
{
    cuboid_view *q = NULL;
    *run = *req;
    *from = agg_facts(v, req->cube);
    if (!req->no_cuboid && req->cube->n_cuboids && !agg_needs_facts(req))
        PT_TRY(cuboid_choose(v, req, a, &q, out, err));
    if (!q) return PT_OK;
    cuboid_job *j = arena_make(a, cuboid_job);
    if (!j) return arena_fail(a, err);
    PT_TRY(cuboid_job_make(q, req, false, a, j, err));
    strbuf_printf(out, "cuboid [" STR_FMT "]: %llu rows sum up %llu facts\n", STR_ARG(q->def->name),
                  (unsigned long long)q->n_rows, (unsigned long long)cuboid_fact_rows(v, req->cube));
    *run = j->req;
    *from = (agg_source){.segs = q->segs, .n_segs = q->n_segs, .lens = &j->lens};
    return PT_OK;
}

static pt_status add_pass(const view *v, const agg_request *req, arena *a, strbuf *out, pt_err *err)
{
    agg_plan p;
    agg_request run;
    agg_source from;
    PT_TRY(choose_source(v, req, a, &run, &from, out, err));
    PT_TRY(agg_plan_make(v, &run, &from, a, &p, err));
    add_scan(out, &p);
    add_filters(out, &p);
    add_tests(out, &p);
    add_groups(out, &p);
    add_measures(out, req);
    return PT_OK;
}

static void add_derived(strbuf *out, const agg_share *s)
{
    for (uint32_t i = 0; i < s->n; i++) {
        const agg_request *req = s->asked[i];
        if (s->rest[i].n == 0 && agg_same_axes(&s->req, req)) continue;
        strbuf_addz(out, req->n_axes ? "sum up these groups by" : "sum up these groups to a total");
        for (uint32_t k = 0; k < req->n_axes; k++) {
            strbuf_addz(out, k ? ", " : " ");
            add_axis(out, req, req->axes[k].hier, req->axes[k].level);
        }
        if (s->rest[i].n) strbuf_addz(out, ", without what its filters drop");
        strbuf_addc(out, '\n');
    }
}

/* Requests for which there is a cuboid are run on it, one by one. */
static pt_status has_cuboid(const view *v, const agg_request *req, arena *a, bool *out, pt_err *err)
{
    cuboid_view *q = NULL;
    if (!req->no_cuboid && req->cube->n_cuboids && !agg_needs_facts(req))
        PT_TRY(cuboid_choose(v, req, a, &q, NULL, err));
    *out = q != NULL;
    return PT_OK;
}

static pt_status explain_all(const view *v, const limits *l, const agg_request *reqs, uint32_t n, arena *a,
                             strbuf *out, pt_err *err)
{
    const agg_request **left = arena_array(a, const agg_request *, n);
    agg_result **unused = arena_array(a, agg_result *, n);
    agg_share *shares;
    uint32_t n_left = 0, n_shares;
    if (!left || !unused) return arena_fail(a, err);
    for (uint32_t i = 0; i < n; i++) {
        bool is_alone;
        PT_TRY(has_cuboid(v, &reqs[i], a, &is_alone, err));
        if (is_alone)
            PT_TRY(add_pass(v, &reqs[i], a, out, err));
        else
            left[n_left++] = &reqs[i];
    }
    PT_TRY(agg_share_plan(v, l, left, n_left, unused, a, &shares, &n_shares, err));
    for (uint32_t i = 0; i < n_shares; i++) {
        PT_TRY(add_pass(v, &shares[i].req, a, out, err));
        if (shares[i].n > 1) add_derived(out, &shares[i]);
    }
    return PT_OK;
}

pt_status aggregate_explain(const view *v, const limits *l, const agg_request *reqs, uint32_t n, strbuf *out,
                            pt_err *err)
{
    arena *a = arena_new(0);
    if (!a) return pt_fail(err, PT_NOMEM, "out of memory while planning");
    pt_status st = explain_all(v, l, reqs, n, a, out, err);
    if (st == PT_OK && out->failed) st = pt_fail(err, PT_NOMEM, "out of memory while explaining");
    arena_free(a);
    return st;
}
