/* test_store_crash.c - a loader that dies, or meets a full disk, at any moment leaves the old version or the
 * new one, and the next writer goes on from there. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "unit.h"

#include "base/fs.h"
#include "store_util.h"

enum { BEFORE = 55, AFTER = 5050 - 55 + 4, FILES_AFTER = 2 };

/* A load that does everything at once: the members change, facts come, go and are corrected. */
static pt_status load_night(store *s, uint64_t old_seg, pt_err *err)
{
    store_txn *t;
    uint64_t load, a, b;
    PT_TRY(store_begin(s, UTIL_SECOND, &t, err));
    roaring_bitmap_t *wrong = roaring_bitmap_from_range(0, 10, 1);
    pt_status st = txn_next_load_id(t, &load, err);
    if (st == PT_OK) st = util_members(t, 100, err);
    if (st == PT_OK) st = util_segment(t, 1, 100, load, &a, err);
    if (st == PT_OK) st = util_segment(t, 4, 1, load, &b, err);
    if (st == PT_OK) st = txn_delete_rows(t, UTIL_CUBE, a, wrong, err);
    if (st == PT_OK) st = txn_drop_segment(t, UTIL_CUBE, old_seg, err);
    if (st == PT_OK) st = txn_put_record(t, TAB_MARK, STR("night"), STR("done"), err);
    roaring_bitmap_free(wrong);
    if (st == PT_OK) return txn_commit(t, err);
    txn_abort(t);
    return st;
}

/* Either nothing or all of load_night is there, in facts, members and records alike. */
static bool is_loaded(store *s)
{
    pt_err err = {0};
    snapshot *snap;
    arena *a = arena_new(0);
    pt_str value;
    bool has_mark;
    util_check(s);
    assert_ok(store_snapshot(s, &snap, &err));
    assert_ok(store_read(s, TAB_MARK, STR("night"), a, &value, &has_mark, &err));
    int64_t sum = util_sum(snap);
    const dim_view *members = snapshot_dim(snap, UTIL_DIM);
    assert_int_equal(sum, has_mark ? AFTER : BEFORE);
    assert_int_equal(snapshot_version(snap), has_mark ? 3 : 2);
    assert_int_equal(members ? dim_count(members) : 0, has_mark ? 100 : 0);
    snapshot_put(snap);
    arena_free(a);
    return has_mark;
}

/* The next writer can load what the dead one did not, and sweeps what it left. */
static void recover(uint64_t old_seg)
{
    pt_err err = {0};
    store *s = util_open(false);
    if (!is_loaded(s)) {
        assert_ok(load_night(s, old_seg, &err));
        assert_true(is_loaded(s));
    }
    store_txn *t;
    assert_ok(store_begin(s, 0, &t, &err));
    txn_abort(t);
    assert_int_equal(util_files("seg"), FILES_AFTER);
    assert_int_equal(util_files("dim"), 1);
    store_close(s);
}

static void restart(void)
{
    void *state = NULL;
    assert_int_equal(util_teardown(&state), 0);
    assert_int_equal(util_setup(&state), 0);
}

static uint64_t prepare(void)
{
    store *s = util_store();
    uint64_t seg_id = util_load(s, 1, 10);
    store_close(s);
    return seg_id;
}

/* ---- death --------------------------------------------------------- */

static void death_at_any_step_loses_nothing(void **state)
{
    (void)state;
    int n_before = 0, n_after = 0, status = 1;
    for (uint64_t k = 1; status != 0; k++) {
        uint64_t old_seg = prepare();
        pid_t child = fork();
        if (child == 0) {
            pt_err err = {0};
            store *s = util_open(false);
            store_crash_at(s, k);
            _exit(load_night(s, old_seg, &err) == PT_OK ? 0 : 1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status) && (status == 0 || WEXITSTATUS(status) == 137));
        store *s = util_open(false);
        if (is_loaded(s))
            n_after++;
        else
            n_before++;
        store_close(s);
        recover(old_seg);
        restart();
    }
    assert_true(n_before >= 5); /* steps before the commit */
    assert_true(n_after >= 2);  /* after it, and the run without a death */
}

static void death_at_any_moment_loses_nothing(void **state)
{
    (void)state;
    uint64_t seed = 1;
    int n_killed = 0;
    for (int i = 0; i < 40; i++) {
        uint64_t old_seg = prepare();
        int status;
        pid_t child = fork();
        if (child == 0) {
            pt_err err = {0};
            _exit(load_night(util_open(false), old_seg, &err) == PT_OK ? 0 : 1);
        }
        nanosleep(&(struct timespec){.tv_nsec = (long)(unit_random(&seed) % 12000000)}, NULL);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        n_killed += WIFSIGNALED(status);
        recover(old_seg);
        restart();
    }
    assert_true(n_killed > 0);
}

static void death_in_init_is_taken_up(void **state)
{
    (void)state;
    uint64_t seed = 2;
    for (int i = 0; i < 30; i++) {
        pt_err err = {0};
        int status;
        pid_t child = fork();
        if (child == 0) _exit(store_init(util_dir, &err) == PT_OK ? 0 : 1);
        nanosleep(&(struct timespec){.tv_nsec = (long)(unit_random(&seed) % 5000000)}, NULL);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        pt_status st = store_init(util_dir, &err);
        assert_true(st == PT_OK || st == PT_EXISTS);
        store *s = util_open(false);
        util_check(s);
        store_close(s);
        restart();
    }
}

/* ---- a full disk --------------------------------------------------- */

/* No file of the child may grow over so many bytes, as on a disk that fills up at that point. */
static int load_on_small_disk(rlim_t bytes, uint64_t old_seg)
{
    pt_err err = {0};
    store *s = util_open(false);
    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &(struct rlimit){bytes, bytes}) != 0) return 10;
    pt_status st = load_night(s, old_seg, &err);
    if (st == PT_OK) return 0;
    if (st != PT_IO || !err.msg[0]) return 11;
    return util_sum_now(s) == BEFORE ? 1 : 12; /* and the same process can go on reading */
}

static void a_full_disk_publishes_nothing(void **state)
{
    (void)state;
    int n_failed = 0, status;
    bool has_passed = false;
    for (rlim_t bytes = 64; !has_passed; bytes += bytes < 4096 ? 448 : 4096) {
        uint64_t old_seg = prepare();
        pid_t child = fork();
        if (child == 0) _exit(load_on_small_disk(bytes, old_seg));
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
        store *s = util_open(false);
        has_passed = is_loaded(s);
        assert_int_equal(has_passed, WEXITSTATUS(status) == 0);
        store_close(s);
        n_failed += !has_passed;
        recover(old_seg);
        restart();
    }
    assert_true(n_failed > 5);
}

/* ---- what others left ---------------------------------------------- */

static void put_file(const char *folder, const char *name)
{
    char path[STORE_PATH];
    snprintf(path, sizeof path, "%s/%s/%s", util_dir, folder, name);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    close(fd);
}

static void the_next_writer_sweeps(void **state)
{
    (void)state;
    pt_err err = {0};
    store *s = util_store();
    store_txn *t;
    util_load(s, 1, 10);
    put_file("seg", "0000000099.seg");
    put_file("seg", "0000000001.seg.tmp-123-0"); /* a temporary name of a live number */
    put_file("dim", "0000000007.dim");
    put_file("dim", "0000000007.dim.tmp-5-1");
    put_file("seg", "notes.txt"); /* not ours */
    assert_int_equal(util_files("seg"), 4);
    assert_ok(store_begin(s, 0, &t, &err));
    txn_abort(t);
    assert_int_equal(util_files("seg"), 2);
    assert_int_equal(util_files("dim"), 0);
    assert_int_equal(util_sum_now(s), 55);
    store_close(s);
}

static void a_dead_writer_holds_no_lock(void **state)
{
    (void)state;
    pt_err err = {0};
    uint64_t old_seg = prepare();
    int ready[2], status;
    char c;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        store_txn *t;
        if (store_begin(util_open(false), 0, &t, &err) != PT_OK || write(ready[1], "1", 1) != 1) _exit(1);
        for (;;) pause();
    }
    assert_int_equal(read(ready[0], &c, 1), 1);
    store *s = util_open(false);
    store_txn *t;
    assert_fails(store_begin(s, 0, &t, &err), PT_BUSY, "is being changed");
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_ok(store_begin(s, UTIL_SECOND, &t, &err));
    txn_abort(t);
    store_close(s);
    recover(old_seg);
    close(ready[0]);
    close(ready[1]);
}

/* LMDB tells readers of a commit by a number in the lock file, which it raises last. Put it back to the
 * commit before, as a death between the two leaves it. */
static void forget_last_commit(uint64_t commit)
{
    char path[STORE_PATH];
    uint64_t words[32];
    int n_found = 0;
    snprintf(path, sizeof path, "%s/catalog.mdb-lock", util_dir);
    int fd = open(path, O_RDWR);
    assert_int_equal(read(fd, words, sizeof words), sizeof words);
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (words[i] != commit) continue;
        words[i]--;
        assert_int_equal(pwrite(fd, &words[i], sizeof words[i], (off_t)(i * sizeof words[i])),
                         sizeof words[i]);
        n_found++;
    }
    assert_int_equal(n_found, 1);
}

static void the_last_instant_of_a_commit_may_be_its_death(void **state)
{
    (void)state;
    pt_err err = {0};
    int status;
    uint64_t old_seg = prepare();
    store *s = util_open(false);
    assert_int_equal(util_sum_now(s), BEFORE);
    pid_t child = fork();
    if (child == 0) {
        MDB_txn *txn;
        store *own = util_open(false);
        if (load_night(own, old_seg, &err) != PT_OK) _exit(1);
        if (catalog_begin(own->cat, true, &txn, &err) != PT_OK) _exit(2);
        kill(getpid(), SIGKILL); /* with LMDB's own lock held, as within a commit */
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    forget_last_commit(catalog_last_commit(s->cat));
    assert_int_equal(util_sum_now(s), BEFORE); /* readers are late, but whole */
    store_txn *t;
    assert_ok(store_begin(s, UTIL_SECOND, &t, &err));
    assert_int_equal(snapshot_version(txn_base(t)), 3);
    txn_abort(t);
    assert_true(is_loaded(s));
    store_close(s);
    recover(old_seg);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, util_setup, util_teardown)
    const struct CMUnitTest tests[] = {
        TEST(death_at_any_step_loses_nothing),
        TEST(death_at_any_moment_loses_nothing),
        TEST(death_in_init_is_taken_up),
        TEST(a_full_disk_publishes_nothing),
        TEST(the_next_writer_sweeps),
        TEST(a_dead_writer_holds_no_lock),
        TEST(the_last_instant_of_a_commit_may_be_its_death),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
