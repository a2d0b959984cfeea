/* agg_cells.c - the result: cells in the order of ranks, with their values. */
#include "engine/agg_int.h"
#include "engine/radix.h"

/* The groups in order of their keys; tow: the slot, key: the key if it has one word. */
typedef struct cell_order {
    uint64_t n;
    radix_pair *cells;
    radix_pair *room; /* what to free */
} cell_order;

/* Cells in the order of ranks have their slots anywhere in memory: so many are asked for before the first is
 * looked at. */
enum { TOGETHER = 32 };

/* Member ids, by which an axis is numbered, need not ascend with ranks. */
static bool is_permuted(const agg_axis_plan *x)
{
    return x->is_by_member && x->dense_of;
}

/* The slot with that key, were all axes numbered by rank. */
static uint64_t slot_in_order(const agg_plan *p, uint64_t key)
{
    uint64_t slot = key;
    for (uint32_t i = 0; i < p->n_axes; i++) {
        const agg_axis_plan *x = &p->axes[i];
        if (!is_permuted(x)) continue;
        uint64_t rank = agg_key_digit(x, &key);
        slot += (x->dense_of[rank] - rank) * x->factor;
    }
    return slot;
}

static void put_in_order(const agg_groups *g, radix_pair *out)
{
    uint64_t slots[TOGETHER];
    bool any_permuted = false;
    for (uint32_t i = 0; i < g->plan->n_axes; i++) any_permuted |= is_permuted(&g->plan->axes[i]);
    for (uint64_t key = 0; key < g->n; key += TOGETHER) {
        uint64_t n = g->n - key < TOGETHER ? g->n - key : TOGETHER;
        for (uint64_t i = 0; i < n; i++) {
            slots[i] = any_permuted ? slot_in_order(g->plan, key + i) : key + i;
            __builtin_prefetch(agg_acc(g, slots[i]));
        }
        for (uint64_t i = 0; i < n; i++)
            if (agg_acc(g, slots[i])[0]) *out++ = (radix_pair){slots[i], slots[i]};
    }
}

static pt_status order_direct(const agg_groups *g, cell_order *o, pt_err *err)
{
    for (uint64_t slot = 0; slot < g->n; slot++) o->n += agg_acc(g, slot)[0] != 0;
    PT_TRY(agg_grow(g->mem, (void **)&o->room, 0, o->n, sizeof *o->room, err));
    put_in_order(g, o->room);
    o->cells = o->room;
    return PT_OK;
}

static pt_status order_hashed(const agg_groups *g, cell_order *o, pt_err *err)
{
    o->n = g->n;
    PT_TRY(agg_grow(g->mem, (void **)&o->room, 0, 2 * o->n, sizeof *o->room, err));
    o->cells = agg_groups_order(g, o->room);
    return PT_OK;
}

static pt_status fill_coords(const agg_part *x, const cell_order *o, arena *a, agg_result *out, pt_err *err)
{
    const agg_plan *p = x->groups.plan;
    out->coords = arena_array(a, uint32_t *, p->n_axes);
    if (!out->coords) return arena_fail(a, err);
    for (uint32_t k = 0; k < p->n_axes; k++) {
        const agg_axis_plan *axis = &p->axes[k];
        uint32_t *coords = out->coords[k] = arena_array(a, uint32_t, o->n);
        if (!coords) return arena_fail(a, err);
        for (uint64_t i = 0; i < o->n; i++) {
            const uint64_t *key = &o->cells[i].key;
            if (p->n_words > 1) key = x->groups.keys + o->cells[i].tow * p->n_words;
            uint64_t d = agg_key_digit(axis, key);
            coords[i] = axis->rank_of ? axis->rank_of[d] : (uint32_t)d;
        }
    }
    return PT_OK;
}

/* The slot of a cell further on. */
static uint64_t slot_ahead(const cell_order *o, uint64_t i)
{
    return o->cells[o->n - i > TOGETHER ? i + TOGETHER : i].tow;
}

static void fill_distinct(const agg_set *s, const cell_order *o, pt_value *values)
{
    for (uint64_t i = 0; i < o->n; i++) {
        __builtin_prefetch(&s->counts[slot_ahead(o, i)]);
        uint64_t count = s->counts[o->cells[i].tow]; /* under conditions there may be none */
        values[i] = count ? value_int((int64_t)count) : value_null();
    }
}

static pt_status fill_values(agg_part *x, const cell_order *o, arena *a, agg_result *out, pt_err *err)
{
    const agg_plan *p = x->groups.plan;
    out->values = arena_array(a, pt_value *, out->n_measures);
    if (!out->values) return arena_fail(a, err);
    for (uint32_t k = 0; k < out->n_measures; k++) {
        const measure *m = &p->req->cube->measures[p->req->measures[k]];
        pt_value *values = out->values[k] = arena_array(a, pt_value, o->n);
        if (!values) return arena_fail(a, err);
        if (m->agg == AGG_DISTINCT) {
            fill_distinct(&x->sets[p->measure_at[k]], o, values);
            continue;
        }
        const agg_column *c = p->measure_at[k] == MEMBER_NONE ? NULL : &p->columns[p->measure_at[k]];
        for (uint64_t i = 0; i < o->n; i++) {
            __builtin_prefetch(agg_acc(&x->groups, slot_ahead(o, i)));
            PT_TRY(agg_value(m, c, agg_acc(&x->groups, o->cells[i].tow), &values[i], err));
        }
    }
    return PT_OK;
}

pt_status agg_cells_fill(agg_part *x, const limits *l, arena *a, agg_result *out, pt_err *err)
{
    const agg_groups *g = &x->groups;
    cell_order o = {0};
    pt_status st = g->plan->is_direct ? order_direct(g, &o, err) : order_hashed(g, &o, err);
    if (st == PT_OK && ((l->cells && o.n > l->cells) || o.n > UINT32_MAX))
        st = agg_too_many_cells(l->cells, err);
    out->n_cells = (uint32_t)o.n;
    if (st == PT_OK) st = fill_coords(x, &o, a, out, err);
    if (st == PT_OK) st = fill_values(x, &o, a, out, err);
    mem_free(o.room);
    return st;
}
