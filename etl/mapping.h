/* mapping.h - a CREATE MAPPING compiled against the schema: which expression gives which attribute, role or
 * measure.
 *
 * Immutable after mapping_compile, so that any number of threads may translate rows by it. Names of source
 * columns are not known here: they are found in the header of each part that is read (bind.h). */
#pragma once

#include "engine/schema.h"
#include "etl/expr.h"

typedef enum target_kind { TARGET_ATTRIBUTE, TARGET_VALID_FROM, TARGET_ROLE, TARGET_COLUMN } target_kind;

typedef struct mapping_code {
    pt_value from, to; /* `to` has the type of the target */
} mapping_code;

typedef struct mapping_target {
    target_kind kind;
    uint32_t index; /* attribute of the dimension, role or column of the cube */
    pt_str name;
    pt_type type; /* of the value wanted, */
    uint8_t scale;
    uint32_t column;    /* the plain column of the scope that it takes, or EXPR_NO_COLUMN and */
    const expr *expr;   /* the expression */
    const char *format; /* date pattern; NULL: none */
    uint32_t n_codes;
    const mapping_code *codes; /* ascending by `from` */
    bool has_code_else;
    pt_value code_else;
    on_unknown unknown; /* TARGET_ROLE; never UNKNOWN_DEFAULT */
} mapping_target;

typedef struct mapping_join {
    const ast_join *def;
    uint32_t n_keys;
    uint32_t *left; /* columns of the scope, in tables before this one */
    pt_str *right;  /* names of columns of the joined table */
} mapping_join;

typedef struct mapping {
    const ast_mapping *def;
    const dimension *dimension; /* or */
    const cube *cube;
    expr_scope scope; /* the columns of the source that are needed; table 0 is the main one */
    uint32_t n_targets;
    mapping_target *targets; /* cubes: every role, then the columns that are given */
    const expr *where;       /* NULL: all rows */
    uint32_t n_joins;
    mapping_join *joins;                          /* join i is table i + 1 of the scope */
    bool has_slice;                               /* SLICE BY: */
    uint32_t slice_hier, slice_level, slice_role; /* hierarchy and role of the cube, level of the hierarchy */
} mapping;

/* `def` is borrowed, everything made lives in the arena. PT_NAME, PT_TYPE, PT_USAGE with the place in the
 * statement. */
PT_MUST_USE pt_status mapping_compile(const schema *s, const ast_mapping *def, arena *a, const mapping **out,
                                      pt_err *err);
/* The code for a value; NULL if there is none. */
const mapping_code *mapping_code_find(const mapping_target *t, pt_value from);
