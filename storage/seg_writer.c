/* seg_writer.c - collects rows in memory, then sorts, encodes, indexes and writes them as one file.
 *
 * Rows are appended in any order; the sort makes a permutation, and blocks are gathered through it column by
 * column, so that no second copy of the rows is made. The file is complete and synced when finish returns
 * PT_OK; on any failure it is removed. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/map.h"
#include "storage/seg_int.h"

enum { FILE_BUFFER = 1 << 20, INDEX_FLOOR = 1024 };

typedef struct column_data {
    void *values;   /* uint32_t, int64_t or double */
    uint8_t *nulls; /* NULL: none so far */
} column_data;

struct seg_writer {
    arena *mem;
    seg_column *columns;
    column_data *data;
    uint32_t n_columns, n_rows, cap;
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
    w->n_columns = n_cols;
    w->mem = arena_new(0);
    w->columns = w->mem ? arena_array(w->mem, seg_column, n_cols) : NULL;
    w->data = w->mem ? arena_array(w->mem, column_data, n_cols) : NULL;
    bool ok = w->columns && w->data;
    for (uint32_t c = 0; c < n_cols && ok; c++) {
        w->columns[c] = cols[c];
        w->columns[c].name = str_copy(w->mem, cols[c].name);
        ok = w->columns[c].name.ptr != NULL;
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
    for (uint32_t c = 0; w->data && c < w->n_columns; c++) {
        mem_free(w->data[c].values);
        mem_free(w->data[c].nulls);
    }
    arena_free(w->mem);
    mem_free(w);
}

uint32_t seg_writer_rows(const seg_writer *w)
{
    return w->n_rows;
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
    for (uint32_t c = 0; c < w->n_columns; c++) {
        column_data *d = &w->data[c];
        if (!grow_array(&d->values, cap, seg_value_bytes(w->columns[c].kind))) return false;
        if (d->nulls && !grow_array((void **)&d->nulls, cap, 1)) return false;
    }
    w->cap = cap;
    return true;
}

static bool append_nulls(seg_writer *w, column_data *d, uint32_t n_rows, const uint8_t *nulls)
{
    if (!d->nulls) {
        if (!nulls || !memchr(nulls, 1, n_rows)) return true;
        d->nulls = mem_alloc(w->cap, 1);
        if (!d->nulls) return false;
    }
    if (nulls)
        memcpy(d->nulls + w->n_rows, nulls, n_rows);
    else
        memset(d->nulls + w->n_rows, 0, n_rows);
    return true;
}

pt_status seg_writer_append(seg_writer *w, uint32_t n_rows, const seg_batch *cols, pt_err *err)
{
    if (n_rows == 0) return PT_OK;
    if (n_rows > SEG_MAX_ROWS - w->n_rows)
        return pt_fail(err, PT_LIMIT, "a segment holds at most %d rows", SEG_MAX_ROWS);
    if (!reserve(w, w->n_rows + n_rows)) return no_memory(err);
    for (uint32_t c = 0; c < w->n_columns; c++) {
        seg_kind kind = w->columns[c].kind;
        size_t size = seg_value_bytes(kind);
        const void *from = kind == SEG_ID    ? (const void *)cols[c].ids
                           : kind == SEG_INT ? (const void *)cols[c].ints
                                             : (const void *)cols[c].doubles;
        memcpy((char *)w->data[c].values + w->n_rows * size, from, n_rows * size);
        if (kind != SEG_ID && !append_nulls(w, &w->data[c], n_rows, cols[c].nulls)) return no_memory(err);
    }
    w->n_rows += n_rows;
    return PT_OK;
}

/* ---- the file ------------------------------------------------------ */

typedef struct out_file {
    const char *path;
    int fd;
    uint64_t at; /* bytes put so far */
    size_t n;    /* of them still in buf */
    uint8_t *buf;
} out_file;

static pt_status file_flush(out_file *f, pt_err *err)
{
    size_t done = 0;
    while (done < f->n) {
        ssize_t some = write(f->fd, f->buf + done, f->n - done);
        if (some < 0 && errno == EINTR) continue;
        if (some < 0) return pt_fail_errno(err, PT_IO, "cannot write file '%s'", f->path);
        done += (size_t)some;
    }
    f->n = 0;
    return PT_OK;
}

static pt_status file_put(out_file *f, const void *bytes, size_t n, pt_err *err)
{
    f->at += n;
    while (n) {
        if (f->n == FILE_BUFFER) PT_TRY(file_flush(f, err));
        size_t some = n < FILE_BUFFER - f->n ? n : FILE_BUFFER - f->n;
        memcpy(f->buf + f->n, bytes, some);
        f->n += some;
        bytes = (const uint8_t *)bytes + some;
        n -= some;
    }
    return PT_OK;
}

static pt_status file_align(out_file *f, pt_err *err)
{
    static const uint8_t zeros[SEG_ALIGN];
    return file_put(f, zeros, seg_align(f->at) - f->at, err);
}

/* ---- sections ------------------------------------------------------ */

/* All that one finish needs. */
typedef struct job {
    const seg_writer *w;
    out_file file;
    seg_encoder *enc;
    uint32_t *perm;
    uint32_t n_blocks, n_indexes, n_builders;
    seg_chunk *chunks;
    index_builder **builders; /* one per asked index; [n_builders] of them made */
    strbuf footer, names, iblocks, indexes;
    int64_t values[SEG_BLOCK_ROWS];
    uint8_t nulls[SEG_BLOCK_ROWS];
    uint32_t ids[SEG_BLOCK_ROWS];
} job;

/* One block of a column in sorted order, widened to 64 bits. */
static void gather(job *j, uint32_t col, uint32_t from, uint32_t n)
{
    const column_data *d = &j->w->data[col];
    const uint32_t *perm = j->perm + from;
    if (j->w->columns[col].kind == SEG_ID) {
        const uint32_t *ids = d->values;
        for (uint32_t i = 0; i < n; i++) j->ids[i] = ids[perm[i]];
        for (uint32_t i = 0; i < n; i++) j->values[i] = j->ids[i];
        return;
    }
    const uint8_t *values = d->values; /* int64_t or double: the same 8 bytes */
    for (uint32_t i = 0; i < n; i++) memcpy(&j->values[i], values + (size_t)perm[i] * 8, 8);
    if (d->nulls)
        for (uint32_t i = 0; i < n; i++) j->nulls[i] = d->nulls[perm[i]];
}

static uint32_t block_rows(const job *j, uint32_t block)
{
    uint32_t from = block * SEG_BLOCK_ROWS;
    return j->w->n_rows - from < SEG_BLOCK_ROWS ? j->w->n_rows - from : SEG_BLOCK_ROWS;
}

/* The blocks of one column; *size_bytes is what they take. */
static pt_status write_column(job *j, uint32_t col, uint64_t *size_bytes, pt_err *err)
{
    *size_bytes = 0;
    for (uint32_t b = 0; b < j->n_blocks; b++) {
        uint32_t n = block_rows(j, b);
        seg_chunk *c = &j->chunks[(size_t)col * j->n_blocks + b];
        gather(j, col, b * SEG_BLOCK_ROWS, n);
        const uint8_t *bytes = seg_encode(j->enc, j->w->columns[col].kind, j->values,
                                          j->w->data[col].nulls ? j->nulls : NULL, n, c);
        PT_TRY(file_align(&j->file, err));
        c->offset = j->file.at;
        PT_TRY(file_put(&j->file, bytes, chunk_stored(c), err));
        *size_bytes += chunk_stored(c);
    }
    return PT_OK;
}

static void put_name(strbuf *record, strbuf *names, pt_str name)
{
    uint8_t r[8];
    store_u32(r, (uint32_t)names->len);
    store_u32(r + 4, (uint32_t)name.len);
    strbuf_add(record, (char *)r, sizeof r);
    strbuf_adds(names, name);
}

/* Blocks of a finished index behind each other, and their records. */
static pt_status write_index(job *j, const index_builder *x, pt_err *err)
{
    const seg_iblock *blocks;
    const uint8_t *bytes;
    uint64_t n_bytes;
    uint32_t n = index_builder_blocks(x, &blocks, &bytes, &n_bytes);
    if (n == 0) return PT_OK;
    PT_TRY(file_align(&j->file, err));
    for (uint32_t b = 0; b < n; b++) {
        uint8_t r[IBLOCK_BYTES] = {0};
        store_u64(r + IBLOCK_OFFSET, j->file.at + blocks[b].offset);
        store_u32(r + IBLOCK_SIZE, blocks[b].size);
        store_u32(r + IBLOCK_MEMBERS, blocks[b].n_members);
        store_u64(r + IBLOCK_SUM, blocks[b].checksum);
        r[IBLOCK_FORM] = blocks[b].form;
        r[IBLOCK_PLANES] = blocks[b].n_planes;
        strbuf_add(&j->iblocks, (char *)r, sizeof r);
    }
    uint8_t r[INDEX_NAME];
    store_u32(r + INDEX_COLUMN, index_builder_spec(x)->column);
    store_u32(r + INDEX_LEVEL, index_builder_spec(x)->level);
    strbuf_add(&j->indexes, (char *)r, sizeof r);
    put_name(&j->indexes, &j->names, index_builder_spec(x)->hierarchy);
    j->n_indexes++;
    return file_put(&j->file, bytes, n_bytes, err);
}

/* The indexes of one column. Together they may take as much as the column, each one half of it: beyond that,
 * reading the column is as fast. */
static pt_status write_indexes(job *j, uint32_t col, uint64_t column_bytes, pt_err *err)
{
    uint64_t floor = (uint64_t)INDEX_FLOOR * j->n_blocks, left = column_bytes + floor;
    for (uint32_t i = 0; i < j->n_builders; i++) {
        index_builder *x = j->builders[i];
        if (index_builder_spec(x)->column != col) continue;
        uint64_t most = column_bytes / 2 + floor, before = j->file.at;
        if (most > left) most = left;
        for (uint32_t b = 0; b < j->n_blocks; b++) {
            gather(j, col, b * SEG_BLOCK_ROWS, block_rows(j, b));
            PT_TRY(index_builder_add(x, j->ids, block_rows(j, b), most, err));
        }
        PT_TRY(write_index(j, x, err));
        uint64_t used = j->file.at - before;
        left -= used < left ? used : left;
    }
    return PT_OK;
}

static void put_chunk(strbuf *out, const seg_chunk *c)
{
    uint8_t r[CHUNK_BYTES] = {0};
    store_u64(r + CHUNK_OFFSET, c->offset);
    store_u32(r + CHUNK_SIZE, c->size);
    store_u32(r + CHUNK_RAW_SIZE, c->raw_size);
    store_u64(r + CHUNK_MIN, (uint64_t)c->min);
    store_u64(r + CHUNK_MAX, (uint64_t)c->max);
    store_u64(r + CHUNK_SUM, c->checksum);
    store_u32(r + CHUNK_NULLS, c->n_nulls);
    store_u32(r + CHUNK_NULL_BYTES, c->null_bytes);
    r[CHUNK_ENCODING] = c->encoding;
    r[CHUNK_WIDTH] = c->width;
    r[CHUNK_LZ4] = c->lz4;
    r[CHUNK_NULL_FORM] = c->null_form;
    strbuf_add(out, (char *)r, sizeof r);
}

static pt_status write_footer(job *j, uint64_t version, uint8_t head[HEAD_BYTES], pt_err *err)
{
    strbuf names = {0}; /* column names first, then those of the indexes */
    for (uint32_t c = 0; c < j->w->n_columns; c++) {
        const seg_column *col = &j->w->columns[c];
        uint8_t r[COL_BYTES - COL_KIND] = {(uint8_t)col->kind, col->scale};
        put_name(&j->footer, &names, col->name);
        strbuf_add(&j->footer, (char *)r, sizeof r);
    }
    for (size_t i = 0; i < (size_t)j->w->n_columns * j->n_blocks; i++) put_chunk(&j->footer, &j->chunks[i]);
    for (uint32_t i = 0; i < j->n_indexes; i++) { /* their names move behind those of the columns */
        uint8_t *at = (uint8_t *)j->indexes.ptr + (size_t)i * INDEX_BYTES + INDEX_NAME;
        store_u32(at, load_u32(at) + (uint32_t)names.len);
    }
    strbuf_adds(&names, strbuf_str(&j->names));
    strbuf_adds(&j->footer, strbuf_str(&j->indexes));
    strbuf_adds(&j->footer, strbuf_str(&j->iblocks));
    strbuf_adds(&j->footer, strbuf_str(&names));
    bool failed = j->footer.failed || j->indexes.failed || j->iblocks.failed || names.failed;
    strbuf_free(&names);
    if (failed) return no_memory(err);

    PT_TRY(file_align(&j->file, err));
    memcpy(head, SEG_MAGIC, 8);
    store_u32(head + HEAD_FORMAT, SEG_FORMAT);
    store_u32(head + HEAD_ROWS, j->w->n_rows);
    store_u32(head + HEAD_COLUMNS, j->w->n_columns);
    store_u32(head + HEAD_INDEXES, j->n_indexes);
    store_u64(head + HEAD_VERSION, version);
    store_u64(head + HEAD_FOOTER, j->file.at);
    store_u64(head + HEAD_FOOTER_BYTES, j->footer.len);
    store_u64(head + HEAD_FOOTER_SUM, hash_bytes(j->footer.ptr, j->footer.len));
    store_u64(head + HEAD_SUM, hash_bytes(head, HEAD_SUM));
    return file_put(&j->file, j->footer.ptr, j->footer.len, err);
}

/* ---- finishing ----------------------------------------------------- */

static pt_status sort_rows(job *j, const uint32_t *sort_cols, const uint32_t *const *rank_of, uint32_t n_sort,
                           pt_err *err)
{
    seg_sort_key *keys = mem_alloc(n_sort, sizeof *keys);
    if (!keys) return no_memory(err);
    for (uint32_t i = 0; i < n_sort; i++)
        keys[i] = (seg_sort_key){j->w->data[sort_cols[i]].values, rank_of ? rank_of[i] : NULL};
    pt_status st = seg_sort(keys, n_sort, j->w->n_rows, j->perm, err);
    mem_free(keys);
    return st;
}

static pt_status job_new(const seg_writer *w, const char *path, uint32_t n_indexes, job **out, pt_err *err)
{
    job *j = *out = mem_alloc(1, sizeof *j);
    if (!j) return no_memory(err);
    j->w = w;
    j->n_blocks = (w->n_rows + SEG_BLOCK_ROWS - 1) / SEG_BLOCK_ROWS;
    j->file.fd = -1;
    j->file.path = path;
    j->file.buf = mem_alloc(FILE_BUFFER, 1);
    j->enc = seg_encoder_new();
    j->perm = mem_alloc(w->n_rows, sizeof *j->perm);
    j->chunks = mem_alloc((size_t)w->n_columns * j->n_blocks, sizeof *j->chunks);
    j->builders = mem_alloc(n_indexes, sizeof *j->builders);
    return j->file.buf && j->enc && j->perm && j->chunks && j->builders ? PT_OK : no_memory(err);
}

static void job_free(job *j)
{
    if (!j) return;
    if (j->file.fd >= 0) close(j->file.fd);
    mem_free(j->file.buf);
    seg_encoder_free(j->enc);
    mem_free(j->perm);
    mem_free(j->chunks);
    for (uint32_t i = 0; i < j->n_builders; i++) index_builder_free(j->builders[i]);
    mem_free(j->builders);
    strbuf_free(&j->footer);
    strbuf_free(&j->names);
    strbuf_free(&j->iblocks);
    strbuf_free(&j->indexes);
    mem_free(j);
}

/* Header place, columns with their indexes, footer, and last the header itself; then sync. */
static pt_status write_file(job *j, uint64_t version, pt_err *err)
{
    uint8_t head[HEAD_BYTES] = {0};
    j->file.fd = open(j->file.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (j->file.fd < 0) return pt_fail_errno(err, PT_IO, "cannot create file '%s'", j->file.path);
    PT_TRY(file_put(&j->file, head, sizeof head, err));
    for (uint32_t c = 0; c < j->w->n_columns; c++) {
        uint64_t size;
        PT_TRY(write_column(j, c, &size, err));
        if (j->w->columns[c].kind == SEG_ID) PT_TRY(write_indexes(j, c, size, err));
    }
    PT_TRY(write_footer(j, version, head, err));
    PT_TRY(file_flush(&j->file, err));
    if (pwrite(j->file.fd, head, sizeof head, 0) != (ssize_t)sizeof head || fsync(j->file.fd) != 0)
        return pt_fail_errno(err, PT_IO, "cannot write file '%s'", j->file.path);
    int fd = j->file.fd;
    j->file.fd = -1;
    return close(fd) == 0 ? PT_OK : pt_fail_errno(err, PT_IO, "cannot write file '%s'", j->file.path);
}

pt_status seg_writer_finish(seg_writer *w, const char *path, const uint32_t *sort_cols,
                            const uint32_t *const *rank_of, uint32_t n_sort, const seg_index_spec *indexes,
                            uint32_t n_indexes, uint64_t version, pt_err *err)
{
    pt_status st;
    job *j = NULL;

    for (uint32_t i = 0; i < n_sort; i++)
        if (NEVER(sort_cols[i] >= w->n_columns || w->columns[sort_cols[i]].kind != SEG_ID))
            return pt_fail(err, PT_INTERNAL, "sort column %u is not an id column", sort_cols[i]);
    if (n_indexes > SEG_MAX_INDEXES)
        return pt_fail(err, PT_LIMIT, "a segment has at most %d indexes", SEG_MAX_INDEXES);
    if ((st = job_new(w, path, n_indexes, &j, err)) != PT_OK) goto done;
    for (; j->n_builders < n_indexes; j->n_builders++)
        if ((st = index_builder_new(&indexes[j->n_builders], &j->builders[j->n_builders], err)) != PT_OK)
            goto done;
    if ((st = sort_rows(j, sort_cols, rank_of, n_sort, err)) != PT_OK) goto done;
    st = write_file(j, version, err);
    if (st != PT_OK) unlink(path);
done:
    job_free(j);
    return st;
}
