/* dim_hier.c - plain hierarchies: levels from the top down.
 *
 * The members of a level are the different (member of the level above, key). Sorting all members by rank
 * above and rank of the key groups them and puts siblings in order of key at the same time; only a level with
 * an order attribute sorts its groups once more. Because the rank above comes first, all descendants of a
 * level member are contiguous on every level below.
 *
 * A level member is shown by its `rep`: the lowest current version in it, or the lowest member if it holds
 * only former versions. Versions need no care otherwise: the place of a former version follows from its own
 * values. */
#include "storage/dim_hier.h"

/* ---- groups -------------------------------------------------------- */

pt_status dim_level_group(dim_order *o, level_data *out, pt_err *err)
{
    const dim_edit *e = o->e;
    uint32_t n = 0;
    for (uint32_t i = 0; i < e->n; i++) n += i == 0 || o->pairs[i].key != o->pairs[i - 1].key;
    *out = (level_data){.n = n};
    out->of_member = arena_array(o->a, uint32_t, e->n);
    out->rep = arena_array(o->a, uint32_t, n);
    if (!out->of_member || !out->rep) return arena_fail(o->a, err);
    for (uint32_t i = 0, g = 0; i < e->n; i++) {
        uint32_t m = o->pairs[i].value;
        bool is_first = i == 0 || o->pairs[i].key != o->pairs[i - 1].key;
        if (i > 0 && is_first) g++;
        out->of_member[m] = g;
        if (is_first || (!edit_is_current(e, out->rep[g]) && edit_is_current(e, m))) out->rep[g] = m;
    }
    return PT_OK;
}

pt_status dim_level_renumber(dim_order *o, level_data *x, pt_err *err)
{
    uint32_t *rank_of = arena_array(o->a, uint32_t, x->n);
    uint32_t *rep = arena_array(o->a, uint32_t, x->n);
    if (!rank_of || !rep) return arena_fail(o->a, err);
    for (uint32_t r = 0; r < x->n; r++) {
        uint32_t g = o->pairs[r].value;
        rank_of[g] = r;
        rep[r] = x->rep[g];
    }
    for (uint32_t m = 0; m < o->e->n; m++) x->of_member[m] = rank_of[x->of_member[m]];
    x->rep = rep;
    return PT_OK;
}

/* ---- one level ----------------------------------------------------- */

/* Put groups, which are in order of (above, key), in order of (above, order attribute, name, key). */
static pt_status reorder(dim_order *o, const dim_level_spec *s, const uint32_t *above, level_data *x,
                         pt_err *err)
{
    const uint32_t *order, *name;
    PT_TRY(dim_order_ranks(o, s->order_attr, &order, err));
    PT_TRY(dim_order_ranks(o, s->name_attr, &name, err));
    for (uint32_t g = 0; g < x->n; g++) o->pairs[g] = (sort_pair){name[x->rep[g]], g};
    pairs_sort(o->pairs, o->scratch, x->n);
    for (uint32_t i = 0; i < x->n; i++) {
        uint32_t rep = x->rep[o->pairs[i].value];
        o->pairs[i].key = (above ? (uint64_t)above[rep] << 32 : 0) | order[rep];
    }
    pairs_sort(o->pairs, o->scratch, x->n);
    return dim_level_renumber(o, x, err);
}

/* Children of rank r of `above` are [first_child[r], first_child[r + 1]) of `x`. */
static pt_status link_levels(dim_order *o, level_data *above, level_data *x, pt_err *err)
{
    x->parent = arena_array(o->a, uint32_t, x->n);
    above->first_child = arena_array(o->a, uint32_t, (size_t)above->n + 1);
    if (!x->parent || !above->first_child) return arena_fail(o->a, err);
    for (uint32_t r = 0; r < x->n; r++) {
        x->parent[r] = above->of_member[x->rep[r]];
        above->first_child[x->parent[r] + 1] = r + 1;
    }
    return PT_OK;
}

/* ---- hidden members ------------------------------------------------ */

static bool is_blank(pt_value v)
{
    return v.kind == VAL_NULL || (v.kind == VAL_TEXT && str_trim(v.s).len == 0);
}

/* Do two names read the same? */
static bool names_match(pt_value a, pt_value b, strbuf *x, strbuf *y)
{
    if (a.kind == VAL_TEXT && b.kind == VAL_TEXT) return str_eq_fold(a.s, b.s);
    if (a.kind == VAL_NULL || b.kind == VAL_NULL) return a.kind == b.kind;
    strbuf_clear(x);
    strbuf_clear(y);
    value_print(a, x);
    value_print(b, y);
    return str_eq_fold(strbuf_str(x), strbuf_str(y));
}

static pt_status hide(dim_order *o, const dim_level_spec *s, const level_data *above, level_data *x,
                      pt_err *err)
{
    strbuf a = {0}, b = {0};
    bool any = false;
    if (s->hide == HIDE_NEVER || (s->hide == HIDE_PARENT_NAME && !above)) return PT_OK;
    const dim_level_spec *s_above = s->hide == HIDE_PARENT_NAME ? s - 1 : NULL; /* whose name is compared */
    uint8_t *hidden = arena_array(o->a, uint8_t, x->n);
    if (!hidden) return arena_fail(o->a, err);
    for (uint32_t r = 0; r < x->n; r++) {
        pt_value name = edit_value(o->e, s->name_attr, x->rep[r]);
        bool is_hidden = is_blank(name);
        if (s_above) {
            pt_value name_above = edit_value(o->e, s_above->name_attr, above->rep[x->parent[r]]);
            is_hidden = names_match(name, name_above, &a, &b);
        }
        hidden[r] = is_hidden;
        any |= is_hidden;
    }
    bool is_ok = !a.failed && !b.failed;
    strbuf_free(&a);
    strbuf_free(&b);
    if (!is_ok) return pt_fail(err, PT_NOMEM, "out of memory");
    if (any) x->hidden = hidden;
    return PT_OK;
}

/* ---- the hierarchy ------------------------------------------------- */

/* The top level if every member is a level member of its own, in order, as order numbers are. */
static pt_status take_all(dim_order *o, level_data *x, pt_err *err)
{
    *x = (level_data){.n = o->e->n, .of_member = arena_array(o->a, uint32_t, o->e->n)};
    if (!x->of_member) return arena_fail(o->a, err);
    for (uint32_t m = 0; m < x->n; m++) x->of_member[m] = m;
    x->rep = x->of_member;
    return PT_OK;
}

static bool is_in_order(const uint32_t *ranks, uint32_t n)
{
    for (uint32_t m = 1; m < n; m++)
        if (ranks[m - 1] >= ranks[m]) return false;
    return true;
}

/* A level from its members sorted by rank above and key. */
static pt_status group_all(dim_order *o, const uint32_t *rank_above, const uint32_t *key, level_data *x,
                           pt_err *err)
{
    PT_TRY(dim_order_room(o, err));
    for (uint32_t m = 0; m < o->e->n; m++)
        o->pairs[m] = (sort_pair){(rank_above ? (uint64_t)rank_above[m] << 32 : 0) | key[m], m};
    pairs_sort(o->pairs, o->scratch, o->e->n);
    return dim_level_group(o, x, err);
}

pt_status dim_hier_build(dim_order *o, const dim_hier_spec *h, level_data *levels, pt_err *err)
{
    for (uint32_t l = 0; l < h->n_levels; l++) {
        const dim_level_spec *s = &h->levels[l];
        level_data *x = &levels[l], *above = l > 0 ? &levels[l - 1] : NULL;
        const uint32_t *key, *rank_above = above ? above->of_member : NULL;
        PT_TRY(dim_order_ranks(o, s->key_attr, &key, err));
        if (!above && s->order_attr == MEMBER_NONE && is_in_order(key, o->e->n))
            PT_TRY(take_all(o, x, err));
        else
            PT_TRY(group_all(o, rank_above, key, x, err));
        if (s->order_attr != MEMBER_NONE) PT_TRY(reorder(o, s, rank_above, x, err));
        if (above) PT_TRY(link_levels(o, above, x, err));
        PT_TRY(hide(o, s, above, x, err));
    }
    return PT_OK;
}
