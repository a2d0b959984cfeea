/* rowexpr_build.c - from the tree of a measure's expression or condition to a list of operations.
 *
 * First a tree of typed nodes, with what brings arguments to a common type put in between and constants
 * folded; then the nodes in the order in which they run. */
#include "engine/rowexpr.h"

#include <string.h>

#include "base/decimal.h"
#include "base/nearest.h"
#include "lang/parse.h"

typedef struct node {
    rowop op; /* args are filled in when the nodes are put in order */
    pt_type type;
    uint8_t scale;
    bool is_text; /* a text in quotes, which only means something beside a date */
    pt_str text;
    struct node *args[3];
    pt_span at;
} node;

typedef struct builder {
    const cube *c;
    arena *a;
    rowexpr *e;
    uint32_t cap_operands, cap_lists, n_nodes;
    pt_err *err;
} builder;

enum { MAX_NODES = 4096 };

static pt_status build(builder *b, const ast *e, node **out);

/* ---- nodes ----------------------------------------------------------------------- */

static pt_status new_node(builder *b, rowop_kind kind, row_class class, pt_type type, uint8_t scale,
                          pt_span at, node **out)
{
    node *n = arena_make(b->a, node);
    if (!n) return arena_fail(b->a, b->err);
    if (++b->n_nodes > MAX_NODES)
        return pt_fail_at(b->err, PT_LIMIT, at, "an expression of more than %d operations", MAX_NODES);
    *n = (node){.op = {.kind = kind, .class = class}, .type = type, .scale = scale, .at = at};
    *out = n;
    return PT_OK;
}

static pt_status over(builder *b, rowop_kind kind, row_class class, pt_type type, uint8_t scale, pt_span at,
                      node *x, node *y, node **out)
{
    PT_TRY(new_node(b, kind, class, type, scale, at, out));
    (*out)->args[0] = x;
    (*out)->args[1] = y;
    (*out)->op.n_args = y ? 2 : 1;
    return PT_OK;
}

static pt_status condition(builder *b, rowop_kind kind, pt_span at, node *x, node *y, node **out)
{
    return over(b, kind, ROW_BOOL, TYPE_BOOLEAN, 0, at, x, y, out);
}

static bool is_number(const node *n)
{
    return !n->is_text && (n->type == TYPE_INTEGER || n->type == TYPE_DECIMAL || n->type == TYPE_DOUBLE);
}

static bool is_null(const node *n)
{
    return n->op.kind == ROWOP_CONST && n->op.is_null;
}

static bool is_constant(const node *n)
{
    return n->op.kind == ROWOP_CONST;
}

static pt_status expected(builder *b, const node *n, const char *what)
{
    return pt_fail_at(b->err, PT_TYPE, n->at, "expected %s, found %s", what,
                      n->is_text   ? "a text"
                      : is_null(n) ? "NULL"
                                   : type_name(n->type));
}

/* ---- conversions ------------------------------------------------------------------- */

static pt_status too_many_digits(builder *b, pt_span at, uint32_t scale)
{
    pt_fail_at(b->err, PT_VALUE, at, "the result has %u digits behind the point, more than %d", scale,
               DEC_MAX_SCALE);
    return pt_hint(b->err, "a product has the digits of both factors; 1e0 * makes it a DOUBLE");
}

/* The same number with `scale` digits behind the point. */
static pt_status rescale(builder *b, node **n, uint8_t scale)
{
    node *x = *n, *y;
    if (x->scale == scale) return PT_OK;
    pt_i128 factor = pow10_i64[scale - x->scale];
    if (is_constant(x)) {
        if (__builtin_mul_overflow(x->op.exact, factor, &x->op.exact))
            return pt_fail_at(b->err, PT_VALUE, x->at, "the number is too large");
        x->scale = scale;
        x->type = TYPE_DECIMAL;
        return PT_OK;
    }
    PT_TRY(over(b, ROWOP_SCALE, ROW_EXACT, TYPE_DECIMAL, scale, x->at, x, NULL, &y));
    y->op.exact = factor;
    *n = y;
    return PT_OK;
}

static pt_status to_double(builder *b, node **n)
{
    node *x = *n, *y;
    if (x->op.class == ROW_DOUBLE) return PT_OK;
    if (is_constant(x)) {
        x->op.number = dec_to_double(x->op.exact, x->scale);
        x->op.class = ROW_DOUBLE;
        x->type = TYPE_DOUBLE;
        x->scale = 0;
        return PT_OK;
    }
    PT_TRY(over(b, ROWOP_DOUBLE, ROW_DOUBLE, TYPE_DOUBLE, 0, x->at, x, NULL, &y));
    y->op.exact = pow10_i64[x->scale];
    *n = y;
    return PT_OK;
}

/* A NULL takes the type of what it stands beside. */
static void type_null(node *n, const node *like)
{
    n->op.class = like->op.class;
    n->type = like->type;
    n->scale = like->scale;
}

/* A text beside a date or time is one. */
static pt_status type_text(builder *b, node *n, const node *like)
{
    pt_value v;
    if (like->type != TYPE_DATE && like->type != TYPE_TIMESTAMP) return expected(b, n, type_name(like->type));
    pt_err why = {0};
    pt_status st = value_parse(like->type, 0, n->text, b->a, &v, &why);
    if (st != PT_OK) return pt_fail_at(b->err, st, n->at, "%s", why.msg);
    n->is_text = false;
    n->type = like->type;
    n->op.exact = v.i;
    return PT_OK;
}

/* Bring values to one type, to compare them or to choose between them. */
static pt_status unify(builder *b, node **v, uint32_t n)
{
    node *like = NULL;
    uint8_t scale = 0;
    bool is_double = false, all_numbers = true;
    for (uint32_t i = 0; i < n; i++)
        if (!is_null(v[i]) && !v[i]->is_text) like = like ? like : v[i];
    if (!like) return expected(b, v[0], "a column");
    for (uint32_t i = 0; i < n; i++) {
        if (is_null(v[i])) type_null(v[i], like);
        if (v[i]->is_text) PT_TRY(type_text(b, v[i], like));
        all_numbers &= is_number(v[i]);
    }
    for (uint32_t i = 0; i < n; i++) {
        if (!all_numbers && v[i]->type != like->type) return expected(b, v[i], type_name(like->type));
        if (v[i]->type == TYPE_DOUBLE) is_double = true;
        if (v[i]->scale > scale) scale = v[i]->scale;
    }
    for (uint32_t i = 0; all_numbers && i < n; i++)
        PT_TRY(is_double ? to_double(b, &v[i]) : rescale(b, &v[i], scale));
    return PT_OK;
}

static pt_status want_condition(builder *b, const node *n)
{
    return n->op.class == ROW_BOOL ? PT_OK : expected(b, n, "a condition");
}

/* ---- leaves --------------------------------------------------------------------------- */

static pt_status constant(builder *b, pt_value v, pt_span at, node **out)
{
    row_class class = v.kind == VAL_DOUBLE ? ROW_DOUBLE : v.kind == VAL_BOOL ? ROW_BOOL : ROW_EXACT;
    pt_type type = v.kind == VAL_DOUBLE ? TYPE_DOUBLE
                   : v.kind == VAL_BOOL ? TYPE_BOOLEAN
                   : v.kind == VAL_DEC  ? TYPE_DECIMAL
                                        : TYPE_INTEGER;
    PT_TRY(new_node(b, ROWOP_CONST, class, type, v.kind == VAL_DEC ? v.scale : 0, at, out));
    (*out)->op.is_null = v.kind == VAL_NULL;
    if (v.kind == VAL_DOUBLE) (*out)->op.number = v.f;
    if (v.kind == VAL_INT || v.kind == VAL_BOOL) (*out)->op.exact = v.i;
    if (v.kind == VAL_DEC) (*out)->op.exact = v.dec;
    return PT_OK;
}

static pt_status text(builder *b, const ast *e, node **out)
{
    PT_TRY(constant(b, value_int(0), e->at, out));
    (*out)->is_text = true;
    (*out)->text = e->text;
    return PT_OK;
}

static pt_status operand_index(builder *b, bool is_key, uint32_t index, row_class class, uint32_t *out)
{
    rowexpr *e = b->e;
    for (*out = 0; *out < e->n_operands; (*out)++)
        if (e->operands[*out].is_key == is_key && e->operands[*out].index == index) return PT_OK;
    if (e->n_operands == b->cap_operands) {
        uint32_t cap = b->cap_operands ? b->cap_operands * 2 : 4;
        row_operand *grown = arena_array(b->a, row_operand, cap);
        if (!grown) return arena_fail(b->a, b->err);
        if (e->n_operands) memcpy(grown, e->operands, e->n_operands * sizeof *grown);
        e->operands = grown;
        b->cap_operands = cap;
    }
    e->operands[e->n_operands++] = (row_operand){is_key, index, class};
    return PT_OK;
}

static pt_status load(builder *b, bool is_key, uint32_t index, pt_type type, uint8_t scale, pt_span at,
                      node **out)
{
    row_class class = type == TYPE_DOUBLE ? ROW_DOUBLE : ROW_EXACT;
    node *n;
    if (type == TYPE_TEXT || type == TYPE_NONE)
        return pt_fail_at(b->err, PT_TYPE, at,
                          "members of [" STR_FMT "] have texts as keys, which do not compute",
                          STR_ARG(b->c->roles[index].name));
    PT_TRY(new_node(b, ROWOP_LOAD, class, type, type == TYPE_DECIMAL ? scale : 0, at, &n));
    PT_TRY(operand_index(b, is_key, index, class, &n->op.index));
    *out = n;
    if (type != TYPE_BOOLEAN) return PT_OK;
    n->type = TYPE_INTEGER;
    return condition(b, ROWOP_TRUTH, at, n, NULL, out);
}

static pt_status unknown(builder *b, pt_str name, pt_span at)
{
    const cube *c = b->c;
    nearest near = nearest_to(name);
    for (uint32_t i = 0; i < c->n_columns; i++) nearest_offer(&near, c->columns[i].name);
    for (uint32_t i = 0; i < c->n_roles; i++) nearest_offer(&near, c->roles[i].name);
    pt_fail_at(b->err, PT_NAME, at, "the facts of cube [" STR_FMT "] have no column [" STR_FMT "]",
               STR_ARG(c->name), STR_ARG(name));
    nearest_hint(&near, b->err);
    return pt_hint(b->err, "a column without a measure of its own is declared: COLUMN " STR_FMT " type",
                   STR_ARG(name));
}

static pt_status name(builder *b, const ast *e, node **out)
{
    const cube *c = b->c;
    const ast_segment *s = &e->segs[0];
    if (e->n != 1 || s->is_key)
        return pt_fail_at(b->err, PT_NAME, e->at, "expected a column of the facts of cube [" STR_FMT "]",
                          STR_ARG(c->name));
    uint32_t i = cube_find_column(c, s->name);
    if (i != MEMBER_NONE) return load(b, false, i, c->columns[i].type, c->columns[i].scale, e->at, out);
    if ((i = cube_find_role(c, s->name)) != MEMBER_NONE) {
        const dim_attr *key = &c->roles[i].dimension->spec.attrs[0];
        return load(b, true, i, key->type, key->scale, e->at, out);
    }
    if (!s->is_quoted && str_eq_fold(s->name, STR("TRUE"))) return constant(b, value_bool(true), e->at, out);
    if (!s->is_quoted && str_eq_fold(s->name, STR("FALSE")))
        return constant(b, value_bool(false), e->at, out);
    return unknown(b, s->name, e->at);
}

/* ---- arithmetic ------------------------------------------------------------------------- */

static pt_type exact_type(uint32_t scale)
{
    return scale ? TYPE_DECIMAL : TYPE_INTEGER;
}

/* Days between dates, and dates some days away. */
static pt_status date_arithmetic(builder *b, rowop_kind kind, pt_span at, node *x, node *y, node **out)
{
    if (y->is_text && x->type == TYPE_DATE && !x->is_text) PT_TRY(type_text(b, y, x));
    if (x->is_text && y->type == TYPE_DATE && !y->is_text) PT_TRY(type_text(b, x, y));
    if (kind == ROWOP_SUBTRACT && x->type == TYPE_DATE && y->type == TYPE_DATE)
        return over(b, kind, ROW_EXACT, TYPE_INTEGER, 0, at, x, y, out);
    if (kind != ROWOP_MULTIPLY && x->type == TYPE_DATE && y->type == TYPE_INTEGER && !y->is_text)
        return over(b, kind, ROW_EXACT, TYPE_DATE, 0, at, x, y, out);
    return expected(b, is_number(x) ? y : x, "a number");
}

static pt_status arithmetic(builder *b, rowop_kind kind, pt_span at, node *x, node *y, node **out)
{
    if (is_null(x) && !is_null(y)) type_null(x, y);
    if (is_null(y)) type_null(y, x);
    if (!is_number(x) || !is_number(y)) return date_arithmetic(b, kind, at, x, y, out);
    if (x->type == TYPE_DOUBLE || y->type == TYPE_DOUBLE) {
        PT_TRY(to_double(b, &x));
        PT_TRY(to_double(b, &y));
        return over(b, kind, ROW_DOUBLE, TYPE_DOUBLE, 0, at, x, y, out);
    }
    uint32_t scale = (uint32_t)x->scale + y->scale;
    if (kind != ROWOP_MULTIPLY) {
        scale = x->scale > y->scale ? x->scale : y->scale;
        PT_TRY(rescale(b, &x, (uint8_t)scale));
        PT_TRY(rescale(b, &y, (uint8_t)scale));
    }
    if (scale > DEC_MAX_SCALE) return too_many_digits(b, at, scale);
    return over(b, kind, ROW_EXACT, exact_type(scale), (uint8_t)scale, at, x, y, out);
}

/* Division by a constant whose reciprocal has few digits is a multiplication: x / 100 is x * 0.01. */
static bool reciprocal(const node *divisor, uint8_t scale, pt_i128 *factor, uint8_t *digits)
{
    if (!is_constant(divisor) || divisor->op.class != ROW_EXACT || divisor->op.is_null) return false;
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

static pt_status divide(builder *b, pt_span at, node *x, node *y, node **out)
{
    pt_i128 factor;
    uint8_t digits;
    if (is_null(x)) type_null(x, y);
    if (is_null(y)) type_null(y, x);
    if (!is_number(x)) return expected(b, x, "a number");
    if (!is_number(y)) return expected(b, y, "a number");
    if (is_constant(y) && !is_null(y) &&
        (y->op.class == ROW_DOUBLE ? !(y->op.number < 0 || y->op.number > 0) : y->op.exact == 0))
        return pt_fail_at(b->err, PT_VALUE, y->at, "division by zero");
    if (x->op.class == ROW_EXACT && reciprocal(y, x->scale, &factor, &digits)) {
        y->op.exact = factor;
        y->scale = 0;
        PT_TRY(over(b, ROWOP_MULTIPLY, ROW_EXACT, exact_type((uint32_t)x->scale + digits),
                    (uint8_t)(x->scale + digits), at, x, y, out));
        return PT_OK;
    }
    PT_TRY(to_double(b, &x));
    PT_TRY(to_double(b, &y));
    return over(b, ROWOP_DIVIDE, ROW_DOUBLE, TYPE_DOUBLE, 0, at, x, y, out);
}

static pt_status sign(builder *b, rowop_kind kind, pt_span at, node *x, node **out)
{
    if (!is_number(x)) return expected(b, x, "a number");
    if (is_constant(x) && kind == ROWOP_NEGATE) {
        x->op.exact = -x->op.exact;
        x->op.number = -x->op.number;
        *out = x;
        return PT_OK;
    }
    return over(b, kind, x->op.class, x->type, x->scale, at, x, NULL, out);
}

/* ---- conditions -------------------------------------------------------------------------- */

static pt_status compare(builder *b, rowop_kind kind, pt_span at, node *x, node *y, node **out)
{
    node *v[2] = {x, y};
    PT_TRY(unify(b, v, 2));
    if (v[0]->op.class != ROW_BOOL) return condition(b, kind, at, v[0], v[1], out);
    if (kind != ROWOP_EQ && kind != ROWOP_NE) return expected(b, x, "a number or date");
    PT_TRY(condition(b, ROWOP_XOR, at, v[0], v[1], out));
    return kind == ROWOP_NE ? PT_OK : condition(b, ROWOP_NOT, at, *out, NULL, out);
}

static pt_status negated(builder *b, bool is_negated, pt_span at, node **out)
{
    return is_negated ? condition(b, ROWOP_NOT, at, *out, NULL, out) : PT_OK;
}

static pt_status between(builder *b, const ast *e, node **out)
{
    node *v[3];
    for (uint32_t i = 0; i < 3; i++) PT_TRY(build(b, e->args[i], &v[i]));
    PT_TRY(unify(b, v, 3));
    if (v[0]->op.class == ROW_BOOL) return expected(b, v[0], "a number or date");
    PT_TRY(condition(b, ROWOP_BETWEEN, e->at, v[0], v[1], out));
    (*out)->args[2] = v[2];
    (*out)->op.n_args = 3;
    return negated(b, e->text.len > strlen("BETWEEN"), e->at, out);
}

static pt_status new_list(builder *b, uint32_t n, bool is_double, row_list **out, uint32_t *index)
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

static pt_status in_list(builder *b, const ast *e, node **out)
{
    const ast *list = e->args[1];
    node *x, *item;
    row_list *l;
    uint32_t index;
    if (list->kind != AST_CALL || (list->syntax != SYN_PARENS && list->syntax != SYN_BRACES) || list->n == 0)
        return pt_fail_at(b->err, PT_TYPE, list->at, "expected a list in parentheses behind IN");
    PT_TRY(build(b, e->args[0], &x));
    if (x->op.class == ROW_BOOL || x->is_text || is_null(x)) return expected(b, x, "a number or date");
    bool is_double = x->op.class == ROW_DOUBLE;
    PT_TRY(new_list(b, list->n, is_double, &l, &index));
    for (uint32_t i = 0; i < list->n; i++) {
        pt_i128 v;
        PT_TRY(build(b, list->args[i], &item));
        if (item->is_text) PT_TRY(type_text(b, item, x));
        if (!is_constant(item) || is_null(item)) return expected(b, item, "a number or date as it is");
        if (is_number(item) != is_number(x)) return expected(b, item, type_name(x->type));
        if (is_double) {
            PT_TRY(to_double(b, &item));
            l->numbers[l->n++] = item->op.number;
        } else if (item->op.class == ROW_DOUBLE) {
            return expected(b, item, "an exact number");
        } else if (dec_rescale(item->op.exact, item->scale, x->scale, &v)) { /* else no value is equal */
            add_exact(l, v);
        }
    }
    PT_TRY(condition(b, ROWOP_IN, e->at, x, NULL, out));
    (*out)->op.index = index;
    return negated(b, str_eq(e->text, STR("NOT IN")), e->at, out);
}

static pt_status join(builder *b, rowop_kind kind, pt_span at, node *x, node *y, node **out)
{
    PT_TRY(want_condition(b, x));
    PT_TRY(want_condition(b, y));
    return condition(b, kind, at, x, y, out);
}

/* ---- choosing -------------------------------------------------------------------------------- */

static pt_status choice(builder *b, pt_span at, node *when, node *yes, node *no, node **out)
{
    node *v[2] = {yes, no};
    PT_TRY(want_condition(b, when));
    if (!is_null(yes) || !is_null(no)) PT_TRY(unify(b, v, 2));
    PT_TRY(over(b, ROWOP_CHOOSE, v[0]->op.class, v[0]->type, v[0]->scale, at, when, v[0], out));
    (*out)->args[2] = v[1];
    (*out)->op.n_args = 3;
    return PT_OK;
}

/* The condition of branch i: with a subject, whether it equals the value. */
static pt_status branch(builder *b, const ast *e, uint32_t i, node **out)
{
    node *x, *y;
    PT_TRY(build(b, e->args[i], &y));
    if (e->args[0]->kind == AST_EMPTY) {
        *out = y;
        return PT_OK;
    }
    PT_TRY(build(b, e->args[0], &x));
    return compare(b, ROWOP_EQ, e->args[i]->at, x, y, out);
}

static pt_status case_of(builder *b, const ast *e, node **out)
{
    node *when, *yes;
    const ast *otherwise = e->args[e->n - 1];
    if (otherwise->kind == AST_EMPTY)
        PT_TRY(constant(b, value_null(), e->at, out));
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

static pt_status coalesce(builder *b, const ast *e, node **out)
{
    if (e->n < 2) return pt_fail_at(b->err, PT_TYPE, e->at, "expected Coalesce(value, value, ...)");
    PT_TRY(build(b, e->args[e->n - 1], out));
    for (uint32_t i = e->n - 1; i-- > 0;) {
        node *v[2];
        PT_TRY(build(b, e->args[i], &v[0]));
        v[1] = *out;
        PT_TRY(unify(b, v, 2));
        PT_TRY(over(b, ROWOP_COALESCE, v[0]->op.class, v[0]->type, v[0]->scale, e->at, v[0], v[1], out));
    }
    return PT_OK;
}

static pt_status function(builder *b, const ast *e, node **out)
{
    static const char *const names[] = {"Abs", "Coalesce", "Iif"};
    node *v[3];
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

static pt_status not_offered(builder *b, const ast *e)
{
    pt_fail_at(b->err, PT_TYPE, e->name_at, "'" STR_FMT "' cannot be used in an expression over facts",
               STR_ARG(e->text));
    return pt_hint(b->err,
                   "it may have columns, numbers, + - * / ( ), comparisons, BETWEEN, IN, AND, OR, XOR, "
                   "NOT, IS NULL, CASE, Abs, Coalesce and Iif");
}

static pt_status infix_operator(builder *b, const ast *e, node **out)
{
    node *x, *y;
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

static pt_status call(builder *b, const ast *e, node **out)
{
    node *x;
    switch (e->syntax) {
    case SYN_FUNCTION: return function(b, e, out);
    case SYN_INFIX: return infix_operator(b, e, out);
    case SYN_PREFIX:
        if (str_eq(e->text, STR("EXISTING"))) break;
        PT_TRY(build(b, e->args[0], &x));
        if (str_eq(e->text, STR("-"))) return sign(b, ROWOP_NEGATE, e->at, x, out);
        *out = x;
        if (str_eq(e->text, STR("+"))) return is_number(x) ? PT_OK : expected(b, x, "a number");
        PT_TRY(want_condition(b, x));
        return condition(b, ROWOP_NOT, e->at, x, NULL, out);
    case SYN_POSTFIX:
        PT_TRY(build(b, e->args[0], &x));
        if (x->is_text || is_null(x)) return expected(b, x, "a column");
        return condition(b, ROWOP_IS_NULL, e->at, x, NULL, out);
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

static pt_status build(builder *b, const ast *e, node **out)
{
    switch (e->kind) {
    case AST_NULL: return constant(b, value_null(), e->at, out);
    case AST_NUMBER: return constant(b, e->number, e->at, out);
    case AST_STRING: return text(b, e, out);
    case AST_ID: return name(b, e, out);
    case AST_CALL: return call(b, e, out);
    case AST_EMPTY:
    case AST_PARAM: break;
    }
    return pt_fail_at(b->err, PT_TYPE, e->at, "expected a column or a number");
}

/* ---- putting in order ------------------------------------------------------------------------------ */

/* Depth is bounded by that of the tree. */
static uint32_t place(rowexpr *e, const node *n)
{
    rowop op = n->op;
    for (uint32_t i = 0; i < op.n_args; i++) op.args[i] = place(e, n->args[i]);
    e->ops[e->n_ops] = op;
    return e->n_ops++;
}

static uint32_t count(const node *n)
{
    uint32_t total = 1;
    for (uint32_t i = 0; i < n->op.n_args; i++) total += count(n->args[i]);
    return total;
}

static pt_status finish(builder *b, const ast *e, const node *n, const rowexpr **out)
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

static pt_status start(builder *b, const cube *c, arena *a, pt_err *err)
{
    *b = (builder){.c = c, .a = a, .e = arena_make(a, rowexpr), .err = err};
    return b->e ? PT_OK : arena_fail(a, err);
}

pt_status rowexpr_value(const cube *c, const ast *e, arena *a, const rowexpr **out, pt_err *err)
{
    builder b;
    node *n;
    PT_TRY(start(&b, c, a, err));
    PT_TRY(build(&b, e, &n));
    if (n->is_text || is_null(n)) return expected(&b, n, "a column");
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
    builder b;
    node *x;
    e = without_parens(e);
    if (is_and(e)) {
        PT_TRY(add_conditions(c, e->args[0], a, list, n, err));
        return add_conditions(c, e->args[1], a, list, n, err);
    }
    PT_TRY(start(&b, c, a, err));
    PT_TRY(build(&b, e, &x));
    PT_TRY(want_condition(&b, x));
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
