/* agg_worker.c - what one worker does with a block: find the rows, find their groups, add their values.
 *
 * Rows are taken in chunks that stay in the nearest cache. Of a chunk's rows, and of no others, member ids
 * are read and looked up role by role, the sums are keys, keys become slots, and each column is then read and
 * added slot by slot. */
#include "engine/agg_int.h"

/* ---- room --------------------------------------------------------------------------- */

static pt_status coder_init(agg_coder *x, const agg_coding *coding, agg_memory *mem, pt_err *err)
{
    x->coding = coding;
    PT_TRY(agg_grow(mem, (void **)&x->constants, 0, coding->n, sizeof *x->constants, err));
    PT_TRY(agg_grow(mem, (void **)&x->planes, 0, coding->n, sizeof(seg_codes *), err));
    return agg_grow(mem, (void **)&x->has_planes, 0, coding->n, sizeof *x->has_planes, err);
}

static void coder_done(agg_coder *x)
{
    for (uint32_t i = 0; x->planes && i < x->coding->n; i++) seg_codes_free(x->planes[i]);
    mem_free(x->constants);
    mem_free(x->planes);
    mem_free(x->has_planes);
}

static pt_status init_coders(agg_worker *w, const agg_plan *plan, agg_memory *mem, pt_err *err)
{
    PT_TRY(coder_init(&w->coder, &plan->keys, mem, err));
    PT_TRY(agg_grow(mem, (void **)&w->rest_coders, 0, plan->n_distinct, sizeof *w->rest_coders, err));
    for (uint32_t i = 0; i < plan->n_distinct; i++)
        PT_TRY(coder_init(&w->rest_coders[i], &plan->distinct[i].rests, mem, err));
    return PT_OK;
}

static pt_status init_hot(agg_worker *w, const agg_plan *plan, agg_memory *mem, pt_err *err)
{
    if (!plan->hot.n_words) return PT_OK;
    if (plan->hot.reaches) PT_TRY(agg_grow(mem, (void **)&w->tops, 0, plan->n_direct, sizeof *w->tops, err));
    PT_TRY(agg_grow(mem, (void **)&w->hot, 0, plan->n_direct, plan->hot.n_words * sizeof *w->hot, err));
    PT_TRY(agg_grow(mem, (void **)&w->ones, 0, AGG_CHUNK, sizeof *w->ones, err));
    for (uint32_t i = 0; i < AGG_CHUNK; i++) w->ones[i] = 1;
    return PT_OK;
}

pt_status agg_worker_init(agg_worker *w, const agg_plan *plan, agg_memory *mem, uint64_t max_cells,
                          struct agg_spill *spill, pt_err *err)
{
    *w = (agg_worker){.plan = plan};
    size_t n_columns = plan->n_columns;
    pt_status st = agg_part_init(&w->part, plan, mem, max_cells, spill, err);
    if (st == PT_OK) st = scan_worker_init(&w->scan, &plan->scan, err);
    if (st == PT_OK) st = agg_grow(mem, (void **)&w->slots, 0, AGG_CHUNK * 6, sizeof *w->slots, err);
    if (st == PT_OK) st = agg_grow(mem, (void **)&w->picked, 0, AGG_CHUNK * 2, sizeof *w->picked, err);
    if (st == PT_OK && !plan->is_direct)
        st = agg_grow(mem, (void **)&w->keys, 0, AGG_CHUNK * ((size_t)plan->n_words + 1), sizeof *w->keys,
                      err);
    if (st == PT_OK) st = init_coders(w, plan, mem, err);
    if (st == PT_OK) st = agg_grow(mem, (void **)&w->is_missing, 0, n_columns, sizeof *w->is_missing, err);
    if (st == PT_OK) st = agg_grow(mem, (void **)&w->columns, 0, n_columns, sizeof *w->columns, err);
    if (st == PT_OK)
        st = agg_grow(mem, (void **)&w->values, 0, n_columns * AGG_CHUNK, sizeof *w->values, err);
    if (st == PT_OK) st = init_hot(w, plan, mem, err);
    if (st != PT_OK) {
        agg_worker_done(w);
        return st;
    }
    w->few_slots = w->slots + AGG_CHUNK;
    w->codes = w->few_slots + AGG_CHUNK;
    w->members = w->codes + AGG_CHUNK;
    w->rests = w->members + AGG_CHUNK;
    w->own_slots = w->rests + AGG_CHUNK;
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
    coder_done(&w->coder);
    for (uint32_t i = 0; w->rest_coders && i < w->plan->n_distinct; i++) coder_done(&w->rest_coders[i]);
    mem_free(w->rest_coders);
    mem_free(w->is_missing);
    for (uint32_t i = 0; w->columns && i < w->plan->n_columns; i++) seg_values_close(&w->columns[i]);
    mem_free(w->columns);
    mem_free(w->values);
    mem_free(w->hot);
    mem_free(w->tops);
    mem_free(w->ones);
    *w = (agg_worker){0};
}

/* ---- a chunk: groups ------------------------------------------------------------------- */

typedef struct chunk {
    uint32_t at, n;
    const uint32_t *rows; /* [n]; NULL: rows at, at + 1, ... */
} chunk;

/* Member ids of the chunk's rows. */
static pt_status chunk_ids(agg_worker *w, const chunk *c, uint32_t role, uint32_t *out, pt_err *err)
{
    seg_values *ids;
    PT_TRY(scan_ids(&w->scan, role, &ids, err));
    seg_values_ids(ids, c->rows, c->at, c->n, out);
    return PT_OK;
}

static pt_status chunk_members(agg_worker *w, const chunk *c, uint32_t role, pt_err *err)
{
    return chunk_ids(w, c, role, w->members, err);
}

static uint32_t chunk_row(const chunk *c, uint32_t i)
{
    return c->rows ? c->rows[i] : c->at + i;
}

/* What a code adds in the chunk, if that is the same for all rows. Facts are sorted by time first: of a block
 * with two years, all but one of the chunks have one. */
static pt_status chunk_constant(agg_worker *w, const chunk *c, const agg_coder *x, uint32_t i,
                                agg_constant *out, pt_err *err)
{
    const agg_code *code = &x->coding->codes[i];
    seg_values *ids;
    uint32_t min, max;
    *out = x->constants[i];
    if (out->is_one || (x->has_planes[i] && code->is_near)) return PT_OK; /* ids are not worth opening */
    PT_TRY(scan_ids(&w->scan, code->role, &ids, err));
    if (!seg_values_between(ids, chunk_row(c, 0), chunk_row(c, c->n - 1), &min, &max)) return PT_OK;
    *out = (agg_constant){agg_code_is_one(code, min, max), agg_code_share(code, min)};
    return PT_OK;
}

/* Add what one code gives each row of the chunk. */
static pt_status add_code(agg_worker *w, const chunk *c, const agg_coder *x, uint32_t i, uint32_t *out,
                          pt_err *err)
{
    const agg_code *code = &x->coding->codes[i];
    if (x->has_planes[i]) {
        seg_codes_add(x->planes[i], c->rows, c->at, c->n, out);
        return PT_OK;
    }
    PT_TRY(chunk_members(w, c, code->role, err));
    agg_code_add(code, w->plan->scan.kern, w->members, c->n, w->codes, out);
    return PT_OK;
}

/* The number that a coding gives each row of the chunk. *is_one: all have the same. */
static pt_status code_rows(agg_worker *w, const chunk *c, const agg_coder *x, uint32_t *out, bool *is_one,
                           pt_err *err)
{
    agg_constant constants[AGG_MAX_AXES];
    uint32_t sum = 0, n_varying = 0, last = 0;
    for (uint32_t i = 0; i < x->coding->n; i++) {
        PT_TRY(chunk_constant(w, c, x, i, &constants[i], err));
        sum += constants[i].is_one ? (uint32_t)constants[i].value : 0;
        n_varying += !constants[i].is_one;
        last = constants[i].is_one ? last : i;
    }
    *is_one = n_varying == 0;
    if (n_varying == 1 && sum == 0 && x->coding->codes[last].factor == 1) /* ids are the numbers */
        return chunk_ids(w, c, x->coding->codes[last].role, out, err);
    w->plan->scan.kern->unpack_u32(NULL, c->n, 0, sum, out); /* that many times */
    for (uint32_t i = 0; i < x->coding->n; i++)
        if (!constants[i].is_one) PT_TRY(add_code(w, c, x, i, out, err));
    return PT_OK;
}

static pt_status hashed_slots(agg_worker *w, const chunk *c, pt_err *err)
{
    const agg_plan *p = w->plan;
    uint64_t *share = w->keys + (size_t)AGG_CHUNK * p->n_words;
    memset(w->keys, 0, (size_t)c->n * p->n_words * sizeof *w->keys);
    for (uint32_t i = 0; i < p->keys.n; i++) {
        const agg_code *code = &p->keys.codes[i];
        uint64_t *keys = w->keys + code->word, constant = w->coder.constants[i].value;
        if (w->coder.constants[i].is_one) {
            for (uint32_t r = 0; r < c->n; r++) keys[(size_t)r * p->n_words] += constant;
            continue;
        }
        PT_TRY(chunk_members(w, c, code->role, err));
        p->scan.kern->gather_u64(code->u64, w->members, c->n, share);
        for (uint32_t r = 0; r < c->n; r++) keys[(size_t)r * p->n_words] += share[r];
    }
    PT_TRY(agg_groups_reserve(&w->part.groups, c->n, err));
    return agg_groups_find(&w->part.groups, w->keys, c->n, w->slots, err);
}

/* ---- a chunk: values ---------------------------------------------------------------------- */

static bool has_values(const agg_column *c)
{
    return c->sum != SUM_NONE || c->at_min || c->at_max;
}

static pt_status open_column(agg_worker *w, uint32_t i, pt_err *err)
{
    const agg_column *c = &w->plan->columns[i];
    w->is_missing[i] = false;
    if (c->input) return PT_OK; /* computed chunk by chunk */
    int col = w->scan.seg->value_cols[c->column];
    w->is_missing[i] = col < 0;
    if (col < 0) return PT_OK;
    return seg_values_open(&w->columns[i], w->scan.seg->s->seg, (uint32_t)col, w->scan.block, err);
}

static uint64_t *column_values(const agg_worker *w, uint32_t i)
{
    return w->values + (size_t)i * AGG_CHUNK;
}

/* Values are computed and added row by row, without those that are null. */
static bool is_picked(const agg_column *c)
{
    return c->input && !c->input->is_plain;
}

/* The values of the chunk's rows, if the column has one for each row. */
static pt_status read_column(agg_worker *w, uint32_t i, const chunk *c, pt_err *err)
{
    const agg_rows r = {.rows = c->rows, .at = c->at, .n = c->n};
    const agg_column *col = &w->plan->columns[i];
    if (is_picked(col) || w->is_missing[i] || !has_values(col)) return PT_OK;
    if (col->input) return agg_input_values(w, col->input, &r, column_values(w, i), err);
    seg_values_words(&w->columns[i], c->rows, c->at, c->n, column_values(w, i));
    return PT_OK;
}

static pt_status read_columns(agg_worker *w, const chunk *c, pt_err *err)
{
    for (uint32_t i = 0; i < w->plan->n_columns; i++) PT_TRY(read_column(w, i, c, err));
    return PT_OK;
}

/* Minima and maxima of the n picked values, turned into images in place; NaN is neither. */
static void add_extremes(agg_worker *w, const agg_column *c, const uint32_t *slots, uint32_t n)
{
    uint64_t *acc = w->part.groups.acc, *v = w->picked;
    uint32_t kept = 0;
    if (c->is_wide) {
        agg_add_extremes_i128(acc, w->plan->stride, c, slots, (const pt_i128 *)(const void *)w->picked, n);
        return;
    }
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

static void add_sum(agg_worker *w, const agg_column *c, const uint32_t *slots, uint32_t n)
{
    uint64_t *acc = w->part.groups.acc;
    uint32_t stride = w->plan->stride;
    const int64_t *v = (const int64_t *)(const void *)w->picked;
    switch (c->sum) {
    case SUM_NONE: break;
    case SUM_NARROW: agg_add_narrow(acc, stride, c->at_sum, slots, v, n); break;
    case SUM_WIDE:
        if (c->is_wide)
            agg_add_i128(acc, stride, c, slots, (const pt_i128 *)(const void *)w->picked, n);
        else
            agg_add_wide(acc, stride, c->at_sum, slots, v, n);
        break;
    case SUM_HUGE: agg_add_i128(acc, stride, c, slots, (const pt_i128 *)(const void *)w->picked, n); break;
    case SUM_DOUBLE: agg_add_double(acc, stride, c, slots, (const double *)(const void *)v, n); break;
    }
}

/* The n picked values of rows that are not null. */
static void add_picked(agg_worker *w, const agg_column *col, const uint32_t *slots, uint32_t n)
{
    if (col->at_count) agg_add_ones(w->part.groups.acc, w->plan->stride, col->at_count, slots, n);
    add_sum(w, col, slots, n);
    if (col->at_min || col->at_max) add_extremes(w, col, slots, n);
}

static pt_status add_computed(agg_worker *w, const agg_column *col, const chunk *c, pt_err *err)
{
    agg_rows r = {.rows = c->rows, .at = c->at, .n = c->n};
    uint32_t n;
    PT_TRY(agg_input_pick(w, col, &r, &n, err));
    add_picked(w, col, w->few_slots, n);
    return PT_OK;
}

/* Any column: values (and slots, without those of null rows) are picked first. */
static void add_column(agg_worker *w, uint32_t i, const chunk *c)
{
    const agg_column *col = &w->plan->columns[i];
    const seg_values *v = &w->columns[i];
    const uint64_t *values = column_values(w, i);
    const uint32_t *slots = w->slots;
    uint32_t n = c->n;
    if (!v->any_null && col->sum == SUM_NONE && has_values(col) && !col->is_double) { /* nothing to pick */
        if (col->at_count) agg_add_ones(w->part.groups.acc, w->plan->stride, col->at_count, slots, n);
        agg_add_extremes_int(w->part.groups.acc, w->plan->stride, col, slots,
                             (const int64_t *)(const void *)values, n);
        return;
    }
    if (v->any_null) {
        n = 0;
        for (uint32_t r = 0; r < c->n; r++) {
            uint32_t row = chunk_row(c, r);
            w->few_slots[n] = w->slots[r];
            w->picked[n] = has_values(col) ? values[r] : 0;
            n += !(v->nulls[row / 64] >> (row % 64) & 1);
        }
        slots = w->few_slots;
    } else if (has_values(col)) {
        memcpy(w->picked, values, n * sizeof *values);
    }
    add_picked(w, col, slots, n);
}

/* Columns of which this block needs nothing but a 64-bit sum of values that are not null, or read as 0. */
static bool is_simple(const agg_worker *w, uint32_t i)
{
    const agg_column *c = &w->plan->columns[i];
    return !is_picked(c) && c->sum == SUM_NARROW && !c->at_min && !c->at_max &&
           (!c->at_count || !w->columns[i].any_null);
}

/* All rows of a run are in one group. */
static void add_run(agg_worker *w, uint32_t from, uint32_t n)
{
    const kern_ops *k = w->plan->scan.kern;
    uint64_t *acc = agg_acc(&w->part.groups, w->slots[from]);
    if (w->plan->proof == PROOF_ROWS) acc[0] += n;
    for (uint32_t i = 0; i < w->plan->n_columns; i++) {
        const agg_column *col = &w->plan->columns[i];
        if (w->is_missing[i] || !is_simple(w, i)) continue;
        acc[col->at_sum] += (uint64_t)k->sum_i64((const int64_t *)(column_values(w, i) + from), n);
        if (col->at_count) acc[col->at_count] += n;
    }
}

static void add_runs(agg_worker *w, const chunk *c)
{
    for (uint32_t from = 0, to; from < c->n; from = to) {
        for (to = from + 1; to < c->n && w->slots[to] == w->slots[from];) to++;
        add_run(w, from, to - from);
    }
}

static bool has_long_runs(const agg_worker *w, uint32_t n)
{
    enum { MEAN_RUN = 32 };
    uint32_t n_changes = 0;
    for (uint32_t i = 1; i < n; i++) n_changes += w->slots[i] != w->slots[i - 1];
    return n_changes < n / MEAN_RUN;
}

/* A column of integers without nulls in this block, of which nothing but a minimum or a maximum is needed. */
static bool is_extreme(const agg_worker *w, uint32_t i)
{
    const agg_column *c = &w->plan->columns[i];
    return !is_picked(c) && !w->is_missing[i] && c->sum == SUM_NONE && !c->at_min != !c->at_max &&
           !c->is_double && !w->columns[i].any_null;
}

/* Rows one by one, each to its group: the count of rows, up to AGG_MAX_FUSED simple columns and an extreme in
 * one pass. Returns the column of the extreme; n_columns: none. */
static uint32_t add_rows(agg_worker *w, const chunk *c)
{
    agg_fused f = {.acc = w->part.groups.acc, .stride = w->plan->stride, .slots = w->slots, .n = c->n};
    uint32_t extreme = 0;
    f.counts_rows = w->plan->proof == PROOF_ROWS;
    for (uint32_t i = 0; i < w->plan->n_columns; i++) {
        const agg_column *col = &w->plan->columns[i];
        if (w->is_missing[i] || !is_simple(w, i)) continue;
        if (f.n_columns == AGG_MAX_FUSED) {
            agg_add_fused(&f);
            f.n_columns = 0;
            f.counts_rows = false;
        }
        f.at[f.n_columns] = col->at_sum;
        f.values[f.n_columns++] = (const int64_t *)column_values(w, i);
        if (col->at_count) agg_add_ones(w->part.groups.acc, w->plan->stride, col->at_count, w->slots, c->n);
    }
    while (extreme < w->plan->n_columns && !is_extreme(w, extreme)) extreme++;
    if (extreme < w->plan->n_columns) {
        const agg_column *col = &w->plan->columns[extreme];
        f.extremes = (const int64_t *)column_values(w, extreme);
        f.at_extreme = col->at_min ? col->at_min : col->at_max;
        f.is_min = col->at_min != 0;
        if (col->at_count) agg_add_ones(w->part.groups.acc, w->plan->stride, col->at_count, w->slots, c->n);
    }
    agg_add_fused(&f);
    return extreme;
}

/* Rows one by one, each to what its group has in 32 bits. */
static pt_status add_hot(agg_worker *w, const chunk *c, pt_err *err)
{
    const agg_hot_plan *p = &w->plan->hot;
    agg_hot_rows r = {
        .hot = w->hot, .acc = w->part.groups.acc, .stride = w->plan->stride, .n = c->n, .slots = w->slots};
    for (uint32_t k = 0; k < p->n_sums; k++) {
        uint32_t column = p->sums[k].column;
        if (column != MEMBER_NONE) PT_TRY(read_column(w, column, c, err));
        r.values[k] = column == MEMBER_NONE ? w->ones : (const int64_t *)column_values(w, column);
    }
    if (p->has_extreme && !p->reaches) {
        PT_TRY(read_column(w, p->extreme.column, c, err));
        r.extremes = (const int64_t *)column_values(w, p->extreme.column);
    }
    agg_hot_add(p, &r);
    return PT_OK;
}

/* Members of the rows that fulfil the conditions. */
static pt_status add_distinct_under(agg_worker *w, uint32_t i, const chunk *c, const uint32_t *slots,
                                    bool is_one, pt_err *err)
{
    const agg_distinct *d = &w->plan->distinct[i];
    agg_rows r = {.rows = c->rows, .at = c->at, .n = c->n};
    uint32_t n, *places = w->few_slots;
    PT_TRY(agg_input_select(w, d->input, &r, places, &n, err));
    PT_TRY(chunk_members(w, c, d->role, err));
    for (uint32_t k = 0; k < n; k++) { /* places are ascending: what is overwritten has been read */
        w->own_slots[k] = slots[places[k]];
        w->members[k] = w->members[places[k]];
    }
    return n ? agg_set_add(&w->part.sets[i], w->own_slots, is_one, w->members, n, (kern_soon){0}, err)
             : PT_OK;
}

/* The ids that will be unpacked after the next chunk's: unpacking itself asks for most of those, and in a
 * hurry. */
static pt_status soon_ids(agg_worker *w, const chunk *c, uint32_t role, kern_soon *out, pt_err *err)
{
    seg_values *ids;
    *out = (kern_soon){0};
    if (c->rows) return PT_OK;
    PT_TRY(scan_ids(&w->scan, role, &ids, err));
    *out = seg_values_soon(ids, c->at + c->n + AGG_CHUNK / 2, AGG_CHUNK);
    return PT_OK;
}

static pt_status add_distinct(agg_worker *w, uint32_t i, const chunk *c, pt_err *err)
{
    const agg_distinct *d = &w->plan->distinct[i];
    const uint32_t *slots = w->slots;
    bool is_one = w->is_one_group;
    kern_soon soon;
    if (d->has_rests) {
        PT_TRY(code_rows(w, c, &w->rest_coders[i], w->rests, &is_one, err));
        slots = w->rests;
    }
    if (d->input) return add_distinct_under(w, i, c, slots, is_one, err);
    PT_TRY(chunk_members(w, c, d->role, err));
    PT_TRY(soon_ids(w, c, d->role, &soon, err));
    return agg_set_add(&w->part.sets[i], slots, is_one, w->members, c->n, soon, err);
}

static pt_status add_values(agg_worker *w, const chunk *c, pt_err *err)
{
    uint32_t done = w->plan->n_columns;
    bool has_runs = w->is_one_group || has_long_runs(w, c->n);
    if (w->hot && !has_runs) return add_hot(w, c, err); /* which has all columns */
    PT_TRY(read_columns(w, c, err));
    if (w->is_one_group)
        add_run(w, 0, c->n);
    else if (has_runs)
        add_runs(w, c);
    else
        done = add_rows(w, c);
    for (uint32_t i = 0; i < w->plan->n_columns; i++) {
        if (i == done) continue;
        if (is_picked(&w->plan->columns[i]))
            PT_TRY(add_computed(w, &w->plan->columns[i], c, err));
        else if (!w->is_missing[i] && !is_simple(w, i))
            add_column(w, i, c);
    }
    return PT_OK;
}

static pt_status add_chunk(agg_worker *w, const chunk *c, pt_err *err)
{
    const agg_plan *p = w->plan;
    if (!p->is_direct)
        PT_TRY(hashed_slots(w, c, err));
    else if (p->needs_slots)
        PT_TRY(code_rows(w, c, &w->coder, w->slots, &w->is_one_group, err));
    if (p->proof != PROOF_MEMBERS) PT_TRY(add_values(w, c, err));
    for (uint32_t i = 0; i < p->n_distinct; i++) PT_TRY(add_distinct(w, i, c, err));
    return PT_OK;
}

/* ---- blocks --------------------------------------------------------------------------------- */

static void carry_all(agg_worker *w)
{
    agg_groups *g = &w->part.groups;
    for (uint64_t slot = 0; slot < g->n; slot++) agg_carry(w->plan, agg_acc(g, slot));
    w->n_uncarried = 0;
}

static pt_status open_coder(agg_worker *w, agg_coder *x, pt_err *err)
{
    agg_coding_constants(x->coding, &w->scan, x->constants);
    return agg_planes_open(x, &w->scan, err);
}

static pt_status open_coders(agg_worker *w, pt_err *err)
{
    PT_TRY(open_coder(w, &w->coder, err));
    for (uint32_t i = 0; i < w->plan->n_distinct; i++) PT_TRY(open_coder(w, &w->rest_coders[i], err));
    return PT_OK;
}

static chunk chunk_at(const scan_worker *s, uint32_t at)
{
    return (chunk){.at = at,
                   .n = s->n_rows - at < AGG_CHUNK ? s->n_rows - at : AGG_CHUNK,
                   .rows = s->is_all ? NULL : s->rows + at};
}

pt_status agg_worker_block(agg_worker *w, scan_block b, pt_err *err)
{
    const scan_worker *s = &w->scan;
    PT_TRY(scan_rows(&w->scan, b, err));
    if (s->n_rows == 0) return PT_OK;
    for (uint32_t i = 0; i < w->plan->n_columns; i++) PT_TRY(open_column(w, i, err));
    PT_TRY(open_coders(w, err));
    for (uint32_t at = 0; at < s->n_rows; at += AGG_CHUNK) {
        chunk c = chunk_at(s, at);
        PT_TRY(add_chunk(w, &c, err));
    }
    w->n_uncarried += s->n_rows;
    if (w->n_uncarried > AGG_MAX_UNCARRIED - SEG_BLOCK_ROWS) carry_all(w);
    return PT_OK;
}

static pt_status search_chunk(agg_worker *w, const chunk *c, const agg_search *s, pt_err *err)
{
    const agg_hot_extreme *x = &w->plan->hot.extreme;
    uint32_t *places = w->few_slots;
    PT_TRY(code_rows(w, c, &w->coder, w->slots, &w->is_one_group, err));
    uint32_t n = agg_search_rows(s, w->slots, c->n, places);
    if (n == 0) return PT_OK;
    PT_TRY(read_column(w, x->column, c, err));
    agg_raise_tops(x, w->tops, w->slots, (const int64_t *)column_values(w, x->column), places, n);
    return PT_OK;
}

pt_status agg_worker_search(agg_worker *w, scan_block b, const agg_search *s, pt_err *err)
{
    PT_TRY(scan_rows(&w->scan, b, err));
    if (w->scan.n_rows == 0) return PT_OK;
    PT_TRY(open_column(w, w->plan->hot.extreme.column, err));
    PT_TRY(open_coder(w, &w->coder, err));
    for (uint32_t at = 0; at < w->scan.n_rows; at += AGG_CHUNK) {
        chunk c = chunk_at(&w->scan, at);
        PT_TRY(search_chunk(w, &c, s, err));
    }
    return PT_OK;
}
