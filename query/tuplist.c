/* tuplist.c - building sets, and looking tuples up in them. */
#include "query/tuplist.h"

#include "base/map.h"

pt_status tuplist_reserve(tuplist *b, uint64_t more)
{
    uint64_t want = (uint64_t)b->s.n + more;
    if (b->limit && want > b->limit) {
        pt_fail(b->err, PT_LIMIT, "a set would have more than the limit of %llu tuples",
                (unsigned long long)b->limit);
        return pt_hint(b->err, "filter it before crossing it with others, or raise the limit of cells");
    }
    if (want > UINT32_MAX) return pt_fail(b->err, PT_LIMIT, "a set would have more than 4294967295 tuples");
    if (want <= b->cap) return PT_OK;
    uint64_t cap = b->cap ? (uint64_t)b->cap * 2 : 16;
    if (cap < want) cap = want;
    if (b->limit && cap > b->limit) cap = b->limit;
    if (cap > UINT32_MAX) cap = UINT32_MAX;
    uint32_t arity = b->s.arity ? b->s.arity : 1;
    mref *m = cap <= SIZE_MAX / arity ? arena_array(b->a, mref, (size_t)cap * arity) : NULL;
    if (!m) return arena_fail(b->a, b->err);
    if (b->s.n) memcpy(m, b->s.m, (size_t)b->s.n * arity * sizeof *m);
    b->s.m = m;
    b->cap = (uint32_t)cap;
    return PT_OK;
}

pt_status tuplist_add(tuplist *b, const mref *t)
{
    if (b->s.n == b->cap) PT_TRY(tuplist_reserve(b, 1));
    memcpy(b->s.m + (size_t)b->s.n * b->s.arity, t, b->s.arity * sizeof *t);
    b->s.n++;
    return PT_OK;
}

pt_status tuplist_add_set(tuplist *b, set s)
{
    if (s.n == 0) return PT_OK;
    if (b->s.arity == 0) b->s.arity = s.arity;
    if (b->s.arity != s.arity)
        return pt_fail(b->err, PT_TYPE, "sets of %u and of %u hierarchies cannot be joined", b->s.arity,
                       s.arity);
    for (uint32_t k = 0; b->s.n && k < s.arity; k++)
        if (b->s.m[k].hier != s.m[k].hier)
            return pt_fail(b->err, PT_TYPE, "sets of different hierarchies cannot be joined");
    PT_TRY(tuplist_reserve(b, s.n));
    memcpy(b->s.m + (size_t)b->s.n * s.arity, s.m, (size_t)s.n * s.arity * sizeof *s.m);
    b->s.n += s.n;
    return PT_OK;
}

/* ---- looking up -------------------------------------------------------- */

uint64_t tuple_hash(const mref *t, uint32_t arity)
{
    uint64_t h = 0x9e3779b97f4a7c15u;
    for (uint32_t i = 0; i < arity; i++) h = hash_u64(h ^ mref_bits(t[i])) + i;
    return h;
}

pt_status tuple_index_new(arena *a, uint32_t arity, uint32_t n, tuple_index *out, pt_err *err)
{
    uint64_t size = 16;
    while (size < (uint64_t)n * 2) size *= 2;
    *out = (tuple_index){.arity = arity, .mask = (uint32_t)(size - 1)};
    out->keys = arena_array(a, const mref *, size);
    out->first = arena_array(a, uint32_t, size);
    return out->keys && out->first ? PT_OK : arena_fail(a, err);
}

static uint32_t slot_of(const tuple_index *x, const mref *t)
{
    uint32_t i = (uint32_t)tuple_hash(t, x->arity) & x->mask;
    while (x->keys[i] && !tuple_eq(x->keys[i], t, x->arity)) i = (i + 1) & x->mask;
    return i;
}

bool tuple_index_add(tuple_index *x, const mref *t, uint32_t *position)
{
    uint32_t i = slot_of(x, t);
    if (x->keys[i]) {
        *position = x->first[i];
        return false;
    }
    x->keys[i] = t;
    x->first[i] = *position;
    x->n++;
    return true;
}

static bool find_id(const tuple_index *x, mref m, uint32_t *position)
{
    mref as_if = x->level;
    as_if.id = m.id;
    if (m.id >= x->n_ids || !mref_eq(m, as_if) || x->first[m.id] == 0) return false;
    *position = x->first[m.id] - 1;
    return true;
}

bool tuple_index_find(const tuple_index *x, const mref *t, uint32_t *position)
{
    if (!x->keys) return find_id(x, *t, position);
    uint32_t i = slot_of(x, t);
    if (!x->keys[i]) return false;
    *position = x->first[i];
    return true;
}

/* An array of positions by id costs no more than a hash if one id in eight is there, and members that follow
 * each other are found side by side in memory. */
enum { IDS_PER_TUPLE = 8 };

/* The number of ids, if all are stored members of one level and close enough; 0: they are not. */
static uint32_t count_ids(set s)
{
    uint32_t most = 0;
    if (s.arity != 1 || s.n == 0 || s.m[0].kind != MEM_STORED) return 0;
    for (uint32_t i = 0; i < s.n; i++) {
        mref as_if = s.m[0];
        as_if.id = s.m[i].id;
        if (!mref_eq(s.m[i], as_if)) return 0;
        if (s.m[i].id > most) most = s.m[i].id;
    }
    return most < UINT32_MAX && most / IDS_PER_TUPLE < s.n ? most + 1 : 0;
}

pt_status tuple_index_of(arena *a, set s, tuple_index *out, pt_err *err)
{
    uint32_t n_ids = count_ids(s);
    if (n_ids) {
        *out = (tuple_index){.arity = 1, .level = s.m[0], .n_ids = n_ids};
        if (!(out->first = arena_array(a, uint32_t, n_ids))) return arena_fail(a, err);
        for (uint32_t i = s.n; i-- > 0;) out->first[s.m[i].id] = i + 1;
        return PT_OK;
    }
    PT_TRY(tuple_index_new(a, s.arity, s.n, out, err));
    for (uint32_t i = 0, at; i < s.n; i++) {
        at = i;
        tuple_index_add(out, set_at(s, i), &at);
    }
    return PT_OK;
}

pt_status set_distinct(arena *a, set s, set *out, pt_err *err)
{
    tuple_index x;
    PT_TRY(tuple_index_new(a, s.arity, s.n, &x, err));
    set r = {.m = arena_array(a, mref, (size_t)s.n * (s.arity ? s.arity : 1)), .arity = s.arity};
    if (!r.m) return arena_fail(a, err);
    for (uint32_t i = 0, at; i < s.n; i++) {
        at = i;
        if (!tuple_index_add(&x, set_at(s, i), &at)) continue;
        memcpy(r.m + (size_t)r.n * r.arity, set_at(s, i), r.arity * sizeof *r.m);
        r.n++;
    }
    *out = r;
    return PT_OK;
}

pt_status tuples_plain(const scope *sc, arena *a, const mref **tuples, size_t n, pt_err *err)
{
    if (!sc->totals || n == 0) return PT_OK;
    mref *m = arena_array(a, mref, n);
    if (!m) return arena_fail(a, err);
    for (size_t i = 0; i < n; i++) m[i] = member_plain(sc, (*tuples)[i]);
    *tuples = m;
    return PT_OK;
}

pt_status set_plain(const scope *sc, arena *a, set s, set *out, pt_err *err)
{
    const mref *m = s.m;
    PT_TRY(tuples_plain(sc, a, &m, (size_t)s.n * s.arity, err));
    *out = (set){(mref *)(uintptr_t)m, s.arity, s.n}; /* s.m, or a copy */
    return PT_OK;
}
