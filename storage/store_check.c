/* store_check.c - verifying everything that the catalog reaches.
 *
 * The records of one LMDB read transaction are collected first, then the files that they name are read
 * through. Each thing gives one line of report. A writer may publish meanwhile and remove files: that is no
 * error. */
#include <dirent.h>
#include <stdio.h>

#include "base/fs.h"
#include "storage/bytes.h"
#include "storage/store_int.h"

typedef struct dim_record {
    uint32_t id;
    uint64_t file;
} dim_record;

typedef struct del_record {
    uint32_t cube;
    uint64_t id;
    pt_str bytes;
} del_record;

typedef struct check {
    store *s;
    store_report_fn report;
    void *ctx;
    uint64_t n_errors, commit;
    arena *mem; /* the records below */
    catalog_state state;
    catalog_def *defs;
    dim_record *dims;
    catalog_seg *segs;
    del_record *dels;
    uint32_t n_defs, n_dims, n_segs, n_dels;
} check;

static pt_status no_memory(pt_err *err)
{
    return pt_fail(err, PT_NOMEM, "out of memory while checking the warehouse");
}

/* ---- reporting ----------------------------------------------------- */

static void say(check *k, bool is_error, const char *fmt, ...) PT_PRINTF(3, 4);
static void say(check *k, bool is_error, const char *fmt, ...)
{
    char line[PT_ERR_TEXT + 256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    k->n_errors += is_error;
    k->report(k->ctx, is_error, line);
}

/* A failed step, unless it failed because another version was published meanwhile. */
static void say_failed(check *k, const char *path, const pt_err *e)
{
    if (!fs_exists(path) && catalog_last_commit(k->s->cat) != k->commit)
        say(k, false, "%s: replaced by another version during the check", path);
    else
        say(k, true, "%s", e->msg);
}

/* ---- records ------------------------------------------------------- */

static pt_status keep_def(void *ctx, pt_str key, pt_str value, pt_err *err)
{
    check *k = ctx;
    catalog_def *d = &k->defs[k->n_defs];
    PT_TRY(catalog_def_parse(key, value, d, err));
    d->name = str_copy(k->mem, d->name);
    k->n_defs++;
    return d->name.ptr ? PT_OK : no_memory(err);
}

static pt_status keep_dim(void *ctx, pt_str key, pt_str value, pt_err *err)
{
    check *k = ctx;
    dim_record *d = &k->dims[k->n_dims];
    PT_TRY(catalog_dim_parse(key, value, &d->id, &d->file, err));
    k->n_dims++;
    return PT_OK;
}

static pt_status keep_seg(void *ctx, pt_str key, pt_str value, pt_err *err)
{
    check *k = ctx;
    PT_TRY(catalog_seg_parse(key, value, &k->segs[k->n_segs], err));
    k->n_segs++;
    return PT_OK;
}

static pt_status keep_deleted(void *ctx, pt_str key, pt_str value, pt_err *err)
{
    check *k = ctx;
    if (key.len != SEG_KEY_BYTES)
        return pt_fail(err, PT_CORRUPT, "a key of table 'deleted' has the wrong length");
    pt_str bytes = str_copy(k->mem, value);
    if (!bytes.ptr) return no_memory(err);
    k->dels[k->n_dels++] = (del_record){load_be32(key.ptr), load_be64(key.ptr + 4), bytes};
    return PT_OK;
}

/* Small records: their checksums were verified on the way here. */
static pt_status skip_record(void *ctx, pt_str key, pt_str value, pt_err *err)
{
    (void)ctx, (void)key, (void)value, (void)err;
    return PT_OK;
}

static pt_status make_room(check *k, catalog_table t, size_t n, pt_err *err)
{
    bool ok = true;
    if (t == CAT_DEF) ok = (k->defs = arena_array(k->mem, catalog_def, n)) != NULL;
    if (t == CAT_DIM) ok = (k->dims = arena_array(k->mem, dim_record, n)) != NULL;
    if (t == CAT_SEG) ok = (k->segs = arena_array(k->mem, catalog_seg, n)) != NULL;
    if (t == CAT_DELETED) ok = (k->dels = arena_array(k->mem, del_record, n)) != NULL;
    return ok ? PT_OK : no_memory(err);
}

/* A damaged table ends its own scan only. */
static pt_status check_table(check *k, MDB_txn *txn, catalog_table t, pt_err *err)
{
    static const store_record_fn keep[CAT_TABLES] = {
        [CAT_DEF] = keep_def, [CAT_DIM] = keep_dim, [CAT_SEG] = keep_seg, [CAT_DELETED] = keep_deleted};
    size_t n;
    pt_err bad = {0};
    PT_TRY(catalog_count(k->s->cat, txn, t, &n, err));
    PT_TRY(make_room(k, t, n, err));
    pt_status st =
        catalog_scan(k->s->cat, txn, t, (pt_str){0}, false, keep[t] ? keep[t] : skip_record, k, &bad);
    if (st == PT_OK)
        say(k, false, "catalog table %s: %zu records", catalog_table_name(t), n);
    else if (st == PT_CORRUPT)
        say(k, true, "%s", bad.msg);
    else if (err && err->code == PT_OK)
        *err = bad;
    return st == PT_CORRUPT ? PT_OK : st;
}

static pt_status check_records(check *k, pt_err *err)
{
    MDB_txn *txn;
    pt_err bad = {0};
    PT_TRY(catalog_begin(k->s->cat, false, &txn, err));
    k->commit = mdb_txn_id(txn);
    if (catalog_get_state(k->s->cat, txn, &k->state, &bad) != PT_OK) say(k, true, "%s", bad.msg);
    pt_status st = PT_OK;
    for (int t = 0; t < CAT_TABLES && st == PT_OK; t++) st = check_table(k, txn, (catalog_table)t, err);
    bool is_stable = catalog_is_stable(k->s->cat, txn);
    mdb_txn_abort(txn);
    if (st != PT_OK || is_stable) return st;
    return pt_fail(err, PT_BUSY, "the warehouse was changed while it was checked without a lock: try again");
}

/* ---- what records say of each other -------------------------------- */

static const catalog_def *find_def(const check *k, uint32_t id)
{
    for (uint32_t i = 0; i < k->n_defs; i++)
        if (k->defs[i].id == id) return &k->defs[i];
    return NULL;
}

static void check_numbers(check *k)
{
    for (uint32_t i = 0; i < k->n_defs; i++)
        if (k->defs[i].id >= k->state.next_def)
            say(k, true, "definition %u has a number not yet given", k->defs[i].id);
    for (uint32_t i = 0; i < k->n_dims; i++) {
        const catalog_def *d = find_def(k, k->dims[i].id);
        if (!d || d->kind != OBJ_DIMENSION)
            say(k, true, "there are members of dimension %u, which is not defined", k->dims[i].id);
        if (k->dims[i].file >= k->state.next_file)
            say(k, true, "dimension %u has a file number not yet given", k->dims[i].id);
    }
    for (uint32_t i = 0; i < k->n_segs; i++) {
        const catalog_def *d = find_def(k, k->segs[i].cube);
        if (!d || (d->kind != OBJ_CUBE && d->kind != OBJ_CUBOID))
            say(k, true, "there are facts of cube %u, which is not defined", k->segs[i].cube);
        if (k->segs[i].id >= k->state.next_file)
            say(k, true, "segment %llu has a file number not yet given", (unsigned long long)k->segs[i].id);
    }
}

/* ---- files --------------------------------------------------------- */

static pt_status check_dim(check *k, const dim_record *d, pt_err *err)
{
    char path[STORE_PATH];
    pt_err bad = {0};
    dim_view *view;
    const catalog_def *def = find_def(k, d->id);
    PT_TRY(store_path(k->s, FILE_DIM, d->file, path, sizeof path, err));
    pt_status st = dim_view_open(path, &view, &bad);
    if (st != PT_OK) {
        say_failed(k, path, &bad);
        return PT_OK;
    }
    if (dim_view_check(view, &bad) != PT_OK)
        say_failed(k, path, &bad);
    else
        say(k, false, "dimension [" STR_FMT "]: %u members", STR_ARG(def ? def->name : STR("?")),
            dim_count(view));
    dim_view_put(view);
    return PT_OK;
}

static const del_record *find_deleted(const check *k, const catalog_seg *s)
{
    for (uint32_t i = 0; i < k->n_dels; i++)
        if (k->dels[i].cube == s->cube && k->dels[i].id == s->id) return &k->dels[i];
    return NULL;
}

static void check_deleted(check *k, const catalog_seg *s)
{
    roaring_bitmap_t *rows = NULL;
    const del_record *d = find_deleted(k, s);
    if (!d && s->n_deleted == 0) return;
    if (!d || deleted_parse(d->bytes, s->n_rows, &rows) != PT_OK)
        say(k, true, "the deleted rows of segment %llu are damaged", (unsigned long long)s->id);
    else if (roaring_bitmap_get_cardinality(rows) != s->n_deleted)
        say(k, true, "segment %llu: %llu deleted rows, expected %u", (unsigned long long)s->id,
            (unsigned long long)roaring_bitmap_get_cardinality(rows), s->n_deleted);
    if (rows) roaring_bitmap_free(rows);
}

static pt_status check_seg(check *k, const catalog_seg *r, pt_err *err)
{
    char path[STORE_PATH];
    pt_err bad = {0};
    seg *s;
    const catalog_def *def = find_def(k, r->cube);
    check_deleted(k, r);
    PT_TRY(store_path(k->s, FILE_SEG, r->id, path, sizeof path, err));
    if (seg_open(path, &s, &bad) != PT_OK) {
        say_failed(k, path, &bad);
        return PT_OK;
    }
    if (seg_check(s, &bad) != PT_OK)
        say_failed(k, path, &bad);
    else if (seg_rows(s) != r->n_rows)
        say(k, true, "%s: %u rows, expected %u", path, seg_rows(s), r->n_rows);
    else
        say(k, false, "segment %llu of cube [" STR_FMT "]: %u rows, %u deleted", (unsigned long long)r->id,
            STR_ARG(def ? def->name : STR("?")), r->n_rows, r->n_deleted);
    seg_put(s);
    return PT_OK;
}

/* Deletions of segments that are not there. */
static void check_strays(check *k)
{
    for (uint32_t i = 0; i < k->n_dels; i++) {
        bool found = false;
        for (uint32_t j = 0; j < k->n_segs && !found; j++)
            found = k->segs[j].cube == k->dels[i].cube && k->segs[j].id == k->dels[i].id;
        if (!found)
            say(k, true, "rows are deleted of segment %llu, which is not there",
                (unsigned long long)k->dels[i].id);
    }
}

pt_status store_check(store *s, store_report_fn report, void *ctx, pt_err *err)
{
    check k = {.s = s, .report = report, .ctx = ctx, .mem = arena_new(0)};
    pt_status st = k.mem ? check_records(&k, err) : no_memory(err);
    if (st == PT_OK) {
        check_numbers(&k);
        check_strays(&k);
    }
    for (uint32_t i = 0; i < k.n_dims && st == PT_OK; i++) st = check_dim(&k, &k.dims[i], err);
    for (uint32_t i = 0; i < k.n_segs && st == PT_OK; i++) st = check_seg(&k, &k.segs[i], err);
    arena_free(k.mem);
    if (st != PT_OK || k.n_errors == 0) return st;
    pt_fail(err, PT_CORRUPT, "warehouse '%s' is damaged: %llu errors", s->dir,
            (unsigned long long)k.n_errors);
    return pt_hint(err, "restore it from a backup, or load the damaged parts again");
}
