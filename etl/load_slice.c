/* load_slice.c - facts that a load takes away: those of a slice (REPLACE, SLICE BY) and those of parts that
 * are replaced.
 *
 * Only segments from before the load are looked at, so it does not matter whether the new facts are there
 * already. A member is named as of the version before the load. Ranks change from version to version, so the
 * slice travels by stable numbers to the version that facts are loaded with, and there becomes a set of
 * member ids. */
#include "etl/load_int.h"

#include <stdlib.h>

/* ---- slices -------------------------------------------------------- */

static const level_view *level_of(const hier_view *h, uint32_t i)
{
    return i < h->n_levels ? &h->levels[i] : NULL;
}

/* in_slice[rank of `to`] = 1 for the members of `to` that are the `ranks` of `from`. */
static pt_status carry_ranks(const level_view *from, const uint32_t *ranks, uint32_t n, const level_view *to,
                             uint8_t *in_slice, pt_err *err)
{
    uint32_t n_stable = from->n_stable > to->n_stable ? from->n_stable : to->n_stable;
    uint8_t *is_wanted = mem_alloc(n_stable, 1);
    if (!is_wanted) return pt_fail(err, PT_NOMEM, "out of memory");
    for (uint32_t i = 0; i < n; i++)
        if (ranks[i] < from->n) is_wanted[from->stable[ranks[i]]] = 1;
    for (uint32_t r = 0; r < to->n; r++) {
        if (!is_wanted[to->stable[r]]) continue;
        uint32_t end = to->end ? to->end[r] : r + 1; /* parent-child: descendants too */
        memset(in_slice + r, 1, end - r);
    }
    mem_free(is_wanted);
    return PT_OK;
}

static pt_status hier_of(const load_cube *c, uint32_t hier, const dim_view *v, const hier_view **out,
                         pt_err *err)
{
    return dim_hier(v, c->cube->hiers[hier].hierarchy->index, out, err);
}

/* Which members of the version that facts are loaded with are in the slice. */
static pt_status members_of_slice(load *l, load_cube *c)
{
    const agg_filter *f = &c->slice_filter;
    uint32_t role = c->cube->hiers[f->hier].role;
    const dim_view *before = view_dim(&l->view, c->cube->roles[role].dimension), *now = c->views[role];
    const hier_view *h_before, *h_now;
    PT_TRY(hier_of(c, f->hier, before, &h_before, l->err));
    PT_TRY(hier_of(c, f->hier, now, &h_now, l->err));
    const level_view *from = level_of(h_before, f->level), *to = level_of(h_now, f->level);
    if (NEVER(!from || !to)) return pt_fail(l->err, PT_INTERNAL, "the slice has no level");
    uint8_t *in_slice = arena_array(l->a, uint8_t, to->n),
            *holds = arena_array(l->a, uint8_t, dim_count(now));
    if (!in_slice || !holds) return arena_fail(l->a, l->err);
    PT_TRY(carry_ranks(from, f->ranks, f->n, to, in_slice, l->err));
    for (uint32_t m = 0; m < dim_count(now); m++) holds[m] = in_slice[to->of_member[m]];
    c->slice = (translate_slice){.role = role, .n_members = dim_count(now), .holds = holds};
    c->has_slice = true;
    return PT_OK;
}

pt_status load_slice_begin(load *l, load_cube *c)
{
    query_env env = {.view = &l->view, .pool = warehouse_pool(l->warehouse), .limits = l->options->limits};
    PT_TRY(query_resolve_member(&env, c->cube, l->options->replace, l->options->text, l->a, &c->slice_filter,
                                l->err));
    return members_of_slice(l, c);
}

/* ---- deleting ------------------------------------------------------ */

/* Add rows of base segment s to those the load takes away; takes over `rows`. */
static void take_away(load_cube *c, uint32_t s, roaring_bitmap_t *rows, load_mapping_result *count)
{
    if (c->base[s].deleted) roaring_bitmap_andnot_inplace(rows, c->base[s].deleted);
    if (c->deleted[s]) roaring_bitmap_andnot_inplace(rows, c->deleted[s]);
    count->n_deleted += roaring_bitmap_get_cardinality(rows);
    if (c->deleted[s]) {
        roaring_bitmap_or_inplace(c->deleted[s], rows);
        roaring_bitmap_free(rows);
    } else {
        c->deleted[s] = rows;
    }
}

/* Rows of a segment whose member of a role is in the slice. */
static pt_status rows_of_slice(const load_cube *c, const seg *s, const translate_slice *slice, uint32_t *ids,
                               roaring_bitmap_t *rows, pt_err *err)
{
    int col = seg_find(s, c->cube->roles[slice->role].name, true);
    if (col < 0) return PT_OK;
    for (uint32_t b = 0; b < seg_blocks(s); b++) {
        PT_TRY(seg_read_ids(s, (uint32_t)col, b, ids, err));
        for (uint32_t i = 0; i < seg_block_rows(s, b); i++)
            if (ids[i] < slice->n_members && slice->holds[ids[i]])
                roaring_bitmap_add(rows, b * SEG_BLOCK_ROWS + i);
    }
    return PT_OK;
}

/* What is in a slice is decided by where members are after the load: what moved in with it goes too. */
static pt_status delete_slice(load *l, load_cube *c, const translate_slice *slice, load_mapping_result *count)
{
    pt_status st = PT_OK;
    uint32_t *ids = mem_alloc(SEG_BLOCK_ROWS, sizeof *ids);
    if (!ids) return pt_fail(l->err, PT_NOMEM, "out of memory");
    for (uint32_t s = 0; s < c->n_base && st == PT_OK; s++) {
        roaring_bitmap_t *rows = roaring_bitmap_create();
        st = rows ? limits_check(&l->options->limits, l->err) : pt_fail(l->err, PT_NOMEM, "out of memory");
        if (st == PT_OK) st = rows_of_slice(c, c->base[s].seg, slice, ids, rows, l->err);
        if (st == PT_OK)
            take_away(c, s, rows, count);
        else if (rows)
            roaring_bitmap_free(rows);
    }
    mem_free(ids);
    return st;
}

pt_status load_slice_delete(load *l, load_cube *c, load_mapping_result *count)
{
    l->has_work = true;
    return delete_slice(l, c, &c->slice, count);
}

/* ---- parts --------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static bool overlaps(seg_zone z, const int64_t *numbers, uint32_t n)
{
    return z.min <= numbers[n - 1] && z.max >= numbers[0];
}

/* Rows of a segment that were brought by one of the parts (ascending numbers). */
static pt_status rows_of_parts(const seg *s, const int64_t *numbers, uint32_t n, roaring_bitmap_t *rows,
                               pt_err *err)
{
    int col = seg_find(s, STR(LOAD_PART_COLUMN), false);
    if (col < 0) return PT_OK;
    int64_t *values = mem_alloc(SEG_BLOCK_ROWS, sizeof *values);
    if (!values) return pt_fail(err, PT_NOMEM, "out of memory");
    pt_status st = PT_OK;
    for (uint32_t b = 0; b < seg_blocks(s) && st == PT_OK; b++) {
        if (!overlaps(seg_zone_of(s, (uint32_t)col, b), numbers, n)) continue;
        if ((st = seg_read_ints(s, (uint32_t)col, b, values, err)) != PT_OK) break;
        for (uint32_t i = 0; i < seg_block_rows(s, b); i++)
            if (bsearch(&values[i], numbers, n, sizeof *numbers, by_number))
                roaring_bitmap_add(rows, b * SEG_BLOCK_ROWS + i);
    }
    mem_free(values);
    return st;
}

pt_status load_parts_delete(load *l, load_mapping *m)
{
    load_cube *c = m->cube;
    uint32_t n = 0;
    int64_t *numbers = arena_array(l->a, int64_t, m->n_parts);
    if (!numbers) return arena_fail(l->a, l->err);
    for (uint32_t i = 0; i < m->n_parts; i++)
        if (m->parts[i].is_replaced) numbers[n++] = (int64_t)m->parts[i].number;
    if (!n) return PT_OK;
    qsort(numbers, n, sizeof *numbers, by_number);
    for (uint32_t s = 0; s < c->n_base; s++) {
        roaring_bitmap_t *rows = roaring_bitmap_create();
        if (!rows) return pt_fail(l->err, PT_NOMEM, "out of memory");
        pt_status st = rows_of_parts(c->base[s].seg, numbers, n, rows, l->err);
        if (st != PT_OK) {
            roaring_bitmap_free(rows);
            return st;
        }
        take_away(c, s, rows, m->result);
    }
    return PT_OK;
}

/* ---- SLICE BY ------------------------------------------------------ */

pt_status load_seen_delete(load *l, load_mapping *m)
{
    load_cube *c = m->cube;
    const hier_view *h;
    if (!m->slices_seen) return PT_OK;
    const dim_view *now = c->views[m->mapping->slice_role];
    PT_TRY(hier_of(c, m->mapping->slice_hier, now, &h, l->err));
    const level_view *x = level_of(h, m->mapping->slice_level);
    if (NEVER(!x)) return pt_fail(l->err, PT_INTERNAL, "the slices have no level");
    uint8_t *is_seen = arena_array(l->a, uint8_t, x->n), *holds = arena_array(l->a, uint8_t, dim_count(now));
    if (!is_seen || !holds) return arena_fail(l->a, l->err);
    for (uint32_t i = 0; i < m->n_slices_seen; i++)
        if (m->slices_seen[i]) is_seen[x->of_member[i]] = 1;
    for (uint32_t i = 0; i < dim_count(now); i++) holds[i] = is_seen[x->of_member[i]];
    translate_slice slice = {.role = m->mapping->slice_role, .n_members = dim_count(now), .holds = holds};
    return delete_slice(l, c, &slice, m->result);
}

/* ---- publishing ---------------------------------------------------- */

pt_status load_deletions_publish(load *l, load_cube *c)
{
    for (uint32_t s = 0; s < c->n_base; s++) {
        const snapshot_seg *g = &c->base[s];
        roaring_bitmap_t *rows = c->deleted[s];
        if (!rows || roaring_bitmap_is_empty(rows)) continue;
        uint64_t before = g->deleted ? roaring_bitmap_get_cardinality(g->deleted) : 0;
        bool is_all = before + roaring_bitmap_get_cardinality(rows) == seg_rows(g->seg);
        PT_TRY(is_all ? txn_drop_segment(l->txn, c->cube->id, g->id, l->err)
                      : txn_delete_rows(l->txn, c->cube->id, g->id, rows, l->err));
    }
    return PT_OK;
}
