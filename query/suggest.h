/* suggest.h - "did you mean": the nearest of the names in scope to one that was not found. */
#pragma once

#include "base/str.h"

typedef struct suggestion {
    pt_str wanted, best;
    unsigned distance, limit;
} suggestion;

suggestion suggestion_for(pt_str wanted);
/* `name` must live as long as the suggestion. The wanted name itself is no suggestion. */
void suggestion_offer(suggestion *s, pt_str name);
/* Records the failure with the formatted words and, if something near was offered, ", did you mean [x]?". */
pt_status suggestion_fail(const suggestion *s, pt_status code, pt_span at, pt_err *err, const char *fmt, ...)
    PT_PRINTF(5, 6);
