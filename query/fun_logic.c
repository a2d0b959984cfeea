/* fun_logic.c - choosing between values, and questions about emptiness and identity. */
#include "query/eval_rows.h"
#include "query/funs.h"
#include "query/nav.h"
#include "query/places.h"
#include "query/regex.h"

/* ---- IIf, CoalesceEmpty, IsEmpty --------------------------------------- */

/* Only the branch taken is evaluated. */
static pt_status iif(eval *x, const node *n, xval *out)
{
    bool is_true;
    PT_TRY(eval_bool(x, n->args[0], &is_true));
    return eval_node(x, n->args[is_true ? 1 : 2], out);
}

/* Texts: the value of a cell may turn out to be a number, which is an error then. */
static pt_status iif_text(eval *x, const node *n, xval *out)
{
    bool is_true;
    PT_TRY(eval_bool(x, n->args[0], &is_true));
    return eval_scalar_as(x, n->args[is_true ? 1 : 2], 'S', &out->v);
}

static pt_status branch_rows(eval *x, const node *n, const rows *r, const bool *is_true, bool want,
                             pt_value *out)
{
    rows_part p;
    const node *branch = n->args[want ? 1 : 2];
    PT_TRY(rows_select(x, r, is_true, want, &p));
    PT_TRY(n->eval == iif_text ? eval_rows_as(x, branch, 'S', &p.r, p.v) : eval_rows(x, branch, &p.r, p.v));
    rows_put(&p, out);
    return PT_OK;
}

static pt_status iif_rows(eval *x, const node *n, const rows *r, pt_value *out)
{
    bool *is_true;
    pt_status all = PT_OK;
    PT_TRY(eval_rows_truth(x, n->args[0], r, &is_true));
    if (!eval_go_on(branch_rows(x, n, r, is_true, true, out), &all)) return all;
    if (!eval_go_on(branch_rows(x, n, r, is_true, false, out), &all)) return all;
    return all;
}

static pt_status bind_iif(bind *b, node *n)
{
    const node *yes = n->args[1], *no = n->args[2];
    bool yes_null = yes->n == 1 && yes->args[0]->type == VT_NULL,
         no_null = no->n == 1 && no->args[0]->type == VT_NULL;
    if (yes_null && no_null)
        return pt_fail_at(b->err, PT_TYPE, n->at, "more than one function fits IIf(boolean, NULL, NULL)");
    if (n->type == VT_SET && !shape_fits(yes->shape, no->shape))
        return pt_fail_at(b->err, PT_TYPE, no->at, "the branches are sets of different hierarchies");
    n->shape = yes_null || (yes->shape.n && no->shape.n && !shape_fits(yes->shape, no->shape)) ? no->shape
                                                                                               : yes->shape;
    if (n->type != VT_SET && !shape_fits(yes->shape, no->shape)) PT_TRY(shape_one(b, HIER_ANY, &n->shape));
    return PT_OK;
}

/* An error in any argument is an error of the whole, also behind the one that counts (section 11). */
static pt_status coalesce(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c;
    for (uint32_t i = 0; i < n && out->kind == VAL_NULL; i++) *out = v[i];
    return PT_OK;
}

static pt_status is_empty(const fun_call *c, uint32_t n, const pt_value *v, pt_value *out)
{
    (void)c, (void)n;
    *out = value_bool(v[0].kind == VAL_NULL);
    return PT_OK;
}

static pt_status member_is_empty(eval *x, const node *n, xval *out)
{
    mref m;
    pt_value v;
    PT_TRY(eval_member(x, n->args[0], &m));
    PT_TRY(eval_cell_at(x, &m, 1, &v));
    out->v = value_bool(v.kind == VAL_NULL);
    return PT_OK;
}

static pt_status tuple_is_empty(eval *x, const node *n, xval *out)
{
    tuple t;
    pt_value v = value_null();
    PT_TRY(eval_tuple(x, n->args[0], &t));
    if (t.n) PT_TRY(eval_cell_at(x, t.m, t.n, &v));
    out->v = value_bool(v.kind == VAL_NULL);
    return PT_OK;
}

static pt_status is_empty_rows(eval *x, const node *n, const rows *r, pt_value *out)
{
    bool is_done;
    PT_TRY(eval_rows_at(x, n->args[0], r, out, &is_done));
    if (!is_done) return eval_rows_each(x, n, r, out);
    for (uint32_t i = 0; i < r->n; i++) out[i] = value_bool(out[i].kind == VAL_NULL);
    return PT_OK;
}

static pt_status bind_is_empty(bind *b, node *n)
{
    (void)b;
    n->deps |= DEP_ALL & ~shape_deps(n->args[0]->shape);
    return PT_OK;
}

/* ---- IS ---------------------------------------------------------------- */

static pt_status is_null_member(eval *x, const node *n, xval *out)
{
    mref m;
    PT_TRY(eval_member(x, n->args[0], &m));
    out->v = value_bool(mref_is_null(m));
    return PT_OK;
}

static pt_status is_null_hier(eval *x, const node *n, xval *out)
{
    (void)x, (void)n;
    out->v = value_bool(false);
    return PT_OK;
}

static pt_status is_null_level(eval *x, const node *n, xval *out)
{
    out->v = value_null();
    return pt_fail_at(x->err, EVAL_ERROR, n->at, "a level is never null: expected a member");
}

static pt_status bind_is_null(bind *b, node *n)
{
    const node *m = n->args[0];
    if (m->n == 1 && m->args[0]->type == VT_NULL)
        return pt_fail_at(b->err, PT_TYPE, m->at, "NULL IS NULL asks nothing: expected a member");
    if (m->n == 1 && m->args[0]->type == VT_LEVEL) n->eval = is_null_level;
    return PT_OK;
}

static bool is_same(const eval *x, mref a, mref b)
{
    return mref_eq(member_plain(x->sc, a), member_plain(x->sc, b));
}

static pt_status is_member(eval *x, const node *n, xval *out)
{
    mref a, b;
    pt_status all = PT_OK;
    if (!eval_go_on(eval_member(x, n->args[0], &a), &all)) return all;
    if (!eval_go_on(eval_member(x, n->args[1], &b), &all)) return all;
    out->v = value_bool(all == PT_OK && is_same(x, a, b));
    return all;
}

static pt_status is_member_rows(eval *x, const node *n, const rows *r, pt_value *out)
{
    mref *a, *b;
    pt_status all = PT_OK;
    if (!eval_go_on(eval_rows_members(x, n->args[0], r, &a), &all)) return all;
    if (!eval_go_on(eval_rows_members(x, n->args[1], r, &b), &all)) return all;
    for (uint32_t i = 0; i < r->n; i++) out[i] = value_bool(all == PT_OK && is_same(x, a[i], b[i]));
    return all;
}

/* Whatever the order of the members. */
static pt_status is_tuple(eval *x, const node *n, xval *out)
{
    tuple a, b;
    pt_status all = PT_OK;
    if (!eval_go_on(eval_tuple(x, n->args[0], &a), &all)) return all;
    if (!eval_go_on(eval_tuple(x, n->args[1], &b), &all)) return all;
    bool same = all == PT_OK && a.n == b.n;
    for (uint32_t i = 0; same && i < a.n; i++) {
        same = false;
        for (uint32_t j = 0; j < b.n; j++) same |= is_same(x, a.m[i], b.m[j]);
    }
    out->v = value_bool(same);
    return all;
}

static pt_status is_level(eval *x, const node *n, xval *out)
{
    xval a, b;
    PT_TRY(eval_node(x, n->args[0], &a));
    PT_TRY(eval_node(x, n->args[1], &b));
    out->v = value_bool(a.l.hier == b.l.hier && a.l.ordinal == b.l.ordinal);
    return PT_OK;
}

static pt_status is_hier(eval *x, const node *n, xval *out)
{
    xval a, b;
    PT_TRY(eval_node(x, n->args[0], &a));
    PT_TRY(eval_node(x, n->args[1], &b));
    out->v = value_bool(a.hier == b.hier);
    return PT_OK;
}

/* A dimension is not a hierarchy, even if it has but one. Members that they are of may fail all the same. */
static pt_status is_never(eval *x, const node *n, xval *out)
{
    xval a, b;
    PT_TRY(eval_node(x, n->args[0], &a));
    PT_TRY(eval_node(x, n->args[1], &b));
    out->v = value_bool(false);
    return PT_OK;
}

static bool was_dim(const node *n)
{
    return n->n == 1 && n->args[0]->type == VT_DIM;
}

static bool was_hier(const node *n)
{
    return n->n == 1 && n->args[0]->type == VT_HIER;
}

static pt_status bind_is_hier(bind *b, node *n)
{
    (void)b;
    bool mixed = n->args[0]->type == VT_HIER ? was_dim(n->args[0]) != was_dim(n->args[1])
                                             : was_hier(n->args[0]) != was_hier(n->args[1]);
    if (mixed) n->eval = is_never;
    return PT_OK;
}

/* ---- IN, MATCHES ------------------------------------------------------- */

static bool is_not(const node *n)
{
    return strncmp(n->fun->name, "NOT", 3) == 0;
}

static pt_value in_places(const node *n, const places *p, const mref *t, uint32_t arity)
{
    uint32_t at;
    return value_bool((arity && places_find(p, t, arity, &at)) != is_not(n));
}

static pt_status in(eval *x, const node *n, xval *out)
{
    tuple t;
    places p;
    PT_TRY(places_args(x, n, &t, &p));
    out->v = in_places(n, &p, t.m, t.n);
    return PT_OK;
}

static pt_status in_rows(eval *x, const node *n, const rows *r, pt_value *out)
{
    const mref *t;
    places p;
    uint32_t arity = n->args[0]->n;
    if (!rows_know_tuple(n->args[0]) || !rows_share(r, n->args[1])) return eval_rows_each(x, n, r, out);
    PT_TRY(places_args_rows(x, n, r, &t, &p));
    for (uint32_t i = 0; i < r->n; i++, t += arity)
        out[i] = in_places(n, &p, t, tuple_has_null(t, arity) ? 0 : arity);
    return PT_OK;
}

static pt_status in_others(eval *x, const node *n, xval *out)
{
    (void)x;
    out->v = value_bool(is_not(n));
    return PT_OK;
}

/* A set of other hierarchies does not hold it. */
static pt_status bind_in(bind *b, node *n)
{
    if (shape_fits(n->args[0]->shape, n->args[1]->shape)) return places_attach(b, n, n->args[1]->deps);
    n->eval = in_others;
    n->over = NULL;
    return PT_OK;
}

/* A null fits no pattern, and no text fits a null. */
static pt_status match(eval *x, const node *n, pt_value text, pt_value pattern, pt_value *out)
{
    bool hit = false;
    if (text.kind == VAL_TEXT && pattern.kind == VAL_TEXT)
        PT_TRY(regex_match(text.s, pattern.s, &hit, x->err));
    *out = value_bool(hit != is_not(n));
    return PT_OK;
}

static pt_status matches(eval *x, const node *n, xval *out)
{
    pt_value text, pattern;
    pt_status all = PT_OK;
    if (!eval_go_on(eval_scalar_as(x, n->args[0], 'S', &text), &all)) return all;
    if (!eval_go_on(eval_scalar_as(x, n->args[1], 'S', &pattern), &all)) return all;
    out->v = value_bool(false);
    return all == PT_OK ? match(x, n, text, pattern, &out->v) : all;
}

static pt_status matches_rows(eval *x, const node *n, const rows *r, pt_value *out)
{
    pt_value *text, *pattern;
    pt_status all = PT_OK;
    if (!eval_go_on(eval_rows_new(x, n->args[0], 'S', r, &text), &all)) return all;
    if (!eval_go_on(eval_rows_new(x, n->args[1], 'S', r, &pattern), &all)) return all;
    for (uint32_t i = 0; all == PT_OK && i < r->n; i++) PT_TRY(match(x, n, text[i], pattern[i], &out[i]));
    return all;
}

#define IIF(letter, fn, fn_rows)                                                                             \
    {                                                                                                        \
        "IIf", SYN_FUNCTION, letter, "b" letter letter,                                                      \
            "the second argument if the condition holds, else the third", .eval = fn, .over = fn_rows,       \
                                                                          .bind = bind_iif                   \
    }

static const fun table[] = {
    IIF("n", iif, iif_rows),
    IIF("S", iif_text, iif_rows),
    IIF("b", iif, iif_rows),
    IIF("D", iif, iif_rows),
    IIF("m", iif, NULL),
    IIF("t", iif, NULL),
    IIF("x", iif, NULL),
    IIF("l", iif, NULL),
    IIF("h", iif, NULL),
    IIF("d", iif, NULL),
    {"IIf", SYN_FUNCTION, "v", "bVV", "for values of unknown kind", .eval = iif, .over = iif_rows,
     .bind = bind_iif, .flags = FUN_HIDDEN},
    {"CoalesceEmpty", SYN_FUNCTION, "v", "v...", "the first argument that is not empty", .apply = coalesce,
     .flags = FUN_NULLS},
    {"IsEmpty", SYN_FUNCTION, "b", "v", "true if the value is empty", .apply = is_empty, .flags = FUN_NULLS},
    {"IS EMPTY", SYN_POSTFIX, "b", "m", "true if the cell there is empty", .eval = member_is_empty,
     .over = is_empty_rows, .bind = bind_is_empty},
    {"IS EMPTY", SYN_POSTFIX, "b", "t", "true if the cell there is empty", .eval = tuple_is_empty,
     .over = is_empty_rows, .bind = bind_is_empty},
    {"IS NULL", SYN_POSTFIX, "b", "m", "true if there is no such member", .eval = is_null_member,
     .bind = bind_is_null},
    {"IS NULL", SYN_POSTFIX, "b", "h", "never true of a hierarchy", .eval = is_null_hier,
     .bind = bind_is_null, .flags = FUN_HIDDEN},
    {"IS NULL", SYN_POSTFIX, "b", "d", "never true of a dimension", .eval = is_null_hier,
     .bind = bind_is_null, .flags = FUN_HIDDEN},
    {"IS", SYN_INFIX, "b", "mm", "true if both are the same member", .eval = is_member,
     .over = is_member_rows},
    {"IS", SYN_INFIX, "b", "tt", "true if both tuples have the same members", .eval = is_tuple},
    {"IS", SYN_INFIX, "b", "ll", "true if both are the same level", .eval = is_level},
    {"IS", SYN_INFIX, "b", "hh", "true if both are the same hierarchy", .eval = is_hier,
     .bind = bind_is_hier},
    {"IS", SYN_INFIX, "b", "dd", "true if both are the same dimension", .eval = is_hier,
     .bind = bind_is_hier},
    {"IN", SYN_INFIX, "b", "tx", "true if the set holds the member or tuple", .eval = in, .over = in_rows,
     .bind = bind_in},
    {"NOT IN", SYN_INFIX, "b", "tx", "true if the set does not hold it", .eval = in, .over = in_rows,
     .bind = bind_in},
    {"MATCHES", SYN_INFIX, "b", "SS", "true if the whole text fits the regular expression", .eval = matches,
     .over = matches_rows},
    {"NOT MATCHES", SYN_INFIX, "b", "SS", "true if the text does not fit it", .eval = matches,
     .over = matches_rows},
};

const fun_list fun_logic = {table, ARRAY_LEN(table)};
