/* fun_set.c - sets from sets: parts, unions, products, projections (section 16). */
#include "query/calc.h"
#include "query/eval_rows.h"
#include "query/funs.h"
#include "query/nav.h"
#include "query/scalar.h"
#include "query/sparse.h"

/* ---- parts ------------------------------------------------------------- */

static set part(set s, int64_t from, int64_t n)
{
    if (from < 0 || n <= 0 || from >= (int64_t)s.n) return (set){.arity = s.arity};
    if (n > (int64_t)s.n - from) n = (int64_t)s.n - from;
    return (set){s.m + (size_t)from * s.arity, s.arity, (uint32_t)n};
}

static pt_status count_arg(eval *x, const node *n, uint32_t i, int64_t *out)
{
    bool is_null = false;
    *out = 1;
    if (!has_arg(n, i)) return PT_OK;
    PT_TRY(eval_integer(x, n->args[i], out, &is_null));
    if (is_null) *out = 0;
    return PT_OK;
}

static pt_status head(eval *x, const node *n, xval *out)
{
    set s;
    int64_t k;
    PT_TRY(eval_set(x, n->args[0], &s));
    PT_TRY(count_arg(x, n, 1, &k));
    out->s = part(s, 0, k);
    return PT_OK;
}

static pt_status tail(eval *x, const node *n, xval *out)
{
    set s;
    int64_t k;
    PT_TRY(eval_set(x, n->args[0], &s));
    PT_TRY(count_arg(x, n, 1, &k));
    if (k > (int64_t)s.n) k = s.n;
    out->s = part(s, (int64_t)s.n - (k < 0 ? 0 : k), k);
    return PT_OK;
}

static pt_status subset(eval *x, const node *n, xval *out)
{
    set s;
    int64_t from, k = INT64_MAX;
    PT_TRY(eval_set(x, n->args[0], &s));
    PT_TRY(count_arg(x, n, 1, &from));
    if (has_arg(n, 2)) PT_TRY(count_arg(x, n, 2, &k));
    out->s = part(s, from, k);
    return PT_OK;
}

/* ---- Union, Intersect, Except ------------------------------------------ */

static bool keeps_all(const node *n)
{
    return n->n > 2;
}

static pt_status set_union(eval *x, const node *n, xval *out)
{
    set a, b;
    pt_status all = PT_OK;
    if (!eval_go_on(eval_set_sparse(x, n->args[0], &a), &all)) return all;
    if (!eval_go_on(eval_set_sparse(x, n->args[1], &b), &all)) return all;
    if (all != PT_OK) return all;
    tuplist u = eval_tuplist(x, a.arity ? a.arity : b.arity);
    PT_TRY(tuplist_add_set(&u, a));
    PT_TRY(tuplist_add_set(&u, b));
    out->s = u.s;
    return keeps_all(n) ? PT_OK : set_distinct(x->work, u.s, &out->s, x->err);
}

static pt_status eval_two(eval *x, const node *n, set *a, set *b)
{
    pt_status all = PT_OK;
    if (!eval_go_on(eval_set(x, n->args[0], a), &all)) return all;
    if (!eval_go_on(eval_set(x, n->args[1], b), &all)) return all;
    return all;
}

/* Members of a tuple that are visual totals in its equal of another set become these. */
static void put_totals(const scope *sc, mref *to, const mref *other, uint32_t arity)
{
    for (uint32_t k = 0; sc->totals && k < arity; k++)
        if (!mref_eq(member_plain(sc, other[k]), other[k])) to[k] = other[k];
}

/* The tuples of a that are in b, or are not. */
static pt_status select_by(eval *x, set a, set b, bool in, set *out)
{
    tuple_index ix;
    uint32_t at;
    set plain_a, plain_b;
    tuplist r = eval_tuplist(x, a.arity);
    if (a.arity != b.arity) {
        *out = in ? (set){.arity = a.arity} : a;
        return PT_OK;
    }
    PT_TRY(set_plain(x->sc, x->work, a, &plain_a, x->err));
    PT_TRY(set_plain(x->sc, x->work, b, &plain_b, x->err));
    PT_TRY(tuple_index_of(x->work, plain_b, &ix, x->err));
    PT_TRY(tuplist_reserve(&r, a.n));
    for (uint32_t i = 0; i < a.n; i++) {
        if (tuple_index_find(&ix, set_at(plain_a, i), &at) != in) continue;
        PT_TRY(tuplist_add(&r, set_at(a, i)));
        if (in) put_totals(x->sc, r.s.m + (size_t)(r.s.n - 1) * r.s.arity, set_at(b, at), r.s.arity);
    }
    *out = r.s;
    return PT_OK;
}

static pt_status intersect(eval *x, const node *n, xval *out)
{
    set a, b;
    PT_TRY(eval_two(x, n, &a, &b));
    PT_TRY(select_by(x, a, b, true, &out->s));
    return keeps_all(n) ? PT_OK : set_distinct(x->work, out->s, &out->s, x->err);
}

static pt_status except(eval *x, const node *n, xval *out)
{
    set a, b;
    PT_TRY(eval_two(x, n, &a, &b));
    return select_by(x, a, b, false, &out->s);
}

static pt_status distinct(eval *x, const node *n, xval *out)
{
    set s;
    PT_TRY(eval_set_sparse(x, n->args[0], &s));
    return set_distinct(x->work, s, &out->s, x->err);
}

static pt_status same(eval *x, const node *n, xval *out)
{
    PT_TRY(eval_set_sparse(x, n->args[0], &out->s));
    return PT_OK;
}

/* ---- Crossjoin --------------------------------------------------------- */

static pt_status crossjoin(eval *x, const node *n, xval *out)
{
    pt_status all = PT_OK;
    if (x->sparse) return sparse_crossjoin(x, n, &out->s);
    set *sets = arena_array(x->work, set, n->n);
    if (!sets) return eval_nomem(x);
    for (uint32_t i = 0; i < n->n; i++)
        if (!eval_go_on(eval_set(x, n->args[i], &sets[i]), &all)) return all;
    return all == PT_OK ? set_product(x, sets, n->n, &out->s) : all;
}

static pt_status bind_crossjoin(bind *b, node *n)
{
    uint32_t total = 0, k = 0;
    for (uint32_t i = 0; i < n->n; i++) total += n->args[i]->shape.n;
    uint16_t *hiers = arena_array(b->a, uint16_t, total);
    if (!hiers) return bind_nomem(b);
    n->kind = NODE_CROSSJOIN;
    for (uint32_t i = 0; i < n->n; i++) {
        shape s = n->args[i]->shape;
        for (uint32_t j = 0; j < s.n; j++) {
            for (uint32_t o = 0; o < k; o++)
                if (hiers[o] == s.hiers[j] && hiers[o] != HIER_ANY)
                    return pt_fail_at(b->err, PT_TYPE, n->args[i]->at,
                                      "hierarchy " STR_FMT " is on both sides",
                                      STR_ARG(b->sc->hiers[hiers[o]].unique_name));
            hiers[k++] = s.hiers[j];
        }
        if (s.n == 0) {
            n->shape = (shape){0};
            return PT_OK;
        }
    }
    n->shape = (shape){total, hiers};
    return PT_OK;
}

/* What the slicer fixes in the hierarchies of the arguments is put back to the default before they are
 * evaluated: NonEmptyCrossJoin(Store.Children, ...) WHERE Store.Mexico means all stores. */
static pt_status non_empty_crossjoin(eval *x, const node *n, xval *out)
{
    uint32_t mark = ctx_mark(x);
    pt_status st = PT_OK;
    for (uint32_t k = 0; k < n->shape.n && st == PT_OK; k++) {
        uint32_t hier = n->shape.hiers[k];
        if (hier == HIER_ANY || hier == 0 || !mref_eq(x->ctx[hier], x->slicer[hier])) continue;
        st = ctx_set(x, x->sc->hiers[hier].default_member);
    }
    if (st == PT_OK) st = sparse_non_empty(x, n, true, &out->s);
    ctx_undo(x, mark);
    return st;
}

static pt_status bind_non_empty_crossjoin(bind *b, node *n)
{
    PT_TRY(bind_crossjoin(b, n));
    n->kind = NODE_OTHER;
    n->deps |= DEP_ALL & ~shape_deps(n->shape);
    return PT_OK;
}

/* ---- Filter, Generate -------------------------------------------------- */

/* Those of a portion for which the condition holds. */
static pt_status keep_true(eval *x, const sweep *w, tuplist *out)
{
    for (uint32_t i = 0; i < w->n; i++) {
        pt_value is_true;
        if (!scalar_as(w->v[i], 'b', &is_true)) return eval_wrong_kind(x, w->expr, w->v[i], "a condition");
        if (is_true.kind == VAL_BOOL && is_true.i) PT_TRY(tuplist_add(out, set_at(w->s, w->at + i)));
    }
    return PT_OK;
}

static pt_status filter(eval *x, const node *n, xval *out)
{
    set s;
    sweep w;
    pt_status st = PT_OK, kept = PT_OK;
    sparse_hint hint = {0};
    struct sparse_hint *outer = x->sparse;
    if (!outer && sparse_for_condition(x, n->args[1], &hint)) x->sparse = &hint;
    st = eval_set_sparse(x, n->args[0], &s);
    x->sparse = outer;
    PT_TRY(st);
    tuplist b = eval_tuplist(x, s.arity);
    PT_TRY(tuplist_reserve(&b, s.n));
    PT_TRY(sweep_begin(&w, x, n->args[0], s, n->args[1]));
    while (kept == PT_OK && sweep_next(&w, &st))
        if (st == PT_OK) kept = keep_true(x, &w, &b);
    sweep_end(&w);
    out->s = b.s;
    return kept != PT_OK ? kept : st;
}

static pt_status generate(eval *x, const node *n, xval *out)
{
    set s, inner;
    iter it;
    pt_status st = PT_OK, all = PT_OK;
    PT_TRY(eval_set(x, n->args[0], &s));
    tuplist b = eval_tuplist(x, n->shape.n);
    iter_begin(&it, x, n->args[0], s);
    while (iter_next(&it, &st)) {
        st = eval_set(x, n->args[1], &inner);
        if (!eval_go_on(st, &all)) break;
        st = st == PT_OK ? tuplist_add_set(&b, inner) : PT_OK;
        if (st != PT_OK) break;
    }
    iter_end(&it);
    if (st != PT_OK || all != PT_OK) return st != PT_OK ? st : all;
    out->s = b.s;
    return keeps_all(n) ? PT_OK : set_distinct(x->work, b.s, &out->s, x->err);
}

static pt_status generate_text(eval *x, const node *n, xval *out)
{
    set s;
    pt_str delimiter = {0};
    pt_value *v;
    strbuf b = {0};
    PT_TRY(eval_set(x, n->args[0], &s));
    if (has_arg(n, 2)) PT_TRY(eval_string(x, n->args[2], &delimiter));
    PT_TRY(eval_over(x, n->args[0], s, n->args[1], &v));
    for (uint32_t i = 0; i < s.n; i++) {
        if (i) strbuf_adds(&b, delimiter);
        if (v[i].kind == VAL_TEXT) strbuf_adds(&b, v[i].s);
        if (v[i].kind != VAL_TEXT && v[i].kind != VAL_NULL) {
            strbuf_free(&b);
            return pt_fail_at(x->err, EVAL_ERROR, n->args[1]->at,
                              "Generate concatenates texts, but this is a number");
        }
    }
    pt_str text = str_copy(x->work, strbuf_str(&b));
    bool failed = b.failed;
    strbuf_free(&b);
    if (failed || !text.ptr) return eval_nomem(x);
    out->v = value_text(text);
    return PT_OK;
}

/* ---- Extract ----------------------------------------------------------- */

static pt_status extract(eval *x, const node *n, xval *out)
{
    set s;
    PT_TRY(eval_set(x, n->args[0], &s));
    uint32_t k = n->n - 1;
    set r = {.m = arena_array(x->work, mref, (size_t)s.n * k), .arity = k, .n = s.n};
    if (!r.m) return eval_nomem(x);
    for (uint32_t i = 0; i < s.n; i++)
        for (uint32_t j = 0; j < k; j++) {
            const mref *t = set_at(s, i);
            uint32_t c = 0;
            while (c < s.arity && t[c].hier != n->shape.hiers[j]) c++;
            r.m[(size_t)i * k + j] = c < s.arity ? t[c] : mref_null(n->shape.hiers[j]);
        }
    return set_distinct(x->work, r, &out->s, x->err);
}

static pt_status bind_extract(bind *b, node *n)
{
    shape s = n->args[0]->shape;
    uint16_t *hiers = arena_array(b->a, uint16_t, n->n - 1);
    if (!hiers) return bind_nomem(b);
    for (uint32_t i = 1; i < n->n; i++) {
        bool is_in = s.n == 0;
        uint32_t h = shape_hier(n->args[i]);
        for (uint32_t j = 0; j < s.n; j++) is_in |= s.hiers[j] == h || s.hiers[j] == HIER_ANY;
        if (h == HIER_ANY || !is_in)
            return pt_fail_at(b->err, PT_TYPE, n->args[i]->at, "the set does not contain this hierarchy");
        for (uint32_t j = 0; j + 1 < i; j++)
            if (hiers[j] == h)
                return pt_fail_at(b->err, PT_TYPE, n->args[i]->at, "this hierarchy is extracted twice");
        hiers[i - 1] = (uint16_t)h;
    }
    n->shape = (shape){n->n - 1, hiers};
    return PT_OK;
}

/* ---- Exists, Existing -------------------------------------------------- */

static bool on_chain(const scope *sc, mref a, mref b)
{
    return nav_is_ancestor(sc, a, b) || nav_is_ancestor(sc, b, a);
}

/* The member of hierarchy h in a tuple; the default member if the tuple has none. */
static mref member_in(const scope *sc, const mref *t, uint32_t n, uint32_t h)
{
    for (uint32_t i = 0; i < n; i++)
        if (t[i].hier == h) return t[i];
    return sc->hiers[h].default_member;
}

static bool tuplist_meet(const scope *sc, const mref *a, uint32_t na, const mref *b, uint32_t nb)
{
    for (uint32_t i = 0; i < na; i++)
        if (!on_chain(sc, a[i], member_in(sc, b, nb, a[i].hier))) return false;
    for (uint32_t i = 0; i < nb; i++)
        if (!on_chain(sc, b[i], member_in(sc, a, na, b[i].hier))) return false;
    return true;
}

static pt_status exists_in(eval *x, set a, set b, set *out)
{
    tuplist r = eval_tuplist(x, a.arity);
    for (uint32_t i = 0; i < a.n; i++)
        for (uint32_t j = 0; j < b.n; j++) {
            PT_TRY(eval_tick(x));
            if (!tuplist_meet(x->sc, set_at(a, i), a.arity, set_at(b, j), b.arity)) continue;
            PT_TRY(tuplist_add(&r, set_at(a, i)));
            break;
        }
    *out = r.s;
    return PT_OK;
}

static pt_status exists(eval *x, const node *n, xval *out)
{
    set a, b;
    PT_TRY(eval_two(x, n, &a, &b));
    return exists_in(x, a, b, &out->s);
}

static pt_status cached_exists(eval *x, const node *n, xval *out)
{
    set a;
    tuple t;
    PT_TRY(eval_set(x, n->args[0], &a));
    PT_TRY(eval_tuple(x, n->args[1], &t));
    mref *copy = arena_array(x->work, mref, t.n);
    if (!copy) return eval_nomem(x);
    if (t.n) memcpy(copy, t.m, t.n * sizeof *copy);
    return exists_in(x, a, (set){copy, t.n, t.n ? 1 : 0}, &out->s);
}

/* A member fits a region if it fits some member there. */
static bool fits_context(const eval *x, mref m)
{
    mref c = x->ctx[m.hier];
    if (c.kind != MEM_REGION) return on_chain(x->sc, c, m);
    const region *r = region_at(x->regions, c.id);
    for (uint32_t i = 0; i < r->tuples.n; i++)
        for (uint32_t k = 0; k < r->n_hiers; k++)
            if (r->hiers[k] == m.hier && on_chain(x->sc, set_at(r->tuples, i)[k], m)) return true;
    return false;
}

static pt_status existing(eval *x, const node *n, xval *out)
{
    set s;
    PT_TRY(eval_set(x, n->args[0], &s));
    tuplist r = eval_tuplist(x, s.arity);
    for (uint32_t i = 0; i < s.n; i++) {
        uint32_t k = 0;
        while (k < s.arity && fits_context(x, set_at(s, i)[k])) k++;
        if (k == s.arity) PT_TRY(tuplist_add(&r, set_at(s, i)));
    }
    out->s = r.s;
    return PT_OK;
}

static pt_status bind_existing(bind *b, node *n)
{
    (void)b;
    n->deps |= n->shape.n ? shape_deps(n->shape) : DEP_ALL;
    return PT_OK;
}

/* ---- calculated members ------------------------------------------------ */

static pt_status strip_calculated(eval *x, const node *n, xval *out)
{
    set s;
    PT_TRY(eval_set(x, n->args[0], &s));
    tuplist r = eval_tuplist(x, s.arity);
    for (uint32_t i = 0; i < s.n; i++) {
        uint32_t k = 0;
        while (k < s.arity && set_at(s, i)[k].kind != MEM_CALC) k++;
        if (k == s.arity) PT_TRY(tuplist_add(&r, set_at(s, i)));
    }
    out->s = r.s;
    return PT_OK;
}

static bool has_sibling(const scope *sc, set s, const calc *c)
{
    for (uint32_t i = 0; i < s.n; i++)
        if (s.m[i].hier == c->hier && mref_eq(nav_parent(sc, s.m[i]), c->parent) &&
            member_level(sc, s.m[i]) == c->level)
            return true;
    return false;
}

static pt_status add_calculated(eval *x, const node *n, xval *out)
{
    set s;
    tuplist r = eval_tuplist(x, 1);
    PT_TRY(eval_set(x, n->args[0], &s));
    PT_TRY(tuplist_add_set(&r, s));
    for (uint32_t i = 0; i < x->sc->n_calcs; i++) {
        const calc *c = x->sc->calcs[i];
        bool is_there = false;
        if (c->is_hidden || c->origin == FORMULA_VISUAL || !has_sibling(x->sc, s, c)) continue;
        for (uint32_t k = 0; k < s.n; k++) is_there |= mref_eq(s.m[k], calc_ref(c));
        if (!is_there) PT_TRY(tuplist_add1(&r, calc_ref(c)));
    }
    out->s = r.s;
    return PT_OK;
}

static pt_status bind_members_only(bind *b, node *n)
{
    if (n->args[0]->shape.n <= 1) return PT_OK;
    return pt_fail_at(b->err, PT_TYPE, n->args[0]->at,
                      "expected a set of members, but this is a set of tuples");
}

#define CROSSJOIN_TEXT "every tuple of the first set with every tuple of the second"

static const fun table[] = {
    {"Head", SYN_FUNCTION, "x", "x[n]", "the first tuples of a set", .eval = head},
    {"Tail", SYN_FUNCTION, "x", "x[n]", "the last tuples of a set", .eval = tail},
    {"Subset", SYN_FUNCTION, "x", "xn[n]", "tuples from a place on, counted from 0", .eval = subset},
    {"Union", SYN_FUNCTION, "x", "xx[y]", "the tuples of both sets, each once unless ALL", .eval = set_union,
     .bind = bind_same_shape, .flags = FUN_BIG | FUN_SPARSE, .words = "ALL"},
    {"Intersect", SYN_FUNCTION, "x", "xx[y]", "the tuples of the first set that are in the second",
     .eval = intersect, .flags = FUN_BIG, .words = "ALL"},
    {"Except", SYN_FUNCTION, "x", "xx[y]", "the tuples of the first set that are not in the second",
     .eval = except, .flags = FUN_BIG, .words = "ALL"},
    {"Distinct", SYN_FUNCTION, "x", "x", "the set without repetitions", .eval = distinct,
     .flags = FUN_BIG | FUN_SPARSE},
    {"Unorder", SYN_FUNCTION, "x", "x", "the set itself", .eval = same, .flags = FUN_SPARSE},
    {"NativizeSet", SYN_FUNCTION, "x", "x", "the set itself", .eval = same, .flags = FUN_SPARSE},
    {"Crossjoin", SYN_FUNCTION, "x", "xx...", CROSSJOIN_TEXT, .eval = crossjoin, .bind = bind_crossjoin,
     .flags = FUN_BIG},
    {"*", SYN_INFIX, "x", "Xx", CROSSJOIN_TEXT, .eval = crossjoin, .bind = bind_crossjoin, .flags = FUN_BIG},
    {"*", SYN_INFIX, "x", "xX", CROSSJOIN_TEXT, .eval = crossjoin, .bind = bind_crossjoin,
     .flags = FUN_BIG | FUN_HIDDEN},
    {"NonEmptyCrossJoin", SYN_FUNCTION, "x", "xx...", "the combinations that have facts",
     .eval = non_empty_crossjoin, .bind = bind_non_empty_crossjoin, .flags = FUN_BIG},
    {"Filter", SYN_FUNCTION, "x", "xb", "the tuples for which the condition holds", .eval = filter,
     .flags = FUN_BIG | FUN_SPARSE | FUN_ITERATES},
    {"Generate", SYN_FUNCTION, "x", "xx[y]", "the second set for each tuple of the first", .eval = generate,
     .bind = bind_like_second, .flags = FUN_BIG | FUN_ITERATES, .words = "ALL"},
    {"Generate", SYN_FUNCTION, "S", "xS[S]", "the text for each tuple, one after the other",
     .eval = generate_text, .flags = FUN_ITERATES},
    {"Extract", SYN_FUNCTION, "x", "xh...", "the members of some hierarchies of a set of tuples",
     .eval = extract, .bind = bind_extract, .flags = FUN_BIG},
    {"Exists", SYN_FUNCTION, "x", "xx", "the tuples related to some tuple of the second set", .eval = exists,
     .flags = FUN_BIG},
    {"CachedExists", SYN_FUNCTION, "x", "xtS", "the tuples of the set related to a tuple",
     .eval = cached_exists},
    {"EXISTING", SYN_PREFIX, "x", "x", "the tuples related to the current members", .eval = existing,
     .bind = bind_existing, .flags = FUN_BIG},
    {"StripCalculatedMembers", SYN_FUNCTION, "x", "x", "the set without calculated members",
     .eval = strip_calculated},
    {"AddCalculatedMembers", SYN_FUNCTION, "x", "x", "the set and the calculated siblings of its members",
     .eval = add_calculated, .bind = bind_members_only},
};

const fun_list fun_set = {table, ARRAY_LEN(table)};
