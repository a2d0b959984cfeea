/* transaction.c - see transaction.h. */
#include "server/transaction.h"

#include "server/token.h"

enum { MAX_SAVEPOINT_BYTES = 64 << 10 };

void transaction_open(transaction *t)
{
    *t = (transaction){.state = 'I'};
}

void transaction_close(transaction *t)
{
    strbuf_free(&t->savepoints);
}

void transaction_failed(transaction *t)
{
    if (t->state == 'T') t->state = 'E';
}

bool transaction_admits(const transaction *t, bool is_reading, sql_error *e)
{
    if (t->state == 'E')
        return sql_fail(e, SQL_TX_FAILED,
                        "current transaction is aborted, commands ignored until end of transaction block");
    if (!is_reading && (t->state == 'I' ? t->read_only_next : t->is_read_only))
        return sql_fail(e, SQL_READ_ONLY, "the transaction is read only");
    return true;
}

/* ---- modes ---------------------------------------------------------------------- */

void transaction_modes(transaction *t, pt_str modes, bool for_session)
{
    tokens words = {modes, 0};
    for (token k; (k = token_next(&words)).kind != TOKEN_END;) {
        if (!token_is(k, "read")) continue;
        bool is_only = token_accept(&words, "only");
        if (!is_only && !token_accept(&words, "write")) continue; /* READ COMMITTED */
        if (for_session)
            t->read_only_next = is_only;
        else
            t->is_read_only = is_only;
    }
}

static pt_str rest_of(const tokens *t)
{
    return (pt_str){t->text.ptr + t->at, t->text.len - t->at};
}

/* ---- savepoints -------------------------------------------------------------------- */

/* Offset of the youngest savepoint of that name; SIZE_MAX: none. */
static size_t find_savepoint(const transaction *t, pt_str name)
{
    size_t found = SIZE_MAX;
    for (size_t at = 0; at < t->savepoints.len;) {
        pt_str s = str_of(t->savepoints.ptr + at);
        if (str_eq_fold(s, name)) found = at;
        at += s.len + 1;
    }
    return found;
}

static bool add_savepoint(transaction *t, pt_str name, sql_error *e)
{
    if (t->savepoints.len + name.len >= MAX_SAVEPOINT_BYTES)
        return sql_fail(e, SQL_LIMIT, "too many savepoints in one transaction");
    strbuf_adds(&t->savepoints, name);
    strbuf_addc(&t->savepoints, 0);
    return !t->savepoints.failed || sql_fail(e, SQL_OUT_OF_MEMORY, "out of memory");
}

/* Forget those after the named one, and it too unless it stays. */
static bool cut_savepoints(transaction *t, pt_str name, bool stays, sql_error *e)
{
    size_t at = find_savepoint(t, name);
    if (at == SIZE_MAX)
        return sql_fail(e, SQL_NO_SAVEPOINT, "savepoint \"" STR_FMT "\" does not exist", STR_ARG(name));
    t->savepoints.len = stays ? at + strlen(t->savepoints.ptr + at) + 1 : at;
    return true;
}

static bool savepoint(transaction *t, token_kind kind, const char *what, pt_str name, sql_error *e)
{
    if (t->state == 'I') return sql_fail(e, SQL_NO_TX, "%s can only be used in transaction blocks", what);
    if ((kind != TOKEN_WORD && kind != TOKEN_QUOTED) || memchr(name.ptr, 0, name.len))
        return sql_fail(e, SQL_SYNTAX, "expected the name of a savepoint");
    if (strcmp(what, "SAVEPOINT") == 0) return transaction_admits(t, true, e) && add_savepoint(t, name, e);
    if (strcmp(what, "RELEASE") == 0)
        return transaction_admits(t, true, e) && cut_savepoints(t, name, false, e);
    if (!cut_savepoints(t, name, true, e)) return false;
    t->state = 'T';
    return true;
}

/* ---- commands ------------------------------------------------------------------------ */

static bool begin(transaction *t, const tokens *words, transaction_note *note, sql_error *e)
{
    if (!transaction_admits(t, true, e)) return false;
    if (t->state == 'T') {
        *note = (transaction_note){SQL_TX_ACTIVE, "there is already a transaction in progress"};
    } else {
        t->state = 'T';
        t->is_read_only = t->read_only_next;
        t->has_changes = false;
        strbuf_clear(&t->savepoints);
    }
    transaction_modes(t, rest_of(words), false);
    return true;
}

static void finish(transaction *t, bool is_rollback, transaction_note *note)
{
    if (t->state == 'I')
        *note = (transaction_note){SQL_NO_TX, "there is no transaction in progress"};
    else if (is_rollback && t->has_changes)
        *note = (transaction_note){
            SQL_WARNING, "definitions and loads publish by themselves: what this transaction changed stays"};
    t->state = 'I';
    t->is_read_only = false;
    t->has_changes = false;
    strbuf_clear(&t->savepoints);
}

bool transaction_run(transaction *t, pt_str statement, const char **tag, transaction_note *note, sql_error *e)
{
    tokens words = {statement, 0};
    token first = token_next(&words);
    *note = (transaction_note){0};
    if (token_is(first, "begin") || token_is(first, "start")) {
        *tag = token_is(first, "begin") ? "BEGIN" : "START TRANSACTION";
        return begin(t, &words, note, e);
    }
    bool is_rollback = token_is(first, "rollback") || token_is(first, "abort");
    if (!token_accept(&words, "work")) token_accept(&words, "transaction");
    bool is_to = is_rollback && token_accept(&words, "to");
    bool is_savepoint = token_is(first, "savepoint"), is_release = token_is(first, "release");
    if (is_to || is_savepoint || is_release) {
        *tag = is_savepoint ? "SAVEPOINT" : is_release ? "RELEASE" : "ROLLBACK";
        if (!is_savepoint) token_accept(&words, "savepoint");
        strbuf name = {0};
        token k = token_next(&words);
        token_value(k, &name);
        bool is_done = savepoint(t, k.kind, is_to ? "ROLLBACK TO SAVEPOINT" : *tag, strbuf_str(&name), e);
        strbuf_free(&name);
        return is_done;
    }
    *tag = is_rollback || t->state == 'E' ? "ROLLBACK" : "COMMIT";
    finish(t, is_rollback, note);
    return true;
}
