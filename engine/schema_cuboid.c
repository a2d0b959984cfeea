/* schema_cuboid.c - a cuboid from its definition: which levels it keeps, and which partial aggregates it
 * needs to answer its measures.
 *
 * A part is a column of the cuboid's segments and named by its aggregate in words. So a measure that is
 * defined anew is looked for under another name, and never answered by what was stored for the old one. */
#include <string.h>

#include "engine/rowexpr.h"
#include "engine/schema_int.h"
#include "lang/parse.h"

typedef struct builder {
    const cube *c;
    arena *a;
    const ast_cuboid *def;
    cuboid *out;
    pt_err *err;
} builder;

/* ---- levels --------------------------------------------------------------------- */

/* The hierarchy that the segments before the last name: [Time], [Time.Weekly] or [Time].[Weekly]. */
static const cube_hier *find_hier(const builder *b, const ast *id)
{
    strbuf name = {0};
    const cube_hier *found = NULL;
    for (uint32_t i = 0; i + 1 < id->n; i++) {
        if (i) strbuf_addc(&name, '.');
        strbuf_adds(&name, id->segs[i].name);
    }
    for (uint32_t h = 0; h < b->c->n_hiers && !found && !name.failed; h++)
        if (str_eq_fold(b->c->hiers[h].name, strbuf_str(&name))) found = &b->c->hiers[h];
    strbuf_free(&name);
    return found;
}

static pt_status unknown_hier(builder *b, const ast *id)
{
    nearest near = nearest_to(id->segs[0].name);
    for (uint32_t h = 0; h < b->c->n_hiers; h++) nearest_offer(&near, b->c->hiers[h].name);
    pt_fail_at(b->err, PT_NAME, id->at, "cube [" STR_FMT "] has no hierarchy [" STR_FMT "]",
               STR_ARG(b->c->name), STR_ARG(id->segs[0].name));
    nearest_hint(&near, b->err);
    return PT_NAME;
}

static pt_status keeps_already(builder *b, const ast *id, const cuboid_level *kept)
{
    pt_fail_at(b->err, PT_EXISTS, id->at, "the cuboid keeps " STR_FMT " already", STR_ARG(kept->name));
    pt_hint(
        b->err,
        "it keeps one level of a hierarchy, the lowest that is asked for: levels above are answered from it");
    return PT_EXISTS;
}

/* The likeliest, or all that there are. */
static pt_status unknown_level(builder *b, const ast *id, const cube_hier *h, const nearest *near)
{
    strbuf all = {0};
    pt_fail_at(b->err, PT_NAME, id->at, "hierarchy " STR_FMT " has no level [" STR_FMT "]",
               STR_ARG(h->unique_name), STR_ARG(id->segs[id->n - 1].name));
    nearest_hint(near, b->err);
    for (uint32_t i = 0; i < h->hierarchy->n_levels; i++)
        strbuf_printf(&all, "%s[" STR_FMT "]", i ? ", " : "", STR_ARG(h->hierarchy->levels[i].name));
    if (b->err && !b->err->hint[0] && !all.failed)
        pt_hint(b->err, "it has " STR_FMT, STR_ARG(strbuf_str(&all)));
    strbuf_free(&all);
    return PT_NAME;
}

static pt_status add_level(builder *b, const ast *id)
{
    if (id->n < 2) {
        pt_fail_at(b->err, PT_SYNTAX, id->at, "expected a hierarchy and its level");
        pt_hint(b->err, "write [Hierarchy].[" STR_FMT "]", STR_ARG(id->segs[0].name));
        return PT_SYNTAX;
    }
    const cube_hier *h = find_hier(b, id);
    pt_str name = id->segs[id->n - 1].name;
    if (!h) return unknown_hier(b, id);
    nearest near = nearest_to(name);
    for (uint32_t i = 0; i < h->hierarchy->n_levels; i++) {
        pt_str found = h->hierarchy->levels[i].name;
        nearest_offer(&near, found);
        if (!str_eq_fold(found, name)) continue;
        for (uint32_t k = 0; k < b->out->n_levels; k++)
            if (b->out->levels[k].hier == h->ordinal) return keeps_already(b, id, &b->out->levels[k]);
        cuboid_level *x = &b->out->levels[b->out->n_levels++];
        *x = (cuboid_level){.hier = h->ordinal, .level = i};
        x->name = str_printf(b->a, STR_FMT "." STR_FMT, STR_ARG(h->name), STR_ARG(found));
        return x->name.ptr ? PT_OK : arena_fail(b->a, b->err);
    }
    return unknown_level(b, id, h, &near);
}

/* ---- parts ------------------------------------------------------------------------ */

/* The type in which values of a measure are added up or compared. */
static void value_type(const cube *c, const measure *m, pt_type *type, uint8_t *scale)
{
    *type = m->value ? m->value->type : m->column == MEMBER_NONE ? m->type : c->columns[m->column].type;
    *scale = m->value ? m->value->scale : m->column == MEMBER_NONE ? m->scale : c->columns[m->column].scale;
    if (*type != TYPE_DECIMAL) *scale = 0;
}

/* "SUM(sales) DECIMAL(18,2)": the measure's definition with the part's aggregate, without its name and looks.
 * The type of an expression follows from columns that are defined elsewhere: "SUM(price * discount) AS
 * DECIMAL 4".
 */
static pt_str part_name(builder *b, uint32_t m_index, agg_kind agg)
{
    const ast_cube *def = b->c->def;
    if (m_index >= def->n_measures) return STR("COUNT(*)"); /* the implicit one */
    ast_measure m = def->measures[m_index];
    m.name = STR("m");
    m.agg = agg;
    m.format = m.caption = (pt_str){0};
    m.has_format = m.is_hidden = m.has_ordinal = false;
    ast_cube one = {.name = STR("c"), .n_measures = 1, .measures = &m};
    ast_stmt s = {.kind = STMT_ALTER_CUBE, .cube_def = &one};
    strbuf text = {0};
    ast_print(&s, &text);
    const rowexpr *value = b->c->measures[m_index].value;
    if (value) strbuf_printf(&text, " AS %s %u", type_name(value->type), value->scale);
    const char *from = text.failed ? NULL : strstr(text.ptr, "[m] ");
    pt_str out = {0};
    if (from) out = str_copy(b->a, (pt_str){from + 4, text.len - (size_t)(from + 4 - text.ptr)});
    strbuf_free(&text);
    return out;
}

/* Over an expression or under conditions. */
static bool is_computed(const measure *m)
{
    return m->value || m->n_conditions;
}

static pt_status add_part(builder *b, uint32_t m_index, agg_kind agg)
{
    enum { MAX_NAME = 4000 }; /* of a segment's column, less what is put before it */
    cuboid *q = b->out;
    pt_str name = part_name(b, m_index, agg);
    if (!name.ptr) return arena_fail(b->a, b->err);
    if (name.len > MAX_NAME)
        return pt_fail_at(b->err, PT_LIMIT, b->def->name_at,
                          "the definition of measure [" STR_FMT "] is too long for a cuboid",
                          STR_ARG(b->c->measures[m_index].name));
    uint32_t *at = &q->part_of[m_index * CUBOID_AGGS + agg];
    for (uint32_t i = 1; i < q->n_parts; i++)
        if (str_eq(q->parts[i].name, name)) {
            *at = i;
            return PT_OK;
        }
    *at = q->n_parts;
    cuboid_part *x = &q->parts[q->n_parts++];
    *x = (cuboid_part){.agg = agg, .measure = m_index, .name = name, .type = TYPE_INTEGER};
    if (agg != AGG_COUNT) value_type(b->c, &b->c->measures[m_index], &x->type, &x->scale);
    x->name_high = agg == AGG_SUM ? str_printf(b->a, "high " STR_FMT, STR_ARG(name)) : STR("");
    x->name_lost =
        is_computed(&b->c->measures[m_index]) ? str_printf(b->a, "lost " STR_FMT, STR_ARG(name)) : STR("");
    return x->name_high.ptr && x->name_lost.ptr ? PT_OK : arena_fail(b->a, b->err);
}

static bool is_plain_count(const measure *m)
{
    return m->agg == AGG_COUNT && m->column == MEMBER_NONE && !is_computed(m);
}

/* Is what a cuboid would store of it rounded? A sum of doubles is rounded once, at the end, and sums of
 * rounded sums are other numbers. */
bool cuboid_is_rounded(const cube *c, const measure *m)
{
    pt_type type;
    uint8_t scale;
    value_type(c, m, &type, &scale);
    return (m->agg == AGG_SUM || m->agg == AGG_AVG) && type == TYPE_DOUBLE;
}

bool cuboid_can_count(const measure *m)
{
    return m->agg != AGG_DISTINCT || m->n_conditions == 0;
}

static pt_status add_measure(builder *b, const measure *m)
{
    b->out->holds[m->index] = true;
    switch (m->agg) {
    case AGG_DISTINCT: return PT_OK;
    case AGG_COUNT: return is_plain_count(m) ? PT_OK : add_part(b, m->index, AGG_COUNT);
    case AGG_SUM:
    case AGG_MIN:
    case AGG_MAX: return add_part(b, m->index, m->agg);
    case AGG_AVG: PT_TRY(add_part(b, m->index, AGG_SUM)); return add_part(b, m->index, AGG_COUNT);
    }
    return PT_OK;
}

static bool has_level_of(const builder *b, uint32_t role)
{
    for (uint32_t i = 0; i < b->out->n_levels; i++)
        if (b->c->hiers[b->out->levels[i].hier].role == role) return true;
    return false;
}

/* A measure that the definition names. */
static pt_status add_named(builder *b, const ast *id)
{
    pt_str name = id->segs[id->n - 1].name;
    bool is_path = id->n == 1 || (id->n == 2 && str_eq_fold(id->segs[0].name, STR("Measures")));
    nearest near = nearest_to(name);
    for (uint32_t i = 0; i < b->c->n_measures && is_path; i++) {
        const measure *m = &b->c->measures[i];
        nearest_offer(&near, m->name);
        if (!str_eq_fold(m->name, name)) continue;
        if (cuboid_is_rounded(b->c, m)) {
            pt_fail_at(b->err, PT_UNSUPPORTED, id->at,
                       "measure [" STR_FMT "] adds up DOUBLE values, which a cuboid would round twice",
                       STR_ARG(name));
            pt_hint(b->err, "leave it out, or declare the measure DECIMAL");
            return PT_UNSUPPORTED;
        }
        if (!cuboid_can_count(m))
            return pt_fail_at(b->err, PT_UNSUPPORTED, id->at,
                              "measure [" STR_FMT
                              "] counts members under a condition, which a cuboid cannot know of them",
                              STR_ARG(name));
        if (m->agg == AGG_DISTINCT && !has_level_of(b, m->role)) {
            pt_fail_at(b->err, PT_UNSUPPORTED, id->at,
                       "measure [" STR_FMT "] counts members of [" STR_FMT
                       "], of which the cuboid keeps no level",
                       STR_ARG(name), STR_ARG(b->c->roles[m->role].name));
            pt_hint(b->err, "add its lowest level");
            return PT_UNSUPPORTED;
        }
        return add_measure(b, m);
    }
    pt_fail_at(b->err, PT_NAME, id->at, "cube [" STR_FMT "] has no stored measure [" STR_FMT "]",
               STR_ARG(b->c->name), STR_ARG(name));
    nearest_hint(&near, b->err);
    return PT_NAME;
}

static pt_status add_measures(builder *b)
{
    const cube *c = b->c;
    for (uint32_t i = 0; i < b->def->n_measures; i++) PT_TRY(add_named(b, b->def->measures[i]));
    for (uint32_t i = 0; i < c->n_measures; i++) {
        const measure *m = &c->measures[i];
        if (is_plain_count(m)) b->out->holds[i] = true; /* the number of facts is always there */
        bool can_hold = cuboid_can_count(m) && !cuboid_is_rounded(c, m);
        if (b->def->n_measures == 0 && can_hold) PT_TRY(add_measure(b, m));
    }
    return PT_OK;
}

pt_status build_cuboid(const cube *c, arena *a, uint32_t id, const ast_cuboid *def, cuboid *out, pt_err *err)
{
    builder b = {.c = c, .a = a, .def = def, .out = out, .err = err};
    *out = (cuboid){.id = id, .name = def->name, .cube = c, .def = def};
    out->levels = arena_array(a, cuboid_level, def->n_levels);
    out->parts = arena_array(a, cuboid_part, 2 * (size_t)c->n_measures + 1);
    out->holds = arena_array(a, bool, c->n_measures);
    out->part_of = arena_array(a, uint32_t, (size_t)c->n_measures * CUBOID_AGGS);
    if (!out->levels || !out->parts || !out->holds || !out->part_of) return arena_fail(a, err);
    for (uint32_t i = 0; i < c->n_measures * CUBOID_AGGS; i++) out->part_of[i] = MEMBER_NONE;
    for (uint32_t i = 0; i < def->n_levels; i++) PT_TRY(add_level(&b, def->levels[i]));
    out->parts[out->n_parts++] =
        (cuboid_part){.agg = AGG_COUNT, .measure = MEMBER_NONE, .name = STR("facts"), .type = TYPE_INTEGER};
    return add_measures(&b);
}
