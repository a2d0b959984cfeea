/* txn_int.h - a write transaction in the making: what txn.c collects and commit.c applies. */
#pragma once

#include "storage/store_int.h"

typedef enum txn_op_kind {
    OP_PUT,
    OP_DELETE,
    OP_DELETE_PREFIX, /* all records whose key starts with `key` */
    OP_DELETE_ROWS,   /* table CAT_DELETED: add the rows of `value` to those deleted */
} txn_op_kind;

typedef struct txn_op {
    struct txn_op *next;
    txn_op_kind kind;
    catalog_table table;
    pt_str key, value;
} txn_op;

/* A file of this transaction, or one that its commit makes useless. */
typedef struct txn_file {
    struct txn_file *next;
    store_file kind;
    uint64_t number;
} txn_file;

/* A segment or a dimension version that it wrote. */
typedef struct txn_seg {
    struct txn_seg *next;
    uint32_t cube, n_rows;
    uint64_t id, load_id;
} txn_seg;

typedef struct txn_view {
    struct txn_view *next;
    uint64_t file;
    dim_view *view;
} txn_view;

struct store_txn {
    store *s;
    int lock_fd;
    snapshot *base;
    catalog_state state; /* as the commit will write it, but for the versions */
    bool changes_schema;
    arena *mem; /* the lists */
    txn_op *ops, **last_op;
    txn_file *written, *dropped;
    txn_seg *segs;
    txn_view *views;
};

PT_MUST_USE bool txn_list_file(store_txn *t, txn_file **list, store_file kind, uint64_t number);
void txn_unlink(store_txn *t, const txn_file *list);
/* Free t and let the next writer go. */
void txn_end(store_txn *t);
