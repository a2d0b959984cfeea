/* expr_int.h - the compiled form, and what operators and functions share. */
#pragma once

#include "etl/expr.h"

typedef enum expr_kind {
    EXPR_LITERAL,
    EXPR_COLUMN,
    EXPR_NEGATE,
    EXPR_ADD,
    EXPR_SUBTRACT,
    EXPR_MULTIPLY,
    EXPR_DIVIDE,
    EXPR_CONCAT,
    EXPR_EQ,
    EXPR_NE,
    EXPR_LT,
    EXPR_LE,
    EXPR_GT,
    EXPR_GE,
    EXPR_AND,
    EXPR_OR,
    EXPR_XOR,
    EXPR_NOT,
    EXPR_IS_NULL,
    EXPR_BETWEEN, /* args: x, low, high */
    EXPR_IN,      /* args[0] in args[1..] */
    EXPR_CASE,    /* args: condition, value, ..., else */
    EXPR_COALESCE,
    EXPR_CAST,
    EXPR_CALL
} expr_kind;

typedef struct expr_function expr_function;

struct expr {
    expr_kind kind;
    pt_type type;            /* EXPR_CAST; TYPE_DECIMAL means any exact number */
    uint32_t column;         /* EXPR_COLUMN */
    pt_value literal;        /* EXPR_LITERAL */
    const expr_function *fn; /* EXPR_CALL */
    uint32_t n;
    const expr **args;
};

typedef pt_status (*expr_fn)(expr_env *env, const expr *call, const pt_value *args, pt_value *out,
                             pt_err *err);

struct expr_function {
    expr_function_info info;
    uint32_t min_args, max_args;
    expr_kind kind;  /* EXPR_CALL, or what the call is compiled to: those do not evaluate all arguments */
    bool takes_null; /* else a null argument gives null without a call */
    expr_fn fn;
};

enum { EXPR_MAX_ARGS = 16 };

/* NULL if there is none. */
const expr_function *expr_function_find(pt_str name);

/* Record that the value of `node` is at fault, and return `st`. */
pt_status expr_blame(expr_env *env, const expr *node, pt_value v, pt_status st);
/* Conversions of a value that is not null; `node` gave it and is blamed if it does not fit. */
PT_MUST_USE pt_status expr_to_number(expr_env *env, const expr *node, pt_value v, pt_value *out, pt_err *err);
PT_MUST_USE pt_status expr_to_int(expr_env *env, const expr *node, pt_value v, int64_t *out, pt_err *err);
PT_MUST_USE pt_status expr_to_text(expr_env *env, pt_value v, pt_str *out, pt_err *err);
PT_MUST_USE pt_status expr_to_bool(expr_env *env, const expr *node, pt_value v, bool *out, pt_err *err);
/* A date, or a time of which *micros keeps all. */
PT_MUST_USE pt_status expr_to_micros(expr_env *env, const expr *node, pt_value v, int64_t *micros,
                                     pt_err *err);

/* Numbers: a and b are INT, DEC or DOUBLE. */
PT_MUST_USE pt_status expr_arith(expr_kind op, pt_value a, pt_value b, pt_value *out, pt_err *err);
PT_MUST_USE pt_status expr_round(pt_value v, int64_t digits, pt_value *out, pt_err *err);
/* The exact number that the text is, with as few digits behind the point as it needs; false if it is none. */
bool expr_parse_number(pt_str text, pt_value *out);
