/* cellset.c - the answer's axes: members as people see them. */
#include "base/map.h"
#include "query/funs.h"
#include "query/nav.h"
#include "query/select.h"

static int cmp_ordinal(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

const cs_cell *cellset_cell(const cellset *cs, uint64_t ordinal)
{
    uint64_t lo = 0, hi = cs->n_cells;
    while (lo < hi) {
        uint64_t mid = lo + (hi - lo) / 2;
        int c = cmp_ordinal(cs->cells[mid].ordinal, ordinal);
        if (c == 0) return &cs->cells[mid];
        if (c < 0) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return NULL;
}

typedef struct writer {
    query *q;
    arena *a;
    const ast_axis *def;
    u64_map *seen;
    cs_member **list;
    uint32_t n, cap;
    mref parent; /* whose unique name `path` is: members mostly come with their siblings */
    strbuf path, name;
    level_ref level; /* of the member before, and its texts */
    pt_str level_name, hierarchy;
} writer;

static pt_status nomem(writer *w)
{
    return arena_fail(w->a, w->q->err);
}

/* ---- DIMENSION PROPERTIES ---------------------------------------------- */

/* The last segment is the property; those before say whose, and only narrow it down. */
static pt_str prop_name(const ast *p)
{
    return p->kind == AST_ID && p->n ? p->segs[p->n - 1].name : (pt_str){0};
}

/* Properties that a member does not have are left out. */
static pt_status add_props(writer *w, mref m, cs_member *out)
{
    eval *x = w->q->x;
    uint32_t n = w->def ? w->def->n_props : 0;
    if (n == 0) return PT_OK;
    out->prop_names = arena_array(w->a, pt_str, n);
    out->props = arena_array(w->a, pt_value, n);
    if (!out->prop_names || !out->props) return nomem(w);
    for (uint32_t i = 0; i < n; i++) {
        pt_err ignored = {0}, *outer = x->err;
        pt_value v = value_null();
        pt_str name = prop_name(w->def->props[i]);
        x->err = &ignored;
        pt_status st = eval_property(x, m, name, w->def->props[i]->at, &v);
        x->err = outer;
        if (st != PT_OK) continue;
        if (v.kind == VAL_TEXT && !(v.s = str_copy(w->a, v.s)).ptr) return nomem(w);
        if (!(out->prop_names[out->n_props] = str_copy(w->a, name)).ptr) return nomem(w);
        out->props[out->n_props++] = v;
    }
    return PT_OK;
}

/* ---- members ----------------------------------------------------------- */

static pt_str unique_name(writer *w, mref m)
{
    const scope *sc = w->q->sc;
    if (m.kind != MEM_STORED || m.hier == 0 || m.level == 0) return member_unique_text(sc, m, w->a);
    const level_view *l = &sc->hiers[m.hier].view->levels[m.level];
    mref parent = {m.hier, MEM_STORED, (uint8_t)(m.level - 1), l->parent[m.id]};
    if (!mref_eq(parent, w->parent)) {
        strbuf_clear(&w->path);
        member_unique_name(sc, parent, &w->path);
        w->parent = parent;
    }
    strbuf_clear(&w->name);
    strbuf_adds(&w->name, strbuf_str(&w->path));
    member_name_segment(sc, m, &w->name);
    return w->path.failed || w->name.failed ? (pt_str){0} : str_copy(w->a, strbuf_str(&w->name));
}

static bool find_level_texts(writer *w, mref m)
{
    const scope *sc = w->q->sc;
    level_ref l = level_of(sc, m);
    if (w->level_name.ptr && l.hier == w->level.hier && l.ordinal == w->level.ordinal) return true;
    w->level = l;
    w->level_name = level_ref_unique_name(sc, l, w->a);
    w->hierarchy = str_copy(w->a, sc->hiers[m.hier].unique_name);
    return w->level_name.ptr && w->hierarchy.ptr;
}

static pt_status make_member(writer *w, mref m, cs_member **out)
{
    const scope *sc = w->q->sc;
    cs_member *c = arena_make(w->a, cs_member);
    if (!c) return nomem(w);
    c->unique_name = unique_name(w, m);
    c->caption = member_caption(sc, m, w->a);
    if (m.kind != MEM_STORED || m.hier == 0) c->caption = str_copy(w->a, c->caption); /* the schema's own */
    if (!c->unique_name.ptr || !c->caption.ptr || !find_level_texts(w, m)) return nomem(w);
    c->hierarchy = w->hierarchy;
    c->level = w->level_name;
    c->depth = member_level(sc, m);
    if (sc->hiers[m.hier].is_parent_child)
        for (mref up = nav_parent(sc, nav_parent(sc, m)); m.kind != MEM_ALL && !mref_is_null(up);
             up = nav_parent(sc, up))
            c->depth++;
    c->is_leaf = nav_is_leaf(sc, m);
    c->is_calculated = m.kind == MEM_CALC;
    c->is_all = m.kind == MEM_ALL;
    PT_TRY(add_props(w, m, c));
    *out = c;
    return PT_OK;
}

/* Equal members share one cs_member. */
static pt_status share_member(writer *w, mref m, const cs_member **out)
{
    uint32_t at;
    bool is_new;
    PT_TRY(u64_map_put(w->seen, mref_bits(m), w->n, &at, &is_new));
    if (is_new) {
        if (w->n == w->cap) {
            uint32_t cap = w->cap ? w->cap * 2 : 64;
            cs_member **grown = arena_array(w->a, cs_member *, cap);
            if (!grown) return nomem(w);
            if (w->n) memcpy(grown, w->list, w->n * sizeof *grown);
            w->list = grown;
            w->cap = cap;
        }
        PT_TRY(make_member(w, m, &w->list[w->n]));
        w->n++;
    }
    *out = w->list[at];
    return PT_OK;
}

static pt_status write_axis(writer *w, set s, shape sh, cs_axis *out)
{
    const scope *sc = w->q->sc;
    out->n_hiers = s.n ? s.arity : sh.n;
    out->n_positions = s.n;
    out->hierarchies = arena_array(w->a, pt_str, out->n_hiers);
    out->members = arena_array(w->a, const cs_member *, (size_t)s.n *s.arity);
    if (!out->hierarchies || !out->members) return nomem(w);
    for (uint32_t k = 0; k < out->n_hiers; k++) {
        uint32_t hier = s.n ? s.m[k].hier : sh.hiers[k];
        out->hierarchies[k] = hier == HIER_ANY ? STR("") : str_copy(w->a, sc->hiers[hier].caption);
        if (!out->hierarchies[k].ptr) return nomem(w);
    }
    for (size_t i = 0; i < (size_t)s.n * s.arity; i++) PT_TRY(share_member(w, s.m[i], &out->members[i]));
    return PT_OK;
}

pt_status cellset_axis(query *q, set s, shape sh, const ast_axis *def, pt_str name, arena *a, cs_axis *out)
{
    writer w = {.q = q, .a = a, .def = def, .seen = u64_map_new()};
    if (!w.seen) return nomem(&w);
    out->name = name;
    pt_status st = write_axis(&w, s, sh, out);
    u64_map_free(w.seen);
    strbuf_free(&w.path);
    strbuf_free(&w.name);
    return st;
}
