/* seg_write.c - a collected and sorted table as a file: columns with their indexes, footer, header.
 *
 * Blocks are gathered through the permutation, column by column. The file is complete and synced when
 * seg_write returns PT_OK; on any failure it is removed. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/map.h"
#include "storage/seg_int.h"

/* What is written at once stays in the page cache in one piece: it is mapped as a large page. */
enum { FILE_BUFFER = 2 << 20 };
/* All indexes of a column together may take so much. */
enum { INDEX_ROW_BYTES = 3, INDEX_FLOOR = 4096 };

static pt_status no_memory(pt_err *err)
{
    return pt_fail(err, PT_NOMEM, "out of memory while writing a segment");
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

/* All that one file needs. */
typedef struct job {
    const seg_table *t;
    const uint32_t *perm;
    out_file file;
    seg_encoder *enc;
    uint32_t n_blocks, n_indexes, n_builders;
    seg_chunk *chunks;
    index_builder **builders; /* one per asked hierarchy; [n_builders] of them made */
    strbuf footer, names, iblocks, indexes;
    int64_t values[SEG_BLOCK_ROWS];
    uint8_t nulls[SEG_BLOCK_ROWS];
    uint32_t ids[SEG_BLOCK_ROWS];
} job;

/* One block of a column in sorted order, widened to 64 bits. */
static void gather(job *j, uint32_t col, uint32_t from, uint32_t n)
{
    const seg_data *d = &j->t->data[col];
    const uint32_t *perm = j->perm + from;
    if (j->t->columns[col].kind == SEG_ID) {
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

static pt_status index_block(job *j, uint32_t col, uint32_t n_rows, pt_err *err)
{
    for (uint32_t i = 0; i < j->n_builders; i++)
        if (index_builder_spec(j->builders[i])->column == col)
            PT_TRY(index_builder_add(j->builders[i], j->ids, n_rows, err));
    return PT_OK;
}

/* The blocks of one column, and its indexes in the making. */
static pt_status write_column(job *j, uint32_t col, pt_err *err)
{
    seg_kind kind = j->t->columns[col].kind;
    for (uint32_t b = 0; b < j->n_blocks; b++) {
        uint32_t from = b * SEG_BLOCK_ROWS, left = j->t->n_rows - from;
        uint32_t n = left < SEG_BLOCK_ROWS ? left : SEG_BLOCK_ROWS;
        seg_chunk *c = &j->chunks[(size_t)col * j->n_blocks + b];
        gather(j, col, from, n);
        const uint8_t *bytes =
            seg_encode(j->enc, kind, j->values, j->t->data[col].nulls ? j->nulls : NULL, n, c);
        PT_TRY(file_align(&j->file, err));
        c->offset = j->file.at;
        PT_TRY(file_put(&j->file, bytes, chunk_stored(c), err));
        if (kind == SEG_ID) PT_TRY(index_block(j, col, n, err));
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

/* The finished indexes of one column, as many as there is room for. */
static pt_status write_indexes(job *j, uint32_t col, pt_err *err)
{
    uint64_t left = (uint64_t)j->t->n_rows * INDEX_ROW_BYTES + (uint64_t)INDEX_FLOOR * j->n_blocks;
    for (uint32_t i = 0; i < j->n_builders; i++) {
        const seg_iblock *blocks;
        const uint8_t *bytes;
        uint64_t n_bytes;
        if (index_builder_spec(j->builders[i])->column != col) continue;
        if (index_builder_blocks(j->builders[i], &blocks, &bytes, &n_bytes) == 0 || n_bytes > left) continue;
        PT_TRY(write_index(j, j->builders[i], err));
        left -= n_bytes;
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
    for (uint32_t c = 0; c < j->t->n_columns; c++) {
        const seg_column *col = &j->t->columns[c];
        uint8_t r[COL_BYTES - COL_KIND] = {(uint8_t)col->kind, col->scale};
        put_name(&j->footer, &names, col->name);
        strbuf_add(&j->footer, (char *)r, sizeof r);
    }
    for (size_t i = 0; i < (size_t)j->t->n_columns * j->n_blocks; i++) put_chunk(&j->footer, &j->chunks[i]);
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
    store_u32(head + HEAD_ROWS, j->t->n_rows);
    store_u32(head + HEAD_COLUMNS, j->t->n_columns);
    store_u32(head + HEAD_INDEXES, j->n_indexes);
    store_u64(head + HEAD_VERSION, version);
    store_u64(head + HEAD_FOOTER, j->file.at);
    store_u64(head + HEAD_FOOTER_BYTES, j->footer.len);
    store_u64(head + HEAD_FOOTER_SUM, hash_bytes(j->footer.ptr, j->footer.len));
    store_u64(head + HEAD_SUM, hash_bytes(head, HEAD_SUM));
    return file_put(&j->file, j->footer.ptr, j->footer.len, err);
}

/* ---- the whole ------------------------------------------------------ */

static bool same_hierarchy(const seg_index_spec *x, const seg_index_spec *y)
{
    return x->column == y->column && str_eq(x->hierarchy, y->hierarchy);
}

static pt_status job_new(const seg_table *t, const char *path, const uint32_t *perm,
                         const seg_index_spec *indexes, uint32_t n_indexes, job **out, pt_err *err)
{
    job *j = *out = mem_alloc(1, sizeof *j);
    if (!j) return no_memory(err);
    j->t = t;
    j->perm = perm;
    j->n_blocks = (t->n_rows + SEG_BLOCK_ROWS - 1) / SEG_BLOCK_ROWS;
    j->file.fd = -1;
    j->file.path = path;
    j->file.buf = mem_alloc(FILE_BUFFER, 1);
    j->enc = seg_encoder_new();
    j->chunks = mem_alloc((size_t)t->n_columns * j->n_blocks, sizeof *j->chunks);
    j->builders = mem_alloc(n_indexes, sizeof *j->builders);
    if (!j->file.buf || !j->enc || !j->chunks || !j->builders) return no_memory(err);
    for (uint32_t i = 0, n; i < n_indexes; i += n) {
        for (n = 1; i + n < n_indexes && same_hierarchy(&indexes[i], &indexes[i + n]);) n++;
        PT_TRY(index_builder_new(indexes + i, n, &j->builders[j->n_builders], err));
        j->n_builders++;
    }
    return PT_OK;
}

static void job_free(job *j)
{
    if (!j) return;
    if (j->file.fd >= 0) close(j->file.fd);
    mem_free(j->file.buf);
    seg_encoder_free(j->enc);
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
    PT_TRY(file_put(&j->file, head, sizeof head, err));
    for (uint32_t c = 0; c < j->t->n_columns; c++) {
        PT_TRY(write_column(j, c, err));
        PT_TRY(write_indexes(j, c, err));
    }
    PT_TRY(write_footer(j, version, head, err));
    PT_TRY(file_flush(&j->file, err));
    if (pwrite(j->file.fd, head, sizeof head, 0) != (ssize_t)sizeof head || fsync(j->file.fd) != 0)
        return pt_fail_errno(err, PT_IO, "cannot write file '%s'", j->file.path);
    int fd = j->file.fd;
    j->file.fd = -1;
    return close(fd) == 0 ? PT_OK : pt_fail_errno(err, PT_IO, "cannot write file '%s'", j->file.path);
}

pt_status seg_write(const seg_table *t, const char *path, const uint32_t *perm, const seg_index_spec *indexes,
                    uint32_t n_indexes, uint64_t version, pt_err *err)
{
    job *j;
    pt_status st = job_new(t, path, perm, indexes, n_indexes, &j, err);
    if (st == PT_OK) {
        j->file.fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (j->file.fd < 0) {
            st = pt_fail_errno(err, PT_IO, "cannot create file '%s'", path);
        } else {
            st = write_file(j, version, err);
            if (st != PT_OK) unlink(path);
        }
    }
    job_free(j);
    return st;
}
