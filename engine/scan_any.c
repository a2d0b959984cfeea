/* scan_any.c - planning the alternatives of a request: as further filters where they amount to that, else as
 * masks with a bit for each alternative.
 *
 * A set of tuples arrives as one alternative for each tuple. Mostly it is a product, {1, 2} x {a, b}; then it
 * says the same as a filter for each of its factors, and filters are what indexes answer. Of other sets, each
 * column of the tuples still gives a filter that all their rows pass, and few others do. */
#include "engine/scan_plan_int.h"

/* ---- filters -------------------------------------------------------------------------------- */

enum { MAX_LISTS = 64 };

/* The i-th filter of all alternatives together: on the same level in all of them. */
typedef struct column {
    const level_view *level;
    uint32_t n;        /* different lists of members */
    uint32_t *of_rank; /* [level->n] number + 1 of the list that is just this rank */
    uint32_t n_lists;
    const agg_filter *lists[MAX_LISTS]; /* of several members or none, and their numbers */
    uint32_t numbers[MAX_LISTS];
    uint8_t *keep; /* [level->n] in some list */
} column;

/* Do all alternatives filter by the same levels, in the same order? */
static bool are_alike(const agg_conj *any, uint32_t n)
{
    for (uint32_t c = 1; c < n; c++) {
        if (any[c].n != any[0].n) return false;
        for (uint32_t i = 0; i < any[0].n; i++)
            if (!agg_same_level(&any[c].filters[i], &any[0].filters[i])) return false;
    }
    return true;
}

/* Number of the filter's list of members; false: too many different ones. */
static bool number_list(column *k, const agg_filter *f, uint32_t *number)
{
    for (uint32_t i = 0; i < f->n; i++) k->keep[f->ranks[i]] = 1;
    if (f->n == 1) {
        uint32_t *known = &k->of_rank[f->ranks[0]];
        if (!*known) *known = ++k->n;
        *number = *known - 1;
        return true;
    }
    for (uint32_t i = 0; i < k->n_lists; i++) {
        *number = k->numbers[i];
        if (k->lists[i]->n == f->n && memcmp(k->lists[i]->ranks, f->ranks, f->n * sizeof *f->ranks) == 0)
            return true;
    }
    if (k->n_lists == MAX_LISTS) return false;
    *number = k->numbers[k->n_lists] = k->n++;
    k->lists[k->n_lists++] = f;
    return true;
}

/* Number the lists of one column into numbers[alternative]; *is_product false if there are too many. */
static pt_status number_lists(scan_planner *p, uint32_t i, column *k, uint32_t *numbers, bool *is_product)
{
    const scan_request *req = p->req;
    PT_TRY(scan_find_level(p, &req->any[0].filters[i], &k->level));
    k->of_rank = arena_array(p->a, uint32_t, k->level->n);
    k->keep = arena_array(p->a, uint8_t, k->level->n);
    if (!k->of_rank || !k->keep) return arena_fail(p->a, p->err);
    for (uint32_t c = 0; c < req->n_any; c++) {
        const agg_filter *f = &req->any[c].filters[i];
        PT_TRY(scan_find_level(p, f, &k->level));
        if (!number_list(k, f, &numbers[c])) *is_product = false;
    }
    return PT_OK;
}

/* Every combination of lists occurs. `codes` are their numbers, mixed radix. */
static pt_status is_complete(scan_planner *p, const uint64_t *codes, uint64_t n_combinations,
                             bool *is_product)
{
    uint64_t n = 0;
    if (n_combinations > p->req->n_any) *is_product = false;
    if (!*is_product) return PT_OK;
    uint8_t *seen = arena_array(p->a, uint8_t, n_combinations);
    if (!seen) return arena_fail(p->a, p->err);
    for (uint32_t c = 0; c < p->req->n_any; c++) {
        n += !seen[codes[c]];
        seen[codes[c]] = 1;
    }
    *is_product = n == n_combinations;
    return PT_OK;
}

static pt_status add_filter(scan_planner *p, const column *k, const agg_filter *like, agg_filter *out)
{
    uint32_t *ranks = arena_array(p->a, uint32_t, k->level->n);
    if (!ranks) return arena_fail(p->a, p->err);
    *out = *like;
    out->n = 0;
    for (uint32_t r = 0; r < k->level->n; r++)
        if (k->keep[r]) ranks[out->n++] = r;
    out->ranks = ranks;
    return PT_OK;
}

pt_status scan_join_any(scan_planner *p)
{
    const scan_request *req = p->req;
    const agg_conj *first = req->any;
    uint64_t n_combinations = 1;
    bool is_product = true;
    p->sc->where = req->where;
    p->sc->has_any = req->n_any > 0;
    if (req->n_any == 0 || !are_alike(req->any, req->n_any)) return PT_OK;
    agg_filter *filters = arena_array(p->a, agg_filter, (size_t)req->where.n + first->n);
    uint64_t *codes = arena_array(p->a, uint64_t, req->n_any);
    uint32_t *numbers = arena_array(p->a, uint32_t, req->n_any);
    if (!filters || !codes || !numbers) return arena_fail(p->a, p->err);
    for (uint32_t i = 0; i < req->where.n; i++) filters[i] = req->where.filters[i];
    for (uint32_t i = 0; i < first->n; i++) {
        column k = {0};
        PT_TRY(number_lists(p, i, &k, numbers, &is_product));
        PT_TRY(add_filter(p, &k, &first->filters[i], &filters[req->where.n + i]));
        for (uint32_t c = 0; c < req->n_any && is_product; c++) codes[c] = codes[c] * k.n + numbers[c];
        n_combinations *= k.n;
        if (n_combinations > req->n_any) is_product = false;
    }
    PT_TRY(is_complete(p, codes, n_combinations, &is_product));
    p->sc->where = (agg_conj){req->where.n + first->n, filters};
    p->sc->has_any = !is_product;
    return PT_OK;
}

/* ---- masks -------------------------------------------------------------------------------- */

/* Which lanes each level member passes, for all filters on one level; lanes without a filter there pass. */
static void set_lanes(uint64_t *of_rank, const agg_filter *f, const level_view *l, uint64_t lane)
{
    for (uint32_t i = 0; i < f->n; i++) {
        uint32_t r = f->ranks[i], end = l->end && !f->own_only ? l->end[r] : r + 1;
        for (; r < end; r++) of_rank[r] |= lane;
    }
}

static bool same_level(const agg_filter *x, const agg_filter *y)
{
    return x->hier == y->hier && x->level == y->level;
}

/* AND the filters on the level of `first` into the role's mask. A lane that filters a level twice (which
 * happens when own_only differs) is handled by a pass per filter: `skip` counts those done. */
static pt_status mask_level(scan_planner *p, const agg_conj *const *conjs, uint32_t n,
                            const agg_filter *first, uint32_t skip, uint64_t *mask, uint32_t n_members,
                            bool *has_more)
{
    const level_view *l;
    PT_TRY(scan_find_level(p, first, &l));
    uint64_t *of_rank = arena_array(p->a, uint64_t, l->n), free_lanes = 0;
    if (!of_rank) return arena_fail(p->a, p->err);
    *has_more = false;
    for (uint32_t c = 0; c < n; c++) {
        uint32_t seen = 0;
        bool is_set = false;
        for (uint32_t i = 0; i < conjs[c]->n; i++) {
            const agg_filter *f = &conjs[c]->filters[i];
            if (!same_level(f, first) || seen++ < skip) continue;
            if (is_set) {
                *has_more = true;
                break;
            }
            PT_TRY(scan_find_level(p, f, &l));
            set_lanes(of_rank, f, l, 1ull << c);
            is_set = true;
        }
        if (!is_set) free_lanes |= 1ull << c;
    }
    for (uint32_t m = 0; m < n_members; m++) mask[m] &= of_rank[l->of_member[m]] | free_lanes;
    return PT_OK;
}

/* Has the level of conjs[c]->filters[i] been met earlier in the list? */
static bool is_repeated(const agg_conj *const *conjs, uint32_t c, uint32_t i)
{
    for (uint32_t k = 0; k <= c; k++)
        for (uint32_t q = 0; q < (k == c ? i : conjs[k]->n); q++)
            if (same_level(&conjs[k]->filters[q], &conjs[c]->filters[i])) return true;
    return false;
}

static pt_status find_mask(scan_planner *p, scan_lanes *out, uint32_t role, uint64_t **lanes)
{
    for (uint32_t i = 0; i < out->n_masks; i++)
        if (out->masks[i].role == role) {
            *lanes = (uint64_t *)out->masks[i].lanes;
            return PT_OK;
        }
    scan_mask *m = &out->masks[out->n_masks++];
    *m = (scan_mask){.role = role, .n_members = scan_role_count(p->sc, role)};
    *lanes = arena_array(p->a, uint64_t, m->n_members);
    if (!*lanes) return arena_fail(p->a, p->err);
    for (uint32_t i = 0; i < m->n_members; i++) (*lanes)[i] = out->all;
    m->lanes = *lanes;
    return PT_OK;
}

static pt_status plan_coarse(scan_planner *p, scan_mask *m)
{
    uint64_t *coarse = arena_array(p->a, uint64_t, m->n_members / 64 + 1);
    if (!coarse) return arena_fail(p->a, p->err);
    for (uint32_t i = 0; i < m->n_members; i++) coarse[i / 64] |= m->lanes[i];
    m->coarse = coarse;
    return PT_OK;
}

static pt_status plan_lanes(scan_planner *p, const agg_conj *const *conjs, uint32_t n, scan_lanes *out)
{
    out->all = n == 64 ? ~0ull : (1ull << n) - 1;
    out->masks = arena_array(p->a, scan_mask, p->sc->cube->n_roles);
    if (!out->masks) return arena_fail(p->a, p->err);
    for (uint32_t c = 0; c < n; c++)
        for (uint32_t i = 0; i < conjs[c]->n; i++) {
            const agg_filter *f = &conjs[c]->filters[i];
            uint64_t *lanes;
            bool has_more = true;
            if (is_repeated(conjs, c, i)) continue;
            const hier_view *h;
            PT_TRY(scan_hier(p->sc, f->hier, &h, p->err));
            uint32_t role = p->sc->cube->hiers[f->hier].role;
            PT_TRY(find_mask(p, out, role, &lanes));
            for (uint32_t skip = 0; has_more; skip++)
                PT_TRY(mask_level(p, conjs, n, f, skip, lanes, scan_role_count(p->sc, role), &has_more));
        }
    for (uint32_t i = 0; i < out->n_masks; i++) PT_TRY(plan_coarse(p, &out->masks[i]));
    return PT_OK;
}

static bool is_impossible(const agg_conj *c)
{
    for (uint32_t i = 0; i < c->n; i++)
        if (c->filters[i].n == 0) return true;
    return false;
}

pt_status scan_plan_any(scan_planner *p)
{
    scan *sc = p->sc;
    uint32_t n = 0;
    if (!p->sc->has_any) return PT_OK;
    const agg_conj **conjs = arena_array(p->a, const agg_conj *, p->req->n_any);
    sc->lanes = arena_array(p->a, scan_lanes, p->req->n_any / 64 + 1);
    if (!conjs || !sc->lanes) return arena_fail(p->a, p->err);
    for (uint32_t i = 0; i < p->req->n_any; i++) {
        if (p->req->any[i].n == 0) return PT_OK; /* holds for every fact */
        if (!is_impossible(&p->req->any[i])) conjs[n++] = &p->req->any[i];
    }
    if (n == 0) sc->is_nothing = true;
    for (uint32_t at = 0; at < n; at += 64)
        PT_TRY(plan_lanes(p, conjs + at, n - at < 64 ? n - at : 64, &sc->lanes[sc->n_lanes++]));
    return PT_OK;
}
