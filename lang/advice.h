/* advice.h - hints for a token that does not fit; for this folder only. */
#pragma once

#include "lang/parse_int.h"

typedef struct situation {
    pt_str token;                /* as written; empty at the end of the text */
    const char *const *expected; /* token names */
    int n;
} situation;

/* For a statement of other servers that is not offered here: what to do instead, and its name in *what.
 * NULL: it is none. */
const char *advice_refusal(const situation *s, const char **what);
/* Adds a hint to the failure in p->err if one is known. */
void advice_give(parse *p, const situation *s);
