/* fun_drill.c - opening and closing members of a set, as a pivot table does (section 17). */
#include "query/funs.h"
#include "query/nav.h"
#include "query/order.h"

/* Tuple i of s with its member in `column` replaced by each of `members`. */
static pt_status add_replaced(tuplist *out, const mref *t, uint32_t column, set members)
{
    PT_TRY(tuplist_reserve(out, members.n));
    for (uint32_t i = 0; i < members.n; i++) {
        mref *to = out->s.m + (size_t)out->s.n * out->s.arity;
        memcpy(to, t, out->s.arity * sizeof *t);
        to[column] = members.m[i];
        out->s.n++;
    }
    return PT_OK;
}

static pt_status children_of(eval *x, mref m, set *out)
{
    tuplist b = eval_tuplist(x, 1);
    PT_TRY(nav_children(x->sc, m, &b));
    *out = b.s;
    return PT_OK;
}

/* The first column whose member is in the index; arity: none. */
static uint32_t column_in(const tuple_index *ix, const mref *t, uint32_t arity)
{
    uint32_t k = 0, at;
    while (k < arity && !tuple_index_find(ix, &t[k], &at)) k++;
    return k;
}

/* Tuple j is below tuple i: equal but for a descendant in that column. */
static bool is_below(const scope *sc, set s, uint32_t i, uint32_t j, uint32_t column)
{
    if (j >= s.n) return false;
    const mref *a = set_at(s, i), *b = set_at(s, j);
    for (uint32_t k = 0; k < s.arity; k++)
        if (k != column && !mref_eq(a[k], b[k])) return false;
    return !mref_eq(a[column], b[column]) && nav_is_ancestor(sc, a[column], b[column]);
}

static pt_status eval_both(eval *x, const node *n, set *a, set *b)
{
    pt_status all = PT_OK;
    if (!eval_go_on(eval_set(x, n->args[0], a), &all)) return all;
    if (!eval_go_on(eval_set(x, n->args[1], b), &all)) return all;
    return all;
}

/* ---- DrilldownMember --------------------------------------------------- */

static pt_status drill(eval *x, const mref *t, const tuple_index *ix, bool recursive, tuplist *out)
{
    uint32_t column = column_in(ix, t, out->s.arity);
    set children;
    PT_TRY(tuplist_add(out, t));
    if (column == out->s.arity) return PT_OK;
    PT_TRY(children_of(x, t[column], &children));
    if (!recursive) return add_replaced(out, t, column, children);
    mref *child = arena_array(x->work, mref, out->s.arity);
    if (!child) return eval_nomem(x);
    for (uint32_t i = 0; i < children.n; i++) {
        memcpy(child, t, out->s.arity * sizeof *t);
        child[column] = children.m[i];
        PT_TRY(drill(x, child, ix, true, out));
    }
    return PT_OK;
}

static pt_status drilldown_member(eval *x, const node *n, xval *out)
{
    set s, members;
    tuple_index ix;
    PT_TRY(eval_both(x, n, &s, &members));
    PT_TRY(tuple_index_of(x->work, members, &ix, x->err));
    tuplist b = eval_tuplist(x, s.arity);
    bool recursive = str_eq(flag_of(n, 2), STR("RECURSIVE"));
    for (uint32_t i = 0; i < s.n; i++) PT_TRY(drill(x, set_at(s, i), &ix, recursive, &b));
    out->s = b.s;
    return PT_OK;
}

static pt_status bind_members(bind *b, node *n)
{
    if (n->args[1]->shape.n <= 1) return PT_OK;
    return pt_fail_at(b->err, PT_TYPE, n->args[1]->at,
                      "expected a set of members, but this is a set of tuples");
}

/* ---- ToggleDrillState -------------------------------------------------- */

static pt_status toggle(eval *x, const node *n, xval *out)
{
    set s, members, children;
    tuple_index ix;
    PT_TRY(eval_both(x, n, &s, &members));
    PT_TRY(tuple_index_of(x->work, members, &ix, x->err));
    tuplist b = eval_tuplist(x, s.arity);
    for (uint32_t i = 0; i < s.n; i++) {
        const mref *t = set_at(s, i);
        uint32_t column = column_in(&ix, t, s.arity), from = i;
        PT_TRY(tuplist_add(&b, t));
        if (column == s.arity) continue;
        while (is_below(x->sc, s, from, i + 1, column)) i++;
        if (i > from) continue;
        PT_TRY(children_of(x, t[column], &children));
        PT_TRY(add_replaced(&b, t, column, children));
    }
    out->s = b.s;
    return PT_OK;
}

/* ---- DrilldownLevel ---------------------------------------------------- */

static pt_status drill_level(eval *x, set s, uint32_t column, int64_t lvl, bool even_if_drilled, xval *out)
{
    tuplist b = eval_tuplist(x, s.arity);
    set children;
    for (uint32_t i = 0; i < s.n; i++) {
        const mref *t = set_at(s, i);
        PT_TRY(tuplist_add(&b, t));
        if (lvl >= 0 && (int64_t)member_level(x->sc, t[column]) != lvl) continue;
        if (!even_if_drilled && is_below(x->sc, s, i, i + 1, column)) continue;
        PT_TRY(children_of(x, t[column], &children));
        PT_TRY(add_replaced(&b, t, column, children));
    }
    out->s = b.s;
    return PT_OK;
}

static pt_status drilldown_level(eval *x, const node *n, xval *out)
{
    set s;
    xval l;
    uint32_t column = 0;
    int64_t lvl = 0;
    PT_TRY(eval_set(x, n->args[0], &s));
    out->s = s;
    if (s.n == 0) return PT_OK;
    if (has_arg(n, 1)) {
        PT_TRY(eval_node(x, n->args[1], &l));
        while (column < s.arity && s.m[column].hier != l.l.hier) column++;
        lvl = l.l.ordinal;
        if (column == s.arity) return PT_OK;
    } else {
        for (uint32_t i = 0; i < s.n; i++) {
            int64_t own = member_level(x->sc, set_at(s, i)[0]);
            if (own > lvl) lvl = own;
        }
    }
    return drill_level(x, s, column, lvl, false, out);
}

static pt_status drilldown_index(eval *x, const node *n, xval *out)
{
    set s;
    int64_t column;
    bool is_null;
    PT_TRY(eval_set(x, n->args[0], &s));
    PT_TRY(eval_integer(x, n->args[2], &column, &is_null));
    out->s = s;
    if (is_null || column < 0 || column >= (int64_t)s.arity || s.n == 0) return PT_OK;
    return drill_level(x, s, (uint32_t)column, -1, true, out);
}

/* ---- DrilldownLevelTop, DrilldownLevelBottom --------------------------- */

/* args: set, n, [level or empty,] value */
static pt_status drill_ends(eval *x, const node *n, bool top, xval *out)
{
    set s, children;
    xval l = {0};
    int64_t k;
    bool is_null, has_level = n->n == 4 && has_arg(n, 2);
    uint32_t *positions;
    pt_value *v;
    pt_status all = PT_OK;
    PT_TRY(eval_set(x, n->args[0], &s));
    PT_TRY(eval_integer(x, n->args[1], &k, &is_null));
    if (has_level) PT_TRY(eval_node(x, n->args[2], &l));
    out->s = s;
    if (is_null || k <= 0) return PT_OK;
    tuplist b = eval_tuplist(x, s.arity);
    for (uint32_t i = 0; i < s.n; i++) {
        const mref *t = set_at(s, i);
        uint32_t column = 0;
        PT_TRY(tuplist_add(&b, t));
        while (has_level && column < s.arity && t[column].hier != l.l.hier) column++;
        if (has_level && (column == s.arity || member_level(x->sc, t[column]) != l.l.ordinal)) continue;
        PT_TRY(children_of(x, t[column], &children));
        tuplist below = eval_tuplist(x, s.arity);
        PT_TRY(add_replaced(&below, t, column, children));
        pt_status st = eval_over(x, NULL, below.s, n->args[n->n - 1], &v);
        if (!eval_go_on(st, &all)) return st;
        if (st != PT_OK) continue;
        PT_TRY(order_by_values(x, v, below.s.n, top, &positions));
        for (uint32_t j = 0; j < below.s.n && (int64_t)j < k; j++)
            PT_TRY(tuplist_add(&b, set_at(below.s, positions[j])));
    }
    out->s = b.s;
    return all;
}

static pt_status drill_top(eval *x, const node *n, xval *out)
{
    return drill_ends(x, n, true, out);
}

static pt_status drill_bottom(eval *x, const node *n, xval *out)
{
    return drill_ends(x, n, false, out);
}

/* Fill up to four arguments: the value defaults to the current cell. */
static pt_status bind_ends(bind *b, node *n)
{
    if (n->n == 4) return PT_OK;
    uint64_t deps = n->deps;
    if (n->n == 2) {
        node *nothing = node_const(b, VT_EMPTY, n->at, (xval){.v = value_null()});
        PT_TRY(node_append(b, n, nothing));
    }
    node *cell = node_cell(b, n->at);
    PT_TRY(node_append(b, n, cell));
    n->deps = deps | (DEP_ALL & ~shape_deps(n->args[0]->shape));
    return PT_OK;
}

#define DRILL_ENDS(name, text, fn)                                                                           \
    {name,                                                                                                   \
     SYN_FUNCTION,                                                                                           \
     "x",                                                                                                    \
     "xn[l[n]]",                                                                                             \
     text,                                                                                                   \
     .eval = fn,                                                                                             \
     .bind = bind_ends,                                                                                      \
     .flags = FUN_BIG | FUN_ITERATES},                                                                       \
    {                                                                                                        \
        name, SYN_FUNCTION, "x", "xnen", text, .eval = fn, .bind = bind_ends,                                \
                                               .flags = FUN_BIG | FUN_ITERATES                               \
    }

static const fun table[] = {
    {"DrilldownMember", SYN_FUNCTION, "x", "xx[y]", "the children of some members inserted behind them",
     .eval = drilldown_member, .bind = bind_members, .flags = FUN_BIG, .words = "RECURSIVE"},
    {"DrilldownLevel", SYN_FUNCTION, "x", "x[l]", "the children of a level's members inserted behind them",
     .eval = drilldown_level, .flags = FUN_BIG},
    {"DrilldownLevel", SYN_FUNCTION, "x", "xen", "the same for one hierarchy of tuples, counted from 0",
     .eval = drilldown_index, .flags = FUN_BIG},
    DRILL_ENDS("DrilldownLevelTop", "the children with the greatest values inserted behind each member",
               drill_top),
    DRILL_ENDS("DrilldownLevelBottom", "the children with the least values inserted behind each member",
               drill_bottom),
    {"ToggleDrillState", SYN_FUNCTION, "x", "xx",
     "opens members that are closed, and closes those that are open", .eval = toggle, .bind = bind_members,
     .flags = FUN_BIG},
};

const fun_list fun_drill = {table, ARRAY_LEN(table)};
