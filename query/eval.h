/* eval.h - evaluation: the context, the values of cells, and the arguments of functions.
 *
 * The context is one member for every hierarchy (section 4). Functions that iterate set members into it and
 * undo that afterwards (ctx_set, ctx_undo). The value of a cell is looked up in `cells`; what is not there
 * yet is noted and EVAL_PENDING travels up. Functions evaluate all strict arguments even if one is pending,
 * so that one pass notes as many cells as possible; a function must not base a decision on a pending value.
 *
 * Memory: `work` holds sets and texts of the expression at hand; it is given back after every cell and, for
 * scalar results, after every tuple of an iteration (eval_keep). What must last longer goes to sc->a. */
#pragma once

#include "query/cells.h"
#include "query/node.h"
#include "query/region.h"

/* An iteration over a named set, for set.Current and set.CurrentOrdinal. */
typedef struct iter_frame {
    struct iter_frame *up;
    const void *named; /* named_set or alias identity */
    tuple at;
    uint32_t ordinal;
} iter_frame;

/* A calculated member in the course of being expanded. */
typedef struct calc_frame {
    struct calc_frame *up;
    const calc *calc;
    uint64_t ctx_hash;
    uint32_t depth, mark;
} calc_frame;

typedef struct eval eval;
struct eval {
    scope *sc;
    arena *work;
    pt_err *err;
    const limits *limits;
    cells *cells;
    region_set *regions;

    mref *ctx;          /* [sc->n_hiers] */
    uint32_t n_special; /* members of ctx that are not plain: calculated, null or fixed by a region */
    mref *slicer;       /* [sc->n_hiers] the context of axes and named sets */
    mref *undo;
    uint32_t n_undo, cap_undo;

    calc_frame *calcs;
    iter_frame *iters;
    const char *stack; /* address at which evaluation began */
    uint32_t n_ticks;
    bool is_cell;        /* a cell is being computed, not an axis */
    bool is_void;        /* the slicer is empty: every cell is */
    bool is_trying;      /* within tuples evaluated together: who began that sees to failures (eval_rows.h) */
    bool is_plain;       /* that has failed: now everything tuple by tuple */
    struct bind *binder; /* for formulas met while running */
    query_stats *stats;
    struct sparse_found *found; /* combinations found before (sparse.c) */
    struct calc_memo *deep;     /* values of formulas deep within formulas (calc_memo.h) */
    struct sparse_hint
        *sparse; /* NULL, or what makes tuples of the set under evaluation worth keeping (sparse.h) */
};

/* ---- context ----------------------------------------------------------- */

/* Set one member; the old one goes on the undo list. */
PT_MUST_USE pt_status ctx_set(eval *x, mref m);
PT_MUST_USE pt_status ctx_set_tuple(eval *x, const mref *t, uint32_t n);
static inline uint32_t ctx_mark(const eval *x)
{
    return x->n_undo;
}
void ctx_undo(eval *x, uint32_t mark);
/* Replace the whole context by the slicer's (axes, named sets); undone by ctx_undo. */
PT_MUST_USE pt_status ctx_enter_slicer(eval *x);
/* The member of a hierarchy. PT_VALUE if a compound slicer holds several there. */
PT_MUST_USE pt_status ctx_member(eval *x, uint32_t hier, mref *out);

/* ---- nodes ------------------------------------------------------------- */

/* Through the memo if there is one. */
PT_MUST_USE pt_status eval_node(eval *x, const node *n, xval *out);
PT_MUST_USE pt_status eval_value(eval *x, const node *n, pt_value *out);
/* *is_null, or the number. A text where a number is needed is an EVAL_ERROR. */
PT_MUST_USE pt_status eval_number(eval *x, const node *n, double *out, bool *is_null);
/* Whole argument, truncated and held within +-2^62; null gives is_null. */
PT_MUST_USE pt_status eval_integer(eval *x, const node *n, int64_t *out, bool *is_null);
PT_MUST_USE pt_status eval_string(eval *x, const node *n, pt_str *out); /* ptr NULL: null */
PT_MUST_USE pt_status eval_bool(eval *x, const node *n, bool *out);     /* null is false */
/* EVAL_ERROR: "expected a number, got a text: ..." */
PT_MUST_USE pt_status eval_wrong_kind(eval *x, const node *n, pt_value v, const char *expected);
PT_MUST_USE pt_status eval_member(eval *x, const node *n, mref *out);
PT_MUST_USE pt_status eval_tuple(eval *x, const node *n, tuple *out);
PT_MUST_USE pt_status eval_set(eval *x, const node *n, set *out);
/* As eval_set, keeping the hint of what may be left out (FUN_SPARSE functions, for their first argument). */
PT_MUST_USE pt_status eval_set_sparse(eval *x, const node *n, set *out);

/* Combine the outcomes of strict arguments: a failure wins over an error of the cell, that over pending.
 * Returns true if evaluation should go on with the next argument. */
static inline bool eval_go_on(pt_status st, pt_status *all)
{
    if (st == PT_OK) return true;
    *all = st;
    return st == EVAL_PENDING;
}

/* ---- cells ------------------------------------------------------------- */

/* After a formula gave `st`: a place in the text of a cube or session is no place in the statement. The
 * failure names the formula instead, and gets the place of the expression that used it. */
PT_MUST_USE pt_status eval_hide_place(eval *x, formula_origin origin, pt_str name, pt_status st);
/* The value at the context. */
PT_MUST_USE pt_status eval_cell(eval *x, pt_value *out);
/* The value with some members changed for this one look. */
PT_MUST_USE pt_status eval_cell_at(eval *x, const mref *t, uint32_t n, pt_value *out);
/* The formula of a calculated member is bound. EVAL_ERROR if it is wrong. */
PT_MUST_USE pt_status calc_ready(eval *x, calc *c);
/* Between these two the formula of c is evaluated, its own hierarchy being put back. calc_leave takes what it
 * came to; not to be called if calc_enter failed. */
PT_MUST_USE pt_status calc_enter(eval *x, calc *c, calc_frame *f);
PT_MUST_USE pt_status calc_leave(eval *x, const calc_frame *f, pt_status st);
/* The calculated member of the context that is expanded first (section 10); NULL: none. */
calc *eval_winner(const eval *x);
/* a + b without loss where both are exact. */
pt_value value_add(pt_value a, pt_value b);

/* ---- iteration --------------------------------------------------------- */

typedef struct iter {
    eval *x;
    set s;
    uint32_t at, mark;
    bool is_open;
    iter_frame frame;
} iter;

/* for (iter_begin(&it, x, node, s); iter_next(&it, &st);) {...}  iter_end(&it);
 * Each round has one tuple in the context. iter_next returns false at the end, or with *st set when time or
 * memory is up. `from` is the node that gave s: sets with a name become visible to .Current. */
void iter_begin(iter *it, eval *x, const node *from, set s);
bool iter_next(iter *it, pt_status *st);
void iter_end(iter *it);
static inline const mref *iter_tuple(const iter *it)
{
    return set_at(it->s, it->at - 1);
}

/* A scalar expression for every tuple of a set: values[i]. Pending if any is. */
PT_MUST_USE pt_status eval_over(eval *x, const node *from, set s, const node *expr, pt_value **values);
/* The value of the current measure for every tuple. */
PT_MUST_USE pt_status eval_cells_over(eval *x, set s, pt_value **values);
/* As eval_over, as numbers without the nulls. */
PT_MUST_USE pt_status eval_numbers(eval *x, const node *from, set s, const node *expr, double **out,
                                   uint32_t *n);

PT_MUST_USE pt_status eval_tick(eval *x); /* limits, now and then */
pt_status eval_nomem(eval *x);
static inline tuplist eval_tuplist(eval *x, uint32_t arity)
{
    return tuplist_new(x->work, x->limits, arity, x->err);
}
PT_MUST_USE pt_status eval_new(scope *sc, const limits *l, pt_err *err, eval **out);
void eval_free(eval *x);
