/* date.h - civil dates as day numbers, ISO weeks; no time zones, no locale. Algorithms: Howard Hinnant,
 * "chrono-Compatible Low-Level Date Algorithms". */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

typedef struct civil {
    int year, month, day; /* month 1..12, day 1..31 */
} civil;

#define DATE_DAY_US   INT64_C(86400000000)  /* microseconds of a day */
#define DATE_DAYS_MAX INT64_C(700000000000) /* day numbers beyond +- this are taken as this */

int64_t date_days(int year, int month, int day); /* days since 1970-01-01; month and day may overflow */
civil date_civil(int64_t days);
int date_weekday(int64_t days); /* 1 = Monday .. 7 = Sunday */
void date_iso_week(int64_t days, int *iso_year, int *week);
int date_month_days(int year, int month); /* 0 if there is no such month */
const char *date_month_name(int month);   /* "January" .. */
const char *date_day_name(int weekday);   /* "Monday" .. */
/* Reads "YYYY-MM-DD"; false if the text is not exactly that or no such day exists. */
bool date_parse_iso(pt_str text, int64_t *days);
/* Reads "YYYY-MM-DD", then optionally " " or "T" and "HH:MM", ":SS", ".f" (1 to 6 digits). */
bool date_parse_iso_time(pt_str text, int64_t *micros);
/* Reads by a strptime-like pattern of %Y (4 digits) %y (69..99: 19xx) %m %d %j %H %M %S %f (fraction of a
 * second) %b %B (English month names, whole or three letters, any case) %% and literals ("%d.%m.%Y"); the
 * whole text must match. Micros since 1970-01-01 00:00. false: no match, or no such day or time. */
bool date_parse(pt_str text, const char *pattern, int64_t *micros);
void date_print(int64_t days, strbuf *out);        /* YYYY-MM-DD */
void date_print_time(int64_t micros, strbuf *out); /* YYYY-MM-DD HH:MM:SS, .ffffff where it is not 0 */
