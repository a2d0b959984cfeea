/* fun_level.c - levels, hierarchies and dimensions, and the names of things. */
#include "query/calc.h"
#include "query/funs.h"
#include "query/nav.h"
#include "query/resolve.h"

/* ---- members of ... ---------------------------------------------------- */

static pt_status level_members(eval *x, const node *n, xval *out)
{
    xval l;
    tuplist b = eval_tuplist(x, 1);
    PT_TRY(eval_node(x, n->args[0], &l));
    PT_TRY(nav_level_members(x->sc, l.l, &b));
    out->s = b.s;
    return PT_OK;
}

static pt_status hier_members(eval *x, const node *n, xval *out)
{
    xval h;
    tuplist b = eval_tuplist(x, 1);
    PT_TRY(eval_node(x, n->args[0], &h));
    PT_TRY(nav_hier_members(x->sc, h.hier, &b));
    out->s = b.s;
    return PT_OK;
}

static pt_status dim_members(eval *x, const node *n, xval *out)
{
    return hier_members(x, n, out);
}

static bool is_before(const scope *sc, mref a, mref b)
{
    return str_cmp(sc->calcs[a.id]->name, sc->calcs[b.id]->name) < 0;
}

/* Calculated members of a hierarchy (level < 0) or level, after all stored ones; in Measures the cube's have
 * their places already and the query's follow by name, elsewhere in order of definition. */
static pt_status add_calcs(eval *x, uint32_t hier, int lvl, tuplist *b)
{
    const scope *sc = x->sc;
    uint32_t from = b->s.n;
    for (uint32_t i = 0; i < sc->n_calcs; i++) {
        const calc *c = sc->calcs[i];
        if (c->hier != hier || c->is_hidden || c->origin == FORMULA_VISUAL) continue;
        if (hier == 0 && c->origin == FORMULA_CUBE) continue;
        if (lvl < 0 || c->level == lvl) PT_TRY(tuplist_add1(b, calc_ref(c)));
    }
    for (uint32_t i = from + 1; hier == 0 && i < b->s.n; i++) {
        mref m = b->s.m[i];
        uint32_t j = i;
        for (; j > from && is_before(sc, m, b->s.m[j - 1]); j--) b->s.m[j] = b->s.m[j - 1];
        b->s.m[j] = m;
    }
    return PT_OK;
}

static pt_status all_members(eval *x, uint32_t hier, int lvl, xval *out)
{
    tuplist b = eval_tuplist(x, 1);
    if (hier == 0) {
        for (uint32_t i = 0; i < x->sc->n_measure_order; i++)
            PT_TRY(tuplist_add1(&b, x->sc->all_measures[i]));
    } else if (lvl < 0) {
        PT_TRY(nav_hier_members(x->sc, hier, &b));
    } else {
        PT_TRY(nav_level_members(x->sc, (level_ref){(uint16_t)hier, (uint16_t)lvl}, &b));
    }
    PT_TRY(add_calcs(x, hier, lvl, &b));
    out->s = b.s;
    return PT_OK;
}

static pt_status level_all_members(eval *x, const node *n, xval *out)
{
    xval l;
    PT_TRY(eval_node(x, n->args[0], &l));
    return all_members(x, l.l.hier, l.l.ordinal, out);
}

static pt_status hier_all_members(eval *x, const node *n, xval *out)
{
    xval h;
    PT_TRY(eval_node(x, n->args[0], &h));
    return all_members(x, h.hier, -1, out);
}

static pt_status dim_all_members(eval *x, const node *n, xval *out)
{
    return hier_all_members(x, n, out);
}

/* ---- CurrentMember, DefaultMember -------------------------------------- */

static pt_status current_member(eval *x, const node *n, xval *out)
{
    xval h;
    PT_TRY(eval_node(x, n->args[0], &h));
    return ctx_member(x, h.hier, &out->m);
}

static pt_status dim_current_member(eval *x, const node *n, xval *out)
{
    return current_member(x, n, out);
}

static pt_status bind_current(bind *b, node *n)
{
    (void)b;
    n->deps |= shape_hier(n) == HIER_ANY ? DEP_ALL : dep_bit(shape_hier(n));
    if (n->args[0]->is_const) {
        n->kind = NODE_CURRENT;
        n->k.hier = n->args[0]->k.hier;
    }
    return PT_OK;
}

static pt_status default_member(eval *x, const node *n, xval *out)
{
    xval h;
    PT_TRY(eval_node(x, n->args[0], &h));
    return give_member(out, x->sc->hiers[h.hier].default_member);
}

static pt_status dim_default_member(eval *x, const node *n, xval *out)
{
    return default_member(x, n, out);
}

/* ---- Level, Levels, Hierarchy, Dimension ------------------------------- */

static pt_status member_level_fn(eval *x, const node *n, xval *out)
{
    mref m;
    PT_TRY(eval_member(x, n->args[0], &m));
    out->l = level_of(x->sc, m);
    return PT_OK;
}

static pt_status level_ordinal(eval *x, const node *n, xval *out)
{
    xval l;
    PT_TRY(eval_node(x, n->args[0], &l));
    out->v = value_int(l.l.ordinal);
    return PT_OK;
}

static pt_status levels_n(eval *x, const node *n, xval *out)
{
    xval h;
    int64_t i;
    bool is_null;
    PT_TRY(eval_node(x, n->args[0], &h));
    PT_TRY(eval_integer(x, n->args[1], &i, &is_null));
    const scope_hier *hier = &x->sc->hiers[h.hier];
    if (is_null)
        return pt_fail_at(x->err, EVAL_ERROR, n->at, "hierarchy " STR_FMT " has levels 0 to %u, not null",
                          STR_ARG(hier->unique_name), hier->n_levels - 1);
    if (i < 0 || i >= (int64_t)hier->n_levels)
        return pt_fail_at(x->err, EVAL_ERROR, n->at, "hierarchy " STR_FMT " has levels 0 to %u, not %lld",
                          STR_ARG(hier->unique_name), hier->n_levels - 1, (long long)i);
    out->l = (level_ref){(uint16_t)h.hier, (uint16_t)i};
    return PT_OK;
}

static pt_status levels_name(eval *x, const node *n, xval *out)
{
    xval h;
    pt_str name;
    PT_TRY(eval_node(x, n->args[0], &h));
    PT_TRY(eval_string(x, n->args[1], &name));
    if (name.ptr && resolve_level(x->sc, h.hier, name, true, &out->l)) return PT_OK;
    suggestion near = suggestion_for(name);
    for (uint32_t i = 0; i < x->sc->hiers[h.hier].n_levels; i++)
        suggestion_offer(&near, level_ref_name(x->sc, (level_ref){(uint16_t)h.hier, (uint16_t)i}));
    return suggestion_fail(&near, EVAL_ERROR, n->at, x->err,
                           "hierarchy " STR_FMT " has no level [" STR_FMT "]",
                           STR_ARG(x->sc->hiers[h.hier].unique_name), STR_ARG(name));
}

/* Levels("[Store].[Store State]") by unique name, or by name over all hierarchies. */
static pt_status levels_any(eval *x, const node *n, xval *out)
{
    pt_str name;
    PT_TRY(eval_string(x, n->args[0], &name));
    for (uint32_t h = 0; name.ptr && h < x->sc->n_hiers; h++)
        for (uint32_t i = 0; i < x->sc->hiers[h].n_levels; i++) {
            level_ref l = {(uint16_t)h, (uint16_t)i};
            pt_str unique = level_ref_unique_name(x->sc, l, x->work);
            if (!unique.ptr) return eval_nomem(x);
            out->l = l;
            if (str_eq(unique, name) || str_eq(level_ref_name(x->sc, l), name)) return PT_OK;
        }
    return pt_fail_at(x->err, EVAL_ERROR, n->at, "unknown level '" STR_FMT "'", STR_ARG(name));
}

static pt_status bind_any(bind *b, node *n)
{
    return shape_one(b, HIER_ANY, &n->shape);
}

static pt_status hierarchy_of_member(eval *x, const node *n, xval *out)
{
    mref m;
    PT_TRY(eval_member(x, n->args[0], &m));
    out->hier = m.hier;
    return PT_OK;
}

static pt_status hierarchy_of_level(eval *x, const node *n, xval *out)
{
    xval l;
    PT_TRY(eval_node(x, n->args[0], &l));
    out->hier = l.l.hier;
    return PT_OK;
}

static pt_status dimension_of_hier(eval *x, const node *n, xval *out)
{
    xval h;
    PT_TRY(eval_node(x, n->args[0], &h));
    out->hier = scope_dim_of(x->sc, h.hier)->first_hier;
    return PT_OK;
}

static pt_status dimension_of_level(eval *x, const node *n, xval *out)
{
    xval l;
    PT_TRY(eval_node(x, n->args[0], &l));
    out->hier = scope_dim_of(x->sc, l.l.hier)->first_hier;
    return PT_OK;
}

static pt_status dimension_of_member(eval *x, const node *n, xval *out)
{
    mref m;
    PT_TRY(eval_member(x, n->args[0], &m));
    out->hier = scope_dim_of(x->sc, m.hier)->first_hier;
    return PT_OK;
}

static pt_status dimension_of_dim(eval *x, const node *n, xval *out)
{
    return eval_node(x, n->args[0], out);
}

static pt_status dimensions_n(eval *x, const node *n, xval *out)
{
    int64_t i;
    bool is_null;
    PT_TRY(eval_integer(x, n->args[0], &i, &is_null));
    if (is_null)
        return pt_fail_at(x->err, EVAL_ERROR, n->at, "the cube has hierarchies 0 to %u, not null",
                          x->sc->n_hiers - 1);
    if (i < 0 || i >= (int64_t)x->sc->n_hiers)
        return pt_fail_at(x->err, EVAL_ERROR, n->at, "the cube has hierarchies 0 to %u, not %lld",
                          x->sc->n_hiers - 1, (long long)i);
    out->hier = (uint32_t)i;
    return PT_OK;
}

static pt_status dimensions_name(eval *x, const node *n, xval *out)
{
    pt_str name;
    PT_TRY(eval_string(x, n->args[0], &name));
    if (name.ptr && resolve_hierarchy(x->sc, name, &out->hier)) return PT_OK;
    suggestion near = suggestion_for(name);
    for (uint32_t i = 0; i < x->sc->n_hiers; i++) suggestion_offer(&near, x->sc->hiers[i].name);
    return suggestion_fail(&near, EVAL_ERROR, n->at, x->err, "the cube has no hierarchy '" STR_FMT "'",
                           STR_ARG(name));
}

/* Which hierarchy a constant argument means is known when binding. */
static pt_status bind_dimensions(bind *b, node *n)
{
    const node *arg = n->args[0];
    uint32_t hier = HIER_ANY;
    if (arg->is_const && arg->k.v.kind == VAL_INT && arg->k.v.i >= 0 && arg->k.v.i < (int64_t)b->sc->n_hiers)
        hier = (uint32_t)arg->k.v.i;
    if (arg->is_const && arg->k.v.kind == VAL_TEXT) resolve_hierarchy(b->sc, arg->k.v.s, &hier);
    return shape_one(b, hier, &n->shape);
}

/* ---- names ------------------------------------------------------------- */

static pt_status give_text(eval *x, pt_str s, xval *out)
{
    if (!s.ptr) return eval_nomem(x);
    out->v = value_text(s);
    return PT_OK;
}

static pt_status member_name_fn(eval *x, const node *n, xval *out)
{
    mref m;
    PT_TRY(eval_member(x, n->args[0], &m));
    return give_text(x, member_name(x->sc, m, x->work), out);
}

static pt_status member_unique_fn(eval *x, const node *n, xval *out)
{
    mref m;
    PT_TRY(eval_member(x, n->args[0], &m));
    return give_text(x, member_unique_text(x->sc, m, x->work), out);
}

static pt_status member_caption_fn(eval *x, const node *n, xval *out)
{
    mref m;
    PT_TRY(eval_member(x, n->args[0], &m));
    return give_text(x, member_caption(x->sc, m, x->work), out);
}

#define NAME_OF(fn, get)                                                                                     \
    static pt_status fn(eval *x, const node *n, xval *out)                                                   \
    {                                                                                                        \
        xval o;                                                                                              \
        PT_TRY(eval_node(x, n->args[0], &o));                                                                \
        return give_text(x, get, out);                                                                       \
    }
NAME_OF(level_name_fn, level_ref_name(x->sc, o.l))
NAME_OF(level_unique_fn, level_ref_unique_name(x->sc, o.l, x->work))
NAME_OF(level_caption_fn, level_ref_caption(x->sc, o.l))
NAME_OF(hier_name_fn, x->sc->hiers[o.hier].name)
NAME_OF(hier_unique_fn, x->sc->hiers[o.hier].unique_name)
NAME_OF(hier_caption_fn, x->sc->hiers[o.hier].caption)
NAME_OF(dim_name_fn, scope_dim_of(x->sc, o.hier)->name)
NAME_OF(dim_unique_fn, scope_dim_of(x->sc, o.hier)->unique_name)
NAME_OF(dim_caption_fn, scope_dim_of(x->sc, o.hier)->caption)

#define NAMES(name, text, m, l, h, d)                                                                        \
    {name, SYN_PROPERTY, "S", "m", text " of a member", .eval = m},                                          \
        {name, SYN_PROPERTY, "S", "l", text " of a level", .eval = l},                                       \
        {name, SYN_PROPERTY, "S", "h", text " of a hierarchy", .eval = h},                                   \
    {                                                                                                        \
        name, SYN_PROPERTY, "S", "d", text " of a dimension", .eval = d                                      \
    }

static const fun table[] = {
    {"Members", SYN_PROPERTY, "x", "l", "the members of a level", .eval = level_members, .flags = FUN_BIG},
    {"Members", SYN_PROPERTY, "x", "h", "the members of a hierarchy, parents first", .eval = hier_members,
     .flags = FUN_BIG},
    {"Members", SYN_PROPERTY, "x", "d", "the members of a dimension's hierarchy", .eval = dim_members,
     .flags = FUN_BIG},
    {"AllMembers", SYN_PROPERTY, "x", "l", "the members of a level and the calculated ones",
     .eval = level_all_members, .flags = FUN_BIG},
    {"AllMembers", SYN_PROPERTY, "x", "h", "the members of a hierarchy and the calculated ones",
     .eval = hier_all_members, .flags = FUN_BIG},
    {"AllMembers", SYN_PROPERTY, "x", "d", "the same for a dimension's hierarchy", .eval = dim_all_members,
     .flags = FUN_BIG},
    {"CurrentMember", SYN_PROPERTY, "m", "h", "the member of the hierarchy at the current cell",
     .eval = current_member, .bind = bind_current},
    {"CurrentMember", SYN_PROPERTY, "m", "d", "the same for a dimension's hierarchy",
     .eval = dim_current_member, .bind = bind_current},
    {"DefaultMember", SYN_PROPERTY, "m", "h", "the member a query gets when it names none",
     .eval = default_member},
    {"DefaultMember", SYN_PROPERTY, "m", "d", "the same for a dimension's hierarchy",
     .eval = dim_default_member},
    {"Level", SYN_PROPERTY, "l", "m", "the level of a member", .eval = member_level_fn},
    {"Ordinal", SYN_PROPERTY, "i", "l", "number of a level, 0 for the topmost", .eval = level_ordinal},
    {"Levels", SYN_METHOD, "l", "hn", "a level by number, from 0", .eval = levels_n},
    {"Levels", SYN_METHOD, "l", "hS", "a level by name", .eval = levels_name},
    {"Levels", SYN_FUNCTION, "l", "S", "a level by name or unique name", .eval = levels_any,
     .bind = bind_any},
    {"Hierarchy", SYN_PROPERTY, "h", "m", "the hierarchy of a member", .eval = hierarchy_of_member},
    {"Hierarchy", SYN_PROPERTY, "h", "l", "the hierarchy of a level", .eval = hierarchy_of_level},
    {"Dimension", SYN_PROPERTY, "d", "m", "the dimension of a member", .eval = dimension_of_member},
    {"Dimension", SYN_PROPERTY, "d", "l", "the dimension of a level", .eval = dimension_of_level},
    {"Dimension", SYN_PROPERTY, "d", "h", "the dimension of a hierarchy", .eval = dimension_of_hier},
    {"Dimension", SYN_PROPERTY, "d", "d", "the dimension itself", .eval = dimension_of_dim},
    {"Dimensions", SYN_FUNCTION, "h", "n", "a hierarchy of the cube by number; 0 is Measures",
     .eval = dimensions_n, .bind = bind_dimensions},
    {"Dimensions", SYN_FUNCTION, "h", "S", "a hierarchy of the cube by name", .eval = dimensions_name,
     .bind = bind_dimensions},
    NAMES("Name", "the name", member_name_fn, level_name_fn, hier_name_fn, dim_name_fn),
    NAMES("UniqueName", "the name in full", member_unique_fn, level_unique_fn, hier_unique_fn, dim_unique_fn),
    NAMES("Caption", "the text to show", member_caption_fn, level_caption_fn, hier_caption_fn,
          dim_caption_fn),
};

const fun_list fun_level = {table, ARRAY_LEN(table)};
