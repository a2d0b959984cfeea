/* monitor.h - change monitors: find what is new or changed in the sources of mappings and load it exactly
 * once. */
#pragma once

#include "etl/etl.h"

typedef struct watch_options {
    uint32_t n_mappings; /* 0: all */
    const pt_str *mappings;
    int64_t interval_us;
    bool one_pass;            /* load what is there, wait for files that are being written, and return */
    const volatile int *stop; /* non-zero: finish the load under way, then return; may be NULL */
    limits limits;            /* of each load; the deadline does not count */
    /* Told of every load and of every failure (the watch goes on after a failure). May be NULL. */
    void (*on_load)(void *ctx, const load_result *r);
    void (*on_error)(void *ctx, const pt_err *err);
    void *ctx;
} watch_options;

/* Returns when told to stop: PT_OK; PT_CANCELLED by limits.cancel; after one pass, or before the first one is
 * through (a mapping that does not exist), the first failure. */
PT_MUST_USE pt_status monitor_watch(warehouse *w, const watch_options *o, pt_err *err);
