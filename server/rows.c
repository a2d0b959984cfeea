/* rows.c - an answer as RowDescription, DataRow and CommandComplete. */
#include <stdio.h>

#include "server/client.h"
#include "server/msg_write.h"
#include "server/types.h"

enum { CANCEL_CHECK_ROWS = 256, NULL_VALUE = -1 };

void client_row_description(client *c, const answer *x, uint16_t n_formats, const uint16_t *formats)
{
    strbuf *out = &c->wire->out;
    if (!x->has_rows) {
        msg_empty(out, 'n');
        return;
    }
    size_t mark = msg_begin(out, 'T');
    msg_put_u16(out, (uint16_t)x->n_columns);
    for (uint32_t i = 0; i < x->n_columns; i++) {
        msg_put_text(out, x->names[i]);
        msg_put_i32(out, 0); /* of no table, */
        msg_put_u16(out, 0); /* so no column of one */
        msg_put_i32(out, (int32_t)x->types[i]);
        msg_put_u16(out, (uint16_t)type_size(x->types[i]));
        msg_put_i32(out, -1); /* no type modifier */
        msg_put_u16(out, msg_format_at(n_formats, formats, i));
    }
    msg_end(out, mark);
}

static bool put_value(client *c, const answer *x, uint64_t row, uint32_t col, bool is_binary, sql_error *e)
{
    strbuf *out = &c->wire->out;
    const char *value = answer_value(x, row, col);
    if (!value) {
        msg_put_i32(out, NULL_VALUE);
        return true;
    }
    size_t mark = out->len;
    msg_put_i32(out, 0);
    if (!type_encode(x->types[col], is_binary, value, out))
        return sql_fail(e, SQL_INVALID_TEXT,
                        "the value '%.80s' cannot be sent in the binary form of its type", value);
    msg_patch_i32(out, mark, (int32_t)(out->len - mark - 4));
    return true;
}

static bool put_row(client *c, const answer *x, uint64_t row, uint16_t n_formats, const uint16_t *formats,
                    sql_error *e)
{
    strbuf *out = &c->wire->out;
    size_t start = out->len, mark = msg_begin(out, 'D');
    msg_put_u16(out, (uint16_t)x->n_columns);
    for (uint32_t i = 0; i < x->n_columns; i++)
        if (!put_value(c, x, row, i, msg_format_at(n_formats, formats, i) == 1, e)) {
            out->len = start; /* half a message must not be sent */
            return false;
        }
    if (out->len - mark > INT32_MAX) {
        out->len = start;
        return sql_fail(e, SQL_LIMIT, "a row is longer than the protocol can carry");
    }
    msg_end(out, mark);
    return true;
}

bool client_rows(client *c, const answer *x, uint64_t from, uint64_t max, uint16_t n_formats,
                 const uint16_t *formats, uint64_t *next, sql_error *e)
{
    uint64_t end = max && max < x->n_rows - from ? from + max : x->n_rows;
    for (uint64_t row = from; row < end; row++) {
        *next = row;
        if (row % CANCEL_CHECK_ROWS == 0 && atomic_load(&c->seat->is_cancelled))
            return sql_fail(e, SQL_CANCELLED, "cancelled on request");
        if (!put_row(c, x, row, n_formats, formats, e)) return false;
        if (wire_relieve(c->wire) != WIRE_OK) return sql_fail(e, SQL_IO, "the client takes no more rows");
    }
    *next = end;
    return true;
}

void client_complete(client *c, const answer *x, uint64_t n_rows)
{
    char tag[96];
    snprintf(tag, sizeof tag, "%s %llu", x->tag, (unsigned long long)n_rows);
    msg_complete(&c->wire->out, x->has_rows ? tag : x->tag);
}

void client_warn_cells(client *c, const answer *x)
{
    char text[PT_ERR_TEXT];
    const char *first = "";
    uint64_t n = answer_cell_errors(x, &first);
    if (n == 0) return;
    snprintf(text, sizeof text, "%llu cell%s could not be computed and %s NULL; the first: %s",
             (unsigned long long)n, n == 1 ? "" : "s", n == 1 ? "is" : "are", first);
    msg_notice(&c->wire->out, "WARNING", SQL_WARNING, text);
}
