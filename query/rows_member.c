/* rows_member.c - members that differ from row to row: which they are, and the cells there.
 *
 * The value at CurrentMember.Parent, or at a tuple with such a member, is that of another cell for each row.
 * These cells are tuples like those of any set: what stays of the row, and the members found for it. So they
 * are looked up together too. */
#include "query/eval_rows.h"

#include "query/bind.h"

/* ---- which members ------------------------------------------------------ */

/* The column in which each row has its own member of a hierarchy. */
static bool rows_column(const rows *r, uint32_t hier, uint32_t *column)
{
    for (*column = 0; *column < r->s.arity; (*column)++)
        if (rows_is_live(r, *column) && rows_tuple(r, 0)[*column].hier == hier) return true;
    return false;
}

static pt_status one_by_one(eval *x, const node *n, const rows *r, mref *out)
{
    pt_status all = PT_OK;
    for (uint32_t i = 0; i < r->n; i++) {
        uint32_t mark = ctx_mark(x);
        arena_mark before = arena_save(x->work);
        pt_status st = eval_tick(x);
        if (st == PT_OK) st = rows_enter(x, r, i);
        if (st == PT_OK) st = eval_member(x, n, &out[i]);
        arena_restore(x->work, before);
        ctx_undo(x, mark);
        if (!eval_go_on(st, &all)) return st;
    }
    return all;
}

pt_status eval_rows_members(eval *x, const node *n, const rows *r, mref **out)
{
    uint32_t column;
    mref *m = *out = arena_array(x->work, mref, r->n);
    if (!m) return eval_nomem(x);
    if (r->n == 0) return PT_OK;
    if (rows_share(r, n)) {
        PT_TRY(eval_member(x, n, m));
        for (uint32_t i = 1; i < r->n; i++) m[i] = m[0];
        return PT_OK;
    }
    if (n->kind != NODE_CURRENT || !rows_column(r, n->k.hier, &column)) return one_by_one(x, n, r, m);
    for (uint32_t i = 0; i < r->n; i++) m[i] = rows_tuple(r, i)[column];
    return PT_OK;
}

/* A member whose hierarchy shows only when it is evaluated is left to evaluation row by row. */
static bool are_placed(node *const *of, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (shape_hier(of[i]) == HIER_ANY) return false;
    return true;
}

bool rows_know_tuple(const node *t)
{
    return t->kind == NODE_TUPLE && are_placed(t->args, t->n);
}

pt_status eval_rows_tuples(eval *x, const node *t, const rows *r, mref **out)
{
    pt_status all = PT_OK;
    mref *m = *out = arena_array(x->work, mref, (size_t)r->n * t->n), *column;
    if (!m) return eval_nomem(x);
    for (uint32_t k = 0; k < t->n; k++) {
        if (!eval_go_on(eval_rows_members(x, t->args[k], r, &column), &all)) return all;
        for (uint32_t i = 0; all == PT_OK && i < r->n; i++) m[(size_t)i * t->n + k] = column[i];
    }
    return all;
}

/* ---- cells elsewhere ---------------------------------------------------- */

/* What a place changes of the rows' members. */
typedef struct move {
    const rows *r;
    tuple shared;           /* for all rows alike */
    uint32_t n;             /* hierarchies in which each row gets a member of its own: */
    uint16_t *hiers;        /* [n] */
    mref **members;         /* [n][r->n] */
    uint32_t n_stay, *stay; /* live columns of r that are left as they are */
} move;

static bool is_own(const node *of, const rows *r)
{
    return of->kind == NODE_CURRENT && !rows_share(r, of);
}

static pt_status find_members(eval *x, node *const *of, uint32_t n, move *m)
{
    pt_status all = PT_OK;
    mref *shared = arena_array(x->work, mref, n);
    m->hiers = arena_array(x->work, uint16_t, n);
    m->members = arena_array(x->work, mref *, n);
    if (!shared || !m->hiers || !m->members) return eval_nomem(x);
    m->shared.m = shared;
    for (uint32_t i = 0; i < n; i++) {
        pt_status st = PT_OK;
        if (is_own(of[i], m->r)) continue;
        if (rows_share(m->r, of[i])) {
            st = eval_member(x, of[i], &shared[m->shared.n++]);
        } else {
            m->hiers[m->n] = (uint16_t)shape_hier(of[i]);
            st = eval_rows_members(x, of[i], m->r, &m->members[m->n++]);
        }
        if (!eval_go_on(st, &all)) return st;
    }
    return all;
}

static bool moves(const move *m, uint32_t hier)
{
    for (uint32_t k = 0; k < m->n; k++)
        if (m->hiers[k] == hier) return true;
    for (uint32_t k = 0; k < m->shared.n; k++)
        if (m->shared.m[k].hier == hier) return true;
    return false;
}

static pt_status find_staying(eval *x, move *m)
{
    if (!(m->stay = arena_array(x->work, uint32_t, m->r->s.arity))) return eval_nomem(x);
    for (uint32_t c = 0; c < m->r->s.arity; c++)
        if (rows_is_live(m->r, c) && !moves(m, rows_tuple(m->r, 0)[c].hier)) m->stay[m->n_stay++] = c;
    return PT_OK;
}

/* false: there is no such tuple. */
static bool put_tuple(const move *m, uint32_t row, mref *out)
{
    for (uint32_t k = 0; k < m->n; k++) {
        out[k] = m->members[k][row];
        if (mref_is_null(out[k])) return false;
    }
    for (uint32_t k = 0; k < m->n_stay; k++) out[m->n + k] = rows_tuple(m->r, row)[m->stay[k]];
    return true;
}

/* The tuples of the rows that have one; row[] says whose they are. */
static pt_status moved_tuples(eval *x, const move *m, set *out, uint32_t **row)
{
    *out = (set){.arity = m->n + m->n_stay};
    out->m = arena_array(x->work, mref, (size_t)m->r->n * out->arity);
    *row = arena_array(x->work, uint32_t, m->r->n);
    if (!out->m || !*row) return eval_nomem(x);
    for (uint32_t i = 0; i < m->r->n; i++)
        if (put_tuple(m, i, out->m + (size_t)out->n * out->arity)) (*row)[out->n++] = i;
    return PT_OK;
}

/* Formulas may ask for .Current of the iteration over the rows, which an iteration over other tuples hides.
 */
static bool is_asked(const eval *x, const rows *r, set s)
{
    bool has_calc = x->n_special > 0;
    if (!r->frame || !r->frame->named) return false;
    for (size_t i = 0; i < (size_t)s.n * s.arity && !has_calc; i++) has_calc = s.m[i].kind == MEM_CALC;
    return has_calc;
}

static pt_status cells_of(eval *x, const move *m, pt_value *out, bool *is_done)
{
    set s;
    uint32_t *row;
    pt_value *v;
    PT_TRY(moved_tuples(x, m, &s, &row));
    if (!(*is_done = !is_asked(x, m->r, s))) return PT_OK;
    rows_fill(m->r, value_null(), out);
    PT_TRY(eval_cells_over(x, s, &v));
    for (uint32_t i = 0; i < s.n; i++) out[row[i]] = v[i];
    return PT_OK;
}

static pt_status cells_elsewhere(eval *x, node *const *of, uint32_t n, const rows *r, pt_value *out,
                                 bool *is_done)
{
    move m = {.r = r};
    PT_TRY(find_members(x, of, n, &m));
    if (m.n == 0) return eval_rows_cell_at(x, m.shared.m, m.shared.n, r, out);
    PT_TRY(find_staying(x, &m));
    if (!(*is_done = m.n + m.n_stay <= ROWS_MAX_ARITY)) return PT_OK;
    uint32_t mark = ctx_mark(x);
    pt_status st = ctx_set_tuple(x, m.shared.m, m.shared.n);
    if (st == PT_OK) st = cells_of(x, &m, out, is_done);
    ctx_undo(x, mark);
    return st;
}

pt_status eval_rows_at(eval *x, node *place, const rows *r, pt_value *out, bool *is_done)
{
    tuple t;
    bool is_list = place->kind == NODE_TUPLE;
    node *const *of = is_list ? place->args : &place;
    uint32_t n = is_list ? place->n : 1;
    *is_done = true;
    if (r->n == 0) return PT_OK;
    if (place->type == VT_TUPLE && rows_share(r, place)) {
        PT_TRY(eval_tuple(x, place, &t));
        if (t.n) return eval_rows_cell_at(x, t.m, t.n, r, out);
        rows_fill(r, value_null(), out);
        return PT_OK;
    }
    *is_done = (is_list || place->type == VT_MEMBER) && are_placed(of, n);
    return *is_done ? cells_elsewhere(x, of, n, r, out, is_done) : PT_OK;
}
