/* naive_util.h - aggregation the slow way, to compare the engine with: every row, every filter, every
 * ancestor, one by one, into a map. Shares with the engine only what storage promises (segments, ranks,
 * parents). */
#pragma once

#include "engine/aggregate.h"
#include "engine_util.h"

/* All live facts of a cube, as stored. */
typedef struct naive_facts {
    const view *view;
    const cube *cube;
    uint32_t n;
    uint32_t **ids;    /* [role][row] */
    pt_value **values; /* [column][row] */
} naive_facts;

/* Freed by naive_facts_done; `s->v` must stay. */
naive_facts naive_read(shop *s, const char *cube_name);
void naive_facts_done(naive_facts *f);

/* Conditions over columns that all facts must fulfil, as trees (in agg_request: tests). */
typedef struct naive_tests {
    uint32_t n;
    const ast *const *conditions;
} naive_tests;

/* The same as aggregate_run, in `a`. Doubles must be multiples of 1/1024 below 2^60, except for minima and
 * maxima. *is_over (may be NULL): a sum has more than 127 bits. */
agg_result naive_run(const naive_facts *f, const agg_request *req, const naive_tests *tests, arena *a,
                     bool *is_over);

/* Cells without any value are left out of both if all measures have conditions. Fails the test when they
 * differ; `what` goes into the message. */
void naive_compare(const agg_request *req, agg_result *want, agg_result *got, const char *what);
