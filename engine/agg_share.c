/* agg_share.c - which requests share a pass over facts; agg_ask.c says what is then asked of facts.
 *
 * Requests are taken with the finest first; each joins the share where this costs least, or begins one. Costs
 * are counted in rows read. What is not known before the facts are read is guessed: members have equally many
 * facts, and dimensions are independent. */
#include "engine/agg_share.h"

#include <stdlib.h>

#include "engine/cuboid_int.h"

/* Costs, in the time that it takes to read a value of a row. */
enum {
    COST_REQUEST = 10000, /* planning, threads */
    COST_DERIVED = 1000,
    COST_DISTINCT = 2, /* a row's member to a set */
    COST_CELL = 8,     /* a group's value to the caller */
    COST_GROUP = 2     /* adding a group to a coarser one */
};
enum { MEMORY_SHARE = 8, MAX_TRIED = 64, MAX_UNITED = 4096 };

typedef struct wish {
    const agg_request *req;
    agg_result *result;
    uint32_t at;  /* in the list of requests */
    double *pass; /* [hierarchies of the cube] share of members that pass its filters */
    uint64_t n_facts;
    double n_cells, cost;
} wish;

/* Wishes together, hierarchy by hierarchy. */
typedef struct shape {
    uint32_t *levels;    /* of the axis + 1; 0: none */
    uint32_t *lowest;    /* level of a filter + 1 */
    bool *has_differing; /* filters are not the same for all wishes */
    double *pass;
    double n_cells, cost;
} shape;

typedef struct bunch {
    uint32_t n;
    wish **wishes;
    shape s;
} bunch;

typedef struct sharer {
    const view *view;
    const limits *limits;
    arena *a;
    pt_err *err;
} sharer;

static pt_status no_memory(sharer *q)
{
    return arena_fail(q->a, q->err);
}

static pt_status hier_of(sharer *q, const cube *c, uint32_t hier, const hier_view **out)
{
    const cube_hier *h = &c->hiers[hier];
    return dim_hier(view_dim(q->view, h->hierarchy->dimension), h->hierarchy->index, out, q->err);
}

static pt_status level_of(sharer *q, const cube *c, uint32_t hier, uint32_t at, const level_view **out)
{
    const hier_view *h;
    PT_TRY(hier_of(q, c, hier, &h));
    if (NEVER(at >= h->n_levels)) return pt_fail(q->err, PT_INTERNAL, "no level %u to group by", at);
    *out = &h->levels[at];
    return PT_OK;
}

/* ---- what is the same ------------------------------------------------------------------- */

static bool same_filter(const agg_filter *x, const agg_filter *y)
{
    return agg_same_level(x, y) && x->n == y->n &&
           (x->n == 0 || memcmp(x->ranks, y->ranks, x->n * sizeof *x->ranks) == 0);
}

static bool same_conj(const agg_conj *x, const agg_conj *y)
{
    if (x->n != y->n) return false;
    for (uint32_t i = 0; i < x->n; i++)
        if (!same_filter(&x->filters[i], &y->filters[i])) return false;
    return true;
}

static const agg_filter *next_filter(const agg_conj *c, uint32_t hier, uint32_t *at)
{
    while (*at < c->n)
        if (c->filters[(*at)++].hier == hier) return &c->filters[*at - 1];
    return NULL;
}

/* The same filters on one hierarchy? */
static bool same_filters(const agg_conj *x, const agg_conj *y, uint32_t hier)
{
    uint32_t i = 0, k = 0;
    for (;;) {
        const agg_filter *f = next_filter(x, hier, &i), *g = next_filter(y, hier, &k);
        if (!f || !g) return f == g;
        if (!same_filter(f, g)) return false;
    }
}

static bool are_alike(const agg_request *x, const agg_request *y)
{
    if (x->cube != y->cube || x->n_measures != y->n_measures || x->n_any != y->n_any ||
        x->n_tests != y->n_tests || x->no_index != y->no_index)
        return false;
    for (uint32_t i = 0; i < x->n_measures; i++)
        if (x->measures[i] != y->measures[i]) return false;
    for (uint32_t i = 0; i < x->n_tests; i++)
        if (x->tests[i] != y->tests[i]) return false;
    for (uint32_t i = 0; i < x->n_any; i++)
        if (!same_conj(&x->any[i], &y->any[i])) return false;
    return true;
}

/* ---- distinct counts --------------------------------------------------------------------------- */

static uint32_t count_distinct(const agg_request *req)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < req->n_measures; i++)
        n += req->cube->measures[req->measures[i]].agg == AGG_DISTINCT;
    return n;
}

/* Are members of a role surely kept as bitsets of which each request can unite its own? Where filters that
 * differ ask for the members themselves, sets do not tell. */
static pt_status has_sets(sharer *q, const cube *c, const shape *s, uint32_t role, bool *has)
{
    const dim_view *v = view_dim(q->view, c->roles[role].dimension);
    uint32_t n_words = dim_count(v) / 64 + 1;
    double bytes = 8.0 * n_words;
    for (uint32_t h = 0; h < c->n_hiers; h++) {
        const level_view *l;
        if (c->hiers[h].role == role && s->has_differing[h]) *has = false;
        if (!s->levels[h] || (c->hiers[h].role == role && !dim_durable(v))) continue;
        PT_TRY(level_of(q, c, h, s->levels[h] - 1, &l));
        bytes *= l->n;
    }
    *has &= bytes <= AGG_BITS_SURE;
    return PT_OK;
}

static pt_status can_count(sharer *q, const agg_request *req, const shape *s, bool *can)
{
    const cube *c = req->cube;
    double n_slots = 1;
    *can = true;
    if (count_distinct(req) == 0) return PT_OK;
    for (uint32_t h = 0; h < c->n_hiers; h++) {
        const level_view *l;
        if (!s->levels[h]) continue;
        *can &= !c->hiers[h].hierarchy->is_parent_child;
        PT_TRY(level_of(q, c, h, s->levels[h] - 1, &l));
        n_slots *= l->n;
    }
    *can &= n_slots <= AGG_DIRECT_SURE;
    for (uint32_t i = 0; *can && i < req->n_measures; i++) {
        const measure *m = &c->measures[req->measures[i]];
        if (m->agg == AGG_DISTINCT) PT_TRY(has_sets(q, c, s, m->role, can));
    }
    return PT_OK;
}

/* ---- what filters let through --------------------------------------------------------------------- */

/* The share of a level's members that a bunch and one more wish let through: counted if the level is small,
 * else they are taken to have none in common. */
static pt_status united_pass(sharer *q, const bunch *b, const wish *w, uint32_t hier, uint32_t at,
                             double *pass)
{
    const hier_view *h;
    uint32_t n_kept = 0;
    *pass = b->s.pass[hier] + w->pass[hier] < 1 ? b->s.pass[hier] + w->pass[hier] : 1;
    PT_TRY(hier_of(q, w->req->cube, hier, &h));
    uint32_t n = h->levels[at].n;
    if (n == 0 || n > MAX_UNITED) return PT_OK;
    uint8_t *keep = arena_array(q->a, uint8_t, n), *mine = arena_array(q->a, uint8_t, n);
    if (!keep || !mine) return no_memory(q);
    for (uint32_t i = 0; i < b->n; i++)
        PT_TRY(agg_let_through(&b->wishes[i]->req->where, hier, h, at, q->a, mine, keep, q->err));
    PT_TRY(agg_let_through(&w->req->where, hier, h, at, q->a, mine, keep, q->err));
    for (uint32_t r = 0; r < n; r++) n_kept += keep[r];
    *pass = (double)n_kept / n;
    return PT_OK;
}

/* ---- costs ----------------------------------------------------------------------------------- */

/* One pass that groups as `s` says, and the share of each wish in it. */
static pt_status estimate(sharer *q, const wish *w, shape *s, uint32_t n_wishes)
{
    const cube *c = w->req->cube;
    double rows = (double)w->n_facts, n_axes = 0;
    bool is_filtered = false;
    s->n_cells = 1;
    for (uint32_t h = 0; h < c->n_hiers; h++) {
        const level_view *l;
        rows *= s->pass[h];
        is_filtered |= s->pass[h] < 1;
        if (!s->levels[h]) continue;
        PT_TRY(level_of(q, c, h, s->levels[h] - 1, &l));
        n_axes++;
        s->n_cells *= l->n * s->pass[h] > 1 ? l->n * s->pass[h] : 1;
    }
    if (s->n_cells > rows) s->n_cells = rows;
    s->cost = COST_REQUEST + rows * (1 + n_axes + COST_DISTINCT * count_distinct(w->req)) +
              (is_filtered ? (double)w->n_facts / 32 : 0);
    s->cost += n_wishes * COST_CELL * s->n_cells;
    if (n_wishes > 1) s->cost += n_wishes * (COST_DERIVED + COST_GROUP * s->n_cells);
    return PT_OK;
}

static pt_status shape_new(sharer *q, const cube *c, shape *out)
{
    *out = (shape){.levels = arena_array(q->a, uint32_t, c->n_hiers),
                   .lowest = arena_array(q->a, uint32_t, c->n_hiers),
                   .has_differing = arena_array(q->a, bool, c->n_hiers),
                   .pass = arena_array(q->a, double, c->n_hiers)};
    return out->levels && out->lowest && out->has_differing && out->pass ? PT_OK : no_memory(q);
}

static void note_levels(shape *s, const agg_request *req)
{
    for (uint32_t i = 0; i < req->n_axes; i++) {
        uint32_t *axis = &s->levels[req->axes[i].hier];
        if (*axis <= req->axes[i].level) *axis = req->axes[i].level + 1;
    }
    for (uint32_t i = 0; i < req->where.n; i++) {
        uint32_t *lowest = &s->lowest[req->where.filters[i].hier];
        if (*lowest <= req->where.filters[i].level) *lowest = req->where.filters[i].level + 1;
    }
}

static pt_status wish_new(sharer *q, const agg_request *req, agg_result *result, uint32_t at, wish *w)
{
    shape s;
    *w = (wish){.req = req, .result = result, .at = at, .n_facts = cuboid_fact_rows(q->view, req->cube)};
    PT_TRY(shape_new(q, req->cube, &s));
    for (uint32_t h = 0; h < req->cube->n_hiers; h++) s.pass[h] = 1;
    for (uint32_t i = 0; i < req->where.n; i++) {
        const agg_filter *f = &req->where.filters[i];
        const level_view *l;
        PT_TRY(level_of(q, req->cube, f->hier, f->level, &l));
        s.pass[f->hier] *= l->n ? (double)f->n / l->n : 0;
    }
    note_levels(&s, req);
    PT_TRY(estimate(q, w, &s, 1));
    w->pass = s.pass;
    w->n_cells = s.n_cells;
    w->cost = s.cost;
    return PT_OK;
}

static void copy_shape(const shape *from, uint32_t n_hiers, shape *to)
{
    for (uint32_t h = 0; h < n_hiers; h++) {
        to->levels[h] = from->levels[h];
        to->lowest[h] = from->lowest[h];
        to->has_differing[h] = from->has_differing[h];
        to->pass[h] = from->pass[h];
    }
    to->n_cells = from->n_cells;
    to->cost = from->cost;
}

/* Groups of each thread stay far from the memory limit. */
static bool is_small(const sharer *q, const shape *s, const agg_request *req)
{
    double words = 1 + 4.0 * req->n_measures;
    return !q->limits->memory_bytes ||
           s->n_cells * words * sizeof(uint64_t) < (double)q->limits->memory_bytes / MEMORY_SHARE;
}

/* The shape with one more wish, in *s. Not possible: its cost is negative. */
static pt_status joined(sharer *q, const bunch *b, const wish *w, shape *s)
{
    const cube *c = w->req->cube;
    const agg_request *first = b->wishes[0]->req;
    copy_shape(&b->s, c->n_hiers, s);
    s->cost = -1;
    if (!are_alike(first, w->req)) return PT_OK;
    note_levels(s, w->req);
    for (uint32_t h = 0; h < c->n_hiers; h++) {
        if (!s->has_differing[h] && same_filters(&first->where, &w->req->where, h)) continue;
        if (c->hiers[h].hierarchy->is_parent_child) return PT_OK;
        s->has_differing[h] = true;
        if (s->levels[h] < s->lowest[h]) s->levels[h] = s->lowest[h];
        PT_TRY(united_pass(q, b, w, h, s->levels[h] - 1, &s->pass[h]));
    }
    uint32_t n_axes = 0;
    for (uint32_t h = 0; h < c->n_hiers; h++) n_axes += s->levels[h] != 0;
    bool can;
    PT_TRY(can_count(q, w->req, s, &can));
    if (!can || n_axes > AGG_MAX_AXES) return PT_OK;
    PT_TRY(estimate(q, w, s, b->n + 1));
    if (!is_small(q, s, w->req)) s->cost = -1;
    return PT_OK;
}

/* ---- bunches ----------------------------------------------------------------------------------- */

static pt_status bunch_new(sharer *q, wish *w, uint32_t cap, bunch *b)
{
    uint32_t n_hiers = w->req->cube->n_hiers;
    *b = (bunch){.wishes = arena_array(q->a, wish *, cap)};
    if (!b->wishes) return no_memory(q);
    PT_TRY(shape_new(q, w->req->cube, &b->s));
    for (uint32_t h = 0; h < n_hiers; h++) b->s.pass[h] = w->pass[h];
    note_levels(&b->s, w->req);
    b->s.n_cells = w->n_cells;
    b->s.cost = w->cost;
    b->wishes[b->n++] = w;
    return PT_OK;
}

static int by_cells(const void *a, const void *b)
{
    const wish *x = a, *y = b;
    if (x->n_cells != y->n_cells) return x->n_cells > y->n_cells ? -1 : 1;
    if (x->cost != y->cost) return x->cost > y->cost ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static pt_status place(sharer *q, wish *w, uint32_t cap, bunch *bunches, uint32_t *n)
{
    shape tried, best;
    bunch *to = NULL;
    double least = w->cost;
    PT_TRY(shape_new(q, w->req->cube, &tried));
    PT_TRY(shape_new(q, w->req->cube, &best));
    for (uint32_t i = *n; i-- > 0 && *n - i <= MAX_TRIED;) {
        bunch *b = &bunches[i];
        if (b->wishes[0]->req->no_sharing || w->req->no_sharing || b->wishes[0]->req->cube != w->req->cube)
            continue;
        PT_TRY(joined(q, b, w, &tried));
        if (tried.cost < 0 || tried.cost - b->s.cost >= least) continue;
        least = tried.cost - b->s.cost;
        copy_shape(&tried, w->req->cube->n_hiers, &best);
        to = b;
    }
    if (!to) return bunch_new(q, w, cap, &bunches[(*n)++]);
    copy_shape(&best, w->req->cube->n_hiers, &to->s);
    to->wishes[to->n++] = w;
    return PT_OK;
}

/* ---- shares ---------------------------------------------------------------------------------------- */

static pt_status share_of(sharer *q, const bunch *b, agg_share *out)
{
    *out = (agg_share){.n = b->n,
                       .asked = arena_array(q->a, const agg_request *, b->n),
                       .results = arena_array(q->a, agg_result *, b->n)};
    if (!out->asked || !out->results) return no_memory(q);
    for (uint32_t i = 0; i < b->n; i++) {
        out->asked[i] = b->wishes[i]->req;
        out->results[i] = b->wishes[i]->result;
    }
    agg_common common = {.levels = b->s.levels, .has_differing = b->s.has_differing};
    return agg_ask(q->view, &common, q->a, out, q->err);
}

/* One request on its own needs no costs. */
static pt_status alone(sharer *q, const agg_request *req, agg_result *result, agg_share *out)
{
    wish w = {.req = req, .result = result}, *only = &w;
    return share_of(q, &(bunch){.n = 1, .wishes = &only}, out);
}

pt_status agg_share_plan(const view *v, const limits *l, const agg_request *const *reqs, uint32_t n,
                         agg_result *const *results, arena *a, agg_share **out, uint32_t *n_out, pt_err *err)
{
    sharer q = {.view = v, .limits = l, .a = a, .err = err};
    wish *wishes = arena_array(a, wish, n);
    bunch *bunches = arena_array(a, bunch, n);
    *out = arena_array(a, agg_share, n);
    *n_out = 0;
    if (!wishes || !bunches || !*out) return no_memory(&q);
    if (n == 1) {
        *n_out = 1;
        return alone(&q, reqs[0], results[0], *out);
    }
    for (uint32_t i = 0; i < n; i++) PT_TRY(wish_new(&q, reqs[i], results[i], i, &wishes[i]));
    qsort(wishes, n, sizeof *wishes, by_cells);
    for (uint32_t i = 0; i < n; i++) PT_TRY(place(&q, &wishes[i], n, bunches, n_out));
    for (uint32_t i = 0; i < *n_out; i++) PT_TRY(share_of(&q, &bunches[i], &(*out)[i]));
    return PT_OK;
}
