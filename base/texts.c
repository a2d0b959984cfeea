/* texts.c - slices of texts: gathered by thread, moved into the arena under a lock. */
#include "base/texts.h"

#include <pthread.h>

/* A text of the slice: where it begins in the buffer, and who wants to know where it went. */
typedef struct place {
    const char **to;
    size_t at;
} place;

struct text_writer {
    strbuf bytes;
    size_t at; /* of the text being written */
    place *places;
    size_t n, cap;
    bool failed;
};

/* ---- one text ------------------------------------------------------ */

strbuf *text_begin(text_writer *w)
{
    w->at = w->bytes.len;
    return &w->bytes;
}

size_t text_end(text_writer *w, const char **to)
{
    size_t len = w->bytes.len - w->at;
    strbuf_addc(&w->bytes, 0);
    if (w->n == w->cap) {
        size_t cap = w->cap ? w->cap * 2 : 256;
        place *grown = mem_grow(w->places, cap, sizeof *grown);
        if (!grown) {
            w->failed = true;
            return len;
        }
        w->places = grown;
        w->cap = cap;
    }
    w->places[w->n++] = (place){to, w->at};
    return len;
}

void text_drop(text_writer *w)
{
    w->bytes.len = w->at;
}

/* ---- slices -------------------------------------------------------- */

typedef struct texts_job {
    const limits *limits;
    uint64_t n;
    texts_fn fn;
    void *ctx;
    text_writer *writers; /* [workers] */
    pthread_mutex_t lock; /* guards the arena */
    arena *a;
} texts_job;

static pt_status move_texts(texts_job *j, text_writer *w, pt_err *err)
{
    if (w->failed || w->bytes.failed) return pt_fail(err, PT_NOMEM, "out of memory");
    if (w->n == 0) return PT_OK;
    pthread_mutex_lock(&j->lock);
    char *to = arena_alloc(j->a, w->bytes.len);
    pt_status st = to ? PT_OK : arena_fail(j->a, err);
    pthread_mutex_unlock(&j->lock);
    if (st != PT_OK) return st;
    memcpy(to, w->bytes.ptr, w->bytes.len);
    for (size_t i = 0; i < w->n; i++) *w->places[i].to = to + w->places[i].at;
    return PT_OK;
}

static pt_status run_slice(void *ctx, unsigned worker, uint64_t task, pt_err *err)
{
    texts_job *j = ctx;
    text_writer *w = &j->writers[worker];
    uint64_t from = task * TEXTS_SLICE, to = j->n - from < TEXTS_SLICE ? j->n : from + TEXTS_SLICE;
    PT_TRY(limits_check(j->limits, err));
    strbuf_clear(&w->bytes);
    w->n = 0;
    PT_TRY(j->fn(j->ctx, w, from, to, err));
    return move_texts(j, w, err);
}

pt_status texts_run(pool *p, unsigned max_workers, const limits *l, uint64_t n, texts_fn fn, void *ctx,
                    arena *a, pt_err *err)
{
    unsigned n_workers = pool_threads(p);
    if (max_workers && max_workers < n_workers) n_workers = max_workers;
    texts_job j = {.limits = l, .n = n, .fn = fn, .ctx = ctx, .a = a};
    j.writers = mem_alloc(n_workers, sizeof *j.writers);
    if (!j.writers) return pt_fail(err, PT_NOMEM, "out of memory");
    pthread_mutex_init(&j.lock, NULL);
    pt_status st = pool_run(p, n_workers, texts_slices(n), run_slice, &j, err);
    pthread_mutex_destroy(&j.lock);
    for (unsigned i = 0; i < n_workers; i++) {
        strbuf_free(&j.writers[i].bytes);
        mem_free(j.writers[i].places);
    }
    mem_free(j.writers);
    return st;
}
