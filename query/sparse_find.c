/* sparse_find.c - one grouped request for each combination of levels: which tuples have facts.
 *
 * The tuples of each set are sorted into parts by the levels of their members (and by the base cubes of their
 * measure). For each combination of parts, one from each set, the engine groups the facts by those levels;
 * each group is turned back into positions in the sets. */
#include <stdlib.h>

#include "base/map.h"
#include "query/cells_int.h"
#include "query/sparse.h"

enum { MAX_PARTS = 256, MAX_COLUMNS = AGG_MAX_AXES };

/* Tuples of one set with the same levels. */
typedef struct part {
    uint16_t *codes; /* [arity] as in a sheet's signature; 0: does not restrict */
    sparse_hint need;
    bool has_measure;
    uint32_t n, *positions;
    uint32_t mask, *slots, *next; /* hash of ranks -> position index + 1; chain of those with equal ranks */
} part;

typedef struct factor {
    set s;
    uint32_t n_parts;
    part *parts[MAX_PARTS];
} factor;

/* What was found before, by a hash of all that was asked. */
struct sparse_found {
    struct sparse_found *next;
    uint64_t key;
    sparse_list list;
};

typedef struct finder {
    eval *x;
    arena *a; /* of the search alone */
    uint32_t n;
    factor *factors;
    sparse_hint base; /* of the expression or the context's measure */
    uint64_t *codes, n_codes, cap_codes, max_codes;
    bool is_known;
} finder;

/* ---- sorting tuples into parts ----------------------------------------- */

static uint16_t code_of(mref m)
{
    if (m.hier == 0) return 0;
    if (m.kind == MEM_STORED) return (uint16_t)(1 + 2 * m.level);
    return m.kind == MEM_DATA ? (uint16_t)(2 + 2 * m.level) : 0;
}

/* What a tuple's measure and calculated members need. false: cannot be said. */
static bool need_of(finder *f, const mref *t, uint32_t n, sparse_hint *need, bool *has_measure)
{
    *need = (sparse_hint){0};
    *has_measure = false;
    for (uint32_t i = 0; i < n; i++) {
        sparse_hint h;
        if (t[i].hier != 0 && t[i].kind != MEM_CALC) continue;
        if (!sparse_for_member(f->x, t[i], &h)) return false;
        need->free |= h.free;
        need->bases |= h.bases;
        *has_measure |= t[i].hier == 0;
    }
    return true;
}

static part *find_part(const factor *fa, const mref *t, const sparse_hint *need)
{
    for (uint32_t p = 0; p < fa->n_parts; p++) {
        const part *x = fa->parts[p];
        uint32_t k = 0;
        while (k < fa->s.arity && x->codes[k] == code_of(t[k])) k++;
        if (k == fa->s.arity && x->need.bases == need->bases && x->need.free == need->free)
            return fa->parts[p];
    }
    return NULL;
}

static pt_status add_part(finder *f, factor *fa, const mref *t, part **out)
{
    part *p = arena_make(f->a, part);
    if (!p || !(p->codes = arena_array(f->a, uint16_t, fa->s.arity)) ||
        !(p->positions = arena_array(f->a, uint32_t, fa->s.n)))
        return arena_fail(f->a, f->x->err);
    for (uint32_t k = 0; k < fa->s.arity; k++) p->codes[k] = code_of(t[k]);
    fa->parts[fa->n_parts++] = *out = p;
    return PT_OK;
}

static pt_status sort_factor(finder *f, factor *fa)
{
    part *last = NULL;
    const mref *before = NULL;
    for (uint32_t i = 0; i < fa->s.n; i++) {
        const mref *t = set_at(fa->s, i);
        sparse_hint need;
        bool has_measure;
        uint32_t k = 0;
        while (before && k < fa->s.arity && t[k].hier && t[k].kind != MEM_CALC &&
               before[k].kind == t[k].kind && before[k].level == t[k].level)
            k++;
        before = t;
        if (last && k == fa->s.arity) { /* as the tuple before: the usual case */
            last->positions[last->n++] = i;
            continue;
        }
        if (!need_of(f, t, fa->s.arity, &need, &has_measure)) {
            f->is_known = false;
            return PT_OK;
        }
        if (!(last = find_part(fa, t, &need))) {
            if (fa->n_parts == MAX_PARTS) {
                f->is_known = false;
                return PT_OK;
            }
            PT_TRY(add_part(f, fa, t, &last));
            last->need = need;
            last->has_measure = has_measure;
        }
        last->positions[last->n++] = i;
    }
    return PT_OK;
}

/* ---- the request ------------------------------------------------------- */

typedef struct column { /* of the request: column k of set `factor` */
    uint32_t factor, k;
} column;

typedef struct plan {
    uint32_t base;
    uint64_t free;
    part **parts; /* [n] one of each set */
    agg_request req;
    agg_axis axes[MAX_COLUMNS];
    agg_filter *filters;
    column columns[MAX_COLUMNS];
    bool is_empty; /* nothing of this base cube fits */
} plan;

static int cmp_rank(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Restrict an axis to the ranks that occur, unless nearly all do. */
static pt_status filter_axis(finder *f, plan *p, const agg_axis *axis, const factor *fa, const part *pa,
                             uint32_t k)
{
    const scope_hier *h = &f->x->sc->hiers[set_at(fa->s, pa->positions[0])[k].hier];
    uint32_t *ranks = arena_array(f->a, uint32_t, pa->n), n = 0;
    if (!ranks) return arena_fail(f->a, f->x->err);
    for (uint32_t i = 0; i < pa->n; i++) ranks[i] = set_at(fa->s, pa->positions[i])[k].id;
    qsort(ranks, pa->n, sizeof *ranks, cmp_rank);
    for (uint32_t i = 0; i < pa->n; i++)
        if (i == 0 || ranks[i] != ranks[n - 1]) ranks[n++] = ranks[i];
    if (n >= h->view->levels[axis->level].n) return PT_OK;
    p->filters[p->req.where.n++] = (agg_filter){axis->hier, axis->level, axis->own_only, n, ranks};
    return PT_OK;
}

static pt_status add_axes(finder *f, plan *p)
{
    const scope *sc = f->x->sc;
    for (uint32_t i = 0; i < f->n && !p->is_empty; i++)
        for (uint32_t k = 0; k < f->factors[i].s.arity; k++) {
            const part *pa = p->parts[i];
            uint32_t hier = set_at(f->factors[i].s, pa->positions[0])[k].hier;
            if (pa->codes[k] == 0 || p->free & dep_bit(hier)) continue;
            uint32_t bh = base_hier_of(sc, hier, p->base);
            if (bh == HIER_NONE) {
                p->is_empty |= sc->hiers[hier].default_member.kind == MEM_ALL;
                continue;
            }
            if (p->req.n_axes == MAX_COLUMNS) {
                f->is_known = false;
                return PT_OK;
            }
            agg_axis *axis = &p->axes[p->req.n_axes];
            *axis = (agg_axis){bh, (uint32_t)(pa->codes[k] - 1) / 2, pa->codes[k] % 2 == 0};
            p->columns[p->req.n_axes++] = (column){i, k};
            PT_TRY(filter_axis(f, p, axis, &f->factors[i], pa, k));
        }
    return PT_OK;
}

static bool is_covered(const finder *f, uint32_t hier)
{
    for (uint32_t i = 0; i < f->n; i++)
        for (uint32_t k = 0; k < f->factors[i].s.arity; k++)
            if (f->factors[i].s.n && f->factors[i].s.m[k].hier == hier) return true;
    return false;
}

/* A region restricts only if it still holds in all of its hierarchies, and the base cube knows them all. */
static bool region_holds(const finder *f, const plan *p, const region *r, uint32_t id)
{
    for (uint32_t k = 0; k < r->n_hiers; k++) {
        mref m = f->x->ctx[r->hiers[k]];
        if (m.kind != MEM_REGION || m.id != id || is_covered(f, r->hiers[k]) ||
            p->free & dep_bit(r->hiers[k]) || base_hier_of(f->x->sc, r->hiers[k], p->base) == HIER_NONE)
            return false;
    }
    return true;
}

static pt_status add_context(finder *f, plan *p)
{
    eval *x = f->x;
    for (uint32_t h = 1; h < x->sc->n_hiers && !p->is_empty; h++) {
        mref m = x->ctx[h];
        uint32_t bh = base_hier_of(x->sc, h, p->base);
        if (is_covered(f, h) || p->free & dep_bit(h)) continue;
        if (m.kind == MEM_REGION && p->req.n_any == 0 &&
            region_holds(f, p, region_at(x->regions, m.id), m.id)) {
            agg_conj *any;
            PT_TRY(region_conditions(x->sc, region_at(x->regions, m.id), p->base, f->a, &any, &p->req.n_any,
                                     x->err));
            p->req.any = any;
        }
        if (m.kind != MEM_STORED && m.kind != MEM_DATA) continue;
        if (bh == HIER_NONE) {
            p->is_empty |= !mref_eq(m, x->sc->hiers[h].default_member);
            continue;
        }
        uint32_t *rank = arena_make(f->a, uint32_t);
        if (!rank) return arena_fail(f->a, x->err);
        *rank = m.id;
        p->filters[p->req.where.n++] = (agg_filter){bh, m.level, m.kind == MEM_DATA, 1, rank};
    }
    return PT_OK;
}

static pt_status make_plan(finder *f, plan *p)
{
    static const uint32_t first_measure = 0;
    p->filters = arena_array(f->a, agg_filter, f->x->sc->n_hiers + MAX_COLUMNS);
    if (!p->filters) return arena_fail(f->a, f->x->err);
    p->req = (agg_request){.cube = f->x->sc->bases[p->base], .n_measures = 1, .measures = &first_measure};
    PT_TRY(add_axes(f, p));
    PT_TRY(add_context(f, p));
    p->req.axes = p->axes;
    p->req.where.filters = p->filters;
    p->req.no_index = f->x->sc->env->no_index;
    return PT_OK;
}

/* ---- groups back to positions ------------------------------------------ */

/* The columns of one set in the request. */
static uint32_t columns_of(const plan *p, uint32_t of, uint32_t *at)
{
    uint32_t n = 0;
    for (uint32_t c = 0; c < p->req.n_axes; c++)
        if (p->columns[c].factor == of) at[n++] = c;
    return n;
}

static pt_status index_part(finder *f, const plan *p, uint32_t i)
{
    part *pa = p->parts[i];
    uint32_t at[MAX_COLUMNS], ranks[MAX_COLUMNS], n = columns_of(p, i, at), size = 16;
    while (size < pa->n * 2) size *= 2;
    pa->mask = size - 1;
    pa->slots = arena_array(f->a, uint32_t, size);
    pa->next = arena_array(f->a, uint32_t, pa->n);
    if (!pa->slots || !pa->next) return arena_fail(f->a, f->x->err);
    for (uint32_t j = pa->n; j-- > 0;) { /* backwards, so that chains run forwards */
        const mref *t = set_at(f->factors[i].s, pa->positions[j]);
        for (uint32_t c = 0; c < n; c++) ranks[c] = t[p->columns[at[c]].k].id;
        uint32_t h = (uint32_t)cells_hash(ranks, n) & pa->mask;
        for (; pa->slots[h]; h = (h + 1) & pa->mask) {
            const mref *o = set_at(f->factors[i].s, pa->positions[pa->slots[h] - 1]);
            uint32_t c = 0;
            while (c < n && o[p->columns[at[c]].k].id == ranks[c]) c++;
            if (c == n) break;
        }
        pa->next[j] = pa->slots[h];
        pa->slots[h] = j + 1;
    }
    return PT_OK;
}

/* First entry (index + 1) of the chain with the ranks of a result row; 0: none. */
static uint32_t first_of(const finder *f, const plan *p, uint32_t i, const agg_result *r, uint32_t row)
{
    const part *pa = p->parts[i];
    uint32_t at[MAX_COLUMNS], ranks[MAX_COLUMNS], n = columns_of(p, i, at);
    for (uint32_t c = 0; c < n; c++) ranks[c] = r->coords[at[c]][row];
    uint32_t h = (uint32_t)cells_hash(ranks, n) & pa->mask;
    for (; pa->slots[h]; h = (h + 1) & pa->mask) {
        const mref *o = set_at(f->factors[i].s, pa->positions[pa->slots[h] - 1]);
        uint32_t c = 0;
        while (c < n && o[p->columns[at[c]].k].id == ranks[c]) c++;
        if (c == n) return pa->slots[h];
    }
    return 0;
}

static pt_status add_code(finder *f, uint64_t code)
{
    if (f->max_codes && f->n_codes >= f->max_codes) {
        pt_fail(f->x->err, PT_LIMIT, "more than the limit of %llu combinations have facts",
                (unsigned long long)f->max_codes);
        return pt_hint(f->x->err, "ask for fewer members, or raise the limit of cells");
    }
    if (f->n_codes == f->cap_codes) {
        uint64_t cap = f->cap_codes ? f->cap_codes * 2 : 1024;
        uint64_t *grown = arena_array(f->a, uint64_t, cap);
        if (!grown) return arena_fail(f->a, f->x->err);
        if (f->n_codes) memcpy(grown, f->codes, f->n_codes * sizeof *grown);
        f->codes = grown;
        f->cap_codes = cap;
    }
    f->codes[f->n_codes++] = code;
    return PT_OK;
}

/* Every combination of the chains, one from each set. */
static pt_status emit(finder *f, const plan *p, const uint32_t *firsts, uint32_t i, uint64_t code)
{
    if (i == f->n) return add_code(f, code);
    const part *pa = p->parts[i];
    for (uint32_t j = firsts[i]; j; j = pa->next[j - 1])
        PT_TRY(emit(f, p, firsts, i + 1, code * f->factors[i].s.n + pa->positions[j - 1]));
    return PT_OK;
}

static pt_status read_groups(finder *f, const plan *p, const agg_result *r)
{
    uint32_t *firsts = arena_array(f->a, uint32_t, f->n);
    if (!firsts) return arena_fail(f->a, f->x->err);
    for (uint32_t i = 0; i < f->n; i++) PT_TRY(index_part(f, p, i));
    for (uint32_t row = 0; row < r->n_cells; row++) {
        uint32_t i = 0;
        PT_TRY(eval_tick(f->x));
        while (i < f->n && (firsts[i] = first_of(f, p, i, r, row))) i++;
        if (i == f->n) PT_TRY(emit(f, p, firsts, 0, 0));
    }
    return PT_OK;
}

static void count(query_stats *stats, const agg_result *r)
{
    if (!stats) return;
    stats->n_requests++;
    stats->n_cells_fetched += r->n_cells;
    stats->n_rows_read += r->n_rows_read;
    stats->n_blocks += r->n_blocks;
    stats->n_blocks_skipped += r->n_blocks_skipped;
    stats->n_index_uses += r->n_index_uses;
    stats->engine_us += r->elapsed_us;
}

static pt_status run(finder *f, uint32_t base, part **parts, uint64_t free)
{
    plan *p = arena_make(f->a, plan);
    agg_result r = {0};
    limits l = *f->x->limits;
    if (!p) return arena_fail(f->a, f->x->err);
    p->base = base;
    p->free = free;
    p->parts = parts;
    PT_TRY(make_plan(f, p));
    if (p->is_empty || !f->is_known) return PT_OK;
    l.cells = 0;
    PT_TRY(aggregate_run(f->x->sc->view, f->x->sc->env->pool, &l, &p->req, f->a, &r, f->x->err));
    count(f->x->stats, &r);
    return read_groups(f, p, &r);
}

/* ---- all combinations of parts ----------------------------------------- */

static pt_status run_parts(finder *f, part **parts)
{
    sparse_hint need = f->base;
    bool has_measure = false;
    for (uint32_t i = 0; i < f->n; i++) has_measure |= parts[i]->has_measure;
    if (has_measure) need.bases = 0;
    for (uint32_t i = 0; i < f->n; i++) {
        need.free |= parts[i]->need.free;
        if (parts[i]->has_measure) need.bases |= parts[i]->need.bases;
    }
    for (uint32_t b = 0; b < f->x->sc->n_bases && b < 64; b++)
        if (need.bases >> b & 1) PT_TRY(run(f, b, parts, need.free));
    return PT_OK;
}

static pt_status run_all(finder *f)
{
    uint64_t combos = 1;
    uint32_t *at = arena_array(f->a, uint32_t, f->n);
    if (!at) return arena_fail(f->a, f->x->err);
    for (uint32_t i = 0; i < f->n; i++) combos = combos > MAX_PARTS ? combos : combos * f->factors[i].n_parts;
    if (combos > MAX_PARTS) {
        f->is_known = false;
        return PT_OK;
    }
    for (uint64_t c = 0; c < combos && f->is_known; c++) {
        uint64_t rest = c;
        part **parts = arena_array(f->a, part *, f->n);
        if (!parts) return arena_fail(f->a, f->x->err);
        for (uint32_t i = 0; i < f->n; i++) {
            parts[i] = f->factors[i].parts[rest % f->factors[i].n_parts];
            rest /= f->factors[i].n_parts;
        }
        PT_TRY(run_parts(f, parts));
    }
    return PT_OK;
}

static int cmp_code(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void sort_codes(finder *f)
{
    uint64_t n = 0;
    bool is_sorted = true;
    for (uint64_t i = 1; i < f->n_codes && is_sorted; i++) is_sorted = f->codes[i - 1] < f->codes[i];
    if (is_sorted) return;
    qsort(f->codes, f->n_codes, sizeof *f->codes, cmp_code);
    for (uint64_t i = 0; i < f->n_codes; i++)
        if (i == 0 || f->codes[i] != f->codes[n - 1]) f->codes[n++] = f->codes[i];
    f->n_codes = n;
}

static pt_status search(finder *f, const sparse_hint *hint, const set *sets)
{
    bool has_measure = false;
    f->factors = arena_array(f->a, factor, f->n);
    if (!f->factors) return arena_fail(f->a, f->x->err);
    for (uint32_t i = 0; i < f->n; i++) {
        f->factors[i].s = sets[i];
        for (uint32_t k = 0; sets[i].n && k < sets[i].arity; k++) has_measure |= sets[i].m[k].hier == 0;
    }
    f->is_known = !(hint && has_measure);
    if (hint) f->base = *hint;
    if (!hint) f->is_known = sparse_for_member(f->x, has_measure ? mref_null(0) : f->x->ctx[0], &f->base);
    for (uint32_t i = 0; i < f->n && f->is_known; i++) PT_TRY(sort_factor(f, &f->factors[i]));
    if (f->is_known) PT_TRY(run_all(f));
    sort_codes(f);
    return PT_OK;
}

/* ---- remembering, since passes repeat ---------------------------------- */

static uint64_t key_of(const eval *x, const sparse_hint *hint, const set *sets, uint32_t n)
{
    uint64_t key = hash_bytes(x->ctx, x->sc->n_hiers * sizeof *x->ctx);
    if (hint) key = hash_u64(key ^ hash_bytes(hint, sizeof *hint));
    for (uint32_t i = 0; i < n; i++)
        key =
            hash_u64(key ^ hash_bytes(sets[i].m, (size_t)sets[i].n * sets[i].arity * sizeof *sets[i].m)) + i;
    return key;
}

static pt_status keep(eval *x, uint64_t key, const finder *f, sparse_list *out)
{
    struct sparse_found *k = arena_make(x->sc->a, struct sparse_found);
    *out = (sparse_list){.is_known = f->is_known, .n = f->is_known ? f->n_codes : 0};
    if (!k || !(out->codes = arena_array(x->sc->a, uint64_t, out->n))) return arena_fail(x->sc->a, x->err);
    if (out->n) memcpy(out->codes, f->codes, out->n * sizeof *f->codes);
    *k = (struct sparse_found){x->found, key, *out};
    x->found = k;
    return PT_OK;
}

pt_status sparse_combinations(eval *x, const sparse_hint *hint, const set *sets, uint32_t n, sparse_list *out)
{
    uint64_t size = sparse_size(sets, n), key = key_of(x, hint, sets, n);
    *out = (sparse_list){.is_known = size == 0};
    if (size == 0 || size == UINT64_MAX) return PT_OK;
    for (const struct sparse_found *k = x->found; k; k = k->next) {
        if (k->key != key) continue;
        *out = k->list;
        return PT_OK;
    }
    finder f = {.x = x, .a = arena_new(x->limits->memory_bytes), .n = n, .max_codes = x->limits->cells};
    if (!f.a) return pt_fail(x->err, PT_NOMEM, "out of memory");
    pt_status st = search(&f, hint, sets);
    if (st == PT_OK) st = keep(x, key, &f, out);
    arena_free(f.a);
    return st;
}
