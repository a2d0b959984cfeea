/* csv_util.c - see csv_util.h. */
#include "tests/unit/csv_util.h"

static void describe_row(const pt_str *fields, uint32_t n, uint64_t line, strbuf *out)
{
    strbuf_printf(out, "%llu: ", (unsigned long long)line);
    for (uint32_t i = 0; i < n; i++) {
        strbuf_addz(out, i ? "|" : "");
        strbuf_adds(out, fields[i].ptr ? fields[i] : STR("NULL"));
    }
    strbuf_addc(out, '\n');
}

/* Rows that are found together: those with quotes are split once more. */
static bool describe_block(csv_parser *p, const csv_block *b, strbuf *out)
{
    for (uint32_t r = 0; r < b->n_rows; r++) {
        bool has_quote = false;
        for (uint32_t f = 0; f < b->n_columns; f++) {
            pt_str s = csv_block_field(b, r, f);
            has_quote = has_quote || (p->format.quote && s.len && s.ptr[0] == p->format.quote);
            p->fields[f] = str_eq(s, p->format.null_marker) ? (pt_str){NULL, 0} : s;
        }
        p->row_line = b->line + r;
        pt_err err = {0};
        if (has_quote && csv_parser_row(p, b, r, &err) != PT_OK) return false;
        describe_row(p->fields, b->n_columns, p->row_line, out);
    }
    return true;
}

/* Rows of one chunk. */
static bool describe_chunk(csv_parser *p, uint32_t *places, strbuf *out)
{
    const char *end = p->end;
    csv_block b;
    for (bool done = false;;) {
        pt_err err = {0};
        const char *start = p->at;
        while (places && csv_parser_block(p, 3, places, &b))
            if (!describe_block(p, &b, out)) return false;
        if (p->at > start) start = p->at;
        pt_status st = csv_parser_next(p, &done, &err);
        if (done) return p->at == end;
        if (p->at <= start || p->at > end) return false;
        if (st != PT_OK && st != PT_DATA) return false;
        if (st == PT_OK)
            describe_row(p->fields, p->n_fields, p->row_line, out);
        else
            strbuf_printf(out, "%llu: ! %s\n", (unsigned long long)p->row_line, err.msg);
    }
}

/* As many whole rows as the window shows; a larger one if it shows none. */
static size_t cut(const csv_format *f, pt_str rest, size_t window, uint64_t *n_lines)
{
    size_t size = 0;
    for (size_t seen = window; !size; seen *= 2) {
        bool at_end = seen >= rest.len;
        size = csv_cut(f, (pt_str){rest.ptr, at_end ? rest.len : seen}, at_end, n_lines);
        if (at_end) break;
    }
    return size;
}

static bool describe(const csv_format *f, pt_str text, uint32_t n_columns, size_t window, uint32_t *places,
                     strbuf *out)
{
    pt_str *fields = mem_alloc(CSV_MAX_FIELDS, sizeof *fields);
    csv_parser p = {.format = *f, .n_columns = n_columns, .fields = fields};
    uint64_t line = 1, n_lines;
    bool is_fine = fields != NULL;
    for (size_t at = 0, size; is_fine && at < text.len; at += size, line += n_lines) {
        size = cut(f, (pt_str){text.ptr + at, text.len - at}, window, &n_lines);
        /* a copy of the exact size, so that reading too far shows under ASan */
        char *copy = mem_alloc(size + CSV_PAD, 1);
        if (!copy || size == 0) is_fine = false;
        if (copy) memcpy(copy, text.ptr + at, size);
        if (is_fine) csv_parser_start(&p, copy, size, line);
        if (is_fine) is_fine = describe_chunk(&p, places, out) && p.line == line + n_lines;
        mem_free(copy);
    }
    mem_free(fields);
    return is_fine;
}

bool csv_describe(const csv_format *f, pt_str text, uint32_t n_columns, size_t window, strbuf *out)
{
    strbuf by_blocks = {0};
    size_t from = out->len;
    uint32_t *places = mem_alloc(CSV_BLOCK_PLACES, sizeof *places);
    bool is_fine = places && describe(f, text, n_columns, window, places, &by_blocks) &&
                   describe(f, text, n_columns, window, NULL, out);
    pt_str one_by_one = {out->ptr ? out->ptr + from : "", out->len - from};
    is_fine = is_fine && str_eq(strbuf_str(&by_blocks), one_by_one);
    strbuf_free(&by_blocks);
    mem_free(places);
    return is_fine;
}
