/* dim_cell.c - values in and out of their stored form. */
#include "storage/dim_int.h"

#include <math.h>

#include "base/map.h"

static value_kind kind_of_type(pt_type t)
{
    switch (t) {
    case TYPE_INTEGER: return VAL_INT;
    case TYPE_DECIMAL: return VAL_DEC;
    case TYPE_DOUBLE: return VAL_DOUBLE;
    case TYPE_TEXT: return VAL_TEXT;
    case TYPE_BOOLEAN: return VAL_BOOL;
    case TYPE_DATE: return VAL_DATE;
    case TYPE_TIMESTAMP: return VAL_TIME;
    case TYPE_NONE: break;
    }
    return VAL_NULL;
}

static int64_t double_bits(double f)
{
    int64_t bits;
    if (isnan(f)) f = (double)NAN;
    if (f == 0) f = 0;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}

pt_status dim_cell_of(const dim_attr *attr, pt_value v, dim_cell *out, pt_err *err)
{
    *out = (dim_cell){.is_null = v.kind == VAL_NULL};
    if (out->is_null) return PT_OK;
    if (v.kind != kind_of_type(attr->type) || (v.kind == VAL_DEC && v.scale != attr->scale))
        return pt_fail(err, PT_TYPE, "a value of attribute [" STR_FMT "] is not of type %s",
                       STR_ARG(attr->name), type_name(attr->type));
    if (v.kind == VAL_DOUBLE) {
        out->raw = double_bits(v.f);
    } else if (v.kind == VAL_DEC) {
        if (v.dec < INT64_MIN || v.dec > INT64_MAX)
            return pt_fail(err, PT_VALUE, "a decimal of attribute [" STR_FMT "] has more than 18 digits",
                           STR_ARG(attr->name));
        out->raw = (int64_t)v.dec;
    } else if (v.kind != VAL_TEXT) {
        out->raw = v.i;
    }
    return PT_OK;
}

pt_value dim_cell_value(pt_type type, uint8_t scale, int64_t raw, pt_str text)
{
    pt_value v = {.kind = kind_of_type(type)};
    if (v.kind == VAL_TEXT) {
        v.s = text;
    } else if (v.kind == VAL_DEC) {
        v.dec = raw;
        v.scale = scale;
    } else if (v.kind == VAL_DOUBLE) {
        memcpy(&v.f, &raw, sizeof v.f);
    } else {
        v.i = raw;
    }
    return v;
}

uint64_t dim_key_hash(pt_type type, dim_cell cell, pt_str text)
{
    enum { NULL_HASH = 0x6e756c6c };
    if (cell.is_null) return NULL_HASH;
    return type == TYPE_TEXT ? hash_bytes(text.ptr, text.len) : hash_u64((uint64_t)cell.raw);
}
