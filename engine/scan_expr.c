/* scan_expr.c - expressions over the rows of a block: their operands, what zones say of them, and running
 * them. Conditions that all rows must fulfil are tests: decided for a whole block by its zones where that can
 * be, else row by row, after all filters by members. */
#include "engine/scan.h"

/* ---- operands --------------------------------------------------------------------- */

static int64_t exact_key(pt_value v)
{
    return v.kind == VAL_DEC ? (int64_t)v.dec : v.i; /* keys fit 64 bits */
}

/* The keys of all members of a role, by member id. */
static pt_status plan_keys(scan *sc, scan_operand *o, arena *a, pt_err *err)
{
    const dim_view *d = view_dim(sc->view, sc->cube->roles[o->what.index].dimension);
    uint32_t n = dim_count(d);
    uint64_t *keys = arena_array(a, uint64_t, n);
    uint8_t *nulls = arena_array(a, uint8_t, n);
    if (!keys || !nulls) return arena_fail(a, err);
    o->range = (row_range){.is_bounded = o->what.class == ROW_EXACT};
    for (uint32_t m = 0; m < n; m++) {
        pt_value v = dim_attr_value(d, 0, m);
        nulls[m] = v.kind == VAL_NULL;
        o->range.can_be_null |= nulls[m];
        if (nulls[m]) continue;
        int64_t key = o->what.class == ROW_EXACT ? exact_key(v) : 0;
        if (o->what.class == ROW_EXACT)
            memcpy(&keys[m], &key, sizeof key);
        else
            memcpy(&keys[m], &v.f, sizeof v.f);
        if (!o->range.can_be_value || key < o->range.lo) o->range.lo = key;
        if (!o->range.can_be_value || key > o->range.hi) o->range.hi = key;
        o->range.can_be_value = true;
    }
    o->keys = keys;
    o->key_nulls = nulls;
    o->n_keys = n;
    return PT_OK;
}

static pt_status find_operand(scan *sc, row_operand what, arena *a, uint32_t *out, pt_err *err)
{
    for (*out = 0; *out < sc->n_operands; (*out)++) {
        const scan_operand *o = &sc->operands[*out];
        if (o->what.is_key == what.is_key && o->what.index == what.index) return PT_OK;
    }
    if (sc->n_operands == sc->cap_operands) {
        uint32_t cap = sc->cap_operands ? sc->cap_operands * 2 : 4;
        scan_operand *grown = arena_array(a, scan_operand, cap);
        if (!grown) return arena_fail(a, err);
        if (sc->n_operands) memcpy(grown, sc->operands, sc->n_operands * sizeof *grown);
        sc->operands = grown;
        sc->cap_operands = cap;
    }
    scan_operand *o = &sc->operands[sc->n_operands++];
    *o = (scan_operand){.what = what};
    return what.is_key ? plan_keys(sc, o, a, err) : PT_OK;
}

pt_status scan_expr_new(scan *sc, const rowexpr *e, arena *a, scan_expr *out, pt_err *err)
{
    *out = (scan_expr){.e = e};
    if (NEVER(sc->lens)) return pt_fail(err, PT_INTERNAL, "an expression over the rows of a cuboid");
    uint32_t *operands = arena_array(a, uint32_t, e->n_operands);
    out->ranges = arena_array(a, row_range, (size_t)e->n_operands + e->n_ops);
    if (!operands || !out->ranges) return arena_fail(a, err);
    for (uint32_t i = 0; i < e->n_operands; i++)
        PT_TRY(find_operand(sc, e->operands[i], a, &operands[i], err));
    out->operands = operands;
    return PT_OK;
}

/* ---- zones ------------------------------------------------------------------------- */

/* The keys of the members in a block's zone; of all if these are too many to look at. */
static row_range key_range(const scan_operand *o, const scan_seg *s, uint32_t block)
{
    enum { FEW_KEYS = 256 }; /* days of months, say: facts are sorted by time */
    seg_zone z = seg_zone_of(s->s->seg, s->role_cols[o->what.index], block);
    if (!o->range.is_bounded || z.max >= o->n_keys || z.max - z.min >= FEW_KEYS) return o->range;
    row_range r = {.is_bounded = true};
    for (int64_t id = z.min; id <= z.max; id++) {
        int64_t key;
        memcpy(&key, &o->keys[id], sizeof key);
        r.can_be_null |= o->key_nulls[id];
        if (o->key_nulls[id]) continue;
        if (!r.can_be_value || key < r.lo) r.lo = key;
        if (!r.can_be_value || key > r.hi) r.hi = key;
        r.can_be_value = true;
    }
    return r;
}

/* What a block's zone says of an operand. */
static row_range block_range(const scan_operand *o, const scan_seg *s, uint32_t block)
{
    if (o->what.is_key) return key_range(o, s, block);
    int col = s->value_cols[o->what.index];
    if (col < 0) return (row_range){.is_bounded = true, .can_be_null = true};
    seg_zone z = seg_zone_of(s->s->seg, (uint32_t)col, block);
    row_range r = {.can_be_null = z.n_nulls > 0,
                   .can_be_value = z.n_nulls < seg_block_rows(s->s->seg, block),
                   .is_bounded = o->what.class == ROW_EXACT};
    if (r.is_bounded) r.lo = z.min, r.hi = z.max;
    return r;
}

static void block_ranges(const scan *sc, const scan_expr *x, const scan_seg *s, uint32_t block,
                         row_range *out)
{
    for (uint32_t i = 0; i < x->e->n_operands; i++)
        out[i] = block_range(&sc->operands[x->operands[i]], s, block);
}

row_range scan_expr_range(const scan *sc, const scan_expr *x, const scan_seg *s, uint32_t block,
                          row_range *room)
{
    row_range *of_ops = room + x->e->n_operands;
    block_ranges(sc, x, s, block, room);
    rowexpr_ranges(x->e, room, of_ops);
    return of_ops[x->e->n_ops - 1];
}

row_truth scan_expr_truth(const scan *sc, const scan_expr *x, const scan_seg *s, uint32_t block,
                          row_range *room)
{
    block_ranges(sc, x, s, block, room);
    return rowexpr_truth(x->e, room, room + x->e->n_operands);
}

/* Over all blocks to read. */
static row_range whole_range(const scan *sc, const scan_operand *o)
{
    row_range all = {.is_bounded = true};
    for (uint32_t i = 0; i < sc->n_blocks; i++) {
        row_range r = block_range(o, &sc->segs[sc->blocks[i].seg], sc->blocks[i].block);
        all.can_be_null |= r.can_be_null;
        if (!r.can_be_value) continue;
        all.is_bounded &= r.is_bounded;
        if (!all.can_be_value || r.lo < all.lo) all.lo = r.lo;
        if (!all.can_be_value || r.hi > all.hi) all.hi = r.hi;
        all.can_be_value = true;
    }
    return all;
}

pt_status scan_expr_plan(scan *sc, scan_expr *x, arena *a, pt_err *err)
{
    for (uint32_t i = 0; i < x->e->n_operands; i++) {
        const scan_operand *o = &sc->operands[x->operands[i]];
        if (o->what.is_key) PT_TRY(scan_check_role(sc, o->what.index, err)); /* ids index the keys */
        x->ranges[i] = whole_range(sc, o);
    }
    PT_TRY(row_plan_make(x->e, x->ranges, a, &x->run, err));
    size_t room = row_plan_room(&x->run);
    if (room > sc->expr_room) sc->expr_room = room;
    uint32_t n_ranges = x->e->n_operands + x->e->n_ops;
    if (n_ranges > sc->max_ranges) sc->max_ranges = n_ranges;
    return PT_OK;
}

/* ---- reading operands --------------------------------------------------------------------- */

/* One worker's view of an operand: the block's column, and the values of the rows at hand. */
struct scan_column {
    bool is_open, is_missing;
    seg_values values; /* not of keys */
    uint64_t picked[ROW_VECTOR];
    uint32_t ids[ROW_VECTOR];
    uint8_t nulls[ROW_VECTOR];
};

void scan_columns_forget(scan_worker *w)
{
    for (uint32_t i = 0; w->columns && i < w->sc->n_operands; i++)
        if (w->columns[i]) w->columns[i]->is_open = false;
}

void scan_columns_free(scan_worker *w)
{
    for (uint32_t i = 0; w->columns && i < w->sc->n_operands; i++) {
        if (!w->columns[i]) continue;
        seg_values_close(&w->columns[i]->values);
        mem_free(w->columns[i]);
    }
    mem_free(w->columns);
    mem_free(w->expr_room);
    mem_free(w->vectors);
    mem_free(w->ranges);
}

static pt_status no_memory(pt_err *err)
{
    return pt_fail(err, PT_NOMEM, "out of memory while reading facts");
}

static pt_status make_room(scan_worker *w, pt_err *err)
{
    if (w->columns) return PT_OK;
    w->columns = mem_alloc(w->sc->n_operands + 1, sizeof *w->columns);
    w->expr_room = mem_grow(NULL, w->sc->expr_room + 1, 1);
    w->vectors = mem_alloc(w->sc->max_ranges + 1, sizeof *w->vectors);
    w->ranges = mem_alloc(w->sc->max_ranges + 1, sizeof *w->ranges);
    return w->columns && w->expr_room && w->vectors && w->ranges ? PT_OK : no_memory(err);
}

static pt_status open_column(scan_worker *w, const scan_operand *o, scan_column *c, pt_err *err)
{
    int col = w->seg->value_cols[o->what.index];
    c->is_open = true;
    c->is_missing = col < 0;
    if (c->is_missing) return PT_OK;
    return seg_values_open(&c->values, w->seg->s->seg, (uint32_t)col, w->block, err);
}

/* Rows at, at + 1, ... or those in `rows`. */
typedef struct rows_at {
    const uint32_t *rows;
    uint32_t at, n;
} rows_at;

static pt_status pick_keys(scan_worker *w, const scan_operand *o, const rows_at *r, scan_column *c,
                           row_vector *out, pt_err *err)
{
    seg_values *ids;
    uint8_t any = 0;
    PT_TRY(scan_ids(w, o->what.index, &ids, err));
    seg_values_ids(ids, r->rows, r->at, r->n, c->ids);
    w->sc->kern->gather_u64(o->keys, c->ids, r->n, c->picked);
    for (uint32_t i = 0; o->range.can_be_null && i < r->n; i++) {
        c->nulls[i] = o->key_nulls[c->ids[i]];
        any |= c->nulls[i];
    }
    *out = (row_vector){.values = c->picked, .nulls = any ? c->nulls : NULL};
    return PT_OK;
}

static void pick_values(const rows_at *r, scan_column *c, row_vector *out)
{
    *out = (row_vector){.values = c->picked};
    if (c->is_missing) {
        memset(c->picked, 0, r->n * sizeof *c->picked);
        memset(c->nulls, 1, r->n);
        out->nulls = c->nulls;
        return;
    }
    seg_values_words(&c->values, r->rows, r->at, r->n, c->picked);
    if (!c->values.any_null) return;
    for (uint32_t i = 0; i < r->n; i++) {
        uint32_t row = r->rows ? r->rows[i] : r->at + i;
        c->nulls[i] = c->values.nulls[row / 64] >> (row % 64) & 1;
    }
    out->nulls = c->nulls;
}

static pt_status pick_operand(scan_worker *w, uint32_t operand, const rows_at *r, row_vector *out,
                              pt_err *err)
{
    const scan_operand *o = &w->sc->operands[operand];
    scan_column *c = w->columns[operand];
    if (!c) c = w->columns[operand] = mem_alloc(1, sizeof *c);
    if (!c) return no_memory(err);
    if (o->what.is_key) return pick_keys(w, o, r, c, out, err);
    if (!c->is_open) PT_TRY(open_column(w, o, c, err));
    pick_values(r, c, out);
    return PT_OK;
}

pt_status scan_expr_run(scan_worker *w, const scan_expr *x, const uint32_t *rows, uint32_t at, uint32_t n,
                        row_vector *out, pt_err *err)
{
    rows_at r = {rows ? rows + at : NULL, at, n};
    PT_TRY(make_room(w, err));
    for (uint32_t i = 0; i < x->e->n_operands; i++)
        PT_TRY(pick_operand(w, x->operands[i], &r, &w->vectors[i], err));
    return row_plan_run(&x->run, w->vectors, n, w->expr_room, out, err);
}

/* ---- tests ------------------------------------------------------------------------------------ */

pt_status scan_tests_new(scan *sc, const rowexpr *const *tests, uint32_t n, arena *a, pt_err *err)
{
    sc->tests = arena_array(a, scan_expr, n);
    if (!sc->tests) return arena_fail(a, err);
    for (uint32_t i = 0; i < n; i++) PT_TRY(scan_expr_new(sc, tests[i], a, &sc->tests[i], err));
    sc->n_tests = n;
    return PT_OK;
}

pt_status scan_tests_plan(scan *sc, arena *a, pt_err *err)
{
    for (uint32_t i = 0; i < sc->n_tests; i++) PT_TRY(scan_expr_plan(sc, &sc->tests[i], a, err));
    return PT_OK;
}

bool scan_tests_can_pass(const scan *sc, const scan_seg *s, uint32_t block)
{
    for (uint32_t i = 0; i < sc->n_tests; i++)
        if (!scan_expr_truth(sc, &sc->tests[i], s, block, sc->tests[i].ranges).can_be_true) return false;
    return true;
}

/* Keep of the n rows in `rows` those of which the test is true. */
static pt_status keep_true(scan_worker *w, const scan_expr *x, uint32_t *n, pt_err *err)
{
    uint32_t kept = 0;
    for (uint32_t at = 0; at < *n; at += ROW_VECTOR) {
        uint32_t len = *n - at < ROW_VECTOR ? *n - at : ROW_VECTOR;
        row_vector v;
        PT_TRY(scan_expr_run(w, x, w->rows, at, len, &v, err));
        const uint8_t *is_true = v.values;
        for (uint32_t i = 0; i < len; i++) {
            w->rows[kept] = w->rows[at + i];
            kept += is_true[i] && !(v.nulls && v.nulls[i]);
        }
    }
    *n = kept;
    return PT_OK;
}

pt_status scan_tests_run(scan_worker *w, pt_err *err)
{
    const scan *sc = w->sc;
    uint32_t n = 0;
    bool is_listed = false;
    PT_TRY(make_room(w, err));
    for (uint32_t i = 0; i < sc->n_tests; i++) {
        row_truth t = scan_expr_truth(sc, &sc->tests[i], w->seg, w->block, w->ranges);
        if (!t.can_be_false && !t.can_be_null) continue;
        if (!is_listed) n = (uint32_t)sc->kern->select(w->bits, w->n_block_rows, w->rows);
        is_listed = true;
        PT_TRY(keep_true(w, &sc->tests[i], &n, err));
    }
    if (!is_listed) return PT_OK;
    memset(w->bits, 0, kern_words(w->n_block_rows) * sizeof *w->bits);
    for (uint32_t i = 0; i < n; i++) w->bits[w->rows[i] / 64] |= 1ull << (w->rows[i] % 64);
    return PT_OK;
}
