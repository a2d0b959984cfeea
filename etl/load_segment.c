/* load_segment.c - full segments on their way to the disk, while the reading goes on.
 *
 * The thread of the load prepares a job: the dimensions its rows need, order, indexes, name of the file. Any
 * thread does it. When it is done, and those before it are, the segment becomes part of the transaction.
 *
 * Indexes need to know the members. A dimension that got members from the facts is written before each
 * segment while that is cheap, and once at the end if it is large: the orders of a hundred million lines
 * would otherwise be written a hundred times. Segments before the last do without the indexes of a large
 * dimension whose new members they have; merging makes them. Members that are known keep their numbers in
 * each version, so an index made for a version holds for the later ones. */
#include <stdlib.h>

#include "etl/load_int.h"

enum {
    PATH_BYTES = 4096,
    SMALL_DIMENSION = 1 << 16, /* members that are written again and again */
    MEMORY_BYTES = 512 << 20,  /* of segments on their way, more or less */
};

typedef enum job_state { JOB_WAITS, JOB_TAKEN, JOB_DONE } job_state;

struct load_job {
    load_job *next;
    job_state state;
    seg_writer *writer;
    arena *mem; /* of what follows */
    uint32_t cube_id;
    uint64_t seg_id, version;
    char *path;
    uint32_t *sort_cols, n_sort, n_indexes;
    const uint32_t **rank_of;
    seg_index_spec *indexes;
    pt_status status;
    pt_err err;
};

unsigned load_workers(const load *l)
{
    unsigned threads = pool_threads(warehouse_pool(l->warehouse)), wanted = l->options->limits.threads;
    return wanted && wanted < threads ? wanted : threads;
}

/* ---- doing --------------------------------------------------------- */

/* Called, and returns, with the lock. */
static void do_job(load *l, load_job *j)
{
    j->state = JOB_TAKEN;
    pthread_mutex_unlock(&l->lock);
    j->status = seg_writer_finish(j->writer, j->path, j->sort_cols, j->rank_of, j->n_sort, j->indexes,
                                  j->n_indexes, j->version, &j->err);
    seg_writer_free(j->writer);
    j->writer = NULL;
    pthread_mutex_lock(&l->lock);
    j->state = JOB_DONE;
    l->n_open_jobs--;
    pthread_cond_broadcast(&l->changed);
}

bool load_segment_work(load *l)
{
    load_job *j = l->jobs;
    while (j && j->state != JOB_WAITS) j = j->next;
    if (j) do_job(l, j);
    return j != NULL;
}

/* ---- preparing ----------------------------------------------------- */

static pt_status write_dims(load *l, load_cube *c, bool is_last)
{
    for (uint32_t r = 0; r < c->cube->n_roles; r++) {
        load_dim *d = c->dims[r];
        if (d->edit && (is_last || dim_edit_count(d->edit) <= SMALL_DIMENSION)) PT_TRY(load_dim_write(l, d));
    }
    return load_cube_show(l, c, is_last);
}

/* Leave out what is known of members only in part: order such a role by id, without indexes. */
static void leave_out(load_job *j, const load_cube *c)
{
    for (uint32_t r = 0; r < c->cube->n_roles; r++) {
        uint32_t n = 0;
        if (seg_writer_max_id(j->writer, r) < dim_count(c->views[r])) continue;
        for (uint32_t i = 0; i < j->n_sort; i++)
            if (j->sort_cols[i] == r) j->rank_of[i] = NULL;
        for (uint32_t i = 0; i < j->n_indexes; i++)
            if (j->indexes[i].column != r) j->indexes[n++] = j->indexes[i];
        j->n_indexes = n;
    }
}

static pt_status prepare(load *l, load_cube *c, load_job *j)
{
    const uint32_t *const *rank_of;
    PT_TRY(cube_segment_layout(c->cube, c->views, j->mem, &j->sort_cols, &rank_of, &j->n_sort, &j->indexes,
                               &j->n_indexes, l->err));
    j->rank_of = arena_array(j->mem, const uint32_t *, j->n_sort);
    j->path = arena_array(j->mem, char, PATH_BYTES);
    if (!j->rank_of || !j->path) return arena_fail(j->mem, l->err);
    for (uint32_t i = 0; i < j->n_sort; i++) j->rank_of[i] = rank_of[i];
    leave_out(j, c);
    j->cube_id = c->cube->id;
    j->version = txn_version(l->txn);
    return txn_segment_path(l->txn, &j->seg_id, j->path, PATH_BYTES, l->err);
}

/* ---- collecting ---------------------------------------------------- */

static void free_job(load_job *j)
{
    seg_writer_free(j->writer);
    arena_free(j->mem);
    mem_free(j);
}

/* Segments that are done, as far as those before them are too. */
static pt_status collect(load *l)
{
    for (;;) {
        pthread_mutex_lock(&l->lock);
        load_job *j = l->jobs && l->jobs->state == JOB_DONE ? l->jobs : NULL;
        if (j) l->jobs = j->next;
        if (!l->jobs) l->last_job = &l->jobs;
        pthread_mutex_unlock(&l->lock);
        if (!j) return PT_OK;
        pt_status st = j->status;
        if (st != PT_OK)
            *l->err = j->err;
        else
            st = txn_add_segment(l->txn, j->cube_id, j->seg_id, l->id, l->err);
        free_job(j);
        if (st != PT_OK) return st;
    }
}

/* Segments of this size that may be on their way at once. */
static uint32_t max_open(const load *l, uint64_t size_bytes)
{
    uint64_t n = MEMORY_BYTES / (size_bytes ? size_bytes : 1);
    unsigned workers = load_workers(l);
    if (workers <= 1 || n < 1) return n < 1 && workers > 1 ? 1 : 0;
    return n < workers ? (uint32_t)n : workers;
}

/* Until at most n are on their way, write, or wait for those that do. */
static void settle(load *l, uint32_t n)
{
    pthread_mutex_lock(&l->lock);
    while (l->n_open_jobs > n)
        if (!load_segment_work(l)) pthread_cond_wait(&l->changed, &l->lock);
    pthread_mutex_unlock(&l->lock);
}

pt_status load_segment_put(load *l, load_cube *c, seg_writer *w, bool is_last)
{
    uint64_t size_bytes = seg_writer_bytes(w);
    load_job *j = mem_alloc(1, sizeof *j);
    arena *mem = arena_new(0);
    if (!j || !mem) {
        seg_writer_free(w);
        arena_free(mem);
        mem_free(j);
        return pt_fail(l->err, PT_NOMEM, "out of memory");
    }
    *j = (load_job){.writer = w, .mem = mem};
    pt_status st = write_dims(l, c, is_last);
    if (st == PT_OK) st = prepare(l, c, j);
    if (st != PT_OK) {
        free_job(j);
        return st;
    }
    pthread_mutex_lock(&l->lock);
    *l->last_job = j;
    l->last_job = &j->next;
    l->n_open_jobs++;
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->lock);
    settle(l, max_open(l, size_bytes));
    return collect(l);
}

static pt_status do_rest(void *ctx, unsigned worker, uint64_t task, pt_err *err)
{
    load *l = ctx;
    (void)worker, (void)task, (void)err;
    pthread_mutex_lock(&l->lock);
    (void)load_segment_work(l);
    pthread_mutex_unlock(&l->lock);
    return PT_OK;
}

pt_status load_segment_finish(load *l)
{
    PT_TRY(load_progress(l, "writing segments", 0, l->n_open_jobs, "segments"));
    PT_TRY(pool_run(warehouse_pool(l->warehouse), load_workers(l), l->n_open_jobs, do_rest, l, l->err));
    settle(l, 0);
    return collect(l);
}

void load_segment_free(load *l)
{
    while (l->jobs) {
        load_job *j = l->jobs;
        l->jobs = j->next;
        free_job(j);
    }
}
