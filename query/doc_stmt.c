/* doc_stmt.c - the manual's page on statements. */
#include "query/doc.h"

static const doc_entry entries[] = {
    {.names = "SELECT",
     .form = "[WITH formula ...] SELECT [set ON axis, ...] FROM cube [WHERE expression] [CELL PROPERTIES "
             "name, ...]",
     .meaning = "A question: sets on axes (COLUMNS, ROWS, PAGES, or 0, 1, 2, ...) and a cell for each "
                "combination of their "
                "positions. Without axes there is one cell, of the default members.",
     .edges = "Axes are numbered from 0 without gaps. A hierarchy may be on one axis only. An empty axis "
              "gives no cells.",
     .statement =
         "SELECT {[Measures].[Units], [Measures].[Revenue]} ON COLUMNS, [Time].[Year].Members ON ROWS\n"
         "FROM [Sales]"},
    {.names = "WHERE",
     .form = "SELECT ... FROM cube WHERE member | tuple | set",
     .meaning = "The slicer: members that hold for all cells. A set of several tuples is added up as the "
                "measure is: "
                "distinct counts stay exact.",
     .edges = "An empty set, or a null member, leaves all cells empty. A hierarchy that is also on an axis "
              "is an error.",
     .statement = "SELECT {[Measures].[Units], [Measures].[Customers]} ON COLUMNS\nFROM [Sales]\n"
                  "WHERE {[Time].[2024].[Q1], [Time].[2024].[Q2]}"},
    {.names = "Subselect",
     .form = "SELECT ... FROM ( SELECT set ON axis, ... FROM cube [WHERE set] )",
     .meaning = "Chooses the part of the cube that is seen: the facts that belong to a tuple of each axis "
                "and of the slicer "
                "inside. Totals, distinct counts and calculated members are then of those facts. Members "
                "that are neither "
                "chosen, nor above or below a chosen one, are invisible to functions and axes. Subselects "
                "may be nested.",
     .edges = "Measures inside choose nothing; a calculated member inside is an error.",
     .statement = "SELECT {[Measures].[Units]} ON COLUMNS, [Time].[Year].Members ON ROWS\nFROM (SELECT "
                  "{[Product].[Category].Members.Item(0)} ON COLUMNS FROM [Sales])"},
    {.names = "HAVING",
     .form = "SELECT set HAVING condition ON axis",
     .meaning = "The tuples of an axis for which the condition is true: Filter(set, condition).",
     .edges = "A condition that is null is false; the empty set stays empty.",
     .statement = "SELECT {[Measures].[Units]} ON COLUMNS,\n"
                  "       NON EMPTY [Region].[Country].Members HAVING [Measures].[Units] > 4000 ON "
                  "ROWS\nFROM [Sales]"},
    {.names = "NON EMPTY",
     .form = "SELECT NON EMPTY set ON axis",
     .meaning = "Leaves out the positions of an axis at which every cell is empty. Crossjoins of millions of "
                "tuples are "
                "answered from the facts that are there.",
     .edges = "A cell is empty when it is null: 0, an empty text and an error are not.",
     .statement = "SELECT {[Measures].[Units]} ON COLUMNS,\n"
                  "       NON EMPTY [Region].[Europe].[Spain].Children * {[Product].[Electronics]} ON ROWS\n"
                  "FROM [Sales]\nWHERE [Time].[2024].[Q1]"},
    {.names = "WITH MEMBER",
     .form = "WITH MEMBER hierarchy.name AS expression [, property = expression ...] SELECT ...",
     .meaning =
         "A calculated member of the query: a formula in place of stored values, in Measures or any other "
         "hierarchy. Properties: FORMAT_STRING, SOLVE_ORDER, CAPTION, VISIBLE and own ones.",
     .edges = "A formula that needs itself is an error of the cell. A name without a hierarchy is an error.",
     .statement = "WITH MEMBER [Measures].[Price] AS [Measures].[Revenue] / [Measures].[Units], "
                  "FORMAT_STRING = \"0.00\"\n"
                  "SELECT {[Measures].[Price]} ON COLUMNS, [Time].[Year].Members ON ROWS\nFROM [Sales]"},
    {.names = "WITH SET",
     .form = "WITH SET name AS set SELECT ...",
     .meaning = "A named set: worked out once, with the slicer applied, wherever it is used.",
     .edges = "The formula must be a set: a member goes into braces.",
     .statement = "WITH SET [Best] AS TopCount([Product].[Category].Members, 2, [Measures].[Revenue])\n"
                  "SELECT [Best] ON COLUMNS\nFROM [Sales]"},
    {.names = "SOLVE_ORDER",
     .form = "MEMBER name AS expression, SOLVE_ORDER = number",
     .meaning = "Where several calculated members meet in a cell, the one with the highest number is worked "
                "out last: its "
                "formula is applied to the results of the others. By default 0; of equals, the hierarchy "
                "that the cube "
                "lists first is applied first, Measures before all.",
     .statement =
         "WITH MEMBER [Measures].[Price] AS [Measures].[Revenue] / [Measures].[Units], SOLVE_ORDER = 1,\n"
         "       FORMAT_STRING = \"0.00\"\n"
         "     MEMBER [Time].[Change] AS [Time].[2024] - [Time].[2023], SOLVE_ORDER = 2\n"
         "SELECT {[Measures].[Price]} ON COLUMNS, {[Time].[2023], [Time].[2024], [Time].[Change]} ON ROWS\n"
         "FROM [Sales]"},
    {.names = "Parameter",
     .meaning = "Defines a parameter by name, type (NUMERIC, STRING, or a hierarchy for a member or set) and "
                "default "
                "value; it is the value bound from outside, else the default.",
     .edges = "The same name twice, or a default of another type, is an error.",
     .statement =
         "SELECT TopCount([Product].[Family].Members, Parameter(\"n\", NUMERIC, 2), [Measures].[Units]) ON "
         "COLUMNS\nFROM [Sales]"},
    {.names = "ParamRef",
     .meaning = "The value of a parameter that is defined elsewhere in the statement, before or behind.",
     .edges = "An unknown name is an error; case matters.",
     .statement = "WITH MEMBER [Measures].[n] AS ParamRef(\"n\")\n"
                  "SELECT {[Measures].[n]} ON COLUMNS,\n"
                  "       Head([Time].[Year].Members, Parameter(\"n\", NUMERIC, 1)) ON ROWS\nFROM [Sales]"},
    {.names = "@name",
     .form = "@name -> value",
     .meaning = "A value bound from outside: `patron query --param name=value`, `patron_params` in a "
                "program, `params` in "
                "the batch door.",
     .edges = "Without a value it is an error, which names the parameter.",
     .statement = "SELECT Head([Time].[Year].Members, @n) ON COLUMNS -- an error: nothing is bound "
                  "here\nFROM [Sales]"},
    {.names = "DRILLTHROUGH",
     .form = "DRILLTHROUGH [MAXROWS n] [FIRSTROWSET n] SELECT ... [RETURN level | measure, ...]",
     .meaning = "The facts behind the first cell of a query, one row each: the levels of all dimensions and "
                "the measure, or "
                "what RETURN lists. FIRSTROWSET leaves out so many rows, of those that MAXROWS allows.",
     .edges = "A calculated measure shows the default measure; another calculated member has no facts: an "
              "error. An empty "
              "axis has no cell: an error.",
     .statement = "DRILLTHROUGH MAXROWS 3\nSELECT {[Measures].[Units]} ON COLUMNS\nFROM [Sales]\n"
                  "WHERE ([Time].[2024].[Q1], [Product].[Food].[Sweets], [Region].[Europe].[Spain])\n"
                  "RETURN [Region].[Store], [Product].[Product Name], [Measures].[Units]"},
    {.names = "EXPLAIN",
     .form = "EXPLAIN [PLAN FOR | ANALYZE] SELECT ...",
     .meaning =
         "How a question is answered, without running it; with ANALYZE it is run, and what it took is told: "
         "requests, rows read, time.",
     .edges = "A question that does not bind is the same error as without EXPLAIN.",
     .statement =
         "EXPLAIN SELECT {[Measures].[Units]} ON COLUMNS, [Region].[Area].Members ON ROWS\nFROM [Sales]"},
    {.names = "CREATE MEMBER, CREATE SESSION MEMBER",
     .form = "CREATE [OR REPLACE] [SESSION] MEMBER cube.hierarchy.name AS expression [, property = "
             "expression ...]",
     .meaning = "A calculated member that lasts: of the cube, or with SESSION as long as the connection.",
     .edges = "A member of that name there already is an error, unless OR REPLACE is given.",
     .statement =
         "CREATE SESSION MEMBER [Sales].[Measures].[Price] AS [Measures].[Revenue] / [Measures].[Units], "
         "FORMAT_STRING = \"0.00\"; SELECT {[Measures].[Price]} ON COLUMNS FROM [Sales]"},
    {.names = "CREATE SET, CREATE SESSION SET",
     .form = "CREATE [OR REPLACE] [SESSION] SET cube.name AS set",
     .meaning = "A named set that lasts: of the cube, or with SESSION as long as the connection.",
     .edges = "A set of that name there already is an error, unless OR REPLACE is given.",
     .statement = "CREATE SESSION SET [Sales].[Best] AS TopCount([Product].[Category].Members, 2, "
                  "[Measures].[Revenue]); SELECT [Best] ON COLUMNS FROM [Sales]"},
    {.names = "CREATE DIMENSION, CREATE CUBE, CREATE SOURCE, CREATE MAPPING, CREATE, ALTER, DROP, LOAD, "
              "SHOW, DESCRIBE, SET, "
              "CHECK, COMPACT, REFRESH",
     .form = "CREATE DIMENSION | CUBE | SOURCE | MAPPING ..., LOAD mapping, ..., SHOW CUBES, ...",
     .meaning =
         "Defining, loading, looking and maintaining are described in docs/language.md, sections 4 to 7.",
     .statement = "SHOW CUBES"},
    {.names = "HELP",
     .form = "HELP [name]",
     .meaning = "The form, meaning and examples of a function, operator or statement; without a name, what "
                "there is.",
     .edges = "An unknown name is an error that says which one is near.",
     .statement = "HELP IsEmpty"},
    {.names = "Comments",
     .form = "-- to the end of the line\n// to the end of the line\n/* between */",
     .meaning = "Comments may stand between any two words; those with slashes and stars do not nest.",
     .statement = "SELECT -- all of it\nFROM [Sales] /* everything */"},
};

const doc_page doc_stmt = {"statements", "Statements", "Questions and what belongs to them.", entries,
                           ARRAY_LEN(entries)};
