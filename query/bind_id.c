/* bind_id.c - identifiers: objects by name, aliases, flags, and properties written behind a name. */
#include "query/bind.h"
#include "query/calc.h"
#include "query/funs.h"
#include "query/resolve.h"
#include "query/suggest.h"

static pt_status use_set(eval *x, const node *n, xval *out)
{
    return named_set_value(x, n->set, &out->s);
}

static pt_status bind_set_ref(bind *b, named_set *s, pt_span at, node **out)
{
    if (s->state == BIND_ACTIVE)
        return pt_fail_at(b->err, PT_NAME, at, "the set [" STR_FMT "] is defined by itself",
                          STR_ARG(s->name));
    PT_TRY(bind_set_body(b, s));
    node *n = node_new(b, use_set, VT_SET, at, NULL, 0);
    if (!n) return bind_nomem(b);
    n->kind = NODE_NAMED_SET;
    n->set = s;
    n->is_named = true;
    n->shape = s->body->shape;
    *out = n;
    return PT_OK;
}

static pt_status use_alias(eval *x, const node *n, xval *out)
{
    (void)x;
    out->s = n->alias->value;
    return PT_OK;
}

static alias *find_alias(const bind *b, const ast_segment *piece)
{
    for (uint32_t i = b->n_aliases; i-- > 0;)
        if (!piece->is_key && str_eq_fold(b->aliases[i]->name, piece->name)) return b->aliases[i];
    return NULL;
}

static pt_status bind_alias_ref(bind *b, alias *a, pt_span at, node **out)
{
    node *n = node_new(b, use_alias, VT_SET, at, NULL, 0);
    if (!n) return bind_nomem(b);
    n->alias = a;
    n->is_named = true;
    n->shape = a->shape;
    n->deps = DEP_OTHER;
    *out = n;
    return PT_OK;
}

static pt_status bind_object(bind *b, const resolved *r, pt_span at, node **out)
{
    node *n = NULL;
    switch (r->kind) {
    case RES_DIM:
        if ((n = node_hier(b, r->hier, at))) n->type = VT_DIM;
        break;
    case RES_HIER: n = node_hier(b, r->hier, at); break;
    case RES_LEVEL: n = node_level(b, r->level, at); break;
    case RES_MEMBER: n = node_member(b, r->member, at); break;
    case RES_SET: return bind_set_ref(b, r->set, at, out);
    case RES_NONE: break;
    }
    *out = n;
    return n ? PT_OK : bind_nomem(b);
}

/* The segments from `used` on must be properties: x.Name, x.Children.Count. */
static pt_status bind_properties(bind *b, const ast *e, uint32_t used, const resolved *r, node *n, node **out)
{
    for (uint32_t i = used; i < e->n; i++) {
        const ast_segment *piece = &e->segs[i];
        if (piece->is_quoted || piece->is_key || !fun_exists(piece->name, SYN_PROPERTY)) {
            resolved none = {0};
            return resolve_fail(b->sc, e, i, i == used && r ? r : &none, b->err);
        }
        pt_span at = {e->at.start, piece->at.end};
        PT_TRY(bind_call(b, piece->name, SYN_PROPERTY, at, piece->at, &n, 1, NULL, 0, &n));
    }
    *out = n;
    return PT_OK;
}

/* [Measures].CurrentMember without brackets is the property, even if a formula of the statement has defined a
 * member of that name: only a property that gives a place in the cube, as a value would be of no use there.
 */
static bool means_property(const scope *sc, const ast_segment *piece, const resolved *r)
{
    if (r->kind != RES_MEMBER || r->member.kind != MEM_CALC || piece->is_quoted || piece->is_key)
        return false;
    return sc->calcs[r->member.id]->origin != FORMULA_CUBE && fun_gives_place(piece->name);
}

pt_status bind_id(bind *b, const ast *e, node **out)
{
    resolved r;
    node *n;
    alias *a = find_alias(b, &e->segs[0]);
    if (a) {
        PT_TRY(bind_alias_ref(b, a, e->segs[0].at, &n));
        return bind_properties(b, e, 1, NULL, n, out);
    }
    uint32_t used = resolve_name(b->sc, b->names, e->segs, e->n, &r);
    if (used > 1 && means_property(b->sc, &e->segs[used - 1], &r))
        used = resolve_name(b->sc, b->names, e->segs, used - 1, &r);
    if (used == 0) return resolve_fail(b->sc, e, 0, &r, b->err);
    PT_TRY(bind_object(b, &r, (pt_span){e->at.start, e->segs[used - 1].at.end}, &n));
    return bind_properties(b, e, used, &r, n, out);
}
