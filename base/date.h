/* date.h - civil dates as day numbers, ISO weeks; no time zones, no locale. Algorithms: Howard Hinnant,
 * "chrono-Compatible Low-Level Date Algorithms". */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

typedef struct civil {
    int year, month, day; /* month 1..12, day 1..31 */
} civil;

int64_t date_days(int year, int month, int day); /* days since 1970-01-01; month and day may overflow */
civil date_civil(int64_t days);
int date_weekday(int64_t days); /* 1 = Monday .. 7 = Sunday */
void date_iso_week(int64_t days, int *iso_year, int *week);
int date_month_days(int year, int month);
const char *date_month_name(int month); /* "January" .. */
const char *date_day_name(int weekday); /* "Monday" .. */
/* Reads "YYYY-MM-DD"; false if the text is not exactly that or no such day exists. */
bool date_parse_iso(pt_str text, int64_t *days);
/* Reads by a strptime-like pattern of %Y %m %d %H %M %S %y %b %B %j and literals ("%d.%m.%Y");
 * micros since 1970-01-01. false: no match. Locale-free (English month names). */
bool date_parse(pt_str text, const char *pattern, int64_t *micros);
void date_print(int64_t days, strbuf *out); /* YYYY-MM-DD */
