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
 * front of a buffer, csv_parser splits them in place, without copying. Rows that hold no surprise are found
 * many at a time (csv_parser_block), the others one by one (csv_parser_next). */
#pragma once

#include "base/kernel/kern.h"
#include "base/str.h"

enum {
    CSV_MAX_RECORD = 16 << 20, /* bytes of a row */
    CSV_MAX_FIELDS = 4096,
    CSV_PAD = 64,            /* readable bytes behind a text given to csv_parser_start */
    CSV_BLOCK_FIELDS = 8192, /* most fields of a block */
    CSV_BLOCK_PLACES = CSV_BLOCK_FIELDS + 65
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
    const kern_ops *kern;
    char *text, *at, *end;
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

/* Rows of one line each, with as many fields as there should be: field f of row r is the text behind
 * at[r * n_columns + f] and before at[r * n_columns + f + 1], as it stands in the file: the last field may
 * end with a CR; one that starts with a quote is well-formed up to there, and what stands in the quotes may
 * be doubled quotes too. */
typedef struct csv_block {
    uint32_t n_rows, n_columns;
    const char *text;
    const uint32_t *at; /* modulo 2^32: at[0] is one before the first field */
    uint64_t line;      /* of the first row */
} csv_block;

/* The next rows, at most max_rows of them, as long as they are of that kind; false: the next one is not, ask
 * csv_parser_next. places: [CSV_BLOCK_PLACES], the caller's, as long as the block is used. */
bool csv_parser_block(csv_parser *p, uint32_t max_rows, uint32_t *places, csv_block *out);
/* A field as it stands there, without the CR. */
static inline pt_str csv_block_field(const csv_block *b, uint32_t row, uint32_t field)
{
    const uint32_t *at = b->at + (size_t)row * b->n_columns + field;
    const char *from = b->text + (uint32_t)(at[0] + 1), *to = b->text + at[1];
    if (field + 1 == b->n_columns && to > from && to[-1] == '\r') to--;
    return (pt_str){from, (size_t)(to - from)};
}
/* Like csv_parser_next, for a row of a block. Rewrites that row, once. */
PT_MUST_USE pt_status csv_parser_row(csv_parser *p, const csv_block *b, uint32_t row, pt_err *err);
