/* cuboid_int.h - a cuboid in a snapshot, and its rows as a source of requests. Only for this room.
 *
 * The id columns of a cuboid hold *numbers*: stable numbers of the members of one level. `cuboid_lens` maps
 * them to ranks of every level that they determine: those above in the same hierarchy, and any level of
 * another hierarchy of the dimension on which all members with the same number agree. */
#pragma once

#include <pthread.h>

#include "engine/agg_int.h"
#include "engine/cuboid.h"

/* What the numbers of one level column say about one hierarchy of the cube. */
typedef struct cuboid_reach {
    bool is_known;
    uint32_t n_levels; /* the first so many levels are determined */
    hier_view hier;    /* with of_member by number; of the others NULL */
} cuboid_reach;

typedef struct cuboid_column {
    const level_view *level;
    uint32_t n_numbers;
    const uint32_t *rank_of; /* number -> rank of the level; numbers without a member: 0 */
    cuboid_reach *reach;     /* [hierarchies of the cube] */
    bool is_durable_known;
    const uint32_t *durable; /* number -> durable member; NULL: they do not tell members apart */
    uint32_t n_durable;
} cuboid_column;

/* A cuboid in a view. Columns are worked out when first needed, in `a`, under `lock`. */
typedef struct cuboid_view {
    const cuboid *def;
    const view *view;
    arena *a;
    pthread_mutex_t *lock;
    uint32_t n_segs;
    const snapshot_seg *segs;
    uint64_t n_rows;
    char why[200];  /* it cannot be used; "": it can */
    bool *is_sound; /* [segs] covers facts of the snapshot as they are, by members that have not moved */
    bool *has_part; /* [parts] in all segments */
    bool *has_high; /* [parts] in some segment */
    cuboid_column *columns; /* [levels] */
} cuboid_view;

/* `v` and what it points to must stay. `lock` may be NULL when one thread uses it. */
PT_MUST_USE pt_status cuboid_view_make(const cuboid *c, const view *v, arena *a, pthread_mutex_t *lock,
                                       cuboid_view *out, pt_err *err);
/* The number of leading levels of hierarchy `hier` that column `col` determines, and their lens. */
PT_MUST_USE pt_status cuboid_reach_of(cuboid_view *q, uint32_t col, uint32_t hier, const cuboid_reach **out,
                                      pt_err *err);
/* Work out column->durable. */
PT_MUST_USE pt_status cuboid_durable_of(cuboid_view *q, uint32_t col, pt_err *err);

/* ---- rows of a cuboid as a source ----------------------------------------------------- */

/* A request for parts of a cuboid. */
typedef struct cuboid_job {
    cuboid_view *q;
    cube cube; /* like the cuboid's cube, with a role for each level and the measures asked for */
    scan_lens lens;
    agg_request req;             /* of `cube`: hierarchies have the same ordinals */
    uint32_t *part_at, *high_at; /* [parts] number of the measure; MEMBER_NONE: not asked for */
} cuboid_job;

/* Can the cuboid answer? If not, *why_not says why (a text in `a`). */
PT_MUST_USE pt_status cuboid_fits(cuboid_view *q, const agg_request *req, arena *a, pt_str *why_not,
                                  pt_err *err);
/* The request in terms of the cuboid, which must fit. With all_parts: every part, whatever it asks for. */
PT_MUST_USE pt_status cuboid_job_make(cuboid_view *q, const agg_request *req, bool all_parts, arena *a,
                                      cuboid_job *out, pt_err *err);
/* The whole value of a part in a cell. */
pt_value cuboid_part_value(const cuboid_job *j, const agg_result *r, uint32_t part, uint32_t cell);
/* From the job's result to that of the request. */
PT_MUST_USE pt_status cuboid_job_result(const cuboid_job *j, const agg_request *req, const agg_result *r,
                                        arena *a, agg_result *out, pt_err *err);

/* ---- choosing ---------------------------------------------------------------------------- */

/* The smallest cuboid that answers; NULL: none. Reasons why others do not go to `why` (may be NULL), a line
 * each. Lives in `a` or, where the view keeps such things, as long as the view. */
PT_MUST_USE pt_status cuboid_choose(const view *v, const agg_request *req, arena *a, cuboid_view **out,
                                    strbuf *why, pt_err *err);

/* Answer from a cuboid; *is_done false: none fits. */
PT_MUST_USE pt_status cuboid_run(const view *v, pool *p, const limits *l, const agg_request *req, arena *a,
                                 agg_result *out, bool *is_done, pt_err *err);

uint64_t cuboid_fact_rows(const view *v, const cube *c);
