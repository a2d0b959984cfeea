/* cuboid_lens.c - a cuboid in a snapshot: whether it holds, and what its numbers say about levels. */
#include <stdio.h>

#include "engine/cuboid_int.h"

static pt_status no_memory(const cuboid_view *q, pt_err *err)
{
    return arena_fail(q->a, err);
}

static const dim_view *dim_of(const cuboid_view *q, uint32_t hier)
{
    return view_dim(q->view, q->def->cube->hiers[hier].hierarchy->dimension);
}

static pt_status hier_of(const cuboid_view *q, uint32_t hier, const hier_view **out, pt_err *err)
{
    return dim_hier(dim_of(q, hier), q->def->cube->hiers[hier].hierarchy->index, out, err);
}

/* ---- does it hold? ------------------------------------------------------------------- */

static bool has_columns(const cuboid *c, const seg *s)
{
    uint32_t n_ids = 0;
    for (uint32_t i = 0; i < seg_n_columns(s); i++) n_ids += seg_column_at(s, i)->kind == SEG_ID;
    for (uint32_t i = 0; i < c->n_levels; i++)
        if (seg_find(s, c->levels[i].name, true) < 0) return false;
    return n_ids == c->n_levels;
}

/* The fact segment that is covered, as it was then; -1: it is not there or has changed. */
static int64_t find_fact(const snapshot_seg *facts, uint32_t n, const seg_cover *cover)
{
    uint32_t lo = 0, hi = n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (facts[mid].id < cover->seg_id)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == n || facts[lo].id != cover->seg_id) return -1;
    uint64_t n_deleted = facts[lo].deleted ? roaring_bitmap_get_cardinality(facts[lo].deleted) : 0;
    return n_deleted == cover->n_deleted ? (int64_t)lo : -1;
}

static bool has_moved(const cuboid_view *q, const seg *s, uint32_t *at)
{
    for (*at = 0; *at < q->def->n_levels; ++*at)
        if (q->columns[*at].level->epoch > seg_version(s)) return true;
    return false;
}

/* Of a segment: 0 sound, else a reason. `is_covered`: [facts]. */
static const char *judge(cuboid_view *q, const snapshot_seg *s, const snapshot_seg *facts, uint32_t n_facts,
                         bool *is_covered, uint32_t *moved)
{
    if (!has_columns(q->def, s->seg)) return "it was built for another definition";
    if (has_moved(q, s->seg, moved)) return "moved";
    for (uint32_t i = 0; i < s->n_covers; i++) {
        int64_t at = find_fact(facts, n_facts, &s->covers[i]);
        if (at < 0 || is_covered[at]) return "facts that it sums up have changed";
        is_covered[at] = true;
    }
    return NULL;
}

static pt_status judge_all(cuboid_view *q, pt_err *err)
{
    uint32_t n_facts, moved = 0;
    const snapshot_seg *facts = snapshot_segs(q->view->snap, q->def->cube->id, &n_facts);
    bool *is_covered = arena_array(q->a, bool, n_facts);
    if (!is_covered) return no_memory(q, err);
    for (uint32_t i = 0; i < q->n_segs; i++) {
        const char *why = judge(q, &q->segs[i], facts, n_facts, is_covered, &moved);
        q->is_sound[i] = why == NULL;
        q->n_rows += seg_rows(q->segs[i].seg);
        if (!why || q->why[0]) continue;
        if (str_eq(str_of(why), STR("moved")))
            snprintf(q->why, sizeof q->why, "members of %.*s have moved since it was built",
                     (int)(q->def->levels[moved].name.len < 80 ? q->def->levels[moved].name.len : 80),
                     q->def->levels[moved].name.ptr);
        else
            snprintf(q->why, sizeof q->why, "%s", why);
    }
    for (uint32_t i = 0; i < n_facts && !q->why[0]; i++)
        if (!is_covered[i]) snprintf(q->why, sizeof q->why, "it does not sum up all facts yet");
    return PT_OK;
}

static void find_parts(cuboid_view *q)
{
    for (uint32_t p = 0; p < q->def->n_parts; p++) {
        const cuboid_part *x = &q->def->parts[p];
        q->has_part[p] = true;
        for (uint32_t i = 0; i < q->n_segs; i++) {
            if (seg_find(q->segs[i].seg, x->name, false) < 0) q->has_part[p] = false;
            if (x->name_high.len && seg_find(q->segs[i].seg, x->name_high, false) >= 0) q->has_high[p] = true;
        }
    }
}

/* ---- columns -------------------------------------------------------------------------- */

static pt_status make_column(cuboid_view *q, uint32_t i, pt_err *err)
{
    const cuboid_level *x = &q->def->levels[i];
    cuboid_column *col = &q->columns[i];
    const hier_view *h;
    PT_TRY(hier_of(q, x->hier, &h, err));
    if (NEVER(x->level >= h->n_levels))
        return pt_fail(err, PT_INTERNAL, "cuboid [" STR_FMT "] keeps a level that is not there",
                       STR_ARG(q->def->name));
    col->level = &h->levels[x->level];
    col->n_numbers = col->level->n_stable;
    uint32_t *rank_of = arena_array(q->a, uint32_t, col->n_numbers);
    col->reach = arena_array(q->a, cuboid_reach, q->def->cube->n_hiers);
    if (!rank_of || !col->reach) return no_memory(q, err);
    for (uint32_t r = 0; r < col->level->n; r++) {
        if (NEVER(col->level->stable[r] >= col->n_numbers))
            return pt_fail(err, PT_CORRUPT, "a level of [" STR_FMT "] has numbers out of range",
                           STR_ARG(x->name));
        rank_of[col->level->stable[r]] = r;
    }
    col->rank_of = rank_of;
    return PT_OK;
}

pt_status cuboid_view_make(const cuboid *c, const view *v, arena *a, pthread_mutex_t *lock, cuboid_view *out,
                           pt_err *err)
{
    *out = (cuboid_view){.def = c, .view = v, .a = a, .lock = lock};
    out->segs = snapshot_segs(v->snap, c->id, &out->n_segs);
    out->is_sound = arena_array(a, bool, out->n_segs);
    out->has_part = arena_array(a, bool, c->n_parts);
    out->has_high = arena_array(a, bool, c->n_parts);
    out->columns = arena_array(a, cuboid_column, c->n_levels);
    if (!out->is_sound || !out->has_part || !out->has_high || !out->columns) return no_memory(out, err);
    for (uint32_t i = 0; i < c->n_levels; i++) PT_TRY(make_column(out, i, err));
    PT_TRY(judge_all(out, err));
    find_parts(out);
    return PT_OK;
}

/* ---- reach ------------------------------------------------------------------------------- */

/* Ranks of level l from those of the level below. */
static pt_status lift(cuboid_view *q, cuboid_reach *x, const hier_view *h, uint32_t l, uint32_t n_numbers,
                      pt_err *err)
{
    const uint32_t *below = x->hier.levels[l + 1].of_member, *parent = h->levels[l + 1].parent;
    uint32_t *of_number = arena_array(q->a, uint32_t, n_numbers);
    if (!of_number) return no_memory(q, err);
    for (uint32_t i = 0; i < n_numbers; i++) of_number[i] = h->levels[l + 1].n ? parent[below[i]] : 0;
    x->hier.levels[l].of_member = of_number;
    return PT_OK;
}

/* Ranks of level l if all members with the same number agree on them; *out NULL if they do not. */
static pt_status agree(cuboid_view *q, const cuboid_column *col, const uint32_t *of_member,
                       uint32_t n_members, const uint32_t **out, pt_err *err)
{
    uint32_t *of_number = arena_array(q->a, uint32_t, col->n_numbers);
    *out = NULL;
    if (!of_number) return no_memory(q, err);
    if (col->n_numbers) memset(of_number, 0xff, col->n_numbers * sizeof *of_number);
    for (uint32_t m = 0; m < n_members; m++) {
        uint32_t *x = &of_number[col->level->stable[col->level->of_member[m]]];
        uint32_t value = of_member ? of_member[m] : m;
        if (*x == MEMBER_NONE) *x = value;
        if (*x != value) return PT_OK;
    }
    for (uint32_t i = 0; i < col->n_numbers; i++)
        if (of_number[i] == MEMBER_NONE) of_number[i] = 0;
    *out = of_number;
    return PT_OK;
}

/* The lowest level of another hierarchy that the numbers determine. */
static pt_status find_lowest(cuboid_view *q, const cuboid_column *col, uint32_t hier, const hier_view *h,
                             cuboid_reach *x, pt_err *err)
{
    uint32_t n_members = dim_count(dim_of(q, hier));
    for (uint32_t l = h->n_levels; l-- > 0;) {
        const uint32_t *of_number;
        PT_TRY(agree(q, col, h->levels[l].of_member, n_members, &of_number, err));
        if (!of_number) continue;
        x->hier.levels[l].of_member = of_number;
        x->n_levels = l + 1;
        return PT_OK;
    }
    return PT_OK;
}

static pt_status find_reach(cuboid_view *q, uint32_t c, uint32_t hier, cuboid_reach *x, pt_err *err)
{
    const cuboid_column *col = &q->columns[c];
    const cube_hier *hiers = q->def->cube->hiers;
    const cube_hier *own = &hiers[q->def->levels[c].hier], *other = &hiers[hier];
    const hier_view *h;
    if (own->role != other->role) return PT_OK;
    PT_TRY(hier_of(q, hier, &h, err));
    x->hier = *h;
    x->hier.levels = arena_array(q->a, level_view, h->n_levels);
    if (!x->hier.levels) return no_memory(q, err);
    for (uint32_t l = 0; l < h->n_levels; l++) {
        x->hier.levels[l] = h->levels[l];
        x->hier.levels[l].of_member = NULL;
    }
    if (own->hierarchy == other->hierarchy) {
        x->n_levels = q->def->levels[c].level + 1;
        x->hier.levels[x->n_levels - 1].of_member = col->rank_of;
    } else {
        PT_TRY(find_lowest(q, col, hier, h, x, err));
    }
    for (uint32_t l = x->n_levels; l-- > 1;) PT_TRY(lift(q, x, h, l - 1, col->n_numbers, err));
    return PT_OK;
}

pt_status cuboid_reach_of(cuboid_view *q, uint32_t c, uint32_t hier, const cuboid_reach **out, pt_err *err)
{
    cuboid_reach *x = &q->columns[c].reach[hier];
    pt_status st = PT_OK;
    if (q->lock) pthread_mutex_lock(q->lock);
    if (!x->is_known) st = find_reach(q, c, hier, x, err);
    x->is_known = st == PT_OK;
    if (q->lock) pthread_mutex_unlock(q->lock);
    *out = x;
    return st;
}

static pt_status find_durable(cuboid_view *q, uint32_t c, pt_err *err)
{
    cuboid_column *col = &q->columns[c];
    const dim_view *d = dim_of(q, q->def->levels[c].hier);
    col->n_durable = dim_count(d);
    PT_TRY(agree(q, col, dim_durable(d), col->n_durable, &col->durable, err));
    col->is_durable_known = true;
    return PT_OK;
}

pt_status cuboid_durable_of(cuboid_view *q, uint32_t c, pt_err *err)
{
    pt_status st = PT_OK;
    if (q->lock) pthread_mutex_lock(q->lock);
    if (!q->columns[c].is_durable_known) st = find_durable(q, c, err);
    if (q->lock) pthread_mutex_unlock(q->lock);
    return st;
}

/* ---- information ---------------------------------------------------------------------------- */

uint64_t cuboid_fact_rows(const view *v, const cube *c)
{
    uint32_t n;
    uint64_t rows = 0;
    const snapshot_seg *segs = snapshot_segs(v->snap, c->id, &n);
    for (uint32_t i = 0; i < n; i++) rows += seg_rows(segs[i].seg);
    return rows;
}

pt_status cuboid_info_get(const view *v, const cuboid *c, cuboid_info *out, pt_err *err)
{
    cuboid_view q;
    arena *a = arena_new(0);
    *out = (cuboid_info){0};
    if (!a) return pt_fail(err, PT_NOMEM, "out of memory while looking at cuboids");
    pt_status st = cuboid_view_make(c, v, a, NULL, &q, err);
    if (st == PT_OK) {
        *out = (cuboid_info){
            .n_rows = q.n_rows, .n_segments = q.n_segs, .n_facts = cuboid_fact_rows(v, c->cube)};
        for (uint32_t i = 0; i < q.n_segs; i++) out->size_bytes += seg_bytes(q.segs[i].seg);
        memcpy(out->why, q.why, sizeof out->why);
    }
    arena_free(a);
    return st;
}
