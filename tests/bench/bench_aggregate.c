/* bench_aggregate.c - milliseconds of typical requests on a cube of N million random facts (default 10).
 *
 *     ninja -C build/release bench_aggregate && build/release/engine/bench_aggregate [MILLIONS [THREADS
 * [DIR]]]
 *
 * Prints the best of several runs: with all threads on the clock; with one, and with one and no index, in
 * processor time. With DIR the warehouse is kept there and found again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/date.h"
#include "engine/aggregate.h"
#include "lang/parse.h"

static const char definitions[] =
    "CREATE TIME DIMENSION [Time] FROM '2020-01-01' TO '2022-12-31' (HIERARCHY [Time] (YEAR, QUARTER, MONTH, "
    "DAY));"
    "CREATE DIMENSION [Store] (KEY id INTEGER, ATTRIBUTE country INTEGER, state INTEGER, city INTEGER,"
    "  HIERARCHY [Store] ALL (LEVEL [Country] BY country, LEVEL [State] BY state, LEVEL [City] BY city,"
    "  LEVEL [Name] BY id));"
    "CREATE DIMENSION [Product] (KEY id INTEGER, ATTRIBUTE family INTEGER, department INTEGER, category "
    "INTEGER,"
    "  HIERARCHY [Product] ALL (LEVEL [Family] BY family, LEVEL [Department] BY department, LEVEL [Category] "
    "BY category,"
    "  LEVEL [Name] BY id));"
    "CREATE DIMENSION [Customer] (KEY id INTEGER, ATTRIBUTE region INTEGER, city INTEGER, gender INTEGER,"
    "  HIERARCHY [Customers] ALL (LEVEL [Region] BY region, LEVEL [City] BY city, LEVEL [Name] BY id),"
    "  HIERARCHY [Gender] ALL (LEVEL [Gender] BY gender));"
    "CREATE DIMENSION [Promotion] (KEY id INTEGER, HIERARCHY [Promotion] ALL (LEVEL [Promotion] BY id));"
    "CREATE CUBE [Sales] (DIMENSION [Time], DIMENSION [Store], DIMENSION [Product],"
    "  DIMENSION [Customer].[Customers] AS [Customers], DIMENSION [Customer].[Gender] AS [Gender], DIMENSION "
    "[Promotion],"
    "  MEASURE [Units] SUM(units) INTEGER, MEASURE [Amount] SUM(amount) DECIMAL(12,2), MEASURE [Count] "
    "COUNT(*),"
    "  MEASURE [Customers] DISTINCT COUNT([Customer]), MEASURE [Mean] AVG(amount), MEASURE [Top] "
    "MAX(amount));";

enum { N_STORES = 500, N_PRODUCTS = 5000, N_CUSTOMERS = 100000, N_PROMOTIONS = 50, PART = 1 << 22 };
enum { TIME, STORE, PRODUCT, CUSTOMERS, GENDER, PROMOTION };
enum { UNITS, AMOUNT, COUNT, BUYERS, MEAN, TOP };

static pt_err err;

static void check(pt_status st, const char *what)
{
    if (st == PT_OK) return;
    fprintf(stderr, "%s: %s\n", what, err.msg);
    exit(1);
}

static uint64_t random_state = 42;
static uint32_t roll(uint32_t n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)((random_state >> 32) * n >> 32);
}

/* ---- making ---------------------------------------------------------------------- */

static void define(warehouse *w)
{
    arena *a = arena_new(0);
    ast_stmt **stmts;
    uint32_t n;
    define_result result;
    check(parse_script(str_of(definitions), a, &stmts, &n, &err), "parse");
    for (uint32_t i = 0; i < n; i++)
        if (stmts[i]->kind != STMT_EMPTY)
            check(define_run(w, stmts[i], str_of(definitions), &result, &err), "define");
    arena_free(a);
}

static void put_members(warehouse *w, const char *name, uint32_t n, const uint32_t *per, uint32_t n_attrs)
{
    view v;
    dim_edit *e;
    store_txn *txn;
    pt_value values[8];
    uint32_t member;
    dim_change change;
    check(warehouse_view(w, &v, &err), "view");
    const dimension *d = schema_dimension(v.schema, str_of(name));
    check(store_begin(warehouse_store(w), 0, &txn, &err), "begin");
    check(dim_edit_new(view_dim(&v, d), &d->spec, &e, &err), "edit");
    for (uint32_t i = 0; i < n; i++) {
        values[0] = value_int(i);
        for (uint32_t k = 1; k < n_attrs; k++) values[k] = value_int(per[k - 1] > n ? i % 2 : i / per[k - 1]);
        check(dim_edit_put(e, values, NULL, 0, &member, &change, &err), "put");
    }
    check(txn_put_dim(txn, d->id, e, NULL, &err), "write");
    dim_edit_free(e);
    check(txn_commit(txn, &err), "commit");
    view_put(&v);
}

static void put_facts(warehouse *w, uint32_t n, uint32_t first_day, uint32_t n_days)
{
    view v;
    store_txn *txn;
    seg_writer *sw;
    arena *a = arena_new(0);
    check(warehouse_view(w, &v, &err), "view");
    const cube *c = schema_cube(v.schema, STR("Sales"));
    const dim_view *views[8];
    for (uint32_t i = 0; i < c->n_roles; i++) views[i] = view_dim(&v, c->roles[i].dimension);
    uint32_t *ids[8];
    seg_batch batch[8] = {0};
    int64_t *units = malloc(n * sizeof *units), *amount = malloc(n * sizeof *amount);
    for (uint32_t k = 0; k < c->n_roles; k++) batch[k].ids = ids[k] = malloc(n * sizeof **ids);
    for (uint32_t i = 0; i < n; i++) {
        ids[0][i] = first_day + roll(n_days);
        ids[1][i] = roll(N_STORES);
        ids[2][i] = roll(2) ? roll(N_PRODUCTS) : roll(N_PRODUCTS / 10);
        ids[3][i] = roll(2) ? roll(N_CUSTOMERS) : roll(N_CUSTOMERS / 20);
        ids[4][i] = roll(4) ? 0 : roll(N_PROMOTIONS);
        units[i] = roll(9) + 1;
        amount[i] = units[i] * (100 + roll(5000));
    }
    batch[c->n_roles].ints = units, batch[c->n_roles + 1].ints = amount;
    seg_column *cols;
    uint32_t n_cols, n_sort, n_indexes, *sort_cols;
    const uint32_t *const *rank_of;
    seg_index_spec *indexes;
    uint64_t id;
    char path[4096];
    check(cube_segment_columns(c, a, &cols, &n_cols, &err), "columns");
    check(cube_segment_layout(c, views, a, &sort_cols, &rank_of, &n_sort, &indexes, &n_indexes, &err),
          "layout");
    check(seg_writer_new(cols, n_cols, &sw, &err), "writer");
    check(seg_writer_append(sw, n, batch, &err), "append");
    check(store_begin(warehouse_store(w), 0, &txn, &err), "begin");
    check(txn_segment_path(txn, &id, path, sizeof path, &err), "path");
    check(seg_writer_finish(sw, path, sort_cols, rank_of, n_sort, indexes, n_indexes, txn_version(txn), &err),
          "finish");
    check(txn_add_segment(txn, c->id, id, 1, &err), "add");
    check(txn_commit(txn, &err), "commit");
    seg_writer_free(sw);
    for (uint32_t k = 0; k < c->n_roles; k++) free(ids[k]);
    free(units), free(amount);
    arena_free(a);
    view_put(&v);
}

static void make(const char *dir, uint64_t n_rows)
{
    warehouse *w;
    check(store_init(dir, &err), "init");
    check(warehouse_open(dir, false, 1, &w, &err), "open");
    define(w);
    put_members(w, "Store", N_STORES, (uint32_t[]){100, 20, 5}, 4);
    put_members(w, "Product", N_PRODUCTS, (uint32_t[]){1000, 200, 50}, 4);
    put_members(w, "Customer", N_CUSTOMERS, (uint32_t[]){10000, 250, N_CUSTOMERS + 1}, 4);
    put_members(w, "Promotion", N_PROMOTIONS, NULL, 1);
    uint32_t n_parts = (uint32_t)((n_rows + PART - 1) / PART), days = 1096 / n_parts;
    for (uint32_t i = 0; i < n_parts; i++) put_facts(w, (uint32_t)(n_rows / n_parts), i * days, days);
    warehouse_close(w);
}

/* ---- asking ------------------------------------------------------------------------ */

typedef struct question {
    const char *name;
    uint32_t n_measures, measures[4], n_axes;
    agg_axis axes[4];
    uint32_t n_filters;
    agg_filter filters[3];
} question;

static const uint32_t r0[] = {0}, r1[] = {1}, r7[] = {7}, r500[] = {500}, r77777[] = {77777},
                      r4[] = {1, 2, 3, 4};

static const question questions[] = {
    {"total", 2, {UNITS, AMOUNT}, 0, {{0}}, 0, {{0}}},
    {"by month", 1, {UNITS}, 1, {{TIME, 2, false}}, 0, {{0}}},
    {"by month and family, one state",
     2,
     {UNITS, AMOUNT},
     2,
     {{TIME, 2, false}, {PRODUCT, 0, false}},
     1,
     {{STORE, 1, false, 1, r7}}},
    {"by year, department, region; one country",
     1,
     {AMOUNT},
     3,
     {{TIME, 0, false}, {PRODUCT, 1, false}, {CUSTOMERS, 0, false}},
     1,
     {{STORE, 0, false, 1, r1}}},
    {"by city and category, one year",
     1,
     {AMOUNT},
     2,
     {{STORE, 2, false}, {PRODUCT, 2, false}},
     1,
     {{TIME, 0, false, 1, r1}}},
    {"by state and gender, four countries",
     3,
     {UNITS, COUNT, MEAN},
     2,
     {{STORE, 1, false}, {GENDER, 0, false}},
     1,
     {{STORE, 0, false, 4, r4}}},
    {"by customer", 2, {AMOUNT, TOP}, 1, {{CUSTOMERS, 2, false}}, 0, {{0}}},
    {"by customer and category, one month",
     1,
     {AMOUNT},
     2,
     {{CUSTOMERS, 2, false}, {PRODUCT, 2, false}},
     1,
     {{TIME, 2, false, 1, r7}}},
    {"by customer, product, day; one state",
     1,
     {UNITS},
     3,
     {{CUSTOMERS, 2, false}, {PRODUCT, 3, false}, {TIME, 3, false}},
     2,
     {{STORE, 1, false, 1, r7}, {TIME, 1, false, 1, r1}}},
    {"by customer, product, day; one year",
     1,
     {UNITS},
     3,
     {{CUSTOMERS, 2, false}, {PRODUCT, 3, false}, {TIME, 3, false}},
     1,
     {{TIME, 0, false, 1, r1}}},
    {"distinct customers", 1, {BUYERS}, 0, {{0}}, 0, {{0}}},
    {"distinct customers by quarter", 1, {BUYERS}, 1, {{TIME, 1, false}}, 0, {{0}}},
    {"distinct customers by month and category",
     1,
     {BUYERS},
     2,
     {{TIME, 2, false}, {PRODUCT, 2, false}},
     0,
     {{0}}},
    {"one customer by month", 1, {AMOUNT}, 1, {{TIME, 2, false}}, 1, {{CUSTOMERS, 2, false, 1, r77777}}},
    {"one product by state", 1, {AMOUNT}, 1, {{STORE, 1, false}}, 1, {{PRODUCT, 3, false, 1, r500}}},
    {"one day by store", 1, {AMOUNT}, 1, {{STORE, 3, false}}, 1, {{TIME, 3, false, 1, r500}}},
    {"one store, one month, by product",
     1,
     {AMOUNT},
     1,
     {{PRODUCT, 3, false}},
     2,
     {{STORE, 3, false, 1, r7}, {TIME, 2, false, 1, r0}}},
};

static double now_ms(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double best_ms(const view *v, pool *p, const question *q, unsigned threads, bool no_index,
                      clockid_t clock, agg_result *out)
{
    double best = 1e9, spent = 0;
    agg_request req = {.cube = schema_cube(v->schema, STR("Sales")),
                       .n_measures = q->n_measures,
                       .measures = q->measures,
                       .n_axes = q->n_axes,
                       .axes = q->axes,
                       .where = {q->n_filters, q->filters},
                       .no_index = no_index};
    for (int i = 0; i < 20 && spent < 600; i++) {
        arena *a = arena_new(0);
        limits l = {.threads = threads};
        double from = now_ms(clock);
        check(aggregate_run(v, p, &l, &req, a, out, &err), q->name);
        double ms = now_ms(clock) - from;
        spent += ms;
        if (ms < best) best = ms;
        arena_free(a);
    }
    return best;
}

int main(int argc, char **argv)
{
    uint64_t n_rows = (argc > 1 ? strtoull(argv[1], NULL, 10) : 10) * 1000000;
    unsigned threads = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 2;
    char dir[] = "/tmp/patron-bench-XXXXXX";
    const char *at = argc > 3 ? argv[3] : mkdtemp(dir);
    struct stat st;
    warehouse *w;
    view v;
    if (argc <= 3 || stat(at, &st) != 0) make(at, n_rows);
    check(warehouse_open(at, true, threads, &w, &err), "open");
    check(warehouse_view(w, &v, &err), "view");
    printf("%-45s %9s %9s %9s %10s %10s %7s\n", "milliseconds", "all, wall", "one, cpu", "no index", "cells",
           "rows", "blocks");
    for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
        const question *q = &questions[i];
        agg_result r;
        if (argc > 4 && !strstr(q->name, argv[4])) continue;
        pool *p = warehouse_pool(w);
        double all = best_ms(&v, p, q, 0, false, CLOCK_MONOTONIC, &r);
        double one = best_ms(&v, p, q, 1, false, CLOCK_PROCESS_CPUTIME_ID, &r);
        agg_result plain;
        double no_index = best_ms(&v, p, q, 1, true, CLOCK_PROCESS_CPUTIME_ID, &plain);
        printf("%-45s %9.2f %9.2f %9.2f %10u %10llu %3llu/%llu\n", q->name, all, one, no_index, r.n_cells,
               (unsigned long long)r.n_rows_matched, (unsigned long long)(r.n_blocks - r.n_blocks_skipped),
               (unsigned long long)r.n_blocks);
    }
    view_put(&v);
    warehouse_close(w);
    if (argc <= 3) printf("left in %s\n", at);
    return 0;
}
