/* funs.h - the function table as a whole, and helpers that function files share. */
#pragma once

#include "query/bind.h"
#include "query/suggest.h"

bool fun_exists(pt_str name, ast_syntax syntax);
/* The names that may stand behind a point without arguments. */
void fun_offer_properties(suggestion *s);
/* The words of a list with blanks between, one after the other; empty: none is left. *words may be NULL. */
pt_str fun_next_word(const char **words);
/* If the word is nearly a flag, or a flag of other functions than this one: says so. */
void fun_hint_flag(pt_str word, strbuf *out);
/* A property of that name that gives a member, level, hierarchy, dimension or set, and no value. */
bool fun_gives_place(pt_str name);
/* "TopCount(set, number[, value])" */
void fun_signature(const fun *f, strbuf *out);

/* A scalar argument as its letter promises: n a number, S a text, b a boolean, D a date; null allowed. */
PT_MUST_USE pt_status eval_scalar_as(eval *x, const node *n, char letter, pt_value *out);

/* A property that the definition of a calculated member gave it. *is_found is set if it did, and left alone
 * if not (or if m is no calculated member). */
PT_MUST_USE pt_status eval_calc_property(eval *x, mref m, pt_str want, pt_value *out, bool *is_found);

/* The value of a named set, computed in the slicer's context at first use. */
PT_MUST_USE pt_status named_set_value(eval *x, named_set *s, set *out);

/* Combine the current stored measure over the set by its aggregator. */
PT_MUST_USE pt_status eval_aggregate(eval *x, const node *n, set s, pt_value *out);
/* The member in the place of m below another ancestor; `n` asks for it. PT_VALUE where levels are left out on
 * the way (ragged hierarchies): places there do not correspond. */
PT_MUST_USE pt_status eval_cousin(eval *x, const node *n, mref m, mref of, mref *out);
/* A property of a member (section 19); EVAL_ERROR if it has none of that name. */
PT_MUST_USE pt_status eval_property(eval *x, mref m, pt_str name, pt_span at, pt_value *out);

/* The flag given as an argument, or "" when argument i is missing or no flag. */
pt_str flag_of(const node *n, uint32_t i);
static inline bool has_arg(const node *n, uint32_t i)
{
    return i < n->n && n->args[i]->type != VT_EMPTY;
}
static inline pt_status give_member(xval *out, mref m)
{
    out->m = m;
    return PT_OK;
}
