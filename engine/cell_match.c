/* cell_match.c - does a kept result answer a request, and its cells if so.
 *
 * A filter on a level of an axis, or above it in the same hierarchy, keeps or drops whole cells. That is not
 * so for axes of trees, whose cells hold what lies below them: there filters must be the same. */
#include "engine/cell_match.h"

#include "base/map.h"

/* ---- keys ---------------------------------------------------------------------------- */

uint64_t cell_hash(const agg_request *req)
{
    uint64_t h = hash_u64(req->cube->id);
    for (uint32_t i = 0; i < req->n_axes; i++)
        h = hash_u64(h + ((uint64_t)req->axes[i].hier << 33 | (uint64_t)req->axes[i].level << 1 |
                          req->axes[i].own_only));
    return h;
}

static void add_number(strbuf *b, uint32_t v)
{
    strbuf_add(b, (const char *)&v, sizeof v);
}

static void add_conj(strbuf *b, const agg_conj *c)
{
    add_number(b, c->n);
    for (uint32_t i = 0; i < c->n; i++) {
        const agg_filter *f = &c->filters[i];
        add_number(b, f->hier);
        add_number(b, f->level);
        add_number(b, f->own_only);
        add_number(b, f->n);
        strbuf_add(b, (const char *)f->ranks, f->n * sizeof *f->ranks);
    }
}

/* The alternatives as bytes: equal only if they are the same. */
static void write_any(const agg_request *req, strbuf *b)
{
    for (uint32_t i = 0; i < req->n_any; i++) add_conj(b, &req->any[i]);
}

static bool same_any(const cell_entry *e, const agg_request *req)
{
    if (req->n_any != e->req.n_any) return false;
    if (req->n_any == 0) return true;
    strbuf b = {0};
    write_any(req, &b);
    bool is_same = !b.failed && str_eq(strbuf_str(&b), e->any);
    strbuf_free(&b);
    return is_same;
}

/* ---- filters -------------------------------------------------------------------------- */

/* Are all ranks of x among those of y? Both ascend. */
static bool is_within(const agg_filter *x, const agg_filter *y)
{
    uint32_t k = 0;
    if (!agg_same_level(x, y)) return false;
    for (uint32_t i = 0; i < x->n; i++, k++) {
        while (k < y->n && y->ranks[k] < x->ranks[i]) k++;
        if (k == y->n || y->ranks[k] != x->ranks[i]) return false;
    }
    return true;
}

/* Each filter of `kept` is implied by one of `asked`. */
static bool implies(const agg_conj *asked, const agg_conj *kept)
{
    for (uint32_t i = 0; i < kept->n; i++) {
        bool is_implied = false;
        for (uint32_t k = 0; k < asked->n && !is_implied; k++)
            is_implied = is_within(&asked->filters[k], &kept->filters[i]);
        if (!is_implied) return false;
    }
    return true;
}

static bool is_kept(const agg_conj *kept, const agg_filter *f)
{
    for (uint32_t i = 0; i < kept->n; i++)
        if (kept->filters[i].n == f->n && is_within(f, &kept->filters[i])) return true;
    return false;
}

/* The axis on whose coordinates the filter can be decided; MEMBER_NONE: none. */
static uint32_t deciding_axis(const agg_request *req, const agg_filter *f)
{
    for (uint32_t i = 0; i < req->n_axes; i++) {
        const agg_axis *x = &req->axes[i];
        bool is_tree = req->cube->hiers[f->hier].hierarchy->is_parent_child;
        if (x->hier == f->hier && f->level <= x->level && (!is_tree || (x->own_only && f->own_only)))
            return i;
    }
    return MEMBER_NONE;
}

/* ---- measures ------------------------------------------------------------------------- */

static uint32_t find_measure(const agg_request *kept, uint32_t m)
{
    for (uint32_t i = 0; i < kept->n_measures; i++)
        if (kept->measures[i] == m) return i;
    return MEMBER_NONE;
}

static bool has_measures(const agg_request *kept, const agg_request *asked)
{
    for (uint32_t i = 0; i < asked->n_measures; i++)
        if (find_measure(kept, asked->measures[i]) == MEMBER_NONE) return false;
    return true;
}

bool cell_fits(const cell_entry *e, const agg_request *req)
{
    if (e->cube_id != req->cube->id || !agg_same_axes(&e->req, req) || !has_measures(&e->req, req))
        return false;
    if (!same_any(e, req) || !implies(&req->where, &e->req.where)) return false;
    for (uint32_t i = 0; i < req->where.n; i++) {
        const agg_filter *f = &req->where.filters[i];
        if (!is_kept(&e->req.where, f) && deciding_axis(req, f) == MEMBER_NONE) return false;
    }
    return true;
}

bool cell_is_within(const cell_entry *e, const cell_entry *other)
{
    if (e->cube_id != other->cube_id || !agg_same_axes(&e->req, &other->req) ||
        !has_measures(&other->req, &e->req) || !str_eq(e->any, other->any) ||
        e->req.n_any != other->req.n_any || e->req.where.n != other->req.where.n)
        return false;
    for (uint32_t i = 0; i < e->req.where.n; i++)
        if (!is_kept(&other->req.where, &e->req.where.filters[i])) return false;
    return true;
}

/* ---- answering ------------------------------------------------------------------------------ */

/* Which ranks of an axis the request keeps; NULL: all. */
static pt_status keep_of_axis(const view *v, const agg_request *req, uint32_t axis, const agg_conj *kept,
                              arena *a, uint8_t **out, pt_err *err)
{
    const cube_hier *ch = &req->cube->hiers[req->axes[axis].hier];
    const hier_view *h;
    *out = NULL;
    for (uint32_t i = 0; i < req->where.n; i++) {
        const agg_filter *f = &req->where.filters[i];
        if (is_kept(kept, f) || deciding_axis(req, f) != axis) continue;
        PT_TRY(dim_hier(view_dim(v, ch->hierarchy->dimension), ch->hierarchy->index, &h, err));
        const level_view *l = &h->levels[req->axes[axis].level];
        uint8_t *passes = arena_array(a, uint8_t, h->levels[f->level].n);
        if (!passes) return arena_fail(a, err);
        for (uint32_t k = 0; k < f->n; k++) passes[f->ranks[k]] = 1;
        if (!*out) {
            if (!(*out = arena_array(a, uint8_t, l->n))) return arena_fail(a, err);
            memset(*out, 1, l->n);
        }
        for (uint32_t r = 0; r < l->n; r++) {
            uint32_t up = r;
            for (uint32_t k = req->axes[axis].level; k > f->level; k--) up = h->levels[k].parent[up];
            (*out)[r] &= passes[up];
        }
    }
    return PT_OK;
}

static pt_status pick_cells(const cell_entry *e, const view *v, const agg_request *req, arena *a,
                            uint32_t **cells, uint32_t *n, pt_err *err)
{
    uint8_t *keep[AGG_MAX_AXES];
    for (uint32_t i = 0; i < req->n_axes; i++)
        PT_TRY(keep_of_axis(v, req, i, &e->req.where, a, &keep[i], err));
    *n = 0;
    *cells = arena_array(a, uint32_t, e->r.n_cells);
    if (!*cells) return arena_fail(a, err);
    for (uint32_t c = 0; c < e->r.n_cells; c++) {
        bool passes = true;
        for (uint32_t i = 0; i < req->n_axes && passes; i++) passes = !keep[i] || keep[i][e->r.coords[i][c]];
        if (passes) (*cells)[(*n)++] = c;
    }
    return PT_OK;
}

pt_status cell_answer(const cell_entry *e, const view *v, const agg_request *req, arena *a, agg_result *out,
                      pt_err *err)
{
    uint32_t *cells, n;
    int64_t start = limits_now_us();
    PT_TRY(pick_cells(e, v, req, a, &cells, &n, err));
    *out =
        (agg_result){.n_cells = n, .n_axes = req->n_axes, .n_measures = req->n_measures, .is_cached = true};
    out->coords = arena_array(a, uint32_t *, req->n_axes);
    out->values = arena_array(a, pt_value *, req->n_measures);
    if (!out->coords || !out->values) return arena_fail(a, err);
    for (uint32_t i = 0; i < req->n_axes; i++) {
        uint32_t *coords = out->coords[i] = arena_array(a, uint32_t, n);
        if (!coords) return arena_fail(a, err);
        for (uint32_t c = 0; c < n; c++) coords[c] = e->r.coords[i][cells[c]];
    }
    for (uint32_t i = 0; i < req->n_measures; i++) {
        const pt_value *from = e->r.values[find_measure(&e->req, req->measures[i])];
        pt_value *values = out->values[i] = arena_array(a, pt_value, n);
        if (!values) return arena_fail(a, err);
        for (uint32_t c = 0; c < n; c++) values[c] = from[cells[c]];
    }
    out->elapsed_us = limits_now_us() - start;
    return PT_OK;
}

/* ---- making --------------------------------------------------------------------------------- */

static void *copy(arena *a, const void *from, size_t n, size_t size_bytes)
{
    void *to = arena_alloc(a, n * size_bytes);
    if (to && n) memcpy(to, from, n * size_bytes);
    return to;
}

static bool copy_request(cell_entry *e, const agg_request *req)
{
    e->req = (agg_request){.n_measures = req->n_measures, .n_axes = req->n_axes, .n_any = req->n_any};
    agg_filter *filters = copy(e->a, req->where.filters, req->where.n, sizeof *filters);
    e->req.measures = copy(e->a, req->measures, req->n_measures, sizeof *req->measures);
    e->req.axes = copy(e->a, req->axes, req->n_axes, sizeof *req->axes);
    e->req.where = (agg_conj){req->where.n, filters};
    if (!filters || !e->req.measures || !e->req.axes) return false;
    for (uint32_t i = 0; i < req->where.n; i++)
        if (!(filters[i].ranks = copy(e->a, filters[i].ranks, filters[i].n, sizeof *filters[i].ranks)))
            return false;
    strbuf b = {0};
    write_any(req, &b);
    e->any = b.failed ? (pt_str){0} : str_copy(e->a, strbuf_str(&b));
    strbuf_free(&b);
    return e->any.ptr != NULL;
}

static bool copy_result(cell_entry *e, const agg_result *r)
{
    e->r = (agg_result){.n_cells = r->n_cells, .n_axes = r->n_axes, .n_measures = r->n_measures};
    e->r.coords = arena_array(e->a, uint32_t *, r->n_axes);
    e->r.values = arena_array(e->a, pt_value *, r->n_measures);
    if (!e->r.coords || !e->r.values) return false;
    for (uint32_t i = 0; i < r->n_axes; i++)
        if (!(e->r.coords[i] = copy(e->a, r->coords[i], r->n_cells, sizeof **r->coords))) return false;
    for (uint32_t i = 0; i < r->n_measures; i++)
        if (!(e->r.values[i] = copy(e->a, r->values[i], r->n_cells, sizeof **r->values))) return false;
    return true;
}

cell_entry *cell_entry_new(const agg_request *req, const agg_result *r)
{
    arena *a = arena_new(0);
    cell_entry *e = a ? arena_make(a, cell_entry) : NULL;
    if (e) {
        *e = (cell_entry){.a = a, .refs = 1, .hash = cell_hash(req), .cube_id = req->cube->id};
        if (copy_request(e, req) && copy_result(e, r)) {
            e->n_bytes = arena_used(a);
            return e;
        }
    }
    if (a) arena_free(a);
    return NULL;
}
