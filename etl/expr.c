/* expr.c - from the tree of a mapping expression to its compiled form. */
#include "etl/expr_int.h"

#include "base/nearest.h"

/* ---- names --------------------------------------------------------- */

pt_status expr_scope_column(expr_scope *s, uint32_t table, pt_str name, pt_span at, uint32_t *column,
                            pt_err *err)
{
    for (uint32_t i = 0; i < s->n_columns; i++)
        if (s->columns[i].table == table && str_eq_fold(s->columns[i].name, name)) {
            *column = i;
            return PT_OK;
        }
    if (s->n_columns == s->cap_columns) {
        uint32_t cap = s->cap_columns ? s->cap_columns * 2 : 16;
        expr_column *grown = arena_array(s->arena, expr_column, cap);
        if (!grown) return arena_fail(s->arena, err);
        if (s->n_columns) memcpy(grown, s->columns, s->n_columns * sizeof *grown);
        s->columns = grown;
        s->cap_columns = cap;
    }
    s->columns[s->n_columns] = (expr_column){table, name, at};
    *column = s->n_columns++;
    return PT_OK;
}

static pt_status find_table(const expr_scope *s, const ast_segment *seg, uint32_t *table, pt_err *err)
{
    nearest near = nearest_to(seg->name);
    for (uint32_t i = 0; i < s->n_tables; i++) {
        pt_str alias = s->tables[i]->alias.len ? s->tables[i]->alias : s->tables[i]->name;
        if (str_eq_fold(alias, seg->name)) {
            *table = i;
            return PT_OK;
        }
        nearest_offer(&near, alias);
    }
    pt_fail_at(err, PT_NAME, seg->at, "no table of this mapping is called [" STR_FMT "]", STR_ARG(seg->name));
    nearest_hint(&near, err);
    return pt_hint(err, "give a table a name behind it: FROM source.'file.csv' a");
}

pt_status expr_scope_name(expr_scope *s, const ast *id, uint32_t *column, pt_err *err)
{
    uint32_t table = EXPR_ANY_TABLE;
    for (uint32_t i = 0; i < id->n; i++)
        if (id->segs[i].is_key)
            return pt_fail_at(err, PT_TYPE, id->segs[i].at, "expected a column, found a member key");
    if (id->n > 2)
        return pt_fail_at(err, PT_NAME, id->at, "expected column or table.column, found %u names", id->n);
    if (id->n == 2) PT_TRY(find_table(s, &id->segs[0], &table, err));
    return expr_scope_column(s, table, id->segs[id->n - 1].name, id->at, column, err);
}

/* ---- nodes --------------------------------------------------------- */

static pt_status node_new(expr_scope *s, expr_kind kind, uint32_t n, expr **out, pt_err *err)
{
    expr *e = arena_make(s->arena, expr);
    if (e && n) e->args = arena_array(s->arena, const expr *, n);
    if (!e || (n && !e->args)) return arena_fail(s->arena, err);
    e->kind = kind;
    e->n = n;
    *out = e;
    return PT_OK;
}

static pt_status literal(expr_scope *s, pt_value v, const expr **out, pt_err *err)
{
    expr *e;
    PT_TRY(node_new(s, EXPR_LITERAL, 0, &e, err));
    e->literal = v;
    *out = e;
    return PT_OK;
}

/* A node over the first n arguments of the call. */
static pt_status node_over(expr_scope *s, expr_kind kind, const ast *call, uint32_t n, expr **out,
                           pt_err *err)
{
    if (call->n < n) return pt_fail_at(err, PT_SYNTAX, call->at, "expected %u operands", n);
    PT_TRY(node_new(s, kind, n, out, err));
    for (uint32_t i = 0; i < n; i++) PT_TRY(expr_compile(s, call->args[i], &(*out)->args[i], err));
    return PT_OK;
}

static pt_status over_args(expr_scope *s, expr_kind kind, const ast *call, uint32_t n, const expr **out,
                           pt_err *err)
{
    expr *e;
    PT_TRY(node_over(s, kind, call, n, &e, err));
    *out = e;
    return PT_OK;
}

static pt_status name(expr_scope *s, const ast *id, const expr **out, pt_err *err)
{
    expr *e;
    if (id->n == 1 && !id->segs[0].is_quoted) {
        if (str_eq_fold(id->segs[0].name, STR("TRUE"))) return literal(s, value_bool(true), out, err);
        if (str_eq_fold(id->segs[0].name, STR("FALSE"))) return literal(s, value_bool(false), out, err);
    }
    PT_TRY(node_new(s, EXPR_COLUMN, 0, &e, err));
    PT_TRY(expr_scope_name(s, id, &e->column, err));
    *out = e;
    return PT_OK;
}

/* ---- operators ----------------------------------------------------- */

static const struct {
    const char *name;
    expr_kind kind;
} infix[] = {{"+", EXPR_ADD},     {"-", EXPR_SUBTRACT}, {"*", EXPR_MULTIPLY}, {"/", EXPR_DIVIDE},
             {"||", EXPR_CONCAT}, {"=", EXPR_EQ},       {"<>", EXPR_NE},      {"<", EXPR_LT},
             {"<=", EXPR_LE},     {">", EXPR_GT},       {">=", EXPR_GE},      {"AND", EXPR_AND},
             {"OR", EXPR_OR},     {"XOR", EXPR_XOR}};

static pt_status fail_operator(const ast *call, pt_err *err)
{
    pt_fail_at(err, PT_TYPE, call->name_at, "'" STR_FMT "' cannot be used in a mapping", STR_ARG(call->text));
    return pt_hint(
        err,
        "mappings know + - * / ||, comparisons, BETWEEN, AND, OR, XOR, NOT, IN, IS NULL, CASE and functions");
}

static pt_status negated(expr_scope *s, const expr *e, const expr **out, pt_err *err)
{
    expr *negation;
    PT_TRY(node_new(s, EXPR_NOT, 1, &negation, err));
    negation->args[0] = e;
    *out = negation;
    return PT_OK;
}

/* x IN (a, b, ...): the list in parentheses or braces. */
static pt_status in_list(expr_scope *s, const ast *call, const expr **out, pt_err *err)
{
    expr *e;
    const ast *list = call->n == 2 ? call->args[1] : NULL;
    if (!list || list->kind != AST_CALL || (list->syntax != SYN_PARENS && list->syntax != SYN_BRACES) ||
        !list->n)
        return pt_fail_at(err, PT_TYPE, call->at, "expected a list in parentheses behind IN");
    PT_TRY(node_new(s, EXPR_IN, list->n + 1, &e, err));
    PT_TRY(expr_compile(s, call->args[0], &e->args[0], err));
    for (uint32_t i = 0; i < list->n; i++) PT_TRY(expr_compile(s, list->args[i], &e->args[i + 1], err));
    *out = e;
    return str_eq(call->text, STR("NOT IN")) ? negated(s, e, out, err) : PT_OK;
}

static pt_status between(expr_scope *s, const ast *call, const expr **out, pt_err *err)
{
    PT_TRY(over_args(s, EXPR_BETWEEN, call, 3, out, err));
    return str_eq(call->text, STR("NOT BETWEEN")) ? negated(s, *out, out, err) : PT_OK;
}

static pt_status infix_operator(expr_scope *s, const ast *call, const expr **out, pt_err *err)
{
    if (call->n == 3) return between(s, call, out, err);
    if (str_eq(call->text, STR("IN")) || str_eq(call->text, STR("NOT IN"))) return in_list(s, call, out, err);
    for (size_t i = 0; i < ARRAY_LEN(infix); i++)
        if (str_eq(call->text, str_of(infix[i].name))) return over_args(s, infix[i].kind, call, 2, out, err);
    /* x IS NULL, where the grammar reads it as an infix operator */
    if (str_eq(call->text, STR("IS")) && call->n == 2 && call->args[1]->kind == AST_NULL)
        return over_args(s, EXPR_IS_NULL, call, 1, out, err);
    return fail_operator(call, err);
}

static pt_status prefix_operator(expr_scope *s, const ast *call, const expr **out, pt_err *err)
{
    if (str_eq(call->text, STR("-"))) return over_args(s, EXPR_NEGATE, call, 1, out, err);
    if (str_eq(call->text, STR("NOT"))) return over_args(s, EXPR_NOT, call, 1, out, err);
    if (str_eq(call->text, STR("+")) && call->n == 1) return expr_compile(s, call->args[0], out, err);
    return fail_operator(call, err);
}

/* ---- CASE, CAST, functions ----------------------------------------- */

/* The condition of a branch: with a subject, whether it equals the value. */
static pt_status branch(expr_scope *s, const ast *subject, const ast *when, const expr **out, pt_err *err)
{
    if (subject->kind == AST_EMPTY) return expr_compile(s, when, out, err);
    expr *e;
    PT_TRY(node_new(s, EXPR_EQ, 2, &e, err));
    PT_TRY(expr_compile(s, subject, &e->args[0], err));
    PT_TRY(expr_compile(s, when, &e->args[1], err));
    *out = e;
    return PT_OK;
}

static pt_status case_of(expr_scope *s, const ast *call, const expr **out, pt_err *err)
{
    if (call->n < 4 || call->n % 2)
        return pt_fail_at(err, PT_SYNTAX, call->at, "CASE needs WHEN ... THEN ...");
    expr *e;
    uint32_t n = call->n - 1;
    PT_TRY(node_new(s, EXPR_CASE, n, &e, err));
    for (uint32_t i = 0; i + 1 < n; i += 2) {
        PT_TRY(branch(s, call->args[0], call->args[i + 1], &e->args[i], err));
        PT_TRY(expr_compile(s, call->args[i + 2], &e->args[i + 1], err));
    }
    const ast *otherwise = call->args[n];
    *out = e;
    if (otherwise->kind == AST_EMPTY) return literal(s, value_null(), &e->args[n - 1], err);
    return expr_compile(s, otherwise, &e->args[n - 1], err);
}

static pt_status cast_of(expr_scope *s, const ast *call, const expr **out, pt_err *err)
{
    static const struct {
        const char *name;
        pt_type type;
    } types[] = {{"INTEGER", TYPE_INTEGER}, {"INT", TYPE_INTEGER},        {"BIGINT", TYPE_INTEGER},
                 {"DECIMAL", TYPE_DECIMAL}, {"NUMERIC", TYPE_DECIMAL},    {"DOUBLE", TYPE_DOUBLE},
                 {"TEXT", TYPE_TEXT},       {"STRING", TYPE_TEXT},        {"BOOLEAN", TYPE_BOOLEAN},
                 {"DATE", TYPE_DATE},       {"TIMESTAMP", TYPE_TIMESTAMP}};
    nearest near = nearest_to(call->text);
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        nearest_offer(&near, str_of(types[i].name));
        if (!str_eq_fold(call->text, str_of(types[i].name))) continue;
        expr *e;
        PT_TRY(node_over(s, EXPR_CAST, call, 1, &e, err));
        e->type = types[i].type;
        *out = e;
        return PT_OK;
    }
    pt_fail_at(err, PT_NAME, call->at, "there is no type " STR_FMT " to cast to", STR_ARG(call->text));
    nearest_hint(&near, err);
    return PT_NAME;
}

static pt_status fail_function(const ast *call, pt_err *err)
{
    nearest near = nearest_to(call->text);
    for (size_t i = 0; expr_function_at(i); i++) nearest_offer(&near, str_of(expr_function_at(i)->name));
    pt_fail_at(err, PT_NAME, call->name_at, "mappings know no function " STR_FMT, STR_ARG(call->text));
    nearest_hint(&near, err);
    return PT_NAME;
}

static pt_status function_call(expr_scope *s, const ast *call, const expr **out, pt_err *err)
{
    const expr_function *f = expr_function_find(call->text);
    if (!f) return fail_function(call, err);
    if (call->n < f->min_args || call->n > f->max_args)
        return pt_fail_at(err, PT_TYPE, call->at, "expected %s, found %u arguments", f->info.signature,
                          call->n);
    for (uint32_t i = 0; i < call->n; i++)
        if (call->args[i]->kind == AST_EMPTY)
            return pt_fail_at(err, PT_TYPE, call->at, "expected %s, argument %u is missing",
                              f->info.signature, i + 1);
    expr *e;
    PT_TRY(node_over(s, f->kind, call, call->n, &e, err));
    e->fn = f;
    *out = e;
    return PT_OK;
}

static pt_status call_of(expr_scope *s, const ast *call, const expr **out, pt_err *err)
{
    switch (call->syntax) {
    case SYN_FUNCTION: return function_call(s, call, out, err);
    case SYN_INFIX: return infix_operator(s, call, out, err);
    case SYN_PREFIX: return prefix_operator(s, call, out, err);
    case SYN_POSTFIX:
        if (!str_eq(call->text, STR("IS NULL")) && !str_eq(call->text, STR("IS EMPTY"))) break;
        return over_args(s, EXPR_IS_NULL, call, 1, out, err);
    case SYN_PARENS:
        if (call->n != 1) break;
        return expr_compile(s, call->args[0], out, err);
    case SYN_CASE: return case_of(s, call, out, err);
    case SYN_CAST: return cast_of(s, call, out, err);
    case SYN_BRACES:
    case SYN_PROPERTY:
    case SYN_METHOD: break;
    }
    return fail_operator(call, err);
}

pt_status expr_compile(expr_scope *s, const ast *e, const expr **out, pt_err *err)
{
    switch (e->kind) {
    case AST_NULL: return literal(s, value_null(), out, err);
    case AST_NUMBER: return literal(s, e->number, out, err);
    case AST_STRING: return literal(s, value_text(e->text), out, err);
    case AST_ID: return name(s, e, out, err);
    case AST_CALL: return call_of(s, e, out, err);
    case AST_EMPTY:
    case AST_PARAM: break;
    }
    return pt_fail_at(err, PT_TYPE, e->at, "expected a column, a literal or an expression");
}

uint32_t expr_as_column(const expr *e)
{
    return e->kind == EXPR_COLUMN ? e->column : EXPR_NO_COLUMN;
}
