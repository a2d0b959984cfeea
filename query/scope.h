/* scope.h - what names mean in one statement: the cube's hierarchies with their members as of the view, its
 * measures, and the calculated members and named sets of cube, session and query.
 *
 * Built once per statement in its arena; members and levels are then handles (mref, level_ref). Calculated
 * members may be added while the statement runs (VisualTotals); everything else is fixed after binding. */
#pragma once

#include "engine/warehouse.h"
#include "query/query.h"

typedef enum mref_kind {
    MEM_NULL = 0, /* no such member */
    MEM_ALL,
    MEM_STORED, /* id: rank in the level; in Measures: index in scope.measures */
    MEM_DATA,   /* parent-child: the member's own facts; id: its rank */
    MEM_CALC,   /* id: index in scope.calcs */
    MEM_REGION, /* in a context only: the hierarchy is fixed by a set of tuples; id: region (query/region.h)
                 */
} mref_kind;

typedef struct mref {
    uint16_t hier;
    uint8_t kind;  /* mref_kind */
    uint8_t level; /* MEM_STORED, MEM_DATA: index in the hierarchy's level_views */
    uint32_t id;
} mref;

typedef struct level_ref {
    uint16_t hier;
    uint16_t ordinal; /* counts the all level */
} level_ref;

typedef struct set {
    mref *m;        /* [n * arity], tuple after tuple */
    uint32_t arity; /* 0 only for an empty set of unknown shape */
    uint32_t n;
} set;

typedef struct scope_hier {
    uint32_t ordinal;
    const cube_hier *def; /* NULL: Measures */
    const dim_view *dim;
    const hier_view *view;
    pt_str name, unique_name, caption;
    uint32_t n_levels; /* counting the all level */
    bool has_all, is_parent_child, is_ragged;
    mref default_member;
    uint64_t *const *visible;  /* [level_view] bit per rank; NULL: all members are (subcube.h) */
    const uint16_t *base_hier; /* [n_bases] cube hierarchy ordinal in that base cube, HIER_NONE: not there */
} scope_hier;

enum { HIER_NONE = 0xffff };

typedef struct scope_dim {
    pt_str name, unique_name, caption;
    uint32_t first_hier, n_hiers;
    bool is_time;
} scope_dim;

/* A stored measure as the statement sees it. */
typedef struct scope_measure {
    const measure *def;
    uint32_t base;         /* index in scope.bases */
    uint32_t base_measure; /* index in that cube's measures */
    bool is_hidden;        /* cannot be named: only formulas of a base cube use it */
} scope_measure;

struct node;

typedef enum formula_origin { FORMULA_CUBE, FORMULA_SESSION, FORMULA_QUERY, FORMULA_VISUAL } formula_origin;

typedef enum bind_state { BIND_NONE, BIND_ACTIVE, BIND_DONE } bind_state;

/* Where the format of a cell comes from (section 20). */
typedef enum format_kind { FORMAT_NONE, FORMAT_TEXT, FORMAT_GENERAL, FORMAT_EXPR } format_kind;
typedef struct format_source {
    format_kind kind;
    pt_str text;       /* FORMAT_TEXT */
    struct node *expr; /* FORMAT_EXPR */
} format_source;

typedef struct calc_prop {
    pt_str name;
    const ast *def;
    struct node *value;
} calc_prop;

/* A calculated member. */
typedef struct calc {
    uint32_t index; /* in scope.calcs */
    uint16_t hier;
    uint16_t level; /* ordinal */
    mref parent;    /* MEM_NULL: none */
    pt_str name, unique_name;
    formula_origin origin;
    mref total_of;          /* FORMULA_VISUAL: the member it stands for */
    const ast_formula *def; /* NULL: visual total */
    const cube *names;      /* the cube whose names the formula uses */
    bool is_hidden;         /* brought along by an imported formula */
    bind_state state;
    int32_t solve_order;
    bool has_ordinal;
    double ordinal; /* MEMBER_ORDINAL */
    struct node *body;
    struct node *format; /* FORMAT_STRING, NULL: none */
    bool is_format_found, is_walking;
    format_source derived; /* without FORMAT_STRING: from the formula */
    uint32_t n_props;
    calc_prop *props;
} calc;

/* A named set: of cube, session or query, or inline (expr AS name). */
typedef struct named_set {
    pt_str name;
    formula_origin origin;
    const ast_formula *def;
    const cube *names;
    bind_state state;
    struct node *body;
    bool has_value;
    set value;
} named_set;

typedef struct scope {
    const query_env *env;
    const cube *cube;
    const view *view;
    arena *a;
    pt_str text; /* of the statement */

    uint32_t n_hiers; /* with Measures */
    scope_hier *hiers;
    uint32_t n_dims; /* with Measures */
    scope_dim *dims;
    uint32_t n_bases;
    const cube **bases; /* base cubes; the cube itself if it is not virtual */

    uint32_t n_measures, cap_measures;
    scope_measure *measures;
    uint32_t n_calcs, cap_calcs;
    calc **calcs;               /* in order of definition: cube, session, query */
    struct total_table *totals; /* visual totals (fun_visual.c); NULL: none were made */
    uint32_t n_sets, cap_sets;
    named_set **sets;

    const struct subcube *subcube; /* NULL: the whole cube */
    struct memo *memos;            /* all of the statement, to free their memory (memo.h) */
    uint32_t n_measure_order;
    mref *measure_order; /* the measures level: stored, then the cube's calculated ones */
    mref *all_measures;  /* the same, placed by their ordinals, as AllMembers lists them */
} scope;

PT_MUST_USE pt_status scope_cube(const query_env *env, pt_str name, pt_span at, const cube **out,
                                 pt_err *err);
/* The scope of a cube with the formulas of cube and session; the query's are added by scope_add_formula. */
PT_MUST_USE pt_status scope_new(const query_env *env, const cube *c, pt_str text, arena *a, scope **out,
                                pt_err *err);
/* Register a calculated member or set under its name; the body is bound later. */
PT_MUST_USE pt_status scope_add_formula(scope *sc, const ast_formula *f, formula_origin origin,
                                        const cube *names, bool is_hidden, pt_err *err);
/* A calculated member made while the statement runs. */
PT_MUST_USE pt_status scope_add_calc(scope *sc, const calc *proto, calc **out, pt_err *err);
/* Sort out the order of measures once all formulas of cube and session are known. */
PT_MUST_USE pt_status scope_order_measures(scope *sc, pt_err *err);
/* The scope's index of a base cube's measure, added as a hidden one if the cube does not show it. */
PT_MUST_USE pt_status scope_base_measure(scope *sc, const cube *base, uint32_t base_measure, uint32_t *out,
                                         pt_err *err);
/* The dimension that hierarchy belongs to. */
const scope_dim *scope_dim_of(const scope *sc, uint32_t hier);
