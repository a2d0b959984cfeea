/* setting.c - see setting.h. */
#include "server/setting.h"

#include <stdlib.h>

#include "base/num.h"
#include "base/utf8.h"

enum { MAX_VALUE = 1000, MAX_APPLICATION_NAME = 63 };

typedef bool (*setting_check)(pt_str value, sql_error *e);

typedef struct setting {
    const char *name, *value, *description;
    bool is_fixed, is_reported;
    setting_check check; /* NULL: any text */
} setting;

/* ---- values ------------------------------------------------------------------- */

static bool refuse(const char *name, pt_str value, sql_error *e)
{
    return sql_fail(e, SQL_INVALID_VALUE, "invalid value for parameter \"%s\": \"" STR_FMT "\"", name,
                    STR_ARG(value));
}

/* Letters and digits compared, so that "utf-8" is "UTF8". */
static bool is_encoding(pt_str value, const char *name)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        if (c == '-' || c == '_') continue;
        if (!*name || (c | 0x20) != (*name | 0x20)) return false;
        name++;
    }
    return *name == 0;
}

static bool check_encoding(pt_str value, sql_error *e)
{
    /* SQL_ASCII means "do not convert"; psql asks for it in the C locale */
    if (is_encoding(value, "UTF8") || is_encoding(value, "UNICODE") || is_encoding(value, "SQLASCII"))
        return true;
    refuse("client_encoding", value, e);
    return sql_hint(e,
                    "text is UTF-8 on both ways: set client_encoding to UTF8 (psql: PGCLIENTENCODING=UTF8)");
}

static bool check_date_style(pt_str value, sql_error *e)
{
    static const char *const words[] = {"ISO", "MDY", "DMY", "YMD", "US", "EURO", "EUROPEAN", "DEFAULT"};
    tokens t = {value, 0};
    for (token k; (k = token_next(&t)).kind != TOKEN_END;) {
        bool is_known = token_is(k, ",");
        for (size_t i = 0; i < ARRAY_LEN(words); i++) is_known = is_known || token_is(k, words[i]);
        if (is_known) continue;
        refuse("DateStyle", value, e);
        return sql_hint(e, "dates are written as ISO 8601 says: set DateStyle to ISO");
    }
    return true;
}

static bool check_time(pt_str value, sql_error *e)
{
    int64_t ms;
    if (setting_parse_ms(value, &ms)) return true;
    refuse("statement_timeout", value, e);
    return sql_hint(e, "expected milliseconds, or a number with a unit: ms, s, min, h");
}

static bool check_on(pt_str value, sql_error *e)
{
    if (str_eq_fold(value, STR("on")) || str_eq_fold(value, STR("true"))) return true;
    refuse("standard_conforming_strings", value, e);
    return sql_hint(e, "a backslash in a text is always a backslash");
}

/* ---- the table ------------------------------------------------------------------ */

static const setting settings[] = {
    {"application_name", "", "name of the client's program", false, true, NULL},
    {"bytea_output", "hex", "no effect", false, false, NULL},
    {"client_encoding", "UTF8", "encoding of text: UTF8", false, true, check_encoding},
    {"client_min_messages", "notice", "no effect", false, false, NULL},
    {"DateStyle", "ISO, MDY", "how dates are written: ISO", false, true, check_date_style},
    {"default_transaction_isolation", "read committed", "every statement has a snapshot of its own", false,
     false, NULL},
    {"default_transaction_read_only", "off", "see SET SESSION CHARACTERISTICS", true, false, NULL},
    {"extra_float_digits", "1", "no effect: the fewest digits that read back as the same number", false,
     false, NULL},
    {"idle_in_transaction_session_timeout", "0", "no effect", false, false, NULL},
    {"integer_datetimes", "on", "binary timestamps are integers", true, true, NULL},
    {"IntervalStyle", "postgres", "no effect", false, true, NULL},
    {"is_superuser", "off", "the user is no superuser", true, true, NULL},
    {"jit", "off", "no effect", false, false, NULL},
    {"lc_collate", "C.UTF-8", "order of text", true, false, NULL},
    {"lc_ctype", "C.UTF-8", "kinds of characters", true, false, NULL},
    {"lc_messages", "C", "language of messages", false, false, NULL},
    {"lock_timeout", "0", "no effect", false, false, NULL},
    {"max_identifier_length", "63", "for clients that ask", true, false, NULL},
    {"search_path", "\"$user\", public", "no effect", false, false, NULL},
    {"server_encoding", "UTF8", "encoding of the warehouse", true, true, NULL},
    {"server_version", "15.0 (Patron " PATRON_VERSION ")", "version of the protocol's dialect, and of Patron",
     true, true, NULL},
    {"server_version_num", "150000", "the same as a number", true, false, NULL},
    {"session_authorization", "", "the user", true, true, NULL},
    {"standard_conforming_strings", "on", "a backslash in a text is a backslash", false, true, check_on},
    {"statement_timeout", "0", "longest time of a statement; 0: the engine's limit, see SHOW LIMITS", false,
     false, check_time},
    {"synchronous_commit", "on", "no effect", false, false, NULL},
    {"TimeZone", "UTC", "no effect: dates and times have no zone", false, true, NULL},
    {"transaction_isolation", "read committed", "every statement has a snapshot of its own", true, false,
     NULL},
    {"transaction_read_only", "off", "see SET TRANSACTION", true, false, NULL},
};
_Static_assert(ARRAY_LEN(settings) <= SETTING_MAX, "settings_of_client has a slot for each");

int setting_count(void)
{
    return (int)ARRAY_LEN(settings);
}

int setting_find(pt_str name)
{
    for (int i = 0; i < setting_count(); i++)
        if (str_eq_fold(name, str_of(settings[i].name))) return i;
    return -1;
}

const char *setting_name(int i)
{
    return settings[i].name;
}

const char *setting_description(int i)
{
    return settings[i].description;
}

bool setting_is_reported(int i)
{
    return settings[i].is_reported;
}

const char *setting_get(const settings_of_client *s, int i)
{
    return s->values[i] ? s->values[i] : settings[i].value;
}

void setting_free(settings_of_client *s)
{
    for (int i = 0; i < SETTING_MAX; i++) mem_free(s->values[i]);
    *s = (settings_of_client){0};
}

static bool store(settings_of_client *s, int i, pt_str value)
{
    char *copy = NULL;
    if (value.ptr) {
        copy = mem_alloc(value.len + 1, 1);
        if (!copy) return false;
        if (value.len) memcpy(copy, value.ptr, value.len);
    }
    mem_free(s->values[i]);
    s->values[i] = copy;
    return true;
}

bool setting_set(settings_of_client *s, int i, pt_str value, sql_error *e)
{
    const setting *what = &settings[i];
    if (what->is_fixed)
        return sql_fail(e, SQL_READ_ONLY_SETTING, "parameter \"%s\" cannot be changed", what->name);
    if (value.len > MAX_VALUE || (value.len && memchr(value.ptr, 0, value.len)) ||
        utf8_valid_prefix(value) != value.len)
        return sql_fail(e, SQL_INVALID_VALUE, "invalid value for parameter \"%s\"", what->name);
    if (value.ptr && what->check && !what->check(value, e)) return false;
    if (strcmp(what->name, "application_name") == 0 && value.len > MAX_APPLICATION_NAME) {
        size_t whole = utf8_valid_prefix((pt_str){value.ptr, MAX_APPLICATION_NAME});
        value.len = whole;
    }
    return store(s, i, value) || sql_fail(e, SQL_OUT_OF_MEMORY, "out of memory");
}

bool setting_fix(settings_of_client *s, const char *name, const char *value)
{
    int i = setting_find(str_of(name));
    return i >= 0 && store(s, i, str_of(value));
}

bool setting_parse_ms(pt_str text, int64_t *ms)
{
    static const struct {
        const char *suffix;
        int64_t factor;
    } units[] = {{"", 1}, {"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}, {"d", 86400000}};
    text = str_trim(text);
    size_t digits = 0;
    while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9') digits++;
    pt_str unit = str_trim((pt_str){text.ptr + digits, text.len - digits});
    int64_t n;
    if (!num_parse_i64((pt_str){text.ptr, digits}, &n) || n > INT32_MAX) return false;
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (str_eq(unit, str_of(units[i].suffix))) {
            *ms = n * units[i].factor;
            return true;
        }
    return false;
}

/* ---- which SET ---------------------------------------------------------------------- */

bool setting_is_meant(tokens words)
{
    token first = token_next(&words);
    if (token_is(first, "session")) {
        token next = token_peek(&words);
        if (token_is(next, "characteristics") || token_is(next, "authorization")) return true;
        first = token_next(&words);
    } else if (token_is(first, "local")) {
        first = token_next(&words);
    }
    token next = token_peek(&words);
    if (token_is(first, "time")) return token_is(next, "zone");
    if (token_is(first, "transaction") || token_is(first, "names") || token_is(first, "role")) return true;
    if (token_is(first, "all")) return next.kind == TOKEN_END;
    return first.kind == TOKEN_WORD && setting_find(first.text) >= 0;
}
