/* dim_names.c - tables from folded names to ranks, made when enough names of a level were looked for.
 *
 * A table has the ranks of a level in buckets by the hash of the folded name, ascending in each: a walk finds
 * the members of a range in natural order. Names themselves are not copied; who looks compares.
 *
 * Invariant: once published, a table never changes; it and its entry in the list go with the dim_view. */
#include "storage/dim_names.h"

#include "base/map.h"
#include "storage/dim_int.h"

enum {
    FEW = 32,               /* ranges that are compared one by one in any case */
    MEMBERS_PER_BUCKET = 4, /* at most, on average */
    MEMBERS_MAX = 1 << 24,  /* of a level with a table: five to six bytes each */
};

typedef struct name_table {
    uint32_t shift;   /* bucket: 32-bit hash >> shift */
    uint32_t *starts; /* [buckets + 1] */
    uint32_t *ranks;  /* [members of the level] */
} name_table;

/* What is known of one naming; in a list that only grows. */
struct dim_names {
    struct dim_names *next;
    dim_naming of;
    atomic_ullong n_compared;    /* names that were, or may have been */
    _Atomic(name_table *) table; /* NULL: not made yet */
};

static void table_free(name_table *t)
{
    if (!t) return;
    mem_free(t->starts);
    mem_free(t->ranks);
    mem_free(t);
}

void dim_names_free(dim_names *list)
{
    for (dim_names *next; list; list = next) {
        next = list->next;
        table_free(atomic_load_explicit(&list->table, memory_order_relaxed));
        mem_free(list);
    }
}

/* ---- making ------------------------------------------------------------------------ */

static uint32_t hash_of(pt_str name)
{
    return (uint32_t)(str_hash_fold(name) >> 32);
}

static pt_str name_of(const dim_view *d, dim_naming of, uint32_t member, strbuf *b)
{
    pt_value v = dim_attr_value(d, of.attr, member);
    if (v.kind == VAL_NULL) v = dim_attr_value(d, of.other, member);
    if (v.kind == VAL_NULL) return STR("#null");
    if (v.kind == VAL_TEXT) return v.s;
    strbuf_clear(b);
    value_print(v, b);
    return strbuf_str(b);
}

/* false: out of memory. */
static bool hash_names(const dim_view *d, dim_naming of, const level_view *l, uint32_t *hashes)
{
    strbuf b = {0};
    for (uint32_t r = 0; r < l->n; r++) hashes[r] = hash_of(name_of(d, of, l->rep[r], &b));
    bool is_ok = !b.failed;
    strbuf_free(&b);
    return is_ok;
}

/* Ranks in order of their buckets: each bucket's start moves from the end of the one before to its own end.
 */
static void fill(name_table *t, const uint32_t *hashes, uint32_t n, uint32_t n_buckets)
{
    uint32_t sum = 0;
    for (uint32_t r = 0; r < n; r++) t->starts[hashes[r] >> t->shift]++;
    for (uint32_t b = 0; b <= n_buckets; b++) {
        uint32_t count = t->starts[b];
        t->starts[b] = sum;
        sum += count;
    }
    for (uint32_t r = 0; r < n; r++) t->ranks[t->starts[hashes[r] >> t->shift]++] = r;
    memmove(t->starts + 1, t->starts, n_buckets * sizeof *t->starts);
    t->starts[0] = 0;
}

/* NULL: out of memory; names are then compared one by one. */
static name_table *table_new(const dim_view *d, dim_naming of)
{
    const level_view *l = &d->hiers[of.hierarchy].levels[of.level];
    uint32_t bits = 1;
    while ((l->n >> bits) > MEMBERS_PER_BUCKET) bits++;
    name_table *t = mem_alloc(1, sizeof *t);
    uint32_t *hashes = mem_grow(NULL, l->n, sizeof *hashes);
    if (t) {
        t->shift = 32 - bits;
        t->starts = mem_alloc(((size_t)1 << bits) + 1, sizeof *t->starts);
        t->ranks = mem_grow(NULL, l->n, sizeof *t->ranks);
    }
    bool is_ok = t && hashes && t->starts && t->ranks && hash_names(d, of, l, hashes);
    if (is_ok) fill(t, hashes, l->n, 1u << bits);
    mem_free(hashes);
    if (is_ok) return t;
    table_free(t);
    return NULL;
}

/* ---- finding ------------------------------------------------------------------------ */

static bool is_same(dim_naming a, dim_naming b)
{
    return a.hierarchy == b.hierarchy && a.level == b.level && a.attr == b.attr && a.other == b.other;
}

static dim_names *find(const dim_view *d, dim_naming of)
{
    dim_names *x = atomic_load_explicit(&d->names, memory_order_acquire);
    while (x && !is_same(x->of, of)) x = x->next;
    return x;
}

/* NULL: out of memory. */
static dim_names *find_or_add(dim_view *d, dim_naming of)
{
    dim_names *x = find(d, of);
    if (x) return x;
    pthread_mutex_lock(&d->lock);
    x = find(d, of);
    if (!x && (x = mem_alloc(1, sizeof *x))) {
        x->of = of;
        x->next = atomic_load_explicit(&d->names, memory_order_relaxed);
        atomic_store_explicit(&d->names, x, memory_order_release);
    }
    pthread_mutex_unlock(&d->lock);
    return x;
}

static name_table *make_table(dim_view *d, dim_names *x)
{
    pthread_mutex_lock(&d->lock);
    name_table *t = atomic_load_explicit(&x->table, memory_order_relaxed);
    if (!t && (t = table_new(d, x->of))) atomic_store_explicit(&x->table, t, memory_order_release);
    pthread_mutex_unlock(&d->lock);
    return t;
}

/* NULL: there is none, or not yet. `n`: names to compare without it. */
static const name_table *table_for(const dim_view *d, dim_naming of, uint32_t n)
{
    dim_view *own = (dim_view *)(uintptr_t)d; /* only what is not there yet changes */
    uint32_t n_members = d->hiers[of.hierarchy].levels[of.level].n;
    if (n <= FEW || n_members > MEMBERS_MAX) return NULL;
    dim_names *x = find_or_add(own, of);
    if (!x) return NULL;
    name_table *t = atomic_load_explicit(&x->table, memory_order_acquire);
    if (t || atomic_fetch_add_explicit(&x->n_compared, n, memory_order_relaxed) < n_members) return t;
    return make_table(own, x);
}

/* The first in [at, end) that is not below `rank`. */
static const uint32_t *not_below(const uint32_t *at, const uint32_t *end, uint32_t rank)
{
    while (at < end) {
        const uint32_t *mid = at + (end - at) / 2;
        if (*mid < rank)
            at = mid + 1;
        else
            end = mid;
    }
    return at;
}

dim_search dim_search_new(const dim_view *d, dim_naming of, pt_str name, uint32_t from, uint32_t to)
{
    dim_search s = {.rank = from, .to = to};
    const name_table *t = from < to ? table_for(d, of, to - from) : NULL;
    if (!t) return s;
    uint32_t bucket = hash_of(name) >> t->shift;
    s.end = t->ranks + t->starts[bucket + 1];
    s.at = not_below(t->ranks + t->starts[bucket], s.end, from);
    return s;
}

bool dim_search_next(dim_search *s, uint32_t *rank)
{
    if (s->at) {
        if (s->at == s->end || *s->at >= s->to) return false;
        *rank = *s->at++;
        return true;
    }
    if (s->rank >= s->to) return false;
    *rank = s->rank++;
    return true;
}
