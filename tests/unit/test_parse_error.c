/* test_parse_error.c - what the parser says, and where, when a text does not fit. */
#include "lang/parse.h"
#include "unit.h"

typedef struct wrong {
    const char *text;
    const char *at; /* the bytes under the place; "" for the end */
    const char *says;
    const char *hint; /* NULL: none */
} wrong;

static const wrong queries[] = {
    {"selec {a} on 0 from s", "selec", "unexpected 'selec', did you mean SELECT?", NULL},
    {"foo", "foo", "unexpected 'foo', expected SELECT, WITH, CREATE, LOAD, SHOW, ...", NULL},
    {"SELECT {a} ON COLUMS FROM s", "COLUMS", "unexpected 'COLUMS', did you mean COLUMNS?", NULL},
    {"SELECT {a} ON 0 FORM s", "FORM", "unexpected 'FORM', did you mean FROM?", NULL},
    {"SELECT {a} ON 0", "", "unexpected end of the statement, expected ',' or FROM", NULL},
    {"SELECT {a ON 0 FROM s", "ON", "unexpected 'ON', expected '}', ',' or an operator", NULL},
    {"SELECT a = = b ON 0 FROM s", "=", "unexpected '=', expected an expression", NULL},
    {"SELECT f(a b) ON 0 FROM s", "b", "unexpected 'b', expected ')', ',' or an operator", NULL},
    {"SELECT CASE WHEN a THEN b ON 0 FROM s", "ON",
     "unexpected 'ON', expected WHEN, ELSE, END or an operator", NULL},
    {"SELECT a..b ON 0 FROM s", ".", "unexpected '.', expected a name", NULL},
    {"WITH MEMBER Measures.Select AS 1 SELECT FROM s", "Select", "unexpected 'Select', expected a name",
     "SELECT is a reserved word; as a name it is written [Select]"},
    {"SELECT [Time].1997 ON 0 FROM s", ".1997",
     "unexpected '.1997', expected ON, DIMENSION, PROPERTIES or an operator",
     "a name that starts with a digit is written in brackets: .[1997]"},
    {"SELECT FROM 1997", "1997", "unexpected '1997', expected '(' or a name",
     "a name that starts with a digit is written in brackets: [1997]"},
    {"SELECT {a} ON 1.5 FROM s", "1.5", "'1.5', expected a whole number", NULL},
    {"SELECT {a} ON AXIS(200) FROM s", "AXIS(200)", "axis 200, expected 0 to 127", NULL},
    {"WITH MEMBER m AS '1 + f(' SELECT FROM s", "", "unexpected end of the formula, expected", NULL},
    {"WITH MEMBER m AS 'Iif(''a'' = ), 1' SELECT FROM s", ")", "unexpected ')', expected an expression",
     NULL},
    {"WITH MEMBER m AS 1 + 2 zzz SELECT FROM s", "zzz",
     "unexpected 'zzz', expected ',', SELECT, MEMBER, SET, MEASURE, ...", NULL},
    {"SELECT [a", "[", "the name in brackets that starts here is not closed, expected ]", NULL},
    {"SELECT 'a", "'", "the text that starts here is not closed, expected '", NULL},
    {"SELECT a /* b", "/*", "the comment that starts here is not closed, expected */", NULL},
    {"SELECT \"a\" & \"b\" ON 0 FROM s", "&", "unexpected '&', expected a key behind it",
     "texts are joined with ||"},
    {"SELECT “a” ON 0 FROM s", "“", "unexpected character '“'",
     "texts stand in straight quotes: 'text' or \"text\""},
    {"SELECT a − b ON 0 FROM s", "−", "unexpected character '−'", "minus is written -"},
    {"SELECT a ON 0 FROM s where [größer", "[", "the name in brackets", NULL},
    {"SELECT {aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee "
     "ffffffffffgggggggggghhhhhhhhhhiiiiiiiiiijjjjjjjjjj} ON 0",
     "ffffffffffgggggggggghhhhhhhhhhiiiiiiiiiijjjjjjjjjj",
     "unexpected ffffffffffgggggggggghhhhhhhhhhiiiiiiiiii..., expected", NULL},
};

static const wrong definitions[] = {
    {"CREATE", "", "unexpected end of the statement, expected MEMBER, SET, DIMENSION, CUBE, SOURCE, ...",
     NULL},
    {"CREATE CUBE", "", "unexpected end of the statement, expected a name", NULL},
    {"DROP CUB x", "CUB", "unexpected 'CUB', did you mean CUBE?", NULL},
    {"CREATE DIMENSION d (KEY a INTEGR)", "INTEGR", "did you mean INTEGER?", NULL},
    {"CREATE DIMENSION d (KEY a, b TEXT)", ",", "unexpected ',', expected a word", NULL},
    {"CREATE DIMENSION d (KEY a DECIMAL)", "DECIMAL", "DECIMAL without its digits", "amounts of money"},
    {"CREATE DIMENSION d (KEY a DECIMAL(19,2))", "DECIMAL(19,2)", "expected 1 to 18 digits", NULL},
    {"CREATE DIMENSION d (KEY a DECIMAL(2,3))", "DECIMAL(2,3)", "expected 1 to 18 digits", NULL},
    {"CREATE DIMENSION d (KEY a TEXT(9))", "TEXT(9)", "TEXT takes no length", NULL},
    {"CREATE DIMENSION d (KEY a TEXT, KEY b TEXT)", "KEY b TEXT", "KEY is given twice", NULL},
    {"CREATE DIMENSION d (KEY a TEXT, b TEXT)", "b TEXT",
     "unexpected 'b', expected KEY, ATTRIBUTE or HIERARCHY", NULL},
    {"CREATE DIMENSION d (KEY a TEXT, HIERACHY [h] (LEVEL l BY a))", "[h]", "unexpected [h]",
     "perhaps 'HIERACHY' is meant to be HIERARCHY"},
    {"CREATE DIMENSION d (HIERARCHY h (LEVEL l BY a, b))", "b", "unexpected 'b', expected LEVEL",
     "levels by a word"},
    {"CREATE DIMENSION d (HIERARCHY h (LEVEL l BY a NAME b NAME c))", "NAME", "NAME is given twice", NULL},
    {"CREATE DIMENSION d FROM '1997-01-01' TO '1997-02-01' (HIERARCHY h (DAY))", "FROM",
     "expected CREATE TIME DIMENSION", NULL},
    {"CREATE TIME DIMENSION d FROM '1997-02-29' TO '1998-01-01' (HIERARCHY h (DAY))", "'1997-02-29'",
     "'1997-02-29' is no day, expected 'YYYY-MM-DD'", NULL},
    {"CREATE TIME DIMENSION d FROM '1999-01-01' TO '1998-01-01' (HIERARCHY h (DAY))", "'1998-01-01'",
     "the calendar ends before it starts", NULL},
    {"CREATE TIME DIMENSION d FROM '1997-01-01' TO '1998-01-01' (HIERARCHY h (MONTHS))", "MONTHS",
     "did you mean MONTH?", NULL},
    {"CREATE TIME DIMENSION d FISCAL YEAR STARTS 13 (KEY a DATE)", "13",
     "unknown month '13', expected January, February,", NULL},
    {"CREATE CUBE c (MEASURE m SUMM(x))", "SUMM", "did you mean SUM?", NULL},
    {"CREATE CUBE c (MEASURE m SUM(*))", "SUM", "SUM(*), expected a column", NULL},
    {"CREATE CUBE c (MEASURE a.m FORMAT '0')", "FORMAT", "[m] is defined in cube [a]", NULL},
    {"CREATE CUBE c (MEASURE m SUM(x), y)", "y",
     "unexpected 'y', expected DIMENSION, COLUMN, MEASURE, MEMBER, SET or DEFAULT", NULL},
    {"CREATE CUBE c (DIMENSION d, CAPTION = 'x')", "CAPTION = 'x'", "the property CAPTION follows no MEMBER",
     NULL},
    {"CREATE CUBE c FROM d (DIMENSION x)", "FROM", "expected CREATE VIRTUAL CUBE", NULL},
    {"CREATE CUBE [] (DIMENSION x)", "[]", "an empty name", NULL},
    {"CREATE MEMBER x AS 1", "x", "[x] without its cube, expected [cube].[name]", NULL},
    {"CREATE MAPPING m INTO CUBE c FROM t (a)", "(", "unexpected '(', expected '.'", NULL},
    {"CREATE MAPPING m INTO CUBE c FROM s.t (a ON UNKNOWN REJEKT)", "REJEKT", "did you mean REJECT?", NULL},
    {"SHOW CUBES OF LOAD 3", "CUBES", "expected SHOW REJECTS OF LOAD", NULL},
};

static void check(const wrong *w)
{
    pt_err err = {0};
    ast_stmt *s;
    arena *a = arena_new(0);
    pt_status st = parse_statement(str_of(w->text), a, &s, &err);
    arena_free(a);
    if (st != PT_SYNTAX && st != PT_VALUE && st != PT_LIMIT) fail_msg("%s: %s", w->text, pt_status_name(st));
    if (!strstr(err.msg, w->says)) fail_msg("%s\n  says '%s'\n  not  '%s'", w->text, err.msg, w->says);
    if (w->hint && !strstr(err.hint, w->hint))
        fail_msg("%s\n  advises '%s'\n  not     '%s'", w->text, err.hint, w->hint);
    if (!w->hint && err.hint[0]) fail_msg("%s\n  advises '%s'", w->text, err.hint);
    pt_str at = {w->text + err.at.start, err.at.end - err.at.start};
    if (!err.has_place || !str_eq(at, str_of(w->at)))
        fail_msg("%s\n  is wrong at '" STR_FMT "', not '%s'", w->text, STR_ARG(at), w->at);
}

static void wrong_queries(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(queries); i++) check(&queries[i]);
}

static void wrong_definitions(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(definitions); i++) check(&definitions[i]);
}

static void the_first_failure_stays(void **state)
{
    (void)state;
    pt_err err = {0};
    ast_stmt *s;
    arena *a = arena_new(0);
    pt_fail(&err, PT_IO, "before");
    assert_int_equal(parse_statement(STR("selec"), a, &s, &err), PT_SYNTAX);
    assert_string_equal(err.msg, "before");
    assert_int_equal(parse_statement(STR("selec"), a, &s, NULL), PT_SYNTAX);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_queries),
        cmocka_unit_test(wrong_definitions),
        cmocka_unit_test(the_first_failure_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
