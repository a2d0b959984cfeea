/* shell_command.c - the commands of the shell that begin with a backslash. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "tools/describe.h"
#include "tools/script.h"
#include "tools/shell.h"

enum { DEPTH_MAX = 16 };

typedef struct backslash {
    const char *name, *argument, *help;
    void (*run)(shell *s, const char *arg); /* arg: "" if none was given */
} backslash;

static void complain(shell *s, const char *fmt, ...) PT_PRINTF(2, 3);
static void complain(shell *s, const char *fmt, ...)
{
    va_list ap;
    fflush(stdout);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    if (s->status == EXIT_OK) s->status = EXIT_FAILED;
}

static void note(shell *s, int status)
{
    if (s->status == EXIT_OK) s->status = status;
}

/* ---- looking -------------------------------------------------------------- */

static void describe(shell *s, const char *arg)
{
    if (*arg)
        note(s, describe_name(s->c, &s->output, arg));
    else
        note(s, describe_statement(s->c, &s->output, "SHOW CUBES"));
}

static void loads(shell *s, const char *arg)
{
    (void)arg;
    note(s, describe_statement(s->c, &s->output, "SHOW LOADS"));
}

static void help_word(shell *s, const char *arg)
{
    strbuf text = {0};
    strbuf_addz(&text, "HELP ");
    strbuf_addz(&text, arg);
    if (!text.failed) note(s, describe_statement(s->c, &s->output, text.ptr));
    strbuf_free(&text);
}

/* ---- settings ------------------------------------------------------------- */

/* "on", "off", or nothing, which turns the switch around. */
static void turn(shell *s, const char *name, const char *arg, bool *flag)
{
    if (!*arg)
        *flag = !*flag;
    else if (strcmp(arg, "on") == 0)
        *flag = true;
    else if (strcmp(arg, "off") == 0)
        *flag = false;
    else {
        complain(s, "\\%s: expected on or off, not '%s'", name, arg);
        return;
    }
    say(s->c->app, "%s is %s", name, *flag ? "on" : "off");
}

static void timing(shell *s, const char *arg)
{
    turn(s, "timing", arg, &s->output.is_timed);
}

static void chart(shell *s, const char *arg)
{
    bool is_switch = !*arg || strcmp(arg, "on") == 0 || strcmp(arg, "off") == 0;
    free(s->chart_column);
    s->chart_column = is_switch ? NULL : strdup(arg);
    s->output.chart_column = s->chart_column;
    turn(s, "chart", is_switch ? arg : "on", &s->output.is_chart);
}

static void format(shell *s, const char *arg)
{
    if (*arg && !render_format_of(arg, &s->output.format))
        complain(s, "\\format: expected table, csv, tsv, json or markdown, not '%s'", arg);
    else
        say(s->c->app, "format is %s", render_format_name(s->output.format));
}

/* ---- files ---------------------------------------------------------------- */

static void input(shell *s, const char *arg)
{
    strbuf text = {0};
    if (!*arg) {
        complain(s, "\\i: the file is missing");
        return;
    }
    if (s->depth >= DEPTH_MAX) {
        complain(s, "\\i: files include one another more than %d deep", DEPTH_MAX);
        return;
    }
    s->depth++;
    int status = script_read(s->c->app, arg, &text);
    if (status == EXIT_OK)
        shell_run(s, text.ptr, arg);
    else
        note(s, status);
    s->depth--;
    strbuf_free(&text);
}

static void output_to(shell *s, const char *arg)
{
    FILE *f = *arg ? fopen(arg, "w") : stdout;
    if (!f) {
        complain(s, "\\o: cannot write %s: %s", arg, strerror(errno));
        return;
    }
    if (s->output.file != stdout && fclose(s->output.file) != 0)
        complain(s, "\\o: the file could not be written");
    s->output.file = f;
}

static void quit(shell *s, const char *arg)
{
    (void)arg;
    s->is_done = true;
}

/* ---- the table ------------------------------------------------------------ */

static void help(shell *s, const char *arg);

static const backslash commands_of_shell[] = {
    {"?", "", "this help", help},
    {"d", "[NAME]", "list the cubes, or describe a cube, dimension, source or mapping", describe},
    {"l", "", "list the loads", loads},
    {"h", "[WORD]", "help on the language: a statement, a function", help_word},
    {"format", "[FORMAT]", "table, csv, tsv, json or markdown", format},
    {"chart", "[on|off|COLUMN]", "draw bars instead of tables", chart},
    {"timing", "[on|off]", "tell how long each statement took", timing},
    {"i", "FILE", "run the statements of a file", input},
    {"o", "[FILE]", "write answers to a file; without a file, to the screen again", output_to},
    {"q", "", "leave (also Ctrl-D)", quit},
};

static void help(shell *s, const char *arg)
{
    (void)arg;
    FILE *out = s->output.file;
    fputs("A statement ends with a semicolon and may take several lines. Ctrl-C stops it; Tab completes "
          "names.\n\n",
          out);
    for (size_t i = 0; i < ARRAY_LEN(commands_of_shell); i++) {
        const backslash *b = &commands_of_shell[i];
        fprintf(out, "  \\%-7s %-16s %s\n", b->name, b->argument, b->help);
    }
    fputs("\nSHOW CUBES; SHOW DIMENSIONS; SHOW LOADS; SHOW REJECTS; DESCRIBE CUBE name; HELP TopCount;\n",
          out);
    fflush(out);
}

void shell_command(shell *s, const char *line)
{
    const char *word = line + 1;
    size_t n = strcspn(word, " \t;");
    pt_str name = {word, n};
    pt_str rest = str_trim(str_of(word + n));
    while (rest.len > 0 && rest.ptr[rest.len - 1] == ';') rest = str_trim((pt_str){rest.ptr, rest.len - 1});
    char *arg = strndup(rest.ptr, rest.len);
    if (!arg) return;
    for (size_t i = 0; i < ARRAY_LEN(commands_of_shell); i++)
        if (str_eq(name, str_of(commands_of_shell[i].name))) {
            commands_of_shell[i].run(s, arg);
            free(arg);
            return;
        }
    complain(s, "unknown command '\\" STR_FMT "'; \\? lists the commands", STR_ARG(name));
    free(arg);
}
