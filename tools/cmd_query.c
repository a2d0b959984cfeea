/* cmd_query.c - `patron query`: run statements and print their answers. */
#include <unistd.h>

#include "tools/batch.h"
#include "tools/commands.h"
#include "tools/params.h"
#include "tools/script.h"
#include "tools/statement.h"

enum {
    OPT_FORMAT = 256,
    OPT_NO_HEADER,
    OPT_CHART,
    OPT_BATCH,
    OPT_PARAM,
    OPT_PARAM_TEXT,
    OPT_ECHO,
    OPT_TIMING,
    OPT_NO_CACHE,
    OPT_NO_CUBOIDS
};

static const command_option options[] = {
    {"file", 'f', "FILE", "read the statements from FILE; '-' is standard input"},
    {"format", OPT_FORMAT, "FORMAT", "table (default), csv, tsv, json or markdown"},
    {"no-header", OPT_NO_HEADER, NULL, "csv and tsv without the line of column names"},
    {"chart", OPT_CHART, "[COLUMN]", "draw bars: of all columns of numbers, or of one"},
    {"param", OPT_PARAM, "NAME=VALUE", "value of @NAME in the statements; a number if it reads as one"},
    {"param-text", OPT_PARAM_TEXT, "NAME=VALUE", "the same, always a text"},
    {"batch", OPT_BATCH, NULL,
     "for programs: a JSON request on each line of standard input,\na JSON answer on each line of standard "
     "output"},
    {"echo", OPT_ECHO, NULL, "print each statement before its answer"},
    {"timing", OPT_TIMING, NULL, "tell how long each statement took"},
    {"no-cache", OPT_NO_CACHE, NULL, "do not answer from results of earlier statements"},
    {"no-cuboids", OPT_NO_CUBOIDS, NULL, "do not answer from cuboids"},
    {NULL, 0, NULL, NULL},
};

typedef struct query_command {
    output output;
    const char *file;
    bool is_batch, is_echo;
    connection_switches switches;
    params params;
} query_command;

static bool take(args *a, int id, query_command *q)
{
    pt_err err = {0};
    switch (id) {
    case 'f': q->file = a->value; return true;
    case OPT_BATCH: q->is_batch = true; return true;
    case OPT_NO_HEADER: q->output.has_no_header = true; return true;
    case OPT_ECHO: q->is_echo = true; return true;
    case OPT_TIMING: q->output.is_timed = true; return true;
    case OPT_NO_CACHE: q->switches.no_cache = true; return true;
    case OPT_NO_CUBOIDS: q->switches.no_cuboids = true; return true;
    case OPT_CHART:
        q->output.is_chart = true;
        q->output.chart_column = a->value;
        return true;
    case OPT_FORMAT:
        if (render_format_of(a->value, &q->output.format)) return true;
        args_wrong(a, "--format: expected table, csv, tsv, json or markdown, not '%s'", a->value);
        return false;
    case OPT_PARAM:
    case OPT_PARAM_TEXT:
        if (params_add_text(&q->params, a->value, id == OPT_PARAM_TEXT, &err) == PT_OK) return true;
        args_wrong(a, "--param: %s", err.msg);
        return false;
    default: return false;
    }
}

/* The statements: the operand, the file, or what is piped in. */
static int read_statements(application *app, args *a, const query_command *q, strbuf *text)
{
    const char *operand = args_operand(a, 0);
    if (q->file && operand) return args_wrong(a, "give a statement or a file, not both");
    if (operand && script_is_file(operand))
        return args_wrong(a, "%s is a file; to run the statements in it: -f %s", operand, operand);
    if (operand) {
        strbuf_addz(text, operand);
        return text->failed ? EXIT_LIMIT : EXIT_OK;
    }
    if (!q->file && isatty(STDIN_FILENO) == 1)
        return args_wrong(a, "the statement is missing ('patron shell' asks for them one by one)");
    return script_read(app, q->file ? q->file : "-", text);
}

static int execute(application *app, args *a, query_command *q)
{
    connection c;
    strbuf text = {0};
    int status = EXIT_OK;
    if (!q->is_batch) status = read_statements(app, a, q, &text);
    if (status == EXIT_OK) status = connection_open(app, a, 0, &c);
    if (status != EXIT_OK) {
        strbuf_free(&text);
        return status;
    }
    status = connection_switch_off(&c, &q->switches);
    if (status == EXIT_OK && q->is_batch) {
        status = batch_run(&c, stdin, stdout);
    } else if (status == EXIT_OK) {
        statements s = {.text = text.ptr,
                        .where = q->file ? script_name(q->file) : NULL,
                        .params = &q->params.view,
                        .echo = q->is_echo};
        status = statements_run(&c, &q->output, &s);
    }
    connection_close(&c);
    strbuf_free(&text);
    return status;
}

static int run(application *app, args *a)
{
    query_command *q = mem_alloc(1, sizeof *q);
    if (!q || !params_open(&q->params)) {
        mem_free(q);
        return EXIT_LIMIT;
    }
    q->output = output_to_stdout(app);
    int status = EXIT_OK;
    for (int id; status == EXIT_OK && (id = args_next(a)) != ARGS_END;)
        if (!take(a, id, q)) goto done;
    if (!args_need(a, 0, q->is_batch ? 0 : 1, "")) goto done;
    q->output.is_quiet = app->quiet;
    a->status = execute(app, a, q);
done:
    status = a->status;
    params_close(&q->params);
    mem_free(q);
    return status;
}

const command cmd_query = {
    .name = "query",
    .summary = "run statements (MDX and others) and print the answers",
    .usage = "--db DIR [MDX | -f FILE] [--format FORMAT] [--chart[=COLUMN]]\n--db DIR --batch",
    .about = "Runs the statement given, those of a file, or those on standard input; several are\n"
             "separated by semicolons. The first error ends the run, with its place in the text.",
    .options = options,
    .examples = "  patron query --db shop.db 'SELECT [Measures].Members ON COLUMNS FROM [Sales]'\n"
                "  patron query --db shop.db -f report.mdx --format csv > report.csv\n"
                "  patron query --db shop.db --param year=2024 --chart -f months.mdx\n"
                "  echo '{\"id\":1,\"mdx\":\"SELECT FROM [Sales]\"}' | patron query --db shop.db --batch",
    .run = run,
};
