/* compact.c - merging the segments of a cube, in the layout that its schema asks for. */
#include "engine/cuboid.h"

/* The callback of store_compact: finish a merged segment in the layout that the schema of `snap` asks for. */
static pt_status write_merged(void *ctx, const snapshot *snap, uint32_t cube_id, seg_writer *w,
                              const char *path, uint64_t version, pt_err *err)
{
    (void)ctx;
    schema *s = NULL;
    arena *a = arena_new(0);
    pt_status st =
        a ? schema_build(snap, &s, err) : pt_fail(err, PT_NOMEM, "out of memory while merging segments");
    if (st != PT_OK) goto done;
    const cube *c = NULL;
    for (uint32_t i = 0; i < schema_n_cubes(s); i++)
        if (schema_cube_at(s, i)->id == cube_id) c = schema_cube_at(s, i);
    if (!c) {
        st = pt_fail(err, PT_CORRUPT, "segments belong to cube number %u, which is not defined", cube_id);
        goto done;
    }
    view v = {.snap = (snapshot *)snap, .schema = s};
    const dim_view **views = arena_array(a, const dim_view *, c->n_roles);
    if (!views) {
        st = arena_fail(a, err);
        goto done;
    }
    for (uint32_t i = 0; i < c->n_roles; i++) views[i] = view_dim(&v, c->roles[i].dimension);
    uint32_t *sort_cols, n_sort, n_indexes;
    const uint32_t *const *rank_of;
    seg_index_spec *indexes;
    st = cube_segment_layout(c, views, a, &sort_cols, &rank_of, &n_sort, &indexes, &n_indexes, err);
    if (st == PT_OK)
        st = seg_writer_finish(w, path, sort_cols, rank_of, n_sort, indexes, n_indexes, version, err);
done:
    schema_put(s);
    if (a) arena_free(a);
    return st;
}

/* Cuboids now sum up the merged segment. */
static pt_status follow(void *ctx, store_txn *t, pt_err *err)
{
    warehouse *w = ctx;
    limits none = {0};
    schema *s;
    PT_TRY(schema_build(txn_base(t), &s, err));
    pt_status st = cuboid_maintain_all(t, s, warehouse_pool(w), &none, err);
    schema_put(s);
    return st;
}

pt_status warehouse_compact(warehouse *w, const cube *c, uint32_t *n_merged, pt_err *err)
{
    *n_merged = 0;
    if (c->is_virtual)
        return pt_fail(err, PT_VALUE, "cube [" STR_FMT "] is virtual: its facts are in its base cubes",
                       STR_ARG(c->name));
    return store_compact(warehouse_store(w), c->id, write_merged, follow, w, n_merged, err);
}
