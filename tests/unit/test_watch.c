/* test_watch.c - the monitor: what it loads and leaves alone, and that every row counts once however often it
 * dies. */
#include "tests/unit/unit.h"

#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "monitor/monitor.h"
#include "tests/unit/load_util.h"

enum { INTERVAL_US = 20000 };

static const char definitions[] =
    "CREATE DIMENSION [Item] (KEY item INTEGER, ATTRIBUTE name TEXT,"
    "  HIERARCHY [Item] ALL (LEVEL [Item] BY item NAME name));"
    "CREATE CUBE [Log] (DIMENSION [Item], MEASURE [N] SUM(n) INTEGER);"
    "CREATE SOURCE [files] TYPE csv OPTIONS (directory 'DATA');"
    "CREATE MAPPING [items] INTO DIMENSION [Item] FROM [files].'items.csv' (item, name);"
    "CREATE MAPPING [log] INTO CUBE [Log] FROM [files].'log_*.csv'"
    "  ([Item] = item ON UNKNOWN INFER, n);";

static int setup(void **state)
{
    works *w = works_open(2);
    works_define(w, definitions);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    works_close(*state);
    return 0;
}

static void wait_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

/* ---- one pass ------------------------------------------------------ */

typedef struct heard {
    int n_loads, n_errors;
    uint64_t n_loaded;
    pt_err last;
} heard;

static void on_load(void *ctx, const load_result *r)
{
    heard *h = ctx;
    h->n_loads++;
    h->n_loaded += r->n_loaded;
}

static void on_error(void *ctx, const pt_err *err)
{
    heard *h = ctx;
    h->n_errors++;
    h->last = *err;
}

static heard look_once(works *w)
{
    heard h = {0};
    watch_options o = {
        .interval_us = INTERVAL_US, .one_pass = true, .on_load = on_load, .on_error = on_error, .ctx = &h};
    pt_err err = {0};
    pt_status st = monitor_watch(w->shop->w, &o, &err);
    assert_int_equal(st == PT_OK, h.n_errors == 0);
    return h;
}

static void test_new_and_changed(void **state)
{
    works *w = *state;
    assert_int_equal(look_once(w).n_loads, 0); /* nothing there yet is no failure */
    works_write(w, "log_1.csv", "item,n\n1,10\n2,20\n");
    works_write(w, "items.csv", "item,name\n1,one\n");
    heard h = look_once(w);
    assert_int_equal(h.n_loads, 1);
    works_expect_facts(w, "Log", "1: 10\n2: 20\n");
    works_expect_members(w, "Item", "1,one\n2,-\n");
    assert_int_equal(look_once(w).n_loads, 0);
    works_write(w, "log_2.csv", "item,n\n1,5\n");
    works_write(w, "log_1.csv", "item,n\n1,11\n");
    works_write(w, "items.csv", "item,name\n1,one\n2,two\n");
    h = look_once(w);
    assert_int_equal(h.n_loads, 1);
    works_expect_facts(w, "Log", "1: 11\n1: 5\n");
    works_expect_members(w, "Item", "1,one\n2,two\n");
    /* a file that goes away takes nothing with it */
    char path[256];
    works_path(w, "log_2.csv", path);
    unlink(path);
    assert_int_equal(look_once(w).n_loads, 0);
    works_expect_facts(w, "Log", "1: 11\n1: 5\n");
}

static void test_late_member(void **state)
{
    works *w = *state;
    works_define(w, "CREATE MAPPING [known] INTO CUBE [Log] FROM [files].'known_*.csv' ([Item] = item, n);");
    works_write(w, "known_1.csv", "item,n\n1,10\n2,20\n");
    look_once(w);
    works_expect_facts(w, "Log", "");
    works_write(w, "items.csv", "item,name\n2,two\n");
    look_once(w);
    works_expect_facts(w, "Log", "2: 20\n");
}

/* One bad file does not keep the others out. */
static void test_failure_is_alone(void **state)
{
    works *w = *state;
    works_define(w, "CREATE MAPPING [strict] INTO CUBE [Log] FROM [files].'strict_*.csv'"
                    "  ([Item] = item ON UNKNOWN INFER, n) ON ERROR FAIL;");
    works_write(w, "log_1.csv", "item,n\n1,10\n");
    works_write(w, "strict_1.csv", "item,n\n1,x\n");
    heard h = look_once(w);
    assert_int_equal(h.n_errors, 1);
    assert_non_null(strstr(h.last.msg, "'strict_1.csv', line 2, column n"));
    works_expect_facts(w, "Log", "1: 10\n");
    works_write(w, "strict_1.csv", "item,n\n1,7\n");
    h = look_once(w);
    assert_int_equal(h.n_errors, 0);
    works_expect_facts(w, "Log", "1: 10\n1: 7\n");
}

static void test_unknown_mapping(void **state)
{
    works *w = *state;
    pt_err err = {0};
    pt_str name = STR("lug");
    watch_options o = {.n_mappings = 1, .mappings = &name, .interval_us = INTERVAL_US};
    assert_fails(monitor_watch(w->shop->w, &o, &err), PT_NAME, "unknown mapping [lug]");
}

/* ---- SQLite -------------------------------------------------------- */

static void sql(works *w, const char *text)
{
    char path[256], *message = NULL;
    sqlite3 *db;
    works_path(w, "shop.db", path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    if (sqlite3_exec(db, text, NULL, NULL, &message) != SQLITE_OK) fail_msg("%s: %s", text, message);
    sqlite3_close(db);
}

static void test_sqlite_whole_table(void **state)
{
    works *w = *state;
    works_define(
        w, "CREATE SOURCE [db] TYPE sqlite OPTIONS (file 'DATA/shop.db');"
           "CREATE MAPPING [rows] INTO CUBE [Log] FROM [db].'entry' e JOIN 'factor' f ON e.kind = f.kind"
           "  ([Item] = e.item ON UNKNOWN INFER, n = e.n * f.factor);"
           "CREATE MAPPING [names] INTO DIMENSION [Item] FROM [db].'item' (item = id, name);");
    sql(w, "PRAGMA journal_mode = WAL; CREATE TABLE entry (item INTEGER, kind TEXT, n REAL);"
           "CREATE TABLE factor (kind TEXT, factor INTEGER); CREATE TABLE item (id INTEGER PRIMARY KEY, name "
           "TEXT);"
           "INSERT INTO factor VALUES ('a', 1), ('b', 10); INSERT INTO item VALUES (1, 'eins'), (3, NULL);"
           "INSERT INTO entry VALUES (1, 'a', 5), (2, 'b', 0.5), (2, 'b', NULL), (4, 'c', 1);");
    heard h = look_once(w);
    assert_int_equal(h.n_loads, 1);
    works_expect_facts(w, "Log", "1: 5\n2: -\n2: 5\n");
    works_expect_members(w, "Item", "1,eins\n3,-\n2,-\n");
    assert_int_equal(look_once(w).n_loads, 0);
    sql(w, "UPDATE entry SET n = 7 WHERE item = 1; DELETE FROM entry WHERE n IS NULL");
    assert_int_equal(look_once(w).n_loads, 1);
    works_expect_facts(w, "Log", "1: 7\n2: 5\n");
}

static void test_sqlite_tracked(void **state)
{
    works *w = *state;
    works_define(
        w, "CREATE SOURCE [db] TYPE sqlite OPTIONS (file 'DATA/shop.db', track 'at');"
           "CREATE MAPPING [rows] INTO CUBE [Log] FROM [db].'entry' ([Item] = item ON UNKNOWN INFER, n);");
    sql(w, "CREATE TABLE entry (item INTEGER, n INTEGER, at TEXT);"
           "INSERT INTO entry VALUES (1, 1, '10:00'), (2, 2, '10:05'), (2, 2, '10:05')");
    assert_int_equal(look_once(w).n_loaded, 3);
    assert_int_equal(look_once(w).n_loads, 0);
    /* rows that come with the same time as the last ones are not lost, equal ones count as often as they are
     * there */
    sql(w, "INSERT INTO entry VALUES (2, 2, '10:05'), (3, 3, '10:05')");
    assert_int_equal(look_once(w).n_loaded, 2);
    works_expect_facts(w, "Log", "1: 1\n2: 2\n2: 2\n2: 2\n3: 3\n");
    sql(w, "INSERT INTO entry VALUES (4, 4, '10:06'); DELETE FROM entry WHERE at < '10:06'");
    assert_int_equal(look_once(w).n_loaded, 1);
    works_expect_facts(w, "Log", "1: 1\n2: 2\n2: 2\n2: 2\n3: 3\n4: 4\n");
    /* by force, what the table holds now replaces all it brought */
    w->options.force = true;
    works_load(w, "rows");
    works_expect_facts(w, "Log", "4: 4\n");
}

/* ---- dying --------------------------------------------------------- */

/* A process that watches until it is killed. */
static pid_t start_watcher(works *w)
{
    pid_t pid = fork();
    if (pid != 0) return pid;
    pt_err err = {0};
    warehouse *own;
    if (warehouse_open(w->shop->dir, false, 1, &own, &err) != PT_OK) _exit(1);
    watch_options o = {.interval_us = INTERVAL_US};
    _exit(monitor_watch(own, &o, &err) == PT_OK ? 0 : 1);
}

static void append_to(works *w, const char *file, const char *text)
{
    char path[256];
    works_path(w, file, path);
    FILE *f = fopen(path, "a");
    fputs(text, f);
    fclose(f);
}

typedef struct truth {
    strbuf files[8]; /* what each file holds */
    int n_entries;   /* rows of the table */
} truth;

/* Something happens in the sources: a new file, a rewritten one, one that grows slowly, new rows in the
 * database. */
static void happen(works *w, truth *t, uint64_t *seed, int round)
{
    char name[32], text[128];
    int i = (int)(unit_random(seed) % ARRAY_LEN(t->files)), n = (int)(unit_random(seed) % 5);
    snprintf(name, sizeof name, "log_%d.csv", i);
    if (unit_random(seed) % 2 == 0) { /* written anew at once */
        strbuf_clear(&t->files[i]);
        strbuf_addz(&t->files[i], "item,n\n");
        for (int k = 0; k <= n; k++) strbuf_printf(&t->files[i], "%d,%d\n", round, k);
        works_write(w, name, t->files[i].ptr);
    } else if (t->files[i].len) { /* grows, also while it is looked at */
        for (int k = 0; k <= n; k++) {
            snprintf(text, sizeof text, "%d,%d\n", round, 100 + k);
            append_to(w, name, text);
            strbuf_addz(&t->files[i], text);
            wait_ms((long)(unit_random(seed) % 4));
        }
    }
    snprintf(text, sizeof text, "INSERT INTO entry (item, n) VALUES (-1, %d), (-1, %d)", t->n_entries,
             t->n_entries + 1);
    sql(w, text);
    t->n_entries += 2;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The facts that the sources hold, as works_facts prints them. */
static void print_truth(const truth *t, strbuf *out)
{
    char *all[20000];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(t->files); i++) {
        char *copy = strdup(t->files[i].ptr ? t->files[i].ptr : ""), *rest = NULL;
        for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
            char *comma = strchr(line, ',');
            if (line[0] == 'i') continue;
            *comma = 0;
            assert_true(asprintf(&all[n++], "%s: %s", line, comma + 1) > 0);
        }
        free(copy);
    }
    for (int i = 0; i < t->n_entries; i++) assert_true(asprintf(&all[n++], "-1: %d", i) > 0);
    qsort(all, n, sizeof *all, by_text);
    for (size_t i = 0; i < n; i++) {
        strbuf_printf(out, "%s\n", all[i]);
        free(all[i]);
    }
}

static void count_problem(void *ctx, bool is_error, const char *line)
{
    if (!is_error) return;
    ++*(int *)ctx;
    print_message("%s\n", line);
}

static void test_exactly_once(void **state)
{
    works *w = *state;
    truth t = {0};
    uint64_t seed = 7;
    int n_killed = 0;
    works_define(
        w, "CREATE SOURCE [db] TYPE sqlite OPTIONS (file 'DATA/shop.db', track 'id');"
           "CREATE MAPPING [rows] INTO CUBE [Log] FROM [db].'entry' ([Item] = item ON UNKNOWN INFER, n);");
    sql(w, "PRAGMA journal_mode = WAL; CREATE TABLE entry (id INTEGER PRIMARY KEY, item INTEGER, n INTEGER)");
    view_put(&w->shop->v);
    warehouse_close(w->shop->w); /* LMDB environments do not survive a fork */
    w->shop->w = NULL;
    for (int round = 1; round <= 40; round++) {
        pid_t pid = start_watcher(w);
        assert_true(pid > 0);
        for (int k = 0; k < 3; k++) {
            happen(w, &t, &seed, round);
            wait_ms((long)(unit_random(&seed) % 40));
        }
        wait_ms((long)(unit_random(&seed) % 60));
        int status;
        kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        n_killed += WIFSIGNALED(status);
    }
    assert_int_equal(n_killed, 40);
    works_reopen(w);
    pt_err err = {0};
    int n_problems = 0;
    look_once(w);
    strbuf expected = {0}, got = {0};
    print_truth(&t, &expected);
    works_facts(w, "Log", &got);
    assert_string_equal(got.ptr, expected.ptr);
    assert_ok(store_check(warehouse_store(w->shop->w), count_problem, &n_problems, &err));
    assert_int_equal(n_problems, 0);
    strbuf_free(&expected);
    strbuf_free(&got);
    for (size_t i = 0; i < ARRAY_LEN(t.files); i++) strbuf_free(&t.files[i]);
}

#define WATCH_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WATCH_TEST(test_new_and_changed),    WATCH_TEST(test_late_member),
        WATCH_TEST(test_failure_is_alone),   WATCH_TEST(test_unknown_mapping),
        WATCH_TEST(test_sqlite_whole_table), WATCH_TEST(test_sqlite_tracked),
        WATCH_TEST(test_exactly_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
