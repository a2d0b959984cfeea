/* msg_read.c - see msg_read.h. */
#include "server/msg_read.h"

enum {
    PROTOCOL_CANCEL = 80877102,
    PROTOCOL_SSL = 80877103,
    PROTOCOL_GSS = 80877104,
    MAX_STARTUP_PARAMS = 200,
};

/* ---- fields --------------------------------------------------------------- */

msg_reader msg_reader_of(pt_str body)
{
    const uint8_t *at = (const uint8_t *)(body.ptr ? body.ptr : "");
    return (msg_reader){at, at + body.len, false};
}

static bool has(msg_reader *r, size_t n)
{
    if (!r->failed && (size_t)(r->end - r->at) >= n) return true;
    r->failed = true;
    return false;
}

uint8_t msg_get_u8(msg_reader *r)
{
    return has(r, 1) ? *r->at++ : 0;
}

uint16_t msg_get_u16(msg_reader *r)
{
    if (!has(r, 2)) return 0;
    uint16_t x = (uint16_t)(r->at[0] << 8 | r->at[1]);
    r->at += 2;
    return x;
}

int32_t msg_get_i32(msg_reader *r)
{
    if (!has(r, 4)) return 0;
    uint32_t x =
        (uint32_t)r->at[0] << 24 | (uint32_t)r->at[1] << 16 | (uint32_t)r->at[2] << 8 | (uint32_t)r->at[3];
    r->at += 4;
    return (int32_t)x;
}

pt_str msg_get_text(msg_reader *r)
{
    size_t left = (size_t)(r->end - r->at);
    const uint8_t *nul = r->failed || left == 0 ? NULL : memchr(r->at, 0, left);
    if (!nul) {
        r->failed = true;
        return STR("");
    }
    pt_str s = {(const char *)r->at, (size_t)(nul - r->at)};
    r->at = nul + 1;
    return s;
}

pt_str msg_get_bytes(msg_reader *r, size_t n)
{
    if (!has(r, n)) return STR("");
    pt_str s = {(const char *)r->at, n};
    r->at += n;
    return s;
}

bool msg_is_done(const msg_reader *r)
{
    return !r->failed && r->at == r->end;
}

/* Length and bytes; -1 is the absent text, less is a failure. */
static pt_str get_value(msg_reader *r)
{
    int32_t n = msg_get_i32(r);
    if (n == -1) return (pt_str){NULL, 0};
    if (n < 0) r->failed = true;
    return r->failed ? STR("") : msg_get_bytes(r, (size_t)n);
}

/* ---- startup --------------------------------------------------------------- */

static bool read_params(msg_reader *r, arena *a, startup_msg *out)
{
    startup_param *params = arena_array(a, startup_param, MAX_STARTUP_PARAMS);
    if (!params) return false;
    for (;;) {
        pt_str name = msg_get_text(r);
        if (r->failed) return false;
        if (name.len == 0) break;
        if (out->n_params == MAX_STARTUP_PARAMS) return false;
        params[out->n_params++] = (startup_param){name, msg_get_text(r)};
    }
    out->params = params;
    return msg_is_done(r);
}

bool msg_read_startup(pt_str body, arena *a, startup_msg *out)
{
    msg_reader r = msg_reader_of(body);
    int32_t code = msg_get_i32(&r);
    *out = (startup_msg){.kind = STARTUP_SESSION};
    if (code == PROTOCOL_SSL || code == PROTOCOL_GSS) {
        out->kind = code == PROTOCOL_SSL ? STARTUP_SSL : STARTUP_GSS;
        return msg_is_done(&r);
    }
    if (code == PROTOCOL_CANCEL) {
        out->kind = STARTUP_CANCEL;
        out->cancel_pid = msg_get_i32(&r);
        out->cancel_key = (uint32_t)msg_get_i32(&r);
        return msg_is_done(&r);
    }
    if (r.failed) return false;
    out->major = (uint16_t)((uint32_t)code >> 16);
    out->minor = (uint16_t)((uint32_t)code & 0xffff);
    return out->major != 3 || read_params(&r, a, out); /* of other versions only the number is known */
}

/* ---- authentication --------------------------------------------------------- */

bool msg_read_sasl_initial(pt_str body, sasl_initial_msg *out)
{
    msg_reader r = msg_reader_of(body);
    out->mechanism = msg_get_text(&r);
    out->data = get_value(&r);
    return msg_is_done(&r);
}

/* ---- queries ----------------------------------------------------------------- */

bool msg_read_query(pt_str body, pt_str *query)
{
    msg_reader r = msg_reader_of(body);
    *query = msg_get_text(&r);
    return msg_is_done(&r);
}

bool msg_read_parse(pt_str body, arena *a, parse_msg *out)
{
    msg_reader r = msg_reader_of(body);
    out->name = msg_get_text(&r);
    out->query = msg_get_text(&r);
    out->n_types = msg_get_u16(&r);
    if (!has(&r, (size_t)out->n_types * 4)) return false;
    uint32_t *types = arena_array(a, uint32_t, out->n_types);
    if (!types) return false;
    for (uint16_t i = 0; i < out->n_types; i++) types[i] = (uint32_t)msg_get_i32(&r);
    out->types = types;
    return msg_is_done(&r);
}

/* A count and as many format codes, each 0 or 1. */
static bool read_formats(msg_reader *r, arena *a, uint16_t *n, const uint16_t **out)
{
    *n = msg_get_u16(r);
    if (!has(r, (size_t)*n * 2)) return false;
    uint16_t *formats = arena_array(a, uint16_t, *n);
    if (!formats) return false;
    for (uint16_t i = 0; i < *n; i++)
        if ((formats[i] = msg_get_u16(r)) > 1) return false;
    *out = formats;
    return true;
}

static bool read_values(msg_reader *r, arena *a, bind_msg *out)
{
    out->n_values = msg_get_u16(r);
    if (!has(r, (size_t)out->n_values * 4)) return false;
    pt_str *values = arena_array(a, pt_str, out->n_values);
    if (!values) return false;
    for (uint16_t i = 0; i < out->n_values; i++) values[i] = get_value(r);
    out->values = values;
    return !r->failed;
}

static bool fits(uint16_t n_formats, uint16_t n)
{
    return n_formats <= 1 || n_formats == n;
}

bool msg_read_bind(pt_str body, arena *a, bind_msg *out)
{
    msg_reader r = msg_reader_of(body);
    out->portal = msg_get_text(&r);
    out->statement = msg_get_text(&r);
    return read_formats(&r, a, &out->n_formats, &out->formats) && read_values(&r, a, out) &&
           fits(out->n_formats, out->n_values) &&
           read_formats(&r, a, &out->n_result_formats, &out->result_formats) && msg_is_done(&r);
}

bool msg_read_name(pt_str body, name_msg *out)
{
    msg_reader r = msg_reader_of(body);
    out->kind = msg_get_u8(&r);
    out->name = msg_get_text(&r);
    return msg_is_done(&r) && (out->kind == 'S' || out->kind == 'P');
}

bool msg_read_execute(pt_str body, execute_msg *out)
{
    msg_reader r = msg_reader_of(body);
    out->portal = msg_get_text(&r);
    int32_t max = msg_get_i32(&r);
    out->max_rows = max > 0 ? (uint32_t)max : 0;
    return msg_is_done(&r);
}

uint16_t msg_format_at(uint16_t n_formats, const uint16_t *formats, uint32_t i)
{
    if (n_formats == 0) return 0;
    if (n_formats == 1) return formats[0];
    return i < n_formats ? formats[i] : 0;
}
