/* bind_node.c - making nodes, and their shapes. */
#include "query/bind.h"
#include "query/eval_rows.h"
#include "query/scalar.h"

pt_status bind_nomem(bind *b)
{
    return arena_fail(b->a, b->err);
}

static uint64_t deps_of_args(const node *n)
{
    uint64_t deps = 0;
    for (uint32_t i = 0; i < n->n; i++) deps |= n->args[i]->deps;
    return deps;
}

node *node_new(bind *b, fun_eval fn, vtype type, pt_span at, node **args, uint32_t n)
{
    node *x = arena_make(b->a, node);
    if (!x) return NULL;
    x->eval = fn;
    x->type = type;
    x->at = at;
    x->args = args;
    x->n = n;
    x->deps = deps_of_args(x);
    return x;
}

pt_status node_append(bind *b, node *n, node *arg)
{
    node **args = arg ? arena_array(b->a, node *, n->n + 1) : NULL;
    if (!args) return bind_nomem(b);
    if (n->n) memcpy(args, n->args, n->n * sizeof *args);
    args[n->n++] = arg;
    n->args = args;
    n->deps |= arg->deps;
    return PT_OK;
}

static pt_status constant(eval *x, const node *n, xval *out)
{
    (void)x;
    *out = n->k;
    return PT_OK;
}

node *node_const(bind *b, vtype type, pt_span at, xval k)
{
    node *n = node_new(b, constant, type, at, NULL, 0);
    if (!n) return NULL;
    n->k = k;
    n->is_const = true;
    return n;
}

static node *with_hier(bind *b, node *n, uint32_t hier)
{
    return n && shape_one(b, hier, &n->shape) == PT_OK ? n : NULL;
}

node *node_member(bind *b, mref m, pt_span at)
{
    return with_hier(b, node_const(b, VT_MEMBER, at, (xval){.m = m}), m.hier);
}

node *node_hier(bind *b, uint32_t hier, pt_span at)
{
    return with_hier(b, node_const(b, VT_HIER, at, (xval){.hier = hier}), hier);
}

node *node_level(bind *b, level_ref l, pt_span at)
{
    return with_hier(b, node_const(b, VT_LEVEL, at, (xval){.l = l}), l.hier);
}

static pt_status current(eval *x, const node *n, xval *out)
{
    return ctx_member(x, n->k.hier, &out->m);
}

node *node_current(bind *b, uint32_t hier, pt_span at)
{
    node *n = with_hier(b, node_new(b, current, VT_MEMBER, at, NULL, 0), hier);
    if (!n) return NULL;
    n->k.hier = hier;
    n->kind = NODE_CURRENT;
    n->deps = dep_bit(hier);
    return n;
}

static pt_status cell(eval *x, const node *n, xval *out)
{
    (void)n;
    return eval_cell(x, &out->v);
}

static pt_status cell_rows(eval *x, const node *n, const rows *r, pt_value *out)
{
    (void)n;
    return eval_rows_cell(x, r, out);
}

node *node_cell(bind *b, pt_span at)
{
    node *n = node_new(b, cell, VT_VALUE, at, NULL, 0);
    if (!n) return NULL;
    n->deps = DEP_ALL;
    n->kind = NODE_CELL;
    n->over = cell_rows;
    return n;
}

/* ---- shapes ------------------------------------------------------------ */

pt_status shape_one(bind *b, uint32_t hier, shape *out)
{
    uint16_t *h = arena_make(b->a, uint16_t);
    if (!h) return bind_nomem(b);
    *h = (uint16_t)hier;
    *out = (shape){1, h};
    return PT_OK;
}

bool shape_fits(shape a, shape b)
{
    if (a.n == 0 || b.n == 0) return true;
    if (a.n != b.n) return false;
    for (uint32_t i = 0; i < a.n; i++)
        if (a.hiers[i] != b.hiers[i] && a.hiers[i] != HIER_ANY && b.hiers[i] != HIER_ANY) return false;
    return true;
}

uint64_t shape_deps(shape s)
{
    uint64_t deps = 0;
    for (uint32_t i = 0; i < s.n; i++)
        if (s.hiers[i] < 63) deps |= dep_bit(s.hiers[i]);
    return deps;
}

pt_str shape_text(bind *b, shape s)
{
    strbuf t = {0};
    for (uint32_t i = 0; i < s.n; i++) {
        if (i) strbuf_addz(&t, ", ");
        strbuf_adds(&t, s.hiers[i] == HIER_ANY ? STR("?") : b->sc->hiers[s.hiers[i]].unique_name);
    }
    pt_str out = str_copy(b->a, strbuf_str(&t));
    strbuf_free(&t);
    return out;
}

/* ---- for function tables ----------------------------------------------- */

pt_status bind_like_second(bind *b, node *n)
{
    (void)b;
    n->shape = n->args[1]->shape;
    return PT_OK;
}

pt_status bind_literal_text(bind *b, const node *n, const char *before, node **out)
{
    strbuf text = {0};
    pt_status st = PT_OK;
    if (!n->is_const || n->type != VT_NUMBER || !n->text.len) return PT_OK;
    strbuf_addz(&text, before);
    if (scalar_exponent_text(n->text, &text)) {
        pt_str kept = text.failed ? (pt_str){0} : str_copy(b->a, strbuf_str(&text));
        *out = kept.ptr ? node_const(b, VT_STRING, n->at, (xval){.v = value_text(kept)}) : NULL;
        if (!*out) st = bind_nomem(b);
    }
    strbuf_free(&text);
    return st;
}

pt_status bind_same_shape(bind *b, node *n)
{
    shape x = n->args[0]->shape, y = n->args[1]->shape;
    if (!shape_fits(x, y))
        return pt_fail_at(b->err, PT_TYPE, n->args[1]->at,
                          "sets of different hierarchies: (" STR_FMT ") and (" STR_FMT ")",
                          STR_ARG(shape_text(b, x)), STR_ARG(shape_text(b, y)));
    n->shape = x.n ? x : y;
    return PT_OK;
}

pt_status bind_cell_default(bind *b, node *n)
{
    if (n->n > 1) return PT_OK;
    node *cell_node = node_cell(b, n->at);
    if (!cell_node) return bind_nomem(b);
    uint64_t set_deps = n->args[0]->deps;
    PT_TRY(node_append(b, n, cell_node));
    n->deps = set_deps | (DEP_ALL & ~shape_deps(n->args[0]->shape));
    return PT_OK;
}

pt_status bind_time_hier(bind *b, pt_span at, uint32_t *hier)
{
    for (uint32_t d = 1; d < b->sc->n_dims; d++) {
        if (!b->sc->dims[d].is_time) continue;
        *hier = b->sc->dims[d].first_hier;
        return PT_OK;
    }
    return pt_fail_at(b->err, PT_TYPE, at, "cube [" STR_FMT "] has no time dimension",
                      STR_ARG(b->sc->cube->name));
}
