/* doc_set.c - the manual's page on sets. */
#include "query/doc.h"

static const doc_entry entries[] = {
    {.names = "{}",
     .form = "{member | tuple | set, ...} -> set",
     .meaning =
         "The set that lists its elements in the order given; sets inside are opened. Repetitions stay.",
     .edges = "`{}` is the empty set. Null members vanish. Tuples of different hierarchies in one set are an "
              "error, and so is a level: write `.Members` behind it.",
     .statement = "SELECT {[Department].[Shops], [Department].[Online], [Department].[Shops]} ON COLUMNS\n"
                  "FROM [Sales]"},
    {.names = ":",
     .meaning = "The members of a level from one to another, both included, in the order of the level.",
     .edges =
         "Ends in the wrong order are exchanged. If an end is the null member the set is empty; members of "
         "different levels are an error.",
     .statement = "SELECT {[Time].[2024].[Q2] : [Time].[2024].[Q4]} ON COLUMNS\nFROM [Sales]"},
    {.names = "AS",
     .form = "set AS name -> set",
     .meaning =
         "The set itself, and a name for it that can be used further right in the same call or braces.",
     .edges = "Outside of the call or the braces the name is unknown.",
     .statement =
         "SELECT Filter([Product].[Family].Members AS f, f.CurrentOrdinal < 2) ON COLUMNS\nFROM [Sales]"},
    {.names = "AddCalculatedMembers",
     .meaning = "The set and behind it the calculated members that are siblings of its members.",
     .edges = "The empty set stays empty; a set of tuples is an error.",
     .statement = "SELECT AddCalculatedMembers({[Measures].[Revenue]}) ON COLUMNS\nFROM [Sales]"},
    {.names = "CachedExists",
     .meaning =
         "The tuples of a set that are related to a tuple, as `Exists` says; the text names the set for "
         "programs and changes nothing.",
     .edges = "The empty set gives the empty set, a null tuple too.",
     .statement =
         "SELECT CachedExists([Region].[Country].Members, ([Region].[Asia]), \"countries\") ON COLUMNS\n"
         "FROM [Sales]"},
    {.names = "Crossjoin",
     .meaning =
         "Every tuple of the first set with every tuple of the second, and so on; the first set varies "
         "slowest. `a * b` means the same.",
     .edges = "If one of the sets is empty the result is empty. A hierarchy that is in two of the sets is an "
              "error.",
     .statement = "SELECT {[Measures].[Units]} ON COLUMNS,\n"
                  "       Crossjoin({[Time].[2023], [Time].[2024]}, {[Department].[Shops], "
                  "[Department].[Online]}) ON ROWS\nFROM [Sales]"},
    {.names = "Distinct",
     .meaning = "The set without repetitions: of equal tuples the first stays.",
     .edges = "The empty set gives the empty set.",
     .statement = "SELECT Distinct({[Department].[Online], [Department].[Shops], [Department].[Online]}) ON "
                  "COLUMNS\nFROM [Sales]"},
    {.names = "Except",
     .meaning = "The tuples of the first set that are not in the second, in the order of the first. "
                "Repetitions stay, with and without ALL.",
     .edges = "Taking away the empty set changes nothing.",
     .statement = "SELECT Except([Department].[Division].Members, {[Department].[Online]}) ON COLUMNS\n"
                  "FROM [Sales]"},
    {.names = "Existing",
     .meaning = "The tuples of a set that are related to the members of the current cell: in each hierarchy "
                "the same member, one above it or one below it.",
     .edges = "The empty set gives the empty set.",
     .statement = "WITH MEMBER [Measures].[Cities] AS Count(EXISTING [Region].[City].Members)\n"
                  "SELECT {[Measures].[Cities]} ON COLUMNS, [Region].[Area].Members ON ROWS\nFROM [Sales]"},
    {.names = "Exists",
     .meaning = "The tuples of the first set that are related to some tuple of the second: in each hierarchy "
                "the same member, one above it or one below it. Facts play no part.",
     .edges =
         "If the second set is empty the result is empty. Repetitions and the order of the first set stay.",
     .statement = "SELECT Exists([Region].[Country].Members, {[Region].[Europe]}) ON COLUMNS\nFROM [Sales]"},
    {.names = "Extract",
     .meaning =
         "The members of some hierarchies of a set of tuples, in the order of the hierarchies given, each "
         "combination once.",
     .edges =
         "The empty set gives the empty set. A hierarchy that is not in the set, or is given twice, is an "
         "error.",
     .statement = "SELECT Extract({[Time].[2023], [Time].[2024]} * {[Department].[Online]}, [Department]) ON "
                  "COLUMNS\nFROM [Sales]"},
    {.names = "Filter",
     .meaning = "The tuples for which the condition holds. The condition is evaluated at each tuple.",
     .edges = "A null condition counts as false; the empty set gives the empty set.",
     .statement = "SELECT Filter([Product].[Family].Members, [Measures].[Units] > 5000) ON COLUMNS,\n"
                  "       {[Measures].[Units]} ON ROWS\nFROM [Sales]"},
    {.names = "Generate",
     .meaning =
         "The second set for each tuple of the first, evaluated at that tuple, one after the other; "
         "repetitions are dropped unless ALL is given. With a text in place of the second set it gives "
         "the texts joined, with the last argument between them.",
     .edges =
         "An empty first set gives the empty set, or the empty text. A number in place of the text is an "
         "error of the cell.",
     .expressions = "Generate([Region].[Area].Members, [Region].CurrentMember.Name, \", \")",
     .statement =
         "SELECT {[Measures].[Revenue]} ON COLUMNS,\n"
         "       Generate([Region].[Area].Members,\n"
         "                TopCount([Region].CurrentMember.Children, 1, [Measures].[Revenue])) ON ROWS\n"
         "FROM [Sales]"},
    {.names = "Head",
     .meaning = "The first tuples of a set, as many as the number says; without a number one.",
     .edges =
         "A number of 0 or less gives the empty set, one beyond the size the whole set. Fractions are cut "
         "off.",
     .statement = "SELECT Head([Product].[Family].Members, 2) ON COLUMNS\nFROM [Sales]"},
    {.names = "Intersect",
     .meaning =
         "The tuples of the first set that are in the second, in the order of the first, each once; with "
         "ALL every occurrence in the first set stays.",
     .edges = "If one of the sets is empty the result is empty.",
     .statement = "SELECT Intersect([Department].[Division].Members,\n"
                  "                 {[Department].[Online], [Department].[Shops]}) ON COLUMNS\nFROM [Sales]"},
    {.names = "Item",
     .meaning =
         "The tuple at a place of a set, counted from 0, or the first tuple made of members with these "
         "names; of a tuple, the member at a place.",
     .edges =
         "A place that is not there, or a name that is not found, gives the null member. The wrong number "
         "of names is an error.",
     .expressions = "[Product].[Family].Members.Item(0).Name\n"
                    "([Time].[2024], [Department].[Online]).Item(1).Name\n"
                    "[Product].[Family].Members.Item(99).Name"},
    {.names = "NativizeSet",
     .meaning = "The set itself: a hint for other servers that changes nothing here.",
     .edges = "The empty set gives the empty set.",
     .statement = "SELECT NativizeSet({[Department].[Online]}) ON COLUMNS\nFROM [Sales]"},
    {.names = "NonEmpty",
     .meaning =
         "The tuples at which the current measure has a value; with a second set, those that have a value "
         "together with at least one of its tuples.",
     .edges = "The empty set gives the empty set; so does an empty second set.",
     .statement =
         "SELECT NonEmpty(Head([Product].[Brand].Members, 20), {([Measures].[Units], [Time].[2023].[Q1], "
         "[Region].[Europe].[Spain])}) ON COLUMNS\nFROM [Sales]"},
    {.names = "NonEmptyCrossJoin",
     .meaning = "The tuples of the cross product at which the current measure has a value.",
     .edges = "If one of the sets is empty the result is empty. Tuples with a calculated member are kept.",
     .statement =
         "SELECT {[Measures].[Units]} ON COLUMNS,\n"
         "       NonEmptyCrossJoin([Region].[Europe].[Spain].Children, {[Product].[Electronics]}) ON "
         "ROWS\nFROM [Sales]\nWHERE [Time].[2024].[Q1]"},
    {.names = "StripCalculatedMembers",
     .meaning = "The set without calculated members.",
     .edges = "The empty set gives the empty set.",
     .statement = "SELECT StripCalculatedMembers({[Measures].[Revenue], [Measures].[Profit]}) ON COLUMNS\n"
                  "FROM [Sales]"},
    {.names = "Subset",
     .meaning = "The tuples from a place on, counted from 0: as many as the last number says, or all.",
     .edges = "A negative number, or a place past the end, gives the empty set.",
     .statement = "SELECT Subset([Product].[Family].Members, 1, 2) ON COLUMNS\nFROM [Sales]"},
    {.names = "Tail",
     .meaning = "The last tuples of a set, as many as the number says, in their order; without a number one.",
     .edges = "A number of 0 or less gives the empty set, one beyond the size the whole set.",
     .statement = "SELECT Tail([Product].[Family].Members, 2) ON COLUMNS\nFROM [Sales]"},
    {.names = "Union",
     .meaning = "The tuples of the first set and then of the second, each once; with ALL repetitions stay.",
     .edges = "An empty set adds nothing. Sets of different hierarchies are an error.",
     .statement = "SELECT Union({[Department].[Online]}, {[Department].[Shops], [Department].[Online]}) ON "
                  "COLUMNS\nFROM [Sales]"},
    {.names = "Unorder",
     .meaning = "The set itself, in an order that does not matter; Patron keeps the order.",
     .edges = "The empty set gives the empty set.",
     .statement =
         "SELECT Unorder({[Department].[Online], [Department].[Business]}) ON COLUMNS\nFROM [Sales]"},
    {.names = "VisualTotals",
     .meaning =
         "The set, with each member that is followed by descendants of its own replaced by one whose value "
         "is the aggregate of just those. The text is a pattern for its name: `*` stands for the name.",
     .edges = "The empty set gives the empty set; a set of tuples is an error. A calculated measure has no "
              "aggregate: its cell is an error.",
     .statement = "SELECT {[Measures].[Revenue]} ON COLUMNS,\n"
                  "       VisualTotals({[Region].[Europe], [Region].[Europe].[Spain], "
                  "[Region].[Europe].[France]}, \"* (shown)\") ON ROWS\nFROM [Sales]"},
};

const doc_page doc_set = {
    "sets", "Sets",
    "Sets are lists of tuples, in order; a member counts as a tuple of one. Repetitions stay "
    "where nothing else is said.",
    entries, ARRAY_LEN(entries)};
