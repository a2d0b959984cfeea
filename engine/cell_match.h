/* cell_match.h - one kept result, and which requests it answers. Only for this room. */
#pragma once

#include "engine/cell_renew.h"

typedef struct cell_entry cell_entry;
struct cell_entry {
    arena *a; /* the entry and all it points to */
    uint32_t refs;
    uint64_t hash;
    size_t n_bytes;
    agg_request req; /* copied; req.cube is not to be followed, only its id was kept */
    uint32_t cube_id;
    cell_base *base; /* the facts it is of; set by the cache */
    pt_str any;      /* the alternatives as bytes */
    agg_result r;
    cell_entry *next_in_bucket, *newer, *older;
};

/* Of the cube and the axes. */
uint64_t cell_hash(const agg_request *req);
/* One reference. NULL: out of memory. */
cell_entry *cell_entry_new(const agg_request *req, const agg_result *r);
/* Does the entry, whose hash is the request's, answer it? */
bool cell_fits(const cell_entry *e, const agg_request *req);
/* Does the entry answer nothing that `other` does not? */
bool cell_is_within(const cell_entry *e, const cell_entry *other);
PT_MUST_USE pt_status cell_answer(const cell_entry *e, const view *v, const agg_request *req, arena *a,
                                  agg_result *out, pt_err *err);
