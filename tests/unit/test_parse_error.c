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
    {"SELECT a = = b ON 0 FROM s", "=", "unexpected '=', expected an expression", "equality is written ="},
    {"SELECT f(a b) ON 0 FROM s", "b", "unexpected 'b', expected ')', ',' or an operator",
     "a name of several words stands in brackets: [a b]"},
    {"SELECT CASE WHEN a THEN b ON 0 FROM s", "ON",
     "unexpected 'ON', expected WHEN, ELSE, END or an operator", NULL},
    {"SELECT a..b ON 0 FROM s", ".", "unexpected '.', expected a name", "a range of members is a : b"},
    {"WITH MEMBER Measures.Select AS 1 SELECT FROM s", "Select", "unexpected 'Select', expected a name",
     "SELECT is a reserved word; as a name it is written [Select]"},
    {"SELECT [Time].1997 ON 0 FROM s", ".1997",
     "unexpected '.1997', expected ON, DIMENSION, PROPERTIES, HAVING or an operator",
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
     "unexpected ffffffffffgggggggggghhhhhhhhhhiiiiiiiiii..., expected", "in brackets: [aaaaa"},
};

/* What people write who come from SQL, from other servers, from a text processor or from another keyboard. */
static const wrong habits[] = {
    {"SELECT * FROM s", "*", "unexpected '*'", "name what is asked for"},
    {"SELECT [a].[b] FROM s", "FROM", "expected ON", "a query says where each set goes"},
    {"SELECT [a].[b], [c].[d] FROM s", ",", "expected ON", "a query says where each set goes"},
    {"SELECT [a] ON 0 FROM s GROUP BY b", "GROUP", "unexpected 'GROUP'",
     "the members on an axis are the groups"},
    {"SELECT [a] ON 0 FROM s ORDER BY b", "ORDER", "unexpected 'ORDER'", "Order(set, value, BDESC)"},
    {"SELECT [a] ON 0 FROM s LIMIT 3", "LIMIT", "unexpected 'LIMIT'", "Head(set, n)"},
    {"SELECT TOP 3 [a] ON 0 FROM s", "3", "unexpected '3'", "TopCount(set, n, value)"},
    {"ADVISE CUBOIDS FOR CUBE s WITHIN 20 MB", "MB", "unexpected 'MB'", "'20 MB'"},
    {"SET LIMIT TIME = 30 s", "s", "unexpected 's'", "'20 s'"},
    {"SELECT DISTINCT [a] ON 0 FROM s", "[a]", "unexpected [a]", "Distinct(set)"},
    {"SELECT Count(DISTINCT [a]) ON 0 FROM s", "[a]", "unexpected [a]", "Count(Distinct(set))"},
    {"SELECT [a] ON 0 FROM s, t", ",", "unexpected ','", "a query asks one cube"},
    {"SELECT [a] ON 0 FROM db.s", ".", "unexpected '.'", "a query names its cube alone"},
    {"SELECT [a] ON 0 WHERE b FROM s", "WHERE", "expected ',' or FROM", "FROM comes before WHERE"},
    {"SELECT [a] ON 0 FROM s WHERE b, c", ",", "unexpected ','", "WHERE (a, b)"},
    {"SELECT Filter(a, b LIKE 'c') ON 0 FROM s", "LIKE", "unexpected 'LIKE'", "MATCHES"},
    {"SELECT Filter(a, b != 0) ON 0 FROM s", "!", "unexpected character '!'", "not equal is written <>"},
    {"SELECT Filter(a, b && c) ON 0 FROM s", "&", "unexpected '&'", "x AND y"},
    {"SELECT Filter(a, b | c) ON 0 FROM s", "|", "unexpected character '|'", "x OR y"},
    {"WITH MEMBER m AS a ^ 2 SELECT FROM s", "^", "unexpected character '^'", "Power(x, y)"},
    {"WITH MEMBER m AS a % 2 SELECT FROM s", "%", "unexpected '%'", "Mod(a, b)"},
    {"WITH MEMBER m AS 1,5 * a SELECT FROM s", "5", "unexpected '5'", "a decimal is written with a point"},
    {"WITH MEMBER m AS IF [a] THEN 1 END SELECT FROM s", "[a]", "unexpected [a]", "Iif(condition, a, b)"},
    {"WITH MEMBER m AS 'it's' SELECT FROM s", "s", "unexpected 's'", "a quote inside a text is doubled"},
    {"WITH MEMBER m AS 1, MEMBER n AS 2 SELECT FROM s", "MEMBER", "unexpected 'MEMBER'", "one too many"},
    {"SELECT {[a], } ON 0 FROM s", "}", "expected an expression", "one too many"},
    {"SELECT [a]} ON 0 FROM s", "}", "unexpected '}'", "nothing is open that it would close"},
    {"SELECT {(a} ON 0 FROM s", "}", "unexpected '}', expected ')'", NULL},
    {"SELECT {[a].} ON 0 FROM s", "}", "unexpected '}', expected a name", NULL},
    {"SELECT [a][b] ON 0 FROM s", "[b]", "unexpected [b]", "a point stands between the names"},
    {"SELECT [a].Unit Sales ON 0 FROM s", "Sales", "unexpected 'Sales'", "in brackets: [Unit Sales]"},
    {"SELECT FROM Warehouse and Sales", "and", "unexpected 'and'", "in brackets: [Warehouse and ...]"},
    {"SELECT [a] ON COLUMN FROM s", "COLUMN", "unexpected 'COLUMN', did you mean COLUMNS?", NULL},
    {"SELECT NONEMPTY {a} ON 0 FROM s", "{", "unexpected '{'", "NON EMPTY are two words"},
    {"SELECT EMPTY {a} ON 0 FROM s", "EMPTY", "unexpected 'EMPTY'", "NON EMPTY are two words"},
    {"SELECT NON EMPTY ON 0 FROM s", "ON", "expected an expression", NULL},
    {"SELECT TopCount [a] ON 0 FROM s", "[a]", "unexpected [a]", "in parentheses: TopCount(...)"},
    {"SELECT [a].Member ON 0 FROM s", "Member", "unexpected 'Member'", "are .Members"},
    {"SELECT {[a] TO [b]} ON 0 FROM s", "TO", "unexpected 'TO'", "a range of members is a : b"},
    {"SELECT {:a} ON 0 FROM s", ":", "unexpected ':'", "a parameter is written @name"},
    {"SELECT {?} ON 0 FROM s", "?", "unexpected character '?'", "a parameter is written @name"},
    {"SELECT [a].\"b c\" ON 0 FROM s", "\"b c\"", "expected a name",
     "names stand in brackets, texts in quotes: [b c]"},
    {"SELECT `a` ON 0 FROM s", "`", "unexpected character '`'", "names stand in brackets"},
    {"SELECT a] ON 0 FROM s", "]", "unexpected character ']'", "no [ stands before it"},
    {"SELECT {a，b} ON 0 FROM s", "，", "unexpected character '，'", "the full-width sign is written ,"},
    {"SELECT {a、b} ON 0 FROM s", "、", "unexpected character '、'", "a comma is written ,"},
    {"SELECT 【a】 ON 0 FROM s", "【", "unexpected character '【'", "names stand in brackets"},
    {"SELECT a ≥ b ON 0 FROM s", "≥", "unexpected character '≥'", "at least is written >="},
    {"SELECT \u200b{a} ON 0 FROM s", "\u200b", "unexpected character U+200B", "cannot be seen"},
    {"DRILLTHROUGH SELECT FROM s MAXROWS 3", "MAXROWS", "unexpected 'MAXROWS'", "it comes before the query"},
    /* names in brackets that are not closed */
    {"SELECT {[a].[b} ON 0 FROM [s]", "[", "runs into the next one, expected ]", NULL},
    {"SELECT {[a].[b ON 0 FROM [s]", "[", "runs into the next one, expected ]", NULL},
    {"SELECT {[a].&[b} ON 0 FROM [s]", "[", "runs into the next one, expected ]", NULL},
    /* statements that are not offered */
    {"CREATE SESSION CUBE c FROM s (MEASURE s.m)", "CUBE", "CREATE SESSION CUBE is not offered",
     "CREATE VIRTUAL CUBE"},
    {"CREATE SUBCUBE s AS SELECT FROM s", "SUBCUBE", "CREATE SUBCUBE is not offered", "FROM (SELECT"},
    {"WITH CACHE AS '(a)' SELECT FROM s", "CACHE", "WITH CACHE is not offered", "CREATE CUBOID"},
    {"WITH CELL CALCULATION c FOR 'a' AS '1' SELECT FROM s", "CELL", "WITH CELL CALCULATION is not offered",
     "WITH MEMBER"},
    {"CREATE CELL CALCULATION c FOR 'a' AS '1'", "CELL", "CREATE CELL CALCULATION is not offered",
     "CREATE MEMBER"},
    {"ALTER CUBE s CREATE DIMENSION MEMBER m", "CREATE", "ALTER CUBE with CREATE is not offered", "LOAD"},
    {"UPDATE CUBE s SET (a) = 1", "UPDATE", "UPDATE is not offered", "LOAD"},
    {"INSERT INTO s VALUES (1)", "INSERT", "INSERT is not offered", "LOAD"},
    {"SET LIMIT CELL = 1", "CELL", "unexpected 'CELL'", NULL},
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
    if (st != PT_SYNTAX && st != PT_VALUE && st != PT_LIMIT && st != PT_UNSUPPORTED)
        fail_msg("%s: %s", w->text, pt_status_name(st));
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

static void habits_of_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(habits); i++) check(&habits[i]);
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
        cmocka_unit_test(habits_of_others),
        cmocka_unit_test(wrong_definitions),
        cmocka_unit_test(the_first_failure_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
