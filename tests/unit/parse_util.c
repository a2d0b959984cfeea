/* parse_util.c - see parse_util.h. */
#include "parse_util.h"

/* ---- prefix form --------------------------------------------------------- */

static void print_segment(const ast_segment *s, strbuf *out)
{
    if (s->is_key) strbuf_addc(out, '&');
    if (s->is_quoted) strbuf_addc(out, '[');
    strbuf_adds(out, s->name);
    if (s->is_quoted) strbuf_addc(out, ']');
    for (uint32_t i = 0; i < s->n_keys; i++) strbuf_printf(out, "&" STR_FMT, STR_ARG(s->keys[i]));
}

/* "FUNCTION" needs no mark; the others would look alike without one. */
static const char *syntax_mark(ast_syntax syntax)
{
    switch (syntax) {
    case SYN_PROPERTY: return ".";
    case SYN_METHOD: return "->";
    case SYN_POSTFIX: return "postfix ";
    case SYN_PREFIX: return "prefix ";
    case SYN_CAST: return "CAST ";
    case SYN_FUNCTION:
    case SYN_INFIX:
    case SYN_BRACES:
    case SYN_PARENS:
    case SYN_CASE: break;
    }
    return "";
}

void tree_print(const ast *e, strbuf *out)
{
    switch (e->kind) {
    case AST_NULL: strbuf_addz(out, "NULL"); return;
    case AST_NUMBER: strbuf_adds(out, e->text); return;
    case AST_STRING: strbuf_printf(out, "'" STR_FMT "'", STR_ARG(e->text)); return;
    case AST_PARAM: strbuf_printf(out, "@" STR_FMT, STR_ARG(e->text)); return;
    case AST_EMPTY: strbuf_addz(out, "_"); return;
    case AST_ID:
        for (uint32_t i = 0; i < e->n; i++) {
            if (i) strbuf_addc(out, '.');
            print_segment(&e->segs[i], out);
        }
        return;
    case AST_CALL:
        strbuf_printf(out, "(%s" STR_FMT, syntax_mark(e->syntax), STR_ARG(e->text));
        for (uint32_t i = 0; i < e->n; i++) {
            strbuf_addc(out, ' ');
            tree_print(e->args[i], out);
        }
        strbuf_addc(out, ')');
        return;
    }
}

/* ---- comparison ----------------------------------------------------------- */

static bool segment_equal(const ast_segment *a, const ast_segment *b)
{
    if (!str_eq(a->name, b->name) || a->is_key != b->is_key || a->n_keys != b->n_keys) return false;
    for (uint32_t i = 0; i < a->n_keys; i++) {
        if (!str_eq(a->keys[i], b->keys[i])) return false;
    }
    return true;
}

bool tree_equal(const ast *a, const ast *b)
{
    if (!a || !b) return a == b;
    if (a->kind != b->kind || a->n != b->n || a->depth != b->depth) return false;
    if (a->kind != AST_NULL && !str_eq(a->text, b->text)) return false;
    if (a->kind == AST_NUMBER && !value_eq(a->number, b->number)) return false;
    if (a->kind == AST_CALL && a->syntax != b->syntax) return false;
    for (uint32_t i = 0; i < a->n; i++) {
        if (a->kind == AST_ID && !segment_equal(&a->segs[i], &b->segs[i])) return false;
        if (a->kind == AST_CALL && !tree_equal(a->args[i], b->args[i])) return false;
    }
    return true;
}

static bool formula_equal(const ast_formula *a, const ast_formula *b)
{
    if (a->is_set != b->is_set || !tree_equal(a->name, b->name) || !tree_equal(a->body, b->body))
        return false;
    if (a->n_props != b->n_props) return false;
    for (uint32_t i = 0; i < a->n_props; i++) {
        if (!str_eq(a->props[i].name, b->props[i].name)) return false;
        if (!tree_equal(a->props[i].value, b->props[i].value)) return false;
    }
    return true;
}

static bool axis_equal(const ast_axis *a, const ast_axis *b)
{
    if (a->non_empty != b->non_empty || a->number != b->number || a->n_props != b->n_props) return false;
    for (uint32_t i = 0; i < a->n_props; i++) {
        if (!tree_equal(a->props[i], b->props[i])) return false;
    }
    return tree_equal(a->set, b->set);
}

bool select_equal(const ast_select *a, const ast_select *b)
{
    if (!a || !b) return a == b;
    if (a->n_formulas != b->n_formulas || a->n_axes != b->n_axes || a->n_cell_props != b->n_cell_props)
        return false;
    for (uint32_t i = 0; i < a->n_formulas; i++) {
        if (!formula_equal(&a->formulas[i], &b->formulas[i])) return false;
    }
    for (uint32_t i = 0; i < a->n_axes; i++) {
        if (!axis_equal(&a->axes[i], &b->axes[i])) return false;
    }
    for (uint32_t i = 0; i < a->n_cell_props; i++) {
        if (!str_eq(a->cell_props[i], b->cell_props[i])) return false;
    }
    return str_eq(a->cube, b->cube) && select_equal(a->subselect, b->subselect) &&
           tree_equal(a->slicer, b->slicer);
}
