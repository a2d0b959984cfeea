/* test_deal.c - every piece once, whoever takes it; each worker its own stretch first. */
#include "base/deal.h"

#include "base/pool.h"
#include "unit.h"

enum { MAX_HANDS = 8, MOST = 3000 };

static void own_pieces_ascend(void **state)
{
    (void)state;
    deal_hand hands[3];
    deal_out(hands, 3, 10); /* 0 1 2, 3 4 5, 6 7 8 9 */
    assert_int_equal(deal_take(hands, 3, 1), 3);
    assert_int_equal(deal_take(hands, 3, 1), 4);
    assert_int_equal(deal_take(hands, 3, 0), 0);
    assert_int_equal(deal_take(hands, 3, 1), 5);
    assert_int_equal(deal_take(hands, 3, 1), 9); /* the longest that is left, from its end */
    assert_int_equal(deal_take(hands, 3, 2), 6);
    assert_int_equal(deal_take(hands, 3, 1), 2);
}

static void one_worker_takes_all(void **state)
{
    (void)state;
    for (unsigned n_hands = 1; n_hands <= MAX_HANDS; n_hands++)
        for (uint32_t n = 0; n < 40; n++) {
            deal_hand hands[MAX_HANDS];
            bool is_taken[40] = {false};
            deal_out(hands, n_hands, n);
            for (uint32_t i = 0; i < n; i++) {
                uint32_t piece = deal_take(hands, n_hands, n_hands - 1);
                assert_true(piece < n && !is_taken[piece]);
                is_taken[piece] = true;
            }
        }
}

typedef struct job {
    unsigned n_hands;
    deal_hand hands[MAX_HANDS];
    atomic_uint taken[MOST];
} job;

static pt_status take_one(void *ctx, unsigned worker, uint64_t task, pt_err *err)
{
    job *j = ctx;
    (void)task, (void)err;
    atomic_fetch_add(&j->taken[deal_take(j->hands, j->n_hands, worker)], 1);
    return PT_OK;
}

static void many_workers_take_each_once(void **state)
{
    (void)state;
    pool *p = pool_new(MAX_HANDS);
    pt_err err = {0};
    for (uint32_t n = 1; n <= MOST; n = n * 3 + 1)
        for (unsigned n_hands = 1; n_hands <= MAX_HANDS; n_hands++) {
            job *j = calloc(1, sizeof *j);
            j->n_hands = n_hands;
            deal_out(j->hands, n_hands, n);
            assert_ok(pool_run(p, n_hands, n, take_one, j, &err));
            for (uint32_t i = 0; i < MOST; i++) assert_int_equal(j->taken[i], i < n);
            free(j);
        }
    pool_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_pieces_ascend),
        cmocka_unit_test(one_worker_takes_all),
        cmocka_unit_test(many_workers_take_each_once),
    };
    return cmocka_run_group_tests_name("deal", tests, NULL, NULL);
}
