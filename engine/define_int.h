/* define_int.h - changing definitions: what CREATE, ALTER and DROP share. Only for this room.
 *
 * Every change is first tried on the list of definitions: a schema is built as it would be afterwards. If
 * that fails because of another definition than the changed one, the other depends on it. */
#pragma once

#include "engine/schema_int.h"
#include "engine/warehouse.h"

/* One statement at work. Without a transaction everything is checked and nothing is changed. */
typedef struct define_job {
    arena *a;
    const snapshot *base;
    store_txn *txn;   /* NULL: only check */
    schema_def *defs; /* of base, then room for one more */
    uint32_t n;
    schema *before; /* from defs */
    schema *after;  /* as it would be; NULL until define_try */
    define_result result;
    pt_err *err;
} define_job;

/* The definition's canonical text (never OR REPLACE). ptr NULL when out of memory. */
pt_str define_text(arena *a, const ast_stmt *s);
/* Do two trees print the same? */
PT_MUST_USE pt_status define_is_same(arena *a, const ast_stmt *x, const ast_stmt *y, bool *is_same,
                                     pt_err *err);
/* Number of the definition, or MEMBER_NONE. */
uint32_t define_find(const define_job *j, object_kind kind, pt_str name);

/* Build the schema from defs[0..n) and check mappings against it. On failure *bad is the definition at fault.
 */
PT_MUST_USE pt_status define_try(define_job *j, const schema_def *defs, uint32_t n, uint32_t *bad,
                                 pt_err *err);
/* The same for a change of definition `changed` (its tree is defs[changed].stmt): PT_DEPENDENT names another
 * that would break. */
PT_MUST_USE pt_status define_try_change(define_job *j, uint32_t changed);

/* PT_DEPENDENT when the members or facts stored under j->before's definition would be lost under j->after's.
 */
PT_MUST_USE pt_status define_keeps_members(define_job *j, const dimension *old, const dimension *new,
                                           pt_span at);
PT_MUST_USE pt_status define_keeps_facts(define_job *j, const cube *old, const cube *new, pt_span at);

/* Write definition defs[i] (id 0: a new one), and the dimension's members if they must follow. */
PT_MUST_USE pt_status define_write(define_job *j, uint32_t i, pt_str name);

PT_MUST_USE pt_status define_create(define_job *j, const ast_stmt *s);
PT_MUST_USE pt_status define_alter(define_job *j, const ast_stmt *s);
PT_MUST_USE pt_status define_drop(define_job *j, const ast_stmt *s);
