/* keywords.c - the table of keywords, sorted. */
#include "lang/keywords.h"

#include "lang/grammar.h"

/* clang-format off */
#define KEYWORDS(X) \
    X(ADD, FREE) X(ADVISE, FREE) X(ALL, FREE) X(ALTER, FREE) X(ANALYZE, FREE) X(AND, RESERVED) X(AS, RESERVED) \
    X(ATTRIBUTE, ITEM) X(AXIS, RESERVED) X(BEGIN, FREE) X(BETWEEN, CLAUSE) X(BLANK, FREE) X(BY, FREE) X(CAPTION, CLAUSE) \
    X(CASCADE, FREE) X(CASE, RESERVED) X(CAST, RESERVED) X(CELL, RESERVED) X(CHAPTERS, RESERVED) \
    X(CHECK, FREE) X(CODES, FREE) X(COLUMN, ITEM) X(COLUMNS, RESERVED) X(COMMIT, FREE) X(COMPACT, FREE) X(CREATE, FREE) \
    X(CUBE, FREE) X(CUBOID, FREE) X(CUBOIDS, FREE) X(DEFAULT, ITEM) X(DESCRIBE, FREE) X(DIMENSION, RESERVED) X(DISTINCT, CLAUSE) \
    X(DRILLTHROUGH, RESERVED) X(DROP, FREE) X(ELSE, RESERVED) X(EMPTY, RESERVED) X(END, RESERVED) \
    X(ERROR, FREE) X(EXISTING, RESERVED) X(EXISTS, FREE) X(EXPLAIN, RESERVED) X(FIRSTROWSET, RESERVED) \
    X(FISCAL, FREE) X(FOR, RESERVED) X(FORCE, FREE) X(FORMAT, CLAUSE) X(FROM, RESERVED) X(HAVING, CLAUSE) X(HELP, FREE) X(HIDDEN, CLAUSE) \
    X(HIDE, FREE) X(HIERARCHY, ITEM) X(HISTORY, FREE) X(IF, FREE) X(IN, RESERVED) X(INTO, FREE) \
    X(IS, RESERVED) X(JOIN, CLAUSE) X(KEY, ITEM) X(LEFT, CLAUSE) X(LEVEL, ITEM) X(LOAD, FREE) \
    X(MAPPING, FREE) X(MATCHES, RESERVED) X(MAXROWS, RESERVED) X(MEASURE, ITEM) X(MEMBER, RESERVED) \
    X(NAME, FREE) X(NON, RESERVED) X(NOT, RESERVED) X(NULL, RESERVED) X(OF, CLAUSE) X(ON, RESERVED) \
    X(OPTIONS, FREE) X(OR, RESERVED) X(ORDER, FREE) X(ORDINAL, CLAUSE) X(OVERWRITE, FREE) X(PAGES, RESERVED) \
    X(PARENT, FREE) X(PLAN, RESERVED) X(PROPERTIES, RESERVED) X(REFRESH, FREE) X(RELEASE, FREE) X(REPLACE, FREE) \
    X(RETURN, RESERVED) X(ROLE, CLAUSE) X(ROLLBACK, FREE) X(ROOT, FREE) X(ROWS, RESERVED) \
    X(SAVEPOINT, FREE) X(SECTIONS, RESERVED) X(SELECT, RESERVED) X(SESSION, FREE) X(SET, RESERVED) \
    X(SHOW, FREE) X(SLICE, CLAUSE) X(SOURCE, FREE) X(START, FREE) X(STARTS, FREE) X(THEN, RESERVED) \
    X(TIME, FREE) X(TO, CLAUSE) X(TRANSACTION, FREE) X(TYPE, FREE) X(UNKNOWN, FREE) X(VERIFY, FREE) X(VIRTUAL, FREE) \
    X(WAREHOUSE, FREE) X(WEEK, FREE) X(WHEN, RESERVED) X(WHERE, RESERVED) X(WITH, RESERVED) X(WITHIN, FREE) X(XOR, RESERVED) \
    X(YEAR, FREE)
/* clang-format on */

static const keyword table[] = {
#define X(word, class) {#word, T_##word, KW_##class},
    KEYWORDS(X)
#undef X
};

static const char *const names[] = {
#define X(word, class) #word,
    KEYWORDS(X)
#undef X
};

enum { LONGEST = 12 }; /* DRILLTHROUGH */

const keyword *keyword_find(pt_str word)
{
    char upper[LONGEST + 1];
    if (word.len == 0 || word.len > LONGEST) return NULL;
    for (size_t i = 0; i < word.len; i++) {
        char c = word.ptr[i];
        upper[i] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    upper[word.len] = 0;
    size_t lo = 0, hi = ARRAY_LEN(table);
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        int order = strcmp(upper, table[mid].name);
        if (order == 0) return &table[mid];
        if (order < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return NULL;
}

unsigned keyword_count(keyword_class class)
{
    unsigned n = 0;
    for (size_t i = 0; i < ARRAY_LEN(table); i++) n += table[i].class == class;
    return n;
}

const char *const *lang_keywords(size_t *n)
{
    *n = ARRAY_LEN(names);
    return names;
}

bool keyword_is_bare_name(pt_str s)
{
    if (s.len == 0 || (s.ptr[0] >= '0' && s.ptr[0] <= '9')) return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        bool is_later = i > 0 && ((c >= '0' && c <= '9') || c == '$');
        if (!is_letter && !is_later) return false;
    }
    const keyword *k = keyword_find(s);
    return !k || k->class != KW_RESERVED;
}
