/* region.c - interning regions, and the value of a stored measure within them. */
#include "query/region.h"

#include <stdlib.h>

#include "base/map.h"
#include "query/eval.h"

struct region_set {
    const scope *sc;
    arena *a;
    bytes_map *by_content;
    region **list;
    uint32_t n, cap;
};

region_set *region_set_new(const scope *sc)
{
    arena *a = limits_arena(&sc->env->limits);
    region_set *rs = a ? arena_make(a, region_set) : NULL;
    if (!rs || !(rs->by_content = bytes_map_new_in(sc->env->limits.memory))) {
        arena_free(a);
        return NULL;
    }
    rs->sc = sc;
    rs->a = a;
    return rs;
}

void region_set_free(region_set *rs)
{
    if (!rs) return;
    bytes_map_free(rs->by_content);
    arena_free(rs->a);
}

const region *region_at(const region_set *rs, uint32_t id)
{
    return rs->list[id - 1];
}

/* ---- interning --------------------------------------------------------- */

/* u covers t: equal but where u is an all member. */
static bool absorbs(const mref *u, const mref *t, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++)
        if (!mref_eq(u[k], t[k]) && u[k].kind != MEM_ALL) return false;
    return true;
}

static bool has_all(const mref *t, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++)
        if (t[k].kind == MEM_ALL) return true;
    return false;
}

static void drop_absorbed(set *s)
{
    uint32_t n = 0;
    bool any = false;
    for (uint32_t i = 0; i < s->n && !any; i++) any = has_all(set_at(*s, i), s->arity);
    if (!any) return;
    for (uint32_t i = 0; i < s->n; i++) {
        bool is_absorbed = false;
        for (uint32_t j = 0; j < s->n && !is_absorbed; j++)
            is_absorbed = j != i && has_all(set_at(*s, j), s->arity) &&
                          !tuple_eq(set_at(*s, j), set_at(*s, i), s->arity) &&
                          absorbs(set_at(*s, j), set_at(*s, i), s->arity);
        if (is_absorbed) continue;
        memmove(s->m + (size_t)n * s->arity, set_at(*s, i), s->arity * sizeof *s->m);
        n++;
    }
    s->n = n;
}

/* Distinct members of one level cannot share facts, but in parent-child hierarchies, where a member contains
 * its descendants. */
static bool is_disjoint(const scope *sc, set s)
{
    for (uint32_t k = 0; k < s.arity; k++) {
        mref first = s.m[k];
        if (sc->hiers[first.hier].is_parent_child && first.kind != MEM_ALL) return false;
        for (uint32_t i = 1; i < s.n; i++) {
            mref m = set_at(s, i)[k];
            if (m.kind != first.kind || m.level != first.level) return false;
        }
        if (first.kind != MEM_STORED && first.kind != MEM_ALL) return false;
    }
    return true;
}

static void sort_columns(uint16_t *hiers, set *s)
{
    for (uint32_t i = 1; i < s->arity; i++)
        for (uint32_t j = i; j > 0 && hiers[j] < hiers[j - 1]; j--) {
            uint16_t h = hiers[j];
            hiers[j] = hiers[j - 1];
            hiers[j - 1] = h;
            for (uint32_t r = 0; r < s->n; r++) {
                mref *t = s->m + (size_t)r * s->arity, m = t[j];
                t[j] = t[j - 1];
                t[j - 1] = m;
            }
        }
}

static pt_status add_region(region_set *rs, const uint16_t *hiers, set s, pt_err *err)
{
    if (rs->n == rs->cap) {
        uint32_t cap = rs->cap ? rs->cap * 2 : 16;
        region **grown = arena_array(rs->a, region *, cap);
        if (!grown) return arena_fail(rs->a, err);
        if (rs->n) memcpy(grown, rs->list, rs->n * sizeof *grown);
        rs->list = grown;
        rs->cap = cap;
    }
    region *r = arena_make(rs->a, region);
    if (!r || !(r->hiers = arena_array(rs->a, uint16_t, s.arity))) return arena_fail(rs->a, err);
    memcpy(r->hiers, hiers, s.arity * sizeof *hiers);
    r->n_hiers = s.arity;
    r->tuples = s;
    r->is_disjoint = is_disjoint(rs->sc, s);
    rs->list[rs->n++] = r;
    return PT_OK;
}

pt_status region_intern(region_set *rs, const uint16_t *hiers, set tuples, uint32_t *id, pt_err *err)
{
    set s;
    bool is_new;
    arena_mark before = arena_save(rs->a);
    uint16_t *sorted = arena_array(rs->a, uint16_t, tuples.arity);
    if (!sorted) return arena_fail(rs->a, err);
    memcpy(sorted, hiers, tuples.arity * sizeof *hiers);
    PT_TRY(set_distinct(rs->a, tuples, &s, err));
    sort_columns(sorted, &s);
    drop_absorbed(&s);
    size_t size = (size_t)s.n * s.arity * sizeof *s.m, head = s.arity * sizeof *sorted;
    char *key = arena_alloc(rs->a, size + head);
    if (!key) return arena_fail(rs->a, err);
    memcpy(key, sorted, head);
    memcpy(key + head, s.m, size);
    if (bytes_map_put(rs->by_content, (pt_str){key, head + size}, rs->n + 1, id, &is_new) != PT_OK)
        return arena_fail(rs->a, err);
    if (is_new) return add_region(rs, sorted, s, err);
    arena_restore(rs->a, before);
    return PT_OK;
}

pt_status region_enter(eval *x, const uint16_t *hiers, set tuples)
{
    uint32_t n = 0, id;
    uint16_t *varying = arena_array(x->work, uint16_t, tuples.arity);
    uint32_t *columns = arena_array(x->work, uint32_t, tuples.arity);
    if (!varying || !columns) return eval_nomem(x);
    for (uint32_t k = 0; k < tuples.arity; k++) {
        bool varies = false;
        for (uint32_t i = 1; i < tuples.n && !varies; i++)
            varies = !mref_eq(set_at(tuples, i)[k], tuples.m[k]);
        if (!varies) {
            PT_TRY(ctx_set(x, tuples.m[k]));
            continue;
        }
        columns[n] = k;
        varying[n++] = hiers[k];
    }
    if (n == 0) return PT_OK;
    set s = {.m = arena_array(x->work, mref, (size_t)tuples.n * n), .arity = n, .n = tuples.n};
    if (!s.m) return eval_nomem(x);
    for (uint32_t i = 0; i < s.n; i++)
        for (uint32_t k = 0; k < n; k++) s.m[(size_t)i * n + k] = set_at(tuples, i)[columns[k]];
    PT_TRY(region_intern(x->regions, varying, s, &id, x->err));
    for (uint32_t k = 0; k < n; k++)
        PT_TRY(ctx_set(x, (mref){.hier = varying[k], .kind = MEM_REGION, .id = id}));
    return PT_OK;
}

/* ---- evaluation -------------------------------------------------------- */

/* The region of the context as a base cube sees it: hierarchies in which the context still holds regions;
 * tuples that leave the base cube are empty and go, and so do hierarchies it does not have. *id 0: nothing is
 * left to restrict; *is_empty: no facts at all. */
static pt_status project(eval *x, uint32_t from, uint32_t base, uint32_t *id, bool *is_empty)
{
    const scope *sc = x->sc;
    const region *r = region_at(x->regions, from);
    uint16_t *hiers = arena_array(x->work, uint16_t, r->n_hiers);
    uint32_t *columns = arena_array(x->work, uint32_t, r->n_hiers), n = 0;
    set s = {.m = arena_array(x->work, mref, (size_t)r->tuples.n * r->n_hiers)};
    if (!hiers || !columns || !s.m) return eval_nomem(x);
    for (uint32_t k = 0; k < r->n_hiers; k++) {
        mref m = x->ctx[r->hiers[k]];
        if (m.kind != MEM_REGION || m.id != from || base_hier_of(sc, r->hiers[k], base) == HIER_NONE)
            continue;
        columns[n] = k;
        hiers[n++] = r->hiers[k];
    }
    s.arity = n;
    for (uint32_t i = 0; i < r->tuples.n; i++) {
        const mref *t = set_at(r->tuples, i);
        bool leaves = false;
        for (uint32_t k = 0; k < r->n_hiers && !leaves; k++)
            leaves = base_hier_of(sc, r->hiers[k], base) == HIER_NONE && t[k].kind != MEM_ALL &&
                     x->ctx[r->hiers[k]].kind == MEM_REGION &&
                     !mref_eq(t[k], sc->hiers[r->hiers[k]].default_member);
        if (leaves) continue;
        for (uint32_t k = 0; k < n; k++) s.m[(size_t)s.n * n + k] = t[columns[k]];
        s.n++;
    }
    *is_empty = s.n == 0;
    *id = 0;
    return s.n == 0 || n == 0 ? PT_OK : region_intern(x->regions, hiers, s, id, x->err);
}

/* Facts in both regions (over different hierarchies). */
static pt_status intersect(eval *x, uint32_t a_id, uint32_t b_id, uint32_t *id)
{
    const region *a = region_at(x->regions, a_id), *b = region_at(x->regions, b_id);
    uint32_t arity = a->n_hiers + b->n_hiers;
    uint16_t *hiers = arena_array(x->work, uint16_t, arity);
    tuplist out = eval_tuplist(x, arity);
    if (!hiers) return eval_nomem(x);
    memcpy(hiers, a->hiers, a->n_hiers * sizeof *hiers);
    memcpy(hiers + a->n_hiers, b->hiers, b->n_hiers * sizeof *hiers);
    PT_TRY(tuplist_reserve(&out, (uint64_t)a->tuples.n * b->tuples.n));
    for (uint32_t i = 0; i < a->tuples.n; i++)
        for (uint32_t j = 0; j < b->tuples.n; j++) {
            mref *t = out.s.m + (size_t)out.s.n++ * arity;
            memcpy(t, set_at(a->tuples, i), a->n_hiers * sizeof *t);
            memcpy(t + a->n_hiers, set_at(b->tuples, j), b->n_hiers * sizeof *t);
        }
    return region_intern(x->regions, hiers, out.s, id, x->err);
}

static pt_value value_better(pt_value a, pt_value b, bool is_max)
{
    if (a.kind == VAL_NULL) return b;
    if (b.kind == VAL_NULL) return a;
    return (value_cmp(a, b) > 0) == is_max ? a : b;
}

/* Tuple by tuple, so that overlapping tuples count as often as they are listed. */
static pt_status add_up(eval *x, const region *r, agg_kind agg, pt_value *out)
{
    pt_status all = PT_OK;
    *out = value_null();
    for (uint32_t i = 0; i < r->tuples.n; i++) {
        pt_value v;
        uint32_t mark = ctx_mark(x);
        pt_status st = ctx_set_tuple(x, set_at(r->tuples, i), r->n_hiers);
        if (st == PT_OK) st = eval_cell(x, &v);
        ctx_undo(x, mark);
        if (!eval_go_on(st, &all)) return st;
        if (st == PT_OK)
            *out =
                agg == AGG_MIN || agg == AGG_MAX ? value_better(*out, v, agg == AGG_MAX) : value_add(*out, v);
    }
    return all;
}

pt_status region_find(eval *x, region_look *how, uint32_t *region_id)
{
    const scope *sc = x->sc;
    uint32_t whole = 0, last = 0;
    *region_id = 0;
    *how = REGION_OFTEN;
    if (x->ctx[0].kind == MEM_REGION) return PT_OK;
    const scope_measure *m = &sc->measures[x->ctx[0].id];
    for (uint32_t h = 1; h < sc->n_hiers; h++) {
        uint32_t id;
        bool is_empty;
        if (x->ctx[h].kind != MEM_REGION || x->ctx[h].id == last) continue;
        last = x->ctx[h].id;
        PT_TRY(project(x, last, m->base, &id, &is_empty));
        *how = REGION_NOWHERE;
        if (is_empty) return PT_OK;
        if (id == 0 || id == whole) continue;
        if (whole == 0) {
            whole = id;
        } else {
            PT_TRY(intersect(x, whole, id, &whole));
        }
    }
    agg_kind agg = m->def->agg;
    bool is_one =
        whole == 0 || region_at(x->regions, whole)->is_disjoint || agg == AGG_DISTINCT || agg == AGG_AVG;
    *how = is_one ? REGION_ONCE : REGION_OFTEN;
    *region_id = whole;
    return PT_OK;
}

pt_status region_cell(eval *x, pt_value *out)
{
    region_look how;
    uint32_t id;
    *out = value_null();
    if (x->ctx[0].kind == MEM_REGION) return add_up(x, region_at(x->regions, x->ctx[0].id), AGG_SUM, out);
    PT_TRY(region_find(x, &how, &id));
    switch (how) {
    case REGION_NOWHERE: break;
    case REGION_ONCE: return cells_get(x->cells, x->ctx[0].id, x->ctx, id, out, x->err);
    case REGION_OFTEN:
        return add_up(x, region_at(x->regions, id), x->sc->measures[x->ctx[0].id].def->agg, out);
    }
    return PT_OK;
}

/* ---- as conditions on facts -------------------------------------------- */

/* Fewer conditions than this are not worth arranging. */
enum { FEW_TUPLES = 64 };

static pt_status count_distinct(set s, uint32_t k, arena *a, uint32_t *out, pt_err *err)
{
    set column = {.m = arena_array(a, mref, s.n), .arity = 1, .n = s.n}, distinct;
    if (!column.m) return arena_fail(a, err);
    for (uint32_t i = 0; i < s.n; i++) column.m[i] = set_at(s, i)[k];
    PT_TRY(set_distinct(a, column, &distinct, err));
    *out = distinct.n;
    return PT_OK;
}

static int cmp_tuple(const void *a, const void *b, void *arity)
{
    const mref *x = a, *y = b;
    for (uint32_t k = 0; k < *(const uint32_t *)arity; k++) {
        uint64_t p = mref_bits(x[k]), q = mref_bits(y[k]);
        if (p != q) return p < q ? -1 : 1;
    }
    return 0;
}

/* The same tuples, sorted, with the hierarchy of most members last: then runs are long, and a list of a
 * hundred thousand customers and ten categories makes ten conditions. */
static pt_status arrange(const region *r, arena *a, region *out, pt_err *err)
{
    uint32_t arity = r->n_hiers;
    uint32_t *order = arena_array(a, uint32_t, arity), *counts = arena_array(a, uint32_t, arity);
    out->n_hiers = arity;
    out->hiers = arena_array(a, uint16_t, arity);
    out->tuples = (set){arena_array(a, mref, (size_t)r->tuples.n * arity), arity, r->tuples.n};
    if (!order || !counts || !out->hiers || !out->tuples.m) return arena_fail(a, err);
    for (uint32_t k = 0; k < arity; k++) {
        uint32_t at = k;
        PT_TRY(count_distinct(r->tuples, k, a, &counts[k], err));
        for (; at > 0 && counts[order[at - 1]] > counts[k]; at--) order[at] = order[at - 1];
        order[at] = k;
    }
    for (uint32_t k = 0; k < arity; k++) out->hiers[k] = r->hiers[order[k]];
    for (uint32_t i = 0; i < r->tuples.n; i++)
        for (uint32_t k = 0; k < arity; k++)
            out->tuples.m[(size_t)i * arity + k] = set_at(r->tuples, i)[order[k]];
    qsort_r(out->tuples.m, out->tuples.n, arity * sizeof *out->tuples.m, cmp_tuple, &arity);
    return PT_OK;
}

/* One conjunction for each run of tuples that differ in the last hierarchy only, within one level. */
static bool same_run(const mref *a, const mref *b, uint32_t n)
{
    return tuple_eq(a, b, n - 1) && a[n - 1].kind == b[n - 1].kind && a[n - 1].level == b[n - 1].level;
}

static int cmp_rank(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static pt_status run_condition(const scope *sc, const region *r, uint32_t base, uint32_t from, uint32_t to,
                               arena *a, agg_conj *out, pt_err *err)
{
    agg_filter *f = arena_array(a, agg_filter, r->n_hiers);
    uint32_t *ranks = arena_array(a, uint32_t, r->n_hiers + (to - from)), n = 0;
    if (!f || !ranks) return arena_fail(a, err);
    for (uint32_t k = 0; k < r->n_hiers; k++) {
        mref m = set_at(r->tuples, from)[k];
        uint32_t first = n;
        if (m.kind != MEM_STORED && m.kind != MEM_DATA) continue;
        for (uint32_t i = from; i < (k + 1 == r->n_hiers ? to : from + 1); i++)
            ranks[n++] = set_at(r->tuples, i)[k].id;
        qsort(ranks + first, n - first, sizeof *ranks, cmp_rank);
        f[out->n++] = (agg_filter){.hier = base_hier_of(sc, r->hiers[k], base),
                                   .level = m.level,
                                   .own_only = m.kind == MEM_DATA,
                                   .n = n - first,
                                   .ranks = ranks + first};
    }
    out->filters = f;
    return PT_OK;
}

pt_status region_conditions(const scope *sc, const region *r, uint32_t base, arena *a, agg_conj **out,
                            uint32_t *n, pt_err *err)
{
    region arranged;
    agg_conj *any = arena_array(a, agg_conj, r->tuples.n);
    if (!any) return arena_fail(a, err);
    if (r->tuples.n > FEW_TUPLES && r->n_hiers > 1) {
        PT_TRY(arrange(r, a, &arranged, err));
        r = &arranged;
    }
    *n = 0;
    for (uint32_t from = 0, to; from < r->tuples.n; from = to) {
        const mref *t = set_at(r->tuples, from);
        for (to = from + 1; to < r->tuples.n && same_run(t, set_at(r->tuples, to), r->n_hiers);) to++;
        PT_TRY(run_condition(sc, r, base, from, to, a, &any[*n], err));
        (*n)++;
    }
    *out = any;
    return PT_OK;
}
