/* eval_rows.h - expressions evaluated for many rows (rows.h) at once, and iterating over sets that way.
 *
 * Entering a tuple, finding the sheet of a cell and calling through the tree of an expression cost far more
 * than the value itself. So eval_over, Filter and Order take the tuples of a set in portions of up to
 * SWEEP_ROWS, put those together that are alike, and evaluate each node once for all of them: nodes with
 * `over` (fun.h) work on arrays of values, those that do not depend on what differs are evaluated once, and
 * any other node is evaluated row by row within them.
 *
 * Outcomes are for all rows: EVAL_PENDING if a value of any row is not known yet (the values mean nothing
 * then; what was missing has been noted), and any failure if a row has an error. Which row fails first and
 * with what message does not show here: portions that fail are evaluated again tuple by tuple. So functions
 * of rows need no messages. */
#pragma once

#include "query/eval.h"

enum { SWEEP_ROWS = 1024 };

/* ---- nodes ------------------------------------------------------------- */

/* out[r->n] */
PT_MUST_USE pt_status eval_rows(eval *x, const node *n, const rows *r, pt_value *out);
/* The same, with values as a letter of fun.h promises; EVAL_ERROR if one is of another kind. */
PT_MUST_USE pt_status eval_rows_as(eval *x, const node *n, char letter, const rows *r, pt_value *out);
/* A new array with that; *out lives in x->work until the portion is done. */
PT_MUST_USE pt_status eval_rows_new(eval *x, const node *n, char letter, const rows *r, pt_value **out);
/* A condition: null is false. */
PT_MUST_USE pt_status eval_rows_truth(eval *x, const node *n, const rows *r, bool **out);
/* Row by row, for nodes whose arguments do not lend themselves to more. */
PT_MUST_USE pt_status eval_rows_each(eval *x, const node *n, const rows *r, pt_value *out);
/* The value of the cell at each row; with some members changed for this one look. */
PT_MUST_USE pt_status eval_rows_cell(eval *x, const rows *r, pt_value *out);
PT_MUST_USE pt_status eval_rows_cell_at(eval *x, const mref *t, uint32_t n, const rows *r, pt_value *out);
/* ... at the member or tuple that a node gives, which may differ from row to row. *is_done false: it is not
 * made of members of known hierarchies, and nothing was done. */
PT_MUST_USE pt_status eval_rows_at(eval *x, node *place, const rows *r, pt_value *out, bool *is_done);

/* ---- members and tuples ------------------------------------------------- */

/* The members of one row into the context, and before the eyes of .Current. */
PT_MUST_USE pt_status rows_enter(eval *x, const rows *r, uint32_t i);
/* The member at each row: (*out)[r->n] in x->work, null members where there is none. */
PT_MUST_USE pt_status eval_rows_members(eval *x, const node *n, const rows *r, mref **out);
/* The tuple at each row: (*out)[r->n * t->n]; with a null member in it there is none. For those that
 * rows_know_tuple. */
PT_MUST_USE pt_status eval_rows_tuples(eval *x, const node *t, const rows *r, mref **out);
bool rows_know_tuple(const node *t);

/* ---- parts -------------------------------------------------------------- */

/* Whether a node gives the same for all rows. */
static inline bool rows_share(const rows *r, const node *n)
{
    return !(n->deps & (r->deps | DEP_OTHER));
}

/* The rows once members of those hierarchies are put into the context: these no longer differ. */
rows rows_without(const rows *r, const mref *t, uint32_t n);

/* For functions that evaluate an argument for some rows only: those with which[i] == want, as rows of their
 * own. rows_put copies their values to where they belong. */
typedef struct rows_part {
    rows r;
    uint32_t *place; /* [r.n] among all rows */
    pt_value *v;     /* [r.n] to be filled */
} rows_part;
PT_MUST_USE pt_status rows_select(eval *x, const rows *r, const bool *which, bool want, rows_part *out);
void rows_put(const rows_part *p, pt_value *out);

/* ---- sets -------------------------------------------------------------- */

/* for (sweep_begin(&w, x, from, s, expr); sweep_next(&w, &st);) {... w.v[0 .. w.n) ...}  sweep_end(&w);
 * The values of `expr` (NULL: of the cell) for the tuples of s, a portion in each round: that of tuple w.at +
 * i is w.v[i]; texts live in x->work. *st is PT_OK, or EVAL_PENDING in this round and all that follow: then
 * w.v means nothing, but what is missing is noted. When sweep_next returns false, *st is the outcome of all.
 * Tuples with a name (`from`) are visible to .Current. */
typedef struct sweep {
    eval *x;
    set s;
    const node *expr;
    uint32_t at, n;
    pt_value *v;
    iter it;
    bool is_still; /* set after sweep_begin: .Current shows no tuple */
    bool is_plain; /* each tuple by itself */
    pt_status all;
    uint32_t *left, *alike; /* positions in s */
} sweep;
PT_MUST_USE pt_status sweep_begin(sweep *w, eval *x, const node *from, set s, const node *expr);
bool sweep_next(sweep *w, pt_status *st);
void sweep_end(sweep *w);
