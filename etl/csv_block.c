/* csv_block.c - finding the fields of many rows at once.
 *
 * A kernel tells for 64 bytes at a time where delimiters, line ends and quotes are. Which of them are within
 * quotes follows from the number of quotes before (their exclusive or, bit by bit, as in Langdale and Lemire,
 * "Parsing gigabytes of JSON per second", 2019). The places of all separators outside of quotes are put down
 * one after the other; a row is regular if its line end is exactly the n-th of them. Whatever is not as in
 * most files ends the block and is left to csv.c: line ends within quotes, quotes that do not open or close a
 * field, rows with more or fewer fields, empty lines, a last row without line end. */
#include "etl/csv.h"

enum { STRIP_WORDS = 8 };

typedef struct scan {
    const csv_parser *p;
    uint32_t *places;
    uint32_t n_places, n_rows, max_rows;
    uint64_t inside;                /* all ones: the byte before was within quotes */
    uint64_t was_outer, was_closer; /* 1: the byte before was a separator; a quote that closes */
    bool is_over;
} scan;

/* Bit i: the exclusive or of bits 0..i. */
static uint64_t prefix_xor(uint64_t x)
{
    for (unsigned shift = 1; shift < 64; shift *= 2) x ^= x << shift;
    return x;
}

/* Bits below the lowest of x; all if there is none. */
static uint64_t below(uint64_t x)
{
    return x ? (x & -x) - 1 : UINT64_MAX;
}

/* What is odd about the quotes of a word: a bit where it shows. */
static uint64_t odd_quotes(scan *s, uint64_t quotes, uint64_t lines, uint64_t separators, const char *text,
                           uint64_t *outer)
{
    uint64_t inside = prefix_xor(quotes) ^ s->inside, openers = quotes & inside, closers = quotes & ~inside;
    *outer = separators & ~inside;
    uint64_t odd = lines & inside;
    odd |= openers & ~(*outer << 1 | s->was_outer | closers << 1 | s->was_closer);
    uint64_t behind = (closers << 1 | s->was_closer) & ~(*outer | quotes);
    for (uint64_t left = behind; left; left &= left - 1) { /* a CR before the line end is fine */
        unsigned i = (unsigned)__builtin_ctzll(left);
        if (text[i] != '\r' || text[i + 1] != '\n') odd |= UINT64_C(1) << i;
    }
    s->inside = (uint64_t) - (int64_t)(inside >> 63);
    s->was_outer = *outer >> 63;
    s->was_closer = closers >> 63;
    return odd;
}

/* The 64 bytes at text[from], of which those in `there` are part of it. */
static void scan_word(scan *s, uint32_t from, uint64_t there, const uint64_t bits[3])
{
    uint64_t lines = bits[1] & there, separators = (bits[0] | bits[1]) & there, quotes = bits[2] & there;
    uint64_t outer = separators;
    if (quotes | s->inside | s->was_closer) {
        uint64_t odd = odd_quotes(s, quotes, lines, separators, s->p->text + from, &outer) & there;
        s->is_over = odd != 0;
        outer &= below(odd);
        lines &= outer;
    } else {
        s->was_outer = outer >> 63;
    }
    for (; outer; outer &= outer - 1) s->places[s->n_places++] = from + (uint32_t)__builtin_ctzll(outer);
    for (; lines; lines &= lines - 1) {
        size_t last = ((size_t)s->n_rows + 1) * s->p->n_columns;
        if (last >= s->n_places || s->places[last] != from + (uint32_t)__builtin_ctzll(lines)) {
            s->is_over = true;
            return;
        }
        if (++s->n_rows == s->max_rows) {
            s->is_over = true;
            return;
        }
    }
    /* A row that is far too long. */
    if (s->n_places + 64 >= CSV_BLOCK_PLACES) s->is_over = true;
}

bool csv_parser_block(csv_parser *p, uint32_t max_rows, uint32_t *places, csv_block *out)
{
    const uint8_t what[3] = {(uint8_t)p->format.delimiter, '\n', (uint8_t)p->format.quote};
    uint64_t bits[3 * STRIP_WORDS];
    size_t n = (size_t)(p->end - p->text), at = (size_t)(p->at - p->text);
    scan s = {.p = p, .places = places, .was_outer = 1, .n_places = 1, .max_rows = max_rows};
    out->n_rows = 0;
    if (!p->is_clean || !p->n_columns || n >= CSV_MAX_RECORD) return false;
    if (max_rows > CSV_BLOCK_FIELDS / p->n_columns) s.max_rows = CSV_BLOCK_FIELDS / p->n_columns;
    places[0] = (uint32_t)at - 1;
    while (!s.is_over && at < n) {
        size_t n_words = (n - at + 63) / 64;
        if (n_words > STRIP_WORDS) n_words = STRIP_WORDS;
        p->kern->match_bytes((const uint8_t *)p->text + at, n_words, what, bits);
        for (size_t w = 0; w < n_words && !s.is_over; w++, at += 64) {
            uint64_t there = n - at < 64 ? (UINT64_C(1) << (n - at)) - 1 : UINT64_MAX;
            scan_word(&s, (uint32_t)at, there, bits + 3 * w);
        }
    }
    if (!s.n_rows) return false;
    *out = (csv_block){s.n_rows, p->n_columns, p->text, places, p->line};
    p->at = p->text + places[(size_t)s.n_rows * p->n_columns] + 1;
    p->line += s.n_rows;
    return true;
}

pt_status csv_parser_row(csv_parser *p, const csv_block *b, uint32_t row, pt_err *err)
{
    csv_parser one = *p;
    bool done;
    one.at = p->text + (uint32_t)(b->at[(size_t)row * b->n_columns] + 1);
    one.line = b->line + row;
    pt_status st = csv_parser_next(&one, &done, err);
    p->n_fields = one.n_fields;
    p->row_line = one.row_line;
    return st;
}
