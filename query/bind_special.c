/* bind_special.c - forms with a syntax of their own: braces, parentheses, CAST, and names given by AS. */
#include "query/bind.h"
#include "query/eval_rows.h"
#include "query/funs.h"
#include "query/scalar.h"

/* ---- tuples ------------------------------------------------------------ */

/* A tuple that holds a null member is the null tuple. */
static pt_status make_tuple(eval *x, const node *n, xval *out)
{
    pt_status all = PT_OK;
    mref *m = arena_array(x->work, mref, n->n);
    if (!m) return eval_nomem(x);
    for (uint32_t i = 0; i < n->n; i++)
        if (!eval_go_on(eval_member(x, n->args[i], &m[i]), &all)) return all;
    out->t = (tuple){m, n->n};
    if (all == PT_OK && tuple_has_null(m, n->n)) out->t = (tuple){0};
    for (uint32_t i = 0; all == PT_OK && i < n->n; i++)
        for (uint32_t j = 0; j < i; j++)
            if (m[i].hier == m[j].hier && out->t.n)
                return pt_fail_at(x->err, EVAL_ERROR, n->at, "two members of " STR_FMT " in one tuple",
                                  STR_ARG(x->sc->hiers[m[i].hier].unique_name));
    return all;
}

static pt_status check_hiers(bind *b, const uint16_t *hiers, uint32_t n, node *const *at)
{
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < i; j++)
            if (hiers[i] == hiers[j] && hiers[i] != HIER_ANY)
                return pt_fail_at(b->err, PT_TYPE, at[i]->at, "two members of " STR_FMT " in one tuple",
                                  STR_ARG(b->sc->hiers[hiers[i]].unique_name));
    return PT_OK;
}

static pt_status bind_tuple(bind *b, const ast *e, node **args, node **out)
{
    uint16_t *hiers = arena_array(b->a, uint16_t, e->n);
    if (!hiers) return bind_nomem(b);
    for (uint32_t i = 0; i < e->n; i++) {
        if (convert_cost(args[i]->type, 'm') < 0) {
            pt_fail_at(b->err, PT_TYPE, args[i]->at, "a tuple is made of members, but this is a %s",
                       vtype_name(args[i]->type));
            return args[i]->type == VT_SET ? pt_hint(b->err, "sets are combined with Crossjoin, or with *")
                                           : PT_TYPE;
        }
        PT_TRY(convert(b, args[i], 'm', &args[i]));
        hiers[i] = (uint16_t)shape_hier(args[i]);
    }
    PT_TRY(check_hiers(b, hiers, e->n, args));
    node *t = node_new(b, make_tuple, VT_TUPLE, e->at, args, e->n);
    if (!t) return bind_nomem(b);
    t->kind = NODE_TUPLE;
    t->shape = (shape){e->n, hiers};
    *out = t;
    return PT_OK;
}

pt_status bind_list(bind *b, const ast *e, node ***out)
{
    node **args = arena_array(b->a, node *, e->n);
    uint32_t aliases = b->n_aliases;
    if (!args) return bind_nomem(b);
    for (uint32_t i = 0; i < e->n; i++) PT_TRY(bind_expr(b, e->args[i], &args[i]));
    b->n_aliases = aliases;
    *out = args;
    return PT_OK;
}

static pt_status bind_parens(bind *b, const ast *e, node **out)
{
    node **args;
    if (e->n == 0) return pt_fail_at(b->err, PT_TYPE, e->at, "a tuple cannot be empty");
    PT_TRY(bind_list(b, e, &args));
    if (e->n > 1) return bind_tuple(b, e, args, out);
    *out = args[0];
    return PT_OK;
}

/* ---- sets -------------------------------------------------------------- */

static bool same_hiers(const mref *a, const mref *b, uint32_t n)
{
    uint32_t k = 0;
    while (k < n && a[k].hier == b[k].hier) k++;
    return k == n;
}

static pt_status make_set(eval *x, const node *n, xval *out)
{
    pt_status all = PT_OK;
    tuplist b = eval_tuplist(x, n->shape.n);
    for (uint32_t i = 0; i < n->n; i++) {
        set s;
        pt_status st = eval_set(x, n->args[i], &s);
        if (!eval_go_on(st, &all)) return st;
        for (uint32_t k = 0; st == PT_OK && k < s.n; k++) {
            if (tuple_has_null(set_at(s, k), s.arity)) continue;
            if (b.s.arity == 0) b.s.arity = s.arity;
            if (b.s.arity != s.arity)
                return pt_fail_at(x->err, EVAL_ERROR, n->args[i]->at,
                                  "tuples of %u and of %u hierarchies in one set", b.s.arity, s.arity);
            if (b.s.n && !same_hiers(b.s.m, set_at(s, k), s.arity))
                return pt_fail_at(x->err, EVAL_ERROR, n->args[i]->at,
                                  "members of different hierarchies in one set");
            PT_TRY(tuplist_add(&b, set_at(s, k)));
        }
    }
    out->s = b.s;
    return all;
}

static pt_status one_set(eval *x, const node *n, xval *out)
{
    set s;
    PT_TRY(eval_set_sparse(x, n->args[0], &s));
    out->s = s;
    return PT_OK;
}

static pt_status bind_braces(bind *b, const ast *e, node **out)
{
    node **args;
    shape sh = {0};
    uint32_t aliases = b->n_aliases;
    if (!(args = arena_array(b->a, node *, e->n))) return bind_nomem(b);
    for (uint32_t i = 0; i < e->n; i++) PT_TRY(bind_set_expr(b, e->args[i], &args[i]));
    b->n_aliases = aliases;
    bool is_one_set = e->n == 1 && args[0]->type == VT_SET;
    for (uint32_t i = 0; i < e->n; i++) {
        vtype t = args[i]->type;
        if (t == VT_DIM || t == VT_HIER) PT_TRY(convert(b, args[i], 'm', &args[i]));
        if (convert_cost(args[i]->type, 'x') < 0) {
            pt_fail_at(b->err, PT_TYPE, args[i]->at,
                       "a set is made of members, tuples and sets, but this is a %s", vtype_name(t));
            return t == VT_LEVEL ? pt_hint(b->err, "add .Members for the members of the level") : PT_TYPE;
        }
        PT_TRY(convert(b, args[i], 'x', &args[i]));
        if (!shape_fits(sh, args[i]->shape))
            return pt_fail_at(b->err, PT_TYPE, args[i]->at,
                              "a set has one kind of tuples: this is of (" STR_FMT
                              "), those before of (" STR_FMT ")",
                              STR_ARG(shape_text(b, args[i]->shape)), STR_ARG(shape_text(b, sh)));
        if (sh.n == 0) sh = args[i]->shape;
    }
    node *s = node_new(b, is_one_set ? one_set : make_set, VT_SET, e->at, args, e->n);
    if (!s) return bind_nomem(b);
    s->shape = sh;
    *out = s;
    return PT_OK;
}

/* ---- AS ---------------------------------------------------------------- */

static pt_status name_set(eval *x, const node *n, xval *out)
{
    PT_TRY(eval_set(x, n->args[0], &out->s));
    n->alias->value = out->s;
    return PT_OK;
}

static pt_status bind_alias(bind *b, const ast *e, node **out)
{
    const ast *name = e->args[1];
    node *s;
    if (name->kind != AST_ID || name->n != 1 || name->segs[0].is_key)
        return pt_fail_at(b->err, PT_SYNTAX, name->at, "expected a single name behind AS");
    PT_TRY(bind_as(b, e->args[0], 'x', "what is named by AS", &s));
    if (b->n_aliases == b->cap_aliases) {
        uint32_t cap = b->cap_aliases ? b->cap_aliases * 2 : 8;
        alias **grown = arena_array(b->a, alias *, cap);
        if (!grown) return bind_nomem(b);
        if (b->n_aliases) memcpy(grown, b->aliases, b->n_aliases * sizeof *grown);
        b->aliases = grown;
        b->cap_aliases = cap;
    }
    alias *a = arena_make(b->a, alias);
    node **args = arena_make(b->a, node *);
    if (!a || !args) return bind_nomem(b);
    args[0] = s;
    node *n = node_new(b, name_set, VT_SET, e->at, args, 1);
    if (!n) return bind_nomem(b);
    *a = (alias){.name = name->segs[0].name, .shape = s->shape};
    n->alias = a;
    n->is_named = true;
    n->shape = s->shape;
    b->aliases[b->n_aliases++] = a;
    *out = n;
    return PT_OK;
}

/* ---- CAST -------------------------------------------------------------- */

static pt_status cast(eval *x, const node *n, xval *out)
{
    pt_value v;
    PT_TRY(eval_value(x, n->args[0], &v));
    return scalar_cast(v, (scalar_type)n->k.hier, x->work, &out->v, x->err);
}

static pt_status bind_cast(bind *b, const ast *e, node **out)
{
    static const struct {
        const char *name;
        scalar_type type;
        vtype result;
    } types[] = {
        {"STRING", SCALAR_STRING, VT_STRING},
        {"NUMERIC", SCALAR_NUMERIC, VT_NUMBER},
        {"INTEGER", SCALAR_INTEGER, VT_INTEGER},
        {"BOOLEAN", SCALAR_BOOLEAN, VT_BOOLEAN},
    };
    node *v;
    PT_TRY(bind_as(b, e->args[0], 'v', "what is cast", &v));
    if (str_eq_fold(e->text, STR("STRING"))) PT_TRY(bind_literal_text(b, v, "", &v));
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (!str_eq_fold(str_of(types[i].name), e->text)) continue;
        node **args = arena_make(b->a, node *);
        if (!args) return bind_nomem(b);
        args[0] = v;
        node *c = node_new(b, cast, types[i].result, e->at, args, 1);
        if (!c) return bind_nomem(b);
        c->k.hier = types[i].type;
        *out = c;
        return PT_OK;
    }
    pt_fail_at(b->err, PT_TYPE, e->at, "unknown type [" STR_FMT "]", STR_ARG(e->text));
    return pt_hint(b->err, "expected STRING, NUMERIC, INTEGER or BOOLEAN");
}

pt_status bind_special(bind *b, const ast *e, node **out, bool *is_done)
{
    *is_done = true;
    switch (e->syntax) {
    case SYN_BRACES: return bind_braces(b, e, out);
    case SYN_PARENS: return bind_parens(b, e, out);
    case SYN_CASE: return bind_case(b, e, out);
    case SYN_CAST: return bind_cast(b, e, out);
    case SYN_INFIX:
        if (str_eq(e->text, STR("AS"))) return bind_alias(b, e, out);
        break;
    case SYN_FUNCTION:
    case SYN_PROPERTY:
    case SYN_METHOD:
    case SYN_PREFIX:
    case SYN_POSTFIX: break;
    }
    *is_done = false;
    return PT_OK;
}
