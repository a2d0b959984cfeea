/* types.h - values on the wire: text or binary, by PostgreSQL's type numbers (OIDs).
 *
 * Inside Patron's API a value is plain text; these functions turn it into what a client asked for, and a
 * client's parameter into text. */
#pragma once

#include "base/str.h"
#include "server/sql_error.h"

enum {
    OID_BOOL = 16,
    OID_NAME = 19,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_OID = 26,
    OID_FLOAT4 = 700,
    OID_FLOAT8 = 701,
    OID_UNKNOWN = 705,
    OID_BPCHAR = 1042,
    OID_VARCHAR = 1043,
    OID_DATE = 1082,
    OID_TIMESTAMP = 1114,
    OID_TIMESTAMPTZ = 1184,
    OID_NUMERIC = 1700,
};

uint32_t type_oid(patron_type t);
/* Bytes of a value in storage, -1 for those that vary: what RowDescription tells. */
int16_t type_size(uint32_t oid);
/* 0 if the name ("int4", "integer", "text") is not one of the types above. */
uint32_t type_by_name(pt_str name);

/* Append a value as text or binary. false, with nothing appended, if the text is not a value of that type. */
bool type_encode(uint32_t oid, bool is_binary, const char *value, strbuf *out);

/* A parameter: *is_number says that it is to be taken as a number. Parameters without a type (0 or
 * OID_UNKNOWN) are numbers if they read as one. The text is appended to `out`. */
bool type_decode(uint32_t oid, bool is_binary, pt_str bytes, strbuf *out, bool *is_number, sql_error *e);
