/* test_deep.c - formulas that name others twice, forty deep: evaluated anew each time, they would never end.
 */
#include "base/str.h"
#include "mdx_util.h"
#include "unit.h"

enum { DEPTH = 40 };

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

/* m0 by way of m1, m2, ...: each `step`, in which # is the next; `last` is the deepest. */
static void assert_chain(mdx_world *w, const char *step, const char *last, const char *axis, const char *want)
{
    strbuf b = {0};
    strbuf_addz(&b, "WITH ");
    for (unsigned i = 0; i < DEPTH; i++) {
        strbuf_printf(&b, "MEMBER [Measures].[m%u] AS ", i);
        for (const char *c = step; *c; c++)
            if (*c == '#')
                strbuf_printf(&b, "[Measures].[m%u]", i + 1);
            else
                strbuf_addc(&b, *c);
        strbuf_addc(&b, ' ');
    }
    strbuf_printf(&b, "MEMBER [Measures].[m%u] AS %s SELECT %s ON 0 FROM [S] WHERE [Measures].[m0]", DEPTH,
                  last, axis);
    strbuf_addc(&b, 0);
    assert_false(b.failed);
    assert_cells(w, b.ptr, want);
    strbuf_free(&b);
}

/* 75, 35 and 40 times 2^40. */
static void numbers_are_remembered(void **state)
{
    assert_chain(*state, "# + #", "[Measures].[Units]", "{[Geo].[USA], [Geo].[USA].[CA], [Geo].[Canada]}",
                 "USA 82,463,372,083,200, CA 38,482,906,972,160, Canada -");
    assert_chain(*state, "# - # + #", "[Measures].[Units]", "{[Geo].[USA], [Geo].[USA].[CA]}",
                 "USA 75, CA 35");
}

/* Of each context apart: 75 = 35 + 40, 20 + 15 of the two sexes. */
static void contexts_are_kept_apart(void **state)
{
    assert_chain(*state, "Sum({[Who].[F], [Who].[M]}, #)", "[Measures].[Units]", "{[Geo].[USA]}",
                 "USA 41,231,686,041,600");
    assert_chain(*state, "IIf([Geo].CurrentMember IS [Geo].[USA], (#, [Geo].[USA].[CA]), #) + 0 * #",
                 "[Measures].[Units]", "{[Geo].[USA], [Geo].[USA].[OR]}", "USA 35, OR 40");
}

static void texts_and_failures_too(void **state)
{
    assert_chain(*state, "IIf(Len(#) = Len(#), \"same\", \"other\")", "[Geo].CurrentMember.Name",
                 "{[Geo].[USA]}", "USA same");
    assert_chain(*state, "# || Left(#, 0)", "[Geo].CurrentMember.Name", "{[Geo].[USA], [Geo].[Canada]}",
                 "USA USA, Canada Canada");
    assert_chain(*state, "# + #", "CInt(\"x\")", "{[Geo].[USA]}", "USA !");
}

/* What a formula finds where iterations are is not what it finds elsewhere. */
static void iterations_are_kept_apart(void **state)
{
    assert_chain(*state, "# + #", "Sum({[Who].[F], [Who].[M]} AS s, s.CurrentOrdinal)", "{[Geo].[USA]}",
                 "USA 1,099,511,627,776");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(numbers_are_remembered, setup, teardown),
        cmocka_unit_test_setup_teardown(contexts_are_kept_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(texts_and_failures_too, setup, teardown),
        cmocka_unit_test_setup_teardown(iterations_are_kept_apart, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
