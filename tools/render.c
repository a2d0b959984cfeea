/* render.c - what several formats need. */
#include "tools/render.h"

#include <string.h>

static const char *const format_names[] = {"table", "csv", "tsv", "json", "markdown"};

bool render_format_of(const char *name, output_format *out)
{
    if (strcmp(name, "md") == 0) name = "markdown";
    for (size_t i = 0; i < ARRAY_LEN(format_names); i++)
        if (strcmp(name, format_names[i]) == 0) {
            *out = (output_format)i;
            return true;
        }
    return false;
}

const char *render_format_name(output_format f)
{
    return format_names[f];
}

const char *table_plain(const table *t, uint64_t row, uint32_t col)
{
    const char *value = t->value(t->ctx, row, col);
    return value ? value : t->text(t->ctx, row, col);
}

/* Bytes of the control character at p, 0 if there is none: C0, DEL, and C1 (U+0080..U+009F). */
static size_t control_at(const unsigned char *p, size_t n)
{
    if (*p < 0x20 || *p == 0x7F) return 1;
    return *p == 0xC2 && n > 1 && p[1] < 0xA0 ? 2 : 0;
}

void render_put_clean(pt_str s, FILE *out)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    size_t clean = 0; /* bytes before `clean` are written */
    for (size_t i = 0; i < s.len;) {
        size_t n = control_at(p + i, s.len - i);
        if (n == 0) {
            i++;
            continue;
        }
        fwrite(p + clean, 1, i - clean, out);
        putc(p[i] == '\t' ? ' ' : '?', out);
        clean = i += n;
    }
    fwrite(p + clean, 1, s.len - clean, out);
}

void render_put_times(const char *z, uint64_t n, FILE *out)
{
    static const char blanks[] = "                                                                ";
    if (*z == ' ')
        for (; n >= sizeof blanks - 1; n -= sizeof blanks - 1) fwrite(blanks, 1, sizeof blanks - 1, out);
    if (*z == ' ')
        fwrite(blanks, 1, n, out);
    else
        while (n-- > 0) fputs(z, out);
}

bool render_is_json_number(const char *z)
{
    if (*z == '-') z++;
    if (*z == '0')
        z++;
    else if (*z >= '1' && *z <= '9')
        z += strspn(z, "0123456789");
    else
        return false;
    if (*z == '.') {
        size_t n = strspn(z + 1, "0123456789");
        if (n == 0) return false;
        z += 1 + n;
    }
    if (*z == 'e' || *z == 'E') {
        z++;
        if (*z == '+' || *z == '-') z++;
        size_t n = strspn(z, "0123456789");
        if (n == 0) return false;
        z += n;
    }
    return *z == 0;
}
