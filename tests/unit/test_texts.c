/* test_texts.c - texts made by several threads: each is what it should be, the arena's budget holds, and
 * failures end the run. */
#include "base/texts.h"

#include <stdio.h>

#include "unit.h"

enum { MAX_TEXTS = 3 * TEXTS_SLICE + 1 };

typedef struct job {
    const char *texts[MAX_TEXTS];
    size_t lengths[MAX_TEXTS];
    uint64_t fail_at; /* the slice with this one fails, if not 0 */
} job;

/* Every third text is empty, every fifth is dropped. */
static size_t expected(uint64_t i, char *out, size_t size)
{
    unsigned long long square = (unsigned long long)i * i;
    return i % 3 ? (size_t)snprintf(out, size, "text %llu", square) : 0;
}

static pt_status write_texts(void *ctx, text_writer *w, uint64_t from, uint64_t to, pt_err *err)
{
    job *j = ctx;
    char text[64];
    for (uint64_t i = from; i < to; i++) {
        strbuf_add(text_begin(w), text, expected(i, text, sizeof text));
        if (i % 5 == 0)
            text_drop(w);
        else
            j->lengths[i] = text_end(w, &j->texts[i]);
    }
    return j->fail_at && from <= j->fail_at && j->fail_at < to ? pt_fail(err, PT_DATA, "no text") : PT_OK;
}

static void check(const job *j, uint64_t n)
{
    char text[64] = "";
    for (uint64_t i = 0; i < MAX_TEXTS; i++) {
        if (i >= n || i % 5 == 0) {
            assert_null(j->texts[i]);
            continue;
        }
        size_t len = expected(i, text, sizeof text);
        text[len] = 0;
        assert_int_equal(j->lengths[i], len);
        assert_string_equal(j->texts[i], text);
    }
}

static void each_text_is_its_own(void **state)
{
    static const uint64_t sizes[] = {0, 1, 7, TEXTS_SLICE - 1, TEXTS_SLICE, TEXTS_SLICE + 1, MAX_TEXTS};
    const limits l = {0};
    (void)state;
    for (unsigned threads = 1; threads <= 4; threads++) {
        pool *p = pool_new(threads);
        for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
            pt_err err = {0};
            arena *a = arena_new(0);
            job *j = calloc(1, sizeof *j);
            assert_ok(texts_run(p, threads / 2, &l, sizes[i], write_texts, j, a, &err));
            check(j, sizes[i]);
            free(j);
            arena_free(a);
        }
        pool_free(p);
    }
}

static void budget_and_limits_hold(void **state)
{
    atomic_bool cancel = true;
    const limits l = {0}, cancelled = {.cancel = &cancel};
    pt_err err = {0};
    pool *p = pool_new(2);
    job *j = calloc(1, sizeof *j);
    arena *a = arena_new(TEXTS_SLICE * 8);
    (void)state;
    assert_fails(texts_run(p, 0, &l, MAX_TEXTS, write_texts, j, a, &err), PT_NOMEM, "memory limit");
    arena_reset(a);
    assert_fails(texts_run(p, 0, &cancelled, MAX_TEXTS, write_texts, j, a, &err), PT_CANCELLED, "");
    arena_free(a);
    a = arena_new(0);
    j->fail_at = TEXTS_SLICE * 2;
    assert_fails(texts_run(p, 0, &l, MAX_TEXTS, write_texts, j, a, &err), PT_DATA, "no text");
    arena_free(a);
    free(j);
    pool_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_text_is_its_own),
        cmocka_unit_test(budget_and_limits_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
