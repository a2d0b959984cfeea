/* cell_format.h - the formatted text of a cell (section 20). */
#pragma once

#include "query/eval.h"

typedef struct cell_formats cell_formats;

PT_MUST_USE pt_status cell_formats_new(eval *x, cell_formats **out);
void cell_formats_free(cell_formats *f);
/* The text of the value at the context, and its style; copied to `a`. */
PT_MUST_USE pt_status cell_format(cell_formats *f, pt_value v, arena *a, pt_str *text, pt_str *style);
/* Whether the format of the last cell depends on its place in no other way than by which calculated members
 * and measure there are; then cell_format_again gives that to a cell with the same. */
bool cell_format_is_fixed(const cell_formats *f);
PT_MUST_USE pt_status cell_format_again(cell_formats *f, pt_value v, arena *a, pt_str *text, pt_str *style);
/* How cell_format writes values of a stored measure (index in scope.measures) at plain members, where no
 * calculated member has a say. *out NULL: as format_general does. Lives as long as the statement. */
PT_MUST_USE pt_status cell_format_stored(cell_formats *f, uint32_t m, const number_format **out);
