/* grid.h - cells that are nothing but values of stored measures at plain members, read by position.
 *
 * Where no calculated member, null member or region has a say, a cell is a place in what was fetched: the
 * ranks of its members. Then no context is entered for each cell; the cells are found, counted, formatted and
 * written in slices by several threads. The answer is the one that select_cells.c would compute cell by cell.
 */
#pragma once

#include "query/cell_format.h"
#include "query/select.h"

typedef struct grid grid;

/* *out NULL: the cells are not such, or too diverse. Axes and slicer have been evaluated. */
PT_MUST_USE pt_status grid_new(query *q, cell_formats *formats, arena *a, grid **out);
/* There are few cells for each position of the longest axis: looking at all of them costs less than finding
 * out where there are facts. */
bool grid_is_narrow(const grid *g, uint64_t n_cells);

/* Which cells: those of `places` (ascending ordinals), or if that is NULL all of them. Of all, with
 * only_facts those alone that have facts: an empty one is none, whatever text its format has for it. */
typedef struct grid_range {
    uint64_t n;
    const uint64_t *places;
    bool only_facts;
} grid_range;
/* Fetches and computes them; then leaves out positions as NON EMPTY says, which shortens the axes of the
 * query. *out: ascending, in the arena given to grid_new. PT_LIMIT. */
PT_MUST_USE pt_status grid_cells(grid *g, const grid_range *range, cs_cell **out, uint64_t *n_out);
