/* vba_int.h - small helpers of the plain functions. */
#pragma once

#include "query/fun.h"

/* Argument i as a whole number (doubles are cut), clipped to +-2^53; `otherwise` when it is missing or null.
 */
int64_t arg_whole(uint32_t n, const pt_value *v, uint32_t i, int64_t otherwise);
double arg_number(uint32_t n, const pt_value *v, uint32_t i, double otherwise);
bool arg_truth(uint32_t n, const pt_value *v, uint32_t i, bool otherwise);
static inline pt_status give(pt_value *out, pt_value v)
{
    *out = v;
    return PT_OK;
}
/* What the buffer holds, as a text in the call's arena. Frees the buffer. */
pt_status give_text(const fun_call *c, strbuf *b, pt_value *out);
/* A `bind` of functions that take values of several kinds: if the kind of the first argument is known only
 * when it is evaluated (a member's value), it is given as it is, whatever letter the overload has. */
struct bind;
struct node;
pt_status bind_first_as_is(struct bind *b, struct node *n);
/* The cell becomes an error with this message. */
pt_status bad_argument(const fun_call *c, const char *fmt, ...) PT_PRINTF(2, 3);
/* A whole number from any scalar: half to even; PT_OK or an error cell ("expected a number"). */
pt_status whole_of(const fun_call *c, const char *function, pt_value v, double *out);
