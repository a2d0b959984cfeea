/* memo.c - remembering the latest result of an expression. */
#include "query/memo.h"

pt_status memo_attach(scope *sc, node *n, pt_err *err)
{
    if (n->memo || n->deps & DEP_OTHER) return PT_OK;
    memo *m = arena_make(sc->a, memo);
    if (!m || !(m->ctx = arena_array(sc->a, mref, sc->n_hiers))) return arena_fail(sc->a, err);
    m->next = sc->memos;
    sc->memos = m;
    n->memo = m;
    return PT_OK;
}

void memo_free_all(scope *sc)
{
    for (memo *m = sc->memos; m; m = m->next) {
        arena_free(m->a);
        m->a = NULL;
        m->state = MEMO_EMPTY;
    }
}

memo_state memo_look(const memo *m, const eval *x, uint64_t deps)
{
    if (m->state == MEMO_EMPTY || (m->state == MEMO_PENDING && m->pass != x->stats->n_passes))
        return MEMO_EMPTY;
    for (uint32_t h = 0; h < x->sc->n_hiers; h++)
        if (deps & dep_bit(h) && !mref_eq(m->ctx[h], x->ctx[h])) return MEMO_EMPTY;
    return m->state;
}

arena *memo_renew(memo *m, const eval *x)
{
    m->state = MEMO_EMPTY;
    if (!m->a) m->a = limits_arena(x->limits);
    if (m->a) arena_reset(m->a);
    return m->a;
}

void memo_keep(memo *m, const eval *x, memo_state state)
{
    memcpy(m->ctx, x->ctx, x->sc->n_hiers * sizeof *m->ctx);
    m->state = state;
    m->pass = x->stats->n_passes;
}

static bool copy_members(arena *a, const mref *from, size_t n, const mref **out)
{
    mref *copy = a ? arena_array(a, mref, n) : NULL;
    if (copy && n) memcpy(copy, from, n * sizeof *copy);
    *out = copy;
    return copy != NULL;
}

/* A failure to remember is no failure: the result at hand is good. */
static void remember(memo *m, eval *x, const node *n, const xval *v)
{
    const mref *copy;
    m->value = *v;
    if (n->type == VT_SET) {
        if (!copy_members(memo_renew(m, x), v->s.m, (size_t)v->s.n * v->s.arity, &copy)) return;
        m->value.s.m = (mref *)copy;
    } else if (n->type == VT_TUPLE) {
        if (!copy_members(memo_renew(m, x), v->t.m, v->t.n, &m->value.t.m)) return;
    } else if (vtype_is_scalar(n->type) && v->v.kind == VAL_TEXT) {
        arena *a = memo_renew(m, x);
        if (!a || !(m->value.v.s = str_copy(a, v->v.s)).ptr) return;
    }
    memo_keep(m, x, MEMO_READY);
}

pt_status memo_eval(eval *x, const node *n, xval *out)
{
    memo_state state = memo_look(n->memo, x, n->deps);
    if (state == MEMO_READY) {
        *out = n->memo->value;
        return PT_OK;
    }
    if (state == MEMO_PENDING) return EVAL_PENDING;
    pt_status st = n->eval(x, n, out);
    if (st == PT_OK) remember(n->memo, x, n, out);
    if (st == EVAL_PENDING) memo_keep(n->memo, x, MEMO_PENDING);
    return st;
}
