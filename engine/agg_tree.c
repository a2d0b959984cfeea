/* agg_tree.c - parent-child axes: every ancestor gets what its descendants have.
 *
 * Dense numbers of a tree are in pre-order, so going through them from the last to the first meets all
 * descendants of a member before the member itself, and adding each to its parent is enough. */
#include "engine/agg_int.h"

typedef struct climb {
    agg_part *part;
    const agg_axis_plan *axis;
    uint32_t *up; /* [slots] slot of the parent's group, or MEMBER_NONE */
    pt_err *err;
} climb;

static void unite_bits(agg_part *x, uint64_t to, uint64_t from)
{
    for (uint32_t i = 0; i < x->groups.plan->n_distinct; i++) {
        agg_set *s = &x->sets[i];
        if (s->d->is_bits) agg_set_unite(s, to, s, from);
    }
}

/* ---- direct ------------------------------------------------------------------------ */

static void climb_direct(climb *c)
{
    agg_groups *g = &c->part->groups;
    const agg_axis_plan *x = c->axis;
    uint64_t block = x->factor * x->n_dense; /* slots over which this axis runs once */
    for (uint32_t d = x->n_dense; d-- > 0;) {
        if (x->parent[d] == MEMBER_NONE) continue;
        uint64_t down = (d - x->parent[d]) * x->factor;
        for (uint64_t outer = d * x->factor; outer < g->n; outer += block)
            for (uint64_t slot = outer; slot < outer + x->factor; slot++) {
                const uint64_t *from = agg_acc(g, slot);
                if (from[0] == 0) continue;
                agg_combine(g->plan, agg_acc(g, slot - down), from);
                unite_bits(c->part, slot - down, slot);
                c->up[slot] = (uint32_t)(slot - down);
            }
    }
}

/* ---- hashed ------------------------------------------------------------------------ */

/* Slots by their digit, as lists that grow while parents' groups are made. */
typedef struct digit_lists {
    uint32_t *head;  /* [n_dense] */
    uint32_t *next;  /* [cap] */
    uint64_t cap, n; /* slots listed */
} digit_lists;

static pt_status list_slots(climb *c, digit_lists *l)
{
    agg_groups *g = &c->part->groups;
    uint64_t key[AGG_MAX_AXES];
    if (g->n > l->cap) {
        PT_TRY(agg_grow(g->mem, (void **)&l->next, l->cap, g->cap, sizeof *l->next, c->err));
        PT_TRY(agg_grow(g->mem, (void **)&c->up, l->cap, g->cap, sizeof *c->up, c->err));
        l->cap = g->cap;
    }
    for (; l->n < g->n; l->n++) {
        agg_groups_key(g, l->n, key);
        uint64_t d = agg_key_digit(c->axis, key);
        c->up[l->n] = MEMBER_NONE;
        l->next[l->n] = l->head[d];
        l->head[d] = (uint32_t)l->n;
    }
    return PT_OK;
}

static pt_status climb_slot(climb *c, uint32_t slot, uint32_t d)
{
    agg_groups *g = &c->part->groups;
    uint64_t key[AGG_MAX_AXES];
    uint32_t parent;
    agg_groups_key(g, slot, key);
    key[c->axis->word] -= (d - c->axis->parent[d]) * c->axis->factor;
    PT_TRY(agg_groups_find(g, key, 1, &parent, c->err));
    agg_combine(g->plan, agg_acc(g, parent), agg_acc(g, slot));
    c->up[slot] = parent;
    return PT_OK;
}

static pt_status climb_hashed(climb *c)
{
    digit_lists l = {0};
    agg_memory *mem = c->part->groups.mem;
    pt_status st = agg_grow(mem, (void **)&l.head, 0, c->axis->n_dense, sizeof *l.head, c->err);
    for (uint32_t d = 0; st == PT_OK && d < c->axis->n_dense; d++) l.head[d] = MEMBER_NONE;
    if (st == PT_OK) st = list_slots(c, &l);
    for (uint32_t d = c->axis->n_dense; st == PT_OK && d-- > 0;) {
        if (c->axis->parent[d] == MEMBER_NONE) continue;
        for (uint32_t slot = l.head[d]; st == PT_OK && slot != MEMBER_NONE; slot = l.next[slot]) {
            st = climb_slot(c, slot, d);
            if (st == PT_OK) st = list_slots(c, &l);
        }
    }
    mem_free(l.head);
    mem_free(l.next);
    return st;
}

/* ---- all axes ------------------------------------------------------------------------ */

static pt_status roll_up_axis(agg_part *x, const agg_axis_plan *axis, pt_err *err)
{
    const agg_plan *p = x->groups.plan;
    climb c = {.part = x, .axis = axis, .err = err};
    pt_status st = PT_OK;
    if (p->is_direct) {
        st = agg_grow(x->groups.mem, (void **)&c.up, 0, x->groups.n, sizeof *c.up, err);
        if (st == PT_OK) {
            memset(c.up, 0xff, x->groups.n * sizeof *c.up);
            climb_direct(&c);
        }
    } else {
        st = climb_hashed(&c);
    }
    for (uint32_t i = 0; st == PT_OK && i < p->n_distinct; i++)
        if (!x->sets[i].d->is_bits) st = agg_set_add_ancestors(&x->sets[i], c.up, err);
    mem_free(c.up);
    return st;
}

pt_status agg_part_roll_up(agg_part *x, pt_err *err)
{
    const agg_plan *p = x->groups.plan;
    for (uint32_t i = 0; i < p->n_axes; i++)
        if (p->axes[i].is_tree) PT_TRY(roll_up_axis(x, &p->axes[i], err));
    return PT_OK;
}
