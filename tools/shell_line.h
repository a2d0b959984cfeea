/* shell_line.h - lines from the user, edited with history and completion on a terminal, plain from a pipe. */
#pragma once

#include "tools/connection.h"

typedef struct line_reader line_reader;

typedef enum line_status { LINE_OK, LINE_END, LINE_INTERRUPTED } line_status;

/* is_interactive: standard input and output are a terminal. NULL without memory. */
line_reader *line_reader_open(connection *c, bool is_interactive);
void line_reader_close(line_reader *r); /* saves the history */
/* The next line, without its line end, into *line (cleared first). pending is what was typed before of the
 * same statement: completion looks at all of it. */
line_status line_read(line_reader *r, const char *prompt, const char *pending, strbuf *line);
/* Remember a statement or shell command. */
void line_remember(line_reader *r, const char *text);
