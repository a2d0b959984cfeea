/* substitute.c - see substitute.h. */
#include "tools/substitute.h"

static const substitution *find(const substitution *values, size_t n, pt_str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(str_of(values[i].name), name)) return &values[i];
    return NULL;
}

static unsigned line_of(pt_str text, size_t at)
{
    unsigned line = 1;
    for (size_t i = 0; i < at; i++) line += text.ptr[i] == '\n';
    return line;
}

pt_status substitute(pt_str text, const substitution *values, size_t n, strbuf *out, pt_err *err)
{
    size_t copied = 0;
    for (size_t i = 0; i + 1 < text.len; i++) {
        if (text.ptr[i] != '$' || text.ptr[i + 1] != '{') continue;
        if (i > copied && text.ptr[i - 1] == '$') { /* "$${": leave one '$' out */
            strbuf_add(out, text.ptr + copied, i - 1 - copied);
            copied = i;
            continue;
        }
        size_t end = i + 2;
        while (end < text.len && text.ptr[end] != '}' && text.ptr[end] != '\n') end++;
        if (end == text.len || text.ptr[end] == '\n')
            return pt_fail(err, PT_SYNTAX, "line %u: ${ without a closing }", line_of(text, i));
        pt_str name = {text.ptr + i + 2, end - i - 2};
        const substitution *s = find(values, n, name);
        if (!s) {
            pt_fail(err, PT_USAGE, "line %u: ${" STR_FMT "} has no value", line_of(text, i), STR_ARG(name));
            return pt_hint(err, "give one with --set " STR_FMT "=VALUE", STR_ARG(name));
        }
        strbuf_add(out, text.ptr + copied, i - copied);
        strbuf_addz(out, s->value);
        copied = end + 1;
        i = end;
    }
    strbuf_add(out, text.ptr + copied, text.len - copied);
    if (out->failed) return pt_fail(err, PT_NOMEM, "no memory for a script of %zu bytes", text.len);
    return PT_OK;
}
