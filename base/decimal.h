/* decimal.h - exact decimals: scaled integers, 128 bits wide. */
#pragma once

#include "base/value.h"

enum { DEC_MAX_SCALE = 18 };

extern const int64_t pow10_i64[19]; /* 10^0 .. 10^18 */

/* "-12.50" -> dec = -1250 with scale 2 for max_scale >= 2. Digits beyond max_scale must be 0.
 * Accepts a leading sign and an exponent. false: not a number or out of range. */
bool dec_parse(pt_str text, uint8_t scale, pt_i128 *out);
void dec_print(pt_i128 dec, uint8_t scale, strbuf *out); /* all `scale` digits are printed */
/* Change scale; false on overflow or (going down) when non-zero digits would be lost. */
bool dec_rescale(pt_i128 dec, uint8_t from, uint8_t to, pt_i128 *out);
double dec_to_double(pt_i128 dec, uint8_t scale); /* correctly rounded for |dec| < 2^53 * 10^scale */
