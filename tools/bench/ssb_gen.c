/* ssb_gen.c - writes the five tables of the Star Schema Benchmark at any scale.
 *
 *     ssb_gen DIR SCALE [SEED [THREADS]]
 *
 * The same scale and seed give the same bytes, whatever the number of threads: every order has a random
 * stream of its own. Orders are made in chunks by all threads and written in their order: a thread that has
 * made chunk k waits until chunk k - 1 is in the file. Chunks are handed out by rising number, so the one
 * that all wait for is always being made. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/fs.h"
#include "base/pool.h"
#include "tools/bench/ssb_tables.h"

enum { CHUNK_ORDERS = 4096, ORDER_LINES = 7, ROW_MAX = 256, THREADS_MAX = 256 };

typedef struct writer {
    ssb_sizes sizes;
    uint64_t seed;
    const uint32_t *date_keys; /* [SSB_DAYS] */
    int fd;
    const char *path;
    char *buffers[THREADS_MAX]; /* CHUNK_ORDERS * ORDER_LINES * ROW_MAX bytes, made at first use */
    pthread_mutex_t lock;       /* of what follows */
    pthread_cond_t turn;
    uint64_t n_chunks_written;
    bool has_failed;
} writer;

/* ---- rows ----------------------------------------------------------------- */

typedef struct line {
    uint64_t part, supplier, quantity, price, discount, revenue, supply_cost, tax, commit_day, mode;
} line;

static char *add(char *p, uint64_t x)
{
    char digits[20];
    size_t n = 0;
    do digits[n++] = (char)('0' + x % 10);
    while ((x /= 10) > 0);
    while (n > 0) *p++ = digits[--n];
    *p++ = ',';
    return p;
}

static char *add_text(char *p, const char *text)
{
    size_t n = strlen(text);
    memcpy(p, text, n);
    p[n] = ',';
    return p + n + 1;
}

/* Eight of every 32 numbers are used, as in TPC-H. */
static uint64_t order_key(uint64_t i)
{
    return i >> 3 << 5 | (i & 7);
}

/* In cents: from 900.00 to 2,098.99. */
static uint64_t retail_price(uint64_t part)
{
    return 90000 + part / 10 % 20001 + 100 * (part % 1000);
}

static void make_line(const writer *w, rng *r, uint64_t order_day, line *l)
{
    l->part = 1 + rng_below(r, w->sizes.n_parts);
    l->supplier = 1 + rng_below(r, w->sizes.n_suppliers);
    l->quantity = 1 + rng_below(r, 50);
    l->discount = rng_below(r, 11);
    l->tax = rng_below(r, 9);
    l->commit_day = order_day + 30 + rng_below(r, 61);
    l->mode = rng_below(r, 7);
    uint64_t price = retail_price(l->part);
    l->price = l->quantity * price;
    l->revenue = l->price * (100 - l->discount) / 100;
    l->supply_cost = 6 * price / 10;
}

/* Every third customer never orders. */
static uint64_t pick_customer(const writer *w, rng *r)
{
    uint64_t k = rng_below(r, w->sizes.n_customers - w->sizes.n_customers / 3);
    return k / 2 * 3 + k % 2 + 1;
}

static char *add_order(const writer *w, uint64_t i, char *p)
{
    static const char *const priorities[] = {"1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECI", "5-LOW"};
    static const char *const modes[] = {"REG AIR", "AIR", "RAIL", "SHIP", "TRUCK", "MAIL", "FOB"};
    rng r = rng_stream(w->seed, SSB_ORDER, i);
    uint64_t customer = pick_customer(w, &r), day = rng_below(&r, SSB_ORDER_DAYS), total = 0;
    const char *priority = priorities[rng_below(&r, 5)];
    line lines[ORDER_LINES];
    uint64_t n_lines = 1 + rng_below(&r, ORDER_LINES);
    for (uint64_t k = 0; k < n_lines; k++) {
        make_line(w, &r, day, &lines[k]);
        total += lines[k].revenue * (100 + lines[k].tax) / 100;
    }
    for (uint64_t k = 0; k < n_lines; k++) {
        const line *l = &lines[k];
        p = add(p, order_key(i));
        p = add(p, k + 1);
        p = add(p, customer);
        p = add(p, l->part);
        p = add(p, l->supplier);
        p = add(p, w->date_keys[day]);
        p = add_text(p, priority);
        p = add(p, 0);
        p = add(p, l->quantity);
        p = add(p, l->price);
        p = add(p, total);
        p = add(p, l->discount);
        p = add(p, l->revenue);
        p = add(p, l->supply_cost);
        p = add(p, l->tax);
        p = add(p, w->date_keys[l->commit_day]);
        p = add_text(p, modes[l->mode]);
        p[-1] = '\n';
    }
    return p;
}

/* ---- the file ------------------------------------------------------------- */

static pt_status write_all(const writer *w, const char *p, size_t n, pt_err *err)
{
    while (n > 0) {
        ssize_t k = write(w->fd, p, n);
        if (k < 0) return pt_fail_errno(err, PT_IO, "cannot write %s", w->path);
        p += k;
        n -= (size_t)k;
    }
    return PT_OK;
}

static pt_status write_in_turn(writer *w, uint64_t chunk, const char *bytes, size_t n, pt_err *err)
{
    pthread_mutex_lock(&w->lock);
    while (w->n_chunks_written != chunk && !w->has_failed) pthread_cond_wait(&w->turn, &w->lock);
    pt_status st =
        w->has_failed ? pt_fail(err, PT_IO, "%s is not complete", w->path) : write_all(w, bytes, n, err);
    w->n_chunks_written++;
    w->has_failed |= st != PT_OK;
    pthread_cond_broadcast(&w->turn);
    pthread_mutex_unlock(&w->lock);
    return st;
}

static pt_status write_chunk(void *ctx, unsigned worker, uint64_t chunk, pt_err *err)
{
    writer *w = ctx;
    uint64_t first = chunk * CHUNK_ORDERS, last = first + CHUNK_ORDERS;
    if (last > w->sizes.n_orders) last = w->sizes.n_orders;
    if (!w->buffers[worker]) w->buffers[worker] = mem_alloc((size_t)CHUNK_ORDERS * ORDER_LINES, ROW_MAX);
    char *buffer = w->buffers[worker], *p = buffer;
    if (buffer)
        for (uint64_t i = first; i < last; i++) p = add_order(w, i + 1, p);
    pt_status st = write_in_turn(w, chunk, buffer, (size_t)(p - buffer), err);
    return buffer ? st : pt_fail(err, PT_NOMEM, "no memory for %d orders", CHUNK_ORDERS);
}

static pt_status write_orders(const char *dir, uint64_t seed, const ssb_sizes *sizes, unsigned n_threads,
                              pt_err *err)
{
    static uint32_t date_keys[SSB_DAYS];
    char path[4096];
    writer w = {.sizes = *sizes, .seed = seed, .date_keys = date_keys, .path = path};
    for (int i = 0; i < SSB_DAYS; i++) date_keys[i] = ssb_date_key(ssb_first_day() + i);
    if (snprintf(path, sizeof path, "%s/lineorder.tbl", dir) >= (int)sizeof path)
        return pt_fail(err, PT_LIMIT, "the path %s is too long", dir);
    w.fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (w.fd < 0) return pt_fail_errno(err, PT_IO, "cannot write %s", path);
    pthread_mutex_init(&w.lock, NULL);
    pthread_cond_init(&w.turn, NULL);
    pool *p = pool_new(n_threads);
    pt_status st = PT_NOMEM;
    if (p)
        st = pool_run(p, THREADS_MAX, (sizes->n_orders + CHUNK_ORDERS - 1) / CHUNK_ORDERS, write_chunk, &w,
                      err);
    else
        pt_fail(err, PT_NOMEM, "no memory to start");
    pool_free(p);
    for (int i = 0; i < THREADS_MAX; i++) mem_free(w.buffers[i]);
    if (close(w.fd) != 0 && st == PT_OK) st = pt_fail_errno(err, PT_IO, "cannot write %s", path);
    return st;
}

/* ---- the command ---------------------------------------------------------- */

static pt_status generate(const char *dir, double scale, uint64_t seed, unsigned n_threads, pt_err *err)
{
    ssb_sizes sizes = ssb_sizes_at(scale);
    PT_TRY(fs_mkdir(dir, err));
    PT_TRY(ssb_write_dates(dir, err));
    PT_TRY(ssb_write_customers(dir, seed, sizes.n_customers, err));
    PT_TRY(ssb_write_suppliers(dir, seed, sizes.n_suppliers, err));
    PT_TRY(ssb_write_parts(dir, seed, sizes.n_parts, err));
    return write_orders(dir, seed, &sizes, n_threads, err);
}

int main(int argc, char **argv)
{
    pt_err err = {0};
    double scale = argc > 2 ? strtod(argv[2], NULL) : 0;
    if (argc < 3 || argc > 5 || !(scale > 0 && scale <= 10000)) {
        fprintf(stderr, "usage: %s DIR SCALE [SEED [THREADS]]    a scale above 0, up to 10000\n", argv[0]);
        return 2;
    }
    uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
    unsigned n_threads = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : 0;
    if (generate(argv[1], scale, seed, n_threads, &err) == PT_OK) return 0;
    fprintf(stderr, "%s: %s\n", argv[0], err.msg);
    return 1;
}
