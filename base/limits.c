/* limits.c - memory of a statement, and the two ways a statement is stopped from outside: its cancel flag and
 * its deadline. */
#include "base/limits.h"

#include <time.h>

arena *limits_arena(const limits *l)
{
    return l->memory ? arena_new_in(l->memory) : arena_new(l->memory_bytes);
}

int64_t limits_now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

pt_status limits_check(const limits *l, pt_err *err)
{
    if (l->cancel && atomic_load_explicit(l->cancel, memory_order_relaxed))
        return pt_fail(err, PT_CANCELLED, "the statement was cancelled on request");
    if (!l->deadline_us || limits_now_us() < l->deadline_us) return PT_OK;
    pt_fail(err, PT_LIMIT, "the statement ran longer than its time limit");
    pt_hint(err, "raise it with SET LIMIT TIME = '<n> s', or ask for fewer members");
    return PT_LIMIT;
}
