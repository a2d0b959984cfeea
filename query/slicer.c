/* slicer.c - WHERE: from a set of tuples to the context that axes and cells start from (section 8). */
#include "query/select.h"

/* Without tuples that have a null member, and each tuple once. */
static pt_status clean(query *q, set s, set *out)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < s.n; i++) {
        if (tuple_has_null(set_at(s, i), s.arity)) continue;
        if (n < i) memcpy(s.m + (size_t)n * s.arity, set_at(s, i), s.arity * sizeof *s.m);
        n++;
    }
    s.n = n;
    return set_distinct(q->sc->a, s, out, q->err);
}

static pt_status check_calculated(query *q, set s)
{
    for (uint32_t i = 0; s.n > 1 && i < s.n * s.arity; i++)
        if (s.m[i].kind == MEM_CALC)
            return pt_fail_at(q->err, PT_VALUE, q->ast->slicer->at,
                              "the calculated member " STR_FMT " cannot be one of several in the slicer",
                              STR_ARG(q->sc->calcs[s.m[i].id]->unique_name));
    return PT_OK;
}

static pt_status apply(query *q)
{
    eval *x = q->x;
    set s = q->slicer_value;
    uint32_t mark = ctx_mark(x);
    if (s.n == 0) {
        x->is_void = true;
        return PT_OK;
    }
    uint16_t *hiers = arena_array(q->sc->a, uint16_t, s.arity);
    if (!hiers) return arena_fail(q->sc->a, q->err);
    for (uint32_t k = 0; k < s.arity; k++) hiers[k] = s.m[k].hier;
    PT_TRY(region_enter(x, hiers, s));
    memcpy(x->slicer, x->ctx, q->sc->n_hiers * sizeof *x->slicer);
    ctx_undo(x, mark);
    return PT_OK;
}

static pt_status slicer_step(query *q, void *ctx)
{
    set s;
    (void)ctx;
    PT_TRY(eval_set(q->x, q->slicer, &s));
    return clean(q, s, &q->slicer_value);
}

pt_status select_slicer(query *q)
{
    if (!q->slicer) return PT_OK;
    PT_TRY(select_passes(q, slicer_step, NULL));
    PT_TRY(check_calculated(q, q->slicer_value));
    return apply(q);
}
