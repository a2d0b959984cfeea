/* statement.c - run one statement, or find its columns, wherever route.h says that it belongs. */
#include <stdio.h>

#include "server/client.h"
#include "server/constant.h"
#include "server/msg_write.h"

/* ---- the engine ------------------------------------------------------------------ */

static bool engine(client *c, const call *what, bool is_describing, answer *out, sql_error *e)
{
    patron_error err = PATRON_ERROR_INIT;
    atomic_store(&c->seat->is_running, true);
    patron_result *r = is_describing && !what->route.is_reading
                           ? patron_prepare(c->session, what->text, what->params, &err)
                           : patron_execute(c->session, what->text, what->params, &err);
    atomic_store(&c->seat->is_running, false);
    if (!r) return sql_fail_engine(e, &err, what->query, what->offset);
    if (!is_describing && !what->route.is_reading && c->tx.state != 'I') c->tx.has_changes = true;
    if (!is_describing && patron_message(r)[0])
        msg_notice(&c->wire->out, "NOTICE", "00000", patron_message(r));
    return answer_of_result(r, out, e);
}

/* ---- what the server answers itself ------------------------------------------------ */

static bool transaction_command(client *c, pt_str statement, answer *out, sql_error *e)
{
    const char *tag = "";
    transaction_note note;
    if (!transaction_run(&c->tx, statement, &tag, &note, e)) return false;
    if (note.sqlstate) msg_notice(&c->wire->out, "WARNING", note.sqlstate, note.text);
    answer_done(tag, out);
    return true;
}

static bool constant(client *c, const call *what, answer *out, sql_error *e)
{
    constant_env env = {
        .user = c->user,
        .database = c->database,
        .pid = c->seat->pid,
        .settings = &c->settings,
        .params = what->params,
        .param_types = what->param_types,
    };
    if (constant_select(&env, str_of(what->text), out, e)) return true;
    /* its places count within the statement */
    if (e->position) e->position += sql_position(what->query, what->offset) - 1;
    return false;
}

static bool not_offered(const call *what, sql_error *e)
{
    char word[32];
    e->position = sql_position(what->query, what->offset);
    if (what->route.kind == ROUTE_CATALOG) {
        sql_fail(e, SQL_UNSUPPORTED, "Patron has no relational catalog to select from");
        return sql_hint(
            e, "SHOW CUBES, SHOW DIMENSIONS and DESCRIBE tell what there is; HELP lists all statements");
    }
    route_word(str_of(what->text), word);
    sql_fail(e, SQL_UNSUPPORTED, "%s is not a statement of Patron", word);
    return sql_hint(e, "queries are MDX: SELECT ... ON COLUMNS FROM [cube]; HELP lists all statements");
}

/* ---- dispatch -------------------------------------------------------------------------- */

static bool run(client *c, const call *what, bool is_describing, answer *out, sql_error *e)
{
    pt_str statement = str_of(what->text);
    char word[32];
    *out = (answer){0};
    if (what->route.kind == ROUTE_TRANSACTION && !is_describing)
        return transaction_command(c, statement, out, e);
    bool may_write = what->route.kind == ROUTE_ENGINE && !what->route.is_reading && !is_describing;
    if (!transaction_admits(&c->tx, !may_write, e)) return false;
    switch (what->route.kind) {
    case ROUTE_EMPTY:
    case ROUTE_TRANSACTION: return true;
    case ROUTE_ENGINE: return engine(c, what, is_describing, out, e);
    case ROUTE_SETTING:
        return (is_describing && !what->route.is_reading) || client_setting(c, statement, out, e);
    case ROUTE_CONSTANT: return constant(c, what, out, e);
    case ROUTE_FORGET: return is_describing || client_forget(c, statement, out, e);
    case ROUTE_NOTHING:
        route_word(statement, word);
        answer_done(word, out);
        return true;
    case ROUTE_CATALOG:
    case ROUTE_FOREIGN: break;
    }
    return not_offered(what, e);
}

bool client_execute(client *c, const call *what, answer *out, sql_error *e)
{
    atomic_store(&c->seat->is_cancelled, false);
    return run(c, what, false, out, e);
}

bool client_describe(client *c, const call *what, answer *out, sql_error *e)
{
    atomic_store(&c->seat->is_cancelled, false);
    return run(c, what, true, out, e);
}
