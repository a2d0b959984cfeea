/* convert.h - from the value of an expression to the value of a target: codes, date patterns, types. */
#pragma once

#include "etl/mapping.h"

/* A text, not null, for a target without codes: the short way of convert_value. */
PT_MUST_USE pt_status convert_text(const mapping_target *t, pt_str text, pt_value *out, pt_err *err);
/* PT_VALUE or PT_TYPE with the reason; PT_NOMEM. Texts are borrowed from v or live in `scratch`. Null stays
 * null. What comes out has the target's type and fits 64 bits. */
PT_MUST_USE pt_status convert_value(const mapping_target *t, pt_value v, arena *scratch, pt_value *out,
                                    pt_err *err);
