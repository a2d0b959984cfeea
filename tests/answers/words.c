/* words.c - functions named in a text. */
#include "words.h"

#include <ctype.h>
#include <string.h>

static void add(word_list *out, const char *start, size_t n)
{
    char word[WORD_SIZE];
    if (n == 0 || n >= WORD_SIZE || out->n == MAX_WORDS) return;
    for (size_t i = 0; i < n; i++) word[i] = (char)tolower((unsigned char)start[i]);
    word[n] = 0;
    for (size_t i = 0; i < out->n; i++)
        if (strcmp(out->words[i], word) == 0) return;
    memcpy(out->words[out->n++], word, n + 1);
}

static bool is_operator_word(const char *start, size_t n)
{
    static const char *const words[] = {"existing", "matches", "in",           "xor",       "case",
                                        "cast",     "as",      "drillthrough", "properties"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == n && strncasecmp(start, words[i], n) == 0) return true;
    return false;
}

void words_of(const char *mdx, word_list *out)
{
    out->n = 0;
    for (const char *p = mdx; *p;) {
        if (*p == '[') {
            while (*p && *p != ']') p++;
            p += *p != 0;
        } else if (*p == '"') {
            for (p++; *p && *p != '"'; p++) {
            }
            p += *p != 0;
        } else if (isalpha((unsigned char)*p) || *p == '_') {
            const char *start = p;
            while (isalnum((unsigned char)*p) || *p == '_') p++;
            const char *next = p;
            while (*next == ' ') next++;
            bool is_property = start > mdx && start[-1] == '.';
            if (*next == '(' || is_property || is_operator_word(start, (size_t)(p - start)))
                add(out, start, (size_t)(p - start));
        } else {
            p++;
        }
    }
}

bool word_is_core(const char *word)
{
    static const char *const core[] = {
        "members",
        "children",
        "parent",
        "currentmember",
        "level",
        "name",
        "uniquename",
        "caption",
        "firstchild",
        "lastchild",
        "firstsibling",
        "lastsibling",
        "siblings",
        "nextmember",
        "prevmember",
        "lag",
        "lead",
        "item",
        "hierarchy",
        "dimension",
        "defaultmember",
        "allmembers",
        "ordinal",
        "value",
        "crossjoin",
        "descendants",
        "ancestor",
        "ancestors",
        "ascendants",
        "filter",
        "order",
        "head",
        "tail",
        "subset",
        "topcount",
        "bottomcount",
        "hierarchize",
        "union",
        "except",
        "intersect",
        "distinct",
        "generate",
        "sum",
        "avg",
        "min",
        "max",
        "count",
        "aggregate",
        "iif",
        "case",
        "isempty",
        "coalesceempty",
        "ytd",
        "qtd",
        "mtd",
        "wtd",
        "periodstodate",
        "parallelperiod",
        "openingperiod",
        "closingperiod",
        "lastperiods",
        "properties",
        "as",
        "axis",
        "where",
        "on",
        "select",
        "is",
        "and",
        "or",
        "not",
        "cousin",
        "rank",
        "measures",
        "levels",
        "lastnonempty",
        "nonemptycrossjoin",
        "extract",
        "datamember",
        "memberscount",
    };
    for (size_t i = 0; i < sizeof core / sizeof *core; i++)
        if (strcmp(word, core[i]) == 0) return true;
    return false;
}
