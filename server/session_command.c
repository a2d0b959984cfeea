/* session_command.c - statements about the session itself: SET, RESET and SHOW of parameters; DISCARD,
 * DEALLOCATE and CLOSE of what was prepared. */
#include <stdio.h>

#include "server/client.h"
#include "server/msg_write.h"
#include "server/types.h"

/* ---- changing parameters ------------------------------------------------------------- */

/* The engine knows its own limit of time; 0 is what the server was started with. */
static bool pass_timeout(client *c, sql_error *e)
{
    char text[64];
    int64_t ms = 0;
    patron_error err = PATRON_ERROR_INIT;
    int i = setting_find(STR("statement_timeout"));
    if (!setting_parse_ms(str_of(setting_get(&c->settings, i)), &ms)) ms = 0;
    if (ms)
        snprintf(text, sizeof text, "SET LIMIT TIME = %lld", (long long)ms);
    else
        snprintf(text, sizeof text, "SET LIMIT TIME = 'default'");
    patron_result *r = patron_execute(c->session, text, NULL, &err);
    if (!r) return sql_fail_engine(e, &err, str_of(text), 0);
    patron_result_free(r);
    return true;
}

bool client_set(client *c, int setting, pt_str value, sql_error *e)
{
    if (!setting_set(&c->settings, setting, value, e)) return false;
    if (setting == setting_find(STR("statement_timeout")) && !pass_timeout(c, e)) return false;
    if (setting_is_reported(setting))
        msg_parameter_status(&c->wire->out, setting_name(setting), setting_get(&c->settings, setting));
    return true;
}

static bool unknown(token name, sql_error *e)
{
    sql_fail(e, SQL_UNDEFINED_OBJECT, "unrecognized configuration parameter \"" STR_FMT "\"",
             STR_ARG(name.text));
    return sql_hint(e, "SHOW ALL lists PostgreSQL's parameters, SHOW LIMITS those of Patron");
}

/* The values behind = or TO, joined by ", " as PostgreSQL joins lists. */
static bool read_values(tokens *t, strbuf *out, bool *is_default, sql_error *e)
{
    *is_default = token_accept(t, "default");
    for (token k; !*is_default && (k = token_next(t)).kind != TOKEN_END && !token_is(k, ";");) {
        if (token_is(k, ","))
            strbuf_addz(out, ", ");
        else
            token_value(k, out);
    }
    if (out->failed) return sql_fail(e, SQL_OUT_OF_MEMORY, "out of memory");
    return *is_default || out->ptr || sql_fail(e, SQL_SYNTAX, "expected a value");
}

static bool assign(client *c, token name, tokens *t, sql_error *e)
{
    strbuf value = {0};
    bool is_default = false;
    int i = setting_find(name.text);
    if (i < 0) return unknown(name, e);
    bool is_done = read_values(t, &value, &is_default, e) &&
                   client_set(c, i, is_default ? (pt_str){NULL, 0} : strbuf_str(&value), e);
    strbuf_free(&value);
    return is_done;
}

/* Words that stand for a parameter: TIME ZONE, NAMES. */
static token parameter_name(tokens *t)
{
    token name = token_next(t);
    if (token_is(name, "time") && token_accept(t, "zone")) return (token){TOKEN_WORD, STR("TimeZone")};
    if (token_is(name, "names")) return (token){TOKEN_WORD, STR("client_encoding")};
    return name;
}

static pt_str rest_of(const tokens *t)
{
    return (pt_str){t->text.ptr + t->at, t->text.len - t->at};
}

static bool set(client *c, tokens *t, answer *out, sql_error *e)
{
    bool for_session = token_accept(t, "session");
    if (!for_session) token_accept(t, "local");
    answer_done("SET", out);
    if (token_accept(t, "characteristics") || token_accept(t, "transaction")) {
        transaction_modes(&c->tx, rest_of(t), for_session);
        return true;
    }
    if (token_is(token_peek(t), "role") || token_is(token_peek(t), "authorization"))
        return sql_fail(e, SQL_UNSUPPORTED, "a session keeps the user that it was opened with");
    token name = parameter_name(t);
    if (!token_accept(t, "to")) token_accept(t, "=");
    return assign(c, name, t, e);
}

static bool reset_all(client *c, sql_error *e)
{
    for (int i = 0; i < setting_count(); i++) {
        sql_error fixed = {0};
        if (!client_set(c, i, (pt_str){NULL, 0}, &fixed) &&
            strcmp(fixed.sqlstate, SQL_READ_ONLY_SETTING) != 0) {
            *e = fixed;
            return false;
        }
    }
    return true;
}

static bool reset(client *c, tokens *t, answer *out, sql_error *e)
{
    answer_done("RESET", out);
    if (token_accept(t, "all")) return reset_all(c, e);
    if (token_accept(t, "session") || token_accept(t, "role")) return true;
    token name = parameter_name(t);
    int i = setting_find(name.text);
    return i < 0 ? unknown(name, e) : client_set(c, i, (pt_str){NULL, 0}, e);
}

/* ---- showing them ------------------------------------------------------------------------ */

static bool show_all(const client *c, answer *out, sql_error *e)
{
    static const char *const columns[] = {"name", "setting", "description"};
    int n = setting_count();
    if (!answer_table("SHOW", ARRAY_LEN(columns), (uint64_t)n, out, e)) return false;
    for (uint32_t i = 0; i < ARRAY_LEN(columns); i++)
        if (!answer_column(out, i, columns[i], OID_TEXT, e)) return false;
    for (int i = 0; i < n; i++)
        if (!answer_put(out, (uint64_t)i, 0, setting_name(i), e) ||
            !answer_put(out, (uint64_t)i, 1, setting_get(&c->settings, i), e) ||
            !answer_put(out, (uint64_t)i, 2, setting_description(i), e))
            return false;
    return true;
}

static bool show(const client *c, tokens *t, answer *out, sql_error *e)
{
    if (token_accept(t, "all")) return show_all(c, out, e);
    token name = parameter_name(t);
    if (token_is(name, "transaction")) { /* ISOLATION LEVEL */
        name.text = STR("transaction_isolation");
    } else if (token_is(name, "session")) { /* AUTHORIZATION */
        name.text = STR("session_authorization");
    }
    int i = setting_find(name.text);
    if (i < 0) return unknown(name, e);
    const char *value = setting_get(&c->settings, i);
    bool is_read_only = c->tx.state == 'I' ? c->tx.read_only_next : c->tx.is_read_only;
    if (strcmp(setting_name(i), "transaction_read_only") == 0) value = is_read_only ? "on" : "off";
    return answer_single("SHOW", setting_name(i), value, out, e);
}

bool client_setting(client *c, pt_str statement, answer *out, sql_error *e)
{
    tokens t = {statement, 0};
    token first = token_next(&t);
    if (token_is(first, "show")) return show(c, &t, out, e);
    return token_is(first, "set") ? set(c, &t, out, e) : reset(c, &t, out, e);
}

/* ---- forgetting ------------------------------------------------------------------------------ */

static bool discard(client *c, tokens *t, sql_error *e)
{
    if (!token_accept(t, "all")) return true; /* PLANS, TEMP, SEQUENCES: there are none */
    if (c->tx.state != 'I')
        return sql_fail(e, SQL_TX_ACTIVE, "DISCARD ALL cannot run inside a transaction block");
    prepared_drop_all(&c->statements);
    c->tx.read_only_next = false;
    return reset_all(c, e);
}

static bool deallocate(client *c, tokens *t, sql_error *e)
{
    token_accept(t, "prepare");
    if (token_accept(t, "all")) {
        prepared_drop_all(&c->statements);
        return true;
    }
    strbuf name = {0};
    token_value(token_next(t), &name);
    bool is_there = prepared_find(c->statements, strbuf_str(&name)) != NULL;
    if (is_there)
        prepared_drop(&c->statements, strbuf_str(&name));
    else
        sql_fail(e, SQL_NO_STATEMENT, "prepared statement \"" STR_FMT "\" does not exist",
                 STR_ARG(strbuf_str(&name)));
    strbuf_free(&name);
    return is_there;
}

bool client_forget(client *c, pt_str statement, answer *out, sql_error *e)
{
    char word[32];
    tokens t = {statement, 0};
    token first = token_next(&t);
    bool is_all = token_is(token_peek(&t), "all");
    route_word(statement, word);
    answer_done(word, out);
    if (is_all) snprintf(out->tag, sizeof out->tag, "%s ALL", word);
    if (token_is(first, "discard")) return discard(c, &t, e);
    if (token_is(first, "deallocate")) return deallocate(c, &t, e);
    if (is_all) return true; /* CLOSE ALL: cursors made by DECLARE, of which there are none */
    return sql_fail(e, SQL_NO_CURSOR, "there is no cursor of that name");
}
