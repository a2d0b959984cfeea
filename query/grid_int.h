/* grid_int.h - the inside of grids. For grid.c and grid_write.c. */
#pragma once

#include "query/cells_int.h"
#include "query/grid.h"

enum { GRID_GROUPS = 64 }; /* of an axis */

typedef struct grid_axis {
    set s;
    uint32_t n_groups, stride;   /* a patch is the sum of stride * group over the axes */
    uint32_t first[GRID_GROUPS]; /* a position of each */
    uint8_t *group;              /* [s.n] by position */
    uint64_t **bits;             /* [n_groups * arity] ranks of a group in a column; NULL: not needed yet */
} grid_axis;

/* Where a rank comes from: position p of an axis has it in column[p * arity]. */
typedef struct grid_coord {
    const mref *column; /* NULL: it is `rank` for all cells */
    uint32_t axis, rank;
} grid_coord;

typedef struct grid_patch {
    uint32_t measure, base_measure; /* of the scope; of the base cube */
    sheet *sheet;                   /* NULL: all cells are empty */
    grid_coord *coords;             /* [sheet->n_axes] */
    cells_span span;                /* all of its cells */
    const block *block;             /* covers them all; NULL: each cell's must be looked for */
    int column;                     /* in the block */
    const number_format *format;    /* NULL: the general one */
    pt_str null_text;               /* of an empty cell; ptr NULL: none */
} grid_patch;

struct grid {
    query *q;
    cell_formats *formats;
    arena *a; /* of the answer */
    grid_axis *axes;
    uint32_t n_patches;
    grid_patch *patches;
};

/* ---- walking ----------------------------------------------------------- */

typedef struct grid_walk {
    const grid *g;
    const grid_range *range;
    uint64_t at, end; /* of the range */
    uint64_t ordinal;
    uint32_t positions[AGG_MAX_AXES];
    uint32_t patch; /* without axis 0 */
} grid_walk;

/* for (grid_walk_begin(&w, ...); w.at < w.end; grid_walk_next(&w)) */
void grid_walk_begin(grid_walk *w, const grid *g, const grid_range *range, uint64_t from, uint64_t to);
void grid_walk_next(grid_walk *w);

static inline const grid_patch *grid_patch_at(const grid_walk *w)
{
    const grid *g = w->g;
    return &g->patches[w->patch + (g->q->n_axes ? g->axes[0].group[w->positions[0]] : 0)];
}
/* The coordinates in the patch's sheet. false: there is no such member. */
static inline bool grid_coords(const grid_walk *w, const grid_patch *p, uint32_t *coords)
{
    for (uint32_t k = 0; k < p->sheet->n_axes; k++) {
        const grid_coord *c = &p->coords[k];
        coords[k] = c->rank;
        if (c->column) coords[k] = c->column[(size_t)w->positions[c->axis] * w->g->axes[c->axis].s.arity].id;
        if (NEVER(coords[k] >= p->sheet->axes[k].n)) return false;
    }
    return true;
}

/* What grid_want is about. */
typedef struct grid_job {
    grid *g;
    const grid_range *range;
} grid_job;
/* A step of select_passes: note what is missing. */
PT_MUST_USE pt_status grid_want(query *q, void *ctx);
