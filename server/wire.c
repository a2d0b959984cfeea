/* wire.c - see wire.h. */
#include "server/wire.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"

enum { READ_BYTES = 16 << 10, SEND_AT_BYTES = 64 << 10, KEEP_BYTES = 1 << 20 };

void wire_open(wire *w, int fd, int stop_fd)
{
    *w = (wire){.fd = fd, .stop_fd = stop_fd};
}

void wire_close(wire *w)
{
    if (w->fd >= 0) close(w->fd);
    strbuf_free(&w->in);
    strbuf_free(&w->out);
    w->fd = -1;
}

/* ---- reading ------------------------------------------------------------------ */

/* Milliseconds until the deadline, for poll(); -1: for ever. */
static int wait_ms(int64_t deadline_us)
{
    if (deadline_us == 0) return -1;
    int64_t left = deadline_us - limits_now_us();
    if (left <= 0) return 0;
    int64_t ms = (left + 999) / 1000;
    return ms > INT32_MAX ? INT32_MAX : (int)ms;
}

static wire_status wait_readable(const wire *w, int64_t deadline_us)
{
    for (;;) {
        struct pollfd fds[2] = {{.fd = w->fd, .events = POLLIN}, {.fd = w->stop_fd, .events = POLLIN}};
        int n = poll(fds, 2, wait_ms(deadline_us));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return WIRE_CLOSED;
        if (n == 0) return WIRE_TIMEOUT;
        if (fds[1].revents) return WIRE_STOPPED;
        if (fds[0].revents) return WIRE_OK;
    }
}

/* Move what is left to the front, and give up the memory of an unusually long message. */
static void compact(wire *w)
{
    size_t left = w->in.len - w->in_at;
    if (w->in_at == 0) return;
    if (left == 0 && w->in.cap > KEEP_BYTES) {
        strbuf_free(&w->in);
    } else if (left <= w->in_at) { /* else a move would copy the same bytes again and again */
        if (left) memmove(w->in.ptr, w->in.ptr + w->in_at, left);
        w->in.len = left;
    } else {
        return;
    }
    w->in_at = 0;
}

static wire_status receive(wire *w, int64_t deadline_us)
{
    wire_status st = wait_readable(w, deadline_us);
    if (st != WIRE_OK) return st;
    if (!strbuf_reserve(&w->in, READ_BYTES + 1)) return WIRE_NOMEM;
    ssize_t n = recv(w->fd, w->in.ptr + w->in.len, READ_BYTES, MSG_DONTWAIT);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) return WIRE_OK;
    if (n <= 0) return WIRE_CLOSED;
    w->in.len += (size_t)n;
    return WIRE_OK;
}

/* At least n unconsumed bytes. */
static wire_status need(wire *w, size_t n, int64_t deadline_us)
{
    while (w->in.len - w->in_at < n) {
        wire_status st = receive(w, deadline_us);
        if (st != WIRE_OK) return st;
    }
    return WIRE_OK;
}

/* A length that counts itself, and as many bytes; `skip` bytes stand before it. */
static wire_status read_body(wire *w, size_t skip, size_t max_bytes, int64_t deadline_us, pt_str *body)
{
    compact(w);
    wire_status st = need(w, skip + 4, deadline_us);
    if (st != WIRE_OK) return st;
    const uint8_t *p = (const uint8_t *)w->in.ptr + w->in_at + skip;
    uint32_t n = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
    if (n < 4 || n - 4 > max_bytes) return WIRE_BAD;
    if ((st = need(w, skip + n, deadline_us)) != WIRE_OK) return st;
    *body = (pt_str){w->in.ptr + w->in_at + skip + 4, n - 4};
    return WIRE_OK;
}

wire_status wire_read(wire *w, size_t max_bytes, int64_t deadline_us, char *type, pt_str *body)
{
    wire_status st = read_body(w, 1, max_bytes, deadline_us, body);
    if (st != WIRE_OK) return st;
    *type = w->in.ptr[w->in_at];
    w->in_at += 5 + body->len;
    return WIRE_OK;
}

wire_status wire_read_startup(wire *w, size_t max_bytes, int64_t deadline_us, pt_str *body)
{
    wire_status st = read_body(w, 0, max_bytes, deadline_us, body);
    if (st == WIRE_OK) w->in_at += 4 + body->len;
    return st;
}

/* ---- sending -------------------------------------------------------------------- */

static wire_status broken(wire *w)
{
    w->is_broken = true;
    return WIRE_CLOSED;
}

static wire_status wait_writable(const wire *w)
{
    for (;;) {
        struct pollfd fd = {.fd = w->fd, .events = POLLOUT};
        int n = poll(&fd, 1, WIRE_STALL_MS);
        if (n < 0 && errno == EINTR) continue;
        return n > 0 ? WIRE_OK : n == 0 ? WIRE_TIMEOUT : WIRE_CLOSED;
    }
}

wire_status wire_flush(wire *w)
{
    if (w->out.failed) return WIRE_NOMEM;
    if (w->is_broken) return WIRE_CLOSED;
    size_t at = 0;
    while (at < w->out.len) {
        ssize_t n = send(w->fd, w->out.ptr + at, w->out.len - at, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n >= 0) {
            at += (size_t)n;
        } else if (errno == EAGAIN) {
            if (wait_writable(w) != WIRE_OK) return broken(w);
        } else if (errno != EINTR) {
            return broken(w);
        }
    }
    strbuf_clear(&w->out);
    return WIRE_OK;
}

wire_status wire_relieve(wire *w)
{
    return w->out.len < SEND_AT_BYTES && !w->out.failed ? WIRE_OK : wire_flush(w);
}
