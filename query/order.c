/* order.c - sorting by values and in natural order. Hierarchical sorting is in order_tree.c. */
#include "query/order.h"

#include <math.h>
#include <stdlib.h>

#include "engine/radix.h"
#include "query/nav.h"

/* ---- keys -------------------------------------------------------------- */

/* Values as numbers that rise with them: null, numbers, NaN, Infinity, text. Texts are told apart by their
 * folded bytes, the first eight of them as a number. */
enum { RADIX_FROM = 256, SELECT_SHARE = 8 };
#define RANK_NAN      UINT64_C(0xfff0000000000000)
#define RANK_INFINITY UINT64_C(0xfff0000000000001)
#define RANK_TEXT     UINT64_C(0xfff0000000000002)

typedef struct text_key {
    uint64_t head;
    pt_str folded;
} text_key;

typedef struct key_column {
    uint64_t *ranks;
    text_key *texts; /* NULL: there are none */
    bool desc;
} key_column;

static uint64_t number_rank(double d)
{
    uint64_t bits;
    if (isnan(d)) return RANK_NAN;
    if (isinf(d) && d > 0) return RANK_INFINITY;
    d += 0.0; /* no negative zero */
    memcpy(&bits, &d, sizeof bits);
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static pt_status text_rank(eval *x, pt_str s, text_key *out)
{
    pt_str f = str_fold(x->work, s);
    if (!f.ptr) return eval_nomem(x);
    *out = (text_key){.folded = f};
    for (size_t i = 0; i < 8; i++) out->head = out->head << 8 | (i < f.len ? (unsigned char)f.ptr[i] : 0);
    return PT_OK;
}

static pt_status rank_values(eval *x, const pt_value *v, uint32_t n, key_column *k)
{
    if (!(k->ranks = arena_array(x->work, uint64_t, n))) return eval_nomem(x);
    for (uint32_t i = 0; i < n; i++) {
        if (v[i].kind == VAL_NULL) continue;
        if (v[i].kind == VAL_BOOL) return pt_fail(x->err, PT_VALUE, "truth values cannot be put in order");
        if (v[i].kind == VAL_TEXT) {
            if (!k->texts && !(k->texts = arena_array(x->work, text_key, n))) return eval_nomem(x);
            PT_TRY(text_rank(x, v[i].s, &k->texts[i]));
            k->ranks[i] = RANK_TEXT;
            continue;
        }
        bool is_time = v[i].kind == VAL_TIME || v[i].kind == VAL_DATE;
        k->ranks[i] = number_rank(is_time ? (double)v[i].i : value_as_double(v[i]));
    }
    return PT_OK;
}

/* ---- by values --------------------------------------------------------- */

typedef struct by_keys {
    const key_column *keys;
    uint32_t n_keys;
} by_keys;

static int cmp_keys(const key_column *k, uint32_t i, uint32_t j)
{
    if (k->ranks[i] != k->ranks[j]) return k->ranks[i] < k->ranks[j] ? -1 : 1;
    if (k->ranks[i] != RANK_TEXT || !k->texts) return 0;
    const text_key *a = &k->texts[i], *b = &k->texts[j];
    if (a->head != b->head) return a->head < b->head ? -1 : 1;
    return str_cmp(a->folded, b->folded);
}

static int cmp_positions(const void *a, const void *b, void *ctx)
{
    const by_keys *s = ctx;
    uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    for (uint32_t k = 0; k < s->n_keys; k++) {
        int c = cmp_keys(&s->keys[k], i, j);
        if (c) return s->keys[k].desc ? -c : c;
    }
    return i < j ? -1 : i > j;
}

static uint64_t rising(const key_column *k, uint32_t i)
{
    return k->desc ? ~k->ranks[i] : k->ranks[i];
}

/* By the last key first: each pass keeps the order of the one before among equals. */
static pt_status sort_by_radix(eval *x, const key_column *keys, uint32_t n_keys, uint32_t n,
                               uint32_t *positions)
{
    radix_pair *v = arena_array(x->work, radix_pair, n), *spare = arena_array(x->work, radix_pair, n);
    if (!v || !spare) return eval_nomem(x);
    for (uint32_t i = 0; i < n; i++) v[i].tow = i;
    for (uint32_t k = n_keys; k-- > 0;) {
        for (uint32_t i = 0; i < n; i++) v[i].key = rising(&keys[k], (uint32_t)v[i].tow);
        radix_pair *sorted = radix_sort_pairs(v, spare, n);
        if (sorted == spare) spare = v;
        v = sorted;
    }
    for (uint32_t i = 0; i < n; i++) positions[i] = (uint32_t)v[i].tow;
    return PT_OK;
}

/* Neighbours that only the rest of their texts can tell apart. */
static bool has_same_head(const key_column *k, uint32_t i, uint32_t j)
{
    return k->ranks[i] == RANK_TEXT && k->ranks[j] == RANK_TEXT && k->texts[i].head == k->texts[j].head;
}

/* One key of texts: by their first bytes, and only texts that begin alike are compared. */
static pt_status sort_by_heads(eval *x, const by_keys *s, uint32_t n, uint32_t *positions)
{
    const key_column *k = &s->keys[0];
    key_column both[2] = {*k, {.ranks = arena_array(x->work, uint64_t, n), .desc = k->desc}};
    if (!both[1].ranks) return eval_nomem(x);
    for (uint32_t i = 0; i < n; i++) both[1].ranks[i] = k->texts[i].head;
    PT_TRY(sort_by_radix(x, both, 2, n, positions));
    for (uint32_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && has_same_head(k, positions[from], positions[to]);) to++;
        if (to - from > 1) qsort_r(positions + from, to - from, sizeof *positions, cmp_positions, (void *)s);
    }
    return PT_OK;
}

pt_status order_by_keys(eval *x, pt_value *const *values, const bool *desc, uint32_t n_keys, uint32_t n,
                        uint32_t **out)
{
    key_column *keys = arena_array(x->work, key_column, n_keys);
    by_keys s = {keys, n_keys};
    uint32_t *positions = arena_array(x->work, uint32_t, n);
    bool has_texts = false;
    if (!keys || !positions) return eval_nomem(x);
    for (uint32_t k = 0; k < n_keys; k++) {
        keys[k].desc = desc[k];
        PT_TRY(rank_values(x, values[k], n, &keys[k]));
        has_texts |= keys[k].texts != NULL;
    }
    *out = positions;
    if (!has_texts && n >= RADIX_FROM) return sort_by_radix(x, keys, n_keys, n, positions);
    if (n_keys == 1 && n >= RADIX_FROM) return sort_by_heads(x, &s, n, positions);
    for (uint32_t i = 0; i < n; i++) positions[i] = i;
    qsort_r(positions, n, sizeof *positions, cmp_positions, &s);
    return PT_OK;
}

pt_status order_by_values(eval *x, const pt_value *v, uint32_t n, bool desc, uint32_t **out)
{
    pt_value *keys[1] = {(pt_value *)v};
    return order_by_keys(x, keys, &desc, 1, n, out);
}

/* ---- the first few ----------------------------------------------------- */

static bool is_before(const by_keys *s, uint32_t i, uint32_t j)
{
    return cmp_positions(&i, &j, (void *)s) < 0;
}

/* A heap with the last of the chosen on top: at[0]. */
static void sink(const by_keys *s, uint32_t *at, uint32_t n, uint32_t i)
{
    for (uint32_t below; (below = 2 * i + 1) < n; i = below) {
        if (below + 1 < n && is_before(s, at[below], at[below + 1])) below++;
        if (!is_before(s, at[i], at[below])) return;
        uint32_t t = at[i];
        at[i] = at[below];
        at[below] = t;
    }
}

pt_status order_first(eval *x, const pt_value *v, uint32_t n, bool desc, uint32_t take, uint32_t **out)
{
    key_column key = {.desc = desc};
    by_keys s = {&key, 1};
    if (take > n / SELECT_SHARE) return order_by_values(x, v, n, desc, out);
    PT_TRY(rank_values(x, v, n, &key));
    uint32_t *at = *out = arena_array(x->work, uint32_t, take);
    if (!at) return eval_nomem(x);
    if (take == 0) return PT_OK;
    for (uint32_t i = 0; i < take; i++) at[i] = i;
    for (uint32_t i = take / 2; i-- > 0;) sink(&s, at, take, i);
    for (uint32_t i = take; i < n; i++) {
        if (!is_before(&s, i, at[0])) continue;
        at[0] = i;
        sink(&s, at, take, 0);
    }
    qsort_r(at, take, sizeof *at, cmp_positions, &s);
    return PT_OK;
}

pt_status set_pick(eval *x, set s, const uint32_t *positions, uint32_t n, set *out)
{
    set r = {.m = arena_array(x->work, mref, (size_t)n * (s.arity ? s.arity : 1)), .arity = s.arity, .n = n};
    if (!r.m) return eval_nomem(x);
    for (uint32_t i = 0; i < n; i++)
        memcpy(r.m + (size_t)i * s.arity, set_at(s, positions[i]), s.arity * sizeof *r.m);
    *out = r;
    return PT_OK;
}

/* ---- natural order ----------------------------------------------------- */

typedef struct by_nature {
    const scope *sc;
    set s;
    bool post;
} by_nature;

static int cmp_natural(const void *a, const void *b, void *ctx)
{
    const by_nature *o = ctx;
    uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    const mref *t = set_at(o->s, i), *u = set_at(o->s, j);
    for (uint32_t k = 0; k < o->s.arity; k++) {
        if (mref_eq(t[k], u[k])) continue;
        if (o->post && nav_is_below(o->sc, u[k], t[k])) return 1;
        if (o->post && nav_is_below(o->sc, t[k], u[k])) return -1;
        int c = nav_cmp(o->sc, t[k], u[k]);
        if (c) return c;
    }
    return i < j ? -1 : i > j;
}

pt_status order_natural(eval *x, set s, bool post, set *out)
{
    by_nature o = {x->sc, s, post};
    uint32_t *positions = arena_array(x->work, uint32_t, s.n);
    if (!positions) return eval_nomem(x);
    for (uint32_t i = 0; i < s.n; i++) positions[i] = i;
    qsort_r(positions, s.n, sizeof *positions, cmp_natural, &o);
    return set_pick(x, s, positions, s.n, out);
}
