/* rowexpr_build.c - from the tree of a measure's expression or condition to a list of operations.
 *
 * First a tree of typed nodes (rownode.h), then the nodes in the order in which they run. */
#include "base/decimal.h"
#include "base/nearest.h"
#include "engine/rownode.h"
#include "lang/parse.h"

static pt_status build(rowbuilder *b, const ast *e, rownode **out);

/* ---- arithmetic ------------------------------------------------------------------------- */

static pt_type exact_type(uint32_t scale)
{
    return scale ? TYPE_DECIMAL : TYPE_INTEGER;
}

static pt_status too_many_digits(rowbuilder *b, pt_span at, uint32_t scale)
{
    pt_fail_at(b->err, PT_VALUE, at, "the result has %u digits behind the point, more than %d", scale,
               DEC_MAX_SCALE);
    return pt_hint(b->err, "a product has the digits of both factors; 1e0 * makes it a DOUBLE");
}

/* Days between dates, and dates some days away. */
static pt_status date_arithmetic(rowbuilder *b, rowop_kind kind, pt_span at, rownode *x, rownode *y,
                                 rownode **out)
{
    if (y->is_text && x->type == TYPE_DATE && !x->is_text) PT_TRY(rownode_type_text(b, y, x));
    if (x->is_text && y->type == TYPE_DATE && !y->is_text) PT_TRY(rownode_type_text(b, x, y));
    if (kind == ROWOP_SUBTRACT && x->type == TYPE_DATE && y->type == TYPE_DATE)
        return rownode_over(b, kind, ROW_EXACT, TYPE_INTEGER, 0, at, x, y, out);
    if (kind != ROWOP_MULTIPLY && x->type == TYPE_DATE && y->type == TYPE_INTEGER && !y->is_text)
        return rownode_over(b, kind, ROW_EXACT, TYPE_DATE, 0, at, x, y, out);
    return rownode_expected(b, rownode_is_number(x) ? y : x, "a number");
}

static pt_status arithmetic(rowbuilder *b, rowop_kind kind, pt_span at, rownode *x, rownode *y, rownode **out)
{
    if (rownode_is_null(x) && !rownode_is_null(y)) rownode_type_null(x, y);
    if (rownode_is_null(y)) rownode_type_null(y, x);
    if (!rownode_is_number(x) || !rownode_is_number(y)) return date_arithmetic(b, kind, at, x, y, out);
    if (x->type == TYPE_DOUBLE || y->type == TYPE_DOUBLE) {
        PT_TRY(rownode_to_double(b, &x));
        PT_TRY(rownode_to_double(b, &y));
        return rownode_over(b, kind, ROW_DOUBLE, TYPE_DOUBLE, 0, at, x, y, out);
    }
    uint32_t scale = (uint32_t)x->scale + y->scale;
    if (kind != ROWOP_MULTIPLY) {
        scale = x->scale > y->scale ? x->scale : y->scale;
        PT_TRY(rownode_rescale(b, &x, (uint8_t)scale));
        PT_TRY(rownode_rescale(b, &y, (uint8_t)scale));
    }
    if (scale > DEC_MAX_SCALE) return too_many_digits(b, at, scale);
    return rownode_over(b, kind, ROW_EXACT, exact_type(scale), (uint8_t)scale, at, x, y, out);
}

/* Division by a constant whose reciprocal has few digits is a multiplication: x / 100 is x * 0.01. */
static bool reciprocal(const rownode *divisor, uint8_t scale, pt_i128 *factor, uint8_t *digits)
{
    if (!rownode_is_constant(divisor) || divisor->op.class != ROW_EXACT || divisor->op.is_null) return false;
    pt_i128 power = pow10_i64[divisor->scale];
    for (*digits = 0; *digits + scale <= DEC_MAX_SCALE; (*digits)++) {
        if (power % divisor->op.exact == 0) {
            *factor = power / divisor->op.exact;
            return true;
        }
        power *= 10;
    }
    return false;
}

static pt_status divide(rowbuilder *b, pt_span at, rownode *x, rownode *y, rownode **out)
{
    pt_i128 factor;
    uint8_t digits;
    if (rownode_is_null(x)) rownode_type_null(x, y);
    if (rownode_is_null(y)) rownode_type_null(y, x);
    if (!rownode_is_number(x)) return rownode_expected(b, x, "a number");
    if (!rownode_is_number(y)) return rownode_expected(b, y, "a number");
    if (rownode_is_constant(y) && !rownode_is_null(y) &&
        (y->op.class == ROW_DOUBLE ? !(y->op.number < 0 || y->op.number > 0) : y->op.exact == 0))
        return pt_fail_at(b->err, PT_VALUE, y->at, "division by zero");
    if (x->op.class == ROW_EXACT && reciprocal(y, x->scale, &factor, &digits)) {
        y->op.exact = factor;
        y->scale = 0;
        PT_TRY(rownode_over(b, ROWOP_MULTIPLY, ROW_EXACT, exact_type((uint32_t)x->scale + digits),
                            (uint8_t)(x->scale + digits), at, x, y, out));
        return PT_OK;
    }
    PT_TRY(rownode_to_double(b, &x));
    PT_TRY(rownode_to_double(b, &y));
    return rownode_over(b, ROWOP_DIVIDE, ROW_DOUBLE, TYPE_DOUBLE, 0, at, x, y, out);
}

static pt_status sign(rowbuilder *b, rowop_kind kind, pt_span at, rownode *x, rownode **out)
{
    if (!rownode_is_number(x)) return rownode_expected(b, x, "a number");
    if (rownode_is_constant(x) && kind == ROWOP_NEGATE) {
        x->op.exact = -x->op.exact;
        x->op.number = -x->op.number;
        *out = x;
        return PT_OK;
    }
    return rownode_over(b, kind, x->op.class, x->type, x->scale, at, x, NULL, out);
}

/* ---- conditions -------------------------------------------------------------------------- */

static pt_status compare(rowbuilder *b, rowop_kind kind, pt_span at, rownode *x, rownode *y, rownode **out)
{
    rownode *v[2] = {x, y};
    PT_TRY(rownode_unify(b, v, 2));
    if (v[0]->op.class != ROW_BOOL) return rownode_condition(b, kind, at, v[0], v[1], out);
    if (kind != ROWOP_EQ && kind != ROWOP_NE) return rownode_expected(b, x, "a number or date");
    PT_TRY(rownode_condition(b, ROWOP_XOR, at, v[0], v[1], out));
    return kind == ROWOP_NE ? PT_OK : rownode_condition(b, ROWOP_NOT, at, *out, NULL, out);
}

static pt_status negated(rowbuilder *b, bool is_negated, pt_span at, rownode **out)
{
    return is_negated ? rownode_condition(b, ROWOP_NOT, at, *out, NULL, out) : PT_OK;
}

static pt_status between(rowbuilder *b, const ast *e, rownode **out)
{
    rownode *v[3];
    for (uint32_t i = 0; i < 3; i++) PT_TRY(build(b, e->args[i], &v[i]));
    PT_TRY(rownode_unify(b, v, 3));
    if (v[0]->op.class == ROW_BOOL) return rownode_expected(b, v[0], "a number or date");
    PT_TRY(rownode_condition(b, ROWOP_BETWEEN, e->at, v[0], v[1], out));
    (*out)->args[2] = v[2];
    (*out)->op.n_args = 3;
    return negated(b, e->text.len > strlen("BETWEEN"), e->at, out);
}

static pt_status new_list(rowbuilder *b, uint32_t n, bool is_double, row_list **out, uint32_t *index)
{
    rowexpr *e = b->e;
    if (e->n_lists == b->cap_lists) {
        uint32_t cap = b->cap_lists ? b->cap_lists * 2 : 2;
        row_list *grown = arena_array(b->a, row_list, cap);
        if (!grown) return arena_fail(b->a, b->err);
        if (e->n_lists) memcpy(grown, e->lists, e->n_lists * sizeof *grown);
        e->lists = grown;
        b->cap_lists = cap;
    }
    *index = e->n_lists++;
    *out = &e->lists[*index];
    if (is_double)
        (*out)->numbers = arena_array(b->a, double, n);
    else
        (*out)->exact = arena_array(b->a, pt_i128, n);
    return (*out)->exact || (*out)->numbers ? PT_OK : arena_fail(b->a, b->err);
}

/* Insert in order; lists are written by hand, so they are short. */
static void add_exact(row_list *l, pt_i128 v)
{
    uint32_t i = l->n++;
    for (; i > 0 && l->exact[i - 1] > v; i--) l->exact[i] = l->exact[i - 1];
    l->exact[i] = v;
}

static pt_status in_list(rowbuilder *b, const ast *e, rownode **out)
{
    const ast *list = e->args[1];
    rownode *x, *item;
    row_list *l;
    uint32_t index;
    if (list->kind != AST_CALL || (list->syntax != SYN_PARENS && list->syntax != SYN_BRACES) || list->n == 0)
        return pt_fail_at(b->err, PT_TYPE, list->at, "expected a list in parentheses behind IN");
    PT_TRY(build(b, e->args[0], &x));
    if (x->op.class == ROW_BOOL || x->is_text || rownode_is_null(x))
        return rownode_expected(b, x, "a number or date");
    bool is_double = x->op.class == ROW_DOUBLE;
    PT_TRY(new_list(b, list->n, is_double, &l, &index));
    for (uint32_t i = 0; i < list->n; i++) {
        pt_i128 v;
        PT_TRY(build(b, list->args[i], &item));
        if (item->is_text) PT_TRY(rownode_type_text(b, item, x));
        if (!rownode_is_constant(item) || rownode_is_null(item))
            return rownode_expected(b, item, "a number or date as it is");
        if (rownode_is_number(item) != rownode_is_number(x))
            return rownode_expected(b, item, type_name(x->type));
        if (is_double) {
            PT_TRY(rownode_to_double(b, &item));
            l->numbers[l->n++] = item->op.number;
        } else if (item->op.class == ROW_DOUBLE) {
            return rownode_expected(b, item, "an exact number");
        } else if (dec_rescale(item->op.exact, item->scale, x->scale, &v)) { /* else no value is equal */
            add_exact(l, v);
        }
    }
    PT_TRY(rownode_condition(b, ROWOP_IN, e->at, x, NULL, out));
    (*out)->op.index = index;
    return negated(b, str_eq(e->text, STR("NOT IN")), e->at, out);
}

static pt_status join(rowbuilder *b, rowop_kind kind, pt_span at, rownode *x, rownode *y, rownode **out)
{
    PT_TRY(rownode_want_condition(b, x));
    PT_TRY(rownode_want_condition(b, y));
    return rownode_condition(b, kind, at, x, y, out);
}

/* ---- choosing -------------------------------------------------------------------------------- */

static pt_status choice(rowbuilder *b, pt_span at, rownode *when, rownode *yes, rownode *no, rownode **out)
{
    rownode *v[2] = {yes, no};
    PT_TRY(rownode_want_condition(b, when));
    if (!rownode_is_null(yes) || !rownode_is_null(no)) PT_TRY(rownode_unify(b, v, 2));
    PT_TRY(rownode_over(b, ROWOP_CHOOSE, v[0]->op.class, v[0]->type, v[0]->scale, at, when, v[0], out));
    (*out)->args[2] = v[1];
    (*out)->op.n_args = 3;
    return PT_OK;
}

/* The condition of branch i: with a subject, whether it equals the value. */
static pt_status branch(rowbuilder *b, const ast *e, uint32_t i, rownode **out)
{
    rownode *x, *y;
    PT_TRY(build(b, e->args[i], &y));
    if (e->args[0]->kind == AST_EMPTY) {
        *out = y;
        return PT_OK;
    }
    PT_TRY(build(b, e->args[0], &x));
    return compare(b, ROWOP_EQ, e->args[i]->at, x, y, out);
}

static pt_status case_of(rowbuilder *b, const ast *e, rownode **out)
{
    rownode *when, *yes;
    const ast *otherwise = e->args[e->n - 1];
    if (otherwise->kind == AST_EMPTY)
        PT_TRY(rownode_constant(b, value_null(), e->at, out));
    else
        PT_TRY(build(b, otherwise, out));
    for (uint32_t i = e->n - 3; e->n >= 4; i -= 2) {
        PT_TRY(branch(b, e, i, &when));
        PT_TRY(build(b, e->args[i + 1], &yes));
        PT_TRY(choice(b, e->at, when, yes, *out, out));
        if (i == 1) break;
    }
    return PT_OK;
}

static pt_status coalesce(rowbuilder *b, const ast *e, rownode **out)
{
    if (e->n < 2) return pt_fail_at(b->err, PT_TYPE, e->at, "expected Coalesce(value, value, ...)");
    PT_TRY(build(b, e->args[e->n - 1], out));
    for (uint32_t i = e->n - 1; i-- > 0;) {
        rownode *v[2];
        PT_TRY(build(b, e->args[i], &v[0]));
        v[1] = *out;
        PT_TRY(rownode_unify(b, v, 2));
        PT_TRY(
            rownode_over(b, ROWOP_COALESCE, v[0]->op.class, v[0]->type, v[0]->scale, e->at, v[0], v[1], out));
    }
    return PT_OK;
}

static pt_status function(rowbuilder *b, const ast *e, rownode **out)
{
    static const char *const names[] = {"Abs", "Coalesce", "Iif"};
    rownode *v[3];
    if (str_eq_fold(e->text, STR("COALESCE"))) return coalesce(b, e, out);
    if (str_eq_fold(e->text, STR("ABS"))) {
        if (e->n != 1) return pt_fail_at(b->err, PT_TYPE, e->at, "expected Abs(number)");
        PT_TRY(build(b, e->args[0], &v[0]));
        return sign(b, ROWOP_ABS, e->at, v[0], out);
    }
    if (str_eq_fold(e->text, STR("IIF"))) {
        if (e->n != 3) return pt_fail_at(b->err, PT_TYPE, e->at, "expected Iif(condition, value, value)");
        for (uint32_t i = 0; i < 3; i++) PT_TRY(build(b, e->args[i], &v[i]));
        return choice(b, e->at, v[0], v[1], v[2], out);
    }
    nearest near = nearest_to(e->text);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) nearest_offer(&near, str_of(names[i]));
    pt_fail_at(b->err, PT_NAME, e->name_at, "expressions over facts know no function " STR_FMT,
               STR_ARG(e->text));
    nearest_hint(&near, b->err);
    return PT_NAME;
}

/* ---- operators ---------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    rowop_kind kind;
} infix[] = {{"+", ROWOP_ADD},  {"-", ROWOP_SUBTRACT}, {"*", ROWOP_MULTIPLY}, {"/", ROWOP_DIVIDE},
             {"=", ROWOP_EQ},   {"<>", ROWOP_NE},      {"<", ROWOP_LT},       {"<=", ROWOP_LE},
             {">", ROWOP_GT},   {">=", ROWOP_GE},      {"AND", ROWOP_AND},    {"OR", ROWOP_OR},
             {"XOR", ROWOP_XOR}};

static pt_status not_offered(rowbuilder *b, const ast *e)
{
    pt_fail_at(b->err, PT_TYPE, e->name_at, "'" STR_FMT "' cannot be used in an expression over facts",
               STR_ARG(e->text));
    return pt_hint(b->err,
                   "it may have columns, numbers, + - * / ( ), comparisons, BETWEEN, IN, AND, OR, XOR, "
                   "NOT, IS NULL, CASE, Abs, Coalesce and Iif");
}

static pt_status infix_operator(rowbuilder *b, const ast *e, rownode **out)
{
    rownode *x, *y;
    if (e->n == 3) return between(b, e, out);
    if (str_eq(e->text, STR("IN")) || str_eq(e->text, STR("NOT IN"))) return in_list(b, e, out);
    for (size_t i = 0; i < ARRAY_LEN(infix); i++) {
        rowop_kind kind = infix[i].kind;
        if (!str_eq(e->text, str_of(infix[i].name))) continue;
        PT_TRY(build(b, e->args[0], &x));
        PT_TRY(build(b, e->args[1], &y));
        if (kind == ROWOP_DIVIDE) return divide(b, e->at, x, y, out);
        if (kind <= ROWOP_MULTIPLY) return arithmetic(b, kind, e->at, x, y, out);
        return kind <= ROWOP_GE ? compare(b, kind, e->at, x, y, out) : join(b, kind, e->at, x, y, out);
    }
    return not_offered(b, e);
}

static pt_status call(rowbuilder *b, const ast *e, rownode **out)
{
    rownode *x;
    switch (e->syntax) {
    case SYN_FUNCTION: return function(b, e, out);
    case SYN_INFIX: return infix_operator(b, e, out);
    case SYN_PREFIX:
        if (str_eq(e->text, STR("EXISTING"))) break;
        PT_TRY(build(b, e->args[0], &x));
        if (str_eq(e->text, STR("-"))) return sign(b, ROWOP_NEGATE, e->at, x, out);
        *out = x;
        if (str_eq(e->text, STR("+")))
            return rownode_is_number(x) ? PT_OK : rownode_expected(b, x, "a number");
        PT_TRY(rownode_want_condition(b, x));
        return rownode_condition(b, ROWOP_NOT, e->at, x, NULL, out);
    case SYN_POSTFIX:
        PT_TRY(build(b, e->args[0], &x));
        if (x->is_text || rownode_is_null(x)) return rownode_expected(b, x, "a column");
        return rownode_condition(b, ROWOP_IS_NULL, e->at, x, NULL, out);
    case SYN_PARENS:
        if (e->n != 1) break;
        return build(b, e->args[0], out);
    case SYN_CASE: return case_of(b, e, out);
    case SYN_CAST:
    case SYN_BRACES:
    case SYN_PROPERTY:
    case SYN_METHOD: break;
    }
    return not_offered(b, e);
}

static pt_status build(rowbuilder *b, const ast *e, rownode **out)
{
    switch (e->kind) {
    case AST_NULL: return rownode_constant(b, value_null(), e->at, out);
    case AST_NUMBER: return rownode_constant(b, e->number, e->at, out);
    case AST_STRING: return rownode_text(b, e, out);
    case AST_ID: return rownode_name(b, e, out);
    case AST_CALL: return call(b, e, out);
    case AST_EMPTY:
    case AST_PARAM: break;
    }
    return pt_fail_at(b->err, PT_TYPE, e->at, "expected a column or a number");
}

/* ---- putting in order ------------------------------------------------------------------------------ */

/* Depth is bounded by that of the tree. */
static uint32_t place(rowexpr *e, const rownode *n)
{
    rowop op = n->op;
    for (uint32_t i = 0; i < op.n_args; i++) op.args[i] = place(e, n->args[i]);
    e->ops[e->n_ops] = op;
    return e->n_ops++;
}

static uint32_t count(const rownode *n)
{
    uint32_t total = 1;
    for (uint32_t i = 0; i < n->op.n_args; i++) total += count(n->args[i]);
    return total;
}

static pt_status finish(rowbuilder *b, const ast *e, const rownode *n, const rowexpr **out)
{
    rowexpr *x = b->e;
    strbuf s = {0};
    ast_print_expr(e, &s);
    x->text = s.failed ? (pt_str){0} : str_copy(b->a, strbuf_str(&s));
    strbuf_free(&s);
    x->ops = arena_array(b->a, rowop, count(n));
    if (!x->text.ptr || !x->ops) return arena_fail(b->a, b->err);
    place(x, n);
    x->type = n->type;
    x->scale = n->scale;
    *out = x;
    return PT_OK;
}

static pt_status start(rowbuilder *b, const cube *c, arena *a, pt_err *err)
{
    *b = (rowbuilder){.c = c, .a = a, .e = arena_make(a, rowexpr), .err = err};
    return b->e ? PT_OK : arena_fail(a, err);
}

pt_status rowexpr_value(const cube *c, const ast *e, arena *a, const rowexpr **out, pt_err *err)
{
    rowbuilder b;
    rownode *n;
    PT_TRY(start(&b, c, a, err));
    PT_TRY(build(&b, e, &n));
    if (n->is_text || rownode_is_null(n)) return rownode_expected(&b, n, "a column");
    return finish(&b, e, n, out);
}

static const ast *without_parens(const ast *e)
{
    while (e->kind == AST_CALL && e->syntax == SYN_PARENS && e->n == 1) e = e->args[0];
    return e;
}

static bool is_and(const ast *e)
{
    return e->kind == AST_CALL && e->syntax == SYN_INFIX && str_eq(e->text, STR("AND"));
}

static uint32_t count_conditions(const ast *e)
{
    e = without_parens(e);
    return is_and(e) ? count_conditions(e->args[0]) + count_conditions(e->args[1]) : 1;
}

static pt_status add_conditions(const cube *c, const ast *e, arena *a, const rowexpr **list, uint32_t *n,
                                pt_err *err)
{
    rowbuilder b;
    rownode *x;
    e = without_parens(e);
    if (is_and(e)) {
        PT_TRY(add_conditions(c, e->args[0], a, list, n, err));
        return add_conditions(c, e->args[1], a, list, n, err);
    }
    PT_TRY(start(&b, c, a, err));
    PT_TRY(build(&b, e, &x));
    PT_TRY(rownode_want_condition(&b, x));
    return finish(&b, e, x, &list[(*n)++]);
}

pt_status rowexpr_conditions(const cube *c, const ast *e, arena *a, const rowexpr ***out, uint32_t *n,
                             pt_err *err)
{
    const rowexpr **list = arena_array(a, const rowexpr *, count_conditions(e));
    if (!list) return arena_fail(a, err);
    *n = 0;
    PT_TRY(add_conditions(c, e, a, list, n, err));
    *out = list;
    return PT_OK;
}
