/* print.c - trees back to text: expressions, queries, short statements.
 *
 * Parentheses of the source are nodes of the tree, so operators need none of their own. Recursion is bounded
 * by PARSE_MAX_DEPTH. */
#include "lang/keywords.h"
#include "lang/print_int.h"

/* ---- names and texts ------------------------------------------------------- */

void print_quoted(pt_str text, char quote, strbuf *out)
{
    strbuf_addc(out, quote);
    for (size_t i = 0; i < text.len; i++) {
        strbuf_addc(out, text.ptr[i]);
        if (text.ptr[i] == quote) strbuf_addc(out, quote);
    }
    strbuf_addc(out, quote);
}

void ast_print_name(pt_str name, strbuf *out)
{
    strbuf_addc(out, '[');
    while (name.len) {
        const char *bracket = memchr(name.ptr, ']', name.len);
        size_t n = bracket ? (size_t)(bracket - name.ptr) + 1 : name.len;
        strbuf_add(out, name.ptr, n);
        if (bracket) strbuf_addc(out, ']');
        name = (pt_str){name.ptr + n, name.len - n};
    }
    strbuf_addc(out, ']');
}

void print_column(pt_str name, strbuf *out)
{
    if (keyword_is_bare_name(name))
        strbuf_adds(out, name);
    else
        ast_print_name(name, out);
}

void print_value(pt_value v, strbuf *out)
{
    switch (v.kind) {
    case VAL_NULL: strbuf_addz(out, "NULL"); return;
    case VAL_TEXT: print_quoted(v.s, '\'', out); return;
    case VAL_BOOL: strbuf_addz(out, v.i ? "ON" : "OFF"); return;
    case VAL_INT:
    case VAL_DEC:
    case VAL_DOUBLE:
    case VAL_DATE:
    case VAL_TIME: value_print(v, out); return;
    }
}

static void print_segment(const ast_segment *s, bool is_first, strbuf *out)
{
    if (s->is_key) {
        strbuf_addc(out, '&');
        ast_print_name(s->name, out);
        for (uint32_t i = 0; i < s->n_keys; i++) {
            strbuf_addc(out, '&');
            ast_print_name(s->keys[i], out);
        }
        return;
    }
    bool is_after_dot =
        !is_first && (str_eq_fold(s->name, STR("DIMENSION")) || str_eq_fold(s->name, STR("PROPERTIES")));
    if (!s->is_quoted && (is_after_dot || keyword_is_bare_name(s->name)))
        strbuf_adds(out, s->name);
    else
        ast_print_name(s->name, out);
}

/* ---- expressions ------------------------------------------------------------- */

static void print_args(const ast *e, uint32_t first, strbuf *out)
{
    for (uint32_t i = first; i < e->n; i++) {
        if (i > first) strbuf_addz(out, ", ");
        ast_print_expr(e->args[i], out);
    }
}

static void print_prefix(const ast *e, strbuf *out)
{
    const ast *arg = e->args[0];
    char op = e->text.ptr[0];
    strbuf_adds(out, e->text);
    /* "--" would be a comment */
    bool is_sign = op == '-' || op == '+';
    if (!is_sign || (arg->kind == AST_CALL && arg->syntax == SYN_PREFIX)) strbuf_addc(out, ' ');
    ast_print_expr(arg, out);
}

static void print_case(const ast *e, strbuf *out)
{
    strbuf_addz(out, "CASE ");
    if (e->args[0]->kind != AST_EMPTY) {
        ast_print_expr(e->args[0], out);
        strbuf_addc(out, ' ');
    }
    for (uint32_t i = 1; i + 2 < e->n; i += 2) {
        strbuf_addz(out, "WHEN ");
        ast_print_expr(e->args[i], out);
        strbuf_addz(out, " THEN ");
        ast_print_expr(e->args[i + 1], out);
        strbuf_addc(out, ' ');
    }
    if (e->args[e->n - 1]->kind != AST_EMPTY) {
        strbuf_addz(out, "ELSE ");
        ast_print_expr(e->args[e->n - 1], out);
        strbuf_addc(out, ' ');
    }
    strbuf_addz(out, "END");
}

/* What stands behind the point: a word as written, else in brackets. */
static void print_member_name(pt_str name, strbuf *out)
{
    ast_segment s = {.name = name};
    strbuf_addc(out, '.');
    print_segment(&s, false, out);
}

static void print_call(const ast *e, strbuf *out)
{
    switch (e->syntax) {
    case SYN_FUNCTION:
        strbuf_adds(out, e->text);
        strbuf_addc(out, '(');
        print_args(e, 0, out);
        strbuf_addc(out, ')');
        return;
    case SYN_PROPERTY:
        ast_print_expr(e->args[0], out);
        print_member_name(e->text, out);
        return;
    case SYN_METHOD:
        ast_print_expr(e->args[0], out);
        print_member_name(e->text, out);
        strbuf_addc(out, '(');
        print_args(e, 1, out);
        strbuf_addc(out, ')');
        return;
    case SYN_INFIX:
        ast_print_expr(e->args[0], out);
        strbuf_addc(out, ' ');
        strbuf_adds(out, e->text);
        strbuf_addc(out, ' ');
        ast_print_expr(e->args[1], out);
        if (e->n == 2) return;
        strbuf_addz(out, " AND "); /* BETWEEN */
        ast_print_expr(e->args[2], out);
        return;
    case SYN_PREFIX: print_prefix(e, out); return;
    case SYN_POSTFIX:
        ast_print_expr(e->args[0], out);
        strbuf_addc(out, ' ');
        strbuf_adds(out, e->text);
        return;
    case SYN_BRACES:
        strbuf_addc(out, '{');
        print_args(e, 0, out);
        strbuf_addc(out, '}');
        return;
    case SYN_PARENS:
        strbuf_addc(out, '(');
        print_args(e, 0, out);
        strbuf_addc(out, ')');
        return;
    case SYN_CASE: print_case(e, out); return;
    case SYN_CAST:
        strbuf_addz(out, "CAST(");
        ast_print_expr(e->args[0], out);
        strbuf_addz(out, " AS ");
        strbuf_adds(out, e->text);
        strbuf_addc(out, ')');
        return;
    }
}

void ast_print_expr(const ast *e, strbuf *out)
{
    switch (e->kind) {
    case AST_NULL: strbuf_addz(out, "NULL"); return;
    case AST_NUMBER: strbuf_adds(out, e->text); return;
    case AST_STRING: print_quoted(e->text, '"', out); return;
    case AST_ID:
        for (uint32_t i = 0; i < e->n; i++) {
            if (i) strbuf_addc(out, '.');
            print_segment(&e->segs[i], i == 0, out);
        }
        return;
    case AST_CALL: print_call(e, out); return;
    case AST_EMPTY: return;
    case AST_PARAM:
        strbuf_addc(out, e->text.ptr[0] >= '0' && e->text.ptr[0] <= '9' ? '$' : '@');
        strbuf_adds(out, e->text);
        return;
    }
}

/* ---- queries --------------------------------------------------------------- */

/* name AS body, PROP = value */
static void print_formula_text(const ast_formula *f, strbuf *out)
{
    ast_print_expr(f->name, out);
    if (f->body) {
        strbuf_addz(out, " AS ");
        ast_print_expr(f->body, out);
    }
    if (f->measure) {
        strbuf_addz(out, " AS ");
        ast_print_aggregate(f->measure, out);
    }
    for (uint32_t i = 0; i < f->n_props; i++) {
        strbuf_addz(out, ", ");
        strbuf_adds(out, f->props[i].name);
        strbuf_addz(out, " = ");
        ast_print_expr(f->props[i].value, out);
    }
}

void print_formula(const ast_formula *f, strbuf *out)
{
    strbuf_addz(out, f->is_set ? "SET " : f->measure ? "MEASURE " : "MEMBER ");
    print_formula_text(f, out);
}

static void print_ids(ast *const *ids, uint32_t n, strbuf *out)
{
    for (uint32_t i = 0; i < n; i++) {
        strbuf_addz(out, i ? ", " : " ");
        ast_print_expr(ids[i], out);
    }
}

static void print_axis(const ast_axis *x, strbuf *out)
{
    static const char *const axis_names[] = {"COLUMNS", "ROWS", "PAGES", "CHAPTERS", "SECTIONS"};
    if (x->non_empty) strbuf_addz(out, "NON EMPTY ");
    ast_print_expr(x->set, out);
    if (x->n_props) {
        strbuf_addz(out, " DIMENSION PROPERTIES");
        print_ids(x->props, x->n_props, out);
    }
    if (x->number < ARRAY_LEN(axis_names))
        strbuf_printf(out, " ON %s", axis_names[x->number]);
    else
        strbuf_printf(out, " ON AXIS(%u)", (unsigned)x->number);
}

static void print_select(const ast_select *s, strbuf *out)
{
    for (uint32_t i = 0; i < s->n_formulas; i++) {
        strbuf_addz(out, i ? " " : "WITH ");
        print_formula(&s->formulas[i], out);
    }
    strbuf_addz(out, s->n_formulas ? " SELECT" : "SELECT");
    for (uint32_t i = 0; i < s->n_axes; i++) {
        strbuf_addz(out, i ? ", " : " ");
        print_axis(&s->axes[i], out);
    }
    strbuf_addz(out, " FROM ");
    if (s->subselect) {
        strbuf_addc(out, '(');
        print_select(s->subselect, out);
        strbuf_addc(out, ')');
    } else {
        ast_print_name(s->cube, out);
    }
    if (s->slicer) {
        strbuf_addz(out, " WHERE ");
        ast_print_expr(s->slicer, out);
    }
    for (uint32_t i = 0; i < s->n_cell_props; i++) {
        strbuf_addz(out, i ? ", " : " CELL PROPERTIES ");
        print_column(s->cell_props[i], out);
    }
}

static void print_drill(const ast_stmt *s, strbuf *out)
{
    strbuf_addz(out, "DRILLTHROUGH ");
    if (s->max_rows >= 0) strbuf_printf(out, "MAXROWS %lld ", (long long)s->max_rows);
    if (s->first_row >= 0) strbuf_printf(out, "FIRSTROWSET %lld ", (long long)s->first_row);
    print_select(s->select, out);
    if (!s->n_items) return;
    strbuf_addz(out, " RETURN");
    print_ids(s->items, s->n_items, out);
}

/* ---- short statements --------------------------------------------------------- */

static const char *object_word(object_kind object)
{
    switch (object) {
    case OBJ_DIMENSION: return "DIMENSION";
    case OBJ_CUBE: return "CUBE";
    case OBJ_SOURCE: return "SOURCE";
    case OBJ_MAPPING: return "MAPPING";
    case OBJ_MEMBER: return "MEMBER";
    case OBJ_SET: return "SET";
    case OBJ_CUBOID: return "CUBOID";
    case OBJ_NONE:
    case OBJ_HIERARCHY:
    case OBJ_LEVEL:
    case OBJ_MEASURE:
    case OBJ_LOAD:
    case OBJ_SEGMENT:
    case OBJ_REJECT:
    case OBJ_LIMIT:
    case OBJ_ATTRIBUTE: break;
    }
    return "";
}

static void print_create_formula(const ast_stmt *s, strbuf *out)
{
    print_create(s, out);
    if (s->is_session) strbuf_addz(out, "SESSION ");
    strbuf_addz(out, s->formula->is_set ? "SET " : "MEMBER ");
    ast_print_name(s->name, out);
    strbuf_addc(out, '.');
    print_formula_text(s->formula, out);
}

static void print_drop(const ast_stmt *s, strbuf *out)
{
    strbuf_printf(out, "DROP %s%s ", s->is_session ? "SESSION " : "", object_word(s->object));
    if (s->if_exists) strbuf_addz(out, "IF EXISTS ");
    ast_print_name(s->name, out);
    if (s->n_items) {
        strbuf_addc(out, '.');
        ast_print_expr(s->items[0], out);
    }
    if (s->cascade) strbuf_addz(out, " CASCADE");
}

/* Words were joined by '_' when they were read, and a blank reads as the same. */
static void print_show(const ast_stmt *s, strbuf *out)
{
    strbuf_addz(out, "SHOW ");
    strbuf_adds(out, s->word);
    if (s->value.kind == VAL_INT) strbuf_printf(out, " OF LOAD %lld", (long long)s->value.i);
    if (!s->name.ptr) return;
    strbuf_addz(out, " OF ");
    ast_print_name(s->name, out);
}

static void print_load(const ast_stmt *s, strbuf *out)
{
    strbuf_addz(out, s->n_mappings ? "LOAD " : "LOAD *");
    for (uint32_t i = 0; i < s->n_mappings; i++) {
        if (i) strbuf_addz(out, ", ");
        ast_print_name(s->mappings[i], out);
    }
    if (s->load_source.ptr) {
        strbuf_addz(out, " FROM ");
        ast_print_name(s->load_source, out);
    }
    if (s->replace) {
        strbuf_addz(out, " REPLACE ");
        ast_print_expr(s->replace, out);
    }
    if (s->force) strbuf_addz(out, " FORCE");
}

static void print_transaction(const ast_stmt *s, strbuf *out)
{
    strbuf_adds(out, s->word);
    if (!s->name.ptr) return;
    strbuf_addz(out, str_eq(s->word, STR("ROLLBACK")) ? " TO " : " ");
    ast_print_name(s->name, out);
}

void ast_print(const ast_stmt *s, strbuf *out)
{
    switch (s->kind) {
    case STMT_EMPTY: return;
    case STMT_SELECT: print_select(s->select, out); return;
    case STMT_DRILLTHROUGH: print_drill(s, out); return;
    case STMT_EXPLAIN:
        strbuf_addz(out, s->analyze ? "EXPLAIN ANALYZE " : "EXPLAIN ");
        print_select(s->select, out);
        return;
    case STMT_CREATE_DIMENSION:
    case STMT_ALTER_DIMENSION: print_dimension(s, out); return;
    case STMT_CREATE_CUBE:
    case STMT_ALTER_CUBE: print_cube(s, out); return;
    case STMT_CREATE_SOURCE: print_source(s, out); return;
    case STMT_CREATE_MAPPING: print_mapping(s, out); return;
    case STMT_CREATE_CUBOID: print_cuboid(s, out); return;
    case STMT_CREATE_FORMULA: print_create_formula(s, out); return;
    case STMT_DROP: print_drop(s, out); return;
    case STMT_SHOW: print_show(s, out); return;
    case STMT_DESCRIBE:
        strbuf_printf(out, "DESCRIBE %s ", object_word(s->object));
        ast_print_name(s->name, out);
        return;
    case STMT_LOAD: print_load(s, out); return;
    case STMT_SET:
        strbuf_addz(out, "SET ");
        strbuf_adds(out, s->word);
        strbuf_addz(out, " = ");
        print_value(s->value, out);
        return;
    case STMT_CHECK: strbuf_addz(out, "CHECK WAREHOUSE"); return;
    case STMT_COMPACT:
        strbuf_addz(out, "COMPACT");
        if (!s->name.ptr) return;
        strbuf_addz(out, " CUBE ");
        ast_print_name(s->name, out);
        return;
    case STMT_REFRESH:
        strbuf_addz(out, s->object == OBJ_CUBE ? "REFRESH CUBE " : "REFRESH CUBOIDS");
        if (!s->name.len) return;
        if (s->object == OBJ_CUBOID) strbuf_addz(out, " OF ");
        ast_print_name(s->name, out);
        return;
    case STMT_VERIFY:
        strbuf_addz(out, "VERIFY CUBE ");
        ast_print_name(s->name, out);
        return;
    case STMT_ADVISE:
        strbuf_addz(out, "ADVISE CUBOIDS FOR CUBE ");
        ast_print_name(s->name, out);
        strbuf_addz(out, " WITHIN ");
        print_value(s->value, out);
        if (s->is_percent) strbuf_addz(out, " %");
        return;
    case STMT_TRANSACTION: print_transaction(s, out); return;
    case STMT_HELP:
        strbuf_addz(out, s->word.ptr ? "HELP " : "HELP");
        strbuf_adds(out, s->word);
        return;
    }
}
