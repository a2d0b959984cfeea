/* pool.h - a fixed set of worker threads; work is cut into numbered tasks taken from a shared counter. */
#pragma once

#include <stdatomic.h>

#include "base/err.h"

typedef struct pool pool;

/* n_threads counts the caller too (1: no thread is started). 0: the number of processors this process may
 * use. If the system refuses threads the pool has fewer. NULL when memory runs out. */
pool *pool_new(unsigned n_threads);
void pool_free(pool *p); /* no run may be going on; p may be NULL */
unsigned pool_threads(const pool *p);

/* Called for every task in 0..n_tasks-1, each exactly once unless a task failed; `worker` is 0..threads-1 and
 * no two calls of one pool_run with the same worker run at a time (worker 0 is the caller's own thread). A
 * status other than PT_OK stops the handing out of tasks. */
typedef pt_status (*pool_fn)(void *ctx, unsigned worker, uint64_t task, pt_err *err);

/* Runs all tasks and returns when done. max_workers 0: all. The failure with the lowest task number wins, so
 * that messages do not depend on timing. Several callers may run at once, and a task may run tasks of its
 * own; they share the workers. */
PT_MUST_USE pt_status pool_run(pool *p, unsigned max_workers, uint64_t n_tasks, pool_fn fn, void *ctx,
                               pt_err *err);
