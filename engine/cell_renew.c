/* cell_renew.c - what came since a result was kept, and both together. */
#include "engine/cell_renew.h"

enum { LEAST_SHARE = 4 }; /* of all facts may have been added, at most */

/* ---- versions ---------------------------------------------------------------------------- */

cell_base *cell_base_new(const view *v, const cube *c)
{
    uint32_t n;
    const snapshot_seg *segs = snapshot_segs(v->snap, c->id, &n);
    cell_base *b = mem_alloc(1, sizeof *b);
    if (!b) return NULL;
    *b = (cell_base){.refs = 1,
                     .cube_id = c->id,
                     .version = snapshot_version(v->snap),
                     .schema_version = snapshot_schema_version(v->snap),
                     .n_segs = n,
                     .n_roles = c->n_roles,
                     .segs = mem_alloc(n, sizeof *b->segs),
                     .dim_files = mem_alloc(c->n_roles, sizeof *b->dim_files)};
    if (!b->segs || !b->dim_files) {
        cell_base_free(b);
        return NULL;
    }
    for (uint32_t i = 0; i < n; i++)
        b->segs[i] = (seg_cover){
            segs[i].id, segs[i].deleted ? (uint32_t)roaring_bitmap_get_cardinality(segs[i].deleted) : 0};
    for (uint32_t r = 0; r < c->n_roles; r++)
        b->dim_files[r] = snapshot_dim_file(v->snap, c->roles[r].dimension->id);
    return b;
}

void cell_base_free(cell_base *b)
{
    if (!b) return;
    mem_free(b->segs);
    mem_free(b->dim_files);
    mem_free(b);
}

/* ---- what came since ----------------------------------------------------------------------- */

/* Ranks mean the same, and so do the members of former facts. Expressions only see keys, which never change.
 */
static bool is_same_dim(const cell_base *b, const view *v, const agg_request *req, uint32_t hier)
{
    uint32_t role = req->cube->hiers[hier].role;
    return role < b->n_roles &&
           b->dim_files[role] == snapshot_dim_file(v->snap, req->cube->roles[role].dimension->id);
}

static bool has_same_dims(const cell_base *b, const view *v, const agg_request *req)
{
    bool is_same = true;
    for (uint32_t i = 0; i < req->n_axes; i++) is_same &= is_same_dim(b, v, req, req->axes[i].hier);
    for (uint32_t i = 0; i < req->where.n; i++) is_same &= is_same_dim(b, v, req, req->where.filters[i].hier);
    for (uint32_t i = 0; i < req->n_any; i++)
        for (uint32_t k = 0; k < req->any[i].n; k++)
            is_same &= is_same_dim(b, v, req, req->any[i].filters[k].hier);
    return is_same;
}

static bool is_same_seg(const seg_cover *was, const snapshot_seg *is)
{
    return was->seg_id == is->id &&
           was->n_deleted == (is->deleted ? roaring_bitmap_get_cardinality(is->deleted) : 0);
}

bool cell_added(const cell_base *b, const view *v, const agg_request *req, arena *a,
                const snapshot_seg **segs, uint32_t *n)
{
    uint32_t n_now, at = 0;
    uint64_t n_rows = 0, n_added = 0;
    const snapshot_seg *now = snapshot_segs(v->snap, req->cube->id, &n_now);
    *n = 0;
    if (b->cube_id != req->cube->id || b->schema_version != snapshot_schema_version(v->snap)) return false;
    if (n_now < b->n_segs || !has_same_dims(b, v, req)) return false;
    snapshot_seg *added = arena_array(a, snapshot_seg, n_now - b->n_segs);
    if (!added) return false;
    for (uint32_t i = 0; i < n_now; i++) {
        n_rows += seg_rows(now[i].seg);
        if (at < b->n_segs && is_same_seg(&b->segs[at], &now[i])) {
            at++;
            continue;
        }
        if (*n == n_now - b->n_segs) return false;
        n_added += seg_rows(now[i].seg);
        added[(*n)++] = now[i];
    }
    *segs = added;
    return at == b->n_segs && n_added <= n_rows / LEAST_SHARE;
}

/* ---- both together --------------------------------------------------------------------------- */

bool cell_can_renew(const agg_request *req)
{
    for (uint32_t i = 0; i < req->n_measures; i++) {
        const measure *m = &req->cube->measures[req->measures[i]];
        bool adds_up = m->agg == AGG_COUNT || m->agg == AGG_SUM || m->agg == AGG_MIN || m->agg == AGG_MAX;
        if (!adds_up || (m->agg != AGG_COUNT && m->type == TYPE_DOUBLE)) return false;
    }
    return true;
}

static pt_i128 whole(pt_value v)
{
    return v.kind == VAL_DEC ? v.dec : v.i;
}

static bool is_number(pt_value v, uint8_t scale)
{
    return (v.kind == VAL_INT && scale == 0) || (v.kind == VAL_DEC && v.scale == scale);
}

/* Whole numbers are VAL_DEC only beyond 64 bits. False: beyond 128. */
static bool add(const measure *m, pt_value x, pt_value y, pt_value *out)
{
    pt_i128 sum;
    bool is_decimal = m->agg == AGG_SUM && m->type == TYPE_DECIMAL;
    uint8_t scale = is_decimal ? m->scale : 0;
    if (!is_number(x, scale) || !is_number(y, scale)) return false;
    if (__builtin_add_overflow(whole(x), whole(y), &sum)) return false;
    bool is_small = sum >= INT64_MIN && sum <= INT64_MAX;
    *out = is_small && !is_decimal ? value_int((int64_t)sum) : value_dec(sum, scale);
    return true;
}

static bool combine(const measure *m, pt_value x, pt_value y, pt_value *out)
{
    if (x.kind == VAL_NULL || y.kind == VAL_NULL) {
        *out = x.kind == VAL_NULL ? y : x;
        return true;
    }
    if (m->agg == AGG_COUNT || m->agg == AGG_SUM) return add(m, x, y, out);
    int order = value_cmp(x, y);
    *out = (m->agg == AGG_MIN ? order <= 0 : order >= 0) ? x : y;
    return x.kind != VAL_DOUBLE && y.kind != VAL_DOUBLE;
}

static int by_place(const agg_result *x, uint32_t i, const agg_result *y, uint32_t k)
{
    for (uint32_t axis = 0; axis < x->n_axes; axis++) {
        uint32_t a = x->coords[axis][i], b = y->coords[axis][k];
        if (a != b) return a < b ? -1 : 1;
    }
    return 0;
}

/* Where each cell of the union comes from: its place in x and in y, MEMBER_NONE if it is not there. */
static uint32_t unite(const agg_result *x, const agg_result *y, uint32_t *in_x, uint32_t *in_y)
{
    uint32_t n = 0;
    for (uint32_t i = 0, k = 0; i < x->n_cells || k < y->n_cells; n++) {
        int order = i == x->n_cells ? 1 : k == y->n_cells ? -1 : by_place(x, i, y, k);
        in_x[n] = order <= 0 ? i++ : MEMBER_NONE;
        in_y[n] = order >= 0 ? k++ : MEMBER_NONE;
    }
    return n;
}

bool cell_renew(const agg_request *req, const agg_result *added, arena *a, agg_result *out)
{
    const agg_result *x = out, *y = added;
    uint64_t most = (uint64_t)x->n_cells + y->n_cells;
    if (most > UINT32_MAX) return false;
    uint32_t *in_x = arena_array(a, uint32_t, most), *in_y = arena_array(a, uint32_t, most);
    uint32_t **coords = arena_array(a, uint32_t *, x->n_axes);
    pt_value **values = arena_array(a, pt_value *, x->n_measures);
    if (!in_x || !in_y || !coords || !values) return false;
    uint32_t n = unite(x, y, in_x, in_y);
    for (uint32_t i = 0; i < x->n_axes; i++) {
        if (!(coords[i] = arena_array(a, uint32_t, n))) return false;
        for (uint32_t c = 0; c < n; c++)
            coords[i][c] = in_x[c] != MEMBER_NONE ? x->coords[i][in_x[c]] : y->coords[i][in_y[c]];
    }
    for (uint32_t i = 0; i < x->n_measures; i++) {
        const measure *m = &req->cube->measures[req->measures[i]];
        if (!(values[i] = arena_array(a, pt_value, n))) return false;
        for (uint32_t c = 0; c < n; c++) {
            pt_value former = in_x[c] != MEMBER_NONE ? x->values[i][in_x[c]] : value_null();
            pt_value later = in_y[c] != MEMBER_NONE ? y->values[i][in_y[c]] : value_null();
            if (!combine(m, former, later, &values[i][c])) return false;
        }
    }
    out->n_cells = n;
    out->coords = coords;
    out->values = values;
    return true;
}
