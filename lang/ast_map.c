/* ast_map.c - builds the tree of CREATE MAPPING. */
#include "lang/parse_int.h"

struct map_build {
    ast_mapping *map;
    list *joins;
    bool has_on_error;
};

bool map_new(parse *p, pt_span name_at, pt_str name, bool into_cube, pt_str target, pt_str source,
             ast_table table)
{
    map_build *b = p->map = PARSE_MAKE(p, map_build);
    if (!b || !(b->map = PARSE_MAKE(p, ast_mapping))) return false;
    *b->map = (ast_mapping){.name = name,
                            .into_cube = into_cube,
                            .target = target,
                            .source = source,
                            .table = table,
                            .name_at = name_at};
    return true;
}

/* ---- joins --------------------------------------------------------------- */

ast *node_column(parse *p, pt_span at, const pt_str *table, pt_str column, pt_span column_at)
{
    list *segs = NULL;
    if (table) {
        pt_span table_at = {at.start, at.start + (uint32_t)table->len};
        ast_segment *t = segment_new(p, table_at, *table, SEGMENT_QUOTED);
        if (!t || !(segs = list_add(p, segs, t, sizeof *t))) return NULL;
    }
    ast_segment *c = segment_new(p, column_at, column, SEGMENT_QUOTED);
    if (!c || !(segs = list_add(p, segs, c, sizeof *c))) return NULL;
    return node_id(p, at, segs);
}

list *pair_add(parse *p, list *columns, ast *left, ast *right)
{
    columns = list_add(p, columns, &left, sizeof left);
    return columns ? list_add(p, columns, &right, sizeof right) : NULL;
}

/* Whether the column is one of `table`. */
static bool is_of_table(const ast *column, const ast_table *table)
{
    return column->n == 2 && str_eq_fold(column->segs[0].name, table->alias);
}

bool map_join(parse *p, pt_span at, bool is_left, ast_table table, const list *columns)
{
    uint32_t n = columns->n / 2;
    ast_join j = {.table = table, .is_left = is_left, .n_on = n, .at = at};
    j.left = parse_alloc(p, n, sizeof(ast *));
    j.right = parse_alloc(p, n, sizeof(ast *));
    if (!j.left || !j.right) return false;
    for (uint32_t i = 0; i < n; i++) {
        ast *a = LIST_ITEMS(ast *, columns)[2 * i], *b = LIST_ITEMS(ast *, columns)[2 * i + 1];
        bool is_swapped = is_of_table(a, &table) && !is_of_table(b, &table);
        j.left[i] = is_swapped ? b : a;
        j.right[i] = is_swapped ? a : b;
    }
    p->map->joins = list_add(p, p->map->joins, &j, sizeof j);
    return p->map->joins != NULL;
}

/* ---- clauses --------------------------------------------------------------- */

bool map_where(parse *p, pt_span at, ast *cond)
{
    if (!clause_once(p, at, p->map->map->where != NULL, "WHERE")) return false;
    p->map->map->where = cond;
    return true;
}

bool map_on_error(parse *p, pt_span at, pt_str word)
{
    static const char *const choices[] = {"REJECT", "FAIL"};
    map_build *b = p->map;
    if (!clause_once(p, at, b->has_on_error, "ON ERROR")) return false;
    b->has_on_error = true;
    b->map->fail_on_error = str_eq_fold(word, STR("FAIL"));
    if (b->map->fail_on_error || str_eq_fold(word, STR("REJECT"))) return true;
    return parse_wrong_word(p, at, "choice", word, choices, ARRAY_LEN(choices));
}

bool map_slice(parse *p, pt_span at, ast *id)
{
    if (!clause_once(p, at, p->map->map->slice != NULL, "SLICE BY")) return false;
    p->map->map->slice = id;
    return true;
}

ast_mapping *map_done(parse *p, const list *targets)
{
    map_build *b = p->map;
    b->map->n_joins = LIST_COUNT(b->joins);
    b->map->joins = LIST_ITEMS(ast_join, b->joins);
    b->map->n_targets = targets->n;
    b->map->targets = targets->items;
    return b->map;
}

/* ---- targets --------------------------------------------------------------- */

ast_target *target_new(parse *p, pt_span at, pt_str name, ast *expr)
{
    ast_target *t = PARSE_MAKE(p, ast_target);
    if (t) *t = (ast_target){.name = name, .expr = expr, .at = at};
    return t;
}

bool target_format(parse *p, pt_span at, ast_target *t, pt_str text)
{
    if (!clause_once(p, at, t->format.ptr != NULL, "FORMAT")) return false;
    t->format = text;
    t->at.end = at.end;
    return true;
}

bool target_codes(parse *p, pt_span at, ast_target *t, const list *codes, const pt_value *otherwise)
{
    if (!clause_once(p, at, t->n_codes > 0, "CODES")) return false;
    t->n_codes = codes->n;
    t->codes = codes->items;
    t->has_code_else = otherwise != NULL;
    if (otherwise) t->code_else = *otherwise;
    t->at.end = at.end;
    return true;
}

bool target_unknown(parse *p, pt_span at, ast_target *t, pt_str word)
{
    static const char *const choices[] = {"INFER", "REJECT", "FAIL"}; /* behind UNKNOWN_DEFAULT */
    if (!clause_once(p, at, t->unknown != UNKNOWN_DEFAULT, "ON UNKNOWN")) return false;
    for (size_t i = 0; i < ARRAY_LEN(choices); i++) {
        if (!str_eq_fold(word, str_of(choices[i]))) continue;
        t->unknown = (on_unknown)(i + 1);
        t->at.end = at.end;
        return true;
    }
    return parse_wrong_word(p, at, "choice", word, choices, ARRAY_LEN(choices));
}
