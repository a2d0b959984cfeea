/* dim_hier.h - computing the levels of hierarchies from the attributes of a version in the making. */
#pragma once

#include "storage/dim_sort.h"

/* A level_view being made; the arrays live in the arena of the dim_order. */
typedef struct level_data {
    uint32_t n;
    uint32_t *parent, *first_child, *end, *depth, *of_member, *rep, *stable;
    uint8_t *hidden;
    uint32_t n_stable;
    uint64_t epoch;
} level_data;

/* Levels of a plain hierarchy, all but their stable numbers. */
PT_MUST_USE pt_status dim_hier_build(dim_order *o, const dim_hier_spec *h, level_data *levels, pt_err *err);
/* The one level of a parent-child hierarchy, likewise. PT_DATA names the keys of a circle. */
PT_MUST_USE pt_status dim_parent_build(dim_order *o, const dim_hier_spec *h, level_data *level, pt_err *err);
/* Stable numbers and epochs of hierarchy number h (dim_stable.c). */
PT_MUST_USE pt_status dim_stable_assign(dim_order *o, uint32_t h, level_data *levels, uint64_t version,
                                        pt_err *err);

/* Cut the members into the groups of equal key in `pairs` (sorted): of_member, rep and n of the level. */
PT_MUST_USE pt_status dim_level_group(dim_order *o, level_data *out, pt_err *err);
/* Number the groups of a level anew: the group in pairs[i].value becomes number i. */
PT_MUST_USE pt_status dim_level_renumber(dim_order *o, level_data *x, pt_err *err);
