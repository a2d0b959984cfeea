/* cases.h - the case files of this directory, read.
 *
 *     # a comment
 *     [TopCount, BottomCount]                       what the cases below are about
 *     normal: TopCount([Geo].[City].Members, 1)     a case: its kind, an expression (further lines are
 * indented),
 *         => {LA}                                   and what it gives, in the same line or an indented one
 *     skip null: why there is no such case
 *     cube Both                                     the cube of the expressions below; [S] at the start of a
 * file
 *
 * What a case gives:
 *     {LA, F/CA}         a set: the captions of its members, those of a tuple joined by /
 *     75, text, "", null, true    a value; numbers to six digits
 *     #ERR part          an error of the cell whose message has that part
 *     error TYPE: part   a failed statement
 * An expression that starts with SELECT or WITH is a whole statement: its cells are given as {USA 75, Canada
 * null}, with rows as {F: USA 15, Canada null | M: ...}. */
#pragma once

#include "base/str.h"

typedef enum case_kind { CASE_NORMAL, CASE_NULL, CASE_EMPTY, CASE_ERROR, CASE_CALC, CASE_KINDS } case_kind;
extern const char *const case_kind_names[CASE_KINDS];

typedef struct mdx_case {
    char *about; /* "TopCount, BottomCount" */
    case_kind kind;
    bool is_skip; /* `expression` is the reason */
    char *cube, *expression, *want, *file;
    unsigned line;
} mdx_case;

typedef struct mdx_cases {
    mdx_case *items;
    size_t n, cap;
} mdx_cases;

/* Adds the cases of a file; fails the test at a line that is none. The path names a folder. */
void cases_read(const char *path, mdx_cases *out);
/* All files of a folder, by name. */
void cases_read_all(const char *dir, mdx_cases *out);
void cases_free(mdx_cases *c);

bool case_is_about(const mdx_case *c, pt_str name);
/* The expression is a SELECT of its own. */
bool case_is_statement(const mdx_case *c);
/* The statement that asks for it: as an axis, or as a calculated measure. Ends with a zero byte. */
void case_statement(const mdx_case *c, bool is_axis, strbuf *out);
