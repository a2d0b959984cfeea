/* cmd_load.c - `patron load`: bring in what the mappings' sources have, as one atomic load. */
#include "base/limits.h"
#include "tools/commands.h"
#include "tools/connection.h"
#include "tools/interrupt.h"
#include "tools/progress.h"
#include "tools/result_table.h"

enum { OPT_SOURCE = 256, OPT_REPLACE, OPT_FORCE, OPT_JSON, OPT_PROGRESS };

static const command_option options[] = {
    {"source", OPT_SOURCE, "NAME", "only the mappings that read from this source"},
    {"replace", OPT_REPLACE, "MEMBER", "first remove the facts of this member, as in '[Time].[2024].[Q1]'"},
    {"force", OPT_FORCE, NULL, "load files again that were loaded before, in place of what they brought"},
    {"json", OPT_JSON, NULL, "print the summary as one JSON object"},
    {"progress", OPT_PROGRESS, NULL,
     "tell the progress even if standard error is no terminal:\na line every five seconds"},
    {NULL, 0, NULL, NULL},
};

typedef struct load_command {
    const char *source, *replace;
    bool is_json, is_progress, is_forced;
    progress progress;
    int64_t told_us; /* of the last line, where there is no terminal */
} load_command;

/* ---- progress ------------------------------------------------------------- */

enum { LINE_INTERVAL_US = 5000000 };

static int on_progress(void *ctx, const char *phase, uint64_t done, uint64_t total, const char *unit)
{
    load_command *l = ctx;
    int64_t now = limits_now_us();
    if (l->progress.term.is_terminal)
        progress_show(&l->progress, phase, done, total, unit);
    else if (l->is_progress && now - l->told_us >= LINE_INTERVAL_US) {
        char text[256];
        progress_text(phase, done, total, 0, 0, unit, text, sizeof text);
        fprintf(stderr, "%s\n", text);
        l->told_us = now;
    }
    return *interrupt_flag();
}

/* ---- the result ----------------------------------------------------------- */

static uint64_t figure(const patron_result *r, const char *name)
{
    uint32_t col = result_column(r, name);
    double x = col == UINT32_MAX || patron_n_rows(r) == 0 ? 0 : patron_number(r, 0, col, NULL);
    return x > 0 ? (uint64_t)x : 0;
}

static void put_figures(const patron_result *r)
{
    uint64_t read = figure(r, "read"), loaded = figure(r, "loaded"), rejected = figure(r, "rejected");
    uint64_t id = figure(r, "load"), us = figure(r, "elapsed_us");
    if (id == 0) {
        printf("nothing new to load\n");
        return;
    }
    char rate[48];
    progress_amount(us > 0 ? (double)read * 1e6 / (double)us : 0, "rows", rate, sizeof rate);
    printf("load %llu: %llu rows read, %llu loaded, %llu rejected in %.2f s (%s/s)\n", (unsigned long long)id,
           (unsigned long long)read, (unsigned long long)loaded, (unsigned long long)rejected,
           (double)us / 1e6, rate);
}

static int put_result(const application *app, const load_command *l, const patron_result *r)
{
    uint32_t summary = result_column(r, "summary");
    if (l->is_json && summary != UINT32_MAX && patron_n_rows(r) > 0)
        printf("%s\n", patron_text(r, 0, summary));
    else if (!app->quiet)
        put_figures(r);
    return figure(r, "rejected") > 0 ? EXIT_REJECTS : EXIT_OK;
}

/* ---- the command ---------------------------------------------------------- */

static void join_mappings(const args *a, strbuf *out)
{
    for (int i = 0; i < args_count(a); i++) {
        if (i > 0) strbuf_addz(out, ", ");
        strbuf_addz(out, args_operand(a, i));
    }
}

static int execute(application *app, args *a, load_command *l)
{
    connection c;
    strbuf mappings = {0};
    patron_error err = PATRON_ERROR_INIT;
    int status = connection_open(app, a, 0, &c);
    if (status != EXIT_OK) return status;
    terminal none = {0};
    l->progress = progress_begin(app->quiet ? none : app->err);
    patron_on_progress(c.session, on_progress, l);
    join_mappings(a, &mappings);
    patron_result *r = patron_load(c.session, args_count(a) > 0 ? mappings.ptr : NULL, l->source, l->replace,
                                   l->is_forced, &err);
    progress_end(&l->progress);
    status = r ? put_result(app, l, r) : say_failure(app, &err, NULL, NULL);
    patron_result_free(r);
    strbuf_free(&mappings);
    connection_close(&c);
    return status;
}

static int run(application *app, args *a)
{
    load_command l = {0};
    for (int id; (id = args_next(a)) != ARGS_END;) switch (id) {
        case OPT_SOURCE: l.source = a->value; break;
        case OPT_REPLACE: l.replace = a->value; break;
        case OPT_FORCE: l.is_forced = true; break;
        case OPT_JSON: l.is_json = true; break;
        case OPT_PROGRESS: l.is_progress = true; break;
        default: return a->status;
        }
    return execute(app, a, &l);
}

const command cmd_load = {
    .name = "load",
    .summary = "load new data from the sources",
    .usage = "--db DIR [MAPPING...] [--source NAME] [--replace MEMBER] [--force] [--json]",
    .about = "Runs the named mappings, or all of a source, or all there are: dimensions first.\n"
             "A load is all or nothing. Files whose content was loaded before are left out, so\n"
             "the command may be repeated. Rejected rows are kept with file, line, value and\n"
             "reason: see SHOW REJECTS; the exit status is then 3.",
    .options = options,
    .examples = "  patron load --db shop.db\n"
                "  patron load --db shop.db products sales --json\n"
                "  patron load --db shop.db sales --replace '[Time].[2024].[Q1]'",
    .run = run,
};
