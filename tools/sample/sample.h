/* sample.h - a retail data set from a seed: five dimensions and sales, as CSV files with the definitions to
 * load them.
 *
 * What is written into the directory:
 *   stores.csv departments.csv products.csv customers.csv    the dimensions
 *   sales_YYYY_MM.csv                                        the facts, a file a month, in order of day
 *   warehouse.patron                                         dimensions, cube [Sales], source and mappings
 *   queries.mdx                                              the questions one asks of such a warehouse
 *
 * The same options give the same bytes, whatever the number of threads. Memory does not depend on the number
 * of rows or customers. */
#pragma once

#include "base/err.h"

enum {
    SAMPLE_MAX_YEARS = 30,
    SAMPLE_MAX_STORES = 20000,
    SAMPLE_MAX_PRODUCTS = 200000,
    SAMPLE_MAX_CUSTOMERS = 100000000,
};
#define SAMPLE_MIN_ROWS UINT64_C(1000)
#define SAMPLE_MAX_ROWS UINT64_C(100000000000)

typedef struct sample_options {
    uint64_t n_rows;
    uint64_t seed;
    uint32_t n_customers; /* 0: one for each 40 rows, 500 to 5,000,000 */
    uint32_t n_products;  /* 0: 1,500 */
    uint32_t n_stores;    /* 0: 120 */
    int first_year;       /* 0: 2022 */
    uint32_t n_years;     /* 0: 3 */
    unsigned threads;     /* 0: one per processor */
    bool overwrite;       /* write into a directory that is not empty */
} sample_options;

typedef struct sample_counts {
    uint64_t n_rows, n_bytes; /* of the sales files */
    uint32_t n_customers, n_products, n_stores, n_departments, n_files;
} sample_counts;

/* Called from any thread, a few times a second at most, one call at a time. Non-zero: stop (PT_CANCELLED). */
typedef int (*sample_progress_fn)(void *ctx, uint64_t rows_done, uint64_t rows_total);

/* Fill the options left at 0 with their defaults and check all. PT_USAGE names the option that does not fit.
 */
PT_MUST_USE pt_status sample_check(sample_options *o, pt_err *err);

/* Make `dir` (and its parents) if need be and write the data set. PT_EXISTS if `dir` has files in it already
 * and overwrite is off; PT_IO. Each file appears under its name when it is complete. progress may be NULL. */
PT_MUST_USE pt_status sample_write(const char *dir, const sample_options *o, sample_progress_fn progress,
                                   void *ctx, sample_counts *counts, pt_err *err);
