/* test_dim_keys.c - the key index of dimensions: every key finds its member, in either form, at little cost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "members_util.h"
#include "storage/dim_edit_int.h"

enum { MANY = 5000 };

/* ---- searching ----------------------------------------------------- */

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 33;
}

/* Every key is found, and none of the numbers beside keys. */
static void assert_searchable(const int64_t *keys, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = MEMBER_NONE;
        assert_true(dim_keys_search(keys, sizeof *keys, n, keys[i], &at));
        assert_int_equal(at, i);
        bool has_gap = keys[i] < INT64_MAX && (i + 1 == n || keys[i] + 1 < keys[i + 1]);
        if (has_gap) assert_false(dim_keys_search(keys, sizeof *keys, n, keys[i] + 1, &at));
    }
}

static void ascending_keys_are_searched(void **state)
{
    (void)state;
    static int64_t keys[MANY];
    static const uint32_t steps[] = {1, 2, 7, 1000, 1 << 20};
    uint64_t seed = 1;
    uint32_t at;
    assert_false(dim_keys_search(keys, sizeof *keys, 0, 0, &at));
    for (uint32_t k = 0; k < ARRAY_LEN(steps); k++) {
        for (uint32_t n = 1; n <= MANY; n = n * 3 + 1) {
            int64_t key = k % 2 ? INT64_MIN : -40;
            for (uint32_t i = 0; i < n; i++, key += 1 + (int64_t)(next_random(&seed) % steps[k]))
                keys[i] = key;
            assert_searchable(keys, n);
            assert_false(dim_keys_search(keys, sizeof *keys, n, key, &at));
        }
    }
    /* far from a straight line */
    for (uint32_t i = 0; i < 63; i++) keys[i] = INT64_C(1) << i;
    assert_searchable(keys, 63);
    assert_searchable((const int64_t[]){INT64_MIN, -1, 0, INT64_MAX}, 4);
}

static void a_column_that_does_not_ascend_is_harmless(void **state)
{
    (void)state;
    static int64_t keys[MANY];
    uint64_t seed = 3;
    for (uint32_t i = 0; i < MANY; i++) keys[i] = (int64_t)(next_random(&seed) % 100);
    for (uint32_t n = 1; n < MANY; n = n * 3 + 1) {
        for (int64_t key = -1; key <= 100; key++) {
            uint32_t at = MEMBER_NONE;
            if (dim_keys_search(keys, sizeof *keys, n, key, &at)) assert_int_equal(keys[at], key);
        }
    }
}

/* ---- the table ----------------------------------------------------- */

static void slots_hold_members_of_any_size(void **state)
{
    (void)state;
    for (unsigned bits = 2; bits <= 32; bits++) {
        uint32_t slots[8] = {0}, most = (uint32_t)((UINT64_C(1) << bits) - 2);
        dim_keys k = {slots, ARRAY_LEN(slots), bits};
        uint64_t hash = 0x123456789abcdef0;
        dim_keys_put(&k, hash, 0);
        dim_keys_put(&k, hash, most);
        dim_keys_put(&k, ~hash, 1);
        keys_probe p = dim_keys_probe(&k, hash);
        assert_int_equal(dim_keys_member(&k, *dim_keys_next(&k, &p)), 0);
        assert_int_equal(dim_keys_member(&k, *dim_keys_next(&k, &p)), most);
        dim_keys_move(&k, ~hash, 1, most - 1);
        p = dim_keys_probe(&k, ~hash);
        assert_int_equal(dim_keys_member(&k, *dim_keys_next(&k, &p)), most - 1);
    }
    for (uint32_t n = 0; n < 100; n++) {
        assert_true(dim_keys_least_slots(n) > n);
        assert_true((UINT64_C(1) << dim_keys_bits(n)) > n);
    }
}

/* ---- dimensions ---------------------------------------------------- */

static dim_edit *edit_of(const dim_view *from, pt_type type)
{
    dim_attr attrs[2] = {{STR("id"), type, type == TYPE_DECIMAL ? 2 : 0, false},
                         {STR("size"), TYPE_INTEGER, 0, true}};
    dim_spec spec = {2, attrs, 0, NULL};
    pt_err err = {0};
    dim_edit *e = NULL;
    if (dim_edit_new(from, &spec, &e, &err) != PT_OK) fail_msg("%s", err.msg);
    return e;
}

static uint32_t put(dim_edit *e, pt_value key, int64_t size, int64_t days)
{
    pt_err err = {0};
    uint32_t member;
    dim_change change;
    pt_value v[2] = {key, value_int(size)};
    if (dim_edit_put(e, v, NULL, days, &member, &change, &err) != PT_OK) fail_msg("%s", err.msg);
    return member;
}

static uint32_t infer(dim_edit *e, pt_value key)
{
    pt_err err = {0};
    uint32_t member, again;
    bool is_new;
    if (dim_edit_infer(e, key, &member, &is_new, &err) != PT_OK) fail_msg("%s", err.msg);
    assert_true(is_new);
    if (dim_edit_infer(e, key, &again, &is_new, &err) != PT_OK) fail_msg("%s", err.msg);
    assert_false(is_new);
    assert_int_equal(again, member);
    return member;
}

/* Write and open, checked; the edit goes on. */
static dim_view *view_of(const dim_edit *e)
{
    uint8_t *image;
    size_t size;
    pt_err err = {0};
    dim_view *d = NULL;
    if (dim_edit_image(e, 1, &image, &size, &err) != PT_OK) fail_msg("%s", err.msg);
    if (dim_view_of_image(image, size, &d, &err) != PT_OK) fail_msg("%s", err.msg);
    if (dim_view_check(d, &err) != PT_OK) fail_msg("%s", err.msg);
    return d;
}

static void assert_finds(const dim_edit *e, const dim_view *d, pt_value key, uint32_t want)
{
    uint32_t in_edit = MEMBER_NONE, in_view = MEMBER_NONE;
    assert_int_equal(dim_edit_find(e, key, &in_edit), want != MEMBER_NONE);
    assert_int_equal(dim_find(d, key, &in_view), want != MEMBER_NONE);
    assert_int_equal(in_edit, want);
    assert_int_equal(in_view, want);
}

static void numbers_in_order_need_no_index(void **state)
{
    (void)state;
    dim_edit *e = edit_of(NULL, TYPE_INTEGER);
    dim_view *d = view_of(e);
    assert_finds(e, d, value_int(1), MEMBER_NONE);
    dim_view_put(d);
    for (uint32_t i = 0; i < MANY; i++) assert_int_equal(infer(e, value_int(i * 10 + i / 8 * 24)), i);
    d = view_of(e);
    assert_null(d->keys.slots);
    assert_in_range(d->bytes.size, 4 * MANY, 6 * MANY);
    for (uint32_t i = 0; i < MANY; i++) {
        assert_finds(e, d, value_int(i * 10 + i / 8 * 24), i);
        assert_finds(e, d, value_int(i * 10 + i / 8 * 24 + 5), MEMBER_NONE);
    }
    assert_finds(e, d, value_null(), MEMBER_NONE);
    dim_edit_free(e);
    e = edit_of(d, TYPE_INTEGER); /* the next version goes on like that */
    int64_t next = MANY * 10 + MANY / 8 * 24;
    assert_int_equal(infer(e, value_int(next)), MANY);
    dim_view_put(d);
    d = view_of(e);
    assert_null(d->keys.slots);
    assert_finds(e, d, value_int(next), MANY);
    dim_view_put(d);
    dim_edit_free(e);
}

/* Searching would take long: there is an index from the file on. */
static void uneven_numbers_in_order_get_an_index(void **state)
{
    (void)state;
    dim_edit *e = edit_of(NULL, TYPE_INTEGER);
    for (uint32_t i = 0; i < MANY; i++) infer(e, value_int((int64_t)i * i));
    dim_view *d = view_of(e);
    assert_non_null(d->keys.slots);
    for (uint32_t i = 0; i < MANY; i++) assert_finds(e, d, value_int((int64_t)i * i), i);
    assert_finds(e, d, value_int(MANY), MEMBER_NONE);
    dim_edit_free(e);
    e = edit_of(d, TYPE_INTEGER);
    assert_non_null(e->keys.slots);
    assert_finds(e, d, value_int(81), 9);
    assert_int_equal(infer(e, value_int(MANY * MANY)), MANY);
    dim_edit_free(e);
    dim_view_put(d);
}

/* The last ten of a hundred are out of order. */
static pt_value night_key(uint32_t i)
{
    return value_int(i < MANY || i % 100 < 90 ? (int64_t)i * i : -(int64_t)i);
}

/* Nightly new keys are put into the table of the version before as long as there is room. */
static void an_index_goes_on(void **state)
{
    (void)state;
    enum { NIGHT = 100 };
    uint64_t n_slots = 0;
    uint32_t n_same = 0, n_anew = 0;
    dim_edit *e = edit_of(NULL, TYPE_INTEGER);
    for (uint32_t i = 0; i < MANY; i++) infer(e, night_key(i));
    dim_view *d = view_of(e);
    for (uint32_t n = MANY; n < 2 * MANY; n += NIGHT) {
        dim_edit_free(e);
        e = edit_of(d, TYPE_INTEGER);
        assert_in_range(e->keys.n_slots, 1, NIGHT); /* for what is new only */
        for (uint32_t i = n; i < n + NIGHT; i++) assert_int_equal(infer(e, night_key(i)), i);
        dim_view_put(d);
        d = view_of(e);
        *(d->keys.n_slots == n_slots ? &n_same : &n_anew) += 1;
        n_slots = d->keys.n_slots;
        for (uint32_t i = 0; i < n + NIGHT; i++) assert_finds(e, d, night_key(i), i);
        assert_finds(e, d, value_int(3), MEMBER_NONE);
    }
    assert_true(n_same > 2 * n_anew && n_anew > 1);
    dim_edit_free(e);
    dim_view_put(d);
}

/* What ends the order: a smaller key, null, a second version of a key. */
static void numbers_out_of_order_get_an_index(void **state)
{
    (void)state;
    for (int why = 0; why < 3; why++) {
        dim_edit *e = edit_of(NULL, TYPE_INTEGER);
        for (uint32_t i = 0; i < MANY; i++) put(e, value_int((int64_t)i * 2), 1, 0);
        pt_value last = why == 0 ? value_int(7) : why == 1 ? value_null() : value_int(8);
        assert_int_equal(put(e, last, 2, 100), MANY);
        dim_view *d = view_of(e);
        assert_non_null(d->keys.slots);
        assert_in_range(d->keys.n_slots, MANY, MANY * 4 / 3 + 3);
        for (uint32_t i = 0; i < MANY; i++)
            assert_finds(e, d, value_int((int64_t)i * 2), why == 2 && i == 4 ? MANY : i);
        assert_finds(e, d, last, MANY);
        assert_finds(e, d, value_int(9), MEMBER_NONE);
        dim_edit_free(e);
        e = edit_of(d, TYPE_INTEGER);
        assert_finds(e, d, last, MANY);
        assert_int_equal(put(e, last, 3, 200), MANY + 1);
        assert_int_equal(put(e, value_int(5), 3, 200), MANY + 2);
        dim_view_put(d);
        d = view_of(e);
        assert_finds(e, d, last, MANY + 1);
        assert_finds(e, d, value_int(5), MANY + 2);
        dim_view_put(d);
        dim_edit_free(e);
    }
}

static pt_value key_of(pt_type type, uint32_t i, char buf[16])
{
    switch (type) {
    case TYPE_TEXT: return value_text((pt_str){buf, (size_t)snprintf(buf, 16, "key %u", i)});
    case TYPE_DECIMAL: return value_dec((int64_t)i * 25, 2);
    case TYPE_DOUBLE: return value_double(i / 8.0);
    case TYPE_DATE: return value_date(i);
    case TYPE_TIMESTAMP: return value_time((int64_t)i * 1000000);
    case TYPE_BOOLEAN: return value_bool(i != 0);
    case TYPE_INTEGER:
    case TYPE_NONE: break;
    }
    return value_int((int64_t)i << 20);
}

static void keys_of_every_type_are_found(void **state)
{
    (void)state;
    enum { PRIME = 3571 };
    for (pt_type type = TYPE_INTEGER; type <= TYPE_TIMESTAMP; type++) {
        char buf[16];
        uint32_t n = type == TYPE_BOOLEAN ? 2 : PRIME;
        dim_edit *e = edit_of(NULL, type);
        for (uint32_t i = 0; i < n; i++) /* every number once, all over the place */
            assert_int_equal(infer(e, key_of(type, i * 1001 % n, buf)), i);
        dim_view *d = view_of(e);
        for (uint32_t i = 0; i < n; i++) assert_finds(e, d, key_of(type, i * 1001 % n, buf), i);
        assert_finds(e, d, value_null(), MEMBER_NONE);
        if (n > 2) assert_finds(e, d, key_of(type, n, buf), MEMBER_NONE);
        dim_view_put(d);
        dim_edit_free(e);
    }
}

/* ---- levels -------------------------------------------------------- */

static dim_edit *orders_of(const dim_view *from)
{
    dim_attr attr = {STR("id"), TYPE_INTEGER, 0, false};
    dim_level_spec level = {.order_attr = MEMBER_NONE, .parent_attr = MEMBER_NONE};
    dim_hier_spec hier = {STR("Order"), 1, &level};
    dim_spec spec = {1, &attr, 1, &hier};
    pt_err err = {0};
    dim_edit *e = NULL;
    if (dim_edit_new(from, &spec, &e, &err) != PT_OK) fail_msg("%s", err.msg);
    return e;
}

static bool has_section(const dim_view *d, dim_section kind)
{
    for (uint32_t i = 0; i < d->head->n_sections; i++)
        if (d->entries[i].kind == kind) return true;
    return false;
}

static void a_level_of_members_in_order_costs_nothing(void **state)
{
    (void)state;
    const hier_view *h, *again;
    pt_err err = {0};
    dim_edit *e = orders_of(NULL);
    for (uint32_t i = 0; i < MANY; i++) infer(e, value_int(i * 3)); /* two bytes each */
    dim_view *d = view_of(e);
    dim_edit_free(e);
    assert_in_range(d->bytes.size, 2 * MANY, 3 * MANY);
    if (dim_hier(d, 0, &h, &err) != PT_OK) fail_msg("%s", err.msg);
    for (uint32_t i = 0; i < MANY; i++) {
        assert_int_equal(h->levels[0].of_member[i], i);
        assert_int_equal(h->levels[0].rep[i], i);
        assert_int_equal(h->levels[0].stable[i], i);
    }
    if (dim_hier(d, 0, &again, &err) != PT_OK) fail_msg("%s", err.msg);
    assert_ptr_equal(again, h);
    e = orders_of(d); /* an order that comes late has the last number, and the first place but one */
    infer(e, value_int(1));
    dim_view_put(d);
    d = view_of(e);
    dim_edit_free(e);
    if (dim_hier(d, 0, &h, &err) != PT_OK) fail_msg("%s", err.msg);
    assert_true(has_section(d, SEC_OF_MEMBER) && has_section(d, SEC_REP) && has_section(d, SEC_STABLE));
    assert_int_equal(h->levels[0].of_member[MANY], 1);
    assert_int_equal(h->levels[0].rep[1], MANY);
    assert_int_equal(h->levels[0].stable[1], MANY);
    dim_view_put(d);
}

/* ---- damage -------------------------------------------------------- */

static size_t offset_of(const dim_view *d, dim_section kind)
{
    for (uint32_t i = 0; i < d->head->n_sections; i++)
        if (d->entries[i].kind == kind) return d->entries[i].offset;
    fail_msg("no section %d", kind);
    return 0;
}

/* One byte of a section changed, sums made to fit. */
static void assert_damage_found(const dim_view *d, size_t at, uint8_t flip, const char *want)
{
    pt_err err = {0};
    dim_view *damaged;
    uint8_t *image = mem_alloc(d->bytes.size, 1);
    memcpy(image, d->bytes.ptr, d->bytes.size);
    image[at] ^= flip;
    repair_sums(image, d->bytes.size);
    pt_status st = dim_view_of_image(image, d->bytes.size, &damaged, &err);
    if (st == PT_OK) {
        exercise_view(damaged);
        st = dim_view_check(damaged, &err);
        dim_view_put(damaged);
    }
    assert_int_equal(st, PT_CORRUPT);
    if (!strstr(err.msg, want)) fail_msg("%s", err.msg);
}

static void damage_of_keys_is_found(void **state)
{
    (void)state;
    dim_edit *e = edit_of(NULL, TYPE_INTEGER);
    for (uint32_t i = 0; i < 20; i++) infer(e, value_int(i + 1));
    dim_view *d = view_of(e);
    assert_damage_found(d, offset_of(d, SEC_VALUES) + 3, 0xff, "the keys do not ascend");
    assert_damage_found(d, 8, 3, "a section is missing"); /* format 1 always has an index */
    dim_view_put(d);
    infer(e, value_int(-1));
    d = view_of(e);
    size_t at = offset_of(d, SEC_KEY_INDEX);
    while (!d->bytes.ptr[at]) at += 4;
    assert_damage_found(d, at, d->bytes.ptr[at], "the key index does not find a member by its key");
    assert_damage_found(d, 8, 3, "odd size of the key index"); /* of format 1: a power of two */
    dim_view_put(d);
    dim_edit_free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ascending_keys_are_searched),
        cmocka_unit_test(a_column_that_does_not_ascend_is_harmless),
        cmocka_unit_test(slots_hold_members_of_any_size),
        cmocka_unit_test(numbers_in_order_need_no_index),
        cmocka_unit_test(uneven_numbers_in_order_get_an_index),
        cmocka_unit_test(an_index_goes_on),
        cmocka_unit_test(numbers_out_of_order_get_an_index),
        cmocka_unit_test(keys_of_every_type_are_found),
        cmocka_unit_test(a_level_of_members_in_order_costs_nothing),
        cmocka_unit_test(damage_of_keys_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
