/* test_pgmsg.c - messages of PostgreSQL's protocol to structs and back, values on the wire, where statements
 * go. */
#include "tests/unit/unit.h"

#include "server/msg_read.h"
#include "server/msg_write.h"
#include "server/numeric.h"
#include "server/route.h"
#include "server/setting.h"
#include "server/transaction.h"
#include "server/types.h"

#define BYTES(literal) ((pt_str){"" literal, sizeof(literal) - 1})

/* ---- from the client --------------------------------------------------------------------- */

static void test_startup(void **state)
{
    (void)state;
    arena *a = arena_new(0);
    startup_msg m;
    assert_true(msg_read_startup(BYTES("\0\3\0\0user\0ada\0database\0shop\0\0"), a, &m));
    assert_int_equal(m.kind, STARTUP_SESSION);
    assert_int_equal(m.major, 3);
    assert_int_equal(m.minor, 0);
    assert_int_equal(m.n_params, 2);
    assert_str(m.params[0].name, "user");
    assert_str(m.params[1].value, "shop");
    assert_true(msg_read_startup(BYTES("\0\3\0\2user\0ada\0\0"), a, &m));
    assert_int_equal(m.minor, 2);
    assert_true(msg_read_startup(BYTES("\x04\xd2\x16\x2f"), a, &m));
    assert_int_equal(m.kind, STARTUP_SSL);
    assert_true(msg_read_startup(BYTES("\x04\xd2\x16\x30"), a, &m));
    assert_int_equal(m.kind, STARTUP_GSS);
    assert_true(msg_read_startup(BYTES("\x04\xd2\x16\x2e\0\0\0\7\xff\xff\xff\xfe"), a, &m));
    assert_int_equal(m.kind, STARTUP_CANCEL);
    assert_int_equal(m.cancel_pid, 7);
    assert_int_equal(m.cancel_key, 0xfffffffe);
    arena_free(a);
}

/* Every shorter message is refused, and so is one with a byte more. */
#define ASSERT_EXACT(whole, read)                                                                            \
    do {                                                                                                     \
        pt_str all_ = (whole);                                                                               \
        for (size_t n_ = 0; n_ <= all_.len + 1; n_++) {                                                      \
            char *body_ = test_malloc(n_ + 1);                                                               \
            memset(body_, 0, n_ + 1);                                                                        \
            memcpy(body_, all_.ptr, n_ < all_.len ? n_ : all_.len);                                          \
            pt_str part = {body_, n_};                                                                       \
            if ((read) != (n_ == all_.len)) fail_msg("%s: %zu of %zu bytes", #read, n_, all_.len);           \
            test_free(body_);                                                                                \
        }                                                                                                    \
    } while (0)

static void test_lengths(void **state)
{
    (void)state;
    arena *a = arena_new(0);
    startup_msg s;
    sasl_initial_msg i;
    pt_str q;
    parse_msg p;
    bind_msg b;
    name_msg n;
    execute_msg x;
    ASSERT_EXACT(BYTES("\0\3\0\0user\0ada\0\0"), msg_read_startup(part, a, &s));
    ASSERT_EXACT(BYTES("SCRAM-SHA-256\0\0\0\0\2n,"), msg_read_sasl_initial(part, &i));
    ASSERT_EXACT(BYTES("SELECT 1\0"), msg_read_query(part, &q));
    ASSERT_EXACT(BYTES("s\0SELECT $1\0\0\2\0\0\0\x17\0\0\0\0"), msg_read_parse(part, a, &p));
    ASSERT_EXACT(BYTES("p\0s\0\0\1\0\1\0\2\0\0\0\1x\xff\xff\xff\xff\0\2\0\0\0\1"),
                 msg_read_bind(part, a, &b));
    ASSERT_EXACT(BYTES("Sname\0"), msg_read_name(part, &n));
    ASSERT_EXACT(BYTES("p\0\0\0\0\x0a"), msg_read_execute(part, &x));
    arena_free(a);
}

static void test_bind(void **state)
{
    (void)state;
    arena *a = arena_new(0);
    bind_msg b;
    assert_true(msg_read_bind(BYTES("p\0s\0\0\1\0\1\0\2\0\0\0\1x\xff\xff\xff\xff\0\2\0\0\0\1"), a, &b));
    assert_str(b.portal, "p");
    assert_str(b.statement, "s");
    assert_int_equal(b.n_values, 2);
    assert_str(b.values[0], "x");
    assert_null(b.values[1].ptr);
    assert_int_equal(msg_format_at(b.n_formats, b.formats, 1), 1);
    assert_int_equal(msg_format_at(b.n_result_formats, b.result_formats, 0), 0);
    assert_int_equal(msg_format_at(b.n_result_formats, b.result_formats, 1), 1);
    assert_int_equal(msg_format_at(0, NULL, 5), 0);
    assert_false(msg_read_bind(BYTES("\0\0\0\0\0\1\xff\xff\xff\xfe\0\0"), a, &b)); /* a length of -2 */
    assert_false(
        msg_read_bind(BYTES("\0\0\0\0\0\1\x7f\xff\xff\xff\0\0"), a, &b)); /* longer than the message */
    assert_false(msg_read_bind(BYTES("\0\0\0\1\0\2\0\0\0\0"), a, &b));    /* format 2 */
    assert_false(
        msg_read_bind(BYTES("\0\0\0\2\0\0\0\0\0\1\xff\xff\xff\xff\0\0"), a, &b)); /* 2 formats, 1 value */
    assert_false(msg_read_bind(BYTES("\0\0\0\0\xff\xff"), a, &b));                /* many values, no bytes */
    arena_free(a);
}

/* ---- to the client --------------------------------------------------------------------------- */

#define ASSERT_BYTES(buf, literal)                                                                           \
    do {                                                                                                     \
        assert_int_equal((buf).len, sizeof(literal) - 1);                                                    \
        assert_memory_equal((buf).ptr, literal, sizeof(literal) - 1);                                        \
        strbuf_clear(&(buf));                                                                                \
    } while (0)

static void test_messages(void **state)
{
    (void)state;
    strbuf out = {0};
    sql_error e = {0};
    msg_ready(&out, 'I');
    ASSERT_BYTES(out, "Z\0\0\0\5I");
    msg_auth_sasl(&out, "SCRAM-SHA-256");
    ASSERT_BYTES(out, "R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0");
    msg_parameter_status(&out, "a", "b");
    ASSERT_BYTES(out, "S\0\0\0\x08"
                      "a\0b\0");
    pt_str unknown = STR("_pq_.x");
    msg_negotiate(&out, 0, &unknown, 1);
    ASSERT_BYTES(out, "v\0\0\0\x13\0\0\0\0\0\0\0\1_pq_.x\0");
    sql_fail(&e, SQL_SYNTAX, "no");
    sql_hint(&e, "yes");
    e.position = 12;
    msg_error(&out, "ERROR", &e);
    ASSERT_BYTES(out, "E\0\0\0\x27SERROR\0VERROR\0C42601\0Mno\0Hyes\0P12\0\0");
    strbuf_free(&out);
}

static void test_positions_count_characters(void **state)
{
    (void)state;
    sql_error e = {0};
    patron_error from = PATRON_ERROR_INIT;
    pt_str query = STR("SHOW X; \xe9\x94\x80\xe5\x94\xae bad");
    from.code = PATRON_NAME;
    from.line = 1;
    from.start = 8; /* of the second statement, which starts at byte 7 */
    from.end = 11;
    sql_fail_engine(&e, &from, query, 7);
    assert_string_equal(e.sqlstate, SQL_UNDEFINED_OBJECT);
    assert_int_equal(e.position, 12);
}

/* ---- values ------------------------------------------------------------------------------------ */

static void test_encode(void **state)
{
    (void)state;
    strbuf out = {0};
    assert_true(type_encode(OID_INT8, true, "-2", &out));
    ASSERT_BYTES(out, "\xff\xff\xff\xff\xff\xff\xff\xfe");
    assert_true(type_encode(OID_INT4, true, "258", &out));
    ASSERT_BYTES(out, "\0\0\1\2");
    assert_false(type_encode(OID_INT2, true, "40000", &out));
    assert_true(type_encode(OID_FLOAT8, true, "1.5", &out));
    ASSERT_BYTES(out, "\x3f\xf8\0\0\0\0\0\0");
    assert_true(type_encode(OID_BOOL, false, "true", &out));
    ASSERT_BYTES(out, "t");
    assert_true(type_encode(OID_BOOL, true, "false", &out));
    ASSERT_BYTES(out, "\0");
    assert_true(type_encode(OID_DATE, true, "2000-01-02", &out));
    ASSERT_BYTES(out, "\0\0\0\1");
    assert_true(type_encode(OID_TIMESTAMP, true, "1999-12-31 23:59:59", &out));
    ASSERT_BYTES(out, "\xff\xff\xff\xff\xff\xf0\xbd\xc0");
    assert_true(type_encode(OID_TEXT, true, "x", &out));
    ASSERT_BYTES(out, "x");
    assert_false(type_encode(OID_DATE, true, "soon", &out));
    assert_false(type_encode(OID_INT8, true, "1.5", &out));
    assert_int_equal(out.len, 0);
    strbuf_free(&out);
}

static void test_numeric_bytes(void **state)
{
    (void)state;
    strbuf out = {0};
    assert_true(numeric_encode(STR("12345.678"), &out)); /* as PostgreSQL sends it */
    ASSERT_BYTES(out, "\0\3\0\1\0\0\0\3\0\1\x09\x29\x1a\x7c");
    assert_true(numeric_encode(STR("-0.05"), &out));
    ASSERT_BYTES(out, "\0\1\xff\xff\x40\0\0\2\1\xf4");
    assert_true(numeric_encode(STR("0.00"), &out));
    ASSERT_BYTES(out, "\0\0\0\0\0\0\0\2");
    assert_true(numeric_encode(STR("10000"), &out));
    ASSERT_BYTES(out, "\0\1\0\1\0\0\0\0\0\1");
    static const char *const bad[] = {"", "-", ".", "NaN", "1e", "1x", "1e99999"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) assert_false(numeric_encode(str_of(bad[i]), &out));
    assert_int_equal(out.len, 0);
    strbuf_free(&out);
}

static void test_numeric_round_trip(void **state)
{
    (void)state;
    static const char *const cases[] = {"0",
                                        "1",
                                        "-1",
                                        "9999",
                                        "10000",
                                        "0.1",
                                        "0.00001",
                                        "-0.5",
                                        "123456789.987654321",
                                        "100000000",
                                        "99999999999999999999999999999999.99",
                                        "20000.0002",
                                        "0.10"};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        strbuf bytes = {0}, text = {0};
        assert_true(numeric_encode(str_of(cases[i]), &bytes));
        msg_reader r = msg_reader_of(strbuf_str(&bytes));
        assert_true(numeric_decode(&r, &text));
        assert_true(msg_is_done(&r));
        assert_str(strbuf_str(&text), cases[i]);
        strbuf_free(&bytes);
        strbuf_free(&text);
    }
}

static void decodes_to(uint32_t oid, bool is_binary, pt_str bytes, const char *text, bool number)
{
    strbuf out = {0};
    sql_error e = {0};
    bool is_number;
    if (!type_decode(oid, is_binary, bytes, &out, &is_number, &e)) fail_msg("%s: %s", text, e.message);
    assert_str(strbuf_str(&out), text);
    assert_int_equal(is_number, number);
    strbuf_free(&out);
}

static void test_decode(void **state)
{
    (void)state;
    decodes_to(0, false, STR("12"), "12", true);
    decodes_to(0, false, STR("12 apples"), "12 apples", false);
    decodes_to(OID_TEXT, false, STR("12"), "12", false);
    decodes_to(OID_VARCHAR, true, STR("x"), "x", false);
    decodes_to(OID_INT4, true, BYTES("\xff\xff\xff\xff"), "-1", true);
    decodes_to(OID_INT2, true, BYTES("\1\0"), "256", true);
    decodes_to(OID_INT8, true, BYTES("\0\0\0\1\0\0\0\0"), "4294967296", true);
    decodes_to(OID_FLOAT4, true, BYTES("\x3d\xcc\xcc\xcd"), "0.1", true);
    decodes_to(OID_FLOAT8, true, BYTES("\x3f\xb9\x99\x99\x99\x99\x99\x9a"), "0.1", true);
    decodes_to(OID_BOOL, true, BYTES("\1"), "true", false);
    decodes_to(OID_BOOL, false, STR("f"), "false", false);
    decodes_to(OID_DATE, true, BYTES("\0\0\0\1"), "2000-01-02", false);
    decodes_to(OID_TIMESTAMP, true, BYTES("\0\0\0\0\0\0\0\0"), "2000-01-01 00:00:00", false);
}

static void test_bad_parameters(void **state)
{
    (void)state;
    static const struct {
        uint32_t oid;
        bool is_binary;
        pt_str bytes;
        const char *sqlstate;
    } cases[] = {
        {OID_INT4, false, {"abc", 3}, SQL_INVALID_TEXT},
        {OID_INT4, true, {"\0\0\0", 3}, SQL_INVALID_BINARY},
        {OID_INT4, true, {"\0\0\0\0\0", 5}, SQL_INVALID_BINARY},
        {OID_FLOAT8, true, {"\x7f\xf0\0\0\0\0\0\0", 8}, SQL_INVALID_BINARY}, /* infinity */
        {OID_NUMERIC, true, {"\0\0\0\0\xc0\0\0\0", 8}, SQL_INVALID_BINARY},  /* NaN */
        {OID_NUMERIC, true, {"\x7f\xff\0\0\0\0\0\0", 8}, SQL_INVALID_BINARY},
        {OID_DATE, false, {"soon", 4}, SQL_INVALID_TEXT},
        {OID_DATE, true, {"\x7f\xff\xff\xff", 4}, SQL_INVALID_BINARY}, /* infinity */
        {OID_TEXT, false, {"\xff", 1}, SQL_NOT_IN_CHARSET},
        {0, true, {"a\0b", 3}, SQL_NOT_IN_CHARSET},
        {2950, true, {"0123456789abcdef", 16}, SQL_UNSUPPORTED}, /* uuid */
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        strbuf out = {0};
        sql_error e = {0};
        bool is_number;
        assert_false(type_decode(cases[i].oid, cases[i].is_binary, cases[i].bytes, &out, &is_number, &e));
        assert_string_equal(e.sqlstate, cases[i].sqlstate);
        strbuf_free(&out);
    }
}

/* ---- statements ----------------------------------------------------------------------------------- */

static void test_routes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        route_kind kind;
        bool is_reading;
    } cases[] = {
        {"", ROUTE_EMPTY, false},
        {" -- nothing\n /* at all */ ", ROUTE_EMPTY, false},
        {"SELECT [Time].Members ON 0 FROM [Sales]", ROUTE_ENGINE, true},
        {"select {} on columns from sales", ROUTE_ENGINE, true},
        {"WITH MEMBER x AS 1 SELECT x ON 0 FROM [pg_class]", ROUTE_ENGINE, true},
        {"SELECT 'from' AS x", ROUTE_CONSTANT, true},
        {"SELECT version()", ROUTE_CONSTANT, true},
        {"/* pool */ select 1", ROUTE_CONSTANT, true},
        {"SELECT oid FROM pg_type", ROUTE_CATALOG, false},
        {"SELECT c.oid FROM pg_catalog.pg_class c", ROUTE_CATALOG, false},
        {"select * from x join information_schema.tables t on true", ROUTE_CATALOG, false},
        {"BEGIN READ ONLY", ROUTE_TRANSACTION, false},
        {"rollback to savepoint x", ROUTE_TRANSACTION, false},
        {"SET client_encoding TO 'UTF8'", ROUTE_SETTING, false},
        {"SET SESSION statement_timeout = 5", ROUTE_SETTING, false},
        {"SET TIME ZONE 'UTC'", ROUTE_SETTING, false},
        {"SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", ROUTE_SETTING, false},
        {"SET LIMIT TIME = 5", ROUTE_ENGINE, false},
        {"SHOW TRANSACTION ISOLATION LEVEL", ROUTE_SETTING, true},
        {"SHOW server_version_num", ROUTE_SETTING, true},
        {"SHOW CUBES", ROUTE_ENGINE, true},
        {"DISCARD ALL", ROUTE_FORGET, false},
        {"COPY x FROM STDIN", ROUTE_FOREIGN, false},
        {"LOAD ALL", ROUTE_ENGINE, false},
        {"CREATE CUBE x", ROUTE_ENGINE, false},
        {"'", ROUTE_ENGINE, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        route r = route_of(str_of(cases[i].text));
        if (r.kind != cases[i].kind || r.is_reading != cases[i].is_reading)
            fail_msg("%s: kind %d, reading %d", cases[i].text, r.kind, r.is_reading);
    }
}

typedef struct step {
    const char *statement, *tag; /* tag NULL: fails */
    char state;
} step;

static void run_steps(const step *steps, size_t n)
{
    transaction t;
    transaction_open(&t);
    for (size_t i = 0; i < n; i++) {
        const char *tag = NULL;
        sql_error e = {0};
        transaction_note note;
        if (strcmp(steps[i].statement, "fail") == 0)
            transaction_failed(&t);
        else if (!transaction_run(&t, str_of(steps[i].statement), &tag, &note, &e)) {
            tag = NULL;
            transaction_failed(&t);
        }
        if (steps[i].tag)
            assert_string_equal(tag ? tag : e.message, steps[i].tag);
        else
            assert_null(tag);
        if (t.state != steps[i].state) fail_msg("step %zu, %s: state %c", i, steps[i].statement, t.state);
    }
    transaction_close(&t);
}

static void test_transactions(void **state)
{
    (void)state;
    static const step steps[] = {
        {"COMMIT", "COMMIT", 'I'},
        {"SAVEPOINT a", NULL, 'I'},
        {"BEGIN", "BEGIN", 'T'},
        {"BEGIN", "BEGIN", 'T'},
        {"fail", NULL, 'E'},
        {"SAVEPOINT a", NULL, 'E'},
        {"COMMIT", "ROLLBACK", 'I'},
        {"START TRANSACTION", "START TRANSACTION", 'T'},
        {"SAVEPOINT a", "SAVEPOINT", 'T'},
        {"SAVEPOINT \"B b\"", "SAVEPOINT", 'T'},
        {"fail", NULL, 'E'},
        {"ROLLBACK TO a", "ROLLBACK", 'T'},
        {"RELEASE \"B b\"", NULL, 'E'},
        {"ROLLBACK TO SAVEPOINT A", "ROLLBACK", 'T'},
        {"RELEASE SAVEPOINT a", "RELEASE", 'T'},
        {"END", "COMMIT", 'I'},
        {"ABORT WORK", "ROLLBACK", 'I'},
    };
    run_steps(steps, ARRAY_LEN(steps));
}

static void test_read_only(void **state)
{
    (void)state;
    transaction t;
    const char *tag;
    transaction_note note;
    sql_error e = {0};
    transaction_open(&t);
    assert_true(transaction_run(&t, STR("BEGIN ISOLATION LEVEL READ COMMITTED, READ ONLY"), &tag, &note, &e));
    assert_true(transaction_admits(&t, true, &e));
    assert_false(transaction_admits(&t, false, &e));
    assert_string_equal(e.sqlstate, SQL_READ_ONLY);
    transaction_close(&t);
}

static void test_settings(void **state)
{
    (void)state;
    settings_of_client s = {0};
    static const struct {
        const char *name, *value;
        bool is_accepted;
    } cases[] = {
        {"client_encoding", "utf-8", true},  {"client_encoding", "LATIN1", false},
        {"datestyle", "ISO, DMY", true},     {"DateStyle", "German", false},
        {"statement_timeout", "5 s", true},  {"statement_timeout", "soon", false},
        {"server_version", "16", false},     {"standard_conforming_strings", "off", false},
        {"application_name", "\xff", false}, {"TimeZone", "Asia/Shanghai", true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        sql_error e = {0};
        int at = setting_find(str_of(cases[i].name));
        assert_true(at >= 0);
        if (setting_set(&s, at, str_of(cases[i].value), &e) != cases[i].is_accepted)
            fail_msg("%s = %s", cases[i].name, cases[i].value);
        if (cases[i].is_accepted) assert_string_equal(setting_get(&s, at), cases[i].value);
    }
    setting_free(&s);
    assert_string_equal(setting_get(&s, setting_find(STR("server_version_num"))), "150000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_startup),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_bind),
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_positions_count_characters),
        cmocka_unit_test(test_encode),
        cmocka_unit_test(test_numeric_bytes),
        cmocka_unit_test(test_numeric_round_trip),
        cmocka_unit_test(test_decode),
        cmocka_unit_test(test_bad_parameters),
        cmocka_unit_test(test_routes),
        cmocka_unit_test(test_transactions),
        cmocka_unit_test(test_read_only),
        cmocka_unit_test(test_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
