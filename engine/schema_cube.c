/* schema_cube.c - a base cube from its definition: roles, and dimensions as it shows them. Columns and
 * measures are in schema_measure.c. */
#include "lang/parse.h"

#include "engine/schema_int.h"

typedef struct builder {
    const schema *s;
    arena *a;
    const ast_cube *def;
    cube *c;
    pt_err *err;
} builder;

/* ---- names in a cube ---------------------------------------------------------- */

pt_status cube_check_dim_name(const cube *c, pt_str name, pt_span at, pt_err *err)
{
    if (str_eq_fold(name, STR("Measures"))) {
        pt_fail_at(err, PT_EXISTS, at, "[Measures] is taken by the measures of cube [" STR_FMT "]",
                   STR_ARG(c->name));
        pt_hint(err, "add AS [another name]");
        return PT_EXISTS;
    }
    for (uint32_t i = 0; i < c->n_dims; i++)
        if (str_eq_fold(c->dims[i].name, name)) {
            pt_fail_at(err, PT_EXISTS, at, "dimension [" STR_FMT "] appears twice in cube [" STR_FMT "]",
                       STR_ARG(name), STR_ARG(c->name));
            pt_hint(err, "give one of them another name with AS");
            return PT_EXISTS;
        }
    return PT_OK;
}

static pt_str bracketed(arena *a, pt_str name)
{
    strbuf b = {0};
    ast_print_name(name, &b);
    pt_str out = b.failed ? (pt_str){NULL, 0} : str_copy(a, strbuf_str(&b));
    strbuf_free(&b);
    return out;
}

static pt_status name_hier(cube *c, arena *a, cube_hier *h, pt_str name, pt_span at, pt_err *err)
{
    for (uint32_t i = 0; i < h->ordinal; i++)
        if (str_eq_fold(c->hiers[i].name, name))
            return pt_fail_at(err, PT_EXISTS, at,
                              "two hierarchies of cube [" STR_FMT "] would be called [" STR_FMT "]",
                              STR_ARG(c->name), STR_ARG(name));
    const hierarchy *shown = h->hierarchy;
    const ast_hierarchy *def = &shown->dimension->def->hierarchies[shown->index];
    h->name = name;
    h->unique_name = bracketed(a, name);
    h->all_name = STR("");
    if (shown->has_all) h->all_name = def->all_name.len ? def->all_name : hierarchy_all_name(a, name);
    return h->unique_name.ptr && h->all_name.ptr ? PT_OK : arena_fail(a, err);
}

pt_status cube_name_hiers(cube *c, arena *a, uint32_t dim, pt_span at, pt_err *err)
{
    const cube_dim *d = &c->dims[dim];
    for (uint32_t i = 0; i < d->n_hiers; i++) {
        cube_hier *h = &c->hiers[d->first_hier + i];
        pt_str name = d->name;
        if (i > 0) name = str_printf(a, STR_FMT "." STR_FMT, STR_ARG(d->name), STR_ARG(h->hierarchy->name));
        if (!name.ptr) return arena_fail(a, err);
        PT_TRY(name_hier(c, a, h, name, at, err));
    }
    return PT_OK;
}

/* ---- dimensions ------------------------------------------------------------------ */

static pt_status find_dimension(builder *b, const ast_cube_dim *x, const dimension **out)
{
    *out = schema_dimension(b->s, x->dimension);
    if (*out) return PT_OK;
    nearest near = nearest_to(x->dimension);
    for (uint32_t i = 0; i < b->s->n_dims; i++) nearest_offer(&near, b->s->dims[i].name);
    pt_fail_at(b->err, PT_NAME, x->at, "unknown dimension [" STR_FMT "]", STR_ARG(x->dimension));
    nearest_hint(&near, b->err);
    return PT_NAME;
}

static pt_status find_hierarchy(builder *b, const ast_cube_dim *x, const dimension *d, uint32_t *out)
{
    nearest near = nearest_to(x->hierarchy);
    for (uint32_t i = 0; i < d->n_hierarchies; i++) {
        *out = i;
        if (str_eq_fold(d->hierarchies[i].name, x->hierarchy)) return PT_OK;
        nearest_offer(&near, d->hierarchies[i].name);
    }
    pt_fail_at(b->err, PT_NAME, x->at, "dimension [" STR_FMT "] has no hierarchy [" STR_FMT "]",
               STR_ARG(d->name), STR_ARG(x->hierarchy));
    nearest_hint(&near, b->err);
    return PT_NAME;
}

static pt_status add_role(builder *b, const ast_cube_dim *x, const dimension *d, uint32_t *role)
{
    cube *c = b->c;
    pt_str name = x->role.len ? x->role : x->alias.len && !x->hierarchy.len ? x->alias : d->name;
    *role = cube_find_role(c, name);
    if (*role == MEMBER_NONE) {
        *role = c->n_roles++;
        c->roles[*role] = (cube_role){.name = name, .dimension = d};
        return PT_OK;
    }
    if (c->roles[*role].dimension == d) return PT_OK;
    pt_fail_at(b->err, PT_EXISTS, x->at,
               "role [" STR_FMT "] of cube [" STR_FMT "] holds members of [" STR_FMT "], not of [" STR_FMT
               "]",
               STR_ARG(name), STR_ARG(c->name), STR_ARG(c->roles[*role].dimension->name), STR_ARG(d->name));
    pt_hint(b->err, "add ROLE [another name]");
    return PT_EXISTS;
}

static pt_status add_dim(builder *b, const ast_cube_dim *x)
{
    cube *c = b->c;
    const dimension *d;
    uint32_t first = 0, role;
    PT_TRY(find_dimension(b, x, &d));
    if (x->hierarchy.len) PT_TRY(find_hierarchy(b, x, d, &first));
    pt_str shown = x->hierarchy.len ? d->hierarchies[first].name : d->name;
    pt_str name = x->alias.len ? x->alias : shown;
    PT_TRY(cube_check_dim_name(c, name, x->at, b->err));
    PT_TRY(add_role(b, x, d, &role));

    uint32_t i = c->n_dims++;
    pt_str caption = x->hierarchy.len ? d->hierarchies[first].caption : d->caption;
    c->dims[i] = (cube_dim){.name = name,
                            .caption = x->alias.len && str_eq(caption, shown) ? name : caption,
                            .dimension = d,
                            .first_hier = c->n_hiers,
                            .n_hiers = x->hierarchy.len ? 1 : d->n_hierarchies};
    for (uint32_t k = 0; k < c->dims[i].n_hiers; k++) {
        c->hiers[c->n_hiers] = (cube_hier){.ordinal = c->n_hiers,
                                           .cube = c,
                                           .dim = i,
                                           .role = role,
                                           .hierarchy = &d->hierarchies[first + k]};
        c->n_hiers++;
    }
    return cube_name_hiers(c, b->a, i, x->at, b->err);
}

static pt_status build_dims(builder *b)
{
    const ast_cube *def = b->def;
    size_t n_hiers = 0;
    if (def->n_dims == 0)
        return pt_fail_at(b->err, PT_SYNTAX, def->name_at, "cube [" STR_FMT "] has no dimension",
                          STR_ARG(def->name));
    for (uint32_t i = 0; i < def->n_dims; i++) {
        const dimension *d = schema_dimension(b->s, def->dims[i].dimension);
        n_hiers += d ? d->n_hierarchies : 0;
    }
    b->c->dims = arena_array(b->a, cube_dim, def->n_dims);
    b->c->roles = arena_array(b->a, cube_role, def->n_dims);
    b->c->hiers = arena_array(b->a, cube_hier, n_hiers);
    if (!b->c->dims || !b->c->roles || !b->c->hiers) return arena_fail(b->a, b->err);
    for (uint32_t i = 0; i < def->n_dims; i++) PT_TRY(add_dim(b, &def->dims[i]));
    return PT_OK;
}

pt_status build_base_cube(const schema *s, arena *a, const ast_cube *def, cube *c, pt_err *err)
{
    builder b = {.s = s, .a = a, .def = def, .c = c, .err = err};
    if (def->n_bases > 0)
        return pt_fail_at(err, PT_SYNTAX, def->name_at, "only CREATE VIRTUAL CUBE takes FROM other cubes");
    PT_TRY(build_dims(&b));
    PT_TRY(cube_build_measures(c, def, a, err));
    for (uint32_t i = 0; i < def->n_formulas; i++) {
        const ast_formula *f = &def->formulas[i];
        if (!f->body) return pt_fail_at(err, PT_SYNTAX, f->at, "expected AS and an expression");
        PT_TRY(cube_add_formula(c, a, f, c, err));
    }
    return cube_set_default(c, def, err);
}
