/* The sample data set: the same bytes for the same seed, and rows that a retailer would believe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/date.h"
#include "base/fs.h"
#include "tools/sample/dimensions.h"
#include "tools/sample/facts.h"

enum { ROWS = 40000, CUSTOMERS = 2000 };

static char root[64];

static int make_root(void **state)
{
    (void)state;
    snprintf(root, sizeof root, "/tmp/test_sample.XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *sb, int type, struct FTW *ftw)
{
    (void)sb, (void)type, (void)ftw;
    return remove(path);
}

static int remove_root(void **state)
{
    (void)state;
    return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static const char *under(const char *name)
{
    static char path[4][256];
    static int turn;
    char *p = path[turn++ & 3];
    snprintf(p, sizeof path[0], "%s/%s", root, name);
    return p;
}

static sample_options small(unsigned threads)
{
    return (sample_options){.n_rows = ROWS,
                            .seed = 7,
                            .n_customers = CUSTOMERS,
                            .n_years = 2,
                            .first_year = 2023,
                            .threads = threads};
}

static void write_sample(const char *dir, const sample_options *o)
{
    pt_err err = {0};
    sample_counts n;
    if (sample_write(dir, o, NULL, NULL, &n, &err) != PT_OK) fail_msg("%s", err.msg);
    assert_int_equal(n.n_rows, o->n_rows);
}

static void assert_same_file(const char *a, const char *b)
{
    pt_err err = {0};
    strbuf x = {0}, y = {0};
    assert_int_equal(fs_read(a, &x, 0, &err), PT_OK);
    assert_int_equal(fs_read(b, &y, 0, &err), PT_OK);
    assert_int_equal(x.len, y.len);
    assert_memory_equal(x.ptr, y.ptr, x.len);
    strbuf_free(&x);
    strbuf_free(&y);
}

/* ---- the generator --------------------------------------------------------- */

static void random_numbers_are_the_published_ones(void **state)
{
    (void)state;
    assert_int_equal(rng_mix(0), 0xE220A8397B1DCDAFu); /* first output of splitmix64 from 0 */
    assert_int_equal(rng_mix(0x9E3779B97F4A7C15u), 0x6E789E6AA1B965F4u); /* and the second */
    rng r = {{1, 2, 3, 4}}; /* as in the reference of rand_xoshiro */
    assert_int_equal(rng_next(&r), 11520u);
    assert_int_equal(rng_next(&r), 0u);
    assert_int_equal(rng_next(&r), 1509978240u);
    assert_int_equal(rng_next(&r), 1215971899390074240u);
}

static void same_seed_same_bytes_whatever_the_threads(void **state)
{
    (void)state;
    sample_options one = small(1), three = small(3);
    write_sample(under("one"), &one);
    write_sample(under("three"), &three);
    static const char *const names[] = {"stores.csv",        "products.csv",      "departments.csv",
                                        "customers.csv",     "warehouse.patron",  "queries.mdx",
                                        "sales_2023_01.csv", "sales_2024_02.csv", "sales_2024_12.csv"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char a[128];
        snprintf(a, sizeof a, "one/%s", names[i]);
        char *path_a = strdup(under(a));
        snprintf(a, sizeof a, "three/%s", names[i]);
        assert_same_file(path_a, under(a));
        free(path_a);
    }
}

static void another_seed_is_another_company(void **state)
{
    (void)state;
    pt_err err = {0};
    sample_options o = small(1), p = small(1);
    strbuf x = {0}, y = {0};
    p.seed = 8;
    write_sample(under("seed7"), &o);
    write_sample(under("seed8"), &p);
    assert_int_equal(fs_read(under("seed7/sales_2023_05.csv"), &x, 0, &err), PT_OK);
    assert_int_equal(fs_read(under("seed8/sales_2023_05.csv"), &y, 0, &err), PT_OK);
    assert_false(str_eq(strbuf_str(&x), strbuf_str(&y)));
    strbuf_free(&x);
    strbuf_free(&y);
}

/* ---- the rows -------------------------------------------------------------- */

typedef struct tally {
    uint64_t n_rows, n_returns, per_month[12], per_customer[CUSTOMERS], n_online;
    int64_t revenue, cost;
} tally;

static int64_t cents(const char *text)
{
    long long whole;
    int part;
    bool negative = *text == '-';
    assert_int_equal(sscanf(text + negative, "%lld.%2d", &whole, &part), 2);
    int64_t x = whole * 100 + part;
    return negative ? -x : x;
}

static void check_row(const world *w, char *line, int64_t month, int64_t *last_day, tally *t)
{
    char *field[9], *rest = line;
    for (int i = 0; i < 9; i++) assert_non_null(field[i] = strsep(&rest, ",\n"));
    int64_t day;
    assert_true(date_parse_iso(str_of(field[0]), &day));
    assert_int_equal(date_civil(day).year * 12 + date_civil(day).month, month);
    assert_true(day >= *last_day); /* rows come by day */
    *last_day = day;
    uint64_t shop_no = strtoull(field[1], NULL, 10), customer_no = strtoull(field[4], NULL, 10);
    assert_in_range(shop_no, 1, w->n_shops);
    assert_true(w->shops[shop_no - 1].opened <= day);
    assert_in_range(strtoull(field[2], NULL, 10), 1, w->o.n_products);
    uint64_t dept = strtoull(field[3], NULL, 10);
    assert_in_range(dept, 1, goods_n_departments);
    assert_in_range(customer_no, 1, CUSTOMERS);
    customer c = world_customer(w, customer_no - 1);
    assert_true(c.joined <= day && day <= c.left); /* nobody buys before coming or after leaving */
    long units = strtol(field[5], NULL, 10);
    assert_true(units == -1 || (units >= 1 && units <= 24));
    int64_t revenue = cents(field[6]), cost = cents(field[7]), discount = cents(field[8]);
    assert_true(units > 0 ? revenue > 0 && cost > 0 && discount >= 0
                          : revenue < 0 && cost < 0 && discount <= 0);

    t->n_rows++;
    t->n_returns += units < 0;
    t->n_online += dept > DEPARTMENT_WEB && dept <= DEPARTMENT_MARKET + 1;
    t->per_month[(month - 1) % 12]++;
    t->per_customer[customer_no - 1]++;
    t->revenue += revenue;
    t->cost += cost;
}

static void read_month(const world *w, const char *dir, int year, int month, tally *t)
{
    char name[128], line[512];
    snprintf(name, sizeof name, "%s/sales_%04d_%02d.csv", dir, year, month);
    FILE *f = fopen(under(name), "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    assert_string_equal(line, FACTS_HEADER);
    int64_t last_day = 0;
    while (fgets(line, sizeof line, f)) check_row(w, line, year * 12 + month, &last_day, t);
    fclose(f);
}

static int by_size(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

static void sales_look_like_a_shop(void **state)
{
    (void)state;
    pt_err err = {0};
    sample_options o = small(2);
    write_sample(under("shop"), &o);
    assert_int_equal(sample_check(&o, &err), PT_OK);
    arena *a = arena_new(0);
    world *w;
    assert_int_equal(world_make(&o, a, &w, &err), PT_OK);

    static tally t;
    t = (tally){0};
    for (int y = 2023; y <= 2024; y++) {
        for (int m = 1; m <= 12; m++) read_month(w, "shop", y, m, &t);
        if (y == 2023) assert_in_range(t.n_rows, ROWS * 44 / 100, ROWS * 49 / 100); /* it grows */
    }
    assert_int_equal(t.n_rows, ROWS); /* exactly what was asked for */
    assert_true(t.per_month[11] > t.per_month[1] * 13 / 10);
    assert_in_range(t.n_returns, ROWS / 500, ROWS / 20);
    assert_in_range(t.n_online, ROWS / 100, ROWS / 5);
    assert_true(t.cost < t.revenue && t.cost > t.revenue / 3);
    qsort(t.per_customer, CUSTOMERS, sizeof t.per_customer[0], by_size);
    uint64_t best_fifth = 0;
    for (int i = 0; i < CUSTOMERS / 5; i++) best_fifth += t.per_customer[i];
    assert_in_range(best_fifth, ROWS * 55 / 100, ROWS * 80 / 100);
    assert_true(t.per_customer[0] < ROWS / 10);
    arena_free(a);
}

static void customers_arrive_and_leave(void **state)
{
    (void)state;
    pt_err err = {0};
    sample_options o = small(1);
    assert_int_equal(sample_check(&o, &err), PT_OK);
    arena *a = arena_new(0);
    world *w;
    assert_int_equal(world_make(&o, a, &w, &err), PT_OK);
    int n_new = 0, n_left = 0;
    for (uint64_t i = 0; i < CUSTOMERS; i++) {
        customer c = world_customer(w, i);
        n_new += c.joined >= w->first_day;
        n_left += c.left != DAY_NEVER;
        assert_true(c.left > c.joined);
        assert_int_equal(world_rank_of_customer(w, world_customer_of_rank(w, i)), i);
    }
    assert_in_range(n_new, CUSTOMERS * 30 / 100, CUSTOMERS * 65 / 100);
    assert_in_range(n_left, CUSTOMERS * 10 / 100, CUSTOMERS * 35 / 100);
    arena_free(a);
}

/* ---- the tables and the options --------------------------------------------- */

static void names_need_no_quotes(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < places_n_cities; i++) {
        assert_null(strpbrk(places_cities[i].name, ",\"\n"));
        assert_null(strpbrk(places_cities[i].province, ",\"\n"));
        const name_set *n = places_cities[i].country->names;
        for (uint32_t k = 0; k < n->n_family; k++) assert_null(strpbrk(n->family[k], ",\"\n"));
    }
    for (uint32_t i = 0; i < goods_n_kinds; i++) {
        assert_null(strpbrk(goods_kinds[i].name, ",\"\n"));
        assert_null(strpbrk(goods_kinds[i].noun, ",\"\n"));
        assert_in_range(goods_kinds[i].department, 0, goods_n_departments - 1);
        assert_true(goods_kinds[i].price_min < goods_kinds[i].price_max);
    }
    for (uint32_t i = 0; i < goods_n_brands; i++) assert_null(strpbrk(goods_brands[i], ",\"\n"));
}

static void options_are_checked(void **state)
{
    (void)state;
    pt_err err = {0};
    sample_options o = {.n_rows = 10};
    assert_int_equal(sample_check(&o, &err), PT_USAGE);
    assert_string_equal(err.msg, "--rows must be between 1000 and 100000000000, not 10");
    err = (pt_err){0};
    o = (sample_options){.n_rows = 10000, .n_products = 5};
    assert_int_equal(sample_check(&o, &err), PT_USAGE);
    err = (pt_err){0};
    o = (sample_options){.n_rows = 10000};
    assert_int_equal(sample_check(&o, &err), PT_OK);
    assert_int_equal(o.n_customers, 500);
}

static void a_full_directory_is_left_alone(void **state)
{
    (void)state;
    pt_err err = {0};
    sample_counts n;
    sample_options o = small(1);
    assert_int_equal(fs_mkdir(under("full"), &err), PT_OK);
    assert_int_equal(fs_write_atomic(under("full/mine.txt"), "x", 1, &err), PT_OK);
    assert_int_equal(sample_write(under("full"), &o, NULL, NULL, &n, &err), PT_EXISTS);
    assert_false(fs_exists(under("full/stores.csv")));
    o.overwrite = true;
    write_sample(under("full"), &o);
    assert_true(fs_exists(under("full/mine.txt")));
}

static int stop_at_once(void *ctx, uint64_t done, uint64_t total)
{
    (void)ctx, (void)done, (void)total;
    return 1;
}

static void a_cancelled_sample_leaves_no_half_files(void **state)
{
    (void)state;
    pt_err err = {0};
    sample_counts n;
    sample_options o = small(1);
    assert_int_equal(sample_write(under("stopped"), &o, stop_at_once, NULL, &n, &err), PT_CANCELLED);
    assert_false(fs_exists(under("stopped/sales_2023_01.csv")));
    assert_false(fs_exists(under("stopped/.sales_2023_01.csv.tmp")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_numbers_are_the_published_ones),
        cmocka_unit_test(same_seed_same_bytes_whatever_the_threads),
        cmocka_unit_test(another_seed_is_another_company),
        cmocka_unit_test(sales_look_like_a_shop),
        cmocka_unit_test(customers_arrive_and_leave),
        cmocka_unit_test(names_need_no_quotes),
        cmocka_unit_test(options_are_checked),
        cmocka_unit_test(a_full_directory_is_left_alone),
        cmocka_unit_test(a_cancelled_sample_leaves_no_half_files),
    };
    return cmocka_run_group_tests(tests, make_root, remove_root);
}
