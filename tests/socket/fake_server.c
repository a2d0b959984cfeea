/* fake_server.c - the server in front of fake_engine.c, for tests of the protocol.
 *
 *     fake_server DIR [MAX_CONNECTIONS [IDLE_TIMEOUT_MS]]
 *
 * It makes the user ada with the password secret in DIR, listens on a free port and on DIR's socket, prints
 * the port, and ends on SIGTERM. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "server/server.h"
#include "server/users.h"
#include "tests/socket/fake_engine.h"

static void on_log(void *ctx, const char *line)
{
    (void)ctx;
    fprintf(stderr, "%s\n", line);
}

typedef struct stopper {
    server *server;
    sigset_t signals;
} stopper;

static void *stop_on_signal(void *argument)
{
    stopper *s = argument;
    int number;
    sigwait(&s->signals, &number);
    server_stop(s->server);
    return NULL;
}

int main(int argc, char **argv)
{
    pt_err err = {0};
    stopper s;
    pthread_t thread;
    sigemptyset(&s.signals);
    sigaddset(&s.signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &s.signals, NULL);
    if (argc < 2 || users_add(argv[1], STR("ada"), STR("secret"), NULL, &err) != PT_OK) {
        fprintf(stderr, "fake_server DIR [MAX_CONNECTIONS [IDLE_TIMEOUT_MS]]: %s\n", err.msg);
        return 2;
    }
    server_options o = {
        .db = fake_db(),
        .dir = argv[1],
        .socket_dir = argv[1],
        .max_connections = argc > 2 ? (uint32_t)atoi(argv[2]) : 0,
        .login_timeout_ms = 2000,
        .idle_timeout_ms = argc > 3 ? atoi(argv[3]) : 0,
        .watch_interval_ms = 20,
        .log = on_log,
    };
    if (server_open(&o, &s.server, &err) != PT_OK) {
        fprintf(stderr, "%s\n", err.msg);
        return 1;
    }
    printf("%u\n", server_port(s.server));
    fflush(stdout);
    if (pthread_create(&thread, NULL, stop_on_signal, &s) != 0) return 1;
    server_run(s.server);
    pthread_join(thread, NULL);
    server_close(s.server);
    return 0;
}
