/* cuboid_sample.h - facts drawn evenly from a cube, and the number of cells that all of them would have. Only
 * for this room. */
#pragma once

#include "engine/cuboid_int.h"

typedef struct cuboid_sample {
    const view *view;
    const cube *cube;
    uint64_t n_facts; /* that the cube has */
    uint32_t n, cap;  /* drawn: all of them if there are few */
    uint32_t **ids;   /* [role][n] members */
    uint64_t *table;  /* scratch of counting */
} cuboid_sample;

/* Lives in `a`. */
PT_MUST_USE pt_status cuboid_sample_draw(const view *v, const limits *l, const cube *c, arena *a,
                                         cuboid_sample *out, pt_err *err);
/* Estimate the cells of these levels: exact if the sample holds all facts. is_whole: they will be in one
 * segment when they are built. */
PT_MUST_USE pt_status cuboid_sample_count(cuboid_sample *s, const cuboid_level *levels, uint32_t n_levels,
                                          uint64_t *n_cells, bool *is_whole, pt_err *err);
