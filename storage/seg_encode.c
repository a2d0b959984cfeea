/* seg_encode.c - one column within one block: the smallest of constant, packed, runs and plain, LZ4 on top
 * where it pays.
 *
 * All kinds are encoded as int64_t: ids widened, doubles by their bit patterns. Null rows take the value of
 * the row before (so that they cost nothing in runs and never widen the range); the null set tells them
 * apart. */
#include <lz4.h>

#include "base/kernel/kern.h"
#include "base/map.h"
#include "storage/seg_int.h"
#include "storage/seg_pack.h"
#include "storage/seg_rows.h"

enum {
    RAW_CAP = SEG_BLOCK_ROWS * 8,
    OUT_CAP = RAW_CAP + SEG_BLOCK_WORDS * 8 + SEG_ALIGN,
    LZ4_MIN_BYTES = 512, /* smaller chunks are not worth a second step */
    LZ4_WIDE_BITS = 32,  /* wider values are also tried as LZ4 of the plain bytes */
};

struct seg_encoder {
    uint8_t raw[RAW_CAP];
    uint8_t out[OUT_CAP];
    uint16_t rows[SEG_BLOCK_ROWS];
};

typedef struct shape {
    int64_t min, max;
    uint32_t n_runs;
    unsigned width; /* bits of max - min */
} shape;

seg_encoder *seg_encoder_new(void)
{
    return mem_alloc(1, sizeof(seg_encoder));
}

void seg_encoder_free(seg_encoder *e)
{
    mem_free(e);
}

/* ---- nulls --------------------------------------------------------- */

/* Give null rows the value of the nearest row before that has one (the first rows: of the first behind).
 * Collects the null rows and counts their runs. */
static uint32_t take_nulls(int64_t *v, const uint8_t *nulls, uint32_t n, uint16_t *rows, uint32_t *n_runs)
{
    uint32_t count = 0, first = 0;
    while (first < n && nulls[first]) first++;
    int64_t last = first < n ? v[first] : 0;
    *n_runs = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (nulls[i]) {
            *n_runs += i == 0 || !nulls[i - 1];
            rows[count++] = (uint16_t)i;
            v[i] = last;
        } else {
            last = v[i];
        }
    }
    return count;
}

static void encode_nulls(seg_encoder *e, int64_t *v, const uint8_t *nulls, uint32_t n, seg_chunk *c)
{
    uint32_t n_runs;
    c->n_nulls = nulls ? take_nulls(v, nulls, n, e->rows, &n_runs) : 0;
    if (c->n_nulls == 0 || c->n_nulls == n) return; /* none or all: no set is stored */
    rows_form form = rows_choose(c->n_nulls, n_runs, n, &c->null_bytes);
    c->null_form = (uint8_t)form;
    rows_write(form, e->rows, c->n_nulls, n, e->out);
    memset(e->out + c->null_bytes, 0, seg_align(c->null_bytes) - c->null_bytes);
}

/* ---- values -------------------------------------------------------- */

static shape look(const int64_t *v, uint32_t n)
{
    int64_t min = v[0], max = v[0];
    uint32_t n_runs = 1;
    for (uint32_t i = 1; i < n; i++) {
        min = v[i] < min ? v[i] : min;
        max = v[i] > max ? v[i] : max;
        n_runs += v[i] != v[i - 1];
    }
    return (shape){min, max, n_runs, pack_width((uint64_t)max - (uint64_t)min)};
}

/* 1, 2, 4 or 8 bytes for so many bits. */
static unsigned run_value_bytes(unsigned width)
{
    return width <= 8 ? 1 : width <= 16 ? 2 : width <= 32 ? 4 : 8;
}

static void write_runs(const int64_t *v, uint32_t n, const shape *s, unsigned bytes, uint8_t *out)
{
    uint8_t *lengths = out, *values = out + (size_t)s->n_runs * 2;
    for (uint32_t i = 0; i < n;) {
        uint32_t j = i + 1;
        while (j < n && v[j] == v[i]) j++;
        uint64_t off = (uint64_t)v[i] - (uint64_t)s->min;
        store_u16(lengths, (uint16_t)(j - i - 1));
        memcpy(values, &off, bytes);
        lengths += 2;
        values += bytes;
        i = j;
    }
}

static void write_plain(const int64_t *v, uint32_t n, uint32_t value_bytes, uint8_t *out)
{
    if (value_bytes == 8) {
        memcpy(out, v, (size_t)n * 8);
        return;
    }
    for (uint32_t i = 0; i < n; i++) store_u32(out + (size_t)i * 4, (uint32_t)v[i]);
}

/* The smallest encoding before LZ4. */
static void choose(seg_kind kind, uint32_t n, const shape *s, seg_chunk *c)
{
    unsigned run_bytes = run_value_bytes(s->width);
    uint32_t plain = n * seg_value_bytes(kind);
    uint32_t packed = (uint32_t)kern_packed_bytes(n, s->width);
    uint32_t runs = s->n_runs * (2 + run_bytes);
    if (s->width == 0) {
        c->encoding = ENC_CONST;
        c->raw_size = 0;
    } else if (runs < packed && runs < plain) {
        c->encoding = ENC_RUNS;
        c->width = (uint8_t)run_bytes;
        c->raw_size = runs;
    } else if (packed < plain) {
        c->encoding = ENC_PACKED;
        c->width = (uint8_t)s->width;
        c->raw_size = packed;
    } else {
        c->encoding = ENC_PLAIN;
        c->raw_size = plain;
    }
}

/* LZ4 of e->raw straight into `out`, if that saves a quarter of what it replaces: less is not worth the time
 * at every read. */
static bool squeeze(const seg_encoder *e, uint32_t raw_size, uint32_t replaced, uint8_t *out, seg_chunk *c)
{
    if (raw_size < LZ4_MIN_BYTES) return false;
    int n = LZ4_compress_default((const char *)e->raw, (char *)out, (int)raw_size, (int)(replaced / 4 * 3));
    if (n <= 0) return false;
    c->lz4 = 1;
    c->size = (uint32_t)n;
    c->raw_size = raw_size;
    return true;
}

/* Few distinct wide values (prices as doubles) repeat as bytes, which packing would hide from LZ4. */
static bool squeeze_plain(seg_encoder *e, seg_kind kind, const int64_t *v, uint32_t n, uint8_t *out,
                          seg_chunk *c)
{
    if (c->encoding != ENC_PACKED || c->width <= LZ4_WIDE_BITS) return false;
    write_plain(v, n, seg_value_bytes(kind), e->raw);
    if (!squeeze(e, n * seg_value_bytes(kind), c->raw_size, out, c)) return false;
    c->encoding = ENC_PLAIN;
    c->width = 0;
    return true;
}

static void encode_values(seg_encoder *e, seg_kind kind, const int64_t *v, uint32_t n, uint8_t *out,
                          seg_chunk *c)
{
    shape s = look(v, n);
    c->min = s.min;
    c->max = s.max;
    choose(kind, n, &s, c);
    if (squeeze_plain(e, kind, v, n, out, c)) return;
    switch ((seg_encoding)c->encoding) {
    case ENC_CONST: break;
    case ENC_PACKED: pack_values(v, n, s.min, s.width, e->raw); break;
    case ENC_RUNS: write_runs(v, n, &s, c->width, e->raw); break;
    case ENC_PLAIN: write_plain(v, n, seg_value_bytes(kind), e->raw); break;
    }
    if (squeeze(e, c->raw_size, c->raw_size, out, c)) return;
    c->size = c->raw_size;
    memcpy(out, e->raw, c->raw_size);
}

const uint8_t *seg_encode(seg_encoder *e, seg_kind kind, int64_t *values, const uint8_t *nulls, uint32_t n,
                          seg_chunk *chunk)
{
    *chunk = (seg_chunk){0};
    encode_nulls(e, values, nulls, n, chunk);
    encode_values(e, kind, values, n, e->out + seg_align(chunk->null_bytes), chunk);
    chunk->checksum = hash_bytes(e->out, chunk_stored(chunk));
    return e->out;
}
