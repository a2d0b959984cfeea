/* auth.c - see auth.h. Three messages of the client's: which mechanism with its first words, then the proof.
 */
#include "server/auth.h"

#include "server/msg_read.h"
#include "server/msg_write.h"
#include "server/users.h"

enum { MAX_AUTH_MESSAGE = 8 << 10 };

/* The verifier of that user, or one that nothing fits: from outside both look the same. */
static pt_status find_verifier(const char *dir, pt_str name, scram_verifier *out, bool *is_real, pt_err *err)
{
    users all;
    pt_status st = users_read(dir, &all, err);
    const user *known = st == PT_OK ? users_find(&all, name) : NULL;
    *is_real = known != NULL;
    if (known)
        *out = known->verifier;
    else if (st == PT_OK)
        st = scram_verifier_mock(name, all.secret, sizeof all.secret, out, err);
    users_free(&all);
    return st;
}

static bool refused(pt_str name, sql_error *e)
{
    return sql_fail(e, SQL_INVALID_PASSWORD, "password authentication failed for user \"" STR_FMT "\"",
                    STR_ARG(name));
}

static wire_status read_sasl(const auth_env *env, wire *w, pt_str *body, sql_error *e)
{
    char type;
    wire_status st = wire_read(w, MAX_AUTH_MESSAGE, env->deadline_us, &type, body);
    if (st == WIRE_OK && type == 'p') return WIRE_OK;
    if (st == WIRE_OK || st == WIRE_BAD) {
        sql_fail(e, SQL_PROTOCOL_VIOLATION, "expected the answer to the password request");
        return WIRE_BAD;
    }
    return st;
}

/* What a step of the exchange says, for the client: details of a wrong proof are nobody's business. */
static wire_status step_failed(pt_str name, const pt_err *err, sql_error *e)
{
    if (err->code == PT_DATA)
        sql_fail(e, SQL_PROTOCOL_VIOLATION, "%s", err->msg);
    else if (err->code == PT_DENIED)
        refused(name, e);
    else
        sql_fail(e, SQL_INTERNAL, "%s", err->msg);
    return WIRE_BAD;
}

static wire_status first_message(const auth_env *env, wire *w, scram_exchange *x, pt_str name, sql_error *e)
{
    pt_str body;
    sasl_initial_msg m;
    strbuf answer = {0};
    pt_err err = {0};
    wire_status st = read_sasl(env, w, &body, e);
    if (st != WIRE_OK) return st;
    if (!msg_read_sasl_initial(body, &m) || !m.data.ptr || !str_eq(m.mechanism, STR(SCRAM_MECHANISM))) {
        sql_fail(e, SQL_PROTOCOL_VIOLATION, "expected a first message of " SCRAM_MECHANISM);
        return WIRE_BAD;
    }
    if (scram_exchange_first(x, m.data, NULL, &answer, &err) == PT_OK)
        msg_auth_sasl_continue(&w->out, strbuf_str(&answer));
    else
        st = step_failed(name, &err, e);
    strbuf_free(&answer);
    return st == WIRE_OK ? wire_flush(w) : st;
}

static wire_status final_message(const auth_env *env, wire *w, scram_exchange *x, pt_str name, sql_error *e)
{
    pt_str body;
    strbuf answer = {0};
    pt_err err = {0};
    wire_status st = read_sasl(env, w, &body, e);
    if (st != WIRE_OK) return st;
    if (scram_exchange_final(x, body, &answer, &err) == PT_OK) {
        msg_auth_sasl_final(&w->out, strbuf_str(&answer));
        msg_auth_ok(&w->out);
    } else {
        st = step_failed(name, &err, e);
    }
    strbuf_free(&answer);
    return st;
}

wire_status auth_run(const auth_env *env, wire *w, pt_str name, sql_error *e)
{
    scram_verifier v;
    scram_exchange x;
    bool is_real;
    pt_err err = {0};
    if (find_verifier(env->dir, name, &v, &is_real, &err) != PT_OK) {
        sql_fail(e, sqlstate_of(err.code), "%s", err.msg);
        return WIRE_BAD;
    }
    msg_auth_sasl(&w->out, SCRAM_MECHANISM);
    wire_status st = wire_flush(w);
    scram_exchange_begin(&x, &v, is_real);
    if (st == WIRE_OK) st = first_message(env, w, &x, name, e);
    if (st == WIRE_OK) st = final_message(env, w, &x, name, e);
    scram_exchange_end(&x);
    return st;
}
