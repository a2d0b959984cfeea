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
#include "query/eval_rows.h"
#include "query/nav.h"
#include "query/scalar.h"

enum { NONE = UINT32_MAX, DEPTH_MAX = 5000 };

typedef struct tree_node {
    mref m;
    uint32_t up;
    bool is_next;            /* the edge to `up` goes on to the next hierarchy */
    uint16_t column;         /* of the tuple */
    uint32_t first[2], n[2]; /* children by edge: 0 next hierarchy, 1 child member; a list, newest first */
    uint32_t sibling;        /* list of children */
    uint32_t tuples, last_tuple; /* list of tuples that end here, in input order */
} tree_node;

/* The node found last for the parent of a member: neighbours in a set mostly share it. */
typedef struct recent {
    uint32_t from, found; /* where the walk began and where it led; found NONE: nothing yet */
    mref parent;
} recent;

typedef struct tree {
    eval *x;
    set s;
    tree_node *nodes;
    uint32_t n, cap;
    uint32_t *slots, mask; /* hash of (up, edge, member) -> node + 1 */
    recent *recent;        /* [arity] */
    uint32_t *next_tuple;
    pt_value *values; /* [n] of nodes that have siblings */
    bool desc;
} tree;

/* ---- building ---------------------------------------------------------- */

static uint64_t edge_hash(uint32_t up, bool is_next, mref m)
{
    return hash_u64(mref_bits(m) ^ hash_u64((uint64_t)up << 1 | is_next));
}

/* Room for twice the nodes in `slots`, whatever is there. */
static pt_status rehash(tree *t, uint64_t n_nodes)
{
    uint64_t size = 64;
    while (size < n_nodes * 2) size *= 2;
    if (size > UINT32_MAX)
        return pt_fail(t->x->err, PT_LIMIT, "a set is too large to be sorted by hierarchy");
    t->slots = arena_array(t->x->work, uint32_t, size);
    if (!t->slots) return eval_nomem(t->x);
    t->mask = (uint32_t)size - 1;
    for (uint32_t i = 0; i < t->n; i++) {
        mref m = member_plain(t->x->sc, t->nodes[i].m);
        uint32_t h = (uint32_t)edge_hash(t->nodes[i].up, t->nodes[i].is_next, m) & t->mask;
        while (t->slots[h]) h = (h + 1) & t->mask;
        t->slots[h] = i + 1;
    }
    return PT_OK;
}

static pt_status grow(tree *t, uint64_t cap)
{
    if (cap >= NONE) return pt_fail(t->x->err, PT_LIMIT, "a set is too large to be sorted by hierarchy");
    tree_node *grown = arena_array(t->x->work, tree_node, cap);
    if (!grown) return eval_nomem(t->x);
    if (t->n) memcpy(grown, t->nodes, t->n * sizeof *grown);
    t->nodes = grown;
    t->cap = (uint32_t)cap;
    return PT_OK;
}

static pt_status add_node(tree *t, uint32_t up, bool is_next, mref m, uint32_t column, uint32_t *out)
{
    if (t->n == t->cap) PT_TRY(grow(t, (uint64_t)t->cap * 2));
    t->nodes[t->n] = (tree_node){.m = m,
                                 .up = up,
                                 .is_next = is_next,
                                 .column = (uint16_t)column,
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

/* A visual total shares the node of the member it stands for, and gives it its value. */
static pt_status step(tree *t, uint32_t up, bool is_next, mref m, uint32_t column, uint32_t *out)
{
    if ((uint64_t)t->n * 2 >= t->mask) PT_TRY(rehash(t, (uint64_t)t->n * 2));
    mref plain = member_plain(t->x->sc, m);
    uint32_t h = (uint32_t)edge_hash(up, is_next, plain) & t->mask;
    for (; t->slots[h]; h = (h + 1) & t->mask) {
        tree_node *o = &t->nodes[t->slots[h] - 1];
        if (o->up != up || o->is_next != is_next || !mref_eq(member_plain(t->x->sc, o->m), plain)) continue;
        if (!mref_eq(m, plain)) o->m = m;
        *out = t->slots[h] - 1;
        return PT_OK;
    }
    t->slots[h] = t->n + 1;
    return add_node(t, up, is_next, m, column, out);
}

/* From node *at over the ancestors of m to m. */
static pt_status walk_far(tree *t, mref m, uint32_t column, uint32_t depth, uint32_t *at)
{
    mref up = nav_parent(t->x->sc, m);
    bool is_root = mref_is_null(up);
    if (depth > DEPTH_MAX) return pt_fail(t->x->err, PT_LIMIT, "a hierarchy is deeper than %d", DEPTH_MAX);
    if (!is_root) PT_TRY(walk_far(t, up, column, depth + 1, at));
    return step(t, *at, is_root, m, column, at);
}

static pt_status walk_to(tree *t, mref m, uint32_t column, uint32_t *at)
{
    recent *r = &t->recent[column];
    mref up = nav_parent(t->x->sc, m);
    if (mref_is_null(up)) return step(t, *at, true, m, column, at);
    if (r->found == NONE || r->from != *at || !mref_eq(r->parent, up)) {
        *r = (recent){*at, *at, up};
        PT_TRY(walk_far(t, up, column, 1, &r->found));
    }
    return step(t, r->found, false, m, column, at);
}

static pt_status build(tree *t)
{
    uint32_t root;
    t->next_tuple = arena_array(t->x->work, uint32_t, t->s.n);
    t->recent = arena_array(t->x->work, recent, t->s.arity);
    if (!t->next_tuple || !t->recent) return eval_nomem(t->x);
    for (uint32_t k = 0; k < t->s.arity; k++) t->recent[k].found = NONE;
    PT_TRY(grow(t, (uint64_t)t->s.n + t->s.n / 8 + 32));
    PT_TRY(rehash(t, t->cap));
    PT_TRY(add_node(t, NONE, false, mref_null(0), 0, &root));
    for (uint32_t i = 0; i < t->s.n; i++) {
        uint32_t at = root;
        PT_TRY(eval_tick(t->x));
        for (uint32_t k = 0; k < t->s.arity; k++) PT_TRY(walk_to(t, set_at(t->s, i)[k], k, &at));
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

/* The member itself, and the one of each hierarchy before: column + 1 members. */
static void put_path(const tree *t, uint32_t at, mref *out)
{
    uint32_t k = t->nodes[at].column;
    out[k] = t->nodes[at].m;
    for (; t->nodes[at].up != NONE; at = t->nodes[at].up)
        if (t->nodes[at].is_next && k > 0) out[--k] = t->nodes[t->nodes[at].up].m;
}

/* The nodes of a column that need a value, as a set of their paths. */
static pt_status list_nodes(tree *t, uint32_t column, uint32_t **list, set *paths)
{
    uint32_t n = 0;
    for (uint32_t i = 1; i < t->n; i++) n += t->nodes[i].column == column && has_siblings(t, &t->nodes[i]);
    *list = arena_array(t->x->work, uint32_t, n);
    *paths = (set){.m = arena_array(t->x->work, mref, (size_t)n * (column + 1)), .arity = column + 1};
    if (!*list || !paths->m) return eval_nomem(t->x);
    for (uint32_t i = 1; i < t->n; i++) {
        if (t->nodes[i].column != column || !has_siblings(t, &t->nodes[i])) continue;
        put_path(t, i, paths->m + (size_t)paths->n * paths->arity);
        (*list)[paths->n++] = i;
    }
    return PT_OK;
}

static pt_status evaluate_column(tree *t, uint32_t column, const node *from, const node *expr)
{
    uint32_t *list;
    set paths;
    sweep w;
    pt_status st;
    PT_TRY(list_nodes(t, column, &list, &paths));
    PT_TRY(sweep_begin(&w, t->x, from, paths, expr));
    w.is_still = true;
    while (sweep_next(&w, &st))
        for (uint32_t i = 0; st == PT_OK && i < w.n; i++) t->values[list[w.at + i]] = w.v[i];
    sweep_end(&w);
    return st;
}

static pt_status evaluate(tree *t, const node *from, const node *expr)
{
    pt_status all = PT_OK;
    if (!(t->values = arena_array(t->x->work, pt_value, t->n))) return eval_nomem(t->x);
    for (uint32_t k = 0; k < t->s.arity; k++)
        if (!eval_go_on(evaluate_column(t, k, from, expr), &all)) return all;
    for (uint32_t i = 0; all == PT_OK && i < t->n; i++)
        if (t->values[i].kind == VAL_BOOL)
            return pt_fail_at(t->x->err, PT_VALUE, expr->at, "truth values cannot be put in order");
    return all;
}

/* ---- sorting and writing out ------------------------------------------- */

static int cmp_places(const void *a, const void *b, void *ctx)
{
    const tree *t = ctx;
    return nav_cmp(t->x->sc, t->nodes[*(const uint32_t *)a].m, t->nodes[*(const uint32_t *)b].m);
}

static int cmp_nodes(const void *a, const void *b, void *ctx)
{
    const tree *t = ctx;
    int c = scalar_order(t->values[*(const uint32_t *)a], t->values[*(const uint32_t *)b]);
    if (c) return t->desc ? -c : c;
    return cmp_places(a, b, ctx);
}

/* Below this many comparing is as quick. */
enum { RADIX_FROM = 256 };

static bool are_numbers(const tree *t, const uint32_t *list, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (t->values[list[i]].kind != VAL_NULL && !scalar_is_number(t->values[list[i]])) return false;
    return true;
}

/* In natural order first, which the other keeps among equals. */
static pt_status sort_many(tree *t, uint32_t *list, uint32_t n)
{
    eval *x = t->x;
    uint32_t at = 1, *positions;
    arena_mark before = arena_save(x->work);
    pt_value *v = arena_array(x->work, pt_value, n);
    uint32_t *sorted = arena_array(x->work, uint32_t, n);
    if (!v || !sorted) return eval_nomem(x);
    while (at < n && cmp_places(&list[at - 1], &list[at], t) <= 0) at++;
    if (at < n) qsort_r(list, n, sizeof *list, cmp_places, t);
    for (uint32_t i = 0; i < n; i++) v[i] = t->values[list[i]];
    PT_TRY(order_by_values(x, v, n, t->desc, &positions));
    for (uint32_t i = 0; i < n; i++) sorted[i] = list[positions[i]];
    memcpy(list, sorted, n * sizeof *list);
    arena_restore(x->work, before);
    return PT_OK;
}

static pt_status sort_nodes(tree *t, uint32_t *list, uint32_t n)
{
    if (n >= RADIX_FROM && are_numbers(t, list, n)) return sort_many(t, list, n);
    qsort_r(list, n, sizeof *list, cmp_nodes, t);
    return PT_OK;
}

static pt_status write_out(tree *t, uint32_t at, tuplist *out);

static pt_status write_children(tree *t, uint32_t at, int edge, tuplist *out)
{
    uint32_t n = t->nodes[at].n[edge], k = n, *list = arena_array(t->x->work, uint32_t, n);
    if (!list) return eval_nomem(t->x);
    for (uint32_t c = t->nodes[at].first[edge]; c != NONE; c = t->nodes[c].sibling) list[--k] = c;
    PT_TRY(sort_nodes(t, list, n));
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
