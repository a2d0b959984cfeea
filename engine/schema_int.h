/* schema_int.h - what the builders of the schema and of definitions share. Only for this room. */
#pragma once

#include <stdatomic.h>

#include "base/nearest.h"
#include "engine/schema.h"

/* A definition with its tree. */
typedef struct schema_def {
    uint32_t id;
    object_kind kind;
    pt_str name; /* as in catalog_def */
    const ast_stmt *stmt;
} schema_def;

struct schema {
    arena *a; /* everything, the schema itself included */
    atomic_uint refs;
    uint32_t n_dims;
    dimension *dims;  /* in order of id */
    dim_view **empty; /* [n_dims] versions without members */
    uint32_t n_cubes;
    cube *cubes; /* in order of id */
};

/* Build from parsed definitions, which must live as long as the schema; sources and mappings are passed over.
 * The schema lives in `a` and takes it over on success. On failure *bad (if not NULL) is the number of the
 * definition that is wrong, err says why with places in that definition's text, and `a` stays the caller's.
 */
PT_MUST_USE pt_status schema_from_defs(arena *a, const schema_def *defs, uint32_t n, schema **out,
                                       uint32_t *bad, pt_err *err);
/* Parse the catalog's definitions into `a`. PT_CORRUPT names the one that does not parse. */
PT_MUST_USE pt_status schema_parse_defs(const snapshot *snap, arena *a, schema_def **defs, uint32_t *n,
                                        pt_err *err);

/* "dimension", "cube", ... for messages. */
const char *object_kind_name(object_kind kind);

/* ---- parts of the builder ------------------------------------------------ */

PT_MUST_USE pt_status build_dimension(arena *a, uint32_t id, const ast_dimension *def, dimension *out,
                                      pt_err *err);
PT_MUST_USE pt_status build_base_cube(const schema *s, arena *a, const ast_cube *def, cube *c, pt_err *err);
/* A cuboid of a complete base cube. PT_NAME for a level or measure that the cube does not have;
 * PT_UNSUPPORTED for a measure that no cuboid can hold. */
PT_MUST_USE pt_status build_cuboid(const cube *c, arena *a, uint32_t id, const ast_cuboid *def, cuboid *out,
                                   pt_err *err);
/* Base cubes must be complete, formulas included. */
PT_MUST_USE pt_status build_virtual_cube(const schema *s, arena *a, const ast_cube *def, cube *c,
                                         pt_err *err);
/* Add a calculated member or named set; `origin` is the cube its body speaks of. PT_EXISTS when the name is
 * taken. */
PT_MUST_USE pt_status cube_add_formula(cube *c, arena *a, const ast_formula *f, const cube *origin,
                                       pt_err *err);
/* Find the default measure; after measures and formulas. */
PT_MUST_USE pt_status cube_set_default(cube *c, const ast_cube *def, pt_err *err);
/* Give the hierarchies of cube dimension `dim` their names. PT_EXISTS when one is taken. */
PT_MUST_USE pt_status cube_name_hiers(cube *c, arena *a, uint32_t dim, pt_span at, pt_err *err);
/* The columns and measures of a base cube; after its roles and hierarchies. */
PT_MUST_USE pt_status cube_build_measures(cube *c, const ast_cube *def, arena *a, pt_err *err);
/* PT_EXISTS when an earlier measure has that name. */
PT_MUST_USE pt_status cube_check_measure_name(const cube *c, pt_str name, pt_span at, pt_err *err);
PT_MUST_USE pt_status cube_check_dim_name(const cube *c, pt_str name, pt_span at, pt_err *err);

/* ---- names of formulas ---------------------------------------------------- */

/* The stored name of a formula of CREATE MEMBER | SET: "[cube].[Measures].[x]". ptr NULL when out of memory.
 */
pt_str formula_full_name(arena *a, pt_str cube_name, const ast *name);
/* Same segments, compared without case. */
bool formula_names_equal(const ast *x, const ast *y);
/* For [Measures].[x] (or a set's [x]) the last segment, else the absent text. */
pt_str formula_measure_name(const ast_formula *f);
