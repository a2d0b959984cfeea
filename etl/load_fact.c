/* load_fact.c - facts: batches are collected in segment writers; full ones go to load_segment.c. */
#include "etl/load_int.h"

enum {
    SEGMENT_ROWS = 1 << 20,
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

/* A keymap of a former version. */
struct load_keymap {
    load_keymap *next;
    keymap keys;
};

static pt_status make_keys(load *l, load_dim *d)
{
    if (d->keys_of == d->view) return PT_OK;
    if (d->keys.n) {
        load_keymap *former = arena_make(l->a, load_keymap);
        if (!former) return arena_fail(l->a, l->err);
        *former = (load_keymap){l->former_keymaps, d->keys};
        l->former_keymaps = former;
        d->keys = (keymap){0};
    }
    d->keys_of = d->view;
    return keymap_make(d->view, l->bytes_total / LEAST_ROW_BYTES, &d->keys, l->err);
}

void load_keymaps_free(load *l)
{
    for (load_keymap *k = l->former_keymaps; k; k = k->next) keymap_free(&k->keys);
    for (uint32_t i = 0; i < l->n_dims && l->dims; i++) keymap_free(&l->dims[i].keys);
}

pt_status load_cube_show(load *l, load_cube *c, bool is_last)
{
    uint32_t n = c->cube->n_roles;
    bool is_same = c->views != NULL;
    for (uint32_t r = 0; r < n && is_same; r++) is_same = c->views[r] == c->dims[r]->view;
    if (is_same) return PT_OK;
    const dim_view **views = arena_array(l->a, const dim_view *, n);
    keymap *keymaps = arena_array(l->a, keymap, n);
    if (!views || !keymaps) return arena_fail(l->a, l->err);
    for (uint32_t r = 0; r < n; r++) {
        if (!is_last) PT_TRY(make_keys(l, c->dims[r]));
        views[r] = c->dims[r]->view;
        if (!is_last) keymaps[r] = c->dims[r]->keys;
    }
    pthread_mutex_lock(&l->lock);
    c->views = views;
    c->keymaps = keymaps;
    pthread_mutex_unlock(&l->lock);
    return PT_OK;
}

pt_status load_cube_begin(load *l, load_cube *c)
{
    uint32_t n = c->cube->n_roles;
    PT_TRY(make_columns(l, c));
    c->base = snapshot_segs(l->view.snap, c->cube->id, &c->n_base);
    c->dims = arena_array(l->a, load_dim *, n);
    c->has_history = arena_array(l->a, bool, n);
    c->deleted = arena_array(l->a, roaring_bitmap_t *, c->n_base);
    if (!c->dims || !c->has_history || !c->deleted) return arena_fail(l->a, l->err);
    for (uint32_t r = 0; r < n; r++) {
        load_dim *d = &l->dims[0];
        while (d->dimension != c->cube->roles[r].dimension) d++;
        c->dims[r] = d;
        c->has_history[r] = keeps_history(d->dimension);
    }
    PT_TRY(load_cube_show(l, c, false));
    find_day(c);
    return l->options->replace ? load_slice_begin(l, c) : PT_OK;
}

void load_cube_free(load_cube *c)
{
    seg_writer_free(c->writer);
    for (uint32_t i = 0; c->deleted && i < c->n_base; i++)
        if (c->deleted[i]) roaring_bitmap_free(c->deleted[i]);
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
        seg_writer *full = c->writer;
        c->writer = NULL;
        PT_TRY(load_segment_put(l, c, full, false));
    }
    return PT_OK;
}

pt_status load_cube_flush(load *l, load_cube *c)
{
    seg_writer *last = c->writer;
    c->writer = NULL;
    if (last) PT_TRY(load_segment_put(l, c, last, true));
    for (uint32_t r = 0; r < c->cube->n_roles; r++) PT_TRY(load_dim_write(l, c->dims[r]));
    PT_TRY(load_cube_show(l, c, true));
    return load_segment_finish(l);
}
