/* sparse_find.c - one grouped request for each combination of levels, all at once: which tuples have facts.
 *
 * The tuples of each set are sorted into parts by the levels of their members (and by the base cubes of their
 * measure). For each combination of parts, one from each set, the engine groups the facts by those levels;
 * each group is turned back into positions in the sets. */
#include "base/map.h"
#include "engine/radix.h"
#include "query/sparse_int.h"

/* What was found before, by a hash of all that was asked. */
struct sparse_found {
    struct sparse_found *next;
    uint64_t key;
    sparse_list list;
};

/* ---- sorting tuples into parts ----------------------------------------- */

static uint16_t code_of(mref m)
{
    if (m.hier == 0) return 0;
    if (m.kind == MEM_STORED) return (uint16_t)(1 + 2 * m.level);
    return m.kind == MEM_DATA ? (uint16_t)(2 + 2 * m.level) : 0;
}

/* What a tuple's measure and calculated members need. false: cannot be said. */
static bool need_of(sparse_finder *f, const mref *t, uint32_t n, sparse_hint *need, bool *has_measure)
{
    *need = (sparse_hint){0};
    *has_measure = false;
    for (uint32_t i = 0; i < n; i++) {
        sparse_hint h;
        if (t[i].hier != 0 && t[i].kind != MEM_CALC) continue;
        if (!sparse_for_member(f->x, t[i], &h)) return false;
        need->free |= h.free;
        need->bases |= h.bases;
        need->measures |= h.measures;
        *has_measure |= t[i].hier == 0;
    }
    return true;
}

static sparse_part *find_part(const sparse_factor *fa, const mref *t, const sparse_hint *need)
{
    for (uint32_t p = 0; p < fa->n_parts; p++) {
        const sparse_part *x = fa->parts[p];
        uint32_t k = 0;
        while (k < fa->s.arity && x->codes[k] == code_of(t[k])) k++;
        if (k == fa->s.arity && x->need.bases == need->bases && x->need.free == need->free)
            return fa->parts[p];
    }
    return NULL;
}

static pt_status add_part(sparse_finder *f, sparse_factor *fa, const mref *t, sparse_part **out)
{
    sparse_part *p = arena_make(f->a, sparse_part);
    if (!p || !(p->codes = arena_array(f->a, uint16_t, fa->s.arity)) ||
        !(p->positions = arena_array(f->a, uint32_t, fa->s.n)))
        return arena_fail(f->a, f->x->err);
    for (uint32_t k = 0; k < fa->s.arity; k++) p->codes[k] = code_of(t[k]);
    fa->parts[fa->n_parts++] = *out = p;
    return PT_OK;
}

static pt_status sort_factor(sparse_finder *f, sparse_factor *fa)
{
    sparse_part *last = NULL;
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
            if (fa->n_parts == SPARSE_MAX_PARTS) {
                f->is_known = false;
                return PT_OK;
            }
            PT_TRY(add_part(f, fa, t, &last));
            last->need = need;
            last->has_measure = has_measure;
        }
        last->need.measures |= need.measures;
        last->positions[last->n++] = i;
    }
    return PT_OK;
}

/* ---- the facts --------------------------------------------------------- */

static pt_status want_ranks(sparse_finder *f, const sparse_factor *fa, const sparse_part *pa, uint32_t k,
                            uint32_t n, uint64_t **out)
{
    uint64_t *bits = arena_array(f->a, uint64_t, n / 64 + 1);
    if (!bits) return arena_fail(f->a, f->x->err);
    for (uint32_t i = 0; i < pa->n; i++) {
        uint32_t rank = set_at(fa->s, pa->positions[i])[k].id;
        bits[rank / 64] |= (uint64_t)1 << (rank % 64);
    }
    *out = bits;
    return PT_OK;
}

/* Column k of set i. A hierarchy that the base cube does not know leaves it only at its default member. */
static pt_status add_column(sparse_finder *f, sparse_plan *p, uint32_t i, uint32_t k, bool *is_empty)
{
    const scope *sc = f->x->sc;
    const sparse_part *pa = p->parts[i];
    mref m = set_at(f->factors[i].s, pa->positions[0])[k];
    uint32_t hier = m.hier;
    if (hier == 0) return PT_OK;
    if (p->columns[hier].factor != SPARSE_NOWHERE) f->is_known = false; /* twice: an unknown shape */
    p->columns[hier] = (sparse_column){i, k};
    p->ctx[hier] = (mref){.hier = (uint16_t)hier, .kind = MEM_ALL};
    if (pa->codes[k] == 0 || p->need.free & dep_bit(hier)) return PT_OK;
    if (base_hier_of(sc, hier, p->base) == HIER_NONE) {
        *is_empty |= sc->hiers[hier].default_member.kind == MEM_ALL;
        return PT_OK;
    }
    p->ctx[hier] = m;
    return want_ranks(f, &f->factors[i], pa, k, sc->hiers[hier].view->levels[m.level].n, &p->want[hier]);
}

/* A region restricts only if it still holds in all of its hierarchies, and the base cube knows them all. */
static bool region_holds(const sparse_finder *f, const sparse_plan *p, uint32_t id)
{
    const region *r = region_at(f->x->regions, id);
    for (uint32_t k = 0; k < r->n_hiers; k++) {
        mref m = p->ctx[r->hiers[k]];
        if (m.kind != MEM_REGION || m.id != id || base_hier_of(f->x->sc, r->hiers[k], p->base) == HIER_NONE)
            return false;
    }
    return true;
}

static pt_status make_plan(sparse_finder *f, sparse_plan *p, bool *is_empty)
{
    const scope *sc = f->x->sc;
    p->ctx = arena_array(f->a, mref, sc->n_hiers);
    p->want = arena_array(f->a, uint64_t *, sc->n_hiers);
    p->columns = arena_array(f->a, sparse_column, sc->n_hiers);
    if (!p->ctx || !p->want || !p->columns) return arena_fail(f->a, f->x->err);
    for (uint32_t h = 0; h < sc->n_hiers; h++) {
        p->columns[h].factor = SPARSE_NOWHERE;
        p->ctx[h] = f->x->ctx[h];
        if (h && p->need.free & dep_bit(h)) p->ctx[h] = (mref){.hier = (uint16_t)h, .kind = MEM_ALL};
    }
    for (uint32_t i = 0; i < f->n; i++)
        for (uint32_t k = 0; k < f->factors[i].s.arity; k++) PT_TRY(add_column(f, p, i, k, is_empty));
    for (uint32_t h = 1; h < sc->n_hiers && !p->region_id; h++)
        if (p->ctx[h].kind == MEM_REGION && region_holds(f, p, p->ctx[h].id)) p->region_id = p->ctx[h].id;
    return PT_OK;
}

/* The measures to ask for: those that will be looked at next, else any. */
static uint32_t choose_measures(const sparse_finder *f, const sparse_plan *p, uint32_t *out)
{
    uint32_t n = 0;
    for (uint32_t m = 0; m < f->x->sc->n_measures && m < 64; m++)
        if (p->need.measures >> m & 1 && f->x->sc->measures[m].base == p->base) out[n++] = m;
    for (uint32_t m = 0; m < f->x->sc->n_measures && n == 0; m++)
        if (f->x->sc->measures[m].base == p->base) out[n++] = m;
    return n;
}

static cells_span span_of(const sparse_finder *f, const sparse_plan *p, uint32_t *measures)
{
    return (cells_span){.base = p->base,
                        .region_id = p->region_id,
                        .ctx = p->ctx,
                        .want = p->want,
                        .n_measures = choose_measures(f, p, measures),
                        .measures = measures};
}

static pt_status want_rows(sparse_finder *f, const sparse_plan *p)
{
    uint32_t measures[64];
    cells_span span = span_of(f, p, measures);
    return cells_want(f->x->cells, &span, f->x->err);
}

static pt_status find_rows(sparse_finder *f, sparse_plan *p)
{
    uint32_t measures[64];
    cells_span span = span_of(f, p, measures);
    PT_TRY(cells_find(f->x->cells, &span, &p->rows, f->x->err));
    for (uint32_t c = 0; c < p->rows.n_axes; c++) p->axes[c] = p->columns[p->rows.hiers[c]];
    return PT_OK;
}

/* ---- all combinations of parts ----------------------------------------- */

static pt_status add_plan(sparse_finder *f, uint32_t base, sparse_part **parts, const sparse_hint *need)
{
    bool is_empty = false;
    sparse_plan *p = arena_make(f->a, sparse_plan);
    if (!p) return arena_fail(f->a, f->x->err);
    p->base = base;
    p->need = *need;
    p->parts = parts;
    PT_TRY(make_plan(f, p, &is_empty));
    if (is_empty) return PT_OK;
    *f->plans_end = p;
    f->plans_end = &p->next;
    return PT_OK;
}

static pt_status plan_parts(sparse_finder *f, sparse_part **parts)
{
    sparse_hint need = f->base;
    bool has_measure = false;
    for (uint32_t i = 0; i < f->n; i++) has_measure |= parts[i]->has_measure;
    if (has_measure) need.bases = 0;
    for (uint32_t i = 0; i < f->n; i++) {
        need.free |= parts[i]->need.free;
        need.measures |= parts[i]->need.measures;
        if (parts[i]->has_measure) need.bases |= parts[i]->need.bases;
    }
    for (uint32_t b = 0; b < f->x->sc->n_bases && b < 64; b++)
        if (need.bases >> b & 1) PT_TRY(add_plan(f, b, parts, &need));
    return PT_OK;
}

static pt_status plan_all(sparse_finder *f)
{
    uint64_t combos = 1;
    uint32_t *at = arena_array(f->a, uint32_t, f->n);
    if (!at) return arena_fail(f->a, f->x->err);
    for (uint32_t i = 0; i < f->n; i++)
        combos = combos > SPARSE_MAX_PARTS ? combos : combos * f->factors[i].n_parts;
    if (combos > SPARSE_MAX_PARTS) {
        f->is_known = false;
        return PT_OK;
    }
    for (uint64_t c = 0; c < combos && f->is_known; c++) {
        uint64_t rest = c;
        sparse_part **parts = arena_array(f->a, sparse_part *, f->n);
        if (!parts) return arena_fail(f->a, f->x->err);
        for (uint32_t i = 0; i < f->n; i++) {
            parts[i] = f->factors[i].parts[rest % f->factors[i].n_parts];
            rest /= f->factors[i].n_parts;
        }
        PT_TRY(plan_parts(f, parts));
    }
    return PT_OK;
}

/* All groups are asked for at once, so that the engine may make some of them from others. */
static pt_status run_all(sparse_finder *f)
{
    PT_TRY(plan_all(f));
    if (!f->is_known) return PT_OK;
    for (sparse_plan *p = f->plans; p; p = p->next) PT_TRY(want_rows(f, p));
    if (cells_is_missing(f->x->cells)) PT_TRY(cells_fetch(f->x->cells, f->x->stats, f->x->err));
    for (sparse_plan *p = f->plans; p; p = p->next) {
        PT_TRY(find_rows(f, p));
        PT_TRY(sparse_read_groups(f, p));
    }
    return PT_OK;
}

static pt_status sort_codes(sparse_finder *f)
{
    uint64_t n = 0;
    bool is_sorted = true;
    for (uint64_t i = 1; i < f->n_codes && is_sorted; i++) is_sorted = f->codes[i - 1] < f->codes[i];
    if (is_sorted) return PT_OK;
    uint64_t *spare = arena_array(f->a, uint64_t, f->n_codes);
    if (!spare) return arena_fail(f->a, f->x->err);
    f->codes = radix_sort(f->codes, spare, f->n_codes);
    for (uint64_t i = 0; i < f->n_codes; i++)
        if (i == 0 || f->codes[i] != f->codes[n - 1]) f->codes[n++] = f->codes[i];
    f->n_codes = n;
    return PT_OK;
}

static pt_status search(sparse_finder *f, const sparse_hint *hint, const set *sets)
{
    bool has_measure = false;
    f->factors = arena_array(f->a, sparse_factor, f->n);
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
    return sort_codes(f);
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

static pt_status keep(eval *x, uint64_t key, const sparse_finder *f, sparse_list *out)
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
    sparse_finder f = {.x = x, .a = limits_arena(x->limits), .n = n, .max_codes = x->limits->cells};
    if (!f.a) return pt_fail(x->err, PT_NOMEM, "out of memory");
    f.plans_end = &f.plans;
    pt_status st = search(&f, hint, sets);
    if (st == PT_OK) st = keep(x, key, &f, out);
    arena_free(f.a);
    return st;
}
