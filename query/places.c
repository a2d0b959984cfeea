/* places.c - see places.h. */
#include "query/places.h"

#include "query/memo.h"

enum { FEW_TUPLES = 8 };

pt_status places_attach(bind *b, node *n, uint64_t deps)
{
    uint64_t all = n->deps;
    n->deps = deps;
    pt_status st = memo_attach(b->sc, n, b->err);
    n->owns_memo = true;
    n->deps = all;
    return st;
}

static pt_status index_set(eval *x, arena *a, set s, places *out)
{
    out->s = s;
    return s.n <= FEW_TUPLES ? PT_OK : tuple_index_of(a, s, &out->ix, x->err);
}

static pt_status keep(eval *x, const node *n, set s, places *out)
{
    arena *a = memo_renew(n->memo, x);
    if (!a) return index_set(x, x->work, s, out);
    places *kept = arena_make(a, places);
    mref *copy = arena_array(a, mref, (size_t)s.n * (s.arity ? s.arity : 1));
    if (!kept || !copy) return arena_fail(a, x->err);
    if (s.n) memcpy(copy, s.m, (size_t)s.n * s.arity * sizeof *copy);
    PT_TRY(index_set(x, a, (set){copy, s.arity, s.n}, kept));
    *out = *kept;
    n->memo->data = kept;
    memo_keep(n->memo, x, MEMO_READY);
    return PT_OK;
}

static pt_status places_of(eval *x, const node *n, places *out)
{
    set s;
    const node *set_node = n->args[1];
    memo_state state = n->memo ? memo_look(n->memo, x, set_node->deps) : MEMO_EMPTY;
    if (state == MEMO_READY) {
        *out = *(places *)n->memo->data;
        return PT_OK;
    }
    if (state == MEMO_PENDING) return EVAL_PENDING;
    pt_status st = eval_set(x, set_node, &s);
    if (st == EVAL_PENDING && n->memo) memo_keep(n->memo, x, MEMO_PENDING);
    PT_TRY(st);
    PT_TRY(set_plain(x->sc, x->work, s, &s, x->err));
    return n->memo ? keep(x, n, s, out) : index_set(x, x->work, s, out);
}

pt_status places_args(eval *x, const node *n, tuple *t, places *out)
{
    pt_status all = PT_OK;
    if (eval_go_on(eval_tuple(x, n->args[0], t), &all)) (void)eval_go_on(places_of(x, n, out), &all);
    return all == PT_OK ? tuples_plain(x->sc, x->work, &t->m, t->n, x->err) : all;
}

pt_status places_args_rows(eval *x, const node *n, const rows *r, const mref **tuples, places *out)
{
    mref *t = NULL;
    pt_status all = PT_OK;
    if (eval_go_on(eval_rows_tuples(x, n->args[0], r, &t), &all))
        (void)eval_go_on(places_of(x, n, out), &all);
    *tuples = t;
    if (all != PT_OK) return all;
    return tuples_plain(x->sc, x->work, tuples, (size_t)r->n * n->args[0]->n, x->err);
}

bool places_find(const places *p, const mref *t, uint32_t arity, uint32_t *at)
{
    if (arity != p->s.arity) return false;
    if (p->s.n > FEW_TUPLES) return tuple_index_find(&p->ix, t, at);
    for (*at = 0; *at < p->s.n; ++*at)
        if (tuple_eq(set_at(p->s, *at), t, arity)) return true;
    return false;
}
