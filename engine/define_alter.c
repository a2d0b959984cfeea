/* define_alter.c - ALTER DIMENSION | CUBE ... ADD: the stored definition with more elements at its end.
 *
 * An addition that is there already, word for word, is passed over, so that scripts can run again. */
#include "engine/define_int.h"

typedef struct additions {
    define_job *j;
    ast_stmt empty; /* the statement without elements: what single elements are printed in */
    uint32_t n_added;
} additions;

static pt_status unknown(define_job *j, object_kind kind, pt_str name, pt_span at)
{
    nearest near = nearest_to(name);
    for (uint32_t i = 0; i < j->n; i++)
        if (j->defs[i].kind == kind) nearest_offer(&near, j->defs[i].name);
    pt_fail_at(j->err, PT_NAME, at, "unknown %s [" STR_FMT "]", object_kind_name(kind), STR_ARG(name));
    nearest_hint(&near, j->err);
    return PT_NAME;
}

/* ---- dimensions ---------------------------------------------------------------------------- */

static pt_status same_attribute(additions *x, ast_attribute p, ast_attribute q, bool *is_same)
{
    ast_dimension dp = *x->empty.dimension, dq = dp;
    ast_stmt sp = x->empty, sq = sp;
    dp.n_attributes = dq.n_attributes = 1;
    dp.attributes = &p, dq.attributes = &q;
    sp.dimension = &dp, sq.dimension = &dq;
    return define_is_same(x->j->a, &sp, &sq, is_same, x->j->err);
}

static pt_status same_hierarchy(additions *x, ast_hierarchy p, ast_hierarchy q, bool *is_same)
{
    ast_dimension dp = *x->empty.dimension, dq = dp;
    ast_stmt sp = x->empty, sq = sp;
    dp.n_hierarchies = dq.n_hierarchies = 1;
    dp.hierarchies = &p, dq.hierarchies = &q;
    sp.dimension = &dp, sq.dimension = &dq;
    return define_is_same(x->j->a, &sp, &sq, is_same, x->j->err);
}

static pt_status extend_dimension(additions *x, const ast_dimension *more, ast_dimension *d)
{
    arena *a = x->j->a;
    ast_attribute *attrs = arena_array(a, ast_attribute, (size_t)d->n_attributes + more->n_attributes);
    ast_hierarchy *hiers = arena_array(a, ast_hierarchy, (size_t)d->n_hierarchies + more->n_hierarchies);
    if (!attrs || !hiers) return arena_fail(a, x->j->err);
    if (d->n_attributes) memcpy(attrs, d->attributes, d->n_attributes * sizeof *attrs);
    if (d->n_hierarchies) memcpy(hiers, d->hierarchies, d->n_hierarchies * sizeof *hiers);
    d->attributes = attrs;
    d->hierarchies = hiers;
    for (uint32_t i = 0; i < more->n_attributes; i++) {
        bool is_there = false;
        for (uint32_t k = 0; k < d->n_attributes && !is_there; k++)
            PT_TRY(same_attribute(x, attrs[k], more->attributes[i], &is_there));
        if (is_there) continue;
        attrs[d->n_attributes++] = more->attributes[i];
        x->n_added++;
    }
    for (uint32_t i = 0; i < more->n_hierarchies; i++) {
        bool is_there = false;
        for (uint32_t k = 0; k < d->n_hierarchies && !is_there; k++)
            PT_TRY(same_hierarchy(x, hiers[k], more->hierarchies[i], &is_there));
        if (is_there) continue;
        hiers[d->n_hierarchies++] = more->hierarchies[i];
        x->n_added++;
    }
    return PT_OK;
}

static pt_status alter_dimension(define_job *j, const ast_stmt *s)
{
    const ast_dimension *more = s->dimension;
    uint32_t i = define_find(j, OBJ_DIMENSION, more->name);
    if (i == MEMBER_NONE) return unknown(j, OBJ_DIMENSION, more->name, more->name_at);
    ast_stmt *stmt = arena_make(j->a, ast_stmt);
    ast_dimension *d = arena_make(j->a, ast_dimension), bare;
    if (!stmt || !d) return arena_fail(j->a, j->err);
    *stmt = *j->defs[i].stmt;
    *d = bare = *stmt->dimension;
    stmt->dimension = d;
    bare.n_attributes = bare.n_hierarchies = 0;
    additions x = {.j = j, .empty = *stmt};
    x.empty.dimension = &bare;
    PT_TRY(extend_dimension(&x, more, d));
    if (x.n_added == 0) return PT_OK;
    j->defs[i].stmt = stmt;
    PT_TRY(define_try_change(j, i));
    j->result = DEFINE_CHANGED;
    return define_write(j, i, d->name);
}

/* ---- cubes ------------------------------------------------------------------------------------ */

typedef enum cube_part { PART_DIM, PART_COLUMN, PART_MEASURE, PART_FORMULA } cube_part;

/* Element i of cube p and element k of cube q. */
static pt_status same_part(additions *x, cube_part part, const ast_cube *p, uint32_t i, const ast_cube *q,
                           uint32_t k, bool *is_same)
{
    ast_cube cp = *x->empty.cube_def, cq = cp;
    ast_stmt sp = x->empty, sq = sp;
    switch (part) {
    case PART_DIM:
        cp.n_dims = cq.n_dims = 1;
        cp.dims = &p->dims[i], cq.dims = &q->dims[k];
        break;
    case PART_COLUMN:
        cp.n_columns = cq.n_columns = 1;
        cp.columns = &p->columns[i], cq.columns = &q->columns[k];
        break;
    case PART_MEASURE:
        cp.n_measures = cq.n_measures = 1;
        cp.measures = &p->measures[i], cq.measures = &q->measures[k];
        break;
    case PART_FORMULA:
        cp.n_formulas = cq.n_formulas = 1;
        cp.formulas = &p->formulas[i], cq.formulas = &q->formulas[k];
        break;
    }
    sp.cube_def = &cp, sq.cube_def = &cq;
    return define_is_same(x->j->a, &sp, &sq, is_same, x->j->err);
}

static pt_status is_part_there(additions *x, cube_part part, const ast_cube *c, uint32_t n,
                               const ast_cube *more, uint32_t i, bool *is_there)
{
    *is_there = false;
    for (uint32_t k = 0; k < n && !*is_there; k++) PT_TRY(same_part(x, part, c, k, more, i, is_there));
    if (!*is_there) x->n_added++;
    return PT_OK;
}

static pt_status extend_cube(additions *x, const ast_cube *more, ast_cube *c)
{
    arena *a = x->j->a;
    bool is_there;
    ast_cube_dim *dims = arena_array(a, ast_cube_dim, (size_t)c->n_dims + more->n_dims);
    ast_column *columns = arena_array(a, ast_column, (size_t)c->n_columns + more->n_columns);
    ast_measure *measures = arena_array(a, ast_measure, (size_t)c->n_measures + more->n_measures);
    ast_formula *formulas = arena_array(a, ast_formula, (size_t)c->n_formulas + more->n_formulas);
    if (!dims || !columns || !measures || !formulas) return arena_fail(a, x->j->err);
    if (c->n_dims) memcpy(dims, c->dims, c->n_dims * sizeof *dims);
    if (c->n_columns) memcpy(columns, c->columns, c->n_columns * sizeof *columns);
    if (c->n_measures) memcpy(measures, c->measures, c->n_measures * sizeof *measures);
    if (c->n_formulas) memcpy(formulas, c->formulas, c->n_formulas * sizeof *formulas);
    c->dims = dims, c->columns = columns, c->measures = measures, c->formulas = formulas;
    for (uint32_t i = 0; i < more->n_dims; i++) {
        PT_TRY(is_part_there(x, PART_DIM, c, c->n_dims, more, i, &is_there));
        if (!is_there) dims[c->n_dims++] = more->dims[i];
    }
    for (uint32_t i = 0; i < more->n_columns; i++) {
        PT_TRY(is_part_there(x, PART_COLUMN, c, c->n_columns, more, i, &is_there));
        if (!is_there) columns[c->n_columns++] = more->columns[i];
    }
    for (uint32_t i = 0; i < more->n_measures; i++) {
        PT_TRY(is_part_there(x, PART_MEASURE, c, c->n_measures, more, i, &is_there));
        if (!is_there) measures[c->n_measures++] = more->measures[i];
    }
    for (uint32_t i = 0; i < more->n_formulas; i++) {
        PT_TRY(is_part_there(x, PART_FORMULA, c, c->n_formulas, more, i, &is_there));
        if (!is_there) formulas[c->n_formulas++] = more->formulas[i];
    }
    return PT_OK;
}

static pt_status alter_cube(define_job *j, const ast_stmt *s)
{
    const ast_cube *more = s->cube_def;
    uint32_t i = define_find(j, OBJ_CUBE, more->name);
    if (i == MEMBER_NONE) return unknown(j, OBJ_CUBE, more->name, more->name_at);
    ast_stmt *stmt = arena_make(j->a, ast_stmt);
    ast_cube *c = arena_make(j->a, ast_cube), bare;
    if (!stmt || !c) return arena_fail(j->a, j->err);
    *stmt = *j->defs[i].stmt;
    *c = bare = *stmt->cube_def;
    stmt->cube_def = c;
    bare.n_dims = bare.n_columns = bare.n_measures = bare.n_formulas = 0;
    additions x = {.j = j, .empty = *stmt};
    x.empty.cube_def = &bare;
    PT_TRY(extend_cube(&x, more, c));
    if (x.n_added == 0) return PT_OK;
    j->defs[i].stmt = stmt;
    PT_TRY(define_try_change(j, i));
    PT_TRY(define_keeps_facts(j, schema_cube(j->before, c->name), schema_cube(j->after, c->name),
                              more->name_at));
    j->result = DEFINE_CHANGED;
    return define_write(j, i, c->name);
}

pt_status define_alter(define_job *j, const ast_stmt *s)
{
    return s->kind == STMT_ALTER_DIMENSION ? alter_dimension(j, s) : alter_cube(j, s);
}
