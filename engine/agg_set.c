/* agg_set.c - distinct members by slot: a bitset for each slot while those are small, else (slot, member)
 * pairs that are sorted and made unique whenever their array is full. */
#include "engine/agg_int.h"
#include "engine/radix.h"

enum { FIRST_PAIRS = 1 << 14 };

pt_status agg_set_init(agg_set *s, const agg_plan *plan, const agg_distinct *d, agg_memory *mem, pt_err *err)
{
    *s = (agg_set){.d = d, .mem = mem};
    if (!d->is_bits) return PT_OK;
    s->n_slots = plan->n_direct;
    return agg_grow(mem, (void **)&s->bits, 0, s->n_slots, d->n_words * sizeof *s->bits, err);
}

void agg_set_done(agg_set *s)
{
    mem_free(s->bits);
    mem_free(s->pairs);
    mem_free(s->spare);
    *s = (agg_set){0};
}

/* ---- pairs ------------------------------------------------------------------------ */

static void make_unique(agg_set *s)
{
    size_t n = 0;
    if (s->n == s->n_unique) return;
    uint64_t *sorted = radix_sort(s->pairs, s->spare, s->n);
    if (sorted != s->pairs) {
        s->spare = s->pairs;
        s->pairs = sorted;
    }
    for (size_t i = 0; i < s->n; i++)
        if (i == 0 || sorted[i] != sorted[n - 1]) sorted[n++] = sorted[i];
    s->n = s->n_unique = n;
}

/* Room for n more. Repeats are thrown out first; if half of the pairs remain, the arrays double. */
static pt_status make_room(agg_set *s, size_t n, pt_err *err)
{
    if (s->n + n <= s->cap) return PT_OK;
    make_unique(s);
    size_t cap = s->cap ? s->cap : FIRST_PAIRS;
    while (cap < s->n + n || s->n > cap / 2) cap *= 2;
    if (cap == s->cap) return PT_OK;
    PT_TRY(agg_grow(s->mem, (void **)&s->pairs, s->cap, cap, sizeof *s->pairs, err));
    PT_TRY(agg_grow(s->mem, (void **)&s->spare, s->cap, cap, sizeof *s->spare, err));
    s->cap = cap;
    return PT_OK;
}

/* ---- adding ------------------------------------------------------------------------- */

static uint32_t identity(const agg_set *s, uint32_t member)
{
    return s->d->durable ? s->d->durable[member] : member;
}

pt_status agg_set_add(agg_set *s, const uint32_t *slots, const uint32_t *members, uint32_t n, pt_err *err)
{
    if (s->d->is_bits) {
        for (uint32_t i = 0; i < n; i++) {
            uint32_t m = identity(s, members[i]);
            s->bits[(size_t)slots[i] * s->d->n_words + m / 64] |= 1ull << (m % 64);
        }
        return PT_OK;
    }
    PT_TRY(make_room(s, n, err));
    for (uint32_t i = 0; i < n; i++) s->pairs[s->n + i] = (uint64_t)slots[i] << 32 | identity(s, members[i]);
    s->n += n;
    return PT_OK;
}

pt_status agg_set_merge(agg_set *to, const agg_set *from, const uint32_t *slot_map, pt_err *err)
{
    if (to->d->is_bits) {
        for (size_t i = 0; i < to->n_slots * to->d->n_words; i++) to->bits[i] |= from->bits[i];
        return PT_OK;
    }
    PT_TRY(make_room(to, from->n, err));
    for (size_t i = 0; i < from->n; i++) {
        uint64_t slot = from->pairs[i] >> 32;
        to->pairs[to->n + i] = (slot_map ? (uint64_t)slot_map[slot] : slot) << 32 | (uint32_t)from->pairs[i];
    }
    to->n += from->n;
    return PT_OK;
}

pt_status agg_set_add_ancestors(agg_set *s, const uint32_t *up, pt_err *err)
{
    make_unique(s);
    size_t n = s->n;
    for (size_t i = 0; i < n; i++) {
        uint32_t member = (uint32_t)s->pairs[i];
        for (uint32_t slot = up[s->pairs[i] >> 32]; slot != MEMBER_NONE; slot = up[slot]) {
            if (s->n == s->cap) {
                size_t cap = s->cap * 2;
                PT_TRY(agg_grow(s->mem, (void **)&s->pairs, s->cap, cap, sizeof *s->pairs, err));
                PT_TRY(agg_grow(s->mem, (void **)&s->spare, s->cap, cap, sizeof *s->spare, err));
                s->cap = cap;
            }
            s->pairs[s->n++] = (uint64_t)slot << 32 | member;
        }
    }
    return PT_OK;
}

/* ---- counting ------------------------------------------------------------------------ */

void agg_set_count(agg_set *s, uint64_t n_slots, uint64_t *counts)
{
    memset(counts, 0, n_slots * sizeof *counts);
    if (!s->d->is_bits) {
        make_unique(s);
        for (size_t i = 0; i < s->n; i++) counts[s->pairs[i] >> 32]++;
        return;
    }
    for (uint64_t slot = 0; slot < n_slots; slot++)
        for (uint32_t w = 0; w < s->d->n_words; w++)
            counts[slot] += (uint64_t)__builtin_popcountll(s->bits[slot * s->d->n_words + w]);
}
