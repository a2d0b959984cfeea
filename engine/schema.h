/* schema.h - the star schema: dimensions, hierarchies, levels, cubes and measures, resolved from definitions.
 *
 * A schema is immutable, built from all definitions of a snapshot, and shared (reference-counted) by every
 * statement that runs on a snapshot with the same schema version. It holds no members: those are in the
 * snapshot's dim_views. Names compare with str_eq_fold. */
#pragma once

#include "lang/ast.h"
#include "storage/store.h"

typedef struct dimension dimension;
typedef struct hierarchy hierarchy;
typedef struct cube cube;
typedef struct schema schema;
typedef struct rowexpr rowexpr; /* engine/rowexpr.h */

typedef struct level_prop {
    pt_str name;   /* as shown */
    uint32_t attr; /* attribute of the dimension */
} level_prop;

typedef struct level {
    const hierarchy *hierarchy;
    uint32_t index; /* in hier_view.levels */
    pt_str name, caption;
    level_time time;
    level_hide hide;
    uint32_t key_attr, name_attr, order_attr; /* order_attr MEMBER_NONE: by key */
    uint32_t n_props;
    level_prop *props;
} level;

struct hierarchy {
    const dimension *dimension;
    uint32_t index; /* dim_hier(view, index) */
    pt_str name, caption;
    bool has_all, is_parent_child;
    pt_str all_name;           /* "" without all level */
    const ast *default_member; /* NULL: the all member, else the first of the first level */
    uint32_t n_levels;         /* without the all level */
    level *levels;
};

struct dimension {
    uint32_t id; /* catalog id */
    pt_str name, caption;
    bool is_time;
    const ast_dimension *def;
    dim_spec spec; /* spec.attrs[0] is the key */
    uint32_t n_hierarchies;
    hierarchy *hierarchies;
};

/* A column of member ids in the facts. */
typedef struct cube_role {
    pt_str name;
    const dimension *dimension;
} cube_role;

/* A hierarchy as a cube shows it. */
typedef struct cube_hier {
    uint32_t ordinal; /* index in cube->hiers; Dimensions(n) of the language is ordinal + 1 (0 is Measures) */
    const cube *cube;
    uint32_t dim;  /* index in cube->dims */
    uint32_t role; /* index in cube->roles; MEMBER_NONE in virtual cubes */
    const hierarchy *hierarchy;
    pt_str name;        /* "Time", "Time.Weekly": what stands in the brackets of the unique name */
    pt_str unique_name; /* "[Time]", "[Time.Weekly]" */
    pt_str all_name;    /* of the all member: the definition's, else hierarchy_all_name of this name */
} cube_hier;

typedef struct cube_dim {
    pt_str name, caption;
    const dimension *dimension;
    uint32_t first_hier, n_hiers; /* in cube->hiers; the first is the default hierarchy */
} cube_dim;

/* A column of facts, of measures or declared with COLUMN. */
typedef struct fact_column {
    pt_str name;
    pt_type type;
    uint8_t scale;
} fact_column;

typedef struct measure {
    uint32_t index;               /* in cube->measures */
    pt_str name, caption, format; /* format: only if has_format */
    bool has_format, is_hidden, has_ordinal;
    int32_t ordinal;
    agg_kind agg;
    pt_type type;          /* of the result */
    uint8_t scale;         /* DECIMAL */
    uint32_t column;       /* index in cube->columns; MEMBER_NONE for COUNT(*), DISTINCT, expressions, and in
                              virtual       cubes */
    const rowexpr *value;  /* what is aggregated if that is an expression, or a column under conditions; NULL:
                              the  column, or rows */
    uint32_t n_conditions; /* WHERE: only facts of which all are true count */
    const rowexpr *const *conditions;
    pt_str text;      /* "SUM(price * discount) WHERE quantity < 25": what was defined, in canonical form */
    uint32_t role;    /* DISTINCT: index in cube->roles, else MEMBER_NONE */
    const cube *base; /* virtual cubes: where the facts are; else the cube itself */
    uint32_t base_measure; /* index there */
    bool is_implicit;      /* the [Fact Count] of a cube without a plain COUNT(*) or COUNT(column) */
} measure;

typedef struct cuboid_level {
    uint32_t hier, level; /* of the cube */
    pt_str name;          /* "Time.Month": also the column of stable numbers in its segments */
} cuboid_level;

/* A partial aggregate that a cuboid holds: a column of its segments. */
typedef struct cuboid_part {
    agg_kind agg;     /* SUM, COUNT, MIN or MAX */
    uint32_t measure; /* of the cube: what is aggregated; MEMBER_NONE: the number of facts */
    pt_str name;      /* the aggregate in words, so that another definition is another column */
    pt_str name_high; /* SUM: what of a sum does not fit 64 bits */
    pt_str
        name_lost; /* of an expression: the column that a segment has instead if values had too many digits */
    pt_type type;
    uint8_t scale;
} cuboid_part;

enum { CUBOID_AGGS = 4 }; /* SUM, COUNT, MIN, MAX: the first of agg_kind */

/* A materialised roll-up of a base cube: a row per combination of level members that has facts. */
typedef struct cuboid {
    uint32_t id; /* catalog id; its segments belong to it as a cube's do to the cube */
    pt_str name;
    const cube *cube;
    const ast_cuboid *def;
    uint32_t n_levels;
    cuboid_level *levels;
    uint32_t n_parts; /* the first counts facts */
    cuboid_part *parts;
    uint32_t *part_of; /* [measure * CUBOID_AGGS + agg] in parts; MEMBER_NONE */
    bool *holds;       /* [measures of the cube] distinct counts: if the levels tell the members apart */
} cuboid;

struct cube {
    uint32_t id;
    pt_str name, caption;
    bool is_virtual;
    const ast_cube *def;
    uint32_t n_bases; /* virtual */
    const cube **bases;
    const uint32_t *base_hiers; /* virtual: [base * n_hiers + hier] its ordinal there, or MEMBER_NONE */
    uint32_t n_roles;           /* base cubes; the order of the id columns */
    cube_role *roles;
    uint32_t n_columns;
    fact_column *columns;
    uint32_t n_dims;
    cube_dim *dims;
    uint32_t n_hiers;
    cube_hier *hiers;
    uint32_t n_measures; /* stored ones, in the order of definition; the implicit fact count last, and */
    uint32_t n_own;      /* measures from here on belong to one query (cube_extend): nothing that outlives it
                            may know them by their number */
    measure *measures;
    uint32_t default_measure;  /* index of a stored measure, */
    pt_str default_calculated; /* or the name of a calculated one if not empty */
    uint32_t n_cuboids;        /* in the order of definition */
    cuboid *cuboids;
    uint32_t n_formulas; /* calculated members and named sets: of the definition, then CREATE MEMBER | SET */
    const ast_formula **formulas; /* imported ones of a virtual cube included, resolved to the base's body */
    const cube *
        *formula_cubes; /* [n_formulas] the base cube an imported formula comes from; else this cube */
};

/* Would a cuboid round the measure (a sum of doubles)? Then none holds it. */
bool cuboid_is_rounded(const cube *c, const measure *m);
/* Could a cuboid count the members that the measure counts? Not under a condition on facts. */
bool cuboid_can_count(const measure *m);

/* Build from all definitions. The first broken definition is reported as PT_CORRUPT naming it. One reference.
 */
PT_MUST_USE pt_status schema_build(const snapshot *snap, schema **out, pt_err *err);
void schema_get(schema *s);
void schema_put(schema *s);

const dimension *schema_dimension(const schema *s, pt_str name);
const dimension *schema_dimension_by_id(const schema *s, uint32_t id);
const cube *schema_cube(const schema *s, pt_str name);
uint32_t schema_n_cubes(const schema *s);
const cube *schema_cube_at(const schema *s, uint32_t i); /* in order of definition */
uint32_t schema_n_dimensions(const schema *s);
const dimension *schema_dimension_at(const schema *s, uint32_t i);

/* The name of a hierarchy's all member that none was given for: "All <name>s"; a name that ends in an s, or
 * in no Latin letter, gets none. ptr NULL when out of memory. */
pt_str hierarchy_all_name(arena *a, pt_str name);

/* Look-ups by name; MEMBER_NONE if absent. */
uint32_t dimension_attr(const dimension *d, pt_str name);
uint32_t cube_find_role(const cube *c, pt_str name);
uint32_t cube_find_column(const cube *c, pt_str name);
/* In a virtual cube: the hierarchy of `base` that is cube hierarchy h (same dimension, hierarchy and name),
 * or MEMBER_NONE when the base does not have it. In a base cube with base == c: h. */
uint32_t cube_base_hier(const cube *c, uint32_t h, const cube *base);
/* A copy of a cube with more measures, those of one query (WITH MEASURE): the base cube itself, or for a
 * virtual cube a copy of it with copies of the base cubes that get some. PT_NAME, PT_TYPE, PT_EXISTS with
 * places in the query. Lives in the arena and borrows from `c`. */
PT_MUST_USE pt_status cube_extend(const cube *c, const ast_measure *const *measures, uint32_t n, arena *a,
                                  cube **out, pt_err *err);
/* What the segments of a base cube look like: roles first, then columns. Arrays in the arena. */
PT_MUST_USE pt_status cube_segment_columns(const cube *c, arena *a, seg_column **cols, uint32_t *n,
                                           pt_err *err);
/* The roles to sort segments by (time first, then the smaller dimensions before the larger ones, so that most
 * columns get long runs) and the bitmap indexes to ask for, given the dimension versions that will be
 * published (views[i] of role i). Everything borrowed from the views or in the arena. */
PT_MUST_USE pt_status cube_segment_layout(const cube *c, const dim_view *const *views, arena *a,
                                          uint32_t **sort_cols, const uint32_t *const **rank_of,
                                          uint32_t *n_sort, seg_index_spec **indexes, uint32_t *n_indexes,
                                          pt_err *err);
