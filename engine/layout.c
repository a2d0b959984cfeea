/* layout.c - how the facts of a cube are laid out: columns, sort order, indexes. */
#include "engine/schema.h"

pt_status cube_segment_columns(const cube *c, arena *a, seg_column **cols, uint32_t *n, pt_err *err)
{
    *n = c->n_roles + c->n_columns;
    *cols = arena_array(a, seg_column, *n);
    if (!*cols) return arena_fail(a, err);
    for (uint32_t i = 0; i < c->n_roles; i++)
        (*cols)[i] = (seg_column){.name = c->roles[i].name, .kind = SEG_ID};
    for (uint32_t i = 0; i < c->n_columns; i++) {
        const fact_column *f = &c->columns[i];
        (*cols)[c->n_roles + i] = (seg_column){.name = f->name,
                                               .kind = f->type == TYPE_DOUBLE ? SEG_DOUBLE : SEG_INT,
                                               .scale = f->type == TYPE_DECIMAL ? f->scale : 0};
    }
    return PT_OK;
}

/* ---- sort order -------------------------------------------------------------------- */

/* The finest level of all hierarchies: the natural order of its ranks keeps neighbours of every coarser level
 * of that hierarchy together. NULL for a dimension without members. */
static pt_status finest_level(const dim_view *v, const level_view **out, pt_err *err)
{
    const dim_spec *spec = dim_view_spec(v);
    *out = NULL;
    for (uint32_t h = 0; h < spec->n_hiers; h++) {
        const hier_view *hier;
        PT_TRY(dim_hier(v, h, &hier, err));
        const level_view *l = &hier->levels[hier->n_levels - 1];
        if (l->n > 0 && (!*out || l->n > (*out)->n)) *out = l;
    }
    return PT_OK;
}

static bool sorts_before(const cube *c, const dim_view *const *views, uint32_t x, uint32_t y)
{
    bool x_time = c->roles[x].dimension->is_time, y_time = c->roles[y].dimension->is_time;
    if (x_time != y_time) return x_time;
    uint32_t nx = dim_count(views[x]), ny = dim_count(views[y]);
    return nx != ny ? nx < ny : x < y;
}

/* A time role is sorted by its hierarchy and then by id, because the finest level may be a month while
 * members are days, and ids of days mostly rise with the date. */
static pt_status sort_order(const cube *c, const dim_view *const *views, arena *a, uint32_t **cols,
                            const uint32_t *const **ranks, uint32_t *n, pt_err *err)
{
    uint32_t *order = arena_array(a, uint32_t, c->n_roles);
    uint32_t *out = arena_array(a, uint32_t, 2 * (size_t)c->n_roles);
    const uint32_t **rank_of = arena_array(a, const uint32_t *, 2 * (size_t)c->n_roles);
    if (!order || !out || !rank_of) return arena_fail(a, err);
    for (uint32_t i = 0; i < c->n_roles; i++) {
        uint32_t k = i;
        for (; k > 0 && sorts_before(c, views, i, order[k - 1]); k--) order[k] = order[k - 1];
        order[k] = i;
    }
    *n = 0;
    for (uint32_t i = 0; i < c->n_roles; i++) {
        const dim_view *v = views[order[i]];
        const level_view *finest;
        PT_TRY(finest_level(v, &finest, err));
        out[*n] = order[i];
        rank_of[(*n)++] = finest ? finest->of_member : NULL;
        if (!c->roles[order[i]].dimension->is_time || !finest || finest->n == dim_count(v)) continue;
        out[*n] = order[i];
        rank_of[(*n)++] = NULL;
    }
    *cols = out;
    *ranks = rank_of;
    return PT_OK;
}

/* ---- indexes ------------------------------------------------------------------------ */

/* One index per level that the cube shows, but none for a level with one member. The segment writer leaves
 * out those that would not pay. */
static pt_status index_levels(const cube *c, const dim_view *const *views, arena *a, seg_index_spec **out,
                              uint32_t *n, pt_err *err)
{
    size_t most = 0;
    for (uint32_t i = 0; i < c->n_hiers; i++) most += c->hiers[i].hierarchy->n_levels;
    *out = arena_array(a, seg_index_spec, most);
    *n = 0;
    if (!*out) return arena_fail(a, err);
    for (uint32_t i = 0; i < c->n_hiers; i++) {
        const cube_hier *h = &c->hiers[i];
        bool is_done = false;
        for (uint32_t k = 0; k < i; k++)
            if (c->hiers[k].role == h->role && c->hiers[k].hierarchy == h->hierarchy) is_done = true;
        const hier_view *hier;
        if (is_done) continue;
        PT_TRY(dim_hier(views[h->role], h->hierarchy->index, &hier, err));
        for (uint32_t k = 0; k < hier->n_levels; k++)
            if (hier->levels[k].n > 1)
                (*out)[(*n)++] = (seg_index_spec){
                    .column = h->role, .hierarchy = h->hierarchy->name, .level = k, .view = &hier->levels[k]};
    }
    return PT_OK;
}

pt_status cube_segment_layout(const cube *c, const dim_view *const *views, arena *a, uint32_t **sort_cols,
                              const uint32_t *const **rank_of, uint32_t *n_sort, seg_index_spec **indexes,
                              uint32_t *n_indexes, pt_err *err)
{
    PT_TRY(sort_order(c, views, a, sort_cols, rank_of, n_sort, err));
    return index_levels(c, views, a, indexes, n_indexes, err);
}
