/* doc_nav.c - the manual's page on navigation. */
#include "query/doc.h"

static const doc_entry entries[] = {
    {.names = "AllMembers",
     .meaning =
         "The members of a level or hierarchy as `.Members` gives them, and behind them the calculated "
         "members.",
     .edges = "Members that only calculation makes visible are included; there is no null or empty case.",
     .expressions = "SetToStr([Measures].AllMembers)"},
    {.names = "Ancestor",
     .meaning = "The member above at a level, or so many steps up.",
     .edges =
         "0 steps give the member itself. Too many steps, a negative number or a level below the member give "
         "the null member. A level of another hierarchy is an error.",
     .expressions = "Ancestor([Region].[Europe].[Spain], [Region].[Area]).Name\n"
                    "Ancestor([Time].[2024].[Q2], 1).Name\n"
                    "Ancestor([Time].[2024].[Q2], 9).Name"},
    {.names = "Ancestors",
     .meaning = "The members above, nearest first, up to and including a level, or so many steps up.",
     .edges = "0 steps, or the member's own level, give the empty set; steps past the top are left out.",
     .expressions = "SetToStr(Ancestors([Region].[Europe].[Spain], 2))\n"
                    "SetToStr(Ancestors([Region].[Europe].[Spain], 0))"},
    {.names = "Ascendants",
     .meaning = "The member and all members above it, up to the root.",
     .edges = "Of the null member: the empty set.",
     .expressions = "SetToStr(Ascendants([Region].[Europe].[Spain]))"},
    {.names = "CalculatedChild",
     .meaning = "The calculated member of that name directly below a member.",
     .edges = "The null member if there is none.",
     .statement = "WITH MEMBER [Region].[Europe].[Iberia] AS [Region].[Europe].[Spain] * 1.2\n"
                  "SELECT {[Region].[Europe].CalculatedChild(\"Iberia\")} ON COLUMNS\nFROM [Sales]"},
    {.names = "Children",
     .meaning = "The members directly below a member, in natural order, without calculated ones.",
     .edges = "A leaf, and the null member, have none: the empty set.",
     .statement = "SELECT [Region].[Europe].Children ON COLUMNS\nFROM [Sales]"},
    {.names = "Cousin",
     .meaning =
         "The member that stands below another ancestor in the same place as the first member does below "
         "its own.",
     .edges = "The null member if there is none in that place. An ancestor of another hierarchy is an error.",
     .expressions = "Cousin([Time].[2024].[Q2], [Time].[2023]).UniqueName\n"
                    "Cousin([Time].[2024], [Time].[2023].[Q1]).Name"},
    {.names = "Current",
     .meaning = "The element at which the enclosing iteration over the named set stands.",
     .edges = "Outside of an iteration over that very set it is an error.",
     .expressions = "Generate([Region].[Area].Members AS a, a.Current.Name, \", \")"},
    {.names = "CurrentMember",
     .meaning =
         "The member of a hierarchy at the current cell: what the axes, the slicer and iterations have "
         "fixed, or else the default member. The name of a hierarchy alone means the same.",
     .edges = "If the slicer holds several members of the hierarchy there is no current one: an error.",
     .statement = "WITH MEMBER [Measures].[Here] AS [Region].CurrentMember.Name\n"
                  "SELECT {[Measures].[Here]} ON COLUMNS, [Region].[Area].Members ON ROWS\nFROM [Sales]"},
    {.names = "CurrentOrdinal",
     .meaning = "The place, counted from 0, at which the enclosing iteration over the named set stands.",
     .edges = "The set must have a name: by WITH SET or AS.",
     .expressions = "Generate([Region].[Area].Members AS a, Cast(a.CurrentOrdinal AS STRING), \", \")"},
    {.names = "DataMember",
     .meaning =
         "In a parent-child hierarchy the member that stands for the own facts of a parent, without those "
         "of its children; elsewhere there is none.",
     .edges = "Of the null member: the null member.",
     .expressions = "[Region].[Europe].DataMember.Name"},
    {.names = "DefaultMember",
     .meaning =
         "The member that a query gets when it names none of the hierarchy: the one its definition says, "
         "else the all member, else the first member of the first level.",
     .expressions = "[Region].DefaultMember.Name\n[Measures].DefaultMember.Name"},
    {.names = "Descendants",
     .meaning =
         "The member (or each member of a set) and what is below it, in natural order, parents first. With "
         "a level or a number of steps only the members there; a flag asks for those before it, after it, "
         "or both. LEAVES gives the members that have no children. With the second argument left "
         "empty a flag is understood around the member itself: AFTER gives what is below it, LEAVES all "
         "leaves.",
     .edges = "Of the null member and the empty set: the empty set. A negative number, a level of another "
              "hierarchy or one above the member gives the empty set. A set of tuples is an error.",
     .statement =
         "SELECT {[Measures].[Units]} ON COLUMNS,\n"
         "       Descendants([Time].[2024].[Q1], [Time].[Month], SELF_AND_BEFORE) ON ROWS\nFROM [Sales]"},
    {.names = "Dimension",
     .meaning = "The dimension of a member, level or hierarchy.",
     .expressions = "[Time].[2024].Dimension.Name"},
    {.names = "Dimensions",
     .meaning = "A hierarchy of the cube by number, where 0 is Measures, or by name.",
     .edges = "An unknown number or name is an error of the cell.",
     .expressions = "Dimensions(0).Name\nDimensions(\"Region\").DefaultMember.Name"},
    {.names = "FirstChild, LastChild",
     .meaning = "The first, or the last, of the members directly below.",
     .edges = "Of a leaf: the null member.",
     .expressions = "[Time].[2024].FirstChild.UniqueName\n[Time].[2024].LastChild.UniqueName"},
    {.names = "FirstSibling, LastSibling",
     .meaning = "The first, or the last, of the members with the same parent, the member itself among them.",
     .edges =
         "Of the null member: the null member. A calculated member of the query has no siblings: an error.",
     .expressions = "[Time].[2024].[Q3].FirstSibling.UniqueName\n[Time].[2024].[Q3].LastSibling.UniqueName"},
    {.names = "Hierarchy",
     .meaning = "The hierarchy of a member or level.",
     .expressions = "[Time].[2024].Hierarchy.UniqueName\n[Region].[Area].Hierarchy.UniqueName"},
    {.names = "Lag",
     .meaning = "The member so many places before, along the whole level: it goes across parents.",
     .edges =
         "Past an end of the level: the null member. A negative number goes forward, 0 gives the member.",
     .expressions = "[Time].[2024].[Q1].Lag(1).UniqueName\n[Time].[2023].Lag(1).Name"},
    {.names = "LastNonEmpty",
     .meaning = "The last member of the set at which the measure has a value.",
     .edges = "If there is none, or the set is empty: the null member.",
     .expressions = "LastNonEmpty([Time].[Month].Members, [Measures].[Units]).UniqueName"},
    {.names = "Lead",
     .meaning = "The member so many places further, along the whole level: it goes across parents.",
     .edges = "Past an end of the level: the null member. A negative number goes back, 0 gives the member.",
     .expressions = "[Time].[2023].[Q4].Lead(1).UniqueName\n[Time].[2024].Lead(1).Name"},
    {.names = "Level",
     .meaning = "The level of a member.",
     .expressions = "[Region].[Europe].Level.Name\n[Region].[Europe].[Spain].Level.UniqueName"},
    {.names = "Levels",
     .meaning =
         "A level of a hierarchy by number, from 0 for the topmost, or by name; as a function of its own, "
         "by name or unique name.",
     .edges = "An unknown number or name is an error of the cell. Names must be spelled as they are stored.",
     .expressions = "[Region].Levels(1).Name\n[Region].Levels(\"Country\").Ordinal\n"
                    "Levels(\"[Region].[City]\").Name"},
    {.names = "Members",
     .meaning = "The members of a level in natural order, or of a whole hierarchy, parents first; without "
                "calculated ones.",
     .statement = "SELECT [Region].[Area].Members ON COLUMNS\nFROM [Sales]"},
    {.names = "NextMember, PrevMember",
     .meaning = "The next member of the level, or the one before: across parents.",
     .edges = "Past an end of the level: the null member.",
     .expressions = "[Time].[2023].[Q4].NextMember.UniqueName\n[Time].[2024].[Q1].PrevMember.UniqueName\n"
                    "[Time].[2023].PrevMember.Name"},
    {.names = "Ordinal",
     .meaning = "The number of a level, from 0 for the topmost.",
     .expressions = "[Region].[Area].Ordinal\n[Region].[Europe].[Spain].Level.Ordinal"},
    {.names = "Parent",
     .meaning = "The member above.",
     .edges = "Of a root, and of the null member: the null member.",
     .expressions = "[Region].[Europe].[Spain].Parent.Name\n[Region].[All Regions].Parent.Name"},
    {.names = "Siblings",
     .meaning = "The members with the same parent, the member itself among them.",
     .edges = "A root has the other roots. A calculated member of the query has no siblings: an error.",
     .expressions = "SetToStr([Department].[Online].Siblings)"},
};

const doc_page doc_nav = {
    "navigation", "Navigation",
    "From a member to its relatives, its level and its hierarchy. What is not there is the "
    "*null member*: its name is `#null`, its value is null, and sets drop it.",
    entries, ARRAY_LEN(entries)};
