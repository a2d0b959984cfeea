/* check.c - names and formulas outside of queries: checking a definition, finding a member for a load. */
#include "query/calc.h"
#include "query/resolve.h"
#include "query/select.h"

pt_status query_check_formula(const query_env *env, pt_str cube_name, pt_span cube_at, const ast_formula *f,
                              pt_str text, arena *a, pt_err *err)
{
    scope *sc;
    bind *b;
    const cube *c;
    PT_TRY(scope_cube(env, cube_name, cube_at, &c, err));
    PT_TRY(scope_new(env, c, text, a, &sc, err));
    PT_TRY(scope_add_formula(sc, f, FORMULA_QUERY, sc->cube, false, err));
    PT_TRY(bind_new(sc, err, &b));
    return bind_formulas(b);
}

pt_status query_resolve_member(const query_env *env, const cube *c, const ast *name, pt_str text, arena *a,
                               agg_filter *out, pt_err *err)
{
    scope *sc;
    resolved r;
    PT_TRY(scope_cube(env, c->name, name->at, &c, err));
    PT_TRY(scope_new(env, c, text, a, &sc, err));
    if (name->kind != AST_ID) return pt_fail_at(err, PT_NAME, name->at, "expected the name of a member");
    uint32_t used = resolve_name(sc, sc->cube, name->segs, name->n, &r);
    if (used < name->n) return resolve_fail(sc, name, used, &r, err);
    bool is_stored =
        r.kind == RES_MEMBER && r.hier != 0 && (r.member.kind == MEM_STORED || r.member.kind == MEM_DATA);
    if (!is_stored)
        return pt_fail_at(err, PT_NAME, name->at, "expected a member of a level, such as [Time].[1997].[Q1]");
    uint32_t *rank = arena_make(a, uint32_t);
    if (!rank) return arena_fail(a, err);
    *rank = r.member.id;
    *out = (agg_filter){.hier = r.hier - 1,
                        .level = r.member.level,
                        .own_only = r.member.kind == MEM_DATA,
                        .n = 1,
                        .ranks = rank};
    return PT_OK;
}
