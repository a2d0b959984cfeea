/* doc_format.c - the manual's page on formats. */
#include "query/doc.h"

static const doc_entry entries[] = {
    {.names = "FORMAT_STRING",
     .form = "MEMBER name AS expression, FORMAT_STRING = \"pattern\" | expression",
     .meaning = "How the cells of a calculated member are written. The pattern may be an expression, which "
                "is evaluated "
                "at each cell. A calculated measure without one takes the format of the first measure in its "
                "formula "
                "that has one.",
     .edges = "Null is written as nothing, unless the fourth section of the pattern has a text for it. A "
              "text is written "
              "as it is.",
     .statement =
         "WITH MEMBER [Measures].[Share] AS\n"
         "       [Measures].[Revenue] / ([Measures].[Revenue], [Region].[All Regions]), FORMAT_STRING = "
         "\"0.0%\"\n"
         "SELECT {[Measures].[Revenue], [Measures].[Share]} ON COLUMNS, [Region].[Area].Members ON ROWS\n"
         "FROM [Sales]"},
    {.names = "Digits",
     .meaning =
         "`0` is a digit, `#` a digit if there is one; `.` is the point and `,` between digits groups by "
         "thousands; a `,` behind the last digit divides by 1,000; `%` multiplies by 100; `e+` and `E-` make "
         "an "
         "exponent. `\\x` and `\"text\"` stand for themselves. Rounding is by decimal digits, halves away "
         "from 0.",
     .expressions =
         "Format(1234567.891, \"#,##0.00\")\nFormat(1234567.891, \"#,##0,\")\nFormat(0.5, \"#.##\")\n"
         "Format(0.1234, \"0.0%\")\nFormat(1234.5, \"0.00e+00\")\nFormat(7, \"0 \"\"pieces\"\"\")"},
    {.names = "Sections",
     .meaning = "Up to four patterns with semicolons between: for positive numbers, for negative ones "
                "(written without "
                "their sign), for 0, and for null. An empty section is taken from the first.",
     .expressions = "Format(-5, \"0;(0)\")\nFormat(0, \"0;(0);zero\")\nFormat(0.001, \"0.0;(0.0);zero\")"},
    {.names = "Named formats",
     .meaning = "`Standard`, `Currency`, `Fixed`, `Percent`, `Scientific`, `General Number`, `Yes/No`, "
                "`True/False`, "
                "`On/Off`, and for dates `Long Date`, `Medium Date`, `Short Date`, `Long Time`, `Medium "
                "Time`, `Short "
                "Time`.",
     .expressions = "Format(1234.5, \"Standard\")\nFormat(-1234.5, \"Currency\")\nFormat(0.5, \"Percent\")\n"
                    "Format(1234.5678, \"General Number\")\nFormat(1, \"Yes/No\")\n"
                    "Format(DateSerial(2024, 2, 29), \"Long Date\")"},
    {.names = "Date patterns",
     .meaning = "`d dd ddd dddd` day, `m mm mmm mmmm` month, `yy yyyy` year, `q` quarter, `y` day of the "
                "year, `w` day of "
                "the week, `ww` week, `h hh` hour, `n nn` minute, `s ss` second, `AM/PM` and `a/p`.",
     .edges = "They write dates only; under a number the letters stand for themselves.",
     .expressions = "Format(DateSerial(2024, 2, 29), \"ddd, d mmm yyyy\")\n"
                    "Format(TimeSerial(13, 5, 9), \"hh:nn:ss\")\nFormat(DateSerial(2024, 2, 29), \"q/yy\")"},
    {.names = "Styles",
     .form = "\"|pattern|key=value|key=value\"",
     .meaning = "A pattern between bars is followed by properties for the front end, such as `style=red`. "
                "They come with "
                "the cell as its style.",
     .expressions = "Format(1234, \"|#,##0|style=red\")"},
    {.names = "Format",
     .meaning = "A number or date as text, by a format string.",
     .edges = "Null gives the empty text. A text is an error.",
     .expressions = "Format(1234.5, \"#,##0.00\")\nFormat(DateSerial(2024, 2, 29), \"yyyy-mm-dd\")"},
    {.names = "FormatCurrency",
     .meaning =
         "A number as money. The further numbers: digits behind the point; whether a 0 stands in front of a "
         "point, whether negative numbers stand in parentheses, whether digits are grouped: 1 for yes, 0 for "
         "no. -1 is as usual, and what is missing too: a 0 in front, no parentheses, grouped digits.",
     .edges = "Null gives null.",
     .expressions =
         "FormatCurrency(1234.5)\nFormatCurrency(-1234.567, 1)\nFormatCurrency(-1234.567, -1, -1, 1)"},
    {.names = "FormatDateTime",
     .meaning = "A date in one of five forms: 0 general (the day, and the time if it has one), 1 long date, "
                "2 short date, 3 long time, 4 short time.",
     .edges = "Null gives null; another number is an error of the cell.",
     .expressions = "FormatDateTime(DateSerial(2024, 2, 29), 1)\nFormatDateTime(DateSerial(2024, 2, 29), 2)"},
    {.names = "FormatNumber",
     .meaning = "A number with grouped digits. The further numbers are those of `FormatCurrency`.",
     .edges = "Null gives null.",
     .expressions = "FormatNumber(1234.567)\nFormatNumber(0.5, 1, 0)"},
    {.names = "FormatPercent",
     .meaning = "A number as a percentage. The further numbers are those of `FormatCurrency`.",
     .edges = "Null gives null.",
     .expressions = "FormatPercent(0.1234)\nFormatPercent(0.1234, 1)"},
};

const doc_page doc_format = {
    "formats", "Formats",
    "How values are written: in `FORMAT` of a measure, in FORMAT_STRING of a calculated member, "
    "and by functions.",
    entries, ARRAY_LEN(entries)};
