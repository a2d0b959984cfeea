/* test_scram.c - SCRAM-SHA-256 against RFC 7677's example, wrong proofs, verifiers as text, the users file.
 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/base64.h"
#include "server/saslprep.h"
#include "server/users.h"

/* ---- the example of RFC 7677, section 3 ------------------------------------------------ */

#define RFC_FIRST  "n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
#define RFC_OWN    "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
#define RFC_SERVER "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
#define RFC_BARE   "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
#define RFC_FINAL  RFC_BARE ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
#define RFC_ANSWER "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="

static void rfc_verifier(scram_verifier *v)
{
    pt_err err = {0};
    uint8_t salt[16];
    assert_int_equal(base64_decode(STR("W22ZaJ0SNY7soEsUEjb6gQ=="), salt, sizeof salt), 16);
    assert_ok(scram_verifier_make(STR("pencil"), salt, 16, 4096, v, &err));
}

/* Both messages; the status of the last one. */
static pt_status exchange(bool is_real, const char *first, const char *final, strbuf *answer, pt_err *err)
{
    scram_verifier v;
    scram_exchange x;
    strbuf challenge = {0};
    rfc_verifier(&v);
    scram_exchange_begin(&x, &v, is_real);
    pt_status st = scram_exchange_first(&x, str_of(first), RFC_OWN, &challenge, err);
    if (st == PT_OK) {
        assert_str(strbuf_str(&challenge), RFC_SERVER);
        st = scram_exchange_final(&x, str_of(final), answer, err);
    }
    strbuf_free(&challenge);
    scram_exchange_end(&x);
    return st;
}

static void test_rfc_example(void **state)
{
    (void)state;
    pt_err err = {0};
    strbuf answer = {0};
    assert_ok(exchange(true, RFC_FIRST, RFC_FINAL, &answer, &err));
    assert_str(strbuf_str(&answer), RFC_ANSWER);
    strbuf_free(&answer);
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        bool is_real;
        const char *first, *final;
        pt_status status;
    } cases[] = {
        {false, RFC_FIRST, RFC_FINAL, PT_DENIED}, /* right, but there is no such user */
        {true, RFC_FIRST, RFC_BARE ",p=eHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", PT_DENIED},
        {true, RFC_FIRST,
         RFC_BARE ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVR=", PT_DATA}, /* stray bits */
        {true, RFC_FIRST, RFC_BARE ",p=dHzb", PT_DATA},
        {true, RFC_FIRST, RFC_BARE, PT_DATA},
        {true, RFC_FIRST, "", PT_DATA},
        {true, RFC_FIRST, ",", PT_DATA},
        {true, RFC_FIRST,
         "c=eSws,r=rOprNGfwEbeRWgbNEkqO" RFC_OWN ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
         PT_DATA}, /* another header than the first */
        {true, RFC_FIRST,
         "c=biws,r=rOprNGfwEbeRWgbNEkqO,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", PT_DATA},
        {true, "p=tls-unique,,n=user,r=x", "", PT_DATA},
        {true, "n,a=other,n=user,r=x", "", PT_DATA},
        {true, "n,,n=user,r=", "", PT_DATA},
        {true, "n,,n=user", "", PT_DATA},
        {true, "n,,r=x", "", PT_DATA},
        {true, "n", "", PT_DATA},
        {true, "", "", PT_DATA},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        pt_err err = {0};
        strbuf answer = {0};
        pt_status st = exchange(cases[i].is_real, cases[i].first, cases[i].final, &answer, &err);
        if (st != cases[i].status) fail_msg("case %zu: %s", i, pt_status_name(st));
        assert_int_equal(answer.len, 0);
        strbuf_free(&answer);
    }
}

/* ---- verifiers -------------------------------------------------------------------------------- */

static void test_verifier_text(void **state)
{
    (void)state;
    scram_verifier v, back;
    strbuf text = {0};
    rfc_verifier(&v);
    scram_verifier_print(&v, &text);
    assert_str(strbuf_str(&text),
               "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
               "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
    assert_true(scram_verifier_parse(strbuf_str(&text), &back));
    assert_memory_equal(&v, &back, sizeof v);
    for (size_t n = 0; n < text.len; n++) assert_false(scram_verifier_parse((pt_str){text.ptr, n}, &back));
    text.ptr[0] = 'X';
    assert_false(scram_verifier_parse(strbuf_str(&text), &back));
    strbuf_free(&text);
}

static void test_mock_is_stable(void **state)
{
    (void)state;
    pt_err err = {0};
    scram_verifier a, b, c;
    uint8_t secret[32] = {1};
    assert_ok(scram_verifier_mock(STR("ada"), secret, sizeof secret, &a, &err));
    assert_ok(scram_verifier_mock(STR("ada"), secret, sizeof secret, &b, &err));
    assert_ok(scram_verifier_mock(STR("bob"), secret, sizeof secret, &c, &err));
    assert_memory_equal(a.salt, b.salt, sizeof a.salt);
    assert_memory_not_equal(a.salt, c.salt, sizeof a.salt);
    assert_memory_not_equal(a.stored_key, b.stored_key, sizeof a.stored_key);
}

static void test_password_spellings(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"plain", "plain"},
        {"I\xc2\xadX", "IX"},      /* soft hyphen */
        {"a\xc2\xa0z", "a z"},     /* no-break space */
        {"\xe2\x85\xa8", "IX"},    /* roman nine */
        {"u\xcc\x88", "\xc3\xbc"}, /* u and dots: one letter */
        {"\xe5\xaf\x86\xe7\xa0\x81", "\xe5\xaf\x86\xe7\xa0\x81"},
        {"bad\xff", "bad\xff"}, /* not UTF-8: as it is */
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        pt_err err = {0};
        strbuf out = {0};
        assert_ok(saslprep(str_of(cases[i][0]), &out, &err));
        assert_str(strbuf_str(&out), cases[i][1]);
        strbuf_free(&out);
    }
}

static void test_base64(void **state)
{
    (void)state;
    uint8_t out[8];
    strbuf text = {0};
    base64_add(&text, "abcd", 4);
    assert_str(strbuf_str(&text), "YWJjZA==");
    assert_int_equal(base64_decode(strbuf_str(&text), out, sizeof out), 4);
    assert_memory_equal(out, "abcd", 4);
    assert_int_equal(base64_decode(strbuf_str(&text), out, 3), 0);
    static const char *const bad[] = {
        "", "Y", "YWJ", "YWJjZA=", "YW=jZA==", "YWJj ZA=", "Y===", "====", "YWJjZB=="};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(base64_decode(str_of(bad[i]), out, sizeof out), 0);
    strbuf_free(&text);
}

/* ---- the users file --------------------------------------------------------------------------- */

typedef struct fixture {
    char dir[64], path[80];
} fixture;

static int setup(void **state)
{
    fixture *f = mem_alloc(1, sizeof *f);
    snprintf(f->dir, sizeof f->dir, "/tmp/patron-users-XXXXXX");
    if (!mkdtemp(f->dir)) return -1;
    snprintf(f->path, sizeof f->path, "%s/users", f->dir);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    unlink(f->path);
    rmdir(f->dir);
    mem_free(f);
    return 0;
}

static void test_users(void **state)
{
    const fixture *f = *state;
    pt_err err = {0};
    users u;
    struct stat info;
    bool is_new;
    assert_ok(users_read(f->dir, &u, &err));
    assert_int_equal(u.n, 0);
    assert_ok(users_add(f->dir, STR("ada"), STR("secret"), &is_new, &err));
    assert_true(is_new);
    assert_ok(users_add(f->dir, STR("\xe6\x9d\x8e"), STR("other"), NULL, &err));
    assert_ok(users_add(f->dir, STR("ada"), STR("changed"), &is_new, &err));
    assert_false(is_new);
    assert_int_equal(stat(f->path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);

    assert_ok(users_read(f->dir, &u, &err));
    assert_int_equal(u.n, 2);
    const user *ada = users_find(&u, STR("ada"));
    assert_non_null(ada);
    scram_verifier v;
    assert_ok(scram_verifier_make(STR("changed"), ada->verifier.salt, ada->verifier.n_salt, 4096, &v, &err));
    assert_memory_equal(&v, &ada->verifier, sizeof v);
    assert_null(users_find(&u, STR("ADA")));
    users_free(&u);

    assert_fails(users_drop(f->dir, STR("adda"), &err), PT_NAME, "adda");
    assert_ok(users_drop(f->dir, STR("ada"), &err));
    assert_ok(users_read(f->dir, &u, &err));
    assert_int_equal(u.n, 1);
    users_free(&u);
}

static void test_bad_users(void **state)
{
    const fixture *f = *state;
    pt_err err = {0};
    users u;
    static const char *const names[] = {"",
                                        "a b",
                                        "#x",
                                        "!x",
                                        "a\nb",
                                        "\xff",
                                        "0123456789012345678901234567890123456789012345678901234567890123"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_fails(users_add(f->dir, str_of(names[i]), STR("x"), NULL, &err), PT_VALUE,
                     "cannot be a user's name");
    assert_fails(users_add(f->dir, STR("ada"), STR(""), NULL, &err), PT_VALUE, "password");

    assert_ok(users_add(f->dir, STR("ada"), STR("x"), NULL, &err));
    assert_int_equal(chmod(f->path, 0640), 0);
    assert_fails(users_read(f->dir, &u, &err), PT_DENIED, "can be read by others");
    FILE *file = fopen(f->path, "w");
    assert_non_null(file);
    fputs("ada secret\n", file);
    fclose(file);
    assert_int_equal(chmod(f->path, 0600), 0);
    assert_fails(users_read(f->dir, &u, &err), PT_CORRUPT, "users:1");
    users_free(&u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc_example),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_verifier_text),
        cmocka_unit_test(test_mock_is_stable),
        cmocka_unit_test(test_password_spellings),
        cmocka_unit_test(test_base64),
        cmocka_unit_test_setup_teardown(test_users, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_users, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
