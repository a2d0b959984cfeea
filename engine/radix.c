/* radix.c - sorting of 64-bit numbers, alone or with something in tow, from the lowest byte to the highest;
 * bytes that are the same in all numbers cost nothing. */
#include "engine/radix.h"

#include <stdbool.h>

enum { N_BYTES = 8, N_VALUES = 256 };

/* Starts of the buckets of each byte; false for bytes that do not differ. */
typedef struct histogram {
    size_t start[N_BYTES][N_VALUES];
    bool differs[N_BYTES];
} histogram;

static void finish(histogram *h, size_t n, uint64_t sample)
{
    for (int b = 0; b < N_BYTES; b++) {
        size_t at = 0;
        h->differs[b] = n > 0 && h->start[b][sample >> 8 * b & 255] != n;
        for (int v = 0; v < N_VALUES; v++) {
            size_t count = h->start[b][v];
            h->start[b][v] = at;
            at += count;
        }
    }
}

uint64_t *radix_sort(uint64_t *v, uint64_t *spare, size_t n)
{
    histogram h = {0};
    uint64_t *from = v, *to = spare;
    for (size_t i = 0; i < n; i++)
        for (int b = 0; b < N_BYTES; b++) h.start[b][v[i] >> 8 * b & 255]++;
    finish(&h, n, n ? v[0] : 0);
    for (int b = 0; b < N_BYTES; b++) {
        if (!h.differs[b]) continue;
        for (size_t i = 0; i < n; i++) to[h.start[b][from[i] >> 8 * b & 255]++] = from[i];
        uint64_t *swap = from;
        from = to, to = swap;
    }
    return from;
}

radix_pair *radix_sort_pairs(radix_pair *v, radix_pair *spare, size_t n)
{
    histogram h = {0};
    radix_pair *from = v, *to = spare;
    for (size_t i = 0; i < n; i++)
        for (int b = 0; b < N_BYTES; b++) h.start[b][v[i].key >> 8 * b & 255]++;
    finish(&h, n, n ? v[0].key : 0);
    for (int b = 0; b < N_BYTES; b++) {
        if (!h.differs[b]) continue;
        for (size_t i = 0; i < n; i++) to[h.start[b][from[i].key >> 8 * b & 255]++] = from[i];
        radix_pair *swap = from;
        from = to, to = swap;
    }
    return from;
}
