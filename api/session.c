/* session.c - one user's settings, session formulas and the cancel flag. */
#include "api/api_int.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

enum { DEFAULT_CELLS = 50 * 1000 * 1000 };

static pt_status set_directory(patron_session *s, const char *dir, pt_err *err)
{
    char path[PATH_MAX];
    if (!realpath(dir, path)) return pt_fail_errno(err, PT_IO, "directory %s", dir);
    s->directory = str_copy(s->a, str_of(path));
    return s->directory.ptr ? PT_OK : arena_fail(s->a, err);
}

patron_session *patron_session_new(patron_db *db, patron_error *err)
{
    pt_err e = {0};
    patron_session *s = mem_alloc(1, sizeof *s);
    if (s) s->a = arena_new(0);
    if (!s || !s->a) {
        mem_free(s);
        pt_fail(&e, PT_NOMEM, "out of memory");
        api_error(&e, (pt_str){0}, err);
        return NULL;
    }
    s->db = db;
    s->memory_bytes = db->options.memory_bytes;
    s->timeout_us = db->options.timeout_ms * 1000;
    s->cells = DEFAULT_CELLS;
    pthread_mutex_init(&s->lock, NULL);
    if (set_directory(s, ".", &e) != PT_OK) s->directory = STR("/");
    return s;
}

void patron_session_free(patron_session *s)
{
    if (!s) return;
    pthread_mutex_destroy(&s->lock);
    mem_free(s->formulas);
    arena_free(s->a);
    mem_free(s);
}

int patron_set_directory(patron_session *s, const char *dir, patron_error *err)
{
    pt_err e = {0};
    return set_directory(s, dir, &e) == PT_OK ? PATRON_OK : api_error(&e, (pt_str){0}, err);
}

/* ---- running and cancelling -------------------------------------------- */

bool session_begin(patron_session *s)
{
    pthread_mutex_lock(&s->lock);
    bool is_free = !s->is_running;
    if (is_free) {
        s->is_running = true;
        atomic_store(&s->cancel, false);
    }
    pthread_mutex_unlock(&s->lock);
    return is_free;
}

void session_end(patron_session *s)
{
    pthread_mutex_lock(&s->lock);
    s->is_running = false;
    pthread_mutex_unlock(&s->lock);
}

void patron_cancel(patron_session *s)
{
    pthread_mutex_lock(&s->lock);
    if (s->is_running) atomic_store(&s->cancel, true);
    pthread_mutex_unlock(&s->lock);
}

limits session_limits(const patron_session *s, arena *a)
{
    const char *spill =
        s->db->spill_directory ? s->db->spill_directory : store_dir(warehouse_store(s->db->wh));
    return (limits){
        .memory_bytes = s->memory_bytes,
        .memory = a ? arena_shared(a) : NULL,
        .cells = s->cells,
        .deadline_us = s->timeout_us ? limits_now_us() + s->timeout_us : 0,
        .threads = s->threads,
        .cancel = &s->cancel,
        .spill_directory = s->no_spill ? NULL : spill,
    };
}

void patron_on_progress(patron_session *s, patron_progress_fn fn, void *ctx)
{
    s->on_progress = fn;
    s->progress_ctx = ctx;
}

void patron_on_notice(patron_session *s, patron_notice_fn fn, void *ctx)
{
    s->on_notice = fn;
    s->notice_ctx = ctx;
}

void session_notice(const patron_session *s, const char *text)
{
    if (s->on_notice) s->on_notice(s->notice_ctx, text);
}

/* ---- session formulas -------------------------------------------------- */

/* The name as written in canonical form, which is what DROP compares. */
static pt_str formula_name(arena *a, const ast *name)
{
    strbuf b = {0};
    ast_print_expr(name, &b);
    pt_str s = b.failed ? (pt_str){0} : str_copy(a, strbuf_str(&b));
    strbuf_free(&b);
    return s;
}

static session_formula *find_formula(patron_session *s, pt_str of_cube, pt_str name)
{
    for (uint32_t i = 0; i < s->n_formulas; i++)
        if (str_eq_fold(s->formulas[i].cube, of_cube) && str_eq_fold(s->formulas[i].name, name))
            return &s->formulas[i];
    return NULL;
}

static session_formula *formula_slot(patron_session *s, pt_err *err)
{
    if (s->n_formulas == s->cap_formulas) {
        uint32_t cap = s->cap_formulas ? s->cap_formulas * 2 : 8;
        session_formula *grown = mem_grow(s->formulas, cap, sizeof *grown);
        if (!grown) {
            pt_fail(err, PT_NOMEM, "out of memory");
            return NULL;
        }
        s->formulas = grown;
        s->cap_formulas = cap;
    }
    return &s->formulas[s->n_formulas++];
}

pt_status session_add_formula(patron_session *s, const ast_stmt *stmt, pt_err *err)
{
    /* Parse the statement again into the session's arena: the caller's tree dies with its statement. */
    strbuf text = {0};
    ast_print(stmt, &text);
    pt_str kept = text.failed ? (pt_str){0} : str_copy(s->a, strbuf_str(&text));
    strbuf_free(&text);
    if (!kept.ptr) return arena_fail(s->a, err);
    ast_stmt *own;
    PT_TRY(parse_statement(kept, s->a, &own, err));
    pt_str name = formula_name(s->a, own->formula->name);
    if (!name.ptr) return arena_fail(s->a, err);
    session_formula *f = find_formula(s, own->name, name);
    if (f && !stmt->or_replace) {
        pt_fail_at(err, PT_EXISTS, stmt->formula->name->at, "this session has " STR_FMT " already",
                   STR_ARG(name));
        return pt_hint(err, "CREATE OR REPLACE SESSION changes it");
    }
    if (!f && !(f = formula_slot(s, err))) return PT_NOMEM;
    *f = (session_formula){own->formula, own->name, name};
    return PT_OK;
}

bool session_drop_formula(patron_session *s, pt_str of_cube, const ast *name)
{
    pt_str text = formula_name(s->a, name);
    session_formula *f = text.ptr ? find_formula(s, of_cube, text) : NULL;
    if (!f) return false;
    size_t behind = (size_t)(s->formulas + s->n_formulas - (f + 1));
    memmove(f, f + 1, behind * sizeof *f);
    s->n_formulas--;
    return true;
}
