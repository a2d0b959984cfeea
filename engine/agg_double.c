/* agg_double.c - exact sums of doubles, so that they depend neither on threads nor on the order of rows.
 *
 * A sum is a fixed-point number of 32-bit limbs in 64-bit words, wide enough for every value of the column in
 * the blocks at hand, which are looked through beforehand (after Neal, "Fast exact summation using small and
 * large superaccumulators", 2015). It is rounded once, when the value is read. */
#include <math.h>

#include "engine/agg_int.h"

/* ---- adding ------------------------------------------------------------------------- */

/* Word 0 of a double sum says what is not finite in it; the limbs follow. */
enum { SEEN_PLUS_INF = 1, SEEN_MINUS_INF = 2, SEEN_NAN = 4 };

uint64_t agg_image_double(double v)
{
    uint64_t u;
    v += 0.0; /* -0 is 0 */
    memcpy(&u, &v, sizeof u);
    return u >> 63 ? ~u : u | 1ull << 63;
}

double agg_image_back(uint64_t u)
{
    double v;
    u = u >> 63 ? u & ~(1ull << 63) : ~u;
    memcpy(&v, &u, sizeof v);
    return v;
}

static void add_double(uint64_t *w, int32_t exponent, double v)
{
    uint64_t u;
    memcpy(&u, &v, sizeof u);
    uint32_t biased = (uint32_t)(u >> 52) & 0x7ff;
    uint64_t mantissa = u & ((1ull << 52) - 1);
    bool is_negative = u >> 63;
    if (biased == 0x7ff) {
        w[0] |= mantissa ? SEEN_NAN : is_negative ? SEEN_MINUS_INF : SEEN_PLUS_INF;
        return;
    }
    if (biased)
        mantissa |= 1ull << 52;
    else
        biased = 1;
    if (mantissa == 0) return;
    uint32_t shift = (uint32_t)((int32_t)biased - 1075 - exponent);
    uint64_t *limb = w + 1 + shift / 32;
    unsigned __int128 bits = (unsigned __int128)mantissa << shift % 32;
    for (int i = 0; i < 3; i++, bits >>= 32)
        limb[i] += is_negative ? 0 - (uint64_t)(uint32_t)bits : (uint32_t)bits;
}

void agg_add_double(uint64_t *acc, uint32_t stride, const agg_column *c, const uint32_t *slots,
                    const double *v, uint32_t n)
{
    acc += c->at_sum;
    for (uint32_t i = 0; i < n; i++) add_double(acc + (size_t)slots[i] * stride, c->sum_exponent, v[i]);
}

static void carry(uint64_t *limb, uint32_t n)
{
    for (uint32_t i = 0; i + 1 < n; i++) {
        int64_t up = (int64_t)limb[i] >> 32;
        limb[i] -= (uint64_t)up << 32;
        limb[i + 1] += (uint64_t)up;
    }
}

void agg_carry(const agg_plan *p, uint64_t *acc)
{
    for (uint32_t i = 0; i < p->n_columns; i++)
        if (p->columns[i].sum == SUM_DOUBLE) carry(acc + p->columns[i].at_sum + 1, p->columns[i].n_sum_limbs);
}

enum { MAX_LIMBS = 72, ROOM = MAX_LIMBS + 4 }; /* 64 bits more than limbs, and zeros to read past the end */

/* The 64 bits from bit `at` on. */
static uint64_t bits_at(const uint64_t *limb, uint32_t at)
{
    const uint64_t *l = limb + at / 32;
    unsigned __int128 x = (unsigned __int128)l[2] << 64 | l[1] << 32 | l[0];
    return (uint64_t)(x >> at % 32);
}

/* Is a bit below `at` set? */
static bool any_below(const uint64_t *limb, uint32_t at)
{
    for (uint32_t i = 0; i < at / 32; i++)
        if (limb[i]) return true;
    return (limb[at / 32] & ((1ull << at % 32) - 1)) != 0;
}

/* Round to nearest, ties to even. `limb` has ROOM words and is changed. */
static double limbs_to_double(uint64_t *limb, uint32_t n, int32_t exponent)
{
    carry(limb, n);
    bool is_negative = (int64_t)limb[n - 1] < 0;
    if (is_negative) {
        for (uint32_t i = 0; i < n; i++) limb[i] = 0 - limb[i];
        carry(limb, n);
    }
    limb[n] = limb[n - 1] >> 32; /* now all limbs have 32 bits */
    limb[n - 1] &= UINT32_MAX;
    uint32_t top = n + 1;
    while (top > 0 && limb[top - 1] == 0) top--;
    if (top == 0) return 0;
    uint32_t n_bits = top * 32 - ((uint32_t)__builtin_clzll(limb[top - 1]) - 32);
    uint32_t drop = n_bits > 53 ? n_bits - 53 : 0;
    uint64_t mantissa = bits_at(limb, drop);
    if (drop && (bits_at(limb, drop - 1) & 1) && (any_below(limb, drop - 1) || (mantissa & 1))) mantissa++;
    double v = ldexp((double)mantissa, exponent + (int32_t)drop);
    return is_negative ? -v : v;
}

double agg_double_sum(const agg_column *c, const uint64_t *w)
{
    uint64_t limb[ROOM] = {0};
    if (w[0] & SEEN_NAN || (w[0] & SEEN_PLUS_INF && w[0] & SEEN_MINUS_INF)) return (double)NAN;
    if (w[0]) return w[0] & SEEN_PLUS_INF ? (double)INFINITY : -(double)INFINITY;
    if (NEVER(c->n_sum_limbs == 0 || c->n_sum_limbs > MAX_LIMBS)) return (double)NAN;
    memcpy(limb, w + 1, c->n_sum_limbs * sizeof *limb);
    return limbs_to_double(limb, c->n_sum_limbs, c->sum_exponent);
}

/* ---- the range of double columns ------------------------------------------------------- */

typedef struct exponents { /* of finite values other than 0: exponent of the mantissa's last bit */
    int32_t min, max;
} exponents;

typedef struct double_job {
    const agg_plan *plan;
    const limits *limits;
    exponents *seen;    /* [worker * n_columns + column] */
    double **room;      /* [worker] */
    scan_worker *scans; /* [worker] for computed columns */
} double_job;

static void widen(exponents *e, const double *v, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        uint64_t u;
        memcpy(&u, &v[i], sizeof u);
        int32_t biased = (int32_t)(u >> 52) & 0x7ff;
        if (biased == 0x7ff || u << 1 == 0) continue;
        int32_t exponent = (biased ? biased : 1) - 1075;
        if (exponent < e->min) e->min = exponent;
        if (exponent > e->max) e->max = exponent;
    }
}

/* Of all rows of the block at hand, whatever filters they pass. */
static pt_status see_computed(scan_worker *w, const scan_expr *x, exponents *seen, pt_err *err)
{
    for (uint32_t at = 0; at < w->n_block_rows; at += ROW_VECTOR) {
        uint32_t n = w->n_block_rows - at < ROW_VECTOR ? w->n_block_rows - at : ROW_VECTOR;
        row_vector v;
        PT_TRY(scan_expr_run(w, x, NULL, at, n, &v, err));
        widen(seen, v.values, n);
    }
    return PT_OK;
}

static pt_status see_block(void *ctx, unsigned worker, uint64_t task, pt_err *err)
{
    double_job *j = ctx;
    const agg_plan *p = j->plan;
    scan_block b = p->scan.blocks[task];
    const scan_seg *s = &p->scan.segs[b.seg];
    PT_TRY(limits_check(j->limits, err));
    if (!j->room[worker]) j->room[worker] = mem_grow(NULL, SEG_BLOCK_ROWS, sizeof(double));
    if (!j->room[worker]) return pt_fail(err, PT_NOMEM, "out of memory while reading facts");
    for (uint32_t i = 0; i < p->n_columns; i++) {
        const agg_column *c = &p->columns[i];
        if (c->sum != SUM_DOUBLE) continue;
        if (c->input) {
            scan_worker *w = &j->scans[worker];
            if (!w->sc) PT_TRY(scan_worker_init(w, &p->scan, err));
            scan_goto(w, b);
            PT_TRY(see_computed(w, &c->input->value, &j->seen[worker * p->n_columns + i], err));
            continue;
        }
        int col = s->value_cols[c->column];
        if (col < 0) continue;
        PT_TRY(seg_read_doubles(s->s->seg, (uint32_t)col, b.block, j->room[worker], err));
        widen(&j->seen[worker * p->n_columns + i], j->room[worker], seg_block_rows(s->s->seg, b.block));
    }
    return PT_OK;
}

pt_status agg_plan_doubles(agg_plan *p, pool *workers, unsigned n_workers, const limits *l, pt_err *err)
{
    if (!p->has_doubles) return PT_OK;
    double_job j = {.plan = p, .limits = l};
    j.seen = arena_array(p->a, exponents, (size_t)n_workers * p->n_columns);
    j.room = arena_array(p->a, double *, n_workers);
    j.scans = arena_array(p->a, scan_worker, n_workers);
    if (!j.seen || !j.room || !j.scans) return arena_fail(p->a, err);
    for (size_t i = 0; i < (size_t)n_workers * p->n_columns; i++)
        j.seen[i] = (exponents){INT32_MAX, INT32_MIN};
    pt_status st = pool_run(workers, n_workers, p->scan.n_blocks, see_block, &j, err);
    for (unsigned w = 0; w < n_workers; w++) {
        mem_free(j.room[w]);
        if (j.scans[w].sc) scan_worker_done(&j.scans[w]);
    }
    for (uint32_t i = 0; st == PT_OK && i < p->n_columns; i++) {
        agg_column *c = &p->columns[i];
        exponents all = {INT32_MAX, INT32_MIN};
        if (c->sum != SUM_DOUBLE) continue;
        for (unsigned w = 0; w < n_workers; w++) {
            const exponents *e = &j.seen[w * p->n_columns + i];
            if (e->min < all.min) all.min = e->min;
            if (e->max > all.max) all.max = e->max;
        }
        if (all.min > all.max) all = (exponents){0, 0};
        c->sum_exponent = all.min;
        c->n_sum_limbs = (uint32_t)(all.max - all.min) / 32 + 3;
        c->at_sum = p->stride;
        p->stride += 1 + c->n_sum_limbs;
    }
    return st;
}
