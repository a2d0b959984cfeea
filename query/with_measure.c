/* with_measure.c - WITH MEASURE: stored measures of one query, computed from facts like those of the cube. */
#include "base/nearest.h"
#include "query/select.h"

static pt_status measure_name(const ast_formula *f, pt_err *err)
{
    const ast *name = f->name;
    const ast_segment *last = &name->segs[name->n - 1];
    bool fits = !last->is_key && (name->n == 1 || (name->n == 2 && !name->segs[0].is_key &&
                                                   str_eq_fold(name->segs[0].name, STR("Measures"))));
    if (fits) return PT_OK;
    pt_fail_at(err, PT_NAME, name->at, "a measure is named [Measures].[name]");
    return pt_hint(err, "write [Measures].[" STR_FMT "]", STR_ARG(last->name));
}

static pt_status set_property(const ast_property *p, ast_measure *m, pt_err *err)
{
    static const char *const names[] = {"FORMAT_STRING", "CAPTION"};
    bool is_format = str_eq_fold(p->name, str_of(names[0]));
    if (!is_format && !str_eq_fold(p->name, str_of(names[1]))) {
        nearest near = nearest_to(p->name);
        for (size_t i = 0; i < ARRAY_LEN(names); i++) nearest_offer(&near, str_of(names[i]));
        pt_fail_at(err, PT_NAME, p->at, "unknown property [" STR_FMT "] of a measure", STR_ARG(p->name));
        nearest_hint(&near, err);
        return pt_hint(err, "it may have FORMAT_STRING and CAPTION");
    }
    if (p->value->kind != AST_STRING)
        return pt_fail_at(err, PT_TYPE, p->value->at, "expected a text in quotes");
    if (is_format) {
        m->has_format = true;
        m->format = p->value->text;
    } else {
        m->caption = p->value->text;
    }
    return PT_OK;
}

pt_status select_cube(const query_env *env, const ast_select *sel, const ast_select *from, arena *a,
                      const cube **out, pt_err *err)
{
    uint32_t n = 0;
    cube *extended;
    PT_TRY(scope_cube(env, from->cube, from->cube_at, out, err));
    const ast_measure **measures = arena_array(a, const ast_measure *, sel->n_formulas);
    if (!measures) return arena_fail(a, err);
    for (uint32_t i = 0; i < sel->n_formulas; i++) {
        const ast_formula *f = &sel->formulas[i];
        if (!f->measure) continue;
        ast_measure *m = arena_make(a, ast_measure);
        if (!m) return arena_fail(a, err);
        *m = *f->measure;
        PT_TRY(measure_name(f, err));
        for (uint32_t k = 0; k < f->n_props; k++) PT_TRY(set_property(&f->props[k], m, err));
        measures[n++] = m;
    }
    if (n == 0) return PT_OK;
    PT_TRY(cube_extend(*out, measures, n, a, &extended, err));
    *out = extended;
    return PT_OK;
}
