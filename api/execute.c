/* execute.c - one place decides what a statement is and which room runs it. */
#include "api/api_int.h"

#include <stdio.h>
#include <time.h>

/* ---- environment ------------------------------------------------------- */

static pt_value param_value(const patron_param *p, arena *a)
{
    pt_value v;
    if (!p->value) return value_null();
    pt_str text = str_of(p->value);
    if (p->is_number) {
        if (value_parse(TYPE_INTEGER, 0, text, a, &v, NULL) == PT_OK) return v;
        if (value_parse(TYPE_DOUBLE, 0, text, a, &v, NULL) == PT_OK) return v;
    }
    return value_text(text);
}

static int64_t local_now_us(void)
{
    struct timespec ts;
    struct tm tm;
    clock_gettime(CLOCK_REALTIME, &ts);
    localtime_r(&ts.tv_sec, &tm);
    return ((int64_t)ts.tv_sec + tm.tm_gmtoff) * 1000000 + ts.tv_nsec / 1000;
}

/* A warehouse is called like its directory, without an extension: /data/shop.db is shop. */
static pt_str warehouse_name(const patron_session *s)
{
    pt_str dir = str_of(store_dir(warehouse_store(s->db->wh)));
    while (dir.len > 1 && dir.ptr[dir.len - 1] == '/') dir.len--;
    const char *slash = memrchr(dir.ptr, '/', dir.len);
    if (slash) dir = (pt_str){slash + 1, (size_t)(dir.ptr + dir.len - slash - 1)};
    const char *dot = memrchr(dir.ptr, '.', dir.len);
    if (dot && dot > dir.ptr) dir.len = (size_t)(dot - dir.ptr);
    return dir.len && dir.ptr[0] != '.' ? dir : (pt_str){0};
}

static pt_status make_env(patron_session *s, const view *v, const patron_params *params, arena *a,
                          query_env *env, pt_err *err)
{
    size_t n_params = params ? params->n : 0;
    query_param *bound = arena_array(a, query_param, n_params);
    const ast_formula **formulas = arena_array(a, const ast_formula *, s->n_formulas);
    pt_str *cubes = arena_array(a, pt_str, s->n_formulas);
    if (!bound || !formulas || !cubes) return arena_fail(a, err);
    for (size_t i = 0; i < n_params; i++)
        bound[i] = (query_param){str_of(params->items[i].name), param_value(&params->items[i], a)};
    for (uint32_t i = 0; i < s->n_formulas; i++) {
        formulas[i] = s->formulas[i].formula;
        cubes[i] = s->formulas[i].cube;
    }
    *env = (query_env){
        .view = v,
        .pool = warehouse_pool(s->db->wh),
        .limits = session_limits(s, a),
        .no_index = s->no_index,
        .no_cuboid = s->no_cuboid,
        .no_cache = s->no_cache,
        .no_sharing = s->no_sharing,
        .n_params = (uint32_t)n_params,
        .params = bound,
        .n_session = s->n_formulas,
        .session = formulas,
        .session_cubes = cubes,
        .warehouse = warehouse_name(s),
        .now_us = local_now_us(),
    };
    return PT_OK;
}

/* ---- what a statement gives -------------------------------------------- */

typedef struct outcome {
    const char *tag;
    const rowset *rows;   /* or */
    const cellset *cells; /* or neither: */
    pt_str message;
    view view; /* rows may point into it, so it is kept until the result is built */
    bool has_view;
} outcome;

static const char *object_word(object_kind k)
{
    switch (k) {
    case OBJ_DIMENSION: return "dimension";
    case OBJ_CUBE: return "cube";
    case OBJ_SOURCE: return "source";
    case OBJ_MAPPING: return "mapping";
    case OBJ_MEMBER: return "member";
    case OBJ_SET: return "set";
    case OBJ_HIERARCHY: return "hierarchy";
    case OBJ_LEVEL: return "level";
    case OBJ_MEASURE: return "measure";
    case OBJ_ATTRIBUTE: return "attribute";
    case OBJ_CUBOID: return "cuboid";
    case OBJ_NONE:
    case OBJ_LOAD:
    case OBJ_SEGMENT:
    case OBJ_REJECT:
    case OBJ_LIMIT: break;
    }
    return "object";
}

static const char *result_word(define_result r)
{
    switch (r) {
    case DEFINE_CREATED: return "created";
    case DEFINE_CHANGED: return "changed";
    case DEFINE_UNCHANGED: return "unchanged";
    case DEFINE_DROPPED: return "dropped";
    }
    return "";
}

static pt_str formula_text(const ast *name, arena *a)
{
    strbuf b = {0};
    ast_print_expr(name, &b);
    pt_str s = str_copy(a, strbuf_str(&b));
    strbuf_free(&b);
    return s;
}

/* Kind and name of what a definition statement defines. */
static void defined_object(const ast_stmt *s, arena *a, const char **tag, object_kind *kind, pt_str *name)
{
    *tag = "CREATE";
    *kind = s->object;
    *name = s->name;
    if (s->kind == STMT_CREATE_DIMENSION || s->kind == STMT_ALTER_DIMENSION) {
        *tag = s->kind == STMT_ALTER_DIMENSION ? "ALTER DIMENSION" : "CREATE DIMENSION";
        *kind = OBJ_DIMENSION;
        *name = s->dimension->name;
    } else if (s->kind == STMT_CREATE_CUBE || s->kind == STMT_ALTER_CUBE) {
        *tag = s->kind == STMT_ALTER_CUBE ? "ALTER CUBE" : "CREATE CUBE";
        *kind = OBJ_CUBE;
        *name = s->cube_def->name;
    } else if (s->kind == STMT_CREATE_SOURCE) {
        *tag = "CREATE SOURCE";
        *kind = OBJ_SOURCE;
        *name = s->source->name;
    } else if (s->kind == STMT_CREATE_MAPPING) {
        *tag = "CREATE MAPPING";
        *kind = OBJ_MAPPING;
        *name = s->mapping->name;
    } else if (s->kind == STMT_CREATE_CUBOID) {
        *tag = "CREATE CUBOID";
        *kind = OBJ_CUBOID;
        *name = s->cuboid->name;
    } else if (s->kind == STMT_CREATE_FORMULA) {
        *tag = s->formula->is_set ? "CREATE SET" : "CREATE MEMBER";
        *kind = s->formula->is_set ? OBJ_SET : OBJ_MEMBER;
        *name = formula_text(s->formula->name, a);
    } else if (s->kind == STMT_DROP) {
        *tag = "DROP";
        if (s->n_items) *name = formula_text(s->items[0], a);
    }
}

static pt_status defined(const ast_stmt *s, define_result result, arena *a, outcome *out, pt_err *err)
{
    object_kind kind;
    pt_str name;
    defined_object(s, a, &out->tag, &kind, &name);
    const char *quote = name.len && name.ptr[0] == '[' ? "" : "[";
    out->message = str_printf(a, "%s %s" STR_FMT "%s %s", object_word(kind), quote, STR_ARG(name),
                              *quote ? "]" : "", result_word(result));
    return out->message.ptr ? PT_OK : arena_fail(a, err);
}

static pt_status run_formula(patron_session *s, const query_env *env, const ast_stmt *stmt, pt_str text,
                             arena *a, outcome *out, pt_err *err)
{
    define_result result = DEFINE_CREATED;
    PT_TRY(query_check_formula(env, stmt->name, stmt->name_at, stmt->formula, text, a, err));
    if (stmt->is_session)
        PT_TRY(session_add_formula(s, stmt, err));
    else
        PT_TRY(define_run(s->db->wh, stmt, text, &result, err));
    return defined(stmt, result, a, out, err);
}

/* Formulas of a cube are checked by binding them, which needs the cube: so after it is there. A cube whose
 * formulas do not bind stays defined, as its data does not depend on them; the error says which formula to
 * mend. */
static pt_status check_cube_formulas(patron_session *s, const ast_stmt *stmt, pt_str text, arena *a,
                                     pt_err *err)
{
    view v;
    query_env env;
    PT_TRY(warehouse_view(s->db->wh, &v, err));
    pt_status st = make_env(s, &v, NULL, a, &env, err);
    const ast_cube *c = stmt->cube_def;
    for (uint32_t i = 0; i < c->n_formulas && st == PT_OK; i++)
        if (c->formulas[i].body)
            st = query_check_formula(&env, c->name, stmt->name_at, &c->formulas[i], text, a, err);
    view_put(&v);
    return st == PT_OK ? st
                       : pt_hint(err, "the cube was stored; mend the formula and run CREATE OR REPLACE CUBE");
}

static pt_status run_definition(patron_session *s, const ast_stmt *stmt, pt_str text, arena *a, outcome *out,
                                pt_err *err)
{
    define_result result;
    if (stmt->kind == STMT_CREATE_SOURCE || stmt->kind == STMT_CREATE_MAPPING)
        PT_TRY(etl_define(s->db->wh, stmt, text, s->directory, &result, err));
    else
        PT_TRY(define_run(s->db->wh, stmt, text, &result, err));
    if (stmt->cube_def) PT_TRY(check_cube_formulas(s, stmt, text, a, err));
    return defined(stmt, result, a, out, err);
}

static pt_status run_drop(patron_session *s, const ast_stmt *stmt, pt_str text, arena *a, outcome *out,
                          pt_err *err)
{
    if (stmt->n_items && session_drop_formula(s, stmt->name, stmt->items[0]))
        return defined(stmt, DEFINE_DROPPED, a, out, err);
    if (stmt->is_session && !stmt->if_exists)
        return pt_fail_at(err, PT_NAME, stmt->items[0]->at, "this session has no %s of that name",
                          object_word(stmt->object));
    if (stmt->is_session) return defined(stmt, DEFINE_UNCHANGED, a, out, err);
    return run_definition(s, stmt, text, a, out, err);
}

/* ---- maintenance ------------------------------------------------------- */

typedef struct check_ctx {
    row_builder rows;
    pt_err *err;
    pt_status st;
} check_ctx;

static void on_check(void *ctx, bool is_error, const char *line)
{
    check_ctx *c = ctx;
    pt_value *row;
    if (!is_error || c->st != PT_OK) return;
    c->st = rows_add(&c->rows, &row, c->err);
    if (c->st != PT_OK) return;
    const char *colon = strstr(line, ": ");
    row[0] = rows_text(&c->rows, colon ? (pt_str){line, (size_t)(colon - line)} : STR("warehouse"));
    row[1] = rows_text(&c->rows, str_of(colon ? colon + 2 : line));
}

static pt_status run_check(patron_session *s, arena *a, outcome *out, pt_err *err)
{
    check_ctx c = {.err = err, .st = PT_OK};
    pt_err found = {0};
    PT_TRY(rows_begin(&c.rows, a, "object:t problem:t", err));
    pt_status st = store_check(warehouse_store(s->db->wh), on_check, &c, &found);
    if (c.st != PT_OK) return c.st;
    if (st != PT_OK && c.rows.out->n_rows == 0) return pt_fail(err, st, "%s", found.msg);
    out->tag = "CHECK";
    out->rows = c.rows.out;
    return PT_OK;
}

static pt_status run_compact(patron_session *s, const view *v, const ast_stmt *stmt, arena *a, outcome *out,
                             pt_err *err)
{
    uint32_t total = 0;
    const cube *only = stmt->name.len ? schema_cube(v->schema, stmt->name) : NULL;
    if (stmt->name.len && !only) return api_unknown_cube(v, stmt, err);
    for (uint32_t i = 0; i < schema_n_cubes(v->schema); i++) {
        const cube *c = schema_cube_at(v->schema, i);
        uint32_t n = 0;
        if (c->is_virtual || (only && only != c)) continue;
        PT_TRY(warehouse_compact(s->db->wh, c, &n, err));
        total += n;
    }
    out->tag = "COMPACT";
    out->message = str_printf(a, "%u segments merged", total);
    return out->message.ptr ? PT_OK : arena_fail(a, err);
}

/* Every statement sees all that has been loaded before it, so there is nothing to renew; front ends that were
 * written for servers with caches send this all the same. */
static pt_status run_refresh(const view *v, const ast_stmt *stmt, arena *a, outcome *out, pt_err *err)
{
    if (!schema_cube(v->schema, stmt->name)) return api_unknown_cube(v, stmt, err);
    out->tag = "REFRESH CUBE";
    out->message = str_printf(a, "cube [" STR_FMT "] is up to date", STR_ARG(stmt->name));
    return out->message.ptr ? PT_OK : arena_fail(a, err);
}

/* ---- dispatch ---------------------------------------------------------- */

static pt_status run_select(const query_env *env, const ast_stmt *stmt, pt_str text, arena *a, outcome *out,
                            pt_err *err)
{
    cellset *cells;
    query_stats stats = {0};
    PT_TRY(query_select(env, stmt->select, text, a, &cells, &stats, err));
    out->tag = "SELECT";
    out->cells = cells;
    return PT_OK;
}

static pt_status run_on_view(patron_session *s, const query_env *env, const ast_stmt *stmt, pt_str text,
                             arena *a, outcome *out, pt_err *err)
{
    if (stmt->kind == STMT_SELECT) return run_select(env, stmt, text, a, out, err);
    if (stmt->kind == STMT_CREATE_FORMULA) return run_formula(s, env, stmt, text, a, out, err);
    if (stmt->kind == STMT_COMPACT) return run_compact(s, env->view, stmt, a, out, err);
    if (stmt->kind == STMT_REFRESH && stmt->object == OBJ_CUBE)
        return run_refresh(env->view, stmt, a, out, err);
    if (stmt->kind == STMT_REFRESH) {
        out->tag = "REFRESH";
        return api_refresh(s, env->view, stmt, a, &out->message, err);
    }
    rowset *rows = NULL;
    pt_status st;
    if (stmt->kind == STMT_DRILLTHROUGH) {
        out->tag = "DRILLTHROUGH";
        st = query_drillthrough(env, stmt, text, a, &rows, err);
    } else if (stmt->kind == STMT_EXPLAIN) {
        out->tag = "EXPLAIN";
        st = query_explain(env, stmt, text, a, &rows, err);
    } else if (stmt->kind == STMT_VERIFY) {
        out->tag = "VERIFY";
        st = api_verify(s, env->view, stmt, a, &rows, err);
    } else if (stmt->kind == STMT_ADVISE) {
        out->tag = "ADVISE";
        st = api_advise(s, env->view, stmt, a, &rows, err);
    } else if (stmt->kind == STMT_SHOW) {
        out->tag = "SHOW";
        st = api_show(s, env->view, stmt, a, &rows, err);
    } else {
        out->tag = "DESCRIBE";
        st = api_describe(env->view, stmt, a, &rows, err);
    }
    out->rows = rows;
    return st;
}

static pt_status with_view(patron_session *s, const ast_stmt *stmt, pt_str text, const patron_params *params,
                           arena *a, outcome *out, pt_err *err)
{
    query_env env;
    PT_TRY(warehouse_view(s->db->wh, &out->view, err));
    out->has_view = true;
    PT_TRY(make_env(s, &out->view, params, a, &env, err));
    return run_on_view(s, &env, stmt, text, a, out, err);
}

/* What stands behind HELP, as it is written. */
static pt_str help_name(const ast_stmt *stmt, pt_str text, pt_span *at)
{
    pt_str said = {text.ptr + stmt->at.start, stmt->at.end - stmt->at.start};
    pt_str name = str_trim((pt_str){said.ptr + strlen("HELP"), said.len - strlen("HELP")});
    uint32_t start = (uint32_t)(name.ptr - text.ptr);
    *at = (pt_span){start, start + (uint32_t)name.len};
    return name;
}

static pt_status run(patron_session *s, const ast_stmt *stmt, pt_str text, const patron_params *params,
                     arena *a, outcome *out, pt_err *err)
{
    rowset *rows = NULL;
    pt_status st;
    pt_span at;
    switch (stmt->kind) {
    case STMT_EMPTY: return PT_OK;
    case STMT_CREATE_DIMENSION:
    case STMT_CREATE_CUBE:
    case STMT_CREATE_SOURCE:
    case STMT_CREATE_MAPPING:
    case STMT_CREATE_CUBOID:
    case STMT_ALTER_DIMENSION:
    case STMT_ALTER_CUBE: return run_definition(s, stmt, text, a, out, err);
    case STMT_DROP: return run_drop(s, stmt, text, a, out, err);
    case STMT_CHECK: return run_check(s, a, out, err);
    case STMT_SET: out->tag = "SET"; return session_set(s, stmt, err);
    case STMT_TRANSACTION:
        /* Every statement is a transaction of its own: the words are accepted for clients that send them. */
        out->tag = stmt->word.ptr ? arena_dup(a, stmt->word.ptr, stmt->word.len) : "COMMIT";
        return PT_OK;
    case STMT_LOAD:
        out->tag = "LOAD";
        st = api_load(s, stmt, text, a, &rows, err);
        break;
    case STMT_HELP:
        out->tag = "HELP";
        st = api_help(help_name(stmt, text, &at), at, a, &rows, err);
        break;
    case STMT_SELECT:
    case STMT_DRILLTHROUGH:
    case STMT_EXPLAIN:
    case STMT_CREATE_FORMULA:
    case STMT_SHOW:
    case STMT_DESCRIBE:
    case STMT_REFRESH:
    case STMT_ADVISE:
    case STMT_VERIFY:
    case STMT_COMPACT: return with_view(s, stmt, text, params, a, out, err);
    }
    out->rows = rows;
    return st;
}

/* Builds the result; takes over the arena. */
static patron_result *finish(const patron_session *s, arena *a, const outcome *o, pt_span at, pt_err *err)
{
    pool *p = warehouse_pool(s->db->wh);
    patron_result *r = o->cells  ? result_cells(a, o->tag, o->cells, p, s->threads)
                       : o->rows ? result_rows(a, o->tag, o->rows)
                                 : result_done(a, o->tag, o->message);
    if (!r) pt_fail_at(err, PT_NOMEM, at, "the result does not fit into the memory limit of the statement");
    return r;
}

static patron_result *execute(patron_session *s, const ast_stmt *parsed, pt_str text,
                              const patron_params *params, pt_err *err)
{
    int64_t start = limits_now_us();
    arena *a = arena_new_shared(s->memory_bytes);
    if (!a) {
        pt_fail(err, PT_NOMEM, "out of memory");
        return NULL;
    }
    ast_stmt *own = NULL;
    outcome o = {.tag = ""};
    pt_status st = parsed ? PT_OK : parse_statement(text, a, &own, err);
    if (st == PT_OK) st = run(s, parsed ? parsed : own, text, params, a, &o, err);
    patron_result *r = NULL;
    if (st == PT_OK)
        r = finish(s, a, &o, (parsed ? parsed : own)->at, err);
    else
        arena_free(a);
    if (o.has_view) view_put(&o.view);
    if (r) r->elapsed_us = limits_now_us() - start;
    return r;
}

patron_result *patron_execute(patron_session *s, const char *text, const patron_params *params,
                              patron_error *err)
{
    pt_err e = {0};
    patron_result *r = NULL;
    if (!session_begin(s)) {
        pt_fail(&e, PT_USAGE, "the session runs another statement");
    } else {
        r = execute(s, NULL, str_of(text), params, &e);
        session_end(s);
    }
    if (!r) api_error(&e, str_of(text), err);
    return r;
}

/* ---- preparing --------------------------------------------------------- */

static bool only_reads(const ast_stmt *s)
{
    static const stmt_kind reading[] = {STMT_SELECT, STMT_DRILLTHROUGH, STMT_EXPLAIN,
                                        STMT_SHOW,   STMT_DESCRIBE,     STMT_HELP};
    for (size_t i = 0; i < ARRAY_LEN(reading); i++)
        if (s->kind == reading[i]) return true;
    return false;
}

/* Columns that LOAD and CHECK will have, without running them. */
static patron_result *empty_result(const ast_stmt *stmt, arena *a, pt_err *err)
{
    row_builder b;
    const char *columns = stmt->kind == STMT_LOAD ? "load:i read:i loaded:i rejected:i elapsed_us:i summary:t"
                          : stmt->kind == STMT_CHECK  ? "object:t problem:t"
                          : stmt->kind == STMT_VERIFY ? VERIFY_COLUMNS
                          : stmt->kind == STMT_ADVISE ? ADVISE_COLUMNS
                                                      : NULL;
    if (!columns) return result_done(a, "", STR(""));
    if (rows_begin(&b, a, columns, err) != PT_OK) {
        arena_free(a);
        return NULL;
    }
    return result_rows(a, "", b.out);
}

patron_result *patron_prepare(patron_session *s, const char *text, const patron_params *params,
                              patron_error *err)
{
    pt_err e = {0};
    ast_stmt *stmt;
    arena *a = arena_new_shared(s->memory_bytes);
    patron_result *r = NULL;
    if (!a) {
        pt_fail(&e, PT_NOMEM, "out of memory");
    } else if (parse_statement(str_of(text), a, &stmt, &e) != PT_OK) {
        arena_free(a);
    } else if (!only_reads(stmt)) {
        r = empty_result(stmt, a, &e);
    } else {
        /* The columns of a query are the positions of its first axis, which only running it tells. */
        arena_free(a);
        if ((r = patron_execute(s, text, params, err)) != NULL) r->n_rows = 0;
        return r;
    }
    if (!r) api_error(&e, str_of(text), err);
    return r;
}

static int highest_param(const ast *e)
{
    int highest = 0;
    if (!e) return 0;
    if (e->kind == AST_PARAM) {
        pt_value v;
        if (value_parse(TYPE_INTEGER, 0, e->text, NULL, &v, NULL) == PT_OK && v.i > 0 && v.i < 65536)
            highest = (int)v.i;
    }
    for (uint32_t i = 0; e->kind == AST_CALL && i < e->n; i++) {
        int n = highest_param(e->args[i]);
        if (n > highest) highest = n;
    }
    return highest;
}

static int highest_in_select(const ast_select *sel)
{
    int highest = 0, n;
    for (; sel; sel = sel->subselect) {
        for (uint32_t i = 0; i < sel->n_formulas; i++)
            if ((n = highest_param(sel->formulas[i].body)) > highest) highest = n;
        for (uint32_t i = 0; i < sel->n_axes; i++)
            if ((n = highest_param(sel->axes[i].set)) > highest) highest = n;
        if ((n = highest_param(sel->slicer)) > highest) highest = n;
    }
    return highest;
}

int patron_count_params(patron_session *s, const char *text, patron_error *err)
{
    pt_err e = {0};
    ast_stmt *stmt;
    arena *a = arena_new_shared(s->memory_bytes);
    if (!a) {
        pt_fail(&e, PT_NOMEM, "out of memory");
        api_error(&e, (pt_str){0}, err);
        return -1;
    }
    int n = -1;
    if (parse_statement(str_of(text), a, &stmt, &e) == PT_OK)
        n = highest_in_select(stmt->select);
    else
        api_error(&e, str_of(text), err);
    arena_free(a);
    return n;
}

/* ---- scripts ----------------------------------------------------------- */

static pt_status run_script(patron_session *s, pt_str text, patron_script_fn on_result, void *ctx, arena *a,
                            pt_err *err)
{
    ast_stmt **stmts;
    uint32_t n;
    PT_TRY(parse_script(text, a, &stmts, &n, err));
    for (uint32_t i = 0; i < n; i++) {
        if (stmts[i]->kind == STMT_EMPTY) continue;
        patron_result *r = execute(s, stmts[i], text, NULL, err);
        if (!r) return err->code;
        char *statement = arena_dup(a, text.ptr + stmts[i]->at.start, stmts[i]->at.end - stmts[i]->at.start);
        int stop = statement && on_result ? on_result(ctx, statement, r) : 0;
        patron_result_free(r);
        if (!statement) return arena_fail(a, err);
        if (stop) break;
    }
    return PT_OK;
}

int patron_execute_script(patron_session *s, const char *script, patron_script_fn on_result, void *ctx,
                          patron_error *err)
{
    pt_err e = {0};
    if (!session_begin(s)) {
        pt_fail(&e, PT_USAGE, "the session runs another statement");
        return api_error(&e, (pt_str){0}, err);
    }
    arena *a = arena_new(0);
    pt_status st =
        a ? run_script(s, str_of(script), on_result, ctx, a, &e) : pt_fail(&e, PT_NOMEM, "out of memory");
    arena_free(a);
    session_end(s);
    return st == PT_OK ? PATRON_OK : api_error(&e, str_of(script), err);
}
