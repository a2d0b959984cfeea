/* cell_format.c - which format a cell has, and its text. */
#include "query/cell_format.h"

#include "base/map.h"
#include "query/calc.h"

struct cell_formats {
    eval *x;
    bytes_map *by_text;
    const number_format **compiled;
    uint32_t n, cap;
    strbuf text; /* scratch */
};

pt_status cell_formats_new(eval *x, cell_formats **out)
{
    cell_formats *f = arena_make(x->sc->a, cell_formats);
    if (!f || !(f->by_text = bytes_map_new())) return arena_fail(x->sc->a, x->err);
    f->x = x;
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

/* The first member with a format met in a formula, from left to right. */
static format_source first_met(eval *x, const node *n)
{
    if (n->is_const && n->type == VT_MEMBER) return of_member(x, n->k.m);
    for (uint32_t i = 0; i < n->n; i++) {
        format_source s = first_met(x, n->args[i]);
        if (s.kind != FORMAT_NONE) return s;
    }
    return (format_source){0};
}

/* A calculated member's own format, else what its formula suggests. */
static format_source of_calc(eval *x, calc *c)
{
    if (c->is_walking || calc_ready(x, c) != PT_OK) return (format_source){0};
    if (c->format) return (format_source){.kind = FORMAT_EXPR, .expr = c->format};
    if (!c->is_format_found) {
        c->is_walking = true;
        c->derived = first_met(x, c->body);
        c->is_walking = false;
        c->is_format_found = true;
    }
    return c->derived;
}

static format_source of_measure(eval *x)
{
    mref m = x->ctx[0];
    if (m.kind != MEM_CALC) return of_member(x, m);
    calc *c = x->sc->calcs[m.id];
    if (calc_ready(x, c) == PT_OK && !c->format && c->body->type == VT_INTEGER)
        return (format_source){.kind = FORMAT_TEXT, .text = STR("#,##0")};
    return of_calc(x, c);
}

static format_source source_of(eval *x)
{
    calc *winner = eval_winner(x);
    if (winner && winner->hier != 0 && winner->format)
        return (format_source){.kind = FORMAT_EXPR, .expr = winner->format};
    return of_measure(x);
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

static pt_status write_text(cell_formats *f, pt_value v, pt_str *style)
{
    const number_format *format;
    pt_value given = value_null();
    pt_str text = STR("Standard");
    format_source s = source_of(f->x);
    switch (s.kind) {
    case FORMAT_GENERAL: format_general(v, &f->text); return PT_OK;
    case FORMAT_TEXT: text = s.text; break;
    case FORMAT_EXPR: PT_TRY(eval_value(f->x, s.expr, &given)); break;
    case FORMAT_NONE: break;
    }
    if (given.kind == VAL_TEXT) text = given.s;
    PT_TRY(compiled(f, text, &format));
    format_value(format, v, &f->text, style);
    return PT_OK;
}

pt_status cell_format(cell_formats *f, pt_value v, arena *a, pt_str *text, pt_str *style)
{
    strbuf_clear(&f->text);
    *style = (pt_str){0};
    PT_TRY(write_text(f, v, style));
    *text = f->text.failed ? (pt_str){0} : str_copy(a, strbuf_str(&f->text));
    if (style->ptr) *style = str_copy(a, *style);
    return text->ptr ? PT_OK : arena_fail(a, f->x->err);
}
