/* memo.h - remembering a result for contexts that agree in what it depends on. A memo keeps the latest one,
 * in an arena of its own. That cells were missing is remembered too, until the pass ends. */
#pragma once

#include "query/eval.h"

typedef enum memo_state { MEMO_EMPTY, MEMO_READY, MEMO_PENDING } memo_state;

struct memo {
    struct memo *next; /* of the scope */
    arena *a;          /* of the remembered result; NULL: none */
    memo_state state;
    uint32_t pass; /* MEMO_PENDING: in which */
    mref *ctx;     /* [n_hiers] for which it holds */
    xval value;    /* results of nodes */
    void *data;    /* whatever else an owner remembers */
};

/* Give a node a memo, if its dependencies are known. */
PT_MUST_USE pt_status memo_attach(scope *sc, node *n, pt_err *err);
/* What the memo knows at the context. */
memo_state memo_look(const memo *m, const eval *x, uint64_t deps);
/* Forget, and return the arena for a new result; NULL when memory is short. memo_keep makes it valid. */
arena *memo_renew(memo *m, const eval *x);
void memo_keep(memo *m, const eval *x, memo_state state);
/* A node through its memo. */
PT_MUST_USE pt_status memo_eval(eval *x, const node *n, xval *out);
void memo_free_all(scope *sc);
