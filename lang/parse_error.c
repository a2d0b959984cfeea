/* parse_error.c - words for a token that does not fit: what was read, what would have fitted, what was
 * perhaps meant. */
#include "base/nearest.h"
#include "lang/keywords.h"
#include "lang/parse_int.h"

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

/* HIERACHY [Time]: the word before reads as a name, and only what follows does not fit. */
static void hint_word_before(parse *p, pt_str token)
{
    size_t n;
    const char *const *keywords = lang_keywords(&n);
    pt_str word = p->word.ptr == token.ptr ? p->word_before : p->word;
    if (word.len < 4 || !(p->dim || p->cube || p->map)) return;
    for (const char *c = word.ptr + word.len; c < token.ptr; c++) {
        if (*c != ' ' && *c != '\t' && *c != '\r' && *c != '\n') return;
    }
    const char *meant = find_nearest(word, keywords, n);
    if (meant) pt_hint(&p->err, "perhaps '" STR_FMT "' is meant to be %s", STR_ARG(word), meant);
}

static void hint(parse *p, const choices *c, pt_str token)
{
    const keyword *k = keyword_find(token);
    bool is_number = token.len && token.ptr[0] >= '0' && token.ptr[0] <= '9';
    if (k && k->class == KW_RESERVED && has(c, "[a name]")) {
        pt_hint(&p->err, "%s is a reserved word; as a name it is written [" STR_FMT "]", k->name,
                STR_ARG(token));
    } else if (is_number && has(c, "[a name]") && !has(c, "'{'")) {
        pt_hint(&p->err, "a name that starts with a digit is written in brackets: [" STR_FMT "]",
                STR_ARG(token));
    } else if (token.len > 1 && token.ptr[0] == '.') {
        pt_hint(&p->err, "a name that starts with a digit is written in brackets: .[%.*s]",
                (int)token.len - 1, token.ptr + 1);
    } else {
        hint_word_before(p, token);
    }
}

void parse_unexpected(parse *p, pt_span at, bool at_end, const char *const *expected, int n)
{
    choices c = {expected, n};
    const char *shown[128];
    if (NEVER(n >= (int)ARRAY_LEN(shown))) c.n = (int)ARRAY_LEN(shown) - 1;
    pt_str token = {p->text.ptr + p->token, p->pos - p->token};
    int n_shown = shorten(&c, shown);
    const char *meant =
        is_word(token) && !keyword_find(token) ? find_nearest(token, shown, (size_t)n_shown) : NULL;
    strbuf b = {0};

    p->end_fits = has(&c, "the end");
    strbuf_addz(&b, "unexpected ");
    if (at_end)
        strbuf_addz(&b, p->base ? "end of the formula" : "end of the statement");
    else
        add_token(&b, token);
    if (meant) {
        strbuf_printf(&b, ", did you mean %s?", meant);
    } else if (n_shown) {
        strbuf_addz(&b, ", expected");
        add_list(&b, shown, n_shown);
    }
    fail(p, at, &b);
    if (!meant) hint(p, &c, token);
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
