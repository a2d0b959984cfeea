/* load_util.c - see load_util.h. */
#include "tests/unit/load_util.h"

#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

#include <jansson.h>

#include "base/fs.h"
#include "lang/parse.h"
#include "storage/bytes.h"
#include "tests/unit/unit.h"

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

works *works_open(unsigned n_threads)
{
    works *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->shop = shop_open(n_threads);
    w->a = arena_new(0);
    snprintf(w->data, sizeof w->data, "/tmp/patron-data-XXXXXX");
    assert_non_null(mkdtemp(w->data));
    return w;
}

void works_close(works *w)
{
    if (!w) return;
    shop_close(w->shop);
    nftw(w->data, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    arena_free(w->a);
    free(w);
}

void works_reopen(works *w)
{
    shop_reopen(w->shop, 0);
}

/* ---- definitions and files ----------------------------------------- */

static pt_status run(works *w, const ast_stmt *s, pt_str text, pt_err *err)
{
    define_result result;
    if (s->kind == STMT_CREATE_SOURCE || s->kind == STMT_CREATE_MAPPING)
        return etl_define(w->shop->w, s, text, str_of(w->data), &result, err);
    return define_run(w->shop->w, s, text, &result, err);
}

static pt_str with_data(works *w, const char *script)
{
    strbuf b = {0};
    for (const char *p = script, *at; *p; p = at + 4) {
        at = strstr(p, "DATA");
        strbuf_add(&b, p, at ? (size_t)(at - p) : strlen(p));
        if (!at) break;
        strbuf_addz(&b, w->data);
    }
    pt_str text = str_copy(w->a, strbuf_str(&b));
    strbuf_free(&b);
    return text;
}

void works_define(works *w, const char *script)
{
    pt_err err = {0};
    ast_stmt **stmts;
    uint32_t n;
    pt_str text = with_data(w, script);
    assert_ok(parse_script(text, w->a, &stmts, &n, &err));
    for (uint32_t i = 0; i < n; i++)
        if (stmts[i]->kind != STMT_EMPTY) assert_ok(run(w, stmts[i], text, &err));
}

pt_status works_try_define(works *w, const char *text, pt_err *err)
{
    ast_stmt *stmt;
    pt_str s = with_data(w, text);
    PT_TRY(parse_statement(s, w->a, &stmt, err));
    return run(w, stmt, s, err);
}

void works_path(const works *w, const char *file, char path[256])
{
    snprintf(path, 256, "%s/%s", w->data, file);
}

void works_write_bytes(works *w, const char *file, const void *bytes, size_t n)
{
    char path[256];
    pt_err err = {0};
    works_path(w, file, path);
    assert_ok(fs_write_atomic(path, bytes, n, &err));
}

void works_write(works *w, const char *file, const char *text)
{
    works_write_bytes(w, file, text, strlen(text));
}

/* ---- loading ------------------------------------------------------- */

pt_status works_try_load(works *w, const char *mappings, pt_err *why)
{
    pt_err err = {0};
    pt_str names[16];
    uint32_t n = 0;
    for (const char *p = mappings; p && *p; n++) {
        size_t len = strcspn(p, ",");
        names[n] = str_trim((pt_str){p, len});
        p += len + (p[len] == ',');
    }
    load_options o = w->options;
    o.n_mappings = n;
    o.mappings = names;
    if (!o.wait_us) o.wait_us = 5000000;
    ast *member = NULL;
    if (w->replace) {
        assert_ok(parse_expression(str_of(w->replace), w->a, &member, &err));
        o.replace = member;
        o.text = str_of(w->replace);
    }
    w->options = (load_options){0};
    w->replace = NULL;
    return etl_load(w->shop->w, &o, w->a, &w->r, why);
}

const load_result *works_load(works *w, const char *mappings)
{
    pt_err err = {0};
    assert_ok(works_try_load(w, mappings, &err));
    json_t *json = json_loadb(w->r.json.ptr, w->r.json.len, 0, NULL);
    assert_non_null(json);
    json_decref(json);
    return &w->r;
}

const load_mapping_result *works_result(const works *w, const char *mapping)
{
    for (uint32_t i = 0; i < w->r.n_mappings; i++)
        if (str_eq_fold(w->r.mappings[i].mapping, str_of(mapping))) return &w->r.mappings[i];
    fail_msg("the load had no mapping %s", mapping);
    return NULL;
}

/* ---- looking ------------------------------------------------------- */

static void print(pt_value v, strbuf *out)
{
    if (v.kind == VAL_NULL)
        strbuf_addc(out, '-');
    else
        value_print(v, out);
}

typedef struct lines {
    works *w;
    const cube *cube;
    uint32_t n, cap;
    char **lines;
} lines;

static pt_status add_fact(void *ctx, const uint32_t *members, const pt_value *values, pt_err *err)
{
    lines *x = ctx;
    strbuf b = {0};
    (void)err;
    for (uint32_t r = 0; r < x->cube->n_roles; r++) {
        const dim_view *d = view_dim(&x->w->shop->v, x->cube->roles[r].dimension);
        strbuf_addz(&b, r ? "," : "");
        print(dim_attr_value(d, 0, members[r]), &b);
    }
    strbuf_addz(&b, ":");
    for (uint32_t c = 0; c < x->cube->n_columns; c++) {
        strbuf_addz(&b, c ? "," : " ");
        print(values[c], &b);
    }
    if (x->n == x->cap) {
        x->cap = x->cap ? x->cap * 2 : 64;
        x->lines = realloc(x->lines, x->cap * sizeof *x->lines);
    }
    x->lines[x->n++] = b.ptr;
    return PT_OK;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void works_facts(works *w, const char *name, strbuf *out)
{
    pt_err err = {0};
    lines x = {.w = w, .cube = shop_cube(w->shop, name)};
    agg_request all = {.cube = x.cube};
    limits l = {0};
    assert_ok(facts_scan(&w->shop->v, &l, &all, 0, UINT64_MAX, add_fact, &x, &err));
    if (x.n) qsort(x.lines, x.n, sizeof *x.lines, by_text);
    for (uint32_t i = 0; i < x.n; i++) {
        strbuf_printf(out, "%s\n", x.lines[i]);
        free(x.lines[i]);
    }
    free(x.lines);
}

void works_expect_facts(works *w, const char *name, const char *expected)
{
    strbuf b = {0};
    works_facts(w, name, &b);
    assert_string_equal(b.ptr ? b.ptr : "", expected);
    strbuf_free(&b);
}

void works_expect_members(works *w, const char *name, const char *expected)
{
    strbuf b = {0};
    const dimension *d = shop_dimension(w->shop, name);
    const dim_view *v = view_dim(&w->shop->v, d);
    for (uint32_t m = 0; m < dim_count(v); m++) {
        for (uint32_t i = 0; i < d->spec.n_attrs; i++) {
            strbuf_addz(&b, i ? "," : "");
            print(dim_attr_value(v, i, m), &b);
        }
        strbuf_addc(&b, '\n');
    }
    assert_string_equal(b.ptr ? b.ptr : "", expected);
    strbuf_free(&b);
}

static pt_status add_reject(void *ctx, pt_str key, pt_str value, pt_err *err)
{
    (void)key, (void)err;
    json_t *j = json_loadb(value.ptr, value.len, 0, NULL);
    assert_non_null(j);
    const char *file = json_string_value(json_object_get(j, "file"));
    const char *reason = json_string_value(json_object_get(j, "reason"));
    const char *column = json_string_value(json_object_get(j, "column"));
    const char *text = json_string_value(json_object_get(j, "value"));
    json_int_t line = json_integer_value(json_object_get(j, "line"));
    assert_non_null(json_string_value(json_object_get(j, "mapping")));
    assert_true(json_is_array(json_object_get(j, "row")));
    strbuf_printf(ctx, "%s:%lld %s '%s' %s\n", file, (long long)line, column ? column : "-",
                  text ? text : "-", reason);
    json_decref(j);
    return PT_OK;
}

void works_rejects(works *w, strbuf *out)
{
    pt_err err = {0};
    char key[8];
    store_be64(key, w->r.load_id);
    assert_ok(
        store_scan(warehouse_store(w->shop->w), TAB_REJECT, (pt_str){key, 8}, false, add_reject, out, &err));
}

void works_expect_rejects(works *w, const char *expected)
{
    strbuf b = {0};
    works_rejects(w, &b);
    assert_string_equal(b.ptr ? b.ptr : "", expected);
    strbuf_free(&b);
}
