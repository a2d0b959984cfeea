/* error.c - failures as programs and people see them: codes, places, carets. */
#include "api/api_int.h"

#include <stdio.h>

#include "base/utf8.h"

const char *patron_error_name(int code)
{
    return pt_status_name((pt_status)code);
}

const char *patron_version(void)
{
    return PATRON_VERSION;
}

int api_error(const pt_err *from, pt_str text, patron_error *to)
{
    int code = from->code == PT_OK ? PATRON_INTERNAL : (int)from->code;
    if (!to) return code;
    *to = (patron_error){.code = code};
    snprintf(to->message, sizeof to->message, "%s",
             from->code == PT_OK ? "failed without a reason" : from->msg);
    snprintf(to->hint, sizeof to->hint, "%s", from->hint);
    if (from->has_place && text.ptr && from->at.start <= text.len) {
        to->start = from->at.start;
        to->end = from->at.end;
        text_place(text, from->at.start, &to->line, &to->column);
    }
    return code;
}

/* The line of `text` that holds byte `at`, without its line end. */
static pt_str line_of(pt_str text, uint32_t at)
{
    size_t start = at, end = at;
    while (start > 0 && text.ptr[start - 1] != '\n') start--;
    while (end < text.len && text.ptr[end] != '\n' && text.ptr[end] != '\r') end++;
    return (pt_str){text.ptr + start, end - start};
}

enum { SHOWN_COLUMNS = 100 };

/* A long line is cut to the neighbourhood of the place; the caret line is padded by display width. */
static void add_caret(strbuf *b, pt_str text, const patron_error *err)
{
    pt_str line = line_of(text, err->start);
    size_t offset = (size_t)(text.ptr + err->start - line.ptr);
    size_t from = 0;
    while (offset - from > SHOWN_COLUMNS * 3 / 4) {
        size_t next;
        utf8_decode(line, from, &next);
        from = next;
    }
    pt_str before = {line.ptr + from, offset - from};
    pt_str shown = utf8_prefix_width((pt_str){line.ptr + from, line.len - from}, SHOWN_COLUMNS);
    size_t marked = err->end > err->start ? err->end - err->start : 1;
    if (offset + marked > line.len) marked = line.len > offset ? line.len - offset : 0;
    size_t width = utf8_width((pt_str){line.ptr + offset, marked});
    size_t pad = utf8_width(before);
    strbuf_addz(b, "\n  ");
    for (size_t i = 0; i < shown.len; i++) strbuf_addc(b, shown.ptr[i] == '\t' ? ' ' : shown.ptr[i]);
    strbuf_addz(b, "\n  ");
    for (size_t i = 0; i < pad; i++) strbuf_addc(b, ' ');
    strbuf_addc(b, '^');
    for (size_t i = 1; i < width && pad + i < SHOWN_COLUMNS; i++) strbuf_addc(b, '~');
}

size_t patron_error_print(const patron_error *err, const char *text, char *buf, size_t size)
{
    strbuf b = {0};
    strbuf_printf(&b, "error %s", patron_error_name(err->code));
    if (err->line) strbuf_printf(&b, " at line %u, column %u", err->line, err->column);
    strbuf_printf(&b, ": %s", err->message);
    pt_str t = str_of(text);
    if (text && err->line && err->start <= t.len) add_caret(&b, t, err);
    if (err->hint[0]) strbuf_printf(&b, "\n  hint: %s", err->hint);
    size_t n = b.len;
    if (size) snprintf(buf, size, "%s", b.ptr ? b.ptr : err->message);
    strbuf_free(&b);
    return n;
}
