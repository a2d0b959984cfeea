/* query_log.c - counting kinds of requests in memory, and moving the counts to a file.
 *
 * What is noted goes to `fresh`; the thread takes the whole tally away, leaves an empty one, and appends it
 * to the file without the lock. Writing is best effort: a log that cannot be written is lost. Processes
 * append side by side; lines that one appends just while another writes the file anew may be lost, too. */
#include "engine/query_log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/num.h"
#include "engine/query_tally.h"

enum { PATH_BYTES = 4096, PAUSE_S = 1 };

struct query_log {
    char path[PATH_BYTES];
    bool is_read_only;
    pthread_mutex_t lock; /* guards everything below */
    pthread_cond_t changed;
    query_tally *fresh;   /* not in the file yet */
    query_tally *leaving; /* the thread writes it; NULL: it does not */
    bool has_thread, is_ending;
    pthread_t thread;
};

/* ---- the file -------------------------------------------------------------------------- */

/* Lines of a text, the last first, that make sense, into `t`. */
static void add_lines(query_tally *t, pt_str text)
{
    while (text.len) {
        size_t from = text.len - 1;
        while (from > 0 && text.ptr[from - 1] != '\n') from--;
        pt_str line = {text.ptr + from, text.len - from};
        const char *tab = memchr(line.ptr, '\t', line.len);
        int64_t n_times;
        text.len = from;
        if (!tab || line.ptr[line.len - 1] != '\n') continue; /* cut off when its writer died */
        line.len--;
        pt_str number = {line.ptr, (size_t)(tab - line.ptr)};
        if (num_parse_i64(number, &n_times) && n_times > 0)
            query_tally_add(t, (pt_str){tab + 1, line.len - number.len - 1}, (uint64_t)n_times);
    }
}

static void add_file(query_tally *t, const char *path)
{
    strbuf b = {0};
    if (fs_exists(path) && fs_read(path, &b, 2 * QUERY_LOG_BYTES, NULL) == PT_OK)
        add_lines(t, strbuf_str(&b));
    strbuf_free(&b);
}

/* The first n lines, the last of them first. */
static void print_lines(const query_tally *t, uint32_t n, strbuf *out)
{
    while (n-- > 0)
        strbuf_printf(out, "%llu\t" STR_FMT "\n", (unsigned long long)t->n_times[n], STR_ARG(t->lines[n]));
}

/* The file anew, with what `t` holds: a line per kind, as many of those last asked as take half the space. */
static void rewrite_file(const char *path, query_tally *t)
{
    enum { NUMBER_BYTES = 22 };
    strbuf b = {0};
    uint32_t n = 0;
    add_file(t, path);
    for (size_t bytes = 0; n < t->n; n++) {
        bytes += t->lines[n].len + NUMBER_BYTES;
        if (bytes > QUERY_LOG_BYTES / 2) break;
    }
    print_lines(t, n, &b);
    pt_status st = b.failed ? PT_NOMEM : fs_write_atomic(path, b.ptr, b.len, NULL);
    (void)st;
    strbuf_free(&b);
}

/* What `t` holds to the end of the file; `t` may hold more afterwards. */
static void append_file(const char *path, query_tally *t)
{
    strbuf b = {0};
    print_lines(t, t->n, &b);
    if (fs_size(path) + (int64_t)b.len > QUERY_LOG_BYTES) {
        rewrite_file(path, t);
    } else if (!b.failed && b.len) {
        int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
        if (fd >= 0) {
            ssize_t n_written = write(fd, b.ptr, b.len);
            (void)n_written;
            close(fd);
        }
    }
    strbuf_free(&b);
}

/* ---- the thread ---------------------------------------------------------------------- */

/* Under the lock, which is let go while the file is written. */
static void move_to_file(query_log *q)
{
    query_tally *empty = query_tally_new();
    if (!empty) return;
    q->leaving = q->fresh;
    q->fresh = empty;
    pthread_mutex_unlock(&q->lock);
    append_file(q->path, q->leaving);
    pthread_mutex_lock(&q->lock);
    query_tally_free(q->leaving);
    q->leaving = NULL;
}

static bool is_full(const query_log *q)
{
    return q->fresh->n == TALLY_MOST;
}

static void *run(void *arg)
{
    query_log *q = arg;
    pthread_mutex_lock(&q->lock);
    while (!q->is_ending) {
        struct timespec until;
        int rc = 0;
        if (q->fresh->n == 0) {
            pthread_cond_wait(&q->changed, &q->lock);
            continue;
        }
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += PAUSE_S;
        while (!q->is_ending && !is_full(q) && rc != ETIMEDOUT)
            rc = pthread_cond_timedwait(&q->changed, &q->lock, &until);
        if (q->is_ending) break; /* query_log_free writes the rest */
        move_to_file(q);
        pthread_cond_broadcast(&q->changed); /* for query_log_read */
    }
    pthread_mutex_unlock(&q->lock);
    return NULL;
}

/* As threads of the pool, it leaves signals to others. */
static void start(query_log *q)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    q->has_thread = pthread_create(&q->thread, NULL, run, q) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* ---- life ------------------------------------------------------------------------------ */

static void init_locks(query_log *q)
{
    pthread_condattr_t monotonic;
    pthread_mutex_init(&q->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&q->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

query_log *query_log_new(const char *dir, bool is_read_only)
{
    query_log *q = mem_alloc(1, sizeof *q);
    if (!q) return NULL;
    init_locks(q);
    q->is_read_only = is_read_only;
    q->fresh = query_tally_new();
    int len = snprintf(q->path, sizeof q->path, "%s/queries.log", dir);
    if (q->fresh && len > 0 && len < PATH_BYTES) return q;
    query_log_free(q);
    return NULL;
}

void query_log_free(query_log *q)
{
    if (!q) return;
    pthread_mutex_lock(&q->lock);
    q->is_ending = true;
    pthread_cond_broadcast(&q->changed);
    pthread_mutex_unlock(&q->lock);
    if (q->has_thread) pthread_join(q->thread, NULL);
    if (!q->is_read_only && q->fresh && q->fresh->n) append_file(q->path, q->fresh);
    query_tally_free(q->fresh);
    pthread_cond_destroy(&q->changed);
    pthread_mutex_destroy(&q->lock);
    mem_free(q);
}

/* ---- noting -------------------------------------------------------------------------- */

static void note_level(uint32_t *need, uint32_t hier, uint32_t n_level)
{
    if (n_level >= need[hier]) need[hier] = n_level + 1;
}

static void note_conj(uint32_t *need, const agg_conj *c)
{
    for (uint32_t i = 0; i < c->n; i++) note_level(need, c->filters[i].hier, c->filters[i].level);
}

static void write_line(const agg_request *req, const uint32_t *need, strbuf *b)
{
    const cube *c = req->cube;
    const char *comma = "";
    strbuf_adds(b, c->name);
    strbuf_addc(b, '\t');
    for (uint32_t h = 0; h < c->n_hiers; h++) {
        if (!need[h]) continue;
        strbuf_printf(b, "%s" STR_FMT ".[" STR_FMT "]", comma, STR_ARG(c->hiers[h].unique_name),
                      STR_ARG(c->hiers[h].hierarchy->levels[need[h] - 1].name));
        comma = ", ";
    }
    strbuf_addc(b, '\t');
    comma = "";
    for (uint32_t i = 0; i < req->n_measures; i++) {
        strbuf_printf(b, "%s[" STR_FMT "]", comma, STR_ARG(c->measures[req->measures[i]].name));
        comma = ", ";
    }
}

/* Under the lock. */
static void count(query_log *q, pt_str line)
{
    bool was_empty = q->fresh->n == 0;
    if (!query_tally_add(q->fresh, line, 1) &&
        q->is_read_only) { /* nobody will make room: forget the old ones */
        query_tally *empty = query_tally_new();
        if (!empty) return;
        query_tally_free(q->fresh);
        q->fresh = empty;
        query_tally_add(q->fresh, line, 1);
    }
    if (q->is_read_only) return;
    if (!q->has_thread) start(q);
    if (was_empty || is_full(q)) pthread_cond_broadcast(&q->changed);
}

void query_log_note(query_log *q, const agg_request *req)
{
    enum { FEW = 64 };
    uint32_t need[FEW] = {0};
    if (!q || req->cube->n_hiers > FEW) return;
    for (uint32_t i = 0; i < req->n_axes; i++) note_level(need, req->axes[i].hier, req->axes[i].level);
    note_conj(need, &req->where);
    for (uint32_t i = 0; i < req->n_any; i++) note_conj(need, &req->any[i]);
    strbuf b = {0};
    write_line(req, need, &b);
    pthread_mutex_lock(&q->lock);
    if (!b.failed) count(q, strbuf_str(&b));
    pthread_mutex_unlock(&q->lock);
    strbuf_free(&b);
}

/* ---- reading ---------------------------------------------------------------------------- */

pt_status query_log_read(query_log *q, query_log_fn fn, void *ctx, pt_err *err)
{
    if (!q) return PT_OK;
    query_tally *all = query_tally_new();
    if (!all) return pt_fail(err, PT_NOMEM, "out of memory while reading the query log");
    pthread_mutex_lock(&q->lock);
    while (q->leaving) pthread_cond_wait(&q->changed, &q->lock);
    for (uint32_t i = q->fresh->n; i-- > 0;) query_tally_add(all, q->fresh->lines[i], q->fresh->n_times[i]);
    add_file(all, q->path);
    pthread_mutex_unlock(&q->lock);
    pt_status st = PT_OK;
    for (uint32_t i = 0; i < all->n && st == PT_OK; i++) st = fn(ctx, all->lines[i], all->n_times[i], err);
    query_tally_free(all);
    return st;
}
