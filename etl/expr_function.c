/* expr_function.c - the functions of mapping expressions. Lengths and places in texts count characters, not
 * bytes.
 *
 * The table is sorted by name, and is the documentation: docs/loading.md repeats it, and a test compares the
 * two. */
#include "etl/expr_int.h"

#include <unicase.h>

#include "base/date.h"
#include "base/decimal.h"
#include "base/utf8.h"

/* ---- arguments and results ----------------------------------------- */

static pt_status text_arg(expr_env *env, const pt_value *args, uint32_t i, pt_str *out, pt_err *err)
{
    return expr_to_text(env, args[i], out, err);
}

static pt_status int_arg(expr_env *env, const expr *call, const pt_value *args, uint32_t i, int64_t *out,
                         pt_err *err)
{
    return expr_to_int(env, call->args[i], args[i], out, err);
}

static pt_status give_buffer(expr_env *env, strbuf *b, pt_value *out, pt_err *err)
{
    pt_str copy = b->failed ? (pt_str){NULL, 0} : str_copy(env->scratch, strbuf_str(b));
    strbuf_free(b);
    if (!copy.ptr) return pt_fail(err, PT_NOMEM, "out of memory");
    *out = value_text(copy);
    return PT_OK;
}

/* Byte offset of character n; s.len when there are fewer. */
static size_t offset_of(pt_str s, int64_t n)
{
    size_t at = 0;
    for (; n > 0 && at < s.len; n--) utf8_decode(s, at, &at);
    return at;
}

/* `count` characters from character `from` (0-based; both may be out of range). */
static pt_str slice(pt_str s, int64_t from, int64_t count)
{
    if (from < 0) {
        count = count > INT64_MAX + from ? count : count + from;
        from = 0;
    }
    if (count <= 0) return (pt_str){"", 0};
    size_t start = offset_of(s, from);
    pt_str rest = {s.ptr + start, s.len - start};
    return (pt_str){rest.ptr, offset_of(rest, count)};
}

/* ---- texts --------------------------------------------------------- */

static pt_status change_case(expr_env *env, const pt_value *args, ucs4_t (*change)(ucs4_t), pt_value *out,
                             pt_err *err)
{
    pt_str s;
    strbuf b = {0};
    char four[4];
    PT_TRY(text_arg(env, args, 0, &s, err));
    for (size_t at = 0; at < s.len;) {
        uint32_t cp = utf8_decode(s, at, &at);
        strbuf_add(&b, four, utf8_encode(change(cp), four));
    }
    return give_buffer(env, &b, out, err);
}

static pt_status fn_upper(expr_env *env, const expr *call, const pt_value *args, pt_value *out, pt_err *err)
{
    (void)call;
    return change_case(env, args, uc_toupper, out, err);
}

static pt_status fn_lower(expr_env *env, const expr *call, const pt_value *args, pt_value *out, pt_err *err)
{
    (void)call;
    return change_case(env, args, uc_tolower, out, err);
}

static pt_status fn_trim(expr_env *env, const expr *call, const pt_value *args, pt_value *out, pt_err *err)
{
    pt_str s;
    (void)call;
    PT_TRY(text_arg(env, args, 0, &s, err));
    *out = value_text(str_trim(s));
    return PT_OK;
}

static pt_status fn_length(expr_env *env, const expr *call, const pt_value *args, pt_value *out, pt_err *err)
{
    pt_str s;
    (void)call;
    PT_TRY(text_arg(env, args, 0, &s, err));
    *out = value_int((int64_t)utf8_count(s));
    return PT_OK;
}

static pt_status fn_substring(expr_env *env, const expr *call, const pt_value *args, pt_value *out,
                              pt_err *err)
{
    pt_str s;
    int64_t from, count = INT64_MAX;
    PT_TRY(text_arg(env, args, 0, &s, err));
    PT_TRY(int_arg(env, call, args, 1, &from, err));
    if (call->n > 2) PT_TRY(int_arg(env, call, args, 2, &count, err));
    if (count < 0) return pt_fail(err, PT_VALUE, "a length cannot be negative");
    if (from == INT64_MIN) from++;
    *out = value_text(slice(s, from - 1, count));
    return PT_OK;
}

static pt_status fn_left(expr_env *env, const expr *call, const pt_value *args, pt_value *out, pt_err *err)
{
    pt_str s;
    int64_t count;
    PT_TRY(text_arg(env, args, 0, &s, err));
    PT_TRY(int_arg(env, call, args, 1, &count, err));
    *out = value_text(slice(s, 0, count));
    return PT_OK;
}

static pt_status fn_right(expr_env *env, const expr *call, const pt_value *args, pt_value *out, pt_err *err)
{
    pt_str s;
    int64_t count;
    PT_TRY(text_arg(env, args, 0, &s, err));
    PT_TRY(int_arg(env, call, args, 1, &count, err));
    int64_t all = (int64_t)utf8_count(s);
    *out = value_text(count >= all ? s : count <= 0 ? (pt_str){"", 0} : slice(s, all - count, count));
    return PT_OK;
}

static const char *find_text(pt_str s, size_t from, pt_str part)
{
    return memmem(s.ptr + from, s.len - from, part.ptr, part.len);
}

static pt_status fn_replace(expr_env *env, const expr *call, const pt_value *args, pt_value *out, pt_err *err)
{
    pt_str s, part, by;
    strbuf b = {0};
    (void)call;
    PT_TRY(text_arg(env, args, 0, &s, err));
    PT_TRY(text_arg(env, args, 1, &part, err));
    PT_TRY(text_arg(env, args, 2, &by, err));
    size_t at = 0;
    for (const char *hit; part.len && (hit = find_text(s, at, part));) {
        strbuf_add(&b, s.ptr + at, (size_t)(hit - s.ptr) - at);
        strbuf_adds(&b, by);
        at = (size_t)(hit - s.ptr) + part.len;
    }
    strbuf_add(&b, s.ptr + at, s.len - at);
    return give_buffer(env, &b, out, err);
}

static pt_status fn_position(expr_env *env, const expr *call, const pt_value *args, pt_value *out,
                             pt_err *err)
{
    pt_str part, s;
    (void)call;
    PT_TRY(text_arg(env, args, 0, &part, err));
    PT_TRY(text_arg(env, args, 1, &s, err));
    const char *hit = find_text(s, 0, part);
    *out = value_int(hit ? (int64_t)utf8_count((pt_str){s.ptr, (size_t)(hit - s.ptr)}) + 1 : 0);
    return PT_OK;
}

static pt_status fn_split(expr_env *env, const expr *call, const pt_value *args, pt_value *out, pt_err *err)
{
    pt_str s, mark;
    int64_t n;
    PT_TRY(text_arg(env, args, 0, &s, err));
    PT_TRY(text_arg(env, args, 1, &mark, err));
    PT_TRY(int_arg(env, call, args, 2, &n, err));
    if (n < 1 || !mark.len) return pt_fail(err, PT_VALUE, "SPLIT needs a separator and a number from 1");
    size_t at = 0;
    for (;;) {
        const char *hit = find_text(s, at, mark);
        size_t end = hit ? (size_t)(hit - s.ptr) : s.len;
        if (--n == 0) {
            *out = value_text((pt_str){s.ptr + at, end - at});
            return PT_OK;
        }
        if (!hit) break;
        at = end + mark.len;
    }
    *out = value_null();
    return PT_OK;
}

static pt_status fn_concat(expr_env *env, const expr *call, const pt_value *args, pt_value *out, pt_err *err)
{
    strbuf b = {0};
    for (uint32_t i = 0; i < call->n; i++) value_print(args[i], &b);
    return give_buffer(env, &b, out, err);
}

static pt_status fn_nullif(expr_env *env, const expr *call, const pt_value *args, pt_value *out, pt_err *err)
{
    *out = args[0];
    if (args[0].kind == VAL_NULL || args[1].kind == VAL_NULL) return PT_OK;
    pt_value v[2] = {args[0], args[1]};
    bool has_text = v[0].kind == VAL_TEXT, has_other = v[1].kind != VAL_TEXT;
    if (has_text && has_other) PT_TRY(expr_to_number(env, call->args[0], v[0], &v[0], err));
    if (value_eq(v[0], v[1])) *out = value_null();
    return PT_OK;
}

/* ---- numbers ------------------------------------------------------- */

static pt_status fn_abs(expr_env *env, const expr *call, const pt_value *args, pt_value *out, pt_err *err)
{
    pt_value v;
    PT_TRY(expr_to_number(env, call->args[0], args[0], &v, err));
    *out = v;
    return value_cmp(v, value_int(0)) < 0 ? expr_arith(EXPR_SUBTRACT, value_int(0), v, out, err) : PT_OK;
}

static pt_status fn_round(expr_env *env, const expr *call, const pt_value *args, pt_value *out, pt_err *err)
{
    pt_value v;
    int64_t digits = 0;
    PT_TRY(expr_to_number(env, call->args[0], args[0], &v, err));
    if (call->n > 1) PT_TRY(int_arg(env, call, args, 1, &digits, err));
    return expr_round(v, digits, out, err);
}

/* The whole number next to v on the side of `step` (-1: down, 1: up), or v itself. */
static pt_status to_whole(expr_env *env, const expr *call, const pt_value *args, int step, pt_value *out,
                          pt_err *err)
{
    pt_value v;
    PT_TRY(expr_to_number(env, call->args[0], args[0], &v, err));
    PT_TRY(expr_round(v, 0, out, err));
    int side = value_cmp(*out, v);
    if (side == 0 || side == step) return PT_OK;
    return expr_arith(EXPR_ADD, *out, value_int(step), out, err);
}

static pt_status fn_floor(expr_env *env, const expr *call, const pt_value *args, pt_value *out, pt_err *err)
{
    return to_whole(env, call, args, -1, out, err);
}

static pt_status fn_ceiling(expr_env *env, const expr *call, const pt_value *args, pt_value *out, pt_err *err)
{
    return to_whole(env, call, args, 1, out, err);
}

static pt_status fn_mod(expr_env *env, const expr *call, const pt_value *args, pt_value *out, pt_err *err)
{
    int64_t a, b;
    PT_TRY(int_arg(env, call, args, 0, &a, err));
    PT_TRY(int_arg(env, call, args, 1, &b, err));
    if (b == 0) return pt_fail(err, PT_VALUE, "division by zero");
    *out = value_int(b == -1 ? 0 : a % b);
    return PT_OK;
}

/* ---- dates --------------------------------------------------------- */

/* The instant of args[0]: ISO, or by the pattern in args[1]. */
static pt_status instant_arg(expr_env *env, const expr *call, const pt_value *args, int64_t *micros,
                             pt_err *err)
{
    if (call->n < 2) return expr_to_micros(env, call->args[0], args[0], micros, err);
    pt_str text, pattern;
    PT_TRY(text_arg(env, args, 0, &text, err));
    PT_TRY(text_arg(env, args, 1, &pattern, err));
    pt_str z = str_copy(env->scratch, pattern);
    if (!z.ptr) return arena_fail(env->scratch, err);
    if (date_parse(str_trim(text), z.ptr, micros)) return PT_OK;
    pt_fail(err, PT_VALUE, "expected a date like %s, found '" STR_FMT "'", z.ptr, STR_ARG(text));
    return expr_blame(env, call->args[0], args[0], PT_VALUE);
}

static int64_t days_of(int64_t micros)
{
    return micros / DATE_DAY_US - (micros % DATE_DAY_US < 0);
}

static pt_status fn_date(expr_env *env, const expr *call, const pt_value *args, pt_value *out, pt_err *err)
{
    int64_t micros;
    PT_TRY(instant_arg(env, call, args, &micros, err));
    *out = value_date(days_of(micros));
    return PT_OK;
}

static pt_status fn_timestamp(expr_env *env, const expr *call, const pt_value *args, pt_value *out,
                              pt_err *err)
{
    int64_t micros;
    PT_TRY(instant_arg(env, call, args, &micros, err));
    *out = value_time(micros);
    return PT_OK;
}

static pt_status day_arg(expr_env *env, const expr *call, const pt_value *args, int64_t *days, pt_err *err)
{
    int64_t micros;
    PT_TRY(expr_to_micros(env, call->args[0], args[0], &micros, err));
    *days = days_of(micros);
    return PT_OK;
}

static pt_status fn_year(expr_env *env, const expr *call, const pt_value *args, pt_value *out, pt_err *err)
{
    int64_t days;
    PT_TRY(day_arg(env, call, args, &days, err));
    *out = value_int(date_civil(days).year);
    return PT_OK;
}

static pt_status fn_quarter(expr_env *env, const expr *call, const pt_value *args, pt_value *out, pt_err *err)
{
    int64_t days;
    PT_TRY(day_arg(env, call, args, &days, err));
    *out = value_int((date_civil(days).month + 2) / 3);
    return PT_OK;
}

static pt_status fn_month(expr_env *env, const expr *call, const pt_value *args, pt_value *out, pt_err *err)
{
    int64_t days;
    PT_TRY(day_arg(env, call, args, &days, err));
    *out = value_int(date_civil(days).month);
    return PT_OK;
}

static pt_status fn_day(expr_env *env, const expr *call, const pt_value *args, pt_value *out, pt_err *err)
{
    int64_t days;
    PT_TRY(day_arg(env, call, args, &days, err));
    *out = value_int(date_civil(days).day);
    return PT_OK;
}

static pt_status fn_week(expr_env *env, const expr *call, const pt_value *args, pt_value *out, pt_err *err)
{
    int64_t days;
    int year, week;
    PT_TRY(day_arg(env, call, args, &days, err));
    date_iso_week(days, &year, &week);
    *out = value_int(week);
    return PT_OK;
}

static pt_status fn_weekday(expr_env *env, const expr *call, const pt_value *args, pt_value *out, pt_err *err)
{
    int64_t days;
    PT_TRY(day_arg(env, call, args, &days, err));
    *out = value_int(date_weekday(days));
    return PT_OK;
}

/* ---- the table ----------------------------------------------------- */

#define CALL(name, signature, description, min, max, fn)                                                     \
    {                                                                                                        \
        {name, signature, description}, min, max, EXPR_CALL, false, fn                                       \
    }

static const expr_function functions[] = {
    CALL("ABS", "ABS(number)", "the number without its sign", 1, 1, fn_abs),
    CALL("CEILING", "CEILING(number)", "the next whole number, upwards", 1, 1, fn_ceiling),
    {{"COALESCE", "COALESCE(value, ...)", "the first value that is not null"},
     1,
     EXPR_MAX_ARGS,
     EXPR_COALESCE,
     true,
     NULL},
    {{"CONCAT", "CONCAT(value, ...)", "the texts joined; null counts as empty"},
     1,
     EXPR_MAX_ARGS,
     EXPR_CALL,
     true,
     fn_concat},
    CALL("DATE", "DATE(text[, pattern])", "a date, from ISO form or by a pattern like '%d.%m.%Y'", 1, 2,
         fn_date),
    CALL("DAY", "DAY(date)", "day of the month, 1 to 31", 1, 1, fn_day),
    CALL("FLOOR", "FLOOR(number)", "the next whole number, downwards", 1, 1, fn_floor),
    {{"IIF", "IIF(condition, value, otherwise)", "the value if the condition holds"},
     3,
     3,
     EXPR_CASE,
     true,
     NULL},
    CALL("LEFT", "LEFT(text, count)", "the first characters", 2, 2, fn_left),
    CALL("LENGTH", "LENGTH(text)", "the number of characters", 1, 1, fn_length),
    CALL("LOWER", "LOWER(text)", "in small letters", 1, 1, fn_lower),
    CALL("MOD", "MOD(a, b)", "what is left when a is divided by b, with the sign of a", 2, 2, fn_mod),
    CALL("MONTH", "MONTH(date)", "month, 1 to 12", 1, 1, fn_month),
    {{"NULLIF", "NULLIF(a, b)", "null if both are equal, else a"}, 2, 2, EXPR_CALL, true, fn_nullif},
    CALL("POSITION", "POSITION(part, text)", "where the part starts, from 1; 0 if nowhere", 2, 2,
         fn_position),
    CALL("QUARTER", "QUARTER(date)", "quarter, 1 to 4", 1, 1, fn_quarter),
    CALL("REPLACE", "REPLACE(text, part, by)", "every such part replaced", 3, 3, fn_replace),
    CALL("RIGHT", "RIGHT(text, count)", "the last characters", 2, 2, fn_right),
    CALL("ROUND", "ROUND(number[, digits])", "rounded, halves away from zero", 1, 2, fn_round),
    CALL("SPLIT", "SPLIT(text, separator, n)", "the n-th part of the text, null if there are fewer", 3, 3,
         fn_split),
    CALL("SUBSTRING", "SUBSTRING(text, from[, count])", "characters from a place on, which counts from 1", 2,
         3, fn_substring),
    CALL("TIMESTAMP", "TIMESTAMP(text[, pattern])", "a time, from ISO form or by a pattern", 1, 2,
         fn_timestamp),
    CALL("TRIM", "TRIM(text)", "without blanks at both ends", 1, 1, fn_trim),
    CALL("UPPER", "UPPER(text)", "in capital letters", 1, 1, fn_upper),
    CALL("WEEK", "WEEK(date)", "ISO week, 1 to 53", 1, 1, fn_week),
    CALL("WEEKDAY", "WEEKDAY(date)", "day of the week, Monday is 1", 1, 1, fn_weekday),
    CALL("YEAR", "YEAR(date)", "year", 1, 1, fn_year),
};

const expr_function *expr_function_find(pt_str name)
{
    for (size_t i = 0; i < ARRAY_LEN(functions); i++)
        if (str_eq_fold(name, str_of(functions[i].info.name))) return &functions[i];
    return NULL;
}

const expr_function_info *expr_function_at(size_t i)
{
    return i < ARRAY_LEN(functions) ? &functions[i].info : NULL;
}
