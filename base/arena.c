/* arena.c - chunked bump allocator with a budget: of its own, to the byte, or shared with others, by chunks.
 */
#include "base/arena.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { FIRST_CHUNK = 8 * 1024, MAX_CHUNK = 1024 * 1024, ALIGN = 16, PAGE = 4096, MANY_PAGES = 2 << 20 };

typedef struct chunk {
    struct chunk *next; /* older */
    size_t cap, used;
    size_t n_zero; /* bytes at the end that nobody has had */
    _Alignas(ALIGN) char data[];
} chunk;

struct arena {
    chunk *top;
    size_t used_bytes, budget_bytes;
    mem_budget *shared; /* NULL: none */
    mem_budget own;     /* what `shared` is then, or nothing */
    uint64_t fail_at;
};

/* Chunks for one large array are mostly fresh pages of the system, and zero as those are. */
static chunk *chunk_new(arena *a, size_t cap)
{
    size_t size = sizeof(chunk) + cap;
    if (a->shared && !mem_budget_take(a->shared, size)) return NULL;
    bool is_large = size >= MANY_PAGES;
    chunk *c = is_large ? calloc(1, size) : malloc(size);
    if (!c) {
        if (a->shared) mem_budget_give(a->shared, size);
        return NULL;
    }
    if (is_large) mem_prefer_large_pages(c, size);
    c->next = NULL;
    c->cap = cap;
    c->used = 0;
    c->n_zero = is_large ? cap : 0;
    return c;
}

/* The chunk below. */
static chunk *chunk_free(arena *a, chunk *c)
{
    chunk *next = c->next;
    if (a->shared) mem_budget_give(a->shared, sizeof *c + c->cap);
    free(c);
    return next;
}

arena *arena_new(size_t budget_bytes)
{
    arena *a = calloc(1, sizeof *a);
    if (!a) return NULL;
    a->budget_bytes = budget_bytes;
    return a;
}

arena *arena_new_in(mem_budget *b)
{
    arena *a = arena_new(0);
    if (a) a->shared = b;
    return a;
}

arena *arena_new_shared(size_t limit_bytes)
{
    arena *a = arena_new(0);
    if (!a) return NULL;
    mem_budget_init(&a->own, limit_bytes);
    a->shared = &a->own;
    return a;
}

mem_budget *arena_shared(arena *a)
{
    return a->shared;
}

void arena_free(arena *a)
{
    if (!a) return;
    for (chunk *c = a->top; c;) c = chunk_free(a, c);
    free(a);
}

void arena_reset(arena *a)
{
    chunk *c = a->top;
    while (c && c->next) c = chunk_free(a, c);
    if (c) c->used = 0;
    a->top = c;
    a->used_bytes = 0;
}

arena_mark arena_save(const arena *a)
{
    return (arena_mark){a->top, a->top ? a->top->used : 0, a->used_bytes};
}

void arena_restore(arena *a, arena_mark m)
{
    if (!m.chunk) {
        arena_reset(a);
        return;
    }
    while (a->top != m.chunk) a->top = chunk_free(a, a->top);
    a->top->used = m.chunk_used;
    a->used_bytes = m.used_bytes;
}

static chunk *add_chunk(arena *a, size_t size)
{
    size_t cap = a->top ? a->top->cap * 2 : FIRST_CHUNK;
    if (cap > MAX_CHUNK) cap = MAX_CHUNK;
    if (cap < size) cap = size;
    chunk *c = chunk_new(a, cap);
    if (!c && cap > size) c = chunk_new(a, size); /* what is left of a budget may suffice */
    if (!c) return NULL;
    c->next = a->top;
    a->top = c;
    return c;
}

void *arena_alloc(arena *a, size_t size_bytes)
{
    if (size_bytes > SIZE_MAX / 2) return NULL;
    size_t size = (size_bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (size == 0) size = ALIGN;
    if (a->fail_at && --a->fail_at == 0) return NULL;
    if (a->budget_bytes && (size > a->budget_bytes || a->used_bytes > a->budget_bytes - size)) return NULL;
    chunk *c = a->top;
    if ((!c || c->cap - c->used < size) && !(c = add_chunk(a, size))) return NULL;
    char *p = c->data + c->used;
    size_t n_dirty = c->cap - c->n_zero, had = n_dirty > c->used ? n_dirty - c->used : 0;
    memset(p, 0, had < size ? had : size);
    c->used += size;
    a->used_bytes += size;
    if (c->n_zero > c->cap - c->used) c->n_zero = c->cap - c->used;
    return p;
}

void *arena_calloc(arena *a, size_t n, size_t size_bytes)
{
    size_t total;
    if (__builtin_mul_overflow(n, size_bytes, &total)) return NULL;
    return arena_alloc(a, total);
}

char *arena_dup(arena *a, const char *text, size_t n)
{
    char *p = n < SIZE_MAX ? arena_alloc(a, n + 1) : NULL;
    if (p && n) memcpy(p, text, n);
    return p;
}

size_t arena_used(const arena *a)
{
    return a->used_bytes;
}

size_t arena_budget(const arena *a)
{
    return a->shared ? a->shared->limit_bytes : a->budget_bytes;
}

#undef arena_fail /* a macro for the analyzer */
pt_status arena_fail(const arena *a, pt_err *err)
{
    if (a->shared) return mem_budget_fail(a->shared, err);
    if (!a->budget_bytes) return pt_fail(err, PT_NOMEM, "out of memory");
    pt_fail(err, PT_NOMEM, "the statement needs more than its part of the memory limit, %zu MB",
            a->budget_bytes >> 20);
    return pt_hint(err, "raise it with SET LIMIT MEMORY = '<n> MB', or ask for fewer members");
}

void arena_fail_at(arena *a, uint64_t k)
{
    a->fail_at = k;
}

void *mem_alloc(size_t n, size_t size_bytes)
{
    return calloc(n ? n : 1, size_bytes ? size_bytes : 1);
}

void *mem_grow(void *p, size_t n_new, size_t size_bytes)
{
    size_t total;
    if (__builtin_mul_overflow(n_new, size_bytes, &total)) return NULL;
    return realloc(p, total ? total : 1);
}

void mem_prefer_large_pages(void *p, size_t size_bytes)
{
    uintptr_t start = ((uintptr_t)p + PAGE - 1) / PAGE * PAGE,
              end = ((uintptr_t)p + size_bytes) / PAGE * PAGE;
    if (start < end) (void)madvise((void *)start, end - start, MADV_HUGEPAGE);
}

void mem_keep_freed(void)
{
    (void)mallopt(M_MMAP_THRESHOLD, 32 << 20);
    (void)mallopt(M_TRIM_THRESHOLD, 128 << 20);
    (void)mallopt(M_TOP_PAD, 1 << 20);
}

void mem_free(void *p)
{
    free(p);
}
