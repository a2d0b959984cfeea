/* expr.h - expressions of mappings: compiled once, evaluated for every row over the texts of a source.
 *
 * Columns are text until something needs another type: a comparison with a number compares numbers,
 * arithmetic makes exact decimals, and a text that does not fit is a fault of that row. Null follows SQL: an
 * operation with a null gives null, a condition that is null does not hold. docs/loading.md lists the
 * functions. */
#pragma once

#include "lang/ast.h"

typedef struct expr expr;

enum { EXPR_ANY_TABLE = UINT32_MAX, EXPR_NO_COLUMN = UINT32_MAX };

/* A column that some expression of the mapping reads. */
typedef struct expr_column {
    uint32_t table; /* index in scope.tables; EXPR_ANY_TABLE when written without */
    pt_str name;
    pt_span at; /* of its first use */
} expr_column;

/* What names mean while expressions are compiled; collects the columns they read, each once. */
typedef struct expr_scope {
    arena *arena;
    uint32_t n_tables;
    const ast_table *const *tables; /* the main table first, then the joined ones */
    uint32_t n_columns, cap_columns;
    expr_column *columns;
} expr_scope;

/* The number of a column in scope->columns. table: index or EXPR_ANY_TABLE. */
PT_MUST_USE pt_status expr_scope_column(expr_scope *s, uint32_t table, pt_str name, pt_span at,
                                        uint32_t *column, pt_err *err);
/* `alias.column` or `column`. PT_NAME for an unknown alias. */
PT_MUST_USE pt_status expr_scope_name(expr_scope *s, const ast *id, uint32_t *column, pt_err *err);

/* PT_NAME, PT_TYPE with the place. The expression lives in scope->arena; texts are borrowed from the tree. */
PT_MUST_USE pt_status expr_compile(expr_scope *s, const ast *e, const expr **out, pt_err *err);
/* The column if the expression is nothing else, or EXPR_NO_COLUMN. */
uint32_t expr_as_column(const expr *e);

/* What an evaluation sees and reports. */
typedef struct expr_env {
    const pt_str *columns; /* values of scope.columns in this row; ptr NULL: null */
    arena *scratch;        /* texts made here live as long */
    uint32_t fault_column; /* after a failure: the column whose value did not fit, or EXPR_NO_COLUMN, */
    pt_str fault_value;    /* and the value, ptr NULL if there is no single one */
} expr_env;

/* PT_VALUE or PT_TYPE: a fault of this row; PT_NOMEM. Texts in *out are borrowed from columns, tree or
 * scratch. */
PT_MUST_USE pt_status expr_eval(const expr *e, expr_env *env, pt_value *out, pt_err *err);
/* *holds false also for null. */
PT_MUST_USE pt_status expr_holds(const expr *e, expr_env *env, bool *holds, pt_err *err);

/* The functions, sorted by name: for HELP, and to check that the documentation has them all. */
typedef struct expr_function_info {
    const char *name, *signature, *description;
} expr_function_info;
const expr_function_info *expr_function_at(size_t i); /* NULL behind the last */
