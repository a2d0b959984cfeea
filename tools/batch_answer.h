/* batch_answer.h - answers of the batch door as JSON, without the line feed. id NULL: null. */
#pragma once

#include <jansson.h>

#include "base/str.h"
#include "include/patron.h"

/* A cell set with axes, slicer and its non-empty cells; other results as columns and rows. is_timed: also how
 * long the statement took. */
void answer_result(const json_t *id, const patron_result *r, bool is_timed, strbuf *out);
/* line and column are left out where there is no place. */
void answer_error(const json_t *id, const patron_error *err, strbuf *out);
