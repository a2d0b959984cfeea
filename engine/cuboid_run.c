/* cuboid_run.c - answering a request from a cuboid: which one fits, the request in its terms, and its values
 * put back together. */
#include "base/decimal.h"
#include "engine/shelf.h"

/* ---- what a request needs ------------------------------------------------------------- */

/* The number of leading levels that a request needs of each hierarchy of its cube; 0: none. */
static void note_conj(uint32_t *need, const agg_conj *c)
{
    for (uint32_t i = 0; i < c->n; i++)
        if (c->filters[i].level >= need[c->filters[i].hier])
            need[c->filters[i].hier] = c->filters[i].level + 1;
}

static uint32_t *needs_of(const agg_request *req, arena *a)
{
    uint32_t *need = arena_array(a, uint32_t, req->cube->n_hiers);
    if (!need) return NULL;
    for (uint32_t i = 0; i < req->n_axes; i++)
        if (req->axes[i].level >= need[req->axes[i].hier]) need[req->axes[i].hier] = req->axes[i].level + 1;
    note_conj(need, &req->where);
    for (uint32_t i = 0; i < req->n_any; i++) note_conj(need, &req->any[i]);
    return need;
}

/* The column that determines so many levels of a hierarchy, the one with the fewest numbers; MEMBER_NONE. */
static pt_status column_for(cuboid_view *q, uint32_t hier, uint32_t need, uint32_t *col,
                            const cuboid_reach **reach, pt_err *err)
{
    *col = MEMBER_NONE;
    for (uint32_t i = 0; i < q->def->n_levels; i++) {
        const cuboid_reach *x;
        PT_TRY(cuboid_reach_of(q, i, hier, &x, err));
        if (x->n_levels < need) continue;
        if (*col != MEMBER_NONE && q->columns[i].n_numbers >= q->columns[*col].n_numbers) continue;
        *col = i;
        *reach = x;
    }
    return PT_OK;
}

static pt_status column_to_count(cuboid_view *q, uint32_t role, uint32_t *col, pt_err *err)
{
    const cube *c = q->def->cube;
    *col = MEMBER_NONE;
    for (uint32_t i = 0; i < q->def->n_levels && *col == MEMBER_NONE; i++) {
        if (c->hiers[q->def->levels[i].hier].role != role) continue;
        PT_TRY(cuboid_durable_of(q, i, err));
        if (q->columns[i].durable) *col = i;
    }
    return PT_OK;
}

/* ---- does it fit? ------------------------------------------------------------------------ */

static pt_status lacks_measure(cuboid_view *q, const measure *m, bool *is_lacking, pt_err *err)
{
    uint32_t col;
    *is_lacking = !q->def->holds[m->index];
    if (*is_lacking) return PT_OK;
    if (m->agg == AGG_DISTINCT) {
        PT_TRY(column_to_count(q, m->role, &col, err));
        *is_lacking = col == MEMBER_NONE;
        return PT_OK;
    }
    for (uint32_t agg = 0; agg < CUBOID_AGGS; agg++) {
        uint32_t part = q->def->part_of[m->index * CUBOID_AGGS + agg];
        if (part != MEMBER_NONE && !q->has_part[part] &&
            (agg == m->agg || (m->agg == AGG_AVG && agg <= AGG_COUNT)))
            *is_lacking = true;
    }
    return PT_OK;
}

pt_status cuboid_fits(cuboid_view *q, const agg_request *req, arena *a, pt_str *why_not, pt_err *err)
{
    const cube *c = req->cube;
    *why_not = (pt_str){0};
    if (q->why[0]) {
        *why_not = str_printf(a, "%s", q->why);
        return why_not->ptr ? PT_OK : arena_fail(a, err);
    }
    for (uint32_t i = 0; i < req->n_measures; i++) {
        bool is_lacking;
        const measure *m = &c->measures[req->measures[i]];
        PT_TRY(lacks_measure(q, m, &is_lacking, err));
        if (!is_lacking) continue;
        *why_not = str_printf(a, "it does not hold [" STR_FMT "]", STR_ARG(m->name));
        return why_not->ptr ? PT_OK : arena_fail(a, err);
    }
    const uint32_t *need = needs_of(req, a);
    if (!need) return arena_fail(a, err);
    for (uint32_t h = 0; h < c->n_hiers; h++) {
        uint32_t col;
        const cuboid_reach *x;
        if (!need[h]) continue;
        PT_TRY(column_for(q, h, need[h], &col, &x, err));
        if (col != MEMBER_NONE) continue;
        *why_not =
            str_printf(a, "it does not tell " STR_FMT ".[" STR_FMT "]", STR_ARG(c->hiers[h].unique_name),
                       STR_ARG(c->hiers[h].hierarchy->levels[need[h] - 1].name));
        return why_not->ptr ? PT_OK : arena_fail(a, err);
    }
    return PT_OK;
}

/* ---- the request in terms of the cuboid ---------------------------------------------------- */

static void add_measure(cuboid_job *j, agg_kind agg, uint32_t column, uint32_t role)
{
    cube *c = &j->cube;
    const fact_column *f = column == MEMBER_NONE ? NULL : &c->columns[column];
    measure *m = &c->measures[c->n_measures];
    *m = (measure){.index = c->n_measures,
                   .agg = agg,
                   .type = f ? f->type : TYPE_INTEGER,
                   .scale = f ? f->scale : 0,
                   .column = column,
                   .role = role,
                   .base = c,
                   .base_measure = c->n_measures};
    if (f) m->name = f->name;
    ((uint32_t *)j->req.measures)[j->req.n_measures++] = c->n_measures++;
}

/* Columns: part by part, then their high halves. */
static void ask_part(cuboid_job *j, uint32_t part)
{
    const cuboid *def = j->q->def;
    if (part == MEMBER_NONE || j->part_at[part] != MEMBER_NONE) return;
    agg_kind agg = def->parts[part].agg == AGG_COUNT ? AGG_SUM : def->parts[part].agg;
    j->part_at[part] = j->req.n_measures;
    add_measure(j, agg, part, MEMBER_NONE);
    if (!j->q->has_high[part]) return;
    j->high_at[part] = j->req.n_measures;
    add_measure(j, AGG_SUM, def->n_parts + part, MEMBER_NONE);
}

static pt_status ask_measure(cuboid_job *j, const measure *m, pt_err *err)
{
    const uint32_t *of = &j->q->def->part_of[m->index * CUBOID_AGGS];
    uint32_t role;
    switch (m->agg) {
    case AGG_DISTINCT:
        PT_TRY(column_to_count(j->q, m->role, &role, err));
        if (NEVER(role == MEMBER_NONE)) return pt_fail(err, PT_INTERNAL, "a cuboid cannot count members");
        add_measure(j, AGG_DISTINCT, MEMBER_NONE, role);
        ((const uint32_t **)j->lens.durable)[role] = j->q->columns[role].durable;
        ((uint32_t *)j->lens.n_durable)[role] = j->q->columns[role].n_durable;
        return PT_OK;
    case AGG_AVG:
        ask_part(j, of[AGG_SUM]);
        ask_part(j, of[AGG_COUNT]);
        return PT_OK;
    case AGG_COUNT:
        ask_part(j, m->column == MEMBER_NONE && of[AGG_COUNT] == MEMBER_NONE ? 0 : of[AGG_COUNT]);
        return PT_OK;
    case AGG_SUM:
    case AGG_MIN:
    case AGG_MAX: ask_part(j, of[m->agg]); return PT_OK;
    }
    return PT_OK;
}

static pt_status make_cube(cuboid_job *j, uint32_t n_measures, arena *a, pt_err *err)
{
    const cuboid *def = j->q->def;
    cube *c = &j->cube;
    *c = *def->cube;
    c->name = def->name;
    c->n_roles = def->n_levels;
    c->n_columns = 2 * def->n_parts;
    c->n_measures = 0;
    c->roles = arena_array(a, cube_role, c->n_roles);
    c->columns = arena_array(a, fact_column, c->n_columns);
    c->hiers = arena_array(a, cube_hier, c->n_hiers);
    c->measures = arena_array(a, measure, 2 * ((size_t)def->n_parts + n_measures));
    if (!c->roles || !c->columns || !c->hiers || !c->measures) return arena_fail(a, err);
    for (uint32_t i = 0; i < c->n_roles; i++)
        c->roles[i] =
            (cube_role){.name = def->levels[i].name,
                        .dimension = def->cube->roles[def->cube->hiers[def->levels[i].hier].role].dimension};
    for (uint32_t i = 0; i < def->n_parts; i++) {
        const cuboid_part *x = &def->parts[i];
        c->columns[i] = (fact_column){.name = x->name, .type = x->type, .scale = x->scale};
        c->columns[def->n_parts + i] = (fact_column){.name = x->name_high, .type = TYPE_INTEGER};
    }
    for (uint32_t h = 0; h < c->n_hiers; h++) {
        c->hiers[h] = def->cube->hiers[h];
        c->hiers[h].role = MEMBER_NONE;
    }
    return PT_OK;
}

static pt_status make_lens(cuboid_job *j, const uint32_t *need, arena *a, pt_err *err)
{
    cuboid_view *q = j->q;
    uint32_t *n_members = arena_array(a, uint32_t, q->def->n_levels);
    const hier_view **hiers = arena_array(a, const hier_view *, j->cube.n_hiers);
    j->lens = (scan_lens){.n_members = n_members,
                          .hiers = hiers,
                          .durable = arena_array(a, const uint32_t *, q->def->n_levels),
                          .n_durable = arena_array(a, uint32_t, q->def->n_levels)};
    if (!n_members || !hiers || !j->lens.durable || !j->lens.n_durable) return arena_fail(a, err);
    for (uint32_t i = 0; i < q->def->n_levels; i++) n_members[i] = q->columns[i].n_numbers;
    for (uint32_t h = 0; h < j->cube.n_hiers; h++) {
        uint32_t col;
        const cuboid_reach *x;
        if (!need[h]) continue;
        PT_TRY(column_for(q, h, need[h], &col, &x, err));
        if (NEVER(col == MEMBER_NONE)) return pt_fail(err, PT_INTERNAL, "a cuboid lacks a level");
        j->cube.hiers[h].role = col;
        hiers[h] = &x->hier;
    }
    return PT_OK;
}

pt_status cuboid_job_make(cuboid_view *q, const agg_request *req, bool all_parts, arena *a, cuboid_job *j,
                          pt_err *err)
{
    *j = (cuboid_job){.q = q, .req = *req};
    const uint32_t *need = needs_of(req, a);
    uint32_t n_parts = q->def->n_parts;
    j->part_at = arena_array(a, uint32_t, n_parts);
    j->high_at = arena_array(a, uint32_t, n_parts);
    j->req.measures = arena_array(a, uint32_t, 2 * ((size_t)n_parts + req->n_measures));
    j->req.n_measures = 0;
    if (!need || !j->part_at || !j->high_at || !j->req.measures) return arena_fail(a, err);
    for (uint32_t i = 0; i < n_parts; i++) j->part_at[i] = j->high_at[i] = MEMBER_NONE;
    PT_TRY(make_cube(j, req->n_measures, a, err));
    PT_TRY(make_lens(j, need, a, err));
    j->req.cube = &j->cube;
    for (uint32_t i = 0; all_parts && i < n_parts; i++) ask_part(j, i);
    for (uint32_t i = 0; !all_parts && i < req->n_measures; i++)
        PT_TRY(ask_measure(j, &q->def->cube->measures[req->measures[i]], err));
    return PT_OK;
}

/* ---- values ---------------------------------------------------------------------------------- */

static pt_i128 whole(pt_value v)
{
    return v.kind == VAL_DEC ? v.dec : v.kind == VAL_NULL ? 0 : v.i;
}

pt_value cuboid_part_value(const cuboid_job *j, const agg_result *r, uint32_t part, uint32_t cell)
{
    const cuboid_part *x = &j->q->def->parts[part];
    pt_value v = r->values[j->part_at[part]][cell];
    if (j->high_at[part] == MEMBER_NONE || v.kind == VAL_NULL) return v;
    pt_i128 high = whole(r->values[j->high_at[part]][cell]);
    pt_i128 sum = whole(v) + (pt_i128)((unsigned __int128)high << 32);
    if (x->type == TYPE_DECIMAL) return value_dec(sum, x->scale);
    return sum >= INT64_MIN && sum <= INT64_MAX ? value_int((int64_t)sum) : value_dec(sum, 0);
}

static pt_value average(const cuboid_job *j, const agg_result *r, const uint32_t *of, uint32_t cell)
{
    pt_value sum = cuboid_part_value(j, r, of[AGG_SUM], cell);
    pt_value n = cuboid_part_value(j, r, of[AGG_COUNT], cell);
    if (n.kind != VAL_INT || n.i == 0) return value_null();
    return value_double(dec_to_double(whole(sum), j->q->def->parts[of[AGG_SUM]].scale) / (double)n.i);
}

pt_status cuboid_job_result(const cuboid_job *j, const agg_request *req, const agg_result *r, arena *a,
                            agg_result *out, pt_err *err)
{
    const cuboid *def = j->q->def;
    uint32_t n_distinct = 0;
    *out = *r;
    out->n_measures = req->n_measures;
    out->values = arena_array(a, pt_value *, req->n_measures);
    if (!out->values) return arena_fail(a, err);
    for (uint32_t k = 0; k < req->n_measures; k++) {
        const measure *m = &def->cube->measures[req->measures[k]];
        const uint32_t *of = &def->part_of[m->index * CUBOID_AGGS];
        if (m->agg == AGG_DISTINCT) { /* in order, between the parts */
            uint32_t at = 0, seen = n_distinct++;
            while (j->cube.measures[at].agg != AGG_DISTINCT || seen-- > 0) at++;
            out->values[k] = r->values[at];
            continue;
        }
        uint32_t part = m->agg == AGG_AVG ? of[AGG_SUM] : of[m->agg];
        if (part == MEMBER_NONE) part = 0;
        if (m->agg != AGG_AVG && j->high_at[part] == MEMBER_NONE) {
            out->values[k] = r->values[j->part_at[part]];
            continue;
        }
        pt_value *values = out->values[k] = arena_array(a, pt_value, r->n_cells);
        if (!values) return arena_fail(a, err);
        for (uint32_t i = 0; i < r->n_cells; i++)
            values[i] = m->agg == AGG_AVG ? average(j, r, of, i) : cuboid_part_value(j, r, part, i);
    }
    return PT_OK;
}

/* ---- choosing ------------------------------------------------------------------------------------ */

pt_status cuboid_choose(const view *v, const agg_request *req, arena *a, cuboid_view **out, strbuf *why,
                        pt_err *err)
{
    const cube *c = req->cube;
    uint64_t n_best = cuboid_fact_rows(v, c);
    *out = NULL;
    for (uint32_t i = 0; i < c->n_cuboids; i++) {
        pt_str why_not;
        cuboid_view *q;
        PT_TRY(shelf_cuboid(v, &c->cuboids[i], a, &q, err));
        PT_TRY(cuboid_fits(q, req, a, &why_not, err));
        if (!why_not.ptr && q->n_rows > n_best) why_not = STR("it has more rows");
        if (!why_not.ptr) {
            n_best = q->n_rows;
            *out = q;
        }
        if (why && why_not.ptr)
            strbuf_printf(why, "cuboid [" STR_FMT "] is not used: " STR_FMT "\n", STR_ARG(c->cuboids[i].name),
                          STR_ARG(why_not));
    }
    return PT_OK;
}

static pt_status run_job(const view *v, pool *p, const limits *l, const agg_request *req, cuboid_view *q,
                         arena *scratch, arena *a, agg_result *out, pt_err *err)
{
    cuboid_job j;
    agg_result r;
    PT_TRY(cuboid_job_make(q, req, false, scratch, &j, err));
    agg_source rows = {.segs = q->segs, .n_segs = q->n_segs, .lens = &j.lens};
    PT_TRY(aggregate_on(v, p, l, &j.req, &rows, a, &r, err));
    PT_TRY(cuboid_job_result(&j, req, &r, a, out, err));
    out->cuboid = q->def->name; /* as long as the schema */
    return PT_OK;
}

pt_status cuboid_run(const view *v, pool *p, const limits *l, const agg_request *req, arena *a,
                     agg_result *out, bool *is_done, pt_err *err)
{
    int64_t start = limits_now_us();
    cuboid_view *q = NULL;
    *is_done = false;
    if (req->cube->n_cuboids == 0) return PT_OK;
    arena *scratch = limits_arena(l);
    if (!scratch) return pt_fail(err, PT_NOMEM, "out of memory while planning");
    pt_status st = cuboid_choose(v, req, scratch, &q, NULL, err);
    if (st == PT_OK && q) st = run_job(v, p, l, req, q, scratch, a, out, err);
    *is_done = st == PT_OK && q;
    arena_free(scratch);
    if (*is_done) out->elapsed_us = limits_now_us() - start;
    return st;
}
