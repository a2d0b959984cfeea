/* vba_format.c - values as formatted text. */
#include "base/date.h"
#include "query/bind.h"
#include "query/query.h"
#include "query/vba_int.h"

static pt_status formatted(const fun_call *c, pt_value v, pt_str pattern, pt_value *out)
{
    const number_format *f;
    strbuf b = {0};
    PT_TRY(format_compile(pattern, c->a, &f, c->err));
    format_value(f, v, &b, NULL);
    return give_text(c, &b, out);
}

static pt_status fun_format(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)n;
    if (v[0].kind == VAL_TEXT)
        return bad_argument(c, "Format: expected a number or a date, got the text '" STR_FMT "'",
                            STR_ARG(v[0].s));
    return formatted(c, v[0], v[1].kind == VAL_TEXT ? v[1].s : STR(""), out);
}

/* What FormatNumber and its relatives are told behind the number; -1 is as usual, 0 no. */
typedef struct options {
    int64_t places;                   /* digits behind the point */
    bool has_zero;                    /* in front of the point if there is no other digit; usual */
    bool has_parentheses, is_grouped; /* negative numbers: not usual; digits: usual */
} options;

/* The pattern of the digits: as many decimals as asked for, else `usual`. */
static void add_digits(const options *o, const char *usual, strbuf *out)
{
    strbuf_addz(out, o->is_grouped ? (o->has_zero ? "#,##0" : "#,###") : (o->has_zero ? "0" : "#"));
    if (o->places > 0) strbuf_addc(out, '.');
    for (int64_t i = 0; i < o->places; i++) strbuf_addc(out, '0');
    if (o->places < 0) strbuf_addz(out, usual);
}

/* `usual`: decimals if no number of them is given. */
static pt_status with_options(const fun_call *c, uint32_t n, const pt_value *v, const char *before,
                              const char *usual, const char *behind, pt_value *out)
{
    options o = {arg_whole(n, v, 1, -1), arg_whole(n, v, 2, -1) != 0, arg_whole(n, v, 3, -1) > 0,
                 arg_whole(n, v, 4, -1) != 0};
    strbuf one = {0}, all = {0};
    if (o.places < -1 || o.places > 100)
        return bad_argument(c, "the number of digits must lie between 0 and 100, or be -1");
    strbuf_addz(&one, before);
    add_digits(&o, usual, &one);
    strbuf_addz(&one, behind);
    strbuf_adds(&all, strbuf_str(&one));
    if (o.has_parentheses) strbuf_printf(&all, ";(%s)", one.ptr ? one.ptr : "");
    pt_status st = formatted(c, v[0], strbuf_str(&all), out);
    strbuf_free(&one);
    strbuf_free(&all);
    return st;
}

/* Decimals as General Number shows them, at most three. */
static const char *general_decimals(pt_value v)
{
    static const char *const decimals[] = {"", ".0", ".00", ".000"};
    strbuf b = {0};
    format_general(v, &b);
    const char *point = b.ptr ? memchr(b.ptr, '.', b.len) : NULL;
    size_t n = point ? (size_t)(b.ptr + b.len - point) - 1 : 0;
    strbuf_free(&b);
    return decimals[n < ARRAY_LEN(decimals) ? n : 0];
}

static pt_status fun_format_number(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    if (n < 2) return formatted(c, v[0], STR("General Number"), out);
    return with_options(c, n, v, "", general_decimals(v[0]), "", out);
}

static pt_status fun_format_currency(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    return with_options(c, n, v, "$", ".00", "", out);
}

static pt_status fun_format_percent(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    return with_options(c, n, v, "", "", "%", out);
}

static pt_status fun_format_date_time(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    static const char *const patterns[] = {"m/d/yy", "mmmm d, yyyy", "m/d/yy", "h:nn:ss AM/PM", "h:nn AM/PM"};
    int64_t which = arg_whole(n, v, 1, 0);
    if (which < 0 || which >= (int64_t)ARRAY_LEN(patterns))
        return bad_argument(c, "FormatDateTime: the form must lie between 0 and 4");
    if (which == 0 && v[0].kind == VAL_TIME) { /* a moment, or (within the first day) a time alone */
        bool is_time = v[0].i >= 0 && v[0].i < DATE_DAY_US;
        return formatted(c, v[0], is_time ? str_of(patterns[3]) : STR("General Date"), out);
    }
    return formatted(c, v[0], str_of(patterns[which]), out);
}

static pt_status fun_type_name(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    static const char *const names[] = {
        [VAL_NULL] = "Null",   [VAL_INT] = "Integer",  [VAL_DEC] = "BigDecimal", [VAL_DOUBLE] = "Double",
        [VAL_TEXT] = "String", [VAL_BOOL] = "Boolean", [VAL_DATE] = "Date",      [VAL_TIME] = "Date",
    };
    (void)c;
    (void)n;
    return give(out, value_text(str_of(names[v[0].kind])));
}

/* Numbers in the text of a statement are exact decimals, whole ones too. */
static pt_status bind_type_name(bind *b, node *n)
{
    const node *arg = n->args[0];
    if (!arg->is_const || arg->type != VT_NUMBER || arg->k.v.kind != VAL_INT) return PT_OK;
    n->args[0] = node_const(b, VT_NUMBER, arg->at, (xval){.v = value_dec(arg->k.v.i, 0)});
    return n->args[0] ? PT_OK : bind_nomem(b);
}

static const fun table[] = {
    {"Format", SYN_FUNCTION, "S", "nS", "a number by a format string", .apply = fun_format,
     .bind = bind_first_as_is, .flags = FUN_NULLS},
    {"Format", SYN_FUNCTION, "S", "DS", "a date by a format string", .apply = fun_format, .flags = FUN_NULLS},
    {"FormatCurrency", SYN_FUNCTION, "S", "n[n[n[n[n]]]]",
     "a number as money (digits, leading zero, parentheses, grouping)", .apply = fun_format_currency},
    {"FormatDateTime", SYN_FUNCTION, "S", "D[n]",
     "a date in one of five forms (0 general, 1 long, 2 short, 3, 4 time)", .apply = fun_format_date_time},
    {"FormatNumber", SYN_FUNCTION, "S", "n[n[n[n[n]]]]",
     "a number with grouped digits (digits, leading zero, parentheses, grouping)",
     .apply = fun_format_number},
    {"FormatPercent", SYN_FUNCTION, "S", "n[n[n[n[n]]]]", "a number as a percentage",
     .apply = fun_format_percent},
    {"TypeName", SYN_FUNCTION, "S", "v", "name of the type of a value", .apply = fun_type_name,
     .bind = bind_type_name},
};
const fun_list fun_vba_format = {table, ARRAY_LEN(table)};
