/* agg_distinct.c - how the members of a distinct count are kept: as bitsets or as pairs, by slot or by what
 * the member itself does not decide of it. */
#include "engine/agg_int.h"

enum {
    BITS_LARGE = 256 << 20,
    PAIR_BYTES = 16,
    MEMBERS_FACTOR = 4,
};

/* What an axis that is not of the counted role adds to rests: mixed radix, as in keys. Returns how many rests
 * there are. */
static uint64_t rest_factors(const agg_plan *p, const agg_distinct *d, uint64_t *factors)
{
    uint64_t n = 1;
    for (uint32_t i = p->n_axes; i-- > 0;) {
        bool is_own = p->axes[i].role == d->role;
        factors[i] = is_own ? 0 : n;
        if (!is_own) n *= p->axes[i].n_dense;
    }
    return n;
}

static pt_status find_slots_of_rests(const agg_plan *p, agg_distinct *d, const uint64_t *factors, arena *a,
                                     pt_err *err)
{
    uint32_t *slots = arena_array(a, uint32_t, d->n_sets);
    if (!slots) return arena_fail(a, err);
    for (uint32_t i = 0; i < p->n_axes; i++) {
        if (!factors[i]) continue;
        for (uint64_t r = 0; r < d->n_sets; r++)
            slots[r] += (uint32_t)(r / factors[i] % p->axes[i].n_dense * p->axes[i].factor);
    }
    d->slot_of_set = slots;
    return PT_OK;
}

pt_status agg_distinct_own(const agg_plan *p, agg_distinct *d, arena *a, pt_err *err)
{
    uint64_t own[AGG_MAX_AXES];
    agg_coding share;
    for (uint32_t i = 0; i < p->n_axes; i++) own[i] = p->axes[i].role == d->role ? p->axes[i].factor : 0;
    PT_TRY(agg_coding_make(p, own, false, a, &share, err));
    d->own = share.n ? &share.codes[0] : NULL;
    return PT_OK;
}

static pt_status plan_rests(const agg_plan *p, agg_distinct *d, arena *a, pt_err *err)
{
    uint64_t rests[AGG_MAX_AXES];
    d->n_sets = rest_factors(p, d, rests);
    PT_TRY(agg_coding_make(p, rests, false, a, &d->rests, err));
    PT_TRY(agg_distinct_own(p, d, a, err));
    return find_slots_of_rests(p, d, rests, a, err);
}

/* Versions of one member may differ in what they decide; what ancestors on axes take from their descendants
 * must be by slot, and pairs or bitsets. */
static bool has_rests(const agg_plan *p, const agg_distinct *d)
{
    bool has_own = false;
    for (uint32_t i = 0; i < p->n_axes; i++) has_own |= p->axes[i].role == d->role;
    return p->is_direct && !p->has_trees && has_own && !d->durable;
}

/* Bitsets while they are small, or smaller than the pairs might become. */
static void choose_form(const agg_plan *p, agg_distinct *d)
{
    uint64_t rests[AGG_MAX_AXES], most = p->scan.n_rows * PAIR_BYTES;
    if (most < AGG_BITS_SURE) most = AGG_BITS_SURE;
    if (most > BITS_LARGE) most = BITS_LARGE;
    d->has_rests = has_rests(p, d);
    d->n_sets = d->has_rests ? rest_factors(p, d, rests) : p->n_direct;
    d->is_bits = p->is_direct && (unsigned __int128)d->n_sets * d->n_words * 8 <= most;
    d->has_rests &= d->is_bits;
    d->has_first = !d->is_bits && !p->has_trees && d->n_members / MEMBERS_FACTOR <= p->scan.n_rows;
}

/* Is all that is asked for distinct counts of all rows? */
static bool members_are_proof(const agg_plan *p)
{
    if (!p->is_direct || p->has_trees || p->n_distinct == 0 || p->n_columns > 0) return false;
    for (uint32_t i = 0; i < p->n_distinct; i++)
        if (p->distinct[i].input) return false;
    for (uint32_t i = 0; i < p->req->n_measures; i++)
        if (p->req->cube->measures[p->req->measures[i]].agg != AGG_DISTINCT) return false;
    return true;
}

/* Every segment of a load has facts of all its years, and the sets of all years are more than the nearer
 * caches hold. So blocks are taken year by year, if members are to be told apart by years; what else is kept
 * is small, or follows the order of facts in segments, as orders do. */
static pt_status order_blocks(agg_plan *p, arena *a, pt_err *err)
{
    bool has_sets = false;
    for (uint32_t i = 0; i < p->n_distinct; i++) has_sets |= p->distinct[i].is_bits;
    for (uint32_t i = 0; i < p->n_axes && has_sets; i++)
        if (p->req->cube->roles[p->axes[i].role].dimension->is_time)
            return scan_order_by(&p->scan, p->axes[i].role, a, err);
    return PT_OK;
}

pt_status agg_distinct_plan(agg_plan *p, arena *a, pt_err *err)
{
    if (members_are_proof(p)) p->proof = PROOF_MEMBERS;
    p->needs_slots = p->proof != PROOF_MEMBERS;
    for (uint32_t i = 0; i < p->n_distinct; i++) {
        agg_distinct *d = &p->distinct[i];
        choose_form(p, d);
        p->needs_slots |= !d->has_rests;
        if (d->has_rests && p->scan.n_blocks) PT_TRY(plan_rests(p, d, a, err));
    }
    return order_blocks(p, a, err);
}
