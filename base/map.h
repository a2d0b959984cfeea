/* map.h - open-addressing hash maps to 32-bit values: from bytes and from 64-bit integers.
 *
 * The bytes map copies its keys into its own arena. Iteration order is unspecified, so nothing that a user
 * sees may depend on it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/budget.h"
#include "base/str.h"

typedef struct bytes_map bytes_map;

bytes_map *bytes_map_new(void);
/* Keys are copied within a budget; PT_NOMEM when it is spent. NULL: none. */
bytes_map *bytes_map_new_in(mem_budget *b);
void bytes_map_free(bytes_map *m);
uint32_t bytes_map_count(const bytes_map *m);
bool bytes_map_find(const bytes_map *m, pt_str key, uint32_t *value);
/* Sets *value to the value at key, inserting `fresh` first if the key is new (*added says so).
 * PT_NOMEM when memory runs out. */
PT_MUST_USE pt_status bytes_map_put(bytes_map *m, pt_str key, uint32_t fresh, uint32_t *value, bool *added);
/* Overwrites or inserts. */
PT_MUST_USE pt_status bytes_map_set(bytes_map *m, pt_str key, uint32_t value);

typedef struct u64_map u64_map;

u64_map *u64_map_new(void);
void u64_map_free(u64_map *m);
uint32_t u64_map_count(const u64_map *m);
bool u64_map_find(const u64_map *m, uint64_t key, uint32_t *value);
PT_MUST_USE pt_status u64_map_put(u64_map *m, uint64_t key, uint32_t fresh, uint32_t *value, bool *added);

/* 64-bit hash of bytes (XXH3). Stable: stored in files. */
uint64_t hash_bytes(const void *p, size_t n);
/* The same for a number; stored in files too. */
static inline uint64_t hash_u64(uint64_t x)
{
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93u;
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93u;
    return x ^ (x >> 32);
}
