/* fake_engine.c - an engine of a few lines behind include/patron.h, for tests of the server.
 *
 * It knows, each behind SELECT and with a FROM for form's sake:
 *
 *     SELECT types FROM fake        a row of a value of each type, and one of nulls
 *     SELECT rows 500 FROM fake     that many rows
 *     SELECT params $1, $2 FROM ..  what the parameters were: value/is_number
 *     SELECT sleep FROM fake        runs until it is cancelled
 *     SELECT errors FROM fake       a cell that cannot be computed
 *     SELECT changing FROM fake     a column named by the number of calls
 *     SELECT wrong FROM fake        an error whose place is the word wrong
 *     LOAD anything                 a statement that changes something */
#include "tests/socket/fake_engine.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"

struct patron_db {
    atomic_uint n_calls;
};

struct patron_session {
    patron_db *db;
    atomic_bool is_running, is_cancelled;
    patron_notice_fn on_notice;
    void *notice_ctx;
};

enum { MAX_COLUMNS = 8, TEXT_BYTES = 64 };

struct patron_result {
    patron_kind kind;
    const char *tag;
    uint32_t n_columns;
    uint64_t n_rows;
    bool has_cell_error;
    patron_type types[MAX_COLUMNS];
    char names[MAX_COLUMNS][TEXT_BYTES];
    char values[MAX_COLUMNS]
               [TEXT_BYTES]; /* of the first row, "": null; further rows are nulls but for "rows" */
};

patron_db *fake_db(void)
{
    static patron_db db;
    return &db;
}

/* ---- sessions ---------------------------------------------------------------------- */

const char *patron_version(void)
{
    return PATRON_VERSION;
}

patron_session *patron_session_new(patron_db *db, patron_error *err)
{
    (void)err;
    patron_session *s = mem_alloc(1, sizeof *s);
    if (s) s->db = db;
    return s;
}

void patron_session_free(patron_session *s)
{
    mem_free(s);
}

void patron_cancel(patron_session *s)
{
    if (atomic_load(&s->is_running)) atomic_store(&s->is_cancelled, true);
}

void patron_on_notice(patron_session *s, patron_notice_fn fn, void *ctx)
{
    s->on_notice = fn;
    s->notice_ctx = ctx;
}

int patron_watch(patron_session *s, const char *mappings, int64_t interval_ms, int one_pass,
                 const volatile int *stop, patron_error *err)
{
    (void)mappings, (void)one_pass, (void)err;
    while (!__atomic_load_n(stop, __ATOMIC_RELAXED) && !atomic_load(&s->is_cancelled))
        usleep((useconds_t)interval_ms * 1000);
    return PATRON_OK;
}

/* ---- statements ----------------------------------------------------------------------- */

static patron_result *fail(patron_error *err, int code, const char *text, const char *word,
                           const char *message)
{
    const char *at = word ? strstr(text, word) : NULL;
    *err = (patron_error){.code = code};
    if (at) {
        err->line = 1;
        err->start = (uint32_t)(at - text);
        err->end = err->start + (uint32_t)strlen(word);
    }
    snprintf(err->message, sizeof err->message, "%s", message);
    return NULL;
}

static void column(patron_result *r, const char *name, patron_type type, const char *value)
{
    uint32_t i = r->n_columns++;
    r->types[i] = type;
    snprintf(r->names[i], TEXT_BYTES, "%s", name);
    snprintf(r->values[i], TEXT_BYTES, "%s", value);
}

static void add_types(patron_result *r)
{
    column(r, "text", PATRON_TEXT, "销售");
    column(r, "integer", PATRON_INTEGER, "266773");
    column(r, "decimal", PATRON_DECIMAL, "-565238.13");
    column(r, "double", PATRON_DOUBLE, "0.5");
    column(r, "boolean", PATRON_BOOLEAN, "true");
    column(r, "date", PATRON_DATE, "2000-01-31");
    column(r, "timestamp", PATRON_TIMESTAMP, "2000-01-01 00:00:01");
    r->n_rows = 2;
}

static void add_params(patron_result *r, const patron_params *params)
{
    for (size_t i = 0; params && i < params->n && i < MAX_COLUMNS; i++) {
        char value[TEXT_BYTES];
        const patron_param *p = &params->items[i];
        snprintf(value, sizeof value, "%.40s/%d", p->value ? p->value : "null", p->is_number);
        column(r, p->name, PATRON_TEXT, value);
    }
    r->n_rows = 1;
}

static bool sleep_until_cancelled(patron_session *s)
{
    atomic_store(&s->is_cancelled, false);
    atomic_store(&s->is_running, true);
    for (int i = 0; i < 6000 && !atomic_load(&s->is_cancelled); i++) usleep(10000);
    atomic_store(&s->is_running, false);
    return atomic_load(&s->is_cancelled);
}

static patron_result *fill(patron_session *s, const char *text, const patron_params *params, patron_result *r)
{
    const char *rows = strstr(text, "rows ");
    r->kind = PATRON_CELLS;
    r->tag = "SELECT";
    if (strstr(text, "types")) {
        add_types(r);
    } else if (strstr(text, "params")) {
        add_params(r, params);
    } else if (strstr(text, "changing")) {
        char name[TEXT_BYTES];
        snprintf(name, sizeof name, "call %u", atomic_fetch_add(&s->db->n_calls, 1));
        column(r, name, PATRON_INTEGER, "1");
        r->n_rows = 1;
    } else {
        column(r, "n", PATRON_INTEGER, rows ? "0" : "");
        r->n_rows = rows ? strtoull(rows + 5, NULL, 10) : 1;
        r->has_cell_error = strstr(text, "errors") != NULL;
    }
    return r;
}

patron_result *patron_execute(patron_session *s, const char *text, const patron_params *params,
                              patron_error *err)
{
    if (strstr(text, "wrong")) return fail(err, PATRON_NAME, text, "wrong", "unknown name [wrong]");
    if (strstr(text, "sleep") && sleep_until_cancelled(s))
        return fail(err, PATRON_CANCELLED, text, NULL, "cancelled on request");
    patron_result *r = mem_alloc(1, sizeof *r);
    if (!r) return fail(err, PATRON_NOMEM, text, NULL, "out of memory");
    if (strncasecmp(str_trim(str_of(text)).ptr, "select", 6) == 0) return fill(s, text, params, r);
    r->tag = strstr(text, "LOAD") ? "LOAD" : "SET";
    if (strstr(text, "rejects") && s->on_notice) s->on_notice(s->notice_ctx, "3 rows rejected");
    return r;
}

patron_result *patron_prepare(patron_session *s, const char *text, const patron_params *params,
                              patron_error *err)
{
    return patron_execute(s, text, params, err);
}

int patron_count_params(patron_session *s, const char *text, patron_error *err)
{
    int highest = 0;
    (void)s;
    if (strstr(text, "syntax")) {
        fail(err, PATRON_SYNTAX, text, "syntax", "unexpected word");
        return -1;
    }
    for (const char *p = strchr(text, '$'); p; p = strchr(p + 1, '$'))
        if (atoi(p + 1) > highest) highest = atoi(p + 1);
    return highest;
}

size_t patron_statement_length(const char *text)
{
    const char *end = strchr(text, ';');
    return end ? (size_t)(end - text) + 1 : 0;
}

/* ---- results ------------------------------------------------------------------------------ */

patron_kind patron_result_kind(const patron_result *r)
{
    return r->kind;
}

const char *patron_tag(const patron_result *r)
{
    return r->tag;
}

const char *patron_message(const patron_result *r)
{
    (void)r;
    return "";
}

void patron_result_free(patron_result *r)
{
    mem_free(r);
}

uint32_t patron_n_columns(const patron_result *r)
{
    return r->n_columns;
}

uint64_t patron_n_rows(const patron_result *r)
{
    return r->n_rows;
}

const char *patron_column_name(const patron_result *r, uint32_t col)
{
    return r->names[col];
}

patron_type patron_column_type(const patron_result *r, uint32_t col)
{
    return r->types[col];
}

const char *patron_value(const patron_result *r, uint64_t row, uint32_t col)
{
    if (row > 0 && r->n_columns > 1) return NULL;
    return r->values[col][0] ? r->values[col] : NULL;
}

uint64_t patron_n_cells(const patron_result *r)
{
    return r->has_cell_error ? 1 : 0;
}

int patron_cell_at(const patron_result *r, uint64_t index, patron_cell *out)
{
    (void)r, (void)index;
    *out = (patron_cell){.formatted = "#ERR", .error = "division of text"};
    return PATRON_OK;
}
