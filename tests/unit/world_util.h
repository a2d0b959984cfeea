/* world_util.h - random cubes for comparing the engine with a naive evaluation: trees, ragged and weekly
 * hierarchies, histories, roles, nulls, every kind of measure, cuboids; members that move and facts that are
 * deleted between loads. A world follows from its seed alone. */
#pragma once

#include "engine_util.h"

/* How often requests were answered in which way, over all that were asked of a world. */
typedef struct world_answers {
    uint64_t by_cuboid, by_cache;
    uint64_t computed;       /* of these, with measures over expressions or under conditions */
    uint64_t plane_reads;    /* groups read off indexes, in blocks */
    uint64_t derived;        /* from groups of other requests */
    uint64_t derived_counts; /* of these, with distinct counts */
    uint64_t proved_by_sum;  /* requests whose groups have no count of rows */
    uint64_t by_member;      /* whose members are numbered by their ids, not in order of ranks */
    uint64_t hot;            /* that are added up in 32 bits beside the accumulators */
    uint64_t searched;       /* of these, whose extremes are looked for by themselves */
    uint64_t again, of;      /* blocks read again for that, of how many */
} world_answers;

typedef struct world {
    uint64_t seed;
    shop *s;
    uint32_t n_things, n_people, n_values; /* keys; distinct values of an attribute */
    uint32_t null_every;                   /* one value in so many is null; 0: none */
    int64_t sign;                          /* of small integers; 0: both, and zeros */
    bool is_even;                          /* integers are of 32 bits, not null, and not below */
    int64_t least;
    bool is_one_day;      /* facts are of the first day alone */
    bool is_by_time;      /* each load is of a few days, with integers that rise with them */
    bool has_leavers;     /* and with people who come and go */
    int64_t days;         /* of the next load */
    uint64_t least_slice; /* cells of a cuboid that are made at once, if not all */
    world_answers n;
} world;

/* A calendar, dimensions Thing and Person, and cube C over them. */
extern const char world_definitions[];

uint32_t world_roll(world *w, uint32_t n); /* from 0 to n - 1 */
/* All of it: several loads with moves, deletions and cuboids in between. Close w->s. */
void world_make(world *w);
/* Put members: all that there are at first, then a third of them elsewhere. */
void world_put_members(world *w, bool is_first);
/* Append n facts as one segment. */
void world_put_facts(world *w, uint32_t n);
/* Delete some facts of one segment. */
void world_delete_some(world *w);
