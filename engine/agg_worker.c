/* agg_worker.c - what one worker does with a block: find the rows, find their groups, add their values.
 *
 * Rows are taken in chunks that stay in the nearest cache. For a chunk of selected rows: member ids are
 * picked and looked up role by role, the sums are keys, keys become slots, and each column is then added slot
 * by slot. */
#include "engine/agg_int.h"

/* ---- room --------------------------------------------------------------------------- */

pt_status agg_worker_init(agg_worker *w, const agg_plan *plan, agg_memory *mem, uint64_t max_cells,
                          pt_err *err)
{
    *w = (agg_worker){.plan = plan};
    size_t n_columns = plan->n_columns;
    pt_status st = agg_part_init(&w->part, plan, mem, max_cells, err);
    if (st == PT_OK) st = scan_worker_init(&w->scan, &plan->scan, err);
    if (st == PT_OK) st = agg_grow(mem, (void **)&w->slots, 0, AGG_CHUNK * 4, sizeof *w->slots, err);
    if (st == PT_OK) st = agg_grow(mem, (void **)&w->picked, 0, AGG_CHUNK, sizeof *w->picked, err);
    if (st == PT_OK && !plan->is_direct)
        st = agg_grow(mem, (void **)&w->keys, 0, AGG_CHUNK * ((size_t)plan->n_words + 1), sizeof *w->keys,
                      err);
    if (st == PT_OK)
        st = agg_grow(mem, (void **)&w->is_missing, 0, 2 * n_columns, sizeof *w->is_missing, err);
    /* large and written before it is read: not cleared */
    if (st == PT_OK && n_columns) {
        w->values = mem_grow(NULL, n_columns * SEG_BLOCK_ROWS, sizeof *w->values);
        w->nulls = mem_grow(NULL, n_columns * SEG_BLOCK_WORDS, sizeof *w->nulls);
        if (!w->values || !w->nulls) st = pt_fail(err, PT_NOMEM, "out of memory while reading facts");
    }
    if (st != PT_OK) {
        agg_worker_done(w);
        return st;
    }
    w->few_slots = w->slots + AGG_CHUNK;
    w->codes = w->few_slots + AGG_CHUNK;
    w->members = w->codes + AGG_CHUNK;
    w->any_null = w->is_missing + n_columns;
    return PT_OK;
}

void agg_worker_done(agg_worker *w)
{
    if (!w->plan) return;
    agg_part_done(&w->part);
    if (w->scan.sc) scan_worker_done(&w->scan);
    mem_free(w->slots);
    mem_free(w->picked);
    mem_free(w->keys);
    mem_free(w->is_missing);
    mem_free(w->values);
    mem_free(w->nulls);
    *w = (agg_worker){0};
}

/* ---- a chunk: groups ------------------------------------------------------------------- */

typedef struct chunk {
    uint32_t at, n;       /* of the block's rows, or of its selected rows */
    const uint32_t *rows; /* NULL: rows at, at + 1, ... */
} chunk;

/* Member ids of the chunk's rows; *is_one: all the same as (*members)[0]. */
static pt_status chunk_members(agg_worker *w, const chunk *c, uint32_t role, const uint32_t **members,
                               bool *is_one, pt_err *err)
{
    seg_zone z = scan_zone(&w->scan, role);
    const uint32_t *ids;
    *is_one = z.min == z.max;
    *members = w->members;
    if (*is_one) {
        w->members[0] = (uint32_t)z.min;
        return PT_OK;
    }
    PT_TRY(scan_ids(&w->scan, role, &ids, err));
    if (!c->rows)
        *members = ids + c->at;
    else
        w->plan->scan.kern->gather_u32(ids, c->rows, c->n, w->members);
    return PT_OK;
}

static pt_status direct_slots(agg_worker *w, const chunk *c, pt_err *err)
{
    const kern_ops *k = w->plan->scan.kern;
    uint32_t constant = 0;
    bool is_set = false;
    for (uint32_t i = 0; i < w->plan->n_codes; i++) {
        const agg_code *code = &w->plan->codes[i];
        const uint32_t *members;
        bool is_one;
        PT_TRY(chunk_members(w, c, code->role, &members, &is_one, err));
        if (is_one) {
            constant += code->narrow[members[0]];
        } else if (!is_set) {
            k->gather_u32(code->narrow, members, c->n, w->slots);
            is_set = true;
        } else {
            k->gather_u32(code->narrow, members, c->n, w->codes);
            k->combine_u32(w->slots, w->codes, c->n, 1);
        }
    }
    for (uint32_t i = 0; !is_set && i < c->n; i++) w->slots[i] = constant;
    for (uint32_t i = 0; is_set && constant && i < c->n; i++) w->slots[i] += constant;
    return PT_OK;
}

static pt_status hashed_slots(agg_worker *w, const chunk *c, pt_err *err)
{
    const agg_plan *p = w->plan;
    uint64_t *share = w->keys + (size_t)AGG_CHUNK * p->n_words;
    memset(w->keys, 0, (size_t)c->n * p->n_words * sizeof *w->keys);
    for (uint32_t i = 0; i < p->n_codes; i++) {
        const agg_code *code = &p->codes[i];
        uint64_t *keys = w->keys + code->word;
        const uint32_t *members;
        bool is_one;
        PT_TRY(chunk_members(w, c, code->role, &members, &is_one, err));
        if (is_one) {
            uint64_t constant = code->wide[members[0]];
            for (uint32_t r = 0; r < c->n; r++) keys[(size_t)r * p->n_words] += constant;
            continue;
        }
        p->scan.kern->gather_u64(code->wide, members, c->n, share);
        for (uint32_t r = 0; r < c->n; r++) keys[(size_t)r * p->n_words] += share[r];
    }
    return agg_groups_find(&w->part.groups, w->keys, c->n, w->slots, err);
}

/* ---- a chunk: values ---------------------------------------------------------------------- */

static pt_status read_column(agg_worker *w, uint32_t i, pt_err *err)
{
    const agg_column *c = &w->plan->columns[i];
    const seg *s = w->scan.seg->s->seg;
    int col = w->scan.seg->value_cols[c->column];
    uint64_t *values = w->values + (size_t)i * SEG_BLOCK_ROWS;
    w->is_missing[i] = col < 0;
    if (col < 0) return PT_OK;
    PT_TRY(seg_read_nulls(s, (uint32_t)col, w->scan.block, w->nulls + (size_t)i * SEG_BLOCK_WORDS,
                          &w->any_null[i], err));
    if (c->sum == SUM_NONE && !c->at_min && !c->at_max) return PT_OK; /* only counted */
    if (c->is_double) return seg_read_doubles(s, (uint32_t)col, w->scan.block, (double *)(void *)values, err);
    return seg_read_ints(s, (uint32_t)col, w->scan.block, (int64_t *)(void *)values, err);
}

/* Minima and maxima of the n picked values, turned into images in place; NaN is neither. */
static void add_extremes(agg_worker *w, const agg_column *c, const uint32_t *slots, uint64_t *v, uint32_t n)
{
    uint64_t *acc = w->part.groups.acc;
    uint32_t kept = 0;
    if (!c->at_min && !c->at_max) return;
    if (!c->is_double) {
        for (uint32_t i = 0; i < n; i++) v[i] = agg_image_int((int64_t)v[i]);
        agg_add_extremes(acc, w->plan->stride, c, slots, v, n);
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        double d;
        memcpy(&d, &v[i], sizeof d);
        if (d != d) continue;
        w->codes[kept] = slots[i];
        v[kept++] = agg_image_double(d);
    }
    agg_add_extremes(acc, w->plan->stride, c, w->codes, v, kept);
}

static void add_sum(agg_worker *w, const agg_column *c, const uint32_t *slots, const uint64_t *v, uint32_t n)
{
    uint64_t *acc = w->part.groups.acc;
    uint32_t stride = w->plan->stride;
    switch (c->sum) {
    case SUM_NONE: break;
    case SUM_NARROW:
        agg_add_narrow(acc, stride, c->at_sum, slots, (const int64_t *)(const void *)v, n);
        break;
    case SUM_WIDE: agg_add_wide(acc, stride, c->at_sum, slots, (const int64_t *)(const void *)v, n); break;
    case SUM_DOUBLE: agg_add_double(acc, stride, c, slots, (const double *)(const void *)v, n); break;
    }
}

static void add_column(agg_worker *w, uint32_t i, const chunk *c)
{
    const agg_column *col = &w->plan->columns[i];
    const uint64_t *values = w->values + (size_t)i * SEG_BLOCK_ROWS,
                   *nulls = w->nulls + (size_t)i * SEG_BLOCK_WORDS;
    const uint32_t *slots = w->slots;
    uint32_t n = c->n;
    bool has_values = col->sum != SUM_NONE || col->at_min || col->at_max;
    if (w->is_missing[i]) return;
    if (w->any_null[i]) {
        n = 0;
        for (uint32_t r = 0; r < c->n; r++) {
            uint32_t row = c->rows ? c->rows[r] : c->at + r;
            w->few_slots[n] = w->slots[r];
            w->picked[n] = has_values ? values[row] : 0;
            n += !(nulls[row / 64] >> (row % 64) & 1);
        }
        slots = w->few_slots;
    } else if (has_values && c->rows) {
        w->plan->scan.kern->gather_u64(values, c->rows, n, w->picked);
    } else if (has_values) {
        memcpy(w->picked, values + c->at, n * sizeof *values);
    }
    if (col->at_count) agg_add_ones(w->part.groups.acc, w->plan->stride, col->at_count, slots, n);
    if (!has_values) return;
    add_sum(w, col, slots, w->picked, n);
    add_extremes(w, col, slots, w->picked, n);
}

static pt_status add_distinct(agg_worker *w, uint32_t i, const chunk *c, pt_err *err)
{
    const uint32_t *members;
    bool is_one;
    PT_TRY(chunk_members(w, c, w->plan->distinct[i].role, &members, &is_one, err));
    for (uint32_t r = 1; is_one && r < c->n; r++) w->members[r] = w->members[0];
    return agg_set_add(&w->part.sets[i], w->slots, members, c->n, err);
}

static pt_status add_chunk(agg_worker *w, const chunk *c, pt_err *err)
{
    const agg_plan *p = w->plan;
    PT_TRY(p->is_direct ? direct_slots(w, c, err) : hashed_slots(w, c, err));
    agg_add_rows(w->part.groups.acc, p->stride, w->slots, c->n);
    for (uint32_t i = 0; i < p->n_columns; i++) add_column(w, i, c);
    for (uint32_t i = 0; i < p->n_distinct; i++) PT_TRY(add_distinct(w, i, c, err));
    return PT_OK;
}

/* ---- blocks --------------------------------------------------------------------------------- */

/* Without axes, and with nothing but rows and sums that fit 64 bits, a block is a few calls. Null rows read
 * as 0. */
static bool is_total(const agg_plan *p)
{
    if (p->n_axes > 0 || p->n_distinct > 0) return false;
    for (uint32_t i = 0; i < p->n_columns; i++) {
        const agg_column *c = &p->columns[i];
        if (c->at_min || c->at_max || c->at_count || (c->sum != SUM_NARROW && c->sum != SUM_NONE))
            return false;
    }
    return true;
}

static void add_total(agg_worker *w)
{
    const agg_plan *p = w->plan;
    const scan_worker *s = &w->scan;
    uint64_t *acc = w->part.groups.acc;
    acc[0] += s->n_rows;
    for (uint32_t i = 0; i < p->n_columns; i++) {
        const int64_t *v = (const int64_t *)(const void *)(w->values + (size_t)i * SEG_BLOCK_ROWS);
        if (p->columns[i].sum == SUM_NONE || w->is_missing[i]) continue;
        int64_t sum = s->is_all ? p->scan.kern->sum_i64(v, s->n_rows)
                                : p->scan.kern->sum_sel_i64(v, s->rows, s->n_rows);
        acc[p->columns[i].at_sum] += (uint64_t)sum;
    }
}

static void carry_all(agg_worker *w)
{
    agg_groups *g = &w->part.groups;
    for (uint64_t slot = 0; slot < g->n; slot++) agg_carry(w->plan, agg_acc(g, slot));
    w->n_uncarried = 0;
}

pt_status agg_worker_block(agg_worker *w, scan_block b, pt_err *err)
{
    const scan_worker *s = &w->scan;
    PT_TRY(scan_rows(&w->scan, b, err));
    if (s->n_rows == 0) return PT_OK;
    for (uint32_t i = 0; i < w->plan->n_columns; i++) PT_TRY(read_column(w, i, err));
    if (is_total(w->plan)) {
        add_total(w);
        return PT_OK;
    }
    for (uint32_t at = 0; at < s->n_rows; at += AGG_CHUNK) {
        chunk c = {.at = at, .n = s->n_rows - at < AGG_CHUNK ? s->n_rows - at : AGG_CHUNK};
        c.rows = s->is_all ? NULL : s->rows + at;
        PT_TRY(add_chunk(w, &c, err));
    }
    w->n_uncarried += s->n_rows;
    if (w->n_uncarried > AGG_MAX_UNCARRIED - SEG_BLOCK_ROWS) carry_all(w);
    return PT_OK;
}
