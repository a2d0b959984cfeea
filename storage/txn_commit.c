/* txn_commit.c - publishing: one LMDB transaction applies the list of changes.
 *
 * Order: files are synced when written; their directories now; then the LMDB commit (which syncs) makes all
 * of it visible at once; last, files that nothing names any more are removed. A death between any two steps
 * leaves the old version or the new one, and perhaps files that the next writer sweeps. */
#include <stdio.h>

#include "base/fs.h"
#include "storage/txn_int.h"

static pt_status no_memory(pt_err *err)
{
    return pt_fail(err, PT_NOMEM, "out of memory while publishing");
}

/* ---- applying ------------------------------------------------------ */

typedef struct apply {
    store_txn *t;
    MDB_txn *txn;
    uint32_t n_keys; /* of a prefix, collected before they are deleted */
    pt_str *keys;
} apply;

/* The file that a record about to go names. */
static pt_status note_file(apply *a, catalog_table table, pt_str key, pt_err *err)
{
    pt_str old;
    bool found;
    uint32_t dim;
    uint64_t file;
    if (table != CAT_DIM && table != CAT_SEG) return PT_OK;
    PT_TRY(catalog_get(a->t->s->cat, a->txn, table, key, &old, &found, err));
    if (!found) return PT_OK;
    if (table == CAT_DIM) {
        PT_TRY(catalog_dim_parse(key, old, &dim, &file, err));
        return txn_list_file(a->t, &a->t->dropped, FILE_DIM, file) ? PT_OK : no_memory(err);
    }
    catalog_seg g;
    PT_TRY(catalog_seg_parse(key, old, &g, err));
    return txn_list_file(a->t, &a->t->dropped, FILE_SEG, g.id) ? PT_OK : no_memory(err);
}

static pt_status delete_key(apply *a, catalog_table table, pt_str key, pt_err *err)
{
    PT_TRY(note_file(a, table, key, err));
    return catalog_delete(a->t->s->cat, a->txn, table, key, err);
}

static pt_status collect_key(void *ctx, pt_str key, pt_str value, pt_err *err)
{
    apply *a = ctx;
    (void)value;
    a->keys[a->n_keys] = str_copy(a->t->mem, key);
    return a->keys[a->n_keys++].ptr ? PT_OK : no_memory(err);
}

static pt_status delete_prefix(apply *a, catalog_table table, pt_str prefix, pt_err *err)
{
    size_t n;
    PT_TRY(catalog_count(a->t->s->cat, a->txn, table, &n, err));
    a->n_keys = 0;
    a->keys = arena_array(a->t->mem, pt_str, n);
    if (!a->keys) return no_memory(err);
    PT_TRY(catalog_scan(a->t->s->cat, a->txn, table, prefix, false, collect_key, a, err));
    for (uint32_t i = 0; i < a->n_keys; i++) PT_TRY(delete_key(a, table, a->keys[i], err));
    return PT_OK;
}

static pt_status write_rows(apply *a, pt_str key, const roaring_bitmap_t *rows, pt_err *err)
{
    size_t size = roaring_bitmap_portable_size_in_bytes(rows);
    char *bytes = arena_alloc(a->t->mem, size);
    if (!bytes) return no_memory(err);
    roaring_bitmap_portable_serialize(rows, bytes);
    return catalog_put(a->t->s->cat, a->txn, CAT_DELETED, key, (pt_str){bytes, size}, err);
}

/* The union of `rows` and what is deleted already; the segment goes when nothing of it is left. */
static pt_status merge_rows(apply *a, pt_str key, roaring_bitmap_t *rows, pt_err *err)
{
    catalog *cat = a->t->s->cat;
    pt_str old, record;
    bool has_old, found;
    catalog_seg g;
    uint8_t value[SEG_BYTES];
    PT_TRY(catalog_get(cat, a->txn, CAT_SEG, key, &record, &found, err));
    if (!found) return PT_OK; /* dropped by this same transaction */
    PT_TRY(catalog_seg_parse(key, record, &g, err));
    PT_TRY(catalog_get(cat, a->txn, CAT_DELETED, key, &old, &has_old, err));
    if (has_old) {
        roaring_bitmap_t *before;
        pt_status st = deleted_parse(old, g.n_rows, &before);
        if (st != PT_OK)
            return pt_fail(err, st, "cannot read the deleted rows of segment %llu", (unsigned long long)g.id);
        roaring_bitmap_or_inplace(rows, before);
        roaring_bitmap_free(before);
    }
    g.n_deleted = (uint32_t)roaring_bitmap_get_cardinality(rows);
    if (g.n_deleted == g.n_rows) {
        PT_TRY(delete_key(a, CAT_SEG, key, err));
        return catalog_delete(cat, a->txn, CAT_DELETED, key, err);
    }
    catalog_seg_value(value, &g);
    PT_TRY(catalog_put(cat, a->txn, CAT_SEG, key, (pt_str){(char *)value, sizeof value}, err));
    return write_rows(a, key, rows, err);
}

static pt_status delete_rows(apply *a, pt_str key, pt_str bytes, pt_err *err)
{
    roaring_bitmap_t *rows;
    if (deleted_parse(bytes, SEG_MAX_ROWS, &rows) != PT_OK) return no_memory(err); /* our own bytes */
    pt_status st = merge_rows(a, key, rows, err);
    roaring_bitmap_free(rows);
    return st;
}

static pt_status apply_op(apply *a, const txn_op *op, pt_err *err)
{
    switch (op->kind) {
    case OP_PUT:
        /* a segment's key is its file: another record of it names the same one */
        if (op->table == CAT_DIM) PT_TRY(note_file(a, op->table, op->key, err));
        return catalog_put(a->t->s->cat, a->txn, op->table, op->key, op->value, err);
    case OP_DELETE: return delete_key(a, op->table, op->key, err);
    case OP_DELETE_PREFIX: return delete_prefix(a, op->table, op->key, err);
    case OP_DELETE_ROWS: return delete_rows(a, op->key, op->value, err);
    }
    return PT_OK;
}

/* ---- publishing ---------------------------------------------------- */

static pt_status apply_all(store_txn *t, MDB_txn *txn, pt_err *err)
{
    catalog_state now;
    apply a = {.t = t, .txn = txn};
    PT_TRY(catalog_get_state(t->s->cat, txn, &now, err));
    if (NEVER(now.version != t->base->state.version))
        return pt_fail(err, PT_INTERNAL, "the catalog changed under the writer's lock");
    for (const txn_op *op = t->ops; op; op = op->next) PT_TRY(apply_op(&a, op, err));
    t->state.version = txn_version(t);
    if (t->changes_schema) t->state.schema_version = t->state.version;
    return catalog_put_state(t->s->cat, txn, &t->state, err);
}

static pt_status sync_folders(store_txn *t, pt_err *err)
{
    char path[STORE_PATH];
    bool has[2] = {false, false};
    for (const txn_file *f = t->written; f; f = f->next) has[f->kind] = true;
    for (int kind = 0; kind < 2; kind++) {
        if (!has[kind]) continue;
        snprintf(path, sizeof path, "%s/%s", t->s->dir, kind == FILE_SEG ? "seg" : "dim");
        PT_TRY(fs_sync_dir(path, err));
        store_step(t->s);
    }
    return PT_OK;
}

/* Files that were asked for but not made part of anything. */
static bool is_named(const store_txn *t, const txn_file *f)
{
    if (f->kind == FILE_DIM) return true; /* put_dim names it; one replaced later is in `dropped` */
    for (const txn_seg *s = t->segs; s; s = s->next)
        if (s->id == f->number) return true;
    return false;
}

static void remove_useless(store_txn *t)
{
    txn_unlink(t, t->dropped);
    for (const txn_file *f = t->written; f; f = f->next)
        if (!is_named(t, f)) txn_unlink(t, &(txn_file){NULL, f->kind, f->number});
}

pt_status txn_commit(store_txn *t, pt_err *err)
{
    MDB_txn *txn = NULL;
    if (!t->ops && t->state.next_load == t->base->state.next_load) { /* nothing to publish */
        txn_abort(t);
        return PT_OK;
    }
    pt_status st = sync_folders(t, err);
    if (st == PT_OK) st = catalog_begin(t->s->cat, true, &txn, err);
    if (st == PT_OK) st = apply_all(t, txn, err);
    if (st != PT_OK) {
        if (txn) mdb_txn_abort(txn);
        txn_abort(t);
        return st;
    }
    store_step(t->s);
    st = catalog_commit(t->s->cat, txn, err);
    store_step(t->s);
    /* After a failed commit the disk may hold the old version or the new one: the files stay for whichever it
     * is, and the next writer sweeps. */
    if (st == PT_OK) remove_useless(t);
    txn_end(t);
    return st;
}
