/* fun_desc.c - Descendants (section 14). */
#include "query/funs.h"
#include "query/nav.h"

/* Which members are kept, by where they stand to the level or depth asked for. */
enum { KEEP_SELF = 1, KEEP_AFTER = 2, KEEP_BEFORE = 4, KEEP_LEAVES = 8 };

static unsigned keep_of(pt_str flag, unsigned otherwise)
{
    static const struct {
        const char *word;
        unsigned keep;
    } flags[] = {
        {"SELF", KEEP_SELF},
        {"AFTER", KEEP_AFTER},
        {"BEFORE", KEEP_BEFORE},
        {"BEFORE_AND_AFTER", KEEP_BEFORE | KEEP_AFTER},
        {"SELF_AND_AFTER", KEEP_SELF | KEEP_AFTER},
        {"SELF_AND_BEFORE", KEEP_SELF | KEEP_BEFORE},
        {"SELF_BEFORE_AFTER", KEEP_SELF | KEEP_BEFORE | KEEP_AFTER},
        {"LEAVES", KEEP_LEAVES},
    };
    for (size_t i = 0; i < ARRAY_LEN(flags); i++)
        if (str_eq(flag, str_of(flags[i].word))) return flags[i].keep;
    return otherwise;
}

/* m and what is below it. The distance is counted in steps (from m) or, with a level, in levels; members at
 * distance `at` are "self". A subtree is left as soon as nothing below can be kept. */
typedef struct walk {
    eval *x;
    tuplist out;
    unsigned keep;
    bool by_level;
    int64_t at;
} walk;

static bool is_kept(const walk *w, mref m, int64_t distance)
{
    if (w->keep & KEEP_LEAVES) return (distance <= w->at) && nav_is_leaf(w->x->sc, m);
    if (distance == w->at) return w->keep & KEEP_SELF;
    return w->keep & (distance < w->at ? KEEP_BEFORE : KEEP_AFTER);
}

static pt_status visit(walk *w, mref m, int64_t steps, uint32_t depth)
{
    const scope *sc = w->x->sc;
    int64_t distance = w->by_level ? (int64_t)member_level(sc, m) : steps;
    PT_TRY(eval_tick(w->x));
    if (is_kept(w, m, distance)) PT_TRY(tuplist_add1(&w->out, m));
    bool goes_on = w->keep & KEEP_AFTER || distance < w->at;
    if (!goes_on) return PT_OK;
    if (depth > 5000) return pt_fail(w->x->err, PT_LIMIT, "a hierarchy is deeper than 5000");
    tuplist children = eval_tuplist(w->x, 1);
    PT_TRY(nav_children(sc, m, &children));
    for (uint32_t i = 0; i < children.s.n; i++) PT_TRY(visit(w, children.s.m[i], steps + 1, depth + 1));
    return PT_OK;
}

static pt_status below(eval *x, mref m, unsigned keep, bool by_level, int64_t at, tuplist *out)
{
    walk w = {x, *out, keep, by_level, at};
    const scope_hier *h = &x->sc->hiers[m.hier];
    if (mref_is_null(m)) return PT_OK;
    if (by_level && keep == KEEP_SELF && !h->is_parent_child)
        return (int64_t)member_level(x->sc, m) > at ? PT_OK : nav_descend(x->sc, m, (uint32_t)at, out);
    PT_TRY(visit(&w, m, 0, 0));
    *out = w.out;
    return PT_OK;
}

/* In a parent-child hierarchy all members are of one level, so what is below m is neither before nor after
 * it: a level keeps m itself, or the roots below the all member. */
static pt_status in_tree_level(eval *x, mref m, unsigned keep, level_ref l, tuplist *out)
{
    uint32_t own = member_level(x->sc, m);
    if (keep & KEEP_LEAVES) return below(x, m, KEEP_LEAVES, false, INT64_MAX, out);
    if (own > l.ordinal) return keep & KEEP_AFTER ? nav_subtree(x->sc, m, out) : PT_OK;
    if (own == l.ordinal) return keep & KEEP_SELF ? tuplist_add1(out, m) : PT_OK;
    if (keep & KEEP_BEFORE) PT_TRY(tuplist_add1(out, m));
    return keep & KEEP_SELF ? nav_children(x->sc, m, out) : PT_OK;
}

static pt_status at_level(eval *x, mref m, level_ref l, unsigned keep, tuplist *out)
{
    const scope_hier *h = &x->sc->hiers[m.hier];
    if (l.hier != m.hier || mref_is_null(m)) return PT_OK;
    if (h->is_parent_child) return in_tree_level(x, m, keep, l, out);
    if (!(keep & KEEP_LEAVES)) return below(x, m, keep, true, l.ordinal, out);
    tuplist all = eval_tuplist(x, 1);
    PT_TRY(below(x, m, KEEP_SELF, true, l.ordinal, &all));
    for (uint32_t i = 0; i < all.s.n; i++)
        if (nav_is_leaf(x->sc, all.s.m[i])) PT_TRY(tuplist_add1(out, all.s.m[i]));
    return PT_OK;
}

/* A depth with LEAVES reaches one step further than it says: so does the reference. */
static pt_status at_depth(eval *x, mref m, int64_t depth, unsigned keep, tuplist *out)
{
    if (mref_is_null(m) || depth < 0) return PT_OK;
    if (keep & KEEP_LEAVES) return below(x, m, keep, false, depth < INT64_MAX ? depth + 1 : depth, out);
    return below(x, m, keep, false, depth, out);
}

/* How far down: the second argument. It is evaluated even if there is no member to go down from. */
typedef struct reach {
    unsigned keep;
    bool is_all, is_around, is_level; /* everything; around the member itself; else a depth */
    level_ref l;
    int64_t depth;
} reach;

static pt_status reach_of(eval *x, const node *n, reach *r)
{
    xval l;
    bool is_null;
    *r = (reach){.keep = keep_of(flag_of(n, 2), KEEP_SELF), .is_all = n->n < 2, .is_around = !has_arg(n, 1)};
    if (r->is_around) return PT_OK;
    r->is_level = n->args[1]->type == VT_LEVEL;
    if (r->is_level) {
        PT_TRY(eval_node(x, n->args[1], &l));
        r->l = l.l;
        return PT_OK;
    }
    PT_TRY(eval_integer(x, n->args[1], &r->depth, &is_null));
    if (is_null) r->depth = 0;
    return PT_OK;
}

static pt_status of_member(eval *x, const reach *r, mref m, tuplist *out)
{
    if (r->is_all) return nav_subtree(x->sc, m, out);
    if (r->is_around) return below(x, m, r->keep, false, r->keep & KEEP_LEAVES ? INT64_MAX : 0, out);
    if (r->is_level) return at_level(x, m, r->l, r->keep, out);
    return at_depth(x, m, r->depth, r->keep, out);
}

static pt_status descendants(eval *x, const node *n, xval *out)
{
    mref m;
    reach r;
    pt_status all = PT_OK;
    tuplist b = eval_tuplist(x, 1);
    if (!eval_go_on(eval_member(x, n->args[0], &m), &all)) return all;
    if (!eval_go_on(reach_of(x, n, &r), &all)) return all;
    if (all == PT_OK) PT_TRY(of_member(x, &r, m, &b));
    out->s = b.s;
    return all;
}

static pt_status descendants_of_set(eval *x, const node *n, xval *out)
{
    set s;
    reach r;
    pt_status all = PT_OK;
    tuplist b = eval_tuplist(x, 1);
    if (!eval_go_on(eval_set(x, n->args[0], &s), &all)) return all;
    if (!eval_go_on(reach_of(x, n, &r), &all)) return all;
    if (all != PT_OK) return all;
    for (uint32_t i = 0; i < s.n; i++) PT_TRY(of_member(x, &r, s.m[i], &b));
    return set_distinct(x->work, b.s, &out->s, x->err);
}

static pt_status bind_set(bind *b, node *n)
{
    if (n->args[0]->shape.n <= 1) return PT_OK;
    return pt_fail_at(b->err, PT_TYPE, n->args[0]->at,
                      "Descendants takes members, but this is a set of tuples");
}

#define WORDS "SELF AFTER BEFORE BEFORE_AND_AFTER SELF_AND_AFTER SELF_AND_BEFORE SELF_BEFORE_AFTER LEAVES"
#define TEXT  "the member and what is below it, down to a level or depth"
#define ONE(args, hidden)                                                                                    \
    {                                                                                                        \
        "Descendants", SYN_FUNCTION, "x", args, TEXT, .eval = descendants, .flags = FUN_BIG | hidden,        \
                                                      .words = WORDS                                         \
    }
#define MANY(args)                                                                                           \
    {                                                                                                        \
        "Descendants", SYN_FUNCTION, "x", args, TEXT, .eval = descendants_of_set, .bind = bind_set,          \
                                                      .flags = FUN_BIG, .words = WORDS                       \
    }

static const fun table[] = {
    ONE("m[l[y]]", 0), ONE("mn[y]", 0), ONE("mey", 0), MANY("x[l[y]]"), MANY("xn[y]"), MANY("xey"),
};

const fun_list fun_desc = {table, ARRAY_LEN(table)};
