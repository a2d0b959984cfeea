/* sparse_int.h - the inside of sparse searches. For sparse_find.c (what to ask for) and sparse_place.c (what
 * came).
 */
#pragma once

#include "query/cells_int.h"
#include "query/sparse.h"

enum { SPARSE_MAX_PARTS = 256 };

/* Tuples of one set with the same levels. */
typedef struct sparse_part {
    uint16_t *codes; /* [arity] as in a sheet's signature; 0: does not restrict */
    sparse_hint need;
    bool has_measure;
    uint32_t n, *positions;
    uint64_t n_places; /* product of the ranks' levels if `slots` has one for each; 0: it is a hash */
    uint32_t mask, *slots, *next; /* of ranks -> position index + 1; chain of those with equal ranks */
} sparse_part;

typedef struct sparse_factor {
    set s;
    uint32_t n_parts;
    sparse_part *parts[SPARSE_MAX_PARTS];
} sparse_factor;

typedef struct sparse_column { /* column k of a set */
    uint32_t factor, k;
} sparse_column;

typedef struct sparse_finder {
    eval *x;
    arena *a; /* of the search alone */
    uint32_t n;
    sparse_factor *factors;
    sparse_hint base; /* of the expression or the context's measure */
    struct sparse_plan *plans, **plans_end;
    uint64_t *codes, n_codes, cap_codes, max_codes;
    bool is_known;
} sparse_finder;

/* One combination of parts in one base cube. */
typedef struct sparse_plan {
    struct sparse_plan *next;
    uint32_t base;
    sparse_hint need;
    sparse_part **parts; /* [n] one of each set */
    mref *ctx;           /* [n_hiers] levels of the parts over the context */
    uint64_t **want;     /* [n_hiers] */
    uint32_t region_id;
    sparse_column *columns; /* [n_hiers] where a hierarchy is in the sets */
    cells_rows rows;
    sparse_column axes[AGG_MAX_AXES]; /* the same by axis of the rows */
} sparse_plan;

enum { SPARSE_NOWHERE = UINT32_MAX };

/* Adds to f->codes the combinations of positions that the plan's rows stand for. */
PT_MUST_USE pt_status sparse_read_groups(sparse_finder *f, const sparse_plan *p);
