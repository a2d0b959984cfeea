/* keymap.c - two passes over the keys: their range, then their places. */
#include "etl/keymap.h"

enum { MOST_PER_KEY = 8, SMALL_RANGE = 1 << 16, MOST_KEYS = 1 << 24 };

static bool is_current(const dim_view *d, uint32_t member)
{
    int64_t from, to;
    dim_validity(d, member, &from, &to);
    return to == INT64_MAX;
}

/* The range of the keys; false if there is none. */
static bool find_range(const dim_view *d, int64_t *low, int64_t *high)
{
    *low = INT64_MAX;
    *high = INT64_MIN;
    for (uint32_t m = 0; m < dim_count(d); m++) {
        pt_value key = dim_attr_value(d, 0, m);
        if (key.kind != VAL_INT) continue;
        if (key.i < *low) *low = key.i;
        if (key.i > *high) *high = key.i;
    }
    return *low <= *high;
}

pt_status keymap_make(const dim_view *d, uint64_t n_lookups, keymap *out, pt_err *err)
{
    uint32_t n = dim_count(d);
    int64_t low, high;
    *out = (keymap){0};
    if (dim_view_spec(d)->attrs[0].type != TYPE_INTEGER || n > MOST_KEYS || n > n_lookups) return PT_OK;
    if (!find_range(d, &low, &high)) return PT_OK;
    uint64_t range = (uint64_t)high - (uint64_t)low;
    if (range >= SMALL_RANGE && range / MOST_PER_KEY >= n) return PT_OK;
    out->members = mem_alloc(range + 1, sizeof *out->members);
    if (!out->members) return pt_fail(err, PT_NOMEM, "out of memory for the keys of a dimension");
    out->first = low;
    out->n = range + 1;
    memset(out->members, 0xff, out->n * sizeof *out->members);
    for (uint32_t m = 0; m < n; m++) {
        pt_value key = dim_attr_value(d, 0, m);
        if (key.kind == VAL_INT && is_current(d, m)) out->members[(uint64_t)key.i - (uint64_t)low] = m;
    }
    return PT_OK;
}

void keymap_free(keymap *k)
{
    mem_free(k->members);
    *k = (keymap){0};
}
