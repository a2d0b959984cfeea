/* patron.h - Patron as a library: open a warehouse, define, load, query, read the answer.
 *
 * Everything the `patron` command and the server do goes through this header, so an embedding program can do
 * the same. One language comes in through patron_execute(): MDX queries, definitions, loads and session
 * settings.
 *
 * Threads: a patron_db may be used by any number of threads at once. A patron_session is used by one thread
 * at a time, except patron_cancel(), which any thread may call. A patron_result is independent of the session
 * that made it, but for the database: free results and sessions before closing the database.
 *
 * Text is UTF-8 and NUL-terminated on both ways unless a length is given. Pointers received from an object
 * live as long as that object.
 *
 *     patron_error err = PATRON_ERROR_INIT;
 *     patron_db *db = patron_open("shop.db", 0, NULL, &err);
 *     patron_session *s = patron_session_new(db, &err);
 *     patron_result *r = patron_execute(s, "SELECT [Time].[Year].Members ON ROWS FROM [Sales]", NULL, &err);
 *     for (uint64_t row = 0; row < patron_n_rows(r); row++)
 *         for (uint32_t col = 0; col < patron_n_columns(r); col++) puts(patron_text(r, row, col));
 *     patron_result_free(r);
 *     patron_session_free(s);
 *     patron_close(db);
 */
#ifndef PATRON_H
#define PATRON_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PATRON_VERSION "0.1.0"

#if defined(PATRON_BUILDING) && defined(__GNUC__)
#define PATRON_API __attribute__((visibility("default")))
#else
#define PATRON_API
#endif

/* ---- errors ------------------------------------------------------------ */

/* Codes never change their meaning. */
enum {
    PATRON_OK = 0,
    PATRON_NOMEM = 1,
    PATRON_SYNTAX = 2,
    PATRON_NAME = 3,
    PATRON_CORRUPT = 4,
    PATRON_IO = 5,
    PATRON_EXISTS = 6,
    PATRON_TYPE = 7,
    PATRON_VALUE = 8,
    PATRON_LIMIT = 9,
    PATRON_CANCELLED = 10,
    PATRON_BUSY = 11,
    PATRON_NEWER = 12, /* name "VERSION": the directory was written by a newer Patron */
    PATRON_USAGE = 13,
    PATRON_DATA = 14,
    PATRON_DENIED = 15,
    PATRON_UNSUPPORTED = 16,
    PATRON_INTERNAL = 17,
    PATRON_DEPENDENT = 18
};

typedef struct patron_error {
    int code;              /* PATRON_OK: nothing went wrong */
    uint32_t line, column; /* of the place in the statement, from 1 (columns count characters); 0: no place */
    uint32_t start, end;   /* the same in bytes of the text given; start == end == 0: no place */
    char message[480];     /* lower case, no full stop */
    char hint[480];        /* what to do; may be empty */
} patron_error;

#define PATRON_ERROR_INIT                                                                                    \
    {                                                                                                        \
        0, 0, 0, 0, 0, "", ""                                                                                \
    }

/* "NAME", "SYNTAX", ... */
PATRON_API const char *patron_error_name(int code);
/* The message for people: the error, the line of `text` with a caret under the place, the hint. Returns the
 * length that the whole message has; writes at most size - 1 bytes and a NUL. text may be NULL. */
PATRON_API size_t patron_error_print(const patron_error *err, const char *text, char *buf, size_t size);

/* ---- warehouses -------------------------------------------------------- */

typedef struct patron_db patron_db;

typedef struct patron_options {
    unsigned threads;    /* 0: one per processor */
    size_t memory_bytes; /* default limit of a statement; 0: 1 GiB */
    int64_t timeout_ms;  /* default limit of a statement; 0: none */
    const char
        *spill_directory; /* for temporary files of what does not fit into memory; NULL: the warehouse's */
} patron_options;

enum {
    PATRON_READ_ONLY = 1,
    PATRON_CREATE = 2 /* make the warehouse if the directory does not exist or is empty */
};

/* Make an empty warehouse; 0 or the error's code. */
PATRON_API int patron_init(const char *dir, patron_error *err);
/* NULL on error. options may be NULL. */
PATRON_API patron_db *patron_open(const char *dir, unsigned flags, const patron_options *options,
                                  patron_error *err);
PATRON_API void patron_close(patron_db *db); /* NULL is fine */
PATRON_API const char *patron_version(void);

/* ---- sessions ---------------------------------------------------------- */

typedef struct patron_session patron_session;

PATRON_API patron_session *patron_session_new(patron_db *db, patron_error *err);
PATRON_API void patron_session_free(patron_session *s);
/* Stop the statement that runs now, or if none does, nothing. Any thread. */
PATRON_API void patron_cancel(patron_session *s);
/* The directory from which relative paths in definitions count (CREATE SOURCE ... OPTIONS (directory
 * 'data')); kept with the definition as an absolute path. Without a call, the current directory. 0 or the
 * error's code. */
PATRON_API int patron_set_directory(patron_session *s, const char *dir, patron_error *err);

/* Progress of long statements (loads): called from the executing thread a few times a second. done and total
 * count `unit`s ("rows", "bytes"); total 0: unknown. Return non-zero to cancel. */
typedef int (*patron_progress_fn)(void *ctx, const char *phase, uint64_t done, uint64_t total,
                                  const char *unit);
PATRON_API void patron_on_progress(patron_session *s, patron_progress_fn fn, void *ctx);

/* Notices: what a statement wants to tell beside its result ("3 rows rejected"). */
typedef void (*patron_notice_fn)(void *ctx, const char *text);
PATRON_API void patron_on_notice(patron_session *s, patron_notice_fn fn, void *ctx);

/* ---- statements -------------------------------------------------------- */

typedef struct patron_result patron_result;

typedef struct patron_param { /* a value for @name, Parameter("name") or $n ("1", "2", ...) */
    const char *name;
    const char *value; /* text; NULL: null */
    int is_number;
} patron_param;
typedef struct patron_params {
    size_t n;
    const patron_param *items;
} patron_params;

/* Run one statement. NULL on error. params may be NULL. */
PATRON_API patron_result *patron_execute(patron_session *s, const char *text, const patron_params *params,
                                         patron_error *err);
/* Parse and bind without running: the same result without rows or cells (columns are there), for Describe of
 * a prepared statement. */
PATRON_API patron_result *patron_prepare(patron_session *s, const char *text, const patron_params *params,
                                         patron_error *err);
/* Number of distinct $n parameters of a statement (the highest n); -1 on error. */
PATRON_API int patron_count_params(patron_session *s, const char *text, patron_error *err);
/* Run a script of statements; on_result is called after each (result owned by the callee's caller: do not
 * free) and may return non-zero to stop. 0, or the code of the first error, whose place counts from the start
 * of the script. */
typedef int (*patron_script_fn)(void *ctx, const char *statement, const patron_result *result);
PATRON_API int patron_execute_script(patron_session *s, const char *script, patron_script_fn on_result,
                                     void *ctx, patron_error *err);
/* Length in bytes of the first statement of `text` with its semicolon, 0 if no statement is complete yet (an
 * open string, bracket or comment, or no semicolon): for shells that read line by line. */
PATRON_API size_t patron_statement_length(const char *text);

typedef enum patron_kind {
    PATRON_DONE = 0, /* a definition, a setting: nothing but a tag */
    PATRON_ROWS = 1, /* SHOW, DESCRIBE, DRILLTHROUGH, EXPLAIN, LOAD, CHECK */
    PATRON_CELLS = 2 /* SELECT: a cell set, also readable as rows */
} patron_kind;

/* Rows that programs rely on, by column name:
 *   SHOW DEFINITIONS  kind, name, definition: one row per object, in an order in which the definitions, each
 * ended by a semicolon, run as a script that makes the same objects again LOAD              load, read,
 * loaded, rejected, elapsed_us, summary: one row; summary is a JSON object CHECK             object, problem:
 * one row per problem; no row: all is well */
PATRON_API patron_kind patron_result_kind(const patron_result *r);
/* What was done, as in "SELECT", "CREATE DIMENSION", "LOAD". */
PATRON_API const char *patron_tag(const patron_result *r);
/* A sentence for people where there is one ("dimension [Product] created"), else "". */
PATRON_API const char *patron_message(const patron_result *r);
PATRON_API int64_t patron_elapsed_us(const patron_result *r);
PATRON_API void patron_result_free(patron_result *r);

/* Every result as rows. A cell set gives: for each hierarchy of the axes but COLUMNS a column of captions,
 * then one column per COLUMNS position (named by its captions joined by " / "), a row per combination of the
 * further axes' positions. With no axis: one row, one column. */
typedef enum patron_type {
    PATRON_TEXT = 0,
    PATRON_INTEGER = 1,
    PATRON_DECIMAL = 2,
    PATRON_DOUBLE = 3,
    PATRON_BOOLEAN = 4,
    PATRON_DATE = 5,
    PATRON_TIMESTAMP = 6
} patron_type;

PATRON_API uint32_t patron_n_columns(const patron_result *r);
PATRON_API uint64_t patron_n_rows(const patron_result *r);
PATRON_API const char *patron_column_name(const patron_result *r, uint32_t col);
PATRON_API patron_type patron_column_type(const patron_result *r,
                                          uint32_t col); /* of values; captions are TEXT */
/* 1 for columns of captions, 0 for columns of cells; rowsets: 0. */
PATRON_API int patron_column_is_header(const patron_result *r, uint32_t col);
/* Formatted for people ("266,773"); "" for null. */
PATRON_API const char *patron_text(const patron_result *r, uint64_t row, uint32_t col);
/* Plain, for machines ("266773", "565238.13", "1997-01-31"); NULL for null and for cell errors. */
PATRON_API const char *patron_value(const patron_result *r, uint64_t row, uint32_t col);
/* As a number; 0 for null and text. *is_null may be NULL. */
PATRON_API double patron_number(const patron_result *r, uint64_t row, uint32_t col, int *is_null);

/* ---- cell sets --------------------------------------------------------- */

PATRON_API uint32_t patron_n_axes(const patron_result *r);
/* axis < n_axes; PATRON_SLICER for the slicer */
#define PATRON_SLICER UINT32_MAX
PATRON_API const char *patron_axis_name(const patron_result *r, uint32_t axis);
PATRON_API uint32_t patron_axis_positions(const patron_result *r, uint32_t axis);
/* The statement has a slicer: without positions it is an empty set, and no cell has a value. */
PATRON_API int patron_has_slicer(const patron_result *r);
PATRON_API uint32_t patron_axis_hierarchies(const patron_result *r, uint32_t axis);
PATRON_API const char *patron_axis_hierarchy(const patron_result *r, uint32_t axis, uint32_t hierarchy);

typedef struct patron_member {
    const char *unique_name, *caption, *hierarchy, *level;
    uint32_t depth;
    int is_leaf, is_calculated, is_all;
    uint32_t n_properties;
} patron_member;
/* 0, or PATRON_USAGE when out of range. */
PATRON_API int patron_axis_member(const patron_result *r, uint32_t axis, uint32_t position,
                                  uint32_t hierarchy, patron_member *out);
PATRON_API const char *patron_member_property(const patron_result *r, uint32_t axis, uint32_t position,
                                              uint32_t hierarchy, uint32_t property, const char **name);

PATRON_API uint64_t patron_n_cells(const patron_result *r); /* non-empty cells, by rising ordinal */
typedef struct patron_cell {
    uint64_t ordinal;      /* sum of position * product of the sizes of the axes before, axis 0 first */
    const char *value;     /* plain; NULL: null or error */
    int is_number;         /* value reads as a JSON number */
    const char *formatted; /* "#ERR" for errors */
    const char *error;     /* NULL: none */
    const char *style;     /* NULL: none; "style=red" */
} patron_cell;
PATRON_API int patron_cell_at(const patron_result *r, uint64_t index, patron_cell *out);
/* The cell with that ordinal: 0 and *out, or PATRON_NAME when it is empty. */
PATRON_API int patron_cell_by_ordinal(const patron_result *r, uint64_t ordinal, patron_cell *out);

/* ---- loading from programs --------------------------------------------- */

/* Load by mappings, as LOAD does; the result's single row is the JSON summary (column "summary") and the
 * figures. replace: a member's unique name or NULL. mappings: comma-separated names, or NULL for all of
 * `source`, or with both NULL every mapping. force: not 0 to load again what was loaded before, in place of
 * what it brought. */
PATRON_API patron_result *patron_load(patron_session *s, const char *mappings, const char *source,
                                      const char *replace, int force, patron_error *err);

/* ---- watching ---------------------------------------------------------- */

/* Follow the sources of all mappings (or of the comma-separated ones) and load what is new or changed, each
 * change exactly once, until *stop is non-zero, polling every interval_ms. one_pass: look once and return.
 * *stop lets the load under way end; patron_cancel() takes it back whole, to be done again by the next watch,
 * and PATRON_CANCELLED is returned. */
PATRON_API int patron_watch(patron_session *s, const char *mappings, int64_t interval_ms, int one_pass,
                            const volatile int *stop, patron_error *err);

/* ---- help for shells --------------------------------------------------- */

/* Possible continuations of the word that ends at byte `at` of the text: keywords, functions, names of cubes,
 * dimensions, levels, members. Calls fn with each candidate and the byte where the completed word starts. */
typedef void (*patron_complete_fn)(void *ctx, const char *candidate, size_t word_start);
PATRON_API void patron_complete(patron_session *s, const char *text, size_t at, patron_complete_fn fn,
                                void *ctx);

typedef struct patron_topic {                   /* an entry of the reference manual of the language */
    const char *page, *page_title, *page_about; /* "sets", "Sets", what its entries have in common */
    const char *name;                           /* "TopCount"; names that mean the same: "Stdev, Stddev" */
    const char *forms;                          /* one a line: "TopCount(set, number[, value]) -> set" */
    const char *flags;                          /* "ASC, DESC"; this and what follows may be "" */
    const char *meaning, *edges;                /* sentences; edges: of null, empty sets, wrong arguments */
    const char *expressions;                    /* examples that are values, one a line */
    const char *statement;                      /* an example that is a statement */
} patron_topic;
typedef void (*patron_topic_fn)(void *ctx, const patron_topic *topic);
/* Calls fn with the entry of a name, or of every name when it is NULL, in order of pages. Needs no warehouse;
 * the texts live during the call. 0, or PATRON_NAME with the nearest name in the message. */
PATRON_API int patron_manual(const char *name, patron_topic_fn fn, void *ctx, patron_error *err);

#ifdef __cplusplus
}
#endif
#endif
