/* print_def.c - definitions in canonical form: one element a line, in the order of the tree. */
#include "lang/print_int.h"

/* Starts the next element of a list inside parentheses. */
static void next_line(strbuf *out, bool *is_first, const char *indent)
{
    strbuf_addz(out, *is_first ? "\n" : ",\n");
    strbuf_addz(out, indent);
    *is_first = false;
}

static void print_caption(pt_str caption, strbuf *out)
{
    if (!caption.ptr) return;
    strbuf_addz(out, " CAPTION ");
    print_quoted(caption, '\'', out);
}

static void print_named_clause(const char *word, pt_str column, strbuf *out)
{
    if (!column.ptr) return;
    strbuf_printf(out, " %s ", word);
    print_column(column, out);
}

void print_create(const ast_stmt *s, strbuf *out)
{
    strbuf_addz(out, s->or_replace ? "CREATE OR REPLACE " : "CREATE ");
}

/* ---- dimensions -------------------------------------------------------------- */

static void print_type(ast_type t, strbuf *out)
{
    strbuf_addz(out, type_name(t.type));
    if (t.type == TYPE_DECIMAL) strbuf_printf(out, "(%u,%u)", t.precision, t.scale);
}

static const char *time_word(level_time t)
{
    switch (t) {
    case LEVEL_YEAR: return "YEAR";
    case LEVEL_HALF: return "HALF";
    case LEVEL_QUARTER: return "QUARTER";
    case LEVEL_MONTH: return "MONTH";
    case LEVEL_WEEK: return "WEEK";
    case LEVEL_DAY: return "DAY";
    case LEVEL_REGULAR: break;
    }
    return "";
}

static void print_properties(const ast_level *l, strbuf *out)
{
    strbuf_addz(out, " PROPERTIES (");
    for (uint32_t i = 0; i < l->n_props; i++) {
        const ast_named *prop = &l->props[i];
        if (i) strbuf_addz(out, ", ");
        print_column(prop->column, out);
        if (str_eq(prop->name, prop->column)) continue;
        strbuf_addz(out, " AS ");
        print_quoted(prop->name, '\'', out);
    }
    strbuf_addc(out, ')');
}

static void print_level(const ast_level *l, strbuf *out)
{
    if (!l->key.ptr) { /* of a calendar */
        strbuf_addz(out, time_word(l->time));
        if (l->n_props) print_properties(l, out);
        return;
    }
    strbuf_addz(out, "LEVEL ");
    ast_print_name(l->name, out);
    print_named_clause("BY", l->key, out);
    print_named_clause("NAME", l->name_column, out);
    print_named_clause("ORDER BY", l->order_column, out);
    print_caption(l->caption, out);
    if (l->time != LEVEL_REGULAR) strbuf_printf(out, " TYPE %s", time_word(l->time));
    if (l->hide == HIDE_BLANK) strbuf_addz(out, " HIDE IF BLANK");
    if (l->hide == HIDE_PARENT_NAME) strbuf_addz(out, " HIDE IF PARENT NAME");
    print_named_clause("PARENT", l->parent_column, out);
    if (l->root.kind != VAL_NULL) {
        strbuf_addz(out, " ROOT ");
        print_value(l->root, out);
    }
    if (l->n_props) print_properties(l, out);
}

static void print_hierarchy(const ast_hierarchy *h, strbuf *out)
{
    bool is_first = true;
    strbuf_addz(out, "HIERARCHY ");
    ast_print_name(h->name, out);
    if (h->has_all) strbuf_addz(out, " ALL");
    if (h->all_name.len) {
        strbuf_addc(out, ' ');
        print_quoted(h->all_name, '\'', out);
    }
    print_caption(h->caption, out);
    if (h->default_member) {
        strbuf_addz(out, " DEFAULT ");
        ast_print_expr(h->default_member, out);
    }
    strbuf_addz(out, " (");
    for (uint32_t i = 0; i < h->n_levels; i++) {
        next_line(out, &is_first, "    ");
        print_level(&h->levels[i], out);
    }
    strbuf_addc(out, ')');
}

static void print_calendar(const ast_dimension *d, strbuf *out)
{
    static const char *const weeks[] = {"ISO", "SUNDAY", "MONDAY"};
    strbuf_addz(out, " FROM '");
    value_print(value_date(d->from_days), out);
    strbuf_addz(out, "' TO '");
    value_print(value_date(d->to_days), out);
    strbuf_addc(out, '\'');
    strbuf_printf(out, " WEEK %s", weeks[d->week]);
    if (d->fiscal_start > 1) strbuf_printf(out, " FISCAL YEAR STARTS %u", d->fiscal_start);
}

static void print_dim_items(const ast_dimension *d, const char *indent, strbuf *out)
{
    bool is_first = true;
    if (d->key.ptr) {
        next_line(out, &is_first, indent);
        strbuf_addz(out, "KEY ");
        print_column(d->key, out);
        strbuf_addc(out, ' ');
        print_type(d->key_type, out);
    }
    for (uint32_t i = 0; i < d->n_attributes; i++) {
        const ast_attribute *a = &d->attributes[i];
        next_line(out, &is_first, indent);
        strbuf_addz(out, "ATTRIBUTE ");
        print_column(a->name, out);
        strbuf_addc(out, ' ');
        print_type(a->type, out);
        if (a->history) strbuf_addz(out, " HISTORY");
    }
    for (uint32_t i = 0; i < d->n_hierarchies; i++) {
        next_line(out, &is_first, indent);
        print_hierarchy(&d->hierarchies[i], out);
    }
}

void print_dimension(const ast_stmt *s, strbuf *out)
{
    const ast_dimension *d = s->dimension;
    if (s->kind == STMT_ALTER_DIMENSION) {
        strbuf_addz(out, "ALTER DIMENSION ");
        ast_print_name(d->name, out);
        strbuf_addz(out, " ADD");
        print_dim_items(d, "  ", out);
        return;
    }
    print_create(s, out);
    strbuf_addz(out, d->is_time ? "TIME DIMENSION " : "DIMENSION ");
    ast_print_name(d->name, out);
    print_caption(d->caption, out);
    if (d->is_generated) print_calendar(d, out);
    strbuf_addz(out, " (");
    print_dim_items(d, "  ", out);
    strbuf_addc(out, ')');
}

/* ---- cubes -------------------------------------------------------------------- */

static void print_dim_use(const ast_cube_dim *u, strbuf *out)
{
    strbuf_addz(out, "DIMENSION ");
    ast_print_name(u->dimension, out);
    if (u->hierarchy.ptr) {
        strbuf_addc(out, '.');
        ast_print_name(u->hierarchy, out);
    }
    if (u->alias.ptr) {
        strbuf_addz(out, " AS ");
        ast_print_name(u->alias, out);
    }
    print_named_clause("ROLE", u->role, out);
}

const char *agg_name(agg_kind k)
{
    static const char *const names[] = {"SUM", "COUNT", "MIN", "MAX", "AVG", "DISTINCT COUNT"};
    return names[k];
}

static void print_aggregate(const ast_measure *m, strbuf *out)
{
    strbuf_printf(out, "%s(", agg_name(m->agg));
    if (m->agg == AGG_DISTINCT)
        ast_print_name(m->column, out);
    else if (m->column.ptr)
        print_column(m->column, out);
    else if (m->expr)
        ast_print_expr(m->expr, out);
    else
        strbuf_addc(out, '*');
    strbuf_addc(out, ')');
}

static void print_where(const ast_measure *m, strbuf *out)
{
    if (!m->where) return;
    strbuf_addz(out, " WHERE ");
    ast_print_expr(m->where, out);
}

void ast_print_aggregate(const ast_measure *m, strbuf *out)
{
    print_aggregate(m, out);
    print_where(m, out);
}

static void print_measure(const ast_measure *m, strbuf *out)
{
    strbuf_addz(out, "MEASURE ");
    if (m->base_cube.ptr) {
        ast_print_name(m->base_cube, out);
        strbuf_addc(out, '.');
    }
    ast_print_name(m->name, out);
    if (!m->base_cube.ptr) {
        strbuf_addc(out, ' ');
        print_aggregate(m, out);
    }
    if (m->type.type != TYPE_NONE) {
        strbuf_addc(out, ' ');
        print_type(m->type, out);
    }
    print_where(m, out);
    if (m->has_format) {
        strbuf_addz(out, " FORMAT ");
        print_quoted(m->format, '\'', out);
    }
    print_caption(m->caption, out);
    if (m->is_hidden) strbuf_addz(out, " HIDDEN");
    if (m->has_ordinal) strbuf_printf(out, " ORDINAL %d", (int)m->ordinal);
}

static void print_cube_items(const ast_cube *c, const char *indent, strbuf *out)
{
    bool is_first = true;
    for (uint32_t i = 0; i < c->n_dims; i++) {
        next_line(out, &is_first, indent);
        print_dim_use(&c->dims[i], out);
    }
    for (uint32_t i = 0; i < c->n_columns; i++) {
        next_line(out, &is_first, indent);
        strbuf_addz(out, "COLUMN ");
        print_column(c->columns[i].name, out);
        strbuf_addc(out, ' ');
        print_type(c->columns[i].type, out);
    }
    for (uint32_t i = 0; i < c->n_measures; i++) {
        next_line(out, &is_first, indent);
        print_measure(&c->measures[i], out);
    }
    for (uint32_t i = 0; i < c->n_formulas; i++) {
        next_line(out, &is_first, indent);
        print_formula(&c->formulas[i], out);
    }
    if (!c->default_measure.ptr) return;
    next_line(out, &is_first, indent);
    strbuf_addz(out, "DEFAULT MEASURE ");
    ast_print_name(c->default_measure, out);
}

void print_cube(const ast_stmt *s, strbuf *out)
{
    const ast_cube *c = s->cube_def;
    if (s->kind == STMT_ALTER_CUBE) {
        strbuf_addz(out, "ALTER CUBE ");
        ast_print_name(c->name, out);
        strbuf_addz(out, " ADD");
        print_cube_items(c, "  ", out);
        return;
    }
    print_create(s, out);
    strbuf_addz(out, c->is_virtual ? "VIRTUAL CUBE " : "CUBE ");
    ast_print_name(c->name, out);
    print_caption(c->caption, out);
    for (uint32_t i = 0; i < c->n_bases; i++) {
        strbuf_addz(out, i ? ", " : " FROM ");
        ast_print_name(c->bases[i], out);
    }
    strbuf_addz(out, " (");
    print_cube_items(c, "  ", out);
    strbuf_addc(out, ')');
}

/* ---- cuboids ------------------------------------------------------------------ */

void print_cuboid(const ast_stmt *s, strbuf *out)
{
    const ast_cuboid *c = s->cuboid;
    bool is_first = true;
    print_create(s, out);
    strbuf_addz(out, "CUBOID ");
    ast_print_name(c->name, out);
    strbuf_addz(out, " ON CUBE ");
    ast_print_name(c->cube, out);
    strbuf_addz(out, " (");
    for (uint32_t i = 0; i < c->n_levels; i++) {
        next_line(out, &is_first, "  ");
        strbuf_addz(out, "LEVEL ");
        ast_print_expr(c->levels[i], out);
    }
    for (uint32_t i = 0; i < c->n_measures; i++) {
        next_line(out, &is_first, "  ");
        strbuf_addz(out, "MEASURE ");
        ast_print_expr(c->measures[i], out);
    }
    strbuf_addc(out, ')');
}

/* ---- sources and mappings ------------------------------------------------------- */

void print_source(const ast_stmt *s, strbuf *out)
{
    const ast_source *src = s->source;
    print_create(s, out);
    strbuf_addz(out, "SOURCE ");
    ast_print_name(src->name, out);
    strbuf_addz(out, " TYPE ");
    strbuf_adds(out, src->type);
    for (uint32_t i = 0; i < src->n_options; i++) {
        strbuf_addz(out, i ? ", " : " OPTIONS (");
        strbuf_adds(out, src->options[i].name);
        strbuf_addc(out, ' ');
        print_value(src->options[i].value, out);
    }
    if (src->n_options) strbuf_addc(out, ')');
}

static void print_table(const ast_table *t, strbuf *out)
{
    print_quoted(t->name, '\'', out);
    if (str_eq(t->name, t->alias)) return;
    strbuf_addc(out, ' ');
    ast_print_name(t->alias, out);
}

static void print_join_column(const ast *id, strbuf *out)
{
    for (uint32_t i = 0; i < id->n; i++) {
        if (i) strbuf_addc(out, '.');
        print_column(id->segs[i].name, out);
    }
}

static void print_join(const ast_join *j, strbuf *out)
{
    strbuf_addz(out, j->is_left ? "\n  LEFT JOIN " : "\n  JOIN ");
    print_table(&j->table, out);
    for (uint32_t i = 0; i < j->n_on; i++) {
        strbuf_addz(out, i ? " AND " : " ON ");
        print_join_column(j->left[i], out);
        strbuf_addz(out, " = ");
        print_join_column(j->right[i], out);
    }
}

static void print_codes(const ast_target *t, strbuf *out)
{
    strbuf_addz(out, " CODES (");
    for (uint32_t i = 0; i < t->n_codes; i++) {
        if (i) strbuf_addz(out, ", ");
        print_value(t->codes[i].from, out);
        strbuf_addz(out, " AS ");
        print_value(t->codes[i].to, out);
    }
    if (t->has_code_else) {
        strbuf_addz(out, ", ELSE ");
        print_value(t->code_else, out);
    }
    strbuf_addc(out, ')');
}

static void print_target(const ast_target *t, strbuf *out)
{
    static const char *const unknown[] = {"", "INFER", "REJECT", "FAIL"};
    print_column(t->name, out);
    if (t->expr) {
        strbuf_addz(out, " = ");
        ast_print_expr(t->expr, out);
    }
    if (t->format.ptr) {
        strbuf_addz(out, " FORMAT ");
        print_quoted(t->format, '\'', out);
    }
    if (t->n_codes) print_codes(t, out);
    if (t->unknown != UNKNOWN_DEFAULT) strbuf_printf(out, " ON UNKNOWN %s", unknown[t->unknown]);
}

void print_mapping(const ast_stmt *s, strbuf *out)
{
    const ast_mapping *m = s->mapping;
    bool is_first = true;
    print_create(s, out);
    strbuf_addz(out, "MAPPING ");
    ast_print_name(m->name, out);
    strbuf_addz(out, m->into_cube ? " INTO CUBE " : " INTO DIMENSION ");
    ast_print_name(m->target, out);
    strbuf_addz(out, " FROM ");
    ast_print_name(m->source, out);
    strbuf_addc(out, '.');
    print_table(&m->table, out);
    for (uint32_t i = 0; i < m->n_joins; i++) print_join(&m->joins[i], out);
    strbuf_addz(out, " (");
    for (uint32_t i = 0; i < m->n_targets; i++) {
        next_line(out, &is_first, "  ");
        print_target(&m->targets[i], out);
    }
    strbuf_addc(out, ')');
    if (m->where) {
        strbuf_addz(out, "\n  WHERE ");
        ast_print_expr(m->where, out);
    }
    if (m->fail_on_error) strbuf_addz(out, "\n  ON ERROR FAIL");
    if (m->slice) {
        strbuf_addz(out, "\n  SLICE BY ");
        ast_print_expr(m->slice, out);
    }
}
