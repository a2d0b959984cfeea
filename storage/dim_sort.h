/* dim_sort.h - putting a million members in order: radix sort of numbers, and the ranks of an attribute. */
#pragma once

#include "storage/dim_edit_int.h"

typedef struct sort_pair {
    uint64_t key;
    uint32_t value;
} sort_pair;

/* By key, stable; fast if they are in order. `scratch` has room for n. */
void pairs_sort(sort_pair *v, sort_pair *scratch, size_t n);

/* What the building of hierarchies needs all along: scratch room and the ranks of attributes asked for so
 * far. */
typedef struct dim_order {
    const dim_edit *e;
    arena *a;
    sort_pair *pairs, *scratch; /* NULL until dim_order_room: [n members, texts of the largest dictionary] */
    uint32_t **ranks;           /* [n_attrs], NULL: not yet */
} dim_order;

PT_MUST_USE pt_status dim_order_init(dim_order *o, const dim_edit *e, arena *a, pt_err *err);
/* Have room to sort: 32 bytes a member, which members that come in order do not need. */
PT_MUST_USE pt_status dim_order_room(dim_order *o, pt_err *err);
/* Rank of every member's value in natural order: null is 0, others from 1 on (perhaps with gaps). Texts by
 * bytes. */
PT_MUST_USE pt_status dim_order_ranks(dim_order *o, uint32_t attr, const uint32_t **ranks, pt_err *err);
