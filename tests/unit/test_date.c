/* test_date.c - the calendar against the C library, and date texts. */
#include "base/date.h"

#include <time.h>

#include "unit.h"

enum { FIRST = -719528 /* 0000-01-01 */, LAST = 2932896 /* 9999-12-31 */ };

static void calendar_agrees_with_the_c_library(void **state)
{
    (void)state;
    for (int64_t d = FIRST; d <= LAST; d += 13) {
        struct tm tm;
        time_t t = (time_t)d * 86400;
        gmtime_r(&t, &tm);
        civil c = date_civil(d);
        assert_int_equal(c.year, tm.tm_year + 1900);
        assert_int_equal(c.month, tm.tm_mon + 1);
        assert_int_equal(c.day, tm.tm_mday);
        assert_int_equal(date_weekday(d), tm.tm_wday == 0 ? 7 : tm.tm_wday);
        assert_int_equal(date_days(c.year, c.month, c.day), d);
        assert_true(c.day <= date_month_days(c.year, c.month));
        char text[16];
        int year, week;
        strftime(text, sizeof text, "%G %V", &tm);
        date_iso_week(d, &year, &week);
        assert_int_equal(year, strtol(text, NULL, 10));
        assert_int_equal(week, strtol(strchr(text, ' '), NULL, 10));
    }
}

static void month_and_day_may_overflow(void **state)
{
    (void)state;
    assert_int_equal(date_days(1997, 13, 1), date_days(1998, 1, 1));
    assert_int_equal(date_days(1997, 0, 1), date_days(1996, 12, 1));
    assert_int_equal(date_days(1997, -11, 1), date_days(1996, 1, 1));
    assert_int_equal(date_days(1996, 3, 0), date_days(1996, 2, 29));
    assert_int_equal(date_days(1997, 1, 366), date_days(1998, 1, 1));
}

static void absurd_days_do_not_overflow(void **state)
{
    (void)state;
    int year, week;
    strbuf b = {0};
    assert_int_equal(date_civil(INT64_MAX).year, date_civil(DATE_DAYS_MAX).year);
    assert_true(date_civil(INT64_MIN).year < 0);
    date_iso_week(INT64_MIN, &year, &week);
    date_iso_week(INT64_MAX, &year, &week);
    date_print_time(INT64_MIN, &b);
    date_print_time(INT64_MAX, &b);
    strbuf_free(&b);
}

static void reads_iso_dates(void **state)
{
    (void)state;
    static const char *const bad[] = {"1997-02-29",  "1997-13-01", "1997-00-10", "1997-1-01",  "97-01-01",
                                      "1997-01-01 ", "1997/01/01", "",           "1997-01-32", "-997-01-01"};
    int64_t days = 0;
    assert_true(date_parse_iso(STR("1996-02-29"), &days));
    assert_int_equal(days, date_days(1996, 2, 29));
    assert_true(date_parse_iso(STR("0001-01-01"), &days));
    assert_int_equal(days, date_days(1, 1, 1));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (date_parse_iso(str_of(bad[i]), &days)) fail_msg("'%s' is accepted", bad[i]);
}

static void reads_iso_times(void **state)
{
    (void)state;
    int64_t micros, day = date_days(1997, 1, 31) * DATE_DAY_US;
    assert_true(date_parse_iso_time(STR("1997-01-31"), &micros) && micros == day);
    assert_true(date_parse_iso_time(STR("1997-01-31T10:30"), &micros) &&
                micros == day + 37800 * INT64_C(1000000));
    assert_true(date_parse_iso_time(STR("1997-01-31 00:00:01.5"), &micros) && micros == day + 1500000);
    assert_true(date_parse_iso_time(STR("1969-12-31 23:59:59.999999"), &micros) && micros == -1);
    assert_false(date_parse_iso_time(STR("1997-01-31 24:00"), &micros));
    assert_false(date_parse_iso_time(STR("1997-01-31 10:00:00.1234567"), &micros));
    assert_false(date_parse_iso_time(STR("1997-01-31 10"), &micros));
}

static int64_t by_pattern(const char *text, const char *pattern)
{
    int64_t micros;
    return date_parse(str_of(text), pattern, &micros) ? micros / DATE_DAY_US : INT64_MIN;
}

static void reads_by_pattern(void **state)
{
    (void)state;
    int64_t want = date_days(1997, 3, 5);
    assert_int_equal(by_pattern("05.03.1997", "%d.%m.%Y"), want);
    assert_int_equal(by_pattern("3/5/97", "%m/%d/%y"), want);
    assert_int_equal(by_pattern("19970305", "%Y%m%d"), want);
    assert_int_equal(by_pattern("5-Mar-1997", "%d-%b-%Y"), want);
    assert_int_equal(by_pattern("march 5, 1997", "%B %d, %Y"), want);
    assert_int_equal(by_pattern("1997-064", "%Y-%j"), want);
    assert_int_equal(by_pattern("1997年3月5日", "%Y年%m月%d日"), want);
    assert_int_equal(by_pattern("100% 19970305", "100%% %Y%m%d"), want);
    assert_int_equal(by_pattern("01/05/68", "%d/%m/%y"), date_days(2068, 5, 1));
    assert_int_equal(by_pattern("29.02.1997", "%d.%m.%Y"), INT64_MIN);
    assert_int_equal(by_pattern("05.03.1997 ", "%d.%m.%Y"), INT64_MIN);
    assert_int_equal(by_pattern("05.03", "%d.%m.%Y"), INT64_MIN);
    assert_int_equal(by_pattern("1997-366", "%Y-%j"), INT64_MIN);
    assert_int_equal(by_pattern("1997", "%Y%"), INT64_MIN);
    assert_int_equal(by_pattern("1997", "%Q"), INT64_MIN);
    assert_int_equal(by_pattern("5 Ma 1997", "%d %b %Y"), INT64_MIN);
}

static void prints_dates_and_times(void **state)
{
    (void)state;
    strbuf b = {0};
    date_print(date_days(1997, 1, 5), &b);
    strbuf_addc(&b, ' ');
    date_print(date_days(-1, 12, 31), &b);
    strbuf_addc(&b, ' ');
    date_print_time(-1, &b);
    strbuf_addc(&b, ' ');
    date_print_time(INT64_C(1500000), &b);
    assert_string_equal(b.ptr, "1997-01-05 -0001-12-31 1969-12-31 23:59:59.999999 1970-01-01 00:00:01.5");
    strbuf_free(&b);
    assert_string_equal(date_month_name(12), "December");
    assert_string_equal(date_day_name(7), "Sunday");
    assert_string_equal(date_month_name(13), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calendar_agrees_with_the_c_library),
        cmocka_unit_test(month_and_day_may_overflow),
        cmocka_unit_test(absurd_days_do_not_overflow),
        cmocka_unit_test(reads_iso_dates),
        cmocka_unit_test(reads_iso_times),
        cmocka_unit_test(reads_by_pattern),
        cmocka_unit_test(prints_dates_and_times),
    };
    return cmocka_run_group_tests_name("date", tests, NULL, NULL);
}
