/* answer.c - see answer.h. */
#include "server/answer.h"

#include <stdio.h>

#include "server/types.h"

enum {
    MAX_COLUMNS = INT16_MAX
}; /* the protocol counts columns in 16 bits, and drivers read them as signed */

void answer_free(answer *x)
{
    patron_result_free(x->result);
    arena_free(x->a);
    *x = (answer){0};
}

static bool no_memory(answer *x, sql_error *e)
{
    answer_free(x);
    return sql_fail(e, SQL_OUT_OF_MEMORY, "out of memory");
}

void answer_done(const char *tag, answer *out)
{
    *out = (answer){0};
    snprintf(out->tag, sizeof out->tag, "%s", tag);
}

static bool make_columns(answer *x, uint32_t n_columns, sql_error *e)
{
    if (n_columns > MAX_COLUMNS) {
        answer_free(x);
        sql_fail(e, SQL_LIMIT, "the answer has %u columns, more than the %d that the protocol can carry",
                 n_columns, MAX_COLUMNS);
        return sql_hint(e, "put the larger set ON ROWS");
    }
    x->has_rows = true;
    x->n_columns = n_columns;
    x->a = arena_new(0);
    if (!x->a) return no_memory(x, e);
    x->names = arena_array(x->a, const char *, n_columns);
    x->types = arena_array(x->a, uint32_t, n_columns);
    return (x->names && x->types) || no_memory(x, e);
}

bool answer_of_result(patron_result *r, answer *out, sql_error *e)
{
    patron_kind kind = patron_result_kind(r);
    answer_done(kind == PATRON_CELLS ? "SELECT" : patron_tag(r), out);
    out->result = r;
    if (kind == PATRON_DONE) return true;
    if (!make_columns(out, patron_n_columns(r), e)) return false;
    out->n_rows = patron_n_rows(r);
    for (uint32_t i = 0; i < out->n_columns; i++) {
        out->names[i] = patron_column_name(r, i);
        out->types[i] = type_oid(patron_column_type(r, i));
    }
    return true;
}

bool answer_table(const char *tag, uint32_t n_columns, uint64_t n_rows, answer *out, sql_error *e)
{
    answer_done(tag, out);
    if (!make_columns(out, n_columns, e)) return false;
    out->n_rows = n_rows;
    size_t n;
    if (__builtin_mul_overflow(n_rows, n_columns, &n)) return no_memory(out, e);
    out->cells = arena_array(out->a, const char *, n);
    return out->cells || no_memory(out, e);
}

bool answer_column(answer *x, uint32_t column, const char *name, uint32_t type, sql_error *e)
{
    x->types[column] = type;
    x->names[column] = arena_dup(x->a, name, strlen(name));
    return x->names[column] || no_memory(x, e);
}

bool answer_put(answer *x, uint64_t row, uint32_t column, const char *value, sql_error *e)
{
    const char *copy = value ? arena_dup(x->a, value, strlen(value)) : NULL;
    if (value && !copy) return no_memory(x, e);
    x->cells[row * x->n_columns + column] = copy;
    return true;
}

bool answer_single(const char *tag, const char *name, const char *value, answer *out, sql_error *e)
{
    return answer_table(tag, 1, 1, out, e) && answer_column(out, 0, name, OID_TEXT, e) &&
           answer_put(out, 0, 0, value, e);
}

const char *answer_value(const answer *x, uint64_t row, uint32_t column)
{
    return x->result ? patron_value(x->result, row, column) : x->cells[row * x->n_columns + column];
}

uint64_t answer_cell_errors(const answer *x, const char **first)
{
    uint64_t n_errors = 0, n = x->result ? patron_n_cells(x->result) : 0;
    for (uint64_t i = 0; i < n; i++) {
        patron_cell cell;
        if (patron_cell_at(x->result, i, &cell) != PATRON_OK || !cell.error) continue;
        if (n_errors++ == 0) *first = cell.error;
    }
    return n_errors;
}
