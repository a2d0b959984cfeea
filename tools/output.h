/* output.h - where and how answers are printed: the settings that options and the shell's \format, \chart, \o
 * change. */
#pragma once

#include "tools/command.h"
#include "tools/render.h"

typedef struct output {
    const application *app;
    FILE *file; /* stdout, or the file of \o */
    output_format format;
    bool is_chart;
    const char *chart_column; /* NULL: all columns of numbers */
    bool is_timed;            /* tell how long each statement took */
    bool is_quiet;            /* no row counts, no messages of definitions */
    bool has_no_header;       /* CSV and TSV without the line of column names */
    bool has_pager;           /* long tables on a terminal */
} output;

output output_to_stdout(const application *app);
/* Print one answer. EXIT_OK, EXIT_IO when writing fails, EXIT_BAD_USAGE when a chart was asked for and there
 * is nothing to draw (a message is printed). */
int output_result(const output *o, const patron_result *r);
