/* test_store.c - the warehouse directory: what is published is there, what is not is not, whoever dies when.
 */
#include "storage/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#include "base/fs.h"
#include "base/limits.h"
#include "storage/bytes.h"
#include "storage/store_int.h"

enum { CUBE = 7, SECOND = 1000 * 1000 };

/* ---- a directory for each test ------------------------------------- */

static char g_root[64]; /* removed after each test */
static char g_dir[80];  /* the warehouse in it */

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static int setup(void **state)
{
    (void)state;
    strcpy(g_root, "/tmp/pt_test_store.XXXXXX");
    if (!mkdtemp(g_root)) return -1;
    snprintf(g_dir, sizeof g_dir, "%s/库", g_root);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    return nftw(g_root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static store *make_store(void)
{
    pt_err err = {0};
    store *s;
    assert_ok(store_init(g_dir, &err));
    assert_ok(store_open(g_dir, false, &s, &err));
    return s;
}

static store *open_store(bool read_only)
{
    pt_err err = {0};
    store *s;
    assert_ok(store_open(g_dir, read_only, &s, &err));
    return s;
}

/* ---- small pieces -------------------------------------------------- */

/* A segment of n rows: id column "d" and integer column "m", both counting up from `first`. */
static pt_status write_segment(const char *path, int64_t first, uint32_t n, uint64_t version, pt_err *err)
{
    seg_column cols[2] = {{STR("d"), SEG_ID, 0}, {STR("m"), SEG_INT, 2}};
    seg_writer *w;
    PT_TRY(seg_writer_new(cols, 2, &w, err));
    pt_status st = PT_OK;
    for (uint32_t i = 0; i < n && st == PT_OK; i++) {
        uint32_t id = (uint32_t)(first + i);
        int64_t m = first + i;
        st = seg_writer_append(w, 1, (seg_batch[2]){{.ids = &id}, {.ints = &m}}, err);
    }
    if (st == PT_OK) st = seg_writer_finish(w, path, NULL, NULL, 0, NULL, 0, version, err);
    seg_writer_free(w);
    return st;
}

static pt_status add_segment(store_txn *t, uint32_t cube, int64_t first, uint32_t n, uint64_t load,
                             uint64_t *id, pt_err *err)
{
    char path[STORE_PATH];
    PT_TRY(txn_segment_path(t, id, path, sizeof path, err));
    PT_TRY(write_segment(path, first, n, txn_version(t), err));
    return txn_add_segment(t, cube, *id, load, err);
}

/* Publishes one segment. */
static uint64_t load_rows(store *s, int64_t first, uint32_t n)
{
    pt_err err = {0};
    store_txn *t;
    uint64_t id, load;
    assert_ok(store_begin(s, SECOND, &t, &err));
    assert_ok(txn_next_load_id(t, &load, &err));
    assert_ok(add_segment(t, CUBE, first, n, load, &id, &err));
    assert_ok(txn_commit(t, &err));
    return id;
}

/* Sum of "m" over the rows of the cube that are not deleted. */
static int64_t sum_of(const snapshot *snap)
{
    pt_err err = {0};
    uint32_t n;
    int64_t sum = 0, *v = malloc(SEG_BLOCK_ROWS * 8);
    const snapshot_seg *segs = snapshot_segs(snap, CUBE, &n);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t b = 0; b < seg_blocks(segs[i].seg); b++) {
            assert_ok(seg_read_ints(segs[i].seg, 1, b, v, &err));
            for (uint32_t r = 0; r < seg_block_rows(segs[i].seg, b); r++)
                if (!segs[i].deleted || !roaring_bitmap_contains(segs[i].deleted, b * SEG_BLOCK_ROWS + r))
                    sum += v[r];
        }
    free(v);
    return sum;
}

static int64_t sum_now(store *s)
{
    pt_err err = {0};
    snapshot *snap;
    assert_ok(store_snapshot(s, &snap, &err));
    int64_t sum = sum_of(snap);
    snapshot_put(snap);
    return sum;
}

static int count_files(const char *folder)
{
    char path[STORE_PATH];
    int n = 0;
    snprintf(path, sizeof path, "%s/%s", g_dir, folder);
    DIR *d = opendir(path);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));) n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

/* ---- making and opening -------------------------------------------- */

static void a_warehouse_is_made_once(void **state)
{
    (void)state;
    pt_err err = {0};
    store *s = make_store();
    snapshot *snap;
    uint32_t n;
    assert_string_equal(store_dir(s), g_dir);
    assert_fails(store_init(g_dir, &err), PT_EXISTS, "is a warehouse already");
    assert_fails(store_init(g_root, &err), PT_EXISTS, "not empty");
    assert_ok(store_snapshot(s, &snap, &err));
    assert_int_equal(snapshot_version(snap), 0);
    snapshot_defs(snap, &n);
    assert_int_equal(n, 0);
    snapshot_segs(snap, CUBE, &n);
    assert_int_equal(n, 0);
    assert_null(snapshot_dim(snap, 1));
    snapshot_put(snap);
    store_close(s);
}

static void no_warehouse_is_said_so(void **state)
{
    (void)state;
    pt_err err = {0};
    store *s;
    assert_int_equal(store_open(g_dir, false, &s, &err), PT_IO);
    assert_non_null(strstr(err.msg, "there is no warehouse"));
    assert_non_null(strstr(err.hint, "patron init"));
}

/* ---- publishing ---------------------------------------------------- */

static void what_is_published_is_seen_by_all(void **state)
{
    (void)state;
    pt_err err = {0};
    store *s = make_store(), *other = open_store(true);
    snapshot *before;
    assert_ok(store_snapshot(other, &before, &err));
    load_rows(s, 1, 10);
    assert_int_equal(sum_now(s), 55);
    assert_int_equal(sum_now(other), 55);
    assert_int_equal(sum_of(before), 0);
    load_rows(s, 100, 1);
    assert_int_equal(sum_now(other), 155);
    snapshot_put(before);
    store_close(other);
    store_close(s);
    s = open_store(false);
    assert_int_equal(sum_now(s), 155);
    store_close(s);
}

static void what_is_aborted_was_never_there(void **state)
{
    (void)state;
    pt_err err = {0};
    store *s = make_store();
    store_txn *t;
    uint64_t id;
    char path[STORE_PATH];
    load_rows(s, 1, 10);
    assert_ok(store_begin(s, SECOND, &t, &err));
    assert_int_equal(txn_version(t), 2);
    assert_ok(add_segment(t, CUBE, 1, 5, 9, &id, &err));
    assert_ok(txn_segment_path(t, &id, path, sizeof path, &err));
    assert_int_equal(count_files("seg"), 2);
    assert_int_equal(sum_now(s), 55);
    txn_abort(t);
    assert_int_equal(count_files("seg"), 1);
    assert_int_equal(sum_now(s), 55);
    assert_int_equal(load_rows(s, 0, 1), 2); /* its number is free again */
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_warehouse_is_made_once, setup, teardown),
        cmocka_unit_test_setup_teardown(no_warehouse_is_said_so, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_published_is_seen_by_all, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_aborted_was_never_there, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
