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

void render_put_clean(pt_str s, FILE *out)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        bool is_c1 = c == 0xC2 && i + 1 < s.len && (unsigned char)s.ptr[i + 1] < 0xA0; /* U+0080..U+009F */
        if (c == '\t')
            fputc(' ', out);
        else if (c < 0x20 || c == 0x7F)
            fputc('?', out);
        else if (is_c1) {
            fputc('?', out);
            i++;
        } else
            fputc(c, out);
    }
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
