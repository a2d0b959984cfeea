/* nearest.h - "did you mean": among the known names, the one closest to a name that is not known. */
#pragma once

#include "base/str.h"

typedef struct nearest {
    pt_str want, best; /* best: ptr NULL while nothing is near enough */
    unsigned distance; /* of best; before that one more than a third of `want` may differ */
} nearest;

nearest nearest_to(pt_str want);
void nearest_offer(nearest *n, pt_str name); /* borrowed until the hint is written */
/* "did you mean [best]?" as the hint of a recorded failure; nothing if nothing was near. err may be NULL. */
void nearest_hint(const nearest *n, pt_err *err);
