/* doc_convert.c - the manual's page on conversion. */
#include "query/doc.h"

static const doc_entry entries[] = {
    {.names = "Cast",
     .form = "Cast(value AS STRING | NUMERIC | INTEGER | BOOLEAN) -> value",
     .meaning = "The value as another type. To INTEGER the fraction is cut off; to BOOLEAN a number is true "
                "unless it "
                "is 0, a text only if it says `true`.",
     .edges = "Null stays null, but as BOOLEAN it is false. A text that is no number, and a condition to a "
              "number, "
              "are errors of the statement.",
     .expressions = "Cast(12.7 AS INTEGER)\nCast(\"12.5\" AS NUMERIC) + 1\nCast(5 AS STRING) || \"x\"\n"
                    "Cast(NULL AS BOOLEAN)"},
    {.names = "CBool",
     .meaning = "False for 0, true for any other number.",
     .edges = "A text is an error of the cell.",
     .expressions = "CBool(2)\nCBool(0)"},
    {.names = "CByte",
     .meaning = "A number rounded to whole, cut to 8 bits.",
     .edges = "A text that is no number is an error of the cell.",
     .expressions = "CByte(300)"},
    {.names = "CDbl",
     .meaning = "A number, also from a text.",
     .edges = "A text that is no number is an error of the cell.",
     .expressions = "CDbl(\"2.5\") * 2"},
    {.names = "CInt",
     .meaning = "The nearest whole number, halves to the even one; also from a text.",
     .edges = "A text that is no number is an error of the cell.",
     .expressions = "CInt(5 / 2)\nCInt(\"7\") + 1"},
    {.names = "Hex",
     .meaning = "A whole number in hexadecimal digits.",
     .edges = "Negative numbers are written in 32 bits.",
     .expressions = "Hex(255)\nHex(-1)"},
    {.names = "Oct",
     .meaning = "A whole number in octal digits.",
     .edges = "Negative numbers are written in 32 bits.",
     .expressions = "Oct(8)"},
    {.names = "SetToStr",
     .meaning = "A set as text: its tuples by their unique names, in braces.",
     .edges = "The empty set gives `{}`.",
     .expressions = "SetToStr({[Time].[2023], [Time].[2024]})\nSetToStr({})"},
    {.names = "Str",
     .meaning = "A number as text, with a blank in place of the sign if it is not negative.",
     .expressions = "Str(5)\nStr(-5)"},
    {.names = "StrToMember",
     .meaning =
         "The member that a text names. CONSTRAINED is accepted: functions are never allowed in the text.",
     .edges = "Null gives the null member. A name that is not found is an error of the statement.",
     .expressions = "StrToMember(\"[Time].[2024].[Q1]\").Name"},
    {.names = "StrToSet",
     .meaning =
         "The set of members, or of tuples, that a text lists, with or without braces; hierarchies may be "
         "given to say what its tuples are made of.",
     .edges =
         "An empty text gives the empty set. A name that is not found, or a function, is an error of the "
         "statement.",
     .expressions = "StrToSet(\"{[Time].[2023], [Time].[2024]}\", [Time]).Count"},
    {.names = "StrToTuple",
     .meaning = "The tuple that a text names; hierarchies may be given to say what it is made of.",
     .edges = "A name that is not found is an error of the statement.",
     .expressions = "TupleToStr(StrToTuple(\"([Time].[2024], [Region].[Asia])\", [Time], [Region]))"},
    {.names = "TupleToStr",
     .meaning =
         "A tuple as text: the unique names of its members in parentheses, or of a single member without.",
     .edges = "A null tuple gives the empty text.",
     .expressions = "TupleToStr(([Time].[2024], [Region].[Asia]))"},
    {.names = "TypeName", .meaning = "The name of the type of a value.", .expressions = "TypeName(\"a\")"},
    {.names = "Val",
     .meaning = "The number that a text starts with; blanks are skipped, `&H` starts a hexadecimal one.",
     .edges = "A text that does not start with a number is an error of the cell.",
     .expressions = "Val(\"12.5 kg\")\nVal(\"&HFF\")"},
};

const doc_page doc_convert = {
    "conversion", "Conversion",
    "Numbers and texts are not converted by themselves; members and tuples stand for their value "
    "where a value is wanted.",
    entries, ARRAY_LEN(entries)};
