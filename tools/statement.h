/* statement.h - running the statements of a text one after the other. */
#pragma once

#include "tools/connection.h"
#include "tools/output.h"

typedef struct statements {
    const char *text;  /* NUL-terminated; statements separated by semicolons, the last one may lack its */
    const char *where; /* file name for messages; NULL: none */
    const patron_params *params; /* may be NULL */
    const char *prefix;          /* put before each statement ("EXPLAIN "); NULL: nothing */
    bool echo;                   /* print each statement before its answer */
    bool keep_going;             /* run the others after one has failed */
} statements;

/* EXIT_OK, or the status of the first failure; all failures are printed, with their place in the whole text.
 * A statement stopped by Ctrl-C is EXIT_CANCELLED and ends the run. */
int statements_run(connection *c, const output *o, const statements *s);
/* True if nothing but blanks and comments stands before `end`. */
bool statement_is_blank(const char *text, size_t n);
