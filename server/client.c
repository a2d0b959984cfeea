/* client.c - see client.h: the loop over messages, simple queries, errors and ReadyForQuery. */
#include "server/client.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "server/msg_write.h"

static void on_notice(void *ctx, const char *text)
{
    client *c = ctx;
    msg_notice(&c->wire->out, "NOTICE", "00000", text);
}

void client_open(client *c, wire *w, seat *s, patron_session *session, const char *user, const char *database)
{
    *c = (client){.wire = w, .seat = s, .session = session, .user = user, .database = database};
    transaction_open(&c->tx);
    patron_on_notice(session, on_notice, c);
}

void client_close(client *c)
{
    portal_drop_all(&c->portals);
    prepared_drop_all(&c->statements);
    setting_free(&c->settings);
    transaction_close(&c->tx);
}

static void send_error(client *c, const char *severity, const sql_error *e)
{
    msg_error(&c->wire->out, severity, e);
}

/* The end of a statement or of a pipeline: outside of a block its portals end with it. */
static wire_status send_ready(client *c)
{
    if (c->tx.state == 'I') portal_drop_all(&c->portals);
    msg_ready(&c->wire->out, c->tx.state);
    return wire_flush(c->wire);
}

/* ---- simple queries --------------------------------------------------------------------- */

static bool run_one(client *c, pt_str query, size_t offset, const char *text, sql_error *e)
{
    answer x = {0};
    uint64_t next = 0;
    call what = {.query = query, .offset = offset, .text = text, .route = route_of(str_of(text))};
    if (!client_execute(c, &what, &x, e)) {
        answer_free(&x);
        return false;
    }
    bool is_done = true;
    if (x.has_rows) {
        client_warn_cells(c, &x);
        client_row_description(c, &x, 0, NULL);
        is_done = client_rows(c, &x, 0, 0, 0, NULL, &next, e);
    }
    if (is_done) client_complete(c, &x, next);
    answer_free(&x);
    return is_done;
}

/* The statements of a query one after the other, up to the first that fails. */
static bool run_query(client *c, pt_str query, sql_error *e)
{
    bool is_empty = true;
    if (utf8_valid_prefix(query) != query.len)
        return sql_fail(e, SQL_NOT_IN_CHARSET, "the query is not valid UTF-8 text");
    for (size_t at = 0; at < query.len;) {
        size_t n = patron_statement_length(query.ptr + at);
        bool is_last = n == 0;
        if (is_last) n = query.len - at;
        pt_str one = {query.ptr + at, is_last ? n : n - 1};
        if (route_of(one).kind != ROUTE_EMPTY) {
            strbuf text = {0};
            strbuf_adds(&text, one);
            bool is_done = text.failed ? sql_fail(e, SQL_OUT_OF_MEMORY, "out of memory")
                                       : run_one(c, query, at, text.ptr, e);
            strbuf_free(&text);
            if (!is_done) return false;
            is_empty = false;
        }
        at += n;
    }
    if (is_empty) msg_empty(&c->wire->out, 'I');
    return true;
}

static wire_status simple_query(client *c, pt_str body)
{
    sql_error e = {0};
    pt_str query;
    portal_drop(&c->portals, STR(""));
    prepared_drop(&c->statements, STR(""));
    bool is_done = msg_read_query(body, &query)
                       ? run_query(c, query, &e)
                       : sql_fail(&e, SQL_PROTOCOL_VIOLATION, "malformed Query message");
    if (!is_done) {
        transaction_failed(&c->tx);
        send_error(c, "ERROR", &e);
    }
    return send_ready(c);
}

/* ---- the loop ------------------------------------------------------------------------------ */

static wire_status extended(client *c, char type, pt_str body)
{
    sql_error e = {0};
    if (c->skips_to_sync) return WIRE_OK;
    if (!client_extended(c, type, body, &e)) {
        transaction_failed(&c->tx);
        send_error(c, "ERROR", &e);
        c->skips_to_sync = true;
    }
    return wire_relieve(c->wire);
}

static wire_status refuse_call(client *c)
{
    sql_error e = {0};
    sql_fail(&e, SQL_UNSUPPORTED, "function calls are not offered");
    transaction_failed(&c->tx);
    send_error(c, "ERROR", &e);
    return send_ready(c);
}

static wire_status handle(client *c, char type, pt_str body)
{
    sql_error e = {0};
    switch (type) {
    case 'Q': c->skips_to_sync = false; return simple_query(c, body);
    case 'P':
    case 'B':
    case 'D':
    case 'E':
    case 'C': return extended(c, type, body);
    case 'S': c->skips_to_sync = false; return send_ready(c);
    case 'H': return wire_flush(c->wire);
    case 'F': return refuse_call(c);
    case 'd': /* copy messages that come late are ignored, as the protocol says */
    case 'c':
    case 'f': return WIRE_OK;
    case 'X': return WIRE_CLOSED;
    default: break;
    }
    sql_fail(&e, SQL_PROTOCOL_VIOLATION, "unknown message type 0x%02x", (unsigned char)type);
    send_error(c, "FATAL", &e);
    return WIRE_BAD;
}

/* Why the server ends a connection; nothing to say to a client that left. */
static void say_goodbye(client *c, wire_status st, bool is_reading)
{
    sql_error e = {0};
    if (st == WIRE_STOPPED)
        sql_fail(&e, SQL_SHUTDOWN, "the server stops");
    else if (st == WIRE_TIMEOUT)
        sql_fail(&e, SQL_IDLE, "the connection was idle for too long");
    else if (st == WIRE_BAD && is_reading)
        sql_fail(&e, SQL_PROTOCOL_VIOLATION, "a message is shorter than its head or longer than %d bytes",
                 CLIENT_MAX_MESSAGE);
    else if (st == WIRE_NOMEM)
        sql_fail(&e, SQL_OUT_OF_MEMORY, "out of memory");
    if (e.sqlstate[0]) {
        if (c->wire->out.failed) strbuf_clear(&c->wire->out);
        send_error(c, "FATAL", &e);
    }
    if (wire_flush(c->wire) != WIRE_OK) return; /* nobody to tell any more */
}

void client_run(client *c)
{
    bool is_reading = false;
    wire_status st = send_ready(c);
    while (st == WIRE_OK) {
        char type;
        pt_str body;
        int64_t deadline = c->idle_timeout_us ? limits_now_us() + c->idle_timeout_us : 0;
        is_reading = true;
        st = wire_read(c->wire, CLIENT_MAX_MESSAGE, deadline, &type, &body);
        if (st != WIRE_OK) break;
        is_reading = false;
        st = handle(c, type, body);
    }
    say_goodbye(c, st, is_reading);
}
