/* result.c - one answer: everything a reader may ask for is turned into NUL-terminated text once, when it is
 * made. */
#include "api/api_int.h"

#include <math.h>

#include "base/texts.h"

/* ---- making ------------------------------------------------------------ */

static const char *c_text(arena *a, pt_str s)
{
    return arena_dup(a, s.ptr ? s.ptr : "", s.len);
}

static patron_result *result_new(arena *a, patron_kind kind, const char *tag)
{
    patron_result *r = arena_make(a, patron_result);
    if (!r) {
        arena_free(a);
        return NULL;
    }
    r->a = a;
    r->kind = kind;
    r->tag = tag;
    r->message = "";
    return r;
}

static patron_result *give_up(patron_result *r)
{
    arena_free(r->a);
    return NULL;
}

patron_result *result_done(arena *a, const char *tag, pt_str message)
{
    patron_result *r = result_new(a, PATRON_DONE, tag);
    if (!r) return NULL;
    r->message = c_text(a, message);
    return r->message ? r : give_up(r);
}

static patron_type api_type(pt_type t)
{
    switch (t) {
    case TYPE_INTEGER: return PATRON_INTEGER;
    case TYPE_DECIMAL: return PATRON_DECIMAL;
    case TYPE_DOUBLE: return PATRON_DOUBLE;
    case TYPE_BOOLEAN: return PATRON_BOOLEAN;
    case TYPE_DATE: return PATRON_DATE;
    case TYPE_TIMESTAMP: return PATRON_TIMESTAMP;
    case TYPE_NONE:
    case TYPE_TEXT: break;
    }
    return PATRON_TEXT;
}

/* Plain text of a value; false when memory ran out. Null gives NULL. */
static bool plain_text(arena *a, pt_value v, strbuf *scratch, const char **out)
{
    *out = NULL;
    if (v.kind == VAL_NULL) return true;
    strbuf_clear(scratch);
    value_print(v, scratch);
    if (scratch->failed) return false;
    return (*out = c_text(a, strbuf_str(scratch))) != NULL;
}

static bool fill_rows(patron_result *r, const rowset *rows, strbuf *scratch)
{
    arena *a = r->a;
    uint64_t n = rows->n_rows * rows->n_columns;
    r->n_columns = rows->n_columns;
    r->n_rows = rows->n_rows;
    r->names = arena_array(a, const char *, r->n_columns);
    r->types = arena_array(a, patron_type, r->n_columns);
    r->texts = arena_array(a, const char *, n);
    r->values = arena_array(a, const char *, n);
    if (!r->names || !r->types || !r->texts || !r->values) return false;
    for (uint32_t c = 0; c < r->n_columns; c++) {
        r->types[c] = api_type(rows->types[c]);
        if (!(r->names[c] = c_text(a, rows->names[c]))) return false;
    }
    for (uint64_t i = 0; i < n; i++) {
        pt_value v = rows->rows[i / r->n_columns][i % r->n_columns];
        if (!plain_text(a, v, scratch, &r->values[i])) return false;
        r->texts[i] = r->values[i] ? r->values[i] : "";
    }
    return true;
}

patron_result *result_rows(arena *a, const char *tag, const rowset *rows)
{
    patron_result *r = result_new(a, PATRON_ROWS, tag);
    if (!r) return NULL;
    strbuf scratch = {0};
    bool is_complete = fill_rows(r, rows, &scratch);
    strbuf_free(&scratch);
    return is_complete ? r : give_up(r);
}

/* ---- cell sets --------------------------------------------------------- */

/* Most values of whole numbers below a thousand are written as their cells are: those share the text. */
static pt_status print_values(void *ctx, text_writer *t, uint64_t from, uint64_t to, pt_err *err)
{
    patron_result *r = ctx;
    (void)err;
    for (uint64_t i = from; i < to; i++) {
        const cs_cell *c = &r->cells->cells[i];
        if (c->error.ptr || c->value.kind == VAL_NULL) continue;
        strbuf *text = text_begin(t);
        size_t at = text->len;
        value_print(c->value, text);
        if (!text->failed && str_eq((pt_str){text->ptr + at, text->len - at}, c->formatted)) {
            text_drop(t);
            r->cell_values[i] = c->formatted.ptr;
        } else {
            text_end(t, &r->cell_values[i]);
        }
    }
    return PT_OK;
}

static bool fill_cells(patron_result *r, const cellset *cs, pool *p, unsigned n_threads)
{
    limits l = {0}; /* the statement is done; time is no matter any more */
    r->cells = cs;
    r->cell_values = arena_array(r->a, const char *, cs->n_cells);
    if (!r->cell_values) return false;
    return texts_run(p, n_threads, &l, cs->n_cells, print_values, r, r->a, NULL) == PT_OK;
}

static uint64_t first_axis_size(const cellset *cs)
{
    return cs->n_axes ? cs->axes[0].n_positions : 1;
}

/* Header columns: hierarchies of the last axis first, as it changes slowest from row to row. */
static bool fill_headers(patron_result *r, const cellset *cs)
{
    for (uint32_t x = 1; x < cs->n_axes; x++) r->n_headers += cs->axes[x].n_hiers;
    r->header_axis = arena_array(r->a, uint32_t, r->n_headers);
    r->header_hier = arena_array(r->a, uint32_t, r->n_headers);
    r->captions = arena_array(r->a, const char **, cs->n_axes);
    if (!r->header_axis || !r->header_hier || !r->captions) return false;
    uint32_t at = 0;
    r->n_rows = 1;
    for (uint32_t x = cs->n_axes; x-- > 1;) {
        r->n_rows *= cs->axes[x].n_positions;
        for (uint32_t h = 0; h < cs->axes[x].n_hiers; h++, at++) {
            r->header_axis[at] = x;
            r->header_hier[at] = h;
        }
    }
    for (uint32_t x = 0; x < cs->n_axes; x++) {
        uint64_t n = (uint64_t)cs->axes[x].n_positions * cs->axes[x].n_hiers;
        if (!(r->captions[x] = arena_array(r->a, const char *, n))) return false;
        for (uint64_t i = 0; i < n; i++) r->captions[x][i] = cs->axes[x].members[i]->caption.ptr;
    }
    return true;
}

static bool cell_column_name(patron_result *r, const cellset *cs, uint64_t position, strbuf *scratch,
                             const char **name)
{
    strbuf_clear(scratch);
    if (cs->n_axes == 0) strbuf_addz(scratch, "value");
    for (uint32_t h = 0; cs->n_axes && h < cs->axes[0].n_hiers; h++) {
        if (h) strbuf_addz(scratch, " / ");
        strbuf_addz(scratch, r->captions[0][position * cs->axes[0].n_hiers + h]);
    }
    return !scratch->failed && (*name = c_text(r->a, strbuf_str(scratch)));
}

/* What two kinds of cells in one column have in common. */
static patron_type wider(patron_type a, patron_type b)
{
    if (a == b) return a;
    bool numbers = a >= PATRON_INTEGER && a <= PATRON_DOUBLE && b >= PATRON_INTEGER && b <= PATRON_DOUBLE;
    if (!numbers) return PATRON_TEXT;
    return a > b ? a : b;
}

static patron_type type_of_value(pt_value v)
{
    switch (v.kind) {
    case VAL_INT: return PATRON_INTEGER;
    case VAL_DEC: return PATRON_DECIMAL;
    case VAL_DOUBLE: return PATRON_DOUBLE;
    case VAL_BOOL: return PATRON_BOOLEAN;
    case VAL_DATE: return PATRON_DATE;
    case VAL_TIME: return PATRON_TIMESTAMP;
    case VAL_NULL:
    case VAL_TEXT: break;
    }
    return PATRON_TEXT;
}

/* A column of cells has the type all its values have in common; doubles when it has no value at all. */
static bool fill_types(patron_result *r, const cellset *cs, uint64_t n_first)
{
    bool *is_seen = arena_array(r->a, bool, n_first);
    if (!is_seen) return false;
    for (uint64_t i = 0; i < n_first; i++) r->types[r->n_headers + i] = PATRON_DOUBLE;
    for (uint64_t i = 0; i < cs->n_cells; i++) {
        const cs_cell *c = &cs->cells[i];
        if (c->error.ptr || c->value.kind == VAL_NULL) continue;
        uint64_t col = c->ordinal % n_first;
        patron_type t = type_of_value(c->value), *known = &r->types[r->n_headers + col];
        *known = is_seen[col] ? wider(*known, t) : t;
        is_seen[col] = true;
    }
    return true;
}

static bool fill_columns(patron_result *r, const cellset *cs, strbuf *scratch)
{
    uint64_t n_first = first_axis_size(cs);
    if (n_first > UINT32_MAX - r->n_headers) return false;
    r->n_columns = r->n_headers + (uint32_t)n_first;
    r->names = arena_array(r->a, const char *, r->n_columns);
    r->types = arena_array(r->a, patron_type, r->n_columns);
    if (!r->names || !r->types) return false;
    for (uint32_t i = 0; i < r->n_headers; i++)
        if (!(r->names[i] = c_text(r->a, cs->axes[r->header_axis[i]].hierarchies[r->header_hier[i]])))
            return false;
    for (uint64_t i = 0; i < n_first; i++)
        if (!cell_column_name(r, cs, i, scratch, &r->names[r->n_headers + i])) return false;
    return n_first == 0 || fill_types(r, cs, n_first);
}

patron_result *result_cells(arena *a, const char *tag, const cellset *cs, pool *p, unsigned n_threads)
{
    patron_result *r = result_new(a, PATRON_CELLS, tag);
    if (!r) return NULL;
    strbuf scratch = {0};
    bool is_complete =
        fill_cells(r, cs, p, n_threads) && fill_headers(r, cs) && fill_columns(r, cs, &scratch);
    strbuf_free(&scratch);
    return is_complete ? r : give_up(r);
}

void patron_result_free(patron_result *r)
{
    if (r) arena_free(r->a);
}

/* ---- reading as rows --------------------------------------------------- */

patron_kind patron_result_kind(const patron_result *r)
{
    return r->kind;
}

const char *patron_tag(const patron_result *r)
{
    return r->tag;
}

const char *patron_message(const patron_result *r)
{
    return r->message;
}

int64_t patron_elapsed_us(const patron_result *r)
{
    return r->elapsed_us;
}

uint32_t patron_n_columns(const patron_result *r)
{
    return r->n_columns;
}

uint64_t patron_n_rows(const patron_result *r)
{
    return r->n_rows;
}

const char *patron_column_name(const patron_result *r, uint32_t col)
{
    return col < r->n_columns ? r->names[col] : "";
}

patron_type patron_column_type(const patron_result *r, uint32_t col)
{
    return col < r->n_columns ? r->types[col] : PATRON_TEXT;
}

int patron_column_is_header(const patron_result *r, uint32_t col)
{
    return r->kind == PATRON_CELLS && col < r->n_headers;
}

/* Index in cells->cells of (row, column); -1 for an empty cell. */
static int64_t cell_index(const patron_result *r, uint64_t row, uint32_t col)
{
    uint64_t ordinal = row * first_axis_size(r->cells) + (col - r->n_headers);
    const cs_cell *c = cellset_cell(r->cells, ordinal);
    return c ? c - r->cells->cells : -1;
}

/* The position on its axis that a row has. Rows count axis 1 fastest. */
static const char *header_caption(const patron_result *r, uint64_t row, uint32_t col)
{
    uint32_t axis = r->header_axis[col];
    for (uint32_t x = 1; x < axis; x++) row /= r->cells->axes[x].n_positions;
    uint64_t position = row % r->cells->axes[axis].n_positions;
    return r->captions[axis][position * r->cells->axes[axis].n_hiers + r->header_hier[col]];
}

static bool is_inside(const patron_result *r, uint64_t row, uint32_t col)
{
    return row < r->n_rows && col < r->n_columns;
}

const char *patron_text(const patron_result *r, uint64_t row, uint32_t col)
{
    if (!is_inside(r, row, col)) return "";
    if (r->kind == PATRON_ROWS) return r->texts[row * r->n_columns + col];
    if (col < r->n_headers) return header_caption(r, row, col);
    int64_t i = cell_index(r, row, col);
    return i < 0 ? "" : r->cells->cells[i].formatted.ptr;
}

const char *patron_value(const patron_result *r, uint64_t row, uint32_t col)
{
    if (!is_inside(r, row, col)) return NULL;
    if (r->kind == PATRON_ROWS) return r->values[row * r->n_columns + col];
    if (col < r->n_headers) return header_caption(r, row, col);
    int64_t i = cell_index(r, row, col);
    return i < 0 ? NULL : r->cell_values[i];
}

double patron_number(const patron_result *r, uint64_t row, uint32_t col, int *is_null)
{
    const char *text = patron_value(r, row, col);
    double f = NAN;
    if (text && r->kind == PATRON_CELLS && col >= r->n_headers) {
        int64_t i = cell_index(r, row, col);
        f = value_as_double(r->cells->cells[i].value);
    } else if (text) {
        pt_value v;
        if (value_parse(TYPE_DOUBLE, 0, str_of(text), NULL, &v, NULL) == PT_OK) f = v.f;
    }
    if (is_null) *is_null = text == NULL;
    return isnan(f) && !text ? 0 : f;
}

/* ---- reading as cells -------------------------------------------------- */

static const cs_axis *axis_of(const patron_result *r, uint32_t axis)
{
    if (r->kind != PATRON_CELLS) return NULL;
    if (axis == PATRON_SLICER) return &r->cells->slicer;
    return axis < r->cells->n_axes ? &r->cells->axes[axis] : NULL;
}

uint32_t patron_n_axes(const patron_result *r)
{
    return r->kind == PATRON_CELLS ? r->cells->n_axes : 0;
}

const char *patron_axis_name(const patron_result *r, uint32_t axis)
{
    if (axis == PATRON_SLICER) return "SLICER";
    const cs_axis *x = axis_of(r, axis);
    return x ? c_text(r->a, x->name) : "";
}

uint32_t patron_axis_positions(const patron_result *r, uint32_t axis)
{
    const cs_axis *x = axis_of(r, axis);
    return x ? x->n_positions : 0;
}

int patron_has_slicer(const patron_result *r)
{
    return r->kind == PATRON_CELLS && r->cells->has_slicer;
}

uint32_t patron_axis_hierarchies(const patron_result *r, uint32_t axis)
{
    const cs_axis *x = axis_of(r, axis);
    return x ? x->n_hiers : 0;
}

const char *patron_axis_hierarchy(const patron_result *r, uint32_t axis, uint32_t hier)
{
    const cs_axis *x = axis_of(r, axis);
    const char *s = x && hier < x->n_hiers ? c_text(r->a, x->hierarchies[hier]) : NULL;
    return s ? s : "";
}

static const cs_member *member_of(const patron_result *r, uint32_t axis, uint32_t position, uint32_t hier)
{
    const cs_axis *x = axis_of(r, axis);
    if (!x || position >= x->n_positions || hier >= x->n_hiers) return NULL;
    return x->members[(uint64_t)position * x->n_hiers + hier];
}

int patron_axis_member(const patron_result *r, uint32_t axis, uint32_t position, uint32_t hier,
                       patron_member *out)
{
    const cs_member *m = member_of(r, axis, position, hier);
    if (!m) return PATRON_USAGE;
    *out = (patron_member){
        .unique_name = m->unique_name.ptr,
        .caption = m->caption.ptr,
        .hierarchy = m->hierarchy.ptr,
        .level = m->level.ptr,
        .depth = m->depth,
        .is_leaf = m->is_leaf,
        .is_calculated = m->is_calculated,
        .is_all = m->is_all,
        .n_properties = m->n_props,
    };
    return PATRON_OK;
}

const char *patron_member_property(const patron_result *r, uint32_t axis, uint32_t position, uint32_t hier,
                                   uint32_t property, const char **name)
{
    const cs_member *m = member_of(r, axis, position, hier);
    if (!m || property >= m->n_props) return NULL;
    if (name) *name = c_text(r->a, m->prop_names[property]);
    strbuf scratch = {0};
    const char *text;
    if (!plain_text(r->a, m->props[property], &scratch, &text)) text = NULL;
    strbuf_free(&scratch);
    return text;
}

uint64_t patron_n_cells(const patron_result *r)
{
    return r->kind == PATRON_CELLS ? r->cells->n_cells : 0;
}

int patron_cell_at(const patron_result *r, uint64_t index, patron_cell *out)
{
    if (index >= patron_n_cells(r)) return PATRON_USAGE;
    const cs_cell *c = &r->cells->cells[index];
    bool is_number = c->value.kind == VAL_INT || c->value.kind == VAL_DEC ||
                     (c->value.kind == VAL_DOUBLE && isfinite(c->value.f));
    *out = (patron_cell){
        .ordinal = c->ordinal,
        .value = r->cell_values[index],
        .is_number = is_number && !c->error.ptr,
        .formatted = c->formatted.ptr,
        .error = c->error.ptr,
        .style = c->style.ptr,
    };
    return PATRON_OK;
}

int patron_cell_by_ordinal(const patron_result *r, uint64_t ordinal, patron_cell *out)
{
    const cs_cell *c = r->kind == PATRON_CELLS ? cellset_cell(r->cells, ordinal) : NULL;
    if (!c) return PATRON_NAME;
    return patron_cell_at(r, (uint64_t)(c - r->cells->cells), out);
}
