/* nav.h - moving between members: parents, children, siblings, levels.
 *
 * Natural order of a hierarchy is the order of ranks (storage/members.h). Where there is no member to go to
 * the answer is the null member of the hierarchy. Hidden members of ragged hierarchies are passed over: their
 * children belong to the nearest visible ancestor. Calculated members are nobody's children here (section
 * 14); a visual total is where the member is that it stands for. */
#pragma once

#include "query/tuplist.h"

mref nav_parent(const scope *sc, mref m);
/* The ancestor at a level (m itself at its own). */
mref nav_ancestor_at(const scope *sc, mref m, uint32_t lvl);
mref nav_ancestor_steps(const scope *sc, mref m, int64_t steps);
/* a is m or above it; data members are beside their member. */
bool nav_is_ancestor(const scope *sc, mref a, mref m);
/* m is below a: neither a nor a visual total of it. */
bool nav_is_below(const scope *sc, mref m, mref a);

bool nav_is_leaf(const scope *sc, mref m);
PT_MUST_USE pt_status nav_children(const scope *sc, mref m, tuplist *out);
uint32_t nav_n_children(const scope *sc, mref m);
mref nav_first_child(const scope *sc, mref m);
mref nav_last_child(const scope *sc, mref m);
/* Members without a visible parent: the all member, or the top level's; in Measures all of them. */
PT_MUST_USE pt_status nav_roots(const scope *sc, uint32_t hier, tuplist *out);
PT_MUST_USE pt_status nav_first_root(const scope *sc, uint32_t hier, mref *out, pt_err *err);

/* Calculated members have no siblings but in Measures: PT_VALUE for the others. */
PT_MUST_USE pt_status nav_siblings(const scope *sc, mref m, tuplist *out);
PT_MUST_USE pt_status nav_end_sibling(const scope *sc, mref m, bool is_last, mref *out, pt_err *err);
/* Along the whole level, n steps forward (backward if negative). */
PT_MUST_USE pt_status nav_lead(const scope *sc, mref m, int64_t n, mref *out, pt_err *err);

PT_MUST_USE pt_status nav_level_members(const scope *sc, level_ref l, tuplist *out);
uint64_t nav_level_size(const scope *sc, level_ref l);
/* All of a hierarchy, parents first. */
PT_MUST_USE pt_status nav_hier_members(const scope *sc, uint32_t hier, tuplist *out);
/* Descendants at exactly that level, in natural order; m itself at its own level. */
PT_MUST_USE pt_status nav_descend(const scope *sc, mref m, uint32_t lvl, tuplist *out);
mref nav_first_at(const scope *sc, mref m, uint32_t lvl, bool is_last);
/* m and all below it, parents first. */
PT_MUST_USE pt_status nav_subtree(const scope *sc, mref m, tuplist *out);

/* Natural order, parents before children; calculated members after stored siblings (section 13). */
int nav_cmp(const scope *sc, mref a, mref b);
