/* numeric.h - PostgreSQL's binary form of exact decimals: groups of four digits with a weight, a sign and the
 * number of digits to show behind the point. */
#pragma once

#include "base/str.h"
#include "server/msg_read.h"

/* "-1234.50" and exponents ("1e+22"). false, with nothing appended, if the text is no decimal or has more
 * than some thousand digits. */
bool numeric_encode(pt_str text, strbuf *out);
/* The reverse, without an exponent. false for NaN, infinities and malformed values. */
bool numeric_decode(msg_reader *r, strbuf *out);
