/* test_format.c - format strings: named formats, patterns, sections, rounding, dates, styles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>

#include "base/date.h"
#include "query/query.h"

static void check(const char *pattern, pt_value v, const char *expected)
{
    arena *a = arena_new(0);
    const number_format *f;
    pt_err err = {0};
    strbuf b = {0};
    assert_int_equal(format_compile(str_of(pattern), a, &f, &err), PT_OK);
    format_value(f, v, &b, NULL);
    if (!str_eq(strbuf_str(&b), str_of(expected)))
        fail_msg("%s: got <%.*s>, expected <%s>", pattern, (int)b.len, b.ptr ? b.ptr : "", expected);
    strbuf_free(&b);
    arena_free(a);
}

static void num(const char *pattern, double f, const char *expected)
{
    check(pattern, value_double(f), expected);
}

/* n = 1234567.891, -n, 0, 0.5, -0.004 */
static void five(const char *pattern, const char *a, const char *b, const char *c, const char *d,
                 const char *e)
{
    num(pattern, 1234567.891, a);
    num(pattern, -1234567.891, b);
    num(pattern, 0, c);
    num(pattern, 0.5, d);
    num(pattern, -0.004, e);
}

static void named_formats_are_patterns(void **state)
{
    (void)state;
    five("Standard", "1,234,568", "-1,234,568", "0", "1", "0");
    five("standard", "1,234,568", "-1,234,568", "0", "1", "0");
    five("Currency", "$1,234,567.89", "($1,234,567.89)", "$0.00", "$0.50", "$0.00");
    five("Fixed", "1234568", "-1234568", "0", "1", "0");
    five("Percent", "123456789.10%", "-123456789.10%", "0.00%", "50.00%", "-0.40%");
    five("Scientific", "1.23e+06", "-1.23e+06", "0.00e+00", "5.00e-01", "0.00e+00");
    five("General Number", "1,234,567.891", "-1,234,567.891", "0", "0.5", "-0.004");
    five("", "1,234,567.891", "-1,234,567.891", "0", "0.5", "-0.004");
    five("Yes/No", "Yes", "Yes", "No", "Yes", "Yes");
    check("On/Off", value_null(), "Off");
    check("Standard", value_null(), "");
}

static void a_literal_between_digits_begins_the_number_again(void **state)
{
    (void)state;
    five("#-#", "1234568-1234568", "-1234568-1234568", "-", "1-1", "-");
    five("000-0000", "1234568-1234568", "-1234568-1234568", "000-0000000", "001-0000001", "000-0000000");
    num("0.0 to 0.00", 5, "5.0 to 05.000");
    num("0 \"units\".", 5, "5 units.");
}

static void patterns_place_digits(void **state)
{
    (void)state;
    five("#,###", "1,234,568", "-1,234,568", "", "1", "");
    five("#,#", "1,234,568", "-1,234,568", "", "1", "");
    five("#,###.00", "1,234,567.89", "-1,234,567.89", ".00", ".50", ".00");
    five("#.0", "1234567.9", "-1234567.9", ".0", ".5", ".0");
    five("#.##", "1234567.89", "-1234567.89", ".", ".5", ".");
    five("0.###", "1234567.891", "-1234567.891", "0.", "0.5", "-0.004");
    five("#.##;(#.##)", "1234567.89", "(1234567.89)", ".", ".5", ".");
    five("##.00%", "123456789.10%", "-123456789.10%", ".00%", "50.00%", "-.40%");
    five("###0%", "123456789%", "-123456789%", "0%", "50%", "0%");
    five("00000", "1234568", "-1234568", "00000", "00001", "00000");
    five("#,##0,", "1,235", "-1,235", "0", "0", "0");
    five("#,##0,,", "1", "-1", "0", "0", "0");
    five("##0.0E+0", "1.2E+6", "-1.2E+6", "0.0E+0", "5.0E-1", "0.0E+0");
    num("0.0,", 1234567.89, "1234567.9,");
    num("0.00e-00", 1234567.891, "1.23e06");
    num(".00", 12.5, "12.50");
}

static void sections_by_sign_and_null(void **state)
{
    const char *p = "$#,##0.00;($#,##0.00);ZERO;NULL;Nil";
    (void)state;
    five(p, "$1,234,567.89", "($1,234,567.89)", "ZERO", "$0.50", "ZERO");
    check(p, value_null(), "NULL");
    five("0;-0;;nul", "1234568", "-1234568", "0", "1", "0");
    check("0;-0;;nul", value_null(), "nul");
    num("#.0;(#.0);zero;none", -0.001, "zero");
    num("-0", -1, "--1");
}

static void literals_stay(void **state)
{
    (void)state;
    num("\\x0", 1234567.891, "x1234568");
    num("\"abc\"0", 1234567.891, "abc1234568");
    num("0 \"units\"", 1234567.891, "1234568 units");
    num("\"abc\"0", -1, "-abc1");
    num("$0", -1, "-$1");
    num("no digits", 5, "no digits");
    num("0 元", 5, "5 元");
    num(">", 1234.5678, "1,234.568");
    check(">", value_text(STR("Straße")), "STRASSE");
    check("<", value_text(STR("ABC")), "abc");
    check("#,##0", value_text(STR("text")), "text");
    check("#,##0", value_bool(true), "true");
}

static void rounding_is_on_decimal_digits(void **state)
{
    (void)state;
    num("0", 2.5, "3");
    num("0", -2.5, "-3");
    num("0.00", 1.005, "1.01");
    num("0.00", 2.675, "2.68");
    num("#,##0", 999999.5, "1,000,000");
    num("0.0", 9.96, "10.0");
    check("#,###.00", value_dec((pt_i128)5652381300, 4), "565,238.13");
    check("0.00", value_dec(5, 3), "0.01");
    check("0", value_dec((pt_i128)123456789012345678 * 1000000000, 0), "123456789012345678000000000");
}

static void general_is_half_even_with_three_decimals(void **state)
{
    static const struct {
        double f;
        const char *text;
    } cases[] = {{196770.888, "196,770.888"},
                 {12345678901.5, "12,345,678,901.5"},
                 {0.0015, "0.002"},
                 {0.0005, "0"},
                 {-0.0004, "-0"},
                 {10425, "10,425"},
                 {0.1, "0.1"}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        strbuf b = {0};
        format_general(value_double(cases[i].f), &b);
        assert_string_equal(b.ptr, cases[i].text);
        strbuf_free(&b);
    }
}

static void numbers_that_are_not_finite(void **state)
{
    (void)state;
    num("0.0%", INFINITY, "Infinity%");
    num("$#,##0.00", INFINITY, "$Infinity");
    num("Currency", -INFINITY, "($Infinity)");
    num("#,###", -INFINITY, "-Infinity");
    num("#,###.00", NAN, "NaN.00");
    num("Standard", NAN, "NaN");
}

static void dates_by_letters(void **state)
{
    pt_value day = value_date(date_days(1997, 1, 5));
    pt_value moment = {.kind = VAL_TIME,
                       .i = (date_days(1997, 1, 5) * 86400 + 13 * 3600 + 5 * 60 + 9) * 1000000};
    (void)state;
    check("Long Date", day, "Sunday, January 05, 1997");
    check("Medium Date", day, "05-Jan-97");
    check("Short Date", day, "1/5/97");
    check("Long Time", day, "0:00:00 AM");
    check("Medium Time", day, "0:00 AM");
    check("Short Time", day, "00:00");
    check("yyyy-mm-dd hh:mm:ss", moment, "1997-01-05 13:05:09");
    check("h:nn a/p", moment, "1:05 p");
    check("q", day, "1");
    check("Standard", value_date(date_days(1997, 1, 15)), "35,446");
    num("yyyy-mm-dd", 5, "yyyy-mm-dd");
}

static void styles_keep_their_bars(void **state)
{
    (void)state;
    num("|#,##0.00|style=red", 1234, "|1,234.00|style=red");
    num("|#,##0.00|style=red", -1234, "|-1,234.00|style=red");
    num("|#,##0|arrow=\"up\"", 23, "|23|arrow=up");
    check("|#,##0|style=red", value_null(), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(named_formats_are_patterns),
        cmocka_unit_test(a_literal_between_digits_begins_the_number_again),
        cmocka_unit_test(patterns_place_digits),
        cmocka_unit_test(sections_by_sign_and_null),
        cmocka_unit_test(literals_stay),
        cmocka_unit_test(rounding_is_on_decimal_digits),
        cmocka_unit_test(general_is_half_even_with_three_decimals),
        cmocka_unit_test(numbers_that_are_not_finite),
        cmocka_unit_test(dates_by_letters),
        cmocka_unit_test(styles_keep_their_bars),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
