/* route.c - see route.h. By the first words; for SELECT by what stands behind FROM. */
#include "server/route.h"

#include <ctype.h>

#include "server/setting.h"
#include "server/token.h"

static bool is_any(token t, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (token_is(t, words[i])) return true;
    return false;
}
#define IS_ANY(t, ...)                                                                                       \
    is_any((t), (const char *const[]){__VA_ARGS__},                                                          \
           sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

/* "pg_type", "pg_catalog.pg_class", "information_schema.tables": never in brackets, so no cube is meant. */
static bool is_catalog_name(token t)
{
    static const char *const prefixes[] = {"pg_", "information_schema"};
    if (t.kind != TOKEN_WORD) return false;
    for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
        pt_str prefix = str_of(prefixes[i]);
        if (t.text.len >= prefix.len && str_eq_fold((pt_str){t.text.ptr, prefix.len}, prefix)) return true;
    }
    return false;
}

/* SELECT or WITH: constants have no FROM, the catalog is named behind a FROM or JOIN, all else is MDX. */
static route_kind query_kind(tokens t, bool is_with)
{
    bool has_from = false, is_source = false;
    for (token k; (k = token_next(&t)).kind != TOKEN_END;) {
        if (is_source && is_catalog_name(k)) return ROUTE_CATALOG;
        is_source = IS_ANY(k, "from", "join");
        has_from = has_from || token_is(k, "from");
    }
    return has_from || is_with ? ROUTE_ENGINE : ROUTE_CONSTANT;
}

static route_kind kind_of(token first, tokens rest)
{
    if (first.kind == TOKEN_END) return ROUTE_EMPTY;
    if (IS_ANY(first, "select", "with")) return query_kind(rest, token_is(first, "with"));
    if (IS_ANY(first, "begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release"))
        return ROUTE_TRANSACTION;
    if (IS_ANY(first, "set", "reset", "show"))
        return token_is(first, "reset") || setting_is_meant(rest) ? ROUTE_SETTING : ROUTE_ENGINE;
    if (IS_ANY(first, "discard", "deallocate", "close")) return ROUTE_FORGET;
    if (IS_ANY(first, "unlisten")) return ROUTE_NOTHING;
    if (IS_ANY(first, "copy", "insert", "delete", "merge", "truncate", "prepare", "execute", "declare",
               "fetch", "move", "listen", "notify", "grant", "revoke", "vacuum", "lock", "do", "call",
               "values", "table"))
        return ROUTE_FOREIGN;
    return ROUTE_ENGINE;
}

route route_of(pt_str statement)
{
    tokens t = {statement, 0};
    token first = token_next(&t);
    route r = {.kind = kind_of(first, t)};
    r.is_reading = r.kind == ROUTE_CONSTANT || (r.kind == ROUTE_SETTING && token_is(first, "show")) ||
                   (r.kind == ROUTE_ENGINE &&
                    IS_ANY(first, "select", "with", "drillthrough", "explain", "show", "describe", "help"));
    return r;
}

void route_word(pt_str statement, char out[32])
{
    tokens t = {statement, 0};
    pt_str word = token_next(&t).text;
    size_t n = word.len < 31 ? word.len : 31;
    for (size_t i = 0; i < n; i++) out[i] = (char)toupper((unsigned char)word.ptr[i]);
    out[n] = 0;
}
