/* Tables as text: what people and programs get to see of a result. */
#include "unit.h"

#include <stdio.h>

#include "tools/progress.h"
#include "tools/render.h"

/* ---- a table of literals ---------------------------------------------------- */

typedef struct cell {
    const char *text, *value;
} cell;

typedef struct fake {
    uint32_t n_columns;
    const cell *cells;
} fake;

static const char *fake_text(const void *ctx, uint64_t row, uint32_t col)
{
    const fake *f = ctx;
    return f->cells[row * f->n_columns + col].text;
}
static const char *fake_value(const void *ctx, uint64_t row, uint32_t col)
{
    const fake *f = ctx;
    return f->cells[row * f->n_columns + col].value;
}
static double fake_number(const void *ctx, uint64_t row, uint32_t col, bool *is_null)
{
    const char *v = fake_value(ctx, row, col);
    *is_null = !v;
    return v ? strtod(v, NULL) : 0;
}

static table table_of(const fake *f, const table_column *columns, uint64_t n_rows)
{
    return (table){.n_columns = f->n_columns,
                   .n_rows = n_rows,
                   .columns = columns,
                   .tag = "SELECT",
                   .message = "",
                   .ctx = f,
                   .text = fake_text,
                   .value = fake_value,
                   .number = fake_number};
}

static const table_column sales_columns[] = {{"Country", "text", false, true},
                                             {"City", "text", false, true},
                                             {"Units", "integer", true, false},
                                             {"Growth", "double", true, false}};
static const cell sales_cells[] = {
    {"中国", "中国"},       {"上海", "上海"},     {"1,200", "1200"}, {"5.0%", "0.05"},
    {"中国", "中国"},       {"北京", "北京"},     {"7", "7"},        {"-10.0%", "-0.1"},
    {"Germany", "Germany"}, {"Berlin", "Berlin"}, {"", NULL},        {"#ERR", NULL},
};
static const fake sales = {4, sales_cells};

typedef void (*draw_fn)(const table *t, FILE *out);

static void expect(const table *t, draw_fn draw, const char *wanted)
{
    char *got = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&got, &n);
    draw(t, f);
    fclose(f);
    assert_string_equal(got, wanted);
    free(got);
}

static void draw_plain(const table *t, FILE *out)
{
    render_style s = {.columns = 60};
    render_table(t, &s, out);
}
static void draw_lines(const table *t, FILE *out)
{
    render_style s = {.columns = 60, .is_utf8 = true, .is_quiet = true};
    render_table(t, &s, out);
}

/* ---- tables ----------------------------------------------------------------- */

static void wide_characters_are_aligned_and_captions_not_repeated(void **state)
{
    (void)state;
    table t = table_of(&sales, sales_columns, 3);
    expect(&t, draw_plain,
           " Country | City   | Units | Growth\n"
           "---------+--------+-------+--------\n"
           " 中国    | 上海   | 1,200 |   5.0%\n"
           "         | 北京   |     7 | -10.0%\n"
           " Germany | Berlin |       |   #ERR\n"
           "(3 rows)\n");
}

static void unicode_lines_on_request(void **state)
{
    (void)state;
    table t = table_of(&sales, sales_columns, 1);
    expect(&t, draw_lines,
           " Country │ City │ Units │ Growth\n"
           "─────────┼──────┼───────┼────────\n"
           " 中国    │ 上海 │ 1,200 │   5.0%\n");
}

static void an_inner_caption_is_repeated_under_another_outer_one(void **state)
{
    (void)state;
    static const table_column columns[] = {
        {"a", "text", false, true}, {"b", "text", false, true}, {"c", "text", false, true}};
    static const cell cells[] = {{"1", "1"}, {"x", "x"}, {"p", "p"}, {"2", "2"}, {"x", "x"},
                                 {"p", "p"}, {"2", "2"}, {"x", "x"}, {"p", "p"}};
    static const fake f = {3, cells};
    table t = table_of(&f, columns, 3);
    expect(&t, draw_plain,
           " a | b | c\n"
           "---+---+---\n"
           " 1 | x | p\n"
           " 2 | x | p\n"
           "   |   | p\n"
           "(3 rows)\n");
}

static void many_lines_in_a_cell_and_no_control_characters(void **state)
{
    (void)state;
    static const table_column columns[] = {{"name", "text", false, false},
                                           {"definition", "text", false, false}};
    static const cell cells[] = {
        {"evil\033[31m", "x"}, {"CREATE\n  CUBE", "x"}, {"\xc2\x9bz", "x"}, {"tab\there", "x"}};
    static const fake f = {2, cells};
    table t = table_of(&f, columns, 2);
    expect(&t, draw_plain,
           " name      | definition\n"
           "-----------+------------\n"
           " evil?[31m | CREATE\n"
           "           |   CUBE\n"
           " ?z        | tab here\n"
           "(2 rows)\n");
    uint64_t lines, columns_needed;
    render_table_size(&t, &lines, &columns_needed);
    assert_int_equal(lines, 6);
    assert_int_equal(columns_needed, 9 + 10 + 6);
}

/* ---- formats for programs ------------------------------------------------------ */

static const table_column odd_columns[] = {{"a,b", "text", false, false}, {"n", "decimal", true, false}};
static const cell odd_cells[] = {{"say \"hi\"", "say \"hi\""}, {"1,234.50", "1234.50"}, {"", ""}, {"", NULL},
                                 {"a\tb\\c\nd", "a\tb\\c\nd"}, {"#ERR", NULL}};
static const fake odd = {2, odd_cells};

static void draw_csv(const table *t, FILE *out)
{
    render_csv(t, true, out);
}
static void draw_tsv(const table *t, FILE *out)
{
    render_tsv(t, true, out);
}
static void draw_bare_csv(const table *t, FILE *out)
{
    render_csv(t, false, out);
}

static void csv_quotes_and_tells_null_from_empty(void **state)
{
    (void)state;
    table t = table_of(&odd, odd_columns, 3);
    expect(&t, draw_csv,
           "\"a,b\",n\n"
           "\"say \"\"hi\"\"\",1234.50\n"
           "\"\",\n"
           "\"a\tb\\c\nd\""
           ",#ERR\n");
    table one = table_of(&odd, odd_columns, 1);
    expect(&one, draw_bare_csv, "\"say \"\"hi\"\"\",1234.50\n");
}

static void tsv_escapes(void **state)
{
    (void)state;
    table t = table_of(&odd, odd_columns, 3);
    expect(&t, draw_tsv, "a,b\tn\nsay \"hi\"\t1234.50\n\t\na\\tb\\\\c\\nd\t#ERR\n");
}

static void json_keeps_the_digits(void **state)
{
    (void)state;
    table t = table_of(&odd, odd_columns, 3);
    expect(&t, render_json,
           "{\"tag\":\"SELECT\",\"columns\":[{\"name\":\"a,b\",\"type\":\"text\",\"header\":false},"
           "{\"name\":\"n\",\"type\":\"decimal\",\"header\":false}],"
           "\"rows\":[[\"say \\\"hi\\\"\",1234.50],[\"\",null],[\"a\\tb\\\\c\\nd\",\"#ERR\"]]}\n");
    table done = {.tag = "CREATE CUBE", .message = "cube [Sales] created"};
    expect(&done, render_json, "{\"tag\":\"CREATE CUBE\",\"message\":\"cube [Sales] created\"}\n");
}

static void numbers_of_json(void **state)
{
    (void)state;
    static const char *const good[] = {"0", "-1", "12.50", "1e+22", "0.5E-3"};
    static const char *const bad[] = {"", "-", "01", "1.", ".5", "+1", "NaN", "Infinity", "1e", "0x10", "1 "};
    for (size_t i = 0; i < ARRAY_LEN(good); i++) assert_true(render_is_json_number(good[i]));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) assert_false(render_is_json_number(bad[i]));
}

static void markdown_escapes_and_aligns(void **state)
{
    (void)state;
    static const table_column columns[] = {{"a|b", "text", false, true}, {"n", "integer", true, false}};
    static const cell cells[] = {{"x*y\nz", "x"}, {"1,000", "1000"}};
    static const fake f = {2, cells};
    table t = table_of(&f, columns, 1);
    expect(&t, render_markdown, "| a\\|b | n |\n| --- | ---: |\n| x\\*y<br>z | 1,000 |\n");
}

static void formats_have_names(void **state)
{
    (void)state;
    output_format f;
    assert_true(render_format_of("md", &f));
    assert_int_equal(f, FORMAT_MARKDOWN);
    assert_true(render_format_of("csv", &f));
    assert_string_equal(render_format_name(f), "csv");
    assert_false(render_format_of("xml", &f));
}

/* ---- charts ------------------------------------------------------------------- */

static void draw_ascii_chart(const table *t, FILE *out)
{
    render_style s = {.columns = 34};
    assert_true(render_chart(t, NULL, &s, out));
}
static void draw_utf8_chart(const table *t, FILE *out)
{
    render_style s = {.columns = 34, .is_utf8 = true};
    assert_true(render_chart(t, "UNITS", &s, out));
}

static const table_column bar_columns[] = {{"Year", "text", false, true}, {"Units", "integer", true, false}};
static const cell bar_cells[] = {{"2022", "2022"}, {"100", "100"}, {"2023", "2023"}, {"50", "50"},
                                 {"二四", "二四"}, {"1", "1"},     {"none", "none"}, {"", NULL}};
static const fake bars = {2, bar_cells};

static void bars_are_in_proportion(void **state)
{
    (void)state;
    table t = table_of(&bars, bar_columns, 4);
    expect(&t, draw_ascii_chart,
           "Units\n"
           " 2022 ###################### 100\n"
           " 2023 ###########             50\n"
           " 二四 #                        1\n"
           " none                           \n");
    expect(&t, draw_utf8_chart,
           "Units\n"
           " 2022 ██████████████████████ 100\n"
           " 2023 ███████████             50\n"
           " 二四 ▎                        1\n"
           " none                           \n");
}

static void losses_grow_to_the_left(void **state)
{
    (void)state;
    static const cell cells[] = {{"up", "up"}, {"30", "30"}, {"down", "down"}, {"-10", "-10"}};
    static const fake f = {2, cells};
    table t = table_of(&f, bar_columns, 2);
    expect(&t, draw_ascii_chart,
           "Units\n"
           " up         |################  30\n"
           " down ######|                 -10\n");
}

static void a_chart_needs_numbers(void **state)
{
    (void)state;
    render_style s = {.columns = 40};
    static const table_column columns[] = {{"a", "text", false, true}, {"b", "text", false, false}};
    table t = table_of(&bars, columns, 2);
    FILE *null = fopen("/dev/null", "w");
    assert_false(render_chart(&t, NULL, &s, null));
    table u = table_of(&bars, bar_columns, 2);
    assert_false(render_chart(&u, "Dollars", &s, null));
    fclose(null);
}

/* ---- progress ------------------------------------------------------------------- */

static void progress_tells_rate_and_time_left(void **state)
{
    (void)state;
    char text[128];
    progress_text("reading a.csv", 5000000, 10000000, 5000000, 2000000, "rows", text, sizeof text);
    assert_string_equal(text, "reading a.csv   50 %  5.00 M rows  2.50 M rows/s  0:02 left");
    progress_text("reading a.csv", 1500, 0, 0, 0, "bytes", text, sizeof text);
    assert_string_equal(text, "reading a.csv  1.50 kB");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wide_characters_are_aligned_and_captions_not_repeated),
        cmocka_unit_test(unicode_lines_on_request),
        cmocka_unit_test(an_inner_caption_is_repeated_under_another_outer_one),
        cmocka_unit_test(many_lines_in_a_cell_and_no_control_characters),
        cmocka_unit_test(csv_quotes_and_tells_null_from_empty),
        cmocka_unit_test(tsv_escapes),
        cmocka_unit_test(json_keeps_the_digits),
        cmocka_unit_test(numbers_of_json),
        cmocka_unit_test(markdown_escapes_and_aligns),
        cmocka_unit_test(formats_have_names),
        cmocka_unit_test(bars_are_in_proportion),
        cmocka_unit_test(losses_grow_to_the_left),
        cmocka_unit_test(a_chart_needs_numbers),
        cmocka_unit_test(progress_tells_rate_and_time_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
