/* seg_writer.c - collects rows in memory; finishing sorts them and has them written (seg_write.c).
 *
 * Rows are appended in any order; the sort makes a permutation, so that no second copy of the rows is needed.
 */
#include "storage/seg_int.h"

struct seg_writer {
    arena *mem;
    seg_table table;
    uint32_t cap;
};

static pt_status no_memory(pt_err *err)
{
    return pt_fail(err, PT_NOMEM, "out of memory while writing a segment");
}

/* ---- collecting ---------------------------------------------------- */

pt_status seg_writer_new(const seg_column *cols, uint32_t n_cols, seg_writer **out, pt_err *err)
{
    *out = NULL;
    if (n_cols > SEG_MAX_COLUMNS)
        return pt_fail(err, PT_LIMIT, "a fact table has %u columns, at most %d are possible", n_cols,
                       SEG_MAX_COLUMNS);
    seg_writer *w = mem_alloc(1, sizeof *w);
    if (!w) return no_memory(err);
    w->table.n_columns = n_cols;
    w->mem = arena_new(0);
    w->table.columns = w->mem ? arena_array(w->mem, seg_column, n_cols) : NULL;
    w->table.data = w->mem ? arena_array(w->mem, seg_data, n_cols) : NULL;
    bool ok = w->table.columns && w->table.data;
    for (uint32_t c = 0; c < n_cols && ok; c++) {
        w->table.columns[c] = cols[c];
        w->table.columns[c].name = str_copy(w->mem, cols[c].name);
        ok = w->table.columns[c].name.ptr != NULL;
        if (cols[c].name.len > SEG_MAX_NAME) {
            seg_writer_free(w);
            return pt_fail(err, PT_LIMIT, "the name of a fact column has %zu bytes, at most %d are possible",
                           cols[c].name.len, SEG_MAX_NAME);
        }
    }
    if (!ok) {
        seg_writer_free(w);
        return no_memory(err);
    }
    *out = w;
    return PT_OK;
}

void seg_writer_free(seg_writer *w)
{
    if (!w) return;
    for (uint32_t c = 0; w->table.data && c < w->table.n_columns; c++) {
        mem_free(w->table.data[c].values);
        mem_free(w->table.data[c].nulls);
    }
    arena_free(w->mem);
    mem_free(w);
}

uint32_t seg_writer_rows(const seg_writer *w)
{
    return w->table.n_rows;
}

uint64_t seg_writer_bytes(const seg_writer *w)
{
    uint64_t per_row = 0;
    for (uint32_t c = 0; c < w->table.n_columns; c++)
        per_row += seg_value_bytes(w->table.columns[c].kind) + (w->table.data[c].nulls != NULL);
    return per_row * w->cap;
}

uint32_t seg_writer_max_id(const seg_writer *w, uint32_t col)
{
    const uint32_t *ids = w->table.data[col].values;
    uint32_t max = 0;
    for (uint32_t i = 0; i < w->table.n_rows; i++) max = ids[i] > max ? ids[i] : max;
    return max;
}

static bool grow_array(void **p, uint32_t cap, size_t size)
{
    void *q = mem_grow(*p, cap, size);
    if (q) *p = q;
    return q != NULL;
}

static bool reserve(seg_writer *w, uint32_t n_rows)
{
    if (n_rows <= w->cap) return true;
    uint32_t cap = w->cap ? w->cap : 1024;
    while (cap < n_rows) cap *= 2;
    for (uint32_t c = 0; c < w->table.n_columns; c++) {
        seg_data *d = &w->table.data[c];
        if (!grow_array(&d->values, cap, seg_value_bytes(w->table.columns[c].kind))) return false;
        if (d->nulls && !grow_array((void **)&d->nulls, cap, 1)) return false;
    }
    w->cap = cap;
    return true;
}

static bool append_nulls(seg_writer *w, seg_data *d, uint32_t n_rows, const uint8_t *nulls)
{
    if (!d->nulls) {
        if (!nulls || !memchr(nulls, 1, n_rows)) return true;
        d->nulls = mem_alloc(w->cap, 1);
        if (!d->nulls) return false;
    }
    if (nulls)
        memcpy(d->nulls + w->table.n_rows, nulls, n_rows);
    else
        memset(d->nulls + w->table.n_rows, 0, n_rows);
    return true;
}

pt_status seg_writer_append(seg_writer *w, uint32_t n_rows, const seg_batch *cols, pt_err *err)
{
    if (n_rows == 0) return PT_OK;
    if (n_rows > SEG_MAX_ROWS - w->table.n_rows)
        return pt_fail(err, PT_LIMIT, "a segment holds at most %d rows", SEG_MAX_ROWS);
    if (!reserve(w, w->table.n_rows + n_rows)) return no_memory(err);
    for (uint32_t c = 0; c < w->table.n_columns; c++) {
        seg_kind kind = w->table.columns[c].kind;
        size_t size = seg_value_bytes(kind);
        const void *from = kind == SEG_ID    ? (const void *)cols[c].ids
                           : kind == SEG_INT ? (const void *)cols[c].ints
                                             : (const void *)cols[c].doubles;
        memcpy((char *)w->table.data[c].values + w->table.n_rows * size, from, n_rows * size);
        if (kind != SEG_ID && !append_nulls(w, &w->table.data[c], n_rows, cols[c].nulls))
            return no_memory(err);
    }
    w->table.n_rows += n_rows;
    return PT_OK;
}

/* ---- finishing ----------------------------------------------------- */

/* perm[i]: the row that comes i-th. */
static pt_status sort_rows(const seg_table *t, const uint32_t *sort_cols, const uint32_t *const *rank_of,
                           uint32_t n_sort, uint32_t *perm, pt_err *err)
{
    seg_sort_key *keys = mem_alloc(n_sort, sizeof *keys);
    if (!keys) return no_memory(err);
    for (uint32_t i = 0; i < n_sort; i++)
        keys[i] = (seg_sort_key){t->data[sort_cols[i]].values, rank_of ? rank_of[i] : NULL};
    pt_status st = seg_sort(keys, n_sort, t->n_rows, perm, err);
    mem_free(keys);
    return st;
}

pt_status seg_writer_finish(seg_writer *w, const char *path, const uint32_t *sort_cols,
                            const uint32_t *const *rank_of, uint32_t n_sort, const seg_index_spec *indexes,
                            uint32_t n_indexes, uint64_t version, pt_err *err)
{
    const seg_table *t = &w->table;
    for (uint32_t i = 0; i < n_sort; i++)
        if (NEVER(sort_cols[i] >= t->n_columns || t->columns[sort_cols[i]].kind != SEG_ID))
            return pt_fail(err, PT_INTERNAL, "sort column %u is not an id column", sort_cols[i]);
    if (n_indexes > SEG_MAX_INDEXES)
        return pt_fail(err, PT_LIMIT, "a segment has at most %d indexes", SEG_MAX_INDEXES);
    uint32_t *perm = mem_alloc(t->n_rows, sizeof *perm);
    if (!perm) return no_memory(err);
    pt_status st = sort_rows(t, sort_cols, rank_of, n_sort, perm, err);
    if (st == PT_OK) st = seg_write(t, path, perm, indexes, n_indexes, version, err);
    mem_free(perm);
    return st;
}
