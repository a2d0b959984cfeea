/* deal.h - pieces of work in a row, dealt to workers so that each has a stretch of neighbours to itself.
 *
 * A counter that all workers take from gives each every other piece. Where neighbours have much in common, a
 * worker that has all of them keeps less at a time. Who is done with its own stretch takes from the end of
 * the longest that is left. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

/* What is left of a worker's stretch: its first piece in the low half, the one behind its last above. */
typedef _Atomic uint64_t deal_hand;

/* Deal the pieces 0..n-1 to hands[0..n_hands-1]; n_hands is not 0. */
void deal_out(deal_hand *hands, unsigned n_hands, uint32_t n);
/* A piece for worker `who`, below n_hands. Thread-safe. There must be one: call it n times in all. */
uint32_t deal_take(deal_hand *hands, unsigned n_hands, unsigned who);
