/* monitor.h - change monitors: find what is new or changed in the sources of mappings and load it exactly once. */
#pragma once

#include "etl/etl.h"

typedef struct watch_options {
    uint32_t n_mappings; /* 0: all */
    const pt_str *mappings;
    int64_t interval_us;
    bool one_pass;
    const volatile int *stop; /* non-zero: finish the load under way, then return */
    limits limits;
    /* Told of every load and of every failure (the watch goes on after a failure). */
    void (*on_load)(void *ctx, const load_result *r);
    void (*on_error)(void *ctx, const pt_err *err);
    void *ctx;
} watch_options;

PT_MUST_USE pt_status monitor_watch(warehouse *w, const watch_options *o, pt_err *err);
