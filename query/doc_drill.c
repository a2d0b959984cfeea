/* doc_drill.c - the manual's page on drilling. */
#include "query/doc.h"

#define OPENED "INCLUDE_CALC_MEMBERS inserts calculated children as well."

static const doc_entry entries[] = {
    {.names = "DrilldownLevel",
     .meaning =
         "The members at a level, by default the deepest one in the set, are followed by their children, "
         "unless they are already. With a number in the third place the member at that place of each tuple "
         "is opened. " OPENED,
     .edges = "The empty set, leaves and a level that the set does not have change nothing.",
     .statement = "SELECT DrilldownLevel({[Time].[2023], [Time].[2024]}) ON COLUMNS\nFROM [Sales]"},
    {.names = "DrilldownLevelBottom, DrilldownLevelTop",
     .meaning = "Each member, or each at the level, is followed by so many of its children with the least or "
                "greatest values. Without a value the current measure decides. " OPENED,
     .edges = "A number of 0 or less changes nothing, nor does the empty set.",
     .statement =
         "SELECT {[Measures].[Units]} ON COLUMNS,\n"
         "       DrilldownLevelTop([Region].[Area].Members, 1, , [Measures].[Units]) ON ROWS\nFROM [Sales]"},
    {.names = "DrilldownMember",
     .meaning =
         "Each member of the first set that is in the second is followed by its children; with RECURSIVE "
         "their children follow in turn where the second set has them. Of a tuple the first such member "
         "is opened, or with a hierarchy the member of that one: what a pivot table asks for to open its "
         "second field "
         "beside one member of the first. " OPENED,
     .edges = "An empty second set, and leaves, change nothing. A second set of tuples is an error.",
     .statement = "SELECT DrilldownMember({[Time].[2023], [Time].[2024]}, {[Time].[2024]}) ON COLUMNS\nFROM "
                  "[Sales]"},
    {.names = "DrillupLevel",
     .meaning =
         "The set without the members below a level; without a level, without those at the deepest one.",
     .edges =
         "A set without a member at the level, or at the one above the deepest, stays as it is. The empty "
         "set gives the empty set.",
     .statement = "SELECT DrillupLevel({[Time].[2023], [Time].[2024], [Time].[2024].[Q1]}, [Time].[Year]) ON "
                  "COLUMNS\nFROM [Sales]"},
    {.names = "DrillupMember",
     .meaning = "The set without what follows below the members that are in the second set.",
     .edges = "An empty second set changes nothing. A second set of tuples is an error.",
     .statement =
         "SELECT DrillupMember({[Time].[2023], [Time].[2023].[Q1], [Time].[2024]}, {[Time].[2023]}) ON "
         "COLUMNS\nFROM [Sales]"},
    {.names = "ToggleDrillState",
     .meaning = "Members of the second set that are open in the first are closed, the others are opened, "
                "with RECURSIVE as in DrilldownMember. " OPENED,
     .edges = "An empty second set changes nothing. A second set of tuples is an error.",
     .statement = "SELECT ToggleDrillState({[Time].[2023], [Time].[2024]}, {[Time].[2023]}) ON COLUMNS\nFROM "
                  "[Sales]"},
};

const doc_page doc_drill = {
    "drill", "Drilling",
    "What front ends do when a plus or minus sign is clicked: sets in which members are followed "
    "by their children.",
    entries, ARRAY_LEN(entries)};
