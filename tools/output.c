/* output.c - see output.h. */
#include "tools/output.h"

#include "tools/pager.h"
#include "tools/result_table.h"

output output_to_stdout(const application *app)
{
    return (output){.app = app, .file = stdout, .is_quiet = app->quiet};
}

static bool is_on_terminal(const output *o)
{
    return o->file == stdout && o->app->out.is_terminal;
}

static render_style style_of(const output *o)
{
    bool on_terminal = is_on_terminal(o);
    return (render_style){.has_color = on_terminal && o->app->out.has_color,
                          .is_utf8 = o->app->out.is_utf8 && (on_terminal || o->is_chart),
                          .columns = o->app->out.columns,
                          .is_quiet = o->is_quiet};
}

/* A definition or a setting: a sentence, where a person reads. */
static void put_message(const output *o, const table *t)
{
    if (o->format == FORMAT_JSON)
        render_json(t, o->file);
    else if (o->format == FORMAT_TABLE && !o->is_quiet && (*t->message || *t->tag))
        fprintf(o->file, "%s\n", *t->message ? t->message : t->tag);
}

static bool needs_pager(const output *o, const table *t)
{
    uint64_t lines, columns;
    if (!o->has_pager || !is_on_terminal(o) || o->format != FORMAT_TABLE) return false;
    render_table_size(t, &lines, &columns);
    return lines >= o->app->out.rows || columns > o->app->out.columns;
}

static bool put_rows(const output *o, const table *t, FILE *out)
{
    render_style style = style_of(o);
    if (o->is_chart && o->format == FORMAT_TABLE) return render_chart(t, o->chart_column, &style, out);
    switch (o->format) {
    case FORMAT_TABLE: render_table(t, &style, out); break;
    case FORMAT_CSV: render_csv(t, !o->has_no_header, out); break;
    case FORMAT_TSV: render_tsv(t, !o->has_no_header, out); break;
    case FORMAT_JSON: render_json(t, out); break;
    case FORMAT_MARKDOWN: render_markdown(t, out); break;
    }
    return true;
}

static int put_table(const output *o, const table *t)
{
    pager p;
    bool is_drawn;
    if (needs_pager(o, t) && pager_open(&p)) {
        is_drawn = put_rows(o, t, p.stream);
        pager_close(&p);
    } else
        is_drawn = put_rows(o, t, o->file);
    if (is_drawn) return EXIT_OK;
    pt_err err = {0};
    if (o->chart_column)
        pt_fail(&err, PT_USAGE, "there is no column of numbers named [%s] to draw", o->chart_column);
    else
        pt_fail(&err, PT_USAGE, "there are no numbers to draw");
    return say_error(o->app, &err);
}

int output_result(const output *o, const patron_result *r)
{
    table t;
    int status = EXIT_OK;
    if (!result_table_open(r, &t)) {
        pt_err err = {0};
        pt_fail(&err, PT_NOMEM, "no memory to print the answer");
        return say_error(o->app, &err);
    }
    if (patron_result_kind(r) == PATRON_DONE)
        put_message(o, &t);
    else
        status = put_table(o, &t);
    result_table_close(&t);
    if (o->is_timed) fprintf(o->file, "%.3f ms\n", (double)patron_elapsed_us(r) / 1000.0);
    if (fflush(o->file) != 0 && status == EXIT_OK) {
        pt_err err = {0};
        pt_fail_errno(&err, PT_IO, "the answer could not be written");
        status = say_error(o->app, &err);
    }
    return status;
}
