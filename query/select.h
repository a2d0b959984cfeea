/* select.h - the stages of a SELECT, shared by answering, explaining and drilling through. */
#pragma once

#include "query/bind.h"

typedef struct select_axis {
    const ast_axis *def;
    node *set;
    set value;
    bool is_done;
    bool is_thin; /* combinations without facts were left out already */
} select_axis;

typedef struct query {
    const query_env *env;
    const ast_select *ast;
    scope *sc;
    bind *b;
    eval *x;
    uint32_t n_axes;
    select_axis *axes; /* by number */
    node *slicer;      /* NULL: none */
    set slicer_value;
    query_stats *stats;
    pt_err *err;
} query;

/* The cube that the innermost SELECT `from` names, with the measures that the WITH clause of `sel` adds. */
PT_MUST_USE pt_status select_cube(const query_env *env, const ast_select *sel, const ast_select *from,
                                  arena *a, const cube **out, pt_err *err);
/* Scope, formulas, axes and slicer bound; nothing evaluated. query_close in any case. */
PT_MUST_USE pt_status select_open(const query_env *env, const ast_select *sel, pt_str text, arena *a,
                                  query_stats *stats, query *q, pt_err *err);
void select_close(query *q);
/* Evaluate the slicer and put it into the context. */
PT_MUST_USE pt_status select_slicer(query *q);
PT_MUST_USE pt_status select_axes(query *q);
/* All of it: slicer, axes, cells; times and memory go to the statement's figures. */
PT_MUST_USE pt_status select_run(query *q, arena *a, cellset **out);
/* Compute the cells, drop what NON EMPTY drops, and write the answer. */
PT_MUST_USE pt_status select_cells(query *q, arena *a, cellset *out);

/* Run `step` until no cells are missing, fetching in between. Errors of cells fail the statement here. */
typedef pt_status (*select_step)(query *q, void *ctx);
PT_MUST_USE pt_status select_passes(query *q, select_step step, void *ctx);
/* Turn an outcome that must not leave the room into a public one. */
pt_status select_status(query *q, pt_status st);
/* A failure that is about the answer as a whole, as one that is too large, gets the place of the axis with
 * the most positions, else of the slicer, else of the cube. */
void select_blame(const query *q);

/* More cells than a statement may have. */
pt_status select_too_many(query *q, uint64_t n_cells);
/* NON EMPTY: kept says for each position of an axis whether it stays (1) or not (0), and is made its new
 * position, or SELECT_DROPPED. Returns how many stay. */
#define SELECT_DROPPED UINT32_MAX
uint32_t select_number_kept(uint32_t *kept, uint32_t n);
/* Move the tuples of s that stay to their new positions. */
void select_drop_positions(set s, const uint32_t *kept);

/* Axes of the answer from sets: members shared, properties as asked for. */
PT_MUST_USE pt_status cellset_axis(query *q, set s, shape sh, const ast_axis *def, pt_str name, arena *a,
                                   cs_axis *out);
