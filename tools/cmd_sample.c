/* cmd_sample.c - `patron sample`: write the retail data set. */
#include "tools/commands.h"
#include "tools/interrupt.h"
#include "tools/progress.h"
#include "tools/sample/sample.h"

enum {
    OPT_ROWS = 256,
    OPT_SEED,
    OPT_CUSTOMERS,
    OPT_PRODUCTS,
    OPT_STORES,
    OPT_FROM,
    OPT_YEARS,
    OPT_OVERWRITE
};

static const command_option options[] = {
    {"rows", OPT_ROWS, "N", "rows of sales, 1000 to 100000000000 (default: 100000)"},
    {"seed", OPT_SEED, "N", "another seed gives another company (default: 1)"},
    {"customers", OPT_CUSTOMERS, "N", "(default: one for each 40 rows)"},
    {"products", OPT_PRODUCTS, "N", "(default: 1500)"},
    {"stores", OPT_STORES, "N", "(default: 120)"},
    {"from", OPT_FROM, "YEAR", "first year (default: 2022)"},
    {"years", OPT_YEARS, "N", "number of years (default: 3)"},
    {"overwrite", OPT_OVERWRITE, NULL, "write into a directory that has files in it"},
    {NULL, 0, NULL, NULL},
};

static bool take(args *a, int id, sample_options *o)
{
    uint64_t x = 0;
    switch (id) {
    case OPT_ROWS: return args_number(a, "rows", a->value, SAMPLE_MIN_ROWS, SAMPLE_MAX_ROWS, &o->n_rows);
    case OPT_SEED: return args_number(a, "seed", a->value, 0, INT64_MAX, &o->seed);
    case OPT_CUSTOMERS:
        if (!args_number(a, "customers", a->value, 100, SAMPLE_MAX_CUSTOMERS, &x)) return false;
        o->n_customers = (uint32_t)x;
        return true;
    case OPT_PRODUCTS:
        if (!args_number(a, "products", a->value, 100, SAMPLE_MAX_PRODUCTS, &x)) return false;
        o->n_products = (uint32_t)x;
        return true;
    case OPT_STORES:
        if (!args_number(a, "stores", a->value, 1, SAMPLE_MAX_STORES, &x)) return false;
        o->n_stores = (uint32_t)x;
        return true;
    case OPT_FROM:
        if (!args_number(a, "from", a->value, 1900, 9000, &x)) return false;
        o->first_year = (int)x;
        return true;
    case OPT_YEARS:
        if (!args_number(a, "years", a->value, 1, SAMPLE_MAX_YEARS, &x)) return false;
        o->n_years = (uint32_t)x;
        return true;
    case OPT_OVERWRITE: o->overwrite = true; return true;
    default: return false;
    }
}

static int on_progress(void *ctx, uint64_t done, uint64_t total)
{
    progress_show(ctx, "writing sales", done, total, "rows");
    return *interrupt_flag();
}

static int run(application *app, args *a)
{
    sample_options o = {.n_rows = 100000, .seed = 1};
    for (int id; (id = args_next(a)) != ARGS_END;)
        if (!take(a, id, &o)) return a->status;
    if (!args_need(a, 1, 1, "the directory to write to")) return a->status;
    const char *dir = args_operand(a, 0);
    o.threads = app->options.threads;

    pt_err err = {0};
    sample_counts n = {0};
    terminal none = {0};
    progress p = progress_begin(app->quiet ? none : app->err);
    interrupt_open(NULL, NULL);
    pt_status st = sample_write(dir, &o, on_progress, &p, &n, &err);
    progress_end(&p);
    interrupt_close();
    if (st != PT_OK) return say_error(app, &err);

    char size[48];
    progress_amount((double)n.n_bytes, "bytes", size, sizeof size);
    if (!app->quiet)
        printf("%llu rows of sales (%s) in %u files, %u customers, %u products, %u stores, %u departments\n"
               "next: patron init shop.db && patron define --db shop.db %s/warehouse.patron && patron load "
               "--db shop.db\n",
               (unsigned long long)n.n_rows, size, n.n_files, n.n_customers, n.n_products, n.n_stores,
               n.n_departments, dir);
    return EXIT_OK;
}

const command cmd_sample = {
    .name = "sample",
    .summary = "make a retail data set as CSV files",
    .usage = "DIR [--rows N] [--seed N] [OPTION...]",
    .about = "Writes the files of an imaginary chain of shops: stores, departments, products,\n"
             "customers, and sales by month, with seasons, growth, promotions, returns, and\n"
             "customers who come and go. Beside them warehouse.patron, which defines dimensions,\n"
             "the cube [Sales] and the mappings, and queries.mdx with questions to ask.\n"
             "The same options give the same bytes.",
    .options = options,
    .examples = "  patron sample /tmp/shop --rows 1000000\n"
                "  patron sample /tmp/big --rows 1000000000 --customers 5000000 --years 5",
    .run = run,
};
