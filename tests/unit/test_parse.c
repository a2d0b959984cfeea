/* test_parse.c - expressions and queries become the trees that ast.h promises, with places in the text. */
#include "lang/parse.h"

#include <stdio.h>

#include "parse_util.h"
#include "unit.h"

static arena *mem;

static int setup(void **state)
{
    (void)state;
    return (mem = arena_new(0)) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(mem);
    return 0;
}

static ast *expression(const char *text)
{
    pt_err err = {0};
    ast *e = NULL;
    if (parse_expression(str_of(text), mem, &e, &err) != PT_OK) fail_msg("%s: %s", text, err.msg);
    return e;
}

static ast_stmt *statement(const char *text)
{
    pt_err err = {0};
    ast_stmt *s = NULL;
    if (parse_statement(str_of(text), mem, &s, &err) != PT_OK) fail_msg("%s: %s", text, err.msg);
    return s;
}

static void assert_tree(const char *text, const char *want)
{
    strbuf b = {0};
    tree_print(expression(text), &b);
    if (strcmp(b.ptr, want) != 0) fail_msg("%s\n  gives %s\n  not   %s", text, b.ptr, want);
    strbuf_free(&b);
}

static void assert_print(const char *text, const char *want)
{
    strbuf b = {0};
    ast_print(statement(text), &b);
    if (!str_eq(strbuf_str(&b), str_of(want))) fail_msg("%s\n  prints %s\n  not    %s", text, b.ptr, want);
    strbuf_free(&b);
}

/* ---- expressions ----------------------------------------------------------- */

static void operators_bind_by_precedence(void **state)
{
    (void)state;
    assert_tree("1 + 2 * 3 - 4", "(- (+ 1 (* 2 3)) 4)");
    assert_tree("a OR b AND c", "(OR a (AND b c))");
    assert_tree("a XOR b OR c", "(OR (XOR a b) c)");
    assert_tree("a : b OR c", "(OR (: a b) c)");
    assert_tree("a * b : c", "(: (* a b) c)");
    assert_tree("NOT a = b AND c", "(AND (prefix NOT (= a b)) c)");
    assert_tree("NOT NOT a", "(prefix NOT (prefix NOT a))");
    assert_tree("1 < 2 = 3 <> 4", "(<> (= (< 1 2) 3) 4)");
    assert_tree("a <= b + c || d", "(<= a (|| (+ b c) d))");
    assert_tree("-a * b", "(* (prefix - a) b)");
    assert_tree("- -+a", "(prefix - (prefix - (prefix + a)))");
    assert_tree("EXISTING a * b", "(* (prefix EXISTING a) b)");
    assert_tree("-a.b(1).c", "(prefix - (.c (->b a 1)))");
    assert_tree("a / b / c", "(/ (/ a b) c)");
    assert_tree("(1 + 2) * 3", "(* (() (+ 1 2)) 3)");
    assert_tree("a + b AS c", "(AS (+ a b) [c])");
}

static void word_operators(void **state)
{
    (void)state;
    assert_tree("a IS NULL", "(postfix IS NULL a)");
    assert_tree("a IS EMPTY OR b", "(OR (postfix IS EMPTY a) b)");
    assert_tree("a IS b AND c", "(AND (IS a b) c)");
    assert_tree("a IS NOT NULL AND b", "(AND (prefix NOT (postfix IS NULL a)) b)");
    assert_tree("a IS NOT EMPTY AND b", "(AND (prefix NOT (postfix IS EMPTY a)) b)");
    assert_tree("VBA!f(a) + excel!f(b)", "(+ (f a) (f b))");
    assert_tree("a in {b}", "(IN a ({} b))");
    assert_tree("NOT a NOT IN {b}", "(prefix NOT (NOT IN a ({} b)))");
    assert_tree("a = b NOT IN c", "(NOT IN (= a b) c)");
    assert_tree("a AND b NOT MATCHES 'x'", "(AND a (NOT MATCHES b 'x'))");
    assert_tree("a MATCHES b", "(MATCHES a b)");
}

static void names_take_their_segments(void **state)
{
    (void)state;
    assert_tree("[Time].[1997].Q2", "[Time].[1997].Q2");
    assert_tree("[a]]b].[x.y].[]", "[a]b].[x.y].[]");
    assert_tree("[Time].&[1997].&Q1.&7.[x]", "[Time].&1997.&Q1.&7.[x]");
    assert_tree("s.[City].&[CA]&[Beverly]]Hills]&3", "s.[City].&CA&Beverly]Hills&3");
    assert_tree("größe.売上_2$", "größe.売上_2$");
    assert_tree("[Store].Dimension.Properties", "[Store].Dimension.Properties");
}

static void calls_have_the_form_they_were_written_in(void **state)
{
    (void)state;
    assert_tree("Order (a, b, DESC)", "(Order a b DESC)");
    assert_tree("f()", "(f)");
    assert_tree("Descendants(m, , LEAVES)", "(Descendants m _ LEAVES)");
    assert_tree("f(,)", "(f _ _)");
    assert_tree("f(a, )", "(f a _)");
    assert_tree("[s].Children.Item(0).Name", "(.Name (->Item [s].Children 0))");
    assert_tree("f(x).[y z]", "(.y z (f x))");
    assert_tree("{a}.Item(\"b\", 'c').d.e()", "(->e (.d (->Item ({} a) 'b' 'c')))");
    assert_tree("(a, b).Item(1)", "(->Item (() a b) 1)");
    assert_tree("[a].Properties(\"x\")", "(->Properties [a] 'x')");
    assert_tree("{}", "({})");
    assert_tree("{a, {b, c}}", "({} a ({} b c))");
    assert_tree("f({a} AS s, s.Current)", "(f (AS ({} a) [s]) s.Current)");
}

static void case_and_cast(void **state)
{
    (void)state;
    assert_tree("CASE WHEN a THEN 1 END", "(CASE _ a 1 _)");
    assert_tree("CASE x WHEN 1 THEN a WHEN 2 THEN b ELSE c END.Name", "(.Name (CASE x 1 a 2 b c))");
    assert_tree("CAST(1 + 2 AS STRING) || 'x'", "(|| (CAST STRING (+ 1 2)) 'x')");
}

static void leaves(void **state)
{
    (void)state;
    assert_tree("\"say \"\"hi\"\"\" || 'it''s'", "(|| 'say \"hi\"' 'it's')");
    assert_tree("@from + $1", "(+ @from @1)");
    assert_tree("null", "NULL");
    assert_tree("1 --2\n + /* 3 */ 4 // 5", "(+ 1 4)");
    assert_tree("1 /* /* ** */+ 2", "(+ 1 2)");
}

static void numbers_are_exact(void **state)
{
    (void)state;
    pt_value v = expression("3000000000")->number;
    assert_int_equal(v.kind, VAL_INT);
    assert_int_equal(v.i, 3000000000);
    v = expression("12.50")->number;
    assert_int_equal(v.kind, VAL_DEC);
    assert_int_equal(v.scale, 2);
    assert_true(v.dec == 1250);
    assert_true(value_eq(expression(".5")->number, value_dec(5, 1)));
    assert_true(value_eq(expression("5.")->number, value_int(5)));
    assert_str(expression("5.")->text, "5");
    assert_true(value_eq(expression("1.5E-4")->number, value_dec(15, 5)));
    assert_true(value_eq(expression("1e3")->number, value_int(1000)));
    v = expression("12345678901234567890")->number;
    assert_int_equal(v.kind, VAL_DEC);
    assert_true(v.dec == (pt_i128)1234567890123456789 * 10);
    v = expression("1e-30")->number;
    assert_int_equal(v.kind, VAL_DOUBLE);
    assert_true(v.f == 1e-30);
    assert_str(expression("1.5E-4")->text, "1.5E-4");
}

static void only_the_reserved_words_are_reserved(void **state)
{
    static const char reserved[] =
        " AND AS AXIS CASE CAST CELL CHAPTERS COLUMNS DIMENSION DRILLTHROUGH ELSE EMPTY END EXISTING EXPLAIN "
        "FIRSTROWSET FOR FROM IN IS MATCHES MAXROWS MEMBER NON NOT NULL ON OR PAGES PLAN PROPERTIES RETURN "
        "ROWS "
        "SECTIONS SELECT SET THEN WHEN WHERE XOR WITH ";
    (void)state;
    size_t n, n_reserved = 0;
    const char *const *words = lang_keywords(&n);
    for (size_t i = 0; i < n; i++) {
        char padded[32], text[128];
        ast *e;
        snprintf(padded, sizeof padded, " %s ", words[i]);
        bool is_reserved = strstr(reserved, padded) != NULL;
        n_reserved += is_reserved;
        if (i) assert_true(strcmp(words[i - 1], words[i]) < 0);
        snprintf(text, sizeof text, "%s + 1", words[i]);
        bool is_prefix = strcmp(words[i], "NOT") == 0 || strcmp(words[i], "EXISTING") == 0;
        pt_status st = parse_expression(str_of(text), mem, &e, NULL);
        bool is_name = st == PT_OK && e->args[0]->kind == AST_ID;
        if (!is_prefix && is_name == is_reserved) fail_msg("%s as a name", words[i]);
        snprintf(text, sizeof text, "{[%s].[%s]}", words[i], words[i]);
        expression(text);
        if (is_reserved) continue;
        snprintf(text, sizeof text, "%s(%s, a.%s, b.%s(1), {c}.%s)", words[i], words[i], words[i], words[i],
                 words[i]);
        expression(text);
    }
    assert_int_equal(n_reserved, 41);
}

/* ---- queries ------------------------------------------------------------------ */

static void a_query_keeps_what_was_said(void **state)
{
    (void)state;
    const ast_select *s =
        statement("with member Measures.x as 1 + 2, FORMAT_STRING = '0', SOLVE_ORDER = -1 "
                  "set [s] as '{[a], [b]}' "
                  "select non empty {x} dimension properties [a].[b], Name on rows, s on axis(0) "
                  "from [Sales Ragged] where (a, b) cell properties VALUE, FORE_COLOR;")
            ->select;
    assert_int_equal(s->n_formulas, 2);
    assert_false(s->formulas[0].is_set);
    assert_int_equal(s->formulas[0].n_props, 2);
    assert_str(s->formulas[0].props[1].name, "SOLVE_ORDER");
    assert_int_equal(s->formulas[0].props[0].value->kind, AST_STRING);
    assert_true(s->formulas[1].is_set);
    assert_int_equal(s->formulas[1].body->syntax, SYN_BRACES);
    assert_int_equal(s->n_axes, 2);
    assert_true(s->axes[0].non_empty);
    assert_int_equal(s->axes[0].number, 1);
    assert_int_equal(s->axes[0].n_props, 2);
    assert_int_equal(s->axes[1].number, 0);
    assert_str(s->cube, "Sales Ragged");
    assert_int_equal(s->slicer->syntax, SYN_PARENS);
    assert_int_equal(s->n_cell_props, 2);
}

static void queries_print_on_one_line(void **state)
{
    (void)state;
    assert_print("select from sales", "SELECT FROM [sales]");
    assert_print(
        "SELECT a ON 0, b ON 1, c ON 2, d ON 3, e ON 4, f ON 5 FROM [x]]y]",
        "SELECT a ON COLUMNS, b ON ROWS, c ON PAGES, d ON CHAPTERS, e ON SECTIONS, f ON AXIS(5) FROM [x]]y]");
    assert_print("WITH MEMBER Measures.a AS 'Iif(x, \"y\"\"z\", ''q'')', CAPTION = 'it''s' SELECT FROM s",
                 "WITH MEMBER Measures.a AS Iif(x, \"y\"\"z\", \"q\"), CAPTION = \"it's\" SELECT FROM [s]");
    assert_print("SELECT - - -(a) * -1 ON 0 FROM s", "SELECT - - -(a) * -1 ON COLUMNS FROM [s]");
    assert_print("SELECT {a.[from].dimension.x, $1, @y} ON 0 FROM s",
                 "SELECT {a.[from].dimension.x, $1, @y} ON COLUMNS FROM [s]");
}

static void other_query_statements(void **state)
{
    (void)state;
    const ast_stmt *s = statement("DRILLTHROUGH MAXROWS 10 FIRSTROWSET 3 SELECT FROM s RETURN [a].[b], m");
    assert_int_equal(s->kind, STMT_DRILLTHROUGH);
    assert_int_equal(s->max_rows, 10);
    assert_int_equal(s->first_row, 3);
    assert_int_equal(s->n_items, 2);
    s = statement("DRILLTHROUGH SELECT FROM s");
    assert_int_equal(s->max_rows, -1);
    assert_int_equal(s->first_row, -1);
    assert_false(statement("EXPLAIN PLAN FOR SELECT FROM s")->analyze);
    assert_true(statement("EXPLAIN ANALYZE SELECT FROM s")->analyze);
    assert_int_equal(statement("EXPLAIN SELECT FROM s")->kind, STMT_EXPLAIN);
    assert_int_equal(statement("SELECT FROM (SELECT {a} ON 0 FROM s)")->select->subselect->n_axes, 1);
    assert_int_equal(statement(" -- nothing\n;;")->kind, STMT_EMPTY);
}

/* ---- quoted formulas ------------------------------------------------------------ */

static pt_str slice(const char *text, pt_span at)
{
    return (pt_str){text + at.start, at.end - at.start};
}

static void places_in_quoted_formulas_are_those_of_the_statement(void **state)
{
    (void)state;
    const char *text = "WITH MEMBER m AS 'Iif(''a'' = ''b''''c'', foo.bar, 7)' SELECT FROM s";
    const ast_formula *f = &statement(text)->select->formulas[0];
    const ast *iif = f->body;
    assert_str(slice(text, iif->at), "Iif(''a'' = ''b''''c'', foo.bar, 7)");
    assert_str(slice(text, iif->name_at), "Iif");
    assert_str(slice(text, iif->args[0]->name_at), "=");
    assert_str(slice(text, iif->args[0]->args[1]->at), "''b''''c''");
    assert_str(iif->args[0]->args[1]->text, "b'c");
    assert_str(slice(text, iif->args[1]->at), "foo.bar");
    assert_str(slice(text, iif->args[1]->segs[1].at), "bar");
    assert_str(slice(text, iif->args[2]->at), "7");
    assert_str(slice(text, f->body_at), "'Iif(''a'' = ''b''''c'', foo.bar, 7)'");
}

static void double_quoted_formulas_are_texts(void **state)
{
    (void)state;
    const ast *e = statement("WITH MEMBER m AS \"1 + 2\" SELECT FROM s")->select->formulas[0].body;
    assert_int_equal(e->kind, AST_STRING);
    assert_str(e->text, "1 + 2");
}

static void text_behind_a_quoted_formula_is_passed_over_in_queries_only(void **state)
{
    (void)state;
    pt_err err = {0};
    ast_stmt *s;
    assert_print("WITH MEMBER m AS '1 + 2 zzz [x]' SELECT FROM s", "WITH MEMBER m AS 1 + 2 SELECT FROM [s]");
    assert_print("WITH MEMBER m AS '5.Name' SELECT FROM s", "WITH MEMBER m AS 5 SELECT FROM [s]");
    assert_fails(parse_statement(STR("CREATE MEMBER [s].[m] AS '1 + 2 zzz'"), mem, &s, &err), PT_SYNTAX,
                 "unexpected text behind the formula");
    assert_fails(parse_statement(STR("CREATE CUBE s (MEMBER [m] AS '1 zzz')"), mem, &s, &err), PT_SYNTAX,
                 "unexpected text behind the formula");
    assert_fails(parse_statement(STR("WITH MEMBER m AS '1 + ' SELECT FROM s"), mem, &s, &err), PT_SYNTAX,
                 "unexpected end of the formula");
}

/* ---- places, scripts, limits ------------------------------------------------------ */

static void nodes_know_their_place(void **state)
{
    (void)state;
    const char *text = "SELECT {a, [b c].Item(0)} ON 0 FROM Sales WHERE x NOT IN {y}";
    const ast_select *s = statement(text)->select;
    const ast *item = s->axes[0].set->args[1];
    assert_str(slice(text, s->axes[0].at), "{a, [b c].Item(0)} ON 0");
    assert_str(slice(text, item->at), "[b c].Item(0)");
    assert_str(slice(text, item->name_at), "Item");
    assert_str(slice(text, item->args[0]->at), "[b c]");
    assert_str(slice(text, s->cube_at), "Sales");
    assert_str(slice(text, s->slicer->name_at), "NOT IN");
}

static void scripts_are_statements_between_semicolons(void **state)
{
    (void)state;
    pt_err err = {0};
    ast_stmt **all;
    uint32_t n;
    const char *text = "; SHOW CUBES;\n\n-- the second; really\nSELECT FROM s ;;";
    assert_ok(parse_script(str_of(text), mem, &all, &n, &err));
    assert_int_equal(n, 2);
    assert_int_equal(all[0]->kind, STMT_SHOW);
    assert_str(slice(text, all[1]->at), "SELECT FROM s");
    assert_ok(parse_script(STR(""), mem, &all, &n, &err));
    assert_int_equal(n, 0);
    assert_fails(parse_statement(STR("SHOW CUBES; SHOW CUBES"), mem, &all[0], &err), PT_SYNTAX,
                 "expected the end");
}

/* n times `unit` between `before` and `after`. */
static pt_str repeated(const char *before, const char *unit, size_t n, const char *after)
{
    strbuf b = {0};
    strbuf_addz(&b, before);
    for (size_t i = 0; i < n; i++) strbuf_addz(&b, unit);
    strbuf_addz(&b, after);
    pt_str s = str_copy(mem, strbuf_str(&b));
    strbuf_free(&b);
    return s;
}

static void nesting_is_limited(void **state)
{
    static const char *const units[] = {"(",    "{",     "f(",   "NOT ",      "- ",
                                        "a + ", "CAST(", "a.b(", "EXISTING ", "CASE "};
    (void)state;
    pt_err err = {0};
    ast *e;
    ast_stmt *s;
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        size_t most = PARSE_MAX_TEXT / strlen(units[i]) - 1;
        for (size_t n = 600; n < PARSE_MAX_TEXT; n *= 25) {
            pt_str text = repeated("", units[i], n < most ? n : most, "x");
            pt_err_clear(&err);
            pt_status st = parse_expression(text, mem, &e, &err);
            /* a CASE without its END need not be deep enough to be too deep */
            bool is_right = st == PT_LIMIT || (st == PT_SYNTAX && strcmp(units[i], "CASE ") == 0);
            if (!is_right) fail_msg("%zu times %s: %s", n, units[i], err.msg);
        }
    }
    assert_fails(parse_statement(repeated("", "SELECT FROM (", 5000, "x"), mem, &s, &err), PT_LIMIT,
                 "nested");
    assert_ok(parse_expression(repeated("", "a + ", PARSE_MAX_DEPTH - 1, "x"), mem, &e, &err));
    assert_int_equal(e->depth, PARSE_MAX_DEPTH);
    assert_fails(parse_expression(repeated("", "a + ", PARSE_MAX_DEPTH, "x"), mem, &e, &err), PT_LIMIT,
                 "500 deep");
    assert_ok(parse_expression(repeated("{", "a, ", 100000, "x}"), mem, &e, &err));
    assert_int_equal(e->n, 100001);
}

static void hostile_texts_are_refused(void **state)
{
    (void)state;
    pt_err err = {0};
    ast *e;
    assert_fails(parse_expression(repeated("", " ", PARSE_MAX_TEXT, "1"), mem, &e, &err), PT_LIMIT, "bytes");
    assert_ok(parse_expression(repeated("", " ", PARSE_MAX_TEXT - 1, "1"), mem, &e, &err));
    assert_fails(parse_expression(STR("a + \xff"), mem, &e, &err), PT_SYNTAX, "0xFF is not UTF-8");
    assert_fails(parse_expression((pt_str){"a\0b", 3}, mem, &e, &err), PT_SYNTAX, "control character U+0000");
    assert_fails(parse_expression(repeated("a.", "&1", 40, ""), mem, &e, &err), PT_LIMIT,
                 "a key of more than");
}

static void every_failed_allocation_is_reported(void **state)
{
    (void)state;
    const char *text =
        "CREATE CUBE c (DIMENSION a, b, MEASURE m SUM(x) FORMAT '0', MEMBER y.z AS 'f(a.&1&2, ''q'')', "
        "CAPTION = CASE WHEN a THEN -1.5 END);";
    for (uint64_t k = 1;; k++) {
        pt_err err = {0};
        ast_stmt *s;
        arena *a = arena_new(0);
        arena_fail_at(a, k);
        pt_status st = parse_statement(str_of(text), a, &s, &err);
        arena_free(a);
        if (st == PT_OK) {
            assert_in_range(k, 20, 1000);
            return;
        }
        assert_int_equal(st, PT_NOMEM);
    }
}

static void text_place_counts_characters(void **state)
{
    (void)state;
    uint32_t line, column;
    pt_str text = STR("ab\nöx\n");
    text_place(text, 0, &line, &column);
    assert_int_equal(line * 100 + column, 101);
    text_place(text, 5, &line, &column); /* x, behind a letter of two bytes */
    assert_int_equal(line * 100 + column, 202);
    text_place(text, 1000, &line, &column);
    assert_int_equal(line * 100 + column, 301);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operators_bind_by_precedence),
        cmocka_unit_test(word_operators),
        cmocka_unit_test(names_take_their_segments),
        cmocka_unit_test(calls_have_the_form_they_were_written_in),
        cmocka_unit_test(case_and_cast),
        cmocka_unit_test(leaves),
        cmocka_unit_test(numbers_are_exact),
        cmocka_unit_test(only_the_reserved_words_are_reserved),
        cmocka_unit_test(a_query_keeps_what_was_said),
        cmocka_unit_test(queries_print_on_one_line),
        cmocka_unit_test(other_query_statements),
        cmocka_unit_test(places_in_quoted_formulas_are_those_of_the_statement),
        cmocka_unit_test(double_quoted_formulas_are_texts),
        cmocka_unit_test(text_behind_a_quoted_formula_is_passed_over_in_queries_only),
        cmocka_unit_test(nodes_know_their_place),
        cmocka_unit_test(scripts_are_statements_between_semicolons),
        cmocka_unit_test(nesting_is_limited),
        cmocka_unit_test(hostile_texts_are_refused),
        cmocka_unit_test(every_failed_allocation_is_reported),
        cmocka_unit_test(text_place_counts_characters),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
