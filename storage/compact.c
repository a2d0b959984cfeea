/* compact.c - merging small segments of a cube and dropping deleted rows.
 *
 * Which: smallest first, as long as the next one is not much larger than what is taken already. So a row is
 * rewritten about as often as the cube doubles in size, and a night's small load does not rewrite a full
 * segment. A segment with a quarter of its rows deleted is always worth rewriting. */
#include <stdlib.h>

#include "storage/seg_format.h"
#include "storage/store_int.h"

enum {
    FULL_ROWS = 1 << 22,   /* of a merged segment, at most */
    ALWAYS_ROWS = 1 << 18, /* segments up to here always merge */
    DEAD_SHARE = 4,        /* a quarter */
    WAIT_US = 10 * 1000 * 1000,
    MAX_MERGED = 4096 /* segments at a time */
};

/* ---- planning ------------------------------------------------------ */

static uint32_t dead_rows(const snapshot_seg *s)
{
    return s->deleted ? (uint32_t)roaring_bitmap_get_cardinality(s->deleted) : 0;
}

static uint32_t live_rows(const snapshot_seg *s)
{
    return seg_rows(s->seg) - dead_rows(s);
}

static bool is_mostly_dead(const snapshot_seg *s)
{
    return (uint64_t)dead_rows(s) * DEAD_SHARE >= seg_rows(s->seg);
}

/* Rows of both can be in one segment: the same roles (ids have no null to stand for a missing one), and
 * columns of the same name have the same type. */
static bool fit_together(const seg *a, const seg *b)
{
    uint32_t n_roles[2] = {0, 0};
    for (uint32_t c = 0; c < seg_n_columns(a); c++) {
        const seg_column *x = seg_column_at(a, c);
        int at = seg_find(b, x->name, x->kind == SEG_ID);
        if (at < 0 && x->kind == SEG_ID) return false;
        if (at < 0) continue;
        const seg_column *y = seg_column_at(b, (uint32_t)at);
        if (x->kind != y->kind || x->scale != y->scale) return false;
        n_roles[0] += x->kind == SEG_ID;
    }
    for (uint32_t c = 0; c < seg_n_columns(b); c++) n_roles[1] += seg_column_at(b, c)->kind == SEG_ID;
    return n_roles[0] == n_roles[1];
}

typedef struct candidate {
    uint32_t at, live;
    bool is_mostly_dead;
} candidate;

static int by_live(const void *a, const void *b)
{
    const candidate *x = a, *y = b;
    if (x->live != y->live) return x->live < y->live ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

/* The group that starts with candidate `first`. */
static uint32_t pick_group(const snapshot_seg *segs, const candidate *c, uint32_t first, uint32_t n,
                           uint32_t *picked)
{
    uint32_t n_picked = 0, total = 0;
    bool has_dead = false;
    for (uint32_t i = first; i < n && n_picked < MAX_MERGED; i++) {
        if (total + c[i].live > FULL_ROWS) break;
        if (n_picked && !c[i].is_mostly_dead && c[i].live > (uint64_t)total * 2 + ALWAYS_ROWS) break;
        bool fits = true;
        for (uint32_t k = 0; k < n_picked && fits; k++)
            fits = fit_together(segs[picked[k]].seg, segs[c[i].at].seg);
        if (!fits) continue;
        picked[n_picked++] = c[i].at;
        total += c[i].live;
        has_dead |= c[i].is_mostly_dead;
    }
    return n_picked >= 2 || has_dead ? n_picked : 0;
}

uint32_t compact_plan(const snapshot_seg *segs, uint32_t n, uint32_t *picked)
{
    uint32_t n_found = 0, n_picked = 0;
    candidate *found = mem_alloc(n, sizeof *found);
    if (!found) return 0; /* compaction can wait */
    for (uint32_t i = 0; i < n; i++) {
        candidate c = {i, live_rows(&segs[i]), is_mostly_dead(&segs[i])};
        if (c.is_mostly_dead || c.live <= FULL_ROWS / 2) found[n_found++] = c;
    }
    qsort(found, n_found, sizeof *found, by_live);
    for (uint32_t first = 0; first < n_found && !n_picked; first++)
        n_picked = pick_group(segs, found, first, n_found, picked);
    mem_free(found);
    return n_picked;
}

/* ---- merging ------------------------------------------------------- */

typedef struct merge {
    uint32_t n_columns;
    seg_column *columns;
    seg_batch *batch; /* points into the buffers */
    void **values;    /* per column, a block */
    uint8_t **nulls;  /* per column, a block */
    arena *mem;
    seg_writer *w;
} merge;

static pt_status no_memory(pt_err *err)
{
    return pt_fail(err, PT_NOMEM, "out of memory while merging segments");
}

/* All columns that any of the segments has. */
static pt_status join_columns(merge *m, const snapshot_seg *segs, const uint32_t *picked, uint32_t n,
                              pt_err *err)
{
    size_t most = 0;
    for (uint32_t i = 0; i < n; i++) most += seg_n_columns(segs[picked[i]].seg);
    m->columns = arena_array(m->mem, seg_column, most);
    if (!m->columns) return no_memory(err);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t c = 0; c < seg_n_columns(segs[picked[i]].seg); c++) {
            const seg_column *x = seg_column_at(segs[picked[i]].seg, c);
            uint32_t k = 0;
            while (k < m->n_columns && !(str_eq(m->columns[k].name, x->name) &&
                                         (m->columns[k].kind == SEG_ID) == (x->kind == SEG_ID)))
                k++;
            if (k == m->n_columns) m->columns[m->n_columns++] = *x;
        }
    m->batch = arena_array(m->mem, seg_batch, m->n_columns);
    m->values = arena_array(m->mem, void *, m->n_columns);
    m->nulls = arena_array(m->mem, uint8_t *, m->n_columns);
    if (!m->batch || !m->values || !m->nulls) return no_memory(err);
    for (uint32_t c = 0; c < m->n_columns; c++) {
        m->values[c] = arena_array(m->mem, uint64_t, SEG_BLOCK_ROWS);
        m->nulls[c] = arena_array(m->mem, uint8_t, SEG_BLOCK_ROWS);
        if (!m->values[c] || !m->nulls[c]) return no_memory(err);
    }
    return PT_OK;
}

/* A block of one column into its buffers; a segment that has no such column has nulls. */
static pt_status read_column(merge *m, uint32_t col, const seg *s, uint32_t block, pt_err *err)
{
    const seg_column *c = &m->columns[col];
    uint32_t n = seg_block_rows(s, block);
    uint64_t bits[SEG_BLOCK_WORDS];
    bool has_nulls;
    int at = seg_find(s, c->name, c->kind == SEG_ID);
    seg_batch *b = &m->batch[col];
    *b = (seg_batch){0};
    if (c->kind == SEG_ID) {
        b->ids = m->values[col];
        return seg_read_ids(s, (uint32_t)at, block, m->values[col], err);
    }
    if (c->kind == SEG_INT)
        b->ints = m->values[col];
    else
        b->doubles = m->values[col];
    b->nulls = m->nulls[col];
    memset(m->nulls[col], at < 0, n);
    if (at < 0) {
        memset(m->values[col], 0, (size_t)n * 8);
        return PT_OK;
    }
    PT_TRY(c->kind == SEG_INT ? seg_read_ints(s, (uint32_t)at, block, m->values[col], err)
                              : seg_read_doubles(s, (uint32_t)at, block, m->values[col], err));
    PT_TRY(seg_read_nulls(s, (uint32_t)at, block, bits, &has_nulls, err));
    if (has_nulls)
        for (uint32_t i = 0; i < n; i++) m->nulls[col][i] = bits[i / 64] >> (i % 64) & 1;
    return PT_OK;
}

/* Move the rows of a block that are not deleted to the front; returns how many. */
static uint32_t drop_deleted(merge *m, const roaring_bitmap_t *gone, uint32_t block, uint32_t n)
{
    uint32_t kept = 0;
    if (!gone) return n;
    for (uint32_t i = 0; i < n; i++) {
        if (roaring_bitmap_contains(gone, block * SEG_BLOCK_ROWS + i)) continue;
        for (uint32_t c = 0; c < m->n_columns && kept != i; c++) {
            size_t size = seg_value_bytes(m->columns[c].kind);
            memcpy((char *)m->values[c] + kept * size, (char *)m->values[c] + i * size, size);
            m->nulls[c][kept] = m->nulls[c][i];
        }
        kept++;
    }
    return kept;
}

static pt_status append_segment(merge *m, const snapshot_seg *s, pt_err *err)
{
    for (uint32_t b = 0; b < seg_blocks(s->seg); b++) {
        for (uint32_t c = 0; c < m->n_columns; c++) PT_TRY(read_column(m, c, s->seg, b, err));
        uint32_t n = drop_deleted(m, s->deleted, b, seg_block_rows(s->seg, b));
        PT_TRY(seg_writer_append(m->w, n, m->batch, err));
    }
    return PT_OK;
}

/* The load that all rows come from; 0 if there are several. */
static uint64_t common_load(const snapshot_seg *segs, const uint32_t *picked, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++)
        if (segs[picked[i]].load_id != segs[picked[0]].load_id) return 0;
    return segs[picked[0]].load_id;
}

static pt_status merge_segments(merge *m, store_txn *t, uint32_t cube_id, const snapshot_seg *segs,
                                const uint32_t *picked, uint32_t n, compact_write_fn write, void *ctx,
                                pt_err *err)
{
    char path[STORE_PATH];
    uint64_t id;
    PT_TRY(join_columns(m, segs, picked, n, err));
    PT_TRY(seg_writer_new(m->columns, m->n_columns, &m->w, err));
    for (uint32_t i = 0; i < n; i++) PT_TRY(append_segment(m, &segs[picked[i]], err));
    if (seg_writer_rows(m->w) > 0) {
        PT_TRY(txn_segment_path(t, &id, path, sizeof path, err));
        PT_TRY(write(ctx, txn_base(t), cube_id, m->w, path, txn_version(t), err));
        PT_TRY(txn_add_segment(t, cube_id, id, common_load(segs, picked, n), err));
    }
    for (uint32_t i = 0; i < n; i++) PT_TRY(txn_drop_segment(t, cube_id, segs[picked[i]].id, err));
    return PT_OK;
}

pt_status store_compact(store *s, uint32_t cube_id, compact_write_fn write, compact_done_fn done, void *ctx,
                        uint32_t *n_merged, pt_err *err)
{
    store_txn *t;
    uint32_t n_segs, n;
    merge m = {0};
    *n_merged = 0;
    PT_TRY(store_begin(s, WAIT_US, &t, err));
    const snapshot_seg *segs = snapshot_segs(txn_base(t), cube_id, &n_segs);
    uint32_t *picked = mem_alloc(n_segs, sizeof *picked);
    m.mem = arena_new(0);
    pt_status st = picked && m.mem ? PT_OK : no_memory(err);
    n = st == PT_OK ? compact_plan(segs, n_segs, picked) : 0;
    if (n) st = merge_segments(&m, t, cube_id, segs, picked, n, write, ctx, err);
    if (n && st == PT_OK && done) st = done(ctx, t, err);
    seg_writer_free(m.w);
    arena_free(m.mem);
    mem_free(picked);
    if (st != PT_OK || n == 0) {
        txn_abort(t);
        return st;
    }
    st = txn_commit(t, err);
    if (st == PT_OK) *n_merged = n;
    return st;
}
