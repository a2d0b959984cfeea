/* scan.h - the rows of a base cube that pass a request's filters, block by block. Only for this room.
 *
 * Planning turns the filters into arrays by member id (`keep`: a byte, `lanes`: a bit per alternative) and by
 * level member (for bitmap indexes), and lists the blocks that zone maps cannot rule out. Scanning a block
 * combines, in this order, bitmap indexes, deleted rows, the byte maps (the most selective first), the
 * alternatives and the tests (conditions over columns) into one bitmap, whose set bits become row numbers.
 * Member ids and columns are read only of rows that are still there.
 *
 * The plan is read-only while blocks are scanned; each worker has its own scan_worker. */
#pragma once

#include "base/kernel/kern.h"
#include "engine/aggregate.h"
#include "engine/rowexpr.h"

/* The filters of `where` on one hierarchy of a role, as indexes understand them. */
typedef struct scan_part {
    pt_str hierarchy;
    const hier_view *view;
    uint32_t level;         /* the lowest that is filtered */
    const uint8_t *keep;    /* [members of that level] by rank, 1: passes */
    const uint8_t **wanted; /* [levels] the same by stable number of a level; NULL: no index there so far */
} scan_part;

/* Of so many members between a block's smallest and largest each is looked at, to see whether it passes. */
enum { SCAN_SMALL_ZONE = 1024 };

/* All filters of `where` on one role. */
typedef struct scan_filter {
    pt_str
        key; /* says all of the filters, for pieces that follow from them (plan_cache.h); absent: no such */
    uint32_t role, n_members, n_kept;
    const uint8_t *keep;         /* [n_members] 1: passes */
    const uint32_t *kept_before; /* [n_members / 64 + 2] kept members before member 64 * i */
    uint32_t n_parts;
    scan_part *parts;
} scan_filter;

/* Up to 64 alternatives of `any`. A row passes if some bit is set in all of its masks. */
typedef struct scan_mask {
    uint32_t role, n_members;
    const uint64_t *lanes;  /* [n_members] */
    const uint64_t *coarse; /* [n_members / 64 + 1] of 64 members together */
} scan_mask;
typedef struct scan_lanes {
    uint64_t all; /* the bits in use */
    uint32_t n_masks;
    scan_mask *masks;
} scan_lanes;

/* A segment, with its column numbers and the indexes that are worth using. */
typedef struct scan_seg {
    const snapshot_seg *s;
    uint32_t *role_cols;        /* [roles of the cube] */
    int *value_cols;            /* [columns of the cube]; -1: the segment does not have it, all null */
    const seg_index ***indexes; /* [filter][part]; NULL: there is none */
} scan_seg;

typedef struct scan_block {
    uint32_t seg, block;
} scan_block;

/* Rows that hold other numbers than member ids: those of a cuboid, whose id columns hold the stable numbers
 * of level members. Arrays by role and by hierarchy of the request's cube. */
typedef struct scan_lens {
    const uint32_t *n_members;      /* [role] the numbers are below */
    const hier_view *const *hiers;  /* [hier] with of_member by number; NULL: not asked for */
    const uint32_t *const *durable; /* [role] number -> durable member id, for distinct counts; or NULL */
    const uint32_t *n_durable;      /* [role] these are below */
} scan_lens;

/* What an expression reads; shared by all expressions of a scan. */
typedef struct scan_operand {
    row_operand what;
    const uint64_t *keys; /* what.is_key: [members] int64_t or double */
    const uint8_t *key_nulls;
    uint32_t n_keys;
    row_range range; /* what.is_key: of all keys */
} scan_operand;

typedef struct scan_expr {
    const rowexpr *e;
    const uint32_t *operands; /* [e->n_operands] index in scan.operands */
    row_range *ranges;        /* [e->n_operands + e->n_ops] of the operands in all blocks; room */
    row_plan run;
} scan_expr;

typedef struct scan {
    const view *view;
    const cube *cube;
    const scan_lens *lens; /* NULL: rows hold member ids */
    const kern_ops *kern;
    agg_conj where;          /* of the request, and what all alternatives have in common */
    bool has_any;            /* the alternatives say more than `where` does */
    bool is_nothing;         /* no row can pass */
    const hier_view **hiers; /* [hierarchies of the cube] those that the request uses, else NULL */
    uint32_t n_filters;
    scan_filter *filters; /* the most selective first */
    uint32_t n_lanes;
    scan_lanes *lanes;
    uint32_t n_tests;
    scan_expr *tests; /* all must be true */
    uint32_t n_operands, cap_operands;
    scan_operand *operands;
    size_t expr_room;    /* bytes that the largest expression needs to run */
    uint32_t max_ranges; /* of an expression */
    uint32_t n_segs;
    scan_seg *segs;
    uint32_t n_blocks; /* to read */
    scan_block *blocks;
    uint64_t n_rows; /* in them */
    uint64_t n_blocks_all;
    uint32_t n_indexes; /* that answer a part of a filter, over all segments */
} scan;

/* What a request asks of rows. */
typedef struct scan_request {
    const cube *cube;
    agg_conj where;
    uint32_t n_any;
    const agg_conj *any;
    uint32_t n_tests;
    const rowexpr *const *tests;
    bool no_index;
    const scan_lens *lens;
} scan_request;

/* `segs` must stay valid; everything made here lives in `a`. PT_NOMEM, PT_CORRUPT, PT_INTERNAL (a hierarchy,
 * level or rank that does not exist). */
PT_MUST_USE pt_status scan_plan(const view *v, const scan_request *req, const snapshot_seg *segs,
                                uint32_t n_segs, arena *a, scan *out, pt_err *err);
/* Put the blocks to read in the order of the lowest ids that they have of a role. Those of one segment may
 * then be far apart. */
PT_MUST_USE pt_status scan_order_by(scan *sc, uint32_t role, arena *a, pt_err *err);
/* What ids of a role are below. */
uint32_t scan_role_count(const scan *sc, uint32_t role);
/* Check that all blocks to read hold members below the size of the role's dimension. Roles in filters are
 * checked by scan_plan already. */
PT_MUST_USE pt_status scan_check_role(const scan *sc, uint32_t role, pt_err *err);
/* The hierarchy of a cube hierarchy, verified. */
PT_MUST_USE pt_status scan_hier(scan *sc, uint32_t hier, const hier_view **out, pt_err *err);

/* ---- scanning --------------------------------------------------------------- */

typedef struct scan_column scan_column;

typedef struct scan_worker {
    const scan *sc;
    seg_values *ids;    /* [roles] */
    bool *has_ids;      /* [roles] opened for the block at hand */
    uint32_t **all_ids; /* [roles] whole blocks, made when first needed */
    bool *has_all_ids;  /* [roles] read for the block at hand */
    seg_mask **masks;   /* [parts of all filters] */
    bool *is_answered;  /* [filters] by indexes, in the block at hand */
    uint32_t n_uses;    /* of masks in the block at hand, and which */
    seg_mask **uses;
    uint64_t *bits, *spare, *passed;
    uint32_t *rows;    /* [SEG_BLOCK_ROWS] */
    uint32_t *few_ids; /* [SEG_PART_ROWS] */
    /* for expressions, made when first needed */
    scan_column **columns; /* [operands] */
    row_vector *vectors;   /* operands of the one at hand */
    row_range *ranges;
    void *expr_room;
    /* the block at hand */
    const scan_seg *seg;
    uint32_t block, n_block_rows;
    uint32_t n_rows; /* that pass; their numbers in `rows`, unless */
    bool is_all;     /* every row of the block passes: then `rows` is not filled */
    /* totals */
    uint64_t n_rows_read, n_rows_matched, n_blocks_empty, n_index_uses;
} scan_worker;

PT_MUST_USE pt_status scan_worker_init(scan_worker *w, const scan *sc, pt_err *err);
void scan_worker_done(scan_worker *w); /* also of a zeroed one */
/* Go to a block; its rows are not looked for. */
void scan_goto(scan_worker *w, scan_block b);
/* Find the rows of a block. */
PT_MUST_USE pt_status scan_rows(scan_worker *w, scan_block b, pt_err *err);
/* The member ids of a role in the block at hand, to read some of. */
PT_MUST_USE pt_status scan_ids(scan_worker *w, uint32_t role, seg_values **ids, pt_err *err);
/* All of them. */
PT_MUST_USE pt_status scan_all_ids(scan_worker *w, uint32_t role, const uint32_t **ids, pt_err *err);
/* Smallest and largest member id of a role in the block at hand. */
seg_zone scan_zone(const scan_worker *w, uint32_t role);

/* ---- expressions: scan_expr.c ------------------------------------------------- */

/* Make ready an expression over rows of this scan, whose ids must be members' (no lens). Before any worker
 * starts. */
PT_MUST_USE pt_status scan_expr_new(scan *sc, const rowexpr *e, arena *a, scan_expr *out, pt_err *err);
/* Once the blocks to read are known: how it runs on them. */
PT_MUST_USE pt_status scan_expr_plan(scan *sc, scan_expr *x, arena *a, pt_err *err);
/* Whether a condition can be true, false or null in a block. room: [operands + operations] */
row_truth scan_expr_truth(const scan *sc, const scan_expr *x, const scan_seg *s, uint32_t block,
                          row_range *room);
/* The range of its values in a block. room: as before */
row_range scan_expr_range(const scan *sc, const scan_expr *x, const scan_seg *s, uint32_t block,
                          row_range *room);
/* Its values for rows[at .. at + n) of the block at hand (rows NULL: for rows at, at + 1, ...); n is at most
 * ROW_VECTOR, rows ascend, `at` without them is a multiple of 64. Valid until the next call. */
PT_MUST_USE pt_status scan_expr_run(scan_worker *w, const scan_expr *x, const uint32_t *rows, uint32_t at,
                                    uint32_t n, row_vector *out, pt_err *err);

/* What scan_plan and scan_rows call. */
PT_MUST_USE pt_status scan_tests_new(scan *sc, const rowexpr *const *tests, uint32_t n, arena *a,
                                     pt_err *err);
PT_MUST_USE pt_status scan_tests_plan(scan *sc, arena *a, pt_err *err);
bool scan_tests_can_pass(const scan *sc, const scan_seg *s, uint32_t block);
/* Clear the bits of rows that do not pass. */
PT_MUST_USE pt_status scan_tests_run(scan_worker *w, pt_err *err);
void scan_columns_forget(scan_worker *w); /* another block */
void scan_columns_free(scan_worker *w);
