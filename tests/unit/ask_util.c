/* ask_util.c - random requests, each answered in every way that the engine has. */
#include "ask_util.h"

#include "engine/agg_int.h"
#include "naive_expr.h"
#include "unit.h"

/* ---- requests ------------------------------------------------------------------------- */

const hier_view *ask_hier(const naive_facts *f, uint32_t hier)
{
    pt_err err = {0};
    const hier_view *h;
    const cube_hier *c = &f->cube->hiers[hier];
    assert_ok(dim_hier(view_dim(f->view, c->hierarchy->dimension), c->hierarchy->index, &h, &err));
    return h;
}

/* Trees and several filters on one level are rare enough to be helped. */
static agg_filter some_filter(world *w, const naive_facts *f, const agg_filter *earlier, arena *a)
{
    agg_filter x = {.hier = world_roll(w, f->cube->n_hiers), .own_only = world_roll(w, 2) == 0};
    bool wants_tree = world_roll(w, 4) == 0;
    while (wants_tree && !f->cube->hiers[x.hier].hierarchy->is_parent_child)
        x.hier = world_roll(w, f->cube->n_hiers);
    if (earlier && world_roll(w, 4) == 0) x.hier = earlier->hier;
    const hier_view *h = ask_hier(f, x.hier);
    x.level = world_roll(w, h->n_levels);
    uint32_t n = h->levels[x.level].n, *ranks = arena_array(a, uint32_t, n);
    const uint32_t *end = h->levels[x.level].end;
    uint32_t kind = world_roll(w, 7), from = world_roll(w, n), to = from + 1 + world_roll(w, n - from);
    if (kind == 6 && end) to = end[from]; /* some of a subtree */
    for (uint32_t r = 0; r < n; r++) {
        bool is_in = world_roll(w, 3) == 0;
        if (kind == 0) is_in = r == from;
        if (kind == 1 || kind == 2) is_in = r >= from && r < to;
        if (kind == 3) is_in = world_roll(w, 10) > 0;
        if (kind == 6) is_in = r == from || (is_in && r >= from && r < to);
        if (is_in) ranks[x.n++] = r;
    }
    x.ranks = ranks;
    if (world_roll(w, 60) == 0) x.n = 0;
    return x;
}

static agg_conj some_conj(world *w, const naive_facts *f, uint32_t max, arena *a)
{
    agg_conj c = {.n = world_roll(w, max + 1)};
    agg_filter *filters = arena_array(a, agg_filter, c.n);
    for (uint32_t i = 0; i < c.n; i++) filters[i] = some_filter(w, f, i ? &filters[i - 1] : NULL, a);
    c.filters = filters;
    return c;
}

/* All combinations of a few lists of members for one to three levels: as a set of tuples comes. Now and then
 * one of them is missing, or there twice. */
static void some_product(world *w, const naive_facts *f, agg_request *req, arena *a)
{
    enum { MOST = 4 };
    agg_filter lists[3][MOST];
    uint32_t n_columns = 1 + world_roll(w, 3), n_lists[3], total = 1;
    for (uint32_t i = 0; i < n_columns; i++) {
        n_lists[i] = 1 + world_roll(w, MOST);
        total *= n_lists[i];
        lists[i][0] = some_filter(w, f, NULL, a);
        for (uint32_t k = 1; k < n_lists[i]; k++) {
            uint32_t n = ask_hier(f, lists[i][0].hier)->levels[lists[i][0].level].n;
            uint32_t *rank = arena_array(a, uint32_t, 1);
            *rank = world_roll(w, n);
            lists[i][k] = lists[i][0];
            lists[i][k].ranks = rank;
            lists[i][k].n = world_roll(w, 10) > 0;
        }
    }
    agg_conj *any = arena_array(a, agg_conj, total);
    for (uint32_t c = 0; c < total; c++) {
        agg_filter *filters = arena_array(a, agg_filter, n_columns);
        uint32_t rest = c;
        for (uint32_t i = 0; i < n_columns; rest /= n_lists[i++]) filters[i] = lists[i][rest % n_lists[i]];
        any[c] = (agg_conj){n_columns, filters};
    }
    if (total > 1 && world_roll(w, 3) == 0) any[world_roll(w, total)] = any[0];
    req->any = any;
    req->n_any = total > 1 && world_roll(w, 4) == 0 ? total - 1 : total;
}

agg_request ask_some_request(world *w, const naive_facts *f, arena *a)
{
    const cube *c = f->cube;
    agg_request req = {.cube = c, .n_measures = world_roll(w, 5) ? world_roll(w, 5) : c->n_measures};
    uint32_t *measures = arena_array(a, uint32_t, req.n_measures);
    for (uint32_t i = 0; i < req.n_measures; i++)
        measures[i] = req.n_measures == c->n_measures ? i : world_roll(w, c->n_measures);
    req.measures = measures;
    agg_axis *axes = arena_array(a, agg_axis, c->n_hiers);
    uint32_t most = world_roll(w, 8) == 0 ? c->n_hiers : world_roll(w, 4);
    for (uint32_t h = 0; h < c->n_hiers && req.n_axes < most; h++) {
        if (most < c->n_hiers && world_roll(w, 2)) continue;
        agg_axis *x = &axes[req.n_axes++];
        *x = (agg_axis){.hier = h, .own_only = world_roll(w, 4) == 0};
        x->level = world_roll(w, 3) ? world_roll(w, ask_hier(f, h)->n_levels) : ask_hier(f, h)->n_levels - 1;
    }
    for (uint32_t i = req.n_axes; i-- > 1;) { /* in any order */
        uint32_t k = world_roll(w, i + 1);
        agg_axis swap = axes[i];
        axes[i] = axes[k], axes[k] = swap;
    }
    req.axes = axes;
    req.where = some_conj(w, f, 3, a);
    if (world_roll(w, 3) == 0) req.n_any = world_roll(w, 4) ? 1 + world_roll(w, 5) : 60 + world_roll(w, 20);
    agg_conj *any = arena_array(a, agg_conj, req.n_any);
    for (uint32_t i = 0; i < req.n_any; i++) any[i] = some_conj(w, f, 3, a);
    req.any = any;
    if (world_roll(w, 4) == 0) some_product(w, f, &req, a);
    return req;
}

/* Make the request one that a cuboid might answer: of its levels and what lies above them. */
void ask_suit_cuboid(world *w, agg_request *req)
{
    const cube *c = req->cube;
    if (c->n_cuboids == 0 || world_roll(w, 3) == 0) return;
    const cuboid *q = &c->cuboids[world_roll(w, c->n_cuboids)];
    agg_axis *axes = (agg_axis *)req->axes;
    uint32_t *measures = (uint32_t *)req->measures, n_measures = req->n_measures;
    req->n_axes = req->n_measures = req->n_any = 0;
    for (uint32_t i = 0; i < q->n_levels && req->n_axes < c->n_hiers; i++)
        if (world_roll(w, 3))
            axes[req->n_axes++] = (agg_axis){.hier = q->levels[i].hier,
                                             .level = world_roll(w, q->levels[i].level + 1),
                                             .own_only = world_roll(w, 3) == 0};
    for (uint32_t i = 0; i < n_measures; i++)
        if (q->holds[measures[i]]) measures[req->n_measures++] = measures[i];
    agg_filter *filters = (agg_filter *)req->where.filters;
    uint32_t n = req->where.n;
    req->where.n = 0;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < q->n_levels; k++)
            if (filters[i].hier == q->levels[k].hier && filters[i].level <= q->levels[k].level) {
                filters[req->where.n++] = filters[i];
                break;
            }
}

/* The request with fewer measures, and less of an axis or of what lies above it. */
static agg_request narrowed(world *w, const naive_facts *f, const agg_request *req, arena *a)
{
    agg_request less = *req;
    agg_filter *filters = arena_array(a, agg_filter, req->where.n + 1);
    if (req->n_measures) less.n_measures = world_roll(w, req->n_measures) + 1;
    if (req->n_axes == 0) return less;
    const agg_axis *x = &req->axes[world_roll(w, req->n_axes)];
    agg_filter *g = &filters[req->where.n];
    if (req->where.n) memcpy(filters, req->where.filters, req->where.n * sizeof *filters);
    *g = (agg_filter){.hier = x->hier, .level = world_roll(w, x->level + 1), .own_only = true};
    uint32_t n = ask_hier(f, x->hier)->levels[g->level].n, *ranks = arena_array(a, uint32_t, n);
    for (uint32_t r = 0; r < n; r++)
        if (world_roll(w, 2)) ranks[g->n++] = r;
    g->ranks = ranks;
    less.where = (agg_conj){req->where.n + 1, filters};
    return less;
}

static bool is_computed(const agg_request *req)
{
    bool is = false;
    for (uint32_t i = 0; i < req->n_measures; i++) {
        const measure *m = &req->cube->measures[req->measures[i]];
        is |= m->value || m->n_conditions;
    }
    return is;
}

static void count_answer(world *w, const agg_request *req, const agg_result *r)
{
    bool is_kept = r->cuboid.ptr || r->is_cached;
    w->n.plane_reads += r->n_plane_reads;
    w->n.again += r->n_blocks_again;
    w->n.of += r->n_blocks_again ? r->n_blocks - r->n_blocks_skipped : 0;
    w->n.by_cuboid += r->cuboid.ptr != NULL;
    w->n.by_cache += r->is_cached;
    w->n.computed += is_kept && is_computed(req);
}

/* `want`: of the request without tests. */
static void compare_cached(world *w, const naive_facts *f, agg_request *req, agg_result want, arena *a,
                           const char *what)
{
    pt_err err = {0};
    limits l = {0};
    agg_result got;
    req->no_index = req->no_cuboid = req->no_cache = false;
    for (int i = 0; i < 2; i++) {
        assert_ok(aggregate_run(f->view, warehouse_pool(w->s->w), &l, req, a, &got, &err));
        naive_compare(req, &want, &got, what);
    }
    count_answer(w, req, &got); /* large results are not kept */
    agg_request less = narrowed(w, f, req, a);
    want = naive_run(f, &less, NULL, a, NULL);
    assert_ok(aggregate_run(f->view, warehouse_pool(w->s->w), &l, &less, a, &got, &err));
    naive_compare(&less, &want, &got, what);
    count_answer(w, &less, &got);
}

/* Now and then the conditions of some measure for all facts. */
static naive_tests some_tests(world *w, const naive_facts *f, agg_request *req, arena *a)
{
    const measure *m = &f->cube->measures[world_roll(w, f->cube->n_measures)];
    const ast_measure *def = naive_definition(f->cube, m);
    if (m->n_conditions == 0 || world_roll(w, 3)) return (naive_tests){0};
    const ast **where = arena_make(a, const ast *);
    *where = def->where;
    req->n_tests = m->n_conditions;
    req->tests = m->conditions;
    return (naive_tests){1, where};
}

static void count_plan(world *w, const agg_request *req, arena *a)
{
    pt_err err = {0};
    agg_plan p;
    bool is_permuted = false;
    agg_source facts = agg_facts(&w->s->v, req->cube);
    assert_ok(agg_plan_make(&w->s->v, req, &facts, a, &p, &err));
    for (uint32_t i = 0; i < p.n_axes; i++) is_permuted |= p.axes[i].is_by_member && p.axes[i].dense_of;
    w->n.proved_by_sum += p.scan.n_rows > 0 && p.proof == PROOF_SUM;
    w->n.by_member += p.scan.n_rows > 0 && is_permuted;
    w->n.hot += p.hot.n_words > 0;
    w->n.searched += p.hot.reaches != NULL;
}

void ask_all_ways(world *w, const naive_facts *f, agg_request *req, arena *a, const char *what)
{
    static const unsigned threads[] = {1, 2, 8};
    pt_err err = {0};
    bool is_over;
    naive_tests given = some_tests(w, f, req, a);
    agg_result want = naive_run(f, req, &given, a, &is_over);
    count_plan(w, req, a);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        for (int no_index = 0; no_index < 2; no_index++) {
            limits l = {.threads = threads[i]};
            agg_result got;
            char text[128];
            req->no_index = no_index;
            req->no_cuboid = false;
            snprintf(text, sizeof text, "%s, %u threads%s", what, threads[i], no_index ? ", no index" : "");
            req->no_cache = true;
            pt_status st = aggregate_run(f->view, warehouse_pool(w->s->w), &l, req, a, &got, &err);
            if (is_over) {
                if (st != PT_VALUE) fail_msg("%s: a sum has more than 38 digits, but not here", text);
                continue;
            }
            assert_ok(st);
            naive_compare(req, &want, &got, text);
            count_answer(w, req, &got);
            if (!got.cuboid.ptr) continue;
            req->no_cuboid = true;
            assert_ok(aggregate_run(f->view, warehouse_pool(w->s->w), &l, req, a, &got, &err));
            assert_null(got.cuboid.ptr);
            naive_compare(req, &want, &got, text);
        }
    if (req->n_tests && !is_over) want = naive_run(f, req, NULL, a, &is_over);
    req->n_tests = 0;
    if (!is_over) compare_cached(w, f, req, want, a, what);
    strbuf text = {0};
    assert_ok(aggregate_explain(f->view, &(limits){0}, req, 1, &text, &err));
    assert_true(text.len > 0);
    strbuf_free(&text);
}

/* The same measures by some of the levels, or by levels above, of some members. */
static agg_request related(world *w, const naive_facts *f, const agg_request *req, arena *a)
{
    agg_request r = *req;
    agg_axis *axes = arena_array(a, agg_axis, req->n_axes);
    agg_filter *filters = arena_array(a, agg_filter, req->where.n + req->n_axes);
    r.n_axes = r.where.n = 0;
    for (uint32_t i = 0; i < req->where.n; i++)
        if (world_roll(w, 8)) filters[r.where.n++] = req->where.filters[i];
    for (uint32_t i = 0; i < req->n_axes; i++) {
        agg_axis x = req->axes[i];
        bool is_tree = f->cube->hiers[x.hier].hierarchy->is_parent_child;
        if (!is_tree) x.level = world_roll(w, x.level + 1);
        if (is_tree && world_roll(w, 4) == 0) x.own_only = !x.own_only;
        if (world_roll(w, 4)) axes[r.n_axes++] = x;
        if (world_roll(w, 4)) continue;
        agg_filter *g = &filters[r.where.n++];
        *g = some_filter(w, f, NULL, a);
        if (world_roll(w, 4) == 0) continue; /* on any hierarchy */
        uint32_t n = ask_hier(f, x.hier)->levels[x.level].n, *ranks = arena_array(a, uint32_t, n);
        *g = (agg_filter){.hier = x.hier, .level = x.level, .own_only = true};
        for (uint32_t k = 0; k < n; k++)
            if (world_roll(w, 2)) ranks[g->n++] = k;
        g->ranks = ranks;
    }
    for (uint32_t i = r.n_axes; i-- > 1;) {
        uint32_t k = world_roll(w, i + 1);
        agg_axis swap = axes[i];
        axes[i] = axes[k], axes[k] = swap;
    }
    r.axes = axes;
    r.where.filters = filters;
    return r;
}

static bool has_counts(const cube *c, const agg_request *req)
{
    bool has = false;
    for (uint32_t i = 0; i < req->n_measures; i++) has |= c->measures[req->measures[i]].agg == AGG_DISTINCT;
    return has;
}

/* Requests asked for together are answered as if each were asked alone. */
void ask_together(world *w, const naive_facts *f, const agg_request *req, arena *a, const char *what)
{
    enum { MOST = 6 };
    pt_err err = {0};
    limits l = {.threads = 1 + world_roll(w, 3)};
    agg_request reqs[MOST];
    agg_result want[MOST], got[MOST];
    bool any_over = false;
    uint32_t n = 2 + world_roll(w, MOST - 1), n_measures = 0,
             *measures = arena_array(a, uint32_t, req->n_measures);
    strbuf text = {0};
    reqs[0] = *req;
    reqs[0].no_cache = true;
    reqs[0].no_cuboid = world_roll(w, 2);
    reqs[0].measures = measures;
    bool keeps_counts = world_roll(w, 2); /* distinct counts are shared where sets are small */
    for (uint32_t i = 0; i < req->n_measures; i++)
        if (f->cube->measures[req->measures[i]].agg != AGG_DISTINCT || keeps_counts)
            measures[n_measures++] = req->measures[i];
    reqs[0].n_measures = n_measures;
    naive_tests given = some_tests(w, f, &reqs[0], a);
    for (uint32_t i = 1; i < n; i++) reqs[i] = related(w, f, &reqs[0], a);
    if (world_roll(w, 3) == 0) reqs[0] = reqs[--n]; /* the finest was not asked for */
    for (uint32_t i = 0; i < n; i++) {
        bool is_over;
        want[i] = naive_run(f, &reqs[i], &given, a, &is_over);
        any_over |= is_over;
    }
    pt_status st = aggregate_run_all(f->view, warehouse_pool(w->s->w), &l, reqs, n, a, got, &err);
    if (any_over && st != PT_VALUE) fail_msg("%s: a sum has more than 38 digits, but not here", what);
    if (any_over) return;
    assert_ok(st);
    for (uint32_t i = 0; i < n; i++) {
        naive_compare(&reqs[i], &want[i], &got[i], what);
        w->n.derived += got[i].is_derived;
        w->n.derived_counts += got[i].is_derived && has_counts(f->cube, &reqs[0]);
    }
    assert_ok(aggregate_explain(f->view, &l, reqs, n, &text, &err));
    strbuf_free(&text);
}
