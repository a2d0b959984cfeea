/* fun_prop.c - properties of members (section 19). */
#include "query/calc.h"
#include "query/funs.h"
#include "query/nav.h"

typedef pt_status (*prop_fn)(eval *x, mref m, pt_value *out);

static pt_status give_text(eval *x, pt_str s, pt_value *out)
{
    if (!s.ptr) return eval_nomem(x);
    *out = value_text(s);
    return PT_OK;
}

static pt_status nothing(eval *x, mref m, pt_value *out)
{
    (void)x, (void)m;
    *out = value_null();
    return PT_OK;
}

static pt_status warehouse_name(eval *x, mref m, pt_value *out)
{
    pt_str s = x->sc->env->warehouse;
    (void)m;
    *out = s.ptr ? value_text(s) : value_null();
    return PT_OK;
}

static pt_status dimension_name(eval *x, mref m, pt_value *out)
{
    return give_text(x, scope_dim_of(x->sc, m.hier)->unique_name, out);
}

static pt_status hierarchy_name(eval *x, mref m, pt_value *out)
{
    return give_text(x, x->sc->hiers[m.hier].unique_name, out);
}

static pt_status level_unique(eval *x, mref m, pt_value *out)
{
    return give_text(x, level_ref_unique_name(x->sc, level_of(x->sc, m), x->work), out);
}

static pt_status level_number(eval *x, mref m, pt_value *out)
{
    *out = value_int(member_level(x->sc, m));
    return PT_OK;
}

static pt_status ordinal(eval *x, mref m, pt_value *out)
{
    const calc *c = m.kind == MEM_CALC ? x->sc->calcs[m.id] : NULL;
    *out = c && c->has_ordinal ? value_int((int64_t)c->ordinal) : value_int(-1);
    return PT_OK;
}

static pt_status name(eval *x, mref m, pt_value *out)
{
    return give_text(x, member_name(x->sc, m, x->work), out);
}

static pt_status unique(eval *x, mref m, pt_value *out)
{
    return give_text(x, member_unique_text(x->sc, m, x->work), out);
}

static pt_status caption(eval *x, mref m, pt_value *out)
{
    return give_text(x, member_caption(x->sc, m, x->work), out);
}

static pt_status type(eval *x, mref m, pt_value *out)
{
    (void)x;
    *out = value_int(m.kind == MEM_CALC ? 4 : m.hier == 0 ? 3 : m.kind == MEM_ALL ? 2 : 1);
    return PT_OK;
}

static pt_status n_children(eval *x, mref m, pt_value *out)
{
    *out = value_int(nav_n_children(x->sc, m));
    return PT_OK;
}

static pt_status parent_level(eval *x, mref m, pt_value *out)
{
    mref up = nav_parent(x->sc, m);
    *out = value_int(mref_is_null(up) ? 0 : member_level(x->sc, up));
    return PT_OK;
}

static pt_status parent_name(eval *x, mref m, pt_value *out)
{
    mref up = nav_parent(x->sc, m);
    *out = value_null();
    return mref_is_null(up) ? PT_OK : unique(x, up, out);
}

static pt_status parent_count(eval *x, mref m, pt_value *out)
{
    *out = value_int(mref_is_null(nav_parent(x->sc, m)) ? 0 : 1);
    return PT_OK;
}

static pt_status key(eval *x, mref m, pt_value *out)
{
    *out = member_key(x->sc, m, x->work);
    return PT_OK;
}

static const struct intrinsic {
    const char *name;
    prop_fn get;
} intrinsics[] = {
    {"CATALOG_NAME", nothing},
    {"SCHEMA_NAME", warehouse_name},
    {"CUBE_NAME", nothing},
    {"DIMENSION_UNIQUE_NAME", dimension_name},
    {"HIERARCHY_UNIQUE_NAME", hierarchy_name},
    {"LEVEL_UNIQUE_NAME", level_unique},
    {"LEVEL_NUMBER", level_number},
    {"MEMBER_ORDINAL", ordinal},
    {"MEMBER_NAME", name},
    {"MEMBER_UNIQUE_NAME", unique},
    {"MEMBER_TYPE", type},
    {"MEMBER_GUID", nothing},
    {"MEMBER_CAPTION", caption},
    {"CAPTION", caption},
    {"CHILDREN_CARDINALITY", n_children},
    {"PARENT_LEVEL", parent_level},
    {"PARENT_UNIQUE_NAME", parent_name},
    {"PARENT_COUNT", parent_count},
    {"DESCRIPTION", nothing},
    {"KEY", key},
    {"MEMBER_KEY", key},
};

/* ---- of levels, measures and calculated members ------------------------ */

static bool level_property(eval *x, mref m, pt_str want, pt_value *out)
{
    if (m.hier == 0 || (m.kind != MEM_STORED && m.kind != MEM_DATA)) return false;
    const level *l = level_ref_def(x->sc, level_of(x->sc, m));
    for (uint32_t i = 0; l && i < l->n_props; i++) {
        if (!str_eq_fold(l->props[i].name, want)) continue;
        *out = dim_attr_value(x->sc->hiers[m.hier].dim, l->props[i].attr, member_rep(x->sc, m));
        return true;
    }
    return false;
}

static bool measure_property(eval *x, mref m, pt_str want, pt_value *out)
{
    if (m.hier != 0 || m.kind != MEM_STORED) return false;
    const measure *def = x->sc->measures[m.id].def;
    if (str_eq_fold(want, STR("DATATYPE"))) {
        *out = value_text(STR("Numeric"));
        return true;
    }
    if (!str_eq_fold(want, STR("FORMAT_STRING"))) return false;
    *out = def->has_format ? value_text(def->format) : value_null();
    return true;
}

/* Literals at once, other expressions bound and evaluated here. */
pt_status eval_calc_property(eval *x, mref m, pt_str want, pt_value *out, bool *is_found)
{
    node *n;
    if (m.kind != MEM_CALC) return PT_OK;
    const calc *c = x->sc->calcs[m.id];
    calc_prop *p = (calc_prop *)calc_find_prop(c, want);
    if (!p) return PT_OK;
    *is_found = true;
    if (!p->value) {
        PT_TRY(bind_expr(x->binder, p->def, &n));
        if (convert_cost(n->type, 'v') < 0) return pt_fail(x->err, EVAL_ERROR, "the property is not a value");
        PT_TRY(convert(x->binder, n, 'v', &p->value));
    }
    return eval_value(x, p->value, out);
}

/* Given in the definition, but not told: a caption shows elsewhere, the others say how to treat the member.
 */
static bool is_readable(pt_str want)
{
    static const char *const hidden[] = {"CAPTION", "MEMBER_CAPTION", "VISIBLE", "SOLVE_ORDER"};
    for (size_t i = 0; i < ARRAY_LEN(hidden); i++)
        if (str_eq_fold(want, str_of(hidden[i]))) return false;
    return true;
}

pt_status eval_property(eval *x, mref m, pt_str want, pt_span at, pt_value *out)
{
    bool is_found = false;
    if (level_property(x, m, want, out) || measure_property(x, m, want, out)) return PT_OK;
    if (is_readable(want)) PT_TRY(eval_calc_property(x, m, want, out, &is_found));
    if (is_found) return PT_OK;
    for (size_t i = 0; i < ARRAY_LEN(intrinsics); i++)
        if (str_eq_fold(want, str_of(intrinsics[i].name))) return intrinsics[i].get(x, m, out);
    pt_str full = member_unique_text(x->sc, m, x->work);
    return pt_fail_at(x->err, EVAL_ERROR, at, "property '" STR_FMT "' is not valid for member '" STR_FMT "'",
                      STR_ARG(want), STR_ARG(full));
}

static pt_status properties(eval *x, const node *n, xval *out)
{
    mref m;
    pt_str want;
    PT_TRY(eval_member(x, n->args[0], &m));
    PT_TRY(eval_string(x, n->args[1], &want));
    out->v = value_null();
    return mref_is_null(m) ? PT_OK : eval_property(x, m, want, n->at, &out->v);
}

/* A property of a calculated member may be an expression of the context. */
static pt_status bind_properties(bind *b, node *n)
{
    (void)b;
    n->deps |= DEP_ALL;
    return PT_OK;
}

static const fun table[] = {
    {"Properties", SYN_METHOD, "v", "mS[y]", "a property of the member", .eval = properties,
     .bind = bind_properties, .words = "TYPED"},
};

const fun_list fun_prop = {table, ARRAY_LEN(table)};
