/* scan.c - the rows of one block that pass. */
#include "engine/scan.h"

static uint32_t count_parts(const scan *sc)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < sc->n_filters; i++) n += sc->filters[i].n_parts;
    return n;
}

pt_status scan_worker_init(scan_worker *w, const scan *sc, pt_err *err)
{
    uint32_t n_roles = sc->cube->n_roles, n_parts = count_parts(sc);
    *w = (scan_worker){.sc = sc};
    w->ids = mem_alloc(n_roles, sizeof *w->ids);
    w->all_ids = mem_alloc(n_roles, sizeof *w->all_ids);
    w->has_ids = mem_alloc(2 * (size_t)n_roles, sizeof *w->has_ids);
    w->is_answered = mem_alloc(sc->n_filters, sizeof *w->is_answered);
    w->masks = mem_alloc(2 * (size_t)n_parts, sizeof *w->masks);
    w->bits = mem_grow(NULL, SEG_BLOCK_WORDS, 3 * sizeof *w->bits);
    w->rows = mem_grow(NULL, SEG_BLOCK_ROWS + SEG_PART_ROWS, sizeof *w->rows);
    if (!w->ids || !w->all_ids || !w->has_ids || !w->is_answered || !w->masks || !w->bits || !w->rows) {
        scan_worker_done(w);
        return pt_fail(err, PT_NOMEM, "out of memory while reading facts");
    }
    w->has_all_ids = w->has_ids + n_roles;
    w->uses = w->masks + n_parts;
    w->spare = w->bits + SEG_BLOCK_WORDS;
    w->passed = w->spare + SEG_BLOCK_WORDS;
    w->few_ids = w->rows + SEG_BLOCK_ROWS;
    return PT_OK;
}

void scan_worker_done(scan_worker *w)
{
    if (!w->sc) return;
    for (uint32_t i = 0; w->ids && i < w->sc->cube->n_roles; i++) seg_values_close(&w->ids[i]);
    for (uint32_t i = 0; w->all_ids && i < w->sc->cube->n_roles; i++) mem_free(w->all_ids[i]);
    for (uint32_t i = 0; w->masks && i < count_parts(w->sc); i++) seg_mask_free(w->masks[i]);
    mem_free(w->ids);
    mem_free(w->all_ids);
    mem_free(w->has_ids);
    mem_free(w->is_answered);
    mem_free(w->masks);
    mem_free(w->bits);
    mem_free(w->rows);
    scan_columns_free(w);
    *w = (scan_worker){0};
}

pt_status scan_ids(scan_worker *w, uint32_t role, seg_values **ids, pt_err *err)
{
    *ids = &w->ids[role];
    if (!w->has_ids[role])
        PT_TRY(seg_values_open(*ids, w->seg->s->seg, w->seg->role_cols[role], w->block, err));
    w->has_ids[role] = true;
    return PT_OK;
}

pt_status scan_all_ids(scan_worker *w, uint32_t role, const uint32_t **ids, pt_err *err)
{
    if (!w->all_ids[role]) w->all_ids[role] = mem_grow(NULL, SEG_BLOCK_ROWS, sizeof **w->all_ids);
    if (!w->all_ids[role]) return pt_fail(err, PT_NOMEM, "out of memory while reading facts");
    if (!w->has_all_ids[role])
        PT_TRY(seg_read_ids(w->seg->s->seg, w->seg->role_cols[role], w->block, w->all_ids[role], err));
    w->has_all_ids[role] = true;
    *ids = w->all_ids[role];
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

static uint32_t count_bits(const scan_worker *w)
{
    uint32_t n = 0;
    for (size_t i = 0; i < n_words(w); i++) n += (uint32_t)__builtin_popcountll(w->bits[i]);
    return n;
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

/* ---- indexes -------------------------------------------------------------------------- */

/* Prepare the masks of one filter. Is the filter answered by them; can no row pass? */
static pt_status prepare_filter(scan_worker *w, uint32_t filter, seg_mask **masks, bool *is_nothing,
                                pt_err *err)
{
    const scan_filter *f = &w->sc->filters[filter];
    bool is_answered = true;
    for (uint32_t k = 0; k < f->n_parts && !*is_nothing; k++) {
        const seg_index *x = w->seg->indexes[filter][k];
        const scan_part *part = &f->parts[k];
        if (!x) {
            is_answered = false;
            continue;
        }
        uint32_t at = seg_index_level(x), n_wanted = part->view->levels[at].n_stable;
        if (!masks[k]) PT_TRY(seg_mask_new(&masks[k], err));
        PT_TRY(seg_mask_set(masks[k], x, w->block, part->wanted[at], n_wanted, err));
        switch (seg_mask_is(masks[k])) {
        case MASK_NONE: *is_nothing = true; break;
        case MASK_SOME: w->uses[w->n_uses++] = masks[k]; break;
        case MASK_ALL: break;
        case MASK_COSTLY: is_answered = false; break;
        }
    }
    w->is_answered[filter] = is_answered;
    return PT_OK;
}

/* Start from all rows and meet them with all masks, in tiles that stay in the nearest cache. */
static uint64_t meet_masks(scan_worker *w)
{
    enum { TILE_WORDS = 128 };
    uint64_t any = w->n_uses == 0;
    set_all(w);
    for (uint32_t at = 0; at < n_words(w) && w->n_uses > 0; at += TILE_WORDS) {
        uint32_t left = (uint32_t)n_words(w) - at, n = left < TILE_WORDS ? left : TILE_WORDS;
        uint64_t some = 1;
        for (uint32_t i = 0; i < w->n_uses && some; i++) some = seg_mask_and(w->uses[i], w->bits + at, at, n);
        any |= some;
    }
    w->n_index_uses += w->n_uses;
    return any;
}

/* ---- filters -------------------------------------------------------------------------- */

/* Whether all members between the block's smallest and largest pass. Large zones are looked at by 64 members,
 * so sometimes false in vain. */
static bool all_pass(const scan_filter *f, seg_zone z)
{
    if (z.max - z.min < SCAN_SMALL_ZONE)
        return memchr(f->keep + z.min, 0, (size_t)(z.max - z.min) + 1) == NULL;
    uint32_t from = (uint32_t)(z.min / 64), to = (uint32_t)(z.max / 64 + 1);
    uint32_t members = (to * 64 < f->n_members ? to * 64 : f->n_members) - from * 64;
    return f->kept_before[to] - f->kept_before[from] == members;
}

/* Few rows are left: look up the members of these only. */
static pt_status filter_few(scan_worker *w, const scan_filter *f, pt_err *err)
{
    seg_values *ids;
    PT_TRY(scan_ids(w, f->role, &ids, err));
    uint32_t n = (uint32_t)w->sc->kern->select(w->bits, w->n_block_rows, w->rows);
    for (uint32_t at = 0; at < n; at += SEG_PART_ROWS) {
        uint32_t some = n - at < SEG_PART_ROWS ? n - at : SEG_PART_ROWS;
        const uint32_t *rows = w->rows + at;
        seg_values_ids(ids, rows, 0, some, w->few_ids);
        for (uint32_t i = 0; i < some; i++)
            w->bits[rows[i] / 64] &= ~((uint64_t)!f->keep[w->few_ids[i]] << (rows[i] % 64));
    }
    return PT_OK;
}

static pt_status filter_rows(scan_worker *w, uint32_t filter, uint32_t n_left, pt_err *err)
{
    enum { FEW = 4 };
    const scan_filter *f = &w->sc->filters[filter];
    const uint32_t *ids;
    if (n_left < w->n_block_rows / FEW) return filter_few(w, f, err);
    PT_TRY(scan_all_ids(w, f->role, &ids, err));
    w->sc->kern->filter_u8(f->keep, ids, w->n_block_rows, w->bits);
    return PT_OK;
}

/* Rows of `bits` that have not passed an earlier group of lanes and pass this one are set in `passed`. */
static pt_status pass_lanes(scan_worker *w, const scan_lanes *g, pt_err *err)
{
    for (size_t i = 0; i < n_words(w); i++) w->spare[i] = w->bits[i] & ~w->passed[i];
    uint32_t n = (uint32_t)w->sc->kern->select(w->spare, w->n_block_rows, w->rows);
    uint64_t lanes[SEG_PART_ROWS];
    for (uint32_t at = 0; at < n; at += SEG_PART_ROWS) {
        uint32_t some = n - at < SEG_PART_ROWS ? n - at : SEG_PART_ROWS;
        const uint32_t *rows = w->rows + at;
        for (uint32_t i = 0; i < some; i++) lanes[i] = g->all;
        for (uint32_t k = 0; k < g->n_masks; k++) {
            seg_values *ids;
            PT_TRY(scan_ids(w, g->masks[k].role, &ids, err));
            seg_values_ids(ids, rows, 0, some, w->few_ids);
            for (uint32_t i = 0; i < some; i++) lanes[i] &= g->masks[k].lanes[w->few_ids[i]];
        }
        for (uint32_t i = 0; i < some; i++)
            w->passed[rows[i] / 64] |= (uint64_t)(lanes[i] != 0) << (rows[i] % 64);
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
    bool is_nothing = false;
    w->n_uses = 0;
    for (uint32_t i = 0, part = 0; i < sc->n_filters && !is_nothing; part += sc->filters[i++].n_parts)
        PT_TRY(prepare_filter(w, i, w->masks + part, &is_nothing, err));
    if (is_nothing || !meet_masks(w)) {
        memset(w->bits, 0, n_words(w) * sizeof *w->bits);
        return PT_OK;
    }
    if (w->seg->s->deleted) clear_deleted(w);
    for (uint32_t i = 0; i < sc->n_filters; i++) {
        if (w->is_answered[i] || all_pass(&sc->filters[i], scan_zone(w, sc->filters[i].role))) continue;
        uint32_t n = count_bits(w);
        if (n == 0) return PT_OK;
        PT_TRY(filter_rows(w, i, n, err));
    }
    PT_TRY(filter_any(w, err));
    return sc->n_tests ? scan_tests_run(w, err) : PT_OK;
}

void scan_goto(scan_worker *w, scan_block b)
{
    w->seg = &w->sc->segs[b.seg];
    w->block = b.block;
    w->n_block_rows = seg_block_rows(w->seg->s->seg, b.block);
    memset(w->has_ids, 0, 2 * w->sc->cube->n_roles * sizeof *w->has_ids);
    scan_columns_forget(w);
}

pt_status scan_rows(scan_worker *w, scan_block b, pt_err *err)
{
    const scan *sc = w->sc;
    scan_goto(w, b);
    w->is_all = sc->n_filters == 0 && sc->n_lanes == 0 && sc->n_tests == 0 && !w->seg->s->deleted;
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
