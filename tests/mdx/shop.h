/* shop.h - the small warehouse of data/warehouse.patron, open for tests that ask through include/patron.h. */
#pragma once

#include "patron.h"

typedef struct small_shop {
    char dir[64];
    patron_db *db;
    patron_session *session;
} small_shop;

/* Makes and loads it from the files in source_dir/data; fails the test if it cannot. */
void small_shop_open(small_shop *s, const char *source_dir);
/* Closes the warehouse and leaves its folder, for others to open. */
void small_shop_leave(small_shop *s);
void small_shop_close(small_shop *s);
