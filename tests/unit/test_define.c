/* test_define.c - changing definitions: again, altered, replaced, dropped; and what generated calendars hold.
 */
#include "base/date.h"
#include "base/fs.h"
#include "engine_util.h"
#include "unit.h"

static int setup(void **state)
{
    *state = shop_open(1);
    return 0;
}

static int teardown(void **state)
{
    shop_close(*state);
    return 0;
}

/* The statement must give this result. */
static void expect(shop *s, const char *text, define_result want)
{
    pt_err err = {0};
    define_result result;
    pt_status st = shop_try(s, text, &result, &err);
    if (st != PT_OK) fail_msg("%s\n%s: %s", text, pt_status_name(st), err.msg);
    if (result != want) fail_msg("%s\ngives %d, not %d", text, (int)result, (int)want);
}

static void expect_error(shop *s, const char *text, pt_status want, const char *message)
{
    pt_err err = {0};
    define_result result;
    pt_status st = shop_try(s, text, &result, &err);
    if (st != want || !strstr(err.msg, message))
        fail_msg("%s\ngives %s: %s", text, pt_status_name(st), err.msg);
}

static uint64_t version(shop *s)
{
    return snapshot_version(shop_view(s)->snap);
}

static const char region[] = "CREATE DIMENSION [Region] (KEY id INTEGER, ATTRIBUTE country TEXT, city TEXT, "
                             "HIERARCHY [Region] ALL (LEVEL [Country] BY country, LEVEL [City] BY city));";
static const char sales[] = "CREATE CUBE [Sales] (DIMENSION [Region], MEASURE [Units] SUM(units) INTEGER, "
                            "MEMBER [Measures].[Twice] AS [Measures].[Units] * 2);";

static void load_some(shop *s)
{
    pt_value members[] = {value_int(1), value_text(STR("Chile")), value_text(STR("Arica")),
                          value_int(2), value_text(STR("Perú")),  value_text(STR("Tacna"))};
    uint32_t ids[] = {0, 1, 1};
    int64_t units[] = {5, 7, 9};
    seg_batch columns[] = {{.ids = ids}, {.ints = units}};
    shop_members(s, "Region", 2, members, 0);
    shop_facts(s, "Sales", 3, columns);
}

/* ---- again ------------------------------------------------------------------------ */

static void same_definition_changes_nothing(void **state)
{
    shop *s = *state;
    expect(s, region, DEFINE_CREATED);
    expect(s, sales, DEFINE_CREATED);
    uint64_t before = version(s);
    expect(s, region, DEFINE_UNCHANGED);
    expect(s,
           "create dimension [Region] (key id int, attribute country text, city text,\n"
           "hierarchy [Region] all (level [Country] by country, level [City] by city)) -- the same",
           DEFINE_UNCHANGED);
    expect(s,
           "CREATE OR REPLACE CUBE [Sales] (DIMENSION [Region], MEASURE [Units] SUM(units) INTEGER, "
           "MEMBER [Measures].[Twice] AS [Measures].[Units] * 2)",
           DEFINE_UNCHANGED);
    assert_int_equal(version(s), before);
}

static void another_definition_needs_or_replace(void **state)
{
    shop *s = *state;
    expect(s, region, DEFINE_CREATED);
    expect_error(s, "CREATE DIMENSION [region] (KEY id INTEGER, HIERARCHY [Region] (LEVEL [City] BY id))",
                 PT_EXISTS, "exists already, with another definition");
    expect(s,
           "CREATE OR REPLACE DIMENSION [Region] (KEY id INTEGER, HIERARCHY [Region] (LEVEL [City] BY id))",
           DEFINE_CHANGED);
    assert_int_equal(shop_dimension(s, "Region")->hierarchies[0].n_levels, 1);
}

static void definitions_survive_reopening(void **state)
{
    shop *s = *state;
    shop_define(s, region);
    shop_define(s, sales);
    shop_reopen(s, 1);
    assert_int_equal(shop_cube(s, "Sales")->n_measures, 2);
    expect(s, region, DEFINE_UNCHANGED);
}

/* ---- altering ------------------------------------------------------------------------- */

static void script_with_alter_runs_again(void **state)
{
    shop *s = *state;
    const char *script[] = {
        region,
        sales,
        "ALTER DIMENSION [Region] ADD ATTRIBUTE zone TEXT",
        "ALTER DIMENSION [Region] ADD HIERARCHY [Zone] ALL (LEVEL [Zone] BY zone)",
        "ALTER CUBE [Sales] ADD MEASURE [Count] COUNT(*)",
        "ALTER CUBE [Sales] ADD MEMBER [Measures].[Half] AS [Measures].[Units] / 2",
    };
    for (size_t i = 0; i < ARRAY_LEN(script); i++)
        expect(s, script[i], i < 2 ? DEFINE_CREATED : DEFINE_CHANGED);
    assert_int_equal(shop_dimension(s, "Region")->n_hierarchies, 2);
    assert_int_equal(shop_cube(s, "Sales")->n_formulas, 2);
    assert_int_equal(shop_cube(s, "Sales")->n_hiers, 2);
    for (size_t i = 0; i < ARRAY_LEN(script); i++) expect(s, script[i], DEFINE_UNCHANGED);
    expect_error(s, "ALTER DIMENSION [Region] ADD ATTRIBUTE zone INTEGER", PT_EXISTS,
                 "attribute [zone] appears twice");
    expect_error(s, "ALTER DIMENSION [Regio] ADD ATTRIBUTE z INTEGER", PT_NAME, "unknown dimension [Regio]");
}

static void alter_keeps_members_and_facts(void **state)
{
    shop *s = *state;
    shop_define(s, region);
    shop_define(s, sales);
    load_some(s);
    expect(s, "ALTER DIMENSION [Region] ADD ATTRIBUTE zone TEXT, HIERARCHY [Zone] ALL (LEVEL [Zone] BY zone)",
           DEFINE_CHANGED);
    expect(s, "ALTER CUBE [Sales] ADD MEASURE [Price] SUM(price) DECIMAL(10,2)", DEFINE_CHANGED);
    const dimension *d = shop_dimension(s, "Region");
    const dim_view *v = view_dim(&s->v, d);
    assert_int_equal(dim_count(v), 2);
    assert_int_equal(dim_n_attrs(v), 4);
    assert_str(dim_attr_value(v, 2, 1).s, "Tacna");
    assert_int_equal(dim_attr_value(v, 3, 1).kind, VAL_NULL);
    uint32_t n;
    snapshot_segs(s->v.snap, shop_cube(s, "Sales")->id, &n);
    assert_int_equal(n, 1);
    shop_define(s, "CREATE DIMENSION [Depot] (KEY id INTEGER, HIERARCHY [Depot] (LEVEL [Depot] BY id))");
    expect_error(s, "ALTER CUBE [Sales] ADD DIMENSION [Depot]", PT_DEPENDENT, "stored facts know nothing of");
}

/* ---- replacing what holds data ------------------------------------------------------------ */

static void data_is_not_lost_by_replacing(void **state)
{
    shop *s = *state;
    shop_define(s, region);
    shop_define(s, sales);
    load_some(s);
    expect_error(s, "CREATE OR REPLACE CUBE [Sales] (DIMENSION [Region], MEASURE [N] COUNT(*))", PT_DEPENDENT,
                 "column [units] would be lost");
    expect_error(s, "CREATE OR REPLACE CUBE [Sales] (DIMENSION [Region], MEASURE [Units] SUM(units) DOUBLE)",
                 PT_DEPENDENT, "column [units] would have another type");
    expect_error(s,
                 "CREATE OR REPLACE CUBE [Sales] (DIMENSION [Region] ROLE [Place], MEASURE [Units] "
                 "SUM(units) INTEGER)",
                 PT_DEPENDENT, "dimension [Region] would be lost");
    expect(s, "CREATE OR REPLACE CUBE [Sales] (DIMENSION [Region], MEASURE [Most] MAX(units) INTEGER)",
           DEFINE_CHANGED);
    expect_error(s,
                 "CREATE OR REPLACE DIMENSION [Region] (KEY id INTEGER, ATTRIBUTE country TEXT, "
                 "HIERARCHY [Region] ALL (LEVEL [Country] BY country))",
                 PT_DEPENDENT, "attribute [city] would be lost");
    expect_error(s,
                 "CREATE OR REPLACE DIMENSION [Region] (KEY id BIGINT, ATTRIBUTE country TEXT, city INTEGER, "
                 "HIERARCHY [Region] ALL (LEVEL [Country] BY country))",
                 PT_DEPENDENT, "attribute [city] would have another type");
    expect(s,
           "CREATE OR REPLACE DIMENSION [Region] (KEY id BIGINT, ATTRIBUTE city TEXT, country TEXT, "
           "HIERARCHY [Region] ALL (LEVEL [Town] BY city))",
           DEFINE_CHANGED);
    const dimension *d = shop_dimension(s, "Region");
    assert_int_equal(dim_count(view_dim(&s->v, d)), 2);
    assert_str(dim_attr_value(view_dim(&s->v, d), 1, 0).s, "Arica");
}

static void dependents_are_not_broken_by_replacing(void **state)
{
    shop *s = *state;
    shop_define(s, region);
    shop_define(s, "CREATE CUBE [Sales] (DIMENSION [Region].[Region], MEASURE [N] COUNT(*))");
    expect_error(
        s, "CREATE OR REPLACE DIMENSION [Region] (KEY id INTEGER, HIERARCHY [Places] (LEVEL [L] BY id))",
        PT_DEPENDENT, "cube [Sales] would no longer be valid");
}

/* ---- dropping -------------------------------------------------------------------------------- */

static void drop_minds_dependents(void **state)
{
    shop *s = *state;
    shop_define(s, region);
    shop_define(s, sales);
    shop_define(s, "CREATE VIRTUAL CUBE [All] FROM [Sales] (DIMENSION [Region], MEASURE [Sales].[Units]);"
                   "CREATE MEMBER [Sales].[Measures].[Third] AS [Measures].[Units] / 3;");
    load_some(s);
    expect_error(s, "DROP DIMENSION [Region]", PT_DEPENDENT, "is used by cube [Sales]");
    expect_error(s, "DROP CUBE [Sales]", PT_DEPENDENT, "is used by");
    expect_error(s, "DROP CUBE [Sails]", PT_NAME, "unknown cube [Sails]");
    expect(s, "DROP CUBE IF EXISTS [Sails]", DEFINE_UNCHANGED);
    expect(s, "DROP CUBE [All]", DEFINE_DROPPED);
    expect(s, "DROP MEMBER [Sales].[Measures].[Third]", DEFINE_DROPPED);
    expect_error(s, "DROP MEMBER [Sales].[Measures].[Twice]", PT_NAME,
                 "no member [Sales].[Measures].[Twice] was created");
    assert_int_equal(shop_cube(s, "Sales")->n_formulas, 1);
    expect(s, "DROP DIMENSION [Region] CASCADE", DEFINE_DROPPED);
    uint32_t n;
    snapshot_defs(shop_view(s)->snap, &n);
    assert_int_equal(n, 0);
    expect(s, region, DEFINE_CREATED); /* the name is free, the data gone */
    assert_int_equal(dim_count(view_dim(&s->v, shop_dimension(s, "Region"))), 0);
}

static void sources_and_mappings_are_kept(void **state)
{
    shop *s = *state;
    shop_define(s, region);
    expect(s, "CREATE SOURCE [files] TYPE csv OPTIONS (directory 'data')", DEFINE_CREATED);
    expect(s,
           "CREATE MAPPING [regions] INTO DIMENSION [Region] FROM [files].'region.csv' (id, country, city)",
           DEFINE_CREATED);
    expect(s, "CREATE SOURCE [files] TYPE csv OPTIONS (directory 'data')", DEFINE_UNCHANGED);
    expect_error(s, "CREATE SOURCE [files] TYPE csv OPTIONS (directory 'other')", PT_EXISTS,
                 "source [files] exists");
    expect(s, "CREATE OR REPLACE SOURCE [files] TYPE csv OPTIONS (directory 'other')", DEFINE_CHANGED);
    expect_error(s, "DROP SOURCE [files]", PT_DEPENDENT, "is used by mapping [regions]");
    expect_error(
        s, "CREATE OR REPLACE DIMENSION [Region] (KEY id INTEGER, HIERARCHY [Region] (LEVEL [L] BY id))",
        PT_DEPENDENT, "mapping [regions] would no longer be valid");
    expect(s, "DROP DIMENSION [Region] CASCADE", DEFINE_DROPPED);
    expect(s, "DROP SOURCE [files]", DEFINE_DROPPED);
}

/* ---- dumping -------------------------------------------------------------------------------- */

static pt_str dump(shop *s, strbuf *out)
{
    pt_err err = {0};
    assert_ok(define_dump(shop_view(s), out, &err));
    return strbuf_str(out);
}

static void dump_defines_the_same_again(void **state)
{
    shop *s = *state;
    strbuf first = {0}, second = {0};
    shop_define(s, region);
    shop_define(s, sales);
    shop_define(
        s, "CREATE SOURCE [files] TYPE csv OPTIONS (directory 'data');"
           "CREATE MAPPING [regions] INTO DIMENSION [Region] FROM [files].'region.csv' (id, country, city);"
           "CREATE MEMBER [Sales].[Measures].[Third] AS [Measures].[Units] / 3;"
           "CREATE VIRTUAL CUBE [All] FROM [Sales] (DIMENSION [Region], MEASURE [Sales].[Units],"
           "  MEMBER [Sales].[Third]);"
           "CREATE SET [All].[Towns] AS [Region].[City].Members;"
           "CREATE DIMENSION [地区] (KEY 编号 INTEGER, HIERARCHY [地区] (LEVEL [城市] BY 编号));");
    dump(s, &first);
    shop_define(s, first.ptr);
    dump(s, &second);
    assert_string_equal(first.ptr, second.ptr);

    shop *t = shop_open(1);
    strbuf third = {0};
    shop_define(t, first.ptr);
    dump(t, &third);
    assert_string_equal(first.ptr, third.ptr);
    shop_close(t);
    strbuf_free(&first);
    strbuf_free(&second);
    strbuf_free(&third);
}

static void define_file(shop *s, const char *path)
{
    pt_err err = {0};
    strbuf text = {0};
    assert_ok(fs_read(path, &text, 0, &err));
    shop_define(s, text.ptr);
    strbuf_free(&text);
}

static void examples_are_defined(void **state)
{
    shop *s = *state;
    define_file(s, "examples/foodmart/dimensions.patron");
    define_file(s, "examples/foodmart/cubes.patron");
    const cube *c = shop_cube(s, "Sales");
    assert_int_equal(c->n_roles, 5);
    assert_int_equal(c->n_hiers, 13);
    assert_str(c->hiers[4].name, "Time.Weekly");
    assert_int_equal(shop_cube(s, "Sales Ragged")->n_roles, 6);
    assert_int_equal(schema_n_cubes(s->v.schema), 7);
    uint64_t before = version(s);
    define_file(s, "examples/foodmart/dimensions.patron");
    define_file(s, "examples/foodmart/cubes.patron");
    assert_int_equal(version(s), before);
}

/* ---- calendars --------------------------------------------------------------------------------- */

/* "year half quarter month month_name week week_year day_of_month day_of_week day_name fiscal..." of a day.
 */
static void expect_day(shop *s, const char *dim, const char *day, const char *want)
{
    int64_t days = 0;
    uint32_t member;
    const dimension *d = shop_dimension(s, dim);
    const dim_view *v = view_dim(&s->v, d);
    assert_true(date_parse_iso(str_of(day), &days));
    assert_true(dim_find(v, value_date(days), &member));
    strbuf b = {0};
    for (uint32_t i = 1; i < d->spec.n_attrs; i++) {
        if (i > 1) strbuf_addc(&b, ' ');
        value_print(dim_attr_value(v, i, member), &b);
    }
    if (strcmp(b.ptr, want) != 0) fail_msg("%s: '%s' is not '%s'", day, b.ptr, want);
    strbuf_free(&b);
}

static void calendars_have_members(void **state)
{
    shop *s = *state;
    expect(s,
           "CREATE TIME DIMENSION [Time] FROM '2020-12-01' TO '2024-12-31' WEEK ISO FISCAL YEAR STARTS APRIL "
           "(HIERARCHY [Time] (YEAR, HALF, QUARTER, MONTH, DAY), HIERARCHY [Weekly] ALL (YEAR, WEEK, DAY),"
           " HIERARCHY [Fiscal] ALL (LEVEL [Year] BY fiscal_year TYPE YEAR, LEVEL [Month] BY fiscal_month "
           "NAME month_name "
           "TYPE MONTH))",
           DEFINE_CREATED);
    expect_day(s, "Time", "2021-01-03", "2021 H1 Q1 1 January 53 2020 3 7 Sunday 2021 Q4 10");
    expect_day(s, "Time", "2021-01-04", "2021 H1 Q1 1 January 1 2021 4 1 Monday 2021 Q4 10");
    expect_day(s, "Time", "2024-12-30", "2024 H2 Q4 12 December 1 2025 30 1 Monday 2025 Q3 9");
    expect_day(s, "Time", "2024-02-29", "2024 H1 Q1 2 February 9 2024 29 4 Thursday 2024 Q4 11");
    const dimension *d = shop_dimension(s, "Time");
    assert_int_equal(dim_count(view_dim(&s->v, d)), 31 + 365 * 3 + 366);
    const hier_view *h;
    pt_err err = {0};
    assert_ok(dim_hier(view_dim(&s->v, d), 0, &h, &err));
    assert_int_equal(h->levels[0].n, 5);
    assert_int_equal(h->levels[3].n, 49);
    assert_int_equal(h->levels[4].n, 31 + 365 * 3 + 366);
    assert_ok(dim_hier(view_dim(&s->v, d), 1, &h, &err));
    assert_int_equal(h->levels[1].n, 5 + 52 * 4 + 1); /* 2020-W49..W53, 2021..2024, 2025-W01 */
    assert_int_equal(h->levels[2].n, 31 + 365 * 3 + 366);
    assert_ok(dim_hier(view_dim(&s->v, d), 2, &h, &err));
    assert_int_equal(h->levels[0].n, 5);

    expect(s,
           "CREATE TIME DIMENSION [Days] FROM '2021-01-01' TO '2021-12-31' WEEK SUNDAY (HIERARCHY [Days] "
           "(YEAR, WEEK, DAY))",
           DEFINE_CREATED);
    expect_day(s, "Days", "2021-01-01", "2021 H1 Q1 1 January 1 2021 1 6 Friday 2021 Q1 1");
    expect_day(s, "Days", "2021-01-03", "2021 H1 Q1 1 January 2 2021 3 1 Sunday 2021 Q1 1");
    expect_day(s, "Days", "2021-12-31", "2021 H2 Q4 12 December 53 2021 31 6 Friday 2021 Q4 12");
    expect(s,
           "CREATE TIME DIMENSION [Mondays] FROM '2021-01-01' TO '2021-12-31' WEEK MONDAY (HIERARCHY [M] "
           "(YEAR, WEEK))",
           DEFINE_CREATED);
    expect_day(s, "Mondays", "2021-01-03", "2021 H1 Q1 1 January 1 2021 3 7 Sunday 2021 Q1 1");
    expect_day(s, "Mondays", "2021-01-04", "2021 H1 Q1 1 January 2 2021 4 1 Monday 2021 Q1 1");
}

static void calendars_grow(void **state)
{
    shop *s = *state;
    expect(s,
           "CREATE TIME DIMENSION [Time] FROM '2020-01-01' TO '2020-12-31' (HIERARCHY [Time] (YEAR, MONTH))",
           DEFINE_CREATED);
    uint32_t before;
    assert_true(dim_find(view_dim(shop_view(s), shop_dimension(s, "Time")), value_date(date_days(2020, 5, 5)),
                         &before));
    expect(s,
           "CREATE OR REPLACE TIME DIMENSION [Time] FROM '2019-01-01' TO '2021-12-31' (HIERARCHY [Time] "
           "(YEAR, MONTH))",
           DEFINE_CHANGED);
    uint32_t after;
    const dim_view *v = view_dim(&s->v, shop_dimension(s, "Time"));
    assert_int_equal(dim_count(v), 365 + 366 + 365);
    assert_true(dim_find(v, value_date(date_days(2020, 5, 5)), &after));
    assert_int_equal(after, before); /* ids never change */
    expect_error(
        s,
        "CREATE OR REPLACE TIME DIMENSION [Time] FROM '2020-01-01' TO '2021-12-31' (HIERARCHY [Time] (YEAR))",
        PT_DEPENDENT, "would be shorter");
    expect(s,
           "ALTER DIMENSION [Time] ADD ATTRIBUTE holiday TEXT, HIERARCHY [Holidays] ALL (LEVEL [Holiday] BY "
           "holiday)",
           DEFINE_CHANGED);
    assert_int_equal(dim_count(view_dim(shop_view(s), shop_dimension(s, "Time"))), 365 + 366 + 365);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(same_definition_changes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(another_definition_needs_or_replace, setup, teardown),
        cmocka_unit_test_setup_teardown(definitions_survive_reopening, setup, teardown),
        cmocka_unit_test_setup_teardown(script_with_alter_runs_again, setup, teardown),
        cmocka_unit_test_setup_teardown(alter_keeps_members_and_facts, setup, teardown),
        cmocka_unit_test_setup_teardown(data_is_not_lost_by_replacing, setup, teardown),
        cmocka_unit_test_setup_teardown(dependents_are_not_broken_by_replacing, setup, teardown),
        cmocka_unit_test_setup_teardown(drop_minds_dependents, setup, teardown),
        cmocka_unit_test_setup_teardown(sources_and_mappings_are_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(dump_defines_the_same_again, setup, teardown),
        cmocka_unit_test_setup_teardown(examples_are_defined, setup, teardown),
        cmocka_unit_test_setup_teardown(calendars_have_members, setup, teardown),
        cmocka_unit_test_setup_teardown(calendars_grow, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
