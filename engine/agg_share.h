/* agg_share.h - requests that share a pass over facts. Only for this room.
 *
 * A share groups by the finest level that any of its requests asks for in each hierarchy, or filters where
 * their filters differ, and lets through what any of them needs. Groups are what is exact and adds up
 * (agg_int.h), so each request gets its own by summing those up to its levels, without those that its filters
 * drop: what it would have got from facts. Distinct counts do not add up: they are shared where the members
 * of groups are kept as bitsets, which are united. */
#pragma once

#include "engine/agg_int.h"

typedef struct agg_share {
    agg_request req; /* what is asked of facts */
    uint32_t n;
    const agg_request **asked; /* [n] */
    agg_conj *rest;            /* [n] filters of each that are left to decide on groups */
    agg_result **results;      /* [n] */
} agg_share;

/* Sort requests (of any cubes) into shares so that work is least. results: [n], for agg_share.results. */
PT_MUST_USE pt_status agg_share_plan(const view *v, const limits *l, const agg_request *const *reqs,
                                     uint32_t n, agg_result *const *results, arena *a, agg_share **out,
                                     uint32_t *n_out, pt_err *err);

/* ---- what is asked of facts (agg_ask.c) ------------------------------------------------ */

/* What the requests of a share agree on, hierarchy by hierarchy of their cube. */
typedef struct agg_common {
    const uint32_t *levels;    /* to group by, + 1; 0: none */
    const bool *has_differing; /* filters are not the same for all: they are decided on groups */
} agg_common;

/* Set `req` and `rest` of a share whose requests are set. `c` is not looked at if there is one only. */
PT_MUST_USE pt_status agg_ask(const view *v, const agg_common *c, arena *a, agg_share *s, pt_err *err);
/* keep[rank] = 1 for the members of level `at` that all filters of `where` on the hierarchy let through;
 * others stay as they are. mine: [members of the level] room. */
PT_MUST_USE pt_status agg_let_through(const agg_conj *where, uint32_t hier, const hier_view *h, uint32_t at,
                                      arena *a, uint8_t *mine, uint8_t *keep, pt_err *err);

/* ---- groups of coarser levels --------------------------------------------------------- */

typedef struct agg_derived {
    agg_plan plan;
    agg_part part;
    bool is_whole; /* no group was dropped */
} agg_derived;

/* Sum up the groups of `from`, not yet rolled up along trees, to those of `req`. PT_NOMEM, PT_LIMIT. *out is
 * to be given to agg_part_done (of its part) in any case. */
PT_MUST_USE pt_status agg_derive(const agg_part *from, const agg_request *req, const agg_conj *rest,
                                 const limits *l, arena *a, agg_derived *out, pt_err *err);
/* Can the groups of a request that dropped none answer another of the same share? */
bool agg_is_finer(const agg_request *from, const agg_request *req, const agg_conj *rest);
