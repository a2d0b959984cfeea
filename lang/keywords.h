/* keywords.h - the words the grammar knows, and how far each is reserved; for this folder only. */
#pragma once

#include "base/str.h"

typedef enum keyword_class {
    KW_RESERVED, /* never a bare name */
    KW_FREE,     /* a bare name wherever a name may stand */
    KW_ITEM,     /* starts an element of a definition's list; a name elsewhere */
    KW_CLAUSE,   /* may follow an optional name; a name elsewhere */
} keyword_class;

typedef struct keyword {
    const char *name; /* upper case */
    int token;
    keyword_class class;
} keyword;

/* NULL: just a word. Case does not matter. */
const keyword *keyword_find(pt_str word);
unsigned keyword_count(keyword_class class);
/* Whether the text reads back as one name without brackets. */
bool keyword_is_bare_name(pt_str s);
