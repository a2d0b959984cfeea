/* terminal.h - what the other end of a stream can show. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

typedef struct terminal {
    bool is_terminal;
    bool has_color;         /* a terminal, and neither --no-color, NO_COLOR nor TERM=dumb is against it */
    bool is_utf8;           /* by the locale */
    unsigned columns, rows; /* 80 x 24 where unknown */
} terminal;

/* setlocale(LC_CTYPE, "") must have been called. */
terminal terminal_of(FILE *f, bool no_color);
