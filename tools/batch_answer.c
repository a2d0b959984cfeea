/* batch_answer.c - see batch_answer.h. */
#include "tools/batch_answer.h"

#include <stdlib.h>

#include "base/json.h"
#include "tools/render.h"
#include "tools/result_table.h"

static void add_head(const json_t *id, bool is_ok, strbuf *out)
{
    char *text = id ? json_dumps(id, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    strbuf_printf(out, "{\"id\":%s,\"ok\":%s", text ? text : "null", is_ok ? "true" : "false");
    free(text);
}

static void add_member(strbuf *out, const char *name, const char *value)
{
    strbuf_printf(out, ",\"%s\":", name);
    json_add_string(out, str_of(value));
}

/* ---- cell sets ------------------------------------------------------------ */

/* [["[Time].[1997]","[Gender].[F]"],...]: a tuple of unique names for each position. */
static void add_positions(const patron_result *r, uint32_t axis, strbuf *out)
{
    uint32_t n = patron_axis_positions(r, axis), width = patron_axis_hierarchies(r, axis);
    strbuf_addc(out, '[');
    for (uint32_t p = 0; p < n; p++) {
        strbuf_addz(out, p > 0 ? ",[" : "[");
        for (uint32_t h = 0; h < width; h++) {
            patron_member m;
            if (h > 0) strbuf_addc(out, ',');
            if (patron_axis_member(r, axis, p, h, &m) == PATRON_OK)
                json_add_string(out, str_of(m.unique_name));
            else
                strbuf_addz(out, "null");
        }
        strbuf_addc(out, ']');
    }
    strbuf_addc(out, ']');
}

static void add_axes(const patron_result *r, strbuf *out)
{
    strbuf_addz(out, ",\"axes\":[");
    for (uint32_t axis = 0; axis < patron_n_axes(r); axis++) {
        strbuf_addz(out, axis > 0 ? ",{\"name\":" : "{\"name\":");
        json_add_string(out, str_of(patron_axis_name(r, axis)));
        strbuf_addz(out, ",\"positions\":");
        add_positions(r, axis, out);
        strbuf_addc(out, '}');
    }
    strbuf_addz(out, "],\"slicer\":");
    if (patron_has_slicer(r))
        add_positions(r, PATRON_SLICER, out);
    else
        strbuf_addz(out, "[[]]");
}

static void add_cell(const patron_cell *cell, strbuf *out)
{
    strbuf_printf(out, "{\"ordinal\":%llu", (unsigned long long)cell->ordinal);
    if (cell->error)
        add_member(out, "error", cell->error);
    else if (cell->is_number && render_is_json_number(cell->value))
        strbuf_printf(out, ",\"value\":%s", cell->value);
    else
        add_member(out, "value", cell->value);
    add_member(out, "formatted", cell->formatted ? cell->formatted : "");
    strbuf_addc(out, '}');
}

static void add_cells(const patron_result *r, strbuf *out)
{
    uint64_t n = patron_n_cells(r), n_written = 0;
    strbuf_addz(out, ",\"cells\":[");
    for (uint64_t i = 0; i < n; i++) {
        patron_cell cell;
        if (patron_cell_at(r, i, &cell) != PATRON_OK) continue;
        if (!cell.error && !cell.value) continue; /* empty, though its format has a text for that */
        if (n_written++ > 0) strbuf_addc(out, ',');
        add_cell(&cell, out);
    }
    strbuf_addc(out, ']');
}

/* ---- answers -------------------------------------------------------------- */

static void add_rows(const patron_result *r, strbuf *out)
{
    table t;
    if (!result_table_open(r, &t)) {
        out->failed = true;
        return;
    }
    strbuf_addc(out, ',');
    render_json_members(&t, out);
    result_table_close(&t);
}

void answer_result(const json_t *id, const patron_result *r, bool is_timed, strbuf *out)
{
    add_head(id, true, out);
    if (is_timed) strbuf_printf(out, ",\"elapsed_us\":%lld", (long long)patron_elapsed_us(r));
    patron_kind kind = patron_result_kind(r);
    if (kind == PATRON_CELLS) {
        add_axes(r, out);
        add_cells(r, out);
    } else {
        add_member(out, "tag", patron_tag(r));
        if (*patron_message(r)) add_member(out, "message", patron_message(r));
        if (kind == PATRON_ROWS) add_rows(r, out);
    }
    strbuf_addc(out, '}');
}

void answer_error(const json_t *id, const patron_error *err, strbuf *out)
{
    add_head(id, false, out);
    strbuf_addz(out, ",\"error\":{\"code\":");
    json_add_string(out, str_of(patron_error_name(err->code)));
    add_member(out, "message", err->message);
    if (err->hint[0]) add_member(out, "hint", err->hint);
    if (err->line > 0) strbuf_printf(out, ",\"line\":%u,\"column\":%u", err->line, err->column);
    strbuf_addz(out, "}}");
}
