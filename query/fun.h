/* fun.h - the function table of the language: how a function or operator is written, found and called.
 *
 * One `fun` describes one overload. Tables are spread over files by subject (fun_set.c, fun_time.c,
 * vba_text.c,
 * ...); each exports one fun_list, and fun_table.c names them all. Completion, HELP and the reference manual
 * are made from the same descriptors.
 *
 * To add a function: write its `apply` (plain functions of scalar values: text, dates, mathematics) or `eval`
 * (everything that sees members, sets or the context) and one line in the table of a file; if the file is
 * new, name its list in fun_table.c. Nothing else has to know; but tests want its words and an example in
 * doc_*.c (`tests/docs/manual.py --bless` then writes docs/mdx/), and its cases in tests/mdx/.
 *
 *     static pt_status len(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out) {...}
 *     static const fun table[] = {
 *         {"Len", SYN_FUNCTION, "i", "S", "characters of a text", .apply = len, .flags = FUN_NULLS},
 *     };
 *     const fun_list fun_vba_text = {table, ARRAY_LEN(table)};
 *
 * Letters of `result` and `args`:
 *     n number   i number that is whole (results only)   S text    b boolean   D date or time   v any value
 *     m member   t tuple   x set   l level   h hierarchy   d dimension   y flag: one of the words in `words`
 *     e an argument left out, as in F(x, , n)
 *     [ ] optional part, may nest     { }... group that repeats, once or more     v... the last letter
 * repeats The binder converts arguments (a member to its value, a hierarchy to its current member, ...), so a
 * function gets exactly what its letters say. Overloads are tried in all files; the cheapest conversions win.
 */
#pragma once

#include "base/arena.h"
#include "base/value.h"
#include "lang/ast.h"

struct eval;
struct node;
struct bind;
union xval;

/* Internal outcomes of evaluation beside the public statuses; they never leave this room.
 * EVAL_ERROR: this cell is an error, its message is in the pt_err. On an axis it fails the statement.
 * EVAL_PENDING: cells are missing; they have been noted, and the pass will be repeated after fetching them.
 */
#define EVAL_ERROR   ((pt_status)1001)
#define EVAL_PENDING ((pt_status)1002)

/* What a plain function gets besides its arguments. */
typedef struct fun_call {
    arena *a;       /* for texts it returns */
    int64_t now_us; /* the statement's time: microseconds since 1970, local civil time */
    pt_err *err; /* return pt_fail(c->err, EVAL_ERROR, "...") for a bad argument: the cell becomes an error */
} fun_call;

/* A function of values alone. `n` arguments were given (optional ones at the end may be missing). By kind:
 *     n: VAL_INT, VAL_DEC (a literal with a point, or a stored sum) or VAL_DOUBLE    S: VAL_TEXT
 *     b: VAL_BOOL    D: VAL_DATE or VAL_TIME    v: any
 * If an argument is null the function is not called and gives null, unless it has FUN_NULLS: then arguments
 * may be VAL_NULL. *out is VAL_NULL on entry. */
typedef pt_status (*fun_apply)(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out);

/* Evaluates its own arguments: n->args (query/eval.h). */
typedef pt_status (*fun_eval)(struct eval *x, const struct node *n, union xval *out);

/* Evaluates its own arguments for many tuples at once (query/eval_rows.h): out[] has a value for each of
 * them. For functions with `eval`; those with `apply` need none. Functions without one are evaluated tuple by
 * tuple.
 */
struct rows;
typedef pt_status (*fun_over)(struct eval *x, const struct node *n, const struct rows *r, pt_value *out);

/* After an overload was chosen: checks what letters cannot say and sets the shape of the result
 * (query/bind.h). */
typedef pt_status (*fun_bind)(struct bind *b, struct node *n);

enum {
    FUN_NULLS = 1,    /* apply: call it with null arguments too */
    FUN_ITERATES = 2, /* arguments after the first set are evaluated in the context of each of its tuples; in
                         formulas the result is remembered */
    FUN_HIDDEN = 4,   /* an alias or internal form: not listed for completion and HELP */
    FUN_VOLATILE = 8, /* the result may change although context and arguments do not */
    FUN_BIG = 16,     /* gives a set whose computation is worth remembering */
    FUN_NULL_IS_ZERO = 64, /* apply: the literal NULL counts as the number 0, as it does in sums */
    FUN_SPARSE = 32, /* keeps, drops or reorders the tuples of its first argument, each by itself: under NON
                        EMPTY  empty tuples of that argument may be left out beforehand */
};

typedef struct fun {
    const char *name; /* as people write it; compared without regard to case */
    ast_syntax syntax;
    const char *result;
    const char *args;
    const char *text; /* one line: what it gives */
    fun_apply apply;  /* either this */
    fun_eval eval;    /* or this */
    fun_over over;    /* with eval: may be NULL */
    fun_bind bind;    /* may be NULL */
    unsigned flags;
    const char *words; /* flags it takes, in upper case, separated by blanks: "ASC DESC BASC BDESC" */
} fun;

typedef struct fun_list {
    const fun *table;
    size_t n;
} fun_list;

/* All lists; the last one has table NULL. */
extern const fun_list *const fun_lists[];
