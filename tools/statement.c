/* statement.c - see statement.h. */
#include "tools/statement.h"

#include "base/utf8.h"
#include "tools/interrupt.h"

/* ---- the text ------------------------------------------------------------- */

bool statement_is_blank(const char *text, size_t n)
{
    const char *p = text, *end = text + n;
    while (p < end) {
        bool is_line = end - p >= 2 && ((p[0] == '-' && p[1] == '-') || (p[0] == '/' && p[1] == '/'));
        bool is_block = end - p >= 2 && p[0] == '/' && p[1] == '*';
        if (is_line) {
            while (p < end && *p != '\n') p++;
        } else if (is_block) {
            const char *close = memmem(p + 2, (size_t)(end - p - 2), "*/", 2);
            if (!close) return false; /* not closed: an error to be told */
            p = close + 2;
        } else if (strchr(" \t\r\n;", *p) && *p)
            p++;
        else
            return false;
    }
    return true;
}

/* An error's place counts from its statement (behind the prefix); make it count from the whole text. */
static void shift_place(patron_error *err, const char *text, size_t offset, size_t prefix)
{
    if (err->line == 0) return;
    uint32_t inside = err->start > prefix ? err->start - (uint32_t)prefix : 0;
    uint32_t length = err->end > err->start ? err->end - err->start : 0;
    err->start = (uint32_t)offset + inside;
    err->end = err->start + length;
    size_t line_start = 0;
    err->line = 1;
    for (size_t i = 0; i < err->start; i++)
        if (text[i] == '\n') {
            err->line++;
            line_start = i + 1;
        }
    err->column = 1 + (uint32_t)utf8_count((pt_str){text + line_start, err->start - line_start});
}

static size_t skip_blanks(const char *text)
{
    return strspn(text, " \t\r\n");
}

/* ---- running -------------------------------------------------------------- */

static void echo(const output *o, pt_str statement)
{
    pt_str s = str_trim(statement);
    const char *on = o->app->out.has_color ? "\033[2m" : "", *off = o->app->out.has_color ? "\033[0m" : "";
    fprintf(o->file, "\n%s", on);
    fwrite(s.ptr, 1, s.len, o->file);
    fprintf(o->file, "%s\n\n", off);
}

static int run_one(connection *c, const output *o, const statements *s, size_t offset, pt_str statement)
{
    patron_error err = PATRON_ERROR_INIT;
    strbuf text = {0};
    size_t prefix = s->prefix ? strlen(s->prefix) : 0;
    if (s->prefix) strbuf_addz(&text, s->prefix);
    strbuf_adds(&text, statement);
    if (text.failed) {
        strbuf_free(&text);
        return EXIT_LIMIT;
    }
    if (s->echo) echo(o, statement);
    patron_result *r = patron_execute(c->session, text.ptr, s->params, &err);
    strbuf_free(&text);
    if (!r) {
        shift_place(&err, s->text, offset, prefix);
        return say_failure(c->app, &err, s->where, s->text);
    }
    int status = output_result(o, r);
    patron_result_free(r);
    return status;
}

int statements_run(connection *c, const output *o, const statements *s)
{
    int status = EXIT_OK;
    for (size_t at = 0; s->text[at];) {
        size_t n = patron_statement_length(s->text + at);
        if (n == 0) n = strlen(s->text + at);
        size_t blanks = skip_blanks(s->text + at);
        if (blanks > n) blanks = n;
        pt_str statement = {s->text + at + blanks, n - blanks};
        if (!statement_is_blank(statement.ptr, statement.len)) {
            int one = run_one(c, o, s, at + blanks, statement);
            if (status == EXIT_OK) status = one;
            if (one != EXIT_OK && (!s->keep_going || one == EXIT_CANCELLED)) break;
        }
        at += n;
        if (*interrupt_flag()) return EXIT_CANCELLED;
    }
    return status;
}
