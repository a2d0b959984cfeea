/* budget.c - one counter for the memory of a statement. */
#include "base/budget.h"

#include <stdint.h>

void mem_budget_init(mem_budget *b, size_t limit_bytes)
{
    b->limit_bytes = limit_bytes;
    atomic_init(&b->used_bytes, 0);
    atomic_init(&b->peak_bytes, 0);
}

bool mem_budget_take(mem_budget *b, size_t n_bytes)
{
    size_t now, used = atomic_load_explicit(&b->used_bytes, memory_order_relaxed);
    do {
        if (__builtin_add_overflow(used, n_bytes, &now)) return false;
        if (b->limit_bytes && now > b->limit_bytes) return false;
    } while (!atomic_compare_exchange_weak_explicit(&b->used_bytes, &used, now, memory_order_relaxed,
                                                    memory_order_relaxed));
    size_t peak = atomic_load_explicit(&b->peak_bytes, memory_order_relaxed);
    while (peak < now && !atomic_compare_exchange_weak_explicit(&b->peak_bytes, &peak, now,
                                                                memory_order_relaxed, memory_order_relaxed))
        continue;
    return true;
}

void mem_budget_give(mem_budget *b, size_t n_bytes)
{
    atomic_fetch_sub_explicit(&b->used_bytes, n_bytes, memory_order_relaxed);
}

size_t mem_budget_left(const mem_budget *b)
{
    size_t used = atomic_load_explicit(&b->used_bytes, memory_order_relaxed);
    return !b->limit_bytes ? SIZE_MAX : used < b->limit_bytes ? b->limit_bytes - used : 0;
}

#undef mem_budget_fail /* a macro for the analyzer */
pt_status mem_budget_fail(const mem_budget *b, pt_err *err)
{
    if (!b->limit_bytes) return pt_fail(err, PT_NOMEM, "out of memory");
    bool is_tiny = b->limit_bytes < 1 << 20;
    pt_fail(err, PT_NOMEM, "the statement needs more than its memory limit of %zu %s",
            is_tiny ? b->limit_bytes : b->limit_bytes >> 20, is_tiny ? "bytes" : "MB");
    return pt_hint(err, "raise it with SET LIMIT MEMORY = '<n> MB', or ask for fewer members");
}
