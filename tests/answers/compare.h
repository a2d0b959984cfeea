/* compare.h - one recorded answer against the answer of this library. */
#pragma once

#include <jansson.h>

#include "patron.h"

/* NULL when they agree; else what differs first, in a static buffer: positions and slicer by unique names,
 * cells by their formatted text, and by value within 1e-9; any error cell equals any other. A refused
 * statement agrees with any error. */
const char *answer_difference(patron_session *s, const json_t *expected);
