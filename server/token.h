/* token.h - the words of a statement, as far as the server must look at it: to tell session commands from
 * MDX.
 *
 * Knows MDX's and SQL's quotes and comments, nothing else. */
#pragma once

#include "base/str.h"

typedef enum token_kind {
    TOKEN_END,
    TOKEN_WORD,    /* letters, digits, '_' and '.' inside: current_schema, pg_catalog.version */
    TOKEN_NUMBER,  /* 12, 1.5; without sign */
    TOKEN_STRING,  /* '...' */
    TOKEN_QUOTED,  /* "..." */
    TOKEN_BRACKET, /* [...] */
    TOKEN_PARAM,   /* $1 */
    TOKEN_SIGN,    /* one byte of punctuation; "::" is one sign too */
} token_kind;

typedef struct token {
    token_kind kind;
    pt_str text; /* with its quotes; TOKEN_PARAM: without '$' */
} token;

typedef struct tokens {
    pt_str text;
    size_t at;
} tokens;

/* The next token; TOKEN_END for ever at the end. A quote that does not end takes the rest. */
token token_next(tokens *t);
/* What token_next would give. */
token token_peek(const tokens *t);
bool token_is(token t, const char *word); /* a word or sign, case ignored */
/* Consume the next token if it is this word. */
bool token_accept(tokens *t, const char *word);
/* What a token means: a string or quoted name without its quotes (doubled ones halved), others as they stand.
 */
void token_value(token t, strbuf *out);
