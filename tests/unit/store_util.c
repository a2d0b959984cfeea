/* store_util.c - what the tests of the store share. */
#include "store_util.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>

#include "unit.h"

char util_root[64], util_dir[96];

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    return remove(path);
}

int util_setup(void **state)
{
    (void)state;
    strcpy(util_root, "/tmp/pt_test_store.XXXXXX");
    if (!mkdtemp(util_root)) return -1;
    snprintf(util_dir, sizeof util_dir, "%s/数据仓库", util_root);
    return 0;
}

int util_teardown(void **state)
{
    (void)state;
    return nftw(util_root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

store *util_open(bool read_only)
{
    pt_err err = {0};
    store *s;
    assert_ok(store_open(util_dir, read_only, &s, &err));
    return s;
}

store *util_store(void)
{
    pt_err err = {0};
    store_txn *t;
    uint32_t cube = 0, dim = 0;
    assert_ok(store_init(util_dir, &err));
    store *s = util_open(false);
    assert_ok(store_begin(s, UTIL_SECOND, &t, &err));
    assert_ok(txn_put_def(t, &cube, OBJ_CUBE, STR("Sales"), STR("CREATE CUBE Sales ..."), &err));
    assert_ok(txn_put_def(t, &dim, OBJ_DIMENSION, STR("Store"), STR("CREATE DIMENSION Store ..."), &err));
    assert_ok(txn_commit(t, &err));
    assert_int_equal(cube, UTIL_CUBE);
    assert_int_equal(dim, UTIL_DIM);
    return s;
}

/* ---- writing ------------------------------------------------------- */

static pt_status fill(seg_writer *w, int64_t first, uint32_t n, pt_err *err)
{
    for (uint32_t i = 0; i < n; i++) {
        int64_t m = first + i;
        PT_TRY(seg_writer_append(w, 1, (seg_batch[2]){{.ids = &i}, {.ints = &m}}, err));
    }
    return PT_OK;
}

pt_status util_segment(store_txn *t, int64_t first, uint32_t n, uint64_t load, uint64_t *id, pt_err *err)
{
    char path[STORE_PATH];
    seg_column cols[2] = {{STR("d"), SEG_ID, 0}, {STR("m"), SEG_INT, 2}};
    seg_writer *w;
    PT_TRY(txn_segment_path(t, id, path, sizeof path, err));
    PT_TRY(seg_writer_new(cols, 2, &w, err));
    pt_status st = fill(w, first, n, err);
    if (st == PT_OK) st = seg_writer_finish(w, path, NULL, NULL, 0, NULL, 0, txn_version(t), err);
    seg_writer_free(w);
    return st == PT_OK ? txn_add_segment(t, UTIL_CUBE, *id, load, err) : st;
}

pt_status util_members(store_txn *t, uint32_t n, pt_err *err)
{
    dim_attr attr = {STR("id"), TYPE_INTEGER, 0, false};
    dim_spec spec = {1, &attr, 0, NULL};
    dim_view *empty = NULL;
    dim_edit *e = NULL;
    const dim_view *from = snapshot_dim(txn_base(t), UTIL_DIM), *view;
    pt_status st = PT_OK;
    if (!from) {
        st = dim_view_empty(&spec, &empty, err);
        from = empty;
    }
    if (st == PT_OK) st = dim_edit_new(from, &spec, &e, err);
    for (uint32_t i = 0; i < n && st == PT_OK; i++) {
        pt_value key = value_int(i);
        uint32_t member;
        dim_change change;
        st = dim_edit_put(e, &key, NULL, 0, &member, &change, err);
    }
    if (st == PT_OK) st = txn_put_dim(t, UTIL_DIM, e, &view, err);
    if (st == PT_OK) assert_int_equal(dim_count(view), n);
    dim_edit_free(e);
    if (empty) dim_view_put(empty);
    return st;
}

uint64_t util_load(store *s, int64_t first, uint32_t n)
{
    pt_err err = {0};
    store_txn *t;
    uint64_t id, load;
    assert_ok(store_begin(s, UTIL_SECOND, &t, &err));
    assert_ok(txn_next_load_id(t, &load, &err));
    assert_ok(util_segment(t, first, n, load, &id, &err));
    assert_ok(txn_commit(t, &err));
    return id;
}

void util_delete(store *s, uint64_t seg_id, uint32_t from, uint32_t to)
{
    pt_err err = {0};
    store_txn *t;
    roaring_bitmap_t *rows = roaring_bitmap_from_range(from, to, 1);
    assert_ok(store_begin(s, UTIL_SECOND, &t, &err));
    assert_ok(txn_delete_rows(t, UTIL_CUBE, seg_id, rows, &err));
    assert_ok(txn_commit(t, &err));
    roaring_bitmap_free(rows);
}

/* ---- looking ------------------------------------------------------- */

int64_t util_sum(const snapshot *snap)
{
    pt_err err = {0};
    uint32_t n;
    int64_t sum = 0, *v = malloc(SEG_BLOCK_ROWS * 8);
    const snapshot_seg *segs = snapshot_segs(snap, UTIL_CUBE, &n);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t b = 0; b < seg_blocks(segs[i].seg); b++) {
            int col = seg_find(segs[i].seg, STR("m"), false);
            assert_true(col >= 0);
            assert_ok(seg_read_ints(segs[i].seg, (uint32_t)col, b, v, &err));
            for (uint32_t r = 0; r < seg_block_rows(segs[i].seg, b); r++)
                if (!segs[i].deleted || !roaring_bitmap_contains(segs[i].deleted, b * SEG_BLOCK_ROWS + r))
                    sum += v[r];
        }
    free(v);
    return sum;
}

int64_t util_sum_now(store *s)
{
    pt_err err = {0};
    snapshot *snap;
    assert_ok(store_snapshot(s, &snap, &err));
    int64_t sum = util_sum(snap);
    snapshot_put(snap);
    return sum;
}

int util_files(const char *folder)
{
    char path[STORE_PATH];
    int n = 0;
    snprintf(path, sizeof path, "%s/%s", util_dir, folder);
    DIR *d = opendir(path);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));) n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

static void collect(void *ctx, bool is_error, const char *line)
{
    if (is_error) strbuf_printf(ctx, "%s\n", line);
}

void util_check(store *s)
{
    pt_err err = {0};
    strbuf errors = {0};
    pt_status st = store_check(s, collect, &errors, &err);
    if (st != PT_OK || errors.len) fail_msg("%s: %s", err.msg, errors.ptr ? errors.ptr : "");
}

void util_check_fails(store *s, const char *part)
{
    pt_err err = {0};
    strbuf errors = {0};
    assert_fails(store_check(s, collect, &errors, &err), PT_CORRUPT, "is damaged");
    assert_true(errors.len > 0);
    if (!strstr(errors.ptr, part)) fail_msg("'%s' does not hold '%s'", errors.ptr, part);
    strbuf_free(&errors);
}
