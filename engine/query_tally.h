/* query_tally.h - lines of text and how often each was counted, in order of the first count. Bounded in
 * number; one thread uses a tally. */
#pragma once

#include "base/map.h"

enum { TALLY_MOST = 4096 };

typedef struct query_tally {
    bytes_map *places; /* line -> its place */
    arena *a;          /* the lines */
    uint32_t n;
    pt_str lines[TALLY_MOST];
    uint64_t n_times[TALLY_MOST];
} query_tally;

query_tally *query_tally_new(void);    /* NULL: out of memory */
void query_tally_free(query_tally *t); /* t may be NULL */
/* The line is copied. False: it is a new one and there is no room for it. */
bool query_tally_add(query_tally *t, pt_str line, uint64_t n_times);
