/* cuboid_build.c - cells of a cuboid: from facts, from the cuboid's own rows, and into a segment.
 *
 * Sums are stored in 64 bits; a sum that needs more is stored in two columns, its lowest 32 bits and the
 * rest, so that sums of these columns stay exact in 128 bits. The second column exists only where it is
 * needed. */
#include "engine/cuboid_make.h"

/* ---- from facts ----------------------------------------------------------------------- */

static measure part_measure(const cuboid *c, uint32_t part)
{
    const cuboid_part *x = &c->parts[part];
    measure m = {.agg = AGG_COUNT, .column = MEMBER_NONE, .role = MEMBER_NONE};
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

pt_status cuboid_cells_of_facts(const cuboid_make *k, const snapshot_seg *segs, uint32_t n_segs, arena *a,
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
        parts->measures[i] = part_measure(c, i);
        measures[i] = i;
    }
    *req = (agg_request){.cube = parts, .n_measures = c->n_parts, .measures = measures};
    PT_TRY(level_axes(c, a, req, err));
    agg_source from = {.segs = segs, .n_segs = n_segs};
    limits l = *k->limits;
    l.cells = 0;
    PT_TRY(aggregate_on(k->view, k->pool, &l, req, &from, a, r, err));
    *out = (cuboid_cells){.r = r};
    return PT_OK;
}

/* ---- from rows of the cuboid -------------------------------------------------------------- */

pt_status cuboid_cells_of_rows(const cuboid_make *k, const snapshot_seg *segs, uint32_t n_segs, arena *a,
                               cuboid_cells *out, pt_err *err)
{
    agg_request req = {.cube = k->q->def->cube};
    cuboid_job *j = arena_make(a, cuboid_job);
    agg_result *r = arena_make(a, agg_result);
    if (!j || !r) return arena_fail(a, err);
    PT_TRY(level_axes(k->q->def, a, &req, err));
    PT_TRY(cuboid_job_make(k->q, &req, true, a, j, err));
    agg_source from = {.segs = segs, .n_segs = n_segs, .lens = &j->lens};
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

/* ---- into a segment ------------------------------------------------------------------------ */

typedef struct writer {
    const cuboid_make *k;
    const cuboid_cells *cells;
    arena *a;
    bool *has_high; /* [parts] */
    uint32_t n_columns;
    seg_column *columns;
    seg_batch *batch;
    pt_err *err;
} writer;

static pt_i128 integer_of(pt_value v)
{
    return v.kind == VAL_DEC ? v.dec : v.i;
}

static bool is_wide(pt_value v)
{
    return v.kind == VAL_DEC && (v.dec < INT64_MIN || v.dec > INT64_MAX);
}

static pt_status add_numbers(writer *w, uint32_t col)
{
    const uint32_t *ranks = w->cells->r->coords[col], *stable = w->k->q->columns[col].level->stable;
    uint32_t n = w->cells->r->n_cells, *ids = arena_array(w->a, uint32_t, n);
    if (!ids) return arena_fail(w->a, w->err);
    for (uint32_t i = 0; i < n; i++) ids[i] = stable[ranks[i]];
    w->columns[w->n_columns] = (seg_column){.name = w->k->q->def->levels[col].name, .kind = SEG_ID};
    w->batch[w->n_columns++] = (seg_batch){.ids = ids};
    return PT_OK;
}

/* The values of a part, or (is_high) what of them is above 32 bits, where they are wide. */
static pt_status add_values(writer *w, uint32_t part, bool is_high)
{
    const cuboid_part *x = &w->k->q->def->parts[part];
    uint32_t n = w->cells->r->n_cells;
    bool is_double = x->type == TYPE_DOUBLE && x->agg != AGG_COUNT;
    int64_t *ints = arena_array(w->a, int64_t, n);
    double *doubles = is_double ? arena_array(w->a, double, n) : NULL;
    uint8_t *nulls = arena_array(w->a, uint8_t, n);
    if (!ints || !nulls || (is_double && !doubles)) return arena_fail(w->a, w->err);
    for (uint32_t i = 0; i < n; i++) {
        pt_value v = cuboid_cell(w->cells, part, i);
        nulls[i] = v.kind == VAL_NULL || (is_high && !is_wide(v));
        if (nulls[i]) continue;
        if (is_double)
            doubles[i] = v.f;
        else if (!is_wide(v))
            ints[i] = (int64_t)integer_of(v);
        else
            ints[i] = is_high ? (int64_t)(v.dec >> 32) : (int64_t)(v.dec & UINT32_MAX);
        if (is_wide(v) && NEVER(v.dec >> 95 != 0 && v.dec >> 95 != -1))
            return pt_fail(w->err, PT_LIMIT, "a sum of [" STR_FMT "] needs more than 96 bits",
                           STR_ARG(x->name));
        if (is_wide(v)) w->has_high[part] = true;
    }
    w->columns[w->n_columns] = (seg_column){.name = is_high ? x->name_high : x->name,
                                            .kind = is_double ? SEG_DOUBLE : SEG_INT,
                                            .scale = x->type == TYPE_DECIMAL && !is_high ? x->scale : 0};
    w->batch[w->n_columns++] =
        (seg_batch){.ints = is_double ? NULL : ints, .doubles = doubles, .nulls = nulls};
    return PT_OK;
}

static pt_status fill(writer *w)
{
    const cuboid *c = w->k->q->def;
    size_t most = c->n_levels + 2 * (size_t)c->n_parts;
    w->columns = arena_array(w->a, seg_column, most);
    w->batch = arena_array(w->a, seg_batch, most);
    w->has_high = arena_array(w->a, bool, c->n_parts);
    if (!w->columns || !w->batch || !w->has_high) return arena_fail(w->a, w->err);
    for (uint32_t i = 0; i < c->n_levels; i++) PT_TRY(add_numbers(w, i));
    for (uint32_t i = 0; i < c->n_parts; i++) PT_TRY(add_values(w, i, false));
    for (uint32_t i = 0; i < c->n_parts; i++)
        if (w->has_high[i]) PT_TRY(add_values(w, i, true));
    return PT_OK;
}

/* ---- layout -------------------------------------------------------------------------------- */

/* Time first, then the smaller levels before the larger ones, as in segments of facts. */
static bool sorts_before(const cuboid_view *q, uint32_t x, uint32_t y)
{
    const cube *c = q->def->cube;
    bool x_time = c->hiers[q->def->levels[x].hier].hierarchy->dimension->is_time;
    bool y_time = c->hiers[q->def->levels[y].hier].hierarchy->dimension->is_time;
    if (x_time != y_time) return x_time;
    uint32_t nx = q->columns[x].level->n, ny = q->columns[y].level->n;
    return nx != ny ? nx < ny : x < y;
}

/* An index for each level from the kept one up. */
static pt_status index_levels(const cuboid_make *k, arena *a, seg_index_spec **out, uint32_t *n, pt_err *err)
{
    const cuboid *c = k->q->def;
    size_t most = 0;
    for (uint32_t i = 0; i < c->n_levels; i++) most += c->levels[i].level + 1;
    *n = 0;
    if (!(*out = arena_array(a, seg_index_spec, most))) return arena_fail(a, err);
    for (uint32_t i = 0; i < c->n_levels; i++) {
        const cuboid_reach *x;
        PT_TRY(cuboid_reach_of(k->q, i, c->levels[i].hier, &x, err));
        for (uint32_t l = 0; l < x->n_levels; l++)
            if (x->hier.levels[l].n > 1)
                (*out)[(*n)++] =
                    (seg_index_spec){.column = i,
                                     .hierarchy = c->cube->hiers[c->levels[i].hier].hierarchy->name,
                                     .level = l,
                                     .view = &x->hier.levels[l]};
    }
    return PT_OK;
}

static pt_status finish(const cuboid_make *k, seg_writer *out, const char *path, arena *a, pt_err *err)
{
    const cuboid_view *q = k->q;
    uint32_t n = q->def->n_levels, n_indexes, *order = arena_array(a, uint32_t, n);
    const uint32_t **rank_of = arena_array(a, const uint32_t *, n);
    seg_index_spec *indexes;
    if (!order || !rank_of) return arena_fail(a, err);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = i;
        for (; at > 0 && sorts_before(q, i, order[at - 1]); at--) order[at] = order[at - 1];
        order[at] = i;
    }
    for (uint32_t i = 0; i < n; i++) rank_of[i] = q->columns[order[i]].rank_of;
    PT_TRY(index_levels(k, a, &indexes, &n_indexes, err));
    return seg_writer_finish(out, path, order, rank_of, n, indexes, n_indexes, txn_version(k->txn), err);
}

static pt_status write_rows(writer *w, seg_writer **out, uint64_t *seg_id)
{
    enum { PATH_BYTES = 4096 };
    char path[PATH_BYTES];
    const cuboid_make *k = w->k;
    PT_TRY(fill(w));
    PT_TRY(seg_writer_new(w->columns, w->n_columns, out, w->err));
    PT_TRY(seg_writer_append(*out, w->cells->r->n_cells, w->batch, w->err));
    PT_TRY(txn_segment_path(k->txn, seg_id, path, sizeof path, w->err));
    return finish(k, *out, path, w->a, w->err);
}

pt_status cuboid_write(const cuboid_make *k, const cuboid_cells *cells, const seg_cover *covers,
                       uint32_t n_covers, pt_err *err)
{
    uint64_t seg_id;
    seg_writer *out = NULL;
    writer w = {.k = k, .cells = cells, .a = arena_new(0), .err = err};
    if (!w.a) return pt_fail(err, PT_NOMEM, "out of memory while building a cuboid");
    pt_status st = write_rows(&w, &out, &seg_id);
    seg_writer_free(out);
    arena_free(w.a);
    if (st == PT_OK) st = txn_add_segment(k->txn, k->q->def->id, seg_id, 0, err);
    if (st == PT_OK) st = txn_put_covers(k->txn, k->q->def->id, seg_id, covers, n_covers, err);
    return st;
}
