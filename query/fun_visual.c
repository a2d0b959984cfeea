/* fun_visual.c - VisualTotals: members whose value is the total of what is shown below them (section 16). */
#include "base/map.h"
#include "lang/parse.h"
#include "query/calc.h"
#include "query/funs.h"
#include "query/nav.h"

/* Visual totals are expanded after what has an ordinary solve order, and before what is asked to come last.
 */
enum { VISUAL_SOLVE_ORDER = 99 };

/* A body that Aggregate can look into (fun_agg.c): args are the set and the current cell. */
static pt_status total(eval *x, const node *n, xval *out)
{
    set s;
    PT_TRY(eval_set(x, n->args[0], &s));
    return eval_aggregate(x, n, s, &out->v);
}

static const fun total_fun = {"Aggregate", SYN_FUNCTION, "n", "x", "", .eval = total};

/* The statement is bound long since: nodes are made by hand. */
static pt_status constant(eval *x, const node *n, xval *out)
{
    (void)x;
    *out = n->k;
    return PT_OK;
}

static pt_status make_body(eval *x, set shown, node **out)
{
    node *nodes = arena_array(x->sc->a, node, 3), **args = arena_array(x->sc->a, node *, 2);
    mref *copy = arena_array(x->sc->a, mref, shown.n);
    if (!nodes || !args || !copy) return arena_fail(x->sc->a, x->err);
    memcpy(copy, shown.m, shown.n * sizeof *copy);
    nodes[1] = (node){.eval = constant, .type = VT_SET, .k.s = {copy, 1, shown.n}, .is_const = true};
    nodes[2] = (node){.eval = constant, .type = VT_NULL, .kind = NODE_CELL, .deps = DEP_ALL};
    args[0] = &nodes[1];
    args[1] = &nodes[2];
    nodes[0] =
        (node){.eval = total, .type = VT_NUMBER, .fun = &total_fun, .n = 2, .args = args, .deps = DEP_ALL};
    *out = &nodes[0];
    return PT_OK;
}

/* "T *" for USA: "T USA"; ** stands for a star. */
static pt_str apply_pattern(eval *x, pt_str pattern, pt_str name)
{
    strbuf b = {0};
    for (size_t i = 0; i < pattern.len; i++) {
        if (pattern.ptr[i] != '*') {
            strbuf_addc(&b, pattern.ptr[i]);
        } else if (i + 1 < pattern.len && pattern.ptr[i + 1] == '*') {
            strbuf_addc(&b, '*');
            i++;
        } else {
            strbuf_adds(&b, name);
        }
    }
    pt_str s = b.failed ? (pt_str){0} : str_copy(x->sc->a, strbuf_str(&b));
    strbuf_free(&b);
    return s;
}

static pt_status name_total(eval *x, calc *c, mref m, pt_str pattern)
{
    strbuf b = {0};
    c->name = member_name(x->sc, m, x->sc->a);
    c->unique_name = member_unique_text(x->sc, m, x->sc->a);
    if (!c->name.ptr || !c->unique_name.ptr) return arena_fail(x->sc->a, x->err);
    if (!pattern.ptr) return PT_OK;
    if (!(c->name = apply_pattern(x, pattern, c->name)).ptr) return arena_fail(x->sc->a, x->err);
    if (mref_is_null(c->parent) || c->parent.kind == MEM_ALL) {
        strbuf_adds(&b, x->sc->hiers[m.hier].unique_name);
    } else {
        member_unique_name(x->sc, c->parent, &b);
    }
    strbuf_addc(&b, '.');
    ast_print_name(c->name, &b);
    c->unique_name = b.failed ? (pt_str){0} : str_copy(x->sc->a, strbuf_str(&b));
    strbuf_free(&b);
    return c->unique_name.ptr ? PT_OK : arena_fail(x->sc->a, x->err);
}

/* ---- equal totals ------------------------------------------------------ */

/* The totals of a statement by what they are of and show. */
typedef struct total_table {
    uint32_t n, mask;
    const calc **slots; /* NULL: free */
} total_table;

static set shown_by(const calc *c)
{
    return c->body->args[0]->k.s;
}

/* The slot of the total of that name, member and set, or the free one where it belongs. */
static const calc **total_slot(const total_table *t, const calc *c, set shown)
{
    uint64_t h = hash_bytes(c->name.ptr, c->name.len) ^ tuple_hash(&c->total_of, 1);
    uint32_t i = (uint32_t)hash_u64(h ^ tuple_hash(shown.m, shown.n)) & t->mask;
    for (const calc *o; (o = t->slots[i]); i = (i + 1) & t->mask) {
        set s = shown_by(o);
        if (mref_eq(o->total_of, c->total_of) && str_eq(o->name, c->name) && s.n == shown.n &&
            tuple_eq(s.m, shown.m, s.n))
            break;
    }
    return &t->slots[i];
}

/* There is room for one more total. */
static pt_status make_table_room(scope *sc, pt_err *err)
{
    enum { FIRST_SLOTS = 64 };
    const total_table *old = sc->totals;
    if (old && (old->n + 1) * 2 <= old->mask) return PT_OK;
    uint32_t n_slots = old ? (old->mask + 1) * 2 : FIRST_SLOTS;
    total_table *t = arena_make(sc->a, total_table);
    const calc **slots = arena_array(sc->a, const calc *, n_slots);
    if (!t || !slots) return arena_fail(sc->a, err);
    *t = (total_table){.n = old ? old->n : 0, .mask = n_slots - 1, .slots = slots};
    for (uint32_t i = 0; old && i <= old->mask; i++)
        if (old->slots[i]) *total_slot(t, old->slots[i], shown_by(old->slots[i])) = old->slots[i];
    sc->totals = t;
    return PT_OK;
}

/* ---- making them ------------------------------------------------------- */

static pt_status make_total(eval *x, mref m, set shown, pt_str pattern, mref *out)
{
    const calc **known;
    calc proto = {.hier = m.hier,
                  .total_of = member_plain(x->sc, m),
                  .level = (uint16_t)member_level(x->sc, m),
                  .parent = nav_parent(x->sc, m),
                  .origin = FORMULA_VISUAL,
                  .state = BIND_DONE,
                  .solve_order = VISUAL_SOLVE_ORDER},
         *c;
    PT_TRY(name_total(x, &proto, m, pattern));
    PT_TRY(make_table_room(x->sc, x->err));
    if (*(known = total_slot(x->sc->totals, &proto, shown))) { /* equal ones are one member */
        *out = calc_ref(*known);
        return PT_OK;
    }
    PT_TRY(make_body(x, shown, &proto.body));
    PT_TRY(scope_add_calc(x->sc, &proto, &c, x->err));
    *known = c;
    x->sc->totals->n++;
    *out = calc_ref(c);
    return PT_OK;
}

#define NOT_MEMBERS "VisualTotals takes a set of members, but this is a set of tuples"

/* From the end backwards, so that totals below are there before those above. */
static pt_status visual_totals(eval *x, const node *n, xval *out)
{
    set s;
    pt_str pattern = {0};
    PT_TRY(eval_set(x, n->args[0], &s));
    if (s.n && s.arity != 1) return pt_fail_at(x->err, PT_TYPE, n->args[0]->at, NOT_MEMBERS);
    if (has_arg(n, 1)) PT_TRY(eval_string(x, n->args[1], &pattern));
    mref *shown = arena_array(x->work, mref, s.n), *below = arena_array(x->work, mref, s.n);
    uint32_t *end = arena_array(x->work, uint32_t, s.n); /* first position behind the descendants of i */
    if (!shown || !below || !end) return eval_nomem(x);
    for (uint32_t i = s.n; i-- > 0;) {
        uint32_t n_below = 0, j = i + 1;
        for (; j < s.n && nav_is_below(x->sc, s.m[j], s.m[i]); j = end[j]) below[n_below++] = shown[j];
        end[i] = j;
        shown[i] = s.m[i];
        if (n_below) PT_TRY(make_total(x, s.m[i], (set){below, 1, n_below}, pattern, &shown[i]));
    }
    out->s = (set){shown, s.arity, s.n};
    return PT_OK;
}

static pt_status bind_visual_totals(bind *b, node *n)
{
    if (n->args[0]->shape.n <= 1) return PT_OK;
    return pt_fail_at(b->err, PT_TYPE, n->args[0]->at, NOT_MEMBERS);
}

static const fun table[] = {
    {"VisualTotals", SYN_FUNCTION, "x", "x[S]", "the set with totals of what is shown below each member",
     .eval = visual_totals, .bind = bind_visual_totals, .flags = FUN_BIG},
};

const fun_list fun_visual = {table, ARRAY_LEN(table)};
