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
    if (k) return k->token;
    p->word_before = p->word;
    p->word = value->str;
    return T_WORD;
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
    PARSE_FAIL(p, PT_SYNTAX, at, "unexpected '&', expected a key behind it, as in &[1997]");
    pt_hint(&p->err, "texts are joined with ||");
    return T_PT_YYerror;
}

/* What typesetters and keyboards put in the place of the real thing. */
static const char *stray_advice(uint32_t c)
{
    switch (c) {
    case 0x2018:
    case 0x2019:
    case 0x201C:
    case 0x201D:
    case 0x201E: return "texts stand in straight quotes: 'text' or \"text\"";
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2014:
    case 0x2212: return "minus is written -";
    case 0xD7:
    case 0x22C5: return "times is written *";
    default: return "names with such characters are written in brackets: [a name]";
    }
}

int scan_stray(parse *p, pt_span at)
{
    size_t next;
    uint32_t c = utf8_decode(p->text, p->token, &next);
    if (c < 0x20 || c == 0x7f) {
        PARSE_FAIL(p, PT_SYNTAX, at, "unexpected control character U+%04X", (unsigned)c);
    } else {
        PARSE_FAIL(p, PT_SYNTAX, at, "unexpected character '" STR_FMT "'", STR_ARG(token_text(p)));
        pt_hint(&p->err, "%s", stray_advice(c));
    }
    return T_PT_YYerror;
}
