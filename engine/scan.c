/* scan.c - the rows of one block that pass. */
#include "engine/scan.h"

pt_status scan_worker_init(scan_worker *w, const scan *sc, pt_err *err)
{
    uint32_t n_roles = sc->cube->n_roles;
    *w = (scan_worker){.sc = sc};
    w->ids = mem_alloc(n_roles, sizeof *w->ids);
    w->has_ids = mem_alloc(n_roles, sizeof *w->has_ids);
    w->bits = mem_grow(NULL, SEG_BLOCK_WORDS, 3 * sizeof *w->bits);
    w->rows = mem_grow(NULL, SEG_BLOCK_ROWS, sizeof *w->rows);
    if (!w->ids || !w->has_ids || !w->bits || !w->rows) {
        scan_worker_done(w);
        return pt_fail(err, PT_NOMEM, "out of memory while reading facts");
    }
    w->spare = w->bits + SEG_BLOCK_WORDS;
    w->passed = w->spare + SEG_BLOCK_WORDS;
    return PT_OK;
}

void scan_worker_done(scan_worker *w)
{
    for (uint32_t i = 0; w->ids && i < w->sc->cube->n_roles; i++) mem_free(w->ids[i]);
    mem_free(w->ids);
    mem_free(w->has_ids);
    mem_free(w->bits);
    mem_free(w->rows);
    *w = (scan_worker){0};
}

pt_status scan_ids(scan_worker *w, uint32_t role, const uint32_t **ids, pt_err *err)
{
    if (!w->ids[role]) w->ids[role] = mem_grow(NULL, SEG_BLOCK_ROWS, sizeof **w->ids);
    if (!w->ids[role]) return pt_fail(err, PT_NOMEM, "out of memory while reading facts");
    if (!w->has_ids[role])
        PT_TRY(seg_read_ids(w->seg->s->seg, w->seg->role_cols[role], w->block, w->ids[role], err));
    w->has_ids[role] = true;
    *ids = w->ids[role];
    return PT_OK;
}

seg_zone scan_zone(const scan_worker *w, uint32_t role)
{
    return seg_zone_of(w->seg->s->seg, w->seg->role_cols[role], w->block);
}

/* ---- bitmaps ------------------------------------------------------------------------ */

static size_t n_words(const scan_worker *w)
{
    return kern_words(w->n_block_rows);
}

static void set_all(scan_worker *w)
{
    size_t n = n_words(w);
    memset(w->bits, 0xff, n * sizeof *w->bits);
    if (w->n_block_rows % 64) w->bits[n - 1] = (1ull << (w->n_block_rows % 64)) - 1;
}

static bool is_empty(const scan_worker *w)
{
    uint64_t any = 0;
    for (size_t i = 0; i < n_words(w); i++) any |= w->bits[i];
    return any == 0;
}

static pt_status and_indexes(scan_worker *w, uint32_t filter, pt_err *err)
{
    const scan_filter *f = &w->sc->filters[filter];
    size_t n = n_words(w);
    for (uint32_t k = 0; k < f->n_parts; k++) {
        const seg_index *x = w->seg->indexes[filter][k];
        if (!x) continue;
        memset(w->spare, 0, n * sizeof *w->spare);
        PT_TRY(seg_index_or(x, f->parts[k].stable, f->parts[k].n, w->block, w->spare, err));
        for (size_t i = 0; i < n; i++) w->bits[i] &= w->spare[i];
    }
    return PT_OK;
}

static void clear_deleted(scan_worker *w)
{
    const roaring_bitmap_t *deleted = w->seg->s->deleted;
    uint32_t first = w->block * SEG_BLOCK_ROWS, end = first + w->n_block_rows;
    roaring_uint32_iterator_t it;
    roaring_init_iterator(deleted, &it);
    if (!roaring_move_uint32_iterator_equalorlarger(&it, first)) return;
    for (; it.has_value && it.current_value < end; roaring_advance_uint32_iterator(&it)) {
        uint32_t row = it.current_value - first;
        w->bits[row / 64] &= ~(1ull << (row % 64));
    }
}

/* ---- filters -------------------------------------------------------------------------- */

/* Whether all members between the block's smallest and largest pass. By 64 members, so sometimes false in
 * vain. */
static bool all_pass(const scan_filter *f, seg_zone z)
{
    uint32_t from = (uint32_t)(z.min / 64), to = (uint32_t)(z.max / 64 + 1);
    uint32_t members = (to * 64 < f->n_members ? to * 64 : f->n_members) - from * 64;
    return f->kept_before[to] - f->kept_before[from] == members;
}

static pt_status filter_rows(scan_worker *w, uint32_t filter, pt_err *err)
{
    const scan_filter *f = &w->sc->filters[filter];
    const uint32_t *ids;
    if (w->seg->is_indexed[filter] || all_pass(f, scan_zone(w, f->role))) return PT_OK;
    PT_TRY(scan_ids(w, f->role, &ids, err));
    w->sc->kern->filter_u8(f->keep, ids, w->n_block_rows, w->bits);
    return PT_OK;
}

/* Rows of `bits` that have not passed an earlier group of lanes and pass this one are set in `passed`. */
static pt_status pass_lanes(scan_worker *w, const scan_lanes *g, pt_err *err)
{
    for (size_t i = 0; i < n_words(w); i++) w->spare[i] = w->bits[i] & ~w->passed[i];
    size_t n = w->sc->kern->select(w->spare, w->n_block_rows, w->rows);
    for (uint32_t k = 0; k < g->n_masks; k++) {
        const uint32_t *ids;
        PT_TRY(scan_ids(w, g->masks[k].role, &ids, err));
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t row = w->rows[i];
        uint64_t lanes = g->all;
        for (uint32_t k = 0; k < g->n_masks; k++) lanes &= g->masks[k].lanes[w->ids[g->masks[k].role][row]];
        w->passed[row / 64] |= (uint64_t)(lanes != 0) << (row % 64);
    }
    return PT_OK;
}

static pt_status filter_any(scan_worker *w, pt_err *err)
{
    if (w->sc->n_lanes == 0) return PT_OK;
    memset(w->passed, 0, n_words(w) * sizeof *w->passed);
    for (uint32_t i = 0; i < w->sc->n_lanes; i++) PT_TRY(pass_lanes(w, &w->sc->lanes[i], err));
    memcpy(w->bits, w->passed, n_words(w) * sizeof *w->bits);
    return PT_OK;
}

static pt_status find_bits(scan_worker *w, pt_err *err)
{
    const scan *sc = w->sc;
    set_all(w);
    for (uint32_t i = 0; i < sc->n_filters; i++) PT_TRY(and_indexes(w, i, err));
    if (is_empty(w)) return PT_OK;
    if (w->seg->s->deleted) clear_deleted(w);
    for (uint32_t i = 0; i < sc->n_filters; i++) PT_TRY(filter_rows(w, i, err));
    return filter_any(w, err);
}

pt_status scan_rows(scan_worker *w, scan_block b, pt_err *err)
{
    const scan *sc = w->sc;
    w->seg = &sc->segs[b.seg];
    w->block = b.block;
    w->n_block_rows = seg_block_rows(w->seg->s->seg, b.block);
    memset(w->has_ids, 0, sc->cube->n_roles * sizeof *w->has_ids);
    w->is_all = sc->n_filters == 0 && sc->n_lanes == 0 && !w->seg->s->deleted;
    if (w->is_all) {
        w->n_rows = w->n_block_rows;
    } else {
        PT_TRY(find_bits(w, err));
        w->n_rows = (uint32_t)sc->kern->select(w->bits, w->n_block_rows, w->rows);
        w->is_all = w->n_rows == w->n_block_rows;
    }
    w->n_rows_read += w->n_block_rows;
    w->n_rows_matched += w->n_rows;
    w->n_blocks_empty += w->n_rows == 0;
    return PT_OK;
}
