/* dimensions.c - see dimensions.h. No name in the tables of places.c and goods.c holds a comma, a quote or a
 * line end, so fields are written as they are (a test holds this). */
#include "tools/sample/dimensions.h"

#include <stdio.h>

#include "base/date.h"
#include "base/fs.h"
#include "tools/sample/outfile.h"
#include "tools/sample/scripts.h"
#include "tools/substitute.h"

typedef void (*put_row_fn)(const world *w, uint64_t i, outfile *f);

static pt_status write_table(const world *w, const char *dir, const char *name, const char *header,
                             uint64_t n_rows, put_row_fn put_row, pt_err *err)
{
    outfile f;
    PT_TRY(outfile_open(&f, dir, name, err));
    pt_status st = PT_OK;
    out_text(&f, header);
    for (uint64_t i = 0; i < n_rows && st == PT_OK; i++) {
        out_char(&f, '\n');
        put_row(w, i, &f);
        st = outfile_flush_if_full(&f, err);
    }
    out_char(&f, '\n');
    if (st == PT_OK) return outfile_commit(&f, err);
    outfile_abort(&f);
    return st;
}

static void put(outfile *f, const char *z)
{
    out_char(f, ',');
    out_text(f, z);
}

static void put_u64(outfile *f, uint64_t x)
{
    out_char(f, ',');
    out_u64(f, x);
}

static void put_date(outfile *f, int64_t day)
{
    out_char(f, ',');
    if (day != DAY_NEVER) out_date(f, day);
}

/* ---- stores --------------------------------------------------------------- */

static void put_store_name(const shop *s, const city *c, outfile *f)
{
    const char *const *words = c->country->store_words;
    out_char(f, ',');
    out_text(f, c->name);
    if (!c->country->names->family_first) out_char(f, ' ');
    out_text(f, words[s->number % ARRAY_LEN(c->country->store_words)]);
    uint32_t round = s->number / (uint32_t)ARRAY_LEN(c->country->store_words);
    if (round == 0) return;
    if (!c->country->names->family_first) out_char(f, ' ');
    out_u64(f, round + 1);
}

static void put_store(const world *w, uint64_t i, outfile *f)
{
    const shop *s = &w->shops[i];
    const city *c = &places_cities[s->city];
    out_u64(f, i + 1);
    put(f, c->country->area);
    put(f, c->country->code);
    put(f, c->country->name);
    put(f, c->province);
    put(f, c->name);
    put_store_name(s, c, f);
    put(f, s->format);
    put_u64(f, s->floor_space);
    put_date(f, s->opened);
}

pt_status dimensions_write_stores(const world *w, const char *dir, pt_err *err)
{
    return write_table(
        w, dir, "stores.csv",
        "store_id,area,country_code,country,province,city,store_name,store_format,floor_space,opened_on",
        w->n_shops, put_store, err);
}

/* ---- departments ---------------------------------------------------------- */

static void put_department(const world *w, uint64_t i, outfile *f)
{
    (void)w;
    const department *d = &goods_departments[i];
    out_u64(f, i + 1);
    put(f, d->division);
    put(f, d->name);
    put(f, d->manager);
}

pt_status dimensions_write_departments(const char *dir, pt_err *err)
{
    return write_table(NULL, dir, "departments.csv", "department_id,division,department_name,manager",
                       goods_n_departments, put_department, err);
}

/* ---- products ------------------------------------------------------------- */

static void put_product(const world *w, uint64_t i, outfile *f)
{
    const product *p = &w->products[i];
    const kind *kd = &goods_kinds[p->kind];
    out_u64(f, i + 1);
    put(f, kd->family);
    put(f, kd->category);
    put(f, kd->name);
    put(f, goods_brands[p->brand]);
    put(f, goods_brands[p->brand]);
    out_char(f, ' ');
    out_text(f, goods_lines[p->line]);
    out_char(f, ' ');
    out_text(f, kd->noun);
    if (p->edition > 0) {
        out_text(f, " No. ");
        out_u64(f, p->edition + 1);
    }
    out_char(f, ',');
    out_cents(f, p->price);
}

pt_status dimensions_write_products(const world *w, const char *dir, pt_err *err)
{
    return write_table(w, dir, "products.csv",
                       "product_id,family,category,subcategory,brand,product_name,list_price",
                       w->o.n_products, put_product, err);
}

/* ---- customers ------------------------------------------------------------ */

static void put_person(const name_set *names, uint64_t r, bool is_female, outfile *f)
{
    const char *given = is_female ? names->female[r % names->n_female] : names->male[r % names->n_male];
    const char *family = names->family[(r >> 16) % names->n_family];
    out_char(f, ',');
    out_text(f, names->family_first ? family : given);
    if (!names->family_first) out_char(f, ' ');
    out_text(f, names->family_first ? given : family);
}

static const char *loyalty(const world *w, uint64_t i)
{
    uint64_t per_mille = world_rank_of_customer(w, i) * 1000 / w->o.n_customers;
    return per_mille < 50 ? "Gold" : per_mille < 200 ? "Silver" : per_mille < 500 ? "Bronze" : "Basic";
}

static void put_customer(const world *w, uint64_t i, outfile *f)
{
    static const char *const segments[] = {"Consumer", "Family", "Student", "Business"};
    static const char *const ages[] = {"18-24", "25-34", "35-49", "50-64", "65+"};
    customer c = world_customer(w, i);
    const city *home = &places_cities[c.city];
    uint64_t r = rng_trait(w->o.seed, RNG_PERSON, i);
    bool is_female = (r >> 56 & 255) < 133;
    bool is_unknown = (r >> 48 & 63) == 0;
    uint32_t age = c.segment == SEGMENT_STUDENT ? 0 : 1 + (uint32_t)(r >> 40 & 3);
    civil joined = date_civil(c.joined);
    char month[24];
    snprintf(month, sizeof month, "%04d-%02d", joined.year, joined.month);

    out_u64(f, i + 1);
    put_person(home->country->names, r, is_female, f);
    put(f, is_unknown ? "" : is_female ? "F" : "M");
    put(f, ages[age]);
    put(f, segments[c.segment]);
    put(f, loyalty(w, i));
    put(f, home->country->code);
    put(f, home->country->name);
    put(f, home->province);
    put(f, home->name);
    put_date(f, c.joined);
    put_u64(f, (uint64_t)joined.year);
    put(f, month);
    put_date(f, c.left);
}

pt_status dimensions_write_customers(const world *w, const char *dir, pt_err *err)
{
    return write_table(
        w, dir, "customers.csv",
        "customer_id,customer_name,gender,age_group,segment,loyalty,country_code,country,province,city,"
        "joined_on,joined_year,joined_month,left_on",
        w->o.n_customers, put_customer, err);
}

/* ---- scripts -------------------------------------------------------------- */

static pt_status write_script(const world *w, const char *dir, const char *name, pt_str text, pt_err *err)
{
    char first[24], last[24], last_year[16], path[4096];
    civil c = date_civil(w->end_day - 1);
    snprintf(first, sizeof first, "%04d-01-01", w->o.first_year);
    snprintf(last, sizeof last, "%04d-12-31", c.year);
    snprintf(last_year, sizeof last_year, "%d", c.year);
    const substitution values[] = {{"first_day", first}, {"last_day", last}, {"last_year", last_year}};
    int n = snprintf(path, sizeof path, "%s/%s", dir, name);
    if (n < 0 || (size_t)n >= sizeof path)
        return pt_fail(err, PT_LIMIT, "the path %s/%s is too long", dir, name);
    strbuf out = {0};
    pt_status st = substitute(text, values, ARRAY_LEN(values), &out, err);
    if (st == PT_OK) st = fs_write_atomic(path, out.ptr, out.len, err);
    strbuf_free(&out);
    return st;
}

pt_status dimensions_write_scripts(const world *w, const char *dir, pt_err *err)
{
    pt_str definitions = {(const char *)sample_warehouse_patron, sizeof sample_warehouse_patron};
    pt_str queries = {(const char *)sample_queries_mdx, sizeof sample_queries_mdx};
    PT_TRY(write_script(w, dir, "warehouse.patron", definitions, err));
    return write_script(w, dir, "queries.mdx", queries, err);
}
