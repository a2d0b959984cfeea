/* query_log.c - counting kinds of requests, in memory and in a file. */
#include "engine/query_log.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/map.h"
#include "base/num.h"

enum { MAX_KINDS = 4096, MAX_FILE_BYTES = 4 << 20, PATH_BYTES = 4096 };

struct query_log {
    pthread_mutex_t lock;
    bool is_read_only;
    char path[PATH_BYTES];
    bytes_map *kinds; /* line -> its number */
    uint32_t n;
    pt_str *lines; /* [MAX_KINDS] in `a` */
    uint64_t *n_times;
    arena *a;
};

query_log *query_log_new(const char *dir, bool is_read_only)
{
    query_log *q = mem_alloc(1, sizeof *q);
    if (!q) return NULL;
    pthread_mutex_init(&q->lock, NULL);
    q->is_read_only = is_read_only;
    int len = snprintf(q->path, sizeof q->path, "%s/queries.log", dir);
    q->kinds = bytes_map_new();
    q->a = arena_new(0);
    if (q->a) q->lines = arena_array(q->a, pt_str, MAX_KINDS);
    if (q->a) q->n_times = arena_array(q->a, uint64_t, MAX_KINDS);
    if (q->kinds && q->lines && q->n_times && len > 0 && len < PATH_BYTES) return q;
    q->is_read_only = true; /* nothing to write */
    query_log_free(q);
    return NULL;
}

/* Best effort: a log that cannot be written is lost. */
static void append_file(const query_log *q)
{
    strbuf b = {0};
    for (uint32_t i = 0; i < q->n; i++)
        strbuf_printf(&b, "%llu\t" STR_FMT "\n", (unsigned long long)q->n_times[i], STR_ARG(q->lines[i]));
    int64_t size = fs_size(q->path);
    int fd = -1;
    if (!b.failed && b.len && size + (int64_t)b.len < MAX_FILE_BYTES)
        fd = open(q->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (fd >= 0) {
        ssize_t written = write(fd, b.ptr, b.len);
        (void)written;
        close(fd);
    }
    strbuf_free(&b);
}

void query_log_free(query_log *q)
{
    if (!q) return;
    if (!q->is_read_only && q->n) append_file(q);
    if (q->kinds) bytes_map_free(q->kinds);
    if (q->a) arena_free(q->a);
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

static void count(query_log *q, pt_str line, uint64_t times)
{
    uint32_t at;
    bool added;
    if (q->n == MAX_KINDS && !bytes_map_find(q->kinds, line, &at)) return;
    if (bytes_map_put(q->kinds, line, q->n, &at, &added) != PT_OK || at >= MAX_KINDS) return;
    if (added) {
        pt_str copy = str_copy(q->a, line);
        if (!copy.ptr) copy = STR("");
        q->lines[q->n++] = copy;
    }
    q->n_times[at] += times;
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
    if (!b.failed) count(q, strbuf_str(&b), 1);
    pthread_mutex_unlock(&q->lock);
    strbuf_free(&b);
}

/* ---- reading ---------------------------------------------------------------------------- */

/* Lines of the file that make sense, into `q`. */
static void read_file(query_log *q, const char *path)
{
    strbuf b = {0};
    pt_str text = {0};
    if (fs_exists(path) && fs_read(path, &b, MAX_FILE_BYTES, NULL) == PT_OK) text = strbuf_str(&b);
    while (text.len) {
        const char *end = memchr(text.ptr, '\n', text.len);
        size_t n = end ? (size_t)(end - text.ptr) : text.len;
        const char *tab = end ? memchr(text.ptr, '\t', n) : NULL;
        int64_t times;
        if (tab && num_parse_i64((pt_str){text.ptr, (size_t)(tab - text.ptr)}, &times) && times > 0)
            count(q, (pt_str){tab + 1, n - (size_t)(tab + 1 - text.ptr)}, (uint64_t)times);
        n += end ? 1 : 0;
        text = (pt_str){text.ptr + n, text.len - n};
    }
    strbuf_free(&b);
}

pt_status query_log_read(query_log *q, query_log_fn fn, void *ctx, pt_err *err)
{
    if (!q) return PT_OK;
    query_log *all = query_log_new("", true);
    if (!all) return pt_fail(err, PT_NOMEM, "out of memory while reading the query log");
    pthread_mutex_lock(&q->lock);
    for (uint32_t i = 0; i < q->n; i++) count(all, q->lines[i], q->n_times[i]);
    pthread_mutex_unlock(&q->lock);
    read_file(all, q->path);
    pt_status st = PT_OK;
    for (uint32_t i = 0; i < all->n && st == PT_OK; i++) st = fn(ctx, all->lines[i], all->n_times[i], err);
    query_log_free(all);
    return st;
}
