/* cmd_shell.c - `patron shell`: read, run, print, until the user has enough. */
#include <stdlib.h>
#include <unistd.h>

#include "tools/commands.h"
#include "tools/interrupt.h"
#include "tools/shell.h"
#include "tools/statement.h"

enum { OPT_FORMAT = 256 };

static const command_option options[] = {
    {"format", OPT_FORMAT, "FORMAT", "table (default), csv, tsv, json or markdown"},
    {NULL, 0, NULL, NULL},
};

/* ---- running -------------------------------------------------------------- */

void shell_run(shell *s, const char *text, const char *where)
{
    statements all = {.text = text, .where = where};
    s->c->app->out = terminal_of(stdout, s->c->app->no_color); /* the window may have another size now */
    int status = statements_run(s->c, &s->output, &all);
    interrupt_reset();
    if (s->status == EXIT_OK) s->status = status;
}

void shell_close(shell *s)
{
    if (s->output.file != stdout && fclose(s->output.file) != 0) s->status = EXIT_IO;
    free(s->chart_column);
}

/* Run the statements that are complete; what is left waits for more lines. */
static void run_complete(shell *s, line_reader *lines, strbuf *pending)
{
    size_t n;
    while ((n = patron_statement_length(pending->ptr)) > 0) {
        char *one = strndup(pending->ptr, n);
        if (!one) return;
        memmove(pending->ptr, pending->ptr + n, pending->len - n + 1);
        pending->len -= n;
        line_remember(lines, one + strspn(one, " \t\r\n"));
        shell_run(s, one, NULL);
        free(one);
    }
    if (statement_is_blank(pending->ptr, pending->len)) strbuf_clear(pending);
}

static bool is_word(pt_str line, const char *word)
{
    return str_eq_fold(line, str_of(word));
}

/* Lines that are for the shell and not for the language; only where a statement may begin. */
static bool run_own(shell *s, line_reader *lines, const char *text)
{
    pt_str line = str_trim(str_of(text));
    if (line.len > 0 && *line.ptr == '\\') {
        line_remember(lines, line.ptr);
        shell_command(s, line.ptr);
        return true;
    }
    bool leaves =
        is_word(line, "quit") || is_word(line, "exit") || is_word(line, "quit;") || is_word(line, "exit;");
    if (leaves)
        s->is_done = true;
    else if (is_word(line, "help"))
        shell_command(s, "\\?");
    else
        return false;
    return true;
}

/* ---- the loop ------------------------------------------------------------- */

static void loop(shell *s, line_reader *lines)
{
    strbuf line = {0}, pending = {0};
    strbuf_add(&pending, "", 0);
    while (!s->is_done && !pending.failed) {
        bool is_new = pending.len == 0;
        line_status got = line_read(lines, is_new ? "patron> " : "   ...> ", pending.ptr, &line);
        if (got == LINE_END) break;
        if (got == LINE_INTERRUPTED) {
            strbuf_clear(&pending);
            strbuf_add(&pending, "", 0);
            continue;
        }
        if (is_new && (line.len == 0 || run_own(s, lines, line.ptr))) continue;
        strbuf_adds(&pending, strbuf_str(&line));
        strbuf_addc(&pending, '\n');
        if (!pending.failed) run_complete(s, lines, &pending);
        if (pending.len == 0) strbuf_add(&pending, "", 0);
    }
    if (!s->is_done && !pending.failed && !statement_is_blank(pending.ptr, pending.len))
        shell_run(s, pending.ptr, NULL); /* the input may end without a semicolon */
    strbuf_free(&line);
    strbuf_free(&pending);
}

static int execute(application *app, args *a, output_format format)
{
    connection c;
    bool is_interactive = isatty(STDIN_FILENO) == 1 && app->out.is_terminal;
    int status = connection_open(app, a, 0, &c);
    if (status != EXIT_OK) return status;
    shell s = {.c = &c, .output = output_to_stdout(app)};
    s.output.format = format;
    s.output.has_pager = is_interactive;
    line_reader *lines = line_reader_open(&c, is_interactive);
    if (is_interactive) {
        interrupt_patient();
        if (!app->quiet)
            printf("patron %s, warehouse %s. \\? for help, \\q to leave.\n", patron_version(), app->db);
    }
    if (lines) {
        loop(&s, lines);
        line_reader_close(lines);
        if (is_interactive) fputc('\n', stdout);
    }
    shell_close(&s);
    connection_close(&c);
    if (!lines) return EXIT_LIMIT;
    return is_interactive ? EXIT_OK : s.status;
}

static int run(application *app, args *a)
{
    output_format format = FORMAT_TABLE;
    for (int id; (id = args_next(a)) != ARGS_END;) {
        if (id != OPT_FORMAT) return a->status;
        if (!render_format_of(a->value, &format))
            return args_wrong(a, "--format: expected table, csv, tsv, json or markdown, not '%s'", a->value);
    }
    if (!args_need(a, 0, 0, "")) return a->status;
    return execute(app, a, format);
}

const command cmd_shell = {
    .name = "shell",
    .summary = "ask interactively, with history and completion",
    .usage = "--db DIR [--format FORMAT]",
    .about = "Reads statements that end with a semicolon and prints their answers; \\? lists the\n"
             "shell's own commands. Tab completes keywords, functions and names. Ctrl-C stops the\n"
             "running statement. From a pipe it runs all statements; the exit status is that of\n"
             "the first one that failed.",
    .options = options,
    .examples = "  patron shell --db shop.db\n"
                "  patron shell --db shop.db --format csv < questions.mdx",
    .run = run,
};
