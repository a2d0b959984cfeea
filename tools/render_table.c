/* render_table.c - tables for people. A cell may hold several lines (a definition): its row is then as high.
 */
#include "base/utf8.h"
#include "tools/render.h"

/* ---- texts ---------------------------------------------------------------- */

/* The k-th line of a text; an empty one past the end. */
static pt_str line_of(const char *text, uint64_t k)
{
    for (; k > 0; k--) {
        const char *end = strchr(text, '\n');
        if (!end) return STR("");
        text = end + 1;
    }
    return (pt_str){text, strcspn(text, "\n")};
}

static uint64_t count_lines(const char *text)
{
    uint64_t n = 1;
    for (const char *p = text; (p = strchr(p, '\n')) && p[1]; p++) n++;
    return n;
}

/* Columns that render_put_clean will fill. */
static uint64_t width_of(pt_str s)
{
    uint64_t controls = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        controls += c < 0x20 || c == 0x7F;
        controls += c == 0xC2 && i + 1 < s.len && (unsigned char)s.ptr[i + 1] < 0xA0;
    }
    return utf8_width(s) + controls;
}

static uint64_t text_width(const char *text)
{
    uint64_t widest = 0, n = count_lines(text);
    for (uint64_t k = 0; k < n; k++) {
        uint64_t w = width_of(line_of(text, k));
        if (w > widest) widest = w;
    }
    return widest;
}

/* True if this caption and all to its left are those of the row above. */
static bool repeats(const table *t, uint64_t row, uint32_t col)
{
    if (row == 0 || !t->columns[col].is_header) return false;
    for (uint32_t c = 0; c <= col; c++)
        if (t->columns[c].is_header && strcmp(t->text(t->ctx, row, c), t->text(t->ctx, row - 1, c)) != 0)
            return false;
    return true;
}

/* The innermost caption is never left out: each row keeps a name of its own. */
static const char *shown(const table *t, uint64_t row, uint32_t col)
{
    bool is_last = col + 1 == t->n_columns || !t->columns[col + 1].is_header;
    return !is_last && repeats(t, row, col) ? "" : t->text(t->ctx, row, col);
}

/* ---- measuring ------------------------------------------------------------ */

/* widths: [n_columns] */
static void measure(const table *t, uint64_t *widths, uint64_t *n_lines)
{
    *n_lines = 0;
    for (uint32_t c = 0; c < t->n_columns; c++) widths[c] = text_width(t->columns[c].name);
    for (uint64_t r = 0; r < t->n_rows; r++) {
        uint64_t high = 1;
        for (uint32_t c = 0; c < t->n_columns; c++) {
            const char *text = t->text(t->ctx, r, c);
            uint64_t w = text_width(text), h = count_lines(text);
            if (w > widths[c]) widths[c] = w;
            if (h > high) high = h;
        }
        *n_lines += high;
    }
}

void render_table_size(const table *t, uint64_t *lines, uint64_t *columns)
{
    uint64_t *widths = mem_alloc(t->n_columns + 1u, sizeof *widths);
    *lines = t->n_rows;
    *columns = 0;
    if (!widths) return;
    measure(t, widths, lines);
    *lines += 3;
    for (uint32_t c = 0; c < t->n_columns; c++) *columns += widths[c] + 3;
    mem_free(widths);
}

/* ---- printing ------------------------------------------------------------- */

/* Blanks at the end of a line are left out. */
static void put_cell(pt_str s, uint64_t width, bool to_right, bool is_last, FILE *out)
{
    uint64_t w = width_of(s), gap = width > w ? width - w : 0;
    if (to_right) render_put_times(" ", gap, out);
    render_put_clean(s, out);
    if (!to_right && !is_last) render_put_times(" ", gap, out);
}

typedef struct lines {
    const char *between, *rule, *cross, *dim, *bold, *off;
} lines;

static lines lines_of(const render_style *s)
{
    lines l = s->is_utf8 ? (lines){" │ ", "─", "┼", "", "", ""} : (lines){" | ", "-", "+", "", "", ""};
    if (s->has_color) {
        l.dim = "\033[2m";
        l.bold = "\033[1m";
        l.off = "\033[0m";
    }
    return l;
}

static void put_between(const lines *l, uint32_t c, FILE *out)
{
    if (c > 0)
        fprintf(out, "%s%s%s", l->dim, l->between, l->off);
    else
        fputc(' ', out);
}

static void put_head(const table *t, const uint64_t *widths, const lines *l, FILE *out)
{
    uint64_t high = 1;
    for (uint32_t c = 0; c < t->n_columns; c++) {
        uint64_t h = count_lines(t->columns[c].name);
        if (h > high) high = h;
    }
    for (uint64_t k = 0; k < high; k++) {
        for (uint32_t c = 0; c < t->n_columns; c++) {
            put_between(l, c, out);
            fputs(l->bold, out);
            put_cell(line_of(t->columns[c].name, k), widths[c], t->columns[c].is_number,
                     c + 1 == t->n_columns, out);
            fputs(l->off, out);
        }
        fputc('\n', out);
    }
    fputs(l->dim, out);
    for (uint32_t c = 0; c < t->n_columns; c++) {
        if (c > 0) fputs(l->cross, out);
        render_put_times(l->rule, widths[c] + 2, out);
    }
    fprintf(out, "%s\n", l->off);
}

static void put_row(const table *t, uint64_t row, const uint64_t *widths, const lines *l, FILE *out)
{
    uint64_t high = 1;
    for (uint32_t c = 0; c < t->n_columns; c++) {
        uint64_t h = count_lines(shown(t, row, c));
        if (h > high) high = h;
    }
    for (uint64_t k = 0; k < high; k++) {
        for (uint32_t c = 0; c < t->n_columns; c++) {
            put_between(l, c, out);
            put_cell(line_of(shown(t, row, c), k), widths[c], t->columns[c].is_number, c + 1 == t->n_columns,
                     out);
        }
        fputc('\n', out);
    }
}

void render_table(const table *t, const render_style *style, FILE *out)
{
    uint64_t n_lines, *widths = mem_alloc(t->n_columns + 1u, sizeof *widths);
    if (!widths) {
        render_tsv(t, true, out); /* needs no memory */
        return;
    }
    lines l = lines_of(style);
    measure(t, widths, &n_lines);
    put_head(t, widths, &l, out);
    for (uint64_t r = 0; r < t->n_rows; r++) put_row(t, r, widths, &l, out);
    if (!style->is_quiet)
        fprintf(out, "(%llu row%s)\n", (unsigned long long)t->n_rows, t->n_rows == 1 ? "" : "s");
    mem_free(widths);
}
