/* snapshot.c - one committed version of the warehouse, in memory.
 *
 * All records are read in one LMDB read transaction, which ends before any file is opened. Files that the
 * snapshot before had open are shared with it. Another process may publish meanwhile and remove a file that
 * was just named: then everything is read again. */
#include <stdio.h>

#include "base/fs.h"
#include "base/map.h"
#include "storage/bytes.h"
#include "storage/store_int.h"

enum { BUILD_TRIES = 100 };

static pt_status no_memory(pt_err *err)
{
    return pt_fail(err, PT_NOMEM, "out of memory while reading the catalog");
}

/* ---- life ---------------------------------------------------------- */

static void snapshot_free(snapshot *s)
{
    for (uint32_t i = 0; s->dims && i < s->n_dims; i++)
        if (s->dims[i].view) dim_view_put(s->dims[i].view);
    for (uint32_t i = 0; s->files && i < s->n_segs; i++) seg_put(s->files[i]);
    for (uint32_t i = 0; s->deletions && i < s->n_segs; i++) deleted_put(s->deletions[i]);
    arena_free(s->mem);
    mem_free(s);
}

void snapshot_get(snapshot *s)
{
    atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
}

void snapshot_put(snapshot *s)
{
    if (s && atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) == 1) snapshot_free(s);
}

/* ---- looking up ---------------------------------------------------- */

/* First position in dims whose id is not below. */
static uint32_t dim_at(const snapshot *s, uint32_t id)
{
    uint32_t lo = 0, hi = s->n_dims;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (s->dims[mid].id < id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* First position in segs that is not before (cube, seg_id). */
static uint32_t seg_at(const snapshot *s, uint32_t cube, uint64_t seg_id)
{
    uint32_t lo = 0, hi = s->n_segs;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (s->cube_of[mid] < cube || (s->cube_of[mid] == cube && s->segs[mid].id < seg_id))
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

uint64_t snapshot_version(const snapshot *s)
{
    return s->state.version;
}

uint64_t snapshot_schema_version(const snapshot *s)
{
    return s->state.schema_version;
}

const catalog_def *snapshot_defs(const snapshot *s, uint32_t *n)
{
    *n = s->n_defs;
    return s->defs;
}

const dim_view *snapshot_dim(const snapshot *s, uint32_t dim_id)
{
    uint32_t i = dim_at(s, dim_id);
    return i < s->n_dims && s->dims[i].id == dim_id ? s->dims[i].view : NULL;
}

uint64_t snapshot_dim_file(const snapshot *s, uint32_t dim_id)
{
    uint32_t i = dim_at(s, dim_id);
    return i < s->n_dims && s->dims[i].id == dim_id ? s->dims[i].file : 0;
}

const snapshot_seg *snapshot_segs(const snapshot *s, uint32_t cube_id, uint32_t *n)
{
    uint32_t from = seg_at(s, cube_id, 0), to = from;
    while (to < s->n_segs && s->cube_of[to] == cube_id) to++;
    *n = to - from;
    return s->segs + from;
}

int64_t snapshot_find_seg(const snapshot *s, uint32_t cube, uint64_t seg_id)
{
    uint32_t i = seg_at(s, cube, seg_id);
    return i < s->n_segs && s->cube_of[i] == cube && s->segs[i].id == seg_id ? (int64_t)i : -1;
}

/* ---- reading records ----------------------------------------------- */

/* What the scans share. */
typedef struct build {
    snapshot *snap;
    const snapshot *prev; /* may be NULL */
    size_t room;          /* records of the table being scanned */
} build;

static pt_status add_def(void *ctx, pt_str key, pt_str value, pt_err *err)
{
    build *b = ctx;
    snapshot *s = b->snap;
    if (NEVER(s->n_defs == b->room)) return PT_INTERNAL;
    catalog_def *d = &s->defs[s->n_defs];
    PT_TRY(catalog_def_parse(key, value, d, err));
    d->name = str_copy(s->mem, d->name);
    d->text = str_copy(s->mem, d->text);
    if (!d->name.ptr || !d->text.ptr) return no_memory(err);
    s->n_defs++;
    return PT_OK;
}

static pt_status add_dim(void *ctx, pt_str key, pt_str value, pt_err *err)
{
    build *b = ctx;
    snapshot *s = b->snap;
    if (NEVER(s->n_dims == b->room)) return PT_INTERNAL;
    PT_TRY(catalog_dim_parse(key, value, &s->dims[s->n_dims].id, &s->dims[s->n_dims].file, err));
    s->n_dims++;
    return PT_OK;
}

pt_status snapshot_covers(snapshot *s, const catalog_seg *g, const seg_cover **out, pt_err *err)
{
    *out = NULL;
    if (!g->n_covers) return PT_OK;
    seg_cover *covers = arena_array(s->mem, seg_cover, g->n_covers);
    if (!covers) return no_memory(err);
    for (uint32_t i = 0; i < g->n_covers; i++) {
        const char *at = g->covers + (size_t)i * COVER_BYTES;
        covers[i] = (seg_cover){load_u64(at), load_u32(at + 8)};
    }
    *out = covers;
    return PT_OK;
}

static pt_status add_seg(void *ctx, pt_str key, pt_str value, pt_err *err)
{
    build *b = ctx;
    snapshot *s = b->snap;
    catalog_seg g;
    if (NEVER(s->n_segs == b->room)) return PT_INTERNAL;
    PT_TRY(catalog_seg_parse(key, value, &g, err));
    snapshot_seg *out = &s->segs[s->n_segs];
    out->id = g.id;
    out->load_id = g.load_id;
    out->n_covers = g.n_covers;
    PT_TRY(snapshot_covers(s, &g, &out->covers, err));
    s->cube_of[s->n_segs] = g.cube;
    s->n_segs++;
    return PT_OK;
}

/* The deleted rows of a segment, shared with the snapshot before if they are the same. Their range is
 * verified when the segment's file is open. */
static pt_status add_deleted(void *ctx, pt_str key, pt_str value, pt_err *err)
{
    build *b = ctx;
    catalog_seg g = {0};
    if (key.len == SEG_KEY_BYTES) {
        g.cube = load_be32(key.ptr);
        g.id = load_be64(key.ptr + 4);
    }
    int64_t i = snapshot_find_seg(b->snap, g.cube, g.id);
    if (key.len != SEG_KEY_BYTES || i < 0)
        return pt_fail(err, PT_CORRUPT,
                       "the catalog is damaged: rows are deleted of a segment that is not there");
    int64_t before = b->prev ? snapshot_find_seg(b->prev, g.cube, g.id) : -1;
    deleted *old = before >= 0 ? b->prev->deletions[before] : NULL;
    if (old && old->sum == hash_bytes(value.ptr, value.len)) {
        atomic_fetch_add_explicit(&old->refs, 1, memory_order_relaxed);
        b->snap->deletions[i] = old;
        return PT_OK;
    }
    pt_status st = deleted_new(value, SEG_MAX_ROWS, &b->snap->deletions[i]);
    if (st == PT_NOMEM) return no_memory(err);
    return st == PT_OK
               ? PT_OK
               : pt_fail(err, st, "the catalog is damaged: the deleted rows of segment %llu are malformed",
                         (unsigned long long)g.id);
}

static pt_status read_table(build *b, catalog *c, MDB_txn *txn, catalog_table t, store_record_fn add,
                            pt_err *err)
{
    snapshot *s = b->snap;
    size_t n;
    bool ok = true;
    PT_TRY(catalog_count(c, txn, t, &n, err));
    if (n > UINT32_MAX)
        return pt_fail(err, PT_LIMIT, "table '%s' of the catalog is too long", catalog_table_name(t));
    b->room = n;
    if (t == CAT_DEF) ok = (s->defs = arena_array(s->mem, catalog_def, n)) != NULL;
    if (t == CAT_DIM) ok = (s->dims = arena_array(s->mem, snap_dim, n)) != NULL;
    if (t == CAT_SEG) {
        s->segs = arena_array(s->mem, snapshot_seg, n);
        s->files = arena_array(s->mem, seg *, n);
        s->deletions = arena_array(s->mem, deleted *, n);
        s->cube_of = arena_array(s->mem, uint32_t, n);
        ok = s->segs && s->files && s->deletions && s->cube_of;
    }
    if (!ok) return no_memory(err);
    return catalog_scan(c, txn, t, (pt_str){0}, false, add, b, err);
}

/* *is_stable false: read again. */
static pt_status read_records(build *b, catalog *c, bool *is_stable, pt_err *err)
{
    MDB_txn *txn;
    *is_stable = true;
    PT_TRY(catalog_begin(c, false, &txn, err));
    b->snap->commit = mdb_txn_id(txn);
    pt_status st = catalog_get_state(c, txn, &b->snap->state, err);
    if (st == PT_OK) st = read_table(b, c, txn, CAT_DEF, add_def, err);
    if (st == PT_OK) st = read_table(b, c, txn, CAT_DIM, add_dim, err);
    if (st == PT_OK) st = read_table(b, c, txn, CAT_SEG, add_seg, err);
    if (st == PT_OK) st = read_table(b, c, txn, CAT_DELETED, add_deleted, err);
    *is_stable = catalog_is_stable(c, txn);
    mdb_txn_abort(txn);
    return st;
}

/* ---- opening files ------------------------------------------------- */

static pt_status open_dim(store *s, const snapshot *prev, snap_dim *d, char *path, pt_err *err)
{
    uint32_t i = prev ? dim_at(prev, d->id) : 0;
    if (prev && i < prev->n_dims && prev->dims[i].id == d->id && prev->dims[i].file == d->file) {
        d->view = prev->dims[i].view;
        dim_view_get(d->view);
        return PT_OK;
    }
    PT_TRY(store_path(s, FILE_DIM, d->file, path, STORE_PATH, err));
    return dim_view_open(path, &d->view, err);
}

static pt_status open_seg(store *s, const snapshot *prev, snapshot *snap, uint32_t i, char *path, pt_err *err)
{
    int64_t before = prev ? snapshot_find_seg(prev, snap->cube_of[i], snap->segs[i].id) : -1;
    if (before >= 0) {
        snap->files[i] = prev->files[before];
        seg_get(snap->files[i]);
    } else {
        PT_TRY(store_path(s, FILE_SEG, snap->segs[i].id, path, STORE_PATH, err));
        PT_TRY(seg_open(path, &snap->files[i], err));
    }
    snap->segs[i].seg = snap->files[i];
    const roaring_bitmap_t *rows = snap->deletions[i] ? snap->deletions[i]->rows : NULL;
    if (rows && !roaring_bitmap_is_empty(rows) && roaring_bitmap_maximum(rows) >= seg_rows(snap->files[i]))
        return pt_fail(err, PT_CORRUPT,
                       "the catalog is damaged: it deletes rows that segment %llu does not have",
                       (unsigned long long)snap->segs[i].id);
    snap->segs[i].deleted = rows;
    return PT_OK;
}

/* `path` receives the file that failed. */
static pt_status open_files(store *s, const snapshot *prev, snapshot *snap, char *path, pt_err *err)
{
    for (uint32_t i = 0; i < snap->n_dims; i++) PT_TRY(open_dim(s, prev, &snap->dims[i], path, err));
    for (uint32_t i = 0; i < snap->n_segs; i++) PT_TRY(open_seg(s, prev, snap, i, path, err));
    return PT_OK;
}

/* ---- making -------------------------------------------------------- */

/* Opening failed. *again: because a version published meanwhile removed the file. */
static pt_status explain_failure(const store *s, const snapshot *snap, const char *path, pt_status st,
                                 bool *again, pt_err *err)
{
    if (st != PT_IO || !path[0] || fs_exists(path)) return st;
    *again = catalog_last_commit(s->cat) != snap->commit;
    pt_err_clear(err);
    pt_fail(err, PT_CORRUPT, "warehouse '%s' is damaged: file '%s' is missing", s->dir, path);
    return pt_hint(err, "restore the file from a backup");
}

/* One attempt; *again: something was published meanwhile. */
static pt_status try_build(store *s, const snapshot *prev, snapshot **out, bool *again, pt_err *err)
{
    char path[STORE_PATH] = "";
    bool is_stable = true;
    *out = NULL;
    *again = false;
    snapshot *snap = mem_alloc(1, sizeof *snap);
    if (!snap) return no_memory(err);
    atomic_init(&snap->refs, 1);
    snap->mem = arena_new(0);
    build b = {snap, prev, 0};
    pt_status st = snap->mem ? read_records(&b, s->cat, &is_stable, err) : no_memory(err);
    if (!is_stable) {
        *again = true;
    } else if (st == PT_OK) {
        st = open_files(s, prev, snap, path, err);
        if (st != PT_OK) st = explain_failure(s, snap, path, st, again, err);
    }
    if (st == PT_OK && !*again)
        *out = snap;
    else
        snapshot_free(snap);
    return st;
}

static pt_status build_snapshot(store *s, const snapshot *prev, snapshot **out, pt_err *err)
{
    for (int i = 0; i < BUILD_TRIES; i++) {
        bool again;
        pt_err local = {0};
        pt_status st = try_build(s, prev, out, &again, &local);
        if (again) continue;
        if (st != PT_OK && err && err->code == PT_OK) *err = local;
        return st;
    }
    pt_fail(err, PT_BUSY, "warehouse '%s' changes faster than it can be read", s->dir);
    return pt_hint(err, "try again");
}

pt_status store_snapshot(store *s, snapshot **out, pt_err *err)
{
    pt_status st = PT_OK;
    *out = NULL;
    pthread_mutex_lock(&s->lock);
    if (!s->current || s->current->commit != catalog_last_commit(s->cat)) {
        snapshot *fresh;
        st = build_snapshot(s, s->current, &fresh, err);
        if (st == PT_OK) {
            snapshot_put(s->current);
            s->current = fresh;
        }
    }
    if (st == PT_OK) {
        snapshot_get(s->current);
        *out = s->current;
    }
    pthread_mutex_unlock(&s->lock);
    return st;
}
