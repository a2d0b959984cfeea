/* schema_virtual.c - a virtual cube: dimensions, measures and calculated members picked from base cubes.
 *
 * Two base cubes share a dimension when both show the same hierarchies of one dimension under the same name.
 */
#include "engine/schema_int.h"

typedef struct builder {
    const schema *s;
    arena *a;
    const ast_cube *def;
    cube *c;
    pt_err *err;
} builder;

/* ---- base cubes ----------------------------------------------------------------- */

static pt_status unknown_cube(builder *b, pt_str name, pt_span at)
{
    nearest near = nearest_to(name);
    for (uint32_t i = 0; i < b->s->n_cubes; i++)
        if (!b->s->cubes[i].is_virtual) nearest_offer(&near, b->s->cubes[i].name);
    pt_fail_at(b->err, PT_NAME, at, "unknown cube [" STR_FMT "]", STR_ARG(name));
    nearest_hint(&near, b->err);
    return PT_NAME;
}

static pt_status add_base(builder *b, pt_str name, pt_span at)
{
    cube *c = b->c;
    const cube *base = schema_cube(b->s, name);
    if (!base) return unknown_cube(b, name, at);
    if (base->is_virtual)
        return pt_fail_at(b->err, PT_UNSUPPORTED, at,
                          "[" STR_FMT "] is a virtual cube itself; a virtual cube combines base cubes",
                          STR_ARG(name));
    for (uint32_t i = 0; i < c->n_bases; i++)
        if (c->bases[i] == base) return PT_OK;
    c->bases[c->n_bases++] = base;
    return PT_OK;
}

/* The base cube of that name among those of FROM; without FROM, any base cube that is named becomes one. */
static pt_status find_base(builder *b, pt_str name, pt_span at, const cube **out)
{
    cube *c = b->c;
    if (b->def->n_bases == 0) PT_TRY(add_base(b, name, at));
    nearest near = nearest_to(name);
    for (uint32_t i = 0; i < c->n_bases; i++) {
        *out = c->bases[i];
        if (str_eq_fold(c->bases[i]->name, name)) return PT_OK;
        nearest_offer(&near, c->bases[i]->name);
    }
    if (!schema_cube(b->s, name)) return unknown_cube(b, name, at);
    pt_fail_at(b->err, PT_NAME, at, "cube [" STR_FMT "] is not among the base cubes after FROM",
               STR_ARG(name));
    nearest_hint(&near, b->err);
    return PT_NAME;
}

static pt_status collect_bases(builder *b)
{
    const ast_cube *def = b->def;
    size_t most = (size_t)def->n_bases + def->n_dims + def->n_measures + def->n_formulas;
    b->c->bases = arena_array(b->a, const cube *, most);
    if (!b->c->bases) return arena_fail(b->a, b->err);
    for (uint32_t i = 0; i < def->n_bases; i++) PT_TRY(add_base(b, def->bases[i], def->name_at));
    if (def->n_bases > 0) return PT_OK;
    const cube *base;
    for (uint32_t i = 0; i < def->n_measures; i++)
        if (def->measures[i].base_cube.len)
            PT_TRY(find_base(b, def->measures[i].base_cube, def->measures[i].at, &base));
    for (uint32_t i = 0; i < def->n_dims; i++)
        if (def->dims[i].hierarchy.len) PT_TRY(find_base(b, def->dims[i].dimension, def->dims[i].at, &base));
    if (b->c->n_bases > 0) return PT_OK;
    pt_fail_at(b->err, PT_SYNTAX, def->name_at, "virtual cube [" STR_FMT "] has no base cubes",
               STR_ARG(def->name));
    pt_hint(b->err, "write CREATE VIRTUAL CUBE [" STR_FMT "] FROM [cube], [cube] (...)", STR_ARG(def->name));
    return PT_SYNTAX;
}

/* ---- dimensions -------------------------------------------------------------------- */

static uint32_t find_cube_dim(const cube *c, pt_str name)
{
    for (uint32_t i = 0; i < c->n_dims; i++)
        if (str_eq_fold(c->dims[i].name, name)) return i;
    return MEMBER_NONE;
}

static pt_status find_dim(builder *b, const ast_cube_dim *x, const cube **base, uint32_t *dim)
{
    bool is_qualified = x->hierarchy.len > 0;
    pt_str name = is_qualified ? x->hierarchy : x->dimension;
    nearest near = nearest_to(name);
    if (is_qualified) PT_TRY(find_base(b, x->dimension, x->at, base));
    for (uint32_t i = 0; i < b->c->n_bases; i++) {
        const cube *cand = b->c->bases[i];
        if (is_qualified && cand != *base) continue;
        *dim = find_cube_dim(*base = cand, name);
        if (*dim != MEMBER_NONE) return PT_OK;
        for (uint32_t k = 0; k < cand->n_dims; k++) nearest_offer(&near, cand->dims[k].name);
        if (is_qualified) break;
    }
    if (is_qualified)
        pt_fail_at(b->err, PT_NAME, x->at, "cube [" STR_FMT "] has no dimension [" STR_FMT "]",
                   STR_ARG((*base)->name), STR_ARG(name));
    else
        pt_fail_at(b->err, PT_NAME, x->at, "no base cube has a dimension [" STR_FMT "]", STR_ARG(name));
    nearest_hint(&near, b->err);
    return PT_NAME;
}

/* Where hierarchy `h` of cube `from` is in `base`; MEMBER_NONE if it is not. */
static uint32_t same_hier(const cube_hier *h, const cube *base)
{
    for (uint32_t i = 0; i < base->n_hiers; i++)
        if (base->hiers[i].hierarchy == h->hierarchy && str_eq_fold(base->hiers[i].name, h->name)) return i;
    return MEMBER_NONE;
}

/* sources[i]: the base cube's hierarchy that became hierarchy i. */
static pt_status add_dim(builder *b, const ast_cube_dim *x, const cube_hier **sources)
{
    cube *c = b->c;
    const cube *base = NULL;
    uint32_t from = 0;
    PT_TRY(find_dim(b, x, &base, &from));
    const cube_dim *d = &base->dims[from];
    pt_str name = x->alias.len ? x->alias : d->name;
    if (x->role.len) return pt_fail_at(b->err, PT_SYNTAX, x->at, "a virtual cube has no roles of its own");
    PT_TRY(cube_check_dim_name(c, name, x->at, b->err));
    uint32_t i = c->n_dims++;
    c->dims[i] = (cube_dim){.name = name,
                            .caption = x->alias.len && str_eq(d->caption, d->name) ? name : d->caption,
                            .dimension = d->dimension,
                            .first_hier = c->n_hiers,
                            .n_hiers = d->n_hiers};
    for (uint32_t k = 0; k < d->n_hiers; k++) {
        const cube_hier *h = &base->hiers[d->first_hier + k];
        sources[c->n_hiers] = h;
        c->hiers[c->n_hiers] = (cube_hier){
            .ordinal = c->n_hiers, .cube = c, .dim = i, .role = MEMBER_NONE, .hierarchy = h->hierarchy};
        c->n_hiers++;
    }
    return cube_name_hiers(c, b->a, i, x->at, b->err);
}

static pt_status build_dims(builder *b)
{
    const ast_cube *def = b->def;
    cube *c = b->c;
    if (def->n_dims == 0)
        return pt_fail_at(b->err, PT_SYNTAX, def->name_at, "cube [" STR_FMT "] has no dimension",
                          STR_ARG(def->name));
    size_t most = 0;
    for (uint32_t i = 0; i < c->n_bases; i++) most += c->bases[i]->n_hiers;
    most *= def->n_dims;
    c->dims = arena_array(b->a, cube_dim, def->n_dims);
    c->hiers = arena_array(b->a, cube_hier, most);
    const cube_hier **sources = arena_array(b->a, const cube_hier *, most);
    if (!c->dims || !c->hiers || !sources) return arena_fail(b->a, b->err);
    for (uint32_t i = 0; i < def->n_dims; i++) PT_TRY(add_dim(b, &def->dims[i], sources));

    uint32_t *map = arena_array(b->a, uint32_t, (size_t)c->n_bases * c->n_hiers);
    if (!map) return arena_fail(b->a, b->err);
    for (uint32_t i = 0; i < c->n_bases; i++)
        for (uint32_t h = 0; h < c->n_hiers; h++)
            map[(size_t)i * c->n_hiers + h] = same_hier(sources[h], c->bases[i]);
    c->base_hiers = map;
    return PT_OK;
}

/* ---- measures and formulas ------------------------------------------------------------ */

static pt_status add_measure(builder *b, const ast_measure *x)
{
    cube *c = b->c;
    const cube *base = NULL;
    if (!x->base_cube.len) {
        pt_fail_at(b->err, PT_SYNTAX, x->at, "measure [" STR_FMT "] does not say which cube it is of",
                   STR_ARG(x->name));
        pt_hint(b->err, "write MEASURE [cube].[" STR_FMT "]", STR_ARG(x->name));
        return PT_SYNTAX;
    }
    PT_TRY(find_base(b, x->base_cube, x->at, &base));
    PT_TRY(cube_check_measure_name(c, x->name, x->at, b->err));
    nearest near = nearest_to(x->name);
    for (uint32_t i = 0; i < base->n_measures; i++) {
        const measure *m = &base->measures[i];
        nearest_offer(&near, m->name);
        if (!str_eq_fold(m->name, x->name)) continue;
        measure *out = &c->measures[c->n_measures];
        *out = *m;
        out->index = c->n_measures++;
        out->column = out->role = MEMBER_NONE;
        out->base_measure = i;
        out->is_hidden = m->is_hidden || x->is_hidden;
        return PT_OK;
    }
    pt_fail_at(b->err, PT_NAME, x->at, "cube [" STR_FMT "] has no stored measure [" STR_FMT "]",
               STR_ARG(base->name), STR_ARG(x->name));
    for (uint32_t i = 0; i < base->n_formulas; i++)
        if (str_eq_fold(formula_measure_name(base->formulas[i]), x->name))
            pt_hint(b->err, "it is a calculated one: write MEMBER [" STR_FMT "].[" STR_FMT "]",
                    STR_ARG(base->name), STR_ARG(x->name));
    nearest_hint(&near, b->err);
    return PT_NAME;
}

/* [Base].[Measures].[x], or [Base].[x] for short. */
static bool names_import(const ast *import, const ast_formula *f)
{
    uint32_t n = import->n - 1;
    const ast_segment *segs = import->segs + 1;
    if (n == 1 && str_eq_fold(formula_measure_name(f), segs[0].name)) return true;
    if (n != f->name->n) return false;
    for (uint32_t i = 0; i < n; i++)
        if (!str_eq_fold(segs[i].name, f->name->segs[i].name)) return false;
    return true;
}

static pt_status import_formula(builder *b, const ast_formula *x)
{
    const cube *base = NULL;
    if (!x->name || x->name->kind != AST_ID || x->name->n < 2) {
        pt_fail_at(b->err, PT_SYNTAX, x->at,
                   "expected AS and an expression, or the name of a base cube's member");
        pt_hint(b->err, "write MEMBER [cube].[member]");
        return PT_SYNTAX;
    }
    const ast_segment *segs = x->name->segs;
    PT_TRY(find_base(b, segs[0].name, segs[0].at, &base));
    pt_str last = segs[x->name->n - 1].name;
    nearest near = nearest_to(last);
    for (uint32_t i = 0; i < base->n_formulas; i++) {
        const ast_formula *f = base->formulas[i];
        nearest_offer(&near, f->name->segs[f->name->n - 1].name);
        if (f->is_set != x->is_set || !names_import(x->name, f)) continue;
        ast_formula *copy = arena_make(b->a, ast_formula);
        if (!copy) return arena_fail(b->a, b->err);
        *copy = *f;
        return cube_add_formula(b->c, b->a, copy, base, b->err);
    }
    pt_fail_at(b->err, PT_NAME, x->at, "cube [" STR_FMT "] has no calculated %s [" STR_FMT "]",
               STR_ARG(base->name), x->is_set ? "set" : "member", STR_ARG(last));
    nearest_hint(&near, b->err);
    return PT_NAME;
}

pt_status build_virtual_cube(const schema *s, arena *a, const ast_cube *def, cube *c, pt_err *err)
{
    builder b = {.s = s, .a = a, .def = def, .c = c, .err = err};
    PT_TRY(collect_bases(&b));
    PT_TRY(build_dims(&b));
    c->measures = arena_array(a, measure, def->n_measures);
    if (!c->measures) return arena_fail(a, err);
    for (uint32_t i = 0; i < def->n_measures; i++) PT_TRY(add_measure(&b, &def->measures[i]));
    if (def->n_columns)
        return pt_fail_at(err, PT_SYNTAX, def->columns[0].at, "a virtual cube has no columns of its own");
    if (c->n_measures == 0)
        return pt_fail_at(err, PT_SYNTAX, def->name_at, "virtual cube [" STR_FMT "] has no measure",
                          STR_ARG(def->name));
    for (uint32_t i = 0; i < def->n_formulas; i++) {
        const ast_formula *f = &def->formulas[i];
        PT_TRY(f->body ? cube_add_formula(c, a, f, c, err) : import_formula(&b, f));
    }
    c->n_own = c->n_measures;
    return cube_set_default(c, def, err);
}
