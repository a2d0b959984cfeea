/* drillthrough.c - the facts behind the first cell of a query (section 26). */
#include "query/calc.h"
#include "query/resolve.h"
#include "query/select.h"
#include "query/subcube.h"

/* A column of the answer: a level's key or name, or a measure's fact column. */
typedef struct drill_column {
    bool is_measure, is_key;
    level_ref level;
    uint32_t measure; /* index in scope.measures */
    facts_expr *expr; /* of a measure over expressions or under conditions */
} drill_column;

typedef struct drill {
    query q;
    arena *a;
    pt_err *err;
    uint32_t base;
    uint32_t measure; /* the cell's */
    drill_column *columns;
    uint32_t n_columns, cap_columns;
    agg_request req;
    rowset *out;
    uint64_t cap_rows;
} drill;

static pt_status add_column(drill *d, drill_column c)
{
    if (d->n_columns == d->cap_columns) {
        uint32_t cap = d->cap_columns ? d->cap_columns * 2 : 32;
        drill_column *grown = arena_array(d->a, drill_column, cap);
        if (!grown) return arena_fail(d->a, d->err);
        if (d->n_columns) memcpy(grown, d->columns, d->n_columns * sizeof *grown);
        d->columns = grown;
        d->cap_columns = cap;
    }
    d->columns[d->n_columns++] = c;
    return PT_OK;
}

/* ---- columns ----------------------------------------------------------- */

static pt_status add_level(drill *d, level_ref l)
{
    const level *def = level_ref_def(d->q.sc, l);
    if (!def) return PT_OK;
    PT_TRY(add_column(d, (drill_column){.level = l}));
    return def->name_attr == def->key_attr ? PT_OK
                                           : add_column(d, (drill_column){.level = l, .is_key = true});
}

/* A second hierarchy of a dimension does not repeat levels of the first with the same name and key. */
static bool is_repeated(const drill *d, level_ref l)
{
    const scope *sc = d->q.sc;
    const scope_dim *dim = scope_dim_of(sc, l.hier);
    const level *def = level_ref_def(sc, l);
    for (uint32_t h = dim->first_hier; def && h < l.hier; h++)
        for (uint32_t i = 0; i < sc->hiers[h].n_levels; i++) {
            const level *o = level_ref_def(sc, (level_ref){(uint16_t)h, (uint16_t)i});
            if (o && str_eq_fold(o->name, def->name) && o->key_attr == def->key_attr) return true;
        }
    return false;
}

static pt_status all_columns(drill *d)
{
    const scope *sc = d->q.sc;
    for (uint32_t h = 1; h < sc->n_hiers; h++) {
        if (base_hier_of(sc, h, d->base) == HIER_NONE) continue;
        for (uint32_t i = 0; i < sc->hiers[h].n_levels; i++) {
            level_ref l = {(uint16_t)h, (uint16_t)i};
            if (!is_repeated(d, l)) PT_TRY(add_level(d, l));
        }
    }
    return add_column(d, (drill_column){.is_measure = true, .measure = d->measure});
}

static pt_status returned_column(drill *d, const ast *item)
{
    resolved r;
    uint32_t used = item->kind == AST_ID ? resolve_name(d->q.sc, d->q.sc->cube, item->segs, item->n, &r) : 0;
    if (item->kind == AST_ID && used < item->n) return resolve_fail(d->q.sc, item, used, &r, d->err);
    if (used && r.kind == RES_LEVEL) return add_level(d, r.level);
    bool is_measure = used && r.kind == RES_MEMBER && r.member.hier == 0 && r.member.kind == MEM_STORED;
    if (!is_measure || d->q.sc->measures[r.member.id].base != d->base)
        return pt_fail_at(d->err, PT_TYPE, item->at,
                          "RETURN lists levels and stored measures of the cell's cube");
    return add_column(d, (drill_column){.is_measure = true, .measure = r.member.id});
}

static pt_status choose_columns(drill *d, const ast_stmt *s)
{
    if (s->n_items == 0) return all_columns(d);
    for (uint32_t i = 0; i < s->n_items; i++) PT_TRY(returned_column(d, s->items[i]));
    return PT_OK;
}

static const measure *base_measure(const drill *d, const drill_column *c)
{
    return &d->q.sc->bases[d->base]->measures[d->q.sc->measures[c->measure].base_measure];
}

/* The fact column behind a measure; a count or distinct count shows what it counts, if that is a column. */
static const fact_column *fact_of(const drill *d, const drill_column *c)
{
    const measure *def = base_measure(d, c);
    return def->column == MEMBER_NONE ? NULL : &d->q.sc->bases[d->base]->columns[def->column];
}

static pt_type column_type(const drill *d, const drill_column *c)
{
    if (c->is_measure) {
        if (c->expr) return facts_expr_type(c->expr);
        const fact_column *f = fact_of(d, c);
        return f ? f->type : TYPE_INTEGER;
    }
    const level *l = level_ref_def(d->q.sc, c->level);
    uint32_t attr = c->is_key ? l->key_attr : l->name_attr;
    return l->hierarchy->dimension->spec.attrs[attr].type;
}

static pt_status name_columns(drill *d)
{
    d->out->n_columns = d->n_columns;
    d->out->names = arena_array(d->a, pt_str, d->n_columns);
    d->out->types = arena_array(d->a, pt_type, d->n_columns);
    if (!d->out->names || !d->out->types) return arena_fail(d->a, d->err);
    for (uint32_t i = 0; i < d->n_columns; i++) {
        drill_column *c = &d->columns[i];
        if (c->is_measure) PT_TRY(facts_expr_new(d->q.sc->view, base_measure(d, c), d->a, &c->expr, d->err));
        pt_str name =
            c->is_measure ? d->q.sc->measures[c->measure].def->name : level_ref_name(d->q.sc, c->level);
        d->out->names[i] = c->is_key ? str_printf(d->a, STR_FMT " (Key)", STR_ARG(name)) : name;
        d->out->types[i] = column_type(d, c);
    }
    return PT_OK;
}

/* ---- which facts ------------------------------------------------------- */

/* The first position of each axis goes into the context. */
static pt_status enter_first_cell(drill *d)
{
    eval *x = d->q.x;
    PT_TRY(ctx_enter_slicer(x));
    for (uint32_t i = 0; i < d->q.n_axes; i++) {
        set s = d->q.axes[i].value;
        if (s.n == 0)
            return pt_fail_at(d->err, PT_VALUE, d->q.axes[i].def->set->at,
                              "the query has no cell to drill through: axis %u is empty", i);
        PT_TRY(ctx_set_tuple(x, s.m, s.arity));
    }
    return PT_OK;
}

/* Where the statement says which member of the hierarchy. */
static pt_span place_of(const query *q, uint32_t hier)
{
    for (uint32_t i = 0; i < q->n_axes; i++)
        for (uint32_t k = 0; k < q->axes[i].set->shape.n; k++)
            if (q->axes[i].set->shape.hiers[k] == hier) return q->axes[i].def->set->at;
    return q->ast->slicer ? q->ast->slicer->at : q->ast->cube_at;
}

/* A calculated measure stands for the default measure; other calculated members have no facts. */
static pt_status choose_measure(drill *d)
{
    const scope *sc = d->q.sc;
    mref m = d->q.x->ctx[0];
    if (m.kind != MEM_STORED) m = (mref){.kind = MEM_STORED, .id = sc->cube->default_measure};
    d->q.x->ctx[0] = m;
    d->measure = m.id;
    d->base = sc->measures[m.id].base;
    for (uint32_t h = 1; h < sc->n_hiers; h++)
        if (d->q.x->ctx[h].kind == MEM_CALC)
            return pt_fail_at(d->err, PT_UNSUPPORTED, place_of(&d->q, h),
                              "the calculated member " STR_FMT " has no facts to drill through to",
                              STR_ARG(sc->calcs[d->q.x->ctx[h].id]->unique_name));
    return PT_OK;
}

/* The region of the context, as far as the base cube knows its hierarchies. */
static pt_status add_region(drill *d, region_look *how)
{
    uint32_t id;
    agg_conj *any;
    PT_TRY(region_find(d->q.x, how, &id));
    if (*how == REGION_NOWHERE || id == 0) return PT_OK;
    PT_TRY(region_conditions(d->q.sc, region_at(d->q.x->regions, id), d->base, d->a, &any, &d->req.n_any,
                             d->err));
    d->req.any = any;
    return PT_OK;
}

/* is_nowhere: the base cube has no facts there. */
static pt_status make_filters(drill *d, bool *is_nowhere)
{
    const scope *sc = d->q.sc;
    agg_filter *filters = arena_array(d->a, agg_filter, sc->n_hiers);
    uint32_t *ranks = arena_array(d->a, uint32_t, sc->n_hiers);
    region_look how;
    if (!filters || !ranks) return arena_fail(d->a, d->err);
    d->req.cube = sc->bases[d->base];
    d->req.where.filters = filters;
    const measure *m = &d->req.cube->measures[sc->measures[d->measure].base_measure];
    d->req.n_tests = m->n_conditions; /* only facts that the cell counts */
    d->req.tests = m->conditions;
    PT_TRY(add_region(d, &how));
    *is_nowhere = how == REGION_NOWHERE || cells_is_nowhere(d->q.x->cells, d->base, d->q.x->ctx);
    if (*is_nowhere) return PT_OK;
    for (uint32_t h = 1; h < sc->n_hiers; h++) {
        mref member = d->q.x->ctx[h];
        uint32_t bh = base_hier_of(sc, h, d->base);
        if (bh == HIER_NONE) continue;
        if (member.kind != MEM_STORED && member.kind != MEM_DATA) continue;
        ranks[h] = member.id;
        filters[d->req.where.n++] = (agg_filter){bh, member.level, member.kind == MEM_DATA, 1, &ranks[h]};
    }
    return subcube_restrict(sc, d->base, d->a, &d->req, d->err);
}

/* ---- rows -------------------------------------------------------------- */

static pt_value level_value(const drill *d, const drill_column *c, const uint32_t *members)
{
    const scope *sc = d->q.sc;
    const scope_hier *h = &sc->hiers[c->level.hier];
    const cube *base = sc->bases[d->base];
    const cube_hier *bh = &base->hiers[base_hier_of(sc, c->level.hier, d->base)];
    const level *l = level_ref_def(sc, c->level);
    return dim_attr_value(h->dim, c->is_key ? l->key_attr : l->name_attr, members[bh->role]);
}

static pt_value measure_value(const drill *d, const drill_column *c, const uint32_t *members,
                              const pt_value *values)
{
    const cube *base = d->q.sc->bases[d->base];
    const measure *def = base_measure(d, c);
    if (def->column != MEMBER_NONE) return values[def->column];
    if (def->role == MEMBER_NONE) return value_int(1);
    const dim_view *dim = view_dim(d->q.sc->view, base->roles[def->role].dimension);
    return dim_attr_value(dim, 0, members[def->role]);
}

static pt_status add_row(void *ctx, const uint32_t *members, const pt_value *values, pt_err *err)
{
    drill *d = ctx;
    rowset *r = d->out;
    pt_value *row = arena_array(d->a, pt_value, d->n_columns);
    if (!row) return arena_fail(d->a, err);
    for (uint32_t i = 0; i < d->n_columns; i++) {
        const drill_column *c = &d->columns[i];
        if (c->expr)
            PT_TRY(facts_expr_value(c->expr, members, values, &row[i], err));
        else
            row[i] = c->is_measure ? measure_value(d, c, members, values) : level_value(d, c, members);
        if (row[i].kind == VAL_TEXT && !(row[i].s = str_copy(d->a, row[i].s)).ptr)
            return arena_fail(d->a, err);
    }
    if (r->n_rows == d->cap_rows) {
        uint64_t cap = d->cap_rows ? d->cap_rows * 2 : 64;
        pt_value **grown = arena_array(d->a, pt_value *, cap);
        if (!grown) return arena_fail(d->a, err);
        if (r->n_rows) memcpy(grown, r->rows, r->n_rows * sizeof *grown);
        r->rows = grown;
        d->cap_rows = cap;
    }
    r->rows[r->n_rows++] = row;
    return PT_OK;
}

/* MAXROWS limits before FIRSTROWSET skips. */
static pt_status scan(drill *d, const ast_stmt *s)
{
    const limits *l = &d->q.env->limits;
    uint64_t skip = s->first_row > 0 ? (uint64_t)s->first_row : 0;
    uint64_t max = s->max_rows >= 0 ? (uint64_t)s->max_rows : l->cells ? l->cells : UINT64_MAX;
    max = max > skip ? max - skip : 0;
    return facts_scan(d->q.sc->view, l, &d->req, skip, max, add_row, d, d->err);
}

static pt_status run(drill *d, const ast_stmt *s)
{
    PT_TRY(select_slicer(&d->q));
    PT_TRY(select_axes(&d->q));
    PT_TRY(enter_first_cell(d));
    PT_TRY(choose_measure(d));
    PT_TRY(choose_columns(d, s));
    PT_TRY(name_columns(d));
    bool is_nowhere = d->q.x->is_void;
    if (!is_nowhere) PT_TRY(make_filters(d, &is_nowhere));
    return is_nowhere ? PT_OK : scan(d, s);
}

pt_status query_drillthrough(const query_env *env, const ast_stmt *s, pt_str text, arena *a, rowset **out,
                             pt_err *err)
{
    query_stats stats = {0};
    drill *d = arena_make(a, drill);
    if (!d || !(d->out = arena_make(a, rowset))) return arena_fail(a, err);
    d->a = a;
    d->err = err;
    pt_status st = select_open(env, s->select, text, a, &stats, &d->q, err);
    if (st == PT_OK) st = run(d, s);
    st = select_status(&d->q, st);
    if (st != PT_OK && d->q.ast) select_blame(&d->q);
    select_close(&d->q);
    *out = d->out;
    return st;
}
