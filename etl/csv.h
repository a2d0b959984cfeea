/* csv.h - delimited text as rows of fields: RFC 4180 with a choice of delimiter, quote and null marker.
 *
 * Rules: rows end at LF or CRLF, the last one also at the end of the text. A field that starts with the quote
 * character ends at the next single one; inside, a doubled quote stands for one, and delimiters and line ends
 * are text. A quote elsewhere is an ordinary character. An unquoted field that equals the null marker is
 * null. Rows without any character are skipped, unless the table has one column.
 *
 * A row is malformed when a quote is not closed, when something stands between a closing quote and the
 * delimiter, when it has more or fewer fields than the header, when it is not UTF-8, or when it holds a NUL.
 * Reading goes on behind it; behind a quote that is never closed, with the next line.
 *
 * Works in two steps so that the second can run in parallel: csv_cut finds how many whole rows stand at the
 * front of a buffer, csv_parser splits them in place, without copying. */
#pragma once

#include "base/str.h"

enum {
    CSV_MAX_RECORD = 16 << 20, /* bytes of a row */
    CSV_MAX_FIELDS = 4096,
    CSV_PAD = 8 /* readable bytes behind a text given to csv_parser_start */
};

typedef struct csv_format {
    char delimiter;
    char quote;         /* 0: none */
    pt_str null_marker; /* usually empty */
} csv_format;

/* How many bytes at the front of text are whole rows, and how many line ends they hold. at_end: nothing
 * follows, so the last row needs no line end. 0 bytes: the first row is longer than the text; read more and
 * ask again, until the text has CSV_MAX_RECORD bytes. A first row that still does not end then, or at the
 * end, is given as its first line. */
size_t csv_cut(const csv_format *f, pt_str text, bool at_end, uint64_t *n_lines);

typedef struct csv_parser {
    csv_format format;
    char *at, *end;
    uint64_t line;      /* of `at`, from 1 */
    uint32_t n_columns; /* fields that a row must have; 0: any number */
    bool is_clean;      /* the whole text is UTF-8 without NUL: no need to look at each row */
    pt_str *fields;     /* [CSV_MAX_FIELDS], the caller's */
    /* of the row last read */
    uint32_t n_fields; /* may be more than CSV_MAX_FIELDS in a malformed row */
    uint64_t row_line;
} csv_parser;

/* text: whole rows, rewritten in place while it is read, with CSV_PAD readable bytes behind. */
void csv_parser_start(csv_parser *p, char *text, size_t n, uint64_t first_line);
/* The next row in p->fields (ptr NULL: null). *done at the end. PT_DATA: malformed; the fields are what could
 * be made of it. */
PT_MUST_USE pt_status csv_parser_next(csv_parser *p, bool *done, pt_err *err);
