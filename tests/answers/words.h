/* words.h - the functions and operators that a statement uses, found in its text. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { WORD_SIZE = 32, MAX_WORDS = 64 };

typedef struct word_list {
    size_t n;
    char words[MAX_WORDS][WORD_SIZE]; /* lower case, each once */
} word_list;

/* Words followed by '(' or behind a '.', outside of brackets, quotes of names and comments. */
void words_of(const char *mdx, word_list *out);
/* Whether the word belongs to the core of the language: the functions of the first release. */
bool word_is_core(const char *word);
