/* places.h - where tuples are in a set that is an argument of a function (Rank, IN). If the set does not
 * change with the cell it is looked through once, and what was found is kept in the function's memo. */
#pragma once

#include "query/bind.h"
#include "query/eval.h"

typedef struct places {
    set s;
    tuple_index ix; /* not of a few tuples */
} places;

/* When binding: n remembers places for contexts that agree in `deps`. */
PT_MUST_USE pt_status places_attach(bind *b, node *n, uint64_t deps);
/* The places of the tuples of a set, which is an argument of n. */
PT_MUST_USE pt_status places_of(eval *x, const node *n, const node *set_node, places *out);
/* *at: the first place, from 0. */
bool places_find(const places *p, const mref *t, uint32_t arity, uint32_t *at);
