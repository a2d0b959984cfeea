/* test_value.c - the total order of scalars, hashing, and conversion between kinds. */
#include "base/value.h"

#include <math.h>

#include "base/date.h"
#include "base/num.h"
#include "unit.h"

/* ---- order --------------------------------------------------------- */

/* Strictly ascending. */
static const pt_value *ladder(size_t *n)
{
    static pt_value steps[64];
    size_t k = 0;
#define STEP(v) steps[k++] = (v)
    STEP(value_null());
    STEP(value_bool(false));
    STEP(value_bool(true));
    STEP(value_double(-INFINITY));
    STEP(value_double(-1e300));
    STEP(value_dec(-((pt_i128)1 << 126), 0));
    STEP(value_int(INT64_MIN));
    STEP(value_dec(-10000001, 7));
    STEP(value_int(-1));
    STEP(value_dec(-1, 18));
    STEP(value_double(-1e-300));
    STEP(value_int(0));
    STEP(value_double(5e-324));
    STEP(value_dec(1, 18));
    STEP(value_dec(1, 3));
    STEP(value_double(0.001)); /* 2 * 10^-20 more */
    STEP(value_dec(1, 1));     /* 0.1 exactly */
    STEP(value_double(0.1));   /* 0.1000000000000000055 */
    STEP(value_dec(5, 1));
    STEP(value_dec(1250, 2));
    STEP(value_int(9007199254740992));
    STEP(value_int(9007199254740993)); /* no double */
    STEP(value_double(9007199254740994.0));
    STEP(value_int(INT64_MAX));
    STEP(value_double(0x1p63));
    STEP(value_dec((pt_i128)1 << 126, 0));
    STEP(value_double(1e300));
    STEP(value_double(INFINITY));
    STEP(value_double(NAN));
    STEP(value_date(-1));
    STEP(value_date(0));
    STEP(value_time(1));
    STEP(value_date(1));
    STEP(value_text(STR("")));
    STEP(value_text(STR("A")));
    STEP(value_text(STR("a")));
    STEP(value_text(STR("商")));
#undef STEP
    *n = k;
    return steps;
}

static void order_is_total(void **state)
{
    (void)state;
    size_t n;
    const pt_value *v = ladder(&n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            int c = value_cmp(v[i], v[j]);
            if ((c > 0) - (c < 0) != (i > j) - (i < j)) fail_msg("steps %zu and %zu compare as %d", i, j, c);
        }
}

static void equal_values_hash_equally(void **state)
{
    (void)state;
    const pt_value pairs[][2] = {
        {value_int(12), value_dec(1200, 2)},
        {value_int(12), value_double(12)},
        {value_dec(1250, 2), value_double(12.5)},
        {value_dec(1250, 2), value_dec(125, 1)},
        {value_double(0.0), value_double(-0.0)},
        {value_int(0), value_double(-0.0)},
        {value_int(INT64_MIN), value_double(-0x1p63)},
        {value_dec((pt_i128)1 << 120, 0), value_double(0x1p120)},
        {value_date(3), value_time(3 * DATE_DAY_US)},
        {value_double(NAN), value_double(-NAN)},
        {value_double(0.1), value_double(0.1)},
        {value_text(STR("x")), value_text(STR("x"))},
    };
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        if (!value_eq(pairs[i][0], pairs[i][1])) fail_msg("pair %zu is not equal", i);
        if (value_hash(pairs[i][0]) != value_hash(pairs[i][1])) fail_msg("pair %zu hashes apart", i);
    }
    assert_true(value_hash(value_int(1)) != value_hash(value_int(-1)));
    assert_true(value_hash(value_bool(true)) != value_hash(value_int(1)));
}

/* A random number as one of the three kinds, small enough that kinds often meet. */
static pt_value random_number(uint64_t *seed)
{
    int64_t i = (int64_t)(unit_random(seed) % 41) - 20;
    switch (unit_random(seed) % 3) {
    case 0: return value_int(i);
    case 1: return value_dec(i * 25, 2);
    default: return value_double((double)i / 8);
    }
}

static void comparison_agrees_with_doubles_where_they_are_exact(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int k = 0; k < 20000; k++) {
        pt_value a = random_number(&seed), b = random_number(&seed);
        double x = value_as_double(a), y = value_as_double(b);
        assert_int_equal(value_cmp(a, b), (x > y) - (x < y));
        if (x == y) assert_true(value_hash(a) == value_hash(b));
    }
}

/* ---- text ---------------------------------------------------------- */

static void prints(pt_value v, const char *want)
{
    strbuf b = {0};
    value_print(v, &b);
    assert_str(strbuf_str(&b), want);
    strbuf_free(&b);
}

static void prints_plain_text(void **state)
{
    (void)state;
    prints(value_null(), "");
    prints(value_int(-1997), "-1997");
    prints(value_dec(1250, 2), "12.50");
    prints(value_double(0.1), "0.1");
    prints(value_bool(true), "true");
    prints(value_text(STR("商店")), "商店");
    prints(value_date(date_days(1997, 1, 31)), "1997-01-31");
    prints(value_time(date_days(1997, 1, 31) * DATE_DAY_US), "1997-01-31 00:00:00");
}

static void every_type_reads_what_it_prints(void **state)
{
    (void)state;
    static const struct {
        pt_type type;
        uint8_t scale;
        const char *text;
    } cases[] = {
        {TYPE_INTEGER, 0, "-9223372036854775808"},
        {TYPE_DECIMAL, 2, "-12.50"},
        {TYPE_DECIMAL, 0, "7"},
        {TYPE_DOUBLE, 0, "0.30000000000000004"},
        {TYPE_DOUBLE, 0, "5e-324"},
        {TYPE_BOOLEAN, 0, "false"},
        {TYPE_TEXT, 0, " blanks stay "},
        {TYPE_DATE, 0, "0001-12-31"},
        {TYPE_TIMESTAMP, 0, "1969-12-31 23:59:59.25"},
    };
    arena *a = arena_new(0);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        pt_err err = {0};
        pt_value v, again;
        assert_ok(value_parse(cases[i].type, cases[i].scale, str_of(cases[i].text), a, &v, &err));
        prints(v, cases[i].text);
        assert_ok(value_cast(v, TYPE_TEXT, 0, a, &again, &err));
        assert_ok(value_cast(again, cases[i].type, cases[i].scale, a, &again, &err));
        assert_true(value_eq(v, again));
    }
    arena_free(a);
}

static void reads_friendly_forms(void **state)
{
    (void)state;
    pt_err err = {0};
    pt_value v;
    assert_ok(value_parse(TYPE_INTEGER, 0, STR(" 12.00 "), NULL, &v, &err));
    assert_true(v.kind == VAL_INT && v.i == 12);
    assert_ok(value_parse(TYPE_DATE, 0, STR("1997-01-31T00:00:00"), NULL, &v, &err));
    assert_true(v.kind == VAL_DATE && v.i == date_days(1997, 1, 31));
    assert_ok(value_parse(TYPE_BOOLEAN, 0, STR("Yes"), NULL, &v, &err));
    assert_true(v.kind == VAL_BOOL && v.i == 1);
    const char *text = "borrowed";
    assert_ok(value_parse(TYPE_TEXT, 0, str_of(text), NULL, &v, &err));
    assert_ptr_equal(v.s.ptr, text);
}

static void refusals_show_the_text(void **state)
{
    (void)state;
    pt_err err = {0};
    pt_value v;
    assert_fails(value_parse(TYPE_INTEGER, 0, STR("12.5"), NULL, &v, &err), PT_VALUE,
                 "expected a whole number of at most 64 bits, found '12.5'");
    assert_fails(value_parse(TYPE_INTEGER, 0, STR("9223372036854775808"), NULL, &v, &err), PT_VALUE,
                 "9223372036854775808");
    assert_fails(value_parse(TYPE_DECIMAL, 2, STR("1.005"), NULL, &v, &err), PT_VALUE,
                 "'1.005' does not fit DECIMAL with 2 digits after the point");
    assert_fails(value_parse(TYPE_DECIMAL, 2, STR("abc"), NULL, &v, &err), PT_VALUE,
                 "expected a decimal number");
    assert_fails(value_parse(TYPE_DATE, 0, STR("1997-01-31 10:00"), NULL, &v, &err), PT_VALUE, "YYYY-MM-DD");
    assert_fails(value_parse(TYPE_DOUBLE, 0, STR(""), NULL, &v, &err), PT_VALUE, "found ''");
    assert_fails(value_parse(TYPE_DOUBLE, 0, STR("0x10"), NULL, &v, &err), PT_VALUE, "0x10");
    assert_fails(value_parse(TYPE_BOOLEAN, 0, STR("maybe"), NULL, &v, &err), PT_VALUE, "true or false");
}

/* ---- conversion ---------------------------------------------------- */

static void converts(pt_value from, pt_type t, uint8_t scale, pt_value want)
{
    pt_err err = {0};
    pt_value v;
    assert_ok(value_cast(from, t, scale, NULL, &v, &err));
    assert_int_equal(v.kind, want.kind);
    assert_true(value_eq(v, want));
}

static void converts_what_loses_nothing(void **state)
{
    (void)state;
    converts(value_null(), TYPE_DATE, 0, value_null());
    converts(value_int(12), TYPE_DECIMAL, 2, value_dec(1200, 2));
    converts(value_dec(1200, 2), TYPE_INTEGER, 0, value_int(12));
    converts(value_dec(1250, 2), TYPE_DECIMAL, 1, value_dec(125, 1));
    converts(value_dec(10, 2), TYPE_DOUBLE, 0, value_double(0.1));
    converts(value_double(0.1), TYPE_DECIMAL, 2, value_dec(10, 2));
    converts(value_double(-3), TYPE_INTEGER, 0, value_int(-3));
    converts(value_int(1), TYPE_BOOLEAN, 0, value_bool(true));
    converts(value_bool(true), TYPE_INTEGER, 0, value_int(1));
    converts(value_int(INT64_C(1) << 60), TYPE_DOUBLE, 0, value_double(0x1p60));
    converts(value_date(1), TYPE_TIMESTAMP, 0, value_time(DATE_DAY_US));
    converts(value_time(-DATE_DAY_US), TYPE_DATE, 0, value_date(-1));
}

static void refuses_what_loses_something(void **state)
{
    (void)state;
    pt_err err = {0};
    pt_value v;
    assert_fails(value_cast(value_dec(1250, 2), TYPE_INTEGER, 0, NULL, &v, &err), PT_VALUE,
                 "12.50 does not fit INTEGER without loss");
    assert_fails(value_cast(value_double(0.125), TYPE_DECIMAL, 2, NULL, &v, &err), PT_VALUE, "0.125");
    assert_fails(value_cast(value_double(NAN), TYPE_INTEGER, 0, NULL, &v, &err), PT_VALUE, "NaN");
    assert_fails(value_cast(value_double(1e30), TYPE_INTEGER, 0, NULL, &v, &err), PT_VALUE, "1e+30");
    assert_fails(value_cast(value_int(INT64_MAX), TYPE_DOUBLE, 0, NULL, &v, &err), PT_VALUE,
                 "9223372036854775807");
    assert_fails(value_cast(value_int(2), TYPE_BOOLEAN, 0, NULL, &v, &err), PT_VALUE, "2");
    assert_fails(value_cast(value_time(1), TYPE_DATE, 0, NULL, &v, &err), PT_VALUE,
                 "1970-01-01 00:00:00.000001");
    assert_fails(value_cast(value_date(1), TYPE_INTEGER, 0, NULL, &v, &err), PT_TYPE,
                 "DATE does not convert to INTEGER");
    assert_fails(value_cast(value_text(STR("x")), TYPE_INTEGER, 0, NULL, &v, &err), PT_VALUE, "found 'x'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_is_total),
        cmocka_unit_test(equal_values_hash_equally),
        cmocka_unit_test(comparison_agrees_with_doubles_where_they_are_exact),
        cmocka_unit_test(prints_plain_text),
        cmocka_unit_test(every_type_reads_what_it_prints),
        cmocka_unit_test(reads_friendly_forms),
        cmocka_unit_test(refusals_show_the_text),
        cmocka_unit_test(converts_what_loses_nothing),
        cmocka_unit_test(refuses_what_loses_something),
    };
    return cmocka_run_group_tests_name("value", tests, NULL, NULL);
}
