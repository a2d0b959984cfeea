/* test_map.c - the hash maps against arrays that hold the truth. */
#include "base/map.h"

#include <stdio.h>

#include "unit.h"

enum { N = 200000 }; /* enough for keys whose 32-bit hashes are equal */

static pt_str key_of(char buf[32], int i)
{
    /* some share prefixes, one is empty, some hold NUL bytes */
    int n = i == 0 ? 0 : snprintf(buf, 32, "key%c%d", i % 3 ? 'x' : 0, i);
    return (pt_str){buf, (size_t)n};
}

static void bytes_keep_their_values(void **state)
{
    (void)state;
    bytes_map *m = bytes_map_new();
    char buf[32];
    uint32_t value;
    bool added;
    for (int i = 0; i < N; i++) {
        assert_int_equal(bytes_map_put(m, key_of(buf, i), (uint32_t)i * 3, &value, &added), PT_OK);
        assert_true(added);
        assert_int_equal(value, i * 3);
    }
    for (int i = 0; i < N; i++) {
        assert_int_equal(bytes_map_put(m, key_of(buf, i), 7, &value, &added), PT_OK);
        assert_false(added);
        assert_int_equal(value, i * 3);
    }
    assert_int_equal(bytes_map_count(m), N);
    assert_false(bytes_map_find(m, STR("absent"), &value));
    assert_int_equal(bytes_map_set(m, STR("absent"), 5), PT_OK);
    assert_int_equal(bytes_map_set(m, STR("absent"), 6), PT_OK);
    assert_true(bytes_map_find(m, STR("absent"), &value));
    assert_int_equal(value, 6);
    assert_int_equal(bytes_map_count(m), N + 1);
    bytes_map_free(m);
}

static void integers_keep_their_values(void **state)
{
    (void)state;
    u64_map *m = u64_map_new();
    uint32_t value;
    bool added;
    for (uint64_t i = 0; i < N; i++) {
        uint64_t key = i << (i % 40); /* repeats: 0, and powers of two of others */
        uint32_t before = 0;
        bool known = u64_map_find(m, key, &before);
        assert_int_equal(u64_map_put(m, key, (uint32_t)i, &value, &added), PT_OK);
        assert_int_equal(added, !known);
        assert_int_equal(value, known ? before : i);
    }
    assert_false(u64_map_find(m, UINT64_MAX, &value));
    assert_int_equal(u64_map_put(m, UINT64_MAX, 1, &value, &added), PT_OK);
    assert_true(u64_map_find(m, UINT64_MAX, &value));
    u64_map_free(m);
}

/* Hashes are stored in files: these values may never change. */
static void hashes_are_stable(void **state)
{
    (void)state;
    assert_true(hash_bytes("", 0) == 0x2d06800538d394c2u);
    assert_true(hash_bytes(NULL, 0) == hash_bytes("", 0));
    assert_true(hash_bytes("patron", 6) != hash_bytes("Patron", 6));
    assert_true(hash_u64(0) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_keep_their_values),
        cmocka_unit_test(integers_keep_their_values),
        cmocka_unit_test(hashes_are_stable),
    };
    return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
