/* facts.c - one row after the other: who buys, what, where, how many, at what price.
 *
 * A row takes its random numbers from the month's own stream. Amounts are cents in 64 bits: the dearest row
 * (24 pieces of the dearest product after thirty years of rising prices) is far below. */
#include "tools/sample/facts.h"

#include <stdio.h>

#include "base/date.h"
#include "tools/sample/outfile.h"

/* What is the same for all rows of a month. */
typedef struct month {
    const world *w;
    uint32_t number;
    arena *a;
    uint64_t *alias_limit; /* [n_products], of 2^32; see make_alias */
    uint32_t *alias;
    uint32_t *promotion; /* [goods_n_kinds], percent */
    uint64_t price_per_mille;
    uint32_t online_percent;
    rng random;
    outfile file;
} month;

typedef struct sale {
    uint64_t customer;
    uint32_t shop, product, department;
    int64_t units, revenue, cost, discount;
} sale;

/* ---- what is bought ------------------------------------------------------- */

/* Walker's alias table by Vose's method: a product in proportion to its weight from one random number. */
static pt_status make_alias(month *m, double *weight, double total, pt_err *err)
{
    uint32_t n = m->w->o.n_products, n_small = 0, n_large = 0;
    m->alias_limit = arena_array(m->a, uint64_t, n);
    m->alias = arena_array(m->a, uint32_t, n);
    uint32_t *small = arena_array(m->a, uint32_t, n), *large = arena_array(m->a, uint32_t, n);
    if (!m->alias_limit || !m->alias || !small || !large) return arena_fail(m->a, err);
    for (uint32_t i = 0; i < n; i++) {
        weight[i] *= (double)n / total;
        m->alias_limit[i] = UINT64_C(1) << 32;
        m->alias[i] = i;
        if (weight[i] < 1)
            small[n_small++] = i;
        else
            large[n_large++] = i;
    }
    while (n_small && n_large) {
        uint32_t s = small[--n_small], l = large[n_large - 1];
        m->alias_limit[s] = (uint64_t)(weight[s] * 0x1p32);
        m->alias[s] = l;
        weight[l] -= 1 - weight[s];
        if (weight[l] < 1) {
            n_large--;
            small[n_small++] = l;
        }
    }
    return PT_OK;
}

static pt_status make_month(month *m, pt_err *err)
{
    const world *w = m->w;
    uint32_t n = w->o.n_products, calendar_month = m->number % 12;
    double *weight = arena_array(m->a, double, n), total = 0;
    m->promotion = arena_array(m->a, uint32_t, goods_n_kinds);
    if (!weight || !m->promotion) return arena_fail(m->a, err);
    for (uint32_t k = 0; k < goods_n_kinds; k++) m->promotion[k] = world_promotion(w, m->number, k);
    for (uint32_t i = 0; i < n; i++) {
        const product *p = &w->products[i];
        const kind *kd = &goods_kinds[p->kind];
        double x = (double)kd->weight * (double)goods_season[kd->season][calendar_month] * p->popularity;
        weight[i] = m->promotion[p->kind] ? x * 1.5 : x;
        total += weight[i];
    }
    PT_TRY(make_alias(m, weight, total, err));
    m->price_per_mille = 1000 + 2 * m->number;
    m->online_percent = m->number < 110 ? 8 + m->number / 2 : 63;
    m->random = rng_stream(w->o.seed, RNG_SALES, m->number);
    return PT_OK;
}

static uint32_t pick_product(month *m, const customer *c)
{
    const world *w = m->w;
    uint64_t r = rng_next(&m->random);
    if (rng_scale(r, 100) < 30) { /* the favourite kind, its best sellers first */
        uint32_t first = w->kind_first_product[c->favourite],
                 n = w->kind_first_product[c->favourite + 1] - first;
        double u = rng_unit(rng_next(&m->random));
        if (n > 0) return first + (uint32_t)(u * u * (double)n);
    }
    r = rng_next(&m->random);
    uint32_t i = (uint32_t)rng_scale(r & ~UINT64_C(0xFFFFFFFF), w->o.n_products);
    return (r & 0xFFFFFFFF) < m->alias_limit[i] ? i : m->alias[i];
}

static int64_t pick_units(month *m, const kind *kd, segment s)
{
    uint64_t r = rng_next(&m->random);
    int64_t units = 1;
    if (s == SEGMENT_BUSINESS) return 2 + (int64_t)rng_scale(r, kd->packs * 7u);
    for (uint32_t often = (uint32_t)kd->packs - 1 + (s == SEGMENT_FAMILY); units < 9; r >>= 6, units++)
        if ((r & 63) >= 3 + 12 * often) break;
    return units;
}

/* ---- who buys, and where -------------------------------------------------- */

/* The density falls with the rank as (rank + shift)^(-3/4): three fifths of the sales go to the best fifth,
 * but nobody is the whole business. */
static uint64_t pick_rank(month *m)
{
    const double low = 0.12, low4 = low * low * low * low;
    double u = low + (1 - low) * rng_unit(rng_next(&m->random)), u4 = u * u * (u * u);
    return (uint64_t)((u4 - low4) / (1 - low4) * (double)m->w->o.n_customers);
}

static uint64_t pick_customer(month *m, int64_t day, customer *c)
{
    for (int tries = 0; tries < 1000; tries++) {
        uint64_t rank = pick_rank(m);
        uint64_t i = world_customer_of_rank(m->w, rank);
        *c = world_customer(m->w, i);
        if (day >= c->joined && day <= c->left) return i;
    }
    *c = world_customer(m->w, 0);
    return 0;
}

static uint32_t pick_shop(month *m, const customer *c, int64_t day)
{
    const world *w = m->w;
    uint64_t r = rng_next(&m->random);
    uint32_t city_of =
        (r & 1023) < 30 ? w->city_slots[r >> 10 & (CITY_SLOTS - 1)] : c->city; /* some travel */
    uint32_t first = w->city_first_shop[city_of], n = w->city_first_shop[city_of + 1] - first;
    double u = rng_unit(r);
    uint32_t i = first + (uint32_t)(u * u * (double)n);
    return w->shops[i].opened <= day ? i : first;
}

static uint32_t pick_department(month *m, const customer *c, const kind *kd)
{
    uint32_t shop_floor = kd->department;
    bool is_edible = shop_floor <= 1;
    if (c->segment == SEGMENT_BUSINESS) return is_edible ? DEPARTMENT_HOTELS : DEPARTMENT_OFFICES;
    uint64_t r = rng_next(&m->random);
    uint32_t online = shop_floor == 0 ? m->online_percent / 4
                      : is_edible     ? m->online_percent / 2
                                      : m->online_percent;
    if (rng_scale(r, 100) >= online) return shop_floor;
    uint32_t door = (uint32_t)(r & 7);
    uint32_t d = door < 4 ? DEPARTMENT_WEB : door < 7 ? DEPARTMENT_APP : DEPARTMENT_MARKET;
    return goods_departments[d].opened <= m->number ? d : DEPARTMENT_WEB;
}

static void make_sale(month *m, int64_t day, sale *s)
{
    customer c;
    s->customer = pick_customer(m, day, &c);
    s->product = pick_product(m, &c);
    const product *p = &m->w->products[s->product];
    const kind *kd = &goods_kinds[p->kind];
    s->shop = pick_shop(m, &c, day);
    s->department = pick_department(m, &c, kd);
    s->units = pick_units(m, kd, c.segment);

    uint64_t r = rng_next(&m->random);
    uint32_t percent = m->promotion[p->kind] + (c.segment == SEGMENT_BUSINESS ? 8 : 0);
    bool is_online = s->department >= DEPARTMENT_WEB && s->department <= DEPARTMENT_MARKET;
    if (rng_scale(r, 1000) < kd->returns * (is_online ? 2u : 1u)) s->units = -1; /* one comes back */
    int64_t list = (int64_t)(p->price * m->price_per_mille / 1000) * s->units;
    s->discount = list * percent / 100;
    s->revenue = list - s->discount;
    s->cost = (int64_t)(p->cost * m->price_per_mille / 1000) * s->units;
}

/* ---- the file ------------------------------------------------------------- */

static void put_sale(outfile *f, const char day[10], const sale *s)
{
    out_bytes(f, day, 10);
    out_char(f, ',');
    out_u64(f, s->shop + 1);
    out_char(f, ',');
    out_u64(f, s->product + 1);
    out_char(f, ',');
    out_u64(f, s->department + 1);
    out_char(f, ',');
    out_u64(f, s->customer + 1);
    out_char(f, ',');
    if (s->units < 0) out_char(f, '-');
    out_u64(f, (uint64_t)(s->units < 0 ? -s->units : s->units));
    out_char(f, ',');
    out_cents(f, s->revenue);
    out_char(f, ',');
    out_cents(f, s->cost);
    out_char(f, ',');
    out_cents(f, s->discount);
    out_char(f, '\n');
}

static pt_status write_rows(month *m, facts_tick_fn tick, void *ctx, pt_err *err)
{
    const world *w = m->w;
    outfile *f = &m->file;
    out_text(f, FACTS_HEADER);
    for (int64_t day = world_month_day(w, m->number); day < world_month_day(w, m->number + 1); day++) {
        const uint64_t *before = &w->rows_before[day - w->first_day];
        char date[16];
        civil c = date_civil(day);
        snprintf(date, sizeof date, "%04u-%02u-%02u", (unsigned)c.year % 10000, (unsigned)c.month % 100,
                 (unsigned)c.day % 100);
        for (uint64_t i = before[0]; i < before[1]; i++) {
            sale s;
            make_sale(m, day, &s);
            put_sale(f, date, &s);
            PT_TRY(outfile_flush_if_full(f, err));
        }
        PT_TRY(tick(ctx, before[1] - before[0], err));
    }
    return PT_OK;
}

pt_status facts_write_month(const world *w, const char *dir, uint32_t number, facts_tick_fn tick, void *ctx,
                            uint64_t *n_bytes, pt_err *err)
{
    month m = {.w = w, .number = number, .a = arena_new(0)};
    char name[64];
    if (!m.a) return pt_fail(err, PT_NOMEM, "no memory for the sales of a month");
    civil c = date_civil(world_month_day(w, number));
    snprintf(name, sizeof name, "sales_%04d_%02d.csv", c.year, c.month);
    pt_status st = make_month(&m, err);
    if (st == PT_OK) st = outfile_open(&m.file, dir, name, err);
    if (st == PT_OK) {
        st = write_rows(&m, tick, ctx, err);
        if (st == PT_OK)
            st = outfile_commit(&m.file, err);
        else
            outfile_abort(&m.file);
    }
    *n_bytes = m.file.n_written;
    arena_free(m.a);
    return st;
}
