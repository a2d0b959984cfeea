/* mapping.c - checking a mapping against its dimension or cube, and compiling its targets. */
#include "etl/mapping.h"

#include <stdlib.h>

#include "base/nearest.h"
#include "lang/parse.h"

typedef struct compile {
    mapping *m;
    const ast_mapping *def;
    arena *a;
    pt_err *err;
} compile;

/* ---- targets: what they are ---------------------------------------- */

static pt_status fail_target(const compile *c, const ast_target *t, const char *what, nearest *near)
{
    pt_fail_at(c->err, PT_NAME, t->at, "%s [" STR_FMT "] has no %s [" STR_FMT "]",
               c->m->cube ? "cube" : "dimension", STR_ARG(c->def->target), what, STR_ARG(t->name));
    nearest_hint(near, c->err);
    return PT_NAME;
}

static pt_status find_attribute(const compile *c, const ast_target *t, mapping_target *out)
{
    const dimension *d = c->m->dimension;
    nearest near = nearest_to(t->name);
    out->index = dimension_attr(d, t->name);
    if (out->index != MEMBER_NONE) {
        const dim_attr *attr = &d->spec.attrs[out->index];
        out->kind = TARGET_ATTRIBUTE;
        out->name = attr->name;
        out->type = attr->type;
        out->scale = attr->scale;
        return PT_OK;
    }
    if (str_eq_fold(t->name, STR(TARGET_VALID_FROM_NAME))) {
        out->kind = TARGET_VALID_FROM;
        out->name = STR(TARGET_VALID_FROM_NAME);
        out->type = TYPE_DATE;
        return PT_OK;
    }
    for (uint32_t i = 0; i < d->spec.n_attrs; i++) nearest_offer(&near, d->spec.attrs[i].name);
    return fail_target(c, t, "key or attribute", &near);
}

static pt_status find_fact(const compile *c, const ast_target *t, mapping_target *out)
{
    const cube *into = c->m->cube;
    nearest near = nearest_to(t->name);
    out->index = cube_find_role(into, t->name);
    if (out->index != MEMBER_NONE) {
        const dim_attr *key = &into->roles[out->index].dimension->spec.attrs[0];
        out->kind = TARGET_ROLE;
        out->name = into->roles[out->index].name;
        out->type = key->type;
        out->scale = key->scale;
        return PT_OK;
    }
    out->index = cube_find_column(into, t->name);
    if (out->index != MEMBER_NONE) {
        out->kind = TARGET_COLUMN;
        out->name = into->columns[out->index].name;
        out->type = into->columns[out->index].type;
        out->scale = into->columns[out->index].scale;
        return PT_OK;
    }
    for (uint32_t i = 0; i < into->n_roles; i++) nearest_offer(&near, into->roles[i].name);
    for (uint32_t i = 0; i < into->n_columns; i++) nearest_offer(&near, into->columns[i].name);
    return fail_target(c, t, "dimension or measure column", &near);
}

/* ---- targets: what gives them -------------------------------------- */

static int by_from(const void *a, const void *b)
{
    return value_cmp(((const mapping_code *)a)->from, ((const mapping_code *)b)->from);
}

const mapping_code *mapping_code_find(const mapping_target *t, pt_value from)
{
    mapping_code want = {.from = from};
    return bsearch(&want, t->codes, t->n_codes, sizeof want, by_from);
}

static pt_status code_value(const compile *c, const ast_target *t, const mapping_target *out, pt_value v,
                            pt_value *to)
{
    pt_err why = {0};
    if (value_cast(v, out->type, out->scale, c->a, to, &why) == PT_OK) return PT_OK;
    return pt_fail_at(c->err, PT_TYPE, t->at, "a code of [" STR_FMT "] does not fit: %s", STR_ARG(t->name),
                      why.msg);
}

static pt_status compile_codes(const compile *c, const ast_target *t, mapping_target *out)
{
    mapping_code *codes = arena_array(c->a, mapping_code, t->n_codes);
    if (!codes) return arena_fail(c->a, c->err);
    for (uint32_t i = 0; i < t->n_codes; i++) {
        codes[i].from = t->codes[i].from;
        PT_TRY(code_value(c, t, out, t->codes[i].to, &codes[i].to));
    }
    qsort(codes, t->n_codes, sizeof *codes, by_from);
    for (uint32_t i = 1; i < t->n_codes; i++)
        if (by_from(&codes[i - 1], &codes[i]) == 0)
            return pt_fail_at(c->err, PT_USAGE, t->at, "[" STR_FMT "] gives two values for one code",
                              STR_ARG(t->name));
    out->codes = codes;
    out->n_codes = t->n_codes;
    out->has_code_else = t->has_code_else;
    return t->has_code_else ? code_value(c, t, out, t->code_else, &out->code_else) : PT_OK;
}

static pt_status compile_format(const compile *c, const ast_target *t, mapping_target *out)
{
    if (out->type != TYPE_DATE && out->type != TYPE_TIMESTAMP)
        return pt_fail_at(c->err, PT_TYPE, t->at, "FORMAT is for dates, and [" STR_FMT "] is %s",
                          STR_ARG(t->name), type_name(out->type));
    if (!memchr(t->format.ptr, '%', t->format.len)) {
        pt_fail_at(c->err, PT_USAGE, t->at, "expected a date pattern, found '" STR_FMT "'",
                   STR_ARG(t->format));
        return pt_hint(c->err, "write it with %%Y %%m %%d %%H %%M %%S: FORMAT '%%d.%%m.%%Y'");
    }
    out->format = str_copy(c->a, t->format).ptr;
    return out->format ? PT_OK : arena_fail(c->a, c->err);
}

static pt_status compile_target(const compile *c, const ast_target *t, mapping_target *out)
{
    PT_TRY(c->m->cube ? find_fact(c, t, out) : find_attribute(c, t, out));
    if (t->expr) {
        PT_TRY(expr_compile(&c->m->scope, t->expr, &out->expr, c->err));
        out->column = expr_as_column(out->expr);
    } else {
        PT_TRY(expr_scope_column(&c->m->scope, EXPR_ANY_TABLE, t->name, t->at, &out->column, c->err));
    }
    if (t->unknown != UNKNOWN_DEFAULT && out->kind != TARGET_ROLE) {
        pt_fail_at(c->err, PT_USAGE, t->at, "ON UNKNOWN is for dimensions of a cube, not for [" STR_FMT "]",
                   STR_ARG(t->name));
        return PT_USAGE;
    }
    out->unknown = t->unknown == UNKNOWN_DEFAULT ? UNKNOWN_REJECT : t->unknown;
    if (t->format.ptr) PT_TRY(compile_format(c, t, out));
    return t->n_codes ? compile_codes(c, t, out) : PT_OK;
}

/* ---- joins --------------------------------------------------------- */

/* The left side of a condition: a column of a table before this one. */
static pt_status left_key(compile *c, uint32_t join, const ast *id, uint32_t *column)
{
    PT_TRY(expr_scope_name(&c->m->scope, id, column, c->err));
    uint32_t table = c->m->scope.columns[*column].table;
    if (table == EXPR_ANY_TABLE || table <= join) return PT_OK;
    return pt_fail_at(c->err, PT_USAGE, id->at, "the table of this column is joined later");
}

/* The right side: a column of the joined table. */
static pt_status right_key(compile *c, const ast_join *def, const ast *id, pt_str *name)
{
    pt_str alias = def->table.alias.len ? def->table.alias : def->table.name;
    if (id->n == 0 || id->n > 2 || (id->n == 2 && !str_eq_fold(id->segs[0].name, alias)))
        return pt_fail_at(c->err, PT_USAGE, id->at, "expected a column of the joined table [" STR_FMT "]",
                          STR_ARG(alias));
    *name = id->segs[id->n - 1].name;
    return PT_OK;
}

static pt_status compile_join(compile *c, uint32_t i)
{
    const ast_join *def = &c->def->joins[i];
    mapping_join *j = &c->m->joins[i];
    *j = (mapping_join){.def = def, .n_keys = def->n_on};
    j->left = arena_array(c->a, uint32_t, def->n_on);
    j->right = arena_array(c->a, pt_str, def->n_on);
    if (!j->left || !j->right) return arena_fail(c->a, c->err);
    if (!def->n_on) return pt_fail_at(c->err, PT_USAGE, def->at, "a join needs a condition: ON a.x = b.y");
    for (uint32_t k = 0; k < def->n_on; k++) {
        PT_TRY(left_key(c, i, def->left[k], &j->left[k]));
        PT_TRY(right_key(c, def, def->right[k], &j->right[k]));
    }
    return PT_OK;
}

static pt_status compile_tables(compile *c)
{
    uint32_t n = c->def->n_joins + 1;
    const ast_table **tables = arena_array(c->a, const ast_table *, n);
    c->m->joins = arena_array(c->a, mapping_join, c->def->n_joins);
    if (!tables || !c->m->joins) return arena_fail(c->a, c->err);
    tables[0] = &c->def->table;
    for (uint32_t i = 1; i < n; i++) tables[i] = &c->def->joins[i - 1].table;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < i; k++)
            if (str_eq_fold(tables[i]->alias, tables[k]->alias))
                return pt_fail_at(c->err, PT_USAGE, tables[i]->at, "two tables are called [" STR_FMT "]",
                                  STR_ARG(tables[i]->alias));
    c->m->scope = (expr_scope){.arena = c->a, .n_tables = n, .tables = tables};
    c->m->n_joins = c->def->n_joins;
    for (uint32_t i = 0; i < c->def->n_joins; i++) PT_TRY(compile_join(c, i));
    return PT_OK;
}

/* ---- SLICE BY ------------------------------------------------------ */

/* Does the hierarchy answer to [hierarchy], [role] or [dimension].[hierarchy]? */
static bool is_hierarchy(const cube_hier *h, const ast *id)
{
    pt_str first = id->segs[0].name;
    pt_str own = h->hierarchy->name, shown = h->name, dim = h->cube->dims[h->dim].name;
    if (id->n == 3) return str_eq_fold(first, dim) && str_eq_fold(id->segs[1].name, own);
    bool is_first = h->cube->dims[h->dim].first_hier == h->ordinal;
    return str_eq_fold(first, shown) || (is_first && str_eq_fold(first, dim));
}

static pt_status compile_slice(const compile *c)
{
    const ast *id = c->def->slice;
    if (!id) return PT_OK;
    if (!c->m->cube) return pt_fail_at(c->err, PT_USAGE, id->at, "SLICE BY is for mappings into cubes");
    for (uint32_t i = 0; i < c->m->cube->n_hiers && (id->n == 2 || id->n == 3); i++) {
        const cube_hier *h = &c->m->cube->hiers[i];
        if (!is_hierarchy(h, id)) continue;
        for (uint32_t k = 0; k < h->hierarchy->n_levels; k++) {
            if (!str_eq_fold(h->hierarchy->levels[k].name, id->segs[id->n - 1].name)) continue;
            c->m->has_slice = true;
            c->m->slice_hier = i;
            c->m->slice_level = k;
            c->m->slice_role = h->role;
            return PT_OK;
        }
    }
    pt_fail_at(c->err, PT_NAME, id->at, "cube [" STR_FMT "] has no such level to slice by",
               STR_ARG(c->def->target));
    return pt_hint(c->err, "write SLICE BY [hierarchy].[level], as in SLICE BY [Time].[Month]");
}

/* ---- the whole ----------------------------------------------------- */

static bool is_given(const mapping *m, target_kind kind, uint32_t index)
{
    for (uint32_t i = 0; i < m->n_targets; i++)
        if (m->targets[i].kind == kind && m->targets[i].index == index) return true;
    return false;
}

/* Every role needs a member in every row; measures may be missing. */
static pt_status check_roles(const compile *c)
{
    strbuf missing = {0};
    for (uint32_t i = 0; i < c->m->cube->n_roles; i++) {
        if (is_given(c->m, TARGET_ROLE, i)) continue;
        if (missing.len) strbuf_addz(&missing, ", ");
        ast_print_name(c->m->cube->roles[i].name, &missing);
    }
    pt_status st = PT_OK;
    if (missing.failed) st = pt_fail(c->err, PT_NOMEM, "out of memory");
    if (st == PT_OK && missing.len) {
        st = pt_fail_at(c->err, PT_USAGE, c->def->name_at,
                        "mapping [" STR_FMT "] gives no member for %s of cube [" STR_FMT "]",
                        STR_ARG(c->def->name), missing.ptr, STR_ARG(c->def->target));
        pt_hint(c->err, "every dimension of the cube needs a target: [dimension] = column of its key");
    }
    strbuf_free(&missing);
    return st;
}

static pt_status check_targets(const compile *c)
{
    const mapping *m = c->m;
    for (uint32_t i = 0; i < m->n_targets; i++)
        for (uint32_t k = 0; k < i; k++)
            if (m->targets[i].kind == m->targets[k].kind && m->targets[i].index == m->targets[k].index)
                return pt_fail_at(c->err, PT_USAGE, c->def->targets[i].at, "[" STR_FMT "] is given twice",
                                  STR_ARG(m->targets[i].name));
    if (m->cube) return check_roles(c);
    if (is_given(m, TARGET_ATTRIBUTE, 0)) return PT_OK;
    return pt_fail_at(c->err, PT_USAGE, c->def->name_at,
                      "mapping [" STR_FMT "] does not give the key [" STR_FMT "] of dimension [" STR_FMT "]",
                      STR_ARG(c->def->name), STR_ARG(m->dimension->spec.attrs[0].name),
                      STR_ARG(c->def->target));
}

static pt_status fail_unknown_target(const compile *c, const schema *s)
{
    bool is_cube = c->def->into_cube;
    nearest near = nearest_to(c->def->target);
    uint32_t n = is_cube ? schema_n_cubes(s) : schema_n_dimensions(s);
    for (uint32_t i = 0; i < n; i++)
        nearest_offer(&near, is_cube ? schema_cube_at(s, i)->name : schema_dimension_at(s, i)->name);
    pt_fail_at(c->err, PT_NAME, c->def->name_at, "unknown %s [" STR_FMT "]", is_cube ? "cube" : "dimension",
               STR_ARG(c->def->target));
    nearest_hint(&near, c->err);
    return PT_NAME;
}

static pt_status find_target(const compile *c, const schema *s)
{
    c->m->cube = c->def->into_cube ? schema_cube(s, c->def->target) : NULL;
    c->m->dimension = c->def->into_cube ? NULL : schema_dimension(s, c->def->target);
    if (!c->m->cube && !c->m->dimension) return fail_unknown_target(c, s);
    if (c->m->cube && c->m->cube->is_virtual)
        return pt_fail_at(c->err, PT_USAGE, c->def->name_at,
                          "cube [" STR_FMT "] is virtual: load the cubes it is made of",
                          STR_ARG(c->def->target));
    if (c->m->dimension && c->m->dimension->def->is_generated)
        return pt_fail_at(c->err, PT_USAGE, c->def->name_at,
                          "dimension [" STR_FMT "] is a calendar that makes its own members",
                          STR_ARG(c->def->target));
    return PT_OK;
}

pt_status mapping_compile(const schema *s, const ast_mapping *def, arena *a, const mapping **out, pt_err *err)
{
    compile c = {.m = arena_make(a, mapping), .def = def, .a = a, .err = err};
    if (!c.m) return arena_fail(a, err);
    c.m->def = def;
    PT_TRY(find_target(&c, s));
    PT_TRY(compile_tables(&c));
    c.m->n_targets = def->n_targets;
    c.m->targets = arena_array(a, mapping_target, def->n_targets);
    if (!c.m->targets) return arena_fail(a, err);
    for (uint32_t i = 0; i < def->n_targets; i++)
        PT_TRY(compile_target(&c, &def->targets[i], &c.m->targets[i]));
    if (def->where) PT_TRY(expr_compile(&c.m->scope, def->where, &c.m->where, err));
    PT_TRY(compile_slice(&c));
    PT_TRY(check_targets(&c));
    *out = c.m;
    return PT_OK;
}
