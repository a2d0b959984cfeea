/* tuplist.h - building sets: a growing array of tuples in the statement's arena, held to the limit of cells.
 */
#pragma once

#include "query/member.h"

typedef struct tuplist {
    arena *a;
    uint64_t limit; /* tuples; 0: none */
    pt_err *err;
    set s;
    uint32_t cap;
} tuplist;

static inline tuplist tuplist_new(arena *a, const limits *l, uint32_t arity, pt_err *err)
{
    return (tuplist){.a = a, .limit = l->cells, .err = err, .s = {.arity = arity}};
}
/* Room for `more` further tuples. PT_LIMIT, PT_NOMEM. */
PT_MUST_USE pt_status tuplist_reserve(tuplist *b, uint64_t more);
/* Appends a tuple of s.arity members. */
PT_MUST_USE pt_status tuplist_add(tuplist *b, const mref *tuple);
PT_MUST_USE pt_status tuplist_add_set(tuplist *b, set s);
static inline pt_status tuplist_add1(tuplist *b, mref m)
{
    return tuplist_add(b, &m);
}
static inline const mref *set_at(set s, uint32_t i)
{
    return s.m + (size_t)i * s.arity;
}
static inline bool tuple_eq(const mref *a, const mref *b, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (!mref_eq(a[i], b[i])) return false;
    return true;
}
static inline bool tuple_has_null(const mref *t, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (mref_is_null(t[i])) return true;
    return false;
}

/* Tuples -> the position at which each was first added. */
typedef struct tuple_index {
    uint32_t arity, n, mask;
    const mref **keys; /* [mask + 1], NULL: free; NULL if it is an array: */
    mref level;        /* of one level's members, but for their ids */
    uint32_t n_ids;    /* first[id] is the position + 1; 0: not there */
    uint32_t *first;
} tuple_index;
/* An index with room for n tuples. */
PT_MUST_USE pt_status tuple_index_new(arena *a, uint32_t arity, uint32_t n, tuple_index *out, pt_err *err);
/* True if it was new and now stands for `position`; else *position is where it was first. The tuple is
 * borrowed. */
bool tuple_index_add(tuple_index *x, const mref *tuple, uint32_t *position);
bool tuple_index_find(const tuple_index *x, const mref *tuple, uint32_t *position);
/* Of all tuples of a set; nothing more is added to it. Many members of one level are an array. */
PT_MUST_USE pt_status tuple_index_of(arena *a, set s, tuple_index *out, pt_err *err);
uint64_t tuple_hash(const mref *t, uint32_t arity);
/* n members of tuples become those that visual totals stand for: tuples and sets are compared by these. */
PT_MUST_USE pt_status tuples_plain(const scope *sc, arena *a, const mref **tuples, size_t n, pt_err *err);
/* s with the members that its visual totals stand for: sets are compared by these. */
PT_MUST_USE pt_status set_plain(const scope *sc, arena *a, set s, set *out, pt_err *err);
/* s without repetitions. */
PT_MUST_USE pt_status set_distinct(arena *a, set s, set *out, pt_err *err);
