/* test_measure.c - measures over expressions and under conditions, as queries define them: WITH MEASURE. */
#include "mdx_util.h"
#include "unit.h"

#define PLACES "{[Geo].[USA], [Geo].[USA].[CA], [Geo].[USA].[OR], [Geo].[Canada]}"
#define ASK    " SELECT " PLACES " ON 0 FROM [S] WHERE [Measures].[X]"

static int setup(void **state)
{
    *state = mdx_open();
    return 0;
}

static int teardown(void **state)
{
    mdx_close(*state);
    return 0;
}

static void products_are_summed_fact_by_fact(void **state)
{
    assert_cells(*state, "WITH MEASURE [Measures].[X] AS SUM(units * cost)" ASK,
                 "USA 4,315, CA 1,075, OR 3,240, Canada -");
    assert_cells(*state, "WITH MEASURE [Measures].[X] AS SUM(-(units - 2 * cost) / 4)" ASK,
                 "USA 57.75, CA 27.25, OR 30.5, Canada -");
    assert_cells(*state, "WITH MEASURE [X] AS MAX(cost - units)" ASK, "USA 41, CA 21, OR 41, Canada -");
    assert_cells(*state, "WITH MEASURE [X] AS AVG(CASE WHEN units > 10 THEN cost ELSE 0 END)" ASK,
                 "USA 30.5, CA 13.667, OR 81, Canada -");
    assert_cells(*state, "WITH MEASURE [X] AS MIN(units > 10)" ASK, "USA false, CA false, OR true, Canada -");
    assert_cells(*state, "WITH MEASURE [X] AS SUM(cost / units)" ASK,
                 "USA 8.275, CA 6.25, OR 2.025, Canada -");
}

static void conditions_choose_facts(void **state)
{
    assert_cells(*state, "WITH MEASURE [X] AS SUM(cost) WHERE units BETWEEN 10 AND 20" ASK,
                 "USA 61, CA 61, OR -, Canada -");
    assert_cells(*state, "WITH MEASURE [X] AS SUM(cost) WHERE units NOT BETWEEN 10 AND 20" ASK,
                 "USA 92, CA 11, OR 81, Canada -");
    assert_cells(*state, "WITH MEASURE [X] AS COUNT(*) WHERE NOT (noise = 1 OR units IN (40, 41))" ASK,
                 "USA 1, CA 1, OR -, Canada -");
    assert_cells(*state, "WITH MEASURE [X] AS DISTINCT COUNT([Who]) WHERE units > 10" ASK,
                 "USA 2, CA 1, OR 1, Canada -");
    assert_cells(*state, "WITH MEASURE [X] AS SUM(units) WHERE noise IS NULL" ASK,
                 "USA -, CA -, OR -, Canada -");
}

/* The key of a role is a column of the facts. */
static void keys_are_columns_too(void **state)
{
    assert_cells(*state, "WITH MEASURE [X] AS SUM(units) WHERE [Who] = 1 AND units < 10" ASK,
                 "USA 5, CA 5, OR -, Canada -");
    assert_cells(*state, "WITH MEASURE [X] AS MAX(Who * 100 + units)" ASK,
                 "USA 340, CA 220, OR 340, Canada -");
}

static void they_work_like_stored_measures(void **state)
{
    assert_cells(*state,
                 "WITH MEASURE [Measures].[X] AS SUM(units * cost) WHERE units > 5, FORMAT_STRING = '0.0'"
                 " MEMBER [Measures].[Y] AS [Measures].[X] / [Measures].[Units]"
                 " SELECT {[Measures].[Units], [Measures].[X], [Measures].[Y]} ON 0 FROM [S] WHERE [Who].[F]",
                 "Units 15, X 200.0, Y 13.3");
    assert_cells(*state,
                 "WITH MEASURE [X] AS SUM(cost) WHERE units > 20 SELECT NON EMPTY [Geo].[State].Members *"
                 " {[Measures].[X]} ON 0 FROM [S]",
                 "OR/X 81");
    assert_cells(*state,
                 "WITH MEASURE [X] AS SUM(cost) WHERE units > 20 MEASURE [Z] AS COUNT(*) WHERE units <= 20"
                 " SELECT {[Measures].[X], [Measures].[Z]} ON 0 FROM [S]",
                 "X 81, Z 3");
    assert_cells(*state,
                 "WITH MEASURE [X] AS SUM(cost) WHERE units > 20 MEMBER [Geo].[Both] AS"
                 " Aggregate({[Geo].[USA].[CA], [Geo].[USA].[OR]}) SELECT {[Geo].[Both]} ON 0 FROM [S]"
                 " WHERE [Measures].[X]",
                 "Both 81");
    assert_positions(*state, "WITH MEASURE [X] AS SUM(cost * 2) SELECT [Measures].Members ON 0 FROM [S]",
                     "Units, Cost, Noise, People, Fact Count");
    assert_positions(
        *state,
        "WITH MEASURE [X] AS SUM(cost * 2) SELECT Filter([Geo].[City].Members, [X] BETWEEN 20 AND 125)"
        " ON 0 FROM [S]",
        "LA, SF");
}

static void wrong_ones_are_refused(void **state)
{
    static const struct {
        const char *measure, *message;
    } wrongs[] = {
        {"[Measures].[Cost] AS SUM(units * 2)", "cube [S] has a measure [Cost] already"},
        {"[X] AS SUM(unit * 2)", "the facts of cube [S] have no column [unit]"},
        {"[X] AS SUM([Geo].[USA])", "expected a column of the facts of cube [S]"},
        {"[X] AS SUM(units > 3)", "measure [X]: SUM does not work on an expression of type BOOLEAN"},
        {"[X] AS SUM(units) WHERE units", "expected a condition, found INTEGER"},
        {"[X] AS SUM(units) WHERE units = 'a'", "expected INTEGER, found a text"},
        {"[X] AS SUM(units / 0)", "division by zero"},
        {"[X] AS SUM(Sqrt(units))", "expressions over facts know no function Sqrt"},
        {"[X] AS SUM(units * 0.1234567891 * 0.1234567891)",
         "the result has 20 digits behind the point, more than 18"},
        {"[Geo].[X] AS SUM(units)", "a measure is named [Measures].[name]"},
        {"[X] AS SUM(units), SOLVE_ORDER = 3", "unknown property [SOLVE_ORDER] of a measure"},
        {"[X] AS TOTAL(units)", "unknown aggregate 'TOTAL', expected SUM, COUNT, MIN, MAX or AVG"},
    };
    for (size_t i = 0; i < ARRAY_LEN(wrongs); i++) {
        char text[256];
        snprintf(text, sizeof text, "WITH MEASURE %s SELECT {[Measures].[Units]} ON 0 FROM [S]",
                 wrongs[i].measure);
        const char *got = mdx_cells(*state, text);
        if (strcmp(got, wrongs[i].message) != 0) fail_msg("%s\n  says %s", wrongs[i].measure, got);
    }
}

/* Numbers of a fact that leave 38 digits are an error, not a wrong sum. */
static void overflow_is_an_error(void **state)
{
    assert_cells(*state, "WITH MEASURE [X] AS SUM(units * 1000000000000000000 * 1000000000000000000)" ASK,
                 "USA 75,000,000,000,000,000,000,000,000,000,000,000,000, CA "
                 "35,000,000,000,000,000,000,000,000,000,000,000,000, OR "
                 "40,000,000,000,000,000,000,000,000,000,000,000,000, Canada -");
    assert_cells(*state,
                 "WITH MEASURE [X] AS SUM(units * 1000000000000000000 * 1000000000000000000 * 10)" ASK,
                 "a number computed from a fact has more than 38 digits");
    assert_cells(*state, "WITH MEASURE [X] AS SUM(units * 1000000000000000000 * 1000000000000000000 * 4)" ASK,
                 "a sum of measure [X] has more than 38 digits");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(products_are_summed_fact_by_fact, setup, teardown),
        cmocka_unit_test_setup_teardown(conditions_choose_facts, setup, teardown),
        cmocka_unit_test_setup_teardown(keys_are_columns_too, setup, teardown),
        cmocka_unit_test_setup_teardown(they_work_like_stored_measures, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_ones_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(overflow_is_an_error, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
