/* rownode.h - a measure's expression or condition while it is built: a tree of typed nodes. Only for
 * rowexpr_build.c, which reads the tree of the definition; here are the leaves, the types, and what brings
 * arguments to a common type. Constants are folded. */
#pragma once

#include "engine/rowexpr.h"
#include "lang/ast.h"

typedef struct rownode {
    rowop op; /* args are filled in when the nodes are put in order */
    pt_type type;
    uint8_t scale;
    bool is_text; /* a text in quotes, which only means something beside a date */
    pt_str text;
    struct rownode *args[3];
    pt_span at;
} rownode;

typedef struct rowbuilder {
    const cube *c;
    arena *a;
    rowexpr *e; /* gets operands and lists */
    uint32_t cap_operands, cap_lists, n_nodes;
    pt_err *err;
} rowbuilder;

/* ---- leaves ------------------------------------------------------------------ */

PT_MUST_USE pt_status rownode_constant(rowbuilder *b, pt_value v, pt_span at, rownode **out);
PT_MUST_USE pt_status rownode_text(rowbuilder *b, const ast *e, rownode **out);
/* A column, a role by the key of its member, TRUE or FALSE. PT_NAME. */
PT_MUST_USE pt_status rownode_name(rowbuilder *b, const ast *e, rownode **out);

/* ---- operations ------------------------------------------------------------------ */

/* y NULL: of one argument. PT_LIMIT: too many nodes. */
PT_MUST_USE pt_status rownode_over(rowbuilder *b, rowop_kind kind, row_class class, pt_type type,
                                   uint8_t scale, pt_span at, rownode *x, rownode *y, rownode **out);
PT_MUST_USE pt_status rownode_condition(rowbuilder *b, rowop_kind kind, pt_span at, rownode *x, rownode *y,
                                        rownode **out);

/* ---- types -------------------------------------------------------------------------- */

static inline bool rownode_is_number(const rownode *n)
{
    return !n->is_text && (n->type == TYPE_INTEGER || n->type == TYPE_DECIMAL || n->type == TYPE_DOUBLE);
}
static inline bool rownode_is_null(const rownode *n)
{
    return n->op.kind == ROWOP_CONST && n->op.is_null;
}
static inline bool rownode_is_constant(const rownode *n)
{
    return n->op.kind == ROWOP_CONST;
}
/* PT_TYPE: something else than `what` stands there. */
pt_status rownode_expected(rowbuilder *b, const rownode *n, const char *what);
PT_MUST_USE pt_status rownode_want_condition(rowbuilder *b, const rownode *n);
/* The same number with `scale` digits behind the point, no fewer than it has. */
PT_MUST_USE pt_status rownode_rescale(rowbuilder *b, rownode **n, uint8_t scale);
PT_MUST_USE pt_status rownode_to_double(rowbuilder *b, rownode **n);
/* A NULL takes the type of what it stands beside. */
void rownode_type_null(rownode *n, const rownode *like);
/* A text beside a date or time is one. */
PT_MUST_USE pt_status rownode_type_text(rowbuilder *b, rownode *n, const rownode *like);
/* Bring values to one type, to compare them or to choose between them. */
PT_MUST_USE pt_status rownode_unify(rowbuilder *b, rownode **v, uint32_t n);
