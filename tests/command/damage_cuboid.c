/* damage_cuboid.c - writes wrong values into a cuboid, with right checksums: what only VERIFY CUBE can find.
 *
 *     damage_cuboid DIR CUBOID ROW...     adds 1 to the last column of integers in these rows of its first
 *                                         segment, which must be a block at most */
#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"
#include "storage/store.h"

enum { MOST_COLUMNS = 64 };

typedef struct copy {
    const seg *from;
    seg_column columns[MOST_COLUMNS];
    seg_batch batch[MOST_COLUMNS];
    int64_t *damaged; /* the column that is changed */
} copy;

static int fail(const char *what)
{
    fprintf(stderr, "damage_cuboid: %s\n", what);
    return 1;
}

static const catalog_def *find_cuboid(const snapshot *s, const char *name)
{
    uint32_t n;
    const catalog_def *defs = snapshot_defs(s, &n);
    for (uint32_t i = 0; i < n; i++)
        if (defs[i].kind == OBJ_CUBOID && str_eq(defs[i].name, str_of(name))) return &defs[i];
    return NULL;
}

/* Integers that are never null: what cuboids of the test hold. */
static pt_status read_columns(copy *c, arena *a, pt_err *err)
{
    uint32_t n = seg_n_columns(c->from), n_rows = seg_rows(c->from);
    if (n > MOST_COLUMNS || seg_blocks(c->from) != 1)
        return pt_fail(err, PT_LIMIT, "the cuboid is too large");
    for (uint32_t i = 0; i < n; i++) {
        c->columns[i] = *seg_column_at(c->from, i);
        uint32_t *ids = arena_array(a, uint32_t, n_rows);
        int64_t *ints = arena_array(a, int64_t, n_rows);
        if (!ids || !ints) return arena_fail(a, err);
        c->batch[i] = (seg_batch){.ids = ids, .ints = ints};
        if (c->columns[i].kind == SEG_ID) {
            PT_TRY(seg_read_ids(c->from, i, 0, ids, err));
            continue;
        }
        if (c->columns[i].kind != SEG_INT || seg_zone_of(c->from, i, 0).n_nulls)
            return pt_fail(err, PT_USAGE, "only cuboids of integers without nulls can be damaged");
        PT_TRY(seg_read_ints(c->from, i, 0, ints, err));
        c->damaged = ints;
    }
    return c->damaged ? PT_OK : pt_fail(err, PT_USAGE, "the cuboid has no column of integers");
}

static pt_status write_copy(const copy *c, const char *path, uint64_t version, pt_err *err)
{
    seg_writer *w;
    PT_TRY(seg_writer_new(c->columns, seg_n_columns(c->from), &w, err));
    pt_status st = seg_writer_append(w, seg_rows(c->from), c->batch, err);
    if (st == PT_OK) st = seg_writer_finish(w, path, NULL, NULL, 0, NULL, 0, version, err);
    seg_writer_free(w);
    return st;
}

/* The copy instead of the segment, covering the same facts. */
static pt_status replace(store_txn *t, uint32_t cuboid, const snapshot_seg *s, const copy *c, pt_err *err)
{
    uint64_t id;
    char path[4096];
    PT_TRY(txn_segment_path(t, &id, path, sizeof path, err));
    PT_TRY(write_copy(c, path, txn_version(t), err));
    PT_TRY(txn_add_segment(t, cuboid, id, s->load_id, err));
    PT_TRY(txn_put_covers(t, cuboid, id, s->covers, s->n_covers, err));
    return txn_drop_segment(t, cuboid, s->id, err);
}

static pt_status damage(store *st, const char *name, char **rows, int n, arena *a, pt_err *err)
{
    store_txn *t;
    copy c = {0};
    uint32_t n_segs = 0;
    PT_TRY(store_begin(st, 0, &t, err));
    const catalog_def *cuboid = find_cuboid(txn_base(t), name);
    const snapshot_seg *segs = cuboid ? snapshot_segs(txn_base(t), cuboid->id, &n_segs) : NULL;
    pt_status s = n_segs ? PT_OK : pt_fail(err, PT_NAME, "there is no cuboid [%s] with rows", name);
    if (s == PT_OK) {
        c.from = segs[0].seg;
        s = read_columns(&c, a, err);
    }
    for (int i = 0; i < n && s == PT_OK; i++) {
        int64_t row;
        if (num_parse_i64(str_of(rows[i]), &row) && row >= 0 && row < seg_rows(c.from))
            c.damaged[row]++;
        else
            s = pt_fail(err, PT_VALUE, "there is no row %s", rows[i]);
    }
    if (s == PT_OK) s = replace(t, cuboid->id, &segs[0], &c, err);
    if (s == PT_OK) return txn_commit(t, err);
    txn_abort(t);
    return s;
}

int main(int argc, char **argv)
{
    pt_err err = {0};
    store *s;
    if (argc < 4) return fail("expected DIR CUBOID ROW...");
    arena *a = arena_new(0);
    if (!a) return fail("out of memory");
    pt_status st = store_open(argv[1], false, &s, &err);
    if (st == PT_OK) {
        st = damage(s, argv[2], argv + 3, argc - 3, a, &err);
        store_close(s);
    }
    arena_free(a);
    return st == PT_OK ? 0 : fail(err.msg);
}
