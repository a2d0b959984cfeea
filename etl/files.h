/* files.h - the files of a directory that a name or a pattern means. */
#pragma once

#include <sys/stat.h>

#include "etl/source.h"

/* Does name match the pattern? '*' stands for any characters, '?' for one. */
bool files_match(pt_str pattern, pt_str name);
bool files_is_pattern(pt_str table);
source_stamp files_stamp(const struct stat *st);
bool files_stamp_eq(const source_stamp *a, const source_stamp *b);

/* Regular files below dir that `table` means, by name; a path may lead into subdirectories, the pattern is
 * its last part. A pattern leaves out hidden and half-written files (.x, x.tmp, x.part, x~, ...). PT_USAGE if
 * table leads out of dir; PT_IO if the directory cannot be read (a subdirectory that does not exist has no
 * files). */
PT_MUST_USE pt_status files_list(pt_str dir, pt_str table, arena *a, source_part **parts, uint32_t *n,
                                 pt_err *err);
/* A PT_IO that names what is missing and the nearest name that is there. */
pt_status files_fail_missing(pt_str dir, pt_str table, pt_err *err);
