/* seg_rows.h - sets of rows of one block in the smallest of three forms, as Roaring containers are. */
#pragma once

#include "storage/seg_format.h"

/* The smallest form of a set of `count` rows in `n_runs` runs, in a block of n_rows; *bytes is its size. */
rows_form rows_choose(uint32_t count, uint32_t n_runs, uint32_t n_rows, uint32_t *bytes);
/* Write a set given as ascending row numbers; `out` has the bytes that rows_choose told. */
void rows_write(rows_form form, const uint16_t *rows, uint32_t count, uint32_t n_rows, uint8_t *out);

/* OR the stored set into bits (SEG_BLOCK_WORDS words). false: malformed, or a row is not below n_rows, or the
 * set does not have `count` rows; never touches memory outside of either buffer. */
PT_MUST_USE bool rows_or(rows_form form, const uint8_t *in, uint32_t bytes, uint32_t count, uint32_t n_rows,
                         uint64_t *bits);
