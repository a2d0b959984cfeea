/* value.h - one scalar: what attributes, keys, facts, cells and result rows hold. */
#pragma once

#include "base/str.h"

typedef __int128 pt_i128;

/* Types as written in definitions. DECIMAL carries its scale (digits after the point). */
typedef enum pt_type {
    TYPE_NONE = 0,
    TYPE_INTEGER = 1, /* 64-bit; also INT, BIGINT */
    TYPE_DECIMAL = 2, /* scaled 64-bit integer when stored, 128-bit when summed */
    TYPE_DOUBLE = 3,
    TYPE_TEXT = 4,
    TYPE_BOOLEAN = 5,
    TYPE_DATE = 6,     /* days since 1970-01-01 (proleptic Gregorian), may be negative */
    TYPE_TIMESTAMP = 7 /* microseconds since 1970-01-01 00:00, no zone */
} pt_type;

const char *type_name(pt_type t); /* "INTEGER", ... */

typedef enum value_kind {
    VAL_NULL,
    VAL_INT,    /* i: INTEGER */
    VAL_DEC,    /* dec, scale: exact decimal */
    VAL_DOUBLE, /* f */
    VAL_TEXT,   /* s: borrowed */
    VAL_BOOL,   /* i: 0 or 1 */
    VAL_DATE,   /* i: days */
    VAL_TIME    /* i: microseconds */
} value_kind;

typedef struct pt_value {
    value_kind kind;
    uint8_t scale; /* VAL_DEC: value is dec / 10^scale, 0..18 */
    union {
        int64_t i;
        double f;
        pt_str s;
        pt_i128 dec;
    };
} pt_value;

static inline pt_value value_null(void)
{
    return (pt_value){.kind = VAL_NULL};
}
static inline pt_value value_int(int64_t i)
{
    return (pt_value){.kind = VAL_INT, .i = i};
}
static inline pt_value value_double(double f)
{
    return (pt_value){.kind = VAL_DOUBLE, .f = f};
}
static inline pt_value value_bool(bool b)
{
    return (pt_value){.kind = VAL_BOOL, .i = b};
}
static inline pt_value value_text(pt_str s)
{
    return (pt_value){.kind = VAL_TEXT, .s = s};
}
static inline pt_value value_date(int64_t days)
{
    return (pt_value){.kind = VAL_DATE, .i = days};
}
static inline pt_value value_time(int64_t micros)
{
    return (pt_value){.kind = VAL_TIME, .i = micros};
}
static inline pt_value value_dec(pt_i128 dec, uint8_t scale)
{
    return (pt_value){.kind = VAL_DEC, .scale = scale, .dec = dec};
}

/* Nearest double of INT, DEC, DOUBLE, BOOL, DATE (day number); NaN otherwise. */
double value_as_double(pt_value v);
/* Total order for sorting keys: null first, then false < true, numbers by value across kinds (NaN last),
 * dates and times by instant, text by bytes. Never fails. */
int value_cmp(pt_value a, pt_value b);
bool value_eq(pt_value a, pt_value b);
uint64_t value_hash(pt_value v); /* equal values hash equally, whatever their numeric kind */
/* Plain text: 1997, 12.50, true, 1997-01-31, "1997-01-31 10:00:00"; null gives nothing. */
void value_print(pt_value v, strbuf *out);
/* Text to a value of the type (DECIMAL: `scale` digits, rounding is refused unless the surplus digits are 0).
 * Both must fit 64 bits; blanks around are skipped. Dates: ISO, with an optional time part of 00:00 for DATE.
 * TEXT is copied into `a` (a NULL: borrowed). PT_VALUE with a message that shows the text. */
PT_MUST_USE pt_status value_parse(pt_type t, uint8_t scale, pt_str text, arena *a, pt_value *out,
                                  pt_err *err);
/* Convert between kinds without loss; PT_VALUE if it would lose something, PT_TYPE if there is no such
 * conversion. Decimals of at most 15 digits count as exact in DOUBLE; a DOUBLE converts by its shortest
 * digits. Null, and what has the type already, comes back as it is. Text made here lives in `a`. */
PT_MUST_USE pt_status value_cast(pt_value v, pt_type t, uint8_t scale, arena *a, pt_value *out, pt_err *err);
