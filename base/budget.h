/* budget.h - bytes that all parts of a statement share: its arenas and the engine's tables draw on one
 * number. Thread-safe. Whoever took bytes gives them back, so that it ends at 0. */
#pragma once

#include <stdatomic.h>
#include <stddef.h>

#include "base/err.h"

typedef struct mem_budget {
    size_t limit_bytes; /* 0: none */
    atomic_size_t used_bytes, peak_bytes;
} mem_budget;

void mem_budget_init(mem_budget *b, size_t limit_bytes);
/* false, and nothing taken, if that would go over the limit. */
bool mem_budget_take(mem_budget *b, size_t n_bytes);
void mem_budget_give(mem_budget *b, size_t n_bytes);
/* What is left to take; SIZE_MAX without a limit. */
size_t mem_budget_left(const mem_budget *b);
/* PT_NOMEM that names the limit and how to raise it. */
pt_status mem_budget_fail(const mem_budget *b, pt_err *err);
#ifdef __clang_analyzer__
#define mem_budget_fail(b, err) pt_not_ok(mem_budget_fail((b), (err)))
#endif
