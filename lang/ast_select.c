/* ast_select.c - formulas, axes and SELECT. */
#include "lang/grammar.h"
#include "lang/parse_int.h"

/* ---- formulas ---------------------------------------------------------- */

/* Where quotes were doubled, as positions in the unquoted text. */
static bool find_doubled(parse *p, pt_str raw, parse *q)
{
    uint32_t n = 0;
    for (size_t i = 0; i < raw.len; i++) n += raw.ptr[i] == '\'';
    uint32_t *doubled = parse_alloc(p, n / 2 + 1, sizeof *doubled);
    if (!doubled) return false;
    uint32_t k = 0;
    for (size_t i = 0; i < raw.len; i++) {
        if (raw.ptr[i] != '\'') continue;
        doubled[k] = (uint32_t)i - k;
        k++;
        i++;
    }
    q->doubled = doubled;
    q->n_doubled = k;
    return true;
}

/* Parses `text`, the contents of the quotes at `at`, as an expression. */
static void parse_quoted(parse *p, pt_str text, pt_span at, parse *q)
{
    *q = (parse){.a = p->a, .text = text, .base = at.start + 1};
    pt_str raw = {p->text.ptr + at.start + 1, at.end - at.start - 2};
    if (find_doubled(p, raw, q)) parse_run(q, T_FOR_EXPRESSION);
}

static ast *quoted_body(parse *p, const ast *body)
{
    parse q;
    parse_quoted(p, body->text, body->at, &q);
    if (q.err.code == PT_SYNTAX && q.end_fits) {
        p->ignored = (pt_span){q.err.at.start, body->at.end - 1};
        parse_quoted(p, (pt_str){body->text.ptr, q.token}, body->at, &q);
    }
    if (q.err.code == PT_OK) return q.expr;
    p->err = q.err;
    return NULL;
}

ast_formula *formula_new(parse *p, pt_span at, bool is_set, ast *name, ast *body, const list *props)
{
    ast_formula *f = PARSE_MAKE(p, ast_formula);
    if (!f) return NULL;
    *f = (ast_formula){.is_set = is_set,
                       .name = name,
                       .body = body,
                       .n_props = LIST_COUNT(props),
                       .props = LIST_ITEMS(ast_property, props),
                       .at = at};
    if (!body) return f;
    f->body_at = body->at;
    if (body->kind == AST_STRING && p->text.ptr[body->at.start] == '\'') f->body = quoted_body(p, body);
    return f->body ? f : NULL;
}

ast_formula *formula_measure(parse *p, pt_span at, ast *name, ast_measure *m, ast *where, const list *props)
{
    ast_formula *f = formula_new(p, at, false, name, NULL, props);
    if (!f) return NULL;
    m->name = name->segs[name->n - 1].name;
    m->where = where;
    m->at = at;
    f->measure = m;
    return f;
}

/* ---- SELECT ------------------------------------------------------------ */

ast_axis *axis_new(parse *p, pt_span at, bool non_empty, ast *set, const list *props, int64_t number,
                   pt_span number_at)
{
    if (number > PARSE_MAX_AXES - 1) {
        PARSE_FAIL(p, PT_LIMIT, number_at, "axis %lld, expected 0 to %d", (long long)number,
                   PARSE_MAX_AXES - 1);
        return NULL;
    }
    ast_axis *x = PARSE_MAKE(p, ast_axis);
    if (!x) return NULL;
    *x = (ast_axis){.set = set,
                    .non_empty = non_empty,
                    .number = (uint32_t)number,
                    .n_props = LIST_COUNT(props),
                    .props = LIST_ITEMS(ast *, props),
                    .at = at};
    return x;
}

ast_select *select_from(parse *p, pt_span at, pt_str cube, ast_select *subselect)
{
    ast_select *s = PARSE_MAKE(p, ast_select);
    if (!s) return NULL;
    s->cube = cube;
    s->cube_at = at;
    s->subselect = subselect;
    return s;
}

ast_select *select_done(ast_select *s, pt_span at, const list *axes, ast *slicer, const list *cell_props)
{
    s->n_axes = LIST_COUNT(axes);
    s->axes = LIST_ITEMS(ast_axis, axes);
    s->slicer = slicer;
    s->n_cell_props = LIST_COUNT(cell_props);
    s->cell_props = LIST_ITEMS(pt_str, cell_props);
    s->at = at;
    return s;
}

ast_select *select_with(ast_select *s, pt_span at, const list *formulas)
{
    s->n_formulas = formulas->n;
    s->formulas = LIST_ITEMS(ast_formula, formulas);
    s->at = at;
    return s;
}
