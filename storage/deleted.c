/* deleted.c - reading portable Roaring bitmaps from storage.
 *
 * The format is that of https://github.com/RoaringBitmap/RoaringFormatSpec: a cookie, (key, cardinality - 1)
 * of each container, perhaps offsets, then the containers: sorted arrays of up to 4,096 values, bitmaps of 8
 * KB, or runs. */
#include "storage/deleted.h"

#include "base/map.h"
#include "storage/bytes.h"
#include "storage/segment.h"

enum {
    COOKIE_PLAIN = 12346, /* no run containers; the number of containers follows */
    COOKIE_RUNS = 12347,  /* in the low half; containers - 1 in the high half, then a bit each: it is runs */
    ARRAY_MOST = 4096,
    BITMAP_BYTES = 8192,
    OFFSETS_FROM = 4 /* with run containers, offsets are stored from this many containers on */
};

typedef struct reader {
    const uint8_t *at, *end;
} reader;

/* The next n bytes, or NULL. */
static const uint8_t *take(reader *r, size_t n)
{
    if ((size_t)(r->end - r->at) < n) return NULL;
    r->at += n;
    return r->at - n;
}

static bool is_array_sound(reader *r, uint32_t count)
{
    const uint8_t *v = take(r, (size_t)count * 2);
    if (!v) return false;
    for (uint32_t i = 1; i < count; i++)
        if (load_u16(v + (size_t)i * 2) <= load_u16(v + (size_t)i * 2 - 2)) return false;
    return true;
}

static bool is_bitmap_sound(reader *r, uint32_t count)
{
    const uint8_t *v = take(r, BITMAP_BYTES);
    uint32_t n = 0;
    for (uint32_t i = 0; v && i < BITMAP_BYTES; i += 8) n += (uint32_t)__builtin_popcountll(load_u64(v + i));
    return v && n == count;
}

static bool are_runs_sound(reader *r, uint32_t count)
{
    const uint8_t *head = take(r, 2);
    uint32_t n_runs = head ? load_u16(head) : 0, next = 0, total = 0;
    const uint8_t *v = take(r, (size_t)n_runs * 4);
    if (!v || n_runs == 0) return false;
    for (uint32_t i = 0; i < n_runs; i++) {
        uint32_t from = load_u16(v + (size_t)i * 4), len = load_u16(v + (size_t)i * 4 + 2) + 1u;
        if (from < next || from + len > 65536) return false;
        next = from + len + 1;
        total += len;
    }
    return total == count;
}

static bool are_containers_sound(reader *r, uint32_t n, const uint8_t *is_runs, const uint8_t *heads)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t key = load_u16(heads + (size_t)i * 4), count = load_u16(heads + (size_t)i * 4 + 2) + 1u;
        if (i && key <= load_u16(heads + (size_t)i * 4 - 4)) return false;
        bool ok = is_runs && (is_runs[i / 8] >> (i % 8) & 1) ? are_runs_sound(r, count)
                  : count <= ARRAY_MOST                      ? is_array_sound(r, count)
                                                             : is_bitmap_sound(r, count);
        if (!ok) return false;
    }
    return r->at == r->end;
}

/* Offsets are skipped: the containers follow each other in order, and Roaring reads them so. */
static bool is_sound(pt_str bytes)
{
    reader r = {(const uint8_t *)bytes.ptr, (const uint8_t *)bytes.ptr + bytes.len};
    const uint8_t *head = take(&r, 4), *is_runs = NULL;
    if (!head) return false;
    uint32_t cookie = load_u32(head), n;
    if ((cookie & 0xffff) == COOKIE_RUNS) {
        n = (cookie >> 16) + 1;
        if (!(is_runs = take(&r, (n + 7) / 8))) return false;
    } else {
        const uint8_t *count = cookie == COOKIE_PLAIN ? take(&r, 4) : NULL;
        if (!count) return false;
        n = load_u32(count);
    }
    if (n > SEG_MAX_ROWS / SEG_BLOCK_ROWS) return false;
    const uint8_t *heads = take(&r, (size_t)n * 4);
    if (!heads || ((!is_runs || n >= OFFSETS_FROM) && !take(&r, (size_t)n * 4))) return false;
    return are_containers_sound(&r, n, is_runs, heads);
}

pt_status deleted_parse(pt_str bytes, uint32_t n_rows, roaring_bitmap_t **out)
{
    *out = NULL;
    if (!is_sound(bytes)) return PT_CORRUPT;
    roaring_bitmap_t *rows = roaring_bitmap_portable_deserialize_safe(bytes.ptr, bytes.len);
    if (!rows) return PT_NOMEM;
    if (!roaring_bitmap_is_empty(rows) && roaring_bitmap_maximum(rows) >= n_rows) {
        roaring_bitmap_free(rows);
        return PT_CORRUPT;
    }
    *out = rows;
    return PT_OK;
}

pt_status deleted_new(pt_str bytes, uint32_t n_rows, deleted **out)
{
    *out = NULL;
    deleted *d = mem_alloc(1, sizeof *d);
    if (!d) return PT_NOMEM;
    atomic_init(&d->refs, 1);
    d->sum = hash_bytes(bytes.ptr, bytes.len);
    pt_status st = deleted_parse(bytes, n_rows, &d->rows);
    if (st == PT_OK)
        *out = d;
    else
        mem_free(d);
    return st;
}

void deleted_put(deleted *d)
{
    if (!d || atomic_fetch_sub_explicit(&d->refs, 1, memory_order_acq_rel) != 1) return;
    roaring_bitmap_free(d->rows);
    mem_free(d);
}
