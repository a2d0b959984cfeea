/* bench_kern.c - nanoseconds a row of every kernel on every CPU level, over one block that stays in cache.
 *
 * Built on request (ninja bench_kern). Each number is the best of several rounds. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/kernel/kern.h"

enum { N = KERN_MAX_ROWS, WORDS = N / 64, MAP_SIZE = 10000, ROUNDS = 40 };

typedef struct data {
    uint8_t packed[N * 8];
    uint32_t ids[N], map[MAP_SIZE], rows[N], out32[N];
    uint64_t out64[N], bits[WORDS];
    uint8_t keep[MAP_SIZE];
    int64_t ints[N];
    double doubles[N];
    size_t n_rows;
} data;

/* Results go here, so that no call is optimised away. */
static volatile double sink;

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void fill(data *d, unsigned percent_kept)
{
    uint64_t x = 88172645463325252u;
    for (size_t i = 0; i < N; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        d->ids[i] = (uint32_t)(x % MAP_SIZE);
        d->ints[i] = (int64_t)(x >> 40);
        d->doubles[i] = (double)(x >> 40);
    }
    for (size_t i = 0; i < sizeof d->packed; i++) d->packed[i] = (uint8_t)(i * 131);
    for (size_t i = 0; i < MAP_SIZE; i++) {
        d->map[i] = (uint32_t)i % 100;
        d->keep[i] = i * 7919 % 100 < percent_kept;
    }
}

static void all_rows(data *d)
{
    for (size_t i = 0; i < WORDS; i++) d->bits[i] = ~UINT64_C(0);
}

/* ---- what is timed ------------------------------------------------- */

static void unpack5(const kern_ops *k, data *d)
{
    k->unpack_u32(d->packed, N, 5, 7, d->out32);
}
static void unpack17(const kern_ops *k, data *d)
{
    k->unpack_u32(d->packed, N, 17, 7, d->out32);
}
static void unpack27(const kern_ops *k, data *d)
{
    k->unpack_u32(d->packed, N, 27, 7, d->out32);
}
static void unpack_wide21(const kern_ops *k, data *d)
{
    k->unpack_u64(d->packed, N, 21, 7, d->out64);
}
static void unpack_wide60(const kern_ops *k, data *d)
{
    k->unpack_u64(d->packed, N, 60, 7, d->out64);
}
static void gather(const kern_ops *k, data *d)
{
    k->gather_u32(d->map, d->ids, N, d->out32);
}
static void combine(const kern_ops *k, data *d)
{
    k->combine_u32(d->out32, d->ids, N, 100);
}
static void filter(const kern_ops *k, data *d)
{
    all_rows(d);
    k->filter_u8(d->keep, d->ids, N, d->bits);
}
static void filter_again(const kern_ops *k, data *d)
{
    k->filter_u8(d->keep, d->ids, N, d->bits);
}
static void planes_of(const data *d, const uint64_t *planes[], size_t n)
{
    for (size_t p = 0; p < n; p++) planes[p] = d->out64 + p * WORDS;
}
static void planes3(const kern_ops *k, data *d)
{
    const uint64_t *planes[3];
    planes_of(d, planes, 3);
    k->add_planes(d->out32, N, planes, 3, d->map);
}
static void planes6(const kern_ops *k, data *d)
{
    const uint64_t *planes[6];
    planes_of(d, planes, 6);
    k->add_planes(d->out32, N, planes, 6, d->map);
}
static void planes10(const kern_ops *k, data *d)
{
    const uint64_t *planes[10];
    planes_of(d, planes, 10);
    k->add_planes(d->out32, N, planes, 10, d->map);
}
static void count_both(const kern_ops *k, data *d)
{
    sink = (double)k->count_both(d->out64, d->out64 + WORDS, WORDS);
}
/* All of them are in it after the first time. */
static void set_again(const kern_ops *k, data *d)
{
    for (size_t at = 0; at < N; at += 1024) k->set_bits(d->out64, d->ids + at, 1024, (kern_soon){0});
}
static void set_anew(const kern_ops *k, data *d)
{
    for (size_t i = 0; i < kern_words(MAP_SIZE); i++) d->out64[i] = 0;
    k->set_bits(d->out64, d->ids, MAP_SIZE / 10, (kern_soon){0});
}
static void range(const kern_ops *k, data *d)
{
    all_rows(d);
    k->range_i64(d->ints, N, 1 << 20, 1 << 23, d->bits);
}
static void select_rows(const kern_ops *k, data *d)
{
    d->n_rows = k->select(d->bits, N, d->rows);
}
static void sum(const kern_ops *k, data *d)
{
    sink = (double)k->sum_i64(d->ints, N);
}
static void sum_wide(const kern_ops *k, data *d)
{
    sink = (double)k->sum_wide_i64(d->ints, N);
}
static void sum_selected(const kern_ops *k, data *d)
{
    sink = (double)k->sum_sel_i64(d->ints, d->rows, d->n_rows);
}
static void sum_wide_selected(const kern_ops *k, data *d)
{
    sink = (double)k->sum_wide_sel_i64(d->ints, d->rows, d->n_rows);
}
static void least(const kern_ops *k, data *d)
{
    sink = (double)k->min_i64(d->ints, N);
}
static void sum_double(const kern_ops *k, data *d)
{
    sink = k->sum_f64(d->doubles, N);
}
static void least_double(const kern_ops *k, data *d)
{
    sink = k->min_f64(d->doubles, N);
}
static void sum_double_selected(const kern_ops *k, data *d)
{
    sink = k->sum_sel_f64(d->doubles, d->rows, d->n_rows);
}

/* Order matters: filter leaves the bitmap that filter_again and select read, select the rows of the
 * *_selected. */
static const struct {
    const char *name;
    void (*run)(const kern_ops *k, data *d);
} cases[] = {
    {"unpack u32, 5 bits", unpack5},
    {"unpack u32, 17 bits", unpack17},
    {"unpack u32, 27 bits", unpack27},
    {"unpack u64, 21 bits", unpack_wide21},
    {"unpack u64, 60 bits", unpack_wide60},
    {"gather u32", gather},
    {"combine u32", combine},
    {"look up 3 planes", planes3},
    {"look up 6 planes", planes6},
    {"look up 10 planes", planes10},
    {"count both", count_both},
    {"set bits again", set_again},
    {"set a thousand bits anew", set_anew},
    {"range i64", range},
    {"filter all rows", filter},
    {"filter what is left", filter_again},
    {"select", select_rows},
    {"sum i64", sum},
    {"sum i64 in 128 bits", sum_wide},
    {"sum i64, selected", sum_selected},
    {"sum i64 in 128 bits, selected", sum_wide_selected},
    {"min i64", least},
    {"sum f64", sum_double},
    {"min f64", least_double},
    {"sum f64, selected", sum_double_selected},
};

static double best_ns(const kern_ops *k, data *d, void (*run)(const kern_ops *, data *))
{
    double best = 1e300;
    for (int i = 0; i < ROUNDS; i++) {
        double from = now_ns();
        run(k, d);
        double ns = (now_ns() - from) / N;
        if (ns < best) best = ns;
    }
    return best;
}

int main(int argc, char **argv)
{
    const kern_ops *tables[KERN_LEVELS];
    size_t n_tables = kern_usable(tables);
    unsigned percent = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 30;
    data *d = aligned_alloc(64, (sizeof *d + 63) / 64 * 64);
    if (!d) return 1;
    fill(d, percent);
    printf("ns per row of a block, %u%% of rows kept\n%-30s", percent, "");
    for (size_t t = 0; t < n_tables; t++) printf("%10s", tables[t]->isa);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        printf("\n%-30s", cases[c].name);
        for (size_t t = 0; t < n_tables; t++) printf("%10.3f", best_ns(tables[t], d, cases[c].run));
    }
    printf("\n");
    free(d);
    return 0;
}
