/* cellset.c - the answer's axes: members as people see them. */
#include "base/map.h"
#include "base/texts.h"
#include "query/funs.h"
#include "query/nav.h"
#include "query/select.h"

/* Ordinals are all different: those before one, and those that are missing, bound its place. Where none is
 * missing, that is the place. */
const cs_cell *cellset_cell(const cellset *cs, uint64_t ordinal)
{
    uint64_t n = cs->n_cells;
    if (n == 0 || ordinal > cs->cells[n - 1].ordinal) return NULL;
    uint64_t n_missing = cs->cells[n - 1].ordinal - (n - 1);
    uint64_t lo = ordinal > n_missing ? ordinal - n_missing : 0, hi = ordinal < n ? ordinal + 1 : n;
    while (lo < hi) {
        uint64_t mid = lo + (hi - lo) / 2, at = cs->cells[mid].ordinal;
        if (at == ordinal) return &cs->cells[mid];
        if (at < ordinal) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return NULL;
}

/* A level of members met, with its texts. */
typedef struct level_texts {
    struct level_texts *next;
    level_ref level;
    pt_str name, hierarchy;
} level_texts;

typedef struct writer {
    query *q;
    arena *a;       /* of the answer */
    arena *scratch; /* until the axis is written */
    const ast_axis *def;
    uint32_t ***by_rank; /* [hierarchy][level] NULL, or by rank what `seen` has for other members */
    u64_map *seen;       /* member -> number among the different ones */
    uint32_t *numbers;   /* [positions * hierarchies] */
    mref *members;       /* [n] the different ones */
    uint32_t n, cap;
    level_texts *levels;
    cs_member *out; /* [n] */
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

/* ---- which members ----------------------------------------------------- */

static const level_texts *find_level(const writer *w, level_ref l)
{
    const level_texts *t = w->levels;
    while (t && (t->level.hier != l.hier || t->level.ordinal != l.ordinal)) t = t->next;
    return t;
}

static pt_status add_member(writer *w, mref m)
{
    const scope *sc = w->q->sc;
    level_ref l = level_of(sc, m);
    if (w->n == w->cap) {
        uint32_t cap = w->cap ? w->cap * 2 : 64;
        mref *grown = arena_array(w->scratch, mref, cap);
        if (!grown) return nomem(w);
        if (w->n) memcpy(grown, w->members, w->n * sizeof *grown);
        w->members = grown;
        w->cap = cap;
    }
    w->members[w->n++] = m;
    if (find_level(w, l)) return PT_OK;
    level_texts *t = arena_make(w->scratch, level_texts);
    if (!t) return nomem(w);
    *t = (level_texts){w->levels, l, level_ref_unique_name(sc, l, w->a),
                       str_copy(w->a, sc->hiers[l.hier].unique_name)};
    w->levels = t;
    return t->name.ptr && t->hierarchy.ptr ? PT_OK : nomem(w);
}

/* An array by rank finds members again sooner than a map does, where it is not much longer than the axis. */
static pt_status rank_array(writer *w, mref m, size_t n_places, uint32_t **out)
{
    enum { RANKS_PER_PLACE = 8 };
    const scope_hier *h = &w->q->sc->hiers[m.hier];
    *out = NULL;
    if (m.kind != MEM_STORED || m.hier == 0 || h->view->levels[m.level].n / RANKS_PER_PLACE > n_places)
        return PT_OK;
    if (!w->by_rank[m.hier] && !(w->by_rank[m.hier] = arena_array(w->scratch, uint32_t *, h->view->n_levels)))
        return nomem(w);
    uint32_t **ranks = &w->by_rank[m.hier][m.level];
    if (!*ranks && !(*ranks = arena_array(w->scratch, uint32_t, h->view->levels[m.level].n))) return nomem(w);
    *out = *ranks;
    return PT_OK;
}

/* Equal members get the same number. */
static pt_status number_member(writer *w, mref m, size_t n_places, uint32_t *number)
{
    uint32_t *ranks;
    bool is_new;
    PT_TRY(rank_array(w, m, n_places, &ranks));
    if (ranks) {
        is_new = ranks[m.id] == 0;
        if (is_new) ranks[m.id] = w->n + 1;
        *number = ranks[m.id] - 1;
    } else {
        PT_TRY(u64_map_put(w->seen, mref_bits(m), w->n, number, &is_new));
    }
    return is_new ? add_member(w, m) : PT_OK;
}

/* ---- members ----------------------------------------------------------- */

/* Members mostly come with their siblings: the unique name of the parent is kept. */
typedef struct siblings {
    mref parent;
    strbuf path;
} siblings;

static void add_unique_name(const scope *sc, mref m, siblings *s, strbuf *out)
{
    if (m.kind != MEM_STORED || m.hier == 0 || m.level == 0) {
        member_unique_name(sc, m, out);
        return;
    }
    const level_view *l = &sc->hiers[m.hier].view->levels[m.level];
    mref parent = {m.hier, MEM_STORED, (uint8_t)(m.level - 1), l->parent[m.id]};
    if (!mref_eq(parent, s->parent)) {
        strbuf_clear(&s->path);
        member_unique_name(sc, parent, &s->path);
        s->parent = parent;
    }
    out->failed |= s->path.failed;
    strbuf_adds(out, strbuf_str(&s->path));
    member_name_segment(sc, m, out);
}

static uint32_t depth_of(const scope *sc, mref m)
{
    uint32_t depth = member_level(sc, m);
    if (sc->hiers[m.hier].is_parent_child)
        for (mref up = nav_parent(sc, nav_parent(sc, m)); m.kind != MEM_ALL && !mref_is_null(up);
             up = nav_parent(sc, up))
            depth++;
    return depth;
}

static void describe(const writer *w, mref m, const level_texts *l, cs_member *out)
{
    const scope *sc = w->q->sc;
    out->hierarchy = l->hierarchy;
    out->level = l->name;
    out->depth = depth_of(sc, m);
    out->is_leaf = nav_is_leaf(sc, m);
    out->is_calculated = m.kind == MEM_CALC;
    out->is_all = m.kind == MEM_ALL;
}

/* Names come from all over: they are on their way while those before are written. */
static void fetch_names(const writer *w, uint64_t i, uint64_t from, uint64_t to)
{
    uint64_t next = i + DIM_FETCH_MOST;
    if (i == from) member_prefetch_names(w->q->sc, w->members + i, to - i);
    if (next < to) member_prefetch_names(w->q->sc, w->members + next, to - next);
}

static pt_status write_members(void *ctx, text_writer *t, uint64_t from, uint64_t to, pt_err *err)
{
    writer *w = ctx;
    const scope *sc = w->q->sc;
    siblings s = {0};
    pt_status st = PT_OK;
    const level_texts *l = NULL;
    (void)err;
    for (uint64_t i = from; i < to && st == PT_OK; i++) {
        mref m = w->members[i];
        level_ref of = level_of(sc, m);
        cs_member *c = &w->out[i];
        if ((i - from) % DIM_FETCH_MOST == 0) fetch_names(w, i, from, to);
        if (!l || l->level.hier != of.hier || l->level.ordinal != of.ordinal) l = find_level(w, of);
        add_unique_name(sc, m, &s, text_begin(t));
        c->unique_name.len = text_end(t, &c->unique_name.ptr);
        member_add_caption(sc, m, text_begin(t));
        c->caption.len = text_end(t, &c->caption.ptr);
        describe(w, m, l, c);
        st = add_props(w, m, c);
    }
    strbuf_free(&s.path);
    return st;
}

static pt_status number_members(writer *w, set s)
{
    size_t n = (size_t)s.n * s.arity;
    w->by_rank = arena_array(w->scratch, uint32_t **, w->q->sc->n_hiers);
    w->numbers = arena_array(w->scratch, uint32_t, n);
    if (!w->by_rank || !w->numbers) return nomem(w);
    for (size_t i = 0; i < n; i++) PT_TRY(number_member(w, s.m[i], n, &w->numbers[i]));
    return PT_OK;
}

/* Properties are expressions, and those are evaluated by one thread. */
static pt_status make_members(writer *w)
{
    const query_env *env = w->q->env;
    unsigned n_workers = w->def && w->def->n_props ? 1 : env->limits.threads;
    w->out = arena_array(w->a, cs_member, w->n);
    if (!w->out) return nomem(w);
    return texts_run(env->pool, n_workers, w->q->x->limits, w->n, write_members, w, w->a, w->q->err);
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
    PT_TRY(number_members(w, s));
    PT_TRY(make_members(w));
    for (size_t i = 0; i < (size_t)s.n * s.arity; i++) out->members[i] = &w->out[w->numbers[i]];
    return PT_OK;
}

pt_status cellset_axis(query *q, set s, shape sh, const ast_axis *def, pt_str name, arena *a, cs_axis *out)
{
    writer w = {.q = q, .a = a, .def = def, .seen = u64_map_new(), .scratch = limits_arena(&q->env->limits)};
    out->name = name;
    pt_status st =
        w.seen && w.scratch ? write_axis(&w, s, sh, out) : pt_fail(q->err, PT_NOMEM, "out of memory");
    u64_map_free(w.seen);
    arena_free(w.scratch);
    return st;
}
