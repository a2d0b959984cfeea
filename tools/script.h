/* script.h - texts from files: definitions and queries. */
#pragma once

#include "tools/command.h"

enum { SCRIPT_MAX = 64 << 20 };

/* Append the file's text; "-" is standard input. A message is printed on failure, and the exit status that
 * fits it returned: EXIT_IO, EXIT_LIMIT (more than SCRIPT_MAX bytes), EXIT_FAILED (a NUL byte in it). *out is
 * NUL-terminated. */
int script_read(const application *app, const char *path, strbuf *out);

/* For messages: the path, or "standard input". */
const char *script_name(const char *path);

/* Is what stands where a statement is expected the name of a file? No statement is a single word. */
bool script_is_file(const char *operand);
