/* engine_util.c - a warehouse for a test. */
#include "engine_util.h"

#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

#include "lang/parse.h"
#include "unit.h"

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

shop *shop_open(unsigned n_threads)
{
    pt_err err = {0};
    shop *s = calloc(1, sizeof *s);
    assert_non_null(s);
    snprintf(s->dir, sizeof s->dir, "/tmp/patron-engine-XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    assert_ok(store_init(s->dir, &err));
    assert_ok(warehouse_open(s->dir, false, n_threads, &s->w, &err));
    return s;
}

void shop_reopen(shop *s, unsigned n_threads)
{
    pt_err err = {0};
    view_put(&s->v);
    warehouse_close(s->w);
    s->w = NULL;
    assert_ok(warehouse_open(s->dir, false, n_threads, &s->w, &err));
}

void shop_close(shop *s)
{
    if (!s) return;
    view_put(&s->v);
    warehouse_close(s->w);
    nftw(s->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(s);
}

static pt_status run(shop *s, const ast_stmt *stmt, pt_str text, define_result *result, pt_err *err)
{
    if (stmt->kind == STMT_CREATE_SOURCE)
        return define_put(s->w, OBJ_SOURCE, stmt->source->name, stmt, result, err);
    if (stmt->kind == STMT_CREATE_MAPPING)
        return define_put(s->w, OBJ_MAPPING, stmt->mapping->name, stmt, result, err);
    return define_run(s->w, stmt, text, result, err);
}

pt_status shop_try(shop *s, const char *text, define_result *result, pt_err *err)
{
    arena *a = arena_new(0);
    ast_stmt *stmt;
    pt_status st = parse_statement(str_of(text), a, &stmt, err);
    if (st == PT_OK) st = run(s, stmt, str_of(text), result, err);
    arena_free(a);
    return st;
}

define_result shop_define(shop *s, const char *script)
{
    pt_err err = {0};
    arena *a = arena_new(0);
    ast_stmt **stmts;
    uint32_t n;
    define_result result = DEFINE_UNCHANGED;
    assert_ok(parse_script(str_of(script), a, &stmts, &n, &err));
    for (uint32_t i = 0; i < n; i++)
        if (stmts[i]->kind != STMT_EMPTY) assert_ok(run(s, stmts[i], str_of(script), &result, &err));
    arena_free(a);
    return result;
}

const view *shop_view(shop *s)
{
    pt_err err = {0};
    view_put(&s->v);
    assert_ok(warehouse_view(s->w, &s->v, &err));
    return &s->v;
}

const cube *shop_cube(shop *s, const char *name)
{
    const cube *c = schema_cube(shop_view(s)->schema, str_of(name));
    if (!c) fail_msg("no cube %s", name);
    return c;
}

const dimension *shop_dimension(shop *s, const char *name)
{
    const dimension *d = schema_dimension(shop_view(s)->schema, str_of(name));
    if (!d) fail_msg("no dimension %s", name);
    return d;
}

void shop_commit(shop *s, store_txn *txn)
{
    pt_err err = {0};
    limits few = {.cells = s->cuboid_slice}; /* 0: as many as there are */
    if (!s->forgets_cuboids)
        assert_ok(cuboid_maintain_all(txn, s->v.schema, warehouse_pool(s->w), &few, &err));
    assert_ok(txn_commit(txn, &err));
}

void shop_members(shop *s, const char *dimension_name, uint32_t n, const pt_value *values,
                  int64_t effective_days)
{
    pt_err err = {0};
    store_txn *txn;
    dim_edit *e;
    const dimension *d = shop_dimension(s, dimension_name);
    assert_ok(store_begin(warehouse_store(s->w), 0, &txn, &err));
    assert_ok(dim_edit_new(view_dim(&s->v, d), &d->spec, &e, &err));
    for (uint32_t i = 0; i < n; i++) {
        uint32_t member;
        dim_change change;
        assert_ok(dim_edit_put(e, values + (size_t)i * d->spec.n_attrs, NULL, effective_days, &member,
                               &change, &err));
    }
    assert_ok(txn_put_dim(txn, d->id, e, NULL, &err));
    dim_edit_free(e);
    shop_commit(s, txn);
}

void shop_facts(shop *s, const char *cube_name, uint32_t n, const seg_batch *columns)
{
    pt_err err = {0};
    arena *a = arena_new(0);
    store_txn *txn;
    seg_writer *w;
    seg_column *cols;
    uint32_t n_cols, n_sort, n_indexes, *sort_cols;
    const uint32_t *const *rank_of;
    seg_index_spec *indexes;
    const cube *c = shop_cube(s, cube_name);
    const dim_view **views = arena_array(a, const dim_view *, c->n_roles);
    for (uint32_t i = 0; i < c->n_roles; i++) views[i] = view_dim(&s->v, c->roles[i].dimension);
    assert_ok(cube_segment_columns(c, a, &cols, &n_cols, &err));
    assert_ok(cube_segment_layout(c, views, a, &sort_cols, &rank_of, &n_sort, &indexes, &n_indexes, &err));
    assert_ok(seg_writer_new(cols, n_cols, &w, &err));
    assert_ok(seg_writer_append(w, n, columns, &err));

    char path[4096];
    uint64_t seg_id, load_id;
    assert_ok(store_begin(warehouse_store(s->w), 0, &txn, &err));
    assert_ok(txn_next_load_id(txn, &load_id, &err));
    assert_ok(txn_segment_path(txn, &seg_id, path, sizeof path, &err));
    assert_ok(
        seg_writer_finish(w, path, sort_cols, rank_of, n_sort, indexes, n_indexes, txn_version(txn), &err));
    assert_ok(txn_add_segment(txn, c->id, seg_id, load_id, &err));
    shop_commit(s, txn);
    seg_writer_free(w);
    arena_free(a);
}

static bool is_same_value(pt_value x, pt_value y)
{
    if (x.kind != y.kind) return false;
    if (x.kind == VAL_NULL) return true;
    // NOLINTNEXTLINE(bugprone-suspicious-memory-comparison): the bits are what must agree
    if (x.kind == VAL_DOUBLE) return memcmp(&x.f, &y.f, sizeof x.f) == 0;
    return x.kind == VAL_DEC ? x.dec == y.dec && x.scale == y.scale : x.i == y.i;
}

void shop_same_result(const agg_result *want, const agg_result *got)
{
    assert_int_equal(got->n_cells, want->n_cells);
    for (uint32_t k = 0; k < want->n_axes && want->n_cells; k++)
        assert_memory_equal(got->coords[k], want->coords[k], want->n_cells * sizeof **want->coords);
    for (uint32_t k = 0; k < want->n_measures; k++)
        for (uint32_t i = 0; i < want->n_cells; i++)
            if (!is_same_value(want->values[k][i], got->values[k][i]))
                fail_msg("measure %u of cell %u differs", k, i);
}
