/* member.c - what can be said about one member. */
#include "query/member.h"

#include "base/utf8.h"
#include "lang/parse.h"
#include "query/calc.h"
#include "query/nav.h"

/* ---- levels ------------------------------------------------------------ */

uint32_t member_level(const scope *sc, mref m)
{
    switch ((mref_kind)m.kind) {
    case MEM_STORED:
    case MEM_DATA: return m.level + (sc->hiers[m.hier].has_all ? 1 : 0);
    case MEM_CALC: return sc->calcs[m.id]->level;
    case MEM_NULL:
    case MEM_ALL:
    case MEM_REGION: break;
    }
    return 0;
}

level_ref level_of(const scope *sc, mref m)
{
    return (level_ref){m.hier, (uint16_t)member_level(sc, m)};
}

const level *level_ref_def(const scope *sc, level_ref l)
{
    const scope_hier *h = &sc->hiers[l.hier];
    if (!h->def || (h->has_all && l.ordinal == 0)) return NULL;
    uint32_t i = l.ordinal - (h->has_all ? 1 : 0);
    return i < h->def->hierarchy->n_levels ? &h->def->hierarchy->levels[i] : NULL;
}

pt_str level_ref_name(const scope *sc, level_ref l)
{
    const level *def = level_ref_def(sc, l);
    if (def) return def->name;
    return l.hier == 0 ? STR("MeasuresLevel") : STR("(All)");
}

pt_str level_ref_caption(const scope *sc, level_ref l)
{
    const level *def = level_ref_def(sc, l);
    return def && def->caption.len ? def->caption : level_ref_name(sc, l);
}

pt_str level_ref_unique_name(const scope *sc, level_ref l, arena *a)
{
    strbuf b = {0};
    strbuf_adds(&b, sc->hiers[l.hier].unique_name);
    strbuf_addc(&b, '.');
    ast_print_name(level_ref_name(sc, l), &b);
    pt_str s = b.failed ? (pt_str){0} : str_copy(a, strbuf_str(&b));
    strbuf_free(&b);
    return s;
}

/* ---- stored members ---------------------------------------------------- */

uint32_t member_rep(const scope *sc, mref m)
{
    return sc->hiers[m.hier].view->levels[m.level].rep[m.id];
}

static pt_value stored_attr(const scope *sc, mref m, uint32_t attr)
{
    return dim_attr_value(sc->hiers[m.hier].dim, attr, member_rep(sc, m));
}

static const level *stored_level(const scope *sc, mref m)
{
    return &sc->hiers[m.hier].def->hierarchy->levels[m.level];
}

/* Names are attribute values as text; a null one shows as #null. */
static void add_value_name(pt_value v, strbuf *b)
{
    if (v.kind == VAL_NULL) {
        strbuf_addz(b, "#null");
    } else {
        value_print(v, b);
    }
}

static pt_str value_name(pt_value v, arena *a)
{
    if (v.kind == VAL_TEXT) return str_copy(a, v.s);
    strbuf b = {0};
    add_value_name(v, &b);
    pt_str s = b.failed ? (pt_str){0} : str_copy(a, strbuf_str(&b));
    strbuf_free(&b);
    return s;
}

/* A member without a name (one that a fact brought, say) goes by its key. */
static pt_value name_value(const scope *sc, mref m)
{
    const level *l = stored_level(sc, m);
    pt_value name = m.kind == MEM_DATA ? value_null() : stored_attr(sc, m, l->name_attr);
    return name.kind == VAL_NULL ? stored_attr(sc, m, l->key_attr) : name;
}

void member_prefetch_names(const scope *sc, const mref *m, uint64_t n)
{
    uint32_t reps[DIM_FETCH_MOST], n_reps = 0;
    for (uint64_t i = 0; i < n && i < DIM_FETCH_MOST; i++) {
        bool is_alike = m[i].kind == MEM_STORED && m[i].hier == m[0].hier && m[i].level == m[0].level;
        if (is_alike && m[i].hier != 0) reps[n_reps++] = member_rep(sc, m[i]);
    }
    if (n_reps) dim_attr_prefetch(sc->hiers[m[0].hier].dim, stored_level(sc, m[0])->name_attr, reps, n_reps);
}

pt_value member_key(const scope *sc, mref m, arena *a)
{
    if (m.hier != 0 && (m.kind == MEM_STORED || m.kind == MEM_DATA))
        return stored_attr(sc, m, stored_level(sc, m)->key_attr);
    return value_text(member_name(sc, m, a));
}

/* ---- names ------------------------------------------------------------- */

pt_str member_name(const scope *sc, mref m, arena *a)
{
    switch ((mref_kind)m.kind) {
    case MEM_ALL: return sc->hiers[m.hier].def->all_name;
    case MEM_CALC: return sc->calcs[m.id]->name;
    case MEM_STORED:
        if (m.hier == 0) return sc->measures[m.id].def->name;
        return value_name(name_value(sc, m), a);
    case MEM_DATA: return value_name(name_value(sc, m), a);
    case MEM_NULL:
    case MEM_REGION: break;
    }
    return STR("#null");
}

pt_str member_caption(const scope *sc, mref m, arena *a)
{
    if (m.kind == MEM_STORED && m.hier == 0 && sc->measures[m.id].def->caption.len)
        return sc->measures[m.id].def->caption;
    if (m.kind == MEM_CALC && sc->calcs[m.id]->origin == FORMULA_CUBE) {
        const calc_prop *p = calc_find_prop(sc->calcs[m.id], STR("CAPTION"));
        if (!p) p = calc_find_prop(sc->calcs[m.id], STR("MEMBER_CAPTION"));
        if (p && p->def->kind == AST_STRING) return p->def->text;
    }
    return member_name(sc, m, a);
}

void member_add_caption(const scope *sc, mref m, strbuf *out)
{
    if (m.hier != 0 && (m.kind == MEM_STORED || m.kind == MEM_DATA))
        add_value_name(name_value(sc, m), out);
    else
        strbuf_adds(out, member_caption(sc, m, NULL)); /* the schema's own: nothing is allocated */
}

bool member_has_name(const scope *sc, mref m, pt_str text, arena *scratch)
{
    if (m.hier != 0 && m.kind == MEM_STORED) {
        pt_value v = name_value(sc, m);
        if (v.kind == VAL_TEXT) return str_eq_fold(v.s, text);
    }
    pt_str name = member_name(sc, m, scratch);
    return name.ptr && str_eq_fold(name, text);
}

static void add_bracketed(pt_str name, strbuf *b)
{
    strbuf_addc(b, '.');
    ast_print_name(name, b);
}

void member_name_segment(const scope *sc, mref m, strbuf *b)
{
    pt_value v = name_value(sc, m);
    if (v.kind == VAL_TEXT) {
        add_bracketed(v.s, b);
        return;
    }
    strbuf name = {0};
    add_value_name(v, &name);
    add_bracketed(strbuf_str(&name), b);
    strbuf_free(&name);
}

/* The path of a stored member from the top level down, the all member left out. */
static void add_stored_path(const scope *sc, mref m, strbuf *b)
{
    const level_view *l = &sc->hiers[m.hier].view->levels[m.level];
    mref up = m;
    if (l->end) {
        up.id = l->parent[m.id];
        if (up.id != MEMBER_NONE) add_stored_path(sc, up, b);
    } else if (m.level > 0) {
        up.level--;
        up.id = l->parent[m.id];
        add_stored_path(sc, up, b);
    }
    member_name_segment(sc, m, b);
}

void member_unique_name(const scope *sc, mref m, strbuf *b)
{
    const scope_hier *h = &sc->hiers[m.hier];
    if (m.kind == MEM_CALC) {
        strbuf_adds(b, sc->calcs[m.id]->unique_name);
        return;
    }
    strbuf_adds(b, h->unique_name);
    switch ((mref_kind)m.kind) {
    case MEM_ALL: add_bracketed(h->def->all_name, b); return;
    case MEM_STORED:
        if (m.hier == 0) {
            add_bracketed(sc->measures[m.id].def->name, b);
            return;
        }
        add_stored_path(sc, m, b);
        return;
    case MEM_DATA: {
        mref up = {m.hier, MEM_STORED, m.level, h->view->levels[m.level].parent[m.id]};
        if (up.id != MEMBER_NONE) add_stored_path(sc, up, b);
        member_name_segment(sc, m, b);
        return;
    }
    case MEM_NULL:
    case MEM_REGION:
    case MEM_CALC: break;
    }
    strbuf_addz(b, ".[#null]");
}

pt_str member_unique_text(const scope *sc, mref m, arena *a)
{
    if (m.kind == MEM_CALC) return sc->calcs[m.id]->unique_name;
    strbuf b = {0};
    member_unique_name(sc, m, &b);
    pt_str s = b.failed ? (pt_str){0} : str_copy(a, strbuf_str(&b));
    strbuf_free(&b);
    return s;
}
