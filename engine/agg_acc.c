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
#define FUSED_COLUMNS(more)                                                                                  \
    switch (f->n_columns) {                                                                                  \
    case 0: FUSED(more); break;                                                                              \
    case 1: FUSED(a[at0] += (uint64_t)v0[i]; more); break;                                                   \
    case 2: FUSED(a[at0] += (uint64_t)v0[i]; a[at1] += (uint64_t)v1[i]; more); break;                        \
    default:                                                                                                 \
        FUSED(a[at0] += (uint64_t)v0[i]; a[at1] += (uint64_t)v1[i]; a[at2] += (uint64_t)v2[i]; more);        \
        break;                                                                                               \
    }

static uint64_t larger(uint64_t x, uint64_t y)
{
    return x > y ? x : y;
}

void agg_add_fused(const agg_fused *f)
{
    const int64_t *v0 = f->values[0], *v1 = f->values[1], *v2 = f->values[2], *v3 = f->extremes;
    uint32_t at0 = f->at[0], at1 = f->at[1], at2 = f->at[2], at3 = f->at_extreme;
    uint64_t one = f->counts_rows, flip = f->is_min ? UINT64_MAX : 0;
    if (v3) {
        FUSED_COLUMNS(a[at3] = larger(a[at3], agg_image_int(v3[i]) ^ flip))
    } else {
        FUSED_COLUMNS((void)0)
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

/* Add in 192 bits: the sign in all words above. */
static void add_huge(uint64_t *w, pt_i128 v)
{
    unsigned __int128 low = (unsigned __int128)w[0] + (uint64_t)v;
    unsigned __int128 mid = (low >> 64) + w[1] + (uint64_t)(v >> 64);
    w[0] = (uint64_t)low;
    w[1] = (uint64_t)mid;
    w[2] += (uint64_t)(mid >> 64) + (v < 0 ? UINT64_MAX : 0);
}

void agg_add_i128(uint64_t *acc, uint32_t stride, const agg_column *c, const uint32_t *slots,
                  const pt_i128 *v, uint32_t n)
{
    acc += c->at_sum;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t *w = acc + (size_t)slots[i] * stride;
        if (c->sum == SUM_HUGE)
            add_huge(w, v[i]);
        else
            add_i128(w, v[i]);
    }
}

/* Order-preserving images of 128 bits, the higher word second. */
static void raise_image(uint64_t *w, unsigned __int128 image)
{
    if (image <= ((unsigned __int128)w[1] << 64 | w[0])) return;
    w[0] = (uint64_t)image;
    w[1] = (uint64_t)(image >> 64);
}

static unsigned __int128 image_i128(pt_i128 v)
{
    return (unsigned __int128)v ^ (unsigned __int128)1 << 127;
}

void agg_add_extremes_i128(uint64_t *acc, uint32_t stride, const agg_column *c, const uint32_t *slots,
                           const pt_i128 *v, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        uint64_t *w = acc + (size_t)slots[i] * stride;
        if (c->at_min) raise_image(w + c->at_min, ~image_i128(v[i]));
        if (c->at_max) raise_image(w + c->at_max, image_i128(v[i]));
    }
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

void agg_add_extremes_int(uint64_t *acc, uint32_t stride, const agg_column *c, const uint32_t *slots,
                          const int64_t *v, uint32_t n)
{
    for (uint32_t i = 0; c->at_min && i < n; i++) {
        uint64_t *w = acc + (size_t)slots[i] * stride + c->at_min, image = ~agg_image_int(v[i]);
        *w = image > *w ? image : *w;
    }
    for (uint32_t i = 0; c->at_max && i < n; i++) {
        uint64_t *w = acc + (size_t)slots[i] * stride + c->at_max, image = agg_image_int(v[i]);
        *w = image > *w ? image : *w;
    }
}

/* ---- combining --------------------------------------------------------------------------- */

static unsigned __int128 two_words(const uint64_t *w)
{
    return (unsigned __int128)w[1] << 64 | w[0];
}

static void combine_extreme(const agg_column *c, uint32_t at, uint64_t *to, const uint64_t *from)
{
    if (!at) return;
    if (c->is_wide)
        raise_image(to + at, two_words(from + at));
    else if (from[at] > to[at])
        to[at] = from[at];
}

static void combine_column(const agg_column *c, uint64_t *to, const uint64_t *from)
{
    if (c->at_count) to[c->at_count] += from[c->at_count];
    combine_extreme(c, c->at_min, to, from);
    combine_extreme(c, c->at_max, to, from);
    const uint64_t *sum = from + c->at_sum;
    switch (c->sum) {
    case SUM_NONE: break;
    case SUM_NARROW: to[c->at_sum] += sum[0]; break;
    case SUM_WIDE: add_i128(to + c->at_sum, (pt_i128)two_words(sum)); break;
    case SUM_HUGE:
        add_huge(to + c->at_sum, (pt_i128)two_words(sum));
        to[c->at_sum + 2] += sum[2] + ((int64_t)sum[1] < 0); /* less the sign that add_huge has extended */
        break;
    case SUM_DOUBLE:
        to[c->at_sum] |= sum[0];
        for (uint32_t i = 1; i <= c->n_sum_limbs; i++) to[c->at_sum + i] += sum[i];
        break;
    }
}

void agg_combine(const agg_plan *p, uint64_t *to, const uint64_t *from)
{
    if (p->proof == PROOF_ROWS) to[0] += from[0];
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
    return c->sum == SUM_NARROW ? (pt_i128)(int64_t)w[0] : (pt_i128)two_words(w);
}

static pt_value extreme(const agg_column *c, const uint64_t *w, bool is_min)
{
    if (c->is_wide) {
        unsigned __int128 image = is_min ? ~two_words(w) : two_words(w);
        return int_value(c->type, c->scale, (pt_i128)(image ^ (unsigned __int128)1 << 127));
    }
    uint64_t image = is_min ? ~w[0] : w[0];
    if (c->is_double) return value_double(agg_image_back(image));
    return int_value(c->type, c->scale, (int64_t)(image ^ 1ull << 63));
}

/* Does a sum of 192 bits fit 128? */
static bool sum_fits(const agg_column *c, const uint64_t *w)
{
    return c->sum != SUM_HUGE || w[2] == ((int64_t)w[1] < 0 ? UINT64_MAX : 0);
}

pt_status agg_value(const measure *m, const agg_column *c, const uint64_t *acc, pt_value *out, pt_err *err)
{
    uint64_t n = c && c->at_count ? acc[c->at_count] : acc[0];
    *out = value_null();
    if (!c) {
        *out = value_int((int64_t)n);
        return PT_OK;
    }
    if (n == 0) return PT_OK;
    const uint64_t *sum = acc + c->at_sum;
    if (!sum_fits(c, sum))
        return pt_fail(err, PT_VALUE, "a sum of measure [" STR_FMT "] has more than 38 digits",
                       STR_ARG(m->name));
    switch (m->agg) {
    case AGG_COUNT: *out = value_int((int64_t)n); break;
    case AGG_SUM:
        *out = c->is_double ? value_double(agg_double_sum(c, sum))
                            : int_value(c->type, c->scale, int_sum(c, acc));
        break;
    case AGG_AVG: {
        double total = c->is_double ? agg_double_sum(c, sum)
                                    : dec_to_double(int_sum(c, acc), c->type == TYPE_DECIMAL ? c->scale : 0);
        *out = value_double(total / (double)n);
        break;
    }
    case AGG_MIN: *out = extreme(c, acc + c->at_min, true); break;
    case AGG_MAX: *out = extreme(c, acc + c->at_max, false); break;
    case AGG_DISTINCT: break;
    }
    return PT_OK;
}
