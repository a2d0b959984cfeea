/* command.h - what a subcommand is, and what all of them share.
 *
 * A subcommand is a file cmd_<name>.c with a `const command cmd_<name>` and a line in commands.c. Its run
 * function takes the options one by one from args_next(), then the operands, and returns the exit status of
 * the process:
 *
 *     static int run(application *app, args *a)
 *     {
 *         for (int id; (id = args_next(a)) != ARGS_END;) switch (id) {
 *             case 'f': file = a->value; break;
 *             default: return a->status;
 *             }
 *         connection c;
 *         int status = connection_open(app, 0, &c);
 *         ...
 *     }
 */
#pragma once

#include <getopt.h>

#include "base/str.h"
#include "include/patron.h"
#include "tools/exit.h"
#include "tools/terminal.h"

/* What the options common to all subcommands say. */
typedef struct application {
    const char *program; /* "patron" */
    const char *db;      /* --db or $PATRON_DB; NULL: not given */
    patron_options options;
    bool quiet, no_color;
    terminal out, err; /* of stdout and stderr */
} application;

typedef struct command_option {
    const char *name;     /* long name; NULL ends the list */
    int id;               /* the short letter, or a number from 256 on where there is none */
    const char *argument; /* "FILE"; NULL: takes none; in brackets: may be left out ("[COLUMN]") */
    const char *help;
} command_option;

typedef struct args args;

typedef struct command {
    const char *name, *summary;
    const char *usage;    /* what follows "patron NAME", a form a line */
    const char *about;    /* paragraphs for --help, wrapped by hand at 78 columns */
    const char *examples; /* lines "command # what it does" */
    const command_option *options;
    int (*run)(application *app, args *a);
} command;

/* All subcommands, in the order of `patron help`; ends with NULL. */
extern const command *const commands[];
/* NULL: no such command. */
const command *command_find(const char *name);

/* ---- arguments ------------------------------------------------------------ */

enum { ARGS_END = -1, ARGS_STOP = -2 };

struct args {
    application *app;
    const command *command;
    int argc;
    char **argv;
    const char *value;           /* of the option last returned; NULL: none */
    int status;                  /* after ARGS_STOP: what run() returns */
    struct option *long_options; /* owned */
    char *short_options;         /* owned */
};

/* argv[0] is the command's name. EXIT_OK, or EXIT_FAILED without memory. */
int args_open(args *a, application *app, const command *c, int argc, char **argv);
void args_close(args *a);
/* The id of the next option of the command, ARGS_END when operands are left only, ARGS_STOP when the command
 * is to end now with a->status: help was asked for, or the line is wrong and a message has been printed.
 * Common options are dealt with here. */
int args_next(args *a);
/* Operands, after ARGS_END. */
int args_count(const args *a);
const char *args_operand(const args *a, int i); /* NULL past the end */
/* Complain unless there are min to max operands (max -1: any number); true if all is well, else a->status is
 * set. */
bool args_need(args *a, int min, int max, const char *what);
/* A whole number within bounds; on failure a message is printed and a->status set. */
bool args_number(args *a, const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *out);
/* Print "patron NAME: message", and where help is to be found; returns EXIT_BAD_USAGE and sets a->status to
 * it. */
int args_wrong(args *a, const char *fmt, ...) PT_PRINTF(2, 3);

/* ---- help ----------------------------------------------------------------- */

void help_overview(FILE *out);
void help_command(const command *c, FILE *out);
void help_statuses(FILE *out);

/* ---- messages ------------------------------------------------------------- */

/* "patron: error NAME: ...", the hint on a line of its own; to stderr. Returns the exit status that fits. */
int say_error(const application *app, const pt_err *err);
/* The same for errors of the API; text (may be NULL) is the statement, shown with a caret under the place.
 * `where` (may be NULL) is a file name to put before. */
int say_failure(const application *app, const patron_error *err, const char *where, const char *text);
/* A remark on stderr unless --quiet. */
void say(const application *app, const char *fmt, ...) PT_PRINTF(2, 3);
