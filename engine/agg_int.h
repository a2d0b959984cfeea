/* agg_int.h - the parts of an aggregate run. Only for this room.
 *
 * A group is a cell in the making. Its *key* is made of the dense numbers of its axis members, mixed radix,
 * the first axis slowest, so that keys in ascending order are cells in the order of the result; with many
 * large axes a key takes several 64-bit words. Within one worker a group has a *slot*. Either slots are keys
 * (direct: the product of all axis sizes is small), or a hash table hands them out.
 *
 * Each slot has an accumulator of `stride` 64-bit words: what proves that it has rows (their number, if
 * nothing that is needed anyway does), then what the measures need. Zero words are "no rows", and combining
 * accumulators is exact and commutative for every measure (integers in 64 or 128 bits, doubles in wide
 * fixed-point sums), so answers depend neither on threads nor on the order of rows. */
#pragma once

#include "engine/scan.h"

/* ---- plan --------------------------------------------------------------------- */

/* An axis with its level's ranks renumbered: only those that a row that passes `where` can have, or all of
 * them by the ids of their members. */
typedef struct agg_axis_plan {
    const level_view *level;
    uint32_t role;
    bool is_tree; /* parent-child, with descendants */
    pt_str key;   /* says all that dense numbers follow from, for pieces of plans; absent: no such */
    uint32_t n_dense;
    bool is_by_member;        /* dense numbers are member ids; slots are direct */
    const uint32_t *rank_of;  /* [n_dense] if not by member, ascending; NULL: dense number == rank */
    const uint32_t *dense_of; /* [level->n]; NULL: the same */
    const uint32_t
        *parent;     /* is_tree: [n_dense] dense parent, smaller than the child; MEMBER_NONE for roots */
    uint32_t word;   /* of the key */
    uint64_t factor; /* dense number times this is added to the word */
    bool is_highest; /* no other axis counts in this word above it */
} agg_axis_plan;

/* An index of one segment whose bit planes tell the shares of rows. */
typedef struct agg_planes {
    const seg_index *index; /* NULL: there is none */
    const uint32_t *shares; /* [n_shares] by stable number of its level */
    uint32_t n_shares;
} agg_planes;

/* A role's share in a number that rows get from their members: in a word of the key, or in what a distinct
 * count needs of it. One array by member, of the smallest width that does; u64 only when groups are hashed.
 */
typedef struct agg_code {
    uint32_t role, word;
    uint32_t factor; /* the share is this times the member id: no array; else 0 */
    const uint8_t *u8;
    const uint16_t *u16;
    const uint32_t *u32;
    const uint64_t *u64;
    const agg_planes *planes; /* [segments of the scan]; NULL: they are of no use */
    bool is_near;             /* ... but in blocks whose ids are under LZ4 */
} agg_code;

/* The number of a row is the sum of its members' shares, for each word of it. */
typedef struct agg_coding {
    uint32_t n;
    agg_code *codes;
} agg_coding;

typedef enum agg_sum_kind {
    SUM_NONE,
    SUM_NARROW, /* 64 bits suffice */
    SUM_WIDE,   /* 128 bits do */
    SUM_HUGE,   /* 192 bits; more than 38 digits in the end are an error */
    SUM_DOUBLE
} agg_sum_kind;

/* What is computed of rows, and of which. */
typedef struct agg_input {
    scan_expr value; /* value.e NULL: nothing, rows or members are counted */
    uint32_t n_conditions;
    scan_expr *conditions; /* of this measure alone; other rows are null */
    bool is_plain;         /* no conditions, never null, 64 bits wide: used like a stored column */
} agg_input;

/* What is computed of one fact column or input. at_*: word of the accumulator, 0 if not needed (but a sum may
 * be in word 0, as PROOF_SUM). */
typedef struct agg_column {
    uint32_t column;        /* of the cube, if */
    const agg_input *input; /* NULL */
    pt_type type;
    uint8_t scale;
    bool is_double, has_nulls;
    bool is_wide;      /* values have 128 bits; so have minima and maxima */
    bool is_counted;   /* nothing but counted, so far */
    int64_t lo, hi;    /* of integers of 64 bits: values of the blocks to read lie between these */
    uint32_t at_count; /* non-null rows; 0: all rows are (word 0 counts them) */
    uint32_t at_sum, at_min, at_max;
    agg_sum_kind sum, sum_kind; /* sum_kind: if it is summed */
    int32_t sum_exponent;       /* SUM_DOUBLE: of bit 0 of the first limb */
    uint32_t n_sum_limbs;
} agg_column;

/* A distinct count: pairs of a slot and a member, or bitsets of members. A set is of a slot; or, as axes of
 * the counted role itself are decided by the member (a customer has one region), of a *rest*, what the other
 * axes leave of the slot: slot == slot_of_set[set] + share of `own`. */
typedef struct agg_distinct {
    uint32_t role, n_members;
    const uint32_t *durable; /* NULL: members are themselves */
    const agg_input *input;  /* with conditions; NULL: all rows */
    bool is_bits;            /* bitsets; else pairs */
    bool has_first;          /* and the first slot of each member apart from the pairs */
    uint32_t n_words;        /* of a bitset */
    bool has_rests;
    uint64_t n_sets;             /* bitsets: rests or slots */
    agg_coding rests;            /* of members of other roles */
    const uint32_t *slot_of_set; /* [n_sets]; NULL: sets are slots */
    const agg_code *own;         /* NULL: members decide nothing */
} agg_distinct;

/* Whatever the rows, slots are direct if there are no more of them, and without trees distinct counts of a
 * role are bitsets if they take no more bytes. */
enum { AGG_DIRECT_SURE = 1 << 15, AGG_BITS_SURE = 4 << 20 };

/* What word 0 of accumulators holds: in any case it is not 0 where there are rows, and 0 where there are
 * none.
 */
typedef enum agg_proof {
    PROOF_ROWS,   /* their number */
    PROOF_SUM,    /* a sum of values of one sign, and nobody asks for the number */
    PROOF_MEMBERS /* a distinct count, once it is known; nothing else is asked for */
} agg_proof;

/* What is added up in 32 bits beside the accumulators (agg_hot.c); a group has its sums, then the extreme,
 * unless that is looked for by itself.
 * at: word of the accumulator. */
enum { AGG_HOT_SUMS = 3 };
typedef struct agg_hot_sum {
    uint32_t column, at; /* column MEMBER_NONE: rows are counted */
} agg_hot_sum;
typedef struct agg_hot_extreme {
    uint32_t column, at;
    bool is_min;
    uint64_t flip, base; /* a value is kept as (value ^ flip) - base, which is 1 or more */
} agg_hot_extreme;
/* What distance from the base the rows of a block have at most. block: place among those to read */
typedef struct agg_reach {
    uint32_t reach, block;
} agg_reach;
typedef struct agg_hot_plan {
    uint32_t n_words; /* of a group; 0: nothing is */
    uint32_t n_sums;
    agg_hot_sum sums[AGG_HOT_SUMS];
    bool has_extreme;
    agg_hot_extreme extreme;
    const agg_reach *reaches; /* [scan.n_blocks] from the end on, if the extreme is looked for by itself
                                        (agg_extreme.c); NULL: it is not */
} agg_hot_plan;

typedef struct agg_plan {
    const agg_request *req;
    scan scan;
    arena *a;
    uint32_t n_axes;
    agg_axis_plan *axes;
    bool has_trees;
    uint32_t n_words; /* of a key; 0 without axes */
    bool is_direct;
    uint64_t n_direct; /* slots, when direct */
    agg_coding keys;   /* of rows */
    bool needs_slots;  /* else all that is asked for are distinct counts by rest */
    agg_proof proof;
    uint32_t n_columns;
    agg_column *columns;
    bool has_doubles; /* some column is summed as double */
    uint32_t n_distinct;
    agg_distinct *distinct;
    uint32_t *measure_at; /* [measures of the request] index in columns or distinct, by the measure's kind;
                             MEMBER_NONE: rows are counted */
    agg_conj where;       /* of the request, and what follows from conditions */
    uint32_t n_shared;    /* conditions of the request and of all its measures */
    const rowexpr **shared;
    uint32_t n_tests; /* those of them that are no filters in `where` */
    const rowexpr **tests;
    uint32_t stride;
    agg_hot_plan hot;
} agg_plan;

/* Where a request finds its rows. */
typedef struct agg_source {
    const snapshot_seg *segs;
    uint32_t n_segs;
    const scan_lens *lens; /* NULL: they are facts */
} agg_source;

/* All facts of a base cube. */
agg_source agg_facts(const view *v, const cube *c);
PT_MUST_USE pt_status agg_plan_make(const view *v, const agg_request *req, const agg_source *from, arena *a,
                                    agg_plan *out, pt_err *err);

/* Does it take looking at facts, whatever cuboids and earlier results hold? Conditions of the request itself
 * do, and measures of one query. */
bool agg_needs_facts(const agg_request *req);
/* Sort out conditions: shared, where, tests. is_facts: rows are facts, not a cuboid's. */
PT_MUST_USE pt_status agg_plan_conditions(agg_plan *p, const view *v, bool is_facts, pt_err *err);
/* How many conditions a measure does not share with all others. */
uint32_t agg_own_conditions(const agg_plan *p, const measure *m);
bool agg_input_is_of(const agg_plan *p, const agg_input *in, const measure *m);
/* After the scan is planned. */
PT_MUST_USE pt_status agg_input_new(agg_plan *p, const measure *m, agg_input **out, pt_err *err);

/* Renumber the ranks in use ([members of x->level] 1; in trees all above them too): dense numbers, and dense
 * parents. */
PT_MUST_USE pt_status agg_axis_number(agg_axis_plan *x, uint8_t *used, arena *a, pt_err *err);
/* Give axes their places in keys: mixed radix from the last axis to the first; a word is full when the next
 * axis would overflow it. */
void agg_axes_place(agg_plan *p);
/* Give double sums their words, wide enough for what double columns hold in the blocks to read. */
PT_MUST_USE pt_status agg_plan_doubles(agg_plan *p, pool *workers, unsigned n_workers, const limits *l,
                                       pt_err *err);

/* ---- codes ------------------------------------------------------------------------- */

/* What a code adds in the block at hand, if that is the same for all rows. */
typedef struct agg_constant {
    bool is_one;
    uint64_t value;
} agg_constant;

/* Plan the number in which the dense number of each axis counts `factors[axis]` times (0: not at all).
 * is_wide: shares have 64 bits; else the whole number must be below 2^32. */
PT_MUST_USE pt_status agg_coding_make(const agg_plan *p, const uint64_t *factors, bool is_wide, arena *a,
                                      agg_coding *out, pt_err *err);
/* Find the indexes of use to a code, once its array by member is made. */
PT_MUST_USE pt_status agg_planes_plan(const agg_plan *p, const uint64_t *factors, agg_code *x, arena *a,
                                      pt_err *err);
uint64_t agg_code_share(const agg_code *x, uint32_t member);
/* Facts are sorted, by time first: often all members of a role in a block have the same share. out: [c->n] */
void agg_coding_constants(const agg_coding *c, const scan_worker *s, agg_constant *out);
/* Have all members from `first` to `last` the same share? False also if they are too many to look at. */
bool agg_code_is_one(const agg_code *x, uint32_t first, uint32_t last);
/* Add the shares of n members to out. Not of 64 bits. spare: [n] */
void agg_code_add(const agg_code *x, const kern_ops *k, const uint32_t *members, uint32_t n, uint32_t *spare,
                  uint32_t *out);

/* ---- memory --------------------------------------------------------------------- */

/* Heap memory of a run, counted over all workers, out of what the statement may use. */
typedef struct agg_memory {
    mem_budget *shared;
    atomic_size_t used; /* of it; given back when the run ends */
    mem_budget own;     /* what `shared` is if the statement has none */
} agg_memory;

void agg_memory_init(agg_memory *mem, const limits *l);
void agg_memory_done(agg_memory *mem); /* when all is freed */
/* As mem_grow, but new bytes are zero. PT_NOMEM names the limit. On failure *p is untouched. */
PT_MUST_USE pt_status agg_grow(agg_memory *mem, void **p, size_t n_old, size_t n_new, size_t size_bytes,
                               pt_err *err);
/* Give back what is behind n_new; never fails. */
void agg_shrink(agg_memory *mem, void **p, size_t n_old, size_t n_new, size_t size_bytes);
/* Free it before the run ends. */
void agg_give_back(agg_memory *mem, void *p, size_t n, size_t size_bytes);

pt_status agg_too_many_cells(uint64_t limit, pt_err *err);

/* ---- groups ----------------------------------------------------------------------- */

/* Of a hash table. tag: the key if it has one word, else its hash. */
typedef struct agg_entry {
    uint64_t tag, slot; /* slot + 1; 0: empty */
} agg_entry;

typedef struct agg_groups {
    const agg_plan *plan;
    agg_memory *mem;
    uint64_t max_cells; /* 0: no limit */
    uint64_t n, cap;    /* slots: in use, room */
    uint64_t *acc;      /* [cap * stride] */
    uint64_t *keys;     /* hashed: [cap * n_words] */
    agg_entry *table;   /* hashed: [2^table_bits], at most half full */
    uint32_t table_bits;
    struct agg_spill *spill; /* hashed: where groups go when memory is short; NULL: nowhere */
} agg_groups;

PT_MUST_USE pt_status agg_groups_init(agg_groups *g, const agg_plan *plan, agg_memory *mem,
                                      uint64_t max_cells, struct agg_spill *spill, pt_err *err);
void agg_groups_done(agg_groups *g);
/* Before agg_groups_find of n keys whose slots must be good together: where groups may be spilled, makes
 * room, if need be by spilling all that are there (agg_spill.h). PT_NOMEM, PT_IO. */
PT_MUST_USE pt_status agg_groups_reserve(agg_groups *g, uint32_t n, pt_err *err);
/* Forget all groups, keep the room. */
void agg_groups_clear(agg_groups *g);
/* Slots in order of their keys (in tow; key: the key if it has one word). room: [2 * g->n], in which the
 * result is; it may be the table, which is rubbish then. Hashed groups. */
struct radix_pair *agg_groups_order(const agg_groups *g, struct radix_pair *room);
/* Slots of n keys, new ones made. keys: [n * n_words], for hashed groups. */
PT_MUST_USE pt_status agg_groups_find(agg_groups *g, const uint64_t *keys, uint32_t n, uint32_t *slots,
                                      pt_err *err);
/* The accumulator of a slot. */
static inline uint64_t *agg_acc(const agg_groups *g, uint64_t slot)
{
    return g->acc + slot * g->plan->stride;
}
/* Key of a slot into n_words words. */
void agg_groups_key(const agg_groups *g, uint64_t slot, uint64_t *key);
static inline uint64_t agg_key_digit(const agg_axis_plan *axis, const uint64_t *key)
{
    uint64_t digit = axis->factor == 1 ? key[axis->word] : key[axis->word] / axis->factor;
    return axis->is_highest ? digit : digit % axis->n_dense;
}

/* ---- accumulators ------------------------------------------------------------------ */

/* Add n values, or ones, to word `at` of the accumulators of their slots. */
void agg_add_ones(uint64_t *acc, uint32_t stride, uint32_t at, const uint32_t *slots, uint32_t n);
void agg_add_narrow(uint64_t *acc, uint32_t stride, uint32_t at, const uint32_t *slots, const int64_t *v,
                    uint32_t n);
void agg_add_wide(uint64_t *acc, uint32_t stride, uint32_t at, const uint32_t *slots, const int64_t *v,
                  uint32_t n);
/* v: 128 bits each. */
void agg_add_i128(uint64_t *acc, uint32_t stride, const agg_column *c, const uint32_t *slots,
                  const pt_i128 *v, uint32_t n);
void agg_add_extremes_i128(uint64_t *acc, uint32_t stride, const agg_column *c, const uint32_t *slots,
                           const pt_i128 *v, uint32_t n);
void agg_add_double(uint64_t *acc, uint32_t stride, const agg_column *c, const uint32_t *slots,
                    const double *v, uint32_t n);
/* Minima and maxima of integers. */
void agg_add_extremes_int(uint64_t *acc, uint32_t stride, const agg_column *c, const uint32_t *slots,
                          const int64_t *v, uint32_t n);
/* Of order-preserving images (see below). */
void agg_add_extremes(uint64_t *acc, uint32_t stride, const agg_column *c, const uint32_t *slots,
                      const uint64_t *v, uint32_t n);
/* Count rows, add 64-bit sums of several columns and raise a minimum or maximum in one pass over slots. */
enum { AGG_MAX_FUSED = 3 };
typedef struct agg_fused {
    uint64_t *acc;
    uint32_t stride, n;
    const uint32_t *slots; /* [n] */
    bool counts_rows;
    uint32_t n_columns, at[AGG_MAX_FUSED];
    const int64_t *values[AGG_MAX_FUSED];
    const int64_t *extremes; /* NULL: none */
    uint32_t at_extreme;
    bool is_min;
} agg_fused;
void agg_add_fused(const agg_fused *f);
/* Whether the plan, all else of which is made, adds up in 32 bits beside the accumulators. */
void agg_hot_plan_make(agg_plan *p);
/* Rows, with the values of the plan's sums and of its extreme. */
typedef struct agg_hot_rows {
    uint32_t *hot; /* [groups * n_words] */
    uint64_t *acc;
    uint32_t stride, n;
    const uint32_t *slots;               /* [n] */
    const int64_t *values[AGG_HOT_SUMS]; /* [n] each */
    const int64_t *extremes;
} agg_hot_rows;
void agg_hot_add(const agg_hot_plan *p, const agg_hot_rows *r);
/* Add all of `hot` to the accumulators. */
void agg_hot_finish(agg_groups *g, const uint32_t *hot);
/* Raise the extreme of an accumulator to what is that far from its end; 0: there is nothing. */
void agg_hot_raise(const agg_hot_extreme *x, uint32_t distance, uint64_t *acc);

/* ---- extremes looked for by themselves: agg_extreme.c ----------------------------------- */

/* Whether the extreme of the hot plan, all else of which is made, is. */
PT_MUST_USE pt_status agg_extreme_plan(agg_plan *p, arena *a, pt_err *err);
/* Some blocks at a time, once all else is added up. */
typedef struct agg_search {
    const agg_plan *plan;
    unsigned n_workers;
    uint32_t at, n;    /* of the plan's reaches: those done, and those to read now; n 0: that was all */
    uint64_t *settled; /* once at > 0: bitset of groups that no row to come can raise */
} agg_search;
PT_MUST_USE pt_status agg_search_begin(agg_search *s, const agg_plan *p, unsigned n_workers, agg_memory *mem,
                                       pt_err *err);
/* The blocks at hand are read. g: all groups. tops: of each worker, [groups]; those of all go into tops[0].
 */
void agg_search_next(agg_search *s, const agg_groups *g, uint32_t *const *tops, unsigned n_tops);
/* Raise the extremes of all groups. */
void agg_search_finish(const agg_search *s, agg_groups *g, const uint32_t *tops);
void agg_search_done(agg_search *s); /* also of a zeroed one */
/* The places of rows of groups that are not settled, ascending; returns how many. places: [n] */
uint32_t agg_search_rows(const agg_search *s, const uint32_t *slots, uint32_t n, uint32_t *places);
/* tops: [groups] distances from the end; 0: none. */
void agg_raise_tops(const agg_hot_extreme *x, uint32_t *tops, const uint32_t *slots, const int64_t *values,
                    const uint32_t *places, uint32_t n);

/* Add accumulator `from` to `to`. */
void agg_combine(const agg_plan *p, uint64_t *to, const uint64_t *from);
/* Carry between the limbs of double sums; at the latest after AGG_MAX_UNCARRIED rows. */
enum { AGG_MAX_UNCARRIED = 1 << 30 };
void agg_carry(const agg_plan *p, uint64_t *acc);
/* The value of a measure (c NULL: the number of rows); distinct counts are not kept in accumulators.
 * PT_VALUE: a sum of more than 38 digits. */
PT_MUST_USE pt_status agg_value(const measure *m, const agg_column *c, const uint64_t *acc, pt_value *out,
                                pt_err *err);

/* Order-preserving 64-bit images of values, for minima and maxima. */
static inline uint64_t agg_image_int(int64_t v)
{
    return (uint64_t)v ^ (1ull << 63);
}
uint64_t agg_image_double(double v);
double agg_image_back(uint64_t image);
/* The rounded sum at words w of an accumulator. */
double agg_double_sum(const agg_column *c, const uint64_t *w);

/* ---- distinct members ----------------------------------------------------------------- */

/* Choose how members are kept, and with it needs_slots, the proof, if that is not a sum, and the order of
 * blocks. */
PT_MUST_USE pt_status agg_distinct_plan(agg_plan *p, arena *a, pt_err *err);

/* What members of the counted role add to slots by its axes (d->own). */
PT_MUST_USE pt_status agg_distinct_own(const agg_plan *p, agg_distinct *d, arena *a, pt_err *err);

/* Of one worker and one agg_distinct: bitsets, or pairs slot << 32 | member, and first slots. */
typedef struct agg_set {
    const agg_distinct *d;
    const kern_ops *kern;
    agg_memory *mem;
    uint64_t *bits;  /* [d->n_sets * n_words] */
    uint32_t *first; /* [members] first slot + 1; 0: not met */
    uint64_t *pairs, *spare;
    size_t n, cap;
    size_t n_unique;  /* == n: the pairs are sorted and all different */
    uint64_t *counts; /* [slots] once counted */
} agg_set;

PT_MUST_USE pt_status agg_set_init(agg_set *s, const agg_distinct *d, const kern_ops *kern, agg_memory *mem,
                                   pt_err *err);
void agg_set_done(agg_set *s);
/* slots: of the members, or with has_rests their rests; is_one: all are the same. members: as stored; made
 * durable in place. soon: what is read after that. */
PT_MUST_USE pt_status agg_set_add(agg_set *s, const uint32_t *slots, bool is_one, uint32_t *members,
                                  uint32_t n, kern_soon soon, pt_err *err);
/* Add all of `from` but its first slots, its slots renamed (slot_map NULL: the same). */
PT_MUST_USE pt_status agg_set_merge(agg_set *to, const agg_set *from, const uint32_t *slot_map, pt_err *err);
/* Add the members of one bitset to another. */
void agg_set_unite(agg_set *to, uint64_t set, const agg_set *from, uint64_t from_set);
static inline uint64_t agg_pair(uint64_t slot, uint32_t member)
{
    return slot << 32 | member;
}
PT_MUST_USE pt_status agg_set_add_pairs(agg_set *s, const uint64_t *pairs, size_t n, pt_err *err);
/* Pairs only: give the members of each slot to all slots above it. up: [slots], MEMBER_NONE at the top. */
PT_MUST_USE pt_status agg_set_add_ancestors(agg_set *s, const uint32_t *up, pt_err *err);
/* Count the distinct members of each slot; after agg_first_fold, which counts those in their first slots. */
PT_MUST_USE pt_status agg_set_count(agg_set *s, uint64_t n_slots, pt_err *err);

/* ---- a run ------------------------------------------------------------------------------ */

typedef struct agg_part { /* what one worker has gathered, and what all have when merged */
    agg_groups groups;
    agg_set *sets;      /* [n_distinct] */
    uint32_t *slot_map; /* [groups.n] hashed, once merged: slots of the part it went into */
} agg_part;

PT_MUST_USE pt_status agg_part_init(agg_part *x, const agg_plan *plan, agg_memory *mem, uint64_t max_cells,
                                    struct agg_spill *spill, pt_err *err);
void agg_part_done(agg_part *x); /* also of a zeroed one */
/* All but the first slots of members. */
PT_MUST_USE pt_status agg_part_merge(agg_part *to, agg_part *from, pt_err *err);
/* Unite the first slots of members of a distinct count in parts[0], into which all others are merged. */
PT_MUST_USE pt_status agg_first_fold(agg_part *const *parts, unsigned n_parts, uint32_t set, pool *p,
                                     unsigned n_workers, const limits *l, pt_err *err);
/* Give every ancestor on parent-child axes what its descendants have. */
PT_MUST_USE pt_status agg_part_roll_up(agg_part *x, pt_err *err);
/* The groups of all workers in one part become the result's cells; PT_LIMIT if there are too many. */
PT_MUST_USE pt_status agg_cells_fill(agg_part *x, const limits *l, arena *a, agg_result *out, pt_err *err);

/* A coding at work: what is the same for all rows of the block, and what is read off planes. */
typedef struct agg_coder {
    const agg_coding *coding;
    agg_constant *constants; /* [coding->n] */
    seg_codes **planes;      /* [coding->n] made when first needed */
    bool *has_planes;        /* [coding->n] in the block at hand */
    uint64_t n_plane_reads;  /* blocks, for each code */
} agg_coder;

/* Which codes are read off planes in the block at hand, once its rows and constants are known. */
PT_MUST_USE pt_status agg_planes_open(agg_coder *c, const scan_worker *s, pt_err *err);

/* One worker: its part, and room for the columns of a block. */
typedef struct agg_worker {
    const agg_plan *plan;
    agg_part part;
    scan_worker scan;
    bool is_one_group;           /* all rows of the chunk have the same slot */
    uint32_t *slots, *few_slots; /* [AGG_CHUNK] of a chunk; of its rows with a value */
    uint32_t *codes, *members;   /* [AGG_CHUNK] */
    uint32_t *rests;             /* [AGG_CHUNK] */
    uint32_t *own_slots;         /* [AGG_CHUNK] of rows under a measure's own conditions */
    uint64_t *keys;              /* [AGG_CHUNK * n_words], and as much again for a role's share */
    uint64_t *picked;            /* [2 * AGG_CHUNK] values of a chunk */
    agg_coder coder;             /* of keys */
    agg_coder *rest_coders;      /* [n_distinct] of those with has_rests */
    seg_values *columns;         /* [n_columns] of the block */
    bool *is_missing;            /* [n_columns] of the block: the segment lacks the column */
    uint64_t *values;            /* [n_columns * AGG_CHUNK] of a chunk */
    uint32_t *hot;               /* [n_direct * hot.n_words] if the plan has such */
    uint32_t *tops;              /* [n_direct] extremes that are looked for by themselves */
    int64_t *ones;               /* [AGG_CHUNK] to count rows by, then */
    uint64_t n_uncarried;        /* rows since agg_carry */
} agg_worker;

/* Rows looked at together: few, so that what is known of them leaves room in the nearest cache for what they
 * are added to. */
enum { AGG_CHUNK = 1024 };

PT_MUST_USE pt_status agg_worker_init(agg_worker *w, const agg_plan *plan, agg_memory *mem,
                                      uint64_t max_cells, struct agg_spill *spill, pt_err *err);
/* Some rows of the block at hand: those in `rows`, or at, at + 1, ... if that is NULL. */
typedef struct agg_rows {
    const uint32_t *rows;
    uint32_t at, n;
} agg_rows;
/* The values of a plain input, for at most AGG_CHUNK rows. */
PT_MUST_USE pt_status agg_input_values(agg_worker *w, const agg_input *in, const agg_rows *r, uint64_t *out,
                                       pt_err *err);
/* The values of another input for at most AGG_CHUNK rows (whose slots are in w->slots) that are not null: to
 * w->picked, and the slots of their rows to w->few_slots. */
PT_MUST_USE pt_status agg_input_pick(agg_worker *w, const agg_column *c, const agg_rows *r, uint32_t *n,
                                     pt_err *err);
/* Which of the rows its conditions admit: their places among them, ascending. */
PT_MUST_USE pt_status agg_input_select(agg_worker *w, const agg_input *in, const agg_rows *r,
                                       uint32_t *places, uint32_t *n, pt_err *err);
void agg_worker_done(agg_worker *w); /* also of a zeroed one */
uint64_t agg_worker_plane_reads(const agg_worker *w);
PT_MUST_USE pt_status agg_worker_block(agg_worker *w, scan_block b, pt_err *err);
/* The search's extreme in rows of a block. */
PT_MUST_USE pt_status agg_worker_search(agg_worker *w, scan_block b, const agg_search *s, pt_err *err);

/* As aggregate_run, of these rows. */
PT_MUST_USE pt_status aggregate_on(const view *v, pool *p, const limits *l, const agg_request *req,
                                   const agg_source *from, arena *a, agg_result *out, pt_err *err);
