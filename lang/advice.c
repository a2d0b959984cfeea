/* advice.c - what to do about a token that does not fit, for people who know other languages and other
 * servers.
 *
 * Looked for in this order: the word itself, the word before it, the characters around it. Nothing here
 * decides whether a text is accepted; advice may be wrong where a text is far from any query, so the message
 * says first what was read and what would have fitted. */
#include "lang/advice.h"

#include "base/nearest.h"
#include "lang/keywords.h"

/* ---- the text around the token ------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The word that stands before the token, with only blanks between; empty: something else does. */
static pt_str word_before(const parse *p)
{
    uint32_t end = p->token, start;
    while (end > 0 && is_blank(p->text.ptr[end - 1])) end--;
    if (end == p->token) return (pt_str){0};
    for (start = end; start > 0; start--) {
        char c = p->text.ptr[start - 1];
        if (!is_letter(c) && !is_digit(c)) break;
    }
    if (start == end || is_digit(p->text.ptr[start])) return (pt_str){0};
    return (pt_str){p->text.ptr + start, end - start};
}

/* The last character before the token, and whether it is right in front of it; 0: none. */
static char char_before(const parse *p, bool *touches)
{
    uint32_t end = p->token;
    while (end > 0 && is_blank(p->text.ptr[end - 1])) end--;
    *touches = end == p->token;
    return end ? p->text.ptr[end - 1] : 0;
}

static bool fits(const situation *s, const char *name)
{
    for (int i = 0; i < s->n; i++)
        if (strcmp(s->expected[i], name) == 0) return true;
    return false;
}

/* ---- statements of other servers ------------------------------------------ */

typedef struct refusal {
    const char *word;
    const char *fits; /* a token that must be among those expected */
    const char *what; /* is not offered */
    const char *advice;
} refusal;

#define DATA   "facts come from the sources: LOAD takes what is new or changed in them"
#define SCRIPT "members and sets with names take its place: CREATE MEMBER, CREATE SET"
#define MOVED  "members come from the sources: LOAD; definitions are changed by CREATE OR REPLACE"
#define KEPT   "what is kept ready is made by CREATE CUBOID; ADVISE CUBOIDS proposes some"
#define ANEW   "every set is evaluated anew in each query: CREATE SET [cube].[name] AS ..."
#define TABLES "data is kept in dimensions and cubes: SHOW DIMENSIONS, SHOW CUBES"

static const refusal refusals[] = {
    {"INSERT", "SELECT", "INSERT", DATA},
    {"UPDATE", "SELECT", "UPDATE", DATA},
    {"DELETE", "SELECT", "DELETE", DATA},
    {"CALCULATE", "SELECT", "CALCULATE", SCRIPT},
    {"SCOPE", "SELECT", "SCOPE", SCRIPT},
    {"FREEZE", "SELECT", "FREEZE", SCRIPT},
    {"CLEAR", "SELECT", "CLEAR",
     "answers always follow what was loaded; SET CACHE = OFF does without the cache"},
    {"CALL", "SELECT", "CALL", "HELP lists the statements there are"},
    {"USE", "SELECT", "USE", "each query names its cube: SELECT ... FROM [cube]"},
    {"TABLE", "CUBOID", "a table", TABLES},
    {"GLOBAL", "CUBOID", "CREATE GLOBAL CUBE", "CREATE VIRTUAL CUBE makes a cube over other cubes"},
    {"SUBCUBE", "CUBOID", "CREATE SUBCUBE",
     "a query chooses a part of a cube itself: FROM (SELECT {...} ON COLUMNS FROM [cube])"},
    {"CACHE", "CUBOID", "CREATE CACHE", KEPT},
    {"CACHE", "MEASURE", "WITH CACHE", KEPT},
    {"CELL", "CUBOID", "CREATE CELL CALCULATION",
     "cells are computed by calculated members: CREATE MEMBER [cube].[Measures].[name] AS ..."},
    {"CELL", "MEASURE", "WITH CELL CALCULATION",
     "cells are computed by calculated members: WITH MEMBER [Measures].[name] AS ..."},
    {"ACTION", "CUBOID", "CREATE ACTION", "the facts behind a cell are shown by DRILLTHROUGH"},
    {"KPI", "CUBOID", "CREATE KPI",
     "an indicator is a calculated member: CREATE MEMBER [cube].[Measures].[name] AS ..."},
    {"DYNAMIC", "CUBOID", "CREATE DYNAMIC SET", ANEW},
    {"STATIC", "CUBOID", "CREATE STATIC SET", ANEW},
    {"CREATE", "ADD", "ALTER CUBE with CREATE", MOVED},
    {"UPDATE", "ADD", "ALTER CUBE with UPDATE", MOVED},
    {"DROP", "ADD", "ALTER CUBE with DROP", MOVED},
    {"CUBE", "SET", "CREATE SESSION CUBE",
     "only members and sets live as long as a session; CREATE VIRTUAL CUBE makes a cube over other cubes"},
};

const char *advice_refusal(const situation *s, const char **what)
{
    if (fits(s, "[a name]") || fits(s, "a name")) return NULL; /* the words that fit are names, too */
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        const refusal *r = &refusals[i];
        if (!str_eq_fold(s->token, str_of(r->word)) || !fits(s, r->fits)) continue;
        *what = r->what;
        return r->advice;
    }
    return NULL;
}

/* ---- habits ----------------------------------------------------------------- */

typedef struct habit {
    const char *word;
    const char *fits; /* a token that must be among those expected; NULL: any */
    const char *advice;
} habit;

static const habit *find(const habit *table, size_t n, pt_str word, const situation *s)
{
    for (size_t i = 0; i < n; i++) {
        if (!str_eq_fold(word, str_of(table[i].word))) continue;
        if (!table[i].fits || fits(s, table[i].fits)) return &table[i];
    }
    return NULL;
}

#define ON_AXES   "a query says where each set goes: SELECT set ON COLUMNS, set ON ROWS FROM [cube]"
#define ONE_CUBE  "a query asks one cube; a virtual cube shows measures of several: CREATE VIRTUAL CUBE"
#define RANGE     "a range of members is a : b"
#define TWO_WORDS "NON EMPTY are two words"

static const habit tokens[] = {
    {"LIKE", "'*'", "texts are compared with text MATCHES 'regular expression', or InStr(text, part) > 0"},
    {"ILIKE", "'*'", "texts are compared with text MATCHES '(?i)regular expression'"},
    {"MOD", "'*'", "the remainder is Mod(a, b)"},
    {"DIV", "'*'", "whole quotients are Int(a / b)"},
    {"%", "'*'", "the remainder is Mod(a, b)"},
    {"TO", "':'", RANGE},
    {"GROUP", "CELL", "the members on an axis are the groups: SELECT ..., [level].Members ON ROWS FROM ..."},
    {"ORDER", "CELL", "an axis is put in order by Order(set, value, BDESC)"},
    {"LIMIT", "CELL", "Head(set, n) and TopCount(set, n, value) shorten an axis"},
    {"HAVING", "CELL", "it follows the set of an axis: SELECT set HAVING condition ON ROWS"},
    {"UNION", "CELL", "sets are joined by Union(a, b) on the axis"},
    {"JOIN", "CELL", ONE_CUBE},
    {"MAXROWS", "RETURN", "it comes before the query: DRILLTHROUGH MAXROWS n SELECT ..."},
    {"MAXROWS", "WITH", "MAXROWS comes before FIRSTROWSET"},
    {"FIRSTROWSET", "RETURN", "it comes before the query: DRILLTHROUGH FIRSTROWSET n SELECT ..."},
    {"WHERE", "FROM", "FROM comes before WHERE"},
    {"FROM", "PROPERTIES", ON_AXES},
    {"WHERE", "PROPERTIES", ON_AXES},
    {"COLUMNS", "PROPERTIES", ON_AXES},
    {"ROWS", "PROPERTIES", ON_AXES},
    {",", "PROPERTIES", ON_AXES},
    {"*", "NON",
     "name what is asked for, as in [Measures].Members ON COLUMNS; DESCRIBE CUBE lists what there is"},
    {"EMPTY", "NON", TWO_WORDS},
    {"MEMBER", "PROPERTIES", "the members of a level or hierarchy are .Members"},
    {"DESC", "SELECT", "DESCRIBE CUBE [name] tells what is in a cube"},
};

static const habit foregoing[] = {
    {"NONEMPTY", "PROPERTIES", TWO_WORDS},
    {"DISTINCT", "PROPERTIES", "a set without its duplicates is Distinct(set)"},
    {"DISTINCT", "')'",
     "distinct members are counted by Count(Distinct(set)), distinct members with facts by a "
     "measure: DISTINCT COUNT([dimension])"},
    {"TOP", "PROPERTIES", "the greatest are TopCount(set, n, value)"},
    {"IF", NULL, "conditions are Iif(condition, a, b), or CASE WHEN condition THEN a ELSE b END"},
};

/* Signs that are written otherwise here, or in other places. */
static const char *about_sign(const parse *p, const situation *s)
{
    bool touches, an_expression = fits(s, "'{'");
    char c = s->token.ptr[0], before = char_before(p, &touches);
    if (c == '=' && before == '=') return "equality is written =";
    if (c == '.' && before == '.') return RANGE;
    if (c == '.' && fits(s, "WHERE")) return "a query names its cube alone: FROM [cube]";
    if (c == ':' && an_expression) return "a parameter is written @name";
    if (c == ',' && fits(s, "CELL") && fits(s, "'*'"))
        return "members of several hierarchies are a tuple, in parentheses: WHERE (a, b)";
    if (c == ',' && fits(s, "CELL")) return ONE_CUBE;
    if ((c == '}' || c == ')') && p->nesting == 0 && fits(s, "'*'") && !fits(s, "'}'") && !fits(s, "')'"))
        return "nothing is open that it would close";
    if (is_digit(c) && before == ',' && p->token > 1 && is_digit(p->text.ptr[p->token - 2]))
        return "a decimal is written with a point: 1.5";
    if (touches && (before == '\'' || before == '"') && (is_letter(c) || c == '\'' || c == '"'))
        return "a quote inside a text is doubled: 'it''s'";
    if (touches && before == ']' && c == '[') return "a point stands between the names: [a].[b]";
    if (before == ',' && !is_digit(c)) return "perhaps the comma before it is one too many";
    return NULL;
}

/* ---- words without brackets ------------------------------------------------- */

static const char *nearest_keyword(pt_str word)
{
    size_t n;
    const char *const *keywords = lang_keywords(&n);
    nearest near = nearest_to(word);
    for (size_t i = 0; i < n; i++) nearest_offer(&near, str_of(keywords[i]));
    return near.best.ptr;
}

/* HIERACHY [Time]: the word before reads as a name, and only what follows does not fit. */
static bool advise_definition(parse *p, pt_str word)
{
    if (word.len < 4 || !(p->dim || p->cube || p->map) || keyword_find(word)) return false;
    const char *meant = nearest_keyword(word);
    if (!meant) return false;
    pt_hint(&p->err, "perhaps '" STR_FMT "' is meant to be %s", STR_ARG(word), meant);
    return true;
}

static bool is_reserved(pt_str word)
{
    const keyword *k = keyword_find(word);
    return k && k->class == KW_RESERVED;
}

static bool advise_word_before(parse *p, const situation *s)
{
    pt_str word = word_before(p);
    char c = s->token.ptr[0];
    if (!word.len) return false;
    if (advise_definition(p, word)) return true;
    if (is_reserved(word)) return false;
    bool is_and = str_eq_fold(s->token, STR("AND"));
    if (is_letter(c) && (is_and || !is_reserved(s->token)) && (fits(s, "'.'") || fits(s, "CELL"))) {
        pt_hint(&p->err, "a name of several words stands in brackets: [" STR_FMT " " STR_FMT "%s]",
                STR_ARG(word), STR_ARG(s->token), is_and ? " ..." : "");
        return true;
    }
    if ((c == '[' || c == '{' || is_digit(c)) && fits(s, "'('") && fits(s, "'*'")) {
        pt_hint(&p->err, "the arguments of a function stand in parentheses: " STR_FMT "(...)", STR_ARG(word));
        return true;
    }
    return false;
}

/* ---- names -------------------------------------------------------------------- */

/* Reserved words that are hardly ever meant as names. */
static bool is_structure(pt_str word)
{
    static const char *const all[] = {"SELECT", "FROM", "WHERE", "ON",  "AS",    "AND", "OR",
                                      "WHEN",   "THEN", "ELSE",  "END", "EMPTY", "IN",  "IS"};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (str_eq_fold(word, str_of(all[i]))) return true;
    return false;
}

static bool advise_name(parse *p, const situation *s)
{
    pt_str t = s->token;
    const keyword *k = keyword_find(t);
    bool a_name = fits(s, "[a name]"), an_expression = fits(s, "'{'");
    if (k && k->class == KW_RESERVED && a_name && !(an_expression && is_structure(t)))
        pt_hint(&p->err, "%s is a reserved word; as a name it is written [" STR_FMT "]", k->name, STR_ARG(t));
    else if (is_digit(t.ptr[0]) && a_name && !an_expression)
        pt_hint(&p->err, "a name that starts with a digit is written in brackets: [" STR_FMT "]", STR_ARG(t));
    else if (t.len > 1 && t.ptr[0] == '.')
        pt_hint(&p->err, "a name that starts with a digit is written in brackets: .[%.*s]", (int)t.len - 1,
                t.ptr + 1);
    else if ((t.ptr[0] == '"' || t.ptr[0] == '\'') && t.len > 2 && a_name && !an_expression)
        pt_hint(&p->err, "names stand in brackets, texts in quotes: [%.*s]", (int)t.len - 2, t.ptr + 1);
    else
        return false;
    return true;
}

/* 20 MB, 30 s: without the quotes. */
static bool advise_unit(parse *p, const situation *s)
{
    static const char *const units[] = {"KB", "MB", "GB", "ms", "s"};
    bool touches;
    if (!is_digit(char_before(p, &touches))) return false;
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (!str_eq_fold(s->token, str_of(units[i]))) continue;
        pt_hint(&p->err, "a number with its unit stands in quotes, as '20 %s' does", units[i]);
        return true;
    }
    return false;
}

void advice_give(parse *p, const situation *s)
{
    const habit *h;
    const char *about;
    if (s->token.len == 0 || advise_unit(p, s)) return;
    if ((h = find(tokens, ARRAY_LEN(tokens), s->token, s)) ||
        (h = find(foregoing, ARRAY_LEN(foregoing), word_before(p), s)))
        pt_hint(&p->err, "%s", h->advice);
    else if (!advise_name(p, s)) {
        if ((about = about_sign(p, s)))
            pt_hint(&p->err, "%s", about);
        else
            advise_word_before(p, s);
    }
}
