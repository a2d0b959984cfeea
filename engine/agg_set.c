/* agg_set.c - distinct members by slot: a bitset for each slot while those are small, else (slot, member)
 * pairs that are sorted and made unique whenever their array is full.
 *
 * Many members are in one slot only: an order has one customer. So pairs are kept for second slots: the first
 * slot of each member is in an array by member. No pair of one worker names the first slot of its member
 * (agg_first.c makes it so for all). */
#include "engine/agg_int.h"
#include "engine/radix.h"

enum { FIRST_PAIRS = 1 << 14 };

pt_status agg_set_init(agg_set *s, const agg_distinct *d, const kern_ops *kern, agg_memory *mem, pt_err *err)
{
    *s = (agg_set){.d = d, .kern = kern, .mem = mem};
    if (d->has_first) return agg_grow(mem, (void **)&s->first, 0, d->n_members, sizeof *s->first, err);
    if (!d->is_bits) return PT_OK;
    return agg_grow(mem, (void **)&s->bits, 0, d->n_sets, d->n_words * sizeof *s->bits, err);
}

void agg_set_done(agg_set *s)
{
    mem_free(s->bits);
    mem_free(s->first);
    mem_free(s->pairs);
    mem_free(s->spare);
    mem_free(s->counts);
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

static void make_durable(const agg_set *s, uint32_t *members, uint32_t n)
{
    const uint32_t *durable = s->d->durable;
    for (uint32_t i = 0; durable && i < n; i++) members[i] = durable[members[i]];
}

/* Members with first slots; there is room for n pairs. The array is too large for the caches: lines are on
 * their way before they are looked at. Which rows are the first of their member, nobody guesses: no branch
 * depends on it. */
static void add_members(agg_set *s, const uint32_t *slots, const uint32_t *members, uint32_t n)
{
    enum { AHEAD = 32 };
    uint32_t *first = s->first;
    uint64_t *pairs = s->pairs + s->n;
    size_t n_pairs = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (i + AHEAD < n) __builtin_prefetch(&first[members[i + AHEAD]], 1);
        uint32_t m = members[i], slot = slots[i] + 1, known = first[m], is_new = known == 0;
        pairs[n_pairs] = agg_pair(slots[i], m);
        n_pairs += (known != slot) - is_new;
        first[m] = known + (slot & (0u - is_new));
    }
    s->n += n_pairs;
}

/* Facts are sorted by time: most chunks of a block with two years have one. */
static bool is_all_one(const uint32_t *sets, uint32_t n)
{
    enum { STEP = 64 }; /* where they differ, the first few mostly do */
    uint32_t differs = 0;
    for (uint32_t at = 0, end; at < n && !differs; at = end) {
        end = n - at < STEP ? n : at + STEP;
        for (uint32_t i = at; i < end; i++) differs |= sets[i] ^ sets[0];
    }
    return differs == 0;
}

pt_status agg_set_add(agg_set *s, const uint32_t *slots, bool is_one, uint32_t *members, uint32_t n,
                      kern_soon soon, pt_err *err)
{
    make_durable(s, members, n);
    if (s->d->is_bits) {
        size_t n_words = s->d->n_words;
        if (is_one || is_all_one(slots, n))
            s->kern->set_bits(s->bits + slots[0] * n_words, members, n, soon);
        else
            s->kern->set_bits_of(s->bits, n_words, slots, members, n, soon);
        return PT_OK;
    }
    PT_TRY(make_room(s, n, err));
    if (s->d->has_first) {
        add_members(s, slots, members, n);
        return PT_OK;
    }
    for (uint32_t i = 0; i < n; i++) s->pairs[s->n + i] = agg_pair(slots[i], members[i]);
    s->n += n;
    return PT_OK;
}

static uint32_t renamed(const uint32_t *slot_map, uint64_t slot)
{
    return slot_map ? slot_map[slot] : (uint32_t)slot;
}

pt_status agg_set_merge(agg_set *to, const agg_set *from, const uint32_t *slot_map, pt_err *err)
{
    if (to->d->is_bits) {
        for (size_t i = 0; i < to->d->n_sets * to->d->n_words; i++) to->bits[i] |= from->bits[i];
        return PT_OK;
    }
    PT_TRY(make_room(to, from->n, err));
    for (size_t i = 0; i < from->n; i++)
        to->pairs[to->n++] = agg_pair(renamed(slot_map, from->pairs[i] >> 32), (uint32_t)from->pairs[i]);
    return PT_OK;
}

void agg_set_unite(agg_set *to, uint64_t set, const agg_set *from, uint64_t from_set)
{
    size_t n_words = to->d->n_words;
    uint64_t *bits = to->bits + set * n_words;
    const uint64_t *more = from->bits + from_set * n_words;
    for (size_t w = 0; w < n_words; w++) bits[w] |= more[w];
}

pt_status agg_set_add_pairs(agg_set *s, const uint64_t *pairs, size_t n, pt_err *err)
{
    if (n == 0) return PT_OK;
    PT_TRY(make_room(s, n, err));
    memcpy(s->pairs + s->n, pairs, n * sizeof *pairs);
    s->n += n;
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
            s->pairs[s->n++] = agg_pair(slot, member);
        }
    }
    return PT_OK;
}

/* ---- counting ------------------------------------------------------------------------ */

enum { MAX_SHARES = 64, MANY_SETS = 2 };

static void count_pairs(agg_set *s)
{
    make_unique(s);
    for (size_t i = 0; i < s->n; i++) s->counts[s->pairs[i] >> 32]++;
}

/* Each member knows what it adds to the slot. */
static void count_members(const agg_distinct *d, const uint64_t *bits, uint64_t *counts)
{
    for (uint32_t w = 0; w < d->n_words; w++)
        for (uint64_t left = bits[w]; left; left &= left - 1)
            counts[agg_code_share(d->own, w * 64 + (uint32_t)__builtin_ctzll(left))]++;
}

/* The members of each share, as bitsets, while there are few shares. */
typedef struct share_sets {
    uint32_t n; /* 0: there are too many */
    uint32_t shares[MAX_SHARES];
    uint8_t *number; /* [slots] of a share, from 1 on */
    uint64_t *bits;  /* [n * n_words] */
} share_sets;

static void number_shares(const agg_distinct *d, share_sets *x)
{
    for (uint32_t m = 0; m < d->n_members; m++) {
        uint64_t share = agg_code_share(d->own, m);
        if (x->number[share]) continue;
        if (x->n == MAX_SHARES) {
            x->n = 0;
            return;
        }
        x->shares[x->n++] = (uint32_t)share;
        x->number[share] = (uint8_t)x->n;
    }
}

static void count_by_share(const agg_set *s, const share_sets *x)
{
    size_t n_words = s->d->n_words;
    for (uint32_t m = 0; m < s->d->n_members; m++) {
        uint32_t number = x->number[agg_code_share(s->d->own, m)] - 1u;
        x->bits[number * n_words + m / 64] |= 1ull << (m % 64);
    }
    for (uint64_t set = 0; set < s->d->n_sets; set++)
        for (uint32_t i = 0; i < x->n; i++)
            s->counts[renamed(s->d->slot_of_set, set) + x->shares[i]] +=
                s->kern->count_both(s->bits + set * n_words, x->bits + i * n_words, n_words);
}

/* Where most members are in several sets, to meet the sets with those of each share takes less than to look
 * at members one by one. */
static pt_status try_shares(agg_set *s, uint64_t n_slots, bool *is_done, pt_err *err)
{
    const agg_distinct *d = s->d;
    size_t n_words = d->n_sets * d->n_words;
    uint64_t n_bits = s->kern->count_both(s->bits, s->bits, n_words);
    share_sets x = {0};
    *is_done = false;
    if (n_bits / MANY_SETS < d->n_members) return PT_OK;
    PT_TRY(agg_grow(s->mem, (void **)&x.number, 0, n_slots, sizeof *x.number, err));
    number_shares(d, &x);
    size_t n_share_words = (size_t)x.n * d->n_words;
    pt_status st = PT_OK;
    if (x.n && x.n * n_words <= n_bits) {
        st = agg_grow(s->mem, (void **)&x.bits, 0, n_share_words, sizeof *x.bits, err);
        *is_done = st == PT_OK;
    }
    if (*is_done) count_by_share(s, &x);
    if (x.bits) agg_give_back(s->mem, x.bits, n_share_words, sizeof *x.bits);
    agg_give_back(s->mem, x.number, n_slots, sizeof *x.number);
    return st;
}

static pt_status count_bits(agg_set *s, uint64_t n_slots, pt_err *err)
{
    const agg_distinct *d = s->d;
    bool is_done = false;
    if (d->own) PT_TRY(try_shares(s, n_slots, &is_done, err));
    for (uint64_t set = 0; set < d->n_sets && !is_done; set++) {
        uint64_t *counts = s->counts + renamed(d->slot_of_set, set);
        const uint64_t *bits = s->bits + set * d->n_words;
        if (d->own)
            count_members(d, bits, counts);
        else
            *counts += s->kern->count_both(bits, bits, d->n_words);
    }
    return PT_OK;
}

pt_status agg_set_count(agg_set *s, uint64_t n_slots, pt_err *err)
{
    if (!s->counts) PT_TRY(agg_grow(s->mem, (void **)&s->counts, 0, n_slots, sizeof *s->counts, err));
    if (s->d->is_bits) return count_bits(s, n_slots, err);
    count_pairs(s);
    return PT_OK;
}
