/* rowexpr.h - values and conditions computed from the columns of one fact row: what SUM(price * discount)
 * adds up, what WHERE quantity < 25 asks. Only for this room.
 *
 * Built once with the schema from the tree of the definition: a list of operations, arguments before their
 * use, the last one being the result; each operation's result is used once. Numbers are exact (scaled
 * integers) or doubles. Before a run, ranges taken from zone maps decide which exact operations need 128 bits
 * and which of those must watch for overflow.
 *
 * Null: an operation on a null gives null, with the usual exceptions (AND, OR, IS NULL, COALESCE, CASE); a
 * condition holds where it is true, not where it is null. Division by 0 gives null. */
#pragma once

#include "engine/schema.h"

typedef enum rowop_kind {
    ROWOP_LOAD,  /* operand `index` */
    ROWOP_CONST, /* `exact`, `number` or (BOOL) `exact` != 0; null if is_null */
    ROWOP_ADD,
    ROWOP_SUBTRACT,
    ROWOP_MULTIPLY,
    ROWOP_DIVIDE, /* doubles */
    ROWOP_NEGATE,
    ROWOP_ABS,
    ROWOP_SCALE,  /* times `exact`, a power of ten: the same number with more digits */
    ROWOP_DOUBLE, /* exact to double */
    ROWOP_TRUTH,  /* exact to condition: not 0 */
    ROWOP_EQ,
    ROWOP_NE,
    ROWOP_LT,
    ROWOP_LE,
    ROWOP_GT,
    ROWOP_GE,
    ROWOP_BETWEEN, /* args: x, low, high */
    ROWOP_IN,      /* in list `index` */
    ROWOP_AND,
    ROWOP_OR,
    ROWOP_XOR,
    ROWOP_NOT,
    ROWOP_IS_NULL,
    ROWOP_CHOOSE,   /* args: condition, value if true, value if not */
    ROWOP_COALESCE, /* the first if it is not null, else the second */
} rowop_kind;

typedef enum row_class { ROW_EXACT, ROW_DOUBLE, ROW_BOOL } row_class;

typedef struct rowop {
    rowop_kind kind;
    row_class class; /* of the result */
    bool is_null;    /* ROWOP_CONST */
    uint32_t n_args, args[3];
    uint32_t index;
    pt_i128 exact;
    double number;
} rowop;

/* A column of the facts, or the key of the member in a role: an attribute that never changes. */
typedef struct row_operand {
    bool is_key;
    uint32_t index; /* in cube->columns, or in cube->roles */
    row_class class;
} row_operand;

typedef struct row_list { /* ascending */
    uint32_t n;
    pt_i128 *exact; /* or */
    double *numbers;
} row_list;

struct rowexpr {
    pt_type type; /* INTEGER, DECIMAL, DOUBLE, BOOLEAN (conditions), DATE or TIMESTAMP */
    uint8_t scale;
    pt_str text; /* canonical; expressions of one cube are the same if their texts are */
    uint32_t n_operands;
    row_operand *operands; /* each once */
    uint32_t n_lists;
    row_list *lists;
    uint32_t n_ops;
    rowop *ops;
};

/* ---- building -------------------------------------------------------------- */

/* Compile a value or a condition; `what` (of the measure's name) goes into messages. Names are columns of the
 * cube, then roles by the key of their member. PT_NAME, PT_TYPE, PT_VALUE, PT_LIMIT with places in the
 * definition. */
PT_MUST_USE pt_status rowexpr_value(const cube *c, const ast *e, arena *a, const rowexpr **out, pt_err *err);
/* One expression for each condition joined by AND. */
PT_MUST_USE pt_status rowexpr_conditions(const cube *c, const ast *e, arena *a, const rowexpr ***out,
                                         uint32_t *n, pt_err *err);
static inline bool rowexpr_same(const rowexpr *x, const rowexpr *y)
{
    return x == y || (x && y && str_eq(x->text, y->text));
}

/* ---- ranges ---------------------------------------------------------------- */

/* What is known of a number: all that are not null lie in lo..hi, which is meaningless without is_bounded. */
typedef struct row_range {
    pt_i128 lo, hi;
    bool is_bounded;
    bool can_be_null, can_be_value;
} row_range;

/* Of a condition; all false: no row. */
typedef struct row_truth {
    bool can_be_true, can_be_false, can_be_null;
} row_truth;

/* The range of each operation's result (truths as 0..1), given those of the operands. out: [n_ops] */
void rowexpr_ranges(const rowexpr *e, const row_range *operands, row_range *out);
/* Of a condition. room: [n_ops] */
row_truth rowexpr_truth(const rowexpr *e, const row_range *operands, row_range *room);

/* ---- running ----------------------------------------------------------------- */

enum { ROW_VECTOR = 1024 };

/* How an expression runs on rows whose operands lie in given ranges. Read-only once made. */
typedef struct row_plan {
    const rowexpr *e;
    bool *is_wide;    /* [n_ops] the result takes 128 bits */
    bool *is_checked; /* [n_ops] and may overflow even these */
    uint32_t *slot;   /* [n_ops] room of the result */
    uint32_t n_slots;
    row_range range; /* of the result */
} row_plan;

PT_MUST_USE pt_status row_plan_make(const rowexpr *e, const row_range *operands, arena *a, row_plan *out,
                                    pt_err *err);

/* n values, one after the other. */
typedef struct row_vector {
    const void *values;   /* exact: int64_t, or pt_i128 if is_wide; double; bool: uint8_t, 0 or 1 */
    const uint8_t *nulls; /* 1: null, its value is anything; NULL: none is */
    bool is_wide;
} row_vector;

/* Bytes of room that a plan needs to run, aligned to 16. */
size_t row_plan_room(const row_plan *p);
/* n: at most ROW_VECTOR. Operands are never wide. The result points into the room or to an operand.
 * PT_VALUE: a number of more than 38 digits. */
PT_MUST_USE pt_status row_plan_run(const row_plan *p, const row_vector *operands, uint32_t n, void *room,
                                   row_vector *out, pt_err *err);
