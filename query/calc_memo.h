/* calc_memo.h - values of formulas deep within formulas. A formula that names the next one twice, which names
 * the next one twice, would otherwise be evaluated 2^n times. Near the surface, looking up costs more than it
 * saves. */
#pragma once

#include "query/eval.h"

/* What c was found to come to in the context and the iterations at hand: *st is PT_OK with its value, or
 * EVAL_PENDING. False: not known. Texts are in x->work. */
bool calc_memo_look(eval *x, const calc *c, pt_value *out, pt_status *st);
/* To be called in the same context. */
void calc_memo_keep(eval *x, const calc *c, pt_value v, pt_status st);
