/* batch.h - the door for programs: a JSON request on each line, a JSON answer on each line, in the same
 * order.
 *
 * docs/command.md describes both. Each answer is flushed at once, so that a program may ask, read, and ask
 * again. */
#pragma once

#include "tools/connection.h"

enum { BATCH_LINE_MAX = 1 << 20 };

/* Answer every line of `in` until it ends. EXIT_OK even if statements failed (their answers say so); EXIT_IO
 * when `out` cannot be written, EXIT_CANCELLED after a signal. */
int batch_run(connection *c, FILE *in, FILE *out);
