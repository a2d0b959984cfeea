/* doc_prop.c - the manual's page on properties and values. */
#include "query/doc.h"

static const doc_entry entries[] = {
    {.names = "()",
     .form = "(member, ...) -> tuple",
     .meaning = "A tuple: one member of each of several hierarchies. As a value it is the cell at these "
                "members, the "
                "other hierarchies being as they are. Around one expression the parentheses only group.",
     .edges = "If one of the members is null the tuple is null: it has no value, and sets drop it. Two "
              "members of one "
              "hierarchy, a set or a number in it are errors.",
     .expressions = "([Measures].[Units], [Time].[2024], [Region].[Asia])\n"
                    "([Measures].[Units], [Time].[2023].PrevMember)"},
    {.names = "Cache",
     .meaning = "The value itself: a hint for other servers that changes nothing here.",
     .edges = "Null stays null.",
     .expressions = "Cache(1 + 2)"},
    {.names = "Caption",
     .meaning =
         "The text to show for a member, level, hierarchy or dimension: the caption of its definition, else "
         "its name.",
     .expressions = "[Region].[Europe].Caption\n[Region].[Country].Caption"},
    {.names = "Name",
     .meaning = "The name of a member, level, hierarchy or dimension.",
     .edges = "The name of the null member is `#null`.",
     .expressions =
         "[Region].[Europe].[Spain].Name\n[Region].[Country].Name\n[Region].[All Regions].Parent.Name"},
    {.names = "Properties",
     .meaning =
         "A property of a member: one that the definition of its level lists, or one that every member has, "
         "such "
         "as `MEMBER_KEY`, `MEMBER_CAPTION`, `LEVEL_NUMBER`, `PARENT_UNIQUE_NAME`, `CHILDREN_CARDINALITY`; "
         "`SCHEMA_NAME` is the name of the warehouse, that of its directory without an extension. "
         "Numbers come as numbers; TYPED is accepted.",
     .edges =
         "Null where the member has none. A property that its level does not have is an error of the cell.",
     .expressions = "[Region].[Store].Members.Item(0).Properties(\"Format\")\n"
                    "[Region].[Europe].Properties(\"CHILDREN_CARDINALITY\")\n"
                    "[Region].[Europe].Properties(\"Format\")"},
    {.names = "UniqueName",
     .meaning = "The full name of a member, level, hierarchy or dimension: what a query can say to mean it.",
     .expressions = "[Region].[Europe].[Spain].UniqueName\n[Region].[Country].UniqueName"},
    {.names = "ValidMeasure",
     .meaning = "In a virtual cube a measure of one of its cubes, with the hierarchies that this cube does "
                "not have put "
                "to their all members; elsewhere just the measure.",
     .edges = "A calculated measure is an error.",
     .expressions = "ValidMeasure([Measures].[Units])"},
    {.names = "Value",
     .meaning = "The value of a member at the current cell; a member alone, where a value is wanted, means "
                "the same.",
     .edges = "Of the null member: null.",
     .expressions = "[Measures].[Units].Value\n[Region].[Asia].Value"},
    {.names = "DIMENSION PROPERTIES",
     .form = "SELECT set [DIMENSION] PROPERTIES name, ... ON axis",
     .meaning = "Asks that properties come along with the members of an axis, for programs that read them; "
                "positions "
                "and cells stay the same.",
     .edges = "A property that a member does not have is left out.",
     .statement = "SELECT {[Measures].[Units]} ON COLUMNS,\n"
                  "       {[Time].[2024]} DIMENSION PROPERTIES MEMBER_KEY, CHILDREN_CARDINALITY ON "
                  "ROWS\nFROM [Sales]"},
    {.names = "CELL PROPERTIES",
     .form = "SELECT ... FROM cube CELL PROPERTIES name, ...",
     .meaning =
         "Asks for properties of cells (VALUE, FORMATTED_VALUE, FORMAT_STRING, FORE_COLOR, ...); value and "
         "text of a cell are there anyway. Colours and fonts (FORE_COLOR, BACK_COLOR, FONT_NAME, FONT_SIZE, "
         "FONT_FLAGS) that a calculated member defines come with the style of its cells if they are asked "
         "for.",
     .edges = "Unknown names are not refused.",
     .statement =
         "SELECT {[Measures].[Units]} ON COLUMNS\nFROM [Sales]\nCELL PROPERTIES VALUE, FORMATTED_VALUE"},
};

const doc_page doc_prop = {"properties", "Values, names and properties",
                           "What is known of a member beside its relatives.", entries, ARRAY_LEN(entries)};
