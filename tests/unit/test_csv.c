/* test_csv.c - delimited text: quoting, broken rows, line numbers, encodings, gzip, and files as sources. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/fs.h"
#include "etl/csv.h"
#include "etl/source.h"
#include "tests/unit/csv_util.h"

/* ---- rows of a text ------------------------------------------------ */

static const csv_format plain = {.delimiter = ',', .quote = '"', .null_marker = {"", 0}};

static void expect(const csv_format *f, const char *text, uint32_t n_columns, const char *expected)
{
    static const size_t windows[] = {1, 2, 3, 7, 64, 4096};
    for (size_t i = 0; i < ARRAY_LEN(windows); i++) {
        strbuf b = {0};
        assert_true(csv_describe(f, str_of(text), n_columns, windows[i], &b));
        assert_string_equal(b.ptr ? b.ptr : "", expected);
        strbuf_free(&b);
    }
}

static void test_plain(void **state)
{
    (void)state;
    expect(&plain, "", 0, "");
    expect(&plain, "a,b\nc,d\n", 2, "1: a|b\n2: c|d\n");
    expect(&plain, "a,b\r\nc,d", 2, "1: a|b\n2: c|d\n");
    expect(&plain, "a,,\n", 3, "1: a|NULL|NULL\n");
    expect(&plain, ",\n", 2, "1: NULL|NULL\n");
    expect(&plain, "\n\r\na,b\n\n\nc,d\n\n", 2, "3: a|b\n6: c|d\n");
    expect(&plain, "a\n\nb\n", 1, "1: a\n2: NULL\n3: b\n");
    expect(&plain, "a\rb,c\r\n", 2, "1: a\rb|c\n");
}

static void test_quotes(void **state)
{
    (void)state;
    expect(&plain, "\"a,b\",c\n", 2, "1: a,b|c\n");
    expect(&plain, "\"a\"\"b\",\"\"\"\"\n", 2, "1: a\"b|\"\n");
    expect(&plain, "\"\",x\n", 2, "1: |x\n"); /* a quoted empty field is no null */
    expect(&plain, "\"two\nlines\",x\nn,m\n", 2, "1: two\nlines|x\n3: n|m\n");
    expect(&plain, "\"a\r\nb\",\"c\"\r\nd,e\r\n", 2, "1: a\r\nb|c\n3: d|e\n");
    expect(&plain, "5\" pipe,say \"hi\"\n", 2, "1: 5\" pipe|say \"hi\"\n");
    expect(&plain, "x,\"last\"", 2, "1: x|last\n");
    expect(&plain, "\"\"\"\n\"\"\",b\nc,d\n", 2, "1: \"\n\"|b\n3: c|d\n");
}

static void test_malformed(void **state)
{
    (void)state;
    expect(&plain, "a,b\nc\nd,e,f\ng,h\n", 2,
           "1: a|b\n2: ! expected 2 fields, found 1\n3: ! expected 2 fields, found 3\n4: g|h\n");
    expect(&plain, "\"a\"b,c\nd,e\n", 2,
           "1: ! there is text between a closing quote and the delimiter\n2: d|e\n");
    /* Only the line with the open quote is lost. */
    expect(&plain, "a,b\n\"c,d\ne,f\ng,h", 2,
           "1: a|b\n2: ! a quote is opened and never closed\n3: e|f\n4: g|h\n");
    expect(&plain, "a,\"b\nc\",\"d\ne,f\n", 2,
           "1: ! a quote is opened and never closed\n2: ! a quote is opened and never closed\n3: e|f\n");
    expect(&plain, "a,\xFF\nb,c\n\xE4\xB8\xAD,\xE6\x96\x87\n", 2,
           "1: ! field 2 is not valid in the encoding of the file, from byte 1 on\n2: b|c\n3: 中|文\n");
}

static void test_nul_byte(void **state)
{
    (void)state;
    strbuf b = {0};
    assert_true(csv_describe(&plain, (pt_str){"a,b\0c\nd,e\n", 10}, 2, 64, &b));
    assert_string_equal(b.ptr, "1: ! field 2 holds a NUL byte\n2: d|e\n");
    strbuf_free(&b);
}

static void test_formats(void **state)
{
    (void)state;
    csv_format tsv = {.delimiter = '\t', .quote = 0, .null_marker = STR("\\N")};
    expect(&tsv, "a\t\\N\t\"b\n\t\"\tc\n", 3, "1: a|NULL|\"b\n2: |\"|c\n");
    csv_format bars = {.delimiter = '|', .quote = '\'', .null_marker = STR("NULL")};
    expect(&bars, "a|NULL|'NULL'|'x|''y'\n", 4, "1: a|NULL|NULL|x|'y\n");
}

/* ---- random tables ------------------------------------------------- */

/* Write a random table; what the reader must say goes to `expected`. */
static void random_table(uint64_t *seed, uint32_t n_columns, strbuf *text, strbuf *expected)
{
    static const char *const pieces[] = {"a",  "7",    "",  " ",    "\"",          ",",
                                         "\n", "\r\n", "é", "中文", "xyz123456789"};
    uint64_t line = 1;
    for (uint64_t rows = unit_random(seed) % 20; rows > 0; rows--) {
        strbuf_printf(expected, "%llu: ", (unsigned long long)line);
        for (uint32_t c = 0; c < n_columns; c++) {
            strbuf field = {0};
            strbuf_addz(&field, "");
            for (uint64_t n = unit_random(seed) % 5; n > 0; n--)
                strbuf_addz(&field, pieces[unit_random(seed) % ARRAY_LEN(pieces)]);
            bool is_quoted = unit_random(seed) % 4 == 0;
            for (size_t i = 0; i < field.len; i++)
                if (strchr("\",\n\r", field.ptr[i])) is_quoted = true;
            if (c) strbuf_addc(text, ',');
            if (c) strbuf_addc(expected, '|');
            if (is_quoted) strbuf_addc(text, '"');
            for (size_t i = 0; i < field.len; i++) {
                if (field.ptr[i] == '"') strbuf_addc(text, '"');
                if (field.ptr[i] == '\n') line++;
                strbuf_addc(text, field.ptr[i]);
            }
            if (is_quoted) strbuf_addc(text, '"');
            strbuf_adds(expected, field.len || is_quoted ? strbuf_str(&field) : STR("NULL"));
            strbuf_free(&field);
        }
        strbuf_addz(expected, "\n");
        strbuf_addz(text, unit_random(seed) % 2 ? "\n" : "\r\n");
        line++;
    }
}

static void test_random_tables(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 2000; seed++) {
        uint64_t s = seed;
        strbuf text = {0}, expected = {0}, got = {0};
        uint32_t n_columns = 2 + (uint32_t)(seed % 5);
        random_table(&s, n_columns, &text, &expected);
        assert_true(csv_describe(&plain, strbuf_str(&text), n_columns, 1 + unit_random(&s) % 50, &got));
        if (!str_eq(strbuf_str(&got), strbuf_str(&expected)))
            fail_msg("seed %d:\n%s\nread as:\n%s", (int)seed, text.ptr, got.ptr);
        strbuf_free(&text);
        strbuf_free(&expected);
        strbuf_free(&got);
    }
}

/* ---- files --------------------------------------------------------- */

static char dir[] = "/tmp/patron-csv-XXXXXX";

static int make_dir(void **state)
{
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
    char command[64];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command);
}

static void write_file(const char *name, const void *bytes, size_t n)
{
    char path[256];
    pt_err err = {0};
    snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_ok(fs_write_atomic(path, bytes, n, &err));
}

static void write_gzip(const char *name, const char *text, const char *mode)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    gzFile z = gzopen(path, mode);
    assert_non_null(z);
    assert_int_equal(gzwrite(z, text, (unsigned)strlen(text)), strlen(text));
    assert_int_equal(gzclose(z), Z_OK);
}

typedef struct opened {
    ast_option options[8];
    ast_source def;
    source *s;
} opened;

/* A csv source over `dir`; pairs of option name and text, NULL at the end. */
static opened *open_source(const char *name, const char *value, bool has_header)
{
    pt_err err = {0};
    opened *o = calloc(1, sizeof *o);
    o->options[0] = (ast_option){.name = STR("directory"), .value = value_text(str_of(dir))};
    o->options[1] = (ast_option){.name = STR("header"), .value = value_bool(has_header)};
    if (name) o->options[2] = (ast_option){.name = str_of(name), .value = value_text(str_of(value))};
    o->def = (ast_source){
        .name = STR("files"), .type = STR("csv"), .n_options = name ? 3 : 2, .options = o->options};
    assert_ok(source_open(&o->def, &o->s, &err));
    return o;
}

static void close_source(opened *o)
{
    source_close(o->s);
    free(o);
}

/* Columns and rows of a file, as in `describe`. */
static pt_status read_file(source *s, const char *name, strbuf *out, pt_err *why)
{
    pt_err err = {0};
    arena *a = arena_new(0);
    source_part *parts;
    uint32_t n;
    source_reader *r = NULL;
    bool done = false;
    assert_ok(source_parts(s, str_of(name), a, &parts, &n, &err));
    assert_int_equal(n, 1);
    pt_status st = source_read(s, &parts[0], (pt_str){NULL, 0}, &r, why);
    if (st == PT_OK) {
        for (uint32_t i = 0; i < source_n_columns(r); i++)
            strbuf_printf(out, "%s" STR_FMT, i ? "," : "", STR_ARG(source_column(r, i)));
        strbuf_addc(out, '\n');
        source_chunk *c = source_chunk_new(r);
        while ((st = source_fill(r, c, &done, why)) == PT_OK && !done) {
            source_row row;
            for (;;) {
                pt_err bad = {0};
                pt_status row_st = source_next(c, &row, &done, &bad);
                if (done) break;
                strbuf_printf(out, "%llu: ", (unsigned long long)row.line);
                for (uint32_t i = 0; i < row.n_fields && row_st == PT_OK; i++)
                    strbuf_printf(out, "%s" STR_FMT, i ? "|" : "",
                                  STR_ARG(row.fields[i].ptr ? row.fields[i] : STR("NULL")));
                strbuf_printf(out, "%s%s\n", row_st == PT_OK ? "" : "! ", bad.msg);
            }
        }
        source_chunk_free(c);
        if (st == PT_OK) st = source_finish(r, why);
    }
    source_reader_close(r);
    arena_free(a);
    return st;
}

static void expect_file(const char *option, const char *value, bool has_header, const char *name,
                        const char *expected)
{
    pt_err err = {0};
    strbuf b = {0};
    opened *o = open_source(option, value, has_header);
    assert_ok(read_file(o->s, name, &b, &err));
    assert_string_equal(b.ptr, expected);
    strbuf_free(&b);
    close_source(o);
}

#define WRITE(name, literal) write_file(name, "" literal, sizeof(literal) - 1)

static void test_headers(void **state)
{
    (void)state;
    WRITE("h.csv", "\xEF\xBB\xBF id ,\"full \"\"name\"\"\",\n1,x,y\n");
    expect_file(NULL, NULL, true, "h.csv", "id,full \"name\",c3\n2: 1|x|y\n");
    WRITE("n.csv", "\"a\"\"b\",1\nc,2\n");
    expect_file(NULL, NULL, false, "n.csv", "c1,c2\n1: a\"b|1\n2: c|2\n");
    WRITE("empty.csv", "");
    expect_file(NULL, NULL, true, "empty.csv", "\n");
    WRITE("only.csv", "a,b\n");
    expect_file(NULL, NULL, true, "only.csv", "a,b\n");
    WRITE("tabs.tsv", "a\tb\n1\t2,3\n");
    expect_file("delimiter", "tab", true, "tabs.tsv", "a,b\n2: 1|2,3\n");
}

static void test_encodings(void **state)
{
    (void)state;
    /* 省份,城市 / 广东,深圳 in GBK */
    WRITE("gbk.csv", "\xCA\xA1\xB7\xDD,\xB3\xC7\xCA\xD0\n\xB9\xE3\xB6\xAB,\xC9\xEE\xDB\xDA\n");
    expect_file("encoding", "gbk", true, "gbk.csv", "省份,城市\n2: 广东|深圳\n");
    expect_file("encoding", "GB18030", true, "gbk.csv", "省份,城市\n2: 广东|深圳\n");
    /* A byte that no GBK text holds spoils its row only. */
    WRITE("bad.csv", "a,b\nx,\xFF\n\xB9\xE3,y\n");
    expect_file("encoding", "gbk", true, "bad.csv",
                "a,b\n2: ! field 2 is not valid in the encoding of the file, from byte 1 on\n3: 广|y\n");
    WRITE("latin.csv", "a,b\n\xE9t\xE9,z\n");
    expect_file("encoding", "latin1", true, "latin.csv", "a,b\n2: été|z\n");
    write_file("utf16.csv",
               "\xFF\xFE"
               "a\0,\0b\0\n\0\x2D\x4E,\0"
               "2\0\n\0",
               18);
    expect_file("encoding", "UTF-16", true, "utf16.csv", "a,b\n2: 中|2\n");
    WRITE("cut.csv", "a,b\n1,\xB9");
    expect_file("encoding", "gbk", true, "cut.csv",
                "a,b\n2: ! field 2 is not valid in the encoding of the file, from byte 1 on\n");
}

static void test_gzip(void **state)
{
    (void)state;
    pt_err err = {0};
    strbuf b = {0};
    write_gzip("z.csv.gz", "a,b\n1,2\n", "wb");
    write_gzip("z.csv.gz", "3,4\n", "ab"); /* a second member */
    expect_file(NULL, NULL, true, "z.csv.gz", "a,b\n2: 1|2\n3: 3|4\n");
    WRITE("cut.gz", "\x1F\x8B\x08\x00\x00\x00\x00\x00\x00\x03\x4B");
    opened *o = open_source(NULL, NULL, true);
    assert_fails(read_file(o->s, "cut.gz", &b, &err), PT_DATA, "'cut.gz' ends in the middle");
    WRITE("bad.gz", "\x1F\x8B\x08\x00\x00\x00\x00\x00\x00\x03\xFF\xFF\xFF\xFF\xFF");
    assert_fails(read_file(o->s, "bad.gz", &b, &err), PT_DATA, "'bad.gz' is damaged");
    close_source(o);
    strbuf_free(&b);
}

/* Rows over the borders of chunks, and one that is longer than a chunk. */
static void test_long_rows(void **state)
{
    (void)state;
    strbuf text = {0}, expected = {0};
    strbuf_addz(&text, "id,text\n");
    strbuf_addz(&expected, "id,text\n");
    uint64_t line = 2;
    for (int i = 0; i < 60; i++) {
        strbuf long_text = {0};
        size_t want = i == 30 ? (size_t)3 << 20 : 70000u + (unsigned)i;
        while (long_text.len < want) strbuf_addz(&long_text, "0123456789 \"\" \n");
        strbuf_printf(&text, "%d,\"%s\"\n", i, long_text.ptr);
        strbuf_printf(&expected, "%llu: %d|\n", (unsigned long long)line, i);
        for (size_t k = 0; k < long_text.len; k++) line += long_text.ptr[k] == '\n';
        line++;
        strbuf_free(&long_text);
    }
    write_file("long.csv", text.ptr, text.len);
    pt_err err = {0};
    strbuf got = {0};
    opened *o = open_source(NULL, NULL, true);
    assert_ok(read_file(o->s, "long.csv", &got, &err));
    /* Only the beginnings of the rows. */
    strbuf starts = {0};
    for (const char *p = got.ptr; *p;) {
        const char *end = strchr(p, '\n');
        const char *bar = memchr(p, '|', (size_t)(end - p));
        if (bar || p == got.ptr) {
            strbuf_add(&starts, p, (size_t)((bar ? bar + 1 : end) - p));
            strbuf_addc(&starts, '\n');
        }
        p = end + 1;
    }
    assert_string_equal(starts.ptr, expected.ptr);
    close_source(o);
    strbuf_free(&text);
    strbuf_free(&expected);
    strbuf_free(&got);
    strbuf_free(&starts);
}

static void test_row_too_long(void **state)
{
    (void)state;
    strbuf text = {0};
    strbuf_addz(&text, "a,b\n1,");
    while (text.len < CSV_MAX_RECORD + (1 << 20)) strbuf_addz(&text, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    strbuf_addz(&text, ",2\n3,4\n");
    write_file("huge.csv", text.ptr, text.len);
    expect_file(NULL, NULL, true, "huge.csv", "a,b\n2: ! the row is longer than 16 MB\n3: 3|4\n");
    strbuf_free(&text);
}

static void test_patterns(void **state)
{
    (void)state;
    pt_err err = {0};
    arena *a = arena_new(0);
    source_part *parts;
    uint32_t n;
    char sub[64];
    snprintf(sub, sizeof sub, "%s/2024", dir);
    assert_int_equal(mkdir(sub, 0777), 0);
    WRITE("2024/s_2.csv", "a\n");
    WRITE("2024/s_1.csv", "a\n");
    WRITE("2024/s_1.csv.part", "a\n");
    WRITE("2024/.s_3.csv", "a\n");
    WRITE("2024/s_é.csv", "a\n");
    opened *o = open_source(NULL, NULL, true);
    assert_ok(source_parts(o->s, STR("2024/s_*.csv*"), a, &parts, &n, &err));
    assert_int_equal(n, 3);
    assert_str(parts[0].name, "2024/s_1.csv");
    assert_str(parts[1].name, "2024/s_2.csv");
    assert_int_equal(parts[0].stamp.size_bytes, 2);
    assert_ok(source_parts(o->s, STR("2024/s_?.csv"), a, &parts, &n, &err));
    assert_int_equal(n, 3); /* ? is a character, not a byte */
    assert_ok(source_parts(o->s, STR("2023/s_*.csv"), a, &parts, &n, &err));
    assert_int_equal(n, 0);
    assert_fails(source_parts(o->s, STR("../x.csv"), a, &parts, &n, &err), PT_USAGE, "inside the directory");
    assert_fails(source_parts(o->s, STR("/etc/passwd"), a, &parts, &n, &err), PT_USAGE,
                 "inside the directory");
    assert_int_equal(source_fail_missing(o->s, STR("2024/s_1.cvs"), &err), PT_IO);
    assert_non_null(strstr(err.msg, "there is no file '2024/s_1.cvs'"));
    assert_non_null(strstr(err.hint, "s_1.csv"));
    close_source(o);
    arena_free(a);
}

static void test_options(void **state)
{
    (void)state;
    pt_err err = {0};
    ast_option options[2] = {{.name = STR("directory"), .value = value_text(str_of("data")), .at = {10, 20}},
                             {.name = STR("delimeter"), .value = value_text(STR(";")), .at = {22, 33}}};
    ast_source def = {.name = STR("x"), .type = STR("csv"), .n_options = 2, .options = options};
    assert_int_equal(source_check(&def, &err), PT_NAME);
    assert_int_equal(err.at.start, 22);
    assert_non_null(strstr(err.hint, "delimiter"));
    options[1].name = STR("delimiter");
    pt_err_clear(&err);
    assert_ok(source_check(&def, &err));
    options[1].value = value_text(STR(";;"));
    assert_fails(source_check(&def, &err), PT_USAGE, "expected one ASCII character");
    options[1] = (ast_option){.name = STR("encoding"), .value = value_text(STR("GBX"))};
    assert_fails(source_check(&def, &err), PT_NAME, "unknown encoding 'GBX'");
    options[1] = (ast_option){.name = STR("header"), .value = value_text(STR("on"))};
    assert_fails(source_check(&def, &err), PT_USAGE, "expected ON or OFF");
    def.n_options = 0;
    assert_fails(source_check(&def, &err), PT_USAGE, "needs the option directory");
    def.type = STR("cvs");
    assert_fails(source_check(&def, &err), PT_NAME, "unknown source type 'cvs'");
    arena *a = arena_new(0);
    def = (ast_source){.name = STR("x"), .type = STR("csv"), .n_options = 1, .options = options};
    assert_ok(source_resolve(&def, STR("/home/u"), a, &err));
    assert_str(options[0].value.s, "/home/u/data");
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),        cmocka_unit_test(test_quotes),
        cmocka_unit_test(test_malformed),    cmocka_unit_test(test_nul_byte),
        cmocka_unit_test(test_formats),      cmocka_unit_test(test_random_tables),
        cmocka_unit_test(test_headers),      cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_gzip),         cmocka_unit_test(test_long_rows),
        cmocka_unit_test(test_row_too_long), cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_options),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
