/* arena.h - memory that is freed as one: an arena belongs to a query, a load or a batch.
 *
 * An arena has a byte budget. An allocation over budget (or refused by the system) returns NULL and marks the
 * arena as exhausted; callers turn that into arena_fail(), a PT_NOMEM that names the limit.
 * Not thread-safe: each worker has its own. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/budget.h"
#include "base/err.h"

typedef struct arena arena;

/* budget_bytes 0 means unlimited. NULL only when the system is out of memory. */
arena *arena_new(size_t budget_bytes);
/* An arena whose chunks are taken from a budget that others share; `b` must live longer. */
arena *arena_new_in(mem_budget *b);
/* An arena with such a budget of its own, for others to share as long as it lives (0: no limit). */
arena *arena_new_shared(size_t limit_bytes);
/* The budget that an arena shares; NULL: none. */
mem_budget *arena_shared(arena *a);
void arena_free(arena *a);
/* Forget everything, keep the first chunk. */
void arena_reset(arena *a);

/* A place to return to: arena_restore forgets all that was allocated since the arena_save (for loops that
 * compute many short-lived values). Marks nest; a mark is dead once an older one was restored. */
typedef struct arena_mark {
    void *chunk;
    size_t chunk_used, used_bytes;
} arena_mark;
arena_mark arena_save(const arena *a);
void arena_restore(arena *a, arena_mark m);

/* Zeroed, aligned to 16. NULL when the budget is spent. size 0 gives a valid pointer. */
void *arena_alloc(arena *a, size_t size_bytes);
/* Zeroed array with overflow check. Use arena_array. */
void *arena_calloc(arena *a, size_t n, size_t size_bytes);
#define arena_array(a, T, n) ((T *)arena_calloc((a), (n), sizeof(T)))
#define arena_make(a, T)     ((T *)arena_calloc((a), 1, sizeof(T)))
/* Copy of n bytes with a NUL behind. */
char *arena_dup(arena *a, const char *text, size_t n);

size_t arena_used(const arena *a);
size_t arena_budget(const arena *a);
/* PT_NOMEM with the limit in the message. */
pt_status arena_fail(const arena *a, pt_err *err);
#ifdef __clang_analyzer__
#define arena_fail(a, err) pt_not_ok(arena_fail((a), (err)))
#endif

/* Tests only: make the k-th allocation from now on fail (0: off). */
void arena_fail_at(arena *a, uint64_t k);

/* Plain checked heap memory for what outlives a query; abort is never called: NULL on failure. */
void *mem_alloc(size_t n, size_t size_bytes);             /* zeroed */
void *mem_grow(void *p, size_t n_new, size_t size_bytes); /* realloc with overflow check, not zeroed */
void mem_free(void *p);
/* Ask the system for large pages under a block of memory or a mapped file; it need not follow. */
void mem_prefer_large_pages(void *p, size_t size_bytes);
/* Keep up to 128 MB of what the main thread frees, and 64 MB of what another one does, for what it allocates
 * next, in blocks of less than 32 MB. Otherwise each statement gives its pages back to the system and has new
 * ones cleared: a third of what a short one costs, a sixth of one that looks for the best of 300,000 members.
 * For the whole process: only for main programs to call, before anything else. */
void mem_keep_freed(void);
