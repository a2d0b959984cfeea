/* naive_expr.c - expressions over facts the slow way. */
#include "naive_expr.h"

#include <math.h>

#include "base/decimal.h"
#include "unit.h"

/* ---- numbers --------------------------------------------------------------------- */

static pt_i128 digits_of(pt_value v, uint8_t *scale)
{
    *scale = v.kind == VAL_DEC ? v.scale : 0;
    return v.kind == VAL_DEC ? v.dec : v.i;
}

static double double_of(pt_value v)
{
    uint8_t scale;
    if (v.kind == VAL_DOUBLE) return v.f;
    pt_i128 dec = digits_of(v, &scale);
    return (double)dec / (double)pow10_i64[scale];
}

static pt_i128 at_scale(pt_value v, uint8_t to)
{
    uint8_t scale;
    pt_i128 dec = digits_of(v, &scale);
    return dec * pow10_i64[to - scale];
}

static uint8_t scale_of(pt_value v)
{
    return v.kind == VAL_DEC ? v.scale : 0;
}

static pt_value date_of(pt_value v)
{
    pt_err err = {0};
    if (v.kind == VAL_TEXT) assert_ok(value_parse(TYPE_DATE, 0, v.s, NULL, &v, &err));
    return v;
}

static pt_value arithmetic(char op, pt_value a, pt_value b)
{
    a = date_of(a), b = date_of(b);
    if (a.kind == VAL_NULL || b.kind == VAL_NULL) return value_null();
    if (op == '/') {
        if (b.kind == VAL_INT && b.i == 4)
            return value_dec(at_scale(a, scale_of(a)) * 25, (uint8_t)(scale_of(a) + 2));
        if (b.kind == VAL_INT && b.i == 100)
            return value_dec(at_scale(a, scale_of(a)), (uint8_t)(scale_of(a) + 2));
        double divisor = double_of(b);
        return divisor == 0 ? value_null() : value_double(double_of(a) / divisor);
    }
    if (a.kind == VAL_DOUBLE || b.kind == VAL_DOUBLE) {
        double x = double_of(a), y = double_of(b);
        return value_double(op == '+' ? x + y : op == '-' ? x - y : x * y);
    }
    if (a.kind == VAL_DATE || b.kind == VAL_DATE)
        return a.kind == b.kind ? value_int(a.i - b.i) : value_date(op == '+' ? a.i + b.i : a.i - b.i);
    if (op == '*')
        return value_dec(at_scale(a, scale_of(a)) * at_scale(b, scale_of(b)),
                         (uint8_t)(scale_of(a) + scale_of(b)));
    uint8_t scale = scale_of(a) > scale_of(b) ? scale_of(a) : scale_of(b);
    pt_i128 x = at_scale(a, scale), y = at_scale(b, scale);
    return value_dec(op == '+' ? x + y : x - y, scale);
}

/* -1, 0, 1; 2 if they do not compare (NaN). */
static int compare(pt_value a, pt_value b)
{
    a = date_of(a), b = date_of(b);
    if (a.kind == VAL_DOUBLE || b.kind == VAL_DOUBLE) {
        double x = double_of(a), y = double_of(b);
        return x < y ? -1 : x > y ? 1 : x == y ? 0 : 2;
    }
    uint8_t scale = scale_of(a) > scale_of(b) ? scale_of(a) : scale_of(b);
    pt_i128 x = at_scale(a, scale), y = at_scale(b, scale);
    return x < y ? -1 : x > y;
}

/* ---- walking ----------------------------------------------------------------------- */

uint32_t naive_column(const cube *c, pt_str name)
{
    for (uint32_t i = 0; i < c->n_columns; i++)
        if (str_eq(c->columns[i].name, name)) return i; /* folding case row by row takes long */
    return cube_find_column(c, name);
}

pt_value naive_key(const naive_facts *f, uint32_t role, uint32_t row)
{
    return dim_attr_value(view_dim(f->view, f->cube->roles[role].dimension), 0, f->ids[role][row]);
}

static pt_value column(const naive_facts *f, pt_str name, uint32_t row)
{
    uint32_t i = naive_column(f->cube, name);
    if (i != MEMBER_NONE) return f->values[i][row];
    i = cube_find_role(f->cube, name);
    assert_true(i != MEMBER_NONE);
    return naive_key(f, i, row);
}

static pt_value logic(const naive_facts *f, const ast *e, uint32_t row)
{
    pt_value a = naive_eval(f, e->args[0], row), b = naive_eval(f, e->args[1], row);
    bool is_or = str_eq(e->text, STR("OR"));
    if (str_eq(e->text, STR("XOR")))
        return a.kind == VAL_NULL || b.kind == VAL_NULL ? value_null() : value_bool(a.i != b.i);
    if ((a.kind == VAL_BOOL && a.i == is_or) || (b.kind == VAL_BOOL && b.i == is_or))
        return value_bool(is_or);
    return a.kind == VAL_NULL || b.kind == VAL_NULL ? value_null() : value_bool(!is_or);
}

static pt_value not(pt_value v)
{
    return v.kind == VAL_NULL ? v : value_bool(!v.i);
}

static pt_value between(const naive_facts *f, const ast *e, uint32_t row)
{
    pt_value x = naive_eval(f, e->args[0], row), lo = naive_eval(f, e->args[1], row),
             hi = naive_eval(f, e->args[2], row);
    if (x.kind == VAL_NULL || lo.kind == VAL_NULL || hi.kind == VAL_NULL) return value_null();
    int below = compare(x, lo), above = compare(x, hi);
    pt_value v = value_bool((below == 0 || below == 1) && above <= 0);
    return str_eq(e->text, STR("NOT BETWEEN")) ? not(v) : v;
}

static pt_value in_list(const naive_facts *f, const ast *e, uint32_t row)
{
    pt_value x = naive_eval(f, e->args[0], row);
    bool found = false;
    if (x.kind == VAL_NULL) return x;
    for (uint32_t i = 0; i < e->args[1]->n; i++)
        found |= compare(x, naive_eval(f, e->args[1]->args[i], row)) == 0;
    return value_bool(found != str_eq(e->text, STR("NOT IN")));
}

static pt_value infix(const naive_facts *f, const ast *e, uint32_t row)
{
    const char op = e->text.ptr[0];
    if (e->n == 3) return between(f, e, row);
    if (str_eq(e->text, STR("AND")) || str_eq(e->text, STR("OR")) || str_eq(e->text, STR("XOR")))
        return logic(f, e, row);
    if (str_eq(e->text, STR("IN")) || str_eq(e->text, STR("NOT IN"))) return in_list(f, e, row);
    pt_value a = naive_eval(f, e->args[0], row), b = naive_eval(f, e->args[1], row);
    if (strchr("+-*/", op)) return arithmetic(op, a, b);
    if (a.kind == VAL_NULL || b.kind == VAL_NULL) return value_null();
    int order = compare(a, b);
    if (str_eq(e->text, STR("="))) return value_bool(order == 0);
    if (str_eq(e->text, STR("<>"))) return value_bool(order != 0);
    if (order == 2) return value_bool(false);
    if (str_eq(e->text, STR("<"))) return value_bool(order < 0);
    if (str_eq(e->text, STR("<="))) return value_bool(order <= 0);
    return value_bool(str_eq(e->text, STR(">")) ? order > 0 : order >= 0);
}

static pt_value negative(pt_value v)
{
    if (v.kind == VAL_NULL) return v;
    if (v.kind == VAL_DOUBLE) return value_double(-v.f);
    return value_dec(-at_scale(v, scale_of(v)), scale_of(v));
}

static pt_value function(const naive_facts *f, const ast *e, uint32_t row)
{
    pt_value v = naive_eval(f, e->args[0], row);
    if (str_eq_fold(e->text, STR("Iif")))
        return naive_eval(f, e->args[v.kind == VAL_BOOL && v.i ? 1 : 2], row);
    if (str_eq_fold(e->text, STR("Coalesce"))) return v.kind == VAL_NULL ? naive_eval(f, e->args[1], row) : v;
    if (v.kind == VAL_DOUBLE) return value_double(fabs(v.f));
    return v.kind == VAL_NULL || at_scale(v, scale_of(v)) >= 0 ? v : negative(v);
}

static pt_value choice(const naive_facts *f, const ast *e, uint32_t row)
{
    for (uint32_t i = 1; i + 2 < e->n; i += 2)
        if (naive_holds(f, e->args[i], row)) return naive_eval(f, e->args[i + 1], row);
    const ast *otherwise = e->args[e->n - 1];
    return otherwise->kind == AST_EMPTY ? value_null() : naive_eval(f, otherwise, row);
}

pt_value naive_eval(const naive_facts *f, const ast *e, uint32_t row)
{
    switch (e->kind) {
    case AST_NUMBER: return e->number;
    case AST_STRING: return value_text(e->text);
    case AST_ID: return column(f, e->segs[0].name, row);
    case AST_NULL:
    case AST_EMPTY:
    case AST_PARAM: return value_null();
    case AST_CALL: break;
    }
    switch (e->syntax) {
    case SYN_FUNCTION: return function(f, e, row);
    case SYN_INFIX: return infix(f, e, row);
    case SYN_PREFIX:
        return str_eq(e->text, STR("NOT")) ? not(naive_eval(f, e->args[0], row))
                                           : negative(naive_eval(f, e->args[0], row));
    case SYN_POSTFIX: return value_bool(naive_eval(f, e->args[0], row).kind == VAL_NULL);
    case SYN_PARENS: return naive_eval(f, e->args[0], row);
    case SYN_CASE: return choice(f, e, row);
    case SYN_CAST:
    case SYN_BRACES:
    case SYN_PROPERTY:
    case SYN_METHOD: break;
    }
    fail_msg("no naive " STR_FMT, STR_ARG(e->text));
    return value_null();
}

bool naive_holds(const naive_facts *f, const ast *e, uint32_t row)
{
    pt_value v = naive_eval(f, e, row);
    return v.kind == VAL_BOOL && v.i;
}

const ast_measure *naive_definition(const cube *c, const measure *m)
{
    return m->is_implicit ? NULL : &c->def->measures[m->index];
}

/* ---- random ones --------------------------------------------------------------------- */

typedef struct writer {
    uint64_t *seed;
    strbuf *out;
} writer;

static uint32_t roll(writer *w, uint32_t n)
{
    return (uint32_t)(unit_random(w->seed) % n);
}

static void say(writer *w, const char *s)
{
    strbuf_addz(w->out, s);
}

static void condition(writer *w, int depth);

/* Bits and digits behind the point that values may take. */
typedef struct size {
    double bits;
    uint32_t scale;
} size;

static size leaf(writer *w)
{
    switch (roll(w, 9)) {
    case 0: say(w, "b"); return (size){64, 0};
    case 1:
    case 2: say(w, "d"); return (size){11, 3};
    case 3: say(w, "[Thing]"); return (size){13, 0};
    case 4: say(w, "Person"); return (size){13, 0};
    case 5: strbuf_printf(w->out, "%u.%02u", roll(w, 20), roll(w, 100)); return (size){12, 2};
    case 6: strbuf_printf(w->out, "%u", roll(w, 60)); return (size){6, 0};
    default: say(w, "i"); return (size){11, 0};
    }
}

static size aligned(size a, size b)
{
    uint32_t scale = a.scale > b.scale ? a.scale : b.scale;
    double x = a.bits + (scale - a.scale) * 3.4, y = b.bits + (scale - b.scale) * 3.4;
    return (size){x > y ? x : y, scale};
}

static size exact(writer *w, int depth)
{
    size_t start = w->out->len;
    if (depth == 0) return leaf(w);
    size a, b, r;
    switch (roll(w, 10)) {
    case 0: say(w, "-"); return leaf(w);
    case 1:
        say(w, "Abs(");
        a = exact(w, depth - 1);
        say(w, ")");
        return a;
    case 2:
        say(w, "Coalesce(");
        a = exact(w, depth - 1);
        say(w, ", ");
        b = exact(w, depth - 1);
        say(w, ")");
        return aligned(a, b);
    case 3:
        say(w, "CASE WHEN ");
        condition(w, depth - 1);
        say(w, " THEN ");
        a = exact(w, depth - 1);
        say(w, roll(w, 2) ? " ELSE " : " WHEN i > 5 THEN ");
        b = exact(w, depth - 1);
        say(w, " END");
        return aligned(a, b);
    case 4:
        say(w, "(");
        a = exact(w, depth - 1);
        if (a.scale > 8) {
            say(w, ")");
            return a;
        }
        say(w, roll(w, 2) ? ") / 4" : ") / 100");
        return (size){a.bits + 5, a.scale + 2};
    default: break;
    }
    bool is_product = roll(w, 2);
    say(w, "(");
    a = exact(w, depth - 1);
    say(w, is_product ? ") * (" : roll(w, 2) ? ") + (" : ") - (");
    b = exact(w, depth - 1);
    say(w, ")");
    r = is_product ? (size){a.bits + b.bits, a.scale + b.scale} : aligned(a, b);
    if (!is_product) r.bits += 1;
    if (r.bits < 118 && r.scale <= 12) return r;
    w->out->len = start;
    return leaf(w);
}

static const char *some_order(writer *w)
{
    static const char *const orders[] = {" = ", " <> ", " < ", " <= ", " > ", " >= "};
    return orders[roll(w, ARRAY_LEN(orders))];
}

static void condition(writer *w, int depth)
{
    switch (roll(w, depth > 0 ? 14 : 9)) {
    case 0:
        strbuf_printf(w->out, "i BETWEEN %d AND %d", (int)roll(w, 1200) - 1000, (int)roll(w, 1000));
        return;
    case 1: strbuf_printf(w->out, "d%s%d.5", some_order(w), (int)roll(w, 3) - 1); return;
    case 2: say(w, roll(w, 2) ? "i IS NULL" : "NOT d IS NULL"); return;
    case 3: strbuf_printf(w->out, "w%s'19%u-03-01'", some_order(w), 68 + roll(w, 4)); return;
    case 4: strbuf_printf(w->out, "[Day]%s'2020-0%u-15'", some_order(w), 1 + roll(w, 4)); return;
    case 5:
        strbuf_printf(w->out, "Thing %sBETWEEN %u AND %u", roll(w, 3) ? "" : "NOT ", roll(w, 30),
                      roll(w, 3000));
        return;
    case 6:
        strbuf_printf(w->out, "i %sIN (%u, %u, 2.5, 7.0)", roll(w, 2) ? "" : "NOT ", roll(w, 9),
                      roll(w, 900));
        return;
    case 7: strbuf_printf(w->out, "f%s%u.25", some_order(w), roll(w, 100000)); return;
    case 8: strbuf_printf(w->out, "i%s%d", some_order(w), (int)roll(w, 4000) - 2000); return;
    case 9:
        say(w, "NOT (");
        condition(w, depth - 1);
        say(w, ")");
        return;
    case 10:
        exact(w, depth - 1);
        say(w, some_order(w));
        exact(w, depth - 1);
        return;
    default:
        say(w, "(");
        condition(w, depth - 1);
        say(w, roll(w, 3) ? ") AND (" : roll(w, 2) ? ") OR (" : ") XOR (");
        condition(w, depth - 1);
        say(w, ")");
        return;
    }
}

/* Whatever order they are added in, sums of these are exact in steps of 1/1024. */
static void tame_double(writer *w)
{
    static const char *const texts[] = {"-f",
                                        "f + i",
                                        "Abs(f)",
                                        "f * 2",
                                        "Coalesce(f, 0.5)",
                                        "CASE WHEN i > 3 THEN f ELSE 1 END",
                                        "Iif(f > 1000, f, -f)",
                                        "i - f"};
    say(w, texts[roll(w, ARRAY_LEN(texts))]);
}

static void wild_double(writer *w)
{
    static const char *const texts[] = {"d / i", "i / 7", "f * f", "(w - '1970-01-01') / 3",
                                        "f / (i - 5) + d"};
    say(w, texts[roll(w, ARRAY_LEN(texts))]);
}

static void aggregate(writer *w)
{
    static const char *const aggs[] = {"SUM", "AVG", "MIN", "MAX", "COUNT"};
    switch (roll(w, 9)) {
    case 0: say(w, "COUNT(*)"); return;
    case 1: strbuf_printf(w->out, "DISTINCT COUNT([%s])", roll(w, 2) ? "Thing" : "Person"); return;
    case 2: strbuf_printf(w->out, "%s(%s)", aggs[roll(w, 5)], roll(w, 2) ? "i" : "d"); return;
    case 3: strbuf_printf(w->out, "%s(%s)", aggs[2 + roll(w, 3)], roll(w, 2) ? "w + 3" : "w"); return;
    case 4:
        strbuf_printf(w->out, "%s(", aggs[roll(w, 5)]);
        tame_double(w);
        break;
    case 5:
        strbuf_printf(w->out, "%s(", aggs[2 + roll(w, 3)]);
        wild_double(w);
        break;
    case 6:
        say(w, "COUNT(");
        condition(w, 1);
        break;
    default: {
        strbuf_printf(w->out, "%s(", aggs[roll(w, 5)]);
        exact(w, 1 + (int)roll(w, 4));
        break;
    }
    }
    say(w, ")");
}

void naive_some_measure(uint64_t *seed, strbuf *out)
{
    /* shared now and then: conditions that all measures of a request have in common take another way */
    static const char *const common[] = {"i > 0", "[Thing] > 5", "d BETWEEN -1 AND 0.5",
                                         "[Day] < '2020-03-01'"};
    writer w = {seed, out};
    aggregate(&w);
    if (roll(&w, 3) == 0) return;
    say(&w, " WHERE ");
    bool is_common = roll(&w, 2);
    if (is_common) say(&w, common[roll(&w, ARRAY_LEN(common))]);
    if (is_common && roll(&w, 2)) return;
    say(&w, is_common ? " AND (" : "(");
    condition(&w, (int)roll(&w, 3));
    say(&w, ")");
}
