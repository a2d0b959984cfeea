/* radix.h - stable sorting of 64-bit numbers in linear time. */
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct radix_pair {
    uint64_t key, tow;
} radix_pair;

/* Ascending. `spare` is as large as `v`; the result is in `v`. */
void radix_sort(uint64_t *v, uint64_t *spare, size_t n);
void radix_sort_pairs(radix_pair *v, radix_pair *spare, size_t n);
