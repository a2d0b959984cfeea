/* schema_formula.c - calculated members and named sets of a cube by name, and the default measure. */
#include "lang/parse.h"

#include "engine/schema_int.h"

pt_str formula_full_name(arena *a, pt_str cube_name, const ast *name)
{
    strbuf b = {0};
    ast_print_name(cube_name, &b);
    for (uint32_t i = 0; i < name->n; i++) {
        strbuf_addc(&b, '.');
        ast_print_name(name->segs[i].name, &b);
    }
    pt_str out = b.failed ? (pt_str){NULL, 0} : str_copy(a, strbuf_str(&b));
    strbuf_free(&b);
    return out;
}

bool formula_names_equal(const ast *x, const ast *y)
{
    if (x->n != y->n) return false;
    for (uint32_t i = 0; i < x->n; i++)
        if (!str_eq_fold(x->segs[i].name, y->segs[i].name)) return false;
    return true;
}

pt_str formula_measure_name(const ast_formula *f)
{
    const ast *name = f->name;
    if (!f->is_set && name->n >= 2 && str_eq_fold(name->segs[0].name, STR("Measures")))
        return name->segs[name->n - 1].name;
    return (pt_str){NULL, 0};
}

static pt_status check_name(const cube *c, const ast_formula *f, pt_err *err)
{
    const char *what = f->is_set ? "set" : "member";
    if (!f->name || f->name->kind != AST_ID || f->name->n == 0)
        return pt_fail_at(err, PT_SYNTAX, f->at, "a calculated %s needs a name", what);
    for (uint32_t i = 0; i < c->n_formulas; i++)
        if (formula_names_equal(c->formulas[i]->name, f->name))
            return pt_fail_at(err, PT_EXISTS, f->name->at,
                              "cube [" STR_FMT "] has a calculated %s of that name already", STR_ARG(c->name),
                              c->formulas[i]->is_set ? "set" : "member");
    pt_str stored = formula_measure_name(f);
    for (uint32_t i = 0; stored.ptr && i < c->n_measures; i++)
        if (str_eq_fold(c->measures[i].name, stored))
            return pt_fail_at(err, PT_EXISTS, f->name->at,
                              "cube [" STR_FMT "] has a stored measure [" STR_FMT "] already",
                              STR_ARG(c->name), STR_ARG(stored));
    return PT_OK;
}

pt_status cube_add_formula(cube *c, arena *a, const ast_formula *f, const cube *origin, pt_err *err)
{
    PT_TRY(check_name(c, f, err));
    /* The arrays double at each power of two; what they leave behind is freed with the arena. */
    if ((c->n_formulas & (c->n_formulas - 1)) == 0) {
        size_t cap = c->n_formulas ? (size_t)c->n_formulas * 2 : 1;
        const ast_formula **fs = arena_array(a, const ast_formula *, cap);
        const cube **cs = arena_array(a, const cube *, cap);
        if (!fs || !cs) return arena_fail(a, err);
        if (c->n_formulas) {
            memcpy(fs, c->formulas, c->n_formulas * sizeof *fs);
            memcpy(cs, c->formula_cubes, c->n_formulas * sizeof *cs);
        }
        c->formulas = fs;
        c->formula_cubes = cs;
    }
    c->formulas[c->n_formulas] = f;
    c->formula_cubes[c->n_formulas] = origin;
    c->n_formulas++;
    return PT_OK;
}

pt_status cube_set_default(cube *c, const ast_cube *def, pt_err *err)
{
    c->default_measure = 0;
    c->default_calculated = STR("");
    if (def->default_measure.len == 0) return PT_OK;
    nearest near = nearest_to(def->default_measure);
    for (uint32_t i = 0; i < c->n_measures; i++) {
        c->default_measure = i;
        if (str_eq_fold(c->measures[i].name, def->default_measure)) return PT_OK;
        nearest_offer(&near, c->measures[i].name);
    }
    c->default_measure = 0;
    for (uint32_t i = 0; i < c->n_formulas; i++) {
        pt_str name = formula_measure_name(c->formulas[i]);
        if (!name.ptr) continue;
        c->default_calculated = name;
        if (str_eq_fold(name, def->default_measure)) return PT_OK;
        nearest_offer(&near, name);
    }
    pt_fail_at(err, PT_NAME, def->name_at,
               "the default measure [" STR_FMT "] is not a measure of cube [" STR_FMT "]",
               STR_ARG(def->default_measure), STR_ARG(c->name));
    nearest_hint(&near, err);
    return PT_NAME;
}
