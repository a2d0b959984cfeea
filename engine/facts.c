/* facts.c - single fact rows: for drill-through, and for replacing slices. */
#include "engine/scan.h"

typedef struct reader {
    scan_worker w;
    const cube *cube;
    const uint32_t **ids; /* [roles] of the block at hand */
    uint64_t *values;     /* [columns * SEG_BLOCK_ROWS] */
    uint64_t *nulls;      /* [columns * SEG_BLOCK_WORDS] */
    uint32_t *members;    /* [roles] of a row */
    pt_value *row;        /* [columns] */
} reader;

static pt_status reader_init(reader *r, const scan *sc, arena *a, pt_err *err)
{
    const cube *c = sc->cube;
    r->cube = c;
    r->ids = arena_array(a, const uint32_t *, c->n_roles);
    r->values = arena_array(a, uint64_t, (size_t)c->n_columns * SEG_BLOCK_ROWS);
    r->nulls = arena_array(a, uint64_t, (size_t)c->n_columns * SEG_BLOCK_WORDS);
    r->members = arena_array(a, uint32_t, c->n_roles);
    r->row = arena_array(a, pt_value, c->n_columns);
    if (!r->ids || !r->values || !r->nulls || !r->members || !r->row) return arena_fail(a, err);
    return scan_worker_init(&r->w, sc, err);
}

static pt_status read_column(reader *r, uint32_t i, pt_err *err)
{
    const seg *s = r->w.seg->s->seg;
    int col = r->w.seg->value_cols[i];
    uint64_t *values = r->values + (size_t)i * SEG_BLOCK_ROWS,
             *nulls = r->nulls + (size_t)i * SEG_BLOCK_WORDS;
    bool any = false;
    memset(nulls, col < 0 ? 0xff : 0, SEG_BLOCK_WORDS * sizeof *nulls);
    if (col < 0) return PT_OK;
    PT_TRY(seg_read_nulls(s, (uint32_t)col, r->w.block, nulls, &any, err));
    if (r->cube->columns[i].type == TYPE_DOUBLE)
        return seg_read_doubles(s, (uint32_t)col, r->w.block, (double *)(void *)values, err);
    return seg_read_ints(s, (uint32_t)col, r->w.block, (int64_t *)(void *)values, err);
}

static pt_status read_block(reader *r, pt_err *err)
{
    for (uint32_t i = 0; i < r->cube->n_roles; i++) PT_TRY(scan_all_ids(&r->w, i, &r->ids[i], err));
    for (uint32_t i = 0; i < r->cube->n_columns; i++) PT_TRY(read_column(r, i, err));
    return PT_OK;
}

static pt_value value_of(const reader *r, uint32_t i, uint32_t row)
{
    const fact_column *f = &r->cube->columns[i];
    uint64_t bits = r->values[(size_t)i * SEG_BLOCK_ROWS + row];
    int64_t v = (int64_t)bits;
    double d;
    if (r->nulls[(size_t)i * SEG_BLOCK_WORDS + row / 64] >> (row % 64) & 1) return value_null();
    switch (f->type) {
    case TYPE_DOUBLE: memcpy(&d, &bits, sizeof d); return value_double(d);
    case TYPE_DECIMAL: return value_dec(v, f->scale);
    case TYPE_BOOLEAN: return value_bool(v != 0);
    case TYPE_DATE: return value_date(v);
    case TYPE_TIMESTAMP: return (pt_value){.kind = VAL_TIME, .i = v};
    case TYPE_INTEGER:
    case TYPE_TEXT:
    case TYPE_NONE: break;
    }
    return value_int(v);
}

/* Hand out the rows of the block, less those to skip, until `max` is used up. */
static pt_status hand_out(reader *r, uint64_t *skip, uint64_t *max, facts_fn fn, void *ctx, pt_err *err)
{
    uint32_t n = r->w.n_rows;
    if (*skip >= n) {
        *skip -= n;
        return PT_OK;
    }
    PT_TRY(read_block(r, err));
    for (uint32_t i = (uint32_t)*skip; i<n && * max> 0; i++, --*max) {
        uint32_t row = r->w.is_all ? i : r->w.rows[i];
        for (uint32_t k = 0; k < r->cube->n_roles; k++) r->members[k] = r->ids[k][row];
        for (uint32_t k = 0; k < r->cube->n_columns; k++) r->row[k] = value_of(r, k, row);
        PT_TRY(fn(ctx, r->members, r->row, err));
    }
    *skip = 0;
    return PT_OK;
}

pt_status facts_scan(const view *v, const limits *l, const agg_request *req, uint64_t skip, uint64_t max,
                     facts_fn fn, void *ctx, pt_err *err)
{
    arena *a = limits_arena(l);
    if (!a) return pt_fail(err, PT_NOMEM, "out of memory while reading facts");
    scan sc;
    reader r = {0};
    scan_request sr = {.cube = req->cube,
                       .where = req->where,
                       .n_any = req->n_any,
                       .any = req->any,
                       .n_tests = req->n_tests,
                       .tests = req->tests,
                       .no_index = req->no_index};
    uint32_t n_segs;
    const snapshot_seg *segs = snapshot_segs(v->snap, req->cube->id, &n_segs);
    pt_status st = scan_plan(v, &sr, segs, n_segs, a, &sc, err);
    for (uint32_t i = 0; st == PT_OK && i < req->cube->n_roles; i++) st = scan_check_role(&sc, i, err);
    if (st == PT_OK) st = reader_init(&r, &sc, a, err);
    for (uint32_t i = 0; st == PT_OK && i < sc.n_blocks && max > 0; i++) {
        st = limits_check(l, err);
        if (st == PT_OK) st = scan_rows(&r.w, sc.blocks[i], err);
        if (st == PT_OK) st = hand_out(&r, &skip, &max, fn, ctx, err);
    }
    if (r.w.sc) scan_worker_done(&r.w);
    arena_free(a);
    return st;
}

pt_status facts_match(const view *v, const cube *c, const snapshot_seg *s, const agg_conj *where,
                      roaring_bitmap_t **rows, pt_err *err)
{
    *rows = NULL;
    arena *a = arena_new(0);
    roaring_bitmap_t *found = roaring_bitmap_create();
    scan sc;
    scan_worker w = {0};
    scan_request sr = {.cube = c, .where = *where};
    pt_status st = a && found ? PT_OK : pt_fail(err, PT_NOMEM, "out of memory while reading facts");
    if (st == PT_OK) st = scan_plan(v, &sr, s, 1, a, &sc, err);
    if (st == PT_OK) st = scan_worker_init(&w, &sc, err);
    for (uint32_t i = 0; st == PT_OK && i < sc.n_blocks; i++) {
        uint32_t first = sc.blocks[i].block * SEG_BLOCK_ROWS;
        if ((st = scan_rows(&w, sc.blocks[i], err)) != PT_OK) break;
        if (w.is_all) roaring_bitmap_add_range(found, first, (uint64_t)first + w.n_rows);
        for (uint32_t k = 0; !w.is_all && k < w.n_rows; k++) w.rows[k] += first;
        if (!w.is_all) roaring_bitmap_add_many(found, w.n_rows, w.rows);
    }
    if (w.sc) scan_worker_done(&w);
    if (a) arena_free(a);
    if (st == PT_OK)
        *rows = found;
    else if (found)
        roaring_bitmap_free(found);
    return st;
}
