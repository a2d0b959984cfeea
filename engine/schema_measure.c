/* schema_measure.c - the columns of a cube's facts and the measures over them; and the measures that one
 * query adds. */
#include "base/decimal.h"
#include "engine/rowexpr.h"
#include "engine/schema_int.h"
#include "lang/parse.h"

typedef struct builder {
    arena *a;
    const ast_cube *def;
    cube *c;
    pt_err *err;
} builder;

pt_status cube_check_measure_name(const cube *c, pt_str name, pt_span at, pt_err *err)
{
    for (uint32_t i = 0; i < c->n_measures; i++)
        if (str_eq_fold(c->measures[i].name, name))
            return pt_fail_at(err, PT_EXISTS, at, "measure [" STR_FMT "] appears twice in cube [" STR_FMT "]",
                              STR_ARG(name), STR_ARG(c->name));
    return PT_OK;
}

/* ---- what aggregates work on --------------------------------------------------------- */

static bool agg_fits(agg_kind agg, pt_type t)
{
    switch (agg) {
    case AGG_SUM:
    case AGG_AVG: return t == TYPE_INTEGER || t == TYPE_DECIMAL || t == TYPE_DOUBLE;
    case AGG_MIN:
    case AGG_MAX: return t != TYPE_TEXT && t != TYPE_NONE;
    case AGG_COUNT:
    case AGG_DISTINCT: return t != TYPE_TEXT;
    }
    return false;
}

/* ---- columns ---------------------------------------------------------------------------- */

static bool names_column(const ast_measure *x, pt_str column)
{
    return x->agg != AGG_DISTINCT && x->column.len > 0 && str_eq_fold(x->column, column);
}

/* The type of a fact column is what COLUMN and its measures say; all that say something must agree. A column
 * that is only counted may leave it open: its values are then integers. */
static pt_status column_type(builder *b, pt_str column, ast_type *out)
{
    bool is_only_counted = true;
    const ast_measure *first = NULL;
    *out = (ast_type){.type = TYPE_NONE};
    for (uint32_t i = 0; i < b->def->n_columns; i++)
        if (str_eq_fold(b->def->columns[i].name, column)) *out = b->def->columns[i].type;
    for (uint32_t i = 0; i < b->def->n_measures; i++) {
        const ast_measure *x = &b->def->measures[i];
        if (!names_column(x, column)) continue;
        if (x->agg != AGG_COUNT) is_only_counted = false;
        if (!first) first = x;
        if (x->type.type == TYPE_NONE) continue;
        if (out->type == TYPE_NONE)
            *out = x->type;
        else if (out->type != x->type.type || out->scale != x->type.scale)
            return pt_fail_at(b->err, PT_TYPE, x->at,
                              "measure [" STR_FMT "]: column [" STR_FMT "] has another type before",
                              STR_ARG(x->name), STR_ARG(column));
    }
    if (out->type == TYPE_NONE && is_only_counted) out->type = TYPE_INTEGER;
    if (out->type == TYPE_NONE && first) {
        pt_fail_at(b->err, PT_TYPE, first->at, "measure [" STR_FMT "] has no type", STR_ARG(first->name));
        pt_hint(b->err, "write %s(" STR_FMT ") INTEGER, DECIMAL(p, s) or DOUBLE", agg_name(first->agg),
                STR_ARG(column));
        return PT_TYPE;
    }
    return PT_OK;
}

static pt_status add_column(builder *b, pt_str name, pt_span at)
{
    cube *c = b->c;
    ast_type t;
    if (cube_find_column(c, name) != MEMBER_NONE) return PT_OK;
    PT_TRY(column_type(b, name, &t));
    if (t.type == TYPE_DECIMAL && t.scale > DEC_MAX_SCALE)
        return pt_fail_at(b->err, PT_VALUE, at, "column [" STR_FMT "]: at most %d digits behind the point",
                          STR_ARG(name), DEC_MAX_SCALE);
    c->columns[c->n_columns++] = (fact_column){.name = name, .type = t.type, .scale = t.scale};
    return PT_OK;
}

/* Without a type anywhere, the name of a role means the keys of its members. (A column that is only counted
 * needs no type.) */
static bool is_key(const builder *b, pt_str column)
{
    bool is_only_counted = true;
    if (cube_find_role(b->c, column) == MEMBER_NONE) return false;
    for (uint32_t i = 0; i < b->def->n_columns; i++)
        if (str_eq_fold(b->def->columns[i].name, column)) return false;
    for (uint32_t i = 0; i < b->def->n_measures; i++) {
        const ast_measure *x = &b->def->measures[i];
        if (!names_column(x, column)) continue;
        if (x->type.type != TYPE_NONE) return false;
        if (x->agg != AGG_COUNT) is_only_counted = false;
    }
    return !is_only_counted;
}

static pt_status build_columns(builder *b)
{
    const ast_cube *def = b->def;
    b->c->columns = arena_array(b->a, fact_column, (size_t)def->n_columns + def->n_measures);
    if (!b->c->columns) return arena_fail(b->a, b->err);
    for (uint32_t i = 0; i < def->n_columns; i++) {
        const ast_column *x = &def->columns[i];
        if (cube_find_column(b->c, x->name) != MEMBER_NONE)
            return pt_fail_at(b->err, PT_EXISTS, x->at,
                              "column [" STR_FMT "] appears twice in cube [" STR_FMT "]", STR_ARG(x->name),
                              STR_ARG(b->c->name));
        if (x->type.type == TYPE_TEXT) {
            pt_fail_at(b->err, PT_TYPE, x->at, "column [" STR_FMT "]: facts hold no texts", STR_ARG(x->name));
            return pt_hint(b->err, "a dimension does: CREATE DIMENSION [" STR_FMT "] (KEY " STR_FMT " TEXT)",
                           STR_ARG(x->name), STR_ARG(x->name));
        }
        PT_TRY(add_column(b, x->name, x->at));
    }
    for (uint32_t i = 0; i < def->n_measures; i++) {
        const ast_measure *x = &def->measures[i];
        if (x->agg == AGG_DISTINCT || !x->column.len || is_key(b, x->column)) continue;
        PT_TRY(add_column(b, x->column, x->at));
    }
    return PT_OK;
}

/* ---- measures ---------------------------------------------------------------------------- */

/* DISTINCT COUNT([x]): x is a role, or a dimension as the cube shows it. */
static pt_status find_counted(builder *b, const ast_measure *x, uint32_t *role)
{
    const cube *c = b->c;
    nearest near = nearest_to(x->column);
    *role = cube_find_role(c, x->column);
    if (*role != MEMBER_NONE) return PT_OK;
    for (uint32_t i = 0; i < c->n_roles; i++) nearest_offer(&near, c->roles[i].name);
    for (uint32_t i = 0; i < c->n_dims; i++) {
        *role = c->hiers[c->dims[i].first_hier].role;
        if (str_eq_fold(c->dims[i].name, x->column)) return PT_OK;
        nearest_offer(&near, c->dims[i].name);
    }
    pt_fail_at(b->err, PT_NAME, x->at,
               "measure [" STR_FMT "] counts [" STR_FMT "], but cube [" STR_FMT "] has no such dimension",
               STR_ARG(x->name), STR_ARG(x->column), STR_ARG(c->name));
    nearest_hint(&near, b->err);
    return PT_NAME;
}

static pt_status check_agg(builder *b, const ast_measure *x, pt_type type, const char *what)
{
    if (agg_fits(x->agg, type)) return PT_OK;
    return pt_fail_at(b->err, PT_TYPE, x->at, "measure [" STR_FMT "]: %s does not work on %s of type %s",
                      STR_ARG(x->name), agg_name(x->agg), what, type_name(type));
}

/* SUM(expression). Its type follows from the columns. */
static pt_status set_expression(builder *b, const ast_measure *x, measure *m)
{
    if (x->type.type != TYPE_NONE) {
        pt_fail_at(b->err, PT_TYPE, x->type.at,
                   "measure [" STR_FMT "]: the type of an expression follows from its columns",
                   STR_ARG(x->name));
        return pt_hint(b->err, "leave out %s", type_name(x->type.type));
    }
    PT_TRY(rowexpr_value(b->c, x->expr, b->a, &m->value, b->err));
    return check_agg(b, x, m->value->type, "an expression");
}

/* A column as an expression. */
static pt_status column_value(builder *b, const ast_measure *x, const rowexpr **out)
{
    ast_segment segment = {.name = x->column, .is_quoted = true, .at = x->at};
    ast id = {.kind = AST_ID, .at = x->at, .n = 1, .segs = &segment, .depth = 1};
    return rowexpr_value(b->c, &id, b->a, out, b->err);
}

/* SUM(column): under conditions the column is an expression too. */
static pt_status set_column(builder *b, const ast_measure *x, measure *m)
{
    const cube *c = b->c;
    m->column = cube_find_column(c, x->column);
    if (m->column == MEMBER_NONE) {
        nearest near = nearest_to(x->column);
        for (uint32_t i = 0; i < c->n_columns; i++) nearest_offer(&near, c->columns[i].name);
        pt_fail_at(b->err, PT_NAME, x->at, "the facts of cube [" STR_FMT "] have no column [" STR_FMT "]",
                   STR_ARG(c->name), STR_ARG(x->column));
        nearest_hint(&near, b->err);
        return PT_NAME;
    }
    PT_TRY(check_agg(b, x, c->columns[m->column].type, "a column"));
    return x->where ? column_value(b, x, &m->value) : PT_OK;
}

static void set_type(const cube *c, measure *m)
{
    m->type = TYPE_INTEGER;
    if (m->agg == AGG_COUNT || m->agg == AGG_DISTINCT) return;
    m->type = m->value ? m->value->type : c->columns[m->column].type;
    m->scale = m->value ? m->value->scale : c->columns[m->column].scale;
    if (m->agg != AGG_AVG) return;
    m->type = TYPE_DOUBLE;
    m->scale = 0;
}

/* MAX(role): of the keys of its members. */
static pt_status set_key(builder *b, const ast_measure *x, measure *m)
{
    PT_TRY(column_value(b, x, &m->value));
    return check_agg(b, x, m->value->type, "keys");
}

static pt_status add_measure(builder *b, const ast_measure *x)
{
    cube *c = b->c;
    PT_TRY(cube_check_measure_name(c, x->name, x->at, b->err));
    if (x->base_cube.len)
        return pt_fail_at(b->err, PT_SYNTAX, x->at, "only a virtual cube takes measures of other cubes");
    measure m = {.index = c->n_measures,
                 .name = x->name,
                 .caption = x->caption.len ? x->caption : x->name,
                 .format = x->format,
                 .has_format = x->has_format,
                 .is_hidden = x->is_hidden,
                 .has_ordinal = x->has_ordinal,
                 .ordinal = x->ordinal,
                 .agg = x->agg,
                 .column = MEMBER_NONE,
                 .role = MEMBER_NONE,
                 .base = c,
                 .base_measure = c->n_measures};
    if (x->agg == AGG_DISTINCT)
        PT_TRY(find_counted(b, x, &m.role));
    else if (x->expr)
        PT_TRY(set_expression(b, x, &m));
    else if (x->column.len && cube_find_column(c, x->column) == MEMBER_NONE &&
             cube_find_role(c, x->column) != MEMBER_NONE)
        PT_TRY(set_key(b, x, &m));
    else if (x->column.len)
        PT_TRY(set_column(b, x, &m));
    else if (x->agg != AGG_COUNT)
        return pt_fail_at(b->err, PT_SYNTAX, x->at,
                          "measure [" STR_FMT "]: %s(*) means nothing, name a column", STR_ARG(x->name),
                          agg_name(x->agg));
    if (x->where) {
        const rowexpr **conditions;
        PT_TRY(rowexpr_conditions(c, x->where, b->a, &conditions, &m.n_conditions, b->err));
        m.conditions = conditions;
    }
    strbuf text = {0};
    ast_print_aggregate(x, &text);
    m.text = text.failed ? (pt_str){0} : str_copy(b->a, strbuf_str(&text));
    strbuf_free(&text);
    if (!m.text.ptr) return arena_fail(b->a, b->err);
    set_type(c, &m);
    c->measures[c->n_measures++] = m;
    return PT_OK;
}

/* A cube can always say how many facts there are. */
static void add_fact_count(cube *c)
{
    const pt_str name = STR("Fact Count");
    for (uint32_t i = 0; i < c->n_measures; i++) {
        const measure *m = &c->measures[i];
        if ((m->agg == AGG_COUNT && !m->value && !m->n_conditions) || str_eq_fold(m->name, name)) return;
    }
    c->measures[c->n_measures] = (measure){.index = c->n_measures,
                                           .name = name,
                                           .caption = name,
                                           .agg = AGG_COUNT,
                                           .text = STR("COUNT(*)"),
                                           .type = TYPE_INTEGER,
                                           .column = MEMBER_NONE,
                                           .role = MEMBER_NONE,
                                           .base = c,
                                           .base_measure = c->n_measures,
                                           .is_implicit = true};
    c->n_measures++;
}

pt_status cube_build_measures(cube *c, const ast_cube *def, arena *a, pt_err *err)
{
    builder b = {.a = a, .def = def, .c = c, .err = err};
    PT_TRY(build_columns(&b));
    c->measures = arena_array(a, measure, (size_t)def->n_measures + 1);
    if (!c->measures) return arena_fail(a, err);
    for (uint32_t i = 0; i < def->n_measures; i++) PT_TRY(add_measure(&b, &def->measures[i]));
    add_fact_count(c);
    c->n_own = c->n_measures;
    return PT_OK;
}

/* ---- measures of one query -------------------------------------------------------------------- */

/* A copy of a cube with room for n more measures; all that points to the cube itself points to the copy. */
static pt_status copy_cube(const cube *c, uint32_t n, arena *a, cube **out, pt_err *err)
{
    cube *x = arena_make(a, cube);
    measure *measures = arena_array(a, measure, (size_t)c->n_measures + n);
    const cube **origins = arena_array(a, const cube *, c->n_formulas);
    if (!x || !measures || !origins) return arena_fail(a, err);
    *x = *c;
    if (c->n_measures) memcpy(measures, c->measures, c->n_measures * sizeof *measures);
    for (uint32_t i = 0; i < c->n_measures; i++)
        if (measures[i].base == c) measures[i].base = x;
    for (uint32_t i = 0; i < c->n_formulas; i++)
        origins[i] = c->formula_cubes[i] == c ? x : c->formula_cubes[i];
    x->measures = measures;
    x->formula_cubes = origins;
    *out = x;
    return PT_OK;
}

static pt_status check_new_name(const cube *c, const ast_measure *x, pt_err *err)
{
    bool is_taken = false;
    for (uint32_t i = 0; i < c->n_measures; i++) is_taken |= str_eq_fold(c->measures[i].name, x->name);
    for (uint32_t i = 0; i < c->n_formulas; i++)
        is_taken |= str_eq_fold(formula_measure_name(c->formulas[i]), x->name);
    if (!is_taken) return PT_OK;
    return pt_fail_at(err, PT_EXISTS, x->at, "cube [" STR_FMT "] has a measure [" STR_FMT "] already",
                      STR_ARG(c->name), STR_ARG(x->name));
}

/* Replace a base cube of a virtual one wherever it points to it. */
static pt_status extend_base(cube *v, uint32_t base, uint32_t n, arena *a, pt_err *err)
{
    const cube *old = v->bases[base];
    cube *new;
    PT_TRY(copy_cube(old, n, a, &new, err));
    v->bases[base] = new;
    for (uint32_t i = 0; i < v->n_measures; i++)
        if (v->measures[i].base == old) v->measures[i].base = new;
    for (uint32_t i = 0; i < v->n_formulas; i++)
        if (v->formula_cubes[i] == old) v->formula_cubes[i] = new;
    return PT_OK;
}

static pt_status add_to(cube *c, const ast_measure *x, arena *a, pt_err *err)
{
    builder b = {.a = a, .c = c, .err = err};
    return add_measure(&b, x);
}

/* The measure goes to the one base cube whose facts have its columns. */
static pt_status add_to_base(cube *v, const ast_measure *x, arena *a, pt_err *err)
{
    cube *found = NULL;
    pt_err why = {0};
    pt_status st = PT_NAME;
    for (uint32_t i = 0; i < v->n_bases; i++) {
        cube *base = (cube *)v->bases[i], before = *base; /* a copy of ours, see extend_base */
        pt_err mine = {0};
        pt_status this = add_to(base, x, a, &mine);
        if (this == PT_NOMEM) return pt_fail(err, PT_NOMEM, "%s", mine.msg);
        if (this != PT_OK) {
            if (i == 0 || st == PT_NAME) why = mine, st = this;
            continue;
        }
        if (found) {
            *base = before;
            pt_fail_at(err, PT_NAME, x->at,
                       "measure [" STR_FMT "] could be one of cube [" STR_FMT "] or of [" STR_FMT "]",
                       STR_ARG(x->name), STR_ARG(found->name), STR_ARG(base->name));
            return pt_hint(err, "ask one of these cubes, or name a column that only one of them has");
        }
        found = base;
    }
    if (!found) {
        pt_fail_at(err, st, why.has_place ? why.at : x->at, "%s", why.msg);
        return pt_hint(err, "the facts of a virtual cube are those of one of its cubes at a time");
    }
    measure *m = &v->measures[v->n_measures];
    *m = found->measures[found->n_measures - 1];
    m->index = v->n_measures++;
    m->column = m->role = MEMBER_NONE;
    m->base = found;
    m->base_measure = found->n_measures - 1;
    return PT_OK;
}

pt_status cube_extend(const cube *c, const ast_measure *const *measures, uint32_t n, arena *a, cube **out,
                      pt_err *err)
{
    cube *x;
    PT_TRY(copy_cube(c, n, a, &x, err));
    if (c->is_virtual) {
        x->bases = arena_array(a, const cube *, c->n_bases);
        if (!x->bases) return arena_fail(a, err);
        memcpy(x->bases, c->bases, c->n_bases * sizeof *x->bases);
        for (uint32_t i = 0; i < c->n_bases; i++) PT_TRY(extend_base(x, i, n, a, err));
    }
    for (uint32_t i = 0; i < n; i++) {
        PT_TRY(check_new_name(x, measures[i], err));
        PT_TRY(c->is_virtual ? add_to_base(x, measures[i], a, err) : add_to(x, measures[i], a, err));
    }
    *out = x;
    return PT_OK;
}
