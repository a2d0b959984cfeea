/* engine_util.h - for tests of the engine: a warehouse in a directory of its own, defined by scripts. */
#pragma once

#include "engine/cuboid.h"

typedef struct shop {
    char dir[64];
    warehouse *w;
    view v;                /* the latest, after shop_view */
    bool forgets_cuboids;  /* changes leave cuboids as they are */
    uint64_t cuboid_slice; /* else they are built in slices of so many cells, or 0: whole */
} shop;

/* Make and open; fails the test if it cannot. */
shop *shop_open(unsigned n_threads);
void shop_close(shop *s); /* removes the directory; NULL is fine */
/* Close and open again, as a new process would. */
void shop_reopen(shop *s, unsigned n_threads);

/* Run one definition statement (SOURCE and MAPPING too). */
pt_status shop_try(shop *s, const char *text, define_result *result, pt_err *err);
/* Run a script in which every statement must succeed; the result of the last one. */
define_result shop_define(shop *s, const char *script);
/* Take the latest view into s->v. */
const view *shop_view(shop *s);
const cube *shop_cube(shop *s, const char *name);
const dimension *shop_dimension(shop *s, const char *name);

/* Commit, cuboids following (s->v must be of the transaction's base). */
void shop_commit(shop *s, store_txn *txn);
/* Put n members in one load: values[i * n_attrs + attr]. */
void shop_members(shop *s, const char *dimension_name, uint32_t n, const pt_value *values,
                  int64_t effective_days);
/* Append n facts as one segment, laid out as loads do it: columns are the roles, then the fact columns. */
void shop_facts(shop *s, const char *cube_name, uint32_t n, const seg_batch *columns);

/* Fails the test unless both have the same cells with the same bits. */
void shop_same_result(const agg_result *want, const agg_result *got);
