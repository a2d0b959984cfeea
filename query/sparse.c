/* sparse.c - sets out of the combinations that can have a value. Finding those is in sparse_find.c. */
#include "query/sparse.h"

/* Below this many tuples the whole product is as quick. */
enum { SMALL_PRODUCT = 1000 };

uint64_t sparse_size(const set *sets, uint32_t n)
{
    uint64_t size = 1;
    for (uint32_t i = 0; i < n; i++)
        if (sets[i].n == 0) return 0;
    for (uint32_t i = 0; i < n; i++)
        if (__builtin_mul_overflow(size, sets[i].n, &size)) return UINT64_MAX;
    return size;
}

/* ---- the whole product ------------------------------------------------- */

static uint32_t total_arity(const set *sets, uint32_t n)
{
    uint32_t arity = 0;
    for (uint32_t i = 0; i < n; i++) arity += sets[i].arity;
    return arity;
}

/* The tuple with position p[i] in set i. */
static void put_tuple(const set *sets, uint32_t n, const uint32_t *p, mref *to)
{
    for (uint32_t i = 0; i < n; i++) {
        memcpy(to, set_at(sets[i], p[i]), sets[i].arity * sizeof *to);
        to += sets[i].arity;
    }
}

/* Hierarchies that binding did not know may turn out to be the same. */
static pt_status check_factors(eval *x, const set *sets, uint32_t n)
{
    uint64_t seen = 0;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; sets[i].n && k < sets[i].arity; k++) {
            uint32_t hier = sets[i].m[k].hier;
            if (hier < 64 && seen >> hier & 1)
                return pt_fail(x->err, PT_TYPE, "hierarchy " STR_FMT " is on both sides of a product",
                               STR_ARG(x->sc->hiers[hier].unique_name));
            if (hier < 64) seen |= (uint64_t)1 << hier;
        }
    return PT_OK;
}

pt_status set_product(eval *x, const set *sets, uint32_t n, set *out)
{
    PT_TRY(check_factors(x, sets, n));
    uint64_t size = sparse_size(sets, n);
    tuplist b = eval_tuplist(x, total_arity(sets, n));
    uint32_t *p = arena_array(x->work, uint32_t, n);
    if (!p) return eval_nomem(x);
    PT_TRY(tuplist_reserve(&b, size));
    while (b.s.n < size) {
        if (b.s.n % 4096 == 0) PT_TRY(limits_check(x->limits, x->err));
        put_tuple(sets, n, p, b.s.m + (size_t)b.s.n++ * b.s.arity);
        for (uint32_t i = n; i-- > 0;) {
            if (++p[i] < sets[i].n) break;
            p[i] = 0;
        }
    }
    *out = b.s;
    return PT_OK;
}

static pt_status listed_product(eval *x, const set *sets, uint32_t n, const sparse_list *list, set *out)
{
    tuplist b = eval_tuplist(x, total_arity(sets, n));
    uint32_t *p = arena_array(x->work, uint32_t, n);
    if (!p) return eval_nomem(x);
    PT_TRY(tuplist_reserve(&b, list->n));
    for (uint64_t c = 0; c < list->n; c++) {
        uint64_t code = list->codes[c];
        for (uint32_t i = n; i-- > 0; code /= sets[i].n) p[i] = (uint32_t)(code % sets[i].n);
        put_tuple(sets, n, p, b.s.m + (size_t)b.s.n++ * b.s.arity);
    }
    *out = b.s;
    return PT_OK;
}

/* ---- crossjoin nodes --------------------------------------------------- */

/* Crossjoin(Crossjoin(a, b), c): a, b, c. */
static uint32_t count_factors(const node *n)
{
    uint32_t k = 0;
    if (n->kind != NODE_CROSSJOIN) return 1;
    for (uint32_t i = 0; i < n->n; i++) k += count_factors(n->args[i]);
    return k;
}

static pt_status eval_factors(eval *x, const node *n, set *sets, uint32_t *k, pt_status *all)
{
    if (n->kind != NODE_CROSSJOIN) {
        pt_status st = eval_set(x, n, &sets[(*k)++]);
        return eval_go_on(st, all) ? PT_OK : st;
    }
    for (uint32_t i = 0; i < n->n; i++) PT_TRY(eval_factors(x, n->args[i], sets, k, all));
    return PT_OK;
}

static pt_status factors_of(eval *x, node *const *args, uint32_t n, set **sets, uint32_t *n_sets)
{
    uint32_t total = 0, k = 0;
    pt_status all = PT_OK;
    for (uint32_t i = 0; i < n; i++) total += count_factors(args[i]);
    if (!(*sets = arena_array(x->work, set, total))) return eval_nomem(x);
    for (uint32_t i = 0; i < n; i++) PT_TRY(eval_factors(x, args[i], *sets, &k, &all));
    *n_sets = total;
    return all;
}

static pt_status candidates(eval *x, sparse_hint *hint, const set *sets, uint32_t n, set *out)
{
    sparse_list list = {0};
    PT_TRY(check_factors(x, sets, n));
    if (sparse_size(sets, n) > SMALL_PRODUCT) PT_TRY(sparse_combinations(x, hint, sets, n, &list));
    if (hint) hint->is_used |= list.is_known;
    return list.is_known ? listed_product(x, sets, n, &list, out) : set_product(x, sets, n, out);
}

pt_status sparse_crossjoin(eval *x, const node *n, set *out)
{
    set *sets;
    uint32_t k;
    sparse_hint *hint = x->sparse;
    PT_TRY(factors_of(x, n->args, n->n, &sets, &k));
    return candidates(x, hint, sets, k, out);
}

static bool has_calc(const mref *t, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (t[i].kind == MEM_CALC) return true;
    return false;
}

pt_status sparse_non_empty(eval *x, const node *n, bool keeps_calc, set *out)
{
    set *sets, s;
    uint32_t k, kept = 0;
    bool any_calc = false;
    pt_value *v;
    PT_TRY(factors_of(x, n->args, n->n, &sets, &k));
    for (uint32_t i = 0; i < k && keeps_calc && !any_calc; i++)
        any_calc = has_calc(sets[i].m, sets[i].n * sets[i].arity);
    PT_TRY(any_calc ? set_product(x, sets, k, &s) : candidates(x, NULL, sets, k, &s));
    PT_TRY(eval_cells_over(x, s, &v));
    for (uint32_t i = 0; i < s.n; i++) {
        if (v[i].kind == VAL_NULL && !(any_calc && has_calc(set_at(s, i), s.arity))) continue;
        if (kept < i) memcpy(s.m + (size_t)kept * s.arity, set_at(s, i), s.arity * sizeof *s.m);
        kept++;
    }
    s.n = kept;
    *out = s;
    return PT_OK;
}
