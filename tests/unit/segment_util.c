/* segment_util.c - checksums for damaged segments, and use of every part. */
#include "segment_util.h"

#include <stdlib.h>

#include "base/map.h"

/* ---- checksums ----------------------------------------------------- */

static void repair_sum(uint8_t *image, size_t end, uint64_t offset, uint64_t size, uint8_t *sum)
{
    if (offset <= end && size <= end - offset) store_u64(sum, hash_bytes(image + offset, size));
}

static void repair_chunk(uint8_t *image, size_t end, uint8_t *r)
{
    seg_chunk c = {.size = load_u32(r + CHUNK_SIZE), .null_bytes = load_u32(r + CHUNK_NULL_BYTES)};
    repair_sum(image, end, load_u64(r + CHUNK_OFFSET), chunk_stored(&c), r + CHUNK_SUM);
}

void repair_segment(uint8_t *image, size_t size)
{
    if (size < HEAD_BYTES) return;
    uint64_t footer = load_u64(image + HEAD_FOOTER), n_columns = load_u32(image + HEAD_COLUMNS);
    uint64_t n_blocks = (load_u32(image + HEAD_ROWS) + (uint64_t)SEG_BLOCK_ROWS - 1) / SEG_BLOCK_ROWS;
    uint64_t n_indexes = load_u32(image + HEAD_INDEXES);
    if (footer < HEAD_BYTES || footer > size) return;
    uint64_t room = size - footer, at = n_columns * COL_BYTES;
    for (uint64_t i = 0; i < n_columns * n_blocks && at + CHUNK_BYTES <= room; i++, at += CHUNK_BYTES)
        repair_chunk(image, footer, image + footer + at);
    at += n_indexes * INDEX_BYTES;
    for (uint64_t i = 0; i < n_indexes * n_blocks && at + IBLOCK_BYTES <= room; i++, at += IBLOCK_BYTES) {
        uint8_t *r = image + footer + at;
        repair_sum(image, footer, load_u64(r + IBLOCK_OFFSET), load_u32(r + IBLOCK_SIZE), r + IBLOCK_SUM);
    }
    store_u64(image + HEAD_FOOTER_BYTES, room);
    store_u64(image + HEAD_FOOTER_SUM, hash_bytes(image + footer, room));
    store_u64(image + HEAD_SUM, hash_bytes(image, HEAD_SUM));
}

/* ---- reading everything -------------------------------------------- */

static void read_block(const seg *s, uint32_t col, uint32_t block, void *buf)
{
    uint64_t bits[SEG_BLOCK_WORDS];
    bool any;
    seg_zone z = seg_zone_of(s, col, block);
    uint32_t n = seg_block_rows(s, block);
    switch (seg_column_at(s, col)->kind) {
    case SEG_ID:
        if (seg_read_ids(s, col, block, buf, NULL) != PT_OK) break;
        for (uint32_t i = 0; i < n; i++)
            if (((uint32_t *)buf)[i] < z.min || ((uint32_t *)buf)[i] > z.max) abort();
        break;
    case SEG_INT:
        if (seg_read_ints(s, col, block, buf, NULL) != PT_OK) break;
        for (uint32_t i = 0; i < n; i++)
            if (!z.n_nulls && (((int64_t *)buf)[i] < z.min || ((int64_t *)buf)[i] > z.max)) abort();
        break;
    case SEG_DOUBLE:
        if (seg_read_doubles(s, col, block, buf, NULL) != PT_OK) break;
        break;
    }
    if (seg_read_nulls(s, col, block, bits, &any, NULL) != PT_OK) return;
}

static void read_index(const seg_index *x, uint32_t block, seg_mask *m)
{
    uint64_t bits[SEG_BLOCK_WORDS];
    uint8_t wanted[1024];
    uint32_t n_words = (seg_block_rows(x->seg, block) + 63) / 64;
    for (uint32_t every = 1; every <= 64; every *= 4) {
        for (uint32_t i = 0; i < ARRAY_LEN(wanted); i++) wanted[i] = i % every == 0;
        for (uint32_t n = 1; n <= ARRAY_LEN(wanted); n *= 32) {
            memset(bits, 0xff, sizeof bits);
            if (seg_mask_set(m, x, block, wanted, n, NULL) != PT_OK) return;
            if (seg_mask_is(m) == MASK_SOME) seg_mask_and(m, bits, 0, n_words);
        }
    }
}

void exercise_segment(const seg *s)
{
    int64_t *buf = malloc(SEG_BLOCK_ROWS * sizeof *buf);
    if (!buf) return;
    for (uint32_t c = 0; c < seg_n_columns(s); c++) {
        const seg_column *col = seg_column_at(s, c);
        if (seg_find(s, col->name, col->kind == SEG_ID) > (int)c) abort();
        for (uint32_t b = 0; b < seg_blocks(s); b++) read_block(s, c, b, buf);
    }
    for (uint32_t i = 0; i < s->n_indexes; i++)
        for (uint32_t b = 0; b < seg_blocks(s); b++) {
            seg_mask *m; /* remembers the members that it was last given: a new one for each block */
            if (seg_mask_new(&m, NULL) != PT_OK) break;
            read_index(&s->indexes[i], b, m);
            seg_mask_free(m);
        }
    if (seg_check(s, NULL) == PT_OK)
        for (uint32_t c = 0; c < seg_n_columns(s); c++)
            for (uint32_t b = 0; b < seg_blocks(s); b++) read_block(s, c, b, buf);
    free(buf);
}
