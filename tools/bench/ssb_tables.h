/* ssb_tables.h - the Star Schema Benchmark's sizes and its four dimension tables (O'Neil, O'Neil, Chen: "Star
 * Schema Benchmark", 2009), as its original generator writes them: one row a line, no header.
 *
 * Everything random about row i of a table is a function of (seed, table, i): tables can be made in any
 * order. Two things differ from the original so that small scales stay worth asking: each run of 250
 * customers or suppliers has every city once, each run of 1,000 parts every brand once; and no table is
 * smaller than one such run. */
#pragma once

#include "base/err.h"
#include "tools/sample/rng.h"

enum {
    SSB_CITIES = 250,
    SSB_BRANDS = 1000,
    SSB_DAYS = 2557,       /* 1992-01-01 to 1998-12-31 */
    SSB_ORDER_DAYS = 2406, /* orders end early enough for the last one to be delivered */
};

/* Purposes of random streams. */
enum { SSB_CUSTOMER = 1, SSB_SUPPLIER, SSB_PART, SSB_ORDER };

typedef struct ssb_sizes {
    uint64_t n_customers, n_suppliers, n_parts, n_orders;
} ssb_sizes;

/* 30,000 customers, 2,000 suppliers and 1,500,000 orders for each whole scale; 200,000 parts, and as many
 * more each time the scale doubles. */
ssb_sizes ssb_sizes_at(double scale);

/* Write customer.tbl, supplier.tbl, part.tbl and date.tbl. */
PT_MUST_USE pt_status ssb_write_customers(const char *dir, uint64_t seed, uint64_t n, pt_err *err);
PT_MUST_USE pt_status ssb_write_suppliers(const char *dir, uint64_t seed, uint64_t n, pt_err *err);
PT_MUST_USE pt_status ssb_write_parts(const char *dir, uint64_t seed, uint64_t n, pt_err *err);
PT_MUST_USE pt_status ssb_write_dates(const char *dir, pt_err *err);

/* The day number (date.h) of 1992-01-01, and a date as 19920101. */
int64_t ssb_first_day(void);
uint32_t ssb_date_key(int64_t day);
