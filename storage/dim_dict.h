/* dim_dict.h - the different texts of one attribute while it is being edited: text <-> code, codes from 1.
 *
 * Codes are handed out in order of first appearance. The hash table is only built when a text is first looked
 * up, so that an attribute which no one changes costs nothing. Zero-initialise; dim_dict_free when done. */
#pragma once

#include "storage/dim_file.h"

typedef struct dim_dict {
    char *bytes;
    uint64_t n_bytes, cap_bytes;
    uint64_t *ends; /* [n] text of code c is bytes[ends[c - 2], ends[c - 1]) */
    uint32_t n, cap;
    dim_slot *slots; /* code in `member`; NULL until needed */
    uint64_t n_slots;
} dim_dict;

void dim_dict_free(dim_dict *d);
/* `code` must be of this dictionary. The text moves when one is added. */
static inline pt_str dim_dict_text(const dim_dict *d, uint32_t code)
{
    uint64_t start = code > 1 ? d->ends[code - 2] : 0;
    return (pt_str){d->bytes ? d->bytes + start : "", d->ends[code - 1] - start};
}
/* Add a text known to be new, in a dictionary whose user never interns (keys have their own index). PT_NOMEM,
 * PT_LIMIT. */
PT_MUST_USE pt_status dim_dict_add(dim_dict *d, pt_str text, uint32_t *code, pt_err *err);
/* The code of the text, added if it is new. */
PT_MUST_USE pt_status dim_dict_intern(dim_dict *d, pt_str text, uint32_t *code, pt_err *err);
