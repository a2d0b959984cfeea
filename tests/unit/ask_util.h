/* ask_util.h - random requests of a world, each answered in every way that the engine has: with one thread
 * and several, with and without indexes, from cuboids and from facts, from the cell cache, together with
 * others. Whatever the way, the answer must be that of a naive evaluation. Ways taken are counted in w->n. */
#pragma once

#include "naive_util.h"
#include "world_util.h"

const hier_view *ask_hier(const naive_facts *f, uint32_t hier);
/* Any measures by any levels of any members. In `a`. */
agg_request ask_some_request(world *w, const naive_facts *f, arena *a);
/* Make the request one that a cuboid might answer: of its levels and what lies above them. */
void ask_suit_cuboid(world *w, agg_request *req);
/* Fails the test unless all ways give what the naive evaluation gives; `what` goes into the message. */
void ask_all_ways(world *w, const naive_facts *f, agg_request *req, arena *a, const char *what);
/* The request and some that are like it, asked for together, are answered as if each were asked alone. */
void ask_together(world *w, const naive_facts *f, const agg_request *req, arena *a, const char *what);
