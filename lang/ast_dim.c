/* ast_dim.c - builds the tree of CREATE and ALTER DIMENSION, element by element. */
#include "base/date.h"
#include "base/num.h"
#include "lang/parse_int.h"

struct dim_build {
    ast_dimension *dim;
    list *attributes, *hierarchies;
    bool in_attributes; /* the element before was an attribute: a bare name continues the list */

    ast_hierarchy hier; /* under construction */
    list *levels;
    list *open_props; /* of the last level, if a bare name may continue them */
};

/* ---- types ------------------------------------------------------------- */

static const struct {
    const char *name;
    pt_type type;
} type_names[] = {
    {"INTEGER", TYPE_INTEGER}, {"DECIMAL", TYPE_DECIMAL}, {"TEXT", TYPE_TEXT},
    {"DATE", TYPE_DATE},       {"BOOLEAN", TYPE_BOOLEAN}, {"DOUBLE", TYPE_DOUBLE},
    {"BIGINT", TYPE_INTEGER},  {"INT", TYPE_INTEGER},     {"TIMESTAMP", TYPE_TIMESTAMP},
};

enum { DECIMAL_MAX_DIGITS = 18 };

static bool type_digits(parse *p, pt_span at, int64_t precision, int64_t scale, ast_type *out)
{
    if (precision < 0) {
        PARSE_FAIL(p, PT_SYNTAX, at, "DECIMAL without its digits, expected DECIMAL(precision, scale)");
        pt_hint(&p->err, "amounts of money are usually DECIMAL(12,2)");
        return false;
    }
    if (precision < 1 || precision > DECIMAL_MAX_DIGITS || scale > precision) {
        PARSE_FAIL(p, PT_VALUE, at,
                   "DECIMAL(%lld,%lld), expected 1 to %d digits and no more behind the point",
                   (long long)precision, (long long)scale, DECIMAL_MAX_DIGITS);
        return false;
    }
    out->precision = (uint8_t)precision;
    out->scale = (uint8_t)scale;
    return true;
}

bool type_of(parse *p, pt_span at, pt_str word, int64_t precision, int64_t scale, ast_type *out)
{
    const char *choices[ARRAY_LEN(type_names)];
    for (size_t i = 0; i < ARRAY_LEN(type_names); i++) {
        choices[i] = type_names[i].name;
        if (!str_eq_fold(word, str_of(type_names[i].name))) continue;
        *out = (ast_type){.type = type_names[i].type, .at = at};
        if (out->type == TYPE_DECIMAL) return type_digits(p, at, precision, scale, out);
        if (precision < 0) return true;
        PARSE_FAIL(p, PT_SYNTAX, at, "%s takes no length", type_names[i].name);
        return false;
    }
    return parse_wrong_word(p, at, "type", word, choices, ARRAY_LEN(choices));
}

/* ---- head --------------------------------------------------------------- */

bool dim_new(parse *p, pt_span name_at, pt_str name, bool is_time)
{
    dim_build *b = p->dim = PARSE_MAKE(p, dim_build);
    if (!b || !(b->dim = PARSE_MAKE(p, ast_dimension))) return false;
    *b->dim = (ast_dimension){.name = name, .is_time = is_time, .fiscal_start = 1, .name_at = name_at};
    return true;
}

bool dim_caption(parse *p, pt_span at, pt_str text)
{
    if (!clause_once(p, at, p->dim->dim->caption.ptr != NULL, "CAPTION")) return false;
    p->dim->dim->caption = text;
    return true;
}

static bool read_day(parse *p, pt_span at, pt_str text, int64_t *days)
{
    if (date_parse_iso(text, days)) return true;
    PARSE_FAIL(p, PT_VALUE, at, "'" STR_FMT "' is no day, expected 'YYYY-MM-DD'", STR_ARG(text));
    return false;
}

bool dim_calendar(parse *p, pt_span at, pt_str from, pt_span from_at, pt_str to, pt_span to_at)
{
    ast_dimension *d = p->dim->dim;
    if (!clause_once(p, at, d->is_generated, "FROM")) return false;
    d->is_generated = true;
    if (!read_day(p, from_at, from, &d->from_days) || !read_day(p, to_at, to, &d->to_days)) return false;
    if (!d->is_time) {
        PARSE_FAIL(p, PT_SYNTAX, at, "FROM ... TO makes a calendar, expected CREATE TIME DIMENSION");
        return false;
    }
    if (d->from_days <= d->to_days) return true;
    PARSE_FAIL(p, PT_VALUE, to_at, "the calendar ends before it starts ('" STR_FMT "')", STR_ARG(from));
    return false;
}

bool dim_week(parse *p, pt_span at, pt_str word)
{
    static const char *const rules[] = {"ISO", "SUNDAY", "MONDAY"}; /* in the order of week_rule */
    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        if (!str_eq_fold(word, str_of(rules[i]))) continue;
        p->dim->dim->week = (week_rule)i;
        return true;
    }
    return parse_wrong_word(p, at, "week rule", word, rules, ARRAY_LEN(rules));
}

bool dim_fiscal(parse *p, pt_span at, pt_str month)
{
    const char *names[12];
    int64_t number;
    if (num_parse_i64(month, &number) && number >= 1 && number <= 12) {
        p->dim->dim->fiscal_start = (uint8_t)number;
        return true;
    }
    for (int m = 1; m <= 12; m++) {
        names[m - 1] = date_month_name(m);
        pt_str name = str_of(names[m - 1]), brief = {name.ptr, 3};
        if (!str_eq_fold(month, name) && !str_eq_fold(month, brief)) continue;
        p->dim->dim->fiscal_start = (uint8_t)m;
        return true;
    }
    return parse_wrong_word(p, at, "month", month, names, ARRAY_LEN(names));
}

/* ---- elements ------------------------------------------------------------ */

bool dim_key(parse *p, pt_span at, pt_str column, ast_type type)
{
    ast_dimension *d = p->dim->dim;
    p->dim->in_attributes = false;
    if (!clause_once(p, at, d->key.ptr != NULL, "KEY")) return false;
    d->key = column;
    d->key_type = type;
    return true;
}

bool dim_attribute(parse *p, pt_span at, bool is_first, pt_str column, ast_type type, bool history)
{
    dim_build *b = p->dim;
    if (!is_first && !b->in_attributes) {
        PARSE_FAIL(p, PT_SYNTAX, at, "unexpected '" STR_FMT "', expected KEY, ATTRIBUTE or HIERARCHY",
                   STR_ARG(column));
        return false;
    }
    b->in_attributes = true;
    ast_attribute attribute = {.name = column, .type = type, .history = history, .at = at};
    b->attributes = list_add(p, b->attributes, &attribute, sizeof attribute);
    return b->attributes != NULL;
}

bool dim_hierarchy(parse *p, pt_span at)
{
    dim_build *b = p->dim;
    b->in_attributes = false;
    b->hier.n_levels = LIST_COUNT(b->levels);
    b->hier.levels = LIST_ITEMS(ast_level, b->levels);
    b->hier.at = at;
    b->hierarchies = list_add(p, b->hierarchies, &b->hier, sizeof b->hier);
    return b->hierarchies != NULL;
}

/* (KEY column type) alone: a dimension of the facts' own column, such as an order number. One hierarchy with
 * the dimension's name, and in it one level with the members by their key. */
static ast_dimension *add_flat(parse *p, ast_dimension *d)
{
    ast_level *l = PARSE_MAKE(p, ast_level);
    ast_hierarchy *h = l ? PARSE_MAKE(p, ast_hierarchy) : NULL;
    if (!h) return NULL;
    *l = (ast_level){.name = d->name, .key = d->key, .at = d->name_at};
    *h = (ast_hierarchy){.name = d->name, .has_all = true, .n_levels = 1, .levels = l, .at = d->name_at};
    d->n_hierarchies = 1;
    d->hierarchies = h;
    return d;
}

ast_dimension *dim_done(parse *p)
{
    dim_build *b = p->dim;
    b->dim->n_attributes = LIST_COUNT(b->attributes);
    b->dim->attributes = LIST_ITEMS(ast_attribute, b->attributes);
    b->dim->n_hierarchies = LIST_COUNT(b->hierarchies);
    b->dim->hierarchies = LIST_ITEMS(ast_hierarchy, b->hierarchies);
    return b->dim->key.ptr && !b->dim->is_time && !b->hierarchies ? add_flat(p, b->dim) : b->dim;
}

/* ---- hierarchies ---------------------------------------------------------- */

bool hier_new(parse *p, pt_span at, pt_str name)
{
    p->dim->hier = (ast_hierarchy){.name = name, .at = at};
    p->dim->levels = p->dim->open_props = NULL;
    return true;
}

bool hier_all(parse *p, pt_span at, pt_str all_name)
{
    ast_hierarchy *h = &p->dim->hier;
    if (!clause_once(p, at, h->has_all, "ALL")) return false;
    h->has_all = true;
    h->all_name = all_name;
    return true;
}

bool hier_caption(parse *p, pt_span at, pt_str text)
{
    ast_hierarchy *h = &p->dim->hier;
    if (!clause_once(p, at, h->caption.ptr != NULL, "CAPTION")) return false;
    h->caption = text;
    return true;
}

bool hier_default(parse *p, pt_span at, ast *member)
{
    ast_hierarchy *h = &p->dim->hier;
    if (!clause_once(p, at, h->default_member != NULL, "DEFAULT")) return false;
    h->default_member = member;
    return true;
}

bool hier_level(parse *p, pt_span at, const ast_level *l)
{
    ast_level level = *l;
    level.at = at;
    p->dim->levels = list_add(p, p->dim->levels, &level, sizeof level);
    return p->dim->levels != NULL;
}

static const struct {
    const char *word, *name;
    level_time time;
} times[] = {
    {"YEAR", "Year", LEVEL_YEAR},    {"HALF", "Half", LEVEL_HALF}, {"QUARTER", "Quarter", LEVEL_QUARTER},
    {"MONTH", "Month", LEVEL_MONTH}, {"WEEK", "Week", LEVEL_WEEK}, {"DAY", "Day", LEVEL_DAY},
};

/* Index into `times`; fails with the choices. */
static bool find_time(parse *p, pt_span at, pt_str word, size_t *index)
{
    const char *choices[ARRAY_LEN(times)];
    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        choices[i] = times[i].word;
        *index = i;
        if (str_eq_fold(word, str_of(times[i].word))) return true;
    }
    return parse_wrong_word(p, at, "level", word, choices, ARRAY_LEN(choices));
}

static bool more_property(parse *p, pt_span at, pt_str column, pt_str name)
{
    dim_build *b = p->dim;
    ast_level *last = &LIST_ITEMS(ast_level, b->levels)[b->levels->n - 1];
    ast_named prop = {.column = column, .name = name.len ? name : column, .at = at};
    if (!(b->open_props = list_add(p, b->open_props, &prop, sizeof prop))) return false;
    last->n_props = b->open_props->n;
    last->props = b->open_props->items;
    last->at.end = at.end;
    return true;
}

bool hier_word(parse *p, pt_span at, pt_str word, pt_str name)
{
    size_t i;
    if (p->dim->open_props) return more_property(p, at, word, name);
    if (!p->dim->dim->is_generated || name.len) {
        PARSE_FAIL(p, PT_SYNTAX, at, "unexpected '" STR_FMT "', expected LEVEL", STR_ARG(word));
        pt_hint(&p->err,
                "levels by a word alone are those of a calendar: CREATE TIME DIMENSION ... FROM ... TO ...");
        return false;
    }
    if (!find_time(p, at, word, &i)) return false;
    ast_level level = {.name = str_of(times[i].name), .time = times[i].time};
    return hier_level(p, at, &level);
}

/* ---- levels -------------------------------------------------------------- */

ast_level *level_new(parse *p, pt_span at, pt_str name, pt_str key)
{
    ast_level *l = PARSE_MAKE(p, ast_level);
    if (l) *l = (ast_level){.name = name, .key = key, .root = value_null(), .at = at};
    p->dim->open_props = NULL;
    return l;
}

bool level_set_name(parse *p, pt_span at, ast_level *l, pt_str column)
{
    if (!clause_once(p, at, l->name_column.ptr != NULL, "NAME")) return false;
    l->name_column = column;
    return true;
}

bool level_order(parse *p, pt_span at, ast_level *l, pt_str column)
{
    if (!clause_once(p, at, l->order_column.ptr != NULL, "ORDER BY")) return false;
    l->order_column = column;
    return true;
}

bool level_set_caption(parse *p, pt_span at, ast_level *l, pt_str text)
{
    if (!clause_once(p, at, l->caption.ptr != NULL, "CAPTION")) return false;
    l->caption = text;
    return true;
}

bool level_type(parse *p, pt_span at, ast_level *l, pt_str word)
{
    size_t i;
    if (!clause_once(p, at, l->time != LEVEL_REGULAR, "TYPE") || !find_time(p, at, word, &i)) return false;
    l->time = times[i].time;
    return true;
}

bool level_set_hide(parse *p, pt_span at, ast_level *l, level_hide hide)
{
    if (!clause_once(p, at, l->hide != HIDE_NEVER, "HIDE")) return false;
    l->hide = hide;
    return true;
}

bool level_parent(parse *p, pt_span at, ast_level *l, pt_str column)
{
    if (!clause_once(p, at, l->parent_column.ptr != NULL, "PARENT")) return false;
    l->parent_column = column;
    return true;
}

bool level_root(parse *p, pt_span at, ast_level *l, const pt_value *root)
{
    if (!clause_once(p, at, l->root.kind != VAL_NULL, "ROOT")) return false;
    l->root = *root;
    return true;
}

bool level_properties(parse *p, pt_span at, ast_level *l, const list *props)
{
    if (!clause_once(p, at, l->props != NULL, "PROPERTIES")) return false;
    l->n_props = props->n;
    l->props = props->items;
    return true;
}

bool level_property(parse *p, pt_span at, ast_level *l, ast_named prop)
{
    list *props = list_add(p, NULL, &prop, sizeof prop);
    if (!props || !level_properties(p, at, l, props)) return false;
    p->dim->open_props = props;
    return true;
}
