/* seg_open.c - mapping a segment file: the header and every record of the footer are verified before anything
 * else trusts an offset or a length. Chunks and index blocks verify themselves when first read. */
#include <errno.h>
#include <stdio.h>

#include "base/map.h"
#include "storage/seg_int.h"
#include "storage/seg_pack.h"

pt_status seg_damaged(const seg *s, pt_err *err, const char *what, uint32_t block)
{
    pt_fail(err, PT_CORRUPT, "segment file '%s' is damaged: %s, block %u", s->path, what, block);
    return pt_hint(err, "restore the file from a backup, or load its data again");
}

static pt_status bad(const seg *s, pt_err *err, const char *what)
{
    pt_fail(err, PT_CORRUPT, "segment file '%s' is damaged: %s", s->path, what);
    return pt_hint(err, "restore the file from a backup, or load its data again");
}

static pt_status no_memory(const seg *s, pt_err *err)
{
    return pt_fail(err, PT_NOMEM, "out of memory while opening segment file '%s'", s->path);
}

/* ---- records ------------------------------------------------------- */

/* A stored name; false if it is not within the names. */
static bool get_name(const uint8_t *record, const uint8_t *names, size_t n_names, pt_str *out)
{
    uint32_t at = load_u32(record), len = load_u32(record + 4);
    if (len > SEG_MAX_NAME || at > n_names || len > n_names - at) return false;
    *out = (pt_str){(const char *)names + at, len};
    return true;
}

static bool get_column(const uint8_t *r, const uint8_t *names, size_t n_names, seg_column *c)
{
    if (r[COL_KIND] < SEG_ID || r[COL_KIND] > SEG_DOUBLE) return false;
    c->kind = (seg_kind)r[COL_KIND];
    c->scale = r[COL_SCALE];
    return get_name(r + COL_NAME, names, n_names, &c->name);
}

static void get_chunk(const uint8_t *r, seg_chunk *c)
{
    c->offset = load_u64(r + CHUNK_OFFSET);
    c->size = load_u32(r + CHUNK_SIZE);
    c->raw_size = load_u32(r + CHUNK_RAW_SIZE);
    c->min = (int64_t)load_u64(r + CHUNK_MIN);
    c->max = (int64_t)load_u64(r + CHUNK_MAX);
    c->checksum = load_u64(r + CHUNK_SUM);
    c->n_nulls = load_u32(r + CHUNK_NULLS);
    c->null_bytes = load_u32(r + CHUNK_NULL_BYTES);
    c->encoding = r[CHUNK_ENCODING];
    c->width = r[CHUNK_WIDTH];
    c->lz4 = r[CHUNK_LZ4];
    c->null_form = r[CHUNK_NULL_FORM];
}

/* Bytes [offset, offset + size) lie between header and footer, at a multiple of 64. */
static bool is_section(const uint8_t *head, uint64_t offset, uint64_t size)
{
    uint64_t end = load_u64(head + HEAD_FOOTER);
    return offset % SEG_ALIGN == 0 && offset >= HEAD_BYTES && offset <= end && size <= end - offset;
}

/* Numbers of `width` bits behind a dictionary that has no more values than these can tell. */
static bool is_dict_sound(const seg_chunk *c, uint32_t n_rows)
{
    size_t packed = kern_packed_bytes(n_rows, c->width);
    return c->width >= 1 && c->width <= DICT_MAX_BITS && c->raw_size > packed &&
           (c->raw_size - packed) % 8 == 0 && (c->raw_size - packed) / 8 <= (size_t)1 << c->width;
}

/* The encoding fits the sizes, so that decoding reads raw_size bytes and writes n_rows values. */
static bool is_encoding_sound(const seg_chunk *c, seg_kind kind, uint32_t n_rows)
{
    uint32_t value_bytes = seg_value_bytes(kind);
    switch (c->encoding) {
    case ENC_CONST: return c->raw_size == 0 && c->min == c->max && !c->lz4;
    case ENC_PACKED:
        return c->width >= 1 && c->width <= value_bytes * 8 &&
               c->raw_size == kern_packed_bytes(n_rows, c->width);
    case ENC_RUNS:
        return (c->width == 1 || c->width == 2 || c->width == 4 || c->width == 8) &&
               c->width <= value_bytes && c->raw_size > 0 && c->raw_size % (2u + c->width) == 0 &&
               c->raw_size / (2u + c->width) <= n_rows;
    case ENC_PLAIN: return c->raw_size == n_rows * value_bytes;
    case ENC_DICT: return kind != SEG_ID && is_dict_sound(c, n_rows);
    default: return false;
    }
}

static bool is_chunk_sound(const uint8_t *head, const seg_chunk *c, seg_kind kind, uint32_t n_rows)
{
    if (c->lz4 > 1 || c->null_form > ROWS_BITMAP || c->min > c->max) return false;
    if (kind == SEG_ID && (c->min < 0 || c->max > UINT32_MAX || c->n_nulls)) return false;
    if (c->n_nulls > n_rows || c->null_bytes > SEG_BLOCK_WORDS * 8) return false;
    if ((c->null_bytes != 0) != (c->n_nulls != 0 && c->n_nulls != n_rows)) return false;
    if (!is_encoding_sound(c, kind, n_rows)) return false;
    if (c->lz4 ? c->size >= c->raw_size : c->size != c->raw_size) return false;
    return is_section(head, c->offset, chunk_stored(c));
}

static bool get_iblock(const uint8_t *head, const uint8_t *r, uint32_t n_rows, seg_iblock *x)
{
    x->offset = load_u64(r + IBLOCK_OFFSET);
    x->size = load_u32(r + IBLOCK_SIZE);
    x->n_members = load_u32(r + IBLOCK_MEMBERS);
    x->checksum = load_u64(r + IBLOCK_SUM);
    x->form = r[IBLOCK_FORM];
    x->n_planes = r[IBLOCK_PLANES];
    if (x->n_members == 0 || x->n_members > n_rows || !is_section(head, x->offset, x->size)) return false;
    if (x->form == INDEX_SETS) return x->n_planes == 0 && x->size >= (uint64_t)x->n_members * 12 + 8;
    unsigned least = pack_width(x->n_members - 1);
    bool is_sound = x->form == INDEX_PLANES ? x->n_planes == least
                                            : x->n_planes >= least && x->n_planes <= INDEX_MAX_PLANES;
    return x->form <= INDEX_CODES && is_sound &&
           x->size == index_list_bytes(x) + (uint64_t)x->n_planes * seg_words(n_rows) * 8;
}

/* ---- header and footer --------------------------------------------- */

static pt_status read_header(seg *s, pt_err *err)
{
    const uint8_t *h = s->map.ptr;
    if (s->map.size < HEAD_BYTES || memcmp(h, SEG_MAGIC, 8) != 0)
        return bad(s, err, "it does not start as a segment does");
    if (load_u32(h + HEAD_FORMAT) < 1 || load_u32(h + HEAD_FORMAT) > SEG_FORMAT)
        return pt_fail(err, PT_VERSION, "segment file '%s' has format %u, this program knows formats 1 to %d",
                       s->path, load_u32(h + HEAD_FORMAT), SEG_FORMAT);
    if (hash_bytes(h, HEAD_SUM) != load_u64(h + HEAD_SUM)) return bad(s, err, "header checksum");
    uint64_t footer = load_u64(h + HEAD_FOOTER), footer_bytes = load_u64(h + HEAD_FOOTER_BYTES);
    if (footer % SEG_ALIGN || footer < HEAD_BYTES || footer > s->map.size ||
        s->map.size - footer != footer_bytes)
        return bad(s, err, "its length is not what its header says");
    if (hash_bytes(h + footer, footer_bytes) != load_u64(h + HEAD_FOOTER_SUM))
        return bad(s, err, "footer checksum");
    s->version = load_u64(h + HEAD_VERSION);
    s->n_rows = load_u32(h + HEAD_ROWS);
    s->n_columns = load_u32(h + HEAD_COLUMNS);
    s->n_indexes = load_u32(h + HEAD_INDEXES);
    if (s->n_rows > SEG_MAX_ROWS || s->n_columns > SEG_MAX_COLUMNS || s->n_indexes > SEG_MAX_INDEXES)
        return bad(s, err, "its header has counts out of range");
    s->n_blocks = (s->n_rows + SEG_BLOCK_ROWS - 1) / SEG_BLOCK_ROWS;
    return PT_OK;
}

static pt_status read_columns(seg *s, const uint8_t *at, const uint8_t *names, size_t n_names, pt_err *err)
{
    s->columns = arena_array(s->mem, seg_column, s->n_columns);
    if (!s->columns) return no_memory(s, err);
    for (uint32_t c = 0; c < s->n_columns; c++)
        if (!get_column(at + (size_t)c * COL_BYTES, names, n_names, &s->columns[c]))
            return bad(s, err, "a column record");
    return PT_OK;
}

static pt_status read_chunks(seg *s, const uint8_t *at, pt_err *err)
{
    size_t n = (size_t)s->n_columns * s->n_blocks;
    s->chunks = arena_array(s->mem, seg_chunk, n);
    s->verified = arena_array(s->mem, atomic_uchar, n);
    if (!s->chunks || !s->verified) return no_memory(s, err);
    for (size_t i = 0; i < n; i++) {
        uint32_t block = (uint32_t)(i % s->n_blocks);
        get_chunk(at + i * CHUNK_BYTES, &s->chunks[i]);
        if (!is_chunk_sound(s->map.ptr, &s->chunks[i], s->columns[i / s->n_blocks].kind,
                            seg_block_rows(s, block)))
            return seg_damaged(s, err, "a chunk record", block);
    }
    return PT_OK;
}

static pt_status read_indexes(seg *s, const uint8_t *at, const uint8_t *names, size_t n_names, pt_err *err)
{
    const uint8_t *block_at = at + (size_t)s->n_indexes * INDEX_BYTES;
    s->indexes = arena_array(s->mem, seg_index, s->n_indexes);
    if (!s->indexes) return no_memory(s, err);
    for (uint32_t i = 0; i < s->n_indexes; i++) {
        seg_index *x = &s->indexes[i];
        const uint8_t *r = at + (size_t)i * INDEX_BYTES;
        x->seg = s;
        x->column = load_u32(r + INDEX_COLUMN);
        x->level = load_u32(r + INDEX_LEVEL);
        if (x->column >= s->n_columns || s->columns[x->column].kind != SEG_ID ||
            !get_name(r + INDEX_NAME, names, n_names, &x->hierarchy))
            return bad(s, err, "an index record");
        x->blocks = arena_array(s->mem, seg_iblock, s->n_blocks);
        x->sums = arena_array(s->mem, _Atomic uint64_t, s->n_blocks);
        if (!x->blocks || !x->sums) return no_memory(s, err);
        for (uint32_t b = 0; b < s->n_blocks; b++, block_at += IBLOCK_BYTES)
            if (!get_iblock(s->map.ptr, block_at, seg_block_rows(s, b), &x->blocks[b]))
                return seg_damaged(s, err, "an index block record", b);
    }
    return PT_OK;
}

static pt_status read_footer(seg *s, pt_err *err)
{
    const uint8_t *at = s->map.ptr + load_u64(s->map.ptr + HEAD_FOOTER);
    uint64_t size = load_u64(s->map.ptr + HEAD_FOOTER_BYTES);
    uint64_t columns = (uint64_t)s->n_columns * COL_BYTES;
    uint64_t chunks = (uint64_t)s->n_columns * s->n_blocks * CHUNK_BYTES;
    uint64_t indexes = s->n_indexes * (INDEX_BYTES + (uint64_t)s->n_blocks * IBLOCK_BYTES);
    if (columns + chunks + indexes > size) return bad(s, err, "its footer is too short");
    const uint8_t *names = at + columns + chunks + indexes;
    size_t n_names = size - (columns + chunks + indexes);
    PT_TRY(read_columns(s, at, names, n_names, err));
    PT_TRY(read_chunks(s, at + columns, err));
    return read_indexes(s, at + columns + chunks, names, n_names, err);
}

/* ---- life ---------------------------------------------------------- */

static void seg_free(seg *s)
{
    if (s->image)
        mem_free(s->image);
    else
        fs_unmap(&s->map);
    arena_free(s->mem);
    mem_free(s);
}

/* An open segment without bytes yet. */
static pt_status seg_new(const char *path, seg **out, pt_err *err)
{
    seg *s = *out = mem_alloc(1, sizeof *s);
    if (s) {
        atomic_init(&s->refs, 1);
        s->kern = kern_get();
        s->mem = arena_new(0);
        s->path = s->mem ? arena_dup(s->mem, path, strlen(path)) : NULL;
        if (s->path) return PT_OK;
        seg_free(s);
    }
    return pt_fail(err, PT_NOMEM, "out of memory while opening segment file '%s'", path);
}

/* Everything but the chunks and index blocks themselves. Frees s on failure. */
static pt_status seg_read(seg *s, seg **out, pt_err *err)
{
    pt_status st = read_header(s, err);
    if (st == PT_OK) st = read_footer(s, err);
    if (st == PT_OK)
        *out = s;
    else
        seg_free(s);
    return st;
}

pt_status seg_open(const char *path, seg **out, pt_err *err)
{
    seg *s;
    *out = NULL;
    PT_TRY(seg_new(path, &s, err));
    pt_status st = fs_map(path, &s->map, err);
    if (st == PT_OK) return seg_read(s, out, err);
    seg_free(s);
    return st;
}

pt_status seg_of_image(uint8_t *image, size_t size, seg **out, pt_err *err)
{
    seg *s;
    *out = NULL;
    pt_status st = seg_new("(in memory)", &s, err);
    if (st != PT_OK) {
        mem_free(image);
        return st;
    }
    s->image = image;
    s->map = (file_map){image, size};
    return seg_read(s, out, err);
}

void seg_get(seg *s)
{
    atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
}

void seg_put(seg *s)
{
    if (s && atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) == 1) seg_free(s);
}

/* ---- facts about it ------------------------------------------------ */

uint32_t seg_rows(const seg *s)
{
    return s->n_rows;
}

uint32_t seg_blocks(const seg *s)
{
    return s->n_blocks;
}

uint32_t seg_block_rows(const seg *s, uint32_t block)
{
    uint32_t left = s->n_rows - block * SEG_BLOCK_ROWS;
    return left < SEG_BLOCK_ROWS ? left : SEG_BLOCK_ROWS;
}

uint64_t seg_version(const seg *s)
{
    return s->version;
}

uint64_t seg_bytes(const seg *s)
{
    return s->map.size;
}

uint32_t seg_n_columns(const seg *s)
{
    return s->n_columns;
}

const seg_column *seg_column_at(const seg *s, uint32_t col)
{
    return &s->columns[col];
}

int seg_find(const seg *s, pt_str name, bool is_id)
{
    for (uint32_t c = 0; c < s->n_columns; c++)
        if ((s->columns[c].kind == SEG_ID) == is_id && str_eq(s->columns[c].name, name)) return (int)c;
    return -1;
}

seg_zone seg_zone_of(const seg *s, uint32_t col, uint32_t block)
{
    const seg_chunk *c = seg_chunk_at(s, col, block);
    return (seg_zone){c->min, c->max, c->n_nulls};
}

bool seg_is_squeezed(const seg *s, uint32_t col, uint32_t block)
{
    return seg_chunk_at(s, col, block)->lz4;
}
