/* resolve.c - names to objects, one segment at a time from the left. */
#include "query/resolve.h"

#include "query/calc.h"
#include "query/member.h"
#include "query/nav.h"
#include "storage/dim_names.h"

/* ---- dimensions, hierarchies, levels ----------------------------------- */

bool resolve_hierarchy(const scope *sc, pt_str name, uint32_t *hier)
{
    for (uint32_t h = 0; h < sc->n_hiers; h++) {
        if (!str_eq_fold(sc->hiers[h].name, name) && !str_eq_fold(sc->hiers[h].unique_name, name)) continue;
        *hier = h;
        return true;
    }
    return false;
}

bool resolve_level(const scope *sc, uint32_t hier, pt_str name, bool is_exact, level_ref *out)
{
    for (uint32_t i = 0; i < sc->hiers[hier].n_levels; i++) {
        level_ref l = {(uint16_t)hier, (uint16_t)i};
        pt_str have = level_ref_name(sc, l);
        if (is_exact ? !str_eq(have, name) : !str_eq_fold(have, name)) continue;
        *out = l;
        return true;
    }
    return false;
}

static bool found_hier(uint32_t hier, resolved *out)
{
    *out = (resolved){.kind = RES_HIER, .hier = hier};
    return true;
}

static bool found_level(level_ref l, resolved *out)
{
    *out = (resolved){.kind = RES_LEVEL, .hier = l.hier, .level = l};
    return true;
}

static bool found_member(mref m, resolved *out)
{
    *out = (resolved){.kind = RES_MEMBER, .hier = m.hier, .member = m};
    return true;
}

/* A hierarchy of a dimension by its own name: [Time].[Weekly] for the one printed [Time.Weekly]. */
static bool find_own_hier(const scope *sc, const scope_dim *d, pt_str name, resolved *out)
{
    for (uint32_t h = d->first_hier; h < d->first_hier + d->n_hiers; h++) {
        const scope_hier *x = &sc->hiers[h];
        if (str_eq_fold(x->name, name)) return found_hier(h, out);
        if (x->def && d->n_hiers > 1 && str_eq_fold(x->def->hierarchy->name, name)) return found_hier(h, out);
    }
    return false;
}

/* ---- members ----------------------------------------------------------- */

static bool key_matches(const scope *sc, mref m, pt_str text)
{
    pt_value key = member_key(sc, m, sc->a);
    if (key.kind == VAL_NULL) return str_eq_fold(text, STR("#null"));
    if (key.kind == VAL_TEXT) return str_eq_fold(key.s, text);
    strbuf b = {0};
    value_print(key, &b);
    bool is_same = str_eq(strbuf_str(&b), text);
    strbuf_free(&b);
    return is_same;
}

/* The last part is the member's own key, earlier ones are its ancestors'. */
static bool keys_match(const scope *sc, mref m, const ast_segment *piece)
{
    uint32_t n = piece->n_keys > 1 ? piece->n_keys : 1;
    for (uint32_t i = n; i-- > 0; m = nav_parent(sc, m)) {
        if (mref_is_null(m) || m.kind != MEM_STORED) return false;
        if (!key_matches(sc, m, n > 1 ? piece->keys[i] : piece->name)) return false;
    }
    return true;
}

static bool stored_matches(const scope *sc, mref m, const ast_segment *piece, arena *scratch)
{
    return piece->is_key ? keys_match(sc, m, piece) : member_has_name(sc, m, piece->name, scratch);
}

/* Where the names or keys that a piece is compared with come from. */
static dim_naming naming_of(const scope *sc, uint32_t hier, uint32_t lvl, const ast_segment *piece)
{
    const hierarchy *h = sc->hiers[hier].def->hierarchy;
    const level *l = &h->levels[lvl];
    return (dim_naming){h->index, lvl, piece->is_key ? l->key_attr : l->name_attr, l->key_attr};
}

/* First match in a range of ranks of a level without a tree. */
static bool find_listed(const scope *sc, uint16_t hier, uint8_t lvl, uint32_t lo, uint32_t hi,
                        const ast_segment *piece, arena *scratch, mref *out)
{
    const level_view *l = &sc->hiers[hier].view->levels[lvl];
    pt_str text = piece->n_keys > 1 ? piece->keys[piece->n_keys - 1] : piece->name;
    dim_search s = dim_search_new(sc->hiers[hier].dim, naming_of(sc, hier, lvl, piece), text, lo, hi);
    for (mref m = {hier, MEM_STORED, lvl, 0}; dim_search_next(&s, &m.id);) {
        if (l->hidden && l->hidden[m.id]) continue;
        arena_reset(scratch);
        if (!stored_matches(sc, m, piece, scratch)) continue;
        *out = m;
        return true;
    }
    return false;
}

/* First match in a range of ranks; hidden members stand for their children and can be named as well. */
static bool find_in_range(const scope *sc, uint16_t hier, uint8_t lvl, uint32_t lo, uint32_t hi,
                          const ast_segment *piece, arena *scratch, mref *out)
{
    const hier_view *v = sc->hiers[hier].view;
    const level_view *l = &v->levels[lvl];
    if (!l->end && !l->hidden) return find_listed(sc, hier, lvl, lo, hi, piece, scratch, out);
    for (uint32_t r = lo; r < hi; r = l->end ? l->end[r] : r + 1) {
        mref m = {hier, MEM_STORED, lvl, r};
        arena_reset(scratch);
        if (stored_matches(sc, m, piece, scratch)) {
            *out = m;
            return true;
        }
        if (l->hidden && l->hidden[r] && lvl + 1u < v->n_levels &&
            find_in_range(sc, hier, (uint8_t)(lvl + 1), l->first_child[r], l->first_child[r + 1], piece,
                          scratch, out))
            return true;
    }
    return false;
}

static bool find_below(const scope *sc, mref parent, const ast_segment *piece, arena *scratch, mref *out)
{
    const hier_view *v = sc->hiers[parent.hier].view;
    if (parent.hier == 0 || v->n_levels == 0) return false;
    if (parent.kind == MEM_ALL || parent.kind == MEM_NULL)
        return find_in_range(sc, parent.hier, 0, 0, v->levels[0].n, piece, scratch, out);
    if (parent.kind != MEM_STORED) return false;
    const level_view *l = &v->levels[parent.level];
    if (l->end) {
        if (find_in_range(sc, parent.hier, parent.level, parent.id + 1, l->end[parent.id], piece, scratch,
                          out))
            return true;
        return false;
    }
    if (parent.level + 1u >= v->n_levels) return false;
    return find_in_range(sc, parent.hier, (uint8_t)(parent.level + 1), l->first_child[parent.id],
                         l->first_child[parent.id + 1], piece, scratch, out);
}

/* Own facts of a child are a member beside it that has its key for a name: [Boss].[7] of [Boss].[Low]. */
static bool find_data_member(const scope *sc, mref parent, const ast_segment *piece, arena *scratch,
                             mref *out)
{
    ast_segment key = *piece;
    key.is_key = true;
    key.n_keys = 0;
    if (!find_below(sc, parent, &key, scratch, out)) return false;
    out->kind = MEM_DATA;
    return true;
}

static bool find_measure(scope *sc, const cube *names, const ast_segment *piece, mref *out)
{
    pt_err ignored = {0};
    calc *c = calc_find(sc, mref_null(0), piece->name, names);
    if (c && (c->origin != FORMULA_CUBE || c->names == names || names == sc->cube)) {
        *out = calc_ref(c);
        return true;
    }
    for (uint32_t i = 0; i < sc->n_measures; i++) {
        const scope_measure *m = &sc->measures[i];
        if (m->is_hidden || !str_eq_fold(m->def->name, piece->name)) continue;
        if (names != sc->cube && sc->bases[m->base] != names) continue;
        *out = (mref){.kind = MEM_STORED, .id = i};
        return true;
    }
    if (names == sc->cube) return false;
    for (uint32_t i = 0; i < names->n_measures; i++) {
        uint32_t at;
        if (!str_eq_fold(names->measures[i].name, piece->name)) continue;
        if (scope_base_measure(sc, names, i, &at, &ignored) != PT_OK) return false;
        *out = (mref){.kind = MEM_STORED, .id = at};
        return true;
    }
    if (calc_import(sc, names, piece->name, &c, &ignored) != PT_OK || !c) return false;
    *out = calc_ref(c);
    return true;
}

/* A child of `parent`; of a null member with a hierarchy: a root. */
static bool find_child(scope *sc, const cube *names, mref parent, const ast_segment *piece, resolved *out)
{
    mref m;
    calc *c;
    if (parent.hier == 0)
        return mref_is_null(parent) && !piece->is_key && find_measure(sc, names, piece, &m) &&
               found_member(m, out);
    if (!piece->is_key && (c = calc_find(sc, parent, piece->name, names)))
        return found_member(calc_ref(c), out);
    arena *scratch = arena_new(1 << 20);
    if (!scratch) return false;
    bool found = find_below(sc, parent, piece, scratch, &m);
    if (!found && !piece->is_key && sc->hiers[parent.hier].is_parent_child)
        found = find_data_member(sc, parent, piece, scratch, &m);
    arena_free(scratch);
    return found && found_member(m, out);
}

/* Parent-child: only roots can be named without their path. */
static bool find_in_level(const scope *sc, level_ref l, const ast_segment *piece, resolved *out)
{
    const scope_hier *h = &sc->hiers[l.hier];
    uint32_t index = l.ordinal - (h->has_all ? 1u : 0u);
    mref m;
    if (l.hier == 0 || index >= h->view->n_levels) return false;
    const level_view *v = &h->view->levels[index];
    arena *scratch = arena_new(1 << 20);
    if (!scratch) return false;
    bool found = v->end ? find_in_range(sc, l.hier, (uint8_t)index, 0, v->n, piece, scratch, &m)
                        : find_listed(sc, l.hier, (uint8_t)index, 0, v->n, piece, scratch, &m);
    arena_free(scratch);
    return found && found_member(m, out);
}

/* "All <own>" or "All <own>s". */
static bool is_all_name(pt_str own, pt_str name)
{
    if (name.len < own.len + 4 || !str_eq_fold((pt_str){name.ptr, 4}, STR("All ")) ||
        !str_eq_fold((pt_str){name.ptr + 4, own.len}, own))
        return false;
    size_t rest = name.len - own.len - 4;
    return rest == 0 || (rest == 1 && (name.ptr[name.len - 1] | 32) == 's');
}

/* Below a hierarchy: its all member (also by the name that its own, shorter name gives), calculated members
 * without a parent, roots, and children of the all member. */
static bool find_root(scope *sc, const cube *names, uint32_t hier, const ast_segment *piece, resolved *out)
{
    const scope_hier *h = &sc->hiers[hier];
    mref all = {.hier = (uint16_t)hier, .kind = MEM_ALL};
    if (h->has_all && !piece->is_key) {
        pt_str name = piece->name, own = h->def->hierarchy->name;
        if (str_eq_fold(h->def->all_name, name)) return found_member(all, out);
        if (!str_eq_fold(own, h->name) && is_all_name(own, name)) return found_member(all, out);
    }
    if (find_child(sc, names, mref_null(hier), piece, out)) {
        return true;
    }
    return h->has_all && find_child(sc, names, all, piece, out);
}

/* ---- stepping ---------------------------------------------------------- */

static bool step_hier(scope *sc, const cube *names, uint32_t hier, const ast_segment *piece, resolved *out)
{
    level_ref l;
    if (!piece->is_key && resolve_level(sc, hier, piece->name, false, &l)) return found_level(l, out);
    return find_root(sc, names, hier, piece, out);
}

/* [Product].[Product] is the level where there is one of that name; but who goes on with
 * [Product].[Product].[Brand] means the hierarchy: first its levels, whose names these are, and members of
 * the level [Product] before others. */
static bool named_as_hierarchy(const scope *sc, level_ref l)
{
    const cube_hier *h = sc->hiers[l.hier].def; /* NULL: Measures */
    return h && str_eq_fold(level_ref_name(sc, l), h->hierarchy->name);
}

bool resolve_step(scope *sc, const cube *names, const resolved *from, const ast_segment *piece, resolved *out)
{
    switch (from->kind) {
    case RES_DIM: {
        level_ref l;
        calc *c = piece->is_key ? NULL : calc_find(sc, mref_null(from->hier), piece->name, names);
        if (c && c->origin != FORMULA_CUBE) return found_member(calc_ref(c), out);
        if (!piece->is_key && resolve_level(sc, from->hier, piece->name, false, &l))
            return found_level(l, out);
        if (!piece->is_key && find_own_hier(sc, scope_dim_of(sc, from->hier), piece->name, out)) return true;
        return step_hier(sc, names, from->hier, piece, out);
    }
    case RES_HIER: return step_hier(sc, names, from->hier, piece, out);
    case RES_LEVEL: {
        level_ref l;
        bool may_be_hier = named_as_hierarchy(sc, from->level);
        if (may_be_hier && !piece->is_key && resolve_level(sc, from->level.hier, piece->name, false, &l))
            return found_level(l, out);
        if (from->hier == 0) return find_child(sc, names, mref_null(0), piece, out); /* [MeasuresLevel] */
        return find_in_level(sc, from->level, piece, out) ||
               (may_be_hier && step_hier(sc, names, from->level.hier, piece, out));
    }
    case RES_MEMBER: return !mref_is_null(from->member) && find_child(sc, names, from->member, piece, out);
    case RES_SET:
    case RES_NONE: break;
    }
    return false;
}

/* What a first segment may be, in the order of section 3. */
static bool find_first(scope *sc, const cube *names, const ast_segment *piece, resolved *out)
{
    named_set *s;
    uint32_t hier;
    level_ref l;
    if (piece->is_key) return false;
    if ((s = named_set_find(sc, piece->name))) {
        *out = (resolved){.kind = RES_SET, .set = s};
        return true;
    }
    for (uint32_t d = 0; d < sc->n_dims; d++) {
        if (!str_eq_fold(sc->dims[d].name, piece->name)) continue;
        *out = (resolved){.kind = RES_DIM, .hier = sc->dims[d].first_hier};
        return true;
    }
    if (resolve_hierarchy(sc, piece->name, &hier)) return found_hier(hier, out);
    for (uint32_t h = 1; h < sc->n_hiers; h++)
        if (resolve_level(sc, h, piece->name, false, &l)) return found_level(l, out);
    for (uint32_t h = 1; h < sc->n_hiers; h++)
        if (find_root(sc, names, h, piece, out)) return true;
    return find_root(sc, names, 0, piece, out);
}

static uint32_t resolve_rest(scope *sc, const cube *names, const ast_segment *segs, uint32_t n, uint32_t used,
                             resolved *out)
{
    resolved next;
    while (used < n && resolve_step(sc, names, out, &segs[used], &next)) {
        *out = next;
        used++;
    }
    return used;
}

uint32_t resolve_name(scope *sc, const cube *names, const ast_segment *segs, uint32_t n, resolved *out)
{
    *out = (resolved){.kind = RES_NONE};
    if (n == 0 || !find_first(sc, names, &segs[0], out)) return 0;
    return resolve_rest(sc, names, segs, n, 1, out);
}

uint32_t resolve_in_hierarchy(scope *sc, uint32_t hier, const ast_segment *segs, uint32_t n, resolved *out)
{
    resolved next;
    uint32_t used = 0;
    const scope_dim *d = scope_dim_of(sc, hier);
    found_hier(hier, out);
    if (n > 0 && (str_eq_fold(segs[0].name, d->name) || str_eq_fold(segs[0].name, sc->hiers[hier].name)))
        used = 1;
    if (used == 1 && n > 1 && find_own_hier(sc, d, segs[1].name, &next) && next.hier == hier) used = 2;
    return resolve_rest(sc, sc->cube, segs, n, used, out);
}
