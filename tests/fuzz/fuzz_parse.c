/* fuzz_parse.c - any bytes as a script: refused with a place inside the text, or parsed into statements whose
 * canonical text parses and prints as itself. */
#include <stdio.h>
#include <stdlib.h>

#include "lang/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BUDGET = 64 << 20 };

static void require(bool holds, const char *what, const strbuf *text)
{
    if (holds) return;
    fprintf(stderr, "%s:\n%s\n", what, text && text->ptr ? text->ptr : "");
    abort();
}

static void check_statement(const ast_stmt *s, arena *a)
{
    strbuf once = {0}, twice = {0};
    ast_stmt *again;
    ast_print(s, &once);
    pt_status st = parse_statement(strbuf_str(&once), a, &again, NULL);
    /* brackets make the text longer */
    bool is_too_much = st == PT_NOMEM || (st == PT_LIMIT && once.len > PARSE_MAX_TEXT);
    require(st == PT_OK || is_too_much, "the printed text is refused", &once);
    if (st == PT_OK) {
        ast_print(again, &twice);
        require(str_eq(strbuf_str(&once), strbuf_str(&twice)), "the printed text prints differently", &once);
    }
    strbuf_free(&once);
    strbuf_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pt_err err = {0};
    ast_stmt **all;
    uint32_t n;
    arena *a = arena_new(BUDGET);
    if (!a) return 0;
    pt_str text = {size ? (const char *)data : "", size};
    if (parse_script(text, a, &all, &n, &err) == PT_OK) {
        for (uint32_t i = 0; i < n; i++) check_statement(all[i], a);
    } else {
        require(err.code != PT_INTERNAL && err.msg[0], "a failure without a reason", NULL);
        require(err.at.start <= err.at.end && err.at.end <= size, "a place outside of the text", NULL);
    }
    arena_free(a);
    return 0;
}
