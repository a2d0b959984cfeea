/* calc.c - registering and finding calculated members and named sets. */
#include "query/calc.h"

#include "lang/parse.h"
#include "query/member.h"
#include "query/resolve.h"

calc *calc_find(const scope *sc, mref parent, pt_str name, const cube *names)
{
    calc *best = NULL;
    for (uint32_t i = 0; i < sc->n_calcs; i++) {
        calc *c = sc->calcs[i];
        if (c->hier != parent.hier || !mref_eq(c->parent, parent) || c->origin == FORMULA_VISUAL) continue;
        if (c->is_hidden && c->names != names) continue;
        if (str_eq_fold(c->name, name) && (!best || c->origin > best->origin)) best = c;
    }
    return best;
}

named_set *named_set_find(const scope *sc, pt_str name)
{
    named_set *best = NULL;
    for (uint32_t i = 0; i < sc->n_sets; i++) {
        named_set *s = sc->sets[i];
        if (str_eq_fold(s->name, name) && (!best || s->origin > best->origin)) best = s;
    }
    return best;
}

const calc_prop *calc_find_prop(const calc *c, pt_str name)
{
    for (uint32_t i = 0; i < c->n_props; i++)
        if (str_eq_fold(c->props[i].name, name)) return &c->props[i];
    return NULL;
}

/* ---- registering ------------------------------------------------------- */

pt_status scope_add_calc(scope *sc, const calc *proto, calc **out, pt_err *err)
{
    calc *c = arena_make(sc->a, calc);
    if (!c) return arena_fail(sc->a, err);
    if (sc->n_calcs == sc->cap_calcs) {
        uint32_t cap = sc->cap_calcs ? sc->cap_calcs * 2 : 16;
        calc **grown = arena_array(sc->a, calc *, cap);
        if (!grown) return arena_fail(sc->a, err);
        if (sc->n_calcs) memcpy(grown, sc->calcs, sc->n_calcs * sizeof *grown);
        sc->calcs = grown;
        sc->cap_calcs = cap;
    }
    *c = *proto;
    c->index = sc->n_calcs;
    sc->calcs[sc->n_calcs++] = c;
    *out = c;
    return PT_OK;
}

static pt_status add_set(scope *sc, const ast_formula *f, formula_origin origin, const cube *names,
                         pt_err *err)
{
    if (f->name->kind != AST_ID || f->name->n != 1)
        return pt_fail_at(err, PT_NAME, f->name->at, "the name of a set is a single name, expected [name]");
    pt_str name = f->name->segs[0].name;
    for (uint32_t i = 0; i < sc->n_sets; i++)
        if (sc->sets[i]->origin == origin && str_eq_fold(sc->sets[i]->name, name)) return PT_OK;
    named_set *s = arena_make(sc->a, named_set);
    if (!s) return arena_fail(sc->a, err);
    if (sc->n_sets == sc->cap_sets) {
        uint32_t cap = sc->cap_sets ? sc->cap_sets * 2 : 8;
        named_set **grown = arena_array(sc->a, named_set *, cap);
        if (!grown) return arena_fail(sc->a, err);
        if (sc->n_sets) memcpy(grown, sc->sets, sc->n_sets * sizeof *grown);
        sc->sets = grown;
        sc->cap_sets = cap;
    }
    *s = (named_set){.name = name, .origin = origin, .def = f, .names = names};
    sc->sets[sc->n_sets++] = s;
    return PT_OK;
}

/* Where the new member hangs: its hierarchy, and its parent if the name has one. */
static pt_status find_parent(scope *sc, const ast *name, calc *c, pt_err *err)
{
    resolved r = {0};
    uint32_t n = name->n - 1;
    pt_str last = name->segs[n].name;
    if (n == 0 || resolve_name(sc, sc->cube, name->segs, n, &r) != n || r.kind == RES_SET) {
        pt_fail_at(err, PT_NAME, name->at, "no hierarchy for the calculated member [" STR_FMT "]",
                   STR_ARG(last));
        return pt_hint(err, "write [Measures].[" STR_FMT "], or a hierarchy or member in front of the name",
                       STR_ARG(last));
    }
    if (r.kind != RES_MEMBER) {
        c->hier = (uint16_t)r.hier;
        c->parent = mref_null(r.hier);
        c->level = 0;
        return PT_OK;
    }
    if (r.member.kind == MEM_CALC)
        return pt_fail_at(err, PT_NAME, name->at, "a calculated member cannot be the parent of [" STR_FMT "]",
                          STR_ARG(last));
    c->hier = r.member.hier;
    if (c->hier == 0)
        return pt_fail_at(err, PT_NAME, name->at, "a measure cannot be the parent of [" STR_FMT "]",
                          STR_ARG(last));
    c->parent = r.member;
    c->level = (uint16_t)(member_level(sc, r.member) + 1);
    if (c->level >= sc->hiers[c->hier].n_levels) c->level = (uint16_t)(sc->hiers[c->hier].n_levels - 1);
    return PT_OK;
}

static pt_status name_calc(scope *sc, calc *c, pt_err *err)
{
    strbuf b = {0};
    if (mref_is_null(c->parent)) {
        strbuf_adds(&b, sc->hiers[c->hier].unique_name);
    } else {
        member_unique_name(sc, c->parent, &b);
    }
    strbuf_addc(&b, '.');
    ast_print_name(c->name, &b);
    c->unique_name = b.failed ? (pt_str){0} : str_copy(sc->a, strbuf_str(&b));
    strbuf_free(&b);
    return c->unique_name.ptr ? PT_OK : arena_fail(sc->a, err);
}

/* Numbers among the properties are wanted before anything is bound. */
static bool literal_number(const ast *v, double *out)
{
    if (v->kind == AST_NUMBER) {
        *out = value_as_double(v->number);
        return true;
    }
    if (v->kind == AST_CALL && v->syntax == SYN_PREFIX && v->n == 1 && str_eq(v->text, STR("-")) &&
        literal_number(v->args[0], out)) {
        *out = -*out;
        return true;
    }
    return false;
}

static pt_status add_props(scope *sc, calc *c, pt_err *err)
{
    const ast_formula *f = c->def;
    double d;
    c->n_props = f->n_props;
    c->props = arena_array(sc->a, calc_prop, f->n_props);
    if (!c->props) return arena_fail(sc->a, err);
    for (uint32_t i = 0; i < f->n_props; i++) {
        c->props[i] = (calc_prop){.name = f->props[i].name, .def = f->props[i].value};
        if (!literal_number(f->props[i].value, &d)) continue;
        if (str_eq_fold(f->props[i].name, STR("SOLVE_ORDER")) && d >= INT32_MIN && d <= INT32_MAX)
            c->solve_order = (int32_t)d;
        if (str_eq_fold(f->props[i].name, STR("MEMBER_ORDINAL"))) {
            c->has_ordinal = true;
            c->ordinal = d;
        }
    }
    return PT_OK;
}

pt_status scope_add_formula(scope *sc, const ast_formula *f, formula_origin origin, const cube *names,
                            bool is_hidden, pt_err *err)
{
    if (f->is_set) return add_set(sc, f, origin, names, err);
    calc proto = {.origin = origin, .def = f, .names = names, .is_hidden = is_hidden}, *c;
    if (f->name->kind != AST_ID || f->name->n == 0 || f->name->segs[f->name->n - 1].is_key)
        return pt_fail_at(err, PT_NAME, f->name->at, "expected the name of a calculated member");
    proto.name = f->name->segs[f->name->n - 1].name;
    PT_TRY(find_parent(sc, f->name, &proto, err));
    for (uint32_t i = 0; i < sc->n_calcs; i++) {
        const calc *o = sc->calcs[i];
        if (o->origin == origin && !is_hidden && !o->is_hidden && mref_eq(o->parent, proto.parent) &&
            o->hier == proto.hier && str_eq_fold(o->name, proto.name))
            return PT_OK;
    }
    PT_TRY(name_calc(sc, &proto, err));
    PT_TRY(add_props(sc, &proto, err));
    return scope_add_calc(sc, &proto, &c, err);
}

pt_status calc_import(scope *sc, const cube *names, pt_str name, calc **out, pt_err *err)
{
    *out = calc_find(sc, mref_null(0), name, names);
    if (*out && (*out)->names == names) return PT_OK;
    *out = NULL;
    for (uint32_t i = 0; i < names->n_formulas; i++) {
        const ast_formula *f = names->formulas[i];
        if (f->is_set || !f->name->n || !str_eq_fold(f->name->segs[f->name->n - 1].name, name)) continue;
        uint32_t n = sc->n_calcs;
        PT_TRY(scope_add_formula(sc, f, FORMULA_CUBE, names, true, err));
        if (sc->n_calcs > n) *out = sc->calcs[n];
        return PT_OK;
    }
    return PT_OK;
}
