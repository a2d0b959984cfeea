/* token.c - see token.h. */
#include "server/token.h"

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

/* 0 past the end. */
static char char_at(const tokens *t, size_t i)
{
    return i < t->text.len ? t->text.ptr[i] : 0;
}

static void skip_line(tokens *t)
{
    while (t->at < t->text.len && t->text.ptr[t->at] != '\n') t->at++;
}

static void skip_comment(tokens *t)
{
    for (t->at += 2; t->at < t->text.len; t->at++)
        if (t->text.ptr[t->at] == '*' && char_at(t, t->at + 1) == '/') {
            t->at += 2;
            return;
        }
}

static void skip_blanks(tokens *t)
{
    for (;;) {
        char c = char_at(t, t->at), next = char_at(t, t->at + 1);
        if (t->at >= t->text.len) return;
        if (is_blank(c))
            t->at++;
        else if ((c == '-' && next == '-') || (c == '/' && next == '/'))
            skip_line(t);
        else if (c == '/' && next == '*')
            skip_comment(t);
        else
            return;
    }
}

/* Behind the closing quote; a doubled one is part of the text. */
static size_t quoted_end(const tokens *t, char close)
{
    for (size_t i = t->at + 1; i < t->text.len; i++) {
        if (t->text.ptr[i] != close) continue;
        if (char_at(t, i + 1) != close) return i + 1;
        i++;
    }
    return t->text.len;
}

static size_t word_end(const tokens *t, size_t i)
{
    while (is_letter(char_at(t, i)) || is_digit(char_at(t, i)) || char_at(t, i) == '$' ||
           (char_at(t, i) == '.' && is_letter(char_at(t, i + 1))))
        i++;
    return i;
}

static size_t number_end(const tokens *t, size_t i)
{
    while (is_digit(char_at(t, i)) || (char_at(t, i) == '.' && is_digit(char_at(t, i + 1)))) i++;
    return i;
}

token token_next(tokens *t)
{
    skip_blanks(t);
    size_t start = t->at;
    if (start >= t->text.len) return (token){TOKEN_END, STR("")};
    token_kind kind = TOKEN_SIGN;
    char c = t->text.ptr[start];
    size_t end = start + 1;
    if (c == '\'' || c == '"' || c == '[') {
        kind = c == '\'' ? TOKEN_STRING : c == '"' ? TOKEN_QUOTED : TOKEN_BRACKET;
        end = quoted_end(t, c == '[' ? ']' : c);
    } else if (is_letter(c)) {
        kind = TOKEN_WORD;
        end = word_end(t, start);
    } else if (is_digit(c)) {
        kind = TOKEN_NUMBER;
        end = number_end(t, start);
    } else if (c == '$' && is_digit(char_at(t, start + 1))) {
        kind = TOKEN_PARAM;
        start++;
        end = number_end(t, start);
    } else if (c == ':' && char_at(t, start + 1) == ':') {
        end = start + 2;
    }
    t->at = end;
    return (token){kind, {t->text.ptr + start, end - start}};
}

token token_peek(const tokens *t)
{
    tokens copy = *t;
    return token_next(&copy);
}

bool token_is(token t, const char *word)
{
    return (t.kind == TOKEN_WORD || t.kind == TOKEN_SIGN) && str_eq_fold(t.text, str_of(word));
}

bool token_accept(tokens *t, const char *word)
{
    tokens copy = *t;
    if (!token_is(token_next(&copy), word)) return false;
    *t = copy;
    return true;
}

void token_value(token t, strbuf *out)
{
    if (t.kind != TOKEN_STRING && t.kind != TOKEN_QUOTED) {
        strbuf_adds(out, t.text);
        return;
    }
    char quote = t.text.ptr[0];
    size_t n = t.text.len;
    if (n > 1 && t.text.ptr[n - 1] == quote) n--;
    for (size_t i = 1; i < n; i++) {
        strbuf_addc(out, t.text.ptr[i]);
        if (t.text.ptr[i] == quote) i++;
    }
}
