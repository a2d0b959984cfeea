/* resolve.h - names to objects: dimensions, hierarchies, levels, members, named sets (mdx-semantics section
 * 3). */
#pragma once

#include "query/scope.h"

typedef enum res_kind { RES_NONE, RES_DIM, RES_HIER, RES_LEVEL, RES_MEMBER, RES_SET } res_kind;

typedef struct resolved {
    res_kind kind;
    uint32_t hier;   /* all but RES_SET: the hierarchy; RES_DIM: the dimension's first */
    level_ref level; /* RES_LEVEL */
    mref member;     /* RES_MEMBER */
    named_set *set;  /* RES_SET */
} resolved;

/* Resolves as many segments from the left as name an object; returns how many (0: none), and the object.
 * Names of base cube `names` are tried where the scope's own fail (formulas imported into a virtual cube). */
uint32_t resolve_name(scope *sc, const cube *names, const ast_segment *segs, uint32_t n, resolved *out);
/* The same for segments that start below a hierarchy, or with its own name or its dimension's. */
uint32_t resolve_in_hierarchy(scope *sc, uint32_t hier, const ast_segment *segs, uint32_t n, resolved *out);
/* One more segment below an object. */
bool resolve_step(scope *sc, const cube *names, const resolved *from, const ast_segment *piece,
                  resolved *out);
/* Records that segment `used` was not found behind the `used` ones before it (which gave `r`), with the
 * nearest name in that place. */
pt_status resolve_fail(scope *sc, const ast *id, uint32_t used, const resolved *r, pt_err *err);

/* A level of a hierarchy by name; false: none. */
bool resolve_level(const scope *sc, uint32_t hier, pt_str name, bool is_exact, level_ref *out);
/* Hierarchy by name as printed or written: "Store", "Time.Weekly", "[Time.Weekly]"; false: none. */
bool resolve_hierarchy(const scope *sc, pt_str name, uint32_t *hier);
