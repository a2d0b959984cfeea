/* convert.c - implicit conversions between the kinds of things (section 5): what they cost, and their nodes.
 */
#include "query/bind.h"
#include "query/eval_rows.h"

const char *vtype_name(vtype t)
{
    static const char *const names[] = {
        [VT_NULL] = "NULL",      [VT_EMPTY] = "nothing",   [VT_NUMBER] = "number", [VT_INTEGER] = "number",
        [VT_STRING] = "string",  [VT_BOOLEAN] = "boolean", [VT_DATE] = "date",     [VT_VALUE] = "value",
        [VT_MEMBER] = "member",  [VT_TUPLE] = "tuple",     [VT_SET] = "set",       [VT_LEVEL] = "level",
        [VT_HIER] = "hierarchy", [VT_DIM] = "dimension",   [VT_FLAG] = "flag",
    };
    return names[t];
}

const char *letter_name(char letter)
{
    switch (letter) {
    case 'n':
    case 'i': return "number";
    case 'S': return "string";
    case 'b': return "boolean";
    case 'D': return "date";
    case 'm': return "member";
    case 't': return "tuple";
    case 'x':
    case 'X': return "set";
    case 'l': return "level";
    case 'h': return "hierarchy";
    case 'd': return "dimension";
    case 'y': return "flag";
    case 'e': return "nothing";
    default: return "value";
    }
}

/* Rows: what there is; the table gives the cost for each letter. A cell's value may be anything, so using it
 * as something definite costs more than using it as it is; members stand for their value rather as numbers
 * than as texts; NULL would rather be a number than a text than a member. */
int convert_cost(vtype from, char to)
{
    static const struct {
        vtype from;
        const char *letters; /* letter, cost, letter, cost, ... */
    } table[] = {
        {VT_NULL, "n1i1v1V1S2D3b3m4t5"},
        {VT_EMPTY, "e0"},
        {VT_NUMBER, "n0v1b2"},
        {VT_INTEGER, "n0i0v1b2"},
        {VT_STRING, "S0v1"},
        {VT_BOOLEAN, "b0v1"},
        {VT_DATE, "D0v1"},
        {VT_VALUE, "v0V0n2S2b3D3"},
        {VT_MEMBER, "m0t1l1h1d1x2n2v3S4D5"},
        {VT_TUPLE, "t0x1n2v3S4D5"},
        {VT_SET, "x0X0"},
        {VT_LEVEL, "l0h1d2"},
        {VT_HIER, "h0d1m1t2"},
        {VT_DIM, "d0h1m2t3"},
        {VT_FLAG, "y0"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (table[i].from != from) continue;
        for (const char *p = table[i].letters; *p; p += 2)
            if (*p == to) return p[1] - '0';
    }
    return -1;
}

/* ---- evaluation of conversions ----------------------------------------- */

static pt_status member_value(eval *x, const node *n, xval *out)
{
    mref m;
    PT_TRY(eval_member(x, n->args[0], &m));
    return eval_cell_at(x, &m, 1, &out->v);
}

static pt_status tuple_value(eval *x, const node *n, xval *out)
{
    tuple t;
    PT_TRY(eval_tuple(x, n->args[0], &t));
    out->v = value_null();
    return t.n ? eval_cell_at(x, t.m, t.n, &out->v) : PT_OK;
}

static pt_status value_rows(eval *x, const node *n, const rows *r, pt_value *out)
{
    bool is_done;
    PT_TRY(eval_rows_at(x, n->args[0], r, out, &is_done));
    return is_done ? PT_OK : eval_rows_each(x, n, r, out);
}

static pt_status hier_member(eval *x, const node *n, xval *out)
{
    xval h;
    PT_TRY(eval_node(x, n->args[0], &h));
    return ctx_member(x, h.hier, &out->m);
}

static pt_status member_tuple(eval *x, const node *n, xval *out)
{
    mref *m = arena_make(x->work, mref);
    if (!m) return eval_nomem(x);
    PT_TRY(eval_member(x, n->args[0], m));
    out->t = mref_is_null(*m) ? (tuple){0} : (tuple){m, 1};
    return PT_OK;
}

static pt_status tuple_set(eval *x, const node *n, xval *out)
{
    tuple t;
    PT_TRY(eval_tuple(x, n->args[0], &t));
    out->s = (set){.arity = t.n, .n = t.n ? 1 : 0};
    if (t.n == 0) return PT_OK;
    if (!(out->s.m = arena_array(x->work, mref, t.n))) return eval_nomem(x);
    memcpy(out->s.m, t.m, t.n * sizeof *t.m);
    return PT_OK;
}

static pt_status null_value(eval *x, const node *n, xval *out)
{
    (void)x, (void)n;
    out->v = value_null();
    return PT_OK;
}

static pt_status null_member(eval *x, const node *n, xval *out)
{
    (void)x, (void)n;
    out->m = mref_null(0);
    return PT_OK;
}

static pt_status null_tuple(eval *x, const node *n, xval *out)
{
    (void)x, (void)n;
    out->t = (tuple){0};
    return PT_OK;
}

static pt_status member_level_of(eval *x, const node *n, xval *out)
{
    mref m;
    PT_TRY(eval_member(x, n->args[0], &m));
    out->l = level_of(x->sc, m);
    return PT_OK;
}

static pt_status hier_of_member(eval *x, const node *n, xval *out)
{
    mref m;
    PT_TRY(eval_member(x, n->args[0], &m));
    out->hier = m.hier;
    return PT_OK;
}

static pt_status hier_of_level(eval *x, const node *n, xval *out)
{
    xval l;
    PT_TRY(eval_node(x, n->args[0], &l));
    out->hier = l.l.hier;
    return PT_OK;
}

static pt_status dim_of_hier(eval *x, const node *n, xval *out)
{
    xval h;
    PT_TRY(eval_node(x, n->args[0], &h));
    out->hier = scope_dim_of(x->sc, h.hier)->first_hier;
    return PT_OK;
}

static pt_status same_hier(eval *x, const node *n, xval *out)
{
    return eval_node(x, n->args[0], out);
}

/* ---- nodes ------------------------------------------------------------- */

static pt_status wrap(bind *b, node *n, fun_eval fn, vtype type, node **out)
{
    node **args = arena_make(b->a, node *), *w;
    if (!args) return bind_nomem(b);
    args[0] = n;
    if (!(w = node_new(b, fn, type, n->at, args, 1))) return bind_nomem(b);
    w->shape = n->shape;
    *out = w;
    return PT_OK;
}

static pt_status to_value(bind *b, node *n, node **out)
{
    PT_TRY(wrap(b, n, n->type == VT_MEMBER ? member_value : tuple_value, VT_VALUE, out));
    (*out)->deps |= DEP_ALL & ~shape_deps(n->shape);
    (*out)->shape = (shape){0};
    (*out)->over = value_rows;
    (*out)->kind = n->type == VT_MEMBER ? NODE_MEMBER_VALUE : NODE_TUPLE_VALUE;
    return PT_OK;
}

static pt_status to_member(bind *b, node *n, node **out)
{
    if (n->is_const && shape_hier(n) != HIER_ANY) {
        node *m = node_current(b, shape_hier(n), n->at);
        *out = m;
        return m ? PT_OK : bind_nomem(b);
    }
    PT_TRY(wrap(b, n, hier_member, VT_MEMBER, out));
    (*out)->deps |= DEP_ALL;
    return PT_OK;
}

static pt_status from_null(bind *b, node *n, char to, node **out)
{
    if (to == 'm') return wrap(b, n, null_member, VT_MEMBER, out);
    if (to == 't') return wrap(b, n, null_tuple, VT_TUPLE, out);
    return wrap(b, n, null_value, VT_VALUE, out);
}

static pt_status to_tuple(bind *b, node *n, node **out)
{
    PT_TRY(wrap(b, n, member_tuple, VT_TUPLE, out));
    (*out)->kind = NODE_TUPLE;
    return PT_OK;
}

static pt_status from_member(bind *b, node *n, char to, node **out)
{
    switch (to) {
    case 't': return to_tuple(b, n, out);
    case 'x': PT_TRY(to_tuple(b, n, out)); return wrap(b, *out, tuple_set, VT_SET, out);
    case 'l': return wrap(b, n, member_level_of, VT_LEVEL, out);
    case 'h': return wrap(b, n, hier_of_member, VT_HIER, out);
    case 'd':
        PT_TRY(wrap(b, n, hier_of_member, VT_HIER, out));
        return wrap(b, *out, dim_of_hier, VT_DIM, out);
    default: return to_value(b, n, out);
    }
}

pt_status convert(bind *b, node *n, char to, node **out)
{
    *out = n;
    switch (n->type) {
    case VT_NULL: return from_null(b, n, to, out);
    case VT_MEMBER: return to == 'm' ? PT_OK : from_member(b, n, to, out);
    case VT_TUPLE:
        if (to == 't') return PT_OK;
        return to == 'x' ? wrap(b, n, tuple_set, VT_SET, out) : to_value(b, n, out);
    case VT_LEVEL:
        if (to == 'l') return PT_OK;
        PT_TRY(wrap(b, n, hier_of_level, VT_HIER, out));
        (*out)->is_const = false;
        return to == 'd' ? wrap(b, *out, dim_of_hier, VT_DIM, out) : PT_OK;
    case VT_HIER:
        if (to == 'h') return PT_OK;
        if (to == 'd') return wrap(b, n, dim_of_hier, VT_DIM, out);
        PT_TRY(to_member(b, n, out));
        return to == 't' ? from_member(b, *out, 't', out) : PT_OK;
    case VT_DIM:
        if (to == 'd') return PT_OK;
        if (to == 'h') return wrap(b, n, same_hier, VT_HIER, out);
        PT_TRY(to_member(b, n, out));
        return to == 't' ? from_member(b, *out, 't', out) : PT_OK;
    case VT_EMPTY:
    case VT_NUMBER:
    case VT_INTEGER:
    case VT_STRING:
    case VT_BOOLEAN:
    case VT_DATE:
    case VT_VALUE:
    case VT_SET:
    case VT_FLAG: break;
    }
    return PT_OK;
}
