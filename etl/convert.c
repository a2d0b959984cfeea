/* convert.c - see convert.h. Plain whole numbers and decimals, which most fields of facts are, take a short
 * way. */
#include "etl/convert.h"

#include "base/date.h"
#include "base/decimal.h"
#include "base/utf8.h"
#include "etl/expr_int.h"

enum { SHOWN_COLUMNS = 60, SURE_DIGITS = 18 };

/* "-12.5" as -1250 for scale 2. Only the plain form and at most SURE_DIGITS digits, which cannot overflow;
 * false for everything else, which is then for dec_parse to judge. */
static bool plain_decimal(pt_str s, uint8_t scale, int64_t *out)
{
    size_t at = s.len && s.ptr[0] == '-', n_digits = 0;
    int behind = -1; /* digits behind the point so far; -1 before it */
    int64_t v = 0;
    if (s.len - at + scale > SURE_DIGITS) return false;
    for (size_t i = at; i < s.len; i++) {
        unsigned digit = (unsigned)(s.ptr[i] - '0');
        if (digit > 9) {
            if (s.ptr[i] != '.' || behind >= 0) return false;
            behind = 0;
            continue;
        }
        n_digits++;
        if (behind >= 0 && behind++ >= scale) {
            if (digit) return false;
            continue;
        }
        v = v * 10 + (int64_t)digit;
    }
    if (!n_digits) return false;
    int missing = scale - (behind < 0 ? 0 : behind < scale ? behind : scale);
    v *= pow10_i64[missing];
    *out = at ? -v : v;
    return true;
}

static pt_status fail_shown(const char *what, pt_value v, pt_err *err)
{
    strbuf b = {0};
    value_print(v, &b);
    pt_str shown = utf8_prefix_width(strbuf_str(&b), SHOWN_COLUMNS);
    pt_fail(err, PT_VALUE, "%s '" STR_FMT "'", what, STR_ARG(shown));
    strbuf_free(&b);
    return PT_VALUE;
}

/* *found: the value is a code, or takes the ELSE. */
static pt_status apply_codes(const mapping_target *t, pt_value v, pt_value *out, bool *found, pt_err *err)
{
    pt_value number;
    const mapping_code *code = mapping_code_find(t, v);
    if (!code && v.kind == VAL_TEXT && expr_parse_number(str_trim(v.s), &number))
        code = mapping_code_find(t, number);
    *found = true;
    if (code) {
        *out = code->to;
    } else if (v.kind == VAL_NULL) {
        *found = false; /* null is only translated by a code of its own */
    } else if (t->has_code_else) {
        *out = t->code_else;
    } else {
        return fail_shown("there is no code for", v, err);
    }
    return PT_OK;
}

static pt_status apply_format(const mapping_target *t, pt_str text, pt_value *out, pt_err *err)
{
    int64_t micros;
    pt_str trimmed = str_trim(text);
    if (!date_parse(trimmed, t->format, &micros)) {
        pt_str shown = utf8_prefix_width(text, SHOWN_COLUMNS);
        return pt_fail(err, PT_VALUE, "expected a date like %s, found '" STR_FMT "'", t->format,
                       STR_ARG(shown));
    }
    bool is_date = t->type == TYPE_DATE; /* the day, whatever the time */
    *out = is_date ? value_date(micros / DATE_DAY_US - (micros % DATE_DAY_US < 0)) : value_time(micros);
    return PT_OK;
}

pt_status convert_text(const mapping_target *t, pt_str text, pt_value *out, pt_err *err)
{
    int64_t i;
    if (t->format) return apply_format(t, text, out, err);
    if (t->type == TYPE_INTEGER && plain_decimal(text, 0, &i)) {
        *out = value_int(i);
        return PT_OK;
    }
    if (t->type == TYPE_DECIMAL && plain_decimal(text, t->scale, &i)) {
        *out = value_dec(i, t->scale);
        return PT_OK;
    }
    return value_parse(t->type, t->scale, text, NULL, out, err);
}

pt_status convert_value(const mapping_target *t, pt_value v, arena *scratch, pt_value *out, pt_err *err)
{
    if (t->n_codes) {
        bool found;
        PT_TRY(apply_codes(t, v, out, &found, err));
        if (found) return PT_OK;
    }
    if (v.kind == VAL_NULL) {
        *out = v;
        return PT_OK;
    }
    if (v.kind == VAL_TEXT) return convert_text(t, v.s, out, err);
    PT_TRY(value_cast(v, t->type, t->scale, scratch, out, err));
    if (out->kind == VAL_DEC && out->dec != (int64_t)out->dec)
        return fail_shown("too large a number:", v, err);
    return PT_OK;
}
