/* monitor.c - look, load what looks different, sleep.
 *
 * Nothing here decides what was loaded: a load does, in its own transaction, so that a monitor may die at any
 * moment, or run twice, and every row still counts once. What is kept here only saves loads that would find
 * nothing to do, and is lost without harm. */
#include "monitor/monitor.h"

#include <time.h>

#include "monitor/look.h"

enum {
    LOCK_WAIT_US = 10 * 1000 * 1000,
    LONGEST_SETTLE_US = 1000 * 1000,
    LONGEST_PAUSE_US = 300 * 1000 * 1000, /* between tries of what failed */
    NAP_US = 20 * 1000,                   /* how soon a stop is noticed */
    ONE_PASS_LOOKS = 30,
    MOST_HELD = 10 /* looks in a row */
};

/* What is known of a mapping between two looks. */
typedef struct watched {
    uint32_t id;
    bool is_loaded;
    uint64_t fingerprint; /* loaded, or failed: */
    unsigned n_failures;
    int64_t retry_us;
} watched;

typedef struct monitor {
    warehouse *warehouse;
    const watch_options *options;
    int64_t settle_ns;
    watched *all; /* heap */
    uint32_t n_all, cap_all;
    bool is_through; /* the first pass */
    /* the pass under way */
    arena *a;
    view view;
    etl_mapping *mappings;
    uint32_t n_mappings;
    source **sources; /* [n_mappings]; several mappings may share one */
    look *looks;      /* [n_mappings] */
    uint32_t n_unsettled;
    uint32_t n_held; /* looks in a row in which facts waited for members that were being written */
    pt_status first;
    pt_err first_err;
} monitor;

/* ---- what is known ------------------------------------------------- */

static watched *find_watched(monitor *m, uint32_t id)
{
    for (uint32_t i = 0; i < m->n_all; i++)
        if (m->all[i].id == id) return &m->all[i];
    if (m->n_all == m->cap_all) {
        uint32_t cap = m->cap_all ? m->cap_all * 2 : 16;
        watched *grown = mem_grow(m->all, cap, sizeof *grown);
        if (!grown) return NULL;
        m->all = grown;
        m->cap_all = cap;
    }
    m->all[m->n_all] = (watched){.id = id};
    return &m->all[m->n_all++];
}

static void note_success(watched *x, uint64_t fingerprint)
{
    *x = (watched){.id = x->id, .is_loaded = true, .fingerprint = fingerprint};
}

/* The same content is tried again after pauses that double. */
static void note_failure(const monitor *m, watched *x, uint64_t fingerprint)
{
    int64_t pause = m->options->interval_us > 0 ? m->options->interval_us : NAP_US;
    x->is_loaded = false;
    x->n_failures = x->fingerprint == fingerprint ? x->n_failures + 1 : 1;
    x->fingerprint = fingerprint;
    for (unsigned i = 1; i < x->n_failures && pause < LONGEST_PAUSE_US; i++) pause *= 2;
    x->retry_us = limits_now_us() + (pause < LONGEST_PAUSE_US ? pause : LONGEST_PAUSE_US);
}

static bool is_due(const watched *x, uint64_t fingerprint)
{
    if (x->fingerprint != fingerprint) return true;
    return !x->is_loaded && limits_now_us() >= x->retry_us;
}

static void report(monitor *m, pt_status st, const pt_err *why)
{
    if (m->first == PT_OK) {
        m->first = st;
        m->first_err = *why;
    }
    if (m->options->on_error) m->options->on_error(m->options->ctx, why);
}

/* ---- loading ------------------------------------------------------- */

/* A mapping that is due, and how it looked. */
typedef struct due {
    const etl_mapping *mapping;
    const look *look;
} due;

static bool wants_part(void *ctx, pt_str mapping, const source_part *part)
{
    const monitor *m = ctx;
    for (uint32_t i = 0; i < m->n_mappings; i++)
        if (str_eq_fold(m->mappings[i].def->name, mapping))
            return m->looks[i].is_transactional || source_part_is_settled(part, m->settle_ns);
    return false;
}

static pt_status load_some(monitor *m, const due *list, uint32_t n, pt_err *err)
{
    load_result r;
    pt_str *names = arena_array(m->a, pt_str, n);
    if (!names) return arena_fail(m->a, err);
    for (uint32_t i = 0; i < n; i++) names[i] = list[i].mapping->def->name;
    load_options o = {.n_mappings = n,
                      .mappings = names,
                      .trusts_stamps = true,
                      .wait_us = LOCK_WAIT_US,
                      .limits = m->options->limits,
                      .wants_part = wants_part,
                      .wants_ctx = m};
    o.limits.deadline_us = 0;
    PT_TRY(etl_load(m->warehouse, &o, m->a, &r, err));
    if (r.load_id && m->options->on_load) m->options->on_load(m->options->ctx, &r);
    return PT_OK;
}

static pt_status note(monitor *m, const due *d, pt_status st)
{
    watched *x = find_watched(m, d->mapping->id);
    if (!x) return PT_NOMEM;
    if (st == PT_OK)
        note_success(x, d->look->fingerprint);
    else
        note_failure(m, x, d->look->fingerprint);
    return PT_OK;
}

/* Written by signal handlers and by other threads. */
static bool is_stopped(const watch_options *o)
{
    return o->stop && __atomic_load_n(o->stop, __ATOMIC_RELAXED);
}

/* All that is due in one load; if that fails, each on its own, so that one bad file does not hold up the
 * rest. */
static pt_status load_due(monitor *m, const due *list, uint32_t n)
{
    pt_err why = {0};
    pt_status st = load_some(m, list, n, &why);
    if (st == PT_CANCELLED) return st;
    if (st == PT_OK || st == PT_BUSY || n == 1) {
        if (st != PT_OK) report(m, st, &why);
        for (uint32_t i = 0; i < n; i++) PT_TRY(note(m, &list[i], st));
        return PT_OK;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (is_stopped(m->options)) return PT_OK;
        PT_TRY(load_due(m, &list[i], 1));
    }
    return PT_OK;
}

/* ---- one pass ------------------------------------------------------ */

/* The source of mapping i: each is opened once in a pass. */
static pt_status open_source(monitor *m, uint32_t i, pt_err *err)
{
    for (uint32_t k = 0; k < i; k++)
        if (str_eq_fold(m->mappings[k].source->name, m->mappings[i].source->name) && m->sources[k]) {
            m->sources[i] = m->sources[k];
            return PT_OK;
        }
    return source_open(m->mappings[i].source, &m->sources[i], err);
}

static void close_sources(monitor *m)
{
    for (uint32_t i = 0; i < m->n_mappings && m->sources; i++) {
        bool is_first = true;
        for (uint32_t k = 0; k < i; k++) is_first &= m->sources[k] != m->sources[i];
        if (is_first) source_close(m->sources[i]);
    }
    m->sources = NULL;
}

/* Is mapping i to be loaded? A source that cannot be looked at is a failure of the mapping. */
static pt_status check_mapping(monitor *m, uint32_t i, bool *is_wanted)
{
    pt_err why = {0};
    look *seen = &m->looks[i];
    watched *x = find_watched(m, m->mappings[i].id);
    *is_wanted = false;
    if (!x) return PT_NOMEM;
    pt_status st = open_source(m, i, &why);
    if (st == PT_OK) st = look_at(m->sources[i], &m->view, &m->mappings[i], m->settle_ns, m->a, seen, &why);
    if (st != PT_OK) {
        if (is_due(x, 0)) {
            report(m, st, &why);
            note_failure(m, x, 0);
        }
        return PT_OK;
    }
    m->n_unsettled += seen->n_unsettled + seen->is_blocked;
    *is_wanted = seen->n_parts > 0 && !seen->is_blocked && is_due(x, seen->fingerprint);
    return PT_OK;
}

/* Mappings into dimensions come first. While one of their files is being written, facts that may need its
 * members wait, but not for ever. When one has changed, all facts are looked at: rows that were rejected may
 * find their member now. */
static pt_status look_around(monitor *m, due *list, uint32_t *n)
{
    bool holds = false, has_members = false;
    for (uint32_t i = 0; i < m->n_mappings; i++) {
        bool is_wanted, into_cube = m->mappings[i].def->into_cube;
        const look *seen = &m->looks[i];
        PT_TRY(check_mapping(m, i, &is_wanted));
        if (!into_cube && m->n_unsettled) holds = m->n_held < MOST_HELD;
        if (!into_cube) has_members |= is_wanted;
        if (into_cube && has_members) is_wanted = seen->n_parts > 0 && !seen->is_blocked;
        if (is_wanted && !(holds && into_cube)) list[(*n)++] = (due){&m->mappings[i], seen};
    }
    m->n_held = holds ? m->n_held + 1 : 0;
    return PT_OK;
}

static pt_status look_and_load(monitor *m, pt_err *err)
{
    const watch_options *o = m->options;
    load_options choice = {.n_mappings = o->n_mappings, .mappings = o->mappings};
    uint32_t n = 0;
    PT_TRY(warehouse_view(m->warehouse, &m->view, err));
    PT_TRY(etl_select(&m->view, &choice, m->a, &m->mappings, &m->n_mappings, err));
    due *list = arena_array(m->a, due, m->n_mappings);
    m->looks = arena_array(m->a, look, m->n_mappings);
    m->sources = arena_array(m->a, source *, m->n_mappings);
    if (!list || !m->looks || !m->sources) return arena_fail(m->a, err);
    pt_status st = look_around(m, list, &n);
    close_sources(m); /* a database is not kept from others while we load */
    if (st != PT_OK) return pt_fail(err, st, "out of memory");
    return n ? load_due(m, list, n) : PT_OK;
}

static pt_status pass(monitor *m, pt_err *err)
{
    m->n_unsettled = m->n_mappings = 0;
    m->first = PT_OK;
    m->a = arena_new(m->options->limits.memory_bytes);
    pt_status st = m->a ? look_and_load(m, err) : pt_fail(err, PT_NOMEM, "out of memory");
    view_put(&m->view);
    arena_free(m->a);
    return st;
}

/* ---- the watch ----------------------------------------------------- */

static pt_status nap(const watch_options *o, int64_t us, pt_err *err)
{
    limits l = {.cancel = o->limits.cancel};
    for (int64_t until = limits_now_us() + us; limits_now_us() < until && !is_stopped(o);) {
        int64_t left = until - limits_now_us(), wait = left < NAP_US ? left : NAP_US;
        PT_TRY(limits_check(&l, err));
        if (wait > 0) nanosleep(&(struct timespec){.tv_nsec = wait * 1000}, NULL);
    }
    return limits_check(&l, err);
}

/* A pass that could not even begin; the first one tells the caller. */
static pt_status survive(monitor *m, pt_status st, pt_err *err)
{
    if (st == PT_OK || st == PT_CANCELLED || !m->is_through || m->options->one_pass) return st;
    report(m, st, err);
    pt_err_clear(err);
    return PT_OK;
}

static pt_status watch(monitor *m, pt_err *err)
{
    const watch_options *o = m->options;
    int64_t settle_us = m->settle_ns / 1000;
    for (int n_looks = 1; !is_stopped(o); n_looks++) {
        PT_TRY(survive(m, pass(m, err), err));
        m->is_through = true;
        bool waits = m->n_unsettled > 0 && n_looks < ONE_PASS_LOOKS;
        if (o->one_pass && m->first != PT_OK) {
            if (err) *err = m->first_err;
            return m->first;
        }
        if (o->one_pass && !waits) break;
        PT_TRY(nap(o, o->one_pass ? settle_us : o->interval_us, err));
    }
    return PT_OK;
}

pt_status monitor_watch(warehouse *w, const watch_options *o, pt_err *err)
{
    pt_err own = {0};
    int64_t settle_us = o->interval_us < LONGEST_SETTLE_US ? o->interval_us : LONGEST_SETTLE_US;
    if (settle_us < NAP_US) settle_us = NAP_US;
    monitor m = {.warehouse = w, .options = o, .settle_ns = settle_us * 1000};
    pt_status st = watch(&m, err ? err : &own);
    mem_free(m.all);
    return st;
}
