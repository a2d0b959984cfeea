/* test_json.c - JSON text and locale-free numbers. */
#include "base/json.h"

#include <locale.h>
#include <math.h>

#include "base/num.h"
#include "unit.h"

static void is_written_as(pt_str s, const char *want)
{
    strbuf b = {0};
    json_add_string(&b, s);
    assert_string_equal(b.ptr, want);
    strbuf_free(&b);
}

static void strings_are_escaped(void **state)
{
    (void)state;
    is_written_as(STR(""), "\"\"");
    is_written_as((pt_str){NULL, 0}, "\"\"");
    is_written_as(STR("a\"b\\c\n\t\r\b\f"), "\"a\\\"b\\\\c\\n\\t\\r\\b\\f\"");
    is_written_as(STR("\x01\x00\x7f"), "\"\\u0001\\u0000\\u007f\"");
    is_written_as(STR("商店/é😀"), "\"商店/é😀\"");
    is_written_as(STR("a\xFFz"), "\"a\xEF\xBF\xBDz\"");
}

static void number_is_written_as(double f, const char *want)
{
    strbuf b = {0};
    json_add_double(&b, f);
    assert_string_equal(b.ptr, want);
    strbuf_free(&b);
}

static void numbers_use_the_shortest_digits(void **state)
{
    (void)state;
    number_is_written_as(266773, "266773");
    number_is_written_as(565238.13, "565238.13");
    number_is_written_as(0.1, "0.1");
    number_is_written_as(0.1 + 0.2, "0.30000000000000004");
    number_is_written_as(-0.0, "-0");
    number_is_written_as(1e22, "1e+22");
    number_is_written_as(NAN, "null");
    number_is_written_as(-INFINITY, "null");
}

static void doubles_go_through_text(void **state)
{
    (void)state;
    uint64_t seed = 4;
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = unit_random(&seed);
        double f, back;
        memcpy(&f, &bits, sizeof f);
        if (!isfinite(f)) continue;
        strbuf b = {0};
        num_add_double(&b, f);
        assert_true(num_parse_double(strbuf_str(&b), &back));
        assert_memory_equal(&f, &back, sizeof f);
        strbuf_free(&b);
    }
}

static void integers_are_checked(void **state)
{
    (void)state;
    static const char *const bad[] = {"",    "-", "+", "1.0", "9223372036854775808", "-9223372036854775809",
                                      "12a", " 1"};
    int64_t i;
    assert_true(num_parse_i64(STR("-9223372036854775808"), &i) && i == INT64_MIN);
    assert_true(num_parse_i64(STR("+0042"), &i) && i == 42);
    for (size_t k = 0; k < ARRAY_LEN(bad); k++)
        if (num_parse_i64(str_of(bad[k]), &i)) fail_msg("'%s' is accepted", bad[k]);
}

static void doubles_are_checked(void **state)
{
    (void)state;
    static const char *const bad[] = {"",      ".",   "e5", "1e", "inf",   "nan",
                                      "0x1p3", "1,5", " 1", "1 ", "1e999", "--1"};
    double f;
    assert_true(num_parse_double(STR("-1.5e-3"), &f) && f == -1.5e-3);
    assert_true(num_parse_double(STR(".5"), &f) && f == 0.5);
    assert_true(num_parse_double(STR("5."), &f) && f == 5);
    assert_true(num_parse_double(STR("1e-999"), &f) && f == 0);
    for (size_t k = 0; k < ARRAY_LEN(bad); k++)
        if (num_parse_double(str_of(bad[k]), &f)) fail_msg("'%s' is accepted", bad[k]);
}

static void locale_has_no_say(void **state)
{
    (void)state;
    if (!setlocale(LC_ALL, "de_DE.UTF-8")) skip();
    double f;
    number_is_written_as(0.5, "0.5");
    assert_true(num_parse_double(STR("0.5"), &f) && f == 0.5);
    setlocale(LC_ALL, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_are_escaped),     cmocka_unit_test(numbers_use_the_shortest_digits),
        cmocka_unit_test(doubles_go_through_text), cmocka_unit_test(integers_are_checked),
        cmocka_unit_test(doubles_are_checked),     cmocka_unit_test(locale_has_no_say),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
