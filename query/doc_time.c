/* doc_time.c - the manual's page on time. */
#include "query/doc.h"

static const doc_entry entries[] = {
    {.names = "ClosingPeriod, OpeningPeriod",
     .meaning =
         "The last, or the first, descendant of a member at a level. Without a member it is the current "
         "member of the time dimension, without a level the one below that.",
     .edges =
         "The member's own level gives the member, a level above it the null member. A level and a member of "
         "different hierarchies are an error.",
     .expressions = "ClosingPeriod([Time].[Month], [Time].[2024].[Q2]).UniqueName\n"
                    "OpeningPeriod([Time].[Month], [Time].[2024].[Q2]).UniqueName"},
    {.names = "CurrentDateMember",
     .meaning =
         "The member of today: a date format says how its unique name is made, with literal characters "
         "behind backslashes. If there is no such member, BEFORE and AFTER give the nearest one on that "
         "side, as deep as the format goes.",
     .edges = "Without a flag, and if there is none on that side: the null member.",
     .expressions = "CurrentDateMember([Time], \"[Ti\\me]\\.[2\\024]\").UniqueName"},
    {.names = "CurrentDateString",
     .meaning = "Today, written by a date format.",
     .edges = "A null format gives null.",
     .expressions = "Len(CurrentDateString(\"yyyy-mm-dd\"))"},
    {.names = "LastPeriods",
     .meaning =
         "So many members of the level that end with the member; with a negative number, that start with "
         "it. Without a member it is the current member of the time dimension.",
     .edges = "0 gives the empty set. At an end of the level there are fewer.",
     .statement = "SELECT LastPeriods(3, [Time].[2024].[Q2]) ON COLUMNS\nFROM [Sales]"},
    {.names = "ParallelPeriod",
     .meaning =
         "The member in the same place of an earlier period: from the ancestor at the level so many steps "
         "back (1 if no number is given), then down again. A negative number goes forward.",
     .edges =
         "The null member if there is none in that place, or if the level is below the member. A level and a "
         "member of different hierarchies are an error.",
     .expressions = "ParallelPeriod([Time].[Year], 1, [Time].[2024].[Q2]).UniqueName\n"
                    "ParallelPeriod([Time].[Quarter], 1, [Time].[2024].[Q2]).UniqueName\n"
                    "ParallelPeriod([Time].[Year], 1, [Time].[2023]).Name"},
    {.names = "PeriodsToDate",
     .meaning =
         "The members of the member's level from the first one of its ancestor at the level up to itself. "
         "Without a member it is the current one of the time dimension, without a level the one above.",
     .edges =
         "A member above the level gives the empty set. A level and a member of different hierarchies are an "
         "error.",
     .expressions = "SetToStr(PeriodsToDate([Time].[Year], [Time].[2024].[Q3]))"},
    {.names = "Ytd, Qtd, Mtd, Wtd",
     .meaning =
         "The members from the start of the year, quarter, month or week up to the member: PeriodsToDate at "
         "that level. Without a member it is the current one of the time dimension.",
     .edges =
         "A member above that level gives the empty set, as does a hierarchy without such a level. A member "
         "that is not of a time dimension is an error.",
     .statement =
         "WITH MEMBER [Measures].[So Far] AS Sum(Ytd(), [Measures].[Units])\n"
         "SELECT {[Measures].[Units], [Measures].[So Far]} ON COLUMNS, [Time].[2024].Children ON ROWS\n"
         "FROM [Sales]"},
};

const doc_page doc_time = {
    "time", "Time",
    "Levels of a time dimension know what they are: years, quarters, months, weeks, days. What is "
    "not said otherwise works on other hierarchies too.",
    entries, ARRAY_LEN(entries)};
