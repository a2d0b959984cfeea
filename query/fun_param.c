/* fun_param.c - parameters: Parameter(), ParamRef() and values bound from outside. */
#include "query/param.h"

#include "lang/parse.h"
#include "query/calc.h"
#include "query/funs.h"
#include "query/resolve.h"
#include "query/scalar.h"

/* ---- values from outside ----------------------------------------------- */

static const query_param *bound_value(const bind *b, pt_str name)
{
    for (uint32_t i = 0; i < b->sc->env->n_params; i++)
        if (str_eq(b->sc->env->params[i].name, name)) return &b->sc->env->params[i];
    return NULL;
}

static vtype type_of(pt_value v)
{
    switch (v.kind) {
    case VAL_NULL: return VT_NULL;
    case VAL_INT:
    case VAL_DEC:
    case VAL_DOUBLE: return VT_NUMBER;
    case VAL_TEXT: return VT_STRING;
    case VAL_BOOL: return VT_BOOLEAN;
    case VAL_DATE:
    case VAL_TIME: return VT_DATE;
    }
    return VT_VALUE;
}

pt_status bind_bound_param(bind *b, const ast *e, node **out)
{
    const query_param *p = bound_value(b, e->text);
    if (!p) {
        pt_fail_at(b->err, PT_NAME, e->at, "no value is bound to the parameter @" STR_FMT, STR_ARG(e->text));
        return pt_hint(b->err, "bind one, or write Parameter(\"" STR_FMT "\", type, default)",
                       STR_ARG(e->text));
    }
    *out = node_const(b, type_of(p->value), e->at, (xval){.v = p->value});
    return *out ? PT_OK : bind_nomem(b);
}

/* ---- Parameter --------------------------------------------------------- */

static pt_status use_value(eval *x, const node *n, xval *out)
{
    return eval_node(x, n->param->value, out);
}

/* A number for a STRING parameter becomes its text. */
static pt_status use_text(eval *x, const node *n, xval *out)
{
    pt_value v;
    PT_TRY(eval_value(x, n->param->value, &v));
    return scalar_cast(v, SCALAR_STRING, x->work, &out->v, x->err);
}

static pt_status literal_name(bind *b, const node *n, pt_str *out)
{
    if (!n->is_const || n->k.v.kind != VAL_TEXT)
        return pt_fail_at(b->err, PT_TYPE, n->at, "the name of a parameter must be a text in quotes");
    *out = n->k.v.s;
    return PT_OK;
}

static param *find_param(const bind *b, pt_str name)
{
    for (uint32_t i = 0; i < b->n_params; i++)
        if (str_eq(b->params[i]->name, name)) return b->params[i];
    return NULL;
}

static pt_status add_param(bind *b, const node *n, param **out)
{
    pt_str name;
    PT_TRY(literal_name(b, n->args[0], &name));
    param *p = find_param(b, name);
    if (p && (p->at.start != n->at.start || p->at.end != n->at.end))
        return pt_fail_at(b->err, PT_NAME, n->at, "the parameter '" STR_FMT "' is defined twice",
                          STR_ARG(name));
    if (b->n_params == b->cap_params) {
        uint32_t cap = b->cap_params ? b->cap_params * 2 : 8;
        param **grown = arena_array(b->a, param *, cap);
        if (!grown) return bind_nomem(b);
        if (b->n_params) memcpy(grown, b->params, b->n_params * sizeof *grown);
        b->params = grown;
        b->cap_params = cap;
    }
    if (!p) {
        if (!(p = arena_make(b->a, param))) return bind_nomem(b);
        b->params[b->n_params++] = p;
    }
    *p = (param){.name = name, .at = n->at, .value = n->args[2]};
    *out = p;
    return PT_OK;
}

static pt_status bind_scalar(bind *b, node *n)
{
    bool is_number = str_eq(n->args[1]->text, STR("NUMERIC"));
    PT_TRY(add_param(b, n, &n->param));
    const query_param *given = bound_value(b, n->param->name);
    if (given && !(n->param->value = node_const(b, type_of(given->value), n->at, (xval){.v = given->value})))
        return bind_nomem(b);
    vtype t = n->param->value->type;
    if (is_number && t != VT_VALUE && convert_cost(t, 'n') < 0)
        return pt_fail_at(b->err, PT_TYPE, n->param->value->at,
                          "the parameter is NUMERIC, but its value is a %s", vtype_name(t));
    n->type = is_number ? VT_NUMBER : VT_STRING;
    n->eval = is_number ? use_value : use_text;
    n->shape = (shape){0};
    return PT_OK;
}

static pt_status given_member(bind *b, const query_param *given, node *n)
{
    ast_segment piece = {.name = given->value.kind == VAL_TEXT ? given->value.s : STR("")};
    ast *e;
    resolved r = {0};
    pt_err ignored = {0};
    uint32_t used = 0, want = 1;
    if (parse_expression(piece.name, b->a, &e, &ignored) == PT_OK && e->kind == AST_ID) {
        want = e->n;
        used = resolve_name(b->sc, b->sc->cube, e->segs, e->n, &r);
    }
    if (used != want || r.kind != RES_MEMBER)
        return pt_fail_at(b->err, PT_NAME, n->at,
                          "the value bound to the parameter '" STR_FMT "' names no member: " STR_FMT,
                          STR_ARG(given->name), STR_ARG(piece.name));
    n->param->value = node_member(b, r.member, n->at);
    return n->param->value ? PT_OK : bind_nomem(b);
}

static pt_status bind_object(bind *b, node *n)
{
    PT_TRY(add_param(b, n, &n->param));
    const query_param *given = bound_value(b, n->param->name);
    if (given && n->type == VT_MEMBER) PT_TRY(given_member(b, given, n));
    if (!shape_fits(n->args[1]->shape, n->param->value->shape))
        return pt_fail_at(b->err, PT_TYPE, n->param->value->at,
                          "the parameter is of " STR_FMT ", but its value is of " STR_FMT,
                          STR_ARG(shape_text(b, n->args[1]->shape)),
                          STR_ARG(shape_text(b, n->param->value->shape)));
    n->eval = use_value;
    n->shape = n->param->value->shape;
    return PT_OK;
}

/* ---- ParamRef ---------------------------------------------------------- */

/* The definition of that name anywhere in an expression. */
static const ast *find_definition(const ast *e, pt_str name)
{
    const ast *found = NULL;
    if (!e || e->kind != AST_CALL) return NULL;
    if (e->syntax == SYN_FUNCTION && str_eq_fold(e->text, STR("Parameter")) && e->n >= 3 &&
        e->args[0]->kind == AST_STRING && str_eq(e->args[0]->text, name))
        return e;
    for (uint32_t i = 0; i < e->n && !found; i++) found = find_definition(e->args[i], name);
    return found;
}

static const ast *definition_in(const ast_select *s, pt_str name)
{
    const ast *found = s->slicer ? find_definition(s->slicer, name) : NULL;
    for (uint32_t i = 0; i < s->n_axes && !found; i++) found = find_definition(s->axes[i].set, name);
    for (uint32_t i = 0; i < s->n_formulas && !found; i++) found = find_definition(s->formulas[i].body, name);
    return found;
}

/* Of the statement, or of the formulas it sees: those of the cube and the session. */
static const ast *definition_of(const bind *b, pt_str name)
{
    const scope *sc = b->sc;
    const ast *found = b->select ? definition_in(b->select, name) : NULL;
    for (uint32_t i = 0; i < sc->n_calcs && !found; i++)
        if (sc->calcs[i]->def) found = find_definition(sc->calcs[i]->def->body, name);
    for (uint32_t i = 0; i < sc->n_sets && !found; i++) found = find_definition(sc->sets[i]->def->body, name);
    return found;
}

/* May come before the definition: that is looked up and bound here and now. */
static pt_status bind_ref(bind *b, node *n)
{
    pt_str name;
    node *def;
    PT_TRY(literal_name(b, n->args[0], &name));
    const ast *e = definition_of(b, name);
    if (!e)
        return pt_fail_at(b->err, PT_NAME, n->at, "the parameter '" STR_FMT "' is not defined",
                          STR_ARG(name));
    PT_TRY(bind_expr(b, e, &def));
    n->type = def->type;
    n->eval = def->eval;
    n->shape = def->shape;
    n->param = def->param;
    n->deps |= def->deps;
    return PT_OK;
}

static pt_status never(eval *x, const node *n, xval *out)
{
    out->v = value_null();
    return pt_fail_at(x->err, PT_INTERNAL, n->at, "a parameter without a value");
}

static const fun table[] = {
    {"Parameter", SYN_FUNCTION, "v", "Syv[S]", "defines a parameter with its default value", .eval = never,
     .bind = bind_scalar, .words = "NUMERIC STRING"},
    {"Parameter", SYN_FUNCTION, "m", "Shm[S]", "defines a parameter that is a member", .eval = never,
     .bind = bind_object},
    {"Parameter", SYN_FUNCTION, "x", "Shx[S]", "defines a parameter that is a set", .eval = never,
     .bind = bind_object},
    {"ParamRef", SYN_FUNCTION, "v", "S", "the value of a parameter defined elsewhere", .eval = never,
     .bind = bind_ref},
};

const fun_list fun_param = {table, ARRAY_LEN(table)};
