/* test_query.c - what surrounds a question: drill-through, EXPLAIN, parameters, limits, cancelling, formats
 * of cells, and what the shell completes; asked of the small warehouse. */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "tests/mdx/shop.h"

static const char *source_dir; /* the program's argument */

static int setup(void **state)
{
    small_shop *s = calloc(1, sizeof *s);
    assert_non_null(s);
    small_shop_open(s, source_dir);
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    small_shop_close(*state);
    free(*state);
    return 0;
}

/* ---- asking ------------------------------------------------------------ */

/* The rows as "a,b|c,d"; of a failure "CODE: message". The caller frees. */
static char *ask_with(small_shop *s, const char *statement, const patron_params *params)
{
    strbuf b = {0};
    patron_error err = PATRON_ERROR_INIT;
    patron_result *r = patron_execute(s->session, statement, params, &err);
    if (!r) strbuf_printf(&b, "%s: %s", patron_error_name(err.code), err.message);
    for (uint64_t row = 0; r && row < patron_n_rows(r); row++)
        for (uint32_t c = 0; c < patron_n_columns(r); c++)
            strbuf_printf(&b, "%s%s", c ? "," : row ? "|" : "", patron_text(r, row, c));
    strbuf_addc(&b, 0);
    assert_false(b.failed);
    patron_result_free(r);
    return b.ptr;
}

static void expect_with(small_shop *s, const char *statement, const patron_params *params, const char *want)
{
    char *got = ask_with(s, statement, params);
    if (strcmp(got, want) != 0) fail_msg("%s\n  gives %s\n  want  %s", statement, got, want);
    free(got);
}

static void expect(small_shop *s, const char *statement, const char *want)
{
    expect_with(s, statement, NULL, want);
}

static void expect_part(small_shop *s, const char *statement, const char *part)
{
    char *got = ask_with(s, statement, NULL);
    if (!strstr(got, part)) fail_msg("%s\n  gives %s\n  want  %s", statement, got, part);
    free(got);
}

/* ---- drill-through ----------------------------------------------------- */

#define OF_CA   "SELECT {[Measures].[Units]} ON 0 FROM [S] WHERE [Geo].[USA].[CA]"
#define RETURNS " RETURN [Who].[Person], [Measures].[Units], [Measures].[Cost]"

static void drillthrough_gives_the_facts_of_the_cell(void **state)
{
    expect(*state, "DRILLTHROUGH " OF_CA RETURNS, "1,10,20|2,20,41|1,5,11");
    expect(*state, "DRILLTHROUGH SELECT FROM [S] WHERE [Who].[M]" RETURNS, "2,20,41|3,40,81");
    /* of several cells the first */
    expect(*state, "DRILLTHROUGH SELECT [Geo].[USA].Children ON 0 FROM [S]" RETURNS,
           "1,10,20|2,20,41|1,5,11");
    expect(*state, "DRILLTHROUGH SELECT {[Geo].[Canada]} ON 0 FROM [S]" RETURNS, "");
    /* a set in the slicer */
    expect(*state, "DRILLTHROUGH SELECT FROM [S] WHERE {[Geo].[USA].[CA].[SF], [Geo].[USA].[OR]}" RETURNS,
           "1,5,11|3,40,81");
}

/* A hierarchy that the cube of the measure does not have leaves facts only at its default member. */
static void drillthrough_of_a_virtual_cube(void **state)
{
#define STOCK "DRILLTHROUGH SELECT {[Measures].[Stock]} ON 0 FROM "
#define ROWS  " RETURN [Geo].[State], [Measures].[Stock]"
    expect(*state, STOCK "[Both] WHERE [Who].[All Who]" ROWS, "CA,7|OR,9");
    expect(*state, STOCK "[Both] WHERE [Who].[M]" ROWS, "");
    expect(*state, STOCK "[Both] WHERE {[Who].[M], [Who].[F]}" ROWS, "");
    expect(*state,
           STOCK "[Both] WHERE {([Geo].[USA].[CA], [Who].[All Who]), ([Geo].[USA].[OR], [Who].[F])}" ROWS,
           "CA,7");
    expect(*state, STOCK "(SELECT {[Who].[M]} ON 0 FROM [Both])" ROWS, "");
#undef STOCK
#undef ROWS
}

static void drillthrough_limits_rows(void **state)
{
    expect(*state, "DRILLTHROUGH MAXROWS 2 " OF_CA RETURNS, "1,10,20|2,20,41");
    expect(*state, "DRILLTHROUGH FIRSTROWSET 1 " OF_CA RETURNS, "2,20,41|1,5,11");
    /* the limit comes first, then the rows are skipped */
    expect(*state, "DRILLTHROUGH MAXROWS 2 FIRSTROWSET 3 " OF_CA RETURNS, "");
}

static void drillthrough_columns(void **state)
{
    small_shop *s = *state;
    patron_error err = PATRON_ERROR_INIT;
    patron_result *r = patron_execute(s->session, "DRILLTHROUGH " OF_CA " RETURN [Geo].[City]", NULL, &err);
    assert_non_null(r);
    assert_int_equal(patron_n_columns(r), 2); /* a level shown by a name has its key, too */
    assert_string_equal(patron_column_name(r, 0), "City");
    assert_string_equal(patron_column_name(r, 1), "City (Key)");
    patron_result_free(r);
    r = patron_execute(s->session, "DRILLTHROUGH " OF_CA, NULL, &err);
    assert_non_null(r);
    assert_string_equal(patron_column_name(r, patron_n_columns(r) - 1), "Units");
    assert_string_equal(patron_column_name(r, 0), "Year");
    patron_result_free(r);
}

static void drillthrough_says_what_has_no_facts(void **state)
{
    expect(*state, "DRILLTHROUGH WITH MEMBER [Geo].[x] AS 1 SELECT FROM [S] WHERE [Geo].[x]",
           "UNSUPPORTED: the calculated member [Geo].[x] has no facts to drill through to");
    expect_part(*state, "DRILLTHROUGH SELECT {} ON 0 FROM [S]", "VALUE: the query has no cell");
    expect_part(*state, "DRILLTHROUGH " OF_CA " RETURN [Measures].[Price]", "TYPE: RETURN lists levels");
    expect_part(*state, "DRILLTHROUGH " OF_CA " RETURN [Geo].[Town]", "NAME: unknown");
    /* a calculated measure is replaced by the default one */
    expect(
        *state,
        "DRILLTHROUGH SELECT {[Measures].[Price]} ON 0 FROM [S] WHERE [Geo].[USA].[OR] RETURN [Who].[Person]",
        "3");
}

/* ---- EXPLAIN ----------------------------------------------------------- */

static void explain_tells_without_running(void **state)
{
    expect_part(*state, "EXPLAIN " OF_CA, "cube [S]");
    expect_part(*state, "EXPLAIN PLAN FOR " OF_CA, "measures [Units]");
    expect_part(*state, "EXPLAIN ANALYZE " OF_CA, "requests: 1");
    expect_part(*state, "EXPLAIN ANALYZE " OF_CA, "cells: 1 not empty");
    expect_part(*state, "EXPLAIN ANALYZE " OF_CA, "1 from the cell cache");
    expect_part(*state, "EXPLAIN SELECT {[Geo].[USS]} ON 0 FROM [S]", "NAME: unknown member [USS]");
}

/* Where facts are and what they hold is asked for at once, for all measures. */
static void explain_counts_one_request_for_many_measures(void **state)
{
    strbuf b = {0};
    strbuf_addz(
        &b, "EXPLAIN ANALYZE SELECT {[Measures].[Units], [Measures].[Cost]} ON 0, NON EMPTY {[Geo].[USA]");
    for (int i = 0; i < 30000; i++) strbuf_addz(&b, ",[Geo].[USA]");
    strbuf_addz(&b, "} ON 1 FROM [S]");
    strbuf_addc(&b, 0);
    assert_false(b.failed);
    expect_part(*state, b.ptr, "requests: 1");
    strbuf_free(&b);
}

/* Subtotals are made from the finest totals. */
#define GEO_TOTALS "SELECT {[Geo].[USA], [Geo].[USA].[CA], [Geo].[USA].[OR]} ON 0 FROM [S]"

static void explain_tells_of_shared_passes(void **state)
{
    expect_part(*state, "EXPLAIN " GEO_TOTALS, "sum up these groups by [Geo]");
    expect_part(*state, "EXPLAIN ANALYZE " GEO_TOTALS, "groups of a shared pass: 2 request(s)");
    expect_part(*state, "SET SHARING = OFF", "");
    expect_part(*state, "EXPLAIN " GEO_TOTALS, "|group by [Geo].[Country]");
    expect_part(*state, "SHOW SHARING", "off");
    expect_part(*state, "SET SHARING = ON", "");
}

/* ---- parameters -------------------------------------------------------- */

static void parameters_are_bound_from_outside(void **state)
{
    const patron_param two = {"n", "2", 1}, none = {"n", NULL, 0}, name = {"where", "[Geo].[USA].[OR]", 0};
    const patron_params number = {1, &two}, null = {1, &none}, text = {1, &name};
    const char *head = "SELECT {[Measures].[Units]} ON 0, Head([Geo].[City].Members, @n) ON 1 FROM [S]";
    expect_with(*state, head, &number, "Vancouver,|LA,30");
    expect_with(*state, head, &null, "");
    expect(*state, head, "NAME: no value is bound to the parameter @n");
    expect_with(*state, "SELECT FROM [S] WHERE StrToMember(@where)", &text, "40");
    /* the value given takes the place of the default, wherever the parameter is used */
    expect_with(*state,
                "WITH MEMBER [Measures].[x] AS Parameter(\"n\", NUMERIC, 7) + ParamRef(\"n\") "
                "SELECT {[Measures].[x]} ON 0 FROM [S]",
                &number, "4");
    expect_with(*state,
                "WITH MEMBER [Measures].[x] AS Parameter(\"where\", [Geo], [Geo].[USA]).Name "
                "SELECT {[Measures].[x]} ON 0 FROM [S]",
                &text, "OR");
}

/* ---- limits ------------------------------------------------------------ */

/* Fifty million conditions, each of its own: minutes of work in little memory. */
#define ENDLESS                                                                                              \
    "WITH MEMBER [Measures].[x] AS Sum([Time].[Weekly].[Day].Members, Sum([Time].[Time].[Month].Members, "   \
    "Sum([Geo].Members, Sum([Place].Members, Sum([Staff].Members, Sum([Who].Members, "                       \
    "IIf([Time].[Weekly].CurrentMember.Name || [Time].[Time].CurrentMember.Name || "                         \
    "[Geo].CurrentMember.Name || [Place].CurrentMember.Name || [Staff].CurrentMember.Name = "                \
    "[Who].CurrentMember.Name, 1, 2))))))) SELECT {[Measures].[x]} ON 0 FROM [S]"

static void limits_end_a_statement_and_not_the_session(void **state)
{
    expect(*state, "SET LIMIT CELLS = 10", "");
    expect_part(*state, "SELECT [Time].[Weekly].[Day].Members ON 0 FROM [S]", "LIMIT: ");
    expect(*state, "SET LIMIT CELLS = 1000000", "");
    expect(*state, "SET LIMIT MEMORY = '1 MB'", "");
    expect_part(
        *state,
        "SELECT [Time].[Weekly].[Day].Members * [Time].[Month].Members ON 0, [Geo].Members ON 1 FROM [S]",
        "NOMEM: ");
    expect(*state, "SET LIMIT MEMORY = '512 MB'", "");
    expect(*state, "SET LIMIT TIME = '50 ms'", "");
    expect_part(*state, ENDLESS, "LIMIT: the statement ran longer than its time limit");
    expect(*state, "SET LIMIT TIME = 'none'", "");
    expect(*state, "SELECT FROM [S]", "75");
}

static void recursion_ends(void **state)
{
    expect_part(
        *state,
        "WITH MEMBER [Measures].[a] AS [Measures].[b] + 1 MEMBER [Measures].[b] AS [Measures].[a] + 1 "
        "SELECT {[Measures].[a]} ON 0 FROM [S]",
        "#ERR");
}

typedef struct canceller {
    small_shop *s;
    atomic_bool is_done;
} canceller;

/* Until the statement has ended: one that has not begun yet is not stopped. */
static void *keep_cancelling(void *arg)
{
    canceller *c = arg;
    while (!atomic_load(&c->is_done)) patron_cancel(c->s->session);
    return NULL;
}

static void another_thread_cancels(void **state)
{
    canceller c = {.s = *state};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, keep_cancelling, &c), 0);
    char *got = ask_with(*state, ENDLESS, NULL);
    atomic_store(&c.is_done, true);
    pthread_join(thread, NULL);
    assert_string_equal(got, "CANCELLED: the statement was cancelled on request");
    free(got);
    expect(*state, "SELECT FROM [S]", "75");
}

/* ---- completion -------------------------------------------------------- */

static void add_candidate(void *ctx, const char *candidate, size_t word_start)
{
    strbuf *b = ctx;
    (void)word_start;
    strbuf_printf(b, "%s%s", b->len ? " " : "", candidate);
}

/* At the bar in the text. */
static void completes(void **state, const char *text, const char *want)
{
    small_shop *s = *state;
    strbuf got = {0}, plain = {0};
    size_t at = strcspn(text, "^");
    strbuf_printf(&plain, "%.*s%s", (int)at, text, text[at] ? text + at + 1 : "");
    patron_complete(s->session, plain.ptr, at, add_candidate, &got);
    strbuf_addc(&got, 0);
    if (strcmp(got.ptr, want) != 0) fail_msg("%s\n  completes %s\n  want      %s", text, got.ptr, want);
    strbuf_free(&got);
    strbuf_free(&plain);
}

static void functions_by_prefix(void **state)
{
    completes(state, "SELECT TopC^", "TopCount");
    completes(state, "SELECT drillup^", "DrillupLevel DrillupMember");
    completes(state, "SELECT [Geo].NextM^", "NextMember");
    completes(state, "SELEC^", "SELECT");
    completes(state, "SHOW cub^", "CUBES CUBOIDS");
    completes(state, "DESCRIBE CUBE ^", "S Stock Both");
    completes(state, "SELECT FROM b^", "Both");
}

static void names_in_brackets(void **state)
{
    completes(state, "SELECT [Ge^ FROM [S]", "[Geo]");
    completes(state, "SELECT {[Measures].[P^} ON 0 FROM [S]", "[People] [Price]");
    completes(state, "SELECT FROM [St^", "[Stock]");
    completes(state, "SELECT [geo].[usa].[c^ FROM [S]", "[CA]");
    completes(state, "SELECT [Geo].[USA].[CA].[^ FROM [S]", "[LA] [SF]");
    completes(state, "SELECT [Geo].[City].[S^ FROM [S]", "[SF] [Salem]");
    completes(state, "SELECT [Geo].[All Geo].[U^ FROM [S]", "[USA]");
    completes(state, "SELECT [Geo].[C^ FROM [S]", "[Country] [City] [Canada]");
    completes(state, "SELECT [Staff].[Boss].[^ FROM [S]", "[Mid]");
    completes(state, "SELECT [Staff].[Boss].[Mid].[L^ FROM [S]", "[Low] [Lower]");
    completes(state, "SELECT [Place].[Peru].[Lima].[^ FROM [S]", "[Callao]");
    completes(state, "SELECT [Geo].[USA].[CA].[LA].[^ FROM [S]", "");
    completes(state, "SELECT [Geo].[Nowhere].[^ FROM [S]", "");
}

/* ---- order ------------------------------------------------------------- */

static const char *text_at(const patron_result *r, uint64_t ordinal)
{
    patron_cell c;
    if (patron_cell_by_ordinal(r, ordinal, &c) != PATRON_OK || !c.value) return "";
    return c.value;
}

/* Two years of days by a text that most of them share the beginning of, one without any: equals stay in their
 * order, in whichever direction. */
static void check_order(small_shop *s, const char *direction)
{
    patron_error err = PATRON_ERROR_INIT;
    char statement[1024];
    bool falls = strcmp(direction, "BDESC") == 0;
    snprintf(
        statement, sizeof statement,
        "WITH MEMBER [Measures].[place] AS Rank([Time.Weekly].CurrentMember, [Time].[Weekly].[Day].Members)"
        " MEMBER [Measures].[text] AS CASE WHEN [Measures].[place] = 300 THEN NULL WHEN [Measures].[place] < "
        "9 THEN"
        " \"a\" ELSE \"A common beginning \" || Str(Mod([Measures].[place] * 7, 10)) END"
        " SELECT {[Measures].[text], [Measures].[place]} ON 0,"
        " Order([Time].[Weekly].[Day].Members, [Measures].[text], %s) ON 1 FROM [S]",
        direction);
    patron_result *r = patron_execute(s->session, statement, NULL, &err);
    if (!r) fail_msg("%s", err.message);
    uint32_t n = patron_axis_positions(r, 1);
    assert_int_equal(n, 731);
    for (uint32_t i = 1; i < n; i++) {
        int c = strcasecmp(text_at(r, 2 * i - 2), text_at(r, 2 * i));
        if (c == 0)
            c = atoi(text_at(r, 2 * i - 1)) < atoi(text_at(r, 2 * i + 1)) ? -1 : 1;
        else if (falls)
            c = -c;
        if (c >= 0) fail_msg("%s: '%s' is before '%s'", direction, text_at(r, 2 * i - 2), text_at(r, 2 * i));
    }
    patron_result_free(r);
}

static void many_texts_are_put_in_order(void **state)
{
    check_order(*state, "BASC");
    check_order(*state, "BDESC");
}

/* ---- formats ----------------------------------------------------------- */

/* Of `select ON 0`, under formulas: "1.0 | 2". */
static void expect_formatted(small_shop *s, const char *formulas, const char *select, const char *want)
{
    strbuf statement = {0}, got = {0};
    patron_error err = PATRON_ERROR_INIT;
    strbuf_printf(&statement, "WITH %s SELECT %s ON 0 FROM [S]", formulas, select);
    patron_result *r = patron_execute(s->session, statement.ptr, NULL, &err);
    if (!r) fail_msg("%s: %s", statement.ptr, err.message);
    for (uint64_t i = 0; i < patron_n_cells(r); i++) {
        patron_cell c;
        assert_int_equal(patron_cell_at(r, i, &c), PATRON_OK);
        strbuf_printf(&got, "%s%s", i ? " | " : "", c.error ? "#ERR" : c.formatted);
    }
    strbuf_addc(&got, 0);
    if (strcmp(got.ptr, want) != 0) fail_msg("%s\n  gives %s\n  want  %s", statement.ptr, got.ptr, want);
    patron_result_free(r);
    strbuf_free(&statement);
    strbuf_free(&got);
}

/* Of the members with a format, that with the highest solve order has its own; stored measures count as -1.
 */
static void the_highest_solve_order_with_a_format(void **state)
{
    const char *both = "{[Geo].[g]} * {[Measures].[m], [Measures].[Cost]}";
    expect_formatted(*state, "MEMBER [Measures].[m] AS 1 MEMBER [Geo].[g] AS 2, FORMAT_STRING = '#.000'",
                     both, "1.000 | 2.000");
    expect_formatted(
        *state,
        "MEMBER [Measures].[m] AS 1, FORMAT_STRING = '0.0' MEMBER [Geo].[g] AS 2, FORMAT_STRING = "
        "'#.000', SOLVE_ORDER = -2",
        both, "1.0 | 2.00");
    expect_formatted(
        *state,
        "MEMBER [Measures].[m] AS 1 MEMBER [Geo].[g] AS 2, FORMAT_STRING = '#.000' MEMBER [Who].[w] AS "
        "3, SOLVE_ORDER = 5",
        "{[Geo].[g]} * {[Who].[w]} * {[Measures].[m], [Measures].[Cost]}", "3.000 | 3.000");
}

/* A function that gives whole numbers only brings a format along, to where its member is used as well. */
static void formulas_of_whole_numbers(void **state)
{
    expect_formatted(
        *state,
        "MEMBER [Measures].[m] AS Int([Measures].[Cost]) MEMBER [Measures].[n] AS [Measures].[m] / 2"
        " MEMBER [Measures].[c] AS [Measures].[Cost] / 2",
        "{[Measures].[m], [Measures].[n], [Measures].[c]}", "153 | 77 | 76.50");
    expect_formatted(*state, "MEMBER [Geo].[g] AS Int([Measures].[Cost])",
                     "{[Geo].[g]} * {[Measures].[Cost]}", "153");
}

/* From left to right, in the sets that it names, too. */
static void the_first_measure_of_a_formula(void **state)
{
    expect_formatted(*state,
                     "SET [best] AS TopCount([Geo].[City].Members, 2, [Measures].[Cost])"
                     " MEMBER [Measures].[m] AS Sum([best], [Measures].[Units])"
                     " MEMBER [Measures].[n] AS [Measures].[Units] + Sum([best], [Measures].[Cost])",
                     "{[Measures].[m], [Measures].[n]}", "70.00 | 217");
}

/* Totals of what is shown come before measures of a higher solve order only. */
static void visual_totals_of_a_late_ratio(void **state)
{
    expect_formatted(
        *state,
        "MEMBER [Measures].[r] AS [Measures].[Cost] / [Measures].[Units], SOLVE_ORDER = 100 MEMBER "
        "[Measures].[q] AS [Measures].[Cost] / [Measures].[Units]",
        "VisualTotals({[Geo].[USA], [Geo].[USA].[OR]}) * {[Measures].[r], [Measures].[q]}",
        "2.03 | #ERR | 2.03 | 2.03");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_texts_are_put_in_order),
        cmocka_unit_test(drillthrough_gives_the_facts_of_the_cell),
        cmocka_unit_test(drillthrough_of_a_virtual_cube),
        cmocka_unit_test(drillthrough_limits_rows),
        cmocka_unit_test(drillthrough_columns),
        cmocka_unit_test(drillthrough_says_what_has_no_facts),
        cmocka_unit_test(explain_tells_without_running),
        cmocka_unit_test(explain_tells_of_shared_passes),
        cmocka_unit_test(explain_counts_one_request_for_many_measures),
        cmocka_unit_test(parameters_are_bound_from_outside),
        cmocka_unit_test(limits_end_a_statement_and_not_the_session),
        cmocka_unit_test(recursion_ends),
        cmocka_unit_test(another_thread_cancels),
        cmocka_unit_test(functions_by_prefix),
        cmocka_unit_test(names_in_brackets),
        cmocka_unit_test(the_highest_solve_order_with_a_format),
        cmocka_unit_test(formulas_of_whole_numbers),
        cmocka_unit_test(the_first_measure_of_a_formula),
        cmocka_unit_test(visual_totals_of_a_late_ratio),
    };
    if (argc != 2) {
        fprintf(stderr, "usage: test_query DIRECTORY\n");
        return 2;
    }
    source_dir = argv[1];
    return cmocka_run_group_tests(tests, setup, teardown);
}
