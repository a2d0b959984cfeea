/* cell_format.c - which format a cell has, and its text. */
#include "query/cell_format.h"

#include "base/map.h"
#include "query/calc.h"
#include "query/funs.h"
#include "query/scalar.h"

/* Properties of cells that go with the style when CELL PROPERTIES asks for them. */
static const char *const style_names[] = {"FORE_COLOR", "BACK_COLOR", "FONT_NAME", "FONT_SIZE", "FONT_FLAGS"};
static const char *const style_words[] = {"fore_color", "back_color", "font_name", "font_size", "font_flags"};

/* Formats of the last measures, by where their text is: that of a definition stays where it is. */
enum { N_RECENT = 8 };
typedef struct recent {
    pt_str text;
    const number_format *format;
} recent;

struct cell_formats {
    eval *x;
    recent recent[N_RECENT];
    bool is_asked[ARRAY_LEN(style_names)], is_any_asked;
    bytes_map *by_text;
    const number_format **compiled;
    uint32_t n, cap;
    strbuf text; /* scratch */
    format_source last;
};

static void find_asked(cell_formats *f, const ast_select *sel)
{
    for (uint32_t i = 0; sel && i < sel->n_cell_props; i++)
        for (size_t k = 0; k < ARRAY_LEN(style_names); k++)
            if (str_eq_fold(sel->cell_props[i], str_of(style_names[k])))
                f->is_asked[k] = f->is_any_asked = true;
}

pt_status cell_formats_new(eval *x, cell_formats **out)
{
    cell_formats *f = arena_make(x->sc->a, cell_formats);
    if (!f || !(f->by_text = bytes_map_new())) return arena_fail(x->sc->a, x->err);
    f->x = x;
    if (x->binder) find_asked(f, x->binder->select);
    *out = f;
    return PT_OK;
}

void cell_formats_free(cell_formats *f)
{
    if (!f) return;
    bytes_map_free(f->by_text);
    strbuf_free(&f->text);
}

/* ---- which ------------------------------------------------------------- */

static format_source of_stored(const scope_measure *m)
{
    if (!m->def->has_format) return (format_source){.kind = FORMAT_GENERAL};
    return (format_source){.kind = FORMAT_TEXT, .text = m->def->format};
}

static format_source of_calc(eval *x, calc *c);

static format_source of_member(eval *x, mref m)
{
    if (m.hier == 0 && m.kind == MEM_STORED) return of_stored(&x->sc->measures[m.id]);
    return m.kind == MEM_CALC ? of_calc(x, x->sc->calcs[m.id]) : (format_source){0};
}

/* The first member with a format met in a formula, from left to right, and in the named sets that it uses. */
static format_source first_met(eval *x, const node *n)
{
    if (n->kind == NODE_NAMED_SET) return first_met(x, n->set->body);
    if (n->is_const && n->type == VT_MEMBER) return of_member(x, n->k.m);
    for (uint32_t i = 0; i < n->n; i++) {
        format_source s = first_met(x, n->args[i]);
        if (s.kind != FORMAT_NONE) return s;
    }
    return (format_source){0};
}

static format_source derived_of(eval *x, const calc *c)
{
    if (c->body->type == VT_INTEGER) return (format_source){.kind = FORMAT_TEXT, .text = STR("#,##0")};
    return c->hier == 0 ? first_met(x, c->body) : (format_source){0};
}

static format_source of_formula(node *n)
{
    if (!n->is_const || n->k.v.kind != VAL_TEXT) return (format_source){.kind = FORMAT_EXPR, .expr = n};
    return (format_source){.kind = FORMAT_TEXT, .text = n->k.v.s};
}

/* A calculated member's own format, else what its formula suggests: whole numbers of a function that gives no
 * others, else, of measures alone, the format of what is met in it. */
static format_source of_calc(eval *x, calc *c)
{
    if (c->is_walking || calc_ready(x, c) != PT_OK) return (format_source){0};
    if (c->format) return of_formula(c->format);
    if (!c->is_format_found) {
        c->is_walking = true;
        c->derived = derived_of(x, c);
        c->is_walking = false;
        c->is_format_found = true;
    }
    return c->derived;
}

/* Stored measures come behind calculated members, but before those with a solve order below this one. */
enum { STORED_SOLVE_ORDER = -1 };

/* Among the members of the context that have a format, that of the highest solve order decides; the first in
 * the order of hierarchies among equals. */
static format_source source_of(eval *x)
{
    mref m = x->ctx[0];
    format_source best = of_member(x, m);
    int32_t order = m.kind == MEM_CALC ? x->sc->calcs[m.id]->solve_order : STORED_SOLVE_ORDER;
    for (uint32_t h = 1; x->n_special && h < x->sc->n_hiers; h++) {
        if (x->ctx[h].kind != MEM_CALC) continue;
        calc *c = x->sc->calcs[x->ctx[h].id];
        if (best.kind != FORMAT_NONE && c->solve_order <= order) continue;
        format_source s = of_calc(x, c);
        if (s.kind == FORMAT_NONE) continue;
        best = s;
        order = c->solve_order;
    }
    return best;
}

/* ---- text -------------------------------------------------------------- */

static pt_status compiled(cell_formats *f, pt_str text, const number_format **out)
{
    uint32_t at;
    bool is_new;
    eval *x = f->x;
    PT_TRY(bytes_map_put(f->by_text, text, f->n, &at, &is_new));
    if (is_new) {
        if (f->n == f->cap) {
            uint32_t cap = f->cap ? f->cap * 2 : 16;
            const number_format **grown = arena_array(x->sc->a, const number_format *, cap);
            if (!grown) return arena_fail(x->sc->a, x->err);
            if (f->n) memcpy(grown, f->compiled, f->n * sizeof *grown);
            f->compiled = grown;
            f->cap = cap;
        }
        pt_str kept = str_copy(x->sc->a, text);
        if (!kept.ptr) return arena_fail(x->sc->a, x->err);
        PT_TRY(format_compile(kept, x->sc->a, &f->compiled[f->n], x->err));
        f->n++;
    }
    *out = f->compiled[at];
    return PT_OK;
}

static pt_status compiled_of_definition(cell_formats *f, pt_str text, const number_format **out)
{
    recent *r = &f->recent[(uintptr_t)text.ptr / 16 % N_RECENT];
    if (!r->format || r->text.ptr != text.ptr || r->text.len != text.len) {
        PT_TRY(compiled(f, text, &r->format));
        r->text = text;
    }
    *out = r->format;
    return PT_OK;
}

pt_status cell_format_stored(cell_formats *f, uint32_t m, const number_format **out)
{
    format_source s = of_stored(&f->x->sc->measures[m]);
    *out = NULL;
    return s.kind == FORMAT_TEXT ? compiled_of_definition(f, s.text, out) : PT_OK;
}

static pt_status write_text(cell_formats *f, pt_value v, pt_str *style)
{
    const number_format *format;
    pt_value given = value_null();
    pt_str text = STR("Standard");
    format_source s = f->last;
    switch (s.kind) {
    case FORMAT_GENERAL: format_general(v, &f->text); return PT_OK;
    case FORMAT_TEXT:
        PT_TRY(compiled_of_definition(f, s.text, &format));
        format_value(format, v, &f->text, style);
        return PT_OK;
    case FORMAT_EXPR: PT_TRY(eval_value(f->x, s.expr, &given)); break;
    case FORMAT_NONE: break;
    }
    if (given.kind == VAL_TEXT) text = given.s;
    PT_TRY(compiled(f, text, &format));
    format_value(format, v, &f->text, style);
    return PT_OK;
}

/* ---- colours and fonts ------------------------------------------------- */

/* Of the calculated member that is expanded first, else of the calculated measure. A formula that fails gives
 * no colour: the cell is more important. */
static pt_status style_value(eval *x, pt_str want, pt_value *out)
{
    pt_err ignored = {0}, *outer = x->err, *bind_outer = x->binder->err;
    bool is_found = false;
    const calc *winner = eval_winner(x);
    *out = value_null();
    if (!winner) return PT_OK;
    x->err = x->binder->err = &ignored;
    pt_status st = eval_calc_property(x, (mref){.hier = winner->hier, .kind = MEM_CALC, .id = winner->index},
                                      want, out, &is_found);
    if (st == PT_OK && !is_found) st = eval_calc_property(x, x->ctx[0], want, out, &is_found);
    x->err = outer;
    x->binder->err = bind_outer;
    if (st == PT_NOMEM) return pt_fail(outer, st, "%s", ignored.msg);
    if (st != PT_OK && st != EVAL_PENDING) *out = value_null();
    return st == EVAL_PENDING ? st : PT_OK;
}

/* "style=red|fore_color=255" */
static pt_status add_colours(cell_formats *f, arena *a, pt_str *style)
{
    strbuf b = {0};
    pt_status st = PT_OK;
    strbuf_adds(&b, *style);
    for (size_t k = 0; k < ARRAY_LEN(style_names) && st == PT_OK; k++) {
        pt_value v;
        if (!f->is_asked[k]) continue;
        st = style_value(f->x, str_of(style_names[k]), &v);
        if (st != PT_OK || v.kind == VAL_NULL) continue;
        strbuf_printf(&b, "%s%s=", b.len ? "|" : "", style_words[k]);
        scalar_text(v, &b);
    }
    if (st == PT_OK && b.len) *style = b.failed ? (pt_str){0} : str_copy(a, strbuf_str(&b));
    if (st == PT_OK && b.len && !style->ptr) st = arena_fail(a, f->x->err);
    strbuf_free(&b);
    return st;
}

pt_status cell_format(cell_formats *f, pt_value v, arena *a, pt_str *text, pt_str *style)
{
    f->last = source_of(f->x);
    return cell_format_again(f, v, a, text, style);
}

bool cell_format_is_fixed(const cell_formats *f)
{
    return f->last.kind != FORMAT_EXPR && !f->is_any_asked;
}

pt_status cell_format_again(cell_formats *f, pt_value v, arena *a, pt_str *text, pt_str *style)
{
    strbuf_clear(&f->text);
    *style = (pt_str){0};
    PT_TRY(write_text(f, v, style));
    *text = f->text.failed ? (pt_str){0} : str_copy(a, strbuf_str(&f->text));
    if (style->ptr) *style = str_copy(a, *style);
    if (f->is_any_asked) PT_TRY(add_colours(f, a, style));
    return text->ptr ? PT_OK : arena_fail(a, f->x->err);
}
