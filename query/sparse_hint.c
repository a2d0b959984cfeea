/* sparse_hint.c - when does a missing fact make a value null? A walk over formulas.
 *
 * An expression is *safe* when it is null wherever the cells it reads are all null; the walk collects from
 * which base cubes those come and which hierarchies the formula moves. Anything not known to be safe is not.
 */
#include "query/calc.h"
#include "query/funs.h"
#include "query/sparse.h"

enum { MAX_DEPTH = 32 };

typedef struct walk {
    eval *x;
    sparse_hint h;
    mref measure; /* the current one; MEM_NULL: any */
    uint32_t depth;
} walk;

static bool safe_value(walk *w, const node *n);

static uint64_t all_bases(const scope *sc)
{
    return sc->n_bases >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << sc->n_bases) - 1;
}

/* The body of a calculated member, in which its own hierarchy is at the default. */
static bool safe_calc(walk *w, calc *c)
{
    mref outer = w->measure;
    if (w->depth >= MAX_DEPTH || calc_ready(w->x, c) != PT_OK) return false;
    if (c->hier == 0) {
        w->measure = w->x->sc->hiers[0].default_member;
        if (w->measure.kind == MEM_CALC) return false;
    } else {
        w->h.free |= dep_bit(c->hier);
    }
    w->depth++;
    bool safe = safe_value(w, c->body);
    w->depth--;
    w->measure = outer;
    return safe;
}

static bool safe_measure(walk *w, mref m)
{
    if (mref_is_null(m)) {
        w->h.bases |= all_bases(w->x->sc);
        return true;
    }
    if (m.kind == MEM_CALC) return safe_calc(w, w->x->sc->calcs[m.id]);
    if (m.kind != MEM_STORED || w->x->sc->measures[m.id].base >= 64) return false;
    w->h.bases |= (uint64_t)1 << w->x->sc->measures[m.id].base;
    if (m.id < 64) w->h.measures |= (uint64_t)1 << m.id;
    return true;
}

/* Members put over the context for one look. */
static bool safe_at(walk *w, node *const *members, uint32_t n)
{
    mref current = w->measure;
    for (uint32_t i = 0; i < n; i++) {
        const node *m = members[i];
        uint32_t hier = shape_hier(m);
        if (hier == HIER_ANY || (hier == 0 && !m->is_const)) return false;
        if (hier == 0) {
            current = m->k.m;
        } else {
            w->h.free |= dep_bit(hier);
        }
        if (m->is_const && m->k.m.kind == MEM_CALC && hier != 0 && !safe_calc(w, w->x->sc->calcs[m->k.m.id]))
            return false;
    }
    return safe_measure(w, current);
}

static bool is_null_literal(const node *n)
{
    return n->type == VT_NULL || (n->n == 1 && n->args[0]->type == VT_NULL && !n->fun);
}

static bool named(const node *n, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(n->fun->name, *names) == 0) return true;
    return false;
}

static bool safe_call(walk *w, const node *n)
{
    static const char *const both[] = {"+", "-", NULL}, *const first[] = {"/", NULL},
                             *const either[] = {"*", NULL};
    static const char *const branches[] = {"IIf", NULL}, *const all[] = {"CoalesceEmpty", "Cache", NULL};
    static const char *const sums[] = {"Sum", "Avg", "Min", "Max", "Aggregate", "Median", NULL};
    if (named(n, both)) return safe_value(w, n->args[0]) && (n->n == 1 || safe_value(w, n->args[1]));
    if (named(n, first)) return safe_value(w, n->args[0]);
    if (named(n, either)) {
        sparse_hint before = w->h;
        if (safe_value(w, n->args[0])) return true;
        w->h = before;
        return safe_value(w, n->args[1]);
    }
    if (named(n, branches)) return safe_value(w, n->args[1]) && safe_value(w, n->args[2]);
    if (named(n, all)) {
        for (uint32_t i = 0; i < n->n; i++)
            if (!safe_value(w, n->args[i])) return false;
        return true;
    }
    if (!named(n, sums) || n->args[0]->shape.n == 0) return false;
    for (uint32_t i = 0; i < n->args[0]->shape.n; i++) {
        uint16_t hier = n->args[0]->shape.hiers[i];
        if (hier == HIER_ANY || hier == 0) return false;
        w->h.free |= dep_bit(hier);
    }
    return safe_value(w, n->args[1]);
}

static bool safe_value(walk *w, const node *n)
{
    if (w->depth >= MAX_DEPTH) return false;
    if (is_null_literal(n)) return true;
    w->depth++;
    bool safe = false;
    switch (n->kind) {
    case NODE_CELL: safe = safe_measure(w, w->measure); break;
    case NODE_MEMBER_VALUE: safe = safe_at(w, n->args, 1); break;
    case NODE_TUPLE_VALUE:
        safe = n->args[0]->kind == NODE_TUPLE && safe_at(w, n->args[0]->args, n->args[0]->n);
        break;
    case NODE_CURRENT:
    case NODE_TUPLE:
    case NODE_CROSSJOIN:
    case NODE_NAMED_SET:
    case NODE_OTHER: safe = n->fun && safe_call(w, n); break;
    }
    w->depth--;
    return safe;
}

/* Calculated members of the context outside of Measures are expanded too. */
static bool safe_context(walk *w)
{
    for (uint32_t h = 1; h < w->x->sc->n_hiers; h++)
        if (w->x->ctx[h].kind == MEM_CALC && !safe_calc(w, w->x->sc->calcs[w->x->ctx[h].id])) return false;
    return true;
}

static bool finish(walk *w, bool safe, sparse_hint *out)
{
    *out = w->h;
    return safe && safe_context(w) && (*out = w->h, true);
}

bool sparse_for_member(eval *x, mref m, sparse_hint *out)
{
    walk w = {.x = x, .measure = m};
    if (m.hier == 0) return finish(&w, safe_measure(&w, m), out);
    w.measure = mref_null(0);
    return finish(&w, m.kind != MEM_CALC || safe_calc(&w, x->sc->calcs[m.id]), out);
}

bool sparse_for_value(eval *x, const node *n, sparse_hint *out)
{
    walk w = {.x = x, .measure = x->ctx[0]};
    return finish(&w, safe_value(&w, n), out);
}

/* ---- conditions -------------------------------------------------------- */

static bool safe_condition(walk *w, const node *n)
{
    static const char *const compare[] = {"=", "<>", "<", "<=", ">", ">=", NULL};
    sparse_hint before = w->h;
    if (!n->fun) return false;
    if (named(n, compare)) {
        if (safe_value(w, n->args[0])) return true;
        w->h = before;
        return safe_value(w, n->args[1]);
    }
    if (strcmp(n->fun->name, "AND") == 0) {
        if (safe_condition(w, n->args[0])) return true;
        w->h = before;
        return safe_condition(w, n->args[1]);
    }
    if (strcmp(n->fun->name, "OR") == 0)
        return safe_condition(w, n->args[0]) && safe_condition(w, n->args[1]);
    if (strcmp(n->fun->name, "NOT") != 0) return false;
    const node *inner = n->args[0];
    return inner->fun && strcmp(inner->fun->name, "IsEmpty") == 0 && safe_value(w, inner->args[0]);
}

bool sparse_for_condition(eval *x, const node *n, sparse_hint *out)
{
    walk w = {.x = x, .measure = x->ctx[0]};
    return finish(&w, safe_condition(&w, n), out);
}
