/* server.c - see server.h: accepting, watching, stopping. */
#include "server/server.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/listen.h"
#include "server/peer.h"
#include "server/users.h"

enum {
    LOGIN_TIMEOUT_MS = 30 * 1000,
    POLL_MS = 1000,        /* how often hung-up clients are looked for */
    FULL_PAUSE_MS = 100,   /* when descriptors or threads run out */
    CANCEL_WAIT_MS = 5000, /* for cancelled statements to return */
    NAME_BYTES = 64,
};

struct server {
    server_options options;
    listeners listeners;
    registry *registry;
    peer_env env;
    char database[NAME_BYTES];
    int stop_fd;     /* readable from server_stop on */
    int drain_fd;    /* readable from when nothing listens any more: only then are clients sent away */
    int is_stopping; /* read and written by __atomic builtins: patron_watch wants the address of an int */
    bool is_watching;
    pthread_t watcher;
    patron_session *watch_session; /* owned; NULL: none */
};

static void say(const server *s, const char *line)
{
    if (s->options.log) s->options.log(s->options.log_ctx, line);
}

/* ---- opening -------------------------------------------------------------------------- */

static pt_status check_users(const char *dir, pt_err *err)
{
    users u;
    pt_status st = users_read(dir, &u, err);
    uint32_t n = u.n;
    users_free(&u);
    if (st != PT_OK || n > 0) return st;
    pt_fail(err, PT_DENIED, "nobody could connect: the warehouse has no users yet");
    return pt_hint(err, "add one with: patron user --db %s add NAME", dir);
}

/* What clients are told as the name of the database: the last part of the directory's path. */
static void name_database(server *s)
{
    char path[PATH_MAX];
    const char *full = realpath(s->options.dir, path);
    const char *slash = full ? strrchr(full, '/') : NULL;
    const char *name = slash && slash[1] ? slash + 1 : "patron";
    snprintf(s->database, sizeof s->database, "%.*s", NAME_BYTES - 1, name);
}

static void fill_env(server *s)
{
    const server_options *o = &s->options;
    int64_t login_ms = o->login_timeout_ms ? o->login_timeout_ms : LOGIN_TIMEOUT_MS;
    s->env = (peer_env){
        .db = o->db,
        .registry = s->registry,
        .dir = o->dir,
        .database = s->database,
        .stop_fd = s->drain_fd,
        .login_timeout_us = login_ms * 1000,
        .idle_timeout_us = o->idle_timeout_ms * 1000,
        .log = o->log,
        .log_ctx = o->log_ctx,
    };
}

static pt_status open_parts(server *s, pt_err *err)
{
    const server_options *o = &s->options;
    PT_TRY(check_users(o->dir, err));
    s->registry = registry_new(o->max_connections ? o->max_connections : SERVER_MAX_CONNECTIONS);
    if (!s->registry) return pt_fail(err, PT_NOMEM, "out of memory");
    s->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    s->drain_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (s->stop_fd < 0 || s->drain_fd < 0)
        return pt_fail_errno(err, PT_IO, "cannot make an event descriptor");
    PT_TRY(listen_open(o->host, o->port, o->socket_dir, &s->listeners, err));
    name_database(s);
    fill_env(s);
    return PT_OK;
}

pt_status server_open(const server_options *o, server **out, pt_err *err)
{
    server *s = mem_alloc(1, sizeof *s);
    if (!s) return pt_fail(err, PT_NOMEM, "out of memory");
    s->options = *o;
    s->stop_fd = -1;
    s->drain_fd = -1;
    pt_status st = open_parts(s, err);
    if (st == PT_OK)
        *out = s;
    else
        server_close(s);
    return st;
}

void server_close(server *s)
{
    if (!s) return;
    listen_close(&s->listeners);
    if (s->stop_fd >= 0) close(s->stop_fd);
    if (s->drain_fd >= 0) close(s->drain_fd);
    registry_free(s->registry);
    mem_free(s);
}

const char *server_where(const server *s)
{
    return s->listeners.where.ptr;
}

uint16_t server_port(const server *s)
{
    return s->listeners.port;
}

static bool is_stopping(const server *s)
{
    return __atomic_load_n(&s->is_stopping, __ATOMIC_ACQUIRE) != 0;
}

static void make_readable(int event_fd)
{
    uint64_t one = 1;
    ssize_t n = write(event_fd, &one, sizeof one);
    (void)n; /* it fails only when it is readable already */
}

void server_stop(server *s)
{
    __atomic_store_n(&s->is_stopping, 1, __ATOMIC_RELEASE);
    make_readable(s->stop_fd);
}

/* ---- connections ---------------------------------------------------------------------------- */

typedef struct arrival {
    const peer_env *env;
    seat *seat;
    int fd;
} arrival;

static void *serve(void *argument)
{
    arrival a = *(arrival *)argument;
    mem_free(argument);
    peer_serve(a.env, a.seat, a.fd);
    return NULL;
}

static bool start_thread(arrival *a)
{
    pthread_t thread; /* joined when it has left the registry */
    return pthread_create(&thread, NULL, serve, a) == 0;
}

static void welcome(server *s, int fd)
{
    int on = 1;
    arrival *a = mem_alloc(1, sizeof *a);
    seat *place = a ? registry_enter(s->registry, fd) : NULL;
    if (!place) {
        say(s, "a connection was refused: too many are waiting to log in");
        mem_free(a);
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* fails on the Unix socket, which needs none */
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    *a = (arrival){&s->env, place, fd};
    if (start_thread(a)) return;
    say(s, "a connection was refused: no thread for it");
    registry_drop(place);
    mem_free(a);
    close(fd);
}

/* All that wait at one listener. false: descriptors have run out, so a pause is due. */
static bool accept_all(server *s, int listener)
{
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            welcome(s, fd);
        else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
            return false;
        else if (errno != EINTR && errno != ECONNABORTED)
            return true;
    }
}

static void wait_for_clients(server *s)
{
    struct pollfd fds[LISTEN_MAX + 1];
    int n = s->listeners.n;
    for (int i = 0; i < n; i++) fds[i] = (struct pollfd){.fd = s->listeners.fds[i], .events = POLLIN};
    fds[n] = (struct pollfd){.fd = s->stop_fd, .events = POLLIN};
    while (!is_stopping(s)) {
        int ready = poll(fds, (nfds_t)n + 1, POLL_MS);
        registry_cancel_gone(s->registry);
        for (int i = 0; i < n && ready > 0; i++)
            if (fds[i].revents && !accept_all(s, fds[i].fd)) poll(&fds[n], 1, FULL_PAUSE_MS);
    }
}

/* ---- watching -------------------------------------------------------------------------------- */

static void on_watch_notice(void *ctx, const char *text)
{
    say(ctx, text);
}

/* Whatever ends the watching but a stop is told and tried again. */
static void *watch(void *argument)
{
    server *s = argument;
    while (!is_stopping(s)) {
        char line[2 * PT_ERR_TEXT];
        patron_error err = PATRON_ERROR_INIT;
        if (patron_watch(s->watch_session, NULL, s->options.watch_interval_ms, 0, &s->is_stopping, &err) ==
            PATRON_OK)
            continue;
        snprintf(line, sizeof line, "watching failed, trying again: %s", err.message);
        if (!is_stopping(s)) say(s, line);
        struct pollfd stop = {.fd = s->stop_fd, .events = POLLIN};
        poll(&stop, 1, s->options.watch_interval_ms > POLL_MS ? (int)s->options.watch_interval_ms : POLL_MS);
    }
    return NULL;
}

static void start_watching(server *s)
{
    patron_error err = PATRON_ERROR_INIT;
    if (s->options.watch_interval_ms <= 0) return;
    s->watch_session = patron_session_new(s->options.db, &err);
    if (s->watch_session) {
        patron_on_notice(s->watch_session, on_watch_notice, s);
        s->is_watching = pthread_create(&s->watcher, NULL, watch, s) == 0;
    }
    if (!s->is_watching) say(s, "watching could not be started");
}

/* A load under way is taken back whole; the next watch does it again. */
static void end_watching(server *s)
{
    if (s->is_watching) {
        patron_cancel(s->watch_session);
        pthread_join(s->watcher, NULL);
    }
    patron_session_free(s->watch_session);
    s->watch_session = NULL;
}

/* ---- running ---------------------------------------------------------------------------------- */

/* Idle clients leave by themselves, as drain_fd wakes them; statements have their time; then all is cut. */
static void drain(server *s)
{
    make_readable(s->drain_fd);
    if (registry_wait_empty(s->registry, SERVER_GRACE_MS)) return;
    say(s, "cancelling the statements that still run");
    registry_cancel_all(s->registry);
    if (registry_wait_empty(s->registry, CANCEL_WAIT_MS)) return;
    registry_break_all(s->registry);
    while (!registry_wait_empty(s->registry, CANCEL_WAIT_MS)) registry_cancel_all(s->registry);
}

void server_run(server *s)
{
    start_watching(s);
    wait_for_clients(s);
    listen_close(&s->listeners);
    drain(s);
    end_watching(s);
}
