/* nav.c - moving between the members of a hierarchy by ranges of ranks. */
#include "query/nav.h"

#include "query/calc.h"

static const level_view *view_of(const scope *sc, mref m)
{
    return &sc->hiers[m.hier].view->levels[m.level];
}

static bool is_hidden(const level_view *l, uint32_t rank)
{
    return l->hidden && l->hidden[rank];
}

/* Outside of the subcube: neither the member nor what is below it is there. */
static bool is_outside(const scope *sc, uint32_t hier, uint32_t lvl, uint32_t rank)
{
    uint64_t *const *visible = sc->hiers[hier].visible;
    return visible && !(visible[lvl][rank / 64] >> (rank % 64) & 1);
}

static mref all_or_null(const scope *sc, uint32_t hier)
{
    return (mref){.hier = (uint16_t)hier, .kind = sc->hiers[hier].has_all ? MEM_ALL : MEM_NULL};
}

/* ---- up ---------------------------------------------------------------- */

static mref stored_parent(const scope *sc, mref m)
{
    const level_view *l = view_of(sc, m);
    mref up = m;
    if (l->end) {
        up.id = l->parent[m.id];
        return up.id == MEMBER_NONE ? all_or_null(sc, m.hier) : up;
    }
    while (up.level > 0) {
        up.id = view_of(sc, up)->parent[up.id];
        up.level--;
        if (!is_hidden(view_of(sc, up), up.id)) return up;
    }
    return all_or_null(sc, m.hier);
}

mref nav_parent(const scope *sc, mref m)
{
    switch ((mref_kind)m.kind) {
    case MEM_STORED: return m.hier == 0 ? mref_null(0) : stored_parent(sc, m);
    case MEM_DATA: return stored_parent(sc, (mref){m.hier, MEM_STORED, m.level, m.id});
    case MEM_CALC: return sc->calcs[m.id]->parent;
    case MEM_NULL:
    case MEM_ALL:
    case MEM_REGION: break;
    }
    return mref_null(m.hier);
}

mref nav_ancestor_at(const scope *sc, mref m, uint32_t lvl)
{
    mref up = m;
    while (!mref_is_null(up) && member_level(sc, up) > lvl) up = nav_parent(sc, up);
    return !mref_is_null(up) && member_level(sc, up) == lvl ? up : mref_null(m.hier);
}

mref nav_ancestor_steps(const scope *sc, mref m, int64_t steps)
{
    if (steps < 0) return mref_null(m.hier);
    for (; steps > 0 && !mref_is_null(m); steps--) m = nav_parent(sc, m);
    return m;
}

bool nav_is_ancestor(const scope *sc, mref a, mref m)
{
    if (a.hier != m.hier || mref_is_null(a) || mref_is_null(m)) return false;
    a = member_plain(sc, a);
    m = member_plain(sc, m);
    if (a.kind == MEM_ALL && m.kind != MEM_CALC) return true;
    if (a.kind == MEM_STORED && m.kind == MEM_STORED && m.hier != 0) {
        const level_view *l = view_of(sc, m);
        if (l->end) return a.id <= m.id && m.id < l->end[a.id];
        for (; m.level > a.level; m.level--) m.id = view_of(sc, m)->parent[m.id];
        return m.level == a.level && m.id == a.id;
    }
    for (; !mref_is_null(m); m = nav_parent(sc, m))
        if (mref_eq(a, m)) return true;
    return false;
}

bool nav_is_below(const scope *sc, mref m, mref a)
{
    return !mref_eq(member_plain(sc, a), member_plain(sc, m)) && nav_is_ancestor(sc, a, m);
}

/* ---- down -------------------------------------------------------------- */

/* The ranks of the children of m, at *level; hidden ones included. false: none. */
static bool child_range(const scope *sc, mref m, uint8_t *lvl, uint32_t *lo, uint32_t *hi)
{
    const hier_view *v = sc->hiers[m.hier].view;
    m = member_plain(sc, m);
    if (m.hier == 0 || v->n_levels == 0) return false;
    if (m.kind == MEM_ALL) {
        *lvl = 0;
        *lo = 0;
        *hi = v->levels[0].n;
        return *hi > 0;
    }
    if (m.kind != MEM_STORED) return false;
    if (v->levels[m.level].end) {
        *lvl = m.level;
        *lo = m.id + 1;
        *hi = v->levels[m.level].end[m.id];
        return *lo < *hi;
    }
    if (m.level + 1u >= v->n_levels) return false;
    *lvl = (uint8_t)(m.level + 1);
    *lo = v->levels[m.level].first_child[m.id];
    *hi = v->levels[m.level].first_child[m.id + 1];
    return *lo < *hi;
}

/* The first visible member (a member itself, or below a hidden one) in a range of ranks, or null. */
static mref first_visible(const scope *sc, uint16_t hier, uint8_t lvl, uint32_t lo, uint32_t hi,
                          bool from_end)
{
    const level_view *l = &sc->hiers[hier].view->levels[lvl];
    for (uint32_t i = lo; i < hi; i++) {
        mref m = {hier, MEM_STORED, lvl, from_end ? hi - 1 - (i - lo) : i};
        uint8_t below;
        uint32_t clo, chi;
        if (is_outside(sc, hier, lvl, m.id)) continue;
        if (!is_hidden(l, m.id)) return m;
        if (!child_range(sc, m, &below, &clo, &chi)) continue;
        m = first_visible(sc, hier, below, clo, chi, from_end);
        if (!mref_is_null(m)) return m;
    }
    return mref_null(hier);
}

mref nav_first_child(const scope *sc, mref m)
{
    uint8_t lvl;
    uint32_t lo, hi;
    if (!child_range(sc, m, &lvl, &lo, &hi)) return mref_null(m.hier);
    return first_visible(sc, m.hier, lvl, lo, hi, false);
}

mref nav_last_child(const scope *sc, mref m)
{
    uint8_t lvl;
    uint32_t lo, hi;
    if (!child_range(sc, m, &lvl, &lo, &hi)) return mref_null(m.hier);
    const level_view *l = &sc->hiers[m.hier].view->levels[lvl];
    if (!l->end) return first_visible(sc, m.hier, lvl, lo, hi, true);
    uint32_t last = MEMBER_NONE;
    for (uint32_t r = lo; r < hi; r = l->end[r])
        if (!is_outside(sc, m.hier, lvl, r)) last = r;
    return last == MEMBER_NONE ? mref_null(m.hier) : (mref){m.hier, MEM_STORED, lvl, last};
}

bool nav_is_leaf(const scope *sc, mref m)
{
    return mref_is_null(nav_first_child(sc, m));
}

static pt_status add_range(const scope *sc, uint16_t hier, uint8_t lvl, uint32_t lo, uint32_t hi,
                           tuplist *out)
{
    const level_view *l = &sc->hiers[hier].view->levels[lvl];
    PT_TRY(tuplist_reserve(out, l->end ? 1 : hi - lo));
    for (uint32_t r = lo; r < hi; r = l->end ? l->end[r] : r + 1) {
        mref m = {hier, MEM_STORED, lvl, r};
        uint8_t below;
        uint32_t clo, chi;
        if (is_outside(sc, hier, lvl, r)) continue;
        if (!is_hidden(l, r)) {
            PT_TRY(tuplist_add1(out, m));
        } else if (child_range(sc, m, &below, &clo, &chi)) {
            PT_TRY(add_range(sc, hier, below, clo, chi, out));
        }
    }
    return PT_OK;
}

pt_status nav_children(const scope *sc, mref m, tuplist *out)
{
    uint8_t lvl;
    uint32_t lo, hi;
    if (!child_range(sc, m, &lvl, &lo, &hi)) return PT_OK;
    return add_range(sc, m.hier, lvl, lo, hi, out);
}

static uint32_t count_range(const scope *sc, uint16_t hier, uint8_t lvl, uint32_t lo, uint32_t hi)
{
    const level_view *l = &sc->hiers[hier].view->levels[lvl];
    uint32_t n = 0;
    if (!l->end && !l->hidden && !sc->hiers[hier].visible) return hi - lo;
    for (uint32_t r = lo; r < hi; r = l->end ? l->end[r] : r + 1) {
        mref m = {hier, MEM_STORED, lvl, r};
        if (is_outside(sc, hier, lvl, r)) continue;
        n += is_hidden(l, r) ? nav_n_children(sc, m) : 1;
    }
    return n;
}

uint32_t nav_n_children(const scope *sc, mref m)
{
    uint8_t lvl;
    uint32_t lo, hi;
    return child_range(sc, m, &lvl, &lo, &hi) ? count_range(sc, m.hier, lvl, lo, hi) : 0;
}

pt_status nav_roots(const scope *sc, uint32_t hier, tuplist *out)
{
    const scope_hier *h = &sc->hiers[hier];
    if (hier == 0) {
        for (uint32_t i = 0; i < sc->n_measure_order; i++) PT_TRY(tuplist_add1(out, sc->measure_order[i]));
        return PT_OK;
    }
    if (h->has_all) return tuplist_add1(out, all_or_null(sc, hier));
    if (h->view->n_levels == 0) return PT_OK;
    return add_range(sc, (uint16_t)hier, 0, 0, h->view->levels[0].n, out);
}

pt_status nav_first_root(const scope *sc, uint32_t hier, mref *out, pt_err *err)
{
    const scope_hier *h = &sc->hiers[hier];
    (void)err;
    *out = all_or_null(sc, hier);
    if (!h->has_all && h->view->n_levels > 0)
        *out = first_visible(sc, (uint16_t)hier, 0, 0, h->view->levels[0].n, false);
    return PT_OK;
}

/* ---- sideways ---------------------------------------------------------- */

/* Place in the order of measures, or -1. */
static int64_t measure_place(const scope *sc, mref m)
{
    for (uint32_t i = 0; i < sc->n_measure_order; i++)
        if (mref_eq(sc->measure_order[i], m)) return i;
    return -1;
}

static pt_status no_siblings(const scope *sc, mref m, pt_err *err)
{
    return pt_fail(err, PT_VALUE, "the calculated member " STR_FMT " has no siblings",
                   STR_ARG(sc->calcs[m.id]->unique_name));
}

static bool is_lonely(const scope *sc, mref m)
{
    return m.kind == MEM_CALC && (m.hier != 0 || measure_place(sc, m) < 0);
}

pt_status nav_siblings(const scope *sc, mref m, tuplist *out)
{
    m = member_plain(sc, m);
    if (mref_is_null(m)) return PT_OK;
    if (is_lonely(sc, m)) return no_siblings(sc, m, out->err);
    if (m.kind == MEM_DATA) return tuplist_add1(out, m);
    mref up = nav_parent(sc, m);
    return mref_is_null(up) ? nav_roots(sc, m.hier, out) : nav_children(sc, up, out);
}

pt_status nav_end_sibling(const scope *sc, mref m, bool is_last, mref *out, pt_err *err)
{
    const scope_hier *h = &sc->hiers[m.hier];
    *out = m;
    m = member_plain(sc, m);
    if (mref_is_null(m) || m.kind == MEM_DATA || m.kind == MEM_ALL) return PT_OK;
    if (is_lonely(sc, m)) return no_siblings(sc, m, err);
    if (m.hier == 0) {
        *out = sc->measure_order[is_last ? sc->n_measure_order - 1 : 0];
        return PT_OK;
    }
    mref up = nav_parent(sc, m);
    if (!mref_is_null(up)) {
        *out = is_last ? nav_last_child(sc, up) : nav_first_child(sc, up);
        return PT_OK;
    }
    *out = first_visible(sc, m.hier, 0, 0, h->view->levels[0].n, is_last);
    return PT_OK;
}

/* Parent-child: along the siblings, which are found from their parent's range. */
static mref lead_in_tree(const scope *sc, mref m, int64_t n)
{
    const level_view *l = view_of(sc, m);
    uint32_t up = l->parent[m.id];
    uint32_t lo = up == MEMBER_NONE ? 0 : up + 1, hi = up == MEMBER_NONE ? l->n : l->end[up];
    if (n >= 0) {
        while (n > 0 && m.id < hi)
            if ((m.id = l->end[m.id]) < hi && !is_outside(sc, m.hier, m.level, m.id)) n--;
        return m.id < hi ? m : mref_null(m.hier);
    }
    int64_t place = 0;
    for (uint32_t r = lo; r < m.id; r = l->end[r]) place += !is_outside(sc, m.hier, m.level, r);
    if (place + n < 0) return mref_null(m.hier);
    place += n;
    for (uint32_t r = lo; r < m.id; r = l->end[r])
        if (!is_outside(sc, m.hier, m.level, r) && place-- == 0) m.id = r;
    return m;
}

static mref lead_in_level(const scope *sc, mref m, int64_t n)
{
    const level_view *l = view_of(sc, m);
    int64_t at = m.id, step = n < 0 ? -1 : 1;
    if (n > (int64_t)l->n || n < -(int64_t)l->n) return mref_null(m.hier);
    if (!l->hidden && !sc->hiers[m.hier].visible) {
        at += n;
    } else {
        for (int64_t left = n * step; left > 0;) {
            at += step;
            if (at < 0 || at >= (int64_t)l->n) break;
            if (!is_hidden(l, (uint32_t)at) && !is_outside(sc, m.hier, m.level, (uint32_t)at)) left--;
        }
    }
    if (at < 0 || at >= (int64_t)l->n) return mref_null(m.hier);
    m.id = (uint32_t)at;
    return m;
}

pt_status nav_lead(const scope *sc, mref m, int64_t n, mref *out, pt_err *err)
{
    *out = m;
    m = member_plain(sc, m);
    if (n == 0 || mref_is_null(m)) return PT_OK;
    if (is_lonely(sc, m) && m.hier != 0) return no_siblings(sc, m, err);
    if (m.hier == 0) {
        int64_t at = measure_place(sc, m), size = sc->n_measure_order;
        bool fits = at >= 0 && n >= -at && n < size - at;
        *out = fits ? sc->measure_order[at + n] : mref_null(0);
    } else if (m.kind != MEM_STORED) {
        *out = mref_null(m.hier);
    } else {
        *out = view_of(sc, m)->end ? lead_in_tree(sc, m, n) : lead_in_level(sc, m, n);
    }
    return PT_OK;
}

/* ---- levels ------------------------------------------------------------ */

static const level_view *level_view_of(const scope *sc, level_ref l, uint8_t *index)
{
    const scope_hier *h = &sc->hiers[l.hier];
    uint32_t i = l.ordinal - (h->has_all ? 1u : 0u);
    *index = (uint8_t)i;
    return i < h->view->n_levels ? &h->view->levels[i] : NULL;
}

pt_status nav_level_members(const scope *sc, level_ref l, tuplist *out)
{
    uint8_t index;
    if (l.hier == 0) {
        for (uint32_t i = 0; i < sc->n_measure_order; i++)
            if (sc->measure_order[i].kind == MEM_STORED) PT_TRY(tuplist_add1(out, sc->measure_order[i]));
        return PT_OK;
    }
    if (sc->hiers[l.hier].has_all && l.ordinal == 0) return tuplist_add1(out, all_or_null(sc, l.hier));
    const level_view *v = level_view_of(sc, l, &index);
    if (!v) return PT_OK;
    PT_TRY(tuplist_reserve(out, v->n));
    for (uint32_t r = 0; r < v->n; r++)
        if (!is_hidden(v, r) && !is_outside(sc, l.hier, index, r))
            PT_TRY(tuplist_add1(out, (mref){l.hier, MEM_STORED, index, r}));
    return PT_OK;
}

uint64_t nav_level_size(const scope *sc, level_ref l)
{
    uint8_t index;
    if (l.hier == 0) return sc->n_measure_order;
    if (sc->hiers[l.hier].has_all && l.ordinal == 0) return 1;
    const level_view *v = level_view_of(sc, l, &index);
    return v ? v->n : 0;
}

pt_status nav_subtree(const scope *sc, mref m, tuplist *out)
{
    uint8_t lvl;
    uint32_t lo, hi;
    if (mref_is_null(m)) return PT_OK;
    PT_TRY(tuplist_add1(out, m));
    if (!child_range(sc, m, &lvl, &lo, &hi)) return PT_OK;
    const level_view *l = &sc->hiers[m.hier].view->levels[lvl];
    if (l->end) {
        PT_TRY(tuplist_reserve(out, hi - lo));
        for (uint32_t r = lo; r < hi; r++)
            if (!is_outside(sc, m.hier, lvl, r))
                PT_TRY(tuplist_add1(out, (mref){m.hier, MEM_STORED, lvl, r}));
        return PT_OK;
    }
    uint32_t at = out->s.n;
    PT_TRY(nav_children(sc, m, out));
    if (lvl + 1u >= sc->hiers[m.hier].view->n_levels) return PT_OK;
    /* The children were appended only to learn which they are: visit them one by one instead. */
    uint32_t n = out->s.n - at;
    mref *children = arena_array(out->a, mref, n);
    if (!children) return arena_fail(out->a, out->err);
    memcpy(children, out->s.m + at, n * sizeof *children);
    out->s.n = at;
    for (uint32_t i = 0; i < n; i++) PT_TRY(nav_subtree(sc, children[i], out));
    return PT_OK;
}

pt_status nav_hier_members(const scope *sc, uint32_t hier, tuplist *out)
{
    if (hier == 0) return nav_level_members(sc, (level_ref){0, 0}, out);
    const scope_hier *h = &sc->hiers[hier];
    if (h->has_all) return nav_subtree(sc, all_or_null(sc, hier), out);
    tuplist roots = *out;
    roots.s = (set){.arity = 1};
    roots.cap = 0;
    PT_TRY(nav_roots(sc, hier, &roots));
    for (uint32_t i = 0; i < roots.s.n; i++) PT_TRY(nav_subtree(sc, roots.s.m[i], out));
    return PT_OK;
}

/* Ranks at level index `to` of the descendants of m. false: m cannot have any there. */
static bool descend_range(const scope *sc, mref m, uint8_t to, uint32_t *lo, uint32_t *hi)
{
    const hier_view *v = sc->hiers[m.hier].view;
    m = member_plain(sc, m);
    if (m.kind == MEM_ALL) {
        *lo = 0;
        *hi = v->levels[to].n;
        return true;
    }
    if (m.kind != MEM_STORED || m.level > to) return false;
    *lo = m.id;
    *hi = m.id + 1;
    for (uint32_t k = m.level; k < to; k++) {
        *lo = v->levels[k].first_child[*lo];
        *hi = v->levels[k].first_child[*hi];
    }
    return true;
}

pt_status nav_descend(const scope *sc, mref m, uint32_t lvl, tuplist *out)
{
    uint8_t index;
    uint32_t lo, hi;
    if (mref_is_null(m)) return PT_OK;
    if (member_level(sc, m) == lvl) return tuplist_add1(out, m);
    if (m.hier == 0) return PT_OK;
    const level_view *v = level_view_of(sc, (level_ref){m.hier, (uint16_t)lvl}, &index);
    if (!v || (sc->hiers[m.hier].has_all && lvl == 0)) return PT_OK;
    if (v->end) return member_plain(sc, m).kind == MEM_ALL ? nav_children(sc, m, out) : PT_OK;
    if (!descend_range(sc, m, index, &lo, &hi)) return PT_OK;
    PT_TRY(tuplist_reserve(out, hi - lo));
    for (uint32_t r = lo; r < hi; r++)
        if (!is_hidden(v, r) && !is_outside(sc, m.hier, index, r))
            PT_TRY(tuplist_add1(out, (mref){m.hier, MEM_STORED, index, r}));
    return PT_OK;
}

mref nav_first_at(const scope *sc, mref m, uint32_t lvl, bool is_last)
{
    uint8_t index;
    uint32_t lo, hi;
    if (mref_is_null(m) || member_level(sc, m) == lvl) return m;
    if (m.hier == 0 || member_level(sc, m) > lvl) return mref_null(m.hier);
    const level_view *v = level_view_of(sc, (level_ref){m.hier, (uint16_t)lvl}, &index);
    if (!v) return mref_null(m.hier);
    if (v->end) return is_last ? nav_last_child(sc, m) : nav_first_child(sc, m);
    if (!descend_range(sc, m, index, &lo, &hi)) return mref_null(m.hier);
    for (uint32_t i = lo; i < hi; i++) {
        uint32_t r = is_last ? hi - 1 - (i - lo) : i;
        if (!is_hidden(v, r) && !is_outside(sc, m.hier, index, r))
            return (mref){m.hier, MEM_STORED, index, r};
    }
    return mref_null(m.hier);
}

/* ---- order ------------------------------------------------------------- */

static int cmp_u32(uint32_t a, uint32_t b)
{
    return a < b ? -1 : a > b;
}

static int cmp_stored(const scope *sc, mref a, mref b)
{
    if (view_of(sc, a)->end) {
        int c = cmp_u32(a.id, b.id);
        return c ? c : cmp_u32(a.kind, b.kind);
    }
    mref x = a, y = b;
    for (; x.level > y.level; x.level--) x.id = view_of(sc, x)->parent[x.id];
    for (; y.level > x.level; y.level--) y.id = view_of(sc, y)->parent[y.id];
    int c = cmp_u32(x.id, y.id);
    return c ? c : cmp_u32(a.level, b.level);
}

/* c is calculated: it follows everything else below its parent. */
static int cmp_calc(const scope *sc, mref c, mref b)
{
    mref up = nav_parent(sc, c);
    if (b.kind == MEM_CALC && mref_eq(up, nav_parent(sc, b)))
        return str_cmp_fold(sc->calcs[c.id]->name, sc->calcs[b.id]->name);
    if (mref_is_null(up)) return 1;
    if (nav_is_ancestor(sc, b, up) || nav_is_ancestor(sc, up, b)) return 1;
    return nav_cmp(sc, up, b);
}

static int cmp_measures(const scope *sc, mref a, mref b)
{
    int64_t x = measure_place(sc, a), y = measure_place(sc, b);
    if (x >= 0 && y >= 0) return x < y ? -1 : x > y;
    if (x >= 0 || y >= 0) return x >= 0 ? -1 : 1;
    if (a.kind == MEM_CALC && b.kind == MEM_CALC)
        return str_cmp_fold(sc->calcs[a.id]->name, sc->calcs[b.id]->name);
    return cmp_u32(a.id, b.id);
}

int nav_cmp(const scope *sc, mref a, mref b)
{
    a = member_plain(sc, a);
    b = member_plain(sc, b);
    if (mref_eq(a, b)) return 0;
    if (a.hier != b.hier) return cmp_u32(a.hier, b.hier);
    if (mref_is_null(a) || mref_is_null(b)) return mref_is_null(a) ? -1 : 1;
    if (a.hier == 0) return cmp_measures(sc, a, b);
    if (a.kind == MEM_CALC) return cmp_calc(sc, a, b);
    if (b.kind == MEM_CALC) return -cmp_calc(sc, b, a);
    if (a.kind == MEM_ALL || b.kind == MEM_ALL) return a.kind == MEM_ALL ? -1 : 1;
    return cmp_stored(sc, a, b);
}
