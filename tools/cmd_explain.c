/* cmd_explain.c - `patron explain`: how a query would be answered, or was. */
#include "tools/commands.h"
#include "tools/script.h"
#include "tools/statement.h"

enum { OPT_ANALYZE = 256, OPT_NO_CACHE, OPT_NO_CUBOIDS };

static const command_option options[] = {
    {"file", 'f', "FILE", "read the queries from FILE; '-' is standard input"},
    {"analyze", OPT_ANALYZE, NULL, "run the query and tell what each step cost"},
    {"no-cache", OPT_NO_CACHE, NULL, "do not answer from results of earlier statements"},
    {"no-cuboids", OPT_NO_CUBOIDS, NULL, "do not answer from cuboids"},
    {NULL, 0, NULL, NULL},
};

static int run(application *app, args *a)
{
    const char *file = NULL, *prefix = "EXPLAIN ";
    connection_switches switches = {0};
    for (int id; (id = args_next(a)) != ARGS_END;) switch (id) {
        case 'f': file = a->value; break;
        case OPT_ANALYZE: prefix = "EXPLAIN ANALYZE "; break;
        case OPT_NO_CACHE: switches.no_cache = true; break;
        case OPT_NO_CUBOIDS: switches.no_cuboids = true; break;
        default: return a->status;
        }
    if (!args_need(a, file ? 0 : 1, file ? 0 : 1, "the query")) return a->status;

    const char *operand = args_operand(a, 0);
    if (operand && script_is_file(operand))
        return args_wrong(a, "%s is a file; to explain the queries in it: -f %s", operand, operand);

    connection c;
    strbuf text = {0};
    int status = EXIT_OK;
    if (file)
        status = script_read(app, file, &text);
    else
        strbuf_addz(&text, operand);
    if (status == EXIT_OK) status = connection_open(app, a, 0, &c);
    if (status == EXIT_OK) {
        output o = output_to_stdout(app);
        o.format = FORMAT_TSV; /* plain lines */
        o.has_no_header = true;
        statements s = {.text = text.ptr, .where = file ? script_name(file) : NULL, .prefix = prefix};
        status = connection_switch_off(&c, &switches);
        if (status == EXIT_OK) status = statements_run(&c, &o, &s);
        connection_close(&c);
    }
    strbuf_free(&text);
    return status;
}

const command cmd_explain = {
    .name = "explain",
    .summary = "show how a query is answered, and what it costs",
    .usage = "--db DIR [--analyze] MDX\n--db DIR [--analyze] -f FILE",
    .options = options,
    .examples = "  patron explain --db shop.db 'SELECT [Time].[Year].Members ON ROWS FROM [Sales]'\n"
                "  patron explain --db shop.db --analyze -f slow.mdx",
    .run = run,
};
