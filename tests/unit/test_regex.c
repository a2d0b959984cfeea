/* test_regex.c - patterns of MATCHES that are as long as a statement: they answer or say so, and never
 * exhaust the stack. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/str.h"
#include "query/fun.h"
#include "query/regex.h"

enum { LONG = 30000 };

static pt_str repeated(strbuf *b, const char *piece, size_t n, const char *end)
{
    b->len = 0;
    for (size_t i = 0; i < n; i++) strbuf_addz(b, piece);
    strbuf_addz(b, end);
    return strbuf_str(b);
}

static void answers(pt_str text, pt_str pattern, bool expected)
{
    bool hit;
    pt_err err = {0};
    pt_status st = regex_match(text, pattern, &hit, &err);
    if (st != PT_OK) fail_msg("%.60s: %s", pattern.ptr, err.msg);
    assert_int_equal(hit, expected);
}

static void gives_up(pt_str text, pt_str pattern)
{
    bool hit;
    pt_err err = {0};
    assert_int_equal(regex_match(text, pattern, &hit, &err), EVAL_ERROR);
    assert_non_null(strstr(err.msg, "matching takes too long"));
}

static void long_runs_answer(void **state)
{
    (void)state;
    strbuf text = {0}, pattern = {0};
    pt_str t = repeated(&text, "a", LONG, "");
    answers(t, repeated(&pattern, "a", LONG, ""), true);
    answers(t, repeated(&pattern, "[ab]", LONG / 4, ".*"), true);
    answers(t, STR(".*[aeiou]"), true);
    answers(t, STR(".*b"), false);
    answers(t, STR(".*?a"), true);
    answers(t, STR("a*+"), true);
    strbuf_free(&text);
    strbuf_free(&pattern);
}

static void explosions_end(void **state)
{
    (void)state;
    strbuf text = {0}, pattern = {0};
    pt_str t = repeated(&text, "a", LONG, "");
    gives_up(t, STR("(a*)*b"));
    gives_up(t, STR("(.*)(.*)(.*)(.*)x"));
    gives_up(t, repeated(&pattern, "a?", LONG / 2, "c"));
    gives_up(t, repeated(&pattern, ".*", LONG / 2, "c"));
    gives_up(t, repeated(&pattern, "(a|b)", LONG / 5, "c"));
    repeated(&pattern, "(", LONG, "a");
    for (size_t i = 0; i < LONG; i++) strbuf_addz(&pattern, ")");
    gives_up(STR("a"), strbuf_str(&pattern));
    strbuf_free(&text);
    strbuf_free(&pattern);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_runs_answer),
        cmocka_unit_test(explosions_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
