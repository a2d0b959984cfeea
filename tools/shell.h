/* shell.h - the state of `patron shell`, for its two files. */
#pragma once

#include "tools/output.h"
#include "tools/shell_line.h"

typedef struct shell {
    connection *c;
    output output;
    char *chart_column; /* owned; what output.chart_column points to */
    bool is_done;
    int status;     /* of the first statement that failed */
    unsigned depth; /* of \i within \i */
} shell;

/* Run a line that starts with a backslash. */
void shell_command(shell *s, const char *line);
/* Run the statements of a text. */
void shell_run(shell *s, const char *text, const char *where);
void shell_close(shell *s);
