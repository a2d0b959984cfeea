/* test_golden.c - files that a release wrote open for ever, and hold what they held.
 *
 * tests/golden/format has, for each format, files and what must be read from them. After a change of the
 * format, `test_golden --make DIR` writes the files anew for the new number; the old ones stay. */
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

#include "base/map.h"
#include "storage/dim_file.h"
#include "storage/seg_int.h"
#include "store_util.h"

#define GOLDEN "tests/golden/format"

/* ---- segments as text ---------------------------------------------- */

static void dump_column(const seg *s, uint32_t c, strbuf *out)
{
    static const char *const encodings[] = {"const", "packed", "runs", "plain", "dict"};
    static union {
        uint32_t ids[SEG_BLOCK_ROWS];
        int64_t ints[SEG_BLOCK_ROWS];
        double doubles[SEG_BLOCK_ROWS];
    } v;
    const seg_column *col = seg_column_at(s, c);
    strbuf_printf(out, STR_FMT ": kind %d, scale %d\n", STR_ARG(col->name), (int)col->kind, col->scale);
    for (uint32_t b = 0; b < seg_blocks(s); b++) {
        pt_err err = {0};
        uint64_t bits[SEG_BLOCK_WORDS] = {0};
        bool any;
        seg_zone z = seg_zone_of(s, c, b);
        const seg_chunk *k = seg_chunk_at(s, c, b);
        size_t size = seg_value_bytes(col->kind) * seg_block_rows(s, b);
        assert_ok(col->kind == SEG_ID    ? seg_read_ids(s, c, b, v.ids, &err)
                  : col->kind == SEG_INT ? seg_read_ints(s, c, b, v.ints, &err)
                                         : seg_read_doubles(s, c, b, v.doubles, &err));
        assert_ok(seg_read_nulls(s, c, b, bits, &any, &err));
        strbuf_printf(out, "  block %u: %s%s, %u nulls", b, encodings[k->encoding], k->lz4 ? " lz4" : "",
                      z.n_nulls);
        if (col->kind != SEG_DOUBLE) strbuf_printf(out, ", %lld to %lld", (long long)z.min, (long long)z.max);
        strbuf_printf(out, ", values %016llx, null rows %016llx\n", (unsigned long long)hash_bytes(&v, size),
                      (unsigned long long)hash_bytes(bits, sizeof bits));
    }
}

/* The rows of one member in a block; returns how many. */
static uint64_t read_member(const seg_index *x, uint32_t stable, uint32_t block, uint64_t *bits)
{
    pt_err err = {0};
    seg_mask *m;
    uint8_t wanted[10] = {0};
    uint32_t n_rows = seg_block_rows(x->seg, block);
    uint64_t n = 0;
    memset(bits, 0, SEG_BLOCK_WORDS * sizeof *bits);
    wanted[stable] = 1;
    assert_ok(seg_mask_new(&m, &err));
    assert_ok(seg_mask_set(m, x, block, wanted, sizeof wanted, &err));
    assert_int_not_equal(seg_mask_is(m), MASK_COSTLY);
    for (uint32_t i = 0; i < n_rows && seg_mask_is(m) != MASK_NONE; i++) bits[i / 64] |= 1ull << (i % 64);
    if (seg_mask_is(m) == MASK_SOME) seg_mask_and(m, bits, 0, (n_rows + 63) / 64);
    for (uint32_t w = 0; w < SEG_BLOCK_WORDS; w++) n += (uint64_t)__builtin_popcountll(bits[w]);
    seg_mask_free(m);
    return n;
}

static void dump_index(const seg *s, uint32_t i, strbuf *out)
{
    const seg_index *x = &s->indexes[i];
    strbuf_printf(out, "index of %u, [" STR_FMT "] level %u:", x->column, STR_ARG(x->hierarchy), x->level);
    for (uint32_t b = 0; b < seg_blocks(s); b++)
        strbuf_addz(out, x->blocks[b].form == INDEX_SETS ? " sets" : " planes");
    for (uint32_t stable = 0; stable < 10; stable++) {
        uint64_t bits[SEG_BLOCK_WORDS], n = 0;
        for (uint32_t b = seg_blocks(s); b-- > 0;) n += read_member(x, stable, b, bits);
        if (n == 0) continue;
        strbuf_printf(out, "\n  member %u: %llu rows, %016llx", stable, (unsigned long long)n,
                      (unsigned long long)hash_bytes(bits, sizeof bits));
    }
    strbuf_addc(out, '\n');
}

static strbuf dump_segment(const char *path)
{
    pt_err err = {0};
    strbuf out = {0};
    seg *s;
    assert_ok(seg_open(path, &s, &err));
    assert_ok(seg_check(s, &err));
    strbuf_printf(&out, "%u rows, %u columns, version %llu\n", seg_rows(s), seg_n_columns(s),
                  (unsigned long long)seg_version(s));
    for (uint32_t c = 0; c < seg_n_columns(s); c++) dump_column(s, c, &out);
    for (uint32_t i = 0; i < s->n_indexes; i++) dump_index(s, i, &out);
    seg_put(s);
    return out;
}

/* ---- a warehouse as text ------------------------------------------- */

static pt_status add_record(void *ctx, pt_str key, pt_str value, pt_err *err)
{
    (void)err;
    strbuf_printf(ctx, "record " STR_FMT ": " STR_FMT "\n", STR_ARG(key), STR_ARG(value));
    return PT_OK;
}

static strbuf dump_warehouse(void)
{
    pt_err err = {0};
    strbuf out = {0};
    snapshot *snap;
    uint32_t n;
    store *s = util_open(true);
    util_check(s);
    assert_ok(store_snapshot(s, &snap, &err));
    strbuf_printf(&out, "version %llu, schema %llu\n", (unsigned long long)snapshot_version(snap),
                  (unsigned long long)snapshot_schema_version(snap));
    const catalog_def *defs = snapshot_defs(snap, &n);
    for (uint32_t i = 0; i < n; i++)
        strbuf_printf(&out, "definition %u, kind %d: " STR_FMT ": " STR_FMT "\n", defs[i].id,
                      (int)defs[i].kind, STR_ARG(defs[i].name), STR_ARG(defs[i].text));
    strbuf_printf(&out, "%u members\n", dim_count(snapshot_dim(snap, UTIL_DIM)));
    const snapshot_seg *segs = snapshot_segs(snap, UTIL_CUBE, &n);
    for (uint32_t i = 0; i < n; i++)
        strbuf_printf(
            &out, "segment %llu of load %llu: %u rows, %llu deleted\n", (unsigned long long)segs[i].id,
            (unsigned long long)segs[i].load_id, seg_rows(segs[i].seg),
            segs[i].deleted ? (unsigned long long)roaring_bitmap_get_cardinality(segs[i].deleted) : 0);
    strbuf_printf(&out, "sum %lld\n", (long long)util_sum(snap));
    snapshot_put(snap);
    for (int t = TAB_LOAD; t <= TAB_SETTING; t++)
        assert_ok(store_scan(s, (store_table)t, STR(""), false, add_record, &out, &err));
    store_close(s);
    return out;
}

/* ---- comparing ----------------------------------------------------- */

static void assert_golden(strbuf got, const char *want_file)
{
    pt_err err = {0};
    strbuf want = {0};
    assert_ok(fs_read(want_file, &want, 0, &err));
    assert_string_equal(got.ptr, want.ptr);
    strbuf_free(&want);
    strbuf_free(&got);
}

static void golden_segments_open(void **state)
{
    (void)state;
    assert_golden(dump_segment(GOLDEN "/tiny-1.seg"), GOLDEN "/tiny-1.seg.txt");
    assert_golden(dump_segment(GOLDEN "/facts-1.seg"), GOLDEN "/facts-1.seg.txt");
    assert_golden(dump_segment(GOLDEN "/tiny-2.seg"), GOLDEN "/tiny-2.seg.txt");
    assert_golden(dump_segment(GOLDEN "/facts-2.seg"), GOLDEN "/facts-2.seg.txt");
}

static const char *g_from; /* nftw passes no context */

static int copy_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    pt_err err = {0};
    char to[STORE_PATH];
    strbuf bytes = {0};
    (void)st, (void)ftw;
    snprintf(to, sizeof to, "%s%s", util_dir, path + strlen(g_from));
    if (flag == FTW_D) return mkdir(to, 0777);
    pt_status status = fs_read(path, &bytes, 0, &err);
    if (status == PT_OK) status = fs_write_atomic(to, bytes.ptr, bytes.len, &err);
    strbuf_free(&bytes);
    return status != PT_OK;
}

static void golden_warehouses_open(void **state)
{
    (void)state;
    g_from = GOLDEN "/warehouse-1";
    assert_int_equal(nftw(g_from, copy_entry, 16, FTW_PHYS), 0);
    assert_golden(dump_warehouse(), GOLDEN "/warehouse-1.txt");
    store *s = util_open(false);
    util_load(s, 1, 10); /* and it can be written to */
    util_check(s);
    store_close(s);
}

/* ---- making -------------------------------------------------------- */

/* The file that docs/format.md explains. */
static void make_tiny(const char *path)
{
    pt_err err = {0};
    seg_column cols[2] = {{STR("Store"), SEG_ID, 0}, {STR("sales"), SEG_INT, 2}};
    uint32_t ids[5] = {2, 0, 2, 1, 0}, of_member[3] = {0, 0, 1}, stable[2] = {0, 1};
    int64_t sales[5] = {1250, 300, 0, 475, 800};
    uint8_t nulls[5] = {0, 0, 1, 0, 0};
    level_view level = {.n = 2, .n_stable = 2, .of_member = of_member, .stable = stable};
    seg_index_spec spec = {0, STR("Geo"), 0, &level};
    uint32_t sort_col = 0;
    seg_writer *w;
    assert_ok(seg_writer_new(cols, 2, &w, &err));
    assert_ok(seg_writer_append(w, 5, (seg_batch[2]){{.ids = ids}, {.ints = sales, .nulls = nulls}}, &err));
    assert_ok(seg_writer_finish(w, path, &sort_col, NULL, 1, &spec, 1, 3, &err));
    seg_writer_free(w);
}

/* Every encoding, nulls in every form, both forms of index. */
static void make_facts(const char *path)
{
    enum { N = 4000, COLS = 8, RANKS = 30, GROUPS = 8, PERIOD = 1000 };
    seg_column cols[COLS] = {
        {STR("Time"), SEG_ID, 0},      {STR("商店"), SEG_ID, 0},       {STR("repeated"), SEG_ID, 0},
        {STR("units"), SEG_INT, 0},    {STR("constant"), SEG_INT, 4},  {STR("wide"), SEG_INT, 0},
        {STR("price"), SEG_DOUBLE, 0}, {STR("weight"), SEG_DOUBLE, 0},
    };
    pt_err err = {0};
    uint64_t seed = 1;
    uint32_t of_member[RANKS], stable[GROUPS], repeated[PERIOD];
    for (uint32_t i = 0; i < RANKS; i++) of_member[i] = i / 4;
    for (uint32_t i = 0; i < GROUPS; i++) stable[i] = i;
    for (uint32_t i = 0; i < PERIOD; i++) repeated[i] = (uint32_t)(unit_random(&seed) % 5000);
    level_view level = {.n = GROUPS, .n_stable = GROUPS, .of_member = of_member, .stable = stable};
    seg_index_spec specs[2] = {{0, STR("Time"), 1, &level}, {1, STR("Store"), 0, &level}};
    seg_writer *w;
    assert_ok(seg_writer_new(cols, COLS, &w, &err));
    for (uint32_t i = 0; i < N; i++) {
        uint32_t ids[3] = {i / 400, (uint32_t)(unit_random(&seed) % RANKS), repeated[i % PERIOD]};
        int64_t ints[3] = {(int64_t)(unit_random(&seed) % 9), -7, (int64_t)unit_random(&seed)};
        double doubles[2] = {(double)(unit_random(&seed) % 40) / 3, (double)unit_random(&seed)};
        uint8_t nulls[4] = {i % 97 == 0, i / 1000 == 2, unit_random(&seed) % 2, 1};
        seg_batch b[COLS] = {
            {.ids = &ids[0]},
            {.ids = &ids[1]},
            {.ids = &ids[2]},
            {.ints = &ints[0], .nulls = &nulls[0]},
            {.ints = &ints[1]},
            {.ints = &ints[2], .nulls = i < 10 ? &nulls[3] : NULL},
            {.doubles = &doubles[0], .nulls = &nulls[1]},
            {.doubles = &doubles[1], .nulls = &nulls[2]},
        };
        assert_ok(seg_writer_append(w, 1, b, &err));
    }
    assert_ok(seg_writer_finish(w, path, NULL, NULL, 0, specs, 2, 12, &err));
    seg_writer_free(w);
}

static void make_warehouse(void)
{
    pt_err err = {0};
    store_txn *t;
    store *s = util_store();
    uint64_t a = util_load(s, 1, 100);
    util_load(s, 1000, 10);
    util_delete(s, a, 3, 8);
    util_delete(s, a, 50, 51);
    assert_ok(store_begin(s, 0, &t, &err));
    assert_ok(util_members(t, 100, &err));
    for (int i = TAB_LOAD; i <= TAB_SETTING; i++) {
        char key[16];
        snprintf(key, sizeof key, "key %d", i);
        assert_ok(txn_put_record(t, (store_table)i, str_of(key), STR("值"), &err));
    }
    assert_ok(txn_commit(t, &err));
    store_close(s);
}

/* The members of the first format, as they are written now; read back by test_members. */
static void make_members(const char *dir, const char *name)
{
    pt_err err = {0};
    char path[STORE_PATH];
    dim_view *d;
    dim_edit *e;
    snprintf(path, sizeof path, GOLDEN "/%s-1.dim", name);
    assert_ok(dim_view_open(path, &d, &err));
    assert_ok(dim_edit_new(d, dim_view_spec(d), &e, &err));
    snprintf(path, sizeof path, "%s/%s-%d.dim", dir, name, DIM_FORMAT);
    assert_ok(dim_edit_write(e, path, 42, &err));
    dim_edit_free(e);
    dim_view_put(d);
}

static void write_text(const char *dir, const char *name, strbuf text)
{
    pt_err err = {0};
    char path[STORE_PATH];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_ok(fs_write_atomic(path, text.ptr, text.len, &err));
    strbuf_free(&text);
}

/* A warehouse is copied by hand from its directory, without the lock files. */
static int make_all(const char *dir)
{
    char path[STORE_PATH];
    snprintf(path, sizeof path, "%s/tiny-%d.seg", dir, SEG_FORMAT);
    make_tiny(path);
    write_text(dir, "tiny-2.seg.txt", dump_segment(path));
    snprintf(path, sizeof path, "%s/facts-%d.seg", dir, SEG_FORMAT);
    make_facts(path);
    write_text(dir, "facts-2.seg.txt", dump_segment(path));
    make_members(dir, "places");
    make_members(dir, "staff");
    snprintf(util_dir, sizeof util_dir, "%s/warehouse-%d", dir, CATALOG_FORMAT);
    make_warehouse();
    write_text(dir, "warehouse-1.txt", dump_warehouse());
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--make") == 0) return make_all(argv[2]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_segments_open),
        cmocka_unit_test_setup_teardown(golden_warehouses_open, util_setup, util_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
