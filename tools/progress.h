/* progress.h - one line on a terminal that tells how far a long job is, how fast it goes and when it will be
 * done. */
#pragma once

#include <stdint.h>

#include "tools/terminal.h"

typedef struct progress {
    terminal term;
    bool is_shown; /* something stands on the line now */
    int64_t start_us, phase_start_us;
    uint64_t phase_base; /* `done` when the phase was first seen */
    char phase[80];
} progress;

progress progress_begin(terminal term);
/* Show the line; does nothing unless term is a terminal. total 0: unknown. */
void progress_show(progress *p, const char *phase, uint64_t done, uint64_t total, const char *unit);
/* Remove the line. */
void progress_end(progress *p);

/* The text of the line, for tests: "reading sales.csv  45 %  1.2 M rows/s  0:12 left". */
void progress_text(const char *phase, uint64_t done, uint64_t total, uint64_t since_base, int64_t elapsed_us,
                   const char *unit, char *out, size_t size);
/* 1234567 as "1.23 M"; bytes get "MB" and the like. */
void progress_amount(double x, const char *unit, char *out, size_t size);
