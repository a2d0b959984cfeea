/* ssb_tables.c - see ssb_tables.h. The word lists are those of TPC-H, from which the benchmark is derived. */
#include "tools/bench/ssb_tables.h"

#include <math.h>
#include <stdio.h>

#include "base/date.h"
#include "tools/sample/outfile.h"

static const char *const regions[] = {"AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST"};
static const char *const nations[] = {
    "ALGERIA",   "ETHIOPIA", "KENYA",   "MOROCCO", "MOZAMBIQUE",     /* of AFRICA */
    "ARGENTINA", "BRAZIL",   "CANADA",  "PERU",    "UNITED STATES",  /* of AMERICA */
    "CHINA",     "INDIA",    "JAPAN",   "VIETNAM", "INDONESIA",      /* of ASIA */
    "FRANCE",    "GERMANY",  "ROMANIA", "RUSSIA",  "UNITED KINGDOM", /* of EUROPE */
    "EGYPT",     "IRAN",     "IRAQ",    "JORDAN",  "SAUDI ARABIA",   /* of the MIDDLE EAST */
};
static const char *const segments[] = {"AUTOMOBILE", "BUILDING", "FURNITURE", "HOUSEHOLD", "MACHINERY"};
static const char *const colors[] = {
    "almond",    "antique",    "aquamarine", "azure",     "beige",     "bisque",     "black",     "blanched",
    "blue",      "blush",      "brown",      "burlywood", "burnished", "chartreuse", "chiffon",   "chocolate",
    "coral",     "cornflower", "cornsilk",   "cream",     "cyan",      "dark",       "deep",      "dim",
    "dodger",    "drab",       "firebrick",  "floral",    "forest",    "frosted",    "gainsboro", "ghost",
    "goldenrod", "green",      "grey",       "honeydew",  "hot",       "indian",     "ivory",     "khaki",
    "lace",      "lavender",   "lawn",       "lemon",     "light",     "lime",       "linen",     "magenta",
    "maroon",    "medium",     "metallic",   "midnight",  "mint",      "misty",      "moccasin",  "navajo",
    "navy",      "olive",      "orange",     "orchid",    "pale",      "papaya",     "peach",     "peru",
    "pink",      "plum",       "powder",     "puff",      "purple",    "red",        "rose",      "rosy",
    "royal",     "saddle",     "salmon",     "sandy",     "seashell",  "sienna",     "sky",       "slate",
    "smoke",     "snow",       "spring",     "steel",     "tan",       "thistle",    "tomato",    "turquoise",
    "violet",    "wheat",      "white",      "yellow",
};
static const char *const types[3][6] = {{"STANDARD", "SMALL", "MEDIUM", "LARGE", "ECONOMY", "PROMO"},
                                        {"ANODIZED", "BURNISHED", "PLATED", "POLISHED", "BRUSHED"},
                                        {"TIN", "NICKEL", "BRASS", "STEEL", "COPPER"}};
static const char *const boxes[] = {"SM", "LG", "MED", "JUMBO", "WRAP"};
static const char *const containers[] = {"CASE", "BOX", "BAG", "JAR", "PKG", "PACK", "CAN", "DRUM"};

#define PICK(random, list) (list)[rng_below(random, sizeof(list) / sizeof(list)[0])]

ssb_sizes ssb_sizes_at(double scale)
{
    double parts = scale < 1 ? scale : 1 + floor(log2(scale));
    ssb_sizes s = {(uint64_t)(30000 * scale), (uint64_t)(2000 * scale), (uint64_t)(200000 * parts),
                   (uint64_t)(1500000 * scale)};
    if (s.n_customers < SSB_CITIES) s.n_customers = SSB_CITIES;
    if (s.n_suppliers < SSB_CITIES) s.n_suppliers = SSB_CITIES;
    if (s.n_parts < SSB_BRANDS) s.n_parts = SSB_BRANDS;
    if (s.n_orders < 1) s.n_orders = 1;
    return s;
}

/* ---- files ---------------------------------------------------------------- */

/* Appends row i to the file. */
typedef void (*row_fn)(outfile *f, uint64_t seed, uint64_t i);

static pt_status write_table(const char *dir, const char *name, uint64_t seed, uint64_t n, row_fn put_row,
                             pt_err *err)
{
    outfile f;
    PT_TRY(outfile_open(&f, dir, name, err));
    for (uint64_t i = 0; i < n; i++) {
        put_row(&f, seed, i);
        pt_status st = outfile_flush_if_full(&f, err);
        if (st != PT_OK) {
            outfile_abort(&f);
            return st;
        }
    }
    return outfile_commit(&f, err);
}

static void put(outfile *f, const char *text)
{
    out_text(f, text);
    out_char(f, ',');
}

static void put_number(outfile *f, uint64_t x)
{
    out_u64(f, x);
    out_char(f, ',');
}

/* ---- customers and suppliers ---------------------------------------------- */

static void put_name(outfile *f, const char *word, uint64_t key)
{
    char name[48];
    snprintf(name, sizeof name, "%s#%09llu", word, (unsigned long long)key);
    put(f, name);
}

static void put_address(outfile *f, rng *r)
{
    static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ";
    for (uint64_t n = 10 + rng_below(r, 16); n > 0; n--)
        out_char(f, letters[rng_below(r, sizeof letters - 2)]);
    out_char(f, ',');
}

/* Where thing i of n kinds lies: in each run of n things every kind comes once, in another order each time.
 */
static uint64_t spread(uint64_t seed, uint32_t purpose, uint64_t i, uint64_t n)
{
    uint64_t trait = rng_trait(seed, purpose, UINT64_MAX - i / n);
    uint64_t step = (trait >> 32) % n;
    while (step % 2 == 0 || step % 5 == 0) step++; /* n is a product of twos and fives */
    return (i % n * step + trait) % n;
}

static void put_place(outfile *f, rng *r, uint64_t city)
{
    char text[32];
    uint64_t nation = city / 10;
    snprintf(text, sizeof text, "%-9.9s%u", nations[nation], (unsigned)(city % 10));
    put(f, text);
    put(f, nations[nation]);
    put(f, regions[nation / 5]);
    snprintf(text, sizeof text, "%u-%u-%u-%u", (unsigned)nation + 10, 100 + (unsigned)rng_below(r, 900),
             100 + (unsigned)rng_below(r, 900), 1000 + (unsigned)rng_below(r, 9000));
    out_text(f, text);
}

static void put_customer(outfile *f, uint64_t seed, uint64_t i)
{
    rng r = rng_stream(seed, SSB_CUSTOMER, i);
    put_number(f, i + 1);
    put_name(f, "Customer", i + 1);
    put_address(f, &r);
    put_place(f, &r, spread(seed, SSB_CUSTOMER, i, SSB_CITIES));
    out_char(f, ',');
    out_text(f, PICK(&r, segments));
    out_char(f, '\n');
}

static void put_supplier(outfile *f, uint64_t seed, uint64_t i)
{
    rng r = rng_stream(seed, SSB_SUPPLIER, i);
    put_number(f, i + 1);
    put_name(f, "Supplier", i + 1);
    put_address(f, &r);
    put_place(f, &r, spread(seed, SSB_SUPPLIER, i, SSB_CITIES));
    out_char(f, '\n');
}

pt_status ssb_write_customers(const char *dir, uint64_t seed, uint64_t n, pt_err *err)
{
    return write_table(dir, "customer.tbl", seed, n, put_customer, err);
}

pt_status ssb_write_suppliers(const char *dir, uint64_t seed, uint64_t n, pt_err *err)
{
    return write_table(dir, "supplier.tbl", seed, n, put_supplier, err);
}

/* ---- parts ---------------------------------------------------------------- */

static void put_part(outfile *f, uint64_t seed, uint64_t i)
{
    rng r = rng_stream(seed, SSB_PART, i);
    char text[64];
    unsigned brand = (unsigned)spread(seed, SSB_PART, i, SSB_BRANDS);
    unsigned category = brand / 200 * 10 + brand / 40 % 5 + 11;
    const char *color = PICK(&r, colors);
    put_number(f, i + 1);
    snprintf(text, sizeof text, "%s %s", color, PICK(&r, colors));
    put(f, text);
    snprintf(text, sizeof text, "MFGR#%u", category / 10);
    put(f, text);
    snprintf(text, sizeof text, "MFGR#%u", category);
    put(f, text);
    snprintf(text, sizeof text, "MFGR#%u%u", category, brand % 40 + 1);
    put(f, text);
    put(f, color);
    snprintf(text, sizeof text, "%s %s %s", types[0][rng_below(&r, 6)], types[1][rng_below(&r, 5)],
             types[2][rng_below(&r, 5)]);
    put(f, text);
    put_number(f, 1 + rng_below(&r, 50));
    snprintf(text, sizeof text, "%s %s", PICK(&r, boxes), PICK(&r, containers));
    out_text(f, text);
    out_char(f, '\n');
}

pt_status ssb_write_parts(const char *dir, uint64_t seed, uint64_t n, pt_err *err)
{
    return write_table(dir, "part.tbl", seed, n, put_part, err);
}

/* ---- days ----------------------------------------------------------------- */

int64_t ssb_first_day(void)
{
    return date_days(1992, 1, 1);
}

uint32_t ssb_date_key(int64_t day)
{
    civil c = date_civil(day);
    return (uint32_t)(c.year * 10000 + c.month * 100 + c.day);
}

static const char *season(int month)
{
    static const char *const of_month[] = {"Winter", "Winter", "Spring", "Spring", "Summer",    "Summer",
                                           "Summer", "Summer", "Fall",   "Fall",   "Christmas", "Christmas"};
    return of_month[month - 1];
}

static bool is_holiday(int month, int day)
{
    static const int days[] = {101, 214, 317, 501, 704, 905, 1031, 1111, 1224, 1225, 1231};
    for (size_t i = 0; i < sizeof days / sizeof *days; i++)
        if (days[i] == month * 100 + day) return true;
    return false;
}

static void put_flags(outfile *f, const bool flags[4])
{
    for (int i = 0; i < 4; i++) {
        out_char(f, flags[i] ? '1' : '0');
        out_char(f, i < 3 ? ',' : '\n');
    }
}

static void put_day(outfile *f, uint64_t seed, uint64_t i)
{
    (void)seed;
    int64_t day = ssb_first_day() + (int64_t)i;
    civil c = date_civil(day);
    char text[64];
    unsigned day_in_week = (unsigned)date_weekday(day) % 7 + 1; /* Sunday is 1 */
    unsigned day_in_year = (unsigned)(day - date_days(c.year, 1, 1)) + 1;
    const char *month = date_month_name(c.month);
    put_number(f, ssb_date_key(day));
    snprintf(text, sizeof text, "\"%s %d, %d\"", month, c.day, c.year);
    put(f, text);
    put(f, date_day_name(date_weekday(day)));
    put(f, month);
    put_number(f, (unsigned)c.year);
    put_number(f, (unsigned)(c.year * 100 + c.month));
    snprintf(text, sizeof text, "%.3s%d", month, c.year);
    put(f, text);
    put_number(f, day_in_week);
    put_number(f, (unsigned)c.day);
    put_number(f, day_in_year);
    put_number(f, (unsigned)c.month);
    put_number(f, (day_in_year - 1) / 7 + 1);
    put(f, season(c.month));
    put_flags(f, (bool[]){day_in_week == 7, c.day == date_month_days(c.year, c.month),
                          is_holiday(c.month, c.day), day_in_week > 1 && day_in_week < 7});
}

pt_status ssb_write_dates(const char *dir, pt_err *err)
{
    return write_table(dir, "date.tbl", 0, SSB_DAYS, put_day, err);
}
