/* txn.c - becoming the writer, and collecting what a transaction will change.
 *
 * Changes are a list in memory until the commit; only files are written at once. The lock is a flock on
 * DIR/lock: the kernel lets it go when a writer dies. Whoever gets it first removes the files that no
 * committed catalog names: what a writer before left that died or failed. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "storage/bytes.h"
#include "storage/txn_int.h"

enum { FIRST_PAUSE_US = 1000, LONGEST_PAUSE_US = 50 * 1000 };

static pt_status no_memory(pt_err *err)
{
    return pt_fail(err, PT_NOMEM, "out of memory while changing the warehouse");
}

/* ---- the lock ------------------------------------------------------ */

static pt_status take_lock(const store *s, int64_t wait_us, int *out, pt_err *err)
{
    char path[STORE_PATH];
    int64_t pause = FIRST_PAUSE_US, until = limits_now_us() + (wait_us > 0 ? wait_us : 0);
    snprintf(path, sizeof path, "%s/lock", s->dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) return pt_fail_errno(err, PT_IO, "cannot open file '%s'", path);
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        int64_t left = until - limits_now_us();
        if (errno != EWOULDBLOCK && errno != EINTR) {
            pt_fail_errno(err, PT_IO, "cannot lock file '%s'", path);
            close(fd);
            return PT_IO;
        }
        if (left <= 0) {
            close(fd);
            pt_fail(err, PT_BUSY, "warehouse '%s' is being changed by another process or connection", s->dir);
            return pt_hint(err, "wait for it to end and try again");
        }
        if (pause > left) pause = left;
        nanosleep(&(struct timespec){.tv_nsec = pause * 1000}, NULL);
        pause = pause * 2 < LONGEST_PAUSE_US ? pause * 2 : LONGEST_PAUSE_US;
    }
    *out = fd;
    return PT_OK;
}

/* ---- files that nobody names --------------------------------------- */

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* "<digits>.<suffix>" with perhaps more behind it (a temporary name). */
static bool is_ours(const char *name, const char *suffix, uint64_t *number, bool *is_temporary)
{
    char *end;
    if (name[0] < '0' || name[0] > '9') return false;
    errno = 0;
    *number = strtoull(name, &end, 10);
    if (errno || *end != '.' || strncmp(end + 1, suffix, 3) != 0) return false;
    *is_temporary = strncmp(end + 4, ".tmp", 4) == 0;
    return end[4] == 0 || *is_temporary;
}

/* Remove the files of one folder that are not among `live` (ascending). */
static pt_status sweep_folder(store *s, const char *folder, const uint64_t *live, size_t n, pt_err *err)
{
    char path[STORE_PATH];
    snprintf(path, sizeof path, "%s/%s", s->dir, folder);
    DIR *d = opendir(path);
    if (!d) return pt_fail_errno(err, PT_IO, "cannot read directory '%s'", path);
    for (struct dirent *e; (e = readdir(d));) {
        uint64_t number;
        bool is_temporary;
        if (!is_ours(e->d_name, folder, &number, &is_temporary)) continue;
        if (!is_temporary && bsearch(&number, live, n, sizeof *live, by_number)) continue;
        unlinkat(dirfd(d), e->d_name, 0);
        store_step(s);
    }
    closedir(d);
    return PT_OK;
}

static pt_status sweep(store_txn *t, pt_err *err)
{
    const snapshot *b = t->base;
    uint64_t *live = arena_array(t->mem, uint64_t, (size_t)b->n_segs + b->n_dims);
    if (!live) return no_memory(err);
    for (uint32_t i = 0; i < b->n_segs; i++) live[i] = b->segs[i].id;
    qsort(live, b->n_segs, sizeof *live, by_number);
    PT_TRY(sweep_folder(t->s, "seg", live, b->n_segs, err));
    for (uint32_t i = 0; i < b->n_dims; i++) live[i] = b->dims[i].file;
    qsort(live, b->n_dims, sizeof *live, by_number);
    return sweep_folder(t->s, "dim", live, b->n_dims, err);
}

/* ---- life ---------------------------------------------------------- */

pt_status store_begin(store *s, int64_t wait_us, store_txn **out, pt_err *err)
{
    *out = NULL;
    if (s->is_read_only) return pt_fail(err, PT_DENIED, "warehouse '%s' was opened for reading only", s->dir);
    if (!catalog_is_writable(s->cat))
        return pt_fail(err, PT_DENIED, "no permission to change warehouse '%s'", s->dir);
    store_txn *t = mem_alloc(1, sizeof *t);
    if (!t) return no_memory(err);
    t->s = s;
    t->lock_fd = -1;
    t->last_op = &t->ops;
    t->mem = arena_new(0);
    pt_status st = t->mem ? take_lock(s, wait_us, &t->lock_fd, err) : no_memory(err);
    if (st == PT_OK) st = catalog_recover(s->cat, err); /* before the sweep trusts what it reads */
    if (st == PT_OK) st = store_snapshot(s, &t->base, err);
    if (st == PT_OK) st = sweep(t, err);
    if (st == PT_OK) {
        t->state = t->base->state;
        *out = t;
    } else {
        txn_end(t);
    }
    return st;
}

void txn_end(store_txn *t)
{
    for (txn_view *v = t->views; v; v = v->next) dim_view_put(v->view);
    snapshot_put(t->base);
    if (t->lock_fd >= 0) close(t->lock_fd);
    arena_free(t->mem);
    mem_free(t);
}

void txn_unlink(store_txn *t, const txn_file *list)
{
    char path[STORE_PATH];
    for (; list; list = list->next) {
        if (store_path(t->s, list->kind, list->number, path, sizeof path, NULL) != PT_OK) continue;
        unlink(path); /* what stays is swept by the next writer */
        store_step(t->s);
    }
}

void txn_abort(store_txn *t)
{
    if (!t) return;
    txn_unlink(t, t->written);
    txn_end(t);
}

const snapshot *txn_base(const store_txn *t)
{
    return t->base;
}

uint64_t txn_version(const store_txn *t)
{
    return t->base->state.version + 1;
}

/* ---- collecting ---------------------------------------------------- */

bool txn_list_file(store_txn *t, txn_file **list, store_file kind, uint64_t number)
{
    txn_file *f = arena_make(t->mem, txn_file);
    if (!f) return false;
    *f = (txn_file){*list, kind, number};
    *list = f;
    return true;
}

/* The key and value are copied. */
static pt_status add_op(store_txn *t, txn_op_kind kind, catalog_table table, pt_str key, pt_str value,
                        pt_err *err)
{
    txn_op *op = arena_make(t->mem, txn_op);
    if (!op) return no_memory(err);
    op->kind = kind;
    op->table = table;
    op->key = str_copy(t->mem, key);
    op->value = str_copy(t->mem, value);
    if (!op->key.ptr || !op->value.ptr) return no_memory(err);
    *t->last_op = op;
    t->last_op = &op->next;
    return PT_OK;
}

static pt_str bytes_str(const void *p, size_t n)
{
    return (pt_str){p, n};
}

/* ---- definitions and dimensions ------------------------------------ */

pt_status txn_put_def(store_txn *t, uint32_t *id, object_kind kind, pt_str name, pt_str text, pt_err *err)
{
    uint8_t key[ID_KEY_BYTES];
    struct timespec now;
    if (*id == 0) *id = t->state.next_def++;
    clock_gettime(CLOCK_REALTIME, &now);
    catalog_def d = {*id, kind, name, text, (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000};
    store_be32(key, *id);
    pt_str value = catalog_def_value(t->mem, &d);
    if (!value.ptr) return no_memory(err);
    t->changes_schema = true;
    return add_op(t, OP_PUT, CAT_DEF, bytes_str(key, sizeof key), value, err);
}

pt_status txn_drop_def(store_txn *t, uint32_t id, pt_err *err)
{
    uint8_t key[ID_KEY_BYTES];
    store_be32(key, id);
    pt_str k = bytes_str(key, sizeof key), none = {0};
    t->changes_schema = true;
    PT_TRY(add_op(t, OP_DELETE, CAT_DEF, k, none, err));
    PT_TRY(add_op(t, OP_DELETE, CAT_DIM, k, none, err));
    PT_TRY(add_op(t, OP_DELETE_PREFIX, CAT_SEG, k, none, err));
    return add_op(t, OP_DELETE_PREFIX, CAT_DELETED, k, none, err);
}

static pt_status next_file(store_txn *t, store_file kind, uint64_t *number, char *path, size_t size,
                           pt_err *err)
{
    *number = t->state.next_file++;
    if (!txn_list_file(t, &t->written, kind, *number)) return no_memory(err);
    return store_path(t->s, kind, *number, path, size, err);
}

pt_status txn_put_dim(store_txn *t, uint32_t dim_id, dim_edit *e, const dim_view **view, pt_err *err)
{
    char path[STORE_PATH];
    uint8_t key[ID_KEY_BYTES], value[DIM_BYTES];
    uint64_t file;
    PT_TRY(next_file(t, FILE_DIM, &file, path, sizeof path, err));
    PT_TRY(dim_edit_write(e, path, txn_version(t), err));
    store_step(t->s);
    txn_view *v = arena_make(t->mem, txn_view);
    if (!v) return no_memory(err);
    PT_TRY(dim_view_open(path, &v->view, err));
    v->file = file;
    v->next = t->views;
    t->views = v;
    if (view) *view = v->view;
    store_be32(key, dim_id);
    store_u64(value, file);
    return add_op(t, OP_PUT, CAT_DIM, bytes_str(key, sizeof key), bytes_str(value, sizeof value), err);
}

/* ---- segments ------------------------------------------------------ */

pt_status txn_segment_path(store_txn *t, uint64_t *seg_id, char *path, size_t path_size, pt_err *err)
{
    pt_status st = next_file(t, FILE_SEG, seg_id, path, path_size, err);
    store_step(t->s);
    return st;
}

static bool is_written(const store_txn *t, uint64_t seg_id)
{
    for (const txn_file *f = t->written; f; f = f->next)
        if (f->kind == FILE_SEG && f->number == seg_id) return true;
    return false;
}

pt_status txn_add_segment(store_txn *t, uint32_t cube_id, uint64_t seg_id, uint64_t load_id, pt_err *err)
{
    char path[STORE_PATH];
    uint8_t key[SEG_KEY_BYTES], value[SEG_BYTES];
    seg *file;
    if (NEVER(!is_written(t, seg_id)))
        return pt_fail(err, PT_INTERNAL, "segment %llu is not of this transaction",
                       (unsigned long long)seg_id);
    PT_TRY(store_path(t->s, FILE_SEG, seg_id, path, sizeof path, err));
    PT_TRY(seg_open(path, &file, err)); /* so that no catalog names a segment that does not open */
    catalog_seg g = {.cube = cube_id, .id = seg_id, .load_id = load_id, .n_rows = seg_rows(file)};
    seg_put(file);
    store_step(t->s);
    txn_seg *s = arena_make(t->mem, txn_seg);
    if (!s) return no_memory(err);
    *s = (txn_seg){t->segs, cube_id, g.n_rows, seg_id, load_id};
    t->segs = s;
    catalog_seg_key(key, cube_id, seg_id);
    catalog_seg_value(value, &g);
    return add_op(t, OP_PUT, CAT_SEG, bytes_str(key, sizeof key), bytes_str(value, sizeof value), err);
}

static pt_status no_segment(uint32_t cube, uint64_t seg_id, pt_err *err)
{
    return pt_fail(err, PT_NAME, "cube %u has no segment %llu", cube, (unsigned long long)seg_id);
}

pt_status txn_put_covers(store_txn *t, uint32_t cuboid_id, uint64_t seg_id, const seg_cover *covers,
                         uint32_t n, pt_err *err)
{
    uint8_t key[SEG_KEY_BYTES];
    catalog_seg g = {.cube = cuboid_id, .id = seg_id};
    const txn_seg *s = t->segs;
    int64_t i = snapshot_find_seg(t->base, cuboid_id, seg_id);
    while (s && (s->cube != cuboid_id || s->id != seg_id)) s = s->next;
    if (!s && i < 0) return no_segment(cuboid_id, seg_id, err);
    g.n_rows = s ? s->n_rows : seg_rows(t->base->segs[i].seg);
    g.load_id = s ? s->load_id : t->base->segs[i].load_id;
    size_t size = SEG_BYTES + (size_t)n * COVER_BYTES;
    char *value = arena_alloc(t->mem, size);
    if (!value) return no_memory(err);
    catalog_seg_key(key, cuboid_id, seg_id);
    catalog_seg_value((uint8_t *)value, &g);
    for (uint32_t k = 0; k < n; k++) {
        char *at = value + SEG_BYTES + (size_t)k * COVER_BYTES;
        store_u64(at, covers[k].seg_id);
        store_u32(at + 8, covers[k].n_deleted);
    }
    return add_op(t, OP_PUT, CAT_SEG, bytes_str(key, sizeof key), (pt_str){value, size}, err);
}

/* Rows of a segment of the base or of this transaction; -1: there is none. */
static int64_t rows_of(const store_txn *t, uint32_t cube, uint64_t seg_id)
{
    int64_t i = snapshot_find_seg(t->base, cube, seg_id);
    if (i >= 0) return seg_rows(t->base->segs[i].seg);
    for (const txn_seg *s = t->segs; s; s = s->next)
        if (s->cube == cube && s->id == seg_id) return s->n_rows;
    return -1;
}

pt_status txn_drop_segment(store_txn *t, uint32_t cube_id, uint64_t seg_id, pt_err *err)
{
    uint8_t key[SEG_KEY_BYTES];
    if (rows_of(t, cube_id, seg_id) < 0) return no_segment(cube_id, seg_id, err);
    catalog_seg_key(key, cube_id, seg_id);
    PT_TRY(add_op(t, OP_DELETE, CAT_SEG, bytes_str(key, sizeof key), (pt_str){0}, err));
    return add_op(t, OP_DELETE, CAT_DELETED, bytes_str(key, sizeof key), (pt_str){0}, err);
}

pt_status txn_delete_rows(store_txn *t, uint32_t cube_id, uint64_t seg_id, const roaring_bitmap_t *rows,
                          pt_err *err)
{
    uint8_t key[SEG_KEY_BYTES];
    int64_t n_rows = rows_of(t, cube_id, seg_id);
    if (n_rows < 0) return no_segment(cube_id, seg_id, err);
    if (roaring_bitmap_is_empty(rows)) return PT_OK;
    if (roaring_bitmap_maximum(rows) >= n_rows)
        return pt_fail(err, PT_VALUE, "segment %llu has no row %u", (unsigned long long)seg_id,
                       roaring_bitmap_maximum(rows));
    size_t size = roaring_bitmap_portable_size_in_bytes(rows);
    char *bytes = arena_alloc(t->mem, size);
    if (!bytes) return no_memory(err);
    roaring_bitmap_portable_serialize(rows, bytes);
    catalog_seg_key(key, cube_id, seg_id);
    return add_op(t, OP_DELETE_ROWS, CAT_DELETED, bytes_str(key, sizeof key), bytes_str(bytes, size), err);
}

/* ---- records ------------------------------------------------------- */

pt_status txn_next_load_id(store_txn *t, uint64_t *id, pt_err *err)
{
    (void)err;
    *id = t->state.next_load++;
    return PT_OK;
}

static pt_status expect_key(pt_str key, pt_err *err)
{
    if (key.len > 0 && key.len <= CATALOG_MAX_KEY) return PT_OK;
    return pt_fail(err, PT_LIMIT, "a key of the catalog has %zu bytes, 1 to %d are possible", key.len,
                   CATALOG_MAX_KEY);
}

pt_status txn_put_record(store_txn *t, store_table tab, pt_str key, pt_str value, pt_err *err)
{
    PT_TRY(expect_key(key, err));
    return add_op(t, OP_PUT, (catalog_table)(CAT_LOAD + (int)tab), key, value, err);
}

pt_status txn_drop_record(store_txn *t, store_table tab, pt_str key, pt_err *err)
{
    PT_TRY(expect_key(key, err));
    return add_op(t, OP_DELETE, (catalog_table)(CAT_LOAD + (int)tab), key, (pt_str){0}, err);
}
