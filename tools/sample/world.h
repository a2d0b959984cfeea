/* world.h - the sample company before the first sale: calendar, shops, products, customers.
 *
 * Shops and products are arrays. There may be a hundred million customers, so they are not stored: a customer
 * is a pure function of the seed and its number. Everything is read-only once made, and shared by all
 * threads. */
#pragma once

#include "base/arena.h"
#include "tools/sample/goods.h"
#include "tools/sample/places.h"
#include "tools/sample/rng.h"
#include "tools/sample/sample.h"

/* Purposes of random numbers (rng_trait, rng_stream). */
enum { RNG_SHOP = 1, RNG_PRODUCT, RNG_CUSTOMER, RNG_PERSON, RNG_DAY, RNG_PROMOTION, RNG_SALES };

typedef struct shop {
    uint32_t city;        /* index of places_cities */
    uint32_t number;      /* the how manieth of its city, from 0 */
    int64_t opened;       /* day; number 0 is open from the start */
    const char *format;   /* "Hypermarket", ... */
    uint32_t floor_space; /* square metres */
} shop;

typedef struct product {
    uint32_t kind, brand, line;
    uint32_t edition;     /* 0: the first of that brand, line and kind; else a number in its name */
    uint32_t price, cost; /* cents, on the first day */
    double popularity;    /* within its kind */
} product;

typedef enum segment { SEGMENT_CONSUMER, SEGMENT_FAMILY, SEGMENT_STUDENT, SEGMENT_BUSINESS } segment;

#define DAY_NEVER INT64_MAX

typedef struct customer {
    uint32_t city;
    segment segment;
    uint32_t favourite;   /* the kind of product bought most often */
    int64_t joined, left; /* first and last day; left DAY_NEVER: still with us */
} customer;

typedef struct world {
    sample_options o;
    int64_t first_day, end_day; /* [first, end) */
    uint32_t n_months;
    uint64_t *rows_before; /* [days + 1]: sales on the days before */

    shop *shops; /* grouped by city */
    uint32_t n_cities, n_shops;
    uint32_t *city_first_shop; /* [n_cities + 1] */
    uint32_t *city_slots;      /* [CITY_SLOTS]: cities in proportion to their weight */

    product *products;            /* grouped by kind, the most popular first */
    uint32_t *kind_first_product; /* [goods_n_kinds + 1] */

    uint64_t rank_step, rank_back; /* customer = rank * step mod n, rank = customer * back mod n */
} world;

enum { CITY_SLOTS = 4096 };

/* Make the world of options that sample_check has passed, in the arena. */
PT_MUST_USE pt_status world_make(const sample_options *o, arena *a, world **out, pt_err *err);

/* i < o.n_customers */
customer world_customer(const world *w, uint64_t i);
/* Rank 0 buys most. Ranks and customers are the same numbers in another order. */
static inline uint64_t world_customer_of_rank(const world *w, uint64_t rank)
{
    return (uint64_t)((unsigned __int128)rank * w->rank_step % w->o.n_customers);
}
static inline uint64_t world_rank_of_customer(const world *w, uint64_t i)
{
    return (uint64_t)((unsigned __int128)i * w->rank_back % w->o.n_customers);
}

/* First day of month number m (0 .. n_months). */
int64_t world_month_day(const world *w, uint32_t m);
/* Percent off the price of a kind in a month; 0 mostly. */
uint32_t world_promotion(const world *w, uint32_t month, uint32_t kind);
