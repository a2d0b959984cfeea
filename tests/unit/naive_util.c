/* naive_util.c - aggregation the slow way. */
#include "naive_util.h"

#include <math.h>

#include "base/decimal.h"
#include "base/map.h"
#include "engine/rowexpr.h"
#include "lang/parse.h"
#include "naive_expr.h"
#include "unit.h"

/* ---- facts ------------------------------------------------------------------------- */

static pt_value stored_value(const fact_column *f, int64_t i, double d)
{
    if (f->type == TYPE_DOUBLE) return value_double(d);
    if (f->type == TYPE_DECIMAL) return value_dec(i, f->scale);
    return f->type == TYPE_DATE ? value_date(i) : value_int(i);
}

static void read_values(naive_facts *f, const snapshot_seg *s, uint32_t col, uint32_t block, uint32_t at)
{
    pt_err err = {0};
    static int64_t ints[SEG_BLOCK_ROWS];
    static double doubles[SEG_BLOCK_ROWS];
    static uint64_t nulls[SEG_BLOCK_WORDS];
    const fact_column *c = &f->cube->columns[col];
    int k = seg_find(s->seg, c->name, false);
    bool any = false;
    if (k >= 0 && c->type == TYPE_DOUBLE)
        assert_ok(seg_read_doubles(s->seg, (uint32_t)k, block, doubles, &err));
    if (k >= 0 && c->type != TYPE_DOUBLE) assert_ok(seg_read_ints(s->seg, (uint32_t)k, block, ints, &err));
    if (k >= 0) assert_ok(seg_read_nulls(s->seg, (uint32_t)k, block, nulls, &any, &err));
    for (uint32_t r = 0; r < seg_block_rows(s->seg, block); r++) {
        bool is_null = k < 0 || (any && (nulls[r / 64] >> (r % 64) & 1));
        f->values[col][at + r] = is_null ? value_null() : stored_value(c, ints[r], doubles[r]);
    }
}

static void read_block(naive_facts *f, const snapshot_seg *s, uint32_t block)
{
    pt_err err = {0};
    const cube *c = f->cube;
    uint32_t n = seg_block_rows(s->seg, block), first = f->n;
    for (uint32_t i = 0; i < c->n_roles; i++)
        assert_ok(seg_read_ids(s->seg, (uint32_t)seg_find(s->seg, c->roles[i].name, true), block,
                               f->ids[i] + first, &err));
    for (uint32_t i = 0; i < c->n_columns; i++) read_values(f, s, i, block, first);
    for (uint32_t r = 0; r < n; r++) {
        if (s->deleted && roaring_bitmap_contains(s->deleted, block * SEG_BLOCK_ROWS + r)) continue;
        for (uint32_t i = 0; i < c->n_roles; i++) f->ids[i][f->n] = f->ids[i][first + r];
        for (uint32_t i = 0; i < c->n_columns; i++) f->values[i][f->n] = f->values[i][first + r];
        f->n++;
    }
}

naive_facts naive_read(shop *s, const char *cube_name)
{
    naive_facts f = {.cube = shop_cube(s, cube_name)};
    uint32_t n_segs, total = 0;
    f.view = &s->v;
    const snapshot_seg *segs = snapshot_segs(s->v.snap, f.cube->id, &n_segs);
    for (uint32_t i = 0; i < n_segs; i++) total += seg_rows(segs[i].seg) + SEG_BLOCK_ROWS;
    f.ids = calloc(f.cube->n_roles, sizeof *f.ids);
    f.values = calloc(f.cube->n_columns, sizeof *f.values);
    for (uint32_t i = 0; i < f.cube->n_roles; i++) f.ids[i] = calloc(total + 1, sizeof **f.ids);
    for (uint32_t i = 0; i < f.cube->n_columns; i++) f.values[i] = calloc(total + 1, sizeof **f.values);
    for (uint32_t i = 0; i < n_segs; i++)
        for (uint32_t b = 0; b < seg_blocks(segs[i].seg); b++) read_block(&f, &segs[i], b);
    return f;
}

void naive_facts_done(naive_facts *f)
{
    for (uint32_t i = 0; i < f->cube->n_roles; i++) free(f->ids[i]);
    for (uint32_t i = 0; i < f->cube->n_columns; i++) free(f->values[i]);
    free(f->ids);
    free(f->values);
    *f = (naive_facts){0};
}

/* ---- filters ------------------------------------------------------------------------- */

static const level_view *level_of(const naive_facts *f, uint32_t hier, uint32_t n_level)
{
    pt_err err = {0};
    const hier_view *h;
    const cube_hier *ch = &f->cube->hiers[hier];
    assert_ok(dim_hier(view_dim(f->view, ch->hierarchy->dimension), ch->hierarchy->index, &h, &err));
    return &h->levels[n_level];
}

/* For each member whether a filter takes it, found once for all rows. */
typedef struct naive_filter {
    const uint32_t *ids; /* the role's, by row */
    bool *takes;         /* by id */
} naive_filter;

typedef struct naive_conj {
    uint32_t n;
    naive_filter *filters;
} naive_conj;

static naive_filter prepare_filter(const naive_facts *f, const agg_filter *x, arena *a)
{
    const cube_hier *h = &f->cube->hiers[x->hier];
    const level_view *l = level_of(f, x->hier, x->level);
    bool with_ancestors = h->hierarchy->is_parent_child && !x->own_only;
    uint32_t n_members = dim_count(view_dim(f->view, h->hierarchy->dimension));
    bool *is_listed = arena_array(a, bool, l->n), *takes = arena_array(a, bool, n_members);
    for (uint32_t i = 0; i < x->n; i++) is_listed[x->ranks[i]] = true;
    for (uint32_t id = 0; id < n_members; id++) {
        uint32_t rank = l->of_member[id];
        takes[id] = is_listed[rank];
        while (with_ancestors && !takes[id] && (rank = l->parent[rank]) != MEMBER_NONE)
            takes[id] = is_listed[rank];
    }
    return (naive_filter){f->ids[h->role], takes};
}

static naive_conj prepare(const naive_facts *f, const agg_conj *c, arena *a)
{
    naive_conj out = {.n = c->n, .filters = arena_array(a, naive_filter, c->n)};
    for (uint32_t i = 0; i < c->n; i++) out.filters[i] = prepare_filter(f, &c->filters[i], a);
    return out;
}

static bool passes(const naive_conj *c, uint32_t row)
{
    for (uint32_t i = 0; i < c->n; i++)
        if (!c->filters[i].takes[c->filters[i].ids[row]]) return false;
    return true;
}

/* ---- cells ------------------------------------------------------------------------------ */

typedef struct naive_total {
    uint64_t n, n_distinct;
    pt_i128 sum;           /* doubles: of v * 1024; others: of the bits above the lowest 64, */
    unsigned __int128 low; /* and of those */
    pt_value min, max;
} naive_total;

typedef struct naive_cell {
    uint32_t coords[AGG_MAX_AXES];
    naive_total *totals; /* [n_measures] */
} naive_cell;

typedef struct naive_job {
    const naive_facts *f;
    const agg_request *req;
    const naive_tests *tests;
    naive_conj where, *any;
    const level_view *levels[AGG_MAX_AXES];
    arena *a;
    bytes_map *cells, *members;
    naive_cell *list;
    uint32_t n, cap;
} naive_job;

static bool is_wanted(const naive_job *j, uint32_t row)
{
    for (uint32_t i = 0; j->tests && i < j->tests->n; i++)
        if (!naive_holds(j->f, j->tests->conditions[i], row)) return false;
    if (!passes(&j->where, row)) return false;
    for (uint32_t i = 0; i < j->req->n_any; i++)
        if (passes(&j->any[i], row)) return true;
    return j->req->n_any == 0;
}

static naive_cell *find_cell(naive_job *j, const uint32_t *coords, uint32_t *number)
{
    bool added;
    pt_str key = {(const char *)coords, j->req->n_axes * sizeof *coords};
    assert_int_equal(bytes_map_put(j->cells, key, j->n, number, &added), PT_OK);
    if (added) {
        if (j->n == j->cap) j->list = realloc(j->list, (j->cap = j->cap * 2 + 16) * sizeof *j->list);
        memcpy(j->list[j->n].coords, coords, key.len);
        j->list[j->n++].totals = arena_array(j->a, naive_total, j->req->n_measures);
    }
    return &j->list[*number];
}

static void add_value(naive_total *t, pt_value v)
{
    if (v.kind == VAL_NULL) return;
    pt_i128 n = v.kind == VAL_DEC ? v.dec : v.kind == VAL_DOUBLE ? 0 : v.i;
    if (v.kind == VAL_DOUBLE && fabs(v.f) < 0x1p100) t->sum += (pt_i128)(v.f * 1024);
    if (v.kind != VAL_DOUBLE) t->sum += n >> 64, t->low += (uint64_t)n;
    if (t->n == 0 || value_cmp(v, t->min) < 0) t->min = v;
    if (t->n == 0 || value_cmp(v, t->max) > 0) t->max = v;
    t->n++;
}

/* The value of a row in the type that the measure has. */
static pt_value row_value(const naive_facts *f, const measure *m, const ast_measure *def, uint32_t row)
{
    if (!def->expr) {
        uint32_t i = naive_column(f->cube, def->column), role = cube_find_role(f->cube, def->column);
        if (i != MEMBER_NONE) return f->values[i][row];
        return role == MEMBER_NONE ? value_int(1) : naive_key(f, role, row);
    }
    pt_value v = naive_eval(f, def->expr, row);
    if (v.kind == VAL_NULL || v.kind == VAL_BOOL || v.kind == VAL_DATE) return v;
    uint8_t scale = v.kind == VAL_DEC ? v.scale : 0;
    pt_i128 dec = v.kind == VAL_DEC ? v.dec : v.i;
    if (m->value->type == TYPE_DOUBLE)
        return v.kind == VAL_DOUBLE ? v : value_double((double)dec / (double)pow10_i64[scale]);
    assert_true(dec_rescale(dec, scale, m->value->scale, &dec));
    if (m->value->type == TYPE_DECIMAL) return value_dec(dec, m->value->scale);
    return dec >= INT64_MIN && dec <= INT64_MAX ? value_int((int64_t)dec) : value_dec(dec, 0);
}

static void add_to_cell(naive_job *j, uint32_t row, const uint32_t *coords)
{
    const cube *c = j->f->cube;
    uint32_t number;
    naive_cell *cell = find_cell(j, coords, &number);
    for (uint32_t i = 0; i < j->req->n_measures; i++) {
        const measure *m = &c->measures[j->req->measures[i]];
        naive_total *t = &cell->totals[i];
        const ast_measure *def = naive_definition(c, m);
        if (def && def->where && !naive_holds(j->f, def->where, row)) continue;
        if (m->agg == AGG_DISTINCT) {
            const uint32_t *durable = dim_durable(view_dim(j->f->view, c->roles[m->role].dimension));
            uint32_t id = j->f->ids[m->role][row], key[3] = {number, i, durable ? durable[id] : id}, value;
            bool added;
            pt_str bytes = {(const char *)key, sizeof key};
            assert_int_equal(bytes_map_put(j->members, bytes, 0, &value, &added), PT_OK);
            t->n_distinct += added;
        } else if (!def) {
            t->n++;
        } else {
            add_value(t, row_value(j->f, m, def, row));
        }
    }
}

/* The row's member on each axis from `axis` on, and its ancestors where the axis has them. */
static void spread(naive_job *j, uint32_t row, uint32_t axis, uint32_t *coords)
{
    if (axis == j->req->n_axes) {
        add_to_cell(j, row, coords);
        return;
    }
    const agg_axis *x = &j->req->axes[axis];
    const cube_hier *h = &j->f->cube->hiers[x->hier];
    const level_view *l = j->levels[axis];
    bool is_tree = h->hierarchy->is_parent_child && !x->own_only;
    for (uint32_t rank = l->of_member[j->f->ids[h->role][row]]; rank != MEMBER_NONE;
         rank = is_tree ? l->parent[rank] : MEMBER_NONE) {
        coords[axis] = rank;
        spread(j, row, axis + 1, coords);
    }
}

static pt_value total_value(const cube *c, const measure *m, const naive_total *t, bool *is_over)
{
    if (m->agg == AGG_DISTINCT) return t->n_distinct ? value_int((int64_t)t->n_distinct) : value_null();
    if (t->n == 0) return value_null();
    fact_column in_expr, *f = m->column == MEMBER_NONE ? NULL : &c->columns[m->column];
    if (m->value) {
        in_expr = (fact_column){.type = m->value->type, .scale = m->value->scale};
        f = &in_expr;
    }
    bool is_double = f && f->type == TYPE_DOUBLE;
    pt_i128 high = t->sum + (pt_i128)(t->low >> 64),
            sum = is_double ? t->sum : (pt_i128)((unsigned __int128)high << 64 | (uint64_t)t->low);
    if (!is_double && (m->agg == AGG_SUM || m->agg == AGG_AVG) && (high < INT64_MIN || high > INT64_MAX))
        *is_over = true;
    switch (m->agg) {
    case AGG_COUNT: return value_int((int64_t)t->n);
    case AGG_SUM:
        if (f->type == TYPE_DOUBLE) return value_double((double)sum / 1024);
        if (f->type == TYPE_DECIMAL) return value_dec(sum, f->scale);
        return sum >= INT64_MIN && sum <= INT64_MAX ? value_int((int64_t)sum) : value_dec(sum, 0);
    case AGG_AVG:
        if (f->type == TYPE_DOUBLE) return value_double((double)sum / 1024 / (double)t->n);
        return value_double(dec_to_double(sum, f->type == TYPE_DECIMAL ? f->scale : 0) / (double)t->n);
    case AGG_MIN: return t->min;
    case AGG_MAX: return t->max;
    case AGG_DISTINCT: break;
    }
    return value_null();
}

static int by_coords(const void *x, const void *y, void *n_axes)
{
    const naive_cell *p = x, *q = y;
    for (uint32_t i = 0; i < *(uint32_t *)n_axes; i++)
        if (p->coords[i] != q->coords[i]) return p->coords[i] < q->coords[i] ? -1 : 1;
    return 0;
}

agg_result naive_run(const naive_facts *f, const agg_request *req, const naive_tests *tests, arena *a,
                     bool *is_over)
{
    bool any_over = false;
    naive_job j = {.f = f, .req = req, .tests = tests, .a = a};
    uint32_t coords[AGG_MAX_AXES] = {0}, n_axes = req->n_axes;
    j.cells = bytes_map_new(), j.members = bytes_map_new();
    j.where = prepare(f, &req->where, a);
    j.any = arena_array(a, naive_conj, req->n_any);
    for (uint32_t i = 0; i < req->n_any; i++) j.any[i] = prepare(f, &req->any[i], a);
    for (uint32_t k = 0; k < n_axes; k++) j.levels[k] = level_of(f, req->axes[k].hier, req->axes[k].level);
    for (uint32_t row = 0; row < f->n; row++)
        if (is_wanted(&j, row)) spread(&j, row, 0, coords);
    if (j.n) qsort_r(j.list, j.n, sizeof *j.list, by_coords, &n_axes);
    agg_result out = {.n_cells = j.n, .n_axes = n_axes, .n_measures = req->n_measures};
    out.coords = arena_array(a, uint32_t *, n_axes);
    out.values = arena_array(a, pt_value *, req->n_measures);
    for (uint32_t k = 0; k < n_axes; k++) {
        out.coords[k] = arena_array(a, uint32_t, j.n);
        for (uint32_t i = 0; i < j.n; i++) out.coords[k][i] = j.list[i].coords[k];
    }
    for (uint32_t k = 0; k < req->n_measures; k++) {
        const measure *m = &f->cube->measures[req->measures[k]];
        out.values[k] = arena_array(a, pt_value, j.n);
        for (uint32_t i = 0; i < j.n; i++)
            out.values[k][i] = total_value(f->cube, m, &j.list[i].totals[k], &any_over);
    }
    free(j.list);
    bytes_map_free(j.cells);
    bytes_map_free(j.members);
    if (is_over) *is_over = any_over;
    return out;
}

/* ---- comparing ---------------------------------------------------------------------------- */

static bool same_value(pt_value x, pt_value y)
{
    if (x.kind != y.kind) return false;
    if (x.kind == VAL_DOUBLE && x.f == 0 && y.f == 0) return true; /* the least of 0 and -0 is either */
    // NOLINTNEXTLINE(bugprone-suspicious-memory-comparison): the bits are what must agree
    if (x.kind == VAL_DOUBLE) return memcmp(&x.f, &y.f, sizeof x.f) == 0;
    if (x.kind == VAL_DEC && x.scale != y.scale) return false;
    return value_eq(x, y);
}

/* Leave out cells without any value. */
static void drop_empty(agg_result *r)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->n_cells; i++) {
        bool has_value = false;
        for (uint32_t k = 0; k < r->n_measures; k++) has_value |= r->values[k][i].kind != VAL_NULL;
        if (!has_value) continue;
        for (uint32_t k = 0; k < r->n_axes; k++) r->coords[k][n] = r->coords[k][i];
        for (uint32_t k = 0; k < r->n_measures; k++) r->values[k][n] = r->values[k][i];
        n++;
    }
    r->n_cells = n;
}

void naive_compare(const agg_request *req, agg_result *want, agg_result *got, const char *what)
{
    bool all_conditional = req->n_measures > 0;
    for (uint32_t i = 0; i < req->n_measures; i++)
        all_conditional &= req->cube->measures[req->measures[i]].n_conditions > 0;
    if (all_conditional) {
        drop_empty(want);
        drop_empty(got);
    }
    if (want->n_cells != got->n_cells) fail_msg("%s: %u cells, not %u", what, got->n_cells, want->n_cells);
    for (uint32_t i = 0; i < want->n_cells; i++) {
        for (uint32_t k = 0; k < want->n_axes; k++)
            if (want->coords[k][i] != got->coords[k][i])
                fail_msg("%s: cell %u is at %u on axis %u, not at %u", what, i, got->coords[k][i], k,
                         want->coords[k][i]);
        for (uint32_t k = 0; k < want->n_measures; k++) {
            if (same_value(want->values[k][i], got->values[k][i])) continue;
            strbuf b = {0};
            value_print(got->values[k][i], &b);
            strbuf_addz(&b, ", not ");
            value_print(want->values[k][i], &b);
            const measure *m = &req->cube->measures[req->measures[k]];
            const ast_measure *def = naive_definition(req->cube, m);
            if (def && def->expr) strbuf_addz(&b, " = "), ast_print_expr(def->expr, &b);
            if (def && def->where) strbuf_addz(&b, " WHERE "), ast_print_expr(def->where, &b);
            fail_msg("%s: cell %u: [" STR_FMT "] is %s", what, i, STR_ARG(m->name), b.ptr);
        }
    }
}
