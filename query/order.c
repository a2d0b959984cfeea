/* order.c - sorting by values and in natural order. Hierarchical sorting is in order_tree.c. */
#include "query/order.h"

#include <math.h>
#include <stdlib.h>

#include "query/nav.h"
#include "query/scalar.h"

/* ---- by values --------------------------------------------------------- */

/* What comparing needs, in one place: classes rise as null, number, NaN, Infinity, text, other. */
typedef struct sort_key {
    double number;
    pt_str text;
    uint8_t class;
} sort_key;

enum { CLASS_NULL, CLASS_NUMBER, CLASS_NAN, CLASS_INFINITY, CLASS_TEXT };

static pt_status key_of(eval *x, pt_value v, sort_key *out)
{
    *out = (sort_key){0};
    if (v.kind == VAL_NULL) return PT_OK;
    if (v.kind == VAL_BOOL) return pt_fail(x->err, PT_VALUE, "truth values cannot be put in order");
    if (v.kind == VAL_TEXT) {
        *out = (sort_key){.text = v.s, .class = CLASS_TEXT};
        return PT_OK;
    }
    double d = v.kind == VAL_TIME || v.kind == VAL_DATE ? (double)v.i : value_as_double(v);
    out->class = isnan(d) ? CLASS_NAN : isinf(d) && d > 0 ? CLASS_INFINITY : CLASS_NUMBER;
    out->number = out->class == CLASS_NUMBER ? d : 0;
    return PT_OK;
}

static int cmp_keys(const sort_key *a, const sort_key *b)
{
    if (a->class != b->class) return a->class < b->class ? -1 : 1;
    if (a->class == CLASS_TEXT) return str_cmp_fold(a->text, b->text);
    return (a->number > b->number) - (a->number < b->number);
}

typedef struct by_keys {
    sort_key **keys;
    const bool *desc;
    uint32_t n_keys;
} by_keys;

static int cmp_positions(const void *a, const void *b, void *ctx)
{
    const by_keys *s = ctx;
    uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    for (uint32_t k = 0; k < s->n_keys; k++) {
        int c = cmp_keys(&s->keys[k][i], &s->keys[k][j]);
        if (c) return s->desc[k] ? -c : c;
    }
    return i < j ? -1 : i > j;
}

pt_status order_by_keys(eval *x, pt_value *const *values, const bool *desc, uint32_t n_keys, uint32_t n,
                        uint32_t **out)
{
    by_keys s = {arena_array(x->work, sort_key *, n_keys), desc, n_keys};
    uint32_t *positions = arena_array(x->work, uint32_t, n);
    if (!s.keys || !positions) return eval_nomem(x);
    for (uint32_t k = 0; k < n_keys; k++) {
        if (!(s.keys[k] = arena_array(x->work, sort_key, n))) return eval_nomem(x);
        for (uint32_t i = 0; i < n; i++) PT_TRY(key_of(x, values[k][i], &s.keys[k][i]));
    }
    for (uint32_t i = 0; i < n; i++) positions[i] = i;
    qsort_r(positions, n, sizeof *positions, cmp_positions, &s);
    *out = positions;
    return PT_OK;
}

pt_status order_by_values(eval *x, const pt_value *v, uint32_t n, bool desc, uint32_t **out)
{
    pt_value *keys[1] = {(pt_value *)v};
    return order_by_keys(x, keys, &desc, 1, n, out);
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
        if (o->post && nav_is_ancestor(o->sc, t[k], u[k])) return 1;
        if (o->post && nav_is_ancestor(o->sc, u[k], t[k])) return -1;
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
