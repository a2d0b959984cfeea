/* test_names.c - which of two things a name means, and the place of equals in a ranking. */
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

static void a_bare_property_wins_where_it_gives_a_place(void **state)
{
    mdx_world *w = *state;
    const char *with = "WITH MEMBER [Measures].[CurrentMember] AS 1 MEMBER [Measures].[Name] AS 2";
    char q[300];
    snprintf(q, sizeof q, "%s SELECT {Measures.CurrentMember} ON 0 FROM [S]", with);
    assert_cells(w, q, "Units 75");
    snprintf(q, sizeof q, "%s SELECT {[Measures].[CurrentMember]} ON 0 FROM [S]", with);
    assert_cells(w, q, "CurrentMember 1");
    snprintf(q, sizeof q, "%s SELECT {Measures.Name} ON 0 FROM [S]",
             with); /* a text would be of no use here */
    assert_cells(w, q, "Name 2");
}

static void a_formula_of_the_full_name_wins(void **state)
{
    mdx_world *w = *state;
    assert_cells(w, "WITH MEMBER [Geo].[State] AS 5 SELECT {[Geo].[State]} ON 0 FROM [S]", "State 5");
    assert_cells(w, "WITH MEMBER Measures.Measures AS 5 SELECT {Measures.Measures} ON 0 FROM [S]",
                 "Measures 5");
    assert_cells(w, "SELECT [Geo].[State].Members ON 0 FROM [S]", "BC -, CA 35, OR 40");
}

static void equals_share_the_first_place(void **state)
{
    mdx_world *w = *state;
    assert_value(w, "Rank([Geo].[USA].[CA].[SF], [Geo].[City].Members, 7)", "1");
    assert_value(w, "Rank([Geo].[USA].[OR].[Salem], [Geo].[City].Members, 7)", "1");
    /* one from outside has no place of its own among its equals: the one where binary search finds it */
    assert_value(w, "Rank([Geo].[USA], [Geo].[City].Members, 7)", "2");
    assert_value(w, "Rank([Geo].[USA], {}, 7)", "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bare_property_wins_where_it_gives_a_place),
        cmocka_unit_test(a_formula_of_the_full_name_wins),
        cmocka_unit_test(equals_share_the_first_place),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
