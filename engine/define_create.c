/* define_create.c - CREATE [OR REPLACE]: new, the same again, or another definition under a name that is
 * taken. */
#include "engine/define_int.h"

/* ---- what data needs -------------------------------------------------------------------- */

static pt_status loses(define_job *j, pt_span at, const char *what, pt_str name, const char *change)
{
    pt_fail_at(j->err, PT_DEPENDENT, at, "%s [" STR_FMT "] %s, and there is data in it", what, STR_ARG(name),
               change);
    pt_hint(j->err, "drop it and load again, or keep that part as it was");
    return PT_DEPENDENT;
}

pt_status define_keeps_members(define_job *j, const dimension *old, const dimension *new, pt_span at)
{
    const dim_view *stored = snapshot_dim(j->base, old->id);
    if (!stored || dim_count(stored) == 0) return PT_OK;
    const dim_attr *key = &old->spec.attrs[0];
    if (!str_eq_fold(key->name, new->spec.attrs[0].name))
        return loses(j, at, "key", key->name, "would be another attribute");
    for (uint32_t i = 0; i < old->spec.n_attrs; i++) {
        const dim_attr *x = &old->spec.attrs[i];
        uint32_t k = dimension_attr(new, x->name);
        if (k == MEMBER_NONE) return loses(j, at, "attribute", x->name, "would be lost");
        const dim_attr *y = &new->spec.attrs[k];
        if (x->type != y->type || x->scale != y->scale)
            return loses(j, at, "attribute", x->name, "would have another type");
    }
    const ast_dimension *o = old->def, *n = new->def;
    if (o->is_generated && n->is_generated && (n->from_days > o->from_days || n->to_days < o->to_days))
        return loses(j, at, "calendar", new->name, "would be shorter");
    return PT_OK;
}

pt_status define_keeps_facts(define_job *j, const cube *old, const cube *new, pt_span at)
{
    uint32_t n_segs;
    snapshot_segs(j->base, old->id, &n_segs);
    if (n_segs == 0) return PT_OK;
    if (new->is_virtual) return loses(j, at, "cube", old->name, "would be virtual");
    for (uint32_t i = 0; i < old->n_roles; i++) {
        uint32_t k = cube_find_role(new, old->roles[i].name);
        if (k == MEMBER_NONE) return loses(j, at, "dimension", old->roles[i].name, "would be lost");
        if (new->roles[k].dimension->id != old->roles[i].dimension->id)
            return loses(j, at, "dimension", old->roles[i].name, "would be another one");
    }
    for (uint32_t i = 0; i < new->n_roles; i++)
        if (cube_find_role(old, new->roles[i].name) == MEMBER_NONE)
            return loses(j, at, "cube", old->name,
                         "would have a dimension that stored facts know nothing of");
    for (uint32_t i = 0; i < old->n_columns; i++) {
        const fact_column *x = &old->columns[i];
        uint32_t k = cube_find_column(new, x->name);
        if (k == MEMBER_NONE) return loses(j, at, "column", x->name, "would be lost");
        if (new->columns[k].type != x->type || new->columns[k].scale != x->scale)
            return loses(j, at, "column", x->name, "would have another type");
    }
    return PT_OK;
}

/* ---- the same but for later additions ------------------------------------------------------ */

static ast_dimension *common_dimension(arena *a, const ast_dimension *stored, const ast_dimension *given)
{
    ast_dimension *out = arena_make(a, ast_dimension);
    if (!out) return NULL;
    *out = *stored;
    out->n_attributes = out->n_hierarchies = 0;
    out->attributes = arena_array(a, ast_attribute, stored->n_attributes);
    out->hierarchies = arena_array(a, ast_hierarchy, stored->n_hierarchies);
    if (!out->attributes || !out->hierarchies) return NULL;
    for (uint32_t i = 0; i < stored->n_attributes; i++)
        for (uint32_t k = 0; k < given->n_attributes; k++)
            if (str_eq(stored->attributes[i].name, given->attributes[k].name)) {
                out->attributes[out->n_attributes++] = stored->attributes[i];
                break;
            }
    for (uint32_t i = 0; i < stored->n_hierarchies; i++)
        for (uint32_t k = 0; k < given->n_hierarchies; k++)
            if (str_eq(stored->hierarchies[i].name, given->hierarchies[k].name)) {
                out->hierarchies[out->n_hierarchies++] = stored->hierarchies[i];
                break;
            }
    return out;
}

static bool is_same_dim(const ast_cube_dim *x, const ast_cube_dim *y)
{
    return str_eq(x->dimension, y->dimension) && str_eq(x->hierarchy, y->hierarchy) &&
           str_eq(x->alias, y->alias);
}

static ast_cube *common_cube(arena *a, const ast_cube *stored, const ast_cube *given)
{
    ast_cube *out = arena_make(a, ast_cube);
    if (!out) return NULL;
    *out = *stored;
    out->n_dims = out->n_columns = out->n_measures = out->n_formulas = 0;
    out->dims = arena_array(a, ast_cube_dim, stored->n_dims);
    out->columns = arena_array(a, ast_column, stored->n_columns);
    out->measures = arena_array(a, ast_measure, stored->n_measures);
    out->formulas = arena_array(a, ast_formula, stored->n_formulas);
    if (!out->dims || !out->columns || !out->measures || !out->formulas) return NULL;
    for (uint32_t i = 0; i < stored->n_dims; i++)
        for (uint32_t k = 0; k < given->n_dims; k++)
            if (is_same_dim(&stored->dims[i], &given->dims[k])) {
                out->dims[out->n_dims++] = stored->dims[i];
                break;
            }
    for (uint32_t i = 0; i < stored->n_columns; i++)
        for (uint32_t k = 0; k < given->n_columns; k++)
            if (str_eq(stored->columns[i].name, given->columns[k].name)) {
                out->columns[out->n_columns++] = stored->columns[i];
                break;
            }
    for (uint32_t i = 0; i < stored->n_measures; i++)
        for (uint32_t k = 0; k < given->n_measures; k++)
            if (str_eq(stored->measures[i].name, given->measures[k].name)) {
                out->measures[out->n_measures++] = stored->measures[i];
                break;
            }
    for (uint32_t i = 0; i < stored->n_formulas; i++)
        for (uint32_t k = 0; k < given->n_formulas; k++)
            if (formula_names_equal(stored->formulas[i].name, given->formulas[k].name)) {
                out->formulas[out->n_formulas++] = stored->formulas[i];
                break;
            }
    return out;
}

/* A script that creates and then alters must be able to run again: what is stored, less what the statement
 * does not mention, is compared with the statement. */
static pt_status is_same_but_altered(define_job *j, const ast_stmt *stored, const ast_stmt *given,
                                     bool *is_same)
{
    ast_stmt part = *stored;
    PT_TRY(define_is_same(j->a, stored, given, is_same, j->err));
    if (*is_same || stored->kind != given->kind) return PT_OK;
    if (given->kind == STMT_CREATE_DIMENSION) {
        if (!(part.dimension = common_dimension(j->a, stored->dimension, given->dimension)))
            return arena_fail(j->a, j->err);
    } else if (given->kind == STMT_CREATE_CUBE) {
        if (!(part.cube_def = common_cube(j->a, stored->cube_def, given->cube_def)))
            return arena_fail(j->a, j->err);
    } else {
        return PT_OK;
    }
    return define_is_same(j->a, &part, given, is_same, j->err);
}

/* ---- creating --------------------------------------------------------------------------------- */

/* Kind, catalog name and place of what a CREATE statement defines. */
static pt_status what_is_created(define_job *j, const ast_stmt *s, object_kind *kind, pt_str *name,
                                 pt_span *at)
{
    *at = s->at;
    *kind = OBJ_NONE;
    if (s->kind == STMT_CREATE_DIMENSION) {
        *kind = OBJ_DIMENSION, *name = s->dimension->name, *at = s->dimension->name_at;
    } else if (s->kind == STMT_CREATE_CUBE) {
        *kind = OBJ_CUBE, *name = s->cube_def->name, *at = s->cube_def->name_at;
    } else if (s->kind == STMT_CREATE_SOURCE) {
        *kind = OBJ_SOURCE, *name = s->source->name, *at = s->source->name_at;
    } else if (s->kind == STMT_CREATE_MAPPING) {
        *kind = OBJ_MAPPING, *name = s->mapping->name, *at = s->mapping->name_at;
    } else if (s->kind == STMT_CREATE_CUBOID) {
        *kind = OBJ_CUBOID, *name = s->cuboid->name, *at = s->cuboid->name_at;
    } else if (s->kind == STMT_CREATE_FORMULA) {
        const ast *id = s->formula->name;
        if (!id || id->kind != AST_ID || s->name.len == 0) {
            pt_fail_at(j->err, PT_SYNTAX, s->at, "a calculated member or set needs the name of its cube");
            pt_hint(j->err, "write CREATE MEMBER [cube].[Measures].[name] AS ...");
            return PT_SYNTAX;
        }
        *kind = s->formula->is_set ? OBJ_SET : OBJ_MEMBER;
        *name = formula_full_name(j->a, s->name, id);
        *at = id->at;
        if (!name->ptr) return arena_fail(j->a, j->err);
    }
    return *kind == OBJ_NONE ? pt_fail_at(j->err, PT_USAGE, s->at, "this statement creates nothing") : PT_OK;
}

static pt_status keeps_data(define_job *j, object_kind kind, pt_str name, pt_span at)
{
    if (kind == OBJ_DIMENSION)
        return define_keeps_members(j, schema_dimension(j->before, name), schema_dimension(j->after, name),
                                    at);
    if (kind == OBJ_CUBE)
        return define_keeps_facts(j, schema_cube(j->before, name), schema_cube(j->after, name), at);
    return PT_OK;
}

static pt_status replace(define_job *j, uint32_t i, const ast_stmt *s, pt_str name, pt_span at)
{
    bool is_same;
    object_kind kind = j->defs[i].kind;
    PT_TRY(is_same_but_altered(j, j->defs[i].stmt, s, &is_same));
    if (is_same) return PT_OK;
    if (!s->or_replace) {
        pt_fail_at(j->err, PT_EXISTS, at, "%s [" STR_FMT "] exists already, with another definition",
                   object_kind_name(kind), STR_ARG(name));
        if (kind == OBJ_DIMENSION || kind == OBJ_CUBE)
            pt_hint(j->err,
                    "write CREATE OR REPLACE to change it, or ALTER %s [" STR_FMT "] ADD to extend it",
                    kind == OBJ_CUBE ? "CUBE" : "DIMENSION", STR_ARG(name));
        else
            pt_hint(j->err, "write CREATE OR REPLACE to change it");
        return PT_EXISTS;
    }
    j->defs[i].stmt = s;
    PT_TRY(define_try_change(j, i));
    PT_TRY(keeps_data(j, kind, name, at));
    j->result = DEFINE_CHANGED;
    return define_write(j, i, name);
}

pt_status define_create(define_job *j, const ast_stmt *s)
{
    object_kind kind;
    pt_str name;
    pt_span at;
    PT_TRY(what_is_created(j, s, &kind, &name, &at));
    uint32_t i = define_find(j, kind, name);
    if (i != MEMBER_NONE) return replace(j, i, s, name, at);
    i = j->n++;
    j->defs[i] = (schema_def){.kind = kind, .name = name, .stmt = s};
    PT_TRY(define_try_change(j, i));
    j->result = DEFINE_CREATED;
    return define_write(j, i, name);
}
