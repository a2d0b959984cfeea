/* test_spill.c - groups that do not fit into memory: spilled to disk they give, to the bit, what they give in
 * memory, whatever the limit and the number of threads; and nothing is left behind. `test_spill SEED N` runs
 * N worlds from a seed of one's own. */
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "engine_util.h"
#include "unit.h"

enum { N_ROLES = 6, MOST_MEMBERS = 4000, MAX_AXES = 6, MAX_MEASURES = 9 };

#ifdef __SANITIZE_THREAD__
enum { N_SEEDS = 1, MOST_ROWS = 60000 };
#else
enum { N_SEEDS = 3, MOST_ROWS = 120000 };
#endif

static const char definitions[] =
    "CREATE DIMENSION [Thing] (KEY id INTEGER, ATTRIBUTE p INTEGER,"
    "  HIERARCHY [Thing] ALL (LEVEL [P] BY p, LEVEL [Id] BY id));"
    "CREATE CUBE [C] (DIMENSION [Thing] AS [A], DIMENSION [Thing] AS [B], DIMENSION [Thing] AS [D],"
    "  DIMENSION [Thing] AS [E], DIMENSION [Thing] AS [F], DIMENSION [Thing] AS [G],"
    "  MEASURE [n] COUNT(*), MEASURE [ci] COUNT(i), MEASURE [si] SUM(i) INTEGER, MEASURE [li] MIN(i),"
    "  MEASURE [hi] MAX(i), MEASURE [sf] SUM(f) DOUBLE, MEASURE [hf] MAX(f), MEASURE [sb] SUM(b) INTEGER,"
    "  MEASURE [sq] SUM(b * b));";

typedef struct world {
    uint64_t seed;
    shop *s;
    uint32_t n_members, n_rows;
    uint32_t n_spilled, n_failed; /* answers from disk; requests that did not fit even so */
} world;

static uint32_t roll(world *w, uint32_t n)
{
    return (uint32_t)(unit_random(&w->seed) % n);
}

static void put_members(world *w)
{
    pt_value *v = calloc(w->n_members * 2, sizeof *v);
    for (uint32_t i = 0; i < w->n_members; i++) {
        v[i * 2] = value_int(i);
        v[i * 2 + 1] = value_int(i / 3);
    }
    shop_members(w->s, "Thing", w->n_members, v, 0);
    free(v);
}

/* Some members have many facts: their groups are in all runs. */
static void put_facts(world *w)
{
    const cube *c = shop_cube(w->s, "C");
    uint32_t *ids[N_ROLES], n = w->n_rows;
    int64_t *values[4];
    uint8_t *nulls = calloc(n, 1);
    seg_batch columns[N_ROLES + 4] = {0};
    assert_true(c->n_roles == N_ROLES && c->n_columns <= 4);
    for (uint32_t i = 0; i < N_ROLES; i++) {
        columns[i].ids = ids[i] = calloc(n, sizeof **ids);
        for (uint32_t r = 0; r < n; r++) ids[i][r] = roll(w, r % 4 ? w->n_members : 12);
    }
    for (uint32_t r = 0; r < n; r++) nulls[r] = roll(w, 7) == 0;
    for (uint32_t k = 0; k < c->n_columns; k++) {
        bool is_double = c->columns[k].type == TYPE_DOUBLE, is_big = str_eq(c->columns[k].name, STR("b"));
        values[k] = calloc(n, sizeof **values);
        for (uint32_t r = 0; r < n; r++) {
            int64_t bits = (int64_t)unit_random(&w->seed);
            double d = (double)(bits >> 20) / 4096;
            if (is_double)
                memcpy(&values[k][r], &d, sizeof d);
            else
                values[k][r] = is_big ? bits >> 8 : bits % 1000; /* the squares need 192 bits */
        }
        if (is_double)
            columns[N_ROLES + k].doubles = (const double *)(const void *)values[k];
        else
            columns[N_ROLES + k].ints = values[k];
        columns[N_ROLES + k].nulls = nulls;
    }
    uint32_t n_columns = c->n_columns;
    shop_facts(w->s, "C", n, columns);
    shop_view(w->s);
    for (uint32_t i = 0; i < N_ROLES; i++) free(ids[i]);
    for (uint32_t k = 0; k < n_columns; k++) free(values[k]);
    free(nulls);
}

static void open_world(world *w, uint64_t seed)
{
    *w = (world){.seed = seed};
    w->n_members = 3000 + roll(w, MOST_MEMBERS - 3000);
    w->n_rows = MOST_ROWS - roll(w, MOST_ROWS / 3);
    w->s = shop_open(4);
    shop_define(w->s, definitions);
    put_members(w);
    put_facts(w);
}

/* ---- asking ------------------------------------------------------------------------- */

typedef struct question {
    agg_axis axes[MAX_AXES];
    uint32_t measures[MAX_MEASURES];
    agg_request req;
} question;

/* Two or more large levels, with all of them keys of two words, and some measures. */
static void some_question(world *w, question *q)
{
    const cube *c = shop_cube(w->s, "C");
    uint32_t n_axes = 2 + roll(w, MAX_AXES - 1), first = roll(w, N_ROLES);
    if (n_axes > MAX_AXES) n_axes = MAX_AXES;
    *q = (question){.req = {.cube = c, .no_cache = true}};
    for (uint32_t i = 0; i < n_axes; i++)
        q->axes[i] = (agg_axis){.hier = (first + i) % N_ROLES, .level = i < 2 ? 1 : roll(w, 2)};
    for (uint32_t m = 0; m < c->n_measures && q->req.n_measures < MAX_MEASURES; m++)
        if (roll(w, 2)) q->measures[q->req.n_measures++] = m;
    q->req.axes = q->axes;
    q->req.n_axes = n_axes;
    q->req.measures = q->measures;
}

static pt_status ask(world *w, const question *q, const limits *l, arena *a, agg_result *out, pt_err *err)
{
    return aggregate_run(&w->s->v, warehouse_pool(w->s->w), l, &q->req, a, out, err);
}

/* Within a limit, on disk if need be. */
static void ask_within(world *w, const question *q, const agg_result *want, size_t limit, unsigned threads)
{
    pt_err err = {0};
    agg_result got;
    arena *a = arena_new_shared(limit);
    limits l = {
        .memory_bytes = limit, .memory = arena_shared(a), .threads = threads, .spill_directory = w->s->dir};
    pt_status st = ask(w, q, &l, a, &got, &err);
    if (st == PT_NOMEM) {
        w->n_failed++;
    } else {
        assert_ok(st);
        shop_same_result(want, &got);
        w->n_spilled += got.n_spilled_bytes > 0;
    }
    assert_true(arena_shared(a)->peak_bytes <= limit);
    assert_true(arena_shared(a)->used_bytes < limit);
    arena_free(a);
}

/* What a request needs when nothing is short, and its answer. */
static size_t ask_freely(world *w, const question *q, arena *a, agg_result *out)
{
    pt_err err = {0};
    limits l = {.memory = arena_shared(a), .spill_directory = w->s->dir};
    assert_ok(ask(w, q, &l, a, out, &err));
    assert_int_equal(out->n_spilled_bytes, 0);
    return arena_shared(a)->peak_bytes;
}

static void run_world(world *w, uint64_t seed, unsigned n_questions)
{
    static const unsigned threads[] = {1, 2, 4};
    open_world(w, seed);
    for (unsigned i = 0; i < n_questions; i++) {
        question q;
        agg_result want;
        arena *a = arena_new_shared(0);
        some_question(w, &q);
        size_t most = ask_freely(w, &q, a, &want), least = arena_used(a);
        for (unsigned k = 0; k < 3; k++)
            ask_within(w, &q, &want, least + (most - least) / 8 * (1 + 2 * k), threads[roll(w, 3)]);
        arena_free(a);
    }
    shop_close(w->s);
}

static void spilled_groups_give_the_same_answers(void **state)
{
    uint32_t n_spilled = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= N_SEEDS; seed++) {
        world w;
        run_world(&w, seed, 5);
        n_spilled += w.n_spilled;
    }
    assert_true(n_spilled >= 5 * N_SEEDS); /* of fifteen in each world */
}

/* ---- what goes wrong ------------------------------------------------------------------ */

/* Temporary files that have a name in the directory. */
static unsigned count_named(const char *dir)
{
    unsigned n = 0;
    const struct dirent *e;
    DIR *d = opendir(dir);
    assert_non_null(d);
    while ((e = readdir(d))) n += strncmp(e->d_name, "spill-", 6) == 0;
    closedir(d);
    return n;
}

/* Open files of the process that have no name any more. */
static unsigned count_nameless(void)
{
    static const char end[] = " (deleted)";
    unsigned n = 0;
    const struct dirent *e;
    DIR *d = opendir("/proc/self/fd");
    assert_non_null(d);
    while ((e = readdir(d))) {
        char to[512];
        ssize_t len = readlinkat(dirfd(d), e->d_name, to, sizeof to - 1);
        size_t n_end = sizeof end - 1;
        n += len > (ssize_t)n_end && memcmp(to + (size_t)len - n_end, end, n_end) == 0;
    }
    closedir(d);
    return n;
}

/* Groups of two large levels, and a limit at which they are spilled. */
static size_t hard_question(world *w, question *q)
{
    agg_result r;
    arena *a = arena_new_shared(0);
    const cube *c = shop_cube(w->s, "C");
    *q = (question){.req = {.cube = c, .no_cache = true, .n_measures = 2, .n_axes = 2}};
    q->axes[0] = (agg_axis){.hier = 0, .level = 1};
    q->axes[1] = (agg_axis){.hier = 1, .level = 1};
    q->measures[1] = 2;
    q->req.axes = q->axes;
    q->req.measures = q->measures;
    size_t most = ask_freely(w, q, a, &r), least = arena_used(a);
    arena_free(a);
    return least + (most - least) / 2;
}

static pt_status ask_hard(world *w, const question *q, size_t limit, const char *dir,
                          const atomic_bool *cancel, pt_err *err)
{
    agg_result r;
    arena *a = arena_new_shared(limit);
    limits l = {.memory_bytes = limit,
                .memory = arena_shared(a),
                .spill_directory = dir,
                .threads = 2,
                .cancel = cancel};
    pt_status st = ask(w, q, &l, a, &r, err);
    if (st == PT_OK) assert_true(r.n_spilled_bytes > 0);
    arena_free(a);
    return st;
}

static void without_a_place_the_statement_fails(void **state)
{
    pt_err err = {0};
    world w;
    question q;
    (void)state;
    open_world(&w, 11);
    size_t limit = hard_question(&w, &q);
    unsigned n_open = count_nameless();
    assert_fails(ask_hard(&w, &q, limit, NULL, NULL, &err), PT_NOMEM, "more than its memory limit of");
    assert_fails(ask_hard(&w, &q, limit, "/nowhere/at/all", NULL, &err), PT_IO,
                 "cannot make a temporary file in");
    assert_ok(ask_hard(&w, &q, limit, w.s->dir, NULL, &err));
    assert_int_equal(count_nameless(), n_open);
    assert_int_equal(count_named(w.s->dir), 0);
    shop_close(w.s);
}

static void a_full_disk_is_told(void **state)
{
    pt_err err = {0};
    world w;
    question q;
    struct rlimit before, few = {64 << 10, 0};
    (void)state;
    open_world(&w, 12);
    size_t limit = hard_question(&w, &q);
    unsigned n_open = count_nameless();
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    few.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &few), 0);
    pt_status st = ask_hard(&w, &q, limit, w.s->dir, NULL, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(st, PT_IO);
    assert_non_null(strstr(err.msg, "cannot write to a temporary file: File too large"));
    assert_non_null(strstr(err.hint, "SET LIMIT MEMORY"));
    assert_int_equal(count_nameless(), n_open);
    assert_int_equal(count_named(w.s->dir), 0);
    shop_close(w.s);
}

typedef struct canceller {
    atomic_bool cancel, is_over;
    unsigned n_open;
} canceller;

/* Once a temporary file is open. */
static void *cancel_when_spilling(void *arg)
{
    canceller *c = arg;
    while (!atomic_load(&c->is_over) && !atomic_load(&c->cancel)) {
        if (count_nameless() > c->n_open) atomic_store(&c->cancel, true);
        usleep(100);
    }
    return NULL;
}

/* Whether the request is met in the middle or has just ended: nothing is left. */
static void what_is_cancelled_leaves_nothing(void **state)
{
    world w;
    question q;
    (void)state;
    open_world(&w, 13);
    size_t limit = hard_question(&w, &q);
    for (int i = 0; i < 5; i++) {
        pt_err err = {0};
        pthread_t t;
        canceller c = {.n_open = count_nameless()};
        assert_int_equal(pthread_create(&t, NULL, cancel_when_spilling, &c), 0);
        pt_status st = ask_hard(&w, &q, limit, w.s->dir, &c.cancel, &err);
        atomic_store(&c.is_over, true);
        pthread_join(t, NULL);
        assert_true(st == PT_OK || st == PT_CANCELLED);
        assert_int_equal(count_nameless(), c.n_open);
        assert_int_equal(count_named(w.s->dir), 0);
    }
    shop_close(w.s);
}

int main(int argc, char **argv)
{
    if (argc == 3) {
        for (uint64_t seed = strtoull(argv[1], NULL, 10), n = strtoull(argv[2], NULL, 10); n > 0;
             seed++, n--) {
            world w;
            run_world(&w, seed, 12);
            printf("seed %llu: %u spilled, %u failed\n", (unsigned long long)seed, w.n_spilled, w.n_failed);
        }
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spilled_groups_give_the_same_answers),
        cmocka_unit_test(without_a_place_the_statement_fails),
        cmocka_unit_test(a_full_disk_is_told),
        cmocka_unit_test(what_is_cancelled_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
