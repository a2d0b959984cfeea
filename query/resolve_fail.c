/* resolve_fail.c - what people are told when a name is not found: where it was looked for, and what they may
 * have meant. */
#include "base/utf8.h"
#include "query/calc.h"
#include "query/foreign.h"
#include "query/funs.h"
#include "query/member.h"
#include "query/nav.h"
#include "query/resolve.h"
#include "query/suggest.h"

/* ---- names that are near ------------------------------------------------ */

enum {
    SUGGEST_MAX = 20000, /* names looked at for a suggestion */
    SOME_SHOWN = 6,      /* members listed where there is none */
};

static void offer_levels(const scope *sc, uint32_t hier, suggestion *s)
{
    for (uint32_t i = 0; i < sc->hiers[hier].n_levels; i++)
        suggestion_offer(s, level_ref_name(sc, (level_ref){(uint16_t)hier, (uint16_t)i}));
}

static void offer_members(const scope *sc, const tuplist *b, suggestion *s)
{
    for (uint32_t i = 0; i < b->s.n && i < SUGGEST_MAX; i++)
        if (!(b->s.m[i].kind == MEM_CALC && sc->calcs[b->s.m[i].id]->is_hidden))
            suggestion_offer(s, member_name(sc, b->s.m[i], sc->a));
}

static void offer_calcs(const scope *sc, mref parent, suggestion *s)
{
    for (uint32_t i = 0; i < sc->n_calcs; i++)
        if (mref_eq(sc->calcs[i]->parent, parent) && !sc->calcs[i]->is_hidden)
            suggestion_offer(s, sc->calcs[i]->name);
}

/* The topmost members, and those below the one above all. */
static bool list_top(const scope *sc, uint32_t hier, tuplist *b)
{
    mref all = {.hier = (uint16_t)hier, .kind = MEM_ALL};
    return nav_roots(sc, hier, b) == PT_OK && (!sc->hiers[hier].has_all || nav_children(sc, all, b) == PT_OK);
}

static void offer_below_hier(const scope *sc, uint32_t hier, suggestion *s)
{
    pt_err ignored = {0};
    limits none = {.cells = 1u << 22};
    tuplist b = tuplist_new(sc->a, &none, 1, &ignored);
    mref all = {.hier = (uint16_t)hier, .kind = MEM_ALL};
    if (hier != 0) offer_levels(sc, hier, s);
    if (list_top(sc, hier, &b)) offer_members(sc, &b, s);
    offer_calcs(sc, mref_null(hier), s);
    offer_calcs(sc, all, s);
}

static void offer_first(const scope *sc, suggestion *s)
{
    for (uint32_t i = 0; i < sc->n_sets; i++) suggestion_offer(s, sc->sets[i]->name);
    for (uint32_t d = 0; d < sc->n_dims; d++) suggestion_offer(s, sc->dims[d].name);
    for (uint32_t h = 0; h < sc->n_hiers; h++) suggestion_offer(s, sc->hiers[h].name);
    for (uint32_t h = 0; h < sc->n_hiers; h++) offer_below_hier(sc, h, s);
}

/* The member of a hierarchy whose name is the wanted one, or the nearest to it, wherever it stands. */
static mref nearest_member(scope *sc, uint32_t hier, suggestion *s)
{
    pt_err ignored = {0};
    limits none = {.cells = SUGGEST_MAX};
    mref best = mref_null(hier);
    for (uint32_t i = 0; i < sc->hiers[hier].n_levels; i++) {
        tuplist b = tuplist_new(sc->a, &none, 1, &ignored);
        if (nav_level_members(sc, (level_ref){(uint16_t)hier, (uint16_t)i}, &b) != PT_OK) continue;
        for (uint32_t k = 0; k < b.s.n; k++) {
            pt_str name = member_name(sc, b.s.m[k], sc->a), before = s->best;
            if (str_eq_fold(name, s->wanted)) return b.s.m[k];
            suggestion_offer(s, name);
            if (s->best.ptr != before.ptr) best = b.s.m[k];
        }
    }
    return s->distance <= s->limit ? best : mref_null(hier);
}

/* Nothing like it where it was looked for: a member of that name may stand elsewhere. */
static pt_status hint_elsewhere(scope *sc, const resolved *r, pt_str wanted, pt_err *err)
{
    suggestion s = suggestion_for(wanted);
    bool is_anywhere = r->kind == RES_NONE;
    uint32_t h = is_anywhere ? 1 : r->hier, end = is_anywhere ? sc->n_hiers : h + 1;
    if (r->kind == RES_SET || h == 0) return err->code;
    mref found = mref_null(h);
    for (; h < end && mref_is_null(found); h++) found = nearest_member(sc, h, &s);
    if (mref_is_null(found)) return err->code;
    pt_str name = member_unique_text(sc, found, sc->a);
    return pt_hint(err, "did you mean " STR_FMT "?", STR_ARG(name));
}

/* Nothing like it anywhere: the names that there are. */
static pt_status hint_some(const scope *sc, const tuplist *b, pt_err *err)
{
    strbuf names = {0};
    bool is_more = b->s.n > SOME_SHOWN;
    for (uint32_t i = 0; i < b->s.n && i < SOME_SHOWN && names.len < PT_ERR_TEXT / 2; i++)
        strbuf_printf(&names, "%s[" STR_FMT "]", i ? ", " : "", STR_ARG(member_name(sc, b->s.m[i], sc->a)));
    if (names.len)
        pt_hint(err, "%s %s", is_more ? "its members are, for example," : "its members are", names.ptr);
    strbuf_free(&names);
    return err->code;
}

static bool is_level_property(const scope *sc, pt_str name)
{
    for (uint32_t h = 1; h < sc->n_hiers; h++)
        for (uint32_t i = 0; i < sc->hiers[h].n_levels; i++) {
            const level *l = level_ref_def(sc, (level_ref){(uint16_t)h, (uint16_t)i});
            for (uint32_t k = 0; l && k < l->n_props; k++)
                if (str_eq_fold(l->props[k].name, name)) return true;
        }
    return false;
}

/* A calculated member of that name elsewhere in the hierarchy. */
static const calc *calc_elsewhere(const scope *sc, const resolved *r, pt_str name)
{
    for (uint32_t i = 0; i < sc->n_calcs; i++) {
        const calc *c = sc->calcs[i];
        if (c->is_hidden || c->origin == FORMULA_VISUAL || c->hier != r->hier) continue;
        if (str_eq_fold(c->name, name)) return c;
    }
    return NULL;
}

/* No-break and other special blanks, marks of width 0: they come along when text is copied from pages. */
static bool has_invisible(pt_str name)
{
    for (size_t i = 0, next; i < name.len; i = next) {
        uint32_t c = utf8_decode(name, i, &next);
        bool is_blank = c == 0xA0 || c == 0x3000 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F;
        if (is_blank || utf8_is_unseen(c)) return true;
    }
    return false;
}

/* The name is known, but not as a member of this place. */
static bool is_known_otherwise(const scope *sc, const ast *id, uint32_t used, const resolved *r, strbuf *hint)
{
    const ast_segment *piece = &id->segs[used];
    const calc *c;
    if (piece->is_key) return false;
    if (has_invisible(piece->name)) {
        strbuf_addz(hint,
                    "a character in it cannot be seen, or is a blank of another kind: type the name anew");
    } else if (memchr(piece->name.ptr, '[', piece->name.len)) {
        strbuf_addz(hint, "there is a [ in it: perhaps a ] is missing in front of that");
    } else if (used == 0) {
        if (id->n > 1 && str_eq_fold(piece->name, sc->cube->name))
            strbuf_addz(hint, "names begin with a dimension: leave out the name of the cube");
        else if (id->n == 1 && !piece->is_quoted && fun_exists(piece->name, SYN_FUNCTION))
            strbuf_printf(hint, "it is a function: write " STR_FMT "(...)", STR_ARG(piece->name));
        else if (id->n == 1 && !piece->is_quoted)
            fun_hint_flag(piece->name, hint);
    } else if (!piece->is_quoted && fun_exists(piece->name, SYN_METHOD)) {
        strbuf_printf(hint, "it takes arguments: write ." STR_FMT "(...)", STR_ARG(piece->name));
    } else if (!piece->is_quoted && foreign_advice(piece->name)) {
        strbuf_addz(hint, foreign_advice(piece->name));
    } else if (piece->is_quoted && is_level_property(sc, piece->name)) {
        strbuf_printf(hint, "properties are read with .Properties(\"" STR_FMT "\")", STR_ARG(piece->name));
    } else if (r->kind != RES_NONE && r->kind != RES_SET && (c = calc_elsewhere(sc, r, piece->name))) {
        strbuf_printf(hint, "did you mean " STR_FMT "?", STR_ARG(c->unique_name));
    }
    return hint->len > 0;
}

pt_status resolve_fail(scope *sc, const ast *id, uint32_t used, const resolved *r, pt_err *err)
{
    strbuf known = {0};
    pt_err ignored = {0};
    limits none = {.cells = 1u << 22};
    tuplist b = tuplist_new(sc->a, &none, 1, &ignored);
    const ast_segment *piece = &id->segs[used];
    suggestion s = suggestion_for(piece->name);
    pt_str where = {0};
    switch (r->kind) {
    case RES_NONE: offer_first(sc, &s); break;
    case RES_DIM:
    case RES_HIER:
        where = sc->hiers[r->hier].unique_name;
        offer_below_hier(sc, r->hier, &s);
        if (!list_top(sc, r->hier, &b)) b.s.n = 0;
        break;
    case RES_LEVEL:
        where = level_ref_unique_name(sc, r->level, sc->a);
        if (nav_level_members(sc, r->level, &b) == PT_OK) offer_members(sc, &b, &s);
        break;
    case RES_MEMBER:
        where = member_unique_text(sc, r->member, sc->a);
        if (nav_children(sc, r->member, &b) == PT_OK) offer_members(sc, &b, &s);
        offer_calcs(sc, r->member, &s);
        break;
    case RES_SET: where = r->set->name; break;
    }
    if (used > 0 && !piece->is_quoted && !piece->is_key) fun_offer_properties(&s);
    bool is_known = is_known_otherwise(sc, id, used, r, &known);
    if (is_known) s.best = (pt_str){0};
    const char *what = used == 0                           ? "name"
                       : piece->is_quoted || piece->is_key ? "member"
                                                           : "member or property";
    pt_status st =
        where.ptr
            ? suggestion_fail(&s, PT_NAME, piece->at, err, "unknown %s %s[" STR_FMT "] in " STR_FMT, what,
                              piece->is_key ? "&" : "", STR_ARG(piece->name), STR_ARG(where))
            : suggestion_fail(&s, PT_NAME, piece->at, err, "unknown %s [" STR_FMT "] in cube [" STR_FMT "]",
                              what, STR_ARG(piece->name), STR_ARG(sc->cube->name));
    if (is_known) st = pt_hint(err, "%s", known.ptr);
    strbuf_free(&known);
    if (is_known || s.best.ptr) return st;
    if (!piece->is_key) st = hint_elsewhere(sc, r, piece->name, err);
    return err && !err->hint[0] ? hint_some(sc, &b, err) : st;
}
