/* deal.c - stretches of pieces: taken from the front by their workers, from the end by others. */
#include "base/deal.h"

#include <stdbool.h>

static uint64_t hand_of(uint32_t next, uint32_t end)
{
    return (uint64_t)end << 32 | next;
}

static uint32_t next_of(uint64_t hand)
{
    return (uint32_t)hand;
}

static uint32_t end_of(uint64_t hand)
{
    return (uint32_t)(hand >> 32);
}

void deal_out(deal_hand *hands, unsigned n_hands, uint32_t n)
{
    for (unsigned i = 0; i < n_hands; i++) {
        uint64_t next = (uint64_t)n * i / n_hands, end = (uint64_t)n * (i + 1) / n_hands;
        atomic_init(&hands[i], hand_of((uint32_t)next, (uint32_t)end));
    }
}

static bool take_first(deal_hand *hand, uint32_t *piece)
{
    uint64_t was = atomic_load_explicit(hand, memory_order_relaxed);
    while (next_of(was) < end_of(was)) {
        *piece = next_of(was);
        if (atomic_compare_exchange_weak_explicit(hand, &was, hand_of(*piece + 1, end_of(was)),
                                                  memory_order_relaxed, memory_order_relaxed))
            return true;
    }
    return false;
}

/* From the longest stretch; false: somebody was faster. */
static bool take_last(deal_hand *hands, unsigned n_hands, uint32_t *piece)
{
    unsigned longest = 0;
    uint64_t was = 0;
    for (unsigned i = 0; i < n_hands; i++) {
        uint64_t hand = atomic_load_explicit(&hands[i], memory_order_relaxed);
        if (end_of(hand) - next_of(hand) <= end_of(was) - next_of(was)) continue;
        longest = i;
        was = hand;
    }
    if (next_of(was) == end_of(was)) return false;
    *piece = end_of(was) - 1;
    return atomic_compare_exchange_weak_explicit(&hands[longest], &was, hand_of(next_of(was), *piece),
                                                 memory_order_relaxed, memory_order_relaxed);
}

uint32_t deal_take(deal_hand *hands, unsigned n_hands, unsigned who)
{
    uint32_t piece;
    if (take_first(&hands[who], &piece)) return piece;
    while (!take_last(hands, n_hands, &piece)) continue;
    return piece;
}
