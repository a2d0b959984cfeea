/* scan_token.c - values and failures of single tokens. */
#include "lang/scan_int.h"

#include "base/utf8.h"
#include "lang/grammar.h"
#include "lang/keywords.h"

/* ---- places ------------------------------------------------------------ */

/* Place in the statement of the byte the scanner stands at. */
static uint32_t place(parse *p)
{
    while (p->next_doubled < p->n_doubled && p->doubled[p->next_doubled] < p->pos) p->next_doubled++;
    return p->base + p->pos + p->next_doubled;
}

void parse_advance(parse *p, pt_span *at, uint32_t n)
{
    p->token = p->pos;
    at->start = place(p);
    p->pos += n;
    at->end = place(p);
}

static pt_str token_text(const parse *p)
{
    return (pt_str){p->text.ptr + p->token, p->pos - p->token};
}

/* ---- values ------------------------------------------------------------ */

int scan_word(parse *p, union PT_YYSTYPE *value)
{
    value->str = token_text(p);
    const keyword *k = keyword_find(value->str);
    return k ? k->token : T_WORD;
}

int scan_slice(parse *p, union PT_YYSTYPE *value, uint32_t skip, int token)
{
    pt_str s = token_text(p);
    value->str = (pt_str){s.ptr + skip, s.len - skip};
    return token;
}

int scan_whole(parse *p, union PT_YYSTYPE *value)
{
    pt_str s = token_text(p);
    value->str = (pt_str){s.ptr, s.len - 1};
    return T_NUMBER;
}

int scan_bracket(parse *p, union PT_YYSTYPE *value, pt_span at, uint32_t skip, int token)
{
    pt_str s = token_text(p);
    bool has_bracket = memchr(s.ptr + skip + 1, '[', s.len - skip - 1) != NULL;
    if (has_bracket && p->runaway.start == p->runaway.end)
        p->runaway = (pt_span){at.start + skip, at.start + skip + 1};
    return scan_quoted(p, value, skip, token);
}

int scan_quoted(parse *p, union PT_YYSTYPE *value, uint32_t skip, int token)
{
    pt_str s = token_text(p);
    return text_unquote(p, (pt_str){s.ptr + skip, s.len - skip}, &value->str) ? token : T_PT_YYerror;
}

int scan_open(parse *p, pt_span at, char c)
{
    if (++p->nesting <= PARSE_MAX_DEPTH) return c;
    PARSE_FAIL(p, PT_LIMIT, at, "parentheses and braces are nested more than %d deep", PARSE_MAX_DEPTH);
    return T_PT_YYerror;
}

int scan_close(parse *p, char c)
{
    if (p->nesting) p->nesting--;
    return c;
}

/* ---- failures ---------------------------------------------------------- */

int scan_unclosed(parse *p, pt_span at, const char *what, const char *closer)
{
    PARSE_FAIL(p, PT_SYNTAX, at, "the %s that starts here is not closed, expected %s", what, closer);
    return T_PT_YYerror;
}

int scan_open_comment(parse *p, pt_span at)
{
    PARSE_FAIL(p, PT_SYNTAX, at, "the comment that starts here is not closed, expected */");
    return T_PT_YYerror;
}

int scan_stray_key(parse *p, pt_span at)
{
    bool is_and = p->pos < p->text.len && p->text.ptr[p->pos] == '&';
    PARSE_FAIL(p, PT_SYNTAX, at, "unexpected '&', expected a key behind it, as in &[1997]");
    pt_hint(&p->err, is_and ? "both conditions are x AND y" : "texts are joined with ||");
    return T_PT_YYerror;
}

/* What typesetters, keyboards and other languages put in the place of the real thing. */
typedef struct stray {
    uint32_t first, last;
    const char *advice;
} stray;

#define QUOTES   "texts stand in straight quotes: 'text' or \"text\""
#define MINUS    "minus is written -"
#define TIMES    "times is written *"
#define BRACKETS "names stand in brackets: [a name]"

static const stray strays[] = {
    {'!', '!', "not equal is written <>, not is written NOT"},
    {'#', '#', "a comment starts with --"},
    {'?', '?', "a parameter is written @name"},
    {']', ']', "no [ stands before it"},
    {'^', '^', "powers are Power(x, y)"},
    {'`', '`', BRACKETS},
    {'|', '|', "one condition or the other is x OR y; texts are joined with ||"},
    {'~', '~', "not is written NOT"},
    {0xD7, 0xD7, TIMES},
    {0xF7, 0xF7, "a quotient is written a / b"},
    {0x2010, 0x2014, MINUS},
    {0x2018, 0x201F, QUOTES},
    {0x2039, 0x203A, QUOTES},
    {0x2212, 0x2212, MINUS},
    {0x2215, 0x2215, "a quotient is written a / b"},
    {0x22C5, 0x22C5, TIMES},
    {0x2260, 0x2260, "not equal is written <>"},
    {0x2264, 0x2264, "at most is written <="},
    {0x2265, 0x2265, "at least is written >="},
    {0x3001, 0x3001, "a comma is written ,"},
    {0x3002, 0x3002, "a point is written ."},
    {0x3008, 0x3011, BRACKETS},
    {0xAB, 0xAB, QUOTES},
    {0xBB, 0xBB, QUOTES},
    {0xFF02, 0xFF02, QUOTES},
    {0xFF07, 0xFF07, QUOTES},
    {0xFF0D, 0xFF0D, MINUS},
    {0xFF3B, 0xFF3D, BRACKETS},
};

enum { WIDE_FIRST = 0xFF01, WIDE_LAST = 0xFF5E, WIDE_OFFSET = 0xFEE0 }; /* full-width ASCII */

static void hint_stray(parse *p, uint32_t c)
{
    for (size_t i = 0; i < ARRAY_LEN(strays); i++) {
        if (c < strays[i].first || c > strays[i].last) continue;
        pt_hint(&p->err, "%s", strays[i].advice);
        return;
    }
    if (utf8_is_unseen(c))
        pt_hint(&p->err, "the character cannot be seen; delete it");
    else if (c >= WIDE_FIRST && c <= WIDE_LAST)
        pt_hint(&p->err, "the full-width sign is written %c", (char)(c - WIDE_OFFSET));
    else
        pt_hint(&p->err, "names with such characters are written in brackets: [a name]");
}

int scan_stray(parse *p, pt_span at)
{
    size_t next;
    uint32_t c = utf8_decode(p->text, p->token, &next);
    if (c < 0x20 || c == 0x7f) {
        PARSE_FAIL(p, PT_SYNTAX, at, "unexpected control character U+%04X", (unsigned)c);
    } else {
        if (utf8_is_unseen(c))
            PARSE_FAIL(p, PT_SYNTAX, at, "unexpected character U+%04X", (unsigned)c);
        else
            PARSE_FAIL(p, PT_SYNTAX, at, "unexpected character '" STR_FMT "'", STR_ARG(token_text(p)));
        hint_stray(p, c);
    }
    return T_PT_YYerror;
}
