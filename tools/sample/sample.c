/* sample.c - the parts of the sample as tasks for a pool of threads: the dimensions are one task, each month
 * another. */
#include "tools/sample/sample.h"

#include <dirent.h>
#include <pthread.h>
#include <string.h>

#include "base/arena.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/pool.h"
#include "tools/sample/dimensions.h"
#include "tools/sample/facts.h"

/* ---- options -------------------------------------------------------------- */

static pt_status between(const char *name, uint64_t value, uint64_t min, uint64_t max, pt_err *err)
{
    if (value >= min && value <= max) return PT_OK;
    return pt_fail(err, PT_USAGE, "--%s must be between %llu and %llu, not %llu", name,
                   (unsigned long long)min, (unsigned long long)max, (unsigned long long)value);
}

static uint32_t clamp(uint64_t x, uint32_t min, uint32_t max)
{
    return x < min ? min : x > max ? max : (uint32_t)x;
}

pt_status sample_check(sample_options *o, pt_err *err)
{
    PT_TRY(between("rows", o->n_rows, SAMPLE_MIN_ROWS, SAMPLE_MAX_ROWS, err));
    if (!o->n_customers) o->n_customers = clamp(o->n_rows / 40, 500, 5000000);
    if (!o->n_products) o->n_products = 1500;
    if (!o->n_stores) o->n_stores = 120;
    if (!o->first_year) o->first_year = 2022;
    if (!o->n_years) o->n_years = 3;
    PT_TRY(between("customers", o->n_customers, 100, SAMPLE_MAX_CUSTOMERS, err));
    PT_TRY(between("products", o->n_products, 100, SAMPLE_MAX_PRODUCTS, err));
    PT_TRY(between("stores", o->n_stores, 1, SAMPLE_MAX_STORES, err));
    PT_TRY(between("years", o->n_years, 1, SAMPLE_MAX_YEARS, err));
    if (o->first_year < 1900 || o->first_year > 9000)
        return pt_fail(err, PT_USAGE, "--from must be between 1900 and 9000, not %d", o->first_year);
    return PT_OK;
}

/* ---- the directory -------------------------------------------------------- */

static pt_status prepare_dir(const char *dir, bool overwrite, pt_err *err)
{
    PT_TRY(fs_mkdir(dir, err));
    DIR *d = opendir(dir);
    if (!d) return pt_fail_errno(err, PT_IO, "cannot read %s", dir);
    bool is_empty = true;
    for (struct dirent *e; is_empty && (e = readdir(d));)
        is_empty = !strcmp(e->d_name, ".") || !strcmp(e->d_name, "..");
    closedir(d);
    if (is_empty || overwrite) return PT_OK;
    pt_fail(err, PT_EXISTS, "there are files in %s already", dir);
    return pt_hint(err, "name another directory, or write into this one with --overwrite");
}

/* ---- running -------------------------------------------------------------- */

enum { PROGRESS_US = 100000 };

typedef struct run {
    const world *w;
    const char *dir;
    sample_progress_fn progress;
    void *progress_ctx;
    pthread_mutex_t lock; /* of what follows */
    uint64_t rows_done, n_bytes;
    int64_t told_us;
} run;

static pt_status tick(void *ctx, uint64_t rows, pt_err *err)
{
    run *r = ctx;
    int stop = 0;
    pthread_mutex_lock(&r->lock);
    r->rows_done += rows;
    int64_t now = limits_now_us();
    if (r->progress && (now - r->told_us >= PROGRESS_US || r->rows_done == r->w->o.n_rows)) {
        r->told_us = now;
        stop = r->progress(r->progress_ctx, r->rows_done, r->w->o.n_rows);
    }
    pthread_mutex_unlock(&r->lock);
    return stop ? pt_fail(err, PT_CANCELLED, "cancelled; the sample in %s is not complete", r->dir) : PT_OK;
}

static pt_status write_dimensions(const run *r, pt_err *err)
{
    PT_TRY(dimensions_write_stores(r->w, r->dir, err));
    PT_TRY(dimensions_write_departments(r->dir, err));
    PT_TRY(dimensions_write_products(r->w, r->dir, err));
    PT_TRY(dimensions_write_customers(r->w, r->dir, err));
    return dimensions_write_scripts(r->w, r->dir, err);
}

static pt_status run_task(void *ctx, unsigned worker, uint64_t task, pt_err *err)
{
    (void)worker;
    run *r = ctx;
    if (task == 0) return write_dimensions(r, err);
    uint64_t n_bytes = 0;
    PT_TRY(facts_write_month(r->w, r->dir, (uint32_t)task - 1, tick, r, &n_bytes, err));
    pthread_mutex_lock(&r->lock);
    r->n_bytes += n_bytes;
    pthread_mutex_unlock(&r->lock);
    return PT_OK;
}

pt_status sample_write(const char *dir, const sample_options *options, sample_progress_fn progress, void *ctx,
                       sample_counts *counts, pt_err *err)
{
    sample_options o = *options;
    PT_TRY(sample_check(&o, err));
    PT_TRY(prepare_dir(dir, o.overwrite, err));
    pt_status st;
    world *w = NULL;
    pool *p = NULL;
    arena *a = arena_new(0);
    run r = {.dir = dir, .progress = progress, .progress_ctx = ctx, .lock = PTHREAD_MUTEX_INITIALIZER};

    if (!a || !(p = pool_new(o.threads))) {
        st = pt_fail(err, PT_NOMEM, "no memory to start");
        goto done;
    }
    if ((st = world_make(&o, a, &w, err)) != PT_OK) goto done;
    r.w = w;
    st = pool_run(p, 0, 1 + w->n_months, run_task, &r, err);
    *counts = (sample_counts){.n_rows = r.rows_done, .n_bytes = r.n_bytes, .n_customers = o.n_customers};
    counts->n_products = o.n_products;
    counts->n_stores = o.n_stores;
    counts->n_departments = goods_n_departments;
    counts->n_files = w->n_months;
done:
    if (p) pool_free(p);
    if (a) arena_free(a);
    return st;
}
