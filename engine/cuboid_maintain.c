/* cuboid_maintain.c - cuboids follow facts and members in the transaction that changes them.
 *
 * What a commit would publish is looked at as a snapshot. A segment of a cuboid that no longer holds - facts
 * it sums up were deleted, replaced or merged, or members of its levels moved - is dropped; facts that no
 * segment covers are summed up into new ones. So a load adds its own rows only, and a deletion derives again
 * what the segments around it had summed up, exactly, minima and all. Small segments are merged as those of
 * facts are. */
#include <stdlib.h>

#include "engine/cuboid_make.h"

enum {
    BATCH_FACTS = 1 << 21, /* summed up at a time if all have too many cells for a segment, */
    MERGE_ROWS = 1 << 21,  /* and rows merged then */
    ALWAYS_ROWS = 1 << 16, /* segments up to here always merge */
    REFRESH_WAIT_US = 10 * 1000 * 1000,
};

/* ---- what is there ------------------------------------------------------------------- */

typedef struct maintain {
    store_txn *txn;
    const schema *schema;
    pool *pool;
    const limits *limits;
    arena *a; /* of one look at a cuboid */
    snapshot *snap;
    view view;
    cuboid_view q;
    pt_err *err;
} maintain;

static void look_away(maintain *m)
{
    if (m->snap) snapshot_put(m->snap);
    if (m->a) arena_free(m->a);
    m->snap = NULL;
    m->a = NULL;
}

static pt_status look_at(maintain *m, const cuboid *c)
{
    look_away(m);
    m->a = arena_new(0);
    if (!m->a) return pt_fail(m->err, PT_NOMEM, "out of memory while building a cuboid");
    PT_TRY(txn_preview(m->txn, &m->snap, m->err));
    m->view = (view){.snap = m->snap, .schema = (schema *)m->schema};
    return cuboid_view_make(c, &m->view, m->a, NULL, &m->q, m->err);
}

static cuboid_make maker(maintain *m)
{
    return (cuboid_make){.q = &m->q, .view = &m->view, .txn = m->txn, .pool = m->pool, .limits = m->limits};
}

static bool has_all_parts(const cuboid *c, const seg *s)
{
    for (uint32_t i = 0; i < c->n_parts; i++) {
        const cuboid_part *x = &c->parts[i];
        bool is_lost = x->name_lost.len && seg_find(s, x->name_lost, false) >= 0;
        if (!is_lost && seg_find(s, x->name, false) < 0) return false;
    }
    return true;
}

static bool is_kept(const maintain *m, uint32_t i)
{
    return m->q.is_sound[i] && has_all_parts(m->q.def, m->q.segs[i].seg);
}

/* ---- summing up ------------------------------------------------------------------------ */

static int by_id(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* Facts that no kept segment covers. */
static pt_status find_uncovered(maintain *m, snapshot_seg **out, uint32_t *n)
{
    uint32_t n_facts, n_covered = 0;
    size_t most = 0;
    const snapshot_seg *facts = snapshot_segs(m->snap, m->q.def->cube->id, &n_facts);
    for (uint32_t i = 0; i < m->q.n_segs; i++) most += m->q.segs[i].n_covers;
    uint64_t *covered = arena_array(m->a, uint64_t, most);
    *out = arena_array(m->a, snapshot_seg, n_facts);
    if (!covered || !*out) return arena_fail(m->a, m->err);
    for (uint32_t i = 0; i < m->q.n_segs; i++)
        for (uint32_t k = 0; is_kept(m, i) && k < m->q.segs[i].n_covers; k++)
            covered[n_covered++] = m->q.segs[i].covers[k].seg_id;
    if (n_covered) qsort(covered, n_covered, sizeof *covered, by_id);
    *n = 0;
    for (uint32_t i = 0; i < n_facts; i++)
        if (!n_covered || !bsearch(&facts[i].id, covered, n_covered, sizeof *covered, by_id))
            (*out)[(*n)++] = facts[i];
    return PT_OK;
}

static pt_status sum_up(maintain *m, const snapshot_seg *facts, uint32_t n)
{
    cuboid_make k = maker(m);
    cuboid_source from = {.segs = facts, .n_segs = n};
    seg_cover *covers = arena_array(m->a, seg_cover, n);
    if (!covers) return arena_fail(m->a, m->err);
    for (uint32_t i = 0; i < n; i++)
        covers[i] = (seg_cover){
            facts[i].id, facts[i].deleted ? (uint32_t)roaring_bitmap_get_cardinality(facts[i].deleted) : 0};
    return cuboid_write(&k, &from, covers, n, m->err);
}

/* Of n segments, the rows that may become one segment: all, if they have few enough cells in any case. */
static uint64_t most_rows(const maintain *m, const snapshot_seg *segs, uint32_t n, uint64_t else_rows)
{
    uint64_t rows = 0;
    for (uint32_t i = 0; i < n; i++) rows += seg_rows(segs[i].seg);
    return cuboid_most_cells(&m->q, rows) <= SEG_MAX_ROWS ? rows : else_rows;
}

static pt_status sum_up_all(maintain *m)
{
    snapshot_seg *facts;
    uint32_t n;
    PT_TRY(find_uncovered(m, &facts, &n));
    uint64_t most = most_rows(m, facts, n, BATCH_FACTS);
    for (uint32_t from = 0, to; from < n; from = to) {
        uint64_t rows = seg_rows(facts[from].seg);
        for (to = from + 1; to < n && rows + seg_rows(facts[to].seg) <= most; to++)
            rows += seg_rows(facts[to].seg);
        PT_TRY(sum_up(m, facts + from, to - from));
    }
    return PT_OK;
}

/* ---- merging ----------------------------------------------------------------------------- */

static int by_rows(const void *a, const void *b)
{
    const snapshot_seg *x = a, *y = b;
    if (seg_rows(x->seg) != seg_rows(y->seg)) return seg_rows(x->seg) < seg_rows(y->seg) ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* The smallest segments, as long as the next is not much larger than what is taken already. */
static uint32_t pick(const snapshot_seg *segs, uint32_t n, uint64_t most)
{
    uint64_t total = 0;
    uint32_t n_picked = 0;
    for (; n_picked < n; n_picked++) {
        uint64_t rows = seg_rows(segs[n_picked].seg);
        if (total + rows > most || (n_picked && rows > 2 * total + ALWAYS_ROWS)) break;
        total += rows;
    }
    return n_picked >= 2 ? n_picked : 0;
}

static pt_status merge(maintain *m, const snapshot_seg *segs, uint32_t n)
{
    cuboid_make k = maker(m);
    cuboid_source from = {.segs = segs, .n_segs = n, .is_rows = true};
    size_t most = 0;
    uint32_t n_covers = 0;
    for (uint32_t i = 0; i < n; i++) most += segs[i].n_covers;
    seg_cover *covers = arena_array(m->a, seg_cover, most);
    if (!covers) return arena_fail(m->a, m->err);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t c = 0; c < segs[i].n_covers; c++) covers[n_covers++] = segs[i].covers[c];
    PT_TRY(cuboid_write(&k, &from, covers, n_covers, m->err));
    for (uint32_t i = 0; i < n; i++) PT_TRY(txn_drop_segment(m->txn, m->q.def->id, segs[i].id, m->err));
    return PT_OK;
}

static pt_status merge_small(maintain *m, const cuboid *c)
{
    for (;;) {
        PT_TRY(look_at(m, c));
        snapshot_seg *segs = arena_array(m->a, snapshot_seg, m->q.n_segs);
        if (!segs) return arena_fail(m->a, m->err);
        if (m->q.n_segs) memcpy(segs, m->q.segs, m->q.n_segs * sizeof *segs);
        if (m->q.n_segs) qsort(segs, m->q.n_segs, sizeof *segs, by_rows);
        uint32_t n = pick(segs, m->q.n_segs, most_rows(m, segs, m->q.n_segs, MERGE_ROWS));
        if (!n) return PT_OK;
        PT_TRY(merge(m, segs, n));
    }
}

/* ---- all of it ------------------------------------------------------------------------------ */

static pt_status maintain_one(maintain *m, const cuboid *c)
{
    PT_TRY(look_at(m, c));
    bool is_whole = !m->q.why[0];
    for (uint32_t i = 0; i < m->q.n_segs; i++) {
        if (is_kept(m, i)) continue;
        is_whole = false;
        PT_TRY(txn_drop_segment(m->txn, c->id, m->q.segs[i].id, m->err));
    }
    if (is_whole) return PT_OK;
    PT_TRY(sum_up_all(m));
    return merge_small(m, c);
}

pt_status cuboid_maintain(store_txn *t, const schema *s, const cube *c, pool *p, const limits *l, pt_err *err)
{
    maintain m = {.txn = t, .schema = s, .pool = p, .limits = l, .err = err};
    pt_status st = PT_OK;
    for (uint32_t i = 0; i < c->n_cuboids && st == PT_OK; i++) st = maintain_one(&m, &c->cuboids[i]);
    look_away(&m);
    return st;
}

pt_status cuboid_maintain_all(store_txn *t, const schema *s, pool *p, const limits *l, pt_err *err)
{
    for (uint32_t i = 0; i < schema_n_cubes(s); i++)
        PT_TRY(cuboid_maintain(t, s, schema_cube_at(s, i), p, l, err));
    return PT_OK;
}

/* ---- REFRESH ---------------------------------------------------------------------------------- */

static pt_status count_stale(const view *v, const cube *c, uint32_t *n, pt_err *err)
{
    for (uint32_t i = 0; i < c->n_cuboids; i++) {
        cuboid_info info;
        PT_TRY(cuboid_info_get(v, &c->cuboids[i], &info, err));
        *n += info.why[0] != 0;
    }
    return PT_OK;
}

static pt_status refresh(warehouse *w, store_txn *t, const cube *only, const limits *l, uint32_t *n,
                         pt_err *err)
{
    view v;
    PT_TRY(warehouse_view(w, &v, err)); /* under the lock: what the transaction starts from */
    pt_status st = PT_OK;
    for (uint32_t i = 0; i < schema_n_cubes(v.schema) && st == PT_OK; i++) {
        const cube *c = schema_cube_at(v.schema, i);
        if (only && c->id != only->id) continue;
        st = count_stale(&v, c, n, err);
        if (st == PT_OK) st = cuboid_maintain(t, v.schema, c, warehouse_pool(w), l, err);
    }
    view_put(&v);
    return st;
}

pt_status cuboid_refresh(warehouse *w, const cube *c, const limits *l, uint32_t *n_rebuilt, pt_err *err)
{
    store_txn *t;
    *n_rebuilt = 0;
    PT_TRY(store_begin(warehouse_store(w), REFRESH_WAIT_US, &t, err));
    pt_status st = refresh(w, t, c, l, n_rebuilt, err);
    if (st == PT_OK) return txn_commit(t, err);
    txn_abort(t);
    return st;
}
