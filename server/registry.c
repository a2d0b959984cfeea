/* registry.c - see registry.h. */
#include "server/registry.h"

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <time.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "base/arena.h"

enum { MIN_WAITING = 64 }; /* connections that have not logged in yet */

struct registry {
    pthread_mutex_t lock;
    pthread_cond_t left;
    seat *first;
    uint32_t max_sessions, n_sessions, n_waiting;
    int32_t last_pid;
    bool has_leaver; /* guarded, as the next: a thread that left and is not joined yet */
    pthread_t leaver;
};

registry *registry_new(uint32_t max_sessions)
{
    pthread_condattr_t attr;
    registry *r = mem_alloc(1, sizeof *r);
    if (!r) return NULL;
    r->max_sessions = max_sessions;
    pthread_mutex_init(&r->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&r->left, &attr);
    pthread_condattr_destroy(&attr);
    return r;
}

void registry_free(registry *r)
{
    if (!r) return;
    if (r->has_leaver) pthread_join(r->leaver, NULL);
    pthread_cond_destroy(&r->left);
    pthread_mutex_destroy(&r->lock);
    mem_free(r);
}

/* ---- coming and going ------------------------------------------------------------- */

static bool link_seat(registry *r, seat *s)
{
    uint32_t max_waiting = r->max_sessions > MIN_WAITING ? r->max_sessions : MIN_WAITING;
    if (r->n_waiting >= max_waiting) return false;
    r->n_waiting++;
    r->last_pid = r->last_pid == INT32_MAX ? 1 : r->last_pid + 1;
    s->pid = r->last_pid;
    s->next = r->first;
    if (r->first) r->first->prev = s;
    r->first = s;
    return true;
}

seat *registry_enter(registry *r, int fd)
{
    seat *s = mem_alloc(1, sizeof *s);
    if (!s) return NULL;
    s->registry = r;
    s->fd = fd;
    bool is_in = RAND_bytes((unsigned char *)&s->key, sizeof s->key) == 1;
    if (is_in) {
        pthread_mutex_lock(&r->lock);
        is_in = link_seat(r, s);
        pthread_mutex_unlock(&r->lock);
    }
    if (is_in) return s;
    mem_free(s);
    return NULL;
}

bool registry_admit(seat *s, patron_session *session)
{
    registry *r = s->registry;
    pthread_mutex_lock(&r->lock);
    bool has_room = r->n_sessions < r->max_sessions;
    if (has_room) {
        r->n_sessions++;
        r->n_waiting--;
        s->is_admitted = true;
        s->session = session;
    }
    pthread_mutex_unlock(&r->lock);
    return has_room;
}

void registry_retire(seat *s)
{
    pthread_mutex_lock(&s->registry->lock);
    s->session = NULL;
    s->fd = -1;
    pthread_mutex_unlock(&s->registry->lock);
}

/* Under the lock. */
static void unlink_seat(registry *r, seat *s)
{
    if (s->is_admitted)
        r->n_sessions--;
    else
        r->n_waiting--;
    if (s->prev)
        s->prev->next = s->next;
    else
        r->first = s->next;
    if (s->next) s->next->prev = s->prev;
    pthread_cond_broadcast(&r->left);
}

void registry_drop(seat *s)
{
    registry *r = s->registry;
    pthread_mutex_lock(&r->lock);
    unlink_seat(r, s);
    pthread_mutex_unlock(&r->lock);
    mem_free(s);
}

/* Each thread joins the one that left before it, so that whoever joins the last has waited for all. */
void registry_leave(seat *s)
{
    registry *r = s->registry;
    pthread_mutex_lock(&r->lock);
    bool has_earlier = r->has_leaver;
    pthread_t earlier = r->leaver;
    r->has_leaver = true;
    r->leaver = pthread_self();
    unlink_seat(r, s);
    pthread_mutex_unlock(&r->lock);
    mem_free(s);
    if (has_earlier) pthread_join(earlier, NULL);
}

/* ---- cancelling ---------------------------------------------------------------------- */

static void cancel(seat *s)
{
    if (!s->session) return;
    atomic_store(&s->is_cancelled, true);
    patron_cancel(s->session);
}

void registry_cancel(registry *r, int32_t pid, uint32_t key)
{
    pthread_mutex_lock(&r->lock);
    for (seat *s = r->first; s; s = s->next)
        if (s->pid == pid && CRYPTO_memcmp(&s->key, &key, sizeof key) == 0) cancel(s);
    pthread_mutex_unlock(&r->lock);
}

void registry_cancel_all(registry *r)
{
    pthread_mutex_lock(&r->lock);
    for (seat *s = r->first; s; s = s->next) cancel(s);
    pthread_mutex_unlock(&r->lock);
}

static bool is_gone(const seat *s)
{
    struct pollfd fd = {.fd = s->fd, .events = POLLRDHUP};
    return poll(&fd, 1, 0) > 0 && (fd.revents & (POLLRDHUP | POLLHUP | POLLERR));
}

void registry_cancel_gone(registry *r)
{
    pthread_mutex_lock(&r->lock);
    for (seat *s = r->first; s; s = s->next)
        if (s->fd >= 0 && atomic_load(&s->is_running) && is_gone(s)) cancel(s);
    pthread_mutex_unlock(&r->lock);
}

/* ---- the end --------------------------------------------------------------------------- */

void registry_break_all(registry *r)
{
    pthread_mutex_lock(&r->lock);
    for (seat *s = r->first; s; s = s->next)
        if (s->fd >= 0) shutdown(s->fd, SHUT_RDWR);
    pthread_mutex_unlock(&r->lock);
}

bool registry_wait_empty(registry *r, int64_t wait_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += wait_ms / 1000;
    until.tv_nsec += wait_ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&r->lock);
    int st = 0;
    while (r->first && st == 0) st = pthread_cond_timedwait(&r->left, &r->lock, &until);
    bool is_empty = r->first == NULL;
    pthread_mutex_unlock(&r->lock);
    return is_empty;
}
