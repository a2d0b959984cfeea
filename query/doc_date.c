/* doc_date.c - the manual's page on dates. */
#include "query/doc.h"

#define DAY "DateSerial(2024, 2, 29)"

#define WEEKS                                                                                                \
    "A first number behind the dates is the day that weeks begin with (1 is Sunday, as without it), a "      \
    "second one says "                                                                                       \
    "which week of a year is the first: the one with January 1 (1, as without it), with four days (2) or "   \
    "whole (3)."

static const doc_entry entries[] = {
    {.names = "CDate",
     .meaning = "The date that a text such as `Jan 15, 2024` says, or the time that `4:35:47 PM` says; a "
                "date stays as it is.",
     .edges = "A text that is no such date or time is an error of the cell.",
     .expressions = "Format(CDate(\"Feb 29, 2024\"), \"yyyy-mm-dd\")"},
    {.names = "Date", .meaning = "Today.", .expressions = "Hour(Date())"},
    {.names = "DateAdd",
     .meaning = "A date so many intervals later. Intervals: yyyy years, q quarters, m months, y d w days, ww "
                "weeks, h "
                "hours, n minutes, s seconds. The day of the month is cut to the length of the month.",
     .edges = "An unknown interval is an error of the cell.",
     .expressions = "Format(DateAdd(\"m\", 12, " DAY "), \"yyyy-mm-dd\")\n"
                    "Format(DateAdd(\"d\", -1, " DAY "), \"yyyy-mm-dd\")"},
    {.names = "DateDiff",
     .meaning = "How often an interval of `DateAdd` ended between two dates: new years, quarters, months, "
                "days, weeks (ww), hours, minutes, seconds; w counts whole weeks. " WEEKS,
     .edges = "Negative if the second date is earlier. An unknown interval is an error of the cell.",
     .expressions = "DateDiff(\"d\", DateSerial(2024, 1, 1), " DAY ")\n"
                    "DateDiff(\"m\", DateSerial(2024, 1, 1), " DAY ")"},
    {.names = "DatePart",
     .meaning =
         "A part of a date: yyyy year, q quarter, m month, y day of the year, d day, w day of the week, ww "
         "week, h hour, n minute, s second. " WEEKS,
     .edges = "An unknown part is an error of the cell.",
     .expressions = "DatePart(\"q\", " DAY ")\nDatePart(\"y\", " DAY ")\nDatePart(\"ww\", " DAY ", 2, 2)"},
    {.names = "DateSerial",
     .meaning = "The date of a year, a month and a day; a month or day past the end counts on.",
     .expressions = "Format(DateSerial(2024, 14, 0), \"yyyy-mm-dd\")"},
    {.names = "DateValue",
     .meaning = "The day of a moment, without its time.",
     .expressions = "Hour(DateValue(Now()))"},
    {.names = "Day", .meaning = "The day of the month.", .expressions = "Day(" DAY ")"},
    {.names = "Hour",
     .meaning = "The hour of the day, from 0.",
     .expressions = "Hour(TimeSerial(13, 45, 10))"},
    {.names = "IsDate",
     .meaning = "True if the value is a date, or a text that `CDate` understands.",
     .edges = "False for null.",
     .expressions = "IsDate(" DAY ")\nIsDate(\"no date\")"},
    {.names = "Minute",
     .meaning = "The minute of the hour.",
     .expressions = "Minute(TimeSerial(13, 45, 10))"},
    {.names = "Month", .meaning = "The month of the year, from 1.", .expressions = "Month(" DAY ")"},
    {.names = "MonthName",
     .meaning = "The name of a month; its first three letters if the second argument is true.",
     .edges = "A number that is no month is an error of the cell.",
     .expressions = "MonthName(2)\nMonthName(2, 1 = 1)"},
    {.names = "Now",
     .meaning = "This moment: the time at which the statement started.",
     .expressions = "Year(Now()) > 2000"},
    {.names = "Second",
     .meaning = "The second of the minute.",
     .expressions = "Second(TimeSerial(13, 45, 10))"},
    {.names = "Time",
     .meaning = "The time of day at which the statement started.",
     .expressions = "Hour(Time()) < 24"},
    {.names = "TimeSerial",
     .meaning = "The time of an hour, a minute and a second.",
     .expressions = "Format(TimeSerial(13, 45, 10), \"hh:nn:ss\")"},
    {.names = "TimeValue",
     .meaning = "The time of day of a moment, or the one that a text such as `4:35:47 PM` says.",
     .edges = "A text that is no time is an error of the cell; the half of the day (AM or PM) must be said.",
     .expressions = "Format(TimeValue(\"4:35:47 PM\"), \"hh:nn:ss\")"},
    {.names = "Timer", .meaning = "The seconds since midnight.", .expressions = "Timer() >= 0"},
    {.names = "Weekday",
     .meaning =
         "The day of the week: 1 for Sunday, or for the day that the second number says (2 is Monday).",
     .expressions = "Weekday(" DAY ")\nWeekday(" DAY ", 2)"},
    {.names = "WeekdayName",
     .meaning =
         "The name of a day of the week, counted from Sunday or from the day that the last number says; its "
         "first three letters if the second argument is true.",
     .edges = "A number that is no day of the week is an error of the cell.",
     .expressions = "WeekdayName(1)\nWeekdayName(1, 1 = 1, 2)"},
    {.names = "Year", .meaning = "The year.", .expressions = "Year(" DAY ")"},
};

const doc_page doc_date = {
    "dates", "Dates",
    "Dates come from these functions and from properties of members. Null gives null. Members of a "
    "time dimension are not dates: [Time](time.md) is about those.",
    entries, ARRAY_LEN(entries)};
