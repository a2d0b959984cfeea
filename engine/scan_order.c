/* scan_order.c - blocks in the order of a role's members, whatever segment they are in. */
#include <stdlib.h>

#include "engine/scan.h"

static int by_key(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

pt_status scan_order_by(scan *sc, uint32_t role, arena *a, pt_err *err)
{
    uint32_t n = sc->n_blocks;
    if (n < 2) return PT_OK;
    uint64_t *keys = arena_array(a, uint64_t, n); /* the lowest id, then the place */
    scan_block *ordered = arena_array(a, scan_block, n);
    if (!keys || !ordered) return arena_fail(a, err);
    for (uint32_t i = 0; i < n; i++) {
        const scan_seg *s = &sc->segs[sc->blocks[i].seg];
        seg_zone z = seg_zone_of(s->s->seg, s->role_cols[role], sc->blocks[i].block);
        keys[i] = (uint64_t)(uint32_t)z.min << 32 | i;
    }
    qsort(keys, n, sizeof *keys, by_key);
    for (uint32_t i = 0; i < n; i++) ordered[i] = sc->blocks[(uint32_t)keys[i]];
    sc->blocks = ordered;
    return PT_OK;
}
