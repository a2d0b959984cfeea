/* seg_rows.c - sets of rows within a block: arrays, runs and bitmaps. */
#include "storage/seg_rows.h"

rows_form rows_choose(uint32_t count, uint32_t n_runs, uint32_t n_rows, uint32_t *bytes)
{
    uint32_t array = count * 2, runs = n_runs * 4, bitmap = seg_words(n_rows) * 8;
    if (runs <= array && runs <= bitmap) {
        *bytes = runs;
        return ROWS_RUNS;
    }
    *bytes = array <= bitmap ? array : bitmap;
    return array <= bitmap ? ROWS_ARRAY : ROWS_BITMAP;
}

static void write_runs(const uint16_t *rows, uint32_t count, uint8_t *out)
{
    for (uint32_t i = 0; i < count;) {
        uint32_t j = i + 1;
        while (j < count && rows[j] == rows[j - 1] + 1) j++;
        store_u16(out, rows[i]);
        store_u16(out + 2, (uint16_t)(j - i - 1));
        out += 4;
        i = j;
    }
}

void rows_write(rows_form form, const uint16_t *rows, uint32_t count, uint32_t n_rows, uint8_t *out)
{
    switch (form) {
    case ROWS_ARRAY: memcpy(out, rows, (size_t)count * 2); return;
    case ROWS_RUNS: write_runs(rows, count, out); return;
    case ROWS_BITMAP:
        memset(out, 0, (size_t)seg_words(n_rows) * 8);
        for (uint32_t i = 0; i < count; i++) out[rows[i] / 8] |= (uint8_t)(1u << (rows[i] % 8));
        return;
    }
}

/* ---- reading ------------------------------------------------------- */

static bool or_array(const uint8_t *in, uint32_t count, uint32_t n_rows, uint64_t *bits)
{
    uint32_t next = 0; /* smallest row that may follow */
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = load_u16(in + (size_t)i * 2);
        if (row < next || row >= n_rows) return false;
        bits[row / 64] |= 1ull << (row % 64);
        next = row + 1;
    }
    return true;
}

static void set_range(uint64_t *bits, uint32_t from, uint32_t to) /* [from, to), not empty */
{
    uint32_t first = from / 64, last = (to - 1) / 64;
    uint64_t head = ~0ull << (from % 64), tail = ~0ull >> (63 - (to - 1) % 64);
    if (first == last) {
        bits[first] |= head & tail;
        return;
    }
    bits[first] |= head;
    for (uint32_t w = first + 1; w < last; w++) bits[w] = ~0ull;
    bits[last] |= tail;
}

static bool or_runs(const uint8_t *in, uint32_t n_runs, uint32_t count, uint32_t n_rows, uint64_t *bits)
{
    uint32_t next = 0, total = 0;
    for (uint32_t i = 0; i < n_runs; i++) {
        uint32_t from = load_u16(in + (size_t)i * 4), to = from + load_u16(in + (size_t)i * 4 + 2) + 1u;
        if (from < next || to > n_rows) return false;
        set_range(bits, from, to);
        total += to - from;
        next = to + 1;
    }
    return total == count;
}

static bool or_bitmap(const uint8_t *in, uint32_t count, uint32_t n_rows, uint64_t *bits)
{
    uint32_t n = seg_words(n_rows), total = 0;
    uint64_t last = load_u64(in + (size_t)(n - 1) * 8);
    if (n_rows % 64 && last >> (n_rows % 64)) return false;
    for (uint32_t w = 0; w < n; w++) {
        uint64_t word = load_u64(in + (size_t)w * 8);
        bits[w] |= word;
        total += (uint32_t)__builtin_popcountll(word);
    }
    return total == count;
}

bool rows_or(rows_form form, const uint8_t *in, uint32_t bytes, uint32_t count, uint32_t n_rows,
             uint64_t *bits)
{
    if (n_rows == 0 || n_rows > SEG_BLOCK_ROWS) return false;
    switch (form) {
    case ROWS_ARRAY: return bytes == (uint64_t)count * 2 && or_array(in, count, n_rows, bits);
    case ROWS_RUNS: return bytes % 4 == 0 && or_runs(in, bytes / 4, count, n_rows, bits);
    case ROWS_BITMAP: return bytes == seg_words(n_rows) * 8 && or_bitmap(in, count, n_rows, bits);
    }
    return false;
}
