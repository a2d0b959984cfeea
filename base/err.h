/* err.h - how a failure travels: a status code everywhere, a message written where the fact is known.
 *
 * Every function that can fail returns pt_status. The words for people go into a pt_err that the caller
 * owns and passes down; the first failure is the cause, later ones do not overwrite it. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PT_MUST_USE          __attribute__((warn_unused_result))
#define PT_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Append-only: numbers are part of the public API (include/patron.h repeats them as documented names).
 * X(NAME, number, meaning) */
#define PT_STATUS_MAP(X)                                                                                     \
    X(OK, 0, "success")                                                                                      \
    X(NOMEM, 1, "memory budget exhausted")                                                                   \
    X(SYNTAX, 2, "statement text does not parse")                                                            \
    X(NAME, 3, "unknown cube, dimension, hierarchy, level, member, function or other name")                  \
    X(CORRUPT, 4, "stored data fails its checksum or invariants")                                            \
    X(IO, 5, "a file could not be read or written")                                                          \
    X(EXISTS, 6, "an object of that name exists already")                                                    \
    X(TYPE, 7, "wrong type: no function or conversion fits")                                                 \
    X(VALUE, 8, "a value does not fit where it is used")                                                     \
    X(LIMIT, 9, "a limit on time, memory, cells or length was hit")                                          \
    X(CANCELLED, 10, "cancelled on request")                                                                 \
    X(BUSY, 11, "another process holds the write lock")                                                      \
    X(VERSION, 12, "written by a version that this program does not know")                                   \
    X(USAGE, 13, "the call or command line is wrong")                                                        \
    X(DATA, 14, "input data is bad")                                                                         \
    X(DENIED, 15, "not permitted")                                                                           \
    X(UNSUPPORTED, 16, "understood, but not offered")                                                        \
    X(INTERNAL, 17, "a bug in Patron")                                                                       \
    X(DEPENDENT, 18, "other objects depend on it")

typedef enum pt_status {
#define X(name, num, text) PT_##name = num,
    PT_STATUS_MAP(X)
#undef X
} pt_status;

/* Bytes [start, end) of the statement text; {0, 0} means "no place". */
typedef struct pt_span {
    uint32_t start, end;
} pt_span;

enum { PT_ERR_TEXT = 480 };

/* The code of a status as written in messages and JSON: "NAME", "SYNTAX", ... */
const char *pt_status_name(pt_status st);
/* Its one-line meaning. */
const char *pt_status_text(pt_status st);

/* Zero-initialise before use: pt_err err = {0}; */
typedef struct pt_err {
    pt_status code;
    bool has_place; /* `at` means something */
    pt_span at;
    char msg[PT_ERR_TEXT];  /* what, which value; lower case, no full stop */
    char hint[PT_ERR_TEXT]; /* what to do, may be empty */
} pt_err;

/* Record a failure unless one is recorded already, and return `code`. err may be NULL. */
pt_status pt_fail(pt_err *err, pt_status code, const char *fmt, ...) PT_PRINTF(3, 4);
/* The same with a place in the statement text. */
pt_status pt_fail_at(pt_err *err, pt_status code, pt_span at, const char *fmt, ...) PT_PRINTF(4, 5);
/* As pt_fail, with ": " and the text of errno appended. */
pt_status pt_fail_errno(pt_err *err, pt_status code, const char *fmt, ...) PT_PRINTF(3, 4);
/* Add advice to the recorded failure (if it has none yet); returns err's code. */
pt_status pt_hint(pt_err *err, const char *fmt, ...) PT_PRINTF(2, 3);
void pt_err_clear(pt_err *err);

#ifdef __clang_analyzer__
/* The analyzer does not look into err.c: show it that what these return is never PT_OK. */
static inline pt_status pt_not_ok(pt_status st)
{
    if (st == PT_OK) __builtin_unreachable();
    return st;
}
#define pt_fail(...)       pt_not_ok(pt_fail(__VA_ARGS__))
#define pt_fail_at(...)    pt_not_ok(pt_fail_at(__VA_ARGS__))
#define pt_fail_errno(...) pt_not_ok(pt_fail_errno(__VA_ARGS__))
#define pt_hint(...)       pt_not_ok(pt_hint(__VA_ARGS__))
#endif

/* The only macro that may return. For functions that own nothing at that point. */
#define PT_TRY(call)                                                                                         \
    do {                                                                                                     \
        pt_status pt_try_status_ = (call);                                                                   \
        if (pt_try_status_ != PT_OK) return pt_try_status_;                                                  \
    } while (0)

/* Branches that cannot happen: assert in debug builds, still defend in release. */
#ifdef NDEBUG
#define NEVER(x)  (__builtin_expect(!!(x), 0))
#define ALWAYS(x) (__builtin_expect(!!(x), 1))
#else
#include <assert.h>
#define NEVER(x)  ((x) ? (assert(0 && "NEVER: " #x), 1) : 0)
#define ALWAYS(x) ((x) ? 1 : (assert(0 && "ALWAYS: " #x), 0))
#endif

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
