/* json.h - writing JSON. (Reading is jansson's work.) */
#pragma once

#include "base/str.h"

void json_add_string(strbuf *b, pt_str s); /* quoted and escaped; invalid UTF-8 becomes U+FFFD */
/* Shortest digits that read back the same; null for NaN and infinities. */
void json_add_double(strbuf *b, double f);
