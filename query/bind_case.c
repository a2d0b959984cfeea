/* bind_case.c - CASE, with a subject and without (section 18). */
#include "query/bind.h"
#include "query/eval_rows.h"
#include "query/scalar.h"

/* What CASE compares with: a value or a member (of one cell, or of each row); both NULL: nothing. */
typedef struct subjects {
    const pt_value *v;
    const mref *m;
} subjects;

static pt_status is_met(eval *x, const node *when, const subjects *s, bool *hit)
{
    pt_value v;
    mref m;
    if (!s->v && !s->m) return eval_bool(x, when, hit);
    PT_TRY(s->v ? eval_value(x, when, &v) : eval_member(x, when, &m));
    *hit = s->v ? scalar_equal(*s->v, v) : mref_eq(*s->m, m);
    return PT_OK;
}

/* args from i on: when, then, when, then, ..., else. Lazy: only the branch taken is evaluated. */
static pt_status case_from(eval *x, const node *n, uint32_t i, const subjects *s, xval *out)
{
    for (; i + 1 < n->n; i += 2) {
        bool hit;
        PT_TRY(is_met(x, n->args[i], s, &hit));
        if (hit) return eval_node(x, n->args[i + 1], out);
    }
    return eval_node(x, n->args[n->n - 1], out);
}

static pt_status case_when(eval *x, const node *n, xval *out)
{
    return case_from(x, n, 0, &(subjects){0}, out);
}

/* args: subject, when, then, ..., else. */
static pt_status case_value(eval *x, const node *n, xval *out)
{
    pt_value v;
    PT_TRY(eval_value(x, n->args[0], &v));
    return case_from(x, n, 1, &(subjects){.v = &v}, out);
}

static pt_status case_member(eval *x, const node *n, xval *out)
{
    mref m;
    PT_TRY(eval_member(x, n->args[0], &m));
    return case_from(x, n, 1, &(subjects){.m = &m}, out);
}

/* ---- CASE for many tuples at once ---------------------------------------- */

enum { CASE_ROWS_MAX = 32 };

static pt_status hits_when(eval *x, const node *when, const subjects *s, const rows *r, bool **hit)
{
    pt_value *v;
    mref *m;
    if (!s->v && !s->m) return eval_rows_truth(x, when, r, hit);
    PT_TRY(s->v ? eval_rows_new(x, when, 'v', r, &v) : eval_rows_members(x, when, r, &m));
    if (!(*hit = arena_array(x->work, bool, r->n))) return eval_nomem(x);
    for (uint32_t i = 0; i < r->n; i++)
        (*hit)[i] = s->v ? scalar_equal(s->v[i], v[i]) : mref_eq(s->m[i], m[i]);
    return PT_OK;
}

/* The subjects of a part of the rows. */
static pt_status subjects_of(eval *x, const subjects *s, const rows_part *p, subjects *out)
{
    pt_value *v = s->v ? arena_array(x->work, pt_value, p->r.n) : NULL;
    mref *m = s->m ? arena_array(x->work, mref, p->r.n) : NULL;
    if ((s->v && !v) || (s->m && !m)) return eval_nomem(x);
    for (uint32_t i = 0; v && i < p->r.n; i++) v[i] = s->v[p->place[i]];
    for (uint32_t i = 0; m && i < p->r.n; i++) m[i] = s->m[p->place[i]];
    *out = (subjects){v, m};
    return PT_OK;
}

/* Rows that args[i] has not met go on to the next. */
static pt_status case_rows_from(eval *x, const node *n, uint32_t i, const subjects *s, const rows *r,
                                pt_value *out)
{
    bool *hit;
    rows_part yes, no;
    subjects rest;
    pt_status all = PT_OK;
    if (i + 1 >= n->n) return eval_rows(x, n->args[n->n - 1], r, out);
    PT_TRY(hits_when(x, n->args[i], s, r, &hit));
    PT_TRY(rows_select(x, r, hit, true, &yes));
    PT_TRY(rows_select(x, r, hit, false, &no));
    PT_TRY(subjects_of(x, s, &no, &rest));
    if (!eval_go_on(eval_rows(x, n->args[i + 1], &yes.r, yes.v), &all)) return all;
    if (no.r.n && !eval_go_on(case_rows_from(x, n, i + 2, &rest, &no.r, no.v), &all)) return all;
    rows_put(&yes, out);
    rows_put(&no, out);
    return all;
}

static pt_status case_when_rows(eval *x, const node *n, const rows *r, pt_value *out)
{
    return case_rows_from(x, n, 0, &(subjects){0}, r, out);
}

static pt_status case_value_rows(eval *x, const node *n, const rows *r, pt_value *out)
{
    pt_value *v;
    PT_TRY(eval_rows_new(x, n->args[0], 'v', r, &v));
    return case_rows_from(x, n, 1, &(subjects){.v = v}, r, out);
}

static pt_status case_member_rows(eval *x, const node *n, const rows *r, pt_value *out)
{
    mref *m;
    PT_TRY(eval_rows_members(x, n->args[0], r, &m));
    return case_rows_from(x, n, 1, &(subjects){.m = m}, r, out);
}

/* The type that all results share; VT_VALUE for a mixture of scalars. */
static vtype common_type(node *const *then, uint32_t n)
{
    vtype t = VT_NULL;
    for (uint32_t i = 0; i < n; i++) {
        vtype u = then[i]->type == VT_INTEGER ? VT_NUMBER : then[i]->type;
        if (u == VT_NULL || u == VT_EMPTY || u == t) continue;
        t = t == VT_NULL ? u : VT_VALUE;
    }
    return t == VT_NULL ? VT_VALUE : t;
}

/* The hierarchies that all results share. Of members of different ones, which shows when one is chosen. */
static pt_status common_shape(bind *b, node *const *then, uint32_t n, vtype type, shape *out)
{
    *out = (shape){0};
    for (uint32_t i = 0; i < n; i++) {
        if (then[i]->type == VT_NULL || then[i]->type == VT_EMPTY) continue;
        if (!shape_fits(*out, then[i]->shape)) {
            *out = (shape){0};
            return type == VT_TUPLE ? PT_OK : shape_one(b, HIER_ANY, out);
        }
        if (out->n == 0) *out = then[i]->shape;
    }
    return PT_OK;
}

static char letter_of(vtype t)
{
    if (t == VT_MEMBER) return 'm';
    if (t == VT_TUPLE) return 't';
    if (t == VT_LEVEL) return 'l';
    if (t == VT_HIER) return 'h';
    return t == VT_DIM ? 'd' : 'v';
}

/* Conditions and results to what they are to be; args[0] is the subject's place. */
static pt_status convert_parts(bind *b, node **args, uint32_t n, bool has_subject, bool by_member,
                               char result)
{
    for (uint32_t i = has_subject ? 0 : 1; i < n; i++) {
        bool is_then = i == n - 1 || (i > 0 && i % 2 == 0);
        char letter = is_then ? result : !has_subject ? 'b' : by_member ? 'm' : 'v';
        if (is_then && (args[i]->type == VT_SET || convert_cost(args[i]->type, letter) < 0))
            return pt_fail_at(b->err, PT_TYPE, args[i]->at, "a %s cannot be a result of this CASE",
                              vtype_name(args[i]->type));
        if (convert_cost(args[i]->type, letter) < 0)
            return pt_fail_at(b->err, PT_TYPE, args[i]->at, "expected a %s here, but this is a %s",
                              letter_name(letter), vtype_name(args[i]->type));
        PT_TRY(convert(b, args[i], letter, &args[i]));
    }
    return PT_OK;
}

pt_status bind_case(bind *b, const ast *e, node **out)
{
    node **args, *nothing = node_const(b, VT_NULL, e->at, (xval){.v = value_null()});
    bool has_subject = e->args[0]->kind != AST_EMPTY;
    uint32_t n_then = 0;
    PT_TRY(bind_list(b, e, &args));
    node **then = arena_array(b->a, node *, e->n);
    if (!then || !nothing) return bind_nomem(b);
    if (args[e->n - 1]->type == VT_EMPTY) args[e->n - 1] = nothing;
    for (uint32_t i = 2; i < e->n; i += 2) then[n_then++] = args[i];
    if (e->n % 2 == 0) then[n_then++] = args[e->n - 1];
    vtype type = common_type(then, n_then);
    bool by_member = has_subject;
    for (uint32_t i = 0; has_subject && i + 1 < e->n; i += i == 0 ? 1 : 2)
        by_member &= args[i]->type == VT_MEMBER;
    if (has_subject && args[0]->type == VT_NULL)
        return pt_fail_at(b->err, PT_TYPE, args[0]->at, "CASE NULL compares nothing");
    PT_TRY(convert_parts(b, args, e->n, has_subject, by_member, letter_of(type)));
    fun_eval fn = !has_subject ? case_when : by_member ? case_member : case_value;
    fun_over over = !has_subject ? case_when_rows : by_member ? case_member_rows : case_value_rows;
    node *c = node_new(b, fn, type, e->at, has_subject ? args : args + 1, has_subject ? e->n : e->n - 1);
    if (!c) return bind_nomem(b);
    if (type >= VT_MEMBER) PT_TRY(common_shape(b, then, n_then, type, &c->shape));
    if (c->n <= CASE_ROWS_MAX && vtype_is_scalar(type)) c->over = over;
    *out = c;
    return PT_OK;
}
