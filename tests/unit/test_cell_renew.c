/* test_cell_renew.c - kept results are brought up to date with facts that were added: to the bit what asking
 * the facts gives, whatever happened to the warehouse in between. `test_cell_renew SEED N` runs N worlds. */
#include <stdio.h>

#include "engine_util.h"
#include "unit.h"

enum { N_MEMBERS = 40, N_ROLES = 2, N_VALUES = 4, MOST_ROWS = 300, N_QUESTIONS = 12, MAX_MEASURES = 10 };

static const char definitions[] =
    "CREATE DIMENSION [Thing] (KEY id INTEGER, ATTRIBUTE p INTEGER,"
    "  HIERARCHY [Thing] ALL (LEVEL [P] BY p, LEVEL [Id] BY id));"
    "CREATE DIMENSION [Other] (KEY id INTEGER, ATTRIBUTE p INTEGER,"
    "  HIERARCHY [Other] ALL (LEVEL [P] BY p, LEVEL [Id] BY id));"
    "CREATE CUBE [C] (DIMENSION [Thing], DIMENSION [Other],"
    "  MEASURE [n] COUNT(*), MEASURE [ci] COUNT(i), MEASURE [si] SUM(i) INTEGER, MEASURE [li] MIN(i),"
    "  MEASURE [hi] MAX(i), MEASURE [sd] SUM(d) DECIMAL(12,2), MEASURE [sb] SUM(b) INTEGER,"
    "  MEASURE [se] SUM(i * [Other]), MEASURE [sc] SUM(i) WHERE i > 0,"
    "  MEASURE [sf] SUM(f) DOUBLE, MEASURE [ai] AVG(i), MEASURE [dt] DISTINCT COUNT([Thing]));";

enum { N_ADDING = 9 }; /* measures, the first ones, that add up */

typedef struct question {
    agg_axis axes[N_ROLES];
    agg_filter filters[N_ROLES], one_of[2];
    agg_conj any[2];
    uint32_t ranks[N_ROLES][N_MEMBERS], few[2];
    uint32_t measures[MAX_MEASURES];
    agg_request req;
} question;

typedef struct world {
    uint64_t seed;
    shop *s;
    question questions[N_QUESTIONS];
    uint32_t n_cached, n_renewed;
} world;

static uint32_t roll(world *w, uint32_t n)
{
    return (uint32_t)(unit_random(&w->seed) % n);
}

/* ---- what may happen ------------------------------------------------------------------ */

static void put_member(world *w, const char *of, int64_t id, int64_t p)
{
    const pt_value v[] = {value_int(id), value_int(p)};
    shop_members(w->s, of, 1, v, 0);
}

static void add_facts(world *w)
{
    uint32_t n = 1 + roll(w, MOST_ROWS), n_members = 1 + roll(w, N_MEMBERS);
    uint32_t *ids = calloc((size_t)n * N_ROLES, sizeof *ids);
    int64_t *values = calloc((size_t)n * N_VALUES, sizeof *values);
    uint8_t *nulls = calloc(n, 1);
    seg_batch columns[N_ROLES + N_VALUES] = {0};
    const cube *c = shop_cube(w->s, "C");
    assert_int_equal(c->n_columns, N_VALUES);
    for (uint32_t k = 0; k < N_ROLES; k++) columns[k].ids = ids + (size_t)k * n;
    for (uint32_t i = 0; i < n * N_ROLES; i++) ids[i] = N_MEMBERS - 1 - roll(w, n_members);
    for (uint32_t i = 0; i < n; i++) nulls[i] = roll(w, 3) == 0;
    for (uint32_t k = 0; k < N_VALUES; k++) {
        int64_t *to = values + (size_t)k * n;
        bool is_double = c->columns[k].type == TYPE_DOUBLE, is_big = str_eq(c->columns[k].name, STR("b"));
        for (uint32_t i = 0; i < n; i++) {
            double d = (double)roll(w, 1000) / 7;
            to[i] = is_big ? (int64_t)unit_random(&w->seed) >> 1 : (int64_t)roll(w, 1000) - 500;
            if (is_double) memcpy(&to[i], &d, sizeof d);
        }
        columns[N_ROLES + k].nulls = nulls;
        if (is_double)
            columns[N_ROLES + k].doubles = (const double *)(const void *)to;
        else
            columns[N_ROLES + k].ints = to;
    }
    shop_facts(w->s, "C", n, columns);
    free(ids);
    free(values);
    free(nulls);
}

static void delete_a_fact(world *w)
{
    pt_err err = {0};
    store_txn *txn;
    uint32_t n;
    const cube *c = shop_cube(w->s, "C");
    const snapshot_seg *segs = snapshot_segs(w->s->v.snap, c->id, &n);
    const snapshot_seg *s = &segs[roll(w, n)];
    roaring_bitmap_t *rows = roaring_bitmap_create();
    roaring_bitmap_add(rows, roll(w, seg_rows(s->seg)));
    assert_ok(store_begin(warehouse_store(w->s->w), 0, &txn, &err));
    assert_ok(txn_delete_rows(txn, c->id, s->id, rows, &err));
    shop_commit(w->s, txn);
    roaring_bitmap_free(rows);
}

static void something_happens(world *w)
{
    switch (roll(w, 8)) {
    case 0: delete_a_fact(w); break;
    case 1: put_member(w, "Thing", roll(w, N_MEMBERS), roll(w, 9)); break; /* moves */
    case 2: put_member(w, "Other", (int64_t)roll(w, 1000) - 500, roll(w, 9)); break;
    case 3: {
        char text[128];
        snprintf(text, sizeof text, "CREATE CUBOID [k%u] ON CUBE [C] (LEVEL [Thing].[P])", roll(w, 1000000));
        shop_define(w->s, text);
        break;
    }
    default: add_facts(w);
    }
    shop_view(w->s);
}

/* ---- asking ------------------------------------------------------------------------------ */

static void some_question(world *w, question *q)
{
    *q = (question){.req = {.axes = q->axes, .measures = q->measures}};
    for (uint32_t h = 0; h < N_ROLES; h++)
        if (roll(w, 3)) q->axes[q->req.n_axes++] = (agg_axis){.hier = h, .level = roll(w, 2)};
    uint32_t last = roll(w, 4) ? N_ADDING : MAX_MEASURES + 2;
    for (uint32_t m = 0; m < last && q->req.n_measures < MAX_MEASURES; m++)
        if (roll(w, 2)) q->measures[q->req.n_measures++] = m;
    if (!q->req.n_measures) q->req.n_measures = 1; /* the first */
    q->req.where.filters = q->filters;
    for (uint32_t h = 0; h < N_ROLES; h++) {
        agg_filter *f = &q->filters[q->req.where.n];
        if (roll(w, 2)) continue;
        *f = (agg_filter){.hier = h, .level = roll(w, 2), .ranks = q->ranks[h]};
        for (uint32_t r = 0; r < (f->level ? N_MEMBERS : 5); r++)
            if (roll(w, 2)) q->ranks[h][f->n++] = r;
        q->req.where.n++;
    }
    if (roll(w, 4)) return;
    for (uint32_t i = 0; i < 2; i++) {
        q->few[i] = roll(w, 4);
        q->one_of[i] = (agg_filter){.hier = i, .level = roll(w, 2), .n = 1, .ranks = &q->few[i]};
        q->any[i] = (agg_conj){1, &q->one_of[i]};
    }
    q->req.any = q->any;
    q->req.n_any = 2;
}

static agg_result ask(world *w, question *q, arena *a)
{
    pt_err err = {0};
    const limits none = {0};
    agg_result want, got;
    q->req.cube = shop_cube(w->s, "C");
    agg_request plain = q->req;
    plain.no_cache = plain.no_cuboid = true;
    assert_ok(aggregate_run(&w->s->v, warehouse_pool(w->s->w), &none, &plain, a, &want, &err));
    assert_ok(aggregate_run(&w->s->v, warehouse_pool(w->s->w), &none, &q->req, a, &got, &err));
    shop_same_result(&want, &got);
    w->n_cached += got.is_cached;
    w->n_renewed += got.is_cached && got.n_rows_read > 0;
    return got;
}

static void open_world(world *w, uint64_t seed)
{
    *w = (world){.seed = seed, .s = shop_open(2)};
    shop_define(w->s, definitions);
    for (int i = 0; i < N_MEMBERS; i++) put_member(w, "Thing", i, i % 5);
    for (int i = 0; i < N_MEMBERS; i++) put_member(w, "Other", i, i % 5);
    for (int i = 0; i < 6; i++) add_facts(w);
    for (uint32_t i = 0; i < N_QUESTIONS; i++) some_question(w, &w->questions[i]);
}

static void run_world(uint64_t seed, uint32_t n_events)
{
    world w;
    open_world(&w, seed);
    for (uint32_t i = 0; i < n_events; i++) {
        arena *a = arena_new(0);
        if (i) something_happens(&w);
        for (uint32_t k = 0; k < N_QUESTIONS; k++)
            if (roll(&w, 4)) ask(&w, &w.questions[k], a);
        arena_free(a);
    }
    assert_true(w.n_renewed > n_events / 2);
    assert_true(w.n_cached > w.n_renewed);
    shop_close(w.s);
}

static void answers_are_those_of_the_facts(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) run_world(seed, 40);
}

/* ---- one by one ---------------------------------------------------------------------------- */

static void set_question(question *q, uint32_t m, bool by_other)
{
    *q = (question){.axes = {{.hier = 0, .level = 1}, {.hier = 1, .level = 0}}, .measures = {m}};
    q->req =
        (agg_request){.axes = q->axes, .n_axes = by_other ? 2 : 1, .measures = q->measures, .n_measures = 1};
}

/* Ask, let something happen, ask again: is the second answer made of the first? */
static bool is_kept(world *w, uint32_t m, bool by_other, void (*happens)(world *))
{
    question q;
    arena *a = arena_new(0);
    set_question(&q, m, by_other);
    ask(w, &q, a);
    happens(w);
    agg_result r = ask(w, &q, a);
    if (r.is_cached && happens == add_facts) assert_in_range(r.n_rows_read, 1, MOST_ROWS);
    bool is_cached = r.is_cached;
    arena_free(a);
    return is_cached;
}

static void move_a_thing(world *w)
{
    put_member(w, "Thing", 3, 4);
}

static void add_another(world *w)
{
    put_member(w, "Other", -7, 1);
}

static void add_one_more(world *w)
{
    put_member(w, "Other", -9, 1);
}

static void make_a_cuboid(world *w)
{
    shop_define(w->s, "CREATE CUBOID [k] ON CUBE [C] (LEVEL [Thing].[P])");
}

static void only_what_adds_up_is_renewed(void **state)
{
    world w;
    (void)state;
    open_world(&w, 77);
    for (uint32_t m = 0; m < N_ADDING + 3; m++)
        assert_int_equal(is_kept(&w, m, m % 2, add_facts), m < N_ADDING);
    shop_close(w.s);
}

static void only_added_facts_are_added(void **state)
{
    world w;
    (void)state;
    open_world(&w, 78);
    assert_true(is_kept(&w, 0, true, add_facts));
    assert_false(is_kept(&w, 0, true, delete_a_fact));
    assert_true(is_kept(&w, 0, false, add_another)); /* a dimension that the request does not name */
    assert_false(is_kept(&w, 0, true, add_one_more));
    assert_false(is_kept(&w, 0, true, move_a_thing));
    assert_false(is_kept(&w, 0, true, make_a_cuboid));
    shop_close(w.s);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(answers_are_those_of_the_facts),
                                       cmocka_unit_test(only_what_adds_up_is_renewed),
                                       cmocka_unit_test(only_added_facts_are_added)};
    if (argc == 3) {
        for (uint64_t i = 0; i < strtoull(argv[2], NULL, 10); i++)
            run_world(strtoull(argv[1], NULL, 10) + i, 60);
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
