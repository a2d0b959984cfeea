/* expr_eval.c - evaluating compiled expressions. Depth is bounded by the parser's limit on nesting. */
#include "etl/expr_int.h"

#include "base/date.h"

/* ---- conversions --------------------------------------------------- */

pt_status expr_blame(expr_env *env, const expr *node, pt_value v, pt_status st)
{
    if (node && node->kind == EXPR_COLUMN) env->fault_column = node->column;
    if (v.kind == VAL_TEXT) env->fault_value = v.s;
    return st;
}

static bool is_number(pt_value v)
{
    return v.kind == VAL_INT || v.kind == VAL_DEC || v.kind == VAL_DOUBLE;
}

static pt_status fail_kind(expr_env *env, const expr *node, pt_value v, const char *expected, pt_err *err)
{
    pt_str text = {NULL, 0};
    pt_status st = expr_to_text(env, v, &text, err);
    if (st != PT_OK) return st;
    pt_fail(err, PT_VALUE, "expected %s, found '" STR_FMT "'", expected, STR_ARG(text));
    return expr_blame(env, node, v, PT_VALUE);
}

pt_status expr_to_number(expr_env *env, const expr *node, pt_value v, pt_value *out, pt_err *err)
{
    *out = v;
    if (is_number(v)) return PT_OK;
    if (v.kind == VAL_BOOL) {
        *out = value_int(v.i);
        return PT_OK;
    }
    if (v.kind == VAL_TEXT && expr_parse_number(str_trim(v.s), out)) return PT_OK;
    return fail_kind(env, node, v, "a number", err);
}

pt_status expr_to_int(expr_env *env, const expr *node, pt_value v, int64_t *out, pt_err *err)
{
    pt_value number, whole;
    PT_TRY(expr_to_number(env, node, v, &number, err));
    if (value_cast(number, TYPE_INTEGER, 0, env->scratch, &whole, NULL) != PT_OK)
        return fail_kind(env, node, v, "a whole number", err);
    *out = whole.i;
    return PT_OK;
}

pt_status expr_to_text(expr_env *env, pt_value v, pt_str *out, pt_err *err)
{
    pt_value text;
    PT_TRY(value_cast(v, TYPE_TEXT, 0, env->scratch, &text, err));
    *out = text.s;
    return PT_OK;
}

pt_status expr_to_bool(expr_env *env, const expr *node, pt_value v, bool *out, pt_err *err)
{
    pt_value truth;
    if (v.kind != VAL_BOOL && v.kind != VAL_TEXT && v.kind != VAL_INT)
        return fail_kind(env, node, v, "true or false", err);
    pt_status st = value_cast(v, TYPE_BOOLEAN, 0, env->scratch, &truth, err);
    if (st != PT_OK) return expr_blame(env, node, v, st);
    *out = truth.i != 0;
    return PT_OK;
}

pt_status expr_to_micros(expr_env *env, const expr *node, pt_value v, int64_t *micros, pt_err *err)
{
    pt_value t;
    if (v.kind != VAL_DATE && v.kind != VAL_TIME && v.kind != VAL_TEXT)
        return fail_kind(env, node, v, "a date", err);
    if (value_cast(v, TYPE_TIMESTAMP, 0, env->scratch, &t, NULL) != PT_OK)
        return fail_kind(env, node, v, "a date as YYYY-MM-DD", err);
    *micros = t.i;
    return PT_OK;
}

/* ---- operators ----------------------------------------------------- */

static pt_status eval_pair(const expr *e, expr_env *env, pt_value v[2], pt_err *err)
{
    PT_TRY(expr_eval(e->args[0], env, &v[0], err));
    return expr_eval(e->args[1], env, &v[1], err);
}

/* A date plus or minus days is a date; two dates differ by days. */
static pt_status date_arith(const expr *e, expr_env *env, const pt_value v[2], pt_value *out, pt_err *err)
{
    bool is_minus = e->kind == EXPR_SUBTRACT;
    int64_t days, result;
    if (v[1].kind == VAL_DATE && is_minus) {
        *out = value_int(v[0].i - v[1].i);
        return PT_OK;
    }
    PT_TRY(expr_to_int(env, e->args[1], v[1], &days, err));
    bool is_over = is_minus ? __builtin_sub_overflow(v[0].i, days, &result)
                            : __builtin_add_overflow(v[0].i, days, &result);
    if (is_over || result > DATE_DAYS_MAX || result < -DATE_DAYS_MAX)
        return pt_fail(err, PT_VALUE, "the date is out of range");
    *out = value_date(result);
    return PT_OK;
}

static pt_status eval_arith(const expr *e, expr_env *env, pt_value *out, pt_err *err)
{
    pt_value v[2], number[2];
    PT_TRY(eval_pair(e, env, v, err));
    *out = value_null();
    if (v[0].kind == VAL_NULL || v[1].kind == VAL_NULL) return PT_OK;
    if (v[0].kind == VAL_DATE && (e->kind == EXPR_ADD || e->kind == EXPR_SUBTRACT))
        return date_arith(e, env, v, out, err);
    for (int i = 0; i < 2; i++) PT_TRY(expr_to_number(env, e->args[i], v[i], &number[i], err));
    return expr_arith(e->kind, number[0], number[1], out, err);
}

static pt_status eval_negate(const expr *e, expr_env *env, pt_value *out, pt_err *err)
{
    pt_value v, number;
    PT_TRY(expr_eval(e->args[0], env, &v, err));
    *out = v;
    if (v.kind == VAL_NULL) return PT_OK;
    PT_TRY(expr_to_number(env, e->args[0], v, &number, err));
    return expr_arith(EXPR_SUBTRACT, value_int(0), number, out, err);
}

static pt_status eval_concat(const expr *e, expr_env *env, pt_value *out, pt_err *err)
{
    pt_value v[2];
    pt_str s[2];
    PT_TRY(eval_pair(e, env, v, err));
    *out = value_null();
    if (v[0].kind == VAL_NULL || v[1].kind == VAL_NULL) return PT_OK;
    for (int i = 0; i < 2; i++) PT_TRY(expr_to_text(env, v[i], &s[i], err));
    char *text = arena_alloc(env->scratch, s[0].len + s[1].len + 1);
    if (!text) return arena_fail(env->scratch, err);
    if (s[0].len) memcpy(text, s[0].ptr, s[0].len);
    if (s[1].len) memcpy(text + s[0].len, s[1].ptr, s[1].len);
    *out = value_text((pt_str){text, s[0].len + s[1].len});
    return PT_OK;
}

/* Bring two values that are not null to kinds that compare. */
static pt_status align(const expr *const nodes[2], expr_env *env, pt_value v[2], pt_err *err)
{
    for (int i = 0; i < 2; i++) {
        pt_value other = v[1 - i];
        if (v[i].kind != VAL_TEXT || other.kind == VAL_TEXT) continue;
        if (other.kind == VAL_BOOL) {
            bool truth;
            PT_TRY(expr_to_bool(env, nodes[i], v[i], &truth, err));
            v[i] = value_bool(truth);
        } else if (is_number(other)) {
            PT_TRY(expr_to_number(env, nodes[i], v[i], &v[i], err));
        } else {
            int64_t micros;
            PT_TRY(expr_to_micros(env, nodes[i], v[i], &micros, err));
            v[i] = value_time(micros);
        }
    }
    bool is_instant[2];
    for (int i = 0; i < 2; i++) is_instant[i] = v[i].kind == VAL_DATE || v[i].kind == VAL_TIME;
    if (v[0].kind == v[1].kind || (is_number(v[0]) && is_number(v[1])) || (is_instant[0] && is_instant[1]))
        return PT_OK;
    return pt_fail(err, PT_TYPE, "values of different types do not compare");
}

static pt_status compare(const expr *a, const expr *b, expr_env *env, pt_value v[2], int *order,
                         bool *is_null, pt_err *err)
{
    const expr *const nodes[2] = {a, b};
    *is_null = v[0].kind == VAL_NULL || v[1].kind == VAL_NULL;
    if (*is_null) return PT_OK;
    PT_TRY(align(nodes, env, v, err));
    *order = value_cmp(v[0], v[1]);
    return PT_OK;
}

static bool order_fits(expr_kind kind, int order)
{
    if (kind == EXPR_EQ) return order == 0;
    if (kind == EXPR_NE) return order != 0;
    if (kind == EXPR_LT) return order < 0;
    if (kind == EXPR_LE) return order <= 0;
    if (kind == EXPR_GT) return order > 0;
    return order >= 0;
}

static pt_status eval_compare(const expr *e, expr_env *env, pt_value *out, pt_err *err)
{
    pt_value v[2];
    int order;
    bool is_null;
    PT_TRY(eval_pair(e, env, v, err));
    PT_TRY(compare(e->args[0], e->args[1], env, v, &order, &is_null, err));
    *out = is_null ? value_null() : value_bool(order_fits(e->kind, order));
    return PT_OK;
}

static pt_status eval_between(const expr *e, expr_env *env, pt_value *out, pt_err *err)
{
    pt_value x;
    bool has_null = false, is_in = true;
    PT_TRY(expr_eval(e->args[0], env, &x, err));
    for (uint32_t i = 1; i < 3; i++) {
        pt_value v[2] = {x};
        int order = 0;
        bool is_null;
        PT_TRY(expr_eval(e->args[i], env, &v[1], err));
        PT_TRY(compare(e->args[0], e->args[i], env, v, &order, &is_null, err));
        has_null |= is_null;
        if (!is_null && (i == 1 ? order < 0 : order > 0)) is_in = false;
    }
    *out = is_in && has_null ? value_null() : value_bool(is_in);
    return PT_OK;
}

static pt_status eval_in(const expr *e, expr_env *env, pt_value *out, pt_err *err)
{
    pt_value subject;
    bool has_null = false;
    PT_TRY(expr_eval(e->args[0], env, &subject, err));
    for (uint32_t i = 1; i < e->n; i++) {
        pt_value v[2] = {subject};
        int order;
        bool is_null;
        PT_TRY(expr_eval(e->args[i], env, &v[1], err));
        PT_TRY(compare(e->args[0], e->args[i], env, v, &order, &is_null, err));
        if (!is_null && order == 0) {
            *out = value_bool(true);
            return PT_OK;
        }
        has_null |= is_null;
    }
    *out = has_null ? value_null() : value_bool(false);
    return PT_OK;
}

/* ---- logic --------------------------------------------------------- */

/* VAL_BOOL or VAL_NULL. */
static pt_status eval_truth(const expr *e, expr_env *env, pt_value *out, pt_err *err)
{
    bool truth;
    PT_TRY(expr_eval(e, env, out, err));
    if (out->kind == VAL_NULL || out->kind == VAL_BOOL) return PT_OK;
    PT_TRY(expr_to_bool(env, e, *out, &truth, err));
    *out = value_bool(truth);
    return PT_OK;
}

/* AND and OR know the answer when one side decides, whatever the other is. */
static pt_status eval_and_or(const expr *e, expr_env *env, pt_value *out, pt_err *err)
{
    bool decides = e->kind == EXPR_OR, has_null = false;
    for (int i = 0; i < 2; i++) {
        PT_TRY(eval_truth(e->args[i], env, out, err));
        if (out->kind == VAL_BOOL && (out->i != 0) == decides) return PT_OK;
        has_null |= out->kind == VAL_NULL;
    }
    *out = has_null ? value_null() : value_bool(!decides);
    return PT_OK;
}

static pt_status eval_xor(const expr *e, expr_env *env, pt_value *out, pt_err *err)
{
    pt_value v[2];
    for (int i = 0; i < 2; i++) PT_TRY(eval_truth(e->args[i], env, &v[i], err));
    bool has_null = v[0].kind == VAL_NULL || v[1].kind == VAL_NULL;
    *out = has_null ? value_null() : value_bool(v[0].i != v[1].i);
    return PT_OK;
}

static pt_status eval_not(const expr *e, expr_env *env, pt_value *out, pt_err *err)
{
    PT_TRY(eval_truth(e->args[0], env, out, err));
    if (out->kind == VAL_BOOL) *out = value_bool(!out->i);
    return PT_OK;
}

static pt_status eval_is_null(const expr *e, expr_env *env, pt_value *out, pt_err *err)
{
    PT_TRY(expr_eval(e->args[0], env, out, err));
    *out = value_bool(out->kind == VAL_NULL);
    return PT_OK;
}

static pt_status eval_case(const expr *e, expr_env *env, pt_value *out, pt_err *err)
{
    for (uint32_t i = 0; i + 1 < e->n; i += 2) {
        bool holds;
        PT_TRY(expr_holds(e->args[i], env, &holds, err));
        if (holds) return expr_eval(e->args[i + 1], env, out, err);
    }
    return expr_eval(e->args[e->n - 1], env, out, err);
}

static pt_status eval_coalesce(const expr *e, expr_env *env, pt_value *out, pt_err *err)
{
    *out = value_null();
    for (uint32_t i = 0; i < e->n && out->kind == VAL_NULL; i++) PT_TRY(expr_eval(e->args[i], env, out, err));
    return PT_OK;
}

/* ---- calls --------------------------------------------------------- */

static pt_status eval_cast(const expr *e, expr_env *env, pt_value *out, pt_err *err)
{
    pt_value v;
    PT_TRY(expr_eval(e->args[0], env, &v, err));
    *out = v;
    if (v.kind == VAL_NULL) return PT_OK;
    if (e->type == TYPE_DECIMAL) return expr_to_number(env, e->args[0], v, out, err);
    pt_status st = value_cast(v, e->type, 0, env->scratch, out, err);
    return st == PT_OK ? st : expr_blame(env, e->args[0], v, st);
}

static pt_status eval_call(const expr *e, expr_env *env, pt_value *out, pt_err *err)
{
    pt_value args[EXPR_MAX_ARGS];
    for (uint32_t i = 0; i < e->n; i++) {
        PT_TRY(expr_eval(e->args[i], env, &args[i], err));
        if (args[i].kind == VAL_NULL && !e->fn->takes_null) {
            *out = value_null();
            return PT_OK;
        }
    }
    return e->fn->fn(env, e, args, out, err);
}

pt_status expr_eval(const expr *e, expr_env *env, pt_value *out, pt_err *err)
{
    switch (e->kind) {
    case EXPR_LITERAL: *out = e->literal; return PT_OK;
    case EXPR_COLUMN: {
        pt_str text = env->columns[e->column];
        *out = text.ptr ? value_text(text) : value_null();
        return PT_OK;
    }
    case EXPR_NEGATE: return eval_negate(e, env, out, err);
    case EXPR_ADD:
    case EXPR_SUBTRACT:
    case EXPR_MULTIPLY:
    case EXPR_DIVIDE: return eval_arith(e, env, out, err);
    case EXPR_CONCAT: return eval_concat(e, env, out, err);
    case EXPR_EQ:
    case EXPR_NE:
    case EXPR_LT:
    case EXPR_LE:
    case EXPR_GT:
    case EXPR_GE: return eval_compare(e, env, out, err);
    case EXPR_AND:
    case EXPR_OR: return eval_and_or(e, env, out, err);
    case EXPR_XOR: return eval_xor(e, env, out, err);
    case EXPR_NOT: return eval_not(e, env, out, err);
    case EXPR_IS_NULL: return eval_is_null(e, env, out, err);
    case EXPR_BETWEEN: return eval_between(e, env, out, err);
    case EXPR_IN: return eval_in(e, env, out, err);
    case EXPR_CASE: return eval_case(e, env, out, err);
    case EXPR_COALESCE: return eval_coalesce(e, env, out, err);
    case EXPR_CAST: return eval_cast(e, env, out, err);
    case EXPR_CALL: return eval_call(e, env, out, err);
    }
    return pt_fail(err, PT_INTERNAL, "an expression of no known kind");
}

pt_status expr_holds(const expr *e, expr_env *env, bool *holds, pt_err *err)
{
    pt_value v;
    PT_TRY(eval_truth(e, env, &v, err));
    *holds = v.kind == VAL_BOOL && v.i != 0;
    return PT_OK;
}
