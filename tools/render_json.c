/* render_json.c - tables as JSON. Numbers keep the digits they have: a decimal is never rounded through a
 * double. */
#include "base/json.h"
#include "tools/render.h"

/* Values that JSON takes as they are written. */
static bool is_literal(const table_column *c, const char *value)
{
    if (c->is_number) return render_is_json_number(value);
    return strcmp(c->type, "boolean") == 0 && (strcmp(value, "true") == 0 || strcmp(value, "false") == 0);
}

static void add_value(const table *t, uint64_t row, uint32_t col, strbuf *out)
{
    const char *value = t->value(t->ctx, row, col);
    if (!value) { /* a null, or an error: "#ERR" */
        const char *text = t->text(t->ctx, row, col);
        if (*text)
            json_add_string(out, str_of(text));
        else
            strbuf_addz(out, "null");
    } else if (is_literal(&t->columns[col], value))
        strbuf_addz(out, value);
    else
        json_add_string(out, str_of(value));
}

static void add_columns(const table *t, strbuf *out)
{
    strbuf_addz(out, "\"columns\":[");
    for (uint32_t c = 0; c < t->n_columns; c++) {
        strbuf_addz(out, c > 0 ? ",{\"name\":" : "{\"name\":");
        json_add_string(out, str_of(t->columns[c].name));
        strbuf_printf(out, ",\"type\":\"%s\",\"header\":%s}", t->columns[c].type,
                      t->columns[c].is_header ? "true" : "false");
    }
    strbuf_addz(out, "],\"rows\":[");
}

static void add_row(const table *t, uint64_t row, strbuf *out)
{
    strbuf_addz(out, row > 0 ? ",[" : "[");
    for (uint32_t c = 0; c < t->n_columns; c++) {
        if (c > 0) strbuf_addc(out, ',');
        add_value(t, row, c, out);
    }
    strbuf_addc(out, ']');
}

void render_json_members(const table *t, strbuf *out)
{
    add_columns(t, out);
    for (uint64_t r = 0; r < t->n_rows; r++) add_row(t, r, out);
    strbuf_addc(out, ']');
}

void render_json(const table *t, FILE *out)
{
    strbuf b = {0};
    strbuf_addz(&b, "{\"tag\":");
    json_add_string(&b, str_of(t->tag));
    if (*t->message) {
        strbuf_addz(&b, ",\"message\":");
        json_add_string(&b, str_of(t->message));
    }
    if (t->n_columns > 0) {
        strbuf_addc(&b, ',');
        add_columns(t, &b);
        for (uint64_t r = 0; r < t->n_rows; r++) { /* row by row: large results need no large buffer */
            add_row(t, r, &b);
            fwrite(b.ptr, 1, b.len, out);
            strbuf_clear(&b);
        }
        strbuf_addc(&b, ']');
    }
    strbuf_addz(&b, "}\n");
    fwrite(b.ptr, 1, b.len, out);
    strbuf_free(&b);
}
