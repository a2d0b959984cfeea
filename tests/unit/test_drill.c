/* test_drill.c - opening and closing members, and totals of what is shown. */
#include "mdx_util.h"
#include "unit.h"

#define USA       "[Geo].[USA]"
#define CA        "[Geo].[USA].[CA]"
#define LA        "[Geo].[USA].[CA].[LA]"
#define OR        "[Geo].[USA].[OR]"
#define CAN       "[Geo].[Canada]"
#define ALL_F_USA "([Who].[All Whos], " USA ")"

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

/* ---- by members -------------------------------------------------------- */

static void children_follow_their_member(void **state)
{
    assert_set(*state, "DrilldownMember({" USA ", " CAN "}, {" USA "})", "USA, CA, OR, Canada");
    assert_set(*state, "DrilldownMember({" USA ", " CA "}, {" USA "})", "USA, CA, OR, CA");
    assert_set(*state, "DrilldownMember({" USA "}, {" USA ", " CA "})", "USA, CA, OR");
    assert_set(*state, "DrilldownMember({" USA "}, {" USA ", " CA "}, RECURSIVE)", "USA, CA, LA, SF, OR");
    assert_set(*state, "DrilldownMember({" LA "}, {" LA "})", "LA");
    assert_set(*state, "DrilldownMember({" USA "}, {})", "USA");
    assert_set(*state, "DrilldownMember({}, {" USA "})", "");
}

static void the_first_listed_member_of_a_tuple_is_drilled(void **state)
{
    assert_set(*state, "DrilldownMember({" ALL_F_USA "}, {" USA "})",
               "All Whos/USA, All Whos/CA, All Whos/OR");
    assert_set(*state, "DrilldownMember({" ALL_F_USA "}, {[Who].[All Whos]}, RECURSIVE)",
               "All Whos/USA, F/USA, M/USA");
}

static void drilling_by_tuples_is_refused(void **state)
{
    const char *want = "expected a set of members, but this is a set of tuples";
    assert_set(*state, "DrilldownMember({" USA "}, {" ALL_F_USA "})", want);
    assert_set(*state, "DrilldownMember({" USA "}, StrToSet(\"{([Who].[F], [Geo].[USA])}\"))", want);
    assert_set(*state, "ToggleDrillState({" USA "}, StrToSet(\"{([Who].[F], [Geo].[USA])}\"))", want);
}

static void toggling_opens_and_closes(void **state)
{
    assert_set(*state, "ToggleDrillState({" USA ", " CA ", " LA ", " CAN "}, {" USA ", " CAN "})",
               "USA, Canada, BC");
    assert_set(*state, "ToggleDrillState({" CA ", " USA "}, {" USA "})", "CA, USA, CA, OR");
    assert_set(*state, "ToggleDrillState({" ALL_F_USA ", ([Who].[F], " USA ")}, {[Who].[All Whos]})",
               "All Whos/USA");
}

static void drilling_up_only_closes(void **state)
{
    assert_set(*state, "DrillupMember({" USA ", " CA ", " LA ", " CAN "}, {" USA ", " CAN "})",
               "USA, Canada");
    assert_set(*state, "DrillupMember({" USA ", " CA ", " LA ", " OR "}, {" CA "})", "USA, CA, OR");
    assert_set(*state, "DrillupMember({" CA ", " USA "}, {" USA "})", "CA, USA");
}

/* ---- by levels --------------------------------------------------------- */

static void a_level_is_drilled(void **state)
{
    assert_set(*state, "DrilldownLevel({" USA ", " CAN "})", "USA, CA, OR, Canada, BC");
    assert_set(*state, "DrilldownLevel({" USA ", " CA ", " CAN "})", "USA, CA, LA, SF, Canada");
    assert_set(*state, "DrilldownLevel({" USA ", " OR ", " CAN "}, [Geo].[Country])", "USA, OR, Canada, BC");
    assert_set(*state, "DrilldownLevel({" USA "}, [Geo].[City])", "USA");
    assert_set(*state, "DrilldownLevel({" USA "}, [Who].[Sex])", "USA");
    assert_set(*state, "DrilldownLevel({})", "");
}

static void a_column_of_tuples_is_drilled(void **state)
{
    assert_set(*state, "DrilldownLevel({" ALL_F_USA "}, , 0)", "All Whos/USA, F/USA, M/USA");
    assert_set(*state, "DrilldownLevel({" ALL_F_USA "}, , 1)", "All Whos/USA, All Whos/CA, All Whos/OR");
    assert_set(*state, "DrilldownLevel({" ALL_F_USA "}, , 2)", "All Whos/USA");
    assert_set(*state, "DrilldownLevel({" ALL_F_USA "}, , -1)", "All Whos/USA");
    assert_set(*state, "DrilldownLevel({" ALL_F_USA "}, [Geo].[Country])",
               "All Whos/USA, All Whos/CA, All Whos/OR");
}

static void levels_are_closed(void **state)
{
    assert_set(*state, "DrillupLevel({" USA ", " CA ", " LA ", " CAN "}, [Geo].[Country])", "USA, Canada");
    assert_set(*state, "DrillupLevel({" USA ", " CA ", " LA ", " CAN "})", "USA, CA, Canada");
    assert_set(*state, "DrillupLevel({" USA ", " LA "})", "USA, LA");
    assert_set(*state, "DrillupLevel({[Geo].[All Geos]})", "All Geos");
}

static void best_children_come_first(void **state)
{
    assert_set(*state, "DrilldownLevelTop({" USA ", " CAN "}, 1)", "USA, OR, Canada, BC");
    assert_set(*state, "DrilldownLevelBottom({" USA "}, 1)", "USA, CA");
    assert_set(*state, "DrilldownLevelTop({" USA ", " CA "}, 1, [Geo].[State])", "USA, CA, LA");
    assert_set(*state, "DrilldownLevelTop({" USA "}, 1, , -[Measures].[Units])", "USA, CA");
    assert_set(*state, "DrilldownLevelTop({" USA "}, 5, [Geo].[Country], [Measures].[People])",
               "USA, CA, OR");
    assert_set(*state, "DrilldownLevelTop({" USA "}, 0)", "USA");
    assert_set(*state, "DrilldownLevelTop({" ALL_F_USA "}, 1, [Geo].[Country])", "All Whos/USA, All Whos/OR");
}

static void calculated_children_come_on_request(void **state)
{
#define WITH "WITH MEMBER " USA ".[x] AS 1000 SELECT "
#define CALC "INCLUDE_CALC_MEMBERS) ON 0 FROM [S]"
    assert_cells(*state, WITH "DrilldownLevel({" USA "}) ON 0 FROM [S]", "USA 75, CA 35, OR 40");
    assert_cells(*state, WITH "DrilldownLevel({" USA "}, , , " CALC, "USA 75, CA 35, OR 40, x 1,000");
    assert_positions(*state, WITH "DrilldownLevel({" USA "}, [Geo].[Country], " CALC, "USA, CA, OR, x");
    assert_positions(*state, WITH "DrilldownMember({" USA "}, {" USA "}, , , " CALC, "USA, CA, OR, x");
    assert_positions(*state, WITH "DrilldownMember({" USA "}, {" USA ", " CA "}, RECURSIVE, " CALC,
                     "USA, CA, LA, SF, OR, x");
    assert_positions(*state, WITH "DrilldownLevelTop({" USA "}, 2, , , " CALC, "USA, x, OR");
    assert_positions(*state, WITH "ToggleDrillState({" USA "}, {" USA "}, " CALC, "USA, CA, OR, x");
}

/* How many to take may depend on the current member of the hierarchy that is drilled. */
static void the_number_is_taken_outside(void **state)
{
    assert_cells(*state,
                 "WITH MEMBER [Measures].[n] AS Count(TopCount([Geo].[City].Members, "
                 "[Geo].CurrentMember.Children.Count, [Measures].[Units])) "
                 "MEMBER [Measures].[d] AS Count(DrilldownLevelTop({" USA
                 "}, [Geo].CurrentMember.Children.Count)) "
                 "SELECT {[Measures].[n], [Measures].[d]} * {" OR ", " CA "} ON 0 FROM [S]",
                 "n/OR 1, n/CA 2, d/OR 2, d/CA 3");
}

/* ---- VisualTotals ------------------------------------------------------ */

static void totals_are_of_what_is_shown(void **state)
{
    assert_cells(*state, "SELECT VisualTotals({" USA ", " CA ", " LA ", " OR "}) ON 0 FROM [S]",
                 "USA 70, CA 30, LA 30, OR 40");
    assert_cells(*state, "SELECT VisualTotals({" USA ", " LA "}) ON 0 FROM [S]", "USA 30, LA 30");
    assert_cells(*state, "SELECT VisualTotals({" LA ", " USA "}) ON 0 FROM [S]", "LA 30, USA 75");
}

static void totals_have_names(void **state)
{
    assert_set(*state, "VisualTotals({[Geo].[All Geos], " USA ", " CA "}, \"**Total - *\")",
               "*Total - All Geos, *Total - USA, CA");
    assert_cells(*state,
                 "WITH SET [s] AS VisualTotals({" USA ", " CA ", " LA "}, \"T *\") "
                 "MEMBER [Measures].[u] AS SetToStr([s]) SELECT {[Measures].[u]} ON 0 FROM [S]",
                 "u {[Geo].[T USA], [Geo].[USA].[T CA], [Geo].[USA].[CA].[LA]}");
}

/* Person 1 buys in LA and SF and counts once. */
static void totals_count_distinct(void **state)
{
    assert_cells(*state,
                 "SELECT VisualTotals({" USA ", " CA ", " LA ", [Geo].[USA].[CA].[SF]}) ON 0 FROM [S] "
                 "WHERE [Measures].[People]",
                 "USA 2, CA 2, LA 2, SF 1");
}

static void totals_of_calculated_measures_are_errors(void **state)
{
    assert_cells(*state,
                 "WITH MEMBER [Measures].[p] AS [Measures].[Cost] - [Measures].[Units] SELECT "
                 "VisualTotals({" USA ", " CA "}) ON 0 FROM [S] WHERE [Measures].[p]",
                 "USA !, CA 37");
}

static void totals_of_tuples_are_refused(void **state)
{
    const char *want = "VisualTotals takes a set of members, but this is a set of tuples";
    assert_set(*state, "VisualTotals({" ALL_F_USA "})", want);
    assert_set(*state, "VisualTotals(StrToSet(\"{([Who].[F], [Geo].[USA])}\"))", want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(children_follow_their_member),
        cmocka_unit_test(the_first_listed_member_of_a_tuple_is_drilled),
        cmocka_unit_test(drilling_by_tuples_is_refused),
        cmocka_unit_test(toggling_opens_and_closes),
        cmocka_unit_test(drilling_up_only_closes),
        cmocka_unit_test(a_level_is_drilled),
        cmocka_unit_test(a_column_of_tuples_is_drilled),
        cmocka_unit_test(levels_are_closed),
        cmocka_unit_test(best_children_come_first),
        cmocka_unit_test(calculated_children_come_on_request),
        cmocka_unit_test(the_number_is_taken_outside),
        cmocka_unit_test(totals_are_of_what_is_shown),
        cmocka_unit_test(totals_have_names),
        cmocka_unit_test(totals_count_distinct),
        cmocka_unit_test(totals_of_calculated_measures_are_errors),
        cmocka_unit_test(totals_of_tuples_are_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
