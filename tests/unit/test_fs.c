/* test_fs.c - files: whole, mapped, replaced at once, hashed. */
#include "base/fs.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

/* Each test has a fresh directory as its working directory. */
static char root[64];
static char before[4096];

static int enter(void **state)
{
    (void)state;
    snprintf(root, sizeof root, "/tmp/patron-test-fs-XXXXXX");
    return getcwd(before, sizeof before) && mkdtemp(root) && chdir(root) == 0 ? 0 : -1;
}

static int leave(void **state)
{
    (void)state;
    char command[128];
    if (chdir(before) != 0) return -1;
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    return system(command);
}

static void writes_reads_and_maps(void **state)
{
    (void)state;
    pt_err err = {0};
    strbuf b = {0};
    file_map m;
    assert_ok(fs_write_atomic("f", "hello", 5, &err));
    assert_ok(fs_read("f", &b, 0, &err));
    assert_string_equal(b.ptr, "hello");
    assert_ok(fs_map("f", &m, &err));
    assert_int_equal(m.size, 5);
    assert_memory_equal(m.ptr, "hello", 5);
    assert_ok(fs_write_atomic("f", "other words", 11, &err));
    assert_memory_equal(m.ptr, "hello", 5); /* the mapping keeps the file it opened */
    fs_unmap(&m);
    assert_null(m.ptr);
    assert_int_equal(fs_size("f"), 11);
    assert_true(fs_exists("f"));
    strbuf_free(&b);
}

static void empty_file_is_no_special_case(void **state)
{
    (void)state;
    pt_err err = {0};
    strbuf b = {0};
    file_map m;
    assert_ok(fs_write_atomic("empty", NULL, 0, &err));
    assert_ok(fs_map("empty", &m, &err));
    assert_null(m.ptr);
    assert_int_equal(m.size, 0);
    fs_unmap(&m);
    assert_ok(fs_read("empty", &b, 10, &err));
    assert_str(strbuf_str(&b), "");
    strbuf_free(&b);
}

static void reading_stops_at_the_limit(void **state)
{
    (void)state;
    pt_err err = {0};
    strbuf b = {0};
    assert_ok(fs_write_atomic("f", "hello", 5, &err));
    assert_ok(fs_read("f", &b, 5, &err));
    assert_fails(fs_read("f", &b, 4, &err), PT_LIMIT, "'f' is longer than 4 bytes");
    strbuf_free(&b);
}

static void failures_name_the_path(void **state)
{
    (void)state;
    pt_err err = {0};
    strbuf b = {0};
    file_map m;
    uint8_t hash[32];
    assert_ok(fs_mkdir("dir", &err));
    assert_fails(fs_read("absent", &b, 0, &err), PT_IO, "cannot open file 'absent': No such file");
    assert_fails(fs_map("dir", &m, &err), PT_IO, "'dir' is a directory");
    assert_fails(fs_sha256("absent", hash, &err), PT_IO, "absent");
    assert_fails(fs_write_atomic("absent/f", "x", 1, &err), PT_IO, "absent/f");
    assert_fails(fs_sync_dir("absent", &err), PT_IO, "absent");
    assert_int_equal(fs_size("absent"), -1);
    assert_false(fs_exists("absent"));
    strbuf_free(&b);
}

/* A failed replacement keeps the old file and leaves nothing else. */
static void failed_write_leaves_no_trace(void **state)
{
    (void)state;
    pt_err err = {0};
    assert_ok(fs_mkdir("target/inside", &err));
    assert_fails(fs_write_atomic("target", "x", 1, &err), PT_IO, "cannot rename");
    int n = 0;
    DIR *d = opendir(".");
    for (struct dirent *e; (e = readdir(d));) n += e->d_name[0] != '.';
    closedir(d);
    assert_int_equal(n, 1);
}

static void directories_are_made_with_parents(void **state)
{
    (void)state;
    pt_err err = {0};
    assert_ok(fs_mkdir("a/b//c/", &err));
    assert_ok(fs_mkdir("a/b/c", &err));
    assert_ok(fs_mkdir("/", &err));
    assert_true(fs_exists("a/b/c"));
    assert_ok(fs_write_atomic("a/file", "x", 1, &err));
    assert_fails(fs_mkdir("a/file", &err), PT_IO, "cannot make directory 'a/file'");
    assert_fails(fs_mkdir("a/file/below", &err), PT_IO, "a/file");
}

static void hashes_match_the_standard(void **state)
{
    (void)state;
    static const uint8_t want[32] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
                                     0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
                                     0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
    pt_err err = {0};
    uint8_t got[32];
    assert_ok(fs_write_atomic("abc", "abc", 3, &err));
    assert_ok(fs_sha256("abc", got, &err));
    assert_memory_equal(got, want, sizeof got);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(writes_reads_and_maps),        TEST(empty_file_is_no_special_case),
        TEST(reading_stops_at_the_limit),   TEST(failures_name_the_path),
        TEST(failed_write_leaves_no_trace), TEST(directories_are_made_with_parents),
        TEST(hashes_match_the_standard),
    };
    return cmocka_run_group_tests_name("fs", tests, NULL, NULL);
}
