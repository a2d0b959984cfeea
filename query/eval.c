/* eval.c - the context and the values of cells. Arguments and iteration are in eval_args.c. */
#include "query/eval.h"

#include "base/decimal.h"
#include "base/map.h"
#include "query/bind.h"
#include "query/calc.h"
#include "query/calc_memo.h"
#include "query/memo.h"

/* C stack that one statement may use: recursion of calculated members ends here. Threads that run statements
 * have at least twice as much. */
enum { STACK_MAX = 3 << 20 };

pt_status eval_nomem(eval *x)
{
    return arena_fail(x->work, x->err);
}

pt_status eval_new(scope *sc, const limits *l, pt_err *err, eval **out)
{
    eval *x = arena_make(sc->a, eval);
    if (!x) return arena_fail(sc->a, err);
    x->sc = sc;
    x->limits = l;
    x->err = err;
    x->ctx = arena_array(sc->a, mref, sc->n_hiers);
    x->slicer = arena_array(sc->a, mref, sc->n_hiers);
    if (!x->ctx || !x->slicer) return arena_fail(sc->a, err);
    x->work = limits_arena(l);
    x->regions = region_set_new(sc);
    if (!x->work || !x->regions) {
        eval_free(x);
        return pt_fail(err, PT_NOMEM, "out of memory");
    }
    pt_status st = cells_new(sc, x->regions, l, &x->cells, err);
    if (st != PT_OK) {
        eval_free(x);
        return st;
    }
    x->stack = __builtin_frame_address(0);
    for (uint32_t h = 0; h < sc->n_hiers; h++) {
        x->ctx[h] = x->slicer[h] = sc->hiers[h].default_member;
        x->n_special += x->ctx[h].kind == MEM_CALC || x->ctx[h].kind == MEM_NULL;
    }
    *out = x;
    return PT_OK;
}

void eval_free(eval *x)
{
    if (!x) return;
    if (x->sc) memo_free_all(x->sc);
    cells_free(x->cells);
    region_set_free(x->regions);
    arena_free(x->work);
    mem_free(x->undo);
    *x = (eval){0};
}

pt_status eval_tick(eval *x)
{
    return x->n_ticks++ % 256 ? PT_OK : limits_check(x->limits, x->err);
}

/* ---- context ----------------------------------------------------------- */

static bool is_special(mref m)
{
    return m.kind == MEM_CALC || m.kind == MEM_NULL || m.kind == MEM_REGION;
}

pt_status ctx_set(eval *x, mref m)
{
    if (x->n_undo == x->cap_undo) {
        uint32_t cap = x->cap_undo ? x->cap_undo * 2 : 256;
        mref *grown = mem_grow(x->undo, cap, sizeof *grown);
        if (!grown) return pt_fail(x->err, PT_NOMEM, "out of memory");
        x->undo = grown;
        x->cap_undo = cap;
    }
    mref old = x->ctx[m.hier];
    x->undo[x->n_undo++] = old;
    x->ctx[m.hier] = m;
    x->n_special = x->n_special - is_special(old) + is_special(m);
    return PT_OK;
}

pt_status ctx_set_tuple(eval *x, const mref *t, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) PT_TRY(ctx_set(x, t[i]));
    return PT_OK;
}

void ctx_undo(eval *x, uint32_t mark)
{
    while (x->n_undo > mark) {
        mref old = x->undo[--x->n_undo];
        x->n_special = x->n_special - is_special(x->ctx[old.hier]) + is_special(old);
        x->ctx[old.hier] = old;
    }
}

pt_status ctx_enter_slicer(eval *x)
{
    for (uint32_t h = 0; h < x->sc->n_hiers; h++) PT_TRY(ctx_set(x, x->slicer[h]));
    return PT_OK;
}

pt_status ctx_member(eval *x, uint32_t hier, mref *out)
{
    *out = x->ctx[hier];
    if (out->kind != MEM_REGION) return PT_OK;
    pt_fail(x->err, PT_VALUE, "the slicer holds several members of " STR_FMT ", so it has no current member",
            STR_ARG(x->sc->hiers[hier].unique_name));
    return pt_hint(x->err, "put a single member into WHERE, or the members on an axis");
}

/* ---- numbers ----------------------------------------------------------- */

static bool to_dec(pt_value v, uint8_t scale, pt_i128 *out)
{
    if (v.kind == VAL_INT) return dec_rescale(v.i, 0, scale, out);
    return v.kind == VAL_DEC && dec_rescale(v.dec, v.scale, scale, out);
}

pt_value value_add(pt_value a, pt_value b)
{
    int64_t i;
    pt_i128 x, y, z;
    if (a.kind == VAL_NULL) return b;
    if (b.kind == VAL_NULL) return a;
    if (a.kind == VAL_INT && b.kind == VAL_INT && !__builtin_add_overflow(a.i, b.i, &i)) return value_int(i);
    uint8_t as = a.kind == VAL_DEC ? a.scale : 0, bs = b.kind == VAL_DEC ? b.scale : 0;
    uint8_t scale = as > bs ? as : bs;
    if (to_dec(a, scale, &x) && to_dec(b, scale, &y) && !__builtin_add_overflow(x, y, &z))
        return value_dec(z, scale);
    return value_double(value_as_double(a) + value_as_double(b));
}

/* ---- cells ------------------------------------------------------------- */

calc *eval_winner(const eval *x)
{
    calc *best = NULL;
    for (uint32_t h = 0; x->n_special && h < x->sc->n_hiers; h++) {
        if (x->ctx[h].kind != MEM_CALC) continue;
        calc *c = x->sc->calcs[x->ctx[h].id];
        if (!best || c->solve_order > best->solve_order) best = c;
    }
    return best;
}

static uint64_t hash_context(const eval *x)
{
    return hash_bytes(x->ctx, x->sc->n_hiers * sizeof *x->ctx);
}

static pt_status endless(eval *x, const calc *c)
{
    return pt_fail(x->err, EVAL_ERROR, "infinite loop while evaluating the calculated member " STR_FMT,
                   STR_ARG(c->unique_name));
}

/* The same member being expanded twice in the same context will go on for ever. Looked for now and then only.
 */
static bool is_loop(const calc_frame *f)
{
    if (f->depth < 16 || f->depth & (f->depth - 1)) return false;
    for (const calc_frame *u = f->up; u; u = u->up)
        if (u->calc == f->calc && u->ctx_hash == f->ctx_hash) return true;
    return false;
}

static bool stack_is_spent(const eval *x)
{
    const char *here = __builtin_frame_address(0);
    return (here > x->stack ? here - x->stack : x->stack - here) > STACK_MAX;
}

/* The member its own hierarchy is put back to while c is expanded. */
static mref member_behind(const eval *x, const calc *c)
{
    mref m = x->sc->hiers[c->hier].default_member;
    if (m.kind == MEM_CALC && m.id == c->index && c->hier == 0)
        m = (mref){.kind = MEM_STORED, .id = x->sc->cube->default_measure};
    return m;
}

/* Formulas of the cube are bound when they are first needed; a broken one spoils the cells that need it. */
pt_status calc_ready(eval *x, calc *c)
{
    pt_err err = {0};
    if (c->body) return PT_OK;
    if (c->state == BIND_NONE && x->binder) {
        pt_err *outer = x->binder->err;
        x->binder->err = &err;
        pt_status st = bind_calc_body(x->binder, c);
        x->binder->err = outer;
        if (st == PT_OK) return PT_OK;
        if (st == PT_NOMEM) return pt_fail(x->err, st, "%s", err.msg);
    }
    return pt_fail(x->err, EVAL_ERROR, "the formula of " STR_FMT " is broken: %s", STR_ARG(c->unique_name),
                   err.msg);
}

pt_status eval_hide_place(eval *x, formula_origin origin, pt_str name, pt_status st)
{
    if (st == PT_OK || st == EVAL_PENDING || origin == FORMULA_QUERY || origin == FORMULA_VISUAL) return st;
    if (!x->err || !x->err->has_place) return st;
    x->err->has_place = false;
    x->err->at = (pt_span){0};
    pt_hint(x->err, "this went wrong in the formula of " STR_FMT ", in cube [" STR_FMT "]", STR_ARG(name),
            STR_ARG(x->sc->cube->name));
    return st;
}

pt_status calc_enter(eval *x, calc *c, calc_frame *f)
{
    *f = (calc_frame){x->calcs, c, 0, x->calcs ? x->calcs->depth + 1 : 1, ctx_mark(x)};
    PT_TRY(eval_tick(x));
    f->ctx_hash = f->depth >= 8 ? hash_context(x) : 0;
    if (stack_is_spent(x) || is_loop(f)) return endless(x, c);
    PT_TRY(calc_ready(x, c));
    PT_TRY(ctx_set(x, member_behind(x, c)));
    x->calcs = f;
    return PT_OK;
}

pt_status calc_leave(eval *x, const calc_frame *f, pt_status st)
{
    x->calcs = f->up;
    ctx_undo(x, f->mark);
    return eval_hide_place(x, f->calc->origin, f->calc->unique_name, st);
}

static pt_status expand(eval *x, calc *c, pt_value *out)
{
    calc_frame f;
    pt_status st;
    if (calc_memo_look(x, c, out, &st)) return st;
    PT_TRY(calc_enter(x, c, &f));
    st = calc_leave(x, &f, eval_value(x, c->body, out));
    calc_memo_keep(x, c, *out, st);
    return st;
}

static pt_status eval_special(eval *x, pt_value *out)
{
    *out = value_null();
    for (uint32_t h = 0; h < x->sc->n_hiers; h++)
        if (mref_is_null(x->ctx[h])) return PT_OK;
    calc *c = eval_winner(x);
    return c ? expand(x, c, out) : region_cell(x, out);
}

pt_status eval_cell(eval *x, pt_value *out)
{
    *out = value_null();
    if (x->is_void) return PT_OK;
    if (x->n_special) return eval_special(x, out);
    return cells_get(x->cells, x->ctx[0].id, x->ctx, 0, out, x->err);
}

pt_status eval_cell_at(eval *x, const mref *t, uint32_t n, pt_value *out)
{
    uint32_t mark = ctx_mark(x);
    pt_status st = ctx_set_tuple(x, t, n);
    if (st == PT_OK) st = eval_cell(x, out);
    ctx_undo(x, mark);
    return st;
}
