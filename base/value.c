/* value.c - comparing, hashing, printing, reading and converting scalars.
 *
 * Numbers compare exactly across kinds: INT, DEC and DOUBLE are all brought to the same form, a whole part
 * and a fraction in units of 10^-18 (struct exact). Equality of values is equality of that form, and the hash
 * is computed from it. A DATE equals the TIME of its midnight. */
#include "base/value.h"

#include <math.h>

#include "base/date.h"
#include "base/decimal.h"
#include "base/map.h"
#include "base/num.h"
#include "base/utf8.h"

const char *type_name(pt_type t)
{
    switch (t) {
    case TYPE_NONE: return "NONE";
    case TYPE_INTEGER: return "INTEGER";
    case TYPE_DECIMAL: return "DECIMAL";
    case TYPE_DOUBLE: return "DOUBLE";
    case TYPE_TEXT: return "TEXT";
    case TYPE_BOOLEAN: return "BOOLEAN";
    case TYPE_DATE: return "DATE";
    case TYPE_TIMESTAMP: return "TIMESTAMP";
    }
    return "NONE";
}

double value_as_double(pt_value v)
{
    switch (v.kind) {
    case VAL_INT:
    case VAL_BOOL:
    case VAL_DATE: return (double)v.i;
    case VAL_DEC: return dec_to_double(v.dec, v.scale);
    case VAL_DOUBLE: return v.f;
    case VAL_NULL:
    case VAL_TEXT:
    case VAL_TIME: break;
    }
    return NAN;
}

/* ---- order --------------------------------------------------------- */

/* A number as whole + fraction / 10^18 + something of the sign of `rest` below that. `zone` places what no
 * 128-bit integer holds: -1 below all, 1 above all, 2 NaN. Both parts have the number's sign. */
typedef struct exact {
    int zone;
    pt_i128 whole;
    int64_t fraction;
    int rest;
} exact;

static exact exact_of_dec(pt_i128 dec, uint8_t scale)
{
    if (scale > DEC_MAX_SCALE) scale = DEC_MAX_SCALE;
    int64_t unit = pow10_i64[scale];
    return (exact){.whole = dec / unit, .fraction = (int64_t)(dec % unit) * pow10_i64[DEC_MAX_SCALE - scale]};
}

/* |f| < 1 in units of 10^-18: f = m / 2^q with a 53-bit m, so m * 10^18 fits 113 bits. */
static void split_fraction(double f, exact *out)
{
    int exponent;
    int64_t m = (int64_t)ldexp(frexp(fabs(f), &exponent), 53);
    int q = 53 - exponent, sign = f < 0 ? -1 : 1;
    if (m == 0) return;
    if (q > 120) { /* f < 2^-67 < 10^-18 */
        out->rest = sign;
        return;
    }
    unsigned __int128 scaled = (unsigned __int128)m * (uint64_t)pow10_i64[DEC_MAX_SCALE];
    out->fraction = sign * (int64_t)(scaled >> q);
    out->rest = scaled & (((unsigned __int128)1 << q) - 1) ? sign : 0;
}

static exact exact_of_double(double f)
{
    exact e = {0};
    if (isnan(f))
        e.zone = 2;
    else if (fabs(f) >= 0x1p127)
        e.zone = f < 0 ? -1 : 1;
    if (e.zone) return e;
    double whole = trunc(f);
    e.whole = (pt_i128)whole;
    split_fraction(f - whole, &e);
    return e;
}

static exact exact_of(pt_value v)
{
    if (v.kind == VAL_DOUBLE) return exact_of_double(v.f);
    return v.kind == VAL_DEC ? exact_of_dec(v.dec, v.scale) : (exact){.whole = v.i};
}

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

static int exact_cmp(const exact *a, const exact *b)
{
    if (a->zone != b->zone) return COMPARE(a->zone, b->zone);
    if (a->whole != b->whole) return COMPARE(a->whole, b->whole);
    if (a->fraction != b->fraction) return COMPARE(a->fraction, b->fraction);
    return COMPARE(a->rest, b->rest);
}

static int number_cmp(pt_value a, pt_value b)
{
    if (a.kind == VAL_INT && b.kind == VAL_INT) return COMPARE(a.i, b.i);
    if (a.kind == VAL_DEC && b.kind == VAL_DEC && a.scale == b.scale) return COMPARE(a.dec, b.dec);
    if (a.kind == VAL_DOUBLE && b.kind == VAL_DOUBLE && !isnan(a.f) && !isnan(b.f)) return COMPARE(a.f, b.f);
    exact x = exact_of(a), y = exact_of(b);
    return exact_cmp(&x, &y);
}

static pt_i128 micros_of(pt_value v)
{
    return v.kind == VAL_DATE ? (pt_i128)v.i * DATE_DAY_US : (pt_i128)v.i;
}

/* Kinds that compare with each other share a rank. */
static int rank(value_kind kind)
{
    switch (kind) {
    case VAL_NULL: return 0;
    case VAL_BOOL: return 1;
    case VAL_INT:
    case VAL_DEC:
    case VAL_DOUBLE: return 2;
    case VAL_DATE:
    case VAL_TIME: return 3;
    case VAL_TEXT: return 4;
    }
    return 5;
}

int value_cmp(pt_value a, pt_value b)
{
    int ranks[2] = {rank(a.kind), rank(b.kind)};
    if (ranks[0] != ranks[1]) return COMPARE(ranks[0], ranks[1]);
    switch (ranks[0]) {
    case 1: return COMPARE(a.i, b.i);
    case 2: return number_cmp(a, b);
    case 3: return COMPARE(micros_of(a), micros_of(b));
    case 4: return str_cmp(a.s, b.s);
    default: return 0;
    }
}

bool value_eq(pt_value a, pt_value b)
{
    return value_cmp(a, b) == 0;
}

static uint64_t hash_i128(pt_i128 x)
{
    return hash_u64((uint64_t)x ^ hash_u64((uint64_t)(x >> 64) + 1));
}

static uint64_t hash_number(pt_value v)
{
    exact e = exact_of(v);
    if (e.zone == 2) return hash_u64(2); /* all NaNs are one value here */
    if (e.zone || e.rest) return hash_bytes(&v.f, sizeof v.f);
    return hash_i128(e.whole) ^ hash_u64((uint64_t)e.fraction);
}

uint64_t value_hash(pt_value v)
{
    uint64_t seed = (uint64_t)rank(v.kind) << 56;
    switch (rank(v.kind)) {
    case 1: return hash_u64(seed ^ (uint64_t)v.i);
    case 2: return hash_number(v);
    case 3: return hash_i128(micros_of(v)) ^ seed;
    case 4: return hash_bytes(v.s.ptr, v.s.len);
    default: return seed;
    }
}

/* ---- text ---------------------------------------------------------- */

void value_print(pt_value v, strbuf *out)
{
    switch (v.kind) {
    case VAL_NULL: break;
    case VAL_INT: strbuf_printf(out, "%lld", (long long)v.i); break;
    case VAL_DEC: dec_print(v.dec, v.scale, out); break;
    case VAL_DOUBLE: num_add_double(out, v.f); break;
    case VAL_TEXT: strbuf_adds(out, v.s); break;
    case VAL_BOOL: strbuf_addz(out, v.i ? "true" : "false"); break;
    case VAL_DATE: date_print(v.i, out); break;
    case VAL_TIME: date_print_time(v.i, out); break;
    }
}

static bool parse_bool(pt_str text, bool *out)
{
    static const char *const words[2][5] = {{"false", "f", "no", "n", "0"}, {"true", "t", "yes", "y", "1"}};
    for (int truth = 0; truth < 2; truth++)
        for (size_t i = 0; i < ARRAY_LEN(words[0]); i++)
            if (str_eq_fold(text, str_of(words[truth][i]))) {
                *out = truth;
                return true;
            }
    return false;
}

static bool fits_i64(pt_i128 x)
{
    return x == (int64_t)x;
}

static bool parse_date(pt_str text, int64_t *days)
{
    int64_t micros;
    if (date_parse_iso(text, days)) return true;
    if (!date_parse_iso_time(text, &micros) || micros % DATE_DAY_US != 0) return false;
    *days = micros / DATE_DAY_US;
    return true;
}

/* Everything but TEXT: false if the text is not of that type. */
static bool parse_scalar(pt_type t, uint8_t scale, pt_str text, pt_value *out)
{
    int64_t i;
    double f;
    bool b;
    pt_i128 dec;
    switch (t) {
    case TYPE_INTEGER:
        if (!dec_parse(text, 0, &dec) || !fits_i64(dec)) return false;
        *out = value_int((int64_t)dec);
        return true;
    case TYPE_DECIMAL:
        if (!dec_parse(text, scale, &dec) || !fits_i64(dec)) return false;
        *out = value_dec(dec, scale);
        return true;
    case TYPE_DOUBLE:
        if (!num_parse_double(text, &f)) return false;
        *out = value_double(f);
        return true;
    case TYPE_BOOLEAN:
        if (!parse_bool(text, &b)) return false;
        *out = value_bool(b);
        return true;
    case TYPE_DATE:
        if (!parse_date(text, &i)) return false;
        *out = value_date(i);
        return true;
    case TYPE_TIMESTAMP:
        if (!date_parse_iso_time(text, &i)) return false;
        *out = value_time(i);
        return true;
    case TYPE_NONE:
    case TYPE_TEXT: break;
    }
    return false;
}

/* What a reader would have to write, for messages. */
static const char *shape_of(pt_type t)
{
    switch (t) {
    case TYPE_INTEGER: return "a whole number of at most 64 bits";
    case TYPE_DECIMAL: return "a decimal number";
    case TYPE_DOUBLE: return "a number";
    case TYPE_BOOLEAN: return "true or false";
    case TYPE_DATE: return "a date as YYYY-MM-DD";
    case TYPE_TIMESTAMP: return "a time as YYYY-MM-DD HH:MM:SS";
    case TYPE_NONE:
    case TYPE_TEXT: break;
    }
    return "a value";
}

enum { SHOWN_COLUMNS = 60 }; /* of a text in a message */

static pt_status refuse(pt_type t, uint8_t scale, pt_str text, pt_err *err)
{
    pt_i128 dec;
    pt_str shown = utf8_prefix_width(text, SHOWN_COLUMNS);
    if (t == TYPE_DECIMAL && dec_parse(text, DEC_MAX_SCALE, &dec))
        return pt_fail(err, PT_VALUE, "'" STR_FMT "' does not fit DECIMAL with %d digits after the point",
                       STR_ARG(shown), scale);
    return pt_fail(err, PT_VALUE, "expected %s, found '" STR_FMT "'", shape_of(t), STR_ARG(shown));
}

pt_status value_parse(pt_type t, uint8_t scale, pt_str text, arena *a, pt_value *out, pt_err *err)
{
    if (t == TYPE_TEXT) {
        pt_str copy = a ? str_copy(a, text) : text;
        if (!copy.ptr && a) return arena_fail(a, err);
        *out = value_text(copy);
        return PT_OK;
    }
    return parse_scalar(t, scale, str_trim(text), out) ? PT_OK : refuse(t, scale, text, err);
}

/* ---- conversion ---------------------------------------------------- */

enum { DOUBLE_EXACT_DIGITS = 15 }; /* decimals of so many digits survive the way to double and back */

static bool double_to_dec(double f, uint8_t scale, pt_i128 *out)
{
    strbuf text = {0};
    num_add_double(&text, f);
    bool is_exact = !text.failed && dec_parse(strbuf_str(&text), scale, out);
    strbuf_free(&text);
    return is_exact;
}

/* Numbers and truth values as a decimal of that scale. */
static bool to_dec(pt_value v, uint8_t scale, pt_i128 *out)
{
    if (v.kind == VAL_DOUBLE) return double_to_dec(v.f, scale, out);
    if (v.kind == VAL_DEC) return dec_rescale(v.dec, v.scale, scale, out);
    return dec_rescale(v.i, 0, scale, out);
}

static bool to_double(pt_value v, double *out)
{
    pt_i128 dec = v.kind == VAL_DEC ? v.dec : v.i, most = pow10_i64[DOUBLE_EXACT_DIGITS];
    *out = value_as_double(v);
    if (v.kind == VAL_DOUBLE || (dec <= most && dec >= -most)) return true;
    return value_eq(v, value_double(*out));
}

static bool number_to(pt_value v, pt_type t, uint8_t scale, pt_value *out)
{
    pt_i128 dec;
    double f;
    if (t == TYPE_DOUBLE) {
        if (!to_double(v, &f)) return false;
        *out = value_double(f);
        return true;
    }
    if (!to_dec(v, t == TYPE_DECIMAL ? scale : 0, &dec)) return false;
    if (t == TYPE_INTEGER && fits_i64(dec))
        *out = value_int((int64_t)dec);
    else if (t == TYPE_BOOLEAN && (dec == 0 || dec == 1))
        *out = value_bool(dec == 1);
    else if (t == TYPE_DECIMAL)
        *out = value_dec(dec, scale);
    else
        return false;
    return true;
}

static bool instant_to(pt_value v, pt_type t, pt_value *out)
{
    int64_t micros;
    if (v.kind == VAL_DATE && t == TYPE_TIMESTAMP) {
        if (__builtin_mul_overflow(v.i, DATE_DAY_US, &micros)) return false;
        *out = value_time(micros);
        return true;
    }
    if (v.kind != VAL_TIME || t != TYPE_DATE || v.i % DATE_DAY_US != 0) return false;
    *out = value_date(v.i / DATE_DAY_US);
    return true;
}

static pt_type type_of(value_kind kind)
{
    static const pt_type types[] = {TYPE_NONE, TYPE_INTEGER, TYPE_DECIMAL, TYPE_DOUBLE,
                                    TYPE_TEXT, TYPE_BOOLEAN, TYPE_DATE,    TYPE_TIMESTAMP};
    return types[kind];
}

static pt_status cast_to_text(pt_value v, arena *a, pt_value *out, pt_err *err)
{
    strbuf text = {0};
    value_print(v, &text);
    pt_str copy = text.failed ? (pt_str){NULL, 0} : str_copy(a, strbuf_str(&text));
    strbuf_free(&text);
    if (!copy.ptr) return arena_fail(a, err);
    *out = value_text(copy);
    return PT_OK;
}

static bool is_instant_type(pt_type t)
{
    return t == TYPE_DATE || t == TYPE_TIMESTAMP;
}

pt_status value_cast(pt_value v, pt_type t, uint8_t scale, arena *a, pt_value *out, pt_err *err)
{
    pt_type from = type_of(v.kind);
    if (v.kind == VAL_NULL || (from == t && t != TYPE_DECIMAL)) {
        *out = v;
        return PT_OK;
    }
    if (v.kind == VAL_TEXT) return value_parse(t, scale, v.s, a, out, err);
    if (t == TYPE_TEXT) return cast_to_text(v, a, out, err);
    if (is_instant_type(from) != is_instant_type(t) || t == TYPE_NONE)
        return pt_fail(err, PT_TYPE, "%s does not convert to %s", type_name(from), type_name(t));
    if (is_instant_type(t) ? instant_to(v, t, out) : number_to(v, t, scale, out)) return PT_OK;
    strbuf text = {0};
    value_print(v, &text);
    pt_str shown = strbuf_str(&text);
    pt_fail(err, PT_VALUE, "%.*s does not fit %s without loss", (int)shown.len, shown.ptr, type_name(t));
    strbuf_free(&text);
    return PT_VALUE;
}
