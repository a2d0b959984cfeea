/* num.h - numbers as text, whatever the locale of the process says about decimal points. */
#pragma once

#include "base/str.h"

/* Appends the shortest digits that read back as the same double: "0.1", "266773", "1e+22"; "NaN",
 * "Infinity", "-Infinity". */
void num_add_double(strbuf *b, double f);
/* The whole text as a double: sign, digits, point, exponent; no blanks, no hexadecimal, no names. false if it
 * is something else or out of range. */
bool num_parse_double(pt_str text, double *out);
/* The whole text as a 64-bit integer: sign and digits. false if it is something else or out of range. */
bool num_parse_i64(pt_str text, int64_t *out);
