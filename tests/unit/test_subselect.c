/* test_subselect.c - FROM (SELECT ...): totals over what is visible, members outside gone (query/subcube.h).
 *
 * Each test asks the small cube of mdx_util.h, where every number can be added up by hand. */
#include "mdx_util.h"
#include "unit.h"

static int open_world(void **state)
{
    *state = mdx_open();
    return 0;
}

static int close_world(void **state)
{
    mdx_close(*state);
    return 0;
}

static void totals_are_of_visible_members(void **state)
{
    mdx_world *w = *state;
    assert_cells(
        w, "SELECT [Geo].Members ON 0 FROM (SELECT {[Geo].[USA].[CA].[LA], [Geo].[USA].[OR]} ON 0 FROM [S])",
        "All Geos 70, USA 70, CA 30, LA 30, OR 40, Salem 40");
    assert_cells(w, "SELECT [Who].Members ON 0 FROM (SELECT [Geo].[USA].[CA] ON 0 FROM [S])",
                 "All Whos 35, F 15, 1 15, M 20, 2 20, 3 -");
}

static void overlapping_members_count_once(void **state)
{
    mdx_world *w = *state;
    assert_cells(w,
                 "SELECT {[Measures].[Units], [Measures].[People]} ON 0"
                 " FROM (SELECT {[Geo].[USA], [Geo].[USA].[CA], [Geo].[USA].[CA].[LA]} ON 0 FROM [S])",
                 "Units 75, People 3");
}

static void distinct_counts_and_ratios_are_of_the_visible_facts(void **state)
{
    mdx_world *w = *state;
    assert_cells(w,
                 "WITH MEMBER [Measures].[R] AS [Measures].[Cost] / [Measures].[Units]"
                 " MEMBER [Measures].[A] AS Avg([Geo].[City].Members, [Measures].[Units])"
                 " SELECT {[Measures].[People], [Measures].[R], [Measures].[A]} ON 0"
                 " FROM (SELECT {[Geo].[USA].[CA]} ON 0 FROM [S])",
                 "People 2, R 2.057, A 17.5");
    assert_cells(w,
                 "WITH MEMBER [Geo].[Both] AS Aggregate({[Geo].[USA].[CA], [Geo].[USA].[OR]})"
                 " SELECT {[Measures].[Units], [Measures].[People]} ON 0"
                 " FROM (SELECT {[Who].[F]} ON 0 FROM [S]) WHERE [Geo].[Both]",
                 "Units 15, People 1");
}

static void axes_and_slicer_of_a_subselect_hold_together(void **state)
{
    mdx_world *w = *state;
    assert_cells(w,
                 "SELECT {[Geo].[USA], [Geo].[USA].[CA]} ON 0"
                 " FROM (SELECT {[Who].[M]} ON 0, {[Geo].[USA].[CA], [Geo].[Canada]} ON 1 FROM [S])",
                 "USA 20, CA 20");
    assert_cells(w,
                 "SELECT [Geo].[State].Members ON 0"
                 " FROM (SELECT {[Geo].[USA].[CA], [Geo].[Canada]} ON 0 FROM [S] WHERE [Who].[F])",
                 "BC -, CA 15");
}

static void tuples_are_kept_as_they_are(void **state)
{
    mdx_world *w = *state;
    const char *both =
        "FROM (SELECT {([Geo].[USA].[CA], [Who].[F]), ([Geo].[USA].[OR], [Who].[M])} ON 0 FROM [S])";
    char q[500];
    snprintf(q, sizeof q,
             "SELECT {[Geo].[USA].[CA], [Geo].[USA].[OR], [Geo].[USA], [Geo].[All Geos]} ON 0 %s", both);
    assert_cells(w, q, "CA 15, OR 40, USA 55, All Geos 55");
    snprintf(q, sizeof q, "SELECT {[Measures].[People]} ON 0 %s WHERE {[Who].[F], [Who].[M]}", both);
    assert_cells(w, q, "People 2");
    snprintf(q, sizeof q, "SELECT {([Geo].[USA].[CA], [Who].[M])} ON 0 %s", both);
    assert_cells(w, q, "CA/M -");
}

static void nested_ones_narrow_each_other(void **state)
{
    mdx_world *w = *state;
    assert_cells(w,
                 "SELECT [Geo].Members ON 0 FROM (SELECT {[Geo].[USA]} ON 0"
                 " FROM (SELECT {[Geo].[USA].[OR], [Geo].[Canada]} ON 0 FROM [S]))",
                 "All Geos 40, USA 40, OR 40, Salem 40");
    assert_cells(w,
                 "SELECT [Geo].Members ON 0 FROM (SELECT {[Geo].[Canada]} ON 0"
                 " FROM (SELECT {[Geo].[USA].[OR]} ON 0 FROM [S]))",
                 "All Geos -");
    /* the inner one is asked first: the best state of those with facts of F */
    assert_cells(w,
                 "SELECT [Geo].[State].Members ON 0 FROM (SELECT TopCount([Geo].[State].Members, 1, "
                 "[Measures].[Units]) ON 0"
                 " FROM (SELECT {[Who].[F]} ON 0 FROM [S]))",
                 "CA 15");
}

static void members_outside_are_invisible(void **state)
{
    mdx_world *w = *state;
    const char *from = "FROM (SELECT {[Geo].[USA].[CA].[SF], [Geo].[USA].[OR]} ON 0 FROM [S])";
    static const char *const asked[][2] = {
        {"[Geo].[USA].Children", "CA 5, OR 40"},
        {"[Geo].[USA].[CA].FirstChild", "SF 5"},
        {"[Geo].[USA].[CA].[SF].NextMember", "Salem 40"},
        {"[Geo].[USA].[OR].[Salem].Lag(1)", "SF 5"},
        {"[Geo].[USA].[CA].[SF].Siblings", "SF 5"},
        {"Descendants([Geo].[USA], [Geo].[City])", "SF 5, Salem 40"},
        {"{[Geo].[Canada], [Geo].[USA]}", "USA 45"},
        {"OpeningPeriod([Geo].[City], [Geo].[USA])", "SF 5"},
        {"NonEmpty([Geo].[Country].Members)", "USA 45"},
        {"DrilldownMember({[Geo].[USA]}, {[Geo].[USA]})", "USA 45, CA 5, OR 40"},
    };
    for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
        char q[500];
        snprintf(q, sizeof q, "SELECT %s ON 0 %s", asked[i][0], from);
        assert_cells(w, q, asked[i][1]);
    }
    assert_cells(
        w,
        "WITH MEMBER [Measures].[N] AS Count([Geo].[City].Members)"
        " MEMBER [Measures].[C] AS [Geo].[USA].Properties('CHILDREN_CARDINALITY')"
        " SELECT {[Measures].[N], [Measures].[C]} ON 0 FROM (SELECT {[Geo].[USA].[CA]} ON 0 FROM [S])",
        "N 2, C 1");
}

static void non_empty_holds_in_a_subselect(void **state)
{
    mdx_world *w = *state;
    assert_positions(w,
                     "SELECT [Geo].[Country].Members ON 0"
                     " FROM (SELECT NON EMPTY [Geo].[Country].Members ON 0 FROM [S])",
                     "USA");
    assert_positions(w,
                     "SELECT [Geo].[Country].Members ON 0"
                     " FROM (SELECT [Geo].[Country].Members ON 0 FROM [S])",
                     "Canada, USA");
}

static void measures_choose_nothing(void **state)
{
    mdx_world *w = *state;
    assert_cells(w,
                 "SELECT {[Measures].[Units], [Measures].[Cost]} ON 0"
                 " FROM (SELECT {[Measures].[Units]} ON 0, {[Geo].[USA].[OR]} ON 1 FROM [S])",
                 "Units 40, Cost 81");
    assert_cells(w,
                 "SELECT {[Measures].[Units]} ON 0"
                 " FROM (SELECT {([Measures].[Cost], [Geo].[USA].[OR])} ON 0 FROM [S])",
                 "Units 40");
}

static void an_empty_subselect_leaves_nothing(void **state)
{
    mdx_world *w = *state;
    assert_cells(w, "SELECT {[Measures].[Units]} ON 0 FROM (SELECT {} ON 0 FROM [S])", "Units -");
    assert_cells(w, "SELECT [Geo].Members ON 0 FROM (SELECT Filter([Geo].Members, 1 = 0) ON 0 FROM [S])",
                 "All Geos -");
}

static void what_cannot_choose_facts_is_refused(void **state)
{
    mdx_world *w = *state;
    assert_cells(w, "SELECT FROM (SELECT {[Geo].[Nowhere]} ON 0 FROM [S])",
                 "unknown member [Nowhere] in [Geo]");
    assert_cells(w, "SELECT FROM (SELECT {[Geo].[USA]} ON 0 FROM [T])", "unknown cube [T]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(totals_are_of_visible_members),
        cmocka_unit_test(overlapping_members_count_once),
        cmocka_unit_test(distinct_counts_and_ratios_are_of_the_visible_facts),
        cmocka_unit_test(axes_and_slicer_of_a_subselect_hold_together),
        cmocka_unit_test(tuples_are_kept_as_they_are),
        cmocka_unit_test(nested_ones_narrow_each_other),
        cmocka_unit_test(members_outside_are_invisible),
        cmocka_unit_test(non_empty_holds_in_a_subselect),
        cmocka_unit_test(measures_choose_nothing),
        cmocka_unit_test(an_empty_subselect_leaves_nothing),
        cmocka_unit_test(what_cannot_choose_facts_is_refused),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
