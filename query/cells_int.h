/* cells_int.h - the inside of cells: sheets, blocks and what is wanted. For cells*.c and fetch.c. */
#pragma once

#include "base/map.h"
#include "query/cells.h"
#include "query/fun.h"

typedef struct sheet_axis {
    uint32_t hier;      /* of the scope */
    uint32_t base_hier; /* of the base cube */
    uint32_t level;     /* index in hier_view.levels */
    bool own_only;
    uint32_t n;     /* members of the level */
    uint64_t *want; /* bit per rank; NULL: nothing wanted yet */
    uint32_t n_want;
} sheet_axis;

/* The answer of one request. Never changes. */
typedef struct block {
    struct block *older;
    uint64_t **cover; /* [axis] bit per rank that was asked for; NULL: all */
    uint32_t n_measures;
    const uint32_t *measures; /* of the base cube */
    agg_result r;
    uint32_t *first, *n_ranks; /* [axis] of the rows: the lowest rank, and how many up to the highest */
    uint64_t n_places;         /* product of n_ranks if `slots` has one for each place; 0: it is a hash */
    uint32_t mask, *slots;     /* place, or hash of coordinates -> row + 1; 0: free */
} block;

typedef struct sheet {
    struct sheet *next;
    uint32_t base, region_id;
    uint16_t *sig; /* [n_hiers] */
    uint32_t n_axes;
    sheet_axis *axes;
    block *blocks; /* newest first */
    uint32_t n_blocks;
    bool is_wanting;
    uint64_t *want_measures; /* bit per measure of the base cube */
} sheet;

struct cells {
    arena *a;
    scope *sc;
    const region_set *regions;
    const limits *limits;
    uint16_t *sig; /* scratch: the signature asked for */
    sheet *sheets, *last;
    sheet **table; /* by number in by_hash */
    uint32_t n_sheets, cap_sheets;
    u64_map *by_hash;
    uint32_t n_wanting;
    bool sees_unrelated; /* cells_see_unrelated */
};

/* The sheet of the signature in c->sig. */
PT_MUST_USE pt_status sheet_of(cells *c, uint32_t base, uint32_t region_id, sheet **out, pt_err *err);
/* Put the signature of the context into c->sig. false: a hierarchy unknown to the base cube is not at its
 * default, so the cell is empty (section 23). */
bool make_signature(cells *c, uint32_t base, const mref *ctx);
int column_of(const block *b, uint32_t base_measure); /* -1: not in this block */
/* Note a rank of an axis that is ready as wanted. */
PT_MUST_USE pt_status sheet_axis_ready(cells *c, sheet_axis *x, pt_err *err);
static inline void sheet_axis_want(sheet_axis *x, uint32_t rank)
{
    uint64_t bit = (uint64_t)1 << (rank % 64), *word = &x->want[rank / 64];
    x->n_want += (*word & bit) == 0;
    *word |= bit;
}
/* ... and of what measure. */
void sheet_want_measure(cells *c, sheet *s, uint32_t base_measure);
/* Note a cell as missing. EVAL_PENDING if that went well. */
PT_MUST_USE pt_status sheet_want(cells *c, sheet *s, uint32_t base_measure, const uint32_t *coords,
                                 pt_err *err);
/* A subselect restricts a hierarchy that the base cube does not know: as a slicer there, it leaves nothing.
 */
bool cells_is_lost(const cells *c, uint32_t base);

/* The place of the coordinates, as one number below block.n_places. false: no row is there. */
static inline bool block_place(const block *b, const uint32_t *coords, uint64_t *at)
{
    *at = 0;
    for (uint32_t k = 0; k < b->r.n_axes; k++) {
        uint32_t rank = coords[k] - b->first[k];
        if (rank >= b->n_ranks[k]) return false;
        *at = *at * b->n_ranks[k] + rank;
    }
    return true;
}
uint64_t cells_hash(const uint32_t *coords, uint32_t n);

/* The block was asked for these coordinates: what it does not hold is empty. */
static inline bool block_covers(const block *b, const uint32_t *coords)
{
    for (uint32_t k = 0; k < b->r.n_axes; k++)
        if (b->cover[k] && !(b->cover[k][coords[k] / 64] >> (coords[k] % 64) & 1)) return false;
    return true;
}

/* The row with these coordinates. false: the block has none. */
static inline bool block_find(const block *b, const uint32_t *coords, uint32_t *row)
{
    uint32_t n = b->r.n_axes;
    if (b->n_places) {
        uint64_t place;
        uint32_t r = block_place(b, coords, &place) ? b->slots[place] : 0;
        *row = r - 1;
        return r != 0;
    }
    for (uint32_t i = (uint32_t)cells_hash(coords, n) & b->mask;; i = (i + 1) & b->mask) {
        uint32_t r = b->slots[i];
        if (r == 0) return false;
        uint32_t k = 0;
        while (k < n && b->r.coords[k][r - 1] == coords[k]) k++;
        if (k < n) continue;
        *row = r - 1;
        return true;
    }
}

/* The newest block that was asked for that measure there; NULL: nothing is known yet. */
const block *sheet_block_at(const sheet *s, uint32_t base_measure, const uint32_t *coords);
/* The newest block that was asked for all of a span, whose signature is that of the sheet. */
const block *sheet_block_of(const cells *c, const sheet *s, const cells_span *span);
