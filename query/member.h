/* member.h - handles of members and levels, and what can be said about one member: its level, name, key.
 *
 * An mref is plain data of eight bytes: compare with mref_eq, copy freely. Hierarchies are counted as the
 * language does: 0 is Measures, h is cube hierarchy h - 1. Handles mean something within one statement only.
 */
#pragma once

#include "query/scope.h"

/* ---- levels ------------------------------------------------------------ */

/* Ordinal of the level of m, counting the all level; 0 for null members. */
uint32_t member_level(const scope *sc, mref m);
/* "[Time].[Quarter]", "[Product].[(All)]", "[Measures].[MeasuresLevel]"; ptr NULL when the arena is
 * exhausted. */
pt_str level_ref_unique_name(const scope *sc, level_ref l, arena *a);
pt_str level_ref_name(const scope *sc, level_ref l);
pt_str level_ref_caption(const scope *sc, level_ref l);
/* The definition behind a level; NULL for the all level and for Measures. */
const level *level_ref_def(const scope *sc, level_ref l);
level_ref level_of(const scope *sc, mref m);

/* ---- one member -------------------------------------------------------- */

/* Name as in the last segment of the unique name: "Q1", "All Products", "#null". */
pt_str member_name(const scope *sc, mref m, arena *a);
pt_str member_caption(const scope *sc, mref m, arena *a);
void member_add_caption(const scope *sc, mref m, strbuf *out);
/* Appends the unique name (mdx-semantics section 3). */
void member_unique_name(const scope *sc, mref m, strbuf *out);
/* Appends ".[name]" of a stored member: the last segment of its unique name. */
void member_name_segment(const scope *sc, mref m, strbuf *out);
pt_str member_unique_text(const scope *sc, mref m, arena *a);
/* Has the names of the first DIM_FETCH_MOST of n members brought near, before they are asked for one by one.
 */
void member_prefetch_names(const scope *sc, const mref *m, uint64_t n);
/* Key as stored: number, text, ...; the name for all, calculated and measure members. */
pt_value member_key(const scope *sc, mref m, arena *a);
/* A dimension member id that stands for a stored member: its attributes are the level member's. */
uint32_t member_rep(const scope *sc, mref m);
/* The name equals `text` without regard to case. Does not allocate for text keys. */
bool member_has_name(const scope *sc, mref m, pt_str text, arena *scratch);

static inline mref mref_null(uint32_t hier)
{
    return (mref){.hier = (uint16_t)hier, .kind = MEM_NULL};
}
static inline bool mref_is_null(mref m)
{
    return m.kind == MEM_NULL;
}
/* The member that a visual total stands for, when it is compared or left for others; else m itself. */
static inline mref member_plain(const scope *sc, mref m)
{
    if (m.kind != MEM_CALC || sc->calcs[m.id]->origin != FORMULA_VISUAL) return m;
    return sc->calcs[m.id]->total_of;
}
static inline uint64_t mref_bits(mref m)
{
    return (uint64_t)m.hier << 48 | (uint64_t)m.kind << 40 | (uint64_t)m.level << 32 | m.id;
}
static inline bool mref_eq(mref a, mref b)
{
    return mref_bits(a) == mref_bits(b);
}
