/* pool.c - worker threads that join whatever run is open.
 *
 * The caller of pool_run works too, as worker 0 of its run; threads of the pool join as 1, 2, ... So a run
 * never waits for a thread of the pool, several runs go on side by side, and a task may itself call pool_run.
 * One mutex guards the list of open runs and who is in them; tasks are taken from an atomic counter without
 * it. Tasks are handed out in ascending order: when task k fails, every lower task has been handed out and
 * will finish, so the lowest failing task of a run does not depend on timing. */
#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include "base/arena.h"

typedef struct run {
    struct run *next; /* in the pool's list of open runs */
    pool_fn fn;
    void *ctx;
    uint64_t n_tasks;
    _Atomic uint64_t next_task; /* n_tasks and above: nothing left */
    unsigned n_joined, n_active, max_workers;
    pthread_cond_t is_idle; /* n_active fell to 0 */
    pt_status status;       /* of the lowest task that failed */
    uint64_t failed_task;
    pt_err err;
} run;

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t has_work;
    run *open;
    bool is_closing;
    unsigned n_threads; /* started, without the caller */
    pthread_t *threads;
};

/* ---- one run ------------------------------------------------------- */

static bool has_tasks(run *r)
{
    return atomic_load_explicit(&r->next_task, memory_order_relaxed) < r->n_tasks;
}

/* Takes tasks until none is left. At most one failure: its task number goes to *task. */
static pt_status work(run *r, unsigned worker, uint64_t *task, pt_err *err)
{
    while (has_tasks(r)) { /* also keeps the counter from running away */
        *task = atomic_fetch_add_explicit(&r->next_task, 1, memory_order_relaxed);
        if (*task >= r->n_tasks) break;
        pt_status st = r->fn(r->ctx, worker, *task, err);
        if (st != PT_OK) {
            atomic_store_explicit(&r->next_task, r->n_tasks, memory_order_relaxed);
            return st;
        }
    }
    return PT_OK;
}

/* Works in a run that the caller has joined as `worker`, and leaves it. Called, and returns, with the lock.
 */
static void take_part(pool *p, run *r, unsigned worker)
{
    pt_err err = {0};
    uint64_t task = 0;
    pthread_mutex_unlock(&p->lock);
    pt_status st = work(r, worker, &task, &err);
    pthread_mutex_lock(&p->lock);
    if (st != PT_OK && (r->status == PT_OK || task < r->failed_task)) {
        r->status = st;
        r->failed_task = task;
        r->err = err;
    }
    if (--r->n_active == 0) pthread_cond_signal(&r->is_idle);
}

/* The open run with the fewest workers in it that can use one more; NULL if there is none. */
static run *choose(pool *p)
{
    run *best = NULL;
    for (run *r = p->open; r; r = r->next)
        if (r->n_joined < r->max_workers && has_tasks(r) && (!best || r->n_active < best->n_active)) best = r;
    return best;
}

static void *thread_main(void *arg)
{
    pool *p = arg;
    pthread_mutex_lock(&p->lock);
    while (!p->is_closing) {
        run *r = choose(p);
        if (!r) {
            pthread_cond_wait(&p->has_work, &p->lock);
            continue;
        }
        r->n_active++;
        take_part(p, r, r->n_joined++);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

static void close_run(pool *p, const run *r)
{
    run **at = &p->open;
    while (*at != r) at = &(*at)->next;
    *at = r->next;
}

pt_status pool_run(pool *p, unsigned max_workers, uint64_t n_tasks, pool_fn fn, void *ctx, pt_err *err)
{
    unsigned most = pool_threads(p);
    if (max_workers == 0 || max_workers > most) max_workers = most;
    if (max_workers > n_tasks) max_workers = (unsigned)n_tasks;
    run r = {
        .fn = fn, .ctx = ctx, .n_tasks = n_tasks, .n_joined = 1, .n_active = 1, .max_workers = max_workers};
    if (max_workers <= 1) {
        uint64_t task;
        return work(&r, 0, &task, err);
    }
    pthread_cond_init(&r.is_idle, NULL);
    pthread_mutex_lock(&p->lock);
    r.next = p->open;
    p->open = &r;
    for (unsigned i = 1; i < max_workers; i++) pthread_cond_signal(&p->has_work);
    take_part(p, &r, 0);
    close_run(p, &r);
    while (r.n_active > 0) pthread_cond_wait(&r.is_idle, &p->lock);
    pthread_mutex_unlock(&p->lock);
    pthread_cond_destroy(&r.is_idle);
    if (r.status != PT_OK && err && err->code == PT_OK) *err = r.err;
    return r.status;
}

/* ---- the pool ------------------------------------------------------ */

static unsigned processors(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    int n = CPU_COUNT(&set);
    return n > 0 ? (unsigned)n : 1;
}

/* Signals are for the threads of the program, not for ours. A refused thread only means fewer workers. */
static void start_threads(pool *p, unsigned n)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (p->n_threads < n && pthread_create(&p->threads[p->n_threads], NULL, thread_main, p) == 0)
        p->n_threads++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

pool *pool_new(unsigned n_threads)
{
    if (n_threads == 0) n_threads = processors();
    pool *p = mem_alloc(1, sizeof *p);
    if (!p) return NULL;
    p->threads = mem_alloc(n_threads, sizeof *p->threads);
    if (!p->threads) {
        mem_free(p);
        return NULL;
    }
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->has_work, NULL);
    start_threads(p, n_threads - 1);
    return p;
}

void pool_free(pool *p)
{
    if (!p) return;
    pthread_mutex_lock(&p->lock);
    p->is_closing = true;
    pthread_cond_broadcast(&p->has_work);
    pthread_mutex_unlock(&p->lock);
    for (unsigned i = 0; i < p->n_threads; i++) pthread_join(p->threads[i], NULL);
    pthread_cond_destroy(&p->has_work);
    pthread_mutex_destroy(&p->lock);
    mem_free(p->threads);
    mem_free(p);
}

unsigned pool_threads(const pool *p)
{
    return p->n_threads + 1;
}
