/* reader_util.h - for tests of what threads share: several ask while the test publishes. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "engine_util.h"

enum { N_READERS = 4 };

struct readers;

/* Asks something of the view; `seed` is the reader's own. What it counts goes to all->ctx by number of the
 * reader: each is one thread. */
typedef pt_status (*reader_fn)(const struct readers *all, unsigned number, uint64_t *seed, const view *v,
                               arena *a, pt_err *err);

typedef struct reader {
    const struct readers *of;
    unsigned number;
    pthread_t thread;
    uint64_t seed, version, n_failed, n_back; /* only the reader writes them until it has ended */
    atomic_ulong n_answers;
} reader;

typedef struct readers {
    shop *s;
    reader_fn ask;
    void *ctx;
    atomic_bool is_over;
    reader each[N_READERS];
} readers;

void readers_start(readers *r, shop *s, reader_fn ask, void *ctx);
/* Let every reader answer so many times more, so that it meets this version, and what is kept of it. */
void readers_wait(readers *r, unsigned n_answers);
/* Join them. None has failed, or met an older version than before. */
void readers_end(readers *r);
