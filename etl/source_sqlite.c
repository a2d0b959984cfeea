/* source_sqlite.c - a SQLite database as a source: tables are its tables and views.
 *
 * The connection is read-only and holds one read transaction from the first use to the close, so that
 * everything read through one source belongs together, whatever other programs write meanwhile. In WAL mode
 * they are not held up; in the older journal modes their commits wait for us, and we wait for theirs
 * (BUSY_MS).
 *
 * This file knows the database: opening it, its tables. sqlite_read.c reads their rows, sqlite_track.c finds
 * those that are new. */
#include "etl/sqlite_int.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/nearest.h"
#include "etl/files.h"

enum { BUSY_MS = 10000 };

/* ---- definition ---------------------------------------------------- */

static const source_option options[] = {
    {.name = "file", .kind = OPTION_PATH, .is_required = true},
    {.name = "track", .kind = OPTION_TEXT},
    {.name = "changed", .kind = OPTION_WORD, .words = "replace append"},
};

static pt_status db_open(const ast_source *def, source **out, pt_err *err)
{
    sqlite_source *s = mem_alloc(1, sizeof *s);
    pt_str path = source_option_text(def, "file", STR(""));
    if (s) s->path = mem_alloc(path.len + 1, 1);
    if (!s || !s->path) {
        mem_free(s);
        return pt_fail(err, PT_NOMEM, "out of memory");
    }
    memcpy(s->path, path.ptr, path.len);
    s->track = source_option_text(def, "track", STR(""));
    s->base.is_tracked = s->track.len > 0;
    s->base.is_transactional = true;
    *out = &s->base;
    return PT_OK;
}

static void db_close(source *base)
{
    sqlite_source *s = (sqlite_source *)base;
    sqlite3_close_v2(s->db);
    mem_free(s->path);
    mem_free(s);
}

/* ---- statements ---------------------------------------------------- */

pt_status sqlite_fail(const sqlite_source *s, pt_str what, pt_err *err)
{
    int rc = sqlite3_errcode(s->db);
    pt_status code = rc == SQLITE_NOMEM ? PT_NOMEM : rc == SQLITE_ERROR ? PT_DATA : PT_IO;
    pt_fail(err, code, "cannot read '" STR_FMT "' of '%s': %s", STR_ARG(what), s->path,
            sqlite3_errmsg(s->db));
    if (rc == SQLITE_BUSY)
        return pt_hint(err, "another program kept the database locked for %d s", BUSY_MS / 1000);
    return code;
}

static pt_status run(sqlite_source *s, const char *sql, pt_err *err)
{
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK
               ? PT_OK
               : sqlite_fail(s, STR("sqlite_schema"), err);
}

/* Open and begin the read transaction: the first SELECT fixes what is seen. */
pt_status sqlite_connect(sqlite_source *s, pt_err *err)
{
    if (s->db) return PT_OK;
    int rc = sqlite3_open_v2(s->path, &s->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc != SQLITE_OK) {
        pt_fail(err, rc == SQLITE_NOMEM ? PT_NOMEM : PT_IO, "cannot open database '%s': %s", s->path,
                s->db ? sqlite3_errmsg(s->db) : "out of memory");
        sqlite3_close_v2(s->db);
        s->db = NULL;
        return rc == SQLITE_NOMEM ? PT_NOMEM : PT_IO;
    }
    sqlite3_busy_timeout(s->db, BUSY_MS);
    pt_status st = run(s, "BEGIN; SELECT count(*) FROM sqlite_schema", err);
    if (st == PT_OK) return PT_OK;
    sqlite3_close_v2(s->db);
    s->db = NULL;
    return st;
}

/* A name in backticks: unlike double quotes, these never turn an unknown name into a text. */
void sqlite_add_name(strbuf *sql, pt_str name)
{
    strbuf_addc(sql, '`');
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '`') strbuf_addc(sql, '`');
        strbuf_addc(sql, name.ptr[i]);
    }
    strbuf_addc(sql, '`');
}

pt_status sqlite_prepare(sqlite_source *s, pt_str table, strbuf *sql, sqlite3_stmt **out, pt_err *err)
{
    pt_status st = PT_OK;
    if (sql->failed || sql->len > INT_MAX)
        st = pt_fail(err, PT_NOMEM, "out of memory");
    else if (sqlite3_prepare_v2(s->db, sql->ptr, (int)sql->len, out, NULL) != SQLITE_OK)
        st = sqlite_fail(s, table, err);
    strbuf_free(sql);
    return st;
}

/* ---- tables -------------------------------------------------------- */

/* Calls fn for the name of every table and view. */
static pt_status each_table(sqlite_source *s, void (*fn)(void *ctx, pt_str name), void *ctx, pt_err *err)
{
    sqlite3_stmt *q = NULL;
    strbuf sql = {0};
    strbuf_addz(&sql, "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY name");
    PT_TRY(sqlite_prepare(s, STR("sqlite_schema"), &sql, &q, err));
    int rc;
    while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(q, 0);
        fn(ctx, str_of(name ? name : ""));
    }
    pt_status st = rc == SQLITE_DONE ? PT_OK : sqlite_fail(s, STR("sqlite_schema"), err);
    sqlite3_finalize(q);
    return st;
}

typedef struct search {
    pt_str want;
    bool is_found;
    nearest near;
    char best[256];
} search;

static void look(void *ctx, pt_str name)
{
    search *x = ctx;
    if (str_eq_fold(name, x->want)) x->is_found = true;
    unsigned before = x->near.distance;
    nearest_offer(&x->near, name);
    if (x->near.distance == before) return;
    snprintf(x->best, sizeof x->best, "%.*s", (int)name.len, name.ptr);
    x->near.best = str_of(x->best);
}

/* Size and times of the database and its log together: they change with every commit. */
static source_stamp stamp_of(const sqlite_source *s)
{
    struct stat st;
    source_stamp stamp = {0};
    if (stat(s->path, &st) == 0) stamp = files_stamp(&st);
    strbuf wal = {0};
    strbuf_printf(&wal, "%s-wal", s->path);
    if (!wal.failed && stat(wal.ptr, &st) == 0) {
        source_stamp log = files_stamp(&st);
        stamp.size_bytes += log.size_bytes;
        if (log.modified_ns > stamp.modified_ns) stamp.modified_ns = log.modified_ns;
        stamp.changed_ns ^= log.changed_ns;
    }
    strbuf_free(&wal);
    return stamp;
}

static pt_status db_parts(source *base, pt_str table, arena *a, source_part **parts, uint32_t *n, pt_err *err)
{
    sqlite_source *s = (sqlite_source *)base;
    source_stamp stamp =
        stamp_of(s); /* before we look inside: a commit meanwhile shows as a change next time */
    PT_TRY(sqlite_connect(s, err));
    search x = {.want = table, .near = nearest_to(table)};
    PT_TRY(each_table(s, look, &x, err));
    if (!x.is_found) return PT_OK;
    *parts = arena_make(a, source_part);
    pt_str name = str_copy(a, table);
    if (!*parts || !name.ptr) return arena_fail(a, err);
    **parts = (source_part){.name = name, .stamp = stamp};
    *n = 1;
    return PT_OK;
}

static pt_status db_fail_missing(source *base, pt_str table, pt_err *err)
{
    sqlite_source *s = (sqlite_source *)base;
    PT_TRY(sqlite_connect(s, err));
    search x = {.want = table, .near = nearest_to(table)};
    PT_TRY(each_table(s, look, &x, err));
    pt_fail(err, PT_IO, "there is no table '" STR_FMT "' in '%s'", STR_ARG(table), s->path);
    nearest_hint(&x.near, err);
    return PT_IO;
}

const source_type source_sqlite = {
    .name = "sqlite",
    .options = options,
    .n_options = ARRAY_LEN(options),
    .open = db_open,
    .close = db_close,
    .parts = db_parts,
    .fail_missing = db_fail_missing,
    .digest = sqlite_digest,
    .read = sqlite_read,
    .reader_close = sqlite_reader_close,
    .position = sqlite_position,
    .finish = sqlite_finish,
    .chunk_new = sqlite_chunk_new,
    .chunk_free = sqlite_chunk_free,
    .fill = sqlite_fill,
    .next = sqlite_next,
};
