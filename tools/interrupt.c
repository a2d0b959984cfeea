/* interrupt.c - see interrupt.h: the handler writes a byte into a pipe, a thread reads it and does the work.
 * A second pipe wakes who waits for input: a signal that comes just before a read would not interrupt it. */
#include "tools/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static volatile int flag;
static volatile bool is_patient;
static int pipe_fds[2] = {-1, -1}, wake_fds[2] = {-1, -1};
static pthread_t thread;
static pthread_mutex_t lock =
    PTHREAD_MUTEX_INITIALIZER; /* a signal that is forgotten is not acted on any more */
static void (*stop_fn)(void *ctx);
static void *stop_ctx;
static struct sigaction old_int, old_term;

enum { EXIT_BY_SIGNAL = 128 };

static void on_signal(int number)
{
    int saved = errno;
    if (flag && !is_patient) _exit(EXIT_BY_SIGNAL + number); /* the second one: the user means it */
    __atomic_store_n(&flag, 1, __ATOMIC_RELAXED);
    ssize_t told = write(pipe_fds[1], "!", 1), woken = write(wake_fds[1], "!", 1);
    (void)told, (void)woken; /* a full pipe holds a byte to be read already */
    errno = saved;
}

static void *wait_for_signals(void *unused)
{
    (void)unused;
    char c;
    for (;;) {
        ssize_t n = read(pipe_fds[0], &c, 1);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return NULL;
        pthread_mutex_lock(&lock);
        if (__atomic_load_n(&flag, __ATOMIC_RELAXED) && stop_fn) stop_fn(stop_ctx);
        pthread_mutex_unlock(&lock);
    }
}

/* The thread itself takes no signals: the handler may then interrupt a read of the main thread (a prompt). */
static bool start_thread(void)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool is_started = pthread_create(&thread, NULL, wait_for_signals, NULL) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return is_started;
}

static void close_pipe(int *fds)
{
    for (int i = 0; i < 2; i++) {
        if (fds[i] >= 0) close(fds[i]);
        fds[i] = -1;
    }
}

bool interrupt_open(void (*stop)(void *ctx), void *ctx)
{
    stop_fn = stop;
    stop_ctx = ctx;
    flag = 0;
    is_patient = false;
    if (pipe2(pipe_fds, O_CLOEXEC) != 0) return false;
    if (pipe2(wake_fds, O_CLOEXEC | O_NONBLOCK) != 0 || !start_thread()) {
        close_pipe(pipe_fds);
        close_pipe(wake_fds);
        return false;
    }
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, &old_int);
    sigaction(SIGTERM, &action, &old_term);
    return true;
}

void interrupt_close(void)
{
    if (pipe_fds[1] < 0) return;
    sigaction(SIGINT, &old_int, NULL);
    sigaction(SIGTERM, &old_term, NULL);
    close(pipe_fds[1]); /* ends the thread */
    pipe_fds[1] = -1;
    pthread_join(thread, NULL);
    close_pipe(pipe_fds);
    close_pipe(wake_fds);
}

void interrupt_patient(void)
{
    is_patient = true;
}

const volatile int *interrupt_flag(void)
{
    return &flag;
}

int interrupt_wait_fd(void)
{
    return wake_fds[0];
}

void interrupt_reset(void)
{
    char bytes[64];
    pthread_mutex_lock(&lock);
    __atomic_store_n(&flag, 0, __ATOMIC_RELAXED);
    while (read(wake_fds[0], bytes, sizeof bytes) > 0) {
    }
    pthread_mutex_unlock(&lock);
}
