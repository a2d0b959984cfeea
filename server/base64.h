/* base64.h - standard base64 with padding, as SCRAM writes it. Strict: no blanks, no missing padding. */
#pragma once

#include "base/str.h"

void base64_add(strbuf *out, const void *bytes, size_t n);
/* The decoded length, which must be in [1, max]; 0 if the text is not base64 or does not fit. */
size_t base64_decode(pt_str text, uint8_t *out, size_t max);
