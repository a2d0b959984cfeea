/* test_store.c - the warehouse directory: what is published is there for all, and what is not is not. */
#include "storage/store.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#include "base/fs.h"
#include "base/limits.h"
#include "storage/bytes.h"
#include "storage/catalog_int.h"
#include "store_util.h"

/* ---- making and opening -------------------------------------------- */

static void a_warehouse_is_made_once(void **state)
{
    (void)state;
    pt_err err = {0};
    snapshot *snap;
    uint32_t n;
    assert_ok(store_init(util_dir, &err));
    store *s = util_open(false);
    assert_string_equal(store_dir(s), util_dir);
    assert_fails(store_init(util_dir, &err), PT_EXISTS, "is a warehouse already");
    assert_fails(store_init(util_root, &err), PT_EXISTS, "not empty");
    assert_ok(store_snapshot(s, &snap, &err));
    assert_int_equal(snapshot_version(snap), 0);
    snapshot_defs(snap, &n);
    assert_int_equal(n, 0);
    snapshot_segs(snap, UTIL_CUBE, &n);
    assert_int_equal(n, 0);
    assert_null(snapshot_dim(snap, 1));
    snapshot_put(snap);
    util_check(s);
    store_close(s);
}

static void no_warehouse_is_said_so(void **state)
{
    (void)state;
    pt_err err = {0};
    store *s;
    assert_int_equal(store_open(util_dir, false, &s, &err), PT_IO);
    assert_non_null(strstr(err.msg, "there is no warehouse"));
    assert_non_null(strstr(err.hint, "patron init"));
}

static void write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void an_interrupted_init_is_taken_up(void **state)
{
    (void)state;
    pt_err err = {0};
    char path[STORE_PATH];
    store *s;
    snprintf(path, sizeof path, "%s/seg", util_dir);
    assert_ok(fs_mkdir(path, &err));
    snprintf(path, sizeof path, "%s/catalog.new", util_dir);
    write_text(path, "half of a catal");
    assert_fails(store_open(util_dir, false, &s, &err), PT_IO, "there is no warehouse");
    assert_ok(store_init(util_dir, &err));
    s = util_open(false);
    util_check(s);
    store_close(s);
}

static void another_file_is_no_catalog(void **state)
{
    (void)state;
    pt_err err = {0};
    char path[STORE_PATH];
    store *s;
    assert_ok(fs_mkdir(util_dir, &err));
    snprintf(path, sizeof path, "%s/catalog.mdb", util_dir);
    write_text(path, "customer,city\nalice,Paris\n");
    pt_status st = store_open(util_dir, false, &s, &err);
    assert_true(st == PT_CORRUPT || st == PT_IO);
    assert_non_null(strstr(err.msg, path));
}

/* Put a record as it is, without the care of catalog_put. */
static void put_raw(store *s, catalog_table t, const void *key, size_t n_key, const void *value,
                    size_t n_value)
{
    pt_err err = {0};
    MDB_txn *txn;
    MDB_val k = {n_key, (void *)(uintptr_t)key}, v = {n_value, (void *)(uintptr_t)value};
    assert_ok(catalog_begin(s->cat, true, &txn, &err));
    assert_int_equal(mdb_put(txn, s->cat->tables[t], &k, &v, 0), 0);
    assert_ok(catalog_commit(s->cat, txn, &err));
}

static void a_newer_format_is_refused(void **state)
{
    (void)state;
    pt_err err = {0};
    store *s = util_store();
    MDB_txn *txn;
    pt_str v;
    bool found;
    char bytes[STATE_BYTES];
    assert_ok(catalog_begin(s->cat, true, &txn, &err));
    assert_ok(catalog_get(s->cat, txn, CAT_META, STR("state"), &v, &found, &err));
    memcpy(bytes, v.ptr, sizeof bytes);
    store_u32(bytes + 8, 2);
    assert_ok(catalog_put(s->cat, txn, CAT_META, STR("state"), (pt_str){bytes, sizeof bytes}, &err));
    assert_ok(catalog_commit(s->cat, txn, &err));
    store_close(s);
    assert_fails(store_open(util_dir, false, &s, &err), PT_VERSION, "format 2");
}

/* ---- publishing ---------------------------------------------------- */

static void what_is_published_is_seen_by_all(void **state)
{
    (void)state;
    pt_err err = {0};
    store *s = util_store(), *other = util_open(true);
    snapshot *before;
    assert_ok(store_snapshot(other, &before, &err));
    util_load(s, 1, 10);
    assert_int_equal(util_sum_now(s), 55);
    assert_int_equal(util_sum_now(other), 55);
    assert_int_equal(util_sum(before), 0);
    util_load(s, 100, 1);
    assert_int_equal(util_sum_now(other), 155);
    store_close(other);
    assert_int_equal(snapshot_version(before), 1); /* a snapshot outlives its store */
    snapshot_put(before);
    util_check(s);
    store_close(s);
    s = util_open(false);
    assert_int_equal(util_sum_now(s), 155);
    store_close(s);
}

static void what_is_aborted_was_never_there(void **state)
{
    (void)state;
    pt_err err = {0};
    store *s = util_store();
    store_txn *t;
    uint64_t id;
    uint32_t def = 0;
    char path[STORE_PATH];
    uint64_t first = util_load(s, 1, 10);
    assert_ok(store_begin(s, UTIL_SECOND, &t, &err));
    assert_int_equal(txn_version(t), 3);
    assert_ok(util_segment(t, 1, 5, 9, &id, &err));
    assert_ok(txn_segment_path(t, &id, path, sizeof path, &err));
    assert_ok(util_members(t, 3, &err));
    assert_ok(txn_put_def(t, &def, OBJ_SOURCE, STR("s"), STR("x"), &err));
    assert_int_equal(util_files("seg"), 2);
    assert_int_equal(util_sum_now(s), 55);
    txn_abort(t);
    assert_int_equal(util_files("seg"), 1);
    assert_int_equal(util_files("dim"), 0);
    assert_int_equal(util_sum_now(s), 55);
    assert_int_equal(util_load(s, 0, 1), first + 1); /* its number is free again */
    txn_abort(NULL);
    store_close(s);
}

static void an_unused_segment_path_leaves_no_file(void **state)
{
    (void)state;
    pt_err err = {0};
    store *s = util_store();
    store_txn *t;
    uint64_t id;
    char path[STORE_PATH];
    assert_ok(store_begin(s, UTIL_SECOND, &t, &err));
    assert_ok(txn_segment_path(t, &id, path, sizeof path, &err));
    write_text(path, "left alone");
    assert_ok(txn_put_record(t, TAB_MARK, STR("k"), STR("v"), &err));
    assert_ok(txn_commit(t, &err));
    assert_int_equal(util_files("seg"), 0);
    store_close(s);
}

static void definitions_have_numbers_for_ever(void **state)
{
    (void)state;
    pt_err err = {0};
    store *s = util_store();
    store_txn *t;
    snapshot *snap;
    uint32_t source = 0, next = 0, n;
    util_load(s, 1, 2);
    assert_ok(store_snapshot(s, &snap, &err));
    assert_int_equal(snapshot_schema_version(snap), 1);
    assert_int_equal(snapshot_version(snap), 2); /* a load is no change of the schema */
    snapshot_put(snap);
    assert_ok(store_begin(s, UTIL_SECOND, &t, &err));
    assert_ok(txn_put_def(t, &source, OBJ_SOURCE, STR("来源"), STR("one"), &err));
    assert_ok(txn_put_def(t, &source, OBJ_SOURCE, STR("来源"), STR("two"), &err));
    assert_ok(txn_commit(t, &err));
    assert_int_equal(source, 3);
    assert_ok(store_begin(s, UTIL_SECOND, &t, &err));
    assert_ok(txn_drop_def(t, source, &err));
    assert_ok(txn_put_def(t, &next, OBJ_MAPPING, STR("m"), STR(""), &err));
    assert_ok(txn_commit(t, &err));
    assert_int_equal(next, 4);
    assert_ok(store_snapshot(s, &snap, &err));
    assert_int_equal(snapshot_schema_version(snap), 4);
    const catalog_def *d = snapshot_defs(snap, &n);
    assert_int_equal(n, 3);
    assert_true(d[0].id == 1 && d[1].id == 2 && d[2].id == 4 && d[2].kind == OBJ_MAPPING);
    assert_str(d[0].name, "Sales");
    assert_str(d[0].text, "CREATE CUBE Sales ...");
    assert_str(d[2].text, "");
    assert_true(d[0].changed_us > 1600000000ll * UTIL_SECOND);
    snapshot_put(snap);
    util_check(s);
    store_close(s);
}

static void a_dropped_cube_takes_its_facts_along(void **state)
{
    (void)state;
    pt_err err = {0};
    store *s = util_store();
    store_txn *t;
    snapshot *before;
    uint64_t a = util_load(s, 1, 10);
    util_load(s, 1, 10);
    util_delete(s, a, 0, 3);
    assert_ok(store_begin(s, UTIL_SECOND, &t, &err));
    assert_ok(util_members(t, 5, &err));
    assert_ok(txn_commit(t, &err));
    assert_ok(store_snapshot(s, &before, &err));
    assert_ok(store_begin(s, UTIL_SECOND, &t, &err));
    assert_ok(txn_drop_def(t, UTIL_CUBE, &err));
    assert_ok(txn_drop_def(t, UTIL_DIM, &err));
    assert_ok(txn_commit(t, &err));
    assert_int_equal(util_files("seg"), 0);
    assert_int_equal(util_files("dim"), 0);
    assert_int_equal(util_sum(before), 110 - 6); /* its files are open */
    assert_int_equal(dim_count(snapshot_dim(before, UTIL_DIM)), 5);
    snapshot_put(before);
    assert_int_equal(util_sum_now(s), 0);
    util_check(s);
    store_close(s);
}

static void dimensions_have_one_version_at_a_time(void **state)
{
    (void)state;
    pt_err err = {0};
    store *s = util_store();
    store_txn *t;
    snapshot *snap, *later;
    assert_ok(store_begin(s, UTIL_SECOND, &t, &err));
    assert_ok(util_members(t, 3, &err));
    assert_ok(util_members(t, 4, &err)); /* the first one is never published */
    assert_ok(txn_commit(t, &err));
    assert_int_equal(util_files("dim"), 1);
    assert_ok(store_snapshot(s, &snap, &err));
    assert_int_equal(dim_count(snapshot_dim(snap, UTIL_DIM)), 4);
    util_load(s, 1, 1);
    assert_ok(store_snapshot(s, &later, &err));
    assert_ptr_equal(snapshot_dim(snap, UTIL_DIM), snapshot_dim(later, UTIL_DIM)); /* shared */
    snapshot_put(later);
    assert_ok(store_begin(s, UTIL_SECOND, &t, &err));
    assert_ok(util_members(t, 9, &err));
    assert_ok(txn_commit(t, &err));
    assert_int_equal(util_files("dim"), 1);
    assert_ok(store_snapshot(s, &later, &err));
    assert_int_equal(dim_count(snapshot_dim(later, UTIL_DIM)), 9);
    assert_int_equal(dim_count(snapshot_dim(snap, UTIL_DIM)), 4);
    snapshot_put(snap);
    snapshot_put(later);
    util_check(s);
    store_close(s);
}

/* ---- deletions ----------------------------------------------------- */

static void deleted_rows_add_up(void **state)
{
    (void)state;
    pt_err err = {0};
    store *s = util_store();
    store_txn *t;
    store_stats stats;
    uint64_t a = util_load(s, 0, 100), b = util_load(s, 1000, 10);
    int64_t all = 4950 + 10045;
    util_delete(s, a, 0, 10);
    assert_int_equal(util_sum_now(s), all - 45);
    util_delete(s, a, 5, 20);
    assert_int_equal(util_sum_now(s), all - 190);
    assert_ok(store_stats_get(s, &stats, &err));
    assert_true(stats.n_rows == 110 && stats.n_deleted == 20 && stats.n_segments == 2 && stats.version == 5);
    assert_true(stats.catalog_bytes > 0 && stats.segment_bytes > 0);
    roaring_bitmap_t *rows = roaring_bitmap_from_range(0, 10, 1);
    roaring_bitmap_t *far = roaring_bitmap_from_range(9, 11, 1);
    assert_ok(store_begin(s, UTIL_SECOND, &t, &err));
    assert_fails(txn_delete_rows(t, UTIL_CUBE, b, far, &err), PT_VALUE, "no row 10");
    assert_fails(txn_delete_rows(t, UTIL_CUBE, 99, rows, &err), PT_NAME, "no segment 99");
    assert_fails(txn_drop_segment(t, UTIL_CUBE + 1, b, &err), PT_NAME, "no segment");
    assert_ok(txn_delete_rows(t, UTIL_CUBE, b, rows, &err)); /* all of it */
    assert_ok(txn_commit(t, &err));
    assert_int_equal(util_sum_now(s), 4950 - 190);
    assert_int_equal(util_files("seg"), 1);
    util_check(s);
    roaring_bitmap_free(rows);
    roaring_bitmap_free(far);
    store_close(s);
}

static void one_transaction_adds_deletes_and_drops(void **state)
{
    (void)state;
    pt_err err = {0};
    store *s = util_store();
    store_txn *t;
    uint64_t a = util_load(s, 0, 100), b, c;
    roaring_bitmap_t *rows = roaring_bitmap_from_range(0, 5, 1);
    assert_ok(store_begin(s, UTIL_SECOND, &t, &err));
    assert_ok(util_segment(t, 10, 10, 1, &b, &err));
    assert_ok(util_segment(t, 500, 10, 1, &c, &err));
    assert_ok(txn_delete_rows(t, UTIL_CUBE, b, rows, &err));
    assert_ok(txn_drop_segment(t, UTIL_CUBE, c, &err));
    assert_ok(txn_delete_rows(t, UTIL_CUBE, c, rows, &err)); /* too late: nothing to delete from */
    assert_ok(txn_drop_segment(t, UTIL_CUBE, a, &err));
    assert_ok(txn_commit(t, &err));
    assert_int_equal(util_sum_now(s), 15 + 16 + 17 + 18 + 19);
    assert_int_equal(util_files("seg"), 1);
    util_check(s);
    roaring_bitmap_free(rows);
    store_close(s);
}

/* Any damage to stored bitmap bytes is refused, or gives a bitmap whose rows are in range. */
static void damaged_bitmaps_are_refused(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int round = 0; round < 12; round++) {
        roaring_bitmap_t *b = roaring_bitmap_create(), *back;
        uint32_t n_rows = 300000, step = round % 4 == 0 ? 3 : 900;
        for (uint32_t i = 0; i < n_rows; i += 1 + (uint32_t)(unit_random(&seed) % step))
            roaring_bitmap_add(b, i);
        if (round % 3 == 1) roaring_bitmap_add_range(b, 70000, 70000 + 40 * (uint64_t)(round + 1));
        if (round == 11) roaring_bitmap_clear(b);
        roaring_bitmap_run_optimize(b);
        size_t size = roaring_bitmap_portable_size_in_bytes(b);
        char *bytes = malloc(size); /* exact: the sanitizer sees a read past its end */
        roaring_bitmap_portable_serialize(b, bytes);
        assert_int_equal(deleted_parse((pt_str){bytes, size}, n_rows, &back), PT_OK);
        assert_true(roaring_bitmap_equals(b, back));
        roaring_bitmap_free(back);
        if (!roaring_bitmap_is_empty(b))
            assert_int_equal(deleted_parse((pt_str){bytes, size}, roaring_bitmap_maximum(b), &back),
                             PT_CORRUPT);
        for (size_t n = 0; n < size; n += 1 + size / 97)
            assert_int_equal(deleted_parse((pt_str){bytes, n}, n_rows, &back), PT_CORRUPT);
        for (size_t i = 0; i < size; i += i < 200 ? 1 : 1 + size / 300) {
            char old = bytes[i];
            bytes[i] = (char)unit_random(&seed);
            if (deleted_parse((pt_str){bytes, size}, n_rows, &back) == PT_OK) {
                assert_true(roaring_bitmap_is_empty(back) || roaring_bitmap_maximum(back) < n_rows);
                roaring_bitmap_free(back);
            }
            bytes[i] = old;
        }
        free(bytes);
        roaring_bitmap_free(b);
    }
}

/* ---- records ------------------------------------------------------- */

static pt_status collect_keys(void *ctx, pt_str key, pt_str value, pt_err *err)
{
    strbuf *b = ctx;
    strbuf_adds(b, key);
    strbuf_addc(b, '=');
    strbuf_adds(b, value);
    strbuf_addc(b, ' ');
    if (str_eq(key, STR("stop"))) return pt_fail(err, PT_CANCELLED, "enough");
    return PT_OK;
}

static void assert_scan(store *s, store_table t, pt_str prefix, bool backwards, const char *want)
{
    pt_err err = {0};
    strbuf b = {0};
    assert_ok(store_scan(s, t, prefix, backwards, collect_keys, &b, &err));
    assert_str(strbuf_str(&b), want);
    strbuf_free(&b);
}

static void records_are_read_by_key_and_prefix(void **state)
{
    (void)state;
    pt_err err = {0};
    store *s = util_store();
    store_txn *t;
    arena *a = arena_new(0);
    pt_str value;
    bool found;
    uint64_t load;
    char long_key[600];
    memset(long_key, 'k', sizeof long_key);
    assert_ok(store_begin(s, UTIL_SECOND, &t, &err));
    assert_ok(txn_next_load_id(t, &load, &err));
    assert_int_equal(load, 1);
    assert_ok(txn_put_record(t, TAB_MARK, STR("b"), STR("2"), &err));
    assert_ok(txn_put_record(t, TAB_MARK, STR("a"), STR("1"), &err));
    assert_ok(txn_put_record(t, TAB_MARK, STR("ab"), STR(""), &err));
    assert_ok(txn_put_record(t, TAB_MARK, STR("b\xff"), STR("3"), &err));
    assert_ok(txn_put_record(t, TAB_MARK, STR("\xff\xff"), STR("4"), &err));
    assert_ok(txn_put_record(t, TAB_MARK, STR("gone"), STR("5"), &err));
    assert_ok(txn_drop_record(t, TAB_MARK, STR("gone"), &err));
    assert_ok(txn_drop_record(t, TAB_MARK, STR("never"), &err));
    assert_ok(txn_put_record(t, TAB_SETTING, STR("a"), STR("other table"), &err));
    assert_fails(txn_put_record(t, TAB_MARK, (pt_str){long_key, 512}, STR("x"), &err), PT_LIMIT, "512 bytes");
    assert_fails(txn_put_record(t, TAB_MARK, STR(""), STR("x"), &err), PT_LIMIT, "0 bytes");
    assert_ok(txn_put_record(t, TAB_FILE, (pt_str){long_key, 511}, STR("x"), &err));
    assert_ok(store_read(s, TAB_MARK, STR("a"), a, &value, &found, &err));
    assert_false(found);
    assert_ok(txn_commit(t, &err));
    assert_ok(store_read(s, TAB_MARK, STR("a"), a, &value, &found, &err));
    assert_true(found);
    assert_str(value, "1");
    assert_ok(store_read(s, TAB_MARK, STR("gone"), a, &value, &found, &err));
    assert_false(found);
    assert_ok(store_read(s, TAB_FILE, (pt_str){long_key, 511}, a, &value, &found, &err));
    assert_true(found);
    assert_ok(store_read(s, TAB_FILE, (pt_str){long_key, 512}, a, &value, &found, &err));
    assert_false(found);
    assert_scan(s, TAB_MARK, STR(""), false, "a=1 ab= b=2 b\xff=3 \xff\xff=4 ");
    assert_scan(s, TAB_MARK, STR(""), true, "\xff\xff=4 b\xff=3 b=2 ab= a=1 ");
    assert_scan(s, TAB_MARK, STR("a"), false, "a=1 ab= ");
    assert_scan(s, TAB_MARK, STR("a"), true, "ab= a=1 ");
    assert_scan(s, TAB_MARK, STR("b\xff"), true, "b\xff=3 ");
    assert_scan(s, TAB_MARK, STR("\xff"), true, "\xff\xff=4 ");
    assert_scan(s, TAB_MARK, STR("c"), true, "");
    assert_scan(s, TAB_MARK, STR("c"), false, "");
    assert_scan(s, TAB_LOAD, STR(""), true, "");
    assert_scan(s, TAB_SETTING, STR(""), false, "a=other table ");
    arena_free(a);
    util_check(s);
    store_close(s);
}

static void a_scan_stops_when_told(void **state)
{
    (void)state;
    pt_err err = {0};
    store *s = util_store();
    store_txn *t;
    strbuf b = {0};
    assert_ok(store_begin(s, UTIL_SECOND, &t, &err));
    assert_ok(txn_put_record(t, TAB_MARK, STR("a"), STR("1"), &err));
    assert_ok(txn_put_record(t, TAB_MARK, STR("stop"), STR("2"), &err));
    assert_ok(txn_put_record(t, TAB_MARK, STR("z"), STR("3"), &err));
    assert_ok(txn_commit(t, &err));
    assert_fails(store_scan(s, TAB_MARK, STR(""), false, collect_keys, &b, &err), PT_CANCELLED, "enough");
    assert_str(strbuf_str(&b), "a=1 stop=2 ");
    strbuf_free(&b);
    store_close(s);
}

/* ---- the lock ------------------------------------------------------ */

static void one_writer_at_a_time(void **state)
{
    (void)state;
    pt_err err = {0};
    store *s = util_store(), *same = util_open(false), *reader = util_open(true);
    store_txn *t, *second;
    assert_ok(store_begin(s, 0, &t, &err));
    int64_t start = limits_now_us();
    assert_fails(store_begin(s, UTIL_SECOND / 20, &second, &err), PT_BUSY, "is being changed");
    assert_true(limits_now_us() - start >= UTIL_SECOND / 20);
    assert_fails(store_begin(same, 0, &second, &err), PT_BUSY, "is being changed");
    assert_fails(store_begin(reader, 0, &second, &err), PT_DENIED, "for reading only");
    pid_t child = fork();
    if (child == 0) {
        store *own;
        bool ok =
            store_open(util_dir, false, &own, &err) == PT_OK && store_begin(own, 0, &second, &err) == PT_BUSY;
        _exit(ok ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    txn_abort(t);
    assert_ok(store_begin(same, 0, &t, &err));
    txn_abort(t);
    store_close(reader);
    store_close(same);
    store_close(s);
}

/* ---- reading without permission ------------------------------------ */

/* In a child that gave up root: reads what is there while the parent publishes. Ends with 0 if all was well.
 */
static int read_as_nobody(int from_parent, int to_parent)
{
    pt_err err = {0};
    store *s;
    store_txn *t;
    char c;
    if (setgid(65534) != 0 || setuid(65534) != 0) return 10;
    if (store_open(util_dir, true, &s, &err) != PT_OK) return 11;
    if (util_sum_now(s) != 55) return 12;
    if (write(to_parent, "1", 1) != 1 || read(from_parent, &c, 1) != 1) return 13;
    if (util_sum_now(s) != 155) return 14;
    store_close(s);
    if (store_open(util_dir, false, &s, &err) != PT_OK) return 15;
    if (store_begin(s, 0, &t, &err) != PT_DENIED) return 16;
    store_close(s);
    return 0;
}

static void reading_needs_no_write_permission(void **state)
{
    (void)state;
    store *s = util_store();
    int down[2], up[2], status;
    char c;
    if (geteuid() != 0) skip(); /* only root can become nobody */
    util_load(s, 1, 10);
    assert_int_equal(chmod(util_root, 0755), 0);
    assert_int_equal(pipe(down) | pipe(up), 0);
    pid_t child = fork();
    if (child == 0) {
        close(up[0]);
        close(down[1]);
        _exit(read_as_nobody(down[0], up[1]));
    }
    close(up[1]);
    close(down[0]);
    assert_int_equal(read(up[0], &c, 1), 1);
    util_load(s, 100, 1);
    assert_int_equal(write(down[1], "1", 1), 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WEXITSTATUS(status), 0);
    close(up[0]);
    close(down[1]);
    store_close(s);
}

/* ---- readers and writers at once ----------------------------------- */

enum { PUBLISHES = 150, READERS = 3 };

typedef struct reader {
    store *s;
    atomic_bool *stop;
    uint64_t n_seen, n_torn;
} reader;

/* Every published version has the same sum. */
static void *read_on(void *ctx)
{
    reader *r = ctx;
    uint64_t last = 0;
    while (!atomic_load(r->stop)) {
        pt_err err = {0};
        snapshot *snap;
        if (store_snapshot(r->s, &snap, &err) != PT_OK) {
            fprintf(stderr, "%s\n", err.msg);
            r->n_torn++;
            continue;
        }
        if (snapshot_version(snap) < last || util_sum(snap) != 55) r->n_torn++;
        last = snapshot_version(snap);
        r->n_seen++;
        snapshot_put(snap);
    }
    return NULL;
}

/* Replaces the segment by others with the same sum, again and again. */
static void publish_on(store *s, uint64_t seg_id)
{
    uint64_t now[2] = {seg_id, 0};
    for (int i = 0; i < PUBLISHES; i++) {
        pt_err err = {0};
        store_txn *t;
        uint64_t next[2] = {0, 0};
        assert_ok(store_begin(s, 10 * UTIL_SECOND, &t, &err));
        for (int k = 0; k < 2 && now[k]; k++) assert_ok(txn_drop_segment(t, UTIL_CUBE, now[k], &err));
        if (i % 2) {
            assert_ok(util_segment(t, 1, 10, 1, &next[0], &err));
        } else {
            assert_ok(util_segment(t, 1, 4, 1, &next[0], &err));
            assert_ok(util_segment(t, 5, 6, 1, &next[1], &err));
        }
        assert_ok(util_members(t, (uint32_t)i + 1, &err));
        assert_ok(txn_commit(t, &err));
        memcpy(now, next, sizeof now);
    }
}

static void readers_see_whole_versions(void **state)
{
    (void)state;
    store *s = util_store();
    atomic_bool stop = false;
    pthread_t threads[READERS];
    reader readers[READERS];
    uint64_t seg_id = util_load(s, 1, 10);
    for (int i = 0; i < READERS; i++) {
        readers[i] = (reader){s, &stop, 0, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, read_on, &readers[i]), 0);
    }
    publish_on(s, seg_id);
    atomic_store(&stop, true);
    for (int i = 0; i < READERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(readers[i].n_torn, 0);
        assert_true(readers[i].n_seen > 0);
    }
    assert_int_equal(util_files("dim"), 1);
    util_check(s);
    store_close(s);
}

static void another_process_publishes_meanwhile(void **state)
{
    (void)state;
    store *s = util_store();
    atomic_bool stop = false;
    int status;
    uint64_t seg_id = util_load(s, 1, 10);
    store_close(s); /* a child must not share an open LMDB environment */
    pid_t child = fork();
    if (child == 0) {
        publish_on(util_open(false), seg_id);
        _exit(0);
    }
    s = util_open(true);
    reader r = {s, &stop, 0, 0};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, read_on, &r), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    atomic_store(&stop, true);
    pthread_join(thread, NULL);
    assert_int_equal(status, 0);
    assert_int_equal(r.n_torn, 0);
    assert_true(r.n_seen > 0);
    util_check(s);
    store_close(s);
}

/* A reader that knows no version before opens every file, and some are removed just then. */
static void files_may_go_while_they_are_opened(void **state)
{
    (void)state;
    pt_err err = {0};
    store *s = util_store();
    int status = 0, n_read = 0;
    uint64_t seg_id = util_load(s, 1, 10);
    store_close(s);
    pid_t child = fork();
    if (child == 0) {
        publish_on(util_open(false), seg_id);
        _exit(0);
    }
    s = util_open(true); /* keeps the catalog open */
    while (waitpid(child, &status, WNOHANG) == 0) {
        snapshot *snap;
        store *fresh = util_open(true);
        assert_ok(store_snapshot(fresh, &snap, &err));
        assert_int_equal(util_sum(snap), 55);
        snapshot_put(snap);
        store_close(fresh);
        n_read++;
    }
    assert_int_equal(status, 0);
    assert_true(n_read > 0);
    store_close(s);
}

/* ---- damage -------------------------------------------------------- */

static void only_file(const char *folder, uint64_t number, char path[STORE_PATH])
{
    snprintf(path, STORE_PATH, "%s/%s/%010llu.%s", util_dir, folder, (unsigned long long)number, folder);
}

static void a_missing_file_is_named(void **state)
{
    (void)state;
    pt_err err = {0};
    char path[STORE_PATH];
    snapshot *snap;
    store *s = util_store();
    uint64_t id = util_load(s, 1, 10);
    only_file("seg", id, path);
    assert_int_equal(unlink(path), 0);
    assert_fails(store_snapshot(s, &snap, &err), PT_CORRUPT, "is missing");
    util_check_fails(s, path);
    store_close(s);
}

static void flip_byte(const char *path, off_t at)
{
    int fd = open(path, O_RDWR);
    char c;
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &c, 1, at), 1);
    c ^= 1;
    assert_int_equal(pwrite(fd, &c, 1, at), 1);
    close(fd);
}

static void damaged_files_are_found_by_the_check(void **state)
{
    (void)state;
    pt_err err = {0};
    char seg_path[STORE_PATH], dim_path[STORE_PATH];
    store *s = util_store();
    store_txn *t;
    uint64_t id = util_load(s, 1, 1000);
    assert_ok(store_begin(s, UTIL_SECOND, &t, &err));
    assert_ok(util_members(t, 1000, &err));
    assert_ok(txn_commit(t, &err));
    util_check(s);
    only_file("seg", id, seg_path);
    only_file("dim", id + 1, dim_path);
    flip_byte(seg_path, 64); /* the first value */
    util_check_fails(s, seg_path);
    flip_byte(seg_path, 64);
    util_check(s);
    flip_byte(dim_path, fs_size(dim_path) - 100);
    util_check_fails(s, dim_path);
    store_close(s);
}

static void damaged_records_are_found(void **state)
{
    (void)state;
    pt_err err = {0};
    snapshot *snap;
    uint8_t key[SEG_KEY_BYTES] = {0};
    store *s = util_store();
    util_load(s, 1, 10);
    catalog_seg_key(key, UTIL_CUBE, 77);
    put_raw(s, CAT_SEG, key, sizeof key, "sixteen bytes and a checksum.", 24);
    assert_fails(store_snapshot(s, &snap, &err), PT_CORRUPT, "table 'seg'");
    util_check_fails(s, "table 'seg'");
    store_close(s);
}

static void facts_of_an_unknown_cube_are_found(void **state)
{
    (void)state;
    pt_err err = {0};
    store *s = util_store();
    MDB_txn *txn;
    uint8_t key[ID_KEY_BYTES];
    util_load(s, 1, 10);
    store_be32(key, UTIL_CUBE);
    assert_ok(catalog_begin(s->cat, true, &txn, &err));
    assert_ok(catalog_delete(s->cat, txn, CAT_DEF, (pt_str){(char *)key, sizeof key}, &err));
    assert_ok(catalog_commit(s->cat, txn, &err));
    util_check_fails(s, "cube 1, which is not defined");
    store_close(s);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, util_setup, util_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_warehouse_is_made_once),
        TEST(no_warehouse_is_said_so),
        TEST(an_interrupted_init_is_taken_up),
        TEST(another_file_is_no_catalog),
        TEST(a_newer_format_is_refused),
        TEST(what_is_published_is_seen_by_all),
        TEST(what_is_aborted_was_never_there),
        TEST(an_unused_segment_path_leaves_no_file),
        TEST(definitions_have_numbers_for_ever),
        TEST(a_dropped_cube_takes_its_facts_along),
        TEST(dimensions_have_one_version_at_a_time),
        TEST(deleted_rows_add_up),
        TEST(one_transaction_adds_deletes_and_drops),
        TEST(damaged_bitmaps_are_refused),
        TEST(records_are_read_by_key_and_prefix),
        TEST(a_scan_stops_when_told),
        TEST(one_writer_at_a_time),
        TEST(reading_needs_no_write_permission),
        TEST(readers_see_whole_versions),
        TEST(another_process_publishes_meanwhile),
        TEST(files_may_go_while_they_are_opened),
        TEST(a_missing_file_is_named),
        TEST(damaged_files_are_found_by_the_check),
        TEST(damaged_records_are_found),
        TEST(facts_of_an_unknown_cube_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
