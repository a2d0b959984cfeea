/* msg_write.c - see msg_write.h. */
#include "server/msg_write.h"

#include <stdio.h>

enum { AUTH_OK = 0, AUTH_SASL = 10, AUTH_SASL_CONTINUE = 11, AUTH_SASL_FINAL = 12 };

/* ---- fields ----------------------------------------------------------------- */

static void big_endian(uint64_t x, size_t n, char *bytes)
{
    for (size_t i = 0; i < n; i++) bytes[i] = (char)(x >> (8 * (n - 1 - i)));
}

static void put(strbuf *out, uint64_t x, size_t n)
{
    char bytes[8];
    big_endian(x, n, bytes);
    strbuf_add(out, bytes, n);
}

size_t msg_begin(strbuf *out, char type)
{
    strbuf_addc(out, type);
    size_t mark = out->len;
    put(out, 0, 4);
    return mark;
}

void msg_end(strbuf *out, size_t mark)
{
    msg_patch_i32(out, mark, (int32_t)(out->len - mark));
}

void msg_put_u8(strbuf *out, uint8_t x)
{
    strbuf_addc(out, (char)x);
}

void msg_put_u16(strbuf *out, uint16_t x)
{
    put(out, x, 2);
}

void msg_put_i32(strbuf *out, int32_t x)
{
    put(out, (uint32_t)x, 4);
}

void msg_put_i64(strbuf *out, int64_t x)
{
    put(out, (uint64_t)x, 8);
}

void msg_put_text(strbuf *out, const char *text)
{
    strbuf_add(out, text, strlen(text) + 1);
}

void msg_patch_i32(strbuf *out, size_t at, int32_t x)
{
    if (out->failed || out->len < at + 4) return;
    big_endian((uint32_t)x, 4, out->ptr + at);
}

/* ---- whole messages ----------------------------------------------------------- */

void msg_empty(strbuf *out, char type)
{
    msg_end(out, msg_begin(out, type));
}

static size_t begin_auth(strbuf *out, int32_t what)
{
    size_t mark = msg_begin(out, 'R');
    msg_put_i32(out, what);
    return mark;
}

void msg_auth_ok(strbuf *out)
{
    msg_end(out, begin_auth(out, AUTH_OK));
}

void msg_auth_sasl(strbuf *out, const char *mechanism)
{
    size_t mark = begin_auth(out, AUTH_SASL);
    msg_put_text(out, mechanism);
    msg_put_u8(out, 0);
    msg_end(out, mark);
}

void msg_auth_sasl_continue(strbuf *out, pt_str data)
{
    size_t mark = begin_auth(out, AUTH_SASL_CONTINUE);
    strbuf_adds(out, data);
    msg_end(out, mark);
}

void msg_auth_sasl_final(strbuf *out, pt_str data)
{
    size_t mark = begin_auth(out, AUTH_SASL_FINAL);
    strbuf_adds(out, data);
    msg_end(out, mark);
}

void msg_negotiate(strbuf *out, uint16_t minor, const pt_str *unknown, uint32_t n_unknown)
{
    size_t mark = msg_begin(out, 'v');
    msg_put_i32(out, minor);
    msg_put_i32(out, (int32_t)n_unknown);
    for (uint32_t i = 0; i < n_unknown; i++) {
        strbuf_adds(out, unknown[i]);
        msg_put_u8(out, 0);
    }
    msg_end(out, mark);
}

void msg_parameter_status(strbuf *out, const char *name, const char *value)
{
    size_t mark = msg_begin(out, 'S');
    msg_put_text(out, name);
    msg_put_text(out, value);
    msg_end(out, mark);
}

void msg_backend_key(strbuf *out, int32_t pid, uint32_t key)
{
    size_t mark = msg_begin(out, 'K');
    msg_put_i32(out, pid);
    msg_put_i32(out, (int32_t)key);
    msg_end(out, mark);
}

void msg_ready(strbuf *out, char transaction)
{
    size_t mark = msg_begin(out, 'Z');
    msg_put_u8(out, (uint8_t)transaction);
    msg_end(out, mark);
}

void msg_complete(strbuf *out, const char *tag)
{
    size_t mark = msg_begin(out, 'C');
    msg_put_text(out, tag);
    msg_end(out, mark);
}

static void put_field(strbuf *out, char field, const char *text)
{
    msg_put_u8(out, (uint8_t)field);
    msg_put_text(out, text);
}

/* What errors and notices begin with: S is for people, V the same for programs. */
static size_t begin_report(strbuf *out, char type, const char *severity, const char *sqlstate,
                           const char *text)
{
    size_t mark = msg_begin(out, type);
    put_field(out, 'S', severity);
    put_field(out, 'V', severity);
    put_field(out, 'C', sqlstate);
    put_field(out, 'M', text);
    return mark;
}

void msg_error(strbuf *out, const char *severity, const sql_error *e)
{
    const char *sqlstate = e->sqlstate[0] ? e->sqlstate : SQL_INTERNAL;
    size_t mark = begin_report(out, 'E', severity, sqlstate, e->message);
    if (e->hint[0]) put_field(out, 'H', e->hint);
    if (e->position) {
        char number[16];
        snprintf(number, sizeof number, "%u", e->position);
        put_field(out, 'P', number);
    }
    if (e->routine) put_field(out, 'R', e->routine);
    msg_put_u8(out, 0);
    msg_end(out, mark);
}

void msg_notice(strbuf *out, const char *severity, const char *sqlstate, const char *text)
{
    size_t mark = begin_report(out, 'N', severity, sqlstate, text);
    msg_put_u8(out, 0);
    msg_end(out, mark);
}
