/* calc.h - calculated members and named sets: registering them, finding them, their properties. */
#pragma once

#include "query/scope.h"

static inline mref calc_ref(const calc *c)
{
    return (mref){.hier = c->hier, .kind = MEM_CALC, .id = c->index};
}
/* The calculated child of `parent` (MEM_NULL with its hierarchy: without a parent) with that name: the
 * query's before the session's before the cube's. Hidden ones only for formulas of the cube `names`. NULL if
 * there is none. */
calc *calc_find(const scope *sc, mref parent, pt_str name, const cube *names);
named_set *named_set_find(const scope *sc, pt_str name);
/* A property given in the definition, by name; NULL if it was not given. */
const calc_prop *calc_find_prop(const calc *c, pt_str name);
/* In a virtual cube: the calculated measure of base cube `names` of that name, registered as hidden if the
 * cube does not import it. *out NULL if the base cube has none. */
PT_MUST_USE pt_status calc_import(scope *sc, const cube *names, pt_str name, calc **out, pt_err *err);
