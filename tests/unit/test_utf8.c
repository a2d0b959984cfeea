/* test_utf8.c - strict decoding, and widths on a terminal. */
#include "base/utf8.h"

#include "unit.h"

static void accepts_what_it_encodes(void **state)
{
    (void)state;
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        char four[4];
        size_t n = utf8_encode(cp, four), next;
        pt_str s = {four, n};
        bool is_surrogate = cp >= 0xD800 && cp <= 0xDFFF;
        assert_int_equal(utf8_decode(s, 0, &next), is_surrogate ? 0xFFFD : cp);
        assert_int_equal(next, n);
        assert_int_equal(utf8_valid_prefix(s), n);
    }
}

static void refuses_malformed_bytes(void **state)
{
    (void)state;
    static const char *const bad[] = {"\x80",
                                      "\xC0\x80",
                                      "\xC1\xBF",
                                      "\xE0\x80\x80",
                                      "\xED\xA0\x80",
                                      "\xF0\x80\x80\x80",
                                      "\xF4\x90\x80\x80",
                                      "\xF5",
                                      "\xFF",
                                      "\xE5\x95",
                                      "\xC3",
                                      "\xF0\x9F\x98"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        size_t next;
        assert_int_equal(utf8_valid_prefix(str_of(bad[i])), 0);
        assert_int_equal(utf8_decode(str_of(bad[i]), 0, &next), 0xFFFD);
        assert_int_equal(next, 1);
    }
    assert_int_equal(utf8_valid_prefix(STR("0123456789\xFFxyz")), 10);
    assert_int_equal(utf8_valid_prefix(STR("商店销售额 1997\xE5")), 20);
}

static void counts_points_and_columns(void **state)
{
    (void)state;
    assert_int_equal(utf8_count(STR("商店 a")), 4);
    assert_int_equal(utf8_width(STR("商店 a")), 6);
    assert_int_equal(utf8_width(STR("e\xCC\x81")), 1);
    assert_int_equal(utf8_width(STR("a\nb")), 2);
    assert_int_equal(utf8_width((pt_str){NULL, 0}), 0);
}

static void cuts_at_a_column(void **state)
{
    (void)state;
    assert_str(utf8_prefix_width(STR("商店"), 3), "商");
    assert_str(utf8_prefix_width(STR("abc"), 2), "ab");
    assert_str(utf8_prefix_width(STR("abc"), 9), "abc");
    assert_str(utf8_prefix_width(STR("e\xCC\x81x"), 1), "e\xCC\x81");
    assert_str(utf8_prefix_width(STR("abc"), 0), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_what_it_encodes),
        cmocka_unit_test(refuses_malformed_bytes),
        cmocka_unit_test(counts_points_and_columns),
        cmocka_unit_test(cuts_at_a_column),
    };
    return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
