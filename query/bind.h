/* bind.h - binding: names, types and overloads of a statement's expressions.
 *
 * bind_expr turns a tree into nodes. Arguments of functions are converted to what the function's letters ask
 * for (convert.c); of all overloads the one with the cheapest conversions wins, and two equally good ones are
 * an error. Errors carry the place in the statement; those in formulas of a cube carry the formula's name
 * instead. */
#pragma once

#include "query/eval.h"

typedef struct bind bind;
struct bind {
    scope *sc;
    arena *a;
    pt_err *err;
    const cube *names; /* whose names are meant: the scope's cube, or the base cube of an imported formula */
    const calc *calc;  /* the calculated member being bound; NULL on axes */
    uint32_t n_loops;  /* iterating functions around the expression */
    alias **aliases;   /* visible ones, innermost last */
    uint32_t n_aliases, cap_aliases;
    struct param **params;
    uint32_t n_params, cap_params;
    const ast_select *select; /* the statement; NULL for single formulas */
};

/* ---- expressions ------------------------------------------------------- */

PT_MUST_USE pt_status bind_new(scope *sc, pt_err *err, bind **out);
PT_MUST_USE pt_status bind_expr(bind *b, const ast *e, node **out);
/* Bound and converted to a letter of fun.h; PT_TYPE names what was expected. */
PT_MUST_USE pt_status bind_as(bind *b, const ast *e, char letter, const char *what, node **out);
/* a * b, of sets or of numbers. */
bool is_product_expr(const ast *e);
/* In a place that wants a set. */
PT_MUST_USE pt_status bind_set_expr(bind *b, const ast *e, node **out);
PT_MUST_USE pt_status bind_id(bind *b, const ast *e, node **out);
/* A call with its first `n_bound` arguments bound already. */
PT_MUST_USE pt_status bind_call(bind *b, pt_str name, ast_syntax syntax, pt_span at, pt_span name_at,
                                node **bound, uint32_t n_bound, ast *const *args, uint32_t n, node **out);
PT_MUST_USE pt_status bind_special(bind *b, const ast *e, node **out, bool *is_done);
PT_MUST_USE pt_status bind_case(bind *b, const ast *e, node **out);
/* The parts of a form, each bound by itself: (*out)[e->n]. */
PT_MUST_USE pt_status bind_list(bind *b, const ast *e, node ***out);

/* What becomes of an expression as: an axis or slicer, a formula of a member, of a set. */
/* What to do about a value of that type where a set is wanted; returns the code of the failure. */
pt_status hint_no_set(pt_err *err, vtype type);
PT_MUST_USE pt_status bind_axis(bind *b, const ast *e, const char *what, node **out);
PT_MUST_USE pt_status bind_calc_body(bind *b, calc *c);
PT_MUST_USE pt_status bind_set_body(bind *b, named_set *s);
/* Bind the bodies of all formulas of the query, and of those that they and the axes use. */
PT_MUST_USE pt_status bind_formulas(bind *b);

/* ---- conversions ------------------------------------------------------- */

/* What it costs to use a node of that type for a letter; -1: it does not fit. */
int convert_cost(vtype from, char letter);
PT_MUST_USE pt_status convert(bind *b, node *n, char letter, node **out);
const char *letter_name(char letter);

/* ---- making nodes ------------------------------------------------------ */

/* NULL when memory is out; bind_nomem then. Arguments are borrowed; deps is the union of theirs. */
node *node_new(bind *b, fun_eval eval, vtype type, pt_span at, node **args, uint32_t n);
pt_status bind_nomem(bind *b);
node *node_const(bind *b, vtype type, pt_span at, xval k);
node *node_member(bind *b, mref m, pt_span at);
node *node_hier(bind *b, uint32_t hier, pt_span at);
node *node_level(bind *b, level_ref l, pt_span at);
/* The current member of a hierarchy; the value of the current cell. */
node *node_current(bind *b, uint32_t hier, pt_span at);
node *node_cell(bind *b, pt_span at);
/* A shape of one hierarchy (HIER_ANY: unknown). */
PT_MUST_USE pt_status shape_one(bind *b, uint32_t hier, shape *out);
bool shape_fits(shape a, shape b);
uint64_t shape_deps(shape s);
static inline uint32_t shape_hier(const node *n)
{
    return n->shape.n == 1 ? n->shape.hiers[0] : HIER_ANY;
}
/* "[Time], [Product]" for messages. */
pt_str shape_text(bind *b, shape s);
/* Append an argument to a node of a function. */
PT_MUST_USE pt_status node_append(bind *b, node *n, node *arg);

/* A literal number with an exponent as a text constant; *out is left alone if n is none. */
PT_MUST_USE pt_status bind_literal_text(bind *b, const node *n, const char *before, node **out);

/* fun_bind functions used by many tables. */
PT_MUST_USE pt_status bind_like_second(bind *b, node *n); /* ... of the second */
PT_MUST_USE pt_status bind_same_shape(bind *b,
                                      node *n); /* two sets of the same hierarchies; the result too */
PT_MUST_USE pt_status bind_cell_default(bind *b, node *n); /* second argument: the current cell if left out */
/* The first hierarchy of the first time dimension; PT_TYPE if there is none. */
PT_MUST_USE pt_status bind_time_hier(bind *b, pt_span at, uint32_t *hier);
