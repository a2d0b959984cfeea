/* substitute.h - ${name} in a script replaced by values given from outside. */
#pragma once

#include "base/str.h"

typedef struct substitution {
    const char *name, *value;
} substitution;

/* Append the text with every ${name} replaced. "$${" stands for "${". PT_USAGE for a name without a value,
 * with its line, and PT_SYNTAX for a "${" that is not closed on its line. */
PT_MUST_USE pt_status substitute(pt_str text, const substitution *values, size_t n, strbuf *out, pt_err *err);
