/* value_text.c - printing, reading and converting scalars.
 *
 * Reading and converting refuse whatever would lose something; the message shows the value and what was
 * expected. */
#include "base/value.h"

#include "base/date.h"
#include "base/decimal.h"
#include "base/num.h"
#include "base/utf8.h"

/* ---- printing and reading ------------------------------------------- */

void value_print(pt_value v, strbuf *out)
{
    switch (v.kind) {
    case VAL_NULL: break;
    case VAL_INT: dec_print(v.i, 0, out); break;
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
