/* facts.h - the sales of one month as a CSV file. */
#pragma once

#include "tools/sample/world.h"

#define FACTS_HEADER "sold_on,store_id,product_id,department_id,customer_id,units,revenue,cost,discount\n"

/* Told after every day; rows since the last call. A status other than PT_OK stops the writing. */
typedef pt_status (*facts_tick_fn)(void *ctx, uint64_t rows, pt_err *err);

/* Write sales_YYYY_MM.csv of month m into dir; *n_bytes is its size. Depends on nothing but the world and m:
 * months may be written in any order and at the same time. */
PT_MUST_USE pt_status facts_write_month(const world *w, const char *dir, uint32_t m, facts_tick_fn tick,
                                        void *ctx, uint64_t *n_bytes, pt_err *err);
