/* parse.c - from text to statements: runs the scanner and the grammar. */
#include "base/utf8.h"
#include "lang/grammar.h"
#include "lang/scan_int.h"

_Noreturn void scan_fatal(parse *p)
{
    longjmp(p->fatal, 1);
}

/* Everything that flex allocates it allocates here, before the first token. */
static bool scanner_open(parse *p, yyscan_t *scanner)
{
    if (pt_yylex_init_extra(p, scanner) != 0) {
        *scanner = NULL;
        return false;
    }
    if (setjmp(p->fatal)) return false;
    return pt_yy_scan_bytes(p->text.ptr, (int)p->text.len, *scanner) != NULL;
}

void parse_run(parse *p, int start)
{
    yyscan_t scanner = NULL;
    p->start = start;
    if (!scanner_open(p, &scanner)) {
        pt_fail(&p->err, PT_NOMEM, "out of memory");
    } else if (pt_yyparse(scanner, p) != 0 && p->err.code == PT_OK) {
        pt_fail(&p->err, PT_INTERNAL, "the parser stopped without a reason");
    }
    if (scanner) pt_yylex_destroy(scanner);
}

/* Copies the text, so that the tree does not depend on the caller's. */
static pt_status begin(parse *p, pt_str text, arena *a)
{
    *p = (parse){.a = a};
    if (text.len > PARSE_MAX_TEXT) {
        pt_fail(&p->err, PT_LIMIT, "the text has %zu bytes, at most %d are read at once", text.len,
                PARSE_MAX_TEXT);
        return pt_hint(&p->err, "data belongs into files that a mapping loads");
    }
    size_t valid = utf8_valid_prefix(text);
    if (valid < text.len) {
        pt_span at = {(uint32_t)valid, (uint32_t)valid + 1};
        return PARSE_FAIL(p, PT_SYNTAX, at, "byte 0x%02X is not UTF-8", (unsigned char)text.ptr[valid]);
    }
    p->text = str_copy(a, text);
    return p->text.ptr ? PT_OK : arena_fail(a, &p->err);
}

static pt_status run(parse *p, pt_str text, arena *a, int start, pt_err *err)
{
    if (begin(p, text, a) == PT_OK) parse_run(p, start);
    if (p->err.code != PT_OK && err && err->code == PT_OK) *err = p->err;
    return p->err.code;
}

pt_status parse_statement(pt_str text, arena *a, ast_stmt **out, pt_err *err)
{
    parse p;
    PT_TRY(run(&p, text, a, T_FOR_STATEMENT, err));
    *out = p.stmt;
    return PT_OK;
}

pt_status parse_script(pt_str text, arena *a, ast_stmt ***out, uint32_t *n, pt_err *err)
{
    parse p;
    PT_TRY(run(&p, text, a, T_FOR_SCRIPT, err));
    *out = LIST_ITEMS(ast_stmt *, p.stmts);
    *n = LIST_COUNT(p.stmts);
    return PT_OK;
}

pt_status parse_expression(pt_str text, arena *a, ast **out, pt_err *err)
{
    parse p;
    PT_TRY(run(&p, text, a, T_FOR_EXPRESSION, err));
    *out = p.expr;
    return PT_OK;
}

void text_place(pt_str text, uint32_t at, uint32_t *line, uint32_t *column)
{
    uint32_t first = 0; /* of the line */
    *line = 1;
    if (at > text.len) at = (uint32_t)text.len;
    for (uint32_t i = 0; i < at; i++) {
        if (text.ptr[i] != '\n') continue;
        ++*line;
        first = i + 1;
    }
    *column = 1 + (uint32_t)utf8_count((pt_str){text.ptr + first, at - first});
}
