/* define.c - CREATE SOURCE and CREATE MAPPING: checked here, stored by the engine. */
#include "base/nearest.h"
#include "etl/etl.h"
#include "etl/mapping.h"

static pt_status define_source(warehouse *w, const ast_stmt *s, pt_str base_dir, arena *a,
                               define_result *result, pt_err *err)
{
    PT_TRY(source_check(s->source, err));
    ast_stmt copy = *s;
    ast_source def = *s->source;
    def.options = arena_array(a, ast_option, def.n_options);
    if (!def.options) return arena_fail(a, err);
    memcpy(def.options, s->source->options, def.n_options * sizeof *def.options);
    PT_TRY(source_resolve(&def, base_dir, a, err));
    copy.source = &def;
    return define_put(w, OBJ_SOURCE, def.name, &copy, result, err);
}

static pt_status check_source(const view *v, const ast_mapping *m, pt_err *err)
{
    uint32_t n;
    const catalog_def *defs = snapshot_defs(v->snap, &n);
    nearest near = nearest_to(m->source);
    for (uint32_t i = 0; i < n; i++) {
        if (defs[i].kind != OBJ_SOURCE) continue;
        if (str_eq_fold(defs[i].name, m->source)) return PT_OK;
        nearest_offer(&near, defs[i].name);
    }
    pt_fail_at(err, PT_NAME, m->table.at, "unknown source [" STR_FMT "]", STR_ARG(m->source));
    nearest_hint(&near, err);
    return pt_hint(err, "define it first with CREATE SOURCE");
}

static pt_status define_mapping(warehouse *w, const ast_stmt *s, arena *a, define_result *result, pt_err *err)
{
    view v;
    const mapping *m;
    PT_TRY(warehouse_view(w, &v, err));
    pt_status st = check_source(&v, s->mapping, err);
    if (st == PT_OK) st = mapping_compile(v.schema, s->mapping, a, &m, err);
    view_put(&v);
    return st == PT_OK ? define_put(w, OBJ_MAPPING, s->mapping->name, s, result, err) : st;
}

pt_status etl_define(warehouse *w, const ast_stmt *s, pt_str text, pt_str base_dir, define_result *result,
                     pt_err *err)
{
    (void)text; /* places in messages count from it; the words come from the tree */
    *result = DEFINE_UNCHANGED;
    if (s->kind != STMT_CREATE_SOURCE && s->kind != STMT_CREATE_MAPPING)
        return pt_fail_at(err, PT_USAGE, s->at, "this statement defines no source or mapping");
    arena *a = arena_new(0);
    if (!a) return pt_fail(err, PT_NOMEM, "out of memory");
    pt_status st = s->kind == STMT_CREATE_SOURCE ? define_source(w, s, base_dir, a, result, err)
                                                 : define_mapping(w, s, a, result, err);
    arena_free(a);
    return st;
}
