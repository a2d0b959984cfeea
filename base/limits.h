/* limits.h - what a statement may use, and the flag that stops it. Checked at least once every block. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#include "base/err.h"

typedef struct limits {
    size_t memory_bytes;       /* arena budget; 0: none */
    uint64_t cells;            /* cells of a result, tuples of a set; 0: none */
    int64_t deadline_us;       /* limits_now_us() at which the statement ends; 0: none */
    unsigned threads;          /* 0: all */
    const atomic_bool *cancel; /* may be NULL */
} limits;

int64_t limits_now_us(void); /* monotonic clock */
/* PT_CANCELLED, or PT_LIMIT past the deadline. Cheap enough for every block of rows. */
PT_MUST_USE pt_status limits_check(const limits *l, pt_err *err);
