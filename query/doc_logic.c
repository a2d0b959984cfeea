/* doc_logic.c - the manual's page on conditions and choice. */
#include "query/doc.h"

static const doc_entry entries[] = {
    {.names = "=, <>, <, <=, >, >=",
     .meaning =
         "Compares two numbers, texts or dates. Texts are compared character by character, with regard to "
         "case.",
     .edges =
         "If one side is null the answer is false, for `<>` too. A number and a text cannot be compared: an "
         "error.",
     .expressions = "2 < 10\n\"a\" = \"A\"\nNULL <> 1"},
    {.names = "AND",
     .meaning = "True if both conditions hold. A number counts as true unless it is 0.",
     .edges = "Null counts as false. Both sides are evaluated: an error on either side shows.",
     .expressions = "1 < 2 AND 2 < 3\n1 < 2 AND NULL = 1"},
    {.names = "OR",
     .meaning = "True if at least one of the conditions holds.",
     .edges = "Null counts as false. Both sides are evaluated: an error on either side shows.",
     .expressions = "1 > 2 OR 2 < 3"},
    {.names = "XOR",
     .meaning = "True if exactly one of the conditions holds.",
     .edges = "Null counts as false.",
     .expressions = "1 < 2 XOR 2 < 3\n1 > 2 XOR 2 < 3"},
    {.names = "NOT",
     .meaning = "True if the condition does not hold.",
     .edges = "Null counts as false, so the answer is true.",
     .expressions = "NOT 1 > 2\nNOT NULL = 1"},
    {.names = "CASE",
     .form = "CASE WHEN boolean THEN value ... [ELSE value] END -> value\n"
             "CASE value WHEN value THEN value ... [ELSE value] END -> value",
     .meaning =
         "The value behind the first condition that holds, or behind the first value that is equal. Only "
         "the branch taken is evaluated. Members, tuples, levels and hierarchies may be chosen as well.",
     .edges =
         "If none fits: the ELSE value, or null. A null condition does not hold. A set cannot be chosen: an "
         "error.",
     .statement =
         "WITH MEMBER [Measures].[Size] AS\n"
         "       CASE WHEN [Measures].[Units] > 10000 THEN \"large\"\n"
         "            WHEN [Measures].[Units] > 3000 THEN \"middle\" ELSE \"small\" END\n"
         "SELECT {[Measures].[Units], [Measures].[Size]} ON COLUMNS, [Product].[Family].Members ON ROWS\n"
         "FROM [Sales]"},
    {.names = "CoalesceEmpty",
     .meaning = "The first argument that is not null.",
     .edges = "If all are null: null. An error in any argument, also behind the first value, is an error.",
     .expressions =
         "CoalesceEmpty(NULL, 2, 3)\nCoalesceEmpty(([Measures].[Units], [Region].[Europe].Parent.Parent), "
         "\"nothing\")"},
    {.names = "IIf",
     .meaning =
         "The second argument if the condition holds, else the third: numbers, texts, conditions, members, "
         "tuples, sets, levels or hierarchies, both of the same kind. Only the one taken is evaluated.",
     .edges = "A null condition does not hold. NULL may stand on one side, not on both.",
     .expressions = "IIf(1 < 2, \"yes\", \"no\")\nIIf(NULL = 1, 1, 2)\n"
                    "IIf(1 > 2, [Time].[2023], [Time].[2024]).Name"},
    {.names = "BETWEEN, NOT BETWEEN",
     .meaning = "Whether a number or text is at least the second and at most the third, or is not.",
     .edges = "False if one of the three is null; NOT BETWEEN then is true.",
     .expressions = "5 BETWEEN 1 AND 5\n\"b\" NOT BETWEEN \"c\" AND \"d\"\n"
                    "[Measures].[Units] BETWEEN 1 + 1 AND 3 OR 1 = 1"},
    {.names = "IN, NOT IN",
     .meaning = "Whether a set holds the member or tuple, or does not hold it.",
     .edges = "The empty set holds nothing.",
     .expressions = "[Time].[2024] IN {[Time].[2023], [Time].[2024]}\n[Time].[2024] NOT IN {}"},
    {.names = "IS",
     .meaning = "True if both sides are the same member, tuple, level, hierarchy or dimension. Tuples may "
                "list their "
                "members in different orders.",
     .edges = "Null members of different hierarchies are not the same.",
     .expressions = "[Time].[2024].FirstChild IS [Time].[2024].[Q1]\n[Time].[2024].Level IS [Time].[Year]"},
    {.names = "IS EMPTY",
     .meaning = "True if the cell at a member or tuple has no value.",
     .edges = "True of the null member. A number is an error: `IsEmpty` takes values.",
     .expressions = "[Measures].[Units] IS EMPTY\n([Measures].[Units], [Time].[2023].PrevMember) IS EMPTY"},
    {.names = "IS NULL",
     .meaning = "True if there is no such member.",
     .edges =
         "It asks about members, not about values: `IsEmpty` is for those. A level or a tuple is an error.",
     .expressions = "[Time].[2023].PrevMember IS NULL\n[Time].[2024].PrevMember IS NULL"},
    {.names = "IsEmpty",
     .meaning = "True if the value is null.",
     .edges = "0 and an empty text are not null. The cell of a null member is.",
     .expressions = "IsEmpty([Measures].[Units])\nIsEmpty(NULL)\nIsEmpty(0)"},
    {.names = "MATCHES, NOT MATCHES",
     .meaning =
         "Whether the whole text fits a regular expression, or does not; `(?i)` in front ignores case.",
     .edges = "A bad expression is an error of the cell.",
     .expressions =
         "\"Spain\" MATCHES \"S.*n\"\n\"Spain\" MATCHES \"s.*\"\n\"Spain\" NOT MATCHES \"(?i)s.*\""},
};

const doc_page doc_logic = {"logical", "Conditions and choice", "Conditions are true or false, never null.",
                            entries, ARRAY_LEN(entries)};
