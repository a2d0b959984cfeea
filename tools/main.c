/* main.c - the `patron` command: find the subcommand, run it. */
#include <locale.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/nearest.h"
#include "tools/command.h"

static int unknown_command(const application *app, const char *name)
{
    fprintf(stderr, "%s: unknown command '%s'", app->program, name);
    nearest near = nearest_to(str_of(name));
    for (const command *const *c = commands; *c; c++) nearest_offer(&near, str_of((*c)->name));
    if (near.best.ptr) fprintf(stderr, "; did you mean '" STR_FMT "'?", STR_ARG(near.best));
    fprintf(stderr, "\ntry '%s help'\n", app->program);
    return EXIT_BAD_USAGE;
}

/* Which characters the terminal shows; numbers never depend on it. Where nothing is said, as in containers,
 * or a locale that is not installed, it is UTF-8: else names of other scripts could not be typed. LC_ALL=C is
 * ASCII. */
static void choose_charset(void)
{
    const char *name = setlocale(LC_CTYPE, ""), *all = getenv("LC_ALL");
    bool is_unsaid = !name || (strcmp(name, "C") == 0 && !(all && *all));
    if (is_unsaid) setlocale(LC_CTYPE, "C.UTF-8");
}

/* An overview, which is an answer only if it was asked for. */
static int no_command(const application *app, int argc, char **argv)
{
    bool is_asked = argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
    if (argc > 1 && !is_asked)
        fprintf(stderr, "%s: the command is missing behind '%s'\ntry '%s help'\n", app->program,
                argv[argc - 1], app->program);
    else
        help_overview(is_asked ? stdout : stderr);
    return is_asked ? EXIT_OK : EXIT_BAD_USAGE;
}

/* Common options may stand before the command too ("patron --db shop.db query"): the command is the first
 * argument that is neither an option nor the value of one. 0: there is none. */
static int find_command(int argc, char **argv)
{
    static const char *const with_value[] = {"--db", "--threads", "--memory", "--spill-dir", "--timeout"};
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] != '-') return i;
        size_t k = 0;
        while (k < ARRAY_LEN(with_value) && strcmp(argv[i], with_value[k]) != 0) k++;
        if (k < ARRAY_LEN(with_value)) i++;
    }
    return 0;
}

/* Rotate the command's name to the front, where getopt expects it, behind it the options that came before. */
static void command_first(int at, char **argv)
{
    char *name = argv[at];
    for (int i = at; i > 1; i--) argv[i] = argv[i - 1];
    argv[1] = name;
}

int main(int argc, char **argv)
{
    mem_keep_freed();
    choose_charset();
    const char *db = getenv("PATRON_DB");
    application app = {.program = "patron", .db = db && *db ? db : NULL};
    app.out = terminal_of(stdout, false);
    app.err = terminal_of(stderr, false);

    int at = find_command(argc, argv);
    if (at == 0 && argc > 1 && strcmp(argv[1], "--version") == 0) {
        printf("patron %s\n", patron_version());
        return EXIT_OK;
    }
    if (at == 0) return no_command(&app, argc, argv);
    const command *c = command_find(argv[at]);
    if (!c) return unknown_command(&app, argv[at]);
    command_first(at, argv);

    args a;
    if (args_open(&a, &app, c, argc - 1, argv + 1) != EXIT_OK) {
        fprintf(stderr, "%s: no memory\n", app.program);
        return EXIT_FAILED;
    }
    int status = c->run(&app, &a);
    args_close(&a);
    if (fflush(stdout) != 0 && status == EXIT_OK) {
        fprintf(stderr, "%s: the output could not be written\n", app.program);
        status = EXIT_IO;
    }
    return status;
}
