/* engine_util.c - a warehouse for a test. */
#include "engine_util.h"

#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

#include "lang/parse.h"
#include "unit.h"

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

shop *shop_open(unsigned n_threads)
{
    pt_err err = {0};
    shop *s = calloc(1, sizeof *s);
    assert_non_null(s);
    snprintf(s->dir, sizeof s->dir, "/tmp/patron-engine-XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    assert_ok(store_init(s->dir, &err));
    assert_ok(warehouse_open(s->dir, false, n_threads, &s->w, &err));
    return s;
}

void shop_reopen(shop *s, unsigned n_threads)
{
    pt_err err = {0};
    view_put(&s->v);
    warehouse_close(s->w);
    s->w = NULL;
    assert_ok(warehouse_open(s->dir, false, n_threads, &s->w, &err));
}

void shop_close(shop *s)
{
    if (!s) return;
    view_put(&s->v);
    warehouse_close(s->w);
    nftw(s->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(s);
}

static pt_status run(shop *s, const ast_stmt *stmt, pt_str text, define_result *result, pt_err *err)
{
    if (stmt->kind == STMT_CREATE_SOURCE)
        return define_put(s->w, OBJ_SOURCE, stmt->source->name, stmt, result, err);
    if (stmt->kind == STMT_CREATE_MAPPING)
        return define_put(s->w, OBJ_MAPPING, stmt->mapping->name, stmt, result, err);
    return define_run(s->w, stmt, text, result, err);
}

pt_status shop_try(shop *s, const char *text, define_result *result, pt_err *err)
{
    arena *a = arena_new(0);
    ast_stmt *stmt;
    pt_status st = parse_statement(str_of(text), a, &stmt, err);
    if (st == PT_OK) st = run(s, stmt, str_of(text), result, err);
    arena_free(a);
    return st;
}

define_result shop_define(shop *s, const char *script)
{
    pt_err err = {0};
    arena *a = arena_new(0);
    ast_stmt **stmts;
    uint32_t n;
    define_result result = DEFINE_UNCHANGED;
    assert_ok(parse_script(str_of(script), a, &stmts, &n, &err));
    for (uint32_t i = 0; i < n; i++)
        if (stmts[i]->kind != STMT_EMPTY) assert_ok(run(s, stmts[i], str_of(script), &result, &err));
    arena_free(a);
    return result;
}

const view *shop_view(shop *s)
{
    pt_err err = {0};
    view_put(&s->v);
    assert_ok(warehouse_view(s->w, &s->v, &err));
    return &s->v;
}

const cube *shop_cube(shop *s, const char *name)
{
    const cube *c = schema_cube(shop_view(s)->schema, str_of(name));
    if (!c) fail_msg("no cube %s", name);
    return c;
}

const dimension *shop_dimension(shop *s, const char *name)
{
    const dimension *d = schema_dimension(shop_view(s)->schema, str_of(name));
    if (!d) fail_msg("no dimension %s", name);
    return d;
}
