/* cuboid_build.c - cells of a cuboid, from facts or from the cuboid's own rows, slice by slice. */
#include "engine/cuboid_make.h"

/* ---- slices ---------------------------------------------------------------------------- */

uint64_t cuboid_most_cells(const cuboid_view *q, uint64_t n_rows)
{
    uint64_t most = 1;
    for (uint32_t i = 0; i < q->def->n_levels && most < n_rows; i++)
        if (__builtin_mul_overflow(most, (uint64_t)q->columns[i].level->n, &most)) return n_rows;
    return most < n_rows ? most : n_rows;
}

/* What a statement's memory is enough for, and never more cells than a statement may have. */
static uint64_t slice_cells(const limits *l)
{
    enum { BYTES_PER_CELL = 1024, MOST = 1 << 20 }; /* of tables, accumulators and values */
    uint64_t n = MOST;
    if (l->memory_bytes && l->memory_bytes / BYTES_PER_CELL < n) n = l->memory_bytes / BYTES_PER_CELL;
    if (l->cells && l->cells < n) n = l->cells;
    return n ? n : 1;
}

cuboid_slices cuboid_slices_of(const cuboid_make *k, uint64_t n_rows)
{
    cuboid_slices x = {.n = 1};
    uint64_t each = slice_cells(k->limits), most = cuboid_most_cells(k->q, n_rows);
    for (uint32_t i = 1; i < k->q->def->n_levels; i++)
        if (k->q->columns[i].level->n > k->q->columns[x.col].level->n) x.col = i;
    uint32_t n_members = k->q->columns[x.col].level->n;
    uint64_t n = (most + each - 1) / each;
    if (n > 1) x.n = n < n_members ? (uint32_t)n : n_members;
    return x;
}

/* The filter of slice number `i`. */
static pt_status slice_filter(const cuboid_make *k, const cuboid_slices *x, uint32_t i, arena *a,
                              agg_conj *out, pt_err *err)
{
    if (x->n <= 1) return PT_OK;
    const cuboid_level *cut = &k->q->def->levels[x->col];
    uint64_t n_members = k->q->columns[x->col].level->n;
    uint32_t from = (uint32_t)(n_members * i / x->n), to = (uint32_t)(n_members * (i + 1) / x->n);
    uint32_t *ranks = arena_array(a, uint32_t, to - from);
    agg_filter *f = arena_make(a, agg_filter);
    if (!ranks || !f) return arena_fail(a, err);
    for (uint32_t r = from; r < to; r++) ranks[r - from] = r;
    *f = (agg_filter){
        .hier = cut->hier, .level = cut->level, .own_only = true, .n = to - from, .ranks = ranks};
    *out = (agg_conj){.n = 1, .filters = f};
    return PT_OK;
}

pt_status cuboid_find_lost(const cuboid *c, const snapshot_seg *segs, uint32_t n_segs, arena *a, bool **out,
                           pt_err *err)
{
    if (!(*out = arena_array(a, bool, c->n_parts))) return arena_fail(a, err);
    for (uint32_t i = 0; i < c->n_parts; i++)
        for (uint32_t s = 0; s < n_segs; s++) (*out)[i] |= seg_find(segs[s].seg, c->parts[i].name, false) < 0;
    return PT_OK;
}

/* ---- from facts ----------------------------------------------------------------------- */

/* The number of facts stands in for a part that is lost. */
static measure part_measure(const cuboid *c, uint32_t part, bool is_lost)
{
    const cuboid_part *x = &c->parts[part];
    measure m = {.agg = AGG_COUNT, .column = MEMBER_NONE, .role = MEMBER_NONE, .index = part};
    if (is_lost) return m;
    if (x->measure != MEMBER_NONE) m = c->cube->measures[x->measure];
    m.index = m.base_measure = part;
    m.agg = x->agg;
    m.type = x->type;
    m.scale = x->scale;
    return m;
}

static pt_status level_axes(const cuboid *c, arena *a, agg_request *req, pt_err *err)
{
    agg_axis *axes = arena_array(a, agg_axis, c->n_levels);
    if (!axes) return arena_fail(a, err);
    for (uint32_t i = 0; i < c->n_levels; i++)
        axes[i] = (agg_axis){.hier = c->levels[i].hier, .level = c->levels[i].level, .own_only = true};
    req->n_axes = c->n_levels;
    req->axes = axes;
    return PT_OK;
}

static pt_status cells_of_facts(const cuboid_make *k, const cuboid_source *s, const agg_conj *where, arena *a,
                                cuboid_cells *out, pt_err *err)
{
    const cuboid *c = k->q->def;
    cube *parts = arena_make(a, cube);
    agg_request *req = arena_make(a, agg_request);
    uint32_t *measures = arena_array(a, uint32_t, c->n_parts);
    agg_result *r = arena_make(a, agg_result);
    if (!parts || !req || !measures || !r) return arena_fail(a, err);
    *parts = *c->cube;
    parts->n_measures = c->n_parts;
    parts->measures = arena_array(a, measure, c->n_parts);
    if (!parts->measures) return arena_fail(a, err);
    for (uint32_t i = 0; i < c->n_parts; i++) {
        parts->measures[i] = part_measure(c, i, s->is_lost[i]);
        measures[i] = i;
    }
    *req = (agg_request){.cube = parts, .n_measures = c->n_parts, .measures = measures, .where = *where};
    PT_TRY(level_axes(c, a, req, err));
    agg_source from = {.segs = s->segs, .n_segs = s->n_segs};
    limits l = *k->limits;
    l.cells = 0;
    PT_TRY(aggregate_on(k->view, k->pool, &l, req, &from, a, r, err));
    *out = (cuboid_cells){.r = r};
    return PT_OK;
}

/* ---- from rows of the cuboid -------------------------------------------------------------- */

static pt_status cells_of_rows(const cuboid_make *k, const cuboid_source *s, const agg_conj *where, arena *a,
                               cuboid_cells *out, pt_err *err)
{
    agg_request req = {.cube = k->q->def->cube, .where = *where};
    cuboid_job *j = arena_make(a, cuboid_job);
    agg_result *r = arena_make(a, agg_result);
    if (!j || !r) return arena_fail(a, err);
    PT_TRY(level_axes(k->q->def, a, &req, err));
    PT_TRY(cuboid_job_make(k->q, &req, true, a, j, err));
    agg_source from = {.segs = s->segs, .n_segs = s->n_segs, .lens = &j->lens};
    limits l = *k->limits;
    l.cells = 0;
    PT_TRY(aggregate_on(k->view, k->pool, &l, &j->req, &from, a, r, err));
    *out = (cuboid_cells){.r = r, .job = j};
    return PT_OK;
}

pt_value cuboid_cell(const cuboid_cells *x, uint32_t part, uint32_t cell)
{
    return x->job ? cuboid_part_value(x->job, x->r, part, cell) : x->r->values[part][cell];
}

pt_status cuboid_cells_of(const cuboid_make *k, const cuboid_source *s, const cuboid_slices *x, uint32_t i,
                          arena *a, cuboid_cells *out, pt_err *err)
{
    agg_conj where = {0};
    PT_TRY(slice_filter(k, x, i, a, &where, err));
    return s->is_rows ? cells_of_rows(k, s, &where, a, out, err) : cells_of_facts(k, s, &where, a, out, err);
}
