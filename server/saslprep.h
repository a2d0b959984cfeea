/* saslprep.h - one spelling of a password that can be typed in several (RFC 4013).
 *
 * libpq prepares what the user typed in this way, so the verifier must be made of the same. ASCII stays as it
 * is; blanks of other scripts become a space, invisible marks go, and the rest is normalised by NFKC. Text
 * that is not UTF-8 is taken as it is, as libpq does. */
#pragma once

#include "base/str.h"

PT_MUST_USE pt_status saslprep(pt_str password, strbuf *out, pt_err *err); /* PT_NOMEM */
