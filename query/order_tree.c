/* order_tree.c - hierarchical sorting: a tree of the set's members and their ancestors, sorted node by node.
 *
 * A path leads from the root over the ancestors of a tuple's first member to that member, then over the
 * ancestors of its second member, and so on. Below a node come first the tuples that go on to the next
 * hierarchy there, then the member's children: so ancestors precede descendants whatever the direction. Only
 * nodes with siblings need a value; it is that of the key in the context of the members that lead to the
 * node. */
#include "query/order.h"

#include <stdlib.h>

#include "base/map.h"
#include "query/nav.h"
#include "query/scalar.h"

enum { NONE = UINT32_MAX, DEPTH_MAX = 5000 };

typedef struct tree_node {
    mref m;
    uint32_t up;
    bool is_next;            /* the edge to `up` goes on to the next hierarchy */
    uint32_t column;         /* of the tuple */
    uint32_t first[2], n[2]; /* children by edge: 0 next hierarchy, 1 child member; a list, later an array */
    uint32_t sibling;        /* list of children */
    uint32_t tuples, last_tuple; /* list of tuples that end here, in input order */
    pt_value value;
} tree_node;

typedef struct tree {
    eval *x;
    set s;
    tree_node *nodes;
    uint32_t n, cap;
    uint32_t *slots, mask; /* hash of (up, edge, member) -> node + 1 */
    uint32_t *next_tuple;
    bool desc;
} tree;

/* ---- building ---------------------------------------------------------- */

static uint64_t edge_hash(uint32_t up, bool is_next, mref m)
{
    return hash_u64(mref_bits(m) ^ hash_u64((uint64_t)up << 1 | is_next));
}

static pt_status rehash(tree *t)
{
    uint32_t size = t->mask ? (t->mask + 1) * 2 : 64;
    t->slots = arena_array(t->x->work, uint32_t, size);
    if (!t->slots) return eval_nomem(t->x);
    t->mask = size - 1;
    for (uint32_t i = 0; i < t->n; i++) {
        uint32_t h = (uint32_t)edge_hash(t->nodes[i].up, t->nodes[i].is_next, t->nodes[i].m) & t->mask;
        while (t->slots[h]) h = (h + 1) & t->mask;
        t->slots[h] = i + 1;
    }
    return PT_OK;
}

static pt_status add_node(tree *t, uint32_t up, bool is_next, mref m, uint32_t column, uint32_t *out)
{
    if (t->n == t->cap) {
        uint32_t cap = t->cap ? t->cap * 2 : 64;
        tree_node *grown = arena_array(t->x->work, tree_node, cap);
        if (!grown) return eval_nomem(t->x);
        if (t->n) memcpy(grown, t->nodes, t->n * sizeof *grown);
        t->nodes = grown;
        t->cap = cap;
    }
    t->nodes[t->n] = (tree_node){.m = m,
                                 .up = up,
                                 .is_next = is_next,
                                 .column = column,
                                 .tuples = NONE,
                                 .first = {NONE, NONE},
                                 .sibling = NONE};
    if (up != NONE) {
        int edge = !is_next;
        t->nodes[t->n].sibling = t->nodes[up].first[edge];
        t->nodes[up].first[edge] = t->n;
        t->nodes[up].n[edge]++;
    }
    *out = t->n++;
    return PT_OK;
}

static pt_status step(tree *t, uint32_t up, bool is_next, mref m, uint32_t column, uint32_t *out)
{
    if ((uint64_t)t->n * 2 >= t->mask) PT_TRY(rehash(t));
    uint32_t h = (uint32_t)edge_hash(up, is_next, m) & t->mask;
    for (; t->slots[h]; h = (h + 1) & t->mask) {
        const tree_node *o = &t->nodes[t->slots[h] - 1];
        if (o->up != up || o->is_next != is_next || !mref_eq(o->m, m)) continue;
        *out = t->slots[h] - 1;
        return PT_OK;
    }
    t->slots[h] = t->n + 1;
    return add_node(t, up, is_next, m, column, out);
}

/* From node *at over the ancestors of m to m. */
static pt_status walk_to(tree *t, mref m, bool is_first_step, uint32_t column, uint32_t depth, uint32_t *at)
{
    mref up = nav_parent(t->x->sc, m);
    bool is_root = mref_is_null(up);
    if (depth > DEPTH_MAX) return pt_fail(t->x->err, PT_LIMIT, "a hierarchy is deeper than %d", DEPTH_MAX);
    if (!is_root) PT_TRY(walk_to(t, up, is_first_step, column, depth + 1, at));
    return step(t, *at, is_root && is_first_step, m, column, at);
}

static pt_status build(tree *t)
{
    uint32_t root;
    t->next_tuple = arena_array(t->x->work, uint32_t, t->s.n);
    if (!t->next_tuple) return eval_nomem(t->x);
    PT_TRY(rehash(t));
    PT_TRY(add_node(t, NONE, false, mref_null(0), 0, &root));
    for (uint32_t i = 0; i < t->s.n; i++) {
        uint32_t at = root;
        PT_TRY(eval_tick(t->x));
        for (uint32_t k = 0; k < t->s.arity; k++) PT_TRY(walk_to(t, set_at(t->s, i)[k], true, k, 0, &at));
        t->next_tuple[i] = NONE;
        tree_node *end = &t->nodes[at];
        if (end->tuples == NONE) {
            end->tuples = i;
        } else {
            t->next_tuple[end->last_tuple] = i;
        }
        end->last_tuple = i;
    }
    return PT_OK;
}

/* ---- values ------------------------------------------------------------ */

static bool has_siblings(const tree *t, const tree_node *n)
{
    return n->up != NONE && t->nodes[n->up].n[!n->is_next] > 1;
}

/* The member itself, and the one of each hierarchy before. */
static pt_status enter(tree *t, uint32_t at)
{
    PT_TRY(ctx_set(t->x, t->nodes[at].m));
    for (; t->nodes[at].up != NONE; at = t->nodes[at].up)
        if (t->nodes[at].is_next && t->nodes[at].column > 0)
            PT_TRY(ctx_set(t->x, t->nodes[t->nodes[at].up].m));
    return PT_OK;
}

static pt_status evaluate(tree *t, const node *from, const node *expr)
{
    pt_status all = PT_OK;
    eval *x = t->x;
    iter it;
    iter_begin(&it, x, from, (set){.arity = t->s.arity});
    for (uint32_t i = 1; i < t->n; i++) {
        if (!has_siblings(t, &t->nodes[i])) continue;
        uint32_t mark = ctx_mark(x);
        pt_status st = enter(t, i);
        arena_mark before = arena_save(x->work);
        if (st == PT_OK) st = eval_value(x, expr, &t->nodes[i].value);
        if (st != PT_OK || t->nodes[i].value.kind != VAL_TEXT) arena_restore(x->work, before);
        ctx_undo(x, mark);
        if (st == PT_OK && t->nodes[i].value.kind == VAL_BOOL)
            st = pt_fail_at(x->err, PT_VALUE, expr->at, "truth values cannot be put in order");
        if (!eval_go_on(st, &all)) break;
    }
    iter_end(&it);
    return all;
}

/* ---- sorting and writing out ------------------------------------------- */

static int cmp_nodes(const void *a, const void *b, void *ctx)
{
    const tree *t = ctx;
    const tree_node *x = &t->nodes[*(const uint32_t *)a], *y = &t->nodes[*(const uint32_t *)b];
    int c = scalar_order(x->value, y->value);
    if (c) return t->desc ? -c : c;
    return nav_cmp(t->x->sc, x->m, y->m);
}

static pt_status write_out(tree *t, uint32_t at, tuplist *out);

static pt_status write_children(tree *t, uint32_t at, int edge, tuplist *out)
{
    uint32_t n = 0, *list = arena_array(t->x->work, uint32_t, t->nodes[at].n[edge]);
    if (!list) return eval_nomem(t->x);
    for (uint32_t c = t->nodes[at].first[edge]; c != NONE; c = t->nodes[c].sibling) list[n++] = c;
    qsort_r(list, n, sizeof *list, cmp_nodes, t);
    for (uint32_t i = 0; i < n; i++) PT_TRY(write_out(t, list[i], out));
    return PT_OK;
}

static pt_status write_out(tree *t, uint32_t at, tuplist *out)
{
    for (uint32_t i = t->nodes[at].tuples; i != NONE; i = t->next_tuple[i])
        PT_TRY(tuplist_add(out, set_at(t->s, i)));
    if (t->nodes[at].n[0]) PT_TRY(write_children(t, at, 0, out));
    return t->nodes[at].n[1] ? write_children(t, at, 1, out) : PT_OK;
}

pt_status order_hierarchical(eval *x, const node *from, set s, const node *expr, bool desc, set *out)
{
    tree t = {.x = x, .s = s, .desc = desc};
    tuplist b = eval_tuplist(x, s.arity);
    *out = s;
    if (s.n == 0) return PT_OK;
    PT_TRY(build(&t));
    PT_TRY(evaluate(&t, from, expr));
    PT_TRY(tuplist_reserve(&b, s.n));
    PT_TRY(write_out(&t, 0, &b));
    *out = b.s;
    return PT_OK;
}
