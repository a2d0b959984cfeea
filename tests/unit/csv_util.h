/* csv_util.h - what the reader of delimited text makes of a text, in words. */
#pragma once

#include "etl/csv.h"

/* Everything the reader says, in one line per row: "line: field|field" with NULL for null, "line: ! message"
 * for malformed rows. `window` is how many bytes it sees at a time. false if a promise of csv.h is broken. */
bool csv_describe(const csv_format *f, pt_str text, uint32_t n_columns, size_t window, strbuf *out);
