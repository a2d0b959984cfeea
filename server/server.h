/* server.h - PostgreSQL's wire protocol in front of a warehouse.
 *
 *     server_open(&options, &s, &err);      listens, from now on clients may connect
 *     server_run(s);                        answers them until server_stop, in threads of its own
 *     server_close(s);
 *
 * Every connection has a thread and a session. server_stop may be called from any thread; statements that run
 * then have SERVER_GRACE_MS before they are cancelled. */
#pragma once

#include "base/err.h"
#include "include/patron.h"

enum { SERVER_PORT = 5433, SERVER_MAX_CONNECTIONS = 200, SERVER_GRACE_MS = 10 * 1000 };

typedef struct server_options {
    patron_db *db;             /* borrowed, open for as long as the server */
    const char *dir;           /* of the warehouse: its users file says who may connect */
    const char *socket_dir;    /* of the Unix socket .s.PGSQL.<port>; NULL: none */
    const char *host;          /* NULL: 127.0.0.1 and ::1; "": no TCP; else a loopback address */
    uint16_t port;             /* 0: any free one */
    uint32_t max_connections;  /* 0: SERVER_MAX_CONNECTIONS */
    int64_t login_timeout_ms;  /* 0: 30 s */
    int64_t idle_timeout_ms;   /* 0: none */
    int64_t watch_interval_ms; /* 0: no watching; else follow the sources as patron_watch does */
    void (*log)(void *ctx, const char *line); /* from any thread; may be NULL */
    void *log_ctx;
} server_options;

typedef struct server server;

/* Without any user PT_DENIED, with the command to run as a hint. Texts of the options are borrowed until
 * server_close. */
PT_MUST_USE pt_status server_open(const server_options *o, server **out, pt_err *err);
const char *server_where(const server *s); /* "127.0.0.1:5433, /db/.s.PGSQL.5433" */
uint16_t server_port(const server *s);
/* Returns after server_stop, when the last client is gone. */
void server_run(server *s);
void server_stop(server *s);
void server_close(server *s); /* NULL is fine */
