/* vba_date.c - dates and times: VAL_DATE (days) or VAL_TIME (microseconds), local civil time, no zones. */
#include <math.h>
#include <stdlib.h>

#include "base/date.h"
#include "query/vba_int.h"

static const int64_t DAY_US = 86400000000, SECOND_US = 1000000;

/* ---- moments ----------------------------------------------------------- */

static int64_t micros_of(pt_value v)
{
    int64_t us;
    if (v.kind != VAL_DATE) return v.i;
    return __builtin_mul_overflow(v.i, DAY_US, &us) ? (v.i < 0 ? INT64_MIN : INT64_MAX) : us;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int64_t days_of(pt_value v)
{
    return v.kind == VAL_DATE ? v.i : floor_div(v.i, DAY_US);
}

static int64_t second_of_day(pt_value v)
{
    return v.kind == VAL_DATE ? 0 : floor_div(v.i - days_of(v) * DAY_US, SECOND_US);
}

/* A moment at midnight is a date. */
static pt_value moment(int64_t us)
{
    return us % DAY_US == 0 ? value_date(us / DAY_US) : (pt_value){.kind = VAL_TIME, .i = us};
}

static bool year_in_range(double year)
{
    return year >= -9999 && year <= 9999;
}

/* ---- now --------------------------------------------------------------- */

static pt_status fun_now(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)n;
    (void)v;
    return give(out, (pt_value){.kind = VAL_TIME, .i = floor_div(c->now_us, SECOND_US) * SECOND_US});
}

static pt_status fun_date(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)n;
    (void)v;
    return give(out, value_date(floor_div(c->now_us, DAY_US)));
}

static pt_status fun_time(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)n;
    (void)v;
    int64_t us = c->now_us - floor_div(c->now_us, DAY_US) * DAY_US;
    return give(out, (pt_value){.kind = VAL_TIME, .i = us - us % SECOND_US});
}

static pt_status fun_timer(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)n;
    (void)v;
    int64_t us = c->now_us - floor_div(c->now_us, DAY_US) * DAY_US;
    return give(out, value_double((double)us / 1e6));
}

/* ---- parts ------------------------------------------------------------- */

#define PART(name, expression)                                                                               \
    static pt_status name(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)                   \
    {                                                                                                        \
        (void)c;                                                                                             \
        (void)n;                                                                                             \
        pt_value at = v[0];                                                                                  \
        return give(out, value_int(expression));                                                             \
    }

PART(fun_year, date_civil(days_of(at)).year)
PART(fun_month, date_civil(days_of(at)).month)
PART(fun_day, date_civil(days_of(at)).day)
PART(fun_hour, second_of_day(at) / 3600)
PART(fun_minute, second_of_day(at) / 60 % 60)
PART(fun_second, second_of_day(at) % 60)

/* Days count from 1; `first` is the day that has number 1, Sunday being 1. */
static int64_t weekday(int64_t days, int64_t first)
{
    int64_t from_sunday = date_weekday(days) % 7;
    return (from_sunday - (first - 1) % 7 + 7) % 7 + 1;
}

static pt_status fun_weekday(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    int64_t first = arg_whole(n, v, 1, 1);
    if (first < 1 || first > 7)
        return bad_argument(c, "Weekday: the first day must lie between 1 (Sunday) and 7");
    return give(out, value_int(weekday(days_of(v[0]), first)));
}

/* ---- making ------------------------------------------------------------ */

static pt_status fun_date_serial(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    double year = arg_number(n, v, 0, 0), month = arg_number(n, v, 1, 1), day = arg_number(n, v, 2, 1);
    if (!year_in_range(year) || !(fabs(month) < 1e5) || !(fabs(day) < 4e6))
        return bad_argument(c, "DateSerial: the date is out of range");
    return give(out, value_date(date_days((int)year, (int)month, 1) + (int64_t)day - 1));
}

static pt_status fun_time_serial(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    int64_t h = arg_whole(n, v, 0, 0), m = arg_whole(n, v, 1, 0), s = arg_whole(n, v, 2, 0);
    if (llabs(h) > 1000000 || llabs(m) > 100000000 || llabs(s) > 1000000000)
        return bad_argument(c, "TimeSerial: the time is out of range");
    return give(out, (pt_value){.kind = VAL_TIME, .i = ((h * 60 + m) * 60 + s) * SECOND_US});
}

static pt_status fun_date_value(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c;
    (void)n;
    return give(out, value_date(days_of(v[0])));
}

/* "4:35:47 PM": hours count to 12, and the half of the day must be said. */
static bool time_parse(pt_str text, int64_t *us)
{
    if (text.len < 3) return false;
    pt_str half = {text.ptr + text.len - 2, 2};
    bool is_pm = str_eq_fold(half, STR("PM"));
    if (!is_pm && !str_eq_fold(half, STR("AM"))) return false;
    if (!date_parse(str_trim((pt_str){text.ptr, text.len - 2}), "%H:%M:%S", us)) return false;
    int64_t in_day = (*us % DAY_US + DAY_US) % DAY_US, hour = in_day / (3600 * SECOND_US);
    if (hour < 1 || hour > 12) return false;
    *us = in_day + ((is_pm ? 12 : 0) - (hour == 12 ? 12 : 0)) * 3600 * SECOND_US;
    return true;
}

static pt_status fun_time_value(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    int64_t us;
    (void)n;
    if (v[0].kind == VAL_DATE || v[0].kind == VAL_TIME)
        us = micros_of(v[0]) - days_of(v[0]) * DAY_US;
    else if (v[0].kind != VAL_TEXT || !time_parse(str_trim(v[0].s), &us))
        return bad_argument(c, "TimeValue: expected a time such as '4:35:47 PM'");
    return give(out, (pt_value){.kind = VAL_TIME, .i = us});
}

/* "Jan 15, 1997" or "4:35:47 PM". */
static bool moment_parse(pt_str text, pt_value *out)
{
    int64_t us;
    pt_str s = str_trim(text);
    if (date_parse(s, "%b %d, %Y", &us))
        *out = moment(us);
    else if (time_parse(s, &us))
        *out = (pt_value){.kind = VAL_TIME, .i = us};
    else
        return false;
    return true;
}

static pt_status fun_cdate(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)n;
    if (v[0].kind == VAL_DATE || v[0].kind == VAL_TIME) return give(out, v[0]);
    if (v[0].kind == VAL_TEXT && moment_parse(v[0].s, out)) return PT_OK;
    return bad_argument(c, "CDate: expected a date such as 'Jan 15, 1997'");
}

static pt_status fun_is_date(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    pt_value ignored;
    (void)c;
    (void)n;
    bool is_text = v[0].kind == VAL_TEXT;
    return give(out, value_bool(is_text ? moment_parse(v[0].s, &ignored)
                                        : v[0].kind == VAL_DATE || v[0].kind == VAL_TIME));
}

/* ---- weeks ------------------------------------------------------------- */

/* How weeks are counted: the day they begin with (1: Sunday), and which is the first of a year: the one with
 * January 1 (1), the first with four of its days (2), or the first whole one (3). */
typedef struct week_count {
    int64_t first_day, first_week;
} week_count;

/* From the arguments `at` and behind it. */
static pt_status week_count_of(const fun_call *c, const char *function, uint32_t n, const pt_value *v,
                               uint32_t at, week_count *out)
{
    *out = (week_count){arg_whole(n, v, at, 1), arg_whole(n, v, at + 1, 1)};
    if (out->first_day < 1 || out->first_day > 7)
        return bad_argument(c, "%s: the first day must lie between 1 (Sunday) and 7", function);
    if (out->first_week < 1 || out->first_week > 3)
        return bad_argument(c, "%s: the first week is 1 (of January 1), 2 (of four days) or 3 (whole)",
                            function);
    return PT_OK;
}

/* The same number for all days of a week; the next week has the next one. 1970-01-01 was a Thursday. */
static int64_t week_index(const week_count *w, int64_t days)
{
    return floor_div(days + 4 - (w->first_day - 1), 7);
}

/* The week that has so many days of the year has the last of them, January 1, 4 or 7. */
static int64_t first_week(const week_count *w, int year)
{
    static const int n_days[] = {[1] = 1, [2] = 4, [3] = 7};
    return week_index(w, date_days(year, 1, n_days[w->first_week]));
}

/* Days before the first week belong to a week of the year before; days of the first week of the next year
 * belong to that, unless it is only the week of January 1. */
static int64_t week_of_year(const week_count *w, int64_t days)
{
    int year = date_civil(days).year;
    int64_t index = week_index(w, days);
    if (index < first_week(w, year))
        year--;
    else if (w->first_week > 1 && index >= first_week(w, year + 1))
        year++;
    return index - first_week(w, year) + 1;
}

/* ---- intervals --------------------------------------------------------- */

/* "yyyy" and so on: months of the interval, or else microseconds; `part` names what DatePart gives. */
typedef struct interval {
    const char *name;
    char part;
    int months;
    int64_t us;
} interval;

static const interval intervals[] = {
    {"yyyy", 'Y', 12, 0},         {"q", 'q', 3, 0},           {"m", 'm', 1, 0},
    {"y", 'y', 0, 86400000000},   {"d", 'd', 0, 86400000000}, {"w", 'w', 0, 86400000000},
    {"ww", 'W', 0, 604800000000}, {"h", 'h', 0, 3600000000},  {"n", 'n', 0, 60000000},
    {"s", 's', 0, 1000000},
};

static const interval *find_interval(const fun_call *c, const char *function, pt_str name)
{
    for (size_t i = 0; i < ARRAY_LEN(intervals); i++)
        if (str_eq_fold(name, str_of(intervals[i].name))) return &intervals[i];
    bad_argument(c, "%s: unknown interval '" STR_FMT "', expected yyyy, q, m, y, d, w, ww, h, n or s",
                 function, STR_ARG(name));
    return NULL;
}

/* Months later, clipped to the end of the month. */
static int64_t add_months(int64_t days, int64_t months)
{
    civil d = date_civil(days);
    int64_t index = d.year * 12LL + d.month - 1 + months;
    int year = (int)floor_div(index, 12), month = (int)(index - floor_div(index, 12) * 12) + 1;
    int last = date_month_days(year, month);
    return date_days(year, month, d.day < last ? d.day : last);
}

static pt_status fun_date_add(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    const interval *i = find_interval(c, "DateAdd", v[0].s);
    double count = arg_number(n, v, 1, 0);
    if (!i) return EVAL_ERROR;
    int64_t us = micros_of(v[2]), in_day = us - days_of(v[2]) * DAY_US;
    double step = i->months ? count * i->months * 31 * (double)DAY_US : count * (double)i->us;
    if (!(fabs(step) < 3e17) || llabs(us) > 400000000000000000)
        return bad_argument(c, "DateAdd: the date is out of range");
    if (i->months)
        return give(out, moment(add_months(days_of(v[2]), (int64_t)(count * i->months)) * DAY_US + in_day));
    return give(out, moment(us + (int64_t)llround(step)));
}

static int64_t month_index(pt_value v)
{
    civil d = date_civil(days_of(v));
    return d.year * 12LL + d.month - 1;
}

/* Boundaries of the interval between the two moments, positive when the second is later; "w" counts whole
 * weeks. */
static pt_status fun_date_diff(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    week_count w;
    const interval *i = find_interval(c, "DateDiff", v[0].s);
    if (!i) return EVAL_ERROR;
    PT_TRY(week_count_of(c, "DateDiff", n, v, 3, &w));
    if (i->months) {
        int64_t from = floor_div(month_index(v[1]), i->months), to = floor_div(month_index(v[2]), i->months);
        return give(out, value_int(to - from));
    }
    if (i->part == 'W')
        return give(out, value_int(week_index(&w, days_of(v[2])) - week_index(&w, days_of(v[1]))));
    if (i->part == 'w') return give(out, value_int((days_of(v[2]) - days_of(v[1])) / 7));
    return give(out, value_int(floor_div(micros_of(v[2]), i->us) - floor_div(micros_of(v[1]), i->us)));
}

static int64_t part_of(char part, const week_count *w, int64_t days, int64_t second)
{
    civil d = date_civil(days);
    switch (part) {
    case 'Y': return d.year;
    case 'q': return (d.month + 2) / 3;
    case 'm': return d.month;
    case 'y': return days - date_days(d.year, 1, 1) + 1;
    case 'd': return d.day;
    case 'w': return weekday(days, w->first_day);
    case 'W': return week_of_year(w, days);
    case 'h': return second / 3600;
    case 'n': return second / 60 % 60;
    default: break;
    }
    return second % 60;
}

static pt_status fun_date_part(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    week_count w;
    const interval *i = find_interval(c, "DatePart", v[0].s);
    if (!i) return EVAL_ERROR;
    PT_TRY(week_count_of(c, "DatePart", n, v, 2, &w));
    return give(out, value_int(part_of(i->part, &w, days_of(v[1]), second_of_day(v[1]))));
}

/* ---- names ------------------------------------------------------------- */

static pt_status name_text(const fun_call *c, const char *name, bool is_short, pt_value *out)
{
    strbuf b = {0};
    strbuf_add(&b, name, is_short ? 3 : strlen(name));
    return give_text(c, &b, out);
}

static pt_status fun_month_name(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    int64_t month = arg_whole(n, v, 0, 0);
    if (month < 1 || month > 12) return bad_argument(c, "MonthName: months are 1 to 12");
    return name_text(c, date_month_name((int)month), arg_truth(n, v, 1, false), out);
}

static pt_status fun_weekday_name(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    int64_t day = arg_whole(n, v, 0, 0), first = arg_whole(n, v, 2, 1);
    if (day < 1 || day > 7 || first < 1 || first > 7) return bad_argument(c, "WeekdayName: days are 1 to 7");
    int from_sunday = (int)((day - 1 + first - 1) % 7);
    return name_text(c, date_day_name(from_sunday ? from_sunday : 7), arg_truth(n, v, 1, false), out);
}

static const fun table[] = {
    {"CDate", SYN_FUNCTION, "D", "v",
     "a date from a text such as 'Jan 15, 1997', a time from one such as '4:35:47 PM'", .apply = fun_cdate},
    {"Date", SYN_FUNCTION, "D", "", "today", .apply = fun_date, .flags = FUN_VOLATILE},
    {"DateAdd", SYN_FUNCTION, "D", "SnD", "a date some intervals later (yyyy q m y d w ww h n s)",
     .apply = fun_date_add},
    {"DateDiff", SYN_FUNCTION, "i", "SDD[n[n]]", "intervals between two dates", .apply = fun_date_diff},
    {"DatePart", SYN_FUNCTION, "i", "SD[n[n]]", "a part of a date (yyyy q m y d w ww h n s)",
     .apply = fun_date_part},
    {"DateSerial", SYN_FUNCTION, "D", "nnn", "the date of a year, month and day", .apply = fun_date_serial},
    {"DateValue", SYN_FUNCTION, "D", "D", "the day of a moment", .apply = fun_date_value},
    {"Day", SYN_FUNCTION, "i", "D", "day of the month", .apply = fun_day},
    {"Hour", SYN_FUNCTION, "i", "D", "hour of the day", .apply = fun_hour},
    {"IsDate", SYN_FUNCTION, "b", "v", "whether a value is a date, or a text that says one",
     .apply = fun_is_date, .flags = FUN_NULLS},
    {"Minute", SYN_FUNCTION, "i", "D", "minute of the hour", .apply = fun_minute},
    {"Month", SYN_FUNCTION, "i", "D", "month of the year", .apply = fun_month},
    {"MonthName", SYN_FUNCTION, "S", "n[b]", "name of a month, or its first three letters",
     .apply = fun_month_name},
    {"Now", SYN_FUNCTION, "D", "", "this moment", .apply = fun_now, .flags = FUN_VOLATILE},
    {"Second", SYN_FUNCTION, "i", "D", "second of the minute", .apply = fun_second},
    {"Time", SYN_FUNCTION, "D", "", "the time of day", .apply = fun_time, .flags = FUN_VOLATILE},
    {"TimeSerial", SYN_FUNCTION, "D", "nnn", "the time of an hour, minute and second",
     .apply = fun_time_serial},
    {"TimeValue", SYN_FUNCTION, "D", "D", "the time of day of a moment", .apply = fun_time_value},
    {"TimeValue", SYN_FUNCTION, "D", "S", "the time that a text such as '4:35:47 PM' says",
     .apply = fun_time_value, .bind = bind_first_as_is},
    {"Timer", SYN_FUNCTION, "n", "", "seconds since midnight", .apply = fun_timer, .flags = FUN_VOLATILE},
    {"Weekday", SYN_FUNCTION, "i", "D[n]", "day of the week, 1 for Sunday or the first day given",
     .apply = fun_weekday},
    {"WeekdayName", SYN_FUNCTION, "S", "n[b[n]]", "name of a day of the week", .apply = fun_weekday_name},
    {"Year", SYN_FUNCTION, "i", "D", "year", .apply = fun_year},
};
const fun_list fun_vba_date = {table, ARRAY_LEN(table)};
