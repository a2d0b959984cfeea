/* parse_error.c - words for a token that does not fit: what was read, what would have fitted, what was
 * perhaps meant. */
#include "base/nearest.h"
#include "lang/advice.h"
#include "lang/keywords.h"

enum { SHOWN = 5, TEXT_SHOWN = 40 };

/* ---- what would fit, made short -------------------------------------------- */

typedef struct choices {
    const char *const *names; /* token names, best first */
    int n;
} choices;

static bool has(const choices *c, const char *name)
{
    for (int i = 0; i < c->n; i++) {
        if (strcmp(c->names[i], name) == 0) return true;
    }
    return false;
}

static bool is_one_of(const char *name, const char *const *set, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(name, set[i]) == 0) return true;
    }
    return false;
}

/* Tokens that only go together, and the words for them all. */
static const char *const operators[] = {"'+'", "'-'",  "'*'",  "'/'", "'||'", "'='",     "'<>'",   "'<'",
                                        "'>'", "'<='", "'>='", "':'", "'('",  "AND",     "OR",     "XOR",
                                        "IS",  "IN",   "NOT",  "AS",  "'.'",  "MATCHES", "BETWEEN"};
static const char *const starters[] = {"a number",   "a text in quotes",
                                       "@parameter", "a name",
                                       "[a name]",   "'('",
                                       "'{'",        "'-'",
                                       "'+'",        "NOT",
                                       "CASE",       "CAST",
                                       "NULL",       "EXISTING"};

/* Whether the keyword is expected only because it may be a name. */
static bool is_name_too(const choices *c, const char *name)
{
    const keyword *k = keyword_find(str_of(name));
    if (!k || !has(c, "a name")) return false;
    if (k->class == KW_FREE) return true;
    if (k->class == KW_RESERVED) return has(c, "PROPERTIES"); /* behind a point */
    /* Where all of its kind fit, a name is meant; where a few do, each is meant itself. */
    unsigned n = 0;
    for (int i = 0; i < c->n; i++) {
        const keyword *other = keyword_find(str_of(c->names[i]));
        n += other && other->class == k->class;
    }
    return n == keyword_count(k->class);
}

/* How the token is shown among the choices; NULL: not at all. */
static const char *shown_name(const choices *c, const char *name, bool an_expression, bool an_operator)
{
    bool a_statement = has(c, "SELECT") && has(c, "CREATE");
    if (is_name_too(c, name) || strcmp(name, "&[key]") == 0) return NULL;
    if (an_expression && is_one_of(name, starters, ARRAY_LEN(starters))) return NULL;
    if (an_operator && is_one_of(name, operators, ARRAY_LEN(operators))) return NULL;
    if (a_statement && (strcmp(name, "the end") == 0 || strcmp(name, "';'") == 0)) return NULL;
    if (strcmp(name, "[a name]") == 0) return has(c, "a name") ? NULL : "a [name]";
    if (strcmp(name, "a name") == 0) return has(c, "[a name]") ? name : "a word";
    return name;
}

/* The choices as shown: groups under one word, keywords that are just names left out. Returns their number.
 */
static int shorten(const choices *c, const char **out)
{
    bool an_expression = has(c, "a number") && has(c, "'{'"), an_operator = has(c, "'*'") && has(c, "'||'");
    int n = 0;
    if (an_expression) out[n++] = "an expression";
    for (int i = 0; i < c->n; i++) {
        const char *name = shown_name(c, c->names[i], an_expression, an_operator);
        if (name) out[n++] = name;
    }
    if (an_operator) out[n++] = "an operator";
    return n;
}

static void add_list(strbuf *b, const char *const *words, int n)
{
    for (int i = 0; i < n && i < SHOWN; i++) {
        bool is_last = i == n - 1;
        strbuf_addz(b, i == 0 ? " " : is_last ? " or " : ", ");
        strbuf_addz(b, words[i]);
    }
    if (n > SHOWN) strbuf_addz(b, ", ...");
}

/* ---- what was meant --------------------------------------------------------- */

/* The nearest of the words, if near enough; NULL else. */
static const char *find_nearest(pt_str word, const char *const *words, size_t n)
{
    nearest near = nearest_to(word);
    for (size_t i = 0; i < n; i++) nearest_offer(&near, str_of(words[i]));
    return near.best.ptr;
}

static bool is_word(pt_str s)
{
    unsigned char c = s.len ? (unsigned char)s.ptr[0] : 0;
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c >= 0x80 || c == '_';
}

/* ---- messages ---------------------------------------------------------------- */

static void add_token(strbuf *b, pt_str token)
{
    if (token.len > TEXT_SHOWN) {
        size_t n = TEXT_SHOWN;
        while (n > 0 && ((unsigned char)token.ptr[n] & 0xC0) == 0x80) n--;
        strbuf_printf(b, "%.*s...", (int)n, token.ptr);
    } else if (token.ptr[0] == '[' || token.ptr[0] == '\'' || token.ptr[0] == '"') {
        strbuf_adds(b, token);
    } else {
        strbuf_printf(b, "'" STR_FMT "'", STR_ARG(token));
    }
}

static void fail(parse *p, pt_span at, strbuf *b)
{
    if (b->failed)
        pt_fail(&p->err, PT_NOMEM, "out of memory");
    else
        PARSE_FAIL(p, PT_SYNTAX, at, "%s", b->ptr);
    strbuf_free(b);
}

/* [Unit Sales} ON 0, [Store]: a name that was not closed took all up to the next ]. */
static bool fail_runaway(parse *p)
{
    if (p->runaway.start == p->runaway.end) return false;
    PARSE_FAIL(p, PT_SYNTAX, p->runaway,
               "the name in brackets that starts here runs into the next one, expected ]");
    return true;
}

static const char *meant_word(pt_str token, const char *const *shown, int n)
{
    const keyword *k = keyword_find(token);
    bool may_be_slip = !k || (k->class != KW_RESERVED && token.len > 3);
    return is_word(token) && may_be_slip ? find_nearest(token, shown, (size_t)n) : NULL;
}

void parse_unexpected(parse *p, pt_span at, bool at_end, const char *const *expected, int n)
{
    choices c = {expected, n};
    const char *shown[128], *refused, *advice;
    if (NEVER(n >= (int)ARRAY_LEN(shown))) c.n = (int)ARRAY_LEN(shown) - 1;
    situation s = {{p->text.ptr + p->token, p->pos - p->token}, expected, c.n};
    int n_shown = shorten(&c, shown);
    const char *meant = meant_word(s.token, shown, n_shown);
    strbuf b = {0};

    p->end_fits = has(&c, "the end");
    if (fail_runaway(p)) return;
    if ((advice = advice_refusal(&s, &refused))) {
        PARSE_FAIL(p, PT_UNSUPPORTED, at, "%s is not offered", refused);
        pt_hint(&p->err, "%s", advice);
        return;
    }
    strbuf_addz(&b, "unexpected ");
    if (at_end)
        strbuf_addz(&b, p->base ? "end of the formula" : "end of the statement");
    else
        add_token(&b, s.token);
    if (meant) {
        strbuf_printf(&b, ", did you mean %s?", meant);
    } else if (n_shown) {
        strbuf_addz(&b, ", expected");
        add_list(&b, shown, n_shown);
    }
    fail(p, at, &b);
    if (!meant) advice_give(p, &s);
}

bool parse_wrong_word(parse *p, pt_span at, const char *what, pt_str word, const char *const *words, size_t n)
{
    const char *meant = find_nearest(word, words, n);
    strbuf b = {0};
    strbuf_printf(&b, "unknown %s '" STR_FMT "', expected", what, STR_ARG(word));
    add_list(&b, words, (int)n);
    if (meant) strbuf_printf(&b, "; did you mean %s?", meant);
    fail(p, at, &b);
    return false;
}
