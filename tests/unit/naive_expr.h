/* naive_expr.h - expressions over facts the slow way: random ones as text, and their value for one row,
 * walked over the tree with nothing proved beforehand. */
#pragma once

#include "naive_util.h"

/* Null, or VAL_INT/VAL_DEC (exact; scales as they come), VAL_DOUBLE, VAL_BOOL, VAL_DATE. */
pt_value naive_eval(const naive_facts *f, const ast *e, uint32_t row);
/* Null is not true. */
bool naive_holds(const naive_facts *f, const ast *e, uint32_t row);
/* The tree behind a measure of a cube's definition; NULL for the implicit one. */
const ast_measure *naive_definition(const cube *c, const measure *m);

/* One random measure's definition behind MEASURE [name], for cubes with columns i, d, b (exact), f (double),
 * w (date) and roles Thing and Person (whole keys) and Day (dates). Sums of it stay below 128 bits for a
 * value, not always for their total. */
void naive_some_measure(uint64_t *seed, strbuf *out);
/* A column of the facts by name; MEMBER_NONE. */
uint32_t naive_column(const cube *c, pt_str name);
/* The key of the member that a row has in a role. */
pt_value naive_key(const naive_facts *f, uint32_t role, uint32_t row);
