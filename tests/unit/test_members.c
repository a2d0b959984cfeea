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
#include "storage/dim_edit_int.h"

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

static void a_first_sight_is_filled_without_a_version(void **state)
{
    world *w = *state;
    pt_err err = {0};
    uint32_t m;
    bool is_new;
    dim_change c;
    dim_edit *e = edit_new(NULL, &store_spec);
    assert_int_equal(dim_edit_infer(e, value_int(4), &m, &is_new, &err), PT_OK);
    assert_true(is_new && m == 0);
    dim_view *d = reopen(w, e, 1);
    e = edit_new(d, &store_spec);
    assert_false(dim_edit_is_changed(e));
    assert_int_equal(dim_edit_infer(e, value_int(4), &m, &is_new, &err), PT_OK);
    assert_false(is_new || dim_edit_is_changed(e));
    assert_int_equal(put_store(e, 4, "USA", "WA", "Salem", "Four", 50, &c), 0);
    assert_int_equal(c, DIM_OVERWRITTEN);
    assert_true(dim_edit_is_changed(e));
    assert_int_equal(put_store(e, 4, "USA", "WA", "Yakima", "Four", 60, &c), 1);
    assert_int_equal(c, DIM_VERSIONED);
    assert_int_equal(put_store(e, 4, "USA", "WA", "Salem", "Four", 60, &c),
                     1); /* the same day: no empty period */
    assert_int_equal(c, DIM_OVERWRITTEN);
    dim_view_put(d);
    dim_edit_free(e);
}

static void numbers_stay_when_siblings_come(void **state)
{
    world *w = *state;
    const hier_view *v;
    dim_edit *e = edit_new(NULL, &store_spec);
    put_store(e, 1, "USA", "WA", "Yakima", "One", 0, NULL);
    put_store(e, 2, "USA", "OR", "Salem", "Two", 0, NULL);
    dim_view *d = reopen(w, e, 1);
    e = edit_new(d, &store_spec);
    put_store(e, 3, "USA", "CA", "Fresno", "Three", 0, NULL);
    dim_view_put(d);
    d = reopen(w, e, 2);
    assert_int_equal(dim_hier(d, 0, &v, &w->err), PT_OK);
    const level_view *state_level = &v->levels[1]; /* CA, OR, WA; OR was 0, WA 1 */
    assert_int_equal(state_level->stable[0], 2);
    assert_int_equal(state_level->stable[1], 0);
    assert_int_equal(state_level->stable[2], 1);
    assert_int_equal(state_level->epoch, 1); /* nobody moved */
    e = edit_new(d, &store_spec);
    dim_change c;
    put_store(e, 2, "USA", "WA", "Salem", "Two", 0, &c);
    assert_int_equal(c, DIM_OVERWRITTEN);
    dim_view_put(d);
    d = reopen(w, e, 3);
    assert_int_equal(dim_hier(d, 0, &v, &w->err), PT_OK);
    assert_int_equal(v->levels[0].epoch, 1);
    assert_int_equal(v->levels[1].epoch, 3);
    assert_int_equal(v->levels[3].epoch, 3); /* another parent: another member of the level */
    dim_view_put(d);
}

static void texts_without_members_are_left_out(void **state)
{
    world *w = *state;
    strbuf bytes = {0};
    dim_edit *e = edit_new(NULL, &store_spec);
    put_store(e, 1, "USA", "WA", "Salem", "Former name", 0, NULL);
    dim_view *d = reopen(w, e, 1);
    e = edit_new(d, &store_spec);
    put_store(e, 1, "USA", "WA", "Salem", "New name", 0, NULL);
    dim_view_put(d);
    d = reopen(w, e, 2);
    dim_view_put(d);
    assert_int_equal(fs_read(w->path, &bytes, 0, &w->err), PT_OK);
    assert_non_null(memmem(bytes.ptr, bytes.len, "New name", 8));
    assert_null(memmem(bytes.ptr, bytes.len, "Former name", 11));
    strbuf_free(&bytes);
}

/* ---- definitions that change --------------------------------------- */

static void a_wider_type_converts(void **state)
{
    world *w = *state;
    dim_attr attrs[] = {{.name = STR("STORE_ID"), .type = TYPE_INTEGER},
                        {.name = STR("size"), .type = TYPE_DECIMAL, .scale = 4},
                        {.name = STR("fresh"), .type = TYPE_DATE}};
    dim_spec spec = {3, attrs, 0, NULL};
    dim_edit *e = edit_new(NULL, &store_spec);
    put_store(e, 1, "USA", "WA", "Yakima", "One", 0, NULL);
    dim_view *d = reopen(w, e, 1);
    e = edit_new(d, &spec);
    assert_true(dim_edit_is_changed(e));
    dim_view_put(d);
    d = reopen(w, e, 2);
    assert_dump(d, "0: 1 1.0000 #null\n");
    dim_view_put(d);
}

static void the_key_of_members_cannot_change(void **state)
{
    world *w = *state;
    dim_attr other_name[] = {{.name = STR("country"), .type = TYPE_TEXT}};
    dim_attr other_type[] = {{.name = STR("store_id"), .type = TYPE_TEXT}};
    dim_edit *e = edit_new(NULL, &store_spec);
    put_store(e, 1, "USA", "WA", "Yakima", "One", 0, NULL);
    dim_view *d = reopen(w, e, 1);
    assert_int_equal(dim_edit_new(d, &(dim_spec){1, other_name, 0, NULL}, &e, &w->err), PT_UNSUPPORTED);
    assert_string_equal(w->err.msg,
                        "the key of a dimension with members cannot change from [store_id] to [country]");
    pt_err_clear(&w->err);
    assert_int_equal(dim_edit_new(d, &(dim_spec){1, other_type, 0, NULL}, &e, &w->err), PT_UNSUPPORTED);
    assert_string_equal(w->err.msg, "the type of key [store_id] cannot change once there are members");
    dim_view_put(d);
}

static void values_of_another_type_are_refused(void **state)
{
    world *w = *state;
    dim_edit *e = edit_new(NULL, &store_spec);
    pt_value v[N_STORE] = {value_int(1), value_int(2)};
    uint32_t m;
    dim_change c;
    assert_int_equal(dim_edit_put(e, v, NULL, 0, &m, &c, &w->err), PT_TYPE);
    assert_string_equal(w->err.msg, "a value of attribute [country] is not of type TEXT");
    assert_int_equal(dim_edit_count(e), 0);
    assert_false(dim_edit_find(e, value_int(1), &m));
    dim_edit_free(e);
}

/* ---- parent-child -------------------------------------------------- */

static dim_attr staff_attrs[] = {{.name = {"id", 2}, .type = TYPE_INTEGER},
                                 {.name = {"boss", 4}, .type = TYPE_INTEGER},
                                 {.name = {"name", 4}, .type = TYPE_TEXT}};
static dim_level_spec staff_levels[] = {{.key_attr = 0,
                                         .name_attr = 2,
                                         .order_attr = MEMBER_NONE,
                                         .parent_attr = 1,
                                         .root = {.kind = VAL_INT, .i = 0}}};
static dim_hier_spec staff_hiers[] = {{.name = {"Staff", 5}, .n_levels = 1, .levels = staff_levels}};
static const dim_spec staff_spec = {3, staff_attrs, 1, staff_hiers};

static void put_staff(dim_edit *e, int64_t id, int64_t boss, const char *name)
{
    pt_err err = {0};
    uint32_t m;
    dim_change c;
    pt_value v[] = {value_int(id), boss < 0 ? value_null() : value_int(boss), text(name)};
    if (dim_edit_put(e, v, NULL, 0, &m, &c, &err) != PT_OK) fail_msg("%s", err.msg);
}

static void a_tree_is_numbered_in_preorder(void **state)
{
    world *w = *state;
    dim_edit *e = edit_new(NULL, &staff_spec);
    put_staff(e, 5, 2, "Eve");
    put_staff(e, 2, 1, "Bob");
    put_staff(e, 1, 0, "Ann"); /* the root value */
    put_staff(e, 3, 1, "Cid");
    put_staff(e, 7, 99, "Gus"); /* an unknown parent */
    put_staff(e, 8, -1, "Hal"); /* none */
    put_staff(e, 9, 9, "Ida");  /* itself */
    put_staff(e, 4, 2, "Dan");
    dim_view *d = reopen(w, e, 3);
    strbuf got = {0};
    dump_view(d, &got);
    assert_string_equal(strchr(got.ptr, '['), "[Staff] level 0: epoch 3\n"
                                              "  0 1=Ann root end 5 depth 0 stable 2\n"
                                              "  1 2=Bob under 0 end 4 depth 1 stable 1\n"
                                              "  2 4=Dan under 1 end 3 depth 2 stable 7\n"
                                              "  3 5=Eve under 1 end 4 depth 2 stable 0\n"
                                              "  4 3=Cid under 0 end 5 depth 1 stable 3\n"
                                              "  5 7=Gus root end 6 depth 0 stable 4\n"
                                              "  6 8=Hal root end 7 depth 0 stable 5\n"
                                              "  7 9=Ida root end 8 depth 0 stable 6\n");
    strbuf_free(&got);
    dim_view_put(d);
}

static void circles_are_named(void **state)
{
    world *w = *state;
    dim_edit *e = edit_new(NULL, &staff_spec);
    put_staff(e, 1, 3, "Ann");
    put_staff(e, 2, 1, "Bob");
    put_staff(e, 3, 2, "Cid");
    put_staff(e, 4, 3, "Dan"); /* below the circle, not on it */
    put_staff(e, 6, 0, "Fay");
    assert_int_equal(dim_edit_write(e, w->path, 1, &w->err), PT_DATA);
    assert_string_equal(w->err.msg,
                        "hierarchy [Staff]: the parents of these members form a circle: 1 -> 3 -> 2 -> 1");
    assert_true(access(w->path, F_OK) != 0);
    put_staff(e, 3, 0, "Cid");
    dim_view_put(reopen(w, e, 1));
}

static void deep_trees_do_not_need_a_deep_stack(void **state)
{
    world *w = *state;
    const hier_view *v;
    dim_edit *e = edit_new(NULL, &staff_spec);
    for (int64_t i = 1; i <= 200000; i++) put_staff(e, i, i - 1, "x");
    dim_view *d = reopen(w, e, 1);
    assert_int_equal(dim_hier(d, 0, &v, &w->err), PT_OK);
    assert_int_equal(v->levels[0].depth[199999], 199999);
    dim_view_put(d);
}

/* ---- ragged -------------------------------------------------------- */

static void blank_and_repeated_names_are_hidden(void **state)
{
    world *w = *state;
    dim_level_spec levels[] = {LEVEL(COUNTRY, COUNTRY), LEVEL(STATE, STATE), LEVEL(CITY, CITY)};
    levels[1].hide = HIDE_PARENT_NAME;
    levels[2].hide = HIDE_BLANK;
    dim_hier_spec hier = {.name = STR("Store"), .n_levels = 3, .levels = levels};
    dim_spec spec = {N_STORE, store_attrs, 1, &hier};
    dim_edit *e = edit_new(NULL, &spec);
    put_store(e, 1, "Israel", "ISRAEL", "Haifa", "One", 0, NULL);
    put_store(e, 2, "Vatican", "Vatican", NULL, "Two", 0, NULL);
    put_store(e, 3, "USA", "WA", " ", "Three", 0, NULL);
    put_store(e, 4, "USA", "WA", "Seattle", "Four", 0, NULL);
    dim_view *d = reopen(w, e, 1);
    const hier_view *v;
    assert_int_equal(dim_hier(d, 0, &v, &w->err), PT_OK);
    assert_null(v->levels[0].hidden);
    assert_memory_equal(v->levels[1].hidden, ((uint8_t[]){1, 0, 1}), 3);
    assert_memory_equal(v->levels[2].hidden, ((uint8_t[]){0, 1, 0, 1}), 4);
    dim_view_put(d);
}

/* ---- damage -------------------------------------------------------- */

static uint8_t *image_of(const dim_edit *e, size_t *size)
{
    uint8_t *image;
    pt_err err = {0};
    if (dim_edit_image(e, 7, &image, size, &err) != PT_OK) fail_msg("%s", err.msg);
    return image;
}

/* Open a damaged copy: refused, or no different from the whole one (padding was hit). */
static void open_damaged(const uint8_t *image, size_t size, size_t at, uint8_t flip, const char *whole)
{
    uint8_t *copy = mem_alloc(size, 1);
    dim_view *d;
    pt_err err = {0};
    strbuf got = {0};
    memcpy(copy, image, size);
    copy[at] ^= flip;
    pt_status st = dim_view_of_image(copy, size, &d, &err);
    if (st == PT_OK) {
        assert_int_equal(dim_view_check(d, &err), PT_OK);
        dump_view(d, &got);
        assert_string_equal(got.ptr, whole);
        strbuf_free(&got);
        dim_view_put(d);
    } else {
        assert_int_equal(st, PT_CORRUPT);
        assert_true(err.msg[0] != 0);
    }
}

/* With the checksums made to fit, only the checks of bounds are left. */
static void use_forged(const uint8_t *image, size_t size, size_t at, uint8_t flip)
{
    uint8_t *copy = mem_alloc(size, 1);
    dim_view *d;
    memcpy(copy, image, size);
    copy[at] ^= flip;
    repair_sums(copy, size);
    if (dim_view_of_image(copy, size, &d, NULL) != PT_OK) return;
    exercise_view(d);
    dim_view_put(d);
}

static void damage_every_byte(dim_edit *e)
{
    static const uint8_t flips[] = {0xff, 0x01, 0x80, 0x10};
    size_t size;
    strbuf whole = {0};
    dim_view *d;
    uint8_t *image = image_of(e, &size), *copy = mem_alloc(size, 1);
    memcpy(copy, image, size);
    assert_int_equal(dim_view_of_image(copy, size, &d, NULL), PT_OK);
    dump_view(d, &whole);
    for (size_t i = 0; i < size; i++) {
        open_damaged(image, size, i, flips[i % 4], whole.ptr);
        for (unsigned k = 0; k < ARRAY_LEN(flips); k++) use_forged(image, size, i, flips[k]);
    }
    for (size_t n = 0; n < size; n += 7) { /* cut off */
        copy = mem_alloc(n, 1);
        memcpy(copy, image, n);
        dim_view *cut;
        assert_int_equal(dim_view_of_image(copy, n, &cut, NULL), PT_CORRUPT);
    }
    dim_view_put(d);
    strbuf_free(&whole);
    mem_free(image);
    dim_edit_free(e);
}

static void damage_is_found_and_harmless(void **state)
{
    (void)state;
    dim_edit *e = edit_new(NULL, &store_spec);
    put_store(e, 1, "USA", "WA", "Salem", "One", 10, NULL);
    put_store(e, 2, "USA", "OR", "Salem", NULL, 10, NULL);
    put_store(e, 1, "USA", "WA", "Yakima", "One", 30, NULL);
    damage_every_byte(e);
    e = edit_new(NULL, &staff_spec);
    put_staff(e, 1, 0, "Ann");
    put_staff(e, 2, 1, "Bob");
    put_staff(e, 300, 2, NULL);
    damage_every_byte(e);
}

/* Offset of the first section of that kind. */
static size_t find_section(const uint8_t *image, dim_section kind)
{
    const dim_head *h = (const dim_head *)image;
    const dim_entry *e = (const dim_entry *)(h + 1);
    for (uint32_t i = 0; i < h->n_sections; i++)
        if (e[i].kind == kind) return e[i].offset;
    fail_msg("no section %d", kind);
    return 0;
}

/* Large files are not read through when they are opened: damage is found when it matters. */
static void damage_of_large_files_is_found_on_use(void **state)
{
    (void)state;
    static const dim_section kinds[] = {SEC_OF_MEMBER, SEC_REP, SEC_TEXT_BYTES};
    dim_edit *e = edit_new(NULL, &store_spec), *next;
    for (int64_t id = 0; id < 50000; id++)
        put_store(e, id, "USA", "WA", id % 2 ? "Salem" : "Yakima", "x", 0, NULL);
    for (unsigned i = 0; i < ARRAY_LEN(kinds); i++) {
        size_t size;
        dim_view *d;
        const hier_view *v;
        pt_err err = {0};
        uint8_t *image = image_of(e, &size);
        assert_true(size > 1 << 20);
        image[find_section(image, kinds[i])] ^= 1;
        assert_int_equal(dim_view_of_image(image, size, &d, &err), PT_OK);
        bool is_level = kinds[i] != SEC_TEXT_BYTES;
        assert_int_equal(dim_hier(d, 0, &v, NULL), is_level ? PT_CORRUPT : PT_OK);
        assert_int_equal(dim_edit_new(d, &store_spec, &next, NULL), PT_CORRUPT);
        assert_int_equal(dim_view_check(d, NULL), PT_CORRUPT);
        dim_view_put(d);
    }
    dim_edit_free(e);
}

static void a_newer_format_is_refused(void **state)
{
    world *w = *state;
    size_t size;
    dim_view *d;
    dim_edit *e = edit_new(NULL, &staff_spec);
    uint8_t *image = image_of(e, &size);
    image[8]++;
    repair_sums(image, size);
    assert_int_equal(dim_view_of_image(image, size, &d, &w->err), PT_VERSION);
    assert_string_equal(w->err.msg,
                        "dimension file '(in memory)' has format 3, this program reads formats 1 to 2");
    dim_edit_free(e);
}

/* Files of every release open for ever and mean what they meant. */
static void old_files_open(void **state)
{
    world *w = *state;
    static const char *const names[] = {"places", "staff"};
    for (unsigned i = 0; i < 2 * ARRAY_LEN(names); i++) {
        char file[96], want_file[96];
        strbuf want = {0};
        dim_view *d;
        snprintf(file, sizeof file, "tests/golden/format/%s-%u.dim", names[i / 2], i % 2 + 1);
        snprintf(want_file, sizeof want_file, "tests/golden/format/%s-1.txt", names[i / 2]);
        assert_int_equal(fs_read(want_file, &want, 0, &w->err), PT_OK);
        if (dim_view_open(file, &d, &w->err) != PT_OK) fail_msg("%s", w->err.msg);
        assert_int_equal(dim_view_check(d, &w->err), PT_OK);
        assert_dump(d, want.ptr);
        strbuf_free(&want);
        dim_view_put(d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(stores_in_natural_order, setup, teardown),
        cmocka_unit_test_setup_teardown(keys_are_found, setup, teardown),
        cmocka_unit_test_setup_teardown(an_empty_dimension_has_levels, setup, teardown),
        cmocka_unit_test_setup_teardown(history_makes_versions, setup, teardown),
        cmocka_unit_test_setup_teardown(a_first_sight_is_filled_without_a_version, setup, teardown),
        cmocka_unit_test_setup_teardown(numbers_stay_when_siblings_come, setup, teardown),
        cmocka_unit_test_setup_teardown(texts_without_members_are_left_out, setup, teardown),
        cmocka_unit_test_setup_teardown(a_wider_type_converts, setup, teardown),
        cmocka_unit_test_setup_teardown(the_key_of_members_cannot_change, setup, teardown),
        cmocka_unit_test_setup_teardown(values_of_another_type_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_tree_is_numbered_in_preorder, setup, teardown),
        cmocka_unit_test_setup_teardown(circles_are_named, setup, teardown),
        cmocka_unit_test_setup_teardown(deep_trees_do_not_need_a_deep_stack, setup, teardown),
        cmocka_unit_test_setup_teardown(blank_and_repeated_names_are_hidden, setup, teardown),
        cmocka_unit_test(damage_is_found_and_harmless),
        cmocka_unit_test(damage_of_large_files_is_found_on_use),
        cmocka_unit_test_setup_teardown(a_newer_format_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(old_files_open, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
