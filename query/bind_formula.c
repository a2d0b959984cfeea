/* bind_formula.c - the bodies of calculated members and named sets. */
#include "query/bind.h"
#include "query/calc.h"

/* What a body may see: not the aliases and loops of the place that mentions it. */
typedef struct place {
    const calc *calc;
    const cube *names;
    uint32_t n_loops;
    alias **aliases;
    uint32_t n_aliases, cap_aliases;
} place;

static place enter(bind *b, const calc *c, const cube *names)
{
    place old = {b->calc, b->names, b->n_loops, b->aliases, b->n_aliases, b->cap_aliases};
    b->calc = c;
    b->names = names;
    b->n_loops = 0;
    b->aliases = NULL; /* its own go elsewhere: those of the place are still needed */
    b->n_aliases = b->cap_aliases = 0;
    return old;
}

static void leave(bind *b, place old)
{
    b->calc = old.calc;
    b->names = old.names;
    b->n_loops = old.n_loops;
    b->aliases = old.aliases;
    b->n_aliases = old.n_aliases;
    b->cap_aliases = old.cap_aliases;
}

/* Places in formulas of a cube are not places in the statement. */
static pt_status failed(bind *b, formula_origin origin, pt_str name, pt_status st)
{
    if (origin != FORMULA_QUERY && b->err && b->err->has_place) {
        b->err->has_place = false;
        b->err->at = (pt_span){0};
        pt_hint(b->err, "the formula of " STR_FMT " in cube [" STR_FMT "] is wrong", STR_ARG(name),
                STR_ARG(b->sc->cube->name));
    }
    return st;
}

static pt_status bind_format(bind *b, calc *c)
{
    const calc_prop *p = calc_find_prop(c, STR("FORMAT_STRING"));
    if (!p) p = calc_find_prop(c, STR("FORMAT"));
    node *n;
    if (!p) return PT_OK;
    if (p->def->kind == AST_NUMBER) { /* its digits are the format */
        c->format = node_const(b, VT_STRING, p->def->at, (xval){.v = value_text(p->def->text)});
        return c->format ? PT_OK : bind_nomem(b);
    }
    PT_TRY(bind_as(b, p->def, 'v', "a format string", &n));
    c->format = n;
    return PT_OK;
}

static pt_status bind_body(bind *b, calc *c)
{
    node *n;
    PT_TRY(bind_expr(b, c->def->body, &n));
    if (n->type == VT_HIER || n->type == VT_DIM) PT_TRY(convert(b, n, 'm', &n));
    if (convert_cost(n->type, 'v') < 0)
        return pt_fail_at(b->err, PT_TYPE, n->at,
                          "the formula of a calculated member must be a value, but this is a %s",
                          vtype_name(n->type));
    if (n->type == VT_MEMBER || n->type == VT_TUPLE || n->type == VT_NULL) PT_TRY(convert(b, n, 'v', &n));
    c->body = n;
    return bind_format(b, c);
}

pt_status bind_calc_body(bind *b, calc *c)
{
    if (c->state != BIND_NONE || !c->def) return PT_OK;
    c->state = BIND_ACTIVE;
    place old = enter(b, c, c->names);
    pt_status st = bind_body(b, c);
    leave(b, old);
    c->state = BIND_DONE;
    if (st == PT_OK) return PT_OK;
    c->body = NULL;
    return failed(b, c->origin, c->unique_name, st);
}

pt_status bind_set_body(bind *b, named_set *s)
{
    if (s->state != BIND_NONE) return PT_OK;
    s->state = BIND_ACTIVE;
    place old = enter(b, NULL, s->names);
    node *n;
    pt_status st = bind_set_expr(b, s->def->body, &n);
    if (st == PT_OK && n->type != VT_SET && n->type != VT_TUPLE)
        st = pt_fail_at(b->err, PT_TYPE, n->at, "the formula of a set must be a set, but this is a %s; %s",
                        vtype_name(n->type),
                        n->type == VT_LEVEL ? "add .Members for the members of the level"
                                            : "put it in braces");
    if (st == PT_OK) st = convert(b, n, 'x', &s->body);
    leave(b, old);
    s->state = BIND_DONE;
    return st == PT_OK ? PT_OK : failed(b, s->origin, s->name, st);
}

pt_status bind_formulas(bind *b)
{
    for (uint32_t i = 0; i < b->sc->n_sets; i++)
        if (b->sc->sets[i]->origin == FORMULA_QUERY) PT_TRY(bind_set_body(b, b->sc->sets[i]));
    for (uint32_t i = 0; i < b->sc->n_calcs; i++)
        if (b->sc->calcs[i]->origin == FORMULA_QUERY) PT_TRY(bind_calc_body(b, b->sc->calcs[i]));
    return PT_OK;
}
