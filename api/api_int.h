/* api_int.h - what the files of this room share: the structs behind the opaque types of include/patron.h. */
#pragma once

#include <pthread.h>

#include "etl/etl.h"
#include "lang/parse.h"
#include "monitor/monitor.h"
#include "patron.h"
#include "query/query.h"

struct patron_db {
    warehouse *wh;
    patron_options options;
    char *spill_directory; /* of the options; NULL: the warehouse's own */
};

typedef struct session_formula {
    const ast_formula *formula; /* in the session's arena */
    pt_str cube, name;
} session_formula;

struct patron_session {
    patron_db *db;
    arena *a;             /* session formulas, directory */
    pthread_mutex_t lock; /* guards is_running */
    bool is_running;
    atomic_bool cancel;
    /* settings */
    size_t memory_bytes;
    uint64_t cells;
    int64_t timeout_us;
    unsigned threads;
    bool no_index, no_cuboid, no_cache, no_sharing, no_spill;
    pt_str directory;
    uint32_t n_formulas, cap_formulas;
    session_formula *formulas;
    patron_progress_fn on_progress;
    void *progress_ctx;
    patron_notice_fn on_notice;
    void *notice_ctx;
};

/* A result owns one arena. All texts below are NUL-terminated and live there. */
struct patron_result {
    arena *a;
    patron_kind kind;
    const char *tag, *message;
    int64_t elapsed_us;
    uint32_t n_columns;
    uint64_t n_rows;
    const char **names;
    patron_type *types;
    /* PATRON_ROWS: the row view itself, [row * n_columns + column] */
    const char **texts, **values; /* values: NULL for null */
    /* PATRON_CELLS */
    const cellset *cells;
    const char **cell_values; /* [cells->n_cells] */
    uint32_t n_headers;       /* columns of captions */
    uint32_t *header_axis, *header_hier;
    const char ***captions; /* [axis][position * n_hiers + hier] */
};

/* ---- error.c ---- */

/* Translate; computes line and column from the text. Returns the code. */
int api_error(const pt_err *from, pt_str text, patron_error *to);

/* ---- session.c ---- */

/* Limits of a statement that starts now and whose memory is that of its arena's budget; a NULL: of no
 * statement. */
limits session_limits(const patron_session *s, arena *a);
bool session_begin(patron_session *s); /* false: another statement runs on this session */
void session_end(patron_session *s);
void session_notice(const patron_session *s, const char *text);
/* CREATE SESSION MEMBER | SET and DROP of one. */
PT_MUST_USE pt_status session_add_formula(patron_session *s, const ast_stmt *stmt, pt_err *err);
bool session_drop_formula(patron_session *s, pt_str of_cube, const ast *name);
/* SET name = value; SHOW of a setting. */
PT_MUST_USE pt_status session_set(patron_session *s, const ast_stmt *stmt, pt_err *err);
PT_MUST_USE pt_status session_show(patron_session *s, pt_str word, pt_span at, arena *a, rowset **out,
                                   pt_err *err);
/* What else than settings there is to show: CUBES, LOADS, ... */
const char *const *session_shown(size_t *n);

/* ---- result.c ---- */

/* Take over `a`. NULL when out of memory (the arena is freed then). */
patron_result *result_done(arena *a, const char *tag, pt_str message);
patron_result *result_rows(arena *a, const char *tag, const rowset *rows);
/* n_threads: of the pool; 0: all. */
patron_result *result_cells(arena *a, const char *tag, const cellset *cells, pool *p, unsigned n_threads);

/* ---- rows.c: building rowsets ---- */

typedef struct row_builder {
    arena *a;
    rowset *out;
    uint64_t cap;
} row_builder;
/* `columns`: "name:type name:type", type t(ext) i(nteger) f(loat) b(oolean) m(oment: timestamp). */
PT_MUST_USE pt_status rows_begin(row_builder *b, arena *a, const char *columns, pt_err *err);
/* A new row of nulls; fill b->out->rows[n_rows - 1]. */
PT_MUST_USE pt_status rows_add(row_builder *b, pt_value **row, pt_err *err);
pt_value rows_text(row_builder *b, pt_str s);

/* ---- show.c, describe.c ---- */
PT_MUST_USE pt_status api_show(patron_session *s, const view *v, const ast_stmt *stmt, arena *a, rowset **out,
                               pt_err *err);
/* The cube that the statement names is not there. */
pt_status api_unknown_cube(const view *v, const ast_stmt *stmt, pt_err *err);
PT_MUST_USE pt_status api_describe(const view *v, const ast_stmt *stmt, arena *a, rowset **out, pt_err *err);
PT_MUST_USE pt_status api_help(pt_str word, pt_span at, arena *a, rowset **out, pt_err *err);

/* ---- cuboids.c ---- */
#define VERIFY_COLUMNS "checked:t result:t"
#define ADVISE_COLUMNS "statement:t rows:i bytes:i answers:t"
PT_MUST_USE pt_status api_show_cuboids(const view *v, const cube *only, row_builder *b, pt_err *err);
PT_MUST_USE pt_status api_refresh(patron_session *s, const view *v, const ast_stmt *stmt, arena *a,
                                  pt_str *message, pt_err *err);
PT_MUST_USE pt_status api_verify(patron_session *s, const view *v, const ast_stmt *stmt, arena *a,
                                 rowset **out, pt_err *err);
PT_MUST_USE pt_status api_advise(patron_session *s, const view *v, const ast_stmt *stmt, arena *a,
                                 rowset **out, pt_err *err);

/* ---- load.c ---- */
PT_MUST_USE pt_status api_load(patron_session *s, const ast_stmt *stmt, pt_str text, arena *a, rowset **out,
                               pt_err *err);
