/* parse.h - text to tree and back. */
#pragma once

#include "lang/ast.h"

enum { PARSE_MAX_TEXT = 1 << 20, PARSE_MAX_DEPTH = 500, PARSE_MAX_AXES = 128 };

/* Parse one statement. A final semicolon is allowed. PT_SYNTAX (with place and the tokens that would fit),
 * PT_LIMIT (text or nesting too large), PT_NOMEM. */
PT_MUST_USE pt_status parse_statement(pt_str text, arena *a, ast_stmt **out, pt_err *err);

/* A script: statements separated by semicolons. `out` gets an array of *n statements; spans count from the
 * start of the whole text. Stops at the first error. */
PT_MUST_USE pt_status parse_script(pt_str text, arena *a, ast_stmt ***out, uint32_t *n, pt_err *err);

/* One expression (for StrToSet, Parameter defaults, stored formulas). */
PT_MUST_USE pt_status parse_expression(pt_str text, arena *a, ast **out, pt_err *err);

/* The statement in canonical text: parse(print(s)) prints the same again. Definitions are laid out over
 * lines, SELECTs on one. */
void ast_print(const ast_stmt *s, strbuf *out);
void ast_print_expr(const ast *e, strbuf *out);
void ast_print_aggregate(const ast_measure *m, strbuf *out); /* SUM(price) WHERE quantity < 25 */
void ast_print_name(pt_str name, strbuf *out);               /* [name], with ] doubled */

/* Line and column (both from 1; columns count code points) of a byte of the text. */
void text_place(pt_str text, uint32_t at, uint32_t *line, uint32_t *column);

/* Reserved words and statement keywords, upper case, sorted; for completion. */
const char *const *lang_keywords(size_t *n);
