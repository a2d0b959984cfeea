/* txn_preview.c - the snapshot that a commit would publish, so that what is derived from facts and members
 * (cuboids) can be made in the same transaction by the code that reads any other snapshot.
 *
 * The list of changes is applied to a copy of the base's arrays, as txn_commit applies it to the catalog. */
#include <stdlib.h>

#include "storage/bytes.h"
#include "storage/txn_int.h"

/* A segment, with the references that a snapshot holds. */
typedef struct piece {
    uint32_t cube;
    bool is_gone;
    snapshot_seg s;
    seg *file;
    deleted *rows;
} piece;

typedef struct preview {
    store_txn *t;
    snapshot *snap;
    uint32_t n;
    piece *pieces; /* of the base, then those added */
} preview;

static pt_status no_memory(pt_err *err)
{
    return pt_fail(err, PT_NOMEM, "out of memory while preparing a publish");
}

/* ---- dimensions ---------------------------------------------------- */

static dim_view *view_of(const store_txn *t, uint64_t file)
{
    for (const txn_view *v = t->views; v; v = v->next)
        if (v->file == file) return v->view;
    return NULL;
}

static void drop_dim(snapshot *s, uint32_t i)
{
    dim_view_put(s->dims[i].view);
    memmove(&s->dims[i], &s->dims[i + 1], (s->n_dims - i - 1) * sizeof *s->dims);
    s->n_dims--;
}

/* Dimensions are in order of id. */
static pt_status apply_dim(preview *p, const txn_op *op, pt_err *err)
{
    snapshot *s = p->snap;
    uint32_t id = load_be32(op->key.ptr), i = 0;
    uint64_t file;
    while (i < s->n_dims && s->dims[i].id < id) i++;
    bool is_there = i < s->n_dims && s->dims[i].id == id;
    if (op->kind != OP_PUT) {
        if (is_there) drop_dim(s, i);
        return PT_OK;
    }
    PT_TRY(catalog_dim_parse(op->key, op->value, &id, &file, err));
    dim_view *view = view_of(p->t, file);
    if (NEVER(!view)) return pt_fail(err, PT_INTERNAL, "a dimension was published but not written");
    if (is_there) drop_dim(s, i);
    memmove(&s->dims[i + 1], &s->dims[i], (s->n_dims - i) * sizeof *s->dims);
    s->dims[i] = (snap_dim){.id = id, .file = file, .view = view};
    dim_view_get(view);
    s->n_dims++;
    return PT_OK;
}

/* ---- segments ------------------------------------------------------ */

static piece *find_piece(preview *p, pt_str key)
{
    uint32_t cube = load_be32(key.ptr);
    uint64_t id = load_be64(key.ptr + 4);
    for (uint32_t i = p->n; i-- > 0;)
        if (!p->pieces[i].is_gone && p->pieces[i].cube == cube && p->pieces[i].s.id == id)
            return &p->pieces[i];
    return NULL;
}

static pt_status put_seg(preview *p, const txn_op *op, pt_err *err)
{
    catalog_seg g;
    char path[STORE_PATH];
    piece *x = find_piece(p, op->key);
    PT_TRY(catalog_seg_parse(op->key, op->value, &g, err));
    if (!x) {
        x = &p->pieces[p->n++];
        x->cube = g.cube;
        x->s = (snapshot_seg){.id = g.id, .load_id = g.load_id};
        PT_TRY(store_path(p->t->s, FILE_SEG, g.id, path, sizeof path, err));
        PT_TRY(seg_open(path, &x->file, err));
        x->s.seg = x->file;
    }
    x->s.n_covers = g.n_covers;
    return snapshot_covers(p->snap, &g, &x->s.covers, err);
}

static pt_status delete_rows(piece *x, pt_str bytes, pt_err *err)
{
    deleted *more;
    if (deleted_new(bytes, SEG_MAX_ROWS, &more) != PT_OK) return no_memory(err); /* our own bytes */
    if (x->rows) roaring_bitmap_or_inplace(more->rows, x->rows->rows);
    deleted_put(x->rows);
    x->rows = more;
    x->s.deleted = more->rows;
    x->is_gone = roaring_bitmap_get_cardinality(more->rows) == seg_rows(x->file);
    return PT_OK;
}

static pt_status apply_seg(preview *p, const txn_op *op, pt_err *err)
{
    if (op->kind == OP_PUT) return put_seg(p, op, err);
    if (op->kind == OP_DELETE_PREFIX) {
        for (uint32_t i = 0; i < p->n; i++)
            if (p->pieces[i].cube == load_be32(op->key.ptr)) p->pieces[i].is_gone = true;
        return PT_OK;
    }
    piece *x = find_piece(p, op->key);
    if (x) x->is_gone = true;
    return PT_OK;
}

static pt_status apply_ops(preview *p, pt_err *err)
{
    for (const txn_op *op = p->t->ops; op; op = op->next) {
        if (op->table == CAT_DIM) PT_TRY(apply_dim(p, op, err));
        if (op->table == CAT_SEG) PT_TRY(apply_seg(p, op, err));
        piece *x = op->kind == OP_DELETE_ROWS ? find_piece(p, op->key) : NULL;
        if (x) PT_TRY(delete_rows(x, op->value, err));
    }
    return PT_OK;
}

/* ---- putting it together ------------------------------------------- */

static int by_cube_and_id(const void *a, const void *b)
{
    const piece *x = a, *y = b;
    if (x->cube != y->cube) return x->cube < y->cube ? -1 : 1;
    return x->s.id < y->s.id ? -1 : x->s.id > y->s.id;
}

static uint32_t count_ops(const store_txn *t)
{
    uint32_t n = 0;
    for (const txn_op *op = t->ops; op; op = op->next) n++;
    return n;
}

static pt_status copy_base(preview *p, pt_err *err)
{
    const snapshot *base = p->t->base;
    snapshot *s = p->snap;
    size_t n_ops = count_ops(p->t), most = base->n_segs + n_ops;
    s->state = p->t->state;
    s->state.version = txn_version(p->t);
    s->n_defs = base->n_defs;
    s->defs = base->defs; /* lives as long as the transaction */
    s->dims = arena_array(s->mem, snap_dim, base->n_dims + n_ops + 1);
    s->segs = arena_array(s->mem, snapshot_seg, most);
    s->files = arena_array(s->mem, seg *, most);
    s->deletions = arena_array(s->mem, deleted *, most);
    s->cube_of = arena_array(s->mem, uint32_t, most);
    p->pieces = arena_array(s->mem, piece, most);
    if (!s->dims || !s->segs || !s->files || !s->deletions || !s->cube_of || !p->pieces)
        return no_memory(err);
    for (uint32_t i = 0; i < base->n_dims; i++) {
        s->dims[s->n_dims++] = base->dims[i];
        dim_view_get(base->dims[i].view);
    }
    for (uint32_t i = 0; i < base->n_segs; i++) {
        piece *x = &p->pieces[p->n++];
        *x = (piece){.cube = base->cube_of[i], .s = base->segs[i], .file = base->files[i]};
        seg_get(x->file);
        if (base->deletions[i]) {
            x->rows = base->deletions[i];
            atomic_fetch_add_explicit(&x->rows->refs, 1, memory_order_relaxed);
        }
    }
    return PT_OK;
}

/* The snapshot takes over what counts; the rest is let go. */
static void hand_over(preview *p)
{
    snapshot *s = p->snap;
    if (p->n) qsort(p->pieces, p->n, sizeof *p->pieces, by_cube_and_id);
    for (uint32_t i = 0; i < p->n; i++) {
        piece *x = &p->pieces[i];
        if (x->is_gone || !x->s.seg) {
            if (x->file) seg_put(x->file);
            deleted_put(x->rows);
            continue;
        }
        s->segs[s->n_segs] = x->s;
        s->files[s->n_segs] = x->file;
        s->deletions[s->n_segs] = x->rows;
        s->cube_of[s->n_segs++] = x->cube;
    }
}

pt_status txn_preview(store_txn *t, snapshot **out, pt_err *err)
{
    *out = NULL;
    snapshot *s = mem_alloc(1, sizeof *s);
    if (!s) return no_memory(err);
    atomic_init(&s->refs, 1);
    s->mem = arena_new(0);
    preview p = {.t = t, .snap = s};
    pt_status st = s->mem ? copy_base(&p, err) : no_memory(err);
    if (st == PT_OK) st = apply_ops(&p, err);
    hand_over(&p);
    if (st == PT_OK)
        *out = s;
    else
        snapshot_put(s);
    return st;
}
