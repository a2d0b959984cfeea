/* dim_parent.c - parent-child hierarchies: one level in which members have parents.
 *
 * Members with the same key are one level member, a node. A node is a root if its parent's key is null, the
 * root value, its own key, or no node's key. Nodes are numbered in pre-order, siblings in natural order.
 * Nodes that no root leads to are in or below a circle: that is an error of the data, and the message follows
 * the circle once. */
#include "storage/dim_hier.h"

typedef struct tree {
    dim_order *o;
    const dim_level_spec *spec;
    level_data *x;    /* nodes, first in order of key, then renumbered */
    uint32_t *parent; /* [n] node or MEMBER_NONE, in order of key */
    uint32_t *child;  /* [n] nodes, siblings together and in order */
    uint32_t *first;  /* [n + 2] children of g are child[first[g], first[g + 1]), roots those of n */
} tree;

/* ---- parents ------------------------------------------------------- */

/* The node with that key: nodes are still in order of key. */
static uint32_t find_node(const tree *t, pt_value key)
{
    uint32_t lo = 0, hi = t->x->n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        int c = value_cmp(edit_value(t->o->e, t->spec->key_attr, t->x->rep[mid]), key);
        if (c == 0) return mid;
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return MEMBER_NONE;
}

static bool is_root_key(const tree *t, pt_value key)
{
    return key.kind == VAL_NULL || (t->spec->root.kind != VAL_NULL && value_eq(key, t->spec->root));
}

/* Nodes sorted by their parent's key: each different key is looked up once. */
static pt_status find_parents(tree *t, pt_err *err)
{
    dim_order *o = t->o;
    const uint32_t *rank;
    uint32_t found = MEMBER_NONE;
    if (!(t->parent = arena_array(o->a, uint32_t, t->x->n))) return arena_fail(o->a, err);
    PT_TRY(dim_order_ranks(o, t->spec->parent_attr, &rank, err));
    for (uint32_t g = 0; g < t->x->n; g++) o->pairs[g] = (sort_pair){rank[t->x->rep[g]], g};
    pairs_sort(o->pairs, o->scratch, t->x->n);
    for (uint32_t i = 0; i < t->x->n; i++) {
        uint32_t g = o->pairs[i].value;
        if (i == 0 || o->pairs[i].key != o->pairs[i - 1].key) {
            pt_value key = edit_value(o->e, t->spec->parent_attr, t->x->rep[g]);
            found = is_root_key(t, key) ? MEMBER_NONE : find_node(t, key);
        }
        t->parent[g] = found == g ? MEMBER_NONE : found;
    }
    return PT_OK;
}

/* ---- children ------------------------------------------------------ */

static pt_status sort_children(tree *t, pt_err *err)
{
    dim_order *o = t->o;
    uint32_t n = t->x->n;
    t->child = arena_array(o->a, uint32_t, n);
    t->first = arena_array(o->a, uint32_t, (size_t)n + 2);
    if (!t->child || !t->first) return arena_fail(o->a, err);
    const uint32_t *order = NULL, *name = NULL;
    if (t->spec->order_attr != MEMBER_NONE) {
        PT_TRY(dim_order_ranks(o, t->spec->order_attr, &order, err));
        PT_TRY(dim_order_ranks(o, t->spec->name_attr, &name, err));
    }
    for (uint32_t g = 0; g < n; g++) { /* nodes are in order of key */
        uint32_t rep = t->x->rep[g];
        o->pairs[g] = (sort_pair){order ? (uint64_t)order[rep] << 32 | name[rep] : 0, g};
    }
    if (order) pairs_sort(o->pairs, o->scratch, n);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t p = t->parent[o->pairs[i].value];
        o->pairs[i].key = p == MEMBER_NONE ? n : p;
        t->first[o->pairs[i].key + 1]++;
    }
    pairs_sort(o->pairs, o->scratch, n);
    for (uint32_t i = 0; i < n; i++) t->child[i] = o->pairs[i].value;
    for (uint32_t p = 0; p <= n; p++) t->first[p + 1] += t->first[p];
    return PT_OK;
}

/* ---- numbering ----------------------------------------------------- */

enum { CIRCLE_SHOWN = 8 };

/* The node is on or below a circle: find the circle by walking up n steps, and name it from its least key on.
 */
static pt_status report_circle(const tree *t, const pt_str *hierarchy, uint32_t node, pt_err *err)
{
    strbuf keys = {0};
    for (uint32_t i = 0; i < t->x->n; i++) node = t->parent[node];
    uint32_t g = node, start = node;
    while ((g = t->parent[g]) != start)
        if (g < node) node = g;
    g = node;
    for (unsigned i = 0; i < CIRCLE_SHOWN && (i == 0 || g != node); i++, g = t->parent[g]) {
        value_print(edit_value(t->o->e, t->spec->key_attr, t->x->rep[g]), &keys);
        strbuf_addz(&keys, " -> ");
    }
    if (g == node)
        value_print(edit_value(t->o->e, t->spec->key_attr, t->x->rep[g]), &keys);
    else
        strbuf_addz(&keys, "...");
    pt_fail(err, PT_DATA, "hierarchy [" STR_FMT "]: the parents of these members form a circle: " STR_FMT,
            STR_ARG(*hierarchy), STR_ARG(strbuf_str(&keys)));
    pt_hint(err, "correct the parents in the source, or give one of these members no parent");
    strbuf_free(&keys);
    return PT_DATA;
}

/* Walk the tree: pairs receive the nodes in pre-order; depth, end and parent by rank. */
static uint32_t walk(tree *t, uint32_t *next, uint32_t *rank_of)
{
    level_data *x = t->x;
    uint32_t n = x->n, at = n, rank = 0; /* node n stands above the roots */
    for (uint32_t g = 0; g <= n; g++) next[g] = t->first[g];
    for (;;) {
        if (next[at] < t->first[at + 1]) {
            uint32_t g = t->child[next[at]++], r = rank++;
            t->o->pairs[r].value = g;
            rank_of[g] = r;
            x->parent[r] = at == n ? MEMBER_NONE : rank_of[at];
            x->depth[r] = at == n ? 0 : x->depth[rank_of[at]] + 1;
            at = g;
        } else if (at == n) {
            return rank;
        } else {
            x->end[rank_of[at]] = rank;
            at = t->parent[at] == MEMBER_NONE ? n : t->parent[at];
        }
    }
}

static pt_status number(tree *t, const pt_str *hierarchy, pt_err *err)
{
    level_data *x = t->x;
    arena *a = t->o->a;
    x->parent = arena_array(a, uint32_t, x->n);
    x->end = arena_array(a, uint32_t, x->n);
    x->depth = arena_array(a, uint32_t, x->n);
    uint32_t *next = arena_array(a, uint32_t, (size_t)x->n + 1), *rank_of = arena_array(a, uint32_t, x->n);
    if (!x->parent || !x->end || !x->depth || !next || !rank_of) return arena_fail(a, err);
    for (uint32_t g = 0; g < x->n; g++) rank_of[g] = MEMBER_NONE;
    if (walk(t, next, rank_of) < x->n) {
        uint32_t lost = 0;
        while (rank_of[lost] != MEMBER_NONE) lost++;
        return report_circle(t, hierarchy, lost, err);
    }
    return dim_level_renumber(t->o, x, err);
}

pt_status dim_parent_build(dim_order *o, const dim_hier_spec *h, level_data *level, pt_err *err)
{
    tree t = {.o = o, .spec = &h->levels[0], .x = level};
    const uint32_t *key;
    PT_TRY(dim_order_ranks(o, t.spec->key_attr, &key, err));
    PT_TRY(dim_order_room(o, err));
    for (uint32_t m = 0; m < o->e->n; m++) o->pairs[m] = (sort_pair){key[m], m};
    pairs_sort(o->pairs, o->scratch, o->e->n);
    PT_TRY(dim_level_group(o, level, err));
    PT_TRY(find_parents(&t, err));
    PT_TRY(sort_children(&t, err));
    return number(&t, &h->name, err);
}
