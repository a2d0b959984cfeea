/* types.c - see types.h. Binary forms: big-endian integers and IEEE floats, dates and timestamps counted from
 * 2000-01-01; numeric has a file of its own. */
#include "server/types.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"
#include "base/num.h"
#include "base/utf8.h"
#include "server/msg_read.h"
#include "server/msg_write.h"
#include "server/numeric.h"

enum { EPOCH_DAYS = 10957 }; /* 2000-01-01 as days since 1970-01-01 */

typedef struct type_info {
    uint32_t oid;
    int16_t size;
    bool is_number, is_text;
    const char *names[3]; /* as in a cast */
} type_info;

static const type_info types[] = {
    {OID_BOOL, 1, false, false, {"bool", "boolean"}},
    {OID_NAME, 64, false, true, {"name"}},
    {OID_INT8, 8, true, false, {"int8", "bigint"}},
    {OID_INT2, 2, true, false, {"int2", "smallint"}},
    {OID_INT4, 4, true, false, {"int4", "integer", "int"}},
    {OID_TEXT, -1, false, true, {"text"}},
    {OID_OID, 4, true, false, {"oid"}},
    {OID_FLOAT4, 4, true, false, {"float4", "real"}},
    {OID_FLOAT8, 8, true, false, {"float8", "float"}},
    {OID_UNKNOWN, -2, false, true, {"unknown"}},
    {OID_BPCHAR, -1, false, true, {"bpchar", "char"}},
    {OID_VARCHAR, -1, false, true, {"varchar"}},
    {OID_DATE, 4, false, false, {"date"}},
    {OID_TIMESTAMP, 8, false, false, {"timestamp"}},
    {OID_TIMESTAMPTZ, 8, false, false, {"timestamptz"}},
    {OID_NUMERIC, -1, true, false, {"numeric", "decimal"}},
};

static const type_info *find(uint32_t oid)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (types[i].oid == oid) return &types[i];
    return NULL;
}

uint32_t type_oid(patron_type t)
{
    switch (t) {
    case PATRON_INTEGER: return OID_INT8;
    case PATRON_DECIMAL: return OID_NUMERIC;
    case PATRON_DOUBLE: return OID_FLOAT8;
    case PATRON_BOOLEAN: return OID_BOOL;
    case PATRON_DATE: return OID_DATE;
    case PATRON_TIMESTAMP: return OID_TIMESTAMP;
    case PATRON_TEXT: break;
    }
    return OID_TEXT;
}

int16_t type_size(uint32_t oid)
{
    const type_info *t = find(oid);
    return t ? t->size : -1;
}

uint32_t type_by_name(pt_str name)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        for (size_t k = 0; k < ARRAY_LEN(types[i].names) && types[i].names[k]; k++)
            if (str_eq_fold(name, str_of(types[i].names[k]))) return types[i].oid;
    return 0;
}

/* ---- to the client -------------------------------------------------------------- */

static bool read_bool(pt_str s, bool *out)
{
    static const char *const words[2][4] = {{"f", "false", "0", "off"}, {"t", "true", "1", "on"}};
    for (int is_true = 0; is_true < 2; is_true++)
        for (size_t i = 0; i < 4; i++)
            if (str_eq_fold(s, str_of(words[is_true][i]))) {
                *out = is_true;
                return true;
            }
    return false;
}

/* num_parse_double and the three names that it does not read. */
static bool read_double(pt_str s, double *out)
{
    if (num_parse_double(s, out)) return true;
    if (str_eq_fold(s, STR("NaN")))
        *out = NAN;
    else if (str_eq_fold(s, STR("Infinity")))
        *out = INFINITY;
    else if (str_eq_fold(s, STR("-Infinity")))
        *out = -INFINITY;
    else
        return false;
    return true;
}

static bool encode_integer(uint32_t oid, pt_str s, strbuf *out)
{
    int64_t x;
    if (!num_parse_i64(s, &x)) return false;
    if (oid == OID_INT8) {
        msg_put_i64(out, x);
    } else if (oid == OID_INT2) {
        if (x < INT16_MIN || x > INT16_MAX) return false;
        msg_put_u16(out, (uint16_t)x);
    } else {
        int64_t min = oid == OID_OID ? 0 : INT32_MIN, max = oid == OID_OID ? UINT32_MAX : INT32_MAX;
        if (x < min || x > max) return false;
        msg_put_i32(out, (int32_t)(uint32_t)x);
    }
    return true;
}

static bool encode_float(uint32_t oid, pt_str s, strbuf *out)
{
    double f;
    int64_t bits;
    if (!read_double(s, &f)) return false;
    if (oid == OID_FLOAT4) {
        float narrow = (float)f;
        int32_t narrow_bits;
        memcpy(&narrow_bits, &narrow, sizeof narrow_bits);
        msg_put_i32(out, narrow_bits);
        return true;
    }
    memcpy(&bits, &f, sizeof bits);
    msg_put_i64(out, bits);
    return true;
}

static bool encode_date(pt_str s, strbuf *out)
{
    int64_t days;
    if (!date_parse_iso(s, &days)) return false;
    msg_put_i32(out, (int32_t)(days - EPOCH_DAYS));
    return true;
}

static bool encode_timestamp(pt_str s, strbuf *out)
{
    int64_t micros;
    if (!date_parse_iso_time(s, &micros)) return false;
    msg_put_i64(out, micros - EPOCH_DAYS * DATE_DAY_US);
    return true;
}

static bool encode_binary(uint32_t oid, pt_str s, strbuf *out)
{
    bool is_true;
    switch (oid) {
    case OID_BOOL:
        if (!read_bool(s, &is_true)) return false;
        msg_put_u8(out, is_true);
        return true;
    case OID_INT2:
    case OID_INT4:
    case OID_INT8:
    case OID_OID: return encode_integer(oid, s, out);
    case OID_FLOAT4:
    case OID_FLOAT8: return encode_float(oid, s, out);
    case OID_NUMERIC: return numeric_encode(s, out);
    case OID_DATE: return encode_date(s, out);
    case OID_TIMESTAMP:
    case OID_TIMESTAMPTZ: return encode_timestamp(s, out);
    default: strbuf_adds(out, s); return true;
    }
}

bool type_encode(uint32_t oid, bool is_binary, const char *value, strbuf *out)
{
    pt_str s = str_of(value);
    bool is_true;
    if (is_binary) return encode_binary(oid, s, out);
    if (oid == OID_BOOL) {
        if (!read_bool(s, &is_true)) return false;
        strbuf_addc(out, is_true ? 't' : 'f');
        return true;
    }
    strbuf_adds(out, s);
    return true;
}

/* ---- from the client -------------------------------------------------------------- */

static bool is_plain_number(pt_str s)
{
    double f;
    return num_parse_double(s, &f);
}

static bool check_text(pt_str s, sql_error *e)
{
    if (memchr(s.ptr, 0, s.len) || utf8_valid_prefix(s) != s.len)
        return sql_fail(e, SQL_NOT_IN_CHARSET, "a parameter is not valid UTF-8 text");
    return true;
}

static bool not_of_type(const type_info *t, pt_str s, sql_error *e)
{
    size_t n = s.len < 80 ? s.len : 80;
    return sql_fail(e, SQL_INVALID_TEXT, "parameter '%.*s' is not of type %s", (int)n, s.ptr, t->names[0]);
}

/* Text of a known type that is not itself text: the same words the other way round, checked. */
static bool decode_typed_text(const type_info *t, pt_str s, strbuf *out, sql_error *e)
{
    int64_t when;
    bool is_true;
    switch (t->oid) {
    case OID_BOOL:
        if (!read_bool(s, &is_true)) return not_of_type(t, s, e);
        strbuf_addz(out, is_true ? "true" : "false");
        return true;
    case OID_DATE:
        if (!date_parse_iso(s, &when)) return not_of_type(t, s, e);
        break;
    case OID_TIMESTAMP:
        if (!date_parse_iso(s, &when) && !date_parse_iso_time(s, &when)) return not_of_type(t, s, e);
        break;
    case OID_TIMESTAMPTZ: break; /* with a zone in many forms: taken as text */
    default:
        if (!is_plain_number(s)) return not_of_type(t, s, e);
    }
    strbuf_adds(out, s);
    return true;
}

static int64_t get_i64(msg_reader *r)
{
    uint64_t high = (uint32_t)msg_get_i32(r);
    return (int64_t)(high << 32 | (uint32_t)msg_get_i32(r));
}

static void add_float4(float f, strbuf *out)
{
    char text[32];
    for (int digits = 6; digits <= 9; digits++) { /* the fewest that read back as the same float */
        snprintf(text, sizeof text, "%.*g", digits, (double)f);
        if (strtof(text, NULL) == f) break;
    }
    strbuf_addz(out, text);
}

static bool decode_float(uint32_t oid, msg_reader *r, strbuf *out)
{
    double f;
    if (oid == OID_FLOAT4) {
        float narrow;
        int32_t bits = msg_get_i32(r);
        memcpy(&narrow, &bits, sizeof narrow);
        if (!isfinite(narrow)) return false;
        add_float4(narrow, out);
        return true;
    }
    int64_t bits = get_i64(r);
    memcpy(&f, &bits, sizeof f);
    if (!isfinite(f)) return false;
    num_add_double(out, f);
    return true;
}

static bool decode_time(uint32_t oid, msg_reader *r, strbuf *out)
{
    if (oid == OID_DATE) {
        int32_t days = msg_get_i32(r);
        if (days == INT32_MIN || days == INT32_MAX) return false; /* -infinity, infinity */
        date_print((int64_t)days + EPOCH_DAYS, out);
        return true;
    }
    int64_t micros = get_i64(r);
    if (micros == INT64_MIN || micros > INT64_MAX - EPOCH_DAYS * DATE_DAY_US) return false;
    date_print_time(micros + EPOCH_DAYS * DATE_DAY_US, out);
    return true;
}

static bool decode_typed_binary(const type_info *t, msg_reader *r, strbuf *out)
{
    switch (t->oid) {
    case OID_BOOL: strbuf_addz(out, msg_get_u8(r) ? "true" : "false"); return true;
    case OID_INT2: strbuf_printf(out, "%d", (int16_t)msg_get_u16(r)); return true;
    case OID_INT4: strbuf_printf(out, "%d", msg_get_i32(r)); return true;
    case OID_OID: strbuf_printf(out, "%u", (uint32_t)msg_get_i32(r)); return true;
    case OID_INT8: strbuf_printf(out, "%lld", (long long)get_i64(r)); return true;
    case OID_FLOAT4:
    case OID_FLOAT8: return decode_float(t->oid, r, out);
    case OID_NUMERIC: return numeric_decode(r, out);
    default: return decode_time(t->oid, r, out);
    }
}

static bool decode_binary(const type_info *t, pt_str bytes, strbuf *out, sql_error *e)
{
    msg_reader r = msg_reader_of(bytes);
    if (decode_typed_binary(t, &r, out) && msg_is_done(&r)) return true;
    return sql_fail(e, SQL_INVALID_BINARY, "a binary parameter is not a finite value of type %s",
                    t->names[0]);
}

bool type_decode(uint32_t oid, bool is_binary, pt_str bytes, strbuf *out, bool *is_number, sql_error *e)
{
    const type_info *t = find(oid);
    bool is_untyped = oid == 0 || oid == OID_UNKNOWN;
    *is_number = t && t->is_number;
    if (!t && !is_untyped && is_binary) {
        sql_fail(e, SQL_UNSUPPORTED, "binary parameters of type %u are not offered", oid);
        return sql_hint(e, "send the parameter as text");
    }
    if (t && !t->is_text && is_binary) return decode_binary(t, bytes, out, e);
    if (!check_text(bytes, e)) return false;
    if (t && !t->is_text) return decode_typed_text(t, bytes, out, e);
    if (is_untyped) *is_number = is_plain_number(bytes);
    strbuf_adds(out, bytes);
    return true;
}
