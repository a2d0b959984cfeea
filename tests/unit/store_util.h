/* store_util.h - for tests of the store: a directory for each test, small segments and dimensions, what is
 * there. */
#pragma once

#include "storage/store_int.h"

enum { UTIL_CUBE = 1, UTIL_DIM = 2, UTIL_SECOND = 1000 * 1000 };

extern char util_root[64]; /* made by util_setup, removed by util_teardown */
extern char util_dir[96];  /* of the warehouse within it: not made yet */

int util_setup(void **state);
int util_teardown(void **state);

/* A new warehouse with cube UTIL_CUBE "Sales" and dimension UTIL_DIM "Store" defined (version 1). */
store *util_store(void);
store *util_open(bool read_only);

/* A segment of n rows: id column "d" counting up from 0, integer column "m" counting up from `first`. */
PT_MUST_USE pt_status util_segment(store_txn *t, int64_t first, uint32_t n, uint64_t load, uint64_t *id,
                                   pt_err *err);
/* Write the next version of UTIL_DIM with members 0..n-1. */
PT_MUST_USE pt_status util_members(store_txn *t, uint32_t n, pt_err *err);
/* Publish one segment; returns its number. */
uint64_t util_load(store *s, int64_t first, uint32_t n);
/* Publish the deletion of rows [from, to). */
void util_delete(store *s, uint64_t seg_id, uint32_t from, uint32_t to);

/* Sum of "m" over all rows of the cube that are not deleted. */
int64_t util_sum(const snapshot *snap);
int64_t util_sum_now(store *s);
/* Files in a folder of the warehouse. */
int util_files(const char *folder);
/* Runs store_check, expects that it passes. */
void util_check(store *s);
/* Runs store_check, expects PT_CORRUPT and an error line that holds `part`. */
void util_check_fails(store *s, const char *part);
