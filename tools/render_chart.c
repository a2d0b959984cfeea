/* render_chart.c - bars in the terminal. All bars of a column share one scale; negative ones grow to the left
 * of a common axis. With UTF-8 a bar is exact to an eighth of a character, else to a whole one. */
#include <math.h>

#include "base/utf8.h"
#include "tools/render.h"

enum { LABEL_MAX = 40, BAR_MIN = 10 };

typedef struct chart {
    const table *t;
    const render_style *style;
    uint32_t col;
    uint64_t label_width, text_width; /* terminal columns */
    double low, high;                 /* of the values and 0 */
    unsigned bar_columns, zero;       /* width of the bars; columns left of the axis */
} chart;

/* ---- labels --------------------------------------------------------------- */

/* The captions of a row, or its texts that are no numbers. */
static void label_of(const table *t, uint64_t row, strbuf *out)
{
    strbuf_clear(out);
    for (uint32_t c = 0; c < t->n_columns; c++) {
        if (!t->columns[c].is_header && t->columns[c].is_number) continue;
        if (out->len > 0) strbuf_addz(out, " / ");
        strbuf_addz(out, t->text(t->ctx, row, c));
    }
}

static void put_label(const chart *ch, pt_str label, FILE *out)
{
    uint64_t w = utf8_width(label);
    if (w > ch->label_width) {
        label = utf8_prefix_width(label, ch->label_width > 2 ? ch->label_width - 2 : 0);
        render_put_clean(label, out);
        fputs("..", out);
        w = utf8_width(label) + 2;
    } else
        render_put_clean(label, out);
    for (; w < ch->label_width; w++) fputc(' ', out);
}

/* ---- scale ---------------------------------------------------------------- */

static void measure(chart *ch, strbuf *label)
{
    for (uint64_t r = 0; r < ch->t->n_rows; r++) {
        bool is_null;
        double x = ch->t->number(ch->t->ctx, r, ch->col, &is_null);
        uint64_t w = utf8_width(str_of(ch->t->text(ch->t->ctx, r, ch->col)));
        if (w > ch->text_width) ch->text_width = w;
        label_of(ch->t, r, label);
        w = utf8_width(strbuf_str(label));
        if (w > ch->label_width) ch->label_width = w;
        if (is_null || !isfinite(x)) continue;
        if (x < ch->low) ch->low = x;
        if (x > ch->high) ch->high = x;
    }
    if (ch->label_width > LABEL_MAX) ch->label_width = LABEL_MAX;
    uint64_t used = ch->label_width + ch->text_width + 5;
    ch->bar_columns = ch->style->columns > used + BAR_MIN ? ch->style->columns - (unsigned)used : BAR_MIN;
    double span = ch->high - ch->low;
    ch->zero = span > 0 && isfinite(span) ? (unsigned)ceil(-ch->low / span * ch->bar_columns) : 0;
}

/* Eighths of a column that a value takes. The axis stands on a whole column, so both sides share the scale of
 * the tighter one. */
static unsigned eighths(const chart *ch, double x)
{
    double per_column = 0;
    unsigned right = ch->bar_columns - ch->zero;
    if (ch->high > 0 && right > 0) per_column = ch->high / right;
    if (ch->low < 0 && ch->zero > 0 && -ch->low / ch->zero > per_column) per_column = -ch->low / ch->zero;
    if (!(per_column > 0) || !isfinite(per_column) || !isfinite(x)) return 0;
    unsigned n = (unsigned)(fabs(x) / per_column * 8 + 0.5);
    return n == 0 && x != 0 ? 1 : n; /* something is never shown as nothing */
}

/* ---- bars ----------------------------------------------------------------- */

/* To the right of the axis; returns the columns filled. */
static unsigned put_positive(const chart *ch, unsigned n, FILE *out)
{
    static const char *const parts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    if (!ch->style->is_utf8) {
        unsigned whole = (n + 7) / 8;
        render_put_times("#", whole, out);
        return whole;
    }
    render_put_times("█", n / 8, out);
    fputs(parts[n % 8], out);
    return n / 8 + (n % 8 > 0);
}

/* To the left of the axis, padded to it. Only a half block exists for the left end. */
static void put_negative(const chart *ch, unsigned n, FILE *out)
{
    unsigned whole = ch->style->is_utf8 ? n / 8 : (n + 7) / 8;
    bool has_half = ch->style->is_utf8 && n % 8 > 0;
    unsigned used = whole + has_half;
    render_put_times(" ", ch->zero > used ? ch->zero - used : 0, out);
    if (has_half) fputs("▐", out);
    render_put_times(ch->style->is_utf8 ? "█" : "#", whole, out);
}

static void put_bar(const chart *ch, double x, FILE *out)
{
    unsigned n = eighths(ch, x), used = 0;
    const char *color = !ch->style->has_color ? "" : x < 0 ? "\033[31m" : "\033[36m";
    const char *off = ch->style->has_color ? "\033[0m" : "";
    fputs(color, out);
    if (x < 0)
        put_negative(ch, n, out);
    else
        render_put_times(" ", ch->zero, out);
    fputs(off, out);
    if (ch->zero > 0) fputs(ch->style->is_utf8 ? "│" : "|", out);
    fputs(color, out);
    if (x > 0) used = put_positive(ch, n, out);
    fputs(off, out);
    unsigned right = ch->bar_columns - ch->zero;
    render_put_times(" ", right > used ? right - used : 0, out);
}

static void put_chart(chart *ch, FILE *out)
{
    strbuf label = {0};
    measure(ch, &label);
    fprintf(out, "%s", ch->style->has_color ? "\033[1m" : "");
    render_put_clean(str_of(ch->t->columns[ch->col].name), out);
    fprintf(out, "%s\n", ch->style->has_color ? "\033[0m" : "");
    for (uint64_t r = 0; r < ch->t->n_rows; r++) {
        bool is_null;
        double x = ch->t->number(ch->t->ctx, r, ch->col, &is_null);
        const char *text = ch->t->text(ch->t->ctx, r, ch->col);
        label_of(ch->t, r, &label);
        fputc(' ', out);
        put_label(ch, strbuf_str(&label), out);
        fputc(' ', out);
        put_bar(ch, is_null || isnan(x) ? 0 : x, out);
        render_put_times(" ", 1 + (unsigned)(ch->text_width - utf8_width(str_of(text))), out);
        render_put_clean(str_of(text), out);
        fputc('\n', out);
    }
    strbuf_free(&label);
}

bool render_chart(const table *t, const char *column, const render_style *style, FILE *out)
{
    uint32_t n_shown = 0;
    for (uint32_t c = 0; c < t->n_columns; c++) {
        const table_column *col = &t->columns[c];
        if (col->is_header || !col->is_number) continue;
        if (column && !str_eq_fold(str_of(column), str_of(col->name))) continue;
        chart ch = {.t = t, .style = style, .col = c};
        if (n_shown++ > 0) fputc('\n', out);
        put_chart(&ch, out);
    }
    return n_shown > 0;
}
