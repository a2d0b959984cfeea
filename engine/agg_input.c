/* agg_input.c - measures over expressions and under conditions: planning what is computed, and computing it.
 *
 * Conditions that all measures of a request share are asked of rows before anything else (tests of the scan,
 * or filters by member where they only ask for a key); groups without such rows then do not appear, which is
 * the same as cells without a value. What remains are conditions of single measures: rows that fail them are
 * null for that measure. */
#include "engine/agg_int.h"

bool agg_needs_facts(const agg_request *req)
{
    bool needs = req->n_tests > 0;
    for (uint32_t i = 0; i < req->n_measures; i++)
        needs |= req->cube->measures[req->measures[i]].index >= req->cube->n_own;
    return needs;
}

/* ---- conditions that all measures share ------------------------------------------- */

static bool has_condition(const measure *m, const rowexpr *e)
{
    for (uint32_t i = 0; i < m->n_conditions; i++)
        if (rowexpr_same(m->conditions[i], e)) return true;
    return false;
}

static bool is_listed(const rowexpr *const *list, uint32_t n, const rowexpr *e)
{
    for (uint32_t i = 0; i < n; i++)
        if (rowexpr_same(list[i], e)) return true;
    return false;
}

static pt_status share_conditions(agg_plan *p, pt_err *err)
{
    const agg_request *req = p->req;
    const measure *first = req->n_measures ? &req->cube->measures[req->measures[0]] : NULL;
    uint32_t most = req->n_tests + (first ? first->n_conditions : 0);
    p->shared = arena_array(p->a, const rowexpr *, most);
    if (!p->shared) return arena_fail(p->a, err);
    for (uint32_t i = 0; i < req->n_tests; i++) p->shared[p->n_shared++] = req->tests[i];
    for (uint32_t i = 0; first && i < first->n_conditions; i++) {
        bool is_everywhere = !is_listed(p->shared, p->n_shared, first->conditions[i]);
        for (uint32_t k = 1; k < req->n_measures; k++)
            is_everywhere &= has_condition(&req->cube->measures[req->measures[k]], first->conditions[i]);
        if (is_everywhere) p->shared[p->n_shared++] = first->conditions[i];
    }
    return PT_OK;
}

/* ---- conditions on a key alone are filters by member ---------------------------------- */

/* A level that the members of a role reach by their key. */
static bool find_key_level(const cube *c, uint32_t role, uint32_t *hier, uint32_t *n_level)
{
    for (*hier = 0; *hier < c->n_hiers; (*hier)++) {
        const hierarchy *h = c->hiers[*hier].hierarchy;
        if (c->hiers[*hier].role != role || h->is_parent_child) continue;
        for (*n_level = 0; *n_level < h->n_levels; (*n_level)++)
            if (h->levels[*n_level].key_attr == 0) return true;
    }
    return false;
}

/* Ranks of the level whose keys pass. */
static pt_status passing_ranks(const view *v, const cube *c, const rowexpr *e, agg_filter *f, arena *a,
                               pt_err *err)
{
    const cube_hier *ch = &c->hiers[f->hier];
    const dim_view *d = view_dim(v, ch->hierarchy->dimension);
    const hier_view *h;
    scan sc = {.view = v, .cube = c};
    scan_expr x;
    row_vector passes;
    PT_TRY(dim_hier(d, ch->hierarchy->index, &h, err));
    const level_view *l = &h->levels[f->level];
    uint32_t *ranks = arena_array(a, uint32_t, l->n);
    if (!ranks) return arena_fail(a, err);
    PT_TRY(scan_expr_new(&sc, e, a, &x, err));
    PT_TRY(row_plan_make(e, &sc.operands[0].range, a, &x.run, err));
    uint64_t *keys = arena_array(a, uint64_t, ROW_VECTOR);
    uint8_t *nulls = arena_array(a, uint8_t, ROW_VECTOR);
    void *room = arena_array(a, pt_i128, row_plan_room(&x.run) / sizeof(pt_i128) + 1);
    if (!keys || !nulls || !room) return arena_fail(a, err);
    for (uint32_t at = 0; at < l->n; at += ROW_VECTOR) {
        uint32_t n = l->n - at < ROW_VECTOR ? l->n - at : ROW_VECTOR;
        for (uint32_t i = 0; i < n; i++) {
            keys[i] = sc.operands[0].keys[l->rep[at + i]];
            nulls[i] = sc.operands[0].key_nulls[l->rep[at + i]];
        }
        row_vector operand = {.values = keys, .nulls = nulls};
        PT_TRY(row_plan_run(&x.run, &operand, n, room, &passes, err));
        const uint8_t *is_true = passes.values;
        for (uint32_t i = 0; i < n; i++)
            if (is_true[i] && !(passes.nulls && passes.nulls[i])) ranks[f->n++] = at + i;
    }
    f->ranks = ranks;
    return PT_OK;
}

static pt_status filters_for_tests(agg_plan *p, const view *v, pt_err *err)
{
    const agg_request *req = p->req;
    agg_filter *filters = arena_array(p->a, agg_filter, (size_t)req->where.n + p->n_shared);
    p->tests = arena_array(p->a, const rowexpr *, p->n_shared);
    if (!filters || !p->tests) return arena_fail(p->a, err);
    if (req->where.n) memcpy(filters, req->where.filters, req->where.n * sizeof *filters);
    p->where = (agg_conj){req->where.n, filters};
    for (uint32_t i = 0; i < p->n_shared; i++) {
        const rowexpr *e = p->shared[i];
        agg_filter f = {0};
        bool is_filter = e->n_operands == 1 && e->operands[0].is_key &&
                         find_key_level(req->cube, e->operands[0].index, &f.hier, &f.level);
        if (!is_filter) {
            p->tests[p->n_tests++] = e;
            continue;
        }
        PT_TRY(passing_ranks(v, req->cube, e, &f, p->a, err));
        filters[p->where.n++] = f;
    }
    return PT_OK;
}

pt_status agg_plan_conditions(agg_plan *p, const view *v, bool is_facts, pt_err *err)
{
    p->where = p->req->where;
    if (!is_facts) return PT_OK; /* rows of a cuboid have passed them when it was built */
    PT_TRY(share_conditions(p, err));
    return p->n_shared ? filters_for_tests(p, v, err) : PT_OK;
}

/* ---- inputs ------------------------------------------------------------------------------- */

uint32_t agg_own_conditions(const agg_plan *p, const measure *m)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->n_conditions; i++) n += !is_listed(p->shared, p->n_shared, m->conditions[i]);
    return n;
}

static bool same_conditions(const agg_plan *p, const agg_input *in, const measure *m)
{
    if (agg_own_conditions(p, m) != in->n_conditions) return false;
    for (uint32_t i = 0; i < in->n_conditions; i++)
        if (!has_condition(m, in->conditions[i].e)) return false;
    return true;
}

bool agg_input_is_of(const agg_plan *p, const agg_input *in, const measure *m)
{
    return rowexpr_same(in->value.e, m->value) && same_conditions(p, in, m);
}

static bool is_plain(const agg_input *in)
{
    const row_plan *p = &in->value.run;
    return in->n_conditions == 0 && !p->range.can_be_null && p->e->type != TYPE_BOOLEAN &&
           !p->is_wide[p->e->n_ops - 1];
}

/* The measure's own conditions and, unless it counts rows or members, its value. */
pt_status agg_input_new(agg_plan *p, const measure *m, agg_input **out, pt_err *err)
{
    agg_input *in = *out = arena_make(p->a, agg_input);
    scan_expr *conditions = arena_array(p->a, scan_expr, m->n_conditions);
    if (!in || !conditions) return arena_fail(p->a, err);
    in->conditions = conditions;
    for (uint32_t i = 0; i < m->n_conditions; i++) {
        if (is_listed(p->shared, p->n_shared, m->conditions[i])) continue;
        scan_expr *x = &conditions[in->n_conditions++];
        PT_TRY(scan_expr_new(&p->scan, m->conditions[i], p->a, x, err));
        PT_TRY(scan_expr_plan(&p->scan, x, p->a, err));
    }
    if (!m->value) return PT_OK;
    PT_TRY(scan_expr_new(&p->scan, m->value, p->a, &in->value, err));
    PT_TRY(scan_expr_plan(&p->scan, &in->value, p->a, err));
    in->is_plain = is_plain(in);
    return PT_OK;
}

/* ---- computing -------------------------------------------------------------------------------- */

/* Rows of the chunk under the conditions: their numbers in the block to `rows`, their places in the chunk to
 * `places`. */
static pt_status pass_conditions(agg_worker *w, const agg_input *in, const agg_rows *r, uint32_t *rows,
                                 uint32_t *places, uint32_t *n_passed, pt_err *err)
{
    uint32_t n = r->n;
    for (uint32_t i = 0; i < n; i++) {
        rows[i] = r->rows ? r->rows[i] : r->at + i;
        places[i] = i;
    }
    for (uint32_t k = 0; k < in->n_conditions && n > 0; k++) {
        uint32_t kept = 0;
        for (uint32_t at = 0; at < n; at += ROW_VECTOR) {
            uint32_t len = n - at < ROW_VECTOR ? n - at : ROW_VECTOR;
            row_vector v;
            PT_TRY(scan_expr_run(&w->scan, &in->conditions[k], rows, at, len, &v, err));
            const uint8_t *is_true = v.values;
            for (uint32_t i = 0; i < len; i++) {
                rows[kept] = rows[at + i];
                places[kept] = places[at + i];
                kept += is_true[i] && !(v.nulls && v.nulls[i]);
            }
        }
        n = kept;
    }
    *n_passed = n;
    return PT_OK;
}

#define TAKE(to, value)                                                                                      \
    for (uint32_t i = 0; i < len; i++) {                                                                     \
        taken[k] = slots[i];                                                                                 \
        (to)[k] = (value);                                                                                   \
        k += !(nulls && nulls[i]);                                                                           \
    }

/* Values that are not null, and the slots of their rows. */
static void take(agg_worker *w, const agg_column *c, const row_vector *v, const uint32_t *slots, uint32_t len,
                 uint32_t *n)
{
    uint32_t k = *n, *taken = w->few_slots;
    uint64_t *words = w->picked;
    pt_i128 *wide = (pt_i128 *)(void *)w->picked;
    const uint8_t *nulls = v->nulls, *truths = v->values;
    const uint64_t *narrow_values = v->values;
    const pt_i128 *wide_values = v->values;
    if (c->input->value.e->type == TYPE_BOOLEAN)
        TAKE(words, truths[i])
    else if (!v->is_wide)
        TAKE(words, narrow_values[i])
    else if (c->is_wide)
        TAKE(wide, wide_values[i])
    else
        TAKE(words, (uint64_t)wide_values[i])
    *n = k;
}

static pt_status pick_values(agg_worker *w, const agg_column *c, const agg_rows *r, const uint32_t *slots,
                             uint32_t *n, pt_err *err)
{
    uint32_t n_rows = r->n;
    *n = 0;
    for (uint32_t at = 0; at < n_rows; at += ROW_VECTOR) {
        uint32_t len = n_rows - at < ROW_VECTOR ? n_rows - at : ROW_VECTOR;
        row_vector v;
        PT_TRY(scan_expr_run(&w->scan, &c->input->value, r->rows, r->rows ? at : r->at + at, len, &v, err));
        if (c->is_counted) { /* conditions have values of another size, and only nulls matter */
            for (uint32_t i = 0; i < len; i++) {
                w->few_slots[*n] = slots[at + i];
                *n += !(v.nulls && v.nulls[i]);
            }
            continue;
        }
        take(w, c, &v, slots + at, len, n);
    }
    return PT_OK;
}

pt_status agg_input_values(agg_worker *w, const agg_input *in, const agg_rows *r, uint64_t *out, pt_err *err)
{
    for (uint32_t at = 0; at < r->n; at += ROW_VECTOR) {
        uint32_t len = r->n - at < ROW_VECTOR ? r->n - at : ROW_VECTOR;
        row_vector v;
        PT_TRY(scan_expr_run(&w->scan, &in->value, r->rows, r->rows ? at : r->at + at, len, &v, err));
        memcpy(out + at, v.values, len * sizeof *out);
    }
    return PT_OK;
}

pt_status agg_input_pick(agg_worker *w, const agg_column *c, const agg_rows *r, uint32_t *n, pt_err *err)
{
    const agg_input *in = c->input;
    if (in->n_conditions == 0) return pick_values(w, c, r, w->slots, n, err);
    uint32_t *rows = w->codes, *places = w->members, *slots = w->own_slots;
    PT_TRY(pass_conditions(w, in, r, rows, places, n, err));
    for (uint32_t i = 0; i < *n; i++) slots[i] = w->slots[places[i]];
    if (!in->value.e) {
        memcpy(w->few_slots, slots, *n * sizeof *slots);
        return PT_OK;
    }
    agg_rows passed = {.rows = rows, .n = *n};
    return pick_values(w, c, &passed, slots, n, err);
}

pt_status agg_input_select(agg_worker *w, const agg_input *in, const agg_rows *r, uint32_t *places,
                           uint32_t *n, pt_err *err)
{
    return pass_conditions(w, in, r, w->codes, places, n, err);
}
