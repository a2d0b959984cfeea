/* rowexpr_run.c - running an expression over vectors of rows.
 *
 * Each operation reads the vectors of its arguments and writes its own, in a slot of the room; slots are
 * taken and given back like a stack, since each result is used once. Rows that are null hold any value:
 * arithmetic that is not checked wraps without harm there, and checked arithmetic looks at the rows that are
 * not null. */
#include "engine/rowexpr.h"

#include <string.h>

/* ---- planning -------------------------------------------------------------------- */

/* A slot: values of up to 16 bytes, then nulls. Behind the slots two more for arguments made wide. */
enum { SLOT_VALUES = ROW_VECTOR * 16, SLOT_BYTES = SLOT_VALUES + ROW_VECTOR, N_SPARE = 3 };

size_t row_plan_room(const row_plan *p)
{
    return ((size_t)p->n_slots + N_SPARE) * SLOT_BYTES + p->e->n_ops * sizeof(row_vector);
}

static bool is_narrow(row_range r)
{
    return r.is_bounded && r.lo >= INT64_MIN && r.hi <= INT64_MAX;
}

/* Two slots for each place on the stack of results: an operation writes to the one that its first argument,
 * at the same place, does not use. */
static void place_slots(row_plan *p)
{
    uint32_t top = 0;
    for (uint32_t i = 0; i < p->e->n_ops; i++) {
        const rowop *op = &p->e->ops[i];
        uint32_t side = op->n_args ? 1 - p->slot[op->args[0]] % 2 : 0;
        top -= op->n_args;
        p->slot[i] = 2 * top++ + side;
        if (2 * top > p->n_slots) p->n_slots = 2 * top;
    }
}

pt_status row_plan_make(const rowexpr *e, const row_range *operands, arena *a, row_plan *out, pt_err *err)
{
    row_plan p = {.e = e};
    row_range *ranges = arena_array(a, row_range, e->n_ops);
    p.is_wide = arena_array(a, bool, e->n_ops);
    p.is_checked = arena_array(a, bool, e->n_ops);
    p.slot = arena_array(a, uint32_t, e->n_ops);
    if (!ranges || !p.is_wide || !p.is_checked || !p.slot) return arena_fail(a, err);
    rowexpr_ranges(e, operands, ranges);
    for (uint32_t i = 0; i < e->n_ops; i++) {
        const rowop *op = &e->ops[i];
        if (op->class != ROW_EXACT || op->kind == ROWOP_LOAD) continue;
        p.is_wide[i] = !is_narrow(ranges[i]);
        /* choosing can lose the width that its branches have */
        if (op->kind == ROWOP_CHOOSE) p.is_wide[i] |= p.is_wide[op->args[1]] || p.is_wide[op->args[2]];
        if (op->kind == ROWOP_COALESCE) p.is_wide[i] |= p.is_wide[op->args[0]] || p.is_wide[op->args[1]];
        p.is_checked[i] = !ranges[i].is_bounded;
    }
    place_slots(&p);
    p.range = ranges[e->n_ops - 1];
    *out = p;
    return PT_OK;
}

/* ---- one operation ------------------------------------------------------------------ */

typedef struct step {
    const row_plan *p;
    const rowop *op;
    uint32_t n;
    bool is_wide, is_checked;
    row_vector arg[3];
    void *values; /* of the result */
    uint8_t *nulls;
    char *spare; /* N_SPARE slots */
    pt_err *err;
} step;

typedef unsigned __int128 u128;

/* The values of argument k in 128 bits. */
static const pt_i128 *wide_arg(step *s, uint32_t k)
{
    if (s->arg[k].is_wide) return s->arg[k].values;
    pt_i128 *out = (pt_i128 *)(void *)(s->spare + (size_t)k * SLOT_BYTES);
    const int64_t *v = s->arg[k].values;
    for (uint32_t i = 0; i < s->n; i++) out[i] = v[i];
    return out;
}

static pt_status too_large(pt_err *err)
{
    pt_fail(err, PT_VALUE, "a number computed from a fact has more than 38 digits");
    return PT_VALUE;
}

static bool has_null(const row_vector *v, uint32_t i)
{
    return v->nulls && v->nulls[i];
}

static pt_status checked_arithmetic(step *s, const pt_i128 *a, const pt_i128 *b)
{
    pt_i128 *out = s->values;
    for (uint32_t i = 0; i < s->n; i++) {
        bool is_over = s->op->kind == ROWOP_ADD        ? __builtin_add_overflow(a[i], b[i], &out[i])
                       : s->op->kind == ROWOP_SUBTRACT ? __builtin_sub_overflow(a[i], b[i], &out[i])
                                                       : __builtin_mul_overflow(a[i], b[i], &out[i]);
        if (is_over && !has_null(&s->arg[0], i) && !has_null(&s->arg[1], i)) return too_large(s->err);
    }
    return PT_OK;
}

#define EACH(expression)                                                                                     \
    for (uint32_t i = 0; i < s->n; i++) out[i] = (expression)
#define ARITHMETIC(T, U, a, b)                                                                               \
    do {                                                                                                     \
        T *out = s->values;                                                                                  \
        if (s->op->kind == ROWOP_ADD)                                                                        \
            EACH((T)((U)a[i] + (U)b[i]));                                                                    \
        else if (s->op->kind == ROWOP_SUBTRACT)                                                              \
            EACH((T)((U)a[i] - (U)b[i]));                                                                    \
        else                                                                                                 \
            EACH((T)((U)a[i] * (U)b[i]));                                                                    \
    } while (0)

static pt_status arithmetic(step *s)
{
    if (s->op->class == ROW_DOUBLE) {
        const double *a = s->arg[0].values, *b = s->arg[1].values;
        ARITHMETIC(double, double, a, b);
        return PT_OK;
    }
    if (s->is_wide) {
        const pt_i128 *a = wide_arg(s, 0), *b = wide_arg(s, 1);
        if (s->is_checked) return checked_arithmetic(s, a, b);
        ARITHMETIC(pt_i128, u128, a, b);
        return PT_OK;
    }
    if (s->arg[0].is_wide || s->arg[1].is_wide) { /* small again, as in a * b - c */
        const pt_i128 *a = wide_arg(s, 0), *b = wide_arg(s, 1);
        ARITHMETIC(int64_t, u128, a, b);
        return PT_OK;
    }
    const int64_t *a = s->arg[0].values, *b = s->arg[1].values;
    ARITHMETIC(int64_t, uint64_t, a, b);
    return PT_OK;
}

/* A second argument that is the same for all rows. */
static void set_constant(step *s, uint32_t k, pt_i128 v)
{
    pt_i128 *out = (pt_i128 *)(void *)(s->spare + (size_t)k * SLOT_BYTES);
    EACH(v);
    s->arg[k] = (row_vector){.values = out, .is_wide = true};
}

static pt_status scale(step *s)
{
    const int64_t *a = s->arg[0].values;
    int64_t *out = s->values;
    if (!s->is_wide && !s->arg[0].is_wide) {
        uint64_t factor = (uint64_t)s->op->exact;
        EACH((int64_t)((uint64_t)a[i] * factor));
        return PT_OK;
    }
    rowop product = *s->op;
    product.kind = ROWOP_MULTIPLY;
    step t = *s;
    t.op = &product;
    set_constant(&t, 1, s->op->exact);
    return arithmetic(&t);
}

static pt_status negate(step *s, bool is_absolute)
{
    if (s->op->class == ROW_DOUBLE) {
        const double *a = s->arg[0].values;
        double *out = s->values;
        EACH(is_absolute && !(a[i] < 0) ? a[i] : -a[i]);
        return PT_OK;
    }
    const pt_i128 *a = s->is_wide || s->arg[0].is_wide ? wide_arg(s, 0) : NULL;
    if (s->is_wide) {
        pt_i128 *out = s->values;
        for (uint32_t i = 0; s->is_checked && i < s->n; i++)
            if (a[i] == (pt_i128)((u128)1 << 127) && !has_null(&s->arg[0], i)) return too_large(s->err);
        EACH(is_absolute && a[i] >= 0 ? a[i] : (pt_i128)(0 - (u128)a[i]));
    } else if (a) {
        int64_t *out = s->values;
        EACH((int64_t)(is_absolute && a[i] >= 0 ? (u128)a[i] : 0 - (u128)a[i]));
    } else {
        const int64_t *v = s->arg[0].values;
        int64_t *out = s->values;
        EACH((int64_t)(is_absolute && v[i] >= 0 ? (uint64_t)v[i] : 0 - (uint64_t)v[i]));
    }
    return PT_OK;
}

static void to_double(step *s)
{
    double *out = s->values, divisor = (double)s->op->exact;
    if (s->arg[0].is_wide) {
        const pt_i128 *a = s->arg[0].values;
        EACH((double)a[i] / divisor);
    } else {
        const int64_t *a = s->arg[0].values;
        EACH((double)a[i] / divisor);
    }
}

static void divide(step *s)
{
    const double *a = s->arg[0].values, *b = s->arg[1].values;
    double *out = s->values;
    for (uint32_t i = 0; i < s->n; i++) {
        bool is_zero = b[i] == 0;
        s->nulls[i] |= is_zero;
        out[i] = is_zero ? 0 : a[i] / b[i];
    }
}

/* ---- conditions ------------------------------------------------------------------------ */

#define COMPARE(kind, a, b)                                                                                  \
    switch ((unsigned)(kind)) {                                                                              \
    case ROWOP_EQ: EACH(a[i] == b[i]); break;                                                                \
    case ROWOP_NE: EACH(a[i] != b[i]); break;                                                                \
    case ROWOP_LT: EACH(a[i] < b[i]); break;                                                                 \
    case ROWOP_LE: EACH(a[i] <= b[i]); break;                                                                \
    case ROWOP_GT: EACH(a[i] > b[i]); break;                                                                 \
    default: EACH(a[i] >= b[i]); break;                                                                      \
    }

static void compare(step *s, rowop_kind kind, uint32_t x, uint32_t y, uint8_t *out)
{
    row_class class = s->p->e->ops[s->op->args[x]].class;
    if (class == ROW_DOUBLE) {
        const double *a = s->arg[x].values, *b = s->arg[y].values;
        COMPARE(kind, a, b)
    } else if (s->arg[x].is_wide || s->arg[y].is_wide) {
        const pt_i128 *a = wide_arg(s, x), *b = wide_arg(s, y);
        COMPARE(kind, a, b)
    } else {
        const int64_t *a = s->arg[x].values, *b = s->arg[y].values;
        COMPARE(kind, a, b)
    }
}

static void between(step *s)
{
    uint8_t *out = s->values, *above = (uint8_t *)(s->spare + SLOT_VALUES);
    compare(s, ROWOP_GE, 0, 1, above);
    compare(s, ROWOP_LE, 0, 2, out);
    EACH(out[i] & above[i]);
}

static bool list_has(const row_list *l, pt_i128 v)
{
    uint32_t lo = 0, hi = l->n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (l->exact[mid] == v) return true;
        if (l->exact[mid] < v)
            lo = mid + 1;
        else
            hi = mid;
    }
    return false;
}

static bool list_has_double(const row_list *l, double v)
{
    for (uint32_t i = 0; i < l->n; i++)
        if (!(l->numbers[i] < v) && !(l->numbers[i] > v)) return v == v;
    return false;
}

static void in_list(step *s)
{
    const row_list *l = &s->p->e->lists[s->op->index];
    uint8_t *out = s->values;
    if (l->numbers) {
        const double *v = s->arg[0].values;
        EACH(list_has_double(l, v[i]));
    } else {
        const pt_i128 *v = wide_arg(s, 0);
        EACH(list_has(l, v[i]));
    }
}

static uint8_t null_of(const row_vector *v, uint32_t i)
{
    return v->nulls ? v->nulls[i] : 0;
}

/* AND and OR are null only where the side that is not null does not decide. */
static void join(step *s)
{
    const uint8_t *a = s->arg[0].values, *b = s->arg[1].values;
    uint8_t *out = s->values, decides = s->op->kind == ROWOP_OR;
    for (uint32_t i = 0; i < s->n; i++) {
        uint8_t na = null_of(&s->arg[0], i), nb = null_of(&s->arg[1], i);
        bool is_decided = (!na && a[i] == decides) || (!nb && b[i] == decides);
        s->nulls[i] = (na || nb) && !is_decided;
        out[i] = is_decided ? decides : !decides;
    }
}

/* ---- choosing ---------------------------------------------------------------------------- */

/* Row i of the result is that of argument 1 or 2 (CHOOSE), or 0 or 1 (COALESCE). */
static void choose(step *s, uint32_t first, const uint8_t *is_first)
{
    const row_vector *x = &s->arg[first], *y = &s->arg[first + 1];
    if (s->op->class == ROW_BOOL) {
        const uint8_t *a = x->values, *b = y->values;
        uint8_t *out = s->values;
        EACH(is_first[i] ? a[i] : b[i]);
    } else if (s->op->class == ROW_DOUBLE) {
        const double *a = x->values, *b = y->values;
        double *out = s->values;
        EACH(is_first[i] ? a[i] : b[i]);
    } else if (s->is_wide) {
        const pt_i128 *a = wide_arg(s, first), *b = wide_arg(s, first + 1);
        pt_i128 *out = s->values;
        EACH(is_first[i] ? a[i] : b[i]);
    } else {
        const int64_t *a = x->values, *b = y->values;
        int64_t *out = s->values;
        EACH(is_first[i] ? a[i] : b[i]);
    }
    for (uint32_t i = 0; i < s->n; i++) s->nulls[i] = is_first[i] ? null_of(x, i) : null_of(y, i);
}

static void choose_by(step *s)
{
    uint8_t *is_first = (uint8_t *)(s->spare + SLOT_VALUES);
    for (uint32_t i = 0; i < s->n; i++) {
        if (s->op->kind == ROWOP_COALESCE)
            is_first[i] = !null_of(&s->arg[0], i);
        else
            is_first[i] = !null_of(&s->arg[0], i) && ((const uint8_t *)s->arg[0].values)[i];
    }
    choose(s, s->op->kind == ROWOP_COALESCE ? 0 : 1, is_first);
}

/* ---- all operations -------------------------------------------------------------------------- */

static void set_all(step *s)
{
    const rowop *op = s->op;
    if (op->class == ROW_DOUBLE) {
        double *out = s->values;
        EACH(op->number);
    } else if (op->class == ROW_BOOL) {
        memset(s->values, op->exact != 0, s->n);
    } else if (s->is_wide) {
        pt_i128 *out = s->values;
        EACH(op->exact);
    } else {
        int64_t *out = s->values;
        EACH((int64_t)op->exact);
    }
    memset(s->nulls, op->is_null, s->n);
}

/* Operations that write the nulls of all rows themselves. */
static bool writes_nulls(rowop_kind kind)
{
    return kind == ROWOP_CONST || kind == ROWOP_AND || kind == ROWOP_OR || kind == ROWOP_IS_NULL ||
           kind == ROWOP_CHOOSE || kind == ROWOP_COALESCE;
}

/* The others are null where an argument is. Returns whether some may be. */
static bool join_nulls(step *s)
{
    bool some = s->op->kind == ROWOP_DIVIDE;
    if (some) memset(s->nulls, 0, s->n);
    for (uint32_t k = 0; k < s->op->n_args; k++) {
        const uint8_t *from = s->arg[k].nulls;
        if (!from) continue;
        if (some)
            for (uint32_t i = 0; i < s->n; i++) s->nulls[i] |= from[i];
        else
            memcpy(s->nulls, from, s->n);
        some = true;
    }
    return some;
}

static pt_status run_step(step *s)
{
    uint8_t *out = s->values;
    const uint8_t *a = s->arg[0].values, *b = s->arg[1].values;
    switch (s->op->kind) {
    case ROWOP_LOAD: break;
    case ROWOP_CONST: set_all(s); break;
    case ROWOP_ADD:
    case ROWOP_SUBTRACT:
    case ROWOP_MULTIPLY: return arithmetic(s);
    case ROWOP_DIVIDE: divide(s); break;
    case ROWOP_NEGATE: return negate(s, false);
    case ROWOP_ABS: return negate(s, true);
    case ROWOP_SCALE: return scale(s);
    case ROWOP_DOUBLE: to_double(s); break;
    case ROWOP_TRUTH: {
        const pt_i128 *v = wide_arg(s, 0);
        EACH(v[i] != 0);
        break;
    }
    case ROWOP_EQ:
    case ROWOP_NE:
    case ROWOP_LT:
    case ROWOP_LE:
    case ROWOP_GT:
    case ROWOP_GE: compare(s, s->op->kind, 0, 1, out); break;
    case ROWOP_BETWEEN: between(s); break;
    case ROWOP_IN: in_list(s); break;
    case ROWOP_AND:
    case ROWOP_OR: join(s); break;
    case ROWOP_XOR: EACH(a[i] ^ b[i]); break;
    case ROWOP_NOT: EACH(!a[i]); break;
    case ROWOP_IS_NULL:
        EACH(null_of(&s->arg[0], i));
        memset(s->nulls, 0, s->n);
        break;
    case ROWOP_CHOOSE:
    case ROWOP_COALESCE: choose_by(s); break;
    }
    return PT_OK;
}

pt_status row_plan_run(const row_plan *p, const row_vector *operands, uint32_t n, void *room, row_vector *out,
                       pt_err *err)
{
    const rowexpr *e = p->e;
    char *slots = room, *spare = slots + (size_t)p->n_slots * SLOT_BYTES;
    row_vector *results = (row_vector *)(void *)(spare + N_SPARE * SLOT_BYTES);
    for (uint32_t i = 0; i < e->n_ops; i++) {
        const rowop *op = &e->ops[i];
        if (op->kind == ROWOP_LOAD) {
            results[i] = operands[op->index];
            continue;
        }
        char *mine = slots + (size_t)p->slot[i] * SLOT_BYTES;
        step s = {.p = p,
                  .op = op,
                  .n = n,
                  .is_wide = p->is_wide[i],
                  .is_checked = p->is_checked[i],
                  .values = mine,
                  .nulls = (uint8_t *)mine + SLOT_VALUES,
                  .spare = spare,
                  .err = err};
        for (uint32_t k = 0; k < op->n_args; k++) s.arg[k] = results[op->args[k]];
        bool has_nulls = writes_nulls(op->kind) || join_nulls(&s);
        PT_TRY(run_step(&s));
        if (op->kind == ROWOP_IS_NULL || (op->kind == ROWOP_CONST && !op->is_null)) has_nulls = false;
        results[i] = (row_vector){.values = mine, .nulls = has_nulls ? s.nulls : NULL, .is_wide = s.is_wide};
    }
    *out = results[e->n_ops - 1];
    return PT_OK;
}
