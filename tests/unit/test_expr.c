/* test_expr.c - expressions of mappings: values, nulls, exact numbers, faults with their column, and what
 * does not compile. */
#include "tests/unit/unit.h"

#include "base/fs.h"
#include "etl/expr.h"
#include "lang/parse.h"

/* The row that every expression here sees: columns a='12.50', b='3', name=' Ünal ', day='1997-03-31',
 * none=null, flag='yes', word='x', t.code='M'. */
static const struct {
    const char *name, *value;
} row[] = {{"a", "12.50"},  {"b", "3"},    {"name", " Ünal "}, {"day", "1997-03-31"},          {"none", NULL},
           {"flag", "yes"}, {"word", "x"}, {"code", "M"},      {"big", "99999999999999999999"}};

typedef struct run {
    arena *a;
    expr_scope scope;
    expr_env env;
    pt_err err;
    pt_status st;
    pt_value v;
} run;

static const ast_table main_table = {.name = STR("facts.csv")},
                       codes = {.name = STR("codes.csv"), .alias = STR("t")};
static const ast_table *const tables[] = {&main_table, &codes};

static void evaluate(run *r, const char *text)
{
    ast *tree;
    const expr *e;
    *r = (run){.a = arena_new(0)};
    r->scope = (expr_scope){.arena = r->a, .n_tables = 2, .tables = tables};
    r->env = (expr_env){.scratch = r->a, .fault_column = EXPR_NO_COLUMN};
    if ((r->st = parse_expression(str_of(text), r->a, &tree, &r->err)) != PT_OK) return;
    if ((r->st = expr_compile(&r->scope, tree, &e, &r->err)) != PT_OK) return;
    pt_str *columns = arena_array(r->a, pt_str, r->scope.n_columns);
    for (uint32_t i = 0; i < r->scope.n_columns; i++)
        for (size_t k = 0; k < ARRAY_LEN(row); k++)
            if (str_eq_fold(r->scope.columns[i].name, str_of(row[k].name))) columns[i] = str_of(row[k].value);
    r->env.columns = columns;
    r->st = expr_eval(e, &r->env, &r->v, &r->err);
}

static void expect(const char *text, const char *value)
{
    run r;
    strbuf b = {0};
    evaluate(&r, text);
    if (r.st != PT_OK) fail_msg("%s: %s: %s", text, pt_status_name(r.st), r.err.msg);
    strbuf_addz(&b, r.v.kind == VAL_NULL ? "NULL" : "");
    value_print(r.v, &b);
    if (strcmp(b.ptr, value) != 0) fail_msg("%s gives %s, not %s", text, b.ptr, value);
    strbuf_free(&b);
    arena_free(r.a);
}

static void expect_fault(const char *text, pt_status st, const char *message, const char *column,
                         const char *value)
{
    run r;
    evaluate(&r, text);
    if (r.st != st || !strstr(r.err.msg, message))
        fail_msg("%s: %s: %s", text, pt_status_name(r.st), r.err.msg);
    if (column) {
        assert_int_not_equal(r.env.fault_column, EXPR_NO_COLUMN);
        assert_str(r.scope.columns[r.env.fault_column].name, column);
        assert_str(r.env.fault_value, value);
    }
    arena_free(r.a);
}

static void test_numbers(void **state)
{
    (void)state;
    expect("a + b", "15.5");
    expect("a * b", "37.5");
    expect("a - 12.5", "0");
    expect("-a", "-12.5");
    expect("a / b", "4.166666666667");
    expect("10 / 4", "2.5");
    expect("-1 / 3", "-0.333333333333");
    expect("0.1 + 0.2", "0.3");
    expect("big + 1", "100000000000000000000");
    expect("1e3 + '2.5e1'", "1025");
    expect("ROUND(a / b, 2)", "4.17");
    expect("ROUND(-2.5)", "-3");
    expect("ROUND(1250, -2)", "1300");
    expect("FLOOR(-a)", "-13");
    expect("CEILING(a)", "13");
    expect("ABS(-a)", "12.5");
    expect("MOD(17, 5)", "2");
    expect_fault("a / (b - 3)", PT_VALUE, "division by zero", NULL, NULL);
    expect_fault("word + 1", PT_VALUE, "expected a number, found 'x'", "word", "x");
    expect_fault("big * big * big", PT_VALUE, "too many digits", NULL, NULL);
    expect_fault("MOD(a, 2)", PT_VALUE, "expected a whole number, found '12.50'", "a", "12.50");
}

static void test_texts(void **state)
{
    (void)state;
    expect("TRIM(name) || '!'", "Ünal!");
    expect("UPPER(TRIM(name))", "ÜNAL");
    expect("LOWER('ÄB')", "äb");
    expect("LENGTH(TRIM(name))", "4");
    expect("SUBSTRING(TRIM(name), 2, 2)", "na");
    expect("SUBSTRING('abc', 0, 2)", "a");
    expect("SUBSTRING('abc', 3)", "c");
    expect("SUBSTRING('abc', 9)", "");
    expect("LEFT('中文字', 2)", "中文");
    expect("RIGHT('中文字', 1)", "字");
    expect("REPLACE('a-b-c', '-', '')", "abc");
    expect("POSITION('文', '中文')", "2");
    expect("SPLIT('a/b/c', '/', 2)", "b");
    expect("SPLIT('a/b/c', '/', 4)", "NULL");
    expect("CONCAT(a, none, b)", "12.503");
    expect("a || none", "NULL");
    expect("b || b", "33");
}

static void test_conditions(void **state)
{
    (void)state;
    expect("b = 3", "true");
    expect("b = '3.0'", "false"); /* two texts */
    expect("b = 3.0", "true");
    expect("a > 9", "true"); /* as texts '12.50' < '9' */
    expect("none = 1", "NULL");
    expect("none IS NULL", "true");
    expect("NOT none IS NULL", "false");
    expect("none = 1 OR b = 3", "true");
    expect("none = 1 AND b = 4", "false");
    expect("none = 1 AND b = 3", "NULL");
    expect("flag AND TRUE", "true");
    expect("day >= DATE('1997-01-01')", "true");
    expect("CASE WHEN b = 0 THEN 0 ELSE a END", "12.50");
    expect("CASE word WHEN 'y' THEN 1 WHEN 'x' THEN 2 END", "2");
    expect("CASE WHEN none = 1 THEN 1 END", "NULL");
    expect("IIF(b > 2, 'many', 'few')", "many");
    expect("COALESCE(none, NULL, word)", "x");
    expect("NULLIF(b, 3)", "NULL");
    expect("NULLIF(word, 'y')", "x");
    expect_fault("word > 1", PT_VALUE, "expected a number, found 'x'", "word", "x");
    expect_fault("CASE WHEN a THEN 1 END", PT_VALUE, "found '12.50'", "a", "12.50");
}

static void test_dates(void **state)
{
    (void)state;
    expect("YEAR(day)", "1997");
    expect("QUARTER(day)", "1");
    expect("MONTH(day)", "3");
    expect("DAY(day)", "31");
    expect("WEEK(day)", "14");
    expect("WEEKDAY(day)", "1");
    expect("DATE('31.12.1997', '%d.%m.%Y')", "1997-12-31");
    expect("DATE(day) + 1", "1997-04-01");
    expect("DATE(day) - DATE('1997-03-01')", "30");
    expect("TIMESTAMP('1997-03-31 10:20')", "1997-03-31 10:20:00");
    expect("'Q' || QUARTER(day)", "Q1");
    expect("CAST(day AS DATE)", "1997-03-31");
    expect("CAST(b AS INTEGER)", "3");
    expect("CAST(b AS TEXT)", "3");
    expect_fault("DATE(word)", PT_VALUE, "expected a date", "word", "x");
    expect_fault("CAST(a AS INTEGER)", PT_VALUE, "12.50", "a", "12.50");
}

static void test_names(void **state)
{
    (void)state;
    expect("t.code", "M");
    expect("[t].[code] || [word]", "Mx");
    expect("[facts.csv].b", "3");
    run r;
    evaluate(&r, "a + A + t.a"); /* columns are collected once, each by its table */
    assert_int_equal(r.scope.n_columns, 2);
    arena_free(r.a);
}

static void test_does_not_compile(void **state)
{
    (void)state;
    run r;
    evaluate(&r, "1 + UPER(word)");
    assert_int_equal(r.st, PT_NAME);
    assert_int_equal(r.err.at.start, 4);
    assert_non_null(strstr(r.err.hint, "UPPER"));
    arena_free(r.a);
    expect_fault("x.code", PT_NAME, "no table of this mapping is called [x]", NULL, NULL);
    expect_fault("LEFT(word)", PT_TYPE, "expected LEFT(text, count)", NULL, NULL);
    expect_fault("a.b.c", PT_NAME, "expected column or table.column", NULL, NULL);
    expect_fault("t.&[1]", PT_TYPE, "found a member key", NULL, NULL);
    expect_fault("{a, b}", PT_TYPE, "cannot be used in a mapping", NULL, NULL);
    expect_fault("CAST(a AS POINT)", PT_NAME, "no type POINT", NULL, NULL);
}

/* docs/loading.md names every function with its signature. */
static void test_documented(void **state)
{
    (void)state;
    pt_err err = {0};
    strbuf text = {0};
    assert_ok(fs_read("docs/loading.md", &text, 0, &err));
    for (size_t i = 0; expr_function_at(i); i++) {
        const expr_function_info *f = expr_function_at(i);
        if (!strstr(text.ptr, f->signature)) fail_msg("docs/loading.md has no %s", f->signature);
        if (i) assert_true(strcmp(expr_function_at(i - 1)->name, f->name) < 0);
    }
    strbuf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),    cmocka_unit_test(test_texts),
        cmocka_unit_test(test_conditions), cmocka_unit_test(test_dates),
        cmocka_unit_test(test_names),      cmocka_unit_test(test_does_not_compile),
        cmocka_unit_test(test_documented),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
