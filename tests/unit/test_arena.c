/* test_arena.c - budgets, alignment, failures on demand; and the two ways a statement is stopped. */
#include "base/arena.h"

#include "base/limits.h"
#include "unit.h"

static void memory_is_zeroed_and_aligned(void **state)
{
    (void)state;
    arena *a = arena_new(0);
    for (size_t size = 0; size < 3000; size += 7) {
        unsigned char *p = arena_alloc(a, size);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < size; i++) assert_int_equal(p[i], 0);
        memset(p, 0xAB, size);
    }
    arena_reset(a);
    assert_int_equal(arena_used(a), 0);
    const unsigned char *again = arena_alloc(a, 64);
    assert_int_equal(again[0], 0);
    assert_non_null(arena_alloc(a, 10 << 20));
    arena_free(a);
}

static void marks_give_back_what_came_after(void **state)
{
    (void)state;
    arena *a = arena_new(1 << 20);
    arena_mark empty = arena_save(a);
    char *kept = arena_dup(a, "kept", 4);
    arena_mark m = arena_save(a);
    for (int round = 0; round < 100; round++) {
        assert_non_null(arena_alloc(a, 900 << 10)); /* fits once only: the rounds before were given back */
        arena_restore(a, m);
    }
    assert_string_equal(kept, "kept");
    assert_int_equal(arena_used(a), 16);
    arena_restore(a, empty);
    assert_int_equal(arena_used(a), 0);
    arena_free(a);
}

/* Large chunks come from the system as zeros, but what was given back of them does not. */
static void large_memory_is_zeroed_again(void **state)
{
    (void)state;
    enum { LARGE = 3 << 20 };
    uint64_t seed = 7;
    arena *a = arena_new(0);
    assert_non_null(arena_alloc(a, LARGE)); /* the first chunk, which stays */
    arena_reset(a);
    arena_mark empty = arena_save(a);
    for (int round = 0; round < 20; round++) {
        for (size_t left = LARGE - 64; left > 0;) {
            size_t size = unit_random(&seed) % 400000 + 1;
            if (size + 16 > left) break;
            unsigned char *p = arena_alloc(a, size);
            assert_non_null(p);
            for (size_t i = 0; i < size; i++)
                if (p[i]) fail_msg("round %d: byte %zu of %zu is not 0", round, i, size);
            memset(p, 0xAB, size);
            left -= size + 16;
            if (unit_random(&seed) % 4 == 0) break;
        }
        arena_restore(a, empty);
    }
    arena_free(a);
}

static void budget_holds(void **state)
{
    (void)state;
    pt_err err = {0};
    arena *a = arena_new(1 << 20);
    assert_int_equal(arena_budget(a), 1 << 20);
    assert_non_null(arena_alloc(a, 1 << 19));
    assert_null(arena_alloc(a, (1 << 19) + 1));
    assert_non_null(arena_alloc(a, 1 << 19));
    assert_null(arena_alloc(a, 1));
    assert_fails(arena_fail(a, &err), PT_NOMEM, "memory limit, 1 MB");
    arena_free(a);
}

/* Chunks are larger than what is asked for, but what is left of a budget can be used up. */
static void a_shared_budget_holds_for_all(void **state)
{
    (void)state;
    enum { LIMIT = 1 << 20, PIECE = 1000, MOST_LOST = 8 * 1024 };
    pt_err err = {0};
    arena *first = arena_new_shared(LIMIT), *second = arena_new_in(arena_shared(first));
    mem_budget *b = arena_shared(first);
    size_t n = 0;
    while (arena_alloc(n % 2 ? first : second, PIECE)) n++;
    assert_true(n * PIECE > LIMIT - LIMIT / 16 - MOST_LOST);
    assert_true(b->used_bytes <= LIMIT && b->peak_bytes <= LIMIT);
    assert_fails(arena_fail(second, &err), PT_NOMEM, "more than its memory limit of 1 MB");
    size_t before = b->used_bytes;
    arena_free(second);
    assert_true(b->used_bytes < before);
    assert_non_null(arena_alloc(first, LIMIT / 4)); /* what the other gave back */
    assert_false(mem_budget_take(b, mem_budget_left(b) + 1));
    size_t rest = mem_budget_left(b);
    assert_true(mem_budget_take(b, rest));
    assert_int_equal(mem_budget_left(b), 0);
    assert_false(mem_budget_take(b, SIZE_MAX));
    mem_budget_give(b, rest);
    arena_reset(first); /* keeps a chunk */
    assert_true(b->used_bytes < LIMIT / 2);
    arena_free(first);
}

static void sizes_that_overflow_are_refused(void **state)
{
    (void)state;
    arena *a = arena_new(0);
    assert_null(arena_array(a, uint64_t, SIZE_MAX / 4));
    assert_null(arena_alloc(a, SIZE_MAX));
    assert_null(mem_grow(NULL, SIZE_MAX / 2, 4));
    arena_free(a);
}

static void fails_at_the_chosen_allocation(void **state)
{
    (void)state;
    arena *a = arena_new(0);
    arena_fail_at(a, 3);
    assert_non_null(arena_alloc(a, 1));
    assert_non_null(arena_dup(a, "x", 1));
    assert_null(arena_alloc(a, 1));
    assert_non_null(arena_alloc(a, 1));
    arena_free(a);
}

static void statements_stop_on_request_and_in_time(void **state)
{
    (void)state;
    pt_err err = {0};
    atomic_bool cancel = false;
    limits l = {.cancel = &cancel};
    assert_ok(limits_check(&l, &err));
    l.deadline_us = limits_now_us() + 60 * 1000000;
    assert_ok(limits_check(&l, &err));
    l.deadline_us = limits_now_us();
    assert_fails(limits_check(&l, &err), PT_LIMIT, "time limit");
    atomic_store(&cancel, true);
    assert_fails(limits_check(&l, &err), PT_CANCELLED, "cancelled");
}

static void first_failure_is_kept(void **state)
{
    (void)state;
    pt_err err = {0};
    assert_int_equal(pt_fail_at(&err, PT_NAME, (pt_span){3, 5}, "first"), PT_NAME);
    assert_int_equal(pt_fail(&err, PT_IO, "second"), PT_IO);
    pt_hint(&err, "do %s", "this");
    pt_hint(&err, "or that");
    assert_int_equal(err.code, PT_NAME);
    assert_string_equal(err.msg, "first");
    assert_string_equal(err.hint, "do this");
    assert_true(err.has_place && err.at.start == 3 && err.at.end == 5);
    assert_string_equal(pt_status_name(PT_DEPENDENT), "DEPENDENT");
}

static void long_messages_stay_utf8(void **state)
{
    (void)state;
    for (int pad = 0; pad < 4; pad++) {
        pt_err err = {0};
        char text[1200];
        for (int i = 0; i + 3 < (int)sizeof text; i += 3) memcpy(text + i, "商", 4);
        pt_fail(&err, PT_NAME, "%.*s%s", pad, "xxxx", text);
        size_t n = strlen(err.msg);
        assert_true(n > PT_ERR_TEXT - 5 && (n - (size_t)pad) % 3 == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_aligned),
        cmocka_unit_test(marks_give_back_what_came_after),
        cmocka_unit_test(large_memory_is_zeroed_again),
        cmocka_unit_test(budget_holds),
        cmocka_unit_test(a_shared_budget_holds_for_all),
        cmocka_unit_test(sizes_that_overflow_are_refused),
        cmocka_unit_test(fails_at_the_chosen_allocation),
        cmocka_unit_test(statements_stop_on_request_and_in_time),
        cmocka_unit_test(first_failure_is_kept),
        cmocka_unit_test(long_messages_stay_utf8),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
