/* json.c - text and numbers as JSON (RFC 8259). */
#include "base/json.h"

#include <math.h>

#include "base/num.h"
#include "base/utf8.h"

/* The two-character escape of c, 0 if it has none. */
static char short_escape(unsigned char c)
{
    switch (c) {
    case '"': return '"';
    case '\\': return '\\';
    case '\b': return 'b';
    case '\f': return 'f';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    default: return 0;
    }
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

void json_add_string(strbuf *b, pt_str s)
{
    strbuf_addc(b, '"');
    for (size_t at = 0, next; at < s.len; at = next) {
        for (next = at; next < s.len && is_plain((unsigned char)s.ptr[next]);) next++;
        if (next > at) { /* most texts are one such run */
            strbuf_add(b, s.ptr + at, next - at);
            continue;
        }
        unsigned char c = (unsigned char)s.ptr[at];
        uint32_t cp = utf8_decode(s, at, &next);
        char short_form = short_escape(c);
        if (short_form) {
            strbuf_addc(b, '\\');
            strbuf_addc(b, short_form);
        } else if (c < 0x20 || c == 0x7F) {
            strbuf_printf(b, "\\u%04x", c);
        } else {
            char four[4];
            strbuf_add(b, four, utf8_encode(cp, four));
        }
    }
    strbuf_addc(b, '"');
}

void json_add_double(strbuf *b, double f)
{
    if (isfinite(f))
        num_add_double(b, f);
    else
        strbuf_addz(b, "null");
}
