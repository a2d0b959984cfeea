/* constant.c - see constant.h: a recursive descent over tokens, one function per part of an item. */
#include "server/constant.h"

#include <stdio.h>

#include "base/num.h"
#include "server/types.h"

enum { MAX_ITEMS = 100 };

typedef struct item {
    uint32_t type;
    bool is_null;
    strbuf value;
    strbuf name; /* of the column */
} item;

typedef struct parser {
    const constant_env *env;
    tokens t;
    sql_error *e;
} parser;

static bool fail_here(parser *p, const char *sqlstate, const char *what)
{
    token k = token_peek(&p->t);
    size_t byte = k.kind == TOKEN_END ? p->t.text.len : (size_t)(k.text.ptr - p->t.text.ptr);
    if (k.kind == TOKEN_END)
        sql_fail(p->e, sqlstate, "unexpected end of statement, expected %s", what);
    else
        sql_fail(p->e, sqlstate, "unexpected " STR_FMT ", expected %s", STR_ARG(k.text), what);
    p->e->position = sql_position(p->t.text, byte);
    return sql_hint(
        p->e, "without FROM only constants and a few functions can be selected; a query needs FROM [cube]");
}

static void set(item *x, uint32_t type, const char *value)
{
    x->type = type;
    x->is_null = value == NULL;
    strbuf_clear(&x->value);
    if (value) strbuf_addz(&x->value, value);
}

/* ---- functions ------------------------------------------------------------------ */

static void add_version(item *x)
{
    set(x, OID_TEXT, "PostgreSQL 15.0 (Patron ");
    strbuf_addz(&x->value, patron_version());
    strbuf_addz(&x->value, "): MDX over PostgreSQL's protocol");
}

static void add_number(item *x, uint32_t type, int64_t n)
{
    set(x, type, "");
    strbuf_printf(&x->value, "%lld", (long long)n);
}

/* Without the schema: "pg_catalog.version" is "version". */
static pt_str plain_name(pt_str name)
{
    pt_str schema = STR("pg_catalog.");
    if (name.len > schema.len && str_eq_fold((pt_str){name.ptr, schema.len}, schema))
        return (pt_str){name.ptr + schema.len, name.len - schema.len};
    return name;
}

static bool setting_value(parser *p, const strbuf *argument, item *x)
{
    int i = setting_find(strbuf_str(argument));
    if (i < 0)
        return sql_fail(p->e, SQL_UNDEFINED_OBJECT, "unrecognized configuration parameter \"%.80s\"",
                        argument->ptr ? argument->ptr : "");
    set(x, OID_TEXT, setting_get(p->env->settings, i));
    return true;
}

/* The value of a function, or of a word that needs no parentheses; false if it is not known. */
static bool known_value(const parser *p, pt_str name, item *x)
{
    static const char *const users[] = {"current_user", "session_user", "user", "current_role"};
    for (size_t i = 0; i < ARRAY_LEN(users); i++)
        if (str_eq_fold(name, str_of(users[i]))) {
            set(x, OID_NAME, p->env->user);
            return true;
        }
    if (str_eq_fold(name, STR("current_database")) || str_eq_fold(name, STR("current_catalog")))
        set(x, OID_NAME, p->env->database);
    else if (str_eq_fold(name, STR("current_schema")))
        set(x, OID_NAME, "public");
    else if (str_eq_fold(name, STR("version")))
        add_version(x);
    else if (str_eq_fold(name, STR("pg_backend_pid")))
        add_number(x, OID_INT4, p->env->pid);
    else if (str_eq_fold(name, STR("pg_is_in_recovery")))
        set(x, OID_BOOL, "false");
    else if (str_eq_fold(name, STR("pg_advisory_unlock_all")))
        set(x, OID_TEXT, "");
    else
        return false;
    return true;
}

static bool read_word(parser *p, token word, item *x)
{
    pt_str name = plain_name(word.text);
    strbuf argument = {0};
    bool is_done;
    if (token_is(word, "true") || token_is(word, "false")) {
        set(x, OID_BOOL, token_is(word, "true") ? "true" : "false");
        return true;
    }
    if (token_is(word, "null")) {
        set(x, OID_TEXT, NULL);
        return true;
    }
    strbuf_clear(&x->name);
    strbuf_adds(&x->name, name);
    bool is_call = token_accept(&p->t, "(");
    if (is_call && token_peek(&p->t).kind == TOKEN_STRING) token_value(token_next(&p->t), &argument);
    if (argument.ptr && str_eq_fold(name, STR("current_setting"))) {
        is_done = setting_value(p, &argument, x);
    } else if (!(is_done = !argument.ptr && known_value(p, name, x))) {
        sql_fail(p->e, SQL_UNSUPPORTED, "unknown function or column " STR_FMT " in a SELECT without FROM",
                 STR_ARG(word.text));
        p->e->position = sql_position(p->t.text, (size_t)(word.text.ptr - p->t.text.ptr));
        sql_hint(p->e, "a query needs FROM [cube]");
    }
    strbuf_free(&argument);
    if (is_done && is_call && !token_accept(&p->t, ")")) return fail_here(p, SQL_SYNTAX, "')'");
    return is_done;
}

/* ---- items -------------------------------------------------------------------------- */

static bool read_number(parser *p, token number, bool is_negative, item *x)
{
    int64_t n;
    set(x, OID_NUMERIC, is_negative ? "-" : "");
    strbuf_adds(&x->value, number.text);
    if (num_parse_i64(strbuf_str(&x->value), &n))
        x->type = n >= INT32_MIN && n <= INT32_MAX ? OID_INT4 : OID_INT8;
    (void)p;
    return true;
}

static bool read_param(const parser *p, token k, item *x)
{
    int64_t n;
    const patron_params *params = p->env->params;
    if (!num_parse_i64(k.text, &n) || n < 1 || n > UINT16_MAX)
        return sql_fail(p->e, SQL_SYNTAX, "$" STR_FMT " is not a parameter", STR_ARG(k.text));
    bool is_bound = params && (size_t)n <= params->n;
    uint32_t type = is_bound && p->env->param_types ? p->env->param_types[n - 1] : 0;
    set(x, type ? type : OID_TEXT, is_bound ? params->items[n - 1].value : NULL);
    return true;
}

static bool read_primary(parser *p, item *x)
{
    token k = token_peek(&p->t);
    bool is_negative = token_accept(&p->t, "-");
    if (is_negative) k = token_peek(&p->t);
    if (k.kind == TOKEN_NUMBER) return read_number(p, token_next(&p->t), is_negative, x);
    if (is_negative) return fail_here(p, SQL_SYNTAX, "a number");
    if (k.kind == TOKEN_WORD) return read_word(p, token_next(&p->t), x);
    if (k.kind == TOKEN_PARAM) return read_param(p, token_next(&p->t), x);
    if (k.kind != TOKEN_STRING) return fail_here(p, SQL_SYNTAX, "a constant or a function");
    set(x, OID_TEXT, "");
    token_value(token_next(&p->t), &x->value);
    return true;
}

static bool cast(parser *p, item *x)
{
    token k = token_peek(&p->t);
    uint32_t type = k.kind == TOKEN_WORD ? type_by_name(plain_name(k.text)) : 0;
    if (!type) return fail_here(p, SQL_UNDEFINED_OBJECT, "the name of a type such as int4 or text");
    token_next(&p->t);
    strbuf scratch = {0};
    bool is_of_type = x->is_null || type_encode(type, true, x->value.ptr, &scratch);
    strbuf_free(&scratch);
    if (!is_of_type)
        return sql_fail(p->e, SQL_INVALID_TEXT, "'%.80s' is not of type " STR_FMT, x->value.ptr,
                        STR_ARG(k.text));
    x->type = type;
    return true;
}

static bool is_integer(const item *x)
{
    return x->type == OID_INT2 || x->type == OID_INT4 || x->type == OID_INT8;
}

static bool compute(char sign, int64_t left, int64_t right, int64_t *out)
{
    switch (sign) {
    case '+': return !__builtin_add_overflow(left, right, out);
    case '-': return !__builtin_sub_overflow(left, right, out);
    case '*': return !__builtin_mul_overflow(left, right, out);
    default:
        if (right == 0 || (left == INT64_MIN && right == -1)) return false;
        *out = left / right;
        return true;
    }
}

/* "/ 100" and the like behind an integer. */
static bool operate(parser *p, char sign, item *x)
{
    int64_t left, right, result;
    token k = token_next(&p->t);
    bool is_possible = is_integer(x) && !x->is_null && k.kind == TOKEN_NUMBER &&
                       num_parse_i64(k.text, &right) && num_parse_i64(strbuf_str(&x->value), &left) &&
                       compute(sign, left, right, &result);
    if (!is_possible)
        return sql_fail(p->e, SQL_UNSUPPORTED, "only integers can be computed with in a SELECT without FROM");
    add_number(x, x->type, result);
    strbuf_clear(&x->name);
    strbuf_addz(&x->name, "?column?");
    return true;
}

static bool read_suffixes(parser *p, item *x)
{
    for (;;) {
        token k = token_peek(&p->t);
        if (token_accept(&p->t, "::")) {
            if (!cast(p, x)) return false;
        } else if (k.kind == TOKEN_SIGN && strchr("+-*/", k.text.ptr[0])) {
            token_next(&p->t);
            if (!operate(p, k.text.ptr[0], x)) return false;
        } else {
            return true;
        }
    }
}

static bool read_alias(parser *p, item *x)
{
    bool is_as = token_accept(&p->t, "as");
    token k = token_peek(&p->t);
    if (k.kind != TOKEN_WORD && k.kind != TOKEN_QUOTED)
        return !is_as || fail_here(p, SQL_SYNTAX, "a column name");
    strbuf_clear(&x->name);
    token_value(token_next(&p->t), &x->name);
    return true;
}

static bool read_item(parser *p, item *x)
{
    strbuf_addz(&x->name, "?column?");
    return read_primary(p, x) && read_suffixes(p, x) && read_alias(p, x);
}

/* ---- the statement ------------------------------------------------------------------- */

static bool read_items(parser *p, item *items, uint32_t *n)
{
    token_next(&p->t); /* SELECT */
    do {
        if (*n == MAX_ITEMS) return sql_fail(p->e, SQL_LIMIT, "more than %d columns", MAX_ITEMS);
        if (!read_item(p, &items[(*n)++])) return false;
    } while (token_accept(&p->t, ","));
    token_accept(&p->t, ";");
    return token_peek(&p->t).kind == TOKEN_END || fail_here(p, SQL_SYNTAX, "',' or FROM");
}

static bool fill(const item *items, uint32_t n, answer *out, sql_error *e)
{
    if (!answer_table("SELECT", n, 1, out, e)) return false;
    for (uint32_t i = 0; i < n; i++) {
        const item *x = &items[i];
        const char *value = x->is_null ? NULL : x->value.ptr ? x->value.ptr : "";
        if (!answer_column(out, i, x->name.ptr ? x->name.ptr : "", x->type, e)) return false;
        if (!answer_put(out, 0, i, value, e)) return false;
    }
    return true;
}

bool constant_select(const constant_env *env, pt_str statement, answer *out, sql_error *e)
{
    parser p = {env, {statement, 0}, e};
    uint32_t n = 0;
    item *items = mem_alloc(MAX_ITEMS, sizeof *items);
    if (!items) return sql_fail(e, SQL_OUT_OF_MEMORY, "out of memory");
    bool is_done = read_items(&p, items, &n);
    for (uint32_t i = 0; i < n && is_done; i++)
        if (items[i].value.failed || items[i].name.failed)
            is_done = sql_fail(e, SQL_OUT_OF_MEMORY, "out of memory");
    is_done = is_done && fill(items, n, out, e);
    for (uint32_t i = 0; i < MAX_ITEMS; i++) {
        strbuf_free(&items[i].value);
        strbuf_free(&items[i].name);
    }
    mem_free(items);
    return is_done;
}

int constant_count_params(pt_str statement)
{
    tokens t = {statement, 0};
    int highest = 0;
    for (token k; (k = token_next(&t)).kind != TOKEN_END;) {
        int64_t n;
        if (k.kind == TOKEN_PARAM && num_parse_i64(k.text, &n) && n > highest && n <= UINT16_MAX)
            highest = (int)n;
    }
    return highest;
}
