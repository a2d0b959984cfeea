/* test_str.c - borrowed text, folding, edit distance, the growing buffer. */
#include "base/str.h"

#include "base/nearest.h"
#include "unit.h"

static void compares_by_bytes(void **state)
{
    (void)state;
    assert_true(str_cmp(STR("a"), STR("b")) < 0);
    assert_true(str_cmp(STR("a"), STR("a")) == 0);
    assert_true(str_cmp(STR("ab"), STR("a")) > 0);
    assert_true(str_cmp((pt_str){NULL, 0}, STR("")) == 0);
    assert_true(str_cmp(STR("z"), STR("é")) < 0);
    assert_true(str_starts(STR("Patron"), STR("Pat")));
    assert_false(str_starts(STR("Pa"), STR("Pat")));
}

static void folds_case_in_every_script(void **state)
{
    (void)state;
    assert_true(str_eq_fold(STR("Store SALES"), STR("store sales")));
    assert_true(str_eq_fold(STR("ÄÖÜ"), STR("äöü")));
    assert_true(str_eq_fold(STR("ΟΔΥΣΣΕΥΣ"), STR("οδυσσευς")));
    assert_true(str_eq_fold(STR("\xe2\x84\xaa\xe2\x84\xaa\xe2\x84\xaa"),
                            STR("kkk"))); /* signs of the kelvin, 9 bytes */
    assert_true(str_eq_fold(STR("МОСКВА"), STR("Москва")));
    assert_true(str_eq_fold(STR("商店"), STR("商店")));
    assert_false(str_eq_fold(STR("商店"), STR("商品")));
    assert_false(str_eq_fold(STR("ı"), STR("i")));
    assert_true(str_cmp_fold(STR("Alpha"), STR("beta")) < 0);
    assert_true(str_cmp_fold(STR("alphabet"), STR("ALPHA")) > 0);
}

static void folded_copies_agree_with_comparison(void **state)
{
    (void)state;
    static const char *const texts[] = {"",  "Sales", "SALES", "Ⱥ", "ⱥ",    "\xff", "\xfe", "a\xff",
                                        "ς", "Σ",     "σ",     "K", "k",    "K",    "商",   "\xE5\x95",
                                        "ſ", "s",     "ß",     "ẞ", "\xC3", "ǅ",    "ǆ",    "sale"};
    arena *a = arena_new(0);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        for (size_t j = 0; j < ARRAY_LEN(texts); j++) {
            pt_str x = str_of(texts[i]), y = str_of(texts[j]);
            assert_int_equal(str_eq_fold(x, y), str_eq(str_fold(a, x), str_fold(a, y)));
        }
    arena_free(a);
}

static void counts_edits_between_names(void **state)
{
    (void)state;
    assert_int_equal(str_distance(STR("Units"), STR("units"), 3), 0);
    assert_int_equal(str_distance(STR("Unitz"), STR("Units"), 3), 1);
    assert_int_equal(str_distance(STR("Unist"), STR("Units"), 3), 1);
    assert_int_equal(str_distance(STR(""), STR("abc"), 3), 3);
    assert_int_equal(str_distance(STR("abc"), STR(""), 2), 3);
    assert_int_equal(str_distance(STR("kitten"), STR("sitting"), 5), 3);
    assert_int_equal(str_distance(STR("kitten"), STR("sitting"), 2), 3);
    assert_int_equal(str_distance(STR("商店销售"), STR("商品销售"), 3), 1);
}

static void long_names_are_compared_for_equality_only(void **state)
{
    (void)state;
    char x[400], y[400];
    memset(x, 'x', sizeof x);
    memset(y, 'X', sizeof y);
    assert_int_equal(str_distance((pt_str){x, 400}, (pt_str){y, 400}, 5), 0);
    y[7] = 'z';
    assert_int_equal(str_distance((pt_str){x, 400}, (pt_str){y, 400}, 5), 6);
    assert_int_equal(str_distance((pt_str){x, 128}, (pt_str){y, 128}, 5), 1);
}

static void trims_and_copies(void **state)
{
    (void)state;
    arena *a = arena_new(0);
    assert_str(str_trim(STR(" \t a b\r\n")), "a b");
    assert_str(str_trim(STR("  ")), "");
    pt_str copy = str_copy(a, (pt_str){"abcdef", 3});
    assert_string_equal(copy.ptr, "abc");
    assert_non_null(str_copy(a, (pt_str){NULL, 0}).ptr);
    assert_str(str_printf(a, "%s-%d", "x", 42), "x-42");
    arena_free(a);
}

static void exhausted_arena_gives_null_text(void **state)
{
    (void)state;
    arena *a = arena_new(64);
    char big[100] = {0};
    assert_null(str_copy(a, (pt_str){big, sizeof big}).ptr);
    assert_null(str_printf(a, "%0100d", 1).ptr);
    assert_null(str_fold(a, (pt_str){big, sizeof big}).ptr);
    arena_free(a);
}

static void buffer_grows_and_stays_terminated(void **state)
{
    (void)state;
    strbuf b = {0};
    assert_str(strbuf_str(&b), "");
    for (int i = 0; i < 1000; i++) strbuf_printf(&b, "%d,", i % 10);
    assert_int_equal(b.len, 2000);
    assert_int_equal(strlen(b.ptr), 2000);
    strbuf_clear(&b);
    strbuf_addc(&b, 'x');
    strbuf_addz(&b, "yz");
    strbuf_adds(&b, (pt_str){NULL, 0});
    assert_string_equal(b.ptr, "xyz");
    assert_false(strbuf_reserve(&b, SIZE_MAX));
    assert_true(b.failed);
    strbuf_addz(&b, "ignored");
    assert_string_equal(b.ptr, "xyz");
    strbuf_free(&b);
    assert_null(b.ptr);
}

static void nearest_name_becomes_a_hint(void **state)
{
    (void)state;
    pt_err err = {.code = PT_NAME};
    nearest n = nearest_to(STR("Unitz"));
    nearest_offer(&n, STR("Store Sales"));
    assert_null(n.best.ptr);
    nearest_offer(&n, STR("Unity"));
    nearest_offer(&n, STR("UNITS"));
    nearest_offer(&n, STR("Unit"));
    nearest_hint(&n, &err);
    assert_string_equal(err.hint, "did you mean [Unity]?"); /* the first of equals */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares_by_bytes),
        cmocka_unit_test(folds_case_in_every_script),
        cmocka_unit_test(folded_copies_agree_with_comparison),
        cmocka_unit_test(counts_edits_between_names),
        cmocka_unit_test(long_names_are_compared_for_equality_only),
        cmocka_unit_test(nearest_name_becomes_a_hint),
        cmocka_unit_test(trims_and_copies),
        cmocka_unit_test(exhausted_arena_gives_null_text),
        cmocka_unit_test(buffer_grows_and_stays_terminated),
    };
    return cmocka_run_group_tests_name("str", tests, NULL, NULL);
}
