/* csv_util.c - see csv_util.h. */
#include "tests/unit/csv_util.h"

/* Rows of one chunk. */
static bool describe_chunk(csv_parser *p, strbuf *out)
{
    const char *end = p->end;
    for (bool done = false;;) {
        pt_err err = {0};
        const char *start = p->at;
        pt_status st = csv_parser_next(p, &done, &err);
        if (done) return p->at == end;
        if (p->at <= start || p->at > end) return false;
        strbuf_printf(out, "%llu: ", (unsigned long long)p->row_line);
        if (st != PT_OK) strbuf_printf(out, "! %s", err.msg);
        if (st != PT_OK && st != PT_DATA) return false;
        for (uint32_t i = 0; i < p->n_fields && st == PT_OK; i++) {
            strbuf_addz(out, i ? "|" : "");
            strbuf_adds(out, p->fields[i].ptr ? p->fields[i] : STR("NULL"));
        }
        strbuf_addc(out, '\n');
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

bool csv_describe(const csv_format *f, pt_str text, uint32_t n_columns, size_t window, strbuf *out)
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
        if (is_fine) is_fine = describe_chunk(&p, out) && p.line == line + n_lines;
        mem_free(copy);
    }
    mem_free(fields);
    return is_fine;
}
