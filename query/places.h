/* places.h - where tuples are in a set that is an argument of a function (Rank, IN). If the set does not
 * change with the cell it is looked through once, and what was found is kept in the function's memo. Visual
 * totals are where the members are that they stand for. */
#pragma once

#include "query/bind.h"
#include "query/eval_rows.h"

typedef struct places {
    set s;
    tuple_index ix; /* not of a few tuples */
} places;

/* When binding: n remembers places for contexts that agree in `deps`. */
PT_MUST_USE pt_status places_attach(bind *b, node *n, uint64_t deps);
/* The arguments of n: a tuple, or those of many rows, and the places of the tuples of a set. Of the two, a
 * failure wins over what is pending. */
PT_MUST_USE pt_status places_args(eval *x, const node *n, tuple *t, places *out);
PT_MUST_USE pt_status places_args_rows(eval *x, const node *n, const rows *r, const mref **tuples,
                                       places *out);
/* *at: the first place, from 0. */
bool places_find(const places *p, const mref *t, uint32_t arity, uint32_t *at);
