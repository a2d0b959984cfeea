/* cellset.h - the answer of a SELECT: axes of positions and the cells between them. Lives in the arena of its
 * query, all texts included: nothing here belongs to the schema or the snapshot. All texts are
 * NUL-terminated. */
#pragma once

#include "base/value.h"

typedef struct cs_member {
    pt_str unique_name; /* "[Time].[1997].[Q1]" */
    pt_str caption;
    pt_str hierarchy; /* unique name, "[Time]" */
    pt_str level;     /* unique name, "[Time].[Quarter]" */
    uint32_t depth;   /* level ordinal: 0 for the all level or the top level */
    bool is_leaf, is_calculated, is_all;
    uint32_t n_props; /* what DIMENSION PROPERTIES asked for */
    pt_str *prop_names;
    pt_value *props;
} cs_member;

typedef struct cs_axis {
    pt_str name;         /* "COLUMNS", "ROWS", "AXIS(2)", "AXIS(3)", ... */
    uint32_t n_hiers;    /* members a position has; 0 only for an empty axis of unknown shape */
    pt_str *hierarchies; /* [n_hiers] captions of the hierarchies */
    uint32_t n_positions;
    const cs_member **members; /* [n_positions * n_hiers]; equal members share one cs_member */
} cs_axis;

typedef struct cs_cell {
    uint64_t ordinal; /* axis 0 fastest */
    pt_value value;   /* VAL_NULL if `error`; also for a null value whose format gives a text */
    pt_str formatted;
    pt_str error; /* ptr NULL: no error */
    pt_str style; /* "style=red" part of a |style| format or colours; ptr NULL: none */
} cs_cell;

typedef struct cellset {
    pt_str cube;
    uint32_t n_axes;
    cs_axis *axes; /* by number */
    bool has_slicer;
    cs_axis slicer;   /* n_positions 0 without a slicer, and when it is an empty set */
    uint64_t n_cells; /* non-empty ones, by rising ordinal */
    cs_cell *cells;
} cellset;

/* The cell with that ordinal; NULL if empty. */
const cs_cell *cellset_cell(const cellset *cs, uint64_t ordinal);
