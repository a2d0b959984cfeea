/* memo.h - remembering a result for contexts that agree in what it depends on. A memo keeps the latest one,
 * in an arena of its own. */
#pragma once

#include "query/eval.h"

struct memo {
    struct memo *next; /* of the scope */
    arena *a;          /* of the remembered result; NULL: none */
    bool has_value;
    mref *ctx;  /* [n_hiers] for which it holds */
    set value;  /* results of set nodes */
    void *data; /* whatever else an owner remembers */
};

/* Give a node a memo, if its dependencies are known. */
PT_MUST_USE pt_status memo_attach(scope *sc, node *n, pt_err *err);
/* The memo's result holds at the context. */
bool memo_holds(const memo *m, const eval *x, uint64_t deps);
/* Forget, and return the arena for a new result; NULL when memory is short. memo_keep makes it valid. */
arena *memo_renew(memo *m, const eval *x);
void memo_keep(memo *m, const eval *x);
/* A set node through its memo. */
PT_MUST_USE pt_status memo_eval(eval *x, const node *n, xval *out);
void memo_free_all(scope *sc);
