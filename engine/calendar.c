/* calendar.c - the members of generated time dimensions. */
#include "engine/calendar.h"

#include <stdio.h>

#include "base/date.h"

/* X(name, type). Order is that of the values in day_values(). */
#define CALENDAR_ATTRS(X)                                                                                    \
    X(year, INTEGER)                                                                                         \
    X(half, TEXT)                                                                                            \
    X(quarter, TEXT)                                                                                         \
    X(month, INTEGER)                                                                                        \
    X(month_name, TEXT)                                                                                      \
    X(week, INTEGER)                                                                                         \
    X(week_year, INTEGER)                                                                                    \
    X(day_of_month, INTEGER)                                                                                 \
    X(day_of_week, INTEGER)                                                                                  \
    X(day_name, TEXT)                                                                                        \
    X(fiscal_year, INTEGER)                                                                                  \
    X(fiscal_quarter, TEXT)                                                                                  \
    X(fiscal_month, INTEGER)

enum {
#define X(name, type) CAL_##name,
    CALENDAR_ATTRS(X)
#undef X
        CAL_COUNT
};

static const struct {
    const char *name;
    pt_type type;
} attrs[CAL_COUNT] = {
#define X(name, type) {#name, TYPE_##type},
    CALENDAR_ATTRS(X)
#undef X
};

uint32_t calendar_n_attrs(void)
{
    return CAL_COUNT;
}

const char *calendar_attr_name(uint32_t i)
{
    return i < CAL_COUNT ? attrs[i].name : NULL;
}

pt_type calendar_attr_type(uint32_t i)
{
    return i < CAL_COUNT ? attrs[i].type : TYPE_NONE;
}

pt_str calendar_level_attr(const ast_hierarchy *h, uint32_t i, pt_str key)
{
    bool has_week = false, is_below_month = false;
    for (uint32_t k = 0; k < h->n_levels; k++) {
        if (h->levels[k].time == LEVEL_WEEK) has_week = true;
        if (h->levels[k].time == LEVEL_MONTH && k < i) is_below_month = true;
    }
    switch (h->levels[i].time) {
    case LEVEL_YEAR: return has_week ? STR("week_year") : STR("year");
    case LEVEL_HALF: return STR("half");
    case LEVEL_QUARTER: return STR("quarter");
    case LEVEL_MONTH: return STR("month");
    case LEVEL_WEEK: return STR("week");
    case LEVEL_DAY: return is_below_month ? STR("day_of_month") : key;
    case LEVEL_REGULAR: break;
    }
    return (pt_str){NULL, 0};
}

/* Weeks that end with the year: week 1 starts on 1 January and ends before the next first day of the week. */
static int week_of_year(int64_t days, int year, week_rule rule)
{
    int64_t first = date_days(year, 1, 1);
    int before = rule == WEEK_SUNDAY ? date_weekday(first) % 7 : date_weekday(first) - 1;
    return (int)((days - first + before) / 7) + 1;
}

typedef struct day {
    pt_value values[CAL_COUNT];
    char half[4], quarter[4], fiscal_quarter[4];
} day;

static pt_str numbered(char *buf, char letter, int n)
{
    buf[0] = letter;
    buf[1] = (char)('0' + n);
    return (pt_str){buf, 2};
}

static void day_values(const ast_dimension *def, int64_t days, day *d)
{
    civil c = date_civil(days);
    int week_year = c.year, week, weekday = date_weekday(days);
    if (def->week == WEEK_ISO)
        date_iso_week(days, &week_year, &week);
    else
        week = week_of_year(days, c.year, def->week);
    int start = def->fiscal_start >= 1 && def->fiscal_start <= 12 ? def->fiscal_start : 1;
    int fiscal_month = (c.month - start + 12) % 12 + 1;

    d->values[CAL_year] = value_int(c.year);
    d->values[CAL_half] = value_text(numbered(d->half, 'H', (c.month + 5) / 6));
    d->values[CAL_quarter] = value_text(numbered(d->quarter, 'Q', (c.month + 2) / 3));
    d->values[CAL_month] = value_int(c.month);
    d->values[CAL_month_name] = value_text(str_of(date_month_name(c.month)));
    d->values[CAL_week] = value_int(week);
    d->values[CAL_week_year] = value_int(week_year);
    d->values[CAL_day_of_month] = value_int(c.day);
    d->values[CAL_day_of_week] = value_int(def->week == WEEK_SUNDAY ? weekday % 7 + 1 : weekday);
    d->values[CAL_day_name] = value_text(str_of(date_day_name(weekday)));
    d->values[CAL_fiscal_year] = value_int(start > 1 && c.month >= start ? c.year + 1 : c.year);
    d->values[CAL_fiscal_quarter] = value_text(numbered(d->fiscal_quarter, 'Q', (fiscal_month + 2) / 3));
    d->values[CAL_fiscal_month] = value_int(fiscal_month);
}

pt_status calendar_fill(const ast_dimension *def, const dim_spec *spec, dim_edit *e, pt_err *err)
{
    if (NEVER(spec->n_attrs < 1 + CAL_COUNT))
        return pt_fail(err, PT_INTERNAL, "calendar without its attributes");
    pt_status st = PT_OK;
    pt_value *values = mem_alloc(spec->n_attrs, sizeof *values);
    bool *is_given = mem_alloc(spec->n_attrs, sizeof *is_given);
    if (!values || !is_given) {
        st = pt_fail(err, PT_NOMEM, "out of memory while making a calendar");
        goto done;
    }
    for (uint32_t i = 0; i < 1 + CAL_COUNT; i++) is_given[i] = true;
    day d;
    for (int64_t days = def->from_days; st == PT_OK && days <= def->to_days; days++) {
        day_values(def, days, &d);
        values[0] = value_date(days);
        memcpy(values + 1, d.values, sizeof d.values);
        uint32_t member;
        dim_change change;
        st = dim_edit_put(e, values, is_given, days, &member, &change, err);
    }
done:
    mem_free(values);
    mem_free(is_given);
    return st;
}
