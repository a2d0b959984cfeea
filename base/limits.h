/* limits.h - what a statement may use, and the flag that stops it. Checked at least once every block. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct limits {
    size_t memory_bytes;         /* 0: none */
    mem_budget *memory;          /* what all parts of the statement share of them; NULL: each has its own */
    uint64_t cells;              /* cells of a result, tuples of a set; 0: none */
    int64_t deadline_us;         /* limits_now_us() at which the statement ends; 0: none */
    unsigned threads;            /* 0: all */
    const atomic_bool *cancel;   /* may be NULL */
    const char *spill_directory; /* for what does not fit into memory; NULL: then the statement fails */
} limits;

/* An arena within the memory limit. NULL only when the system is out of memory. */
arena *limits_arena(const limits *l);
int64_t limits_now_us(void); /* monotonic clock */
/* PT_CANCELLED, or PT_LIMIT past the deadline. Cheap enough for every block of rows. */
PT_MUST_USE pt_status limits_check(const limits *l, pt_err *err);
