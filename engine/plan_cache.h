/* plan_cache.h - what plans derive from the members of one version alone, kept for later statements. Only for
 * this room.
 *
 * Plans turn filters into a byte for each member and axes into a number for each; in a large dimension that
 * takes longer than reading the rows that are left. These *pieces* follow from the version and from the words
 * of a key, so statements that ask for the same share them.
 *
 * A piece never changes and lives as long as the cache, which is held by the view of each statement that uses
 * it (shelf.h). Nothing is dropped singly: when the cache is full, it takes no more, and statements that
 * begin later are given a fresh one. So pieces may point to each other and to levels of the version, and keys
 * name levels by their addresses.
 *
 * Thread-safe. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

typedef struct plan_cache plan_cache;

/* With fewer members a piece is made sooner than found. */
enum { PLAN_MANY_MEMBERS = 4096 };

/* NULL: out of memory. */
plan_cache *plan_cache_new(size_t max_bytes);
void plan_cache_free(plan_cache *c); /* c may be NULL */
bool plan_cache_is_full(plan_cache *c);

/* Make a piece in `a`. */
typedef pt_status (*plan_make)(const void *ctx, arena *a, const void **out, pt_err *err);
/* The piece of that key, made if it is not there. It is the statement's own, made in `a`, if `key` is absent,
 * the cache is full or would be, or there is none (c NULL). */
PT_MUST_USE pt_status plan_cache_get(plan_cache *c, pt_str key, plan_make make, const void *ctx, arena *a,
                                     const void **out, pt_err *err);
