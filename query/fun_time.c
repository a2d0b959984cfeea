/* fun_time.c - periods (section 15). Arguments left out become nodes when binding: the current member of the
 * first time hierarchy, and levels next to the member's. */
#include "query/funs.h"
#include "query/nav.h"
#include "query/subcube.h"

/* ---- default arguments ------------------------------------------------- */

/* The current member, or none when a compound slicer holds several: totals up to "now" are then empty. */
static pt_status soft_current(eval *x, const node *n, xval *out)
{
    out->m = x->ctx[n->k.hier];
    if (out->m.kind == MEM_REGION) out->m = mref_null(n->k.hier);
    return PT_OK;
}

static pt_status time_member(bind *b, const node *from, pt_span at, node **out)
{
    uint32_t hier = from ? shape_hier(from) : HIER_ANY;
    if (hier == HIER_ANY) PT_TRY(bind_time_hier(b, at, &hier));
    node *n = node_new(b, soft_current, VT_MEMBER, at, NULL, 0);
    if (!n) return bind_nomem(b);
    PT_TRY(shape_one(b, hier, &n->shape));
    n->k.hier = hier;
    n->deps = dep_bit(hier);
    *out = n;
    return PT_OK;
}

static pt_status append_time_member(bind *b, node *n, const node *from)
{
    node *m;
    PT_TRY(time_member(b, from, n->at, &m));
    PT_TRY(node_append(b, n, m));
    n->shape = m->shape;
    return PT_OK;
}

/* ---- to date ----------------------------------------------------------- */

static pt_status to_date(eval *x, mref m, uint32_t lvl, xval *out)
{
    tuplist b = eval_tuplist(x, 1);
    mref top = mref_is_null(m) ? m : nav_ancestor_at(x->sc, m, lvl);
    if (!mref_is_null(top)) {
        mref at = nav_first_at(x->sc, top, member_level(x->sc, m), false);
        while (!mref_is_null(at)) {
            PT_TRY(tuplist_add1(&b, at));
            if (mref_eq(at, m)) break;
            PT_TRY(nav_lead(x->sc, at, 1, &at, x->err));
        }
    }
    out->s = b.s;
    return PT_OK;
}

/* args: [level,] member */
static pt_status periods_to_date(eval *x, const node *n, xval *out)
{
    mref m;
    xval l;
    PT_TRY(eval_member(x, n->args[n->n - 1], &m));
    if (n->n == 2) {
        PT_TRY(eval_node(x, n->args[0], &l));
        if (!mref_is_null(m) && l.l.hier != m.hier)
            return pt_fail_at(x->err, PT_VALUE, n->at,
                              "the level and the member are of different hierarchies");
        return to_date(x, m, l.l.ordinal, out);
    }
    uint32_t own = mref_is_null(m) ? 0 : member_level(x->sc, m);
    if (own == 0) m = mref_null(m.hier);
    return to_date(x, m, own - 1, out);
}

static pt_status check_hiers(bind *b, const node *n, const node *lvl, const node *member)
{
    uint32_t l = shape_hier(lvl), m = shape_hier(member);
    if (l == HIER_ANY || m == HIER_ANY || l == m) return PT_OK;
    return pt_fail_at(b->err, PT_TYPE, n->at, "the level is of " STR_FMT ", but the member of " STR_FMT,
                      STR_ARG(b->sc->hiers[l].unique_name), STR_ARG(b->sc->hiers[m].unique_name));
}

static pt_status bind_periods_to_date(bind *b, node *n)
{
    if (n->n == 2) return check_hiers(b, n, n->args[0], n->args[1]);
    return append_time_member(b, n, n->n ? n->args[0] : NULL);
}

/* The level of that kind of a dimension: its first one, so that [Time] has one year however many of its
 * hierarchies tell it. */
static bool typed_level(const scope *sc, const scope_dim *d, level_time type, level_ref *out)
{
    for (uint32_t h = d->first_hier; h < d->first_hier + d->n_hiers; h++)
        for (uint32_t i = 0; i < sc->hiers[h].n_levels; i++) {
            *out = (level_ref){(uint16_t)h, (uint16_t)i};
            const level *l = level_ref_def(sc, *out);
            if (l && l->time == type) return true;
        }
    return false;
}

/* n->k.hier holds the level_time wanted. Members of another hierarchy than that level's: none. */
static pt_status typed_to_date(eval *x, const node *n, xval *out)
{
    mref m;
    level_ref l;
    PT_TRY(eval_member(x, n->args[0], &m));
    if (typed_level(x->sc, scope_dim_of(x->sc, m.hier), (level_time)n->k.hier, &l) && l.hier == m.hier)
        return to_date(x, m, l.ordinal, out);
    out->s = (set){.arity = 1};
    return PT_OK;
}

static pt_status bind_typed(bind *b, node *n, level_time type)
{
    n->k.hier = type;
    if (n->n == 0) return append_time_member(b, n, NULL);
    uint32_t hier = shape_hier(n->args[0]);
    if (hier != HIER_ANY && !scope_dim_of(b->sc, hier)->is_time)
        return pt_fail_at(b->err, PT_TYPE, n->args[0]->at, STR_FMT " is not a time hierarchy",
                          STR_ARG(b->sc->hiers[hier].unique_name));
    return PT_OK;
}

static pt_status bind_ytd(bind *b, node *n)
{
    return bind_typed(b, n, LEVEL_YEAR);
}

static pt_status bind_qtd(bind *b, node *n)
{
    return bind_typed(b, n, LEVEL_QUARTER);
}

static pt_status bind_mtd(bind *b, node *n)
{
    return bind_typed(b, n, LEVEL_MONTH);
}

static pt_status bind_wtd(bind *b, node *n)
{
    return bind_typed(b, n, LEVEL_WEEK);
}

/* ---- parallel periods -------------------------------------------------- */

/* args: [level, [n,]] member */
static pt_status parallel_period(eval *x, const node *n, xval *out)
{
    mref m, back;
    xval l = {0};
    int64_t by = 1;
    bool is_null = false;
    PT_TRY(eval_member(x, n->args[n->n - 1], &m));
    out->m = mref_null(m.hier);
    if (n->n >= 2) PT_TRY(eval_node(x, n->args[0], &l));
    if (n->n == 3) PT_TRY(eval_integer(x, n->args[1], &by, &is_null));
    if (mref_is_null(m)) return PT_OK;
    if (n->n >= 2 && l.l.hier != m.hier)
        return pt_fail_at(x->err, PT_VALUE, n->at, "the level and the member are of different hierarchies");
    uint32_t own = member_level(x->sc, m);
    if (n->n == 1 && own == 0) return PT_OK;
    mref up = nav_ancestor_at(x->sc, m, n->n == 1 ? own - 1 : l.l.ordinal);
    if (mref_is_null(up)) return PT_OK;
    const subcube_sight before = subcube_lift(x->sc, m.hier); /* a year is a year, whichever are seen */
    pt_status st = nav_lead(x->sc, up, -by, &back, x->err);
    subcube_lower(x->sc, m.hier, before);
    PT_TRY(st);
    return mref_is_null(back) ? PT_OK : eval_cousin(x, n, m, back, &out->m);
}

static pt_status bind_parallel(bind *b, node *n)
{
    if (n->n == 3) {
        n->shape = n->args[2]->shape;
        return PT_OK;
    }
    return append_time_member(b, n, n->n ? n->args[0] : NULL);
}

/* ---- opening and closing ----------------------------------------------- */

/* args: [level,] member */
static pt_status end_period(eval *x, const node *n, bool is_last, xval *out)
{
    mref m;
    xval l;
    PT_TRY(eval_member(x, n->args[n->n - 1], &m));
    uint32_t lvl = member_level(x->sc, m) + 1;
    if (n->n == 2) {
        PT_TRY(eval_node(x, n->args[0], &l));
        lvl = l.l.ordinal;
    }
    return give_member(out, mref_is_null(m) ? m : nav_first_at(x->sc, m, lvl, is_last));
}

static pt_status opening_period(eval *x, const node *n, xval *out)
{
    return end_period(x, n, false, out);
}

static pt_status closing_period(eval *x, const node *n, xval *out)
{
    return end_period(x, n, true, out);
}

static pt_status bind_end_period(bind *b, node *n)
{
    if (n->n < 2) PT_TRY(append_time_member(b, n, NULL));
    n->shape = n->args[n->n - 1]->shape;
    return n->n == 2 ? check_hiers(b, n, n->args[0], n->args[1]) : PT_OK;
}

/* ---- LastPeriods ------------------------------------------------------- */

static pt_status last_periods(eval *x, const node *n, xval *out)
{
    mref m, at;
    int64_t count;
    bool is_null;
    tuplist b = eval_tuplist(x, 1);
    PT_TRY(eval_integer(x, n->args[0], &count, &is_null));
    PT_TRY(eval_member(x, n->args[1], &m));
    uint64_t left = count < 0 ? (uint64_t)-count : (uint64_t)count;
    for (at = m; left > 0 && !mref_is_null(at); left--) {
        PT_TRY(eval_tick(x));
        PT_TRY(tuplist_add1(&b, at));
        PT_TRY(nav_lead(x->sc, at, count < 0 ? 1 : -1, &at, x->err));
    }
    for (uint32_t i = 0, j = b.s.n; count > 0 && i + 1 < j; i++, j--) {
        mref swap = b.s.m[i];
        b.s.m[i] = b.s.m[j - 1];
        b.s.m[j - 1] = swap;
    }
    out->s = b.s;
    return PT_OK;
}

static pt_status bind_last_periods(bind *b, node *n)
{
    return n->n == 1 ? append_time_member(b, n, NULL) : PT_OK;
}

#define TO_DATE(name, text, fn)                                                                              \
    {                                                                                                        \
        name, SYN_FUNCTION, "x", "[m]", "the members of the " text " up to the member",                      \
            .eval = typed_to_date, .bind = fn, .flags = FUN_BIG                                              \
    }

static const fun table[] = {
    {"PeriodsToDate", SYN_FUNCTION, "x", "[l[m]]", "the members of a period up to the member",
     .eval = periods_to_date, .bind = bind_periods_to_date, .flags = FUN_BIG},
    TO_DATE("Ytd", "year", bind_ytd),
    TO_DATE("Qtd", "quarter", bind_qtd),
    TO_DATE("Mtd", "month", bind_mtd),
    TO_DATE("Wtd", "week", bind_wtd),
    {"ParallelPeriod", SYN_FUNCTION, "m", "[l[n[m]]]", "the member in the same place of an earlier period",
     .eval = parallel_period, .bind = bind_parallel},
    {"OpeningPeriod", SYN_FUNCTION, "m", "[l[m]]", "the first descendant at a level", .eval = opening_period,
     .bind = bind_end_period},
    {"ClosingPeriod", SYN_FUNCTION, "m", "[l[m]]", "the last descendant at a level", .eval = closing_period,
     .bind = bind_end_period},
    {"LastPeriods", SYN_FUNCTION, "x", "n[m]", "so many members of the level that end with the member",
     .eval = last_periods, .bind = bind_last_periods, .flags = FUN_BIG},
};

const fun_list fun_time = {table, ARRAY_LEN(table)};
