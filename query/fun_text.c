/* fun_text.c - members, tuples and sets as text, and back (section 16). */
#include "lang/parse.h"
#include "query/funs.h"
#include "query/resolve.h"

/* ---- to text ----------------------------------------------------------- */

static pt_status give_text(eval *x, strbuf *b, xval *out)
{
    pt_str s = b->failed ? (pt_str){0} : str_copy(x->work, strbuf_str(b));
    strbuf_free(b);
    if (!s.ptr) return eval_nomem(x);
    out->v = value_text(s);
    return PT_OK;
}

static void add_tuple(const scope *sc, const mref *t, uint32_t n, strbuf *b)
{
    if (n != 1) strbuf_addc(b, '(');
    for (uint32_t i = 0; i < n; i++) {
        if (i) strbuf_addz(b, ", ");
        member_unique_name(sc, t[i], b);
    }
    if (n != 1) strbuf_addc(b, ')');
}

static pt_status set_to_str(eval *x, const node *n, xval *out)
{
    set s;
    strbuf b = {0};
    PT_TRY(eval_set(x, n->args[0], &s));
    strbuf_addc(&b, '{');
    for (uint32_t i = 0; i < s.n; i++) {
        if (i) strbuf_addz(&b, ", ");
        add_tuple(x->sc, set_at(s, i), s.arity, &b);
    }
    strbuf_addc(&b, '}');
    return give_text(x, &b, out);
}

static pt_status tuple_to_str(eval *x, const node *n, xval *out)
{
    tuple t;
    strbuf b = {0};
    PT_TRY(eval_tuple(x, n->args[0], &t));
    if (t.n) add_tuple(x->sc, t.m, t.n, &b);
    return give_text(x, &b, out);
}

/* ---- from text --------------------------------------------------------- */

static pt_status names_only(pt_span at, pt_err *err)
{
    return pt_fail_at(err, PT_VALUE, at, "the text may hold names of members only");
}

/* `at`: of the call, as the text has no place in the statement. */
static pt_status name_member(scope *sc, const ast *e, pt_span at, mref *out, pt_err *err)
{
    resolved r;
    if (e->kind == AST_CALL && e->syntax == SYN_PARENS && e->n == 1)
        return name_member(sc, e->args[0], at, out, err);
    if (e->kind != AST_ID) return names_only(at, err);
    uint32_t used = resolve_name(sc, sc->cube, e->segs, e->n, &r);
    if (used < e->n) {
        pt_err at_text = {0};
        const ast_segment *piece = &e->segs[used];
        if (used > 0 && !piece->is_quoted && fun_exists(piece->name, SYN_PROPERTY))
            return names_only(at, err);
        resolve_fail(sc, e, used, &r, &at_text);
        return pt_fail_at(err, PT_NAME, at, "%s", at_text.msg);
    }
    if (r.kind == RES_DIM || r.kind == RES_HIER) r.member = sc->hiers[r.hier].default_member;
    if (r.kind == RES_LEVEL || r.kind == RES_SET)
        return pt_fail_at(err, PT_VALUE, at, "the text names a level or set where a member is expected");
    *out = r.member;
    return PT_OK;
}

/* `open` and `close` are put around a text that does not begin with `open`. */
static pt_status parse_text(eval *x, pt_str text, pt_span at, char open, char close, ast **out)
{
    pt_err inner = {0};
    text = str_trim(text);
    if (open && !(text.len && text.ptr[0] == open))
        text = str_printf(x->work, "%c%.*s%c", open, (int)text.len, text.ptr, close);
    if (!text.ptr) return eval_nomem(x);
    pt_status st = parse_expression(text, x->sc->a, out, &inner);
    if (st != PT_OK)
        return pt_fail_at(x->err, PT_VALUE, at, "the text '" STR_FMT "' does not name members: %s",
                          STR_ARG(text), inner.msg);
    return PT_OK;
}

static pt_status str_to_member(eval *x, const node *n, xval *out)
{
    pt_str s;
    ast *e;
    PT_TRY(eval_string(x, n->args[0], &s));
    if (!s.ptr) {
        out->m = mref_null(n->shape.n && n->shape.hiers[0] != HIER_ANY ? n->shape.hiers[0] : 0);
        return PT_OK;
    }
    PT_TRY(parse_text(x, s, n->at, 0, 0, &e));
    return name_member(x->sc, e, n->at, &out->m, x->err);
}

/* A constant text tells its hierarchy when binding; that it names no member shows when it is evaluated. */
static pt_status bind_str_to_member(bind *b, node *n)
{
    const node *s = n->args[0];
    uint32_t hier = HIER_ANY;
    ast *e;
    mref m;
    pt_err ignored = {0};
    if (s->is_const && s->k.v.kind == VAL_TEXT && parse_expression(s->k.v.s, b->a, &e, &ignored) == PT_OK &&
        name_member(b->sc, e, n->at, &m, &ignored) == PT_OK)
        hier = m.hier;
    return shape_one(b, hier, &n->shape);
}

static pt_status check_hier(eval *x, const node *n, uint32_t i, mref m)
{
    if (n->shape.n == 0 || (i < n->shape.n && (n->shape.hiers[i] == m.hier || n->shape.hiers[i] == HIER_ANY)))
        return PT_OK;
    return pt_fail_at(x->err, PT_VALUE, n->at, "the text names a member of " STR_FMT " in the wrong place",
                      STR_ARG(x->sc->hiers[m.hier].unique_name));
}

static pt_status name_tuple(eval *x, const node *n, const ast *e, mref *out, uint32_t arity)
{
    bool is_list = e->kind == AST_CALL && e->syntax == SYN_PARENS;
    if ((is_list ? e->n : 1) != arity)
        return pt_fail_at(x->err, PT_VALUE, n->at, "the text has tuples of %u members, expected %u",
                          is_list ? e->n : 1, arity);
    for (uint32_t i = 0; i < arity; i++) {
        PT_TRY(name_member(x->sc, is_list ? e->args[i] : e, n->at, &out[i], x->err));
        PT_TRY(check_hier(x, n, i, out[i]));
    }
    return PT_OK;
}

static pt_status str_to_tuple(eval *x, const node *n, xval *out)
{
    pt_str s;
    ast *e;
    PT_TRY(eval_string(x, n->args[0], &s));
    out->t = (tuple){0};
    if (str_trim(s).len == 0) return PT_OK;
    PT_TRY(parse_text(x, s, n->at, '(', ')', &e));
    bool is_list = e->kind == AST_CALL && e->syntax == SYN_PARENS;
    uint32_t arity = n->shape.n ? n->shape.n : is_list ? e->n : 1;
    mref *m = arena_array(x->work, mref, arity);
    if (!m) return eval_nomem(x);
    PT_TRY(name_tuple(x, n, e, m, arity));
    out->t = tuple_has_null(m, arity) ? (tuple){0} : (tuple){m, arity};
    return PT_OK;
}

static pt_status str_to_set(eval *x, const node *n, xval *out)
{
    pt_str s;
    ast *e;
    tuplist b = eval_tuplist(x, n->shape.n);
    PT_TRY(eval_string(x, n->args[0], &s));
    PT_TRY(parse_text(x, s, n->at, '{', '}', &e));
    if (e->kind != AST_CALL || e->syntax != SYN_BRACES)
        return pt_fail_at(x->err, PT_VALUE, n->at, "the text may hold a list of members only");
    for (uint32_t i = 0; i < e->n; i++) {
        const ast *t = e->args[i];
        if (b.s.arity == 0) b.s.arity = t->kind == AST_CALL && t->syntax == SYN_PARENS ? t->n : 1;
        mref *m = arena_array(x->work, mref, b.s.arity);
        if (!m) return eval_nomem(x);
        PT_TRY(name_tuple(x, n, t, m, b.s.arity));
        PT_TRY(tuplist_add(&b, m));
    }
    out->s = b.s;
    return PT_OK;
}

/* The further arguments say which hierarchies the tuples have. */
static pt_status bind_hiers(bind *b, node *n)
{
    uint32_t k = 0;
    uint16_t *hiers = arena_array(b->a, uint16_t, n->n);
    if (!hiers) return bind_nomem(b);
    for (uint32_t i = 1; i < n->n; i++)
        if (n->args[i]->type == VT_HIER) hiers[k++] = (uint16_t)shape_hier(n->args[i]);
    n->shape = (shape){k, hiers};
    return PT_OK;
}

static const fun table[] = {
    {"SetToStr", SYN_FUNCTION, "S", "x", "a set as text, in braces", .eval = set_to_str},
    {"TupleToStr", SYN_FUNCTION, "S", "t", "a tuple as text", .eval = tuple_to_str},
    {"StrToMember", SYN_FUNCTION, "m", "S[y]", "the member that a text names", .eval = str_to_member,
     .bind = bind_str_to_member, .words = "CONSTRAINED"},
    {"StrToTuple", SYN_FUNCTION, "t", "S[y]", "the tuple that a text names", .eval = str_to_tuple,
     .bind = bind_hiers, .words = "CONSTRAINED"},
    {"StrToTuple", SYN_FUNCTION, "t", "Sh...", "the tuple of these hierarchies that a text names",
     .eval = str_to_tuple, .bind = bind_hiers},
    {"StrToSet", SYN_FUNCTION, "x", "S[y]", "the set that a text lists", .eval = str_to_set,
     .bind = bind_hiers, .words = "CONSTRAINED"},
    {"StrToSet", SYN_FUNCTION, "x", "Sh...", "the set of these hierarchies that a text lists",
     .eval = str_to_set, .bind = bind_hiers},
};

const fun_list fun_text = {table, ARRAY_LEN(table)};
