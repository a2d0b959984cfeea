/* order.h - sorting sets: by values, by hierarchy, or both (section 13). */
#pragma once

#include "query/eval.h"

/* Positions of s in the order of values: stable, nulls first (last when descending). PT_VALUE for truth
 * values, which have no order. */
PT_MUST_USE pt_status order_by_values(eval *x, const pt_value *v, uint32_t n, bool desc, uint32_t **out);
/* The first `take` of these positions. */
PT_MUST_USE pt_status order_first(eval *x, const pt_value *v, uint32_t n, bool desc, uint32_t take,
                                  uint32_t **out);
/* As order_by_values by several keys, the first deciding most: keys[k][i]. */
PT_MUST_USE pt_status order_by_keys(eval *x, pt_value *const *keys, const bool *desc, uint32_t n_keys,
                                    uint32_t n, uint32_t **out);
/* Siblings by value, each followed by its descendants. `from` gave the set, `expr` is the key. */
PT_MUST_USE pt_status order_hierarchical(eval *x, const node *from, set s, const node *expr, bool desc,
                                         set *out);
/* Natural order; `post`: children before their parents. */
PT_MUST_USE pt_status order_natural(eval *x, set s, bool post, set *out);
/* The tuples at these positions. */
PT_MUST_USE pt_status set_pick(eval *x, set s, const uint32_t *positions, uint32_t n, set *out);
