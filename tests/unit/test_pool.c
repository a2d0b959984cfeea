/* test_pool.c - every task once, one at a time per worker, and failures that do not depend on timing. */
#include "base/pool.h"

#include <pthread.h>
#include <stdio.h>

#include "unit.h"

enum { N_TASKS = 5000, MAX_WORKERS = 8 };

typedef struct job {
    atomic_uint done[N_TASKS];
    atomic_uint busy[MAX_WORKERS];
    uint64_t count[MAX_WORKERS]; /* plain: only its worker touches it */
    atomic_uint clashes;
    uint64_t fail_from; /* tasks from here on fail, if not 0 */
    pool *inner;
} job;

static pt_status count_task(void *ctx, unsigned worker, uint64_t task, pt_err *err)
{
    job *j = ctx;
    if (atomic_fetch_add(&j->busy[worker], 1) != 0) atomic_fetch_add(&j->clashes, 1);
    atomic_fetch_add(&j->done[task], 1);
    j->count[worker]++;
    atomic_fetch_sub(&j->busy[worker], 1);
    if (j->fail_from && task >= j->fail_from)
        return pt_fail(err, PT_DATA, "task %llu failed", (unsigned long long)task);
    return PT_OK;
}

static void check_all_done(const job *j, uint64_t n)
{
    uint64_t total = 0;
    for (size_t i = 0; i < N_TASKS; i++) assert_int_equal(j->done[i], i < n);
    for (size_t i = 0; i < MAX_WORKERS; i++) total += j->count[i];
    assert_int_equal(total, n);
    assert_int_equal(j->clashes, 0);
}

static void every_task_runs_once(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {0, 1, 2, 7, N_TASKS};
    for (unsigned threads = 1; threads <= MAX_WORKERS; threads++) {
        pool *p = pool_new(threads);
        assert_int_equal(pool_threads(p), threads);
        for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
            job *j = calloc(1, sizeof *j);
            pt_err err = {0};
            assert_ok(pool_run(p, 0, sizes[i], count_task, j, &err));
            check_all_done(j, sizes[i]);
            free(j);
        }
        pool_free(p);
    }
}

static void workers_are_limited(void **state)
{
    (void)state;
    pool *p = pool_new(MAX_WORKERS);
    pt_err err = {0};
    job *j = calloc(1, sizeof *j);
    assert_ok(pool_run(p, 2, N_TASKS, count_task, j, &err));
    check_all_done(j, N_TASKS);
    assert_int_equal(j->count[0] + j->count[1], N_TASKS);
    free(j);
    pool_free(p);
}

static void lowest_failure_wins(void **state)
{
    (void)state;
    pool *p = pool_new(MAX_WORKERS);
    for (uint64_t from = 1; from < 200; from++) {
        job *j = calloc(1, sizeof *j);
        pt_err err = {0};
        char want[64];
        j->fail_from = from;
        snprintf(want, sizeof want, "task %llu failed", (unsigned long long)from);
        assert_int_equal(pool_run(p, 0, N_TASKS, count_task, j, &err), PT_DATA);
        assert_string_equal(err.msg, want);
        for (uint64_t i = 0; i <= from; i++) assert_int_equal(j->done[i], 1);
        free(j);
    }
    pool_free(p);
}

static void failure_without_a_record_is_fine(void **state)
{
    (void)state;
    pool *p = pool_new(4);
    job *j = calloc(1, sizeof *j);
    j->fail_from = 3;
    assert_int_equal(pool_run(p, 0, N_TASKS, count_task, j, NULL), PT_DATA);
    free(j);
    pool_free(p);
}

static void *call_often(void *arg)
{
    pool *p = arg;
    uintptr_t bad = 0;
    for (int i = 0; i < 50; i++) {
        job *j = calloc(1, sizeof *j);
        pt_err err = {0};
        bad += pool_run(p, 0, 500, count_task, j, &err) != PT_OK || j->clashes;
        for (int k = 0; k < 500; k++) bad += j->done[k] != 1;
        free(j);
    }
    return (void *)bad;
}

static void callers_share_the_workers(void **state)
{
    (void)state;
    pool *p = pool_new(4);
    pthread_t callers[6];
    for (size_t i = 0; i < ARRAY_LEN(callers); i++)
        assert_int_equal(pthread_create(&callers[i], NULL, call_often, p), 0);
    for (size_t i = 0; i < ARRAY_LEN(callers); i++) {
        void *bad;
        pthread_join(callers[i], &bad);
        assert_null(bad);
    }
    pool_free(p);
}

static pt_status run_inside(void *ctx, unsigned worker, uint64_t task, pt_err *err)
{
    job *outer = ctx;
    job *j = calloc(1, sizeof *j);
    pt_status st = pool_run(outer->inner, 0, 50, count_task, j, err);
    for (int k = 0; k < 50; k++)
        if (j->done[k] != 1) st = PT_INTERNAL;
    free(j);
    return st == PT_OK ? count_task(ctx, worker, task, err) : st;
}

static void tasks_may_run_tasks(void **state)
{
    (void)state;
    pool *p = pool_new(4);
    pt_err err = {0};
    job *j = calloc(1, sizeof *j);
    j->inner = p;
    assert_ok(pool_run(p, 0, 100, run_inside, j, &err));
    check_all_done(j, 100);
    free(j);
    pool_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_runs_once),      cmocka_unit_test(workers_are_limited),
        cmocka_unit_test(lowest_failure_wins),       cmocka_unit_test(failure_without_a_record_is_fine),
        cmocka_unit_test(callers_share_the_workers), cmocka_unit_test(tasks_may_run_tasks),
    };
    return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
