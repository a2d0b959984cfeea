/* fuzz_pgwire.c - any bytes as messages of a client: decoded or refused, without a step out of bounds.
 *
 * The first byte chooses what the rest is taken for: the startup, a message by its type, SCRAM's two
 * messages, a statement to be routed, a value of a type. */
#include "server/constant.h"
#include "server/msg_read.h"
#include "server/msg_write.h"
#include "server/numeric.h"
#include "server/route.h"
#include "server/scram.h"
#include "server/transaction.h"
#include "server/types.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void messages(pt_str body, arena *a)
{
    startup_msg s;
    sasl_initial_msg i;
    parse_msg p;
    bind_msg b;
    name_msg n;
    execute_msg x;
    pt_str query;
    (void)!msg_read_startup(body, a, &s);
    (void)!msg_read_sasl_initial(body, &i);
    (void)!msg_read_query(body, &query);
    (void)!msg_read_parse(body, a, &p);
    (void)!msg_read_bind(body, a, &b);
    (void)!msg_read_name(body, &n);
    (void)!msg_read_execute(body, &x);
}

/* A parameter of every type in both formats; what is accepted as binary must be sent back as the same text.
 */
static void values(pt_str body)
{
    static const uint32_t oids[] = {0,        OID_BOOL,   OID_INT2,      OID_INT4,
                                    OID_INT8, OID_FLOAT4, OID_FLOAT8,    OID_NUMERIC,
                                    OID_TEXT, OID_DATE,   OID_TIMESTAMP, OID_TIMESTAMPTZ};
    for (size_t i = 0; i < ARRAY_LEN(oids) * 2; i++) {
        strbuf text = {0}, back = {0};
        sql_error e = {0};
        bool is_number;
        if (type_decode(oids[i / 2], i % 2, body, &text, &is_number, &e) && text.ptr)
            (void)!type_encode(oids[i / 2], true, text.ptr, &back);
        strbuf_free(&text);
        strbuf_free(&back);
    }
}

/* The message is cut in two at its first NUL. */
static void scram(pt_str body)
{
    scram_verifier v = {.iterations = 1, .n_salt = 16};
    scram_exchange x;
    strbuf reply = {0};
    const char *nul = memchr(body.ptr, 0, body.len);
    size_t n = nul ? (size_t)(nul - body.ptr) : body.len;
    pt_str rest = {body.ptr + n, body.len - n};
    if (rest.len) rest = (pt_str){rest.ptr + 1, rest.len - 1};
    scram_exchange_begin(&x, &v, true);
    if (scram_exchange_first(&x, (pt_str){body.ptr, n}, "server", &reply, NULL) == PT_OK)
        (void)!scram_exchange_final(&x, rest, &reply, NULL);
    (void)!scram_verifier_parse(body, &v);
    scram_exchange_end(&x);
    strbuf_free(&reply);
}

static void statement(pt_str body)
{
    settings_of_client settings = {0};
    constant_env env = {.user = "u", .database = "d", .settings = &settings};
    transaction t;
    transaction_note note;
    const char *tag;
    sql_error e = {0};
    answer x = {0};
    char word[32];
    route_word(body, word);
    switch (route_of(body).kind) {
    case ROUTE_CONSTANT: (void)!constant_select(&env, body, &x, &e); break;
    case ROUTE_TRANSACTION:
        transaction_open(&t);
        (void)!transaction_run(&t, STR("BEGIN"), &tag, &note, &e);
        (void)!transaction_run(&t, body, &tag, &note, &e);
        transaction_close(&t);
        break;
    case ROUTE_EMPTY:
    case ROUTE_ENGINE:
    case ROUTE_SETTING:
    case ROUTE_FORGET:
    case ROUTE_NOTHING:
    case ROUTE_CATALOG:
    case ROUTE_FOREIGN: break;
    }
    answer_free(&x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena *a = arena_new(64 << 20);
    if (!a || size == 0) {
        arena_free(a);
        return 0;
    }
    pt_str body = {(const char *)data + 1, size - 1};
    switch (data[0]) {
    case 's': statement(body); break;
    case 'v': values(body); break;
    case 'p': scram(body); break;
    default: messages(body, a);
    }
    arena_free(a);
    return 0;
}
