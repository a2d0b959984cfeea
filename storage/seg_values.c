/* seg_values.c - reading some rows of a block's column.
 *
 * Constant, plain, packed and dictionary values are reached directly; runs by walking on from the run last
 * used. What lies under LZ4 is freed of that first; a chunk that was never read must be verified whole, and
 * so is decoded. Rows that lie close together are cheaper to unpack with their neighbours than one by one. */
#include "storage/seg_int.h"

enum {
    CLOSE = 4,                      /* unpack neighbours too while there are at most so many for a row */
    RAW_MOST = SEG_BLOCK_ROWS * 10, /* bytes of a chunk: as many runs as rows */
};

/* ---- runs ---------------------------------------------------------- */

static void start_run(seg_values *v, uint32_t run, uint32_t row)
{
    uint64_t x = 0;
    memcpy(&x, v->raw + (size_t)v->n_runs * 2 + (size_t)run * v->width, v->width);
    v->run = run;
    v->run_at = row;
    v->run_end = row + load_u16(v->raw + (size_t)run * 2) + 1u;
    v->run_value = (uint64_t)v->base + x;
}

/* Move to the run that covers `row`. Rows mostly ascend, so it is this one or one soon after; or they are
 * looked at once more. */
static void find_run(seg_values *v, uint32_t row)
{
    if (row < v->run_at) {
        bool is_again = row >= v->again_at;
        start_run(v, is_again ? v->again : 0, is_again ? v->again_at : 0);
    }
    while (row >= v->run_end && v->run + 1 < v->n_runs) start_run(v, v->run + 1, v->run_end);
}

static void begin_part(seg_values *v, uint32_t row)
{
    find_run(v, row);
    v->again = v->run;
    v->again_at = v->run_at;
}

/* ---- opening ------------------------------------------------------- */

static pt_status find_raw(seg_values *v, const seg_chunk *c, uint32_t block, pt_err *err)
{
    v->raw = chunk_values(v->seg, c);
    if (!c->lz4) return PT_OK;
    if (!v->unsqueezed) v->unsqueezed = mem_grow(NULL, RAW_MOST, 1);
    if (!v->unsqueezed) return pt_fail(err, PT_NOMEM, "out of memory while reading facts");
    v->raw = v->unsqueezed;
    return chunk_unsqueeze(v->seg, c, block, v->unsqueezed, err);
}

pt_status seg_values_open(seg_values *v, const seg *s, uint32_t col, uint32_t block, pt_err *err)
{
    if (!ALWAYS(col < s->n_columns && block < s->n_blocks))
        return pt_fail(err, PT_INTERNAL, "a segment was read as what it is not");
    const seg_chunk *c = seg_chunk_at(s, col, block);
    v->seg = s;
    v->n_rows = seg_block_rows(s, block);
    v->base = c->min;
    v->encoding = c->encoding;
    v->width = c->width;
    v->is_id = s->columns[col].kind == SEG_ID;
    v->is_decoded = !chunk_is_verified(s, c);
    v->any_null = c->n_nulls != 0;
    if (!v->decoded) v->decoded = mem_grow(NULL, SEG_BLOCK_ROWS, sizeof(uint64_t));
    if (!v->decoded) return pt_fail(err, PT_NOMEM, "out of memory while reading facts");
    if (!v->is_decoded) PT_TRY(find_raw(v, c, block, err));
    if (v->is_decoded) {
        PT_TRY(chunk_decode(s, col, block, v->is_id ? v->decoded : NULL, v->is_id ? NULL : v->decoded, err));
    } else if (c->encoding == ENC_DICT) {
        if (!v->dict) v->dict = mem_alloc((size_t)1 << DICT_MAX_BITS, sizeof *v->dict);
        if (!v->dict) return pt_fail(err, PT_NOMEM, "out of memory while reading facts");
        size_t n_bytes = c->raw_size - kern_packed_bytes(v->n_rows, c->width);
        memcpy(v->dict, v->raw, n_bytes);
        v->raw += n_bytes;
        /* verified when first read; were there codes beyond the dictionary, they would read as min */
        for (size_t i = n_bytes / 8; i < (size_t)1 << c->width; i++) v->dict[i] = (uint64_t)c->min;
    } else if (c->encoding == ENC_RUNS) {
        v->n_runs = c->raw_size / (2u + c->width);
        start_run(v, 0, 0);
        v->again = v->again_at = 0;
    }
    if (!v->any_null) return PT_OK;
    if (!v->nulls) v->nulls = mem_alloc(SEG_BLOCK_WORDS, sizeof *v->nulls);
    if (!v->nulls) return pt_fail(err, PT_NOMEM, "out of memory while reading facts");
    memset(v->nulls, 0, SEG_BLOCK_WORDS * sizeof *v->nulls);
    return chunk_or_nulls(s, c, block, v->nulls, err);
}

void seg_values_close(seg_values *v)
{
    mem_free(v->decoded);
    mem_free(v->unsqueezed);
    mem_free(v->dict);
    mem_free(v->nulls);
    *v = (seg_values){0};
}

/* ---- parts --------------------------------------------------------- */

/* The rows in question: scattered, or from `first` on. */
typedef struct part {
    const uint32_t *rows;
    uint32_t first, n;
} part;

static uint32_t row_at(const part *p, uint32_t i)
{
    return p->rows ? p->rows[i] : p->first + i;
}

/* Of scattered rows that are close together: where the first lies in whole words, and how many there are to
 * the last. */
static bool is_close(const part *p, uint32_t *from, uint32_t *n)
{
    *from = p->rows[0] / 64 * 64;
    *n = p->rows[p->n - 1] + 1 - *from;
    return *n <= p->n * CLOSE;
}

#define READ_PART(T, ctype)                                                                                  \
    static void unpack_range_##T(const seg_values *v, uint32_t from, uint32_t n, ctype *out)                 \
    {                                                                                                        \
        v->seg->kern->unpack_##T(v->raw + kern_packed_bytes(from, v->width), n, v->width, (ctype)v->base,    \
                                 out);                                                                       \
    }                                                                                                        \
    static void pick_near_##T(const ctype *near, uint32_t from, const part *p, ctype *out)                   \
    {                                                                                                        \
        for (uint32_t i = 0; i < p->n; i++) out[i] = near[p->rows[i] - from];                                \
    }                                                                                                        \
    static void read_packed_##T(seg_values *v, const part *p, ctype *out)                                    \
    {                                                                                                        \
        const kern_ops *k = v->seg->kern;                                                                    \
        uint32_t from, n;                                                                                    \
        if (!p->rows) {                                                                                      \
            unpack_range_##T(v, p->first, p->n, out);                                                        \
        } else if (is_close(p, &from, &n)) {                                                                 \
            unpack_range_##T(v, from, n, v->decoded);                                                        \
            pick_near_##T(v->decoded, from, p, out);                                                         \
        } else {                                                                                             \
            k->pick_##T(v->raw, v->n_rows, v->width, (ctype)v->base, p->rows, p->n, out);                    \
        }                                                                                                    \
    }                                                                                                        \
    static void read_array_##T(const void *array, const part *p, ctype *out)                                 \
    {                                                                                                        \
        const ctype *values = array;                                                                         \
        if (p->rows)                                                                                         \
            pick_near_##T(values, 0, p, out);                                                                \
        else                                                                                                 \
            memcpy(out, values + p->first, p->n * sizeof *out);                                              \
    }                                                                                                        \
    static void read_part_##T(seg_values *v, const part *p, ctype *out)                                      \
    {                                                                                                        \
        if (v->is_decoded) {                                                                                 \
            read_array_##T(v->decoded, p, out);                                                              \
            return;                                                                                          \
        }                                                                                                    \
        switch ((seg_encoding)v->encoding) {                                                                 \
        case ENC_CONST:                                                                                      \
            for (uint32_t i = 0; i < p->n; i++) out[i] = (ctype)v->base;                                     \
            break;                                                                                           \
        case ENC_PACKED: read_packed_##T(v, p, out); break;                                                  \
        case ENC_PLAIN: read_array_##T(v->raw, p, out); break;                                               \
        case ENC_RUNS:                                                                                       \
            begin_part(v, row_at(p, 0));                                                                     \
            for (uint32_t i = 0; i < p->n;) {                                                                \
                find_run(v, row_at(p, i));                                                                   \
                ctype value = (ctype)v->run_value;                                                           \
                do out[i++] = value;                                                                         \
                while (i < p->n && row_at(p, i) < v->run_end);                                               \
            }                                                                                                \
            break;                                                                                           \
        case ENC_DICT: break;                                                                                \
        }                                                                                                    \
    }

READ_PART(u32, uint32_t)
READ_PART(u64, uint64_t)

static void read_dict(seg_values *v, const part *p, uint64_t *out)
{
    uint32_t codes[SEG_PART_ROWS];
    seg_values packed = *v;
    packed.base = 0;
    read_packed_u32(&packed, p, codes);
    v->seg->kern->gather_u64(v->dict, codes, p->n, out);
}

void seg_values_ids(seg_values *v, const uint32_t *rows, uint32_t first, uint32_t n, uint32_t *out)
{
    if (NEVER(!v->is_id || n > SEG_PART_ROWS) || n == 0) return;
    read_part_u32(v, &(part){rows, first, n}, out);
}

kern_soon seg_values_soon(const seg_values *v, uint32_t first, uint32_t n)
{
    if (v->is_decoded || v->encoding != ENC_PACKED || first >= v->n_rows) return (kern_soon){0};
    if (n > v->n_rows - first) n = v->n_rows - first;
    return (kern_soon){(const char *)v->raw + kern_packed_bytes(first, v->width),
                       kern_packed_bytes(n, v->width)};
}

static void zero_nulls(const seg_values *v, const part *p, uint64_t *out)
{
    for (uint32_t i = 0; i < p->n; i++) {
        uint32_t row = row_at(p, i);
        if (v->nulls[row / 64] >> (row % 64) & 1) out[i] = 0;
    }
}

void seg_values_words(seg_values *v, const uint32_t *rows, uint32_t first, uint32_t n, uint64_t *out)
{
    if (NEVER(v->is_id || n > SEG_PART_ROWS) || n == 0) return;
    part p = {rows, first, n};
    if (!v->is_decoded && v->encoding == ENC_DICT)
        read_dict(v, &p, out);
    else
        read_part_u64(v, &p, out);
    if (v->any_null) zero_nulls(v, &p, out);
}

bool seg_values_between(seg_values *v, uint32_t first, uint32_t last, uint32_t *min, uint32_t *max)
{
    enum { LONG_RUNS = 64 }; /* rows: shorter ones are not worth a look of their own */
    if (v->is_decoded || !v->is_id || v->encoding != ENC_RUNS || v->n_runs > v->n_rows / LONG_RUNS + 1)
        return false;
    begin_part(v, first);
    *min = *max = (uint32_t)v->run_value;
    while (v->run_end <= last && v->run + 1 < v->n_runs) {
        find_run(v, v->run_end);
        uint32_t id = (uint32_t)v->run_value;
        *min = id < *min ? id : *min;
        *max = id > *max ? id : *max;
    }
    return true;
}
