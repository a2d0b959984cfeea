/* split.c - where a statement ends, for shells that read line by line. Knows quotes, brackets and comments
 * only. */
#include "api/api_int.h"

/* Byte behind the construct that opens at `p`, or NULL if it does not end. */
static const char *skip_quoted(const char *p)
{
    char close = *p == '[' ? ']' : *p;
    for (p++; *p; p++) {
        if (*p != close) continue;
        if (p[1] != close) return p + 1;
        p++; /* doubled: part of the text */
    }
    return NULL;
}

static const char *skip_comment(const char *p)
{
    if (p[1] == '*') {
        const char *end = strstr(p + 2, "*/");
        return end ? end + 2 : NULL;
    }
    const char *end = strchr(p, '\n');
    return end ? end + 1 : NULL;
}

static bool is_comment(const char *p)
{
    return (p[0] == '-' && p[1] == '-') || (p[0] == '/' && (p[1] == '/' || p[1] == '*'));
}

size_t patron_statement_length(const char *text)
{
    const char *p = text;
    while (p && *p) {
        if (*p == ';') return (size_t)(p - text) + 1;
        if (*p == '\'' || *p == '"' || *p == '[')
            p = skip_quoted(p);
        else if (is_comment(p))
            p = skip_comment(p);
        else
            p++;
    }
    return 0;
}
