/* world.c - see world.h. Doubles are used for weights only, with +, -, * and / alone, whose results are the
 * same on every machine. */
#include "tools/sample/world.h"

#include "base/date.h"

/* ---- calendar ------------------------------------------------------------- */

int64_t world_month_day(const world *w, uint32_t m)
{
    return date_days(w->o.first_year, 1 + (int)m, 1);
}

/* How busy a day is: growth, month, weekday, feasts, and a little chance. */
static double day_weight(const world *w, int64_t day)
{
    static const double month_factor[12] = {0.88, 0.86, 0.95, 0.97, 0.99, 1.00,
                                            0.98, 0.94, 1.00, 1.03, 1.12, 1.28};
    static const double weekday_factor[7] = {0.84, 0.86, 0.90, 0.98, 1.22, 1.42, 0.78};
    civil c = date_civil(day);
    double years = (double)(day - w->first_day) / 365.25;
    double x = (1 + 0.11 * years) * month_factor[c.month - 1] * weekday_factor[date_weekday(day) - 1];
    bool is_friday = date_weekday(day) == 5;
    if (c.month == 11 && c.day == 11) x *= 1.9;                                   /* Singles' Day */
    if (c.month == 11 && is_friday && c.day >= 23 && c.day <= 29) x *= 2.1;       /* Black Friday */
    if (c.month == 12 && c.day >= 18 && c.day <= 24) x *= 1.35;                   /* last presents */
    if ((c.month == 12 && c.day == 25) || (c.month == 1 && c.day == 1)) x *= 0.3; /* most shops closed */
    return x * (0.93 + 0.14 * rng_unit(rng_trait(w->o.seed, RNG_DAY, (uint64_t)day)));
}

/* Share out the rows over the days so that their sum is exact: each day ends where the running weight says.
 */
static pt_status make_calendar(world *w, arena *a, pt_err *err)
{
    size_t n_days = (size_t)(w->end_day - w->first_day);
    double *weight = arena_array(a, double, n_days);
    w->rows_before = arena_array(a, uint64_t, n_days + 1);
    if (!weight || !w->rows_before) return arena_fail(a, err);
    double total = 0, running = 0;
    for (size_t d = 0; d < n_days; d++) total += weight[d] = day_weight(w, w->first_day + (int64_t)d);
    for (size_t d = 0; d < n_days; d++) {
        w->rows_before[d] = (uint64_t)(running / total * (double)w->o.n_rows);
        running += weight[d];
    }
    w->rows_before[n_days] = w->o.n_rows;
    return PT_OK;
}

/* ---- shops ---------------------------------------------------------------- */

static void make_shop(const world *w, uint32_t i, uint32_t place, uint32_t number, shop *s)
{
    static const char *const formats[] = {"Convenience", "Supermarket", "Supermarket", "Hypermarket"};
    static const uint32_t space[] = {180, 1200, 1400, 5200};
    uint64_t r = rng_trait(w->o.seed, RNG_SHOP, i);
    uint32_t f = (uint32_t)(r & 3);
    int64_t days = w->end_day - w->first_day;
    *s = (shop){.city = place, .number = number, .format = formats[f]};
    s->floor_space = space[f] + space[f] / 100 * (uint32_t)(r >> 8 & 63);
    s->opened = w->first_day - 200 - (int64_t)(r >> 16 & 8191);
    if (number > 0 && (r >> 32 & 3) == 0) /* a quarter of the later shops open while we watch */
        s->opened = w->first_day + (int64_t)rng_scale(rng_mix(r), (uint64_t)days);
}

static pt_status make_shops(world *w, arena *a, pt_err *err)
{
    w->n_shops = w->o.n_stores;
    w->n_cities = w->n_shops < places_n_cities ? w->n_shops : places_n_cities;
    w->shops = arena_array(a, shop, w->n_shops);
    w->city_first_shop = arena_array(a, uint32_t, w->n_cities + 1);
    w->city_slots = arena_array(a, uint32_t, CITY_SLOTS);
    if (!w->shops || !w->city_first_shop || !w->city_slots) return arena_fail(a, err);

    uint32_t n = 0;
    uint64_t total = 0, running = 0;
    for (uint32_t c = 0; c < w->n_cities; c++) {
        uint32_t here = w->n_shops / w->n_cities + (c < w->n_shops % w->n_cities);
        w->city_first_shop[c] = n;
        for (uint32_t k = 0; k < here; k++, n++) make_shop(w, n, c, k, &w->shops[n]);
        total += places_cities[c].weight;
    }
    w->city_first_shop[w->n_cities] = n;
    for (uint32_t c = 0, slot = 0; c < w->n_cities; c++) {
        running += places_cities[c].weight;
        while (slot < running * CITY_SLOTS / total) w->city_slots[slot++] = c;
    }
    return PT_OK;
}

/* ---- products ------------------------------------------------------------- */

static void make_product(const world *w, uint32_t i, uint32_t k, uint32_t number, product *p)
{
    const kind *kd = &goods_kinds[k];
    uint64_t r = rng_trait(w->o.seed, RNG_PRODUCT, i);
    double u = rng_unit(rng_mix(r));
    uint32_t n_names = goods_n_brands * goods_n_lines;
    /* Brand and line step through all combinations (7 is coprime to the number of brands), another start for
     * each kind. */
    uint32_t at = number % n_names + k * 11;
    *p = (product){.kind = k, .edition = number / n_names};
    p->brand = at * 7 % goods_n_brands;
    p->line = (at / goods_n_brands + at) % goods_n_lines;
    /* Cheap ones are more common; prices end in 9. */
    p->price = kd->price_min + (uint32_t)((double)(kd->price_max - kd->price_min) * u * u);
    p->price = p->price / 10 * 10 + 9;
    p->cost = p->price * (100 - kd->margin) / 100 * (uint32_t)(94 + (r & 15)) / 100;
    p->popularity = 1.0 / (double)(number + 2);
}

static pt_status make_products(world *w, arena *a, pt_err *err)
{
    uint32_t n = w->o.n_products;
    w->products = arena_array(a, product, n);
    w->kind_first_product = arena_array(a, uint32_t, goods_n_kinds + 1);
    if (!w->products || !w->kind_first_product) return arena_fail(a, err);
    uint32_t i = 0;
    for (uint32_t k = 0; k < goods_n_kinds; k++) {
        uint32_t here = n / goods_n_kinds + (k < n % goods_n_kinds);
        w->kind_first_product[k] = i;
        for (uint32_t j = 0; j < here; j++, i++) make_product(w, i, k, j, &w->products[i]);
    }
    w->kind_first_product[goods_n_kinds] = i;
    return PT_OK;
}

uint32_t world_promotion(const world *w, uint32_t month, uint32_t k)
{
    uint64_t r = rng_trait(w->o.seed, RNG_PROMOTION, (uint64_t)month << 32 | k);
    return rng_scale(r, 6) == 0 ? 10 + 5 * (uint32_t)(r & 3) : 0;
}

/* ---- customers ------------------------------------------------------------ */

static uint64_t gcd(uint64_t a, uint64_t b)
{
    while (b) {
        uint64_t r = a % b;
        a = b;
        b = r;
    }
    return a;
}

/* The inverse of `step` modulo n (coprime), by the extended Euclid. */
static uint64_t inverse(uint64_t step, uint64_t n)
{
    int64_t t = 0, next = 1, r = (int64_t)n, r_next = (int64_t)(step % n);
    while (r_next) {
        int64_t q = r / r_next, x = t - q * next, y = r - q * r_next;
        t = next;
        next = x;
        r = r_next;
        r_next = y;
    }
    return (uint64_t)(t < 0 ? t + (int64_t)n : t);
}

/* Spread the ranks over the customers with a golden-section step, so that good customers are old and new,
 * here and there. */
static void make_ranks(world *w)
{
    uint64_t n = w->o.n_customers, step = n * 618 / 1000 + 1;
    while (gcd(step, n) != 1) step++;
    w->rank_step = step;
    w->rank_back = inverse(step, n);
}

customer world_customer(const world *w, uint64_t i)
{
    uint64_t r = rng_trait(w->o.seed, RNG_CUSTOMER, i), q = rng_mix(r);
    customer c = {.city = w->city_slots[r % CITY_SLOTS], .left = DAY_NEVER};
    uint32_t kind_of = (uint32_t)(r >> 12 & 127);
    c.segment = kind_of < 79    ? SEGMENT_CONSUMER
                : kind_of < 107 ? SEGMENT_FAMILY
                : kind_of < 118 ? SEGMENT_STUDENT
                                : SEGMENT_BUSINESS;
    c.favourite = (uint32_t)((r >> 19 & 0xFFFF) * goods_n_kinds >> 16);

    uint64_t days = (uint64_t)(w->end_day - w->first_day);
    bool is_late = (r >> 35 & 127) * 100 < (uint64_t)places_cities[c.city].country->late * 128;
    c.joined = is_late ? w->first_day + (int64_t)rng_scale(q, days) : w->first_day - 1 - (int64_t)(q >> 53);
    int64_t start = c.joined > w->first_day ? c.joined : w->first_day;
    if ((r >> 42 & 127) < 38) { /* three in ten leave */
        int64_t last = start + 30 + (int64_t)rng_scale(rng_mix(q), days);
        if (last < w->end_day) c.left = last;
    }
    if (i == 0) { /* somebody is always there */
        c.joined = w->first_day - 1;
        c.left = DAY_NEVER;
    }
    return c;
}

/* ---- all of it ------------------------------------------------------------ */

pt_status world_make(const sample_options *o, arena *a, world **out, pt_err *err)
{
    world *w = arena_make(a, world);
    if (!w) return arena_fail(a, err);
    w->o = *o;
    w->first_day = date_days(o->first_year, 1, 1);
    w->end_day = date_days(o->first_year + (int)o->n_years, 1, 1);
    w->n_months = o->n_years * 12;
    PT_TRY(make_calendar(w, a, err));
    PT_TRY(make_shops(w, a, err));
    PT_TRY(make_products(w, a, err));
    make_ranks(w);
    *out = w;
    return PT_OK;
}
