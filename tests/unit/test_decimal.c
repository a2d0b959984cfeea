/* test_decimal.c - exact decimals: text, scale and the nearest double. */
#include "base/decimal.h"

#include <stdio.h>

#include "base/num.h"
#include "unit.h"

static void reads_to(const char *text, uint8_t scale, int64_t want)
{
    pt_i128 dec = 0;
    if (!dec_parse(str_of(text), scale, &dec)) fail_msg("'%s' is refused at scale %d", text, scale);
    if (dec != want) fail_msg("'%s' reads as %lld", text, (long long)dec);
}

static void is_refused(const char *text, uint8_t scale)
{
    pt_i128 dec;
    if (dec_parse(str_of(text), scale, &dec)) fail_msg("'%s' is accepted at scale %d", text, scale);
}

static void reads_decimal_text(void **state)
{
    (void)state;
    reads_to("0", 0, 0);
    reads_to("-0.00", 2, 0);
    reads_to("-12.50", 2, -1250);
    reads_to("+12.5", 2, 1250);
    reads_to("12.", 2, 1200);
    reads_to(".5", 2, 50);
    reads_to("12.5000000000000000000000000000000000000000000", 2, 1250);
    reads_to("00000000000000000000000000000000000000000000007", 0, 7);
    reads_to("1.25e2", 0, 125);
    reads_to("1250E-1", 0, 125);
    reads_to("1e3", 2, 100000);
    reads_to("0e999999999999", 2, 0);
    reads_to("10203040", 0, 10203040);
    reads_to("9223372036854775807", 0, INT64_MAX);
    reads_to("-9223372036854775808", 0, INT64_MIN);
}

static void refuses_what_is_no_number_or_does_not_fit(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",   "-",   ".",    "+.",  "e5",   "1e",  "1e+", "1.2.3",          "12a", " 1",
        "1 ", "--1", "0x10", "1,5", "1e5x", "NaN", "inf", "1e999999999999", "１",  "1_000"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) is_refused(bad[i], 2);
    is_refused("12.345", 2);
    is_refused("1e-3", 2);
    is_refused("170141183460469231731687303715884105728", 0);
    is_refused("1701411834604692317316873037158841057.28", 2);
    is_refused("1e39", 0);
}

static void extremes_go_through_text(void **state)
{
    (void)state;
    static const char *const texts[] = {"170141183460469231731687303715884105727",
                                        "-170141183460469231731687303715884105728"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        pt_i128 dec;
        strbuf b = {0};
        assert_true(dec_parse(str_of(texts[i]), 0, &dec));
        dec_print(dec, 0, &b);
        assert_string_equal(b.ptr, texts[i]);
        strbuf_free(&b);
    }
}

static void prints(pt_i128 dec, uint8_t scale, const char *want)
{
    strbuf b = {0};
    dec_print(dec, scale, &b);
    assert_string_equal(b.ptr, want);
    strbuf_free(&b);
}

static void prints_all_digits_of_the_scale(void **state)
{
    (void)state;
    prints(0, 0, "0");
    prints(0, 2, "0.00");
    prints(-5, 2, "-0.05");
    prints(1250, 2, "12.50");
    prints(-1250, 0, "-1250");
    prints(1, 18, "0.000000000000000001");
    prints(56523813, 2, "565238.13");
}

static void text_and_back(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int i = 0; i < 20000; i++) {
        uint8_t scale = (uint8_t)(unit_random(&seed) % 19);
        pt_i128 dec = (pt_i128)((unsigned __int128)unit_random(&seed) << 64 | unit_random(&seed)), back;
        dec >>= unit_random(&seed) % 128;
        strbuf b = {0};
        dec_print(dec, scale, &b);
        assert_true(dec_parse(strbuf_str(&b), scale, &back));
        assert_true(dec == back);
        strbuf_free(&b);
    }
}

static void changes_scale_without_loss(void **state)
{
    (void)state;
    pt_i128 dec, most = (pt_i128)(((unsigned __int128)1 << 127) - 1);
    assert_true(dec_rescale(1250, 2, 4, &dec) && dec == 125000);
    assert_true(dec_rescale(-1250, 2, 1, &dec) && dec == -125);
    assert_false(dec_rescale(1250, 2, 0, &dec));
    assert_true(dec_rescale(0, 18, 0, &dec) && dec == 0);
    assert_false(dec_rescale(most, 0, 1, &dec));
    assert_false(dec_rescale(1, 0, 19, &dec));
}

/* The C library rounds decimal text correctly; so must we, for any of the 128 bits. */
static void doubles_are_the_nearest(void **state)
{
    (void)state;
    uint64_t seed = 2;
    for (int i = 0; i < 50000; i++) {
        uint8_t scale = (uint8_t)(unit_random(&seed) % 19);
        pt_i128 dec = (pt_i128)((unsigned __int128)unit_random(&seed) << 64 | unit_random(&seed));
        dec >>= unit_random(&seed) % 128;
        strbuf b = {0};
        double want;
        dec_print(dec, scale, &b);
        assert_true(num_parse_double(strbuf_str(&b), &want));
        if (dec_to_double(dec, scale) != want) fail_msg("%s becomes %.17g", b.ptr, dec_to_double(dec, scale));
        strbuf_free(&b);
    }
}

/* Halfway between two doubles and a little more: only the last digit says that it goes up. */
static void the_smallest_surplus_rounds_up(void **state)
{
    (void)state;
    pt_i128 halfway = ((INT64_C(1) << 53) + 1) * (pt_i128)pow10_i64[18];
    assert_true(dec_to_double(halfway, 18) == 0x1p53);
    assert_true(dec_to_double(halfway + 1, 18) == 0x1p53 + 2);
    assert_true(dec_to_double(-halfway - 1, 18) == -0x1p53 - 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_decimal_text),
        cmocka_unit_test(refuses_what_is_no_number_or_does_not_fit),
        cmocka_unit_test(extremes_go_through_text),
        cmocka_unit_test(prints_all_digits_of_the_scale),
        cmocka_unit_test(text_and_back),
        cmocka_unit_test(changes_scale_without_loss),
        cmocka_unit_test(doubles_are_the_nearest),
        cmocka_unit_test(the_smallest_surplus_rounds_up),
    };
    return cmocka_run_group_tests_name("decimal", tests, NULL, NULL);
}
