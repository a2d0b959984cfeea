/* ast_cube.c - builds the tree of CREATE and ALTER CUBE, element by element. */
#include "lang/parse_int.h"

typedef enum element {
    ELEM_NONE,
    ELEM_DIMENSION,
    ELEM_COLUMN,
    ELEM_MEASURE,
    ELEM_FORMULA,
    ELEM_DEFAULT
} element;

struct cube_build {
    ast_cube *cube;
    list *dims, *columns, *measures, *formulas;
    list *props;  /* of the last formula */
    element last; /* what a bare name or a property continues */
};

/* ---- head --------------------------------------------------------------- */

bool cube_new(parse *p, pt_span name_at, pt_str name, bool is_virtual)
{
    cube_build *b = p->cube = PARSE_MAKE(p, cube_build);
    if (!b || !(b->cube = PARSE_MAKE(p, ast_cube))) return false;
    *b->cube = (ast_cube){.name = name, .is_virtual = is_virtual, .name_at = name_at};
    return true;
}

bool cube_caption(parse *p, pt_span at, pt_str text)
{
    if (!clause_once(p, at, p->cube->cube->caption.ptr != NULL, "CAPTION")) return false;
    p->cube->cube->caption = text;
    return true;
}

bool cube_bases(parse *p, pt_span at, const list *names)
{
    ast_cube *c = p->cube->cube;
    if (!clause_once(p, at, c->n_bases > 0, "FROM")) return false;
    if (!c->is_virtual) {
        PARSE_FAIL(p, PT_SYNTAX, at, "only a virtual cube is made FROM others, expected CREATE VIRTUAL CUBE");
        return false;
    }
    c->n_bases = names->n;
    c->bases = names->items;
    return true;
}

/* ---- dimensions ----------------------------------------------------------- */

bool cube_dim(parse *p, pt_span at, bool is_first, ast_named ref, pt_str alias, pt_str role)
{
    cube_build *b = p->cube;
    if (!is_first && b->last != ELEM_DIMENSION) {
        PARSE_FAIL(p, PT_SYNTAX, at,
                   "unexpected '" STR_FMT "', expected DIMENSION, COLUMN, MEASURE, MEMBER, SET or DEFAULT",
                   STR_ARG(ref.column));
        return false;
    }
    b->last = ELEM_DIMENSION;
    ast_cube_dim dim = {
        .dimension = ref.column, .hierarchy = ref.name, .alias = alias, .role = role, .at = at};
    b->dims = list_add(p, b->dims, &dim, sizeof dim);
    return b->dims != NULL;
}

/* ---- columns --------------------------------------------------------------- */

bool cube_column(parse *p, pt_span at, bool is_first, pt_str name, ast_type type)
{
    cube_build *b = p->cube;
    if (!is_first && b->last != ELEM_COLUMN) {
        PARSE_FAIL(p, PT_SYNTAX, at,
                   "unexpected '" STR_FMT "', expected DIMENSION, COLUMN, MEASURE, MEMBER, SET or DEFAULT",
                   STR_ARG(name));
        return false;
    }
    b->last = ELEM_COLUMN;
    ast_column column = {.name = name, .type = type, .at = at};
    b->columns = list_add(p, b->columns, &column, sizeof column);
    return b->columns != NULL;
}

/* ---- measures -------------------------------------------------------------- */

static const struct {
    const char *name;
    agg_kind agg;
} aggs[] = {{"SUM", AGG_SUM}, {"COUNT", AGG_COUNT}, {"MIN", AGG_MIN}, {"MAX", AGG_MAX}, {"AVG", AGG_AVG}};

/* A name alone is a column; anything else is computed. */
static ast_measure *aggregate_of(parse *p, agg_kind agg, ast *arg)
{
    ast_measure *m = PARSE_MAKE(p, ast_measure);
    if (!m) return NULL;
    *m = (ast_measure){.agg = agg};
    if (arg && arg->kind == AST_ID && arg->n == 1 && !arg->segs[0].is_key) {
        if (!name_check(p, arg->at, arg->segs[0].name)) return NULL;
        m->column = arg->segs[0].name;
    } else {
        m->expr = arg;
    }
    return m;
}

ast_measure *measure_new(parse *p, pt_str agg, pt_span agg_at, ast *arg)
{
    const char *choices[ARRAY_LEN(aggs)];
    for (size_t i = 0; i < ARRAY_LEN(aggs); i++) {
        choices[i] = aggs[i].name;
        if (!str_eq_fold(agg, str_of(aggs[i].name))) continue;
        if (!arg && aggs[i].agg != AGG_COUNT) {
            PARSE_FAIL(p, PT_SYNTAX, agg_at, "%s(*), expected a column; only COUNT counts rows",
                       aggs[i].name);
            return NULL;
        }
        return aggregate_of(p, aggs[i].agg, arg);
    }
    parse_wrong_word(p, agg_at, "aggregate", agg, choices, ARRAY_LEN(choices));
    return NULL;
}

ast_measure *measure_distinct(parse *p, pt_str count, pt_span count_at, pt_str dimension)
{
    static const char *const choices[] = {"COUNT"};
    if (!str_eq_fold(count, str_of(choices[0]))) {
        parse_wrong_word(p, count_at, "aggregate", count, choices, ARRAY_LEN(choices));
        return NULL;
    }
    ast_measure *m = PARSE_MAKE(p, ast_measure);
    if (m) *m = (ast_measure){.agg = AGG_DISTINCT, .column = dimension};
    return m;
}

ast_measure *measure_import(parse *p, pt_str base, pt_str name)
{
    ast_measure *m = PARSE_MAKE(p, ast_measure);
    if (m) *m = (ast_measure){.name = name, .base_cube = base};
    return m;
}

/* What an imported measure looks like is said in its own cube. */
static bool is_own(parse *p, pt_span at, const ast_measure *m)
{
    if (!m->base_cube.ptr) return true;
    PARSE_FAIL(p, PT_SYNTAX, at, "[" STR_FMT "] is defined in cube [" STR_FMT "], expected ',' or HIDDEN",
               STR_ARG(m->name), STR_ARG(m->base_cube));
    return false;
}

bool measure_where(parse *p, pt_span at, ast_measure *m, ast *where)
{
    if (!is_own(p, at, m) || !clause_once(p, at, m->where != NULL, "WHERE")) return false;
    m->where = where;
    return true;
}

bool measure_type(parse *p, pt_span at, ast_measure *m, ast_type type)
{
    if (!is_own(p, at, m) || !clause_once(p, at, m->type.type != TYPE_NONE, "the type")) return false;
    m->type = type;
    return true;
}

bool measure_format(parse *p, pt_span at, ast_measure *m, pt_str text)
{
    if (!is_own(p, at, m) || !clause_once(p, at, m->has_format, "FORMAT")) return false;
    m->has_format = true;
    m->format = text;
    return true;
}

bool measure_caption(parse *p, pt_span at, ast_measure *m, pt_str text)
{
    if (!is_own(p, at, m) || !clause_once(p, at, m->caption.ptr != NULL, "CAPTION")) return false;
    m->caption = text;
    return true;
}

bool measure_ordinal(parse *p, pt_span at, ast_measure *m, int64_t n)
{
    if (!is_own(p, at, m) || !clause_once(p, at, m->has_ordinal, "ORDINAL")) return false;
    if (n > INT32_MAX) {
        PARSE_FAIL(p, PT_VALUE, at, "ORDINAL %lld, expected at most %d", (long long)n, INT32_MAX);
        return false;
    }
    m->has_ordinal = true;
    m->ordinal = (int32_t)n;
    return true;
}

bool cube_measure(parse *p, pt_span at, const ast_measure *m)
{
    cube_build *b = p->cube;
    ast_measure measure = *m;
    measure.at = at;
    b->last = ELEM_MEASURE;
    b->measures = list_add(p, b->measures, &measure, sizeof measure);
    return b->measures != NULL;
}

/* ---- formulas --------------------------------------------------------------- */

bool cube_formula(parse *p, pt_span at, bool is_set, ast *name, ast *body)
{
    cube_build *b = p->cube;
    ast_formula *f = formula_new(p, at, is_set, name, body, NULL);
    if (!f) return false;
    b->last = ELEM_FORMULA;
    b->props = NULL;
    b->formulas = list_add(p, b->formulas, f, sizeof *f);
    return b->formulas != NULL;
}

bool cube_property(parse *p, pt_span at, ast_property prop)
{
    cube_build *b = p->cube;
    if (b->last != ELEM_FORMULA) {
        PARSE_FAIL(p, PT_SYNTAX, at, "the property " STR_FMT " follows no MEMBER or SET", STR_ARG(prop.name));
        return false;
    }
    ast_formula *f = &LIST_ITEMS(ast_formula, b->formulas)[b->formulas->n - 1];
    if (!(b->props = list_add(p, b->props, &prop, sizeof prop))) return false;
    f->n_props = b->props->n;
    f->props = b->props->items;
    f->at.end = at.end;
    return true;
}

bool cube_default(parse *p, pt_span at, pt_str measure)
{
    ast_cube *c = p->cube->cube;
    if (!clause_once(p, at, c->default_measure.ptr != NULL, "DEFAULT MEASURE")) return false;
    c->default_measure = measure;
    p->cube->last = ELEM_DEFAULT;
    return true;
}

ast_cube *cube_done(parse *p)
{
    cube_build *b = p->cube;
    ast_cube *c = b->cube;
    c->n_dims = LIST_COUNT(b->dims);
    c->dims = LIST_ITEMS(ast_cube_dim, b->dims);
    c->n_columns = LIST_COUNT(b->columns);
    c->columns = LIST_ITEMS(ast_column, b->columns);
    c->n_measures = LIST_COUNT(b->measures);
    c->measures = LIST_ITEMS(ast_measure, b->measures);
    c->n_formulas = LIST_COUNT(b->formulas);
    c->formulas = LIST_ITEMS(ast_formula, b->formulas);
    return c;
}
