/* fun_drill.c - opening and closing members of a set, as a pivot table does (section 17).
 *
 * A member is open when tuples below it follow directly. Drilling down puts its children behind it, drilling
 * up takes away what follows below it. Of a tuple, one column is drilled and the other members are repeated.
 * Arguments may be left out in the middle, so functions find theirs by type. */
#include "query/calc.h"
#include "query/funs.h"
#include "query/nav.h"
#include "query/order.h"

#define NOT_MEMBERS "expected a set of members, but this is a set of tuples"

/* ---- arguments --------------------------------------------------------- */

static const node *level_arg(const node *n)
{
    for (uint32_t i = 1; i < n->n; i++)
        if (n->args[i]->type == VT_LEVEL) return n->args[i];
    return NULL;
}

static const node *scalar_arg(const node *n, uint32_t from)
{
    for (uint32_t i = from; i < n->n; i++)
        if (vtype_is_scalar(n->args[i]->type)) return n->args[i];
    return NULL;
}

static bool has_flag(const node *n, pt_str word)
{
    for (uint32_t i = 1; i < n->n; i++)
        if (str_eq(flag_of(n, i), word)) return true;
    return false;
}

/* The set, and an index of the members that are to be drilled. */
static pt_status eval_both(eval *x, const node *n, set *s, tuple_index *members)
{
    set b;
    pt_status all = PT_OK;
    if (!eval_go_on(eval_set(x, n->args[0], s), &all)) return all;
    if (!eval_go_on(eval_set(x, n->args[1], &b), &all)) return all;
    if (all != PT_OK) return all;
    if (b.n && b.arity != 1) return pt_fail_at(x->err, PT_TYPE, n->args[1]->at, NOT_MEMBERS);
    PT_TRY(set_plain(x->sc, x->work, b, &b, x->err));
    return tuple_index_of(x->work, b, members, x->err);
}

static pt_status bind_members(bind *b, node *n)
{
    if (n->args[1]->shape.n <= 1) return PT_OK;
    return pt_fail_at(b->err, PT_TYPE, n->args[1]->at, NOT_MEMBERS);
}

/* ---- tuples ------------------------------------------------------------ */

/* The tuple with its member in `column` replaced by each of `members`. */
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

static pt_status children_of(eval *x, const node *n, mref m, set *out)
{
    tuplist b = eval_tuplist(x, 1);
    PT_TRY(eval_tick(x));
    PT_TRY(nav_children(x->sc, m, &b));
    if (has_flag(n, STR("INCLUDE_CALC_MEMBERS"))) {
        for (uint32_t i = 0; i < x->sc->n_calcs; i++) {
            const calc *c = x->sc->calcs[i];
            if (c->is_hidden || c->origin == FORMULA_VISUAL || !mref_eq(c->parent, m)) continue;
            PT_TRY(tuplist_add1(&b, calc_ref(c)));
        }
    }
    *out = b.s;
    return PT_OK;
}

/* The first column whose member is in the index; arity: none. */
static uint32_t column_in(const scope *sc, const tuple_index *ix, const mref *t, uint32_t arity)
{
    uint32_t at;
    for (uint32_t k = 0; k < arity; k++) {
        mref m = member_plain(sc, t[k]);
        if (tuple_index_find(ix, &m, &at)) return k;
    }
    return arity;
}

static const node *hier_arg(const node *n)
{
    for (uint32_t i = 2; i < n->n; i++)
        if (n->args[i]->type == VT_HIER) return n->args[i];
    return NULL;
}

/* The column to drill: that of the first member in the index, or of the target hierarchy if there is one and
 * any member is in the index; arity: none. */
static pt_status find_column(eval *x, const node *n, const tuple_index *ix, const mref *t, uint32_t arity,
                             uint32_t *column)
{
    xval target;
    *column = column_in(x->sc, ix, t, arity);
    if (*column == arity || !hier_arg(n)) return PT_OK;
    PT_TRY(eval_node(x, hier_arg(n), &target));
    for (*column = 0; *column < arity && t[*column].hier != target.hier;) (*column)++;
    return PT_OK;
}

/* Tuple j is below tuple i: equal but for a descendant in that column. */
static bool is_below(const scope *sc, set s, uint32_t i, uint32_t j, uint32_t column)
{
    if (j >= s.n) return false;
    const mref *a = set_at(s, i), *b = set_at(s, j);
    for (uint32_t k = 0; k < s.arity; k++)
        if (k != column && !mref_eq(a[k], b[k])) return false;
    return nav_is_below(sc, b[column], a[column]);
}

/* ---- by members -------------------------------------------------------- */

static pt_status drill(eval *x, const node *n, const mref *t, const tuple_index *ix, tuplist *out)
{
    uint32_t column;
    set children;
    PT_TRY(find_column(x, n, ix, t, out->s.arity, &column));
    PT_TRY(tuplist_add(out, t));
    if (column == out->s.arity) return PT_OK;
    PT_TRY(children_of(x, n, t[column], &children));
    if (!has_flag(n, STR("RECURSIVE"))) return add_replaced(out, t, column, children);
    mref *child = arena_array(x->work, mref, out->s.arity);
    if (!child) return eval_nomem(x);
    for (uint32_t i = 0; i < children.n; i++) {
        memcpy(child, t, out->s.arity * sizeof *t);
        child[column] = children.m[i];
        PT_TRY(drill(x, n, child, ix, out));
    }
    return PT_OK;
}

static pt_status drilldown_member(eval *x, const node *n, xval *out)
{
    set s;
    tuple_index ix;
    PT_TRY(eval_both(x, n, &s, &ix));
    tuplist b = eval_tuplist(x, s.arity);
    for (uint32_t i = 0; i < s.n; i++) PT_TRY(drill(x, n, set_at(s, i), &ix, &b));
    out->s = b.s;
    return PT_OK;
}

/* Close the members that are open, and open the closed ones if that is wanted. */
static pt_status switch_members(eval *x, const node *n, bool opens, xval *out)
{
    set s;
    tuple_index ix;
    PT_TRY(eval_both(x, n, &s, &ix));
    tuplist b = eval_tuplist(x, s.arity);
    for (uint32_t i = 0; i < s.n; i++) {
        const mref *t = set_at(s, i);
        uint32_t column = column_in(x->sc, &ix, t, s.arity), from = i;
        while (column < s.arity && is_below(x->sc, s, from, i + 1, column)) i++;
        PT_TRY(i > from || !opens ? tuplist_add(&b, t) : drill(x, n, t, &ix, &b));
    }
    out->s = b.s;
    return PT_OK;
}

static pt_status toggle(eval *x, const node *n, xval *out)
{
    return switch_members(x, n, true, out);
}

static pt_status drillup_member(eval *x, const node *n, xval *out)
{
    return switch_members(x, n, false, out);
}

/* ---- by levels --------------------------------------------------------- */

/* The level given, and the column of its hierarchy (arity: none); left out, the deepest level in the first
 * column. */
static pt_status find_level(eval *x, const node *n, set s, uint32_t *column, uint32_t *depth)
{
    xval l;
    *column = *depth = 0;
    if (level_arg(n)) {
        PT_TRY(eval_node(x, level_arg(n), &l));
        while (s.n > 0 && *column < s.arity && s.m[*column].hier != l.l.hier) (*column)++;
        *depth = l.l.ordinal;
        return PT_OK;
    }
    for (uint32_t i = 0; i < s.n; i++) {
        uint32_t own = member_level(x->sc, set_at(s, i)[0]);
        if (own > *depth) *depth = own;
    }
    return PT_OK;
}

static pt_status drilldown_level(eval *x, const node *n, xval *out)
{
    set s, children;
    uint32_t column, depth;
    PT_TRY(eval_set(x, n->args[0], &s));
    out->s = s;
    PT_TRY(find_level(x, n, s, &column, &depth));
    if (s.n == 0 || column == s.arity) return PT_OK;
    tuplist b = eval_tuplist(x, s.arity);
    for (uint32_t i = 0; i < s.n; i++) {
        const mref *t = set_at(s, i);
        PT_TRY(tuplist_add(&b, t));
        if (member_level(x->sc, t[column]) != depth || is_below(x->sc, s, i, i + 1, column)) continue;
        PT_TRY(children_of(x, n, t[column], &children));
        PT_TRY(add_replaced(&b, t, column, children));
    }
    out->s = b.s;
    return PT_OK;
}

/* Every tuple is drilled, open or not. */
static pt_status drilldown_index(eval *x, const node *n, xval *out)
{
    set s, children;
    int64_t column;
    bool is_null;
    PT_TRY(eval_set(x, n->args[0], &s));
    PT_TRY(eval_integer(x, scalar_arg(n, 1), &column, &is_null));
    out->s = s;
    if (is_null || column < 0 || column >= (int64_t)s.arity) return PT_OK;
    tuplist b = eval_tuplist(x, s.arity);
    for (uint32_t i = 0; i < s.n; i++) {
        PT_TRY(tuplist_add(&b, set_at(s, i)));
        PT_TRY(children_of(x, n, set_at(s, i)[column], &children));
        PT_TRY(add_replaced(&b, set_at(s, i), (uint32_t)column, children));
    }
    out->s = b.s;
    return PT_OK;
}

/* Without what lies below the level (left out: the deepest but one); unchanged if nothing is at that level.
 */
static pt_status drillup_level(eval *x, const node *n, xval *out)
{
    set s;
    uint32_t column, depth;
    bool any = false;
    PT_TRY(eval_set(x, n->args[0], &s));
    out->s = s;
    PT_TRY(find_level(x, n, s, &column, &depth));
    if (s.n == 0 || column == s.arity || (!level_arg(n) && depth-- == 0)) return PT_OK;
    tuplist b = eval_tuplist(x, s.arity);
    for (uint32_t i = 0; i < s.n; i++) {
        uint32_t own = member_level(x->sc, set_at(s, i)[column]);
        any |= own == depth;
        if (own <= depth) PT_TRY(tuplist_add(&b, set_at(s, i)));
    }
    if (any) out->s = b.s;
    return PT_OK;
}

/* ---- some of the children ---------------------------------------------- */

/* The first k children of t's member in the order of a value. */
static pt_status add_ends(eval *x, const node *n, const mref *t, uint32_t column, int64_t k, bool top,
                          tuplist *out)
{
    set children;
    pt_value *v;
    uint32_t *positions;
    tuplist below = eval_tuplist(x, out->s.arity);
    PT_TRY(children_of(x, n, t[column], &children));
    PT_TRY(add_replaced(&below, t, column, children));
    PT_TRY(eval_over(x, NULL, below.s, scalar_arg(n, 2), &v));
    PT_TRY(order_by_values(x, v, below.s.n, top, &positions));
    for (uint32_t i = 0; i < below.s.n && (int64_t)i < k; i++)
        PT_TRY(tuplist_add(out, set_at(below.s, positions[i])));
    return PT_OK;
}

static pt_status drill_ends(eval *x, const node *n, bool top, xval *out)
{
    set s;
    int64_t k;
    bool is_null;
    uint32_t column = 0, depth = 0;
    pt_status all = PT_OK;
    PT_TRY(eval_set(x, n->args[0], &s));
    PT_TRY(eval_integer(x, n->args[1], &k, &is_null));
    if (level_arg(n)) PT_TRY(find_level(x, n, s, &column, &depth));
    out->s = s;
    if (is_null || k <= 0 || s.n == 0 || column == s.arity) return PT_OK;
    tuplist b = eval_tuplist(x, s.arity);
    for (uint32_t i = 0; i < s.n; i++) {
        const mref *t = set_at(s, i);
        PT_TRY(tuplist_add(&b, t));
        if (level_arg(n) && member_level(x->sc, t[column]) != depth) continue;
        if (!eval_go_on(add_ends(x, n, t, column, k, top, &b), &all)) return all;
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

/* The value is the current cell if left out. It alone is evaluated at the children. */
static pt_status bind_ends(bind *b, node *n)
{
    const node *value = scalar_arg(n, 2);
    uint64_t deps = n->args[0]->deps | n->args[1]->deps | (level_arg(n) ? level_arg(n)->deps : 0);
    if (!value) PT_TRY(node_append(b, n, node_cell(b, n->at)));
    value = scalar_arg(n, 2);
    n->deps = deps | (value->deps & ~shape_deps(n->args[0]->shape));
    return PT_OK;
}

/* ---- the table --------------------------------------------------------- */

#define DOWN_WORDS  "RECURSIVE INCLUDE_CALC_MEMBERS"
#define CALC_WORDS  "INCLUDE_CALC_MEMBERS"
#define MEMBER_TEXT "the children of some members inserted behind them"
#define TARGET_TEXT "tuples with some members, each followed by the children in one hierarchy"
#define LEVEL_TEXT  "the children of a level's members inserted behind them"
#define INDEX_TEXT  "the same for one hierarchy of tuples, counted from 0"
#define TOP_TEXT    "the children with the greatest values inserted behind each member"
#define BOTTOM_TEXT "the children with the least values inserted behind each member"
#define TOGGLE_TEXT "opens members that are closed, and closes those that are open"
#define FUNCTION(name, args, text, fn, bound, more, takes)                                                   \
    {                                                                                                        \
        name, SYN_FUNCTION, "x", args, text, .eval = fn, .bind = bound, .flags = FUN_BIG | (more),           \
                                             .words = takes                                                  \
    }

/* Forms with empty arguments before a flag are what other clients write. */
static const fun table[] = {
    FUNCTION("DrilldownMember", "xx[y[y]]", MEMBER_TEXT, drilldown_member, bind_members, 0, DOWN_WORDS),
    FUNCTION("DrilldownMember", "xxh[y[y]]", TARGET_TEXT, drilldown_member, bind_members, 0, DOWN_WORDS),
    FUNCTION("DrilldownMember", "xxhey", TARGET_TEXT, drilldown_member, bind_members, FUN_HIDDEN, DOWN_WORDS),
    FUNCTION("DrilldownMember", "xxe[e]y[y]", MEMBER_TEXT, drilldown_member, bind_members, FUN_HIDDEN,
             DOWN_WORDS),
    FUNCTION("DrilldownLevel", "x[l][y]", LEVEL_TEXT, drilldown_level, NULL, 0, CALC_WORDS),
    FUNCTION("DrilldownLevel", "x[l]e[e]y", LEVEL_TEXT, drilldown_level, NULL, FUN_HIDDEN, CALC_WORDS),
    FUNCTION("DrilldownLevel", "xen[y]", INDEX_TEXT, drilldown_index, NULL, 0, CALC_WORDS),
    FUNCTION("DrilldownLevelTop", "xn[l[n]][y]", TOP_TEXT, drill_top, bind_ends, FUN_ITERATES, CALC_WORDS),
    FUNCTION("DrilldownLevelTop", "xnen[y]", TOP_TEXT, drill_top, bind_ends, FUN_ITERATES, CALC_WORDS),
    FUNCTION("DrilldownLevelTop", "xn[l]e[e]y", TOP_TEXT, drill_top, bind_ends, FUN_ITERATES | FUN_HIDDEN,
             CALC_WORDS),
    FUNCTION("DrilldownLevelBottom", "xn[l[n]][y]", BOTTOM_TEXT, drill_bottom, bind_ends, FUN_ITERATES,
             CALC_WORDS),
    FUNCTION("DrilldownLevelBottom", "xnen[y]", BOTTOM_TEXT, drill_bottom, bind_ends, FUN_ITERATES,
             CALC_WORDS),
    FUNCTION("DrilldownLevelBottom", "xn[l]e[e]y", BOTTOM_TEXT, drill_bottom, bind_ends,
             FUN_ITERATES | FUN_HIDDEN, CALC_WORDS),
    FUNCTION("DrillupMember", "xx", "the set without what follows below some members", drillup_member,
             bind_members, 0, NULL),
    FUNCTION("DrillupLevel", "x[l]", "the set without the members below a level", drillup_level, NULL, 0,
             NULL),
    FUNCTION("ToggleDrillState", "xx[y[y]]", TOGGLE_TEXT, toggle, bind_members, 0, DOWN_WORDS),
    FUNCTION("ToggleDrillState", "xxey", TOGGLE_TEXT, toggle, bind_members, FUN_HIDDEN, DOWN_WORDS),
};

const fun_list fun_drill = {table, ARRAY_LEN(table)};
