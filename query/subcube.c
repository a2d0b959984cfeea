/* subcube.c - from the sets of a subselect to visible members and conditions on facts.
 *
 * What is kept of a hierarchy is a set of bits over its lowest level; restrictions are intersected there, so
 * it does not matter at which levels they were written. Only sets of tuples that are no product (a and b, or
 * c and d) need their tuples as conditions besides. */
#include "query/subcube.h"

#include "query/select.h"

/* Conditions that one request may be made of. */
enum { MAX_CONDITIONS = 100000 };

static bool has_bit(const uint64_t *bits, uint32_t i)
{
    return bits[i / 64] >> (i % 64) & 1;
}

static void set_bit(uint64_t *bits, uint32_t i)
{
    bits[i / 64] |= (uint64_t)1 << (i % 64);
}

/* ---- lowest members ---------------------------------------------------- */

static uint32_t lowest_level(const hier_view *v)
{
    return v->n_levels - 1;
}

/* The lowest members below a stored one: ranks [*lo, *hi). */
static void leaf_range(const hier_view *v, uint32_t lvl, uint32_t rank, uint32_t *lo, uint32_t *hi)
{
    *lo = rank;
    *hi = rank + 1;
    if (v->levels[lvl].end) {
        *hi = v->levels[lvl].end[rank];
        return;
    }
    for (uint32_t k = lvl; k < lowest_level(v); k++) {
        *lo = v->levels[k].first_child[*lo];
        *hi = v->levels[k].first_child[*hi];
    }
}

static bool range_is_full(const uint64_t *bits, uint32_t lo, uint32_t hi)
{
    while (lo < hi && has_bit(bits, lo)) lo++;
    return lo == hi;
}

/* Keep what is below one of the members of column k. */
static pt_status keep_column(scope *sc, subcube *s, set of, uint32_t k, pt_err *err)
{
    uint32_t hier = of.m[k].hier, lo, hi;
    const hier_view *v = sc->hiers[hier].view;
    uint32_t words = v->n_levels ? v->levels[lowest_level(v)].n / 64 + 1 : 1;
    uint64_t *bits = arena_array(sc->a, uint64_t, words);
    if (!bits) return arena_fail(sc->a, err);
    for (uint32_t i = 0; i < of.n; i++) {
        mref m = set_at(of, i)[k];
        if (m.kind == MEM_ALL) return PT_OK;
        if (m.kind == MEM_DATA) set_bit(bits, m.id);
        if (m.kind != MEM_STORED) continue;
        leaf_range(v, m.level, m.id, &lo, &hi);
        for (; lo < hi; lo++) set_bit(bits, lo);
    }
    subcube_hier *h = &s->hiers[hier];
    for (uint32_t w = 0; h->leaves && w < words; w++) bits[w] &= h->leaves[w];
    h->leaves = bits;
    return PT_OK;
}

/* ---- sets -------------------------------------------------------------- */

/* The columns that are no measures, as a set of their own, each tuple once. */
static pt_status without_measures(scope *sc, set s, pt_span at, set *out, pt_err *err)
{
    uint32_t *columns = arena_array(sc->a, uint32_t, s.arity), n = 0;
    if (!columns) return arena_fail(sc->a, err);
    for (uint32_t k = 0; k < s.arity && s.n; k++)
        if (s.m[k].hier != 0) columns[n++] = k;
    set kept = {.m = arena_array(sc->a, mref, (size_t)s.n * (n ? n : 1)), .arity = n, .n = n ? s.n : 0};
    if (!kept.m) return arena_fail(sc->a, err);
    for (uint32_t i = 0; i < kept.n; i++)
        for (uint32_t k = 0; k < n; k++) {
            mref m = set_at(s, i)[columns[k]];
            if (m.kind == MEM_CALC)
                return pt_fail_at(err, PT_VALUE, at,
                                  "the calculated member " STR_FMT " cannot choose facts in a subselect",
                                  STR_ARG(sc->calcs[m.id]->unique_name));
            kept.m[(size_t)i * n + k] = m;
        }
    return set_distinct(sc->a, kept, out, err);
}

/* All combinations of the members of its columns are there. */
static pt_status is_product(scope *sc, set s, bool *out, pt_err *err)
{
    uint64_t size = 1;
    *out = true;
    for (uint32_t k = 0; k < s.arity && s.arity > 1; k++) {
        set column = {.m = arena_array(sc->a, mref, s.n), .arity = 1, .n = s.n}, distinct;
        if (!column.m) return arena_fail(sc->a, err);
        for (uint32_t i = 0; i < s.n; i++) column.m[i] = set_at(s, i)[k];
        PT_TRY(set_distinct(sc->a, column, &distinct, err));
        if (__builtin_mul_overflow(size, distinct.n, &size)) size = UINT64_MAX;
    }
    if (s.arity > 1) *out = size == s.n;
    return PT_OK;
}

static pt_status add_region(scope *sc, subcube *s, set tuples, pt_err *err)
{
    region **grown = arena_array(sc->a, region *, s->n_regions + 1);
    region *r = arena_make(sc->a, region);
    if (!grown || !r || !(r->hiers = arena_array(sc->a, uint16_t, tuples.arity)))
        return arena_fail(sc->a, err);
    for (uint32_t k = 0; k < tuples.arity; k++) r->hiers[k] = tuples.m[k].hier;
    r->n_hiers = tuples.arity;
    r->tuples = tuples;
    if (s->n_regions) memcpy(grown, s->regions, s->n_regions * sizeof *grown);
    s->regions = grown;
    s->regions[s->n_regions++] = r;
    return PT_OK;
}

/* An empty set keeps no member of its hierarchies. */
static pt_status keep_nothing(scope *sc, subcube *s, shape of, pt_err *err)
{
    s->is_void = true;
    for (uint32_t k = 0; k < of.n; k++) {
        if (of.hiers[k] == 0 || of.hiers[k] == HIER_ANY) continue;
        const hier_view *v = sc->hiers[of.hiers[k]].view;
        uint64_t *bits =
            arena_array(sc->a, uint64_t, v->n_levels ? v->levels[lowest_level(v)].n / 64 + 1 : 1);
        if (!bits) return arena_fail(sc->a, err);
        s->hiers[of.hiers[k]].leaves = bits;
    }
    return PT_OK;
}

static pt_status add_set(scope *sc, subcube *s, set tuples, const node *from, pt_err *err)
{
    bool product;
    set kept;
    if (tuples.n == 0) return keep_nothing(sc, s, from->shape, err);
    PT_TRY(without_measures(sc, tuples, from->at, &kept, err));
    if (kept.n == 0) return PT_OK;
    PT_TRY(is_product(sc, kept, &product, err));
    for (uint32_t k = 0; k < kept.arity; k++) PT_TRY(keep_column(sc, s, kept, k, err));
    return product ? PT_OK : add_region(sc, s, kept, err);
}

/* ---- visible members --------------------------------------------------- */

static pt_status find_visible(scope *sc, const hier_view *v, subcube_hier *h, pt_err *err)
{
    h->visible = arena_array(sc->a, uint64_t *, v->n_levels);
    if (!h->visible) return arena_fail(sc->a, err);
    for (uint32_t k = v->n_levels; k-- > 0;) {
        const level_view *l = &v->levels[k], *below = k + 1 < v->n_levels ? &v->levels[k + 1] : NULL;
        uint64_t *bits = h->visible[k] = arena_array(sc->a, uint64_t, l->n / 64 + 1);
        if (!bits) return arena_fail(sc->a, err);
        if (!below) memcpy(bits, h->leaves, (l->n / 64 + 1) * sizeof *bits);
        for (uint32_t r = 0; below && r < below->n; r++)
            if (has_bit(h->visible[k + 1], r)) set_bit(bits, below->parent[r]);
        for (uint32_t r = l->end ? l->n : 0; r-- > 0;) /* parents come before their children */
            if (has_bit(bits, r) && l->parent[r] != MEMBER_NONE) set_bit(bits, l->parent[r]);
    }
    return PT_OK;
}

/* ---- as a filter ------------------------------------------------------- */

/* Whole subtrees, or NULL if that does not do: then members by themselves. */
static void filter_tree(const level_view *l, const subcube_hier *h, agg_filter *f, uint32_t *ranks)
{
    for (uint32_t r = 0; r < l->n;) {
        if (!has_bit(h->leaves, r)) {
            r++;
        } else if (range_is_full(h->leaves, r, l->end[r])) {
            ranks[f->n++] = r;
            r = l->end[r];
        } else {
            f->own_only = true;
            break;
        }
    }
    if (!f->own_only) return;
    f->n = 0;
    for (uint32_t r = 0; r < l->n; r++)
        if (has_bit(h->leaves, r)) ranks[f->n++] = r;
}

/* Every visible member of the level is kept as a whole. */
static bool level_says_all(const hier_view *v, const subcube_hier *h, uint32_t lvl)
{
    uint32_t lo, hi;
    for (uint32_t r = 0; r < v->levels[lvl].n; r++) {
        if (!has_bit(h->visible[lvl], r)) continue;
        leaf_range(v, lvl, r, &lo, &hi);
        if (!range_is_full(h->leaves, lo, hi)) return false;
    }
    return true;
}

/* At the highest level that can say it: the shortest list. */
static pt_status make_filter(scope *sc, const hier_view *v, subcube_hier *h, pt_err *err)
{
    uint32_t lvl = 0;
    const level_view *lowest = &v->levels[lowest_level(v)];
    if (!lowest->end)
        while (lvl < lowest_level(v) && !level_says_all(v, h, lvl)) lvl++;
    const level_view *l = &v->levels[lvl];
    uint32_t *ranks = arena_array(sc->a, uint32_t, l->n + 1);
    if (!ranks) return arena_fail(sc->a, err);
    h->filter = (agg_filter){.level = lvl, .ranks = ranks};
    if (l->end) {
        filter_tree(l, h, &h->filter, ranks);
        return PT_OK;
    }
    for (uint32_t r = 0; r < l->n; r++)
        if (has_bit(h->visible[lvl], r)) ranks[h->filter.n++] = r;
    return PT_OK;
}

/* ---- the scope --------------------------------------------------------- */

/* A default member outside makes room for the first visible one of its level. */
static void move_default(scope *sc, uint32_t hier, const subcube_hier *h)
{
    mref *d = &sc->hiers[hier].default_member;
    if (d->kind != MEM_STORED || has_bit(h->visible[d->level], d->id)) return;
    for (uint32_t r = 0; r < sc->hiers[hier].view->levels[d->level].n; r++)
        if (has_bit(h->visible[d->level], r)) {
            d->id = r;
            return;
        }
}

static pt_status finish(scope *sc, subcube *s, pt_err *err)
{
    for (uint32_t hier = 1; hier < sc->n_hiers; hier++) {
        subcube_hier *h = &s->hiers[hier];
        const hier_view *v = sc->hiers[hier].view;
        if (!h->leaves || v->n_levels == 0) continue;
        if (range_is_full(h->leaves, 0, v->levels[lowest_level(v)].n)) { /* no restriction after all */
            h->leaves = NULL;
            continue;
        }
        PT_TRY(find_visible(sc, v, h, err));
        PT_TRY(make_filter(sc, v, h, err));
        sc->hiers[hier].visible = h->visible;
        move_default(sc, hier, h);
        for (uint32_t b = 0; b < sc->n_bases && b < 64; b++)
            if (base_hier_of(sc, hier, b) == HIER_NONE) s->lost_bases |= (uint64_t)1 << b;
    }
    sc->subcube = s;
    return PT_OK;
}

pt_status subcube_enter(scope *sc, const query *inner, pt_err *err)
{
    const subcube *deeper = inner->sc->subcube;
    subcube *s = arena_make(sc->a, subcube);
    if (!s || !(s->hiers = arena_array(sc->a, subcube_hier, sc->n_hiers))) return arena_fail(sc->a, err);
    if (deeper) {
        *s = (subcube){s->hiers, deeper->n_regions, deeper->regions, 0, deeper->is_void};
        for (uint32_t h = 0; h < sc->n_hiers; h++) s->hiers[h].leaves = deeper->hiers[h].leaves;
    }
    for (uint32_t i = 0; i < inner->n_axes; i++)
        PT_TRY(add_set(sc, s, inner->axes[i].value, inner->axes[i].set, err));
    if (inner->slicer) PT_TRY(add_set(sc, s, inner->slicer_value, inner->slicer, err));
    return finish(sc, s, err);
}

bool subcube_shows(const scope *sc, mref m)
{
    const subcube *s = sc->subcube;
    if (!s || !s->hiers[m.hier].leaves) return true;
    if (m.kind == MEM_DATA) return has_bit(s->hiers[m.hier].leaves, m.id);
    return m.kind != MEM_STORED || has_bit(s->hiers[m.hier].visible[m.level], m.id);
}

/* ---- requests ---------------------------------------------------------- */

static pt_status add_filters(const scope *sc, uint32_t base, arena *a, agg_request *req, pt_err *err)
{
    agg_filter *filters = arena_array(a, agg_filter, req->where.n + sc->n_hiers);
    uint32_t n = req->where.n;
    if (!filters) return arena_fail(a, err);
    if (n) memcpy(filters, req->where.filters, n * sizeof *filters);
    for (uint32_t h = 1; h < sc->n_hiers; h++) {
        if (!sc->subcube->hiers[h].leaves || base_hier_of(sc, h, base) == HIER_NONE) continue;
        filters[n] = sc->subcube->hiers[h].filter;
        filters[n++].hier = base_hier_of(sc, h, base);
    }
    req->where = (agg_conj){n, filters};
    return PT_OK;
}

/* Facts that meet one condition of each list. */
static pt_status combine(const agg_conj *x, uint32_t n_x, const agg_conj *y, uint32_t n_y, arena *a,
                         agg_request *req, pt_err *err)
{
    uint64_t n = (uint64_t)n_x * n_y;
    if (n > MAX_CONDITIONS)
        return pt_fail(err, PT_LIMIT, "the sets of tuples of subselects and slicer are too many to combine");
    agg_conj *any = arena_array(a, agg_conj, n);
    if (!any) return arena_fail(a, err);
    for (uint32_t i = 0; i < n; i++) {
        const agg_conj *p = &x[i / n_y], *q = &y[i % n_y];
        agg_filter *both = arena_array(a, agg_filter, p->n + q->n);
        if (!both) return arena_fail(a, err);
        if (p->n) memcpy(both, p->filters, p->n * sizeof *both);
        if (q->n) memcpy(both + p->n, q->filters, q->n * sizeof *both);
        any[i] = (agg_conj){p->n + q->n, both};
    }
    req->any = any;
    req->n_any = (uint32_t)n;
    return PT_OK;
}

static bool knows_all(const scope *sc, uint32_t base, const region *r)
{
    for (uint32_t k = 0; k < r->n_hiers; k++)
        if (base_hier_of(sc, r->hiers[k], base) == HIER_NONE) return false;
    return true;
}

pt_status subcube_restrict(const scope *sc, uint32_t base, arena *a, agg_request *req, pt_err *err)
{
    const subcube *s = sc->subcube;
    if (!s) return PT_OK;
    PT_TRY(add_filters(sc, base, a, req, err));
    for (uint32_t i = 0; i < s->n_regions; i++) {
        agg_conj *any;
        uint32_t n;
        if (!knows_all(sc, base, s->regions[i])) continue;
        PT_TRY(region_conditions(sc, s->regions[i], base, a, &any, &n, err));
        if (req->n_any) {
            PT_TRY(combine(req->any, req->n_any, any, n, a, req, err));
        } else {
            req->any = any;
            req->n_any = n;
        }
    }
    return PT_OK;
}
