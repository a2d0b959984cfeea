/* bind.c - expressions to nodes: literals, and who binds the rest. */
#include "query/bind.h"

#include <math.h>

#include "query/param.h"

pt_status bind_new(scope *sc, pt_err *err, bind **out)
{
    bind *b = arena_make(sc->a, bind);
    if (!b) return arena_fail(sc->a, err);
    b->sc = sc;
    b->a = sc->a;
    b->err = err;
    b->names = sc->cube;
    *out = b;
    return PT_OK;
}

static pt_status literal(bind *b, vtype type, const ast *e, pt_value v, node **out)
{
    *out = node_const(b, type, e->at, (xval){.v = v});
    return *out ? PT_OK : bind_nomem(b);
}

/* A whole number beyond 64 bits is computed with, and shown, as the double next to it. */
static pt_value number_value(pt_value v)
{
    double f = value_as_double(v);
    return v.kind == VAL_DEC && v.scale == 0 && fabs(f) >= 0x1p63 ? value_double(f) : v;
}

static pt_status bind_function(bind *b, const ast *e, node **out)
{
    bool is_done;
    PT_TRY(bind_special(b, e, out, &is_done));
    if (is_done) return PT_OK;
    return bind_call(b, e->text, e->syntax, e->at, e->name_at, NULL, 0, e->args, e->n, out);
}

pt_status bind_expr(bind *b, const ast *e, node **out)
{
    switch (e->kind) {
    case AST_NULL: return literal(b, VT_NULL, e, value_null(), out);
    case AST_EMPTY: return literal(b, VT_EMPTY, e, value_null(), out);
    case AST_NUMBER:
        PT_TRY(literal(b, VT_NUMBER, e, number_value(e->number), out));
        (*out)->text = e->text; /* for those who write it */
        return PT_OK;
    case AST_STRING: return literal(b, VT_STRING, e, value_text(e->text.ptr ? e->text : STR("")), out);
    case AST_ID: return bind_id(b, e, out);
    case AST_CALL: return bind_function(b, e, out);
    case AST_PARAM: return bind_bound_param(b, e, out);
    }
    return pt_fail_at(b->err, PT_INTERNAL, e->at, "unknown kind of expression");
}

pt_status bind_as(bind *b, const ast *e, char letter, const char *what, node **out)
{
    node *n;
    PT_TRY(bind_expr(b, e, &n));
    if (convert_cost(n->type, letter) < 0)
        return pt_fail_at(b->err, PT_TYPE, e->at, "%s must be a %s, but this is a %s", what,
                          letter_name(letter), vtype_name(n->type));
    return convert(b, n, letter, out);
}

bool is_product_expr(const ast *e)
{
    return e->kind == AST_CALL && e->syntax == SYN_INFIX && str_eq(e->text, STR("*"));
}

/* Where a set is wanted, a * b * c is a product of sets, not of numbers, whatever of them are members. */
pt_status bind_set_expr(bind *b, const ast *e, node **out)
{
    if (!is_product_expr(e)) return bind_expr(b, e, out);
    node *sides[2];
    bool are_sets = true, has_set = false;
    for (uint32_t i = 0; i < 2; i++) {
        PT_TRY(bind_set_expr(b, e->args[i], &sides[i]));
        vtype t = sides[i]->type;
        if (t == VT_HIER || t == VT_DIM) PT_TRY(convert(b, sides[i], 'm', &sides[i]));
        are_sets &= convert_cost(sides[i]->type, 'x') >= 0;
        has_set |= t == VT_SET;
    }
    if (are_sets && !has_set)
        return bind_call(b, STR("Crossjoin"), SYN_FUNCTION, e->at, e->name_at, sides, 2, NULL, 0, out);
    return bind_call(b, e->text, e->syntax, e->at, e->name_at, sides, 2, NULL, 0, out);
}

/* ---- axes and slicer --------------------------------------------------- */

pt_status hint_no_set(pt_err *err, vtype type)
{
    if (type == VT_LEVEL) return pt_hint(err, "add .Members for the members of the level");
    if (type == VT_BOOLEAN)
        return pt_hint(err, "members for which a condition holds are Filter(set, condition)");
    if (type == VT_STRING)
        return pt_hint(err, "names stand in brackets: [name]; the member that a text names is "
                            "StrToMember(text)");
    if (vtype_is_scalar(type) && type != VT_NULL)
        return pt_hint(
            err, "a value needs a name: WITH MEMBER [Measures].[name] AS ..., and {[Measures].[name]} on "
                 "the axis");
    return err->code;
}

pt_status bind_axis(bind *b, const ast *e, const char *what, node **out)
{
    node *n;
    PT_TRY(bind_set_expr(b, e, &n));
    if (n->type == VT_HIER || n->type == VT_DIM) PT_TRY(convert(b, n, 'm', &n));
    if (n->type != VT_MEMBER && n->type != VT_TUPLE && n->type != VT_SET) {
        pt_fail_at(b->err, PT_TYPE, e->at, "%s must be a set, but this is a %s", what, vtype_name(n->type));
        return hint_no_set(b->err, n->type);
    }
    return convert(b, n, 'x', out);
}
