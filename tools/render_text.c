/* render_text.c - CSV, TSV and Markdown. */
#include "tools/render.h"

/* ---- CSV ------------------------------------------------------------------ */

static void put_csv(const char *z, FILE *out)
{
    bool is_plain = *z && !strpbrk(z, ",\"\r\n");
    if (is_plain) {
        fputs(z, out);
        return;
    }
    fputc('"', out);
    for (; *z; z++) {
        if (*z == '"') fputc('"', out);
        fputc(*z, out);
    }
    fputc('"', out);
}

/* NULL where the field stays empty: a null. */
static const char *field(const table *t, uint64_t row, uint32_t col)
{
    const char *value = t->value(t->ctx, row, col);
    if (value) return value;
    const char *text = t->text(t->ctx, row, col);
    return *text ? text : NULL;
}

void render_csv(const table *t, bool has_header, FILE *out)
{
    for (uint32_t c = 0; has_header && c < t->n_columns; c++) {
        if (c > 0) fputc(',', out);
        put_csv(t->columns[c].name, out);
    }
    if (has_header) fputc('\n', out);
    for (uint64_t r = 0; r < t->n_rows; r++) {
        for (uint32_t c = 0; c < t->n_columns; c++) {
            const char *z = field(t, r, c);
            if (c > 0) fputc(',', out);
            if (z) put_csv(z, out);
        }
        fputc('\n', out);
    }
}

/* ---- TSV ------------------------------------------------------------------ */

static void put_tsv(const char *z, FILE *out)
{
    for (; *z; z++) switch (*z) {
        case '\t': fputs("\\t", out); break;
        case '\n': fputs("\\n", out); break;
        case '\r': fputs("\\r", out); break;
        case '\\': fputs("\\\\", out); break;
        default: fputc(*z, out);
        }
}

void render_tsv(const table *t, bool has_header, FILE *out)
{
    for (uint32_t c = 0; has_header && c < t->n_columns; c++) {
        if (c > 0) fputc('\t', out);
        put_tsv(t->columns[c].name, out);
    }
    if (has_header) fputc('\n', out);
    for (uint64_t r = 0; r < t->n_rows; r++) {
        for (uint32_t c = 0; c < t->n_columns; c++) {
            if (c > 0) fputc('\t', out);
            put_tsv(table_plain(t, r, c), out);
        }
        fputc('\n', out);
    }
}

/* ---- Markdown ------------------------------------------------------------- */

static void put_markdown(const char *z, FILE *out)
{
    for (; *z; z++) switch (*z) {
        case '\n': fputs("<br>", out); break;
        case '\r': break;
        case '|':
        case '\\':
        case '*':
        case '_':
        case '`':
        case '<':
        case '[':
            fputc('\\', out);
            fputc(*z, out);
            break;
        default: fputc(*z, out);
        }
}

void render_markdown(const table *t, FILE *out)
{
    for (uint32_t c = 0; c < t->n_columns; c++) {
        fputs(c == 0 ? "| " : " | ", out);
        put_markdown(t->columns[c].name, out);
    }
    fputs(" |\n", out);
    for (uint32_t c = 0; c < t->n_columns; c++) {
        fputs(c == 0 ? "| " : " | ", out);
        fputs(t->columns[c].is_number ? "---:" : "---", out);
    }
    fputs(" |\n", out);
    for (uint64_t r = 0; r < t->n_rows; r++) {
        for (uint32_t c = 0; c < t->n_columns; c++) {
            fputs(c == 0 ? "| " : " | ", out);
            put_markdown(t->text(t->ctx, r, c), out);
        }
        fputs(" |\n", out);
    }
}
