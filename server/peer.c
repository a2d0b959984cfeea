/* peer.c - see peer.h. */
#include "server/peer.h"

#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/limits.h"
#include "base/num.h"
#include "base/utf8.h"
#include "server/auth.h"
#include "server/client.h"
#include "server/msg_write.h"
#include "server/users.h"

enum {
    MAX_STARTUP = 10000,      /* bytes, as PostgreSQL allows */
    MAX_PROBES = 4,           /* questions for encryption before the startup */
    WRONG_PASSWORD_MS = 300,  /* what a guess costs at least */
    MAX_UNKNOWN_OPTIONS = 16, /* "_pq_." options told back */
};

typedef struct peer {
    const peer_env *env;
    seat *seat;
    wire wire;
    arena *a; /* the startup message, the user's name */
    pt_str startup_bytes;
    startup_msg startup;
    const char *user;
    int64_t login_deadline_us;
} peer;

static void say(const peer_env *env, const char *line)
{
    if (env->log) env->log(env->log_ctx, line);
}

static void send_fatal(peer *p, const sql_error *e)
{
    if (!e->sqlstate[0]) return;
    msg_error(&p->wire.out, "FATAL", e);
    if (wire_flush(&p->wire) == WIRE_OK) shutdown(p->wire.fd, SHUT_WR);
}

/* ---- startup ---------------------------------------------------------------------------- */

/* The first message; it is copied, as the buffer moves on. */
static wire_status read_startup(peer *p, sql_error *e)
{
    pt_str body;
    wire_status st = wire_read_startup(&p->wire, MAX_STARTUP, p->login_deadline_us, &body);
    if (st != WIRE_OK) return st;
    p->startup_bytes = str_copy(p->a, body);
    if (p->startup_bytes.ptr && msg_read_startup(p->startup_bytes, p->a, &p->startup)) return WIRE_OK;
    sql_fail(e, SQL_PROTOCOL_VIOLATION, "malformed startup message");
    return WIRE_BAD;
}

/* Questions for encryption are answered "no"; what follows is the startup or a cancel request. */
static wire_status read_until_startup(peer *p, sql_error *e)
{
    for (int i = 0; i < MAX_PROBES; i++) {
        wire_status st = read_startup(p, e);
        if (st != WIRE_OK) return st;
        if (p->startup.kind != STARTUP_SSL && p->startup.kind != STARTUP_GSS) return WIRE_OK;
        msg_put_u8(&p->wire.out, 'N');
        if ((st = wire_flush(&p->wire)) != WIRE_OK) return st;
    }
    return WIRE_BAD;
}

static pt_str startup_param_of(const peer *p, const char *name)
{
    for (uint32_t i = 0; i < p->startup.n_params; i++)
        if (str_eq(p->startup.params[i].name, str_of(name))) return p->startup.params[i].value;
    return (pt_str){NULL, 0};
}

static bool is_extension(const startup_param *x)
{
    return str_starts(x->name, STR("_pq_."));
}

/* Newer protocols and their options: "3.0 and none of them", and on it goes. */
static void negotiate(peer *p)
{
    pt_str unknown[MAX_UNKNOWN_OPTIONS];
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->startup.n_params && n < MAX_UNKNOWN_OPTIONS; i++)
        if (is_extension(&p->startup.params[i])) unknown[n++] = p->startup.params[i].name;
    if (p->startup.minor > 0 || n > 0) msg_negotiate(&p->wire.out, 0, unknown, n);
}

static bool check_startup(peer *p, sql_error *e)
{
    if (p->startup.major != 3)
        return sql_fail(e, SQL_UNSUPPORTED, "unsupported frontend protocol %u.%u: server supports 3.0",
                        p->startup.major, p->startup.minor);
    pt_str name = startup_param_of(p, "user"), replication = startup_param_of(p, "replication");
    if (!name.ptr || name.len == 0)
        return sql_fail(e, SQL_INVALID_AUTHORIZATION, "no user name in the startup message");
    if (name.len > USERS_MAX_NAME || utf8_valid_prefix(name) != name.len)
        return sql_fail(e, SQL_INVALID_AUTHORIZATION, "a user name has at most %d bytes of UTF-8",
                        USERS_MAX_NAME);
    if (replication.ptr && !str_eq_fold(replication, STR("false")) && !str_eq(replication, STR("0")) &&
        !str_eq_fold(replication, STR("off")))
        return sql_fail(e, SQL_UNSUPPORTED, "replication is not offered");
    p->user = str_copy(p->a, name).ptr;
    return p->user || sql_fail(e, SQL_OUT_OF_MEMORY, "out of memory");
}

/* ---- the session's parameters ------------------------------------------------------------------ */

static bool is_about_connection(pt_str name)
{
    static const char *const names[] = {"user", "database", "options", "replication"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq(name, str_of(names[i]))) return true;
    return str_starts(name, STR("_pq_."));
}

/* A parameter that is not known is no reason to send a client away; it is told. */
static bool set_param(client *c, pt_str name, pt_str value, sql_error *e)
{
    char text[200];
    int i = setting_find(name);
    if (i >= 0) return client_set(c, i, value, e);
    snprintf(text, sizeof text, "unrecognized configuration parameter \"%.*s\" is ignored",
             (int)(name.len < 80 ? name.len : 80), name.ptr);
    msg_notice(&c->wire->out, "WARNING", SQL_WARNING, text);
    return true;
}

/* "-c name=value --name=value": what libpq's PGOPTIONS holds. */
static bool set_options(client *c, pt_str options, sql_error *e)
{
    while ((options = str_trim(options)).len) {
        size_t n = 0;
        while (n < options.len && options.ptr[n] != ' ') n++;
        pt_str word = {options.ptr, n};
        options = (pt_str){options.ptr + n, options.len - n};
        if (str_eq(word, STR("-c"))) continue;
        if (str_starts(word, STR("--")) || str_starts(word, STR("-c")))
            word = (pt_str){word.ptr + 2, word.len - 2};
        const char *equals = memchr(word.ptr, '=', word.len);
        if (!equals) return sql_fail(e, SQL_SYNTAX, "expected -c name=value in the startup options");
        pt_str name = {word.ptr, (size_t)(equals - word.ptr)};
        if (!set_param(c, name, (pt_str){equals + 1, word.len - name.len - 1}, e)) return false;
    }
    return true;
}

static bool set_params(peer *p, client *c, sql_error *e)
{
    for (int i = 0; i < setting_count(); i++) /* first all as they are by themselves */
        if (setting_is_reported(i) && strcmp(setting_name(i), "session_authorization") != 0)
            msg_parameter_status(&p->wire.out, setting_name(i), setting_get(&c->settings, i));
    if (!setting_fix(&c->settings, "session_authorization", p->user))
        return sql_fail(e, SQL_OUT_OF_MEMORY, "out of memory");
    msg_parameter_status(&p->wire.out, "session_authorization", p->user);
    for (uint32_t i = 0; i < p->startup.n_params; i++) {
        const startup_param *x = &p->startup.params[i];
        if (!is_about_connection(x->name) && !set_param(c, x->name, x->value, e)) return false;
    }
    pt_str options = startup_param_of(p, "options");
    return !options.ptr || set_options(c, options, e);
}

/* ---- the session --------------------------------------------------------------------------------- */

static bool open_session(peer *p, patron_session **out, sql_error *e)
{
    patron_error err = PATRON_ERROR_INIT;
    patron_session *s = patron_session_new(p->env->db, &err);
    if (!s) return sql_fail_engine(e, &err, STR(""), 0);
    if (registry_admit(p->seat, s)) {
        *out = s;
        return true;
    }
    patron_session_free(s);
    sql_fail(e, SQL_TOO_MANY_CONNECTIONS, "sorry, too many clients already");
    return sql_hint(e, "patron serve --max-connections allows more");
}

static void run_session(peer *p, patron_session *session, sql_error *e)
{
    client c;
    client_open(&c, &p->wire, p->seat, session, p->user, p->env->database);
    c.idle_timeout_us = p->env->idle_timeout_us;
    if (set_params(p, &c, e)) {
        msg_backend_key(&p->wire.out, p->seat->pid, p->seat->key);
        client_run(&c);
    }
    registry_retire(p->seat);
    client_close(&c);
}

static void wrong_password(const peer *p)
{
    char line[160];
    snprintf(line, sizeof line, "password authentication failed for user \"%s\"", p->user);
    say(p->env, line);
    struct pollfd stop = {.fd = p->env->stop_fd, .events = POLLIN};
    poll(&stop, 1, WRONG_PASSWORD_MS);
}

static void serve(peer *p, patron_session **session, sql_error *e)
{
    wire_status st = read_until_startup(p, e);
    if (st == WIRE_OK && p->startup.kind == STARTUP_CANCEL) {
        registry_cancel(p->env->registry, p->startup.cancel_pid, p->startup.cancel_key);
        return; /* nothing is said, so that keys cannot be probed */
    }
    if (st != WIRE_OK || !check_startup(p, e)) return;
    negotiate(p);
    auth_env auth = {p->env->dir, p->login_deadline_us};
    if (auth_run(&auth, &p->wire, str_of(p->user), e) != WIRE_OK) {
        if (strcmp(e->sqlstate, SQL_INVALID_PASSWORD) == 0) wrong_password(p);
        return;
    }
    if (open_session(p, session, e)) run_session(p, *session, e);
}

void peer_serve(const peer_env *env, seat *s, int fd)
{
    sql_error e = {0};
    patron_session *session = NULL;
    peer p = {.env = env, .seat = s, .a = arena_new(0)};
    p.login_deadline_us = limits_now_us() + env->login_timeout_us;
    wire_open(&p.wire, fd, env->stop_fd);
    if (p.a) serve(&p, &session, &e);
    send_fatal(&p, &e);
    registry_retire(s);
    wire_close(&p.wire);
    patron_session_free(session);
    arena_free(p.a);
    registry_leave(s);
}
