/* sparse.h - products of sets without walking what is empty in them.
 *
 * A crossjoin of levels may have 10^15 tuples where 10^5 have facts. Where empty tuples are dropped anyway
 * (NON EMPTY, NonEmptyCrossJoin, Filter by a condition that is false for null), the tuples that can have a
 * value are found from one grouped request and listed in crossjoin order. What is found may include empty
 * tuples (they are tested one by one afterwards) but never misses one that has a value: where that cannot be
 * known, the whole product is made. */
#pragma once

#include "query/eval.h"

/* Where values come from: if none of these base cubes has a fact at a place, looked at without restriction in
 * the hierarchies `free`, then the value there is null. */
typedef struct sparse_hint {
    uint64_t bases;    /* bit per base cube of the scope */
    uint64_t free;     /* bit per hierarchy that formulas move */
    uint64_t measures; /* bit per stored measure met, of the first 64: what will be asked for next */
    bool is_used;      /* a crossjoin was thinned out by it */
} sparse_hint;

/* The hint for the value of a cell at the context, with that measure; for an expression. false: cannot be
 * said. */
bool sparse_for_member(eval *x, mref m, sparse_hint *out);
bool sparse_for_value(eval *x, const node *n, sparse_hint *out);
/* For a condition: where it can hold only if there are facts. */
bool sparse_for_condition(eval *x, const node *n, sparse_hint *out);

/* All combinations, first set slowest. PT_LIMIT. */
PT_MUST_USE pt_status set_product(eval *x, const set *sets, uint32_t n, set *out);
/* A crossjoin node under x->sparse. */
PT_MUST_USE pt_status sparse_crossjoin(eval *x, const node *n, set *out);
/* The combinations of the arguments for which the current measure has a value; if keeps_calc, those with a
 * calculated member too. */
PT_MUST_USE pt_status sparse_non_empty(eval *x, const node *n, bool keeps_calc, set *out);

/* The combinations (positions as one mixed-radix number, last set fastest; ascending) that can have a value.
 * *is_known false: cannot be said. hint NULL: by the measures in the sets, or the context's. */
typedef struct sparse_list {
    uint64_t *codes;
    uint64_t n;
    bool is_known;
} sparse_list;
PT_MUST_USE pt_status sparse_combinations(eval *x, const sparse_hint *hint, const set *sets, uint32_t n,
                                          sparse_list *out);
/* Number of combinations; UINT64_MAX if it does not fit. */
uint64_t sparse_size(const set *sets, uint32_t n);
