/* cuboid_verify.c - VERIFY CUBE: what was derived from facts is derived again and compared.
 *
 * Cuboids: every cell of every segment with the facts that it covers. Indexes: for members of every level,
 * the facts that an index finds with those that a plain scan counts. */
#include "engine/cuboid_make.h"

enum { MEMBERS_PER_LEVEL = 32 };

typedef struct verifier {
    const view *view;
    pool *pool;
    const limits *limits;
    const cube *cube;
    cuboid_report *report;
    pt_err *err;
} verifier;

static void add_member(strbuf *out, const verifier *k, uint32_t hier, uint32_t n_level, uint32_t member)
{
    const cube_hier *h = &k->cube->hiers[hier];
    const level *l = &h->hierarchy->levels[n_level];
    strbuf_printf(out, STR_FMT ".[" STR_FMT "].[", STR_ARG(h->unique_name), STR_ARG(l->name));
    value_print(dim_attr_value(view_dim(k->view, h->hierarchy->dimension), l->name_attr, member), out);
    strbuf_addc(out, ']');
}

/* ---- cuboids -------------------------------------------------------------------------- */

typedef struct pair {
    const cuboid_view *q;
    cuboid_cells rows, facts;
} pair;

static pt_status differs(const verifier *k, const pair *x, const cuboid_cells *at, uint32_t cell,
                         const char *what)
{
    strbuf b = {0};
    const cuboid *c = x->q->def;
    for (uint32_t i = 0; i < c->n_levels; i++) {
        if (i) strbuf_addz(&b, ", ");
        add_member(&b, k, c->levels[i].hier, c->levels[i].level,
                   x->q->columns[i].level->rep[at->r->coords[i][cell]]);
    }
    pt_fail(k->err, PT_CORRUPT, "cuboid [" STR_FMT "] differs from the facts at (%s): %s", STR_ARG(c->name),
            b.failed ? "?" : b.ptr, what);
    pt_hint(k->err, "drop the cuboid and create it again; if facts are damaged too, CHECK says so");
    strbuf_free(&b);
    return PT_CORRUPT;
}

static bool same(pt_value x, pt_value y)
{
    if (x.kind != y.kind) return false;
    // NOLINTNEXTLINE(bugprone-suspicious-memory-comparison): a cuboid has the bits that the facts give
    if (x.kind == VAL_DOUBLE) return memcmp(&x.f, &y.f, sizeof x.f) == 0 || (x.f != x.f && y.f != y.f);
    return value_eq(x, y);
}

static int compare_coords(const pair *x, uint32_t row, uint32_t fact)
{
    for (uint32_t i = 0; i < x->rows.r->n_axes; i++) {
        uint32_t r = x->rows.r->coords[i][row], f = x->facts.r->coords[i][fact];
        if (r != f) return r < f ? -1 : 1;
    }
    return 0;
}

static pt_status compare_cell(const verifier *k, const pair *x, uint32_t cell)
{
    for (uint32_t p = 0; p < x->q->def->n_parts; p++) {
        if (!x->q->has_part[p]) continue;
        pt_value row = cuboid_cell(&x->rows, p, cell), fact = cuboid_cell(&x->facts, p, cell);
        if (same(row, fact)) continue;
        strbuf b = {0};
        strbuf_printf(&b, STR_FMT " is ", STR_ARG(x->q->def->parts[p].name));
        value_print(row, &b);
        strbuf_addz(&b, ", not ");
        value_print(fact, &b);
        pt_status st = differs(k, x, &x->rows, cell, b.failed ? "?" : b.ptr);
        strbuf_free(&b);
        return st;
    }
    return PT_OK;
}

static pt_status compare_cells(const verifier *k, const pair *x)
{
    uint32_t n_rows = x->rows.r->n_cells, n_facts = x->facts.r->n_cells;
    for (uint32_t i = 0; i < n_rows || i < n_facts; i++) {
        int order = i >= n_facts ? -1 : i >= n_rows ? 1 : compare_coords(x, i, i);
        if (order < 0) return differs(k, x, &x->rows, i, "no fact is there");
        if (order > 0) return differs(k, x, &x->facts, i, "the cell is missing");
        PT_TRY(compare_cell(k, x, i));
    }
    k->report->n_cells += n_rows;
    return PT_OK;
}

/* The facts that a sound segment covers. */
static pt_status covered_facts(const verifier *k, const snapshot_seg *s, arena *a, snapshot_seg **out)
{
    uint32_t n_facts;
    const snapshot_seg *facts = snapshot_segs(k->view->snap, k->cube->id, &n_facts);
    *out = arena_array(a, snapshot_seg, s->n_covers);
    if (!*out) return arena_fail(a, k->err);
    for (uint32_t i = 0; i < s->n_covers; i++) {
        uint32_t at = 0;
        while (at < n_facts && facts[at].id != s->covers[i].seg_id) at++;
        if (NEVER(at == n_facts)) return pt_fail(k->err, PT_INTERNAL, "a sound cuboid covers lost facts");
        (*out)[i] = facts[at];
    }
    return PT_OK;
}

static pt_status verify_slice(const verifier *k, const cuboid_make *make, const cuboid_source *rows,
                              const cuboid_source *facts, const cuboid_slices *slices, uint32_t i)
{
    arena *a = limits_arena(k->limits);
    if (!a) return pt_fail(k->err, PT_NOMEM, "out of memory while verifying a cuboid");
    pair x = {.q = make->q};
    pt_status st = cuboid_cells_of(make, facts, slices, i, a, &x.facts, k->err);
    if (st == PT_OK) st = cuboid_cells_of(make, rows, slices, i, a, &x.rows, k->err);
    if (st == PT_OK) st = compare_cells(k, &x);
    arena_free(a);
    return st;
}

static pt_status verify_segment(const verifier *k, cuboid_view *q, const snapshot_seg *s)
{
    arena *a = arena_new(0);
    if (!a) return pt_fail(k->err, PT_NOMEM, "out of memory while verifying a cuboid");
    cuboid_make make = {.q = q, .view = k->view, .pool = k->pool, .limits = k->limits};
    cuboid_slices slices = cuboid_slices_of(&make, seg_rows(s->seg));
    cuboid_source rows = {.segs = s, .n_segs = 1, .is_rows = true}, facts = {.n_segs = s->n_covers};
    snapshot_seg *covered = NULL;
    bool *is_lost = NULL;
    pt_status st = covered_facts(k, s, a, &covered);
    if (st == PT_OK) st = cuboid_find_lost(q->def, s, 1, a, &is_lost, k->err);
    facts.segs = covered;
    facts.is_lost = rows.is_lost = is_lost;
    for (uint32_t i = 0; i < slices.n && st == PT_OK; i++)
        st = verify_slice(k, &make, &rows, &facts, &slices, i);
    arena_free(a);
    return st;
}

static pt_status verify_cuboid(const verifier *k, const cuboid *c)
{
    cuboid_view q;
    arena *a = arena_new(0);
    if (!a) return pt_fail(k->err, PT_NOMEM, "out of memory while verifying a cuboid");
    pt_status st = cuboid_view_make(c, k->view, a, NULL, &q, k->err);
    for (uint32_t i = 0; i < q.n_segs && st == PT_OK; i++)
        if (q.is_sound[i]) st = verify_segment(k, &q, &q.segs[i]);
    k->report->n_cuboids++;
    k->report->n_stale += st == PT_OK && q.why[0];
    arena_free(a);
    return st;
}

/* ---- indexes ------------------------------------------------------------------------------ */

static pt_status count_facts(const verifier *k, const agg_request *req, arena *a, agg_result *out)
{
    limits l = *k->limits;
    l.cells = 0;
    agg_source from = agg_facts(k->view, k->cube);
    return aggregate_on(k->view, k->pool, &l, req, &from, a, out, k->err);
}

static uint64_t total(const agg_result *r)
{
    return r->n_cells ? (uint64_t)r->values[0][0].i : 0;
}

static pt_status verify_member(const verifier *k, const cube *count, uint32_t hier, uint32_t n_level,
                               uint32_t rank, uint64_t expected, const level_view *l, arena *a)
{
    const uint32_t first = 0;
    agg_filter f = {.hier = hier, .level = n_level, .own_only = true, .n = 1, .ranks = &rank};
    agg_request req = {.cube = count, .n_measures = 1, .measures = &first, .where = {1, &f}};
    agg_result r;
    PT_TRY(count_facts(k, &req, a, &r));
    k->report->n_index_answers += r.n_index_uses > 0;
    if (total(&r) == expected) return PT_OK;
    strbuf b = {0};
    add_member(&b, k, hier, n_level, l->rep[rank]);
    pt_fail(k->err, PT_CORRUPT, "cube [" STR_FMT "]: an index finds %llu facts of %s, a scan finds %llu",
            STR_ARG(k->cube->name), (unsigned long long)total(&r), b.failed ? "?" : b.ptr,
            (unsigned long long)expected);
    pt_hint(k->err, "load the cube again; SET INDEXES = OFF answers without indexes until then");
    strbuf_free(&b);
    return PT_CORRUPT;
}

static pt_status verify_level(const verifier *k, const cube *count, uint32_t hier, uint32_t n_level)
{
    const uint32_t first = 0;
    const hier_view *h;
    agg_result r;
    agg_axis axis = {.hier = hier, .level = n_level, .own_only = true};
    agg_request req = {
        .cube = count, .n_measures = 1, .measures = &first, .n_axes = 1, .axes = &axis, .no_index = true};
    const cube_hier *ch = &k->cube->hiers[hier];
    arena *a = limits_arena(k->limits);
    if (!a) return pt_fail(k->err, PT_NOMEM, "out of memory while verifying indexes");
    pt_status st = dim_hier(view_dim(k->view, ch->hierarchy->dimension), ch->hierarchy->index, &h, k->err);
    if (st == PT_OK) st = count_facts(k, &req, a, &r);
    for (uint32_t i = 0; st == PT_OK && i < MEMBERS_PER_LEVEL && i < r.n_cells; i++) {
        uint32_t cell = (uint32_t)((uint64_t)i * r.n_cells /
                                   (r.n_cells < MEMBERS_PER_LEVEL ? r.n_cells : MEMBERS_PER_LEVEL));
        st = verify_member(k, count, hier, n_level, r.coords[0][cell], (uint64_t)r.values[0][cell].i,
                           &h->levels[n_level], a);
    }
    arena_free(a);
    return st;
}

static pt_status verify_indexes(const verifier *k)
{
    measure rows = {.agg = AGG_COUNT, .type = TYPE_INTEGER, .column = MEMBER_NONE, .role = MEMBER_NONE};
    cube count = *k->cube;
    count.n_measures = 1;
    count.measures = &rows;
    for (uint32_t h = 0; h < count.n_hiers; h++)
        for (uint32_t l = 0; l < count.hiers[h].hierarchy->n_levels; l++)
            PT_TRY(verify_level(k, &count, h, l));
    return PT_OK;
}

pt_status cuboid_verify(const view *v, pool *p, const limits *l, const cube *c, cuboid_report *out,
                        pt_err *err)
{
    verifier k = {.view = v, .pool = p, .limits = l, .cube = c, .report = out, .err = err};
    *out = (cuboid_report){0};
    for (uint32_t i = 0; i < c->n_cuboids; i++) PT_TRY(verify_cuboid(&k, &c->cuboids[i]));
    return verify_indexes(&k);
}
