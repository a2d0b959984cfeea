/* cuboid_write.c - cells of a cuboid into a segment, slice by slice.
 *
 * Sums are stored in 64 bits; a sum that needs more is stored in two columns, its lowest 32 bits and the
 * rest, so that sums of these columns stay exact in 128 bits. The second column exists only where it is
 * needed: when the first such sum turns up, writing begins again with it. Numbers of expressions may have
 * even more digits, which must not stop a load: then writing begins again without the part, and the segment
 * says so by a column of nulls under another name. */
#include "engine/cuboid_make.h"

/* ---- columns ------------------------------------------------------------------------------- */

/* A column of the segment: numbers of a level, or the values of a part. */
typedef struct out_column {
    uint32_t col, part; /* one of them; else MEMBER_NONE */
    bool is_high, is_double, is_lost;
} out_column;

typedef struct writer {
    const cuboid_make *k;
    arena *a;       /* of the segment */
    bool *has_high; /* [parts] */
    bool *is_lost;  /* [parts] */
    bool is_short;  /* other columns are needed */
    uint32_t n_columns;
    out_column *what;
    seg_column *columns;
    seg_writer *out;
    pt_err *err;
} writer;

static void add_level(writer *w, uint32_t col)
{
    w->what[w->n_columns] = (out_column){.col = col, .part = MEMBER_NONE};
    w->columns[w->n_columns++] = (seg_column){.name = w->k->q->def->levels[col].name, .kind = SEG_ID};
}

static void add_part(writer *w, uint32_t part, bool is_high)
{
    const cuboid_part *x = &w->k->q->def->parts[part];
    bool is_double = x->type == TYPE_DOUBLE && x->agg != AGG_COUNT;
    w->what[w->n_columns] =
        (out_column){.col = MEMBER_NONE, .part = part, .is_high = is_high, .is_double = is_double};
    w->columns[w->n_columns++] = (seg_column){.name = is_high ? x->name_high : x->name,
                                              .kind = is_double ? SEG_DOUBLE : SEG_INT,
                                              .scale = x->type == TYPE_DECIMAL && !is_high ? x->scale : 0};
}

static void add_lost(writer *w, uint32_t part)
{
    w->what[w->n_columns] = (out_column){.col = MEMBER_NONE, .part = part, .is_lost = true};
    w->columns[w->n_columns++] = (seg_column){.name = w->k->q->def->parts[part].name_lost, .kind = SEG_INT};
}

static pt_status begin(writer *w)
{
    const cuboid *c = w->k->q->def;
    size_t most = c->n_levels + 2 * (size_t)c->n_parts;
    w->n_columns = 0;
    w->is_short = false;
    w->what = arena_array(w->a, out_column, most);
    w->columns = arena_array(w->a, seg_column, most);
    if (!w->what || !w->columns) return arena_fail(w->a, w->err);
    for (uint32_t i = 0; i < c->n_levels; i++) add_level(w, i);
    for (uint32_t i = 0; i < c->n_parts; i++) w->is_lost[i] ? add_lost(w, i) : add_part(w, i, false);
    for (uint32_t i = 0; i < c->n_parts; i++)
        if (w->has_high[i] && !w->is_lost[i]) add_part(w, i, true);
    seg_writer_free(w->out);
    return seg_writer_new(w->columns, w->n_columns, &w->out, w->err);
}

/* ---- cells --------------------------------------------------------------------------------- */

static pt_i128 integer_of(pt_value v)
{
    return v.kind == VAL_DEC ? v.dec : v.i;
}

static bool is_wide(pt_value v)
{
    return v.kind == VAL_DEC && (v.dec < INT64_MIN || v.dec > INT64_MAX);
}

static pt_status fill_numbers(const writer *w, uint32_t col, const cuboid_cells *cells, arena *a,
                              seg_batch *out)
{
    const uint32_t *ranks = cells->r->coords[col], *stable = w->k->q->columns[col].level->stable;
    uint32_t n = cells->r->n_cells, *ids = arena_array(a, uint32_t, n);
    if (!ids) return arena_fail(a, w->err);
    for (uint32_t i = 0; i < n; i++) ids[i] = stable[ranks[i]];
    *out = (seg_batch){.ids = ids};
    return PT_OK;
}

/* An integer, or of a wide one the lowest 32 bits, or what is above these. */
static int64_t half_of(pt_value v, bool is_high)
{
    if (!is_wide(v)) return (int64_t)integer_of(v);
    return is_high ? (int64_t)(v.dec >> 32) : (int64_t)(v.dec & UINT32_MAX);
}

/* A wide value needs the second column, if that is wide enough. */
static pt_status note_wide(writer *w, uint32_t part, pt_value v)
{
    const cuboid_part *x = &w->k->q->def->parts[part];
    bool is_held = x->name_high.len > 0 && (v.dec >> 95 == 0 || v.dec >> 95 == -1);
    if (NEVER(!is_held && !x->name_lost.len))
        return pt_fail(w->err, PT_LIMIT, "a sum of [" STR_FMT "] needs more than 96 bits", STR_ARG(x->name));
    w->is_short |= is_held ? !w->has_high[part] : !w->is_lost[part];
    if (is_held)
        w->has_high[part] = true;
    else
        w->is_lost[part] = true;
    return PT_OK;
}

static pt_status fill_values(writer *w, const out_column *c, const cuboid_cells *cells, arena *a,
                             seg_batch *out)
{
    uint32_t n = cells->r->n_cells;
    int64_t *ints = c->is_double ? NULL : arena_array(a, int64_t, n);
    double *doubles = c->is_double ? arena_array(a, double, n) : NULL;
    uint8_t *nulls = arena_array(a, uint8_t, n);
    if ((!ints && !doubles) || !nulls) return arena_fail(a, w->err);
    if (c->is_lost) memset(nulls, 1, n);
    for (uint32_t i = 0; i < n && !c->is_lost; i++) {
        pt_value v = cuboid_cell(cells, c->part, i);
        nulls[i] = v.kind == VAL_NULL || (c->is_high && !is_wide(v));
        if (nulls[i]) continue;
        if (c->is_double)
            doubles[i] = v.f;
        else
            ints[i] = half_of(v, c->is_high);
        if (is_wide(v)) PT_TRY(note_wide(w, c->part, v));
    }
    *out = (seg_batch){.ints = ints, .doubles = doubles, .nulls = nulls};
    return PT_OK;
}

static pt_status append(writer *w, const cuboid_cells *cells, arena *a)
{
    seg_batch *batch = arena_array(a, seg_batch, w->n_columns);
    if (!batch) return arena_fail(a, w->err);
    for (uint32_t i = 0; i < w->n_columns; i++) {
        const out_column *c = &w->what[i];
        PT_TRY(c->part == MEMBER_NONE ? fill_numbers(w, c->col, cells, a, &batch[i])
                                      : fill_values(w, c, cells, a, &batch[i]));
    }
    return w->is_short ? PT_OK : seg_writer_append(w->out, cells->r->n_cells, batch, w->err);
}

/* Some expression gives too many digits to sum up, and which one is not known: do without all. False: there
 * is none. */
static bool lose_expressions(writer *w)
{
    const cuboid *c = w->k->q->def;
    for (uint32_t i = 0; i < c->n_parts; i++) {
        if (!c->parts[i].name_lost.len || w->is_lost[i]) continue;
        w->is_lost[i] = w->is_short = true;
    }
    return w->is_short;
}

static pt_status add_slice(writer *w, const cuboid_source *s, const cuboid_slices *x, uint32_t i)
{
    cuboid_cells cells;
    pt_err why = {0};
    arena *a = arena_new(0);
    if (!a) return pt_fail(w->err, PT_NOMEM, "out of memory while building a cuboid");
    pt_status st = cuboid_cells_of(w->k, s, x, i, a, &cells, &why);
    if (st == PT_OK)
        st = append(w, &cells, a);
    else if (st == PT_VALUE && lose_expressions(w))
        st = PT_OK;
    else if (w->err)
        *w->err = why;
    arena_free(a);
    return st;
}

static pt_status add_all(writer *w, const cuboid_source *s)
{
    uint64_t n_rows = 0;
    for (uint32_t i = 0; i < s->n_segs; i++) n_rows += seg_rows(s->segs[i].seg);
    cuboid_slices x = cuboid_slices_of(w->k, n_rows);
    cuboid_source from = *s;
    from.is_lost = w->is_lost;
    do {
        PT_TRY(begin(w));
        for (uint32_t i = 0; i < x.n && !w->is_short; i++) PT_TRY(add_slice(w, &from, &x, i));
    } while (w->is_short);
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

static pt_status write_rows(writer *w, const cuboid_source *s, uint64_t *seg_id)
{
    enum { PATH_BYTES = 4096 };
    char path[PATH_BYTES];
    const cuboid_make *k = w->k;
    w->has_high = arena_array(w->a, bool, k->q->def->n_parts);
    if (!w->has_high) return arena_fail(w->a, w->err);
    PT_TRY(cuboid_find_lost(k->q->def, s->segs, s->is_rows ? s->n_segs : 0, w->a, &w->is_lost, w->err));
    PT_TRY(add_all(w, s));
    PT_TRY(txn_segment_path(k->txn, seg_id, path, sizeof path, w->err));
    return finish(k, w->out, path, w->a, w->err);
}

pt_status cuboid_write(const cuboid_make *k, const cuboid_source *s, const seg_cover *covers,
                       uint32_t n_covers, pt_err *err)
{
    uint64_t seg_id;
    writer w = {.k = k, .a = arena_new(0), .err = err};
    if (!w.a) return pt_fail(err, PT_NOMEM, "out of memory while building a cuboid");
    pt_status st = write_rows(&w, s, &seg_id);
    seg_writer_free(w.out);
    arena_free(w.a);
    if (st == PT_OK) st = txn_add_segment(k->txn, k->q->def->id, seg_id, 0, err);
    if (st == PT_OK) st = txn_put_covers(k->txn, k->q->def->id, seg_id, covers, n_covers, err);
    return st;
}
