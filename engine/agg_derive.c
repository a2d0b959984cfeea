/* agg_derive.c - groups of coarser levels from those of finer ones.
 *
 * The plan of a derived request is that of the request it comes from with other axes: accumulators have the
 * same words. For each axis of the finer groups an array by dense number says what it adds to the coarser
 * key, or that the group is dropped. */
#include "engine/agg_share.h"

enum { DROPPED = 1 };

/* What one axis of the finer groups says. */
typedef struct step {
    uint64_t *add;    /* [n_dense] to word `word` of the key */
    uint8_t *dropped; /* [n_dense]; NULL: none is */
    uint32_t word;
} step;

typedef struct deriver {
    const agg_part *from;
    agg_derived *out;
    step *steps; /* [axes of from] */
    const limits *limits;
    arena *a;
    pt_err *err;
    /* groups on their way */
    uint32_t n;
    uint64_t *keys;        /* [BATCH * n_words] */
    const uint64_t **accs; /* [BATCH] */
    uint32_t *slots;       /* [BATCH] */
    uint32_t **set_above;  /* [n_distinct][sets of from] the set that unites them + 1; 0: dropped */
} deriver;

enum { BATCH = 1024, DIRECT_FEW = 1 << 15, DIRECT_MOST = 1 << 20 };

static pt_status no_memory(deriver *d)
{
    return arena_fail(d->a, d->err);
}

/* ---- which requests -------------------------------------------------------------------- */

static uint32_t axis_of(const agg_request *req, uint32_t hier)
{
    for (uint32_t i = 0; i < req->n_axes; i++)
        if (req->axes[i].hier == hier) return i;
    return MEMBER_NONE;
}

static bool has_level(const agg_request *req, uint32_t hier, uint32_t n_level)
{
    uint32_t i = axis_of(req, hier);
    return i != MEMBER_NONE && req->axes[i].level >= n_level;
}

bool agg_is_finer(const agg_request *from, const agg_request *req, const agg_conj *rest)
{
    for (uint32_t i = 0; i < req->n_axes; i++)
        if (!has_level(from, req->axes[i].hier, req->axes[i].level)) return false;
    for (uint32_t i = 0; i < rest->n; i++)
        if (!has_level(from, rest->filters[i].hier, rest->filters[i].level)) return false;
    return true;
}

/* ---- axes --------------------------------------------------------------------------------- */

/* The member at level `to` above (or at) that of a dense number of the finer axis. */
static uint32_t rank_above(const agg_plan *p, uint32_t axis, uint32_t dense, uint32_t to)
{
    const agg_axis_plan *x = &p->axes[axis];
    const hier_view *h = p->scan.hiers[p->req->axes[axis].hier];
    uint32_t rank = x->rank_of ? x->rank_of[dense] : dense;
    for (uint32_t l = p->req->axes[axis].level; l > to; l--) rank = h->levels[l].parent[rank];
    return rank;
}

static pt_status plan_axis(deriver *d, uint32_t i)
{
    const agg_plan *fine = d->from->groups.plan;
    const agg_axis *axis = &d->out->plan.req->axes[i];
    agg_axis_plan *x = &d->out->plan.axes[i];
    uint32_t k = axis_of(fine->req, axis->hier);
    if (NEVER(k == MEMBER_NONE || fine->req->axes[k].level < axis->level))
        return pt_fail(d->err, PT_INTERNAL, "groups do not tell a level that is to be derived");
    const hier_view *h = fine->scan.hiers[axis->hier];
    *x = (agg_axis_plan){.level = &h->levels[axis->level],
                         .role = fine->axes[k].role,
                         .is_tree = h->is_parent_child && !axis->own_only};
    uint8_t *used = arena_array(d->a, uint8_t, x->level->n);
    if (!used) return no_memory(d);
    for (uint32_t r = 0; r < fine->axes[k].n_dense; r++) used[rank_above(fine, k, r, axis->level)] = 1;
    return agg_axis_number(x, used, d->a, d->err);
}

static pt_status plan_axes(deriver *d)
{
    agg_plan *p = &d->out->plan;
    p->n_axes = p->req->n_axes;
    if (!(p->axes = arena_array(d->a, agg_axis_plan, p->n_axes))) return no_memory(d);
    p->has_trees = false;
    for (uint32_t i = 0; i < p->n_axes; i++) PT_TRY(plan_axis(d, i));
    for (uint32_t i = 0; i < p->n_axes; i++) p->has_trees |= p->axes[i].is_tree;
    agg_axes_place(p);
    uint64_t n = d->from->groups.n;
    p->is_direct = p->n_words == 0 ||
                   (p->n_direct > 0 &&
                    (p->n_direct <= DIRECT_FEW || (p->n_direct <= DIRECT_MOST && p->n_direct / 2 <= n)));
    p->scan.n_rows = n; /* groups are what this plan reads */
    if (!p->is_direct) p->n_direct = 0;
    return PT_OK;
}

/* ---- steps -------------------------------------------------------------------------------- */

static pt_status drop(deriver *d, uint32_t k, const agg_filter *f)
{
    const agg_plan *fine = d->from->groups.plan;
    step *s = &d->steps[k];
    uint32_t n = fine->axes[k].n_dense;
    const level_view *l = &fine->scan.hiers[f->hier]->levels[f->level];
    uint8_t *passes = arena_array(d->a, uint8_t, l->n);
    if (!passes) return no_memory(d);
    for (uint32_t i = 0; i < f->n; i++) {
        if (NEVER(f->ranks[i] >= l->n)) return pt_fail(d->err, PT_INTERNAL, "a filter has no such member");
        passes[f->ranks[i]] = 1;
    }
    for (uint32_t r = 0; r < n; r++) {
        if (passes[rank_above(fine, k, r, f->level)]) continue;
        if (!s->dropped && !(s->dropped = arena_array(d->a, uint8_t, n))) return no_memory(d);
        s->dropped[r] = DROPPED;
        d->out->is_whole = false;
    }
    return PT_OK;
}

static pt_status plan_step(deriver *d, uint32_t k, const agg_conj *rest)
{
    const agg_plan *fine = d->from->groups.plan, *p = &d->out->plan;
    step *s = &d->steps[k];
    uint32_t hier = fine->req->axes[k].hier, i = axis_of(p->req, hier);
    if (!(s->add = arena_array(d->a, uint64_t, fine->axes[k].n_dense))) return no_memory(d);
    for (uint32_t f = 0; f < rest->n; f++)
        if (rest->filters[f].hier == hier) PT_TRY(drop(d, k, &rest->filters[f]));
    if (i == MEMBER_NONE) return PT_OK;
    const agg_axis_plan *x = &p->axes[i];
    s->word = x->word;
    for (uint32_t r = 0; r < fine->axes[k].n_dense; r++) {
        uint32_t rank = rank_above(fine, k, r, p->req->axes[i].level);
        s->add[r] = (uint64_t)(x->dense_of ? x->dense_of[rank] : rank) * x->factor;
    }
    return PT_OK;
}

static pt_status plan_steps(deriver *d, const agg_conj *rest)
{
    const agg_plan *fine = d->from->groups.plan;
    uint32_t n_words = d->out->plan.n_words ? d->out->plan.n_words : 1;
    d->steps = arena_array(d->a, step, fine->n_axes);
    d->keys = arena_array(d->a, uint64_t, (size_t)BATCH * n_words);
    d->accs = arena_array(d->a, const uint64_t *, BATCH);
    d->slots = arena_array(d->a, uint32_t, BATCH);
    if (!d->steps || !d->keys || !d->accs || !d->slots) return no_memory(d);
    for (uint32_t k = 0; k < fine->n_axes; k++) PT_TRY(plan_step(d, k, rest));
    return PT_OK;
}

/* ---- distinct counts ------------------------------------------------------------------------- */

/* The slot that slot `from` of the finer groups is summed up to, both addressed directly; what axes of `role`
 * add is left out. False: it is dropped. */
static bool slot_above(const deriver *d, uint64_t from, uint32_t role, uint64_t *slot)
{
    const agg_plan *fine = d->from->groups.plan;
    *slot = 0;
    for (uint32_t k = 0; k < fine->n_axes; k++) {
        if (fine->axes[k].role == role) continue;
        uint64_t digit = agg_key_digit(&fine->axes[k], &from);
        *slot += d->steps[k].add[digit];
        if (d->steps[k].dropped && d->steps[k].dropped[digit]) return false;
    }
    return true;
}

/* Only those sets that unite some: numbered as they are met. */
static pt_status number_sets(deriver *d, const agg_distinct *from, agg_distinct *to, uint32_t *above)
{
    uint32_t role = from->own ? from->role : MEMBER_NONE;
    uint32_t *number = arena_array(d->a, uint32_t, d->out->plan.n_direct);
    uint32_t *slots = arena_array(d->a, uint32_t, from->n_sets);
    if (!number || !slots) return no_memory(d);
    to->n_sets = 0;
    to->slot_of_set = slots;
    for (uint64_t set = 0; set < from->n_sets; set++) {
        uint64_t slot;
        if (!slot_above(d, from->slot_of_set ? from->slot_of_set[set] : set, role, &slot)) continue;
        if (!number[slot]) {
            slots[to->n_sets++] = (uint32_t)slot;
            number[slot] = (uint32_t)to->n_sets;
        }
        above[set] = number[slot];
    }
    return PT_OK;
}

/* Distinct counts do not add up, but their bitsets unite. */
static pt_status plan_sets(deriver *d)
{
    agg_plan *p = &d->out->plan;
    const agg_plan *fine = d->from->groups.plan;
    p->distinct = arena_array(d->a, agg_distinct, p->n_distinct);
    d->set_above = arena_array(d->a, uint32_t *, p->n_distinct);
    if (!p->distinct || !d->set_above) return no_memory(d);
    for (uint32_t i = 0; i < p->n_distinct; i++) {
        const agg_distinct *from = &fine->distinct[i];
        agg_distinct *to = &p->distinct[i];
        if (NEVER(!from->is_bits || !p->is_direct))
            return pt_fail(d->err, PT_INTERNAL, "distinct counts cannot be derived");
        *to = *from;
        d->set_above[i] = arena_array(d->a, uint32_t, from->n_sets);
        if (!d->set_above[i]) return no_memory(d);
        PT_TRY(number_sets(d, from, to, d->set_above[i]));
        if (from->own) PT_TRY(agg_distinct_own(p, to, d->a, d->err));
    }
    return PT_OK;
}

static void unite_sets(deriver *d)
{
    for (uint32_t i = 0; i < d->out->plan.n_distinct; i++) {
        const agg_set *from = &d->from->sets[i];
        for (uint64_t set = 0; set < from->d->n_sets; set++)
            if (d->set_above[i][set])
                agg_set_unite(&d->out->part.sets[i], d->set_above[i][set] - 1, from, set);
    }
}

/* ---- summing up ------------------------------------------------------------------------------ */

static pt_status flush(deriver *d)
{
    agg_groups *g = &d->out->part.groups;
    const agg_plan *p = &d->out->plan;
    PT_TRY(limits_check(d->limits, d->err));
    if (!p->is_direct) PT_TRY(agg_groups_find(g, d->keys, d->n, d->slots, d->err));
    for (uint32_t i = 0; i < d->n; i++)
        agg_combine(p, agg_acc(g, p->is_direct ? d->keys[i] : d->slots[i]), d->accs[i]);
    d->n = 0;
    return PT_OK;
}

/* Groups that are addressed directly: the last axis runs fastest, and what the others add is the same while
 * it runs. */
static pt_status sum_direct(deriver *d)
{
    const agg_plan *fine = d->from->groups.plan;
    uint32_t last = fine->n_axes - 1, n_last = fine->axes[last].n_dense;
    const step *fast = &d->steps[last];
    for (uint64_t from = 0; from < d->from->groups.n; from += n_last) {
        uint64_t sum = 0;
        bool is_dropped = false;
        for (uint32_t k = 0; k < last; k++) {
            uint64_t digit = agg_key_digit(&fine->axes[k], &from);
            sum += d->steps[k].add[digit];
            is_dropped |= d->steps[k].dropped && d->steps[k].dropped[digit];
        }
        for (uint32_t r = 0; r < n_last && !is_dropped; r++) {
            const uint64_t *acc = agg_acc(&d->from->groups, from + r);
            if (acc[0] == 0 || (fast->dropped && fast->dropped[r])) continue;
            d->keys[d->n] = sum + fast->add[r];
            d->accs[d->n++] = acc;
            if (d->n == BATCH) PT_TRY(flush(d));
        }
    }
    return flush(d);
}

static pt_status sum_hashed(deriver *d)
{
    const agg_plan *fine = d->from->groups.plan;
    uint32_t n_words = d->out->plan.n_words ? d->out->plan.n_words : 1;
    uint64_t key[AGG_MAX_AXES];
    for (uint64_t slot = 0; slot < d->from->groups.n; slot++) {
        uint64_t *to = d->keys + (size_t)d->n * n_words;
        const uint64_t *acc = agg_acc(&d->from->groups, slot);
        bool is_dropped = acc[0] == 0;
        agg_groups_key(&d->from->groups, slot, key);
        memset(to, 0, n_words * sizeof *to);
        for (uint32_t k = 0; k < fine->n_axes && !is_dropped; k++) {
            uint64_t digit = agg_key_digit(&fine->axes[k], key);
            to[d->steps[k].word] += d->steps[k].add[digit];
            is_dropped = d->steps[k].dropped && d->steps[k].dropped[digit];
        }
        if (is_dropped) continue;
        d->accs[d->n++] = acc;
        if (d->n == BATCH) PT_TRY(flush(d));
    }
    return flush(d);
}

pt_status agg_derive(const agg_part *from, const agg_request *req, const agg_conj *rest, const limits *l,
                     arena *a, agg_derived *out, pt_err *err)
{
    const agg_plan *fine = from->groups.plan;
    deriver d = {.from = from, .out = out, .limits = l, .a = a, .err = err};
    *out = (agg_derived){.plan = *fine, .is_whole = true};
    out->plan.req = req;
    PT_TRY(plan_axes(&d));
    PT_TRY(plan_steps(&d, rest));
    PT_TRY(plan_sets(&d));
    PT_TRY(agg_part_init(&out->part, &out->plan, from->groups.mem, 0, NULL, err));
    unite_sets(&d);
    bool is_simple = fine->is_direct && fine->n_axes > 0 && out->plan.n_words <= 1;
    return is_simple ? sum_direct(&d) : sum_hashed(&d);
}
