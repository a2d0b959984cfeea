/* value.c - comparing and hashing scalars.
 *
 * Numbers compare exactly across kinds: INT, DEC and DOUBLE are all brought to the same form, a whole part
 * and a fraction in units of 10^-18 (struct exact). Equality of values is equality of that form, and the hash
 * is computed from it. A DATE equals the TIME of its midnight. */
#include "base/value.h"

#include <math.h>

#include "base/date.h"
#include "base/decimal.h"
#include "base/map.h"

const char *type_name(pt_type t)
{
    switch (t) {
    case TYPE_NONE: return "NONE";
    case TYPE_INTEGER: return "INTEGER";
    case TYPE_DECIMAL: return "DECIMAL";
    case TYPE_DOUBLE: return "DOUBLE";
    case TYPE_TEXT: return "TEXT";
    case TYPE_BOOLEAN: return "BOOLEAN";
    case TYPE_DATE: return "DATE";
    case TYPE_TIMESTAMP: return "TIMESTAMP";
    }
    return "NONE";
}

double value_as_double(pt_value v)
{
    switch (v.kind) {
    case VAL_INT:
    case VAL_BOOL:
    case VAL_DATE: return (double)v.i;
    case VAL_DEC: return dec_to_double(v.dec, v.scale);
    case VAL_DOUBLE: return v.f;
    case VAL_NULL:
    case VAL_TEXT:
    case VAL_TIME: break;
    }
    return NAN;
}

/* ---- order --------------------------------------------------------- */

/* A number as whole + fraction / 10^18 + something of the sign of `rest` below that. `zone` places what no
 * 128-bit integer holds: -1 below all, 1 above all, 2 NaN. Both parts have the number's sign. */
typedef struct exact {
    int zone;
    pt_i128 whole;
    int64_t fraction;
    int rest;
} exact;

static exact exact_of_dec(pt_i128 dec, uint8_t scale)
{
    if (scale > DEC_MAX_SCALE) scale = DEC_MAX_SCALE;
    int64_t unit = pow10_i64[scale];
    return (exact){.whole = dec / unit, .fraction = (int64_t)(dec % unit) * pow10_i64[DEC_MAX_SCALE - scale]};
}

/* |f| < 1 in units of 10^-18: f = m / 2^q with a 53-bit m, so m * 10^18 fits 113 bits. */
static void split_fraction(double f, exact *out)
{
    int exponent;
    int64_t m = (int64_t)ldexp(frexp(fabs(f), &exponent), 53);
    int q = 53 - exponent, sign = f < 0 ? -1 : 1;
    if (m == 0) return;
    if (q > 120) { /* f < 2^-67 < 10^-18 */
        out->rest = sign;
        return;
    }
    unsigned __int128 scaled = (unsigned __int128)m * (uint64_t)pow10_i64[DEC_MAX_SCALE];
    out->fraction = sign * (int64_t)(scaled >> q);
    out->rest = scaled & (((unsigned __int128)1 << q) - 1) ? sign : 0;
}

static exact exact_of_double(double f)
{
    exact e = {0};
    if (isnan(f))
        e.zone = 2;
    else if (fabs(f) >= 0x1p127)
        e.zone = f < 0 ? -1 : 1;
    if (e.zone) return e;
    double whole = trunc(f);
    e.whole = (pt_i128)whole;
    split_fraction(f - whole, &e);
    return e;
}

static exact exact_of(pt_value v)
{
    if (v.kind == VAL_DOUBLE) return exact_of_double(v.f);
    return v.kind == VAL_DEC ? exact_of_dec(v.dec, v.scale) : (exact){.whole = v.i};
}

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

static int exact_cmp(const exact *a, const exact *b)
{
    if (a->zone != b->zone) return COMPARE(a->zone, b->zone);
    if (a->whole != b->whole) return COMPARE(a->whole, b->whole);
    if (a->fraction != b->fraction) return COMPARE(a->fraction, b->fraction);
    return COMPARE(a->rest, b->rest);
}

static int number_cmp(pt_value a, pt_value b)
{
    if (a.kind == VAL_INT && b.kind == VAL_INT) return COMPARE(a.i, b.i);
    if (a.kind == VAL_DEC && b.kind == VAL_DEC && a.scale == b.scale) return COMPARE(a.dec, b.dec);
    if (a.kind == VAL_DOUBLE && b.kind == VAL_DOUBLE && !isnan(a.f) && !isnan(b.f)) return COMPARE(a.f, b.f);
    exact x = exact_of(a), y = exact_of(b);
    return exact_cmp(&x, &y);
}

static pt_i128 micros_of(pt_value v)
{
    return v.kind == VAL_DATE ? (pt_i128)v.i * DATE_DAY_US : (pt_i128)v.i;
}

/* Kinds that compare with each other share a rank. */
static int rank(value_kind kind)
{
    switch (kind) {
    case VAL_NULL: return 0;
    case VAL_BOOL: return 1;
    case VAL_INT:
    case VAL_DEC:
    case VAL_DOUBLE: return 2;
    case VAL_DATE:
    case VAL_TIME: return 3;
    case VAL_TEXT: return 4;
    }
    return 5;
}

int value_cmp(pt_value a, pt_value b)
{
    int ranks[2] = {rank(a.kind), rank(b.kind)};
    if (ranks[0] != ranks[1]) return COMPARE(ranks[0], ranks[1]);
    switch (ranks[0]) {
    case 1: return COMPARE(a.i, b.i);
    case 2: return number_cmp(a, b);
    case 3: return COMPARE(micros_of(a), micros_of(b));
    case 4: return str_cmp(a.s, b.s);
    default: return 0;
    }
}

bool value_eq(pt_value a, pt_value b)
{
    return value_cmp(a, b) == 0;
}

static uint64_t hash_i128(pt_i128 x)
{
    return hash_u64((uint64_t)x ^ hash_u64((uint64_t)(x >> 64) + 1));
}

static uint64_t hash_number(pt_value v)
{
    exact e = exact_of(v);
    if (e.zone == 2) return hash_u64(2); /* all NaNs are one value here */
    if (e.zone || e.rest) return hash_bytes(&v.f, sizeof v.f);
    return hash_i128(e.whole) ^ hash_u64((uint64_t)e.fraction);
}

uint64_t value_hash(pt_value v)
{
    uint64_t seed = (uint64_t)rank(v.kind) << 56;
    switch (rank(v.kind)) {
    case 1: return hash_u64(seed ^ (uint64_t)v.i);
    case 2: return hash_number(v);
    case 3: return hash_i128(micros_of(v)) ^ seed;
    case 4: return hash_bytes(v.s.ptr, v.s.len);
    default: return seed;
    }
}
