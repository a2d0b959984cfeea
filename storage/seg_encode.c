/* seg_encode.c - one column within one block: the smallest of constant, packed, runs and plain, LZ4 on top
 * where it pays.
 *
 * All kinds are encoded as int64_t: ids widened, doubles by their bit patterns. Null rows take the value of
 * the row before (so that they cost nothing in runs and never widen the range); the null set tells them
 * apart. */
#include <stdlib.h>

#include <lz4.h>

#include "base/kernel/kern.h"
#include "base/map.h"
#include "storage/seg_int.h"
#include "storage/seg_pack.h"
#include "storage/seg_rows.h"

enum {
    RAW_CAP = SEG_BLOCK_ROWS * 8,
    OUT_CAP = RAW_CAP + SEG_BLOCK_WORDS * 8 + SEG_ALIGN,
    DICT_MOST = 1 << DICT_MAX_BITS,
    DICT_SLOTS = DICT_MOST * 2,
    LZ4_MIN_BYTES = 4096, /* smaller chunks are not worth a second step */
};

struct seg_encoder {
    uint8_t raw[RAW_CAP];
    uint8_t out[OUT_CAP];
    uint16_t rows[SEG_BLOCK_ROWS];
    /* the dictionary of the chunk at hand */
    uint32_t n_dict;
    int64_t dict[DICT_MOST];    /* ascending */
    uint16_t slots[DICT_SLOTS]; /* number in order of appearance, + 1; 0: empty */
    uint16_t order[DICT_MOST];  /* that number -> number in dict */
    int64_t appeared[DICT_MOST];
    int64_t codes[SEG_BLOCK_ROWS];
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

/* ---- dictionary ---------------------------------------------------- */

/* The slot that holds v, or the empty one where it belongs. */
static uint32_t slot_of(const seg_encoder *e, int64_t v)
{
    uint32_t i = (uint32_t)hash_u64((uint64_t)v) & (DICT_SLOTS - 1);
    while (e->slots[i] && e->appeared[e->slots[i] - 1] != v) i = (i + 1) & (DICT_SLOTS - 1);
    return i;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* Collect the different values; false as soon as there are too many. */
static bool build_dict(seg_encoder *e, const int64_t *v, uint32_t n)
{
    memset(e->slots, 0, sizeof e->slots);
    e->n_dict = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t slot = i && v[i] == v[i - 1] ? DICT_SLOTS : slot_of(e, v[i]);
        if (slot < DICT_SLOTS && !e->slots[slot]) {
            if (e->n_dict == DICT_MOST) return false;
            e->appeared[e->n_dict++] = v[i];
            e->slots[slot] = (uint16_t)e->n_dict;
        }
    }
    memcpy(e->dict, e->appeared, e->n_dict * sizeof *e->dict);
    qsort(e->dict, e->n_dict, sizeof *e->dict, by_value);
    for (uint32_t i = 0; i < e->n_dict; i++) e->order[e->slots[slot_of(e, e->dict[i])] - 1] = (uint16_t)i;
    return true;
}

static uint32_t dict_bytes(const seg_encoder *e, uint32_t n)
{
    return e->n_dict * 8 + (uint32_t)kern_packed_bytes(n, pack_width(e->n_dict - 1));
}

static void write_dict(seg_encoder *e, const int64_t *v, uint32_t n, unsigned width)
{
    memcpy(e->raw, e->dict, e->n_dict * sizeof *e->dict);
    for (uint32_t i = 0; i < n; i++) e->codes[i] = e->order[e->slots[slot_of(e, v[i])] - 1];
    pack_values(e->codes, n, 0, width, e->raw + e->n_dict * sizeof *e->dict);
}

/* ---- choosing ------------------------------------------------------ */

static void pick(seg_chunk *c, seg_encoding encoding, unsigned width, uint32_t bytes)
{
    c->encoding = (uint8_t)encoding;
    c->width = (uint8_t)width;
    c->raw_size = bytes;
}

/* The smallest encoding before LZ4. */
static void choose(seg_encoder *e, seg_kind kind, const int64_t *v, uint32_t n, const shape *s, seg_chunk *c)
{
    unsigned run_bytes = run_value_bytes(s->width);
    uint32_t packed = (uint32_t)kern_packed_bytes(n, s->width), runs = s->n_runs * (2 + run_bytes);
    pick(c, ENC_PLAIN, 0, n * seg_value_bytes(kind));
    if (packed < c->raw_size) pick(c, ENC_PACKED, s->width, packed);
    if (runs < c->raw_size) pick(c, ENC_RUNS, run_bytes, runs);
    if (s->width == 0) pick(c, ENC_CONST, 0, 0);
    bool may_shrink = kind != SEG_ID && c->raw_size > n && s->width > DICT_MAX_BITS;
    if (may_shrink && build_dict(e, v, n) && dict_bytes(e, n) < c->raw_size)
        pick(c, ENC_DICT, pack_width(e->n_dict - 1), dict_bytes(e, n));
}

/* LZ4 of e->raw straight into `out`, if that saves at least half: less is not worth its time at every read.
 */
static bool squeeze(const seg_encoder *e, uint8_t *out, seg_chunk *c)
{
    if (c->raw_size < LZ4_MIN_BYTES) return false;
    int n = LZ4_compress_default((const char *)e->raw, (char *)out, (int)c->raw_size, (int)c->raw_size / 2);
    if (n <= 0) return false;
    c->lz4 = 1;
    c->size = (uint32_t)n;
    return true;
}

static void encode_values(seg_encoder *e, seg_kind kind, const int64_t *v, uint32_t n, uint8_t *out,
                          seg_chunk *c)
{
    shape s = look(v, n);
    c->min = s.min;
    c->max = s.max;
    choose(e, kind, v, n, &s, c);
    switch ((seg_encoding)c->encoding) {
    case ENC_CONST: break;
    case ENC_PACKED: pack_values(v, n, s.min, s.width, e->raw); break;
    case ENC_RUNS: write_runs(v, n, &s, c->width, e->raw); break;
    case ENC_PLAIN: write_plain(v, n, seg_value_bytes(kind), e->raw); break;
    case ENC_DICT: write_dict(e, v, n, c->width); break;
    }
    if (squeeze(e, out, c)) return;
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
