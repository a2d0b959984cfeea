/* test_style.c - colours and fonts of cells: CELL PROPERTIES and the properties of calculated members. */
#include "mdx_util.h"
#include "unit.h"

#define RED                                                                                                  \
    "MEMBER [Measures].[M] AS [Measures].[Units], FORE_COLOR = Iif([Measures].[M] > 30, 255, 0), FONT_NAME " \
    "= 'Arial'"

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

static void colours_come_when_asked_for(void **state)
{
    mdx_world *w = *state;
    assert_styles(w,
                  "WITH " RED " SELECT [Geo].[USA].Children ON 0 FROM [S] WHERE [Measures].[M]"
                  " CELL PROPERTIES VALUE, FORE_COLOR, FONT_NAME",
                  "fore_color=255|font_name=Arial, fore_color=255|font_name=Arial");
    assert_styles(w,
                  "WITH " RED " SELECT [Geo].[City].Members ON 0 FROM [S] WHERE [Measures].[M]"
                  " CELL PROPERTIES fore_color",
                  "fore_color=0, fore_color=0, fore_color=255");
    assert_styles(w, "WITH " RED " SELECT [Geo].[USA].Children ON 0 FROM [S] WHERE [Measures].[M]", "-, -");
}

static void they_follow_the_style_of_the_format(void **state)
{
    assert_styles(*state,
                  "WITH MEMBER [Measures].[M] AS 5, FORMAT_STRING = '|0|style=red', BACK_COLOR = 7"
                  " SELECT {[Measures].[M]} ON 0 FROM [S] CELL PROPERTIES BACK_COLOR",
                  "style=red|back_color=7");
}

static void the_member_expanded_first_decides(void **state)
{
    assert_styles(*state,
                  "WITH MEMBER [Measures].[M] AS 5, FORE_COLOR = 1, FONT_SIZE = 9"
                  " MEMBER [Geo].[G] AS 6, FORE_COLOR = 2, SOLVE_ORDER = 3"
                  " SELECT {[Geo].[G], [Geo].[USA]} ON 0 FROM [S] WHERE [Measures].[M]"
                  " CELL PROPERTIES FORE_COLOR, FONT_SIZE",
                  "fore_color=2|font_size=9, fore_color=1|font_size=9");
}

static void what_fails_or_is_unknown_gives_none(void **state)
{
    assert_styles(*state,
                  "WITH MEMBER [Measures].[M] AS 5, FORE_COLOR = Nothing_like_it(1), BACK_COLOR = Val('z')"
                  " SELECT {[Measures].[M], [Measures].[Units]} ON 0 FROM [S]"
                  " CELL PROPERTIES FORE_COLOR, BACK_COLOR, SOMETHING",
                  "-, -");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colours_come_when_asked_for),
        cmocka_unit_test(they_follow_the_style_of_the_format),
        cmocka_unit_test(the_member_expanded_first_decides),
        cmocka_unit_test(what_fails_or_is_unknown_gives_none),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
