/* calendar.h - time dimensions that Patron writes itself: CREATE TIME DIMENSION ... FROM '2020-01-01' TO
 * '2029-12-31'.
 *
 * The key is a date. Weeks: ISO (Monday first, week 1 holds the year's first Thursday, so that a week belongs
 * to week_year, not always to the day's year), or SUNDAY | MONDAY (week 1 holds 1 January, weeks end with the
 * year). A fiscal year that does not start in January is named by the calendar year in which it ends. */
#pragma once

#include "storage/members.h"

enum { CALENDAR_MAX_DAYS = 400000 };

/* Attributes besides the key, in order; NULL from n_calendar_attrs on. */
uint32_t calendar_n_attrs(void);
const char *calendar_attr_name(uint32_t i);
pt_type calendar_attr_type(uint32_t i);

/* The attribute behind level `i` of a hierarchy in short form (YEAR, QUARTER, MONTH, ...), given the name of
 * the key. YEAR above WEEK is the year the week belongs to; DAY below MONTH is the day of the month,
 * elsewhere the date. */
pt_str calendar_level_attr(const ast_hierarchy *h, uint32_t i, pt_str key);

/* Insert or update the member of every day of the definition's range. `spec` is the dimension's: the key, the
 * calendar's attributes, then perhaps others, which are left alone. */
PT_MUST_USE pt_status calendar_fill(const ast_dimension *def, const dim_spec *spec, dim_edit *e, pt_err *err);
