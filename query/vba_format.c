/* vba_format.c - values as formatted text. */
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
    return formatted(c, v[0], v[1].kind == VAL_TEXT ? v[1].s : STR(""), out);
}

/* Arguments of FormatNumber and its relatives: digits behind the point (-1: not given), whether a zero stands
 * before it
 * (-1: yes), whether negative numbers stand in parentheses, whether digits are grouped (-1: yes). */
static pt_status with_options(const fun_call *c, uint32_t n, const pt_value *v, const char *plain,
                              const char *before, const char *behind, pt_value *out)
{
    int64_t places = arg_whole(n, v, 1, -1);
    bool zero = arg_whole(n, v, 2, -1) != 0, parentheses = arg_whole(n, v, 3, 0) > 0;
    bool grouped = arg_whole(n, v, 4, -1) != 0;
    strbuf one = {0}, all = {0};
    if (places > 100) return bad_argument(c, "the number of digits must lie between 0 and 100");
    strbuf_addz(&one, before);
    strbuf_addz(&one, grouped ? (zero ? "#,##0" : "#,###") : (zero ? "0" : "#"));
    if (places > 0) strbuf_addc(&one, '.');
    for (int64_t i = 0; i < places; i++) strbuf_addc(&one, '0');
    if (places < 0) strbuf_addz(&one, plain);
    strbuf_addz(&one, behind);
    strbuf_adds(&all, strbuf_str(&one));
    if (parentheses) strbuf_printf(&all, ";(%s)", one.ptr ? one.ptr : "");
    pt_status st = formatted(c, v[0], strbuf_str(&all), out);
    strbuf_free(&one);
    strbuf_free(&all);
    return st;
}

static pt_status fun_format_number(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    if (n < 2) return formatted(c, v[0], STR("General Number"), out);
    return with_options(c, n, v, "", "", "", out);
}

static pt_status fun_format_currency(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    return with_options(c, n, v, ".00", "$", "", out);
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
     .flags = FUN_NULLS},
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
