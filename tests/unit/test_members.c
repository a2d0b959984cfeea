/* test_members.c - member tables by example: what is in a file is what was put, in the promised order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "members_util.h"

/* ---- a small world ------------------------------------------------- */

/* Stores: country > state > city > store; the name of a store is its own attribute. */
enum { ID, COUNTRY, STATE, CITY, NAME, SIZE, N_STORE };

static dim_attr store_attrs[N_STORE] = {
    [ID] = {.name = {"store_id", 8}, .type = TYPE_INTEGER},
    [COUNTRY] = {.name = {"country", 7}, .type = TYPE_TEXT},
    [STATE] = {.name = {"state", 5}, .type = TYPE_TEXT},
    [CITY] = {.name = {"city", 4}, .type = TYPE_TEXT, .history = true},
    [NAME] = {.name = {"name", 4}, .type = TYPE_TEXT},
    [SIZE] = {.name = {"size", 4}, .type = TYPE_DECIMAL, .scale = 2},
};

#define LEVEL(key, name)                                                                                     \
    {                                                                                                        \
        .key_attr = (key), .name_attr = (name), .order_attr = MEMBER_NONE, .parent_attr = MEMBER_NONE        \
    }

static dim_level_spec store_levels[] = {LEVEL(COUNTRY, COUNTRY), LEVEL(STATE, STATE), LEVEL(CITY, CITY),
                                        LEVEL(ID, NAME)};
static dim_level_spec size_levels[] = {LEVEL(SIZE, SIZE)};
static dim_hier_spec store_hiers[] = {{.name = {"Store", 5}, .n_levels = 4, .levels = store_levels},
                                      {.name = {"Size", 4}, .n_levels = 1, .levels = size_levels}};
static const dim_spec store_spec = {N_STORE, store_attrs, 2, store_hiers};

typedef struct world {
    char dir[64], path[96];
    pt_err err;
} world;

static int setup(void **state)
{
    world *w = calloc(1, sizeof *w);
    snprintf(w->dir, sizeof w->dir, "/tmp/patron-members-XXXXXX");
    if (!w || !mkdtemp(w->dir)) return -1;
    snprintf(w->path, sizeof w->path, "%s/1.dim", w->dir);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    world *w = *state;
    unlink(w->path);
    rmdir(w->dir);
    free(w);
    return 0;
}

static pt_value text(const char *z)
{
    return z ? value_text(str_of(z)) : value_null();
}

static uint32_t put_store(dim_edit *e, int64_t id, const char *country, const char *st, const char *city,
                          const char *name, int64_t days, dim_change *change)
{
    pt_err err = {0};
    uint32_t member = MEMBER_NONE;
    dim_change c;
    pt_value v[N_STORE] = {value_int(id), text(country), text(st),
                           text(city),    text(name),    value_dec(id * 100, 2)};
    if (dim_edit_put(e, v, NULL, days, &member, &c, &err) != PT_OK) fail_msg("%s", err.msg);
    if (change) *change = c;
    return member;
}

static dim_edit *edit_new(const dim_view *from, const dim_spec *spec)
{
    pt_err err = {0};
    dim_edit *e = NULL;
    if (dim_edit_new(from, spec, &e, &err) != PT_OK) fail_msg("%s", err.msg);
    return e;
}

/* Write the edit, free it, and open what was written, checked. */
static dim_view *reopen(world *w, dim_edit *e, uint64_t version)
{
    dim_view *d = NULL;
    if (dim_edit_write(e, w->path, version, &w->err) != PT_OK) fail_msg("%s", w->err.msg);
    dim_edit_free(e);
    if (dim_view_open(w->path, &d, &w->err) != PT_OK) fail_msg("%s", w->err.msg);
    if (dim_view_check(d, &w->err) != PT_OK) fail_msg("%s", w->err.msg);
    return d;
}

static void assert_dump(const dim_view *d, const char *want)
{
    strbuf got = {0};
    dump_view(d, &got);
    assert_string_equal(got.ptr, want);
    strbuf_free(&got);
}

/* ---- plain hierarchies --------------------------------------------- */

static void stores_in_natural_order(void **state)
{
    world *w = *state;
    dim_edit *e = edit_new(NULL, &store_spec);
    put_store(e, 7, "USA", "WA", "Seattle", "Store 7", 0, NULL);
    put_store(e, 3, "USA", "CA", "Salem", "Store 3", 0, NULL);
    put_store(e, 9, "Canada", "BC", NULL, "Store 9", 0, NULL);
    put_store(e, 1, "USA", "WA", "Salem", "Store 1", 0, NULL);
    put_store(e, 2, "USA", "WA", "Salem", NULL, 0, NULL);
    dim_view *d = reopen(w, e, 5);
    assert_dump(d, "0: 7 USA WA Seattle Store 7 7.00\n"
                   "1: 3 USA CA Salem Store 3 3.00\n"
                   "2: 9 Canada BC #null Store 9 9.00\n"
                   "3: 1 USA WA Salem Store 1 1.00\n"
                   "4: 2 USA WA Salem #null 2.00\n"
                   "[Store] level 0: epoch 5\n"
                   "  0 Canada children 0..1 stable 0\n"
                   "  1 USA children 1..3 stable 1\n"
                   "[Store] level 1: epoch 5\n"
                   "  0 BC under 0 children 0..1 stable 0\n"
                   "  1 CA under 1 children 1..2 stable 1\n"
                   "  2 WA under 1 children 2..4 stable 2\n"
                   "[Store] level 2: epoch 5\n"
                   "  0  under 0 children 0..1 stable 0\n"
                   "  1 Salem under 1 children 1..2 stable 1\n"
                   "  2 Salem under 2 children 2..4 stable 2\n"
                   "  3 Seattle under 2 children 4..5 stable 3\n"
                   "[Store] level 3: epoch 5\n"
                   "  0 9=Store 9 under 0 stable 0\n"
                   "  1 3=Store 3 under 1 stable 1\n"
                   "  2 1=Store 1 under 2 stable 2\n"
                   "  3 2= under 2 stable 3\n"
                   "  4 7=Store 7 under 3 stable 4\n"
                   "[Size] level 0: epoch 5\n"
                   "  0 1.00 stable 0\n"
                   "  1 2.00 stable 1\n"
                   "  2 3.00 stable 2\n"
                   "  3 7.00 stable 3\n"
                   "  4 9.00 stable 4\n");
    dim_view_put(d);
}

static void keys_are_found(void **state)
{
    world *w = *state;
    uint32_t m;
    dim_edit *e = edit_new(NULL, &store_spec);
    for (int64_t id = 0; id < 1000; id++) put_store(e, id * id, "USA", "WA", "Salem", "x", 0, NULL);
    assert_true(dim_edit_find(e, value_int(49), &m));
    assert_int_equal(m, 7);
    dim_view *d = reopen(w, e, 1);
    for (int64_t id = 0; id < 1000; id++) {
        assert_true(dim_find(d, value_int(id * id), &m));
        assert_int_equal(m, id);
        assert_false(dim_find(d, value_int(id * id + 1000000), &m));
    }
    assert_false(dim_find(d, value_null(), &m));
    assert_false(dim_find(d, text("49"), &m));
    dim_view_put(d);
}

static void an_empty_dimension_has_levels(void **state)
{
    dim_view *d = NULL;
    world *w = *state;
    uint32_t m;
    assert_int_equal(dim_view_empty(&store_spec, &d, &w->err), PT_OK);
    assert_int_equal(dim_view_check(d, &w->err), PT_OK);
    assert_int_equal(dim_count(d), 0);
    assert_false(dim_find(d, value_int(1), &m));
    assert_dump(d, "[Store] level 0: epoch 0\n[Store] level 1: epoch 0\n[Store] level 2: epoch 0\n"
                   "[Store] level 3: epoch 0\n[Size] level 0: epoch 0\n");
    dim_view_put(d);
}

/* ---- changes ------------------------------------------------------- */

static void history_makes_versions(void **state)
{
    world *w = *state;
    dim_change c;
    uint32_t m;
    dim_edit *e = edit_new(NULL, &store_spec);
    put_store(e, 1, "USA", "WA", "Salem", "One", 10, &c);
    assert_int_equal(c, DIM_NEW);
    put_store(e, 1, "USA", "WA", "Salem", "One", 20, &c);
    assert_int_equal(c, DIM_SAME);
    assert_int_equal(put_store(e, 1, "USA", "WA", "Salem", "Uno", 20, &c), 0);
    assert_int_equal(c, DIM_OVERWRITTEN);
    assert_int_equal(put_store(e, 1, "USA", "WA", "Yakima", "Eins", 30, &c), 1);
    assert_int_equal(c, DIM_VERSIONED);
    assert_int_equal(dim_edit_version_at(e, 1, 29), 0);
    dim_view *d = reopen(w, e, 1);
    assert_true(dim_find(d, value_int(1), &m));
    assert_int_equal(m, 1);
    assert_int_equal(dim_durable(d)[1], 0);
    assert_int_equal(dim_version_at(d, 1, 29), 0);
    assert_int_equal(dim_version_at(d, 1, 30), 1);
    assert_dump(d, "0: 1 USA WA Salem Eins 1.00 to 30\n"
                   "1: 1 USA WA Yakima Eins 1.00 from 30\n"
                   "[Store] level 0: epoch 1\n"
                   "  0 USA children 0..1 stable 0\n"
                   "[Store] level 1: epoch 1\n"
                   "  0 WA under 0 children 0..2 stable 0\n"
                   "[Store] level 2: epoch 1\n"
                   "  0 Salem under 0 children 0..1 stable 0\n"
                   "  1 Yakima under 0 children 1..2 stable 1\n"
                   "[Store] level 3: epoch 1\n"
                   "  0 1=Eins under 0 stable 0\n"
                   "  1 1=Eins under 1 stable 1\n"
                   "[Size] level 0: epoch 1\n"
                   "  0 1.00 stable 0\n");
    dim_view_put(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(stores_in_natural_order, setup, teardown),
        cmocka_unit_test_setup_teardown(keys_are_found, setup, teardown),
        cmocka_unit_test_setup_teardown(an_empty_dimension_has_levels, setup, teardown),
        cmocka_unit_test_setup_teardown(history_makes_versions, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
