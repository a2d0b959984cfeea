/* render.h - tables as text for people and for programs. */
#pragma once

#include <stdio.h>

#include "tools/table.h"

typedef enum output_format {
    FORMAT_TABLE,
    FORMAT_CSV,
    FORMAT_TSV,
    FORMAT_JSON,
    FORMAT_MARKDOWN
} output_format;

/* By name ("table", "csv", "tsv", "json", "markdown" or "md"); false if there is no such format. */
bool render_format_of(const char *name, output_format *out);
const char *render_format_name(output_format f);

typedef struct render_style {
    bool has_color;
    bool is_utf8;     /* lines and blocks instead of - | and # */
    unsigned columns; /* width that charts may use */
    bool is_quiet;    /* no "(12 rows)" */
} render_style;

/* Aligned columns: texts to the left, numbers to the right, wide characters counted as two. A caption that
 * repeats the one above is left blank. Control characters never reach the terminal. */
void render_table(const table *t, const render_style *style, FILE *out);
/* Lines and columns that render_table needs: to decide about a pager. */
void render_table_size(const table *t, uint64_t *lines, uint64_t *columns);

/* RFC 4180 quoting, lines ended by LF. A null is empty, an empty text is "". Values as for machines. */
void render_csv(const table *t, bool has_header, FILE *out);
/* Tab-separated; tab, line feed, carriage return and backslash inside a value as \t \n \r \\. */
void render_tsv(const table *t, bool has_header, FILE *out);
/* One JSON object on one line: tag, message if any, columns (name, type, header), rows (arrays of values). */
void render_json(const table *t, FILE *out);
/* The members "columns":[...],"rows":[...] of that object, to be put into another one. */
void render_json_members(const table *t, strbuf *out);
void render_markdown(const table *t, FILE *out);
/* Bars: a section for each column of numbers, or for the one named (NULL: all). False if there is no such
 * column. */
bool render_chart(const table *t, const char *column, const render_style *style, FILE *out);

/* The value for machines, or the text where there is none ("" for null, "#ERR" for an error). */
const char *table_plain(const table *t, uint64_t row, uint32_t col);
/* Text as it may go to a terminal: control characters become '?', a tab a blank. */
void render_put_clean(pt_str s, FILE *out);
/* z n times. */
void render_put_times(const char *z, uint64_t n, FILE *out);
/* True if the text is a number in JSON's grammar. */
bool render_is_json_number(const char *z);
