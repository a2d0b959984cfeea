/* csv.c - finding the ends of rows and of fields, one row after the other.
 *
 * Both steps look at eight bytes at a time (or let memchr do better) and only slow down for rows with quotes.
 * They must agree on where a row ends: row_end for the cut, split_row for the fields. */
#include "etl/csv.h"

#include "base/utf8.h"

/* ---- eight bytes at a time ----------------------------------------- */

#define ONES  UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)

/* The high bit of every byte of x that is equal to the byte repeated in `pattern`. */
static inline uint64_t equal_bytes(uint64_t x, uint64_t pattern)
{
    uint64_t y = x ^ pattern;
    return ~(((y & ~HIGHS) + ~HIGHS) | y | ~HIGHS);
}

static inline uint64_t repeat(char c)
{
    return ONES * (unsigned char)c;
}

/* The first of two characters in [p, end), or end. Reads up to CSV_PAD bytes behind end. */
static inline char *find_either(char *p, char *end, uint64_t a, uint64_t b)
{
    while (p < end) {
        uint64_t x;
        memcpy(&x, p, sizeof x);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        x = __builtin_bswap64(x);
#endif
        uint64_t hit = equal_bytes(x, a) | equal_bytes(x, b);
        if (hit) {
            p += __builtin_ctzll(hit) >> 3;
            return p < end ? p : end;
        }
        p += sizeof x;
    }
    return end;
}

static uint64_t count_lines(const char *p, size_t n)
{
    uint64_t count = 0, pattern = repeat('\n'), x;
    size_t i = 0;
    for (; i + sizeof x <= n; i += sizeof x) {
        memcpy(&x, p + i, sizeof x);
        count += ((equal_bytes(x, pattern) >> 7) * ONES) >> 56;
    }
    for (; i < n; i++) count += p[i] == '\n';
    return count;
}

/* ---- cutting ------------------------------------------------------- */

/* Behind the closing quote of a field whose text starts at p; NULL if there is none. */
static const char *quoted_end(const char *p, const char *end, char quote)
{
    for (;;) {
        p = memchr(p, quote, (size_t)(end - p));
        if (!p) return NULL;
        if (p + 1 == end || p[1] != quote) return p + 1;
        p += 2;
    }
}

typedef enum row_state { ROW_WHOLE, ROW_CUT, ROW_UNCLOSED } row_state;

/* Where the row at p ends, behind its line end. ROW_CUT: it has none; ROW_UNCLOSED: within quotes. */
static row_state row_end(const csv_format *f, const char *p, const char *end, const char **out)
{
    const char *line = memchr(p, '\n', (size_t)(end - p));
    const char *line_end = line ? line : end;
    if (!memchr(p, f->quote, (size_t)(line_end - p))) {
        *out = line ? line + 1 : end;
        return line ? ROW_WHOLE : ROW_CUT;
    }
    for (;;) { /* p is at the start of a field */
        if (p < end && *p == f->quote) {
            p = quoted_end(p + 1, end, f->quote);
            if (!p) return ROW_UNCLOSED;
        }
        while (p < end && *p != f->delimiter && *p != '\n') p++;
        if (p == end) {
            *out = end;
            return ROW_CUT;
        }
        if (*p++ == '\n') break;
    }
    *out = p;
    return ROW_WHOLE;
}

/* Bytes of the first line. */
static size_t first_line(pt_str text)
{
    const char *line = memchr(text.ptr, '\n', text.len);
    return line ? (size_t)(line - text.ptr) + 1 : text.len;
}

/* Rows without quotes end at the last line end. */
static size_t cut_unquoted(pt_str text, bool at_end)
{
    if (at_end) return text.len;
    const char *last = memrchr(text.ptr, '\n', text.len);
    return last ? (size_t)(last - text.ptr) + 1 : 0;
}

static size_t cut_quoted(const csv_format *f, pt_str text, bool at_end)
{
    const char *p = text.ptr, *end = text.ptr + text.len, *next;
    while (p < end) {
        row_state state = row_end(f, p, end, &next);
        if (state == ROW_CUT && at_end) return text.len;
        if (state != ROW_WHOLE) break;
        p = next;
    }
    return (size_t)(p - text.ptr);
}

size_t csv_cut(const csv_format *f, pt_str text, bool at_end, uint64_t *n_lines)
{
    size_t size = 0;
    if (text.len) {
        bool has_quotes = f->quote && memchr(text.ptr, f->quote, text.len);
        size = has_quotes ? cut_quoted(f, text, at_end) : cut_unquoted(text, at_end);
    }
    if (!size && (at_end || text.len >= CSV_MAX_RECORD)) size = first_line(text);
    *n_lines = count_lines(text.ptr, size);
    return size;
}

/* ---- splitting ----------------------------------------------------- */

static bool is_clean(const char *p, size_t n)
{
    return n == 0 || (utf8_valid_prefix((pt_str){p, n}) == n && !memchr(p, 0, n));
}

void csv_parser_start(csv_parser *p, char *text, size_t n, uint64_t first)
{
    p->kern = kern_get();
    p->text = p->at = text;
    p->end = text + n;
    p->line = first;
    p->is_clean = is_clean(text, n);
}

/* Replace doubled quotes in [from, to) by one, in place; the new end. */
static char *undouble(char *from, char *to, char quote)
{
    char *out = memchr(from, quote, (size_t)(to - from));
    if (!out) return to;
    for (const char *in = out; in < to; in++) {
        *out++ = *in;
        if (*in == quote) in++;
    }
    return out;
}

static pt_str unquoted_field(const csv_parser *p, char *from, char *to)
{
    pt_str s = {from, (size_t)(to - from)};
    return str_eq(s, p->format.null_marker) ? (pt_str){NULL, 0} : s;
}

/* The end of an unquoted last field is before the CR of CRLF. */
static char *without_cr(char *from, char *to, bool is_last)
{
    return is_last && to > from && to[-1] == '\r' ? to - 1 : to;
}

/* A field in quotes that starts at `from`. Its end goes to *to; *problem is set if it is not as it should be.
 */
static pt_str quoted_field(csv_parser *p, char *from, char **to, const char **problem)
{
    char quote = p->format.quote;
    const char *behind = quoted_end(from + 1, p->end, quote);
    if (!behind) {
        *problem = "a quote is opened and never closed";
        *to = p->end;
        p->line += count_lines(from, (size_t)(p->end - from));
        return (pt_str){from, (size_t)(p->end - from)};
    }
    char *close = from + (behind - from) - 1;
    *to = find_either(close + 1, p->end, repeat(p->format.delimiter), repeat('\n'));
    bool is_last = *to == p->end || **to == '\n';
    if (without_cr(close + 1, *to, is_last) != close + 1) {
        *problem = "there is text between a closing quote and the delimiter";
        close = *to;
    }
    p->line += count_lines(from, (size_t)(close - from)); /* before it is rewritten */
    if (*problem) return (pt_str){from, (size_t)(close - from)};
    return (pt_str){from + 1, (size_t)(undouble(from + 1, close, quote) - from) - 1};
}

/* Split the row at p->at and step behind it. What is wrong with it, NULL if nothing. */
static const char *split_row(csv_parser *p)
{
    uint64_t delimiter = repeat(p->format.delimiter), line_end = repeat('\n');
    char quote = p->format.quote, *at = p->at, *to;
    const char *problem = NULL;
    p->n_fields = 0;
    for (bool is_last = false; !is_last; at = to + 1) {
        pt_str field;
        if (quote && at < p->end && *at == quote) {
            field = quoted_field(p, at, &to, &problem);
            is_last = to == p->end || *to == '\n';
        } else {
            to = find_either(at, p->end, delimiter, line_end);
            is_last = to == p->end || *to == '\n';
            field = unquoted_field(p, at, without_cr(at, to, is_last));
        }
        if (p->n_fields < CSV_MAX_FIELDS) p->fields[p->n_fields] = field;
        p->n_fields++;
    }
    p->line += to < p->end;
    p->at = to < p->end ? to + 1 : to;
    return problem;
}

static bool is_blank(const csv_parser *p)
{
    return p->n_columns != 1 &&
           (*p->at == '\n' || (*p->at == '\r' && (p->at + 1 == p->end || p->at[1] == '\n')));
}

static pt_status check_text(const csv_parser *p, pt_err *err)
{
    for (uint32_t i = 0; i < p->n_fields && i < CSV_MAX_FIELDS && !p->is_clean; i++) {
        pt_str field = p->fields[i];
        if (!field.len) continue;
        size_t valid = utf8_valid_prefix(field);
        if (valid < field.len)
            return pt_fail(err, PT_DATA,
                           "field %u is not valid in the encoding of the file, from byte %zu on", i + 1,
                           valid + 1);
        if (memchr(field.ptr, 0, field.len)) return pt_fail(err, PT_DATA, "field %u holds a NUL byte", i + 1);
    }
    return PT_OK;
}

static pt_status check_count(const csv_parser *p, pt_err *err)
{
    if (p->n_fields > CSV_MAX_FIELDS)
        return pt_fail(err, PT_DATA, "the row has %u fields, %d are the most", p->n_fields, CSV_MAX_FIELDS);
    if (p->n_columns && p->n_fields != p->n_columns)
        return pt_fail(err, PT_DATA, "expected %u fields, found %u", p->n_columns, p->n_fields);
    return PT_OK;
}

pt_status csv_parser_next(csv_parser *p, bool *done, pt_err *err)
{
    while (p->at < p->end && is_blank(p)) {
        p->line += *p->at == '\n';
        p->at++;
    }
    *done = p->at >= p->end;
    if (*done) return PT_OK;
    const char *start = p->at;
    p->row_line = p->line;
    const char *problem = split_row(p);
    if (p->at - start >= CSV_MAX_RECORD)
        return pt_fail(err, PT_DATA, "the row is longer than %d MB", CSV_MAX_RECORD >> 20);
    if (problem) return pt_fail(err, PT_DATA, "%s", problem);
    PT_TRY(check_text(p, err));
    return check_count(p, err);
}
