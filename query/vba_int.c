/* vba_int.c - arguments and results of the plain functions. */
#include "query/vba_int.h"

#include <math.h>
#include <stdio.h>

#include "base/num.h"
#include "query/bind.h"

int64_t arg_whole(uint32_t n, const pt_value *v, uint32_t i, int64_t otherwise)
{
    const double limit = 9007199254740992.0;
    if (i >= n || v[i].kind == VAL_NULL) return otherwise;
    double f = value_as_double(v[i]);
    if (isnan(f)) return otherwise;
    return (int64_t)fmax(-limit, fmin(limit, trunc(f)));
}

double arg_number(uint32_t n, const pt_value *v, uint32_t i, double otherwise)
{
    return i < n && v[i].kind != VAL_NULL ? value_as_double(v[i]) : otherwise;
}

bool arg_truth(uint32_t n, const pt_value *v, uint32_t i, bool otherwise)
{
    return i < n && v[i].kind == VAL_BOOL ? v[i].i != 0 : otherwise;
}

pt_status give_text(const fun_call *c, strbuf *b, pt_value *out)
{
    pt_str s = b->failed ? (pt_str){0} : str_copy(c->a, strbuf_str(b));
    strbuf_free(b);
    if (!s.ptr) return arena_fail(c->a, c->err);
    *out = value_text(s);
    return PT_OK;
}

pt_status bind_first_as_is(bind *b, node *n)
{
    if (n->args[0]->type != VT_VALUE) return PT_OK;
    char *letters = arena_dup(b->a, n->text.ptr, n->text.len);
    if (!letters) return bind_nomem(b);
    letters[0] = 'v';
    n->text.ptr = letters;
    return PT_OK;
}

pt_status bad_argument(const fun_call *c, const char *fmt, ...)
{
    char text[PT_ERR_TEXT];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return pt_fail(c->err, EVAL_ERROR, "%s", text);
}

pt_status whole_of(const fun_call *c, const char *function, pt_value v, double *out)
{
    double f = value_as_double(v);
    if (v.kind == VAL_TEXT && !num_parse_double(str_trim(v.s), &f))
        return bad_argument(c, "%s: the text '" STR_FMT "' is no number", function, STR_ARG(v.s));
    *out = nearbyint(f); /* the default rounding mode: half to even */
    return PT_OK;
}
