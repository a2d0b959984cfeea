/* doc_text.c - the manual's page on texts. */
#include "query/doc.h"

static const doc_entry entries[] = {
    {.names = "||",
     .meaning = "The two texts, one after the other.",
     .edges = "A null is joined as the word `null`. A number must be cast first.",
     .expressions = "\"data\" || \"base\"\n\"a\" || NULL\n\"n = \" || Cast(7 AS STRING)"},
    {.names = "Asc, AscW",
     .meaning = "The code of the first character.",
     .edges = "An empty text is an error of the cell.",
     .expressions = "Asc(\"A\")\nAscW(\"中\")"},
    {.names = "Chr, ChrW",
     .meaning = "The character with a code.",
     .edges = "A number that is no code of a character is an error of the cell.",
     .expressions = "Chr(65)\nChrW(20013)"},
    {.names = "InStr",
     .meaning =
         "The position of the second text in the first, from 1; with a number in front, looked for from that "
         "position on. Case matters.",
     .edges =
         "0 if it is not there; an empty text is found at once. A start below 1 is an error of the cell.",
     .expressions = "InStr(\"Patron\", \"tr\")\nInStr(4, \"banana\", \"an\")\nInStr(\"Patron\", \"x\")"},
    {.names = "InStrRev",
     .meaning =
         "The position of the last occurrence of the second text in the first, from 1; with a number, of the "
         "last one that ends there or before.",
     .edges = "0 if it is not there.",
     .expressions = "InStrRev(\"banana\", \"an\")\nInStrRev(\"banana\", \"x\")"},
    {.names = "LCase",
     .meaning = "The text in lower case.",
     .edges = "Null is an error of the cell.",
     .expressions = "LCase(\"PATRON\")"},
    {.names = "Left",
     .meaning = "The first characters of a text.",
     .edges = "More than there are: the whole text. A negative number is an error of the cell.",
     .expressions = "Left(\"Patron\", 3)\nLeft(\"中国\", 1)"},
    {.names = "Len",
     .meaning = "The number of characters.",
     .edges = "Of null: 0.",
     .expressions = "Len(\"Patron\")\nLen(NULL)"},
    {.names = "LTrim", .meaning = "The text without blanks in front.", .expressions = "LTrim(\"  a \")"},
    {.names = "Mid",
     .meaning = "The characters from a position on, counted from 1: as many as the last number says, or all.",
     .edges = "A position past the end gives the empty text. A position below 1, or a negative number, is an "
              "error "
              "of the cell.",
     .expressions = "Mid(\"Patron\", 3, 2)\nMid(\"Patron\", 3)"},
    {.names = "Replace",
     .meaning =
         "The first text with each occurrence of the second replaced by the third; from a position on, and "
         "at most so often, if numbers say so.",
     .edges = "What is not found changes nothing.",
     .expressions = "Replace(\"banana\", \"an\", \"-\")\nReplace(\"banana\", \"a\", \"o\", 3, 1)"},
    {.names = "Right",
     .meaning = "The last characters of a text.",
     .edges = "More than there are: the whole text. A negative number is an error of the cell.",
     .expressions = "Right(\"Patron\", 2)"},
    {.names = "RTrim", .meaning = "The text without blanks at its end.", .expressions = "RTrim(\" a  \")"},
    {.names = "Space",
     .meaning = "So many blanks.",
     .edges = "A negative number is an error of the cell.",
     .expressions = "\"a\" || Space(3) || \"b\""},
    {.names = "StrComp",
     .meaning =
         "Negative, 0 or positive, as the first text comes before, equals or comes behind the second by the "
         "codes of their characters.",
     .expressions = "StrComp(\"a\", \"b\")\nStrComp(\"a\", \"a\")"},
    {.names = "String",
     .meaning = "So many times the first character of a text.",
     .edges = "A negative number is an error of the cell.",
     .expressions = "String(3, \"xy\")"},
    {.names = "StrReverse", .meaning = "The text backwards.", .expressions = "StrReverse(\"Patron\")"},
    {.names = "Trim",
     .meaning = "The text without blanks in front and at its end.",
     .expressions = "Trim(\"  a b \")"},
    {.names = "UCase",
     .meaning = "The text in upper case.",
     .edges = "Null is an error of the cell.",
     .expressions = "UCase(\"Patron\")"},
};

const doc_page doc_text = {
    "strings", "Texts",
    "Positions and lengths count characters of any script, from 1. Null gives null where nothing "
    "else is said; a number where a text is wanted is an error.",
    entries, ARRAY_LEN(entries)};
