/* agg_code.c - numbers that rows get from their members: keys of groups, and what is left of them for a
 * distinct count.
 *
 * Such a number is a sum with a share from each role, and a share is looked up by member id, or a multiple of
 * it. The arrays are as narrow as the shares allow, since every row reads one at random. */
#include "engine/agg_int.h"
#include "engine/shelf.h"

/* ---- planning ---------------------------------------------------------------------- */

/* A stored array is copied to a narrower one if at least so many rows are read for a member. */
enum { COPY_ROWS = 4 };

typedef struct planner {
    const agg_plan *plan;
    const uint64_t *factors;
    arena *a;
    pt_err *err;
} planner;

static agg_code *find_code(agg_coding *c, uint32_t role, uint32_t word)
{
    for (uint32_t i = 0; i < c->n; i++)
        if (c->codes[i].role == role && c->codes[i].word == word) return &c->codes[i];
    agg_code *x = &c->codes[c->n++];
    *x = (agg_code){.role = role, .word = word};
    return x;
}

static bool is_part(const planner *q, uint32_t axis, const agg_code *x)
{
    const agg_axis_plan *p = &q->plan->axes[axis];
    return q->factors[axis] && p->role == x->role && p->word == x->word;
}

/* The array by member that is the share as it stands; NULL: none is. */
static const uint32_t *find_stored(const planner *q, const agg_code *x)
{
    const agg_axis_plan *only = NULL;
    for (uint32_t i = 0; i < q->plan->n_axes; i++) {
        if (!is_part(q, i, x)) continue;
        if (only || q->factors[i] != 1 || q->plan->axes[i].dense_of) return NULL;
        only = &q->plan->axes[i];
    }
    return only ? only->level->of_member : NULL;
}

/* The number that member ids count in the share, if that is all that it is; else 0. */
static uint32_t find_factor(const planner *q, const agg_code *x)
{
    for (uint32_t i = 0; i < q->plan->n_axes; i++)
        if (is_part(q, i, x) && q->plan->axes[i].is_by_member) return (uint32_t)q->factors[i];
    return 0;
}

static uint64_t highest_share(const planner *q, const agg_code *x)
{
    uint64_t most = 0;
    for (uint32_t i = 0; i < q->plan->n_axes; i++)
        if (is_part(q, i, x)) most += (q->plan->axes[i].n_dense - 1) * q->factors[i];
    return most;
}

/* Dense numbers of a range of ranks are a subtraction; what is not in it has none. */
static bool is_range(const agg_axis_plan *x)
{
    return x->n_dense > 0 && x->rank_of[x->n_dense - 1] - x->rank_of[0] == x->n_dense - 1;
}

#define ADD_SHARES(T, ctype)                                                                                 \
    static void add_shares_##T(const agg_axis_plan *x, uint64_t factor, uint32_t n, ctype *out)              \
    {                                                                                                        \
        const uint32_t *of_member = x->level->of_member, *dense_of = x->dense_of;                            \
        if (dense_of && !is_range(x)) {                                                                      \
            for (uint32_t m = 0; m < n; m++) out[m] = (ctype)(out[m] + dense_of[of_member[m]] * factor);     \
            return;                                                                                          \
        }                                                                                                    \
        uint32_t first = dense_of ? x->rank_of[0] : 0, n_dense = x->n_dense;                                 \
        for (uint32_t m = 0; m < n; m++) {                                                                   \
            uint32_t dense = of_member[m] - first;                                                           \
            out[m] = (ctype)(out[m] + (ctype)(dense < n_dense ? dense : 0) * (ctype)factor);                 \
        }                                                                                                    \
    }

ADD_SHARES(u8, uint8_t)
ADD_SHARES(u16, uint16_t)
ADD_SHARES(u32, uint32_t)
ADD_SHARES(u64, uint64_t)

/* An array of shares by member: a piece of plans. */
typedef struct code_maker {
    const planner *q;
    const agg_code *x;
    size_t width;
    uint32_t n;
} code_maker;

static pt_status make_shares(const void *ctx, arena *a, const void **out, pt_err *err)
{
    const code_maker *m = ctx;
    uint64_t *array = arena_array(a, uint64_t, m->n * m->width / 8 + 1);
    if (!array) return arena_fail(a, err);
    *out = array;
    for (uint32_t i = 0; i < m->q->plan->n_axes; i++) {
        if (!is_part(m->q, i, m->x)) continue;
        const agg_axis_plan *axis = &m->q->plan->axes[i];
        uint64_t factor = m->q->factors[i];
        switch (m->width) {
        case 1: add_shares_u8(axis, factor, m->n, (uint8_t *)array); break;
        case 2: add_shares_u16(axis, factor, m->n, (uint16_t *)array); break;
        case 4: add_shares_u32(axis, factor, m->n, (uint32_t *)array); break;
        default: add_shares_u64(axis, factor, m->n, array); break;
        }
    }
    return PT_OK;
}

/* Absent if an axis has none. */
static pt_status key_of_code(const code_maker *m, pt_str *out)
{
    const planner *q = m->q;
    strbuf b = {0};
    bool has_key = true;
    *out = (pt_str){0};
    strbuf_addc(&b, (char)m->width);
    for (uint32_t i = 0; i < q->plan->n_axes && has_key; i++) {
        if (!is_part(q, i, m->x)) continue;
        pt_str key = q->plan->axes[i].key;
        has_key = key.ptr != NULL;
        strbuf_add(&b, (const char *)&q->factors[i], sizeof q->factors[i]);
        strbuf_add(&b, (const char *)&key.len, sizeof key.len);
        strbuf_adds(&b, key);
    }
    if (has_key && !b.failed) *out = str_copy(q->a, strbuf_str(&b));
    strbuf_free(&b);
    return has_key && !out->ptr ? arena_fail(q->a, q->err) : PT_OK;
}

static pt_status fill_code(const planner *q, agg_code *x, size_t width, uint32_t n)
{
    code_maker m = {q, x, width, n};
    const void *array;
    pt_str key;
    PT_TRY(key_of_code(&m, &key));
    PT_TRY(plan_cache_get(shelf_plans(q->plan->scan.view), key, make_shares, &m, q->a, &array, q->err));
    x->u8 = width == 1 ? array : NULL;
    x->u16 = width == 2 ? array : NULL;
    x->u32 = width == 4 ? array : NULL;
    x->u64 = width == 8 ? array : NULL;
    return PT_OK;
}

/* Where an axis has one member, no other comes through the filters: it adds nothing, and its ids need not be
 * read. */
static void drop_single(const agg_plan *p, const uint64_t *factors, uint64_t *out)
{
    for (uint32_t i = 0; i < p->n_axes; i++)
        out[i] = p->axes[i].n_dense == 1 && !p->axes[i].is_by_member ? 0 : factors[i];
}

pt_status agg_coding_make(const agg_plan *p, const uint64_t *factors, bool is_wide, arena *a, agg_coding *out,
                          pt_err *err)
{
    uint64_t telling[AGG_MAX_AXES];
    planner q = {.plan = p, .factors = telling, .a = a, .err = err};
    drop_single(p, factors, telling);
    *out = (agg_coding){.codes = arena_array(a, agg_code, p->n_axes)};
    if (!out->codes) return arena_fail(a, err);
    for (uint32_t i = 0; i < p->n_axes; i++)
        if (telling[i]) find_code(out, p->axes[i].role, p->axes[i].word);
    for (uint32_t i = 0; i < out->n; i++) {
        agg_code *x = &out->codes[i];
        if ((x->factor = find_factor(&q, x))) continue;
        uint32_t n = scan_role_count(&p->scan, x->role);
        uint64_t most = highest_share(&q, x);
        size_t width = is_wide ? 8 : most <= UINT8_MAX ? 1 : most <= UINT16_MAX ? 2 : 4;
        const uint32_t *stored = find_stored(&q, x);
        if (stored && !is_wide && (width == 4 || p->scan.n_rows / COPY_ROWS < n))
            x->u32 = stored;
        else
            PT_TRY(fill_code(&q, x, width, n));
        PT_TRY(agg_planes_plan(p, telling, x, a, err));
    }
    return PT_OK;
}

/* ---- using --------------------------------------------------------------------------- */

uint64_t agg_code_share(const agg_code *x, uint32_t member)
{
    if (x->factor) return (uint64_t)member * x->factor;
    return x->u8 ? x->u8[member] : x->u16 ? x->u16[member] : x->u32 ? x->u32[member] : x->u64[member];
}

bool agg_code_is_one(const agg_code *x, uint32_t first, uint32_t last)
{
    enum { MAX_LOOK = 4096 };
    uint64_t share = agg_code_share(x, first);
    if (x->factor) return first == last;
    if (last - first >= MAX_LOOK) return false;
    for (uint32_t m = first; m < last; m++)
        if (agg_code_share(x, m + 1) != share) return false;
    return true;
}

void agg_coding_constants(const agg_coding *c, const scan_worker *s, agg_constant *out)
{
    for (uint32_t i = 0; i < c->n; i++) {
        const agg_code *x = &c->codes[i];
        seg_zone z = scan_zone(s, x->role);
        uint32_t first = (uint32_t)z.min;
        out[i] = (agg_constant){agg_code_is_one(x, first, (uint32_t)z.max), agg_code_share(x, first)};
    }
}

#define ADD_GATHERED(T, ctype)                                                                               \
    static void add_gathered_##T(const ctype *share, const uint32_t *members, uint32_t n, uint32_t *out)     \
    {                                                                                                        \
        for (uint32_t i = 0; i < n; i++) out[i] += share[members[i]];                                        \
    }

ADD_GATHERED(u8, uint8_t)
ADD_GATHERED(u16, uint16_t)

void agg_code_add(const agg_code *x, const kern_ops *k, const uint32_t *members, uint32_t n, uint32_t *spare,
                  uint32_t *out)
{
    if (x->factor) {
        for (uint32_t i = 0; i < n; i++) out[i] += members[i] * x->factor;
    } else if (x->u8) {
        add_gathered_u8(x->u8, members, n, out);
    } else if (x->u16) {
        add_gathered_u16(x->u16, members, n, out);
    } else {
        k->gather_u32(x->u32, members, n, spare);
        k->combine_u32(out, spare, n, 1);
    }
}
