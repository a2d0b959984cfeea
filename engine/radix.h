/* radix.h - stable sorting of 64-bit numbers in linear time. */
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct radix_pair {
    uint64_t key, tow;
} radix_pair;

/* Ascending. `spare` is as large as `v`; returns the one that holds the result, the other holds rubbish. */
uint64_t *radix_sort(uint64_t *v, uint64_t *spare, size_t n);
radix_pair *radix_sort_pairs(radix_pair *v, radix_pair *spare, size_t n);
