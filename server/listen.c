/* listen.c - see listen.h. */
#include "server/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

typedef struct address {
    socklen_t size;
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
        struct sockaddr_un file;
    } u;
} address;

static void add(listeners *l, int fd, const char *fmt, ...) PT_PRINTF(3, 4);

static void add(listeners *l, int fd, const char *fmt, ...)
{
    char text[160];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (l->n) strbuf_addz(&l->where, ", ");
    strbuf_addz(&l->where, text);
    l->fds[l->n++] = fd;
}

/* ---- TCP ---------------------------------------------------------------------------------- */

static bool is_loopback(const address *a)
{
    if (a->u.any.sa_family == AF_INET) return ntohl(a->u.v4.sin_addr.s_addr) >> 24 == 127;
    return IN6_IS_ADDR_LOOPBACK(&a->u.v6.sin6_addr);
}

static pt_status parse_address(const char *host, uint16_t port, address *out, pt_err *err)
{
    *out = (address){0};
    if (inet_pton(AF_INET, host, &out->u.v4.sin_addr) == 1) {
        out->size = sizeof out->u.v4;
        out->u.v4.sin_family = AF_INET;
        out->u.v4.sin_port = htons(port);
    } else if (inet_pton(AF_INET6, host, &out->u.v6.sin6_addr) == 1) {
        out->size = sizeof out->u.v6;
        out->u.v6.sin6_family = AF_INET6;
        out->u.v6.sin6_port = htons(port);
    } else {
        pt_fail(err, PT_VALUE, "'%s' is not an address", host);
        return pt_hint(err, "expected 127.0.0.1 or ::1, or no address for both");
    }
    if (is_loopback(out)) return PT_OK;
    pt_fail(err, PT_DENIED,
            "'%s' is not a loopback address: what is sent is not encrypted, so Patron listens on this "
            "machine only",
            host);
    return pt_hint(err, "from elsewhere use a tunnel: ssh -L %u:127.0.0.1:%u this-machine", port, port);
}

static pt_status listen_on(const address *a, int *out)
{
    int on = 1;
    int fd = socket(a->u.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return PT_IO;
    if (a->u.any.sa_family != AF_UNIX) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (a->u.any.sa_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(fd, &a->u.any, a->size) == 0 && listen(fd, LISTEN_BACKLOG) == 0) {
        *out = fd;
        return PT_OK;
    }
    int saved = errno;
    close(fd);
    errno = saved;
    return PT_IO;
}

static uint16_t port_of(int fd)
{
    address a = {.size = sizeof a.u};
    if (getsockname(fd, &a.u.any, &a.size) != 0) return 0;
    return ntohs(a.u.any.sa_family == AF_INET ? a.u.v4.sin_port : a.u.v6.sin6_port);
}

static pt_status open_tcp(const char *host, bool is_optional, listeners *l, pt_err *err)
{
    address a;
    int fd;
    PT_TRY(parse_address(host, l->port, &a, err));
    if (listen_on(&a, &fd) != PT_OK) {
        bool has_none = errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT;
        if (is_optional && has_none) return PT_OK;
        pt_status st = errno == EADDRINUSE ? PT_BUSY : PT_IO;
        pt_fail_errno(err, st, "cannot listen on %s port %u", host, l->port);
        return st == PT_BUSY ? pt_hint(err, "is another server running? --port takes another port") : st;
    }
    if (l->port == 0) l->port = port_of(fd);
    add(l, fd, strchr(host, ':') ? "[%s]:%u" : "%s:%u", host, l->port);
    return PT_OK;
}

/* ---- the socket in the file system ------------------------------------------------------------ */

static pt_status socket_address(const char *dir, uint16_t port, address *out, pt_err *err)
{
    *out = (address){.size = sizeof out->u.file};
    out->u.file.sun_family = AF_UNIX;
    int n = snprintf(out->u.file.sun_path, sizeof out->u.file.sun_path, "%s/.s.PGSQL.%u", dir, port);
    if (n > 0 && (size_t)n < sizeof out->u.file.sun_path) return PT_OK;
    pt_fail(err, PT_VALUE, "the path of the socket, %s/.s.PGSQL.%u, is longer than %zu bytes", dir, port,
            sizeof out->u.file.sun_path - 1);
    return pt_hint(err, "--socket takes a directory with a shorter path");
}

/* Nobody answers at a socket: its server died. Removes it; false if it lives or is no socket. */
static bool remove_stale(const address *a)
{
    struct stat info;
    if (lstat(a->u.file.sun_path, &info) != 0 || !S_ISSOCK(info.st_mode)) return false;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return false;
    bool is_dead = connect(fd, &a->u.any, a->size) != 0 && errno == ECONNREFUSED;
    close(fd);
    return is_dead && unlink(a->u.file.sun_path) == 0;
}

static pt_status open_socket(const char *dir, listeners *l, pt_err *err)
{
    address a;
    int fd;
    PT_TRY(socket_address(dir, l->port, &a, err));
    pt_status st = listen_on(&a, &fd);
    if (st != PT_OK && errno == EADDRINUSE) {
        if (!remove_stale(&a)) {
            pt_fail(err, PT_BUSY, "another server listens on '%s'", a.u.file.sun_path);
            return pt_hint(err, "--port takes another port, --socket another directory");
        }
        st = listen_on(&a, &fd);
    }
    if (st != PT_OK) return pt_fail_errno(err, PT_IO, "cannot listen on '%s'", a.u.file.sun_path);
    memcpy(l->socket_path, a.u.file.sun_path, sizeof l->socket_path);
    add(l, fd, "%s", l->socket_path);
    return PT_OK;
}

/* ---- all ----------------------------------------------------------------------------------------- */

_Static_assert(sizeof((struct sockaddr_un){0}.sun_path) == sizeof((listeners){0}.socket_path), "a path fits");

static pt_status open_all(const char *host, const char *socket_dir, listeners *l, pt_err *err)
{
    if (!host) {
        PT_TRY(open_tcp("127.0.0.1", false, l, err));
        PT_TRY(open_tcp("::1", true, l, err));
    } else if (*host) {
        PT_TRY(open_tcp(host, false, l, err));
    }
    if (socket_dir) PT_TRY(open_socket(socket_dir, l, err));
    if (l->n) return PT_OK;
    return pt_fail(err, PT_USAGE, "nothing to listen on: neither TCP nor a socket");
}

pt_status listen_open(const char *host, uint16_t port, const char *socket_dir, listeners *out, pt_err *err)
{
    *out = (listeners){.port = port};
    pt_status st = open_all(host, socket_dir, out, err);
    if (st == PT_OK && out->where.failed) st = pt_fail(err, PT_NOMEM, "out of memory");
    if (st != PT_OK) listen_close(out);
    return st;
}

void listen_close(listeners *l)
{
    if (l->socket_path[0]) unlink(l->socket_path); /* first: who finds the file finds somebody listening */
    for (int i = 0; i < l->n; i++) close(l->fds[i]);
    strbuf_free(&l->where);
    *l = (listeners){0};
}
