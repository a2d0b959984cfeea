/* keymap.h - from a whole-number key straight to its member, without a hash: an array over the keys between
 * the smallest and the largest, for dimensions whose keys are numbered without large gaps.
 *
 * Immutable, shared by threads; belongs to one version of a dimension. */
#pragma once

#include "storage/members.h"

typedef struct keymap {
    int64_t first;
    uint64_t n;        /* keys first .. first + n - 1 */
    uint32_t *members; /* [n] the current version of the key's member, MEMBER_NONE if there is none */
} keymap;

/* Fill *out, which is empty. It stays so (no error) if keys are of another type, or too far apart, or if
 * making the array would take longer than looking up n_lookups keys. PT_NOMEM. */
PT_MUST_USE pt_status keymap_make(const dim_view *d, uint64_t n_lookups, keymap *out, pt_err *err);
void keymap_free(keymap *k); /* makes it empty */

/* Only if k->n: MEMBER_NONE if no member has the key. */
static inline uint32_t keymap_find(const keymap *k, int64_t key)
{
    uint64_t i = (uint64_t)key - (uint64_t)k->first;
    return i < k->n ? k->members[i] : MEMBER_NONE;
}
