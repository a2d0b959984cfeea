/* seg_decode.c - reading blocks of a segment.
 *
 * The first read of a chunk verifies its checksum and that all values lie within the zone; a flag then says
 * so to all threads (several may verify at once: they find the same). So whoever checked a zone against the
 * size of an array may index the array by the decoded ids. */
#include <lz4.h>

#include "base/map.h"
#include "storage/seg_int.h"
#include "storage/seg_rows.h"

/* 64-bit values as decoded: the array may be the caller's doubles. */
typedef int64_t __attribute__((may_alias)) bits64;

/* ---- bytes of a chunk ---------------------------------------------- */

static pt_status verify_checksum(const seg *s, const seg_chunk *c, uint32_t block, pt_err *err)
{
    if (hash_bytes(s->map.ptr + c->offset, chunk_stored(c)) == c->checksum) return PT_OK;
    return seg_damaged(s, err, "checksum", block);
}

pt_status chunk_unsqueeze(const seg *s, const seg_chunk *c, uint32_t block, uint8_t *out, pt_err *err)
{
    const char *from = (const char *)chunk_values(s, c);
    int n = LZ4_decompress_safe(from, (char *)out, (int)c->size, (int)c->raw_size);
    return n == (int)c->raw_size ? PT_OK : seg_damaged(s, err, "LZ4 data", block);
}

/* The encoded values: in the map, or unpacked by LZ4 into *heap, which the caller frees. */
static pt_status chunk_raw(const seg *s, const seg_chunk *c, uint32_t block, const uint8_t **raw,
                           uint8_t **heap, pt_err *err)
{
    *heap = NULL;
    *raw = chunk_values(s, c);
    if (!c->lz4) return PT_OK;
    *raw = *heap = mem_grow(NULL, c->raw_size, 1);
    if (!*heap) return pt_fail(err, PT_NOMEM, "out of memory while reading segment file '%s'", s->path);
    return chunk_unsqueeze(s, c, block, *heap, err);
}

/* ---- decoding ------------------------------------------------------ */

static uint64_t run_value(const uint8_t *p, unsigned bytes)
{
    uint64_t v = 0;
    memcpy(&v, p, bytes);
    return v;
}

/* Runs fill exactly n_rows values of the given type. */
#define DECODE_RUNS(type)                                                                                    \
    uint32_t n_runs = c->raw_size / (2u + c->width), row = 0;                                                \
    const uint8_t *values = raw + (size_t)n_runs * 2;                                                        \
    for (uint32_t r = 0; r < n_runs; r++) {                                                                  \
        uint32_t len = load_u16(raw + (size_t)r * 2) + 1u;                                                   \
        if (len > n_rows - row) return false;                                                                \
        type v = (type)((uint64_t)c->min + run_value(values + (size_t)r * c->width, c->width));              \
        for (type *to = out + row, *end = to + len; to < end; to++) *to = v;                                 \
        row += len;                                                                                          \
    }                                                                                                        \
    return row == n_rows;

static bool runs_u32(const seg_chunk *c, const uint8_t *raw, uint32_t n_rows, uint32_t *out)
{
    DECODE_RUNS(uint32_t)
}

static bool runs_i64(const seg_chunk *c, const uint8_t *raw, uint32_t n_rows, bits64 *out)
{
    DECODE_RUNS(int64_t)
}

/* Numbers beyond the dictionary (no writer makes them) read as min, so that every table look-up is in range.
 */
static void decode_dict(const kern_ops *k, const seg_chunk *c, const uint8_t *raw, uint32_t n_rows,
                        bits64 *out)
{
    enum { TILE = 1024 }; /* a multiple of 64: tiles start at whole words */
    uint64_t dict[1 << DICT_MAX_BITS];
    uint32_t codes[TILE];
    size_t n_dict = (c->raw_size - kern_packed_bytes(n_rows, c->width)) / 8;
    const uint8_t *packed = raw + n_dict * 8;
    memcpy(dict, raw, n_dict * 8);
    for (size_t i = n_dict; i < (size_t)1 << c->width; i++) dict[i] = (uint64_t)c->min;
    for (uint32_t at = 0; at < n_rows; at += TILE) {
        uint32_t n = n_rows - at < TILE ? n_rows - at : TILE;
        k->unpack_u32(packed + kern_packed_bytes(at, c->width), n, c->width, 0, codes);
        k->gather_u64(dict, codes, n, (uint64_t *)out + at);
    }
}

static bool decode_u32(const kern_ops *k, const seg_chunk *c, const uint8_t *raw, uint32_t n_rows,
                       uint32_t *out)
{
    switch ((seg_encoding)c->encoding) {
    case ENC_CONST:
        for (uint32_t i = 0; i < n_rows; i++) out[i] = (uint32_t)c->min;
        return true;
    case ENC_PACKED: k->unpack_u32(raw, n_rows, c->width, (uint32_t)c->min, out); return true;
    case ENC_RUNS: return runs_u32(c, raw, n_rows, out);
    case ENC_PLAIN: memcpy(out, raw, (size_t)n_rows * 4); return true;
    case ENC_DICT: break; /* ids have none */
    }
    return false;
}

static bool decode_i64(const kern_ops *k, const seg_chunk *c, const uint8_t *raw, uint32_t n_rows,
                       bits64 *out)
{
    switch ((seg_encoding)c->encoding) {
    case ENC_CONST:
        for (uint32_t i = 0; i < n_rows; i++) out[i] = c->min;
        return true;
    case ENC_PACKED: k->unpack_u64(raw, n_rows, c->width, (uint64_t)c->min, (uint64_t *)out); return true;
    case ENC_RUNS: return runs_i64(c, raw, n_rows, out);
    case ENC_PLAIN: memcpy(out, raw, (size_t)n_rows * 8); return true;
    case ENC_DICT: decode_dict(k, c, raw, n_rows, out); return true;
    }
    return false;
}

static bool within_u32(const uint32_t *v, uint32_t n, int64_t min, int64_t max)
{
    uint32_t lo = v[0], hi = v[0];
    for (uint32_t i = 1; i < n; i++) {
        lo = v[i] < lo ? v[i] : lo;
        hi = v[i] > hi ? v[i] : hi;
    }
    return lo >= min && hi <= max;
}

static bool within_i64(const bits64 *v, uint32_t n, int64_t min, int64_t max)
{
    int64_t lo = v[0], hi = v[0];
    for (uint32_t i = 1; i < n; i++) {
        lo = v[i] < lo ? v[i] : lo;
        hi = v[i] > hi ? v[i] : hi;
    }
    return lo >= min && hi <= max;
}

pt_status chunk_decode(const seg *s, uint32_t col, uint32_t block, uint32_t *ids, int64_t *ints, pt_err *err)
{
    const seg_chunk *c = seg_chunk_at(s, col, block);
    uint32_t n = seg_block_rows(s, block);
    bool is_first = !chunk_is_verified(s, c);
    const uint8_t *raw;
    uint8_t *heap = NULL;
    if (is_first) PT_TRY(verify_checksum(s, c, block, err));
    pt_status st = chunk_raw(s, c, block, &raw, &heap, err);
    if (st == PT_OK && !(ids ? decode_u32(s->kern, c, raw, n, ids) : decode_i64(s->kern, c, raw, n, ints)))
        st = seg_damaged(s, err, "run lengths", block);
    mem_free(heap);
    if (st != PT_OK || !is_first) return st;
    if (!(ids ? within_u32(ids, n, c->min, c->max) : within_i64(ints, n, c->min, c->max)))
        return seg_damaged(s, err, "values outside of their zone", block);
    atomic_store_explicit(&s->verified[c - s->chunks], 1, memory_order_release);
    return PT_OK;
}

static bool is_column(const seg *s, uint32_t col, uint32_t block, seg_kind kind)
{
    return ALWAYS(col < s->n_columns && block < s->n_blocks && s->columns[col].kind == kind);
}

static pt_status wrong_column(pt_err *err)
{
    return pt_fail(err, PT_INTERNAL, "a segment was read as what it is not");
}

pt_status seg_read_ids(const seg *s, uint32_t col, uint32_t block, uint32_t *out, pt_err *err)
{
    if (!is_column(s, col, block, SEG_ID)) return wrong_column(err);
    return chunk_decode(s, col, block, out, NULL, err);
}

/* ---- nulls --------------------------------------------------------- */

pt_status chunk_or_nulls(const seg *s, const seg_chunk *c, uint32_t block, uint64_t *bits, pt_err *err)
{
    uint32_t n = seg_block_rows(s, block);
    if (c->n_nulls == n) {
        for (uint32_t w = 0; w < n / 64; w++) bits[w] = ~0ull;
        if (n % 64) bits[n / 64] |= (1ull << (n % 64)) - 1;
        return PT_OK;
    }
    if (rows_or((rows_form)c->null_form, s->map.ptr + c->offset, c->null_bytes, c->n_nulls, n, bits))
        return PT_OK;
    return seg_damaged(s, err, "null rows", block);
}

/* Null rows hold a neighbour's value: make them read as 0. */
static pt_status zero_nulls(const seg *s, const seg_chunk *c, uint32_t block, bits64 *v, pt_err *err)
{
    uint64_t bits[SEG_BLOCK_WORDS] = {0};
    if (c->n_nulls == 0) return PT_OK;
    PT_TRY(chunk_or_nulls(s, c, block, bits, err));
    for (uint32_t w = 0; w < seg_words(seg_block_rows(s, block)); w++)
        for (uint64_t word = bits[w]; word; word &= word - 1) v[w * 64 + (uint32_t)__builtin_ctzll(word)] = 0;
    return PT_OK;
}

pt_status seg_read_ints(const seg *s, uint32_t col, uint32_t block, int64_t *out, pt_err *err)
{
    if (!is_column(s, col, block, SEG_INT)) return wrong_column(err);
    PT_TRY(chunk_decode(s, col, block, NULL, out, err));
    return zero_nulls(s, seg_chunk_at(s, col, block), block, out, err);
}

pt_status seg_read_doubles(const seg *s, uint32_t col, uint32_t block, double *out, pt_err *err)
{
    if (!is_column(s, col, block, SEG_DOUBLE)) return wrong_column(err);
    bits64 *patterns = (bits64 *)out;
    PT_TRY(chunk_decode(s, col, block, NULL, patterns, err));
    return zero_nulls(s, seg_chunk_at(s, col, block), block, patterns, err);
}

pt_status seg_read_nulls(const seg *s, uint32_t col, uint32_t block, uint64_t *bits, bool *any, pt_err *err)
{
    if (!ALWAYS(col < s->n_columns && block < s->n_blocks)) return wrong_column(err);
    const seg_chunk *c = seg_chunk_at(s, col, block);
    *any = c->n_nulls != 0;
    if (!*any) return PT_OK;
    if (!chunk_is_verified(s, c)) PT_TRY(verify_checksum(s, c, block, err));
    memset(bits, 0, SEG_BLOCK_WORDS * sizeof *bits);
    return chunk_or_nulls(s, c, block, bits, err);
}

/* ---- checking ------------------------------------------------------ */

/* One chunk, whatever was read of it before. */
static pt_status check_chunk(const seg *s, uint32_t col, uint32_t block, int64_t *buf, uint64_t *bits,
                             pt_err *err)
{
    const seg_chunk *c = seg_chunk_at(s, col, block);
    bool any;
    atomic_store_explicit(&s->verified[c - s->chunks], 0, memory_order_release);
    PT_TRY(seg_read_nulls(s, col, block, bits, &any, err));
    switch (s->columns[col].kind) {
    case SEG_ID: return chunk_decode(s, col, block, (uint32_t *)buf, NULL, err);
    case SEG_INT:
    case SEG_DOUBLE: return chunk_decode(s, col, block, NULL, buf, err);
    }
    return PT_OK;
}

pt_status seg_check(const seg *s, pt_err *err)
{
    int64_t *buf = mem_alloc(SEG_BLOCK_ROWS, sizeof *buf);
    uint64_t *bits = mem_alloc(SEG_BLOCK_WORDS, sizeof *bits);
    pt_status st = buf && bits ? PT_OK : pt_fail(err, PT_NOMEM, "out of memory while checking '%s'", s->path);
    for (uint32_t c = 0; c < s->n_columns && st == PT_OK; c++)
        for (uint32_t b = 0; b < s->n_blocks && st == PT_OK; b++) st = check_chunk(s, c, b, buf, bits, err);
    for (uint32_t i = 0; i < s->n_indexes && st == PT_OK; i++)
        for (uint32_t b = 0; b < s->n_blocks && st == PT_OK; b++)
            st = seg_index_check(&s->indexes[i], b, err);
    mem_free(buf);
    mem_free(bits);
    return st;
}
