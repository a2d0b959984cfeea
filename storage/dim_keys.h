/* dim_keys.h - the key index of a dimension: from a key to the member that is its current version.
 *
 * Whole-number keys that ascend with the member number, with even gaps, need no index, since the column of
 * keys can be searched: so it is with numbers given out in order, and with order numbers of facts read in
 * order. Other keys are found by a hash table of 32-bit slots, with linear probing. A slot holds the member
 * and, in the bits that members leave free, a part of the hash, so that few keys are compared in vain. The
 * place of a key follows from the upper half of its hash, the part in the slot from the lower half.
 *
 * Files hold the slots as they are (docs/format-dimensions.md, key index). */
#pragma once

#include "base/value.h"

typedef struct dim_keys {
    uint32_t *slots; /* NULL: the keys ascend, there are none */
    uint64_t n_slots;
    unsigned member_bits; /* of a slot, the low ones: member + 1. A slot that is 0 is empty */
} dim_keys;

/* A table on its way: from the place of the hash on, all slots once. */
typedef struct keys_probe {
    uint64_t at, left;
    uint32_t tag; /* of the hash, where slots have it */
} keys_probe;

/* Bits that hold member + 1 of n members. */
static inline unsigned dim_keys_bits(uint32_t n_members)
{
    return n_members ? 32 - (unsigned)__builtin_clz(n_members) : 1;
}

/* Slots of a table that is full: three quarters are used, at least one is not. */
static inline uint64_t dim_keys_least_slots(uint32_t n_keys)
{
    return (uint64_t)n_keys * 4 / 3 + 1;
}

static inline keys_probe dim_keys_probe(const dim_keys *k, uint64_t hash)
{
    uint64_t place = (hash >> 32) * k->n_slots >> 32;
    return (keys_probe){place, k->n_slots, (uint32_t)((uint64_t)(uint32_t)hash << k->member_bits)};
}

/* The next slot that is empty or may hold the key; NULL when all were seen. */
static inline uint32_t *dim_keys_next(const dim_keys *k, keys_probe *p)
{
    while (p->left) {
        uint32_t *slot = &k->slots[p->at];
        p->left--;
        if (++p->at == k->n_slots) p->at = 0;
        if (!*slot || !((uint64_t)(*slot ^ p->tag) >> k->member_bits)) return slot;
    }
    return NULL;
}

/* The member of a slot that is not empty. From a damaged file it may be any number. */
static inline uint32_t dim_keys_member(const dim_keys *k, uint32_t slot)
{
    return (slot & (uint32_t)((UINT64_C(1) << k->member_bits) - 1)) - 1;
}

/* Put a key that is not there yet; one slot is empty at least. */
void dim_keys_put(const dim_keys *k, uint64_t hash, uint32_t member);
/* The key with that hash has another current version. */
void dim_keys_move(const dim_keys *k, uint64_t hash, uint32_t from, uint32_t to);

/* May keys of that type do without an index? */
bool dim_keys_can_ascend(pt_type type);
/* Do they ascend, so evenly that a search takes no longer than a table? */
bool dim_keys_are_even(const int64_t *keys, uint32_t n);
/* Find a key in a column of n signed integers that ascend, of `width` bytes each; false, and *member
 * untouched, if it is not there. In a column that does not ascend it may not find what is there. */
bool dim_keys_search(const void *cells, uint32_t width, uint32_t n, int64_t key, uint32_t *member);
