/* shelf.h - what statements on one version keep for each other: cuboids as they are in it, and pieces of
 * plans. Only for this room. Reference-counted, thread-safe. */
#pragma once

#include "engine/cuboid_int.h"
#include "engine/plan_cache.h"

typedef struct shelf shelf;

/* Takes its own references to what `v` holds. NULL: out of memory. */
shelf *shelf_new(const view *v);
/* Is it that of the view's version, with room for more? */
bool shelf_fits(const shelf *s, const view *v);
void shelf_get(shelf *s);
void shelf_put(shelf *s); /* s may be NULL */
/* A cuboid in a view: from its shelf, else made in `a`. */
PT_MUST_USE pt_status shelf_cuboid(const view *v, const cuboid *c, arena *a, cuboid_view **out, pt_err *err);
/* Pieces of plans of the view's version; NULL: none are kept. */
plan_cache *shelf_plans(const view *v);
