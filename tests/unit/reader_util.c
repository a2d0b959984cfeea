/* reader_util.c - see reader_util.h. */
#include "reader_util.h"

#include <time.h>

#include "unit.h"

static void *read_on(void *arg)
{
    reader *x = arg;
    const readers *r = x->of;
    while (!atomic_load(&r->is_over)) {
        pt_err err = {0};
        view v;
        arena *a = arena_new(0);
        pt_status st = a ? warehouse_view(r->s->w, &v, &err) : PT_NOMEM;
        if (st == PT_OK) {
            uint64_t version = snapshot_version(v.snap);
            x->n_back += version < x->version;
            x->version = version;
            st = r->ask(r, x->number, &x->seed, &v, a, &err);
            view_put(&v);
        }
        x->n_failed += st != PT_OK;
        arena_free(a);
        atomic_fetch_add(&x->n_answers, 1);
    }
    return NULL;
}

void readers_start(readers *r, shop *s, reader_fn ask, void *ctx)
{
    *r = (readers){.s = s, .ask = ask, .ctx = ctx};
    for (unsigned i = 0; i < N_READERS; i++) {
        reader *x = &r->each[i];
        x->of = r;
        x->number = i;
        x->seed = i;
        assert_int_equal(pthread_create(&x->thread, NULL, read_on, x), 0);
    }
}

void readers_wait(readers *r, unsigned n_answers)
{
    for (int i = 0; i < N_READERS; i++) {
        unsigned long enough = atomic_load(&r->each[i].n_answers) + n_answers;
        while (atomic_load(&r->each[i].n_answers) < enough)
            nanosleep(&(struct timespec){.tv_nsec = 100 * 1000}, NULL);
    }
}

void readers_end(readers *r)
{
    atomic_store(&r->is_over, true);
    for (int i = 0; i < N_READERS; i++) {
        assert_int_equal(pthread_join(r->each[i].thread, NULL), 0);
        assert_int_equal(r->each[i].n_failed, 0);
        assert_int_equal(r->each[i].n_back, 0);
    }
}
