/* agg_acc.c - accumulators: adding the rows of a chunk, combining, reading values.
 *
 * Minima and maxima are kept as the largest of order-preserving images (of the complement for minima), so
 * that zero words are neutral. Sums of doubles are exact: limbs of 32 bits in 64-bit words, a fixed-point
 * number wide enough for every value of the column at hand (after Neal, "Fast exact summation using small and
 * large superaccumulators", 2015); the words are rounded once, when the value is read. */
#include "base/decimal.h"
#include "engine/agg_int.h"

/* ---- adding ----------------------------------------------------------------------- */

void agg_add_ones(uint64_t *acc, uint32_t stride, uint32_t at, const uint32_t *slots, uint32_t n)
{
    acc += at;
    for (uint32_t i = 0; i < n; i++) acc[(size_t)slots[i] * stride]++;
}

void agg_add_narrow(uint64_t *acc, uint32_t stride, uint32_t at, const uint32_t *slots, const int64_t *v,
                    uint32_t n)
{
    acc += at;
    for (uint32_t i = 0; i < n; i++) acc[(size_t)slots[i] * stride] += (uint64_t)v[i];
}

/* One loop for each number of columns: the accumulator's cache line is visited once. */
#define FUSED(adds)                                                                                          \
    for (uint32_t i = 0; i < f->n; i++) {                                                                    \
        uint64_t *a = f->acc + (size_t)f->slots[i] * f->stride;                                              \
        a[0] += one;                                                                                         \
        adds;                                                                                                \
    }

void agg_add_fused(const agg_fused *f)
{
    const int64_t *v0 = f->values[0], *v1 = f->values[1], *v2 = f->values[2];
    uint32_t at0 = f->at[0], at1 = f->at[1], at2 = f->at[2];
    uint64_t one = f->counts_rows;
    switch (f->n_columns) {
    case 0: FUSED((void)0); break;
    case 1: FUSED(a[at0] += (uint64_t)v0[i]); break;
    case 2: FUSED(a[at0] += (uint64_t)v0[i]; a[at1] += (uint64_t)v1[i]); break;
    default: FUSED(a[at0] += (uint64_t)v0[i]; a[at1] += (uint64_t)v1[i]; a[at2] += (uint64_t)v2[i]); break;
    }
}

static void add_i128(uint64_t *w, pt_i128 v)
{
    unsigned __int128 sum = ((unsigned __int128)w[1] << 64 | w[0]) + (unsigned __int128)v;
    w[0] = (uint64_t)sum;
    w[1] = (uint64_t)(sum >> 64);
}

void agg_add_wide(uint64_t *acc, uint32_t stride, uint32_t at, const uint32_t *slots, const int64_t *v,
                  uint32_t n)
{
    acc += at;
    for (uint32_t i = 0; i < n; i++) add_i128(acc + (size_t)slots[i] * stride, v[i]);
}

void agg_add_extremes(uint64_t *acc, uint32_t stride, const agg_column *c, const uint32_t *slots,
                      const uint64_t *v, uint32_t n)
{
    for (uint32_t i = 0; c->at_min && i < n; i++) {
        uint64_t *w = acc + (size_t)slots[i] * stride + c->at_min;
        if (~v[i] > *w) *w = ~v[i];
    }
    for (uint32_t i = 0; c->at_max && i < n; i++) {
        uint64_t *w = acc + (size_t)slots[i] * stride + c->at_max;
        if (v[i] > *w) *w = v[i];
    }
}

/* ---- combining --------------------------------------------------------------------------- */

static void combine_column(const agg_column *c, uint64_t *to, const uint64_t *from)
{
    if (c->at_count) to[c->at_count] += from[c->at_count];
    if (c->at_min && from[c->at_min] > to[c->at_min]) to[c->at_min] = from[c->at_min];
    if (c->at_max && from[c->at_max] > to[c->at_max]) to[c->at_max] = from[c->at_max];
    const uint64_t *sum = from + c->at_sum;
    switch (c->sum) {
    case SUM_NONE: break;
    case SUM_NARROW: to[c->at_sum] += sum[0]; break;
    case SUM_WIDE: add_i128(to + c->at_sum, (pt_i128)((unsigned __int128)sum[1] << 64 | sum[0])); break;
    case SUM_DOUBLE:
        to[c->at_sum] |= sum[0];
        for (uint32_t i = 1; i <= c->n_sum_limbs; i++) to[c->at_sum + i] += sum[i];
        break;
    }
}

void agg_combine(const agg_plan *p, uint64_t *to, const uint64_t *from)
{
    to[0] += from[0];
    for (uint32_t i = 0; i < p->n_columns; i++) combine_column(&p->columns[i], to, from);
}

/* ---- reading ------------------------------------------------------------------------------- */

static pt_value int_value(pt_type type, uint8_t scale, pt_i128 v)
{
    switch (type) {
    case TYPE_DECIMAL: return value_dec(v, scale);
    case TYPE_BOOLEAN: return value_bool(v != 0);
    case TYPE_DATE: return value_date((int64_t)v);
    case TYPE_TIMESTAMP: return (pt_value){.kind = VAL_TIME, .i = (int64_t)v};
    case TYPE_INTEGER:
    case TYPE_DOUBLE:
    case TYPE_TEXT:
    case TYPE_NONE: break;
    }
    return v >= INT64_MIN && v <= INT64_MAX ? value_int((int64_t)v) : value_dec(v, 0);
}

static pt_i128 int_sum(const agg_column *c, const uint64_t *acc)
{
    const uint64_t *w = acc + c->at_sum;
    return c->sum == SUM_NARROW ? (pt_i128)(int64_t)w[0] : (pt_i128)((unsigned __int128)w[1] << 64 | w[0]);
}

static pt_value extreme(const agg_column *c, const fact_column *f, uint64_t image)
{
    if (c->is_double) return value_double(agg_image_back(image));
    return int_value(f->type, f->scale, (int64_t)(image ^ 1ull << 63));
}

pt_value agg_value(const agg_plan *p, const measure *m, const agg_column *c, const uint64_t *acc)
{
    if (m->column == MEMBER_NONE) return value_int((int64_t)acc[0]);
    const fact_column *f = &p->req->cube->columns[m->column];
    uint64_t n = c->at_count ? acc[c->at_count] : acc[0];
    if (n == 0) return value_null();
    switch (m->agg) {
    case AGG_COUNT: return value_int((int64_t)n);
    case AGG_SUM:
        if (c->is_double) return value_double(agg_double_sum(c, acc + c->at_sum));
        return int_value(f->type, f->scale, int_sum(c, acc));
    case AGG_AVG:
        if (c->is_double) return value_double(agg_double_sum(c, acc + c->at_sum) / (double)n);
        return value_double(dec_to_double(int_sum(c, acc), f->type == TYPE_DECIMAL ? f->scale : 0) /
                            (double)n);
    case AGG_MIN: return extreme(c, f, ~acc[c->at_min]);
    case AGG_MAX: return extreme(c, f, acc[c->at_max]);
    case AGG_DISTINCT: break;
    }
    return value_null();
}
