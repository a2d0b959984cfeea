/* load_fact.c - facts: batches are collected in segment writers; full ones are written together by all
 * threads. */
#include "etl/load_int.h"

enum {
    SEGMENT_ROWS = 1 << 20,
    PATH_BYTES = 4096,
    LEAST_ROW_BYTES = 32 /* of a source, more or less: tells how many keys there will be to look up */
};

/* ---- a cube in the load -------------------------------------------- */

static pt_status make_columns(load *l, load_cube *c)
{
    seg_column *cols;
    uint32_t n;
    PT_TRY(cube_segment_columns(c->cube, l->a, &cols, &n, l->err));
    c->columns = arena_array(l->a, seg_column, n + 1);
    if (!c->columns) return arena_fail(l->a, l->err);
    memcpy(c->columns, cols, n * sizeof *cols);
    c->columns[n] = (seg_column){.name = STR(LOAD_PART_COLUMN), .kind = SEG_INT};
    c->n_columns = n + 1;
    return PT_OK;
}

static bool keeps_history(const dimension *d)
{
    for (uint32_t i = 0; i < d->spec.n_attrs; i++)
        if (d->spec.attrs[i].history) return true;
    return false;
}

/* The first time role with a date among its attributes tells the day of a fact. */
static void find_day(load_cube *c)
{
    c->day_role = c->day_attr = MEMBER_NONE;
    for (uint32_t r = 0; r < c->cube->n_roles && c->day_role == MEMBER_NONE; r++) {
        const dimension *d = c->cube->roles[r].dimension;
        for (uint32_t i = 0; i < d->spec.n_attrs && d->is_time && c->day_role == MEMBER_NONE; i++) {
            if (d->spec.attrs[i].type != TYPE_DATE && d->spec.attrs[i].type != TYPE_TIMESTAMP) continue;
            c->day_role = r;
            c->day_attr = i;
        }
    }
}

/* From now on facts find members in the versions that the dimensions have now. */
static pt_status show_dims(load *l, load_cube *c)
{
    for (uint32_t r = 0; r < c->cube->n_roles; r++) {
        load_dim *d = c->dims[r];
        if (d->keys_of != d->view) {
            keymap_free(&d->keys);
            d->keys_of = d->view;
            PT_TRY(keymap_make(d->view, l->bytes_total / LEAST_ROW_BYTES, &d->keys, l->err));
        }
        c->views[r] = d->view;
        c->keymaps[r] = d->keys;
    }
    return PT_OK;
}

pt_status load_cube_begin(load *l, load_cube *c)
{
    uint32_t n = c->cube->n_roles;
    PT_TRY(make_columns(l, c));
    c->base = snapshot_segs(l->view.snap, c->cube->id, &c->n_base);
    c->dims = arena_array(l->a, load_dim *, n);
    c->views = arena_array(l->a, const dim_view *, n);
    c->keymaps = arena_array(l->a, keymap, n);
    c->has_history = arena_array(l->a, bool, n);
    c->deleted = arena_array(l->a, roaring_bitmap_t *, c->n_base);
    c->max_full = pool_threads(warehouse_pool(l->warehouse));
    c->full = arena_array(l->a, seg_writer *, c->max_full);
    if (!c->dims || !c->views || !c->keymaps || !c->has_history || !c->deleted || !c->full)
        return arena_fail(l->a, l->err);
    for (uint32_t r = 0; r < n; r++) {
        load_dim *d = &l->dims[0];
        while (d->dimension != c->cube->roles[r].dimension) d++;
        c->dims[r] = d;
        c->has_history[r] = keeps_history(d->dimension);
    }
    PT_TRY(show_dims(l, c));
    find_day(c);
    return l->options->replace ? load_slice_begin(l, c) : PT_OK;
}

void load_cube_free(load_cube *c)
{
    seg_writer_free(c->writer);
    for (uint32_t i = 0; i < c->n_full; i++) seg_writer_free(c->full[i]);
    for (uint32_t i = 0; c->deleted && i < c->n_base; i++)
        if (c->deleted[i]) roaring_bitmap_free(c->deleted[i]);
}

/* ---- writing segments ---------------------------------------------- */

/* The versions of all dimensions of the cube, with every member that its facts have; indexes are made for
 * these. */
static pt_status write_dims(load *l, load_cube *c)
{
    for (uint32_t r = 0; r < c->cube->n_roles; r++) PT_TRY(load_dim_write(l, c->dims[r]));
    return show_dims(l, c);
}

typedef struct flush {
    load_cube *c;
    uint64_t version;
    uint32_t *sort_cols, n_sort, n_indexes;
    const uint32_t *const *rank_of;
    seg_index_spec *indexes;
    uint64_t *ids;             /* [n_full] */
    char (*paths)[PATH_BYTES]; /* [n_full] */
} flush;

static pt_status write_segment(void *ctx, unsigned worker, uint64_t task, pt_err *err)
{
    flush *f = ctx;
    (void)worker;
    return seg_writer_finish(f->c->full[task], f->paths[task], f->sort_cols, f->rank_of, f->n_sort,
                             f->indexes, f->n_indexes, f->version, err);
}

static pt_status write_full(load *l, load_cube *c, arena *a)
{
    flush f = {.c = c, .version = txn_version(l->txn)};
    f.ids = arena_array(a, uint64_t, c->n_full);
    f.paths = arena_calloc(a, c->n_full, PATH_BYTES);
    if (!f.ids || !f.paths) return arena_fail(a, l->err);
    PT_TRY(write_dims(l, c));
    PT_TRY(cube_segment_layout(c->cube, c->views, a, &f.sort_cols, &f.rank_of, &f.n_sort, &f.indexes,
                               &f.n_indexes, l->err));
    for (uint32_t i = 0; i < c->n_full; i++)
        PT_TRY(txn_segment_path(l->txn, &f.ids[i], f.paths[i], PATH_BYTES, l->err));
    PT_TRY(pool_run(warehouse_pool(l->warehouse), l->options->limits.threads, c->n_full, write_segment, &f,
                    l->err));
    for (uint32_t i = 0; i < c->n_full; i++)
        PT_TRY(txn_add_segment(l->txn, c->cube->id, f.ids[i], l->id, l->err));
    return PT_OK;
}

static pt_status flush_full(load *l, load_cube *c)
{
    if (!c->n_full) return PT_OK;
    PT_TRY(load_progress(l, "writing segments", 0, c->n_full, "segments"));
    arena *a = arena_new(0);
    if (!a) return pt_fail(l->err, PT_NOMEM, "out of memory");
    pt_status st = write_full(l, c, a);
    arena_free(a);
    for (uint32_t i = 0; i < c->n_full; i++) seg_writer_free(c->full[i]);
    c->n_full = 0;
    return st;
}

pt_status load_cube_flush(load *l, load_cube *c)
{
    if (c->writer) {
        c->full[c->n_full++] = c->writer;
        c->writer = NULL;
    }
    return flush_full(l, c);
}

/* ---- collecting ---------------------------------------------------- */

/* Ids for the keys of one role that were not known, and in the rows that have them. */
static pt_status infer_role(load *l, load_mapping *m, batch *b, uint32_t role)
{
    const batch_pending *p = &b->pending[role];
    load_dim *d = m->cube->dims[role];
    uint32_t *members = arena_array(b->mem, uint32_t, p->n), *ids = b->ids[role];
    if (!members) return arena_fail(b->mem, l->err);
    PT_TRY(load_dim_edit(l, d));
    for (uint32_t i = 0; i < p->n; i++) {
        bool is_new;
        PT_TRY(dim_edit_infer(d->edit, p->keys[i], &members[i], &is_new, l->err));
        m->result->n_members_inferred += is_new;
    }
    for (uint32_t i = 0; i < b->n_rows; i++)
        if (ids[i] >= BATCH_PENDING) ids[i] = members[ids[i] - BATCH_PENDING];
    return PT_OK;
}

static pt_status infer_members(load *l, load_mapping *m, batch *b)
{
    for (uint32_t r = 0; r < m->cube->cube->n_roles; r++)
        if (b->pending[r].n) PT_TRY(infer_role(l, m, b, r));
    return PT_OK;
}

/* Rows [from, from + n) of the batch. */
static pt_status append(load *l, load_mapping *m, const load_part *p, const batch *b, uint32_t from,
                        uint32_t n)
{
    load_cube *c = m->cube;
    uint32_t n_roles = c->cube->n_roles;
    seg_batch *cols = arena_array(b->mem, seg_batch, c->n_columns);
    int64_t *numbers = arena_array(b->mem, int64_t, n);
    if (!cols || !numbers) return arena_fail(b->mem, l->err);
    for (uint32_t i = 0; i < n; i++) numbers[i] = (int64_t)p->number;
    for (uint32_t r = 0; r < n_roles; r++) cols[r].ids = b->ids[r] + from;
    for (uint32_t i = 0; i < c->cube->n_columns; i++) {
        const batch_column *x = &b->columns[i];
        seg_batch *to = &cols[n_roles + i];
        if (x->doubles)
            to->doubles = x->doubles + from;
        else
            to->ints = x->ints + from;
        if (x->has_nulls) to->nulls = x->nulls + from;
    }
    cols[c->n_columns - 1].ints = numbers;
    return seg_writer_append(c->writer, n, cols, l->err);
}

static void note_slices(load_mapping *m, const batch *b)
{
    const uint32_t *ids = b->ids[m->mapping->slice_role];
    for (uint32_t i = 0; i < b->n_rows; i++)
        if (ids[i] < m->n_slices_seen) m->slices_seen[ids[i]] = 1;
}

pt_status load_fact_consume(load *l, load_mapping *m, load_part *p, batch *b)
{
    load_cube *c = m->cube;
    uint32_t most = l->options->segment_rows ? l->options->segment_rows : SEGMENT_ROWS;
    if (most > SEG_MAX_ROWS) most = SEG_MAX_ROWS;
    PT_TRY(infer_members(l, m, b));
    if (m->slices_seen) note_slices(m, b);
    for (uint32_t from = 0; from < b->n_rows;) {
        if (!c->writer) PT_TRY(seg_writer_new(c->columns, c->n_columns, &c->writer, l->err));
        uint32_t room = most - seg_writer_rows(c->writer),
                 n = b->n_rows - from < room ? b->n_rows - from : room;
        PT_TRY(append(l, m, p, b, from, n));
        from += n;
        if (n < room) continue;
        c->full[c->n_full++] = c->writer;
        c->writer = NULL;
        if (c->n_full == c->max_full) PT_TRY(flush_full(l, c));
    }
    return PT_OK;
}
