/* scope.c - building the scope of a statement from its cube. */
#include "query/scope.h"

#include "lang/parse.h"
#include "query/calc.h"
#include "query/member.h"
#include "query/nav.h"
#include "query/resolve.h"
#include "query/suggest.h"

const scope_dim *scope_dim_of(const scope *sc, uint32_t hier)
{
    uint32_t d = 0;
    while (d + 1 < sc->n_dims && sc->dims[d + 1].first_hier <= hier) d++;
    return &sc->dims[d];
}

static pt_str bracketed(arena *a, pt_str name)
{
    strbuf b = {0};
    ast_print_name(name, &b);
    pt_str s = b.failed ? (pt_str){0} : str_copy(a, strbuf_str(&b));
    strbuf_free(&b);
    return s;
}

static pt_status unknown_cube(const query_env *env, pt_str name, pt_span at, pt_err *err)
{
    suggestion best = suggestion_for(name);
    uint32_t n = schema_n_cubes(env->view->schema);
    for (uint32_t i = 0; i < n; i++) suggestion_offer(&best, schema_cube_at(env->view->schema, i)->name);
    suggestion_fail(&best, PT_NAME, at, err, "unknown cube [" STR_FMT "]", STR_ARG(name));
    if (str_eq_fold(name, STR("Measures")) || str_eq_fold(name, STR("CURRENTCUBE")))
        return pt_hint(err, "the name begins with that of its cube: [cube].[Measures].[name]");
    return PT_NAME;
}

/* ---- hierarchies and dimensions ---------------------------------------- */

static bool is_ragged(const hier_view *v)
{
    for (uint32_t i = 0; i < v->n_levels; i++)
        if (v->levels[i].hidden) return true;
    return false;
}

static pt_status add_hier(scope *sc, uint32_t ordinal, const cube_hier *ch, pt_err *err)
{
    scope_hier *h = &sc->hiers[ordinal];
    uint16_t *base_hier = arena_array(sc->a, uint16_t, sc->n_bases);
    if (!base_hier) return arena_fail(sc->a, err);
    h->ordinal = ordinal;
    h->def = ch;
    h->dim = view_dim(sc->view, ch->hierarchy->dimension);
    PT_TRY(dim_hier(h->dim, ch->hierarchy->index, &h->view, err));
    h->name = ch->name;
    h->unique_name = ch->unique_name;
    h->caption = ch->hierarchy->caption.len ? ch->hierarchy->caption : ch->name;
    h->has_all = ch->hierarchy->has_all;
    h->is_parent_child = ch->hierarchy->is_parent_child;
    h->is_ragged = is_ragged(h->view);
    h->n_levels = ch->hierarchy->n_levels + h->has_all;
    for (uint32_t b = 0; b < sc->n_bases; b++) {
        uint32_t bh = cube_base_hier(sc->cube, ch->ordinal, sc->bases[b]);
        base_hier[b] = bh < HIER_NONE ? (uint16_t)bh : HIER_NONE;
    }
    h->base_hier = base_hier;
    return PT_OK;
}

static pt_status add_hiers(scope *sc, pt_err *err)
{
    const cube *c = sc->cube;
    if (c->n_hiers > UINT8_MAX)
        return pt_fail(err, PT_LIMIT, "cube [" STR_FMT "] has %u hierarchies, more than %u", STR_ARG(c->name),
                       c->n_hiers, UINT8_MAX);
    sc->n_hiers = c->n_hiers + 1;
    sc->hiers = arena_array(sc->a, scope_hier, sc->n_hiers);
    if (!sc->hiers) return arena_fail(sc->a, err);
    sc->hiers[0].name = sc->hiers[0].caption = STR("Measures");
    sc->hiers[0].unique_name = STR("[Measures]");
    sc->hiers[0].n_levels = 1;
    for (uint32_t i = 0; i < c->n_hiers; i++) PT_TRY(add_hier(sc, i + 1, &c->hiers[i], err));
    return PT_OK;
}

static pt_status add_dims(scope *sc, pt_err *err)
{
    const cube *c = sc->cube;
    sc->n_dims = c->n_dims + 1;
    sc->dims = arena_array(sc->a, scope_dim, sc->n_dims);
    if (!sc->dims) return arena_fail(sc->a, err);
    sc->dims[0] = (scope_dim){STR("Measures"), STR("[Measures]"), STR("Measures"), 0, 1, false};
    for (uint32_t i = 0; i < c->n_dims; i++) {
        const cube_dim *d = &c->dims[i];
        pt_str unique = bracketed(sc->a, d->name);
        if (!unique.ptr) return arena_fail(sc->a, err);
        sc->dims[i + 1] = (scope_dim){d->name,           unique,     d->caption.len ? d->caption : d->name,
                                      d->first_hier + 1, d->n_hiers, d->dimension->is_time};
    }
    return PT_OK;
}

/* The member that stands for a hierarchy in the initial context (section 4). */
static pt_status set_default(scope *sc, scope_hier *h, pt_err *err)
{
    const ast *def = h->def->hierarchy->default_member;
    resolved r;
    if (def && def->kind == AST_ID && resolve_in_hierarchy(sc, h->ordinal, def->segs, def->n, &r) == def->n &&
        r.kind == RES_MEMBER) {
        h->default_member = r.member;
        return PT_OK;
    }
    if (h->has_all) {
        h->default_member = (mref){.hier = (uint16_t)h->ordinal, .kind = MEM_ALL};
        return PT_OK;
    }
    return nav_first_root(sc, h->ordinal, &h->default_member, err);
}

/* ---- measures ---------------------------------------------------------- */

static pt_status grow_measures(scope *sc, pt_err *err)
{
    if (sc->n_measures < sc->cap_measures) return PT_OK;
    uint32_t cap = sc->cap_measures ? sc->cap_measures * 2 : sc->cube->n_measures + 8;
    scope_measure *m = arena_array(sc->a, scope_measure, cap);
    if (!m) return arena_fail(sc->a, err);
    if (sc->n_measures) memcpy(m, sc->measures, sc->n_measures * sizeof *m);
    sc->measures = m;
    sc->cap_measures = cap;
    return PT_OK;
}

static uint32_t base_index(const scope *sc, const cube *base)
{
    for (uint32_t b = 0; b < sc->n_bases; b++)
        if (sc->bases[b] == base) return b;
    return 0;
}

static pt_status add_measures(scope *sc, pt_err *err)
{
    for (uint32_t i = 0; i < sc->cube->n_measures; i++) {
        const measure *m = &sc->cube->measures[i];
        PT_TRY(grow_measures(sc, err));
        sc->measures[sc->n_measures++] = (scope_measure){m, base_index(sc, m->base), m->base_measure, false};
    }
    return PT_OK;
}

pt_status scope_base_measure(scope *sc, const cube *base, uint32_t base_measure, uint32_t *out, pt_err *err)
{
    uint32_t b = base_index(sc, base);
    for (uint32_t i = 0; i < sc->n_measures; i++) {
        if (sc->measures[i].base != b || sc->measures[i].base_measure != base_measure) continue;
        *out = i;
        return PT_OK;
    }
    PT_TRY(grow_measures(sc, err));
    *out = sc->n_measures;
    sc->measures[sc->n_measures++] = (scope_measure){&base->measures[base_measure], b, base_measure, true};
    return PT_OK;
}

/* Those of the query itself are not, like calculated ones of a query. */
static bool measure_is_listed(const scope *sc, const scope_measure *m)
{
    if (m->def->index >= sc->cube->n_own && !m->is_hidden) return false;
    return !m->is_hidden && (!m->def->is_hidden || m->def->is_implicit);
}

/* Insertion sort keeps equal ordinals in order; the lists are short. */
static void sort_measures(const scope *sc, mref *list, uint32_t n,
                          bool (*is_before)(const scope *, mref, mref))
{
    for (uint32_t i = 1; i < n; i++) {
        mref m = list[i];
        uint32_t j = i;
        for (; j > 0 && is_before(sc, m, list[j - 1]); j--) list[j] = list[j - 1];
        list[j] = m;
    }
}

static bool measure_ordinal(const scope *sc, mref m, double *out)
{
    if (m.kind == MEM_CALC) {
        *out = sc->calcs[m.id]->ordinal;
        return sc->calcs[m.id]->has_ordinal;
    }
    *out = sc->measures[m.id].def->ordinal;
    return sc->measures[m.id].def->has_ordinal;
}

static bool ordinal_is_before(const scope *sc, mref a, mref b)
{
    double x, y;
    bool has_x = measure_ordinal(sc, a, &x), has_y = measure_ordinal(sc, b, &y);
    return has_x && (!has_y || x < y);
}

/* Among calculated measures alone those with an ordinal come last. */
static bool ordinal_is_behind(const scope *sc, mref a, mref b)
{
    double x, y;
    bool has_x = measure_ordinal(sc, a, &x), has_y = measure_ordinal(sc, b, &y);
    return has_y && (!has_x || x < y);
}

pt_status scope_order_measures(scope *sc, pt_err *err)
{
    uint32_t n = 0, n_stored;
    bool has_ordinals = false;
    mref *list = arena_array(sc->a, mref, sc->n_measures + sc->n_calcs);
    if (!list) return arena_fail(sc->a, err);
    for (uint32_t i = 0; i < sc->n_measures; i++) {
        if (!measure_is_listed(sc, &sc->measures[i])) continue;
        list[n++] = (mref){.kind = MEM_STORED, .id = i};
        has_ordinals |= sc->measures[i].def->has_ordinal;
    }
    n_stored = n;
    for (uint32_t i = 0; i < sc->n_calcs; i++) {
        const calc *c = sc->calcs[i];
        if (c->hier == 0 && c->origin == FORMULA_CUBE && !c->is_hidden) list[n++] = calc_ref(c);
    }
    sc->measure_order = list;
    if (!(sc->all_measures = arena_array(sc->a, mref, n))) return arena_fail(sc->a, err);
    memcpy(sc->all_measures, list, n * sizeof *list);
    if (has_ordinals) {
        sort_measures(sc, sc->all_measures, n, ordinal_is_before);
    } else {
        sort_measures(sc, sc->all_measures + n_stored, n - n_stored, ordinal_is_behind);
    }
    sc->n_measure_order = n;
    return PT_OK;
}

static pt_status set_default_measure(scope *sc, pt_err *err)
{
    const cube *c = sc->cube;
    for (uint32_t i = 0; c->default_calculated.len && i < sc->n_calcs; i++) {
        if (sc->calcs[i]->hier != 0 || !str_eq_fold(sc->calcs[i]->name, c->default_calculated)) continue;
        sc->hiers[0].default_member = calc_ref(sc->calcs[i]);
        return PT_OK;
    }
    if (c->n_measures == 0)
        return pt_fail(err, PT_NAME, "cube [" STR_FMT "] has no measures", STR_ARG(c->name));
    sc->hiers[0].default_member = (mref){.kind = MEM_STORED, .id = c->default_measure};
    return PT_OK;
}

/* ---- the scope --------------------------------------------------------- */

static pt_status add_formulas(scope *sc, pt_err *err)
{
    const cube *c = sc->cube;
    for (uint32_t i = 0; i < c->n_formulas; i++)
        PT_TRY(scope_add_formula(sc, c->formulas[i], FORMULA_CUBE, c->formula_cubes[i], false, err));
    for (uint32_t i = 0; i < sc->env->n_session; i++)
        if (str_eq_fold(sc->env->session_cubes[i], c->name))
            PT_TRY(scope_add_formula(sc, sc->env->session[i], FORMULA_SESSION, c, false, err));
    return PT_OK;
}

pt_status scope_cube(const query_env *env, pt_str name, pt_span at, const cube **out, pt_err *err)
{
    *out = schema_cube(env->view->schema, name);
    return *out ? PT_OK : unknown_cube(env, name, at, err);
}

pt_status scope_new(const query_env *env, const cube *c, pt_str text, arena *a, scope **out, pt_err *err)
{
    scope *sc = arena_make(a, scope);
    if (!sc) return arena_fail(a, err);
    sc->env = env;
    sc->view = env->view;
    sc->a = a;
    sc->text = text;
    sc->cube = c;
    sc->n_bases = sc->cube->is_virtual ? sc->cube->n_bases : 1;
    sc->bases = arena_array(a, const cube *, sc->n_bases);
    if (!sc->bases) return arena_fail(a, err);
    for (uint32_t b = 0; b < sc->n_bases; b++)
        sc->bases[b] = sc->cube->is_virtual ? sc->cube->bases[b] : sc->cube;
    PT_TRY(add_hiers(sc, err));
    PT_TRY(add_dims(sc, err));
    PT_TRY(add_measures(sc, err));
    for (uint32_t h = 1; h < sc->n_hiers; h++) PT_TRY(set_default(sc, &sc->hiers[h], err));
    PT_TRY(add_formulas(sc, err));
    PT_TRY(scope_order_measures(sc, err));
    PT_TRY(set_default_measure(sc, err));
    *out = sc;
    return PT_OK;
}
