/* agg_spill.c - writing groups as sorted runs, merging the runs, and cells from the last one.
 *
 * A record is a key and its accumulator, in 64-bit words. All runs are in one file; a run's place is taken
 * before it is written, so workers write side by side. Runs are merged MERGE_FANIN at a time, the oldest
 * first, until one is left; its length is the number of cells. */
#include "engine/agg_spill.h"

#include "base/fs.h"
#include "engine/radix.h"

enum {
    MERGE_FANIN = 32,
    BUFFER_MOST = 64 << 10,
    BUFFER_LEAST = 4 << 10,
    FIRST_RUNS = 64,
    CHECK_EVERY = 4096
};

bool agg_spill_is_possible(const agg_plan *p, const limits *l)
{
    return l->spill_directory && !p->is_direct && !p->has_trees && p->n_distinct == 0;
}

void agg_spill_init(agg_spill *s, const agg_plan *p, agg_memory *mem, const limits *l, unsigned n_workers)
{
    size_t left = mem_budget_left(mem->shared);
    *s = (agg_spill){.plan = p, .mem = mem, .limits = l, .fd = -1};
    s->share_bytes = left == SIZE_MAX ? left : left / 4 * 3 / n_workers;
    pthread_mutex_init(&s->lock, NULL);
}

void agg_spill_done(agg_spill *s)
{
    if (!s->plan) return;
    fs_close_scratch(s->fd);
    agg_give_back(s->mem, s->runs, s->cap, sizeof *s->runs);
    pthread_mutex_destroy(&s->lock);
    *s = (agg_spill){0};
}

/* ---- the file ----------------------------------------------------------------------- */

static size_t record_words(const agg_spill *s)
{
    return s->plan->n_words + s->plan->stride;
}

/* What helps if the file cannot be made, or not be written. */
static pt_status advise_directory(pt_err *err)
{
    return pt_hint(
        err, "groups that do not fit into memory go there: name another directory with --spill-dir, or raise "
             "the memory limit with SET LIMIT MEMORY = '<n> MB'");
}

static pt_status advise_room(const agg_spill *s, pt_err *err)
{
    return pt_hint(err,
                   "make room in '%s', raise the memory limit with SET LIMIT MEMORY = '<n> MB', or ask for "
                   "fewer members",
                   s->limits->spill_directory);
}

/* Room in the file for a run of at most n records. */
static pt_status take_place(agg_spill *s, uint64_t n, uint64_t *at, pt_err *err)
{
    pt_status st = PT_OK;
    pthread_mutex_lock(&s->lock);
    if (s->fd < 0) st = fs_open_scratch(s->limits->spill_directory, &s->fd, err);
    *at = s->end;
    s->end += n * record_words(s) * sizeof(uint64_t);
    pthread_mutex_unlock(&s->lock);
    return st == PT_OK ? PT_OK : advise_directory(err);
}

/* The run has been written. */
static pt_status add_run(agg_spill *s, spill_run r, pt_err *err)
{
    pt_status st = PT_OK;
    pthread_mutex_lock(&s->lock);
    if (s->n == s->cap) {
        uint32_t cap = s->cap ? s->cap * 2 : FIRST_RUNS;
        st = agg_grow(s->mem, (void **)&s->runs, s->cap, cap, sizeof *s->runs, err);
        if (st == PT_OK) s->cap = cap;
    }
    if (st == PT_OK) {
        s->runs[s->n++] = r;
        s->n_bytes += r.n * record_words(s) * sizeof(uint64_t);
    }
    pthread_mutex_unlock(&s->lock);
    return st;
}

/* Records on their way to the file. */
typedef struct writer {
    agg_spill *s;
    uint64_t *buffer;
    size_t n, cap; /* words */
    uint64_t at;   /* of the next byte */
} writer;

static pt_status put_bytes(writer *w, const uint64_t *words, size_t n, pt_err *err)
{
    if (fs_write_at(w->s->fd, words, n * sizeof *words, w->at, err) != PT_OK) return advise_room(w->s, err);
    w->at += n * sizeof *words;
    return PT_OK;
}

static pt_status flush(writer *w, pt_err *err)
{
    size_t n = w->n;
    w->n = 0;
    return n ? put_bytes(w, w->buffer, n, err) : PT_OK;
}

static pt_status put(writer *w, const uint64_t *words, size_t n, pt_err *err)
{
    if (n > w->cap - w->n) PT_TRY(flush(w, err));
    if (n > w->cap) return put_bytes(w, words, n, err);
    memcpy(w->buffer + w->n, words, n * sizeof *words);
    w->n += n;
    return PT_OK;
}

/* ---- a run of groups ------------------------------------------------------------------ */

/* The hash table has two entries for each slot, each as large as a pair to sort: it is the room for sorting,
 * and then half of it for writing. */
_Static_assert(sizeof(agg_entry) == sizeof(radix_pair), "the table is used as room for sorting");

static pt_status write_groups(agg_spill *s, agg_groups *g, writer *w, const radix_pair *order, pt_err *err)
{
    uint32_t n_words = s->plan->n_words, stride = s->plan->stride;
    for (uint64_t i = 0; i < g->n; i++) {
        uint64_t slot = order[i].tow, *acc = agg_acc(g, slot);
        if (i % CHECK_EVERY == 0) PT_TRY(limits_check(s->limits, err));
        if (s->plan->has_doubles) agg_carry(s->plan, acc);
        PT_TRY(put(w, g->keys + slot * n_words, n_words, err));
        PT_TRY(put(w, acc, stride, err));
    }
    return flush(w, err);
}

pt_status agg_spill_groups(agg_spill *s, agg_groups *g, pt_err *err)
{
    spill_run r = {.n = g->n};
    if (g->n == 0) return PT_OK;
    PT_TRY(take_place(s, r.n, &r.at, err));
    radix_pair *room = (radix_pair *)(void *)g->table, *order = agg_groups_order(g, room);
    size_t n_room = (size_t)1 << g->table_bits;
    radix_pair *rest = order == room ? room + g->n : room;
    writer w = {.s = s, .at = r.at, .buffer = (uint64_t *)(void *)rest};
    w.cap = (order == room ? n_room - g->n : g->n) * (sizeof *room / sizeof *w.buffer);
    PT_TRY(write_groups(s, g, &w, order, err));
    agg_groups_clear(g);
    return add_run(s, r, err);
}

/* ---- merging ---------------------------------------------------------------------------- */

typedef struct reader {
    const agg_spill *s;
    uint64_t at, left; /* of the file; records not yet in the buffer */
    uint64_t *buffer;
    size_t i, n, cap; /* records of the buffer */
} reader;

static const uint64_t *record_at(const reader *r)
{
    return r->buffer + r->i * record_words(r->s);
}

/* Fill the buffer if it has been read; false in *has_more at the end. */
static pt_status look(reader *r, bool *has_more, pt_err *err)
{
    *has_more = true;
    if (r->i < r->n) return PT_OK;
    r->i = 0;
    r->n = r->left < r->cap ? (size_t)r->left : r->cap;
    *has_more = r->n > 0;
    if (r->n == 0) return PT_OK;
    size_t n_bytes = r->n * record_words(r->s) * sizeof *r->buffer;
    PT_TRY(fs_read_at(r->s->fd, r->buffer, n_bytes, r->at, err));
    r->at += n_bytes;
    r->left -= r->n;
    return PT_OK;
}

/* Several runs on their way to one. */
typedef struct merge {
    agg_spill *s;
    uint64_t *buffers; /* [MERGE_FANIN + 1] of `cap` records: of readers, and of the writer */
    size_t cap;
    reader readers[MERGE_FANIN];
    uint32_t heap[MERGE_FANIN], n; /* readers with a record at hand, that with the smallest key first */
    uint64_t *sum;                 /* the record that is summed up */
} merge;

static int cmp_keys(const agg_spill *s, const uint64_t *x, const uint64_t *y)
{
    for (uint32_t i = 0; i < s->plan->n_words; i++)
        if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
    return 0;
}

static bool is_before(const merge *m, uint32_t x, uint32_t y)
{
    return cmp_keys(m->s, record_at(&m->readers[x]), record_at(&m->readers[y])) < 0;
}

static void sift_down(merge *m, uint32_t at)
{
    for (uint32_t down; (down = 2 * at + 1) < m->n; at = down) {
        if (down + 1 < m->n && is_before(m, m->heap[down + 1], m->heap[down])) down++;
        if (!is_before(m, m->heap[down], m->heap[at])) return;
        uint32_t swap = m->heap[at];
        m->heap[at] = m->heap[down];
        m->heap[down] = swap;
    }
}

/* The reader at the top goes on to its next record. */
static pt_status step(merge *m, pt_err *err)
{
    bool has_more;
    reader *r = &m->readers[m->heap[0]];
    r->i++;
    PT_TRY(look(r, &has_more, err));
    if (!has_more) m->heap[0] = m->heap[--m->n];
    sift_down(m, 0);
    return PT_OK;
}

static pt_status begin(merge *m, const spill_run *runs, uint32_t n, pt_err *err)
{
    m->n = 0;
    for (uint32_t i = 0; i < n; i++) {
        bool has_more;
        m->readers[i] = (reader){.s = m->s,
                                 .at = runs[i].at,
                                 .left = runs[i].n,
                                 .cap = m->cap,
                                 .buffer = m->buffers + i * m->cap * record_words(m->s)};
        PT_TRY(look(&m->readers[i], &has_more, err));
        if (has_more) m->heap[m->n++] = i;
    }
    for (uint32_t i = m->n / 2; i-- > 0;) sift_down(m, i);
    return PT_OK;
}

/* The smallest key, with all that is known of it, into m->sum. */
static pt_status take_group(merge *m, pt_err *err)
{
    const agg_plan *p = m->s->plan;
    memcpy(m->sum, record_at(&m->readers[m->heap[0]]), record_words(m->s) * sizeof *m->sum);
    PT_TRY(step(m, err));
    while (m->n > 0) {
        const uint64_t *next = record_at(&m->readers[m->heap[0]]);
        if (cmp_keys(m->s, next, m->sum) != 0) break;
        agg_combine(p, m->sum + p->n_words, next + p->n_words);
        PT_TRY(step(m, err));
    }
    if (p->has_doubles) agg_carry(p, m->sum + p->n_words);
    return PT_OK;
}

static pt_status merge_some(merge *m, const spill_run *runs, uint32_t n, spill_run *out, pt_err *err)
{
    uint64_t most = 0;
    size_t n_words = record_words(m->s);
    for (uint32_t i = 0; i < n; i++) most += runs[i].n;
    *out = (spill_run){0};
    PT_TRY(take_place(m->s, most, &out->at, err));
    PT_TRY(begin(m, runs, n, err));
    writer w = {.s = m->s, .at = out->at, .cap = m->cap * n_words};
    w.buffer = m->buffers + MERGE_FANIN * m->cap * n_words;
    while (m->n > 0) {
        if (out->n % CHECK_EVERY == 0) PT_TRY(limits_check(m->s->limits, err));
        PT_TRY(take_group(m, err));
        PT_TRY(put(&w, m->sum, n_words, err));
        out->n++;
    }
    return flush(&w, err);
}

/* Until one run is left. What it was made of is given back to the disk. */
static pt_status merge_all(merge *m, pt_err *err)
{
    agg_spill *s = m->s;
    for (uint32_t at = 0; s->n - at > 1;) {
        spill_run some[MERGE_FANIN], out;
        uint32_t n = s->n - at < MERGE_FANIN ? s->n - at : MERGE_FANIN;
        memcpy(some, s->runs + at, n * sizeof *some);
        at += n;
        PT_TRY(merge_some(m, some, n, &out, err));
        for (uint32_t i = 0; i < n; i++)
            fs_punch_hole(s->fd, some[i].at, some[i].n * record_words(s) * sizeof(uint64_t));
        PT_TRY(add_run(s, out, err));
    }
    return PT_OK;
}

static pt_status merge_open(agg_spill *s, merge *m, pt_err *err)
{
    size_t n_bytes = mem_budget_left(s->mem->shared) / 2 / MERGE_FANIN, n_words = record_words(s);
    if (n_bytes > BUFFER_MOST) n_bytes = BUFFER_MOST;
    if (n_bytes < BUFFER_LEAST) n_bytes = BUFFER_LEAST;
    *m = (merge){.s = s, .cap = n_bytes / sizeof(uint64_t) / n_words};
    if (m->cap == 0) m->cap = 1;
    PT_TRY(agg_grow(s->mem, (void **)&m->sum, 0, n_words, sizeof *m->sum, err));
    return agg_grow(s->mem, (void **)&m->buffers, 0, m->cap * (MERGE_FANIN + 1), n_words * sizeof *m->buffers,
                    err);
}

static void merge_close(merge *m)
{
    size_t n_words = record_words(m->s);
    agg_give_back(m->s->mem, m->sum, n_words, sizeof *m->sum);
    agg_give_back(m->s->mem, m->buffers, m->cap * (MERGE_FANIN + 1), n_words * sizeof *m->buffers);
}

/* ---- cells ---------------------------------------------------------------------------------- */

static pt_status make_cells(const agg_spill *s, uint64_t n, arena *a, agg_result *out, pt_err *err)
{
    if ((s->limits->cells && n > s->limits->cells) || n > UINT32_MAX)
        return agg_too_many_cells(s->limits->cells, err);
    out->n_cells = (uint32_t)n;
    out->coords = arena_array(a, uint32_t *, out->n_axes);
    out->values = arena_array(a, pt_value *, out->n_measures);
    if (!out->coords || !out->values) return arena_fail(a, err);
    for (uint32_t k = 0; k < out->n_axes; k++)
        if (!(out->coords[k] = arena_array(a, uint32_t, n))) return arena_fail(a, err);
    for (uint32_t k = 0; k < out->n_measures; k++)
        if (!(out->values[k] = arena_array(a, pt_value, n))) return arena_fail(a, err);
    return PT_OK;
}

static pt_status put_cell(const agg_plan *p, const uint64_t *record, uint64_t i, agg_result *out, pt_err *err)
{
    for (uint32_t k = 0; k < p->n_axes; k++) {
        uint64_t d = agg_key_digit(&p->axes[k], record);
        out->coords[k][i] = p->axes[k].rank_of ? p->axes[k].rank_of[d] : (uint32_t)d;
    }
    for (uint32_t k = 0; k < out->n_measures; k++) {
        const measure *m = &p->req->cube->measures[p->req->measures[k]];
        const agg_column *c = p->measure_at[k] == MEMBER_NONE ? NULL : &p->columns[p->measure_at[k]];
        PT_TRY(agg_value(m, c, record + p->n_words, &out->values[k][i], err));
    }
    return PT_OK;
}

static pt_status read_cells(merge *m, arena *a, agg_result *out, pt_err *err)
{
    agg_spill *s = m->s;
    const spill_run last = s->n ? s->runs[s->n - 1] : (spill_run){0};
    PT_TRY(make_cells(s, last.n, a, out, err));
    PT_TRY(begin(m, &last, 1, err));
    for (uint64_t i = 0; m->n > 0; i++) {
        if (i % CHECK_EVERY == 0) PT_TRY(limits_check(s->limits, err));
        PT_TRY(put_cell(s->plan, record_at(&m->readers[0]), i, out, err));
        PT_TRY(step(m, err));
    }
    out->n_spilled_bytes = s->n_bytes;
    return PT_OK;
}

pt_status agg_spill_result(agg_spill *s, arena *a, agg_result *out, pt_err *err)
{
    merge m;
    pt_status st = merge_open(s, &m, err);
    if (st == PT_OK) st = merge_all(&m, err);
    if (st == PT_OK) st = read_cells(&m, a, out, err);
    merge_close(&m);
    return st;
}
