/* rows.c - building rowsets row by row. */
#include "api/api_int.h"

static pt_type type_of_letter(char c)
{
    switch (c) {
    case 'i': return TYPE_INTEGER;
    case 'f': return TYPE_DOUBLE;
    case 'b': return TYPE_BOOLEAN;
    case 'm': return TYPE_TIMESTAMP;
    default: return TYPE_TEXT;
    }
}

pt_status rows_begin(row_builder *b, arena *a, const char *columns, pt_err *err)
{
    *b = (row_builder){.a = a, .out = arena_make(a, rowset)};
    uint32_t n = 1;
    for (const char *p = columns; *p; p++) n += *p == ' ';
    if (!b->out) return arena_fail(a, err);
    b->out->names = arena_array(a, pt_str, n);
    b->out->types = arena_array(a, pt_type, n);
    if (!b->out->names || !b->out->types) return arena_fail(a, err);
    b->out->n_columns = n;
    const char *p = columns;
    for (uint32_t i = 0; i < n; i++) {
        const char *colon = strchr(p, ':');
        b->out->names[i] = (pt_str){p, (size_t)(colon - p)};
        b->out->types[i] = type_of_letter(colon[1]);
        p = colon + 3;
    }
    return PT_OK;
}

pt_status rows_add(row_builder *b, pt_value **row, pt_err *err)
{
    rowset *r = b->out;
    if (r->n_rows == b->cap) {
        uint64_t cap = b->cap ? b->cap * 2 : 16;
        pt_value **grown = arena_array(b->a, pt_value *, cap);
        if (!grown) return arena_fail(b->a, err);
        if (r->n_rows) memcpy(grown, r->rows, r->n_rows * sizeof *grown);
        r->rows = grown;
        b->cap = cap;
    }
    *row = r->rows[r->n_rows] = arena_array(b->a, pt_value, r->n_columns);
    if (!*row) return arena_fail(b->a, err);
    r->n_rows++;
    return PT_OK;
}

pt_value rows_text(row_builder *b, pt_str s)
{
    pt_str copy = str_copy(b->a, s);
    return copy.ptr ? value_text(copy) : value_null();
}
