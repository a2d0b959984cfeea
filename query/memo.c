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
        m->has_value = false;
    }
}

bool memo_holds(const memo *m, const eval *x, uint64_t deps)
{
    if (!m->has_value) return false;
    for (uint32_t h = 0; h < x->sc->n_hiers; h++)
        if (deps & dep_bit(h) && !mref_eq(m->ctx[h], x->ctx[h])) return false;
    return true;
}

arena *memo_renew(memo *m, const eval *x)
{
    m->has_value = false;
    if (!m->a) m->a = arena_new(x->limits->memory_bytes);
    if (m->a) arena_reset(m->a);
    return m->a;
}

void memo_keep(memo *m, const eval *x)
{
    memcpy(m->ctx, x->ctx, x->sc->n_hiers * sizeof *m->ctx);
    m->has_value = true;
}

/* A failure to remember is no failure: the result at hand is good. */
static void remember(memo *m, eval *x, set s)
{
    arena *a = memo_renew(m, x);
    mref *copy = a ? arena_array(a, mref, (size_t)s.n * (s.arity ? s.arity : 1)) : NULL;
    if (!copy) return;
    if (s.n) memcpy(copy, s.m, (size_t)s.n * s.arity * sizeof *copy);
    m->value = (set){.m = copy, .arity = s.arity, .n = s.n};
    memo_keep(m, x);
}

pt_status memo_eval(eval *x, const node *n, xval *out)
{
    if (memo_holds(n->memo, x, n->deps)) {
        out->s = n->memo->value;
        return PT_OK;
    }
    PT_TRY(n->eval(x, n, out));
    remember(n->memo, x, out->s);
    return PT_OK;
}
