/* load.c - LOAD statements and patron_watch. */
#include "api/api_int.h"

#include <stdio.h>

/* ---- LOAD -------------------------------------------------------------- */

typedef struct progress_ctx {
    patron_session *session;
    int64_t last_us;
    const char *last_phase;
} progress_ctx;

enum { PROGRESS_INTERVAL_US = 100 * 1000 };

static pt_status on_progress(void *ctx, const char *phase, uint64_t done, uint64_t total, const char *unit)
{
    progress_ctx *p = ctx;
    if (atomic_load(&p->session->cancel)) return PT_CANCELLED;
    int64_t now = limits_now_us();
    if (!p->session->on_progress || (phase == p->last_phase && now - p->last_us < PROGRESS_INTERVAL_US))
        return PT_OK;
    p->last_us = now;
    p->last_phase = phase;
    return p->session->on_progress(p->session->progress_ctx, phase, done, total, unit) ? PT_CANCELLED : PT_OK;
}

static pt_status load_rowset(const load_result *r, arena *a, rowset **out, pt_err *err)
{
    row_builder b;
    pt_value *row;
    PT_TRY(rows_begin(&b, a, "load:i read:i loaded:i rejected:i elapsed_us:i summary:t", err));
    PT_TRY(rows_add(&b, &row, err));
    row[0] = value_int((int64_t)r->load_id);
    row[1] = value_int((int64_t)r->n_read);
    row[2] = value_int((int64_t)r->n_loaded);
    row[3] = value_int((int64_t)r->n_rejected);
    row[4] = value_int(r->elapsed_us);
    row[5] = value_text(r->json);
    *out = b.out;
    return PT_OK;
}

static void notice_rejects(const patron_session *s, const load_result *r)
{
    char text[160];
    if (!r->n_rejected) return;
    snprintf(text, sizeof text, "%llu row%s rejected: SHOW REJECTS OF LOAD %llu tells which and why",
             (unsigned long long)r->n_rejected, r->n_rejected == 1 ? "" : "s",
             (unsigned long long)r->load_id);
    session_notice(s, text);
}

enum { LOCK_WAIT_US = 10 * 1000 * 1000 };

pt_status api_load(patron_session *s, const ast_stmt *stmt, pt_str text, arena *a, rowset **out, pt_err *err)
{
    progress_ctx progress = {.session = s};
    load_options o = {
        .n_mappings = stmt->n_mappings,
        .mappings = stmt->mappings,
        .source = stmt->load_source,
        .replace = stmt->replace,
        .force = stmt->force,
        .text = text,
        .wait_us = LOCK_WAIT_US,
        .limits = session_limits(s, a),
        .progress = on_progress,
        .progress_ctx = &progress,
    };
    load_result r;
    PT_TRY(etl_load(s->db->wh, &o, a, &r, err));
    notice_rejects(s, &r);
    return load_rowset(&r, a, out, err);
}

/* Cuts the next name off a comma-separated list; false at its end. */
static bool next_name(pt_str *rest, pt_str *name)
{
    while (rest->len) {
        const char *comma = memchr(rest->ptr, ',', rest->len);
        size_t n = comma ? (size_t)(comma - rest->ptr) : rest->len;
        *name = str_trim((pt_str){rest->ptr, n});
        n += comma ? 1 : 0;
        *rest = (pt_str){rest->ptr + n, rest->len - n};
        if (name->len) return true;
    }
    return false;
}

static void add_names(strbuf *b, const char *names)
{
    pt_str rest = str_of(names), name;
    for (bool is_first = true; next_name(&rest, &name); is_first = false) {
        if (!is_first) strbuf_addz(b, ", ");
        ast_print_name(name, b);
    }
}

patron_result *patron_load(patron_session *s, const char *mappings, const char *from, const char *replace,
                           int force, patron_error *err)
{
    strbuf b = {0};
    strbuf_addz(&b, "LOAD ");
    if (mappings && *mappings)
        add_names(&b, mappings);
    else
        strbuf_addc(&b, '*');
    if (from && *from) {
        strbuf_addz(&b, " FROM ");
        ast_print_name(str_of(from), &b);
    }
    if (replace && *replace) strbuf_printf(&b, " REPLACE %s", replace);
    if (force) strbuf_addz(&b, " FORCE");
    patron_result *r = NULL;
    if (b.failed) {
        pt_err e = {0};
        pt_fail(&e, PT_NOMEM, "out of memory");
        api_error(&e, (pt_str){0}, err);
    } else {
        r = patron_execute(s, b.ptr, NULL, err);
        if (!r && err)
            err->line = err->column = err->start = err->end = 0; /* the caller wrote no such text */
    }
    strbuf_free(&b);
    return r;
}

/* ---- watching ---------------------------------------------------------- */

static void on_watch_load(void *ctx, const load_result *r)
{
    patron_session *s = ctx;
    char text[200];
    snprintf(text, sizeof text, "load %llu: %llu rows read, %llu loaded, %llu rejected in %.1f s",
             (unsigned long long)r->load_id, (unsigned long long)r->n_read, (unsigned long long)r->n_loaded,
             (unsigned long long)r->n_rejected, (double)r->elapsed_us / 1e6);
    session_notice(s, text);
}

static void on_watch_error(void *ctx, const pt_err *e)
{
    patron_session *s = ctx;
    char text[2 * PT_ERR_TEXT + 64];
    snprintf(text, sizeof text, "error %s: %s%s%s", pt_status_name(e->code), e->msg,
             e->hint[0] ? "; hint: " : "", e->hint);
    session_notice(s, text);
}

/* `out` has room for strlen(names) of them. */
static uint32_t split_names(const char *names, pt_str *out)
{
    uint32_t n = 0;
    pt_str rest = str_of(names);
    while (next_name(&rest, &out[n])) n++;
    return n;
}

int patron_watch(patron_session *s, const char *mappings, int64_t interval_ms, int one_pass,
                 const volatile int *stop, patron_error *err)
{
    pt_err e = {0};
    pt_str *names = mem_alloc(mappings ? strlen(mappings) + 1 : 1, sizeof *names);
    if (!names) {
        pt_fail(&e, PT_NOMEM, "out of memory");
        return api_error(&e, (pt_str){0}, err);
    }
    watch_options o = {
        .n_mappings = mappings ? split_names(mappings, names) : 0,
        .mappings = names,
        .interval_us = interval_ms * 1000,
        .one_pass = one_pass != 0,
        .stop = stop,
        .limits = session_limits(s, NULL),
        .on_load = on_watch_load,
        .on_error = on_watch_error,
        .ctx = s,
    };
    pt_status st = session_begin(s) ? PT_OK : pt_fail(&e, PT_USAGE, "the session runs another statement");
    if (st == PT_OK) {
        st = monitor_watch(s->db->wh, &o, &e);
        session_end(s);
    }
    mem_free(names);
    return st == PT_OK ? PATRON_OK : api_error(&e, (pt_str){0}, err);
}
