/* result_table.c - see result_table.h. */
#include "tools/result_table.h"

static const char *text(const void *r, uint64_t row, uint32_t col)
{
    return patron_text(r, row, col);
}

static const char *value(const void *r, uint64_t row, uint32_t col)
{
    return patron_value(r, row, col);
}

static double number(const void *r, uint64_t row, uint32_t col, bool *is_null)
{
    int null = 0;
    double x = patron_number(r, row, col, &null);
    *is_null = null != 0;
    return x;
}

static void fill(table_column *c, const patron_result *r, uint32_t col)
{
    static const char *const names[] = {"text",    "integer", "decimal",  "double",
                                        "boolean", "date",    "timestamp"};
    patron_type type = patron_column_type(r, col);
    bool is_header = patron_column_is_header(r, col) != 0;
    *c = (table_column){.name = patron_column_name(r, col), .is_header = is_header};
    c->type = (size_t)type < ARRAY_LEN(names) ? names[type] : "text";
    c->is_number = !is_header && (type == PATRON_INTEGER || type == PATRON_DECIMAL || type == PATRON_DOUBLE);
}

bool result_table_open(const patron_result *r, table *out)
{
    uint32_t n = patron_n_columns(r);
    table_column *columns = mem_alloc(n + 1u, sizeof *columns);
    if (!columns) return false;
    for (uint32_t c = 0; c < n; c++) fill(&columns[c], r, c);
    *out = (table){.n_columns = n,
                   .n_rows = patron_n_rows(r),
                   .columns = columns,
                   .tag = patron_tag(r),
                   .message = patron_message(r),
                   .ctx = r,
                   .text = text,
                   .value = value,
                   .number = number};
    return true;
}

void result_table_close(table *t)
{
    mem_free((void *)t->columns);
    t->columns = NULL;
}

uint32_t result_column(const patron_result *r, const char *name)
{
    for (uint32_t c = 0; c < patron_n_columns(r); c++)
        if (strcmp(patron_column_name(r, c), name) == 0) return c;
    return UINT32_MAX;
}
