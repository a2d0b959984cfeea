/* doc_order.c - the manual's page on order and ranking. */
#include "query/doc.h"

static const doc_entry entries[] = {
    {.names = "BottomCount, TopCount",
     .meaning =
         "So many tuples with the least (`BottomCount`: lowest first) or greatest values (`TopCount`: "
         "highest first). Equal values keep the order of the set. Without a value `TopCount` gives the "
         "first tuples, `BottomCount` the last.",
     .edges =
         "Nulls count as less than every number. 0 gives the empty set, more than there are the whole set "
         "sorted; a negative number is an error. The empty set gives the empty set.",
     .statement =
         "SELECT {[Measures].[Revenue]} ON COLUMNS,\n"
         "       TopCount([Product].[Category].Members, 3, [Measures].[Revenue]) ON ROWS\nFROM [Sales]"},
    {.names = "BottomPercent, TopPercent",
     .meaning =
         "The tuples with the least or greatest values that together make up a percentage of the total; the "
         "one that reaches it is included.",
     .edges =
         "0 or less gives the empty set, more than 100 the whole set. If all values are null each counts as "
         "the same part.",
     .statement =
         "SELECT {[Measures].[Revenue]} ON COLUMNS,\n"
         "       TopPercent([Product].[Family].Members, 75, [Measures].[Revenue]) ON ROWS\nFROM [Sales]"},
    {.names = "BottomSum, TopSum",
     .meaning =
         "The tuples with the least or greatest values that together reach a sum; the one that reaches it is "
         "included.",
     .edges = "A sum of 0 or less gives the empty set; one that is not reached gives the whole set. Nulls "
              "count as "
              "nothing.",
     .statement =
         "SELECT {[Measures].[Units]} ON COLUMNS,\n"
         "       TopSum([Product].[Family].Members, 20000, [Measures].[Units]) ON ROWS\nFROM [Sales]"},
    {.names = "Hierarchize",
     .meaning =
         "The set in natural order, parents before their children, or with POST behind them. Repetitions "
         "stay, next to each other.",
     .edges = "The empty set gives the empty set.",
     .statement =
         "SELECT Hierarchize({[Region].[Europe], [Region].[All Regions], [Region].[Asia]}) ON COLUMNS\n"
         "FROM [Sales]"},
    {.names = "Order",
     .meaning =
         "The set sorted by a value. ASC (the default) and DESC sort siblings and keep each member with its "
         "descendants; BASC and BDESC sort the whole set and break hierarchies. Further values sort those "
         "that are equal so far.",
     .edges =
         "Nulls come before every number; texts are compared without regard to case; equal values keep their "
         "order. Sorting by a condition is an error. The empty set gives the empty set.",
     .statement =
         "SELECT {[Measures].[Revenue]} ON COLUMNS,\n"
         "       Order([Region].[Country].Members, [Measures].[Revenue], BDESC) ON ROWS\nFROM [Sales]"},
    {.names = "OrderKey",
     .meaning = "The place of a member in natural order, as a value to sort by. It is good for `Order` only.",
     .edges = "Of the null member: null.",
     .statement = "SELECT {[Measures].[Units]} ON COLUMNS,\n"
                  "       Order({[Time].[2024].[Q3], [Time].[2023].[Q4], [Time].[2024].[Q1]},\n"
                  "             [Time].CurrentMember.OrderKey, BDESC) ON ROWS\nFROM [Sales]"},
    {.names = "Rank",
     .meaning =
         "The place of a tuple in a set, from 1. With a value, its place when the set is sorted by falling "
         "values: equal values share the best place.",
     .edges = "0 if the set does not hold the tuple; null if the tuple is the null member. A tuple without a "
              "value "
              "ranks behind all others; by value, the place in an empty set is 1.",
     .statement =
         "WITH MEMBER [Measures].[Place] AS\n"
         "       Rank([Region].CurrentMember, [Region].[Area].Members, [Measures].[Revenue])\n"
         "SELECT {[Measures].[Revenue], [Measures].[Place]} ON COLUMNS, [Region].[Area].Members ON ROWS\n"
         "FROM [Sales]"},
};

const doc_page doc_order = {
    "order", "Order and ranking",
    "Values are evaluated at each tuple of the set. In order of value, null comes first, then "
    "numbers.",
    entries, ARRAY_LEN(entries)};
