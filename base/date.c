/* date.c - day numbers and calendar fields (proleptic Gregorian), and their texts. */
#include "base/date.h"

static const char *const month_names[12] = {"January",   "February", "March",    "April",
                                            "May",       "June",     "July",     "August",
                                            "September", "October",  "November", "December"};
static const char *const day_names[7] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                         "Friday", "Saturday", "Sunday"};

/* ---- the calendar -------------------------------------------------- */

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Days of the first of March of year 0 to 1970-01-01; years are counted from March, so that the leap day is
 * the last of a year, and months have lengths of a linear formula. */
enum { EPOCH = 719468, ERA_DAYS = 146097, ERA_YEARS = 400 };

int64_t date_days(int year, int month, int day)
{
    int64_t m = (int64_t)month - 1;
    int64_t y = year + floor_div(m, 12);
    m -= floor_div(m, 12) * 12; /* 0 = January */
    if (m < 2) y--;
    int64_t era = floor_div(y, ERA_YEARS), year_of_era = y - era * ERA_YEARS;
    int64_t day_of_year = (153 * ((m + 10) % 12) + 2) / 5;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * ERA_DAYS + day_of_era - EPOCH + ((int64_t)day - 1);
}

static int64_t clamp(int64_t days)
{
    if (days > DATE_DAYS_MAX) return DATE_DAYS_MAX;
    return days < -DATE_DAYS_MAX ? -DATE_DAYS_MAX : days;
}

civil date_civil(int64_t days)
{
    days = clamp(days);
    int64_t era = floor_div(days + EPOCH, ERA_DAYS), day_of_era = days + EPOCH - era * ERA_DAYS;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / (ERA_DAYS - 1)) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t m = (5 * day_of_year + 2) / 153; /* 0 = March */
    civil c;
    c.day = (int)(day_of_year - (153 * m + 2) / 5 + 1);
    c.month = (int)(m < 10 ? m + 3 : m - 9);
    c.year = (int)(year_of_era + era * ERA_YEARS + (c.month <= 2));
    return c;
}

int date_weekday(int64_t days)
{
    int64_t since_thursday = days % 7; /* 1970-01-01 was a Thursday */
    return (int)((since_thursday + 7 + 3) % 7) + 1;
}

/* The week of a day is the week of its Thursday. */
void date_iso_week(int64_t days, int *iso_year, int *week)
{
    days = clamp(days);
    int64_t thursday = days - date_weekday(days) + 4;
    civil c = date_civil(thursday);
    *iso_year = c.year;
    *week = (int)((thursday - date_days(c.year, 1, 1)) / 7) + 1;
}

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int date_month_days(int year, int month)
{
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12) return 0;
    return days[month - 1] + (month == 2 && is_leap(year));
}

const char *date_month_name(int month)
{
    return month >= 1 && month <= 12 ? month_names[month - 1] : "";
}

const char *date_day_name(int weekday)
{
    return weekday >= 1 && weekday <= 7 ? day_names[weekday - 1] : "";
}

/* ---- text ---------------------------------------------------------- */

/* What a pattern has found so far. */
typedef struct fields {
    int year, month, day, day_of_year, hour, minute, second, micros;
} fields;

/* A number of min..max digits at *at. */
static bool read_number(pt_str s, size_t *at, int min, int max, int *out)
{
    int n = 0, value = 0;
    for (; n < max && *at < s.len && s.ptr[*at] >= '0' && s.ptr[*at] <= '9'; n++, ++*at)
        value = value * 10 + (s.ptr[*at] - '0');
    *out = value;
    return n >= min;
}

/* 1 to 6 digits behind a point, as micros. */
static bool read_fraction(pt_str s, size_t *at, int *micros)
{
    size_t from = *at;
    if (!read_number(s, at, 1, 6, micros)) return false;
    for (size_t n = *at - from; n < 6; n++) *micros *= 10;
    return true;
}

/* A month's name, whole or its first three letters, in any case. */
static bool read_month(pt_str s, size_t *at, int *month)
{
    pt_str rest = {s.ptr + *at, s.len - *at};
    for (int m = 1; m <= 12; m++) {
        pt_str name = str_of(month_names[m - 1]);
        size_t n = rest.len >= name.len && str_eq_fold((pt_str){rest.ptr, name.len}, name) ? name.len : 3;
        if (rest.len < n || !str_eq_fold((pt_str){rest.ptr, n}, (pt_str){name.ptr, n})) continue;
        *month = m;
        *at += n;
        return true;
    }
    return false;
}

static bool read_field(char which, pt_str s, size_t *at, fields *f)
{
    switch (which) {
    case 'Y': return read_number(s, at, 4, 4, &f->year);
    case 'y':
        if (!read_number(s, at, 2, 2, &f->year)) return false;
        f->year += f->year < 69 ? 2000 : 1900;
        return true;
    case 'm': return read_number(s, at, 1, 2, &f->month);
    case 'd': return read_number(s, at, 1, 2, &f->day);
    case 'j': return read_number(s, at, 1, 3, &f->day_of_year) && f->day_of_year > 0;
    case 'H': return read_number(s, at, 1, 2, &f->hour);
    case 'M': return read_number(s, at, 1, 2, &f->minute);
    case 'S': return read_number(s, at, 1, 2, &f->second);
    case 'f': return read_fraction(s, at, &f->micros);
    case 'b':
    case 'B': return read_month(s, at, &f->month);
    case '%': return *at < s.len && s.ptr[(*at)++] == '%';
    default: return false;
    }
}

static bool to_micros(const fields *f, int64_t *micros)
{
    int64_t days;
    if (f->hour > 23 || f->minute > 59 || f->second > 59) return false;
    if (f->day_of_year > 0) {
        if (f->day_of_year > 365 + is_leap(f->year)) return false;
        days = date_days(f->year, 1, f->day_of_year);
    } else {
        if (f->month < 1 || f->day < 1 || f->day > date_month_days(f->year, f->month)) return false;
        days = date_days(f->year, f->month, f->day);
    }
    int64_t seconds = days * 86400 + f->hour * 3600 + f->minute * 60 + f->second;
    *micros = seconds * 1000000 + f->micros;
    return true;
}

/* Matches text from *at on against the pattern; what is behind the match is the caller's. */
static bool match(pt_str text, size_t *at, const char *pattern, fields *f)
{
    for (const char *p = pattern; *p; p++) {
        if (*p == '%') {
            if (!p[1] || !read_field(*++p, text, at, f)) return false;
        } else if (*at >= text.len || text.ptr[(*at)++] != *p) {
            return false;
        }
    }
    return true;
}

bool date_parse(pt_str text, const char *pattern, int64_t *micros)
{
    fields f = {.year = 1970, .month = 1, .day = 1};
    size_t at = 0;
    return match(text, &at, pattern, &f) && at == text.len && to_micros(&f, micros);
}

bool date_parse_iso(pt_str text, int64_t *days)
{
    int64_t micros;
    if (text.len != 10 || !date_parse(text, "%Y-%m-%d", &micros)) return false;
    *days = floor_div(micros, DATE_DAY_US);
    return true;
}

bool date_parse_iso_time(pt_str text, int64_t *micros)
{
    static const char *const patterns[] = {"%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S",
                                           "%Y-%m-%d %H:%M:%S.%f"};
    char z[32];
    if (text.len < 10 || text.len >= sizeof z) return false;
    memcpy(z, text.ptr, text.len);
    if (text.len > 10 && (z[10] == 'T' || z[10] == 't')) z[10] = ' ';
    for (size_t i = 0; i < ARRAY_LEN(patterns); i++)
        if (date_parse((pt_str){z, text.len}, patterns[i], micros)) return true;
    return false;
}

void date_print(int64_t days, strbuf *out)
{
    civil c = date_civil(days);
    strbuf_printf(out, "%s%04d-%02d-%02d", c.year < 0 ? "-" : "", c.year < 0 ? -c.year : c.year, c.month,
                  c.day);
}

void date_print_time(int64_t micros, strbuf *out)
{
    int64_t days = floor_div(micros, DATE_DAY_US);
    int64_t rest = micros % DATE_DAY_US;
    if (rest < 0) rest += DATE_DAY_US;
    int second = (int)(rest / 1000000), fraction = (int)(rest % 1000000), n_digits = 6;
    date_print(days, out);
    strbuf_printf(out, " %02d:%02d:%02d", second / 3600, second / 60 % 60, second % 60);
    if (!fraction) return;
    for (; fraction % 10 == 0; n_digits--) fraction /= 10;
    strbuf_printf(out, ".%0*d", n_digits, fraction);
}
