/* fun_member.c - from member to member (section 14). */
#include "query/calc.h"
#include "query/funs.h"
#include "query/nav.h"
#include "query/subcube.h"

/* ---- one member from one member ---------------------------------------- */

static pt_status parent(eval *x, const node *n, xval *out)
{
    mref m;
    PT_TRY(eval_member(x, n->args[0], &m));
    return give_member(out, nav_parent(x->sc, m));
}

static pt_status first_child(eval *x, const node *n, xval *out)
{
    mref m;
    PT_TRY(eval_member(x, n->args[0], &m));
    return give_member(out, nav_first_child(x->sc, m));
}

static pt_status last_child(eval *x, const node *n, xval *out)
{
    mref m;
    PT_TRY(eval_member(x, n->args[0], &m));
    return give_member(out, nav_last_child(x->sc, m));
}

static pt_status first_sibling(eval *x, const node *n, xval *out)
{
    mref m;
    PT_TRY(eval_member(x, n->args[0], &m));
    return nav_end_sibling(x->sc, m, false, &out->m, x->err);
}

static pt_status last_sibling(eval *x, const node *n, xval *out)
{
    mref m;
    PT_TRY(eval_member(x, n->args[0], &m));
    return nav_end_sibling(x->sc, m, true, &out->m, x->err);
}

static pt_status step(eval *x, const node *n, int64_t by, xval *out)
{
    mref m;
    PT_TRY(eval_member(x, n->args[0], &m));
    return nav_lead(x->sc, m, by, &out->m, x->err);
}

static pt_status next_member(eval *x, const node *n, xval *out)
{
    return step(x, n, 1, out);
}

static pt_status prev_member(eval *x, const node *n, xval *out)
{
    return step(x, n, -1, out);
}

static pt_status lead_by(eval *x, const node *n, int sign, xval *out)
{
    int64_t by;
    bool is_null;
    PT_TRY(eval_integer(x, n->args[1], &by, &is_null));
    return step(x, n, is_null ? 0 : sign * by, out);
}

static pt_status lead(eval *x, const node *n, xval *out)
{
    return lead_by(x, n, 1, out);
}

static pt_status lag(eval *x, const node *n, xval *out)
{
    return lead_by(x, n, -1, out);
}

static pt_status data_member(eval *x, const node *n, xval *out)
{
    mref m;
    PT_TRY(eval_member(x, n->args[0], &m));
    bool has_own = m.kind == MEM_STORED && x->sc->hiers[m.hier].is_parent_child;
    if (has_own) m.kind = MEM_DATA;
    return give_member(out, has_own ? m : mref_null(m.hier));
}

static pt_status calculated_child(eval *x, const node *n, xval *out)
{
    mref m;
    pt_str name;
    PT_TRY(eval_member(x, n->args[0], &m));
    PT_TRY(eval_string(x, n->args[1], &name));
    const calc *c = name.ptr && !mref_is_null(m) ? calc_find(x->sc, m, name, x->sc->cube) : NULL;
    return give_member(out, c ? calc_ref(c) : mref_null(m.hier));
}

/* ---- ancestors --------------------------------------------------------- */

static pt_status other_hierarchy(eval *x, const node *n, uint32_t want, uint32_t have)
{
    return pt_fail_at(x->err, PT_VALUE, n->at, "a member of " STR_FMT " has nothing to do with " STR_FMT,
                      STR_ARG(x->sc->hiers[have].unique_name), STR_ARG(x->sc->hiers[want].unique_name));
}

static pt_status ancestor_level(eval *x, const node *n, xval *out)
{
    mref m;
    xval l;
    PT_TRY(eval_member(x, n->args[0], &m));
    PT_TRY(eval_node(x, n->args[1], &l));
    if (l.l.hier != m.hier && !mref_is_null(m)) return other_hierarchy(x, n, l.l.hier, m.hier);
    return give_member(out, nav_ancestor_at(x->sc, m, l.l.ordinal));
}

static pt_status ancestor_steps(eval *x, const node *n, xval *out)
{
    mref m;
    int64_t steps;
    bool is_null;
    PT_TRY(eval_member(x, n->args[0], &m));
    PT_TRY(eval_integer(x, n->args[1], &steps, &is_null));
    return give_member(out, nav_ancestor_steps(x->sc, m, is_null ? 0 : steps));
}

/* Nearest first, down to `steps` of them; in parent-child hierarchies a level is above all below it. */
static pt_status add_ancestors(eval *x, mref m, int64_t steps, int64_t lvl, xval *out)
{
    tuplist b = eval_tuplist(x, 1);
    if (lvl >= 0 && !mref_is_null(m) && (int64_t)member_level(x->sc, m) < lvl) steps = 0;
    for (mref up = nav_parent(x->sc, m); steps > 0 && !mref_is_null(up);
         up = nav_parent(x->sc, up), steps--) {
        if (lvl >= 0 && (int64_t)member_level(x->sc, up) < lvl) break;
        PT_TRY(tuplist_add1(&b, up));
    }
    out->s = b.s;
    return PT_OK;
}

static pt_status ancestors_level(eval *x, const node *n, xval *out)
{
    mref m;
    xval l;
    PT_TRY(eval_member(x, n->args[0], &m));
    PT_TRY(eval_node(x, n->args[1], &l));
    if (l.l.hier != m.hier) return other_hierarchy(x, n, l.l.hier, m.hier);
    return add_ancestors(x, m, INT64_MAX, l.l.ordinal, out);
}

static pt_status ancestors_steps(eval *x, const node *n, xval *out)
{
    mref m;
    int64_t steps;
    bool is_null;
    PT_TRY(eval_member(x, n->args[0], &m));
    PT_TRY(eval_integer(x, n->args[1], &steps, &is_null));
    return add_ancestors(x, m, steps, -1, out);
}

static pt_status ascendants(eval *x, const node *n, xval *out)
{
    mref m;
    tuplist b = eval_tuplist(x, 1);
    PT_TRY(eval_member(x, n->args[0], &m));
    for (; !mref_is_null(m); m = nav_parent(x->sc, m)) PT_TRY(tuplist_add1(&b, m));
    out->s = b.s;
    return PT_OK;
}

/* ---- sets of one member ------------------------------------------------ */

static pt_status children(eval *x, const node *n, xval *out)
{
    mref m;
    tuplist b = eval_tuplist(x, 1);
    PT_TRY(eval_member(x, n->args[0], &m));
    PT_TRY(nav_children(x->sc, m, &b));
    out->s = b.s;
    return PT_OK;
}

static pt_status siblings(eval *x, const node *n, xval *out)
{
    mref m;
    tuplist b = eval_tuplist(x, 1);
    PT_TRY(eval_member(x, n->args[0], &m));
    PT_TRY(nav_siblings(x->sc, m, &b));
    out->s = b.s;
    return PT_OK;
}

/* ---- Cousin ------------------------------------------------------------ */

static pt_status over_gap(eval *x, const node *n, mref m, mref of)
{
    const scope *sc = x->sc;
    return pt_fail_at(x->err, PT_VALUE, n->at,
                      "levels are left out between " STR_FMT " and " STR_FMT ", so it has no place there",
                      STR_ARG(member_unique_text(sc, m, x->work)),
                      STR_ARG(member_unique_text(sc, of, x->work)));
}

/* The child of `of` in the place that m has among the children of its parent; places are counted from the top
 * down to m's level. */
static pt_status cousin_below(eval *x, const node *n, mref m, mref of, mref *out)
{
    const scope *sc = x->sc;
    uint32_t own = member_level(sc, m);
    mref from, up = nav_parent(sc, m);
    *out = member_level(sc, of) == own ? of : mref_null(m.hier);
    if (!mref_is_null(*out) || mref_is_null(up)) return PT_OK;
    if (member_level(sc, of) > own) return over_gap(x, n, m, of);
    PT_TRY(cousin_below(x, n, up, of, &from));
    if (mref_is_null(from)) return PT_OK;
    tuplist mine = eval_tuplist(x, 1), theirs = eval_tuplist(x, 1);
    PT_TRY(nav_children(sc, up, &mine));
    PT_TRY(nav_children(sc, from, &theirs));
    for (uint32_t i = 0; i < mine.s.n && i < theirs.s.n; i++) {
        if (!mref_eq(mine.s.m[i], m)) continue;
        if (member_level(sc, theirs.s.m[i]) != own) return over_gap(x, n, m, of);
        *out = theirs.s.m[i];
    }
    return PT_OK;
}

pt_status eval_cousin(eval *x, const node *n, mref m, mref of, mref *out)
{
    *out = mref_null(m.hier);
    if (mref_is_null(m) || mref_is_null(of) || member_level(x->sc, of) > member_level(x->sc, m)) return PT_OK;
    const subcube_sight before =
        subcube_lift(x->sc, m.hier); /* the fourth quarter is the fourth everywhere */
    pt_status st = cousin_below(x, n, m, of, out);
    subcube_lower(x->sc, m.hier, before);
    if (!subcube_shows(x->sc, *out)) *out = mref_null(m.hier);
    return st;
}

static pt_status cousin(eval *x, const node *n, xval *out)
{
    mref m, of;
    PT_TRY(eval_member(x, n->args[0], &m));
    PT_TRY(eval_member(x, n->args[1], &of));
    if (m.hier != of.hier) return other_hierarchy(x, n, m.hier, of.hier);
    return eval_cousin(x, n, m, of, &out->m);
}

/* ---- Range ------------------------------------------------------------- */

/* Along the order of siblings in parent-child hierarchies and measures, of ranks elsewhere. */
static pt_status range_of(eval *x, const node *n, mref a, mref b, tuplist *out)
{
    const scope *sc = x->sc;
    bool same = a.hier == b.hier && member_level(sc, a) == member_level(sc, b);
    if (!same) return pt_fail_at(x->err, EVAL_ERROR, n->at, "the ends of a range must be of one level");
    if (nav_cmp(sc, a, b) > 0) {
        mref swap = a;
        a = b;
        b = swap;
    }
    if (a.kind == MEM_STORED && b.kind == MEM_STORED && a.hier && !sc->hiers[a.hier].is_parent_child)
        PT_TRY(tuplist_reserve(out, (uint64_t)b.id - a.id + 1));
    while (!mref_is_null(a)) {
        PT_TRY(tuplist_add1(out, a));
        if (mref_eq(a, b)) break;
        PT_TRY(nav_lead(sc, a, 1, &a, x->err));
    }
    return PT_OK;
}

static pt_status range(eval *x, const node *n, xval *out)
{
    mref a, b;
    pt_status all = PT_OK;
    tuplist s = eval_tuplist(x, 1);
    if (!eval_go_on(eval_member(x, n->args[0], &a), &all)) return all;
    if (!eval_go_on(eval_member(x, n->args[1], &b), &all)) return all;
    if (all == PT_OK && !mref_is_null(a) && !mref_is_null(b)) PT_TRY(range_of(x, n, a, b, &s));
    out->s = s.s;
    return all;
}

static pt_status range_from_null(bind *b, pt_span at)
{
    pt_fail_at(b->err, PT_TYPE, at, "a range cannot begin with NULL: expected a member");
    return pt_hint(b->err, "the first of a level is [level].Members.Item(0)");
}

static pt_status bind_range(bind *b, node *n)
{
    const node *first = n->args[0];
    if (first->n == 1 && first->args[0]->type == VT_NULL) return range_from_null(b, first->at);
    return PT_OK;
}

#define MOVE(name, text, fn)                                                                                 \
    {                                                                                                        \
        name, SYN_PROPERTY, "m", "m", text, .eval = fn                                                       \
    }

static const fun table[] = {
    MOVE("Parent", "the member above", parent),
    MOVE("FirstChild", "the first child", first_child),
    MOVE("LastChild", "the last child", last_child),
    MOVE("FirstSibling", "the first child of the member's parent", first_sibling),
    MOVE("LastSibling", "the last child of the member's parent", last_sibling),
    MOVE("NextMember", "the next member of the level", next_member),
    MOVE("PrevMember", "the member before, in the level", prev_member),
    MOVE("DataMember", "in a parent-child hierarchy, the member's own facts", data_member),
    {"Lead", SYN_METHOD, "m", "mn", "the member so many places further in the level", .eval = lead},
    {"Lag", SYN_METHOD, "m", "mn", "the member so many places back in the level", .eval = lag},
    {"CalculatedChild", SYN_METHOD, "m", "mS", "the calculated member of that name below",
     .eval = calculated_child},
    {"Ancestor", SYN_FUNCTION, "m", "ml", "the ancestor at a level", .eval = ancestor_level},
    {"Ancestor", SYN_FUNCTION, "m", "mn", "the ancestor so many steps up", .eval = ancestor_steps},
    {"Ancestors", SYN_FUNCTION, "x", "ml", "the ancestors up to a level, nearest first",
     .eval = ancestors_level},
    {"Ancestors", SYN_FUNCTION, "x", "mn", "so many ancestors, nearest first", .eval = ancestors_steps},
    {"Ascendants", SYN_FUNCTION, "x", "m", "the member and all its ancestors", .eval = ascendants},
    {"Children", SYN_PROPERTY, "x", "m", "the children in natural order", .eval = children, .flags = FUN_BIG},
    {"Siblings", SYN_PROPERTY, "x", "m", "the children of the member's parent", .eval = siblings,
     .flags = FUN_BIG},
    {"Cousin", SYN_FUNCTION, "m", "mm", "the member in the same place below another ancestor",
     .eval = cousin},
    {":", SYN_INFIX, "x", "mm", "the members of the level from one to another", .eval = range,
     .bind = bind_range},
};

const fun_list fun_member = {table, ARRAY_LEN(table)};
