/* test_stat.c - statistics over sets: of cities with the units 30, 5 and 40, and one that has none. */
#include "mdx_util.h"
#include "unit.h"

#define CITIES  "[Geo].[City].Members"
#define NOTHING "[Geo].[Canada].Children"
#define ONE     "{[Geo].[USA].[OR]}"

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

static void spread(void **state)
{
    assert_value(*state, "VarP(" CITIES ", [Measures].[Units])", "216.667");
    assert_value(*state, "VarianceP(" CITIES ")", "216.667");
    assert_value(*state, "Var(" CITIES ")", "325");
    assert_value(*state, "Variance(" CITIES ")", "325");
    assert_value(*state, "StdevP(" CITIES ")", "14.7196");
    assert_value(*state, "StddevP(" CITIES ")", "14.7196");
    assert_value(*state, "Stdev(" CITIES ")", "18.0278");
    assert_value(*state, "Stddev(" CITIES ")", "18.0278");
}

static void spread_of_little(void **state)
{
    assert_value(*state, "Var(" ONE ")", "NaN");
    assert_value(*state, "Stdev(" ONE ")", "NaN");
    assert_value(*state, "VarP(" ONE ")", "0");
    assert_value(*state, "StdevP(" ONE ")", "0");
    assert_value(*state, "Var(" NOTHING ")", "-");
    assert_value(*state, "VarP({})", "-");
    assert_value(*state, "Stdev(" NOTHING ")", "0");
    assert_value(*state, "StdevP({})", "0");
}

static void quantiles(void **state)
{
    assert_value(*state, "Median(" CITIES ")", "30");
    assert_value(*state, "Median([Geo].[State].Members)", "37.5");
    assert_value(*state, "Percentile(" CITIES ", [Measures].[Units], 50)", "30");
    assert_value(*state, "Percentile(" CITIES ", [Measures].[Units], 25)", "17.5");
    assert_value(*state, "Percentile(" CITIES ", [Measures].[Units], 90)", "38");
    assert_value(*state, "Percentile(" CITIES ", [Measures].[Units], -1)", "5");
    assert_value(*state, "Percentile(" CITIES ", [Measures].[Units], 101)", "40");
    assert_value(*state, "FirstQ(" CITIES ")", "5");
    assert_value(*state, "ThirdQ(" CITIES ")", "40");
}

/* Of the four values 5, 10, 30, 40 the first quarter falls between two, the third on the last. */
static void quartiles_between_neighbours(void **state)
{
    assert_value(*state, "FirstQ(" CITIES ", CoalesceEmpty([Measures].[Units], 10))", "20");
    assert_value(*state, "ThirdQ(" CITIES ", CoalesceEmpty([Measures].[Units], 10))", "40");
    assert_value(*state, "Median(" CITIES ", CoalesceEmpty([Measures].[Units], 10))", "20");
}

static void quantiles_of_nothing(void **state)
{
    assert_value(*state, "Median(" NOTHING ")", "-");
    assert_value(*state, "FirstQ({})", "-");
    assert_value(*state, "Percentile(" NOTHING ", [Measures].[Units], 50)", "-");
    assert_value(*state, "Median(" ONE ")", "40");
    assert_value(*state, "ThirdQ(" ONE ")", "40");
}

static void pairs_of_values(void **state)
{
    assert_value(*state, "Covariance(" CITIES ", [Measures].[Cost], [Measures].[Units])", "433.333");
    assert_value(*state, "CovarianceN(" CITIES ", [Measures].[Cost])", "650");
    assert_value(*state, "Correlation(" CITIES ", [Measures].[Cost])", "1");
    assert_value(*state, "Correlation(" CITIES ", [Measures].[Noise], -[Measures].[Units])", "-0.884615");
    assert_value(*state, "Correlation(" NOTHING ", [Measures].[Cost])", "0");
    assert_value(*state, "Covariance({}, [Measures].[Cost])", "NaN");
}

static void straight_lines(void **state)
{
    assert_value(*state, "LinRegSlope(" CITIES ", [Measures].[Cost])", "2");
    assert_value(*state, "LinRegIntercept(" CITIES ", [Measures].[Cost], [Measures].[Units])", "1");
    assert_value(*state, "LinRegPoint(100, " CITIES ", [Measures].[Cost])", "201");
    assert_value(*state, "LinRegR2(" CITIES ", [Measures].[Cost])", "1");
    assert_value(*state, "LinRegSlope(" CITIES ", [Measures].[Noise])", "0.176923");
    assert_value(*state, "LinRegIntercept(" CITIES ", [Measures].[Noise])", "-0.423077");
    assert_value(*state, "LinRegR2(" CITIES ", [Measures].[Noise])", "0.782544");
    assert_value(*state, "LinRegVariance(" CITIES ", [Measures].[Noise])", "5.65385");
}

static void lines_through_too_few_points(void **state)
{
    assert_value(*state, "LinRegVariance([Geo].[State].Members, [Measures].[Noise])", "NaN");
    assert_value(*state,
                 "LinRegVariance([Geo].[State].Members, [Measures].[Noise] / 7, [Measures].[Units] / 3)",
                 "NaN");
    assert_value(*state, "LinRegSlope(" ONE ", [Measures].[Cost])", "NaN");
    assert_value(*state, "LinRegSlope(" NOTHING ", [Measures].[Cost])", "NaN");
    assert_value(*state, "LinRegVariance(" NOTHING ", [Measures].[Cost])", "0");
    assert_value(*state, "LinRegPoint(1, {}, [Measures].[Cost])", "-");
}

/* One value that is no number: it is last in order, and no reason to sort the others badly. */
static void not_a_number(void **state)
{
    assert_value(*state, "FirstQ(" CITIES ", Iif([Measures].[Units] = 30, 0 / 0, [Measures].[Units]))", "5");
    assert_value(*state,
                 "Percentile(" CITIES ", Iif([Measures].[Units] = 30, 0 / 0, [Measures].[Units]), 100)",
                 "NaN");
}

static void texts_are_errors(void **state)
{
    assert_value(*state, "Median(" CITIES ", [Geo].CurrentMember.Properties(\"CAPTION\"))", "!");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spread),
        cmocka_unit_test(spread_of_little),
        cmocka_unit_test(quantiles),
        cmocka_unit_test(quartiles_between_neighbours),
        cmocka_unit_test(quantiles_of_nothing),
        cmocka_unit_test(pairs_of_values),
        cmocka_unit_test(straight_lines),
        cmocka_unit_test(lines_through_too_few_points),
        cmocka_unit_test(not_a_number),
        cmocka_unit_test(texts_are_errors),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
